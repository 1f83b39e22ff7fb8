//! People who come, change and leave, one record at a time.
//!
//! Each record is checked as reading checks it, with the same words, before anything is changed; what is wrong with it
//! is told in one go. An edit takes time for its record and for the history of the one it is about, never for the
//! programme: O(size of the record + rows of that person). Where a name is not known, all others are gone through once
//! for the nearest.
//!
//! Whoever leaves takes their standing matches along. Everything else that names them stays as it is (rows of the
//! history, `known` and `refused` of participants): it counts for nothing while they are away, and holds again when
//! somebody of that id is there again. So an id has to stay the same person's. Records and rows may go on naming people
//! who left, so that a record that was sound is sound when it is put back.

use super::source::Table;
use super::{
    Located, Participant, ParticipantId, Program, ProgramData, Status, Supervisor, Supporter, SupporterId,
};
use crate::error::{Error, Fault, Result, Severity};

/// A record that was put into a programme.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Placed<T> {
    /// Its position, as everywhere.
    pub position: usize,
    /// The record of the same id that it replaces; none for somebody new.
    pub before: Option<T>,
    /// What is odd about it without being wrong, in the words that reading has for it. `row` is the position counted
    /// from 1.
    pub warnings: Vec<Fault>,
}

impl Program {
    /// A participant arrives, or all about one is changed: the record replaces that of the same id and keeps its
    /// position; a new one takes the lowest vacant position, else a new one at the end.
    ///
    /// O(size of the record).
    ///
    /// # Errors
    ///
    /// [`Error::is_input`], with all that is wrong with the record; also where it refuses the supporter of a pinned
    /// standing match. Nothing is changed then.
    ///
    /// ```
    /// use peermatch::program::{Participant, ProgramData};
    /// use peermatch::Program;
    ///
    /// let mut program = Program::new(ProgramData::default())?;
    /// program.put_participant(Participant { consent: true, ..Participant::new("P-1") })?;
    /// let placed = program.put_participant(Participant { consent: true, priority: 9, ..Participant::new("P-1") })?;
    /// assert_eq!((placed.position, placed.before.unwrap().priority), (0, 0));
    ///
    /// assert!(program.put_participant(Participant { priority: 10, ..Participant::new("P-1") }).is_err());
    /// assert_eq!(program.participants()[0].priority, 9);
    /// # Ok::<(), peermatch::Error>(())
    /// ```
    pub fn put_participant(&mut self, participant: Participant) -> Result<Placed<Participant>> {
        let end = self.participants.len();
        let position = self.rolls.participants.place_for(participant.id.as_str(), end);
        self.put_participant_at(position, participant)
    }

    /// A participant who left comes back to the same position: the way back of
    /// [`remove_participant`](Self::remove_participant) where other positions are vacant too.
    ///
    /// # Errors
    ///
    /// As [`put_participant`](Self::put_participant), and where the position is not vacant or the id is at another one.
    pub fn restore_participant(
        &mut self,
        position: usize,
        participant: Participant,
    ) -> Result<Placed<Participant>> {
        let there = self.rolls.participants.position(participant.id.as_str());
        vacant(
            (Table::Participants, position),
            participant.id.as_str(),
            self.is_vacant_participant(position),
            there,
        )?;
        self.put_participant_at(position, participant)
    }

    fn put_participant_at(
        &mut self,
        position: usize,
        participant: Participant,
    ) -> Result<Placed<Participant>> {
        let (located, warnings) = self.check_participant(position, &participant)?;
        let is_new = self.rolls.participants.position(participant.id.as_str()).is_none();
        self.rolls.participants.enter(&participant.id, position);
        self.sources.note_edit(Table::Participants, position);
        write(&mut self.participant_located, position, located);
        let before = write(&mut self.participants, position, participant);
        Ok(Placed { position, before: before.filter(|_| !is_new), warnings })
    }

    /// A participant leaves: the position becomes vacant and the standing match, if there is one, is taken out. Returns
    /// the position and the record.
    ///
    /// O(rows of this participant's history and of whoever's rows take their place).
    ///
    /// # Errors
    ///
    /// [`Error::is_input`] if there is no such participant.
    pub fn remove_participant(&mut self, id: &str) -> Result<(usize, Participant)> {
        let position = self
            .rolls
            .participants
            .leave(id)
            .ok_or_else(|| nobody(Table::Participants, id, "no participant has this id"))?;
        self.chronicle.end(id);
        self.sources.note_edit(Table::Participants, position);
        self.participant_located[position] = Located::default();
        Ok((position, std::mem::take(&mut self.participants[position])))
    }

    /// A supporter arrives, or all about one is changed: the record replaces that of the same id and keeps its
    /// position; a new one takes the lowest vacant position, else a new one at the end. Standing matches stay, whatever
    /// the status says; the warnings name those that will end.
    ///
    /// O(size of the record + caseload).
    ///
    /// # Errors
    ///
    /// [`Error::is_input`], with all that is wrong with the record. Nothing is changed then.
    pub fn put_supporter(&mut self, supporter: Supporter) -> Result<Placed<Supporter>> {
        let end = self.supporters.len();
        let position = self.rolls.supporters.place_for(supporter.id.as_str(), end);
        self.put_supporter_at(position, supporter)
    }

    /// A supporter who left comes back to the same position: the way back of
    /// [`remove_supporter`](Self::remove_supporter) where other positions are vacant too. The standing matches are the
    /// caller's to [set](Self::set_standing) again.
    ///
    /// # Errors
    ///
    /// As [`put_supporter`](Self::put_supporter), and where the position is not vacant or the id is at another one.
    pub fn restore_supporter(&mut self, position: usize, supporter: Supporter) -> Result<Placed<Supporter>> {
        let there = self.rolls.supporters.position(supporter.id.as_str());
        vacant(
            (Table::Supporters, position),
            supporter.id.as_str(),
            self.is_vacant_supporter(position),
            there,
        )?;
        self.put_supporter_at(position, supporter)
    }

    fn put_supporter_at(&mut self, position: usize, supporter: Supporter) -> Result<Placed<Supporter>> {
        let (located, warnings) = self.check_supporter(position, &supporter)?;
        let is_new = self.rolls.supporters.position(supporter.id.as_str()).is_none();
        self.rolls.supporters.enter(&supporter.id, position);
        self.rolls.hear_of_supervisor(&supporter);
        self.sources.note_edit(Table::Supporters, position);
        write(&mut self.supporter_located, position, located);
        let before = write(&mut self.supporters, position, supporter);
        Ok(Placed { position, before: before.filter(|_| !is_new), warnings })
    }

    /// A supporter leaves: the position becomes vacant and the standing matches are taken out;
    /// [`standing_with`](Self::standing_with) tells them beforehand. Returns the position and the record.
    ///
    /// O(caseload, and rows of whoever's rows take its place).
    ///
    /// # Errors
    ///
    /// [`Error::is_input`] if there is no such supporter.
    pub fn remove_supporter(&mut self, id: &str) -> Result<(usize, Supporter)> {
        let position = self
            .rolls
            .supporters
            .leave(id)
            .ok_or_else(|| nobody(Table::Supporters, id, "no supporter has this id"))?;
        let caseload: Vec<_> = self.standing_with(id).map(|row| row.participant.clone()).collect();
        for participant in caseload {
            self.chronicle.end(participant.as_str());
        }
        self.sources.note_edit(Table::Supporters, position);
        self.supporter_located[position] = Located::default();
        Ok((position, std::mem::replace(&mut self.supporters[position], blank_supporter())))
    }

    /// A supervisor arrives, or all about one is changed: the record replaces that of the same id, or stands at the
    /// end. Supervisors' positions are never vacated.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`], with all that is wrong with the record. Nothing is changed then.
    pub fn put_supervisor(&mut self, supervisor: Supervisor) -> Result<Placed<Supervisor>> {
        let position = self.rolls.supervisors.place_for(supervisor.id.as_str(), self.supervisors.len());
        let warnings = self.check_supervisor(position, &supervisor)?;
        self.rolls.supervisors.enter(&supervisor.id, position);
        self.sources.note_edit(Table::Supervisors, position);
        let before = write(&mut self.supervisors, position, supervisor);
        Ok(Placed { position, before, warnings })
    }

    /// The programme of somebody's data, with positions that nobody has, and known to have had people who left;
    /// everybody else keeps the order of the data.
    ///
    /// # Errors
    ///
    /// As [`Program::new`].
    pub(crate) fn with_vacancies(
        mut data: ProgramData,
        (participants, supporters): (&[u32], &[u32]),
        absent: &(Vec<ParticipantId>, Vec<SupporterId>),
    ) -> Result<Self> {
        // Somebody stands at each of these positions and leaves: an id of a blank is nobody's.
        let blank = |place: u32, taken: &dyn Fn(&str) -> bool| {
            (0..u32::MAX)
                .map(|more| format!("vacant {place}.{more}"))
                .find(|id| !taken(id))
                .unwrap_or_default()
        };
        let mut blanks = (Vec::new(), Vec::new());
        for &place in participants {
            let id = blank(place, &|id| data.participants.iter().any(|one| one.id.as_str() == id));
            let at = (place as usize).min(data.participants.len());
            data.participants.insert(at, Participant::new(id.as_str()));
            blanks.0.push(id);
        }
        for &place in supporters {
            let id = blank(place, &|id| data.supporters.iter().any(|one| one.id.as_str() == id));
            let at = (place as usize).min(data.supporters.len());
            data.supporters.insert(at, Supporter::new(id.as_str()));
            blanks.1.push(id);
        }
        let mut program = Self::new(data)?;
        for id in &blanks.0 {
            program.remove_participant(id)?;
        }
        for id in &blanks.1 {
            program.remove_supporter(id)?;
        }
        program.rolls.participants.forget_absent();
        program.rolls.supporters.forget_absent();
        absent.0.iter().for_each(|id| program.rolls.participants.hear_of(id));
        absent.1.iter().for_each(|id| program.rolls.supporters.hear_of(id));
        Ok(program)
    }

    /// Whether a participant is there, or left.
    pub(crate) fn has_known_participant(&self, id: &str) -> bool {
        self.rolls.participants.has_known(id)
    }

    /// Whether a supporter is there, or left.
    pub(crate) fn has_known_supporter(&self, id: &str) -> bool {
        self.rolls.supporters.has_known(id)
    }

    /// Somebody whose arrival was taken back was never there, unless they were known before.
    pub(crate) fn unhear_of_participant(&mut self, id: &str, known: bool) {
        if !known {
            self.rolls.participants.unhear_of(id);
        }
    }

    /// The same for a supporter.
    pub(crate) fn unhear_of_supporter(&mut self, id: &str, known: bool) {
        if !known {
            self.rolls.supporters.unhear_of(id);
        }
    }

    /// The ids of those who left, whom records may still name, sorted.
    pub(crate) fn absent(&self) -> (Vec<ParticipantId>, Vec<SupporterId>) {
        (self.rolls.participants.absent(), self.rolls.supporters.absent())
    }

    /// Takes back the arrival of the supervisor who came last.
    pub(crate) fn forget_last_supervisor(&mut self) {
        if let Some(last) = self.supervisors.pop() {
            self.rolls.supervisors.leave(last.id.as_str());
        }
    }
}

/// What stands at a vacant position; that of a participant is the default, which has no consent.
fn blank_supporter() -> Supporter {
    Supporter { status: Status::Released, ..Supporter::default() }
}

/// Writes a record at its position, or at the end; returns what was there.
fn write<T>(records: &mut Vec<T>, position: usize, record: T) -> Option<T> {
    if let Some(there) = records.get_mut(position) {
        return Some(std::mem::replace(there, record));
    }
    records.push(record);
    None
}

fn nobody(table: Table, id: &str, problem: &str) -> Error {
    Error::input(vec![fault((table, None), id, problem, "write an id that the programme has")])
}

fn vacant((table, position): (Table, usize), id: &str, is_vacant: bool, there: Option<usize>) -> Result<()> {
    let mut faults = Vec::new();
    let place = (table, Some(position));
    if !is_vacant {
        let problem = format!("position {position} is not vacant");
        faults.push(fault(place, id, &problem, "name the position that they left"));
    }
    if let Some(there) = there {
        let problem = format!("the id stands at position {there} already");
        faults.push(fault(place, id, &problem, "replace that record, or remove it first"));
    }
    if faults.is_empty() { Ok(()) } else { Err(Error::input(faults)) }
}

fn fault((table, position): (Table, Option<usize>), id: &str, problem: &str, remedy: &str) -> Fault {
    Fault {
        severity: Severity::Error,
        file: table.name().to_owned(),
        row: position.map(|position| position as u64 + 1),
        id: (!id.is_empty()).then(|| id.to_owned()),
        field: Some("id".to_owned()),
        value: Some(id.to_owned()),
        problem: problem.to_owned(),
        remedy: remedy.to_owned(),
    }
}
