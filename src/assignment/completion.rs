//! Filling free places greedily, for a solve that was stopped.
//!
//! **Problem.** A solve that is stopped has matched some participants well and left others waiting, although there may
//! be places for them.
//!
//! **Method.** Those it costs most to leave unmatched come first, at equal cost in order; each takes the place that is
//! cheapest now, pair and place together, if that is cheaper than staying unmatched. Nobody who has a place loses it.
//!
//! **Time and space.** One pass over the rows of those who wait, after sorting them. O(participants + supporters)
//! space.
//!
//! **When it is the wrong choice.** As an answer: it is feasible and no more. The bound of the stopped solve tells how
//! far from the best it can be at most.

use std::cmp::Reverse;

use super::integer::Integer;
use super::matches::Matches;
use super::places::Places;
use super::problem::Problem;
use super::tree::Tree;

/// Fills empty places of participants; `None` if a sum overflows. Where single packed costs leave no room for a sum of
/// two in 128 bits, nothing is filled.
pub(super) fn complete(problem: &Problem, matches: &Matches) -> Option<Matches> {
    let added = match problem.largest_cost {
        small if small <= <i64 as Integer>::LIMIT => added::<i64>(problem, matches)?,
        large if large <= <i128 as Integer>::LIMIT => added::<i128>(problem, matches)?,
        _ => Vec::new(),
    };
    let mut added = added.into_iter().peekable();
    let (mut all, mut list) = (Matches::default(), Vec::new());
    for p in 0..matches.participants() as u32 {
        list.clear();
        list.extend_from_slice(matches.of(p));
        while let Some((_, s)) = added.next_if(|&(participant, _)| participant == p) {
            list.push(s);
        }
        list.sort_unstable();
        all.push(list.iter().copied());
    }
    Some(all)
}

/// Who comes to whom, in order of participants.
fn added<T: Integer>(problem: &Problem, matches: &Matches) -> Option<Vec<(u32, u32)>> {
    let mut waiting = Vec::new();
    for p in 0..problem.pins.len() {
        for _ in matches.of(p as u32).len()..problem.places_of(p) as usize {
            waiting.push((problem.packed_exit(p)?, p as u32));
        }
    }
    waiting.sort_unstable_by_key(|&(exit, p)| (Reverse(exit), p));
    if waiting.is_empty() {
        return Some(Vec::new());
    }
    let (quality, change) = (T::narrow(problem.scales.quality), T::narrow(problem.scales.change));
    let mut places = Places::of(problem, matches);
    // What the next place of each supporter costs, infinity where there is none.
    let price = |places: &Places<'_>, s: usize| {
        if places.is_free(s) { places.step(s).map(T::narrow) } else { Some(T::INFINITY) }
    };
    let mut prices = (0..problem.tree.supporters).map(|s| price(&places, s)).collect::<Option<Vec<T>>>()?;
    let mut added: Vec<(u32, u32)> = Vec::new();
    for (exit, participant) in waiting {
        let standing = problem.standing[participant as usize];
        let (elsewhere, kept) = match standing {
            None => (T::ZERO, T::ZERO),
            Some(_) if problem.places_of(participant as usize) == 1 => (change, T::ZERO),
            Some(_) => (T::ZERO, -change),
        };
        let pinned = problem.pins[participant as usize].map(|(supporter, _)| supporter);
        // Those it was given before; one of several places comes right after another.
        let given = added.iter().rposition(|&(p, _)| p != participant).map_or(0, |at| at + 1);
        let has = |s: u32| matches.of(participant).contains(&s) || added[given..].contains(&(participant, s));
        let (mut least, mut found) = (T::narrow(exit), None);
        for (supporter, cost) in problem.row(participant) {
            // What cannot be taken may cost more than the integers hold.
            if prices[supporter as usize] >= T::INFINITY || pinned == Some(supporter) {
                continue;
            }
            let change = if standing == Some(supporter) { kept } else { elsewhere };
            let value = T::from_i64(cost) * quality + change + prices[supporter as usize];
            if value < least && !has(supporter) {
                (least, found) = (value, Some(supporter));
            }
        }
        if let Some(supporter) = found {
            added.push((participant, supporter));
            match places.take(supporter as usize) {
                None => prices[supporter as usize] = price(&places, supporter as usize)?,
                Some(full) => close(&problem.tree, full, &mut prices),
            }
        }
    }
    added.sort_unstable();
    Some(added)
}

/// Nobody at this node or below it takes anyone any more. A node is closed once, so all of that is O(nodes x depth).
fn close<T: Integer>(tree: &Tree, node: usize, prices: &mut [T]) {
    let mut below = vec![node as u32];
    while let Some(node) = below.pop() {
        match prices.get_mut(node as usize) {
            Some(price) => *price = T::INFINITY,
            None => below.extend_from_slice(tree.children(node as usize)),
        }
    }
}
