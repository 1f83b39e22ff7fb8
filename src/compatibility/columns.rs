//! Supporters laid out in columns: one array for each thing the kernel asks about.

use jiff::civil::Date;

use rayon::prelude::*;

use super::csr::Csr;
use super::distinct::Distinct;
use super::numbered::Numbered;
use super::traits::{CompiledWish, Symbols, Trait};
use crate::policy::Policy;
use crate::program::{Modality, Program, Status, WEEK_MINUTES, WeekMinutes, Window, years_between};

/// The supporters, in the program's order.
#[derive(Debug, Clone, Default)]
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
    /// The different distances that supporters travel, in kilometres (as bits).
    travels: Numbered<u64>,
    /// One bit for each of [`Modality::ALL`].
    pub(super) modalities: Vec<u8>,
    /// Their children's age: a number into `child_ages`.
    pub(super) child_age: Vec<u32>,
    /// The different ages of supporters' children (as bits), and not knowing it.
    child_ages: Numbered<Option<u64>>,
    pub(super) experience_years: Vec<Option<f64>>,
    /// Spans of the week in UTC, in units of `unit` minutes.
    pub(super) availability: Csr<(u16, u16)>,
    /// A number of minutes that divides the week, of which every span begins and ends at a multiple.
    pub(super) unit: u16,
    pub(super) traits: Distinct<Trait>,
    pub(super) wishes: Distinct<CompiledWish>,
}

impl Columns {
    pub(super) fn new(program: &Program, policy: &Policy, symbols: &mut Symbols, as_of: Date) -> Self {
        let all = 0..program.supporters().len();
        let weeks: Vec<Vec<(u16, u16)>> =
            all.into_par_iter().map(|index| week_of(program, index, as_of)).collect();
        let unit = weeks.iter().fold(WEEK_MINUTES as u16, |unit, week| common_unit(unit, week));
        let mut columns = Self { unit, ..Self::default() };
        for (index, week) in weeks.iter().enumerate() {
            columns.put((program, policy, as_of), symbols, index, week);
        }
        columns
    }

    /// A supporter whom there was not, or who changed. Linear in the record; where the week has a finer unit than all
    /// the others, once in all the weeks.
    pub(super) fn set(
        &mut self,
        (program, policy, as_of): (&Program, &Policy, Date),
        symbols: &mut Symbols,
        index: usize,
    ) {
        let week = week_of(program, index, as_of);
        let unit = common_unit(self.unit, &week);
        if unit != self.unit {
            let finer = self.unit / unit;
            for (start, end) in self.availability.items_mut() {
                (*start, *end) = (*start * finer, *end * finer);
            }
            self.unit = unit;
        }
        let before = (index < self.len()).then(|| (self.travel[index], self.child_age[index]));
        self.put((program, policy, as_of), symbols, index, &week);
        if let Some((travel, age)) = before {
            self.travels.release(travel);
            self.child_ages.release(age);
        }
    }

    /// The week is one of multiples of the unit.
    fn put(
        &mut self,
        (program, policy, as_of): (&Program, &Policy, Date),
        symbols: &mut Symbols,
        index: usize,
        week: &[(u16, u16)],
    ) {
        let supporter = &program.supporters()[index];
        let available = supporter.takes_new_matches(as_of);
        put(&mut self.takes_new, index, available && policy.loads.capacity(supporter.capacity) > 0);
        put(&mut self.available, index, available);
        put(&mut self.keeps_standing, index, supporter.keeps_standing_matches(as_of));
        put(&mut self.status, index, supporter.status);
        let place = program.supporter_coordinates(index).map(crate::program::Coordinates::unit_vector);
        put(&mut self.place, index, place);
        let travel_km = supporter.travel_km.unwrap_or(policy.criteria.geography.default_travel_km);
        put(&mut self.travel, index, self.travels.take(&travel_km.to_bits()).0);
        put(&mut self.modalities, index, modality_bits(&supporter.modalities));
        put(&mut self.child_age, index, self.child_ages.take(&supporter.child_age.map(f64::to_bits)).0);
        let years = supporter.experience_since.map(|since| years_between(since, as_of));
        put(&mut self.experience_years, index, years);
        let unit = self.unit;
        let week: Vec<(u16, u16)> = week.iter().map(|&(start, end)| (start / unit, end / unit)).collect();
        self.availability.set(index, &week);
        let (traits, wishes) =
            symbols.take(&supporter.attributes, supporter.gender.as_ref(), &supporter.preferences);
        for spare in self.traits.set(index, traits).spare {
            symbols.release(&spare, &[]);
        }
        for spare in self.wishes.set(index, wishes).spare {
            symbols.release(&[], &spare);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.takes_new.len()
    }

    /// Reads a little of every column that the kernel asks about a supporter, none of it waiting for another: who is asked
    /// about later is then in the caches.
    #[inline]
    pub(super) fn fetched(&self, supporter: usize) -> usize {
        usize::from(self.takes_new[supporter])
            ^ usize::from(self.place[supporter].is_some())
            ^ usize::from(self.experience_years[supporter].is_some())
            ^ usize::from(self.modalities[supporter])
            ^ self.travel[supporter] as usize
            ^ self.child_age[supporter] as usize
            ^ self.availability.row(supporter).len()
            ^ self.traits.number(supporter)
            ^ self.wishes.number(supporter)
    }

    /// By number, the different distances that supporters travel, in kilometres.
    pub(super) fn travels(&self) -> impl Iterator<Item = f64> {
        self.travels.values().iter().map(|&bits| f64::from_bits(bits))
    }

    pub(super) fn travel_km(&self, travel: u32) -> f64 {
        f64::from_bits(*self.travels.value(travel))
    }

    /// By number, the different ages of supporters' children, and not knowing it.
    pub(super) fn child_ages(&self) -> impl ExactSizeIterator<Item = Option<f64>> {
        self.child_ages.values().iter().map(|bits| bits.map(f64::from_bits))
    }

    pub(super) fn age(&self, number: u32) -> Option<f64> {
        self.child_ages.value(number).map(f64::from_bits)
    }
}

/// Replaces an item, or adds one after the last.
fn put<T>(items: &mut Vec<T>, index: usize, item: T) {
    match items.get_mut(index) {
        Some(place) => *place = item,
        None => items.push(item),
    }
}

fn week_of(program: &Program, supporter: usize, as_of: Date) -> Vec<(u16, u16)> {
    week(&program.supporters()[supporter].availability, program.supporter_zone(supporter), as_of)
}

/// The most minutes that divide the unit and the bounds of each span.
fn common_unit(unit: u16, week: &[(u16, u16)]) -> u16 {
    let ends = week.iter().flat_map(|&(start, end)| [start, end]);
    ends.fold(unit, greatest_common_divisor)
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
