//! All pairs from the best to the worst, each taken that still fits.
//!
//! **Method.** A pair's gain is what the packed objective falls by when a participant who is unmatched takes it: the
//! price of staying unmatched less the pair's cost and the cost of the supporter's next place. A heap holds all pairs
//! by gain; as places fill, gains only fall, so one that is out of date is put back with its gain of now.
//!
//! **Why it is at least half as good.** Count each place of a supporter as a pair of its own. Sets of pairs that give
//! no participant two places are independent in one matroid, those within the nested limits in another (a laminar
//! one), and taking the best that fits gains at least half of what is gained at best over two matroids; with
//! capacities of one and no groups that is Avis's bound for matchings.
//!
//! **Time and space.** O(m log m) for `m` pairs without load costs; with them, a pair may be put back once for each
//! rise of its supporter's price. O(m) space.
//!
//! **References.** D. Avis, "A survey of heuristics for the weighted matching problem", Networks 13 (1983); B. Korte,
//! D. Hausmann, "An analysis of the greedy heuristic for independence systems", Annals of Discrete Mathematics 2
//! (1978).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::places::Places;
use crate::assignment::problem::Problem;

/// The supporters, or `None` on overflow.
pub(super) fn match_all(problem: &Problem, places: &mut Places<'_>) -> Option<Vec<Option<u32>>> {
    let mut supporter = super::pinned(problem);
    // Gain without the place's cost beside the gain as it was, so that no row is searched again.
    let mut pairs = Vec::new();
    for participant in (0..supporter.len()).filter(|&p| problem.pins[p].is_none()) {
        let exit = problem.packed_exit(participant)?;
        for (s, cost) in problem.packed_row(participant) {
            let value = exit.checked_sub(cost?)?;
            let gain = value.checked_sub(places.step(s)?)?;
            if gain >= 0 {
                pairs.push((gain, Reverse(s as u32), Reverse(participant as u32), value));
            }
        }
    }
    let mut heap = BinaryHeap::from(pairs);
    while let Some((gain, Reverse(s), Reverse(participant), value)) = heap.pop() {
        let (p, node) = (participant as usize, s as usize);
        if supporter[p].is_some() || !places.is_free(node) {
            continue;
        }
        let now = value.checked_sub(places.step(node)?)?;
        if now == gain {
            places.take(node);
            supporter[p] = Some(s);
        } else if now >= 0 {
            heap.push((now, Reverse(s), Reverse(participant), value));
        }
    }
    Some(supporter)
}
