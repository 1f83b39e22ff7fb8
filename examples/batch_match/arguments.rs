//! What the command line says.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use jiff::Zoned;
use jiff::civil::Date;

use crate::files::{Files, SAMPLE_DAY, day, sample_folder};

/// A day this many years from today is more likely a slip of the keyboard than meant.
const YEARS_BELIEVED: i64 = 5;

/// Match participants with supporters: read the files, find the optimum, print a summary, write the matching.
///
/// Without any file the sample programme is matched.
#[derive(Parser)]
// Each switch of a command line is one bool.
#[allow(clippy::struct_excessive_bools)]
#[command(name = "batch_match", after_help = AFTER_HELP, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    #[command(flatten)]
    pub(crate) files: Files,
    /// The policy (TOML or JSON); the defaults if left out
    #[arg(long, value_name = "FILE", help_heading = "Matching")]
    policy: Option<PathBuf>,
    /// The day the matching is made for, written as 2026-11-21; today if left out (for the sample, the day it was made
    /// up for)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, help_heading = "Matching")]
    as_of: Option<Date>,
    /// How to solve: auto, flow, or ilp (a slow second opinion, only for small programmes)
    #[arg(
        long,
        value_enum,
        default_value = "auto",
        hide_possible_values = true,
        long_help = METHOD_HELP,
        help_heading = "Matching"
    )]
    pub(crate) method: Method,
    /// Where firm rules of the policy clash, match without the fewest of them instead of nobody
    #[arg(long, help_heading = "Matching")]
    pub(crate) drop_clashing_rules: bool,
    /// Stop searching this many seconds after the matching began, and write the best found so far
    #[arg(long, value_name = "SECONDS", value_parser = seconds, help_heading = "Matching")]
    pub(crate) time_limit: Option<Duration>,
    /// Threads to use, 1 to 1024; as many as there are cores if left out. The result is the same on any number
    #[arg(
        long,
        value_name = "N",
        value_parser = clap::value_parser!(u16).range(1..=1024),
        help_heading = "Matching"
    )]
    pub(crate) threads: Option<u16>,
    /// Where the matching goes as CSV, a line for each participant; - for standard output
    #[arg(long, value_name = "FILE", default_value = "matching.csv", help_heading = "Output")]
    pub(crate) csv: PathBuf,
    /// Where the matching goes as JSON, explanations included; - for standard output
    #[arg(long, value_name = "FILE", default_value = "matching.json", help_heading = "Output")]
    pub(crate) json: PathBuf,
    /// Print why this participant or supporter is matched as they are, or has nobody (may be given several times)
    #[arg(long, value_name = "ID", help_heading = "Output")]
    pub(crate) explain: Vec<String>,
    /// Print what changed since an earlier matching (the JSON that an earlier run wrote)
    #[arg(long, value_name = "FILE", help_heading = "Output")]
    pub(crate) compare: Option<PathBuf>,
    /// Check the input, the policy, the column map and the --compare file; match nobody and write nothing
    #[arg(
        long,
        conflicts_with_all = ["csv", "json", "explain", "method", "drop_clashing_rules", "time_limit", "timings"],
        help_heading = "Output"
    )]
    pub(crate) check: bool,
    /// List everyone who is left and every warning, not only the first
    #[arg(long, conflicts_with = "quiet", help_heading = "Output")]
    pub(crate) all: bool,
    /// Print neither warnings nor summary: only errors, and what --explain, --compare and --timings ask for
    #[arg(long, short, help_heading = "Output")]
    pub(crate) quiet: bool,
    /// Print the time each stage took, and the peak memory where the system tells it
    #[arg(long, help_heading = "Output")]
    pub(crate) timings: bool,
}

const METHOD_HELP: &str = "\
How to solve:
- auto: the library chooses
- flow: min-cost flow, with a proof
- ilp: integer linear program, a slow second opinion, without a proof of its own: only for small programmes (above
  2,000 eligible pairs it is refused)";

const AFTER_HELP: &str = "\
How the files combine: a table is taken from the file named for it (--participants and the like); if there is none, from
the --folder; if that has none either, from the --program file. Participants and supporters are needed, every other
table may be left out. The policy is never taken from a folder: name it with --policy.

Ctrl-C while the search runs, and --time-limit, stop it early: the best matching found so far is written, and the summary
says how far from the best possible it may be. A second Ctrl-C ends the program at once. (ilp cannot be stopped early.)

Files are written whole or not at all. Exit status: 0 done, 1 the input, the policy or an id has faults (all of them are
listed) or the matching could not be written, 2 the command line is wrong. Faults and a wrong command line leave every
file as it was. With - for standard output, the summary goes to standard error.";

/// How to solve.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// The library chooses
    Auto,
    /// Min-cost flow
    Flow,
    /// Integer linear program
    Ilp,
}

impl Arguments {
    /// The file of the policy; none for the defaults.
    pub(crate) fn policy(&self) -> Option<PathBuf> {
        let sample = || self.files.is_sample().then(|| sample_folder().join("policy.toml"));
        self.policy.clone().or_else(sample)
    }

    /// The day the matching is made for.
    pub(crate) fn as_of(&self) -> Date {
        self.as_of.unwrap_or_else(|| if self.files.is_sample() { SAMPLE_DAY } else { Zoned::now().date() })
    }

    /// What is odd about the day that was asked for.
    pub(crate) fn as_of_warning(&self) -> Option<String> {
        let (asked, today) = (self.as_of?, Zoned::now().date());
        let days = today.until(asked).ok()?.get_days();
        (i64::from(days).abs() > YEARS_BELIEVED * 366).then(|| {
            format!(
                "warning: --as-of {asked}: this is more than {YEARS_BELIEVED} years from today ({today}); check the \
                 year: waiting times, leaves and experience are counted to that day"
            )
        })
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let remedy = || "write a number of seconds above 0, such as 30 or 0.5".to_owned();
    let seconds: f64 = text.trim().parse().map_err(|_| remedy())?;
    let limit = Duration::try_from_secs_f64(seconds).map_err(|_| remedy())?;
    if limit.is_zero() { Err(remedy()) } else { Ok(limit) }
}
