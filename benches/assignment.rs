//! Time to solve generated assignment problems, proof and tie-break included.
//!
//! Sparse problems place participants and supporters in the plane and give each participant its nearest supporters;
//! the cost is the distance plus noise, as in programmes that match people near each other.

#![allow(missing_docs)]

use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use peermatch::assignment::{Control, Options, Problem, Supporter, TieBreak, solve};

/// A small deterministic generator: splitmix64.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ (z >> 31)) % bound
    }
}

/// Places for `percent` of the participants; each participant has its `degree` cheapest supporters.
fn nearby(participants: u32, supporters: u32, degree: usize, percent: u64) -> Problem {
    let mut random = Random(7);
    let mut builder = Problem::builder(participants);
    let mut point = || (random.below(1000) as i64, random.below(1000) as i64);
    let homes: Vec<_> = (0..participants).map(|_| point()).collect();
    let offices: Vec<_> = (0..supporters).map(|_| point()).collect();
    let places = u64::from(participants) * percent / 100;
    let (least, more) = (places / u64::from(supporters), places % u64::from(supporters));
    for supporter in 0..u64::from(supporters) {
        builder.supporter(Supporter::new((least + u64::from(supporter < more)) as u32));
    }
    let (mut offsets, mut columns, mut costs) = (vec![0], Vec::new(), Vec::new());
    for home in homes {
        let mut row: Vec<(i64, u32)> = offices
            .iter()
            .zip(0..)
            .map(|(office, supporter)| {
                let (dx, dy) = (home.0 - office.0, home.1 - office.1);
                let noise = random.below(200_000) as i64;
                (((dx * dx + dy * dy) as f64).sqrt() as i64 * 1000 + noise, supporter)
            })
            .collect();
        let kept = degree.min(row.len());
        row.select_nth_unstable(kept - 1);
        row.truncate(kept);
        row.sort_unstable_by_key(|pair| pair.1);
        columns.extend(row.iter().map(|pair| pair.1));
        costs.extend(row.iter().map(|pair| pair.0));
        offsets.push(columns.len());
    }
    builder.pairs_csr(offsets, columns, costs);
    builder.served_weights(vec![1; participants as usize]);
    builder.build().expect("the generated problem is well-formed")
}

/// Complete, unit capacities, uniform costs.
fn dense(size: u32) -> Problem {
    let mut random = Random(11);
    let mut builder = Problem::builder(size);
    for _ in 0..size {
        builder.supporter(Supporter::new(1));
    }
    let offsets = (0..=size as usize).map(|row| row * size as usize).collect();
    let columns = (0..size).flat_map(|_| 0..size).collect();
    let costs = (0..size * size).map(|_| random.below(1_000_000) as i64).collect();
    builder.pairs_csr(offsets, columns, costs);
    builder.served_weights(vec![1; size as usize]);
    builder.build().expect("the generated problem is well-formed")
}

fn benchmark(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("assignment");
    group.sample_size(10);
    let problems = [
        ("sparse 1k x 300, room for 120 %", nearby(1000, 300, 50, 120)),
        ("sparse 10k x 3k, room for 120 %", nearby(10_000, 3000, 50, 120)),
        ("sparse 10k x 3k, room for 70 %", nearby(10_000, 3000, 50, 70)),
        ("500 each 10k x 3k, room for 70 %", nearby(10_000, 3000, 500, 70)),
        ("dense 300 x 300", dense(300)),
    ];
    for (name, problem) in &problems {
        for tie_break in [TieBreak::FirstInOrder, TieBreak::Unspecified] {
            let options = Options::new().tie_break(tie_break);
            group.bench_with_input(
                BenchmarkId::new(*name, format!("{tie_break:?}")),
                problem,
                |bench, problem| {
                    bench.iter(|| solve(black_box(problem), &options, &Control::new()));
                },
            );
        }
    }
    group.finish();
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
