//! The proof of optimality that a flow solve publishes, and the bound that any potentials give.
//!
//! Potentials are costs-to-go, in packed units, with the root at 0: what sending one more unit from that node to the
//! root would cost everyone together. By linear programming duality *any* numbers for supporters and groups bound the
//! objective from below, see [`dual_value`]; the published ones attain it. They are made unique by Bellman's equations,
//! so that no number in a certificate is free:
//!
//! * a participant's potential is the minimum, over its pairs with open supporters and staying unmatched, of the
//!   packed cost plus the potential of where that leads; the arc it uses attains the minimum;
//! * a supporter's is the minimum over its free place (marginal cost plus the parent's potential) and, for each
//!   participant it has, what that participant's next best arc costs more than its pair;
//! * a group's is the minimum over its own room (the parent's potential) and, for each supporter and group below that
//!   has a match to give up, its potential less the marginal cost saved;
//! * pinned participants and closed nodes (with no place beside the pins, or under such a group) take no part: 0.
//!
//! Under [`TieBreak::Unspecified`](super::TieBreak) the certificate is not canonical: potentials of supporters and
//! groups may then lie below these minima, as long as objective and dual value meet, which proves the optimum as well.
//!
//! Each right side leaves the left side out, so changing any one potential breaks its own equation. The flows are
//! published as well, so that an assignment that is optimal but not the certified one is told apart.

use serde::{Deserialize, Serialize};

use super::ladder::Rungs;
use super::problem::{Problem, prefix_sum};

/// Potentials that prove an assignment optimal.
///
/// All numbers are public: a certificate is data to be checked, by [`verify`](super::verify) or by other means.
/// Potentials are packed: `served * scales.served + quality * scales.quality + ...`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What one unit of each rung weighs in the potentials.
    pub scales: Rungs,
    /// Whether the potentials are costs-to-go, which are unique, or any that prove the optimum.
    pub canonical: bool,
    /// Potential of each participant: what it costs everyone together that it is there.
    pub participants: Vec<i128>,
    /// Potential of each supporter: what one participant more there would cost everyone together.
    pub supporters: Vec<i128>,
    /// Potential of each group.
    pub groups: Vec<i128>,
    /// Matches of each supporter, pins included.
    pub supporter_flow: Vec<u32>,
    /// Matches below each group, pins included.
    pub group_flow: Vec<u32>,
    /// The dual value of the potentials, equal to the packed objective.
    pub dual: i128,
}

impl Problem {
    /// The packed cost of leaving a participant unmatched.
    pub(super) fn packed_exit(&self, participant: usize) -> Option<i128> {
        Rungs {
            served: self.served_weights[participant].into(),
            quality: self.unmatched_costs[participant].into(),
            change: self.standing[participant].is_some().into(),
            balance: 0,
        }
        .packed(&self.scales)
    }

    /// The open supporters of a row with the packed costs of the pairs.
    pub(super) fn packed_row(&self, participant: usize) -> impl Iterator<Item = (usize, Option<i128>)> + '_ {
        let range = self.row_range(participant);
        let standing = self.standing[participant];
        self.pair_supporters[range.clone()]
            .iter()
            .zip(&self.pair_costs[range])
            .filter(|&(&supporter, _)| self.tree.open[supporter as usize])
            .map(move |(&supporter, &cost)| {
                let moved = standing.is_some_and(|standing| standing != supporter);
                let packed = i128::from(cost)
                    .checked_mul(self.scales.quality)
                    .and_then(|packed| packed.checked_add(if moved { self.scales.change } else { 0 }));
                (supporter as usize, packed)
            })
    }

    /// The packed marginal cost of a node's next unit when it carries `flow`.
    pub(super) fn packed_step(&self, node: usize, flow: u32) -> Option<i128> {
        if node >= self.tree.supporters {
            return Some(0);
        }
        Rungs {
            quality: self.load_costs.marginal(node, flow).into(),
            balance: self.balance_costs.marginal(node, flow).into(),
            ..Rungs::default()
        }
        .packed(&self.scales)
    }

    /// The cost of the pins alone, which every assignment bears.
    pub(super) fn pins_objective(&self) -> Rungs {
        let mut sum = Rungs::default();
        for (participant, pin) in self.pins.iter().enumerate() {
            if let &Some((supporter, cost)) = pin {
                sum.quality += i128::from(cost);
                sum.change +=
                    i128::from(self.standing[participant].is_some_and(|standing| standing != supporter));
            }
        }
        for supporter in 0..self.tree.supporters {
            let pinned = self.tree.pinned[supporter];
            sum.quality += prefix_sum(self.load_costs.of(supporter), pinned);
            sum.balance += prefix_sum(self.balance_costs.of(supporter), pinned);
        }
        sum
    }
}

/// The lower bound on the packed objective that potentials of supporters and groups give, whatever they are; `None`
/// on overflow, or if there are not as many as supporters and groups.
///
/// Each participant pays the minimum over its row, and each place or unit of group capacity whose reduced cost is
/// negative is taken in full: the Lagrangian dual of the capacities (Ahuja, Magnanti, Orlin 1993, ch. 9 and 16).
/// O(pairs + supporters + groups + stated load costs).
pub fn dual_value(problem: &Problem, supporters: &[i128], groups: &[i128]) -> Option<i128> {
    let tree = &problem.tree;
    if supporters.len() != tree.supporters || groups.len() != tree.root() - tree.supporters {
        return None;
    }
    let mut sum = dual_value_of_places(problem, supporters, groups)?;
    for participant in 0..problem.pins.len() {
        if problem.pins[participant].is_some() {
            continue;
        }
        let mut least = problem.packed_exit(participant)?;
        for (supporter, cost) in problem.packed_row(participant) {
            least = least.min(cost?.checked_add(supporters[supporter])?);
        }
        sum = sum.checked_add(least)?;
    }
    Some(sum)
}

/// The part of the dual value that does not depend on the participants: pins, places and groups.
pub(super) fn dual_value_of_places(problem: &Problem, supporters: &[i128], groups: &[i128]) -> Option<i128> {
    let tree = &problem.tree;
    let mut sum = problem.pins_objective().packed(&problem.scales)?;
    let potential = |node: usize| {
        if node < tree.supporters {
            supporters[node]
        } else {
            groups.get(node - tree.supporters).copied().unwrap_or(0)
        }
    };
    for node in 0..tree.root() {
        if !tree.open[node] {
            continue;
        }
        let fall = potential(tree.parent[node] as usize).checked_sub(potential(node))?;
        let stated = if node < tree.supporters {
            problem.load_costs.of(node).len().max(problem.balance_costs.of(node).len()) as u64
        } else {
            0
        };
        let (mut unit, capacity) = (tree.pinned[node], tree.capacity[node]);
        while unit < capacity {
            let reduced = problem.packed_step(node, unit)?.checked_add(fall)?;
            if reduced >= 0 {
                break;
            }
            // Beyond the stated steps all are alike.
            let alike = if u64::from(unit) + 1 >= stated { capacity - unit } else { 1 };
            sum = sum.checked_add(reduced.checked_mul(alike.into())?)?;
            unit += alike;
        }
    }
    Some(sum)
}
