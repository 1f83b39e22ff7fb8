//! How far the rungs of a problem can spread: what decides whether, and at which scales, they fit one integer.
//!
//! **Method.** Bounds that hold for every feasible assignment, added up over participants, supporters and minimums in
//! checked 128-bit arithmetic; [`super::ladder`] makes the scales from them.
//!
//! **Time and space.** One pass over the pairs; O(1) beside the degrees of supporters.

use super::ladder::{Extent, Rung};
use super::problem::{Problem, prefix_sum};

/// How large each rung can get, and how far two feasible assignments can differ in it.
///
/// Per participant the difference between the dearest and the cheapest outcome, per supporter the difference between
/// the dearest and the cheapest load it can have. Firm minimums can be missed by what they ask for beyond the pins; one
/// match more can help with as many of them as lie on its way up.
pub(super) fn extent_of(problem: &Problem) -> Extent {
    extent_within(problem, None).0
}

/// The same when any other pair may be added, as long as its cost is within these bounds, and the degrees of
/// supporters.
pub(super) fn extent_within(problem: &Problem, bounds: Option<(i64, i64)>) -> (Extent, Vec<u32>) {
    let mut extent = Extent::default();
    let mut degrees = vec![0_u32; problem.group_of.len()];
    let mut note = |rung: Rung, range: i128, single: i128, total: i128| {
        *extent.range.get_mut(rung) += range;
        let largest = extent.single.get_mut(rung);
        *largest = single.max(*largest);
        *extent.total.get_mut(rung) += total;
    };
    for participant in 0..problem.unmatched_costs.len() {
        let mut standing = i128::from(problem.standing[participant].is_some());
        if let Some((supporter, cost)) = problem.pins[participant] {
            let cost = i128::from(cost).abs();
            let changed = i128::from(problem.standing[participant].is_some_and(|other| other != supporter));
            note(Rung::Quality, 0, cost, cost);
            note(Rung::Change, 0, changed, changed);
            standing = changed;
        }
        let places = i128::from(problem.free_places(participant));
        if places == 0 {
            continue;
        }
        for &supporter in problem.row_parts(participant).0 {
            degrees[supporter as usize] += 1;
        }
        let weight = i128::from(problem.served_weights[participant]);
        let unmatched = problem.unmatched_costs[participant];
        let (low, high) = problem
            .row(participant as u32)
            .fold((unmatched, unmatched), |(low, high), (_, cost)| (low.min(cost), high.max(cost)));
        let (low, high) =
            bounds.map_or((low, high), |(lowest, highest)| (low.min(lowest), high.max(highest)));
        let (low, high) = (i128::from(low), i128::from(high));
        let largest = low.abs().max(high.abs());
        note(Rung::Served, weight * places, weight, weight * places);
        note(Rung::Quality, (high - low) * places, largest, largest * places);
        note(Rung::Change, standing, standing, standing);
    }
    let tree = &problem.tree;
    let asks = |node: usize| tree.minimum(node).saturating_sub(tree.pinned[node]);
    let mut on_the_way = vec![0_i128; tree.root() + 1];
    for node in tree.top_down().into_iter().map(|v| v as usize).filter(|_| !tree.minimum.is_empty()) {
        on_the_way[node] = on_the_way[tree.parent[node] as usize] + i128::from(tree.minimum(node) > 0);
        note(Rung::Required, asks(node).into(), on_the_way[node], tree.minimum(node).into());
    }
    for (supporter, &degree) in degrees.iter().enumerate() {
        let degree = if bounds.is_some() { problem.participants() } else { degree };
        let pinned = problem.tree.pinned[supporter];
        let most = problem.tree.capacity[supporter].min(pinned.saturating_add(degree));
        for (rung, steps) in [(Rung::Quality, &problem.load_costs), (Rung::Balance, &problem.balance_costs)] {
            let steps = steps.of(supporter);
            // The marginal costs rise, so the total is convex in the load: lowest where they turn positive.
            let negative = steps.iter().take_while(|&&step| step < 0).count();
            let turn = if negative == steps.len() { most } else { (negative as u32).clamp(pinned, most) };
            let at = |load: u32| prefix_sum(steps, load);
            let (first, lowest, last) = (at(pinned), at(turn.max(pinned)), at(most));
            let magnitude = |step: Option<&i64>| step.map_or(0, |&step| i128::from(step).abs());
            let reached = &steps[..steps.len().min(most as usize)];
            // A search may look at the price of a place that no participant is left to take.
            let visible = &steps[..steps.len().min(problem.tree.capacity[supporter] as usize)];
            note(
                rung,
                first.max(last) - first.min(last).min(lowest),
                magnitude(visible.first()).max(magnitude(visible.last())),
                reached.iter().map(|&step| i128::from(step).abs()).sum::<i128>()
                    + magnitude(reached.last()) * i128::from(most),
            );
        }
    }
    (extent, degrees)
}
