//! Participants of whose pairs one counts, or none, for a while.
//!
//! **Problem.** Whoever is to stay where they are, or to wait, until it is known who goes where, keeps hundreds of pairs
//! that do not count meanwhile. To take them out of every supporter's column and put them back costs more than the
//! repair.
//!
//! **Method.** A flag beside the participant's seat, which a search reads anyway, and the supporter who counts in a map
//! beside. Rows are read through [`State::row`].
//!
//! **Time and space.** O(1) to begin and to end; where nobody is restricted, nothing is read for it.

use super::super::network::NONE;
use super::log::Old;
use super::state::{State, Width};

/// A participant who is restricted, to whom, and all the pairs.
pub(super) type RestrictedRow = (u32, u32, Vec<(u32, i64)>);

impl<T: Width> State<T> {
    /// The pairs of a participant that count, cheapest first.
    #[inline]
    pub(super) fn row(&self, participant: usize) -> &[(u32, T::Held)] {
        let row = self.rows.of(participant);
        if self.only.is_empty() || !self.seats[participant].restricted {
            return row;
        }
        let only = self.only_of(participant);
        match row.iter().position(|pair| pair.0 == only) {
            Some(at) => &row[at..=at],
            None => &row[..0],
        }
    }

    /// Whether a pair counts of a participant who is restricted.
    pub(super) fn is_only(&self, participant: usize, supporter: u32) -> bool {
        self.only_of(participant) == supporter
    }

    fn only_of(&self, participant: usize) -> u32 {
        self.only.get(&(participant as u32)).copied().unwrap_or(NONE)
    }

    /// From now on one pair counts, or none with `NONE`, or all of them.
    pub(super) fn set_only(&mut self, participant: usize, only: Option<u32>) {
        let before = self.only.get(&(participant as u32)).copied();
        if before != only {
            self.log.push(Old::Only(participant as u32, before));
            self.put_only(participant, only);
        }
    }

    /// Everyone who is restricted, with all of their pairs.
    pub(super) fn restricted_rows(&self) -> Vec<RestrictedRow> {
        let row = |(&participant, &only): (&u32, &u32)| {
            let row = self.rows.of(participant as usize).iter();
            (participant, only, row.map(|&(supporter, cost)| (supporter, cost.into())).collect())
        };
        self.only.iter().map(row).collect()
    }

    /// Restricts somebody who has no more than the pair that counts, and adds the others.
    pub(super) fn put_restricted(&mut self, (participant, only, row): &RestrictedRow) {
        self.put_only(*participant as usize, Some(*only));
        for &(supporter, cost) in row.iter().filter(|pair| pair.0 != *only) {
            self.put_pair(*participant as usize, supporter, Some(cost));
        }
    }

    pub(super) fn put_only(&mut self, participant: usize, only: Option<u32>) {
        self.seats[participant].restricted = only.is_some();
        match only {
            Some(only) => self.only.insert(participant as u32, only),
            None => self.only.remove(&(participant as u32)),
        };
    }
}
