//! The column map: how the files of another system name and write what the tables hold.

use std::collections::BTreeMap;
use std::path::Path;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::bytes::line_ends;
use super::columns::{Column, Kind};
use crate::error::{Error, Fault, Result, Severity};
use crate::program::nearest::nearest;
use crate::program::source::Table;

/// Reads the export of another system as it is: which of its columns is which of ours, and what its words stand for.
///
/// One [`TableMap`] for each table, in TOML or JSON. It applies to CSV files; JSON files name their fields as the
/// schema does.
///
/// ```
/// use peermatch::program::{ColumnMap, ProgramReader};
///
/// let map: ColumnMap = r#"
///     [participants]
///     ignore_others = true                    # columns not named here are not for us
///     separator = ","                         # between the values of a list
///     date_format = "%m/%d/%Y"                # as strptime has it
///
///     [participants.columns]                  # our name = their header
///     id = "Client No."
///     conditions = "Dx"
///     waiting_since = "Referred"
///     consent = "ROI signed"
///     "attributes.faith" = "Religion"         # a column of its own for one attribute
///
///     [participants.values.consent]           # their value = ours
///     J = "yes"
///     N = "no"
///
///     [participants.defaults]                 # where the cell is empty or the column is not there
///     languages = "en"
/// "#
/// .parse()?;
///
/// let program = ProgramReader::new()
///     .file_in_memory(
///         "export.csv",
///         "Client No.,Dx,Referred,ROI signed,Religion,Shoe size\n17,\"F84.0, G40\",10/05/2026,J,quaker,38\n",
///     )
///     .participants("export.csv")
///     .column_map(map)
///     .read()?;
/// let person = &program.participants()[0];
/// assert_eq!(person.conditions.len(), 2);
/// assert!(person.consent);
/// assert_eq!(person.attributes["faith"], ["quaker"]);
/// # Ok::<(), peermatch::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ColumnMap {
    /// For the file of participants.
    pub participants: TableMap,
    /// For the file of supporters.
    pub supporters: TableMap,
    /// For the taxonomy of conditions.
    pub conditions: TableMap,
    /// For the taxonomy of issues.
    pub issues: TableMap,
    /// For the gazetteer.
    pub gazetteer: TableMap,
    /// For the file of supervisors.
    pub supervisors: TableMap,
    /// For the file of acquaintances.
    pub acquaintances: TableMap,
    /// For the file of barred pairs.
    pub barred_pairs: TableMap,
    /// For the file of past matches.
    pub past_matches: TableMap,
    /// For the file of standing matches.
    pub standing_matches: TableMap,
}

/// How one file is to be read.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TableMap {
    /// Our column name to the header it has in the file. `attributes.NAME` and `card_facts.LABEL` take a column for
    /// one attribute or one fact.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub columns: BTreeMap<String, String>,
    /// Headers in the file that are not for us.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ignore: Vec<String>,
    /// No header but those of `columns` is for us, not even one that has our name.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub ignore_others: bool,
    /// What stands between the values of a list; `;` if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub separator: Option<char>,
    /// What stands between the cells; found out from the header if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delimiter: Option<char>,
    /// How days are written, in the letters of `strptime` (`%m/%d/%Y`); year-month-day if left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub date_format: Option<String>,
    /// For a column of ours: a value in the file to the value it stands for, without regard to letter case. In a
    /// list it applies to the whole cell, else to each value. The empty text makes a value unknown.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub values: BTreeMap<String, BTreeMap<String, String>>,
    /// For a column of ours: what counts where the cell is empty or there is no such column.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub defaults: BTreeMap<String, String>,
}

impl ColumnMap {
    /// Reads a map from a file: JSON if its name ends in `.json`, else TOML.
    ///
    /// # Errors
    ///
    /// [`Error::is_io`] if the file cannot be read, [`Error::is_input`] if it is not such a map.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
        let json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        Self::from_text(&text, json, &path.display().to_string())
    }

    fn from_text(text: &str, json: bool, file: &str) -> Result<Self> {
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let fault = |row: Option<u64>, problem: String| {
            Error::input(vec![Fault {
                severity: Severity::Error,
                file: file.to_owned(),
                row,
                id: None,
                field: None,
                value: None,
                problem,
                remedy: "correct the map; its form is described with ColumnMap".to_owned(),
            }])
        };
        let map: Self = if json {
            serde_json::from_str(text).map_err(|error| fault(Some(error.line() as u64), error.to_string()))?
        } else {
            toml::from_str(text).map_err(|error| {
                let start = error.span().map(|span| span.start.min(text.len()));
                let line = start.map(|start| 1 + line_ends(text.as_bytes(), 0, start));
                fault(line, error.message().to_owned())
            })?
        };
        let faults = map.faults(file);
        if faults.is_empty() { Ok(map) } else { Err(Error::input(faults)) }
    }

    pub(super) fn table(&self, table: Table) -> &TableMap {
        match table {
            Table::Participants => &self.participants,
            Table::Supporters => &self.supporters,
            Table::Conditions => &self.conditions,
            Table::Issues => &self.issues,
            Table::Gazetteer => &self.gazetteer,
            Table::Supervisors => &self.supervisors,
            Table::Acquaintances => &self.acquaintances,
            Table::Barred => &self.barred_pairs,
            Table::Past => &self.past_matches,
            Table::Standing => &self.standing_matches,
        }
    }

    /// What is wrong with the map in itself.
    pub(super) fn faults(&self, file: &str) -> Vec<Fault> {
        Table::ALL.iter().flat_map(|&table| self.table(table).faults(table, file)).collect()
    }
}

/// TOML, or JSON if it begins with a brace.
impl FromStr for ColumnMap {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        Self::from_text(text, text.trim_start().starts_with('{'), MAP)
    }
}

/// What faults call a map that did not come from a file.
pub(super) const MAP: &str = "column map";

impl TableMap {
    fn faults(&self, table: Table, file: &str) -> Vec<Fault> {
        let fault = |field: String, value: Option<&str>, problem: String, remedy: String| Fault {
            severity: Severity::Error,
            file: file.to_owned(),
            row: None,
            id: None,
            field: Some(format!("{}.{field}", table.stem())),
            value: value.map(str::to_owned),
            problem,
            remedy,
        };
        let mut faults = Vec::new();
        let named = [
            ("columns", self.columns.keys().collect::<Vec<_>>()),
            ("values", self.values.keys().collect()),
            ("defaults", self.defaults.keys().collect()),
        ];
        for (part, names) in named {
            for name in names {
                if Target::find(table, name).is_none() {
                    faults.push(fault(
                        format!("{part}.{name}"),
                        Some(name),
                        format!("{} has no column of that name", table.stem()),
                        unknown_column_remedy(table, name),
                    ));
                }
            }
        }
        let mut taken: BTreeMap<String, &String> = BTreeMap::new();
        for (name, header) in &self.columns {
            if let Some(first) = taken.insert(fold_header(header), name) {
                faults.push(fault(
                    format!("columns.{name}"),
                    Some(header),
                    format!("the same column of the file is taken for {first} already"),
                    "take it for one of the two".to_owned(),
                ));
            }
        }
        if let Some(separator) = self.separator.filter(|&c| c.is_alphanumeric() || "\\=*!\"'_.".contains(c)) {
            faults.push(fault(
                "separator".to_owned(),
                Some(&separator.to_string()),
                "this cannot stand between the values of a list".to_owned(),
                "take a semicolon, a comma, a bar or a slash".to_owned(),
            ));
        }
        let odd = |c: char| !c.is_ascii() || c.is_alphanumeric() || "\"\n\r\\".contains(c);
        if let Some(delimiter) = self.delimiter.filter(|&c| odd(c)) {
            faults.push(fault(
                "delimiter".to_owned(),
                Some(&delimiter.to_string()),
                "this cannot stand between cells".to_owned(),
                "take a comma, a semicolon, a tab or a bar".to_owned(),
            ));
        }
        if let Some(format) = &self.date_format {
            // Written and read again, a day must still be the same.
            let day = jiff::civil::date(2026, 10, 5);
            let written = jiff::fmt::strtime::format(format, day).ok();
            if written.and_then(|text| jiff::civil::Date::strptime(format, text).ok()) != Some(day) {
                faults.push(fault(
                    "date_format".to_owned(),
                    Some(format),
                    "this does not tell year, month and day".to_owned(),
                    "write it as in %m/%d/%Y or %d.%m.%Y".to_owned(),
                ));
            }
        }
        faults
    }
}

/// A column of ours, or one attribute or fact of it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Target {
    /// Its place in the table's columns.
    pub(super) column: usize,
    /// The attribute or the label that the cell is for.
    pub(super) part: Option<String>,
}

impl Target {
    /// By our name, exactly as documented.
    pub(super) fn find(table: Table, name: &str) -> Option<Self> {
        let columns = table.columns();
        if let Some(column) = columns.iter().position(|column| column.name == name) {
            return Some(Self { column, part: None });
        }
        let (of, part) = name.split_once('.')?;
        let parted = |column: &Column| {
            column.name == of
                && matches!(column.kind, Kind::Attributes | Kind::Facts | Kind::Contact)
                && !part.trim().is_empty()
        };
        let column = columns.iter().position(parted)?;
        Some(Self { column, part: Some(part.trim().to_owned()) })
    }

    /// By what stands in a header.
    pub(super) fn in_header(table: Table, header: &str) -> Option<Self> {
        let folded = fold_header(header);
        let by_name = table.columns().iter().position(|column| column.is_called(&folded));
        by_name.map(|column| Self { column, part: None }).or_else(|| {
            // The attribute's own letter case is kept.
            let (of, part) = header.split_once('.')?;
            Self::find(table, &format!("{}.{part}", fold_header(of)))
        })
    }
}

pub(super) fn unknown_column_remedy(table: Table, name: &str) -> String {
    let names = table.columns().iter().flat_map(|column| std::iter::once(&column.name).chain(column.aliases));
    match nearest(&fold_header(name), names.copied()) {
        Some(near) => format!("perhaps {near} was meant; the columns are listed in COLUMNS.md"),
        None => "the columns are listed in COLUMNS.md".to_owned(),
    }
}

/// Headers are compared without regard to letter case, outer blanks, and blank or hyphen for underscore.
pub(super) fn fold_header(header: &str) -> String {
    header.trim().to_lowercase().replace([' ', '-'], "_")
}
