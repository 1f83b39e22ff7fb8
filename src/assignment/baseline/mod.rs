//! Simple ways to match that are not optimal: what an optimum is compared with.
//!
//! **Problem.** That of [`super::flow`]: pairs, capacities, nested groups and pins are respected; the objective is
//! computed, and not optimised.
//!
//! **Method.** One file each: participants one after another (`in_turn`), all pairs from the best to the worst
//! (`best_pair_first`), proposals and rejections (`deferred_acceptance`). [`super::places`] keeps count of what is
//! free. `blocking` counts the pairs that would rather have each other, in any assignment.
//!
//! **Why it is not optimal.** Each takes what is best for someone at the moment, and nobody gives way for the sake of
//! all. The bound of the result is the easy one, in which nobody competes with anybody, and [`Proof::Unproven`] says
//! that no optimality is claimed.
//!
//! **Firm minimums, fairness, several places.** A baseline does not know of firm minimums and does not seek to meet
//! them: the required rung of its objective says by how much they are missed, and `verify` where. Nor does it look at
//! [`Fairness`](super::Fairness). Problems with several places for a participant are refused.
//!
//! **When it is the wrong choice.** For matching people; these are for saying how much better an optimum is.

mod best_pair_first;
mod blocking;
mod deferred_acceptance;
mod in_turn;

use std::cell::Cell;

use serde::{Deserialize, Serialize};

pub use blocking::{BlockingPair, blocking_pairs};

use super::control::{Control, Stage};
use super::places::Places;
use super::problem::Problem;
use super::solution::{AlgorithmUsed, Assignment, Proof, Statistics, Stop};
use super::solve::{assemble, easy_bound};
use crate::error::{Error, Result};

/// Participants or pairs between two looks at the control.
const STRIDE: usize = 256;

/// A simple way to match, for comparison.
///
/// In all of them a participant takes a place only where it costs no more than staying unmatched, and pinned
/// participants are where they are pinned. Ties go to the lower supporter, then to the lower participant. Firm minimums
/// are not sought: [`Assignment::objective`] says in its required rung by how much they are missed, and that is no
/// error. Participants with several places are: none of the baselines holds them. One that is stopped leaves the others
/// unmatched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Baseline {
    /// Participants in the order of their numbers, whatever their served weights: each takes the place that costs
    /// least at that moment, load costs included. O(pairs).
    FirstComeFirstServed,
    /// The pair that lowers the objective most, then the next that still fits, and so on. Never gains less than half
    /// of what the optimum gains over leaving everyone unmatched. O(pairs log pairs) without load costs.
    BestPairFirst,
    /// Participants propose to their supporters from the cheapest pair on; supporters and groups keep the cheapest
    /// proposals and reject the others. Leaves no [blocking pair](blocking_pairs). O(pairs log pairs).
    DeferredAcceptance,
    /// Participants in a random order, each at a random free place. The same for the same seed. O(pairs).
    Random {
        /// Seed of the order and the places.
        seed: u64,
    },
}

/// Runs a baseline.
pub(super) fn solve(problem: &Problem, baseline: Baseline, control: &Control<'_>) -> Result<Assignment> {
    let overflow = || Error::overflow("a packed cost does not fit 128 bits; use smaller costs");
    let statistics = Statistics::new(problem, AlgorithmUsed::Baseline(baseline), "asked for");
    let mut places = Places::new(problem);
    let stopped = Cell::new(false);
    let stops = |done: usize, total: usize| {
        let stops = done.is_multiple_of(STRIDE) && control.stops(Stage::Baseline, done, total);
        stopped.set(stopped.get() || stops);
        stops
    };
    let supporter = match baseline {
        Baseline::FirstComeFirstServed => in_turn::first_come(problem, &mut places, stops),
        Baseline::Random { seed } => in_turn::at_random(problem, &mut places, seed, stops),
        Baseline::BestPairFirst => best_pair_first::match_all(problem, &mut places, stops),
        Baseline::DeferredAcceptance => Some(deferred_acceptance::match_all(problem, stops)),
    };
    let supporter = supporter.ok_or_else(overflow)?;
    let bound = easy_bound(problem).ok_or_else(overflow)?;
    let stop = if stopped.get() { control.reason() } else { Stop::Completed };
    assemble(problem, supporter, bound, stop, Proof::Unproven, statistics)
}

/// The supporters of pinned participants; the others have none yet.
fn pinned(problem: &Problem) -> Vec<Option<u32>> {
    problem.pins.iter().map(|pin| pin.map(|(supporter, _)| supporter)).collect()
}
