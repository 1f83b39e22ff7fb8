//! The few cheapest pairs of each participant, kept at hand so that long rows are seldom read.
//!
//! **Problem.** Both phases of the flow ask over and over which pairs of a participant are cheapest at the present
//! potentials. Rows can have thousands of pairs, and the answer changes little from one time to the next.
//!
//! **Method.** A participant whose row is read gets a shortlist: its at most `k` pairs of least `cost + potential`, and
//! under *rest* the least such value of all its other pairs. From then on the shortlist is read first, and the row only
//! if something as dear as *rest* matters; that reading makes a new shortlist. Nothing is sorted for it: the values are
//! dealt out to a few lanes, and what is least in each of them tells below which value there are about `k`. Those are
//! the list; where they are too many, the dearest are left out again.
//!
//! **Why it is exact.** Potentials of supporters only rise while shortlists are in use, so *rest* bounds the pairs that
//! are not listed from below for as long as the list stands.
//!
//! **Time and space.** Reading a list takes O(k), making one O(row). O(k) space for each participant that has a list;
//! everything lies in flat arrays, with packed costs.
//!
//! **When it is the wrong choice.** When rows are hardly longer than `k`: those have no list and are read as they are.
//!
//! **References.** D. P. Bertsekas, *Linear Network Optimization* (1991), ch. 4 (keeping more than the best two objects
//! of a person from bid to bid).

use rayon::prelude::*;

use super::control::Control;
use super::costs::CostSlice;
use super::integer::Integer;
use super::network::Network;

/// Pairs on a list, unless the caller has chosen: with the bound, they fill one cache line of 32-bit costs.
const LENGTH: usize = 7;
/// The same where rows are long, and reading one costs more than reading longer lists.
const LENGTH_FOR_LONG_ROWS: usize = 16;
/// Pairs a row has on average from which on it is long.
const LONG: usize = 200;
/// A row gets a list if it is this many times as long.
const WORTHWHILE: usize = 2;
/// Rows that one thread reads at a time.
const SHARE: usize = 2048;
/// Rows between two looks at the control.
const LOOK: usize = 256;
/// Bytes of a cache line.
const CACHE_LINE: usize = 64;
/// Lanes the values of a row are dealt out to.
pub(super) const LANES: usize = 8;

impl<T: Integer> Network<'_, T> {
    /// A pair of a row.
    #[inline]
    fn pair_at(&self, row: usize, at: usize) -> (usize, T) {
        let at = self.problem.row_range(row).start + at;
        let supporter = self.problem.pair_supporters[at];
        (supporter as usize, self.packed(row, supporter, self.problem.pair_costs.at(at)))
    }

    /// Writes `cost + potential` of all pairs of a row; without potentials, the costs.
    fn values(&self, row: usize, potential: Option<&[T]>, values: &mut [T]) {
        if !self.is_plain(row) {
            for (value, (supporter, cost)) in values.iter_mut().zip(self.row(row)) {
                *value = potential.map_or(cost, |potential| cost + potential[supporter]);
            }
            return;
        }
        match self.problem.row_parts(row) {
            (supporters, CostSlice::Narrow(costs)) => plain_values(supporters, costs, potential, values),
            (supporters, CostSlice::Wide(costs)) => plain_values(supporters, costs, potential, values),
        }
    }
}

fn plain_values<T: Integer, C: Copy + Into<i64>>(
    supporters: &[u32],
    costs: &[C],
    potential: Option<&[T]>,
    values: &mut [T],
) {
    let Some(potential) = potential else {
        for (value, &cost) in values.iter_mut().zip(costs) {
            *value = T::from_i64(cost.into());
        }
        return;
    };
    // The last round goes back a little: so there is no odd end that takes as long as all the others.
    let whole = values.len() - values.len() % LANES;
    for range in [0..whole, values.len().saturating_sub(LANES)..values.len()] {
        let pairs = supporters[range.clone()].iter().zip(&costs[range.clone()]);
        for (value, (&supporter, &cost)) in values[range].iter_mut().zip(pairs) {
            *value = T::from_i64(cost.into()) + potential[supporter as usize];
        }
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
    /// The lists end to end: supporters and packed costs, before them how many there are and the bound on the others.
    /// What was never touched is zero and takes no memory.
    entries: Vec<(u32, T)>,
    /// Where the first one begins, so that short lists fill cache lines.
    first: usize,
    reader: Reader<T>,
}

impl<T: Integer> Shortlists<T> {
    /// No lists yet, for so many participants who have so many pairs together.
    pub(super) fn new(participants: usize, pairs: usize, length: Option<u32>) -> Self {
        let usual = if pairs / LONG < participants { LENGTH } else { LENGTH_FOR_LONG_ROWS };
        let length = length.map_or(usual, |length| (length as usize).max(1));
        let entries = vec![(0, T::ZERO); participants * (length + 1) + CACHE_LINE];
        let first = entries.as_ptr().align_offset(CACHE_LINE).min(CACHE_LINE);
        Self { length, entries, first, reader: Reader::new() }
    }

    /// The participant's list and the bound on what is not listed, if it has one.
    #[inline]
    pub(super) fn get(&self, participant: usize) -> Option<(impl Iterator<Item = (usize, T)> + '_, T)> {
        let start = self.start(participant);
        let (count, bound) = self.entries[start];
        (count > 0).then(|| {
            let list = &self.entries[start + 1..=start + count as usize];
            (list.iter().map(|&(supporter, cost)| (supporter as usize, cost)), bound)
        })
    }

    #[inline]
    fn start(&self, participant: usize) -> usize {
        self.first + participant * (self.length + 1)
    }

    /// The same with entries that cost infinity up to the full length: all loops over it are alike.
    #[inline]
    fn filled(&self, participant: usize) -> Option<(impl Iterator<Item = (usize, T)> + '_, T)> {
        let start = self.start(participant);
        let list = &self.entries[start..=start + self.length];
        let (count, bound) = list[0];
        (count > 0).then(|| (list[1..].iter().map(|&(supporter, cost)| (supporter as usize, cost)), bound))
    }

    /// The cheapest and the second cheapest arc of a participant, exactly; a new list is made if the old does not tell.
    pub(super) fn best(&mut self, network: &Network<'_, T>, potential: &[T], participant: usize) -> Best<T> {
        let exit = network.exit[participant];
        if let Some((list, rest)) = self.filled(participant) {
            let best = least_two(exit, list, potential);
            if best.second <= rest {
                return best;
            }
        }
        if self.note_read(network, potential, participant)
            && let Some((list, rest)) = self.filled(participant)
        {
            let mut best = least_two(exit, list, potential);
            best.second = best.second.min(rest);
            return best;
        }
        least_two(exit, network.row(participant), potential)
    }

    /// To be called when the whole row is to be read: makes a list if the row is worth one. Says whether there is a
    /// list now.
    pub(super) fn note_read(
        &mut self,
        network: &Network<'_, T>,
        potential: &[T],
        participant: usize,
    ) -> bool {
        let start = self.start(participant);
        self.reader.make(
            &mut self.entries[start..=start + self.length],
            network,
            Some(potential),
            participant,
        )
    }

    /// Room for the list of each participant, in order.
    pub(super) fn rooms(&mut self) -> impl Iterator<Item = Room<'_, T>> {
        self.entries[self.first..].chunks_exact_mut(self.length + 1)
    }

    /// Makes the lists of all these participants, see [`read_all`].
    pub(super) fn note_all_read(
        &mut self,
        network: &Network<'_, T>,
        potential: &[T],
        participants: &[u32],
        control: &Control<'_>,
    ) {
        let count = participants.iter().max().map_or(0, |&last| last as usize + 1);
        let mut wanted = vec![false; count];
        for &participant in participants {
            wanted[participant as usize] = true;
        }
        let rooms = wanted.iter().zip(self.rooms());
        read_all(network, potential, rooms.map(|(wanted, room)| wanted.then_some(room)).collect(), control);
    }
}

/// Room for one list.
type Room<'l, T> = &'l mut [(u32, T)];

/// Makes the lists of the rows there is room for, in the order of the rows: what follows each other in memory is read
/// sooner than one here and one there. Stopped, it leaves some out: those rows are read when they are asked for.
pub(super) fn read_all<T: Integer>(
    network: &Network<'_, T>,
    potential: &[T],
    mut rooms: Vec<Option<Room<'_, T>>>,
    control: &Control<'_>,
) {
    // At the beginning nobody costs anything, and what is in no memory need not be gathered from there.
    let potential = Some(potential).filter(|potential| potential.iter().any(|&price| price != T::ZERO));
    let read = |reader: &mut Reader<T>, first: usize, rooms: &mut [Option<Room<'_, T>>]| {
        for (row, room) in (first..).zip(rooms) {
            if row % LOOK == 0 && control.is_stopped() {
                return;
            }
            if let Some(room) = room {
                reader.make(room, network, potential, row);
            }
        }
    };
    if rooms.len() <= SHARE || rayon::current_num_threads() == 1 {
        read(&mut Reader::new(), 0, &mut rooms);
        return;
    }
    let shares = rooms.par_chunks_mut(SHARE).enumerate();
    shares.for_each_init(Reader::new, |reader, (share, rooms)| read(reader, share * SHARE, rooms));
}

/// Makes lists.
struct Reader<T> {
    /// The values of the row being read, and which of its pairs may get on its list.
    values: Vec<T>,
    picked: Vec<u32>,
}

impl<T: Integer> Reader<T> {
    fn new() -> Self {
        Self { values: Vec::new(), picked: Vec::new() }
    }

    /// Makes the list of a row if the row is worth one; says whether it did.
    fn make(
        &mut self,
        list: Room<'_, T>,
        network: &Network<'_, T>,
        potential: Option<&[T]>,
        row: usize,
    ) -> bool {
        let length = network.problem.row_range(row).len();
        let most = list.len() - 1;
        if length / WORTHWHILE <= most {
            return false;
        }
        let full = length.next_multiple_of(LANES);
        if self.values.len() < full + LANES {
            self.values.resize(full + LANES, T::ZERO);
            self.picked.resize(full, 0);
        }
        network.values(row, potential, &mut self.values[..length]);
        self.values[length..length + LANES].fill(T::ENDLESS);
        let values = &self.values[..full];
        let mut rest = bound(values, most.div_ceil(2), T::ENDLESS);
        let mut found = 0;
        // Each is written, and the next one takes its place if it does not count: there is no branch to guess.
        for (at, &value) in (0..).zip(values) {
            self.picked[found] = at;
            found += usize::from(value < rest);
        }
        if found == 0 {
            // The least value is there many times.
            self.picked[..length].iter_mut().zip(0..).for_each(|(at, all)| *at = all);
            found = length;
        }
        if found > most * 2 {
            let picked = &mut self.picked[..found];
            picked.select_nth_unstable_by_key(most, |&at| (values[at as usize], at));
            (found, rest) = (most, values[picked[most] as usize]);
        }
        while found > most {
            let mut dearest = (T::ZERO - T::ENDLESS, 0);
            for (at, &pair) in self.picked[..found].iter().enumerate() {
                dearest = dearest.max((values[pair as usize], at));
            }
            rest = dearest.0;
            found -= 1;
            self.picked[dearest.1] = self.picked[found];
        }
        list[0] = (found as u32, rest);
        let (filled, empty) = list[1..].split_at_mut(found);
        for (entry, &at) in filled.iter_mut().zip(&self.picked) {
            let (supporter, cost) = network.pair_at(row, at as usize);
            *entry = (supporter as u32, cost);
        }
        empty.fill((filled[0].0, T::INFINITY));
        true
    }
}

/// A value below which there are a few of these: about as many as the rank says, and seldom fewer. They come in full
/// rounds, and none is above `endless`.
///
/// The values are dealt out to so many lanes that the few least of them seldom share one. The least of each lane are
/// sorted: below the one at that rank there are those before it and few others.
pub(super) fn bound<T: Copy + Ord>(values: &[T], rank: usize, endless: T) -> T {
    let mut lanes = [endless; LANES];
    for round in values.chunks_exact(LANES) {
        for (lane, &value) in lanes.iter_mut().zip(round) {
            *lane = (*lane).min(value);
        }
    }
    let lanes = sorted(lanes);
    lanes[rank.min(LANES - 1)]
}

/// Sorts by a network of 19 comparisons (Knuth, *The Art of Computer Programming*, 5.3.4), none of which is a branch.
#[allow(clippy::many_single_char_names)] // Lanes have no other names.
fn sorted<T: Copy + Ord>(lanes: [T; LANES]) -> [T; LANES] {
    let two = |one: T, other: T| (one.min(other), one.max(other));
    let [a, b, c, d, e, f, g, h] = lanes;
    let ((a, c), (b, d), (e, g), (f, h)) = (two(a, c), two(b, d), two(e, g), two(f, h));
    let ((a, e), (b, f), (c, g), (d, h)) = (two(a, e), two(b, f), two(c, g), two(d, h));
    let ((a, b), (c, d), (e, f), (g, h)) = (two(a, b), two(c, d), two(e, f), two(g, h));
    let ((c, e), (d, f)) = (two(c, e), two(d, f));
    let ((b, e), (d, g)) = (two(b, e), two(d, g));
    let ((b, c), (d, e), (f, g)) = (two(b, c), two(d, e), two(f, g));
    [a, b, c, d, e, f, g, h]
}

fn least_two<T: Integer>(exit: T, pairs: impl Iterator<Item = (usize, T)>, potential: &[T]) -> Best<T> {
    let (mut least, mut second) = (exit, T::INFINITY);
    let (mut at, mut price) = (usize::MAX, T::ZERO);
    for (supporter, cost) in pairs {
        let value = cost + potential[supporter];
        let better = value < least;
        second = second.min(if better { least } else { value });
        (at, price) = if better { (supporter, cost) } else { (at, price) };
        least = least.min(value);
    }
    Best { choice: (at != usize::MAX).then_some((at, price)), least, second }
}

#[cfg(test)]
mod tests {
    use super::{LANES, sorted};

    #[test]
    fn the_network_sorts_whatever_is_only_zeros_and_ones_and_so_everything() {
        for bits in 0..1 << LANES {
            let lanes: [i32; LANES] = std::array::from_fn(|at| bits >> at & 1);
            let mut expected = lanes;
            expected.sort_unstable();
            assert_eq!(sorted(lanes), expected, "{lanes:?}");
        }
    }
}
