//! Why somebody asks for another match.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Why a participant, a supporter or somebody of the programme asks that a participant be matched anew. What follows is
/// for the policy to say: [`Rematching`](super::Rematching).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    /// The two know each other from outside the programme.
    PriorAcquaintance,
    /// The two do not suit each other.
    PoorFit,
    /// It is more than the supporter can help with ("this is way out of my league").
    OutOfDepth,
    /// One of them went beyond what a supporter and a participant are to each other.
    BoundaryBreach,
    /// The participant pursued a romantic relationship.
    RomanticPursuit,
    /// The supporter told others what was said in confidence.
    BreachOfConfidence,
    /// The supporter told what is not so.
    Misinformation,
    /// The supporter told the participant what to do.
    TooDirective,
    /// The supporter has no time, or fell ill.
    SupporterUnavailable,
    /// The two did not get in touch.
    NoContact,
    /// The participant prefers to choose a supporter.
    PrefersToChoose,
    /// What the programme says in its own words.
    Other,
}

impl Reason {
    /// Every reason, in the order in which documents are written.
    pub const ALL: [Self; 12] = [
        Self::PriorAcquaintance,
        Self::PoorFit,
        Self::OutOfDepth,
        Self::BoundaryBreach,
        Self::RomanticPursuit,
        Self::BreachOfConfidence,
        Self::Misinformation,
        Self::TooDirective,
        Self::SupporterUnavailable,
        Self::NoContact,
        Self::PrefersToChoose,
        Self::Other,
    ];

    /// The word that documents use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::PriorAcquaintance => "prior_acquaintance",
            Self::PoorFit => "poor_fit",
            Self::OutOfDepth => "out_of_depth",
            Self::BoundaryBreach => "boundary_breach",
            Self::RomanticPursuit => "romantic_pursuit",
            Self::BreachOfConfidence => "breach_of_confidence",
            Self::Misinformation => "misinformation",
            Self::TooDirective => "too_directive",
            Self::SupporterUnavailable => "supporter_unavailable",
            Self::NoContact => "no_contact",
            Self::PrefersToChoose => "prefers_to_choose",
            Self::Other => "other",
        }
    }
}

/// In the words of a coordinator.
impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::PriorAcquaintance => "the two knew each other before",
            Self::PoorFit => "the two do not suit each other",
            Self::OutOfDepth => "it is more than the supporter can help with",
            Self::BoundaryBreach => "a boundary was breached",
            Self::RomanticPursuit => "the participant pursued a romantic relationship",
            Self::BreachOfConfidence => "the supporter broke a confidence",
            Self::Misinformation => "the supporter gave wrong information",
            Self::TooDirective => "the supporter was too directive",
            Self::SupporterUnavailable => "the supporter is not available",
            Self::NoContact => "the two did not get in touch",
            Self::PrefersToChoose => "the participant prefers to choose",
            Self::Other => "there is another reason",
        })
    }
}
