//! Checks of the reference tables: taxonomies and gazetteer.

use std::cell::OnceCell;
use std::collections::HashMap;

use super::{Checker, LATITUDE, LONGITUDE, Record};
use crate::program::source::Table;
use crate::program::{Code, Concept, DEEPEST, Gazetteer, Taxonomy, TaxonomyFault, fold};

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
        | TaxonomyFault::Cycle { line, .. }
        | TaxonomyFault::TooDeep { line }) = fault;
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
                const SHOWN: usize = 20;
                let mut circle: Vec<&str> = codes.iter().take(SHOWN).map(Code::as_str).collect();
                circle.extend((codes.len() > SHOWN).then_some("..."));
                circle.extend(codes.first().map(Code::as_str));
                checker.error(
                    of,
                    "parents",
                    circle.join(" > "),
                    "these codes lie above one another in a circle".to_owned(),
                    "take the parent out that leads back".to_owned(),
                );
            }
            TaxonomyFault::TooDeep { .. } => checker.error(
                of,
                "parents",
                of.id,
                format!("the codes are nested deeper than {DEEPEST} levels from here on"),
                "check that each parent is the code right above; real taxonomies have under 30 levels"
                    .to_owned(),
            ),
        }
    }
    taxonomy
}

/// Rows of one postcode that lie apart: so many are told by themselves.
const APART: usize = 20;

pub(super) fn gazetteer(checker: &mut Checker<'_>, gazetteer: &Gazetteer) {
    let mut first_of: HashMap<String, usize> = HashMap::new();
    let mut apart = 0;
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
        let Some(postcode) = &entry.postcode else { continue };
        let first = *first_of.entry(fold(postcode)).or_insert(position);
        let same = &gazetteer.entries()[first];
        if (same.latitude, same.longitude) == (entry.latitude, entry.longitude)
            || checker.any_broken(of, &["latitude", "longitude"])
        {
            continue;
        }
        apart += 1;
        if apart <= APART {
            let row = checker.row(Table::Gazetteer, first);
            checker.warning(
                of,
                "postcode",
                postcode,
                format!("the postcode stands in row {row} already, at another place, and counts by that row"),
                "keep the row whose coordinates are right".to_owned(),
            );
        }
    }
    if apart > APART {
        checker.whole_table(
            Table::Gazetteer,
            "postcode",
            format!(
                "{} more rows give a postcode another place than the first row that has it",
                apart - APART
            ),
            "keep one row for each postcode; until then the first counts",
        );
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
