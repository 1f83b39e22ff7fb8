//! Records appended to whatever takes bytes.

use std::fmt;
use std::io::Write;
use std::marker::PhantomData;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::{HEADER, Place, chained, header_checksum, prefix};
use crate::error::{Error, Result};

/// Appends records of one type to a journal.
///
/// On a file, [`JournalFile`](super::JournalFile) does all of this; the pattern for anything else is:
///
/// ```
/// use std::io::{Cursor, Seek, SeekFrom};
/// use peermatch::journal::{Journal, Writer};
///
/// // What a process left that was killed in the middle of a record.
/// let mut stored = b"peermatch-journal 1\n2e7".to_vec();
/// let journal = Journal::<String>::read(&stored);
/// let place = journal.place().expect("it is a journal");
/// stored.truncate(place.bytes() as usize); // a file's set_len
/// let mut end = Cursor::new(&mut stored);
/// end.seek(SeekFrom::Start(place.bytes())).unwrap();
/// let mut writer = Writer::resume(end, place)?;
/// writer.append(&"again".to_owned())?;
/// assert_eq!(Journal::<String>::read(&stored).records, ["again"]);
/// # Ok::<(), peermatch::Error>(())
/// ```
pub struct Writer<W, T> {
    to: W,
    /// The checksum of the line before.
    checksum: u32,
    /// A write failed: how much of it is there is not known.
    broken: bool,
    /// The line that is being written, kept for its room.
    line: Vec<u8>,
    records: PhantomData<fn(&T)>,
}

/// Not the record that was written last.
impl<W, T> fmt::Debug for Writer<W, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Writer").field("broken", &self.broken).finish_non_exhaustive()
    }
}

impl<W: Write, T> Writer<W, T> {
    /// Begins a journal: writes its header.
    ///
    /// # Errors
    ///
    /// [`Error::is_io`] if that fails.
    pub fn create(mut to: W) -> Result<Self> {
        to.write_all(HEADER.as_bytes()).and_then(|()| to.flush()).map_err(Error::stream)?;
        Ok(Self::behind(to, header_checksum()))
    }

    /// Goes on with a journal that was read, from the [`place`](super::Journal::place) where its records end. What is
    /// written next must come to stand exactly there: cut off what is behind it first.
    ///
    /// # Errors
    ///
    /// [`Error::is_io`] if the header was still to be written and that fails.
    pub fn resume(to: W, place: Place) -> Result<Self> {
        match place.checksum {
            Some(checksum) => Ok(Self::behind(to, checksum)),
            None => Self::create(to),
        }
    }

    fn behind(to: W, checksum: u32) -> Self {
        Self { to, checksum, broken: false, line: Vec::new(), records: PhantomData }
    }

    /// A write has failed, and nothing more can be appended: see [`append`](Self::append).
    pub fn is_broken(&self) -> bool {
        self.broken
    }

    /// What is written to.
    pub fn get_ref(&self) -> &W {
        &self.to
    }

    /// Ends the writing and gives back what was written to.
    pub fn into_inner(self) -> W {
        self.to
    }
}

impl<W: Write, T: Serialize + DeserializeOwned> Writer<W, T> {
    /// Appends a record: in one write, and flushed. Whether it survives more than the end of the process, such as a
    /// loss of power, is for the storage to say: a [`File`](std::fs::File) has `sync_data` for that.
    ///
    /// # Errors
    ///
    /// If the record cannot be written as JSON or could not be read again; nothing is written then, and others can be.
    /// (A number that is not finite is such a case: JSON has none. One unreadable record would end the journal for
    /// whoever reads it.)
    ///
    /// [`Error::is_io`] if the write fails. Whether the record is in the journal is then not known, and everything
    /// after it would be unreadable if it were there by half: so further ones are refused until the journal is read
    /// again and [resumed](Self::resume), which tells.
    pub fn append(&mut self, record: &T) -> Result<()> {
        if self.broken {
            let message =
                "an earlier write to the journal failed; read the journal again and go on from there";
            return Err(Error::write(message));
        }
        self.line.clear();
        self.line.extend_from_slice(prefix(0).as_bytes());
        let json = self.line.len();
        let unfit =
            |error| Error::write(format!("a record that cannot be read again is not appended ({error})"));
        serde_json::to_writer(&mut self.line, record).map_err(unfit)?;
        serde_json::from_slice::<T>(&self.line[json..]).map_err(unfit)?;
        let checksum = chained(self.checksum, &self.line[json..]);
        self.line[..json].copy_from_slice(prefix(checksum).as_bytes());
        self.line.push(b'\n');
        self.broken = true;
        self.to.write_all(&self.line).and_then(|()| self.to.flush()).map_err(Error::stream)?;
        self.broken = false;
        self.checksum = checksum;
        Ok(())
    }
}
