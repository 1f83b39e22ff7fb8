//! What a supporter's own facts take from a bound, beside condition, issues and place: age, languages, experience, the
//! week, and the wishes of both sides. Read of the few whom a bound over many lets through, in nanoseconds each.

use super::Compatibility;
use super::blocks::{Row, Week};
use super::languages::NOT_KNOWN;
use super::query::Query;
use super::rules::{Meets, Rules, Threshold};
use super::tables::Aged;
use super::traits::Fare;
use crate::policy::criteria::to_micro;
use crate::policy::{BuiltIn, SCORE_ONE};

/// Nobody asked.
const UNASKED: Fare = Fare::NONE;

/// What supporters lose with one participant.
pub(super) struct Losses<'a> {
    compatibility: &'a Compatibility,
    query: &'a Query<'a>,
    /// What each of the supporters' ages and sets of languages takes from the sum that a perfect one would give.
    by_age: Vec<f32>,
    by_language: Vec<f32>,
    /// What having no lead in years takes from the sum, and what part of that a year of lead saves at most.
    experience: (f32, f32),
    wishes_weight: f32,
    /// From so many years on nothing is to be paid for them.
    years_free: f32,
    /// When the participant has time, and what having none in common takes from the sum and costs besides.
    week: Week,
    no_time: (f32, f32),
    /// Where the participant lives; whoever lives farther away than the square of such a chord, for each of the
    /// distances that supporters travel, is out of reach. Not numbers where that is not known.
    pub(super) place: [f32; 3],
    out_of_reach: Vec<f32>,
}

impl<'a> Losses<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, query: &'a Query<'a>) -> Self {
        let weight = |criterion: BuiltIn| f64::from(query.weights[criterion as usize]);
        let loss = |criterion: BuiltIn, score: u32| (weight(criterion) * f64::from(SCORE_ONE - score)) as f32;
        let rules = &compatibility.rules;
        let of_age = |aged: &Aged| match (aged.older_years, aged.meets) {
            (None, _) => 0.0,
            (_, Meets::Relaxed(None)) => f32::INFINITY,
            _ => loss(BuiltIn::ChildAge, aged.score),
        };
        let hard = rules.policy.requirements.language && rules.waive_language.is_none();
        let of_language = |&score: &u32| match score {
            NOT_KNOWN => 0.0,
            0 if hard => f32::INFINITY,
            score => loss(BuiltIn::Language, score),
        };
        let full_lead = rules.policy.criteria.experience.full_lead_years as f32 * (1.0 - 1e-6);
        let apart = steps_apart(rules);
        let minutes = rules.minutes.least_price(0.0, &rules.prices);
        let minutes = if apart { minutes } else { minutes.map(|_| 0) };
        let spans = compatibility.people.availability.row(query.index);
        Self {
            compatibility,
            query,
            by_age: query.tables.ages.iter().map(of_age).collect(),
            by_language: query.languages.iter().map(of_language).collect(),
            experience: (loss(BuiltIn::Experience, 0), (1.0 / full_lead).min(f32::MAX)),
            wishes_weight: weight(BuiltIn::Preferences) as f32,
            years_free: if apart { rules.experience.base() as f32 * (1.0 - 1e-6) } else { 0.0 },
            week: Week::of(spans.iter().copied()),
            no_time: (loss(BuiltIn::Availability, 0), minutes.map_or(f32::INFINITY, |price| price as f32)),
            place: query.place.map_or([f32::NAN; 3], |place| place.map(|axis| axis as f32)),
            out_of_reach: query.out_of_reach.iter().map(|&square| surely_beyond(square)).collect(),
        }
    }

    /// The square of the chord to where a supporter lives; not a number where that is not known of both.
    #[inline]
    pub(super) fn square(&self, row: &Row) -> f32 {
        (0..3).map(|axis| (row.place[axis] - self.place[axis]).powi(2)).sum()
    }

    /// Whether a supporter who lives so far away, and travels as far as this number of the columns says, is out of reach.
    #[inline]
    pub(super) fn is_out_of_reach(&self, square: f32, travel: u32) -> bool {
        square > self.out_of_reach[travel as usize]
    }

    /// What age, languages, experience and the week take from the sum, and the prices that are paid at least.
    #[inline]
    pub(super) fn of(&self, row: &Row) -> (f32, f32) {
        let &Row { week, years, age, languages, .. } = row;
        let age = self.by_age.get(age as usize).copied().unwrap_or(0.0);
        let language = self.by_language[languages as usize];
        let (loss, by_year) = self.experience;
        // What `f32` may have lost of the years is given to the supporter.
        let lead = years - self.query.experience_years as f32 + 1e-4;
        let short = (1.0 - lead.max(0.0) * by_year).max(0.0);
        let (no_time, mut prices) = if self.week.is_apart_from(week) { self.no_time } else { (0.0, 0.0) };
        if years < self.years_free {
            let rules = &self.compatibility.rules;
            let price = rules.experience.least_price(f64::from(years), &rules.prices);
            prices += price.map_or(f32::INFINITY, |price| price as f32);
        }
        (age + language + loss * short + no_time, prices)
    }

    /// What the wishes of both sides take from the mean, in which a criterion has such a share of its weight.
    #[inline]
    pub(super) fn wishes(&self, row: &Row, share: f32) -> f32 {
        let &Row { traits, wishes, .. } = row;
        let (c, q) = (self.compatibility, self.query);
        if q.wishes.is_empty() && c.columns.wishes.list(wishes as usize).is_empty() {
            return 0.0;
        }
        let ours = if q.wishes.is_empty() { Some(&UNASKED) } else { q.tables.ours.get(traits as usize) };
        let (Some(ours), Some(theirs)) = (ours, q.tables.theirs.get(wishes as usize)) else { return 0.0 };
        if (ours.fails || theirs.fails) && c.rules.waive_preferences.is_none() {
            return f32::INFINITY;
        }
        let score = c.rules.policy.criteria.preferences.score(ours.share(), theirs.share());
        score.map_or(0.0, |score| (SCORE_ONE - to_micro(score)) as f32 * self.wishes_weight * share)
    }
}

/// No step of the ladder serves two of common ground, experience and time, so that their prices add up.
pub(super) fn steps_apart(rules: &Rules) -> bool {
    let [mut ground, experience, minutes] =
        [&rules.common_ground, &rules.experience, &rules.minutes].map(Threshold::steps);
    ground |= rules.unknown_ground.map_or(0, |step| 1 << step);
    ground & experience == 0 && (ground | experience) & minutes == 0
}

/// A square of a chord that exceeds this one though both were computed in `f32`, whose coordinates are off by 1e-7.
fn surely_beyond(square: f64) -> f32 {
    ((square.sqrt() + 1e-6).powi(2) * (1.0 + 1e-6)) as f32
}
