//! Who chooses whom: a place held for a while, a choice made, let go of, declined.
//!
//! **Problem.** Between a participant's click and a supporter's yes lie hours, in which the place must not be given to
//! anybody else, and two who want the last place need one answer each.
//!
//! **Method.** A held place is a pinned match that the living programme knows to be an offer: the optimum of everybody
//! else goes on around it. Nobody moves for it. Chosen, it stays; let go of, expired or declined, it ends as if it had
//! never been, and the participant is what they were before: waiting to choose, or to be given somebody. Whatever else
//! ends the match (the supporter leaves, the two are barred) ends the hold.
//!
//! Requests are answered one after another, so of two who want the last place the first has it, and the second is told
//! so, with fresh cards. What is shown and chosen are [`Request`](super::Request)s like any others, so a journal of them
//! is the log of what was shown in which order, and what was taken, declined or left.
//!
//! **Time.** As the change that it is.

use std::collections::{BTreeMap, BTreeSet};

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::super::Matcher;
use super::Turn;
use super::cards::{CardQuery, Cards};
use super::told::{Because, Changed};
use super::write::Old;
use crate::error::{Error, Result};
use crate::policy::Reach;
use crate::program::{Hold, Outcome, ParticipantId, SupporterId};

/// How a supporter can be reached.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Contact {
    /// Who.
    pub supporter: SupporterId,
    /// As the record has it, by label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub details: BTreeMap<String, String>,
}

/// Who, and how much is known, not what.
impl std::fmt::Debug for Contact {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Contact")
            .field("supporter", &self.supporter)
            .field("details", &self.details.len())
            .finish()
    }
}

/// A place that is held for a participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HeldPlace {
    /// With whom.
    pub supporter: SupporterId,
    /// Until when.
    pub until: DateTime,
    /// The participant waited to choose, and does again if nothing comes of it.
    pub was_choosing: bool,
}

/// What is kept of choices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Choosing {
    pub(super) holds: BTreeMap<ParticipantId, HeldPlace>,
    /// How often each supporter was shown.
    pub(super) shown: BTreeMap<SupporterId, u64>,
}

impl Choosing {
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// What came of a choice.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Choice {
    /// The place is held.
    Held {
        /// Until when.
        until: DateTime,
        /// What it led to.
        changed: Box<Changed>,
    },
    /// The two are matched.
    Matched {
        /// What it led to.
        changed: Box<Changed>,
    },
    /// It cannot be; nothing has changed.
    Refused {
        /// Why.
        because: Refused,
        /// Fresh cards.
        cards: Box<Cards>,
    },
}

/// Why a choice cannot be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Refused {
    /// Somebody else has the last place.
    Taken,
    /// The two may not be matched.
    NotEligible {
        /// Why, in words.
        reasons: Vec<String>,
    },
}

/// What a supporter's no led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Declined {
    /// What it led to.
    pub changed: Changed,
    /// The next cards.
    pub cards: Cards,
}

impl Matcher {
    /// Holds a place with a supporter for a participant who has nobody, for as many hours as the policy says
    /// ([`hold_hours`](crate::policy::Cards::hold_hours)). Nobody moves. Held again with the same supporter it lasts from
    /// now on; with another, the first is let go of.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`] if there is no such participant or supporter; [`Error::is_problem`] where nothing is kept
    /// alive, or if the participant has a match that is no held place: [end](super::Change::MatchEnds) that first, or
    /// [choose](Self::choose) at once.
    pub fn hold(
        &mut self,
        participant: &ParticipantId,
        supporter: &SupporterId,
        at: DateTime,
    ) -> Result<Choice> {
        if let Some(refused) = self.cannot_choose(participant, supporter)? {
            return Ok(refused);
        }
        let held = self.held_place(participant)?.cloned();
        if held.is_none() && self.program.standing_of(participant.as_str()).is_some() {
            return Err(Error::problem(format!(
                "participant {participant} has a supporter; end that match first, or choose at once"
            )));
        }
        let hours = SignedDuration::from_hours(self.policy.cards.hold_hours.into());
        let until =
            at.checked_add(hours).map_err(|_| Error::problem(format!("{at} is beyond all calendars")))?;
        let ((), changed) = self.turn(at.date(), |turn| {
            let was_choosing = match &held {
                Some(held) => held.was_choosing,
                None => turn.is_choosing(participant)?,
            };
            if held.as_ref().is_none_or(|held| held.supporter != *supporter) {
                turn.take_place(participant, supporter)?;
            }
            let supporter = supporter.clone();
            turn.set_hold(participant, Some(HeldPlace { supporter, until, was_choosing }));
            Ok(())
        })?;
        Ok(Choice::Held { until, changed: Box::new(changed) })
    }

    /// Matches a participant with the supporter they chose, be the place held or not. A match that they have ends. The
    /// match is pinned: whoever chose is not moved.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`] if there is no such participant or supporter; [`Error::is_problem`] where nothing is kept
    /// alive.
    pub fn choose(
        &mut self,
        participant: &ParticipantId,
        supporter: &SupporterId,
        at: DateTime,
    ) -> Result<Choice> {
        if let Some(refused) = self.cannot_choose(participant, supporter)? {
            return Ok(refused);
        }
        let stands = self.program.standing_of(participant.as_str());
        let is_made = stands.is_some_and(|row| row.supporter == *supporter && row.hold == Hold::Pinned);
        let ((), changed) = self.turn(at.date(), |turn| {
            if !is_made {
                turn.take_place(participant, supporter)?;
            }
            turn.set_hold(participant, None);
            Ok(())
        })?;
        Ok(Choice::Matched { changed: Box::new(changed) })
    }

    /// Lets go of the place that is held for a participant: as if it had never been.
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept alive, or nothing is held for the participant.
    pub fn release(&mut self, participant: &ParticipantId, at: DateTime) -> Result<Changed> {
        self.expect_hold(participant)?;
        let all = vec![participant.clone()];
        self.turn(at.date(), |turn| turn.let_go_of(&all)).map(|((), changed)| changed)
    }

    /// Lets go of every place whose time has come, all together; none if there is none. A host calls this before it
    /// shows cards, or every few minutes: nothing expires by itself, for the library has no clock.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply).
    pub fn expire(&mut self, at: DateTime) -> Result<Option<Changed>> {
        let holds = &self.alive()?.choosing.holds;
        let due = holds.iter().filter(|(_, held)| held.until <= at).map(|(id, _)| id.clone());
        let due: Vec<ParticipantId> = due.collect();
        if due.is_empty() {
            return Ok(None);
        }
        self.turn(at.date(), |turn| turn.let_go_of(&due)).map(|((), changed)| Some(changed))
    }

    /// A supporter declines a participant, whether the place was held or the match made: the two are not proposed to each
    /// other again, and the participant is to choose among fresh cards.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`] if there is no such participant or supporter; [`Error::is_problem`] where nothing is kept
    /// alive, or if the two are not matched.
    pub fn decline(
        &mut self,
        participant: &ParticipantId,
        supporter: &SupporterId,
        at: DateTime,
    ) -> Result<Declined> {
        self.positions(participant, supporter)?;
        let stands = self.program.standing_of(participant.as_str());
        if stands.is_none_or(|row| row.supporter != *supporter) {
            return Err(Error::problem(format!("{participant} and {supporter} are not matched")));
        }
        let is_held = self.held_place(participant)?.is_some();
        let ((), changed) = self.turn(at.date(), |turn| {
            if is_held {
                turn.leave_place(participant)?;
                turn.set_hold(participant, None);
            } else {
                let reason = Some("the supporter declined".to_owned());
                turn.end(participant, Outcome::Interrupted, reason)?;
            }
            turn.bar(participant, supporter, Some("the supporter declined".to_owned()))?;
            turn.choose_again(participant)?;
            turn.settle(None)
        })?;
        let cards = self.cards(&CardQuery::new(participant.clone()))?;
        Ok(Declined { changed, cards })
    }

    /// The place that is held for a participant, if one is.
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept alive.
    pub fn held_place(&self, participant: &ParticipantId) -> Result<Option<&HeldPlace>> {
        Ok(self.alive()?.choosing.holds.get(participant))
    }

    /// How a participant can reach their supporter, once the match is accepted; none for whoever has no supporter, or only
    /// a place that is held for them. (Contact details only after acceptance: CCS.)
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept alive, or there is no such participant.
    pub fn contact(&self, participant: &ParticipantId) -> Result<Option<Contact>> {
        let kept = &self.alive()?.kept;
        let person = super::fault::participant(&self.program, participant.as_str())?;
        if self.held_place(participant)?.is_some() {
            return Ok(None);
        }
        let supporter = kept.engine.supporter_of(person as u32).map(|own| own as usize);
        Ok(supporter.map(|supporter| {
            let own = &self.program.supporters()[supporter];
            Contact { supporter: own.id.clone(), details: own.card.contact.clone() }
        }))
    }

    /// Notes that somebody was shown these supporters: from now on others come first among equals. Supporters who left
    /// are passed over. It is no change that could be undone.
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept alive.
    pub fn note_shown(&mut self, supporters: &[SupporterId]) -> Result<()> {
        self.alive()?;
        let Some(living) = self.living.as_mut() else { return Ok(()) };
        for id in supporters.iter().filter(|id| self.program.supporter_index(id.as_str()).is_some()) {
            *living.choosing.shown.entry(id.clone()).or_default() += 1;
        }
        Ok(())
    }

    fn positions(&self, participant: &ParticipantId, supporter: &SupporterId) -> Result<(usize, usize)> {
        self.alive()?;
        let program = &self.program;
        Ok((
            super::fault::participant(program, participant.as_str())?,
            super::fault::supporter(program, supporter.as_str())?,
        ))
    }

    fn expect_hold(&self, participant: &ParticipantId) -> Result<()> {
        match self.held_place(participant)? {
            Some(_) => Ok(()),
            None => Err(Error::problem(format!("no place is held for participant {participant}"))),
        }
    }

    /// The answer to a choice that cannot be made.
    fn cannot_choose(&self, participant: &ParticipantId, supporter: &SupporterId) -> Result<Option<Choice>> {
        let (person, place) = self.positions(participant, supporter)?;
        let kept = &self.alive()?.kept;
        if kept.engine.supporter_of(person as u32) == Some(place as u32) {
            return Ok(None);
        }
        let judgement = kept.compatibility.judge(&self.program, person, place);
        let against = judgement.vetoes.iter().filter(|(_, lifted_by)| lifted_by.is_none());
        let reasons: Vec<String> = against.map(|(veto, _)| veto.to_string()).collect();
        let because = if !reasons.is_empty() {
            Refused::NotEligible { reasons }
        } else if kept.engine.room(place as u32) == 0 {
            Refused::Taken
        } else {
            return Ok(None);
        };
        // Whoever has a pinned match, or a place that is held, has no cards to choose from.
        let cards = match self.cards(&CardQuery::new(participant.clone())) {
            Err(error) if error.is_problem() => Cards::none(participant.clone(), self.policy.cards.ranking),
            cards => cards?,
        };
        Ok(Some(Choice::Refused { because, cards: Box::new(cards) }))
    }
}

impl Turn<'_> {
    fn is_choosing(&self, participant: &ParticipantId) -> Result<bool> {
        let position = self.participant(participant.as_str())? as u32;
        Ok(self.living.kept.paused.contains(&position))
    }

    /// Notes a hold, or that there is none.
    fn set_hold(&mut self, participant: &ParticipantId, hold: Option<HeldPlace>) {
        let holds = &mut self.living.choosing.holds;
        let before = match hold {
            Some(hold) => holds.insert(participant.clone(), hold),
            None => holds.remove(participant),
        };
        self.living.log.push(Old::HeldPlace(participant.clone(), before));
    }

    /// Matches the two, with nobody moved; a place that was held elsewhere is left.
    fn take_place(&mut self, participant: &ParticipantId, supporter: &SupporterId) -> Result<()> {
        if self.living.choosing.holds.contains_key(participant) {
            self.leave_place(participant)?;
        }
        self.write(&super::Change::Pin { participant: participant.clone(), supporter: supporter.clone() })?;
        let position = self.participant(participant.as_str())? as u32;
        self.touched.subjects.insert(position, Because::Chose);
        self.settle(Some(Reach::NobodyElse))
    }

    /// Ends a match that was an offer, without a record.
    fn leave_place(&mut self, participant: &ParticipantId) -> Result<()> {
        let position = self.participant(participant.as_str())? as u32;
        let Some(standing) = self.remove_standing(participant) else { return Ok(()) };
        if let Ok(place) = self.supporter(standing.supporter.as_str()) {
            self.touched.places.insert(place as u32);
        }
        self.touched.recorded.insert(position);
        self.touched.people.insert(position);
        self.touched.subjects.insert(position, Because::ChoiceEnded);
        Ok(())
    }

    /// A place that is held is no match that would speak against a change.
    pub(super) fn leave_before(&mut self, change: &super::Change) -> Result<()> {
        if let super::Change::Bar { participant, supporter, .. } = change
            && self.living.choosing.holds.get(participant).is_some_and(|held| held.supporter == *supporter)
        {
            self.leave_place(participant)?;
        }
        Ok(())
    }

    /// Ends a match for a participant who is to choose.
    pub(super) fn wait_to_choose(&mut self, participant: &ParticipantId) -> Result<()> {
        let position = self.participant(participant.as_str())? as u32;
        if self.living.choosing.holds.contains_key(participant) {
            self.leave_place(participant)?;
        } else if self.matcher.program.standing_of(participant.as_str()).is_some() {
            self.end(participant, Outcome::Interrupted, Some("wants to choose".to_owned()))?;
        }
        self.touched.people.insert(position);
        self.touched.subjects.entry(position).or_insert(Because::Themselves);
        self.choose_again(participant)
    }

    fn choose_again(&mut self, participant: &ParticipantId) -> Result<()> {
        let position = self.participant(participant.as_str())? as u32;
        self.touched.paused.insert(position);
        Ok(())
    }

    /// Lets go of places that are held.
    fn let_go_of(&mut self, all: &[ParticipantId]) -> Result<()> {
        for participant in all {
            let was_choosing =
                self.living.choosing.holds.get(participant).is_some_and(|held| held.was_choosing);
            self.leave_place(participant)?;
            self.set_hold(participant, None);
            if was_choosing {
                self.choose_again(participant)?;
            }
        }
        self.settle(None)
    }

    /// Whatever ended a match that was an offer ended the offer. Looks at those alone whose match was written.
    pub(super) fn drop_broken_holds(&mut self) {
        if self.living.choosing.holds.is_empty() {
            return;
        }
        let begun = self.living.marks.last().copied().unwrap_or(0);
        let program = &self.matcher.program;
        let stands = |id: &ParticipantId, held: &HeldPlace| {
            program
                .standing_of(id.as_str())
                .is_some_and(|row| row.supporter == held.supporter && row.hold == Hold::Pinned)
        };
        let written = self.living.log[begun..].iter().filter_map(|old| match old {
            Old::Standing { participant, .. } => Some(participant),
            Old::NoParticipant { record, .. } => Some(&record.id),
            _ => None,
        });
        let holds = &self.living.choosing.holds;
        let broken = written.filter(|id| holds.get(*id).is_some_and(|held| !stands(id, held)));
        let broken: BTreeSet<ParticipantId> = broken.cloned().collect();
        for participant in broken {
            self.set_hold(&participant, None);
        }
    }
}
