//! What a solve returns.

use serde::{Deserialize, Serialize};

use super::certificate::Certificate;
use super::ladder::Rungs;
use super::problem::Problem;
use super::verify::{Verification, verify};

/// An assignment of participants to supporters, what it costs, and how well that is proven.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Assignment {
    /// The supporter of each participant, `None` for the unmatched.
    pub supporter: Vec<Option<u32>>,
    /// What it costs, by rung; pins count.
    pub objective: Rungs,
    /// The objective as one integer under [`Problem::scales`].
    pub packed: i128,
    /// No feasible assignment has a packed objective below this.
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
}

/// What vouches for an assignment's bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Proof {
    /// Potentials that anyone can check in one pass over the pairs.
    Potentials(Box<Certificate>),
    /// The solver's word for the bound.
    Bound,
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
    /// Integer linear program, solved by microlp.
    IlpMicrolp,
    /// Integer linear program, solved by HiGHS.
    IlpHighs,
}

/// The integers a solve computed in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum IntegerWidth {
    /// `i64`: no sum that comes up can overflow it.
    Bits64,
    /// `i128`.
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
    /// Pairs of the problem.
    pub pairs: u64,
    /// Bids of the row reduction.
    pub bids: u64,
    /// Participants inserted along shortest augmenting paths.
    pub augmentations: u64,
    /// Rows read while searching for those paths.
    pub rows_scanned: u64,
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
}

impl Statistics {
    pub(super) fn new(problem: &Problem, algorithm: AlgorithmUsed, algorithm_reason: &str) -> Self {
        Self {
            participants: problem.participants(),
            supporters: problem.supporters(),
            groups: problem.groups(),
            pairs: problem.pairs() as u64,
            bids: 0,
            augmentations: 0,
            rows_scanned: 0,
            ties_moved: 0,
            algorithm,
            algorithm_reason: algorithm_reason.to_owned(),
            width: IntegerWidth::Float,
            width_reason: String::new(),
        }
    }
}

impl Assignment {
    /// Whether no assignment is better: objective and bound meet.
    pub fn is_optimal(&self) -> bool {
        self.packed == self.bound
    }

    /// How much better, in packed units, an assignment could at most be; 0 when optimal. `None` on overflow, which an
    /// assignment that came from a solve cannot have.
    pub fn gap(&self) -> Option<i128> {
        self.packed.checked_sub(self.bound)
    }

    /// Matches of each supporter, pins included. O(participants + supporters).
    pub fn loads(&self, problem: &Problem) -> Vec<u32> {
        let mut loads = vec![0_u32; problem.supporters() as usize];
        for &supporter in self.supporter.iter().flatten() {
            if let Some(load) = loads.get_mut(supporter as usize) {
                *load += 1;
            }
        }
        loads
    }

    /// Number of matched participants.
    pub fn matched(&self) -> usize {
        self.supporter.iter().flatten().count()
    }

    /// Checks this assignment and its proof against the problem; see [`verify`].
    pub fn verify(&self, problem: &Problem) -> Verification {
        verify(problem, self)
    }
}
