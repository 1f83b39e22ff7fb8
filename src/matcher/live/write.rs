//! A change written into the programme, and the way back of it.
//!
//! **Method.** Each change edits a few records of the [`Program`](crate::program::Program) and notes two things: what
//! it replaced, so that it can be undone, and whom it touches, so that only their pairs are judged anew.
//!
//! **Time and space.** What the records take; nothing is looked through.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

use super::change::Change;
use super::choosing::HeldPlace;
use super::fault::{self, fault};
use super::incumbent::{Print, State};
use super::told::Because;
use super::{Kept, Turn};
use crate::error::{Fault, Result};
use crate::policy::{BuiltIn, Policy};
use crate::program::{
    Acquaintance, BarredPair, Hold, Outcome, Participant, ParticipantId, PastMatch, StandingMatch,
    Supervisor, Supporter, SupporterId,
};

/// What a write replaced.
#[derive(Clone)]
pub(super) enum Old {
    /// A record came where there was none, or another one.
    Participant {
        id: ParticipantId,
        before: Option<Box<Participant>>,
        known: bool,
    },
    /// The record at a position was taken out.
    NoParticipant {
        position: usize,
        record: Box<Participant>,
    },
    Supporter {
        id: SupporterId,
        before: Option<Box<Supporter>>,
        known: bool,
    },
    NoSupporter {
        position: usize,
        record: Box<Supporter>,
    },
    Supervisor(Supervisor),
    NoSupervisor,
    Standing {
        participant: ParticipantId,
        before: Option<StandingMatch>,
    },
    Acquainted(Acquaintance),
    Barred(BarredPair),
    Unbarred(BarredPair),
    Past(ParticipantId),
    /// Everything was put together anew.
    Whole(Box<Whole>),
    Own(u32, Option<i32>),
    Caseload(u32, u32, bool),
    Pinned(u32, u32),
    Held(u32, bool),
    Back(u32, bool),
    Paused(u32, bool),
    Backup(u32, Option<u32>),
    Incumbent(State),
    Settled(BTreeSet<Print>),
    Totals(u32, i64),
    HeldPlace(ParticipantId, Option<HeldPlace>),
    NewParticipant,
    NewSupporter,
}

/// What a change of everything replaced.
#[derive(Clone)]
pub(super) struct Whole {
    pub(super) kept: Kept,
    pub(super) policy: Policy,
    pub(super) as_of: Date,
}

/// Whom a change touches, by position.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Pairs to be judged.
    pub(super) pairs: BTreeSet<(u32, u32)>,
    /// Participants whose every pair is to be judged.
    pub(super) people: BTreeSet<u32>,
    /// Supporters whose every pair is to be judged.
    pub(super) supporters: BTreeSet<u32>,
    /// Supporters who take nobody new any more: only standing matches are to be judged.
    pub(super) closed: BTreeSet<u32>,
    /// Supporters whose places are others.
    pub(super) places: BTreeSet<u32>,
    /// Supervisors whose limits are others, or whose supporters' pins are.
    pub(super) groups: BTreeSet<u32>,
    /// Participants whom the change is about, and why.
    pub(super) subjects: BTreeMap<u32, Because>,
    /// Participants whom a limit concerns: if somebody has to go, one of them.
    pub(super) concerned: BTreeSet<u32>,
    /// Participants for whom nobody is looked for.
    pub(super) paused: BTreeSet<u32>,
    /// Participants whose match was recorded as over already.
    pub(super) recorded: BTreeSet<u32>,
    /// Supporters who may take more or others than before.
    pub(super) opened: BTreeSet<u32>,
    /// The ids of who left, by position.
    pub(super) left: BTreeMap<u32, ParticipantId>,
    pub(super) left_supporters: BTreeMap<u32, SupporterId>,
    /// Whatever is not the best is to become so.
    pub(super) settles: bool,
    /// Everybody may be touched.
    pub(super) anew: bool,
    pub(super) warnings: Vec<Fault>,
}

impl Turn<'_> {
    /// The position of a participant.
    pub(super) fn participant(&self, id: &str) -> Result<usize> {
        fault::participant(&self.matcher.program, id)
    }

    /// The position of a supporter.
    pub(super) fn supporter(&self, id: &str) -> Result<usize> {
        fault::supporter(&self.matcher.program, id)
    }

    pub(super) fn write(&mut self, change: &Change) -> Result<()> {
        match change {
            Change::ParticipantArrives { participant } => {
                if self.matcher.program.participant_index(participant.id.as_str()).is_some() {
                    let remedy = "send participant_changes, or give an id of its own";
                    return Err(fault(
                        participant.id.as_str(),
                        "id",
                        &participant.id,
                        "is there already",
                        remedy,
                    ));
                }
                let position = self.put_participant((**participant).clone())?;
                self.touched.subjects.insert(position, Because::Arrived);
            }
            Change::ParticipantChanges { participant } => {
                self.participant(participant.id.as_str())?;
                let position = self.put_participant((**participant).clone())?;
                self.touched.subjects.insert(position, Because::Themselves);
            }
            Change::ParticipantLeaves { participant } => self.participant_leaves(participant)?,
            Change::SupporterArrives { supporter } => {
                if self.matcher.program.supporter_index(supporter.id.as_str()).is_some() {
                    let remedy = "send supporter_changes, or give an id of its own";
                    return Err(fault(
                        supporter.id.as_str(),
                        "id",
                        &supporter.id,
                        "is there already",
                        remedy,
                    ));
                }
                self.put_supporter((**supporter).clone())?;
            }
            Change::SupporterChanges { supporter } => {
                self.supporter(supporter.id.as_str())?;
                self.put_supporter((**supporter).clone())?;
            }
            Change::SupporterLeaves { supporter } => self.supporter_leaves(supporter)?,
            Change::SupporterStatus { supporter, status, leave_until } => {
                self.edit_supporter(supporter, |record| {
                    record.status = *status;
                    record.leave_until = *leave_until;
                })?;
            }
            Change::SupporterCapacity { supporter, capacity } => {
                self.edit_supporter(supporter, |record| {
                    record.capacity = *capacity;
                    record.wished_minimum = record.wished_minimum.min(capacity.unwrap_or(u32::MAX));
                })?;
            }
            Change::SupporterAvailability { supporter, availability } => {
                self.edit_supporter(supporter, |record| record.availability.clone_from(availability))?;
            }
            Change::SupporterScope { supporter, excluded_conditions, excluded_issues } => {
                self.edit_supporter(supporter, |record| {
                    record.excluded_conditions.clone_from(excluded_conditions);
                    record.excluded_issues.clone_from(excluded_issues);
                })?;
            }
            Change::Bar { participant, supporter, reason } => {
                self.bar(participant, supporter, reason.clone())?;
            }
            Change::Unbar { participant, supporter } => self.unbar(participant, supporter)?,
            Change::Acquainted { participant, supporter } => self.acquaint(participant, supporter)?,
            Change::Pin { participant, supporter } => self.pin(participant, supporter)?,
            Change::Unpin { participant } => self.unpin(participant)?,
            Change::WaitsToChoose { participant } => self.wait_to_choose(participant)?,
            Change::MatchEnds { participant, outcome, reason } => {
                self.end(participant, *outcome, reason.clone())?;
                if *outcome == Outcome::Completed {
                    // It did what it was for: nobody is looked for until they ask again.
                    let position = self.participant(participant.as_str())?;
                    let record = Participant {
                        consent: false,
                        ..self.matcher.program.participants()[position].clone()
                    };
                    self.put_participant(record)?;
                }
            }
            Change::StandsBy { participant, supporter } => self.stand_by(participant, supporter.as_ref())?,
            Change::SupervisorChanges { supervisor } => self.put_supervisor(supervisor)?,
            Change::CriterionWeight { criterion, weight } => {
                let mut policy = self.matcher.policy.clone();
                weigh(&mut policy, criterion, *weight)?;
                self.put_policy(policy)?;
            }
            Change::Policy { policy } => self.put_policy((**policy).clone())?,
            Change::Day { as_of } => {
                self.touched.anew = true;
                self.day = *as_of;
            }
            Change::Settle {} => {
                self.touched.settles = true;
                self.release_everyone();
            }
        }
        Ok(())
    }

    pub(super) fn put_participant(&mut self, record: Participant) -> Result<u32> {
        let id = record.id.clone();
        let known = self.matcher.program.has_known_participant(id.as_str());
        let placed = self.matcher.program.put_participant(record)?;
        let position = placed.position as u32;
        self.touched.warnings.extend(placed.warnings);
        self.living.log.push(Old::Participant { id, before: placed.before.map(Box::new), known });
        self.touched.people.insert(position);
        Ok(position)
    }

    fn participant_leaves(&mut self, id: &ParticipantId) -> Result<()> {
        let position = self.participant(id.as_str())?;
        self.remove_standing(id);
        let (_, record) = self.matcher.program.remove_participant(id.as_str())?;
        self.living.log.push(Old::NoParticipant { position, record: Box::new(record) });
        let position = position as u32;
        self.set_backup(position, None);
        self.touched.people.insert(position);
        self.touched.subjects.insert(position, Because::Left);
        self.touched.recorded.insert(position);
        self.touched.left.insert(position, id.clone());
        Ok(())
    }

    fn put_supporter(&mut self, record: Supporter) -> Result<()> {
        let id = record.id.clone();
        let known = self.matcher.program.has_known_supporter(id.as_str());
        let placed = self.matcher.program.put_supporter(record)?;
        let position = placed.position;
        // That matches end with whoever leaves is no slip of anybody's, and the effects say it.
        let of_record = placed.warnings.into_iter().filter(|warning| !warning.file.starts_with("history."));
        self.touched.warnings.extend(of_record);
        let before = placed.before;
        self.living.log.push(Old::Supporter { id, before: before.clone().map(Box::new), known });
        self.note_supporter(position, before.as_ref());
        Ok(())
    }

    /// What a supporter's record, as it is now, asks to be judged anew.
    fn note_supporter(&mut self, position: usize, before: Option<&Supporter>) {
        let record = &self.matcher.program.supporters()[position];
        let day = self.matcher.as_of;
        let supporter = position as u32;
        let supervisor_of = |record: &Supporter| {
            let id = record.supervisor.as_ref()?;
            self.matcher.program.supervisor_index(id.as_str())
        };
        self.touched.groups.extend(before.and_then(supervisor_of).map(|group| group as u32));
        self.touched.groups.extend(supervisor_of(record).map(|group| group as u32));
        let capacity = |record: &Supporter| self.matcher.policy.loads.capacity(record.capacity);
        let takes = |record: &Supporter| record.takes_new_matches(day) && capacity(record) > 0;
        let others_alone = before.is_some_and(|before| {
            // All but places and supervisor is as before, so no pair is judged otherwise.
            let aside = |record: &Supporter| Supporter {
                capacity: None,
                wished_minimum: 0,
                supervisor: None,
                ..record.clone()
            };
            takes(before) == takes(record) && aside(before) == aside(record)
        });
        if others_alone {
            self.touched.places.insert(supporter);
        } else if takes(record) {
            self.touched.supporters.insert(supporter);
        } else {
            self.touched.closed.insert(supporter);
        }
        if takes(record) {
            self.touched.opened.insert(supporter);
        }
        // Who takes more than before, or as many, keeps everybody.
        let narrower = before.is_none_or(|before| {
            capacity(record) < capacity(before) || supervisor_of(record) != supervisor_of(before)
        });
        if others_alone && !narrower {
            return;
        }
        for participant in self.living.kept.caseload(supporter) {
            // What is pinned is no pair of the network's: it costs something else now, or ends.
            if !others_alone && self.is_pinned(participant) {
                self.touched.people.insert(participant);
            }
            self.touched.subjects.entry(participant).or_insert(Because::SupporterChanged);
        }
    }

    pub(super) fn edit_supporter(
        &mut self,
        id: &SupporterId,
        edit: impl FnOnce(&mut Supporter),
    ) -> Result<()> {
        let position = self.supporter(id.as_str())?;
        let mut record = self.matcher.program.supporters()[position].clone();
        edit(&mut record);
        self.put_supporter(record)
    }

    fn supporter_leaves(&mut self, id: &SupporterId) -> Result<()> {
        let position = self.supporter(id.as_str())?;
        for participant in self.living.kept.caseload(position as u32) {
            let person = self.matcher.program.participants()[participant as usize].id.clone();
            // What was pinned is no pair of the network's, and ends there only if it is judged anew.
            if self.is_pinned(participant) {
                self.touched.people.insert(participant);
            }
            self.remove_standing(&person);
            self.touched.subjects.insert(participant, Because::SupporterChanged);
            self.touched.recorded.insert(participant);
        }
        let (_, record) = self.matcher.program.remove_supporter(id.as_str())?;
        let supervisor =
            record.supervisor.as_ref().and_then(|id| self.matcher.program.supervisor_index(id.as_str()));
        self.living.log.push(Old::NoSupporter { position, record: Box::new(record) });
        self.touched.groups.extend(supervisor.map(|group| group as u32));
        self.touched.closed.insert(position as u32);
        self.touched.left_supporters.insert(position as u32, id.clone());
        Ok(())
    }

    pub(super) fn bar(
        &mut self,
        participant: &ParticipantId,
        supporter: &SupporterId,
        reason: Option<String>,
    ) -> Result<()> {
        let pair =
            (self.participant(participant.as_str())? as u32, self.supporter(supporter.as_str())? as u32);
        let row = BarredPair { participant: participant.clone(), supporter: supporter.clone(), reason };
        if self.matcher.program.bar(row.clone())? {
            self.living.log.push(Old::Barred(row));
        }
        if self.living.kept.engine.supporter_of(pair.0) == Some(pair.1) {
            self.remove_standing(participant);
            self.touched.subjects.entry(pair.0).or_insert(Because::Themselves);
        }
        self.touched.pairs.insert(pair);
        Ok(())
    }

    fn unbar(&mut self, participant: &ParticipantId, supporter: &SupporterId) -> Result<()> {
        let pair =
            (self.participant(participant.as_str())? as u32, self.supporter(supporter.as_str())? as u32);
        let rows: Vec<BarredPair> = self.matcher.program.barred_of(participant.as_str()).cloned().collect();
        for row in rows.into_iter().filter(|row| row.supporter == *supporter) {
            if self.matcher.program.unbar(participant.as_str(), supporter.as_str()) {
                self.living.log.push(Old::Unbarred(row));
            }
        }
        self.touched.pairs.insert(pair);
        self.touched.subjects.insert(pair.0, Because::Themselves);
        Ok(())
    }

    pub(super) fn acquaint(&mut self, participant: &ParticipantId, supporter: &SupporterId) -> Result<()> {
        let pair =
            (self.participant(participant.as_str())? as u32, self.supporter(supporter.as_str())? as u32);
        let row = Acquaintance { participant: participant.clone(), supporter: supporter.clone() };
        if self.matcher.program.add_acquaintance(row.clone())? {
            self.living.log.push(Old::Acquainted(row));
        }
        if self.living.kept.engine.supporter_of(pair.0) == Some(pair.1) {
            self.touched.subjects.entry(pair.0).or_insert(Because::Themselves);
        }
        self.touched.pairs.insert(pair);
        Ok(())
    }

    fn pin(&mut self, participant: &ParticipantId, supporter: &SupporterId) -> Result<()> {
        let position = self.participant(participant.as_str())? as u32;
        let place = self.supporter(supporter.as_str())? as u32;
        let person = &self.matcher.program.participants()[position as usize];
        if !person.consent {
            let remedy = "note the consent first";
            return Err(fault(participant.as_str(), "participant", participant, "has not consented", remedy));
        }
        let record = &self.matcher.program.supporters()[place as usize];
        if !record.keeps_standing_matches(self.matcher.as_of) {
            let remedy = "pin to somebody who is there";
            return Err(fault(supporter.as_str(), "supporter", supporter, "is on leave or released", remedy));
        }
        self.end_if_other(position, place)?;
        // If the place is taken, one of them makes way.
        self.touched.concerned.extend(self.living.kept.caseload(place));
        self.set_standing(StandingMatch {
            participant: participant.clone(),
            supporter: supporter.clone(),
            hold: Hold::Pinned,
            price: None,
            since: Some(self.on),
        })?;
        self.touched.people.insert(position);
        self.touched.places.insert(place);
        self.touched.subjects.insert(position, Because::Themselves);
        Ok(())
    }

    /// Ends a standing match that is not with this supporter.
    fn end_if_other(&mut self, participant: u32, supporter: u32) -> Result<()> {
        let person = self.matcher.program.participants()[participant as usize].id.clone();
        let other = self.matcher.program.standing_of(person.as_str()).cloned();
        let place = self.matcher.program.supporters()[supporter as usize].id.clone();
        if let Some(other) = other.filter(|other| other.supporter != place) {
            self.remove_standing(&person);
            let reason = Some("another match was made".to_owned());
            self.record(&other, Outcome::Interrupted, reason)?;
            self.touched.recorded.insert(participant);
            let from = self.supporter(other.supporter.as_str())? as u32;
            self.touched.places.insert(from);
        }
        Ok(())
    }

    fn unpin(&mut self, participant: &ParticipantId) -> Result<()> {
        let position = self.participant(participant.as_str())? as u32;
        let Some(standing) = self.matcher.program.standing_of(participant.as_str()).cloned() else {
            let remedy = "only a standing match can be unpinned";
            return Err(fault(participant.as_str(), "participant", participant, "has no match", remedy));
        };
        let place = self.supporter(standing.supporter.as_str())? as u32;
        self.set_standing(StandingMatch { hold: Hold::Movable, ..standing })?;
        self.touched.people.insert(position);
        self.touched.places.insert(place);
        self.touched.subjects.insert(position, Because::Themselves);
        Ok(())
    }

    /// Ends a participant's match and records how.
    pub(super) fn end(
        &mut self,
        participant: &ParticipantId,
        outcome: Outcome,
        reason: Option<String>,
    ) -> Result<u32> {
        let position = self.participant(participant.as_str())? as u32;
        let Some(standing) = self.remove_standing(participant) else {
            let remedy = "name somebody who is matched";
            return Err(fault(participant.as_str(), "participant", participant, "has no match", remedy));
        };
        self.record(&standing, outcome, reason)?;
        let supporter = self.supporter(standing.supporter.as_str())? as u32;
        self.touched.recorded.insert(position);
        self.touched.people.insert(position);
        self.touched.places.insert(supporter);
        self.touched.subjects.insert(position, Because::MatchEnded);
        Ok(supporter)
    }

    /// Records a match that is over.
    pub(super) fn record(
        &mut self,
        standing: &StandingMatch,
        outcome: Outcome,
        reason: Option<String>,
    ) -> Result<()> {
        let StandingMatch { participant, supporter, .. } = standing;
        let row = PastMatch {
            participant: participant.clone(),
            supporter: supporter.clone(),
            outcome,
            ended: Some(self.on),
            reason,
        };
        self.matcher.program.add_past(row)?;
        self.living.log.push(Old::Past(participant.clone()));
        Ok(())
    }

    pub(super) fn remove_standing(&mut self, participant: &ParticipantId) -> Option<StandingMatch> {
        let before = self.matcher.program.remove_standing(participant.as_str())?;
        self.living
            .log
            .push(Old::Standing { participant: participant.clone(), before: Some(before.clone()) });
        Some(before)
    }

    pub(super) fn set_standing(&mut self, row: StandingMatch) -> Result<()> {
        let participant = row.participant.clone();
        let before = self.matcher.program.set_standing(row)?;
        self.living.log.push(Old::Standing { participant, before });
        Ok(())
    }

    fn stand_by(&mut self, participant: &ParticipantId, supporter: Option<&SupporterId>) -> Result<()> {
        let position = self.participant(participant.as_str())?;
        let Some(supporter) = supporter else {
            self.set_backup(position as u32, None);
            return Ok(());
        };
        let place = self.supporter(supporter.as_str())?;
        let kept = &self.living.kept;
        let suits = kept.compatibility.weight(&self.matcher.program, position, place).is_some();
        if !suits || kept.engine.supporter_of(position as u32) == Some(place as u32) {
            let remedy = "name somebody else whom the participant may be matched with";
            let problem = format!("{supporter} cannot stand by for {participant}");
            return Err(fault(participant.as_str(), "supporter", supporter, &problem, remedy));
        }
        self.set_backup(position as u32, Some(place as u32));
        Ok(())
    }

    fn put_supervisor(&mut self, supervisor: &Supervisor) -> Result<()> {
        let placed = self.matcher.program.put_supervisor(supervisor.clone())?;
        self.touched.warnings.extend(placed.warnings);
        let Some(before) = placed.before else {
            // Nobody is looked after by somebody new yet; the network gets a node more when it is put together anew.
            self.living.log.push(Old::NoSupervisor);
            self.touched.anew = true;
            return Ok(());
        };
        self.living.log.push(Old::Supervisor(before));
        self.touched.groups.insert(placed.position as u32);
        let below = |record: &Supporter| record.supervisor.as_ref() == Some(&supervisor.id);
        let supporters = self.matcher.program.supporters().iter().enumerate();
        let theirs: Vec<u32> =
            supporters.filter(|(_, record)| below(record)).map(|(place, _)| place as u32).collect();
        for supporter in theirs {
            self.touched.concerned.extend(self.living.kept.caseload(supporter));
        }
        Ok(())
    }

    fn put_policy(&mut self, policy: Policy) -> Result<()> {
        policy.check()?;
        self.policy = Some(policy);
        self.touched.anew = true;
        Ok(())
    }
}

/// Sets the weight of a criterion, built-in or the host program's own.
fn weigh(policy: &mut Policy, criterion: &str, weight: f64) -> Result<()> {
    let criteria = &mut policy.criteria;
    if let Some(built_in) = BuiltIn::ALL.into_iter().find(|built_in| built_in.as_str() == criterion) {
        criteria.set_weight(built_in, weight);
    } else {
        criteria.custom.entry(criterion.to_owned()).or_default().weight = Some(weight);
    }
    policy.check()
}
