//! Who comes first.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Checks;
use crate::program::{Participant, days_between};

/// Who comes first where not everyone can be served: higher urgency before lower, to the letter. Urgency is the
/// participant's priority plus a level for each stretch of waiting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Priorities {
    /// Days of waiting that count as one level, 1 or more; 0 leaves waiting out. Default 30: our own choice, so that
    /// nobody waits for ever behind newcomers.
    pub waiting_days_per_level: u32,
    /// The most levels that waiting can add, 0 to 100. Default 3: our own choice.
    pub waiting_levels_at_most: u32,
}

impl Default for Priorities {
    fn default() -> Self {
        Self { waiting_days_per_level: 30, waiting_levels_at_most: 3 }
    }
}

impl Priorities {
    /// The urgency of a participant on a day, 0 for somebody ordinary who has just asked.
    pub fn urgency(&self, participant: &Participant, on: Date) -> u32 {
        let waited = participant.waiting_since.map_or(0, |since| days_between(since, on));
        let levels = waited.checked_div(self.waiting_days_per_level).unwrap_or(0);
        u32::from(participant.priority) + levels.min(self.waiting_levels_at_most)
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        let days = f64::from(self.waiting_days_per_level);
        checks.range("priorities.waiting_days_per_level", days, 0.0, 36_500.0);
        checks.range("priorities.waiting_levels_at_most", f64::from(self.waiting_levels_at_most), 0.0, 100.0);
    }
}
