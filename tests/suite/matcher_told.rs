//! What a living matcher tells of a change: the reason that is meant, no warnings of what was intended, and whoever
//! waits to choose hears of everybody who is free.

use peermatch::matcher::{Because, Change, Control, Rematch};
use peermatch::policy::Reason;
use peermatch::program::{History, Hold, Participant, ProgramData, StandingMatch, Status, Supporter};
use peermatch::{Matcher, Policy, Program};

use crate::random_programme::TODAY;

fn matcher() -> Matcher {
    let conditions = || vec!["A".into()];
    let parent = |id: &str| Participant { conditions: conditions(), consent: true, ..Participant::new(id) };
    let helper = |id: &str| Supporter { conditions: conditions(), ..Supporter::new(id) };
    let data = ProgramData {
        participants: vec![parent("P-1")],
        supporters: vec![helper("S-1"), helper("S-2"), helper("S-3")],
        ..ProgramData::default()
    };
    let mut matcher = Matcher::new(Program::new(data).unwrap(), Policy::default(), TODAY).unwrap();
    matcher.begin(TODAY, &Control::default()).unwrap();
    matcher
}

#[test]
fn a_rematch_says_that_the_match_is_over() {
    for reason in Reason::ALL {
        let told = matcher().rematch(&Rematch::new("P-1", reason), TODAY).unwrap();
        let effect = &told.changed.effects[0];
        assert_eq!(effect.because, Because::MatchEnded, "{reason}");
    }
    let bar = Change::Bar { participant: "P-1".into(), supporter: "S-1".into(), reason: None };
    assert_eq!(matcher().apply(&bar, TODAY).unwrap().effects[0].because, Because::Themselves);
}

#[test]
fn a_release_warns_of_no_match_that_it_ends() {
    let release =
        Change::SupporterStatus { supporter: "S-1".into(), status: Status::Released, leave_until: None };
    let told = matcher().apply(&release, TODAY).unwrap();
    assert_eq!(told.effects[0].because, Because::SupporterChanged);
    assert!(told.warnings.is_empty(), "{:?}", told.warnings);
}

#[test]
fn whoever_waits_to_choose_hears_of_everybody_who_is_free() {
    let mut matcher = matcher();
    matcher.rematch(&Rematch::new("P-1", Reason::PrefersToChoose), TODAY).unwrap();
    let before = serde_json::to_string(&matcher.snapshot().unwrap()).unwrap();
    for most in 0..4 {
        let all = matcher.alternates("P-1", most, TODAY).unwrap();
        let ids: Vec<&str> = all.iter().map(|way| way.found.supporter.as_str()).collect();
        assert_eq!(ids, ["S-2", "S-3"][..most.min(2)]);
    }
    assert_eq!(serde_json::to_string(&matcher.snapshot().unwrap()).unwrap(), before);
}

#[test]
fn a_supporter_with_several_pinned_matches_can_leave() {
    for (capacity, pinned) in [(1, 1), (3, 2), (3, 3)] {
        let people = ["P-1", "P-2", "P-3"].map(|id| Participant {
            conditions: vec!["A".into()],
            consent: true,
            ..Participant::new(id)
        });
        let helper = |id: &str| Supporter {
            conditions: vec!["A".into()],
            capacity: Some(capacity),
            ..Supporter::new(id)
        };
        let standing = people[..pinned].iter().map(|person| StandingMatch {
            participant: person.id.clone(),
            supporter: "S-1".into(),
            hold: Hold::Pinned,
            price: None,
            since: None,
        });
        let history = History { standing: standing.collect(), ..History::default() };
        let data = ProgramData {
            participants: people.to_vec(),
            supporters: vec![helper("S-1"), helper("S-2")],
            history,
            ..ProgramData::default()
        };
        let mut matcher = Matcher::new(Program::new(data).unwrap(), Policy::default(), TODAY).unwrap();
        matcher.begin(TODAY, &Control::default()).unwrap();
        let before = serde_json::to_string(&matcher.snapshot().unwrap()).unwrap();
        for leaves in [true, false] {
            let supporter = "S-1".into();
            let change = if leaves {
                Change::SupporterLeaves { supporter }
            } else {
                Change::SupporterStatus { supporter, status: Status::Released, leave_until: None }
            };
            let told = matcher.apply(&change, TODAY).unwrap();
            assert_eq!(told.after.matched, capacity, "{pinned} pinned");
            assert!(matcher.verify_kept().unwrap().is_valid());
            assert!(matcher.undo());
            assert_eq!(serde_json::to_string(&matcher.snapshot().unwrap()).unwrap(), before);
        }
    }
}
