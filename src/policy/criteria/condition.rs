//! The same or a related condition, by the taxonomy of conditions.

use serde::{Deserialize, Serialize};

use super::{Overlap, Unknown};

/// The same or a related condition, by the taxonomy of conditions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ConditionCriterion {
    /// Weight beside the other criteria, 0 to 1000. Default 25, level with the issue and above all else: intake asks
    /// for the diagnosis and the specific challenges first (CPAC match module; Parent to Parent USA; Cancer Hope
    /// Network).
    pub weight: f64,
    /// What it means when either side's codes are missing.
    pub unknown: Unknown,
    /// How the two lists of codes are compared.
    pub overlap: Overlap,
}

impl Default for ConditionCriterion {
    fn default() -> Self {
        Self { weight: 25.0, unknown: Unknown::LeftOut, overlap: Overlap::default() }
    }
}
