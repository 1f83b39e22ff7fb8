//! A solve that is stopped returns what it has: feasible, with a bound that holds.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use peermatch::assignment::{
    Algorithm, Backend, Baseline, Control, Fairness, Options, Problem, Progress, Proof, Rungs, Stage, Stop,
    Supporter, Violation, solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Shape, firm_instances, instances, several_places};

/// Stops at the first look, the second, and so on, until a solve gets through.
fn stops_anywhere(problem: &Problem, options: &Options, stride: u64) -> Result<(), TestCaseError> {
    let best = solve(problem, options, &Control::new()).unwrap();
    for looks in (0..).map(|look| look * stride) {
        let seen = AtomicU64::new(0);
        let callback = |_: &_| {
            if seen.fetch_add(1, Ordering::Relaxed) == looks {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let found = solve(problem, options, &Control::new().on_progress(&callback)).unwrap();
        let check = found.verify(problem);
        let short = |violation: &Violation| matches!(violation, Violation::BelowMinimum { .. });
        prop_assert!(check.violations.iter().all(short), "{check}");
        prop_assert_eq!(check.is_valid(), found.objective.required == 0);
        prop_assert!(found.bound <= best.packed);
        if seen.load(Ordering::Relaxed) <= looks {
            prop_assert_eq!(&found, &best);
            break;
        }
        prop_assert_eq!(found.stop, Stop::Cancelled);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_simplex_that_is_stopped_has_something_too(instance in several_places(Shape {
        participants: 40, supporters: 15, capacity: 3, cost: 30, density: 40, pins: true
    })) {
        let mut fair = instance.builder();
        fair.fairness(Fairness::WorstOffFirst);
        for problem in [instance.build().unwrap(), fair.build().unwrap()] {
            match solve(&problem, &Options::new(), &Control::new()) {
                Ok(_) => stops_anywhere(&problem, &Options::new(), 1)?,
                Err(error) => prop_assert!(error.is_infeasible(), "{error}"),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn stopping_at_any_look_leaves_a_feasible_assignment_and_a_bound(instance in instances(Shape {
        participants: 90, supporters: 20, capacity: 3, cost: 30, density: 40, pins: true
    })) {
        let problem = instance.build().unwrap();
        for options in [Options::new(), Options::new().algorithm(Algorithm::Ilp(Backend::Microlp))] {
            if options != Options::new() && problem.pairs() > 100 {
                continue;
            }
            let best = solve(&problem, &options, &Control::new()).unwrap();
            for looks in 0..20 {
                let seen = AtomicU64::new(0);
                let callback = |_: &_| {
                    if seen.fetch_add(1, Ordering::Relaxed) == looks {
                        ControlFlow::Break(())
                    } else {
                        ControlFlow::Continue(())
                    }
                };
                let found = solve(&problem, &options, &Control::new().on_progress(&callback)).unwrap();
                let check = found.verify(&problem);
                prop_assert!(check.is_valid(), "{check}");
                prop_assert!(found.bound <= best.packed && best.packed <= found.packed);
                prop_assert_eq!(found.gap(), Some(found.packed - found.bound));
                if seen.load(Ordering::Relaxed) <= looks {
                    prop_assert_eq!(found.stop, Stop::Completed);
                    prop_assert_eq!(&found, &best);
                    break;
                }
                prop_assert_eq!(found.stop, Stop::Cancelled);
            }
        }
    }
}

/// Three who want the one place; the last is worth most.
fn wanted() -> Problem {
    let mut builder = Problem::builder(3);
    builder.supporter(Supporter::new(1));
    builder.served_weights(vec![1, 2, 3]);
    builder.pair(0, 0, 1).pair(1, 0, 1).pair(2, 0, 9);
    builder.build().unwrap()
}

#[test]
fn a_flag_that_is_set_leaves_free_places_to_those_worth_most() {
    let (problem, flag) = (wanted(), AtomicBool::new(true));
    let control = Control::new().cancelled_by(&flag);
    for options in [
        Options::new(),
        Options::new().algorithm(Algorithm::ShortestPathsFromPlaces),
        Options::new().algorithm(Algorithm::Ilp(Backend::Microlp)),
    ] {
        let found = solve(&problem, &options, &control).unwrap();
        assert_eq!(
            (found.stop, &found.matches),
            (Stop::Cancelled, &[None, None, Some(0)].into_iter().collect())
        );
        assert!(found.verify(&problem).is_valid() && !matches!(found.proof, Proof::Potentials(_)));
    }
}

#[test]
fn a_time_limit_that_has_passed_stops_and_says_so() {
    let problem = wanted();
    for control in [Control::new().time_limit(Duration::ZERO), Control::new().until(Instant::now())] {
        let found = solve(&problem, &Options::new(), &control).unwrap();
        assert_eq!((found.stop, found.matched()), (Stop::TimeLimit, 1));
        let flag = AtomicBool::new(true);
        let found = solve(&problem, &Options::new(), &control.cancelled_by(&flag)).unwrap();
        assert_eq!(found.stop, Stop::Cancelled);
    }
    let control = Control::new().time_limit(Duration::MAX);
    assert_eq!(solve(&problem, &Options::new(), &control).unwrap().stop, Stop::Completed);
}

#[test]
fn times_are_stated_where_they_are_asked_for_and_change_nothing_else() {
    let problem = wanted();
    let plain = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert!(plain.statistics.times.is_empty());
    assert!(!serde_json::to_string(&plain).unwrap().contains("times"));
    let mut timed = solve(&problem, &Options::new(), &Control::new().timed()).unwrap();
    let stages: Vec<Stage> = timed.statistics.times.iter().map(|time| time.stage).collect();
    for stage in [Stage::ShortestPaths, Stage::Potentials, Stage::TieBreak, Stage::Certificate] {
        assert!(stages.contains(&stage), "{stages:?}");
    }
    timed.statistics.times.clear();
    assert_eq!(timed, plain);
}

#[test]
fn what_is_left_falls_and_is_nothing_once_the_flow_is_optimal() {
    let problem = wanted();
    let last = Mutex::new(i128::MAX);
    let watch = |progress: &Progress| {
        assert!(progress.left() <= progress.total);
        let settled = matches!(progress.stage, Stage::Potentials | Stage::TieBreak);
        let gap = progress.gap.expect("small numbers fit");
        let before = std::mem::replace(&mut *last.lock().unwrap(), gap);
        assert!(gap <= before && (gap == 0 || !settled), "{gap} after {before}");
        ControlFlow::Continue(())
    };
    solve(&problem, &Options::new(), &Control::new().on_progress(&watch)).unwrap();
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Stopped at any look, what comes back is no further from the optimum than the gap that was told.
    #[test]
    fn a_gap_that_is_told_is_true(instance in firm_instances(Shape {
        participants: 90, supporters: 20, capacity: 3, cost: 30, density: 40, pins: true
    })) {
        let problem = instance.build().unwrap();
        let algorithms = [
            Algorithm::ShortestPaths, Algorithm::ShortestPathsFromPlaces, Algorithm::NetworkSimplex,
            Algorithm::Auto, Algorithm::Auction,
        ];
        let Ok(best) = solve(&problem, &Options::new(), &Control::new()) else { return Ok(()) };
        for (algorithm, looks) in algorithms.into_iter().flat_map(|one| (0..12).map(move |looks| (one, looks))) {
            let (seen, told) = (AtomicU64::new(0), Mutex::new(None));
            let watch = |progress: &Progress| {
                *told.lock().unwrap() = progress.gap;
                let stops = seen.fetch_add(1, Ordering::Relaxed) == looks;
                if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let options = Options::new().algorithm(algorithm);
            let found = solve(&problem, &options, &Control::new().on_progress(&watch)).unwrap();
            if found.stop == Stop::Cancelled {
                let gap = told.lock().unwrap().expect("small numbers fit");
                prop_assert!(found.packed - best.packed <= gap, "{algorithm:?}, {looks}: {gap}");
            }
        }
    }
}

#[test]
fn a_baseline_is_stopped_too() {
    let (problem, flag) = (wanted(), AtomicBool::new(true));
    for baseline in [
        Baseline::FirstComeFirstServed,
        Baseline::BestPairFirst,
        Baseline::DeferredAcceptance,
        Baseline::Random { seed: 1 },
    ] {
        let options = Options::new().algorithm(Algorithm::Baseline(baseline));
        let found = solve(&problem, &options, &Control::new().cancelled_by(&flag)).unwrap();
        assert_eq!((found.stop, found.matched()), (Stop::Cancelled, 0));
        assert!(found.verify(&problem).is_valid());
    }
}

#[test]
fn a_gap_is_read_in_units_of_each_rung() {
    let mut builder = Problem::builder(3);
    for _ in 0..3 {
        builder.supporter(Supporter::new(1));
    }
    builder.served_weights(vec![2, 2, 2]);
    for p in 0..3 {
        for s in 0..3 {
            builder.pair(p, s, i64::from(p * 3 + s));
        }
    }
    let problem = builder.build().unwrap();
    let best = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!(best.gap_by_rung(&problem).unwrap(), Rungs::default());
    // Stopped with nobody matched, or greedily: what the optimum has more of is within what the gap says.
    let stopped = solve(&problem, &Options::new(), &Control::new().time_limit(Duration::ZERO)).unwrap();
    let gap = stopped.gap_by_rung(&problem).unwrap();
    assert!(stopped.objective.served - best.objective.served <= gap.served);
    assert!(
        stopped.objective.served > best.objective.served
            || stopped.objective.quality - best.objective.quality <= gap.quality
    );
    // One unit more than a whole number of served weights could be one weight more.
    let mut worse = best.clone();
    worse.packed += problem.scales().served * 2 + 1;
    assert_eq!(worse.gap_by_rung(&problem).unwrap().served, 3);
    assert_eq!(worse.gap_by_rung(&problem).unwrap().change, 0);
}
