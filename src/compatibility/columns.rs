//! Supporters laid out in columns: one array for each thing the kernel asks about.

use jiff::civil::Date;

use super::csr::Csr;
use super::traits::{CompiledWish, Symbols, Trait};
use crate::policy::Policy;
use crate::program::{LanguageTag, Modality, Program, Status, WeekMinutes, Window};

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
    pub(super) travel_km: Vec<f64>,
    /// One bit for each of [`Modality::ALL`].
    pub(super) modalities: Vec<u8>,
    /// Numbers into `language_tags`.
    pub(super) languages: Csr<u16>,
    pub(super) language_tags: Vec<LanguageTag>,
    pub(super) child_age: Vec<Option<f64>>,
    pub(super) experience_years: Vec<Option<f64>>,
    pub(super) availability: Csr<(u16, u16)>,
    pub(super) traits: Csr<Trait>,
    pub(super) wishes: Csr<CompiledWish>,
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
            travel_km: supporters
                .iter()
                .map(|s| s.travel_km.unwrap_or(policy.criteria.geography.default_travel_km))
                .collect(),
            modalities: supporters.iter().map(|s| modality_bits(&s.modalities)).collect(),
            languages: Csr::from_rows(supporters.iter().map(|s| s.languages.iter().filter_map(number))),
            child_age: supporters.iter().map(|s| s.child_age).collect(),
            experience_years: supporters
                .iter()
                .map(|s| s.experience_since.map(|since| years_between(since, as_of)))
                .collect(),
            availability: Csr::from_rows(
                supporters
                    .iter()
                    .enumerate()
                    .map(|(index, s)| week(&s.availability, program.supporter_zone(index), as_of)),
            ),
            wishes: Csr::from_rows(
                supporters.iter().zip(&traits).map(|(s, own)| symbols.wishes(&s.preferences, own)),
            ),
            traits: Csr::from_rows(traits),
            language_tags,
        }
    }

    pub(super) fn len(&self) -> usize {
        self.takes_new.len()
    }
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

/// Years from one day to another, 0 where it lies ahead.
pub(super) fn years_between(since: Date, until: Date) -> f64 {
    let days = since.until(until).map_or(0, |span| span.get_days());
    f64::from(days.max(0)) / 365.2425
}

/// Spans of the week in UTC; none where the windows or the time zone are not known.
pub(super) fn week(windows: &[Window], zone: Option<&jiff::tz::TimeZone>, as_of: Date) -> Vec<(u16, u16)> {
    zone.map_or_else(Vec::new, |zone| WeekMinutes::from_windows(windows, zone, as_of).spans().to_vec())
}
