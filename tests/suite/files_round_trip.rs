//! What is written is read back as it was, and nothing that is read makes the reader panic.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;

use peermatch::program::{
    Acquaintance, Attributes, BarredPair, Card, CardField, Concept, GazetteerEntry, History, Hold,
    LanguageTag, Modality, Outcome, Participant, PastMatch, Place, Preference, Program, ProgramData,
    ProgramReader, StandingMatch, Status, Strength, Supervisor, Supporter, Window, Wish,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;

/// What shows nothing of itself in `Debug`, as a strategy's value has to.
#[derive(Clone)]
struct Quiet<T>(T);

impl<T> std::fmt::Debug for Quiet<T> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("..")
    }
}

/// Text that has everything a file could stumble over, without blanks at its ends.
fn text() -> impl Strategy<Value = String> {
    let hostile = prop::sample::select(vec![
        "=SUM(A1)",
        "+1",
        "-1",
        "@x",
        "'=1",
        "''",
        "a;b",
        "a|b",
        "a,b",
        "\"",
        "a\"b\"",
        "line\nbreak",
        "cr\r\nlf",
        "\\",
        "\\;",
        "a\\",
        "tab\there",
        "same",
        "name",
        "photo",
        "!",
        "a!",
        "x=y",
        "שלום",
        "مرحبا",
        "\u{202e}rtl",
        "日本語",
        "é",
        "🙂",
        "NaN",
        "1e400",
        "#",
        "''=",
        "＝1",
    ]);
    let any = "[ -~äß\u{a0}]{1,12}".prop_map(|text| text.trim().to_owned());
    prop_oneof![hostile.prop_map(str::to_owned), any].prop_filter("not empty", |text| !text.trim().is_empty())
}

fn number() -> impl Strategy<Value = f64> {
    prop_oneof![Just(0.0), Just(0.1 + 0.2), 0.0..168.0, Just(1e-12), any::<u16>().prop_map(f64::from)]
}

fn place() -> impl Strategy<Value = Quiet<Place>> {
    let coordinates = option::of((-90.0..90.0, -180.0..180.0));
    (coordinates, option::of(text()), option::of(text()), option::of(text())).prop_map(
        |(coordinates, postcode, town, region): (Option<(f64, f64)>, _, _, _)| {
            Quiet(Place {
                latitude: coordinates.map(|at| at.0),
                longitude: coordinates.map(|at| at.1),
                postcode,
                town,
                region,
            })
        },
    )
}

fn date() -> impl Strategy<Value = jiff::civil::Date> {
    (1900_i16..2100, 1_i8..=12, 1_i8..=28).prop_map(|(year, month, day)| jiff::civil::date(year, month, day))
}

fn windows() -> impl Strategy<Value = Vec<Window>> {
    let one = prop::sample::select(vec!["Mon 18:00-20:00", "Sat-Mon 00:00-24:00", "Fri 22:00-02:00"]);
    vec(one.prop_map(|text| text.parse().unwrap()), 0..3)
}

fn languages() -> impl Strategy<Value = Vec<LanguageTag>> {
    let one = prop::sample::select(vec!["en", "es-MX", "zh-Hant", "x-own"]);
    vec(one.prop_map(|text| text.parse().unwrap()), 0..3)
}

fn modalities() -> impl Strategy<Value = Vec<Modality>> {
    prop::sample::subsequence(Modality::ALL.to_vec(), 0..=3)
}

fn attributes() -> impl Strategy<Value = Attributes> {
    btree_map(text(), vec(text(), 0..3), 0..3)
}

fn preferences() -> impl Strategy<Value = Vec<Quiet<Preference>>> {
    let wish = prop_oneof![
        vec(text(), 1..3).prop_map(Wish::AnyOf),
        vec(text(), 1..3).prop_map(Wish::NoneOf),
        Just(Wish::Same),
        Just(Wish::Different),
    ];
    let one = (text(), wish, any::<bool>(), prop_oneof![Just(1.0), 0.001..100.0]).prop_map(
        |(attribute, wish, must, weight)| {
            let strength = if must { Strength::MustHave } else { Strength::WouldLike };
            Quiet(Preference { attribute, wish, strength, weight })
        },
    );
    vec(one, 0..3)
}

fn codes() -> impl Strategy<Value = Vec<peermatch::program::Code>> {
    vec(text().prop_map(Into::into), 0..3)
}

fn participant() -> impl Strategy<Value = Participant> {
    let first = (
        (text(), codes(), codes(), option::of(number()), option::of(date())),
        (place(), option::of(number()), modalities(), languages(), option::of(text()), windows()),
    );
    let second = (
        (option::of(text()), attributes(), preferences(), btree_map(text(), number(), 0..3)),
        (vec(text(), 0..3), any::<bool>(), vec(text(), 0..3)),
        (0_u8..=9, any::<bool>(), option::of(number()), option::of(date())),
    );
    (first, second).prop_map(|((about, meeting), (wishes, others, rest))| {
        let (id, conditions, issues, child_age, experience_since) = about;
        let (place, travel_km, modalities, languages, time_zone, availability) = meeting;
        let (gender, attributes, preferences, weights) = wishes;
        let (known, accepts_known, refused) = others;
        let (priority, consent, hours_per_week, waiting_since) = rest;
        Participant {
            id: id.into(),
            conditions,
            issues,
            child_age,
            experience_since,
            place: place.0,
            travel_km,
            modalities,
            languages,
            time_zone,
            availability,
            gender,
            attributes,
            preferences: preferences.into_iter().map(|preference| preference.0).collect(),
            weights,
            known: known.into_iter().map(Into::into).collect(),
            accepts_known,
            refused: refused.into_iter().map(Into::into).collect(),
            priority,
            waiting_since,
            consent,
            hours_per_week,
        }
    })
}

fn card() -> impl Strategy<Value = Quiet<Card>> {
    let field = || (text(), any::<bool>());
    let shares = proptest::sample::subsequence(peermatch::program::Shared::ALL.to_vec(), 0..=6);
    let contact = btree_map(text(), text(), 0..3);
    (option::of(field()), option::of(field()), btree_map(text(), field(), 0..3), shares, contact).prop_map(
        |(name, photo, facts, shares, contact)| {
            let field = |(value, consent)| CardField { value, consent };
            let facts = facts.into_iter().map(|(label, fact)| (label, field(fact))).collect();
            Quiet(Card {
                name: name.map(field),
                photo: photo.map(field),
                facts,
                shares: shares.into_iter().collect(),
                contact,
            })
        },
    )
}

prop_compose! {
    fn supporter()(
        like in participant(), capacity in option::of(any::<u32>()), wished_minimum in any::<u32>(),
        status in prop::sample::select(vec![Status::Active, Status::InTraining, Status::OnLeave, Status::UnderReview,
            Status::Released]),
        leave_until in option::of(date()), excluded_conditions in codes(), excluded_issues in codes(),
        supervisor in option::of(text()), card in card(),
    ) -> Supporter {
        Supporter {
            id: like.id.to_string().into(), conditions: like.conditions, issues: like.issues,
            experience_since: like.experience_since, child_age: like.child_age, place: like.place,
            travel_km: like.travel_km, modalities: like.modalities, languages: like.languages,
            time_zone: like.time_zone, availability: like.availability, gender: like.gender,
            attributes: like.attributes, preferences: like.preferences, capacity, wished_minimum,
            hours_per_week: like.hours_per_week, status, leave_until, excluded_conditions, excluded_issues,
            supervisor: supervisor.map(Into::into), card: card.0,
        }
    }
}

fn pair() -> impl Strategy<Value = (String, String)> {
    (text(), text())
}

fn history() -> impl Strategy<Value = History> {
    let acquaintances = vec(pair(), 0..3).prop_map(|pairs| {
        pairs.into_iter().map(|(p, s)| Acquaintance { participant: p.into(), supporter: s.into() }).collect()
    });
    let barred = vec((pair(), option::of(text())), 0..3).prop_map(|rows| {
        rows.into_iter()
            .map(|((p, s), reason)| BarredPair { participant: p.into(), supporter: s.into(), reason })
            .collect()
    });
    let outcome = prop::sample::select(vec![Outcome::Completed, Outcome::Failed, Outcome::Interrupted]);
    let past = vec((pair(), outcome, option::of(date()), option::of(text())), 0..3).prop_map(|rows| {
        rows.into_iter()
            .map(|((p, s), outcome, ended, reason)| PastMatch {
                participant: p.into(),
                supporter: s.into(),
                outcome,
                ended,
                reason,
            })
            .collect()
    });
    let hold = prop::sample::select(vec![Hold::Pinned, Hold::Movable]);
    let standing = vec((pair(), hold, option::of(0.0..1.0), option::of(date())), 0..3).prop_map(|rows| {
        rows.into_iter()
            .map(|((p, s), hold, price, since)| StandingMatch {
                participant: p.into(),
                supporter: s.into(),
                hold,
                price,
                since,
            })
            .collect()
    });
    (acquaintances, barred, past, standing).prop_map(|(acquaintances, barred, past, standing)| History {
        acquaintances,
        barred,
        past,
        standing,
    })
}

fn data() -> impl Strategy<Value = ProgramData> {
    let concepts = || {
        vec((text(), codes(), prop_oneof![Just(String::new()), text()]), 0..3).prop_map(|rows| {
            rows.into_iter()
                .map(|(code, parents, name)| Concept { code: code.into(), parents, name })
                .collect::<Vec<_>>()
        })
    };
    let gazetteer = vec((place(), -90.0..90.0, -180.0..180.0, option::of(text())), 0..3).prop_map(|rows| {
        rows.into_iter()
            .map(|(Quiet(place), latitude, longitude, time_zone)| GazetteerEntry {
                postcode: place.postcode,
                town: place.town,
                region: place.region,
                latitude,
                longitude,
                time_zone,
            })
            .collect::<Vec<_>>()
    });
    let supervisors = vec((text(), option::of(any::<u32>())), 0..3).prop_map(|rows| {
        rows.into_iter()
            .map(|(id, caseload)| Supervisor { id: id.into(), caseload, hours_per_week: None })
            .collect::<Vec<_>>()
    });
    (
        vec(participant(), 0..4),
        vec(supporter(), 0..4),
        concepts(),
        concepts(),
        gazetteer,
        supervisors,
        history(),
    )
        .prop_map(|(participants, supporters, conditions, issues, gazetteer, supervisors, history)| {
            ProgramData { participants, supporters, conditions, issues, gazetteer, supervisors, history }
        })
}

/// Reads files that stand in memory, by their own names.
fn read(files: &[(String, Vec<u8>)]) -> ProgramReader {
    let mut reader = ProgramReader::new();
    for (name, content) in files {
        reader = reader.file_in_memory(name, content.clone());
    }
    reader.folder("")
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn csv_files_read_back_as_they_were(data in data()) {
        let files: Vec<(String, Vec<u8>)> =
            data.to_csv().unwrap().into_iter().map(|file| (file.name, file.content.into_bytes())).collect();
        for (name, content) in &files {
            // No cell, however a spreadsheet splits the lines, starts a formula.
            let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(content.as_slice());
            for row in reader.records() {
                for cell in &row.unwrap() {
                    let formula = cell.starts_with(['=', '+', '@']) || (cell.starts_with('-') && cell.parse::<f64>().is_err());
                    prop_assert!(!formula, "{name}: {cell:?}");
                }
            }
        }
        let back = read(&files).read_data().unwrap();
        prop_assert_eq!(show(&back), show(&data));
        prop_assert!(back == data);
    }

    #[test]
    fn json_reads_back_as_it_was(data in data()) {
        let json = serde_json::to_vec(&data).unwrap();
        let back = ProgramReader::new().file_in_memory("p.json", json).program("p.json").read_data().unwrap();
        prop_assert_eq!(show(&back), show(&data));
        prop_assert!(back == data);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in vec(any::<u8>(), 0..200), ending in "csv|json|txt") {
        for stem in ["participants", "supporters", "gazetteer", "standing_matches"] {
            let _ = read(&[(format!("{stem}.{ending}"), bytes.clone())]).read();
        }
        let _ = ProgramReader::new().file_in_memory("p.json", bytes).program("p.json").read();
    }

    #[test]
    fn files_with_slips_are_read_or_refused(
        data in data(),
        slips in vec((any::<prop::sample::Index>(), any::<prop::sample::Index>(), 0..3), 1..6),
    ) {
        const BYTES: &[u8] = b"\"',;\n\r\t|=\\0x-e \xff:[]{}";
        let mut files: Vec<(String, Vec<u8>)> =
            data.to_csv().unwrap().into_iter().map(|file| (file.name, file.content.into_bytes())).collect();
        files.push(("program.json".to_owned(), serde_json::to_vec(&data).unwrap()));
        for (_, content) in &mut files {
            for (at, byte, what) in &slips {
                let at = at.index(content.len());
                let byte = BYTES[byte.index(BYTES.len())];
                match what {
                    0 => content[at] = byte,
                    1 => content.insert(at, byte),
                    _ if content.len() > 1 => { content.remove(at); }
                    _ => {}
                }
            }
        }
        for result in [read(&files).read(), read(&files).program("program.json").read()] {
            if let Err(error) = result {
                prop_assert!(!error.faults().is_empty());
                prop_assert!(error.faults().iter().all(|fault| !fault.problem.is_empty() && !fault.remedy.is_empty()));
            }
        }
    }

    #[test]
    fn structs_of_any_content_are_checked_without_a_panic(data in data(), odd in prop::sample::select(vec![f64::NAN, f64::INFINITY, -1.0])) {
        let mut data = data;
        for supporter in &mut data.supporters {
            supporter.travel_km = Some(odd);
        }
        let refused = !data.supporters.is_empty();
        if let Err(error) = Program::new(data) {
            prop_assert!(error.is_input());
        } else {
            prop_assert!(!refused);
        }
    }
}

/// `Debug` of people shows ids alone, so differences are shown as JSON.
fn show(data: &ProgramData) -> String {
    serde_json::to_string_pretty(data).unwrap()
}

#[test]
fn a_folder_that_is_not_there_is_a_fault() {
    let told = |folder: &str| {
        let error = ProgramReader::new().folder(folder).read().unwrap_err();
        error.faults().iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(
        told("no/such"),
        ["error: no/such: there is no such folder; check its name and where it is looked for"]
    );
    assert_eq!(
        told("Cargo.toml"),
        ["error: Cargo.toml: this is a file, not a folder; check its name and where it is looked for"]
    );
    // An existing one without tables is none, nor is one whose files stand in memory.
    assert!(ProgramReader::new().folder("src").folder("").read().is_ok());
    let reader =
        ProgramReader::new().file_in_memory("made/up/participants.csv", "id\nP-1\n").folder("made/up");
    assert_eq!(reader.files().map(|(table, _)| table).collect::<Vec<_>>(), ["participants"]);
    assert_eq!(reader.read().unwrap().participants().len(), 1);
}

#[test]
fn folders_are_written_and_read() {
    let folder = std::env::temp_dir().join(format!("peermatch-files-{}", std::process::id()));
    let mut participant = Participant::new("P-1");
    participant.weights = BTreeMap::from([("condition".to_owned(), 2.0)]);
    let data = ProgramData { participants: vec![participant], ..ProgramData::default() };
    data.write_csv(&folder).unwrap();
    let back = ProgramReader::new().folder(&folder).read_data().unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    assert!(back == data);
    assert!(data.write_csv(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.toml/inside")).unwrap_err().is_io());
}

#[test]
fn spreadsheets_of_every_country_are_read() {
    let rows = [["id", "town", "Child Age"], ["P-1", "Saint-Étienne", "4"], ["P-2", "Köln", "5"]];
    let expected: Vec<(String, Option<String>, Option<f64>)> = vec![
        ("P-1".to_owned(), Some("Saint-Étienne".to_owned()), Some(4.0)),
        ("P-2".to_owned(), Some("Köln".to_owned()), Some(5.0)),
    ];
    for mark in ["", "\u{feff}"] {
        for separator in [",", ";", "\t", "|"] {
            for end in ["\n", "\r\n", "\r"] {
                let lines: Vec<String> = rows.iter().map(|row| row.join(separator)).collect();
                let file = format!("{mark}{}{end}", lines.join(end));
                let people = read(&[("participants.csv".to_owned(), file.into_bytes())]).read_data().unwrap();
                let found: Vec<_> = people
                    .participants
                    .into_iter()
                    .map(|person| (person.id.to_string(), person.place.town, person.child_age))
                    .collect();
                assert_eq!(found, expected, "mark {mark:?}, separator {separator:?}, line ending {end:?}");
            }
        }
    }
}

#[test]
fn cells_are_read_as_documented() {
    let file = "id,gender_preference,preferences,attributes,availability,modalities,consent\n\
                P-1,must female|nonbinary,like*2 faith!=none,culture=somali|arab; culture=x; faith=,\
                Mon–Fri 9:00-12:00; Sat 9:00-10:00,in person; Video,Y\n";
    let data = read(&[("participants.csv".to_owned(), file.into())]).read_data().unwrap();
    let person = &data.participants[0];
    let shown: Vec<String> = person.preferences.iter().map(ToString::to_string).collect();
    assert_eq!(shown, ["must gender=female|nonbinary", "like*2 faith!=none"]);
    assert_eq!(person.attributes["culture"], ["somali", "arab", "x"]);
    assert!(person.attributes["faith"].is_empty());
    assert_eq!(person.availability.len(), 2);
    assert_eq!(person.modalities, [Modality::InPerson, Modality::Video]);
    assert!(person.consent);
}

#[test]
fn a_table_of_its_own_replaces_that_of_the_program() {
    let program = r#"{"$schema": "program.schema.json", "participants": [{"id": "A"}], "supporters": [{"id": "S"}], "history": null}"#;
    let data =
        read(&[("participants.csv".to_owned(), b"id\nB\n".to_vec()), ("x.json".to_owned(), program.into())])
            .program("x.json")
            .read_data()
            .unwrap();
    assert_eq!(data.participants[0].id.as_str(), "B");
    assert_eq!(data.supporters[0].id.as_str(), "S");
}
