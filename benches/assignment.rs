//! Time to solve generated assignment problems, proof included, with and without the tie-break.
//!
//! `cargo bench --bench assignment` runs all, `-- real` the families of that name; `--bench peers` other crates beside
//! it. The largest takes a second or two a solve.

#![allow(missing_docs)]

mod families;

use std::hint::black_box;
use std::time::Duration;

use criterion::{BenchmarkId, Criterion, SamplingMode, criterion_group, criterion_main};
use families::{Family, Places};
use peermatch::assignment::{Control, Options, TieBreak, solve};

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

criterion_group!(benches, benchmark);
criterion_main!(benches);
