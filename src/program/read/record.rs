//! From the JSON form of a record to the record, whether a CSV row or a JSON object was there first.

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::columns::{Column, Kind};
use crate::error::{Fault, Severity};
use crate::program::source::{Source, Table};

/// One table as far as it could be read.
pub(super) struct Records<T> {
    pub(super) found: Vec<T>,
    pub(super) source: Source,
    pub(super) faults: Vec<Fault>,
}

impl<T> Records<T> {
    pub(super) fn new(file: &str) -> Self {
        let source = Source { file: file.to_owned(), ..Source::default() };
        Self { found: Vec::new(), source, faults: Vec::new() }
    }

    /// Nothing of the table could be read.
    pub(super) fn unread(file: &str, problem: impl Into<String>, remedy: impl Into<String>) -> Self {
        let mut records = Self::new(file);
        records.source.unread = true;
        let fault =
            Fault { problem: problem.into(), remedy: remedy.into(), ..records.fault(Severity::Error, None) };
        records.faults.push(fault);
        records
    }

    pub(super) fn fault(&self, severity: Severity, row: Option<u64>) -> Fault {
        Fault {
            severity,
            file: self.source.file.clone(),
            row,
            id: None,
            field: None,
            value: None,
            problem: String::new(),
            remedy: String::new(),
        }
    }
}

impl<T: DeserializeOwned> Records<T> {
    /// Adds the record that the object stands for. `broken` are the fields that were taken out because they could
    /// not be read. A record without its id is left out: nothing could refer to it.
    pub(super) fn push(
        &mut self,
        table: Table,
        row: u64,
        mut object: Map<String, Value>,
        mut broken: Vec<String>,
    ) {
        for column in table.columns().iter().filter(|column| column.required) {
            if !object.contains_key(column.path) {
                // What is required and broken has been told: anything does in its place, for nothing is matched.
                let Some(placeholder) = placeholder(column) else { return };
                object.insert(column.path.to_owned(), placeholder);
                broken.push(column.path.to_owned());
            }
        }
        let id = id_of(table, &object);
        match serde_json::from_value(Value::Object(object)) {
            Ok(record) => {
                let position = self.found.len();
                self.found.push(record);
                self.source.rows.push(row);
                for field in broken {
                    self.source.break_field(position, &field);
                }
            }
            Err(error) => {
                // Every field was looked at before, so this is the last resort.
                let fault = Fault {
                    id,
                    problem: "the record cannot be read".to_owned(),
                    remedy: format!("correct it by the schema, which describes the fields: {error}"),
                    ..self.fault(Severity::Error, Some(row))
                };
                self.faults.push(fault);
            }
        }
    }
}

fn placeholder(column: &Column) -> Option<Value> {
    match column.kind {
        Kind::Number => Some(0.into()),
        Kind::Choice(words) => words.first().map(|&word| word.into()),
        _ => None,
    }
}

/// What a fault of the record calls it: its id or code; for a pair, both.
pub(super) fn id_of(table: Table, object: &Map<String, Value>) -> Option<String> {
    let text = |key: &str| object.get(key).and_then(Value::as_str).map(str::to_owned);
    match table {
        Table::Participants | Table::Supporters | Table::Supervisors => text("id"),
        Table::Conditions | Table::Issues => text("code"),
        Table::Gazetteer => text("postcode").or_else(|| text("town")),
        Table::Acquaintances | Table::Barred | Table::Past | Table::Standing => {
            Some(format!("{} and {}", text("participant")?, text("supporter")?))
        }
    }
}
