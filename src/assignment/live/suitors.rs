//! Who would come to a supporter if there was a place more.
//!
//! **Method.** By reduced costs: a place that opens costs what its step costs, and whoever pays more where they are
//! would gain by it. Every way that makes the whole better begins with one of them, so where all of them stay the
//! optimum stays as it is. One pass over the supporter's column.

use super::super::builder::Supporter;
use super::super::network::NONE;
use super::arcs::marginal;
use super::state::{Presence, State, Width};
use super::{Engine, Live, LiveAssignment, either};

impl<T: Width> State<T> {
    /// What one match more at a supporter costs under the groups as they are, if these were its places.
    pub(super) fn price_of_next(&self, supporter: u32, places: &Supporter) -> T {
        let node = self.nodes[self.node(supporter)];
        let saved = if node.units < places.minimum { self.weights.required } else { T::ZERO };
        T::from_i64(marginal(&places.load_cost, node.units)) * self.weights.quality
            + T::from_i64(marginal(&places.balance_cost, node.units)) * self.weights.balance
            + self.potential_of(places.group.unwrap_or(NONE))
            - saved
    }

    /// Whether somebody who has another supporter would gain by a place at this price.
    pub(super) fn would_come(&self, participant: u32, supporter: u32, cost: i64, price: T) -> bool {
        let p = participant as usize;
        let seat = self.seats[p];
        seat.presence == Presence::In
            && seat.own != NONE
            && seat.own != supporter
            && (!seat.restricted || self.is_only(p, supporter))
            && self.packed(p, supporter, T::held(cost)) + price < self.paid[p]
    }
}

impl<T: Width> Live<T> {
    fn suitors(&self, supporter: u32, places: &Supporter) -> Vec<u32> {
        let state = &self.state;
        let price = state.price_of_next(supporter, places);
        let column = state.columns.of(supporter as usize).iter();
        let gains = |&&(participant, cost): &&(u32, T::Held)| {
            state.would_come(participant, supporter, cost.into(), price)
        };
        let mut all: Vec<u32> = column.filter(gains).map(|pair| pair.0).collect();
        all.sort_unstable();
        all
    }
}

impl LiveAssignment {
    /// Who of those that have another supporter would come to this one for a place more, if these were its places;
    /// ascending. Where all of them stay, opening the place moves nobody.
    pub(crate) fn suitors(&self, supporter: u32, places: &Supporter) -> Vec<u32> {
        either!(&self.engine, live => live.suitors(supporter, places))
    }
}
