//! The formulas of the policy, written out from the descriptions of its settings: nothing of the library is called
//! but the likeness of two codes and of two languages, which have tables of their own in `likeness_tables`.

use std::collections::BTreeSet;

use jiff::civil::Date;
use peermatch::policy::criteria::{Aggregate, Overlap, Reach};
use peermatch::policy::{Balance, Loads, Priorities, SCORE_ONE};
use peermatch::program::{Code, Coordinates, Modality, Participant, Status, Supporter, Taxonomy, Window};

/// Millionths of a number that is cut to 0 to 1.
pub(crate) fn micro(score: f64) -> u32 {
    let score = if score < 0.0 { 0.0 } else { score };
    let score = if score > 1.0 { 1.0 } else { score };
    (score * 1e6).round() as u32
}

/// A factor once for each place down a list.
pub(crate) fn down_the_list(factor: f64, place: usize) -> f64 {
    (0..place).fold(1.0, |product, _| product * factor)
}

/// Active, or back from a leave.
pub(crate) fn takes_new(supporter: &Supporter, on: Date) -> bool {
    match supporter.status {
        Status::Active => true,
        Status::OnLeave => matches!(supporter.leave_until, Some(back) if back <= on),
        _ => false,
    }
}

/// Neither away nor gone.
pub(crate) fn keeps_standing(supporter: &Supporter, on: Date) -> bool {
    match supporter.status {
        Status::Active | Status::InTraining | Status::UnderReview => true,
        Status::OnLeave => takes_new(supporter, on),
        Status::Released => false,
    }
}

/// The haversine formula, on the mean radius of the earth.
pub(crate) fn haversine_km(a: Coordinates, b: Coordinates) -> f64 {
    let degrees = std::f64::consts::PI / 180.0;
    let (north, east) = ((b.latitude - a.latitude) * degrees, (b.longitude - a.longitude) * degrees);
    let across = (a.latitude * degrees).cos() * (b.latitude * degrees).cos();
    let h = (north / 2.0).sin().powi(2) + across * (east / 2.0).sin().powi(2);
    2.0 * 6371.0088 * h.sqrt().asin()
}

/// How far apart two people may live, by how far each travels.
pub(crate) fn reach_km(reach: Reach, participant: f64, supporter: f64) -> f64 {
    let (shorter, longer) =
        if participant < supporter { (participant, supporter) } else { (supporter, participant) };
    match reach {
        Reach::Either => longer,
        Reach::Both => shorter,
        Reach::Sum => shorter + longer,
    }
}

/// Everyone's ways of meeting: those they state, or any.
pub(crate) fn ways(stated: &[Modality]) -> &[Modality] {
    if stated.is_empty() { &[Modality::InPerson, Modality::Phone, Modality::Video] } else { stated }
}

/// Years between two days, the mean Gregorian year long; 0 for a day to come.
pub(crate) fn years(since: Option<Date>, on: Date) -> Option<f64> {
    since.map(|since| f64::from((on - since).get_days().max(0)) / 365.2425)
}

/// Falls from 1 to 0 with years of difference: on the younger side at once, on the older side after some for free.
pub(crate) fn child_age(older: f64, free: f64, older_fade: f64, younger_fade: f64) -> f64 {
    if older < 0.0 {
        1.0 - (-older) / younger_fade
    } else if older <= free {
        1.0
    } else {
        1.0 - (older - free) / older_fade
    }
}

/// A list with each of its items once, in the place where it stands first.
fn once(codes: &[Code]) -> Vec<&Code> {
    let mut seen = BTreeSet::new();
    codes.iter().filter(|code| seen.insert(*code)).collect()
}

/// Overlap of two lists of codes, and the likeness of the most alike pair of codes, both in millionths.
pub(crate) fn overlap(settings: &Overlap, taxonomy: &Taxonomy, ours: &[Code], theirs: &[Code]) -> (u32, u32) {
    let (ours, theirs) = (once(ours), once(theirs));
    let like = |a: &Code, b: &Code| {
        if a == b { SCORE_ONE } else { micro(taxonomy.similarity(a, b)).min(SCORE_ONE - 1) }
    };
    let best = ours.iter().flat_map(|a| theirs.iter().map(move |b| like(a, b))).max().unwrap();
    let nearest = |code: &Code| u64::from(theirs.iter().map(|other| like(code, other)).max().unwrap());
    let weight =
        |place: usize| (1e4 * down_the_list(settings.later_code_factor, place)).round().max(1.0) as u64;
    let sum: u64 = ours.iter().enumerate().map(|(place, code)| weight(place) * nearest(code)).sum();
    let coverage = sum / (0..ours.len()).map(weight).sum::<u64>();
    let score = match settings.aggregate {
        Aggregate::Coverage => coverage,
        Aggregate::Symmetric => {
            let back = |other: &Code| u64::from(ours.iter().map(|code| like(code, other)).max().unwrap());
            let sum: u64 = theirs.iter().map(|other| back(other)).sum();
            u64::midpoint(coverage, sum / theirs.len() as u64)
        }
        Aggregate::Jaccard => {
            let both = ours.iter().filter(|code| theirs.contains(code)).count() as u64;
            let either = ours.len() as u64 + theirs.len() as u64 - both;
            1_000_000 * both / either
        }
    };
    (score as u32, best)
}

/// The tens of minutes of a week, from Monday 00:00 UTC, that windows cover: all windows and zones of the random
/// programmes begin and end on whole tens. `None` where windows or zone are not known.
pub(crate) fn week(windows: &[Window], zone: Option<&str>) -> Option<Vec<bool>> {
    // In the last week of November.
    let ahead_of_utc = match zone? {
        "America/Chicago" => -6 * 60,
        "America/New_York" => -5 * 60,
        "Asia/Kolkata" => 5 * 60 + 30,
        other => panic!("no table for {other}"),
    };
    if windows.is_empty() {
        return None;
    }
    let mut tens = vec![false; 7 * 24 * 6];
    for window in windows {
        let text = window.to_string();
        let (days, hours) = text.split_once(' ').unwrap();
        let (first, last) = days.split_once('-').unwrap_or((days, days));
        let day = |name: &str| {
            ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].iter().position(|own| *own == name).unwrap()
        };
        let minute = |clock: &str| {
            let (hours, minutes) = clock.split_once(':').unwrap();
            60 * hours.parse::<i64>().unwrap() + minutes.parse::<i64>().unwrap()
        };
        let (start, end) = hours.split_once('-').map(|(start, end)| (minute(start), minute(end))).unwrap();
        let end = if end <= start { end + 24 * 60 } else { end };
        for day in day(first)..=day(last) {
            for minute in (start..end).step_by(10) {
                let utc = day as i64 * 24 * 60 + minute - ahead_of_utc;
                tens[utc.rem_euclid(7 * 24 * 60) as usize / 10] = true;
            }
        }
    }
    Some(tens)
}

/// Days of waiting in whole levels, no more than there may be, and the priority.
pub(crate) fn urgency(priorities: &Priorities, participant: &Participant, on: Date) -> u32 {
    let waited = participant.waiting_since.map_or(0, |since| (on - since).get_days());
    let levels = match (priorities.waiting_days_per_level, u32::try_from(waited)) {
        (0, _) | (_, Err(_)) => 0,
        (days, Ok(waited)) => waited / days,
    };
    u32::from(participant.priority) + levels.min(priorities.waiting_levels_at_most)
}

/// What a supporter declared, or else the default, cut to the limit.
pub(crate) fn capacity(loads: &Loads, supporter: &Supporter) -> u32 {
    let own = supporter.capacity.unwrap_or(loads.default_capacity);
    loads.capacity_limit.map_or(own, |limit| own.min(limit))
}

/// What a load costs in millionths of score: nothing for the first match, a price for the second, twice the price for
/// the third and so on; less the bonus for each match up to the wished minimum.
pub(crate) fn load_cost(loads: &Loads, load: u32, wished_minimum: u32) -> i128 {
    let (load, wished) = (i128::from(load), i128::from(wished_minimum));
    let price = i128::from(micro(loads.further_match_price));
    load * (load - 1) / 2 * price - load.min(wished) * i128::from(micro(loads.wished_minimum_bonus))
}

/// What a load weighs in the balance: its square, or place by place its share of the capacity in 5040ths.
pub(crate) fn balance_cost(loads: &Loads, load: u32, capacity: u32) -> i128 {
    let load = i128::from(load);
    match loads.balance {
        Balance::Off => 0,
        Balance::Count => load * load,
        Balance::ShareOfCapacity => (1..=load).map(|nth| (2 * nth - 1) * 5040 / i128::from(capacity)).sum(),
    }
}
