//! Questions that change nothing, answered over all pairs.
//!
//! **Method.** What is asked is answered over the held pairs, and looked at for what a pair that is not held could do.
//! Such a pair costs at least the slack of its participant, `ceiling - paid`, and at least that of its supporter,
//! `potential - floor`, by reduced costs. An answer that costs no more than what leads to the pair and its slack is
//! proven; for any other the row, or the column, is asked about as far as the answer reaches, and the question is
//! answered again. Afterwards everything is as it was: what was found is let go.
//!
//! **Why it is exact.** Alternates: to take a supporter whose pair is not held costs everyone at least the slack of the
//! row. Frontier: take the first pair on a better way that is not held, if there is one before the root, else the last
//! one after it. What is before it, or after it, is a way over held pairs, which the search has seen and whose length
//! it noted; nothing on the rest of the way costs less than nothing, nor less than the root is away.
//!
//! **Time and space.** As for the held pairs, and a few rows; a column only where who could come to a place matters
//! more than the margin of its floor. A frontier of somebody who has nobody but what is dear asks about many.

use std::collections::BTreeMap;

use super::super::super::builder::Supporter;
use super::super::super::ladder::Rungs;
use super::super::super::pair_source::{LARGEST, Pairs};
use super::super::ask::Alternate;
use super::super::edit::{Edit, Outcome};
use super::super::frontier::{Looked, Repair};
use super::asking::{limit, price};
use super::known::{ALL, Floor, NOTHING};
use super::source::LivePairs;
use super::{LiveMarket, MarketEdit, MarketOutcome};
use crate::error::{Error, Result};

/// A column that is asked about.
type Lower = (u32, Floor);

impl LiveMarket {
    /// What some edits would lead to, made and undone: the state is afterwards exactly what it was. The source answers
    /// as it would before the change: edits that name what they change need nothing from it.
    ///
    /// # Errors
    /// As for [`apply`](Self::apply).
    pub fn drill(&mut self, edits: &[MarketEdit], source: &mut dyn LivePairs) -> Result<MarketOutcome> {
        self.undone(|market| market.apply(edits, source))
    }

    /// The `most` supporters that a participant could have instead of its own at the least cost of the whole optimum,
    /// of all pairs; as [`LiveAssignment::alternates`](super::LiveAssignment::alternates).
    ///
    /// # Errors
    /// As there, and for a source that [`apply`](Self::apply) would not accept.
    pub fn alternates(
        &mut self,
        participant: u32,
        most: usize,
        source: &mut dyn LivePairs,
    ) -> Result<Vec<Alternate>> {
        self.alternates_among(participant, most, &|_| true, source)
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
        source: &mut dyn LivePairs,
    ) -> Result<Vec<Alternate>> {
        self.undone(|market| market.find_alternates((participant, most), among, source))
    }

    /// The best assignments in which a participant does not have what it has now, by how many others move, over all
    /// pairs; as [`LiveAssignment::frontier`](super::LiveAssignment::frontier).
    ///
    /// # Errors
    /// As there, and for a source that [`apply`](Self::apply) would not accept.
    pub fn frontier(
        &mut self,
        participant: u32,
        most: u32,
        source: &mut dyn LivePairs,
    ) -> Result<Vec<Repair>> {
        self.undone(|market| {
            loop {
                let (found, looked) = market.live.frontier_looked(participant, most)?;
                if !market.look_further(&looked, source)? {
                    return Ok(found);
                }
            }
        })
    }

    /// The same as if these were the pairs of the participant, where those it has are none: what each way of taking
    /// somebody in would lead to. As [`LiveAssignment::frontier_among`](super::LiveAssignment::frontier_among).
    ///
    /// # Errors
    /// As there, and as [`frontier`](Self::frontier).
    pub fn frontier_among(
        &mut self,
        participant: u32,
        pairs: &[(u32, i64)],
        most: u32,
        source: &mut dyn LivePairs,
    ) -> Result<Vec<Repair>> {
        self.undone(|market| {
            loop {
                let (found, looked) = market.live.frontier_among_looked(participant, pairs, most)?;
                if !market.look_further(&looked, source)? {
                    return Ok(found);
                }
            }
        })
    }

    /// Who of those that have another supporter would come to this one for a place more, of all pairs; as
    /// [`LiveAssignment::suitors`](super::super::LiveAssignment).
    ///
    /// # Errors
    /// For a source that [`apply`](Self::apply) would not accept.
    pub(crate) fn suitors(
        &mut self,
        supporter: u32,
        places: &Supporter,
        source: &dyn LivePairs,
    ) -> Result<Vec<u32>> {
        let weight = self.live.quality_weight();
        let ceilings: Vec<i64> = (0..self.known.ceilings().len() as u32)
            .map(|participant| match self.live.paid_by(participant) {
                Some(paid) if self.known.ceiling(participant) != NOTHING => limit(paid, weight, 0),
                _ => NOTHING,
            })
            .collect();
        let next = price(self.live.price_of_next(supporter, places), weight)?;
        let asked = source.column(supporter, next, &ceilings).into_iter();
        let asked = asked.filter(|&(participant, _)| !self.known.is_told(participant, supporter));
        let held = self.live.held_column(supporter);
        let all: BTreeMap<u32, i64> = asked.chain(held).collect();
        let would_come =
            |&(participant, cost): &(u32, i64)| self.live.would_come((participant, supporter, cost), places);
        Ok(all.into_iter().filter(would_come).map(|pair| pair.0).collect())
    }

    /// Does something, and undoes it.
    fn undone<R>(&mut self, does: impl FnOnce(&mut Self) -> Result<R>) -> Result<R> {
        self.begin();
        let result = does(self);
        self.roll_back();
        result
    }

    /// Asks for more of a row, up to a limit, and holds it.
    fn hold_more(&mut self, participant: u32, limit: i64, source: &mut dyn LivePairs) -> Result<()> {
        let wanted = self.more_of(participant, limit);
        let found = self.extend_rows(&[wanted], source)?;
        self.hold_idle(&found);
        Ok(())
    }

    fn find_alternates(
        &mut self,
        (participant, most): (u32, usize),
        among: &dyn Fn(u32) -> bool,
        source: &mut dyn LivePairs,
    ) -> Result<Vec<Alternate>> {
        // Says what is wrong with the participant, if anything is.
        self.live.alternates(participant, 0)?;
        let weight = self.live.quality_weight();
        let paid = self.live.paid_by(participant).unwrap_or(0);
        let mut drilled: BTreeMap<u32, Option<Alternate>> = BTreeMap::new();
        loop {
            let found = self.alternates_held((participant, most), among, source, &mut drilled)?;
            let ceiling = self.known.ceiling(participant);
            if most == 0 || ceiling == ALL || ceiling == NOTHING {
                return Ok(found);
            }
            let slack = i128::from(ceiling).saturating_mul(weight).saturating_sub(paid);
            let last = found.last().filter(|_| found.len() == most).map(|last| last.cost);
            if last.is_some_and(|last| last < slack) {
                return Ok(found);
            }
            let limit = last.map_or(ALL, |last| limit(last.saturating_add(paid), weight, 0));
            self.hold_more(participant, limit, source)?;
        }
    }

    /// The best alternates among the held pairs, each drilled over all pairs, and once.
    fn alternates_held(
        &mut self,
        (participant, most): (u32, usize),
        among: &dyn Fn(u32) -> bool,
        source: &mut dyn LivePairs,
        drilled: &mut BTreeMap<u32, Option<Alternate>>,
    ) -> Result<Vec<Alternate>> {
        let own = self.supporter_of(participant);
        // No way to give it a supporter costs less than the pair alone does by reduced costs.
        let mut bounds: Vec<(i128, u32, i64)> = (self.live.held_row(participant).into_iter())
            .filter(|&(supporter, _)| Some(supporter) != own && among(supporter))
            .filter_map(|(s, cost)| Some((self.live.reduced(participant, s, cost)?, s, cost)))
            .collect();
        bounds.sort_unstable();
        let mut found: Vec<Alternate> = Vec::new();
        for (bound, supporter, cost) in bounds {
            if found.len() == most && found.last().is_none_or(|last| bound > last.cost) {
                break;
            }
            if let std::collections::btree_map::Entry::Vacant(entry) = drilled.entry(supporter) {
                let pin = MarketEdit::Edit(Edit::Pin { participant, supporter, cost });
                let alternate = match self.drill(&[pin], source) {
                    Ok(made) => Some(self.alternate(participant, supporter, made.outcome)?),
                    // A supporter with places for its pins alone can have nobody else.
                    Err(error) if error.is_problem() => None,
                    Err(error) => return Err(error),
                };
                entry.insert(alternate);
            }
            let Some(Some(alternate)) = drilled.get(&supporter) else { continue };
            let key = (alternate.cost, supporter);
            let at = found.partition_point(|other| (other.cost, other.supporter) < key);
            found.insert(at, alternate.clone());
            found.truncate(most);
        }
        Ok(found)
    }

    fn alternate(&self, participant: u32, supporter: u32, outcome: Outcome) -> Result<Alternate> {
        let scales = self.live.scales();
        let packed = |rungs: Rungs| rungs.packed(&scales);
        let cost = packed(outcome.after)
            .zip(packed(outcome.before))
            .and_then(|(after, before)| after.checked_sub(before))
            .ok_or_else(|| Error::overflow("the objective does not fit 128 bits; use smaller costs"))?;
        let mut others = outcome.effects;
        others.retain(|effect| effect.participant != participant);
        Ok(Alternate { supporter, after: outcome.after, cost, others })
    }

    /// Rows in which a pair that is not held could lead to another answer, and how far they are to be known for that.
    fn rows_further(&self, looked: &Looked) -> BTreeMap<u32, i64> {
        let weight = self.live.quality_weight();
        let mut rows: BTreeMap<u32, i64> = BTreeMap::new();
        for &(layer, participant, length) in &looked.leaving {
            let ceiling = self.known.ceiling(participant);
            let Some(&best) = looked.limits.get(layer) else { continue };
            let Some(paid) = self.live.paid_by(participant).filter(|_| ceiling != ALL && ceiling != NOTHING)
            else {
                continue;
            };
            let wanted =
                best.map_or(ALL, |best| limit(best.saturating_sub(length).saturating_add(paid), weight, 0));
            if wanted > ceiling {
                let known = rows.entry(participant).or_insert(wanted);
                *known = wanted.max(*known);
            }
        }
        rows
    }

    /// Holds more where a pair that is not held could lead to another answer; false where none could.
    fn look_further(&mut self, looked: &Looked, source: &mut dyn LivePairs) -> Result<bool> {
        let weight = self.live.quality_weight();
        let rows = self.rows_further(looked);
        if !rows.is_empty() {
            let wanted: Vec<_> = rows.into_iter().map(|(p, limit)| self.more_of(p, limit)).collect();
            let found = self.extend_rows(&wanted, source)?;
            self.hold_idle(&found);
            return Ok(true);
        }
        let mut columns: BTreeMap<u32, i64> = BTreeMap::new();
        for &(layer, supporter, length) in &looked.coming {
            let floor = self.known.floor(supporter).price;
            if floor == Pairs::CLOSED {
                continue;
            }
            for (there, root) in looked.root.iter().enumerate() {
                let (Some(root), Some(Some(best))) = (root, looked.limits.get(there + layer)) else {
                    continue;
                };
                // By how much a pair may exceed what its participant pays and still lead to a better answer.
                let reach = best.saturating_sub(length).saturating_sub(*root);
                if reach <= 0 {
                    continue;
                }
                let wanted = price(self.live.potential_of(supporter).saturating_sub(reach), weight)?;
                if wanted < floor {
                    let known = columns.entry(supporter).or_insert(wanted);
                    *known = wanted.min(*known);
                }
            }
        }
        let lower: Vec<Lower> = (columns.into_iter())
            .map(|(supporter, price)| {
                (supporter, Floor { price: price.max(-LARGEST), ..self.known.floor(supporter) })
            })
            .collect();
        for &(supporter, floor) in &lower {
            let found = self.extend_column(supporter, floor, source)?;
            self.hold_idle(&found);
        }
        Ok(!lower.is_empty())
    }
}
