//! What a market looks at in the engine, in 128 bits whatever the engine computes in.

use std::collections::BTreeSet;

use super::super::super::builder::Supporter;
use super::super::super::integer::Integer;
use super::super::super::ladder::Rungs;
use super::super::apply::outgrown;
use super::super::bounds::{Bounds, Value};
use super::super::edit::Edit;
use super::super::log::Old;
use super::super::state::{Presence, State, Width};
use super::super::{Engine, Live, LiveAssignment, either};
use super::asking::Found;
use crate::error::Result;

/// Supporters whose potential changed and participants who pay something else, each ascending.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Touched {
    pub(super) supporters: Vec<u32>,
    pub(super) participants: Vec<u32>,
}

impl<T: Width> State<T> {
    fn touched(&self, (mut supporters, mut participants): (Vec<u32>, Vec<u32>)) -> Touched {
        for old in self.log.since_beginning() {
            match *old {
                Old::Potential(node, _) if !self.is_group(node as usize) => {
                    supporters.push(node - self.groups as u32);
                }
                Old::Seat(participant, ..) => participants.push(participant),
                _ => {}
            }
        }
        supporters.sort_unstable();
        supporters.dedup();
        for &supporter in &supporters {
            participants.extend(self.caseloads.of(supporter as usize).iter().map(|member| member.0));
        }
        participants.sort_unstable();
        participants.dedup();
        Touched { supporters, participants }
    }

    /// The least that a place of a supporter costs, with those above it: as long as somebody is there who could leave,
    /// its potential is no lower.
    fn natural_price(&self, supporter: u32) -> T {
        self.way_up(self.node(supporter)).fold(T::ZERO, |sum, node| sum + self.step(node, 0))
    }

    /// Raises the potential of a supporter towards a price, as far as nobody notices: nobody is there who would pay
    /// more, and its free places are no gain.
    fn raise(&mut self, supporter: u32, price: T) {
        let node = self.node(supporter);
        let state = self.nodes[node];
        if state.units != state.pinned || state.vacant {
            return;
        }
        let highest = self.rise(node).map_or(price, |rise| (self.potential[node] + rise).min(price));
        if highest > self.potential[node] {
            self.set_potential(node, highest);
        }
    }

    fn reduced(&self, participant: u32, supporter: u32, cost: i64) -> Option<T> {
        let p = participant as usize;
        let value = self.packed(p, supporter, T::held(cost)) + self.potential[self.node(supporter)];
        (self.seats[p].presence == Presence::In).then(|| value - self.paid[p])
    }
}

/// How the engine is asked; numbers must be those of somebody.
impl LiveAssignment {
    /// What changed since the last beginning, beside supporters and participants whose bounds did.
    pub(super) fn touched(&self, beside: (Vec<u32>, Vec<u32>)) -> Touched {
        either!(&self.engine, live => live.state.touched(beside))
    }

    pub(super) fn everyone(&self) -> Touched {
        let (participants, supporters) = self.sizes();
        Touched { supporters: (0..supporters).collect(), participants: (0..participants).collect() }
    }

    /// How many numbers there are for participants and for supporters.
    pub(crate) fn sizes(&self) -> (u32, u32) {
        either!(&self.engine, live => (live.state.participants() as u32, live.state.supporters() as u32))
    }

    pub(super) fn vacant(&self) -> (BTreeSet<u32>, BTreeSet<u32>) {
        either!(&self.engine, live => {
            (live.state.vacant_participants.clone(), live.state.vacant_supporters.clone())
        })
    }

    pub(super) fn scales(&self) -> Rungs {
        either!(&self.engine, live => live.state.scales)
    }

    /// What one unit of quality weighs in packed costs, at least 1.
    pub fn quality_weight(&self) -> i128 {
        either!(&self.engine, live => live.state.scales.quality.max(1))
    }

    pub(super) fn potential_of(&self, supporter: u32) -> i128 {
        either!(&self.engine, live => live.state.potential[live.state.node(supporter)].widen())
    }

    pub(super) fn natural_price(&self, supporter: u32) -> i128 {
        either!(&self.engine, live => live.state.natural_price(supporter).widen())
    }

    /// What one match more at a supporter costs, packed, if these were its places.
    pub(super) fn price_of_next(&self, supporter: u32, places: &Supporter) -> i128 {
        either!(&self.engine, live => live.state.price_of_next(supporter, places).widen())
    }

    /// Whether somebody who has another supporter would come to this one at such a cost, if these were its places.
    pub(super) fn would_come(&self, (participant, supporter, cost): Found, places: &Supporter) -> bool {
        either!(&self.engine, live => {
            let price = live.state.price_of_next(supporter, places);
            live.state.would_come(participant, supporter, cost, price)
        })
    }

    /// Whether nobody can come to a supporter whatever it costs.
    pub(super) fn is_closed(&self, supporter: u32) -> bool {
        either!(&self.engine, live => {
            let node = &live.state.nodes[live.state.node(supporter)];
            node.capacity == node.pinned
        })
    }

    pub(super) fn raise(&mut self, supporter: u32, price: i128) {
        either!(&mut self.engine, live => raise(live, supporter, price));
    }

    /// What a participant pays who is optimised.
    pub(super) fn paid_by(&self, participant: u32) -> Option<i128> {
        either!(&self.engine, live => {
            let (p, state) = (participant as usize, &live.state);
            (state.seats[p].presence == Presence::In).then(|| state.paid[p].widen())
        })
    }

    /// What leaving a participant unmatched costs, packed.
    pub(super) fn exit_of(&self, participant: u32) -> i128 {
        either!(&self.engine, live => live.state.exit(participant as usize).widen())
    }

    /// Whether somebody has that number.
    pub(super) fn is_taken(&self, participant: u32) -> bool {
        either!(&self.engine, live => {
            live.state.seats.get(participant as usize).is_some_and(|seat| seat.presence != Presence::Vacant)
        })
    }

    pub(super) fn is_there(&self, supporter: u32) -> bool {
        either!(&self.engine, live => live.is_there(supporter))
    }

    /// The packed reduced cost of a pair, held or not; `None` for a participant who is not optimised.
    pub(super) fn reduced(&self, participant: u32, supporter: u32, cost: i64) -> Option<i128> {
        either!(&self.engine, live => live.state.reduced(participant, supporter, cost).map(Integer::widen))
    }

    /// The pairs of a participant, cheapest first.
    pub(super) fn held_row(&self, participant: u32) -> Vec<(u32, i64)> {
        either!(&self.engine, live => pairs_in(live.state.rows.of(participant as usize)))
    }

    pub(super) fn row_length(&self, participant: u32) -> usize {
        either!(&self.engine, live => live.state.rows.of(participant as usize).len())
    }

    pub(super) fn held_column(&self, supporter: u32) -> Vec<(u32, i64)> {
        either!(&self.engine, live => pairs_in(live.state.columns.of(supporter as usize)))
    }

    /// The pairs of a participant if there is one of that number.
    pub(crate) fn row_of(&self, participant: u32) -> Vec<(u32, i64)> {
        if participant < self.sizes().0 { self.held_row(participant) } else { Vec::new() }
    }

    /// The same for a supporter.
    pub(super) fn column_of(&self, supporter: u32) -> Vec<(u32, i64)> {
        if supporter < self.sizes().1 { self.held_column(supporter) } else { Vec::new() }
    }

    /// Who is there and could move.
    pub(super) fn caseload(&self, supporter: u32) -> Vec<u32> {
        either!(&self.engine, live => {
            if (supporter as usize) < live.state.supporters() {
                live.state.caseloads.ids(supporter as usize)
            } else {
                Vec::new()
            }
        })
    }

    pub(super) fn held_cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        either!(&self.engine, live => live.state.pair_cost(participant as usize, supporter))
    }

    pub(super) fn held_pairs(&self) -> usize {
        either!(&self.engine, live => live.state.rows.held())
    }

    /// Holds a pair that nobody gains by, or lets one go that nobody uses.
    pub(super) fn set_idle_pair(&mut self, participant: u32, supporter: u32, cost: Option<i64>) {
        either!(&mut self.engine, live => {
            live.prices = super::super::prices::Known::default();
            let own = live.state.seats[participant as usize].own;
            if cost.is_some() || own != supporter {
                live.state.set_pair(participant as usize, supporter, cost);
            }
        });
    }

    /// Widens the bounds of the ladder to what edits bring, and to a range of costs; whether that took packing anew.
    pub(super) fn make_room(&mut self, edits: &[Edit], costs: (i64, i64)) -> Result<bool> {
        let costs = [costs.0, costs.1];
        let Some(bounds) = either!(&self.engine, live => outgrown(&live.state, edits, &costs)) else {
            return Ok(false);
        };
        let engine = self.engine.packed_anew(bounds)?;
        let before = std::mem::replace(&mut self.engine, engine);
        if before.depth() > 0 {
            self.shelved.push(before);
        }
        Ok(true)
    }
}

fn pairs_in<C: Copy + Into<i64>>(list: &[(u32, C)]) -> Vec<(u32, i64)> {
    list.iter().map(|&(other, cost)| (other, cost.into())).collect()
}

fn raise<T: Width>(live: &mut Live<T>, supporter: u32, price: i128) {
    // Prices that are known from other scales may be beyond what these hold.
    if price <= T::LIMIT {
        live.prices = super::super::prices::Known::default();
        live.state.raise(supporter, T::narrow(price));
    }
}

/// The same bounds with room for a range of pair costs.
pub(super) fn with_costs(mut bounds: Bounds, (low, high): (i64, i64)) -> Bounds {
    bounds.note(Value::Pair(low));
    bounds.note(Value::Pair(high));
    bounds
}
