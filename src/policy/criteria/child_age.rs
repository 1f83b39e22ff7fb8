//! Children of a like age, the supporter's rather somewhat older.

use serde::{Deserialize, Serialize};

use super::Unknown;
use crate::policy::Checks;

/// Children of a like age, the supporter's rather somewhat older: that family has just been where this one is.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ChildAgeCriterion {
    /// Weight beside the other criteria, 0 to 1000. Default 10: after the child's issue and condition and the stated
    /// preferences, before proximity (CPAC match module; Parent to Parent USA).
    pub weight: f64,
    /// What it means when either child's age is missing.
    pub unknown: Unknown,
    /// The supporter's child may be older by so many years at no loss, 0 or more. Default 4: our own choice, after
    /// "similar and longer" experience (Nelson 2015).
    pub older_free_years: f64,
    /// Beyond that, the score falls to 0 over so many years, 0.01 or more. Default 10: our own choice.
    pub older_fade_years: f64,
    /// Where the supporter's child is younger, the score falls to 0 over so many years, 0.01 or more. Default 6: our
    /// own choice; a supporter whose child is younger has not been there yet.
    pub younger_fade_years: f64,
}

impl Default for ChildAgeCriterion {
    fn default() -> Self {
        Self {
            weight: 10.0,
            unknown: Unknown::LeftOut,
            older_free_years: 4.0,
            older_fade_years: 10.0,
            younger_fade_years: 6.0,
        }
    }
}

impl ChildAgeCriterion {
    /// Score of a supporter's child older by so many years (negative: younger).
    pub fn score(&self, older_years: f64) -> f64 {
        let loss = if older_years < 0.0 {
            -older_years / self.younger_fade_years
        } else {
            (older_years - self.older_free_years).max(0.0) / self.older_fade_years
        };
        (1.0 - loss).max(0.0)
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("criteria.child_age.older_free_years", self.older_free_years, 0.0, 120.0);
        checks.range("criteria.child_age.older_fade_years", self.older_fade_years, 0.01, 1000.0);
        checks.range("criteria.child_age.younger_fade_years", self.younger_fade_years, 0.01, 1000.0);
    }
}
