//! What a choice costs everybody else, asked of a kept optimum that stays as it is.

use super::super::ladder::Rungs;
use super::edit::Effect;
use super::prices::{Beside, cost_to_others};
use super::state::{Presence, Width};
use super::{Engine, Live, LiveAssignment};
use crate::error::Result;

/// What each supporter would cost everybody but one participant, and who would make way; see
/// [`LiveAssignment::openings`].
#[derive(Debug)]
pub struct Openings<'a> {
    participant: u32,
    /// Supporters with a place free alone.
    free_alone: bool,
    of: Of<'a>,
}

#[derive(Debug)]
enum Of<'a> {
    Narrow(&'a Live<i64>, Option<Beside<i64>>),
    Wide(&'a Live<i128>, Option<Beside<i128>>),
}

/// Does the same for either width.
macro_rules! either {
    ($of:expr, ($live:ident, $beside:ident) => $does:expr) => {
        match $of {
            Of::Narrow($live, $beside) => $does,
            Of::Wide($live, $beside) => $does,
        }
    };
}

impl Openings<'_> {
    /// How much more the matches of everybody else cost if the participant has this supporter than if they have nobody,
    /// packed; `None` for a supporter who is not there or at whom there can be no more. Negative where a firm minimum
    /// or a bonus on a place is waiting for somebody. O(1).
    pub fn price(&self, supporter: u32) -> Option<i128> {
        either!(&self.of, (live, beside) => live.price(beside.as_ref(), supporter, self.free_alone))
    }

    /// The same as if the participant had nobody: a place that they leave does not count. O(1).
    pub(crate) fn price_beside_all(&self, supporter: u32) -> Option<i128> {
        either!(&self.of, (live, _beside) => live.price(None, supporter, self.free_alone))
    }

    /// No supporter's price is less, if none is less as if the participant had nobody than `beside_all`. O(supporters that
    /// somebody could come from to the place that the participant leaves).
    pub(crate) fn least_price(&self, beside_all: i128) -> i128 {
        either!(&self.of, (live, beside) => {
            let least = beside.as_ref().and_then(|beside| beside.least(&live.state));
            least.map_or(beside_all, |least| least.min(beside_all))
        })
    }

    /// The same by rung. O(length of the way).
    pub fn cost(&self, supporter: u32) -> Option<Rungs> {
        self.price(supporter)?;
        let moves = self.who_makes_way(supporter);
        either!(&self.of, (live, beside) => {
            let chosen = (supporter, &moves[..]);
            Some(cost_to_others(&live.state, self.participant, chosen, beside.as_ref()))
        })
    }

    /// Who else would move, wait or stay unmatched, or come to the place that the participant leaves, by participant.
    /// O(length of the way).
    pub fn who_makes_way(&self, supporter: u32) -> Vec<Effect> {
        either!(&self.of, (live, beside) => live.who_makes_way(beside.as_ref(), supporter, self.free_alone))
    }
}

impl<T: Width> Live<T> {
    /// Whether anything is told of a supporter.
    fn is_told(&self, supporter: u32, free_alone: bool) -> bool {
        self.is_there(supporter) && (!free_alone || self.room(supporter) > 0)
    }

    fn price(&self, beside: Option<&Beside<T>>, supporter: u32, free_alone: bool) -> Option<i128> {
        if !self.is_told(supporter, free_alone) {
            return None;
        }
        let prices = self.prices.of(&self.state, free_alone);
        match beside {
            Some(beside) => beside.of_place(prices, &self.state, supporter),
            None => prices.of_place(&self.state, supporter),
        }
    }

    fn who_makes_way(&self, beside: Option<&Beside<T>>, supporter: u32, free_alone: bool) -> Vec<Effect> {
        if !self.is_told(supporter, free_alone) {
            return Vec::new();
        }
        let prices = self.prices.of(&self.state, free_alone);
        match beside {
            Some(beside) => beside.who_moves(prices, &self.state, supporter),
            None => prices.who_makes_way(&self.state, supporter),
        }
    }

    /// The way to the place that a participant would leave, if they have one.
    fn beside(&self, participant: u32, free_alone: bool) -> Result<Option<Beside<T>>> {
        let seat = self.state.seats.get(participant as usize);
        if seat.is_some_and(|seat| seat.presence == Presence::Pinned) {
            return Ok(None);
        }
        let own = self.known(participant)?.own;
        let has = own != super::super::network::NONE;
        Ok(has.then(|| self.prices.of(&self.state, free_alone).beside(&self.state, own, free_alone)))
    }
}

impl LiveAssignment {
    /// What one match more at a supporter would cost everyone together, packed, the pair itself not counted; `None` for
    /// one who is not there or at whom there can be no more. Negative where a firm minimum or a bonus on a place is
    /// waiting for somebody.
    ///
    /// The first question after a change reads all pairs and answers for every supporter, whoever asks; the others are
    /// answered at once. Any number of threads may ask.
    pub fn price_of_place(&self, supporter: u32) -> Option<i128> {
        match &self.engine {
            Engine::Narrow(live) => live.price(None, supporter, false),
            Engine::Wide(live) => live.price(None, supporter, false),
        }
    }

    /// Who would move, wait or stay unmatched for one match more at a supporter, by participant; nobody where a place
    /// is free. As [`price_of_place`](Self::price_of_place).
    pub fn who_makes_way(&self, supporter: u32) -> Vec<Effect> {
        match &self.engine {
            Engine::Narrow(live) => live.who_makes_way(None, supporter, false),
            Engine::Wide(live) => live.who_makes_way(None, supporter, false),
        }
    }

    /// What each supporter would cost everybody else if a participant had them: exact, whoever would have to move. For
    /// whoever has nobody these are the [prices of places](Self::price_of_place), known at once; for whoever has
    /// somebody the place that they leave counts, which takes a search of its own. The place that somebody pinned would
    /// leave is taken as taken still: what is told then is no less than what the choice costs. The pairs of the
    /// participant do not matter.
    ///
    /// Nothing changes, and any number of threads may ask.
    ///
    /// # Errors
    /// [`Error::is_problem`](crate::Error::is_problem) if there is no such participant.
    pub fn openings(&self, participant: u32) -> Result<Openings<'_>> {
        self.openings_of(participant, false)
    }

    /// The same for supporters with a place free alone: nothing is told of others. What it takes does not grow with the
    /// pairs of those who are full, which in most programmes is nearly everybody.
    ///
    /// # Errors
    /// As [`openings`](Self::openings).
    pub fn free_openings(&self, participant: u32) -> Result<Openings<'_>> {
        self.openings_of(participant, true)
    }

    fn openings_of(&self, participant: u32, free_alone: bool) -> Result<Openings<'_>> {
        let of = match &self.engine {
            Engine::Narrow(live) => Of::Narrow(live, live.beside(participant, free_alone)?),
            Engine::Wide(live) => Of::Wide(live, live.beside(participant, free_alone)?),
        };
        Ok(Openings { participant, free_alone, of })
    }
}
