//! A participant, made ready to be asked about against every supporter.

use super::blocks::Blocks;
use super::facts::PairFacts;
use super::people::Ways;
use super::tables::{Shared, Tables};
use super::traits::{CompiledWish, Trait};
use super::{Compatibility, Standing};
use crate::policy::KnownPairs;
use crate::program::{EARTH_RADIUS_KM, Participant, Program, WEEK_MINUTES};

/// One participant in the numbers of the columns.
pub(super) struct Query<'a> {
    pub(super) index: usize,
    pub(super) participant: &'a Participant,
    pub(super) program: &'a Program,
    /// Weight of each criterion in thousandths, personal factors included.
    pub(super) weights: &'a [u32],
    /// Their sum.
    pub(super) all_weights: u64,
    pub(super) facts: &'a [(u32, PairFacts)],
    pub(super) vetoes_known: bool,
    pub(super) standing: Option<Standing>,
    pub(super) conditions: &'a [u32],
    pub(super) condition_weights: &'a [u32],
    pub(super) under_conditions: Vec<u32>,
    pub(super) issues: &'a [u32],
    pub(super) issue_weights: &'a [u32],
    pub(super) under_issues: Vec<u32>,
    pub(super) place: Option<[f64; 3]>,
    pub(super) travel_km: f64,
    /// For each of the distances that supporters travel, the square of a chord through the unit sphere: whoever lives
    /// farther away is out of reach, whatever step of the ladder is taken.
    pub(super) out_of_reach: Vec<f64>,
    pub(super) ways: &'a Ways,
    /// The score of each of the supporters' lists of languages, as
    /// [`Languages::score`](super::languages::Languages::score) has it.
    pub(super) languages: Vec<u32>,
    pub(super) experience_years: f64,
    /// How many minutes they have time before each multiple of the columns' unit, from the beginning of the week on;
    /// empty where that is not known.
    pub(super) minutes_before: Vec<u16>,
    pub(super) full_minutes: f64,
    pub(super) traits: &'a [Trait],
    pub(super) wishes: &'a [CompiledWish],
    /// So few will be asked about that what many share is not in the caches.
    pub(super) asks_few: bool,
    /// Answers worked out beforehand; empty where one pair alone is asked about.
    pub(super) tables: Tables,
}

impl<'a> Query<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, program: &'a Program, index: usize) -> Self {
        let participant = &program.participants()[index];
        let policy = compatibility.policy();
        let criteria = &policy.criteria;
        let conditions = compatibility.conditions.participant(index);
        let issues = compatibility.issues.participant(index);
        let people = &compatibility.people;
        let person = &people.rows[index];
        let columns = &compatibility.columns;
        let languages = &compatibility.languages;
        let travel_km = people.travel_km(person);
        let weights = people.weights.row(index);
        Self {
            index,
            participant,
            program,
            all_weights: weights.iter().map(|&weight| u64::from(weight)).sum(),
            weights,
            facts: compatibility.facts.of(index),
            vetoes_known: match policy.requirements.known_pairs {
                KnownPairs::Allowed => false,
                KnownPairs::Vetoed => true,
                KnownPairs::VetoedUnlessAccepted => !participant.accepts_known,
            },
            standing: compatibility.standing(index),
            condition_weights: compatibility.conditions.weights(conditions),
            conditions,
            under_conditions: compatibility.conditions.under(index),
            issue_weights: compatibility.issues.weights(issues),
            issues,
            under_issues: compatibility.issues.under(index),
            place: person.place,
            travel_km,
            out_of_reach: columns
                .travels()
                .map(|theirs| {
                    let reach_km = criteria.geography.reach.together(travel_km, theirs);
                    beyond(reach_km * compatibility.rules.widest_travel)
                })
                .collect(),
            ways: people.ways(person),
            languages: (0..languages.supporters.len())
                .map(|list| {
                    let (ours, theirs) = (languages.participants.row(index), languages.supporters.list(list));
                    languages.score(&criteria.language, ours, theirs)
                })
                .collect(),
            experience_years: person.experience_years,
            minutes_before: minutes_before(people.availability.row(index), columns.unit),
            full_minutes: person.full_minutes,
            wishes: people.wishes.row(index),
            traits: people.traits.row(index),
            asks_few: false,
            tables: Tables::default(),
        }
    }

    /// Works out beforehand what pays where so many supporters will be asked about.
    pub(super) fn prepare(mut self, compatibility: &Compatibility, supporters: usize) -> Self {
        self.tables = Tables::new(compatibility, &self, supporters);
        self
    }

    /// Works out beforehand what a search through the blocks takes.
    pub(super) fn prepare_search(
        mut self,
        compatibility: &Compatibility,
        blocks: &Blocks,
        shared: &mut Shared,
    ) -> Self {
        self.tables = Tables::for_search(compatibility, &self, blocks, shared);
        self
    }

    /// Works out beforehand what pays where few supporters will be asked about.
    pub(super) fn prepare_few(mut self, compatibility: &Compatibility) -> Self {
        self.tables = Tables::for_few(compatibility, &self);
        self.asks_few = true;
        self
    }

    /// What is known of this participant and that supporter.
    #[inline]
    pub(super) fn pair_facts(&self, supporter: u32) -> PairFacts {
        match self.facts.binary_search_by_key(&supporter, |&(other, _)| other) {
            Ok(place) => self.facts[place].1,
            Err(_) => PairFacts::default(),
        }
    }
}

/// How many minutes of the sorted spans lie before each multiple of the unit; empty for no spans.
fn minutes_before(spans: &[(u16, u16)], unit: u16) -> Vec<u16> {
    if spans.is_empty() {
        return Vec::new();
    }
    let (unit, all) = (usize::from(unit), WEEK_MINUTES as usize / usize::from(unit) + 1);
    let mut before = Vec::with_capacity(all);
    let mut passed = 0;
    for &(start, end) in spans {
        let first = usize::from(start) / unit + 1;
        before.resize(first.max(before.len()), passed);
        let within =
            (before.len()..usize::from(end).div_ceil(unit)).map(|place| (place * unit) as u16 - start);
        before.extend(within.map(|minutes| passed + minutes));
        passed += end - start;
    }
    before.resize(all, passed);
    before
}

/// The square of a chord through the unit sphere that is longer than that of any two places so far apart, by more than
/// rounding can amount to.
pub(super) fn beyond(distance_km: f64) -> f64 {
    let angle = distance_km / EARTH_RADIUS_KM;
    if angle >= std::f64::consts::PI {
        return f64::INFINITY;
    }
    (2.0 * (angle / 2.0).sin()).powi(2) * (1.0 + 1e-9) + 1e-18
}
