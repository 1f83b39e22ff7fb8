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
use super::places::Places;
use super::problem::Problem;

/// Fills empty places of participants; `None` if a sum overflows.
pub(super) fn complete(problem: &Problem, matches: &Matches) -> Option<Matches> {
    let mut places = Places::of(problem, matches);
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
            let price = cost?.checked_add(places.step(s)?)?;
            if price < least.0 && !lists[p].contains(&(s as u32)) && places.is_free(s) {
                least = (price, Some(s));
            }
        }
        if let Some(s) = least.1 {
            lists[p].push(s as u32);
            places.take(s);
        }
    }
    for list in &mut lists {
        list.sort_unstable();
    }
    Some(lists.into())
}
