//! The journal: what a process that ends at any byte leaves behind, what damage is found, and what is never lost.

use std::fs;
use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::path::PathBuf;

use peermatch::journal::{DamageKind, HEADER, Journal, JournalFile, Writer};
use serde::{Deserialize, Serialize};

/// Records of every shape that JSON has: texts with line breaks and beyond ASCII, numbers, lists, nothing.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
enum Entry {
    Arrives { id: String, codes: Vec<String>, age: Option<f64> },
    Leaves(String),
    Price(i64, u64),
    Nothing,
}

fn entries() -> Vec<Entry> {
    let arrives = |id: &str, codes: &[&str], age| Entry::Arrives {
        id: id.to_owned(),
        codes: codes.iter().map(|&code| code.to_owned()).collect(),
        age,
    };
    vec![
        arrives("P-1", &["F84.0", "Q90"], Some(4.5)),
        Entry::Leaves("Zoë\nŁukasz".to_owned()),
        Entry::Nothing,
        Entry::Nothing,
        Entry::Price(i64::MIN, u64::MAX),
        arrives("\u{1f331} 花子", &["line\r\nbreak", "\u{2028}", "\u{0}"], Some(0.1)),
        Entry::Leaves(String::new()),
        arrives("", &[], None),
        Entry::Leaves("\"quoted\" \\ {\"a\":1}".to_owned()),
        Entry::Price(0, 0),
        Entry::Nothing,
        Entry::Leaves("peermatch-journal 1\n".to_owned()),
    ]
}

/// The journal of some records, and where each of its lines ends.
fn written(entries: &[Entry]) -> (Vec<u8>, Vec<usize>) {
    let mut writer = Writer::create(Vec::new()).unwrap();
    let mut ends = vec![writer.get_ref().len()];
    for entry in entries {
        writer.append(entry).unwrap();
        ends.push(writer.get_ref().len());
    }
    (writer.into_inner(), ends)
}

fn lines(journal: &[u8]) -> Vec<Vec<u8>> {
    journal.split_inclusive(|&byte| byte == b'\n').map(<[u8]>::to_vec).collect()
}

/// A path of this test run alone, removed at the end.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        Self(std::env::temp_dir().join(format!("peermatch-{name}-{}.journal", std::process::id())))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[test]
fn a_journal_is_written_to_the_letter() {
    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "snake_case")]
    enum Change {
        Arrives(String),
        Leaves(String),
    }
    let mut writer = Writer::create(Vec::new()).unwrap();
    writer.append(&Change::Arrives("P-1".into())).unwrap();
    writer.append(&Change::Leaves("P-1".into())).unwrap();
    let text = String::from_utf8(writer.into_inner()).unwrap();
    // The checksums are those of zlib's crc32.
    assert_eq!(text, "peermatch-journal 1\n7ac14459 {\"arrives\":\"P-1\"}\n7d37a4ac {\"leaves\":\"P-1\"}\n");
}

#[test]
fn what_is_read_is_what_was_written() {
    let (bytes, ends) = written(&entries());
    let journal = Journal::<Entry>::read(&bytes);
    assert_eq!(journal.records, entries());
    assert_eq!(journal.damage, None);
    assert_eq!(journal.place().unwrap().bytes(), bytes.len() as u64);
    assert_eq!(lines(&bytes).len(), ends.len(), "a record is a line, whatever it says");
    let empty = Journal::<Entry>::read(HEADER.as_bytes());
    assert!(empty.records.is_empty() && empty.damage.is_none());
}

#[test]
fn a_journal_cut_anywhere_loses_what_was_being_written_and_goes_on() {
    let (bytes, ends) = written(&entries());
    for cut in 0..=bytes.len() {
        let mut stored = bytes[..cut].to_vec();
        let journal = Journal::<Entry>::read(&stored);
        let whole = ends.iter().filter(|&&end| end <= cut).count();
        let kept = &entries()[..whole.saturating_sub(1)];
        assert_eq!(journal.records, kept, "cut at {cut}");
        let sound = if whole == 0 { 0 } else { ends[whole - 1] };
        match &journal.damage {
            None => assert_eq!(cut, sound, "cut at {cut} and nothing said"),
            Some(damage) => {
                assert_eq!(damage.kind, DamageKind::CutShort, "cut at {cut}");
                assert_eq!((damage.line, damage.offset), (whole as u64 + 1, sound as u64));
                assert_eq!(damage.lost, (cut - sound) as u64);
                assert!(cut == 0 || cut > sound);
            }
        }
        let place = journal.place().unwrap();
        assert_eq!(place.bytes(), sound as u64);
        stored.truncate(sound);
        let mut end = Cursor::new(&mut stored);
        end.seek(SeekFrom::Start(place.bytes())).unwrap();
        let mut writer = Writer::resume(end, place).unwrap();
        for entry in &entries()[kept.len()..] {
            writer.append(entry).unwrap();
        }
        assert_eq!(stored, bytes, "the journal goes on to the same bytes as if nothing had happened");
    }
}

#[test]
fn a_last_line_without_its_break_is_not_counted_though_it_is_sound() {
    let (bytes, _) = written(&entries()[..1]);
    let journal = Journal::<Entry>::read(&bytes[..bytes.len() - 1]);
    assert!(journal.records.is_empty());
    let damage = journal.damage.unwrap();
    assert_eq!(damage.kind, DamageKind::CutShort);
    let said = damage.to_string();
    let place = format!(
        "line 2, byte {} ({} bytes from there to the end)",
        HEADER.len(),
        bytes.len() - 1 - HEADER.len()
    );
    assert!(said.starts_with(&place), "{said}");
    assert!(said.contains("do the last change again"), "{said}");
}

/// The records before the damage are a beginning of what was written, and the damage is said to be in that line.
fn found_in_line(bytes: &[u8], original: &[Entry], line: usize, what: &str) -> DamageKind {
    let journal = Journal::<Entry>::read(bytes);
    let damage = journal.damage.unwrap_or_else(|| panic!("{what}: not found"));
    assert_eq!(damage.line, line as u64, "{what}: {damage}");
    assert_eq!(journal.records, original[..line.saturating_sub(2)], "{what}");
    assert_eq!(damage.offset + damage.lost, bytes.len() as u64, "{what}");
    damage.kind
}

#[test]
fn every_flipped_bit_is_found_where_it_is() {
    let original = &entries()[..7];
    let (bytes, ends) = written(original);
    for bit in 0..bytes.len() * 8 {
        let mut flipped = bytes.clone();
        flipped[bit / 8] ^= 1 << (bit % 8);
        let line = ends.iter().filter(|&&end| end <= bit / 8).count() + 1;
        let kind = found_in_line(&flipped, original, line, &format!("bit {bit}"));
        let last_break = bit / 8 == bytes.len() - 1;
        match line {
            1 => assert!(
                matches!(kind, DamageKind::NoHeader | DamageKind::UnknownVersion { .. }),
                "bit {bit}: {kind}"
            ),
            _ if last_break => assert_eq!(kind, DamageKind::CutShort),
            _ => assert_eq!(kind, DamageKind::Checksum, "bit {bit}"),
        }
    }
}

#[test]
fn every_record_that_is_doubled_taken_out_or_moved_is_found() {
    let original = entries();
    let whole = lines(&written(&original).0);
    let last = whole.len() - 1;
    for at in 1..=last {
        let mut doubled = whole.clone();
        doubled.insert(at, whole[at].clone());
        found_in_line(&doubled.concat(), &original, at + 2, "doubled");
        let mut without = whole.clone();
        without.remove(at);
        if at < last {
            found_in_line(&without.concat(), &original, at + 1, "taken out");
        } else {
            // That the last one is missing is not to be seen: it might never have been written.
            assert_eq!(Journal::<Entry>::read(&without.concat()).records, original[..last - 1]);
        }
        for other in at + 1..=last {
            let mut swapped = whole.clone();
            swapped.swap(at, other);
            // Two that are told apart by nothing but their checksums are found out all the same.
            found_in_line(&swapped.concat(), &original, at + 1, "swapped");
        }
    }
}

#[test]
fn a_record_of_another_journal_is_found() {
    let mut other = entries();
    other[0] = Entry::Nothing;
    let (mut bytes, other) = (lines(&written(&entries()).0), lines(&written(&other).0));
    bytes[5].clone_from(&other[5]);
    found_in_line(&bytes.concat(), &entries(), 6, "of another journal");
}

#[test]
fn what_is_no_journal_is_refused_and_cannot_be_gone_on_with() {
    let (bytes, _) = written(&entries());
    let refused = |bytes: &[u8]| {
        let journal = Journal::<Entry>::read(bytes);
        assert!(journal.records.is_empty() && journal.place().is_none());
        let damage = journal.damage.unwrap();
        assert_eq!((damage.line, damage.offset, damage.lost), (1, 0, bytes.len() as u64));
        damage
    };
    for text in ["id,child_age\n", "\n", " peermatch-journal 1\n", "Peermatch-journal 1\n", "peermatch"] {
        if HEADER.starts_with(text) {
            continue;
        }
        assert_eq!(refused(text.as_bytes()).kind, DamageKind::NoHeader, "{text:?}");
    }
    let of_version = |version: &str| {
        [format!("peermatch-journal {version}").as_bytes(), &bytes[HEADER.len() - 1..]].concat()
    };
    for version in ["2", "10", "", "1\r", "one of the versions that are long"] {
        let damage = refused(&of_version(version));
        assert!(matches!(damage.kind, DamageKind::UnknownVersion { .. }), "{version:?}");
    }
    let said = refused(&of_version("2")).to_string();
    assert!(said.contains("has the version \"2\", and only version 1 is known"), "{said}");
}

#[test]
fn a_sound_record_of_another_type_is_told_with_what_serde_says_of_it() {
    let mut writer = Writer::create(Vec::new()).unwrap();
    writer.append(&Entry::Nothing).unwrap();
    let place = Journal::<Entry>::read(writer.get_ref()).place().unwrap();
    let mut other = Writer::resume(writer.into_inner(), place).unwrap();
    other.append(&"Anna, 4 years".to_owned()).unwrap();
    let bytes = other.into_inner();
    assert_eq!(Journal::<serde_json::Value>::read(&bytes).records.len(), 2);
    let journal = Journal::<Entry>::read(&bytes);
    assert_eq!(journal.records, [Entry::Nothing]);
    let damage = journal.damage.unwrap();
    assert!(
        matches!(&damage.kind, DamageKind::NotARecord { message } if message.contains("unknown variant"))
    );
    assert!(damage.to_string().contains("Anna"), "{damage}");
    let logged = format!("{damage:?} {:?}", damage.kind);
    assert!(!logged.contains("Anna"), "what a record says does not belong into a log: {logged}");
}

/// Takes so many bytes and then fails; a write is done by halves.
struct Limited {
    bytes: Vec<u8>,
    left: usize,
    fails_to_flush: bool,
}

impl Limited {
    fn new(left: usize) -> Self {
        Self { bytes: Vec::new(), left, fails_to_flush: false }
    }
}

impl Write for Limited {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.left == 0 && !bytes.is_empty() {
            return Err(io::Error::other("no room left"));
        }
        let taken = bytes.len().min(self.left).min(bytes.len() / 2 + 1);
        self.bytes.extend_from_slice(&bytes[..taken]);
        self.left -= taken;
        Ok(taken)
    }

    fn flush(&mut self) -> io::Result<()> {
        if self.fails_to_flush { Err(io::Error::other("not flushed")) } else { Ok(()) }
    }
}

#[test]
fn after_a_write_that_failed_at_any_byte_nothing_is_appended_until_it_is_read_again() {
    let original = &entries()[..6];
    let (bytes, ends) = written(original);
    for room in 0..bytes.len() {
        let mut to = Limited::new(room);
        let Ok(mut writer) = Writer::create(&mut to) else {
            assert!(room < HEADER.len());
            assert_eq!(Journal::<Entry>::read(&to.bytes).damage.unwrap().kind, DamageKind::CutShort);
            continue;
        };
        let mut appended = 0;
        let error = loop {
            match writer.append(&original[appended]) {
                Ok(()) => appended += 1,
                Err(error) => break error,
            }
        };
        assert!(error.is_io() && error.to_string().contains("no room left"), "{error}");
        assert!(writer.is_broken());
        let again = writer.append(&Entry::Nothing).unwrap_err();
        assert!(again.to_string().contains("read the journal again"), "{again}");
        drop(writer);
        assert_eq!(to.bytes, bytes[..room], "nothing is written after the failure");
        let journal = Journal::<Entry>::read(&to.bytes);
        assert_eq!(journal.records, original[..appended]);
        assert_eq!(journal.damage.is_some(), !ends.contains(&room));
    }
}

#[test]
fn a_record_that_was_not_flushed_is_not_known_to_be_there() {
    let mut writer = Writer::create(Limited::new(1000)).unwrap();
    writer.append(&Entry::Nothing).unwrap();
    let mut to = writer.into_inner();
    let place = Journal::<Entry>::read(&to.bytes).place().unwrap();
    to.fails_to_flush = true;
    let mut writer = Writer::resume(to, place).unwrap();
    assert!(writer.append(&Entry::Nothing).unwrap_err().is_io());
    assert!(writer.append(&Entry::Nothing).is_err());
}

#[test]
fn a_record_that_could_not_be_read_again_is_not_appended() {
    let mut writer = Writer::create(Vec::new()).unwrap();
    writer.append(&vec![1.5]).unwrap();
    let error = writer.append(&vec![f64::NAN]).unwrap_err();
    assert!(error.to_string().contains("is not appended"), "{error}");
    assert!(!writer.is_broken());
    writer.append(&vec![2.5]).unwrap();
    assert_eq!(Journal::<Vec<f64>>::read(&writer.into_inner()).records, [[1.5], [2.5]]);

    let mut writer = Writer::create(Vec::new()).unwrap();
    let no_key = std::collections::BTreeMap::from([(Some(vec![1_u8]), 1_u8)]);
    assert!(writer.append(&no_key).is_err());
    assert_eq!(writer.into_inner(), HEADER.as_bytes());
}

#[test]
fn a_file_that_is_cut_short_is_opened_and_says_what_is_lost() {
    let scratch = Scratch::new("cut");
    let (bytes, ends) = written(&entries());
    let before_last = ends[ends.len() - 2];
    for cut in (0..HEADER.len() + 2).chain(before_last - 1..=bytes.len()) {
        fs::write(&scratch.0, &bytes[..cut]).unwrap();
        let mut opened = JournalFile::<Entry>::open(&scratch.0).unwrap();
        let kept = opened.records.len();
        assert_eq!(opened.records, entries()[..kept]);
        assert_eq!(opened.lost.is_none(), cut == 0 || ends.contains(&cut), "cut at {cut}");
        for entry in &entries()[kept..] {
            opened.file.append(entry).unwrap();
        }
        opened.file.sync().unwrap();
        assert_eq!(opened.file.path(), scratch.0);
        drop(opened);
        assert_eq!(fs::read(&scratch.0).unwrap(), bytes);
    }
}

#[test]
fn a_file_is_open_in_one_place_at_a_time() {
    let scratch = Scratch::new("open");
    let first = JournalFile::<Entry>::open(&scratch.0).unwrap();
    let error = JournalFile::<Entry>::open(&scratch.0).unwrap_err();
    assert!(error.is_problem() && error.to_string().contains("open already"), "{error}");
    drop(first);
    assert!(JournalFile::<Entry>::open(&scratch.0).is_ok());
}

#[test]
fn a_file_is_begun_where_there_is_none() {
    let scratch = Scratch::new("new");
    let opened = JournalFile::<Entry>::open(&scratch.0).unwrap();
    assert!(opened.records.is_empty() && opened.lost.is_none());
    drop(opened);
    assert_eq!(fs::read(&scratch.0).unwrap(), HEADER.as_bytes());
    let nowhere = scratch.0.join("deeper");
    let error = JournalFile::<Entry>::open(&nowhere).unwrap_err();
    assert!(error.is_io() && error.to_string().contains("deeper"), "{error}");
}

#[test]
fn a_file_with_damage_is_left_as_it_is_unless_one_says_otherwise() {
    let scratch = Scratch::new("damaged");
    let (mut bytes, ends) = written(&entries());
    bytes[ends[3] + 12] ^= 1;
    fs::write(&scratch.0, &bytes).unwrap();
    let error = JournalFile::<Entry>::open(&scratch.0).unwrap_err();
    assert!(error.is_input());
    let fault = &error.faults()[0];
    assert_eq!((fault.row, fault.file.as_str()), (Some(5), scratch.0.to_str().unwrap()));
    assert!(fault.problem.starts_with(&format!("byte {}: ", ends[3])), "{fault}");
    assert_eq!(fs::read(&scratch.0).unwrap(), bytes);

    let mut opened = JournalFile::open_before_damage(&scratch.0).unwrap();
    assert_eq!(opened.records, entries()[..3]);
    assert_eq!(opened.lost.as_ref().unwrap().lost, (bytes.len() - ends[3]) as u64);
    opened.file.append(&Entry::Nothing).unwrap();
    drop(opened);
    assert_eq!(fs::read(&scratch.0).unwrap(), written(&[&entries()[..3], &[Entry::Nothing]].concat()).0);
}

#[test]
fn a_file_that_is_no_journal_is_never_written() {
    let scratch = Scratch::new("other");
    for text in ["id,child_age\nP-1,4\n", "peermatch-journal 2\n"] {
        fs::write(&scratch.0, text).unwrap();
        assert!(JournalFile::<Entry>::open(&scratch.0).unwrap_err().is_input());
        assert!(JournalFile::<Entry>::open_before_damage(&scratch.0).unwrap_err().is_input());
        assert_eq!(fs::read_to_string(&scratch.0).unwrap(), text);
    }
}
