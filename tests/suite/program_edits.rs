//! A programme that changes record by record: it agrees with one that is read anew from its data, refuses what reading
//! refuses, and every edit has a way back.

use std::collections::BTreeSet;

use peermatch::program::{
    BarredPair, Concept, GazetteerEntry, Hold, Participant, PastMatch, Place, Program, ProgramData,
    StandingMatch, Status, Supporter, SupporterId,
};
use peermatch::{Fault, Matcher, Policy, Severity};
use proptest::prelude::*;

use crate::random_edits::{Back, Edit, apply, edit};
use crate::random_programme::{TODAY, programme};

/// The data with the record in place; nothing for an edit that takes something out.
fn in_place(mut data: ProgramData, edit: &Edit) -> Option<ProgramData> {
    fn replace<T: Clone>(rows: &mut Vec<T>, row: &T, same: impl Fn(&T) -> bool) {
        match rows.iter_mut().find(|row| same(row)) {
            Some(there) => *there = row.clone(),
            None => rows.push(row.clone()),
        }
    }
    match edit {
        Edit::PutParticipant(own) => replace(&mut data.participants, own, |there| there.id == own.id),
        Edit::PutSupporter(own) => replace(&mut data.supporters, own, |there| there.id == own.id),
        Edit::PutSupervisor(own) => replace(&mut data.supervisors, own, |there| there.id == own.id),
        Edit::AddAcquaintance(row) => data.history.acquaintances.push(row.clone()),
        Edit::Bar(row) => data.history.barred.push(row.clone()),
        Edit::AddPast(row) => data.history.past.push(row.clone()),
        Edit::SetStanding(row) => {
            replace(&mut data.history.standing, row, |there| there.participant == row.participant);
        }
        _ => return None,
    }
    Some(data)
}

/// What a fault says, but for the numbers of rows.
type Said = (Severity, Option<String>, Option<String>, String, String);

fn said(fault: &Fault) -> Said {
    let mut problem = String::new();
    for (at, piece) in fault.problem.split("row ").enumerate() {
        problem.push_str(if at == 0 {
            piece
        } else {
            piece.trim_start_matches(|c: char| c.is_ascii_digit())
        });
    }
    (fault.severity, fault.field.clone(), fault.value.clone(), problem, fault.remedy.clone())
}

/// What is said of rows, sorted; of people who were there once, reading cannot know.
fn rows_said<'a>(faults: impl IntoIterator<Item = &'a Fault>, gone: &BTreeSet<String>) -> Vec<Said> {
    let unknown = |fault: &Fault| {
        let is_gone = fault.value.as_ref().is_some_and(|value| gone.contains(value));
        is_gone && (fault.problem.ends_with("has this id") || fault.problem.ends_with("has left"))
    };
    let mut all: Vec<Said> = faults
        .into_iter()
        .filter(|fault| fault.row.is_some() && !unknown(fault))
        // These two are said of whichever comes later.
        .filter(|fault| {
            !fault.problem.contains("in letter case alone") && !fault.problem.contains("the same two")
        })
        .map(said)
        .collect();
    all.sort();
    all
}

fn errors(said: Vec<Said>) -> Vec<Said> {
    said.into_iter().filter(|fault| fault.0 == Severity::Error).collect()
}

/// The programme agrees with the one that its data give.
fn agree(program: &Program) {
    let data = program.to_data();
    let fresh = Program::new(data.clone()).unwrap();
    assert!(fresh.to_data() == data);
    assert_eq!(fresh.history(), &data.history);
    let people: Vec<usize> =
        (0..program.participants().len()).filter(|&at| !program.is_vacant_participant(at)).collect();
    assert_eq!(people.len(), fresh.participants().len());
    let there = |id: &SupporterId| program.supporter_index(id.as_str()).is_some();
    for (own, &at) in people.iter().enumerate() {
        let mut record = program.participants()[at].clone();
        record.known.retain(there);
        record.refused.retain(there);
        assert!(record == fresh.participants()[own]);
        let id = record.id.as_str();
        assert_eq!((program.participant_index(id), fresh.participant_index(id)), (Some(at), Some(own)));
        assert!(program.participant_coordinates(at) == fresh.participant_coordinates(own));
        assert_eq!(program.participant_region(at), fresh.participant_region(own));
        assert_eq!(program.standing_of(id), fresh.standing_of(id));
        let now = |row: &&PastMatch| there(&row.supporter);
        assert!(program.past_of(id).filter(now).eq(fresh.past_of(id)));
        let known = |program: &Program| -> BTreeSet<_> {
            program.acquaintances_of(id).map(|row| row.supporter.clone()).filter(there).collect()
        };
        assert_eq!(known(program), known(&fresh));
        let barred = |program: &Program| -> BTreeSet<_> {
            program.barred_of(id).map(|row| row.supporter.clone()).filter(there).collect()
        };
        assert_eq!(barred(program), barred(&fresh));
    }
    let supporters: Vec<usize> =
        (0..program.supporters().len()).filter(|&at| !program.is_vacant_supporter(at)).collect();
    assert_eq!(supporters.len(), fresh.supporters().len());
    for (own, &at) in supporters.iter().enumerate() {
        let id = program.supporters()[at].id.as_str();
        assert_eq!(id, fresh.supporters()[own].id.as_str());
        assert_eq!((program.supporter_index(id), fresh.supporter_index(id)), (Some(at), Some(own)));
        assert!(program.supporter_coordinates(at) == fresh.supporter_coordinates(own));
        assert_eq!(program.supporter_region(at), fresh.supporter_region(own));
        let caseload = |program: &Program| -> BTreeSet<_> {
            program.standing_with(id).map(|row| row.participant.clone()).collect()
        };
        assert_eq!(caseload(program), caseload(&fresh));
    }
    for (at, own) in program.supervisors().iter().enumerate() {
        assert_eq!(program.supervisor_index(own.id.as_str()), Some(at));
    }
    the_index_has_every_row(program);
}

fn the_index_has_every_row(program: &Program) {
    let history = program.history();
    for id in (0..9).map(|at| format!("P{at}")) {
        let rows = history.acquaintances.iter().filter(|row| row.participant.as_str() == id);
        assert_eq!(rows.count(), program.acquaintances_of(&id).count());
        let rows = history.barred.iter().filter(|row| row.participant.as_str() == id);
        assert_eq!(rows.count(), program.barred_of(&id).count());
        let rows = history.past.iter().filter(|row| row.participant.as_str() == id);
        assert_eq!(rows.count(), program.past_of(&id).count());
        assert!(program.acquaintances_of(&id).all(|row| row.participant.as_str() == id));
        assert!(program.barred_of(&id).all(|row| row.participant.as_str() == id));
        assert!(program.past_of(&id).all(|row| row.participant.as_str() == id));
        let standing = history.standing.iter().find(|row| row.participant.as_str() == id);
        assert_eq!(program.standing_of(&id), standing);
    }
    for id in (0..9).map(|at| format!("S{at}")) {
        let rows: BTreeSet<_> =
            history.standing.iter().filter(|row| row.supporter.as_str() == id).collect_ids();
        assert_eq!(program.standing_with(&id).collect_ids(), rows);
    }
}

trait CollectIds {
    fn collect_ids(self) -> BTreeSet<String>;
}

impl<'a, I: Iterator<Item = &'a StandingMatch>> CollectIds for I {
    fn collect_ids(self) -> BTreeSet<String> {
        self.map(|row| row.participant.0.clone()).collect()
    }
}

fn gazetteer() -> Vec<GazetteerEntry> {
    let entry = |postcode: &str, town: &str| GazetteerEntry {
        postcode: Some(postcode.to_owned()),
        town: Some(town.to_owned()),
        region: Some("TN".to_owned()),
        latitude: 36.1,
        longitude: -86.8,
        time_zone: Some("America/Chicago".to_owned()),
    };
    vec![entry("37203", "Nashville"), entry("37201", "Franklin")]
}

fn step(program: &mut Program, edit: &Edit, gone: &BTreeSet<String>) {
    let (before, history) = (program.to_data(), program.history().clone());
    let placed = in_place(before.clone(), edit).map(Program::new);
    match apply(program, edit.clone()) {
        Ok((back, warnings)) => {
            agree(program);
            match placed {
                Some(Ok(fresh)) => {
                    let (told, all) = (rows_said(&warnings, gone), rows_said(fresh.warnings(), gone));
                    assert!(told.iter().all(|fault| all.contains(fault)), "{told:?} of {all:?}");
                    let old = rows_said(Program::new(before.clone()).unwrap().warnings(), gone);
                    let is_own = |fault: &&Said| {
                        !old.contains(fault)
                            && !fault.3.contains("others write this code")
                            && !fault.3.contains("supervisor's")
                    };
                    if matches!(
                        edit,
                        Edit::PutParticipant(_) | Edit::PutSupporter(_) | Edit::PutSupervisor(_)
                    ) {
                        for fault in all.iter().filter(is_own) {
                            assert!(told.contains(fault), "{fault:?} is not told");
                        }
                    }
                }
                Some(Err(error)) => {
                    // A record may name people who were there.
                    let left = errors(rows_said(error.faults(), gone));
                    let is_own = |fault: &Said| fault.1.as_deref() != Some("supervisor");
                    assert!(!left.into_iter().any(|fault| is_own(&fault)), "{edit:?}: {error}");
                }
                None => {}
            }
            if matches!(edit, Edit::PutSupervisor(_)) && back.is_empty() {
                return;
            }
            let mut undone = program.clone();
            for step in back {
                match step {
                    Back::Edit(edit) => drop(apply(&mut undone, edit).unwrap()),
                    Back::RestoreParticipant(at, own) => {
                        assert_eq!(undone.restore_participant(at, own).unwrap().position, at);
                    }
                    Back::RestoreSupporter(at, own) => {
                        assert_eq!(undone.restore_supporter(at, own).unwrap().position, at);
                    }
                }
            }
            assert!(undone.to_data() == before, "{edit:?} has no way back");
        }
        Err(error) => {
            assert!(error.is_input());
            assert!(program.to_data() == before && *program.history() == history);
            match placed {
                Some(Ok(_)) => panic!("{edit:?} is refused: {error}"),
                Some(Err(fresh)) => {
                    let (ours, theirs) = (rows_said(error.faults(), gone), rows_said(fresh.faults(), gone));
                    assert_eq!(errors(ours), errors(theirs), "{edit:?}");
                }
                None => assert!(error.faults()[0].problem.ends_with("has this id")),
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn a_changed_programme_is_the_one_that_its_data_give(
        data in programme(5, 5),
        edits in prop::collection::vec(edit(), 1..30),
    ) {
        let mut program = Program::new(ProgramData { gazetteer: gazetteer(), ..data }).unwrap();
        agree(&program);
        let mut seen = BTreeSet::new();
        for edit in edits {
            seen.extend(program.participants().iter().map(|own| own.id.0.clone()));
            seen.extend(program.supporters().iter().map(|own| own.id.0.clone()));
            // Supervisors whom supporters named before there were any.
            seen.extend(program.supporters().iter().filter_map(|own| own.supervisor.clone()).map(|id| id.0));
            let places = [Program::participant_index, Program::supporter_index, Program::supervisor_index];
            let is_gone = |id: &&String| places.iter().all(|place| place(&program, id).is_none());
            let gone: BTreeSet<String> = seen.iter().filter(is_gone).cloned().collect();
            step(&mut program, &edit, &gone);
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn it_is_matched_as_if_it_had_always_been_so(
        data in programme(6, 6),
        edits in prop::collection::vec(edit(), 1..25),
    ) {
        let mut program = Program::new(ProgramData { gazetteer: gazetteer(), ..data }).unwrap();
        for edit in edits {
            drop(apply(&mut program, edit));
        }
        let matching = |program: Program| {
            let matching = Matcher::new(program, Policy::default(), TODAY).unwrap().match_all().unwrap();
            (matching.to_csv().unwrap(), matching.loads, matching.unmatched, matching.ended, matching.totals)
        };
        let fresh = Program::new(program.to_data()).unwrap();
        let (ours, theirs) = (matching(program), matching(fresh));
        prop_assert_eq!(ours.0, theirs.0);
        prop_assert_eq!(ours.1, theirs.1);
        prop_assert_eq!(ours.2, theirs.2);
        prop_assert_eq!(ours.4, theirs.4);
        let ended = |all: Vec<peermatch::matching::EndedMatch>| -> BTreeSet<String> {
            all.into_iter().map(|row| format!("{row:?}")).collect()
        };
        prop_assert_eq!(ended(ours.3), ended(theirs.3));
    }
}

#[test]
fn nobody_is_counted_at_a_vacant_position() {
    let person = |id: &str| Participant { consent: true, ..Participant::new(id) };
    let data = ProgramData {
        participants: ["P0", "P1", "P2"].map(person).to_vec(),
        supporters: ["S0", "S1", "S2"].map(Supporter::new).to_vec(),
        ..ProgramData::default()
    };
    let mut program = Program::new(data).unwrap();
    program.remove_participant("P0").unwrap();
    program.remove_supporter("S0").unwrap();
    let fresh = Program::new(program.to_data()).unwrap();
    for rule in [
        "quota = { per = \"supporter\", at_least = 1 }",
        "open = { at_least = 1, price = 0.1 }",
        "quota = { per = \"programme\", of = { participant = { newcomer = true } }, at_least_share = 0.5 }",
    ] {
        let policy = Policy::from_toml(&format!("[[rules]]\nname = \"x\"\n{rule}\n[backup]\n")).unwrap();
        let matched = |program: &Program| {
            let matcher = Matcher::new(program.clone(), policy.clone(), TODAY).unwrap();
            let matching = matcher.match_all().unwrap();
            assert_eq!((matching.totals.participants, matching.totals.supporters), (2, 2));
            (matcher.warnings(), matching)
        };
        let (ours, theirs) = (matched(&program), matched(&fresh));
        assert_eq!(ours.0, theirs.0, "{rule}");
        assert_eq!(ours.1.rules, theirs.1.rules, "{rule}");
        assert_eq!((ours.1.loads, ours.1.backups), (theirs.1.loads, theirs.1.backups), "{rule}");
    }
    // Somebody whom nobody suits: only those who are there stand in the way.
    program.put_participant(Participant { conditions: vec!["x".into()], ..person("P3") }).unwrap();
    for id in ["S1", "S2"] {
        program.put_supporter(Supporter { status: Status::OnLeave, ..Supporter::new(id) }).unwrap();
    }
    let matching = Matcher::new(program, Policy::default(), TODAY).unwrap().match_all().unwrap();
    assert_eq!(matching.unmatched.len(), 3);
    for row in &matching.unmatched {
        assert!(row.obstacles.iter().all(|obstacle| obstacle.supporters == 2), "{row}");
    }
}

#[test]
fn what_an_edit_warns_of_names_the_record() {
    let mut program = Program::new(ProgramData::default()).unwrap();
    assert!(program.put_participant(Participant::new("P-1")).unwrap().warnings.is_empty());
    let placed = program.put_participant(Participant::new("p-1")).unwrap();
    let told = placed.warnings.iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        told,
        [
            "warning: participants, row 2 (p-1), id = \"p-1\": the id differs in letter case alone from that of row 1; \
          check that they are two people, and give one of them another id"
        ]
    );
    let own = Supporter { supervisor: Some("V".into()), place: Place::postcode("1"), ..Supporter::new("S") };
    let told: Vec<_> =
        program.put_supporter(own).unwrap().warnings.into_iter().map(|own| own.problem).collect();
    assert_eq!(
        told,
        [
            "1 person gives a postcode or town, and there is no gazetteer to find it in",
            "1 person names a supervisor, and there is no table of supervisors",
        ]
    );
    let own = StandingMatch {
        participant: "P-1".into(),
        supporter: "S".into(),
        hold: Hold::Pinned,
        price: None,
        since: None,
    };
    program.set_standing(own).unwrap();
    let placed = program.put_supporter(Supporter {
        capacity: Some(0),
        status: Status::Released,
        ..Supporter::new("S")
    });
    let told: Vec<_> = placed.unwrap().warnings.into_iter().map(|own| own.problem).collect();
    assert_eq!(
        told,
        [
            "1 standing matches are pinned to this supporter, who takes nobody further",
            "the supporter is released, so this match will end",
        ]
    );
    let refused =
        program.put_participant(Participant { refused: vec!["S".into()], ..Participant::new("P-1") });
    assert!(refused.unwrap_err().to_string().contains("the match is pinned, and the participant refuses"));
    let barred = program.bar(BarredPair { participant: "P-1".into(), supporter: "S".into(), reason: None });
    assert!(barred.unwrap_err().to_string().contains("the match is pinned, and the two are barred in row 1"));
    assert!(program.remove_supporter("nobody").unwrap_err().is_input());
    assert!(program.restore_participant(0, Participant::new("P-2")).unwrap_err().is_input());
    assert!(program.restore_supporter(7, Supporter::new("S")).unwrap_err().is_input());
}

#[test]
fn who_comes_back_finds_what_was_noted() {
    let mut program = Program::new(ProgramData {
        participants: vec![Participant { refused: vec!["S".into()], ..Participant::new("P") }],
        supporters: vec![Supporter::new("S")],
        conditions: vec![Concept { code: "a".into(), ..Concept::default() }],
        ..ProgramData::default()
    })
    .unwrap();
    let data = program.to_data();
    let (_, own) = program.remove_supporter("S").unwrap();
    assert!(program.to_data().participants[0].refused.is_empty());
    // The record that refuses S can be put, and the two can be barred, while S is away.
    let person = program.participants()[0].clone();
    program.put_participant(person).unwrap();
    let bar = BarredPair { participant: "P".into(), supporter: "S".into(), reason: None };
    assert!(program.bar(bar.clone()).unwrap());
    assert!(!program.bar(BarredPair { reason: Some("again".to_owned()), ..bar.clone() }).unwrap());
    assert!(program.to_data().history.barred.is_empty());
    let standing = StandingMatch {
        participant: "P".into(),
        supporter: "S".into(),
        hold: Hold::Movable,
        price: None,
        since: None,
    };
    assert!(program.set_standing(standing).unwrap_err().to_string().contains("the supporter has left"));
    program.put_supporter(own).unwrap();
    assert_eq!(program.to_data().history.barred, [bar]);
    assert!(program.unbar("P", "S") && program.to_data() == data);
}
