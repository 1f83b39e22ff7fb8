//! A participant, made ready to be asked about against every supporter.

use super::columns::{modality_bit, modality_bits, week, years_between};
use super::facts::PairFacts;
use super::traits::{CompiledWish, Trait};
use super::{Compatibility, Standing};
use crate::policy::{BuiltIn, KnownPairs};
use crate::program::{Modality, Participant, Program};

/// A remote way of meeting: its factor on the score, and its place in the participant's list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remote {
    pub(super) modality: Modality,
    pub(super) factor: f64,
    pub(super) place: usize,
}

/// One participant in the numbers of the columns.
pub(super) struct Query<'a> {
    pub(super) index: usize,
    pub(super) participant: &'a Participant,
    pub(super) program: &'a Program,
    /// Weight of each criterion in thousandths, personal factors included.
    pub(super) weights: Vec<u32>,
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
    pub(super) modalities: u8,
    /// They stated in which ways they would meet.
    pub(super) states_ways: bool,
    /// Factor and place in the list of meeting in person.
    pub(super) in_person: Option<(f64, usize)>,
    /// The best remote way of meeting for each set of modalities.
    pub(super) remote: [Option<Remote>; 8],
    /// Score in millionths of each of the supporters' language tags, 0 where not spoken; empty where the
    /// participant's languages are not known.
    pub(super) languages: Vec<u32>,
    pub(super) experience_years: f64,
    pub(super) availability: Vec<(u16, u16)>,
    pub(super) full_minutes: f64,
    pub(super) traits: Vec<Trait>,
    pub(super) wishes: Vec<CompiledWish>,
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
            open.map(|(place, &modality)| Remote { modality, factor: factor(place), place })
        });
        let mut languages = Vec::new();
        let spoken = each_once(&participant.languages);
        if !spoken.is_empty() {
            languages.extend(compatibility.columns.language_tags.iter().map(|tag| {
                let place = spoken.iter().position(|own| own.mutually_intelligible(tag));
                place.map_or(0, |place| crate::policy::criteria::to_micro(criteria.language.score(place)))
            }));
        }
        let traits = compatibility.symbols.traits(&participant.attributes, participant.gender.as_ref());
        Self {
            index,
            participant,
            program,
            weights: compatibility
                .rules
                .weights_for(|criterion| participant.weights.get(name(criterion)).copied()),
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
            travel_km: participant.travel_km.unwrap_or(criteria.geography.default_travel_km),
            modalities: modality_bits(&participant.modalities),
            states_ways: stated,
            in_person,
            remote,
            languages,
            experience_years: participant
                .experience_since
                .map_or(0.0, |since| years_between(since, compatibility.as_of)),
            availability: week(
                &participant.availability,
                program.participant_zone(index),
                compatibility.as_of,
            ),
            full_minutes: criteria.availability.full_minutes_for(participant.hours_per_week),
            wishes: compatibility.symbols.wishes(&participant.preferences, &traits),
            traits,
        }
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
