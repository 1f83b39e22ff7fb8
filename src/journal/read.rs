//! A journal's bytes, read up to their end or to the first damage.

use serde::de::DeserializeOwned;

use super::{Damage, DamageKind, HEADER, NAME, chained, header_checksum, prefix};

/// What a journal holds.
#[derive(Debug, Clone, PartialEq)]
#[non_exhaustive]
pub struct Journal<T> {
    /// The records before the damage, or all of them, in their order.
    pub records: Vec<T>,
    /// Where they end and why; `None` where that is the end of the journal.
    pub damage: Option<Damage>,
    place: Option<Place>,
}

/// Where a journal goes on: behind its last sound record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    bytes: u64,
    /// The checksum of the line before; none where the header is still to be written.
    pub(super) checksum: Option<u32>,
}

impl Place {
    /// How many bytes stand before it: whatever is behind them has to be cut off before anything is appended.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }
}

impl<T> Journal<T> {
    /// Where a [`Writer`](super::Writer) goes on: behind the last of the [`records`](Self::records). `None` for what is
    /// no journal or has an unknown version, for to go on there would be to overwrite it.
    pub fn place(&self) -> Option<Place> {
        self.place
    }
}

impl<T: DeserializeOwned> Journal<T> {
    /// Reads a journal. Damage is no error: what stands before it is kept, and [`damage`](Self::damage) says where it
    /// is.
    ///
    /// One pass over the bytes.
    pub fn read(bytes: &[u8]) -> Self {
        let mut records = Vec::new();
        if !bytes.starts_with(HEADER.as_bytes()) {
            let kind = without_header(bytes);
            let begun = kind == DamageKind::CutShort;
            let place = begun.then_some(Place { bytes: 0, checksum: None });
            return Self { records, damage: Some(Damage::at(1, 0, bytes, kind)), place };
        }
        let (mut line, mut offset, mut checksum) = (1, HEADER.len(), header_checksum());
        let mut damage = None;
        while offset < bytes.len() {
            line += 1;
            match next(&bytes[offset..], checksum) {
                Ok((record, length, next)) => {
                    records.push(record);
                    offset += length;
                    checksum = next;
                }
                Err(kind) => {
                    damage = Some(Damage::at(line, offset, bytes, kind));
                    break;
                }
            }
        }
        Self { records, damage, place: Some(Place { bytes: offset as u64, checksum: Some(checksum) }) }
    }
}

/// What is wrong with bytes that do not begin with the header.
fn without_header(bytes: &[u8]) -> DamageKind {
    if HEADER.as_bytes().starts_with(bytes) {
        return DamageKind::CutShort;
    }
    match bytes.strip_prefix(NAME.as_bytes()) {
        Some(rest) => {
            let version = rest.iter().take_while(|byte| byte.is_ascii_graphic()).take(16);
            DamageKind::UnknownVersion { found: version.map(|&byte| char::from(byte)).collect() }
        }
        None => DamageKind::NoHeader,
    }
}

/// The record that the bytes begin with, how many they are with the line break, and the record's checksum.
fn next<T: DeserializeOwned>(bytes: &[u8], before: u32) -> Result<(T, usize, u32), DamageKind> {
    let length = bytes.iter().position(|&byte| byte == b'\n').ok_or(DamageKind::CutShort)?;
    let (told, json) = bytes[..length].split_at_checked("01234567 ".len()).ok_or(DamageKind::Checksum)?;
    let checksum = chained(before, json);
    if told != prefix(checksum).as_bytes() {
        return Err(DamageKind::Checksum);
    }
    let record = serde_json::from_slice(json);
    let record = record.map_err(|error| DamageKind::NotARecord { message: error.to_string() })?;
    Ok((record, length + 1, checksum))
}
