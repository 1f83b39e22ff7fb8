//! Matches that fail: what each reason leads to, what there is to choose from, who could step in; and that the same
//! requests lead to the same state.

use std::collections::BTreeSet;
use std::sync::Arc;

use peermatch::journal::{Journal, Writer};
use peermatch::matcher::{
    AskedBy, Because, Change, Consequence, Control, Entry, Pairs, Rematch, Request, Snapshot,
};
use peermatch::policy::{Consequences, Criterion, DueKind, Reach, Reason};
use peermatch::program::{
    BarredPair, Hold, Outcome, Participant, ProgramData, StandingMatch, Status, Supervisor, Supporter,
    SupporterId,
};
use peermatch::{Matcher, Policy, Program};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::matcher_changes::{begin, draw};
use crate::random_policy::{Rules, rules};
use crate::random_programme::{TODAY, programme};

fn parent(id: &str, conditions: &[&str]) -> Participant {
    Participant {
        conditions: conditions.iter().map(|&code| code.into()).collect(),
        consent: true,
        ..Participant::new(id)
    }
}

fn helper(id: &str, conditions: &[&str], capacity: u32) -> Supporter {
    Supporter {
        conditions: conditions.iter().map(|&code| code.into()).collect(),
        capacity: Some(capacity),
        ..Supporter::new(id)
    }
}

/// Two parents, of whom one can have anybody and the other one supporter alone.
fn small() -> ProgramData {
    ProgramData {
        participants: vec![parent("P-1", &["autism", "epilepsy"]), parent("P-2", &["epilepsy"])],
        supporters: vec![
            helper("S-1", &["autism", "epilepsy"], 1),
            helper("S-2", &["epilepsy"], 1),
            helper("S-3", &["autism"], 1),
        ],
        ..ProgramData::default()
    }
}

fn living(data: ProgramData, policy: Policy) -> Matcher {
    let mut matcher = Matcher::new(Program::new(data).unwrap(), policy, TODAY).unwrap();
    matcher.begin(TODAY, &Control::new()).unwrap();
    matcher
}

fn supporter_of(matcher: &Matcher, participant: &str) -> Option<String> {
    let matching = matcher.matching().unwrap();
    matching.of_participant(participant).map(|own| own.supporter.to_string())
}

fn status(matcher: &Matcher, supporter: &str) -> Status {
    matcher.program().supporters()[matcher.program().supporter_index(supporter).unwrap()].status
}

#[test]
fn each_reason_leads_to_what_the_policy_says() {
    for reason in Reason::ALL {
        let mut matcher = living(small(), Policy::default());
        let was = supporter_of(&matcher, "P-1").unwrap();
        assert_eq!(was, "S-1");
        let request = Rematch {
            out_of_scope: vec!["epilepsy".into(), "unheard of".into()],
            ..Rematch::new("P-1", reason)
        };
        let answer = matcher.rematch(&request, TODAY).unwrap();
        let follows = Consequences::default_for(reason);
        let odd: Vec<_> = answer.changed.warnings.iter().filter_map(|odd| odd.value.as_deref()).collect();
        assert_eq!(odd.contains(&"unheard of"), follows.narrow_scope, "{odd:?}");
        assert_eq!(answer.supporter.as_str(), "S-1");
        let has = |wanted: &Consequence| answer.consequences.contains(wanted);
        assert_eq!(has(&Consequence::PairBarred), follows.bar_pair, "{reason}");
        assert_eq!(matcher.program().barred_of("P-1").count() == 1, follows.bar_pair, "{reason}");
        assert_eq!(has(&Consequence::Acquainted), follows.acquainted, "{reason}");
        assert_eq!(has(&Consequence::Retraining), follows.retraining, "{reason}");
        assert_eq!(has(&Consequence::Referral), follows.referral, "{reason}");
        assert_eq!(has(&Consequence::OfferCards), follows.offer_cards, "{reason}");
        assert_eq!(has(&Consequence::AskForRequirement), follows.further_requirement, "{reason}");
        assert_eq!(status(&matcher, "S-1"), follows.supporter_status.unwrap_or(Status::Active), "{reason}");
        let priority = matcher.program().participants()[0].priority;
        assert_eq!(priority, follows.raise_priority, "{reason}");
        let scope = &matcher.program().supporters()[0].excluded_conditions;
        assert_eq!(scope.iter().any(|code| code.as_str() == "epilepsy"), follows.narrow_scope, "{reason}");
        assert!(scope.iter().all(|code| code.as_str() != "unheard of"), "{reason}");
        let past: Vec<_> = matcher.program().past_of("P-1").collect();
        assert_eq!(past.len(), 1, "{reason}");
        assert_eq!(past[0].outcome, follows.outcome, "{reason}");
        assert_eq!(past[0].reason.as_deref(), Some(reason.to_string().as_str()));
        // Nobody else moved, and somebody else was found where one was to be looked for.
        assert_eq!(answer.changed.effects.len(), 1, "{reason}");
        let effect = &answer.changed.effects[0];
        assert_eq!(effect.because, Because::MatchEnded);
        assert_eq!(supporter_of(&matcher, "P-1").is_some(), follows.rematch, "{reason}");
        if follows.rematch {
            assert_eq!(effect.due[0].kind, DueKind::FirstContact);
        }
        // The same two are never proposed to each other again, however far one looks.
        for reach in [Reach::Full, Reach::AtPrice { price: 0.0 }] {
            matcher.apply_within(&Change::Settle {}, reach, TODAY).unwrap();
            assert_ne!(supporter_of(&matcher, "P-1").as_deref(), Some("S-1"), "{reason}");
        }
    }
}

#[test]
fn policy_overrides_what_a_reason_leads_to() {
    let policy = Policy::from_toml(
        "[rematch.reasons.no_contact]\nsupporter_status = \"on_leave\"\nraise_priority = 3\n",
    )
    .unwrap();
    let mut matcher = living(small(), policy);
    let answer = matcher.rematch(&Rematch::new("P-1", Reason::NoContact), TODAY).unwrap();
    assert_eq!(status(&matcher, "S-1"), Status::OnLeave);
    assert!(answer.consequences.contains(&Consequence::PriorityRaised { priority: 3 }));
}

#[test]
fn who_withdraws_is_looked_for_no_more() {
    let mut matcher = living(small(), Policy::default());
    let request = Rematch {
        withdraws: true,
        asked_by: AskedBy::Supporter,
        note: Some("declined another".to_owned()),
        ..Rematch::new("P-1", Reason::RomanticPursuit)
    };
    let answer = matcher.rematch(&request, TODAY).unwrap();
    assert!(answer.consequences.contains(&Consequence::Withdrawn));
    assert!(!answer.consequences.contains(&Consequence::AskForRequirement));
    assert_eq!(supporter_of(&matcher, "P-1"), None);
    matcher.apply_within(&Change::Settle {}, Reach::Full, TODAY).unwrap();
    assert_eq!(supporter_of(&matcher, "P-1"), None);
    let past = matcher.program().past_of("P-1").next().unwrap();
    assert_eq!((past.outcome, past.reason.as_deref()), (Outcome::Failed, Some("declined another")));
}

/// P-1 suits S-1 and S-2; P-2 has S-2 and could have S-3.
fn chain() -> ProgramData {
    let standing = |participant: &str, supporter: &str| StandingMatch {
        participant: participant.into(),
        supporter: supporter.into(),
        hold: Hold::Movable,
        price: None,
        since: None,
    };
    let mut data = ProgramData {
        participants: vec![parent("P-1", &["autism"]), parent("P-2", &["autism", "epilepsy"])],
        supporters: vec![
            helper("S-1", &["autism"], 1),
            helper("S-2", &["autism"], 1),
            helper("S-3", &["epilepsy"], 1),
        ],
        ..ProgramData::default()
    };
    data.history.standing = vec![standing("P-1", "S-1"), standing("P-2", "S-2")];
    let barred = BarredPair { participant: "P-2".into(), supporter: "S-1".into(), reason: None };
    data.history.barred.push(barred);
    data
}

#[test]
fn options_are_what_a_rematch_makes_of_them() {
    let mut matcher = living(chain(), Policy::default());
    let before = matcher.program().to_data();
    let request = Rematch::new("P-1", Reason::PoorFit);
    let options = matcher.rematch_options(&request, TODAY).unwrap();
    assert_eq!(matcher.program().to_data(), before);
    // Nobody free suits; if P-2 moves on to S-3, S-2 is free.
    assert_eq!(options.len(), 1);
    assert_eq!(options[0].others, 1);
    assert_eq!(options[0].found.supporter.as_str(), "S-2");
    assert_eq!(options[0].moves.len(), 2);
    assert!(options[0].serves > 0);

    let left = matcher.rematch(&request, TODAY).unwrap();
    assert_eq!(left.changed.effects.len(), 1);
    assert!(left.changed.effects[0].unmatched.is_some());
    assert_eq!(matcher.held().unwrap().len(), 1);
    assert!(matcher.undo());
    assert_eq!(matcher.program().to_data(), before);

    let reach = Some(Reach::AtMost { others: 1 });
    let moved = matcher.rematch(&Rematch { reach, ..request }, TODAY).unwrap();
    let made: Vec<String> = moved.changed.effects.iter().map(ToString::to_string).collect();
    assert_eq!(
        made,
        ["P-1 moves from S-1 to S-2: the match is over", "P-2 moves from S-2 to S-3: made way for P-1"]
    );
    assert!(matcher.verify_kept().unwrap().is_valid());
}

#[test]
fn who_was_left_waiting_takes_the_next_free_place() {
    let mut matcher = living(chain(), Policy::default());
    matcher.rematch(&Rematch::new("P-1", Reason::PoorFit), TODAY).unwrap();
    assert_eq!(supporter_of(&matcher, "P-1"), None);
    // Something that opens nothing moves nobody for them.
    let change = Change::SupporterCapacity { supporter: "S-3".into(), capacity: Some(2) };
    matcher.apply(&change, TODAY).unwrap();
    assert_eq!(supporter_of(&matcher, "P-1"), None);
    let arrives = Change::SupporterArrives { supporter: Box::new(helper("S-4", &["autism"], 1)) };
    let changed = matcher.apply(&arrives, TODAY).unwrap();
    assert_eq!(changed.effects.len(), 1);
    assert_eq!(changed.effects[0].because, Because::SupporterOpened);
    assert_eq!(supporter_of(&matcher, "P-1").as_deref(), Some("S-4"));
    assert!(matcher.held().unwrap().is_empty());
}

#[test]
fn a_free_place_is_taken_where_that_would_move_somebody_within_a_supervisors_limit() {
    let mut data = chain();
    data.supervisors = vec![Supervisor { id: "V-1".into(), caseload: Some(2), hours_per_week: None }];
    for own in &mut data.supporters {
        own.supervisor = (own.id.as_str() != "S-1").then(|| "V-1".into());
        own.wished_minimum = 1;
    }
    let mut policy = Policy::default();
    policy.objective.change_price = 0.0;
    policy.loads.wished_minimum_bonus = 0.9;
    let mut matcher = living(data, policy);
    matcher.rematch(&Rematch::new("P-1", Reason::PoorFit), TODAY).unwrap();
    assert_eq!(supporter_of(&matcher, "P-1"), None);
    // With P-1 there, P-2 would rather go where one is wished for; asked to stay, they both have somebody.
    let change = Change::SupporterCapacity { supporter: "S-2".into(), capacity: Some(2) };
    matcher.apply(&change, TODAY).unwrap();
    assert_eq!(supporter_of(&matcher, "P-1").as_deref(), Some("S-2"));
    assert_eq!(supporter_of(&matcher, "P-2").as_deref(), Some("S-2"));
}

#[test]
fn who_prefers_to_choose_is_offered_nobody() {
    let mut matcher = living(small(), Policy::default());
    matcher.rematch(&Rematch::new("P-1", Reason::PrefersToChoose), TODAY).unwrap();
    assert_eq!(supporter_of(&matcher, "P-1"), None);
    let arrives = Change::SupporterArrives { supporter: Box::new(helper("S-4", &["autism", "epilepsy"], 3)) };
    matcher.apply(&arrives, TODAY).unwrap();
    assert_eq!(supporter_of(&matcher, "P-1"), None);
    let choice = Change::Pin { participant: "P-1".into(), supporter: "S-4".into() };
    matcher.apply(&choice, TODAY).unwrap();
    assert_eq!(supporter_of(&matcher, "P-1").as_deref(), Some("S-4"));
    assert!(matcher.held().unwrap().is_empty());
}

#[test]
fn a_release_finds_others_for_the_whole_caseload_in_one_step() {
    let data = ProgramData {
        participants: vec![
            parent("P-1", &["autism"]),
            parent("P-2", &["autism"]),
            parent("P-3", &["autism"]),
        ],
        supporters: vec![
            helper("S-1", &["autism"], 3),
            helper("S-2", &["autism"], 1),
            helper("S-3", &["autism"], 1),
        ],
        ..ProgramData::default()
    };
    let mut policy = Policy::default();
    policy.loads.further_match_price = 0.0;
    policy.loads.balance = peermatch::policy::Balance::Off;
    let mut data = data;
    data.history.standing = ["P-1", "P-2", "P-3"]
        .map(|id| StandingMatch {
            participant: id.into(),
            supporter: "S-1".into(),
            hold: Hold::Movable,
            price: None,
            since: None,
        })
        .to_vec();
    let mut matcher = living(data, policy);
    let losses = matcher.losses(TODAY).unwrap();
    assert_eq!(losses.len(), 1);
    assert_eq!((losses[0].caseload, losses[0].unmatched, losses[0].others), (3, 1, 0));
    let release =
        Change::SupporterStatus { supporter: "S-1".into(), status: Status::Released, leave_until: None };
    let changed = matcher.apply(&release, TODAY).unwrap();
    assert_eq!(changed.effects.len(), 3);
    assert!(changed.effects.iter().all(|effect| effect.because == Because::SupporterChanged));
    assert_eq!(changed.effects.iter().filter(|effect| effect.unmatched.is_some()).count(), 1);
    assert_eq!((changed.before.matched, changed.after.matched), (3, 2));
}

#[test]
fn questions_take_nothing_from_what_can_be_undone() {
    let mut matcher = living(small(), Policy::default());
    let begun = bytes(&matcher);
    matcher.keep_undoable(2);
    for capacity in [2, 3] {
        let change = Change::SupporterCapacity { supporter: "S-2".into(), capacity: Some(capacity) };
        matcher.apply(&change, TODAY).unwrap();
    }
    let changed = bytes(&matcher);
    matcher.drill(&Change::SupporterLeaves { supporter: "S-1".into() }, TODAY).unwrap();
    matcher.losses(TODAY).unwrap();
    matcher.alternates("P-1", 3, TODAY).unwrap();
    matcher.rematch_options(&Rematch::new("P-1", Reason::PoorFit), TODAY).unwrap();
    assert_eq!(bytes(&matcher), changed);
    assert_eq!(matcher.undoable(), 2);
    assert!(matcher.undo() && matcher.undo() && !matcher.undo());
    assert_eq!(bytes(&matcher), begun);
}

#[test]
fn a_backup_is_kept_as_long_as_it_can_be_one() {
    let mut matcher = living(small(), Policy::default());
    let stands_by = |supporter: Option<&str>| Change::StandsBy {
        participant: "P-1".into(),
        supporter: supporter.map(Into::into),
    };
    assert!(matcher.apply(&stands_by(Some("S-1")), TODAY).is_err(), "the supporter cannot be the backup");
    matcher.apply(&stands_by(Some("S-3")), TODAY).unwrap();
    assert_eq!(matcher.backup_of("P-1").unwrap().map(SupporterId::as_str), Some("S-3"));
    let review =
        Change::SupporterStatus { supporter: "S-3".into(), status: Status::UnderReview, leave_until: None };
    matcher.apply(&review, TODAY).unwrap();
    assert_eq!(matcher.backup_of("P-1").unwrap(), None);
    assert!(matcher.undo());
    assert_eq!(matcher.backup_of("P-1").unwrap().map(SupporterId::as_str), Some("S-3"));
    // Once matched with the backup, nobody stands by any more.
    matcher.rematch(&Rematch::new("P-1", Reason::PoorFit), TODAY).unwrap();
    assert_eq!(supporter_of(&matcher, "P-1").as_deref(), Some("S-3"));
    assert_eq!(matcher.backup_of("P-1").unwrap(), None);
}

#[test]
fn changes_that_cannot_be_meant_say_so() {
    let mut matcher = living(small(), Policy::default());
    let before = matcher.program().to_data();
    let faults = [
        (Change::ParticipantLeaves { participant: "P-11".into() }, "P-1"),
        (Change::SupporterLeaves { supporter: "X".into() }, "there is no such supporter"),
        (Change::ParticipantArrives { participant: Box::new(parent("P-1", &[])) }, "is there already"),
        (
            Change::ParticipantChanges { participant: Box::new(parent("P-9", &[])) },
            "there is no such participant",
        ),
        (Change::CriterionWeight { criterion: "issue".to_owned(), weight: -1.0 }, "issue"),
        (Change::CriterionWeight { criterion: "nothing".to_owned(), weight: 1.0 }, "nothing"),
    ];
    for (change, word) in faults {
        let error = matcher.apply(&change, TODAY).unwrap_err();
        assert!(error.to_string().contains(word), "{change:?}: {error}");
        assert_eq!(matcher.program().to_data(), before);
        assert!(matcher.verify_kept().unwrap().is_valid());
    }
    for reach in [Reach::AtPrice { price: f64::NAN }, Reach::AtMost { others: 1000 }] {
        let change = Change::SupporterCapacity { supporter: "S-1".into(), capacity: Some(2) };
        let error = matcher.apply_within(&change, reach, TODAY).unwrap_err();
        assert!(error.is_policy() && error.to_string().contains("out of range"), "{error}");
        assert_eq!(matcher.program().to_data(), before);
    }
    let nobody = matcher.rematch(&Rematch::new("P-7", Reason::PoorFit), TODAY).unwrap_err();
    assert!(nobody.is_input(), "{nobody}");
}

/// A request of any kind, of people who are there.
pub(crate) fn entry(
    matcher: &Matcher,
    draw: &crate::matcher_changes::Draw,
    kind: u8,
    reason: Reason,
) -> Option<Entry> {
    let request = match kind {
        0 => Request::Undo,
        1..=3 => {
            let people = matcher.program().participants();
            let served: Vec<_> = people
                .iter()
                .filter(|one| matcher.program().standing_of(one.id.as_str()).is_some())
                .collect();
            let id = served.get(usize::from(kind) % served.len().max(1))?.id.clone();
            let reach = (kind > 1).then_some(draw.reach);
            let out_of_scope = vec!["a1".into(), "sleep".into()];
            Request::Rematch(Rematch {
                reach,
                out_of_scope,
                withdraws: kind == 3,
                ..Rematch::new(id, reason)
            })
        }
        4..=6 => Request::ApplyWithin { change: draw.change(matcher)?, reach: draw.reach },
        _ => Request::Apply(draw.change(matcher)?),
    };
    Some(Entry { on: TODAY, request })
}

pub(crate) fn bytes(matcher: &Matcher) -> String {
    serde_json::to_string(&matcher.snapshot().unwrap()).unwrap()
}

pub(crate) fn criteria(rules: &Rules) -> Vec<Arc<dyn Criterion>> {
    rules.custom.iter().map(|own| Arc::new(own.clone()) as Arc<dyn Criterion>).collect()
}

/// Whether a request brings back somebody who left; who leaves by it is noted.
pub(crate) fn comes_back(entry: &Entry, left: &mut BTreeSet<String>) -> bool {
    let (Request::Apply(change) | Request::ApplyWithin { change, .. }) = &entry.request else { return false };
    match change {
        Change::ParticipantLeaves { participant } => drop(left.insert(participant.to_string())),
        Change::SupporterLeaves { supporter } => drop(left.insert(supporter.to_string())),
        Change::ParticipantArrives { participant } => return left.contains(participant.id.as_str()),
        Change::SupporterArrives { supporter } => return left.contains(supporter.id.as_str()),
        _ => {}
    }
    false
}

/// Whether what was made again from a journal is what there was, byte for byte.
pub(crate) fn is_replayed(again: &Matcher, matcher: &Matcher, refused: bool) -> Result<(), TestCaseError> {
    if refused {
        // A request that was refused may have left a position behind that nobody has.
        let state = |matcher: &Matcher| (matcher.program().to_data(), matcher.matching().unwrap().pairs);
        prop_assert_eq!(state(again), state(matcher));
        return Ok(());
    }
    let (again, whole) = (bytes(again), bytes(matcher));
    let at = again.bytes().zip(whole.bytes()).position(|(one, other)| one != other);
    let near = |text: &str| at.map(|at| text[at.saturating_sub(60)..(at + 60).min(text.len())].to_owned());
    prop_assert!(again == whole, "{:?} {:?}", near(&again), near(&whole));
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn the_same_requests_lead_to_the_same_bytes(
        data in programme(6, 5).boxed(),
        mut rules in rules().boxed(),
        draws in vec((draw().boxed(), 0..12_u8, select(Reason::ALL.to_vec())), 1..12),
        halfway in 0..12_usize,
        pairs in select(vec![Pairs::Explicit, Pairs::Implicit]),
    ) {
        rules.policy.objective.worst_off_first = false;
        let mut matcher = begin(data.clone(), &rules, pairs);
        let mut journal = Writer::create(Vec::new()).unwrap();
        let mut restored: Option<Matcher> = None;
        let (mut left, mut refused) = (BTreeSet::new(), false);
        for (number, (draw, kind, reason)) in draws.iter().enumerate() {
            if number == halfway {
                let text = bytes(&matcher);
                let snapshot: Snapshot = serde_json::from_str(&text).unwrap();
                let again = Matcher::restore(snapshot, criteria(&rules)).unwrap().with_pairs(pairs);
                prop_assert_eq!(&bytes(&again), &text);
                restored = Some(again);
                // What was before a snapshot cannot be undone after it.
                matcher.keep_undoable(0);
                matcher.keep_undoable(32);
            }
            let Some(entry) = entry(&matcher, draw, *kind, *reason) else { continue };
            // A snapshot does not say what records tell of people who left.
            if comes_back(&entry, &mut left) {
                continue;
            }
            let made = matcher.make(&entry);
            if let Some(again) = &mut restored {
                prop_assert_eq!(again.make(&entry).is_ok(), made.is_ok());
                prop_assert_eq!(again.matching().unwrap().pairs, matcher.matching().unwrap().pairs);
            }
            if made.is_ok() {
                journal.append(&entry).unwrap();
            } else {
                refused = true;
            }
            prop_assert!(matcher.verify_kept().unwrap().is_valid());
        }
        if halfway >= draws.len() {
            let mut again = begin(data, &rules, pairs);
            for entry in &Journal::<Entry>::read(journal.get_ref()).records {
                again.make(entry).unwrap();
            }
            is_replayed(&again, &matcher, refused)?;
        }
    }

    #[test]
    fn options_and_alternates_keep_their_word(
        data in programme(6, 5).boxed(),
        mut rules in rules().boxed(),
        reason in select(Reason::ALL.to_vec()),
        pairs in select(vec![Pairs::Explicit, Pairs::Implicit]),
    ) {
        rules.policy.objective.worst_off_first = false;
        let mut matcher = begin(data, &rules, pairs);
        let people: Vec<_> = matcher.program().history().standing.iter().map(|row| row.participant.clone()).collect();
        let before = bytes(&matcher);
        for id in people {
            let request = Rematch::new(id.clone(), reason);
            let options = matcher.rematch_options(&request, TODAY).unwrap();
            prop_assert_eq!(&bytes(&matcher), &before);
            for option in &options {
                let reach = Some(Reach::AtMost { others: option.others });
                let made = matcher.rematch(&Rematch { reach, ..request.clone() }, TODAY).unwrap();
                prop_assert!(matcher.verify_kept().unwrap().is_valid());
                if Consequences::default_for(reason).rematch {
                    let own = made.changed.effects.iter().find(|effect| effect.participant == id);
                    let to = own.and_then(|effect| effect.to.as_ref());
                    prop_assert_eq!(to, Some(&option.found.supporter), "{} {:?}", reason, option);
                }
                matcher.undo();
                prop_assert_eq!(&bytes(&matcher), &before);
            }
            let Ok(alternates) = matcher.alternates(id.as_str(), 3, TODAY) else { continue };
            prop_assert_eq!(&bytes(&matcher), &before);
            let matching = matcher.matching().unwrap();
            for alternate in &alternates {
                let load = matching.loads.iter().find(|load| load.supporter == alternate.found.supporter).unwrap();
                prop_assert!(load.load < load.capacity, "{:?} is full", alternate.found);
                prop_assert!(alternate.found.explanation.despite.is_empty());
                let costs = (alternate.cost.required, alternate.cost.served, alternate.cost.quality);
                prop_assert!(costs >= (0, 0, 0));
            }
        }
    }
}
