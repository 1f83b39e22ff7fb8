//! Questions about what is kept: who else could step in, and what losing somebody would cost.

use std::collections::BTreeSet;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::Matcher;
use super::change::Change;
use super::kept::Kept;
use super::told::Changed;
use crate::assignment::{Edit, Rungs};
use crate::error::Result;
use crate::matching::{Match, Moved, Score, explain_pair};
use crate::program::{Program, Status, SupporterId};

/// A supporter who could step in for a participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alternate {
    /// The match it would be, explained.
    pub found: Match,
    /// What the whole would cost more than now, by rung; prices of changes counted.
    pub cost: Rungs,
    /// Who else would change their match, in the program's order.
    pub others: Vec<Moved>,
}

/// What losing a supporter would cost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Loss {
    /// Whose.
    pub supporter: SupporterId,
    /// How many they support now.
    pub caseload: u32,
    /// How many people fewer would be matched.
    pub unmatched: u32,
    /// How many others would move.
    pub others: u32,
    /// By how much the sum of scores would fall.
    pub score: Score,
    /// Firm rules that clash without them, so that the programme cannot lose them as it is; nothing else is told then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub clashes: Vec<String>,
}

impl Matcher {
    /// The supporters with a free place whom a participant could have instead at the least cost for everybody, the
    /// cheapest first: never one who is full, barred or vetoed. As many drills as answers, and a few more.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`](crate::Error::is_input) if there is no such participant,
    /// [`Error::is_problem`](crate::Error::is_problem) if nothing is kept alive or the participant's match is pinned.
    pub fn alternates(&mut self, participant: &str, most: usize, on: Date) -> Result<Vec<Alternate>> {
        self.alive()?;
        self.look(on, |turn| {
            let person = turn.participant(participant)? as u32;
            if turn.living.kept.incumbent.is_some() {
                return turn.alternates_at_once(person, most);
            }
            let row = turn.living.kept.row(&turn.matcher.program, person);
            if turn.living.kept.held.contains(&person) {
                turn.change(&[Edit::Unpin { participant: person }.into()])?;
            }
            let engine = &turn.living.kept.engine;
            let open: BTreeSet<u32> =
                row.iter().map(|pair| pair.0).filter(|&one| engine.room(one) > 0).collect();
            let now = engine.objective();
            let mut ways = Vec::new();
            if turn.living.kept.back.contains(&person) {
                // Whoever waits by a choice has no pairs; given them, the best is taken at once.
                let own: Vec<(u32, i64)> = row.into_iter().filter(|pair| open.contains(&pair.0)).collect();
                let mut effects =
                    turn.change(&[Edit::Row { participant: person, pairs: own }.into()])?.effects;
                effects.retain(|effect| effect.participant != person);
                let engine = &turn.living.kept.engine;
                ways.extend(engine.supporter_of(person).map(|best| (best, engine.objective(), effects)));
            }
            let others = turn.alternates_among(person, most, &|one| open.contains(&one));
            let program = &turn.matcher.program;
            let kept = &turn.living.kept;
            ways.extend(others?.into_iter().map(|way| (way.supporter, way.after, way.others)));
            let found = ways
                .into_iter()
                .take(most)
                .map(|(supporter, after, others)| Alternate {
                    found: explain_pair(
                        program,
                        &kept.compatibility,
                        (person as usize, supporter as usize),
                        false,
                    ),
                    cost: after - now,
                    others: others.iter().map(|effect| turn.moved(effect)).collect(),
                })
                .collect();
            Ok(found)
        })
    }

    /// What losing each supporter would cost if everybody could move, those whose loss costs most first: whom no
    /// matching can do without that keeps the firm rules, then fewest matched, then the lowest sum of scores. A drill
    /// for each supporter with a caseload.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply).
    pub fn losses(&mut self, on: Date) -> Result<Vec<Loss>> {
        self.alive()?;
        let people = 0..self.program.supporters().len();
        let mut losses = Vec::new();
        for place in people {
            let caseload = self.alive()?.kept.caseload(place as u32).len() as u32;
            if caseload == 0 {
                continue;
            }
            let supporter = self.program.supporters()[place].id.clone();
            let status = Status::Released;
            let change = Change::SupporterStatus { supporter: supporter.clone(), status, leave_until: None };
            let Changed { effects, before, after, .. } = match self.drill(&change, on) {
                Err(error) if error.is_infeasible() => {
                    let clash = error.rule_clash().map(|clash| clash.rules.clone()).unwrap_or_default();
                    let unnamed = || vec!["firm rules".to_owned()];
                    let clashes = if clash.is_empty() { unnamed() } else { clash };
                    let score = Score::default();
                    losses.push(Loss { supporter, caseload, unmatched: 0, others: 0, score, clashes });
                    continue;
                }
                told => told?,
            };
            let others =
                effects.iter().filter(|one| one.from.as_ref().is_some_and(|from| *from != supporter));
            losses.push(Loss {
                caseload,
                unmatched: before.matched.saturating_sub(after.matched),
                others: others.count() as u32,
                score: before.score - after.score,
                supporter,
                clashes: Vec::new(),
            });
        }
        losses.sort_by_key(|loss| std::cmp::Reverse((!loss.clashes.is_empty(), loss.unmatched, loss.score)));
        Ok(losses)
    }
}

impl super::Turn<'_> {
    /// An effect of the network's in people's ids, with the change of the score.
    pub(super) fn moved(&self, effect: &crate::assignment::Effect) -> Moved {
        moved(&self.matcher.program, &self.living.kept, effect)
    }
}

/// An effect of the network's in people's ids, with the change of the score.
pub(super) fn moved(program: &Program, kept: &Kept, effect: &crate::assignment::Effect) -> Moved {
    let weight = |supporter: u32| {
        let weight = kept.compatibility.weight(program, effect.participant as usize, supporter as usize);
        i64::from(weight.unwrap_or(0))
    };
    Moved {
        participant: program.participants()[effect.participant as usize].id.clone(),
        from: effect.from.map(|from| program.supporters()[from as usize].id.clone()),
        to: effect.to.map(|to| program.supporters()[to as usize].id.clone()),
        score: Score::from_micro(effect.to.map_or(0, weight) - effect.from.map_or(0, weight)),
    }
}
