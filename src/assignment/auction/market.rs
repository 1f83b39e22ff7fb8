//! The rows of a unit-capacity problem, and each bidder's cheapest pairs kept at hand in one record.
//!
//! **Problem.** A bid asks which two arcs of a bidder are cheapest at the present prices. Rows are long, prices change
//! all the time, and the answer lies among few pairs.
//!
//! **Method.** Each bidder has a record of up to `K` pairs and *rest*, a lower bound on `cost + price` of all its other
//! pairs. The record answers as long as its best is not above *rest*; else it is made anew from the row, in one pass
//! that compares the pairs with a bound guessed from before: in long rows eight at a time, looking at single pairs only
//! where one of the eight is below it. Where more than `K` are, the bound falls to the least value of those too many.
//! What is below the bound in the end is the record, and the bound is *rest*. For rows not much longer than a record
//! [`bound`] finds one in the same pass.
//!
//! **Why it is exact.** Prices only rise while records are in use, so *rest* stays a bound; where all prices may fall
//! by some amount, *rest* falls by the same. A second-best value that is not known exactly is replaced by *rest*, which
//! makes a bid smaller than it could be, and never too large.
//!
//! **Time and space.** O(K) for a bid, O(row) for a record; no sorting. O(K) space for each bidder.

use std::ops::Range;

use super::super::costs::Cost;
use super::super::shortlist::{LANES, bound};
use super::course::Kept;
use super::lane::Lane;

/// Stands for "no bidder" and "no place".
pub(super) const NONE: u32 = u32::MAX;
/// Pairs that are compared with a bound at a time.
const BLOCK: usize = 8;
/// A row of at most this many pairs is read pair by pair: blocks save less than wrong guesses of their branch cost.
///
/// Measured on complete problems with even costs: rows of 500 pairs made them take a sixth less time than in blocks, of
/// 1,000 as much, of 2,000 a fifth more.
const SINGLY: usize = 700;
/// Pairs of a row after which it is seen whether more are below a bound than a record holds.
const PART: usize = 128;
/// A row of at most this many times `K` pairs is sorted out without guessing a bound.
const SHORT: usize = 4;

/// Costs of pairs by row, with the places they lead to.
pub(super) struct Rows<'a, C> {
    pub(super) offsets: &'a [usize],
    pub(super) places: &'a [u32],
    pub(super) costs: &'a [C],
    /// Whether every row has a pair with every place, so that a pair's position is its place.
    pub(super) complete: bool,
}

impl<'a, C: Cost> Rows<'a, C> {
    pub(super) fn of(&self, bidder: usize) -> (&'a [u32], &'a [C]) {
        let range = self.offsets[bidder]..self.offsets[bidder + 1];
        (&self.places[range.clone()], &self.costs[range])
    }

    /// The place of the pair at a position of a row. Where rows are complete, no memory is asked for that.
    #[inline]
    fn place(&self, places: &[u32], at: u32) -> u32 {
        if self.complete { at } else { places[at as usize] }
    }

    /// The cost of a pair that is known to exist.
    pub(super) fn cost(&self, bidder: usize, place: u32) -> i64 {
        let (places, costs) = self.of(bidder);
        if self.complete {
            return costs[place as usize].into();
        }
        places.binary_search(&place).map_or(0, |at| costs[at].into())
    }

    /// Appends value and position of every pair in a part of a row whose value is below a bound to the `found` that are
    /// picked already, in order; returns how many there are then.
    ///
    /// Each is written, and the next one takes its place if it does not count: there is no branch to guess.
    #[inline]
    fn pick_below<W: Lane>(
        &self,
        (bidder, part): (usize, Range<usize>),
        price: &[W],
        bound: W,
        picked: &mut Vec<(W, u32)>,
        mut found: usize,
    ) -> usize {
        let (places, costs) = self.of(bidder);
        let singly = costs.len() <= SINGLY;
        let room = found + part.len() + 1;
        if picked.len() < room {
            picked.resize(room, (W::ZERO, 0));
        }
        let picked = &mut picked[..room];
        if !self.complete {
            for (at, (&place, &cost)) in
                (part.start as u32..).zip(places[part.clone()].iter().zip(&costs[part]))
            {
                let value = W::narrow(cost.into()) + price[place as usize];
                picked[found] = (value, at);
                found += usize::from(value < bound);
            }
            return found;
        }
        let (costs, price) = (&costs[part.clone()], &price[part.clone()]);
        let (blocks, tail) = costs.as_chunks::<BLOCK>();
        let (prices, tail_prices) = price.as_chunks::<BLOCK>();
        let mut at = part.start as u32;
        for (costs, price) in blocks.iter().zip(prices) {
            let mut any = singly;
            if !singly {
                for (&cost, &price) in costs.iter().zip(price) {
                    any |= W::narrow(cost.into()) + price < bound;
                }
            }
            if any {
                for (at, (&cost, &price)) in (at..).zip(costs.iter().zip(price)) {
                    let value = W::narrow(cost.into()) + price;
                    picked[found] = (value, at);
                    found += usize::from(value < bound);
                }
            }
            at += BLOCK as u32;
        }
        for (at, (&cost, &price)) in (at..).zip(tail.iter().zip(tail_prices)) {
            let value = W::narrow(cost.into()) + price;
            picked[found] = (value, at);
            found += usize::from(value < bound);
        }
        found
    }

    /// The least value of a row, infinity if it is empty.
    fn least<W: Lane>(&self, bidder: usize, price: &[W]) -> W {
        let (places, costs) = self.of(bidder);
        let mut least = W::INFINITY;
        if self.complete {
            for (&cost, &price) in costs.iter().zip(price) {
                least = least.min(W::narrow(cost.into()) + price);
            }
        } else {
            for (&place, &cost) in places.iter().zip(costs) {
                least = least.min(W::narrow(cost.into()) + price[place as usize]);
            }
        }
        least
    }
}

/// Some pairs of a bidder, and a bound on the others.
#[derive(Clone, Copy)]
#[repr(align(64))]
pub(super) struct Record<W, const K: usize> {
    pub(super) place: [u32; K],
    pub(super) cost: [W; K],
    /// No other pair has a value below this.
    pub(super) rest: W,
    /// How far beyond the old rest, or the bound of another row, the last reading of the row looked.
    spread: W,
}

/// What a bidder's record says.
#[derive(Clone, Copy)]
pub(super) struct Best<W> {
    /// Value of the cheapest pair, at least infinity if there is none.
    pub(super) least: W,
    /// A bound on the values of all other arcs, staying unmatched included.
    pub(super) second: W,
    /// The place of the cheapest pair.
    pub(super) place: u32,
    /// Its cost.
    pub(super) cost: W,
}

/// Work done, for the statistics.
#[derive(Debug, Default, Clone, Copy)]
pub(super) struct Counts {
    pub(super) bids: u64,
    pub(super) reads: u64,
    pub(super) searches: u64,
}

/// Bidders, places, prices, and who has which place.
pub(super) struct Market<'a, W, C, const K: usize> {
    pub(super) rows: Rows<'a, C>,
    /// What staying unmatched costs each bidder.
    pub(super) exit: Vec<W>,
    /// The least price of each place, infinity where it is closed.
    pub(super) floor: Vec<W>,
    /// The present prices, and a zero that unused entries of records point to.
    pub(super) price: Vec<W>,
    /// The bidder at each place.
    pub(super) owner: Vec<u32>,
    /// The place of each bidder.
    pub(super) place: Vec<u32>,
    /// The cost of the pair of each bidder that has a place.
    pub(super) paid: Vec<W>,
    pub(super) records: Vec<Record<W, K>>,
    picked: Vec<(W, u32)>,
    /// The values of a short row, and which of its pairs may get on the record.
    values: Vec<W>,
    below: Vec<u32>,
    /// How far the record made last looked.
    spread: W,
    /// The bound of the last record.
    bound: W,
    /// Whether rows that a record does not answer for are read without making a new record.
    pub(super) direct: bool,
    /// How often a record did not answer.
    pub(super) missed: usize,
    /// The best so far, where the solve may be stopped.
    pub(super) kept: Option<Kept>,
    pub(super) counts: Counts,
}

impl<'a, W: Lane, C: Cost, const K: usize> Market<'a, W, C, K> {
    pub(super) fn new(rows: Rows<'a, C>, exit: Vec<W>, floor: Vec<W>) -> Self {
        let (bidders, places) = (exit.len(), floor.len());
        let mut price = floor.clone();
        price.push(W::ZERO);
        let empty = Record {
            place: [places as u32; K],
            cost: [W::INFINITY; K],
            rest: W::ZERO - W::INFINITY,
            spread: W::ZERO,
        };
        Self {
            rows,
            exit,
            floor,
            price,
            owner: vec![NONE; places],
            place: vec![NONE; bidders],
            paid: vec![W::ZERO; bidders],
            records: vec![empty; bidders],
            picked: Vec::new(),
            values: Vec::new(),
            below: Vec::new(),
            spread: W::ONE,
            bound: W::ONE,
            direct: false,
            missed: 0,
            kept: None,
            counts: Counts::default(),
        }
    }

    /// Makes a bidder's record at the present prices.
    #[inline(never)]
    pub(super) fn refill(&mut self, bidder: usize) {
        self.counts.reads += 1;
        let (places, costs) = self.rows.of(bidder);
        let nowhere = self.floor.len() as u32;
        let record = &mut self.records[bidder];
        record.place = [nowhere; K];
        record.cost = [W::INFINITY; K];
        if costs.len() <= K {
            for (k, (&place, &cost)) in places.iter().zip(costs).enumerate() {
                (record.place[k], record.cost[k]) = (place, W::narrow(cost.into()));
            }
            record.rest = W::INFINITY;
            return;
        }
        if costs.len() <= K * SHORT {
            self.refill_from_short(bidder);
            return;
        }
        let picked = &mut self.picked;
        // Picks the pairs below a bound, the cheapest if they are many; returns below which value all are picked.
        let mut pick = |mut bound: W| {
            let mut found = 0;
            for start in (0..costs.len()).step_by(PART) {
                let part = start..costs.len().min(start + PART);
                found = self.rows.pick_below((bidder, part), &self.price, bound, picked, found);
                if found > K {
                    (bound, found) = (picked[..found].select_nth_unstable(K).1.0, K);
                }
            }
            (found, bound)
        };
        let mut bound;
        // Nothing is below the old bound but what the record had.
        let old = record.rest;
        let mut guess = old;
        let mut spread = if record.spread > W::ZERO { record.spread } else { self.spread };
        if old == W::ZERO - W::INFINITY {
            // A row that was not read before is taken to be like the one read last.
            guess = self.bound - spread;
        }
        let (mut asked, mut count);
        loop {
            // A bound that leaves nothing out needs no sum that could overflow.
            let small = spread < W::QUARTER && guess < W::INFINITY - spread;
            asked = if small { guess + spread } else { W::INFINITY };
            (count, bound) = pick(asked);
            if count * 3 >= K || asked >= W::INFINITY {
                break;
            }
            if count == 0 {
                guess = self.rows.least(bidder, &self.price);
            } else {
                spread = spread + spread;
            }
        }
        // Another time look as far as this time would have been right.
        if bound < asked {
            let exact = (bound - guess).widen();
            spread = W::narrow((exact - exact / 8).max(1));
        } else if count * 3 < K * 2 {
            spread += W::narrow(spread.widen() / 8 + 1);
        }
        spread = spread.min(W::QUARTER);
        (record.spread, self.spread) = (spread, spread);
        for (k, &(_, at)) in self.picked[..count].iter().enumerate() {
            (record.place[k], record.cost[k]) =
                (self.rows.place(places, at), W::narrow(costs[at as usize].into()));
        }
        record.rest = bound;
        if bound < W::INFINITY {
            self.bound = bound;
        }
    }

    /// The same where the row is not much longer than a record: no bound need be guessed.
    fn refill_from_short(&mut self, bidder: usize) {
        let (places, costs) = self.rows.of(bidder);
        let length = costs.len();
        let full = length.next_multiple_of(LANES);
        if self.values.len() < full + LANES {
            self.values.resize(full + LANES, W::INFINITY);
            self.below.resize(full, 0);
        }
        for (value, (&place, &cost)) in self.values.iter_mut().zip(places.iter().zip(costs)) {
            *value = W::narrow(cost.into()) + self.price[place as usize];
        }
        self.values[length..length + LANES].fill(W::INFINITY);
        let values = &self.values[..full];
        let mut rest = bound(values, K * 3 / 4, W::INFINITY);
        let mut found = 0;
        // Each is written, and the next one takes its place if it does not count: there is no branch to guess.
        for (at, &value) in (0..).zip(values) {
            self.below[found] = at;
            found += usize::from(value < rest);
        }
        if found == 0 {
            // The least value is there many times.
            self.below[..length].iter_mut().zip(0..).for_each(|(at, all)| *at = all);
            found = length;
        }
        while found > K {
            let mut dearest = (values[self.below[0] as usize], 0);
            for (at, &pair) in self.below[..found].iter().enumerate() {
                dearest = dearest.max((values[pair as usize], at));
            }
            rest = dearest.0;
            found -= 1;
            self.below[dearest.1] = self.below[found];
        }
        let record = &mut self.records[bidder];
        for (k, &at) in self.below[..found].iter().enumerate() {
            (record.place[k], record.cost[k]) = (places[at as usize], W::narrow(costs[at as usize].into()));
        }
        record.rest = rest.min(W::INFINITY);
        if rest < W::INFINITY {
            self.bound = rest;
        }
    }

    /// The two cheapest pairs of a bidder's record, and nothing about the others.
    #[inline]
    pub(super) fn best_on_record(&self, bidder: usize) -> Best<W> {
        let record = &self.records[bidder];
        let (mut least, mut second, mut at) = (W::INFINITY, W::INFINITY, 0);
        for k in 0..K {
            let value = record.cost[k] + self.price[record.place[k] as usize];
            let better = value < least;
            second = if better { least } else { second.min(value) };
            at = if better { k } else { at };
            least = least.min(value);
        }
        Best { least, second, place: record.place[at], cost: record.cost[at] }
    }

    /// The cheapest pair of a bidder, exactly if it is cheaper than staying unmatched, and a bound on the next arc.
    #[inline]
    pub(super) fn best(&mut self, bidder: usize) -> Best<W> {
        let exit = self.exit[bidder];
        let mut best = self.best_on_record(bidder);
        let rest = self.records[bidder].rest;
        if rest < best.least && rest < exit {
            self.missed += 1;
            if self.direct {
                best = self.best_in_row(bidder);
                best.second = best.second.min(exit);
                return best;
            }
            self.refill(bidder);
            best = self.best_on_record(bidder);
        }
        best.second = best.second.min(self.records[bidder].rest).min(exit);
        best
    }

    /// The two cheapest pairs of a complete row, read as it is.
    #[inline(never)]
    fn best_in_row(&mut self, bidder: usize) -> Best<W> {
        self.counts.reads += 1;
        let costs = self.rows.of(bidder).1;
        let price = &self.price[..costs.len()];
        let (mut least, mut second) = ([W::INFINITY; BLOCK], [W::INFINITY; BLOCK]);
        for (costs, price) in costs.chunks_exact(BLOCK).zip(price.chunks_exact(BLOCK)) {
            for k in 0..BLOCK {
                let value = W::narrow(costs[k].into()) + price[k];
                second[k] = second[k].min(value.max(least[k]));
                least[k] = least[k].min(value);
            }
        }
        let start = costs.len() - costs.len() % BLOCK;
        let tail =
            costs[start..].iter().zip(&price[start..]).map(|(&cost, &price)| W::narrow(cost.into()) + price);
        let (mut lowest, mut next) = (W::INFINITY, W::INFINITY);
        for value in least.into_iter().chain(second).chain(tail) {
            next = next.min(value.max(lowest));
            lowest = lowest.min(value);
        }
        // The first such pair stands in a lane whose least value it is, or at the end.
        let is_lowest = |&at: &usize| W::narrow(costs[at].into()) + price[at] == lowest;
        let lanes = (0..BLOCK).filter(|&k| least[k] == lowest);
        let firsts = lanes.filter_map(|k| (k..start).step_by(BLOCK).find(is_lowest));
        let at = firsts.min().or_else(|| (start..costs.len()).find(is_lowest)).unwrap_or(0);
        let cost = costs.get(at).map_or(W::INFINITY, |&cost| W::narrow(cost.into()));
        Best { least: lowest, second: next, place: at as u32, cost }
    }

    /// Calls `visit` with place and value of every pair of a bidder whose value is below a bound.
    pub(super) fn read(&mut self, bidder: usize, bound: W, mut visit: impl FnMut(&mut Self, u32, W)) {
        self.counts.reads += 1;
        let mut picked = std::mem::take(&mut self.picked);
        let places = self.rows.of(bidder).0;
        let found = self.rows.pick_below((bidder, 0..places.len()), &self.price, bound, &mut picked, 0);
        for &(value, at) in &picked[..found] {
            let place = self.rows.place(places, at);
            visit(self, place, value);
        }
        self.picked = picked;
    }
}
