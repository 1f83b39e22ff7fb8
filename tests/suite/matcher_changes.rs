//! A programme that lives, against a fresh one after each change: the same optimum, whatever happened before.

use std::collections::{BTreeMap, BTreeSet};

use peermatch::assignment::Rungs;
use peermatch::matcher::{Because, Change, Changed, Control, EffectKind, Pairs};
use peermatch::matching::{Matching, Origin};
use peermatch::policy::Reach;
use peermatch::program::{Hold, Outcome, Participant, ProgramData, Status, Supervisor, Supporter};
use peermatch::{Matcher, Policy, Program};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::random_policy::{Rules, rules};
use crate::random_programme::{TODAY, participant, programme, supporter};

const PARTICIPANTS: usize = 6;
const SUPPORTERS: usize = 5;

/// A change in the making: whom it names is drawn from those who are there when it is made.
#[derive(Debug, Clone)]
pub(crate) struct Draw {
    kind: u8,
    first: usize,
    second: usize,
    participant: Participant,
    supporter: Supporter,
    status: Status,
    number: Option<u32>,
    weight: f64,
    pub(crate) reach: Reach,
}

prop_compose! {
    pub(crate) fn draw_among(participants: usize, supporters: usize)(
        kind in 0..26_u8,
        (first, second) in (0..10_000_usize, 0..10_000_usize),
        participant in (0..participants + 3).prop_flat_map(move |index| participant(index, supporters).boxed()).boxed(),
        supporter in (0..supporters + 2).prop_flat_map(|index| supporter(index, 2).boxed()).boxed(),
        status in select(vec![Status::Active, Status::Active, Status::UnderReview, Status::OnLeave, Status::Released, Status::InTraining]),
        number in option::of(0..4_u32),
        weight in select(vec![0.0, 5.0, 50.0]),
        reach in select(vec![
            Reach::NobodyElse, Reach::NobodyElse, Reach::AtMost { others: 1 }, Reach::AtMost { others: 2 },
            Reach::AtPrice { price: 0.0 }, Reach::AtPrice { price: 0.2 }, Reach::Full,
        ]),
    ) -> Draw {
        Draw { kind, first, second, participant, supporter, status, number, weight, reach }
    }
}

/// A change of a small programme.
pub(crate) fn draw() -> impl Strategy<Value = Draw> {
    draw_among(PARTICIPANTS, SUPPORTERS)
}

impl Draw {
    /// The change, of people who are there.
    pub(crate) fn change(&self, matcher: &Matcher) -> Option<Change> {
        let program = matcher.program();
        let people: Vec<_> =
            program.participants().iter().map(|one| &one.id).filter(|id| !id.as_str().is_empty()).collect();
        let helpers: Vec<_> =
            program.supporters().iter().map(|one| &one.id).filter(|id| !id.as_str().is_empty()).collect();
        let supervisors: BTreeSet<_> = program.supervisors().iter().map(|one| &one.id).collect();
        let person = (!people.is_empty()).then(|| people[self.first % people.len()].clone());
        let helper = (!helpers.is_empty()).then(|| helpers[self.second % helpers.len()].clone());
        let mut supporter = self.supporter.clone();
        supporter.supervisor = supporter.supervisor.filter(|id| supervisors.contains(id));
        let there = |id: &str| program.participant_index(id).is_some();
        Some(match self.kind {
            0..=2 => {
                let participant = Box::new(self.participant.clone());
                if there(participant.id.as_str()) {
                    Change::ParticipantChanges { participant }
                } else {
                    Change::ParticipantArrives { participant }
                }
            }
            3 => Change::ParticipantLeaves { participant: person? },
            4..=6 => {
                let supporter = Box::new(supporter);
                if program.supporter_index(supporter.id.as_str()).is_some() {
                    Change::SupporterChanges { supporter }
                } else {
                    Change::SupporterArrives { supporter }
                }
            }
            7 => Change::SupporterLeaves { supporter: helper? },
            8 | 9 => Change::SupporterStatus { supporter: helper?, status: self.status, leave_until: None },
            10 => Change::SupporterCapacity { supporter: helper?, capacity: self.number },
            11 => Change::SupporterAvailability {
                supporter: helper?,
                availability: self.supporter.availability.clone(),
            },
            12 => Change::SupporterScope {
                supporter: helper?,
                excluded_conditions: self.supporter.excluded_conditions.clone(),
                excluded_issues: self.supporter.excluded_issues.clone(),
            },
            13 => Change::Bar { participant: person?, supporter: helper?, reason: None },
            14 => Change::Unbar { participant: person?, supporter: helper? },
            15 => Change::Acquainted { participant: person?, supporter: helper? },
            16 => Change::Pin { participant: person?, supporter: helper? },
            17 => Change::Unpin { participant: person? },
            18 => Change::MatchEnds {
                participant: person?,
                outcome: [Outcome::Completed, Outcome::Failed, Outcome::Interrupted][self.second % 3],
                reason: None,
            },
            19 => Change::SupervisorChanges {
                supervisor: Supervisor {
                    id: format!("V{}", self.first % 3).into(),
                    caseload: self.number,
                    hours_per_week: None,
                },
            },
            20 => Change::CriterionWeight { criterion: "issue".to_owned(), weight: self.weight },
            21 => Change::StandsBy {
                participant: person?,
                supporter: self.number.is_none_or(|number| number > 0).then_some(helper?),
            },
            22 => Change::Policy { policy: Box::new(self.policy(matcher.policy())) },
            23 => Change::Day {
                as_of: TODAY.checked_add(jiff::Span::new().days(self.first as i64 % 90)).unwrap(),
            },
            _ => Change::Settle {},
        })
    }
}

impl Draw {
    /// A policy with one thing another.
    fn policy(&self, policy: &Policy) -> Policy {
        let mut policy = policy.clone();
        match self.first % 6 {
            0 => policy.objective.served_first ^= true,
            1 => policy.objective.least_change ^= true,
            2 => policy.objective.change_price = f64::from(self.number.unwrap_or(0)) / 10.0,
            3 => policy.loads.default_capacity = self.number.unwrap_or(1),
            4 => policy.loads.further_match_price = f64::from(self.number.unwrap_or(0)) / 20.0,
            _ => policy.requirements.must_haves ^= true,
        }
        policy
    }
}

pub(crate) fn matches(matching: &Matching) -> BTreeMap<String, String> {
    let pair = |own: &peermatch::matching::Match| (own.participant.to_string(), own.supporter.to_string());
    matching.pairs.iter().map(pair).collect()
}

/// The programme as it is now, matched by somebody who knows nothing of what happened.
fn fresh(matcher: &Matcher, rules: &Rules) -> Matching {
    match_anew(matcher.program().to_data(), matcher, rules)
}

pub(crate) fn match_anew(data: ProgramData, matcher: &Matcher, rules: &Rules) -> Matching {
    let program = Program::new(data).unwrap();
    let fresh = Matcher::new(program, matcher.policy().clone(), matcher.as_of()).unwrap();
    let fresh = rules.custom.iter().fold(fresh, |fresh, own| fresh.with_criterion(own.clone()));
    fresh.match_all().unwrap()
}

/// All that is kept agrees with all else; with nobody held it is the optimum.
pub(crate) fn check(matcher: &Matcher, rules: &Rules) -> Result<(), TestCaseError> {
    check_beside(matcher, rules, None)
}

/// The same where somebody is to choose, and is offered nobody.
pub(crate) fn check_beside(
    matcher: &Matcher,
    rules: &Rules,
    chooses: Option<&str>,
) -> Result<(), TestCaseError> {
    let verification = matcher.verify_kept().unwrap();
    prop_assert!(verification.is_valid(), "{verification}");
    let kept = matcher.matching().unwrap();
    let program = matcher.program();
    let standing: BTreeMap<String, String> = program
        .history()
        .standing
        .iter()
        .filter(|row| {
            program.participants()[program.participant_index(row.participant.as_str()).unwrap()].consent
        })
        .map(|row| (row.participant.to_string(), row.supporter.to_string()))
        .collect();
    prop_assert_eq!(&matches(&kept), &standing);
    prop_assert!(kept.pairs.iter().all(|pair| pair.origin != Origin::New));
    let quality = matcher.quality().unwrap();
    prop_assert_eq!(quality.matched as usize, kept.pairs.len());
    let weights: peermatch::matching::Score = kept.pairs.iter().map(|pair| pair.explanation.weight()).sum();
    prop_assert_eq!(quality.score, weights);
    let held: BTreeSet<String> = matcher.held().unwrap().iter().map(ToString::to_string).collect();
    if held.is_empty() {
        prop_assert_eq!(fresh(matcher, rules).solution.cost, quality.cost);
        return Ok(());
    }
    check_held(matcher, rules, &held, chooses)
}

/// What is kept is the best of all that leave those who are held where they are, and whoever waits is not kept from a
/// place that is free.
fn check_held(
    matcher: &Matcher,
    rules: &Rules,
    held: &BTreeSet<String>,
    chooses: Option<&str>,
) -> Result<(), TestCaseError> {
    let (cost, left) = match_fixed(matcher, rules, |participant| !held.contains(participant));
    prop_assert_eq!(cost, left);
    let standing = &matcher.program().history().standing;
    let stands: BTreeSet<&str> = standing.iter().map(|row| row.participant.as_str()).collect();
    let (cost, left) = match_fixed(matcher, rules, |participant| {
        held.contains(participant) && !stands.contains(participant) && Some(participant) != chooses
    });
    prop_assert_eq!(cost, left);
    Ok(())
}

/// The best where all but those who are `open` stay where they are, found by pinning who is matched and taking out who
/// waits; and what is kept of it.
fn match_fixed(matcher: &Matcher, rules: &Rules, open: impl Fn(&str) -> bool) -> (Rungs, Rungs) {
    let objective = &matcher.policy().objective;
    let mut kept = matcher.quality().unwrap().cost;
    let mut data = matcher.program().to_data();
    let micro = |score: f64| (score * 1e6).round() as i128;
    let stands: BTreeSet<String> =
        data.history.standing.iter().map(|row| row.participant.to_string()).collect();
    for row in data.history.standing.iter_mut().filter(|row| !open(row.participant.as_str())) {
        if row.hold == Hold::Movable {
            kept.quality += micro(row.price.unwrap_or(objective.change_price));
            row.hold = Hold::Pinned;
        }
    }
    for person in data.participants.iter_mut().filter(|person| person.consent && !open(person.id.as_str())) {
        if !stands.contains(person.id.as_str()) {
            if objective.served_first {
                kept.served -= 1 + i128::from(matcher.policy().priorities.urgency(person, matcher.as_of()));
            } else {
                kept.quality += micro(objective.unmatched_score);
            }
            person.consent = false;
        }
    }
    (match_anew(data, matcher, rules).solution.cost, kept)
}

/// What is told agrees with what was done.
fn check_told(before: &Matching, changed: &Changed, after: &Matching) -> Result<(), TestCaseError> {
    let (before, after) = (matches(before), matches(after));
    let mut expected = before.clone();
    for effect in &changed.effects {
        let id = effect.participant.to_string();
        prop_assert_eq!(expected.get(&id).cloned(), effect.from.as_ref().map(ToString::to_string));
        prop_assert_ne!(&effect.from, &effect.to);
        match &effect.to {
            Some(to) => drop(expected.insert(id, to.to_string())),
            None => drop(expected.remove(&id)),
        }
        prop_assert_eq!(effect.found.is_some(), effect.to.is_some());
        match effect.kind() {
            EffectKind::Unmatched => prop_assert!(effect.to.is_none()),
            _ => prop_assert!(effect.to.is_some()),
        }
    }
    prop_assert_eq!(expected, after);
    Ok(())
}

pub(crate) fn begin(data: ProgramData, rules: &Rules, pairs: Pairs) -> Matcher {
    let program = Program::new(data).unwrap();
    let mut matcher = rules.matcher(&program).with_pairs(pairs);
    matcher.begin(TODAY, &Control::new()).unwrap();
    matcher
}

fn told_anew(change: &Change) -> bool {
    matches!(
        change,
        Change::CriterionWeight { .. }
            | Change::SupervisorChanges { .. }
            | Change::Policy { .. }
            | Change::Day { .. }
            | Change::Settle {}
    )
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn kept_optimum_is_that_of_a_fresh_programme(
        data in programme(PARTICIPANTS, SUPPORTERS).boxed(),
        mut rules in rules().boxed(),
        pairs in select(vec![Pairs::Explicit, Pairs::Implicit]),
        draws in vec(draw().boxed(), 1..12),
    ) {
        rules.policy.objective.worst_off_first = false;
        let mut matcher = begin(data, &rules, pairs);
        check(&matcher, &rules)?;
        for draw in draws {
            let Some(change) = draw.change(&matcher) else { continue };
            let before = matcher.matching().unwrap();
            let data = matcher.program().to_data();
            let Ok(changed) = matcher.apply(&change, TODAY) else {
                prop_assert_eq!(&matcher.program().to_data(), &data);
                check(&matcher, &rules)?;
                continue;
            };
            let after = matcher.matching().unwrap();
            check_told(&before, &changed, &after)?;
            check(&matcher, &rules)?;
            prop_assert!(matcher.held().unwrap().is_empty());
        }
    }

    #[test]
    fn limited_reach_moves_no_more_than_it_may(
        data in programme(PARTICIPANTS, SUPPORTERS).boxed(),
        mut rules in rules().boxed(),
        pairs in select(vec![Pairs::Explicit, Pairs::Implicit]),
        draws in vec(draw().boxed(), 1..10),
    ) {
        rules.policy.objective.worst_off_first = false;
        let mut matcher = begin(data, &rules, pairs);
        for draw in draws {
            let Some(change) = draw.change(&matcher) else { continue };
            let before = matcher.matching().unwrap();
            let Ok(changed) = matcher.apply_within(&change, draw.reach, TODAY) else { continue };
            check_told(&before, &changed, &matcher.matching().unwrap())?;
            check(&matcher, &rules)?;
            // Whoever the change is not about and had somebody.
            let others = changed.effects.iter().filter(|effect| {
                effect.from.is_some()
                    && matches!(
                        effect.because,
                        Because::MadeWayFor { .. }
                            | Because::PlaceLeftBy { .. }
                            | Because::BetterWhole
                            | Because::SupporterOpened
                    )
            });
            if !told_anew(&change) {
                match draw.reach {
                    Reach::NobodyElse => prop_assert_eq!(others.count(), 0),
                    Reach::AtMost { others: most } => prop_assert!(others.count() <= most as usize),
                    _ => {}
                }
            }
        }
        // Let go, the whole is the optimum again.
        matcher.apply(&Change::Settle {}, TODAY).unwrap();
        prop_assert!(matcher.held().unwrap().is_empty());
        check(&matcher, &rules)?;
    }

    #[test]
    fn undone_changes_leave_nothing_behind(
        data in programme(PARTICIPANTS, SUPPORTERS).boxed(),
        mut rules in rules().boxed(),
        pairs in select(vec![Pairs::Explicit, Pairs::Implicit]),
        draws in vec(draw().boxed(), 1..10),
    ) {
        rules.policy.objective.worst_off_first = false;
        let mut matcher = begin(data, &rules, pairs);
        let state = |matcher: &Matcher| {
            let held: Vec<String> = matcher.held().unwrap().iter().map(ToString::to_string).collect();
            (matcher.program().to_data(), matcher.policy().clone(), matcher.matching().unwrap(), matcher.quality().unwrap(), held)
        };
        let mut states = Vec::new();
        for draw in draws {
            let Some(change) = draw.change(&matcher) else { continue };
            let before = state(&matcher);
            if matcher.drill(&change, TODAY).is_ok() {
                prop_assert_eq!(&state(&matcher), &before);
            }
            if matcher.apply_within(&change, draw.reach, TODAY).is_ok() {
                states.push(before);
            } else {
                prop_assert_eq!(&state(&matcher), &before);
            }
        }
        while let Some(before) = states.pop() {
            prop_assert!(matcher.undo());
            prop_assert_eq!(&state(&matcher), &before);
            check(&matcher, &rules)?;
        }
    }
}
