//! Pairs that would rather have each other than what they were given.
//!
//! **Definition.** That of Gale and Shapley (1962), with capacities that of Roth and Sotomayor (1990, definition 5.1);
//! see [`blocking_pairs`].
//!
//! What a full supporter would give up is as with Roth and Sotomayor; for groups it is as with Fleiner (2003), who lets
//! any matroid choose: the matches below the first full node are what the new pair could replace one of. Both sides
//! gain strictly, so an assignment without blocking pairs is *weakly* stable where costs tie.

use serde::{Deserialize, Serialize};

use crate::assignment::matches::Matches;
use crate::assignment::problem::Problem;

/// A participant and a supporter who would rather have each other than what they were given; both prefer the lower
/// cost of the pair. See [`blocking_pairs`] for when exactly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct BlockingPair {
    /// Who would leave its match, or be matched at all.
    pub participant: u32,
    /// Who has a free place, or would give up another participant.
    pub supporter: u32,
}

/// Every blocking pair of an assignment, by participant, then supporter: none means that it is *stable*.
///
/// A pair that is not matched blocks if both sides gain strictly:
/// * the participant is not pinned, and the pair costs less than its match, or it is unmatched and would take the pair
///   (its served weight is positive, or the pair costs less than staying unmatched);
/// * the supporter would take it: there is a free place, at the supporter and in every group above it; or, at the first
///   of them from below that is full, some match that is not pinned costs more than the pair.
///
/// An optimum may well have blocking pairs: what two gain by each other, others can lose more by.
///
/// `None` if it is no assignment of this problem: a list of another length, a match that is no pair, a pinned
/// participant elsewhere. Any other will do, optimal or not. O(pairs times the depth of the groups + participants log
/// row).
///
/// # Sources
/// D. Gale, L. S. Shapley, "College admissions and the stability of marriage" (1962); A. E. Roth, M. A. O. Sotomayor,
/// *Two-Sided Matching* (1990), ch. 5; T. Fleiner, "A fixed-point approach to stable matchings and some applications"
/// (2003).
pub fn blocking_pairs(problem: &Problem, matches: &Matches) -> Option<Vec<BlockingPair>> {
    let tree = &problem.tree;
    problem.objective(matches)?;
    let participants = 0..problem.participants();
    let is_pin = |p: u32, s: u32| problem.pin(p).is_some_and(|(pinned, _)| pinned == s);
    let free = |p: u32| matches.of(p).iter().copied().filter(move |&s| !is_pin(p, s));

    // Matches that pass each node, and the dearest of them that is not pinned.
    let mut units = tree.pinned.clone();
    let mut dearest: Vec<Option<i64>> = vec![None; tree.root()];
    for p in participants.clone() {
        for s in free(p) {
            let cost = problem.pair_cost(p, s);
            let mut node = s as usize;
            while node < tree.root() {
                units[node] += 1;
                dearest[node] = dearest[node].max(cost);
                node = tree.parent[node] as usize;
            }
        }
    }
    let full: Vec<bool> = (0..tree.root()).map(|node| units[node] >= tree.capacity[node]).collect();

    let mut blocking = Vec::new();
    for p in participants {
        let has = matches.of(p);
        let worst = free(p).filter_map(|s| problem.pair_cost(p, s)).max();
        let has_room = has.len() < problem.places(p) as usize;
        for (s, cost) in problem.row(p) {
            let gains = worst.is_some_and(|worst| cost < worst)
                || has_room && (problem.served_weight(p) > 0 || cost < problem.unmatched_cost(p));
            if !gains || has.contains(&s) {
                continue;
            }
            let mut node = s as usize;
            while node < tree.root() && !full[node] {
                node = tree.parent[node] as usize;
            }
            if dearest.get(node).is_none_or(|dearest| dearest.is_some_and(|dearest| cost < dearest)) {
                blocking.push(BlockingPair { participant: p, supporter: s });
            }
        }
    }
    Some(blocking)
}
