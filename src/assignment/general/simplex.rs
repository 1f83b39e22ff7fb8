//! Minimum-cost flow by the primal network simplex method.
//!
//! **Problem.** Send every node's supply along arcs with capacities and costs to where it is wanted, at least cost.
//!
//! **Method.** A basis is a spanning tree; arcs outside it are empty or full. Potentials make the reduced costs of the
//! tree's arcs zero. An empty arc of negative or a full one of positive reduced cost enters (the worst of a block of
//! arcs, blocks taken round and round), as much flow as fits is sent round the cycle it closes with the tree, and an
//! arc that is blocked leaves. When no arc can enter, the flow is optimal and the potentials prove it.
//!
//! **Why it ends.** Bases are kept *strongly feasible*: every node can send a little more to the root through the tree.
//! Of the blocked arcs the last one in the direction of the cycle leaves, counted from where the cycle meets the way to
//! the root; that keeps a basis strongly feasible, and then no basis comes twice, even among pivots that move nothing
//! (Cunningham 1976).
//!
//! **Time and space.** A pivot is O(block + length of the cycle + nodes of the smaller part when the leaving arc cuts
//! the tree). There is no polynomial bound on the number of pivots; in practice it is a small multiple of the nodes.
//! O(arcs) space.
//!
//! **When it is the wrong choice.** On assignment problems most pivots move nothing; augmenting paths that keep a
//! participant's arcs contracted are far faster where they apply ([`super::super::flow`]).
//!
//! **References.** W. H. Cunningham, "A network simplex method", Mathematical Programming 11 (1976); R. K. Ahuja, T. L.
//! Magnanti, J. B. Orlin, *Network Flows* (1993), ch. 11; P. Kovács, "Minimum-cost flow algorithms: an experimental
//! evaluation", Optimization Methods and Software 30 (2015) (block search). Potentials are costs-to-go as everywhere in
//! this crate.

use super::super::integer::Integer;

const NONE: u32 = u32::MAX;
/// Pivots between two looks at the control.
const STRIDE: u64 = 64;
/// The smallest block of arcs looked at for the one to enter.
const LEAST_BLOCK: usize = 16;

/// A directed graph with capacities, costs and supplies, arcs in columns.
pub(super) struct Graph<T> {
    pub(super) source: Vec<u32>,
    pub(super) target: Vec<u32>,
    pub(super) capacity: Vec<i64>,
    pub(super) cost: Vec<T>,
    pub(super) flow: Vec<i64>,
    /// What each node sends out; negative where it takes in.
    pub(super) supply: Vec<i64>,
}

impl<T: Integer> Graph<T> {
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            source: Vec::new(),
            target: Vec::new(),
            capacity: Vec::new(),
            cost: Vec::new(),
            flow: Vec::new(),
            supply: vec![0; nodes],
        }
    }

    /// Adds an arc and returns its number.
    pub(super) fn arc(&mut self, source: usize, target: usize, capacity: i64, cost: T) -> u32 {
        self.source.push(source as u32);
        self.target.push(target as u32);
        self.capacity.push(capacity);
        self.cost.push(cost);
        self.flow.push(0);
        self.source.len() as u32 - 1
    }

    pub(super) fn arcs(&self) -> usize {
        self.source.len()
    }

    /// The cost of an arc plus what its head has farther to the root than its tail.
    pub(super) fn reduced(&self, potential: &[T], arc: usize) -> T {
        self.cost[arc] + potential[self.target[arc] as usize] - potential[self.source[arc] as usize]
    }
}

/// Where an arc stands; the sign turns its reduced cost into what entering would cost.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Tree,
    Empty,
    Full,
    /// Outside the tree for good.
    Settled,
}

pub(super) struct Simplex<T> {
    pub(super) graph: Graph<T>,
    pub(super) potential: Vec<T>,
    pub(super) pivots: u64,
    state: Vec<State>,
    parent: Vec<u32>,
    /// The arc between a node and its parent, in either direction.
    link: Vec<u32>,
    /// Nodes below and including each node.
    size: Vec<u32>,
    child: Vec<u32>,
    next: Vec<u32>,
    previous: Vec<u32>,
    stack: Vec<u32>,
    /// Where the search for an arc to enter goes on.
    cursor: usize,
    root: u32,
    /// How far the root's potential may drift before all are set back.
    drift: T,
}

impl<T: Integer> Simplex<T> {
    /// Starts from the tree in which `basis` has the arc between every node but the root and its parent. All supply
    /// flows along it; each of its arcs must point to the root and have room left, or away from it and carry something.
    pub(super) fn new(graph: Graph<T>, root: usize, basis: &[u32]) -> Self {
        let nodes = graph.supply.len();
        let mut simplex = Self {
            potential: vec![T::ZERO; nodes],
            pivots: 0,
            state: vec![State::Empty; graph.arcs()],
            parent: vec![NONE; nodes],
            link: vec![NONE; nodes],
            size: vec![1; nodes],
            child: vec![NONE; nodes],
            next: vec![NONE; nodes],
            previous: vec![NONE; nodes],
            stack: Vec::new(),
            cursor: 0,
            root: root as u32,
            drift: T::ZERO,
            graph,
        };
        for (node, &arc) in (0..nodes).filter(|&node| node != root).zip(basis) {
            simplex.state[arc as usize] = State::Tree;
            let (source, target) = (simplex.graph.source[arc as usize], simplex.graph.target[arc as usize]);
            let parent = if source as usize == node { target } else { source };
            simplex.hang(node as u32, parent, arc);
        }
        let order = simplex.price();
        let mut sent = simplex.graph.supply.clone();
        for &node in order.iter().rev() {
            let v = node as usize;
            let link = simplex.link[v] as usize;
            let up = simplex.graph.source[link] == node;
            simplex.graph.flow[link] = if up { sent[v] } else { -sent[v] };
            let parent = simplex.parent[v] as usize;
            sent[parent] += sent[v];
            simplex.size[parent] += simplex.size[v];
        }
        simplex
    }

    /// Counts potentials anew from the root down; returns the other nodes, parents before children.
    fn price(&mut self) -> Vec<u32> {
        let largest = self.graph.cost.iter().map(|&cost| cost.max(-cost)).max().unwrap_or(T::ZERO);
        self.drift = largest * T::from_i64(self.potential.len() as i64 + 2);
        let mut order = Vec::with_capacity(self.potential.len());
        self.potential[self.root as usize] = T::ZERO;
        self.push_children(self.root);
        while let Some(node) = self.stack.pop() {
            let v = node as usize;
            let (parent, link) = (self.parent[v] as usize, self.link[v] as usize);
            let cost = self.graph.cost[link];
            let up = self.graph.source[link] == node;
            self.potential[v] = self.potential[parent] + if up { cost } else { -cost };
            order.push(node);
            self.push_children(node);
        }
        order
    }

    /// Replaces the costs; the tree and its flow stay.
    pub(super) fn reprice(&mut self, costs: impl IntoIterator<Item = T>) {
        for (cost, new) in self.graph.cost.iter_mut().zip(costs) {
            *cost = new;
        }
        self.price();
    }

    /// Settles every arc with a reduced cost at what it carries: what is left are the optimal flows. Says for each arc
    /// whether it is settled.
    pub(super) fn settle(&mut self) -> Vec<bool> {
        for arc in 0..self.graph.arcs() {
            if self.state[arc] != State::Tree && self.graph.reduced(&self.potential, arc) != T::ZERO {
                self.state[arc] = State::Settled;
            }
        }
        self.state.iter().map(|&state| state == State::Settled).collect()
    }

    /// Whether only one flow is left.
    pub(super) fn decided(&self) -> bool {
        self.state.iter().all(|state| matches!(state, State::Tree | State::Settled))
    }

    /// Pivots until optimal; false if `stops` said so before. The root's potential is 0 again after it.
    pub(super) fn run(&mut self, mut stops: impl FnMut(&Self) -> bool) -> bool {
        let completed = loop {
            let Some(arc) = self.entering() else { break true };
            if self.pivots.is_multiple_of(STRIDE) && stops(self) {
                break false;
            }
            self.pivots += 1;
            self.pivot(arc);
            let drifted = self.potential[self.root as usize];
            if drifted > self.drift || -drifted > self.drift {
                self.set_back();
            }
        };
        self.set_back();
        completed
    }

    fn set_back(&mut self) {
        let drifted = self.potential[self.root as usize];
        for potential in &mut self.potential {
            *potential -= drifted;
        }
    }

    /// The arc that gains most of the first block that has one.
    fn entering(&mut self) -> Option<usize> {
        let arcs = self.graph.arcs();
        let block = arcs.isqrt().max(LEAST_BLOCK);
        let (mut best, mut most) = (None, T::ZERO);
        let mut left = block;
        for _ in 0..arcs {
            let arc = self.cursor;
            self.cursor = if arc + 1 == arcs { 0 } else { arc + 1 };
            let gain = match self.state[arc] {
                State::Tree | State::Settled => T::ZERO,
                State::Empty => -self.graph.reduced(&self.potential, arc),
                State::Full => self.graph.reduced(&self.potential, arc),
            };
            if gain > most {
                most = gain;
                best = Some(arc);
            }
            left -= 1;
            if left == 0 {
                if best.is_some() {
                    break;
                }
                left = block;
            }
        }
        best
    }

    /// What can be sent through the link of a node, towards its parent or away from it.
    fn room(&self, node: u32, up: bool) -> i64 {
        let arc = self.link[node as usize] as usize;
        if (self.graph.source[arc] == node) == up {
            self.graph.capacity[arc] - self.graph.flow[arc]
        } else {
            self.graph.flow[arc]
        }
    }

    fn send(&mut self, node: u32, up: bool, amount: i64) {
        let arc = self.link[node as usize] as usize;
        let along = (self.graph.source[arc] == node) == up;
        self.graph.flow[arc] += if along { amount } else { -amount };
    }

    fn pivot(&mut self, arc: usize) {
        let full = self.state[arc] == State::Full;
        let (source, target) = (self.graph.source[arc], self.graph.target[arc]);
        // Flow goes from `tail` over the arc to `head`, up the tree to where both meet, and down to `tail`.
        let (tail, head) = if full { (target, source) } else { (source, target) };
        let (mut down, mut up) = (tail, head);
        while down != up {
            // Who has no more below is not above the other.
            if self.size[down as usize] <= self.size[up as usize] {
                down = self.parent[down as usize];
            } else {
                up = self.parent[up as usize];
            }
        }
        let meeting = down;

        let mut amount = self.graph.capacity[arc];
        // The node whose link leaves, and whether it is on the way down to `tail`.
        let mut leaving = None;
        let mut node = tail;
        while node != meeting {
            let room = self.room(node, false);
            if room < amount {
                amount = room;
                leaving = Some((node, true));
            }
            node = self.parent[node as usize];
        }
        node = head;
        while node != meeting {
            let room = self.room(node, true);
            if room <= amount {
                amount = room;
                leaving = Some((node, false));
            }
            node = self.parent[node as usize];
        }

        if amount > 0 {
            self.graph.flow[arc] += if full { -amount } else { amount };
            for (start, up) in [(tail, false), (head, true)] {
                let mut node = start;
                while node != meeting {
                    self.send(node, up, amount);
                    node = self.parent[node as usize];
                }
            }
        }
        let Some((cut, below_tail)) = leaving else {
            self.state[arc] = if full { State::Empty } else { State::Full };
            return;
        };
        let left = self.link[cut as usize] as usize;
        self.state[left] = if self.graph.flow[left] == 0 { State::Empty } else { State::Full };
        let reduced = self.graph.reduced(&self.potential, arc);
        self.state[arc] = State::Tree;
        let (inside, outside) = if below_tail { (tail, head) } else { (head, tail) };
        let moved = self.size[cut as usize];
        let mut node = self.parent[cut as usize];
        while node != meeting {
            self.size[node as usize] -= moved;
            node = self.parent[node as usize];
        }
        node = outside;
        while node != meeting {
            self.size[node as usize] += moved;
            node = self.parent[node as usize];
        }
        self.turn(inside, outside, arc as u32, cut);
        let shift = if inside == source { reduced } else { -reduced };
        self.shift(inside, shift);
    }

    /// Hangs the subtree below `cut` from `outside` by the node `inside` that it contains.
    fn turn(&mut self, inside: u32, outside: u32, arc: u32, cut: u32) {
        let all = self.size[cut as usize];
        let (mut node, mut parent, mut link) = (inside, outside, arc);
        // What hung below the node before, which is now above.
        let mut below = 0;
        loop {
            let v = node as usize;
            let (old_parent, old_link) = (self.parent[v], self.link[v]);
            self.unhang(node);
            self.hang(node, parent, link);
            let size = std::mem::replace(&mut self.size[v], all - below);
            below = size;
            if node == cut {
                return;
            }
            (node, parent, link) = (old_parent, node, old_link);
        }
    }

    /// Moves the potentials of a subtree against the rest, by touching whichever has fewer nodes.
    fn shift(&mut self, top: u32, by: T) {
        let fewer = self.size[top as usize] as usize * 2 <= self.potential.len();
        let (start, by) = if fewer { (top, by) } else { (self.root, -by) };
        self.stack.push(start);
        while let Some(node) = self.stack.pop() {
            if !fewer && node == top {
                continue;
            }
            self.potential[node as usize] += by;
            self.push_children(node);
        }
    }

    fn push_children(&mut self, node: u32) {
        let mut child = self.child[node as usize];
        while child != NONE {
            self.stack.push(child);
            child = self.next[child as usize];
        }
    }

    fn hang(&mut self, node: u32, parent: u32, link: u32) {
        let v = node as usize;
        let first = std::mem::replace(&mut self.child[parent as usize], node);
        (self.parent[v], self.link[v], self.next[v], self.previous[v]) = (parent, link, first, NONE);
        if first != NONE {
            self.previous[first as usize] = node;
        }
    }

    fn unhang(&mut self, node: u32) {
        let (previous, next) = (self.previous[node as usize], self.next[node as usize]);
        if previous == NONE {
            self.child[self.parent[node as usize] as usize] = next;
        } else {
            self.next[previous as usize] = next;
        }
        if next != NONE {
            self.previous[next as usize] = previous;
        }
    }
}

#[cfg(test)]
mod tests {
    use netgen_rs::{NetgenParams, generate};

    use super::{Graph, Simplex};

    /// Solves a problem of NETGEN from a tree of artificial arcs too dear to keep, and checks the optimum by its
    /// potentials.
    fn optimum(parameters: &[i64]) -> i64 {
        let parameters = NetgenParams::from_slice(parameters).expect("the parameters are NETGEN's own");
        let made = generate(13_502_460, &parameters).expect("it makes a network");
        let nodes = parameters.nodes as usize;
        let root = nodes;
        let mut graph = Graph::<i64>::new(nodes + 1);
        for arc in &made.arcs {
            graph.arc(arc.from as usize - 1, arc.to as usize - 1, arc.capacity, arc.cost);
        }
        graph.supply[..nodes].copy_from_slice(&made.supply);
        let real = graph.arcs();
        let dear = parameters.maxcost * (parameters.nodes + 1);
        let basis: Vec<u32> = (0..nodes)
            .map(|node| {
                let (from, to) = if graph.supply[node] < 0 { (root, node) } else { (node, root) };
                graph.arc(from, to, i64::MAX, dear)
            })
            .collect();
        let mut simplex = Simplex::new(graph, root, &basis);
        assert!(simplex.run(|_| false));
        let Simplex { graph, potential, .. } = simplex;
        let mut left = graph.supply.clone();
        let mut cost = 0;
        for arc in 0..graph.arcs() {
            let (flow, capacity) = (graph.flow[arc], graph.capacity[arc]);
            assert!((0..=capacity).contains(&flow) && (arc < real || flow == 0), "arc {arc} carries {flow}");
            let reduced = graph.reduced(&potential, arc);
            assert!(reduced >= 0 || flow == capacity, "arc {arc} is gainful");
            assert!(reduced <= 0 || flow == 0, "arc {arc} is used at a loss");
            left[graph.source[arc] as usize] -= flow;
            left[graph.target[arc] as usize] += flow;
            cost += flow * graph.cost[arc];
        }
        assert!(left.iter().all(|&supply| supply == 0));
        cost
    }

    #[test]
    fn general_networks_reach_their_known_optima() {
        let small = [256, 16, 16, 2048, 1, 10_000, 16_000, 0, 0, 100, 100, 1, 1000];
        assert_eq!(optimum(&small), 142_274_536);
        let large = [1024, 32, 32, 8192, 1, 10_000, 32_000, 0, 0, 100, 100, 1, 1000];
        assert_eq!(optimum(&large), 369_269_289);
    }
}
