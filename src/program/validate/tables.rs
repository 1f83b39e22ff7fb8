//! Checks of the reference tables: taxonomies and gazetteer.

use std::cell::OnceCell;

use super::{Checker, LATITUDE, LONGITUDE, Record};
use crate::program::source::Table;
use crate::program::{Code, Concept, Gazetteer, Taxonomy, TaxonomyFault};

pub(super) fn taxonomy(checker: &mut Checker<'_>, table: Table, concepts: Vec<Concept>) -> Taxonomy {
    let codes: Vec<Code> = concepts.iter().map(|concept| concept.code.clone()).collect();
    for (position, code) in codes.iter().enumerate() {
        let of = Record { table, position, id: code.as_str() };
        checker.name(of, "code", code.as_str(), "code");
    }
    let (taxonomy, faults) = Taxonomy::new(concepts);
    for fault in faults {
        let (TaxonomyFault::Duplicate { line, .. }
        | TaxonomyFault::UnknownParent { line, .. }
        | TaxonomyFault::Cycle { line, .. }) = fault;
        let of = Record { table, position: line, id: codes[line].as_str() };
        match fault {
            TaxonomyFault::Duplicate { first, .. } => {
                let row = checker.row(table, first);
                checker.error(
                    of,
                    "code",
                    of.id,
                    format!("the code stands in row {row} already"),
                    "take one of the rows out; several parents of one code go into one row".to_owned(),
                );
            }
            TaxonomyFault::UnknownParent { parent, .. } => {
                let remedy = checker.suggest(
                    "parent",
                    parent.as_str(),
                    || codes.iter().map(Code::as_str).collect(),
                    "add a row for it, or take it out",
                );
                checker.error(of, "parents", &parent, "no row has this code".to_owned(), remedy);
            }
            TaxonomyFault::Cycle { codes, .. } => {
                let mut circle: Vec<&str> = codes.iter().map(Code::as_str).collect();
                circle.extend(circle.first().copied());
                checker.error(
                    of,
                    "parents",
                    circle.join(" > "),
                    "these codes lie above one another in a circle".to_owned(),
                    "take the parent out that leads back".to_owned(),
                );
            }
        }
    }
    taxonomy
}

pub(super) fn gazetteer(checker: &mut Checker<'_>, gazetteer: &Gazetteer) {
    for (position, entry) in gazetteer.entries().iter().enumerate() {
        let id = entry.postcode.as_deref().or(entry.town.as_deref()).unwrap_or_default();
        let of = Record { table: Table::Gazetteer, position, id };
        let named = [&entry.postcode, &entry.town].into_iter().flatten().any(|name| !name.trim().is_empty());
        if !named && !checker.any_broken(of, &["postcode", "town"]) {
            checker.error(
                of,
                "postcode",
                "",
                "the line has neither a postcode nor a town".to_owned(),
                "give it one of the two, or take it out".to_owned(),
            );
        }
        checker.range(of, "latitude", Some(entry.latitude), LATITUDE);
        checker.range(of, "longitude", Some(entry.longitude), LONGITUDE);
        time_zone(checker, of, entry.time_zone.as_deref());
    }
}

/// The name has to be in the IANA time zone database.
pub(super) fn time_zone(checker: &mut Checker<'_>, of: Record<'_>, name: Option<&str>) {
    let Some(name) = name else { return };
    if checker.zone(name).is_some() {
        return;
    }
    let known: OnceCell<Vec<String>> = OnceCell::new();
    let names = || {
        let known = known.get_or_init(|| jiff::tz::db().available().map(|zone| zone.to_string()).collect());
        known.iter().map(String::as_str).collect()
    };
    let remedy = checker.suggest("time zone", name, names, "write an IANA name such as America/Chicago");
    checker.error(of, "time_zone", name, "no such time zone is known".to_owned(), remedy);
}
