//! Matches a programme's participants with its supporters in one go: reads the files, finds the optimum, prints a
//! summary, and writes the matching as CSV and JSON. Without arguments it runs on the sample programme.
//!
//! `cargo run --release --example batch_match -- --help` lists the arguments.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
mod explain;
mod files;
mod input;
mod output;
mod progress;
mod stop;
mod summary;
mod why;
mod words;

use std::io::{self, BufWriter, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use peermatch::assignment::{Algorithm, Backend, Options, Stop};
use peermatch::compatibility::Compatibility;
use peermatch::matching::Difference;
use peermatch::program::ProgramReader;
use peermatch::{Error, Matcher, Matching};

use arguments::{Arguments, Method};
use explain::Explainer;
use files::Refusal;
use input::Input;
use output::{Output, Problem};
use progress::Watch;
use stop::Stopper;
use summary::Summary;
use words::counted;

/// More eligible pairs than this, an integer program cannot be expected to solve in minutes.
const MOST_PAIRS_FOR_ILP: usize = 2000;

/// Exit status of a command line that cannot be meant, as clap has it.
const USAGE: u8 = 2;

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => failure.tell(&arguments),
    }
}

/// Why a run ends without a matching.
enum Failure {
    Usage(String),
    Input(Refusal),
    Other(String),
}

impl Failure {
    fn tell(self, arguments: &Arguments) -> ExitCode {
        match self {
            Self::Usage(message) => {
                eprintln!("error: {message}\n\nFor more information, try '--help'.");
                return ExitCode::from(USAGE);
            }
            Self::Input(refusal) => summary::print_refusal(&refusal, arguments.all),
            Self::Other(message) => eprintln!("{message}"),
        }
        ExitCode::FAILURE
    }
}

impl From<Problem> for Failure {
    fn from(problem: Problem) -> Self {
        match problem {
            Problem::Usage(message) => Self::Usage(message),
            Problem::Place(message) => Self::Other(message),
        }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::Other(format!("error: {error}"))
    }
}

fn run(arguments: &Arguments) -> Result<(), Failure> {
    let mut stopper = Stopper::new(arguments.time_limit);
    if let Some(threads) = arguments.threads {
        // Fails only if the pool is already there, and nothing has used it yet.
        let _ = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build_global();
    }
    let reader = files::reader(&arguments.files);
    let output =
        if arguments.check { None } else { Some(Output::new(arguments, &input_files(arguments, &reader))?) };

    let start = Instant::now();
    let Input { program, policy, before } = input::read(arguments, reader).map_err(Failure::Input)?;
    let read = start.elapsed();
    let options = Options::new().algorithm(match arguments.method {
        Method::Auto => Algorithm::Auto,
        Method::Flow => Algorithm::ShortestPaths,
        Method::Ilp => Algorithm::Ilp(Backend::default()),
    });
    let matcher = Matcher::new(program, policy, arguments.as_of())?.with_options(options);
    let (of_program, of_policy) = (matcher.program().warnings(), matcher.warnings());
    // Those of the policy first: they are few, and the first are shown.
    let odd = of_policy.iter().chain(of_program).map(ToString::to_string);
    let warnings: Vec<String> = arguments.as_of_warning().into_iter().chain(odd).collect();
    if !arguments.quiet {
        summary::print_warnings(&warnings, arguments.all);
    }
    let Some(output) = output else { return check(arguments, &matcher, warnings.len()) };

    if arguments.method == Method::Ilp {
        refuse_large(&matcher)?;
    }
    let watch = Watch::new(arguments.quiet);
    let found = watch.over(&mut stopper, |control| matcher.match_all_with(control));
    let matching = found.or_else(|error| offered(error, arguments.drop_clashing_rules))?;

    let writing = Instant::now();
    output.write(&matching.to_csv()?, &matching.to_json()?).map_err(Failure::Other)?;
    let written = writing.elapsed();

    let compatibility = matcher.compatibility()?;
    let report = Report {
        arguments,
        matcher: &matcher,
        compatibility: &compatibility,
        matching: &matching,
        before: before.as_ref(),
        stopped: stopper.why(),
        written_to: output.names(),
    };
    report.warn();
    let target: Box<dyn Write> =
        if output.takes_standard_output() { Box::new(io::stderr()) } else { Box::new(io::stdout()) };
    let mut out = BufWriter::new(target);
    report
        .print(&mut out)
        .and_then(|()| if arguments.timings { watch.print_timings(&mut out, read, written) } else { Ok(()) })
        .and_then(|()| out.flush())
        .or_else(output::unless_closed)
        .map_err(|error| Failure::Other(format!("error: the summary cannot be printed: {error}")))
}

/// The best matching without the fewest of the rules that clash, if that is what clashes and what is wanted.
fn offered(error: Error, wanted: bool) -> Result<Matching, Failure> {
    let Some(clash) = error.rule_clash() else { return Err(error.into()) };
    let Some(offer) = &clash.offer else { return Err(error.into()) };
    if !wanted {
        return Err(Failure::Other(format!(
            "error: {error}\n--drop-clashing-rules matches without {}; nothing was written.",
            clash.dropped.join(", ")
        )));
    }
    eprintln!("warning: {clash}");
    Ok((**offer).clone())
}

/// Every file that the run takes, as what it is and where.
fn input_files(arguments: &Arguments, reader: &ProgramReader) -> Vec<(String, PathBuf)> {
    let tables = reader.files().map(|(table, path)| {
        let table = table.trim_start_matches("history.");
        (format!("the input file of the {table}"), path.to_owned())
    });
    let others = [
        ("the policy", arguments.policy()),
        ("the column map", arguments.files.column_map.clone()),
        ("the --compare file", arguments.compare.clone()),
    ];
    let others = others.into_iter().filter_map(|(what, path)| Some((what.to_owned(), path?)));
    tables.chain(others).collect()
}

/// Says what was found sound, and what was not looked at.
fn check(arguments: &Arguments, matcher: &Matcher, warnings: usize) -> Result<(), Failure> {
    // What the policy asks of criteria shows only here.
    matcher.compatibility()?;
    if arguments.quiet {
        return Ok(());
    }
    let program = matcher.program();
    let people = format!(
        "The input is sound: {}, {}; {}.",
        counted(program.participants().len() as u64, "participant", "participants"),
        counted(program.supporters().len() as u64, "supporter", "supporters"),
        counted(warnings as u64, "warning", "warnings")
    );
    let file = |what: &str, path: Option<PathBuf>| path.map(|path| format!("{what} {}", path.display()));
    let sound = [
        Some(file("the policy", arguments.policy()).unwrap_or_else(|| "the default policy".to_owned())),
        file("the column map", arguments.files.column_map.clone()),
        file("the earlier matching", arguments.compare.clone()),
    ];
    let sound: Vec<String> = sound.into_iter().flatten().collect();
    let (sound, day) = (sound.join(", "), matcher.as_of());
    let text = format!(
        "{people}\n\
         Sound as well: {sound}. The day is {day}.\n\
         Only checked: nobody was matched, nothing was written, and whether anybody fits was not looked at.\n"
    );
    let mut out = io::stdout();
    out.write_all(text.as_bytes())
        .or_else(output::unless_closed)
        .map_err(|error| Failure::Other(format!("error: the check cannot be printed: {error}")))
}

/// Refuses to hand an integer program more than it solves in a reasonable time.
fn refuse_large(matcher: &Matcher) -> Result<(), Failure> {
    let pairs = matcher.compatibility()?.graph(matcher.program()).pair_count();
    if pairs <= MOST_PAIRS_FOR_ILP {
        return Ok(());
    }
    let policy = matcher.policy();
    let weighs_backups = policy.backup.as_ref().is_some_and(|backup| backup.worth.is_some());
    let instead = if policy.rules.is_empty() && !weighs_backups {
        "the flow finds the same optimum, and proves it"
    } else {
        "under the policy's rules the library's own search finds the same optimum, and proves how far from it it is if \
         it is stopped"
    };
    Err(Failure::Other(format!(
        "error: --method ilp: the programme has {pairs} eligible pairs, and above {MOST_PAIRS_FOR_ILP} an integer \
         program may take hours; leave --method out ({instead}). Nothing was written."
    )))
}

/// What is told of a matching once it is written.
struct Report<'a> {
    arguments: &'a Arguments,
    matcher: &'a Matcher,
    compatibility: &'a Compatibility,
    matching: &'a Matching,
    before: Option<&'a Matching>,
    /// What stopped the search, if something did.
    stopped: &'static str,
    written_to: String,
}

impl Report<'_> {
    /// Says what must not be missed, even where nobody wants a summary.
    fn warn(&self) {
        if let Some(why) = summary::nobody(self.matching) {
            eprintln!("warning: nobody was matched: {why}");
        }
        if self.matching.solution.stop != Stop::Completed {
            let what = if self.matching.solution.optimal {
                "the matching is optimal all the same, but of several as good it may not be the first in order"
            } else {
                "this is the best found until then"
            };
            eprintln!("warning: the search was stopped early {}: {what}", self.stopped);
        }
    }

    fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let &Self { arguments, matcher, compatibility, matching, .. } = self;
        let explainer = Explainer { matcher, compatibility, matching };
        for id in &arguments.explain {
            explainer.print(out, id)?;
        }
        if !arguments.quiet {
            let all = arguments.all;
            Summary { matcher, compatibility, matching, all, stopped: self.stopped }.print(out)?;
        }
        if let (Some(before), Some(path)) = (self.before, &arguments.compare) {
            writeln!(out, "\nCompared with {}:", path.display())?;
            writeln!(out, "{}", Difference::between(before, matching))?;
        }
        if !arguments.quiet {
            writeln!(out, "\nWritten to {}.", self.written_to)?;
        }
        Ok(())
    }
}
