//! What a policy says of matches that do not work and of what is due after those that are made: every default by hand,
//! what a document overrides and what it leaves, dates at the ends of months and of the calendar.

use jiff::civil::{Date, DateTime, date};
use peermatch::Policy;
use peermatch::policy::{
    Consequences, Due, DueKind, FirstContact, FollowUp, Objective, Reach, Reason, Rematching,
};
use peermatch::program::{Outcome, Status};

/// The lines of the message, without its head; none for a sound policy.
fn problems(policy: &Policy) -> Vec<String> {
    let message = policy.check().err().map(|error| error.to_string()).unwrap_or_default();
    message.lines().skip(1).map(|line| line.trim().to_owned()).collect()
}

fn read(toml: &str) -> Policy {
    Policy::from_toml(toml).unwrap()
}

/// The table of defaults once more, one line for each reason, in the order of the fields.
fn by_hand(reason: Reason) -> Consequences {
    let review = Some(Status::UnderReview);
    #[rustfmt::skip]
    let (
        bar_pair, outcome, supporter_status, narrow_scope, retraining, referral, raise_priority, offer_cards,
        further_requirement, rematch, acquainted,
    ) = match reason {
        Reason::PriorAcquaintance =>
            (true, Outcome::Failed, None, false, false, false, 1, false, false, true, true),
        Reason::PoorFit =>
            (true, Outcome::Failed, None, false, false, false, 1, true, false, true, false),
        Reason::OutOfDepth =>
            (true, Outcome::Failed, None, true, false, true, 1, false, false, true, false),
        Reason::BoundaryBreach =>
            (true, Outcome::Failed, review, false, false, false, 1, false, true, true, false),
        Reason::RomanticPursuit =>
            (true, Outcome::Failed, None, false, false, false, 0, false, true, true, false),
        Reason::BreachOfConfidence | Reason::Misinformation =>
            (true, Outcome::Failed, review, false, true, false, 1, false, false, true, false),
        Reason::TooDirective =>
            (true, Outcome::Failed, None, false, true, false, 1, false, false, true, false),
        Reason::SupporterUnavailable =>
            (false, Outcome::Interrupted, review, false, false, false, 1, false, false, true, false),
        Reason::PrefersToChoose =>
            (true, Outcome::Interrupted, None, false, false, false, 0, true, false, false, false),
        Reason::NoContact | Reason::Other =>
            (true, Outcome::Failed, None, false, false, false, 1, false, false, true, false),
    };
    Consequences {
        bar_pair,
        outcome,
        supporter_status,
        narrow_scope,
        retraining,
        referral,
        raise_priority,
        offer_cards,
        further_requirement,
        rematch,
        acquainted,
    }
}

#[test]
fn every_reason_has_its_defaults() {
    let rematch = Policy::default().rematch;
    assert_eq!(rematch.reasons.len(), Reason::ALL.len());
    for reason in Reason::ALL {
        assert_eq!(rematch.consequences(reason), by_hand(reason), "{reason}");
        assert_eq!(Consequences::default_for(reason), by_hand(reason), "{reason}");
    }
    assert_eq!(rematch.reach, Reach::NobodyElse);
    assert_eq!((rematch.most_displaced, rematch.alternates), (3, 3));
    assert_eq!(Consequences::default(), by_hand(Reason::Other));
    assert_eq!(problems(&Policy::default()), Vec::<String>::new());
}

#[test]
fn reasons_are_written_as_they_are_named_and_told_in_words() {
    let mut words = std::collections::BTreeSet::new();
    for (place, reason) in Reason::ALL.into_iter().enumerate() {
        assert_eq!(serde_json::to_value(reason).unwrap(), reason.as_str());
        assert_eq!(serde_json::from_value::<Reason>(reason.as_str().into()).unwrap(), reason);
        assert!(words.insert(reason.to_string()));
        assert!(Reason::ALL[..place].iter().all(|&before| before < reason));
    }
    assert_eq!(Reason::OutOfDepth.to_string(), "it is more than the supporter can help with");
}

/// A field as a document names it, a value, and how it is set by hand.
type Override = (&'static str, &'static str, fn(&mut Consequences));

const OVERRIDES: [Override; 12] = [
    ("bar_pair", "false", |c| c.bar_pair = false),
    ("outcome", "\"completed\"", |c| c.outcome = Outcome::Completed),
    ("supporter_status", "\"released\"", |c| c.supporter_status = Some(Status::Released)),
    ("supporter_status", "\"unchanged\"", |c| c.supporter_status = None),
    ("narrow_scope", "true", |c| c.narrow_scope = true),
    ("retraining", "true", |c| c.retraining = true),
    ("referral", "true", |c| c.referral = true),
    ("raise_priority", "9", |c| c.raise_priority = 9),
    ("offer_cards", "true", |c| c.offer_cards = true),
    ("further_requirement", "true", |c| c.further_requirement = true),
    ("rematch", "false", |c| c.rematch = false),
    ("acquainted", "true", |c| c.acquainted = true),
];

#[test]
fn a_document_overrides_one_field_of_one_reason_and_nothing_else() {
    for reason in Reason::ALL {
        for (field, value, set) in OVERRIDES {
            let mut wanted = Policy::default();
            set(wanted.rematch.reasons.get_mut(&reason).unwrap());
            let name = reason.as_str();
            let toml = format!("[rematch.reasons.{name}]\n{field} = {value}");
            let json = format!("{{\"rematch\":{{\"reasons\":{{\"{name}\":{{\"{field}\":{value}}}}}}}}}");
            if problems(&wanted).is_empty() {
                assert_eq!(read(&toml), wanted, "{toml}");
                assert_eq!(Policy::from_json(&json).unwrap(), wanted, "{json}");
                assert_eq!(read(&wanted.to_toml().unwrap()), wanted);
                assert_eq!(Policy::from_json(&wanted.to_json().unwrap()).unwrap(), wanted);
            } else {
                let told = Policy::from_toml(&toml).unwrap_err().to_string();
                assert!(told.contains("would propose the same supporter again"), "{toml}: {told}");
            }
        }
    }
    // Several reasons and the rest of the section together; an empty table changes nothing.
    let policy = read(
        "[rematch]\nalternates = 5\n[rematch.reasons]\nother = {}\nno_contact = { referral = true, raise_priority = 2 }",
    );
    let mut wanted = Rematching { alternates: 5, ..Rematching::default() };
    wanted.reasons.insert(
        Reason::NoContact,
        Consequences { referral: true, raise_priority: 2, ..by_hand(Reason::NoContact) },
    );
    assert_eq!(policy.rematch, wanted);
}

#[test]
fn reasons_that_a_host_program_leaves_out_have_their_defaults() {
    let own = Consequences { referral: true, ..by_hand(Reason::PoorFit) };
    let mut policy = Policy::default();
    policy.rematch.reasons = [(Reason::PoorFit, own)].into();
    assert_eq!(policy.rematch.consequences(Reason::PoorFit), own);
    assert_eq!(policy.rematch.consequences(Reason::OutOfDepth), by_hand(Reason::OutOfDepth));
    let read = read(&policy.to_toml().unwrap());
    for reason in Reason::ALL {
        assert_eq!(read.rematch.consequences(reason), policy.rematch.consequences(reason));
    }
}

#[test]
fn what_a_document_spells_wrong_is_refused_by_name() {
    for (toml, wanted) in [
        ("[rematch.reasons.poor_fit]\nbar = true", "rematch.reasons.poor_fit: unknown field `bar`"),
        (
            "[rematch.reasons.poor_match]\n",
            "unknown variant `poor_match`, expected one of `prior_acquaintance`",
        ),
        ("[rematch.reasons.poor_fit]\nraise_priority = 300", "rematch.reasons.poor_fit: "),
        ("[rematch.reasons.poor_fit]\nsupporter_status = \"gone\"", "unknown variant `gone`"),
        ("[rematch]\nreach = \"everybody\"", "unknown variant `everybody`"),
        (
            "[rematch]\nreach = { at_most = { other = 2 } }",
            "unexpected keys in table: other, available keys: others",
        ),
        ("[rematch]\nreasons = 4", "invalid type: integer"),
        ("[rematch]\nhow_far = 4", "unknown field `how_far`"),
        ("[follow_up]\nfirst_contact = 4", "unknown field `first_contact`"),
    ] {
        let error = Policy::from_toml(toml).unwrap_err();
        assert!(error.is_policy() && error.to_string().contains(wanted), "{toml}: {error}");
    }
}

#[test]
fn the_reach_is_written_as_it_is_read() {
    for (toml, reach) in [
        ("\"nobody_else\"", Reach::NobodyElse),
        ("\"full\"", Reach::Full),
        ("{ at_most = { others = 2 } }", Reach::AtMost { others: 2 }),
        ("{ at_price = { price = 0.25 } }", Reach::AtPrice { price: 0.25 }),
    ] {
        let policy = read(&format!("[rematch]\nreach = {toml}"));
        assert_eq!(policy.rematch, Rematching { reach, ..Rematching::default() });
        assert_eq!(read(&policy.to_toml().unwrap()), policy);
        assert_eq!(Policy::from_json(&policy.to_json().unwrap()).unwrap(), policy);
    }
}

/// A whole number of the two sections, the most it may be, and how it is set.
type Count = (&'static str, f64, fn(&mut Policy, u32));

const COUNTS: [Count; 12] = [
    ("rematch.most_displaced", 100.0, |p, v| p.rematch.most_displaced = v),
    ("rematch.alternates", 100.0, |p, v| p.rematch.alternates = v),
    ("rematch.reach.at_most.others", 100.0, |p, v| p.rematch.reach = Reach::AtMost { others: v }),
    ("rematch.reasons.poor_fit.raise_priority", 9.0, |p, v| {
        let consequences = p.rematch.reasons.get_mut(&Reason::PoorFit).unwrap();
        consequences.raise_priority = u8::try_from(v).unwrap_or(u8::MAX);
    }),
    ("follow_up.first_contact_hours", 8760.0, |p, v| {
        p.follow_up.first_contact_hours = v;
        p.follow_up.first_contact_warn_hours = 0;
    }),
    ("follow_up.first_contact_warn_hours", 8760.0, |p, v| {
        p.follow_up.first_contact_warn_hours = v;
        p.follow_up.first_contact_hours = v.min(8760);
    }),
    ("follow_up.dose_contacts", 1000.0, |p, v| p.follow_up.dose_contacts = v),
    ("follow_up.dose_weeks", 520.0, |p, v| p.follow_up.dose_weeks = v),
    ("follow_up.first_weeks", 520.0, |p, v| p.follow_up.first_weeks = v),
    ("follow_up.early_every_months", 120.0, |p, v| p.follow_up.early_every_months = v),
    ("follow_up.early_until_months", 1200.0, |p, v| p.follow_up.early_until_months = v),
    ("follow_up.later_every_months", 120.0, |p, v| p.follow_up.later_every_months = v),
];

#[test]
fn numbers_have_ranges() {
    for (field, most, set) in COUNTS {
        for (value, sound) in [(0, true), (most as u32, true), (most as u32 + 1, false), (u32::MAX, false)] {
            let mut policy = Policy::default();
            set(&mut policy, value);
            let told = problems(&policy);
            assert_eq!(told.is_empty(), sound, "{field} = {value}: {told:?}");
            let named = told.first().is_none_or(|line| line.starts_with(&format!("{field} = ")));
            assert!(named, "{told:?} does not name {field}");
        }
    }
    for (price, sound) in [(0.0, true), (1.0, true), (1.001, false), (-0.001, false), (f64::NAN, false)] {
        let mut policy = Policy::default();
        policy.rematch.reach = Reach::AtPrice { price };
        assert_eq!(problems(&policy).is_empty(), sound, "{price}");
    }
}

#[test]
fn what_contradicts_itself_is_told_all_at_once() {
    let mut policy = Policy::default();
    let change = |policy: &mut Policy, reason, change: fn(&mut Consequences)| {
        change(policy.rematch.reasons.get_mut(&reason).unwrap());
    };
    change(&mut policy, Reason::SupporterUnavailable, |c| c.supporter_status = None);
    change(&mut policy, Reason::PrefersToChoose, |c| c.bar_pair = false);
    change(&mut policy, Reason::PoorFit, |c| c.supporter_status = Some(Status::Active));
    policy.follow_up.first_contact_hours = 12;
    policy.objective = Objective { change_price: 2.0, ..policy.objective };
    let told = problems(&policy);
    let wanted = [
        "objective.change_price = 2",
        "rematch.reasons.poor_fit.supporter_status = active: would make somebody available",
        "rematch.reasons.supporter_unavailable.bar_pair = false: would propose the same supporter again",
        "rematch.reasons.prefers_to_choose.bar_pair = false: would propose the same supporter again",
        "follow_up.first_contact_warn_hours = 24: comes after what it warns of; warn after 12 hours at most",
    ];
    assert_eq!(told.len(), wanted.len(), "{told:#?}");
    for (line, wanted) in told.iter().zip(wanted) {
        assert!(line.starts_with(wanted), "{line}");
    }
}

#[test]
fn a_pair_that_is_not_barred_needs_something_else_that_keeps_it_apart() {
    let sound = |consequences| {
        let mut policy = Policy::default();
        policy.rematch.reasons = [(Reason::NoContact, consequences)].into();
        problems(&policy).is_empty()
    };
    let open = Consequences { bar_pair: false, outcome: Outcome::Interrupted, ..Consequences::default() };
    assert!(!sound(open));
    assert!(!sound(Consequences { outcome: Outcome::Completed, ..open }));
    assert!(!sound(Consequences { rematch: false, offer_cards: true, ..open }));
    assert!(sound(Consequences { bar_pair: true, ..open }));
    assert!(sound(Consequences { outcome: Outcome::Failed, ..open }));
    assert!(sound(Consequences { rematch: false, ..open }));
    for status in [Status::InTraining, Status::OnLeave, Status::UnderReview, Status::Released] {
        assert!(sound(Consequences { supporter_status: Some(status), ..open }));
    }
}

/// A due without its warning.
fn due(kind: DueKind, due: Date) -> Due {
    Due { kind, warn: None, due }
}

fn follow_up(number: u32, day: Date) -> Due {
    due(DueKind::FollowUp { number }, day)
}

#[test]
fn what_is_due_in_the_first_year_and_after() {
    assert_eq!(
        FollowUp::default(),
        FollowUp {
            first_contact_hours: 48,
            first_contact_warn_hours: 24,
            dose_contacts: 4,
            dose_weeks: 8,
            first_weeks: 2,
            early_every_months: 1,
            early_until_months: 12,
            later_every_months: 3,
        }
    );
    // A match on the last day of January: the days are those of the shorter months, and come back in the longer.
    let told = FollowUp::default().due(date(2027, 1, 31), date(2028, 7, 31));
    let wanted = [
        Due { kind: DueKind::FirstContact, warn: Some(date(2027, 2, 1)), due: date(2027, 2, 2) },
        follow_up(1, date(2027, 2, 14)),
        follow_up(2, date(2027, 2, 28)),
        due(DueKind::Dose { contacts: 4 }, date(2027, 3, 28)),
        follow_up(3, date(2027, 3, 31)),
        follow_up(4, date(2027, 4, 30)),
        follow_up(5, date(2027, 5, 31)),
        follow_up(6, date(2027, 6, 30)),
        follow_up(7, date(2027, 7, 31)),
        follow_up(8, date(2027, 8, 31)),
        follow_up(9, date(2027, 9, 30)),
        follow_up(10, date(2027, 10, 31)),
        follow_up(11, date(2027, 11, 30)),
        follow_up(12, date(2027, 12, 31)),
        follow_up(13, date(2028, 1, 31)),
        follow_up(14, date(2028, 4, 30)),
        follow_up(15, date(2028, 7, 31)),
    ];
    assert_eq!(told, wanted);
    // A leap year's February has the 29th.
    assert!(
        FollowUp::default()
            .due(date(2028, 1, 31), date(2028, 3, 1))
            .contains(&follow_up(2, date(2028, 2, 29)))
    );
}

#[test]
fn the_horizon_is_included_and_what_lies_behind_it_is_not() {
    let (settings, matched) = (FollowUp::default(), date(2026, 11, 21));
    let all = settings.due(matched, date(2030, 1, 1));
    for until in all.iter().map(|due| due.due) {
        let within: Vec<Due> = all.iter().copied().filter(|due| due.due <= until).collect();
        assert_eq!(settings.due(matched, until), within);
        let before: Vec<Due> = all.iter().copied().filter(|due| due.due < until).collect();
        assert_eq!(settings.due(matched, until.yesterday().unwrap()), before);
    }
    assert_eq!(settings.due(matched, matched), []);
    assert_eq!(settings.due(matched, date(2000, 1, 1)), []);
}

#[test]
fn each_part_can_be_left_out_or_set_otherwise() {
    let none = FollowUp {
        first_contact_hours: 0,
        dose_contacts: 0,
        first_weeks: 0,
        early_every_months: 0,
        later_every_months: 0,
        ..FollowUp::default()
    };
    let matched = date(2026, 1, 1);
    let told = |settings: FollowUp| settings.due(matched, date(2027, 12, 31));
    assert_eq!(told(none), []);
    assert_eq!(told(FollowUp { dose_contacts: 4, dose_weeks: 0, ..none }), []);
    let weeks = FollowUp { dose_contacts: 2, dose_weeks: 1, ..none };
    assert_eq!(told(weeks), [due(DueKind::Dose { contacts: 2 }, date(2026, 1, 8))]);
    // Quarterly from the end of the first half year, whatever was before it.
    let later = FollowUp { early_until_months: 6, later_every_months: 6, ..none };
    let wanted = [follow_up(1, date(2027, 1, 1)), follow_up(2, date(2027, 7, 1))];
    assert_eq!(told(later), wanted);
    let early = FollowUp { early_every_months: 5, ..none };
    assert_eq!(told(early), [follow_up(1, date(2026, 6, 1)), follow_up(2, date(2026, 11, 1))]);
    // A first one after 10 weeks comes in place of those after one month and two.
    let late = FollowUp { first_weeks: 10, early_every_months: 1, early_until_months: 3, ..none };
    assert_eq!(told(late), [follow_up(1, date(2026, 3, 12)), follow_up(2, date(2026, 4, 1))]);
}

#[test]
fn hours_are_the_days_that_have_begun_when_they_are_over() {
    let matched = date(2026, 12, 30);
    for (hours, day) in [
        (1, date(2026, 12, 31)),
        (24, date(2026, 12, 31)),
        (25, date(2027, 1, 1)),
        (36, date(2027, 1, 1)),
        (48, date(2027, 1, 1)),
        (49, date(2027, 1, 2)),
    ] {
        let settings =
            FollowUp { first_contact_hours: hours, first_contact_warn_hours: hours, ..FollowUp::default() };
        let first = settings.due(matched, date(2027, 1, 3))[0];
        assert_eq!((first.warn, first.due), (Some(day), day), "{hours}");
    }
    let unwarned = FollowUp { first_contact_warn_hours: 0, ..FollowUp::default() };
    assert_eq!(unwarned.due(matched, date(2027, 1, 3))[0].warn, None);
}

#[test]
fn first_contact_to_the_minute() {
    let matched: DateTime = "2026-12-31T17:45".parse().unwrap();
    let settings = FollowUp::default();
    let wanted = FirstContact {
        warn: Some("2027-01-01T17:45".parse().unwrap()),
        due: "2027-01-02T17:45".parse().unwrap(),
    };
    assert_eq!(settings.first_contact(matched), Some(wanted));
    let settings = FollowUp { first_contact_hours: 30, first_contact_warn_hours: 0, ..settings };
    let wanted = FirstContact { warn: None, due: "2027-01-01T23:45".parse().unwrap() };
    assert_eq!(settings.first_contact(matched), Some(wanted));
    let settings = FollowUp { first_contact_hours: 0, ..FollowUp::default() };
    assert_eq!(settings.first_contact(matched), None);
    assert_eq!(FollowUp::default().first_contact(DateTime::MAX), None);
}

#[test]
fn the_end_of_the_calendar_is_no_fault() {
    let told = FollowUp::default().due(date(9999, 12, 1), Date::MAX);
    assert_eq!(told.iter().map(|due| due.due).collect::<Vec<_>>(), [date(9999, 12, 3), date(9999, 12, 15)]);
    assert_eq!(FollowUp::default().due(Date::MAX, Date::MAX), []);
    let huge = FollowUp {
        first_contact_hours: u32::MAX,
        first_contact_warn_hours: u32::MAX,
        dose_contacts: u32::MAX,
        dose_weeks: u32::MAX,
        first_weeks: u32::MAX,
        early_every_months: u32::MAX,
        early_until_months: u32::MAX,
        later_every_months: u32::MAX,
    };
    assert_eq!(huge.due(date(2026, 1, 1), Date::MAX), []);
    // Everything from one end of the calendar to the other.
    let all = FollowUp::default().due(Date::MIN, Date::MAX);
    assert!(all.is_sorted_by_key(|due| (due.due, due.kind)));
    assert!(all.len() > 19_998 * 4);
}

#[test]
fn what_is_due_is_plain_data() {
    let all = FollowUp::default().due(date(2026, 11, 21), date(2027, 1, 31));
    let json = serde_json::to_string(&all).unwrap();
    let first = r#"[{"kind":"first_contact","warn":"2026-11-22","due":"2026-11-23"},"#;
    assert!(json.starts_with(first), "{json}");
    assert!(json.contains(r#"{"kind":{"follow_up":{"number":1}},"due":"2026-12-05"}"#), "{json}");
    assert_eq!(serde_json::from_str::<Vec<Due>>(&json).unwrap(), all);
}
