//! Asking the source, and noting what follows from its answers.
//!
//! **Rows** are cheap, so little is asked for at a time: twice as many pairs as are held, within a little more than the
//! participant pays. Where that was all there is, the limit is the new ceiling; else the dearest of what came is.
//!
//! **Columns** are dear, so a floor falls by more than it has to, and twice as far each time it falls again. It does
//! not fall at once to a potential far below: what is found on the way mostly brings the potential up again.

use super::super::super::pair_source::{LARGEST, Pairs};
use super::LiveMarket;
use super::known::{ALL, Floor, NOTHING};
use super::source::{LivePairs, RowWanted};
use super::view::Touched;
use crate::error::{Error, Result};

/// A pair that was found and is not held: participant, supporter, cost.
pub(super) type Found = (u32, u32, i64);

/// The pairs of a row, and the ceiling that they prove.
pub(super) type Answer = (Vec<(u32, i64)>, i64);

/// How often a floor's margin may double.
const DOUBLINGS: u8 = 30;
/// How many margins a floor may fall at a time.
const FALL: i64 = 4;
/// Ceilings have this part of the floors' margin.
const CEILING_SHARE: i64 = 4;

/// A packed value in whole quality costs, rounded down.
pub(super) fn whole(packed: i128, weight: i128) -> i128 {
    packed.div_euclid(weight)
}

/// The same as a price that a source can be told: the lower the price, the more it answers.
pub(super) fn price(packed: i128, weight: i128) -> Result<i64> {
    let price = whole(packed, weight).min(i128::from(LARGEST));
    if price < -i128::from(LARGEST) {
        return Err(Error::overflow(
            "a price falls below -2^61 quality costs; use smaller costs or fewer rungs",
        ));
    }
    Ok(price as i64)
}

/// The lowest limit that is above a packed value and a margin; none where that is beyond what a source can be told.
pub(super) fn limit(packed: i128, weight: i128, margin: i64) -> i64 {
    let limit = whole(packed, weight) + 1 + i128::from(margin);
    if limit > i128::from(LARGEST) { ALL } else { limit.max(-i128::from(LARGEST)) as i64 }
}

/// An answer is sorted, and held to what the source states.
fn check(pairs: &mut [(u32, i64)], what: &str, source: &dyn LivePairs) -> Result<()> {
    let (lowest, highest) = source.cost_range();
    pairs.sort_unstable();
    if let Some(twice) = pairs.windows(2).find(|two| two[0].0 == two[1].0) {
        return Err(Error::problem(format!("the pair source answered for {what} with {} twice", twice[0].0)));
    }
    if let Some((with, cost)) = pairs.iter().find(|pair| pair.1 < lowest || pair.1 > highest) {
        return Err(Error::problem(format!(
            "the pair source answered for {what} with {with} at the cost {cost}, outside the range \
             {lowest}..={highest} it states"
        )));
    }
    Ok(())
}

impl LiveMarket {
    /// Asks for rows; each with the ceiling that its answer proves.
    pub(super) fn answers(
        &mut self,
        wanted: &[RowWanted],
        source: &mut dyn LivePairs,
    ) -> Result<Vec<Answer>> {
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let news = self.known.take_news();
        if !news.is_empty() {
            source.floors(&news);
        }
        let rows = self.answers_of(wanted, source)?;
        self.asked.rows += rows.len() as u64;
        self.asked.pairs += rows.iter().map(|(pairs, _)| pairs.len() as u64).sum::<u64>();
        Ok(rows)
    }

    /// The same of a source that was told every floor.
    pub(super) fn answers_of(&self, wanted: &[RowWanted], source: &dyn LivePairs) -> Result<Vec<Answer>> {
        let answers = source.rows(wanted);
        if answers.len() != wanted.len() {
            return Err(Error::problem(format!(
                "the pair source answered with {} rows where {} were asked for",
                answers.len(),
                wanted.len()
            )));
        }
        let mut rows = Vec::with_capacity(answers.len());
        for (&RowWanted { participant, limit, most }, mut pairs) in wanted.iter().zip(answers) {
            let what = format!("the row of participant {participant}");
            check(&mut pairs, &what, source)?;
            let sum =
                |&(supporter, cost): &(u32, i64)| cost.saturating_add(self.known.floor(supporter).price);
            // A supporter that was closed or never told makes a sum beyond every limit.
            let dearest = pairs.iter().map(sum).max().unwrap_or(i64::MIN);
            if pairs.len() > most || dearest >= limit && !pairs.is_empty() {
                return Err(Error::problem(format!(
                    "the pair source answered for {what} with more than was asked for"
                )));
            }
            let proven = if pairs.len() < most { limit } else { dearest };
            rows.push((pairs, proven));
        }
        Ok(rows)
    }

    /// Asks for a column at a price.
    pub(super) fn column_at(
        &mut self,
        supporter: u32,
        price: i64,
        source: &dyn LivePairs,
    ) -> Result<Vec<(u32, i64)>> {
        let mut pairs = source.column(supporter, price, self.known.ceilings());
        let what = format!("the column of supporter {supporter}");
        check(&mut pairs, &what, source)?;
        if let Some(beyond) = pairs.iter().find(|&&(p, cost)| {
            let ceiling = self.known.ceiling(p);
            cost.saturating_add(price) >= ceiling && ceiling != ALL || ceiling == NOTHING
        }) {
            return Err(Error::problem(format!(
                "the pair source answered for {what} with participant {}, who was not asked about",
                beyond.0
            )));
        }
        self.asked.columns += 1;
        self.asked.pairs += pairs.len() as u64;
        Ok(pairs)
    }

    /// Whether a pair of an answer is one that is not held.
    fn is_new(&self, (participant, supporter, cost): Found) -> Result<bool> {
        if self.known.is_told(participant, supporter) {
            return Ok(false);
        }
        match self.live.held_cost(participant, supporter) {
            None => Ok(true),
            Some(held) if held == cost => Ok(false),
            Some(held) => Err(Error::problem(format!(
                "the pair source gave participant {participant} and supporter {supporter} two costs, {held} and {cost}; \
                 say so where the pairs of a row or column change"
            ))),
        }
    }

    fn new_among(&self, pairs: impl Iterator<Item = Found>) -> Result<Vec<Found>> {
        let mut found = Vec::new();
        for pair in pairs {
            if self.is_new(pair)? {
                found.push(pair);
            }
        }
        Ok(found)
    }

    /// What is to be asked of a participant for its ceiling to rise, towards a limit.
    pub(super) fn more_of(&self, participant: u32, limit: i64) -> RowWanted {
        let held = self.live.row_length(participant) + self.known.told_of(participant);
        RowWanted { participant, limit, most: self.per_participant.max(2 * held) }
    }

    /// Asks for rows, raises their ceilings, and says which pairs are new.
    pub(super) fn extend_rows(
        &mut self,
        wanted: &[RowWanted],
        source: &mut dyn LivePairs,
    ) -> Result<Vec<Found>> {
        let answers = self.answers(wanted, source)?;
        let mut found = Vec::new();
        for (&RowWanted { participant, .. }, (pairs, proven)) in wanted.iter().zip(answers) {
            found.extend(self.new_among(pairs.into_iter().map(|(s, cost)| (participant, s, cost)))?);
            let ceiling = self.known.ceiling(participant).max(proven);
            self.known.set_ceiling(participant, ceiling);
        }
        Ok(found)
    }

    /// Asks for a column at a lower floor, and says which pairs are new.
    pub(super) fn extend_column(
        &mut self,
        supporter: u32,
        floor: Floor,
        source: &dyn LivePairs,
    ) -> Result<Vec<Found>> {
        let pairs = self.column_at(supporter, floor.price, source)?;
        let found = self.new_among(pairs.into_iter().map(|(p, cost)| (p, supporter, cost)))?;
        self.known.set_floor(supporter, floor);
        Ok(found)
    }

    /// Asks once about everyone who is out of bounds: rows first, columns only where rows are within bounds. `None`
    /// where nobody is.
    pub(super) fn ask_about(
        &mut self,
        touched: &Touched,
        source: &mut dyn LivePairs,
    ) -> Result<Option<Vec<Found>>> {
        let weight = self.live.quality_weight();
        let margin = self.margin / CEILING_SHARE;
        let mut wanted = Vec::new();
        for &participant in &touched.participants {
            let ceiling = self.known.ceiling(participant);
            if ceiling == NOTHING || ceiling == ALL {
                continue;
            }
            if let Some(paid) = self.live.paid_by(participant)
                && paid >= i128::from(ceiling).saturating_mul(weight)
            {
                wanted.push(self.more_of(participant, limit(paid, weight, margin)));
            }
        }
        if !wanted.is_empty() {
            return self.extend_rows(&wanted, source).map(Some);
        }
        let mut found = Vec::new();
        let mut out = false;
        for &supporter in &touched.supporters {
            let Floor { price: known, lowered } = self.known.floor(supporter);
            let known_packed = i128::from(known).saturating_mul(weight);
            if known == Pairs::CLOSED || self.live.potential_of(supporter) >= known_packed {
                continue;
            }
            self.live.raise(supporter, known_packed);
            let potential = self.live.potential_of(supporter);
            if potential >= known_packed {
                continue;
            }
            out = true;
            let margin = self.margin.saturating_mul(1 << lowered.min(DOUBLINGS));
            let low = price(potential, weight)?.saturating_sub(margin);
            let lower = low.max(known.saturating_sub(margin.saturating_mul(FALL))).max(-LARGEST);
            let floor = Floor { price: lower, lowered: (lowered + 1).min(DOUBLINGS) };
            found.extend(self.extend_column(supporter, floor, source)?);
        }
        Ok(out.then_some(found))
    }

    /// The floor of a supporter whose column is asked about next, by its potential and the price below which that
    /// hardly falls.
    pub(super) fn floor_by(&self, supporter: u32) -> Result<i64> {
        let weight = self.live.quality_weight();
        let potential = price(self.live.potential_of(supporter), weight)?;
        let natural = price(self.live.natural_price(supporter), weight)?;
        Ok(potential.saturating_sub(self.margin).max(potential.min(natural)).max(-LARGEST))
    }
}
