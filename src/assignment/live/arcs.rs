//! What the residual arcs of a state cost.
//!
//! **Method.** Packed costs come from the rungs and their weights, reduced costs from these and the potentials. Whether
//! a unit can pass between a node and the root is asked of every node that a search sees, and mostly answered no: that
//! answer is kept in three bytes a node, beside the books of the node, so that these need not be fetched for it.
//!
//! **Time and space.** O(1) each.

use super::super::network::NONE;
use super::state::{Node, State, Width};

/// How a unit can pass between a node and the root next to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct RootArc {
    /// There is room for one more.
    up: bool,
    /// There is one that is no pin's.
    down: bool,
    plain: bool,
}

pub(super) fn marginal(steps: &[i64], load: u32) -> i64 {
    steps.get(load as usize).or(steps.last()).copied().unwrap_or(0)
}

impl<T: Width> State<T> {
    /// The packed cost of a pair of quality cost `cost`.
    #[inline]
    pub(super) fn packed(&self, participant: usize, supporter: u32, cost: T::Held) -> T {
        let packed = T::from_i64(cost.into()) * self.weights.quality;
        if self.weights.change == T::ZERO {
            return packed;
        }
        let standing = self.people[participant].standing;
        if standing == NONE || standing == supporter { packed } else { packed + self.weights.change }
    }

    /// The highest quality cost of a pair whose packed cost is within a limit, if costs are compared by it at all.
    #[inline]
    pub(super) fn quality_scale(&self) -> T {
        self.weights.quality
    }

    /// The packed marginal cost of one more unit above a node that carries so many.
    #[inline]
    pub(super) fn step(&self, node: usize, units: u32) -> T {
        let Node { plain, minimum, .. } = self.nodes[node];
        if plain {
            return T::ZERO;
        }
        let saved = if units < minimum { self.weights.required } else { T::ZERO };
        if self.is_group(node) {
            return -saved;
        }
        let steps = &self.steps[node - self.groups];
        T::from_i64(marginal(&steps.load, units)) * self.weights.quality
            + T::from_i64(marginal(&steps.balance, units)) * self.weights.balance
            - saved
    }

    /// The reduced cost of a unit more above a node, whatever its sign; `None` if it is full.
    #[inline]
    pub(super) fn rise(&self, node: usize) -> Option<T> {
        let Node { parent, capacity, units, .. } = self.nodes[node];
        (units < capacity).then(|| self.step(node, units) + self.potential_of(parent) - self.potential[node])
    }

    /// The same where it is open: a negative one is yet to be.
    #[inline]
    pub(super) fn upward(&self, node: usize) -> Option<T> {
        self.rise(node).filter(|&rise| rise >= T::ZERO)
    }

    /// The reduced cost of a unit less above a node; `None` if there are pins only.
    #[inline]
    pub(super) fn downward(&self, node: usize) -> Option<T> {
        let Node { parent, pinned, units, .. } = self.nodes[node];
        (units > pinned)
            .then(|| self.potential[node] - self.step(node, units - 1) - self.potential_of(parent))
    }

    /// The packed cost of leaving a participant unmatched.
    pub(super) fn exit(&self, participant: usize) -> T {
        let person = &self.people[participant];
        let change = if person.standing == NONE { T::ZERO } else { self.weights.change };
        T::from_i64(person.served_weight.into()) * self.weights.served
            + T::from_i64(person.unmatched_cost) * self.weights.quality
            + change
    }

    /// The reduced cost of a unit more between a node and the root, if that is next to it and open.
    #[inline]
    pub(super) fn up_to_root(&self, node: usize) -> Option<T> {
        if self.root_arcs[node].up { self.upward(node) } else { None }
    }

    /// The same of a unit less.
    #[inline]
    pub(super) fn down_from_root(&self, node: usize) -> Option<T> {
        let RootArc { down, plain, .. } = self.root_arcs[node];
        if !down {
            None
        } else if plain {
            Some(self.potential[node])
        } else {
            self.downward(node)
        }
    }

    /// What the books of a node say of its arc to the root.
    pub(super) fn root_arc(&self, node: usize) -> RootArc {
        let Node { parent, capacity, units, pinned, plain, .. } = self.nodes[node];
        let top = parent == NONE;
        RootArc { up: top && units < capacity, down: top && units > pinned, plain }
    }
}
