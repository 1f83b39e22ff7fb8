//! Without what no pair is matched.

use serde::{Deserialize, Serialize};

use super::Checks;

/// What becomes of people who know each other from before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum KnownPairs {
    /// They are not matched, unless the participant agrees to it.
    #[default]
    VetoedUnlessAccepted,
    /// They are never matched.
    Vetoed,
    /// They may be matched.
    Allowed,
}

/// Without what no pair is matched. A requirement that a missing fact leaves open does not veto (the criterion is
/// then unknown, and the confidence says so), except for the common ground and for must-haves, see
/// [`unknown_common_ground`](Self::unknown_common_ground) and [`unknown_must_haves`](Self::unknown_must_haves).
///
/// Some things need no setting, for nothing may lift them: no consent, a barred pair, a refused supporter, a pair
/// whose earlier match failed, a supporter who takes nobody, a condition or issue outside a supporter's scope, and no
/// modality in common.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
// Each switch stands for itself in a policy document.
#[allow(clippy::struct_excessive_bools)]
pub struct Requirements {
    /// At least one of the participant's conditions or issues must be this alike to one of the supporter's, 0 to 1.
    /// Default 0.5: having been through the same, or nearly, is what peer support is; the number is our own choice.
    /// Siblings deep in a taxonomy reach it, those right below a broad chapter do not.
    pub common_ground: f64,
    /// A pair of whom nothing comparable is known, neither conditions nor issues on both sides, may be matched all the
    /// same. Default no: without it, somebody of whom nothing is known would suit everybody. (A step of the ladder may
    /// lift it, and by default the last one does.)
    pub unknown_common_ground: bool,
    /// One of the conditions must be this alike, 0 to 1. Default 0: an issue in common can be enough ("not always
    /// the disability").
    pub condition: f64,
    /// One of the issues must be this alike, 0 to 1. Default 0.
    pub issue: f64,
    /// A language in common is required. Default yes (programmes' intake).
    pub language: bool,
    /// What becomes of people who know each other. Default: vetoed (Peers for Progress), unless the participant
    /// agrees to it.
    pub known_pairs: KnownPairs,
    /// Years of experience a supporter must have, 0 or more. Default 1 (Vermont Family Network, Cancer Hope Network,
    /// CCS, ABCD).
    pub experience_years: f64,
    /// Minutes a week two people must have in common, 0 to 10080. Default 30: our own choice, room for the usual
    /// dose of four contacts in eight weeks (FSN-NC; Singer 1999).
    pub minutes_in_common: u32,
    /// The most years the children's ages may be apart, 0 or more; no limit if left out (the default).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_age_gap_years: Option<f64>,
    /// Must-haves that people state are required. Default yes.
    pub must_haves: bool,
    /// A must-have is also required of people of whom it is not known. Default yes: who insists has a reason, and a
    /// coordinator can ask.
    pub unknown_must_haves: bool,
    /// The least score a match must have, 0 to 1. Default 0: any eligible match is better than none.
    pub minimum_score: f64,
}

impl Default for Requirements {
    fn default() -> Self {
        Self {
            common_ground: 0.5,
            unknown_common_ground: false,
            condition: 0.0,
            issue: 0.0,
            language: true,
            known_pairs: KnownPairs::default(),
            experience_years: 1.0,
            minutes_in_common: 30,
            child_age_gap_years: None,
            must_haves: true,
            unknown_must_haves: true,
            minimum_score: 0.0,
        }
    }
}

impl Requirements {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("requirements.common_ground", self.common_ground, 0.0, 1.0);
        checks.range("requirements.condition", self.condition, 0.0, 1.0);
        checks.range("requirements.issue", self.issue, 0.0, 1.0);
        checks.range("requirements.experience_years", self.experience_years, 0.0, 100.0);
        checks.range("requirements.minutes_in_common", f64::from(self.minutes_in_common), 0.0, 10_080.0);
        if let Some(years) = self.child_age_gap_years {
            checks.range("requirements.child_age_gap_years", years, 0.0, 120.0);
        }
        checks.range("requirements.minimum_score", self.minimum_score, 0.0, 1.0);
    }
}
