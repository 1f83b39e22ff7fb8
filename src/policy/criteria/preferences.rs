//! What each side would like of the other.

use serde::{Deserialize, Serialize};

use super::Unknown;
use crate::policy::Checks;

/// What each side would like of the other: the weighted share of its wishes that the other side meets. (What a side
/// *must* have is a requirement.) Without weight for a pair of whom neither stated a wish.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct PreferencesCriterion {
    /// Weight beside the other criteria, 0 to 1000. Default 15: stated preferences of both sides come right after
    /// issue and condition (CPAC match module; Parent to Parent USA: desired qualities, unique preferences).
    pub weight: f64,
    /// What it means when wishes were stated and the other side's attributes are missing.
    pub unknown: Unknown,
    /// The supporter's share where both sides stated wishes, 0 to 1. Default 0.5: both sides count the same.
    pub supporter_share: f64,
}

impl Default for PreferencesCriterion {
    fn default() -> Self {
        Self { weight: 15.0, unknown: Unknown::LeftOut, supporter_share: 0.5 }
    }
}

impl PreferencesCriterion {
    /// Score of a pair, from the share of each side's wishes that is met (`None` where a side has none that can be
    /// judged).
    pub fn score(&self, participant: Option<f64>, supporter: Option<f64>) -> Option<f64> {
        match (participant, supporter) {
            (Some(participant), Some(supporter)) => {
                Some(participant + (supporter - participant) * self.supporter_share)
            }
            (one, other) => one.or(other),
        }
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("criteria.preferences.supporter_share", self.supporter_share, 0.0, 1.0);
    }
}
