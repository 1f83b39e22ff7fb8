//! The tables that people's fields are looked up in: gazetteer and taxonomies, read once and kept.
//!
//! They stay what they are while people come and go, so a program and its clones share one set of them.

use std::collections::HashMap;

use jiff::tz::TimeZone;

use super::{Code, Coordinates, Gazetteer, Lookup, Place, Taxonomy};

/// Gazetteer and taxonomies, with what is found in them faster than by going through them.
#[derive(Default)]
pub(super) struct Reference {
    pub(super) gazetteer: Gazetteer,
    pub(super) conditions: Taxonomy,
    pub(super) issues: Taxonomy,
    /// The codes by what is left of them without letter case and punctuation.
    condition_spellings: HashMap<String, Code>,
    issue_spellings: HashMap<String, Code>,
}

/// A taxonomy, and its codes by their spellings.
pub(super) type Spelled<'a> = (&'a Taxonomy, &'a HashMap<String, Code>);

impl Reference {
    pub(super) fn new(gazetteer: Gazetteer, conditions: Taxonomy, issues: Taxonomy) -> Self {
        let (condition_spellings, issue_spellings) = (spellings(&conditions), spellings(&issues));
        Self { gazetteer, conditions, issues, condition_spellings, issue_spellings }
    }

    /// The taxonomies of conditions and of issues.
    pub(super) fn taxonomies(&self) -> (Spelled<'_>, Spelled<'_>) {
        ((&self.conditions, &self.condition_spellings), (&self.issues, &self.issue_spellings))
    }

    /// What gazetteer and time zone database know of somebody; `zone_named` finds a time zone by its name.
    pub(super) fn locate(
        &self,
        place: &Place,
        zone: Option<&String>,
        mut zone_named: impl FnMut(&str) -> Option<TimeZone>,
    ) -> Located {
        let (at, entry) = match self.gazetteer.look_up(place) {
            Lookup::Found(at, entry) => (Some(at), entry),
            _ => (None, None),
        };
        let name = zone.or(entry.and_then(|entry| entry.time_zone.as_ref()));
        let stated = place.region.as_ref().filter(|region| !region.trim().is_empty());
        let region = stated.or(entry.and_then(|entry| entry.region.as_ref())).cloned();
        Located { at, zone: name.and_then(|name| zone_named(name)), region }
    }
}

/// What the gazetteer and the time zone database know of a person.
#[derive(Clone, Default)]
pub(super) struct Located {
    pub(super) at: Option<Coordinates>,
    pub(super) zone: Option<TimeZone>,
    /// The state or region, as the person states it or else as the gazetteer has it.
    pub(super) region: Option<String>,
}

fn spellings(taxonomy: &Taxonomy) -> HashMap<String, Code> {
    let codes = taxonomy.graph().node_weights().map(|concept| &concept.code);
    codes.map(|code| (bare(code.as_str()), code.clone())).collect()
}

/// What is left of a code without letter case and punctuation.
pub(super) fn bare(code: &str) -> String {
    code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}
