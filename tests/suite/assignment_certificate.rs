//! A certificate or an assignment with any one number changed must not verify, and nothing may panic.

use peermatch::assignment::{
    Algorithm, Assignment, Backend, Baseline, Certificate, Control, Fairness, IntegerWidth, Matches, Options,
    Problem, Proof, Rungs, Supporter, TieBreak, Width, dual_value, solve,
};
use proptest::prelude::*;
use serde_json::Value;

use crate::assignment_instances::{Instance, Shape, firm_instances, instances, several_places};

fn solved(problem: &Problem) -> Assignment {
    solve(problem, &Options::new(), &Control::new()).expect("the problem is solvable")
}

fn certificate(assignment: &mut Assignment) -> &mut Certificate {
    match &mut assignment.proof {
        Proof::Potentials(certificate) => certificate,
        other => panic!("a flow proves by potentials, not by {other:?}"),
    }
}

fn rungs(rungs: &mut Rungs) -> [&mut i128; 5] {
    [&mut rungs.required, &mut rungs.served, &mut rungs.quality, &mut rungs.change, &mut rungs.balance]
}

/// Every number of an assignment and its certificate, as (name, how to reach it).
fn numbers(assignment: &mut Assignment) -> Vec<(String, &mut i128)> {
    let mut all = Vec::new();
    let Proof::Potentials(certificate) = &mut assignment.proof else { return all };
    let lists = [
        ("participant", &mut certificate.participants),
        ("supporter", &mut certificate.supporters),
        ("group", &mut certificate.groups),
    ];
    for (name, list) in lists {
        all.extend(list.iter_mut().enumerate().map(|(i, number)| (format!("{name} {i}"), number)));
    }
    all.extend(rungs(&mut certificate.scales).into_iter().map(|number| ("scale".to_owned(), number)));
    all.push(("dual".to_owned(), &mut certificate.dual));
    all.push(("checksum".to_owned(), &mut certificate.checksum));
    all.extend(rungs(&mut assignment.objective).into_iter().map(|number| ("objective".to_owned(), number)));
    all.push(("packed".to_owned(), &mut assignment.packed));
    all.push(("bound".to_owned(), &mut assignment.bound));
    all
}

const SMALL: Shape = Shape { participants: 8, supporters: 6, capacity: 3, cost: 4, density: 60, pins: true };

fn changes_are_reported(problem: &Problem, valid: &Assignment) -> Result<(), TestCaseError> {
    let check = valid.verify(problem);
    prop_assert!(check.is_valid() && check.proven_optimal, "{check}");

    let reported = |change: &dyn Fn(&mut Assignment)| {
        let mut corrupt = valid.clone();
        change(&mut corrupt);
        !corrupt.verify(problem).is_valid()
    };
    let count = numbers(&mut valid.clone()).len();
    for index in 0..count {
        for by in [-1, 1, 1 << 40, i128::MAX, i128::MIN] {
            let name = numbers(&mut valid.clone())[index].0.clone();
            let change = |corrupt: &mut Assignment| {
                let (_, number) = numbers(corrupt).swap_remove(index);
                *number = number.wrapping_add(by);
            };
            prop_assert!(reported(&change), "{name} changed by {by}");
        }
    }
    prop_assert!(reported(&|corrupt| certificate(corrupt).canonical ^= true), "the kind of potentials");
    let lists: Vec<Vec<u32>> = valid.matches.clone().into();
    for (participant, list) in lists.iter().enumerate() {
        let others = || (0..=problem.supporters()).chain([u32::MAX]);
        let mut changed: Vec<Vec<u32>> = others().map(|other| [&list[..], &[other]].concat()).collect();
        for at in 0..list.len() {
            let replaced = |other: Option<u32>| {
                let mut list = list.clone();
                list.splice(at..=at, other);
                list
            };
            changed.extend(others().filter(|&other| other != list[at]).map(Some).chain([None]).map(replaced));
        }
        for list in changed {
            let mut lists = lists.clone();
            lists[participant].clone_from(&list);
            let change = |corrupt: &mut Assignment| corrupt.matches = Matches::from(lists.clone());
            prop_assert!(reported(&change), "participant {participant} to {list:?}");
        }
    }
    for by in [1, u32::MAX] {
        for supporter in 0..problem.supporters() as usize {
            let change = |corrupt: &mut Assignment| {
                let flow = &mut certificate(corrupt).supporter_flow[supporter];
                *flow = flow.wrapping_add(by);
            };
            prop_assert!(reported(&change));
        }
        for group in 0..problem.groups() as usize {
            let change = |corrupt: &mut Assignment| {
                let flow = &mut certificate(corrupt).group_flow[group];
                *flow = flow.wrapping_add(by);
            };
            prop_assert!(reported(&change));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, max_shrink_iters: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changing_any_one_number_is_reported(instance in prop_oneof![
        instances(SMALL), several_places(Shape { participants: 6, supporters: 5, ..SMALL })
    ]) {
        let problem = instance.build().unwrap();
        for tie_break in [TieBreak::FirstInOrder, TieBreak::Unspecified] {
            let Ok(valid) = solve(&problem, &Options::new().tie_break(tie_break), &Control::new()) else { continue };
            changes_are_reported(&problem, &valid)?;
        }
    }

    #[test]
    fn wrong_lengths_are_reported(instance in instances(Shape {
        participants: 4, supporters: 4, capacity: 2, cost: 4, density: 60, pins: true
    })) {
        let problem = instance.build().unwrap();
        let valid = solved(&problem);
        let mut longer = valid.clone();
        let longest = (0..=problem.participants()).map(|p| valid.supporter_of(p));
        longer.matches = longest.collect();
        prop_assert!(!longer.verify(&problem).is_valid());
        for list in 0..5 {
            let mut longer = valid.clone();
            let proof = certificate(&mut longer);
            match list {
                0 => proof.participants.push(0),
                1 => proof.supporters.push(0),
                2 => proof.groups.push(0),
                3 => proof.supporter_flow.push(0),
                _ => proof.group_flow.push(0),
            }
            prop_assert!(!longer.verify(&problem).is_valid());
        }
        let mut empty = valid.clone();
        *certificate(&mut empty) = Certificate {
            canonical: true,
            scales: Rungs::default(),
            participants: Vec::new(),
            supporters: Vec::new(),
            groups: Vec::new(),
            supporter_flow: Vec::new(),
            group_flow: Vec::new(),
            dual: 0,
            checksum: 1,
        };
        let nothing = problem.participants() + problem.supporters() + problem.groups() == 0;
        prop_assert!(nothing || !empty.verify(&problem).is_valid());
    }

    #[test]
    fn any_potentials_bound_the_objective(
        instance in instances(Shape {
            participants: 8, supporters: 6, capacity: 3, cost: 9, density: 60, pins: true
        }),
        drawn in prop::collection::vec(-400_i128..400, 9),
    ) {
        let problem = instance.build().unwrap();
        let (supporters, groups) = (problem.supporters() as usize, problem.groups() as usize);
        let bound = dual_value(&problem, &drawn[..supporters], &drawn[supporters..supporters + groups]);
        prop_assert!(bound.unwrap() <= solved(&problem).packed);
        let largest = vec![i128::MAX; supporters + 1];
        prop_assert_eq!(dual_value(&problem, &largest, &[]), None);
    }

    #[test]
    fn an_assignment_survives_serialisation(instance in instances(Shape {
        participants: 6, supporters: 5, capacity: 3, cost: 1 << 60, density: 60, pins: true
    })) {
        let problem = instance.build().unwrap();
        let found = solved(&problem);
        let text = serde_json::to_string(&found).unwrap();
        prop_assert_eq!(serde_json::from_str::<Assignment>(&text).unwrap(), found);
    }
}

#[test]
fn a_potential_is_what_one_more_participant_costs_everyone() {
    let build = |extra: bool| {
        let mut builder = Problem::builder(if extra { 3 } else { 2 });
        for _ in 0..2 {
            builder.supporter(Supporter::new(1));
        }
        builder.unmatched_costs(vec![100; if extra { 3 } else { 2 }]);
        builder.pair(0, 0, 3).pair(0, 1, 8).pair(1, 1, 2);
        if extra {
            builder.pair(2, 0, 0);
        }
        builder.build().unwrap()
    };
    let (before, after) = (build(false), build(true));
    let mut first = solved(&before);
    let price = certificate(&mut first).supporters[0];
    assert_eq!(solved(&after).packed - first.packed, price);
}

/// The way to every number of a document.
fn ways(value: &Value, way: &str, found: &mut Vec<String>) {
    match value {
        Value::Number(_) => found.push(way.to_owned()),
        Value::Array(list) => {
            list.iter().enumerate().for_each(|(at, value)| ways(value, &format!("{way}/{at}"), found));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, value)| ways(value, &format!("{way}/{name}"), found));
        }
        _ => {}
    }
}

/// Changes every number of a serialised assignment, one at a time.
fn any_number_of_all(problem: &Problem, valid: &Assignment) -> Result<(), TestCaseError> {
    let document = serde_json::to_value(valid).unwrap();
    let mut all = Vec::new();
    ways(&document, "", &mut all);
    // What a solve tells of itself is no claim about the assignment.
    for way in all.iter().filter(|way| !way.starts_with("/statistics")) {
        for by in [-1, 1, 1000] {
            let mut corrupt = document.clone();
            let number = corrupt.pointer_mut(way).expect("the way leads to it");
            *number = Value::from(number.as_i64().expect("it fits 64 bits") + by);
            let Ok(corrupt) = serde_json::from_value::<Assignment>(corrupt) else { continue };
            // Where nothing but a word vouches for it, another assignment at the same cost is claimed as rightly.
            let by_word = matches!(valid.proof, Proof::Bound | Proof::Unproven);
            if by_word
                && way.starts_with("/matches")
                && problem.objective(&corrupt.matches) == Some(valid.objective)
            {
                continue;
            }
            prop_assert!(!corrupt.verify(problem).is_valid(), "{way} changed by {by} in {document}");
        }
    }
    Ok(())
}

const ALGORITHMS: [Algorithm; 10] = [
    Algorithm::Auto,
    Algorithm::ShortestPaths,
    Algorithm::ShortestPathsFromPlaces,
    Algorithm::ShortestPathsFromBothSides,
    Algorithm::Auction,
    Algorithm::NetworkSimplex,
    Algorithm::Ilp(Backend::Microlp),
    Algorithm::Baseline(Baseline::FirstComeFirstServed),
    Algorithm::Baseline(Baseline::BestPairFirst),
    Algorithm::Baseline(Baseline::DeferredAcceptance),
];

proptest! {
    #![proptest_config(ProptestConfig { cases: 30, max_shrink_iters: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_changed_number_of_any_algorithm_passes(instance in prop_oneof![
        instances(Shape { participants: 5, supporters: 5, ..SMALL }),
        several_places(Shape { participants: 5, supporters: 4, ..SMALL }),
        instances(Shape { participants: 6, supporters: 6, capacity: 1, ..SMALL }).prop_map(|mut instance| {
            instance.supporters.iter_mut().for_each(|supporter| supporter.group = None);
            instance
        }),
    ], fair in any::<bool>()) {
        let mut builder = instance.builder();
        if fair {
            builder.fairness(Fairness::WorstOffFirst);
        }
        let problem = builder.build().unwrap();
        for algorithm in ALGORITHMS {
            for tie_break in [TieBreak::FirstInOrder, TieBreak::Unspecified] {
                let options = Options::new().algorithm(algorithm).tie_break(tie_break);
                let Ok(valid) = solve(&problem, &options, &Control::new()) else { continue };
                if valid.objective.required == 0 {
                    any_number_of_all(&problem, &valid)?;
                }
            }
        }
    }

    /// Costs, limits and weights at the ends of their types: refused when built, or solved right by everyone.
    #[test]
    fn numbers_at_the_ends_are_refused_or_solved_right(
        instance in prop_oneof![instances(SMALL), firm_instances(SMALL), several_places(SMALL)],
        fair in any::<bool>(),
    ) {
        let mut builder = at_the_ends(instance).builder();
        if fair {
            builder.fairness(Fairness::WorstOffFirst);
        }
        let problem = match builder.build() {
            Ok(problem) => problem,
            Err(error) => {
                prop_assert!(error.is_overflow(), "{error}");
                return Ok(());
            }
        };
        let mut best = None;
        for algorithm in ALGORITHMS {
            match solve(&problem, &Options::new().algorithm(algorithm), &Control::new()) {
                Ok(found) if found.proof == Proof::Unproven => prop_assert!(found.bound <= found.packed),
                Ok(found) => {
                    let check = found.verify(&problem);
                    prop_assert!(check.is_valid(), "{algorithm:?}: {check}");
                    prop_assert_eq!(*best.get_or_insert(found.packed), found.packed);
                }
                Err(error) => {
                    let said = error.is_overflow() || error.is_solver() || error.is_infeasible();
                    prop_assert!(said, "{algorithm:?}: {error}");
                }
            }
        }
    }
}

/// The same order of costs, but at the ends of 64 bits, and limits and weights at those of 32.
fn at_the_ends(mut instance: Instance) -> Instance {
    let end = |cost: &mut i64| {
        *cost = match *cost {
            ..=-3 => i64::MIN,
            -2 => i64::MIN / 2,
            2 => i64::MAX / 2,
            3.. => i64::MAX,
            near => near,
        };
    };
    let limit = |capacity: &mut u32| *capacity = if *capacity > 2 { u32::MAX } else { *capacity };
    instance.costs.iter_mut().flatten().flatten().for_each(end);
    instance.unmatched_costs.iter_mut().for_each(end);
    instance.pins.iter_mut().flatten().for_each(|pin| end(&mut pin.1));
    instance
        .served_weights
        .iter_mut()
        .for_each(|weight| *weight = if *weight > 1 { u32::MAX } else { *weight });
    for supporter in &mut instance.supporters {
        supporter.load_cost.iter_mut().for_each(end);
        supporter.balance_cost.iter_mut().for_each(end);
        limit(&mut supporter.capacity);
    }
    instance.groups.iter_mut().for_each(|group| limit(&mut group.0));
    instance
}

#[test]
fn numbers_beyond_64_bits_survive_json() {
    let mut builder = Problem::builder(3);
    for _ in 0..2 {
        builder.supporter(Supporter::new(1).balance_cost([0, 1 << 40]));
    }
    builder.served_weights(vec![u32::MAX; 3]);
    builder.pair(0, 0, i64::MAX / 2).pair(0, 1, -3).pair(1, 1, i64::MIN / 2).pair(2, 0, 7);
    let problem = builder.build().unwrap();
    let found = solve(&problem, &Options::new().width(Width::Wide), &Control::new()).unwrap();
    assert_eq!(found.statistics.width, IntegerWidth::Bits128);
    assert!(found.packed.unsigned_abs() > u128::from(u64::MAX), "{}", found.packed);
    let text = serde_json::to_string(&found).unwrap();
    let back: Assignment = serde_json::from_str(&text).unwrap();
    assert!(back.verify(&problem).is_valid());
    assert_eq!(back, found);
    assert!(serde_json::to_value(&found).is_err());
}
