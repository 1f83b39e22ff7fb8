//! What is well written and still not meant: data that would pass, and match nobody or the wrong people.

use std::fmt::Write as _;

use peermatch::program::{Gazetteer, GazetteerEntry, Lookup, Place};
use peermatch::{Fault, Severity};

use crate::files_faults::{check_cases, faults_of, reader};

#[test]
fn a_language_in_words_is_told_with_its_tag() {
    let p = "participants.csv";
    check_cases(&[
        (
            &[(p, "id,languages\n1,English\n")],
            ('E', p, 2, "languages", "English", "language tag", "write en"),
        ),
        (&[(p, "id,languages\n1,en; sp\n")], ('E', p, 2, "languages", "sp", "language tag", "es-MX")),
    ]);
    let program = reader(&[(p, "id,languages\n1,eng; SPA-mx\n")]).read().unwrap();
    assert_eq!(program.participants()[0].languages, ["en".parse().unwrap(), "es-MX".parse().unwrap()]);
}

#[test]
fn a_taxonomy_without_end_is_cut_and_told() {
    let mut file = "code,parent\n0,\n".to_owned();
    for level in 1..3000 {
        writeln!(file, "{level},{}", level - 1).unwrap();
    }
    let c = "conditions.csv";
    check_cases(&[(&[(c, &file)], ('E', c, 102, "parent", "100", "100 levels", "right above"))]);
}

#[test]
fn a_capacity_that_is_not_stated_is_the_policys_business() {
    let p = ("participants.csv", "id,consent\nP-1,yes\nP-2,yes\n");
    let standing = ("standing_matches.csv", "participant,supporter\nP-1,S-1\nP-2,S-1\n");
    assert_eq!(faults_of(&[p, ("supporters.csv", "id,wished_minimum\nS-1,2\n"), standing]), []);
}

#[test]
fn each_part_of_a_place_is_looked_up() {
    let g = ("gazetteer.csv", "zip,town,state,lat,lon\n37203,Nashville,TN,36,-86\n");
    let p = "participants.csv";
    check_cases(&[
        (
            &[g, (p, "id,zip,town\n1,37230,Nashville\n")],
            ('W', p, 2, "zip", "37230", "the other part given", "37203"),
        ),
        (
            &[g, (p, "id,zip,lat,lon\n1,37230,36,-86\n")],
            ('W', p, 2, "zip", "37230", "the coordinates alone", "37203"),
        ),
        (
            &[g, (p, "id,zip,town\n1,37203,Nashvile\n")],
            ('W', p, 2, "town", "Nashvile", "the other part given", "Nashville"),
        ),
        (
            &[g, (p, "id,zip,town,state\n1,37203,Nashville,TX\n")],
            ('W', p, 2, "town", "Nashville, TX", "in this region", "correct it"),
        ),
    ]);
    // A gazetteer of postcodes alone says nothing of towns.
    let zips = ("gazetteer.csv", "zip,lat,lon\n37203,36,-86\n");
    assert_eq!(faults_of(&[zips, (p, "id,zip,town\n1,37203,Nashvile\n")]), []);
}

#[test]
fn an_attribute_may_have_a_column_of_its_own() {
    let file = "id,attributes.Faith,attributes,Attributes.culture\nP-1,quaker; none,culture=somali,arab\n";
    let program = reader(&[("participants.csv", file)]).read().unwrap();
    let attributes = &program.participants()[0].attributes;
    assert_eq!(attributes["Faith"], ["quaker", "none"]);
    assert_eq!(attributes["culture"], ["somali", "arab"]);
}

#[test]
fn a_column_of_one_attribute_takes_both_separators() {
    let file = "id,attributes.culture,attributes.faith\n1,somali|arab,quaker; none|a\\|b\n";
    let program = reader(&[("participants.csv", file)]).read().unwrap();
    let attributes = &program.participants()[0].attributes;
    assert_eq!(attributes["culture"], ["somali", "arab"]);
    assert_eq!(attributes["faith"], ["quaker", "none", "a|b"]);
    let map = "[participants.values.\"attributes.culture\"]\nS = \"somali\"\nA = \"arab\"";
    let mapped =
        reader(&[("participants.csv", "id,attributes.culture\n1,S|A\n")]).column_map(map.parse().unwrap());
    assert_eq!(mapped.read().unwrap().participants()[0].attributes["culture"], ["somali", "arab"]);
}

#[test]
fn rows_that_an_open_quote_swallowed_are_held_against_nobody() {
    let found = faults_of(&[
        ("participants.csv", "id,known\nP-1,S-2\n"),
        ("supporters.csv", "id,gender\nS-1,\"female\nS-2,male\n"),
        ("acquaintances.csv", "participant,supporter\nP-1,S-2\n"),
    ]);
    let told: Vec<_> = found.iter().map(|fault| (fault.file.as_str(), fault.row)).collect();
    assert_eq!(told, [("supporters.csv", Some(2))]);
}

fn warnings(files: &[(&str, &str)]) -> Vec<Fault> {
    reader(files).read().unwrap().warnings().to_vec()
}

#[test]
fn where_nobody_has_consented_it_is_said_once() {
    let p = "participants.csv";
    for file in ["id\n1\n2\n", "id,consent\n1,no\n2,\n"] {
        let told = warnings(&[(p, file)]);
        assert_eq!(told.len(), 1, "{told:?}");
        let fault = &told[0];
        assert_eq!((fault.severity, fault.row), (Severity::Warning, None));
        assert_eq!(fault.field.as_deref(), Some("consent"));
        assert!(fault.problem.contains("nobody") && fault.remedy.contains("column map"), "{fault}");
    }
    assert_eq!(warnings(&[(p, "id,consent\n1,no\n2,yes\n")]), []);
    let broken = reader(&[(p, "id,consent\n1,perhaps\n2,no\n")]).read().unwrap_err();
    assert_eq!(broken.faults().len(), 1);
}

#[test]
fn a_key_that_stands_twice_is_told_with_its_row() {
    let p = "participants.json";
    check_cases(&[
        (
            &[(p, "[{\"id\": \"1\"}, {\"id\": \"2\", \"gender\": \"a\", \"gender\": \"b\"}]")],
            ('E', p, 2, "gender", "-", "twice", "one of the two"),
        ),
        (
            &[(p, "[{\"id\": \"1\", \"attributes\": {\"faith\": [\"a\"], \"faith\": []}}]")],
            ('E', p, 1, "attributes.faith", "-", "twice", "one of the two"),
        ),
        (
            &[("program.json", "{\"history\": {\"past\": [], \"past\": []}}")],
            ('E', "program.json", 0, "history.past", "-", "twice", "one of the two"),
        ),
        (
            &[("program.json", "{\"supporters\": [{\"id\": \"1\", \"id\": \"2\"}]}")],
            ('E', "program.json (supporters)", 1, "id", "-", "twice", "one of the two"),
        ),
    ]);
}

#[test]
fn one_postcode_at_two_places_is_told() {
    let g = "gazetteer.csv";
    let file = "zip,lat,lon\n37203,36,-86\n37204,36,-86\n37203,36,-86\n37203,36.5,-86\n";
    check_cases(&[(&[(g, file)], ('W', g, 5, "zip", "37203", "row 2", "keep the row"))]);
    let mut many = "zip,lat,lon\n".to_owned();
    for row in 0..100 {
        writeln!(many, "37203,{row}.5,0").unwrap();
    }
    let many = many.replace("9.5,0", "1,0");
    let told = faults_of(&[(g, &many.lines().take(60).collect::<Vec<_>>().join("\n"))]);
    assert_eq!(told.len(), 21);
    assert!(told[0].row.is_none() && told[0].problem.contains("more rows"), "{}", told[0]);
}

#[test]
fn regions_are_compared_without_regard_to_letter_case() {
    let entry = |region: &str, latitude: f64| GazetteerEntry {
        town: Some("Springfield".to_owned()),
        region: Some(region.to_owned()),
        latitude,
        ..GazetteerEntry::default()
    };
    let gazetteer = Gazetteer::new(vec![entry("TN", 36.0), entry("tn ", 37.0)]);
    let town = |region: Option<&str>| Place {
        town: Some("springfield".to_owned()),
        region: region.map(str::to_owned),
        ..Place::default()
    };
    assert!(matches!(gazetteer.look_up(&town(None)), Lookup::Found(at, _) if at.latitude < 36.5));
    assert!(matches!(gazetteer.look_up(&town(Some("Tn"))), Lookup::Found(..)));
    // One name in very many regions.
    let regions: Vec<String> = (0..50_000).map(|region| region.to_string()).collect();
    let gazetteer = Gazetteer::new(regions.iter().map(|region| entry(region, 1.0)).collect());
    assert_eq!(gazetteer.look_up(&town(None)), Lookup::AmbiguousTown(50_000));
    assert!(regions.iter().all(|region| matches!(gazetteer.look_up(&town(Some(region))), Lookup::Found(..))));
}
