//! The best pairs among all, exactly, without asking about most of them.
//!
//! Two questions with one answer: *which are the best supporters of this participant*, and *which pairs are worth more than
//! their price*, as column generation and cards ask them. Each pair has a value, its weight less the price of the
//! supporter; wanted are those above a floor, and of these the highest so many.
//!
//! The supporters stand in blocks of a kind ([`blocks`](super::blocks)), and [`bounds`](super::bounds) tells the most
//! that a block, and each supporter in it, can be worth. Only supporters whose bound reaches what is wanted are asked
//! about, through the kernel that also the full scan uses, so an answer is that of the full scan to the bit.
//! Where only the highest so many are wanted, the search goes down in bands of bounds: first those near the highest bound
//! of all, then wider and wider ones, until as many pairs are found as are wanted and the worst of them is no less than the
//! bound of whatever was not asked about. (The threshold algorithm of Fagin, Lotem and Naor 2003, with bands for its
//! sorted access.)
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
/// How far below the highest bound the first band reaches, in millionths; each further one is twice as wide.
const FIRST_BAND: f64 = 30_000.0;
/// After a band this wide, everything that is left is asked about.
const LAST_BAND: f64 = 400_000.0;

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
}

impl<'a> Prices<'a> {
    fn new(blocks: &Blocks, of: &'a [i64]) -> Self {
        let mut lowest = Vec::with_capacity(blocks.blocks.len());
        let mut above = Vec::with_capacity(blocks.rows.len());
        for block in &blocks.blocks {
            let rows = &blocks.rows[block.start..block.end];
            let least = rows.iter().map(|&row| of[row as usize]).min().unwrap_or(i64::MAX);
            lowest.push(least);
            above.extend(rows.iter().map(|&row| match of[row as usize] {
                i64::MAX => f32::INFINITY,
                price => below(price.saturating_sub(least)),
            }));
        }
        Self { of, lowest, above }
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
        let mut open: Vec<(usize, BlockBound, f64)> = Vec::with_capacity(self.blocks.blocks.len());
        let mut highest = f64::NEG_INFINITY;
        for (number, block) in self.blocks.blocks.iter().enumerate() {
            let lowest = hunt.prices.map_or(0, |prices| prices.lowest[number]);
            if lowest == i64::MAX {
                continue;
            }
            if let Some(bound) = bounds.block(block) {
                let value = f64::from(bound.top) - lowest as f64;
                if value + room(value) >= wanted - room(wanted) {
                    highest = highest.max(value);
                    open.push((number, bound, value));
                }
            }
        }
        let everything = f64::NEG_INFINITY;
        let mut upper = f64::INFINITY;
        let mut width = FIRST_BAND;
        let mut lower = if hunt.most >= self.blocks.rows.len() { everything } else { highest - width };
        let mut buffer = [0.0_f32; BLOCK];
        loop {
            // No band reaches below what is wanted: there is nothing there.
            let last = lower <= wanted - room(wanted);
            for (number, bound, value) in &open {
                if value + room(*value) >= lower {
                    self.ask_band(*number, bound, (lower, upper), bounds, hunt, &mut buffer);
                }
            }
            if last || hunt.worst().is_some_and(|worst| worst as f64 >= lower + room(lower)) {
                return;
            }
            upper = lower;
            width *= 2.0;
            lower = if width > LAST_BAND { everything } else { lower - width };
        }
    }

    /// Asks about those rows of a block whose bound lies in the band `lower..upper` and can still be among the best.
    fn ask_band(
        &self,
        number: usize,
        bound: &BlockBound,
        (lower, upper): (f64, f64),
        bounds: &Bounds<'_>,
        hunt: &mut Hunt<'_>,
        buffer: &mut [f32; BLOCK],
    ) {
        let block = &self.blocks.blocks[number];
        let supporters = &self.blocks.rows[block.start..block.end];
        let (lowest, above) = match hunt.prices {
            Some(prices) => (prices.lowest[number] as f64, Some(&prices.above[block.start..block.end])),
            None => (0.0, None),
        };
        // Bounds on the value, relative to the lowest price: that keeps `f32` exact where prices are large.
        let rows = bounds.rows(block, bound, buffer);
        if let Some(above) = above {
            for (row, above) in rows.iter_mut().zip(above) {
                *row -= above;
            }
        }
        let rows = &*rows;
        let relative = |value: f64| {
            let near = (value + lowest) as f32;
            if near.is_infinite() {
                return near;
            }
            near - (near.abs() + lowest.abs() as f32 * 1e-9) * 1e-6
        };
        let (lower, upper) = (relative(lower), relative(upper));
        let mut wanted = relative(hunt.wanted() as f64);
        if !rows.iter().any(|&row| row >= lower.max(wanted)) {
            return;
        }
        for (&row, &supporter) in rows.iter().zip(supporters) {
            if row >= lower && row < upper && row >= wanted {
                hunt.ask(supporter);
                wanted = relative(hunt.wanted() as f64);
            }
        }
    }
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
        let Some(value) = weight.map(|weight| i64::from(weight) - price).filter(|&value| value > self.floor)
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
                weight: (value + prices.map_or(0, |prices| prices.of[supporter as usize])) as i32,
            })
            .collect()
    }
}
