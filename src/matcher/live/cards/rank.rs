//! The supporters of one participant in the order of a policy, the first so many, exactly.
//!
//! **Method.** The search for the best pairs gives supporters by fit, most of them never asked about. Where the order is
//! by fit less the cost to everybody else, as many are taken as it needs so that nobody further down could come in: fit
//! falls from one to the next, and no place costs less than the cheapest (the threshold algorithm of Fagin, Lotem and
//! Naor 2003). As a rule few places cost less than those that were found, where somebody's minimum is not reached yet:
//! they are asked for by themselves, as far down as they could come in. Costs are compared as the ladder packs them, so one
//! person fewer served outweighs any fit; equal are those whose choice is as good for the whole, the lower position first.
//!
//! **Time.** A search, again with four times as many until that is settled.

use std::cmp::Reverse;

use super::super::kept::Kept;
use super::deck::Dealt;
use crate::assignment::Openings;
use crate::compatibility::{Candidate, Terms};
use crate::policy::Ranking;
use crate::program::Program;

/// A supporter who may be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) supporter: u32,
    /// Score less the prices of relaxations, in millionths.
    pub(super) weight: i32,
    /// The same less the cost to everybody else where the order is by that, in packed costs: more is better.
    pub(super) value: i128,
}

impl Entry {
    pub(super) fn key(&self) -> (Reverse<i128>, u32) {
        (Reverse(self.value), self.supporter)
    }
}

/// What the order of one participant's cards is made of.
pub(super) struct Ranks<'a> {
    pub(super) kept: &'a Kept,
    pub(super) program: &'a Program,
    pub(super) dealt: &'a Dealt,
    pub(super) participant: usize,
    pub(super) ranking: Ranking,
    /// Only those are shown who have a place free.
    pub(super) open_only: bool,
    /// Those who count among them though they have none.
    pub(super) freed: &'a [u32],
    /// What choices cost everybody else, where a network can tell.
    pub(super) openings: Option<&'a Openings<'a>>,
    /// What one millionth of score weighs in packed costs.
    pub(super) unit: i128,
    /// No place that may be shown costs less; told where the order is by that.
    pub(super) cheapest: i128,
}

/// The first of all.
pub(super) struct First {
    pub(super) entries: Vec<Entry>,
    /// There are no others.
    pub(super) all: bool,
}

impl Ranks<'_> {
    /// The `most` best of those whom the terms keep.
    pub(super) fn first(&self, terms: &Terms<'_>, most: usize) -> First {
        // Where choices cost everybody else the same, a few more settle that nobody further down could come in.
        let mut asked = match self.ranking {
            Ranking::FitLessCost => most.saturating_add(most / 8 + 4),
            Ranking::Fit | Ranking::ServesEveryone => most,
        };
        let freed: Vec<u32> = self.freed.iter().copied().filter(|&one| terms.keeps(one)).collect();
        let freed = if self.open_only { self.among(terms, &freed, most).entries } else { Vec::new() };
        let (index, compatibility) = (&self.dealt.index, &self.kept.compatibility);
        loop {
            let best = |terms: &Terms<'_>, floor: i64, most: usize| {
                let of = (self.participant, terms);
                index.best(compatibility, self.program, of, (floor, most, self.open_only))
            };
            let found = best(terms, i64::MIN, asked);
            let (mut all, last) =
                (found.len() < asked, found.last().map(|last| self.unit * i128::from(last.weight)));
            let mut entries: Vec<Entry> = found.into_iter().filter_map(|own| self.entry(own)).collect();
            entries.extend(&freed);
            entries.sort_unstable_by_key(Entry::key);
            let mut settled = all || entries.len() >= most;
            if let (Ranking::FitLessCost, false, true, Some(last)) = (self.ranking, all, settled, last) {
                // Somebody of the same value further down may have the lower position.
                let value = entries[most - 1].value;
                settled = value > last - self.cheapest;
                if !settled {
                    let price = |one: u32| self.openings.and_then(|openings| openings.price(one));
                    let may =
                        |one: u32| price(one).is_some_and(|price| last - price >= value) && terms.keeps(one);
                    let floor = (value + self.cheapest).div_euclid(self.unit) - 1;
                    let floor = i64::try_from(floor).unwrap_or(i64::MIN);
                    let enough = asked.saturating_mul(4);
                    let others = best(&terms.clone().keeping(&may), floor, enough);
                    if others.len() < enough {
                        entries.extend(others.into_iter().filter_map(|own| self.entry(own)));
                        entries.sort_unstable_by_key(Entry::key);
                        entries.dedup();
                        settled = true;
                    }
                }
            }
            if settled {
                all &= entries.len() <= most;
                entries.truncate(most);
                return First { entries, all };
            }
            asked = asked.saturating_mul(4);
        }
    }

    /// How good a choice is in millionths of score: the fit, less what it costs the quality of everybody else where the
    /// order is by that.
    pub(super) fn worth(&self, entry: &Entry) -> i64 {
        let cost = match (self.ranking, self.openings) {
            (Ranking::FitLessCost, Some(openings)) => {
                openings.cost(entry.supporter).map_or(0, |cost| cost.quality)
            }
            _ => 0,
        };
        i64::from(entry.weight).saturating_sub(i64::try_from(cost).unwrap_or(i64::MAX))
    }

    /// One of these, if they may be shown.
    pub(super) fn entry(&self, Candidate { supporter, weight }: Candidate) -> Option<Entry> {
        let fit = self.unit * i128::from(weight);
        let value = match (self.ranking, self.openings) {
            (_, None) => fit,
            // Pins may leave no place that could be freed.
            (Ranking::Fit, Some(openings)) => openings.price(supporter).map(|_| fit)?,
            (Ranking::FitLessCost, Some(openings)) => fit - openings.price(supporter)?,
            (Ranking::ServesEveryone, Some(openings)) => {
                let cost = openings.cost(supporter)?;
                if cost.required > 0 || cost.served > 0 {
                    return None;
                }
                fit
            }
        };
        Some(Entry { supporter, weight, value })
    }
}
