//! Pairs that are too many to hold: what a source of them answers.
//!
//! A market of 100,000 participants and 25,000 supporters has 2.5 billion pairs. They can be computed one by one but
//! not kept; [`solve_implicit`](super::solve_implicit) asks a [`PairSource`] for the few that matter. A source thinks
//! in quality costs and `i64`; the packed integers of the ladder stay on the other side, which rounds so that a source
//! returns rather too much than too little.

use rayon::prelude::*;

use super::problem::Problem;
use crate::error::{Error, Result};

/// Largest magnitude of a pair cost in a source, and of a price other than [`Pairs::CLOSED`]: sums of two do not
/// overflow.
pub(super) const LARGEST: i64 = 1 << 61;

/// All pairs of a problem too large to hold. Answers may not change while a solve or a check is under way.
///
/// One call asks for all participants at once, so that the source can prepare bounds on many pairs at a time and spread
/// the work over threads as it likes; the answer may not depend on the number of threads.
pub trait PairSource: Sync {
    /// Bounds on the cost of every pair, lowest first, each within 2^61 in magnitude. They set the scales of the
    /// ladder: wide bounds cost bits, wrong ones make the solve an error.
    fn cost_range(&self) -> (i64, i64);

    /// The quality cost of a pair, `None` if there is no such pair.
    fn cost(&self, participant: u32, supporter: u32) -> Option<i64>;

    /// The same for several supporters of one participant, in their order; for sources that can prepare for that.
    fn costs(&self, participant: u32, supporters: &[u32]) -> Vec<Option<i64>> {
        supporters.iter().map(|&supporter| self.cost(participant, supporter)).collect()
    }

    /// For each participant `p`, of the pairs with `cost + prices[supporter] < limits[p]` the up to `most` for which
    /// that sum is least, ties by the lower supporter; in any order within the row. There is a price for each supporter
    /// and a limit for each participant. Supporters at the price [`Pairs::CLOSED`] are left out, a limit of `i64::MIN`
    /// asks for nothing, and other sums do not overflow. [`Pairs::scored`] is to say for how many pairs a cost was
    /// computed.
    ///
    /// Unless overridden every pair that may be wanted is asked for by [`costs`](Self::costs), participants in
    /// parallel: right for every source, and as slow as that is. A source that knows bounds on many pairs at a time
    /// does better.
    fn cheapest(&self, prices: &[i64], limits: &[i64], most: usize) -> Pairs {
        let open = (0..).zip(prices).filter(|&(_, &price)| price != Pairs::CLOSED);
        let (supporters, prices): (Vec<u32>, Vec<i64>) = open.unzip();
        let row = |(participant, &limit): (usize, &i64)| {
            if limit == i64::MIN {
                return (Vec::new(), 0);
            }
            let costs = self.costs(participant as u32, &supporters);
            let mut row: Vec<(i64, u32, i64)> = (costs.into_iter().zip(&supporters).zip(&prices))
                .filter_map(|((cost, &supporter), &price)| Some((cost? + price, supporter, cost?)))
                .filter(|&(sum, ..)| sum < limit)
                .collect();
            if row.len() > most {
                row.select_nth_unstable(most);
                row.truncate(most);
            }
            (row, supporters.len() as u64)
        };
        let rows: Vec<_> = limits.par_iter().enumerate().map(row).collect();
        let mut pairs = Pairs::new();
        for (row, scored) in rows {
            pairs.push_row(row.into_iter().map(|(_, supporter, cost)| (supporter, cost)));
            pairs.scored += scored;
        }
        pairs
    }
}

/// Some pairs of each participant, in compressed rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pairs {
    /// The pairs of participant `p` are `offsets[p]..offsets[p + 1]`.
    pub offsets: Vec<usize>,
    /// The supporter of each pair.
    pub supporters: Vec<u32>,
    /// The quality cost of each pair.
    pub costs: Vec<i64>,
    /// How many pairs had to be scored for this answer; whoever fills the rows says it, and it ends in the statistics.
    pub scored: u64,
}

impl Default for Pairs {
    fn default() -> Self {
        Self { offsets: vec![0], supporters: Vec::new(), costs: Vec::new(), scored: 0 }
    }
}

impl Pairs {
    /// The price of a supporter that no pair is wanted with.
    pub const CLOSED: i64 = i64::MAX;

    /// No rows yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Appends the row of the next participant.
    pub fn push_row(&mut self, pairs: impl IntoIterator<Item = (u32, i64)>) {
        for (supporter, cost) in pairs {
            self.supporters.push(supporter);
            self.costs.push(cost);
        }
        self.offsets.push(self.supporters.len());
    }

    /// The number of pairs in all rows.
    pub fn len(&self) -> usize {
        self.supporters.len()
    }

    /// Whether no row has a pair.
    pub fn is_empty(&self) -> bool {
        self.supporters.is_empty()
    }

    /// The pairs of a participant.
    ///
    /// # Panics
    /// If there is no such row, like a slice.
    pub fn row(&self, participant: usize) -> impl Iterator<Item = (u32, i64)> + '_ {
        let range = self.offsets[participant]..self.offsets[participant + 1];
        self.supporters[range.clone()].iter().copied().zip(self.costs[range].iter().copied())
    }

    /// Checks an answer, so that a faulty source is an error and no panic.
    pub(super) fn check(&self, problem: &Problem, (lowest, highest): (i64, i64)) -> Result<()> {
        let participants = problem.participants() as usize;
        if self.offsets.len() != participants + 1
            || self.offsets.first() != Some(&0)
            || self.offsets.last() != Some(&self.supporters.len())
            || self.offsets.windows(2).any(|row| row[0] > row[1])
            || self.costs.len() != self.supporters.len()
        {
            return Err(Error::problem(format!(
                "the pair source answered with rows that are not those of {participants} participants"
            )));
        }
        for participant in 0..participants {
            for (supporter, cost) in self.row(participant) {
                if supporter >= problem.supporters() {
                    return Err(Error::problem(format!(
                        "the pair source paired participant {participant} with supporter {supporter}, but there are {}",
                        problem.supporters()
                    )));
                }
                if cost < lowest || cost > highest {
                    return Err(Error::problem(format!(
                        "the pair source gave participant {participant} and supporter {supporter} the cost {cost}, \
                         outside the range {lowest}..={highest} it states"
                    )));
                }
            }
        }
        Ok(())
    }
}
