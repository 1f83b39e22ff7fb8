//! Participants propose, supporters and groups keep the best proposals for the time being: deferred acceptance.
//!
//! **Problem.** A stable assignment: no [blocking pair](super::blocking_pairs). Both sides prefer the lower cost of
//! the pair; among equal costs a participant prefers the lower supporter, the other side the lower participant. Load
//! costs, balance, standing matches and served weights do not enter, but that whoever has a served weight prefers any
//! pair to none.
//!
//! **Method.** Gale and Shapley's: an unmatched participant proposes to the next supporter on its list. A proposal is
//! held by the supporter and by every group above it; the first of them, from below, that holds more than its capacity
//! allows rejects the worst it holds, which may be the match of another supporter below the same group. Whoever was
//! rejected proposes on. Pins occupy their places and are never rejected.
//!
//! **Why it is stable.** Supporter and groups together choose, from what was ever proposed to them, the greedy basis
//! of a laminar matroid. Such a choice never takes back a rejection when more proposals come (it is substitutable and
//! a rejected pair would be rejected again), which is all that the argument needs; the result is the stable assignment
//! that every participant likes best, whatever the order of proposals.
//!
//! **Time and space.** O(m d log n) for `m` pairs, groups nested `d` deep and `n` participants; O(m + n d) space.
//!
//! **References.** D. Gale, L. S. Shapley, "College admissions and the stability of marriage", American Mathematical
//! Monthly 69 (1962); A. E. Roth, M. A. O. Sotomayor, *Two-Sided Matching* (1990), ch. 5 (capacities); T. Fleiner,
//! "A fixed-point approach to stable matchings and some applications", Mathematics of Operations Research 28 (2003)
//! (matroids as choosers).

use std::collections::BTreeSet;

use crate::assignment::problem::Problem;

/// A proposal as the choosing side ranks it, and where it was made.
type Proposal = (i64, u32, u32);

/// Who has whom when all have proposed, or when it was stopped.
pub(super) fn match_all(problem: &Problem, stops: impl Fn(usize, usize) -> bool) -> Vec<Option<u32>> {
    let mut supporter = super::pinned(problem);
    let mut held = Held::new(problem);
    let participants = supporter.len();
    let mut lists: Vec<std::vec::IntoIter<(i64, u32)>> = Vec::with_capacity(participants);
    for participant in 0..participants {
        if stops(participant, participants) {
            return supporter;
        }
        lists.push(preferences(problem, participant).into_iter());
    }
    let mut proposals = 0;
    for first in 0..participants {
        // One newcomer starts a chain of rejections; each participant of it proposes on until it is held or has no
        // supporter left to ask.
        let mut waiting = Some(first as u32);
        while let Some(participant) = waiting {
            if stops(proposals, usize::MAX) {
                return supporter;
            }
            proposals += 1;
            let Some((cost, s)) = lists[participant as usize].next() else { break };
            waiting = match held.propose((cost, participant, s)) {
                None => {
                    supporter[participant as usize] = Some(s);
                    None
                }
                Some((_, rejected, _)) => {
                    if rejected != participant {
                        supporter[participant as usize] = Some(s);
                        supporter[rejected as usize] = None;
                    }
                    Some(rejected)
                }
            };
        }
    }
    supporter
}

/// The supporters a participant would take, from the best on; nobody if it is pinned.
fn preferences(problem: &Problem, participant: usize) -> Vec<(i64, u32)> {
    if problem.pins[participant].is_some() {
        return Vec::new();
    }
    let mut list: Vec<(i64, u32)> = problem
        .row(participant as u32)
        .map(|(s, cost)| (cost, s))
        .filter(|&(cost, s)| problem.tree.open[s as usize] && would_take(problem, participant, cost))
        .collect();
    list.sort_unstable();
    list
}

/// Whether a participant takes a pair of that cost rather than stay unmatched.
fn would_take(problem: &Problem, participant: usize, cost: i64) -> bool {
    problem.served_weights[participant] > 0 || cost <= problem.unmatched_costs[participant]
}

/// What each supporter and group holds for the time being.
struct Held<'p> {
    problem: &'p Problem,
    proposals: Vec<BTreeSet<Proposal>>,
}

impl<'p> Held<'p> {
    fn new(problem: &'p Problem) -> Self {
        Self { problem, proposals: vec![BTreeSet::new(); problem.tree.root()] }
    }

    /// Puts a proposal to a supporter; returns the one that is rejected for it, itself or another, if any is.
    fn propose(&mut self, proposal: Proposal) -> Option<Proposal> {
        let tree = &self.problem.tree;
        let mut node = proposal.2 as usize;
        while node < tree.root() {
            let held = &mut self.proposals[node];
            held.insert(proposal);
            if held.len() > (tree.capacity[node] - tree.pinned[node]) as usize {
                let rejected = held.pop_last()?;
                self.forget(rejected, proposal, node);
                return Some(rejected);
            }
            node = tree.parent[node] as usize;
        }
        None
    }

    /// Takes a rejected proposal out below the node that rejected it, and puts the new one in its place above.
    fn forget(&mut self, rejected: Proposal, proposal: Proposal, at: usize) {
        let tree = &self.problem.tree;
        let mut node = rejected.2 as usize;
        while node != at {
            self.proposals[node].remove(&rejected);
            node = tree.parent[node] as usize;
        }
        if rejected == proposal {
            return;
        }
        node = tree.parent[at] as usize;
        while node < tree.root() {
            self.proposals[node].remove(&rejected);
            self.proposals[node].insert(proposal);
            node = tree.parent[node] as usize;
        }
    }
}
