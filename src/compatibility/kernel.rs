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

use super::codes::CodeTable;
use super::facts::PairFacts;
use super::judgement::{Detail, JudgedWish, Judgement, Part};
use super::languages::NOT_KNOWN;
use super::people::Remote;
use super::query::Query;
use super::rules::{Meets, UnknownRule};
use super::sink::{Blocks, Outcome, Race, Report, Sink, Sums, Tally};
use super::tables::Aged;
use super::traits::{CompiledWish, Fare, Trait};
use super::veto::{Side, Veto};
use super::{Candidate, Compatibility};
use crate::policy::criteria::{AvailabilityCriterion, to_micro};
use crate::policy::{Assessment, BuiltIn, Pair};
use crate::program::{LanguageTag, Modality, Preference, Program, chord_squared, great_circle_km};

/// The weight of one pair: score less the prices of the relaxations it takes; `None` where it is vetoed.
#[inline]
pub(super) fn weight(compatibility: &Compatibility, query: &Query<'_>, supporter: usize) -> Option<i32> {
    let mut tally = Tally::new(&compatibility.rules, query.weights);
    let _ = evaluate(compatibility, query, supporter, &mut tally);
    tally.weight()
}

/// The weight of one pair, if the score is as high as wanted. What lies below may be told or not.
#[inline]
pub(super) fn weight_from(
    compatibility: &Compatibility,
    query: &Query<'_>,
    supporter: usize,
    wanted: i64,
) -> Option<i32> {
    let mut race = Race::new(&compatibility.rules, query.weights, query.all_weights, wanted);
    let _ = evaluate(compatibility, query, supporter, &mut race);
    race.weight()
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
    // Where nobody is there is nobody whom anything could keep away.
    let there = |supporter: &usize| !query.program.is_vacant_supporter(*supporter);
    for supporter in (0..compatibility.columns.len()).filter(there) {
        let mut blocks = Blocks::new(compatibility, query.weights);
        let _ = evaluate(compatibility, query, supporter, &mut blocks);
        found(supporter, blocks.kinds);
    }
}

/// Everything about one pair.
pub(super) fn judge(compatibility: &Compatibility, query: &Query<'_>, supporter: usize) -> Judgement {
    let mut report = Report::new(compatibility, query.weights);
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
    let out_of_scope = |codes: &CodeTable, under: &[u32]| {
        !under.is_empty() && codes.excluded(supporter).iter().any(|code| under.binary_search(code).is_ok())
    };
    if out_of_scope(&c.conditions, &q.under_conditions) {
        sink.veto(None, || Veto::ConditionOutOfScope)?;
    }
    if out_of_scope(&c.issues, &q.under_issues) {
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
    let common = c.columns.modalities[supporter] & q.ways.modalities;
    if common == 0 {
        sink.veto(None, || Veto::NoCommonModality)?;
        return sink.part(GEOGRAPHY, Outcome::Silent, || Detail::None);
    }
    let apart = || Some((q.place?, c.columns.place[supporter]?));
    let distance_km = || apart().map(|(ours, theirs)| great_circle_km(ours, theirs));
    let detail = |modality, place: usize, distance_km| Detail::Meeting {
        modality,
        choice: q.ways.stated.then_some(place),
        distance_km,
    };
    let remote = q.ways.remote[usize::from(common)].as_ref();
    let from_afar = |sink: &mut S, way: &Remote| {
        // Where nearness does not matter from afar it is not worked out but for a report.
        let score = if criterion.remote_decay_km.is_none() {
            Outcome::Score(way.score)
        } else {
            distance_km().map_or(Outcome::Unknown, |km| Outcome::Score(way.score_at(criterion, km)))
        };
        sink.part(GEOGRAPHY, score, || detail(way.modality, way.place, distance_km()))
    };
    let in_person = if common & 1 == 0 { None } else { q.ways.in_person };
    let Some((factor, place)) = in_person else {
        return match remote {
            Some(way) => from_afar(sink, way),
            // Every way in common is in person or remote.
            None => sink.part(GEOGRAPHY, Outcome::Silent, || Detail::None),
        };
    };
    let in_person_score = |distance_km| to_micro(factor * criterion.in_person(distance_km));
    let Some((ours, theirs)) = apart() else {
        return match remote {
            Some(way) => from_afar(sink, way),
            None => sink.part(GEOGRAPHY, Outcome::Unknown, || detail(Modality::InPerson, place, None)),
        };
    };
    let travel = c.columns.travel[supporter] as usize;
    let reach_km = || criterion.reach.together(q.travel_km, c.columns.travel_km(travel as u32));
    // The distance itself takes long to compute; most pairs live too far apart to need it.
    if chord_squared(ours, theirs) > q.out_of_reach[travel] {
        if let Some(way) = remote {
            return from_afar(sink, way);
        }
        sink.veto(None, || Veto::TooFar {
            distance_km: great_circle_km(ours, theirs),
            reach_km: reach_km(),
        })?;
        return sink.part(GEOGRAPHY, Outcome::Score(in_person_score(great_circle_km(ours, theirs))), || {
            detail(Modality::InPerson, place, distance_km())
        });
    }
    let reach_km = reach_km();
    let distance_km = great_circle_km(ours, theirs);
    let within = c.rules.within_reach(distance_km, reach_km);
    let face_to_face = (in_person_score(distance_km), place, Modality::InPerson);
    let by_remote = remote.map(|way| (way.score_at(criterion, distance_km), way.place, way.modality));
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
    let spoken = || &q.program.supporters()[supporter].languages;
    let score = q.languages[c.languages.supporters.number(supporter)];
    if score == NOT_KNOWN {
        let participant = q.participant.languages.is_empty();
        return sink.part(LANGUAGE, Outcome::Unknown, || missing(participant, spoken().is_empty()));
    }
    if score == 0 && c.rules.policy.requirements.language {
        sink.veto(c.rules.waive_language, || Veto::NoCommonLanguage)?;
    }
    sink.part(LANGUAGE, Outcome::Score(score), || {
        let shared = |own: &LanguageTag| spoken().iter().find(|tag| own.mutually_intelligible(tag)).cloned();
        q.participant.languages.iter().find_map(shared).map_or(Detail::None, Detail::Language)
    })
}

/// Conditions and issues: each for itself, and whether there is common ground in either.
#[inline]
fn ground<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    let mut common = None;
    let tables = (&q.tables.conditions[..], &q.tables.issues[..]);
    for (criterion, codes, ours, weights, required, table) in [
        (CONDITION, &c.conditions, q.conditions, q.condition_weights, &c.rules.condition, tables.0),
        (ISSUE, &c.issues, q.issues, q.issue_weights, &c.rules.issue, tables.1),
    ] {
        let list = codes.supporters.number(supporter);
        if ours.is_empty() || codes.supporters.list(list).is_empty() {
            let theirs = codes.supporters.list(list);
            sink.part(criterion, Outcome::Unknown, || missing(ours.is_empty(), theirs.is_empty()))?;
            continue;
        }
        let (overlap, best) = match table.get(list) {
            Some(&known) => known,
            None if q.asks_few => codes.measure_alone(ours, weights, list),
            None => codes.measure(ours, weights, list),
        };
        common = Some(common.map_or(best, |most: u32| most.max(best)));
        if let Meets::Relaxed(step) = required.check(f64::from(best)) {
            sink.veto(step, || match criterion {
                CONDITION => Veto::ConditionTooDifferent { best },
                _ => Veto::IssueTooDifferent { best },
            })?;
        }
        sink.part(criterion, Outcome::Score(overlap), || Detail::Codes(codes.nearest(q.index, supporter)))?;
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
    let number = c.columns.child_age[supporter] as usize;
    let theirs = || c.columns.age(number as u32);
    let aged = match q.tables.ages.get(number) {
        Some(&known) => known,
        None => Aged::new(c, q.participant.child_age, theirs()),
    };
    let Some(older_years) = aged.older_years else {
        let ours = q.participant.child_age;
        return sink.part(CHILD_AGE, Outcome::Unknown, || missing(ours.is_none(), theirs().is_none()));
    };
    if let Meets::Relaxed(step) = aged.meets {
        sink.veto(step, || Veto::ChildrenTooFarApart { older_years })?;
    }
    sink.part(CHILD_AGE, Outcome::Score(aged.score), || Detail::ChildAge { older_years })
}

#[inline]
fn availability<S: Sink>(
    c: &Compatibility,
    q: &Query<'_>,
    supporter: usize,
    sink: &mut S,
) -> ControlFlow<()> {
    let theirs = c.columns.availability.row(supporter);
    if q.minutes_before.is_empty() || theirs.is_empty() {
        let participant = q.minutes_before.is_empty();
        return sink.part(AVAILABILITY, Outcome::Unknown, || missing(participant, theirs.is_empty()));
    }
    let before = |end: u16| u32::from(q.minutes_before[usize::from(end)]);
    let minutes = theirs.iter().map(|&(start, end)| before(end) - before(start)).sum::<u32>();
    if let Meets::Relaxed(step) = c.rules.minutes.check(f64::from(minutes)) {
        sink.veto(step, || Veto::TooLittleTime { minutes })?;
    }
    let score = AvailabilityCriterion::score(minutes, q.full_minutes);
    sink.part(AVAILABILITY, Outcome::Score(to_micro(score)), || Detail::Minutes(minutes))
}

/// Must-haves of both sides, then the would-likes.
#[inline]
fn preferences<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    let (traits, wishes) = (&c.columns.traits, &c.columns.wishes);
    let (of_traits, of_wishes) = (traits.number(supporter), wishes.number(supporter));
    if q.wishes.is_empty() && wishes.list(of_wishes).is_empty() {
        return sink.part(PREFERENCES, Outcome::Silent, || Detail::None);
    }
    let requirements = &c.rules.policy.requirements;
    let ours = match q.tables.ours.get(of_traits) {
        Some(&known) => known,
        None => Fare::of(q.wishes, traits.list(of_traits), requirements),
    };
    let theirs = match q.tables.theirs.get(of_wishes) {
        Some(&known) => known,
        None => Fare::of(wishes.list(of_wishes), q.traits, requirements),
    };
    // Wishes as they are written, and compiled in the same order.
    let own = || (&q.participant.preferences[..], q.wishes);
    let other = || (&q.program.supporters()[supporter].preferences[..], wishes.list(of_wishes));
    if ours.fails {
        must_haves(c, own(), traits.list(of_traits), Side::Participant, sink)?;
    }
    if theirs.fails {
        must_haves(c, other(), q.traits, Side::Supporter, sink)?;
    }
    let score = c.rules.policy.criteria.preferences.score(ours.share(), theirs.share());
    let outcome = match score {
        Some(score) => Outcome::Score(to_micro(score)),
        None if ours.stated + theirs.stated > 0 => Outcome::Unknown,
        None => Outcome::Silent,
    };
    sink.part(PREFERENCES, outcome, || {
        let own = judged(own(), traits.list(of_traits), Side::Participant);
        let other = judged(other(), q.traits, Side::Supporter);
        Detail::Wishes(own.chain(other).collect())
    })
}

/// One side's wishes and how each fares, for a report.
fn judged<'a>(
    wishes: (&'a [Preference], &'a [CompiledWish]),
    traits: &'a [Trait],
    side: Side,
) -> impl Iterator<Item = JudgedWish> + 'a {
    wishes.0.iter().zip(wishes.1).map(move |(stated, wish)| JudgedWish {
        side,
        attribute: stated.attribute.trim().to_owned(),
        must: wish.must,
        met: wish.met_by(traits),
    })
}

/// A veto for each must-have of one side that does not hold.
fn must_haves<S: Sink>(
    c: &Compatibility,
    wishes: (&[Preference], &[CompiledWish]),
    traits: &[Trait],
    side: Side,
    sink: &mut S,
) -> ControlFlow<()> {
    for (stated, wish) in wishes.0.iter().zip(wishes.1).filter(|(_, wish)| wish.must) {
        let met = wish.met_by(traits);
        if !CompiledWish::holds(met, &c.rules.policy.requirements) {
            sink.veto(c.rules.waive_preferences, || Veto::MustHave {
                side,
                attribute: stated.attribute.trim().to_owned(),
                unknown_of: met.is_none().then(|| wish.unknown_of(side)),
            })?;
        }
    }
    Continue(())
}

/// The host program's criteria, after everything that is cheaper. They are not asked about a vacant position.
#[inline]
fn custom<S: Sink>(c: &Compatibility, q: &Query<'_>, supporter: usize, sink: &mut S) -> ControlFlow<()> {
    let vacant =
        |program: &Program| program.is_vacant_participant(q.index) || program.is_vacant_supporter(supporter);
    if c.custom.is_empty() || vacant(q.program) {
        return Continue(());
    }
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
