//! From potentials that are valid to the ones that are published: exact marginal costs.
//!
//! **Problem.** The flow phases keep potentials valid, which leaves them free to lie anywhere in an interval. The
//! certificate publishes the highest: the cost from each supporter and group to the root in the residual network, which
//! is what serving one participant more through that node would cost everyone together. It is unique.
//!
//! **Method.** Dijkstra's algorithm from the root against the direction of the arcs, on reduced costs. A matched
//! participant is contracted into an arc from its supporter to each other supporter of its row. It is first bounded
//! how far each supporter can rise (by its free place, or by its participants' way out, or by one more arc), and only
//! arcs that lead below that bound, with the cheapest way out at their end, are collected: usually a small part of the
//! pairs. A row is not even read if the participant's bar says that all its other arcs lie above the bound.
//!
//! **Why it is right.** Distances by reduced cost to the root, added to valid potentials, are the distances by cost.
//! No distance is shorter than the cheapest arc to the root, so an arc whose reduced cost and that together reach a
//! known upper bound of its tail's distance is on no shorter path.
//!
//! **Time and space.** O(m + a log a) for `m` pairs of which `a` arcs are collected; O(a) space.
//!
//! **When it is the wrong choice.** When any proof of optimality will do: then any valid potentials do, and
//! [`TieBreak::Unspecified`](super::TieBreak) publishes those.
//!
//! **References.** E. W. Dijkstra, Numerische Mathematik 1 (1959); D. B. Johnson, J. ACM 24 (1977) (reduced costs);
//! R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), sections 2.4, 5.2 and 9.2.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::control::{Control, Stage};
use super::integer::Integer;
use super::network::{Flow, NONE, Network};

/// Rows read, and nodes settled, between two looks at the control.
const STRIDE: usize = 1024;

struct Arc<T> {
    tail: u32,
    head: u32,
    reduced: T,
}

/// Raises the potentials of an optimal flow to the costs-to-go; false, with the potentials as they were, if it was
/// stopped.
pub(super) fn raise_to_cost_to_go<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    control: &Control<'_>,
) -> bool {
    if control.stops(Stage::Potentials, 0, 1) {
        return false;
    }
    let arcs = residual_arcs(network, flow, control);
    let distance = arcs.and_then(|arcs| distances_to_root(network.tree.root(), &arcs, control));
    let Some(distance) = distance else { return false };
    for (potential, distance) in flow.potential.iter_mut().zip(distance) {
        if distance < T::INFINITY {
            *potential += distance;
        }
    }
    true
}

/// For each of these matched participants and each of its other pairs: tail, head, reduced cost. `None` if it was
/// stopped.
fn for_each_alternative<T: Integer>(
    network: &Network<'_, T>,
    flow: &Flow<T>,
    participants: &[u32],
    control: &Control<'_>,
    mut visit: impl FnMut(usize, usize, T),
) -> Option<()> {
    for (count, &participant) in participants.iter().enumerate() {
        if count % STRIDE == STRIDE - 1 && control.is_stopped() {
            return None;
        }
        let seat = &flow.seats[participant as usize];
        let own = seat.supporter as usize;
        let paid = seat.cost + flow.potential[own];
        for (other, cost) in network.row(participant as usize) {
            if other != own {
                visit(own, other, cost + flow.potential[other] - paid);
            }
        }
    }
    Some(())
}

fn residual_arcs<T: Integer>(
    network: &Network<'_, T>,
    flow: &Flow<T>,
    control: &Control<'_>,
) -> Option<Vec<Arc<T>>> {
    let tree = network.tree;
    let root = tree.root();
    let mut arcs = Vec::new();
    // How far each node can rise at most; the root cannot.
    let mut bound = vec![T::INFINITY; root + 1];
    bound[root] = T::ZERO;
    for v in tree.top_down() {
        let node = v as usize;
        let parent = tree.parent[node];
        if let Some(reduced) = flow.upward(network, node) {
            arcs.push(Arc { tail: v, head: parent, reduced });
            if bound[parent as usize] < T::INFINITY {
                bound[node] = bound[node].min(reduced + bound[parent as usize]);
            }
        }
        if parent as usize != root
            && let Some(reduced) = flow.downward(network, node)
        {
            arcs.push(Arc { tail: parent, head: v, reduced });
        }
    }
    let matched = || flow.seats.iter().enumerate().filter(|(_, seat)| seat.supporter != NONE);
    for (participant, seat) in matched() {
        let own = seat.supporter as usize;
        bound[own] = bound[own].min(network.exit[participant] - seat.cost - flow.potential[own]);
    }
    for (participant, seat) in matched() {
        let own = seat.supporter as usize;
        let exit = network.exit[participant] - seat.cost - flow.potential[own];
        if exit <= bound[own] {
            arcs.push(Arc { tail: seat.supporter, head: root as u32, reduced: exit });
        }
    }
    // Every way ends by an arc to the root, so from no node is it shorter than the shortest of these.
    let least = arcs.iter().filter(|arc| arc.head as usize == root).map(|arc| arc.reduced).min();
    let least = least.unwrap_or(T::ZERO);
    // Of the others, all their pairs cost too much to be on a shortest path.
    let movable = matched().filter(|&(participant, seat)| {
        let own = seat.supporter as usize;
        flow.bar(participant) - flow.potential[own] + least < bound[own]
    });
    let movable: Vec<u32> = movable.map(|(participant, _)| participant as u32).collect();
    for_each_alternative(network, flow, &movable, control, |tail, head, reduced| {
        if reduced + least < bound[tail] && bound[head] < T::INFINITY {
            bound[tail] = bound[tail].min(reduced + bound[head]);
        }
    })?;
    for_each_alternative(network, flow, &movable, control, |tail, head, reduced| {
        // Not below: where the bound came from this arc, it is this arc that attains it.
        if reduced + least <= bound[tail] {
            arcs.push(Arc { tail: tail as u32, head: head as u32, reduced });
        }
    })?;
    Some(arcs)
}

/// The distance of every node to the root; arcs are searched against their direction. `None` if it was stopped.
fn distances_to_root<T: Integer>(root: usize, arcs: &[Arc<T>], control: &Control<'_>) -> Option<Vec<T>> {
    let mut offsets = vec![0; root + 2];
    for arc in arcs {
        offsets[arc.head as usize + 1] += 1;
    }
    for v in 0..=root {
        offsets[v + 1] += offsets[v];
    }
    let mut next = offsets.clone();
    let mut order = vec![0_usize; arcs.len()];
    for (index, arc) in arcs.iter().enumerate() {
        order[next[arc.head as usize]] = index;
        next[arc.head as usize] += 1;
    }
    let mut distance = vec![T::INFINITY; root + 1];
    distance[root] = T::ZERO;
    let mut heap = BinaryHeap::from([Reverse((T::ZERO, root as u32))]);
    let mut settled = 0;
    while let Some(Reverse((length, node))) = heap.pop() {
        let node = node as usize;
        if length > distance[node] {
            continue;
        }
        settled += 1;
        if settled % STRIDE == 0 && control.is_stopped() {
            return None;
        }
        for &index in &order[offsets[node]..offsets[node + 1]] {
            let arc = &arcs[index];
            let through = length + arc.reduced;
            if through < distance[arc.tail as usize] {
                distance[arc.tail as usize] = through;
                heap.push(Reverse((through, arc.tail)));
            }
        }
    }
    Some(distance)
}
