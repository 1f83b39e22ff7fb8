//! Parts of a problem that have nothing to do with each other, so that they can be solved at the same time.
//!
//! **Problem.** Participants of one region have pairs with supporters of that region only, and no group joins them with
//! another: then a region is a problem of its own.
//!
//! **Method.** Union-find over supporters and groups: a participant joins the open supporters of its row, a group its
//! children. Components are gathered into at most [`PARTS`] parts of even size, the largest first, in a way that
//! depends on the problem alone. Reading ends as soon as one component holds most supporters, which is soon where the
//! problem hangs together.
//!
//! **Why it is exact.** Parts share the root of the network only, whose potential is fixed: flows, potentials and ties
//! of one do not touch another. The scales of the ladder are those of the whole.
//!
//! **Time and space.** O(m a(n)) for `m` pairs, with the inverse Ackermann function; a copy of the pairs while the parts
//! are solved.
//!
//! **When it is the wrong choice.** For small problems, and those that hang together: they are solved as they are.
//!
//! **References.** R. E. Tarjan, J. van Leeuwen, "Worst-case analysis of set union algorithms", J. ACM 31 (1984) (linking
//! by size, path halving).

use std::cmp::Reverse;

use super::problem::Problem;

/// Parts at most; more threads than that find nothing to do.
const PARTS: usize = 16;
/// Pairs below which a problem is solved as it is.
const WORTHWHILE: usize = 20_000;

/// A division of a problem.
pub(super) struct Division {
    /// The participants of each part, ascending, pinned ones left out.
    pub(super) participants: Vec<Vec<u32>>,
    /// The part of each supporter and group.
    pub(super) part: Vec<u32>,
    /// How many components there are that someone has a pair in.
    pub(super) components: usize,
}

struct Sets {
    parent: Vec<u32>,
    size: Vec<u32>,
}

impl Sets {
    fn find(&mut self, mut node: u32) -> u32 {
        while self.parent[node as usize] != node {
            let above = self.parent[self.parent[node as usize] as usize];
            self.parent[node as usize] = above;
            node = above;
        }
        node
    }

    /// Joins two sets, of which the first is given by its name; returns the name of both.
    fn join(&mut self, a: u32, b: u32) -> u32 {
        let b = self.find(b);
        if a == b {
            return a;
        }
        let (large, small) = if self.size[a as usize] >= self.size[b as usize] { (a, b) } else { (b, a) };
        self.parent[small as usize] = large;
        self.size[large as usize] += self.size[small as usize];
        large
    }
}

/// Divides a problem; `None` if it is small, or if no division leaves a quarter of it beside the largest component.
pub(super) fn divide(problem: &Problem) -> Option<Division> {
    let tree = &problem.tree;
    let root = tree.root();
    if problem.pairs() < WORTHWHILE {
        return None;
    }
    let mut sets = Sets { parent: (0..root as u32).collect(), size: vec![1; root] };
    for node in 0..root {
        if (tree.parent[node] as usize) < root {
            let name = sets.find(node as u32);
            sets.join(name, tree.parent[node]);
        }
    }
    let unpinned = |p: &usize| problem.pins[*p].is_none();
    let open = |s: &&u32| tree.open[**s as usize];
    for p in (0..problem.pins.len()).filter(unpinned) {
        let row = &problem.pair_supporters[problem.row_range(p)];
        let Some(&first) = row.iter().find(open) else { continue };
        let mut name = sets.find(first);
        for &supporter in row.iter().filter(open) {
            name = sets.join(name, supporter);
        }
        if sets.size[name as usize] as usize * 4 > root * 3 {
            return None;
        }
    }

    let mut pairs = vec![0_usize; root];
    let mut home = vec![u32::MAX; problem.pins.len()];
    for p in (0..problem.pins.len()).filter(unpinned) {
        let row = &problem.pair_supporters[problem.row_range(p)];
        if let Some(&first) = row.iter().find(open) {
            home[p] = sets.find(first);
            pairs[home[p] as usize] += row.len();
        }
    }
    let mut components: Vec<(Reverse<usize>, u32)> =
        (0..).zip(&pairs).filter(|&(_, &pairs)| pairs > 0).map(|(v, &pairs)| (Reverse(pairs), v)).collect();
    components.sort_unstable();
    let most = components.first().map_or(0, |&(Reverse(pairs), _)| pairs);
    let all: usize = pairs.iter().sum();
    if components.len() < 2 || most * 4 > all * 3 {
        return None;
    }
    let count = components.len().min(PARTS);
    let mut filled = vec![0_usize; count];
    let mut part_of_set = vec![0_u32; root];
    for &(Reverse(pairs), name) in &components {
        let least = (0..count).min_by_key(|&part| (filled[part], part)).unwrap_or(0);
        filled[least] += pairs;
        part_of_set[name as usize] = least as u32;
    }
    let mut participants = vec![Vec::new(); count];
    for (p, &name) in home.iter().enumerate() {
        if let Some(&part) = part_of_set.get(name as usize) {
            participants[part as usize].push(p as u32);
        }
    }
    let part = (0..root as u32).map(|node| part_of_set[sets.find(node) as usize]).collect();
    Some(Division { participants, part, components: components.len() })
}

impl Problem {
    /// This problem for some of its participants only, with all supporters and groups and the scales of the whole.
    pub(super) fn for_participants(&self, participants: &[u32]) -> Self {
        let pairs = participants.iter().map(|&p| self.row_range(p as usize).len()).sum();
        let (mut supporters, mut costs) = (Vec::with_capacity(pairs), Vec::with_capacity(pairs));
        let mut offsets = vec![0];
        for &p in participants {
            let (row, row_costs) = self.row(p);
            supporters.extend_from_slice(row);
            costs.extend_from_slice(row_costs);
            offsets.push(supporters.len());
        }
        let of = |p: &u32| *p as usize;
        Self {
            offsets,
            pair_supporters: supporters,
            pair_costs: costs,
            places: if self.places.is_empty() {
                Vec::new()
            } else {
                participants.iter().map(|p| self.places[of(p)]).collect()
            },
            fairness: self.fairness,
            served_weights: participants.iter().map(|p| self.served_weights[of(p)]).collect(),
            unmatched_costs: participants.iter().map(|p| self.unmatched_costs[of(p)]).collect(),
            pins: participants.iter().map(|p| self.pins[of(p)]).collect(),
            standing: participants.iter().map(|p| self.standing[of(p)]).collect(),
            load_costs: self.load_costs.clone(),
            balance_costs: self.balance_costs.clone(),
            group_of: self.group_of.clone(),
            parent_of: self.parent_of.clone(),
            tree: self.tree.clone(),
            scales: self.scales,
            largest_cost: self.largest_cost,
        }
    }
}
