//! What a caller may choose about a solve.

use super::baseline::Baseline;

/// The algorithm to solve with. All but the baselines solve the same problem to the same objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Algorithm {
    /// The library chooses; the statistics say which and why.
    #[default]
    Auto,
    /// Minimum-cost flow by successive shortest augmenting paths; proves its result by potentials.
    ShortestPaths,
    /// The same from the other side: places look for participants. Sooner done where places are clearly fewer; holds
    /// the pairs a second time.
    ShortestPathsFromPlaces,
    /// Participants are inserted by falling served weight and look for places themselves; from the weight on at which
    /// places run out, places look for them.
    ShortestPathsFromBothSides,
    /// An auction for good prices, then shortest augmenting paths. Sooner done where each supporter has one place and
    /// there are about as many participants as places. Where supporters stand under groups or have several places, or
    /// costs need 128 bits, shortest paths are used instead, and the statistics say so.
    Auction,
    /// Minimum-cost flow on the explicit graph by the network simplex method; proves its result by potentials. What
    /// participants with several places need, and a second opinion on everything else.
    NetworkSimplex,
    /// The complete model as an integer linear program: slower, and an independent second opinion.
    Ilp(Backend),
    /// A simple way to match that is not optimal, to compare an optimum with.
    Baseline(Baseline),
}

/// The solver behind [`Algorithm::Ilp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Backend {
    /// microlp, pure Rust, always there.
    #[default]
    Microlp,
    /// HiGHS, behind the cargo feature `highs`; without it the solve is an error.
    Highs,
}

/// Which optimal assignment is returned when there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TieBreak {
    /// Participant 0 gets the lowest-numbered supporter it has in any optimal assignment (unmatched counts as last; of
    /// several places the lowest first), then participant 1, and so on. Flow algorithms only; an integer program
    /// and a search under [rules](super::rules) return any optimum.
    #[default]
    FirstInOrder,
    /// Any optimal assignment; the same one for the same problem, options and version of the library. Its certificate
    /// has any potentials that prove it, see [`Certificate::canonical`](super::Certificate): finding the canonical
    /// ones would take longer than the rest of a large sparse solve.
    Unspecified,
}

/// The integers to compute in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Width {
    /// 32 bits where provably enough, else 64, else 128.
    #[default]
    Narrowest,
    /// 64 bits where provably enough, else 128.
    Bits64,
    /// 128 bits always: slower, with the same result.
    Wide,
}

/// How to solve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Options {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The rule between optimal assignments.
    pub tie_break: TieBreak,
    /// The integers of the flow algorithms.
    pub width: Width,
    /// How many of its cheapest pairs the flow algorithms keep at hand for a participant with a long row; `None` for
    /// what is fast in general. A matter of time and memory: the answer does not depend on it under
    /// [`TieBreak::FirstInOrder`].
    pub shortlist: Option<u32>,
}

impl Options {
    /// The defaults: the library chooses, ties are broken in order.
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses the algorithm.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Chooses the rule between optimal assignments.
    #[must_use]
    pub fn tie_break(mut self, tie_break: TieBreak) -> Self {
        self.tie_break = tie_break;
        self
    }

    /// Chooses the integers to compute in.
    #[must_use]
    pub fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    /// Chooses how many of its cheapest pairs are kept at hand for a participant.
    #[must_use]
    pub fn shortlist(mut self, length: u32) -> Self {
        self.shortlist = Some(length);
        self
    }
}
