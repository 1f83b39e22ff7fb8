//! From people to a matching: one pair, one participant against all, the best of all, everyone, and the whole way.

#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::date;
use peermatch::population::{Settings, generate};
use peermatch::{Matcher, Policy, Program};

fn matcher(participants: usize, supporters: usize) -> Matcher {
    // Two and a half places for each supporter, as in the sample.
    let supply = 2.5 * supporters as f64 / participants as f64;
    let settings = Settings { participants, supporters, supply, seed: 1, ..Settings::default() };
    let program =
        Program::new(generate(&settings).expect("settings are sound")).expect("programmes are sound");
    Matcher::new(program, Policy::default(), date(2026, 11, 21)).expect("the default policy is sound")
}

fn compatibility(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("compatibility");
    for supporters in [300, 3_000, 30_000] {
        let matcher = matcher(200, supporters);
        let compatibility = matcher.compatibility().expect("policy and criteria fit");
        let program = matcher.program();
        group.throughput(Throughput::Elements(supporters as u64));
        let mut participant = 0;
        group.bench_function(BenchmarkId::new("scan", supporters), |bench| {
            bench.iter(|| {
                participant = (participant + 1) % program.participants().len();
                black_box(compatibility.scan(program, participant))
            });
        });
    }
    for supporters in [3_000, 30_000] {
        let matcher = matcher(500, supporters);
        let compatibility = matcher.compatibility().expect("policy and criteria fit");
        let search = compatibility.search(matcher.program());
        group.throughput(Throughput::Elements(1));
        let mut participant = 0;
        group.bench_function(BenchmarkId::new("best_20", supporters), |bench| {
            bench.iter(|| {
                participant = (participant + 1) % 500;
                black_box(search.best(participant, 20))
            });
        });
        // Everyone against prices of nothing, asking for what beats all but their best few.
        let best = search.best_of_all(5);
        let worth = |participant| best.row(participant).last().map_or(i64::MAX, |own| i64::from(own.weight));
        let floors: Vec<i64> = (0..500).map(worth).collect();
        let prices = vec![0; supporters];
        group.throughput(Throughput::Elements(500 * supporters as u64));
        group.bench_function(BenchmarkId::new("price_all", supporters), |bench| {
            bench.iter(|| black_box(search.above(&prices, &floors, usize::MAX)));
        });
    }
    let matcher = matcher(200, 300);
    let compatibility = matcher.compatibility().expect("policy and criteria fit");
    group.throughput(Throughput::Elements(1));
    group.bench_function("judge", |bench| {
        let mut pair = 0;
        bench.iter(|| {
            pair = (pair + 7) % 60_000;
            black_box(compatibility.judge(matcher.program(), pair % 200, pair / 200))
        });
    });
    group.finish();
}

fn whole(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("match_all");
    group.sample_size(10);
    for (participants, supporters) in [(400, 150), (2_000, 600)] {
        let matcher = matcher(participants, supporters);
        group.bench_function(BenchmarkId::from_parameter(format!("{participants}x{supporters}")), |bench| {
            bench.iter(|| black_box(matcher.match_all().expect("it can be matched")));
        });
    }
    group.finish();
}

criterion_group!(benches, compatibility, whole);
criterion_main!(benches);
