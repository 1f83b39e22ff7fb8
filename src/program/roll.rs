//! Who is there, by id: the positions of one side's people, and the positions that nobody has.
//!
//! People keep their position for as long as they are there, for everything further on counts by it. Whoever leaves
//! leaves a vacant position behind, and the lowest is taken by whoever comes next: so the positions stay as few as
//! there ever were people at a time, and the same arrivals and departures lead to the same positions. Every operation
//! but listing the ids is O(1) expected, or O(log n) in the vacant positions.

use std::borrow::Borrow;
use std::collections::hash_map::Entry;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::hash::Hash;

/// The people of one side.
#[derive(Clone)]
pub(super) struct Roll<I> {
    positions: HashMap<I, u32>,
    /// The position of somebody whose id is this one but for letter case.
    folded: HashMap<String, u32>,
    /// All of them, where there are several.
    twins: BTreeMap<String, BTreeSet<u32>>,
    vacant: BTreeSet<u32>,
    /// Ids of those who are not there and whom other records may name all the same: most of them left.
    absent: HashSet<I>,
}

impl<I> Default for Roll<I> {
    fn default() -> Self {
        Self {
            positions: HashMap::new(),
            folded: HashMap::new(),
            twins: BTreeMap::new(),
            vacant: BTreeSet::new(),
            absent: HashSet::new(),
        }
    }
}

impl<I: Borrow<str> + Clone + Eq + Hash> Roll<I> {
    /// The position of whoever has the id.
    pub(super) fn position(&self, id: &str) -> Option<usize> {
        self.positions.get(id).map(|&position| position as usize)
    }

    /// Whether somebody has the id, or is known by it without being there.
    pub(super) fn has_known(&self, id: &str) -> bool {
        self.positions.contains_key(id) || self.absent.contains(id)
    }

    /// Somebody is named before there was anybody.
    pub(super) fn hear_of(&mut self, id: &I) {
        self.absent.insert(id.clone());
    }

    /// Nobody is known by an id without being there.
    pub(super) fn unhear_of(&mut self, id: &str) {
        self.absent.remove(id);
    }

    /// Nobody is known who is not there.
    pub(super) fn forget_absent(&mut self) {
        self.absent.clear();
    }

    /// Every id of those who are known without being there, sorted.
    pub(super) fn absent(&self) -> Vec<I>
    where
        I: Ord,
    {
        let mut absent: Vec<I> = self.absent.iter().cloned().collect();
        absent.sort_unstable();
        absent
    }

    /// How many people are there.
    pub(super) fn len(&self) -> usize {
        self.positions.len()
    }

    /// Every id, sorted: a hash table has no order, and equal input has to give equal messages.
    pub(super) fn ids(&self) -> Vec<&str> {
        let mut ids: Vec<&str> = self.positions.keys().map(Borrow::borrow).collect();
        ids.sort_unstable();
        ids
    }

    /// The first position but this one whose id differs from `id` in letter case alone.
    pub(super) fn twin(&self, id: &str, but: usize) -> Option<usize> {
        let folded = id.to_lowercase();
        let others = |&position: &u32| position as usize != but;
        let first = match self.twins.get(&folded) {
            Some(twins) => twins.iter().copied().find(others),
            None => self.folded.get(&folded).copied().filter(others),
        };
        first.map(|position| position as usize)
    }

    pub(super) fn is_vacant(&self, position: usize) -> bool {
        u32::try_from(position).is_ok_and(|position| self.vacant.contains(&position))
    }

    /// Where the record of this id belongs: where it is, or at the lowest vacant position, or at the `end`.
    pub(super) fn place_for(&self, id: &str, end: usize) -> usize {
        let vacant = || self.vacant.first().map(|&position| position as usize);
        self.position(id).or_else(vacant).unwrap_or(end)
    }

    /// Somebody is at that position from now on.
    pub(super) fn enter(&mut self, id: &I, position: usize) {
        let at = position as u32;
        self.vacant.remove(&at);
        self.absent.remove(id.borrow());
        if self.positions.insert(id.clone(), at).is_some() {
            return;
        }
        match self.folded.entry(id.borrow().to_lowercase()) {
            Entry::Vacant(entry) => {
                entry.insert(at);
            }
            Entry::Occupied(entry) => {
                let first = *entry.get();
                self.twins.entry(entry.key().clone()).or_insert_with(|| [first].into()).insert(at);
            }
        }
    }

    /// Whoever has the id leaves the position vacant.
    pub(super) fn leave(&mut self, id: &str) -> Option<usize> {
        let (id, at) = self.positions.remove_entry(id)?;
        let folded = id.borrow().to_lowercase();
        match self.twins.get_mut(&folded) {
            Some(twins) => {
                twins.remove(&at);
                if let (Some(&first), 1) = (twins.first(), twins.len()) {
                    self.twins.remove(&folded);
                    self.folded.insert(folded, first);
                }
            }
            None => {
                self.folded.remove(&folded);
            }
        }
        self.vacant.insert(at);
        self.absent.insert(id);
        Some(at as usize)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::program::ParticipantId;

    #[test]
    fn the_lowest_vacant_position_is_taken_first_and_twins_are_found_however_they_come_and_go() {
        let mut roll = Roll::<ParticipantId>::default();
        for (position, id) in ["A", "a", "B", "b"].into_iter().enumerate() {
            roll.enter(&id.into(), position);
        }
        assert_eq!((roll.twin("A", 0), roll.twin("a", 1), roll.twin("c", 4)), (Some(1), Some(0), None));
        assert_eq!((roll.leave("B"), roll.leave("A"), roll.leave("A")), (Some(2), Some(0), None));
        assert_eq!((roll.twin("a", 1), roll.twin("A", 9), roll.twin("b", 3)), (None, Some(1), None));
        assert!(roll.is_vacant(0) && roll.is_vacant(2) && !roll.is_vacant(1) && !roll.is_vacant(4));
        assert_eq!((roll.place_for("C", 4), roll.place_for("a", 4)), (0, 1));
        assert!(roll.has_known("B") && !roll.has_known("C"));
        roll.enter(&"C".into(), 0);
        roll.enter(&"B".into(), 2);
        assert_eq!((roll.place_for("D", 4), roll.twin("B", 2), roll.len()), (4, Some(3), 4));
        assert_eq!(roll.ids(), ["B", "C", "a", "b"]);
    }
}
