//! Which matches a rule counts.

use serde::{Deserialize, Serialize};

use super::People;

/// What a supporter is to a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Their supporter.
    #[default]
    Primary,
    /// Who stands by in case the supporter fails.
    Backup,
    /// Either.
    Any,
}

/// Matches of which all that is stated is so; what is left out does not matter.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Counted {
    /// Whether matches with a supporter count, or those with a backup. Default: with a supporter.
    pub role: Role,
    /// They would meet by phone or video (`true`), or in person (`false`). A pinned pair that no way of meeting suits
    /// does neither.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remote: Option<bool>,
    /// They live further apart than this, in kilometres. Not so where a place is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub beyond_km: Option<f64>,
    /// They live no further apart than this, in kilometres. Not so where a place is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub within_km: Option<f64>,
    /// The match takes a step of the relaxation ladder, or takes none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub relaxed: Option<bool>,
    /// The score is below this, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_below: Option<f64>,
    /// The score is this or more, 0 to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_from: Option<f64>,
    /// Which participants. Default: all.
    #[serde(skip_serializing_if = "People::is_everyone")]
    pub participant: People,
    /// Which supporters. Default: all.
    #[serde(skip_serializing_if = "People::is_everyone")]
    pub supporter: People,
}

impl Counted {
    /// Whether anything is asked of the pair itself, beyond who the two are.
    pub fn asks_about_pairs(&self) -> bool {
        self.remote.is_some()
            || self.beyond_km.is_some()
            || self.within_km.is_some()
            || self.relaxed.is_some()
            || self.score_below.is_some()
            || self.score_from.is_some()
    }
}
