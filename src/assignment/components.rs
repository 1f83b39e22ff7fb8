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
//! **Time and space.** O(m a(n)) for `m` pairs, with the inverse Ackermann function, once for a problem; parts share
//! the pairs. O(participants + supporters + groups) space for each part at most.
//!
//! **When it is the wrong choice.** For small problems, and those that hang together: they are solved as they are.
//!
//! **References.** R. E. Tarjan, J. van Leeuwen, "Worst-case analysis of set union algorithms", J. ACM 31 (1984)
//! (linking by size, path halving).

use std::cmp::Reverse;
use std::sync::{Arc, OnceLock};

use super::problem::Problem;

/// Parts at most; more threads than that find nothing to do.
const PARTS: usize = 16;
/// Pairs below which a problem is solved as it is.
const WORTHWHILE: usize = 20_000;

/// A division of a problem.
#[derive(Debug)]
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
fn divide(problem: &Problem) -> Option<Division> {
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
        for &supporter in row {
            // Most are there already: that is seen with one look.
            if sets.parent[supporter as usize] != name && tree.open[supporter as usize] {
                name = sets.join(name, supporter);
            }
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
    /// The parts of the problem, found when it is asked for first.
    pub(super) fn division(&self) -> Option<&Division> {
        self.division.get_or_init(|| divide(self).map(Arc::new)).as_deref()
    }

    /// One part of a division as a problem, with all supporters and groups and the scales of the whole. It shares
    /// these and the pairs.
    pub(super) fn part(&self, division: &Division, index: usize) -> Self {
        let participants = &division.participants[index];
        let of = |p: &u32| *p as usize;
        let degree = |(&degree, &part): (&u32, &u32)| if part as usize == index { degree } else { 0 };
        Self {
            offsets: participants.iter().map(|p| self.row_range(of(p)).start).collect(),
            ends: participants.iter().map(|p| self.row_range(of(p)).end).collect(),
            pair_supporters: Arc::clone(&self.pair_supporters),
            pair_costs: self.pair_costs.clone(),
            degrees: self.degrees.iter().zip(&division.part).map(degree).collect(),
            // A part is not divided again.
            division: OnceLock::from(None),
            places: if self.places.is_empty() {
                Vec::new()
            } else {
                participants.iter().map(|p| self.places[of(p)]).collect()
            },
            fairness: self.fairness,
            served_weights: self.served_weights.of(participants),
            unmatched_costs: self.unmatched_costs.of(participants),
            pins: self.pins.of(participants),
            standing: self.standing.of(participants),
            load_costs: Arc::clone(&self.load_costs),
            balance_costs: Arc::clone(&self.balance_costs),
            group_of: Arc::clone(&self.group_of),
            parent_of: Arc::clone(&self.parent_of),
            tree: Arc::clone(&self.tree),
            scales: self.scales,
            largest_cost: self.largest_cost,
        }
    }

    /// A part with pairs of its own, laid end to end.
    pub(super) fn with_pairs_of_its_own(self) -> Self {
        let pairs = self.pairs();
        let mut supporters = Vec::with_capacity(pairs);
        let mut offsets = vec![0];
        let ranges = (0..self.ends.len()).map(|p| self.row_range(p));
        for range in ranges.clone() {
            supporters.extend_from_slice(&self.pair_supporters[range]);
            offsets.push(supporters.len());
        }
        let pair_costs = self.pair_costs.gathered(ranges);
        Self { offsets, ends: Vec::new(), pair_supporters: supporters.into(), pair_costs, ..self }
    }
}
