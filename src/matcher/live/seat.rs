//! The place of a match that is lost: kept until the way for the participant is found, then given to who waits.
//!
//! **Problem.** A match ends and nobody else, or only so many others, may move. With the place empty the optimum would
//! be to move somebody there who would like it better, and the best way might lead through that very place.
//!
//! **Method.** The participant keeps the place while the ways are looked for
//! ([`frontier`](crate::assignment::LiveAssignment::frontier)); the one that is chosen is made while what it leaves
//! empty counts as taken. Then the place opens for the one of those who wait who gains the whole most. The optimum
//! might move somebody else there and give theirs to who waits: whoever came is held then, one instead of all who would
//! move.
//!
//! **Time and space.** A search for the ways, one look at everybody who waits, four small repairs.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

use super::Turn;
use super::engine::People;
use super::kept::Kept;
use super::settle::only;
use crate::assignment::{self, Edit, MarketEdit, Repair, Rungs};
use crate::error::Result;
use crate::policy::criteria::price_to_micro;

/// So many who would like a place are found by trials.
const FEW: usize = 6;

impl Turn<'_> {
    /// Whoever alone loses a supporter, with whom, and what that cost: they keep the place until it is known who goes
    /// where, for somebody who would like to have it may be part of the best way.
    pub(super) fn seat_kept(&self, rows: &BTreeMap<u32, Vec<(u32, i64)>>) -> Option<(u32, u32, i64)> {
        let alone = if rows.len() == 1 { rows.keys().next().copied() } else { None };
        let participant = self.asked.or(alone)?;
        let kept = &self.living.kept;
        let supporter = kept.engine.supporter_of(participant)?;
        let lost = rows.get(&participant)?.iter().all(|pair| pair.0 != supporter);
        let weight = kept.own[participant as usize].filter(|_| lost)?;
        let price = price_to_micro(self.matcher.policy.objective.change_price);
        Some((participant, supporter, -i64::from(weight) - price))
    }

    /// What the whole costs with nobody for a participant, and the ways that are better.
    pub(super) fn better_ways(
        &mut self,
        participant: u32,
        row: &[(u32, i64)],
        most: u32,
    ) -> Result<(Rungs, Vec<Repair>)> {
        let alone = match self.living.kept.engine.supporter_of(participant) {
            Some(_) => self.frontier(participant, &[], 0)?.into_iter().next().map(|way| way.after),
            None => None,
        };
        let now = alone.unwrap_or_else(|| self.living.kept.engine.objective());
        let mut ways = self.frontier(participant, row, most)?;
        ways.retain(|way| rungs(&way.after) < rungs(&now));
        Ok((now, ways))
    }

    /// The best way for a participant who has nobody that moves no more than so many others; returns how many it moves.
    pub(super) fn by_frontier(
        &mut self,
        participant: u32,
        row: &[(u32, i64)],
        (others, price): (u32, Option<i64>),
        concerned: &BTreeSet<u32>,
    ) -> Result<u32> {
        let (now, ways) = self.better_ways(participant, row, others)?;
        let usual = price_to_micro(self.matcher.policy.objective.change_price);
        let extra = price.map_or(0, |price| (price - usual).max(0));
        let dear = |way: &Repair| {
            let (required, served, quality, change, balance) = rungs(&way.after);
            (required, served, quality + i128::from(extra) * i128::from(way.displaced), change, balance)
        };
        let worth = ways.into_iter().filter(|way| dear(way) < rungs(&now));
        let best = worth.min_by_key(|way| (dear(way), way.displaced));
        let seat = self.living.kept.engine.supporter_of(participant);
        let (planned, displaced) = match (best, seat) {
            (Some(way), _) => (way.effects, way.displaced),
            (None, Some(_)) => (vec![assignment::Effect { participant, from: seat, to: None }], 0),
            (None, None) => return Ok(0),
        };
        let own = planned.iter().find(|effect| effect.participant == participant);
        let to = own.and_then(|effect| effect.to);
        let pair = row.iter().copied().find(|pair| Some(pair.0) == to);
        let limit = seat.and_then(|seat| self.limited_with(seat));
        let mut trial: Vec<MarketEdit> =
            seat.map_or_else(Vec::new, |seat| self.without_what_is_left(seat, limit.as_ref(), &planned));
        trial.extend(only(participant, pair));
        let mut postponed = BTreeSet::new();
        if !self.made_if(&trial, |outcome| outcome.effects == planned)? {
            for effect in planned.iter().filter(|effect| effect.participant != participant) {
                if let Some(supporter) = effect.to {
                    self.hold(effect.participant, supporter, &mut trial);
                } else {
                    self.hold_back(effect.participant);
                    trial.extend(only(effect.participant, None));
                }
            }
            // Whoever waits may gain more by what the way makes free than the participant does, but comes later.
            postponed = self.postponing(trial, concerned, &planned)?;
        }
        if let Some(seat) = seat {
            self.fill(seat, limit.map(|limit| limit.0))?;
        }
        self.let_in(&postponed)?;
        Ok(displaced)
    }

    /// The limits with which nobody comes into a place that a plan leaves empty: a supporter's, and those of the
    /// supervisor's.
    fn without_what_is_left(
        &self,
        supporter: u32,
        limit: Option<&(u32, Vec<u32>)>,
        planned: &[assignment::Effect],
    ) -> Vec<MarketEdit> {
        let program = &self.matcher.program;
        let kept = &self.living.kept;
        let more = |is_below: &dyn Fn(u32) -> bool| -> i64 {
            let come = planned.iter().filter(|effect| effect.to.is_some_and(is_below)).count();
            let gone = planned.iter().filter(|effect| effect.from.is_some_and(is_below)).count();
            come as i64 - gone as i64
        };
        let after = |load: u32, more: i64| u32::try_from(i64::from(load) + more).unwrap_or(0);
        let load = after(kept.engine.load(supporter), more(&|one| one == supporter));
        let places = kept.places_up_to(program, supporter, load);
        let mut edits = vec![Edit::Places { supporter, places }.into()];
        if let Some(&(group, ref below)) = limit {
            let load = below.iter().map(|&one| kept.engine.load(one)).sum();
            let below: BTreeSet<u32> = below.iter().copied().collect();
            let capacity = after(load, more(&|one| below.contains(&one)));
            edits.push(Edit::Group { group, capacity, minimum: 0 }.into());
        }
        edits
    }

    /// The limit of a supporter's supervisor, and who is below it; `None` where there is none.
    fn limited_with(&self, supporter: u32) -> Option<(u32, Vec<u32>)> {
        let program = &self.matcher.program;
        let all = program.supporters();
        let id = all[supporter as usize].supervisor.as_ref()?;
        let group = program.supervisor_index(id.as_str())?;
        program.supervisors()[group].caseload.filter(|_| self.matcher.policy.loads.supervisor_caseloads)?;
        let below = (0..).zip(all).filter(|(_, one)| one.supervisor.as_ref() == Some(id));
        Some((group as u32, below.map(|(place, _)| place).collect()))
    }

    /// Opens a place that was left, and gives it to the one of those who wait for whom the whole gains most; if that is
    /// not what the optimum would do with it, they are held there.
    fn fill(&mut self, supporter: u32, limited: Option<u32>) -> Result<()> {
        let program = &self.matcher.program;
        let kept = &self.living.kept;
        let places = kept.places(program, supporter);
        let mut open: Vec<MarketEdit> = vec![Edit::Places { supporter, places }.into()];
        if let Some(group) = limited {
            let capacity = kept.group_capacity(program, group);
            open.push(Edit::Group { group, capacity, minimum: 0 }.into());
        }
        let Some((participant, cost)) = self.best_of_the_waiting(supporter) else {
            return self.leave_empty(supporter, open, limited.is_some());
        };
        let mut edits = open.clone();
        edits.push(Edit::Pin { participant, supporter, cost }.into());
        let gains = |outcome: &assignment::Outcome| {
            rungs(&outcome.after) < rungs(&outcome.before)
                && outcome.effects.iter().all(|effect| effect.from.is_none())
        };
        // Limits above may have no room for a pin: then the place stays empty.
        if !self.made_if(&edits, gains).unwrap_or(false) {
            return self.leave_empty(supporter, open, limited.is_some());
        }
        let was_back = self.living.kept.back.contains(&participant);
        self.let_go(participant);
        self.touched.people.remove(&participant);
        self.release(participant, supporter, was_back)
    }

    /// Opens a place that nobody who waits gains by: whoever would move there is held. Where they may be many all are held
    /// at once; few are found by trials, which hold nobody but those whom the optimum would move.
    fn leave_empty(&mut self, supporter: u32, mut open: Vec<MarketEdit>, is_limited: bool) -> Result<()> {
        if !is_limited {
            let places = self.living.kept.places(&self.matcher.program, supporter);
            let Kept { engine, compatibility, back, .. } = &mut self.living.kept;
            let people = People { program: &self.matcher.program, compatibility, back };
            let suitors = engine.suitors(supporter, &places, people)?;
            if suitors.len() > FEW {
                for suitor in suitors {
                    if let Some(own) = self.living.kept.engine.supporter_of(suitor) {
                        self.hold(suitor, own, &mut open);
                    }
                }
            }
        }
        loop {
            let moves = |effect: &&assignment::Effect| effect.from.is_some();
            let mut effects = Vec::new();
            let made = self.made_if(&open, |outcome| {
                effects.clone_from(&outcome.effects);
                outcome.effects.iter().find(moves).is_none()
            })?;
            if made {
                return Ok(());
            }
            // Who comes to the place is at the end of the way that the optimum would take: nobody leaves where they go.
            let is_left = |to: Option<u32>| effects.iter().any(|other| other.from == to);
            let comes = |effect: &&assignment::Effect| effect.to.is_some() && !is_left(effect.to);
            let before = open.len();
            for &assignment::Effect { participant, from, .. } in effects.iter().filter(comes) {
                if let Some(own) = from {
                    self.hold(participant, own, &mut open);
                }
            }
            if open.len() == before {
                return self.strictly(open, &BTreeSet::new(), &[]);
            }
        }
    }

    /// Lets a participant who is pinned in the network go, unless that would move somebody: then they are held.
    fn release(&mut self, participant: u32, supporter: u32, has_stale_pairs: bool) -> Result<()> {
        // Nobody keeps the pairs of those who are offered nobody.
        let mut row: Vec<MarketEdit> =
            has_stale_pairs.then_some(MarketEdit::Row { participant }).into_iter().collect();
        let mut edits = row.clone();
        edits.push(Edit::Unpin { participant }.into());
        if self.made_if(&edits, |outcome| outcome.effects.is_empty())? {
            return Ok(());
        }
        self.hold(participant, supporter, &mut row);
        self.run(&row)
    }

    /// Of those who wait and could have a supporter, the one whom the objective serves first, and what the pair costs.
    fn best_of_the_waiting(&self, supporter: u32) -> Option<(u32, i64)> {
        let program = &self.matcher.program;
        let kept = &self.living.kept;
        if !kept.compatibility.takes_new(supporter as usize) {
            return None;
        }
        let waits = |&one: &u32| kept.engine.supporter_of(one).is_none() && !kept.paused.contains(&one);
        let mut waiting: Vec<(Reverse<u32>, u32, i64)> = (0..kept.own.len() as u32)
            .filter(waits)
            .map(|one| {
                let (served, cost) = kept.unmatched(program, one);
                (Reverse(served), one, cost)
            })
            .collect();
        waiting.sort_unstable();
        // Pairs are judged of those alone who count most; of others only where none of these could have the supporter.
        waiting.chunk_by(|one, other| one.0 == other.0).find_map(|equals| {
            let pair = |&(_, one, unmatched): &(_, u32, i64)| {
                let cost = kept.pair(program, one, supporter)?;
                Some((cost - unmatched, one, cost))
            };
            equals.iter().filter_map(pair).min().map(|(_, participant, cost)| (participant, cost))
        })
    }
}

/// The rungs in their order.
pub(super) fn rungs(rungs: &Rungs) -> (i128, i128, i128, i128, i128) {
    (rungs.required, rungs.served, rungs.quality, rungs.change, rungs.balance)
}
