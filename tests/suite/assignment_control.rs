//! A solve that is stopped returns what it has: feasible, with a bound that holds.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use peermatch::assignment::{
    Algorithm, Backend, Control, Fairness, Options, Problem, Stop, Violation, solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Shape, instances, several_places};

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

#[test]
fn a_flag_that_is_set_stops_before_anyone_is_matched() {
    let mut builder = Problem::builder(1);
    builder.supporter(peermatch::assignment::Supporter::new(1));
    builder.unmatched(0, 1, 5).pair(0, 0, 1);
    let problem = builder.build().unwrap();
    let flag = AtomicBool::new(true);
    let found = solve(&problem, &Options::new(), &Control::new().cancelled_by(&flag)).unwrap();
    assert_eq!((found.stop, found.supporter_of(0)), (Stop::Cancelled, None));
    assert!(!found.is_optimal() && found.gap() > Some(0));
}
