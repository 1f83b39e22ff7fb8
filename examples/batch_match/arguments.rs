//! What the command line says.

use std::path::{Path, PathBuf};

use clap::{Parser, ValueEnum};
use jiff::Zoned;
use jiff::civil::{Date, date};

/// The day for which the sample programme was made up.
const SAMPLE_DAY: Date = date(2026, 11, 21);

/// Match participants with supporters: read the files, find the optimum, print a summary, write the matching.
///
/// Without any file the sample programme is matched. Exit status: 0 matched, 1 the input or the policy has faults (all
/// of them are listed, nothing is written), 2 the command line is wrong.
#[derive(Parser)]
// Each switch of a command line is one bool.
#[allow(clippy::struct_excessive_bools)]
#[command(name = "batch_match")]
pub(crate) struct Arguments {
    /// Folder with a file for each table, by its name: participants.csv, supporters.csv, and any of conditions, issues,
    /// gazetteer, supervisors, acquaintances, barred pairs, past matches, standing matches
    #[arg(long, value_name = "DIR")]
    folder: Option<PathBuf>,
    /// One JSON file with the whole programme
    #[arg(long, value_name = "FILE")]
    pub(crate) program: Option<PathBuf>,
    /// Who asks for support (CSV or JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) participants: Option<PathBuf>,
    /// Who gives support (CSV or JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) supporters: Option<PathBuf>,
    /// Taxonomy of conditions: code, parent, name
    #[arg(long, value_name = "FILE")]
    pub(crate) conditions: Option<PathBuf>,
    /// Taxonomy of issues: code, parent, name
    #[arg(long, value_name = "FILE")]
    pub(crate) issues: Option<PathBuf>,
    /// Postcodes and towns with their coordinates
    #[arg(long, value_name = "FILE")]
    pub(crate) gazetteer: Option<PathBuf>,
    /// Supervisors with their caseload limits
    #[arg(long, value_name = "FILE")]
    pub(crate) supervisors: Option<PathBuf>,
    /// Who knows whom
    #[arg(long, value_name = "FILE")]
    pub(crate) acquaintances: Option<PathBuf>,
    /// Who must not be matched
    #[arg(long, value_name = "FILE")]
    pub(crate) barred_pairs: Option<PathBuf>,
    /// Matches that are over
    #[arg(long, value_name = "FILE")]
    pub(crate) past_matches: Option<PathBuf>,
    /// Matches that stand
    #[arg(long, value_name = "FILE")]
    pub(crate) standing_matches: Option<PathBuf>,
    /// How the files of another system name their columns and values (TOML or JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) column_map: Option<PathBuf>,
    /// The policy (TOML or JSON); the defaults if left out
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
    /// The day the matching is made for; today if left out (for the sample, the day it was made up for)
    #[arg(long, value_name = "YYYY-MM-DD")]
    as_of: Option<Date>,
    /// Where the matching goes as CSV, a line for each participant
    #[arg(long, value_name = "FILE", default_value = "matching.csv")]
    pub(crate) csv: PathBuf,
    /// Where the matching goes as JSON, explanations included
    #[arg(long, value_name = "FILE", default_value = "matching.json")]
    pub(crate) json: PathBuf,
    /// Print why this participant or supporter is matched as they are (may be given several times)
    #[arg(long, value_name = "ID")]
    pub(crate) explain: Vec<String>,
    /// Print what changed since an earlier matching (its JSON)
    #[arg(long, value_name = "FILE")]
    pub(crate) compare: Option<PathBuf>,
    /// Only check the input
    #[arg(long)]
    pub(crate) check: bool,
    /// List everyone who is left and every warning, not only the first
    #[arg(long)]
    pub(crate) all: bool,
    /// Print nothing but errors (and what --explain and --timings ask for)
    #[arg(long, short)]
    pub(crate) quiet: bool,
    /// Print the time each stage took, and the peak memory where the system tells it
    #[arg(long)]
    pub(crate) timings: bool,
    /// Threads to use; as many as there are cores if left out. The result is the same on any number
    #[arg(long, value_name = "N")]
    pub(crate) threads: Option<usize>,
    /// How to solve
    #[arg(long, value_enum, default_value = "auto")]
    pub(crate) method: Method,
}

/// How to solve.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Method {
    /// The library chooses
    Auto,
    /// Min-cost flow
    Flow,
    /// Integer linear program: slow, a second opinion
    Ilp,
}

impl Arguments {
    /// No file is named: the sample programme is meant.
    pub(crate) fn is_sample(&self) -> bool {
        let tables = [&self.program, &self.participants, &self.supporters];
        self.folder.is_none() && tables.iter().all(|path| path.is_none())
    }

    /// The folder whose files are read.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        if self.is_sample() { Some(sample_folder()) } else { self.folder.clone() }
    }

    /// The day the matching is made for.
    pub(crate) fn as_of(&self) -> Date {
        self.as_of.unwrap_or_else(|| if self.is_sample() { SAMPLE_DAY } else { Zoned::now().date() })
    }
}

/// The sample programme, beside this example's source.
pub(crate) fn sample_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data")
}
