//! Participants with several places, each for another supporter: a primary and a backup, or the reviewers of a paper.

use peermatch::assignment::{
    Algorithm, Control, Matches, Options, Problem, ProblemBuilder, Supporter, solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Shape, several_places};
use crate::assignment_oracle::agrees;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1200, max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_problems_with_several_places(instance in several_places(Shape {
        participants: 5, supporters: 5, capacity: 3, cost: 3, density: 70, pins: true
    })) {
        agrees(&instance)?;
    }

    #[test]
    fn small_problems_with_several_places_and_few_ties(instance in several_places(Shape {
        participants: 5, supporters: 4, capacity: 2, cost: 100, density: 80, pins: true
    })) {
        agrees(&instance)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn huge_costs_with_several_places_are_solved_right_or_refused(instance in several_places(Shape {
        participants: 4, supporters: 4, capacity: 2, cost: i64::MAX / 2 - 1, density: 70, pins: true
    })) {
        match instance.build() {
            Ok(_) => agrees(&instance)?,
            Err(error) => prop_assert!(error.is_overflow(), "{error}"),
        }
    }
}

/// Origin and licence of the affinities stand beside them.
#[test]
fn reviewers_of_papers_reach_the_known_optimum() {
    let text = include_str!("../fixtures/affinity/preflib1.in");
    let mut lines = text.lines();
    let size: Vec<u32> = lines.next().unwrap().split_whitespace().map(|word| word.parse().unwrap()).collect();
    let mut builder = Problem::builder(size[0]);
    builder.served_weights(vec![1; size[0] as usize]);
    for _ in 0..size[1] {
        builder.supporter(Supporter::new(6));
    }
    for (paper, line) in (0..size[0]).zip(lines) {
        builder.places(paper, 3);
        for (reviewer, word) in (0..).zip(line.split_whitespace()) {
            // Quarters are whole in hundredths.
            let affinity: f64 = word.parse().unwrap();
            builder.pair(paper, reviewer, -(affinity * 100.0).round() as i64);
        }
    }
    let problem = builder.build().unwrap();
    let found = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!((found.objective.served, found.objective.quality), (0, -12425));
    assert_eq!(found.matches.count(), 162);
    assert!((0..54).all(|paper| found.supporters_of(paper).len() == 3));
    assert!(found.loads(&problem).iter().all(|&load| load <= 6));
    let check = found.verify(&problem);
    assert!(check.is_valid() && check.proven_optimal, "{check}");
}

fn primary_and_backup() -> ProblemBuilder {
    let mut builder = Problem::builder(2);
    for _ in 0..3 {
        builder.supporter(Supporter::new(1));
    }
    builder.served_weights(vec![1, 1]).places(0, 2);
    builder.pair(0, 0, 5).pair(0, 1, 1).pair(0, 2, 9).pair(1, 1, 1);
    builder
}

#[test]
fn each_empty_place_has_its_price() {
    let mut builder = primary_and_backup();
    builder.unmatched(0, 1, 100);
    let problem = builder.build().unwrap();
    assert_eq!((problem.places(0), problem.places(1)), (2, 1));
    let found = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!((found.supporters_of(0), found.supporters_of(1)), (&[0, 2][..], &[1][..]));
    assert_eq!((found.matched(), found.matches.count()), (2, 3));
    let one_empty = Matches::from(vec![vec![1], vec![]]);
    let cost = problem.objective(&one_empty).unwrap();
    assert_eq!((cost.served, cost.quality), (2, 101));
    assert_eq!(problem.objective(&Matches::from(vec![vec![1, 1], vec![]])), None);
    assert_eq!(problem.objective(&Matches::from(vec![vec![0, 1, 2], vec![]])), None);
}

#[test]
fn a_pin_fills_one_of_several_places() {
    let mut builder = primary_and_backup();
    builder.pin(0, 2, 40).standing(0, 0);
    let problem = builder.build().unwrap();
    let found = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!(found.supporters_of(0), &[0, 2]);
    assert_eq!((found.objective.quality, found.objective.change), (46, 0));
    assert!(found.is_optimal() && found.verify(&problem).is_valid());
}

#[test]
fn an_algorithm_that_holds_one_place_refuses_several() {
    let problem = primary_and_backup().build().unwrap();
    let options = Options::new().algorithm(Algorithm::ShortestPaths);
    let error = solve(&problem, &options, &Control::new()).unwrap_err();
    assert!(error.is_solver() && error.to_string().contains("NetworkSimplex"), "{error}");
}
