//! A matching as a table.

use std::collections::HashMap;

use super::{Match, Matching, Origin, Reason};
use crate::compatibility::Veto;
use crate::error::{Error, Result};

const HEADER: [&str; 13] = [
    "participant",
    "outcome",
    "supporter",
    "score",
    "confidence",
    "modality",
    "distance_km",
    "language",
    "origin",
    "relaxations",
    "despite",
    "reason",
    "why",
];

pub(super) fn to_csv(matching: &Matching) -> Result<String> {
    let failed = |error: String| Error::write(format!("matching as CSV: {error}"));
    let mut writer = csv::Writer::from_writer(Vec::new());
    // Only programmes that have backups have the column.
    let backups: Option<HashMap<&str, &str>> = (!matching.backups.is_empty()).then(|| {
        let ids = matching.backups.iter().map(|pair| (pair.participant.as_str(), pair.supporter.as_str()));
        ids.collect()
    });
    let column = backups.as_ref().map(|_| "backup".to_owned());
    let with =
        |record: &[String], last: Option<String>| record.iter().cloned().chain(last).collect::<Vec<_>>();
    let header = with(&HEADER.map(str::to_owned), column);
    writer.write_record(header).map_err(|error| failed(error.to_string()))?;
    for pair in &matching.pairs {
        let of_pair = |backups: &HashMap<&str, &str>| {
            harmless(backups.get(pair.participant.as_str()).copied().unwrap_or_default())
        };
        let record = with(&matched(pair), backups.as_ref().map(of_pair));
        writer.write_record(record).map_err(|error| failed(error.to_string()))?;
    }
    for row in &matching.unmatched {
        let mut record: [String; HEADER.len()] = Default::default();
        record[0] = harmless(row.participant.as_str());
        record[1].push_str(if row.reason == Reason::NoConsent { "no consent" } else { "unmatched" });
        record[11] = row.reason.to_string();
        record[12] = row
            .obstacles
            .iter()
            .map(|obstacle| {
                let words = Veto::describe_kind(&obstacle.kind);
                format!("{words}: {} ({} for this alone)", obstacle.supporters, obstacle.alone)
            })
            .collect::<Vec<_>>()
            .join("; ");
        record[12] = harmless(&record[12]);
        let record = with(&record, backups.as_ref().map(|_| String::new()));
        writer.write_record(record).map_err(|error| failed(error.to_string()))?;
    }
    let bytes = writer.into_inner().map_err(|error| failed(error.to_string()))?;
    String::from_utf8(bytes).map_err(|error| failed(error.to_string()))
}

fn matched(pair: &Match) -> [String; HEADER.len()] {
    let explanation = &pair.explanation;
    let relaxations =
        explanation.relaxations.iter().map(|step| step.name.as_str()).collect::<Vec<_>>().join("; ");
    let mut parts: Vec<_> = explanation.parts.iter().filter(|part| !part.note.is_empty()).collect();
    parts.sort_by_key(|part| std::cmp::Reverse(part.contribution));
    let why =
        parts.iter().map(|part| format!("{}: {}", part.criterion, part.note)).collect::<Vec<_>>().join("; ");
    [
        harmless(pair.participant.as_str()),
        "matched".to_owned(),
        harmless(pair.supporter.as_str()),
        format!("{:.6}", explanation.score.value()),
        format!("{:.6}", explanation.confidence.value()),
        pair.modality.map_or_else(String::new, |modality| modality.as_str().to_owned()),
        pair.distance_km.map_or_else(String::new, |distance| format!("{distance:.1}")),
        pair.language.as_ref().map_or_else(String::new, |tag| tag.as_str().to_owned()),
        match pair.origin {
            Origin::New => "new",
            Origin::Kept => "kept",
            Origin::Pinned => "pinned",
        }
        .to_owned(),
        harmless(&relaxations),
        harmless(&explanation.despite.join("; ")),
        String::new(),
        harmless(&why),
    ]
}

/// A cell that a spreadsheet would take for a formula gets an apostrophe before it (OWASP, *CSV Injection*).
fn harmless(text: &str) -> String {
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']) {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}
