//! What the command line says.

use std::num::NonZeroUsize;
use std::path::PathBuf;
use std::time::Duration;

use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use clap::{Parser, ValueEnum};
use peermatch::assignment::{Algorithm, Backend, Baseline, Options, TieBreak};

use crate::format::Format;

/// Solve an assignment problem exactly and print one line:
/// `objective=<int> solve_ms=<float> matched=<int> build_ms=<float> read_ms=<float> load_rss_kb=<int>`
///
/// The certificate is verified before anything is printed; an assignment that does not pass is a message and exit
/// status 1. `solve_ms` is the solve with its certificate, from the built problem to the assignment; verifying is not
/// in it. `load_rss_kb` is the peak memory once the file is read, where the system tells.
#[derive(Parser)]
#[command(name = "solve_assignment", after_help = AFTER_HELP, after_long_help = AFTER_HELP)]
pub(crate) struct Arguments {
    /// The problem
    pub(crate) file: PathBuf,
    /// The format of the file; by what stands in it if left out
    #[arg(long, value_enum)]
    pub(crate) format: Option<Format>,
    /// Threads it may use
    #[arg(long, default_value = "1")]
    pub(crate) threads: NonZeroUsize,
    /// What to solve it with
    #[arg(long, default_value = METHODS[0].0, value_parser = methods())]
    pub(crate) algorithm: Algorithm,
    /// Which optimal assignment to return; peers return any
    #[arg(long, value_enum, default_value_t = Ties::Unspecified)]
    tie_break: Ties,
    /// Seconds after which the best assignment so far is printed, with its gap
    #[arg(long, value_name = "SECONDS", value_parser = seconds)]
    pub(crate) time_limit: Option<Duration>,
    /// Also print the statistics of the solve, to standard error, and the peak memory once all changes are made
    #[arg(long)]
    pub(crate) statistics: bool,
    /// Changes to make one after another, a line printed for the optimum after each
    #[arg(long, value_name = "FILE")]
    pub(crate) events: Option<PathBuf>,
    /// Make the first so many changes only
    #[arg(long, value_name = "COUNT", requires = "events")]
    pub(crate) max_events: Option<usize>,
    /// Check the proof of the optimum after each change, and not of the last alone
    #[arg(long, requires = "events")]
    pub(crate) verify_events: bool,
}

const AFTER_HELP: &str = "\
Formats, told apart by what stands in the file:
  asg        text: `p asg P S E penalty`, `s SUPPORTER CAPACITY`, `e PARTICIPANT SUPPORTER COST`, from 0
  asgb       the same, binary
  or-dense   OR-Library assignN: n, then n rows of n costs
  or-sparse  OR-Library assignpN: n, then `i j cost` for each pair, from 1
  asn        DIMACS assignment: `p asn NODES ARCS`, `n SOURCE`, `a SOURCE TARGET COST`, from 1
  min        DIMACS minimum-cost flow whose arcs lead from sources straight to sinks and do not bind

In asg and asgb everyone may stay unmatched at the penalty. In the others everyone must be matched; an instance where that
cannot be is said to be infeasible.

A baseline proves nothing; its line ends with `blocking_pairs=<int>`, the pairs that would rather have each other.

Where the --time-limit is reached first, the line ends with `stopped=time_limit gap=<int>`: the objective is no further than
that from the least. Where everyone must be matched, `unmatched_gap=<int>` stands before it: no more than that many more can
be matched, and the gap holds for assignments that match as many.

Changes for --events, one to a line, numbered from 0:
  x P S         participant P may not have supporter S from now on
  a P S         participant P may have supporter S again, at what that costs in the problem
  l S           supporter S leaves
  r S           supporter S comes back, with the places of the problem
  c S CAPACITY  supporter S has so many places from now on
After each `event=<int> objective=<int> ms=<float>` is printed: the time from the change to the new optimum, found from the
one before.

Exit status: 0 solved, 1 the file has faults (all of them are told) or is infeasible, 2 the command line cannot be meant,
3 stopped before the optimum was proven.";

/// A number of seconds, fractions allowed.
fn seconds(text: &str) -> Result<Duration, String> {
    let seconds: Option<f64> = text.parse().ok();
    seconds
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .ok_or_else(|| "state a number of seconds, 0 or more, such as 2.5".to_owned())
}

/// Every algorithm of the library, by name: one line for each.
const METHODS: [(&str, Algorithm, &str); 12] = [
    ("auto", Algorithm::Auto, "The library chooses"),
    ("flow", Algorithm::ShortestPaths, "Participants look for places"),
    ("places", Algorithm::ShortestPathsFromPlaces, "Places look for participants"),
    (
        "both",
        Algorithm::ShortestPathsFromBothSides,
        "Participants look by falling weight, places where they run out",
    ),
    ("auction", Algorithm::Auction, "An auction, then participants look for places"),
    ("simplex", Algorithm::NetworkSimplex, "Network simplex on the explicit graph"),
    ("ilp", Algorithm::Ilp(Backend::Microlp), "Integer program, solved by microlp"),
    (
        "ilp-highs",
        Algorithm::Ilp(Backend::Highs),
        "Integer program, solved by HiGHS, with the feature `highs`",
    ),
    (
        "first-come",
        Algorithm::Baseline(Baseline::FirstComeFirstServed),
        "Baseline: one after another, each the cheapest",
    ),
    (
        "best-pair",
        Algorithm::Baseline(Baseline::BestPairFirst),
        "Baseline: the best pair, then the next that fits",
    ),
    (
        "deferred",
        Algorithm::Baseline(Baseline::DeferredAcceptance),
        "Baseline: proposals and rejections, stable",
    ),
    ("random", Algorithm::Baseline(Baseline::Random { seed: 1 }), "Baseline: at random, always the same"),
];

fn methods() -> impl TypedValueParser<Value = Algorithm> {
    let values = METHODS.map(|(name, _, help)| PossibleValue::new(name).help(help));
    let algorithm = |name: String| METHODS.iter().find(|method| method.0 == name).map(|method| method.1);
    PossibleValuesParser::new(values).try_map(move |name| algorithm(name).ok_or("no such algorithm"))
}

#[derive(Clone, Copy, ValueEnum)]
enum Ties {
    /// The first in order, the same whatever the algorithm
    InOrder,
    /// Any; sooner found
    Unspecified,
}

impl Arguments {
    /// Says so before the file is read if what is asked for is not there.
    pub(crate) fn check(&self) -> Result<(), String> {
        if matches!(self.algorithm, Algorithm::Ilp(Backend::Highs)) && !cfg!(feature = "highs") {
            return Err("error: --algorithm ilp-highs: HiGHS was not built in; run with `--features highs`, which needs \
                        cmake and libclang, or choose --algorithm ilp"
                .to_owned());
        }
        if self.events.is_some() && matches!(self.algorithm, Algorithm::Baseline(_)) {
            return Err(
                "error: --events: a baseline is no optimum that could be kept; choose another --algorithm"
                    .to_owned(),
            );
        }
        Ok(())
    }

    pub(crate) fn options(&self) -> Options {
        Options::new().algorithm(self.algorithm).tie_break(match self.tie_break {
            Ties::InOrder => TieBreak::FirstInOrder,
            Ties::Unspecified => TieBreak::Unspecified,
        })
    }
}
