//! The words of a page, and what of the record is said in them.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::program::{Modality, Shared};

/// The words of a page, in the participant's language.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Words {
    /// The language, as a BCP 47 tag; it also says in which direction the page is read.
    pub language: String,
    /// The title of the page.
    pub title: String,
    /// What the participant reads first.
    pub intro: String,
    /// What is read where there are no cards.
    pub none: String,
    /// On the link; followed by the name for those who listen.
    pub choose: String,
    /// How to choose where a card has no link, and on paper.
    pub tell: String,
    /// On the card of somebody whose place would have to be freed, in the place of the link.
    pub taken: String,
    /// Who shows no name; followed by the card's number.
    pub somebody: String,
    /// What a picture is, for those who listen; followed by the name.
    pub photo: String,
    /// Before what is shown of the record; those without words are left out.
    pub record: BTreeMap<Shared, String>,
    /// The languages that supporters speak, by BCP 47 tag. A tag without a name has that of the tag before its last
    /// hyphen (`es` for `es-MX`); where that has none either, the tag itself is shown.
    pub languages: BTreeMap<String, String>,
    /// Before the way of meeting.
    pub meet: String,
    /// The ways of meeting.
    pub modalities: BTreeMap<Modality, String>,
    /// Before what fits.
    pub fits: String,
    /// Before what does not.
    pub misses: String,
    /// What fits, by the name of the criterion; those without words are left out.
    pub criteria: BTreeMap<String, String>,
    /// What does not fit, by the name of the criterion; those without words are left out.
    pub misses_criteria: BTreeMap<String, String>,
}

impl Default for Words {
    fn default() -> Self {
        let words = |all: &[(&str, &str)]| -> BTreeMap<String, String> {
            all.iter().map(|&(name, words)| (name.to_owned(), words.to_owned())).collect()
        };
        Self {
            language: "en".to_owned(),
            title: "Choose your supporter".to_owned(),
            intro:
                "Each of them has been through something like it. Take your time; you can change your mind."
                    .to_owned(),
            none: "There is nobody to show just now. Your programme will get in touch with you.".to_owned(),
            choose: "Choose".to_owned(),
            tell: "Tell your programme whom you choose.".to_owned(),
            taken: "Is supporting others just now; ask your programme.".to_owned(),
            somebody: "Supporter".to_owned(),
            photo: "Photo of".to_owned(),
            record: [
                (Shared::Conditions, "Has lived with".to_owned()),
                (Shared::Issues, "Knows from within".to_owned()),
                (Shared::ChildAge, "Age of the child".to_owned()),
                (Shared::Town, "Lives in".to_owned()),
                (Shared::Gender, "Gender".to_owned()),
                (Shared::Languages, "Speaks".to_owned()),
            ]
            .into(),
            languages: words(&LANGUAGES),
            meet: "You would meet".to_owned(),
            modalities: [
                (Modality::InPerson, "in person".to_owned()),
                (Modality::Phone, "by phone".to_owned()),
                (Modality::Video, "by video".to_owned()),
            ]
            .into(),
            fits: "What fits".to_owned(),
            misses: "What does not".to_owned(),
            criteria: words(&[
                ("condition", "a similar diagnosis"),
                ("issue", "similar challenges"),
                ("child_age", "a child of about the same age"),
                ("geography", "how or where you would meet"),
                ("language", "your language"),
                ("availability", "time at the same hours"),
            ]),
            // Each is true wherever the criterion scores less than half: of several challenges one may be the same.
            misses_criteria: words(&[
                ("condition", "a different diagnosis"),
                ("issue", "mostly other challenges"),
                ("child_age", "a child of another age"),
                ("geography", "far away, or not your first way to meet"),
                ("language", "not your first language"),
                ("availability", "few hours in common"),
            ]),
        }
    }
}

impl Words {
    /// What a card shows of the record, as it is read on the page.
    pub(super) fn said<'a>(&self, field: Shared, value: &'a str) -> Cow<'a, str> {
        match field {
            Shared::Conditions | Shared::Issues => without_codes(value).into(),
            Shared::Languages => self.spoken(value).into(),
            Shared::ChildAge | Shared::Town | Shared::Gender => value.into(),
        }
    }

    /// The names of languages, each once: two ways of writing Chinese are one word to whoever reads it.
    fn spoken(&self, tags: &str) -> String {
        let mut names: Vec<&str> = Vec::new();
        for tag in tags.split(", ") {
            let mut known = Some(tag);
            let name = loop {
                let Some(shorter) = known else { break tag };
                if let Some(name) = self.languages.get(shorter) {
                    break name;
                }
                known = shorter.rsplit_once('-').map(|(before, _)| before);
            };
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.join(", ")
    }
}

/// Names of conditions without the codes that classifications put in brackets behind them: they are for whoever codes,
/// and say nothing to whoever chooses. Several names stand with commas between them, and have commas of their own.
fn without_codes(names: &str) -> String {
    let mut kept = String::with_capacity(names.len());
    let mut rest = names;
    while let Some((before, bracket)) = rest.split_once(" (") {
        kept.push_str(before);
        let code = bracket.split_once(')').filter(|(within, after)| {
            let ends = after.is_empty() || after.starts_with(", ");
            // Where there is no name, the code is better than nothing.
            let is_named = !(kept.is_empty() || kept.ends_with(','));
            ends && is_named && is_code_or_range(within)
        });
        rest = if let Some((_, after)) = code {
            after
        } else {
            kept.push_str(" (");
            bracket
        };
    }
    kept + rest
}

/// `F84.0`, or `F01-F99`; not `F84`, which is written as a vitamin is (`B12`) or a vertebra.
fn is_code_or_range(text: &str) -> bool {
    match text.split_once(['-', '–']) {
        Some((first, last)) => is_code(first) && is_code(last),
        None => text.contains('.') && is_code(text),
    }
}

/// Whether it is written as a code of ICD-10-CM: a letter and two more places with a digit among them, then after a point
/// up to four. (`QA0` and `J4A` are codes; `PTSD`, `CKD` and the disc `L5` are not.)
fn is_code(text: &str) -> bool {
    let (category, more) = text.split_once('.').unwrap_or((text, "0"));
    let is_place = |letter: u8| letter.is_ascii_digit() || letter.is_ascii_uppercase();
    category.len() == 3
        && category.as_bytes()[0].is_ascii_uppercase()
        && category.bytes().all(is_place)
        && category.bytes().any(|letter| letter.is_ascii_digit())
        && (1..=4).contains(&more.len())
        && more.bytes().all(is_place)
}

/// Names of the languages that programmes meet most, by tag.
const LANGUAGES: [(&str, &str); 50] = [
    ("am", "Amharic"),
    ("ar", "Arabic"),
    ("ase", "American Sign Language"),
    ("bfi", "British Sign Language"),
    ("bn", "Bengali"),
    ("bs", "Bosnian"),
    ("cmn", "Mandarin"),
    ("de", "German"),
    ("el", "Greek"),
    ("en", "English"),
    ("es", "Spanish"),
    ("fa", "Persian"),
    ("fil", "Filipino"),
    ("fr", "French"),
    ("gu", "Gujarati"),
    ("he", "Hebrew"),
    ("hi", "Hindi"),
    ("hmn", "Hmong"),
    ("ht", "Haitian Creole"),
    ("hu", "Hungarian"),
    ("hy", "Armenian"),
    ("it", "Italian"),
    ("ja", "Japanese"),
    ("km", "Khmer"),
    ("ko", "Korean"),
    ("ku", "Kurdish"),
    ("lo", "Lao"),
    ("my", "Burmese"),
    ("ne", "Nepali"),
    ("nl", "Dutch"),
    ("nv", "Navajo"),
    ("pa", "Punjabi"),
    ("pl", "Polish"),
    ("ps", "Pashto"),
    ("pt", "Portuguese"),
    ("ro", "Romanian"),
    ("ru", "Russian"),
    ("so", "Somali"),
    ("sw", "Swahili"),
    ("ta", "Tamil"),
    ("te", "Telugu"),
    ("ti", "Tigrinya"),
    ("tl", "Tagalog"),
    ("tr", "Turkish"),
    ("uk", "Ukrainian"),
    ("ur", "Urdu"),
    ("vi", "Vietnamese"),
    ("yue", "Cantonese"),
    ("zh", "Chinese"),
    ("zh-yue", "Cantonese"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_behind_a_name_are_left_out() {
        for (name, said) in [
            (
                "Mental, Behavioral and Neurodevelopmental disorders (F01-F99)",
                "Mental, Behavioral and Neurodevelopmental disorders",
            ),
            ("Chromosomal abnormalities (Q90–Q99)", "Chromosomal abnormalities"),
            ("Chronic lower respiratory diseases (J40-J4A)", "Chronic lower respiratory diseases"),
            ("Congenital malformations (Q00-QA0)", "Congenital malformations"),
            ("Autistic disorder (F84.0)", "Autistic disorder"),
            ("Epilepsy (child) (G40.A11)", "Epilepsy (child)"),
            (
                "Diabetes mellitus (E08-E13), Gout, unspecified (M10.9)",
                "Diabetes mellitus, Gout, unspecified",
            ),
        ] {
            assert_eq!(without_codes(name), said);
        }
    }

    #[test]
    fn words_in_brackets_stay() {
        for name in [
            "",
            "Post-traumatic stress disorder (PTSD)",
            "Chronic kidney disease (CKD), Anorexia (severe), Pain",
            "Myelopathy (HTLV-1-associated)",
            "Influenza (H1N1)",
            "Epilepsy (G40)",
            "Low helper cells (CD4), Vitamin deficiency (B12), Trisomy (T21)",
            "Disc between two vertebrae (L5-S1)",
            "Arthritis (seronegative)",
            "Chapter (F01-F99) of the book",
            "Deletion (of F84 (F84))",
            "Half a bracket (F01-F99",
            "Half a range (F01-)",
            "Too long (F84.00000), no end (F84.)",
            "Letters (É01)",
            "F84.0",
            "(F84.0)",
            " (F84.0), (G40)",
        ] {
            assert_eq!(without_codes(name), name);
        }
    }

    #[test]
    fn languages_have_names() {
        let words = Words::default();
        for (tags, names) in [
            ("en", "English"),
            ("en, es-MX", "English, Spanish"),
            ("zh-Hant-TW, zh-Hans, zh-yue-HK", "Chinese, Cantonese"),
            ("tlh, x-home, en", "tlh, x-home, English"),
            ("", ""),
        ] {
            assert_eq!(words.said(Shared::Languages, tags), names);
        }
        assert_eq!(words.said(Shared::Town, "en (F84)"), "en (F84)");
        assert_eq!(words.languages.len(), LANGUAGES.len(), "a tag is there twice");
    }
}
