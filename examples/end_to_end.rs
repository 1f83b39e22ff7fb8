//! From people in memory to a verified matching, exact over all pairs: the time of each stage, and the peak of memory.
//!
//! `cargo run --release --example end_to_end -- PARTICIPANTS SUPPORTERS [--supply PLACES_PER_PARTICIPANT] [--threads N]
//! [--seed N] [--explicit] [--reasons]`. `--explicit` holds every pair instead of pricing them; `--reasons` also puts
//! the matching into words.

#![allow(clippy::print_stdout)]

use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Parser;
use jiff::civil::date;
use peermatch::assignment::{
    Assignment, Control, Options, PairSource, Pairs, Problem, solve, solve_implicit, verify, verify_implicit,
};
use peermatch::compatibility::Compatibility;
use peermatch::population::{Settings, generate};
use peermatch::{Matcher, Policy, Program};

#[path = "solve_assignment/memory.rs"]
mod memory;

#[derive(Parser)]
struct Arguments {
    participants: usize,
    supporters: usize,
    /// Places for each participant; if left out two and a half for each supporter.
    #[arg(long)]
    supply: Option<f64>,
    /// Threads; as many as there are if left out.
    #[arg(long, default_value_t = 0)]
    threads: usize,
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Hold every pair.
    #[arg(long)]
    explicit: bool,
    /// Put the matching into words too.
    #[arg(long)]
    reasons: bool,
}

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let arguments = Arguments::parse();
    rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build_global()?;
    let supply = 2.5 * arguments.supporters as f64 / arguments.participants as f64;
    let settings = Settings {
        participants: arguments.participants,
        supporters: arguments.supporters,
        supply: arguments.supply.unwrap_or(supply),
        seed: arguments.seed,
        ..Settings::default()
    };
    let matcher = Matcher::new(Program::new(generate(&settings)?)?, Policy::default(), date(2026, 11, 21))?;
    println!("people     {:>9} KiB before", memory::peak_kib().unwrap_or(0));

    let began = Instant::now();
    let compatibility = matcher.compatibility()?;
    let clock = Clock(Mutex::new(began));
    clock.lap("preparing");
    let (problem, assignment) = if arguments.explicit {
        explicit(&matcher, &compatibility, &clock)?
    } else {
        implicit(&matcher, &compatibility, &clock)?
    };
    println!("{:10} {:>9.1} ms", "in all", milliseconds(began.elapsed()));
    println!("people     {:>9} KiB at most", memory::peak_kib().unwrap_or(0));
    println!("matched={} of {}", assignment.matched(), arguments.participants);
    println!("objective: {}", assignment.objective);
    println!("solved: {}", assignment.statistics.algorithm_reason);
    for time in &assignment.statistics.times {
        println!("    {time:?}");
    }
    if arguments.reasons {
        clock.restart();
        let matching = matcher.explain(&compatibility, &problem, &assignment);
        clock.lap("reasons");
        println!("           {:>9} pairs, {} without", matching.pairs.len(), matching.unmatched.len());
    }
    Ok(())
}

fn implicit(
    matcher: &Matcher,
    compatibility: &Compatibility,
    clock: &Clock,
) -> peermatch::Result<(Problem, Assignment)> {
    let market = matcher.market(compatibility);
    clock.lap("index");
    let problem = matcher.open_problem(&market)?;
    clock.lap("problem");
    let timed = Timed { market: &market, clock };
    let found = solve_implicit(&problem, &timed, &Options::default(), &Control::new().timed())?;
    clock.lap("  solve");
    let check = verify_implicit(&problem, &timed, &found);
    clock.lap("  verify");
    println!(
        "{check}; {} rounds, {} passes, {} pairs scored, {} held",
        found.pricing.rounds,
        found.pricing.passes,
        found.pricing.scored,
        found.problem.pairs()
    );
    Ok((found.problem, found.assignment))
}

fn explicit(
    matcher: &Matcher,
    compatibility: &Compatibility,
    clock: &Clock,
) -> peermatch::Result<(Problem, Assignment)> {
    let graph = compatibility.graph(matcher.program());
    clock.lap("scan");
    let problem = matcher.problem(compatibility, graph)?;
    clock.lap("problem");
    let assignment = solve(&problem, &Options::default(), &Control::new().timed())?;
    clock.lap("solve");
    let check = verify(&problem, &assignment);
    clock.lap("verify");
    println!("{check}; {} pairs held", problem.pairs());
    Ok((problem, assignment))
}

/// Tells the time between two events.
struct Clock(Mutex<Instant>);

impl Clock {
    fn lap(&self, what: &str) {
        println!("{what:10} {:>9.1} ms", milliseconds(self.restart()));
    }

    fn restart(&self) -> Duration {
        let mut last = self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        let now = Instant::now();
        now.duration_since(std::mem::replace(&mut last, now))
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

/// A market that tells how long each answer took.
struct Timed<'a> {
    market: &'a peermatch::matcher::Market<'a>,
    clock: &'a Clock,
}

impl PairSource for Timed<'_> {
    fn cost_range(&self) -> (i64, i64) {
        self.market.cost_range()
    }

    fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        self.market.cost(participant, supporter)
    }

    fn costs(&self, participant: u32, supporters: &[u32]) -> Vec<Option<i64>> {
        self.market.costs(participant, supporters)
    }

    fn cheapest(&self, prices: &[i64], limits: &[i64], most: usize) -> Pairs {
        self.clock.lap("  between");
        let pairs = self.market.cheapest(prices, limits, most);
        let asked = limits.iter().filter(|&&limit| limit != i64::MIN).count();
        self.clock.lap("  pricing");
        println!("               asked for {asked} x {most}: {} found, {} scored", pairs.len(), pairs.scored);
        pairs
    }
}
