//! A language in common.

use serde::{Deserialize, Serialize};

use super::Unknown;
use crate::policy::Checks;

/// A language in common: the better, the higher it stands in the participant's list.
///
/// Two tags are the same language where [`mutually_intelligible`](crate::program::LanguageTag::mutually_intelligible)
/// says so.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct LanguageCriterion {
    /// Weight beside the other criteria, 0 to 1000. Default 5: a language in common is first of all required (see
    /// the requirements); which one it is matters less (programmes' intake).
    pub weight: f64,
    /// What it means when either side's languages are missing.
    pub unknown: Unknown,
    /// Factor for each place down the participant's list of languages, 0 to 1. Default 0.7: our own choice.
    pub later_language_factor: f64,
}

impl Default for LanguageCriterion {
    fn default() -> Self {
        Self { weight: 5.0, unknown: Unknown::LeftOut, later_language_factor: 0.7 }
    }
}

impl LanguageCriterion {
    /// Score of sharing the language in that place (from 0) of the participant's list. Never quite 0, which stands
    /// for no language in common.
    pub fn score(&self, place: usize) -> f64 {
        self.later_language_factor.powi(place as i32).max(1e-6)
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("criteria.language.later_language_factor", self.later_language_factor, 0.0, 1.0);
    }
}
