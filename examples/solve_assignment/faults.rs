//! What is wrong with a file, collected so that all of it is told in one go.

use std::fmt;
use std::path::Path;

use peermatch::{Fault, Severity};

/// So many are shown; of a file that is no such file at all, the rest would only repeat them.
const SHOWN: usize = 50;

/// The faults of one file, in the order in which they were found.
pub(crate) struct Faults {
    file: String,
    shown: Vec<Fault>,
    more: u64,
    /// The format the file was read as, where that was a guess.
    guessed: Option<String>,
}

/// Where a fault stands and what stands there.
#[derive(Clone, Copy, Default)]
pub(crate) struct Place<'a> {
    /// Line, from 1; none for the file as a whole.
    pub(crate) line: Option<u64>,
    pub(crate) field: Option<&'a str>,
    pub(crate) value: Option<&'a str>,
}

impl Faults {
    pub(crate) fn new(file: &Path) -> Self {
        Self { file: file.display().to_string(), shown: Vec::new(), more: 0, guessed: None }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.shown.is_empty()
    }

    pub(crate) fn add(&mut self, place: Place<'_>, problem: impl Into<String>, remedy: impl Into<String>) {
        if self.shown.len() == SHOWN {
            self.more += 1;
            return;
        }
        self.shown.push(Fault {
            severity: Severity::Error,
            file: self.file.clone(),
            row: place.line,
            id: None,
            field: place.field.map(str::to_owned),
            value: place.value.map(str::to_owned),
            problem: problem.into(),
            remedy: remedy.into(),
        });
    }

    /// A fault of the file as a whole.
    pub(crate) fn of_file(&mut self, problem: impl Into<String>, remedy: impl Into<String>) {
        self.add(Place::default(), problem, remedy);
    }

    /// A fault of a number that stands in a line.
    pub(crate) fn of_number(
        &mut self,
        line: u64,
        field: &str,
        value: i64,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let value = value.to_string();
        let place = Place { line: Some(line), field: Some(field), value: Some(&value) };
        self.add(place, problem, remedy);
    }

    /// Says that the format was a guess.
    pub(crate) fn read_by_guess_as(mut self, format: String) -> Self {
        self.guessed = Some(format);
        self
    }

    /// The value if nothing is wrong, else the faults.
    pub(crate) fn unless_any<T>(self, value: T) -> Result<T, Self> {
        if self.is_empty() { Ok(value) } else { Err(self) }
    }
}

impl fmt::Display for Faults {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for fault in &self.shown {
            writeln!(f, "{fault}")?;
        }
        let count = self.shown.len() as u64 + self.more;
        if self.more > 0 {
            writeln!(f, "... and {} more", self.more)?;
        }
        if let Some(format) = &self.guessed {
            writeln!(f, "read as {format}, which its numbers look most like; --format says what else it is")?;
        }
        write!(f, "{count} {}: nothing was solved.", if count == 1 { "fault" } else { "faults" })
    }
}
