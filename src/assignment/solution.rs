//! What a solve returns.

use serde::{Deserialize, Serialize};

use super::baseline::Baseline;
use super::certificate::Certificate;
use super::control::StageTime;
use super::fairness::FairnessProof;
use super::ladder::Rungs;
use super::matches::Matches;
use super::problem::Problem;
use super::verify::verify;
use super::violation::Verification;

/// An assignment of participants to supporters, what it costs, and how well that is proven.
///
/// Serialises with numbers of up to 128 bits as plain integers. In JSON, `serde_json::to_string` and `from_str` keep
/// all of them; a `serde_json::Value` holds 64 bits only, and `to_value` is an error beyond them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Assignment {
    /// Who has whom.
    pub matches: Matches,
    /// What it costs, by rung; pins count.
    pub objective: Rungs,
    /// The objective as one integer under [`Problem::scales`].
    pub packed: i128,
    /// No feasible assignment has a packed objective below this; where the worst-off come first, none of the fairest.
    pub bound: i128,
    /// Why the solve ended; says nothing about quality.
    pub stop: Stop,
    /// What vouches for the bound.
    pub proof: Proof,
    /// How the solve went.
    pub statistics: Statistics,
}

/// Why a solve ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stop {
    /// It had nothing left to do.
    Completed,
    /// The caller's flag or callback asked it to stop.
    Cancelled,
    /// The caller's time limit was reached.
    TimeLimit,
    /// The caller's limit on the work was reached, such as
    /// [`RuleOptions::node_limit`](super::rules::RuleOptions::node_limit).
    WorkLimit,
}

/// What vouches for an assignment's bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Proof {
    /// Potentials that anyone can check in one pass over the pairs.
    Potentials(Box<Certificate>),
    /// Rounds of potentials that prove it the fairest, see [`Fairness`](super::Fairness); checked in one pass each.
    Rounds(Box<FairnessProof>),
    /// The solver's word for the bound.
    Bound,
    /// Nothing: a [`Baseline`] claims no optimality, even where it happens upon it. Its bound holds all the same.
    Unproven,
}

/// The algorithm that found an assignment.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum AlgorithmUsed {
    /// Row reduction, then successive shortest augmenting paths.
    ShortestPaths,
    /// Successive shortest augmenting paths from the places to the participants.
    ShortestPathsFromPlaces,
    /// The first for participants of higher served weights, the second at the weight at which places run out.
    ShortestPathsFromBothSides,
    /// Epsilon-scaled auction, then successive shortest augmenting paths.
    Auction,
    /// Network simplex on the explicit graph.
    NetworkSimplex,
    /// Integer linear program, solved by microlp.
    IlpMicrolp,
    /// Integer linear program, solved by HiGHS.
    IlpHighs,
    /// Prices on rules that no flow holds, then a search, see [`rules`](super::rules).
    RuleSearch,
    /// A simple way to match, for comparison.
    Baseline(Baseline),
}

/// The integers a solve computed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntegerWidth {
    /// `i32`: no sum that comes up can overflow it.
    Bits32,
    /// `i64`, likewise.
    Bits64,
    /// `i128`, likewise.
    Bits128,
    /// Floating point inside, rounded and checked in integers.
    Float,
}

/// How a solve went: sizes, counts of work, choices and their reasons.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Statistics {
    /// Participants of the problem.
    pub participants: u32,
    /// Supporters of the problem.
    pub supporters: u32,
    /// Groups of the problem.
    pub groups: u32,
    /// Pairs of the problem; of a market that is not held, those that came to be.
    pub pairs: u64,
    /// What pricing the pairs that are not held took; `None` where all were held.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pricing: Option<Pricing>,
    /// Participants that could stay where an earlier solution had them; 0 if there was none.
    #[serde(default)]
    pub kept: u64,
    /// Bids of the row reduction.
    pub bids: u64,
    /// Shortest augmenting paths: participants inserted, and places filled or released.
    pub augmentations: u64,
    /// Rows read while searching for those paths.
    pub rows_scanned: u64,
    /// Pivots of the network simplex.
    pub pivots: u64,
    /// Tied participants that the tie-break moved to a lower supporter.
    pub ties_moved: u64,
    /// The algorithm.
    pub algorithm: AlgorithmUsed,
    /// Why that algorithm.
    pub algorithm_reason: String,
    /// The integers it computed in.
    pub width: IntegerWidth,
    /// Why those integers.
    pub width_reason: String,
    /// The time of each stage, in the order in which they were begun; empty unless asked for by
    /// [`Control::timed`](super::Control::timed).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<StageTime>,
}

/// What it took to price pairs that are not held.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Pricing {
    /// Solves over held pairs.
    pub rounds: u32,
    /// Passes over all pairs, most of them settled by bounds.
    pub passes: u32,
    /// Pairs that had to be scored, over all passes.
    pub scored: u64,
}

impl Statistics {
    pub(super) fn new(problem: &Problem, algorithm: AlgorithmUsed, algorithm_reason: &str) -> Self {
        Self {
            participants: problem.participants(),
            supporters: problem.supporters(),
            groups: problem.groups(),
            pairs: problem.pairs() as u64,
            pricing: None,
            kept: 0,
            bids: 0,
            augmentations: 0,
            rows_scanned: 0,
            pivots: 0,
            ties_moved: 0,
            algorithm,
            algorithm_reason: algorithm_reason.to_owned(),
            width: IntegerWidth::Float,
            width_reason: String::new(),
            times: Vec::new(),
        }
    }
}

impl Assignment {
    /// Whether it meets every firm minimum and no assignment is better: objective and bound meet.
    ///
    /// That takes the bound at its word. [`verify`](Self::verify) recomputes it from the [`proof`](Self::proof) where
    /// there is one, and [`Verification::proven_optimal`] says whether it did.
    pub fn is_optimal(&self) -> bool {
        self.packed == self.bound && self.objective.required == 0
    }

    /// The most that each rung could be better by where those above it stay as they are; all 0 when nothing is better.
    ///
    /// The [`gap`](Self::gap) in units of each rung, rounded up: lower rungs may get worse by less than one unit of a
    /// higher one is worth. `None` on overflow, as there.
    pub fn gap_by_rung(&self, problem: &Problem) -> Option<Rungs> {
        Some(Rungs::units_of(self.gap()?, &problem.scales()))
    }

    /// How much better, in packed units, an assignment could at most be; 0 when nothing is better. A packed unit is one
    /// of the lowest rung, and [`Problem::scales`](super::Problem::scales) tells how many of them one of each rung is.
    /// Where the worst-off come first, that is no measure of how fair it is. `None` on overflow, which an assignment
    /// that came from a solve cannot have.
    pub fn gap(&self) -> Option<i128> {
        self.packed.checked_sub(self.bound)
    }

    /// Matches of each supporter, pins included. O(participants + supporters).
    pub fn loads(&self, problem: &Problem) -> Vec<u32> {
        let mut loads = vec![0_u32; problem.supporters() as usize];
        for (_, supporter) in self.matches.iter() {
            if let Some(load) = loads.get_mut(supporter as usize) {
                *load += 1;
            }
        }
        loads
    }

    /// The supporter of a participant, the lowest-numbered if it has several; `None` for the unmatched. O(1).
    pub fn supporter_of(&self, participant: u32) -> Option<u32> {
        self.matches.of(participant).first().copied()
    }

    /// The supporters of a participant, ascending. O(1).
    pub fn supporters_of(&self, participant: u32) -> &[u32] {
        self.matches.of(participant)
    }

    /// Number of participants who have a supporter.
    pub fn matched(&self) -> usize {
        (0..self.matches.participants() as u32).filter(|&p| self.supporter_of(p).is_some()).count()
    }

    /// Checks this assignment and its proof against the problem; see [`verify`].
    pub fn verify(&self, problem: &Problem) -> Verification {
        verify(problem, self)
    }
}
