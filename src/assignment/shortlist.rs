//! The few cheapest pairs of each participant, kept at hand so that long rows are seldom read.
//!
//! **Problem.** Both phases of the flow ask over and over which pairs of a participant are cheapest at the present
//! potentials. Rows can have thousands of pairs, and the answer changes little from one time to the next.
//!
//! **Method.** A participant whose row is read gets a shortlist: its `k` pairs of least
//! `cost + potential`, and under *rest* the least such value of all its other pairs. From then on the shortlist is read
//! first, and the row only if something as dear as *rest* matters; that reading makes a new shortlist. It is made in the
//! same pass, by insertion; where there is an old list, its dearest pair tells which pairs of the row can be on the
//! new one, so that few are compared.
//!
//! **Why it is exact.** Potentials of supporters only rise while shortlists are in use, so *rest* bounds the pairs that
//! are not listed from below for as long as the list stands.
//!
//! **Time and space.** Reading a list takes O(k), making one O(row). O(k) space for each participant that has a list;
//! everything lies in flat arrays, with packed costs.
//!
//! **When it is the wrong choice.** When rows are hardly longer than `k`: those have no list and are read as they are.
//!
//! **References.** D. P. Bertsekas, *Linear Network Optimization* (1991), ch. 4 (keeping more than the best two objects of
//! a person from bid to bid).

use super::integer::Integer;
use super::network::{NONE, Network};

/// Pairs on a list, unless the caller has chosen: with the bound, they fill two cache lines of 64 bits costs.
const LENGTH: usize = 7;
/// The same where rows are long, and reading one costs more than reading longer lists.
const LENGTH_FOR_LONG_ROWS: usize = 16;
/// Pairs a row has on average from which on it is long.
const LONG: usize = 200;
/// A row gets a list if it is this many times as long.
const WORTHWHILE: usize = 2;

/// Pairs in rows with packed costs: the arcs of participants, or of supporters where those are the ones to choose.
pub(super) trait Rows<T> {
    /// The number of pairs in a row.
    fn length(&self, row: usize) -> usize;
    /// The other ends of the pairs, and their packed costs.
    fn pairs(&self, row: usize) -> impl Iterator<Item = (usize, T)> + '_;
}

impl<T: Integer> Rows<T> for Network<'_, T> {
    fn length(&self, row: usize) -> usize {
        self.problem.row_range(row).len()
    }

    fn pairs(&self, row: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        self.row(row)
    }
}

/// The cheapest arcs of a participant, as far as they were asked for.
#[derive(Clone, Copy)]
pub(super) struct Best<T> {
    /// The supporter of the cheapest pair and the packed cost of the pair; `None` if staying unmatched is no dearer.
    pub(super) choice: Option<(usize, T)>,
    /// The least `cost + potential` over all arcs, that to the root included.
    pub(super) least: T,
    /// The second least.
    pub(super) second: T,
}

/// The shortlists of all participants that have one.
pub(super) struct Shortlists<T> {
    length: usize,
    /// Number of each participant's list, or `NONE`.
    slot: Vec<u32>,
    /// The lists end to end: supporters and packed costs, before them the bound on what is not listed.
    entries: Vec<(u32, T)>,
    /// The list being made, by rising value: value, supporter, cost.
    cheapest: Vec<(T, u32, T)>,
}

impl<T: Integer> Shortlists<T> {
    /// No lists yet, for so many participants who have so many pairs together.
    pub(super) fn new(participants: usize, pairs: usize, length: Option<u32>) -> Self {
        let usual = if pairs / LONG < participants { LENGTH } else { LENGTH_FOR_LONG_ROWS };
        Self {
            length: length.map_or(usual, |length| (length as usize).max(1)),
            slot: vec![NONE; participants],
            entries: Vec::new(),
            cheapest: Vec::new(),
        }
    }

    /// The participant's list and the bound on what is not listed, if it has one.
    pub(super) fn get(&self, participant: usize) -> Option<(impl Iterator<Item = (usize, T)> + '_, T)> {
        let slot = self.slot[participant];
        (slot != NONE).then(|| {
            let (bound, list) = self.entries[self.range(slot)].split_at(1);
            (list.iter().map(|&(supporter, cost)| (supporter as usize, cost)), bound[0].1)
        })
    }

    /// The bound and the list.
    fn range(&self, slot: u32) -> std::ops::Range<usize> {
        let start = slot as usize * (self.length + 1);
        start..start + self.length + 1
    }

    /// The cheapest and the second cheapest arc of a participant, exactly; a new list is made if the old does not tell.
    pub(super) fn best(&mut self, network: &Network<'_, T>, potential: &[T], participant: usize) -> Best<T> {
        let exit = network.exit[participant];
        if let Some((list, rest)) = self.get(participant) {
            let best = least_two(exit, list, potential);
            if best.second <= rest {
                return best;
            }
        }
        if self.note_read(network, potential, participant)
            && let Some((list, rest)) = self.get(participant)
        {
            let mut best = least_two(exit, list, potential);
            best.second = best.second.min(rest);
            return best;
        }
        least_two(exit, network.row(participant), potential)
    }

    /// To be called when the whole row is to be read: makes a list if the row is worth one. Says whether there is a
    /// list now.
    pub(super) fn note_read(&mut self, rows: &impl Rows<T>, potential: &[T], participant: usize) -> bool {
        if rows.length(participant) / WORTHWHILE <= self.length {
            return false;
        }
        let slot = self.slot[participant];
        // Nothing as dear as this is on the list.
        let mut limit = T::INFINITY + T::INFINITY;
        let range = if slot == NONE {
            let start = self.entries.len();
            if start == 0 {
                // Memory that is never touched costs nothing, but moving the lists does.
                self.entries.reserve_exact(self.slot.len() * (self.length + 1));
            }
            self.slot[participant] = (start / (self.length + 1)) as u32;
            self.entries.resize(start + self.length + 1, (NONE, T::INFINITY));
            start..start + self.length + 1
        } else {
            let range = self.range(slot);
            let values = self.entries[range.clone()].iter().skip(1);
            if let Some(dearest) = values.map(|&(s, cost)| cost + potential[s as usize]).max() {
                limit = dearest + T::narrow(1);
            }
            range
        };
        let mut rest = T::INFINITY + T::INFINITY;
        self.cheapest.clear();
        for (s, cost) in rows.pairs(participant) {
            let value = cost + potential[s];
            if value >= limit {
                rest = rest.min(value);
                continue;
            }
            // Rows ascend, so of two equal values the one that is there already goes first.
            if self.cheapest.len() == self.length
                && let Some((out, ..)) = self.cheapest.pop()
            {
                rest = rest.min(out);
            }
            let mut at = self.cheapest.len();
            self.cheapest.push((value, s as u32, cost));
            while at > 0 && self.cheapest[at - 1].0 > value {
                self.cheapest[at] = self.cheapest[at - 1];
                at -= 1;
            }
            self.cheapest[at] = (value, s as u32, cost);
            if self.cheapest.len() == self.length {
                limit = self.cheapest[self.length - 1].0;
            }
        }
        let (bound, list) = self.entries[range].split_at_mut(1);
        bound[0].1 = rest;
        for (entry, &(_, supporter, cost)) in list.iter_mut().zip(&self.cheapest) {
            *entry = (supporter, cost);
        }
        true
    }
}

fn least_two<T: Integer>(exit: T, pairs: impl Iterator<Item = (usize, T)>, potential: &[T]) -> Best<T> {
    let (mut least, mut second) = (exit, T::INFINITY);
    let mut choice = None;
    for (supporter, cost) in pairs {
        let value = cost + potential[supporter];
        if value < second {
            if value < least {
                second = least;
                least = value;
                choice = Some((supporter, cost));
            } else {
                second = value;
            }
        }
    }
    Best { choice, least, second }
}
