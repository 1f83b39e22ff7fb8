//! The published JSON Schema.

#![allow(clippy::unwrap_used)]

use peermatch::program::{Card, CardField, Participant, Place, Preference, ProgramData, Supporter, Wish};
use serde_json::Value;

use crate::files_columns::assert_published;

#[test]
fn the_published_schema_is_up_to_date() {
    let mut text = serde_json::to_string_pretty(&peermatch::schema::program()).unwrap();
    text.push('\n');
    assert_published("examples/data/program.schema.json", &text);
}

#[test]
fn the_published_schema_of_policies_is_up_to_date_and_fits_them() {
    let schema = peermatch::schema::policy();
    let mut text = serde_json::to_string_pretty(&schema).unwrap();
    text.push('\n');
    assert_published("examples/data/policy.schema.json", &text);
    fits(&serde_json::to_value(peermatch::Policy::default()).unwrap(), &schema, &schema, "");
}

#[test]
fn every_field_that_is_written_is_in_the_schema_and_described() {
    let field = || Some(CardField { value: "x".into(), consent: true });
    let data = ProgramData {
        participants: vec![Participant {
            conditions: vec!["F84".into()],
            place: Place { postcode: Some("1".into()), ..Place::at(1.0, 2.0) },
            languages: vec!["en".parse().unwrap()],
            availability: vec!["Mon 9:00-10:00".parse().unwrap()],
            preferences: vec![
                Preference::must("gender", Wish::AnyOf(vec!["female".into()])),
                Preference::like("culture", Wish::Same),
            ],
            waiting_since: Some(jiff::civil::date(2026, 10, 5)),
            child_age: Some(4.5),
            ..Participant::new("P-1")
        }],
        supporters: vec![Supporter {
            capacity: Some(2),
            card: Card {
                name: field(),
                photo: field(),
                facts: [("Likes".into(), field().unwrap())].into(),
                shares: peermatch::program::Shared::ALL.into(),
                contact: [("phone".into(), "555 0100".into())].into(),
            },
            ..Supporter::new("S-1")
        }],
        ..ProgramData::default()
    };
    let schema = peermatch::schema::program();
    fits(&serde_json::to_value(data).unwrap(), &schema, &schema, "");
}

/// As much of a schema as ours use: references, alternatives, types, items and properties.
fn fits(value: &Value, schema: &Value, root: &Value, at: &str) {
    if let Some(problem) = misfit(value, schema, root, at) {
        panic!("{problem}");
    }
}

fn misfit(value: &Value, schema: &Value, root: &Value, at: &str) -> Option<String> {
    if let Some(reference) = schema.get("$ref").and_then(Value::as_str) {
        return misfit(value, root.pointer(reference.trim_start_matches('#')).unwrap(), root, at);
    }
    for key in ["anyOf", "oneOf"] {
        if let Some(Value::Array(choices)) = schema.get(key) {
            let misfits: Vec<_> = choices.iter().map(|choice| misfit(value, choice, root, at)).collect();
            return misfits.iter().all(Option::is_some).then(|| format!("{at}: {misfits:?}"));
        }
    }
    if let Some(constant) = schema.get("const") {
        return (constant != value).then(|| format!("{at}: {value} is not {constant}"));
    }
    if let Some(Value::Array(words)) = schema.get("enum") {
        return (!words.contains(value)).then(|| format!("{at}: {value} is none of {words:?}"));
    }
    let name = match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    };
    let types: Vec<&str> = match schema.get("type") {
        Some(Value::Array(types)) => types.iter().filter_map(Value::as_str).collect(),
        Some(Value::String(one)) => vec![one],
        _ => return Some(format!("{at}: the schema has no type")),
    };
    if !(types.contains(&name) || name == "integer" && types.contains(&"number")) {
        return Some(format!("{at}: {value} is {name}, not {types:?}"));
    }
    let bound = |key: &str| schema.get(key).and_then(Value::as_f64);
    if let Some(number) = value.as_f64() {
        let low = bound("minimum").is_some_and(|least| number < least)
            || bound("exclusiveMinimum").is_some_and(|least| number <= least);
        if low || bound("maximum").is_some_and(|most| number > most) {
            return Some(format!("{at}: {value} is out of range"));
        }
    }
    if let Some(text) = value.as_str() {
        let short = bound("minLength").is_some_and(|least| (text.chars().count() as f64) < least);
        let no_date = schema.get("format").is_some_and(|format| format == "date")
            && text.parse::<jiff::civil::Date>().is_err();
        if short || no_date {
            return Some(format!("{at}: {value} is too short or no date"));
        }
    }
    match value {
        Value::Array(items) => items
            .iter()
            .enumerate()
            .find_map(|(index, item)| misfit(item, &schema["items"], root, &format!("{at}/{index}"))),
        Value::Object(fields) => fields.iter().find_map(|(name, field)| {
            let at = format!("{at}/{name}");
            match (schema["properties"].get(name), schema.get("additionalProperties")) {
                (Some(own), _) if own.get("description").or(schema.get("description")).is_none() => {
                    Some(format!("{at}: not described"))
                }
                (Some(own), _) => misfit(field, own, root, &at),
                (None, Some(other)) if other.is_object() => misfit(field, other, root, &at),
                (None, _) => Some(format!("{at}: not in the schema")),
            }
        }),
        _ => None,
    }
}

#[test]
fn what_cannot_be_read_is_refused_by_the_schema() {
    let schema = peermatch::schema::program();
    let judge = |table: &str, record: &str| {
        let mut data = serde_json::json!({});
        data[table] = serde_json::from_str(&format!("[{record}]")).unwrap();
        misfit(&data, &schema, &schema, "")
    };
    for (table, record) in [
        ("participants", r#"{"id": "P-1", "priority": 9, "child_age": 120, "hours_per_week": 0.5}"#),
        ("participants", r#"{"id": "P-1", "place": {"latitude": -90, "longitude": 180.0}}"#),
        ("supporters", r#"{"id": "S-1", "capacity": 0, "hours_per_week": 0, "leave_until": "2027-01-01"}"#),
    ] {
        assert_eq!(judge(table, record), None);
    }
    for (table, record) in [
        ("participants", r#"{"id": ""}"#),
        ("participants", r#"{"id": 17}"#),
        ("participants", r#"{"id": "P-1", "priority": 10}"#),
        ("participants", r#"{"id": "P-1", "child_age": 140}"#),
        ("participants", r#"{"id": "P-1", "child_age": -1}"#),
        ("participants", r#"{"id": "P-1", "hours_per_week": 0}"#),
        ("participants", r#"{"id": "P-1", "hours_per_week": 169}"#),
        ("participants", r#"{"id": "P-1", "travel_km": -1}"#),
        ("participants", r#"{"id": "P-1", "waiting_since": "10/05/2026"}"#),
        ("participants", r#"{"id": "P-1", "place": {"latitude": 91}}"#),
        ("participants", r#"{"id": "P-1", "place": {"longitude": -181}}"#),
        ("participants", r#"{"id": "P-1", "place": {"lat": 1}}"#),
        ("participants", r#"{"id": "P-1", "conditions": [""]}"#),
        ("supporters", r#"{"id": "S-1", "capacity": 10001}"#),
        ("supporters", r#"{"id": "S-1", "status": "gone"}"#),
        ("gazetteer", r#"{"town": "A", "latitude": 91, "longitude": 0}"#),
    ] {
        assert!(judge(table, record).is_some(), "{record}");
    }
    let standing = serde_json::json!({
        "history": { "standing": [{ "participant": "P-1", "supporter": "S-1", "price": 2 }] }
    });
    assert!(misfit(&standing, &schema, &schema, "").is_some());
    let pattern = schema["$defs"]["Window"]["pattern"].as_str().unwrap();
    assert!(pattern.starts_with('^') && pattern.ends_with('$'), "{pattern}");
}
