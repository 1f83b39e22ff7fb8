//! Supporters laid out in columns: one array for each thing the kernel asks about.

use jiff::civil::Date;

use rayon::prelude::*;

use super::csr::Csr;
use super::distinct::Distinct;
use super::traits::{CompiledWish, Symbols, Trait};
use crate::policy::Policy;
use crate::program::{
    LanguageTag, Modality, Program, Status, WEEK_MINUTES, WeekMinutes, Window, years_between,
};

/// The supporters, in the program's order.
#[derive(Debug, Clone)]
pub(super) struct Columns {
    /// Whether they take new matches: their status allows it and they have a place at all.
    pub(super) takes_new: Vec<bool>,
    /// Whether their status allows new matches.
    pub(super) available: Vec<bool>,
    pub(super) keeps_standing: Vec<bool>,
    pub(super) status: Vec<Status>,
    /// Where they live, as unit vectors.
    pub(super) place: Vec<Option<[f64; 3]>>,
    /// How far they travel: a number into `travels`.
    pub(super) travel: Vec<u32>,
    /// The different distances that supporters travel, in kilometres.
    pub(super) travels: Vec<f64>,
    /// One bit for each of [`Modality::ALL`].
    pub(super) modalities: Vec<u8>,
    /// Numbers into `language_tags`.
    pub(super) languages: Distinct<u16>,
    pub(super) language_tags: Vec<LanguageTag>,
    /// Their children's age: a number into `child_ages`.
    pub(super) child_age: Vec<u32>,
    /// The different ages of supporters' children, and not knowing it.
    pub(super) child_ages: Vec<Option<f64>>,
    pub(super) experience_years: Vec<Option<f64>>,
    /// Spans of the week in UTC, in units of `unit` minutes.
    pub(super) availability: Csr<(u16, u16)>,
    /// The most minutes of which every span begins and ends at a multiple; it divides the week.
    pub(super) unit: u16,
    pub(super) traits: Distinct<Trait>,
    pub(super) wishes: Distinct<CompiledWish>,
}

impl Columns {
    pub(super) fn new(program: &Program, policy: &Policy, symbols: &Symbols, as_of: Date) -> Self {
        let supporters = program.supporters();
        let mut language_tags: Vec<LanguageTag> =
            supporters.iter().flat_map(|s| s.languages.iter().cloned()).collect();
        language_tags.sort_unstable();
        language_tags.dedup();
        // Tags past the width of the numbers would be well-formed nonsense; they count as not spoken.
        language_tags.truncate(usize::from(u16::MAX));
        let number = |tag: &LanguageTag| language_tags.binary_search(tag).ok().map(|place| place as u16);
        let traits: Vec<Vec<Trait>> =
            supporters.iter().map(|s| symbols.traits(&s.attributes, s.gender.as_ref())).collect();
        let (travel, travels) = numbered(
            supporters.iter().map(|s| s.travel_km.unwrap_or(policy.criteria.geography.default_travel_km)),
            f64::total_cmp,
        );
        let (child_age, child_ages) = numbered(supporters.iter().map(|s| s.child_age), |a, b| match (a, b) {
            (Some(a), Some(b)) => a.total_cmp(b),
            _ => a.is_some().cmp(&b.is_some()),
        });
        let weeks: Vec<Vec<(u16, u16)>> = supporters
            .par_iter()
            .enumerate()
            .map(|(index, s)| week(&s.availability, program.supporter_zone(index), as_of))
            .collect();
        let ends = weeks.iter().flatten().flat_map(|&(start, end)| [start, end]);
        let unit = ends.fold(WEEK_MINUTES as u16, greatest_common_divisor);
        Self {
            takes_new: supporters
                .iter()
                .map(|s| s.takes_new_matches(as_of) && policy.loads.capacity(s.capacity) > 0)
                .collect(),
            available: supporters.iter().map(|s| s.takes_new_matches(as_of)).collect(),
            keeps_standing: supporters.iter().map(|s| s.keeps_standing_matches(as_of)).collect(),
            status: supporters.iter().map(|s| s.status).collect(),
            place: (0..supporters.len())
                .map(|index| {
                    program.supporter_coordinates(index).map(crate::program::Coordinates::unit_vector)
                })
                .collect(),
            travel,
            travels,
            modalities: supporters.iter().map(|s| modality_bits(&s.modalities)).collect(),
            languages: Distinct::from_rows(
                supporters.iter().map(|s| s.languages.iter().filter_map(number).collect()),
            ),
            child_age,
            child_ages,
            experience_years: supporters
                .iter()
                .map(|s| s.experience_since.map(|since| years_between(since, as_of)))
                .collect(),
            availability: Csr::from_rows(
                weeks.iter().map(|spans| spans.iter().map(|&(start, end)| (start / unit, end / unit))),
            ),
            unit,
            wishes: Distinct::from_rows(
                supporters.iter().zip(&traits).map(|(s, own)| symbols.wishes(&s.preferences, own)),
            ),
            traits: Distinct::from_rows(traits),
            language_tags,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.takes_new.len()
    }
}

/// The different values in ascending order, and for each row the number of its value.
fn numbered<T: Copy>(
    rows: impl Iterator<Item = T>,
    order: impl Fn(&T, &T) -> std::cmp::Ordering,
) -> (Vec<u32>, Vec<T>) {
    let rows: Vec<T> = rows.collect();
    let mut values = rows.clone();
    values.sort_unstable_by(&order);
    values.dedup_by(|a, b| order(a, b).is_eq());
    let number = |row: &T| values.partition_point(|value| order(value, row).is_lt()) as u32;
    (rows.iter().map(number).collect(), values)
}

fn greatest_common_divisor(mut a: u16, mut b: u16) -> u16 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// One bit for each modality; all of them for somebody who named none.
pub(super) fn modality_bits(modalities: &[Modality]) -> u8 {
    let bits = modalities.iter().fold(0, |bits, &modality| bits | modality_bit(modality));
    if bits == 0 { 0b111 } else { bits }
}

pub(super) fn modality_bit(modality: Modality) -> u8 {
    match modality {
        Modality::InPerson => 1,
        Modality::Phone => 2,
        Modality::Video => 4,
    }
}

/// Spans of the week in UTC; none where the windows or the time zone are not known.
pub(super) fn week(windows: &[Window], zone: Option<&jiff::tz::TimeZone>, as_of: Date) -> Vec<(u16, u16)> {
    zone.map_or_else(Vec::new, |zone| WeekMinutes::from_windows(windows, zone, as_of).spans().to_vec())
}
