//! One CSV table: its header to columns, its rows to records.

use std::collections::{BTreeMap, HashMap};

use serde::de::DeserializeOwned;
use serde_json::{Map, Value, json};

use super::bytes;
use super::cell::{Bad, CellFormat, Decoded, attribute_values, decode};
use super::columns::{Column, Kind};
use super::grid::{self, Row};
use super::map::{TableMap, Target, fold_header, unknown_column_remedy};
use super::record::{Records, id_of};
use super::text::{split, unescape};
use crate::error::{Fault, Severity};
use crate::program::source::{EVERY_FIELD, Table};

/// Reads a table. Every fault is told, and what can be read is.
pub(super) fn read<T: DeserializeOwned>(
    table: Table,
    file: &str,
    bytes: &[u8],
    map: &TableMap,
) -> Records<T> {
    let text = match bytes::text(bytes) {
        Ok(text) => text,
        Err(found) => {
            let mut records = Records::unread(file, found.problem, found.remedy);
            records.faults[0].row = found.line;
            records.faults[0].value = found.value;
            return records;
        }
    };
    let rows = grid::rows(text, map.delimiter.and_then(|delimiter| u8::try_from(delimiter).ok()));
    let Some((header, rows)) = rows.split_first() else {
        return Records::unread(
            file,
            "the file is empty",
            "its first line names the columns, as in COLUMNS.md",
        );
    };
    let mut records = Records::new(file);
    let layout = Layout::new(table, header, rows, map, &mut records);
    if rows.is_empty() && matches!(table, Table::Participants | Table::Supporters) {
        let fault = Fault {
            problem: "the file has a header and no rows".to_owned(),
            remedy: "check that this is the right export".to_owned(),
            ..records.fault(Severity::Warning, None)
        };
        records.faults.push(fault);
    }
    for row in rows {
        layout.read_row(row, &mut records);
    }
    records
}

/// Which cell of a row goes where.
struct Layout<'a> {
    table: Table,
    map: &'a TableMap,
    format: CellFormat,
    width: usize,
    /// The targets of our columns, with the place of their cell and the header as it is written.
    cells: Vec<(Target, usize, String)>,
    /// Targets for which the file has no column, but the map a default.
    defaults: Vec<Target>,
    defaults_by_target: HashMap<Target, &'a str>,
}

impl<'a> Layout<'a> {
    fn new<T>(table: Table, header: &Row, rows: &[Row], map: &'a TableMap, records: &mut Records<T>) -> Self {
        let mut layout = Self {
            table,
            map,
            format: CellFormat { separator: map.separator.unwrap_or(';'), dates: map.date_format.clone() },
            width: header.cells.len(),
            cells: Vec::new(),
            defaults: Vec::new(),
            defaults_by_target: HashMap::new(),
        };
        let line = Some(header.line);
        if header.open_quote {
            let fault = open_quote(records.fault(Severity::Error, line));
            records.faults.push(fault);
            records.source.unread = true;
        }
        let mapped: HashMap<String, Target> = map
            .columns
            .iter()
            .filter_map(|(name, header)| Some((fold_header(header), Target::find(table, name)?)))
            .collect();
        let mut taken: BTreeMap<Target, String> = BTreeMap::new();
        for (at, cell) in header.cells.iter().enumerate() {
            let folded = fold_header(cell);
            let own = mapped.get(&folded).cloned();
            let ignored = map.ignore.iter().any(|header| fold_header(header) == folded);
            if own.is_none() && (ignored || map.ignore_others) {
                continue;
            }
            let found = own.or_else(|| {
                let target = Target::in_header(table, cell)?;
                // A column that the map takes from elsewhere is not ours by its name as well.
                (!mapped.values().any(|mapped| *mapped == target)).then_some(target)
            });
            let Some(target) = found else {
                layout.unknown_header(at, cell, line, rows, records);
                continue;
            };
            if let Some(first) = taken.insert(target.clone(), cell.clone()) {
                let fault = Fault {
                    field: Some(cell.clone()),
                    value: Some(cell.clone()),
                    problem: if fold_header(&first) == folded {
                        "the column stands twice in the header".to_owned()
                    } else {
                        format!("the column means the same as the column {first}")
                    },
                    remedy: "keep one of the two, or name the other under ignore in the column map"
                        .to_owned(),
                    ..records.fault(Severity::Error, line)
                };
                records.faults.push(fault);
                continue;
            }
            let column = layout.column(&target);
            if target.part.is_none() && column.is_written() {
                records.source.fields.insert(column.path.to_owned(), cell.clone());
            }
            layout.cells.push((target, at, cell.clone()));
        }
        layout.missing_headers(header, &taken, line, records);
        for (name, cell) in &map.defaults {
            if let Some(target) = Target::find(table, name) {
                if !taken.contains_key(&target) {
                    layout.defaults.push(target.clone());
                }
                layout.defaults_by_target.insert(target, cell.as_str());
            }
        }
        layout
    }

    fn column(&self, target: &Target) -> &'static Column {
        &self.table.columns()[target.column]
    }

    fn unknown_header<T>(
        &self,
        at: usize,
        cell: &str,
        line: Option<u64>,
        rows: &[Row],
        records: &mut Records<T>,
    ) {
        let (value, problem, remedy) = if cell.is_empty() {
            if !rows.iter().any(|row| row.cells.get(at).is_some_and(|cell| !cell.is_empty())) {
                return;
            }
            let problem = format!("column {} has no name, so what stands in it is not read", at + 1);
            (None, problem, "give it a name in the header, or take it out".to_owned())
        } else {
            let remedy = format!(
                "{}; or name it under ignore in the column map",
                unknown_column_remedy(self.table, cell)
            );
            (Some(cell.to_owned()), "no such column is known, so it is not read".to_owned(), remedy)
        };
        let field = value.clone();
        let fault = Fault { field, value, problem, remedy, ..records.fault(Severity::Warning, line) };
        records.faults.push(fault);
    }

    /// Required columns, and those the map counts on, that are not there.
    fn missing_headers<T>(
        &self,
        header: &Row,
        taken: &BTreeMap<Target, String>,
        line: Option<u64>,
        records: &mut Records<T>,
    ) {
        let there: Vec<String> = header.cells.iter().map(|cell| fold_header(cell)).collect();
        let mut awaited = Vec::new();
        for (name, expected) in &self.map.columns {
            if there.contains(&fold_header(expected)) {
                continue;
            }
            awaited.extend(Target::find(self.table, name));
            let near = crate::program::nearest::nearest(expected, header.cells.iter().map(String::as_str));
            let fault = Fault {
                field: Some(name.clone()),
                value: Some(expected.clone()),
                problem: "the column map takes this column for it, and the header does not have it"
                    .to_owned(),
                remedy: match near {
                    Some(near) => format!("perhaps {near} was meant; correct the map or the header"),
                    None => "correct the map or the header".to_owned(),
                },
                ..records.fault(Severity::Error, line)
            };
            records.faults.push(fault);
        }
        for (at, column) in self.table.columns().iter().enumerate() {
            let target = Target { column: at, part: None };
            let default = self.map.defaults.contains_key(column.name);
            if !column.required || default || taken.contains_key(&target) {
                continue;
            }
            records.source.unread |= column.kind == Kind::Id;
            if !awaited.contains(&target) {
                let fault = Fault {
                    field: Some(column.name.to_owned()),
                    problem: format!("the header has no column {}", column.name),
                    remedy: format!(
                        "add it, or say in the column map which column it is; the header has {}",
                        header.cells.join(", ")
                    ),
                    ..records.fault(Severity::Error, line)
                };
                records.faults.push(fault);
            }
        }
    }

    fn read_row<T: DeserializeOwned>(&self, row: &Row, records: &mut Records<T>) {
        let whole = records.fault(Severity::Error, Some(row.line));
        let spare = row.cells.get(self.width..).unwrap_or_default().iter().any(|cell| !cell.is_empty());
        if row.open_quote || spare || row.cells.len() < self.width {
            let fault = if row.open_quote { open_quote(whole) } else { self.wrong_width(row, whole) };
            // Cells may have slipped into other columns, so nothing is read but the id, for the sake of references.
            let mut object = Map::new();
            for (target, at, _) in &self.cells {
                let column = self.column(target);
                if let (true, Some(cell)) = (column.kind == Kind::Id && column.required, row.cells.get(*at)) {
                    object.insert(column.path.to_owned(), cell.as_str().into());
                }
            }
            records.faults.push(Fault { id: id_of(self.table, &object), ..fault });
            // The rows it has swallowed may be those that others refer to.
            records.source.unread |= row.open_quote;
            records.push(self.table, row.line, object, vec![EVERY_FIELD.to_owned()]);
            return;
        }
        let mut object = Map::new();
        let mut broken = Vec::new();
        let mut found: Vec<(String, Bad)> = Vec::new();
        let mut consent = None;
        let from_row = self.cells.iter().map(|(target, at, header)| {
            let cell = row.cells[*at].as_str();
            let cell = self.translate(target, cell);
            (target, header.as_str(), cell)
        });
        let from_map = self.defaults.iter().map(|target| (target, self.column(target).name, String::new()));
        for (target, header, cell) in from_row.chain(from_map) {
            let column = self.column(target);
            let is_default = cell.is_empty();
            let cell = match self.defaults_by_target.get(target) {
                Some(&default) if is_default => default.to_owned(),
                _ => cell,
            };
            if cell.is_empty() {
                if column.required {
                    let bad = Bad::new("", "the cell is empty", column.remedy_for_none(column.example));
                    found.push((header.to_owned(), bad));
                }
                continue;
            }
            let Decoded { value, bad } = self.decode(column, target, &cell);
            if !bad.is_empty() {
                broken.push(column.path.to_owned());
            }
            found.extend(bad.into_iter().map(|bad| (header.to_owned(), bad)));
            match value {
                Some(Value::Array(fields)) if column.kind == Kind::CardConsent => {
                    consent = Some((header.to_owned(), fields, is_default));
                }
                Some(value) => insert(&mut object, column.path, value),
                None => {}
            }
        }
        let id = id_of(self.table, &object);
        for (header, bad) in found {
            records.faults.push(Fault {
                id: id.clone(),
                field: Some(header),
                value: Some(bad.value),
                problem: bad.problem,
                remedy: bad.remedy,
                ..whole.clone()
            });
        }
        if let Some((header, fields, is_default)) = consent {
            let strange = Self::give_consent(&mut object, &fields);
            // A default speaks of every card, whatever is in it.
            for label in strange.into_iter().filter(|_| !is_default) {
                records.faults.push(Fault {
                    severity: Severity::Warning,
                    id: id.clone(),
                    field: Some(header.clone()),
                    value: Some(label),
                    problem: "the card has no such fact".to_owned(),
                    remedy: "write name, photo, or the label of a fact as it stands in the card".to_owned(),
                    ..whole.clone()
                });
            }
        }
        records.push(self.table, row.line, object, broken);
    }

    fn wrong_width(&self, row: &Row, whole: Fault) -> Fault {
        let count = row.cells.len();
        let (more, remedy) = if count > self.width {
            ("more than", "put a value that holds the separator into quotation marks")
        } else {
            (
                "fewer than",
                "add the cells that are lacking; a line break inside a value needs quotation marks",
            )
        };
        Fault {
            problem: format!("the row has {count} cells, {more} the header's {}", self.width),
            remedy: remedy.to_owned(),
            ..whole
        }
    }

    /// The cell in our words, by the `values` of the map.
    fn translate(&self, target: &Target, cell: &str) -> String {
        let column = self.column(target);
        let name = match &target.part {
            Some(part) => format!("{}.{part}", column.name),
            None => column.name.to_owned(),
        };
        let Some(values) = self.map.values.get(&name).filter(|_| !cell.is_empty()) else {
            return cell.to_owned();
        };
        let ours = |theirs: &str| {
            let folded = theirs.to_lowercase();
            let exact = values.get(theirs);
            exact.or_else(|| {
                values.iter().find(|(from, _)| from.trim().to_lowercase() == folded).map(|(_, to)| to)
            })
        };
        if let Some(ours) = ours(cell) {
            return ours.trim().to_owned();
        }
        if !is_list(column.kind) {
            return cell.to_owned();
        }
        // A column for one attribute may hold its values as the column `attributes` does.
        let between = match target.part {
            Some(_) if !cell.contains(self.format.separator) => self.format.inner(),
            _ => self.format.separator,
        };
        let pieces = split(cell, between).into_iter();
        let pieces: Vec<&str> = pieces
            .map(|piece| ours(&unescape(piece)).map_or(piece, String::as_str))
            .filter(|piece| !piece.trim().is_empty())
            .collect();
        pieces.join(&between.to_string())
    }

    fn decode(&self, column: &Column, target: &Target, cell: &str) -> Decoded {
        match (&target.part, column.kind) {
            (Some(label), Kind::Facts) => {
                let text = decode(Kind::Text, cell, &self.format).value;
                Ok(json!({ label: { "value": text, "consent": false } })).into()
            }
            (Some(label), Kind::Contact) => {
                let text = decode(Kind::Text, cell, &self.format).value;
                Ok(json!({ label: text })).into()
            }
            (Some(name), _) => {
                let values = attribute_values(cell, &self.format);
                Ok(json!({ name: values })).into()
            }
            (None, kind) => decode(kind, cell, &self.format),
        }
    }

    /// Marks the fields of the card that may be shown; returns the labels that no fact has.
    fn give_consent(object: &mut Map<String, Value>, fields: &[Value]) -> Vec<String> {
        let mut strange = Vec::new();
        for piece in fields.iter().filter_map(Value::as_str) {
            let own = ["name", "photo"].into_iter().find(|own| piece.trim().eq_ignore_ascii_case(own));
            let label = unescape(piece);
            let card = object.get_mut("card").and_then(Value::as_object_mut);
            let field = match own {
                Some(own) => card.and_then(|card| card.get_mut(own)),
                None => card.and_then(|card| card.get_mut("facts")?.as_object_mut()?.get_mut(&label)),
            };
            match (field.and_then(Value::as_object_mut), own) {
                (Some(field), _) => {
                    field.insert("consent".to_owned(), true.into());
                }
                // Consent to show what is not there is no harm, and forms give it for everybody.
                (None, Some(_)) => {}
                (None, None) => strange.push(label),
            }
        }
        strange
    }
}

fn is_list(kind: Kind) -> bool {
    matches!(
        kind,
        Kind::Ids
            | Kind::Languages
            | Kind::Modalities
            | Kind::Windows
            | Kind::Preferences
            | Kind::Attributes
            | Kind::CardConsent
            | Kind::Shares
    )
}

fn open_quote(fault: Fault) -> Fault {
    Fault {
        problem: "a quotation mark opens here and is never closed, so the rest of the file is one cell"
            .to_owned(),
        remedy: "close it, or write a quotation mark inside a quoted cell twice".to_owned(),
        ..fault
    }
}

/// Puts a value at a dotted path; lists and objects that stand there already are added to.
fn insert(object: &mut Map<String, Value>, path: &str, value: Value) {
    if let Some((first, rest)) = path.split_once('.') {
        let inner = object.entry(first).or_insert_with(|| json!({}));
        if let Value::Object(inner) = inner {
            insert(inner, rest, value);
        }
        return;
    }
    match (object.get_mut(path), value) {
        (Some(Value::Array(there)), Value::Array(more)) => there.extend(more),
        (Some(Value::Object(there)), Value::Object(more)) => {
            for (name, value) in more {
                insert_key(there, name, value);
            }
        }
        (_, value) => {
            object.insert(path.to_owned(), value);
        }
    }
}

fn insert_key(object: &mut Map<String, Value>, name: String, value: Value) {
    match (object.get_mut(&name), value) {
        (Some(Value::Array(there)), Value::Array(more)) => there.extend(more),
        (_, value) => {
            object.insert(name, value);
        }
    }
}
