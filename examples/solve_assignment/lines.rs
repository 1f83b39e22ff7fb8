//! A text file line by line, each line as words and the words as whole numbers.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use crate::faults::{Faults, Place};

/// Bytes read from the file at a time.
pub(crate) const CHUNK: usize = 1 << 18;

/// Sizes beyond this are refused in text, where nothing else in the file bounds them.
pub(crate) const LARGEST_SIZE: i64 = 100_000_000;

/// The byte order mark of UTF-8.
const MARK: &[u8] = b"\xEF\xBB\xBF";

/// Opens a file, or says why that cannot be done.
pub(crate) fn open(path: &Path) -> Result<BufReader<File>, Faults> {
    let refuse = |problem: &str, remedy: &str| {
        let mut faults = Faults::new(path);
        faults.of_file(problem, remedy);
        faults
    };
    if path.is_dir() {
        return Err(refuse("this is a folder, not a file", "name a file in it"));
    }
    File::open(path).map(|file| BufReader::with_capacity(CHUNK, file)).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => refuse("there is no such file", "check its name"),
        _ => refuse(&format!("it cannot be read: {error}"), "check that you may read it"),
    })
}

/// The lines of a file, numbered from 1; memory for one line at a time.
///
/// A byte order mark before the first is skipped: some editors put one there, and it says nothing.
pub(crate) struct Lines {
    source: BufReader<File>,
    buffer: Vec<u8>,
    number: u64,
}

impl Lines {
    pub(crate) fn open(path: &Path) -> Result<Self, Faults> {
        Ok(Self { source: open(path)?, buffer: Vec::new(), number: 0 })
    }

    /// The next line, none after the last. What cannot be read is a fault and an end.
    pub(crate) fn next(&mut self, faults: &mut Faults) -> Option<Line<'_>> {
        self.buffer.clear();
        match self.source.read_until(b'\n', &mut self.buffer) {
            Ok(0) => None,
            Ok(_) => {
                self.number += 1;
                let mark = if self.number == 1 { MARK } else { b"" };
                let bytes = self.buffer.strip_prefix(mark).unwrap_or(&self.buffer);
                Some(Line { number: self.number, bytes })
            }
            Err(error) => {
                faults.of_file(format!("it cannot be read to its end: {error}"), "check the disk it is on");
                None
            }
        }
    }
}

/// One line of a text file.
#[derive(Clone, Copy)]
pub(crate) struct Line<'a> {
    pub(crate) number: u64,
    bytes: &'a [u8],
}

impl<'a> Line<'a> {
    pub(crate) fn words(self) -> impl Iterator<Item = &'a [u8]> {
        self.bytes.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty())
    }

    /// The letter a record begins with and the words after it; none for an empty line or a comment.
    pub(crate) fn record(self) -> Option<(&'a [u8], impl Iterator<Item = &'a [u8]>)> {
        let mut words = self.words();
        let kind = words.next()?;
        (kind != b"c").then_some((kind, words))
    }

    /// The words as one number for each field; none, and faults, if they are anything else.
    pub(crate) fn numbers<const N: usize>(
        self,
        words: impl Iterator<Item = &'a [u8]>,
        fields: [&str; N],
        faults: &mut Faults,
    ) -> Option<[i64; N]> {
        let mut numbers = [0; N];
        let (mut count, mut sound) = (0, true);
        for word in words {
            if let Some(&field) = fields.get(count) {
                match self.number_in(word, field, faults) {
                    Some(number) => numbers[count] = number,
                    None => sound = false,
                }
            }
            count += 1;
        }
        if count != N {
            faults.add(
                Place { line: Some(self.number), ..Place::default() },
                format!("{count} numbers stand where {N} are meant"),
                format!("write {}", fields.join(" ")),
            );
            return None;
        }
        sound.then_some(numbers)
    }

    pub(crate) fn number_in(self, word: &[u8], field: &str, faults: &mut Faults) -> Option<i64> {
        let number = integer(word);
        if number.is_none() {
            let value: String = String::from_utf8_lossy(word).chars().take(40).collect();
            let place = Place { line: Some(self.number), field: Some(field), value: Some(&value) };
            let digits = word.strip_prefix(b"-").or(word.strip_prefix(b"+")).unwrap_or(word);
            if !digits.is_empty() && digits.iter().all(u8::is_ascii_digit) {
                let remedy = "keep it between -2^63 and 2^63 - 1, in a smaller unit if need be";
                faults.add(place, "this number does not fit 64 bits", remedy);
            } else {
                let remedy = "write digits alone, with a minus before them where needed";
                faults.add(place, "this is not a whole number", remedy);
            }
        }
        number
    }

    /// The fault of a record that this format does not have.
    pub(crate) fn unknown(self, kind: &[u8], meant: &str, faults: &mut Faults) {
        let value: String = String::from_utf8_lossy(kind).chars().take(40).collect();
        let place = Place { line: Some(self.number), field: None, value: Some(&value) };
        faults.add(place, "no record of this format begins so", meant);
    }
}

/// A decimal whole number, its sign before it; none if the word is anything else or beyond 64 bits.
pub(crate) fn integer(word: &[u8]) -> Option<i64> {
    let (negative, digits) = match word {
        [b'-', digits @ ..] => (true, digits),
        [b'+', digits @ ..] | digits => (false, digits),
    };
    if digits.is_empty() {
        return None;
    }
    digits.iter().try_fold(0_i64, |value, &byte| {
        let digit = i64::from(byte.wrapping_sub(b'0'));
        let tens = value.checked_mul(10).filter(|_| digit < 10)?;
        if negative { tens.checked_sub(digit) } else { tens.checked_add(digit) }
    })
}

/// A stated size, if it is one.
pub(crate) fn size(line: u64, field: &str, value: i64, faults: &mut Faults) -> Option<u32> {
    if (0..=LARGEST_SIZE).contains(&value) {
        return Some(value as u32);
    }
    let remedy = format!("state a size between 0 and {LARGEST_SIZE}");
    faults.of_number(line, field, value, "this is no size", remedy);
    None
}

/// An index counted from `first`, as one counted from 0, if there is such an entry.
pub(crate) fn index(
    line: u64,
    field: &str,
    value: i64,
    first: i64,
    count: u32,
    faults: &mut Faults,
) -> Option<u32> {
    let last = first + i64::from(count) - 1;
    if (first..=last).contains(&value) {
        return Some((value - first) as u32);
    }
    let problem = if count == 0 {
        "there are none of these".to_owned()
    } else {
        format!("these are numbered {first} to {last}")
    };
    faults.of_number(line, field, value, problem, "correct the number, or the size at the top");
    None
}
