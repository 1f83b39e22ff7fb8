//! The best pairs among all, exactly, without asking about most of them.
//!
//! Two questions with one answer: *which are the best supporters of this participant*, and *which pairs are worth more than
//! their price*, as column generation and cards ask them. Each pair has a value, its weight less the price of the
//! supporter; wanted are those above a floor, and of these the highest so many.
//!
//! The supporters stand in blocks of a kind ([`blocks`](super::blocks)), and [`bounds`](super::bounds) tells the most
//! that a block, and each supporter in it, can be worth. Only supporters whose bound reaches what is wanted are asked
//! about, through the kernel that also the full scan uses, so an answer is that of the full scan to the bit.
//! Where only the highest so many are wanted, the most promising blocks are read first, and in them the most promising
//! supporters; the worst of the best so far is then what the others have to reach. (The threshold algorithm of
//! Fagin, Lotem and Naor 2003, with one round of sorted access.)
//!
//! Time is linear in the blocks, and in the supporters of the blocks that a bound lets through. It is the wrong choice
//! where most pairs are wanted: a graph of everyone is sooner scanned.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;

use super::blocks::{BLOCK, Blocks};
use super::bounds::{BlockBound, Bounds};
use super::query::Query;
use super::{Candidate, Compatibility, kernel};
use crate::program::Program;

/// Participants searched for in one piece of parallel work.
const STRIDE: usize = 64;
/// So many of the most promising blocks are read first.
const SEEDS: usize = 8;
/// Prices farther apart are those of different rungs of a ladder, not of different scores.
const WIDE: i64 = 4_000_000;

/// An index over the supporters of a program; see [`Compatibility::search`].
///
/// A price of `i64::MAX` closes a supporter: no pair with them is wanted. Other prices and floors are whole millionths,
/// of a magnitude up to 2^61.
#[derive(Debug, Clone)]
pub struct PairSearch<'a> {
    compatibility: &'a Compatibility,
    program: &'a Program,
    blocks: Blocks,
}

/// Pairs found, by participant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Found {
    offsets: Vec<usize>,
    pairs: Vec<Candidate>,
    scored: u64,
}

impl Found {
    /// The pairs of a participant: the highest value first, among equals the lower supporter.
    ///
    /// # Panics
    ///
    /// If there is no participant at that position.
    pub fn row(&self, participant: usize) -> &[Candidate] {
        &self.pairs[self.offsets[participant]..self.offsets[participant + 1]]
    }

    /// How many pairs were found.
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// How many pairs were asked about; bounds settled all others.
    pub fn scored(&self) -> u64 {
        self.scored
    }
}

/// Prices in the order of the blocks.
struct Prices<'a> {
    of: &'a [i64],
    /// The lowest price in each block; `i64::MAX` where all are closed.
    lowest: Vec<i64>,
    /// By how much each row's price exceeds it, rounded down.
    above: Vec<f32>,
    /// Whether prices in a block are so far apart that `f32` would blur them.
    wide: Vec<bool>,
    /// The price of each row.
    exact: Vec<f64>,
}

impl<'a> Prices<'a> {
    fn new(blocks: &Blocks, of: &'a [i64]) -> Self {
        let mut lowest = Vec::with_capacity(blocks.all.len());
        let mut above = Vec::with_capacity(blocks.rows.len());
        let mut wide = Vec::with_capacity(blocks.all.len());
        for block in &blocks.all {
            let rows = &blocks.rows[block.start..block.end];
            let open = || rows.iter().map(|&row| of[row as usize]).filter(|&price| price != i64::MAX);
            let least = open().min().unwrap_or(i64::MAX);
            lowest.push(least);
            wide.push(open().max().is_some_and(|most| most.saturating_sub(least) > WIDE));
            above.extend(rows.iter().map(|&row| match of[row as usize] {
                i64::MAX => f32::INFINITY,
                price => below(price.saturating_sub(least)),
            }));
        }
        let exact = |&row: &u32| match of[row as usize] {
            i64::MAX => f64::INFINITY,
            price => price as f64,
        };
        Self { of, lowest, above, wide, exact: blocks.rows.iter().map(exact).collect() }
    }
}

/// A number that is not greater, in `f32`.
fn below(whole: i64) -> f32 {
    let near = whole as f32;
    near - near.abs() * 1e-6
}

/// A pair by value: the higher the better, then the lower supporter.
type Ranked = (i64, Reverse<u32>);

/// The search for one participant under way.
struct Hunt<'a> {
    compatibility: &'a Compatibility,
    query: &'a Query<'a>,
    prices: Option<&'a Prices<'a>>,
    /// A value has to exceed this.
    floor: i64,
    most: usize,
    /// The best so far, the worst of them on top.
    best: BinaryHeap<Reverse<Ranked>>,
    scored: u64,
}

impl<'a> PairSearch<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, program: &'a Program) -> Self {
        Self { compatibility, program, blocks: Blocks::new(compatibility) }
    }

    /// The `count` supporters of highest weight for one participant; among equals the lower position. The same as the
    /// first of a sorted [`Compatibility::scan`].
    pub fn best(&self, participant: usize, count: usize) -> Vec<Candidate> {
        self.one(participant, None, i64::MIN, count).0
    }

    /// The same for every participant, in parallel.
    pub fn best_of_all(&self, count: usize) -> Found {
        self.all(None, &|_| i64::MIN, count)
    }

    /// For each participant, of the pairs with `weight - prices[supporter] > floors[participant]` the up to `most` of
    /// highest `weight - price`; among equals the lower supporter. In parallel, and the same on any number of threads.
    ///
    /// # Panics
    ///
    /// If there is not one price for each supporter and one floor for each participant.
    pub fn above(&self, prices: &[i64], floors: &[i64], most: usize) -> Found {
        assert_eq!(prices.len(), self.compatibility.columns.len(), "one price for each supporter");
        assert_eq!(floors.len(), self.program.participants().len(), "one floor for each participant");
        let prices = Prices::new(&self.blocks, prices);
        self.all(Some(&prices), &|participant| floors[participant], most)
    }

    fn all(&self, prices: Option<&Prices<'_>>, floor: &(dyn Fn(usize) -> i64 + Sync), most: usize) -> Found {
        let total = self.program.participants().len();
        let starts: Vec<usize> = (0..total).step_by(STRIDE).collect();
        let pieces: Vec<(Vec<usize>, Vec<Candidate>, u64)> = starts
            .into_par_iter()
            .map(|start| {
                let (mut counts, mut pairs, mut scored) = (Vec::with_capacity(STRIDE), Vec::new(), 0);
                for participant in start..(start + STRIDE).min(total) {
                    let (found, asked) = self.one(participant, prices, floor(participant), most);
                    counts.push(found.len());
                    pairs.extend(found);
                    scored += asked;
                }
                (counts, pairs, scored)
            })
            .collect();
        let mut found = Found { offsets: vec![0], ..Found::default() };
        for (counts, pairs, scored) in pieces {
            for count in counts {
                found.offsets.push(found.offsets[found.offsets.len() - 1] + count);
            }
            found.pairs.extend(pairs);
            found.scored += scored;
        }
        found
    }

    fn one(
        &self,
        participant: usize,
        prices: Option<&Prices<'_>>,
        floor: i64,
        most: usize,
    ) -> (Vec<Candidate>, u64) {
        if !self.program.participants()[participant].consent || most == 0 || floor == i64::MAX {
            return (Vec::new(), 0);
        }
        let query = self.compatibility.query(self.program, participant).prepare_search(self.compatibility);
        let bounds = Bounds::new(self.compatibility, &query, &self.blocks);
        let mut hunt = Hunt {
            compatibility: self.compatibility,
            query: &query,
            prices,
            floor,
            most,
            best: BinaryHeap::new(),
            scored: 0,
        };
        // A match that stands may go on with somebody who takes nobody new, and who is in no block.
        if let Some(standing) = query.standing
            && !self.compatibility.columns.takes_new[standing.supporter as usize]
        {
            hunt.ask(standing.supporter);
        }
        self.hunt(&bounds, &mut hunt);
        let scored = hunt.scored;
        (hunt.found(), scored)
    }

    fn hunt(&self, bounds: &Bounds<'_>, hunt: &mut Hunt<'_>) {
        // The bound on the value of each block that can hold something wanted.
        let wanted = hunt.floor.saturating_add(1) as f64;
        let mut open: Vec<Open> = Vec::with_capacity(self.blocks.all.len());
        for (number, block) in self.blocks.all.iter().enumerate() {
            let lowest = hunt.prices.map_or(0, |prices| prices.lowest[number]);
            if lowest == i64::MAX {
                continue;
            }
            if let Some(bound) = bounds.block(block) {
                let value = f64::from(bound.top) - lowest as f64;
                if value + room(value) >= wanted - room(wanted) {
                    open.push(Open { number, bound, value });
                }
            }
        }
        let mut buffer = [0.0_f32; BLOCK];
        let mut read = 0;
        if hunt.most < self.blocks.rows.len() {
            let seeds = SEEDS.min(open.len());
            if seeds < open.len() {
                open.select_nth_unstable_by(seeds, |a, b| b.value.total_cmp(&a.value));
            }
            self.seed(&open[..seeds], bounds, hunt, &mut buffer);
            read = seeds;
        }
        for block in &open[read..] {
            if block.value + room(block.value) >= hunt.wanted() as f64 {
                self.read(block, bounds, hunt, &mut buffer, &mut |hunt, _, supporter| hunt.ask(supporter));
            }
        }
    }

    /// Asks about the most promising supporters of the most promising blocks first, so that what is wanted of the others
    /// is much from the beginning.
    fn seed(&self, open: &[Open], bounds: &Bounds<'_>, hunt: &mut Hunt<'_>, buffer: &mut [f32; BLOCK]) {
        let mut promising: Vec<(f64, u32)> = Vec::with_capacity(SEEDS * BLOCK);
        for block in open {
            self.read(block, bounds, hunt, buffer, &mut |_, value, supporter| {
                promising.push((value, supporter));
            });
        }
        let first = (2 * hunt.most).min(promising.len());
        if first < promising.len() {
            promising.select_nth_unstable_by(first, |a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        }
        for (value, supporter) in promising {
            if value >= hunt.wanted() as f64 {
                hunt.ask(supporter);
            }
        }
    }

    /// Hands over those supporters of a block who may be wanted, each with a bound on the value.
    #[inline]
    fn read(
        &self,
        open: &Open,
        bounds: &Bounds<'_>,
        hunt: &mut Hunt<'_>,
        buffer: &mut [f32; BLOCK],
        found: &mut impl FnMut(&mut Hunt<'_>, f64, u32),
    ) {
        if let Some(prices) = hunt.prices.filter(|prices| prices.wide[open.number]) {
            return self.read_wide(open, prices, bounds, hunt, buffer, found);
        }
        let block = &self.blocks.all[open.number];
        let (lowest, above) = match hunt.prices {
            Some(prices) => (prices.lowest[open.number] as f64, Some(&prices.above[block.start..block.end])),
            None => (0.0, None),
        };
        // Bounds on the value, relative to the lowest price: that keeps `f32` exact where prices are large.
        let rows = bounds.rows(block, &open.bound, buffer);
        if let Some(above) = above {
            for (row, above) in rows.iter_mut().zip(above) {
                *row -= above;
            }
        }
        let relative = |value: i64| {
            let near = (value as f64 + lowest) as f32;
            near - (near.abs() + lowest.abs() as f32 * 1e-9) * 1e-6
        };
        let mut wanted = relative(hunt.wanted());
        let mut meeting_losses = None;
        for (chunk, rows) in rows.chunks(16).enumerate() {
            if rows.iter().map(|&row| u32::from(row >= wanted)).sum::<u32>() == 0 {
                continue;
            }
            let losses = meeting_losses.get_or_insert_with(|| bounds.meeting_losses(&open.bound));
            for (place, &row) in rows.iter().enumerate() {
                if row < wanted {
                    continue;
                }
                let at = block.start + chunk * 16 + place;
                let refined = bounds.refined(at, &open.bound, losses, row);
                if refined >= wanted {
                    let value = f64::from(refined) - lowest;
                    found(hunt, value + room(value) + f64::from(refined.abs()) * 1e-6, self.blocks.rows[at]);
                    wanted = relative(hunt.wanted());
                }
            }
        }
    }

    /// The same where prices are far apart: what each supporter has to be worth is worked out in `f64`, before the score.
    fn read_wide(
        &self,
        open: &Open,
        prices: &Prices<'_>,
        bounds: &Bounds<'_>,
        hunt: &mut Hunt<'_>,
        buffer: &mut [f32; BLOCK],
        found: &mut impl FnMut(&mut Hunt<'_>, f64, u32),
    ) {
        let block = &self.blocks.all[open.number];
        let prices = &prices.exact[block.start..block.end];
        // A little less than asked for, whatever rounding does.
        let least = |wanted: i64, price: f64| {
            let near = wanted as f64 + price;
            near - 1.0 - (wanted as f64).abs() * 1e-15 - price.abs() * 1e-15
        };
        let mut wanted = hunt.wanted();
        let top = f64::from(open.bound.top);
        if prices.iter().map(|&price| u32::from(top >= least(wanted, price))).sum::<u32>() == 0 {
            return;
        }
        let rows = bounds.rows(block, &open.bound, buffer);
        let mut meeting_losses = None;
        for (place, (&row, &price)) in rows.iter().zip(prices).enumerate() {
            if f64::from(row) < least(wanted, price) {
                continue;
            }
            let losses = meeting_losses.get_or_insert_with(|| bounds.meeting_losses(&open.bound));
            let at = block.start + place;
            let refined = f64::from(bounds.refined(at, &open.bound, losses, row));
            if refined >= least(wanted, price) {
                let value = refined - price;
                found(hunt, value + room(value), self.blocks.rows[at]);
                wanted = hunt.wanted();
            }
        }
    }
}

/// A block that can hold something wanted.
struct Open {
    number: usize,
    bound: BlockBound,
    /// A bound on the value of its pairs.
    value: f64,
}

/// What a float of that size may have lost.
fn room(value: f64) -> f64 {
    if value.is_finite() { 1.0 + value.abs() * 1e-9 } else { 0.0 }
}

impl Hunt<'_> {
    /// The lowest value that can still be among the best.
    fn wanted(&self) -> i64 {
        let above_floor = self.floor.saturating_add(1);
        self.worst().map_or(above_floor, |worst| worst.max(above_floor))
    }

    /// The worst of as many as are wanted.
    fn worst(&self) -> Option<i64> {
        let full = self.best.len() >= self.most;
        self.best.peek().filter(|_| full).map(|&Reverse((value, _))| value)
    }

    /// Asks the kernel about a supporter, and keeps them if they are among the best.
    fn ask(&mut self, supporter: u32) {
        let price = self.prices.map_or(0, |prices| prices.of[supporter as usize]);
        if price == i64::MAX {
            return;
        }
        self.scored += 1;
        let wanted = self.wanted();
        let weight = kernel::weight_from(
            self.compatibility,
            self.query,
            supporter as usize,
            wanted.saturating_add(price),
        );
        let Some(value) =
            weight.map(|weight| i64::from(weight).saturating_sub(price)).filter(|&value| value > self.floor)
        else {
            return;
        };
        let ranked = (value, Reverse(supporter));
        if self.best.len() < self.most {
            self.best.push(Reverse(ranked));
        } else if let Some(mut worst) = self.best.peek_mut()
            && worst.0 < ranked
        {
            *worst = Reverse(ranked);
        }
    }

    fn found(self) -> Vec<Candidate> {
        let prices = self.prices;
        let ranked = self.best.into_sorted_vec().into_iter();
        ranked
            .map(|Reverse((value, Reverse(supporter)))| Candidate {
                supporter,
                weight: value.saturating_add(prices.map_or(0, |prices| prices.of[supporter as usize])) as i32,
            })
            .collect()
    }
}
