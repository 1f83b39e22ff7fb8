//! Places that are held, chosen, let go of and declined: by one after another, at random, and by many at once.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Mutex, RwLock};

use jiff::civil::DateTime;
use peermatch::matcher::{
    Answer, CardQuery, Change, Choice, Control, Entry, MenuQuery, Refused, Request, Snapshot, Sure,
};
use peermatch::program::{
    Hold, Outcome, Participant, ParticipantId, ProgramData, Status, Supervisor, Supporter, SupporterId,
};
use peermatch::{Matcher, Policy, Program};
use proptest::collection::vec;
use proptest::prelude::*;

use crate::matcher_oracle::Draw;
use crate::matcher_rematch::bytes;
use crate::random_programme::TODAY;

fn at(hour: i8) -> DateTime {
    TODAY.at(hour, 0, 0, 0)
}

fn person(one: usize) -> ParticipantId {
    format!("P{one}").into()
}

fn helper(other: usize) -> SupporterId {
    format!("S{other}").into()
}

/// So many people who all suit each other more or less; `places` for each supporter, whom nobody has yet.
fn programme(people: usize, helpers: usize, places: u32) -> ProgramData {
    let conditions = |number: usize| vec![["A", "B", "C"][number % 3].into(), "D".into()];
    ProgramData {
        participants: (0..people)
            .map(|one| Participant {
                consent: true,
                conditions: conditions(one),
                child_age: Some((one % 17) as f64),
                ..Participant::new(person(one))
            })
            .collect(),
        supporters: (0..helpers)
            .map(|other| Supporter {
                conditions: conditions(other),
                child_age: Some((other % 19) as f64),
                capacity: Some(places),
                ..Supporter::new(helper(other))
            })
            .collect(),
        ..ProgramData::default()
    }
}

/// A living programme in which everybody waits to choose.
fn choosing(data: ProgramData) -> Matcher {
    let people: Vec<ParticipantId> = data.participants.iter().map(|one| one.id.clone()).collect();
    let mut matcher = Matcher::new(Program::new(data).unwrap(), Policy::default(), TODAY).unwrap();
    matcher.begin(TODAY, &Control::new()).unwrap();
    for participant in people {
        matcher.apply(&Change::WaitsToChoose { participant }, TODAY).unwrap();
    }
    assert!(matcher.program().history().standing.is_empty());
    matcher
}

fn own(matcher: &Matcher, one: usize) -> Option<String> {
    matcher.program().standing_of(person(one).as_str()).map(|row| row.supporter.to_string())
}

#[test]
fn the_last_place_goes_to_the_first_who_asks() {
    let mut matcher = choosing(programme(2, 2, 1));
    let first = matcher.hold(&person(0), &helper(0), at(9)).unwrap();
    assert!(
        matches!(first, Choice::Held { until, .. } if until == at(9) + jiff::SignedDuration::from_hours(48))
    );
    let before = bytes(&matcher);
    let second = matcher.hold(&person(1), &helper(0), at(9)).unwrap();
    let Choice::Refused { because: Refused::Taken, cards } = second else { panic!("{second:?}") };
    let offered: Vec<&str> = cards.offered.iter().map(|own| own.found.supporter.as_str()).collect();
    assert_eq!(offered, ["S1"]);
    assert_eq!(bytes(&matcher), before);
    assert!(matches!(matcher.choose(&person(1), &helper(1), at(10)).unwrap(), Choice::Matched { .. }));
    assert!(matches!(matcher.choose(&person(0), &helper(0), at(11)).unwrap(), Choice::Matched { .. }));
    assert_eq!((own(&matcher, 0).as_deref(), own(&matcher, 1).as_deref()), (Some("S0"), Some("S1")));
    // Nothing is left to expire, and who chose is not moved.
    assert!(matcher.expire(at(23) + jiff::SignedDuration::from_hours(480)).unwrap().is_none());
    assert!(matcher.held_place(&person(0)).unwrap().unwrap().is_chosen());
    matcher.accept(&person(0), &helper(0), at(12)).unwrap();
    assert!(matcher.held_place(&person(0)).unwrap().is_none());
}

/// How somebody can be reached is on no card, and told once the match is accepted.
#[test]
fn contact_details_are_told_only_after_acceptance() {
    let mut data = programme(2, 1, 1);
    data.supporters[0].card.contact = [("phone".to_owned(), "555 0100".to_owned())].into();
    let mut matcher = choosing(data);
    let told = |matcher: &Matcher, one: usize| {
        let contact = matcher.contact(&person(one)).unwrap()?;
        assert!(!format!("{contact:?}").contains("555"));
        Some((contact.supporter.to_string(), contact.details))
    };
    assert_eq!(told(&matcher, 0), None);
    let cards = matcher.cards(&CardQuery::new(person(0))).unwrap();
    assert_eq!(cards.offered.len(), 1);
    assert!(!serde_json::to_string(&cards).unwrap().contains("555 0100"));
    matcher.hold(&person(0), &helper(0), at(8)).unwrap();
    assert_eq!(told(&matcher, 0), None);
    matcher.choose(&person(0), &helper(0), at(9)).unwrap();
    // The participant has said yes, the supporter has not.
    assert_eq!(told(&matcher, 0), None);
    assert!(matcher.accept(&person(0), &helper(1), at(10)).is_err());
    matcher.accept(&person(0), &helper(0), at(10)).unwrap();
    assert!(matcher.accept(&person(0), &helper(0), at(10)).unwrap_err().is_problem());
    let phone = [("phone".to_owned(), "555 0100".to_owned())].into();
    assert_eq!(told(&matcher, 0), Some(("S0".to_owned(), phone)));
    assert_eq!(told(&matcher, 1), None);
    // Chosen once more it is accepted still.
    matcher.choose(&person(0), &helper(0), at(10)).unwrap();
    assert!(told(&matcher, 0).is_some());
    // Declined all the same: nothing more is told.
    matcher.decline(&person(0), &helper(0), at(10)).unwrap();
    assert_eq!(told(&matcher, 0), None);
    assert!(matcher.contact(&"nobody".into()).is_err());
}

#[test]
fn what_lapses_is_free_again_and_nobody_is_given_away() {
    let mut matcher = choosing(programme(2, 1, 1));
    matcher.hold(&person(0), &helper(0), at(9)).unwrap();
    assert!(matcher.expire(at(10)).unwrap().is_none());
    // Held again it lasts longer.
    matcher.hold(&person(0), &helper(0), at(11)).unwrap();
    let two_days = jiff::SignedDuration::from_hours(48);
    assert!(matcher.expire(at(10) + two_days).unwrap().is_none());
    let expired = matcher.expire(at(11) + two_days).unwrap().unwrap();
    assert_eq!(expired.effects.len(), 1);
    assert_eq!(own(&matcher, 0), None);
    assert!(
        matcher.program().history().past.iter().all(|row| row.supporter != helper(0) || row.reason.is_some())
    );
    // Both still choose for themselves.
    assert_eq!(own(&matcher, 1), None);
    assert_eq!(matcher.cards(&CardQuery::new(person(1))).unwrap().offered.len(), 1);
    matcher.hold(&person(1), &helper(0), at(12)).unwrap();
    matcher.release(&person(1), at(13)).unwrap();
    assert!(matcher.release(&person(1), at(13)).unwrap_err().is_problem());
    assert_eq!(own(&matcher, 1), None);
}

#[test]
fn whoever_is_declined_sees_the_next_cards_and_never_the_same() {
    let mut matcher = choosing(programme(1, 3, 1));
    let mut seen = Vec::new();
    for round in 0..3 {
        let cards = matcher.cards(&CardQuery::new(person(0))).unwrap();
        let first = cards.offered[0].found.supporter.clone();
        assert!(!seen.contains(&first));
        if round % 2 == 0 {
            matcher.hold(&person(0), &first, at(9)).unwrap();
        } else {
            matcher.choose(&person(0), &first, at(9)).unwrap();
        }
        let declined = matcher.decline(&person(0), &first, at(10)).unwrap();
        assert_eq!(declined.cards.offered.len(), 2 - round);
        assert!(matcher.held_place(&person(0)).unwrap().is_none());
        seen.push(first);
    }
    let refused = matcher.hold(&person(0), &seen[0], at(11)).unwrap();
    assert!(matches!(refused, Choice::Refused { because: Refused::NotEligible { .. }, .. }));
    assert!(matcher.decline(&person(0), &seen[0], at(11)).unwrap_err().is_problem());
}

#[test]
fn whatever_ends_the_match_ends_the_hold() {
    for change in [
        Change::SupporterLeaves { supporter: helper(0) },
        Change::SupporterStatus { supporter: helper(0), status: Status::Released, leave_until: None },
        // Matches that stand go on under review; an offer is none.
        Change::SupporterStatus { supporter: helper(0), status: Status::UnderReview, leave_until: None },
        Change::Bar { participant: person(0), supporter: helper(0), reason: None },
        Change::ParticipantLeaves { participant: person(0) },
        Change::MatchEnds { participant: person(0), outcome: Outcome::Failed, reason: None },
    ] {
        for chosen in [false, true] {
            let mut matcher = choosing(programme(2, 2, 1));
            matcher.hold(&person(0), &helper(0), at(9)).unwrap();
            if chosen {
                matcher.choose(&person(0), &helper(0), at(9)).unwrap();
            }
            matcher.apply(&change, TODAY).unwrap();
            let gone = matches!(change, Change::ParticipantLeaves { .. });
            assert!(gone || matcher.held_place(&person(0)).unwrap().is_none(), "{change:?}");
            // Whoever was choosing chooses on, and is given nobody; an offer leaves no record.
            assert_eq!(own(&matcher, 0), None, "{change:?}");
            assert_eq!(own(&matcher, 1), None, "{change:?}");
            assert!(gone || matcher.contact(&person(0)).unwrap().is_none(), "{change:?}");
            let past = &matcher.program().history().past;
            let begun = |reason: Option<&str>| reason == Some("wants to choose");
            assert!(past.iter().all(|row| begun(row.reason.as_deref())), "{change:?}: {past:?}");
            assert!(matcher.undo());
            assert_eq!(matcher.held_place(&person(0)).unwrap().unwrap().supporter, helper(0), "{change:?}");
            let expired = matcher.expire(at(9) + jiff::SignedDuration::from_hours(48)).unwrap();
            assert_eq!(expired.is_none(), chosen);
        }
    }
}

/// A place that is held is no match, and unpinning it would make it one.
#[test]
fn a_held_place_is_not_unpinned_and_its_participant_may_look_on() {
    let mut matcher = choosing(programme(2, 3, 1));
    matcher.hold(&person(0), &helper(0), at(9)).unwrap();
    let before = bytes(&matcher);
    let refused = matcher.apply(&Change::Unpin { participant: person(0) }, TODAY).unwrap_err();
    assert!(refused.is_problem() && refused.to_string().contains("release it"), "{refused}");
    assert_eq!(bytes(&matcher), before);
    let shown = |matcher: &Matcher| -> Vec<String> {
        let cards = matcher.cards(&CardQuery::new(person(0))).unwrap();
        assert!(cards.offered.iter().all(|own| own.cost.sure == Sure::AtMost));
        cards.offered.iter().map(|own| own.found.supporter.to_string()).collect()
    };
    assert_eq!(shown(&matcher).len(), 2);
    matcher.choose(&person(0), &helper(0), at(10)).unwrap();
    // Nobody has answered yet.
    let others = shown(&matcher);
    assert_eq!(others.len(), 2);
    matcher.choose(&person(0), &others[0].as_str().into(), at(11)).unwrap();
    let late = matcher.accept(&person(0), &helper(0), at(12)).unwrap_err();
    assert!(late.is_problem() && late.to_string().contains("has not answered yet"), "{late}");
    matcher.accept(&person(0), &others[0].as_str().into(), at(12)).unwrap();
    let settled = matcher.cards(&CardQuery::new(person(0))).unwrap_err();
    assert!(settled.is_problem() && settled.to_string().contains("chosen and accepted"), "{settled}");
}

/// Until the supporter has answered a choice is an offer: it can be let go of, given up for another, and is nothing that
/// a pin, an unpinning or a snapshot makes a match of.
#[test]
fn a_choice_is_an_offer_until_it_is_accepted() {
    let mut matcher = choosing(programme(2, 3, 1));
    let past = |matcher: &Matcher| {
        let rows = &matcher.program().history().past;
        rows.iter().filter(|row| row.reason.as_deref() != Some("wants to choose")).count()
    };
    matcher.choose(&person(0), &helper(0), at(9)).unwrap();
    assert!(matcher.apply(&Change::Unpin { participant: person(0) }, TODAY).unwrap_err().is_problem());
    assert!(matcher.contact(&person(0)).unwrap().is_none());
    // Another is held, and then chosen; the first is let go of without a record.
    assert!(matcher.hold(&person(0), &helper(0), at(9)).unwrap_err().is_problem());
    assert!(matches!(matcher.hold(&person(0), &helper(1), at(9)).unwrap(), Choice::Held { .. }));
    assert!(matches!(matcher.choose(&person(0), &helper(2), at(9)).unwrap(), Choice::Matched { .. }));
    matcher.decline(&person(0), &helper(2), at(10)).unwrap();
    matcher.choose(&person(0), &helper(1), at(11)).unwrap();
    matcher.release(&person(0), at(11)).unwrap();
    assert_eq!((own(&matcher, 0), past(&matcher)), (None, 0));
    // A snapshot that says something else of an offer is damaged.
    matcher.choose(&person(0), &helper(1), at(12)).unwrap();
    let mut snapshot: serde_json::Value = serde_json::from_str(&bytes(&matcher)).unwrap();
    let again = Matcher::restore(serde_json::from_value(snapshot.clone()).unwrap(), Vec::new()).unwrap();
    assert!(again.held_place(&person(0)).unwrap().unwrap().is_chosen());
    snapshot["choosing"]["holds"]["P0"]["supporter"] = "S0".into();
    let damaged = Matcher::restore(serde_json::from_value(snapshot).unwrap(), Vec::new()).unwrap_err();
    assert!(damaged.is_problem() && damaged.to_string().contains("P0"), "{damaged}");
    // The programme's own pin takes its place, and stays.
    matcher.apply(&Change::Pin { participant: person(0), supporter: helper(1) }, TODAY).unwrap();
    assert!(
        matcher.held_place(&person(0)).unwrap().is_none() && matcher.contact(&person(0)).unwrap().is_some()
    );
    assert!(matcher.choose(&person(0), &helper(0), at(13)).unwrap_err().is_problem());
    assert_eq!(own(&matcher, 0).as_deref(), Some("S1"));
    // A question that cannot be meant is refused, whether it is answered again or not.
    let senseless = CardQuery { count: Some(0), ..CardQuery::new(person(1)) };
    assert!(matcher.hold_on(&senseless, &helper(0), at(13)).unwrap_err().is_input());
    assert!(matcher.choose_on(&senseless, &helper(0), at(13)).unwrap_err().is_input());
}

/// A match that the programme made is nothing to be accepted, chosen once more or not.
#[test]
fn choosing_whom_one_has_pins_the_match_alone() {
    let mut matcher =
        Matcher::new(Program::new(programme(1, 1, 1)).unwrap(), Policy::default(), TODAY).unwrap();
    matcher.begin(TODAY, &Control::new()).unwrap();
    matcher.choose(&person(0), &helper(0), at(9)).unwrap();
    assert!(matcher.contact(&person(0)).unwrap().is_some());
    assert!(matcher.held_place(&person(0)).unwrap().is_none());
    assert_eq!(matcher.program().standing_of("P0").unwrap().hold, Hold::Pinned);
}

/// The place that is left counts: both may stand under one supervisor's limit.
#[test]
fn whoever_holds_a_place_may_choose_another_under_the_same_limit() {
    let mut data = programme(2, 2, 1);
    data.supervisors = vec![Supervisor { id: "V".into(), caseload: Some(1), hours_per_week: None }];
    for own in &mut data.supporters {
        own.supervisor = Some("V".into());
    }
    let mut matcher = choosing(data);
    assert!(matches!(matcher.hold(&person(0), &helper(0), at(8)).unwrap(), Choice::Held { .. }));
    // Nobody else has a place.
    assert!(matcher.cards(&CardQuery::new(person(1))).unwrap().offered.is_empty());
    let refused = matcher.hold(&person(1), &helper(1), at(8)).unwrap();
    assert!(matches!(refused, Choice::Refused { because: Refused::Taken, .. }));
    assert!(matches!(matcher.hold(&person(0), &helper(1), at(9)).unwrap(), Choice::Held { .. }));
    assert!(matches!(matcher.choose(&person(0), &helper(0), at(10)).unwrap(), Choice::Matched { .. }));
    assert!(matches!(matcher.choose(&person(0), &helper(1), at(11)).unwrap(), Choice::Matched { .. }));
    assert_eq!(own(&matcher, 0).as_deref(), Some("S1"));
    is_sound(&matcher);
}

/// A settlement lets go of whoever a repair held, not of those who are to choose.
#[test]
fn settling_gives_nobody_to_those_who_choose() {
    let mut matcher = choosing(programme(3, 3, 1));
    matcher.hold(&person(0), &helper(0), at(9)).unwrap();
    let settled = matcher.apply(&Change::Settle {}, TODAY).unwrap();
    assert!(settled.effects.is_empty(), "{settled:?}");
    matcher.release(&person(0), at(10)).unwrap();
    assert!((0..3).all(|one| own(&matcher, one).is_none()));
}

/// Where a question shows places that would have to be freed, choosing one frees it, and others move as the card said.
#[test]
fn a_taken_place_is_freed_for_a_choice_that_was_shown_it() {
    let mut matcher =
        Matcher::new(Program::new(programme(5, 4, 1)).unwrap(), Policy::default(), TODAY).unwrap();
    matcher.begin(TODAY, &Control::new()).unwrap();
    let waits = (0..5).find(|&one| own(&matcher, one).is_none()).unwrap();
    let question = CardQuery { taken_places: Some(true), ..CardQuery::new(person(waits)) };
    let none = matcher.cards(&CardQuery::new(person(waits))).unwrap();
    let why = none.nobody.unwrap();
    assert_eq!((none.offered.len(), why.suitable, why.as_asked, why.with_place), (0, 4, 4, 0));
    for offered in matcher.cards(&question).unwrap().offered {
        let mut matcher = matcher.clone();
        let supporter = offered.found.supporter.clone();
        assert!(!offered.place_free);
        // It cannot be held, nor chosen by somebody who was not shown it; the fresh cards are those of the question.
        let refused = matcher.hold_on(&question, &supporter, at(9)).unwrap();
        let Choice::Refused { because: Refused::Taken, cards } = refused else { panic!("{refused:?}") };
        assert!(!cards.offered.is_empty());
        let refused = matcher.choose(&person(waits), &supporter, at(9)).unwrap();
        assert!(matches!(refused, Choice::Refused { because: Refused::Taken, .. }));
        let Choice::Matched { changed } = matcher.choose_on(&question, &supporter, at(9)).unwrap() else {
            panic!("{offered:?}")
        };
        let moved: Vec<_> = changed.effects.iter().filter(|own| own.participant != person(waits)).collect();
        let said: Vec<_> = offered.cost.moves.iter().map(|own| (&own.participant, &own.to)).collect();
        let did: Vec<_> = moved.iter().map(|own| (&own.participant, &own.to)).collect();
        assert_eq!(did, said);
        is_sound(&matcher);
    }
}

#[test]
fn a_matched_participant_chooses_somebody_else_at_once() {
    let mut matcher =
        Matcher::new(Program::new(programme(1, 2, 1)).unwrap(), Policy::default(), TODAY).unwrap();
    matcher.begin(TODAY, &Control::new()).unwrap();
    let before = own(&matcher, 0).unwrap();
    let cards = matcher.cards(&CardQuery::new(person(0))).unwrap();
    assert_eq!(cards.offered.len(), 1);
    let other = cards.offered[0].found.supporter.clone();
    assert_ne!(other.as_str(), before);
    assert!(matcher.hold(&person(0), &other, at(9)).unwrap_err().is_problem());
    matcher.choose(&person(0), &other, at(9)).unwrap();
    assert_eq!(own(&matcher, 0).as_deref(), Some(other.as_str()));
}

/// Menus for many: everything that is wrong with the questions in one go.
#[test]
fn menus_name_every_question_that_cannot_be_meant() {
    let matcher = choosing(programme(2, 2, 1));
    let each = ["Nobody", "P0", "Nowhere"].map(CardQuery::new).to_vec();
    let error = matcher.menus(&MenuQuery { each, per_place: None }).unwrap_err();
    assert_eq!(error.faults().len(), 2, "{error}");
    let mut pinned = choosing(programme(2, 2, 1));
    pinned.apply(&Change::Pin { participant: person(1), supporter: helper(0) }, TODAY).unwrap();
    let each = ["Nobody", "P1"].map(CardQuery::new).to_vec();
    let error = pinned.menus(&MenuQuery { each, per_place: None }).unwrap_err();
    assert!(error.faults().len() == 2 && error.to_string().contains("P1 with S0 is pinned"), "{error}");
    let mut query = CardQuery::new(person(0));
    query.weights = matcher.compatibility().unwrap().criteria().map(|name| (name.to_owned(), 0.0)).collect();
    let error = matcher.cards(&query).unwrap_err();
    assert!(error.is_input() && error.to_string().contains("no criterion is left"), "{error}");
    query.weights.clear();
    query.only.conditions = vec!["no such code".into()];
    assert!(matcher.cards(&query).unwrap().offered.is_empty(), "without a taxonomy any code may be");
    let shown = Request::Shown { participant: "Nobody".into(), at: at(9), supporters: Vec::new() };
    assert!(choosing(programme(1, 1, 1)).make(&Entry { on: TODAY, request: shown }).unwrap_err().is_input());
}

#[test]
fn among_equals_whoever_was_shown_least_comes_first() {
    let mut data = programme(1, 6, 1);
    for own in &mut data.supporters {
        (own.conditions, own.child_age) = (vec!["A".into()], Some(5.0));
        own.gender = Some(own.id.to_string());
    }
    let mut matcher = choosing(data);
    let mut query = CardQuery::new(person(0));
    query.count = Some(2);
    let mut times = std::collections::BTreeMap::new();
    for _ in 0..9 {
        let cards = matcher.cards(&query).unwrap();
        let shown: Vec<SupporterId> = cards.offered.iter().map(|own| own.found.supporter.clone()).collect();
        for id in &shown {
            *times.entry(id.to_string()).or_insert(0) += 1;
        }
        matcher.note_shown(&shown).unwrap();
    }
    assert_eq!(times.values().copied().collect::<Vec<u32>>(), [3; 6], "{times:?}");
    let again: Snapshot = serde_json::from_str(&bytes(&matcher)).unwrap();
    let again = Matcher::restore(again, Vec::new()).unwrap();
    assert_eq!(again.cards(&query).unwrap(), matcher.cards(&query).unwrap());
}

/// One of the requests there are, for somebody.
fn request(matcher: &Matcher, draw: &mut Draw, (people, helpers): (usize, usize), now: DateTime) -> Request {
    let participant = person(draw.below(people as u64) as usize);
    let cards =
        matcher.cards(&CardQuery::new(participant.clone())).map(|cards| cards.offered).unwrap_or_default();
    let supporter = match cards.get(draw.below(3) as usize) {
        Some(offered) if draw.below(4) > 0 => offered.found.supporter.clone(),
        _ => helper(draw.below(helpers as u64) as usize),
    };
    let own = matcher.program().standing_of(participant.as_str()).map(|row| row.supporter.clone());
    match draw.below(14) {
        0..=4 => Request::Hold { participant, supporter, at: now, question: None },
        5 | 6 => {
            Request::Choose { participant, supporter: own.unwrap_or(supporter), at: now, question: None }
        }
        7 => Request::Choose { participant, supporter, at: now, question: None },
        8 if draw.below(2) == 0 => {
            Request::Accept { participant, supporter: own.unwrap_or(supporter), at: now }
        }
        8 => Request::Release { participant, at: now },
        9 => Request::Decline { participant, supporter: own.unwrap_or(supporter), at: now },
        10 => Request::Expire { at: now },
        11 => Request::Apply(Change::WaitsToChoose { participant }),
        12 => Request::Apply(Change::MatchEnds { participant, outcome: Outcome::Failed, reason: None }),
        _ => Request::Shown { participant, at: now, supporters: vec![supporter] },
    }
}

fn is_sound(matcher: &Matcher) {
    let verification = matcher.verify_kept().unwrap();
    assert!(verification.is_valid(), "{verification}");
    let matching = matcher.matching().unwrap();
    assert!(matching.loads.iter().all(|own| own.load <= own.capacity));
    for person in matcher.program().participants() {
        if let Some(held) = matcher.held_place(&person.id).unwrap() {
            let row = matcher.program().standing_of(person.id.as_str()).unwrap();
            assert_eq!(row.supporter, held.supporter);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn choices_at_random_replay_are_undone_and_keep_every_limit(
        seed in any::<u64>(),
        (people, helpers, places) in (1_usize..7, 1_usize..5, 1_u32..3),
        hours in vec(0_i64..40, 1..30),
    ) {
        let data = programme(people, helpers, places);
        let mut matcher = choosing(data.clone());
        let mut draw = Draw(seed);
        let mut now = at(0);
        let (mut entries, mut states) = (Vec::new(), Vec::new());
        for hour in hours {
            now += jiff::SignedDuration::from_hours(hour);
            let request = request(&matcher, &mut draw, (people, helpers), now);
            let entry = Entry { on: now.date(), request };
            let before = bytes(&matcher);
            let undoable = matcher.undoable();
            match matcher.make(&entry) {
                Ok(answer) => {
                    if let Answer::Chosen(choice) = &answer && matches!(**choice, Choice::Refused { .. }) {
                        prop_assert_eq!(&bytes(&matcher), &before);
                    }
                    let noted = matches!(answer, Answer::Noted);
                    if noted {
                        // Noted for good: what is undone before is another state.
                        states.clear();
                    } else if matcher.undoable() > undoable {
                        states.push(before);
                    }
                    entries.push(entry);
                }
                Err(error) => {
                    prop_assert!(error.is_problem() || error.is_input(), "{error}");
                    prop_assert_eq!(&bytes(&matcher), &before);
                }
            }
            is_sound(&matcher);
        }
        let mut again = choosing(data);
        for entry in &entries {
            again.make(entry).unwrap();
        }
        prop_assert_eq!(bytes(&again), bytes(&matcher));
        while let Some(before) = states.pop() {
            prop_assert!(matcher.undo());
            prop_assert_eq!(bytes(&matcher), before);
        }
    }
}

/// Ten thousand choosers in a host program with four threads: no place is given twice, none is lost, and the journal
/// replays to the same state.
#[test]
fn ten_thousand_choosers_race_for_places() {
    const CHOOSERS: u32 = 10_000;
    const PEOPLE: usize = 150;
    const HELPERS: usize = 40;
    let data = programme(PEOPLE, HELPERS, 2);
    let matcher = RwLock::new(choosing(data.clone()));
    let journal = Mutex::new(Vec::new());
    let (next, held, refused) = (AtomicU32::new(0), AtomicU32::new(0), AtomicU32::new(0));
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (matcher, journal, next, held, refused) = (&matcher, &journal, &next, &held, &refused);
            scope.spawn(move || {
                let mut draw = Draw(thread);
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= CHOOSERS {
                        break;
                    }
                    let now = at(0) + jiff::SignedDuration::from_mins(number.into());
                    // Cards are read together with others; by the time somebody chooses they may be stale.
                    let request = request(&matcher.read().unwrap(), &mut draw, (PEOPLE, HELPERS), now);
                    let entry = Entry { on: now.date(), request };
                    let mut matcher = matcher.write().unwrap();
                    if let Ok(answer) = matcher.make(&entry) {
                        journal.lock().unwrap().push(entry);
                        match answer {
                            Answer::Chosen(choice) => match *choice {
                                Choice::Refused { .. } => refused.fetch_add(1, Ordering::Relaxed),
                                _ => held.fetch_add(1, Ordering::Relaxed),
                            },
                            _ => 0,
                        };
                    }
                }
            });
        }
    });
    let matcher = matcher.into_inner().unwrap();
    is_sound(&matcher);
    let (held, refused) = (held.into_inner(), refused.into_inner());
    assert!(held > 500 && refused > 20, "{held} {refused}");
    let mut again = choosing(data);
    for entry in journal.into_inner().unwrap() {
        again.make(&entry).unwrap();
    }
    assert_eq!(bytes(&again), bytes(&matcher));
}
