//! What is known of people does not get into a log: no `{:?}` shows it.

use peermatch::Error;
use peermatch::program::{
    BarredPair, Card, CardField, Gazetteer, GazetteerEntry, Outcome, Participant, PastMatch, Place,
    Preference, Program, ProgramData, ProgramReader, Supporter, Wish,
};

use crate::files_faults::faults_of;

/// Stands wherever a record says something of a person.
const MARKER: &str = "Mx7q";

fn field() -> CardField {
    CardField { value: MARKER.to_owned(), consent: true }
}

fn data() -> ProgramData {
    let place = Place {
        town: Some(MARKER.to_owned()),
        region: Some(MARKER.to_owned()),
        postcode: Some(MARKER.to_owned()),
        ..Place::at(12.345, 54.321)
    };
    let mut data = ProgramData {
        participants: vec![Participant {
            conditions: vec![MARKER.into()],
            issues: vec![MARKER.into()],
            place: place.clone(),
            gender: Some(MARKER.to_owned()),
            attributes: [(MARKER.to_owned(), vec![MARKER.to_owned()])].into(),
            preferences: vec![Preference::must("gender", Wish::AnyOf(vec![MARKER.to_owned()]))],
            consent: true,
            ..Participant::new("P-1")
        }],
        supporters: vec![Supporter {
            conditions: vec![MARKER.into()],
            place,
            gender: Some(MARKER.to_owned()),
            card: Card {
                name: Some(field()),
                photo: Some(field()),
                facts: [(MARKER.to_owned(), field())].into(),
                contact: [(MARKER.to_owned(), MARKER.to_owned())].into(),
                ..Card::default()
            },
            ..Supporter::new("S-1")
        }],
        ..ProgramData::default()
    };
    let reason = Some(MARKER.to_owned());
    data.history.barred.push(BarredPair {
        participant: "P-1".into(),
        supporter: "S-1".into(),
        reason: reason.clone(),
    });
    data.history.past.push(PastMatch {
        participant: "P-1".into(),
        supporter: "S-1".into(),
        outcome: Outcome::Completed,
        ended: None,
        reason,
    });
    data
}

#[track_caller]
fn assert_quiet(shown: &str) {
    for told in [MARKER, "12.345", "54.321"] {
        assert!(!shown.contains(told), "{shown}");
    }
}

#[test]
fn debug_shows_nothing_of_people() {
    let data = data();
    let program = Program::new(data.clone()).unwrap();
    let (participant, supporter) = (&data.participants[0], &data.supporters[0]);
    let gazetteer = Gazetteer::new(vec![GazetteerEntry {
        postcode: Some(MARKER.to_owned()),
        latitude: 12.345,
        ..GazetteerEntry::default()
    }]);
    let file = data.to_csv().unwrap();
    let reader = ProgramReader::new().file_in_memory("p.csv", file[0].content.clone()).participants("p.csv");
    let all: [&dyn std::fmt::Debug; 20] = [
        &data,
        &program,
        &program.history(),
        &program.participant_coordinates(0),
        &program.supporter_coordinates(0),
        &program.warnings(),
        participant,
        supporter,
        &participant.place,
        &participant.preferences,
        &participant.preferences[0].wish,
        &supporter.card,
        &supporter.card.name,
        &supporter.card.facts.values(),
        &data.history.barred,
        &data.history.past,
        &gazetteer,
        &gazetteer.look_up(&participant.place),
        &file,
        &reader,
    ];
    for shown in all {
        assert_quiet(&format!("{shown:?}"));
        assert_quiet(&format!("{shown:#?}"));
    }
}

#[test]
fn debug_of_an_error_shows_where_and_what_and_display_the_value_too() {
    let broken = format!(
        "id,languages,child_age,consent,town,region,lat,lon,preferences\n\
         P-1,{MARKER},{MARKER},{MARKER},{MARKER},{MARKER},12.345,{MARKER},{MARKER}\n"
    );
    let reader = ProgramReader::new().file_in_memory("p.csv", broken).participants("p.csv");
    let error: Error = reader.read().unwrap_err();
    assert_quiet(&format!("{error:?}"));
    assert_quiet(&format!("{:?}", error.faults()));
    assert!(format!("{error:?}").contains("p.csv, row 2 (P-1), child_age: not a number"));
    assert!(error.to_string().contains(MARKER) && error.faults()[0].to_string().contains(MARKER));
    // What a parser says of a JSON value, and a region that a gazetteer lacks.
    let json = format!(
        "[{{\"id\": \"1\", \"preferences\": [{{\"attribute\": \"a\", \"wish\": \"{MARKER}\", \
         \"strength\": \"{MARKER}\"}}]}}]"
    );
    assert_quiet(&format!("{:?}", faults_of(&[("participants.json", &json)])));
    let people = format!("id,town,region\n1,Nashville,{MARKER}\n");
    let gazetteer = ("gazetteer.csv", "town,region,lat,lon\nNashville,TN,1,2\n");
    let found = faults_of(&[("participants.csv", &people), gazetteer]);
    assert!(found.len() == 1 && found[0].to_string().contains(MARKER));
    assert_quiet(&format!("{found:?}"));
}
