//! What a host asked for, as records that can be kept and made again.
//!
//! A matcher has no clock and draws no lots: the same requests in the same order lead from the same programme to the
//! same state, byte for byte. (One that was refused may leave a position that nobody has behind, and nothing else.) So
//! a [journal](crate::journal) of requests is all that a host has to keep, beside a [`Snapshot`](super::Snapshot) now
//! and then so that opening it again does not take the whole way.

use std::borrow::Cow;

use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::super::Matcher;
use super::cards::CardQuery;
use super::change::Change;
use super::choosing::{Choice, Declined};
use super::rematch::{Rematch, Rematched};
use super::told::Changed;
use crate::error::{Error, Result};
use crate::policy::Reach;
use crate::program::{ParticipantId, SupporterId};

/// What was asked of a living matcher, and when.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// The day.
    pub on: Date,
    /// What.
    pub request: Request,
}

/// What was asked of a living matcher.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Request {
    /// [`Matcher::apply`].
    Apply(Change),
    /// [`Matcher::apply_within`].
    ApplyWithin {
        /// What happens.
        change: Change,
        /// How far it may reach.
        reach: Reach,
    },
    /// [`Matcher::rematch`].
    Rematch(Rematch),
    /// [`Matcher::undo`].
    Undo,
    /// [`Matcher::note_shown`].
    Shown {
        /// Who was shown them.
        participant: ParticipantId,
        /// When.
        at: DateTime,
        /// Whom, in their order.
        supporters: Vec<SupporterId>,
    },
    /// [`Matcher::hold`] or [`Matcher::hold_on`].
    Hold {
        /// For whom.
        participant: ParticipantId,
        /// With whom.
        supporter: SupporterId,
        /// When.
        at: DateTime,
        /// On which cards; those of a question without wishes of its own if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        question: Option<Box<CardQuery>>,
    },
    /// [`Matcher::choose`] or [`Matcher::choose_on`].
    Choose {
        /// Who chose.
        participant: ParticipantId,
        /// Whom.
        supporter: SupporterId,
        /// When.
        at: DateTime,
        /// On which cards; those of a question without wishes of its own if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        question: Option<Box<CardQuery>>,
    },
    /// [`Matcher::accept`].
    Accept {
        /// Who chose.
        participant: ParticipantId,
        /// Who said yes.
        supporter: SupporterId,
        /// When.
        at: DateTime,
    },
    /// [`Matcher::release`].
    Release {
        /// Who wants the place no longer.
        participant: ParticipantId,
        /// When.
        at: DateTime,
    },
    /// [`Matcher::decline`].
    Decline {
        /// Who was declined.
        participant: ParticipantId,
        /// By whom.
        supporter: SupporterId,
        /// When.
        at: DateTime,
    },
    /// [`Matcher::expire`].
    Expire {
        /// When.
        at: DateTime,
    },
}

/// What a request led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Answer {
    /// Of a change.
    Changed(Box<Changed>),
    /// Of a rematch.
    Rematched(Box<Rematched>),
    /// Of an undoing: whether there was something to undo.
    Undone(bool),
    /// Of a note.
    Noted,
    /// Of a choice.
    Chosen(Box<Choice>),
    /// Of a supporter's no.
    Declined(Box<Declined>),
    /// Of the time that passed: what it led to, if any place was let go of.
    Expired(Option<Box<Changed>>),
}

impl Matcher {
    /// Does what a record asks for.
    ///
    /// ```
    /// use peermatch::journal::{Journal, Writer};
    /// use peermatch::matcher::{Change, Control, Entry, Request};
    /// use peermatch::program::{Participant, ProgramData, Supporter};
    /// use peermatch::{Matcher, Policy, Program};
    ///
    /// let parent = Participant { conditions: vec!["autism".into()], consent: true, ..Participant::new("P-1") };
    /// let helper = Supporter { conditions: vec!["autism".into()], ..Supporter::new("S-1") };
    /// let data = ProgramData { participants: vec![parent], supporters: vec![helper], ..ProgramData::default() };
    /// let on = "2026-11-21".parse().unwrap();
    /// let begin = || Matcher::new(Program::new(data.clone())?, Policy::default(), on);
    ///
    /// let mut matcher = begin()?;
    /// let mut journal = Writer::create(Vec::new())?;
    /// let change = Change::SupporterLeaves { supporter: "S-1".into() };
    /// let entry = Entry { on, request: Request::Apply(change) };
    /// matcher.make(&entry)?;
    /// journal.append(&entry)?;
    ///
    /// let mut again = begin()?;
    /// for entry in &Journal::<Entry>::read(journal.get_ref()).records {
    ///     again.make(entry)?;
    /// }
    /// assert_eq!(again.quality()?, matcher.quality()?);
    /// assert_eq!(again.quality()?.matched, 0);
    /// # Ok::<(), peermatch::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// As what it asks for. A request that failed left nothing behind, so it need not be kept.
    pub fn make(&mut self, entry: &Entry) -> Result<Answer> {
        let Entry { on, request } = entry;
        Ok(match request {
            Request::Apply(change) => Answer::Changed(Box::new(self.apply(change, *on)?)),
            Request::ApplyWithin { change, reach } => {
                Answer::Changed(Box::new(self.apply_within(change, *reach, *on)?))
            }
            Request::Rematch(request) => Answer::Rematched(Box::new(self.rematch(request, *on)?)),
            Request::Undo => Answer::Undone(self.undo()),
            Request::Shown { participant, supporters, .. } => {
                super::fault::participant(&self.program, participant.as_str())?;
                self.note_shown(supporters)?;
                Answer::Noted
            }
            Request::Hold { participant, supporter, at, question } => {
                let question = on_cards(participant, question.as_deref())?;
                Answer::Chosen(Box::new(self.hold_on(&question, supporter, *at)?))
            }
            Request::Choose { participant, supporter, at, question } => {
                let question = on_cards(participant, question.as_deref())?;
                Answer::Chosen(Box::new(self.choose_on(&question, supporter, *at)?))
            }
            Request::Accept { participant, supporter, at } => {
                Answer::Changed(Box::new(self.accept(participant, supporter, *at)?))
            }
            Request::Release { participant, at } => {
                Answer::Changed(Box::new(self.release(participant, *at)?))
            }
            Request::Decline { participant, supporter, at } => {
                Answer::Declined(Box::new(self.decline(participant, supporter, *at)?))
            }
            Request::Expire { at } => Answer::Expired(self.expire(*at)?.map(Box::new)),
        })
    }
}

/// What a participant asked for.
fn on_cards<'a>(participant: &ParticipantId, question: Option<&'a CardQuery>) -> Result<Cow<'a, CardQuery>> {
    match question {
        None => Ok(Cow::Owned(CardQuery::new(participant.clone()))),
        Some(question) if question.participant == *participant => Ok(Cow::Borrowed(question)),
        Some(question) => Err(Error::problem(format!(
            "the cards are those of participant {}, and the choice is that of {participant}",
            question.participant
        ))),
    }
}
