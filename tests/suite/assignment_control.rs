//! A solve that is stopped returns what it has: feasible, with a bound that holds.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

use peermatch::assignment::{Algorithm, Backend, Control, Options, Stop, solve};
use proptest::prelude::*;

use crate::assignment_instances::{Shape, instances};

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
    let mut builder = peermatch::assignment::Problem::builder(1);
    builder.supporter(peermatch::assignment::Supporter::new(1));
    builder.unmatched(0, 1, 5).pair(0, 0, 1);
    let problem = builder.build().unwrap();
    let flag = AtomicBool::new(true);
    let found = solve(&problem, &Options::new(), &Control::new().cancelled_by(&flag)).unwrap();
    assert_eq!((found.stop, found.supporter_of(0)), (Stop::Cancelled, None));
    assert!(!found.is_optimal() && found.gap() > Some(0));
}
