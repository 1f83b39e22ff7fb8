//! A programme as plain data again.
//!
//! The data depends on what is so and not on how it came to be so: an edit and its way back lead to equal data.

use super::{History, Participant, Program, ProgramData, Supporter, SupporterId};

impl Program {
    /// Everything as plain data again, which [`Program::new`] accepts.
    ///
    /// Vacant positions are left out, people are in their order, and references to people who left are dropped (rows of
    /// the history, `known`, `refused`, and supervisors whom nobody knows). The rows of the history are sorted by the
    /// position of the participant, then of the supporter, past matches of one participant in the order in which they
    /// were noted; acquaintances and bars that stood twice stand once, the first of them.
    ///
    /// O(n + m log m) in the people and the rows.
    pub fn to_data(&self) -> ProgramData {
        let is_there = |id: &SupporterId| self.rolls.supporters.position(id.as_str()).is_some();
        let participants: Vec<Participant> = self
            .participants
            .iter()
            .enumerate()
            .filter(|&(position, _)| !self.is_vacant_participant(position))
            .map(|(_, own)| {
                let mut own = own.clone();
                own.known.retain(is_there);
                own.refused.retain(is_there);
                own
            })
            .collect();
        let supporters = self
            .supporters
            .iter()
            .enumerate()
            .filter(|&(position, _)| !self.is_vacant_supporter(position))
            .map(|(_, own)| {
                // Where there are no supervisors at all, the names stand for themselves.
                let is_known = |id: &_| self.supervisors.is_empty() || self.has_supervisor(id);
                Supporter { supervisor: own.supervisor.clone().filter(is_known), ..own.clone() }
            })
            .collect();
        ProgramData {
            history: self.rows_of(&participants),
            participants,
            supporters,
            conditions: self.conditions().graph().node_weights().cloned().collect(),
            issues: self.issues().graph().node_weights().cloned().collect(),
            gazetteer: self.reference.gazetteer.entries().to_vec(),
            supervisors: self.supervisors.clone(),
        }
    }

    fn has_supervisor(&self, id: &super::SupervisorId) -> bool {
        self.supervisor_index(id.as_str()).is_some()
    }

    /// The history of these participants with supporters who are there.
    fn rows_of(&self, participants: &[Participant]) -> History {
        let at = |id: &SupporterId| self.rolls.supporters.position(id.as_str());
        let mut history = History::default();
        for id in participants.iter().map(|own| own.id.as_str()) {
            let mut known: Vec<_> =
                self.acquaintances_of(id).filter(|row| at(&row.supporter).is_some()).cloned().collect();
            known.sort_by_key(|row| at(&row.supporter));
            known.dedup_by(|later, first| later.supporter == first.supporter);
            history.acquaintances.append(&mut known);
            let mut barred: Vec<_> =
                self.barred_of(id).filter(|row| at(&row.supporter).is_some()).cloned().collect();
            barred.sort_by_key(|row| at(&row.supporter));
            barred.dedup_by(|later, first| later.supporter == first.supporter);
            history.barred.append(&mut barred);
            history.past.extend(self.past_of(id).filter(|row| at(&row.supporter).is_some()).cloned());
            history.standing.extend(self.standing_of(id).cloned());
        }
        history
    }
}
