//! Families who ask for support.

use std::collections::BTreeMap;

use jiff::ToSpan;
use jiff::civil::Date;

use super::draw::{Draw, Stream};
use super::traits::{self, Side};
use super::{Origin, Sources, conditions, numbered, schedule};
use crate::program::{Participant, Place};

/// The oldest child of a family that asks for support, in years.
const OLDEST: f64 = 21.0;
/// Share of families who ask soon after the diagnosis; the others ask years later, about something new.
const NEWLY_FACING: f64 = 0.8;

/// The participant at that position.
pub(super) fn participant(sources: &Sources<'_>, index: usize) -> (Participant, Origin) {
    let settings = sources.settings;
    let missing = &settings.missing;
    let draw = &mut Draw::new(settings.seed, Stream::Participant, index);
    let id = numbered('P', index, settings.participants, 4);

    let home = sources.geography.home(draw);
    let place = sources.geography.place(home, missing, draw);
    let city = sources.geography.city(home.city);
    let child = sources.conditions.child(draw);
    let waiting = waiting_days(draw);
    let (newly, ago) = (draw.chance(NEWLY_FACING), draw.unit());
    let asked = if newly {
        0.02 + 0.7 * ago * ago
    } else {
        1.0 + (OLDEST - 1.0 - child.found_at.min(OLDEST - 1.0)) * ago
    };
    let years = asked + f64::from(waiting) / 365.25;
    let age = (child.found_at + years).min(OLDEST);
    let count = draw.weighted(&[(1, 0.3), (2, 0.4), (3, 0.22), (4, 0.08)]);
    let issues = sources.issues.of(child.group, count, (age, age), draw);
    let mut codes = child.codes;
    if draw.chance(missing.unlisted_code) {
        codes[0] = conditions::finer(&codes[0], draw);
    }

    let signs = conditions::group_at(child.group).name == "hearing";
    let languages = sources.languages.of(city.state, signs, false, draw);
    let modalities = schedule::modalities(settings.remote_only, draw);
    let travel_km = schedule::travel_km(&modalities, draw);
    let availability = schedule::windows(draw);
    let says_zone = draw.chance(0.3) || place.is_empty() || is_coordinates_alone(&place);
    let gender = traits::gender(Side::Participant, draw);
    let attributes = traits::attributes(&languages, missing.attributes, draw);
    let preferences = traits::preferences(Side::Participant, gender, &attributes, settings.preferences, draw);
    let weights = weights(draw);
    let priority = draw.weighted(&[(0, 0.88), (1, 0.05), (2, 0.03), (3, 0.02), (5, 0.015), (9, 0.005)]);
    let consent = draw.chance(settings.consent);
    let hours = draw.weighted(&[(0.5, 0.3), (1.0, 0.45), (1.5, 0.12), (2.0, 0.1), (3.0, 0.03)]);

    let mut known = |share: f64| !draw.chance(share);
    let availability = if known(missing.availability) { availability } else { Vec::new() };
    let participant = Participant {
        id: id.into(),
        conditions: if known(missing.conditions) { codes } else { Vec::new() },
        issues: if known(missing.issues) { issues } else { Vec::new() },
        child_age: known(missing.child_age).then(|| as_told(age)),
        experience_since: known(missing.experience).then(|| years_before(settings.as_of, years)),
        place,
        travel_km,
        modalities: if known(missing.modalities) { modalities } else { Vec::new() },
        languages: if known(missing.languages) { languages } else { Vec::new() },
        time_zone: (says_zone && !availability.is_empty()).then(|| city.time_zone.to_owned()),
        availability,
        gender: known(missing.gender).then(|| gender.to_owned()),
        attributes,
        preferences,
        weights,
        known: Vec::new(),
        accepts_known: false,
        refused: Vec::new(),
        priority,
        waiting_since: known(missing.waiting_since).then(|| days_before(settings.as_of, waiting)),
        consent,
        hours_per_week: known(missing.hours).then_some(hours),
    };
    (participant, Origin { group: child.group, city: home.city })
}

/// One in twelve says what matters to them.
fn weights(draw: &mut Draw) -> BTreeMap<String, f64> {
    let (says, what) = (draw.chance(0.085), draw.pick(&["issue", "condition", "geography"]));
    let weight = draw.pick(&[0.5, 2.0, 2.0, 3.0]);
    if says { BTreeMap::from([(what.to_owned(), weight)]) } else { BTreeMap::new() }
}

/// Most have waited some weeks, one in eleven for up to two years.
fn waiting_days(draw: &mut Draw) -> i32 {
    let (tail, unit) = (draw.chance(0.09), draw.unit());
    if tail { (180.0 + 550.0 * unit) as i32 } else { (180.0 * unit * unit) as i32 }
}

/// Whether the place leads to no line of a gazetteer, and so to no time zone.
fn is_coordinates_alone(place: &Place) -> bool {
    place.latitude.is_some() && place.postcode.is_none() && place.town.is_none()
}

/// A child's age as a parent tells it: in half years up to three, then in years.
pub(super) fn as_told(age: f64) -> f64 {
    if age < 3.0 { (age * 2.0).floor() / 2.0 } else { age.floor() }
}

/// A day so many years back.
pub(super) fn years_before(day: Date, years: f64) -> Date {
    days_before(day, (years * 365.25) as i32)
}

/// A day so many days back.
pub(super) fn days_before(day: Date, days: i32) -> Date {
    day.saturating_sub(days.days())
}
