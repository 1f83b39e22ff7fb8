//! Questions that change nothing.
//!
//! **Method.** What a change would lead to is found by making and undoing it: exact, and as quick as the change. Where
//! several answers are wanted, reduced costs say which changes cannot be among them.

use serde::{Deserialize, Serialize};

use super::super::ladder::Rungs;
use super::edit::{Edit, Effect, Outcome};
use super::state::{Presence, Seat, State, Width};
use super::{Engine, Live, LiveAssignment};
use crate::error::{Error, Result};

/// A supporter that a participant could have instead.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Alternate {
    /// The supporter.
    pub supporter: u32,
    /// What the whole optimum would cost with that match.
    pub after: Rungs,
    /// The same as a packed difference from what it costs now: 0 or more.
    pub cost: i128,
    /// Who else would change their match, by participant.
    pub others: Vec<Effect>,
}

impl<T: Width> Live<T> {
    fn drill(&mut self, edits: &[Edit]) -> Result<Outcome> {
        let prices = std::mem::take(&mut self.prices);
        self.state.begin();
        let outcome = self.apply(edits);
        self.state.roll_back();
        self.prices = prices;
        outcome
    }

    pub(super) fn alternates(
        &mut self,
        participant: u32,
        most: usize,
        among: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<Alternate>> {
        let p = participant as usize;
        let (own, paid) = (self.known(participant)?.own, self.state.paid[p]);
        let state = &self.state;
        // No way to give it a supporter costs less than the pair alone does by reduced costs.
        let mut bounds: Vec<(T, u32, i64)> = state
            .row(p)
            .iter()
            .copied()
            .filter(|&(supporter, _)| supporter != own && among(supporter))
            .map(|(supporter, cost)| {
                let value = state.packed(p, supporter, cost) + state.potential[state.node(supporter)];
                (value - paid, supporter, cost.into())
            })
            .collect();
        bounds.sort_unstable();
        let mut found: Vec<Alternate> = Vec::new();
        for (bound, supporter, cost) in bounds {
            if found.len() == most && found.last().is_none_or(|last| bound.widen() > last.cost) {
                break;
            }
            // A supporter with places for its pins alone can have nobody else.
            let Ok(outcome) = self.drill(&[Edit::Pin { participant, supporter, cost }]) else { continue };
            let cost = packed_difference(&self.state, &outcome)?;
            let mut others = outcome.effects;
            others.retain(|effect| effect.participant != participant);
            let alternate = Alternate { supporter, after: outcome.after, cost, others };
            let at = found.partition_point(|other| (other.cost, other.supporter) < (cost, supporter));
            found.insert(at, alternate);
            found.truncate(most);
        }
        Ok(found)
    }

    /// The seat of a participant who is optimised.
    pub(super) fn known(&self, participant: u32) -> Result<Seat> {
        let seat = self.state.seats.get(participant as usize).copied();
        match seat.map(|seat| seat.presence) {
            Some(Presence::In) => seat.ok_or_else(|| Error::problem("there is no such participant")),
            Some(Presence::Pinned) => Err(Error::problem(format!(
                "participant {participant} is pinned, so there is nothing to choose; unpin it first"
            ))),
            _ => Err(Error::problem(format!("there is no participant {participant}"))),
        }
    }
}

fn packed_difference<T: Width>(state: &State<T>, outcome: &Outcome) -> Result<i128> {
    let (after, before) = (outcome.after.packed(&state.scales), outcome.before.packed(&state.scales));
    let difference = after.zip(before).and_then(|(after, before)| after.checked_sub(before));
    difference.ok_or_else(|| Error::overflow("the objective does not fit 128 bits; use smaller costs"))
}

impl LiveAssignment {
    /// What some edits would lead to, made and undone: the state is afterwards exactly what it was. Losing a supporter
    /// is the drill of [`Edit::SupporterLeaves`].
    ///
    /// # Errors
    /// As for [`apply`](Self::apply).
    pub fn drill(&mut self, edits: &[Edit]) -> Result<Outcome> {
        self.begin();
        let outcome = self.apply(edits);
        self.roll_back();
        outcome
    }

    /// The `most` supporters that a participant could have instead of its own at the least cost of the whole optimum,
    /// cheapest first and then by number: exact, with those who would have to move. The pairs of its row count, but for
    /// supporters whose every place is pinned.
    ///
    /// As many drills as answers, and a few more.
    ///
    /// # Errors
    /// [`Error::is_problem`] if there is no such participant or it is pinned.
    pub fn alternates(&mut self, participant: u32, most: usize) -> Result<Vec<Alternate>> {
        self.alternates_among(participant, most, &|_| true)
    }

    /// The same among those supporters of whom `among` says so.
    ///
    /// # Errors
    /// As [`alternates`](Self::alternates).
    pub fn alternates_among(
        &mut self,
        participant: u32,
        most: usize,
        among: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<Alternate>> {
        match &mut self.engine {
            Engine::Narrow(live) => live.alternates(participant, most, among),
            Engine::Wide(live) => live.alternates(participant, most, among),
        }
    }

    /// How many matches more a supporter can have without anybody making way: by its own places and by the limits of
    /// its groups. 0 for one who is not there. O(groups above).
    pub fn room(&self, supporter: u32) -> u32 {
        match &self.engine {
            Engine::Narrow(live) => live.room(supporter),
            Engine::Wide(live) => live.room(supporter),
        }
    }

    /// The same where one match at another supporter, if any, were over: groups above both would have one more.
    pub fn room_beside(&self, supporter: u32, left: Option<u32>) -> u32 {
        match &self.engine {
            Engine::Narrow(live) => live.room_beside(supporter, left),
            Engine::Wide(live) => live.room_beside(supporter, left),
        }
    }

    /// The matches that a supporter has, pinned ones included; 0 for one who is not there.
    pub fn load(&self, supporter: u32) -> u32 {
        match &self.engine {
            Engine::Narrow(live) if live.is_there(supporter) => live.places_of(supporter).0,
            Engine::Wide(live) if live.is_there(supporter) => live.places_of(supporter).0,
            _ => 0,
        }
    }
}
