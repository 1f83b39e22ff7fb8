//! What was there before: the way back of every change.
//!
//! **Method.** Each write to the state logs what it replaces. Undoing reads the log backwards to the last beginning;
//! beginnings nest. What follows from other things (what a caseload pays, who is in it, which numbers are vacant) is
//! not logged: writing the cause back writes it back as well.
//!
//! **Why it is exact.** Each entry is undone in exactly the state that its write left behind.
//!
//! **Time and space.** O(1) a write; the log lives as long as the outermost beginning is open, and is empty otherwise.

use super::super::ladder::Rungs;
use super::state::{Node, Person, Seat, Steps};

/// What a write replaced.
#[derive(Debug, Clone)]
pub(super) enum Old<T> {
    Potential(u32, T),
    Seat(u32, Seat, T),
    Person(u32, Person),
    Node(u32, Node),
    Steps(u32, Steps),
    Pair(u32, u32, Option<i64>),
    Only(u32, Option<u32>),
    NewParticipant,
    NewSupporter,
}

/// What was replaced since the outermost beginning.
#[derive(Debug, Clone)]
pub(super) struct Log<T> {
    entries: Vec<Old<T>>,
    /// Where each open beginning stands, and the objective then.
    marks: Vec<(usize, Rungs)>,
}

impl<T> Default for Log<T> {
    fn default() -> Self {
        Self { entries: Vec::new(), marks: Vec::new() }
    }
}

/// Entries that memory is kept for when nothing is open.
const KEPT: usize = 1 << 14;

impl<T> Log<T> {
    pub(super) fn begin(&mut self, objective: Rungs) {
        self.marks.push((self.entries.len(), objective));
    }

    #[inline]
    pub(super) fn push(&mut self, old: Old<T>) {
        if !self.marks.is_empty() {
            self.entries.push(old);
        }
    }

    /// The last write since the last beginning.
    pub(super) fn pop(&mut self) -> Option<Old<T>> {
        let &(start, _) = self.marks.last()?;
        if self.entries.len() > start { self.entries.pop() } else { None }
    }

    /// Forgets the last beginning, after which nothing is written any more; returns the objective then.
    pub(super) fn close(&mut self) -> Option<Rungs> {
        self.marks.pop().map(|(_, objective)| objective)
    }

    /// Keeps what was written since the last beginning, for an outer one to undo if there is one.
    pub(super) fn commit(&mut self) {
        self.marks.pop();
        if self.marks.is_empty() {
            self.entries.clear();
            self.entries.shrink_to(KEPT);
        }
    }

    /// Drops what only the outermost beginning could undo; false if none is open.
    pub(super) fn forget_oldest(&mut self) -> bool {
        if self.marks.is_empty() {
            return false;
        }
        self.marks.remove(0);
        let kept = self.marks.first().map_or(self.entries.len(), |mark| mark.0);
        self.entries.drain(..kept);
        for mark in &mut self.marks {
            mark.0 -= kept;
        }
        if self.marks.is_empty() {
            self.entries.shrink_to(KEPT);
        }
        true
    }

    /// How many beginnings are open.
    pub(super) fn depth(&self) -> usize {
        self.marks.len()
    }

    /// What was written since the last beginning, oldest first.
    pub(super) fn since_beginning(&self) -> &[Old<T>] {
        &self.entries[self.marks.last().map_or(0, |mark| mark.0)..]
    }
}
