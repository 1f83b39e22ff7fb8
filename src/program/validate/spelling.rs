//! One code written in two ways: `f84.0` on one side and `F840` on the other would match nobody.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Checker, Record};
use crate::program::reference::{Reference, bare};
use crate::program::source::Table;
use crate::program::{Code, ProgramData, Taxonomy};

/// So many spellings are told; the rest show themselves once these are mended.
const TOLD: usize = 20;

pub(super) fn check(checker: &mut Checker<'_>, data: &ProgramData, reference: &Reference) {
    let participants = |of: fn(&ProgramData, usize) -> &[Code]| places(data, data.participants.len(), of);
    let supporters = |of: fn(&ProgramData, usize) -> &[Code]| places(data, data.supporters.len(), of);
    let conditions = (
        participants(|data, at| &data.participants[at].conditions),
        supporters(|data, at| &data.supporters[at].conditions),
    );
    spellings(checker, data, "conditions", &reference.conditions, &conditions);
    let issues = (
        participants(|data, at| &data.participants[at].issues),
        supporters(|data, at| &data.supporters[at].issues),
    );
    spellings(checker, data, "issues", &reference.issues, &issues);
}

/// Each code of one side with the person (by position) who has it first, and how many have it.
type Places<'a> = BTreeMap<&'a str, (usize, usize)>;

fn places<'a>(
    data: &'a ProgramData,
    people: usize,
    of: impl Fn(&'a ProgramData, usize) -> &'a [Code],
) -> Places<'a> {
    let mut places = Places::new();
    for position in 0..people {
        for code in of(data, position) {
            places.entry(code.as_str()).or_insert((position, 0)).1 += 1;
        }
    }
    places
}

fn spellings(
    checker: &mut Checker<'_>,
    data: &ProgramData,
    field: &str,
    taxonomy: &Taxonomy,
    (participants, supporters): &(Places<'_>, Places<'_>),
) {
    let mut groups: HashMap<String, BTreeSet<&str>> = HashMap::new();
    for &code in participants.keys().chain(supporters.keys()) {
        groups.entry(bare(code)).or_default().insert(code);
    }
    let mut told = Vec::new();
    for (bare, group) in &groups {
        // What the taxonomy has is meant as it stands, and what it lacks is told as such.
        let in_taxonomy = group.iter().any(|&code| taxonomy.concept(&code.into()).is_some());
        if group.len() < 2 || bare.is_empty() || in_taxonomy {
            continue;
        }
        let count = |code: &str| {
            [participants, supporters].iter().map(|side| side.get(code).map_or(0, |at| at.1)).sum()
        };
        let Some(usual) = group.iter().copied().max_by_key(|code| -> (usize, std::cmp::Reverse<&str>) {
            (count(code), std::cmp::Reverse(*code))
        }) else {
            continue;
        };
        for &code in group.iter().filter(|&&code| code != usual) {
            // Where only one side knows either of them, nobody misses a match by it.
            let across = |here: &Places<'_>, there: &Places<'_>| {
                here.contains_key(code)
                    && group.iter().any(|&other| other != code && there.contains_key(other))
            };
            if !across(participants, supporters) && !across(supporters, participants) {
                continue;
            }
            let (table, at) = match (participants.get(code), supporters.get(code)) {
                (Some(&(at, _)), _) => (Table::Participants, at),
                (None, Some(&(at, _))) => (Table::Supporters, at),
                (None, None) => continue,
            };
            told.push((table, at, code, usual));
        }
    }
    told.sort_unstable();
    for (table, position, code, usual) in told.into_iter().take(TOLD) {
        let id = match table {
            Table::Participants => data.participants[position].id.as_str(),
            _ => data.supporters[position].id.as_str(),
        };
        checker.warning(
            Record { table, position, id },
            field,
            code,
            "others write this code with other letter case or punctuation, and count as having another"
                .to_owned(),
            format!("write {usual} throughout if that is meant"),
        );
    }
}
