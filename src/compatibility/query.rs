//! A participant, made ready to be asked about against every supporter.

use super::blocks::Blocks;
use super::columns::{modality_bit, modality_bits};
use super::facts::PairFacts;
use super::tables::{Shared, Tables};
use super::traits::{CompiledWish, Trait};
use super::{Compatibility, Standing};
use crate::policy::criteria::to_micro;
use crate::policy::{BuiltIn, KnownPairs};
use crate::program::{EARTH_RADIUS_KM, Modality, Participant, Program, WEEK_MINUTES};

/// In [`Query::languages`]: the languages of one side are not known.
pub(super) const NOT_KNOWN: u32 = u32::MAX;

/// A remote way of meeting: its factor on the score, and its place in the participant's list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remote {
    pub(super) modality: Modality,
    pub(super) factor: f64,
    /// The factor in millionths.
    pub(super) score: u32,
    pub(super) place: usize,
}

/// One participant in the numbers of the columns.
pub(super) struct Query<'a> {
    pub(super) index: usize,
    pub(super) participant: &'a Participant,
    pub(super) program: &'a Program,
    /// Weight of each criterion in thousandths, personal factors included.
    pub(super) weights: Vec<u32>,
    /// Their sum.
    pub(super) all_weights: u64,
    pub(super) facts: &'a [(u32, PairFacts)],
    pub(super) vetoes_known: bool,
    pub(super) standing: Option<Standing>,
    pub(super) conditions: &'a [u32],
    pub(super) condition_weights: Vec<u32>,
    pub(super) under_conditions: Vec<u32>,
    pub(super) issues: &'a [u32],
    pub(super) issue_weights: Vec<u32>,
    pub(super) under_issues: Vec<u32>,
    pub(super) place: Option<[f64; 3]>,
    pub(super) travel_km: f64,
    /// For each of the distances that supporters travel, the square of a chord through the unit sphere: whoever lives
    /// farther away is out of reach, whatever step of the ladder is taken.
    pub(super) out_of_reach: Vec<f64>,
    pub(super) modalities: u8,
    /// They stated in which ways they would meet.
    pub(super) states_ways: bool,
    /// Factor and place in the list of meeting in person.
    pub(super) in_person: Option<(f64, usize)>,
    /// The best remote way of meeting for each set of modalities.
    pub(super) remote: [Option<Remote>; 8],
    /// Score in millionths of each of the supporters' sets of languages, 0 where none is shared.
    pub(super) languages: Vec<u32>,
    pub(super) experience_years: f64,
    /// How many minutes they have time before each multiple of the columns' unit, from the beginning of the week on;
    /// empty where that is not known.
    pub(super) minutes_before: Vec<u16>,
    pub(super) full_minutes: f64,
    pub(super) traits: &'a [Trait],
    pub(super) wishes: &'a [CompiledWish],
    /// Answers worked out beforehand; empty where one pair alone is asked about.
    pub(super) tables: Tables,
}

impl<'a> Query<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, program: &'a Program, index: usize) -> Self {
        let participant = &program.participants()[index];
        let policy = compatibility.policy();
        let criteria = &policy.criteria;
        let name = |criterion: usize| match BuiltIn::ALL.get(criterion) {
            Some(built_in) => built_in.as_str(),
            None => compatibility.custom[criterion - BuiltIn::ALL.len()].name(),
        };
        let conditions = compatibility.conditions.participant(index);
        let issues = compatibility.issues.participant(index);
        // What is stated twice counts once, or what comes after it would be pushed down the list.
        let ways: Vec<Modality> = match &participant.modalities[..] {
            [] => Modality::ALL.to_vec(),
            stated => each_once(stated),
        };
        let way = |modality| ways.iter().position(|&way| way == modality);
        // Who stated no list has no first choice and no second.
        let stated = !participant.modalities.is_empty();
        let factor = |place| if stated { criteria.geography.modality_factor(place) } else { 1.0 };
        let in_person = way(Modality::InPerson).map(|place| (factor(place), place));
        let remote = [0_u8, 1, 2, 3, 4, 5, 6, 7].map(|bits| {
            let open =
                ways.iter().enumerate().find(|&(_, &way)| way.is_remote() && bits & modality_bit(way) != 0);
            open.map(|(place, &modality)| {
                let factor = factor(place);
                Remote { modality, factor, score: to_micro(factor), place }
            })
        });
        let people = &compatibility.people;
        let columns = &compatibility.columns;
        let travel_km = participant.travel_km.unwrap_or(criteria.geography.default_travel_km);
        let score_of_set = |set: usize| {
            let spoken = columns.languages.list(set);
            if spoken.is_empty() || participant.languages.is_empty() {
                return NOT_KNOWN;
            }
            let score = |&tag: &u16| {
                let place = people.place_of_language(index, tag);
                place.map_or(0, |place| to_micro(criteria.language.score(place)))
            };
            spoken.iter().map(score).max().unwrap_or(0)
        };
        let weights =
            compatibility.rules.weights_for(|criterion| participant.weights.get(name(criterion)).copied());
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
            condition_weights: criteria.condition.overlap.code_weights(conditions.len()).collect(),
            conditions,
            under_conditions: compatibility.conditions.under(index),
            issue_weights: criteria.issue.overlap.code_weights(issues.len()).collect(),
            issues,
            under_issues: compatibility.issues.under(index),
            place: program.participant_coordinates(index).map(crate::program::Coordinates::unit_vector),
            travel_km,
            out_of_reach: columns
                .travels
                .iter()
                .map(|&theirs| {
                    let reach_km = criteria.geography.reach.together(travel_km, theirs);
                    beyond(reach_km * compatibility.rules.widest_travel)
                })
                .collect(),
            modalities: modality_bits(&participant.modalities),
            states_ways: stated,
            in_person,
            remote,
            languages: (0..columns.languages.len()).map(score_of_set).collect(),
            experience_years: people.experience_years[index],
            minutes_before: minutes_before(people.availability.row(index), columns.unit),
            full_minutes: criteria.availability.full_minutes_for(participant.hours_per_week),
            wishes: people.wishes.row(index),
            traits: people.traits.row(index),
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
fn beyond(distance_km: f64) -> f64 {
    let angle = distance_km / EARTH_RADIUS_KM;
    if angle >= std::f64::consts::PI {
        return f64::INFINITY;
    }
    (2.0 * (angle / 2.0).sin()).powi(2) * (1.0 + 1e-9) + 1e-18
}

/// The items of a list, each where it stands first.
fn each_once<T: PartialEq + Clone>(list: &[T]) -> Vec<T> {
    let mut once: Vec<T> = Vec::with_capacity(list.len());
    for item in list {
        if !once.contains(item) {
            once.push(item.clone());
        }
    }
    once
}
