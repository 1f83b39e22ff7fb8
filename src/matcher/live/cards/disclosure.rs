//! How much of a supporter's record a card may show without showing who it is.
//!
//! **Problem.** A supporter agrees to have a condition, a town, a child's age shown. Each is harmless, and all together
//! they may be one person in the world. (k-anonymity: L. Sweeney 2002.)
//!
//! **Method.** Each field has levels, from what the record says to nothing: a town, its region, nothing; conditions, what
//! they lie under, and so on up, nothing; an age, a span of five years, of ten, nothing. Every combination of levels is a
//! question: how many active supporters are all of that? Of the combinations that are shared by enough, one with the
//! fewest steps is shown; of these the one that says most, which is the one that the fewest share; then the one that
//! leaves the town vaguest, then conditions, issues, age, languages, gender. Exact: all combinations are counted, those with
//! fewer steps first.
//!
//! **Time.** O(supporters) for each value that some level has (a code, a town, a span of years), kept until a supporter
//! changes; 64 supporters at a time for each combination.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use serde::{Deserialize, Serialize};

use crate::program::{Code, Program, Shared, Supporter, Taxonomy};

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

/// Who is something, 64 in a word.
type Who = Arc<[u64]>;

/// One level of a field: its words, none where nothing is shown, and who is that too.
struct Level {
    words: Option<String>,
    who: Who,
}

/// Who shares what, and what may be shown of whom; kept until a supporter changes.
#[derive(Debug, Default)]
pub(super) struct Sharing {
    /// Who takes new matches, by position.
    active: Vec<u32>,
    who: Mutex<BTreeMap<(Shared, String), Who>>,
    of: Mutex<BTreeMap<(u32, u32), Arc<Disclosed>>>,
}

impl Sharing {
    pub(super) fn new(active: Vec<u32>) -> Self {
        Self { active, ..Self::default() }
    }

    /// What may be shown of a supporter so that at least so many are all of it.
    pub(super) fn disclosed(&self, program: &Program, supporter: u32, least: u32) -> Arc<Disclosed> {
        let kept = || self.of.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = kept().get(&(supporter, least)) {
            return Arc::clone(known);
        }
        let found = Arc::new(Disclosed::of(program, supporter as usize, self, least));
        kept().insert((supporter, least), Arc::clone(&found));
        found
    }

    /// Who of those who are active is something that has a name of its own.
    fn who(&self, field: Shared, name: String, is: &dyn Fn(usize) -> bool) -> Who {
        let kept = || self.who.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (field, name);
        if let Some(known) = kept().get(&key) {
            return Arc::clone(known);
        }
        let mut who = vec![0_u64; self.active.len().div_ceil(64)];
        for (place, &other) in self.active.iter().enumerate() {
            if is(other as usize) {
                who[place / 64] |= 1 << (place % 64);
            }
        }
        let who: Who = who.into();
        kept().insert(key, Arc::clone(&who));
        who
    }
}

/// The order in which fields are made vaguer where that is as good.
const ORDER: [Shared; 6] =
    [Shared::Town, Shared::Conditions, Shared::Issues, Shared::ChildAge, Shared::Languages, Shared::Gender];

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
    fn of(program: &Program, supporter: usize, sharing: &Sharing, least: u32) -> Self {
        let shares = &program.supporters()[supporter].card.shares;
        let fields: Vec<(Shared, Vec<Level>)> = ORDER
            .into_iter()
            .filter(|field| shares.contains(field))
            .map(|field| (field, levels(program, supporter, sharing, field)))
            .filter(|(_, levels)| levels.len() > 1)
            .collect();
        let most: usize = fields.iter().map(|(_, levels)| levels.len() - 1).sum();
        let mut everything = None;
        for steps in 0..=most {
            let mut best: Option<(u32, Vec<usize>)> = None;
            combinations(&fields, steps, &mut |chosen| {
                let count = shared_by(&fields, chosen, sharing.active.len());
                let better = |best: &(u32, Vec<usize>)| {
                    (count, std::cmp::Reverse(chosen)) < (best.0, std::cmp::Reverse(&best.1[..]))
                };
                if (count >= least || steps == most) && best.as_ref().is_none_or(better) {
                    best = Some((count, chosen.to_vec()));
                }
            });
            if best.is_some() {
                everything = best;
                break;
            }
        }
        let Some((shared_by, chosen)) = everything else { return Self::default() };
        let mut disclosed = Self { shared_by, ..Self::default() };
        for ((field, levels), level) in fields.iter().zip(chosen) {
            if let Some(words) = &levels[level].words {
                disclosed.shown.push((*field, words.clone()));
            }
            if level > 0 {
                let hidden = levels[level].words.is_none();
                disclosed.generalised.push(Generalised { field: *field, steps: level as u32, hidden });
            }
        }
        disclosed
    }
}

/// Every choice of a level for each field that takes so many steps together.
fn combinations(fields: &[(Shared, Vec<Level>)], steps: usize, tell: &mut dyn FnMut(&[usize])) {
    fn go(
        fields: &[(Shared, Vec<Level>)],
        left: usize,
        chosen: &mut Vec<usize>,
        tell: &mut dyn FnMut(&[usize]),
    ) {
        let Some((_, levels)) = fields.get(chosen.len()) else {
            if left == 0 {
                tell(chosen);
            }
            return;
        };
        for level in 0..levels.len().min(left + 1) {
            chosen.push(level);
            go(fields, left - level, chosen, tell);
            chosen.pop();
        }
    }
    go(fields, steps, &mut Vec::with_capacity(fields.len()), tell);
}

fn shared_by(fields: &[(Shared, Vec<Level>)], chosen: &[usize], active: usize) -> u32 {
    let word = |at: usize| {
        let own = fields.iter().zip(chosen).map(|((_, levels), &level)| levels[level].who[at]);
        own.fold(u64::MAX, |all, who| all & who)
    };
    let whole = active / 64;
    let mut count: u32 = (0..whole).map(|at| word(at).count_ones()).sum();
    if !active.is_multiple_of(64) {
        count += (word(whole) & ((1 << (active % 64)) - 1)).count_ones();
    }
    count
}

/// From what the record says to nothing; nothing alone where it is not known.
fn levels<'a>(program: &'a Program, supporter: usize, sharing: &Sharing, field: Shared) -> Vec<Level> {
    let mut levels = Vec::new();
    // What is equal has equal words, but for letter case.
    let mut level = |words: String, is: &dyn Fn(usize) -> bool| {
        let who = sharing.who(field, folded(&words), is);
        levels.push(Level { words: Some(words), who });
    };
    let all = program.supporters();
    let own = &all[supporter];
    match field {
        Shared::Town => {
            let region = program.supporter_region(supporter);
            let in_region = |other: usize| region.map(folded) == program.supporter_region(other).map(folded);
            if let Some(town) = &own.place.town {
                let there = |other: usize| {
                    all[other].place.town.as_ref().is_some_and(|theirs| folded(town) == folded(theirs))
                        && in_region(other)
                };
                // A town by itself is another than a region of that name.
                let words = region.map_or_else(|| format!("{town},"), |region| format!("{town}, {region}"));
                level(words, &there);
            }
            if let Some(region) = region {
                level(region.to_owned(), &in_region);
            }
            if let Some(first) = levels.first_mut() {
                first.words = first.words.take().map(|words| words.trim_end_matches(',').to_owned());
            }
        }
        Shared::Conditions | Shared::Issues => {
            let of = |supporter: &'a Supporter| match field {
                Shared::Conditions => &supporter.conditions,
                _ => &supporter.issues,
            };
            let is_condition = field == Shared::Conditions;
            let taxonomy = if is_condition { program.conditions() } else { program.issues() };
            let mut codes = of(own).clone();
            while !codes.is_empty() {
                let mut who = vec![u64::MAX; sharing.active.len().div_ceil(64)];
                for top in &codes {
                    let is = |other: usize| {
                        of(&all[other]).iter().any(|code| taxonomy.is_same_or_below(code, top))
                    };
                    let theirs = sharing.who(field, top.as_str().to_owned(), &is);
                    who.iter_mut().zip(theirs.iter()).for_each(|(all, own)| *all &= own);
                }
                let words: Vec<&str> = codes.iter().map(|code| taxonomy.name(code)).collect();
                levels.push(Level { words: Some(words.join(", ")), who: who.into() });
                codes = above(taxonomy, &codes);
            }
        }
        Shared::ChildAge => {
            if let Some(age) = own.child_age {
                let year = age.floor() as i64;
                for span in [1, 5, 10] {
                    let first = year.div_euclid(span) * span;
                    let is = |other: usize| {
                        all[other]
                            .child_age
                            .is_some_and(|age| (age.floor() as i64).div_euclid(span) * span == first)
                    };
                    let words = if span == 1 {
                        first.to_string()
                    } else {
                        format!("{first} to {}", first + span - 1)
                    };
                    level(words, &is);
                }
            }
        }
        Shared::Languages => {
            if !own.languages.is_empty() {
                let is = |other: usize| {
                    let theirs = &all[other].languages;
                    own.languages
                        .iter()
                        .all(|tag| theirs.iter().any(|their| tag.mutually_intelligible(their)))
                };
                let words: Vec<String> = own.languages.iter().map(ToString::to_string).collect();
                level(words.join(", "), &is);
            }
        }
        Shared::Gender => {
            if let Some(gender) = &own.gender {
                let is = |other: usize| {
                    all[other].gender.as_ref().is_some_and(|theirs| folded(gender) == folded(theirs))
                };
                level(gender.clone(), &is);
            }
        }
    }
    levels.push(Level { words: None, who: vec![u64::MAX; sharing.active.len().div_ceil(64)].into() });
    levels
}

fn folded(text: &str) -> String {
    text.trim().to_lowercase()
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
