//! A certificate or an assignment with any one number changed must not verify, and nothing may panic.

use peermatch::assignment::{
    Assignment, Certificate, Control, Options, Problem, Proof, Rungs, dual_value, solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Shape, instances};

fn solved(problem: &Problem) -> Assignment {
    solve(problem, &Options::new(), &Control::new()).expect("the problem is solvable")
}

fn certificate(assignment: &mut Assignment) -> &mut Certificate {
    match &mut assignment.proof {
        Proof::Potentials(certificate) => certificate,
        other => panic!("a flow proves by potentials, not by {other:?}"),
    }
}

fn rungs(rungs: &mut Rungs) -> [&mut i128; 4] {
    [&mut rungs.served, &mut rungs.quality, &mut rungs.change, &mut rungs.balance]
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
    all.extend(rungs(&mut assignment.objective).into_iter().map(|number| ("objective".to_owned(), number)));
    all.push(("packed".to_owned(), &mut assignment.packed));
    all.push(("bound".to_owned(), &mut assignment.bound));
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 250, max_shrink_iters: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn changing_any_one_number_is_reported(instance in instances(Shape {
        participants: 8, supporters: 6, capacity: 3, cost: 4, density: 60, pins: true
    })) {
        let problem = instance.build().unwrap();
        let valid = solved(&problem);
        let check = valid.verify(&problem);
        prop_assert!(check.is_valid() && check.proven_optimal, "{check}");

        let count = numbers(&mut valid.clone()).len();
        for index in 0..count {
            for by in [-1, 1, 1 << 40, i128::MAX, i128::MIN] {
                let mut corrupt = valid.clone();
                let mut all = numbers(&mut corrupt);
                let (name, number) = &mut all[index];
                **number = number.wrapping_add(by);
                let name = name.clone();
                prop_assert!(!corrupt.verify(&problem).is_valid(), "{name} changed by {by}");
            }
        }
        for participant in 0..valid.supporter.len() {
            let others = (0..=problem.supporters()).map(Some).chain([None, Some(u32::MAX)]);
            for other in others.filter(|&other| other != valid.supporter[participant]) {
                let mut corrupt = valid.clone();
                corrupt.supporter[participant] = other;
                prop_assert!(!corrupt.verify(&problem).is_valid(), "participant {participant} to {other:?}");
            }
        }
        for by in [1, u32::MAX] {
            for supporter in 0..problem.supporters() as usize {
                let mut corrupt = valid.clone();
                let flow = &mut certificate(&mut corrupt).supporter_flow[supporter];
                *flow = flow.wrapping_add(by);
                prop_assert!(!corrupt.verify(&problem).is_valid());
            }
            for group in 0..problem.groups() as usize {
                let mut corrupt = valid.clone();
                let flow = &mut certificate(&mut corrupt).group_flow[group];
                *flow = flow.wrapping_add(by);
                prop_assert!(!corrupt.verify(&problem).is_valid());
            }
        }
    }

    #[test]
    fn wrong_lengths_are_reported(instance in instances(Shape {
        participants: 4, supporters: 4, capacity: 2, cost: 4, density: 60, pins: true
    })) {
        let problem = instance.build().unwrap();
        let valid = solved(&problem);
        let mut longer = valid.clone();
        longer.supporter.push(None);
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
            builder.supporter(peermatch::assignment::Supporter::new(1));
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
