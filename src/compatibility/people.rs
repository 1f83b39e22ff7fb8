//! What is compiled of the participants once, so that asking about one of them looks nothing up by name.

use jiff::civil::Date;
use rayon::prelude::*;

use super::blocks::Week;
use super::columns::{modality_bit, modality_bits, week};
use super::csr::Csr;
use super::distinct::Distinct;
use super::numbered::Numbered;
use super::rules::Rules;
use super::traits::{CompiledWish, Symbols, Trait};
use crate::policy::criteria::{GeographyCriterion, to_micro};
use crate::policy::{BuiltIn, Criterion};
use crate::program::{Modality, Participant, Program, years_between};

/// The participants, in the program's order.
#[derive(Debug, Clone, Default)]
pub(super) struct People {
    pub(super) rows: Vec<Person>,
    /// Weight of each criterion in thousandths, personal factors included.
    pub(super) weights: Distinct<u32>,
    /// The different lists of ways of meeting that are stated, and what each comes to.
    stated_ways: Numbered<Vec<Modality>>,
    ways: Vec<Ways>,
    /// The different ages of participants' children (as bits), and not knowing it.
    ages: Numbered<Option<u64>>,
    /// The different distances that participants travel, in kilometres (as bits).
    travels: Numbered<u64>,
    /// Spans of the week in UTC.
    pub(super) availability: Csr<(u16, u16)>,
    pub(super) traits: Csr<Trait>,
    pub(super) wishes: Csr<CompiledWish>,
}

/// One of the participants.
#[derive(Debug, Clone, Copy)]
pub(super) struct Person {
    pub(super) consent: bool,
    pub(super) experience_years: f64,
    pub(super) place: Option<[f64; 3]>,
    /// The parts of the week in which they have time; `None` where that is not known.
    pub(super) week: Option<Week>,
    /// How many minutes in common are all that are needed.
    pub(super) full_minutes: f64,
    pub(super) age: u32,
    pub(super) travel: u32,
    ways: u32,
}

/// In which ways somebody would meet.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ways {
    pub(super) modalities: u8,
    /// They stated in which ways they would meet.
    pub(super) stated: bool,
    /// Factor and place in the list of meeting in person.
    pub(super) in_person: Option<(f64, usize)>,
    /// The best remote way of meeting for each set of modalities.
    pub(super) remote: [Option<Remote>; 8],
}

/// A remote way of meeting: its factor on the score, and its place in the participant's list.
#[derive(Debug, Clone, Copy)]
pub(super) struct Remote {
    pub(super) modality: Modality,
    pub(super) factor: f64,
    /// The factor in millionths: the score where the distance does not matter.
    pub(super) score: u32,
    pub(super) place: usize,
}

impl Remote {
    /// The score of meeting in this way over a distance in kilometres.
    #[inline]
    pub(super) fn score_at(&self, criterion: &GeographyCriterion, distance_km: f64) -> u32 {
        match criterion.remote_decay_km {
            None => self.score,
            Some(_) => to_micro(self.factor * criterion.remote(distance_km)),
        }
    }
}

impl Ways {
    pub(super) fn new(stated: &[Modality], criterion: &GeographyCriterion) -> Self {
        // What is stated twice counts once, or what comes after it would be pushed down the list.
        let ways: Vec<Modality> = match stated {
            [] => Modality::ALL.to_vec(),
            stated => each_once(stated),
        };
        // Who stated no list has no first choice and no second.
        let factor = |place| if stated.is_empty() { 1.0 } else { criterion.modality_factor(place) };
        let in_person = ways.iter().position(|&way| way == Modality::InPerson);
        let remote = [0_u8, 1, 2, 3, 4, 5, 6, 7].map(|bits| {
            let open =
                ways.iter().enumerate().find(|&(_, &way)| way.is_remote() && bits & modality_bit(way) != 0);
            open.map(|(place, &modality)| {
                let factor = factor(place);
                Remote { modality, factor, score: to_micro(factor), place }
            })
        });
        Self {
            modalities: modality_bits(stated),
            stated: !stated.is_empty(),
            in_person: in_person.map(|place| (factor(place), place)),
            remote,
        }
    }
}

/// What [`People`] are compiled with.
pub(super) struct With<'a> {
    pub(super) program: &'a Program,
    pub(super) rules: &'a Rules,
    pub(super) custom: &'a [std::sync::Arc<dyn Criterion>],
    pub(super) as_of: Date,
}

impl With<'_> {
    fn week(&self, participant: usize) -> Vec<(u16, u16)> {
        let windows = &self.program.participants()[participant].availability;
        week(windows, self.program.participant_zone(participant), self.as_of)
    }
}

impl People {
    pub(super) fn new(with: &With<'_>, symbols: &mut Symbols) -> Self {
        let mut people = Self::default();
        let all = 0..with.program.participants().len();
        let weeks: Vec<Vec<(u16, u16)>> = all.into_par_iter().map(|index| with.week(index)).collect();
        for (index, week) in weeks.iter().enumerate() {
            people.put(with, symbols, index, week);
        }
        people
    }

    /// A participant whom there was not, or who changed.
    pub(super) fn set(&mut self, with: &With<'_>, symbols: &mut Symbols, index: usize) {
        let before = self.rows.get(index).copied();
        if let Some(Person { age, travel, ways, .. }) = before {
            let (traits, wishes) = (self.traits.row(index).to_vec(), self.wishes.row(index).to_vec());
            self.put(with, symbols, index, &with.week(index));
            // Let go only now, so that what stays keeps its number.
            symbols.release(&traits, &wishes);
            self.ages.release(age);
            self.travels.release(travel);
            self.stated_ways.release(ways);
        } else {
            self.put(with, symbols, index, &with.week(index));
        }
    }

    fn put(&mut self, with: &With<'_>, symbols: &mut Symbols, index: usize, week: &[(u16, u16)]) {
        let criteria = &with.rules.policy.criteria;
        let participant: &Participant = &with.program.participants()[index];
        let name = |criterion: usize| match BuiltIn::ALL.get(criterion) {
            Some(built_in) => built_in.as_str(),
            None => with.custom[criterion - BuiltIn::ALL.len()].name(),
        };
        let weights = with.rules.weights_for(|criterion| participant.weights.get(name(criterion)).copied());
        let _ = self.weights.set(index, weights);
        let (ways, is_new) = self.stated_ways.take(&participant.modalities);
        if is_new {
            let own = Ways::new(&participant.modalities, &criteria.geography);
            match self.ways.get_mut(ways as usize) {
                Some(place) => *place = own,
                None => self.ways.push(own),
            }
        }
        let (traits, wishes) =
            symbols.take(&participant.attributes, participant.gender.as_ref(), &participant.preferences);
        self.traits.set(index, &traits);
        self.wishes.set(index, &wishes);
        self.availability.set(index, week);
        let travel_km = participant.travel_km.unwrap_or(criteria.geography.default_travel_km);
        let row = Person {
            consent: participant.consent,
            experience_years: participant
                .experience_since
                .map_or(0.0, |since| years_between(since, with.as_of)),
            place: with.program.participant_coordinates(index).map(crate::program::Coordinates::unit_vector),
            week: (!week.is_empty()).then(|| Week::of(week.iter().copied())),
            full_minutes: criteria.availability.full_minutes_for(participant.hours_per_week),
            age: self.ages.take(&participant.child_age.map(f64::to_bits)).0,
            travel: self.travels.take(&travel_km.to_bits()).0,
            ways,
        };
        match self.rows.get_mut(index) {
            Some(place) => *place = row,
            None => self.rows.push(row),
        }
    }

    #[inline]
    pub(super) fn ways(&self, person: &Person) -> &Ways {
        &self.ways[person.ways as usize]
    }

    /// How far somebody travels, in kilometres.
    pub(super) fn travel_km(&self, person: &Person) -> f64 {
        f64::from_bits(*self.travels.value(person.travel))
    }

    /// By number, the different distances that participants travel, in kilometres.
    pub(super) fn travels(&self) -> impl Iterator<Item = f64> {
        self.travels.values().iter().map(|&bits| f64::from_bits(bits))
    }

    /// By number, the different ages of participants' children, and not knowing it.
    pub(super) fn ages(&self) -> impl Iterator<Item = Option<f64>> {
        self.ages.values().iter().map(|bits| bits.map(f64::from_bits))
    }
}

/// The items of a list, each where it stands first.
fn each_once<T: PartialEq + Clone>(list: &[T]) -> Vec<T> {
    let mut once: Vec<T> = Vec::with_capacity(list.len());
    for item in list {
        if !once.contains(item) {
            once.push(item.clone());
        }
    }
    once
}
