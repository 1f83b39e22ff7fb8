//! The exact phase: minimum-cost flow by successive shortest augmenting paths.
//!
//! **Problem.** Send one unit from each participant through supporters and nested groups to the root, or straight to
//! the root (unmatched), at minimum total cost; the places of a supporter have nondecreasing marginal costs.
//!
//! **Method.** Participants that [`super::row_reduction`] left waiting are inserted one at a time, in ascending order.
//! For each, Dijkstra's algorithm on reduced costs finds a cheapest way to the root in the residual network, through
//! displaced participants if need be; the flow is augmented along it. Departures from the textbook:
//!
//! * Labels stand on supporters and groups only. A matched participant is entered only through the arc it uses, whose
//!   reduced cost is zero, so its potential is that of its arc's head and is never stored.
//! * A matched participant's row is read late: its *bar* bounds from below how much more its next best arc costs, and
//!   the row waits in the heap under that bound. Most rows are never read. Potentials only rise, so bounds stay true.
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

use super::control::{Control, Stage};
use super::integer::Integer;
use super::network::{Flow, NONE, Network};
use super::shortlist::Shortlists;

/// Insertions between two looks at the control.
const STRIDE: usize = 64;

/// What the phase did.
#[derive(Debug, Default)]
pub(super) struct Inserted {
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
    /// A place that is free above this supporter or group.
    Place(usize),
}

/// The state of one search, kept between searches so that nothing is allocated anew.
struct Search<T> {
    /// Labels of supporters and groups, infinity where not reached.
    distance: Vec<T>,
    /// What a node was reached from, in the numbering of the heap.
    from: Vec<u32>,
    touched: Vec<u32>,
    settled: Vec<u32>,
    /// Supporters and groups by number; participants, whose row is to be read, from `root + 1` on.
    heap: BinaryHeap<Reverse<(T, u32)>>,
    /// The number of the search, and of the one that last read each participant's shortlist.
    number: u32,
    listed: Vec<u32>,
    best: T,
    exit: Exit,
}

/// Inserts the waiting participants in the order given.
pub(super) fn insert_all<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    lists: &mut Shortlists<T>,
    waiting: &[u32],
    control: &Control<'_>,
) -> Inserted {
    let root = network.tree.root();
    let mut search = Search {
        distance: vec![T::INFINITY; root],
        from: vec![NONE; root],
        touched: Vec::new(),
        settled: Vec::new(),
        heap: BinaryHeap::new(),
        number: 0,
        listed: vec![0; network.exit.len()],
        best: T::INFINITY,
        exit: Exit::Unmatched,
    };
    let mut done = Inserted::default();
    for (count, &participant) in waiting.iter().enumerate() {
        if count % STRIDE == 0 && control.stops(Stage::ShortestPaths, count, waiting.len()) {
            done.cancelled = true;
            break;
        }
        done.rows_scanned += search.run(network, flow, lists, participant);
        done.augmentations += 1;
    }
    done
}

impl<T: Integer> Search<T> {
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
            return 1;
        }
        self.number += 1;
        self.best = network.exit[p] - arcs.least;
        self.exit = Exit::Unmatched;
        let start = network.tree.root() as u32 + 1 + participant;
        if let Some((list, rest)) = lists.get(p) {
            self.listed[p] = self.number;
            for (supporter, cost) in list {
                let length = cost + flow.potential[supporter] - arcs.least;
                self.reach(network, flow, supporter, length, start);
            }
            if rest - arcs.least < self.best {
                self.heap.push(Reverse((rest - arcs.least, start)));
            }
        } else {
            for (supporter, cost) in network.row(p) {
                let length = cost + flow.potential[supporter] - arcs.least;
                self.reach(network, flow, supporter, length, start);
            }
        }
        let rows = 1 + self.settle_all(network, flow, lists, arcs.least);

        let length = self.best;
        for &v in &self.settled {
            flow.potential[v as usize] += length - self.distance[v as usize];
        }
        self.augment(network, flow, participant);
        let supporter = flow.supporter[p];
        if supporter != NONE {
            // Of the two cheapest arcs seen at the start, the one that is not the arc it got.
            let used = self.distance[supporter as usize];
            let other = if used == T::ZERO { arcs.second } else { arcs.least };
            let bar = other - flow.cost[p];
            flow.bar[p] = bar.max(flow.potential[supporter as usize]);
        }

        for v in self.touched.drain(..) {
            self.distance[v as usize] = T::INFINITY;
        }
        self.settled.clear();
        self.heap.clear();
        rows
    }

    /// Gives a supporter or group a label if it is the best so far.
    fn reach(&mut self, network: &Network<'_, T>, flow: &Flow<T>, node: usize, length: T, from: u32) {
        if length >= self.best || length >= self.distance[node] {
            return;
        }
        if self.distance[node] == T::INFINITY {
            self.touched.push(node as u32);
        }
        self.distance[node] = length;
        self.from[node] = from;
        self.heap.push(Reverse((length, node as u32)));
        // A free place right above ends the search early.
        if network.tree.parent[node] as usize == network.tree.root()
            && let Some(rise) = flow.upward(network, node)
            && length + rise < self.best
        {
            self.best = length + rise;
            self.exit = Exit::Place(node);
        }
    }

    fn settle_all(
        &mut self,
        network: &Network<'_, T>,
        flow: &mut Flow<T>,
        lists: &mut Shortlists<T>,
        least: T,
    ) -> u64 {
        let root = network.tree.root();
        let mut rows = 0;
        while let Some(Reverse((length, item))) = self.heap.pop() {
            if length >= self.best {
                break;
            }
            let item = item as usize;
            if item > root {
                let participant = item - root - 1;
                let offset = match flow.supporter[participant] {
                    NONE => -least,
                    own => {
                        let own = own as usize;
                        self.distance[own] - flow.cost[participant] - flow.potential[own]
                    }
                };
                rows += self.read(network, flow, lists, participant, offset);
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
            self.reach(network, flow, parent, length + rise, node as u32);
        }
    }

    fn descend(&mut self, network: &Network<'_, T>, flow: &Flow<T>, group: usize, length: T) {
        for &child in network.tree.children(group) {
            if let Some(rise) = flow.downward(network, child as usize) {
                self.reach(network, flow, child as usize, length + rise, group as u32);
            }
        }
    }

    fn meet_members(&mut self, network: &Network<'_, T>, flow: &Flow<T>, supporter: usize, length: T) {
        let first = network.tree.root() as u32 + 1;
        let potential = flow.potential[supporter];
        for member in flow.members(supporter) {
            let m = member as usize;
            let unmatched = length + network.exit[m] - flow.cost[m] - potential;
            if unmatched < self.best {
                self.best = unmatched;
                self.exit = Exit::Displaced(member);
            }
            let bound = length + (flow.bar[m] - potential).max(T::ZERO);
            if bound < self.best {
                self.heap.push(Reverse((bound, first + member)));
            }
        }
    }

    /// Relaxes the arcs of a participant, those on its shortlist first, the others when their turn comes; learns its
    /// bar. Returns 1 if it read the row, 0 if the shortlist.
    ///
    /// `offset` is what the label of a supporter is beyond the value of the arc to it. The arc in use is relaxed with
    /// the others and changes nothing: its supporter has that label already.
    fn read(
        &mut self,
        network: &Network<'_, T>,
        flow: &mut Flow<T>,
        lists: &mut Shortlists<T>,
        participant: usize,
        offset: T,
    ) -> u64 {
        let own = flow.supporter[participant] as usize;
        let from = network.tree.root() as u32 + 1 + participant as u32;
        let mut other = network.exit[participant];
        if self.listed[participant] != self.number
            && let Some((list, rest)) = lists.get(participant)
        {
            self.listed[participant] = self.number;
            for (supporter, cost) in list {
                let value = cost + flow.potential[supporter];
                if supporter != own {
                    other = other.min(value);
                    self.reach(network, flow, supporter, offset + value, from);
                }
            }
            flow.bar[participant] = other.min(rest) - flow.cost[participant];
            if offset + rest < self.best {
                self.heap.push(Reverse((offset + rest, from)));
            }
            return 0;
        }
        lists.note_read(network, &flow.potential, participant);
        for (supporter, cost) in network.row(participant) {
            let value = cost + flow.potential[supporter];
            if supporter != own {
                other = other.min(value);
                self.reach(network, flow, supporter, offset + value, from);
            }
        }
        flow.bar[participant] = other - flow.cost[participant];
        1
    }

    /// Sends one unit along the path that was found, from its end to its start.
    fn augment(&mut self, network: &Network<'_, T>, flow: &mut Flow<T>, new: u32) {
        let root = network.tree.root() as u32;
        let mut at = match self.exit {
            Exit::Unmatched => return,
            Exit::Displaced(participant) => flow.detach(participant),
            Exit::Place(node) => {
                flow.units[node] += 1;
                node as u32
            }
        };
        loop {
            let from = self.from[at as usize];
            if from > root {
                let participant = from - root - 1;
                let before = if participant == new { NONE } else { flow.detach(participant) };
                let cost = network.pair(participant as usize, at);
                flow.attach(participant, at, cost);
                // It is indifferent between the two supporters now.
                flow.bar[participant as usize] = flow.potential[at as usize];
                if participant == new {
                    return;
                }
                at = before;
            } else {
                if network.tree.parent[at as usize] == from {
                    flow.units[at as usize] -= 1;
                } else {
                    flow.units[from as usize] += 1;
                }
                at = from;
            }
        }
    }
}
