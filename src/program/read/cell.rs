//! One CSV cell to the JSON value of its field, by the kind of its column.

use std::str::FromStr;

use jiff::civil::Date;
use serde_json::{Map, Value, json};

use super::columns::Kind;
use super::text::{split, split_once, unescape, unguard_formula};
use crate::program::attributes::HOW_TO_WRITE;
use crate::program::{GENDER, LanguageTag, Modality, Preference, Shared, Window};

/// Something wrong with one value of a cell or field: what it says, what is wrong, what would mend it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Bad {
    pub(crate) value: String,
    pub(crate) problem: String,
    pub(crate) remedy: String,
}

impl Bad {
    pub(crate) fn new(
        value: impl Into<String>,
        problem: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { value: value.into(), problem: problem.into(), remedy: remedy.into() }
    }

    /// From the message of a parser of ours, which says the problem and, after a semicolon, the remedy.
    pub(crate) fn told(value: impl Into<String>, message: &str) -> Self {
        match message.split_once("; ") {
            Some((problem, remedy)) => Self::new(value, problem, remedy),
            None => Self::new(value, message, "correct it"),
        }
    }
}

/// How the cells of one table are written.
#[derive(Debug, Clone)]
pub(crate) struct CellFormat {
    /// Between the values of a list.
    pub(crate) separator: char,
    /// How days are written, as for `strptime`; year-month-day if `None`.
    pub(crate) dates: Option<String>,
}

impl Default for CellFormat {
    fn default() -> Self {
        Self { separator: ';', dates: None }
    }
}

impl CellFormat {
    /// Between the values of one name, inside a list.
    pub(crate) fn inner(&self) -> char {
        if self.separator == '|' { ';' } else { '|' }
    }
}

/// What a cell came to: the value, as far as it could be read, and what could not.
#[derive(Default)]
pub(crate) struct Decoded {
    pub(crate) value: Option<Value>,
    pub(crate) bad: Vec<Bad>,
}

impl From<Result<Value, Bad>> for Decoded {
    fn from(result: Result<Value, Bad>) -> Self {
        match result {
            Ok(value) => Self { value: Some(value), bad: Vec::new() },
            Err(bad) => Self { value: None, bad: vec![bad] },
        }
    }
}

/// Reads a cell that is not empty. Outer blanks are gone already.
pub(crate) fn decode(kind: Kind, cell: &str, format: &CellFormat) -> Decoded {
    match kind {
        Kind::Text | Kind::Id => Ok(Value::from(unguard_formula(cell))).into(),
        Kind::Number => number(cell).map(Value::from).into(),
        Kind::Whole(most) => whole(cell, most).map(Value::from).into(),
        Kind::YesNo => yes_no(cell).map(Value::from).into(),
        Kind::Date => date(cell, format).map(|date| Value::from(date.to_string())).into(),
        Kind::Choice(words) => choice(cell, words).map(Value::from).into(),
        Kind::Ids => list(cell, format, |piece| Ok(unescape(piece).into())),
        Kind::Languages => list(cell, format, parsed::<LanguageTag>),
        Kind::Windows => list(cell, format, |piece| parsed::<Window>(&piece.replace(['–', '—'], "-"))),
        Kind::Modalities => {
            list(cell, format, |piece| modality(piece).map(|modality| modality.as_str().into()))
        }
        Kind::Preferences => list(cell, format, |piece| preference(piece, format)),
        Kind::GenderPreference => gender_preference(cell, format).into(),
        Kind::Attributes => attributes(cell, format),
        Kind::Weights => weights(cell, format),
        Kind::Facts => labelled(cell, format, |text| json!({ "value": text, "consent": false })),
        Kind::Contact => labelled(cell, format, Value::from),
        Kind::CardConsent => list(cell, format, |piece| Ok(piece.into())),
        Kind::Shares => list(cell, format, |piece| shared(piece).map(|shared| shared.as_str().into())),
    }
}

/// The pieces of a list that are not blank, each read by `read`.
fn list(cell: &str, format: &CellFormat, read: impl Fn(&str) -> Result<Value, Bad>) -> Decoded {
    let mut values = Vec::new();
    let mut bad = Vec::new();
    for piece in split(unguard_formula(cell), format.separator) {
        if piece.trim().is_empty() {
            continue;
        }
        match read(piece) {
            Ok(value) => values.push(value),
            Err(found) => bad.push(found),
        }
    }
    Decoded { value: Some(Value::Array(values)), bad }
}

/// The text in the form that its type writes.
fn parsed<T: FromStr<Err = String> + ToString>(piece: &str) -> Result<Value, Bad> {
    let text = unescape(piece);
    match text.parse::<T>() {
        Ok(value) => Ok(value.to_string().into()),
        Err(message) => Err(Bad::told(text, &message)),
    }
}

fn number(cell: &str) -> Result<f64, Bad> {
    let plain = cell.bytes().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    match cell.parse::<f64>() {
        Ok(number) if plain && number.is_finite() => Ok(number),
        Ok(_) if plain => Err(Bad::new(
            cell,
            "too large to be a number",
            "write a number in its ordinary range, as in 12.5",
        )),
        Ok(_) => {
            Err(Bad::new(cell, "not a finite number", "leave the cell empty if the number is not known"))
        }
        Err(_) if cell.bytes().any(|byte| byte.is_ascii_digit()) && cell.contains(',') => Err(Bad::new(
            cell,
            "not a number: a comma stands in it",
            "write a point for decimals and nothing between thousands, as in 1234.5",
        )),
        Err(_) => Err(Bad::new(cell, "not a number", "write digits alone, without a unit, as in 12.5")),
    }
}

fn whole(cell: &str, most: u32) -> Result<u32, Bad> {
    // A spreadsheet may have made 3 into 3.0.
    let digits = cell.strip_suffix(".0").unwrap_or(cell);
    match digits.parse::<u32>() {
        Ok(number) if number <= most => Ok(number),
        _ if most == u32::MAX => {
            Err(Bad::new(cell, "not a whole number of 0 or more", "write digits alone, as in 3"))
        }
        _ => Err(Bad::new(
            cell,
            format!("not a whole number from 0 to {most}"),
            format!("write a digit from 0 to {most}"),
        )),
    }
}

fn yes_no(cell: &str) -> Result<bool, Bad> {
    match cell.to_lowercase().as_str() {
        "yes" | "y" | "true" | "1" => Ok(true),
        "no" | "n" | "false" | "0" => Ok(false),
        _ => Err(Bad::new(
            cell,
            "neither yes nor no",
            "write yes or no, or say in the column map what stands for them",
        )),
    }
}

fn date(cell: &str, format: &CellFormat) -> Result<Date, Bad> {
    match &format.dates {
        None => cell.parse::<Date>().ok().filter(|_| is_iso(cell)).ok_or_else(|| {
            Bad::new(
                cell,
                "not a day written year-month-day",
                "write it as in 2026-10-05, or name its form as date_format in the column map",
            )
        }),
        Some(dates) => Date::strptime(dates, cell).map_err(|_| {
            Bad::new(
                cell,
                format!("not a day of the form {dates}"),
                "write it in that form, or change date_format in the column map",
            )
        }),
    }
}

/// `YYYY-MM-DD` and nothing else: the parser would also take a time of day and drop it.
fn is_iso(cell: &str) -> bool {
    cell.len() == 10
        && cell.bytes().enumerate().all(
            |(at, byte)| {
                if at == 4 || at == 7 { byte == b'-' } else { byte.is_ascii_digit() }
            },
        )
}

fn choice(cell: &str, words: &[&'static str]) -> Result<&'static str, Bad> {
    let folded = cell.to_lowercase().replace([' ', '-'], "_");
    words.iter().copied().find(|&word| word == folded).ok_or_else(|| {
        Bad::new(
            cell,
            "not one of the words this column knows",
            format!("write {}, or say in the column map what stands for them", any_of(words)),
        )
    })
}

pub(crate) fn any_of(words: &[&str]) -> String {
    match words {
        [rest @ .., last] if !rest.is_empty() => format!("{} or {last}", rest.join(", ")),
        _ => words.concat(),
    }
}

fn shared(piece: &str) -> Result<Shared, Bad> {
    let word = unescape(piece).to_lowercase().replace([' ', '-'], "_");
    let known = Shared::ALL.into_iter().find(|shared| shared.as_str() == word);
    known.ok_or_else(|| not_shared(piece.trim()))
}

pub(super) fn not_shared(word: &str) -> Bad {
    let remedy = "write conditions, issues, child_age, town, gender or languages";
    Bad::new(word, "nothing of the record that a card may show", remedy)
}

fn modality(piece: &str) -> Result<Modality, Bad> {
    match unescape(piece).to_lowercase().replace([' ', '-'], "_").as_str() {
        "in_person" | "inperson" => Ok(Modality::InPerson),
        "phone" | "telephone" => Ok(Modality::Phone),
        "video" => Ok(Modality::Video),
        _ => Err(Bad::new(piece.trim(), "not a way of meeting", "write in_person, phone or video")),
    }
}

fn preference(piece: &str, format: &CellFormat) -> Result<Value, Bad> {
    let parsed = Preference::parse(piece, format.inner()).and_then(|found| serde_json::to_value(found).ok());
    parsed.ok_or_else(|| Bad::new(piece.trim(), "not a preference", HOW_TO_WRITE))
}

fn gender_preference(cell: &str, format: &CellFormat) -> Result<Value, Bad> {
    let parsed = cell.split_once(char::is_whitespace).and_then(|(strength, values)| {
        let found = Preference::of_parts(strength, GENDER.to_owned(), values, false, format.inner())?;
        serde_json::to_value(found).ok()
    });
    let fault =
        || Bad::new(cell, "not a preference on gender", "write as in must female, or like female|nonbinary");
    parsed.map(|found| Value::Array(vec![found])).ok_or_else(fault)
}

/// The `name=...` pieces of a cell; `insert` puts one into the object or says what is wrong with it.
fn named(
    cell: &str,
    format: &CellFormat,
    example: &str,
    insert: impl Fn(&mut Map<String, Value>, String, &str) -> Result<(), Bad>,
) -> Decoded {
    let mut object = Map::new();
    let mut bad = Vec::new();
    for piece in split(unguard_formula(cell), format.separator) {
        if piece.trim().is_empty() {
            continue;
        }
        let pair = split_once(piece, '=').map(|(name, value)| (unescape(name), value));
        let result = match pair {
            Some((name, value)) if !name.is_empty() => insert(&mut object, name, value),
            _ => Err(Bad::new(piece.trim(), "not a name with a value", format!("write as in {example}"))),
        };
        bad.extend(result.err());
    }
    Decoded { value: Some(Value::Object(object)), bad }
}

/// The values in a column that is for one attribute alone, whichever of the two separators is between them.
pub(super) fn attribute_values(cell: &str, format: &CellFormat) -> Vec<String> {
    let pieces = split(unguard_formula(cell), format.separator).into_iter();
    let pieces = pieces.flat_map(|piece| split(piece, format.inner()));
    pieces.filter(|piece| !piece.trim().is_empty()).map(unescape).collect()
}

fn attributes(cell: &str, format: &CellFormat) -> Decoded {
    named(cell, format, "faith=quaker", |object, name, value| {
        let values = split(value, format.inner())
            .into_iter()
            .filter(|piece| !piece.trim().is_empty())
            .map(|piece| Value::from(unescape(piece)));
        // A name that stands twice has the values of both.
        if let Value::Array(known) = object.entry(name).or_insert_with(|| json!([])) {
            known.extend(values);
        }
        Ok(())
    })
}

fn weights(cell: &str, format: &CellFormat) -> Decoded {
    named(cell, format, "condition=2", |object, name, value| {
        if object.contains_key(&name) {
            return Err(Bad::new(name, "the same criterion stands twice", "keep one of the two"));
        }
        object.insert(name, number(value.trim())?.into());
        Ok(())
    })
}

fn labelled(cell: &str, format: &CellFormat, make: fn(String) -> Value) -> Decoded {
    named(cell, format, "Likes=hiking", |object, name, value| {
        if object.contains_key(&name) {
            return Err(Bad::new(name, "the same label stands twice", "keep one of the two"));
        }
        object.insert(name, make(unescape(value)));
        Ok(())
    })
}
