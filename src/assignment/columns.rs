//! The pairs by supporter: the few cheapest of each listed in one pass, all of them only if those do not do.
//!
//! **Problem.** Places that look for participants ask which pairs of a supporter are cheapest, at what participants pay
//! at present. The problem holds pairs by participant, and a second copy by supporter takes longer to make, most of all
//! to find memory for, than what is then read in it is worth.
//!
//! **Method.** The rows are read once, one after another, and each pair is offered to the list of its supporter, which
//! takes it if it is below the list's *limit*. A list that is full keeps its cheaper part, more the fewer participants
//! are still to come, and the least of what it drops is the new limit. So a list holds the cheapest pairs of its
//! supporter, and the limit bounds all others. Then it is sorted, so that whoever reads it can stop where the rest is
//! too dear. Where a list does not reach far enough it is made anew, at what participants pay by then: for a few lists
//! their pairs are looked for in the rows, for more all lists are made anew, and where that is not enough the columns
//! are laid out once and for all.
//!
//! **Why it is exact.** What participants pay only falls while lists are in use; with the sign turned it rises, so the
//! limit stays a bound on what is not listed, and a value is never below what it was when the list was sorted.
//!
//! **Time and space.** O(m) for `m` pairs, each compared with a limit, and O(log d) expected rounds of dropping for a
//! column of `d` pairs in no particular order; O(1) space for each place. O(m) space once columns are laid out.
//!
//! **When it is the wrong choice.** Where most lists have to be made anew many times: then the columns might as well be
//! laid out at once.
//!
//! **References.** D. P. Bertsekas, *Linear Network Optimization* (1991), ch. 4 (keeping more than the best two objects
//! of a person from bid to bid); C. A. R. Hoare, Communications of the ACM 4 (1961), algorithm 65 (selection).

use std::ops::Range;

use super::control::Control;
use super::costs::CostSlice;
use super::integer::Integer;
use super::network::Network;

/// Pairs wanted on a list, unless the caller has chosen: so many, and so many more for each place.
///
/// Measured at 100,000 participants for 25,000 supporters with one to six places: 2 lists had to be made anew. With 8
/// and 5 for each place it were 13, with 4 and 4 it were 140, and the solve took a third longer.
const WANTED: (usize, usize) = (12, 6);
/// Pairs wanted on a list at most.
const MOST: usize = 64;
/// Times that all lists are made anew before the columns are laid out.
const PASSES: usize = 4;
/// The same where so many lists have to be made anew at once: one of this many.
const MANY: usize = 16;
/// Columns that are looked for in the rows in about the time in which all pairs are listed.
const LOOKS: usize = 5;
/// Pairs up to which a row is looked through from one end to the other.
const SHORT: usize = 128;
/// Rows between two looks at the control.
const LOOK: usize = 256;
/// Rows whose memory is asked for at once.
const AHEAD: usize = 16;
/// Values of 32 bits in a line of memory.
const LINE: usize = 16;

/// The pairs of some participants by supporter. The *value* of a pair is its cost less what its participant paid to
/// begin with; what it pays less by later is added to that.
pub(super) struct Columns<'a, 'p, T: Integer> {
    network: &'a Network<'p, T>,
    control: &'a Control<'a>,
    /// Lists lack pairs, because the solve was stopped: nothing can be concluded from them any more.
    pub(super) stopped: bool,
    members: &'a [u32],
    /// What each participant paid to begin with, with the sign turned.
    start: Vec<T>,
    /// How many participants have been offered.
    offered: usize,
    lists: Vec<List<T>>,
    /// The lists end to end: values and participants.
    entries: Vec<T::Key>,
    /// Columns looked for in the rows since all lists were made.
    looks: usize,
    /// How often all lists were made anew.
    passes: usize,
    whole: Option<Whole<T>>,
}

/// Where a supporter's list is, and what bounds the pairs that are not on it.
struct List<T> {
    start: usize,
    count: u32,
    /// More pairs than it ever holds.
    room: u32,
    limit: T,
}

impl<T> List<T> {
    fn range(&self) -> Range<usize> {
        self.start..self.start + self.count as usize
    }
}

/// All pairs with open supporters, each column by rising participant.
struct Whole<T> {
    offsets: Vec<usize>,
    participants: Vec<u32>,
    /// Packed.
    costs: Vec<T>,
}

impl<T: Integer> Whole<T> {
    /// `None` if it was stopped.
    fn new(network: &Network<'_, T>, members: &[u32], control: &Control<'_>) -> Option<Self> {
        let (problem, tree) = (network.problem, network.tree);
        let mut offsets = vec![0; tree.supporters + 2];
        for &participant in members {
            for &supporter in &problem.pair_supporters[problem.row_range(participant as usize)] {
                offsets[supporter as usize + 2] += usize::from(tree.open[supporter as usize]);
            }
        }
        for s in 2..offsets.len() {
            offsets[s] += offsets[s - 1];
        }
        let pairs = offsets.last().copied().unwrap_or(0);
        let (mut participants, mut costs) = (vec![0; pairs], vec![T::ZERO; pairs]);
        for (count, &participant) in members.iter().enumerate() {
            if count % LOOK == 0 && control.is_stopped() {
                return None;
            }
            network.row(participant as usize).filter(|&(supporter, _)| tree.open[supporter]).for_each(
                |(supporter, cost)| {
                    let at = &mut offsets[supporter + 1];
                    participants[*at] = participant;
                    costs[*at] = cost;
                    *at += 1;
                },
            );
        }
        Some(Self { offsets, participants, costs })
    }
}

impl<'a, 'p, T: Integer> Columns<'a, 'p, T> {
    /// Empty lists for the pairs of these participants.
    pub(super) fn new(
        network: &'a Network<'p, T>,
        members: &'a [u32],
        length: Option<u32>,
        control: &'a Control<'a>,
    ) -> Self {
        let (problem, tree) = (network.problem, network.tree);
        let mut end = 0;
        let list = |(supporter, &degree): (usize, &u32)| {
            let places = (tree.capacity[supporter] - tree.pinned[supporter]).min(degree) as usize;
            let wanted = length.map_or((WANTED.0 + WANTED.1 * places).min(MOST), |length| length as usize);
            let (room, limit) = if tree.open[supporter] {
                ((2 * wanted.max(1)).min(degree as usize + 1), T::ENDLESS)
            } else {
                (1, -T::ENDLESS)
            };
            let start = end;
            end += room;
            List { start, count: 0, room: room as u32, limit }
        };
        let lists = problem.degrees.iter().enumerate().map(list).collect();
        Self {
            network,
            control,
            stopped: false,
            members,
            start: vec![T::ZERO; network.exit.len()],
            offered: 0,
            lists,
            // The least there is: in 32 and 64 bits all bits are zero, so memory is only touched when it is used.
            entries: vec![(-T::ENDLESS - T::ENDLESS).key(0); end],
            looks: 0,
            passes: 0,
            whole: None,
        }
    }

    /// The participants whose pairs these are.
    pub(super) fn members(&self) -> &'a [u32] {
        self.members
    }

    /// Offers all pairs of these participants, who pay so much with the sign turned.
    pub(super) fn offer(&mut self, participants: &[u32], paid: impl Fn(usize) -> T) {
        for &participant in participants {
            self.start[participant as usize] = paid(participant as usize);
        }
        self.offer_again(participants);
    }

    fn offer_again(&mut self, participants: &[u32]) {
        let network = self.network;
        for (count, group) in participants.chunks(AHEAD).enumerate() {
            if count % (LOOK / AHEAD) == 0 && self.control.is_stopped() {
                self.stopped = true;
                return;
            }
            for &participant in group {
                touch(network.problem.row_parts(participant as usize));
            }
            for &participant in group {
                let start = self.start[participant as usize];
                if network.is_plain(participant as usize) {
                    network.problem.row(participant).for_each(|(supporter, cost)| {
                        self.note(supporter as usize, T::from_i64(cost) + start, participant);
                    });
                } else {
                    network.row(participant as usize).for_each(|(supporter, cost)| {
                        self.note(supporter, cost + start, participant);
                    });
                }
            }
            self.offered += group.len();
        }
    }

    /// Puts a pair on a list if it is cheap enough. Written down it is in any case: that is sooner done than to ask.
    #[inline]
    fn note(&mut self, supporter: usize, value: T, participant: u32) {
        let list = &mut self.lists[supporter];
        self.entries[list.start + list.count as usize] = value.key(participant);
        list.count += u32::from(value < list.limit);
        if list.count == list.room {
            self.cut(supporter);
        }
    }

    /// Drops the dearer part of a full list.
    #[inline(never)]
    fn cut(&mut self, supporter: usize) {
        let list = &mut self.lists[supporter];
        let wanted = list.room as usize / 2;
        let keep = (wanted * self.offered / self.members.len().max(1)).max(wanted / 2);
        let entries = &mut self.entries[list.range()];
        let (_, &mut least, _) = entries.select_nth_unstable(keep);
        (list.count, list.limit) = (keep as u32, T::label(least).0);
    }

    /// The least value offered to a supporter so far, at least infinity if there was none.
    pub(super) fn least(&self, supporter: usize) -> T {
        let list = &self.lists[supporter];
        self.entries[list.range()].iter().fold(list.limit, |least, &entry| least.min(T::label(entry).0))
    }

    /// To be called when all have been offered, before lists are read.
    pub(super) fn sort(&mut self) {
        for list in &self.lists {
            self.entries[list.range()].sort_unstable();
        }
    }

    /// The list of a supporter, values and participants by rising value, and the bound on all others: no pair that is
    /// not listed has a value below it, with what its participant pays less by now added.
    #[inline]
    pub(super) fn list(&self, supporter: usize) -> (&[T::Key], T) {
        let list = &self.lists[supporter];
        (&self.entries[list.range()], list.limit)
    }

    /// The packed cost of a pair of that value.
    #[inline]
    pub(super) fn cost(&self, participant: u32, value: T) -> T {
        value - self.start[participant as usize]
    }

    /// Makes the lists of these supporters anew, now that participants pay so much less; all lists, if that takes no
    /// longer than looking for the columns of those. What participants pay less is then counted from now on.
    pub(super) fn renew(&mut self, supporters: &[u32], less: &mut [T]) {
        if self.whole.is_none() && (self.passes == PASSES || supporters.len() * MANY > self.lists.len()) {
            self.lay_out();
        }
        if self.whole.is_some() || self.looks_suffice(supporters.len()) {
            for &supporter in supporters {
                self.renew_one(supporter as usize, less);
            }
            return;
        }
        for list in self.lists.iter_mut().filter(|list| list.limit > -T::INFINITY) {
            (list.count, list.limit) = (0, T::ENDLESS);
        }
        for (start, less) in self.start.iter_mut().zip(less) {
            *start += std::mem::replace(less, T::ZERO);
        }
        (self.offered, self.looks) = (0, 0);
        self.passes += 1;
        self.offer_again(self.members);
        self.sort();
    }

    fn lay_out(&mut self) {
        self.whole = Whole::new(self.network, self.members, self.control);
        self.stopped |= self.whole.is_none();
    }

    /// Counts so many looks for a column; says whether they still take less time than listing all pairs anew.
    fn looks_suffice(&mut self, looks: usize) -> bool {
        self.looks += looks;
        self.looks <= LOOKS
    }

    fn renew_one(&mut self, supporter: usize, less: &[T]) {
        let list = &mut self.lists[supporter];
        let now = |&entry: &T::Key| {
            let (value, participant) = T::label(entry);
            value + less[participant as usize]
        };
        // At least as many as were listed are no dearer than the dearest of those.
        let dearest = self.entries[list.range()].iter().map(now).max();
        list.limit = dearest.map_or(T::ENDLESS, |dearest| dearest + T::narrow(1));
        list.count = 0;
        self.for_each(supporter, |columns, value, participant| {
            columns.note(supporter, value + less[participant as usize], participant);
        });
        let listed = &mut self.entries[self.lists[supporter].range()];
        for entry in &mut *listed {
            let (value, participant) = T::label(*entry);
            *entry = (value - less[participant as usize]).key(participant);
        }
        listed.sort_unstable();
    }

    /// All pairs of a supporter, values and participants, by rising value.
    pub(super) fn all(&mut self, supporter: usize) -> Vec<T::Key> {
        if self.whole.is_none() && !self.looks_suffice(1) {
            self.lay_out();
        }
        let mut all = Vec::new();
        self.for_each(supporter, |_, value, participant| all.push(value.key(participant)));
        all.sort_unstable();
        all
    }

    fn for_each(&mut self, supporter: usize, mut visit: impl FnMut(&mut Self, T, u32)) {
        let network = self.network;
        if let Some(whole) = self.whole.take() {
            let range = whole.offsets[supporter]..whole.offsets[supporter + 1];
            for (&participant, &cost) in whole.participants[range.clone()].iter().zip(&whole.costs[range]) {
                visit(self, cost + self.start[participant as usize], participant);
            }
            self.whole = Some(whole);
            return;
        }
        for &participant in self.members {
            let (row, costs) = network.problem.row_parts(participant as usize);
            if let Some(at) = position(row, supporter as u32) {
                let cost = network.packed(participant as usize, supporter as u32, costs.at(at));
                visit(self, cost + self.start[participant as usize], participant);
            }
        }
    }
}

/// Where a supporter stands in a row, if it does. Most short rows do without a search.
fn position(row: &[u32], supporter: u32) -> Option<usize> {
    let there = row.len() > SHORT || row.contains(&supporter);
    if there { row.binary_search(&supporter).ok() } else { None }
}

/// Asks for all of a row's memory at once: rows are too short for the machine to foresee what is read next.
fn touch((supporters, costs): (&[u32], CostSlice<'_>)) {
    let near = supporters.iter().step_by(LINE).fold(0, |sum, &supporter| sum ^ supporter);
    let far = match costs {
        CostSlice::Narrow(costs) => costs.iter().step_by(LINE).fold(0, |sum, &cost| sum ^ i64::from(cost)),
        CostSlice::Wide(costs) => costs.iter().step_by(LINE / 2).fold(0, |sum, &cost| sum ^ cost),
    };
    std::hint::black_box((near, far));
}
