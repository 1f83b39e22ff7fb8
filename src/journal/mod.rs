//! An append-only record of what was done, so that it can be done again.
//!
//! **Problem.** Whoever keeps a state in memory and appends each change to a file before it answers has the state again
//! after the process ends, at whatever byte. For that, what is read must be what was written: a record that is half
//! there, changed, doubled, moved or taken out must be noticed, and what stands before it must not be lost with it.
//!
//! **Method.** A journal is lines of text. The first is the [`HEADER`], which names the version of the form. Every
//! other is a record: eight lower-case hexadecimal digits, a blank, and the record as JSON without line breaks (JSON
//! escapes those inside of texts).
//!
//! ```text
//! peermatch-journal 1
//! 7ac14459 {"arrives":"P-1"}
//! 7d37a4ac {"leaves":"P-1"}
//! ```
//!
//! The digits are a CRC-32 over the checksum of the line before (its four bytes, the highest first; for the first
//! record that of the header line with its line break) and the bytes of the JSON. So each checksum stands for
//! everything before it, and a record in another place than its own is as wrong as one with another content.
//!
//! **What is found.** Any accidental change but for one in some 2^32. Each
//! record goes out in one write that ends with the line break, so a process that is killed leaves at most one line
//! without its line break: the record that was being written, which is [cut short](DamageKind::CutShort) even where its
//! checksum is right. Whole lines that are missing *at the end* cannot be told from lines that were never written. A
//! checksum is no signature: it guards against accidents, not against people.
//!
//! **Time and space.** One pass over the bytes, and the records in memory; appending takes the time of its record.
//!
//! **When it is the wrong choice.** A journal grows with the changes, not with the state. Write a snapshot now and then
//! and begin a new journal; for many writers at once, use a database.
//!
//! The room knows nothing of matching: a record is any type that serde reads and writes.
//!
//! ```
//! use peermatch::journal::{Journal, Writer};
//!
//! let mut bytes = Vec::new();
//! let mut writer = Writer::create(&mut bytes)?;
//! writer.append(&("P-1".to_owned(), 3))?;
//! writer.append(&("P-2".to_owned(), 4))?;
//! let journal = Journal::<(String, u32)>::read(&bytes);
//! assert_eq!(journal.records.len(), 2);
//! assert!(journal.damage.is_none());
//!
//! // A process that is killed while it writes loses the record that it was writing.
//! let journal = Journal::<(String, u32)>::read(&bytes[..bytes.len() - 1]);
//! assert_eq!(journal.records, [("P-1".to_owned(), 3)]);
//! assert_eq!(journal.damage.unwrap().line, 3);
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! # References
//!
//! W. W. Peterson, D. T. Brown, *Cyclic Codes for Error Detection*, Proceedings of the IRE 49 (1961), for what a CRC
//! finds; the polynomial is that of IEEE 802.3.

mod damage;
mod file;
mod read;
mod write;

pub use damage::{Damage, DamageKind};
pub use file::{JournalFile, Opened};
pub use read::{Journal, Place};
pub use write::Writer;

/// What every journal begins with: its name and the version of its form, the only one that is known.
pub const HEADER: &str = "peermatch-journal 1\n";

/// What the header of every version begins with.
const NAME: &str = "peermatch-journal ";

/// The checksum that the first record goes on from.
fn header_checksum() -> u32 {
    crc32fast::hash(HEADER.as_bytes())
}

/// The checksum of a record behind one with that checksum.
fn chained(before: u32, json: &[u8]) -> u32 {
    let mut hasher = crc32fast::Hasher::new();
    hasher.update(&before.to_be_bytes());
    hasher.update(json);
    hasher.finalize()
}

/// A record's line up to its JSON, as it is written and to the letter as it has to be read.
fn prefix(checksum: u32) -> String {
    format!("{checksum:08x} ")
}
