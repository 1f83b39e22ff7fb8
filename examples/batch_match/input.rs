//! Reads and checks everything that a run takes: tables, column map, policy, and the matching to compare with.
//!
//! Whatever is wrong with any of them is told in one go, before anything is matched or written.

use std::path::Path;

use peermatch::program::ProgramReader;
use peermatch::{Matching, Policy, Program};

use crate::arguments::Arguments;
use crate::files::{Refusal, opened, read_file, read_program};
use crate::words::nearest;

/// Everything that a run takes.
pub(crate) struct Input {
    pub(crate) program: Program,
    pub(crate) policy: Policy,
    /// The earlier matching of `--compare`.
    pub(crate) before: Option<Matching>,
}

/// Reads and checks everything.
pub(crate) fn read(arguments: &Arguments, reader: ProgramReader) -> Result<Input, Refusal> {
    let mut refusal = Refusal::default();
    let program = read_program(&arguments.files, reader, &mut refusal);
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

/// A message for each id that is nobody's, with the nearest that is somebody's.
fn unknown_ids(program: &Program, ids: &[String]) -> Vec<String> {
    let known = |id: &str| program.participant_index(id).or_else(|| program.supporter_index(id)).is_some();
    let unknown = ids.iter().filter(|id| !known(id));
    unknown
        .map(|id| {
            let remedy = match nearest(id, ids_of(program)) {
                Some(near) => format!("perhaps {near} was meant"),
                None => "write an id as it stands in the files".to_owned(),
            };
            format!("error: --explain {id}: there is no participant or supporter of this id; {remedy}")
        })
        .collect()
}

fn ids_of(program: &Program) -> impl Iterator<Item = &str> {
    let participants = program.participants().iter().map(|person| person.id.as_str());
    participants.chain(program.supporters().iter().map(|person| person.id.as_str()))
}
