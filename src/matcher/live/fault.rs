//! What is wrong with a change or a question: people whom nobody knows, values that cannot be.

use crate::error::{Error, Fault, Result, Severity};
use crate::program::Program;

/// A fault of a change.
pub(in crate::matcher::live) fn fault(
    id: &str,
    field: &str,
    value: &impl ToString,
    problem: &str,
    remedy: &str,
) -> Error {
    Error::input(vec![one(id, field, value, (problem, remedy))])
}

/// The same as data.
pub(in crate::matcher::live) fn one(
    id: &str,
    field: &str,
    value: &impl ToString,
    (problem, remedy): (&str, &str),
) -> Fault {
    Fault {
        severity: Severity::Error,
        file: "change".to_owned(),
        row: None,
        id: Some(id.to_owned()),
        field: Some(field.to_owned()),
        value: Some(value.to_string()),
        problem: problem.to_owned(),
        remedy: remedy.to_owned(),
    }
}

/// The position of a participant.
pub(in crate::matcher::live) fn participant(program: &Program, id: &str) -> Result<usize> {
    let known = || program.participants().iter().map(|person| person.id.as_str());
    program.participant_index(id).ok_or_else(|| unknown("participant", id, known()))
}

/// The position of a supporter.
pub(in crate::matcher::live) fn supporter(program: &Program, id: &str) -> Result<usize> {
    let known = || program.supporters().iter().map(|person| person.id.as_str());
    program.supporter_index(id).ok_or_else(|| unknown("supporter", id, known()))
}

fn unknown<'a>(what: &str, id: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let near = crate::program::nearest::nearest(id, known.filter(|known| !known.is_empty()));
    let remedy = match near {
        Some(near) => format!("perhaps {near} was meant"),
        None => format!("name a {what} of the programme"),
    };
    fault(id, what, &id, &format!("there is no such {what}"), &remedy)
}
