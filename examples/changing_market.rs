//! How long a solve takes anew, from an earlier solution after a few changes, and part by part on several threads.
//!
//! `cargo run --release --example changing_market -- PARTICIPANTS SUPPORTERS PLACES_PERCENT REGIONS CHANGES` draws
//! people in regions that lie apart, each with 50 near supporters, and prints the times in milliseconds.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use peermatch::assignment::{Assignment, Control, Options, Problem, Supporter, WarmStart, solve, solve_from};
use rayon::ThreadPoolBuilder;

type Pairs = Vec<Vec<(u32, i64)>>;

struct Draw(u64);

impl Draw {
    fn below(&mut self, count: u64) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % count.max(1)
    }
}

fn build(pairs: &Pairs, capacities: &[u32]) -> Result<Problem, peermatch::Error> {
    let mut builder = Problem::builder(pairs.len() as u32);
    for &capacity in capacities {
        builder.supporter(Supporter::new(capacity).load_cost([0, 300, 900]));
    }
    builder.served_weights(vec![1; pairs.len()]);
    let mut offsets = vec![0];
    for row in pairs {
        offsets.push(offsets[offsets.len() - 1] + row.len());
    }
    let all = || pairs.iter().flatten();
    let costs: Vec<i64> = all().map(|pair| pair.1).collect();
    builder.pairs_csr(offsets, all().map(|pair| pair.0).collect(), costs);
    builder.build()
}

fn timed<T>(run: impl Fn() -> T) -> (T, f64) {
    let mut best = f64::INFINITY;
    let mut found = run();
    for _ in 0..3 {
        let start = Instant::now();
        found = run();
        best = best.min(start.elapsed().as_secs_f64() * 1e3);
    }
    (found, best)
}

fn stages(assignment: &Assignment) -> String {
    let time = |time: &peermatch::assignment::StageTime| {
        format!("{:?} {:.1}", time.stage, time.nanoseconds as f64 / 1e6)
    };
    assignment.statistics.times.iter().map(time).collect::<Vec<_>>().join(", ")
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("changing_market PARTICIPANTS SUPPORTERS PLACES_PERCENT REGIONS CHANGES");
        return Ok(());
    }
    let number = |at: usize, default: u64| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (participants, supporters) = (number(0, 100_000)?, number(1, 25_000)?);
    let (percent, regions, changes) = (number(2, 120)?, number(3, 1)?.max(1), number(4, 100)?);
    let mut draw = Draw(7);
    let places = participants * percent / 100;
    let mut capacities: Vec<u32> =
        (0..supporters).map(|s| (places * (s + 1) / supporters - places * s / supporters) as u32).collect();
    // Supporters stand along a line within each region; near numbers are near people.
    let mut pairs: Pairs = (0..participants)
        .map(|p| {
            let region = p % regions;
            let (first, last) = (supporters * region / regions, supporters * (region + 1) / regions);
            let home = first + draw.below(last - first);
            let mut row: Vec<(u32, i64)> = (0..50)
                .map(|_| {
                    let near = (home + draw.below(400)).saturating_sub(200).clamp(first, last - 1);
                    (near as u32, near.abs_diff(home) as i64 * 40 + draw.below(8_000) as i64)
                })
                .collect();
            row.sort_unstable();
            row.dedup_by_key(|pair| pair.0);
            row
        })
        .collect();
    let problem = build(&pairs, &capacities)?;
    let options = Options::new();
    let control = Control::new().timed();
    for threads in [1, 2] {
        let pool = ThreadPoolBuilder::new().num_threads(threads).build()?;
        let (found, time) = timed(|| pool.install(|| solve(&problem, &options, &control)));
        println!("{threads} threads: {time:.1} ({})", found?.statistics.algorithm_reason);
    }
    let (whole, time) = timed(|| solve_from(&problem, &WarmStart::default(), &options, &control));
    let whole = whole?;
    println!("as a whole: {time:.1} ({})", stages(&whole));

    for _ in 0..changes {
        let p = draw.below(participants) as usize;
        match draw.below(3) {
            0 => {
                if let Some(own) = whole.supporter_of(p as u32) {
                    pairs[p].retain(|pair| pair.0 != own);
                }
            }
            1 => {
                let at = draw.below(pairs[p].len() as u64) as usize;
                if let Some(pair) = pairs[p].get_mut(at) {
                    pair.1 = draw.below(8_000) as i64;
                }
            }
            _ => {
                let capacity = &mut capacities[draw.below(supporters) as usize];
                *capacity = if draw.below(2) == 0 { *capacity + 1 } else { capacity.saturating_sub(1) };
            }
        }
    }
    let later = build(&pairs, &capacities)?;
    let (fresh, fresh_time) = timed(|| solve_from(&later, &WarmStart::default(), &options, &control));
    let start = WarmStart::of(&whole);
    let (warm, warm_time) = timed(|| solve_from(&later, &start, &options, &control));
    let (fresh, warm) = (fresh?, warm?);
    println!("after {changes} changes, anew: {fresh_time:.1} ({})", stages(&fresh));
    println!("from the earlier solution: {warm_time:.1} ({})", stages(&warm));
    println!(
        "equal={} kept={} searches={}",
        warm.matches == fresh.matches && warm.proof == fresh.proof,
        warm.statistics.kept,
        warm.statistics.augmentations
    );
    Ok(())
}
