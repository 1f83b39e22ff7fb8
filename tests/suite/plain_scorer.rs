//! The oracle of the kernel: one pair judged straight from the people's own data, with none of the kernel's tables.

use std::collections::BTreeSet;

use peermatch::policy::criteria::{Aggregate, Overlap};
use peermatch::policy::{BuiltIn, KnownPairs, Policy, SCORE_ONE, Unknown};
use peermatch::program::{
    Attributes, Code, Modality, Outcome, Participant, Preference, Program, Strength, Supporter, Taxonomy,
    WeekMinutes, Wish,
};

use crate::random_programme::TODAY;

/// What the plain scorer says of a pair.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Plain {
    /// Score in millionths.
    pub(crate) score: u32,
    /// Score less the prices of relaxations; `None` for a vetoed pair.
    pub(crate) weight: Option<i32>,
    /// Share of the weight on known facts, in millionths.
    pub(crate) confidence: u32,
}

fn micro(score: f64) -> u32 {
    (score.clamp(0.0, 1.0) * 1e6).round() as u32
}

/// A requirement's verdict: met, met with a step, or not at all.
enum Verdict {
    Met,
    Step(usize),
    Never,
}

struct Case<'a> {
    policy: &'a Policy,
    steps: BTreeSet<usize>,
    vetoed: bool,
    weighted: u64,
    weights: u64,
    known: u64,
    asked: u64,
}

impl Case<'_> {
    fn require(&mut self, verdict: &Verdict) {
        match verdict {
            Verdict::Met => {}
            Verdict::Step(step) => {
                self.steps.insert(*step);
            }
            Verdict::Never => self.vetoed = true,
        }
    }

    fn never(&mut self, holds: bool) {
        self.vetoed |= holds;
    }

    fn waivable(&mut self, vetoed: bool, name: &str) {
        if vetoed {
            let step =
                self.policy.relaxations.iter().position(|step| step.waive.iter().any(|own| own == name));
            self.require(&step.map_or(Verdict::Never, Verdict::Step));
        }
    }

    fn count(&mut self, participant: &Participant, criterion: BuiltIn, score: Option<f64>) {
        let (weight, unknown) = self.policy.criteria.settings(criterion);
        let factor = participant.weights.get(criterion.as_str()).copied().unwrap_or(1.0);
        let weight = weight * factor.clamp(0.0, self.policy.criteria.personal_factor_limit);
        let weight = (weight * 1000.0).round() as u64;
        self.asked += weight;
        let counted = match (score, unknown) {
            (Some(score), _) => {
                self.known += weight;
                micro(score)
            }
            (None, Unknown::LeftOut) => return,
            (None, Unknown::CountsAs(score)) => micro(score),
            (None, Unknown::Vetoed) => {
                self.vetoed = true;
                return;
            }
        };
        self.weighted += weight * u64::from(counted);
        self.weights += weight;
    }
}

/// Judges a pair.
pub(crate) fn judge(program: &Program, policy: &Policy, p: usize, s: usize) -> Plain {
    let (participant, supporter) = (&program.participants()[p], &program.supporters()[s]);
    let mut case =
        Case { policy, steps: BTreeSet::new(), vetoed: false, weighted: 0, weights: 0, known: 0, asked: 0 };
    case.never(!participant.consent);
    let stands = program
        .history()
        .standing
        .iter()
        .any(|row| row.participant == participant.id && row.supporter == supporter.id);
    let goes_on = stands && supporter.keeps_standing_matches(TODAY);
    let places = policy.loads.capacity(supporter.capacity);
    case.never((!supporter.takes_new_matches(TODAY) || places == 0) && !goes_on);
    people(&mut case, program, participant, supporter);
    meeting(&mut case, program, p, s);
    language(&mut case, participant, supporter);
    ground(&mut case, program, participant, supporter);
    life(&mut case, participant, supporter);
    time(&mut case, participant, supporter);
    wishes(&mut case, participant, supporter);
    let score = case.weighted.checked_div(case.weights).unwrap_or(0) as u32;
    case.never(score < micro(policy.requirements.minimum_score));
    let price: i32 = case.steps.iter().map(|&step| micro(policy.relaxations[step].price) as i32).sum();
    Plain {
        score,
        weight: (!case.vetoed).then_some(score as i32 - price),
        confidence: (case.known * u64::from(SCORE_ONE)).checked_div(case.asked).unwrap_or(0) as u32,
    }
}

fn people(case: &mut Case<'_>, program: &Program, participant: &Participant, supporter: &Supporter) {
    let history = program.history();
    let (p, s) = (&participant.id, &supporter.id);
    case.never(participant.refused.contains(s));
    case.never(history.barred.iter().any(|row| row.participant == *p && row.supporter == *s));
    case.never(
        history
            .past
            .iter()
            .any(|row| row.participant == *p && row.supporter == *s && row.outcome == Outcome::Failed),
    );
    let known = participant.known.contains(s)
        || history.acquaintances.iter().any(|row| row.participant == *p && row.supporter == *s);
    let allowed = match case.policy.requirements.known_pairs {
        KnownPairs::Allowed => true,
        KnownPairs::Vetoed => false,
        KnownPairs::VetoedUnlessAccepted => participant.accepts_known,
    };
    case.waivable(known && !allowed, "acquaintance");
    for (taxonomy, codes, excluded) in [
        (program.conditions(), &participant.conditions, &supporter.excluded_conditions),
        (program.issues(), &participant.issues, &supporter.excluded_issues),
    ] {
        let outside =
            codes.iter().any(|code| excluded.iter().any(|own| taxonomy.is_same_or_below(code, own)));
        case.never(outside);
    }
    let score = case.policy.criteria.acquaintance.score(known);
    case.count(participant, BuiltIn::Acquaintance, Some(score));
}

fn meeting(case: &mut Case<'_>, program: &Program, p: usize, s: usize) {
    let (participant, supporter) = (&program.participants()[p], &program.supporters()[s]);
    let geography = case.policy.criteria.geography;
    let all = |own: &[Modality]| if own.is_empty() { Modality::ALL.to_vec() } else { own.to_vec() };
    let (ours, theirs) = (all(&participant.modalities), all(&supporter.modalities));
    let travel = |own: Option<f64>| own.unwrap_or(geography.default_travel_km);
    let reach = geography.reach.together(travel(participant.travel_km), travel(supporter.travel_km));
    let distance = program
        .participant_coordinates(p)
        .and_then(|here| program.supporter_coordinates(s).map(|there| here.distance_km(there)));
    let in_common: Vec<(usize, Modality)> =
        ours.iter().copied().enumerate().filter(|(_, way)| theirs.contains(way)).collect();
    if in_common.is_empty() {
        case.never(true);
        return;
    }
    let mut best: Option<u32> = None;
    for &(place, way) in &in_common {
        let factor = if participant.modalities.is_empty() { 1.0 } else { geography.modality_factor(place) };
        let score = match (way.is_remote(), distance) {
            (true, _) => micro(factor),
            (false, Some(km)) if km <= reach => micro(factor * geography.in_person(km)),
            (false, _) => continue,
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
    let step =
        case.policy.relaxations.iter().position(|step| step.travel_factor.is_some_and(|f| km <= reach * f));
    case.require(&step.map_or(Verdict::Never, Verdict::Step));
    let stated = !participant.modalities.is_empty();
    let factor = if stated { geography.modality_factor(in_common[0].0) } else { 1.0 };
    case.count(participant, BuiltIn::Geography, Some(factor * geography.in_person(km)));
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
    case.waivable(shared.is_none() && case.policy.requirements.language, "language");
    let score = shared.map_or(0.0, |place| case.policy.criteria.language.score(place));
    case.count(participant, BuiltIn::Language, Some(score));
}

/// Overlap and the nearest likeness, both in millionths.
fn overlap(settings: &Overlap, taxonomy: &Taxonomy, ours: &[Code], theirs: &[Code]) -> (u32, u32) {
    let like = |a: &Code, b: &Code| {
        if a == b { SCORE_ONE } else { micro(taxonomy.similarity(a, b)).min(SCORE_ONE - 1) }
    };
    let nearest = |code: &Code, others: &[Code], turned: bool| {
        others.iter().map(|other| if turned { like(other, code) } else { like(code, other) }).max().unwrap()
    };
    let best = ours.iter().map(|code| nearest(code, theirs, false)).max().unwrap();
    let weight = |place: usize| (1e4 * settings.later_code_factor.powi(place as i32)).round() as u64;
    let (mut sum, mut weights) = (0, 0);
    for (place, code) in ours.iter().enumerate() {
        sum += weight(place) * u64::from(nearest(code, theirs, false));
        weights += weight(place);
    }
    let there = sum / weights;
    let score = match settings.aggregate {
        Aggregate::Coverage => there,
        Aggregate::Symmetric => {
            let back: u64 = theirs.iter().map(|code| u64::from(nearest(code, ours, true))).sum();
            u64::midpoint(there, back / theirs.len() as u64)
        }
        Aggregate::Jaccard => {
            let (ours, theirs): (BTreeSet<_>, BTreeSet<_>) = (ours.iter().collect(), theirs.iter().collect());
            let (both, either) = (ours.intersection(&theirs).count(), ours.union(&theirs).count());
            both as u64 * u64::from(SCORE_ONE) / either as u64
        }
    };
    (score as u32, best)
}

fn at_least(value: f64, base: f64, steps: &[Option<f64>]) -> Verdict {
    if value >= base {
        return Verdict::Met;
    }
    let step = steps.iter().position(|least| least.is_some_and(|least| value >= least));
    step.map_or(Verdict::Never, Verdict::Step)
}

fn ground(case: &mut Case<'_>, program: &Program, participant: &Participant, supporter: &Supporter) {
    let policy = case.policy;
    let ladder = |of: fn(&peermatch::policy::Relaxation) -> Option<f64>| {
        policy
            .relaxations
            .iter()
            .map(|step| of(step).map(|least| f64::from(micro(least))))
            .collect::<Vec<_>>()
    };
    let mut best = None;
    if participant.conditions.is_empty() || supporter.conditions.is_empty() {
        case.count(participant, BuiltIn::Condition, None);
    } else {
        let settings = &policy.criteria.condition.overlap;
        let (score, near) =
            overlap(settings, program.conditions(), &participant.conditions, &supporter.conditions);
        best = best.max(Some(near));
        let least = f64::from(micro(policy.requirements.condition));
        case.require(&at_least(f64::from(near), least, &ladder(|step| step.condition)));
        case.count(participant, BuiltIn::Condition, Some(f64::from(score) / 1e6));
    }
    if participant.issues.is_empty() || supporter.issues.is_empty() {
        case.count(participant, BuiltIn::Issue, None);
    } else {
        let settings = &policy.criteria.issue.overlap;
        let (score, near) = overlap(settings, program.issues(), &participant.issues, &supporter.issues);
        best = best.max(Some(near));
        let least = f64::from(micro(policy.requirements.issue));
        case.require(&at_least(f64::from(near), least, &ladder(|step| step.issue)));
        case.count(participant, BuiltIn::Issue, Some(f64::from(score) / 1e6));
    }
    let required = policy.requirements.common_ground > 0.0 && !policy.requirements.unknown_common_ground;
    if best.is_none() && required {
        let step = policy.relaxations.iter().position(|step| step.unknown_common_ground);
        case.require(&step.map_or(Verdict::Never, Verdict::Step));
    }
    if let Some(best) = best {
        let least = f64::from(micro(policy.requirements.common_ground));
        case.require(&at_least(f64::from(best), least, &ladder(|step| step.common_ground)));
    }
}

fn years(since: Option<jiff::civil::Date>) -> Option<f64> {
    since.map(|since| f64::from(since.until(TODAY).unwrap().get_days().max(0)) / 365.2425)
}

fn life(case: &mut Case<'_>, participant: &Participant, supporter: &Supporter) {
    let policy = case.policy;
    let experience = years(supporter.experience_since);
    if let Some(experience) = experience {
        let steps = policy.relaxations.iter().map(|step| step.experience_years).collect::<Vec<_>>();
        case.require(&at_least(experience, policy.requirements.experience_years, &steps));
    }
    let own = years(participant.experience_since).unwrap_or(0.0);
    let score = experience.map(|experience| policy.criteria.experience.score(experience, own));
    case.count(participant, BuiltIn::Experience, score);

    let older = participant.child_age.zip(supporter.child_age).map(|(ours, theirs)| theirs - ours);
    if let (Some(older), Some(gap)) = (older, policy.requirements.child_age_gap_years) {
        let steps = policy
            .relaxations
            .iter()
            .map(|step| step.child_age_gap_years.map(|years| -years))
            .collect::<Vec<_>>();
        case.require(&at_least(-older.abs(), -gap, &steps));
    }
    case.count(participant, BuiltIn::ChildAge, older.map(|older| policy.criteria.child_age.score(older)));
}

fn time(case: &mut Case<'_>, participant: &Participant, supporter: &Supporter) {
    let week = |windows: &[peermatch::program::Window], zone: &Option<String>| {
        let zone = jiff::tz::TimeZone::get(zone.as_ref()?).unwrap();
        (!windows.is_empty()).then(|| WeekMinutes::from_windows(windows, &zone, TODAY))
    };
    let ours = week(&participant.availability, &participant.time_zone);
    let theirs = week(&supporter.availability, &supporter.time_zone);
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        case.count(participant, BuiltIn::Availability, None);
        return;
    };
    // Ten minutes by ten, which all the windows and zones of the random programmes begin and end on.
    let covers = |week: &WeekMinutes, minute: u16| {
        week.spans().iter().any(|&(from, to)| from <= minute && minute < to)
    };
    let minutes =
        (0..10_080).step_by(10).filter(|&minute| covers(&ours, minute) && covers(&theirs, minute)).count()
            as u32
            * 10;
    let steps =
        case.policy.relaxations.iter().map(|step| step.minutes_in_common.map(f64::from)).collect::<Vec<_>>();
    let least = f64::from(case.policy.requirements.minutes_in_common);
    case.require(&at_least(f64::from(minutes), least, &steps));
    let full = case.policy.criteria.availability.full_minutes_for(participant.hours_per_week);
    case.count(participant, BuiltIn::Availability, Some((f64::from(minutes) / full).min(1.0)));
}

fn values(attributes: &Attributes, gender: Option<&String>, name: &str) -> BTreeSet<String> {
    let mut found: BTreeSet<String> = attributes
        .iter()
        .filter(|(own, _)| own.eq_ignore_ascii_case(name))
        .flat_map(|(_, values)| values.iter().map(|value| value.to_lowercase()))
        .collect();
    if name.eq_ignore_ascii_case("gender") {
        found.extend(gender.map(|value| value.to_lowercase()));
    }
    found
}

fn wishes(case: &mut Case<'_>, participant: &Participant, supporter: &Supporter) {
    type Side<'a> = (&'a [Preference], &'a Attributes, Option<&'a String>);
    let ours: Side<'_> = (&participant.preferences, &participant.attributes, participant.gender.as_ref());
    let theirs: Side<'_> = (&supporter.preferences, &supporter.attributes, supporter.gender.as_ref());
    let mut stated = 0;
    let mut shares = [None; 2];
    for (place, (own, other)) in [(ours, theirs), (theirs, ours)].into_iter().enumerate() {
        let (mut met_weight, mut judged_weight) = (0_u64, 0_u64);
        for preference in own.0 {
            let there = values(other.1, other.2, &preference.attribute);
            let here = values(own.1, own.2, &preference.attribute);
            let listed =
                |list: &[String]| list.iter().map(|value| value.to_lowercase()).collect::<BTreeSet<_>>();
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
                case.waivable(!holds && case.policy.requirements.must_haves, "preferences");
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
        let score = case.policy.criteria.preferences.score(shares[0], shares[1]);
        case.count(participant, BuiltIn::Preferences, score);
    }
}
