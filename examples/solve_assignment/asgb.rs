//! The binary form of the peer benchmark, little endian without padding, read straight into the rows:
//!
//! ```text
//! 8 bytes      "ASGB1\0\0\0"
//! 4 x i64      participants, supporters, pairs, penalty
//! S x i32      capacities
//! (P+1) x i64  offsets: the pairs of participant p are off[p] .. off[p+1]
//! E x i32      supporter of each pair, rising within a participant
//! E x i32      cost of each pair
//! ```

use std::fs::File;
use std::io::{BufReader, ErrorKind, Read};
use std::path::Path;

use crate::faults::{Faults, Place};
use crate::instance::{Instance, Unmatched};
use crate::lines::open;
use crate::rows::Sorted;

/// What such a file begins with.
pub(crate) const MAGIC: &[u8; 8] = b"ASGB1\0\0\0";

/// Entries converted at a time.
const ENTRIES: usize = 1 << 13;

const MEND: &str = "make or copy the file again";

pub(crate) fn read(path: &Path) -> Result<Instance, Faults> {
    let source = open(path)?;
    let length = source.get_ref().metadata().ok().filter(std::fs::Metadata::is_file).map(|file| file.len());
    let mut binary = Binary { source, faults: Faults::new(path), length };
    match binary.instance() {
        Some(instance) => binary.faults.unless_any(instance),
        None => Err(binary.faults),
    }
}

struct Binary {
    source: BufReader<File>,
    faults: Faults,
    /// Bytes of the file, where that is known: what is stated is checked against it before any memory is asked for.
    length: Option<u64>,
}

impl Binary {
    fn instance(&mut self) -> Option<Instance> {
        if self.entries::<8, _>(1, "magic", |bytes| bytes)?.first() != Some(MAGIC) {
            self.faults.of_file("it does not begin as an .asgb file does", "name another file or --format");
            return None;
        }
        let header = self.entries::<8, _>(4, "sizes", i64::from_le_bytes)?;
        let names = ["participants", "supporters", "pairs"];
        let most = [u64::from(u32::MAX), u64::from(u32::MAX), u64::MAX >> 4];
        let mut sizes = [0_u64; 3];
        for ((size, name), (&stated, most)) in sizes.iter_mut().zip(names).zip(header.iter().zip(most)) {
            match u64::try_from(stated) {
                Ok(stated) if stated <= most => *size = stated,
                _ => self.entry(name, stated, "this is no size"),
            }
        }
        if !self.faults.is_empty() {
            return None;
        }
        let [participants, supporters, pairs] = sizes;
        let expected = 48 + 4 * supporters + 8 * participants + 8 * pairs;
        if let Some(length) = self.length.filter(|&length| length != expected) {
            self.faults.of_file(
                format!(
                    "it has {length} bytes, but {participants} participants, {supporters} supporters and {pairs} \
                     pairs take {expected}"
                ),
                MEND,
            );
            return None;
        }
        let [participants, supporters, pairs] = sizes.map(|size| size as usize);
        let capacities = self.naturals(supporters, "capacity")?;
        let offsets: Vec<i64> = self.entries(participants + 1, "offset", i64::from_le_bytes)?;
        let columns = self.naturals(pairs, "supporter of a pair")?;
        let costs = self.entries(pairs, "cost of a pair", i32::from_le_bytes)?;
        let offsets = self.checked_offsets(offsets, pairs)?;
        self.check_rows(&offsets, &columns, supporters);
        Some(Instance {
            unmatched: Unmatched::At(header[3]),
            capacities,
            rows: Sorted { offsets, supporters: columns, costs: costs.into() },
        })
    }

    fn entry(&mut self, what: &str, value: i64, problem: impl Into<String>) {
        let value = value.to_string();
        self.faults.add(Place { line: None, field: Some(what), value: Some(&value) }, problem, MEND);
    }

    /// The next entries of that many bytes each, converted; none if the file ends first.
    fn entries<const SIZE: usize, T>(
        &mut self,
        count: usize,
        what: &str,
        convert: impl Fn([u8; SIZE]) -> T,
    ) -> Option<Vec<T>> {
        let room = if self.length.is_some() { count } else { count.min(ENTRIES) };
        let mut entries = Vec::with_capacity(room);
        let mut buffer = vec![[0_u8; SIZE]; count.min(ENTRIES)];
        while entries.len() < count {
            let chunk = (count - entries.len()).min(ENTRIES);
            if let Err(error) = self.source.read_exact(buffer[..chunk].as_flattened_mut()) {
                let problem = match error.kind() {
                    ErrorKind::UnexpectedEof => {
                        format!("it ends within the entries `{what}`, of which there are to be {count}")
                    }
                    _ => format!("it cannot be read to its end: {error}"),
                };
                self.faults.of_file(problem, MEND);
                return None;
            }
            entries.extend(buffer[..chunk].iter().map(|&bytes| convert(bytes)));
        }
        Some(entries)
    }

    /// The next entries of four bytes, none of which may be negative.
    fn naturals(&mut self, count: usize, what: &str) -> Option<Vec<u32>> {
        // A negative number is one beyond the largest positive.
        let entries = self.entries(count, what, u32::from_le_bytes)?;
        if entries.iter().any(|&entry| entry > i32::MAX as u32) {
            for &entry in entries.iter().filter(|&&entry| entry > i32::MAX as u32) {
                self.entry(what, i64::from(entry as i32), "it is negative");
            }
            return None;
        }
        Some(entries)
    }

    fn checked_offsets(&mut self, stated: Vec<i64>, pairs: usize) -> Option<Vec<usize>> {
        let (first, last) = (stated.first().copied()?, stated.last().copied()?);
        if first != 0 {
            self.entry("first offset", first, "it is not 0");
        }
        if usize::try_from(last) != Ok(pairs) {
            self.entry("last offset", last, format!("it is not {pairs}, the number of pairs"));
        }
        for (participant, two) in stated.windows(2).enumerate() {
            if two[1] < two[0] {
                self.entry(
                    "offset",
                    two[1],
                    format!("the row of participant {participant} ends before it begins"),
                );
            }
        }
        self.faults.is_empty().then(|| stated.into_iter().map(|offset| offset as usize).collect())
    }

    fn check_rows(&mut self, offsets: &[usize], columns: &[u32], supporters: usize) {
        for (participant, range) in offsets.windows(2).enumerate() {
            let mut before = None;
            for &supporter in &columns[range[0]..range[1]] {
                let problem = if supporter as usize >= supporters {
                    format!("there are {supporters} supporters, numbered from 0")
                } else if Some(supporter) == before {
                    "it stands there twice".to_owned()
                } else if Some(supporter) < before {
                    "it stands after a higher one".to_owned()
                } else {
                    before = Some(supporter);
                    continue;
                };
                let place = format!("supporter of participant {participant}");
                self.entry(&place, supporter.into(), problem);
            }
        }
    }
}
