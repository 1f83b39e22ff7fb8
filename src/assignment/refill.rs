//! Places that were left: who comes to them, or whether they stay free.
//!
//! **Problem.** In a flow with valid potentials some units pass a supporter or group that nobody sends: places that were
//! given up while their price was above their cost. Each is to be filled by someone, or released.
//!
//! **Method.** Whoever waited has been inserted already, into such a place where that was the cheapest way
//! ([`super::flow`]). For each place that is left, Dijkstra's algorithm on reduced costs runs against the direction of the arcs, from the place
//! through participants who would come to it and the places they would leave, to the cheapest end: a participant who
//! is unmatched, or a unit on the arc to the root that is not worth its cost any more, be it the place's own.
//! Potentials fall: `pi(v) -= D - d(v)` for nodes settled at `d(v)` below the length `D` of the path.
//!
//! **Why it is exact.** It is the shortest path step of the primal-dual method, from the root, which has too much, to a node
//! with too little: no residual arc gets a negative reduced cost.
//!
//! **Time and space.** One search for each place, at most O(m + k log k) for `m` pairs and `k` supporters and groups;
//! a place that is worth no more than it costs is released without one. O(m) space, and time once, for who wants whom.
//!
//! **When it is the wrong choice.** For very many places at once; then [`super::filling`] or a fresh start is sooner done.
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), section 9.7.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::control::{Control, Stage};
use super::integer::Integer;
use super::network::{Flow, NONE, Network, Seat};
use super::warm_start::way_up;

/// Searches between two looks at the control.
const STRIDE: usize = 64;

/// How a path ends.
#[derive(Clone, Copy)]
enum End {
    /// A participant without a supporter comes to this one.
    Comes(u32, usize),
    /// The unit on the arc to the root above this node goes.
    Released(usize),
}

/// The participants of each supporter's pairs.
struct Columns {
    offsets: Vec<usize>,
    participants: Vec<u32>,
}

impl Columns {
    fn of<T>(network: &Network<'_, T>) -> Self {
        let problem = network.problem;
        let unpinned = || (0..problem.pins.len()).filter(|&p| problem.pins[p].is_none());
        let mut offsets = vec![0; network.tree.supporters + 2];
        for p in unpinned() {
            for &supporter in &problem.pair_supporters[problem.row_range(p)] {
                offsets[supporter as usize + 2] += 1;
            }
        }
        for s in 2..offsets.len() {
            offsets[s] += offsets[s - 1];
        }
        let mut participants = vec![0; offsets.last().copied().unwrap_or(0)];
        for p in unpinned() {
            for &supporter in &problem.pair_supporters[problem.row_range(p)] {
                let at = &mut offsets[supporter as usize + 1];
                participants[*at] = p as u32;
                *at += 1;
            }
        }
        Self { offsets, participants }
    }

    fn of_supporter(&self, supporter: usize) -> &[u32] {
        &self.participants[self.offsets[supporter]..self.offsets[supporter + 1]]
    }
}

struct Search<T> {
    distance: Vec<T>,
    /// The node each node was reached from, and the participant that would move there, if any.
    from: Vec<(u32, u32)>,
    touched: Vec<u32>,
    settled: Vec<u32>,
    heap: BinaryHeap<Reverse<(T, u32)>>,
    /// No potential has fallen by more since the bars were true.
    fallen: T,
    best: T,
    end: End,
}

/// Fills or releases every place that is lacking; returns the number of searches, `None` if it was stopped.
pub(super) fn refill<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    mut lack: Vec<u32>,
    control: &Control<'_>,
) -> Option<u64> {
    let root = network.tree.root();
    let mut searches = 0;
    for (node, lack) in lack.iter_mut().enumerate() {
        while *lack > 0 && release(network, flow, node) {
            *lack -= 1;
        }
    }
    let total: usize = lack.iter().map(|&lack| lack as usize).sum();
    if total == 0 {
        return Some(0);
    }
    let columns = Columns::of(network);
    let before = flow.potential.clone();
    let mut search = Search {
        distance: vec![T::INFINITY; root],
        from: vec![(NONE, NONE); root],
        touched: Vec::new(),
        settled: Vec::new(),
        heap: BinaryHeap::new(),
        fallen: T::ZERO,
        best: T::INFINITY,
        end: End::Released(0),
    };
    for (node, lack) in lack.into_iter().enumerate() {
        for _ in 0..lack {
            if searches % STRIDE == 0 && control.stops(Stage::ShortestPaths, searches, total) {
                return None;
            }
            searches += 1;
            if !release(network, flow, node) {
                search.run(network, flow, &columns, node);
            }
        }
    }
    // What the others cost has fallen by no more than any potential has.
    let falls = before.iter().zip(&flow.potential).map(|(&before, &after)| before - after);
    let most = falls.max().unwrap_or(T::ZERO).max(T::ZERO);
    flow.lower_bounds(most);
    Some(searches as u64)
}

/// Takes the unit away if the place is worth just what it costs, all the way to the root.
fn release<T: Integer>(network: &Network<'_, T>, flow: &mut Flow<T>, node: usize) -> bool {
    let free = way_up(network, node).all(|v| flow.downward(network, v) == Some(T::ZERO));
    if free {
        for v in way_up(network, node) {
            flow.drop_unit(network, v);
        }
    }
    free
}

impl<T: Integer> Search<T> {
    fn run(&mut self, network: &Network<'_, T>, flow: &mut Flow<T>, columns: &Columns, place: usize) {
        self.best = T::INFINITY;
        self.reach(place, T::ZERO, (NONE, NONE));
        self.settle_all(network, flow, columns);
        for &v in &self.settled {
            let node = v as usize;
            flow.potential[node] += self.distance[node] - self.best;
        }
        self.fallen += self.best;
        self.augment(network, flow);
        for v in self.touched.drain(..) {
            self.distance[v as usize] = T::INFINITY;
        }
        self.settled.clear();
        self.heap.clear();
    }

    fn reach(&mut self, node: usize, length: T, from: (u32, u32)) {
        if length >= self.best || length >= self.distance[node] {
            return;
        }
        if self.distance[node] == T::INFINITY {
            self.touched.push(node as u32);
        }
        self.distance[node] = length;
        self.from[node] = from;
        self.heap.push(Reverse((length, node as u32)));
    }

    fn finish(&mut self, length: T, end: End) {
        if length < self.best {
            self.best = length;
            self.end = end;
        }
    }

    fn settle_all(&mut self, network: &Network<'_, T>, flow: &Flow<T>, columns: &Columns) {
        let tree = network.tree;
        while let Some(Reverse((length, item))) = self.heap.pop() {
            let node = item as usize;
            if length >= self.best {
                break;
            }
            if length > self.distance[node] {
                continue;
            }
            self.settled.push(item);
            if let Some(fall) = flow.downward(network, node) {
                let parent = tree.parent[node] as usize;
                if parent == tree.root() {
                    self.finish(length + fall, End::Released(node));
                } else {
                    self.reach(parent, length + fall, (item, NONE));
                }
            }
            if node >= tree.supporters {
                for &child in tree.children(node) {
                    if let Some(rise) = flow.upward(network, child as usize) {
                        self.reach(child as usize, length + rise, (item, NONE));
                    }
                }
                continue;
            }
            for &participant in columns.of_supporter(node) {
                let p = participant as usize;
                let Seat { supporter: own, cost, .. } = flow.seats[p];
                if own == item {
                    continue;
                }
                // Whoever is known to have no arc that is cheap enough need not be asked what this one costs.
                if let Some(&potential) = flow.potential.get(own as usize)
                    && length + flow.bar(p) - potential - self.fallen >= self.best
                {
                    continue;
                }
                let value = length + network.pair(p, item) + flow.potential[node];
                if own == NONE {
                    self.finish(value - network.exit[p], End::Comes(participant, node));
                } else {
                    let paid = cost + flow.potential[own as usize];
                    self.reach(own as usize, value - paid, (item, participant));
                }
            }
        }
    }

    /// Lets the unit in along the path that was found, from its end to its start.
    fn augment(&mut self, network: &Network<'_, T>, flow: &mut Flow<T>) {
        let tree = network.tree;
        let mut at = match self.end {
            End::Comes(participant, supporter) => {
                settle(network, flow, participant, supporter as u32);
                supporter
            }
            End::Released(node) => {
                flow.drop_unit(network, node);
                node
            }
        };
        loop {
            let (node, mover) = self.from[at];
            if node == NONE {
                return;
            }
            if mover != NONE {
                flow.detach(mover);
                settle(network, flow, mover, node);
            } else if tree.parent[at] == node {
                flow.add_unit(network, at);
            } else {
                flow.drop_unit(network, node as usize);
            }
            at = node as usize;
        }
    }
}

/// A participant takes a place; nothing is known yet of how far its price may rise.
fn settle<T: Integer>(network: &Network<'_, T>, flow: &mut Flow<T>, participant: u32, supporter: u32) {
    let cost = network.pair(participant as usize, supporter);
    flow.attach_until(participant, supporter, cost, flow.potential[supporter as usize]);
}
