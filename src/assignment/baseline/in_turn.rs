//! Participants one after another: first come first served, and at random.
//!
//! **Method.** Each participant in turn takes a place that is free, the cheapest or any, if it costs no more than
//! staying unmatched. **Time and space.** O(m d) for `m` pairs and groups nested `d` deep, O(n) space.

use crate::assignment::places::Places;
use crate::assignment::problem::Problem;
use crate::assignment::random::Random;

/// In the order of their numbers, each the cheapest; `None` on overflow.
pub(super) fn first_come(
    problem: &Problem,
    places: &mut Places<'_>,
    stops: impl Fn(usize, usize) -> bool,
) -> Option<Vec<Option<u32>>> {
    let mut supporter = super::pinned(problem);
    let participants = supporter.len();
    for (participant, chosen) in supporter.iter_mut().enumerate() {
        if stops(participant, participants) {
            break;
        }
        if problem.pins[participant].is_some() {
            continue;
        }
        let mut best: Option<(i128, usize)> = None;
        each_option(problem, places, participant, |cost, s| {
            if best.is_none_or(|(least, _)| cost < least) {
                best = Some((cost, s));
            }
        })?;
        if let Some((_, s)) = best {
            places.take(s);
            *chosen = Some(s as u32);
        }
    }
    Some(supporter)
}

/// In a random order, each at a random place; `None` on overflow.
pub(super) fn at_random(
    problem: &Problem,
    places: &mut Places<'_>,
    seed: u64,
    stops: impl Fn(usize, usize) -> bool,
) -> Option<Vec<Option<u32>>> {
    let mut random = Random::new(seed);
    let mut supporter = super::pinned(problem);
    let mut order: Vec<usize> = (0..supporter.len()).filter(|&p| problem.pins[p].is_none()).collect();
    for last in (1..order.len()).rev() {
        order.swap(last, random.below(last as u64 + 1) as usize);
    }
    for (done, &participant) in order.iter().enumerate() {
        if stops(done, order.len()) {
            break;
        }
        let (mut options, mut chosen) = (0, None);
        each_option(problem, places, participant, |_, s| {
            // Each of the options so far is the chosen one with the same probability.
            options += 1;
            if random.below(options) == 0 {
                chosen = Some(s);
            }
        })?;
        if let Some(s) = chosen {
            places.take(s);
            supporter[participant] = Some(s as u32);
        }
    }
    Some(supporter)
}

/// The supporters with a free place that costs no more than staying unmatched, with that cost.
fn each_option(
    problem: &Problem,
    places: &Places<'_>,
    participant: usize,
    mut take: impl FnMut(i128, usize),
) -> Option<()> {
    let exit = problem.packed_exit(participant)?;
    for (supporter, cost) in problem.packed_row(participant) {
        // A place that is not there may have a price that does not fit.
        if !places.is_free(supporter) {
            continue;
        }
        let cost = cost?.checked_add(places.step(supporter)?)?;
        if cost <= exit {
            take(cost, supporter);
        }
    }
    Some(())
}
