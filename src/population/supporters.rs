//! Trained volunteers, and how many participants each of them takes.

use jiff::ToSpan;

use super::draw::{Draw, Stream, Table};
use super::issues::Issues;
use super::participants::{as_told, days_before, years_before};
use super::settings::Settings;
use super::traits::{self, Side};
use super::{Origin, Sources, cards, conditions, numbered, schedule};
use crate::error::Result;
use crate::program::{Card, Code, Status, Supporter};

/// How many participants supporters take, from 1 to 10, before the supply asked for shifts it: two or three by their
/// own choice, up to ten rarely (after Iowa's Parent Partners: two or three, up to ten and more).
const CAPACITIES: [f64; 10] = [0.32, 0.32, 0.19, 0.09, 0.035, 0.02, 0.01, 0.006, 0.004, 0.005];
/// Share of supporters who have lived with the condition for less than a year; programmes ask for one at least.
const UNDER_A_YEAR: f64 = 0.05;
/// Share of supporters who leave out some condition or issue.
const SCOPED: f64 = 0.08;

/// Conditions that some supporters do not take, unless they are their own: chapters and blocks of ICD-10-CM.
const LEFT_OUT_BY_SOME: [&str; 5] = ["C81-C96", "F70-F79", "F90-F98", "G40-G47", "2"];

/// The supporter at that position, with the capacity still to come.
pub(super) fn supporter(sources: &Sources<'_>, index: usize) -> (Supporter, Origin) {
    let settings = sources.settings;
    let missing = &settings.missing;
    let draw = &mut Draw::new(settings.seed, Stream::Supporter, index);
    let id = numbered('S', index, settings.supporters, 3);

    let home = sources.geography.home(draw);
    let place = sources.geography.place(home, missing, draw);
    let city = sources.geography.city(home.city);
    let child = sources.conditions.child(draw);
    let (new, ago) = (draw.chance(UNDER_A_YEAR), draw.unit());
    let years = if new { 0.1 + 0.85 * ago } else { 1.0 + 19.0 * ago * ago };
    let age = child.found_at + years;
    let count = draw.weighted(&[(2, 0.2), (3, 0.35), (4, 0.3), (5, 0.15)]);
    let issues = sources.issues.of(child.group, count, (child.found_at, age), draw);
    let mut codes = child.codes;
    if draw.chance(missing.unlisted_code) {
        codes[0] = conditions::finer(&codes[0], draw);
    }
    let (excluded_conditions, excluded_issues) = scope(sources, &codes, &issues, draw);

    let signs = conditions::group_at(child.group).name == "hearing";
    let languages = sources.languages.of(city.state, signs, true, draw);
    let modalities = schedule::modalities(settings.remote_only, draw);
    let travel_km = schedule::travel_km(&modalities, draw);
    let availability = schedule::windows(draw);
    let says_zone = draw.chance(0.3) || place.is_empty() || place.latitude.is_some();
    let gender = traits::gender(Side::Supporter, draw);
    let attributes = traits::attributes(&languages, missing.attributes, draw);
    let preferences = traits::preferences(Side::Supporter, gender, &attributes, settings.preferences, draw);
    let card = cards::card(&id, gender, draw);
    let (status, leave_until) = status(settings, draw);
    let hours = draw.weighted(&[(1.0, 0.2), (2.0, 0.4), (3.0, 0.2), (4.0, 0.15), (6.0, 0.05)]);

    let mut known = |share: f64| !draw.chance(share);
    let availability = if known(missing.availability) { availability } else { Vec::new() };
    let supporter = Supporter {
        id: id.into(),
        conditions: if known(missing.conditions) { codes } else { Vec::new() },
        issues: if known(missing.issues) { issues } else { Vec::new() },
        experience_since: known(missing.experience).then(|| years_before(settings.as_of, years)),
        child_age: known(missing.child_age).then(|| as_told(age)),
        place,
        travel_km,
        modalities: if known(missing.modalities) { modalities } else { Vec::new() },
        languages: if known(missing.languages) { languages } else { Vec::new() },
        time_zone: (says_zone && !availability.is_empty()).then(|| city.time_zone.to_owned()),
        availability,
        gender: known(missing.gender).then(|| gender.to_owned()),
        attributes,
        preferences,
        capacity: None,
        wished_minimum: 0,
        hours_per_week: known(missing.hours).then_some(hours),
        status,
        leave_until,
        excluded_conditions,
        excluded_issues,
        supervisor: None,
        card: if known(missing.card) { card } else { Card::default() },
    };
    (supporter, Origin { group: child.group, city: home.city })
}

/// What a few of them do not take.
fn scope(sources: &Sources<'_>, own: &[Code], issues: &[Code], draw: &mut Draw) -> (Vec<Code>, Vec<Code>) {
    if !draw.chance(SCOPED) {
        return (Vec::new(), Vec::new());
    }
    if draw.chance(0.6) {
        return (Vec::new(), Issues::left_out(issues, draw).into_iter().collect());
    }
    let left_out = Code::from(draw.pick(&LEFT_OUT_BY_SOME));
    let theirs = own.iter().any(|code| sources.taxonomy.is_same_or_below(code, &left_out));
    (if theirs { Vec::new() } else { vec![left_out] }, Vec::new())
}

/// A status by its share. Of those on leave, seven in ten say when they are back, one of ten is back already.
fn status(settings: &Settings, draw: &mut Draw) -> (Status, Option<jiff::civil::Date>) {
    let shares = &settings.statuses;
    let (unit, days) = (draw.unit(), draw.between(5.0, 150.0) as i32);
    let back = draw.weighted(&[(Some(true), 0.1), (Some(false), 0.6), (None, 0.3)]);
    let mut reached = 0.0;
    let mut within = |share: f64| {
        reached += share;
        unit < reached
    };
    if within(shares.in_training) {
        (Status::InTraining, None)
    } else if within(shares.on_leave) {
        let day = back.map(|already| {
            if already {
                days_before(settings.as_of, days / 5)
            } else {
                settings.as_of.saturating_add(days.days())
            }
        });
        (Status::OnLeave, day)
    } else if within(shares.under_review) {
        (Status::UnderReview, None)
    } else if within(shares.released) {
        (Status::Released, None)
    } else {
        (Status::Active, None)
    }
}

/// Gives everyone a capacity. The active ones together come to the supply asked for, exactly; a capacity left out
/// counts as 1.
pub(super) fn give_capacities(settings: &Settings, supporters: &mut [Supporter]) -> Result<()> {
    let draw = &mut Draw::new(settings.seed, Stream::Capacities, 0);
    let silent: Vec<bool> = supporters.iter().map(|_| draw.chance(settings.missing.capacity)).collect();
    let active: Vec<usize> =
        (0..supporters.len()).filter(|&index| supporters[index].status == Status::Active).collect();
    let free: Vec<usize> = active.iter().copied().filter(|&index| !silent[index]).collect();
    let wanted = (settings.supply * settings.participants as f64).round();
    let silent_active = (active.len() - free.len()) as f64;
    let (least, most) = (active.len() as f64, silent_active + 10.0 * free.len() as f64);
    if !(least..=most).contains(&wanted) {
        let per = (settings.participants as f64).max(1.0);
        return Err(settings.supply_out_of_reach(least / per, most / per));
    }
    let left = wanted - silent_active;
    let mean = if free.is_empty() { 2.0 } else { left / free.len() as f64 };
    let table = Table::new(tilted(mean));
    let mut capacities: Vec<u32> = supporters.iter().map(|_| table.draw(draw) as u32 + 1).collect();
    let mut off = free.iter().map(|&index| i64::from(capacities[index])).sum::<i64>() - left as i64;
    while off != 0 {
        let capacity = &mut capacities[free[draw.below(free.len())]];
        if off > 0 && *capacity > 1 {
            *capacity -= 1;
            off -= 1;
        } else if off < 0 && *capacity < 10 {
            *capacity += 1;
            off += 1;
        }
    }
    for ((supporter, capacity), silent) in supporters.iter_mut().zip(capacities).zip(silent) {
        supporter.capacity = (!silent).then_some(capacity);
        supporter.wished_minimum = u32::from(draw.chance(0.15));
        if let Some(hours) = &mut supporter.hours_per_week {
            *hours = hours.max(f64::from(capacity) * 0.5);
        }
    }
    Ok(())
}

/// The usual capacities, tilted so that their mean is as asked for: each weight times a power of a factor that is
/// found by halving.
fn tilted(mean: f64) -> [f64; 10] {
    let tilt = |factor: f64| {
        let mut power = 1.0;
        CAPACITIES.map(|weight| {
            power *= factor;
            weight * power
        })
    };
    let mean_of = |weights: &[f64; 10]| {
        let sum: f64 = weights.iter().sum();
        weights.iter().zip(1..).map(|(weight, capacity)| weight * f64::from(capacity)).sum::<f64>() / sum
    };
    let (mut low, mut high) = (1e-3, 1e3);
    for _ in 0..60 {
        let middle = f64::midpoint(low, high);
        if mean_of(&tilt(middle)) < mean {
            low = middle;
        } else {
            high = middle;
        }
    }
    tilt(high)
}
