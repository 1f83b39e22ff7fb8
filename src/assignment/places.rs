//! Free places of supporters below their groups, and what the next one costs.

use super::matches::Matches;
use super::problem::Problem;

/// How many matches pass each supporter and group.
pub(super) struct Places<'p> {
    problem: &'p Problem,
    units: Vec<u32>,
}

impl<'p> Places<'p> {
    /// The pins alone.
    pub(super) fn new(problem: &'p Problem) -> Self {
        Self { problem, units: problem.tree.pinned.clone() }
    }

    /// These matches, which fit.
    pub(super) fn of(problem: &'p Problem, matches: &Matches) -> Self {
        let mut places = Self { problem, units: vec![0; problem.tree.root()] };
        for (_, supporter) in matches.iter() {
            places.take(supporter as usize);
        }
        places
    }

    /// The nodes from a supporter up to the last below the root.
    fn path(&self, supporter: usize) -> impl Iterator<Item = usize> + use<'p> {
        let tree = &self.problem.tree;
        std::iter::successors(Some(supporter), |&node| tree.parent.get(node).map(|&parent| parent as usize))
            .take_while(|&node| node < tree.root())
    }

    /// Whether one match more fits. O(depth of the groups).
    pub(super) fn is_free(&self, supporter: usize) -> bool {
        self.path(supporter).all(|node| self.units[node] < self.problem.tree.capacity[node])
    }

    /// Takes a place that is free; returns the highest supporter or group above it that is full now.
    pub(super) fn take(&mut self, supporter: usize) -> Option<usize> {
        let mut full = None;
        for node in self.path(supporter) {
            self.units[node] += 1;
            if self.units[node] >= self.problem.tree.capacity[node] {
                full = Some(node);
            }
        }
        full
    }

    /// The packed cost of the next place, the pair itself not counted; `None` on overflow.
    pub(super) fn step(&self, supporter: usize) -> Option<i128> {
        self.problem.packed_step(supporter, self.units[supporter])
    }
}
