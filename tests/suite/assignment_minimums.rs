//! Firm minimums: met where they can be, and where not, who clashes, in numbers that can be counted.

use peermatch::assignment::{
    Clash, Control, HallViolator, Options, Problem, ProblemBuilder, Supporter, solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Shape, firm_instances};
use crate::assignment_oracle::agrees;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_problems_with_minimums(instance in firm_instances(Shape {
        participants: 6, supporters: 5, capacity: 3, cost: 3, density: 70, pins: true
    })) {
        agrees(&instance)?;
    }

    #[test]
    fn small_problems_with_minimums_in_tight_groups(instance in firm_instances(Shape {
        participants: 7, supporters: 5, capacity: 2, cost: 50, density: 40, pins: true
    })) {
        agrees(&instance)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn minimums_with_huge_costs_are_solved_right_or_refused(instance in firm_instances(Shape {
        participants: 5, supporters: 4, capacity: 3, cost: i64::MAX / 2 - 1, density: 70, pins: true
    })) {
        match instance.build() {
            Ok(_) => agrees(&instance)?,
            Err(error) => prop_assert!(error.is_overflow(), "{error}"),
        }
    }
}

#[test]
fn minimums_beyond_all_reason_are_counted_all_the_same() {
    let mut builder = Problem::builder(3);
    let group = builder.group(u32::MAX, None);
    builder.group_minimum(group, u32::MAX);
    builder.supporter(Supporter::new(u32::MAX).minimum(3_000_000_000).group(group));
    builder.pair(0, 0, i64::MAX / 4).pair(1, 0, -i64::MAX / 4).pair(2, 0, 0);
    let (_, violator, _) = clash(builder);
    assert_eq!((violator.required, violator.available), (3_000_000_000, 3));
}

#[track_caller]
fn clash(builder: ProblemBuilder) -> (Problem, HallViolator, String) {
    let problem = builder.build().unwrap();
    let error = solve(&problem, &Options::new(), &Control::new()).unwrap_err();
    let violator = error.hall_violator().expect("firm minimums clash").clone();
    assert!(error.is_infeasible() && violator.check(&problem), "{violator:?}");
    let source = std::error::Error::source(&error).and_then(|source| source.downcast_ref::<HallViolator>());
    assert_eq!(source, Some(&violator));
    (problem, violator, error.to_string())
}

#[test]
fn a_minimum_that_is_met_comes_before_everyones_wishes() {
    let mut builder = Problem::builder(2);
    builder.supporter(Supporter::new(2));
    builder.supporter(Supporter::new(2).minimum(1));
    builder.pair(0, 0, 0).pair(0, 1, 90).pair(1, 0, 0).pair(1, 1, 100);
    let problem = builder.build().unwrap();
    assert_eq!((problem.minimum(0), problem.minimum(1)), (0, 1));
    let found = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!((found.supporter_of(0), found.supporter_of(1)), (Some(1), Some(0)));
    assert_eq!((found.objective.required, found.objective.quality), (0, 90));
}

#[test]
fn two_supporters_who_want_the_same_participant_clash() {
    let mut builder = Problem::builder(9);
    for minimum in [1, 1, 0, 3] {
        builder.supporter(Supporter::new(5).minimum(minimum));
    }
    builder.pair(4, 0, 1).pair(4, 1, 1);
    for p in 5..9 {
        builder.pair(p, 2, 1).pair(p, 3, 1);
    }
    let (problem, violator, message) = clash(builder);
    assert_eq!(violator.clash, Clash::TooFewParticipants);
    assert_eq!((&violator.participants[..], &violator.supporters[..]), (&[4][..], &[0, 1][..]));
    assert_eq!((violator.required, violator.available), (2, 1));
    assert!(message.contains("supporters 0, 1") && message.contains("participant 4"), "{message}");
    let wrong = [
        HallViolator { required: 3, ..violator.clone() },
        HallViolator { available: 0, ..violator.clone() },
        HallViolator { supporters: vec![0], ..violator.clone() },
        HallViolator { supporters: vec![0, 1, 77], ..violator.clone() },
        HallViolator { participants: vec![], ..violator.clone() },
        HallViolator { groups: vec![0], ..violator.clone() },
        HallViolator { clash: Clash::TooLittleRoom, ..violator.clone() },
    ];
    assert!(wrong.iter().all(|wrong| !wrong.check(&problem)));
}

#[test]
fn a_regions_maximum_below_its_supporters_minimums_clashes() {
    let mut builder = Problem::builder(6);
    let country = builder.group(9, None);
    let region = builder.group(3, Some(country));
    builder.group_minimum(country, 1);
    builder.supporter(Supporter::new(4).minimum(2).group(region));
    builder.supporter(Supporter::new(4).minimum(1).group(region));
    builder.supporter(Supporter::new(4).group(region));
    builder.supporter(Supporter::new(4).group(country));
    for p in 0..6 {
        for s in 0..4 {
            builder.pair(p, s, 1);
        }
    }
    // One who may not move takes a place of the region.
    builder.pin(0, 2, 5);
    let (problem, violator, message) = clash(builder);
    assert_eq!(problem.group_minimum(country), 1);
    assert_eq!(violator.clash, Clash::TooLittleRoom);
    assert_eq!((&violator.supporters[..], &violator.groups[..]), (&[0, 1, 2][..], &[region][..]));
    assert_eq!((violator.required, violator.available), (4, 3));
    assert!(message.contains("group 1") && message.contains("4 matches are required"), "{message}");
}

#[test]
fn a_group_asks_for_more_than_its_supporters_can_hold() {
    let mut builder = Problem::builder(5);
    let group = builder.group(9, None);
    builder.group_minimum(group, 4);
    builder.supporter(Supporter::new(2).group(group));
    builder.supporter(Supporter::new(1).group(group));
    for p in 0..5 {
        builder.pair(p, 0, 1).pair(p, 1, 1);
    }
    let (_, violator, _) = clash(builder);
    assert_eq!((violator.clash, violator.required, violator.available), (Clash::TooFewParticipants, 4, 3));
    assert!(violator.participants.is_empty() && violator.supporters.is_empty(), "{violator:?}");
}

#[test]
fn a_closed_group_clashes_below_a_full_one() {
    let mut builder = Problem::builder(2);
    let upper = builder.group(2, None);
    let closed = builder.group(0, Some(upper));
    builder.supporter(Supporter::new(1).minimum(1).group(closed));
    builder.supporter(Supporter::new(2).group(upper));
    builder.served_weights(vec![1, 1]).pair(0, 0, 1).pair(0, 1, 1).pair(1, 1, 1);
    let (_, violator, _) = clash(builder);
    assert_eq!(violator.clash, Clash::TooLittleRoom);
    assert_eq!((&violator.supporters[..], &violator.groups[..]), (&[0][..], &[closed][..]));
    assert_eq!((violator.required, violator.available), (1, 0));
}
