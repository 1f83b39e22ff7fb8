//! What a living market asks for: single rows and columns of more pairs than can be held.

use rayon::prelude::*;

use super::super::super::pair_source::PairSource;

/// So many rows are worth waking other threads for.
const PARALLEL: usize = 4;

/// A row that is asked for: of the participant's pairs with `cost + floor(supporter) < limit` the up to `most` for
/// which that sum is least, ties by the lower supporter. A limit of `i64::MAX` is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RowWanted {
    /// Whose.
    pub participant: u32,
    /// What the sum stays below, in quality costs.
    pub limit: i64,
    /// Pairs at the most.
    pub most: usize,
}

/// All pairs of a market that changes, asked about a row or a column at a time.
///
/// Its answers are those of the market as it stands: who arrives is known to it, by the number that is given, before
/// the market is told; who left need not be forgotten. Sums of costs and prices within the
/// [range](PairSource::cost_range) do not overflow. What a source knows beside its pairs are the *floors*: it may keep
/// an index by them, and is told of each that changes before the next row is asked for.
pub trait LivePairs: PairSource {
    /// From now on rows are asked for at this price of a supporter;
    /// [`Pairs::CLOSED`](super::super::super::Pairs::CLOSED), the price of everyone not told of yet, leaves it out of
    /// them.
    fn floor(&mut self, supporter: u32, price: i64);

    /// Several floors at once; unless overridden one after another.
    fn floors(&mut self, floors: &[(u32, i64)]) {
        for &(supporter, price) in floors {
            self.floor(supporter, price);
        }
    }

    /// A row as it is wanted, as supporters and costs in any order.
    fn row(&self, wanted: RowWanted) -> Vec<(u32, i64)>;

    /// Several rows, in the order asked for; unless overridden in parallel where they are more than a few.
    fn rows(&self, wanted: &[RowWanted]) -> Vec<Vec<(u32, i64)>> {
        if wanted.len() < PARALLEL {
            return wanted.iter().map(|&wanted| self.row(wanted)).collect();
        }
        wanted.par_iter().map(|&wanted| self.row(wanted)).collect()
    }

    /// All pairs of a supporter with `cost + price < ceilings[participant]`, as participants and costs in any order. A
    /// ceiling of `i64::MAX` lets every pair pass, one of `i64::MIN` none. Floors do not matter.
    fn column(&self, supporter: u32, price: i64, ceilings: &[i64]) -> Vec<(u32, i64)>;
}
