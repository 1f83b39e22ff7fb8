//! Matches a programme's participants with its supporters in one go: reads the files, finds the optimum, prints a
//! summary, and writes the matching as CSV and JSON. Without arguments it runs on the sample programme.
//!
//! `cargo run --release --example batch_match -- --help` lists the arguments.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod progress;
mod summary;

use std::error::Error;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use peermatch::assignment::{Algorithm, Backend, Options};
use peermatch::matching::Difference;
use peermatch::program::{ColumnMap, ProgramReader};
use peermatch::{Matcher, Matching, Policy, Program};

use arguments::{Arguments, Method};
use progress::Watch;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            match error.downcast_ref::<peermatch::Error>().filter(|error| error.is_input()) {
                Some(error) => summary::print_faults(error.faults(), arguments.all),
                None => eprintln!("{error}"),
            }
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), Box<dyn Error>> {
    if let Some(threads) = arguments.threads {
        // Fails only if the pool is already there, and nothing has used it yet.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads).build_global();
    }
    let start = Instant::now();
    let program = read(arguments)?;
    let read = start.elapsed();
    if !arguments.quiet {
        summary::print_warnings(program.warnings(), arguments.all);
    }
    if arguments.check {
        let (participants, supporters) = (program.participants().len(), program.supporters().len());
        println!("The input is sound: {participants} participants, {supporters} supporters.");
        return Ok(());
    }

    let policy = match (&arguments.policy, arguments.is_sample()) {
        (Some(path), _) => Policy::from_path(path)?,
        (None, true) => Policy::from_path(arguments::sample_folder().join("policy.toml"))?,
        (None, false) => Policy::default(),
    };
    let options = Options::new().algorithm(match arguments.method {
        Method::Auto => Algorithm::Auto,
        Method::Flow => Algorithm::ShortestPaths,
        Method::Ilp => Algorithm::Ilp(Backend::default()),
    });
    let matcher = Matcher::new(program, policy, arguments.as_of())?.with_options(options);
    if !arguments.quiet {
        summary::print_warnings(&matcher.warnings(), arguments.all);
    }
    let watch = Watch::new(arguments.quiet);
    let matching = watch.over(|control| matcher.match_all_with(control))?;

    let writing = Instant::now();
    write(&arguments.csv, &matching.to_csv()?)?;
    write(&arguments.json, &matching.to_json()?)?;
    let written = writing.elapsed();

    for id in &arguments.explain {
        summary::print_explanation(&matching, id);
    }
    if !arguments.quiet {
        summary::print(&matcher, &matching, arguments.all);
        if let Some(path) = &arguments.compare {
            let before = Matching::from_json(&read_text(path)?)?;
            println!("\nCompared with {}:\n{}", path.display(), Difference::between(&before, &matching));
        }
        println!("\nWritten to {} and {}.", arguments.csv.display(), arguments.json.display());
    }
    if arguments.timings {
        watch.print_timings(read, written);
    }
    Ok(())
}

type SetTable = fn(ProgramReader, &Path) -> ProgramReader;

fn read(arguments: &Arguments) -> peermatch::Result<Program> {
    let mut reader = ProgramReader::new();
    if let Some(path) = &arguments.column_map {
        reader = reader.column_map(ColumnMap::from_path(path)?);
    }
    if let Some(path) = &arguments.program {
        reader = reader.program(path);
    }
    if let Some(folder) = arguments.folder() {
        reader = reader.folder(folder);
    }
    let tables: [(&Option<PathBuf>, SetTable); 10] = [
        (&arguments.participants, |reader, path| reader.participants(path)),
        (&arguments.supporters, |reader, path| reader.supporters(path)),
        (&arguments.conditions, |reader, path| reader.conditions(path)),
        (&arguments.issues, |reader, path| reader.issues(path)),
        (&arguments.gazetteer, |reader, path| reader.gazetteer(path)),
        (&arguments.supervisors, |reader, path| reader.supervisors(path)),
        (&arguments.acquaintances, |reader, path| reader.acquaintances(path)),
        (&arguments.barred_pairs, |reader, path| reader.barred_pairs(path)),
        (&arguments.past_matches, |reader, path| reader.past_matches(path)),
        (&arguments.standing_matches, |reader, path| reader.standing_matches(path)),
    ];
    for (path, set) in tables {
        if let Some(path) = path {
            reader = set(reader, path);
        }
    }
    reader.read()
}

fn write(path: &Path, text: &str) -> Result<(), String> {
    std::fs::write(path, text).map_err(|error| format!("{}: cannot be written: {error}", path.display()))
}

fn read_text(path: &Path) -> Result<String, String> {
    std::fs::read_to_string(path).map_err(|error| format!("{}: cannot be read: {error}", path.display()))
}
