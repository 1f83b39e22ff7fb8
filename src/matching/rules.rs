//! How rules about matches together stand in a matching, and which clash.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Matching, Score};
use crate::error::Error;

/// What a rule is counted in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuleUnit {
    /// Matches, or people.
    Matches,
    /// Hours a week.
    Hours,
}

impl RuleUnit {
    /// The word for so many of them.
    pub fn word(self, count: f64) -> &'static str {
        let one = (count - 1.0).abs() < 1e-9;
        match self {
            Self::Matches if one => "match",
            Self::Matches => "matches",
            Self::Hours if one => "hour",
            Self::Hours => "hours",
        }
    }
}

/// How a rule of the policy stands.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleOutcome {
    /// Its name.
    pub name: String,
    /// Its kind, as in a policy document.
    pub kind: String,
    /// What a unit by which it is missed costs; none for a firm rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub price: Option<Score>,
    /// It was given up because firm rules clash, see [`RuleClash`]; nothing of it was kept on purpose.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub dropped: bool,
    /// No match that is possible, or pinned, counts for it: today it has nothing to ask for, or cannot be kept.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub counts_nothing: bool,
    /// It is at its bound somewhere: one unit more or less would not do.
    pub binds: bool,
    /// By how much it is missed, over all its parts; 0 where it is kept.
    pub missed: f64,
    /// What counts and misses are in.
    pub unit: RuleUnit,
    /// What missing it cost.
    pub cost: Score,
    /// Where it binds or is missed: for whom, how many there are and what is asked for; where it is missed, first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<RulePart>,
}

/// One count of a rule: that of the programme, of a supporter, of a supervisor; where a rule is about a team or two who
/// never support the same person, that of a participant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RulePart {
    /// Whose count it is; none for the whole programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<String>,
    /// How many there are, pinned ones included. (Of a share, the matches that count, beside the number that the share
    /// would be.)
    pub count: f64,
    /// No more than so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_most: Option<f64>,
    /// No fewer than so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<f64>,
    /// By how much it is missed.
    pub missed: f64,
}

impl RuleOutcome {
    /// Whether it is kept.
    pub fn is_kept(&self) -> bool {
        self.missed <= 0.0
    }
}

/// At most two places behind the point.
struct Amount(f64);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let text = format!("{:.2}", self.0);
        f.write_str(text.trim_end_matches('0').trim_end_matches('.'))
    }
}

impl fmt::Display for RulePart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(of) = &self.of {
            write!(f, "{of}: ")?;
        }
        write!(f, "{}", Amount(self.count))?;
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if (least - most).abs() < 1e-9 => {
                write!(f, ", wanted {}", Amount(least))
            }
            (Some(least), Some(most)) => write!(f, ", wanted {} to {}", Amount(least), Amount(most)),
            (Some(least), None) => write!(f, ", wanted at least {}", Amount(least)),
            (None, Some(most)) => write!(f, ", at most {}", Amount(most)),
            (None, None) => Ok(()),
        }
    }
}

impl fmt::Display for RuleOutcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ", self.name)?;
        if self.dropped {
            f.write_str("given up, ")?;
        }
        if self.is_kept() {
            f.write_str(if self.binds { "kept, and it binds" } else { "kept" })?;
        } else if self.price.is_none() && !self.dropped {
            let over = (Amount(self.missed), self.unit.word(self.missed));
            write!(f, "kept, but for {} {} by which what is pinned already misses it", over.0, over.1)?;
        } else {
            write!(f, "missed by {} {}", Amount(self.missed), self.unit.word(self.missed))?;
            if self.cost > Score::default() {
                write!(f, ", at a price of {} in score", Amount(self.cost.value()))?;
            }
        }
        if self.counts_nothing { f.write_str("; no possible match counts for it") } else { Ok(()) }
    }
}

/// Firm rules that cannot hold together, and the best that can be had by giving up the fewest.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct RuleClash {
    /// The names of rules that cannot hold together; without any one of them the others can. Empty if pins and
    /// capacities alone leave no matching, or if the search was stopped before it knew.
    pub rules: Vec<String>,
    /// Whether the search was stopped before it knew which rules clash; that some do is proven.
    pub stopped: bool,
    /// Whether it is proven that no fewer rules clash.
    pub smallest: bool,
    /// The names of the rules that were given up for the offer.
    pub dropped: Vec<String>,
    /// Whether it is proven that giving up fewer is not enough.
    pub fewest: bool,
    /// The best matching without them, if the search came that far.
    pub offer: Option<Box<Matching>>,
}

impl RuleClash {
    /// Some rules clash, and nobody had the time to say which.
    pub(crate) fn unexplained() -> Self {
        let (rules, dropped) = (Vec::new(), Vec::new());
        Self { rules, stopped: true, smallest: false, dropped, fewest: false, offer: None }
    }
}

/// Names in quotation marks, with an "and" before the last.
fn quoted(names: &[String]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| format!("\"{name}\"")).collect();
    match quoted.split_last() {
        Some((last, [])) => last.clone(),
        Some((last, others)) => format!("{} and {last}", others.join(", ")),
        None => String::new(),
    }
}

impl fmt::Display for RuleClash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.stopped {
            return f.write_str(
                "no matching keeps all firm rules; the search was stopped before it could say which of them clash; give it \
                 more time, or make rules soft by a price",
            );
        }
        match self.rules.len() {
            0 => return f.write_str("pins and capacities leave no matching, whatever the rules"),
            1 => write!(f, "the firm rule {} cannot hold", quoted(&self.rules))?,
            _ => write!(f, "the firm rules {} cannot hold together", quoted(&self.rules))?,
        }
        if let Some(offer) = &self.offer {
            let (matched, asking) = (offer.totals.matched, offer.totals.matched + offer.totals.unmatched);
            write!(
                f,
                "; without {} the others can, and {matched} of {asking} are matched",
                quoted(&self.dropped)
            )?;
        }
        let which = if self.rules.len() == 1 { "it" } else { "one of them" };
        write!(f, "; make {which} soft by a price, loosen it, or take it out")
    }
}

impl std::error::Error for RuleClash {}

impl Error {
    /// Where firm rules of the policy clash: which, and the best matching without the fewest of them.
    pub fn rule_clash(&self) -> Option<&RuleClash> {
        self.infeasibility().and_then(|proof| proof.downcast_ref())
    }
}
