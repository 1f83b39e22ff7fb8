//! JSON files: one table as a list of objects, or a whole programme.

use std::collections::HashMap;

use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

use super::bytes;
use super::check::{check, shown, wrong};
use super::duplicates::{Step, duplicate_keys};
use super::record::{Records, id_of};
use crate::error::{Fault, Severity};
use crate::program::nearest::nearest;
use crate::program::source::Table;

/// Reads a table whose file is a list of objects.
pub(super) fn read<T: DeserializeOwned>(table: Table, file: &str, bytes: &[u8]) -> Records<T> {
    match parse(file, bytes) {
        Ok((value, twice)) => records(table, file, value, &twice),
        Err(fault) => unread(file, *fault),
    }
}

/// A whole programme, taken apart into its tables; each is `None` where the file does not have it.
pub(super) struct Parts {
    tables: Vec<(Table, Value)>,
    twice: Vec<Vec<Step>>,
    pub(super) faults: Vec<Fault>,
    /// The file as a whole could not be read.
    pub(super) is_unread: bool,
}

impl Parts {
    pub(super) fn unread() -> Self {
        Self { tables: Vec::new(), twice: Vec::new(), faults: Vec::new(), is_unread: true }
    }

    pub(super) fn read(file: &str, bytes: &[u8]) -> Self {
        let mut parts = Self { is_unread: false, ..Self::unread() };
        match parse(file, bytes) {
            Ok((Value::Object(object), twice)) => {
                parts.twice = twice;
                parts.tables_twice(file);
                parts.take(file, "", object);
            }
            Ok((other, _)) => {
                let bad = wrong(
                    &other,
                    "an object with participants, supporters and the other tables",
                    "{ \"participants\": [], \"supporters\": [] }",
                );
                parts.faults.push(Fault {
                    problem: bad.problem.replace("and the field holds", "and the file holds"),
                    remedy: bad.remedy,
                    ..blank(file)
                });
            }
            Err(fault) => {
                parts.faults.push(*fault);
                parts.is_unread = true;
            }
        }
        parts
    }

    /// A table, or the history, that stands twice: only the last of them would count.
    fn tables_twice(&mut self, file: &str) {
        for way in &self.twice {
            if let Some(name) = path(way) {
                self.faults.push(Fault { field: Some(name), ..key_twice(blank(file)) });
            }
        }
    }

    fn take(&mut self, file: &str, prefix: &str, object: Map<String, Value>) {
        for (key, value) in object {
            let name = format!("{prefix}{key}");
            let table = Table::ALL.into_iter().find(|table| table.name() == name);
            match (table, value) {
                (_, Value::Null) => {}
                (Some(table), value) => self.tables.push((table, value)),
                (None, Value::Object(history)) if name == "history" => self.take(file, "history.", history),
                // Editors find the schema by this key.
                (None, _) if name == "$schema" => {}
                (None, value) => {
                    let known = Table::ALL.iter().filter_map(|table| table.name().strip_prefix(prefix));
                    let near = nearest(&key, known.chain(["history"]));
                    self.faults.push(Fault {
                        field: Some(name.clone()),
                        value: Some(shown(&value)),
                        problem: if name == "history" {
                            "this is not an object".to_owned()
                        } else {
                            "no such table is known".to_owned()
                        },
                        remedy: match near {
                            Some(near) if name != "history" => {
                                format!("perhaps {near} was meant; else take it out")
                            }
                            _ => "correct it; the tables are described in the schema".to_owned(),
                        },
                        ..blank(file)
                    });
                }
            }
        }
    }

    /// The records of one table; `None` if the file does not have it.
    pub(super) fn table<T: DeserializeOwned>(&mut self, table: Table, file: &str) -> Option<Records<T>> {
        let at = self.tables.iter().position(|(own, _)| *own == table)?;
        let (_, value) = self.tables.swap_remove(at);
        let start: Vec<Step> = table.name().split('.').map(|key| Step::Key(key.to_owned())).collect();
        let inside = self.twice.iter().filter_map(|way| way.strip_prefix(&start[..]).map(<[Step]>::to_vec));
        let twice: Vec<Vec<Step>> = inside.filter(|way| !way.is_empty()).collect();
        Some(records(table, &format!("{file} ({})", table.name()), value, &twice))
    }
}

fn blank(file: &str) -> Fault {
    Fault {
        severity: Severity::Error,
        file: file.to_owned(),
        row: None,
        id: None,
        field: None,
        value: None,
        problem: String::new(),
        remedy: String::new(),
    }
}

fn key_twice(fault: Fault) -> Fault {
    Fault {
        problem: "the key stands twice in one object, so that one of its values would be lost".to_owned(),
        remedy: "keep one of the two".to_owned(),
        ..fault
    }
}

/// The dotted path of keys; `None` if it leads into a list, for that is told with the row.
fn path(way: &[Step]) -> Option<String> {
    let keys: Option<Vec<&str>> = way
        .iter()
        .map(|step| match step {
            Step::Key(key) => Some(key.as_str()),
            Step::Item(_) => None,
        })
        .collect();
    keys.map(|keys| keys.join("."))
}

/// The same with places in lists: `preferences[0].wish`.
fn path_in_row(way: &[Step]) -> String {
    let mut path = String::new();
    for step in way {
        match step {
            Step::Key(key) if path.is_empty() => path.push_str(key),
            Step::Key(key) => path.extend([".", key]),
            Step::Item(at) => {
                path.push('[');
                path.push_str(&at.to_string());
                path.push(']');
            }
        }
    }
    path
}

fn unread<T>(file: &str, fault: Fault) -> Records<T> {
    let mut records = Records::unread(file, "", "");
    records.faults = vec![fault];
    records
}

/// The value, and the way to every key that stands twice.
fn parse(file: &str, bytes: &[u8]) -> Result<(Value, Vec<Vec<Step>>), Box<Fault>> {
    let text = bytes::text(bytes).map_err(|found| {
        Box::new(Fault {
            row: found.line,
            value: found.value,
            problem: found.problem,
            remedy: found.remedy.to_owned(),
            ..blank(file)
        })
    })?;
    if text.trim().is_empty() {
        return Err(Box::new(Fault {
            problem: "the file is empty".to_owned(),
            remedy: "a table without records is written []".to_owned(),
            ..blank(file)
        }));
    }
    let parsed = serde_json::from_str(text).map_err(|error| {
        let message = error.to_string();
        let message = message.split(" at line ").next().unwrap_or_default();
        let (what, remedy) = if message.contains("number out of range") {
            (
                "a number is too large",
                "write a number in its ordinary range; leave the field out if it is not known",
            )
        } else {
            (
                "this is not JSON",
                "correct it there or just before; NaN, comments and a comma after the last item are not JSON",
            )
        };
        Box::new(Fault {
            problem: format!("{what}, at line {}, column {}: {message}", error.line(), error.column()),
            remedy: remedy.to_owned(),
            ..blank(file)
        })
    });
    parsed.map(|value| (value, duplicate_keys(text)))
}

fn records<T: DeserializeOwned>(table: Table, file: &str, value: Value, twice: &[Vec<Step>]) -> Records<T> {
    let rows = match value {
        Value::Array(rows) => rows,
        other => {
            let bad = wrong(&other, "a list of objects", "[{ ... }, { ... }]");
            let problem = bad.problem.replace("and the field holds", "and a table is");
            return Records::unread(file, problem, bad.remedy);
        }
    };
    let mut records = Records::new(file);
    let mut twice_in: HashMap<usize, Vec<String>> = HashMap::new();
    for way in twice {
        if let [Step::Item(row), rest @ ..] = &way[..] {
            twice_in.entry(*row).or_default().push(path_in_row(rest));
        }
    }
    for (at, row) in rows.into_iter().enumerate() {
        let row_number = at as u64 + 1;
        let whole = records.fault(Severity::Error, Some(row_number));
        let mut object = match row {
            Value::Object(object) => object,
            other => {
                let bad = wrong(&other, "an object", "{ ... }");
                let problem = bad.problem.replace("and the field holds", "and a record is");
                records.faults.push(Fault { value: Some(bad.value), problem, remedy: bad.remedy, ..whole });
                continue;
            }
        };
        let checked = check(table, &mut object);
        let id = id_of(table, &object);
        for key in twice_in.remove(&at).unwrap_or_default() {
            let fault = Fault { id: id.clone(), field: Some(key), ..key_twice(whole.clone()) };
            records.faults.push(fault);
        }
        records.faults.extend(checked.found.into_iter().map(|found| Fault {
            id: id.clone(),
            field: Some(found.path),
            value: (!found.bad.value.is_empty()).then_some(found.bad.value),
            problem: found.bad.problem,
            remedy: found.bad.remedy,
            ..whole.clone()
        }));
        records.push(table, row_number, object, checked.broken);
    }
    records
}
