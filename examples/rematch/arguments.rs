//! What the command line says.

use std::path::PathBuf;

use clap::Parser;
use jiff::Zoned;
use jiff::civil::Date;

use crate::files::{Files, SAMPLE_DAY, day, sample_folder};

/// Keep a programme's matching through what happens to it: say what happened, and read who has whom now and why.
///
/// Without any file the sample programme is kept.
#[derive(Parser)]
#[command(name = "rematch", after_help = AFTER_HELP, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The folder of the programme, as for --folder
    #[arg(value_name = "DATA_DIR", conflicts_with = "folder", help_heading = "Input")]
    data: Option<PathBuf>,
    #[command(flatten)]
    files: Files,
    /// The policy (TOML or JSON); the defaults if left out
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    policy: Option<PathBuf>,
    /// Under rules about matches together, end each search after so many nodes (20 if left out) and say how far from the
    /// best its answer may be; 0 searches until the best is proven, however long that takes. A journal goes on with what
    /// it was begun with
    #[arg(long, value_name = "COUNT", help_heading = "Matching")]
    pub(crate) node_limit: Option<u64>,
    /// The first day, written as 2026-11-21; today if left out (for the sample, the day it was made up for; where a
    /// journal or snapshot is gone on with, its last day)
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, help_heading = "Events")]
    pub(crate) on: Option<Date>,
    /// What happened, one command a line; without it commands are read from standard input
    #[arg(long, value_name = "FILE", help_heading = "Events")]
    pub(crate) events: Option<PathBuf>,
    /// A file to which everything that is made is added, and from which it is made again at the next start
    #[arg(long, value_name = "FILE", help_heading = "Keeping")]
    pub(crate) journal: Option<PathBuf>,
    /// A file that `save` writes; if it is there, the programme goes on from it instead of from its tables
    #[arg(long, value_name = "FILE", help_heading = "Keeping")]
    pub(crate) snapshot: Option<PathBuf>,
}

const AFTER_HELP: &str = "\
A table is taken from the file named for it (--participants and the like); if there is none, from the folder; if that has
none either, from the --program file. The policy is never taken from a folder: name it with --policy.

The command `help` lists the commands. In a file of events a line that begins with # is a heading, and is printed.

Exit status: 0 done, 1 the input or a command has faults, 2 the command line is wrong. A file of events with a line that
cannot be read is refused whole; one whose command cannot be done ends there, and what came before it is done.";

impl Arguments {
    /// The files of the tables, wherever the folder was named.
    pub(crate) fn files(&mut self) -> &Files {
        if let Some(folder) = self.data.take() {
            self.files.folder = Some(folder);
        }
        &self.files
    }

    /// Whether a policy is named.
    pub(crate) fn names_a_policy(&self) -> bool {
        self.policy.is_some()
    }

    /// The file of the policy; none for the defaults. Asked after [`files`](Self::files).
    pub(crate) fn policy(&self) -> Option<PathBuf> {
        let sample = || self.files.is_sample().then(|| sample_folder().join("policy.toml"));
        self.policy.clone().or_else(sample)
    }

    /// The first day where nothing that is gone on with has one. Asked after [`files`](Self::files).
    pub(crate) fn first_day(&self) -> Date {
        let usual = || if self.files.is_sample() { SAMPLE_DAY } else { Zoned::now().date() };
        self.on.unwrap_or_else(usual)
    }
}
