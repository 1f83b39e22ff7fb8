//! Where a journal cannot be read on, and why.

use std::fmt;
use std::path::Path;

use super::HEADER;
use crate::error::{Fault, Severity};

/// The place from which a journal cannot be read, and why. Everything before it is as it was written.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Damage {
    /// The line, from 1, which is the header.
    pub line: u64,
    /// Where that line begins, in bytes from the beginning: so many are sound.
    pub offset: u64,
    /// How many bytes there are from there to the end, which are lost to whoever goes on.
    pub lost: u64,
    /// What is wrong.
    pub kind: DamageKind,
}

/// What is wrong with a journal.
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum DamageKind {
    /// It does not begin as a journal does, and is none.
    NoHeader,
    /// It has a form that this version of the library does not know. Nothing of it is read.
    UnknownVersion {
        /// The version it names, or the beginning of what stands there.
        found: String,
    },
    /// The last line has no line break: it was being written when the process ended. So was the header of an empty
    /// journal, or of one that holds only the beginning of its header.
    CutShort,
    /// The line is not the one that was written there: its content, its checksum or its place is another.
    Checksum,
    /// The line is as it was written, and is no record of the type that was asked for.
    NotARecord {
        /// What serde says. It may repeat what the record says of a person.
        message: String,
    },
}

impl Damage {
    /// From that offset of a journal's bytes on.
    pub(super) fn at(line: u64, offset: usize, bytes: &[u8], kind: DamageKind) -> Self {
        Self { line, offset: offset as u64, lost: (bytes.len() - offset) as u64, kind }
    }

    /// The same as a fault of an input file.
    pub(super) fn fault(&self, path: &Path) -> Fault {
        Fault {
            severity: Severity::Error,
            file: path.display().to_string(),
            row: Some(self.line),
            id: None,
            field: None,
            value: None,
            problem: format!("byte {}: {}", self.offset, self.kind.problem()),
            remedy: self.kind.remedy(),
        }
    }
}

impl DamageKind {
    fn problem(&self) -> String {
        match self {
            Self::NoHeader => "is no journal".to_owned(),
            Self::UnknownVersion { found } => {
                let known = HEADER.trim_end().rsplit(' ').next().unwrap_or_default();
                format!("the journal has the version {found:?}, and only version {known} is known")
            }
            Self::CutShort => "ends in the middle of what was being written".to_owned(),
            Self::Checksum => "is not the record that was written there".to_owned(),
            Self::NotARecord { .. } => "is as it was written, and no record of the expected type".to_owned(),
        }
    }

    fn remedy(&self) -> String {
        match self {
            Self::NoHeader => "name a journal, or a file that is not there yet".to_owned(),
            Self::UnknownVersion { .. } => "read it with the version of the library that wrote it".to_owned(),
            Self::CutShort => {
                "all before it is sound: go on from there, and do the last change again".to_owned()
            }
            Self::Checksum => {
                "it was changed, or one was added, taken out or moved; bring the file back from a \
                               copy, or keep one and go on from the records before it"
                    .to_owned()
            }
            Self::NotARecord { message } => {
                format!("read it with the version of the program that wrote it ({message})")
            }
        }
    }
}

impl fmt::Display for DamageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.problem(), self.remedy())
    }
}

/// What is wrong, without what the record says.
impl fmt::Debug for DamageKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.problem())
    }
}

impl fmt::Display for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "line {}, byte {} ({} bytes from there to the end): {}",
            self.line, self.offset, self.lost, self.kind
        )
    }
}

/// Where it is and what is wrong, without what the record says.
impl fmt::Debug for Damage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Damage(line {}, byte {}, {} lost: {:?})", self.line, self.offset, self.lost, self.kind)
    }
}

impl std::error::Error for Damage {}
