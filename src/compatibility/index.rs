//! The search through blocks for a living programme: an index that follows changes, one supporter at a time.
//!
//! The blocks are those of [`PairSearch`](super::PairSearch), at the prices of the day they were built, and the
//! search is the same code. A price that changes is written into its block, whose lowest price and distances are told
//! anew from its 64 rows. A supporter who changed is taken out of the block, which stays as sound as it was, for a
//! bound over more people than there are is a bound; the block's ways of meeting and farthest travel are told anew.
//! Whoever is in no block (who changed or came, or whose price lies too far from the block's) stands aside in a short
//! list and is asked directly. When the list passes a sixteenth of the supporters, 512 at most, the blocks are built
//! anew.
//!
//! A change takes time for one block, and every so often `O(n log n)`: with 25,000 supporters a rebuild takes as long
//! as some hundred searches, once in more than five hundred changes. The wrong choice where every price changes at
//! once.

use super::blocks::{BLOCK, Blocks, Order};
use super::search::{Asked, find};
use super::standing::Standing;
use super::tables::Shared;
use super::terms::Terms;
use super::{Candidate, Compatibility};
use crate::program::Program;

/// An index over the supporters of a program that changes, at prices that change. It holds no people: its methods take
/// the [`Compatibility`] that follows the program.
///
/// A price of `i64::MAX` closes a supporter: no pair with them is wanted. Other prices and floors are whole
/// millionths, of a magnitude up to 2^61.
#[derive(Debug, Clone)]
pub struct PairIndex {
    blocks: Blocks,
    /// In the rows of the blocks, or aside.
    standing: Standing,
}

impl PairIndex {
    /// Builds the index. `O(n log n)` in the supporters, and a byte for each of them and each of the participants'
    /// issues.
    ///
    /// # Panics
    ///
    /// If there is not one price for each supporter.
    pub fn new(compatibility: &Compatibility, prices: Vec<i64>) -> Self {
        assert_eq!(prices.len(), compatibility.columns.len(), "one price for each supporter");
        let blocks = Blocks::new(compatibility, &Order::new(compatibility), prices);
        let standing = Standing::new(&blocks.supporters, compatibility.columns.len());
        Self { blocks, standing }
    }

    /// What each supporter costs.
    pub fn prices(&self) -> &[i64] {
        &self.blocks.prices
    }

    /// Changes what a supporter costs; `i64::MAX` closes.
    ///
    /// # Panics
    ///
    /// If there is no supporter at that position.
    pub fn set_price(&mut self, compatibility: &Compatibility, supporter: usize, price: i64) {
        self.grow(compatibility);
        self.blocks.prices[supporter] = price;
        let stays = match self.standing.row(supporter) {
            Some(row) => self.blocks.reprice(row / BLOCK),
            None => price == i64::MAX,
        };
        if !stays {
            self.step_aside(compatibility, supporter);
        }
        self.settle(compatibility);
    }

    /// Follows a supporter of whom [`Compatibility::refresh_supporter`] was told. Somebody new is closed until there
    /// is a price; others keep theirs.
    ///
    /// # Panics
    ///
    /// If there is no supporter at that position.
    pub fn refresh_supporter(&mut self, compatibility: &Compatibility, supporter: usize) {
        self.grow(compatibility);
        self.step_aside(compatibility, supporter);
        self.settle(compatibility);
    }

    /// Follows participants whom [`Compatibility::refresh_participant`] was told of: answers are the same without, and
    /// take longer.
    pub fn follow(&mut self, compatibility: &Compatibility) {
        self.settle(compatibility);
    }

    /// Of one participant's pairs with `weight - price > floor` the up to `most` of highest `weight - price`; among
    /// equals the lower supporter. What [`PairSearch::above`](super::PairSearch::above) finds at these prices.
    ///
    /// # Panics
    ///
    /// If the compatibility was told of supporters of whom this index was not, or was compiled from another program.
    pub fn above(
        &self,
        compatibility: &Compatibility,
        program: &Program,
        participant: usize,
        floor: i64,
        most: usize,
    ) -> Vec<Candidate> {
        self.above_on(compatibility, program, participant, &Terms::default(), (floor, most))
    }

    /// The same on other terms than those of the records.
    ///
    /// # Panics
    ///
    /// As [`above`](Self::above).
    pub fn above_on(
        &self,
        compatibility: &Compatibility,
        program: &Program,
        participant: usize,
        terms: &Terms<'_>,
        (floor, most): (i64, usize),
    ) -> Vec<Candidate> {
        assert_eq!(self.standing.len(), compatibility.columns.len(), "the index was told of every supporter");
        let asked = Asked { participant, terms, floor, most };
        find(compatibility, program, (&self.blocks, self.standing.aside()), asked, &mut Shared::default()).0
    }

    /// Makes room for those who came.
    fn grow(&mut self, compatibility: &Compatibility) {
        let supporters = compatibility.columns.len();
        self.standing.grow(supporters);
        self.blocks.prices.resize(supporters, i64::MAX);
    }

    fn step_aside(&mut self, compatibility: &Compatibility, supporter: usize) {
        if let Some(row) = self.standing.step_aside(compatibility, supporter) {
            self.blocks.vacate(compatibility, row);
        }
    }

    /// Builds the blocks anew where too many stand aside, and otherwise the planes of issues that are new.
    fn settle(&mut self, compatibility: &Compatibility) {
        if self.standing.too_many_aside() {
            *self = Self::new(compatibility, std::mem::take(&mut self.blocks.prices));
        } else {
            self.blocks.renew_planes(compatibility);
        }
    }
}
