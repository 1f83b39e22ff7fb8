//! The same or a related issue that the child or the family faces because of the condition, by the taxonomy of issues.

use serde::{Deserialize, Serialize};

use super::{Overlap, Unknown};

/// The same or a related issue that the child or the family faces because of the condition, by the taxonomy of issues.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct IssueCriterion {
    /// Weight beside the other criteria, 0 to 1000. Default 25, level with the condition and above all else: "not
    /// always the disability, sometimes some issue the child is facing because of it" (programme staff; Parent to
    /// Parent USA intake).
    pub weight: f64,
    /// What it means when either side's codes are missing.
    pub unknown: Unknown,
    /// How the two lists of codes are compared.
    pub overlap: Overlap,
}

impl Default for IssueCriterion {
    fn default() -> Self {
        Self { weight: 25.0, unknown: Unknown::LeftOut, overlap: Overlap::default() }
    }
}
