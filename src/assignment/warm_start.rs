//! Starting from an earlier assignment and its potentials instead of from nothing.
//!
//! **Problem.** A problem that differs little from one that was solved before has an optimum that differs little from
//! the earlier one. Pairs may be gone or cost something else, limits and weights may have changed, participants and
//! supporters may have been added.
//!
//! **Method.** The earlier matches that are still possible are kept; the earlier potentials are kept where the limits
//! allow and moved to the nearest value that does where not. A place that was given up although its price is above its
//! cost stays reserved: one unit passes its supporter that nobody sends, a *lack*. Then each participant reads its row
//! once: who is not where it is cheapest now must leave, and what it leaves is a lack, too. That is a flow whose
//! potentials are valid on every arc, but which lacks participants in some places and leaves others waiting. The usual
//! phase inserts who waits, where that is cheapest into such a place. A lack that is left is the same thing as a hole
//! of the search from the places, and [`super::filling`] fills or releases it.
//!
//! **Why it is exact.** Any potentials and any flow that satisfy the invariant of [`Flow`] can be led to an optimum by
//! shortest paths from where there is too much to where there is too little; the earlier solution only says where to
//! begin, and is trusted in nothing. What is published is unique, so the result is that of a fresh solve.
//!
//! **Time and space.** One pass over the pairs, a second one if places are left, and at most a search for each
//! participant and each place concerned.
//!
//! **When it is the wrong choice.** When much has changed: if most participants would have to be inserted anew, or many
//! more places were left than participants wait, a fresh start is made instead. Also where a fresh start hardly takes
//! longer than reading the pairs: with room for nearly everyone.
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), sections 9.7 (pseudoflows) and
//! 9.11 (sensitivity analysis); A. Frangioni, A. Manca, "A computational study of cost reoptimization for min-cost flow
//! problems", INFORMS J. Computing 18 (2006).

use rayon::prelude::*;

use super::integer::Integer;
use super::ladder::{Rung, Rungs};
use super::network::{Flow, NONE, Network, Seat};
use super::problem::Problem;
use super::solution::{Assignment, Proof};

/// Reserved places a supporter or group may have; where more became free, its price falls at once.
const RESERVED: u32 = 64;

/// An earlier solution to start from; everything in it is a hint, and whatever does not fit is left out.
///
/// Numbers of participants, supporters and groups mean the same as in the problem to be solved; lists may be shorter or
/// longer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WarmStart {
    /// The supporter of each participant.
    pub matches: Vec<Option<u32>>,
    /// Potential of each supporter, packed under `scales`.
    pub supporter_potentials: Vec<i128>,
    /// Potential of each group, likewise.
    pub group_potentials: Vec<i128>,
    /// What one unit of each rung weighs in the potentials. They are packed anew where the problem's scales differ.
    pub scales: Rungs,
}

impl WarmStart {
    /// The matches and, if it has them, the potentials of an assignment.
    pub fn of(assignment: &Assignment) -> Self {
        let participants = 0..assignment.matches.participants() as u32;
        let matches = participants.map(|participant| assignment.supporter_of(participant)).collect();
        let mut start = Self { matches, ..Self::default() };
        if let Proof::Potentials(certificate) = &assignment.proof {
            start.supporter_potentials.clone_from(&certificate.supporters);
            start.group_potentials.clone_from(&certificate.groups);
            start.scales = certificate.scales;
        }
        start
    }

    /// The potential of a node in the problem's scales, near enough: it is a hint.
    fn potential(&self, problem: &Problem, node: usize) -> Option<i128> {
        let supporters = problem.tree.supporters;
        let stated = if node < supporters {
            self.supporter_potentials.get(node)
        } else {
            self.group_potentials.get(node - supporters)
        };
        let mut rest = *stated?;
        if self.scales == problem.scales {
            return Some(rest);
        }
        let mut rungs = Rungs::default();
        for rung in Rung::ALL {
            let scale = self.scales.get(rung);
            if scale > 0 {
                let whole = rest.checked_add(scale / 2)?.div_euclid(scale);
                *rungs.get_mut(rung) = whole;
                rest = rest.checked_sub(whole.checked_mul(scale)?)?;
            }
        }
        rungs.packed(&problem.scales)
    }
}

/// A flow with valid potentials that is not yet complete.
pub(super) struct Begun {
    /// Units above each node that come from nobody.
    pub(super) lack: Vec<u32>,
    /// Whether each participant is waiting to be inserted.
    pub(super) waits: Vec<bool>,
}

/// Sets up the flow from an earlier solution.
pub(super) fn begin<T: Integer>(network: &Network<'_, T>, flow: &mut Flow<T>, start: &WarmStart) -> Begun {
    let (problem, tree) = (network.problem, network.tree);
    let root = tree.root();
    for (p, choice) in start.matches.iter().enumerate().take(problem.pins.len()) {
        if let &Some(supporter) = choice
            && problem.pins[p].is_none()
            && tree.open.get(supporter as usize) == Some(&true)
            && (supporter as usize) < tree.supporters
            && let Some(cost) = problem.pair_cost(p as u32, supporter)
            && way_up(network, supporter as usize).all(|node| flow.units()[node] < tree.capacity[node])
        {
            flow.attach(p as u32, supporter, network.packed(p, supporter, cost));
            flow.add_unit_to_root(network, supporter as usize);
        }
    }
    // No potential of an optimum is further from 0 than a few single costs.
    let largest = problem.largest_cost.saturating_mul(4);
    for node in (0..root).filter(|&v| tree.open[v]) {
        if let Some(potential) = start.potential(problem, node) {
            flow.potential[node] = T::narrow(potential.clamp(-largest, largest));
        }
    }
    let order = tree.top_down();
    let mut lack = vec![0; root];
    for &v in order.iter().rev() {
        let node = v as usize;
        let mut reserved = 0;
        while reserved < RESERVED
            && flow.upward(network, node).is_some_and(|rise| rise < T::ZERO)
            && way_up(network, node).all(|v| flow.upward(network, v).is_some_and(|rise| rise <= T::ZERO))
        {
            flow.add_unit_to_root(network, node);
            reserved += 1;
        }
        lack[node] = reserved;
    }
    for &v in order.iter().filter(|&&v| tree.open[v as usize]) {
        let node = v as usize;
        if let Some(rise) = flow.upward(network, node)
            && rise < T::ZERO
        {
            flow.potential[node] += rise;
        }
        if let Some(fall) = flow.downward(network, node)
            && fall < T::ZERO
        {
            flow.potential[node] += -fall;
        }
    }

    let seats = &flow.seats;
    let potential = &flow.potential;
    let cheapest_other = |p: usize| {
        // The pairs of pinned participants may cost more than the integers hold.
        if problem.pins[p].is_some() {
            return T::ZERO;
        }
        let others = network.row(p).filter(|&(s, _)| s as u32 != seats[p].supporter);
        others.fold(network.exit[p], |least, (s, cost)| least.min(cost + potential[s]))
    };
    let others: Vec<T> = (0..problem.pins.len()).into_par_iter().map(cheapest_other).collect();
    let mut begun = Begun { lack, waits: vec![false; problem.pins.len()] };
    for p in (0..problem.pins.len()).filter(|&p| problem.pins[p].is_none()) {
        let Seat { supporter: own, cost, .. } = flow.seats[p];
        let other = others[p];
        if own == NONE {
            // Nothing is kept of what its pairs cost: potentials are still to fall.
            flow.seats[p].least = -T::INFINITY;
            begun.waits[p] = other < network.exit[p];
        } else if cost + flow.potential[own as usize] > other {
            flow.detach(p as u32);
            begun.lack[own as usize] += 1;
            begun.waits[p] = true;
        } else {
            flow.set_bar(p, other - cost);
        }
    }
    begun
}

/// A node and all above it, without the root.
pub(super) fn way_up<T>(network: &Network<'_, T>, node: usize) -> impl Iterator<Item = usize> {
    let tree = network.tree;
    std::iter::successors(Some(node), |&v| {
        let parent = tree.parent[v] as usize;
        (parent < tree.root()).then_some(parent)
    })
}
