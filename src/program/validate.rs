//! Checking a programme's data: every fault in one go.
//!
//! Linear in the data: each check looks ids up in a hash table. Only the suggestions of near names are dearer, so
//! each kind of fault gets a limited number of them.

mod edits;
mod history;
mod people;
mod spelling;
mod tables;

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::Arc;

use jiff::tz::TimeZone;

use super::chronicle::Chronicle;
use super::nearest::{all_nearest, nearest};
use super::reference::{Located, Reference};
use super::roll::Roll;
use super::source::{Sources, Table};
use super::{Gazetteer, ParticipantId, Place, Program, ProgramData, SupervisorId, Supporter, SupporterId};
use crate::error::{Fault, Severity};

/// The programme, and everything wrong or odd about its data. The programme is only sound if no fault is an error.
pub(crate) fn validate(mut data: ProgramData, sources: &Sources) -> (Program, Vec<Fault>) {
    let mut checker = Checker::new(sources);
    let gazetteer = Gazetteer::new(std::mem::take(&mut data.gazetteer));
    let conditions = tables::taxonomy(&mut checker, Table::Conditions, std::mem::take(&mut data.conditions));
    let issues = tables::taxonomy(&mut checker, Table::Issues, std::mem::take(&mut data.issues));
    tables::gazetteer(&mut checker, &gazetteer);
    let reference = Reference::new(gazetteer, conditions, issues);
    let mut rolls = Rolls {
        participants: checker.unique(Table::Participants, data.participants.iter().map(|own| &own.id)),
        supporters: checker.unique(Table::Supporters, data.supporters.iter().map(|own| &own.id)),
        supervisors: checker.unique(Table::Supervisors, data.supervisors.iter().map(|own| &own.id)),
    };
    people::check(&mut checker, &data, &rolls, &reference);
    for supporter in &data.supporters {
        rolls.hear_of_supervisor(supporter);
    }
    spelling::check(&mut checker, &data, &reference);
    history::check(&mut checker, &data, &rolls);

    let mut locate = |place: &Place, zone: Option<&String>| -> Located {
        reference.locate(place, zone, |name| checker.zone(name))
    };
    let participant_located =
        data.participants.iter().map(|p| locate(&p.place, p.time_zone.as_ref())).collect();
    let supporter_located = data.supporters.iter().map(|s| locate(&s.place, s.time_zone.as_ref())).collect();
    let faults = checker.faults;
    let program = Program {
        participants: data.participants,
        supporters: data.supporters,
        supervisors: data.supervisors,
        reference: Arc::new(reference),
        chronicle: Chronicle::new(data.history),
        rolls,
        participant_located,
        supporter_located,
        warnings: Vec::new(),
        sources: Sources::default(),
    };
    (program, faults)
}

/// Who is there.
#[derive(Clone, Default)]
pub(super) struct Rolls {
    pub(super) participants: Roll<ParticipantId>,
    pub(super) supporters: Roll<SupporterId>,
    pub(super) supervisors: Roll<SupervisorId>,
}

impl Rolls {
    /// Where there are no supervisors at all, supporters may name any, and go on naming them once there are some.
    pub(super) fn hear_of_supervisor(&mut self, supporter: &Supporter) {
        if let Some(id) = supporter.supervisor.as_ref().filter(|_| self.supervisors.len() == 0) {
            self.supervisors.hear_of(id);
        }
    }
}

/// One record, as faults call it.
#[derive(Clone, Copy)]
struct Record<'a> {
    table: Table,
    position: usize,
    id: &'a str,
}

/// Collects faults.
struct Checker<'a> {
    sources: &'a Sources,
    faults: Vec<Fault>,
    zones: HashMap<String, Option<TimeZone>>,
    /// How many comparisons the suggestions for each kind of fault have taken.
    suggested: HashMap<&'static str, usize>,
}

impl<'a> Checker<'a> {
    fn new(sources: &'a Sources) -> Self {
        Self { sources, faults: Vec::new(), zones: HashMap::new(), suggested: HashMap::new() }
    }

    // A value of any kind reads better at the call than a reference to one.
    #[allow(clippy::needless_pass_by_value)]
    /// Something is wrong with a field. Nothing is said of a field that could not even be read.
    fn error(&mut self, of: Record<'_>, field: &str, value: impl ToString, problem: String, remedy: String) {
        self.push(Severity::Error, of, field, value.to_string(), problem, remedy);
    }

    #[allow(clippy::needless_pass_by_value)]
    /// Something is odd about a field.
    fn warning(
        &mut self,
        of: Record<'_>,
        field: &str,
        value: impl ToString,
        problem: String,
        remedy: String,
    ) {
        self.push(Severity::Warning, of, field, value.to_string(), problem, remedy);
    }

    fn push(
        &mut self,
        severity: Severity,
        of: Record<'_>,
        field: &str,
        value: String,
        problem: String,
        remedy: String,
    ) {
        if self.sources.is_broken(of.table, of.position, field) {
            return;
        }
        self.faults.push(Fault {
            id: (!of.id.is_empty()).then(|| of.id.to_owned()),
            field: Some(self.sources.field(of.table, field)),
            value: Some(value),
            problem,
            remedy,
            ..self.sources.fault(of.table, Some(of.position), severity)
        });
    }

    /// Something is odd about a field throughout a table.
    fn whole_table(&mut self, table: Table, field: &str, problem: String, remedy: &str) {
        self.faults.push(Fault {
            field: Some(self.sources.field(table, field)),
            problem,
            remedy: remedy.to_owned(),
            ..self.sources.fault(table, None, Severity::Warning)
        });
    }

    /// Whether any of these fields could not be read, so that nothing can be said about them together.
    fn any_broken(&self, of: Record<'_>, fields: &[&str]) -> bool {
        fields.iter().any(|field| self.sources.is_broken(of.table, of.position, field))
    }

    /// The row of a record as the file counts it.
    fn row(&self, table: Table, position: usize) -> u64 {
        self.sources.fault(table, Some(position), Severity::Error).row.unwrap_or_default()
    }

    /// The time zone of that name, if there is one.
    fn zone(&mut self, name: &str) -> Option<TimeZone> {
        if let Some(zone) = self.zones.get(name) {
            return zone.clone();
        }
        let zone = TimeZone::get(name).ok();
        self.zones.insert(name.to_owned(), zone.clone());
        zone
    }

    /// The same for ids: where one character of a short id is wrong, any of several may be meant, and a wrong guess
    /// misleads.
    fn suggest_id<'n>(
        &mut self,
        wanted: &str,
        candidates: impl FnOnce() -> Vec<&'n str>,
        otherwise: &str,
    ) -> String {
        const SHORT: usize = 3;
        if wanted.chars().count() > SHORT {
            return self.suggest("reference", wanted, candidates, otherwise);
        }
        let alone = || {
            let mut near = all_nearest(wanted, candidates());
            if near.len() == 1 { near.split_off(0) } else { Vec::new() }
        };
        self.suggest("reference", wanted, alone, otherwise)
    }

    /// "perhaps X was meant", or `otherwise` where nothing is near or enough has been suggested for this kind of
    /// fault.
    fn suggest<'n>(
        &mut self,
        kind: &'static str,
        wanted: &str,
        candidates: impl FnOnce() -> Vec<&'n str>,
        otherwise: &str,
    ) -> String {
        // About fifty suggestions of each kind, fewer where there is much to compare with.
        const EFFORT: usize = 500_000;
        const EFFORT_AT_LEAST: usize = EFFORT / 50;
        let spent = self.suggested.entry(kind).or_default();
        if *spent >= EFFORT {
            return otherwise.to_owned();
        }
        let candidates = candidates();
        *spent += candidates.len().max(EFFORT_AT_LEAST);
        match nearest(wanted, candidates) {
            Some(near) => format!("perhaps {near} was meant; otherwise {otherwise}"),
            None => otherwise.to_owned(),
        }
    }

    /// An id, a code or a name of an attribute: not empty, nothing invisible in it.
    fn name(&mut self, of: Record<'_>, field: &str, name: &str, what: &str) {
        if name.trim().is_empty() {
            self.error(
                of,
                field,
                name,
                format!("the {what} is empty"),
                "give it one, or take it out".to_owned(),
            );
        } else if name.trim() != name {
            self.error(
                of,
                field,
                name,
                format!("the {what} begins or ends with a blank"),
                format!("write it {:?}", name.trim()),
            );
        } else if name.chars().any(char::is_control) {
            let plain: String = name.chars().filter(|c| !c.is_control()).collect();
            self.error(
                of,
                field,
                name,
                format!("an invisible control character stands in the {what}"),
                format!("write it {plain:?}"),
            );
        }
    }

    /// A number that has to lie in a range.
    fn range(&mut self, of: Record<'_>, field: &str, number: Option<f64>, range: Range) {
        let Some(number) = number else { return };
        if !number.is_finite() {
            self.error(
                of,
                field,
                number,
                "not a finite number".to_owned(),
                "leave it out if it is not known".to_owned(),
            );
        } else if !range.holds(number) {
            self.error(of, field, number, format!("out of range: {}", range.words), range.remedy.to_owned());
        }
    }

    /// Each record has an id of its own; tells the row that had it first. Returns who has which.
    fn unique<'n, I>(&mut self, table: Table, ids: impl Iterator<Item = &'n I>) -> Roll<I>
    where
        I: Borrow<str> + Clone + Eq + Hash + 'n,
    {
        let mut roll = Roll::default();
        for (position, own) in ids.enumerate() {
            let id: &str = own.borrow();
            let of = Record { table, position, id };
            if let Some(first) = roll.position(id).filter(|_| !id.is_empty()) {
                self.name(of, "id", id, "id");
                let row = self.row(table, first);
                self.error(
                    of,
                    "id",
                    id,
                    format!("the id stands in row {row} already"),
                    "give each its own, or take one of the rows out".to_owned(),
                );
                continue;
            }
            self.id(of, &roll);
            roll.enter(own, position);
        }
        roll
    }

    /// An id that nobody has yet, or that somebody has who is changed.
    fn id<I: Borrow<str> + Clone + Eq + Hash>(&mut self, of: Record<'_>, roll: &Roll<I>) {
        self.name(of, "id", of.id, "id");
        if of.id.is_empty() {
            return;
        }
        if let Some(first) = roll.twin(of.id, of.position) {
            let row = self.row(of.table, first);
            self.warning(
                of,
                "id",
                of.id,
                format!("the id differs in letter case alone from that of row {row}"),
                "check that they are two people, and give one of them another id".to_owned(),
            );
        }
    }
}

/// A range of numbers, both ends included unless said otherwise.
#[derive(Clone, Copy)]
struct Range {
    least: f64,
    above_least: bool,
    most: f64,
    words: &'static str,
    remedy: &'static str,
}

impl Range {
    const fn new(least: f64, most: f64, words: &'static str, remedy: &'static str) -> Self {
        Self { least, above_least: false, most, words, remedy }
    }

    const fn above_least(mut self) -> Self {
        self.above_least = true;
        self
    }

    fn holds(self, number: f64) -> bool {
        number <= self.most && if self.above_least { number > self.least } else { number >= self.least }
    }
}

const LATITUDE: Range = Range::new(
    -90.0,
    90.0,
    "a latitude is -90 to 90 degrees",
    "check that latitude and longitude have not changed places and the decimal point is there",
);
const LONGITUDE: Range = Range::new(
    -180.0,
    180.0,
    "a longitude is -180 to 180 degrees",
    "check that latitude and longitude have not changed places and the decimal point is there",
);
