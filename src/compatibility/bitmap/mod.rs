//! The few best supporters of a participant among very many, for questions that come by the thousand.
//!
//! Beside [`PairIndex`](super::PairIndex), which knows prices and is read for many participants at once, this one knows
//! none, is read by one participant at a time, and works nothing out beforehand for each list of codes that supporters
//! have: beside a glance at each block, only for their different languages, ages and distances, which should be few.
//!
//! **Method.** Supporters of a kind with the same ways of meeting stand along a Hilbert curve over the map in blocks of
//! so many rows, each block, each 64 rows of it and each area of some blocks with a ball around where their people live. A pair's score is at most
//! a constant of the kind, what conditions and issues say, and what the distance says ([`bounds`](super::bounds)). The
//! distance is told for whole blocks, conditions and issues by planes of bits ([`planes`]), which [`sums`] adds up for all
//! rows of a block at once: a comparison then leaves the rows that may be wanted, a few in a thousand. Of these the rest
//! is read ([`losses`](super::losses)), and whoever still passes is asked about through the kernel, so that an answer is
//! that of the full scan to the bit. The nearest blocks are read first, in them those with most in common: the worst of
//! the best so far is then what all others have to reach.
//!
//! **Changes.** Who is open is a bit. A supporter who changed is taken out of the row and stands aside in a short list
//! until that is too long, and the index is built anew.

mod hunt;
mod planes;
mod rows;
mod spec;
mod sums;

use super::standing::Standing;
use super::terms::Terms;
use super::{Candidate, Compatibility};
use crate::policy::SCORE_ONE;
use crate::program::Program;
use planes::{Planes, Threads};
use rows::Rows;

/// Rows in a block.
const BLOCK: usize = 256;
/// Most bytes of planes.
const MOST_PLANES: usize = 1 << 28;

/// An index over the supporters of a program that changes, for the few best of one participant at a time. It holds no
/// people: its methods take the [`Compatibility`] that follows the program.
///
/// Each supporter is open or closed; see [`set_open`](Self::set_open).
#[derive(Debug, Clone)]
pub struct BitmapIndex {
    rows: Rows,
    /// Of conditions, of issues, of languages.
    planes: [Planes; 3],
    is_open: Vec<bool>,
    /// In the rows, or aside.
    standing: Standing,
    /// Scores of meetings by distance.
    nearness: spec::Nearness,
}

impl BitmapIndex {
    /// Builds the index, everybody being open. `O(n log n + n * codes)` in the rows and the codes and languages that
    /// participants use, in parallel. Supporters of a kind with the same ways of meeting fill whole blocks of 256 rows; a
    /// row takes some 70 bytes, and up to half a byte for each code, at most 256 MiB of these together: what finds no room
    /// costs time, and nothing else. Built anew whenever so many stand aside.
    pub fn new(compatibility: &Compatibility) -> Self {
        Self::with(compatibility, vec![true; compatibility.columns.len()], Threads::All)
    }

    /// The same on the thread that asks for it alone, which may then hold a lock that others wait for.
    pub(crate) fn on_this_thread(compatibility: &Compatibility) -> Self {
        Self::with(compatibility, vec![true; compatibility.columns.len()], Threads::One)
    }

    fn with(compatibility: &Compatibility, is_open: Vec<bool>, threads: Threads) -> Self {
        let rows = Rows::new(compatibility, &is_open);
        let standing = Standing::new(&rows.supporters, is_open.len());
        let nearness = spec::Nearness::new(&compatibility.policy().criteria.geography);
        let planes = <[Planes; 3]>::default();
        let mut index = Self { rows, planes, is_open, standing, nearness };
        index.renew_planes(compatibility, threads);
        index
    }

    fn renew_planes(&mut self, compatibility: &Compatibility, threads: Threads) {
        let taken: usize = self.planes.iter().map(Planes::bytes).sum();
        let mut room = MOST_PLANES.saturating_sub(taken);
        let (supporters, [conditions, issues, languages]) = (&self.rows.supporters, &mut self.planes);
        let spoken = &compatibility.languages;
        let speaks = |own: u32, supporter: usize| u32::from(spoken.may_speak(own, supporter)) * SCORE_ONE;
        languages.renew(spoken.ours_given(), supporters, &speaks, &mut room, threads);
        for (planes, codes) in [(conditions, &compatibility.conditions), (issues, &compatibility.issues)] {
            let near = |own: u32, supporter: usize| codes.nearest_of(own, codes.supporters.number(supporter));
            planes.renew(codes.ours_given(), supporters, &near, &mut room, threads);
        }
    }

    /// Opens or closes a supporter, as for one who has a place free or none. Takes nanoseconds.
    ///
    /// # Panics
    ///
    /// If there is no supporter at that position.
    pub fn set_open(&mut self, supporter: usize, open: bool) {
        self.is_open[supporter] = open;
        if let Some(row) = self.standing.row(supporter) {
            self.rows.set_open(row, open);
        }
    }

    /// Follows a supporter of whom [`Compatibility::refresh_supporter`] was told, and whoever came before them and this
    /// was not told of. Somebody new is open.
    ///
    /// # Panics
    ///
    /// If there is no supporter at that position.
    pub fn refresh_supporter(&mut self, compatibility: &Compatibility, supporter: usize) {
        let (known, supporters) = (self.standing.len(), compatibility.columns.len());
        self.is_open.resize(supporters, true);
        self.standing.grow(supporters);
        for moved in std::iter::once(supporter).chain(known..supporters) {
            if let Some(row) = self.standing.step_aside(compatibility, moved) {
                self.rows.vacate(compatibility, row);
            }
        }
        if self.standing.too_many_aside() {
            *self = Self::with(compatibility, std::mem::take(&mut self.is_open), Threads::One);
        }
    }

    /// Follows participants whom [`Compatibility::refresh_participant`] was told of: answers are the same without, and
    /// take longer.
    pub fn follow(&mut self, compatibility: &Compatibility) {
        self.renew_planes(compatibility, Threads::One);
    }

    /// Of one participant's pairs the up to `most` of highest weight, above a floor in millionths; among equals the lower
    /// supporter. On terms of their own, and where `open_only` is set with open supporters alone. The same as the first of
    /// a sorted [`Compatibility::scan_on`].
    ///
    /// # Panics
    ///
    /// If the compatibility has another number of supporters than the index, or was compiled from another program.
    pub fn best(
        &self,
        compatibility: &Compatibility,
        program: &Program,
        (participant, terms): (usize, &Terms<'_>),
        (floor, most, open_only): (i64, usize, bool),
    ) -> Vec<Candidate> {
        assert_eq!(self.standing.len(), compatibility.columns.len(), "the index was told of every supporter");
        if !program.participants()[participant].consent || most == 0 || floor == i64::MAX {
            return Vec::new();
        }
        let query = compatibility.query(program, participant).on(terms).prepare_few(compatibility);
        hunt::through(compatibility, &query, self, terms, (floor, most, open_only))
    }
}
