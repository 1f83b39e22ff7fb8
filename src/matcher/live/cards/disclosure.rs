//! How much of a supporter's record a card may show without showing who it is.
//!
//! **Problem.** A supporter agrees to have a condition, a town, a child's age shown. Each is harmless, and all together
//! they may be one person in the world. (k-anonymity: L. Sweeney 2002.)
//!
//! **Method.** Each field has levels, from what the record says to nothing: a town, its region, nothing; conditions, what
//! they lie under, and so on up, nothing; an age, a span of five years, of ten, nothing. Every combination of levels is a
//! question: how many active supporters are all of that? Of the combinations that are shared by enough, one with the
//! fewest steps is shown; of these the one that says most, which is the one that the fewest share; then the one that
//! leaves the town vaguest, then conditions, issues, age, languages, gender. Exact: no
//! combination of fewer steps, or of as many, is left uncounted.
//!
//! **Time.** O(supporters x fields) for each supporter who is shown, kept until something changes that supporters share;
//! see [`sharing`](super::sharing).

use serde::{Deserialize, Serialize};

use super::sharing::{Sharing, codes_of, taxonomy};
use crate::program::{Code, Program, Shared, Taxonomy};

/// A field of the record that a card shows in other words than the record, or not at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Generalised {
    /// Which.
    pub field: Shared,
    /// By how many steps.
    pub steps: u32,
    /// Nothing of it is shown.
    pub hidden: bool,
}

/// What is shown of a record.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Disclosed {
    pub(super) shown: Vec<(Shared, String)>,
    pub(super) generalised: Vec<Generalised>,
    /// How many active supporters are all of what is shown.
    pub(super) shared_by: u32,
}

/// The fields, in the order in which they are made vaguer where that is as good.
pub(super) const FIELDS: [Shared; 6] =
    [Shared::Town, Shared::Conditions, Shared::Issues, Shared::ChildAge, Shared::Languages, Shared::Gender];
/// The places of two of them.
pub(super) const CONDITIONS: usize = 1;
pub(super) const ISSUES: usize = 2;
/// Years that a child's age is told by, vaguer and vaguer.
pub(super) const AGE_SPANS: [i64; 3] = [1, 5, 10];

impl Disclosed {
    /// A field is shown as it is, no vaguer.
    pub(super) fn shows(&self, field: Shared) -> bool {
        self.shown.iter().any(|own| own.0 == field) && !self.generalised.iter().any(|own| own.field == field)
    }

    /// Something of a field is shown.
    pub(super) fn tells_of(&self, field: Shared) -> bool {
        self.shown.iter().any(|own| own.0 == field)
    }

    /// What may be shown of a supporter so that at least `least` are all of it.
    pub(super) fn of(program: &Program, supporter: usize, sharing: &Sharing, least: u32) -> Self {
        let shares = &program.supporters()[supporter].card.shares;
        let fields: Vec<(Shared, Vec<String>)> = FIELDS
            .into_iter()
            .filter(|field| shares.contains(field))
            .map(|field| (field, levels(program, supporter, field)))
            .filter(|(_, levels)| !levels.is_empty())
            .collect();
        if fields.is_empty() {
            return Self { shared_by: sharing.active(), ..Self::default() };
        }
        let shown: Vec<Shared> = fields.iter().map(|own| own.0).collect();
        let (chosen, shared_by) = sharing.counts(program, supporter, &shown).chosen(least);
        let mut disclosed = Self { shared_by, ..Self::default() };
        for ((field, levels), level) in fields.iter().zip(chosen) {
            if let Some(words) = levels.get(level) {
                disclosed.shown.push((*field, words.clone()));
            }
            if level > 0 {
                let hidden = level == levels.len();
                disclosed.generalised.push(Generalised { field: *field, steps: level as u32, hidden });
            }
        }
        disclosed
    }
}

/// The words of a field's levels, from what the record says; none where it is not known. Nothing is one level more.
fn levels(program: &Program, supporter: usize, field: Shared) -> Vec<String> {
    let own = &program.supporters()[supporter];
    match field {
        Shared::Town => {
            let region = program.supporter_region(supporter);
            let town = own
                .place
                .town
                .as_ref()
                .map(|town| region.map_or_else(|| town.clone(), |region| format!("{town}, {region}")));
            town.into_iter().chain(region.map(str::to_owned)).collect()
        }
        Shared::Conditions | Shared::Issues => {
            let taxonomy = taxonomy(program, field);
            let words = |codes: Vec<Code>| -> String {
                codes.iter().map(|code| taxonomy.name(code)).collect::<Vec<_>>().join(", ")
            };
            levels_of_codes(taxonomy, codes_of(own, field)).into_iter().map(words).collect()
        }
        Shared::ChildAge => own.child_age.map_or_else(Vec::new, |age| {
            let span = |span: i64| match (age.floor() as i64).div_euclid(span) * span {
                first if span == 1 => first.to_string(),
                first => format!("{first} to {}", first + span - 1),
            };
            AGE_SPANS.into_iter().map(span).collect()
        }),
        Shared::Languages if own.languages.is_empty() => Vec::new(),
        Shared::Languages => {
            vec![own.languages.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")]
        }
        Shared::Gender => own.gender.iter().cloned().collect(),
    }
}

pub(super) fn folded(text: &str) -> String {
    text.trim().to_lowercase()
}

/// Codes, what they lie under, and so on up to the top.
pub(super) fn levels_of_codes(taxonomy: &Taxonomy, codes: &[Code]) -> Vec<Vec<Code>> {
    let mut levels = Vec::new();
    let mut codes = codes.to_vec();
    while !codes.is_empty() {
        let above = above(taxonomy, &codes);
        levels.push(std::mem::replace(&mut codes, above));
    }
    levels
}

/// What codes lie under, each under its first; none once all are at the top.
fn above(taxonomy: &Taxonomy, codes: &[Code]) -> Vec<Code> {
    let parent = |code: &Code| taxonomy.concept(code).and_then(|concept| concept.parents.first()).cloned();
    if codes.iter().all(|code| parent(code).is_none()) {
        return Vec::new();
    }
    let mut above: Vec<Code> =
        codes.iter().map(|code| parent(code).unwrap_or_else(|| code.clone())).collect();
    above.sort();
    above.dedup();
    above
}
