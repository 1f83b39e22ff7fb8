//! The one error type of the crate, and the faults it carries.
//!
//! [`Error`] is opaque: what went wrong is read through its predicates ([`Error::is_input`] and the like), its
//! [`faults`](Error::faults) and its message. Input is never judged by its first fault alone: a reader or a
//! validator collects every [`Fault`] it finds and returns them together.

use std::fmt;
use std::path::Path;

use serde::{Deserialize, Serialize};

/// `Result` with the crate's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// Whether a fault stops the programme from being used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The data cannot be used as it is; nothing is matched.
    Error,
    /// The data can be used, and something in it will count as unknown.
    Warning,
}

/// One thing wrong with the input: where it stands, what it says, and what to do about it.
///
/// `file`, `row` and `field` are as the person who wrote the file sees them: `row` is the line of a CSV file (the
/// header is line 1, and a quoted cell may span lines) or the 1-based place in a JSON array.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fault {
    /// Whether the input can be used all the same.
    pub severity: Severity,
    /// The file, or the name of the table when the data did not come from a file.
    pub file: String,
    /// Line of a CSV file, or 1-based place in a JSON array; `None` when the fault is of the whole table.
    pub row: Option<u64>,
    /// The id that stands in the row, when there is one.
    pub id: Option<String>,
    /// The column or field, as the file names it.
    pub field: Option<String>,
    /// The offending value as it was written.
    pub value: Option<String>,
    /// What is wrong with it.
    pub problem: String,
    /// What would mend it.
    pub remedy: String,
}

impl Fault {
    fn place(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.severity {
            Severity::Error => f.write_str("error: ")?,
            Severity::Warning => f.write_str("warning: ")?,
        }
        f.write_str(&self.file)?;
        if let Some(row) = self.row {
            write!(f, ", row {row}")?;
        }
        if let Some(id) = &self.id {
            write!(f, " ({id})")?;
        }
        if let Some(field) = &self.field {
            write!(f, ", {field}")?;
        }
        Ok(())
    }
}

/// Everything, the value as well: for whoever mends the file.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place(f)?;
        if let Some(value) = &self.value {
            write!(f, " = {value:?}")?;
        }
        write!(f, ": {}; {}", self.problem, self.remedy)
    }
}

/// Where it stands and what is wrong. The value, and the remedy that may repeat it, say something of a person and do
/// not belong into a log.
impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.place(f)?;
        write!(f, ": {}", self.problem)
    }
}

/// Why an operation of this crate did not succeed.
///
/// Opaque on purpose: match on its predicates, not on variants, so that new causes can be told apart later without
/// breaking callers.
pub struct Error {
    kind: Box<Kind>,
    context: Vec<String>,
}

enum Kind {
    Input(Vec<Fault>),
    Io(std::io::Error),
    Policy(Vec<String>),
    Problem(String),
    Overflow(String),
    Solver(String),
    Infeasible(Box<dyn std::error::Error + Send + Sync>),
    Write(String),
}

impl Error {
    /// The input has faults; `faults` holds all that were found, warnings among them.
    pub(crate) fn input(faults: Vec<Fault>) -> Self {
        Self::new(Kind::Input(faults))
    }

    /// A file could not be read or written.
    pub(crate) fn io(path: &Path, error: std::io::Error) -> Self {
        Self::stream(error).context(path.display().to_string())
    }

    /// What takes or gives bytes failed; whoever knows its name adds it as context.
    pub(crate) fn stream(error: std::io::Error) -> Self {
        Self::new(Kind::Io(error))
    }

    /// The policy contradicts itself or holds values out of range: one line for each.
    pub(crate) fn policy(problems: Vec<String>) -> Self {
        Self::new(Kind::Policy(problems))
    }

    /// An assignment problem is malformed.
    pub(crate) fn problem(message: impl Into<String>) -> Self {
        Self::new(Kind::Problem(message.into()))
    }

    /// Costs or their sums do not fit the integers that would hold them.
    pub(crate) fn overflow(message: impl Into<String>) -> Self {
        Self::new(Kind::Overflow(message.into()))
    }

    /// A solver gave up, or is not there.
    pub(crate) fn solver(message: impl Into<String>) -> Self {
        Self::new(Kind::Solver(message.into()))
    }

    /// A result does not pass its own check.
    pub(crate) fn defect(violation: &impl fmt::Display) -> Self {
        Self::solver(format!(
            "the solution does not pass its own proof ({violation}); this is a defect of the library, please report it"
        ))
    }

    /// The firm rules of a problem contradict each other; the proof of that says so in its message.
    pub(crate) fn infeasible(proof: impl std::error::Error + Send + Sync + 'static) -> Self {
        Self::new(Kind::Infeasible(Box::new(proof)))
    }

    /// The proof that a problem is infeasible.
    pub(crate) fn infeasibility(&self) -> Option<&(dyn std::error::Error + Send + Sync + 'static)> {
        match &*self.kind {
            Kind::Infeasible(proof) => Some(&**proof),
            _ => None,
        }
    }

    /// A result could not be put into the wanted form.
    pub(crate) fn write(message: impl Into<String>) -> Self {
        Self::new(Kind::Write(message.into()))
    }

    fn new(kind: Kind) -> Self {
        Self { kind: Box::new(kind), context: Vec::new() }
    }

    /// Says what was being done when the error came up; shown before the cause.
    #[must_use]
    pub(crate) fn context(mut self, what: impl Into<String>) -> Self {
        self.context.push(what.into());
        self
    }

    /// The input files or structs hold faults; see [`faults`](Self::faults).
    pub fn is_input(&self) -> bool {
        matches!(*self.kind, Kind::Input(_))
    }

    /// A file could not be read or written.
    pub fn is_io(&self) -> bool {
        matches!(*self.kind, Kind::Io(_))
    }

    /// The policy holds values out of range or that contradict each other.
    pub fn is_policy(&self) -> bool {
        matches!(*self.kind, Kind::Policy(_))
    }

    /// An assignment problem handed to the solver is malformed.
    pub fn is_problem(&self) -> bool {
        matches!(*self.kind, Kind::Problem(_))
    }

    /// The costs, or their sums, are too large to be added exactly.
    pub fn is_overflow(&self) -> bool {
        matches!(*self.kind, Kind::Overflow(_))
    }

    /// A solver backend failed or is not compiled in.
    pub fn is_solver(&self) -> bool {
        matches!(*self.kind, Kind::Solver(_))
    }

    /// The firm minimums of a problem cannot all be met; see [`hall_violator`](Self::hall_violator).
    pub fn is_infeasible(&self) -> bool {
        matches!(*self.kind, Kind::Infeasible(_))
    }

    /// Every fault of the input, in the order of the files' rows; empty for errors of another kind.
    pub fn faults(&self) -> &[Fault] {
        match &*self.kind {
            Kind::Input(faults) => faults,
            _ => &[],
        }
    }
}

impl Error {
    fn tell(
        &self,
        f: &mut fmt::Formatter<'_>,
        one: impl Fn(&Fault, &mut fmt::Formatter<'_>) -> fmt::Result,
    ) -> fmt::Result {
        for what in self.context.iter().rev() {
            write!(f, "{what}: ")?;
        }
        match &*self.kind {
            Kind::Input(faults) => {
                let errors = faults.iter().filter(|fault| fault.severity == Severity::Error).count();
                write!(f, "{errors} fault{} in the input", if errors == 1 { "" } else { "s" })?;
                for fault in faults {
                    f.write_str("\n  ")?;
                    one(fault, f)?;
                }
                Ok(())
            }
            Kind::Io(error) => write!(f, "{error}"),
            Kind::Infeasible(proof) => write!(f, "{proof}"),
            Kind::Policy(problems) => {
                f.write_str("the policy cannot be used")?;
                for problem in problems {
                    write!(f, "\n  {problem}")?;
                }
                Ok(())
            }
            Kind::Problem(message)
            | Kind::Overflow(message)
            | Kind::Solver(message)
            | Kind::Write(message) => f.write_str(message),
        }
    }
}

/// The whole message, with what people's records say wherever that is at fault.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell(f, fmt::Display::fmt)
    }
}

/// The message without what people's records say: logs and `unwrap` show where the faults stand, and whoever may see
/// the records displays the error or reads its [`faults`](Error::faults).
impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.tell(f, fmt::Debug::fmt)
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match &*self.kind {
            Kind::Io(error) => Some(error),
            Kind::Infeasible(proof) => Some(&**proof),
            _ => None,
        }
    }
}
