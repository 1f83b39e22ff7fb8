//! Solves one assignment problem from a file and prints what it costs and how long that took, the proof checked first.
//!
//! `cargo run --release --example solve_assignment -- --help` lists the arguments and the formats.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod asg;
mod asgb;
mod dimacs_asn;
mod dimacs_min;
mod events;
mod faults;
mod format;
mod instance;
mod lines;
mod memory;
mod or_library;
mod rows;

use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::Parser;
use peermatch::assignment::{Algorithm, Assignment, Control, Problem, Stop, blocking_pairs, solve};

use arguments::Arguments;
use events::Events;
use faults::Faults;
use format::Format;
use instance::{Instance, Unmatched};

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(stopped) => {
            if stopped {
                ExitCode::from(STOPPED)
            } else {
                ExitCode::SUCCESS
            }
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

/// The exit status where the time limit was reached first.
const STOPPED: u8 = 3;

/// Prints what was found; whether that is less than was asked for.
fn run(arguments: &Arguments) -> Result<bool, String> {
    arguments.check()?;
    // Fails only if the pool is already there, and nothing has used it yet.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads.get()).build_global();
    let file = arguments.file.display();
    let failed = |error: peermatch::Error| format!("error: {file}: {error}");

    let start = Instant::now();
    let instance = read(arguments).map_err(|faults| faults.to_string())?;
    let read = start.elapsed();
    let loaded = memory::peak_kib();
    let unmatched = instance.unmatched;
    let start = Instant::now();
    let problem = instance.build().map_err(failed)?;
    let built = start.elapsed();
    let most = arguments.max_events.unwrap_or(usize::MAX);
    let events = arguments.events.as_ref().map(|file| Events::checked(file, &problem, most));
    let events = events.transpose().map_err(|faults| faults.to_string())?;
    let start = Instant::now();
    let control = arguments.time_limit.map_or_else(Control::new, |limit| Control::new().time_limit(limit));
    let assignment = solve(&problem, &arguments.options(), &control).map_err(failed)?;
    let solved = start.elapsed();

    let verification = assignment.verify(&problem);
    let baseline = matches!(arguments.algorithm, Algorithm::Baseline(_));
    let stopped = assignment.stop != Stop::Completed;
    if !verification.is_valid() || !(baseline || stopped || assignment.is_optimal()) {
        return Err(format!("error: {file}: the assignment does not pass its own proof: {verification}"));
    }
    if arguments.statistics {
        eprintln!("{:#?}", assignment.statistics);
    }
    let (matched, participants) = (assignment.matched(), problem.participants());
    if matches!(unmatched, Unmatched::Never) && assignment.objective.served > 0 && !stopped {
        if !assignment.is_optimal() {
            return Err(format!(
                "error: {file}: everyone must be matched, and this baseline matches {matched} of {participants}; choose \
                 another --algorithm to know whether all can be"
            ));
        }
        return Err(format!(
            "error: {file}: infeasible: everyone must be matched, and at most {matched} of {participants} can be; add \
             pairs or places"
        ));
    }
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    let memory = loaded.map_or_else(String::new, |kib| format!(" load_rss_kb={kib}"));
    let blocking = if baseline { told_blocking(&problem, &assignment) } else { String::new() };
    let gap = if stopped { told_gap(&problem, &assignment) } else { String::new() };
    let line = format!(
        "objective={} solve_ms={:.3} matched={matched} build_ms={:.3} read_ms={:.3}{memory}{blocking}{gap}",
        assignment.objective.quality,
        milliseconds(solved),
        milliseconds(built),
        milliseconds(read)
    );
    println!("{line}");
    if let (Some(file), Some(events), false) = (&arguments.events, events, stopped) {
        let out = &mut std::io::stdout().lock();
        events::run(&problem, &assignment, events, arguments.verify_events, out)
            .map_err(|message| format!("error: {}: {message}", file.display()))?;
        if let Some(kib) = memory::peak_kib().filter(|_| arguments.statistics) {
            eprintln!("peak_rss_kb={kib}");
        }
    }
    Ok(stopped)
}

fn read(arguments: &Arguments) -> Result<Instance, Faults> {
    let file = &arguments.file;
    if let Some(format) = arguments.format {
        return format.read(file);
    }
    let format = Format::of(file)?;
    format
        .read(file)
        .map_err(|faults| if format.is_guessed() { faults.read_by_guess_as(format.name()) } else { faults })
}

/// How far a solve that was stopped is from the best at most, for the end of the line.
fn told_gap(problem: &Problem, assignment: &Assignment) -> String {
    let gap = assignment.gap_by_rung(problem);
    gap.map_or_else(String::new, |gap| {
        let unmatched = if problem.scales().served > 0 {
            format!(" unmatched_gap={}", gap.served)
        } else {
            String::new()
        };
        format!(" stopped=time_limit{unmatched} gap={}", gap.quality)
    })
}

/// How many pairs would rather have each other, for the end of the line.
fn told_blocking(problem: &Problem, assignment: &Assignment) -> String {
    let pairs = blocking_pairs(problem, &assignment.matches);
    pairs.map_or_else(String::new, |pairs| format!(" blocking_pairs={}", pairs.len()))
}
