//! Languages as BCP 47 tags.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::language_names;
use super::nearest::nearest;

/// A well-formed BCP 47 language tag such as `en`, `es-MX` or `zh-Hant`, in its conventional letter case
/// (RFC 5646, section 2.1.1).
///
/// A language has its shortest code: `eng` and `spa-MX` become `en` and `es-MX`. A name such as `Spanish` is no tag,
/// and neither is a code of two letters that no language has (`sp`). Whether other subtags are registered is not
/// checked. Languages of one's own are written `x-...`.
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
        let text = text.trim();
        let (primary, rest) = text.split_at(text.find('-').unwrap_or(text.len()));
        let folded = primary.to_ascii_lowercase();
        let (shorter, is_language) = match primary.len() {
            // The beginning of x-... and i-...
            1 => (None, true),
            2 => (language_names::renewed(&folded), language_names::is_assigned(&folded)),
            3 => (language_names::shorter(&folded), true),
            // Well-formed, but no language is registered under a longer one.
            _ => (None, false),
        };
        if !is_language && shorter.is_none() {
            return Err(no_tag(text));
        }
        let written = shorter.map(|shorter| format!("{shorter}{rest}"));
        let parse = oxilangtag::LanguageTag::parse_and_normalize;
        // A few tags from before the standard are whole names, which have no shorter code: `no-bok`, `zh-min`.
        let tag = written.and_then(|written| parse(&written).ok()).or_else(|| parse(text).ok());
        tag.map(Self).ok_or_else(|| no_tag(text))
    }
}

/// What is wrong, and after a semicolon how to write it.
fn no_tag(text: &str) -> String {
    let by_slip = || {
        // Short words are near to some name by chance.
        let near = nearest(text, language_names::names().map(|(name, _)| name).filter(|_| text.len() > 4))?;
        language_names::tag_of(near)
    };
    let hyphens = text.replace('_', "-");
    let remedy = match language_names::tag_of(text).or_else(by_slip) {
        Some(tag) => format!("write {tag}, its BCP 47 tag"),
        None if hyphens != text && hyphens.parse::<LanguageTag>().is_ok() => format!("write {hyphens}"),
        None => "write a BCP 47 tag such as en, es-MX or zh-Hant".to_owned(),
    };
    format!("not a language tag; {remedy}")
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
            "pattern": "^[A-Za-z]{1,3}(-[A-Za-z0-9]{1,8})*$"
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(text: &str) -> LanguageTag {
        text.parse().unwrap()
    }

    #[test]
    fn a_language_has_one_code() {
        for (long, short) in [
            ("eng", "en"),
            ("SPA-mx", "es-MX"),
            ("ger", "de"),
            ("chi-Hant", "zh-Hant"),
            ("iw", "he"),
            ("yue", "yue"),
            ("x-own", "x-own"),
            ("i-navajo", "i-navajo"),
            ("no-bok", "no-bok"),
        ] {
            assert_eq!(tag(long).as_str(), short);
        }
        assert!(tag("eng").mutually_intelligible(&tag("en-US")));
    }

    #[test]
    fn words_are_no_tags_and_the_tag_is_named() {
        for (word, wanted) in [
            ("English", "write en,"),
            ("spanish", "write es,"),
            ("Español", "write es,"),
            ("Spansh", "write es,"),
            ("Spanish (Mexico)", "write es,"),
            ("Cantonese", "write yue,"),
            ("en_US", "write en-US"),
            ("sp", "such as en"),
            ("Klingon", "such as en"),
            ("", "such as en"),
        ] {
            let message = word.parse::<LanguageTag>().unwrap_err();
            assert!(
                message.starts_with("not a language tag; ") && message.contains(wanted),
                "{word}: {message}"
            );
        }
    }
}
