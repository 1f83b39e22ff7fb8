//! Free attributes of people (family structure, culture, faith, military, ...) and what one side wishes of the
//! other's.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

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
    /// Weight among this person's would-like preferences, above 0 (counts as 0.001 to 1000). Without meaning for a must-have.
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
/// would-like of another weight than 1 `like*2 NAME=VALUE`.
impl FromStr for Preference {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || {
            "not a preference; write as in must gender=female, like culture=same, like*2 faith!=none or must military=yes|veteran".to_owned()
        };
        let (strength, rest) = text.trim().split_once(char::is_whitespace).ok_or_else(fault)?;
        let (strength, weight) = match strength.split_once('*') {
            Some((strength, weight)) => (strength, weight.parse::<f64>().map_err(|_| fault())?),
            None => (strength, 1.0),
        };
        let strength = match strength.to_ascii_lowercase().as_str() {
            "must" => Strength::MustHave,
            "like" => Strength::WouldLike,
            _ => return Err(fault()),
        };
        let (name, values) = rest.split_once('=').ok_or_else(fault)?;
        let (name, not) = match name.trim().strip_suffix('!') {
            Some(name) => (name.trim(), true),
            None => (name.trim(), false),
        };
        let values: Vec<String> = values
            .split('|')
            .map(|value| value.trim().to_owned())
            .filter(|value| !value.is_empty())
            .collect();
        if name.is_empty() || values.is_empty() || !weight.is_finite() || weight <= 0.0 {
            return Err(fault());
        }
        let wish = match (&values[..], not) {
            ([only], false) if only.eq_ignore_ascii_case("same") => Wish::Same,
            ([only], true) if only.eq_ignore_ascii_case("same") => Wish::Different,
            (_, false) => Wish::AnyOf(values),
            (_, true) => Wish::NoneOf(values),
        };
        Ok(Self { attribute: name.to_owned(), wish, strength, weight })
    }
}

impl fmt::Display for Preference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.strength {
            Strength::MustHave => f.write_str("must ")?,
            Strength::WouldLike if (self.weight - 1.0).abs() < f64::EPSILON => f.write_str("like ")?,
            Strength::WouldLike => write!(f, "like*{} ", self.weight)?,
        }
        match &self.wish {
            Wish::AnyOf(values) => write!(f, "{}={}", self.attribute, values.join("|")),
            Wish::NoneOf(values) => write!(f, "{}!={}", self.attribute, values.join("|")),
            Wish::Same => write!(f, "{}=same", self.attribute),
            Wish::Different => write!(f, "{}!=same", self.attribute),
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
