//! Free attributes of people (family structure, culture, faith, military, ...) and what one side wishes of the
//! other's.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::read::{escape, split, split_once, strip_mark, unescape};

/// Attribute names with their values. A person may have several values for one name (two cultures); a name that is
/// not there is unknown, which is not the same as "no".
pub type Attributes = BTreeMap<String, Vec<String>>;

/// The attribute name under which a preference finds a person's `gender` field.
pub const GENDER: &str = "gender";

/// How much a preference counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    /// No match without it.
    MustHave,
    /// A better match with it.
    WouldLike,
}

/// What is wished of an attribute of the person on the other side.
#[derive(Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Wish {
    /// One of these values.
    AnyOf(Vec<String>),
    /// None of these values.
    NoneOf(Vec<String>),
    /// A value in common with one's own.
    Same,
    /// No value in common with one's own.
    Different,
}

/// One stated preference: `must gender=female`, `like culture=same`, `must faith!=none`.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Preference {
    /// The attribute's name; [`GENDER`] stands for the person's gender.
    pub attribute: String,
    /// What it should be.
    pub wish: Wish,
    /// Whether a match may be made without it.
    pub strength: Strength,
    /// Weight among this person's would-like preferences, above 0 (counts as 0.001 to 1000). Without meaning for a
    /// must-have.
    #[serde(default = "one")]
    #[cfg_attr(feature = "schema", schemars(extend("exclusiveMinimum" = 0)))]
    pub weight: f64,
}

fn one() -> f64 {
    1.0
}

impl Preference {
    /// A must-have preference.
    pub fn must(attribute: impl Into<String>, wish: Wish) -> Self {
        Self { attribute: attribute.into(), wish, strength: Strength::MustHave, weight: 1.0 }
    }

    /// A would-like preference of weight 1.
    pub fn like(attribute: impl Into<String>, wish: Wish) -> Self {
        Self { attribute: attribute.into(), wish, strength: Strength::WouldLike, weight: 1.0 }
    }
}

/// The form a cell of a CSV file holds: `must NAME=VALUE|VALUE`, `like NAME!=VALUE`, `like NAME=same`, and for a
/// would-like of another weight than 1 `like*2 NAME=VALUE`. A backslash takes the next character as it is; `\\same` is
/// the value, not the wish.
impl FromStr for Preference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::parse(text, '|').ok_or_else(|| format!("not a preference; {HOW_TO_WRITE}"))
    }
}

/// What would mend a text that is no preference.
pub(super) const HOW_TO_WRITE: &str =
    "write as in must gender=female, like culture=same, like*2 faith!=none or must military=yes|veteran";

impl Preference {
    /// The same with what stands between values.
    pub(super) fn parse(text: &str, between: char) -> Option<Self> {
        let (strength, rest) = text.trim().split_once(char::is_whitespace)?;
        let (name, values) = split_once(rest, '=')?;
        let (name, not) = strip_mark(name);
        Self::of_parts(strength, unescape(name), values, not, between)
    }

    /// From a strength written `must`, `like` or `like*2`, a name, and values that are still to be taken apart.
    pub(super) fn of_parts(
        strength: &str,
        attribute: String,
        values: &str,
        not: bool,
        between: char,
    ) -> Option<Self> {
        let (strength, weight) = match strength.split_once('*') {
            Some((strength, weight)) => (strength, weight.parse::<f64>().ok()?),
            None => (strength, 1.0),
        };
        let strength = match strength.to_ascii_lowercase().as_str() {
            "must" => Strength::MustHave,
            "like" => Strength::WouldLike,
            _ => return None,
        };
        let pieces = split(values, between).into_iter().map(str::trim_start);
        let pieces: Vec<&str> = pieces.filter(|piece| !piece.is_empty()).collect();
        if attribute.is_empty() || pieces.is_empty() || !weight.is_finite() || weight <= 0.0 {
            return None;
        }
        let same = pieces.len() == 1 && pieces[0].trim().eq_ignore_ascii_case("same");
        let values = || pieces.iter().map(|piece| unescape(piece)).collect();
        let wish = match (same, not) {
            (true, false) => Wish::Same,
            (true, true) => Wish::Different,
            (false, false) => Wish::AnyOf(values()),
            (false, true) => Wish::NoneOf(values()),
        };
        Some(Self { attribute, wish, strength, weight })
    }
}

/// What [`FromStr`] reads back as the same, but for blanks at either end of a name or value.
impl fmt::Display for Preference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The semicolon as well, so that it can stand in a list.
        const SPECIAL: [char; 4] = [';', '|', '=', '!'];
        f.write_str(if self.strength == Strength::MustHave { "must" } else { "like" })?;
        if self.weight.to_bits() != 1.0_f64.to_bits() {
            write!(f, "*{}", self.weight)?;
        }
        let name = escape(&self.attribute, &SPECIAL);
        let (sign, values) = match &self.wish {
            Wish::Same => return write!(f, " {name}=same"),
            Wish::Different => return write!(f, " {name}!=same"),
            Wish::AnyOf(values) => ("=", values),
            Wish::NoneOf(values) => ("!=", values),
        };
        let values: Vec<String> = values.iter().map(|value| escape(value, &SPECIAL)).collect();
        match &values[..] {
            [only] if only.eq_ignore_ascii_case("same") => write!(f, " {name}{sign}\\{only}"),
            _ => write!(f, " {name}{sign}{}", values.join("|")),
        }
    }
}

/// Attribute values, postcodes and names of towns are compared without regard to letter case and outer blanks.
pub(crate) fn fold(text: &str) -> String {
    text.trim().to_lowercase()
}

/// The kind of wish and how many values it names, not which.
impl fmt::Debug for Wish {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::AnyOf(values) => write!(f, "AnyOf({})", values.len()),
            Self::NoneOf(values) => write!(f, "NoneOf({})", values.len()),
            Self::Same => f.write_str("Same"),
            Self::Different => f.write_str("Different"),
        }
    }
}

/// The attribute's name alone: what a person wishes of it does not belong into a log.
impl fmt::Debug for Preference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Preference({:?}, {:?})", self.strength, self.attribute)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shown_reads_back() {
        let of = |values: &[&str]| Wish::AnyOf(values.iter().map(|&value| value.to_owned()).collect());
        for preference in [
            Preference::must("gender", of(&["female", "non|binary"])),
            Preference { weight: 2.5, ..Preference::like("a=b!", of(&["same"])) },
            Preference::like("a!", Wish::NoneOf(vec!["x;y".to_owned(), "\\".to_owned()])),
            Preference { weight: 3.0, ..Preference::must("culture", Wish::Same) },
            Preference::like("culture", Wish::Different),
        ] {
            let shown = preference.to_string();
            assert!(shown.parse::<Preference>().unwrap() == preference, "{shown}");
        }
    }
}
