//! A market of nearly all pairs, solved without holding them: distance and conditions in common make the cost.
//!
//! `cargo run --release --example implicit_market -- PARTICIPANTS SUPPORTERS PLACES_PERCENT [explicit]` prints how many
//! pairs were held, rounds and times; `explicit` holds all pairs for comparison.

#![allow(clippy::print_stdout)]

use std::time::Instant;

use peermatch::assignment::{
    Control, Options, PairSource, Pairs, Problem, Supporter, TieBreak, solve, solve_implicit, verify_implicit,
};
use rayon::prelude::*;

/// Where someone lives, in hundredths of a kilometre, and what they live with, as bits.
#[derive(Clone, Copy)]
struct Person {
    x: i64,
    y: i64,
    conditions: u32,
}

struct Market {
    participants: Vec<Person>,
    supporters: Vec<Person>,
}

impl Market {
    fn pair_cost(a: Person, b: Person) -> i64 {
        let squared = (a.x - b.x).pow(2) + (a.y - b.y).pow(2);
        let common = (a.conditions & b.conditions).count_ones();
        (squared as u64).isqrt() as i64 + 8_000 / i64::from(1 + common)
    }
}

impl PairSource for Market {
    fn cost_range(&self) -> (i64, i64) {
        (0, 150_000)
    }

    fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        let (a, b) = (self.participants.get(participant as usize)?, self.supporters.get(supporter as usize)?);
        Some(Self::pair_cost(*a, *b))
    }

    fn cheapest(&self, prices: &[i64], limits: &[i64], most: usize) -> Pairs {
        let rows: Vec<Vec<(i64, u32, i64)>> = self
            .participants
            .par_iter()
            .zip(limits)
            .map(|(&a, &limit)| {
                let mut wanted = Vec::new();
                let mut bar = limit;
                for (s, (&b, &price)) in self.supporters.iter().zip(prices).enumerate() {
                    let cost = Self::pair_cost(a, b);
                    let sum = cost.saturating_add(price);
                    if sum >= bar {
                        continue;
                    }
                    wanted.push((sum, s as u32, cost));
                    if wanted.len() >= most.saturating_mul(2).max(64) {
                        wanted.select_nth_unstable(most);
                        wanted.truncate(most);
                        // Of equal sums the lower supporter is kept already.
                        bar = bar.min(wanted.iter().map(|pair| pair.0).max().unwrap_or(bar));
                    }
                }
                wanted.sort_unstable();
                wanted.truncate(most);
                wanted
            })
            .collect();
        let mut pairs = Pairs::new();
        pairs.scored = self.supporters.len() as u64 * limits.iter().filter(|&&l| l > i64::MIN).count() as u64;
        for row in rows {
            pairs.push_row(row.into_iter().map(|(_, supporter, cost)| (supporter, cost)));
        }
        pairs
    }
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("implicit_market PARTICIPANTS SUPPORTERS PLACES_PERCENT [explicit]");
        return Ok(());
    }
    let number = |at: usize, default: u64| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (participants, supporters, percent) = (number(0, 10_000)?, number(1, 3_000)?, number(2, 120)?);
    let mut state = 42_u64;
    let mut draw = move |below: u64| {
        // splitmix64
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % below
    };
    let mut people = |count: u64| -> Vec<Person> {
        let person = |_| {
            let (x, y) = (draw(50_000) as i64, draw(50_000) as i64);
            Person { x, y, conditions: (0..3).fold(0, |bits, _| bits | 1 << draw(32)) }
        };
        (0..count).map(person).collect()
    };
    let market = Market { participants: people(participants), supporters: people(supporters) };
    let build = |pairs: Option<Pairs>| {
        let mut builder = Problem::builder(participants as u32);
        let places = participants * percent / 100;
        for s in 0..supporters {
            let capacity = places * (s + 1) / supporters - places * s / supporters;
            builder.supporter(Supporter::new(capacity as u32).load_cost([0, 300, 900]));
        }
        builder.served_weights(vec![1; participants as usize]);
        if let Some(pairs) = pairs {
            builder.pairs_csr(pairs.offsets, pairs.supporters, pairs.costs);
        }
        builder.build()
    };
    let options = Options::new().tie_break(TieBreak::FirstInOrder);
    let problem = build(None)?;
    let start = Instant::now();
    let found = solve_implicit(&problem, &market, &options, &Control::new())?;
    let solved = start.elapsed();
    let start = Instant::now();
    let check = verify_implicit(&problem, &market, &found);
    let verified = start.elapsed();
    println!(
        "objective={} pairs={} held={} rounds={} passes={} solve_ms={:.1} check={check} verify_ms={:.1}",
        found.assignment.objective,
        participants * supporters,
        found.problem.pairs(),
        found.pricing.rounds,
        found.pricing.passes,
        solved.as_secs_f64() * 1e3,
        verified.as_secs_f64() * 1e3,
    );
    if arguments.iter().any(|argument| argument == "explicit") {
        let mut all = Pairs::new();
        for p in 0..participants as u32 {
            all.push_row((0..supporters as u32).filter_map(|s| market.cost(p, s).map(|cost| (s, cost))));
        }
        let problem = build(Some(all))?;
        let start = Instant::now();
        let explicit = solve(&problem, &options, &Control::new())?;
        println!(
            "explicit: objective={} solve_ms={:.1} equal={}",
            explicit.objective,
            start.elapsed().as_secs_f64() * 1e3,
            explicit.matches == found.assignment.matches
        );
    }
    Ok(())
}
