//! A journal that is a file.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{Damage, DamageKind, Journal, Writer};
use crate::error::{Error, Result};

/// A journal that is a file, open for appending. One at a time: while it is open the file is locked, where the system
/// has locks, so that nobody else writes over what was appended.
#[derive(Debug)]
pub struct JournalFile<T> {
    writer: Writer<File, T>,
    path: PathBuf,
}

/// A journal that was opened, and what it holds.
#[derive(Debug)]
#[non_exhaustive]
pub struct Opened<T> {
    /// To go on with.
    pub file: JournalFile<T>,
    /// The records that are in it.
    pub records: Vec<T>,
    /// What was cut off; `None` where that is nothing.
    pub lost: Option<Damage>,
}

impl<T: Serialize + DeserializeOwned> JournalFile<T> {
    /// Opens a journal to go on with it, or begins one where there is no file or an empty one. A record that was being
    /// written when the process ended is cut off, and [`lost`](Opened::lost) says so.
    ///
    /// The whole file is read into memory.
    ///
    /// ```
    /// use peermatch::journal::JournalFile;
    ///
    /// let path = std::env::temp_dir().join(format!("peermatch-journal-{}", std::process::id()));
    /// let mut opened = JournalFile::open(&path)?;
    /// opened.file.append(&"first".to_owned())?;
    /// opened.file.sync()?; // where it has to survive a loss of power
    /// drop(opened);
    ///
    /// let opened = JournalFile::<String>::open(&path)?;
    /// assert_eq!(opened.records, ["first"]);
    /// assert!(opened.lost.is_none());
    /// # std::fs::remove_file(&path).unwrap();
    /// # Ok::<(), peermatch::Error>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`Error::is_io`] if the file cannot be read or written; [`Error::is_problem`] while somebody else has it open.
    /// [`Error::is_input`], with line and byte and with the
    /// file left as it is, if it is no journal, has another version or is damaged anywhere but in the middle of its
    /// last record: [`Journal::read`] gives what stands before the damage,
    /// [`open_before_damage`](Self::open_before_damage) goes on from there.
    pub fn open(path: impl AsRef<Path>) -> Result<Opened<T>> {
        Self::open_if(path.as_ref(), |damage| damage.kind == DamageKind::CutShort)
    }

    /// The same where records are damaged: the first of these is cut off **with everything behind it**, sound or not.
    /// Keep a copy of the file.
    ///
    /// # Errors
    ///
    /// As for [`open`](Self::open), but for damaged records.
    pub fn open_before_damage(path: impl AsRef<Path>) -> Result<Opened<T>> {
        Self::open_if(path.as_ref(), |_| true)
    }

    fn open_if(path: &Path, acceptable: impl Fn(&Damage) -> bool) -> Result<Opened<T>> {
        let io = |error| Error::io(path, error);
        let mut options = OpenOptions::new();
        let mut file = options.read(true).write(true).create(true).truncate(false).open(path).map_err(io)?;
        // A system without locks does without.
        if matches!(file.try_lock(), Err(TryLockError::WouldBlock)) {
            let path = path.display();
            return Err(Error::problem(format!(
                "{path}: the journal is open already, in another program or elsewhere in this one; close it there first"
            )));
        }
        let mut bytes = Vec::new();
        file.read_to_end(&mut bytes).map_err(io)?;
        let journal = Journal::read(&bytes);
        let place = journal.place().filter(|_| journal.damage.as_ref().is_none_or(acceptable));
        let Some(place) = place else {
            return Err(Error::input(journal.damage.iter().map(|damage| damage.fault(path)).collect()));
        };
        file.set_len(place.bytes()).map_err(io)?;
        file.seek(SeekFrom::Start(place.bytes())).map_err(io)?;
        let writer = Writer::resume(file, place).map_err(|error| Self::at(path, error))?;
        let file = Self { writer, path: path.to_owned() };
        // Of a file that was just made, nothing is lost.
        let lost = journal.damage.filter(|damage| damage.lost > 0);
        Ok(Opened { file, records: journal.records, lost })
    }

    /// Appends a record. When this returns it survives the end of the process; [`sync`](Self::sync) is for more.
    ///
    /// # Errors
    ///
    /// As for [`Writer::append`]; after [`Error::is_io`] the journal has to be opened again.
    pub fn append(&mut self, record: &T) -> Result<()> {
        self.writer.append(record).map_err(|error| Self::at(&self.path, error))
    }

    /// Waits until everything that was appended is on the storage, to survive a loss of power. Takes milliseconds,
    /// which is why it is the caller's choice. (That a new file is in its folder at all is for the folder to be
    /// synced.)
    ///
    /// # Errors
    ///
    /// [`Error::is_io`] if that fails.
    pub fn sync(&self) -> Result<()> {
        self.writer.get_ref().sync_data().map_err(|error| Error::io(&self.path, error))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    fn at(path: &Path, error: Error) -> Error {
        error.context(path.display().to_string())
    }
}
