//! The same problems by every algorithm: equal objectives, feasible answers, valid proofs.

use peermatch::assignment::{Algorithm, Backend, Control, Options, Problem, Proof, TieBreak, Width, solve};
use proptest::prelude::*;

use crate::assignment_instances::{Shape, instances};

/// Every algorithm that claims to solve the whole problem; the first is the reference.
fn algorithms() -> Vec<(&'static str, Options)> {
    let flow = Options::new().algorithm(Algorithm::ShortestPaths);
    let places = Options::new().algorithm(Algorithm::ShortestPathsFromPlaces);
    let both = Options::new().algorithm(Algorithm::ShortestPathsFromBothSides);
    let mut all = vec![
        ("auto", Options::new()),
        ("shortest paths", flow),
        ("shortest paths in 128 bits", flow.width(Width::Wide)),
        ("shortest paths, ties left", flow.tie_break(TieBreak::Unspecified)),
        ("from places", places),
        ("from places in 128 bits, shortlists of one", places.width(Width::Wide).shortlist(1)),
        ("from places, shortlists of two, ties left", places.shortlist(2).tie_break(TieBreak::Unspecified)),
        ("from both sides", both),
        ("from both sides in 128 bits, shortlists of one", both.width(Width::Wide).shortlist(1)),
        ("from both sides, ties left", both.tie_break(TieBreak::Unspecified)),
        ("shortest paths, shortlists of one", flow.shortlist(1)),
        ("shortest paths, shortlists of three", flow.shortlist(3)),
        ("shortest paths in 128 bits, shortlists of two", flow.width(Width::Wide).shortlist(2)),
        ("microlp", Options::new().algorithm(Algorithm::Ilp(Backend::Microlp))),
    ];
    if cfg!(feature = "highs") {
        all.push(("HiGHS", Options::new().algorithm(Algorithm::Ilp(Backend::Highs))));
    }
    all
}

/// Those of them that are quick on larger problems too.
fn flows() -> Vec<(&'static str, Options)> {
    let is_flow = |options: &Options| !matches!(options.algorithm, Algorithm::Ilp(_));
    algorithms().into_iter().filter(|(_, options)| is_flow(options)).collect()
}

fn conforms(problem: &Problem, algorithms: &[(&'static str, Options)]) -> Result<(), TestCaseError> {
    let mut reference = None;
    for (name, options) in algorithms {
        let found = solve(problem, options, &Control::new())
            .map_err(|error| TestCaseError::fail(format!("{name}: {error}")))?;
        let check = found.verify(problem);
        prop_assert!(check.is_valid(), "{name}: {check}");
        prop_assert!(found.is_optimal(), "{name}");
        prop_assert_eq!(check.proven_optimal, matches!(found.proof, Proof::Potentials(_)), "{}", name);
        let again = solve(problem, options, &Control::new()).expect("it was solved a moment ago");
        prop_assert_eq!(&again, &found, "{} is not deterministic", name);
        let Some((objective, supporter, proof)) = &reference else {
            reference = Some((found.objective, found.supporter, found.proof));
            continue;
        };
        prop_assert_eq!(&found.objective, objective, "{}", name);
        let is_flow = !matches!(options.algorithm, Algorithm::Ilp(_));
        if is_flow && options.tie_break == TieBreak::FirstInOrder {
            prop_assert_eq!(&found.supporter, supporter, "{}", name);
            prop_assert_eq!(&found.proof, proof, "{}", name);
        }
    }
    Ok(())
}

proptest! {
    // Always the same problems: for a rare one the integer program's branch and bound does not end within minutes.
    #![proptest_config(ProptestConfig {
        cases: 60,
        max_shrink_iters: 200,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn all_algorithms_agree(instance in instances(Shape {
        participants: 25, supporters: 12, capacity: 4, cost: 50, density: 30, pins: true
    })) {
        conforms(&instance.build().unwrap(), &algorithms())?;
    }

    #[test]
    fn flows_agree_on_many_served_weights(
        mut instance in instances(Shape {
            participants: 80, supporters: 15, capacity: 5, cost: 30, density: 40, pins: true
        }),
        weights in prop_oneof![
            prop::collection::vec(0..100_u32, 80),
            prop::collection::vec(prop_oneof![1 => 2..9_u32, 3 => Just(1)], 80),
        ],
        alike in any::<bool>(),
    ) {
        let participants = instance.costs.len();
        instance.served_weights = weights[..participants].to_vec();
        if alike {
            instance.unmatched_costs = vec![0; participants];
        }
        conforms(&instance.build().unwrap(), &flows())?;
    }

    #[test]
    fn flows_agree_on_larger_problems(instance in instances(Shape {
        participants: 120, supporters: 60, capacity: 4, cost: 40, density: 15, pins: true
    })) {
        conforms(&instance.build().unwrap(), &flows())?;
    }

    #[test]
    fn flows_agree_when_everything_ties(instance in instances(Shape {
        participants: 80, supporters: 30, capacity: 3, cost: 1, density: 40, pins: true
    })) {
        conforms(&instance.build().unwrap(), &flows())?;
    }
}

#[test]
fn highs_without_its_feature_is_an_error_that_names_the_feature() {
    if cfg!(feature = "highs") {
        return;
    }
    let mut builder = Problem::builder(1);
    builder.unmatched(0, 1, 0);
    let problem = builder.build().unwrap();
    let options = Options::new().algorithm(Algorithm::Ilp(Backend::Highs));
    let error = solve(&problem, &options, &Control::new()).unwrap_err();
    assert!(error.is_solver() && error.to_string().contains("`highs`"), "{error}");
}

#[test]
fn an_integer_program_refuses_costs_that_floating_point_does_not_hold() {
    let mut builder = Problem::builder(1);
    builder.unmatched(0, 1, 1 << 51);
    let problem = builder.build().unwrap();
    let options = Options::new().algorithm(Algorithm::Ilp(Backend::Microlp));
    let error = solve(&problem, &options, &Control::new()).unwrap_err();
    assert!(error.is_solver() && error.to_string().contains("2^50"), "{error}");
}
