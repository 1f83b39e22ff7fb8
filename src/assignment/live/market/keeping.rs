//! A repair that is chosen in a market and held, as [`super::super::hold`] tells.

use super::super::edit::{Edit, Outcome};
use super::super::frontier::Repair;
use super::super::hold::{Held, Holder, hold};
use super::known::NOTHING;
use super::source::LivePairs;
use super::{LiveAssignment, LiveMarket, MarketEdit};
use crate::error::Result;

/// A repair that is held in a market, and what releases it.
pub type MarketHeld = Held<MarketEdit>;

/// A market with its source.
struct Asked<'m> {
    market: &'m mut LiveMarket,
    source: &'m mut dyn LivePairs,
}

impl Holder for Asked<'_> {
    type Change = MarketEdit;

    fn live(&self) -> &LiveAssignment {
        &self.market.live
    }

    fn cost(&self, participant: u32, supporter: u32) -> Result<Option<i64>> {
        let held = self.market.live.held_cost(participant, supporter);
        let told = self.market.known.is_told(participant, supporter);
        Ok(held.or_else(|| if told { None } else { self.source.cost(participant, supporter) }))
    }

    fn close_row(&self, participant: u32) -> Result<(MarketEdit, Vec<MarketEdit>)> {
        let (live, known) = (&self.market.live, &self.market.known);
        let held = live.held_row(participant);
        let close = Edit::Row { participant, pairs: Vec::new() }.into();
        if known.ceiling(participant) == NOTHING {
            return Ok((close, vec![Edit::Row { participant, pairs: held }.into()]));
        }
        let mut release = vec![MarketEdit::Row { participant }];
        let told = held.iter().filter(|pair| known.is_told(participant, pair.0));
        release.extend(
            told.map(|&(supporter, cost)| MarketEdit::Edit(Edit::Allow { participant, supporter, cost })),
        );
        let forbidden = known.told().range((participant, 0)..=(participant, u32::MAX)).map(|pair| pair.1);
        let forbidden = forbidden.filter(|&supporter| live.held_cost(participant, supporter).is_none());
        release.extend(forbidden.map(|supporter| MarketEdit::Edit(Edit::Forbid { participant, supporter })));
        Ok((close, release))
    }

    fn drill(&mut self, edits: &[MarketEdit]) -> Result<Outcome> {
        self.market.drill(edits, self.source).map(|made| made.outcome)
    }

    fn make(&mut self, edits: &[MarketEdit]) -> Result<Outcome> {
        self.market.apply(edits, self.source).map(|made| made.outcome)
    }
}

impl LiveMarket {
    /// Makes one of the [`frontier`](Self::frontier)'s repairs and holds it, as
    /// [`LiveAssignment::hold`](super::LiveAssignment::hold).
    ///
    /// # Errors
    /// As there, and for a source that [`apply`](Self::apply) would not accept.
    pub fn hold(&mut self, repair: &Repair, source: &mut dyn LivePairs) -> Result<MarketHeld> {
        hold(&mut Asked { market: self, source }, repair)
    }
}
