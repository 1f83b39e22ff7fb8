//! A cards file as a programme and a policy.

use std::collections::BTreeMap;

use peermatch::Policy;
use peermatch::policy::criteria::{Aggregate, Reach};
use peermatch::policy::{Ranking, Unknown};
use peermatch::program::{
    Code, LanguageTag, Modality, Participant, Place, ProgramData, Status, Supporter, SupporterId,
};

use crate::TOP;
use crate::file::{Instance, Query};

/// What the criteria that count are called, in the file's order.
const CRITERIA: [&str; 3] = ["condition", "issue", "geography"];
/// Languages for the bits of the file, which knows no names.
const LANGUAGES: [&str; 32] = [
    "de", "en", "tr", "ar", "ru", "pl", "uk", "fr", "es", "it", "pt", "nl", "sv", "da", "fi", "el", "cs",
    "sk", "hu", "ro", "bg", "hr", "sl", "et", "lv", "lt", "ga", "mt", "fa", "ur", "hi", "zh",
];

/// Conditions and issues by Jaccard, nearness falling to 1/e in 50 km however they meet; vetoes on language, status and
/// whoever has no place. All other criteria have no say.
/// `arrange` leaves the policy's arrangement of cards as it is by default; else the best stand first and nothing else counts.
pub(crate) fn policy(instance: &Instance, arrange: bool) -> Policy {
    let mut policy = Policy::default();
    policy.requirements.common_ground = 0.0;
    policy.relaxations.clear();
    policy.requirements.minimum_score = 0.0;
    let criteria = &mut policy.criteria;
    let weights = largest(instance).map(|weight| f64::from(weight) * 100.0);
    [criteria.condition.weight, criteria.issue.weight, criteria.geography.weight] = weights;
    for weight in [
        &mut criteria.preferences.weight,
        &mut criteria.child_age.weight,
        &mut criteria.language.weight,
        &mut criteria.experience.weight,
        &mut criteria.availability.weight,
        &mut criteria.acquaintance.weight,
    ] {
        *weight = 0.0;
    }
    for overlap in [&mut criteria.condition.overlap, &mut criteria.issue.overlap] {
        overlap.aggregate = Aggregate::Jaccard;
    }
    (criteria.condition.unknown, criteria.issue.unknown) = (Unknown::CountsAs(0.0), Unknown::CountsAs(0.0));
    criteria.language.unknown = Unknown::Vetoed;
    let geography = &mut criteria.geography;
    (geography.decay_km, geography.remote_decay_km) = (50.0, Some(50.0));
    (geography.reach, geography.later_modality_factor) = (Reach::Either, 1.0);
    policy.cards.shown = TOP as u32;
    if !arrange {
        (policy.cards.equals_within, policy.cards.newcomers, policy.cards.alike_at_most) = (0.0, 0.0, 0);
        policy.cards.ranking = Ranking::Fit;
    }
    policy
}

/// The largest weight of each criterion in any query.
fn largest(instance: &Instance) -> [f32; 3] {
    [0, 1, 2].map(|place| instance.queries.iter().map(|query| query.weights[place]).fold(0.0, f32::max))
}

pub(crate) fn people(instance: &Instance) -> ProgramData {
    let languages = LANGUAGES.map(|tag| tag.parse::<LanguageTag>().expect("these are language tags"));
    let spoken = |bits: u32| of_bits(u64::from(bits)).map(|bit| languages[bit].clone()).collect();
    let codes =
        |letter: char, bits: u64| of_bits(bits).map(|bit| Code::from(format!("{letter}{bit}"))).collect();
    let ways = |remote: bool| {
        let all = [Modality::InPerson, Modality::Phone];
        if remote { all.to_vec() } else { all[..1].to_vec() }
    };
    let largest = largest(instance);
    let participant = |(number, query): (usize, &Query)| Participant {
        conditions: codes('c', query.conditions),
        issues: codes('i', query.issues),
        place: Place::at(query.latitude.into(), query.longitude.into()),
        travel_km: Some(query.farthest_km.into()),
        modalities: ways(query.remote),
        languages: spoken(query.languages),
        refused: query.except.iter().map(|&one| supporter_id(one as usize)).collect(),
        weights: factors(query, largest),
        consent: true,
        ..Participant::new(format!("P{number}"))
    };
    let supporter = |number: usize| Supporter {
        conditions: codes('c', instance.conditions[number]),
        issues: codes('i', instance.issues[number]),
        place: Place::at(instance.latitude[number].into(), instance.longitude[number].into()),
        travel_km: Some(0.0),
        modalities: ways(instance.status[number] & 2 != 0),
        languages: spoken(instance.languages[number]),
        capacity: Some(instance.capacity[number].into()),
        status: if instance.status[number] & 1 != 0 { Status::Active } else { Status::UnderReview },
        ..Supporter::new(supporter_id(number))
    };
    ProgramData {
        participants: instance.queries.iter().enumerate().map(participant).collect(),
        supporters: (0..instance.supporters()).map(supporter).collect(),
        ..ProgramData::default()
    }
}

/// The query's own weights, as factors on the policy's.
fn factors(query: &Query, largest: [f32; 3]) -> BTreeMap<String, f64> {
    let own = CRITERIA.iter().zip(query.weights.iter().zip(largest));
    let differ = own.filter(|&(_, (&weight, most))| weight < most);
    differ.map(|(&name, (&weight, most))| (name.to_owned(), f64::from(weight / most))).collect()
}

fn supporter_id(number: usize) -> SupporterId {
    SupporterId::from(format!("S{number}"))
}

fn of_bits(mut bits: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = (bits != 0).then_some(bits.trailing_zeros() as usize)?;
        bits &= bits - 1;
        Some(bit)
    })
}
