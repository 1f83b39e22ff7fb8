//! What was before: who knows whom, who must not meet, which matches ended, which stand.

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{ParticipantId, SupporterId};

/// Two people who know each other from outside the programme.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Acquaintance {
    /// One of the two.
    pub participant: ParticipantId,
    /// The other.
    pub supporter: SupporterId,
}

/// Two people who are never to be matched.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BarredPair {
    /// One of the two.
    pub participant: ParticipantId,
    /// The other.
    pub supporter: SupporterId,
    /// Why, in the programme's words; shown to coordinators alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl fmt::Debug for BarredPair {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BarredPair({}, {})", self.participant, self.supporter)
    }
}

/// How a match ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// It did what it was for; the two may be matched again.
    Completed,
    /// It did not work; the same two are not matched again.
    Failed,
    /// One of them left or fell ill; the two may be matched again.
    Interrupted,
}

/// A match that is over.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PastMatch {
    /// Who was supported.
    pub participant: ParticipantId,
    /// By whom.
    pub supporter: SupporterId,
    /// How it ended.
    pub outcome: Outcome,
    /// When it ended.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
    pub ended: Option<Date>,
    /// Why, in the programme's words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

impl fmt::Debug for PastMatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PastMatch({}, {}, {:?})", self.participant, self.supporter, self.outcome)
    }
}

/// Whether a standing match may be undone for a better whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Hold {
    /// It stays as it is.
    #[default]
    Pinned,
    /// It may be undone where the gain exceeds its price.
    Movable,
}

/// A match that stands today.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StandingMatch {
    /// Who is supported.
    pub participant: ParticipantId,
    /// By whom.
    pub supporter: SupporterId,
    /// Whether it may be undone.
    #[serde(default)]
    pub hold: Hold,
    /// For a movable match: how much score (0 to 1) another match has to gain to be worth the change. The policy's
    /// default if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 1)))]
    pub price: Option<f64>,
    /// Since when it stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
    pub since: Option<Date>,
}

/// Everything that was before.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct History {
    /// Who knows whom.
    pub acquaintances: Vec<Acquaintance>,
    /// Who must not be matched.
    pub barred: Vec<BarredPair>,
    /// Matches that are over.
    pub past: Vec<PastMatch>,
    /// Matches that stand.
    pub standing: Vec<StandingMatch>,
}

/// How much it holds, not who knows or avoids whom.
impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History")
            .field("acquaintances", &self.acquaintances.len())
            .field("barred", &self.barred.len())
            .field("past", &self.past.len())
            .field("standing", &self.standing.len())
            .finish()
    }
}
