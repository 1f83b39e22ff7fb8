//! From an optimum over some pairs to one over all, with the pairs around it held.
//!
//! **Method.** Each participant's cheapest pairs at the prices of the optimum are asked for, all in one go. By how much
//! the dearest of them exceeds what its participant pays says what margin there is; three quarters of what is usual
//! becomes the margin of the floors, since columns are dear, and a quarter that of the ceilings. Who has less room than
//! that is out of bounds and asked once more, as after a change.
//!
//! **Why it is exact.** A pair that did not come costs `cost + price >= dearest`; floors are at or above `price -
//! margin`, so `dearest - margin` is a ceiling. Pairs that would improve the assignment are found like any others, so
//! it need not be the optimum over all pairs.
//!
//! **Time and space.** One question for all rows, and one for those with little room.

use std::collections::BTreeSet;

use super::super::super::pair_source::LARGEST;
use super::super::super::problem::Problem;
use super::super::super::solution::Assignment;
use super::super::build;
use super::asking::{Answer, price, whole};
use super::known::{ALL, Floor, Known, NOTHING};
use super::source::{LivePairs, RowWanted};
use super::view::with_costs;
use super::{Asked, LiveAssignment, LiveMarket};
use crate::error::{Error, Result};

impl LiveMarket {
    /// Brings an optimum over some pairs of the source to life as the optimum over all of them. Mostly it is the result
    /// of [`solve_implicit`](super::super::super::solve_implicit): its problem, which has the held pairs, and its
    /// assignment; all pairs of the problem must be the source's. About `per_participant` pairs of each participant are
    /// held: ten to thirty are plenty, more make questions to the source rarer and changes slower.
    ///
    /// # Errors
    /// As for [`LiveAssignment::new`] and [`apply`](Self::apply).
    pub fn new(
        problem: &Problem,
        assignment: &Assignment,
        source: &mut dyn LivePairs,
        per_participant: usize,
    ) -> Result<Self> {
        let range = source.cost_range();
        if range.0 > range.1 || range.0 < -LARGEST || range.1 > LARGEST {
            return Err(Error::problem(format!(
                "the pair source states its costs to lie in {}..={}; give bounds in order and within 2^61",
                range.0, range.1
            )));
        }
        let bounds = with_costs(build::bounds_of(problem), range);
        let live = LiveAssignment::within(problem, assignment, bounds)?;
        let known = Known::default();
        let mut market =
            Self { live, known, per_participant: per_participant.max(1), margin: 1, asked: Asked::default() };
        if market.surround(source)? {
            // The prices that it was surrounded by were not those of the optimum.
            market.surround(source)?;
            market.drop_dear();
        }
        market.known.set_most_held(market.held_pairs().saturating_mul(2));
        Ok(market)
    }

    /// Holds the pairs around the optimum, and finds a better one if they have it; whether they had.
    fn surround(&mut self, source: &mut dyn LivePairs) -> Result<bool> {
        let (participants, supporters) = self.live.sizes();
        let weight = self.live.quality_weight();
        // Nobody may want a supporter whom nobody can have.
        let potentials =
            (0..supporters).filter(|&s| !self.live.is_closed(s)).map(|s| self.live.potential_of(s));
        let highest = potentials.max().unwrap_or(0);
        for supporter in (0..supporters).filter(|&s| self.live.is_closed(s)).collect::<Vec<_>>() {
            self.live.raise(supporter, highest);
        }
        let prices = (0..supporters).map(|s| Ok(Floor::at(price(self.live.potential_of(s), weight)?)));
        let prices: Vec<Floor> = prices.collect::<Result<_>>()?;
        self.known = Known::new(prices, vec![NOTHING; participants as usize], BTreeSet::new());
        let wanted: Vec<RowWanted> = (0..participants)
            .map(|participant| RowWanted { participant, limit: ALL, most: self.per_participant })
            .collect();
        let answers = self.answers(&wanted, source)?;
        self.margin = self.usual_room(&answers) / 4 * 3;
        self.margin = self.margin.max(1);
        for supporter in 0..supporters {
            let floor = self.floor_by(supporter)?;
            self.known.set_floor(supporter, Floor::at(floor));
        }
        let mut improving = Vec::new();
        for (participant, (pairs, dearest)) in (0..).zip(answers) {
            let ceiling =
                if dearest == ALL { ALL } else { dearest.saturating_sub(self.margin).max(-LARGEST) };
            self.known.set_ceiling(participant, ceiling);
            for (supporter, cost) in pairs {
                match self.live.held_cost(participant, supporter) {
                    Some(held) if held == cost => {}
                    Some(held) => {
                        return Err(Error::problem(format!(
                            "the problem has participant {participant} and supporter {supporter} at the cost {held}, the \
                             pair source at {cost}; give it the pairs of the source"
                        )));
                    }
                    None if self
                        .live
                        .reduced(participant, supporter, cost)
                        .is_some_and(|reduced| reduced < 0) =>
                    {
                        improving.push(super::super::Edit::Allow { participant, supporter, cost });
                    }
                    None => self.live.set_idle_pair(participant, supporter, Some(cost)),
                }
            }
        }
        let before = self.live.objective();
        self.make(improving, true, source).map(|made| made.outcome.after != before)
    }

    /// By how much the dearest pair that came exceeds what its participant pays: the median of those of whom there is
    /// more.
    fn usual_room(&self, answers: &[Answer]) -> i64 {
        let weight = self.live.quality_weight();
        let room = |(participant, (_, dearest)): (u32, &Answer)| {
            let paid = whole(self.live.paid_by(participant)?, weight);
            (*dearest != ALL).then(|| (i128::from(*dearest) - paid).clamp(0, i128::from(LARGEST)) as i64)
        };
        let mut rooms: Vec<i64> = (0..).zip(answers).filter_map(room).collect();
        let middle = rooms.len() / 2;
        if rooms.is_empty() { 0 } else { *rooms.select_nth_unstable(middle).1 }
    }
}
