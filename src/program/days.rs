//! How long it is from one day to another.

use jiff::civil::Date;

/// Days from one day to another, 0 where it lies ahead.
pub(crate) fn days_between(since: Date, until: Date) -> u32 {
    since.until(until).map_or(0, |span| u32::try_from(span.get_days()).unwrap_or(0))
}

/// Years of 365.2425 days (the mean of the Gregorian calendar) from one day to another, 0 where it lies ahead.
pub(crate) fn years_between(since: Date, until: Date) -> f64 {
    f64::from(days_between(since, until)) / 365.2425
}
