//! The optimum repaired after a change, as far as the caller lets it reach.
//!
//! **Reach by the objective** is one repair of the network: exact, and nobody moves whom no optimum needs to move.
//!
//! **A limited reach** goes in steps. First the change is made while nobody whom it concerns looks for somebody else;
//! then they are offered what is free, all together; then, where others may move, each who is left the best way that
//! moves no more than so many ([`frontier`](crate::assignment::LiveAssignment::frontier)). One who loses a supporter
//! alone keeps the place until the way is found: that is exact from an optimum only, and with the place empty the
//! optimum might be to move somebody else there. Whoever the optimum would move beside that is held: a matched
//! participant stays, and for a waiting one nobody makes way. Each step is tried before it is made, and made only if it
//! moves nobody it may not move.
//!
//! **Why that ends.** Each trial that fails holds somebody more.

use std::collections::{BTreeMap, BTreeSet};

use super::engine::People;
use super::kept::Kept;
use super::seat::rungs;
use super::write::Old;
use super::{Turn, anew};
use crate::assignment::{self, Edit, MarketEdit, Repair};
use crate::error::Result;
use crate::matcher::Control;
use crate::policy::Reach;
use crate::policy::criteria::price_to_micro;

impl Turn<'_> {
    /// Judges whom the change touches and repairs the optimum; without a reach as far as the objective goes.
    pub(super) fn settle(&mut self, reach: Option<Reach>) -> Result<()> {
        let reach = reach.map(Reach::checked).transpose()?;
        if self.touched.anew || reach == Some(Reach::Full) {
            return self.settle_anew(reach == Some(Reach::Full));
        }
        if self.living.kept.incumbent.is_some() {
            return self.answer_change(reach);
        }
        self.refresh();
        self.let_go_of_touched();
        let edits = self.edits();
        self.pause();
        let most = self.matcher.policy.rematch.most_displaced;
        match reach {
            None | Some(Reach::Full) => self.run(&edits)?,
            Some(Reach::NobodyElse) => self.limited(edits, 0, None)?,
            Some(Reach::AtMost { others }) => self.limited(edits, others, None)?,
            Some(Reach::AtPrice { price }) => self.limited(edits, most, Some(price_to_micro(price)))?,
        }
        self.offer_free_places()
    }

    /// Everything is judged and solved anew. With `free`, standing matches have no price this once and nobody is held.
    fn settle_anew(&mut self, free: bool) -> Result<()> {
        let before: Vec<Option<u32>> = (0..self.living.kept.own.len() as u32)
            .map(|one| self.living.kept.engine.supporter_of(one))
            .collect();
        self.refresh();
        self.let_go_of_touched();
        if free {
            self.release_everyone();
        }
        self.pause();
        let policy = self.policy.take().unwrap_or_else(|| self.matcher.policy.clone());
        let policy_before = std::mem::replace(&mut self.matcher.policy, policy);
        let day_before = std::mem::replace(&mut self.matcher.as_of, self.day);
        let made = anew::keep(self.matcher, Some((&self.living.kept, free)), &Control::default());
        let kept = match made {
            Ok(kept) => kept,
            Err(error) => {
                self.matcher.policy = policy_before;
                self.matcher.as_of = day_before;
                return Err(error);
            }
        };
        let kept = std::mem::replace(&mut self.living.kept, kept);
        let whole = super::write::Whole { kept, policy: policy_before, as_of: day_before };
        self.living.log.push(Old::Whole(Box::new(whole)));
        self.reused.anew = true;
        self.newly_back.clone_from(&self.living.kept.back);
        if free {
            // What stands has its price again from now on.
            let kept = &self.living.kept;
            let matched = (0..kept.own.len() as u32).filter(|&one| kept.own[one as usize].is_some());
            self.touched.people.extend(matched);
        }
        for participant in 0..self.living.kept.own.len() as u32 {
            let was = before.get(participant as usize).copied().flatten();
            if was != self.living.kept.engine.supporter_of(participant) {
                self.moved.entry(participant).or_insert(was);
            }
        }
        self.offer_free_places()
    }

    /// Makes edits in the network.
    pub(super) fn change(&mut self, edits: &[MarketEdit]) -> Result<assignment::Outcome> {
        if self.living.kept.incumbent.is_some() {
            return self.change_both(edits);
        }
        let Kept { engine, compatibility, back, .. } = &mut self.living.kept;
        engine.apply(edits, People { program: &self.matcher.program, compatibility, back })
    }

    /// The best ways for a participant who has nobody, if these were their pairs, by how many others move.
    pub(super) fn frontier(
        &mut self,
        participant: u32,
        row: &[(u32, i64)],
        most: u32,
    ) -> Result<Vec<Repair>> {
        let Kept { engine, compatibility, back, .. } = &mut self.living.kept;
        let people = People { program: &self.matcher.program, compatibility, back };
        engine.frontier_among(participant, row, most, people)
    }

    /// The supporters of these whom a participant could have instead, by what that costs the whole.
    pub(super) fn alternates_among(
        &mut self,
        participant: u32,
        most: usize,
        among: &dyn Fn(u32) -> bool,
    ) -> Result<Vec<assignment::Alternate>> {
        let Kept { engine, compatibility, back, .. } = &mut self.living.kept;
        let people = People { program: &self.matcher.program, compatibility, back };
        engine.alternates_among(participant, most, among, people)
    }

    /// What edits would lead to.
    pub(super) fn tried(&mut self, edits: &[MarketEdit]) -> Result<assignment::Outcome> {
        self.living.kept.engine.begin();
        let made = self.change(edits);
        self.living.kept.engine.roll_back();
        made
    }

    /// Makes edits if what they lead to is as it should be; else everything is as it was.
    pub(super) fn made_if(
        &mut self,
        edits: &[MarketEdit],
        is_right: impl FnOnce(&assignment::Outcome) -> bool,
    ) -> Result<bool> {
        self.living.kept.engine.begin();
        let made = self.change(edits);
        let engine = &mut self.living.kept.engine;
        match made {
            Ok(outcome) if is_right(&outcome) => {
                engine.commit();
                self.keep(&outcome);
                Ok(true)
            }
            made => {
                engine.roll_back();
                made.map(|_| false)
            }
        }
    }

    /// Makes edits and keeps what they lead to.
    pub(super) fn run(&mut self, edits: &[MarketEdit]) -> Result<()> {
        let outcome = self.change(edits)?;
        self.keep(&outcome);
        Ok(())
    }

    pub(super) fn keep(&mut self, outcome: &assignment::Outcome) {
        self.reused.searches += outcome.work.searches;
        self.reused.pairs_read += outcome.work.pairs_read;
        for effect in &outcome.effects {
            self.moved.entry(effect.participant).or_insert(effect.from);
            self.stirred.extend(effect.from.iter().chain(&effect.to));
        }
    }

    /// Makes edits that move nobody but those whom the change concerns, and those whom `planned` moves where it says.
    pub(super) fn strictly(
        &mut self,
        mut edits: Vec<MarketEdit>,
        concerned: &BTreeSet<u32>,
        planned: &[assignment::Effect],
    ) -> Result<()> {
        let mut blocked = BTreeSet::new();
        loop {
            self.living.kept.engine.begin();
            let made = self.change(&edits);
            let engine = &mut self.living.kept.engine;
            let outcome = match made {
                Ok(outcome) => outcome,
                Err(error) => {
                    engine.roll_back();
                    return Err(error);
                }
            };
            let offends = |effect: &&assignment::Effect| {
                effect.from.is_some() && !concerned.contains(&effect.participant) && !planned.contains(effect)
            };
            let offenders: Vec<assignment::Effect> =
                outcome.effects.iter().filter(offends).copied().collect();
            if offenders.is_empty() {
                engine.commit();
                self.keep(&outcome);
                return Ok(());
            }
            engine.roll_back();
            // Whoever waits may have a place that is free; for one that is not, nobody makes way.
            let stays = |effect: &&assignment::Effect| !concerned.contains(&effect.participant);
            let served = self.served_beside(&edits, &offenders)?;
            for offender in offenders {
                let waits = outcome
                    .effects
                    .iter()
                    .filter(stays)
                    .filter(|effect| effect.from.is_none() && effect.to == offender.from)
                    .find(|effect| !served.contains(&effect.participant));
                match waits {
                    Some(&assignment::Effect { participant, .. }) if blocked.insert(participant) => {
                        self.hold_back(participant);
                        edits.extend(only(participant, None));
                    }
                    _ => {
                        let Some(supporter) = offender.from else { continue };
                        self.hold(offender.participant, supporter, &mut edits);
                    }
                }
            }
        }
    }

    /// Who among those who wait would have somebody if these stayed where they are.
    fn served_beside(
        &mut self,
        edits: &[MarketEdit],
        staying: &[assignment::Effect],
    ) -> Result<BTreeSet<u32>> {
        let pins = staying.iter().filter_map(|one| Some(self.staying(one.participant, one.from?).into()));
        let edits: Vec<MarketEdit> = edits.iter().cloned().chain(pins).collect();
        let newly =
            |one: &assignment::Effect| (one.from.is_none() && one.to.is_some()).then_some(one.participant);
        Ok(self.tried(&edits)?.effects.iter().filter_map(newly).collect())
    }

    /// The change made so that no more than so many others move for anybody.
    fn limited(&mut self, mut edits: Vec<MarketEdit>, others: u32, price: Option<i64>) -> Result<()> {
        let mut concerned: BTreeSet<u32> =
            self.touched.subjects.keys().chain(&self.touched.people).copied().collect();
        let mut rows = BTreeMap::new();
        // Nobody looks for somebody else yet.
        let looks = |turn: &Self, one: u32| !turn.is_pinned(one) && !turn.touched.paused.contains(&one);
        edits.retain(|edit| !matches!(edit, &MarketEdit::Row { participant } if looks(self, participant)));
        let kept = &self.living.kept;
        for &participant in concerned.iter().filter(|&&one| looks(self, one)) {
            let row = kept.row(&self.matcher.program, participant);
            let own = kept.engine.supporter_of(participant);
            edits.extend(only(participant, row.iter().copied().find(|pair| Some(pair.0) == own)));
            rows.insert(participant, row);
        }
        let mut edits = kept.engine.named(edits, kept.people(&self.matcher.program));
        concerned.extend(&self.touched.concerned);
        let seat = self.seat_kept(&rows);
        if let Some((participant, supporter, cost)) = seat {
            edits.extend(only(participant, Some((supporter, cost))));
        }
        let postponed = self.postponing(edits, &concerned, &[])?;
        let engine = &self.living.kept.engine;
        let seated = seat.filter(|seat| engine.supporter_of(seat.0) == Some(seat.1)).map(|seat| seat.0);
        for &one in &self.touched.concerned {
            let lost = self.moved.contains_key(&one) && self.living.kept.engine.supporter_of(one).is_none();
            if lost && !rows.contains_key(&one) {
                rows.insert(one, self.living.kept.row(&self.matcher.program, one));
            }
        }
        // Whoever asked for another match, and one who waits alone, is offered what `rematch_options` tells; several
        // are offered free places together.
        let waits = |turn: &Self, one: u32| {
            seated == Some(one) || turn.living.kept.engine.supporter_of(one).is_none()
        };
        let waiting: Vec<u32> = rows.keys().copied().filter(|&one| waits(self, one)).collect();
        let asked = match (self.asked, &waiting[..]) {
            (Some(asked), _) => waiting.contains(&asked).then_some(asked),
            (None, &[alone]) => Some(alone),
            _ => None,
        };
        let offered = rows.iter().filter(|(one, _)| Some(**one) != asked);
        let offered = offered.map(|(&one, row)| (one, row.clone())).collect();
        self.offer(&offered, &concerned)?;
        if let (Some(most), Some(asked)) = (self.options_up_to, asked) {
            self.options = self.options(asked, &rows[&asked], most)?;
            return Ok(());
        }
        let mut left = others;
        if let Some(asked) = asked {
            left -= self.by_frontier(asked, &rows[&asked], (left, price), &concerned)?.min(left);
        }
        if others > 0 {
            let mut waiting: Vec<u32> = rows.keys().copied().filter(|&one| waits(self, one)).collect();
            waiting.retain(|&one| Some(one) != asked);
            let urgency = |one: u32| self.living.kept.unmatched(&self.matcher.program, one).0;
            waiting.sort_by_key(|&one| (std::cmp::Reverse(urgency(one)), one));
            for participant in waiting {
                left -=
                    self.by_frontier(participant, &rows[&participant], (left, price), &concerned)?.min(left);
            }
        }
        for (&participant, row) in &rows {
            self.widen(participant, row)?;
        }
        self.let_in(&postponed)
    }

    /// The change made before anybody looks for somebody else: those who waited already come after those whom it
    /// concerns, and are told so.
    pub(super) fn postponing(
        &mut self,
        mut edits: Vec<MarketEdit>,
        concerned: &BTreeSet<u32>,
        planned: &[assignment::Effect],
    ) -> Result<BTreeSet<u32>> {
        let mut postponed = BTreeSet::new();
        loop {
            let made = self.tried(&edits);
            let waits = |effect: &&assignment::Effect| {
                effect.from.is_none() && !concerned.contains(&effect.participant)
            };
            let before = postponed.len();
            for effect in made?.effects.iter().filter(waits) {
                postponed.insert(effect.participant);
                edits.extend(only(effect.participant, None));
            }
            if postponed.len() == before {
                break;
            }
        }
        self.strictly(edits, concerned, planned)?;
        Ok(postponed)
    }

    /// Those who waited have their pairs again, or what is free of them.
    pub(super) fn let_in(&mut self, postponed: &BTreeSet<u32>) -> Result<()> {
        if postponed.is_empty() {
            return Ok(());
        }
        let rows = postponed.iter().filter(|one| !self.living.kept.back.contains(one));
        let edits = rows.map(|&participant| Edit::Any { participant }.into()).collect();
        self.strictly(edits, &BTreeSet::new(), &[])
    }

    /// Offers what is free to everyone the change concerns, all together.
    fn offer(&mut self, rows: &BTreeMap<u32, Vec<(u32, i64)>>, concerned: &BTreeSet<u32>) -> Result<()> {
        let engine = &self.living.kept.engine;
        let free = |participant: u32, row: &[(u32, i64)]| {
            let own = engine.supporter_of(participant);
            let open = |pair: &(u32, i64)| Some(pair.0) == own || engine.room(pair.0) > 0;
            row.iter().copied().filter(open).collect::<Vec<_>>()
        };
        let edits: Vec<MarketEdit> = rows
            .iter()
            .map(|(&participant, row)| Edit::Row { participant, pairs: free(participant, row) }.into())
            .collect();
        self.strictly(edits, concerned, &[])
    }

    /// Whether a few pairs are enough to say that the optimum would move somebody for one who waits. A market asks for
    /// very many pairs where all that could matter are wanted.
    fn would_be_made_way_for(&mut self, participant: u32) -> Result<bool> {
        let Kept { engine, compatibility, back, .. } = &mut self.living.kept;
        let people = People { program: &self.matcher.program, compatibility, back };
        if !engine.asks() || engine.supporter_of(participant).is_some() {
            return Ok(false);
        }
        let pairs = engine.cheapest_known(participant, people);
        let outcome = self.tried(&[Edit::Row { participant, pairs }.into()])?;
        // With more pairs the whole gains as much at least.
        let moves = outcome.effects.iter().any(|effect| effect.participant != participant);
        Ok(moves && rungs(&outcome.after) < rungs(&outcome.before))
    }

    /// Gives a participant whom the change concerned all their pairs again; who would move then is held.
    pub(super) fn widen(&mut self, participant: u32, row: &[(u32, i64)]) -> Result<()> {
        if self.living.kept.held.contains(&participant) || self.living.kept.back.contains(&participant) {
            return Ok(());
        }
        if self.would_be_made_way_for(participant)? {
            self.hold_back(participant);
            return Ok(());
        }
        let mut edits = vec![if self.living.kept.engine.asks() {
            MarketEdit::Row { participant }
        } else {
            Edit::Row { participant, pairs: row.to_vec() }.into()
        }];
        if self.made_if(&edits, |outcome| outcome.effects.is_empty())? {
            return Ok(());
        }
        if let Some(supporter) = self.living.kept.engine.supporter_of(participant) {
            self.hold(participant, supporter, &mut edits);
            return self.run(&edits);
        }
        self.hold_back(participant);
        Ok(())
    }
}

/// The edits after which no pair of a participant counts but this, or none.
pub(super) fn only(participant: u32, pair: Option<(u32, i64)>) -> impl Iterator<Item = MarketEdit> {
    let allowed = pair.map(|(supporter, cost)| Edit::Allow { participant, supporter, cost });
    let supporter = pair.map(|pair| pair.0);
    allowed.into_iter().chain([Edit::Only { participant, supporter }]).map(MarketEdit::from)
}
