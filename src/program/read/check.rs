//! Looking a JSON record over, field by field, so that every bad field is told and not only the first.

use std::str::FromStr;

use jiff::civil::Date;
use serde_json::{Map, Value};

use super::cell::{Bad, any_of, not_shared};
use super::columns::Kind;
use crate::program::nearest::nearest;
use crate::program::source::Table;
use crate::program::{LanguageTag, Modality, Preference, Shared, Window};

/// A bad field: its dotted path with the place in a list, and what is bad about it.
pub(super) struct Found {
    pub(super) path: String,
    pub(super) bad: Bad,
}

/// What looking a record over came to.
#[derive(Default)]
pub(super) struct Checked {
    pub(super) found: Vec<Found>,
    /// Paths of the fields that were taken out.
    pub(super) broken: Vec<String>,
}

/// Takes every field out of the object that cannot be read, and every null, which counts as left out.
pub(super) fn check(table: Table, object: &mut Map<String, Value>) -> Checked {
    let mut checked = Checked::default();
    check_object(table, "", object, &mut checked);
    for column in table.columns().iter().filter(|column| column.required) {
        if !object.contains_key(column.path) && !checked.broken.iter().any(|broken| broken == column.path) {
            let bad = Bad::new(
                "",
                "the field is not there",
                column.remedy_for_none(&json_example(column.kind, column.example)),
            );
            checked.found.push(Found { path: column.path.to_owned(), bad });
        }
    }
    checked
}

fn json_example(kind: Kind, example: &str) -> String {
    match kind {
        Kind::Number | Kind::Whole(_) => example.to_owned(),
        _ => format!("{example:?}"),
    }
}

/// The two fields of a card that have a consent of their own have no column for it.
const CONSENTS: [&str; 2] = ["card.name.consent", "card.photo.consent"];

fn check_object(table: Table, prefix: &str, object: &mut Map<String, Value>, checked: &mut Checked) {
    let keys: Vec<String> = object.keys().cloned().collect();
    for key in keys {
        let path = format!("{prefix}{key}");
        let Some(value) = object.get_mut(&key) else { continue };
        if value.is_null() {
            object.remove(&key);
            continue;
        }
        let own = table
            .columns()
            .iter()
            .find(|column| column.path == path && column.kind != Kind::CardConsent)
            .map(|column| column.kind)
            .or_else(|| CONSENTS.contains(&path.as_str()).then_some(Kind::YesNo));
        let inner = format!("{path}.");
        let mut bad = Vec::new();
        if let Some(kind) = own {
            check_value(kind, value, &mut bad);
        } else if table.columns().iter().any(|column| column.path.starts_with(&inner)) {
            if let Value::Object(fields) = value {
                check_object(table, &inner, fields, checked);
                // A card field is nothing without its text.
                if matches!(path.as_str(), "card.name" | "card.photo") && !fields.contains_key("value") {
                    object.remove(&key);
                }
                continue;
            }
            bad.push((String::new(), wrong(value, "an object", "{ ... }")));
        } else {
            bad.push((String::new(), unknown(table, prefix, &key, value)));
        }
        if !bad.is_empty() {
            object.remove(&key);
            checked.broken.push(path.clone());
            checked.found.extend(bad.into_iter().map(|(at, bad)| Found { path: format!("{path}{at}"), bad }));
        }
    }
}

fn unknown(table: Table, prefix: &str, key: &str, value: &Value) -> Bad {
    let known = table.columns().iter().filter_map(|column| {
        let rest = column.path.strip_prefix(prefix)?;
        Some(rest.split_once('.').map_or(rest, |(first, _)| first))
    });
    let remedy = match nearest(key, known) {
        Some(near) => format!("perhaps {near} was meant; else take it out"),
        None => "take it out, or put it under attributes if it is to count in matching".to_owned(),
    };
    Bad::new(shown(value), "no such field is known", remedy)
}

/// The value as JSON, no longer than a message can bear.
pub(super) fn shown(value: &Value) -> String {
    const LONGEST: usize = 60;
    let text = match value {
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    if text.chars().count() <= LONGEST {
        return text;
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    short.push('…');
    short
}

pub(super) fn wrong(value: &Value, wanted: &str, example: &str) -> Bad {
    let is = match value {
        Value::Null => "null",
        Value::Bool(_) => "true or false",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "an object",
    };
    Bad::new(
        shown(value),
        format!("this is {is}, and the field holds {wanted}"),
        format!("write it as in {example}"),
    )
}

type Bads = Vec<(String, Bad)>;

fn check_value(kind: Kind, value: &mut Value, bad: &mut Bads) {
    let mut told = |found: Result<(), Bad>| bad.extend(found.err().map(|found| (String::new(), found)));
    match kind {
        Kind::Text => told(text(value).map(drop)),
        Kind::Id => told(match value {
            Value::Number(number) => Err(Bad::new(
                number.to_string(),
                "an id is a text, not a number",
                format!("write it as in \"{number}\""),
            )),
            value => text(value).map(drop),
        }),
        Kind::Number => told(match value {
            Value::Number(_) => Ok(()),
            value => Err(wrong(value, "a number", "12.5")),
        }),
        Kind::Whole(most) => told(match value.as_u64() {
            Some(number) if number <= u64::from(most) => Ok(()),
            _ if most == u32::MAX => {
                Err(Bad::new(shown(value), "not a whole number of 0 or more", "write it as in 3"))
            }
            _ => Err(Bad::new(
                shown(value),
                format!("not a whole number from 0 to {most}"),
                format!("write a digit from 0 to {most}"),
            )),
        }),
        Kind::YesNo => {
            told(if value.is_boolean() { Ok(()) } else { Err(wrong(value, "true or false", "true")) });
        }
        Kind::Date => told(text(value).and_then(|text| {
            let day = text.parse::<Date>();
            // The parser would also take a time of day and drop it.
            day.ok().filter(|day| day.to_string() == text).map(drop).ok_or_else(|| {
                Bad::new(text, "not a day written year-month-day", "write it as in \"2026-10-05\"")
            })
        })),
        Kind::Choice(words) => told(text(value).and_then(|text| {
            words.contains(&text).then_some(()).ok_or_else(|| {
                Bad::new(text, "not one of the words this field knows", format!("write {}", any_of(words)))
            })
        })),
        Kind::Ids => each(value, bad, "[\"...\", \"...\"]", |item| text(item).map(drop)),
        Kind::Languages => each(value, bad, "[\"en\", \"es-MX\"]", parses::<LanguageTag>),
        Kind::Windows => each(value, bad, "[\"Mon 18:00-20:30\"]", parses::<Window>),
        Kind::Modalities => each(value, bad, "[\"phone\", \"video\"]", |item| {
            let word = text(item)?;
            Modality::ALL
                .iter()
                .any(|modality| modality.as_str() == word)
                .then_some(())
                .ok_or_else(|| Bad::new(word, "not a way of meeting", "write in_person, phone or video"))
        }),
        Kind::Shares => each(value, bad, "[\"conditions\", \"town\"]", |item| {
            let word = text(item)?;
            let known = Shared::ALL.iter().any(|shared| shared.as_str() == word);
            known.then_some(()).ok_or_else(|| not_shared(word))
        }),
        Kind::Preferences | Kind::GenderPreference => {
            let example = "[{ \"attribute\": \"gender\", \"wish\": { \"any_of\": [\"female\"] }, \"strength\": \"must_have\" }]";
            each(value, bad, example, |item| match serde_json::from_value::<Preference>(item.clone()) {
                Ok(_) => Ok(()),
                Err(error) => Err(Bad::new(
                    shown(item),
                    "not a preference",
                    format!("{error}: write it as in {example}"),
                )),
            });
        }
        Kind::Attributes => each_named(value, bad, "{ \"faith\": [\"quaker\"] }", |item, bad| {
            each(item, bad, "[\"quaker\"]", |item| text(item).map(drop));
        }),
        Kind::Weights => each_named(value, bad, "{ \"condition\": 2 }", |item, bad| {
            if !item.is_number() {
                bad.push((String::new(), wrong(item, "a number", "2")));
            }
        }),
        Kind::Facts => each_named(
            value,
            bad,
            "{ \"Likes\": { \"value\": \"hiking\", \"consent\": true } }",
            |item, bad| {
                let fact = serde_json::from_value::<crate::program::CardField>(item.clone());
                if let Err(error) = fact {
                    let remedy =
                        format!("{error}: write it as in {{ \"value\": \"hiking\", \"consent\": true }}");
                    bad.push((String::new(), Bad::new(shown(item), "not a fact", remedy)));
                }
            },
        ),
        Kind::Contact => each_named(value, bad, "{ \"phone\": \"555 0100\" }", |item, bad| {
            if !item.is_string() {
                bad.push((String::new(), wrong(item, "a text", "\"555 0100\"")));
            }
        }),
        Kind::CardConsent => {}
    }
}

fn text(value: &Value) -> Result<&str, Bad> {
    value.as_str().ok_or_else(|| wrong(value, "a text", "\"...\""))
}

fn parses<T: FromStr<Err = String>>(value: &Value) -> Result<(), Bad> {
    let text = text(value)?;
    text.parse::<T>().map(drop).map_err(|message| Bad::told(text, &message))
}

/// Looks at each item of a list.
fn each(value: &mut Value, bad: &mut Bads, example: &str, check: impl Fn(&Value) -> Result<(), Bad>) {
    match value {
        Value::Array(items) => {
            for (at, item) in items.iter().enumerate() {
                bad.extend(check(item).err().map(|found| (format!("[{at}]"), found)));
            }
        }
        other => bad.push((String::new(), wrong(other, "a list", example))),
    }
}

fn each_named(
    value: &mut Value,
    bad: &mut Bads,
    example: &str,
    mut check: impl FnMut(&mut Value, &mut Bads),
) {
    let Value::Object(items) = value else {
        bad.push((String::new(), wrong(value, "an object", example)));
        return;
    };
    for (name, item) in items.iter_mut() {
        let mut inner = Vec::new();
        check(item, &mut inner);
        bad.extend(inner.into_iter().map(|(at, found)| (format!(".{name}{at}"), found)));
    }
}
