//! Potentials at which nobody of a batch wants in: where places start that look for participants.
//!
//! **Problem.** Given an optimal flow of some participants with valid potentials, and a batch of others: the lowest
//! potentials, none below the present ones, at which everyone of the batch is content to stay unmatched, and all others
//! where they are. Arcs to the root may be left with room at a negative reduced cost: that is what
//! [`super::filling`] then mends.
//!
//! **Method.** Raise all potentials alike until nobody of the batch wants in; that keeps every other reduced cost. Then
//! let each node sink again as far as it may: until someone of the batch would want in, or to its potential of before;
//! and no further below a node than the reduced cost of a residual arc from there. Those depths are shortest
//! distances from the nodes that may sink least; Dijkstra's algorithm finds them, reading each row of those who are in
//! at most once.
//!
//! **Why it is right.** Sinking by shortest distances keeps all reduced costs nonnegative. Only the arcs on which those
//! who are in would leave for the root are not looked at. Such a one would be violated only if the optimum had someone
//! of the batch in its place; where the batch weighs less in the served rung than all who are in, that is impossible,
//! and where it is not, it is found and nothing is changed.
//!
//! **Time and space.** O(m + k log m) for `m` pairs of those who are in, `k` supporters and groups; O(m) space
//! at worst, O(k) in practice.
//!
//! **When it is the wrong choice.** For a handful of participants: they find their places sooner by themselves.
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), sections 2.4 and 5.2 (distances as
//! potentials).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::caseloads::Member;
use super::integer::Integer;
use super::network::{Flow, Network};

/// The potentials, or `None` if one of the batch would have to push out one of those inside. Each supporter rises by at
/// least as much as is given for it, for the sake of the batch.
pub(super) fn lifted<T: Integer>(
    network: &Network<'_, T>,
    flow: &Flow<T>,
    inside: &[u32],
    mut rise: Vec<T>,
) -> Option<Vec<T>> {
    let tree = network.tree;
    rise.resize(tree.root(), T::ZERO);
    let most = rise.iter().copied().max().unwrap_or(T::ZERO);
    let mut sinking =
        Sinking { depth: rise.iter().map(|&rise| most - rise).collect(), heap: BinaryHeap::new() };
    // A supporter by itself that nobody is at holds no other node up.
    let holds = |node: usize| {
        tree.parent[node] as usize != tree.root()
            || node >= tree.supporters
            || !flow.caseload(node).is_empty()
    };
    let start =
        |(node, &depth): (usize, &T)| (depth < most && holds(node)).then_some(Reverse((depth, node as u32)));
    sinking.heap = sinking.depth.iter().enumerate().filter_map(start).collect();
    let deepest = (0..tree.supporters).filter(|&s| tree.open[s]).map(|s| sinking.depth[s]).max();
    sinking.settle_all(network, flow, deepest.unwrap_or(T::ZERO));

    let mut potential = flow.potential.clone();
    for (node, &depth) in sinking.depth.iter().enumerate() {
        if tree.open[node] {
            potential[node] += most - depth;
        }
    }
    let stays = |&participant: &u32| {
        let seat = &flow.seats[participant as usize];
        potential
            .get(seat.supporter as usize)
            .is_none_or(|&potential| seat.cost + potential <= network.exit[participant as usize])
    };
    inside.iter().all(stays).then_some(potential)
}

/// How far each node sinks from where it was raised to.
struct Sinking<T> {
    depth: Vec<T>,
    heap: BinaryHeap<Reverse<(T, u32)>>,
}

impl<T: Integer> Sinking<T> {
    fn reach(&mut self, node: usize, depth: T) {
        if depth < self.depth[node] {
            self.depth[node] = depth;
            self.heap.push(Reverse((depth, node as u32)));
        }
    }

    fn settle_all(&mut self, network: &Network<'_, T>, flow: &Flow<T>, deepest: T) {
        let tree = network.tree;
        while let Some(Reverse((depth, item))) = self.heap.pop() {
            let node = item as usize;
            if depth > self.depth[node] {
                continue;
            }
            let parent = tree.parent[node] as usize;
            if parent < tree.root()
                && let Some(reduced) = flow.upward(network, node)
            {
                self.reach(parent, depth + reduced);
            }
            if node >= tree.supporters {
                for &child in tree.children(node) {
                    if let Some(reduced) = flow.downward(network, child as usize) {
                        self.reach(child as usize, depth + reduced);
                    }
                }
                continue;
            }
            for &Member { participant: member, bar, cost } in flow.caseload(node) {
                let offset = depth - cost - flow.potential[node];
                // None of its other pairs can hold a supporter up.
                if depth + bar - flow.potential[node] >= deepest {
                    continue;
                }
                for (supporter, cost) in network.row(member as usize) {
                    self.reach(supporter, offset + cost + flow.potential[supporter]);
                }
            }
        }
    }
}
