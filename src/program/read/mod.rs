//! Reading a programme from files: [`ProgramReader`].

mod bytes;
mod cell;
mod check;
mod columns;
mod csv_table;
mod duplicates;
mod grid;
mod json_table;
mod map;
mod record;
mod reference;
mod text;

use std::collections::BTreeMap;
use std::fmt;
use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;

pub(super) use cell::CellFormat;
pub(super) use columns::{Column, Kind};
pub use map::{ColumnMap, TableMap};
pub use reference::csv_columns_markdown;
pub(super) use text::{escape, guard_formula, split, split_once, strip_mark, unescape};

use super::source::{self, Source, Sources, Table};
use super::{Program, ProgramData};
use crate::error::{Error, Fault, Result, Severity};
use json_table::Parts;
use record::Records;

/// Reads a programme from its files, each of them CSV or JSON, and checks it.
///
/// A file is JSON if its name ends in `.json`, and CSV if it ends in `.csv`, `.tsv` or `.txt`. The columns of CSV
/// files are listed by [`csv_columns_markdown`]; a JSON table is a list of objects with the fields of
/// [`ProgramData`]. Nothing is read before [`read`](Self::read), which tells every fault of every file in one go.
///
/// ```no_run
/// use peermatch::program::ProgramReader;
///
/// let program = ProgramReader::new().participants("participants.csv").supporters("supporters.csv").read()?;
/// for warning in program.warnings() {
///     println!("{warning}");
/// }
/// # Ok::<(), peermatch::Error>(())
/// ```
#[derive(Clone, Default)]
pub struct ProgramReader {
    program: Option<PathBuf>,
    tables: BTreeMap<Table, PathBuf>,
    missing_folders: Vec<PathBuf>,
    in_memory: BTreeMap<PathBuf, Vec<u8>>,
    map: ColumnMap,
}

/// The names of the files, not what those in memory hold.
impl fmt::Debug for ProgramReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ProgramReader")
            .field("program", &self.program)
            .field("tables", &self.tables)
            .field("in_memory", &self.in_memory.keys())
            .finish_non_exhaustive()
    }
}

impl ProgramReader {
    /// Nothing to read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// One JSON file that holds a whole [`ProgramData`]. A table that is also given by a file of its own is taken
    /// from that one.
    #[must_use]
    pub fn program(mut self, path: impl Into<PathBuf>) -> Self {
        self.program = Some(path.into());
        self
    }

    /// Every table whose file is in the folder under the name that [`ProgramData::write_csv`] gives it, ending in
    /// `.csv`, `.tsv`, `.txt` or `.json` (the first of these that is there). That there is no such folder is a fault,
    /// which [`read`](Self::read) tells; a folder without any of the files is none.
    #[must_use]
    pub fn folder(mut self, path: impl AsRef<Path>) -> Self {
        let folder = path.as_ref();
        // The empty path is the current folder.
        let is_there = folder.is_dir() || folder.as_os_str().is_empty();
        if !is_there && !self.in_memory.keys().any(|file| file.starts_with(folder)) {
            self.missing_folders.push(folder.to_owned());
        }
        for table in Table::ALL {
            let files =
                ["csv", "tsv", "txt", "json"].map(|ending| folder.join(format!("{}.{ending}", table.stem())));
            if let Some(file) =
                files.into_iter().find(|file| self.in_memory.contains_key(file) || file.is_file())
            {
                self.tables.insert(table, file);
            }
        }
        self
    }

    /// A file that stands in memory: the path is then not looked for on the disk.
    #[must_use]
    pub fn file_in_memory(mut self, path: impl Into<PathBuf>, content: impl Into<Vec<u8>>) -> Self {
        self.in_memory.insert(path.into(), content.into());
        self
    }

    /// How the CSV files name and write things, if not as documented.
    #[must_use]
    pub fn column_map(mut self, map: ColumnMap) -> Self {
        self.map = map;
        self
    }
}

macro_rules! table_methods {
    ($($(#[$doc:meta])* $name:ident => $table:ident,)*) => {
        /// One file for each table; given twice, the last counts.
        impl ProgramReader {
            $(
                $(#[$doc])*
                #[must_use]
                pub fn $name(mut self, path: impl Into<PathBuf>) -> Self {
                    self.tables.insert(Table::$table, path.into());
                    self
                }
            )*
        }
    };
}

table_methods! {
    /// The file of participants.
    participants => Participants,
    /// The file of supporters.
    supporters => Supporters,
    /// The file of the taxonomy of conditions.
    conditions => Conditions,
    /// The file of the taxonomy of issues.
    issues => Issues,
    /// The file of the gazetteer.
    gazetteer => Gazetteer,
    /// The file of supervisors.
    supervisors => Supervisors,
    /// The file of acquaintances.
    acquaintances => Acquaintances,
    /// The file of barred pairs.
    barred_pairs => Barred,
    /// The file of past matches.
    past_matches => Past,
    /// The file of standing matches.
    standing_matches => Standing,
}

impl ProgramReader {
    /// Reads and checks everything.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`], with every fault found in any of the files, warnings included, if at least one of them
    /// is an error. A file that is not there or not readable is such a fault too.
    pub fn read(&self) -> Result<Program> {
        let (data, sources, faults) = self.read_files();
        Program::from_sources(data, &sources, faults)
    }

    /// Reads the files without looking at what they mean together: for a host that amends the data before it builds
    /// a [`Program`] from it.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`], with every fault of reading. Warnings alone are no error, and not kept.
    pub fn read_data(&self) -> Result<ProgramData> {
        let (data, sources, mut faults) = self.read_files();
        source::sort(&mut faults, &sources);
        if faults.iter().any(|fault| fault.severity == Severity::Error) {
            return Err(Error::input(faults));
        }
        Ok(data)
    }

    /// The files that [`read`](Self::read) will read, each with the name of its table in [`ProgramData`]; `program`
    /// for the file of a whole programme.
    pub fn files(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        let program = self.program.iter().map(|path| ("program", path.as_path()));
        program.chain(self.tables.iter().map(|(table, path)| (table.name(), path.as_path())))
    }

    fn read_files(&self) -> (ProgramData, Sources, Vec<Fault>) {
        let mut work = Work { reader: self, parts: None, sources: Sources::default(), faults: Vec::new() };
        work.faults.extend(self.map.faults(map::MAP));
        work.faults.extend(self.missing_folders.iter().map(|folder| missing_folder(folder)));
        if let Some(path) = &self.program {
            work.read_program(path);
        }
        let mut data = ProgramData {
            participants: work.table(Table::Participants),
            supporters: work.table(Table::Supporters),
            conditions: work.table(Table::Conditions),
            issues: work.table(Table::Issues),
            gazetteer: work.table(Table::Gazetteer),
            supervisors: work.table(Table::Supervisors),
            ..ProgramData::default()
        };
        data.history.acquaintances = work.table(Table::Acquaintances);
        data.history.barred = work.table(Table::Barred);
        data.history.past = work.table(Table::Past);
        data.history.standing = work.table(Table::Standing);
        (data, work.sources, work.faults)
    }

    fn bytes(&self, path: &Path) -> std::result::Result<std::borrow::Cow<'_, [u8]>, (String, &'static str)> {
        if let Some(bytes) = self.in_memory.get(path) {
            return Ok(bytes.into());
        }
        std::fs::read(path).map(Into::into).map_err(|error| match error.kind() {
            std::io::ErrorKind::NotFound => {
                ("there is no such file".to_owned(), "check its name and the folder it is looked for in")
            }
            std::io::ErrorKind::PermissionDenied => (
                "the file may not be read".to_owned(),
                "ask for permission to read it, or close the program that holds it",
            ),
            _ => (format!("the file cannot be read: {error}"), "check that it is a file, and readable"),
        })
    }
}

fn missing_folder(folder: &Path) -> Fault {
    let problem = if folder.exists() { "this is a file, not a folder" } else { "there is no such folder" };
    Fault {
        severity: Severity::Error,
        file: folder.display().to_string(),
        row: None,
        id: None,
        field: None,
        value: None,
        problem: problem.to_owned(),
        remedy: "check its name and where it is looked for".to_owned(),
    }
}

/// What reading has come to so far.
struct Work<'a> {
    reader: &'a ProgramReader,
    parts: Option<(String, Parts)>,
    sources: Sources,
    faults: Vec<Fault>,
}

impl Work<'_> {
    fn read_program(&mut self, path: &Path) {
        let file = path.display().to_string();
        let parts = match self.reader.bytes(path) {
            Ok(bytes) => Parts::read(&file, &bytes),
            Err((problem, remedy)) => {
                let unread = Records::<()>::unread(&file, problem, remedy);
                let mut parts = Parts::unread();
                parts.faults = unread.faults;
                parts
            }
        };
        self.faults.extend(parts.faults.iter().cloned());
        self.parts = Some((file, parts));
    }

    /// The records of one table, wherever it is given; its source and faults are kept.
    fn table<T: DeserializeOwned>(&mut self, table: Table) -> Vec<T> {
        let records = if let Some(path) = self.reader.tables.get(&table) {
            self.read_file(table, path)
        } else {
            let Some((file, parts)) = &mut self.parts else { return Vec::new() };
            let Some(records) = parts.table(table, file) else {
                let source = Source { file: file.clone(), unread: parts.is_unread, ..Source::default() };
                self.sources.set(table, source);
                return Vec::new();
            };
            records
        };
        self.faults.extend(records.faults);
        self.sources.set(table, records.source);
        records.found
    }

    fn read_file<T: DeserializeOwned>(&self, table: Table, path: &Path) -> Records<T> {
        let file = path.display().to_string();
        let bytes = match self.reader.bytes(path) {
            Ok(bytes) => bytes,
            Err((problem, remedy)) => return Records::unread(&file, problem, remedy),
        };
        let ending =
            path.extension().and_then(|ending| ending.to_str()).unwrap_or_default().to_ascii_lowercase();
        match ending.as_str() {
            "json" => json_table::read(table, &file, &bytes),
            "csv" | "tsv" | "txt" => csv_table::read(table, &file, &bytes, self.reader.map.table(table)),
            _ => Records::unread(
                &file,
                "only CSV and JSON files are read, and the name ends in neither .csv, .tsv, .txt nor .json",
                "save the file as CSV UTF-8, or give it the ending it should have",
            ),
        }
    }
}
