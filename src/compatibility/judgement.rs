//! What the kernel finds about one pair, put down for people to read.

use std::fmt;

use super::{Side, Veto};
use crate::program::{Code, LanguageTag, Modality};

/// What was measured of a pair for one criterion.
#[derive(Clone, PartialEq)]
#[non_exhaustive]
pub enum Detail {
    /// Nothing beyond the score.
    None,
    /// A fact is missing, and of whom.
    Missing {
        /// Of the participant.
        participant: bool,
        /// Of the supporter.
        supporter: bool,
    },
    /// A host program's criterion gave something that is not a number.
    NotANumber,
    /// Each of the participant's codes with the supporter's most alike one.
    Codes(Vec<Likeness>),
    /// How they would meet, and how far apart they live where that is known.
    Meeting {
        /// The way of meeting.
        modality: Modality,
        /// Its place (from 0) in the participant's list; none where they stated no list.
        choice: Option<usize>,
        /// Kilometres between them.
        distance_km: Option<f64>,
    },
    /// The best language in common, as the supporter's tag.
    Language(LanguageTag),
    /// Years of experience of the supporter and of the participant.
    Experience {
        /// The supporter's.
        supporter_years: f64,
        /// The participant's.
        participant_years: f64,
    },
    /// Years by which the supporter's child is older (negative: younger).
    ChildAge {
        /// Years older.
        older_years: f64,
    },
    /// Minutes a week in common.
    Minutes(u32),
    /// The wishes of both sides, the participant's first.
    Wishes(Vec<JudgedWish>),
    /// They know each other, or not.
    Acquaintance {
        /// Whether they do.
        known: bool,
    },
}

/// A code of the participant with the supporter's most alike one.
#[derive(Clone, PartialEq, Eq)]
pub struct Likeness {
    /// The participant's code.
    pub participant: Code,
    /// The supporter's code.
    pub supporter: Code,
    /// How alike they are, in millionths.
    pub likeness: u32,
}

/// A wish of one side, and how it fares.
#[derive(Clone, PartialEq, Eq)]
pub struct JudgedWish {
    /// Whose wish it is.
    pub side: Side,
    /// The attribute it is about.
    pub attribute: String,
    /// Whether it is a must-have.
    pub must: bool,
    /// Whether it is met; `None` where the other side's attribute is not known.
    pub met: Option<bool>,
}

/// One criterion's part in a pair's score.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// The criterion's position in [`Compatibility::criteria`](super::Compatibility::criteria).
    pub criterion: usize,
    /// Its weight for this pair in thousandths, personal factors included; 0 where it was not asked about.
    pub weight: u32,
    /// Its score in millionths; `None` where a fact is missing.
    pub score: Option<u32>,
    /// What it adds to the pair's score, in millionths. The parts add up to the score exactly.
    pub contribution: u32,
    /// What was measured.
    pub detail: Detail,
}

/// Everything about one pair.
#[derive(Debug, Clone, PartialEq)]
pub struct Judgement {
    /// Position of the supporter.
    pub supporter: usize,
    /// How well they suit, in millionths: the weighted mean of what is known.
    pub score: u32,
    /// The share of the weight that rests on known facts, in millionths.
    pub confidence: u32,
    /// Score less the prices of the relaxations, in millionths: what the optimisation adds up.
    pub weight: i32,
    /// One part for each criterion, in the order of [`Compatibility::criteria`](super::Compatibility::criteria).
    pub parts: Vec<Part>,
    /// What the requirements say against it, each with the step of the relaxation ladder (by position) that lifts
    /// it; `None` where none does.
    pub vetoes: Vec<(Veto, Option<u8>)>,
}

impl Judgement {
    /// Whether the two may be matched, be it with relaxations.
    pub fn is_eligible(&self) -> bool {
        self.vetoes.iter().all(|(_, lifted_by)| lifted_by.is_some())
    }

    /// The steps of the relaxation ladder (by position) that the match takes, in their order.
    pub fn relaxations(&self) -> Vec<u8> {
        let mut steps: Vec<u8> = self.vetoes.iter().filter_map(|&(_, lifted_by)| lifted_by).collect();
        steps.sort_unstable();
        steps.dedup();
        steps
    }

    /// How they would meet, and how far apart they live.
    pub fn meeting(&self) -> Option<(Modality, Option<f64>)> {
        self.parts.iter().find_map(|part| match part.detail {
            Detail::Meeting { modality, distance_km, .. } => Some((modality, distance_km)),
            _ => None,
        })
    }
}

/// What sort of thing was measured, not what: that does not belong into a log.
impl fmt::Debug for Detail {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "None",
            Self::Missing { .. } => "Missing",
            Self::NotANumber => "NotANumber",
            Self::Codes(_) => "Codes",
            Self::Meeting { .. } => "Meeting",
            Self::Language(_) => "Language",
            Self::Experience { .. } => "Experience",
            Self::ChildAge { .. } => "ChildAge",
            Self::Minutes(_) => "Minutes",
            Self::Wishes(_) => "Wishes",
            Self::Acquaintance { .. } => "Acquaintance",
        })
    }
}

impl fmt::Debug for Likeness {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Likeness({})", self.likeness)
    }
}

impl fmt::Debug for JudgedWish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "JudgedWish({:?}, met: {:?})", self.side, self.met)
    }
}
