//! Knowing each other from before the programme.

use serde::{Deserialize, Serialize};

/// Knowing each other from before the programme. Vetoed by default (see the requirements); this weighs it where the
/// policy or the participant allows it.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct AcquaintanceCriterion {
    /// Weight beside the other criteria, 0 to 1000. Default 0: prior acquaintance is a veto, not a matter of degree
    /// (Peers for Progress).
    pub weight: f64,
    /// Score of a pair who know each other, 0 to 1; strangers score 1. Default 0.
    pub score_if_known: f64,
}

impl Default for AcquaintanceCriterion {
    fn default() -> Self {
        Self { weight: 0.0, score_if_known: 0.0 }
    }
}

impl AcquaintanceCriterion {
    /// Score of a pair.
    pub fn score(&self, known: bool) -> f64 {
        if known { self.score_if_known } else { 1.0 }
    }
}
