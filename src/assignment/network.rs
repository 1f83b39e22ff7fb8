//! The problem as a network with packed costs, and a flow on it.
//!
//! Arcs: each participant to each open supporter of its row, each participant to the root (unmatched), each supporter
//! and group to its parent. The arc above a supporter has one parallel arc for each place, at the marginal cost of
//! that place; since marginal costs do not fall, the places are used in order. Packed pair costs are computed when a
//! row is read; there is no second copy of the pairs. The first places up to a firm minimum save one unit of the required
//! rung each; above a group that is all a place can save or cost.

use super::integer::Integer;
use super::problem::Problem;
use super::tree::Tree;

/// Stands for "no participant" and "no supporter" in index arrays.
pub(super) const NONE: u32 = u32::MAX;

/// The costs of a problem, packed into one integer each.
pub(super) struct Network<'p, T> {
    pub(super) problem: &'p Problem,
    pub(super) tree: &'p Tree,
    /// Cost of leaving each participant unmatched.
    pub(super) exit: Vec<T>,
    required: T,
    quality: T,
    change: T,
    balance: T,
}

impl<'p, T: Integer> Network<'p, T> {
    pub(super) fn new(problem: &'p Problem) -> Self {
        let scales = problem.scales;
        let (quality, change) = (T::narrow(scales.quality), T::narrow(scales.change));
        let served = T::narrow(scales.served);
        let exit = (0..problem.unmatched_costs.len())
            .map(|p| {
                // Pinned participants take no part; their costs were not counted when the width was chosen.
                if problem.pins[p].is_some() {
                    return T::ZERO;
                }
                let weight = T::from_i64(i64::from(problem.served_weights[p]));
                let change = if problem.standing[p].is_some() { change } else { T::ZERO };
                weight * served + T::from_i64(problem.unmatched_costs[p]) * quality + change
            })
            .collect();
        Self {
            problem,
            tree: &problem.tree,
            exit,
            required: T::narrow(scales.required),
            quality,
            change,
            balance: T::narrow(scales.balance),
        }
    }

    /// The pairs of a participant with their packed costs. Those to closed supporters are among them; their potential
    /// of infinity keeps them from ever being chosen.
    pub(super) fn row(&self, participant: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let range = self.problem.row_range(participant);
        let standing = self.problem.standing[participant];
        let elsewhere = if standing.is_some() { self.change } else { T::ZERO };
        let standing = standing.unwrap_or(NONE);
        let (quality, change) = (self.quality, self.change);
        self.problem.pair_supporters[range.clone()].iter().zip(&self.problem.pair_costs[range]).map(
            move |(&supporter, &cost)| {
                let mut packed = T::from_i64(cost) * quality + elsewhere;
                if supporter == standing {
                    packed -= change;
                }
                (supporter as usize, packed)
            },
        )
    }

    /// The packed cost of a pair that is known to exist.
    pub(super) fn pair(&self, participant: usize, supporter: u32) -> T {
        self.packed(
            participant,
            supporter,
            self.problem.pair_cost(participant as u32, supporter).unwrap_or(0),
        )
    }

    /// The packed cost of a pair whose quality cost is known.
    pub(super) fn packed(&self, participant: usize, supporter: u32, cost: i64) -> T {
        let moved = self.problem.standing[participant].is_some_and(|standing| standing != supporter);
        T::from_i64(cost) * self.quality + if moved { self.change } else { T::ZERO }
    }

    /// The packed cost of one more unit above a node that carries `flow` units now.
    pub(super) fn step(&self, node: usize, flow: u32) -> T {
        let saved = if flow < self.tree.minimum(node) { self.required } else { T::ZERO };
        if node >= self.tree.supporters {
            return -saved;
        }
        T::from_i64(self.problem.load_costs.marginal(node, flow)) * self.quality
            + T::from_i64(self.problem.balance_costs.marginal(node, flow)) * self.balance
            - saved
    }

    /// Potentials that are valid for the empty flow: the cost from each node to the root, infinity where the way is
    /// closed, 0 at the root. O(supporters + groups).
    pub(super) fn initial_potentials(&self) -> Vec<T> {
        let tree = self.tree;
        let mut potentials = vec![T::INFINITY; tree.root()];
        potentials.push(T::ZERO);
        for node in tree.top_down().into_iter().map(|v| v as usize).filter(|&v| tree.open[v]) {
            potentials[node] = self.step(node, tree.pinned[node]) + potentials[tree.parent[node] as usize];
        }
        potentials
    }
}

/// Who has which place, how much passes through each node, and the potentials that prove it cheap.
///
/// Invariant between steps, with `pi(root) = 0` and `pi` the cost-to-go to the root: no residual arc has a negative
/// reduced cost `cost + pi(head) - pi(tail)`; the potential of a participant that is in is the minimum of
/// `cost + pi(head)` over its arcs, and the arc it uses attains it.
pub(super) struct Flow<T> {
    /// Supporter of each participant, `NONE` if unmatched, not in yet, or pinned.
    pub(super) supporter: Vec<u32>,
    /// Packed cost of each matched participant's pair.
    pub(super) cost: Vec<T>,
    /// For each matched participant, a potential of its supporter up to which it certainly has no better arc.
    ///
    /// Potentials only rise, so a bound once true stays true.
    pub(super) bar: Vec<T>,
    /// Units on the arc above each supporter and group, pins included.
    pub(super) units: Vec<u32>,
    /// Potentials of supporters, groups and the root.
    pub(super) potential: Vec<T>,
    /// The participants at each supporter, pinned ones left out, as doubly linked lists.
    head: Vec<u32>,
    next: Vec<u32>,
    previous: Vec<u32>,
}

impl<T: Integer> Flow<T> {
    /// Only the pins are in.
    pub(super) fn empty(network: &Network<'_, T>) -> Self {
        let participants = network.exit.len();
        Self {
            supporter: vec![NONE; participants],
            cost: vec![T::ZERO; participants],
            bar: vec![T::ZERO; participants],
            units: network.tree.pinned.clone(),
            potential: network.initial_potentials(),
            head: vec![NONE; network.tree.supporters],
            next: vec![NONE; participants],
            previous: vec![NONE; participants],
        }
    }

    /// Adds a participant to a supporter's list; the units above are the caller's to count.
    pub(super) fn attach(&mut self, participant: u32, supporter: u32, cost: T) {
        let first = self.head[supporter as usize];
        self.supporter[participant as usize] = supporter;
        self.cost[participant as usize] = cost;
        self.next[participant as usize] = first;
        self.previous[participant as usize] = NONE;
        if first != NONE {
            self.previous[first as usize] = participant;
        }
        self.head[supporter as usize] = participant;
    }

    /// Takes a matched participant off its supporter's list and returns the supporter.
    pub(super) fn detach(&mut self, participant: u32) -> u32 {
        let p = participant as usize;
        let supporter = self.supporter[p];
        let (previous, next) = (self.previous[p], self.next[p]);
        if previous == NONE {
            self.head[supporter as usize] = next;
        } else {
            self.next[previous as usize] = next;
        }
        if next != NONE {
            self.previous[next as usize] = previous;
        }
        self.supporter[p] = NONE;
        supporter
    }

    /// The participants at a supporter, pinned ones left out, last to come first.
    pub(super) fn members(&self, supporter: usize) -> impl Iterator<Item = u32> + '_ {
        let first = self.head[supporter];
        std::iter::successors((first != NONE).then_some(first), |&p| {
            let next = self.next[p as usize];
            (next != NONE).then_some(next)
        })
    }

    /// The reduced cost of one more unit on the arc above a node, `None` if the arc is full or closed.
    pub(super) fn upward(&self, network: &Network<'_, T>, node: usize) -> Option<T> {
        let tree = network.tree;
        (tree.open[node] && self.units[node] < tree.capacity[node]).then(|| {
            network.step(node, self.units[node]) + self.potential[tree.parent[node] as usize]
                - self.potential[node]
        })
    }

    /// The reduced cost of taking one unit off the arc above a node, `None` if there are only pins on it.
    pub(super) fn downward(&self, network: &Network<'_, T>, node: usize) -> Option<T> {
        let tree = network.tree;
        (self.units[node] > tree.pinned[node]).then(|| {
            self.potential[node]
                - network.step(node, self.units[node] - 1)
                - self.potential[tree.parent[node] as usize]
        })
    }
}
