//! A change of a programme under what no network holds: the answer at once, and the exact one.
//!
//! **At once** nobody moves but those whom the change concerns and those who wait. If no such matching keeps the firm
//! rules, those may move whom a limit concerns; then everybody, at the policy's price of a change.
//!
//! **With a limit** on how many others move the exact solver counts the matches that end; at a price, each match of
//! somebody else's costs as much less.
//!
//! **To settle** everybody may move. Of two answers that are equally good the one is taken in which nobody else moves.

use std::collections::{BTreeMap, BTreeSet};

use super::super::Turn;
use super::super::write::Old;
use super::{Print, Question, State};
use crate::assignment::{Edit, MarketEdit};
use crate::error::{Error, Result};
use crate::matcher::Control;
use crate::matcher::problem::LeftOut;
use crate::matcher::rules::{Placed, weighs_backups};
use crate::policy::Reach;
use crate::policy::criteria::price_to_micro;

/// What is to become the incumbent.
struct Answer {
    placed: Placed,
    /// Once it is proven that nothing is better, what of each component was settled.
    settled: Option<BTreeSet<Print>>,
}

impl From<Placed> for Answer {
    fn from(placed: Placed) -> Self {
        Self { placed, settled: None }
    }
}

impl Turn<'_> {
    /// Judges whom the change touches and finds an answer, as far as it may reach.
    pub(in crate::matcher::live) fn answer_change(&mut self, reach: Option<Reach>) -> Result<()> {
        self.refresh();
        self.let_go_of_touched();
        let edits = self.edits();
        self.pause();
        self.relax(&edits)?;
        if let Some(most) = self.options_up_to {
            return self.answer_options(most);
        }
        let answer = match reach {
            _ if self.touched.settles && reach.is_none() => self.settled(edits.is_empty())?,
            Some(Reach::AtMost { others }) if others > 0 => self.within(others)?,
            Some(Reach::AtPrice { price }) => self.at_price(price)?,
            _ => self.at_once()?,
        };
        self.take(&answer, &edits)
    }

    /// Makes edits in the relaxation.
    fn relax(&mut self, edits: &[MarketEdit]) -> Result<()> {
        let kept = &mut self.living.kept;
        let people = super::super::engine::People {
            program: &self.matcher.program,
            compatibility: &kept.compatibility,
            back: &kept.back,
        };
        let Some(incumbent) = kept.incumbent.as_mut() else { return Ok(()) };
        let outcome = incumbent.relaxed.apply(edits, people)?;
        self.reused.searches += outcome.work.searches;
        self.reused.pairs_read += outcome.work.pairs_read;
        Ok(())
    }

    /// Makes edits where a network holds less than is asked: in the relaxation, and of them in the incumbent what it
    /// knows of: who is there, limits, and what a match costs that stands.
    pub(in crate::matcher::live) fn change_both(
        &mut self,
        edits: &[MarketEdit],
    ) -> Result<crate::assignment::Outcome> {
        self.relax(edits)?;
        let known: Vec<MarketEdit> = edits.iter().filter_map(|edit| self.known_of(edit)).collect();
        self.change_incumbent(&known)
    }

    fn change_incumbent(&mut self, edits: &[MarketEdit]) -> Result<crate::assignment::Outcome> {
        let kept = &mut self.living.kept;
        let people = super::super::engine::People {
            program: &self.matcher.program,
            compatibility: &kept.compatibility,
            back: &kept.back,
        };
        kept.engine.apply(edits, people)
    }

    /// An edit as the network that holds the incumbent knows it.
    fn known_of(&self, edit: &MarketEdit) -> Option<MarketEdit> {
        let kept = &self.living.kept;
        let is_own =
            |participant: u32, supporter: u32| kept.engine.supporter_of(participant) == Some(supporter);
        match edit {
            &MarketEdit::Pair { participant, supporter } if is_own(participant, supporter) => {
                let cost = kept.pair(&self.matcher.program, participant, supporter)?;
                Some(Edit::Pin { participant, supporter, cost }.into())
            }
            &MarketEdit::Edit(Edit::Allow { participant, supporter, cost })
                if is_own(participant, supporter) =>
            {
                Some(Edit::Pin { participant, supporter, cost }.into())
            }
            MarketEdit::Edit(
                Edit::Allow { .. }
                | Edit::Forbid { .. }
                | Edit::Row { .. }
                | Edit::Only { .. }
                | Edit::Any { .. }
                | Edit::Column { .. }
                | Edit::Pin { .. }
                | Edit::Unpin { .. },
            ) => None,
            // Whoever arrives has no pairs here.
            MarketEdit::Edit(Edit::SupporterArrives { supporter, .. }) => {
                let (supporter, pairs) = (supporter.clone(), Vec::new());
                Some(Edit::SupporterArrives { supporter, pairs }.into())
            }
            &MarketEdit::Edit(Edit::ParticipantArrives { served_weight, unmatched_cost, .. }) => {
                let pairs = Vec::new();
                Some(Edit::ParticipantArrives { pairs, served_weight, unmatched_cost }.into())
            }
            MarketEdit::Edit(edit) => Some(edit.clone().into()),
            _ => None,
        }
    }

    /// Whom the change concerns and who looks for somebody.
    pub(super) fn concerned(&self) -> BTreeSet<u32> {
        self.touched.subjects.keys().chain(&self.touched.people).copied().collect()
    }

    fn asked(&self, question: &Question) -> Result<Option<Placed>> {
        question.answer(self.matcher, &self.living.kept.compatibility, &Control::default())
    }

    fn everything(&self) -> Question {
        self.living.kept.everybody(&self.matcher.program)
    }

    /// The best in which nobody moves but those whom the change concerns and those who wait; none where that cannot
    /// keep every limit and every firm rule.
    pub(super) fn nobody_else(&self, open: &BTreeSet<u32>) -> Result<Option<Placed>> {
        let question = self.living.kept.nobody_else(&self.matcher.program, open);
        question.map_or(Ok(None), |question| self.asked(&question))
    }

    /// The answer at once.
    fn at_once(&mut self) -> Result<Answer> {
        let mut open = self.concerned();
        if let Some(placed) = self.nobody_else(&open)? {
            return Ok(placed.into());
        }
        if !self.touched.concerned.is_empty() {
            open.extend(&self.touched.concerned);
            if let Some(placed) = self.nobody_else(&open)? {
                return Ok(placed.into());
            }
        }
        self.best(None)
    }

    /// The best of all, whoever moves; the answer that is `rather` taken if it is as good.
    fn best(&mut self, rather: Option<Placed>) -> Result<Answer> {
        let mut question = self.everything();
        let kept = &self.living.kept;
        let compatibility = &kept.compatibility;
        let components = question.components(self.matcher, compatibility)?;
        if let Some(incumbent) = &kept.incumbent {
            self.reused.reopened =
                question.leave_settled(&components, (&self.matcher.program, kept), &incumbent.settled);
        }
        question.answered = rather.is_some();
        let Some(best) = self.asked(&question)? else {
            if let Some(placed) = rather {
                return Ok(placed.into());
            }
            // Whoever is left where they are clashes with nobody, and is told of nowhere.
            return Err(self.everything().clash(self.matcher, compatibility, &Control::default())?);
        };
        let (optimal, left_out) = (best.optimal, best.left_out);
        let placed = Placed { left_out, ..self.rather(rather, best)? };
        let settled = optimal.then(|| components.settled(compatibility, &placed));
        Ok(Answer { placed, settled })
    }

    /// The best of all, with nobody moved if that is as good.
    fn settled(&mut self, is_untouched: bool) -> Result<Answer> {
        let kept = &self.living.kept;
        if let Some(incumbent) = kept.incumbent.as_ref().filter(|kept| kept.state.exact && is_untouched) {
            let placed = kept.stands(&self.matcher.program);
            return Ok(Answer { placed, settled: Some(incumbent.settled.clone()) });
        }
        // Where nothing else happens, what stands is an answer whatever a limited search finds.
        let stands = is_untouched.then(|| kept.stands(&self.matcher.program));
        let stays = match self.nobody_else(&self.concerned())? {
            Some(stays) => Some(self.rather(stands, stays)?),
            None => stands,
        };
        self.best(stays)
    }

    /// The first of two answers unless the second is better.
    fn rather(&self, first: Option<Placed>, second: Placed) -> Result<Placed> {
        let Some(first) = first else { return Ok(second) };
        let kept = &self.living.kept;
        let value = |placed: &Placed| kept.value(&self.matcher.program, placed).map(|valued| valued.1);
        Ok(if value(&second)? < value(&first)? { second } else { first })
    }

    /// The matches of those whom the change does not concern.
    fn of_others(&self) -> Vec<(u32, u32)> {
        let kept = &self.living.kept;
        let mut concerned = self.concerned();
        concerned.extend(&self.touched.concerned);
        let stays = |one: &u32| !concerned.contains(one) && kept.pinned_to(*one).is_none();
        let others = (0..kept.own.len() as u32).filter(stays);
        others.filter_map(|one| Some((one, kept.engine.supporter_of(one)?))).collect()
    }

    /// The best in which the matches of no more than so many others end; none where no such keeps the firm rules.
    pub(super) fn at_most(&self, others: u32) -> Result<Option<Placed>> {
        let stays = self.nobody_else(&self.concerned())?;
        if others == 0 {
            return Ok(stays);
        }
        self.refuse_counting("at_most")?;
        let mut question = self.everything();
        let possible = |pair: &(u32, u32)| question.rows[pair.0 as usize].iter().any(|own| own.0 == pair.1);
        let pairs = self.of_others().into_iter().filter(possible).collect();
        question.ending = Some((pairs, others));
        question.answered = stays.is_some();
        let Some(placed) = self.asked(&question)? else { return Ok(stays) };
        self.rather(stays, placed).map(Some)
    }

    /// The same, and everybody where rules cannot be kept otherwise.
    fn within(&mut self, others: u32) -> Result<Answer> {
        match self.at_most(others)? {
            Some(placed) => Ok(placed.into()),
            None => self.best(None),
        }
    }

    /// The best where the match of each other costs so much to end, or the policy's price where that is more.
    fn at_price(&mut self, price: f64) -> Result<Answer> {
        self.refuse_counting("at_price")?;
        let policy = &self.matcher.policy;
        let extra = (price_to_micro(price) - price_to_micro(policy.objective.change_price)).max(0);
        let mut question = self.everything();
        let mut pairs = Vec::new();
        for (participant, supporter) in self.of_others() {
            let row = &mut question.rows[participant as usize];
            if let Some(own) = row.iter_mut().find(|own| own.0 == supporter) {
                own.1 = own.1.saturating_add(i32::try_from(extra).unwrap_or(i32::MAX));
                pairs.push((participant, supporter));
            }
        }
        question.ending = Some((pairs, policy.rematch.most_displaced));
        match self.asked(&question)? {
            Some(placed) => Ok(placed.into()),
            None => self.best(None),
        }
    }

    /// With the worst-off first nobody counts how many matches end.
    fn refuse_counting(&self, reach: &str) -> Result<()> {
        if !self.matcher.policy.objective.worst_off_first {
            return Ok(());
        }
        Err(Error::policy(vec![format!(
            "reach = {reach}: is not kept together with objective.worst_off_first = true; reach nobody_else, or full, or \
             settle"
        )]))
    }

    /// Makes an answer the incumbent.
    fn take(&mut self, answer: &Answer, edits: &[MarketEdit]) -> Result<()> {
        let Answer { placed, settled } = answer;
        let mut made: Vec<MarketEdit> = edits.iter().filter_map(|edit| self.limit_of(edit)).collect();
        let kept = &self.living.kept;
        let people = kept.people(&self.matcher.program);
        // Whoever was judged anew may weigh otherwise where they stay.
        let touched = &self.touched;
        let judged: BTreeSet<u32> =
            touched.people.iter().copied().chain(touched.pairs.iter().map(|pair| pair.0)).collect();
        for (participant, own) in (0..kept.own.len() as u32).zip(&placed.own) {
            let before = kept.engine.supporter_of(participant);
            match *own {
                Some(supporter) if before != Some(supporter) || judged.contains(&participant) => {
                    let judged = kept.compatibility.judge(
                        &self.matcher.program,
                        participant as usize,
                        supporter as usize,
                    );
                    let cost = people.cost(participant, supporter, judged.weight);
                    made.push(Edit::Pin { participant, supporter, cost }.into());
                }
                None if before.is_some() => made.push(Edit::Unpin { participant }.into()),
                _ => {}
            }
        }
        let outcome = self.change_incumbent(&made)?;
        self.keep(&outcome);
        if weighs_backups(&self.matcher.policy) {
            self.set_backups(&placed.backups);
        }
        let left_out = placed.left_out;
        self.set_state(State { added: placed.added, exact: settled.is_some(), left_out });
        let incumbent = self.living.kept.incumbent.as_mut();
        if let Some((incumbent, settled)) = incumbent.zip(settled.as_ref())
            && incumbent.settled != *settled
        {
            let before = std::mem::replace(&mut incumbent.settled, settled.clone());
            self.living.log.push(Old::Settled(before));
        }
        Ok(())
    }

    /// Of an edit what the network that holds the incumbent knows of before anybody moves.
    fn limit_of(&self, edit: &MarketEdit) -> Option<MarketEdit> {
        match edit {
            MarketEdit::Edit(Edit::Allow { .. }) | MarketEdit::Pair { .. } => None,
            edit => self.known_of(edit),
        }
    }

    fn set_backups(&mut self, backups: &BTreeMap<u32, u32>) {
        let before = self.living.kept.backups.clone();
        for &participant in before.keys().filter(|one| !backups.contains_key(one)) {
            self.set_backup(participant, None);
        }
        for (&participant, &supporter) in backups {
            if before.get(&participant) != Some(&supporter) {
                self.set_backup(participant, Some(supporter));
            }
        }
    }

    /// Notes how the incumbent stands.
    pub(super) fn set_state(&mut self, state: State) {
        let Some(incumbent) = self.living.kept.incumbent.as_mut() else { return };
        let before = std::mem::replace(&mut incumbent.state, state);
        if before != state {
            self.living.log.push(Old::Incumbent(before));
        }
    }

    /// Once everything stands, whether the relaxation proves that nothing is better.
    pub(in crate::matcher::live) fn prove(&mut self) {
        let kept = &self.living.kept;
        let Some(state) = kept.incumbent.as_ref().map(|incumbent| incumbent.state) else { return };
        let open = !state.exact || state.left_out != LeftOut::Nothing;
        if open && kept.proves(&self.matcher.program, kept.quality().cost) {
            self.set_state(State { exact: true, left_out: LeftOut::Nothing, ..state });
        }
    }
}
