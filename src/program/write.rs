//! A programme's data as CSV files, in the columns that the reader knows.

use std::fmt;
use std::fs;
use std::path::Path;

use serde::Deserialize as _;
use serde_json::{Map, Value};

use super::read::{CellFormat, Column, Kind, escape, guard_formula};
use super::source::Table;
use super::{Preference, ProgramData};
use crate::error::{Error, Result};

/// One CSV file of a programme.
#[derive(Clone, PartialEq, Eq)]
pub struct CsvFile {
    /// Its name, such as `participants.csv`.
    pub name: String,
    /// What it holds, in UTF-8 with line feeds.
    pub content: String,
}

/// Its name and length, not what it says of people.
impl fmt::Debug for CsvFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CsvFile({}, {} bytes)", self.name, self.content.len())
    }
}

impl ProgramData {
    /// The data as CSV files, one for each table that is not empty: `participants.csv`, `supporters.csv`,
    /// `conditions.csv`, `issues.csv`, `gazetteer.csv`, `supervisors.csv`, `acquaintances.csv`, `barred_pairs.csv`,
    /// `past_matches.csv` and `standing_matches.csv`. Their columns are those of
    /// [`csv_columns_markdown`](super::csv_columns_markdown); people have all of them, the other tables those in use.
    ///
    /// Reading the files back gives equal data, with these exceptions that a cell cannot hold: an empty text counts
    /// as left out, and so does a blank at either end of a text. No cell starts a formula in a spreadsheet.
    ///
    /// # Errors
    ///
    /// If a number is not finite: a file would not tell it from one that is not known.
    pub fn to_csv(&self) -> Result<Vec<CsvFile>> {
        let history = &self.history;
        let files = [
            table(Table::Participants, &self.participants)?,
            table(Table::Supporters, &self.supporters)?,
            table(Table::Conditions, &self.conditions)?,
            table(Table::Issues, &self.issues)?,
            table(Table::Gazetteer, &self.gazetteer)?,
            table(Table::Supervisors, &self.supervisors)?,
            table(Table::Acquaintances, &history.acquaintances)?,
            table(Table::Barred, &history.barred)?,
            table(Table::Past, &history.past)?,
            table(Table::Standing, &history.standing)?,
        ];
        Ok(files.into_iter().flatten().collect())
    }

    /// Writes the files of [`to_csv`](Self::to_csv) into a folder, which is made if it is not there. Files of the
    /// same names are replaced; files of tables that are empty now are left as they are.
    ///
    /// # Errors
    ///
    /// If a number is not finite (nothing is written then), or if the folder cannot be written to
    /// ([`Error::is_io`]).
    pub fn write_csv(&self, folder: impl AsRef<Path>) -> Result<()> {
        let folder = folder.as_ref();
        let files = self.to_csv()?;
        fs::create_dir_all(folder).map_err(|error| Error::io(folder, error))?;
        for file in files {
            let path = folder.join(&file.name);
            fs::write(&path, file.content).map_err(|error| Error::io(&path, error))?;
        }
        Ok(())
    }
}

fn table<T: serde::Serialize>(table: Table, records: &[T]) -> Result<Option<CsvFile>> {
    if records.is_empty() {
        return Ok(None);
    }
    let format = CellFormat::default();
    let columns: Vec<&Column> = table.columns().iter().filter(|column| column.is_written()).collect();
    let mut rows = Vec::with_capacity(records.len());
    for (position, record) in records.iter().enumerate() {
        let record = serde_json::to_value(record).map_err(|error| Error::write(error.to_string()))?;
        let mut row = Vec::with_capacity(columns.len());
        for &column in &columns {
            let cell = encode(column, &record, &format).ok_or_else(|| {
                Error::write(format!(
                    "record {} of {}: {} is not a finite number and cannot be written",
                    position + 1,
                    table.name(),
                    column.path
                ))
            })?;
            row.push(cell);
        }
        rows.push(row);
    }
    let people = matches!(table, Table::Participants | Table::Supporters);
    let written: Vec<usize> = (0..columns.len())
        .filter(|&at| people || columns[at].required || rows.iter().any(|row| !row[at].is_empty()))
        .collect();
    let mut content = String::new();
    push_line(&mut content, written.iter().map(|&at| columns[at].name));
    for row in &rows {
        push_line(&mut content, written.iter().map(|&at| row[at].as_str()));
    }
    Ok(Some(CsvFile { name: format!("{}.csv", table.stem()), content }))
}

/// One line of cells. Quoted is every cell that any separator, in whatever country's spreadsheet, could split.
fn push_line<'a>(content: &mut String, cells: impl Iterator<Item = &'a str>) {
    for (at, cell) in cells.enumerate() {
        if at > 0 {
            content.push(',');
        }
        if cell.contains([',', ';', '\t', '|', '"', '\n', '\r']) {
            content.push('"');
            content.push_str(&cell.replace('"', "\"\""));
            content.push('"');
        } else {
            content.push_str(cell);
        }
    }
    content.push('\n');
}

/// The cell of one column; `None` if a number in it is not finite, which JSON shows as null.
fn encode(column: &Column, record: &Value, format: &CellFormat) -> Option<String> {
    let mut value = record;
    for key in column.path.split('.') {
        match value.get(key) {
            Some(inner) => value = inner,
            None => return Some(String::new()),
        }
    }
    let special = [format.separator, format.inner(), '='];
    let text = match (column.kind, value) {
        (_, Value::Null) => return None,
        (Kind::Number | Kind::Whole(_), Value::Number(number)) => return Some(plain_number(number)),
        (Kind::YesNo, Value::Bool(yes)) => if *yes { "yes" } else { "no" }.to_owned(),
        (Kind::Preferences, Value::Array(preferences)) => {
            let cells: Option<Vec<String>> =
                preferences.iter().map(|own| Some(Preference::deserialize(own).ok()?.to_string())).collect();
            cells?.join("; ")
        }
        (Kind::Attributes, Value::Object(attributes)) => join_named(attributes, &special, |values| {
            let values: Vec<String> = values
                .as_array()?
                .iter()
                .filter_map(|value| Some(escape(value.as_str()?, &special)))
                .collect();
            Some(values.join("|"))
        })?,
        (Kind::Weights, Value::Object(weights)) => {
            join_named(weights, &special, |weight| weight.as_number().map(plain_number))?
        }
        (Kind::Facts, Value::Object(facts)) => {
            join_named(facts, &special, |fact| Some(escape(fact.get("value")?.as_str()?, &special)))?
        }
        (Kind::Contact, Value::Object(contact)) => {
            join_named(contact, &special, |text| Some(escape(text.as_str()?, &special)))?
        }
        (Kind::CardConsent, card) => encode_consent(card, &special),
        (_, Value::Array(values)) => {
            let values: Vec<String> =
                values.iter().filter_map(|value| Some(escape(value.as_str()?, &special[..1]))).collect();
            values.join("; ")
        }
        (_, Value::String(text)) => text.clone(),
        (_, other) => other.to_string(),
    };
    Some(guard_formula(&text))
}

/// Without an exponent where it can be read: reading it gives the same number.
fn plain_number(number: &serde_json::Number) -> String {
    match number.as_f64() {
        Some(float) if number.is_f64() && float.abs() < 1e15 && (float == 0.0 || float.abs() > 1e-9) => {
            float.to_string()
        }
        _ => number.to_string(),
    }
}

fn join_named(
    object: &Map<String, Value>,
    special: &[char],
    value: impl Fn(&Value) -> Option<String>,
) -> Option<String> {
    let pairs: Option<Vec<String>> =
        object.iter().map(|(name, of)| Some(format!("{}={}", escape(name, special), value(of)?))).collect();
    Some(pairs?.join("; "))
}

/// `name`, `photo` and the labels of facts; a fact that is called `name` or `photo` gets a backslash.
fn encode_consent(card: &Value, special: &[char]) -> String {
    let consented =
        |field: Option<&Value>| field.is_some_and(|field| field.get("consent") == Some(&Value::Bool(true)));
    let mut fields = Vec::new();
    for own in ["name", "photo"] {
        if consented(card.get(own)) {
            fields.push(own.to_owned());
        }
    }
    for (label, fact) in card.get("facts").and_then(Value::as_object).into_iter().flatten() {
        if consented(Some(fact)) {
            let label = escape(label, special);
            let own = ["name", "photo"].iter().any(|own| label.eq_ignore_ascii_case(own));
            fields.push(if own { format!("\\{label}") } else { label });
        }
    }
    fields.join("; ")
}
