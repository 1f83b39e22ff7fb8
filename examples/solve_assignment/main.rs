//! Solves one assignment problem from a file and prints what it costs and how long that took, the proof checked first.
//!
//! `cargo run --release --example solve_assignment -- --help` lists the arguments and the formats.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod asg;
mod asgb;
mod dimacs_asn;
mod dimacs_min;
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
use peermatch::assignment::{Algorithm, Assignment, Control, Problem, blocking_pairs, solve};

use arguments::Arguments;
use format::Format;
use instance::Unmatched;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<String, String> {
    // Fails only if the pool is already there, and nothing has used it yet.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads.get()).build_global();
    let file = arguments.file.display();
    let failed = |error: peermatch::Error| format!("error: {file}: {error}");

    let start = Instant::now();
    let format = arguments.format.map_or_else(|| Format::of(&arguments.file), Ok);
    let instance =
        format.and_then(|format| format.read(&arguments.file)).map_err(|faults| faults.to_string())?;
    let read = start.elapsed();
    let loaded = memory::peak_kib();
    let unmatched = instance.unmatched;
    let start = Instant::now();
    let problem = instance.build().map_err(failed)?;
    let built = start.elapsed();
    let start = Instant::now();
    let assignment = solve(&problem, &arguments.options(), &Control::new()).map_err(failed)?;
    let solved = start.elapsed();

    let verification = assignment.verify(&problem);
    let baseline = matches!(arguments.algorithm, Algorithm::Baseline(_));
    if !verification.is_valid() || !(baseline || assignment.is_optimal()) {
        return Err(format!("error: {file}: the assignment does not pass its own proof: {verification}"));
    }
    if arguments.statistics {
        eprintln!("{:#?}", assignment.statistics);
    }
    let (matched, participants) = (assignment.matched(), problem.participants());
    if matches!(unmatched, Unmatched::Never) && assignment.objective.served > 0 {
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
    Ok(format!(
        "objective={} solve_ms={:.3} matched={matched} build_ms={:.3} read_ms={:.3}{memory}{blocking}",
        assignment.objective.quality,
        milliseconds(solved),
        milliseconds(built),
        milliseconds(read)
    ))
}

/// How many pairs would rather have each other, for the end of the line.
fn told_blocking(problem: &Problem, assignment: &Assignment) -> String {
    let pairs = blocking_pairs(problem, &assignment.matches);
    pairs.map_or_else(String::new, |pairs| format!(" blocking_pairs={}", pairs.len()))
}
