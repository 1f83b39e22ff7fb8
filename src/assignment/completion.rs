//! Filling free places greedily, for a solve that was stopped.
//!
//! **Problem.** A solve that is stopped has matched some participants well and left others waiting, although there may
//! be places for them.
//!
//! **Method.** Those it costs most to leave unmatched come first, at equal cost in order; each takes the place that is
//! cheapest now, pair and place together, if that is cheaper than staying unmatched. Nobody who has a place loses it.
//!
//! **Time and space.** One pass over the rows of those who wait, after sorting them. O(participants + supporters) space.
//!
//! **When it is the wrong choice.** As an answer: it is feasible and no more. The bound of the stopped solve tells how
//! far from the best it can be at most.

use super::matches::Matches;
use super::problem::Problem;

/// Fills empty places of participants; `None` if a sum overflows.
pub(super) fn complete(problem: &Problem, matches: &Matches) -> Option<Matches> {
    let tree = &problem.tree;
    let mut units = vec![0_u32; tree.root()];
    for (_, supporter) in matches.iter() {
        take(problem, &mut units, supporter as usize);
    }
    let mut lists: Vec<Vec<u32>> = matches.clone().into();
    let mut waiting = Vec::new();
    for (p, list) in lists.iter().enumerate() {
        for _ in list.len()..problem.places_of(p) as usize {
            waiting.push((problem.packed_exit(p)?, p));
        }
    }
    waiting.sort_unstable_by_key(|&(exit, p)| (std::cmp::Reverse(exit), p));
    for (exit, p) in waiting {
        let mut least = (exit, None);
        for (s, cost) in problem.packed_row(p) {
            let price = cost?.checked_add(problem.packed_step(s, units[s])?)?;
            if price < least.0 && !lists[p].contains(&(s as u32)) && has_room(problem, &units, s) {
                least = (price, Some(s));
            }
        }
        if let Some(s) = least.1 {
            lists[p].push(s as u32);
            take(problem, &mut units, s);
        }
    }
    for list in &mut lists {
        list.sort_unstable();
    }
    Some(lists.into())
}

fn take(problem: &Problem, units: &mut [u32], supporter: usize) {
    let mut node = supporter;
    while node < problem.tree.root() {
        units[node] += 1;
        node = problem.tree.parent[node] as usize;
    }
}

fn has_room(problem: &Problem, units: &[u32], supporter: usize) -> bool {
    let tree = &problem.tree;
    let mut node = supporter;
    while node < tree.root() {
        if units[node] >= tree.capacity[node] {
            return false;
        }
        node = tree.parent[node] as usize;
    }
    true
}
