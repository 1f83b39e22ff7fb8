//! Ways for one participant under what no network holds: other supporters, with nobody else or so many others moved.
//!
//! **Method.** Each way is the answer to the very question that the rematch with that reach asks, so what is told is
//! what it makes. Alternates are found one after another, each the best among those that are left.

use std::collections::BTreeSet;

use super::super::Turn;
use super::super::ask::Alternate;
use super::super::kept::Kept;
use super::super::rematch::RematchOption;
use super::Question;
use crate::assignment::{Effect, Rungs};
use crate::error::Result;
use crate::matcher::rules::Placed;
use crate::matcher::{Control, Matcher};
use crate::matching::{Score, explain_pair};

impl Matcher {
    /// How much worse everything but the pair becomes if a participant has a supporter and nobody else moves, by rung: the
    /// best such matching, less the best in which they have nobody. Where the rules leave them nobody at all, less the
    /// matching that stands. None where no matching was found that keeps every limit and every firm rule.
    pub(in crate::matcher::live) fn cost_at_once(
        &self,
        kept: &Kept,
        (person, to): (u32, u32),
        without: Option<Rungs>,
    ) -> Result<Option<Rungs>> {
        let weigh = |to: u32| kept.compatibility.weight(&self.program, person as usize, to as usize);
        let Some(weight) = weigh(to) else { return Ok(None) };
        let Some(with) = self.at_once(kept, person, Some((to, weight)))? else { return Ok(None) };
        // What of a matching is their own.
        let own = |quality: i64| Rungs { quality: quality.into(), ..Rungs::default() };
        let (_, alone) = kept.unmatched(&self.program, person);
        let others = match (without, kept.engine.supporter_of(person)) {
            (Some(without), _) => without - own(alone),
            (None, None) => kept.quality().cost - own(alone),
            (None, Some(stands)) => {
                let standing = kept.compatibility.standing(person as usize);
                let price = standing.filter(|own| own.supporter == stands && !own.pinned);
                let worth = i64::from(weigh(stands).unwrap_or(0));
                kept.quality().cost - own(-worth - price.map_or(0, |own| i64::from(own.price)))
            }
        };
        // Nobody but them is served who was not, and nobody is left.
        Ok(Some(Rungs { served: 0, ..with - own(-i64::from(weight)) - others }))
    }

    /// What the best matching found at once costs in which nobody moves but a participant, who has this supporter, or
    /// nobody, and nobody who waits is let in; none where none was found that keeps every limit and every firm rule.
    pub(in crate::matcher::live) fn at_once(
        &self,
        kept: &Kept,
        person: u32,
        to: Option<(u32, i32)>,
    ) -> Result<Option<Rungs>> {
        let program = &self.program;
        let Some(mut question) = kept.nobody_else(program, &BTreeSet::from([person])) else {
            return Ok(None);
        };
        if self.policy.objective.worst_off_first {
            // A flow is not made to match somebody, but here there is nothing left to choose.
            let stays = question.stays.iter().map(|&(one, own)| (one, own, 0));
            let all = stays.chain(to.map(|(to, weight)| (person, to, weight)));
            if kept.room_beside(program, &all.collect::<Vec<_>>()).is_none() {
                return Ok(None);
            }
            let mut placed = kept.stands(program);
            placed.own[person as usize] = to.map(|(to, _)| to);
            return Ok(Some(kept.value(program, &placed)?.0));
        }
        // Nobody who waits is let in beside.
        for (one, row) in (0..).zip(&mut question.rows) {
            if one == person || kept.engine.supporter_of(one).is_none() {
                row.clear();
            }
        }
        question.rows[person as usize].extend(to);
        question.placed = to.map(|_| person);
        let answer = question.answer(self, &kept.compatibility, &Control::default())?;
        answer.map(|placed| Ok(kept.value(program, &placed)?.0)).transpose()
    }
}

impl Turn<'_> {
    /// The ways for whoever asked for another match, for nobody else moved, for one, two, ... up to `most`.
    pub(super) fn answer_options(&mut self, most: u32) -> Result<()> {
        let Some(asked) = self.asked else { return Ok(()) };
        let kept = &self.living.kept;
        let program = &self.matcher.program;
        let before = kept.quality().cost;
        let open: BTreeSet<u32> = self.touched.subjects.keys().chain(&self.touched.people).copied().collect();
        let nobody = kept.nobody_else(program, &open).map(|mut question| {
            question.rows[asked as usize].clear();
            question
        });
        let nobody = match &nobody {
            Some(question) => question.answer(self.matcher, &kept.compatibility, &Control::default())?,
            None => None,
        };
        // Where the rules leave nobody without somebody, what a way gains is told beside the match that ended.
        let now = match &nobody {
            Some(placed) => kept.value(program, placed)?.0,
            None => before,
        };
        let fair = self.matcher.policy.objective.worst_off_first;
        let most = if fair { 0 } else { most };
        let mut best = nobody.map(|placed| kept.value(program, &placed)).transpose()?.map(|valued| valued.1);
        let mut options = Vec::new();
        for others in 0..=most {
            let Some(placed) = self.at_most(others)? else { continue };
            let (rungs, value) = kept.value(program, &placed)?;
            if best.as_ref().is_some_and(|best| value >= *best) {
                continue;
            }
            best = Some(value);
            options.extend(self.way(asked, others, (&placed, rungs), now));
        }
        self.options = options;
        Ok(())
    }

    fn way(
        &self,
        asked: u32,
        others: u32,
        (placed, after): (&Placed, Rungs),
        now: Rungs,
    ) -> Option<RematchOption> {
        let kept = &self.living.kept;
        let to = placed.own[asked as usize]?;
        let most = |units: i128| i64::try_from(units).unwrap_or(i64::MAX);
        let place = (asked as usize, to as usize);
        let moves = self.effects_of(placed);
        // A search that was cut short may have missed that fewer are enough.
        let concerned = self.concerned();
        let ended =
            moves.iter().filter(|one| one.from.is_some() && !concerned.contains(&one.participant)).count();
        Some(RematchOption {
            others: others.min(ended as u32),
            found: explain_pair(&self.matcher.program, &kept.compatibility, place, false),
            moves: moves.iter().map(|effect| self.moved(effect)).collect(),
            serves: most(now.served - after.served),
            gain: Score::from_micro(most(now.quality - after.quality)),
        })
    }

    /// Whose match an answer changes.
    fn effects_of(&self, placed: &Placed) -> Vec<Effect> {
        let engine = &self.living.kept.engine;
        let effect = |(participant, &to): (u32, &Option<u32>)| {
            let from = engine.supporter_of(participant);
            (from != to).then_some(Effect { participant, from, to })
        };
        (0..).zip(&placed.own).filter_map(effect).collect()
    }

    /// The supporters whom a participant could have instead with nobody else moved.
    pub(in crate::matcher::live) fn alternates_at_once(
        &self,
        person: u32,
        most: usize,
    ) -> Result<Vec<Alternate>> {
        let kept = &self.living.kept;
        let program = &self.matcher.program;
        if kept.pinned_to(person).is_some() {
            return Err(crate::Error::problem(format!(
                "participant {} is pinned; unpin the match first",
                program.participants()[person as usize].id
            )));
        }
        let own = kept.engine.supporter_of(person);
        let open = BTreeSet::from([person]);
        let Some(mut question) = kept.nobody_else(program, &open) else { return Ok(Vec::new()) };
        if kept.back.contains(&person) {
            // Whoever is to choose has no pairs in the relaxation.
            let mut row = kept.scanned(program, person as usize);
            row.retain(|pair| kept.engine.room(pair.0) > 0);
            question.rows[person as usize] = row;
        }
        // Nobody who waits is let in beside.
        for (one, row) in (0..).zip(&mut question.rows) {
            if one != person && kept.engine.supporter_of(one).is_none() {
                row.clear();
            }
        }
        question.rows[person as usize].retain(|pair| Some(pair.0) != own);
        question.placed = Some(person);
        if self.matcher.policy.objective.worst_off_first {
            return self.fairest_alternates(person, most, &question);
        }
        let mut found = Vec::new();
        while found.len() < most && !question.rows[person as usize].is_empty() {
            let answer = question.answer(self.matcher, &kept.compatibility, &Control::default())?;
            let Some(placed) = answer else { break };
            let Some(to) = placed.own[person as usize] else { break };
            question.rows[person as usize].retain(|pair| pair.0 != to);
            let (after, _) = kept.value(program, &placed)?;
            found.push(self.alternate((person, to), &placed, after));
        }
        Ok(found)
    }

    /// The same with the worst-off first: a flow is not made to match somebody, but with nobody else moved each
    /// supporter can be weighed by itself.
    fn fairest_alternates(&self, person: u32, most: usize, question: &Question) -> Result<Vec<Alternate>> {
        let kept = &self.living.kept;
        let program = &self.matcher.program;
        let mut ways = Vec::new();
        for &(to, weight) in &question.rows[person as usize] {
            let stays = question.stays.iter().map(|&(one, own)| (one, own, 0));
            let all: Vec<(u32, u32, i32)> = stays.chain([(person, to, weight)]).collect();
            if kept.room_beside(program, &all).is_none() {
                continue;
            }
            let mut placed = kept.stands(program);
            placed.own[person as usize] = Some(to);
            let (after, value) = kept.value(program, &placed)?;
            ways.push((value, to, placed, after));
        }
        ways.sort_by(|one, other| (&one.0, one.1).cmp(&(&other.0, other.1)));
        let ways = ways.into_iter().take(most);
        Ok(ways.map(|(_, to, placed, after)| self.alternate((person, to), &placed, after)).collect())
    }

    fn alternate(&self, (person, to): (u32, u32), placed: &Placed, after: Rungs) -> Alternate {
        let kept = &self.living.kept;
        let pair = (person as usize, to as usize);
        let others = self.effects_of(placed).into_iter().filter(|one| one.participant != person);
        Alternate {
            found: explain_pair(&self.matcher.program, &kept.compatibility, pair, false),
            cost: after - kept.quality().cost,
            others: others.map(|one| self.moved(&one)).collect(),
        }
    }
}
