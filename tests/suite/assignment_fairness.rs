//! Worst-off first: equal to enumeration and to sequential integer programs, with rounds that prove it.

use peermatch::assignment::{
    Algorithm, Assignment, Backend, Control, Fairness, Goal, Options, Problem, Proof, Round, Supporter,
    TieBreak, Width, solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, instances, several_places};
use crate::assignment_oracle::fairest;

fn fair(instance: &Instance) -> Problem {
    let mut builder = instance.builder();
    builder.fairness(Fairness::WorstOffFirst);
    builder.build().expect("the instance is well-formed")
}

/// What places cost, dearest first, one entry for each.
fn spread(problem: &Problem, found: &Assignment) -> Vec<i64> {
    let counts = problem.worst_off(&found.matches).expect("a solve returns pairs");
    counts.iter().flat_map(|&(level, count)| std::iter::repeat_n(level, count as usize)).collect()
}

fn agrees(instance: &Instance) -> Result<(), TestCaseError> {
    let problem = fair(instance);
    let (objective, levels, first) = fairest(instance);
    let ties = Options::new().tie_break(TieBreak::Unspecified);
    for options in [Options::new(), ties] {
        let found = solve(&problem, &options, &Control::new());
        if objective[0] > 0 {
            let error = found.expect_err("the firm minimums cannot be met");
            prop_assert!(error.hall_violator().is_some_and(|violator| violator.check(&problem)), "{error}");
            continue;
        }
        let found = found.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let of = found.objective;
        prop_assert_eq!([of.required, of.served, of.quality, of.change, of.balance], objective);
        prop_assert_eq!(spread(&problem, &found), &levels[..]);
        if options.tie_break == TieBreak::FirstInOrder {
            prop_assert_eq!(&Vec::<Vec<u32>>::from(found.matches.clone()), &first);
        }
        let check = found.verify(&problem);
        prop_assert!(check.is_valid() && check.proven_optimal && found.is_optimal(), "{check}");
    }
    Ok(())
}

const SMALL: Shape = Shape { participants: 6, supporters: 5, capacity: 2, cost: 4, density: 70, pins: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_problems_equal_enumeration(instance in instances(SMALL)) {
        agrees(&instance)?;
    }

    #[test]
    fn small_problems_with_minimums_and_several_places(instance in several_places(Shape {
        participants: 5, supporters: 4, ..SMALL
    })) {
        agrees(&instance)?;
    }

    #[test]
    fn small_problems_with_huge_costs(instance in instances(Shape { cost: 1 << 58, participants: 7, ..SMALL })) {
        if instance.build().is_ok() {
            agrees(&instance)?;
        }
    }
}

proptest! {
    // Always the same problems, as where integer programs are solved elsewhere.
    #![proptest_config(ProptestConfig {
        cases: 40,
        max_shrink_iters: 100,
        failure_persistence: None,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn sequential_integer_programs_agree(instance in instances(Shape {
        participants: 16, supporters: 7, capacity: 3, cost: 6, density: 40, pins: true
    })) {
        let problem = fair(&instance);
        let found = solve(&problem, &Options::new(), &Control::new()).unwrap();
        let ilp = Options::new().algorithm(Algorithm::Ilp(Backend::Microlp));
        let second = solve(&problem, &ilp, &Control::new()).unwrap();
        prop_assert_eq!(found.objective, second.objective);
        prop_assert_eq!(spread(&problem, &found), spread(&problem, &second));
        prop_assert!(second.verify(&problem).is_valid());
    }

    /// Too many costs for one round: the ranges are found by bisection.
    #[test]
    fn many_costs_take_rounds_and_are_proven(instance in instances(Shape {
        participants: 60, supporters: 30, capacity: 2, cost: 100_000, density: 40, pins: true
    })) {
        let problem = fair(&instance);
        let found = solve(&problem, &Options::new(), &Control::new()).unwrap();
        let check = found.verify(&problem);
        prop_assert!(check.is_valid() && check.proven_optimal, "{check}");
        let total = solve(&instance.build().unwrap(), &Options::new(), &Control::new()).unwrap();
        prop_assert_eq!(total.objective.served, found.objective.served);
        prop_assert!(found.objective.quality >= total.objective.quality);
        let sums = problem.worst_off(&total.matches).unwrap();
        let order = |counts: &[(i64, u64)]| -> Vec<i64> {
            counts.iter().flat_map(|&(level, count)| std::iter::repeat_n(level, count as usize)).collect()
        };
        prop_assert!(spread(&problem, &found) <= order(&sums));
    }

    #[test]
    fn changing_any_one_number_of_a_round_is_reported(instance in instances(Shape {
        participants: 7, supporters: 5, ..SMALL
    })) {
        let problem = fair(&instance);
        let valid = solve(&problem, &Options::new(), &Control::new()).unwrap();
        let Proof::Rounds(proof) = &valid.proof else { panic!("the fairest is proven by rounds") };
        let rounds = &proof.rounds;
        let reported = |change: &dyn Fn(&mut Assignment)| {
            let mut corrupt = valid.clone();
            change(&mut corrupt);
            !corrupt.verify(&problem).is_valid()
        };
        for (number, valid_round) in rounds.iter().enumerate() {
            let round = |change: &dyn Fn(&mut Round)| {
                reported(&|corrupt| {
                    let Proof::Rounds(proof) = &mut corrupt.proof else { return };
                    change(&mut proof.rounds[number]);
                })
            };
            for by in [-1, 1, i128::MAX] {
                for list in 0..3 {
                    let of = |round: &mut Round| match list {
                        0 => std::mem::take(&mut round.participants),
                        1 => std::mem::take(&mut round.supporters),
                        _ => std::mem::take(&mut round.groups),
                    };
                    let back = |round: &mut Round, numbers: Vec<i128>| match list {
                        0 => round.participants = numbers,
                        1 => round.supporters = numbers,
                        _ => round.groups = numbers,
                    };
                    for at in 0..of(&mut valid_round.clone()).len() {
                        let change = |round: &mut Round| {
                            let mut numbers = of(round);
                            numbers[at] = numbers[at].wrapping_add(by);
                            back(round, numbers);
                        };
                        let seen = round(&change);
                        prop_assert!(seen, "round {number}, list {list}, number {at} changed by {by}");
                    }
                }
                let seen = round(&|round| round.checksum = round.checksum.wrapping_add(by));
                prop_assert!(seen, "the checksum of round {number}");
                let seen = round(&|round| match &mut round.goal {
                    Goal::NoneAbove(cost) | Goal::Fewest(cost) => *cost = cost.wrapping_add(by as i64),
                    goal @ Goal::Rung(_) => *goal = Goal::NoneAbove(by as i64),
                });
                prop_assert!(seen, "the goal of round {number}");
            }
            let shorter = round(&|round| round.participants.truncate(1));
            prop_assert!(shorter || valid_round.participants.len() < 2);
        }
        for supporter in 0..proof.supporter_flow.len() {
            let seen = reported(&|corrupt| {
                let Proof::Rounds(proof) = &mut corrupt.proof else { return };
                proof.supporter_flow[supporter] += 1;
            });
            prop_assert!(seen, "the flow of supporter {supporter}");
        }
        let lists: Vec<Vec<u32>> = valid.matches.clone().into();
        for participant in 0..lists.len() {
            for other in (0..=problem.supporters()).map(Some).chain([None]) {
                let mut lists = lists.clone();
                lists[participant] = other.into_iter().collect();
                if lists[participant] != valid.supporters_of(participant as u32) {
                    let seen = reported(&|corrupt| corrupt.matches = lists.clone().into());
                    prop_assert!(seen, "participant {participant} to {other:?}");
                }
            }
        }
        let seen = reported(&|corrupt| corrupt.bound -= 1) && reported(&|corrupt| corrupt.packed += 1);
        prop_assert!(seen);
    }
}

fn three_and_three() -> Problem {
    let mut builder = Problem::builder(2);
    builder.fairness(Fairness::WorstOffFirst).served_weights(vec![1, 1]);
    let (near, far) = (builder.supporter(Supporter::new(1)), builder.supporter(Supporter::new(1)));
    builder.pair(0, near, 0).pair(0, far, 10).pair(1, near, 6).pair(1, far, 15);
    builder.build().unwrap()
}

#[test]
fn the_worst_off_come_before_the_sum() {
    let problem = three_and_three();
    assert_eq!(problem.fairness(), Fairness::WorstOffFirst);
    let found = solve(&problem, &Options::new(), &Control::new()).unwrap();
    // The sum alone would be 15 with costs 0 and 15.
    assert_eq!((found.supporter_of(0), found.supporter_of(1)), (Some(1), Some(0)));
    assert_eq!(problem.worst_off(&found.matches), Some(vec![(10, 1), (6, 1)]));
    let Proof::Rounds(proof) = &found.proof else { panic!("the fairest is proven by rounds") };
    let mut cut = found.clone();
    let mut shorter = proof.clone();
    shorter.rounds.truncate(1);
    cut.proof = Proof::Rounds(shorter);
    assert!(!cut.verify(&problem).is_valid());
    let text = serde_json::to_string(&found).unwrap();
    assert_eq!(serde_json::from_str::<Assignment>(&text).unwrap(), found);
}

#[test]
fn an_algorithm_that_minimises_sums_refuses() {
    let options = Options::new().algorithm(Algorithm::ShortestPaths).width(Width::Wide);
    let error = solve(&three_and_three(), &options, &Control::new()).unwrap_err();
    assert!(error.is_solver() && error.to_string().contains("worst-off"), "{error}");
}
