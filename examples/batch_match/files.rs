//! The files that say who takes part: what the command line names them, and how they are read and checked.
//!
//! Whatever is wrong with any of them is told in one go.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use clap::Args;
use jiff::civil::{Date, date};
use peermatch::program::{ColumnMap, ProgramReader};
use peermatch::{Error, Fault, Program};

/// The day for which the sample programme was made up.
pub(crate) const SAMPLE_DAY: Date = date(2026, 11, 21);

/// What the command line says of the tables.
#[derive(Args)]
pub(crate) struct Files {
    #[arg(long, value_name = "DIR", help = FOLDER_HELP, help_heading = "Input")]
    pub(crate) folder: Option<PathBuf>,
    /// One JSON file with the whole programme
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) program: Option<PathBuf>,
    /// Who asks for support (CSV or JSON)
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) participants: Option<PathBuf>,
    /// Who gives support (CSV or JSON)
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) supporters: Option<PathBuf>,
    /// Taxonomy of conditions: code, parent, name
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) conditions: Option<PathBuf>,
    /// Taxonomy of issues: code, parent, name
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) issues: Option<PathBuf>,
    /// Postcodes and towns with their coordinates
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) gazetteer: Option<PathBuf>,
    /// Supervisors with their caseload limits
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) supervisors: Option<PathBuf>,
    /// Who knows whom
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) acquaintances: Option<PathBuf>,
    /// Who must not be matched
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) barred_pairs: Option<PathBuf>,
    /// Matches that are over
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) past_matches: Option<PathBuf>,
    /// Matches that stand
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) standing_matches: Option<PathBuf>,
    /// How the files of another system name their columns and values (TOML or JSON)
    #[arg(long, value_name = "FILE", help_heading = "Input")]
    pub(crate) column_map: Option<PathBuf>,
}

const FOLDER_HELP: &str = "\
Folder with a file for each table, by its name: participants, supporters, and any of conditions, issues, gazetteer, \
supervisors, acquaintances, barred_pairs, past_matches, standing_matches, each ending in .csv, .tsv, .txt or .json";

impl Files {
    /// No file is named: the sample programme is meant.
    pub(crate) fn is_sample(&self) -> bool {
        let named = [
            &self.folder,
            &self.program,
            &self.participants,
            &self.supporters,
            &self.conditions,
            &self.issues,
            &self.gazetteer,
            &self.supervisors,
            &self.acquaintances,
            &self.barred_pairs,
            &self.past_matches,
            &self.standing_matches,
            &self.column_map,
        ];
        named.iter().all(|path| path.is_none())
    }

    /// The folder whose files are read.
    pub(crate) fn folder(&self) -> Option<PathBuf> {
        if self.is_sample() { Some(sample_folder()) } else { self.folder.clone() }
    }
}

/// What is wrong with the input.
#[derive(Default)]
pub(crate) struct Refusal {
    /// Of the tables and the column map.
    pub(crate) faults: Vec<Fault>,
    /// Of anything else, each a whole message.
    pub(crate) others: Vec<String>,
}

impl Refusal {
    fn take(&mut self, error: &Error) {
        if error.is_input() {
            self.faults.extend_from_slice(error.faults());
        } else {
            self.others.push(format!("error: {error}"));
        }
    }
}

/// The reader of the tables, set to the files that the command line names; the column map is not read yet.
pub(crate) fn reader(files: &Files) -> ProgramReader {
    type SetTable = fn(ProgramReader, &Path) -> ProgramReader;
    let mut reader = ProgramReader::new();
    if let Some(path) = &files.program {
        reader = reader.program(path);
    }
    if let Some(folder) = files.folder() {
        reader = reader.folder(folder);
    }
    let tables: [(&Option<PathBuf>, SetTable); 10] = [
        (&files.participants, |reader, path| reader.participants(path)),
        (&files.supporters, |reader, path| reader.supporters(path)),
        (&files.conditions, |reader, path| reader.conditions(path)),
        (&files.issues, |reader, path| reader.issues(path)),
        (&files.gazetteer, |reader, path| reader.gazetteer(path)),
        (&files.supervisors, |reader, path| reader.supervisors(path)),
        (&files.acquaintances, |reader, path| reader.acquaintances(path)),
        (&files.barred_pairs, |reader, path| reader.barred_pairs(path)),
        (&files.past_matches, |reader, path| reader.past_matches(path)),
        (&files.standing_matches, |reader, path| reader.standing_matches(path)),
    ];
    for (path, set) in tables {
        if let Some(path) = path {
            reader = set(reader, path);
        }
    }
    reader
}

/// Reads and checks the tables and the column map.
pub(crate) fn read_program(
    files: &Files,
    mut reader: ProgramReader,
    refusal: &mut Refusal,
) -> Option<Program> {
    if let Some(path) = &files.column_map {
        // Without its map every column of the tables would be told as a fault of its own.
        reader = reader.column_map(read_file(path, refusal, |path| ColumnMap::from_path(path))?);
    }
    let has_file = |wanted| reader.files().any(|(table, _)| table == wanted);
    let sides = [("participants", has_file("participants")), ("supporters", has_file("supporters"))];
    let folder_is_missing = files.folder().is_some_and(|folder| !folder.is_dir());
    let program = reader.read();
    let is_empty = |side: &str| match &program {
        Ok(program) if side == "participants" => program.participants().is_empty(),
        Ok(program) => program.supporters().is_empty(),
        // What is in the file of the whole programme, its own faults say.
        Err(_) => files.program.is_none(),
    };
    let before = refusal.others.len();
    for (side, has_file) in sides {
        // A file with a header and no rows was meant, for all we know; the reader warns of it.
        if !has_file && !folder_is_missing && is_empty(side) {
            refusal.others.push(no_table(files, side));
        }
    }
    if let Err(error) = &program {
        refusal.take(error);
    }
    program.ok().filter(|_| refusal.others.len() == before)
}

fn no_table(files: &Files, side: &str) -> String {
    if let Some(folder) = files.folder() {
        let endings = ["csv", "tsv", "txt", "json"].map(|ending| format!("{side}.{ending}")).join(", ");
        format!(
            "error: {}: there are no {side} (none of {endings} is in the folder); put the file there, or name it with \
             --{side}",
            folder.display()
        )
    } else if let Some(program) = &files.program {
        format!(
            "error: {}: there are no {side} in it; add them, or name a file of them with --{side}",
            program.display()
        )
    } else {
        format!("error: no file of {side} is named; name it with --{side}, or name a folder with --folder")
    }
}

/// Reads a file, if it is there to be read; what is wrong is told in the words in which the reader tells it of tables.
pub(crate) fn read_file<T>(
    path: &Path,
    refusal: &mut Refusal,
    read: impl FnOnce(&Path) -> Result<T, Error>,
) -> Option<T> {
    if let Err(problem) = opened(path) {
        refusal.others.push(format!("error: {}: {problem}", path.display()));
        return None;
    }
    match read(path) {
        Ok(value) => Some(value),
        Err(error) => {
            refusal.take(&error);
            None
        }
    }
}

/// What keeps a file from being read.
pub(crate) fn opened(path: &Path) -> Result<(), String> {
    let problem = match File::open(path).and_then(|file| file.metadata()) {
        Ok(about) if about.is_dir() => "this is a folder, not a file; name the file in it".to_owned(),
        Ok(_) => return Ok(()),
        Err(error) => match error.kind() {
            ErrorKind::NotFound => {
                "there is no such file; check its name and the folder it is looked for in".to_owned()
            }
            ErrorKind::PermissionDenied => {
                "the file may not be read; ask for permission to read it, or close the program that holds it"
                    .to_owned()
            }
            _ => format!("the file cannot be read: {error}; check that it is a file, and readable"),
        },
    };
    Err(problem)
}

/// A day as the files write it.
pub(crate) fn day(text: &str) -> Result<Date, String> {
    let read = Date::strptime("%Y-%m-%d", text.trim());
    read.map_err(|_| "there is no such day; write it as 2026-11-21".to_owned())
}

/// The sample programme, beside the examples' source.
pub(crate) fn sample_folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data")
}
