//! The exact phase: minimum-cost flow by successive shortest augmenting paths.
//!
//! **Problem.** Send one unit from each participant through supporters and nested groups to the root, or straight to
//! the root (unmatched), at minimum total cost; the places of a supporter have nondecreasing marginal costs.
//!
//! **Method.** Participants that [`super::row_reduction`] left waiting are inserted one at a time, in the order in
//! which they were left. Any order is exact; batches by falling served weight (see [`super::choice`]) keep prices low
//! for long. For each, Dijkstra's algorithm on reduced costs finds a cheapest way to the root in the residual network,
//! through displaced participants if need be; the flow is augmented along it. Departures from the textbook:
//!
//! * Labels stand on supporters and groups only. A matched participant is entered only through the arc it uses, whose
//!   reduced cost is zero, so its potential is that of its arc's head and is never stored.
//! * A matched participant's row is read late: its *bar* bounds from below how much more its next best arc costs, and
//!   the row waits in the heap under that bound. Its [shortlist](super::shortlist) is read first, then one made anew,
//!   and all of the row only if that does not reach far enough. Most rows are never read. Potentials only rise, so
//!   bounds stay true.
//! * The search ends as soon as the heap's minimum reaches the best way out found, and only nodes settled by then get
//!   new potentials: `pi(v) += D - d(v)`, where `D` is the length of the path.
//!
//! **Why it is optimal.** The invariant of [`Flow`] holds after each step: augmenting along a shortest path by reduced
//! cost, after raising potentials by `max(0, D - d(v))`, leaves no residual arc with negative reduced cost. When
//! all are in, that is the optimality condition of minimum-cost flow (complementary slackness). Inserting one more
//! participant never lets an unmatched one back in (the sets that can be served form a matroid and prices only rise),
//! so unmatched participants are not searched.
//!
//! **Time and space.** With `n` participants, `m` pairs, `k` supporters and groups: O(n (m + n log m)) at worst; what
//! is read in practice is a small part of the rows. Space O(n + k) beside the problem.
//!
//! **When it is the wrong choice.** For dense balanced problems with structured costs (products, distances) paths get
//! long; for very few supporters with very large caseloads each visit walks the whole caseload; side constraints
//! that are not nested limits need the integer program of [`super::ilp`].
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), ch. 9 (successive shortest paths,
//! reduced costs) and 14 (convex costs); J. Edmonds, R. M. Karp, J. ACM 19 (1972) and N. Tomizawa, Networks 1 (1971)
//! (potentials); R. Jonker, A. Volgenant, Computing 38 (1987) (early termination). Potentials here are costs-to-go,
//! the negative of Ahuja, Magnanti and Orlin's.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::caseloads::Member;
use super::control::{Control, Stage};
use super::integer::Integer;
use super::network::{Flow, NONE, Network, Seat};
use super::shortlist::Shortlists;

/// Insertions between two looks at the control, and nodes settled.
const STRIDE: usize = 64;
const SETTLED: usize = 4096;

/// What the phase did.
#[derive(Debug, Default)]
pub(super) struct Inserted {
    pub(super) bids: u64,
    pub(super) augmentations: u64,
    pub(super) rows_scanned: u64,
    pub(super) cancelled: bool,
}

/// Where a shortest path leaves for the root.
#[derive(Clone, Copy)]
enum Exit {
    /// The new participant stays unmatched.
    Unmatched,
    /// A matched participant gives its place up.
    Displaced(u32),
    /// A place of this supporter or group is free, and so is the way from there to the root.
    Place(usize),
    /// A unit passes this supporter or group already that nobody sends.
    Lack(usize),
}

/// What a search has read of a participant's row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Read {
    Nothing,
    /// The list as it was.
    Old,
    /// A list made anew by this search: what it does not hold is only found in the row.
    New,
}

/// A participant that a search has met, all that its row is read with: only the list itself lies far away.
#[derive(Clone, Copy)]
struct Met<T> {
    participant: u32,
    /// Its supporter and its position there, `NONE` and anything if it is the new one.
    own: u32,
    position: u32,
    read: Read,
    /// What the label of a supporter is beyond the value of the participant's arc to it.
    offset: T,
}

/// The state of one search, kept between searches so that nothing is allocated anew.
pub(super) struct Search<T: Integer> {
    /// Labels of supporters and groups, infinity where not reached.
    distance: Vec<T>,
    /// What a node was reached from, participants by number from `root + 1` on, and the packed cost of the pair, if it
    /// was one.
    from: Vec<(u32, T)>,
    touched: Vec<u32>,
    settled: Vec<u32>,
    /// Nodes settled since the control was looked at.
    work: usize,
    /// Supporters and groups by number; participants, whose row is to be read, by position among those met, from
    /// `root + 1` on.
    heap: BinaryHeap<Reverse<T::Key>>,
    met: Vec<Met<T>>,
    /// Units above each node that come from nobody, to begin with; empty where there are none.
    lack: Vec<u32>,
    best: T,
    exit: Exit,
}

impl<T: Integer> Search<T> {
    pub(super) fn new(network: &Network<'_, T>) -> Self {
        Self::with_lack(network, Vec::new())
    }

    /// In a flow in which so many units pass each node that nobody sends.
    pub(super) fn with_lack(network: &Network<'_, T>, lack: Vec<u32>) -> Self {
        let root = network.tree.root();
        Self {
            distance: vec![T::INFINITY; root],
            from: vec![(NONE, T::ZERO); root],
            touched: Vec::new(),
            settled: Vec::new(),
            work: 0,
            heap: BinaryHeap::new(),
            met: Vec::new(),
            lack,
            best: T::INFINITY,
            exit: Exit::Unmatched,
        }
    }

    /// The units that still come from nobody.
    pub(super) fn into_lack(self) -> Vec<u32> {
        self.lack
    }

    /// Inserts the waiting participants in the order given.
    pub(super) fn insert_all(
        &mut self,
        network: &Network<'_, T>,
        flow: &mut Flow<T>,
        lists: &mut Shortlists<T>,
        waiting: &[u32],
        control: &Control<'_>,
    ) -> Inserted {
        let mut done = Inserted::default();
        for (count, &participant) in waiting.iter().enumerate() {
            // Where paths are long, a few take as long as many short ones.
            if count % STRIDE == 0 || self.work > SETTLED {
                self.work = 0;
                if let Some(gap) = control.gap_after(count) {
                    control.leaves(gap);
                }
                if control.stops(Stage::ShortestPaths, count, waiting.len()) {
                    done.cancelled = true;
                    break;
                }
            }
            done.rows_scanned += self.run(network, flow, lists, participant);
            done.augmentations += 1;
        }
        done
    }

    /// Finds a shortest path for the new participant and augments along it; returns the number of rows read.
    fn run(
        &mut self,
        network: &Network<'_, T>,
        flow: &mut Flow<T>,
        lists: &mut Shortlists<T>,
        participant: u32,
    ) -> u64 {
        let p = participant as usize;
        let arcs = lists.best(network, &flow.potential, p);
        if arcs.choice.is_none() {
            flow.seats[p].least = arcs.second;
            return 1;
        }
        self.best = network.exit[p] - arcs.least;
        self.exit = Exit::Unmatched;
        let start = network.tree.root() as u32 + 1 + participant;
        if let Some((list, rest)) = lists.get(p) {
            for (supporter, cost) in list {
                let length = cost + flow.potential[supporter] - arcs.least;
                self.reach(network, flow, supporter, length, (start, cost));
            }
            if rest - arcs.least < self.best {
                let offset = -arcs.least;
                self.meet(
                    network,
                    rest - arcs.least,
                    Met { participant, own: NONE, position: 0, read: Read::Old, offset },
                );
            }
        } else {
            for (supporter, cost) in network.row(p) {
                let length = cost + flow.potential[supporter] - arcs.least;
                self.reach(network, flow, supporter, length, (start, cost));
            }
        }
        let rows = 1 + self.settle_all(network, flow, lists);

        let length = self.best;
        for &v in &self.settled {
            flow.potential[v as usize] += length - self.distance[v as usize];
        }
        self.augment(network, flow, participant);
        let Seat { supporter, cost, .. } = flow.seats[p];
        if supporter == NONE {
            flow.seats[p].least = network.exit[p];
        } else {
            // Of the two cheapest arcs seen at the start, the one that is not the arc it got.
            let used = self.distance[supporter as usize];
            let other = if used == T::ZERO { arcs.second } else { arcs.least };
            flow.set_bar(p, (other - cost).max(flow.potential[supporter as usize]));
        }

        for v in self.touched.drain(..) {
            self.distance[v as usize] = T::INFINITY;
        }
        self.work += self.settled.len();
        self.settled.clear();
        self.heap.clear();
        self.met.clear();
        rows
    }

    /// Gives a supporter or group a label if it is the best so far.
    #[inline]
    fn reach(&mut self, network: &Network<'_, T>, flow: &Flow<T>, node: usize, length: T, from: (u32, T)) {
        if length >= self.best || length >= self.distance[node] {
            return;
        }
        if self.distance[node] == T::INFINITY {
            self.touched.push(node as u32);
        }
        self.distance[node] = length;
        self.from[node] = from;
        self.heap.push(Reverse(length.key(node as u32)));
        // A free place ends the search early, and a lack at once.
        if self.lack.get(node).is_some_and(|&lack| lack > 0) {
            self.best = length;
            self.exit = Exit::Lack(node);
        } else if let Some(rise) = flow.way_out(network, node)
            && length + rise < self.best
        {
            self.best = length + rise;
            self.exit = Exit::Place(node);
        }
    }

    fn settle_all(&mut self, network: &Network<'_, T>, flow: &mut Flow<T>, lists: &mut Shortlists<T>) -> u64 {
        let root = network.tree.root();
        let mut rows = 0;
        while let Some(Reverse(key)) = self.heap.pop() {
            let (length, item) = T::label(key);
            if length >= self.best {
                break;
            }
            let item = item as usize;
            if item > root {
                rows += self.read(network, flow, lists, item - root - 1);
                continue;
            }
            if length > self.distance[item] {
                continue;
            }
            self.settled.push(item as u32);
            self.climb(network, flow, item, length);
            if item < network.tree.supporters {
                self.meet_members(network, flow, item, length);
            } else {
                self.descend(network, flow, item, length);
            }
        }
        rows
    }

    fn climb(&mut self, network: &Network<'_, T>, flow: &Flow<T>, node: usize, length: T) {
        let parent = network.tree.parent[node] as usize;
        if parent < network.tree.root()
            && let Some(rise) = flow.upward(network, node)
        {
            self.reach(network, flow, parent, length + rise, (node as u32, T::ZERO));
        }
    }

    fn descend(&mut self, network: &Network<'_, T>, flow: &Flow<T>, group: usize, length: T) {
        for &child in network.tree.children(group) {
            if let Some(rise) = flow.downward(network, child as usize) {
                self.reach(network, flow, child as usize, length + rise, (group as u32, T::ZERO));
            }
        }
    }

    /// Puts the reading of a row off until its turn.
    fn meet(&mut self, network: &Network<'_, T>, due: T, met: Met<T>) {
        let item = network.tree.root() + 1 + self.met.len();
        self.met.push(met);
        self.heap.push(Reverse(due.key(item as u32)));
    }

    fn meet_members(&mut self, network: &Network<'_, T>, flow: &Flow<T>, supporter: usize, length: T) {
        let potential = flow.potential[supporter];
        for (position, &Member { participant, bar, cost }) in (0..).zip(flow.caseload(supporter)) {
            // Looked up only where the least of all would do: that is a visit to far memory less.
            let offset = length - cost - potential;
            if offset + network.least_exit < self.best {
                let unmatched = offset + network.exit[participant as usize];
                if unmatched < self.best {
                    self.best = unmatched;
                    self.exit = Exit::Displaced(participant);
                }
            }
            let bound = length + (bar - potential).max(T::ZERO);
            if bound < self.best {
                let own = supporter as u32;
                self.meet(network, bound, Met { participant, own, position, read: Read::Nothing, offset });
            }
        }
    }

    /// Relaxes the arcs of a participant: those on its shortlist first, when their turn comes those of a new one, then
    /// all. Learns its bar. Returns 1 if it read the row, 0 if the shortlist.
    ///
    /// The arc in use is relaxed with the others and changes nothing: its supporter has that label already.
    fn read(
        &mut self,
        network: &Network<'_, T>,
        flow: &mut Flow<T>,
        lists: &mut Shortlists<T>,
        index: usize,
    ) -> u64 {
        let root = network.tree.root() as u32;
        let Met { participant, own, position, read, offset } = self.met[index];
        let from = root + 1 + participant;
        let p = participant as usize;
        let mut other = T::INFINITY;
        let fresh =
            read != Read::Nothing && (read == Read::New || lists.note_read(network, &flow.potential, p));
        let mut rows = u64::from(fresh);
        let mut rest = T::INFINITY;
        if read != Read::New
            && let Some((list, beyond)) = lists.get(p)
        {
            self.met[index].read = if fresh { Read::New } else { Read::Old };
            for (supporter, cost) in list {
                let value = cost + flow.potential[supporter];
                if supporter as u32 != own {
                    other = other.min(value);
                    self.reach(network, flow, supporter, offset + value, (from, cost));
                }
            }
            rest = beyond;
            if offset + rest < self.best {
                self.heap.push(Reverse((offset + rest).key(root + 1 + index as u32)));
            }
        } else {
            if !fresh {
                lists.note_read(network, &flow.potential, p);
            }
            rows = 1;
            for (supporter, cost) in network.row(p) {
                let value = cost + flow.potential[supporter];
                if supporter as u32 != own {
                    other = other.min(value);
                    self.reach(network, flow, supporter, offset + value, (from, cost));
                }
            }
        }
        if own != NONE {
            other = other.min(rest);
            // Looked up only where the least of all would matter.
            if network.least_exit < other {
                other = other.min(network.exit[p]);
            }
            flow.learn_bar((own as usize, position as usize), other);
        }
        rows
    }

    /// Sends one unit along the path that was found, from its end to its start.
    fn augment(&mut self, network: &Network<'_, T>, flow: &mut Flow<T>, new: u32) {
        let root = network.tree.root() as u32;
        let mut at = match self.exit {
            Exit::Unmatched => return,
            Exit::Displaced(participant) => {
                flow.seats[participant as usize].least = network.exit[participant as usize];
                flow.detach(participant)
            }
            Exit::Place(node) => {
                flow.add_unit_to_root(network, node);
                node as u32
            }
            Exit::Lack(node) => {
                self.lack[node] -= 1;
                node as u32
            }
        };
        loop {
            let (from, cost) = self.from[at as usize];
            if from > root {
                let participant = from - root - 1;
                let before = if participant == new { NONE } else { flow.detach(participant) };
                // It is indifferent between the two supporters now.
                flow.attach_until(participant, at, cost, flow.potential[at as usize]);
                if participant == new {
                    return;
                }
                at = before;
            } else {
                if network.tree.parent[at as usize] == from {
                    flow.drop_unit(network, at as usize);
                } else {
                    flow.add_unit(network, from as usize);
                }
                at = from;
            }
        }
    }
}
