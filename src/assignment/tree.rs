//! The upper half of the network: supporters under nested groups under one root, as a tree with capacities.
//!
//! Nodes are numbered supporters first, then groups, then the root. Each node but the root has one arc upward, to its
//! parent, that carries what passes through it. Pinned matches already occupy part of each arc; the optimisation sees
//! the rest.

use super::faults::Faults;

/// Supporters, groups and the root.
#[derive(Debug, Clone)]
pub(super) struct Tree {
    pub(super) supporters: usize,
    /// Parent of each supporter and group.
    pub(super) parent: Vec<u32>,
    /// Capacity of the arc to the parent, places taken by pins included.
    pub(super) capacity: Vec<u32>,
    /// Pinned matches on the arc to the parent.
    pub(super) pinned: Vec<u32>,
    /// Firm minimum of the arc to the parent, pins counted in; empty where no node has one.
    pub(super) minimum: Vec<u32>,
    /// Whether anything but pins can ever pass: the node and all above it have places left beside the pins.
    pub(super) open: Vec<bool>,
    child_offsets: Vec<usize>,
    children: Vec<u32>,
}

impl Tree {
    /// Builds the tree; `group_of` and `parent_of` have been checked to be in range. None, and faults, if groups stand
    /// under themselves.
    pub(super) fn build(
        capacities: &[u32],
        group_of: &[Option<u32>],
        group_capacities: &[u32],
        parent_of: &[Option<u32>],
        pins: impl Iterator<Item = u32>,
        faults: &mut Faults,
    ) -> Option<Self> {
        let supporters = capacities.len();
        let root = supporters + group_capacities.len();
        let node = |group: &Option<u32>| group.map_or(root as u32, |g| supporters as u32 + g);
        let parent: Vec<u32> = group_of.iter().chain(parent_of).map(node).collect();
        let capacity: Vec<u32> = capacities.iter().chain(group_capacities).copied().collect();

        let mut child_offsets = vec![0; group_capacities.len() + 2];
        for &p in &parent {
            child_offsets[p as usize - supporters + 1] += 1;
        }
        for i in 1..child_offsets.len() {
            child_offsets[i] += child_offsets[i - 1];
        }
        let mut next = child_offsets.clone();
        let mut children = vec![0; parent.len()];
        for (child, &p) in parent.iter().enumerate() {
            let slot = &mut next[p as usize - supporters];
            children[*slot] = child as u32;
            *slot += 1;
        }
        let mut tree = Self {
            supporters,
            parent,
            capacity,
            pinned: vec![0; root],
            minimum: Vec::new(),
            open: vec![false; root],
            child_offsets,
            children,
        };

        let below = tree.top_down();
        if below.len() < root {
            tree.tell_cycles(&below, faults);
            return None;
        }
        for supporter in pins {
            tree.pinned[supporter as usize] = tree.pinned[supporter as usize].saturating_add(1);
        }
        for &v in below.iter().rev() {
            let (v, p) = (v as usize, tree.parent[v as usize] as usize);
            if p < root && p >= supporters {
                tree.pinned[p] = tree.pinned[p].saturating_add(tree.pinned[v]);
            }
        }
        tree.check_pins(faults);
        for v in below {
            let v = v as usize;
            let p = tree.parent[v] as usize;
            tree.open[v] = tree.capacity[v] > tree.pinned[v] && (p == root || tree.open[p]);
        }
        Some(tree)
    }

    /// The number of the root, one above the last group.
    pub(super) fn root(&self) -> usize {
        self.parent.len()
    }

    /// The firm minimum of a supporter or group, 0 if it has none.
    pub(super) fn minimum(&self, node: usize) -> u32 {
        self.minimum.get(node).copied().unwrap_or(0)
    }

    /// The units on the arc above every supporter and group, given those of the supporters.
    pub(super) fn flows(&self, loads: impl IntoIterator<Item = u32>) -> Vec<u64> {
        let mut flows: Vec<u64> = loads.into_iter().map(u64::from).collect();
        flows.resize(self.root() + 1, 0);
        for &node in self.top_down().iter().rev() {
            flows[self.parent[node as usize] as usize] += flows[node as usize];
        }
        flows.truncate(self.root());
        flows
    }

    /// The supporters and groups directly under a group or the root.
    pub(super) fn children(&self, node: usize) -> &[u32] {
        let group = node - self.supporters;
        &self.children[self.child_offsets[group]..self.child_offsets[group + 1]]
    }

    /// Every node that hangs from the root, parents before children.
    pub(super) fn top_down(&self) -> Vec<u32> {
        let mut order: Vec<u32> = self.children(self.root()).to_vec();
        let mut done = 0;
        while done < order.len() {
            let v = order[done] as usize;
            done += 1;
            if v >= self.supporters {
                order.extend_from_slice(self.children(v));
            }
        }
        order
    }

    /// One fault for each cycle, of the lowest group on it.
    fn tell_cycles(&self, below: &[u32], faults: &mut Faults) {
        // The walk that a group was met on, those that hang from the root left out.
        let mut met = vec![0_u32; self.root()];
        for &v in below {
            met[v as usize] = u32::MAX;
        }
        for (walk, first) in (1..).zip(self.supporters..self.root()) {
            let mut v = first;
            while met[v] == 0 {
                met[v] = walk;
                v = self.parent[v] as usize;
            }
            if met[v] == walk {
                let mut lowest = v;
                let mut next = self.parent[v] as usize;
                while next != v {
                    lowest = lowest.min(next);
                    next = self.parent[next] as usize;
                }
                let group = lowest - self.supporters;
                faults.add(|| {
                    format!("group {group} is its own ancestor; let the topmost group have no parent")
                });
            }
        }
    }

    fn check_pins(&self, faults: &mut Faults) {
        for v in (0..self.root()).filter(|&v| self.pinned[v] > self.capacity[v]) {
            let (kind, index) =
                if v < self.supporters { ("supporter", v) } else { ("group", v - self.supporters) };
            let (pinned, capacity) = (self.pinned[v], self.capacity[v]);
            let matches = if pinned == 1 { "match" } else { "matches" };
            faults.add(|| {
                format!(
                    "{kind} {index} has {pinned} pinned {matches} but a capacity of {capacity}; raise the capacity or unpin"
                )
            });
        }
    }
}
