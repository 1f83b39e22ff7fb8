//! When people can meet: weekly windows in their own time zone, and minutes in common across zones.

use std::fmt;
use std::str::FromStr;

use jiff::civil::{Date, Weekday};
use jiff::tz::TimeZone;
use jiff::{Span, ToSpan};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Minutes in a week.
pub const WEEK_MINUTES: u32 = 7 * 24 * 60;

/// A span of time that comes back every week on one or more days, in a person's own time zone.
///
/// Written `Mon 18:00-20:30`, or over several days `Mon-Fri 18:00-20:00`. An end at or before the start lies on the
/// next day, so `Sat 22:00-02:00` ends on Sunday morning; `00:00-24:00` is the whole day.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Window {
    first: Weekday,
    last: Weekday,
    start: u16,
    end: u16,
}

impl Window {
    /// A window from `start` to `end`, in minutes after midnight (start 0 to 1439, end 1 to 1440), on each day from
    /// `first` to `last`, both included. `None` outside those ranges, or where start and end are the same.
    pub fn new(first: Weekday, last: Weekday, start: u16, end: u16) -> Option<Self> {
        let end = if end == 0 { 1440 } else { end };
        (start < 1440 && end <= 1440 && start != end).then_some(Self { first, last, start, end })
    }

    /// The days it comes back on, in order.
    pub fn days(self) -> impl Iterator<Item = Weekday> {
        let count = self.first.until(self.last) + 1;
        self.first.cycle_forward().take(count as usize)
    }

    /// How long it lasts on each of its days, in minutes.
    pub fn minutes(self) -> u32 {
        let (start, end) = (u32::from(self.start), u32::from(self.end));
        if end > start { end - start } else { 1440 - start + end }
    }
}

impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let fault = || {
            "not a weekly window; write days and hours as in Mon 18:00-20:30 or Mon-Fri 9:00-12:00".to_owned()
        };
        let (days, hours) = text.trim().split_once(char::is_whitespace).ok_or_else(fault)?;
        let (first, last) = match days.split_once('-') {
            Some((first, last)) => (weekday(first).ok_or_else(fault)?, weekday(last).ok_or_else(fault)?),
            None => (weekday(days).ok_or_else(fault)?, weekday(days).ok_or_else(fault)?),
        };
        let (start, end) = hours.split_once('-').ok_or_else(fault)?;
        let start = minute_of_day(start).ok_or_else(fault)?;
        let end = minute_of_day(end).ok_or_else(fault)?;
        Self::new(first, last, start, end).ok_or_else(fault)
    }
}

fn weekday(text: &str) -> Option<Weekday> {
    const NAMES: [(&str, Weekday); 7] = [
        ("monday", Weekday::Monday),
        ("tuesday", Weekday::Tuesday),
        ("wednesday", Weekday::Wednesday),
        ("thursday", Weekday::Thursday),
        ("friday", Weekday::Friday),
        ("saturday", Weekday::Saturday),
        ("sunday", Weekday::Sunday),
    ];
    let text = text.trim().to_ascii_lowercase();
    if text.len() < 3 {
        return None;
    }
    NAMES.iter().find(|(name, _)| name.starts_with(&text)).map(|&(_, day)| day)
}

fn short_name(day: Weekday) -> &'static str {
    ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"][day.to_monday_zero_offset() as usize]
}

/// `H:MM` or `HH:MM` up to 24:00.
fn minute_of_day(text: &str) -> Option<u16> {
    let (hour, minute) = text.trim().split_once(':')?;
    let digits = |text: &str, most: usize| {
        (!text.is_empty() && text.len() <= most && text.bytes().all(|byte| byte.is_ascii_digit()))
            .then(|| text.parse::<u16>().ok())
            .flatten()
    };
    let hour = digits(hour, 2)?;
    let minute = if minute.len() == 2 { digits(minute, 2)? } else { return None };
    (minute < 60 && hour * 60 + minute <= 1440).then_some(hour * 60 + minute)
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(short_name(self.first))?;
        if self.first != self.last {
            write!(f, "-{}", short_name(self.last))?;
        }
        let (start, end) = (self.start, self.end);
        write!(f, " {:02}:{:02}-{:02}:{:02}", start / 60, start % 60, end / 60, end % 60)
    }
}

impl fmt::Debug for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl Serialize for Window {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Window {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Window {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Window".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "string",
            "description": "Weekly window in the person's time zone: Mon 18:00-20:30, or Mon-Fri 9:00-12:00",
            "pattern": "^[A-Za-z]{3,9}(-[A-Za-z]{3,9})? +([01]?[0-9]|2[0-4]):[0-5][0-9]-([01]?[0-9]|2[0-4]):[0-5][0-9]$",
            "examples": ["Mon 18:00-20:30", "Mon-Fri 9:00-12:00"]
        })
    }
}

/// Disjoint spans of one week in minutes, `0..WEEK_MINUTES`, from Monday 00:00 UTC; sorted, never touching.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WeekMinutes(Vec<(u16, u16)>);

impl WeekMinutes {
    /// The windows of the seven days from `week_of` on, as they fall in UTC: summer time counts as it is in that
    /// week, and a window that reaches past the week's end wraps to its start.
    pub fn from_windows(windows: &[Window], zone: &TimeZone, week_of: Date) -> Self {
        let mut spans = Vec::new();
        for window in windows {
            for day in window.days() {
                let ahead = week_of.weekday().until(day);
                let Ok(date) = week_of.checked_add(i64::from(ahead).days()) else { continue };
                let Ok(begin) = date.to_zoned(zone.clone()) else { continue };
                // Civil times, so that a window keeps its hours on a day that is 23 or 25 hours long.
                let at = |minute: u32| {
                    let civil =
                        date.at(0, 0, 0, 0).checked_add(Span::new().minutes(i64::from(minute))).ok()?;
                    civil
                        .to_zoned(zone.clone())
                        .ok()
                        .map(|zoned| zoned.timestamp().as_second().div_euclid(60))
                };
                let start =
                    at(u32::from(window.start)).unwrap_or(begin.timestamp().as_second().div_euclid(60));
                let end = at(u32::from(window.start) + window.minutes()).unwrap_or(start);
                push_wrapped(&mut spans, start, end);
            }
        }
        Self(merged(spans))
    }

    /// The disjoint spans, sorted.
    pub fn spans(&self) -> &[(u16, u16)] {
        &self.0
    }

    /// All minutes covered.
    pub fn total(&self) -> u32 {
        self.0.iter().map(|&(start, end)| u32::from(end - start)).sum()
    }

    /// Minutes a week that both cover. Linear in the number of spans.
    pub fn in_common(&self, other: &Self) -> u32 {
        minutes_in_common(&self.0, &other.0)
    }
}

/// Minutes that two sorted lists of disjoint spans share.
fn minutes_in_common(a: &[(u16, u16)], b: &[(u16, u16)]) -> u32 {
    let (mut i, mut j, mut total) = (0, 0, 0);
    while i < a.len() && j < b.len() {
        let start = a[i].0.max(b[j].0);
        let end = a[i].1.min(b[j].1);
        total += u32::from(end.saturating_sub(start));
        if a[i].1 <= b[j].1 {
            i += 1;
        } else {
            j += 1;
        }
    }
    total
}

/// Adds the span of Unix minutes, folded into the week that begins on Monday 00:00 UTC.
fn push_wrapped(spans: &mut Vec<(u16, u16)>, start: i64, end: i64) {
    // 1970-01-01 was a Thursday: shift so that minute 0 is a Monday.
    const MONDAY_SHIFT: i64 = 3 * 24 * 60;
    let week = i64::from(WEEK_MINUTES);
    let length = (end - start).clamp(0, week);
    let start = (start + MONDAY_SHIFT).rem_euclid(week);
    let end = start + length;
    if end <= week {
        spans.push((start as u16, end as u16));
    } else {
        spans.push((start as u16, week as u16));
        spans.push((0, (end - week) as u16));
    }
}

fn merged(mut spans: Vec<(u16, u16)>) -> Vec<(u16, u16)> {
    spans.retain(|&(start, end)| start < end);
    spans.sort_unstable();
    let mut result: Vec<(u16, u16)> = Vec::with_capacity(spans.len());
    for (start, end) in spans {
        match result.last_mut() {
            Some(last) if start <= last.1 => last.1 = last.1.max(end),
            _ => result.push((start, end)),
        }
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn week(windows: &[&str], zone: &str, on: Date) -> WeekMinutes {
        let windows: Vec<Window> = windows.iter().map(|text| text.parse().unwrap()).collect();
        WeekMinutes::from_windows(&windows, &TimeZone::get(zone).unwrap(), on)
    }

    #[test]
    fn windows_read_and_write_the_same() {
        for text in [
            "Mon 18:00-20:30",
            "Mon-Fri 09:00-12:00",
            "Sat 22:00-02:00",
            "Sun 00:00-24:00",
            "Fri-Mon 08:00-09:00",
        ] {
            assert_eq!(text.parse::<Window>().unwrap().to_string(), text);
        }
        assert_eq!("monday 9:00-10:00".parse::<Window>().unwrap().to_string(), "Mon 09:00-10:00");
        for text in
            ["", "Mon", "Mon 25:00-26:00", "Mon 9-10", "Mo 09:00-10:00", "Mon 10:00-10:00", "Mon 09:60-10:00"]
        {
            assert!(text.parse::<Window>().is_err(), "{text:?} must not be a window");
        }
    }

    #[test]
    fn an_hour_is_an_hour_apart_across_one_zone_border() {
        let central = week(&["Mon 18:00-20:00"], "America/Chicago", date(2026, 11, 21));
        let eastern = week(&["Mon 18:00-20:00"], "America/New_York", date(2026, 11, 21));
        assert_eq!(central.in_common(&eastern), 60);
        assert_eq!(central.in_common(&central), 120);
    }

    #[test]
    fn summer_time_counts_as_it_is_in_the_week() {
        // Phoenix keeps standard time all year; Denver does not.
        let common = |on| {
            let phoenix = week(&["Wed 12:00-13:00"], "America/Phoenix", on);
            phoenix.in_common(&week(&["Wed 12:00-13:00"], "America/Denver", on))
        };
        assert_eq!(common(date(2026, 1, 5)), 60);
        assert_eq!(common(date(2026, 7, 6)), 0);
    }

    #[test]
    fn a_window_wraps_over_the_end_of_the_week() {
        let late = week(&["Sun 23:00-01:00"], "UTC", date(2026, 11, 23));
        assert_eq!(late.spans(), [(0, 60), (10020, 10080)]);
        assert_eq!(late.in_common(&week(&["Mon 00:30-02:00"], "UTC", date(2026, 11, 23))), 30);
        let seven = week(&["Mon-Sun 00:00-24:00"], "Asia/Kolkata", date(2026, 11, 21));
        assert_eq!(seven.total(), WEEK_MINUTES);
    }
}
