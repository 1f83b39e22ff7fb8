//! Who chooses whom: a place held for a while, a choice made, let go of, declined.
//!
//! **Problem.** Between a participant's click and a supporter's yes lie hours, in which the place must not be given to
//! anybody else, and two who want the last place need one answer each.
//!
//! **Method.** A held place is a pinned match that the living programme knows to be an offer: the optimum of everybody
//! else goes on around it. Nobody moves for it. Chosen, it stays; let go of, expired or declined, it ends as if it had
//! never been, and the participant is what they were before: waiting to choose, or to be given somebody. Whatever else
//! ends the match (the supporter leaves, the two are barred) ends the hold in the same way. A choice is the participant's
//! yes; the supporter's is [`accept`](Matcher::accept), and only then does either learn how to reach the other.
//!
//! Requests are answered one after another, so of two who want the last place the first has it, and the second is told
//! so, with fresh cards. What is shown and chosen are [`Request`](super::Request)s like any others, so a journal of them
//! is the log of what was shown in which order, and what was taken, declined or left.
//!
//! **Time.** As the change that it is.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::super::Matcher;
use super::cards::{CardQuery, Cards};
use super::told::Changed;
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

/// A place that is held for a participant, who may have chosen it already: an offer, and no match yet.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct HeldPlace {
    /// With whom.
    pub supporter: SupporterId,
    /// Until when. Not set once it is chosen: then it waits for the supporter's answer, however long that takes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub until: Option<DateTime>,
    /// The participant waited to choose, and does again if nothing comes of it.
    pub was_choosing: bool,
}

impl HeldPlace {
    /// The participant has said yes, the supporter has not yet.
    pub fn is_chosen(&self) -> bool {
        self.until.is_none()
    }
}

/// In words.
impl std::fmt::Display for HeldPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.until {
            Some(until) => write!(f, "a place with {} is held until {until}", self.supporter),
            None => write!(f, "{} was chosen, and has not answered yet", self.supporter),
        }
    }
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
    /// The two are matched, if the supporter accepts.
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
    /// Every place that the supporter may have is taken.
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
    /// now on; with another, the first is let go of. Other places whose time has come are still taken until
    /// [`expire`](Self::expire) was called. No place is freed for it, whatever the policy says of cards of taken places:
    /// [choose](Self::choose_on) these at once.
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
        self.hold_on(&CardQuery::new(participant.clone()), supporter, at)
    }

    /// The same for one of the cards that a question was answered with: if it cannot be, the fresh cards answer it again.
    ///
    /// # Errors
    ///
    /// As [`hold`](Self::hold) and [`cards`](Self::cards).
    pub fn hold_on(&mut self, question: &CardQuery, supporter: &SupporterId, at: DateTime) -> Result<Choice> {
        let participant = &question.participant;
        self.asks_sense(question)?;
        if let Some(refused) = self.cannot_choose(question, supporter, false)? {
            return Ok(refused);
        }
        let held = self.held_place(participant)?.cloned();
        if held.as_ref().is_some_and(|held| held.is_chosen() && held.supporter == *supporter) {
            return Err(Error::problem(format!(
                "participant {participant} has chosen {supporter} already; release that first"
            )));
        }
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
                turn.take_place(participant, supporter, Some(Reach::NobodyElse))?;
            }
            let supporter = supporter.clone();
            turn.set_hold(participant, Some(HeldPlace { supporter, until: Some(until), was_choosing }));
            Ok(())
        })?;
        Ok(Choice::Held { until, changed: Box::new(changed) })
    }

    /// Matches a participant with the supporter they chose, be the place held or not. A match that they have ends. The
    /// match is pinned: whoever chose is not moved. It is an offer until the supporter [accepts](Self::accept), who may
    /// [decline](Self::decline) as well: until then nothing is told of how to reach them, the participant may
    /// [release](Self::release) it or choose another, and whatever ends it leaves no record. Chosen again by whoever has
    /// the supporter already, the match is pinned and nothing else changes.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`] if there is no such participant or supporter; [`Error::is_problem`] where nothing is kept
    /// alive, or if the participant's match is pinned to somebody else, by the programme or by a choice that was accepted.
    pub fn choose(
        &mut self,
        participant: &ParticipantId,
        supporter: &SupporterId,
        at: DateTime,
    ) -> Result<Choice> {
        self.choose_on(&CardQuery::new(participant.clone()), supporter, at)
    }

    /// The same for one of the cards that a question was answered with: if it cannot be, the fresh cards answer it again.
    /// Where the question, or the policy, shows [taken places](CardQuery::taken_places), one is freed for the choice.
    /// Others move as the card said.
    ///
    /// # Errors
    ///
    /// As [`choose`](Self::choose) and [`cards`](Self::cards).
    pub fn choose_on(
        &mut self,
        question: &CardQuery,
        supporter: &SupporterId,
        at: DateTime,
    ) -> Result<Choice> {
        let participant = &question.participant;
        self.asks_sense(question)?;
        let frees = self.frees_places(question)?;
        let (person, place) = self.positions(participant, supporter)?;
        let has_them = self.alive()?.kept.engine.supporter_of(person as u32) == Some(place as u32);
        if !has_them {
            if let Some(error) = self.is_settled(participant)? {
                return Err(error);
            }
            if let Some(refused) = self.cannot_choose(question, supporter, frees)? {
                return Ok(refused);
            }
        }
        let held = self.held_place(participant)?.cloned();
        let stands = self.program.standing_of(participant.as_str());
        let is_pinned = stands.is_some_and(|row| row.hold == Hold::Pinned);
        let ((), changed) = self.turn(at.date(), |turn| {
            let was_choosing = match &held {
                Some(held) => held.was_choosing,
                None => turn.is_choosing(participant)?,
            };
            if !(has_them && is_pinned) {
                // As far as the objective reaches, as on the card.
                turn.take_place(participant, supporter, None)?;
            }
            if held.is_some() || !has_them {
                let supporter = supporter.clone();
                turn.set_hold(participant, Some(HeldPlace { supporter, until: None, was_choosing }));
            }
            Ok(())
        })?;
        Ok(Choice::Matched { changed: Box::new(changed) })
    }

    /// The supporter whom a participant chose says yes: it is a match from now on, and told how to
    /// [reach](Self::contact) them.
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept alive, or the participant does not wait for the answer of this
    /// supporter: they may have chosen another since.
    pub fn accept(
        &mut self,
        participant: &ParticipantId,
        supporter: &SupporterId,
        at: DateTime,
    ) -> Result<Changed> {
        let held = self.held_place(participant)?;
        if !held.is_some_and(|held| held.is_chosen() && held.supporter == *supporter) {
            let now = held.map_or_else(|| "nobody is chosen".to_owned(), ToString::to_string);
            return Err(Error::problem(format!(
                "participant {participant} does not wait for an answer of {supporter}: {now}"
            )));
        }
        let accepted = self.turn(at.date(), |turn| {
            turn.set_hold(participant, None);
            Ok(())
        });
        accepted.map(|((), changed)| changed)
    }

    /// Lets go of the place that is held for a participant, or chosen and not accepted yet: as if it had never been.
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept alive, or nothing is held for the participant.
    pub fn release(&mut self, participant: &ParticipantId, at: DateTime) -> Result<Changed> {
        self.expect_hold(participant)?;
        let all = vec![participant.clone()];
        self.turn(at.date(), |turn| turn.let_go_of(&all)).map(|((), changed)| changed)
    }

    /// Lets go of every place whose time has come, all together; none if there is none. Choices have no time. A host calls this before it
    /// shows cards, or every few minutes: nothing expires by itself, for the library has no clock.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply).
    pub fn expire(&mut self, at: DateTime) -> Result<Option<Changed>> {
        let holds = &self.alive()?.choosing.holds;
        let due = holds
            .iter()
            .filter(|(_, held)| held.until.is_some_and(|until| until <= at))
            .map(|(id, _)| id.clone());
        let due: Vec<ParticipantId> = due.collect();
        if due.is_empty() {
            return Ok(None);
        }
        self.turn(at.date(), |turn| turn.let_go_of(&due)).map(|((), changed)| Some(changed))
    }

    /// A supporter declines a participant, whether the place was held or the match made: the two are not proposed to each
    /// other again, and the participant is to choose among fresh cards: those of a question without wishes of its own. (A
    /// host that knows what the participant asked for asks that again.)
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
        // What is done is done, whatever comes of the next question.
        let cards = self.cards(&CardQuery::new(participant.clone()));
        let cards = cards.unwrap_or_else(|_| Cards::none(participant.clone(), self.policy.cards.ranking));
        Ok(Declined { changed, cards })
    }

    /// The place that is held for a participant, or that they chose and the supporter has not accepted yet, if there is one.
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept alive.
    pub fn held_place(&self, participant: &ParticipantId) -> Result<Option<&HeldPlace>> {
        Ok(self.alive()?.choosing.holds.get(participant))
    }

    /// How a participant can reach their supporter; none for whoever has no supporter, or only a place that is held for
    /// them, or who chose somebody that has not [accepted](Self::accept). Matches that the programme made are taken as
    /// accepted by the programme. (Contact details only after acceptance: CCS.)
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

    /// Everything in the question of a choice can be meant, be it answered again or not.
    fn asks_sense(&self, question: &CardQuery) -> Result<()> {
        let criteria: Vec<&str> = self.alive()?.kept.compatibility.criteria().collect();
        question.check(self, &criteria).map(drop)
    }

    /// How many a supporter could have more, were what the participant has left: two may share a supervisor's limit.
    fn room_for(&self, participant: &ParticipantId, supporter: &SupporterId) -> Result<u32> {
        let (person, place) = self.positions(participant, supporter)?;
        let engine = &self.alive()?.kept.engine;
        Ok(engine.room_beside(place as u32, engine.supporter_of(person as u32)))
    }

    /// The answer to a choice that cannot be made.
    fn cannot_choose(
        &self,
        question: &CardQuery,
        supporter: &SupporterId,
        frees: bool,
    ) -> Result<Option<Choice>> {
        let participant = &question.participant;
        let (person, place) = self.positions(participant, supporter)?;
        let kept = &self.alive()?.kept;
        if kept.engine.supporter_of(person as u32) == Some(place as u32) {
            return Ok(None);
        }
        let judgement = kept.compatibility.judge(&self.program, person, place);
        let against = judgement.vetoes.iter().filter(|(_, lifted_by)| lifted_by.is_none());
        let reasons: Vec<String> = against.map(|(veto, _)| veto.to_string()).collect();
        let is_open = self.room_for(participant, supporter)? > 0
            || frees && kept.engine.openings(person as u32, false)?.price(place as u32).is_some();
        let because = if !reasons.is_empty() {
            Refused::NotEligible { reasons }
        } else if !is_open {
            Refused::Taken
        } else {
            return Ok(None);
        };
        // Whoever has a pinned match has no cards to choose from.
        let cards = match self.cards(question) {
            Err(error) if error.is_problem() => Cards::none(participant.clone(), self.policy.cards.ranking),
            cards => cards?,
        };
        Ok(Some(Choice::Refused { because, cards: Box::new(cards) }))
    }
}
