//! Every fault of a file is told in one go, with its place, its value and a remedy.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeSet;
use std::fmt::Write as _;

use peermatch::program::ProgramReader;
use peermatch::{Fault, Severity};

/// Reads the files (name and content, named after their tables) and returns every fault and warning, but that nobody
/// has consented: most of the cases here leave consent out.
pub(crate) fn faults_of(files: &[(&str, &str)]) -> Vec<Fault> {
    let mut faults = match reader(files).read() {
        Ok(program) => program.warnings().to_vec(),
        Err(error) => error.faults().to_vec(),
    };
    faults.retain(|fault| !fault.problem.starts_with("no participant has consented"));
    faults
}

/// A reader of files in memory; `program.json` is a whole programme.
pub(crate) fn reader(files: &[(&str, &str)]) -> ProgramReader {
    let mut reader = ProgramReader::new();
    for &(name, content) in files {
        reader = reader.file_in_memory(name, content);
        let stem = name.split('.').next().unwrap();
        reader = match stem {
            "program" => reader.program(name),
            "participants" => reader.participants(name),
            "supporters" => reader.supporters(name),
            "conditions" => reader.conditions(name),
            "issues" => reader.issues(name),
            "gazetteer" => reader.gazetteer(name),
            "supervisors" => reader.supervisors(name),
            "acquaintances" => reader.acquaintances(name),
            "barred_pairs" => reader.barred_pairs(name),
            "past_matches" => reader.past_matches(name),
            "standing_matches" => reader.standing_matches(name),
            other => panic!("no table {other}"),
        };
    }
    reader
}

#[test]
fn twenty_faults_give_twenty_messages_in_one_run() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/faults/");
    let error = ProgramReader::new()
        .participants(format!("{folder}participants.csv"))
        .file_in_memory("supporters.csv", "id\nS-1\n")
        .supporters("supporters.csv")
        .read()
        .unwrap_err();
    let expected = [
        (3, "id", "P-01"),
        (4, "id", ""),
        (5, "child_age", "140"),
        (6, "child_age", "four"),
        (7, "latitude", "136.1"),
        (8, "latitude", "36.1"),
        (9, "latitude", "NaN"),
        (10, "travel_km", "1.234,5"),
        (11, "modalities", "pigeon"),
        (12, "languages", "e_s"),
        (13, "time_zone", "America/Chigaco"),
        (14, "availability", "Mon 18-20"),
        (15, "attributes", "quaker"),
        (16, "preferences", "want gender=female"),
        (17, "weights", "-1"),
        (18, "known", "S-9"),
        (19, "priority", "12"),
        (20, "waiting_since", "10/05/2026"),
        (20, "consent", "maybe"),
        (21, "-", "-"),
    ];
    let found: Vec<(u64, &str, &str)> = error
        .faults()
        .iter()
        .map(|fault| {
            (fault.row.unwrap(), fault.field.as_deref().unwrap_or("-"), fault.value.as_deref().unwrap_or("-"))
        })
        .collect();
    assert_eq!(found, expected);
    for fault in error.faults() {
        assert_eq!(fault.severity, Severity::Error);
        assert!(fault.file.ends_with("participants.csv"));
        assert!(!fault.problem.is_empty() && !fault.remedy.is_empty(), "{fault}");
        assert!(!fault.problem.contains(';'), "problem and remedy are told apart by a semicolon: {fault}");
    }
    let problems: BTreeSet<&str> = error.faults().iter().map(|fault| fault.problem.as_str()).collect();
    assert_eq!(problems.len(), 20, "twenty different messages");
    assert!(error.faults()[10].remedy.contains("America/Chicago"));
    assert!(error.is_input());
}

const PEOPLE: &str = "id\nP-1\nP-2\n";
const SUPPORTERS: &str = "id\nS-1\nS-2\n";

/// One case: the files, then what the only fault must be: severity, file, row, field, value, words of the problem and
/// of the remedy.
pub(crate) type Case<'a> =
    (&'a [(&'a str, &'a str)], (char, &'a str, u64, &'a str, &'a str, &'a str, &'a str));

pub(crate) fn check_cases(cases: &[Case<'_>]) {
    for (files, (severity, file, row, field, value, problem, remedy)) in cases {
        let found = faults_of(files);
        assert_eq!(found.len(), 1, "one fault is expected of {files:?}, not {found:#?}");
        let fault = &found[0];
        let wanted = if *severity == 'E' { Severity::Error } else { Severity::Warning };
        assert_eq!(fault.severity, wanted, "{fault}");
        assert_eq!(fault.file, *file, "{fault}");
        assert_eq!(fault.row.unwrap_or(0), *row, "{fault}");
        assert_eq!(fault.field.as_deref().unwrap_or("-"), *field, "{fault}");
        assert_eq!(fault.value.as_deref().unwrap_or("-"), *value, "{fault}");
        assert!(fault.problem.contains(problem), "{fault}");
        assert!(!fault.remedy.is_empty() && fault.remedy.contains(remedy), "{fault}");
    }
}

#[test]
fn what_is_wrong_with_a_file_as_a_whole() {
    let p = "participants.csv";
    check_cases(&[
        (&[(p, "")], ('E', p, 0, "-", "-", "empty", "first line")),
        (&[(p, "\n \n")], ('E', p, 0, "-", "-", "empty", "first line")),
        (&[(p, "id,consent\n")], ('W', p, 0, "-", "-", "no rows", "right export")),
        (&[(p, "conditions\nF84\n")], ('E', p, 1, "id", "-", "no column id", "conditions")),
        (&[(p, "id,Id\n1,2\n")], ('E', p, 1, "Id", "Id", "twice", "one of the two")),
        (
            &[(p, "id,zip,postal code\n1,,\n")],
            ('E', p, 1, "postal code", "postal code", "means the same as", "keep"),
        ),
        (&[(p, "id,condtions\n1,F84\n")], ('W', p, 1, "condtions", "condtions", "not read", "conditions")),
        (&[(p, "id,\n1,F84\n")], ('W', p, 1, "-", "-", "no name", "header")),
        (&[(p, "id,consent\n\n1,yes,no\n")], ('E', p, 3, "-", "-", "3 cells, more than", "quotation")),
        (&[(p, "id,consent\n1\n")], ('E', p, 2, "-", "-", "1 cells, fewer than", "add")),
        (&[(p, "id,gender\n1,\"x\n2,y\n")], ('E', p, 2, "-", "-", "never closed", "close it")),
        (
            &[("participants.xlsx", "PK")],
            ('E', "participants.xlsx", 0, "-", "-", "only CSV and JSON", "CSV UTF-8"),
        ),
        (
            &[("gazetteer.csv", "zip,lat\n1,2\n")],
            ('E', "gazetteer.csv", 1, "longitude", "-", "no column", "column map"),
        ),
        (&[("participants.json", "{}")], ('E', "participants.json", 0, "-", "-", "an object", "[{")),
        (
            &[("participants.json", "[{\"id\": \"1\",}]")],
            ('E', "participants.json", 0, "-", "-", "line 1, column 13", "comma"),
        ),
        (
            &[("participants.json", "[{\"id\": \"1\", \"child_age\": 1e999}]")],
            ('E', "participants.json", 0, "-", "-", "too large", "range"),
        ),
        (&[("participants.json", "")], ('E', "participants.json", 0, "-", "-", "empty", "[]")),
        (&[("program.json", "[]")], ('E', "program.json", 0, "-", "-", "a list", "participants")),
        (
            &[("program.json", "{\"suporters\": []}")],
            ('E', "program.json", 0, "suporters", "[]", "no such table", "supporters"),
        ),
        (
            &[("program.json", "{\"history\": {\"bared\": []}}")],
            ('E', "program.json", 0, "history.bared", "[]", "no such table", "barred"),
        ),
        (
            &[("program.json", "{\"history\": 1}")],
            ('E', "program.json", 0, "history", "1", "not an object", "schema"),
        ),
    ]);
}

#[test]
fn files_that_are_not_utf_8_are_named_with_line_and_byte() {
    let read = |bytes: &[u8]| {
        let reader = ProgramReader::new().file_in_memory("p.csv", bytes).participants("p.csv");
        reader.read().unwrap_err().faults().to_vec()
    };
    let latin = read(b"id,gender\r\n1,f\xe9minin\r\n");
    assert_eq!(latin.len(), 1);
    assert_eq!((latin[0].row, latin[0].value.as_deref()), (Some(2), Some("byte 0xE9")));
    assert!(latin[0].problem.contains("byte 15") && latin[0].remedy.contains("UTF-8"));
    let utf16: Vec<u8> = "\u{feff}id\n1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert!(read(&utf16)[0].problem.contains("UTF-16"));
}

#[test]
fn files_that_are_not_there_are_told_with_all_the_rest() {
    let reader = ProgramReader::new()
        .file_in_memory("supporters.csv", "id,status,supervisor\nS-1,gone,V-1\n")
        .participants("no/such/participants.csv")
        .supporters("supporters.csv")
        .supervisors(env!("CARGO_MANIFEST_DIR"))
        .program("no/such/program.json");
    let error = reader.read().unwrap_err();
    let files: Vec<&str> = error.faults().iter().map(|fault| fault.file.as_str()).collect();
    assert_eq!(
        files,
        ["no/such/participants.csv", "supporters.csv", "no/such/program.json", env!("CARGO_MANIFEST_DIR")]
    );
    assert!(error.faults().iter().all(|fault| !fault.remedy.is_empty()));
}

#[test]
fn what_is_wrong_with_a_cell() {
    let p = "participants.csv";
    let s = "supporters.csv";
    check_cases(&[
        (&[(p, "id,child_age\n1,inf\n")], ('E', p, 2, "child_age", "inf", "finite", "empty")),
        (&[(p, "id,travel_km\n1,1e400\n")], ('E', p, 2, "travel_km", "1e400", "too large", "range")),
        (&[(p, "id,travel_km\n1,-1\n")], ('E', p, 2, "travel_km", "-1", "out of range", "kilometres")),
        (&[(p, "id;travel_km\n1;2,5\n")], ('E', p, 2, "travel_km", "2,5", "comma", "1234.5")),
        (&[(p, "id,travel_km\n1,25 km\n")], ('E', p, 2, "travel_km", "25 km", "not a number", "unit")),
        (&[(p, "id,hours_per_week\n1,0\n")], ('E', p, 2, "hours_per_week", "0", "above 0", "hours")),
        (&[(p, "id,hours_per_week\n1,169\n")], ('E', p, 2, "hours_per_week", "169", "at most 168", "hours")),
        (
            &[(p, "id,Waiting since\n1,2026-02-30\n")],
            ('E', p, 2, "Waiting since", "2026-02-30", "year-month-day", "2026-10-05"),
        ),
        (
            &[(p, "id,waiting_since\n1,2026-02-03T10:00\n")],
            ('E', p, 2, "waiting_since", "2026-02-03T10:00", "year-month-day", "date_format"),
        ),
        (&[(p, "id,lat,lon\n1,1,181\n")], ('E', p, 2, "lon", "181", "-180 to 180", "changed places")),
        (
            &[(p, "id,preferences\n1,like*0 a=b\n")],
            ('E', p, 2, "preferences", "like*0 a=b", "not a preference", "must"),
        ),
        (
            &[(p, "id,gender_preference\n1,female\n")],
            ('E', p, 2, "gender_preference", "female", "preference on gender", "must female"),
        ),
        (
            &[(p, "id,weights\n1,condition=2; condition=3\n")],
            ('E', p, 2, "weights", "condition", "twice", "one of the two"),
        ),
        (&[(p, "id,weights\n1,condition=much\n")], ('E', p, 2, "weights", "much", "not a number", "digits")),
        (&[(p, "id\nP\u{1}1\n")], ('E', p, 2, "id", "P\u{1}1", "control", "P1")),
        (&[(s, "id,capacity\n1,-1\n")], ('E', s, 2, "capacity", "-1", "whole number", "digits")),
        (&[(s, "id,capacity\n1,1.5\n")], ('E', s, 2, "capacity", "1.5", "whole number", "digits")),
        (&[(s, "id,status\n1,gone\n")], ('E', s, 2, "status", "gone", "words", "in_training")),
        (
            &[(s, "id,wished_minimum,capacity\n1,4,3\n")],
            ('E', s, 2, "wished_minimum", "4", "capacity of 3", "raise"),
        ),
        (
            &[(s, "id,hours_per_week\n1,-0.5\n")],
            ('E', s, 2, "hours_per_week", "-0.5", "out of range", "hours"),
        ),
        (
            &[(s, "id,supervisor\n1,V-2\n"), ("supervisors.csv", "id\nV-1\n")],
            ('E', s, 2, "supervisor", "V-2", "no supervisor", "V-1"),
        ),
        (
            &[(s, "id,card_facts\n1,Likes=a; Likes=b\n")],
            ('E', s, 2, "card_facts", "Likes", "twice", "one of the two"),
        ),
        (
            &[(s, "id,card_facts\n1,hiking\n")],
            ('E', s, 2, "card_facts", "hiking", "name with a value", "Likes=hiking"),
        ),
        (
            &[(s, "id,card_facts,card_consent\n1,Likes=a,name; Job\n")],
            ('W', s, 2, "card_consent", "Job", "no such fact", "label"),
        ),
        (
            &[(s, "id,leave_until\n1,2027-01-01\n")],
            ('W', s, 2, "leave_until", "2027-01-01", "not on leave", "on_leave"),
        ),
        (
            &[("supervisors.csv", "id,caseload\n1,many\n")],
            ('E', "supervisors.csv", 2, "caseload", "many", "whole number", "3"),
        ),
    ]);
}

#[test]
fn what_is_wrong_with_reference_tables() {
    let (c, g, p) = ("conditions.csv", "gazetteer.csv", "participants.csv");
    let towns = "town,state,lat,lon\nSpringfield,IL,39,-89\nSpringfield,MA,42,-72\n";
    let zips = "zip,lat,lon,timezone\n37203,36,-86,America/Chicago\n";
    check_cases(&[
        (&[(c, "code\nA\nB\nA\n")], ('E', c, 4, "code", "A", "row 2", "take one")),
        (&[(c, "code,parent\nF84,\nF84.0,F48\n")], ('E', c, 3, "parent", "F48", "no row", "F84")),
        (
            &[(c, "code,parent\nA,B\nB,A\n")],
            ('E', c, 2, "parent", "A > B > A", "circle", "take the parent out"),
        ),
        (&[(c, "code,name\n,nameless\n")], ('E', c, 2, "code", "", "empty", "write")),
        (&[("issues.json", "[{\"code\": \" a\"}]")], ('E', "issues.json", 1, "code", " a", "blank", "\"a\"")),
        (
            &[(c, "code\nF84.0\n"), (p, "id,conditions\n1,F84.O\n")],
            ('W', p, 2, "conditions", "F84.O", "taxonomy", "F84.0"),
        ),
        (
            &[("issues.csv", "code\nsleep\n"), ("supporters.csv", "id,excluded_issues\n1,slep\n")],
            ('W', "supporters.csv", 2, "excluded_issues", "slep", "taxonomy", "sleep"),
        ),
        (
            &[(g, "town,lat,lon\n,1,2\n")],
            ('E', g, 2, "postcode", "", "neither a postcode nor a town", "give"),
        ),
        (&[(g, "town,lat,lon\nA,91,2\n")], ('E', g, 2, "lat", "91", "-90 to 90", "decimal")),
        (&[(g, "town,lat,lon\nA,x,2\n")], ('E', g, 2, "lat", "x", "not a number", "digits")),
        (&[(g, "town,lat,lon\nA,,2\n")], ('E', g, 2, "lat", "", "empty", "36.15")),
        (
            &[(g, "town,lat,lon,timezone\nA,1,2,Europe/Berln\n")],
            ('E', g, 2, "timezone", "Europe/Berln", "no such time zone", "Europe/Berlin"),
        ),
        (&[(g, zips), (p, "id,zip\n1,37230\n")], ('W', p, 2, "zip", "37230", "postcode", "37203")),
        (
            &[(g, towns), (p, "id,town\n1,Sprinfield\n")],
            ('W', p, 2, "town", "Sprinfield", "town", "Springfield"),
        ),
        (
            &[(g, towns), (p, "id,town,region\n1,Springfield,TX\n")],
            ('W', p, 2, "town", "Springfield, TX", "in this region", "gazetteer"),
        ),
        (
            &[(g, towns), (p, "id,town\n1,Springfield\n")],
            ('W', p, 2, "town", "Springfield", "2 towns", "region"),
        ),
        (&[(p, "id,zip\n1,37203\n2,37203\n")], ('W', p, 0, "zip", "-", "2 people", "gazetteer")),
        (
            &[(p, "id,availability\n1,Mon 8:00-9:00\n2,Tue 8:00-9:00\n")],
            ('W', p, 0, "availability", "-", "2 people", "column map"),
        ),
        (
            &[(g, zips), (p, "id,availability\n1,Mon 8:00-9:00\n")],
            ('W', p, 2, "availability", "Mon 08:00-09:00", "time zone", "America/Chicago"),
        ),
        (
            &[("supporters.csv", "id,supervisor\n1,V-2\n2,V-2\n")],
            ('W', "supporters.csv", 0, "supervisor", "-", "2 people", "no caseload"),
        ),
    ]);
    assert_eq!(faults_of(&[(g, zips), (p, "id,zip,availability\n1,37203,Mon 8:00-9:00\n")]), []);
}

#[test]
fn what_is_wrong_with_references_and_history() {
    let p = ("participants.csv", "id,consent\nP-1,yes\nP-2,yes\n");
    let s = ("supporters.csv", SUPPORTERS);
    let (a, b, past, st) =
        ("acquaintances.csv", "barred_pairs.csv", "past_matches.csv", "standing_matches.csv");
    check_cases(&[
        (
            &[("participants.csv", "id,known,refused\n1,,S-O1\n"), ("supporters.csv", "id\nS-01\n")],
            ('E', "participants.csv", 2, "refused", "S-O1", "no supporter", "S-01"),
        ),
        (
            &[p, s, (a, "participant,supporter\nP-3,S-1\n")],
            ('E', a, 2, "participant", "P-3", "no participant", "P-1"),
        ),
        (
            &[p, s, (b, "participant,supporter\nP-1,T-9\n")],
            ('E', b, 2, "supporter", "T-9", "no supporter", "reference"),
        ),
        (
            &[p, s, (past, "participant,supporter,outcome\nP-1,S-1,good\n")],
            ('E', past, 2, "outcome", "good", "words", "completed"),
        ),
        (
            &[p, s, (past, "participant,supporter,outcome\nP-1,S-7,failed\n")],
            ('E', past, 2, "supporter", "S-7", "no supporter", "S-1"),
        ),
        (&[p, s, (st, "participant,supporter\n,S-1\n")], ('E', st, 2, "participant", "", "empty", "P-0001")),
        (
            &[p, s, (st, "participant,supporter,price\nP-1,S-1,2\n")],
            ('E', st, 2, "price", "2", "0 to 1", "0.1"),
        ),
        (
            &[p, s, (st, "participant,supporter\nP-1,S-1\nP-1,S-2\n")],
            ('E', st, 3, "participant", "P-1", "row 2", "past matches"),
        ),
        (
            &[p, s, (b, "participant,supporter\nP-1,S-1\n"), (st, "participant,supporter\nP-1,S-1\n")],
            ('E', st, 2, "supporter", "S-1", "barred in row 2", "lift"),
        ),
        (
            &[
                ("participants.csv", "id,consent,refused\nP-1,yes,S-1\n"),
                s,
                (st, "participant,supporter\nP-1,S-1\n"),
            ],
            ('E', st, 2, "supporter", "S-1", "refuses", "lift"),
        ),
        (
            &[p, s, (a, "participant,supporter\nP-1,S-1\nP-1,S-1\n")],
            ('W', a, 3, "participant", "P-1", "row 2", "take one"),
        ),
        (
            &[p, s, (b, "participant,supporter\nP-1,S-1\nP-1,S-1\n")],
            ('W', b, 3, "participant", "P-1", "row 2", "take one"),
        ),
        (
            &[
                p,
                ("supporters.csv", "id,capacity\nS-1,1\n"),
                (st, "participant,supporter\nP-1,S-1\nP-2,S-1\n"),
            ],
            ('W', "supporters.csv", 2, "capacity", "1", "2 standing", "raise"),
        ),
        (
            &[
                p,
                ("supporters.csv", "id,supervisor\nS-1,V\n"),
                ("supervisors.csv", "id,caseload\nV,0\n"),
                (st, "participant,supporter\nP-1,S-1\n"),
            ],
            ('W', "supervisors.csv", 2, "caseload", "0", "1 standing", "raise"),
        ),
        (
            &[p, ("supporters.csv", "id,status\nS-1,released\n"), (st, "participant,supporter\nP-1,S-1\n")],
            ('W', st, 2, "supporter", "S-1", "released", "status"),
        ),
        (
            &[
                p,
                ("supporters.csv", "id,status,leave_until\nS-1,on leave,2027-01-01\n"),
                (st, "participant,supporter\nP-1,S-1\n"),
            ],
            ('W', st, 2, "supporter", "S-1", "until 2027-01-01", "status"),
        ),
        (
            &[("participants.csv", PEOPLE), s, (st, "participant,supporter\nP-1,S-1\n")],
            ('W', st, 2, "participant", "P-1", "consented", "consent"),
        ),
    ]);
    // A movable match of a barred pair is no contradiction: it may end.
    let movable = (st, "participant,supporter,hold\nP-1,S-1,movable\n");
    assert_eq!(faults_of(&[p, s, (b, "participant,supporter\nP-1,S-1\n"), movable]), []);
}

#[test]
fn what_is_wrong_with_a_json_field() {
    let p = "participants.json";
    let s = "supporters.json";
    check_cases(&[
        (&[(p, "[{\"id\": 17}]")], ('E', p, 1, "id", "17", "not a number", "\"17\"")),
        (&[(p, "[{\"consent\": true}]")], ('E', p, 1, "id", "-", "not there", "P-0001")),
        (&[(p, "[{\"id\": \"1\"}, 5]")], ('E', p, 2, "-", "5", "a number", "{ ... }")),
        (&[(p, "[{\"id\": \"1\", \"child_age\": \"4\"}]")], ('E', p, 1, "child_age", "4", "a text", "12.5")),
        (
            &[(p, "[{\"id\": \"1\", \"place\": {\"latitude\": true}}]")],
            ('E', p, 1, "place.latitude", "true", "true or false", "12.5"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"place\": {\"lat\": 3}}]")],
            ('E', p, 1, "place.lat", "3", "no such field", "take it out"),
        ),
        (&[(p, "[{\"id\": \"1\", \"place\": 3}]")], ('E', p, 1, "place", "3", "an object", "{ ... }")),
        (
            &[(p, "[{\"id\": \"1\", \"condition\": []}]")],
            ('E', p, 1, "condition", "[]", "no such field", "conditions"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"conditions\": \"F84\"}]")],
            ('E', p, 1, "conditions", "F84", "a list", "["),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"languages\": [\"en\", \"e_s\"]}]")],
            ('E', p, 1, "languages[1]", "e_s", "language tag", "es-MX"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"availability\": [\"Mon\"]}]")],
            ('E', p, 1, "availability[0]", "Mon", "weekly window", "18:00"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"modalities\": [\"fax\"]}]")],
            ('E', p, 1, "modalities[0]", "fax", "way of meeting", "video"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"attributes\": {\"faith\": \"x\"}}]")],
            ('E', p, 1, "attributes.faith", "x", "a list", "quaker"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"weights\": {\"issue\": \"x\"}}]")],
            ('E', p, 1, "weights.issue", "x", "a number", "2"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"preferences\": [{\"attribute\": \"a\"}]}]")],
            ('E', p, 1, "preferences[0]", "{\"attribute\":\"a\"}", "wish", "any_of"),
        ),
        (
            &[(
                p,
                "[{\"id\": \"1\", \"preferences\": [{\"attribute\": \"a\", \"wish\": {\"any_of\": []}, \"strength\": \"must_have\"}]}]",
            )],
            ('E', p, 1, "preferences", "must a=", "no value", "gender=female"),
        ),
        (
            &[(
                p,
                "[{\"id\": \"1\", \"preferences\": [{\"attribute\": \"a\", \"wish\": \"same\", \"strength\": \"would_like\", \"weight\": 0}]}]",
            )],
            ('E', p, 1, "preferences", "0", "above 0", "like"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"attributes\": {\"\": [\"x\"]}}]")],
            ('E', p, 1, "attributes", "", "empty", "give"),
        ),
        (&[(p, "[{\"id\": \"1\", \"conditions\": [\"\"]}]")], ('E', p, 1, "conditions", "", "empty", "give")),
        (
            &[(p, "[{\"id\": \"1\", \"priority\": 300}]")],
            ('E', p, 1, "priority", "300", "from 0 to 9", "digit"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"waiting_since\": \"yesterday\"}]")],
            ('E', p, 1, "waiting_since", "yesterday", "year-month-day", "2026"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"consent\": \"yes\"}]")],
            ('E', p, 1, "consent", "yes", "true or false", "true"),
        ),
        (&[(s, "[{\"id\": \"1\", \"status\": \"gone\"}]")], ('E', s, 1, "status", "gone", "words", "active")),
        (&[(s, "[{\"id\": \"1\", \"capacity\": 1.5}]")], ('E', s, 1, "capacity", "1.5", "whole number", "3")),
        (
            &[(s, "[{\"id\": \"1\", \"card\": {\"facts\": {\"Likes\": \"x\"}}}]")],
            ('E', s, 1, "card.facts.Likes", "x", "not a fact", "hiking"),
        ),
        (
            &[(s, "[{\"id\": \"1\", \"card\": {\"name\": {\"value\": \"A\", \"consent\": 1}}}]")],
            ('E', s, 1, "card.name.consent", "1", "true or false", "true"),
        ),
        (
            &[("program.json", "{\"participants\": [{\"id\": \"1\"}, {\"id\": \"1\"}]}")],
            ('E', "program.json (participants)", 2, "id", "1", "row 1", "its own"),
        ),
        (
            &[("program.json", "{\"supporters\": 3}")],
            ('E', "program.json (supporters)", 0, "-", "-", "a number", "[{"),
        ),
    ]);
    // Null counts as left out.
    assert_eq!(faults_of(&[(p, "[{\"id\": \"1\", \"child_age\": null, \"conditions\": null}]")]), []);
}

#[test]
fn one_fault_draws_no_other_after_it() {
    // The broken rows keep their ids, so those who refer to them are not blamed; neither is anything that follows
    // from a field that could not be read.
    let found = faults_of(&[
        ("participants.csv", "id,known,consent\nP-1,S-1; S-2,perhaps\n"),
        (
            "supporters.csv",
            "id,capacity,wished_minimum,status,leave_until,lat,lon\nS-1,x,3,y,2027-01-01,z,1\nS-2,1\n",
        ),
        ("standing_matches.csv", "participant,supporter\nP-1,S-1\n"),
    ]);
    let told: Vec<_> =
        found.iter().map(|fault| (fault.id.as_deref().unwrap(), fault.field.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("P-1", Some("consent")),
            ("S-1", Some("capacity")),
            ("S-1", Some("status")),
            ("S-1", Some("lat")),
            ("S-2", None)
        ]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_held_against_nobody() {
    let found = faults_of(&[
        ("participants.csv", "id,known,zip,availability,conditions\nP-1,S-1,37203,Mon 9:00-10:00,F84\n"),
        ("supporters.csv", "name,supervisor\nAna,V-1\n"),
        ("gazetteer.csv", ""),
        ("conditions.json", "nonsense"),
        ("acquaintances.csv", "participant,supporter\nP-1,S-1\n"),
    ]);
    let told: Vec<_> = found.iter().map(|fault| (fault.file.as_str(), fault.field.as_deref())).collect();
    assert_eq!(
        told,
        [
            ("supporters.csv", Some("id")),
            ("conditions.json", None),
            ("gazetteer.csv", None),
            ("supporters.csv", Some("name")),
        ]
    );
}

#[test]
fn thousands_of_faults_are_all_told() {
    let mut file = "id,known,child_age\n".to_owned();
    for row in 0..3000 {
        writeln!(file, "P-{row},S-{row},x").unwrap();
    }
    assert_eq!(faults_of(&[("participants.csv", &file), ("supporters.csv", SUPPORTERS)]).len(), 6000 - 2);
}
