//! What a living programme promises, cell by cell of the table at the head of `matcher::live`: over many programmes so
//! small that every matching there is can be tried. Each test names its cells.

use std::collections::BTreeSet;

use peermatch::Matcher;
use peermatch::matcher::{Change, Changed, Rematch};
use peermatch::policy::{Reach, Reason};
use peermatch::program::{Status, Supervisor};

use crate::matcher_oracle::{HELPERS, PEOPLE, World, held, helper, person, plan};
use crate::random_programme::TODAY;

/// How many others may move.
const LIMITS: [i64; 3] = [0, 1, 2];

/// What leaves somebody with nobody: the two may not be matched any more.
fn bar(world: &mut World, one: usize) -> Change {
    let other = world.stood[one].unwrap();
    world.forbid(one, other);
    Change::Bar { participant: person(one), supporter: helper(other), reason: None }
}

/// Programmes where the first participant has somebody, is not pinned, and loses them.
fn worlds(full: bool) -> impl Iterator<Item = (World, World, Change)> {
    let worlds = (0..40).map(move |seed| World::new(seed, full));
    worlds.filter_map(|world| {
        let one = (0..PEOPLE).find(|one| world.stood[*one].is_some() && !world.pinned.contains(one))?;
        let mut after = world.clone();
        let change = bar(&mut after, one);
        Some((world, after, change))
    })
}

fn concerned(change: &Change) -> usize {
    let Change::Bar { participant, .. } = change else { panic!("{change:?}") };
    participant.as_str()[1..].parse().unwrap()
}

fn made(world: &World, change: &Change, reach: Reach) -> (Matcher, Changed) {
    let mut matcher = world.living();
    let changed = matcher.apply_within(change, reach, TODAY).unwrap();
    (matcher, changed)
}

/// With every reach the repair is the best of all that reach no further.
fn each_reach_is_exact(full: bool) {
    let (mut differ, mut waited) = (0, 0);
    for (before, after, change) in worlds(full) {
        let one = concerned(&change);
        waited += u32::from(!after.waiting(&[one]).is_empty());
        let mut matcher = before.living();
        matcher.apply(&change, TODAY).unwrap();
        let whole = after.best(&|_| true).0;
        assert_eq!(after.made(&matcher), whole);

        let mut best = BTreeSet::from([whole]);
        for most in LIMITS {
            let reach = if most == 0 { Reach::NobodyElse } else { Reach::AtMost { others: most as u32 } };
            let (matcher, _) = made(&before, &change, reach);
            let expected = after.limited(&[one], most, 0, &[]);
            let value = after.made(&matcher);
            assert!(expected.contains(&value), "{reach:?} {change:?}: {value:?} {expected:?}");
            best.insert(value);
        }
        differ += u32::from(best.len() > 1);
    }
    assert!(differ > 3 && waited > 3, "{differ} {waited}: too little to tell one reach from another");
}

#[test]
fn one_participant_each_reach_is_exact() {
    each_reach_is_exact(false);
}

#[test]
fn supervisors_loads_and_pins_each_reach_is_exact() {
    each_reach_is_exact(true);
}

fn at_price_is_exact(full: bool) {
    for (before, after, change) in worlds(full) {
        let one = concerned(&change);
        for price in [0, 150_000, 500_000, 1_000_000] {
            let (matcher, _) = made(&before, &change, Reach::AtPrice { price: price as f64 / 1e6 });
            let expected = after.limited(&[one], i64::MAX, (price - after.change_price).max(0), &[]);
            let value = after.made(&matcher);
            assert!(expected.contains(&value), "{price} {change:?}: {value:?} {expected:?}");
        }
    }
}

#[test]
fn one_participant_at_a_price_is_exact() {
    at_price_is_exact(false);
}

#[test]
fn supervisors_loads_and_pins_at_a_price_is_exact() {
    at_price_is_exact(true);
}

fn full_is_exact(full: bool) {
    for (before, mut after, change) in worlds(full) {
        let (matcher, _) = made(&before, &change, Reach::Full);
        // What stands has no price this once.
        after.change_price = 0;
        assert_eq!(after.made(&matcher), after.best(&|_| true).0);
    }
}

#[test]
fn one_participant_full_is_exact() {
    full_is_exact(false);
}

#[test]
fn supervisors_loads_and_pins_full_is_exact() {
    full_is_exact(true);
}

/// Programmes where a supporter with two participants, neither of them pinned, is released.
fn releases() -> impl Iterator<Item = (World, World, Change, Vec<usize>)> {
    (0..120).map(|seed| World::new(seed, false)).filter_map(|world| {
        let caseload =
            |other: usize| (0..PEOPLE).filter(|&one| world.stood[one] == Some(other)).collect::<Vec<_>>();
        let other = (0..HELPERS).find(|&other| caseload(other).len() > 1)?;
        let mut after = world.clone();
        (0..PEOPLE).for_each(|one| after.forbid(one, other));
        let change =
            Change::SupporterStatus { supporter: helper(other), status: Status::Released, leave_until: None };
        let caseload = caseload(other);
        Some((world, after, change, caseload))
    })
}

#[test]
fn a_caseload_without_limit_or_in_full_is_exact() {
    for (before, mut after, change, _) in releases() {
        let mut matcher = before.living();
        matcher.apply(&change, TODAY).unwrap();
        assert_eq!(after.made(&matcher), after.best(&|_| true).0);
        let (matcher, _) = made(&before, &change, Reach::Full);
        after.change_price = 0;
        assert_eq!(after.made(&matcher), after.best(&|_| true).0);
    }
}

#[test]
fn a_caseload_with_nobody_else_moved_is_exact() {
    for (before, after, change, caseload) in releases() {
        let (matcher, _) = made(&before, &change, Reach::NobodyElse);
        let expected = after.limited(&caseload, 0, 0, &[]);
        let value = after.made(&matcher);
        assert!(expected.contains(&value), "{value:?} {expected:?}");
    }
}

/// Between the best of the free places and the best of all that move no more.
#[test]
fn a_caseload_with_some_others_moved_is_bounded() {
    let (mut better, mut worse) = (0, 0);
    for (before, after, change, caseload) in releases() {
        let free = after.limited(&caseload, 0, 0, &[]).last().copied().unwrap();
        for reach in [Reach::AtMost { others: 1 }, Reach::AtMost { others: 2 }, Reach::AtPrice { price: 0.2 }]
        {
            let most = if let Reach::AtMost { others } = reach { i64::from(others) } else { i64::MAX };
            let (matcher, _) = made(&before, &change, reach);
            let value = after.made(&matcher);
            let waiting = after.waiting(&caseload);
            let made = plan(&matcher);
            let let_in = waiting.iter().filter(|one| made[**one].is_some()).count() as i64;
            assert!(after.others(&made, &caseload) - let_in <= most, "{reach:?}: {made:?}");
            // Whoever waits is let in beside the others.
            let best = after.best(&|plan| after.others(plan, &caseload) <= most.saturating_add(let_in)).0;
            assert!((free.0, free.1) <= (value.0, value.1) && value <= best, "{free:?} {value:?} {best:?}");
            better += u32::from(value > free);
            worse += u32::from(value < best);
        }
    }
    assert!(better > 0 && worse > 0, "{better} {worse}: both bounds are to be seen");
}

/// Programmes in which a rematch that moves nobody else left somebody held, and somebody else loses a match after.
fn choices() -> impl Iterator<Item = (World, Matcher, Change, usize, Vec<usize>)> {
    (0..150).map(|seed| World::new(seed, false)).filter_map(|mut world| {
        let one = (0..PEOPLE).find(|&one| world.stood[one].is_some())?;
        let mut matcher = world.living();
        let request =
            Rematch { reach: Some(Reach::NobodyElse), ..Rematch::new(person(one), Reason::PoorFit) };
        matcher.rematch(&request, TODAY).unwrap();
        world.forbid(one, world.stood[one].unwrap());
        // A poor fit makes the participant more urgent.
        world.urgency[one] = i64::from(matcher.program().participants()[one].priority);
        world.stood = plan(&matcher);
        let held = held(&matcher);
        let next = (0..PEOPLE).find(|next| world.stood[*next].is_some() && !held.contains(next))?;
        (!held.is_empty()).then(|| {
            let change = bar(&mut world, next);
            (world, matcher, change, next, held)
        })
    })
}

#[test]
fn under_what_is_held_the_rest_is_exact() {
    let mut seen = 0;
    for (world, begun, change, next, held) in choices() {
        seen += 1;
        for reach in [
            None,
            Some(Reach::NobodyElse),
            Some(Reach::AtMost { others: 1 }),
            Some(Reach::AtPrice { price: 0.5 }),
        ] {
            let mut matcher = begun.clone();
            match reach {
                None => matcher.apply(&change, TODAY).unwrap(),
                Some(reach) => matcher.apply_within(&change, reach, TODAY).unwrap(),
            };
            let (most, price) = match reach {
                None => (i64::MAX, 0),
                Some(Reach::AtMost { others }) => (i64::from(others), 0),
                Some(Reach::AtPrice { .. }) => (i64::MAX, (500_000 - world.change_price).max(0)),
                _ => (0, 0),
            };
            let expected = world.limited(&[next], most, price, &held);
            let value = world.made(&matcher);
            assert!(expected.contains(&value), "{reach:?} {held:?} {change:?}: {value:?} {expected:?}");
        }
    }
    assert!(seen > 10, "{seen}");
}

#[test]
fn in_full_nobody_is_held_any_more() {
    for (mut world, mut matcher, change, _, _) in choices() {
        matcher.apply_within(&change, Reach::Full, TODAY).unwrap();
        assert!(matcher.held().unwrap().is_empty());
        world.change_price = 0;
        assert_eq!(world.made(&matcher), world.best(&|_| true).0);
    }
}

/// What touches everybody: the change, and the programme after it.
fn everybody(world: &World) -> Vec<(Change, World)> {
    let mut all = Vec::new();
    let mut after = world.clone();
    after.weights = [10, 30];
    all.push((Change::CriterionWeight { criterion: "second".to_owned(), weight: 30.0 }, after));

    let mut after = world.clone();
    after.left_is_worth = if world.left_is_worth.is_some() { None } else { Some(700_000) };
    after.further_match_price = 200_000;
    all.push((Change::Policy { policy: Box::new(after.policy()) }, after));

    // A month later everybody who waits since today is more urgent by one.
    let mut after = world.clone();
    after.urgency = (0..PEOPLE).map(|one| world.urgency[one] + i64::from(one.is_multiple_of(2))).collect();
    all.push((Change::Day { as_of: TODAY.checked_add(jiff::Span::new().days(31)).unwrap() }, after));

    let supervisor = Supervisor { id: "V1".into(), caseload: Some(1), hours_per_week: None };
    all.push((Change::SupervisorChanges { supervisor }, world.clone()));
    all
}

#[test]
fn what_touches_everybody_is_exact_however_far_it_may_reach() {
    for world in (0..30).map(|seed| World::new(seed, true)) {
        for (change, after) in everybody(&world) {
            let best = after.best(&|_| true).0;
            let mut matcher = world.living();
            matcher.apply(&change, TODAY).unwrap();
            assert_eq!(after.made(&matcher), best, "{change:?}");
            for reach in [Reach::NobodyElse, Reach::AtMost { others: 1 }, Reach::AtPrice { price: 0.5 }] {
                let (limited, _) = made(&world, &change, reach);
                assert_eq!(plan(&limited), plan(&matcher), "{change:?} {reach:?}");
            }
            let (matcher, _) = made(&world, &change, Reach::Full);
            let free = World { change_price: 0, ..after };
            assert_eq!(free.made(&matcher), free.best(&|_| true).0, "{change:?}");
        }
    }
}

/// What is changed about supervisors, loads and pins themselves.
fn places(world: &World) -> Vec<(Change, World)> {
    let mut all = Vec::new();
    for caseload in [1, 3] {
        let after = World { caseload, ..world.clone() };
        // Who is pinned there stays, whatever the limit.
        if after.fits(&world.stood) || caseload > world.caseload {
            all.push((Change::SupervisorChanges { supervisor: after.supervisor() }, after));
        }
    }
    for (other, places) in [(0, 2), (2, 0), (3, 3)] {
        let mut after = world.clone();
        after.places[other] = places;
        let pinned = world.pinned.iter().any(|&one| world.stood[one] == Some(other));
        if !pinned {
            all.push((
                Change::SupporterCapacity { supporter: helper(other), capacity: Some(places as u32) },
                after,
            ));
        }
    }
    if let Some(&one) = world.pinned.first() {
        let mut after = world.clone();
        after.pinned.clear();
        all.push((Change::Unpin { participant: person(one) }, after));
    }
    all
}

#[test]
fn changes_of_supervisors_loads_and_pins_are_exact() {
    for world in (0..30).map(|seed| World::new(seed, true)) {
        for (change, after) in places(&world) {
            let mut matcher = world.living();
            matcher.apply(&change, TODAY).unwrap();
            assert_eq!(after.made(&matcher), after.best(&|_| true).0, "{change:?}");
            let (matcher, _) = made(&world, &change, Reach::Full);
            let free = World { change_price: 0, ..after };
            assert_eq!(free.made(&matcher), free.best(&|_| true).0, "{change:?}");
        }
    }
}
