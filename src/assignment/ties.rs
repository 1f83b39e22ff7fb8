//! The stated tie-break: of all optimal assignments, the first in order.
//!
//! **Problem.** Several assignments may be optimal. The one returned is to depend on the problem alone, not on the path
//! the solver took: participant 0 gets the lowest-numbered supporter it has in any optimal assignment (unmatched
//! counts as last), then participant 1 in any of those, and so on.
//!
//! **Method.** Every optimal assignment uses only arcs of zero reduced cost, and differs from the one at hand by cycles
//! of such arcs in the residual network. Contract participants into arcs between supporters, groups and the root; only
//! inside a strongly connected component can anything change. Then, in order, look for a path of zero-cost residual
//! arcs from each lower supporter a participant could have to the one it has; if there is one, turn the cycle, and
//! freeze the participant in any case. Nodes reached by a search that failed cannot lead to where it started: they
//! become a component of their own, and no later search looks from one side to the other.
//!
//! **Why it is exact.** Turning a cycle keeps the objective; freezing removes arcs; so components only get smaller, and
//! what is reachable is exactly what some optimal assignment that agrees on the frozen participants does.
//!
//! **Time and space.** One search per participant with a lower tied option in its component, each at most linear in the
//! tied arcs there: O(m + n t) for `n` participants and `t` tied arcs at worst, O(m) when ties are few. O(t) space.
//!
//! **When it is the wrong choice.** With costs from a tiny range nearly all arcs tie, and the searches can outweigh
//! the solve; [`TieBreak::Unspecified`](super::TieBreak) leaves them out (results stay reproducible for one version).
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), ch. 9 (optimality conditions; the
//! residual difference of two optimal flows is a set of zero-cost cycles); M. Sharir, Comput. Math. Appl. 7 (1981)
//! (components, after Kosaraju).

use petgraph::algo::kosaraju_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use super::control::{Control, Stage};
use super::integer::Integer;
use super::network::{Flow, NONE, Network, Seat};

/// Participants between two looks at the control.
const STRIDE: usize = 256;

/// Turns an optimal flow into the first one in order; returns how many participants moved to a lower supporter, or
/// `None` if it was cancelled on the way (the flow is optimal all the same).
pub(super) fn first_in_order<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    control: &Control<'_>,
) -> Option<u64> {
    let mut ties = Ties::new(network, flow, control)?;
    let participants = flow.seats.len();
    let mut moved = 0;
    for participant in 0..participants {
        if participant % STRIDE == 0 && control.stops(Stage::TieBreak, participant, participants) {
            return None;
        }
        moved += u64::from(ties.improve(network, flow, participant as u32));
    }
    Some(moved)
}

/// The tied arcs, contracted to supporters, groups and the root, and one search on them.
struct Ties {
    /// Heads of each participant's tied arcs, ascending, the root (unmatched) last; empty if there is only one.
    offsets: Vec<usize>,
    heads: Vec<u32>,
    component: Vec<u32>,
    components: u32,
    /// Unmatched participants with a choice, and where each stands in the list.
    unmatched: Vec<u32>,
    place: Vec<u32>,
    /// Search number that last reached each node, and how: the node before and the participant displaced, if any.
    reached: Vec<u32>,
    before: Vec<(u32, u32)>,
    search: u32,
    queue: Vec<u32>,
}

impl Ties {
    /// `None` if it was stopped.
    fn new<T: Integer>(network: &Network<'_, T>, flow: &Flow<T>, control: &Control<'_>) -> Option<Self> {
        let root = network.tree.root();
        let participants = flow.seats.len();
        let (mut offsets, mut heads) = (vec![0], Vec::new());
        let (mut unmatched, mut place) = (Vec::new(), vec![NONE; participants]);
        for (participant, place) in place.iter_mut().enumerate() {
            if participant % STRIDE == STRIDE - 1 && control.is_stopped() {
                return None;
            }
            let start = heads.len();
            if network.problem.pins[participant].is_none() {
                let Seat { supporter: own, cost, least, .. } = flow.seats[participant];
                let paid =
                    if own == NONE { network.exit[participant] } else { cost + flow.potential[own as usize] };
                // A bar above what it pays says that none of its other pairs ties, without a look at them.
                let (exit_ties, least) = if own == NONE {
                    (true, least)
                } else {
                    (network.exit[participant] == paid, cost + flow.bar(participant))
                };
                if least > paid {
                    heads.extend((own != NONE).then_some(own));
                } else {
                    heads.extend(
                        network
                            .row(participant)
                            .filter(|&(supporter, cost)| cost + flow.potential[supporter] == paid)
                            .map(|(supporter, _)| supporter as u32),
                    );
                }
                if exit_ties {
                    heads.push(root as u32);
                }
                if heads.len() - start < 2 {
                    heads.truncate(start);
                } else if own == NONE {
                    *place = unmatched.len() as u32;
                    unmatched.push(participant as u32);
                }
            }
            offsets.push(heads.len());
        }
        let mut ties = Self {
            offsets,
            heads,
            component: vec![0; root + 1],
            components: 0,
            unmatched,
            place,
            reached: vec![0; root + 1],
            before: vec![(NONE, NONE); root + 1],
            search: 0,
            queue: Vec::new(),
        };
        ties.find_components(network, flow);
        Some(ties)
    }

    fn find_components<T: Integer>(&mut self, network: &Network<'_, T>, flow: &Flow<T>) {
        let root = network.tree.root();
        let mut graph = DiGraph::<(), (), u32>::with_capacity(root + 1, self.heads.len());
        for _ in 0..=root {
            graph.add_node(());
        }
        let arc = |from: u32, to: u32| (NodeIndex::new(from as usize), NodeIndex::new(to as usize));
        for (participant, supporter) in flow.supporters().enumerate() {
            let own = if supporter == NONE { root as u32 } else { supporter };
            for &head in self.heads_of(participant) {
                if head != own {
                    let (from, to) = arc(own, head);
                    graph.add_edge(from, to, ());
                }
            }
        }
        for node in 0..root {
            let (from, to) = arc(node as u32, network.tree.parent[node]);
            if flow.upward(network, node) == Some(T::ZERO) {
                graph.add_edge(from, to, ());
            }
            if flow.downward(network, node) == Some(T::ZERO) {
                graph.add_edge(to, from, ());
            }
        }
        for members in kosaraju_scc(&graph) {
            for node in members {
                self.component[node.index()] = self.components;
            }
            self.components += 1;
        }
    }

    fn heads_of(&self, participant: usize) -> &[u32] {
        &self.heads[self.offsets[participant]..self.offsets[participant + 1]]
    }

    /// Gives a participant the lowest supporter it can have while all before it keep theirs; says whether it moved.
    fn improve<T: Integer>(
        &mut self,
        network: &Network<'_, T>,
        flow: &mut Flow<T>,
        participant: u32,
    ) -> bool {
        let root = network.tree.root() as u32;
        let own = match flow.seats[participant as usize].supporter {
            NONE => root,
            supporter => supporter,
        };
        self.search += 1;
        self.queue.clear();
        let mut found = None;
        for at in self.offsets[participant as usize]..self.offsets[participant as usize + 1] {
            let head = self.heads[at];
            if head >= own {
                break;
            }
            if self.component[head as usize] == self.component[own as usize]
                && self.path(network, flow, participant, head, own)
            {
                found = Some(head);
                break;
            }
        }
        let Some(head) = found else {
            // Nothing reached leads back to the component's other part.
            if !self.queue.is_empty() {
                for &node in &self.queue {
                    self.component[node as usize] = self.components;
                }
                self.components += 1;
            }
            return false;
        };
        self.turn(network, flow, participant, own, head);
        true
    }

    /// Searches on from `start`, adding to what this participant's earlier searches reached.
    fn path<T: Integer>(
        &mut self,
        network: &Network<'_, T>,
        flow: &Flow<T>,
        participant: u32,
        start: u32,
        target: u32,
    ) -> bool {
        let root = network.tree.root() as u32;
        let mut done = self.queue.len();
        if !self.reach(start, (NONE, NONE), target) {
            return false;
        }
        while done < self.queue.len() {
            let node = self.queue[done];
            done += 1;
            let v = node as usize;
            if node != root
                && flow.upward(network, v) == Some(T::ZERO)
                && self.reach(network.tree.parent[v], (node, NONE), target)
                && network.tree.parent[v] == target
            {
                return true;
            }
            if v < network.tree.supporters {
                for member in flow.members(v).filter(|&member| member > participant) {
                    if self.displace(member, node, target) {
                        return true;
                    }
                }
                continue;
            }
            for &child in network.tree.children(v) {
                if flow.downward(network, child as usize) == Some(T::ZERO)
                    && self.reach(child, (node, NONE), target)
                    && child == target
                {
                    return true;
                }
            }
            if node == root {
                for at in 0..self.unmatched.len() {
                    let member = self.unmatched[at];
                    if member > participant && self.displace(member, node, target) {
                        return true;
                    }
                }
            }
        }
        false
    }

    /// Follows a participant's other tied arcs; says whether one ends at the target.
    fn displace(&mut self, member: u32, node: u32, target: u32) -> bool {
        for at in self.offsets[member as usize]..self.offsets[member as usize + 1] {
            let head = self.heads[at];
            if head != node && self.reach(head, (node, member), target) && head == target {
                return true;
            }
        }
        false
    }

    /// Marks a node; false if it was marked before or lies in another component than the target.
    fn reach(&mut self, node: u32, before: (u32, u32), target: u32) -> bool {
        let v = node as usize;
        if self.reached[v] == self.search || self.component[v] != self.component[target as usize] {
            return false;
        }
        self.reached[v] = self.search;
        self.before[v] = before;
        self.queue.push(node);
        true
    }

    /// Moves the participant from `own` to `head` and everything on the path from `head` to `own` one step on.
    fn turn<T: Integer>(
        &mut self,
        network: &Network<'_, T>,
        flow: &mut Flow<T>,
        participant: u32,
        own: u32,
        head: u32,
    ) {
        let mut at = own;
        loop {
            let (node, displaced) = self.before[at as usize];
            if node == NONE {
                break;
            }
            if displaced != NONE {
                self.place_at(network, flow, displaced, at);
            } else if network.tree.parent.get(node as usize) == Some(&at) {
                flow.add_unit(network, node as usize);
            } else {
                flow.drop_unit(network, at as usize);
            }
            at = node;
        }
        self.place_at(network, flow, participant, head);
    }

    fn place_at<T: Integer>(
        &mut self,
        network: &Network<'_, T>,
        flow: &mut Flow<T>,
        participant: u32,
        to: u32,
    ) {
        let p = participant as usize;
        if flow.seats[p].supporter == NONE {
            let hole = self.place[p] as usize;
            self.unmatched.swap_remove(hole);
            if let Some(&filler) = self.unmatched.get(hole) {
                self.place[filler as usize] = hole as u32;
            }
        } else {
            flow.detach(participant);
        }
        if to == network.tree.root() as u32 {
            self.place[p] = self.unmatched.len() as u32;
            self.unmatched.push(participant);
        } else {
            flow.attach(participant, to, network.pair(p, to));
        }
    }
}
