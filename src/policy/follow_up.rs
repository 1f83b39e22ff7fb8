//! What is due after a match: first contact, the dose of support, follow-ups.
//!
//! A match has a day and, where the host program keeps one, a time of day. From the day alone, hours are counted as the
//! days that have begun when they are over: 48 hours are two days, 36 hours two as well, so that a date is never too
//! early whatever the time of the match was. Months are those of the calendar, each counted from the day of the match
//! (after a match on 31 January the last day of February, then 31 March), so that the end of a short month moves
//! nothing else.

use jiff::Span;
use jiff::civil::{Date, DateTime};
use serde::{Deserialize, Serialize};

use super::Checks;

/// What is due after a match, and when.
///
/// ```
/// use peermatch::policy::{DueKind, FollowUp};
///
/// let matched = "2026-11-21".parse().unwrap();
/// let due = FollowUp::default().due(matched, "2026-12-31".parse().unwrap());
/// assert_eq!(due[0].kind, DueKind::FirstContact);
/// assert_eq!(due[0].warn, Some("2026-11-22".parse().unwrap()));
/// assert_eq!(due[0].due, "2026-11-23".parse().unwrap());
/// assert_eq!(due[1].due, "2026-12-05".parse().unwrap());
/// assert_eq!(due[2].due, "2026-12-21".parse().unwrap());
/// assert_eq!(due.len(), 3);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct FollowUp {
    /// Hours after the match within which the two have been in touch, 0 to 8760; 0 asks for no first contact. Default
    /// 48 (CPAC 24 to 48 h; FSN-NC, CHOP 48 h).
    pub first_contact_hours: u32,
    /// Hours after the match from which on one is warned that they have not, no more than `first_contact_hours`; 0
    /// warns nobody. Default 24 (CPAC 24 to 48 h).
    pub first_contact_warn_hours: u32,
    /// Contacts that make a dose of support, the first one among them, 0 to 1000; 0 asks for none. Default 4 (FSN-NC;
    /// Singer 1999).
    pub dose_contacts: u32,
    /// Weeks after the match within which these have taken place, 0 to 520; 0 asks for none. Default 8 (FSN-NC; Singer
    /// 1999).
    pub dose_weeks: u32,
    /// Weeks from the match to the first follow-up, at which the programme asks how it goes, 0 to 520; 0 leaves it
    /// out. Default 2 (Big Brothers Big Sisters).
    pub first_weeks: u32,
    /// Months from one follow-up to the next in the time up to `early_until_months`, counted from the match, 0 to 120;
    /// 0 asks for none. Default 1: monthly in year one (Big Brothers Big Sisters).
    pub early_every_months: u32,
    /// Up to when follow-ups are that close, in months after the match, 0 to 1200. Default 12 (Big Brothers Big
    /// Sisters).
    pub early_until_months: u32,
    /// Months from one follow-up to the next after that, counted from there, 0 to 120; 0 asks for none. Default 3:
    /// quarterly (Big Brothers Big Sisters).
    pub later_every_months: u32,
}

impl Default for FollowUp {
    fn default() -> Self {
        Self {
            first_contact_hours: 48,
            first_contact_warn_hours: 24,
            dose_contacts: 4,
            dose_weeks: 8,
            first_weeks: 2,
            early_every_months: 1,
            early_until_months: 12,
            later_every_months: 3,
        }
    }
}

/// What is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DueKind {
    /// The two have been in touch.
    FirstContact,
    /// They have been in touch so many times.
    Dose {
        /// So many.
        contacts: u32,
    },
    /// The programme asks how it goes.
    FollowUp {
        /// Which of them, from 1.
        number: u32,
    },
}

/// One thing that is due after a match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Due {
    /// What.
    pub kind: DueKind,
    /// The day from which on one is warned that it has not been done yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn: Option<Date>,
    /// The last day on which it is in time.
    pub due: Date,
}

/// When first contact is due, to the minute.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct FirstContact {
    /// From when on one is warned that it has not been made yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub warn: Option<DateTime>,
    /// Until when it is in time.
    pub due: DateTime,
}

/// So many days after a day; `None` beyond the calendar.
fn days_after(day: Date, days: u32) -> Option<Date> {
    day.checked_add(Span::new().try_days(days).ok()?).ok()
}

fn months_after(day: Date, months: u64) -> Option<Date> {
    day.checked_add(Span::new().try_months(i64::try_from(months).ok()?).ok()?).ok()
}

fn hours_after(time: DateTime, hours: u32) -> Option<DateTime> {
    time.checked_add(Span::new().try_hours(hours).ok()?).ok()
}

impl FollowUp {
    /// What is due after a match of that day, up to and with a horizon; by the day, and of one day first contact, the
    /// dose, follow-ups. What lies in the past is told like the rest: whether it was done is for the host program to
    /// know.
    ///
    /// A monthly follow-up that is no later than the first one of all is left out, as is what the calendar (to the year
    /// 9999) cannot hold. Linear in the number of answers.
    pub fn due(&self, matched: Date, until: Date) -> Vec<Due> {
        let mut all = Vec::new();
        let mut add = |kind, warn, due: Option<Date>| {
            all.extend(due.filter(|&due| due <= until).map(|due| Due { kind, warn, due }));
        };
        if self.first_contact_hours > 0 {
            let day = |hours: u32| days_after(matched, hours.div_ceil(24));
            let warn =
                (self.first_contact_warn_hours > 0).then(|| day(self.first_contact_warn_hours)).flatten();
            add(DueKind::FirstContact, warn, day(self.first_contact_hours));
        }
        if self.dose_contacts > 0 && self.dose_weeks > 0 {
            let due = days_after(matched, self.dose_weeks.saturating_mul(7));
            add(DueKind::Dose { contacts: self.dose_contacts }, None, due);
        }
        for (number, due) in (1..).zip(self.follow_ups(matched, until)) {
            add(DueKind::FollowUp { number }, None, Some(due));
        }
        all.sort_unstable_by_key(|due| (due.due, due.kind));
        all
    }

    /// The days of the follow-ups, up to and with a horizon.
    fn follow_ups(&self, matched: Date, until: Date) -> Vec<Date> {
        let first = (self.first_weeks > 0).then(|| days_after(matched, self.first_weeks.saturating_mul(7)));
        let after = first.unwrap_or(Some(matched));
        let turn = u64::from(self.early_until_months);
        let early = multiples(self.early_every_months).take_while(|&months| months <= turn);
        let later = multiples(self.later_every_months).map(|months| turn + months);
        let within = |months: &Option<Date>| months.is_some_and(|day| day <= until);
        let days = |months: u64| months_after(matched, months);
        // Each of the two ends at the horizon: the second has no end of its own.
        let early = early.map(days).take_while(within);
        let later = later.map(days).take_while(within);
        let monthly = early.chain(later).flatten().filter(|&day| after.is_some_and(|after| day > after));
        first.flatten().filter(|&day| day <= until).into_iter().chain(monthly).collect()
    }

    /// When first contact is due after a match at that time, to the minute; `None` where it is not asked for, or the
    /// calendar cannot hold it. Hours are those of the clock on the wall: where it is changed in between, an hour may
    /// come or go.
    pub fn first_contact(&self, matched: DateTime) -> Option<FirstContact> {
        let after = |hours: u32| (hours > 0).then(|| hours_after(matched, hours)).flatten();
        let due = after(self.first_contact_hours)?;
        Some(FirstContact { warn: after(self.first_contact_warn_hours), due })
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        let ranges = [
            ("first_contact_hours", self.first_contact_hours, 8760),
            ("first_contact_warn_hours", self.first_contact_warn_hours, 8760),
            ("dose_contacts", self.dose_contacts, 1000),
            ("dose_weeks", self.dose_weeks, 520),
            ("first_weeks", self.first_weeks, 520),
            ("early_every_months", self.early_every_months, 120),
            ("early_until_months", self.early_until_months, 1200),
            ("later_every_months", self.later_every_months, 120),
        ];
        for (field, value, most) in ranges {
            checks.range(&format!("follow_up.{field}"), f64::from(value), 0.0, f64::from(most));
        }
        let (warn, due) = (self.first_contact_warn_hours, self.first_contact_hours);
        if due > 0 && warn > due {
            let remedy = format!("warn after {due} hours at most, or 0 for no warning");
            checks.fault(
                "follow_up.first_contact_warn_hours",
                &warn.to_string(),
                "comes after what it warns of",
                &remedy,
            );
        }
    }
}

/// The multiples of a number, from itself on; none of 0.
fn multiples(of: u32) -> impl Iterator<Item = u64> {
    (1..).map(move |times: u64| times * u64::from(of)).take_while(|&months| months > 0)
}
