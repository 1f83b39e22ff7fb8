//! Time in common, week by week, across time zones.

use serde::{Deserialize, Serialize};

use super::Unknown;
use crate::policy::Checks;

/// Time in common, in minutes a week, across time zones.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AvailabilityCriterion {
    /// Weight beside the other criteria, 0 to 1000. Default 5: our own choice; a pair needs some time in common
    /// (see the requirements), and more of it makes finding a date easier.
    pub weight: f64,
    /// What it means when either side's availability is missing.
    pub unknown: Unknown,
    /// Minutes a week in common that score 1, 1 or more; fewer score in proportion. A participant who needs more hours
    /// a week raises it to these. Default 120: our own choice, room for a weekly contact of half an hour with
    /// several dates to choose from.
    pub full_minutes: f64,
}

impl Default for AvailabilityCriterion {
    fn default() -> Self {
        Self { weight: 5.0, unknown: Unknown::LeftOut, full_minutes: 120.0 }
    }
}

impl AvailabilityCriterion {
    /// The minutes a week in common that score 1 for somebody who needs so many hours a week.
    pub fn full_minutes_for(&self, hours_per_week: Option<f64>) -> f64 {
        self.full_minutes.max(hours_per_week.map_or(0.0, |hours| hours * 60.0))
    }

    /// Score of so many minutes in common where `full_minutes` score 1.
    pub fn score(minutes: u32, full_minutes: f64) -> f64 {
        let minutes = f64::from(minutes);
        // A division takes long.
        if minutes >= full_minutes { 1.0 } else { (minutes / full_minutes).min(1.0) }
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("criteria.availability.full_minutes", self.full_minutes, 1.0, 10_080.0);
    }
}
