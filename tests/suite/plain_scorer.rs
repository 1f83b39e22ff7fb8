//! The oracle of the kernel: one pair judged straight from the people's own data, with none of the kernel's tables.

use std::collections::BTreeSet;

use jiff::civil::Date;
use peermatch::policy::{Assessment, BuiltIn, KnownPairs, Policy, Relaxation, Unknown};
use peermatch::program::{
    Attributes, Modality, Outcome, Participant, Preference, Program, Strength, Supporter, Wish,
};

use crate::plain_formulas as plain;
use crate::plain_formulas::micro;
use crate::random_policy::Rules;

/// What the plain scorer says of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plain {
    /// Score in millionths.
    pub(crate) score: u32,
    /// Score less the prices of relaxations; `None` for a vetoed pair.
    pub(crate) weight: Option<i32>,
    /// Share of the weight on known facts, in millionths.
    pub(crate) confidence: u32,
    /// Steps of the ladder that are used, by position.
    pub(crate) steps: Vec<u8>,
    /// The kinds of vetoes that no step lifts.
    pub(crate) blocks: BTreeSet<String>,
    /// A distance went into the score: the two sides compute it differently, so a millionth may be lost on the way.
    pub(crate) by_distance: bool,
}

struct Case<'a> {
    policy: &'a Policy,
    steps: BTreeSet<usize>,
    blocks: BTreeSet<String>,
    by_distance: bool,
    weighted: u64,
    weights: u64,
    known: u64,
    asked: u64,
}

impl Case<'_> {
    /// Where the veto holds, the first step that lifts it is used; if there is none, the pair is out.
    fn veto(&mut self, holds: bool, kind: &str, lifts: impl Fn(&Relaxation) -> bool) {
        if !holds {
            return;
        }
        match self.policy.relaxations.iter().position(lifts) {
            Some(step) => _ = self.steps.insert(step),
            None => _ = self.blocks.insert(kind.to_owned()),
        }
    }

    fn never(&mut self, holds: bool, kind: &str) {
        self.veto(holds, kind, |_| false);
    }

    fn waivable(&mut self, holds: bool, kind: &str, criterion: &str) {
        self.veto(holds, kind, |step| step.waive.iter().any(|own| own == criterion));
    }

    fn count(&mut self, participant: &Participant, criterion: BuiltIn, score: Option<f64>) {
        let c = &self.policy.criteria;
        let (weight, unknown) = match criterion {
            BuiltIn::Condition => (c.condition.weight, c.condition.unknown),
            BuiltIn::Issue => (c.issue.weight, c.issue.unknown),
            BuiltIn::Preferences => (c.preferences.weight, c.preferences.unknown),
            BuiltIn::ChildAge => (c.child_age.weight, c.child_age.unknown),
            BuiltIn::Geography => (c.geography.weight, c.geography.unknown),
            BuiltIn::Language => (c.language.weight, c.language.unknown),
            BuiltIn::Experience => (c.experience.weight, c.experience.unknown),
            BuiltIn::Availability => (c.availability.weight, c.availability.unknown),
            BuiltIn::Acquaintance => (c.acquaintance.weight, Unknown::LeftOut),
        };
        let name = match criterion {
            BuiltIn::Condition => "condition",
            BuiltIn::Issue => "issue",
            BuiltIn::Preferences => "preferences",
            BuiltIn::ChildAge => "child_age",
            BuiltIn::Geography => "geography",
            BuiltIn::Language => "language",
            BuiltIn::Experience => "experience",
            BuiltIn::Availability => "availability",
            BuiltIn::Acquaintance => "acquaintance",
        };
        self.weigh(participant, name, weight, unknown, score);
    }

    fn weigh(
        &mut self,
        participant: &Participant,
        name: &str,
        weight: f64,
        unknown: Unknown,
        score: Option<f64>,
    ) {
        let mut factor = participant.weights.get(name).copied().unwrap_or(1.0);
        if factor > self.policy.criteria.personal_factor_limit {
            factor = self.policy.criteria.personal_factor_limit;
        }
        let weight = (weight * factor * 1000.0).round() as u64;
        self.asked += weight;
        let counted = match (score, unknown) {
            (Some(score), _) => {
                self.known += weight;
                micro(score)
            }
            (None, Unknown::LeftOut) => return,
            (None, Unknown::CountsAs(score)) => micro(score),
            (None, Unknown::Vetoed) => return self.never(true, "not_known"),
        };
        self.weighted += weight * u64::from(counted);
        self.weights += weight;
    }
}

/// Judges a pair.
pub(crate) fn judge(program: &Program, rules: &Rules, p: usize, s: usize) -> Plain {
    let policy = &rules.policy;
    let (participant, supporter) = (&program.participants()[p], &program.supporters()[s]);
    let mut case = Case {
        policy,
        steps: BTreeSet::new(),
        blocks: BTreeSet::new(),
        by_distance: false,
        weighted: 0,
        weights: 0,
        known: 0,
        asked: 0,
    };
    case.never(!participant.consent, "no_consent");
    let mut standing = program.history().standing.iter();
    let stands = standing.any(|row| row.participant == participant.id && row.supporter == supporter.id);
    let goes_on = stands && participant.consent && plain::keeps_standing(supporter, rules.day);
    let (takes_new, places) =
        (plain::takes_new(supporter, rules.day), plain::capacity(&policy.loads, supporter));
    case.never(!takes_new && !goes_on, "not_available");
    case.never(takes_new && places == 0 && !goes_on, "takes_nobody");
    people(&mut case, program, participant, supporter);
    meeting(&mut case, program, p, s);
    language(&mut case, participant, supporter);
    ground(&mut case, program, participant, supporter);
    life(&mut case, participant, supporter, rules.day);
    time(&mut case, participant, supporter);
    wishes(&mut case, participant, supporter);
    host(&mut case, rules, participant, supporter);
    let score = case.weighted.checked_div(case.weights).unwrap_or(0) as u32;
    case.never(score < micro(policy.requirements.minimum_score), "score_too_low");
    let price: i32 = case.steps.iter().map(|&step| micro(policy.relaxations[step].price) as i32).sum();
    Plain {
        score,
        weight: case.blocks.is_empty().then_some(score as i32 - price),
        confidence: (case.known * 1_000_000).checked_div(case.asked).unwrap_or(0) as u32,
        steps: case.steps.iter().map(|&step| step as u8).collect(),
        blocks: case.blocks,
        by_distance: case.by_distance,
    }
}

fn people(case: &mut Case<'_>, program: &Program, participant: &Participant, supporter: &Supporter) {
    let history = program.history();
    let (p, s) = (&participant.id, &supporter.id);
    case.never(history.barred.iter().any(|row| row.participant == *p && row.supporter == *s), "barred");
    case.never(participant.refused.contains(s), "refused");
    let failed = history
        .past
        .iter()
        .any(|row| row.participant == *p && row.supporter == *s && row.outcome == Outcome::Failed);
    case.never(failed, "failed_before");
    let known = participant.known.contains(s)
        || history.acquaintances.iter().any(|row| row.participant == *p && row.supporter == *s);
    let allowed = match case.policy.requirements.known_pairs {
        KnownPairs::Allowed => true,
        KnownPairs::Vetoed => false,
        KnownPairs::VetoedUnlessAccepted => participant.accepts_known,
    };
    case.waivable(known && !allowed, "know_each_other", "acquaintance");
    for (kind, taxonomy, codes, excluded) in [
        (
            "condition_out_of_scope",
            program.conditions(),
            &participant.conditions,
            &supporter.excluded_conditions,
        ),
        ("issue_out_of_scope", program.issues(), &participant.issues, &supporter.excluded_issues),
    ] {
        let outside =
            codes.iter().any(|code| excluded.iter().any(|own| taxonomy.is_same_or_below(code, own)));
        case.never(outside, kind);
    }
    let score = if known { case.policy.criteria.acquaintance.score_if_known } else { 1.0 };
    case.count(participant, BuiltIn::Acquaintance, Some(score));
}

fn meeting(case: &mut Case<'_>, program: &Program, p: usize, s: usize) {
    let (participant, supporter) = (&program.participants()[p], &program.supporters()[s]);
    let geography = case.policy.criteria.geography;
    let (ours, theirs) = (plain::ways(&participant.modalities), plain::ways(&supporter.modalities));
    let travel = |own: Option<f64>| own.unwrap_or(geography.default_travel_km);
    let reach = plain::reach_km(geography.reach, travel(participant.travel_km), travel(supporter.travel_km));
    let (here, there) = (program.participant_coordinates(p), program.supporter_coordinates(s));
    let distance = here.zip(there).map(|(here, there)| plain::haversine_km(here, there));
    // Who states no ways has no first choice and no second.
    let later = if participant.modalities.is_empty() { 1.0 } else { geography.later_modality_factor };
    let factor = |place: usize| plain::down_the_list(later, place);
    let in_person = |km: f64| (-km / geography.decay_km).exp();
    let from_afar = |km: f64| geography.remote_decay_km.map_or(1.0, |decay_km| (-km / decay_km).exp());
    let in_common: Vec<(usize, Modality)> =
        ours.iter().copied().enumerate().filter(|(_, way)| theirs.contains(way)).collect();
    if in_common.is_empty() {
        case.never(true, "no_common_modality");
        return;
    }
    let mut best: Option<u32> = None;
    for &(place, way) in &in_common {
        let score = match (way, distance) {
            (Modality::Phone | Modality::Video, Some(km)) => {
                case.by_distance |= geography.remote_decay_km.is_some();
                micro(factor(place) * from_afar(km))
            }
            // Nearness counts, and nobody knows how near.
            (Modality::Phone | Modality::Video, None) if geography.remote_decay_km.is_some() => {
                case.count(participant, BuiltIn::Geography, None);
                return;
            }
            (Modality::Phone | Modality::Video, None) => micro(factor(place)),
            (Modality::InPerson, Some(km)) if km <= reach => {
                case.by_distance = true;
                micro(factor(place) * in_person(km))
            }
            (Modality::InPerson, _) => continue,
        };
        best = best.max(Some(score));
    }
    if let Some(best) = best {
        case.count(participant, BuiltIn::Geography, Some(f64::from(best) / 1e6));
        return;
    }
    let Some(km) = distance else {
        case.count(participant, BuiltIn::Geography, None);
        return;
    };
    case.veto(true, "too_far", |step| step.travel_factor.is_some_and(|times| km <= reach * times));
    case.by_distance = true;
    case.count(participant, BuiltIn::Geography, Some(factor(in_common[0].0) * in_person(km)));
}

fn language(case: &mut Case<'_>, participant: &Participant, supporter: &Supporter) {
    if participant.languages.is_empty() || supporter.languages.is_empty() {
        case.count(participant, BuiltIn::Language, None);
        return;
    }
    let shared = participant
        .languages
        .iter()
        .position(|own| supporter.languages.iter().any(|other| own.mutually_intelligible(other)));
    let required = case.policy.requirements.language;
    case.waivable(shared.is_none() && required, "no_common_language", "language");
    let factor = case.policy.criteria.language.later_language_factor;
    // Never quite 0, which stands for no language in common.
    let score = shared.map_or(0.0, |place| plain::down_the_list(factor, place).max(1e-6));
    case.count(participant, BuiltIn::Language, Some(score));
}

fn ground(case: &mut Case<'_>, program: &Program, participant: &Participant, supporter: &Supporter) {
    let policy = case.policy;
    let mut best = None;
    if participant.conditions.is_empty() || supporter.conditions.is_empty() {
        case.count(participant, BuiltIn::Condition, None);
    } else {
        let settings = &policy.criteria.condition.overlap;
        let (ours, theirs) = (&participant.conditions, &supporter.conditions);
        let (score, near) = plain::overlap(settings, program.conditions(), ours, theirs);
        best = best.max(Some(near));
        let out = near < micro(policy.requirements.condition);
        case.veto(out, "condition_too_different", |step| {
            step.condition.is_some_and(|least| near >= micro(least))
        });
        case.count(participant, BuiltIn::Condition, Some(f64::from(score) / 1e6));
    }
    if participant.issues.is_empty() || supporter.issues.is_empty() {
        case.count(participant, BuiltIn::Issue, None);
    } else {
        let settings = &policy.criteria.issue.overlap;
        let (ours, theirs) = (&participant.issues, &supporter.issues);
        let (score, near) = plain::overlap(settings, program.issues(), ours, theirs);
        best = best.max(Some(near));
        let out = near < micro(policy.requirements.issue);
        case.veto(out, "issue_too_different", |step| step.issue.is_some_and(|least| near >= micro(least)));
        case.count(participant, BuiltIn::Issue, Some(f64::from(score) / 1e6));
    }
    let required = policy.requirements.common_ground;
    match best {
        None => {
            let out = required > 0.0 && !policy.requirements.unknown_common_ground;
            case.veto(out, "common_ground_unknown", |step| step.unknown_common_ground);
        }
        Some(best) => case.veto(best < micro(required), "no_common_ground", |step| {
            step.common_ground.is_some_and(|least| best >= micro(least))
        }),
    }
}

fn life(case: &mut Case<'_>, participant: &Participant, supporter: &Supporter, on: Date) {
    let policy = case.policy;
    let theirs = plain::years(supporter.experience_since, on);
    if let Some(years) = theirs {
        let out = years < policy.requirements.experience_years;
        case.veto(out, "too_little_experience", |step| {
            step.experience_years.is_some_and(|least| years >= least)
        });
    }
    // Unknown counts as newly facing it.
    let ours = plain::years(participant.experience_since, on).unwrap_or(0.0);
    let score = theirs.map(|theirs| (theirs - ours) / policy.criteria.experience.full_lead_years);
    case.count(participant, BuiltIn::Experience, score);

    let older = participant.child_age.zip(supporter.child_age).map(|(ours, theirs)| theirs - ours);
    if let (Some(older), Some(most)) = (older, policy.requirements.child_age_gap_years) {
        let gap = older.abs();
        case.veto(gap > most, "children_too_far_apart", |step| {
            step.child_age_gap_years.is_some_and(|most| gap <= most)
        });
    }
    let c = &policy.criteria.child_age;
    let score = older
        .map(|older| plain::child_age(older, c.older_free_years, c.older_fade_years, c.younger_fade_years));
    case.count(participant, BuiltIn::ChildAge, score);
}

fn time(case: &mut Case<'_>, participant: &Participant, supporter: &Supporter) {
    let ours = plain::week(&participant.availability, participant.time_zone.as_deref());
    let theirs = plain::week(&supporter.availability, supporter.time_zone.as_deref());
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        case.count(participant, BuiltIn::Availability, None);
        return;
    };
    let minutes = 10 * ours.iter().zip(&theirs).filter(|(ours, theirs)| **ours && **theirs).count() as u32;
    let out = minutes < case.policy.requirements.minutes_in_common;
    case.veto(out, "too_little_time", |step| step.minutes_in_common.is_some_and(|least| minutes >= least));
    let mut full = case.policy.criteria.availability.full_minutes;
    if let Some(hours) = participant.hours_per_week.filter(|hours| hours * 60.0 > full) {
        full = hours * 60.0;
    }
    case.count(participant, BuiltIn::Availability, Some(f64::from(minutes) / full));
}

fn values(attributes: &Attributes, gender: Option<&String>, name: &str) -> BTreeSet<String> {
    let plain = |value: &String| value.trim().to_lowercase();
    let of_name = attributes.iter().filter(|(own, _)| own.eq_ignore_ascii_case(name));
    let mut found: BTreeSet<String> = of_name.flat_map(|(_, values)| values.iter().map(plain)).collect();
    if name.eq_ignore_ascii_case("gender") {
        found.extend(gender.map(plain));
    }
    found
}

fn wishes(case: &mut Case<'_>, participant: &Participant, supporter: &Supporter) {
    type Side<'a> = (&'a [Preference], &'a Attributes, Option<&'a String>);
    let ours: Side<'_> = (&participant.preferences, &participant.attributes, participant.gender.as_ref());
    let theirs: Side<'_> = (&supporter.preferences, &supporter.attributes, supporter.gender.as_ref());
    let mut stated = 0;
    let mut shares = [None; 2];
    let kinds = ["participants_must_have", "supporters_must_have"];
    for (place, (own, other)) in [(ours, theirs), (theirs, ours)].into_iter().enumerate() {
        let (mut met_weight, mut judged_weight) = (0_u64, 0_u64);
        for preference in own.0 {
            let there = values(other.1, other.2, &preference.attribute);
            let here = values(own.1, own.2, &preference.attribute);
            let listed = |list: &[String]| {
                list.iter().map(|value| value.trim().to_lowercase()).collect::<BTreeSet<_>>()
            };
            let met = match &preference.wish {
                _ if there.is_empty() => None,
                Wish::AnyOf(list) => Some(!listed(list).is_disjoint(&there)),
                Wish::NoneOf(list) => Some(listed(list).is_disjoint(&there)),
                Wish::Same | Wish::Different if here.is_empty() => None,
                Wish::Same => Some(!here.is_disjoint(&there)),
                Wish::Different => Some(here.is_disjoint(&there)),
            };
            if preference.strength == Strength::MustHave {
                let holds = met.unwrap_or(!case.policy.requirements.unknown_must_haves);
                case.waivable(!holds && case.policy.requirements.must_haves, kinds[place], "preferences");
                continue;
            }
            stated += 1;
            let weight = (preference.weight * 1000.0).round() as u64;
            if let Some(met) = met {
                judged_weight += weight;
                met_weight += u64::from(met) * weight;
            }
        }
        shares[place] = (judged_weight > 0).then(|| met_weight as f64 / judged_weight as f64);
    }
    if stated > 0 {
        let share = case.policy.criteria.preferences.supporter_share;
        let score = match shares {
            [Some(ours), Some(theirs)] => Some((1.0 - share) * ours + share * theirs),
            [Some(only), None] | [None, Some(only)] => Some(only),
            [None, None] => None,
        };
        case.count(participant, BuiltIn::Preferences, score);
    }
}

/// The host program's criteria: a score that is not a number is no score, and a veto says nothing of the score.
fn host(case: &mut Case<'_>, rules: &Rules, participant: &Participant, supporter: &Supporter) {
    for own in &rules.custom {
        let settings = case.policy.criteria.custom.get(own.name);
        let weight = settings.and_then(|settings| settings.weight).unwrap_or(own.default_weight);
        let unknown = settings.map_or(Unknown::LeftOut, |settings| settings.unknown);
        let score = match own.answer(participant.id.as_str(), supporter.id.as_str()) {
            Assessment::Veto(_) => {
                case.waivable(true, own.name, own.name);
                continue;
            }
            Assessment::NotAsked => continue,
            Assessment::Score(score) if !score.is_nan() => Some(score),
            Assessment::Score(_) | Assessment::Unknown => None,
            other => panic!("no rule for {other:?}"),
        };
        case.weigh(participant, own.name, weight, unknown, score);
    }
}
