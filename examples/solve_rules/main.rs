//! Solves one assignment problem with rules from a file and prints what it costs and how well that is proven, the
//! result checked first.
//!
//! `cargo run --release --example solve_rules -- --help` lists the arguments and the formats.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod read;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use peermatch::assignment::rules::{Method, RuleOptions, RuleState, RuleStop, explain_clash, solve_rules};
use peermatch::assignment::{Backend, Control};

/// Solves an assignment problem with rules exactly and prints one line:
/// `objective=<int> bound=<float> state=<Optimal|Feasible|Infeasible|Unknown> solve_ms=<float> nodes=<int>`
///
/// The result is verified before anything is printed; one that does not pass is a message and exit status 1.
/// `solve_ms` is the solve alone, from the built problem to the result. Where firm rules clash, the smallest set of
/// them that is found is named on standard error, with what dropping the fewest gives.
///
/// Formats: `.json` is a problem with named rules (participants, supporters, maximise, pairs, unmatched, rules); any
/// other name is an OR-Library file of the generalised assignment problem (m n, m x n values, m x n weights, m
/// capacities), in which everyone must be placed.
#[derive(Parser)]
struct Arguments {
    /// The problem.
    file: PathBuf,
    /// Seconds after which the best matching so far is taken.
    #[arg(long)]
    time_limit: Option<f64>,
    /// Who solves what fixing leaves open; `full-` hands over the whole model.
    #[arg(long, value_enum, default_value_t = Solver::Own)]
    backend: Solver,
    /// Maximise the values of an OR-Library file.
    #[arg(long)]
    maximise: bool,
    /// Also print the statistics of the solve, to standard error.
    #[arg(long)]
    statistics: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Solver {
    Own,
    Microlp,
    Highs,
    FullMicrolp,
    FullHighs,
}

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
    let options = RuleOptions::new().method(match arguments.backend {
        Solver::Own => Method::Search,
        Solver::Microlp => Method::Rest(Backend::Microlp),
        Solver::Highs => Method::Rest(Backend::Highs),
        Solver::FullMicrolp => Method::FullModel(Backend::Microlp),
        Solver::FullHighs => Method::FullModel(Backend::Highs),
    });
    let limit = arguments.time_limit.map(Duration::try_from_secs_f64).transpose();
    let limit = limit.map_err(|_| "the time limit is no number of seconds")?;
    let read = read::read(&arguments.file, arguments.maximise);
    let instance = read.map_err(|message| format!("{}: {message}", arguments.file.display()))?;
    let start = Instant::now();
    let mut control = Control::new().timed();
    if let Some(limit) = limit {
        control = control.time_limit(limit);
    }
    let solution = solve_rules(&instance.ruled, &options, &control).map_err(|error| error.to_string())?;
    let solved = start.elapsed();

    let verification = solution.verify(&instance.ruled);
    if !verification.is_valid() {
        return Err(format!("the result does not pass its check: {verification}"));
    }
    if arguments.statistics {
        eprintln!("{:?}; {verification}", solution.statistics);
    }
    if solution.state == RuleState::Infeasible {
        let clash = explain_clash(&instance.ruled, &options, &Control::new());
        if let Some(clash) = clash.map_err(|error| error.to_string())? {
            eprintln!("{}", clash.message(&instance.ruled));
        }
    }
    let sign = i128::from(instance.sign);
    let objective = match &solution.matching {
        Some(matching) => (sign * matching.objective.quality).to_string(),
        None => "none".to_owned(),
    };
    // A problem in which nothing costs anything has no scale, and where nothing is feasible there is no bound.
    let bound = if solution.state == RuleState::Infeasible {
        "none".to_owned()
    } else {
        format!("{}.0", sign * solution.bound / solution.scales.quality.max(1))
    };
    let stop = if solution.stop == RuleStop::Completed {
        String::new()
    } else {
        format!(" stop={:?}", solution.stop)
    };
    Ok(format!(
        "objective={objective} bound={bound} state={:?} solve_ms={:.3} nodes={}{stop}",
        solution.state,
        solved.as_secs_f64() * 1000.0,
        solution.statistics.nodes
    ))
}
