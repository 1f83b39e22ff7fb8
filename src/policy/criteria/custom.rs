//! A criterion of the host program's own.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::Unknown;
use crate::program::{Participant, Program, Supporter};

/// What a criterion says of a pair.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub enum Assessment {
    /// How well they suit, 0 to 1. What lies outside is cut to the range; what is not a number counts as unknown.
    Score(f64),
    /// A fact is missing.
    Unknown,
    /// Nobody asked: the criterion has no weight for this pair, and the confidence does not fall.
    NotAsked,
    /// They must not be matched, and why, in words a coordinator understands.
    Veto(String),
}

/// Two people whom a criterion is asked about.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub struct Pair<'a> {
    /// Who asks for support.
    pub participant: &'a Participant,
    /// Who may give it.
    pub supporter: &'a Supporter,
    /// The program they are of, for its taxonomies and history.
    pub program: &'a Program,
    /// The day the matching is made for.
    pub as_of: Date,
}

/// A criterion of the host program's own, handed to
/// [`Matcher::with_criterion`](crate::Matcher::with_criterion).
///
/// It stands beside the built-in ones: it has a weight, appears in every breakdown, and its vetoes can be waived by a
/// step of the relaxation ladder that names it. It is asked about every pair that the built-in requirements leave (and,
/// for explanations, about others), on several threads at once, so it should be quick and must answer the same question
/// the same way.
pub trait Criterion: Send + Sync {
    /// Its name in policies, personal weights and breakdowns; not that of a built-in criterion.
    fn name(&self) -> &str;

    /// Its weight where the policy gives none, 0 to 1000. The built-in weights add up to 100.
    fn default_weight(&self) -> f64 {
        10.0
    }

    /// What it says of a pair.
    fn assess(&self, pair: Pair<'_>) -> Assessment;

    /// What it found, in words for the explanation of a match. Empty by default.
    fn note(&self, pair: Pair<'_>) -> String {
        let _ = pair;
        String::new()
    }
}

/// The policy's settings for a criterion of the host program's.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct CustomSettings {
    /// Weight beside the other criteria, 0 to 1000; the criterion's own default if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub weight: Option<f64>,
    /// What it means when the criterion cannot tell.
    pub unknown: Unknown,
}
