//! Watching and stopping a solve under rules: gaps are true and only shrink, and what is found is kept.

use std::cell::Cell;
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::Duration;

use peermatch::assignment::rules::{
    Method, RuleOptions, RuleProblem, RuleSolution, RuleState, RuleStop, explain_clash, hours, placed, quota,
    solve_rules,
};
use peermatch::assignment::rules::{Sense, Variable};
use peermatch::assignment::{Backend, Control, Problem, Progress, Stage, Supporter};

/// Hours nearly filled, so that the bound does not meet the optimum; in `parts` that no rule connects.
fn tight(parts: u32) -> RuleProblem {
    let (participants, supporters) = (30, 6);
    let mut builder = Problem::builder(parts * participants);
    let mix = |a: u32, b: u32| {
        let mixed = (a ^ b.rotate_left(16)).wrapping_mul(0x9E37_79B1);
        (mixed ^ (mixed >> 15)).wrapping_mul(0x85EB_CA77) >> 8
    };
    for s in 0..parts * supporters {
        builder.supporter(Supporter::new(participants));
        let part = s / supporters;
        for p in part * participants..(part + 1) * participants {
            builder.pair(p, s, i64::from(mix(p, s) % 100));
        }
    }
    builder.unmatched_costs(vec![150; (parts * participants) as usize]);
    let mut ruled = RuleProblem::builder(builder.build().unwrap());
    for s in 0..parts * supporters {
        let takes = |p, s| i64::from(5 + mix(s, p) % 21);
        let rule = hours(ruled.problem(), format!("hours of {s}"), &[s], 43, takes);
        ruled.rule(rule);
    }
    ruled.build().unwrap()
}

#[test]
fn gaps_are_true_and_only_shrink() {
    for ruled in [tight(1), tight(3)] {
        let told = Mutex::new(Vec::new());
        let note = |progress: &Progress| {
            told.lock().unwrap().push((progress.stage, progress.gap));
            ControlFlow::Continue(())
        };
        let solution = solve_rules(&ruled, &RuleOptions::new(), &Control::new().on_progress(&note)).unwrap();
        assert!(solution.is_optimal());
        let told = told.into_inner().unwrap();
        let gaps: Vec<i128> = told.iter().filter_map(|told| told.1).collect();
        assert!(gaps.windows(2).all(|two| two[0] >= two[1]), "{gaps:?}");
        assert!(gaps.first() > Some(&0), "{gaps:?}");
        // Once there is something that could come back there always is.
        let first = told.iter().position(|told| told.1.is_some()).unwrap();
        assert!(told[first..].iter().all(|told| told.1.is_some()));
        for stage in [Stage::Multipliers, Stage::Search] {
            assert!(told.iter().any(|told| told.0 == stage), "{stage:?}");
        }
    }
}

#[test]
fn a_solve_that_is_stopped_has_no_larger_gap_than_it_told() {
    for ruled in [tight(1), tight(2)] {
        let best = solve_rules(&ruled, &RuleOptions::new(), &Control::new()).unwrap();
        let best = best.matching.unwrap().packed;
        for steps in [0, 1, 2, 3, 5, 8, 13, 21, 34, 55] {
            let told = Mutex::new((0, None));
            let stop = |progress: &Progress| {
                let mut told = told.lock().unwrap();
                *told = (told.0 + 1, progress.gap);
                if told.0 > steps { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
            };
            let solution =
                solve_rules(&ruled, &RuleOptions::new(), &Control::new().on_progress(&stop)).unwrap();
            assert!(solution.verify(&ruled).is_valid());
            let told = told.into_inner().unwrap();
            if told.0 <= steps {
                assert_eq!(solution.stop, RuleStop::Completed);
                continue;
            }
            assert_eq!(solution.stop, RuleStop::Cancelled);
            let gap = solution.gap().expect("here a choice is always found");
            assert!(told.1.is_none_or(|told| gap <= told), "{gap} after {told:?}");
            assert!(solution.bound <= best && best <= solution.matching.unwrap().packed);
        }
    }
}

#[test]
fn time_limits_reach_the_search_and_the_backends() {
    let ruled = tight(2);
    let methods = [Method::Search, Method::Rest(Backend::Microlp), Method::FullModel(Backend::Microlp)];
    for method in methods {
        let options = RuleOptions::new().method(method);
        let control = Control::new().time_limit(Duration::ZERO);
        let solution = solve_rules(&ruled, &options, &control).unwrap();
        assert_eq!(solution.stop, RuleStop::TimeLimit, "{method:?}");
        assert!(solution.verify(&ruled).is_valid(), "{method:?}");
        assert_eq!(solution.matching.is_some(), !matches!(method, Method::FullModel(_)), "{method:?}");
    }
}

#[test]
fn times_are_measured_only_if_asked_for() {
    let ruled = tight(1);
    let times =
        |control: Control<'_>| solve_rules(&ruled, &RuleOptions::new(), &control).unwrap().statistics.times;
    assert!(times(Control::new()).is_empty());
    let stages: Vec<Stage> = times(Control::new().timed()).iter().map(|time| time.stage).collect();
    assert_eq!(stages, [Stage::Multipliers, Stage::Search]);
}

#[test]
fn explaining_a_clash_stops_when_it_is_told_to() {
    let ruled = tight(1);
    let mut clashing = RuleProblem::builder(ruled.problem().clone());
    for p in 0..30 {
        clashing.rule(placed(format!("{p} is placed"), p));
    }
    let everyone = (0..30).map(Variable::Unmatched);
    clashing.rule(quota("somebody is not", Sense::AtLeast, 1, everyone));
    let clashing = clashing.build().unwrap();
    let solution = solve_rules(&clashing, &RuleOptions::new(), &Control::new()).unwrap();
    assert_eq!(solution.state, RuleState::Infeasible);
    let clash = explain_clash(&clashing, &RuleOptions::new(), &Control::new()).unwrap().unwrap();
    assert_eq!((clash.rules.len(), clash.dropped.len()), (31, 1));

    let calls = Mutex::new(Cell::new(0));
    let stop = |_: &Progress| {
        let calls = calls.lock().unwrap();
        calls.set(calls.get() + 1);
        ControlFlow::Break(())
    };
    let stopped = explain_clash(&clashing, &RuleOptions::new(), &Control::new().on_progress(&stop)).unwrap();
    // Propagation alone may have said enough; who was told to stop is not asked again.
    assert!(calls.into_inner().unwrap().get() <= 1);
    let honest = |found: Box<RuleSolution>| found.stop != RuleStop::Completed || found.is_optimal();
    assert!(stopped.is_none_or(|clash| clash.without.is_none_or(honest)));
}
