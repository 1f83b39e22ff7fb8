//! Reads and checks everything that a run takes: tables, column map, policy, and the matching to compare with.
//!
//! Whatever is wrong with any of them is told in one go, before anything is matched or written.

use std::fs::File;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};

use peermatch::program::{ColumnMap, ProgramReader};
use peermatch::{Error, Fault, Matching, Policy, Program};

use crate::arguments::Arguments;

/// Everything that a run takes.
pub(crate) struct Input {
    pub(crate) program: Program,
    pub(crate) policy: Policy,
    /// The earlier matching of `--compare`.
    pub(crate) before: Option<Matching>,
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
pub(crate) fn reader(arguments: &Arguments) -> ProgramReader {
    type SetTable = fn(ProgramReader, &Path) -> ProgramReader;
    let mut reader = ProgramReader::new();
    if let Some(path) = &arguments.program {
        reader = reader.program(path);
    }
    if let Some(folder) = arguments.folder() {
        reader = reader.folder(folder);
    }
    let tables: [(&Option<PathBuf>, SetTable); 10] = [
        (&arguments.participants, |reader, path| reader.participants(path)),
        (&arguments.supporters, |reader, path| reader.supporters(path)),
        (&arguments.conditions, |reader, path| reader.conditions(path)),
        (&arguments.issues, |reader, path| reader.issues(path)),
        (&arguments.gazetteer, |reader, path| reader.gazetteer(path)),
        (&arguments.supervisors, |reader, path| reader.supervisors(path)),
        (&arguments.acquaintances, |reader, path| reader.acquaintances(path)),
        (&arguments.barred_pairs, |reader, path| reader.barred_pairs(path)),
        (&arguments.past_matches, |reader, path| reader.past_matches(path)),
        (&arguments.standing_matches, |reader, path| reader.standing_matches(path)),
    ];
    for (path, set) in tables {
        if let Some(path) = path {
            reader = set(reader, path);
        }
    }
    reader
}

/// Reads and checks everything.
pub(crate) fn read(arguments: &Arguments, reader: ProgramReader) -> Result<Input, Refusal> {
    let mut refusal = Refusal::default();
    let program = read_program(arguments, reader, &mut refusal);
    let policy = match arguments.policy() {
        None => Some(Policy::default()),
        Some(path) => read_file(&path, &mut refusal, |path| Policy::from_path(path)),
    };
    let before = match &arguments.compare {
        None => Some(None),
        Some(path) => read_earlier(path, &mut refusal).map(Some),
    };
    if let Some(program) = &program {
        refusal.others.extend(unknown_ids(program, &arguments.explain));
    }
    match (program, policy, before) {
        (Some(program), Some(policy), Some(before)) if refusal.others.is_empty() => {
            Ok(Input { program, policy, before })
        }
        _ => Err(refusal),
    }
}

fn read_program(arguments: &Arguments, mut reader: ProgramReader, refusal: &mut Refusal) -> Option<Program> {
    if let Some(path) = &arguments.column_map {
        // Without its map every column of the tables would be told as a fault of its own.
        reader = reader.column_map(read_file(path, refusal, |path| ColumnMap::from_path(path))?);
    }
    let has_file = |wanted| reader.files().any(|(table, _)| table == wanted);
    let sides = [("participants", has_file("participants")), ("supporters", has_file("supporters"))];
    let folder_is_missing = arguments.folder().is_some_and(|folder| !folder.is_dir());
    let program = reader.read();
    let is_empty = |side: &str| match &program {
        Ok(program) if side == "participants" => program.participants().is_empty(),
        Ok(program) => program.supporters().is_empty(),
        // What is in the file of the whole programme, its own faults say.
        Err(_) => arguments.program.is_none(),
    };
    let before = refusal.others.len();
    for (side, has_file) in sides {
        // A file with a header and no rows was meant, for all we know; the reader warns of it.
        if !has_file && !folder_is_missing && is_empty(side) {
            refusal.others.push(no_table(arguments, side));
        }
    }
    if let Err(error) = &program {
        refusal.take(error);
    }
    program.ok().filter(|_| refusal.others.len() == before)
}

fn no_table(arguments: &Arguments, side: &str) -> String {
    if let Some(folder) = arguments.folder() {
        let endings = ["csv", "tsv", "txt", "json"].map(|ending| format!("{side}.{ending}")).join(", ");
        format!(
            "error: {}: there are no {side} (none of {endings} is in the folder); put the file there, or name it with \
             --{side}",
            folder.display()
        )
    } else if let Some(program) = &arguments.program {
        format!(
            "error: {}: there are no {side} in it; add them, or name a file of them with --{side}",
            program.display()
        )
    } else {
        format!("error: no file of {side} is named; name it with --{side}, or name a folder with --folder")
    }
}

/// Reads a file, if it is there to be read; what is wrong is told in the words in which the reader tells it of tables.
fn read_file<T>(
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

fn read_earlier(path: &Path, refusal: &mut Refusal) -> Option<Matching> {
    let read = opened(path).and_then(|()| {
        let text = std::fs::read_to_string(path).map_err(|error| {
            format!("the file cannot be read: {error}; check that it is a file, and readable")
        })?;
        Matching::from_json(&text).map_err(|error| {
            format!("this is not a matching ({error}); name the JSON file that an earlier run wrote")
        })
    });
    read.map_err(|problem| refusal.others.push(format!("error: {}: {problem}", path.display()))).ok()
}

fn opened(path: &Path) -> Result<(), String> {
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

/// A message for each id that is nobody's, with the nearest that is somebody's.
fn unknown_ids(program: &Program, ids: &[String]) -> Vec<String> {
    let known = |id: &str| program.participant_index(id).or_else(|| program.supporter_index(id)).is_some();
    let unknown = ids.iter().filter(|id| !known(id));
    unknown
        .map(|id| {
            let remedy = match nearest(program, id) {
                Some(near) => format!("perhaps {near} was meant"),
                None => "write an id as it stands in the files".to_owned(),
            };
            format!("error: --explain {id}: there is no participant or supporter of this id; {remedy}")
        })
        .collect()
}

/// The id that takes fewest slips of the keyboard to become the wanted one; none where even that takes many.
fn nearest<'a>(program: &'a Program, wanted: &str) -> Option<&'a str> {
    let wanted = wanted.trim().to_lowercase();
    let most = (wanted.chars().count() / 3).clamp(1, 4);
    let participants = program.participants().iter().map(|person| person.id.as_str());
    let ids = participants.chain(program.supporters().iter().map(|person| person.id.as_str()));
    let near = ids.map(|id| (strsim::osa_distance(&wanted, &id.to_lowercase()), id));
    near.filter(|&(slips, _)| slips <= most).min_by_key(|&(slips, _)| slips).map(|(_, id)| id)
}
