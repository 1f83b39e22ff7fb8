//! Offers as they are written: places that are held, taken, left, and choices that wait for an answer. What they are for
//! is told in [`choosing`](super::choosing).

use std::collections::BTreeSet;

use super::choosing::HeldPlace;
use super::told::Because;
use super::write::Old;
use super::{Change, Turn};
use crate::error::{Error, Result};
use crate::policy::Reach;
use crate::program::{Hold, Outcome, ParticipantId, SupporterId};

impl Turn<'_> {
    pub(super) fn is_choosing(&self, participant: &ParticipantId) -> Result<bool> {
        let position = self.participant(participant.as_str())? as u32;
        Ok(self.living.kept.paused.contains(&position))
    }

    /// Notes an offer, or that there is none.
    pub(super) fn set_hold(&mut self, participant: &ParticipantId, hold: Option<HeldPlace>) {
        let holds = &mut self.living.choosing.holds;
        let before = match hold {
            Some(hold) => holds.insert(participant.clone(), hold),
            None => holds.remove(participant),
        };
        self.living.log.push(Old::HeldPlace(participant.clone(), before));
    }

    /// Matches the two, with others moved as far as that may reach; a place that was held elsewhere is left.
    pub(super) fn take_place(
        &mut self,
        participant: &ParticipantId,
        supporter: &SupporterId,
        reach: Option<Reach>,
    ) -> Result<()> {
        if self.living.choosing.holds.contains_key(participant) {
            self.leave_place(participant)?;
        }
        self.write(&Change::Pin { participant: participant.clone(), supporter: supporter.clone() })?;
        let position = self.participant(participant.as_str())? as u32;
        self.touched.subjects.insert(position, Because::Chose);
        self.settle(reach)
    }

    /// Ends a match that was an offer, without a record.
    pub(super) fn leave_place(&mut self, participant: &ParticipantId) -> Result<()> {
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

    /// An offer is no match that would speak against a change, or be recorded as one. Whether that was all there is to
    /// the change.
    pub(super) fn leave_before(&mut self, change: &Change) -> Result<bool> {
        let held = |id: &ParticipantId| self.living.choosing.holds.get(id);
        match change {
            Change::Bar { participant, supporter, .. }
                if held(participant).is_some_and(|held| held.supporter == *supporter) =>
            {
                self.leave_place(participant)?;
            }
            // The programme's own pin takes the place of an offer.
            Change::Pin { participant, .. } if held(participant).is_some() => {
                self.leave_place(participant)?;
                self.set_hold(participant, None);
            }
            Change::MatchEnds { participant, .. } if held(participant).is_some() => {
                self.let_go_of(std::slice::from_ref(participant))?;
                return Ok(true);
            }
            Change::Unpin { participant } => {
                if let Some(held) = held(participant) {
                    return Err(Error::problem(format!(
                        "{participant} has no match yet: {held}; release it, or have it chosen and accepted, first"
                    )));
                }
            }
            _ => {}
        }
        Ok(false)
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

    pub(super) fn choose_again(&mut self, participant: &ParticipantId) -> Result<()> {
        let position = self.participant(participant.as_str())? as u32;
        self.touched.paused.insert(position);
        Ok(())
    }

    /// Lets go of places that are held.
    pub(super) fn let_go_of(&mut self, all: &[ParticipantId]) -> Result<()> {
        for participant in all {
            let was_choosing = self.was_choosing(participant);
            self.leave_place(participant)?;
            self.set_hold(participant, None);
            if was_choosing {
                self.choose_again(participant)?;
            }
        }
        self.settle(None)
    }

    /// What a change leaves no offer of is let go of before anybody is given to those who waited to choose.
    pub(super) fn end_holds(&mut self, change: &Change) -> Result<()> {
        self.drop_broken_holds()?;
        let may_end_any = matches!(
            change,
            Change::SupporterStatus { .. }
                | Change::SupporterChanges { .. }
                | Change::ParticipantChanges { .. }
                | Change::Day { .. }
        );
        if !may_end_any {
            return Ok(());
        }
        let program = &self.matcher.program;
        let stands = |(id, held): (&ParticipantId, &HeldPlace)| {
            let supporter = program.supporter_index(held.supporter.as_str());
            let participant = program.participant_index(id.as_str());
            supporter.is_some_and(|place| program.supporters()[place].takes_new_matches(self.day))
                && participant.is_some_and(|place| program.participants()[place].consent)
        };
        let holds = self.living.choosing.holds.iter();
        let over: Vec<ParticipantId> = holds.filter(|own| !stands(*own)).map(|own| own.0.clone()).collect();
        for participant in over {
            self.leave_place(&participant)?;
        }
        self.drop_broken_holds()
    }

    /// Whatever ended a match that was an offer ended the offer, and whoever waited to choose does again. Looks at those
    /// alone whose match was written.
    pub(super) fn drop_broken_holds(&mut self) -> Result<()> {
        let holds = &self.living.choosing.holds;
        if holds.is_empty() {
            return Ok(());
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
        let broken = written.filter(|id| holds.get(*id).is_some_and(|held| !stands(id, held)));
        let broken: BTreeSet<ParticipantId> = broken.cloned().collect();
        for participant in broken {
            let was_choosing = self.was_choosing(&participant);
            self.set_hold(&participant, None);
            let program = &self.matcher.program;
            let waits = program.participant_index(participant.as_str()).is_some()
                && program.standing_of(participant.as_str()).is_none();
            if was_choosing && waits {
                self.choose_again(&participant)?;
            }
        }
        Ok(())
    }

    fn was_choosing(&self, participant: &ParticipantId) -> bool {
        self.living.choosing.holds.get(participant).is_some_and(|held| held.was_choosing)
    }
}
