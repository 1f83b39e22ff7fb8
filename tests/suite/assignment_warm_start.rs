//! Going on from an earlier solution must give what a fresh solve gives, whatever has changed.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use peermatch::assignment::{
    AlgorithmUsed, Assignment, Control, IntegerWidth, Options, Problem, Proof, Rungs, Stop, Supporter,
    WarmStart, Width, solve, solve_from,
};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, firm_instances, instances, several_places};

/// One change of an instance, drawn as numbers that are taken modulo its sizes.
type Change = (u8, usize, usize, i64);

fn changes() -> impl Strategy<Value = Vec<Change>> {
    prop::collection::vec((0..9_u8, any::<usize>(), any::<usize>(), -60..60_i64), 0..12)
}

fn apply(instance: &mut Instance, &(kind, a, b, number): &Change) {
    let (participants, supporters) = (instance.costs.len(), instance.supporters.len());
    if participants == 0 || supporters == 0 {
        return;
    }
    let (p, s) = (a % participants, b % supporters);
    match kind {
        0 => instance.costs[p][s] = None,
        1 | 2 => instance.costs[p][s] = Some(number),
        3 => instance.supporters[s].capacity += number.unsigned_abs() as u32 % 4,
        4 => {
            let pinned = instance.pins.iter().flatten().filter(|pin| pin.0 == s as u32).count() as u32;
            let capacity = &mut instance.supporters[s].capacity;
            *capacity = capacity.saturating_sub(1).max(pinned);
        }
        5 => instance.served_weights[p] = number.unsigned_abs() as u32 % 4,
        6 => instance.standing[p] = Some(s as u32),
        7 => {
            instance.costs.push((0..supporters).map(|s| (s != b % supporters).then_some(number)).collect());
            instance.served_weights.push(1);
            instance.unmatched_costs.push(number + 10);
            instance.pins.push(None);
            instance.standing.push(None);
        }
        _ => {
            if let Some(group) = instance.groups.first_mut() {
                group.0 += number.unsigned_abs() as u32 % 3;
            }
        }
    }
}

fn same(problem: &Problem, warm: &Assignment, fresh: &Assignment) -> Result<(), TestCaseError> {
    let check = warm.verify(problem);
    prop_assert!(check.is_valid() && check.proven_optimal, "{check}");
    let mut warm = warm.clone();
    warm.statistics = fresh.statistics.clone();
    prop_assert_eq!(&warm, fresh);
    Ok(())
}

fn agrees(before: &Instance, changes: &[Change]) -> Result<(), TestCaseError> {
    let options = Options::new();
    let earlier = solve(&before.build().unwrap(), &options, &Control::new()).unwrap();
    let mut after = before.clone();
    for change in changes {
        apply(&mut after, change);
    }
    let problem = after.build().unwrap();
    let fresh = solve(&problem, &options, &Control::new()).unwrap();
    for options in [options, options.width(Width::Wide), options.shortlist(1)] {
        let warm = solve_from(&problem, &WarmStart::of(&earlier), &options, &Control::new()).unwrap();
        same(&problem, &warm, &fresh)?;
    }
    Ok(())
}

const SHAPE: Shape =
    Shape { participants: 40, supporters: 20, capacity: 3, cost: 50, density: 50, pins: true };

/// Stopped at whatever look, going on from before leaves a feasible assignment, and a bound that holds.
fn stops_anywhere(problem: &Problem, earlier: &Assignment, best: &Assignment) -> Result<(), TestCaseError> {
    for looks in 0..12 {
        let seen = AtomicU64::new(0);
        let callback = |_: &_| {
            let stop = seen.fetch_add(1, Ordering::Relaxed) == looks;
            if stop { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let control = Control::new().on_progress(&callback);
        let found = match solve_from(problem, &WarmStart::of(earlier), &Options::new(), &control) {
            Ok(found) => found,
            // Stopped before the firm minimums are met.
            Err(error) => {
                prop_assert!(error.is_infeasible(), "{error}");
                continue;
            }
        };
        // Firm minimums may be missing yet.
        let check = found.verify(problem);
        prop_assert!(check.is_valid() || found.objective.required > 0, "{check}");
        prop_assert!(found.bound <= best.packed && best.packed <= found.packed);
        prop_assert!(found.stop == Stop::Completed || seen.load(Ordering::Relaxed) > looks);
        prop_assert!(found.stop == Stop::Cancelled || matches!(found.proof, Proof::Potentials(_)));
        if found.stop == Stop::Completed {
            break;
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, max_shrink_iters: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn with_room(instance in instances(SHAPE), changes in changes()) {
        agrees(&instance, &changes)?;
    }

    #[test]
    fn where_places_are_scarce(instance in instances(Shape { supporters: 9, ..SHAPE }), changes in changes()) {
        agrees(&instance, &changes)?;
    }

    #[test]
    fn where_everything_ties(instance in instances(Shape { cost: 1, ..SHAPE }), changes in changes()) {
        agrees(&instance, &changes)?;
    }

    /// Nobody need wait for it: many leave places that were worth more than they cost, and some of these places go too.
    #[test]
    fn where_many_places_were_left(
        before in prop_oneof![
            instances(Shape { participants: 60, supporters: 12, ..SHAPE }),
            firm_instances(Shape { participants: 60, supporters: 12, ..SHAPE }),
            instances(Shape { participants: 60, supporters: 12, cost: 2, ..SHAPE }),
        ],
        leaves in prop::collection::vec(0..3_u8, 60),
        fewer in prop::collection::vec(0..4_u32, 12),
        wider in prop::collection::vec(0..4_u32, 4),
    ) {
        let Ok(earlier) = solve(&before.build().unwrap(), &Options::new(), &Control::new()) else { return Ok(()) };
        let mut after = before.clone();
        for (p, row) in after.costs.iter_mut().enumerate() {
            let supporter = earlier.supporter_of(p as u32);
            match (leaves[p], supporter) {
                (0, _) if before.pins[p].is_none() => row.fill(None),
                (1, Some(own)) => row[own as usize] = row[own as usize].map(|cost| cost + 40),
                _ => {}
            }
        }
        let pinned = |s: usize| before.pins.iter().flatten().filter(|pin| pin.0 == s as u32).count() as u32;
        for (s, data) in after.supporters.iter_mut().enumerate() {
            data.capacity = data.capacity.saturating_sub(fewer[s]).max(pinned(s));
            data.minimum = data.minimum.min(data.capacity);
        }
        for (group, wider) in after.groups.iter_mut().zip(wider) {
            group.0 += wider;
        }
        let problem = after.build().unwrap();
        let fresh = solve(&problem, &Options::new(), &Control::new());
        if let Ok(fresh) = &fresh {
            stops_anywhere(&problem, &earlier, fresh)?;
        }
        for options in [Options::new(), Options::new().width(Width::Wide), Options::new().shortlist(1)] {
            match (&fresh, solve_from(&problem, &WarmStart::of(&earlier), &options, &Control::new())) {
                (Ok(fresh), Ok(warm)) => {
                    prop_assert!(warm.statistics.algorithm_reason.contains("went on from there"));
                    same(&problem, &warm, fresh)?;
                }
                (Err(fresh), Err(warm)) => prop_assert!(fresh.is_infeasible() && warm.is_infeasible()),
                (fresh, warm) => prop_assert!(false, "{fresh:?} but {warm:?}"),
            }
        }
    }

    #[test]
    fn from_the_same_problem_everyone_stays(instance in instances(SHAPE)) {
        let problem = instance.build().unwrap();
        let fresh = solve(&problem, &Options::new(), &Control::new()).unwrap();
        let warm = solve_from(&problem, &WarmStart::of(&fresh), &Options::new(), &Control::new()).unwrap();
        same(&problem, &warm, &fresh)?;
        let unpinned = instance.pins.iter().filter(|pin| pin.is_none()).count() as u64;
        prop_assert_eq!(warm.statistics.kept, unpinned);
        prop_assert_eq!(warm.statistics.augmentations, 0);
    }

    #[test]
    fn from_anything(
        instance in instances(SHAPE),
        supporter in prop::collection::vec(prop::option::of(0..25_u32), 0..60),
        potentials in prop::collection::vec(prop_oneof![-90..90_i128, any::<i128>()], 0..30),
        scale in prop_oneof![Just(0_i128), Just(1), any::<i128>()],
    ) {
        let problem = instance.build().unwrap();
        let fresh = solve(&problem, &Options::new(), &Control::new()).unwrap();
        for scales in [problem.scales(), Rungs { quality: scale, ..Rungs::default() }] {
            let start = WarmStart {
                matches: supporter.clone(),
                supporter_potentials: potentials.clone(),
                group_potentials: potentials.clone(),
                scales,
            };
            let warm = solve_from(&problem, &start, &Options::new(), &Control::new()).unwrap();
            same(&problem, &warm, &fresh)?;
        }
    }

    #[test]
    fn stopping_leaves_a_feasible_assignment_and_a_bound(
        instance in instances(Shape { participants: 90, supporters: 15, ..SHAPE }),
        changes in changes(),
    ) {
        let earlier = solve(&instance.build().unwrap(), &Options::new(), &Control::new()).unwrap();
        let mut after = instance.clone();
        for change in &changes {
            apply(&mut after, change);
        }
        let problem = after.build().unwrap();
        let best = solve(&problem, &Options::new(), &Control::new()).unwrap();
        stops_anywhere(&problem, &earlier, &best)?;
    }
}

#[test]
fn pairs_of_pinned_participants_are_never_computed_with() {
    let mut builder = Problem::builder(2);
    for _ in 0..2 {
        builder.supporter(Supporter::new(2).balance_cost([0, 1]));
    }
    builder.served_weights(vec![1; 2]);
    builder.pair(0, 1, i64::MAX).pin(0, 0, 1).pair(1, 0, 3).pair(1, 1, 4).standing(1, 1);
    let problem = builder.build().unwrap();
    let fresh = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!(fresh.statistics.width, IntegerWidth::Bits32);
    let warm = solve_from(&problem, &WarmStart::of(&fresh), &Options::new(), &Control::new()).unwrap();
    same(&problem, &warm, &fresh).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 300, failure_persistence: None, ..ProptestConfig::default() })]

    /// With firm minimums the search goes on from before; with several places it starts afresh and says so.
    #[test]
    fn minimums_and_several_places_give_what_a_fresh_solve_gives(
        before in prop_oneof![firm_instances(SHAPE), several_places(SHAPE)],
        changes in changes(),
    ) {
        let Ok(earlier) = solve(&before.build().unwrap(), &Options::new(), &Control::new()) else { return Ok(()) };
        let mut after = before;
        for change in &changes {
            apply(&mut after, change);
        }
        for supporter in &mut after.supporters {
            supporter.minimum = supporter.minimum.min(supporter.capacity);
        }
        let problem = after.build().unwrap();
        let start = WarmStart::of(&earlier);
        let warm = solve_from(&problem, &start, &Options::new(), &Control::new());
        match (solve(&problem, &Options::new(), &Control::new()), warm) {
            (Ok(fresh), Ok(warm)) => {
                same(&problem, &warm, &fresh)?;
                let afresh = warm.statistics.algorithm_reason.contains("starts afresh");
                prop_assert_eq!(afresh, warm.statistics.algorithm == AlgorithmUsed::NetworkSimplex);
            }
            (Err(fresh), Err(warm)) => prop_assert!(fresh.is_infeasible() && warm.is_infeasible()),
            (fresh, warm) => prop_assert!(false, "{fresh:?} but {warm:?}"),
        }
    }
}
