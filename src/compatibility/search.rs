//! The best pairs among all, exactly, without asking about most of them.
//!
//! Two questions with one answer: *which are the best supporters of this participant*, and *which pairs are worth more
//! than their price*, as column generation and cards ask them. Each pair has a value, its weight less the price of the
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

use rayon::prelude::*;

use super::best::Best;
use super::blocks::{BLOCK, Block, Blocks, Order};
use super::bounds::{BlockBound, Bounds};
use super::query::Query;
use super::tables::Shared;
use super::terms::Terms;
use super::{Candidate, Compatibility, kernel};
use crate::policy::SCORE_ONE;
use crate::program::Program;

/// Participants searched for in one piece of parallel work.
const STRIDE: usize = 64;
/// So many of the most promising blocks are read first.
const SEEDS: usize = 8;
/// Numbers up to this magnitude are told from their neighbours in `f32`.
const EXACT: i64 = 1 << 23;

/// An index over the supporters of a program; see [`Compatibility::search`].
///
/// A price of `i64::MAX` closes a supporter: no pair with them is wanted. Other prices and floors are whole millionths,
/// of a magnitude up to 2^61.
#[derive(Debug, Clone)]
pub struct PairSearch<'a> {
    compatibility: &'a Compatibility,
    program: &'a Program,
    order: Order,
    /// The supporters at no price.
    free: Blocks,
    /// The participants, those with the same conditions one after another: they share what is worked out of these.
    participants: Vec<u32>,
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

/// The search for one participant under way.
struct Hunt<'a> {
    compatibility: &'a Compatibility,
    query: &'a Query<'a>,
    blocks: &'a Blocks,
    terms: &'a Terms<'a>,
    most: usize,
    best: Best,
    scored: u64,
}

impl<'a> PairSearch<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, program: &'a Program) -> Self {
        let order = Order::new(compatibility);
        let free = Blocks::new(compatibility, &order, vec![0; compatibility.columns.len()]);
        let mut participants: Vec<u32> = (0..program.participants().len() as u32).collect();
        participants.sort_by_key(|&participant| compatibility.conditions.participant(participant as usize));
        Self { compatibility, program, order, free, participants }
    }

    /// The `count` supporters of highest weight for one participant; among equals the lower position. The same as the
    /// first of a sorted [`Compatibility::scan`].
    pub fn best(&self, participant: usize, count: usize) -> Vec<Candidate> {
        let asked = Asked { participant, floor: i64::MIN, most: count, terms: &Terms::default() };
        find(self.compatibility, self.program, (&self.free, &[]), asked, &mut Shared::default()).0
    }

    /// The same for every participant, in parallel.
    pub fn best_of_all(&self, count: usize) -> Found {
        self.all(&self.free, &|_| i64::MIN, count)
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
        let blocks = Blocks::new(self.compatibility, &self.order, prices.to_vec());
        self.all(&blocks, &|participant| floors[participant], most)
    }

    fn all(&self, blocks: &Blocks, floor: &(dyn Fn(usize) -> i64 + Sync), most: usize) -> Found {
        let asked = |participant: usize| {
            self.program.participants()[participant].consent && most > 0 && floor(participant) != i64::MAX
        };
        let order: Vec<usize> =
            self.participants.iter().map(|&own| own as usize).filter(|&own| asked(own)).collect();
        let terms = Terms::default();
        let piece = |participants: &[usize]| {
            let (mut counts, mut pairs, mut scored) = (Vec::with_capacity(STRIDE), Vec::new(), 0);
            let mut shared = Shared::default();
            for &participant in participants {
                let asked = Asked { participant, floor: floor(participant), most, terms: &terms };
                let (found, asked) =
                    find(self.compatibility, self.program, (blocks, &[]), asked, &mut shared);
                counts.push(found.len());
                pairs.extend(found);
                scored += asked;
            }
            (counts, pairs, scored)
        };
        let pieces: Vec<(Vec<usize>, Vec<Candidate>, u64)> = order.par_chunks(STRIDE).map(piece).collect();
        // Put back into the participants' order.
        let counts = || pieces.iter().flat_map(|(counts, ..)| counts.iter().copied());
        let mut offsets = vec![0; self.participants.len() + 1];
        for (&participant, count) in order.iter().zip(counts()) {
            offsets[participant + 1] = count;
        }
        for participant in 0..self.participants.len() {
            offsets[participant + 1] += offsets[participant];
        }
        let mut pairs = vec![Candidate { supporter: 0, weight: 0 }; offsets[self.participants.len()]];
        let mut found = pieces.iter().flat_map(|(_, pairs, _)| pairs);
        for &participant in &order {
            let row = &mut pairs[offsets[participant]..offsets[participant + 1]];
            for (place, &pair) in row.iter_mut().zip(&mut found) {
                *place = pair;
            }
        }
        Found { offsets, pairs, scored: pieces.iter().map(|(_, _, scored)| scored).sum() }
    }
}

/// The pairs that are wanted of one participant.
pub(super) struct Asked<'a> {
    pub(super) participant: usize,
    /// What is asked for beside what the records say.
    pub(super) terms: &'a Terms<'a>,
    /// A value has to exceed this.
    pub(super) floor: i64,
    pub(super) most: usize,
}

/// The pairs of a participant with whoever stands in the blocks or aside, and how many were asked about.
pub(super) fn find(
    compatibility: &Compatibility,
    program: &Program,
    (blocks, aside): (&Blocks, &[u32]),
    Asked { participant, terms, floor, most }: Asked<'_>,
    shared: &mut Shared,
) -> (Vec<Candidate>, u64) {
    if !program.participants()[participant].consent || most == 0 || floor == i64::MAX {
        return (Vec::new(), 0);
    }
    let query = compatibility.query(program, participant).on(terms);
    let query = query.prepare_search(compatibility, blocks, shared);
    let bounds = Bounds::new(compatibility, &query, blocks);
    let mut hunt =
        Hunt { compatibility, query: &query, blocks, terms, most, best: Best::new(floor, most), scored: 0 };
    // A match that stands may go on with somebody who takes nobody new, and who is in no block.
    if let Some(standing) = query.standing
        && !compatibility.columns.takes_new[standing.supporter as usize]
    {
        hunt.ask(standing.supporter);
    }
    for &supporter in aside {
        hunt.ask(supporter);
    }
    hunt.through(&bounds);
    let scored = hunt.scored;
    (hunt.found(), scored)
}

/// The score that somebody at the lowest price of a block has to reach; `None` if nobody can.
fn score_wanted(value: i64, block: &Block) -> Option<f32> {
    match value.saturating_add(block.price) {
        more if more > i64::from(SCORE_ONE) => None,
        // Whoever may be matched at all is wanted.
        less if less < -EXACT => Some(f32::MIN),
        score => Some(score as f32),
    }
}

/// A block that can hold something wanted.
struct Open {
    block: usize,
    bound: BlockBound,
    /// A bound on the value of its pairs.
    value: i64,
}

impl Hunt<'_> {
    fn through(&mut self, bounds: &Bounds<'_>) {
        // The bound on the value of each block that can hold something wanted.
        let wanted = self.best.wanted();
        let mut open: Vec<Open> = Vec::with_capacity(self.blocks.all.len());
        for (number, block) in self.blocks.all.iter().enumerate() {
            if let Some(score) = score_wanted(wanted, block)
                && let Some(bound) = bounds.block(number, score)
            {
                let value = (bound.top as i64 + 1).saturating_sub(block.price);
                open.push(Open { block: number, bound, value });
            }
        }
        let mut read = 0;
        if self.most < self.blocks.supporters.len() {
            let seeds = SEEDS.min(open.len());
            if seeds < open.len() {
                open.select_nth_unstable_by_key(seeds, |open| Reverse(open.value));
            }
            self.seed(&open[..seeds], bounds);
            read = seeds;
        }
        for open in &open[read..] {
            if open.value >= self.best.wanted() {
                self.read(open, bounds, &mut |hunt, _, supporter| hunt.ask(supporter));
            }
        }
    }

    /// Asks about the most promising supporters of the most promising blocks first, so that what is wanted of the
    /// others is much from the beginning.
    fn seed(&mut self, open: &[Open], bounds: &Bounds<'_>) {
        let mut promising: Vec<(i64, u32)> = Vec::with_capacity(SEEDS * BLOCK);
        for block in open {
            self.read(block, bounds, &mut |_, value, supporter| promising.push((value, supporter)));
        }
        let first = self.most.saturating_mul(2).min(promising.len());
        if first < promising.len() {
            promising.select_nth_unstable_by_key(first, |&(value, supporter)| (Reverse(value), supporter));
        }
        for (value, supporter) in promising {
            if value >= self.best.wanted() {
                self.ask(supporter);
            }
        }
    }

    /// Hands over those supporters of a block who may be wanted, each with a bound on the value.
    #[inline]
    fn read(&mut self, open: &Open, bounds: &Bounds<'_>, found: &mut impl FnMut(&mut Self, i64, u32)) {
        let block = &self.blocks.all[open.block];
        let Some(mut score) = score_wanted(self.best.wanted(), block) else { return };
        let mut rows = [0.0; BLOCK];
        bounds.rows(open.block, &open.bound, &mut rows);
        // Eight words of eight bytes, 1 for each row that passes.
        let mut passing = [0_u8; BLOCK];
        for (passes, &row) in passing.iter_mut().zip(&rows) {
            *passes = u8::from(row >= score);
        }
        let passing: [u64; BLOCK / 8] =
            std::array::from_fn(|word| u64::from_le_bytes(passing.as_chunks().0[word]));
        if passing.iter().fold(0, |any, word| any | word) == 0 {
            return;
        }
        let losses = bounds.meeting_losses(&open.bound);
        for (first, mut eight) in (0..).step_by(8).zip(passing) {
            while eight != 0 {
                let place = first + eight.trailing_zeros() as usize / 8;
                eight &= eight - 1;
                let at = open.block * BLOCK + place;
                let refined = bounds.refined(at, &open.bound, &losses, rows[place]);
                let refined =
                    if refined >= score { refined - bounds.wishes(at, &open.bound) } else { refined };
                if refined >= score {
                    let value = (refined as i64 + 1).saturating_sub(block.price);
                    found(self, value, self.blocks.supporters[at]);
                    match score_wanted(self.best.wanted(), block) {
                        Some(more) => score = more,
                        None => return,
                    }
                }
            }
        }
    }

    /// Asks the kernel about a supporter, and keeps them if they are among the best.
    fn ask(&mut self, supporter: u32) {
        let price = self.blocks.prices[supporter as usize];
        if price == i64::MAX || !self.terms.keeps(supporter) {
            return;
        }
        self.scored += 1;
        let wanted = self.best.wanted();
        let weight = kernel::weight_from(
            self.compatibility,
            self.query,
            supporter as usize,
            wanted.saturating_add(price),
        );
        if let Some(weight) = weight {
            self.best.offer(i64::from(weight).saturating_sub(price), supporter);
        }
    }

    fn found(self) -> Vec<Candidate> {
        let prices = &self.blocks.prices;
        let weigh = |(value, supporter): (i64, u32)| Candidate {
            supporter,
            weight: value.saturating_add(prices[supporter as usize]) as i32,
        };
        self.best.into_sorted().map(weigh).collect()
    }
}
