//! Markets large enough that every phase of every algorithm is looked at while it works: stopped anywhere, the best so
//! far comes back, with a gap that was told before and holds.

use std::ops::ControlFlow;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use peermatch::assignment::{
    Algorithm, Assignment, Backend, Baseline, Control, Fairness, Options, Problem, Progress, Proof, Stage,
    Stop, Supporter, TieBreak, Violation, WarmStart, solve, solve_from,
};

struct Draw(u64);

impl Draw {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }
}

/// What is scarce, and who weighs what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// Places for about as many as there are, under groups, some with minimums.
    Tight,
    /// Places for three of five, and all weigh the same.
    Scarce,
    /// The same where some are more urgent and some less, under groups that are full.
    Urgent,
    /// One place each, about as many as participants.
    Single,
    /// Two places for every third participant.
    Several,
}

const KINDS: [Kind; 5] = [Kind::Tight, Kind::Scarce, Kind::Urgent, Kind::Single, Kind::Several];

fn market(kind: Kind) -> Problem {
    match kind {
        Kind::Several => market_of(kind, 120),
        Kind::Single => market_of(kind, 800),
        _ => market_of(kind, 1500),
    }
}

fn market_of(kind: Kind, participants: u32) -> Problem {
    let mut draw = Draw(kind as u64 + 7);
    let capacity = if kind == Kind::Single { 1 } else { 4 };
    let places = participants * if matches!(kind, Kind::Scarce | Kind::Urgent) { 3 } else { 5 } / 5;
    let supporters = places / capacity;
    let mut builder = Problem::builder(participants);
    let groups: Vec<u32> = if kind == Kind::Single {
        Vec::new()
    } else {
        (0..10).map(|_| builder.group(supporters * capacity / 10 + 2, None)).collect()
    };
    for s in 0..supporters {
        let mut supporter = Supporter::new(capacity);
        if kind != Kind::Single {
            supporter = supporter.load_cost([0, 3, 9]);
        }
        if kind == Kind::Tight && s % 9 == 0 {
            supporter = supporter.minimum(1);
        }
        if s % 3 == 0 && !groups.is_empty() {
            supporter = supporter.group(groups[draw.below(groups.len() as u64) as usize]);
        }
        builder.supporter(supporter);
    }
    for p in 0..participants {
        let weight = if kind == Kind::Urgent { draw.below(4) as u32 } else { 1 };
        builder.unmatched(p, weight, 500);
        if kind == Kind::Several && p % 3 == 0 {
            builder.places(p, 2);
        }
        let (home, near) = (draw.below(supporters.into()), u64::from(supporters).min(60));
        let mut seen = Vec::new();
        for _ in 0..18 {
            let s = ((home + draw.below(near)) % u64::from(supporters)) as u32;
            if !seen.contains(&s) {
                seen.push(s);
                builder.pair(p, s, draw.below(400) as i64);
            }
        }
    }
    builder.build().unwrap()
}

fn algorithms(kind: Kind) -> Vec<Algorithm> {
    match kind {
        Kind::Several => vec![Algorithm::NetworkSimplex],
        Kind::Single => vec![Algorithm::Auction, Algorithm::ShortestPathsFromPlaces],
        _ => vec![
            Algorithm::ShortestPaths,
            Algorithm::ShortestPathsFromPlaces,
            Algorithm::ShortestPathsFromBothSides,
            Algorithm::NetworkSimplex,
        ],
    }
}

/// What was told of a solve that a callback stopped at some look, if it came to that.
struct Told {
    gaps: Vec<i128>,
    stages: Vec<Stage>,
}

/// Solves until that look.
fn until_look(look: u64, solve: impl FnOnce(&Control<'_>) -> Assignment) -> (Assignment, Told) {
    let (seen, told) = (AtomicU64::new(0), Mutex::new(Told { gaps: Vec::new(), stages: Vec::new() }));
    let watch = |progress: &Progress| {
        let mut told = told.lock().unwrap();
        told.gaps.push(progress.gap.expect("small numbers fit"));
        told.stages.push(progress.stage);
        let stops = seen.fetch_add(1, Ordering::Relaxed) == look;
        if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    let found = solve(&Control::new().on_progress(&watch));
    (found, told.into_inner().unwrap())
}

/// Checks what came back after it was stopped, or not.
fn check(problem: &Problem, best: &Assignment, found: &Assignment, told: &Told, what: &str) {
    let checked = found.verify(problem);
    let short = |violation: &Violation| matches!(violation, Violation::BelowMinimum { .. });
    assert!(checked.violations.iter().all(short), "{what}: {checked}");
    assert!(found.bound <= best.packed && best.packed <= found.packed, "{what}");
    assert!(told.gaps.is_sorted_by(|before, after| after <= before), "{what}: {:?}", told.gaps);
    let last = *told.gaps.last().unwrap();
    assert!(found.gap().unwrap() <= last, "{what}: {last} was told");
    match found.stop {
        Stop::Completed => assert_eq!((found.packed, found.is_optimal()), (best.packed, true), "{what}"),
        Stop::Cancelled => assert!(!found.is_optimal() || found.packed == best.packed, "{what}"),
        _ => panic!("{what}: {:?}", found.stop),
    }
    // Proof comes as soon as the optimum is there.
    if matches!(told.stages.last(), Some(Stage::Potentials | Stage::TieBreak)) {
        assert!(found.is_optimal() && checked.proven_optimal, "{what}");
    }
}

#[test]
fn stopped_at_any_look_the_best_so_far_comes_back_with_a_gap_that_holds() {
    for kind in KINDS {
        let problem = market(kind);
        let best = solve(&problem, &Options::new(), &Control::new()).unwrap();
        for algorithm in algorithms(kind) {
            let options = Options::new().algorithm(algorithm);
            let (mut look, mut step) = (0, 1);
            loop {
                let (found, told) = until_look(look, |control| solve(&problem, &options, control).unwrap());
                check(&problem, &best, &found, &told, &format!("{kind:?}, {algorithm:?}, look {look}"));
                if found.stop == Stop::Completed {
                    break;
                }
                (look, step) = (look + step, step * 2);
            }
        }
    }
}

#[test]
fn every_exact_algorithm_tells_a_gap_that_shrinks_on_the_way() {
    for kind in KINDS {
        let problem = market(kind);
        for algorithm in algorithms(kind) {
            let options = Options::new().algorithm(algorithm);
            let (_, told) = until_look(u64::MAX, |control| solve(&problem, &options, control).unwrap());
            let mut gaps = told.gaps;
            assert_eq!(gaps.last(), Some(&0), "{kind:?}, {algorithm:?}");
            gaps.dedup();
            assert!(gaps.len() >= 4, "{kind:?}, {algorithm:?}: {gaps:?}");
        }
    }
}

#[test]
fn an_earlier_solution_that_is_led_on_is_stopped_with_a_gap_that_holds() {
    for kind in [Kind::Tight, Kind::Scarce] {
        let earlier = solve(&market(kind), &Options::new(), &Control::new()).unwrap();
        let mut start = WarmStart::of(&earlier);
        // Some have to find a place again, and leave one that is still priced.
        for p in (0..start.matches.len()).step_by(60) {
            start.matches[p] = None;
        }
        let problem = market(kind);
        for look in 0..20 {
            let (found, told) =
                until_look(look, |control| solve_from(&problem, &start, &Options::new(), control).unwrap());
            check(&problem, &earlier, &found, &told, &format!("{kind:?}, look {look}"));
            if found.stop == Stop::Completed {
                assert!(found.statistics.kept > 0);
                break;
            }
        }
    }
}

/// Two regions that have nothing to do with each other, large enough to be solved as parts.
fn regions() -> Problem {
    let mut draw = Draw(3);
    let participants = 2000;
    let mut builder = Problem::builder(participants);
    for _ in 0..400 {
        builder.supporter(Supporter::new(3));
    }
    builder.served_weights(vec![1; participants as usize]);
    for p in 0..participants {
        let home = (p % 2 * 200 + draw.below(180) as u32) as usize;
        for s in home..home + 20 {
            builder.pair(p, s as u32, draw.below(400) as i64);
        }
    }
    builder.build().unwrap()
}

#[test]
fn parts_that_are_stopped_leave_a_gap_that_holds() {
    let problem = regions();
    let best = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert!(best.statistics.algorithm_reason.contains("independent components"));
    for look in (0..60).step_by(4) {
        let told = Mutex::new(Vec::new());
        let seen = AtomicU64::new(0);
        let watch = |progress: &Progress| {
            told.lock().unwrap().push(progress.gap.expect("small numbers fit"));
            let stops = seen.fetch_add(1, Ordering::Relaxed) == look;
            if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let found = solve(&problem, &Options::new(), &Control::new().on_progress(&watch)).unwrap();
        let least = *told.lock().unwrap().iter().min().unwrap();
        assert!(found.verify(&problem).is_valid());
        assert!(found.bound <= best.packed && best.packed <= found.packed);
        assert!(found.gap().unwrap() <= least && least >= 0);
        if found.stop == Stop::Completed {
            assert_eq!(found, best);
        }
    }
}

/// Every algorithm with a problem that it holds.
fn everything() -> Vec<(Problem, Algorithm)> {
    let mut all = Vec::new();
    for kind in KINDS {
        all.extend(algorithms(kind).into_iter().map(|algorithm| (market_of(kind, 90), algorithm)));
    }
    for baseline in [
        Baseline::FirstComeFirstServed,
        Baseline::BestPairFirst,
        Baseline::DeferredAcceptance,
        Baseline::Random { seed: 1 },
    ] {
        all.push((market_of(Kind::Tight, 400), Algorithm::Baseline(baseline)));
    }
    let mut small = Problem::builder(6);
    for _ in 0..3 {
        small.supporter(Supporter::new(1).balance_cost([1]));
    }
    for p in 0..6 {
        small.unmatched(p, p % 2, 9);
        small.pair(p, p % 3, 5).pair(p, (p + 1) % 3, i64::from(p));
    }
    all.push((small.clone().build().unwrap(), Algorithm::Ilp(Backend::Microlp)));
    small.fairness(Fairness::WorstOffFirst);
    all.push((small.clone().build().unwrap(), Algorithm::Ilp(Backend::Microlp)));
    all.push((small.build().unwrap(), Algorithm::NetworkSimplex));
    all.push((regions(), Algorithm::Auto));
    all
}

#[test]
fn another_thread_cancels_any_algorithm() {
    for (problem, algorithm) in everything() {
        let options = Options::new().algorithm(algorithm);
        let (flag, begun) = (AtomicBool::new(false), AtomicBool::new(false));
        let found = thread::scope(|scope| {
            scope.spawn(|| {
                while !begun.load(Ordering::Acquire) {
                    thread::yield_now();
                }
                flag.store(true, Ordering::Relaxed);
            });
            // The solve waits at its first look until the other thread has set the flag.
            let wait = |_: &Progress| {
                begun.store(true, Ordering::Release);
                while !flag.load(Ordering::Relaxed) {
                    thread::yield_now();
                }
                ControlFlow::Continue(())
            };
            solve(&problem, &options, &Control::new().cancelled_by(&flag).on_progress(&wait)).unwrap()
        });
        assert!(found.stop == Stop::Cancelled || found.is_optimal(), "{algorithm:?}: {:?}", found.stop);
        let short = |violation: &Violation| matches!(violation, Violation::BelowMinimum { .. });
        assert!(found.verify(&problem).violations.iter().all(short), "{algorithm:?}");
    }
}

#[test]
fn a_flag_that_is_taken_back_does_not_confuse_a_solve_that_has_seen_it() {
    for (problem, algorithm) in everything() {
        let flag = AtomicBool::new(false);
        let looks = AtomicU64::new(0);
        let toggle = |_: &Progress| {
            flag.store(looks.fetch_add(1, Ordering::Relaxed).is_multiple_of(2), Ordering::Relaxed);
            ControlFlow::Continue(())
        };
        let control = Control::new().cancelled_by(&flag).on_progress(&toggle);
        let found = solve(&problem, &Options::new().algorithm(algorithm), &control).unwrap();
        let short = |violation: &Violation| matches!(violation, Violation::BelowMinimum { .. });
        assert!(found.verify(&problem).violations.iter().all(short), "{algorithm:?}");
    }
}

#[test]
fn progress_is_told_from_the_callers_thread_where_nothing_is_solved_at_the_same_time() {
    let here = thread::current().id();
    for (problem, algorithm) in everything() {
        let threads = Mutex::new(Vec::<ThreadId>::new());
        let watch = |_: &Progress| {
            threads.lock().unwrap().push(thread::current().id());
            ControlFlow::Continue(())
        };
        let options = Options::new().algorithm(algorithm);
        let found = solve(&problem, &options, &Control::new().on_progress(&watch)).unwrap();
        let parts = found.statistics.algorithm_reason.contains("independent components");
        let threads = threads.into_inner().unwrap();
        assert!(!threads.is_empty() && (parts || threads.iter().all(|&id| id == here)), "{algorithm:?}");
    }
}

#[test]
fn a_callback_that_panics_ends_the_solve_and_harms_nothing() {
    for (problem, algorithm) in everything() {
        let options = Options::new().algorithm(algorithm);
        let best = solve(&problem, &options, &Control::new()).unwrap();
        for look in [0, 1, 3] {
            let seen = AtomicU64::new(0);
            let panics = |_: &Progress| {
                if seen.fetch_add(1, Ordering::Relaxed) == look {
                    // A panic of the callback's own, without a word on the screen.
                    resume_unwind(Box::new("seen enough"));
                }
                ControlFlow::Continue(())
            };
            let control = Control::new().on_progress(&panics);
            let result = catch_unwind(AssertUnwindSafe(|| solve(&problem, &options, &control)));
            assert_eq!(result.is_err(), seen.load(Ordering::Relaxed) > look, "{algorithm:?}");
            // Problem and control serve again.
            seen.store(u64::MAX / 2, Ordering::Relaxed);
            let again = solve(&problem, &options, &control).unwrap();
            assert_eq!(again.objective, best.objective, "{algorithm:?}");
        }
    }
}

#[test]
fn why_it_stopped_is_what_was_seen_first() {
    let problem = market(Kind::Tight);
    // The limit passes while the callback, which then cancels, takes its time; if it has not passed before.
    let (moment, called) = (Instant::now() + Duration::from_millis(30), AtomicBool::new(false));
    let cancels = |_: &Progress| {
        called.store(true, Ordering::Relaxed);
        while Instant::now() < moment {
            thread::yield_now();
        }
        ControlFlow::Break(())
    };
    let found =
        solve(&problem, &Options::new(), &Control::new().until(moment).on_progress(&cancels)).unwrap();
    let expected = if called.load(Ordering::Relaxed) { Stop::Cancelled } else { Stop::TimeLimit };
    assert_eq!(found.stop, expected);
}

/// Any optimum will do, so once it is there nothing is left to be stopped.
#[test]
fn an_optimum_that_is_there_is_not_called_stopped() {
    for kind in KINDS {
        let problem = market(kind);
        for algorithm in algorithms(kind) {
            let options = Options::new().algorithm(algorithm).tie_break(TieBreak::Unspecified);
            let looks = AtomicU64::new(0);
            let count = |_: &Progress| {
                looks.fetch_add(1, Ordering::Relaxed);
                ControlFlow::Continue(())
            };
            solve(&problem, &options, &Control::new().on_progress(&count)).unwrap();
            let last = looks.load(Ordering::Relaxed) - 1;
            // The flag is set at the last look there is, but not seen any more.
            let (seen, flag) = (AtomicU64::new(0), AtomicBool::new(false));
            let sets = |_: &Progress| {
                flag.store(seen.fetch_add(1, Ordering::Relaxed) == last, Ordering::Relaxed);
                ControlFlow::Continue(())
            };
            let control = Control::new().on_progress(&sets).cancelled_by(&flag);
            let found = solve(&problem, &options, &control).unwrap();
            let whole = found.stop == Stop::Completed && matches!(found.proof, Proof::Potentials(_));
            assert!(whole == found.is_optimal(), "{kind:?}, {algorithm:?}: {:?}", found.stop);
        }
    }
}

#[test]
fn free_places_are_filled_without_a_look_at_pairs_that_are_dearer_than_the_integers_hold() {
    let mut builder = Problem::builder(2);
    for capacity in [2, 1, 1] {
        builder.supporter(Supporter::new(capacity));
    }
    builder.served_weights(vec![1; 2]).places(0, 2);
    builder.pair(0, 0, i64::MAX).pair(0, 1, 3).pin(0, 0, 1).pair(1, 2, 4);
    let problem = builder.build().unwrap();
    let flag = AtomicBool::new(true);
    let found = solve(&problem, &Options::new(), &Control::new().cancelled_by(&flag)).unwrap();
    assert_eq!((found.supporters_of(0), found.supporters_of(1)), (&[0, 1][..], &[2][..]));
    assert!(found.verify(&problem).is_valid());
}

/// A market that an integer program takes long over, at least in the few milliseconds it is given.
#[test]
fn an_integer_program_that_runs_out_of_time_returns_what_it_has() {
    let problem = market_of(Kind::Urgent, 60);
    let best = solve(&problem, &Options::new(), &Control::new()).unwrap();
    let options = Options::new().algorithm(Algorithm::Ilp(Backend::Microlp));
    for limit in [0, 1, 3, 10, 30] {
        let control = Control::new().time_limit(Duration::from_millis(limit));
        let found = solve(&problem, &options, &control).unwrap();
        assert!(matches!(found.stop, Stop::Completed | Stop::TimeLimit));
        assert!(found.verify(&problem).is_valid());
        assert!(found.bound <= best.packed && best.packed <= found.packed);
        assert!(found.stop == Stop::TimeLimit || found.packed == best.packed);
    }
}

/// Who is served is settled first, and then served no better than it happens to be.
#[test]
fn a_program_that_leaves_the_lower_rungs_worse_does_not_come_back() {
    let mut builder = Problem::builder(4);
    for capacity in [2, 0, 1, 0, 0] {
        builder.supporter(Supporter::new(capacity));
    }
    builder.served_weights(vec![0, 1, 0, 0]);
    for (participant, supporters) in [(0, 0..5), (1, 1..5), (2, 0..5)] {
        for supporter in supporters {
            builder.pair(participant, supporter, 0);
        }
    }
    builder.pair(3, 0, 15).pin(2, 2, 29);
    let problem = builder.build().unwrap();
    let options = Options::new().algorithm(Algorithm::Ilp(Backend::Microlp));
    let best = solve(&problem, &options, &Control::new()).unwrap();
    for look in 0..2 {
        let (found, told) = until_look(look, |control| solve(&problem, &options, control).unwrap());
        check(&problem, &best, &found, &told, "a stopped ladder");
    }
}

#[test]
fn programs_that_were_solved_make_the_bound_of_a_stopped_ladder() {
    let problem = market_of(Kind::Urgent, 60);
    let best = solve(&problem, &Options::new(), &Control::new()).unwrap();
    let options = Options::new().algorithm(Algorithm::Ilp(Backend::Microlp));
    let (first, _) = until_look(0, |control| solve(&problem, &options, control).unwrap());
    let (second, told) = until_look(1, |control| solve(&problem, &options, control).unwrap());
    assert!(first.stop == Stop::Cancelled && second.stop == Stop::Cancelled);
    // The first program settles who is served.
    assert!(first.bound < second.bound && second.bound <= best.packed);
    assert_eq!(second.objective.served, best.objective.served);
    check(&problem, &best, &second, &told, "after one program");
}

/// Groups and supporters without a limit are no longer to be watched than others: places alike are counted together.
#[test]
fn limits_without_end_are_watched_as_quickly_as_others() {
    let mut builder = Problem::builder(60);
    let groups: Vec<u32> = (0..4).map(|_| builder.group(u32::MAX, None)).collect();
    builder.group_minimum(groups[0], 1);
    for supporter in 0..20 {
        let places = if supporter % 5 == 4 { u32::MAX } else { 1 };
        let own = Supporter::new(places).load_cost([0, 40, 90]);
        builder.supporter(if supporter % 2 == 0 { own.group(groups[supporter / 2 % 4]) } else { own });
    }
    for participant in 0..60 {
        builder.unmatched(participant, 1 + participant % 3, 0);
        for supporter in 0..20 {
            builder.pair(participant, supporter, i64::from((participant * 17 + supporter * 29) % 97));
        }
    }
    let problem = builder.build().unwrap();
    for algorithm in
        [Algorithm::ShortestPathsFromPlaces, Algorithm::ShortestPathsFromBothSides, Algorithm::ShortestPaths]
    {
        let options = Options::new().algorithm(algorithm);
        let best = solve(&problem, &options, &Control::new()).unwrap();
        for look in [0, 1, 2, 4, 8] {
            let (found, told) = until_look(look, |control| solve(&problem, &options, control).unwrap());
            check(&problem, &best, &found, &told, "without limits");
        }
    }
}

#[test]
fn what_misses_firm_minimums_is_not_called_optimal() {
    let mut builder = Problem::builder(3);
    for places in [3, 2] {
        builder.supporter(Supporter::new(places).minimum(2));
    }
    builder.pair(0, 0, 1).pair(1, 1, 1).pair(1, 0, 2).pair(0, 1, 2);
    let problem = builder.build().unwrap();
    assert!(solve(&problem, &Options::new(), &Control::new()).unwrap_err().is_infeasible());
    let found = solve(&problem, &Options::new(), &Control::new().time_limit(Duration::ZERO)).unwrap();
    assert!(found.objective.required > 0 && !found.is_optimal());
}

/// The cheapest of all need not be the fairest.
#[test]
fn what_is_cheap_is_not_called_the_fairest() {
    let mut builder = Problem::builder(2);
    for _ in 0..2 {
        builder.supporter(Supporter::new(1));
    }
    builder.served_weights(vec![1; 2]).fairness(Fairness::WorstOffFirst);
    // 0 + 9 in all, or 5 + 5.
    builder.pair(0, 0, 0).pair(0, 1, 5).pair(1, 0, 5).pair(1, 1, 9);
    let problem = builder.build().unwrap();
    let fairest = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!((fairest.objective.quality, fairest.is_optimal()), (10, true));
    for look in 0..6 {
        let seen = AtomicU64::new(0);
        let stops = |_: &Progress| match seen.fetch_add(1, Ordering::Relaxed) {
            count if count == look => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        };
        let found = solve(&problem, &Options::new(), &Control::new().on_progress(&stops)).unwrap();
        assert!(found.matches == fairest.matches || !found.is_optimal());
    }
}
