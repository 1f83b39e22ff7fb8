//! Who takes part: participants, supporters, reference tables, history; and reading them from files.
//!
//! [`ProgramData`] is plain data, as a caller fills it or a file holds it. [`Program`] is the same data found to be
//! sound: every id is unique, every reference leads to somebody, every place is looked up. Everything further on
//! works on a `Program`, so none of it meets bad input. It changes record by record, each checked as reading checks it;
//! [`Program::to_data`] gives the data as it stands.

mod attributes;
mod availability;
mod chronicle;
mod days;
mod edit;
mod edit_history;
mod history;
mod ids;
mod language;
mod language_names;
pub(crate) mod nearest;
mod participant;
mod place;
mod read;
mod reference;
mod roll;
mod source;
mod supporter;
mod taxonomy;
mod to_data;
mod validate;
mod write;

use std::fmt;
use std::sync::Arc;

use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};

pub(crate) use attributes::fold;
pub use attributes::{Attributes, GENDER, Preference, Strength, Wish};
pub use availability::{WEEK_MINUTES, WeekMinutes, Window};
pub(crate) use days::{days_between, years_between};
pub use edit::Placed;
pub use history::{Acquaintance, BarredPair, History, Hold, Outcome, PastMatch, StandingMatch};
pub use ids::{Code, ParticipantId, SupervisorId, SupporterId};
pub use language::LanguageTag;
pub use participant::Participant;
pub use place::{Coordinates, EARTH_RADIUS_KM, Gazetteer, GazetteerEntry, Lookup, Place};
pub(crate) use place::{chord_squared, great_circle_km};
pub use read::{ColumnMap, ProgramReader, TableMap, csv_columns_markdown};
pub use supporter::{Card, CardField, Modality, Shared, Status, Supervisor, Supporter};
pub use taxonomy::{Concept, DEEPEST, Taxonomy, TaxonomyFault};
pub use write::CsvFile;

use crate::error::{Error, Fault, Result, Severity};
use chronicle::Chronicle;
use reference::{Located, Reference};
use source::{Sources, Table};
use validate::Rolls;

/// A whole programme as plain data: what a JSON file holds, or what a host program fills in.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct ProgramData {
    /// Who asks for support.
    pub participants: Vec<Participant>,
    /// Who gives it.
    pub supporters: Vec<Supporter>,
    /// The taxonomy of conditions. Without one, a condition is only like itself.
    pub conditions: Vec<Concept>,
    /// The taxonomy of issues. Without one, an issue is only like itself.
    pub issues: Vec<Concept>,
    /// Where postcodes and towns are.
    pub gazetteer: Vec<GazetteerEntry>,
    /// Who looks after supporters.
    pub supervisors: Vec<Supervisor>,
    /// What was before.
    pub history: History,
}

/// A programme found to be sound.
///
/// People keep the order in which they were given; their position is their index everywhere in the crate. They keep it
/// when others come and go: whoever leaves leaves a vacant position, with a blank record in it (no id, no consent,
/// released), and the lowest one is given to the next who comes. A program from [`Program::new`] has none.
#[derive(Clone)]
pub struct Program {
    participants: Vec<Participant>,
    supporters: Vec<Supporter>,
    supervisors: Vec<Supervisor>,
    reference: Arc<Reference>,
    chronicle: Chronicle,
    rolls: Rolls,
    participant_located: Vec<Located>,
    supporter_located: Vec<Located>,
    warnings: Vec<Fault>,
    /// Where each record came from, for faults that are found later.
    sources: Sources,
}

/// How much it holds: what is known of people does not belong into a log.
impl fmt::Debug for Program {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Program")
            .field("participants", &self.rolls.participants.len())
            .field("supporters", &self.rolls.supporters.len())
            .field("conditions", &self.conditions().len())
            .field("issues", &self.issues().len())
            .field("supervisors", &self.supervisors.len())
            .field("standing", &self.history().standing.len())
            .field("warnings", &self.warnings.len())
            .finish_non_exhaustive()
    }
}

/// How much it holds: what is known of people does not belong into a log.
impl fmt::Debug for ProgramData {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgramData")
            .field("participants", &self.participants.len())
            .field("supporters", &self.supporters.len())
            .field("conditions", &self.conditions.len())
            .field("issues", &self.issues.len())
            .field("gazetteer", &self.gazetteer.len())
            .field("supervisors", &self.supervisors.len())
            .field("history", &self.history)
            .finish()
    }
}

impl Program {
    /// Checks the data and indexes it.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`], with every fault found, warnings included, if at least one of them is an error.
    pub fn new(data: ProgramData) -> Result<Self> {
        Self::from_sources(data, &Sources::default(), Vec::new())
    }

    /// The same for data that came from files: `sources` says where each row stands, `faults` what reading found.
    pub(crate) fn from_sources(data: ProgramData, sources: &Sources, mut faults: Vec<Fault>) -> Result<Self> {
        let (program, found) = validate::validate(data, sources);
        faults.extend(found);
        source::sort(&mut faults, sources);
        if faults.iter().any(|fault| fault.severity == Severity::Error) {
            return Err(Error::input(faults));
        }
        Ok(Self { warnings: faults, sources: sources.clone(), ..program })
    }

    /// Everyone who asks for support, by position: in the given order, whoever came later behind them or at a position
    /// that was vacant. At a [vacant](Self::is_vacant_participant) position stands a blank record.
    pub fn participants(&self) -> &[Participant] {
        &self.participants
    }

    /// Everyone who gives support, by position: in the given order, whoever came later behind them or at a position
    /// that was vacant. At a [vacant](Self::is_vacant_supporter) position stands a blank record.
    pub fn supporters(&self) -> &[Supporter] {
        &self.supporters
    }

    /// Everyone who looks after supporters, in the given order.
    pub fn supervisors(&self) -> &[Supervisor] {
        &self.supervisors
    }

    /// The taxonomy of conditions.
    pub fn conditions(&self) -> &Taxonomy {
        &self.reference.conditions
    }

    /// The taxonomy of issues.
    pub fn issues(&self) -> &Taxonomy {
        &self.reference.issues
    }

    /// What was before. Rows of people who have left stay in it, for they may come back; [`to_data`](Self::to_data)
    /// leaves them out. The order of rows means nothing but among the past matches of one participant, see
    /// [`past_of`](Self::past_of).
    pub fn history(&self) -> &History {
        self.chronicle.rows()
    }

    /// What is odd in the input without being wrong: a postcode that the gazetteer lacks, a code that the taxonomy
    /// lacks, and the like. As it was read: what is odd about a later edit, that edit says ([`Placed::warnings`]).
    pub fn warnings(&self) -> &[Fault] {
        &self.warnings
    }

    /// A warning about a field of a participant, in the words of the file they came from.
    pub(crate) fn participant_warning(
        &self,
        participant: usize,
        field: &str,
        value: String,
        problem: String,
        remedy: String,
    ) -> Fault {
        Fault {
            id: Some(self.participants[participant].id.to_string()),
            field: Some(self.sources.field(Table::Participants, field)),
            value: Some(value),
            problem,
            remedy,
            ..self.sources.fault(Table::Participants, Some(participant), Severity::Warning)
        }
    }

    /// The position of a participant.
    pub fn participant_index(&self, id: &str) -> Option<usize> {
        self.rolls.participants.position(id)
    }

    /// Whether nobody is at that position: whoever was there has left. `false` beyond the last position.
    pub fn is_vacant_participant(&self, position: usize) -> bool {
        self.rolls.participants.is_vacant(position)
    }

    /// The position of a supporter.
    pub fn supporter_index(&self, id: &str) -> Option<usize> {
        self.rolls.supporters.position(id)
    }

    /// Whether nobody is at that position: whoever was there has left. `false` beyond the last position.
    pub fn is_vacant_supporter(&self, position: usize) -> bool {
        self.rolls.supporters.is_vacant(position)
    }

    /// The position of a supervisor.
    pub fn supervisor_index(&self, id: &str) -> Option<usize> {
        self.rolls.supervisors.position(id)
    }

    /// Where a participant (by position) lives, if that is known.
    ///
    /// # Panics
    ///
    /// If there is no participant at that position.
    pub fn participant_coordinates(&self, participant: usize) -> Option<Coordinates> {
        self.participant_located[participant].at
    }

    /// Where a supporter (by position) lives, if that is known.
    ///
    /// # Panics
    ///
    /// If there is no supporter at that position.
    pub fn supporter_coordinates(&self, supporter: usize) -> Option<Coordinates> {
        self.supporter_located[supporter].at
    }

    /// The state or region a participant (by position) lives in: as they state it, or else as the gazetteer has it.
    ///
    /// # Panics
    ///
    /// If there is no participant at that position.
    pub fn participant_region(&self, participant: usize) -> Option<&str> {
        self.participant_located[participant].region.as_deref()
    }

    /// The state or region a supporter (by position) lives in: as they state it, or else as the gazetteer has it.
    ///
    /// # Panics
    ///
    /// If there is no supporter at that position.
    pub fn supporter_region(&self, supporter: usize) -> Option<&str> {
        self.supporter_located[supporter].region.as_deref()
    }

    pub(crate) fn participant_zone(&self, participant: usize) -> Option<&TimeZone> {
        self.participant_located[participant].zone.as_ref()
    }

    pub(crate) fn supporter_zone(&self, supporter: usize) -> Option<&TimeZone> {
        self.supporter_located[supporter].zone.as_ref()
    }
}
