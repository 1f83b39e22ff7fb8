//! The scoring kernel: the one place that decides whether two people may be matched and how well they suit.
//!
//! [`evaluate`] asks every requirement and criterion about a pair, in an order that settles most pairs early, and
//! tells a [`Sink`] what it finds. The fast sink keeps a sum and stops at the first veto that nothing lifts; the
//! reporting sink keeps everything. Both hear the same answers from the same code, so an explanation can never
//! disagree with the weight that was optimised.
//!
//! Scores are whole numbers of millionths and weights of thousandths, added in `u64`: the result does not depend on
//! the order of addition or on threads. (A curve's value before rounding may differ in its last bit between platforms,
//! as their `exp` and `asin` do.)

use std::ops::ControlFlow::{self, Continue};

use super::facts::PairFacts;
use super::judgement::{Detail, JudgedWish, Judgement, Part};
use super::query::Query;
use super::rules::{Meets, UnknownRule};
use super::sink::{Blocks, Outcome, Report, Sink, Sums, Tally};
use super::traits::{CompiledWish, Trait};
use super::veto::{Side, Veto};
use super::{Candidate, Compatibility};
use crate::policy::criteria::{AvailabilityCriterion, to_micro};
use crate::policy::{Assessment, BuiltIn, Pair};
use crate::program::{LanguageTag, Modality, great_circle_km, minutes_in_common};

/// The weight of one pair: score less the prices of the relaxations it takes; `None` where it is vetoed.
#[inline]
pub(super) fn weight(compatibility: &Compatibility, query: &Query<'_>, supporter: usize) -> Option<i32> {
    let mut tally = Tally::new(&compatibility.rules, &query.weights);
    let _ = evaluate(compatibility, query, supporter, &mut tally);
    tally.weight()
}

/// Every supporter whom the participant may be matched with.
pub(super) fn scan(compatibility: &Compatibility, query: &Query<'_>, mut found: impl FnMut(Candidate)) {
    if !query.participant.consent {
        return;
    }
    for supporter in 0..compatibility.columns.len() {
        if let Some(weight) = weight(compatibility, query, supporter) {
            found(Candidate { supporter: supporter as u32, weight });
        }
    }
}

/// What stands between a participant and each supporter, as one set of kinds for each; 0 for an eligible one.
pub(super) fn blocks(compatibility: &Compatibility, query: &Query<'_>, mut found: impl FnMut(usize, u128)) {
    for supporter in 0..compatibility.columns.len() {
        let mut blocks = Blocks::new(compatibility, &query.weights);
        let _ = evaluate(compatibility, query, supporter, &mut blocks);
        found(supporter, blocks.kinds);
    }
}

/// Everything about one pair.
pub(super) fn judge(compatibility: &Compatibility, query: &Query<'_>, supporter: usize) -> Judgement {
    let mut report = Report::new(compatibility, &query.weights);
    let _ = evaluate(compatibility, query, supporter, &mut report);
    let Report { sums, parts, vetoes, .. } = report;
    let score = sums.score();
    let mut steps = 0_u32;
    for step in vetoes.iter().filter_map(|&(_, lifted_by)| lifted_by) {
        steps |= 1 << step;
    }
    Judgement {
        supporter,
        score,
        confidence: sums.confidence(),
        weight: score as i32 - compatibility.rules.price(steps),
        parts: shares(compatibility, query, parts, sums, score),
        vetoes,
    }
}

/// The parts with their contributions, which add up to the score: each is rounded down, and what is missing goes
/// to those that lost most by it (the largest-remainder method), the earlier criterion first.
fn shares(
    compatibility: &Compatibility,
    query: &Query<'_>,
    parts: Vec<(Outcome, Detail)>,
    sums: Sums,
    score: u32,
) -> Vec<Part> {
    let mut remainders = Vec::new();
    let mut missing = score;
    let mut shares: Vec<Part> = Vec::with_capacity(parts.len());
    for (criterion, (outcome, detail)) in parts.into_iter().enumerate() {
        let full = query.weights[criterion];
        let (weight, counted, score) = match (outcome, compatibility.rules.unknown[criterion]) {
            (Outcome::Score(score), _) => (full, Some(score), Some(score)),
            (Outcome::Unknown, UnknownRule::CountsAs(score)) => (full, Some(score), None),
            (Outcome::Unknown, _) => (full, None, None),
            (Outcome::Silent, _) => (0, None, None),
        };
        let product = u64::from(weight) * u64::from(counted.unwrap_or(0));
        let contribution = product.checked_div(sums.weights).unwrap_or(0) as u32;
        let remainder = product.checked_rem(sums.weights).unwrap_or(0);
        missing = missing.saturating_sub(contribution);
        if counted.is_some() {
            remainders.push((std::cmp::Reverse(remainder), criterion));
        }
        shares.push(Part { criterion, weight, score, contribution, detail });
    }
    remainders.sort_unstable();
    for &(_, criterion) in remainders.iter().take(missing as usize) {
        shares[criterion].contribution += 1;
    }
    shares
}

/// Asks every requirement and every criterion about a pair.
#[inline]
fn evaluate<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    people(c, q, supporter, sink)?;
    meeting(c, q, supporter, sink)?;
    language(c, q, supporter, sink)?;
    ground(c, q, supporter, sink)?;
    experience(c, q, supporter, sink)?;
    child_age(c, q, supporter, sink)?;
    availability(c, q, supporter, sink)?;
    preferences(c, q, supporter, sink)?;
    custom(c, q, supporter, sink)?;
    let score = sink.score();
    if score < c.rules.minimum_score {
        sink.veto(None, || Veto::ScoreTooLow { score })?;
    }
    Continue(())
}

const CONDITION: usize = BuiltIn::Condition as usize;
const ISSUE: usize = BuiltIn::Issue as usize;
const PREFERENCES: usize = BuiltIn::Preferences as usize;
const CHILD_AGE: usize = BuiltIn::ChildAge as usize;
const GEOGRAPHY: usize = BuiltIn::Geography as usize;
const LANGUAGE: usize = BuiltIn::Language as usize;
const EXPERIENCE: usize = BuiltIn::Experience as usize;
const AVAILABILITY: usize = BuiltIn::Availability as usize;
const ACQUAINTANCE: usize = BuiltIn::Acquaintance as usize;

/// A fact is missing, of one or both.
fn missing(participant: bool, supporter: bool) -> Detail {
    Detail::Missing { participant, supporter }
}

/// Consent, status, what is known of the pair, scope, acquaintance.
#[inline]
fn people<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    if !q.participant.consent {
        sink.veto(None, || Veto::NoConsent)?;
    }
    if !c.columns.takes_new[supporter]
        && q.standing.is_none_or(|standing| standing.supporter as usize != supporter)
    {
        sink.veto(None, || {
            let status = c.columns.status[supporter];
            if c.columns.available[supporter] { Veto::TakesNobody } else { Veto::NotAvailable { status } }
        })?;
    }
    let facts = q.pair_facts(supporter as u32);
    for (fact, veto) in [
        (PairFacts::BARRED, Veto::Barred),
        (PairFacts::REFUSED, Veto::Refused),
        (PairFacts::FAILED, Veto::FailedBefore),
    ] {
        if facts.has(fact) {
            sink.veto(None, || veto)?;
        }
    }
    let known = facts.has(PairFacts::KNOWN);
    if known && q.vetoes_known {
        sink.veto(c.rules.waive_acquaintance, || Veto::KnowEachOther)?;
    }
    let out_of_scope =
        |excluded: &[u32], under: &[u32]| excluded.iter().any(|code| under.binary_search(code).is_ok());
    if out_of_scope(c.conditions.excluded(supporter), &q.under_conditions) {
        sink.veto(None, || Veto::ConditionOutOfScope)?;
    }
    if out_of_scope(c.issues.excluded(supporter), &q.under_issues) {
        sink.veto(None, || Veto::IssueOutOfScope)?;
    }
    let outcome = if q.weights[ACQUAINTANCE] == 0 {
        Outcome::Silent
    } else {
        Outcome::Score(to_micro(c.rules.policy.criteria.acquaintance.score(known)))
    };
    sink.part(ACQUAINTANCE, outcome, || Detail::Acquaintance { known })
}

/// How they would meet, and how near they live.
#[inline]
fn meeting<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    let criterion = &c.rules.policy.criteria.geography;
    let common = c.columns.modalities[supporter] & q.modalities;
    if common == 0 {
        sink.veto(None, || Veto::NoCommonModality)?;
        return sink.part(GEOGRAPHY, Outcome::Silent, || Detail::None);
    }
    let distance_km = || Some(great_circle_km(q.place?, c.columns.place[supporter]?));
    let detail = |modality, place: usize, distance_km| Detail::Meeting {
        modality,
        choice: q.states_ways.then_some(place),
        distance_km,
    };
    let by_remote = q.remote[usize::from(common)].map(|way| (to_micro(way.factor), way.place, way.modality));
    let in_person = if common & 1 == 0 { None } else { q.in_person };
    let Some((factor, place)) = in_person else {
        let (score, place, modality) = by_remote.unwrap_or((0, 0, Modality::Phone));
        return sink.part(GEOGRAPHY, Outcome::Score(score), || detail(modality, place, distance_km()));
    };
    let Some(distance_km) = distance_km() else {
        return match by_remote {
            Some((score, place, modality)) => {
                sink.part(GEOGRAPHY, Outcome::Score(score), || detail(modality, place, None))
            }
            None => sink.part(GEOGRAPHY, Outcome::Unknown, || detail(Modality::InPerson, place, None)),
        };
    };
    let reach_km = criterion.reach.together(q.travel_km, c.columns.travel_km[supporter]);
    let within = c.rules.within_reach(distance_km, reach_km);
    let face_to_face = (to_micro(factor * criterion.in_person(distance_km)), place, Modality::InPerson);
    let (score, place, modality) = match (within, by_remote) {
        // The better score, and where they are the same the way that stands earlier in the participant's list.
        (Meets::Outright, Some(way)) => {
            let in_person_wins = (face_to_face.0, way.1) > (way.0, face_to_face.1);
            if in_person_wins { face_to_face } else { way }
        }
        (Meets::Outright, None) => face_to_face,
        (Meets::Relaxed(_), Some(way)) => way,
        (Meets::Relaxed(step), None) => {
            sink.veto(step, || Veto::TooFar { distance_km, reach_km })?;
            face_to_face
        }
    };
    sink.part(GEOGRAPHY, Outcome::Score(score), || detail(modality, place, Some(distance_km)))
}

#[inline]
fn language<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    let spoken = c.columns.languages.row(supporter);
    if spoken.is_empty() || q.participant.languages.is_empty() {
        let participant = q.participant.languages.is_empty();
        return sink.part(LANGUAGE, Outcome::Unknown, || missing(participant, spoken.is_empty()));
    }
    let score_of = |tag: &u16| q.languages[usize::from(*tag)];
    let score = spoken.iter().map(score_of).max().unwrap_or(0);
    if score == 0 && c.rules.policy.requirements.language {
        sink.veto(c.rules.waive_language, || Veto::NoCommonLanguage)?;
    }
    sink.part(LANGUAGE, Outcome::Score(score), || {
        let tags = || spoken.iter().map(|&tag| &c.columns.language_tags[usize::from(tag)]);
        let shared = |own: &LanguageTag| tags().find(|tag| own.mutually_intelligible(tag)).cloned();
        q.participant.languages.iter().find_map(shared).map_or(Detail::None, Detail::Language)
    })
}

/// Conditions and issues: each for itself, and whether there is common ground in either.
#[inline]
fn ground<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    let mut common = None;
    for (criterion, table, ours, weights, required) in [
        (CONDITION, &c.conditions, q.conditions, &q.condition_weights, &c.rules.condition),
        (ISSUE, &c.issues, q.issues, &q.issue_weights, &c.rules.issue),
    ] {
        let theirs = table.supporter(supporter);
        if ours.is_empty() || theirs.is_empty() {
            sink.part(criterion, Outcome::Unknown, || missing(ours.is_empty(), theirs.is_empty()))?;
            continue;
        }
        let (overlap, best) = table.overlap.measure(ours, weights, theirs, |a, b| table.like(a, b));
        common = Some(common.map_or(best, |most: u32| most.max(best)));
        if let Meets::Relaxed(step) = required.check(f64::from(best)) {
            sink.veto(step, || match criterion {
                CONDITION => Veto::ConditionTooDifferent { best },
                _ => Veto::IssueTooDifferent { best },
            })?;
        }
        sink.part(criterion, Outcome::Score(overlap), || Detail::Codes(table.nearest(q.index, supporter)))?;
    }
    let requirements = &c.rules.policy.requirements;
    match common {
        Some(best) => {
            if let Meets::Relaxed(step) = c.rules.common_ground.check(f64::from(best)) {
                sink.veto(step, || Veto::NoCommonGround { best })?;
            }
        }
        None if requirements.common_ground > 0.0 && !requirements.unknown_common_ground => {
            sink.veto(c.rules.unknown_ground, || Veto::CommonGroundUnknown)?;
        }
        None => {}
    }
    Continue(())
}

#[inline]
fn experience<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    let Some(years) = c.columns.experience_years[supporter] else {
        return sink.part(EXPERIENCE, Outcome::Unknown, || missing(false, true));
    };
    if let Meets::Relaxed(step) = c.rules.experience.check(years) {
        sink.veto(step, || Veto::TooLittleExperience { years })?;
    }
    let score = c.rules.policy.criteria.experience.score(years, q.experience_years);
    sink.part(EXPERIENCE, Outcome::Score(to_micro(score)), || Detail::Experience {
        supporter_years: years,
        participant_years: q.experience_years,
    })
}

#[inline]
fn child_age<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    let (ours, theirs) = (q.participant.child_age, c.columns.child_age[supporter]);
    let (Some(ours), Some(theirs)) = (ours, theirs) else {
        return sink.part(CHILD_AGE, Outcome::Unknown, || missing(ours.is_none(), theirs.is_none()));
    };
    let older_years = theirs - ours;
    if let Some(gap) = &c.rules.age_gap
        && let Meets::Relaxed(step) = gap.check(-older_years.abs())
    {
        sink.veto(step, || Veto::ChildrenTooFarApart { older_years })?;
    }
    let score = c.rules.policy.criteria.child_age.score(older_years);
    sink.part(CHILD_AGE, Outcome::Score(to_micro(score)), || Detail::ChildAge { older_years })
}

#[inline]
fn availability<S: Sink>(
    c: &Compatibility,
    q: &Query<'_>,
    supporter: usize,
    sink: &mut S,
) -> ControlFlow<()> {
    let theirs = c.columns.availability.row(supporter);
    if q.availability.is_empty() || theirs.is_empty() {
        return sink
            .part(AVAILABILITY, Outcome::Unknown, || missing(q.availability.is_empty(), theirs.is_empty()));
    }
    let minutes = minutes_in_common(&q.availability, theirs);
    if let Meets::Relaxed(step) = c.rules.minutes.check(f64::from(minutes)) {
        sink.veto(step, || Veto::TooLittleTime { minutes })?;
    }
    let score = AvailabilityCriterion::score(minutes, q.full_minutes);
    sink.part(AVAILABILITY, Outcome::Score(to_micro(score)), || Detail::Minutes(minutes))
}

/// How one side's wishes fare.
#[derive(Default)]
struct Wishes {
    stated: u32,
    met_weight: u64,
    judged_weight: u64,
}

impl Wishes {
    fn share(&self) -> Option<f64> {
        (self.judged_weight > 0).then(|| self.met_weight as f64 / self.judged_weight as f64)
    }
}

/// Must-haves of both sides, then the would-likes.
#[inline]
fn preferences<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    let theirs = c.columns.wishes.row(supporter);
    if q.wishes.is_empty() && theirs.is_empty() {
        return sink.part(PREFERENCES, Outcome::Silent, || Detail::None);
    }
    let ours = wishes(c, &q.wishes, c.columns.traits.row(supporter), Side::Participant, sink)?;
    let theirs = wishes(c, theirs, &q.traits, Side::Supporter, sink)?;
    let score = c.rules.policy.criteria.preferences.score(ours.share(), theirs.share());
    let outcome = match score {
        Some(score) => Outcome::Score(to_micro(score)),
        None if ours.stated + theirs.stated > 0 => Outcome::Unknown,
        None => Outcome::Silent,
    };
    sink.part(PREFERENCES, outcome, || {
        let own = judged(c, &q.wishes, c.columns.traits.row(supporter), Side::Participant);
        let other = judged(c, c.columns.wishes.row(supporter), &q.traits, Side::Supporter);
        Detail::Wishes(own.chain(other).collect())
    })
}

/// One side's wishes and how each fares, for a report.
fn judged<'a>(
    c: &'a Compatibility,
    wishes: &'a [CompiledWish],
    traits: &'a [Trait],
    side: Side,
) -> impl Iterator<Item = JudgedWish> + 'a {
    wishes.iter().map(move |wish| JudgedWish {
        side,
        attribute: c.symbols.spelled(wish.attribute).to_owned(),
        must: wish.must,
        met: wish.met_by(traits),
    })
}

fn wishes<S: Sink>(
    c: &Compatibility,
    wishes: &[CompiledWish],
    traits: &[Trait],
    side: Side,
    sink: &mut S,
) -> ControlFlow<(), Wishes> {
    let mut fare = Wishes::default();
    for wish in wishes {
        let met = wish.met_by(traits);
        if wish.must {
            let requirements = &c.rules.policy.requirements;
            let holds = met.unwrap_or(!requirements.unknown_must_haves);
            if requirements.must_haves && !holds {
                let attribute = || c.symbols.spelled(wish.attribute).to_owned();
                sink.veto(c.rules.waive_preferences, || Veto::MustHave {
                    side,
                    attribute: attribute(),
                    unknown_of: met.is_none().then(|| wish.unknown_of(side)),
                })?;
            }
            continue;
        }
        fare.stated += 1;
        if let Some(met) = met {
            fare.judged_weight += u64::from(wish.weight);
            if met {
                fare.met_weight += u64::from(wish.weight);
            }
        }
    }
    Continue(fare)
}

/// The host program's criteria, after everything that is cheaper.
#[inline]
fn custom<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    for (place, criterion) in c.custom.iter().enumerate() {
        let pair = Pair {
            participant: q.participant,
            supporter: &q.program.supporters()[supporter],
            program: q.program,
            as_of: c.as_of,
        };
        let mut not_a_number = false;
        let outcome = match criterion.assess(pair) {
            Assessment::Score(score) if !score.is_nan() => Outcome::Score(to_micro(score)),
            Assessment::Score(_) => {
                not_a_number = true;
                Outcome::Unknown
            }
            Assessment::Unknown => Outcome::Unknown,
            Assessment::NotAsked => Outcome::Silent,
            Assessment::Veto(reason) => {
                let criterion = criterion.name().to_owned();
                sink.veto(c.rules.waive_custom[place], || Veto::Custom { criterion, reason })?;
                Outcome::Silent
            }
        };
        sink.part(BuiltIn::ALL.len() + place, outcome, || match outcome {
            Outcome::Unknown if not_a_number => Detail::NotANumber,
            Outcome::Unknown => missing(false, false),
            _ => Detail::None,
        })?;
    }
    Continue(())
}
