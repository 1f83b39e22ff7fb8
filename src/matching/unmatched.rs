//! Why nobody: the reason for each participant who is left without a supporter.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::compatibility::{Obstacle, Veto};
use crate::program::ParticipantId;

/// A participant without a supporter, and why.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Unmatched {
    /// Who.
    pub participant: ParticipantId,
    /// How urgent they are, by the policy's priorities.
    pub urgency: u32,
    /// Why.
    pub reason: Reason,
    /// Each requirement that keeps supporters from this participant, with how many; those that alone keep most away
    /// first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub obstacles: Vec<Obstacle>,
}

/// Why somebody is left without a supporter.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// They did not agree to be matched.
    NoConsent,
    /// No supporter meets the requirements, relaxed as far as the policy goes; the obstacles say what stands in the
    /// way.
    NobodyEligible,
    /// Supporters are eligible, and every place of theirs is taken. Where the matching is optimal and serves first, no
    /// exchange would serve one more person as urgent as this one.
    EveryPlaceTaken {
        /// Eligible supporters.
        eligible: u32,
        /// Those of them who are full themselves.
        full: u32,
        /// Those of them whose supervisor's caseload is full.
        caseload: u32,
    },
    /// A place is free, and the whole is better off without the match: only where the policy does not serve first.
    NotWorthIt {
        /// Eligible supporters.
        eligible: u32,
    },
    /// A place is free, and the policy's rules about matches together keep it so, or the whole is better without the
    /// match.
    HeldBackByRules {
        /// Eligible supporters.
        eligible: u32,
    },
    /// The search was stopped before it came to them.
    Stopped,
}

impl Unmatched {
    /// The obstacle whose lifting alone would open most supporters, among those that are a policy's to lift.
    pub fn first_to_relax(&self) -> Option<&Obstacle> {
        self.obstacles.iter().find(|obstacle| obstacle.alone > 0 && Veto::is_relaxable(&obstacle.kind))
    }
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::NoConsent => f.write_str("has not consented to being matched"),
            Self::NobodyEligible => f.write_str("no supporter meets the requirements"),
            Self::EveryPlaceTaken { eligible, full, caseload } => {
                write!(f, "{}, and every place is taken", fit(eligible))?;
                if caseload > 0 {
                    write!(f, " ({full} full, {caseload} held back by their supervisor's caseload)")?;
                }
                Ok(())
            }
            Self::NotWorthIt { eligible } => {
                write!(f, "{}, but the whole is better without the match", fit(eligible))
            }
            Self::HeldBackByRules { eligible } => {
                write!(
                    f,
                    "{}, but the rules about matches together, or the whole, are better kept without the match",
                    fit(eligible)
                )
            }
            Self::Stopped => f.write_str("the search was stopped before it came to them"),
        }
    }
}

fn fit(supporters: u32) -> String {
    if supporters == 1 { "1 supporter fits".to_owned() } else { format!("{supporters} supporters fit") }
}

impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.participant, self.reason)?;
        if self.reason == Reason::NobodyEligible {
            for (place, obstacle) in self.obstacles.iter().take(3).enumerate() {
                f.write_str(if place == 0 { ": " } else { ", " })?;
                write!(f, "{} {}", obstacle.supporters, Veto::describe_kind(&obstacle.kind))?;
            }
        }
        Ok(())
    }
}

/// The id and the kind of reason alone.
impl fmt::Debug for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Unmatched({}, {:?})", self.participant, self.reason)
    }
}
