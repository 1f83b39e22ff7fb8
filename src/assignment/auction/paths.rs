//! The exact phase of the auction lane: shortest augmenting paths at the prices that bidding left.
//!
//! **Problem.** Some bidders wait, all others have exactly a cheapest arc at the present prices. Let the waiting in,
//! one at a time, so that this stays true for all who are in.
//!
//! **Method.** Dijkstra's algorithm on reduced costs from the new bidder through taken places to a free place, or to a
//! bidder who rather stays unmatched. Rows are read through the records; *rest* stands in the heap for what a record
//! leaves out, and the row is read only if its turn comes. The search ends at the length of the shortest way found, and
//! prices of the places settled before rise by what they were nearer.
//!
//! An auction can leave a free place at a price above its floor, and no optimum has that. Such places fall to their
//! floor, those who now have something cheaper lose their places, which fall in turn; when that is over, the
//! waiting are let in once more. Where it does not end soon, everything starts again from the floors.
//!
//! **Why it is optimal.** At the end everyone has a cheapest arc and only taken places are above their floor: that
//! is complementary slackness. While the waiting are let in, places are taken and never given up but for a bidder who
//! leaves to make room, so free places stay as they are.
//!
//! **Time and space.** O(m + k log k) for a search over `m` pairs and `k` places at worst, a small part of it mostly.
//! O(bidders + places) space.
//!
//! **When it is the wrong choice.** With clearly more places than bidders, scaling leaves many free places at a price.
//!
//! **References.** E. W. Dijkstra, Numerische Mathematik 1 (1959); R. Jonker, A. Volgenant, Computing 38 (1987);
//! D. P. Bertsekas, D. A. Castañon, Computational Optimization and Applications 1 (1992) (why free places must be at
//! their floor).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::control::{Control, Stage};
use super::super::costs::Cost;
use super::super::gap::Seldom;
use super::lane::Lane;
use super::market::{Market, NONE};

/// Searches between two looks at the control, and places settled.
const STRIDE: usize = 64;
const SETTLED: usize = 4096;
/// Rounds of falling prices before everything starts again from the floors.
const ROUNDS: usize = 8;

/// Where a shortest path ends.
#[derive(Clone, Copy)]
enum End {
    /// At a free place.
    Place(u32),
    /// At a bidder who stays unmatched from now on.
    Bidder(u32),
}

/// The state of one search, kept between searches.
struct Search<W: Lane> {
    /// Labels of places, infinity where not reached.
    distance: Vec<W>,
    /// The bidder each place was reached from.
    from: Vec<u32>,
    touched: Vec<u32>,
    settled: Vec<u32>,
    /// Places settled since the control was looked at.
    work: usize,
    /// Places by number; bidders whose rest is due from the number of places on.
    heap: BinaryHeap<Reverse<W::Key>>,
    best: W,
    end: End,
}

impl<W: Lane, C: Cost, const K: usize> Market<'_, W, C, K> {
    /// Lets the waiting in and puts free places right; says whether it came to the end.
    pub(super) fn complete(&mut self, waiting: &[u32], control: &Control<'_>) -> bool {
        if !self.insert(waiting, control) {
            return false;
        }
        if self.overpriced().is_empty() {
            return true;
        }
        self.keep(control);
        self.let_fall(control).is_some_and(|waiting| self.insert(&waiting, control))
    }

    /// Free places above their floor.
    fn overpriced(&self) -> Vec<usize> {
        let above = |&place: &usize| self.owner[place] == NONE && self.price[place] > self.floor[place];
        (0..self.floor.len()).filter(above).collect()
    }

    /// Lets free places fall to their floor, and those that come free by that; returns who waits then, `None` if it was
    /// stopped.
    fn let_fall(&mut self, control: &Control<'_>) -> Option<Vec<u32>> {
        let mut waiting = Vec::new();
        for _ in 0..ROUNDS {
            let above = self.overpriced();
            if above.is_empty() {
                waiting.sort_unstable();
                waiting.dedup();
                return Some(waiting);
            }
            for place in above {
                self.price[place] = self.floor[place];
            }
            self.forget();
            waiting.extend(self.tighten(control)?);
        }
        let places = self.floor.len();
        self.price[..places].copy_from_slice(&self.floor);
        self.owner.fill(NONE);
        self.place.fill(NONE);
        self.forget();
        let waiting = self.tighten(control)?;
        self.reduce(waiting, control)
    }

    /// Prices have fallen: no record bounds anything any more.
    fn forget(&mut self) {
        for record in &mut self.records {
            record.rest = W::ZERO - W::INFINITY;
        }
    }

    fn insert(&mut self, waiting: &[u32], control: &Control<'_>) -> bool {
        let places = self.floor.len();
        let mut search = Search {
            distance: vec![W::INFINITY; places + 1],
            from: vec![NONE; places + 1],
            touched: Vec::new(),
            settled: Vec::new(),
            work: 0,
            heap: BinaryHeap::new(),
            best: W::ZERO,
            end: End::Bidder(NONE),
        };
        self.tell(control);
        let mut tells = Seldom::new(waiting.len() / 16 + STRIDE);
        for (count, &bidder) in waiting.iter().enumerate() {
            // Where paths are long, a few take as long as many short ones.
            if count % STRIDE == 0 || search.work > SETTLED {
                search.work = 0;
                if tells.is_due(count) {
                    self.tell(control);
                }
                if control.stops(Stage::ShortestPaths, count, waiting.len()) {
                    return false;
                }
            }
            self.search(&mut search, bidder);
        }
        true
    }

    fn search(&mut self, search: &mut Search<W>, new: u32) {
        self.counts.searches += 1;
        let places = self.floor.len();
        let exit = self.exit[new as usize];
        let least = self.best(new as usize).least.min(exit);
        search.best = exit - least;
        search.end = End::Bidder(new);
        self.expand(search, new, W::ZERO - least);
        while let Some(Reverse(key)) = search.heap.pop() {
            let (length, node) = W::label(key);
            if length >= search.best {
                break;
            }
            if node as usize >= places {
                let bidder = node - places as u32;
                let offset = match self.place[bidder as usize] {
                    NONE => W::ZERO - least,
                    own => search.distance[own as usize] - self.value(bidder),
                };
                self.read(bidder as usize, search.best - offset, |market, place, value| {
                    market.reach(search, place, offset + value, bidder);
                });
                continue;
            }
            if length > search.distance[node as usize] {
                continue;
            }
            search.settled.push(node);
            let bidder = self.owner[node as usize];
            let offset = length - self.value(bidder);
            let leaves = offset + self.exit[bidder as usize];
            if leaves < search.best {
                (search.best, search.end) = (leaves, End::Bidder(bidder));
            }
            self.expand(search, bidder, offset);
        }
        for &place in &search.settled {
            self.price[place as usize] += search.best - search.distance[place as usize];
        }
        self.augment(search, new);
        for place in search.touched.drain(..) {
            search.distance[place as usize] = W::INFINITY;
        }
        search.work += search.settled.len();
        search.settled.clear();
        search.heap.clear();
    }

    /// What a bidder pays in all for the place it has.
    fn value(&self, bidder: u32) -> W {
        self.paid[bidder as usize] + self.price[self.place[bidder as usize] as usize]
    }

    /// Reaches the places on a bidder's record, and puts its rest off until its turn.
    #[inline]
    fn expand(&mut self, search: &mut Search<W>, bidder: u32, offset: W) {
        let places = self.floor.len() as u32;
        for k in 0..K {
            let record = &self.records[bidder as usize];
            let place = record.place[k];
            if place == places {
                continue;
            }
            let length = offset + record.cost[k] + self.price[place as usize];
            self.reach(search, place, length, bidder);
        }
        let rest = self.records[bidder as usize].rest;
        if rest < W::INFINITY && offset + rest < search.best {
            let due = (offset + rest).max(W::ZERO);
            search.heap.push(Reverse(due.key(places + bidder)));
        }
    }

    #[inline]
    fn reach(&self, search: &mut Search<W>, place: u32, length: W, from: u32) {
        let node = place as usize;
        if length >= search.best || length >= search.distance[node] {
            return;
        }
        if search.distance[node] == W::INFINITY {
            search.touched.push(place);
        }
        search.distance[node] = length;
        search.from[node] = from;
        if self.owner[node] == NONE {
            (search.best, search.end) = (length, End::Place(place));
        } else {
            search.heap.push(Reverse(length.key(place)));
        }
    }

    fn augment(&mut self, search: &Search<W>, new: u32) {
        let mut place = match search.end {
            End::Place(place) => place,
            End::Bidder(bidder) => std::mem::replace(&mut self.place[bidder as usize], NONE),
        };
        while place != NONE {
            let bidder = search.from[place as usize];
            self.paid[bidder as usize] = W::narrow(self.rows.cost(bidder as usize, place));
            self.owner[place as usize] = bidder;
            let before = std::mem::replace(&mut self.place[bidder as usize], place);
            place = if bidder == new { NONE } else { before };
        }
    }
}
