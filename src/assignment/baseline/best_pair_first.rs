//! All pairs from the best to the worst, each taken that still fits.
//!
//! **Method.** A pair's gain is what the packed objective falls by when a participant who is unmatched takes it: the
//! price of staying unmatched less the pair's cost and the cost of the supporter's next place. The pairs are sorted by
//! gain; as places fill, gains only fall, so one that is out of date goes to a heap with its gain of now.
//!
//! **Why it is at least half as good.** Count each place of a supporter as a pair of its own. Sets of pairs that give
//! no participant two places are independent in one matroid, those within the nested limits in another (a laminar
//! one), and taking the best that fits gains at least half of what is gained at best over two matroids; with
//! capacities of one and no groups that is Avis's bound for matchings.
//!
//! **Time and space.** O(m log m) for `m` pairs without load costs; with them, a pair may go back to the heap once
//! for each rise of its supporter's price. O(m) space.
//!
//! **References.** D. Avis, "A survey of heuristics for the weighted matching problem", Networks 13 (1983); B. Korte,
//! D. Hausmann, "An analysis of the greedy heuristic for independence systems", Annals of Discrete Mathematics 2
//! (1978).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use crate::assignment::places::Places;
use crate::assignment::problem::Problem;

/// Gain, supporter, participant: the greatest is the next to be taken.
type Pair = (i128, Reverse<u32>, Reverse<u32>);

/// The supporters, or `None` on overflow.
///
/// A step is a participant whose pairs are collected, then a pair.
pub(super) fn match_all(
    problem: &Problem,
    places: &mut Places<'_>,
    stops: impl Fn(usize, usize) -> bool,
) -> Option<Vec<Option<u32>>> {
    let mut supporter = super::pinned(problem);
    // A place that is not there may have a price that does not fit.
    let price = |s: usize| if problem.tree.open[s] { places.step(s) } else { Some(0) };
    let first: Vec<i128> = (0..problem.tree.supporters).map(price).collect::<Option<_>>()?;
    let mut pairs: Vec<Pair> = Vec::new();
    for participant in 0..supporter.len() {
        if stops(participant, supporter.len()) {
            return Some(supporter);
        }
        if problem.pins[participant].is_some() {
            continue;
        }
        let exit = problem.packed_exit(participant)?;
        for (s, cost) in problem.packed_row(participant) {
            let gain = exit.checked_sub(cost?)?.checked_sub(first[s])?;
            if gain >= 0 {
                pairs.push((gain, Reverse(s as u32), Reverse(participant as u32)));
            }
        }
    }
    pairs.sort_unstable();
    // Pairs whose gain has fallen, with what the place costs that the gain is for.
    let mut fallen: BinaryHeap<(Pair, i128)> = BinaryHeap::new();
    for done in 0.. {
        if stops(done, usize::MAX) {
            break;
        }
        let (pair, step) = match (pairs.last(), fallen.peek()) {
            (None, None) => break,
            (Some(pair), top) if top.is_none_or(|(other, _)| pair > other) => {
                let pair = *pair;
                pairs.pop();
                (pair, first[pair.1.0 as usize])
            }
            _ => fallen.pop()?,
        };
        let (gain, Reverse(s), Reverse(participant)) = pair;
        let (p, node) = (participant as usize, s as usize);
        if supporter[p].is_some() || !places.is_free(node) {
            continue;
        }
        let step_now = places.step(node)?;
        let now = gain.checked_add(step)?.checked_sub(step_now)?;
        if now == gain {
            places.take(node);
            supporter[p] = Some(s);
        } else if now >= 0 {
            fallen.push(((now, Reverse(s), Reverse(participant)), step_now));
        }
    }
    Some(supporter)
}
