//! Longer experience: the supporter is further along the same road.

use serde::{Deserialize, Serialize};

use super::Unknown;
use crate::policy::Checks;

/// Longer experience: how many years the supporter is ahead of the participant. That the experience is *similar* is
/// for the criteria on condition and issue to say.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ExperienceCriterion {
    /// Weight beside the other criteria, 0 to 1000. Default 5: similar and longer experience (Nelson 2015); the
    /// first year is required rather than weighed (Vermont Family Network, Cancer Hope Network, CCS, ABCD).
    pub weight: f64,
    /// What it means when the supporter's experience is missing.
    pub unknown: Unknown,
    /// Years ahead of the participant that score 1, 0.01 or more; fewer score in proportion, none or less score 0.
    /// Default 3: our own choice.
    pub full_lead_years: f64,
}

impl Default for ExperienceCriterion {
    fn default() -> Self {
        Self { weight: 5.0, unknown: Unknown::LeftOut, full_lead_years: 3.0 }
    }
}

impl ExperienceCriterion {
    /// Score of a supporter with so many years beside a participant with so many.
    pub fn score(&self, supporter_years: f64, participant_years: f64) -> f64 {
        let lead = supporter_years - participant_years.max(0.0);
        // Most supporters have the full lead, and a division takes long.
        if lead >= self.full_lead_years { 1.0 } else { (lead / self.full_lead_years).clamp(0.0, 1.0) }
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("criteria.experience.full_lead_years", self.full_lead_years, 0.01, 100.0);
    }
}
