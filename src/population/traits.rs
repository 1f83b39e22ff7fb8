//! Gender, family structure, faith, culture and military life, and what people wish of each other.

use super::draw::Draw;
use crate::program::{Attributes, GENDER, LanguageTag, Preference, Strength, Wish};

/// Which side of a match somebody is on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Participant,
    Supporter,
}

/// Those who ask and those who give are mothers for the most part; this project's own judgement.
const GENDER_OF_PARTICIPANTS: [(&str, f64); 3] = [("female", 0.80), ("male", 0.19), ("nonbinary", 0.01)];
const GENDER_OF_SUPPORTERS: [(&str, f64); 3] = [("female", 0.86), ("male", 0.13), ("nonbinary", 0.01)];

/// This project's own estimate: most children live with two parents.
const FAMILY: [(&str, f64); 6] = [
    ("two_parent", 0.65),
    ("single_parent", 0.21),
    ("blended", 0.06),
    ("grandparent", 0.04),
    ("adoptive", 0.025),
    ("foster", 0.015),
];

/// This project's own estimate for US adults; not looked up, so nothing to cite.
const FAITH: [(&str, f64); 9] = [
    ("protestant", 0.40),
    ("catholic", 0.19),
    ("other_christian", 0.03),
    ("jewish", 0.02),
    ("muslim", 0.01),
    ("hindu", 0.01),
    ("buddhist", 0.01),
    ("other", 0.03),
    ("none", 0.29),
];

/// This project's own estimate for US residents whose culture does not follow from their language; not looked up, so
/// nothing to cite.
const CULTURE: [(&str, f64); 6] = [
    ("white", 0.66),
    ("african_american", 0.14),
    ("hispanic", 0.11),
    ("asian_american", 0.04),
    ("native_american", 0.01),
    ("several", 0.04),
];

/// This project's own estimate: a few in a hundred families have a veteran or somebody on active duty.
const MILITARY: [(&str, f64); 3] = [("", 0.92), ("veteran", 0.06), ("active_duty", 0.02)];

/// Gender, in the words of the sample.
pub(super) fn gender(side: Side, draw: &mut Draw) -> &'static str {
    match side {
        Side::Participant => draw.weighted(&GENDER_OF_PARTICIPANTS),
        Side::Supporter => draw.weighted(&GENDER_OF_SUPPORTERS),
    }
}

/// Attributes, each left out with the probability `missing`.
pub(super) fn attributes(languages: &[LanguageTag], missing: f64, draw: &mut Draw) -> Attributes {
    let mut attributes = Attributes::new();
    let mut set = |name: &str, value: &[&str], draw: &mut Draw| {
        if !draw.chance(missing) {
            attributes.insert(name.to_owned(), value.iter().map(|&value| value.to_owned()).collect());
        }
    };
    let family = draw.weighted(&FAMILY);
    set("family_structure", &[family], draw);
    let faith = draw.weighted(&FAITH);
    set("faith", &[faith], draw);
    let drawn = draw.weighted(&CULTURE);
    let spoken = languages.iter().find_map(|tag| {
        Some(match tag.as_str().split('-').next()? {
            "es" => "hispanic",
            "zh" | "vi" | "ko" | "fil" => "asian_american",
            _ => return None,
        })
    });
    match spoken.unwrap_or(drawn) {
        "several" => {
            let second = draw.pick(&["african_american", "hispanic", "asian_american", "native_american"]);
            set("culture", &["white", second], draw);
        }
        culture => set("culture", &[culture], draw),
    }
    let military = draw.weighted(&MILITARY);
    if !military.is_empty() {
        set("military", &[military], draw);
    }
    attributes
}

/// What somebody wishes of the other side. Shares (each times `factor`) are this project's own judgement, after
/// programmes' intake forms asking for them; most people state none.
pub(super) fn preferences(
    side: Side,
    gender: &str,
    attributes: &Attributes,
    factor: f64,
    draw: &mut Draw,
) -> Vec<Preference> {
    let mut preferences = Vec::new();
    let first = |name: &str| attributes.get(name).and_then(|values| values.first()).map(String::as_str);
    let weight = if draw.chance(0.15) { 2.0 } else { 1.0 };
    let mut wish = |share: f64, preference: Preference, draw: &mut Draw| {
        if draw.chance(share * factor) {
            let weight = if preference.strength == Strength::WouldLike { weight } else { 1.0 };
            preferences.push(Preference { weight, ..preference });
        }
    };
    let same_gender = Wish::AnyOf(vec![gender.to_owned()]);
    if side == Side::Supporter {
        if gender == "female" {
            wish(0.01, Preference::must(GENDER, same_gender), draw);
        }
        wish(0.03, Preference::like("family_structure", Wish::Same), draw);
        return preferences;
    }
    let (insists, wants) = match gender {
        "female" => (0.015, 0.07),
        "male" => (0.0, 0.2),
        _ => (0.0, 0.0),
    };
    if draw.chance(insists * factor) {
        wish(f64::INFINITY, Preference::must(GENDER, same_gender), draw);
    } else {
        wish(wants, Preference::like(GENDER, same_gender), draw);
    }
    match first("family_structure") {
        Some("single_parent") => wish(0.18, Preference::like("family_structure", Wish::Same), draw),
        Some("grandparent" | "adoptive" | "foster") => {
            wish(0.35, Preference::like("family_structure", Wish::Same), draw);
        }
        _ => {}
    }
    match first("faith") {
        None | Some("none") => {}
        Some(_) if draw.chance(0.007 * factor) => {
            wish(f64::INFINITY, Preference::must("faith", Wish::Same), draw);
        }
        Some(_) => wish(0.07, Preference::like("faith", Wish::Same), draw),
    }
    if first("culture").is_some_and(|culture| culture != "white") {
        wish(0.15, Preference::like("culture", Wish::Same), draw);
    }
    if first("military").is_some() {
        let any = Wish::AnyOf(vec!["active_duty".to_owned(), "veteran".to_owned()]);
        wish(0.5, Preference::like("military", any), draw);
    }
    preferences
}
