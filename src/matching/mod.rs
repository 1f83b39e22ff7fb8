//! The result: who is matched with whom and why, who is left and why, loads, totals.
//!
//! A [`Matching`] is plain serde data with the caller's own ids: it can be stored, sent, compared with another
//! ([`Difference`]) and written as CSV ([`Matching::to_csv`]) or JSON ([`Matching::to_json`]).

mod build;
mod difference;
mod ended;
mod explanation;
mod note;
mod rules;
mod score;
mod table;
mod unmatched;

use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

pub use difference::{Difference, LoadChange, Moved};
pub use ended::{EndReason, EndedMatch};
pub use explanation::{ExplainedPart, Explanation, UsedRelaxation};
pub use rules::{RuleClash, RuleOutcome, RulePart, RuleUnit};
pub use score::Score;
pub use unmatched::{Reason, Unmatched};

use crate::assignment::{AlgorithmUsed, Pricing, Rungs, Stop};
use crate::error::{Error, Result};
use crate::program::{LanguageTag, Modality, ParticipantId, SupervisorId, SupporterId};

pub(crate) use build::{Inputs, build, explain_pair, explain_pair_on, explain_unmatched};

/// Who is matched with whom, who is left, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Matching {
    /// The day it was made for.
    pub as_of: Date,
    /// Everyone who is matched, in the program's order of participants.
    pub pairs: Vec<Match>,
    /// Everyone who is not, in the program's order.
    pub unmatched: Vec<Unmatched>,
    /// Who stands by in case a supporter fails, in the program's order of participants; explained like matches.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub backups: Vec<Match>,
    /// Standing matches that do not go on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub ended: Vec<EndedMatch>,
    /// What each supporter carries, in the program's order.
    pub loads: Vec<Load>,
    /// What each supervisor oversees, in the program's order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub caseloads: Vec<Caseload>,
    /// How the policy's rules about matches together stand, in its order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<RuleOutcome>,
    /// Sums over everyone.
    pub totals: Totals,
    /// How it was found, and how good it is proven to be.
    pub solution: Solution,
}

/// One participant with their supporter.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Match {
    /// Who is supported.
    pub participant: ParticipantId,
    /// By whom.
    pub supporter: SupporterId,
    /// How they would meet, as far as that is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modality: Option<Modality>,
    /// Kilometres between them, where both places are known, however they meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub distance_km: Option<f64>,
    /// The language in common that the participant prefers, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<LanguageTag>,
    /// Whether it is new or stands already.
    pub origin: Origin,
    /// Why.
    pub explanation: Explanation,
}

impl Match {
    /// How well the two suit.
    pub fn score(&self) -> Score {
        self.explanation.score
    }
}

impl fmt::Debug for Match {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Match({} - {}, {:?}, {:?})", self.participant, self.supporter, self.origin, self.score())
    }
}

/// Where a match comes from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// Newly proposed.
    New,
    /// Stood before and was free to change; it is still the best.
    Kept,
    /// Stood before and was not to be changed.
    Pinned,
}

/// What a supporter carries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Load {
    /// Who.
    pub supporter: SupporterId,
    /// Matches, those that stand included.
    pub load: u32,
    /// The most they may have; 0 for somebody who takes nobody today.
    pub capacity: u32,
    /// How many they would like to have at least.
    pub wished_minimum: u32,
}

/// What a supervisor oversees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caseload {
    /// Who.
    pub supervisor: SupervisorId,
    /// Matches of all their supporters.
    pub load: u32,
    /// The most there may be; none for no limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<u32>,
}

/// Sums over everyone.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Totals {
    /// Participants of the program.
    pub participants: u32,
    /// Those who are matched.
    pub matched: u32,
    /// Those who are not and did consent.
    pub unmatched: u32,
    /// Those who did not consent.
    pub without_consent: u32,
    /// Supporters of the program.
    pub supporters: u32,
    /// Places of supporters who take matches today.
    pub places: u64,
    /// Places that are taken.
    pub places_taken: u64,
    /// Supporters with a place and no match.
    pub idle_supporters: u32,
    /// Sum of the scores.
    pub score: Score,
    /// Mean score of the matches; 0 where there is none.
    pub mean_score: Score,
    /// The lowest score of a match; 0 where there is none.
    pub lowest_score: Score,
    /// Matches that take a relaxation.
    pub relaxed: u32,
    /// Matches that meet by phone or video.
    pub remote: u32,
    /// Standing matches that go on.
    pub kept: u32,
    /// Standing matches that end.
    pub ended: u32,
}

/// How a matching was found, and how good it is proven to be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Solution {
    /// The algorithm.
    pub algorithm: AlgorithmUsed,
    /// Why that one.
    pub because: String,
    /// Why it ended; says nothing about quality.
    pub stop: Stop,
    /// No other matching is better by the policy's objective.
    pub optimal: bool,
    /// What vouches for that.
    pub proof: Vouched,
    /// Where it was stopped early: how much better another matching could at most be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gap: Option<Gap>,
    /// What it costs by rung, less is better: `served` is the weight of those left unserved, `quality` the quality with
    /// its sign turned, `change` the standing matches changed, `balance` the unevenness of loads.
    pub cost: Rungs,
    /// Eligible pairs that were held: all there are, unless `pricing` says otherwise.
    pub pairs: u64,
    /// Where not all pairs were held: what it took to find those that matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
}

/// What vouches for a matching's being optimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Vouched {
    /// Potentials, checked against every pair. ([`Matcher::solve`](crate::Matcher::solve) returns them.)
    Certificate,
    /// Prices of what limits the matching, from which the bound was computed again.
    Multipliers,
    /// The solver's word; that the matching is feasible was checked.
    Solver,
}

/// How much better another matching could at most be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Gap {
    /// It serves more people, whose served weights (urgency plus one) add up to this at most.
    pub served: i64,
    /// Or it serves the same, and the quality is higher by this at most.
    pub quality: Score,
}

impl Gap {
    /// From a gap in packed units.
    pub(crate) fn packed(gap: i128, scales: &Rungs) -> Self {
        let units = Rungs::units_of(gap, scales);
        let most = |units: i128| i64::try_from(units).unwrap_or(i64::MAX);
        Self { served: most(units.served), quality: Score::from_micro(most(units.quality)) }
    }
}

impl Matching {
    /// The match of a participant.
    pub fn of_participant(&self, id: &str) -> Option<&Match> {
        self.pairs.iter().find(|pair| pair.participant.as_str() == id)
    }

    /// Who stands by for a participant.
    pub fn backup_of(&self, id: &str) -> Option<&Match> {
        self.backups.iter().find(|pair| pair.participant.as_str() == id)
    }

    /// The matches of a supporter.
    pub fn of_supporter<'a>(&'a self, id: &'a str) -> impl Iterator<Item = &'a Match> {
        self.pairs.iter().filter(move |pair| pair.supporter.as_str() == id)
    }

    /// The whole matching as JSON.
    ///
    /// # Errors
    ///
    /// If a value cannot be written as JSON.
    pub fn to_json(&self) -> Result<String> {
        let text = serde_json::to_string_pretty(self);
        text.map(|text| text + "\n").map_err(|error| Error::write(format!("matching as JSON: {error}")))
    }

    /// Reads a matching that [`to_json`](Self::to_json) wrote.
    ///
    /// # Errors
    ///
    /// If the text is not the JSON of a matching.
    pub fn from_json(text: &str) -> Result<Self> {
        serde_json::from_str(text).map_err(|error| Error::write(format!("matching from JSON: {error}")))
    }

    /// One line for each participant of the program, matched or not, as CSV with a header. Cells that a spreadsheet
    /// would take for a formula are made harmless.
    ///
    /// # Errors
    ///
    /// If the CSV cannot be written.
    pub fn to_csv(&self) -> Result<String> {
        table::to_csv(self)
    }
}
