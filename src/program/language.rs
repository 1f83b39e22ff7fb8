//! Languages as BCP 47 tags.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A well-formed BCP 47 language tag such as `en`, `es-MX` or `zh-Hant`, in its conventional letter case
/// (RFC 5646, section 2.1.1). Whether a subtag is registered is not checked.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LanguageTag(oxilangtag::LanguageTag<String>);

impl LanguageTag {
    /// The tag as text.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Whether two people who list these tags can talk: the same primary language, and not two different scripts.
    /// `es` and `es-MX` can; `zh-Hant` and `zh-Hans` cannot be taken for each other, for in the registry's practice
    /// the script stands in for the spoken variety (RFC 5646, section 4.1).
    pub fn mutually_intelligible(&self, other: &Self) -> bool {
        let scripts = (self.0.script(), other.0.script());
        let same_script = match scripts {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        let same_extension = match (self.0.extended_language(), other.0.extended_language()) {
            (Some(a), Some(b)) => a == b,
            _ => true,
        };
        self.0.primary_language() == other.0.primary_language() && same_script && same_extension
    }
}

impl FromStr for LanguageTag {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        oxilangtag::LanguageTag::parse_and_normalize(text.trim()).map(Self).map_err(|error| {
            format!(
                "not a well-formed language tag ({error}); write a BCP 47 tag such as en, es-MX or zh-Hant"
            )
        })
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl Serialize for LanguageTag {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for LanguageTag {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for LanguageTag {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "LanguageTag".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "A BCP 47 language tag such as en, es-MX or zh-Hant",
            "pattern": "^[A-Za-z]{1,8}(-[A-Za-z0-9]{1,8})*$"
        })
    }
}
