//! The proof of optimality that a flow solve publishes, and the bound that any potentials give.
//!
//! Potentials are costs in packed units, with the root at 0. By linear programming duality *any* numbers for supporters
//! and groups bound the objective from below, see [`dual_value`]; the published ones attain it, and that is the proof.
//!
//! # What is in every certificate
//! * The potential of a participant is the price of its last place: of the arcs of its row, each worth its packed cost
//!   plus the potential of where it leads, the one that is the `k`-th cheapest if it has `k` places to fill (an empty
//!   place is an arc to the root that can be taken `k` times). It uses its `k` cheapest.
//! * An arc above a supporter or group has a free unit only where the reduced cost of that (marginal cost plus the
//!   parent's potential less its own) is not negative, and carries one only where that is not positive.
//! * Participants with nothing to fill and closed nodes (with no place beside the pins, or under such a group) take no
//!   part: 0.
//! * Flows, dual value and the [`checksum`](Certificate::checksum) are recomputed and must be equal.
//!
//! These are the conditions of complementary slackness, so they prove the optimum, and they are what
//! [`verify`](super::verify()) checks. Flows, dual value, participants' potentials and the potential of each supporter
//! who has someone to serve are determined by them; where an idle supporter or a group may have any potential of an
//! interval, another one in it is as good a proof, and the checksum tells that it is not the published one. So a change
//! of any one number is found.
//!
//! # Canonical potentials
//! Under [`TieBreak::FirstInOrder`](super::TieBreak) the potentials are costs-to-go: what sending one more unit from
//! that node to the root would cost everyone together, the highest of all valid ones and unique. The certificate says
//! so and is then held to Bellman's equations besides, each of which determines its left side by the others:
//!
//! * a supporter's is the minimum over its free place (marginal cost plus the parent's potential) and, for each
//!   participant it has, what that participant's next best arc costs more than its pair;
//! * a group's is the minimum over its own room (marginal cost plus the parent's potential) and, for each supporter and
//!   group below that has a match to give up, its potential less the marginal cost saved.
//!
//! The flows are published as well, so that an assignment that is optimal but not the certified one is told apart.

use rayon::prelude::*;
use serde::{Deserialize, Serialize};

use super::ladder::Rungs;
use super::problem::{Problem, prefix_sum};

/// Potentials that prove an assignment optimal.
///
/// All numbers are public: a certificate is data to be checked, by [`verify`](super::verify) or by other means.
/// Potentials are packed: `required * scales.required + served * scales.served + ...`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// What one unit of each rung weighs in the potentials.
    pub scales: Rungs,
    /// Whether the potentials are costs-to-go, which are unique, or any that prove the optimum.
    pub canonical: bool,
    /// Potential of each participant: what its last place costs everyone together.
    pub participants: Vec<i128>,
    /// Potential of each supporter. If canonical: what one participant more there would cost everyone together.
    pub supporters: Vec<i128>,
    /// Potential of each group.
    pub groups: Vec<i128>,
    /// Matches of each supporter, pins included.
    pub supporter_flow: Vec<u32>,
    /// Matches below each group, pins included.
    pub group_flow: Vec<u32>,
    /// The dual value of the potentials, equal to the packed objective.
    pub dual: i128,
    /// The potentials of supporters and groups added up, and 1 if they are canonical, modulo 2^128: so that none of
    /// them can be changed alone.
    pub checksum: i128,
}

impl Certificate {
    /// Flows, given for supporters and then groups, taken apart, and the checksum added.
    pub(super) fn sealed(
        scales: Rungs,
        canonical: bool,
        participants: Vec<i128>,
        (supporters, groups): (Vec<i128>, Vec<i128>),
        units: &[u32],
        dual: i128,
    ) -> Self {
        let (supporter_flow, group_flow) = units.split_at(supporters.len());
        let (supporter_flow, group_flow) = (supporter_flow.to_vec(), group_flow.to_vec());
        let mut certificate = Self {
            scales,
            canonical,
            participants,
            supporters,
            groups,
            supporter_flow,
            group_flow,
            dual,
            checksum: 0,
        };
        certificate.checksum = certificate.expected_checksum();
        certificate
    }

    /// What [`checksum`](Self::checksum) must be.
    pub fn expected_checksum(&self) -> i128 {
        let potentials = self.supporters.iter().chain(&self.groups);
        potentials.fold(i128::from(self.canonical), |sum, &potential| sum.wrapping_add(potential))
    }
}

impl Problem {
    /// The packed cost of leaving one place of a participant empty.
    ///
    /// With one place, an empty place is a change from a standing match; with several it need not be, and the change is
    /// taken back at the pair that stands, see [`packed_row`](Self::packed_row).
    pub(super) fn packed_exit(&self, participant: usize) -> Option<i128> {
        let change = self.places_of(participant) == 1 && self.standing[participant].is_some();
        Rungs {
            served: self.served_weights[participant].into(),
            quality: self.unmatched_costs[participant].into(),
            change: change.into(),
            ..Rungs::default()
        }
        .packed(&self.scales)
    }

    /// The open supporters of a row, but for the one pinned, with the packed costs of the pairs.
    pub(super) fn packed_row(&self, participant: usize) -> impl Iterator<Item = (usize, Option<i128>)> + '_ {
        let standing = self.standing[participant];
        let pinned = self.pins[participant].map(|(supporter, _)| supporter);
        let (elsewhere, kept) = match standing {
            None => (0, 0),
            Some(_) if self.places_of(participant) == 1 => (self.scales.change, 0),
            Some(_) => (0, -self.scales.change),
        };
        self.row(participant as u32)
            .filter(move |&(supporter, _)| self.tree.open[supporter as usize] && pinned != Some(supporter))
            .map(move |(supporter, cost)| {
                let change = if standing == Some(supporter) { kept } else { elsewhere };
                let packed = i128::from(cost)
                    .checked_mul(self.scales.quality)
                    .and_then(|packed| packed.checked_add(change));
                (supporter as usize, packed)
            })
    }

    /// The packed marginal cost of a node's next unit when it carries `flow`.
    pub(super) fn packed_step(&self, node: usize, flow: u32) -> Option<i128> {
        let mut step = Rungs { required: -i128::from(flow < self.tree.minimum(node)), ..Rungs::default() };
        if node < self.tree.supporters {
            step.quality = self.load_costs.marginal(node, flow).into();
            step.balance = self.balance_costs.marginal(node, flow).into();
        }
        step.packed(&self.scales)
    }

    /// How many units from `flow` on have the same marginal cost, up to the capacity; 0 where that is reached.
    pub(super) fn alike(&self, node: usize, flow: u32) -> u32 {
        let tree = &self.tree;
        let stated = if node < tree.supporters {
            self.load_costs.of(node).len().max(self.balance_costs.of(node).len()) as u64
        } else {
            0
        };
        let capacity = tree.capacity[node];
        if flow >= capacity {
            return 0;
        }
        let until = if flow < tree.minimum(node) { tree.minimum(node).min(capacity) } else { capacity };
        // The last stated step repeats.
        if u64::from(flow) + 1 >= stated { until - flow } else { 1 }
    }

    /// What every assignment bears: the cost of the pins, and what they alone leave missing or changed.
    pub(super) fn pins_objective(&self) -> Rungs {
        let mut sum = Rungs::default();
        for (participant, pin) in self.pins.iter().enumerate() {
            let pinned = pin.map(|(supporter, _)| supporter);
            if let &Some((_, cost)) = pin {
                sum.quality += i128::from(cost);
            }
            if pin.is_some() || self.places_of(participant) > 1 {
                let standing = self.standing[participant];
                sum.change += i128::from(standing.is_some() && standing != pinned);
            }
        }
        for supporter in 0..self.tree.supporters {
            let pinned = self.tree.pinned[supporter];
            sum.quality += prefix_sum(self.load_costs.of(supporter), pinned);
            sum.balance += prefix_sum(self.balance_costs.of(supporter), pinned);
        }
        for (node, &minimum) in self.tree.minimum.iter().enumerate() {
            sum.required += i128::from(minimum.saturating_sub(self.tree.pinned[node]));
        }
        sum
    }
}

/// The lower bound on the packed objective that potentials of supporters and groups give, whatever they are; `None`
/// on overflow, or if there are not as many as supporters and groups.
///
/// Each participant pays the cheapest arcs of its row, as many as it has places to fill, and each place or unit of
/// group capacity whose reduced cost is negative is taken in full: the Lagrangian dual of the capacities (Ahuja,
/// Magnanti, Orlin 1993, ch. 9 and 16). O(pairs + supporters + groups + stated load costs), with a sort of the rows of
/// those who have several places.
pub fn dual_value(problem: &Problem, supporters: &[i128], groups: &[i128]) -> Option<i128> {
    let tree = &problem.tree;
    if supporters.len() != tree.supporters || groups.len() != tree.root() - tree.supporters {
        return None;
    }
    let places = dual_value_of_places(problem, supporters, groups)?;
    let rows = (0..problem.pins.len()).into_par_iter().map(|p| cheapest_arcs(problem, p, supporters));
    // Added up one after another, so that an overflow does not depend on the threads.
    rows.collect::<Option<Vec<i128>>>()?.into_iter().try_fold(places, i128::checked_add)
}

/// What a participant pays for the cheapest arcs of its row, as many as it has places to fill.
fn cheapest_arcs(problem: &Problem, participant: usize, supporters: &[i128]) -> Option<i128> {
    let places = problem.free_places(participant) as usize;
    if places == 0 {
        return Some(0);
    }
    let exit = problem.packed_exit(participant)?;
    if places == 1 {
        let mut least = exit;
        for (supporter, cost) in problem.packed_row(participant) {
            least = least.min(cost?.checked_add(supporters[supporter])?);
        }
        return Some(least);
    }
    let mut cheapest = Vec::new();
    for (supporter, cost) in problem.packed_row(participant) {
        let value = cost?.checked_add(supporters[supporter])?;
        if value < exit {
            cheapest.push(value);
        }
    }
    cheapest.sort_unstable();
    cheapest.truncate(places);
    let unmatched = exit.checked_mul((places - cheapest.len()) as i128)?;
    cheapest.into_iter().try_fold(unmatched, i128::checked_add)
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
        let mut unit = tree.pinned[node];
        loop {
            let alike = problem.alike(node, unit);
            if alike == 0 {
                break;
            }
            let reduced = problem.packed_step(node, unit)?.checked_add(fall)?;
            if reduced >= 0 {
                break;
            }
            sum = sum.checked_add(reduced.checked_mul(alike.into())?)?;
            unit += alike;
        }
    }
    Some(sum)
}
