//! The published column reference and the files that are written.

#![allow(clippy::unwrap_used)]

use std::path::Path;

use peermatch::program::{ProgramData, csv_columns_markdown};

/// Compares a published file with what the library says now; `UPDATE_GOLDEN=1 cargo test` rewrites it.
pub(crate) fn assert_published(file: &str, now: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(file);
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&path, now).unwrap();
    }
    let published = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(published == now, "{file} is not up to date: run UPDATE_GOLDEN=1 cargo test --test suite files_");
}

#[test]
fn the_column_reference_is_up_to_date() {
    assert_published("examples/data/COLUMNS.md", &csv_columns_markdown());
}

#[test]
fn only_tables_that_hold_something_are_written() {
    assert!(ProgramData::default().to_csv().unwrap().is_empty());
    let data = ProgramData {
        participants: vec!["P-1".into()].into_iter().map(person).collect(),
        ..ProgramData::default()
    };
    let files = data.to_csv().unwrap();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].name, "participants.csv");
    assert!(files[0].content.starts_with("id,conditions,issues,child_age,"));
}

fn person(id: String) -> peermatch::program::Participant {
    peermatch::program::Participant::new(id)
}

#[test]
fn a_number_that_is_none_is_not_written() {
    let mut data = ProgramData { participants: vec![person("P-1".into())], ..ProgramData::default() };
    data.participants[0].travel_km = Some(f64::NAN);
    assert!(data.to_csv().unwrap_err().to_string().contains("travel_km"));
}
