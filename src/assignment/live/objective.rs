//! What the objective is made of: a part of each participant and of each supporter and group.
//!
//! **Method.** The sum by rung is kept from write to write: what a participant or node adds is taken out before it
//! changes and put in after. The same parts say what the objective would be if some participants had others.
//!
//! **Time and space.** O(row) for a participant that has a supporter, O(stated prices) for a supporter.

use std::collections::BTreeMap;

use super::super::ladder::Rungs;
use super::super::network::NONE;
use super::super::problem::prefix_sum;
use super::edit::Effect;
use super::state::{Node, Person, Presence, State, Width};

impl<T: Width> State<T> {
    pub(super) fn part_of_participant(&self, participant: usize) -> Rungs {
        self.part_with(participant, self.seats[participant].own)
    }

    /// What a participant would add if that were its supporter.
    pub(super) fn part_with(&self, participant: usize, own: u32) -> Rungs {
        let presence = self.seats[participant].presence;
        let Person { served_weight, unmatched_cost, standing, pin_cost } = self.people[participant];
        let mut part = Rungs::default();
        match presence {
            Presence::Vacant | Presence::Waiting => return part,
            Presence::Pinned => part.quality = pin_cost.into(),
            Presence::In if own == NONE => {
                part.served = served_weight.into();
                part.quality = unmatched_cost.into();
            }
            Presence::In => part.quality = self.pair_cost(participant, own).unwrap_or(0).into(),
        }
        part.change = (standing != NONE && standing != own).into();
        part
    }

    pub(super) fn part_of_node(&self, node: usize) -> Rungs {
        self.part_of_node_with(node, self.nodes[node].units)
    }

    /// What a node would add if it carried that many units.
    pub(super) fn part_of_node_with(&self, node: usize, units: u32) -> Rungs {
        let Node { minimum, plain, .. } = self.nodes[node];
        let mut part = Rungs::default();
        if plain {
            return part;
        }
        part.required = minimum.saturating_sub(units).into();
        if !self.is_group(node) {
            let steps = &self.steps[node - self.groups];
            part.quality = prefix_sum(&steps.load, units);
            part.balance = prefix_sum(&steps.balance, units);
        }
        part
    }

    pub(super) fn count(&mut self, part: Rungs, sign: i128) {
        let sum = &mut self.objective;
        sum.required += sign * part.required;
        sum.served += sign * part.served;
        sum.quality += sign * part.quality;
        sum.change += sign * part.change;
        sum.balance += sign * part.balance;
    }

    /// The objective if these participants, each named once, had these supporters instead. Nothing else is looked at.
    pub(super) fn objective_with(&self, effects: &[Effect]) -> Rungs {
        let mut sum = self.objective;
        let mut more: BTreeMap<usize, i64> = BTreeMap::new();
        let mut add = |part: Rungs, sign: i128| {
            sum.required += sign * part.required;
            sum.served += sign * part.served;
            sum.quality += sign * part.quality;
            sum.change += sign * part.change;
            sum.balance += sign * part.balance;
        };
        for effect in effects {
            let p = effect.participant as usize;
            add(self.part_of_participant(p), -1);
            add(self.part_with(p, effect.to.unwrap_or(NONE)), 1);
            for (supporter, by) in [(effect.from, -1), (effect.to, 1)] {
                if let Some(supporter) = supporter {
                    for node in self.way_up(self.node(supporter)) {
                        *more.entry(node).or_default() += by;
                    }
                }
            }
        }
        for (node, by) in more {
            add(self.part_of_node(node), -1);
            let units = i64::from(self.nodes[node].units) + by;
            add(self.part_of_node_with(node, units.max(0) as u32), 1);
        }
        sum
    }

    /// The objective added up from nothing.
    pub(super) fn objective_anew(&self) -> Rungs {
        let mut state = Rungs::default();
        let parts = (0..self.participants())
            .map(|p| self.part_of_participant(p))
            .chain((0..self.nodes.len()).map(|v| self.part_of_node(v)));
        for part in parts {
            state.required += part.required;
            state.served += part.served;
            state.quality += part.quality;
            state.change += part.change;
            state.balance += part.balance;
        }
        state
    }
}
