//! Random edits of a program, sound ones and faulty ones, and the way back of each.

use peermatch::program::{
    Acquaintance, BarredPair, Hold, Outcome, Participant, ParticipantId, PastMatch, Place, Preference,
    Program, StandingMatch, Status, Supervisor, Supporter, SupporterId, Wish,
};
use peermatch::{Error, Fault};
use proptest::prelude::*;

use crate::random_programme::{TODAY, programme};

/// One edit, with what it takes.
#[derive(Debug, Clone)]
pub(crate) enum Edit {
    PutParticipant(Participant),
    RemoveParticipant(String),
    PutSupporter(Supporter),
    RemoveSupporter(String),
    PutSupervisor(Supervisor),
    AddAcquaintance(Acquaintance),
    RemoveAcquaintance(String, String),
    Bar(BarredPair),
    Unbar(String, String),
    AddPast(PastMatch),
    RemoveLastPast(String),
    SetStanding(StandingMatch),
    RemoveStanding(String),
}

/// What a record that is put has in itself: mostly nothing odd.
fn spoil_participant(own: &mut Participant, how: u8) {
    match how {
        0 => own.priority = 12,
        1 => own.child_age = Some(400.0),
        2 => own.time_zone = Some("America/Chicag".to_owned()),
        3 => own.id = "P 1 ".into(),
        4 => own.place = Place { latitude: Some(12.0), ..Place::default() },
        5 => own.weights.extend([(String::new(), -1.0)]),
        6 => own.hours_per_week = Some(f64::NAN),
        7 => own.known.push("nobody".into()),
        8 => own.refused.push("S11".into()),
        9 => own.place = Place::postcode("37203"),
        10 => own.place = Place::postcode("37209"),
        11 => own.conditions.push("A-1".into()),
        12 => own.place = Place { town: Some("Nashvile".to_owned()), ..Place::default() },
        13 => own.preferences.push(Preference { weight: 0.0, .."like faith=x".parse().unwrap() }),
        14 => own.time_zone = None,
        _ => {}
    }
}

fn spoil_supporter(own: &mut Supporter, how: u8) {
    match how {
        0 => own.wished_minimum = own.capacity.get_or_insert(1).saturating_add(1),
        1 => own.capacity = Some(20_000),
        2 => own.time_zone = Some("Asia/Kolkatta".to_owned()),
        3 => own.id = "".into(),
        4 => own.travel_km = Some(-3.0),
        5 => own.supervisor = Some("V9".into()),
        6 => own.hours_per_week = Some(200.0),
        7 => own.excluded_conditions = vec!["zz".into()],
        8 => own.place = Place { town: Some("Nashville".to_owned()), ..Place::default() },
        9 => own.leave_until = Some(TODAY),
        10 => own.attributes.extend([(" ".to_owned(), vec![])]),
        11 => own.status = Status::OnLeave,
        12 => own.capacity = Some(0),
        13 => {
            let wish = Wish::AnyOf(vec![" ".to_owned()]);
            own.preferences.push(Preference { wish, .."like faith=x".parse().unwrap() });
        }
        _ => {}
    }
}

prop_compose! {
    /// An edit of somebody there or not there; its record is that of another programme.
    pub(crate) fn edit()(
        kind in prop::sample::select(vec![0, 0, 0, 1, 2, 2, 2, 3, 4, 5, 6, 7, 8, 9, 9, 10, 11, 11, 11, 12]),
        (p, s, other) in (0..9_usize, 0..9_usize, 0..4_usize),
        how in prop_oneof![1 => 0..15_u8, 1 => Just(99)],
        donor in programme(3, 3),
        (pinned, price) in (any::<bool>(), prop::sample::select(vec![None, Some(0.1), Some(3.0)])),
        reason in prop::option::of("[a-c]"),
    ) -> Edit {
        let (participant, supporter) = (ParticipantId(format!("P{p}")), SupporterId(format!("S{s}")));
        match kind {
            0 => {
                let mut own = donor.participants[other % donor.participants.len()].clone();
                own.id = participant;
                spoil_participant(&mut own, how);
                Edit::PutParticipant(own)
            }
            1 => Edit::RemoveParticipant(participant.0),
            2 => {
                let mut own = donor.supporters[other % donor.supporters.len()].clone();
                own.id = supporter;
                spoil_supporter(&mut own, how);
                Edit::PutSupporter(own)
            }
            3 => Edit::RemoveSupporter(supporter.0),
            4 => {
                let hours_per_week = if how == 0 { Some(20_000.0) } else { None };
                let id = if how == 1 { " ".into() } else { format!("V{other}").into() };
                Edit::PutSupervisor(Supervisor { id, caseload: Some(s as u32), hours_per_week })
            }
            5 => Edit::AddAcquaintance(Acquaintance { participant, supporter }),
            6 => Edit::RemoveAcquaintance(participant.0, supporter.0),
            7 => Edit::Bar(BarredPair { participant, supporter, reason }),
            8 => Edit::Unbar(participant.0, supporter.0),
            9 => Edit::AddPast(PastMatch { participant, supporter, outcome: Outcome::Failed, ended: None, reason }),
            10 => Edit::RemoveLastPast(participant.0),
            11 => {
                let hold = if pinned { Hold::Pinned } else { Hold::Movable };
                Edit::SetStanding(StandingMatch { participant, supporter, hold, price, since: None })
            }
            _ => Edit::RemoveStanding(participant.0),
        }
    }
}

/// What an edit did: its way back, in order, and its warnings.
pub(crate) type Done = (Vec<Back>, Vec<Fault>);

/// A step of a way back.
pub(crate) enum Back {
    Edit(Edit),
    RestoreParticipant(usize, Participant),
    RestoreSupporter(usize, Supporter),
}

pub(crate) fn apply(program: &mut Program, edit: Edit) -> Result<Done, Error> {
    let mut warnings = Vec::new();
    let back = match edit {
        Edit::PutParticipant(own) => {
            let id = own.id.0.clone();
            let end = program.participants().len();
            let lowest = (0..end).find(|&at| program.is_vacant_participant(at)).unwrap_or(end);
            let expected = program.participant_index(&id).unwrap_or(lowest);
            let placed = program.put_participant(own.clone())?;
            assert_eq!(placed.position, expected);
            assert_eq!(program.participants()[placed.position], own);
            warnings = placed.warnings;
            vec![Back::Edit(placed.before.map_or(Edit::RemoveParticipant(id), Edit::PutParticipant))]
        }
        Edit::RemoveParticipant(id) => {
            let standing = program.standing_of(&id).cloned();
            let (position, own) = program.remove_participant(&id)?;
            assert!(program.is_vacant_participant(position) && program.standing_of(&id).is_none());
            assert_eq!(program.participants()[position], Participant::default());
            assert!(program.participant_coordinates(position).is_none());
            let standing = standing.map(|row| Back::Edit(Edit::SetStanding(row)));
            [Back::RestoreParticipant(position, own)].into_iter().chain(standing).collect()
        }
        Edit::PutSupporter(own) => {
            let id = own.id.0.clone();
            let end = program.supporters().len();
            let lowest = (0..end).find(|&at| program.is_vacant_supporter(at)).unwrap_or(end);
            let expected = program.supporter_index(&id).unwrap_or(lowest);
            let placed = program.put_supporter(own.clone())?;
            assert_eq!(placed.position, expected);
            assert_eq!(program.supporters()[placed.position], own);
            warnings = placed.warnings;
            vec![Back::Edit(placed.before.map_or(Edit::RemoveSupporter(id), Edit::PutSupporter))]
        }
        Edit::RemoveSupporter(id) => {
            let caseload: Vec<_> = program.standing_with(&id).cloned().collect();
            let (position, own) = program.remove_supporter(&id)?;
            assert!(program.is_vacant_supporter(position) && program.standing_with(&id).next().is_none());
            assert_eq!(program.supporters()[position].status, Status::Released);
            let standing = caseload.into_iter().map(|row| Back::Edit(Edit::SetStanding(row)));
            [Back::RestoreSupporter(position, own)].into_iter().chain(standing).collect()
        }
        Edit::PutSupervisor(own) => {
            let placed = program.put_supervisor(own)?;
            warnings = placed.warnings;
            placed.before.map(|before| Back::Edit(Edit::PutSupervisor(before))).into_iter().collect()
        }
        Edit::AddAcquaintance(row) => {
            let back = Edit::RemoveAcquaintance(row.participant.0.clone(), row.supporter.0.clone());
            if program.add_acquaintance(row)? { vec![Back::Edit(back)] } else { vec![] }
        }
        Edit::RemoveAcquaintance(p, s) => {
            let back = Acquaintance { participant: p.clone().into(), supporter: s.clone().into() };
            if program.remove_acquaintance(&p, &s) {
                vec![Back::Edit(Edit::AddAcquaintance(back))]
            } else {
                vec![]
            }
        }
        Edit::Bar(row) => {
            let back = Edit::Unbar(row.participant.0.clone(), row.supporter.0.clone());
            if program.bar(row)? { vec![Back::Edit(back)] } else { vec![] }
        }
        Edit::Unbar(p, s) => {
            let row = program.barred_of(&p).find(|row| row.supporter.as_str() == s).cloned();
            assert_eq!(program.unbar(&p, &s), row.is_some());
            row.map(|row| Back::Edit(Edit::Bar(row))).into_iter().collect()
        }
        Edit::AddPast(row) => {
            let id = row.participant.0.clone();
            program.add_past(row)?;
            vec![Back::Edit(Edit::RemoveLastPast(id))]
        }
        Edit::RemoveLastPast(id) => {
            let last = program.past_of(&id).last().cloned();
            assert_eq!(program.remove_last_past(&id), last);
            last.map(|row| Back::Edit(Edit::AddPast(row))).into_iter().collect()
        }
        Edit::SetStanding(row) => {
            let id = row.participant.0.clone();
            let before = program.set_standing(row)?;
            vec![Back::Edit(before.map_or(Edit::RemoveStanding(id), Edit::SetStanding))]
        }
        Edit::RemoveStanding(id) => {
            let before = program.remove_standing(&id);
            before.map(|row| Back::Edit(Edit::SetStanding(row))).into_iter().collect()
        }
    };
    Ok((back, warnings))
}
