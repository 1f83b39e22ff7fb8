//! Time to repair an optimum after one change of each kind, and to answer what a coordinator asks, beside a fresh
//! solve.
//!
//! `cargo bench --bench rematch` runs all, `-- 10000` one size, `-- forbid` one kind. Each change is made and undone,
//! of another participant or supporter every time, so that all are timed from the same optimum; undoing is in the time.

#![allow(missing_docs)]

// The other families are for those who compare solvers.
#[allow(dead_code)]
mod families;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use families::{Family, Places};
use peermatch::assignment::{Control, Edit, LiveAssignment, Options, Problem, Supporter, TieBreak, solve};

/// What a change of a kind is for the participant and the supporter whose turn it is.
type Change = fn(&Problem, &LiveAssignment, u32, u32) -> Edit;

const CHANGES: [(&str, Change); 10] = [
    ("forbid", |_, live, participant, other| Edit::Forbid {
        participant,
        supporter: live.supporter_of(participant).unwrap_or(other),
    }),
    ("allow_cheaper", |problem, _, participant, other| {
        let (supporter, cost) = problem.row(participant).last().unwrap_or((other, 0));
        Edit::Allow { participant, supporter, cost: cost / 2 }
    }),
    ("pin", |problem, _, participant, other| {
        let (supporter, cost) = problem.row(participant).next().unwrap_or((other, 0));
        Edit::Pin { participant, supporter, cost }
    }),
    ("participant_arrives", |problem, _, participant, _| Edit::ParticipantArrives {
        pairs: problem.row(participant).collect(),
        served_weight: problem.served_weight(participant),
        unmatched_cost: problem.unmatched_cost(participant),
    }),
    ("participant_leaves", |_, _, participant, _| Edit::ParticipantLeaves { participant }),
    ("supporter_arrives", |problem, _, participant, _| Edit::SupporterArrives {
        supporter: Supporter::new(4),
        pairs: (0..50).map(|step| ((participant + step * 7) % problem.participants(), 200)).collect(),
    }),
    ("supporter_leaves", |_, _, _, supporter| Edit::SupporterLeaves { supporter }),
    ("one_place_more", |problem, _, _, supporter| Edit::Capacity {
        supporter,
        capacity: problem.capacity(supporter) + 1,
    }),
    ("one_place_less", |problem, _, _, supporter| Edit::Capacity {
        supporter,
        capacity: problem.capacity(supporter).saturating_sub(1),
    }),
    ("unmatched_cost", |problem, _, participant, _| Edit::Unmatched {
        participant,
        served_weight: 0,
        cost: problem.unmatched_cost(participant) / 2,
    }),
];

fn benchmark(criterion: &mut Criterion) {
    for (participants, supporters) in [(1000, 300), (10_000, 3000), (40_000, 10_000)] {
        let places = Places { most: 8, total: None };
        let family = Family::realistic("real", participants, supporters, 50, places);
        let problem = family.problem();
        let mut live = LiveAssignment::solve(&problem).expect("the generated problem is solvable");
        let mut group = criterion.benchmark_group("rematch");
        group.warm_up_time(Duration::from_millis(200)).measurement_time(Duration::from_secs(1));
        // Steps that are prime to the sizes go through all of them.
        let mut turn = 0_u32;
        let mut next = move || {
            turn = turn.wrapping_add(1);
            (turn.wrapping_mul(7919) % participants, turn.wrapping_mul(104_729) % supporters)
        };
        for (name, change) in CHANGES {
            group.bench_function(BenchmarkId::new(name, participants), |bench| {
                bench.iter(|| {
                    let (participant, supporter) = next();
                    let edit = change(&problem, &live, participant, supporter);
                    // A pin may be one more than its supporter has places for.
                    black_box(live.drill(&[edit]).ok())
                });
            });
        }
        group.bench_function(BenchmarkId::new("five_alternates", participants), |bench| {
            bench.iter(|| black_box(live.alternates(next().0, 5).ok()));
        });
        group.bench_function(BenchmarkId::new("frontier_of_three", participants), |bench| {
            bench.iter(|| black_box(live.frontier(next().0, 3).ok()));
        });
        group.sample_size(10);
        group.bench_function(BenchmarkId::new("all_prices_of_places", participants), |bench| {
            bench.iter(|| {
                // A change, so that the prices are found anew.
                let _ = live.apply(&[]);
                black_box(live.price_of_place(0))
            });
        });
        let options = Options::new().tie_break(TieBreak::Unspecified);
        group.bench_function(BenchmarkId::new("fresh_solve", participants), |bench| {
            bench.iter(|| solve(black_box(&problem), &options, &Control::new()));
        });
        group.finish();
    }
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
