//! What the command line says.

use std::num::NonZeroUsize;
use std::path::PathBuf;

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
    /// Also print the statistics of the solve, to standard error
    #[arg(long)]
    pub(crate) statistics: bool,
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

Exit status: 0 solved, 1 the file has faults (all of them are told) or is infeasible, 2 the command line cannot be meant.";

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
    pub(crate) fn options(&self) -> Options {
        Options::new().algorithm(self.algorithm).tie_break(match self.tie_break {
            Ties::InOrder => TieBreak::FirstInOrder,
            Ties::Unspecified => TieBreak::Unspecified,
        })
    }
}
