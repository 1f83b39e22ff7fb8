//! The export of another system, read as it is.

use peermatch::program::{ColumnMap, Modality, ProgramReader, Status};

use crate::files_faults::reader;

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/export/");

#[test]
fn an_export_is_read_unedited() {
    let map = ColumnMap::from_path(format!("{FOLDER}column_map.toml")).unwrap();
    let program = ProgramReader::new()
        .participants(format!("{FOLDER}clients.csv"))
        .supporters(format!("{FOLDER}volunteers.csv"))
        .file_in_memory("gazetteer.csv", "zip,lat,lng\n37203,36.15,-86.79\n")
        .gazetteer("gazetteer.csv")
        .column_map(map.clone())
        .read()
        .unwrap();
    assert_eq!(program.warnings(), []);
    let [first, second] = program.participants() else { panic!("two participants") };
    assert_eq!(first.id.as_str(), "17");
    assert_eq!(first.conditions, ["F84.0".into(), "G40".into()]);
    assert_eq!(first.waiting_since, Some(jiff_date(2026, 10, 5)));
    assert_eq!(first.modalities, [Modality::Phone, Modality::Video]);
    assert!(first.consent && first.accepts_known);
    assert_eq!(first.languages, ["es".parse().unwrap(), "en".parse().unwrap()]);
    assert_eq!(first.attributes["faith"], ["quaker"]);
    assert!(!second.consent && second.attributes.is_empty());
    assert_eq!(second.languages, ["en".parse().unwrap()], "the default");
    let [ana, bo] = program.supporters() else { panic!("two supporters") };
    assert_eq!((ana.status, bo.status), (Status::Active, Status::OnLeave));
    assert_eq!(ana.capacity, None, "no other column is for us");
    assert!(ana.card.name.as_ref().unwrap().consent && ana.card.facts["Likes"].consent);
    assert_eq!(ana.card.facts["Likes"].value, "hiking");
    // The map itself goes through JSON and back.
    let json = serde_json::to_string(&map).unwrap();
    assert_eq!(json.parse::<ColumnMap>().unwrap(), map);
}

fn jiff_date(year: i16, month: i8, day: i8) -> jiff::civil::Date {
    jiff::civil::date(year, month, day)
}

#[test]
fn a_faulty_map_is_told_in_full() {
    let error = r#"
        [participants]
        separator = "a"
        delimiter = "é"
        date_format = "%m/%d"
        [participants.columns]
        conditons = "Dx"
        id = "No"
        known = "no"
        "attributes." = "x"
        [supporters.values.stauts]
        a = "b"
        [standing_matches.defaults]
        holds = "pinned"
    "#
    .parse::<ColumnMap>()
    .unwrap_err();
    let fields: Vec<&str> = error.faults().iter().map(|fault| fault.field.as_deref().unwrap()).collect();
    assert_eq!(
        fields,
        [
            "participants.columns.attributes.",
            "participants.columns.conditons",
            "participants.columns.known",
            "participants.separator",
            "participants.delimiter",
            "participants.date_format",
            "supporters.values.stauts",
            "standing_matches.defaults.holds"
        ]
    );
    assert!(error.faults()[1].remedy.contains("conditions"));
    assert!(error.faults()[6].remedy.contains("status"));
    assert!(error.faults().iter().all(|fault| !fault.remedy.is_empty() && fault.file == "column map"));
}

#[test]
fn a_map_that_is_no_map_names_the_line() {
    let toml = "[participants]\ncolumn = {}\n".parse::<ColumnMap>().unwrap_err();
    assert_eq!(toml.faults()[0].row, Some(2));
    assert!(toml.to_string().contains("column"));
    let json = "{\n\"participants\": 3}".parse::<ColumnMap>().unwrap_err();
    assert_eq!(json.faults()[0].row, Some(2));
    assert!(ColumnMap::from_path("no/such/map.toml").unwrap_err().is_io());
}

#[test]
fn a_header_that_the_map_awaits_has_to_be_there() {
    let map: ColumnMap = "[participants.columns]\nid = \"Client\"\nchild_age = \"Age\"".parse().unwrap();
    let error = reader(&[("participants.csv", "Cliemt,Age\n1,2\n")]).column_map(map).read().unwrap_err();
    let found: Vec<_> = error
        .faults()
        .iter()
        .map(|fault| (fault.field.as_deref().unwrap(), fault.value.as_deref()))
        .collect();
    assert_eq!(found, [("id", Some("Client")), ("Cliemt", Some("Cliemt"))]);
    assert!(error.faults()[0].remedy.contains("Cliemt"));
    // A map made by hand is checked when it is used.
    let mut map = ColumnMap::default();
    map.participants.columns.insert("nonsense".into(), "id".into());
    let error = reader(&[("participants.csv", "id\n1\n")]).column_map(map).read().unwrap_err();
    assert_eq!(error.faults()[0].file, "column map");
}

#[test]
fn a_column_taken_from_elsewhere_is_not_taken_by_its_name_too() {
    let map: ColumnMap = "[participants.columns]\nid = \"Case\"".parse().unwrap();
    let program = reader(&[("participants.csv", "Case,id\nP-1,77\n")]).column_map(map).read().unwrap();
    assert_eq!(program.participants()[0].id.as_str(), "P-1");
    assert_eq!(program.warnings().len(), 2, "one of them that nobody has consented");
}
