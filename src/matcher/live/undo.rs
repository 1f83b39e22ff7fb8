//! The way back of a change.
//!
//! **Method.** The log is read backwards to where the change began; each entry puts back what its write replaced, and
//! what was compiled of the records follows them. The network has a log of its own.

use super::super::Matcher;
use super::write::{Old, Whole};
use super::{Kept, Living};
use crate::error::Result;

impl Matcher {
    /// Undoes the last change that was made; false if there is none that can be. The last 32 can, see
    /// [`keep_undoable`](Self::keep_undoable).
    pub fn undo(&mut self) -> bool {
        let Some(mut living) = self.living.take() else { return false };
        let Some(mark) = living.marks.pop() else {
            self.living = Some(living);
            return false;
        };
        while living.log.len() > mark {
            let Some(old) = living.log.pop() else { break };
            self.put_back(&mut living, old);
        }
        living.kept.roll_back();
        living.kept.deck.stale();
        self.living = Some(living);
        true
    }

    /// How many changes can be undone from now on. Each takes memory for those it touched; one that touches everybody
    /// (the day, the policy, a new supervisor, a full reach) keeps the whole of before until it is forgotten.
    pub fn keep_undoable(&mut self, changes: usize) {
        if let Some(living) = self.living.as_mut() {
            living.undoable = changes;
        }
        self.forget_beyond();
    }

    /// How many changes can be undone now.
    pub fn undoable(&self) -> usize {
        self.living.as_ref().map_or(0, |living| living.marks.len())
    }

    /// Forgets the way back of changes beyond those that are to be undoable.
    pub(super) fn forget_beyond(&mut self) {
        let Some(living) = self.living.as_mut() else { return };
        while living.marks.len() > living.undoable {
            living.forget_oldest();
        }
    }

    fn put_back(&mut self, living: &mut Living, old: Old) {
        let program = &mut self.program;
        let kept = &mut living.kept;
        match old {
            Old::Participant { id, before, known } => {
                let position = program.participant_index(id.as_str());
                if let Some(before) = before {
                    put(&program.put_participant(*before));
                } else {
                    put(&program.remove_participant(id.as_str()));
                    program.unhear_of_participant(id.as_str(), known);
                }
                if let Some(position) = position {
                    kept.compatibility.refresh_participant(program, position);
                }
            }
            Old::NoParticipant { position, record } => {
                put(&program.restore_participant(position, *record));
                kept.compatibility.refresh_participant(program, position);
            }
            Old::Supporter { id, before, known } => {
                let position = program.supporter_index(id.as_str());
                if let Some(before) = before {
                    put(&program.put_supporter(*before));
                } else {
                    put(&program.remove_supporter(id.as_str()));
                    program.unhear_of_supporter(id.as_str(), known);
                }
                if let Some(position) = position {
                    kept.refresh_supporter(program, position as u32);
                }
            }
            Old::NoSupporter { position, record } => {
                put(&program.restore_supporter(position, *record));
                kept.refresh_supporter(program, position as u32);
            }
            Old::NoSupervisor => program.forget_last_supervisor(),
            Old::Supervisor(before) => put(&program.put_supervisor(before)),
            Old::Standing { participant, before } => {
                match before {
                    Some(before) => put(&program.set_standing(before)),
                    None => drop(program.remove_standing(participant.as_str())),
                }
                refresh_facts(program, kept, participant.as_str());
            }
            Old::Acquainted(row) => {
                program.remove_acquaintance(row.participant.as_str(), row.supporter.as_str());
                refresh_facts(program, kept, row.participant.as_str());
            }
            Old::Barred(row) => {
                program.unbar(row.participant.as_str(), row.supporter.as_str());
                refresh_facts(program, kept, row.participant.as_str());
            }
            Old::Unbarred(row) => {
                let participant = row.participant.clone();
                put(&program.bar(row));
                refresh_facts(program, kept, participant.as_str());
            }
            Old::Past(participant) => {
                program.remove_last_past(participant.as_str());
                refresh_facts(program, kept, participant.as_str());
            }
            Old::Whole(whole) => {
                let Whole { kept: before, policy, as_of } = *whole;
                living.kept = before;
                self.policy = policy;
                self.as_of = as_of;
                // Positions that were added since are vacant, and there all the same.
                if let Some(last) = program.participants().len().checked_sub(1) {
                    living.kept.compatibility.refresh_participant(program, last);
                }
                if let Some(last) = program.supporters().len().checked_sub(1) {
                    living.kept.refresh_supporter(program, last as u32);
                }
            }
            Old::Settled(before) => {
                if let Some(incumbent) = &mut kept.incumbent {
                    incumbent.settled = before;
                }
            }
            Old::HeldPlace(participant, before) => {
                let holds = &mut living.choosing.holds;
                match before {
                    Some(before) => drop(holds.insert(participant, before)),
                    None => drop(holds.remove(&participant)),
                }
            }
            other => kept.put_back(&other),
        }
    }
}

fn refresh_facts(program: &crate::program::Program, kept: &mut Kept, participant: &str) {
    if let Some(position) = program.participant_index(participant) {
        kept.compatibility.refresh_facts(program, position);
    }
}

impl Kept {
    fn put_back(&mut self, old: &Old) {
        match *old {
            Old::Own(participant, before) => self.own[participant as usize] = before,
            Old::Caseload(supporter, participant, was_in) => {
                let caseload = &mut self.caseloads[supporter as usize];
                if was_in {
                    caseload.insert(participant)
                } else {
                    caseload.remove(&participant)
                };
            }
            Old::Pinned(supporter, 0) => drop(self.pinned.remove(&supporter)),
            Old::Pinned(supporter, count) => drop(self.pinned.insert(supporter, count)),
            Old::Held(participant, was_in) => {
                if was_in {
                    self.held.insert(participant)
                } else {
                    self.held.remove(&participant)
                };
            }
            Old::Back(participant, was_in) => {
                if was_in {
                    self.back.insert(participant)
                } else {
                    self.back.remove(&participant)
                };
            }
            Old::Paused(participant, was_in) => {
                if was_in {
                    self.paused.insert(participant)
                } else {
                    self.paused.remove(&participant)
                };
            }
            Old::Backup(participant, Some(before)) => drop(self.backups.insert(participant, before)),
            Old::Backup(participant, None) => drop(self.backups.remove(&participant)),
            Old::Incumbent(before) => {
                if let Some(incumbent) = &mut self.incumbent {
                    incumbent.state = before;
                }
            }
            Old::Totals(matched, weight) => (self.matched, self.weight) = (matched, weight),
            Old::NewParticipant => drop(self.own.pop()),
            Old::NewSupporter => drop(self.caseloads.pop()),
            _ => {}
        }
    }
}

impl Living {
    /// Forgets the way back of the oldest change.
    fn forget_oldest(&mut self) {
        self.marks.remove(0);
        let kept = self.marks.first().copied().unwrap_or(self.log.len());
        let drops_engine = self.log[..kept].iter().any(|old| matches!(old, Old::Whole(_)));
        self.log.drain(..kept);
        for mark in &mut self.marks {
            *mark -= kept;
        }
        if drops_engine {
            return;
        }
        // The oldest change is in the network as it was before everything was last put together anew.
        let oldest = self.log.iter_mut().find_map(|old| match old {
            Old::Whole(whole) => Some(&mut whole.kept),
            _ => None,
        });
        oldest.unwrap_or(&mut self.kept).forget_oldest();
    }
}

/// What is put back was there before, so nothing speaks against it.
fn put<T>(done: &Result<T>) {
    debug_assert!(done.is_ok(), "what was there before is refused");
}
