//! What solving with rules returns.

use serde::{Deserialize, Serialize};

use super::problem::RuleProblem;
use super::verify::{RuleVerification, verify_rules};
use crate::assignment::{Matches, Rungs, StageTime};

/// How good the result is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuleState {
    /// No matching that keeps the firm rules is better.
    Optimal,
    /// It keeps the firm rules; one that is better by no more than the gap may exist.
    Feasible,
    /// No matching keeps all firm rules; [`explain_clash`](super::explain_clash) says which of them clash.
    Infeasible,
    /// The solve was stopped before it found a matching that keeps the firm rules, or that there is none.
    Unknown,
}

/// Why the solve ended; says nothing about quality.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuleStop {
    /// It had nothing left to do.
    Completed,
    /// The caller's flag or callback asked it to stop.
    Cancelled,
    /// The time limit.
    TimeLimit,
    /// The node limit.
    NodeLimit,
}

/// What vouches for the bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuleProof {
    /// The multipliers in [`RuleSolution::root`], by themselves; [`verify_rules`] recomputes it.
    Multipliers,
    /// A complete search of this library: its word, given on exact integers.
    Search,
    /// The word of microlp, given on floating point.
    Microlp,
    /// The word of HiGHS, given on floating point.
    Highs,
}

/// A bound that needs nobody's word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RootBound {
    /// No matching that keeps the firm rules has a packed objective below this.
    pub value: i128,
    /// What proves it, for each connected part of the problem. Where it is told first how many are served, of the
    /// problem in which as many are served as in the matching and only the rungs after that count.
    pub parts: Vec<PartMultipliers>,
    /// Where the served rung counts and others after it: what proves how many can be served, for each connected part of
    /// the problem in which only that counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub served: Vec<PartMultipliers>,
}

/// The multipliers of one connected part of the problem, in costs times `scale`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PartMultipliers {
    /// What the multipliers are scaled by.
    pub scale: i64,
    /// For each participant of the part, in their order, what each place is worth.
    pub participants: Vec<i64>,
    /// For each row of the part, in the order of the program: supporters' limits, groups', then rules.
    pub rows: Vec<i64>,
    /// All of these numbers added up, so that none can be changed alone.
    pub checksum: i128,
}

impl PartMultipliers {
    pub(super) fn sealed(scale: i64, participants: Vec<i64>, rows: Vec<i64>) -> Self {
        let mut made = Self { scale, participants, rows, checksum: 0 };
        made.checksum = made.expected_checksum();
        made
    }

    /// What [`checksum`](Self::checksum) must be.
    pub fn expected_checksum(&self) -> i128 {
        let worth = self.participants.iter().chain(&self.rows);
        worth.fold(self.scale.into(), |sum, &worth| sum + i128::from(worth))
    }
}

/// A matching that keeps the firm rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleMatching {
    /// Who has whom.
    pub matches: Matches,
    /// The auxiliary variables.
    pub auxiliary: Vec<bool>,
    /// What it costs, by rung; auxiliary costs and the prices of violated soft rules count in the quality rung.
    pub objective: Rungs,
    /// The objective as one integer under [`RuleSolution::scales`].
    pub packed: i128,
    /// How each rule stands, in the rules' order.
    pub rules: Vec<RuleReport>,
}

/// How a rule stands in a matching.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleReport {
    /// What each row sums up to.
    pub sums: Vec<i64>,
    /// Whether a row is at its bound, or misses it: one unit more or less would not do.
    pub binds: bool,
    /// Units by which the rows miss their bounds together; 0 for firm rules.
    pub violation: u64,
    /// What that costs in the quality rung.
    pub cost: i128,
}

/// Counts of work.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleStatistics {
    /// 0/1 variables of the whole program.
    pub variables: u64,
    /// Rows of the whole program that are not kept by everything.
    pub rows: u64,
    /// Connected parts solved by themselves.
    pub parts: u32,
    /// Variables left open by reduced-cost fixing before the last search of each part.
    pub open: u64,
    /// Evaluations of the dual function.
    pub iterations: u64,
    /// Nodes of the search, or programs handed to the backend.
    pub nodes: u64,
    /// The time of each stage, in the order in which they were begun; empty unless asked for by
    /// [`Control::timed`](crate::assignment::Control::timed).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub times: Vec<StageTime>,
}

/// The result of solving with rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleSolution {
    /// How good it is.
    pub state: RuleState,
    /// Why it ended.
    pub stop: RuleStop,
    /// The best matching found; none if the state is infeasible or unknown.
    pub matching: Option<RuleMatching>,
    /// No matching that keeps the firm rules has a packed objective below this. Nothing is claimed if the state is
    /// infeasible.
    pub bound: i128,
    /// No matching that keeps the firm rules and serves as many as this one has a packed objective below this: the
    /// bound itself where it is known how many can be served, or where that does not count.
    pub bound_as_served: i128,
    /// What one unit of each rung weighs in packed numbers.
    pub scales: Rungs,
    /// What vouches for the bound.
    pub proof: RuleProof,
    /// As much of the bound as multipliers prove; none where the whole model went to a backend or nothing is feasible.
    pub root: Option<RootBound>,
    /// How the solve went.
    pub statistics: RuleStatistics,
}

impl RuleSolution {
    /// How much better, in packed units, a matching could at most be; `None` without a matching.
    pub fn gap(&self) -> Option<i128> {
        self.matching.as_ref().and_then(|matching| matching.packed.checked_sub(self.bound))
    }

    /// Whether no matching is better.
    pub fn is_optimal(&self) -> bool {
        self.state == RuleState::Optimal
    }

    /// Checks this result against the problem; see [`verify_rules`].
    pub fn verify(&self, problem: &RuleProblem) -> RuleVerification {
        verify_rules(problem, self)
    }
}
