//! From any optimal flow of an explicit graph to the published one: costs-to-go, and the first optimum in order.
//!
//! **Problem.** The simplex ends with some optimal flow and some potentials that prove it. What is published depends on
//! the problem alone: the cost from each node to the root in the residual network, and of all optimal flows the one in
//! which participant 0 has the lowest supporters it can have, compared in ascending order, an empty place coming last;
//! then participant 1, and so on.
//!
//! **Method.** Dijkstra's algorithm from the root against the direction of the residual arcs, on reduced costs. Then,
//! for each participant in order and each of its tied pairs, lowest first: it keeps the pair if it has it, and else
//! gets it if residual arcs of zero reduced cost lead from that supporter back to it, none of them already settled.
//!
//! **Why it is exact.** Optimal flows differ by cycles of arcs with zero reduced cost. A pair that was settled is on no
//! later cycle, so each question is whether some optimum agrees with everything settled and has this pair.
//!
//! **Time and space.** O(a log n) for `a` arcs and `n` nodes, then one search of at most the tied arcs for each tied
//! pair within a strongly connected component. O(a) space.
//!
//! **When it is the wrong choice.** With nearly everything tied, as in [`super::super::ties`].
//!
//! **References.** As in [`super::super::potentials`] and [`super::super::ties`].

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::super::control::{Control, Stage};
use super::super::integer::Integer;
use super::Layout;
use super::simplex::Graph;

/// Participants between two looks at the control.
const STRIDE: usize = 64;
/// The same for arcs and nodes.
const ARCS: usize = 1 << 16;

/// Arcs by the node they touch: number and whether they leave it.
struct Incidence {
    offsets: Vec<usize>,
    arcs: Vec<(u32, bool)>,
}

impl Incidence {
    /// `None` if it was stopped.
    fn new<T: Integer>(
        graph: &Graph<T>,
        control: &Control<'_>,
        keep: impl Fn(usize) -> bool,
    ) -> Option<Self> {
        let mut offsets = vec![0; graph.supply.len() + 2];
        let kept = || (0..graph.arcs()).filter(|&arc| keep(arc));
        for arc in kept() {
            if arc % ARCS == 0 && control.is_stopped() {
                return None;
            }
            offsets[graph.source[arc] as usize + 2] += 1;
            offsets[graph.target[arc] as usize + 2] += 1;
        }
        for node in 2..offsets.len() {
            offsets[node] += offsets[node - 1];
        }
        let mut arcs = vec![(0, false); offsets[offsets.len() - 1]];
        for arc in kept() {
            if arc % ARCS == 0 && control.is_stopped() {
                return None;
            }
            for (node, leaves) in [(graph.source[arc], true), (graph.target[arc], false)] {
                let at = &mut offsets[node as usize + 1];
                arcs[*at] = (arc as u32, leaves);
                *at += 1;
            }
        }
        Some(Self { offsets, arcs })
    }

    fn of(&self, node: usize) -> &[(u32, bool)] {
        &self.arcs[self.offsets[node]..self.offsets[node + 1]]
    }
}

/// The cost from every node to the root, given an optimal flow and potentials that prove it; `None` if it was stopped.
pub(super) fn costs_to_go<T: Integer>(
    graph: &Graph<T>,
    potential: &[T],
    root: usize,
    control: &Control<'_>,
) -> Option<Vec<T>> {
    if control.stops(Stage::Potentials, 0, 1) {
        return None;
    }
    let incidence = Incidence::new(graph, control, |_| true)?;
    let mut distance = vec![T::INFINITY; potential.len()];
    distance[root] = T::ZERO;
    let mut heap = BinaryHeap::from([Reverse((T::ZERO, root as u32))]);
    let mut settled = 0;
    while let Some(Reverse((length, node))) = heap.pop() {
        if length > distance[node as usize] {
            continue;
        }
        settled += 1;
        if settled % ARCS == 0 && control.is_stopped() {
            return None;
        }
        for &(arc, leaves) in incidence.of(node as usize) {
            let arc = arc as usize;
            // Against the direction: an arc that comes in and has room, or one that leaves and carries something.
            let (tail, step) = if leaves && graph.flow[arc] > 0 {
                (graph.target[arc], -graph.reduced(potential, arc))
            } else if !leaves && graph.flow[arc] < graph.capacity[arc] {
                (graph.source[arc], graph.reduced(potential, arc))
            } else {
                continue;
            };
            if length + step < distance[tail as usize] {
                distance[tail as usize] = length + step;
                heap.push(Reverse((length + step, tail)));
            }
        }
    }
    let raised = |(&potential, &distance): (&T, &T)| {
        if distance < T::INFINITY { potential + distance } else { potential }
    };
    Some(potential.iter().zip(&distance).map(raised).collect())
}

/// Turns an optimal flow into the first in order; how many pairs it changed, or `None` if it was stopped on the way.
pub(super) fn first_in_order<T: Integer>(
    graph: &Graph<T>,
    flow: &mut [i64],
    tied: impl Fn(usize) -> bool + Copy,
    layout: &Layout,
    control: &Control<'_>,
) -> Option<u64> {
    let incidence = Incidence::new(graph, control, tied)?;
    let component = components(graph, flow, tied);
    let nodes = graph.supply.len();
    let mut search = Search {
        graph,
        incidence,
        reached: vec![0; nodes],
        from: vec![0; nodes],
        number: 0,
        queue: Vec::new(),
    };
    let mut moved = 0;
    for p in 0..layout.participants {
        if p % STRIDE == 0 && control.stops(Stage::TieBreak, p, layout.participants) {
            return None;
        }
        for arc in layout.pairs(p) {
            let supporter = graph.target[arc] as usize;
            let may = flow[arc] == 0 && tied(arc) && component[p] == component[supporter];
            if may && search.path(flow, p, arc, supporter) {
                search.turn(flow, p, arc, supporter);
                moved += 1;
            }
        }
    }
    Some(moved)
}

/// The strongly connected component of each node among the tied residual arcs.
fn components<T: Integer>(graph: &Graph<T>, flow: &[i64], tied: impl Fn(usize) -> bool) -> Vec<u32> {
    let nodes = graph.supply.len();
    let mut residual = DiGraph::<(), (), u32>::with_capacity(nodes, 0);
    for _ in 0..nodes {
        residual.add_node(());
    }
    for arc in (0..graph.arcs()).filter(|&arc| tied(arc)) {
        let source = NodeIndex::new(graph.source[arc] as usize);
        let target = NodeIndex::new(graph.target[arc] as usize);
        if flow[arc] < graph.capacity[arc] {
            residual.add_edge(source, target, ());
        }
        if flow[arc] > 0 {
            residual.add_edge(target, source, ());
        }
    }
    let mut component = vec![0; nodes];
    for (number, members) in kosaraju_scc(&residual).into_iter().enumerate() {
        for node in members {
            component[node.index()] = number as u32;
        }
    }
    component
}

/// A search along tied residual arcs that are not settled.
struct Search<'g, T> {
    graph: &'g Graph<T>,
    incidence: Incidence,
    /// The number of the search that last reached each node, and the arc it came by.
    reached: Vec<u64>,
    from: Vec<u32>,
    number: u64,
    queue: Vec<u32>,
}

impl<T: Integer> Search<'_, T> {
    /// Whether a supporter leads back to the participant, whose pairs up to `settled` and everyone's before it stay.
    fn path(&mut self, flow: &[i64], participant: usize, settled: usize, supporter: usize) -> bool {
        self.number += 1;
        self.queue.clear();
        self.queue.push(supporter as u32);
        self.reached[supporter] = self.number;
        let mut done = 0;
        while done < self.queue.len() {
            let node = self.queue[done];
            done += 1;
            for &(arc, leaves) in self.incidence.of(node as usize) {
                let at = arc as usize;
                if at <= settled {
                    continue;
                }
                let open = if leaves { flow[at] < self.graph.capacity[at] } else { flow[at] > 0 };
                let to = if leaves { self.graph.target[at] } else { self.graph.source[at] };
                if !open || self.reached[to as usize] == self.number {
                    continue;
                }
                self.reached[to as usize] = self.number;
                self.from[to as usize] = arc;
                if to as usize == participant {
                    return true;
                }
                self.queue.push(to);
            }
        }
        false
    }

    /// Sends one unit from the participant over the pair and back along the path that was found.
    fn turn(&mut self, flow: &mut [i64], participant: usize, pair: usize, supporter: usize) {
        flow[pair] += 1;
        let mut node = participant;
        while node != supporter {
            let arc = self.from[node] as usize;
            if self.graph.target[arc] as usize == node {
                flow[arc] += 1;
                node = self.graph.source[arc] as usize;
            } else {
                flow[arc] -= 1;
                node = self.graph.target[arc] as usize;
            }
        }
    }
}
