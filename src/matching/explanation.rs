//! Why a match: its score, taken apart, in words.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Score, note};
use crate::compatibility::{Compatibility, Judgement, Part};
use crate::program::Program;

/// Why two people are matched: a tree whose contributions add up to the score exactly.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Explanation {
    /// How well they suit: the sum of the parts' contributions.
    pub score: Score,
    /// The share of the weight that rests on known facts.
    pub confidence: Score,
    /// What each criterion adds.
    pub parts: Vec<ExplainedPart>,
    /// The steps of the relaxation ladder that the match takes, and what they cost.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub relaxations: Vec<UsedRelaxation>,
    /// What the requirements say against a pinned match that stands all the same.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub despite: Vec<String>,
}

/// One criterion's part in a score.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct ExplainedPart {
    /// The criterion.
    pub criterion: String,
    /// Its weight for this participant, in the policy's units.
    pub weight: f64,
    /// The participant's own factor on the policy's weight, where they said what matters to them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub personal_factor: Option<f64>,
    /// Its score; none where a fact is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// What it adds to the pair's score.
    pub contribution: Score,
    /// What was found, in words.
    pub note: String,
}

/// A step of the relaxation ladder that a match takes.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UsedRelaxation {
    /// The step's name in the policy.
    pub name: String,
    /// What it costs in score.
    pub price: Score,
    /// What it lifts, in words.
    pub because: String,
}

impl Explanation {
    /// Puts the kernel's judgement into words. Criteria without weight are left out.
    pub(super) fn new(
        program: &Program,
        compatibility: &Compatibility,
        participant: usize,
        judgement: &Judgement,
    ) -> Self {
        let names: Vec<&str> = compatibility.criteria().collect();
        let person = &program.participants()[participant];
        let says_something = |part: &&Part| part.weight > 0 || note::has_must_haves(&part.detail);
        let parts = judgement.parts.iter().filter(says_something).map(|part| ExplainedPart {
            criterion: names[part.criterion].to_owned(),
            weight: f64::from(part.weight) / 1000.0,
            personal_factor: person.weights.get(names[part.criterion]).copied(),
            score: part.score.map(|score| Score::from_micro(i64::from(score))),
            contribution: Score::from_micro(i64::from(part.contribution)),
            note: compatibility
                .custom_note(program, part.criterion, participant, judgement.supporter)
                .unwrap_or_else(|| note::note(program, person, part)),
        });
        let ladder = &compatibility.policy().relaxations;
        let because = |step: u8| {
            let lifted = judgement.vetoes.iter().filter(|&&(_, lifted_by)| lifted_by == Some(step));
            lifted.map(|(veto, _)| veto.to_string()).collect::<Vec<_>>().join("; ")
        };
        let relaxations = judgement.relaxations().into_iter().map(|step| UsedRelaxation {
            name: ladder[usize::from(step)].name.clone(),
            price: Score::from_micro((ladder[usize::from(step)].price * 1e6).round() as i64),
            because: because(step),
        });
        let despite = judgement.vetoes.iter().filter(|(_, lifted_by)| lifted_by.is_none());
        Self {
            score: Score::from_micro(i64::from(judgement.score)),
            confidence: Score::from_micro(i64::from(judgement.confidence)),
            parts: parts.collect(),
            relaxations: relaxations.collect(),
            despite: despite.map(|(veto, _)| veto.to_string()).collect(),
        }
    }

    /// Score less the prices of the relaxations: what the optimisation adds up.
    pub fn weight(&self) -> Score {
        self.score - self.relaxations.iter().map(|step| step.price).sum()
    }
}

/// A few lines, the score first, then what each criterion adds, the largest first.
impl fmt::Display for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} (confidence {})", self.score, self.confidence)?;
        let mut parts: Vec<&ExplainedPart> = self.parts.iter().collect();
        parts.sort_by_key(|part| std::cmp::Reverse(part.contribution));
        for part in parts {
            let of = match part.score {
                Some(score) => score.to_string(),
                None if part.weight > 0.0 => "unknown".to_owned(),
                None => String::new(),
            };
            write!(
                f,
                "\n  {:>+5.1}  {:<12} {of:>9}  {}",
                part.contribution.percent(),
                part.criterion,
                part.note
            )?;
        }
        for step in &self.relaxations {
            write!(f, "\n  {:>+5.1}  relaxed: {} ({})", -step.price.percent(), step.name, step.because)?;
        }
        for veto in &self.despite {
            write!(f, "\n  stands all the same, although {veto}")?;
        }
        Ok(())
    }
}

/// Numbers alone: what the words are about does not belong into a log.
impl fmt::Debug for Explanation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Explanation")
            .field("score", &self.score)
            .field("confidence", &self.confidence)
            .field("parts", &self.parts)
            .field("relaxations", &self.relaxations.len())
            .field("despite", &self.despite.len())
            .finish()
    }
}

impl fmt::Debug for ExplainedPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.criterion, self.contribution)
    }
}

impl fmt::Debug for UsedRelaxation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:?}", self.name, self.price)
    }
}
