//! Time to solve generated assignment problems, proof included, with and without the tie-break; then each way of
//! solving on a problem that asks for it.
//!
//! `cargo bench --bench assignment` runs all, `-- real` the families of that name, `-- lanes` the ways of solving;
//! `--bench peers` other crates beside it. The largest takes a second or two a solve.

#![allow(missing_docs)]

mod families;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use families::{Family, Places};
use peermatch::assignment::{
    Algorithm, Baseline, Control, Fairness, Options, PairSource, Pairs, Problem, TieBreak, WarmStart, solve,
    solve_from, solve_implicit,
};

fn benchmark(criterion: &mut Criterion) {
    let room = |total| Places { most: 8, total };
    let short = |total| Places { most: 4, total: Some(total) };
    let real = |name, participants, supporters, places| {
        move || Family::realistic(name, participants, supporters, 50, places)
    };
    let families: [(&str, &dyn Fn() -> Family); 15] = [
        ("real", &real("real", 1000, 300, room(None))),
        ("real", &real("real", 10_000, 3000, room(None))),
        ("real", &real("real", 40_000, 10_000, room(None))),
        ("over", &real("over", 1000, 300, short(700))),
        ("over", &real("over", 10_000, 3000, short(7000))),
        ("over", &real("over", 40_000, 10_000, short(28_000))),
        ("tight", &real("tight", 1000, 300, room(Some(1030)))),
        ("tight", &real("tight", 10_000, 3000, room(Some(10_300)))),
        ("uniform", &|| Family::uniform(300, 1_000_000)),
        ("uniform", &|| Family::uniform(1000, 1_000_000)),
        ("ties", &|| Family::uniform(300, 100)),
        ("euclid", &|| Family::euclid(300)),
        ("products", &|| Family::products(200)),
        ("sparse", &|| Family::sparse(1000, 20)),
        ("sparse", &|| Family::sparse(10_000, 20)),
    ];
    for (name, family) in families {
        let family = family();
        let problem = family.problem();
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(10)
            .sampling_mode(SamplingMode::Flat)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2));
        for tie_break in [TieBreak::FirstInOrder, TieBreak::Unspecified] {
            let options = Options::new().tie_break(tie_break);
            let id = BenchmarkId::new(&family.name, format!("{tie_break:?}"));
            group.bench_with_input(id, &problem, |bench, problem| {
                bench.iter(|| solve(black_box(problem), &options, &Control::new()));
            });
        }
        group.finish();
    }
}

/// The pairs of a complete family, as if they could not be held.
struct NotHeld(Family);

impl PairSource for NotHeld {
    fn cost_range(&self) -> (i64, i64) {
        (0, self.0.costs.iter().copied().max().unwrap_or(0))
    }

    fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        let start = *self.0.offsets.get(participant as usize)?;
        self.0.costs.get(start + supporter as usize).copied()
    }

    fn cheapest(&self, prices: &[i64], limits: &[i64], most: usize) -> Pairs {
        let mut pairs = Pairs::new();
        for (row, &limit) in self.0.costs.chunks(self.0.capacities.len()).zip(limits) {
            let sums = (0..).zip(prices).zip(row).filter(|&((_, &price), _)| price != Pairs::CLOSED);
            let sums = sums.map(|((supporter, &price), &cost)| (cost + price, supporter, cost));
            let mut wanted: Vec<(i64, u32, i64)> = sums.filter(|&(sum, ..)| sum < limit).collect();
            if wanted.len() > most {
                wanted.select_nth_unstable(most);
                wanted.truncate(most);
            }
            pairs.push_row(wanted.into_iter().map(|(_, supporter, cost)| (supporter, cost)));
        }
        pairs
    }
}

/// The family this many times over, side by side.
fn apart(family: &Family, times: usize) -> Problem {
    let mut all = Family {
        name: family.name.clone(),
        penalty: family.penalty,
        capacities: Vec::new(),
        offsets: vec![0],
        supporters: Vec::new(),
        costs: Vec::new(),
    };
    for _ in 0..times {
        let (supporters, pairs) = (all.capacities.len() as u32, all.supporters.len());
        all.capacities.extend(&family.capacities);
        all.offsets.extend(family.offsets[1..].iter().map(|offset| offset + pairs));
        all.supporters.extend(family.supporters.iter().map(|supporter| supporter + supporters));
        all.costs.extend(&family.costs);
    }
    all.problem()
}

fn lanes(criterion: &mut Criterion) {
    let room = Places { most: 8, total: None };
    let (small, family) =
        (Family::realistic("real", 200, 60, 20, room), Family::realistic("real", 1000, 300, 50, room));
    let build = |family: &Family, places: u32, fairness: Fairness| {
        let mut builder = family.builder(|_| 0);
        builder.fairness(fairness);
        for participant in 0..family.participants() as u32 {
            builder.places(participant, places);
        }
        builder.build().expect("the generated problem is well-formed")
    };
    let by = |algorithm| Options::new().algorithm(algorithm);
    let solved = |problem: &Problem, options: &Options| {
        solve(problem, options, &Control::new()).expect("it is feasible")
    };
    let problem = family.problem();

    // Minimums that a simple matching meets can be met.
    let simple = solved(&problem, &by(Algorithm::Baseline(Baseline::Random { seed: 1 }))).loads(&problem);
    let firm = family.builder(|s| simple[s].min(1)).build().expect("the generated problem is well-formed");
    let mut changed = Family { name: family.name.clone(), ..family };
    let start = WarmStart::of(&solved(&problem, &Options::new()));
    changed.costs.iter_mut().step_by(97).for_each(|cost| *cost += 10);
    let later = changed.problem();
    let uniform = Family::uniform(300, 1_000_000);
    let balanced = uniform.problem();
    let bare = Family { offsets: vec![0; 301], supporters: Vec::new(), costs: Vec::new(), ..uniform };
    let (bare, source) = (bare.problem(), NotHeld(Family::uniform(300, 1_000_000)));

    let mut group = criterion.benchmark_group("lanes");
    group
        .sample_size(10)
        .sampling_mode(SamplingMode::Flat)
        .warm_up_time(Duration::from_millis(300))
        .measurement_time(Duration::from_secs(2));
    let plain = [
        ("network simplex, two places", build(&small, 2, Fairness::Total), Options::new()),
        ("worst-off first", build(&small, 1, Fairness::WorstOffFirst), Options::new()),
        ("firm minimums", firm, Options::new()),
        ("components", apart(&changed, 4), Options::new()),
        ("auction", balanced, by(Algorithm::Auction)),
    ];
    for (name, problem, options) in &plain {
        group.bench_function(*name, |bench| bench.iter(|| solved(black_box(problem), options)));
    }
    group.bench_function("warm start", |bench| {
        bench.iter(|| solve_from(black_box(&later), &start, &Options::new(), &Control::new()));
    });
    group.bench_function("implicit market", |bench| {
        bench.iter(|| solve_implicit(black_box(&bare), &source, &Options::new(), &Control::new()));
    });
    group.finish();
}

criterion_group!(benches, benchmark, lanes);
criterion_main!(benches);
