//! What the network found becomes what stands: standing matches and history of the programme, caseloads, costs.
//!
//! **Why nothing moves by that.** A match that was made costs less from then on, by the price of a change, and the one
//! that was left costs as much as any other: an arc in use becomes cheaper, an arc out of use dearer, and neither
//! changes what is best.

use std::collections::BTreeSet;

use super::Turn;
use super::write::Old;
use crate::assignment::{Edit, MarketEdit};
use crate::error::Result;
use crate::program::{Hold, Outcome, ParticipantId, StandingMatch, SupporterId};

impl Turn<'_> {
    /// Makes what the network says the standing matches of the programme.
    pub(super) fn adopt(&mut self) -> Result<()> {
        let mut edits = Vec::new();
        let moved: Vec<(u32, Option<u32>)> = self.moved.iter().map(|(&one, &from)| (one, from)).collect();
        for (participant, from) in moved {
            let to = self.living.kept.engine.supporter_of(participant);
            if from == to {
                self.moved.remove(&participant);
                self.stand_on(participant, to)?;
            } else {
                self.stand_anew(participant, from, to)?;
            }
            self.reprice(participant, from, to, &mut edits);
        }
        // What was judged anew without moving anybody has another weight, and a match that was said to be over and goes
        // on stands again.
        let judged: BTreeSet<u32> = {
            let touched = &self.touched;
            let supporters = touched.supporters.iter().chain(&touched.closed).chain(&touched.places);
            let caseloads = supporters.flat_map(|&supporter| self.living.kept.caseload(supporter));
            let pairs = touched.pairs.iter().map(|pair| pair.0);
            caseloads.chain(touched.people.iter().copied()).chain(pairs).collect()
        };
        for &participant in &judged {
            if self.moved.contains_key(&participant) {
                continue;
            }
            let own = self.living.kept.engine.supporter_of(participant);
            self.stand_on(participant, own)?;
            self.reprice(participant, own, own, &mut edits);
        }
        let outcome = self.change(&edits)?;
        debug_assert!(outcome.effects.is_empty(), "what stands is preferred to what it was");
        self.keep(&outcome);
        self.dismiss_backups(&judged);
        Ok(())
    }

    /// Of those whom the change touches, who stands by no more because the two may not be matched any more, or are.
    fn dismiss_backups(&mut self, judged: &BTreeSet<u32>) {
        let kept = &self.living.kept;
        let program = &self.matcher.program;
        let fails = |(&participant, &supporter): (&u32, &u32)| {
            let suits =
                kept.compatibility.weight(program, participant as usize, supporter as usize).is_some();
            (!suits || kept.engine.supporter_of(participant) == Some(supporter)).then_some(participant)
        };
        let touched = &self.touched;
        let may_fail = |(participant, supporter): &(&u32, &u32)| {
            self.reused.anew
                || judged.contains(participant)
                || self.moved.contains_key(participant)
                || touched.supporters.contains(supporter)
                || touched.closed.contains(supporter)
        };
        let dismissed: Vec<u32> = kept.backups.iter().filter(may_fail).filter_map(fails).collect();
        for participant in dismissed {
            self.set_backup(participant, None);
        }
    }

    /// A match that goes on stands, whatever was said of it.
    fn stand_on(&mut self, participant: u32, own: Option<u32>) -> Result<()> {
        let program = &self.matcher.program;
        let Some(own) = own else { return Ok(()) };
        let id = program.participants()[participant as usize].id.clone();
        if id.as_str().is_empty() || program.standing_of(id.as_str()).is_some() {
            return Ok(());
        }
        let supporter = program.supporters()[own as usize].id.clone();
        self.stand(id, supporter)
    }

    /// A match stands from now on, at the policy's price.
    fn stand(&mut self, participant: ParticipantId, supporter: SupporterId) -> Result<()> {
        let since = Some(self.on);
        self.set_standing(StandingMatch { participant, supporter, hold: Hold::Movable, price: None, since })
    }

    fn stand_anew(&mut self, participant: u32, from: Option<u32>, to: Option<u32>) -> Result<()> {
        let id = self.matcher.program.participants()[participant as usize].id.clone();
        if let Some(from) = from {
            self.set_caseload(from, participant, false);
        }
        if let Some(to) = to {
            self.set_caseload(to, participant, true);
        }
        if !id.as_str().is_empty() {
            let before = self.matcher.program.standing_of(id.as_str()).cloned();
            let now = to.map(|to| self.matcher.program.supporters()[to as usize].id.clone());
            let stands = before.as_ref().is_some_and(|row| Some(&row.supporter) == now.as_ref());
            if let Some(before) = before.filter(|_| !stands) {
                self.remove_standing(&id);
                let known = self.matcher.program.supporter_index(before.supporter.as_str()).is_some();
                if known && !self.touched.recorded.contains(&participant) {
                    self.record(&before, Outcome::Interrupted, None)?;
                }
            }
            if let Some(supporter) = now.filter(|_| !stands) {
                self.stand(id, supporter)?;
            }
        }
        Ok(())
    }

    /// The pair that was left and the one that was made cost otherwise from now on; neither changes what is best.
    fn reprice(&mut self, participant: u32, from: Option<u32>, to: Option<u32>, edits: &mut Vec<MarketEdit>) {
        let program = &self.matcher.program;
        let compatibility = &mut self.living.kept.compatibility;
        compatibility.refresh_facts(program, participant as usize);
        let own = to.and_then(|to| compatibility.weight(program, participant as usize, to as usize));
        let may_go_on = own.is_some();
        let own = match (own, to) {
            (None, Some(to)) => Some(compatibility.judge(program, participant as usize, to as usize).weight),
            (own, _) => own,
        };
        self.set_own(participant, own);
        if self.is_pinned(participant) {
            return;
        }
        let left = from.filter(|&from| Some(from) != to);
        if let Some(left) = left.filter(|&left| !self.touched.left_supporters.contains_key(&left)) {
            self.pair_edit(participant, left, edits);
        }
        let Some(to) = to else {
            edits.push(Edit::Standing { participant, supporter: None }.into());
            return;
        };
        let weight = own.unwrap_or(0);
        let cost = self.living.kept.people(&self.matcher.program).cost(participant, to, weight);
        edits.push(if may_go_on {
            MarketEdit::Pair { participant, supporter: to }
        } else {
            Edit::Allow { participant, supporter: to, cost }.into()
        });
        if self.living.kept.held.contains(&participant) {
            edits.push(Edit::Pin { participant, supporter: to, cost }.into());
        }
        let prefers = self.matcher.policy.objective.least_change;
        edits.push(Edit::Standing { participant, supporter: prefers.then_some(to) }.into());
    }

    fn set_caseload(&mut self, supporter: u32, participant: u32, is_in: bool) {
        let caseload = &mut self.living.kept.caseloads[supporter as usize];
        let changed = if is_in { caseload.insert(participant) } else { caseload.remove(&participant) };
        if changed {
            self.living.log.push(Old::Caseload(supporter, participant, !is_in));
        }
    }

    fn set_own(&mut self, participant: u32, weight: Option<i32>) {
        let kept = &mut self.living.kept;
        let before = std::mem::replace(&mut kept.own[participant as usize], weight);
        if before == weight {
            return;
        }
        kept.matched = kept.matched + u32::from(weight.is_some()) - u32::from(before.is_some());
        kept.weight += i64::from(weight.unwrap_or(0)) - i64::from(before.unwrap_or(0));
        self.living.log.push(Old::Own(participant, before));
    }

    pub(super) fn set_backup(&mut self, participant: u32, supporter: Option<u32>) {
        let backups = &mut self.living.kept.backups;
        let before = match supporter {
            Some(supporter) => backups.insert(participant, supporter),
            None => backups.remove(&participant),
        };
        if before != supporter {
            self.living.log.push(Old::Backup(participant, before));
        }
    }
}
