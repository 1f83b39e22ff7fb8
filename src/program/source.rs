//! Where data came from: the file, row and column that a fault names.

use std::collections::{HashMap, HashSet};

use crate::error::{Fault, Severity};

/// The tables of a programme, in the order in which their faults are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Table {
    Participants,
    Supporters,
    Conditions,
    Issues,
    Gazetteer,
    Supervisors,
    Acquaintances,
    Barred,
    Past,
    Standing,
}

impl Table {
    pub(crate) const ALL: [Self; 10] = [
        Self::Participants,
        Self::Supporters,
        Self::Conditions,
        Self::Issues,
        Self::Gazetteer,
        Self::Supervisors,
        Self::Acquaintances,
        Self::Barred,
        Self::Past,
        Self::Standing,
    ];

    /// The name of the table in [`ProgramData`] and so in a JSON file.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Participants => "participants",
            Self::Supporters => "supporters",
            Self::Conditions => "conditions",
            Self::Issues => "issues",
            Self::Gazetteer => "gazetteer",
            Self::Supervisors => "supervisors",
            Self::Acquaintances => "history.acquaintances",
            Self::Barred => "history.barred",
            Self::Past => "history.past",
            Self::Standing => "history.standing",
        }
    }
}

/// Stands in [`Source::broken`] for all fields of a record but its id.
pub(crate) const EVERY_FIELD: &str = "*";

/// Where the rows of one table came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Source {
    /// The file as the caller named it.
    pub(crate) file: String,
    /// The row of each record in that file; by position where there is none.
    pub(crate) rows: Vec<u64>,
    /// What the file calls a field (`place.latitude` -> `lat`); the field's own name where there is none.
    pub(crate) fields: HashMap<String, String>,
    /// Fields of records that could not be read and are left out: told already, so nothing that follows from their
    /// absence is told again.
    pub(crate) broken: HashMap<usize, Vec<String>>,
    /// The table could not be read as a whole: a reference into it is not held against anybody.
    pub(crate) unread: bool,
    /// Records that did not come from the file: edited since it was read.
    pub(crate) edited: HashSet<usize>,
}

impl Source {
    /// Notes that a field of a record (by position) could not be read.
    pub(crate) fn break_field(&mut self, record: usize, field: &str) {
        self.broken.entry(record).or_default().push(field.to_owned());
    }
}

/// Where the rows of every table came from.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sources {
    tables: HashMap<Table, Source>,
}

impl Sources {
    pub(crate) fn set(&mut self, table: Table, source: Source) {
        self.tables.insert(table, source);
    }

    /// A fault of one record (by position; `None` for the table as a whole), told in the words of its file.
    pub(crate) fn fault(&self, table: Table, record: Option<usize>, severity: Severity) -> Fault {
        let is_read = |source: &&Source| record.is_none_or(|record| !source.edited.contains(&record));
        let source = self.tables.get(&table).filter(is_read);
        let row = record.map(|record| {
            source.and_then(|source| source.rows.get(record)).copied().unwrap_or(record as u64 + 1)
        });
        Fault {
            severity,
            file: source.map_or_else(|| table.name().to_owned(), |source| source.file.clone()),
            row,
            id: None,
            field: None,
            value: None,
            problem: String::new(),
            remedy: String::new(),
        }
    }

    /// Notes that a record (by position) is not the one that was read.
    pub(crate) fn note_edit(&mut self, table: Table, record: usize) {
        if let Some(source) = self.tables.get_mut(&table) {
            source.edited.insert(record);
        }
    }

    /// Whether a field of a record could not be read, or the record as a whole.
    pub(crate) fn is_broken(&self, table: Table, record: usize, field: &str) -> bool {
        let fields = self.tables.get(&table).and_then(|source| source.broken.get(&record));
        fields.is_some_and(|fields| {
            fields.iter().any(|broken| broken == field || (broken == EVERY_FIELD && field != "id"))
        })
    }

    /// Whether the table could not be read as a whole.
    pub(crate) fn is_unread(&self, table: Table) -> bool {
        self.tables.get(&table).is_some_and(|source| source.unread)
    }

    /// What the table's file calls a field.
    pub(crate) fn field(&self, table: Table, field: &str) -> String {
        let named = self.tables.get(&table).and_then(|source| source.fields.get(field));
        named.map_or_else(|| field.to_owned(), Clone::clone)
    }

    /// The place of a file among the tables, for telling faults in a steady order.
    fn rank(&self, file: &str) -> usize {
        let named = |table: &Table| {
            self.tables.get(table).map_or(table.name(), |source| source.file.as_str()) == file
        };
        Table::ALL.iter().position(named).unwrap_or(Table::ALL.len())
    }
}

/// Errors before warnings, then by table, then by row; faults of one row stay in the order they were found.
pub(crate) fn sort(faults: &mut [Fault], sources: &Sources) {
    faults.sort_by_cached_key(|fault| {
        (fault.severity, sources.rank(&fault.file), fault.file.clone(), fault.row)
    });
}
