//! Bidding: an auction at a falling epsilon, which leaves prices at which little remains to be done.
//!
//! **Problem.** Shortest augmenting paths from scratch take long in balanced problems: the last of them pass nearly
//! everyone. At good prices most participants have a cheapest arc to themselves, and the paths of the others are short.
//!
//! **Method.** The auction of Bertsekas with epsilon scaling. A bidder without a place takes the place of its cheapest
//! arc and raises the price there until it is only epsilon better off than with its next arc; whoever was there bids
//! again, first come first served. A phase ends when nobody waits. Prices then fall by epsilon, never below
//! their floor, all places are free again, and the next phase starts with a smaller epsilon. How to start is read from
//! the records: their *gap* is the typical distance of one value to the next. Where costs tie the gap is below one and
//! there is nothing to bid for. Where many bidders have the same first choice, and wherever the first phase turns into
//! a price war, scaling starts at a part of the costs' range instead.
//!
//! [`reduce`](Market::reduce) is the last phase, at epsilon zero: bids that keep the optimality conditions exactly.
//!
//! **Why it is exact.** It need not be: prices are only a start. [`Market::tighten`] takes their places from all who do
//! not have exactly a cheapest arc, and [`super::paths`] goes on from there.
//!
//! **Termination.** Each bid raises a price by at least epsilon, and nobody bids more than staying unmatched is worth.
//! Bids of a phase are limited besides; who still waits then is left to the exact phase.
//!
//! **References.** D. P. Bertsekas, "The auction algorithm", Annals of OR 14 (1988); D. P. Bertsekas, *Linear Network
//! Optimization* (1991), ch. 4 (scaling, third best values); R. Jonker, A. Volgenant, Computing 38 (1987) (reduction).

use std::collections::VecDeque;

use super::super::control::{Control, Stage};
use super::super::costs::Cost;
use super::lane::Lane;
use super::market::{Market, NONE};

/// Bids of a phase per bidder, after which it is called a price war.
const WAR: usize = 64;
/// The same once a phase has come to its end: by then the exact phase is not far.
const LATE: usize = 16;
/// The last epsilon is the gap divided by this.
///
/// Measured on even costs: 100 spared a complete problem of 500 a sixth of its bids, and left a sparse one of 100,000
/// with longer paths, a tenth more time in all.
const FINE: i64 = 1000;
/// Bids between two looks at the control.
const STRIDE: usize = 4096;

/// Readings of a row between two looks at the control.
const READS: usize = 256;
/// Numbers of 32 bits in a cache line.
const LINE: usize = 16;
/// Bids of a turn; in its first eighth it is seen whether records answer.
const TURN: usize = 1024;

/// Bidders whose memory is asked for at a time, before they bid one by one.
///
/// Measured with 100,000 bidders of 20 pairs each: 8 and 16 made the whole solve take a third less time, 32 a quarter.
/// Without what is read of rows it was a fifth.
const AHEAD: usize = 16;

/// How a phase ended.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ended {
    Settled,
    War,
    Cancelled,
}

/// What the records say about how the bidders compete.
struct Competition<W> {
    /// Typical distance of one value in a row to the next.
    gap: W,
    /// Whether many have the same first choice.
    fierce: bool,
    /// The largest difference of costs seen in a row.
    range: W,
}

impl<W: Lane, C: Cost, const K: usize> Market<'_, W, C, K> {
    /// Lets everyone bid at falling epsilons; says whether it came to the end.
    pub(super) fn auction(&mut self, control: &Control<'_>) -> bool {
        let bidders = self.exit.len();
        for bidder in 0..bidders {
            if bidder % READS == 0 && control.stops(Stage::RowReduction, 0, bidders.saturating_mul(WAR)) {
                return false;
            }
            self.best(bidder);
        }
        let Competition { gap, fierce, range } = self.competition();
        if gap < W::ONE {
            return true;
        }
        let (mut epsilon, factor) = if fierce { (range.widen() / 8, 4) } else { (gap.widen(), 10) };
        let last = if fierce { 1 } else { (gap.widen() / FINE).max(1) };
        let mut settled = false;
        loop {
            epsilon = epsilon.clamp(1, W::LIMIT);
            let war = if settled { LATE } else { WAR };
            let ended = self.phase(W::narrow(epsilon), bidders.saturating_mul(war), control);
            self.keep(control);
            match ended {
                Ended::Cancelled => return false,
                Ended::Settled => settled = true,
                Ended::War if settled || epsilon >= range.widen() => return true,
                Ended::War => {
                    epsilon = epsilon.saturating_mul(16);
                    continue;
                }
            }
            if epsilon / factor < last {
                return true;
            }
            self.lower(W::narrow(epsilon));
            epsilon /= factor;
        }
    }

    fn competition(&self) -> Competition<W> {
        let bidders = self.exit.len();
        let mut gaps = Vec::with_capacity(bidders);
        let mut wanted = vec![false; self.floor.len() + 1];
        let mut range = W::ONE;
        for (bidder, record) in self.records.iter().enumerate() {
            let best = self.best_on_record(bidder);
            if best.least >= self.exit[bidder] {
                continue;
            }
            wanted[best.place as usize] = true;
            let (mut count, mut dearest) = (0, best.least);
            for (&cost, &place) in record.cost.iter().zip(&record.place) {
                let value = cost + self.price[place as usize];
                if value < self.exit[bidder] {
                    (count, dearest) = (count + 1, dearest.max(value));
                }
            }
            let end = if record.rest < self.exit[bidder] { record.rest } else { dearest };
            gaps.push((end - best.least).widen() / count.max(1));
            if bidder % (bidders / 16 + 1) == 0 {
                let costs = self.rows.of(bidder).1;
                let (least, most) = (costs.iter().min(), costs.iter().max());
                if let (Some(&least), Some(&most)) = (least, most) {
                    range = range.max(W::narrow(most.into().saturating_sub(least.into()).min(W::LIMIT)));
                }
            }
        }
        let first_choices = wanted.iter().filter(|&&wanted| wanted).count();
        let fierce = first_choices * 8 < gaps.len();
        let middle = gaps.len() / 2;
        let gap = if gaps.is_empty() { W::ZERO } else { W::narrow(*gaps.select_nth_unstable(middle).1) };
        Competition { gap, fierce, range }
    }

    fn phase(&mut self, epsilon: W, limit: usize, control: &Control<'_>) -> Ended {
        let bidders = self.exit.len();
        self.owner.fill(NONE);
        self.place.fill(NONE);
        let mut queue: VecDeque<u32> = (0..bidders as u32).collect();
        let mut bids = 0;
        while let Some(bidder) = queue.pop_front() {
            if bids % STRIDE == 0 && control.stops(Stage::Auction, bids, limit) {
                self.direct = false;
                return Ended::Cancelled;
            }
            if bids % AHEAD == 0 {
                self.touch(bidder, queue.iter());
            }
            // Where prices move so much that records hardly ever answer, making them does not pay.
            if bids % TURN == 0 {
                (self.direct, self.missed) = (false, 0);
            } else if bids % TURN == TURN / 8 {
                self.direct = self.rows.complete && self.missed * 4 > TURN / 8 * 3;
            }
            bids += 1;
            if bids > limit {
                break;
            }
            self.counts.bids += 1;
            let best = self.best(bidder as usize);
            if best.least >= self.exit[bidder as usize] {
                continue;
            }
            self.price[best.place as usize] += best.second - best.least + epsilon;
            if let Some(before) = self.seat(bidder, best.place, best.cost) {
                queue.push_back(before);
            }
        }
        self.direct = false;
        if bids > limit { Ended::War } else { Ended::Settled }
    }

    /// Asks for the memory of those who bid next all at once: one bid does not wait for that of another.
    ///
    /// A bid has to be guessed right before the next one's memory is asked for, and whether a record answers cannot be
    /// guessed. In here nothing has to be. Long rows are seldom of so many bidders that they are far away.
    #[inline]
    fn touch<'q>(&self, first: u32, queue: impl Iterator<Item = &'q u32>) {
        if K >= LINE {
            return;
        }
        let (mut unsure, mut count) = ([0; AHEAD], 0);
        for bidder in std::iter::once(first).chain(queue.copied()).take(AHEAD) {
            let record = &self.records[bidder as usize];
            let mut least = W::INFINITY;
            for (&cost, &place) in record.cost.iter().zip(&record.place) {
                least = least.min(cost + self.price[place as usize]);
            }
            unsure[count] = bidder;
            count += usize::from(record.rest < least);
        }
        let mut seen = 0;
        for &bidder in &unsure[..count] {
            let (places, costs) = self.rows.of(bidder as usize);
            let last = places.len().checked_sub(1);
            for at in (0..places.len()).step_by(LINE).chain(last) {
                seen ^= i64::from(places[at]) ^ costs[at].into();
            }
        }
        std::hint::black_box(seen);
    }

    /// Gives a bidder a place by a pair of that cost; returns who was there.
    #[inline]
    fn seat(&mut self, bidder: u32, place: u32, cost: W) -> Option<u32> {
        self.paid[bidder as usize] = cost;
        self.place[bidder as usize] = place;
        let before = std::mem::replace(&mut self.owner[place as usize], bidder);
        (before != NONE).then(|| {
            self.place[before as usize] = NONE;
            before
        })
    }

    /// Lowers all prices by up to a step.
    fn lower(&mut self, step: W) {
        for (price, &floor) in self.price.iter_mut().zip(&self.floor) {
            *price = (*price - step).max(floor);
        }
        for record in &mut self.records {
            if record.rest < W::INFINITY {
                record.rest -= step;
            }
        }
    }

    /// Takes their places from all who do not have a cheapest arc exactly; returns who waits now, in order.
    /// `None` if it was stopped.
    pub(super) fn tighten(&mut self, control: &Control<'_>) -> Option<Vec<u32>> {
        let mut waiting = Vec::new();
        for bidder in 0..self.exit.len() {
            if bidder % READS == 0 && control.is_stopped() {
                return None;
            }
            let least = self.best(bidder).least.min(self.exit[bidder]);
            let place = self.place[bidder];
            let own = if place == NONE {
                self.exit[bidder]
            } else {
                self.paid[bidder] + self.price[place as usize]
            };
            if own > least {
                if place != NONE {
                    self.owner[place as usize] = NONE;
                    self.place[bidder] = NONE;
                }
                waiting.push(bidder as u32);
            }
        }
        self.keep(control);
        Some(waiting)
    }

    /// Lets the waiting bid at epsilon zero, each about once; returns who waits still, in order, `None` if it was
    /// stopped.
    ///
    /// Whoever has a place has exactly a cheapest arc, before and after. Of several cheapest arcs a free one is taken.
    pub(super) fn reduce(&mut self, waiting: Vec<u32>, control: &Control<'_>) -> Option<Vec<u32>> {
        let mut left = waiting.len();
        let mut queue: VecDeque<u32> = waiting.into();
        let mut waiting = Vec::new();
        while let Some(bidder) = queue.pop_front() {
            if left == 0 {
                waiting.push(bidder);
                continue;
            }
            if left.is_multiple_of(READS) && control.is_stopped() {
                return None;
            }
            left -= 1;
            self.counts.bids += 1;
            let best = self.best(bidder as usize);
            if best.least >= self.exit[bidder as usize] {
                continue;
            }
            let place = best.place as usize;
            if self.owner[place] == NONE {
                self.seat(bidder, best.place, best.cost);
            } else if best.second > best.least {
                self.price[place] += best.second - best.least;
                queue.extend(self.seat(bidder, best.place, best.cost));
            } else {
                let record = &self.records[bidder as usize];
                let free = record.place.iter().zip(&record.cost).find(|&(&place, &cost)| {
                    cost + self.price[place as usize] == best.least
                        && self.owner.get(place as usize) == Some(&NONE)
                });
                match free {
                    Some((&place, &cost)) => {
                        self.seat(bidder, place, cost);
                    }
                    None => waiting.push(bidder),
                }
            }
        }
        waiting.sort_unstable();
        Some(waiting)
    }
}
