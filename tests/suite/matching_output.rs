//! What a matching is written as and compared by: CSV, JSON, the difference of two, and what is told while it is made.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use peermatch::assignment::Stop;
use peermatch::matcher::{Control, Progress, Stage};
use peermatch::matching::{Difference, LoadChange, Moved, Score};
use peermatch::policy::Relaxation;
use peermatch::program::{
    Concept, Hold, Modality, Participant, Place, ProgramData, StandingMatch, Status, Supporter,
};
use peermatch::{Matcher, Matching, Program};

use crate::matching_vetoes::{helper, matched, parent, people, strict};
use crate::random_programme::TODAY;

/// The cells of each line, the header first.
fn cells(matching: &Matching) -> Vec<Vec<String>> {
    let text = matching.to_csv().unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(text.as_bytes());
    reader.records().map(|row| row.unwrap().iter().map(str::to_owned).collect()).collect()
}

fn cell<'a>(rows: &'a [Vec<String>], participant: &str, column: &str) -> &'a str {
    let place = rows[0].iter().position(|name| name == column).unwrap();
    let row = rows.iter().find(|row| row[0] == participant).unwrap();
    &row[place]
}

/// One of everything: new, kept, pinned against the rules, relaxed, left and without consent.
fn mixed() -> (ProgramData, peermatch::Policy) {
    let named = |id: &str, condition: &str| Participant { conditions: vec![condition.into()], ..parent(id) };
    let with = |id: &str, condition: &str| Supporter { conditions: vec![condition.into()], ..helper(id) };
    let near = Participant {
        place: Place::at(36.0, -86.0),
        modalities: vec![Modality::InPerson],
        ..named("near", "a")
    };
    let far = Participant {
        place: Place::at(36.0, -86.0),
        travel_km: Some(80.0),
        modalities: vec![Modality::InPerson],
        ..named("far", "b")
    };
    let shy = Participant { consent: false, ..named("shy", "a") };
    let participants =
        vec![near, far, named("kept", "c"), named("pinned", "d"), named("left", "none of theirs"), shy];
    let supporters = vec![
        Supporter { place: Place::at(36.0, -86.1), ..with("A", "a") },
        Supporter { place: Place::at(37.0, -86.0), ..with("B", "b") },
        with("C", "c"),
        Supporter { languages: vec!["es".parse().unwrap()], ..with("D", "d") },
    ];
    let mut data = people(participants, supporters);
    let standing = |participant: &str, supporter: &str, hold| StandingMatch {
        participant: participant.into(),
        supporter: supporter.into(),
        hold,
        price: None,
        since: None,
    };
    data.history.standing = vec![standing("kept", "C", Hold::Movable), standing("pinned", "D", Hold::Pinned)];
    data.conditions = vec![Concept { code: "a".into(), parents: Vec::new(), name: "=SUM(A1)".into() }];
    let mut policy = strict();
    policy.relaxations = vec![Relaxation {
        name: "+a longer drive".into(),
        price: 0.05,
        travel_factor: Some(2.0),
        ..Relaxation::default()
    }];
    (data, policy)
}

#[test]
fn the_table_has_a_line_for_each_participant() {
    let (data, policy) = mixed();
    let matching = matched(data.clone(), policy);
    let rows = cells(&matching);
    let header = "participant,outcome,supporter,score,confidence,modality,distance_km,language,origin,relaxations,\
                  despite,reason,why";
    assert_eq!(matching.to_csv().unwrap().lines().next(), Some(header));
    let mut told: Vec<&str> = rows[1..].iter().map(|row| row[0].as_str()).collect();
    told.sort_unstable();
    let mut all: Vec<&str> = data.participants.iter().map(|person| person.id.as_str()).collect();
    all.sort_unstable();
    assert_eq!(told, all);
    for (participant, outcome, supporter, origin) in [
        ("near", "matched", "A", "new"),
        ("far", "matched", "B", "new"),
        ("kept", "matched", "C", "kept"),
        ("pinned", "matched", "D", "pinned"),
        ("left", "unmatched", "", ""),
        ("shy", "no consent", "", ""),
    ] {
        assert_eq!(cell(&rows, participant, "outcome"), outcome);
        assert_eq!(cell(&rows, participant, "supporter"), supporter);
        assert_eq!(cell(&rows, participant, "origin"), origin);
    }
    // A tenth of a degree of longitude at 36 degrees north.
    assert_eq!(cell(&rows, "near", "distance_km"), "9.0");
    assert_eq!(cell(&rows, "near", "modality"), "in_person");
    assert_eq!(cell(&rows, "near", "language"), "en");
    assert_eq!(cell(&rows, "kept", "distance_km"), "");
    assert_eq!(cell(&rows, "kept", "score"), "1.000000");
    // Condition, meeting and language are known: 40 of 40 + 25 (issue) + 10 (age) + 5 + 5, wishes not asked about.
    assert_eq!(cell(&rows, "kept", "confidence"), "0.470588");
    assert_eq!(cell(&rows, "pinned", "despite"), "no language in common");
    assert_eq!(cell(&rows, "kept", "despite"), "");
    assert_eq!(cell(&rows, "shy", "reason"), "has not consented to being matched");
    assert_eq!(cell(&rows, "left", "reason"), "no supporter meets the requirements");
    assert_eq!(
        cell(&rows, "left", "why"),
        "have neither a condition nor an issue alike enough: 4 (3 for this alone); speak no language in common: 1 (0 \
         for this alone)"
    );
    assert_eq!(cell(&rows, "kept", "reason"), "");
    assert!(cell(&rows, "kept", "why").starts_with("condition: both c; "), "the largest part first");
}

#[test]
fn a_cell_cannot_start_a_formula() {
    let (data, policy) = mixed();
    let rows = cells(&matched(data, policy));
    assert_eq!(cell(&rows, "far", "relaxations"), "'+a longer drive");
    for id in ["=1+1", "+1", "-1", "@a"] {
        let matching = matched(people(vec![parent(id)], vec![helper(id)]), strict());
        let rows = cells(&matching);
        assert_eq!((rows[1][0].as_str(), rows[1][2].as_str()), (&*format!("'{id}"), &*format!("'{id}")));
        let rows = cells(&matched(people(vec![parent(id)], Vec::new()), strict()));
        assert_eq!((rows[1][0].as_str(), rows[1][1].as_str()), (&*format!("'{id}"), "unmatched"));
    }
    let matching = matched(people(vec![parent("a=1"), parent("é")], vec![helper("S,\"x\"")]), strict());
    let rows = cells(&matching);
    assert_eq!((rows[1][0].as_str(), rows[1][2].as_str()), ("a=1", "S,\"x\""), "elsewhere it is harmless");
}

#[test]
fn json_reads_back_as_the_same_matching() {
    let (data, policy) = mixed();
    let matching = matched(data.clone(), policy);
    let text = matching.to_json().unwrap();
    let again = Matching::from_json(&text).unwrap();
    assert_eq!(again, matching);
    assert_eq!(again.to_json().unwrap(), text);
    assert_eq!(again.to_csv().unwrap(), matching.to_csv().unwrap());
    // With an ended match of each kind that carries something, and stopped early.
    let mut gone = data;
    gone.supporters[2].status = Status::Released;
    gone.supporters[2].capacity = Some(3);
    gone.history.standing[1].hold = Hold::Movable;
    let flag = AtomicBool::new(true);
    let control = Control::new().cancelled_by(&flag);
    let matcher = Matcher::new(Program::new(gone).unwrap(), strict(), TODAY).unwrap();
    for matching in [matcher.match_all().unwrap(), matcher.match_all_with(&control).unwrap()] {
        assert_eq!(matching.ended.len(), 2);
        assert_eq!(Matching::from_json(&matching.to_json().unwrap()).unwrap(), matching);
    }
    assert!(Matching::from_json("{}").is_err());
}

fn micro(score: i64) -> Score {
    Score::from_micro(score)
}

#[test]
fn what_changed_between_two_matchings() {
    let age = |id: &str, child_age| Supporter { child_age: Some(child_age), ..helper(id) };
    let child = |id: &str, condition: &str| Participant {
        child_age: Some(4.0),
        conditions: vec![condition.into()],
        ..parent(id)
    };
    let of =
        |condition: &str, supporter: Supporter| Supporter { conditions: vec![condition.into()], ..supporter };
    let before = matched(
        people(
            vec![child("stays", "a"), child("moves", "b"), child("leaves", "c"), child("loses", "d")],
            vec![
                of("a", age("A", 4.0)),
                of("b", age("B", 4.0)),
                of("c", age("C", 4.0)),
                of("d", age("D", 4.0)),
            ],
        ),
        strict(),
    );
    assert_eq!(before.totals.matched, 4);
    // A's child is now as old as costs half of 10 in 50; B moves on to E; D has gone; N is new.
    let after = matched(
        people(
            vec![child("stays", "a"), child("new", "c"), child("moves", "b"), child("loses", "d")],
            vec![of("a", age("A", 13.0)), of("b", age("E", 22.0)), of("c", age("C", 4.0))],
        ),
        strict(),
    );
    let difference = Difference::between(&before, &after);
    let moved = |participant: &str, from: Option<&str>, to: Option<&str>, score| Moved {
        participant: participant.into(),
        from: from.map(Into::into),
        to: to.map(Into::into),
        score: micro(score),
    };
    let load = |supporter: &str, before, after| LoadChange { supporter: supporter.into(), before, after };
    let wanted = Difference {
        kept: 1,
        rescored: 1,
        moved: vec![moved("moves", Some("B"), Some("E"), -200_000)],
        gained: vec![moved("new", None, Some("C"), 1_000_000)],
        lost: vec![moved("leaves", Some("C"), None, -1_000_000), moved("loses", Some("D"), None, -1_000_000)],
        loads: vec![load("B", Some(1), None), load("D", Some(1), None), load("E", None, Some(1))],
        score: micro(2_700_000 - 4_000_000),
    };
    assert_eq!(difference, wanted);
    assert!(!difference.is_empty());
    let told = "moves: B -> E (-20.0 %)\nnew: nobody -> C (+100.0 %)\nleaves: C -> nobody (-100.0 %)\n\
                loses: D -> nobody (-100.0 %)\n1 kept (1 with another score), 1 moved, 1 gained, 2 lost; sum of scores \
                -130.0 %";
    assert_eq!(difference.to_string(), told);
    let none = Difference::between(&before, &before);
    assert_eq!(none, Difference { kept: 4, ..Difference::default() });
    assert!(none.is_empty());
    let text = serde_json::to_string(&difference).unwrap();
    assert_eq!(serde_json::from_str::<Difference>(&text).unwrap(), difference);
}

/// Somewhat more than one block of people.
fn crowd() -> Matcher {
    let participants = (0..200).map(|index| parent(&format!("P{index}"))).collect();
    let supporters =
        (0..60).map(|index| Supporter { capacity: Some(3), ..helper(&format!("S{index}")) }).collect();
    Matcher::new(Program::new(people(participants, supporters)).unwrap(), strict(), TODAY).unwrap()
}

#[test]
fn stages_are_told_in_their_order() {
    let told = Mutex::new(Vec::new());
    let callback = |progress: &Progress| {
        told.lock().unwrap().push(*progress);
        ControlFlow::Continue(())
    };
    let matcher = crowd();
    let watched = matcher.match_all_with(&Control::new().on_progress(&callback)).unwrap();
    assert_eq!(watched, matcher.match_all().unwrap(), "to watch changes nothing");
    let order = |stage: Stage| match stage {
        Stage::Compile => 0,
        Stage::Score => 1,
        Stage::Solve(_) => 2,
        Stage::Verify => 3,
        Stage::Explain => 4,
        other => panic!("no place for {other:?}"),
    };
    let told = told.into_inner().unwrap();
    let stages: Vec<u32> = told.iter().map(|progress| order(progress.stage)).collect();
    assert!(stages.is_sorted(), "{stages:?}");
    let mut once = stages;
    once.dedup();
    assert_eq!(once, [0, 1, 2, 3, 4]);
    assert!(told.iter().all(|progress| progress.done <= progress.total));
    for stage in [Stage::Compile, Stage::Score, Stage::Verify, Stage::Explain] {
        let mut of_stage = told.iter().filter(|progress| progress.stage == stage);
        assert!(of_stage.any(|progress| progress.done == progress.total), "{stage:?} comes to its end");
    }
}

#[test]
fn a_matching_can_be_stopped_at_any_time() {
    let matcher = crowd();
    let best = matcher.match_all().unwrap();
    assert!(best.solution.optimal && best.solution.gap.is_none());
    assert_eq!((best.totals.matched, best.totals.places_taken), (180, 180));
    for looks in [0, 1, 2, 3, 5, 8, 13, 21, 40] {
        let seen = AtomicU32::new(0);
        let callback = |_: &Progress| {
            if seen.fetch_add(1, Ordering::Relaxed) >= looks {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        let found = matcher.match_all_with(&Control::new().on_progress(&callback)).unwrap();
        assert_eq!(found.pairs.len() + found.unmatched.len(), 200, "everyone is told of");
        if found.solution.stop == Stop::Completed {
            assert_eq!(found, best);
        } else {
            assert!(looks < 40, "a whole solve looks no more often");
            assert_eq!(found.solution.optimal, found.solution.gap.is_none(), "stopped after {looks} looks");
            let gap = found.solution.gap.map_or(0, |gap| i128::from(gap.served));
            assert!(found.solution.cost.served - gap <= best.solution.cost.served);
            assert_eq!(found.totals.matched, 180, "free places are filled");
        }
    }
    // The wish of the first look is remembered until the search begins.
    let seen = AtomicBool::new(false);
    let callback = |_: &Progress| {
        if seen.swap(true, Ordering::Relaxed) { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
    };
    let found = matcher.match_all_with(&Control::new().on_progress(&callback)).unwrap();
    assert_eq!(found.solution.stop, Stop::Cancelled);
}
