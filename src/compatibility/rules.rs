//! The policy as the kernel asks it: whole-number weights, and for each requirement the ladder of its thresholds.

use std::sync::Arc;

use crate::policy::criteria::to_micro;
use crate::policy::{BuiltIn, Criterion, Policy, Relaxation, Unknown};

/// How far a requirement reaches: the base, then the looser thresholds of the relaxation ladder in its order.
#[derive(Debug, Clone)]
pub(super) struct Threshold {
    base: f64,
    steps: Vec<(f64, u8)>,
}

/// What meeting a requirement takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Meets {
    Outright,
    /// With the step of the ladder in that place, or not at all.
    Relaxed(Option<u8>),
}

impl Threshold {
    /// A value has to be `base` at least, or what a step puts in its place.
    fn at_least(base: f64, ladder: &[Relaxation], of: impl Fn(&Relaxation) -> Option<f64>) -> Self {
        let steps = ladder.iter().enumerate();
        Self { base, steps: steps.filter_map(|(place, step)| Some((of(step)?, place as u8))).collect() }
    }

    #[inline]
    pub(super) fn check(&self, value: f64) -> Meets {
        if value >= self.base {
            return Meets::Outright;
        }
        Meets::Relaxed(self.steps.iter().find(|&&(least, _)| value >= least).map(|&(_, step)| step))
    }
}

impl Threshold {
    /// A price that somebody with that value, or a lower one, pays at least for passing; `None` if nobody passes.
    pub(super) fn least_price(&self, value: f64, prices: &[i32]) -> Option<i32> {
        if value >= self.base {
            return Some(0);
        }
        let open = self.steps.iter().filter(|&&(least, _)| value >= least);
        open.map(|&(_, step)| prices[usize::from(step)]).min()
    }

    /// A value below this does not pass, whatever step is taken.
    pub(super) fn least(&self) -> f64 {
        self.steps.iter().map(|&(least, _)| least).fold(self.base, f64::min)
    }

    /// What passes without any step.
    pub(super) fn base(&self) -> f64 {
        self.base
    }

    /// The steps that loosen it, as bits.
    pub(super) fn steps(&self) -> u32 {
        self.steps.iter().fold(0, |steps, &(_, step)| steps | 1 << step)
    }
}

/// What a missing fact does to a pair, in whole numbers.
#[derive(Debug, Clone, Copy)]
pub(super) enum UnknownRule {
    LeftOut,
    CountsAs(u32),
    Vetoed,
}

/// The policy, compiled.
#[derive(Debug, Clone)]
pub(super) struct Rules {
    pub(super) policy: Policy,
    /// Weights in thousandths, custom criteria after the built-in ones.
    weights: Vec<f64>,
    pub(super) unknown: Vec<UnknownRule>,
    /// Price of each step of the ladder, in millionths of score.
    pub(super) prices: Vec<i32>,
    pub(super) common_ground: Threshold,
    pub(super) condition: Threshold,
    pub(super) issue: Threshold,
    pub(super) experience: Threshold,
    pub(super) minutes: Threshold,
    /// On the negative of the gap, for here less is better.
    pub(super) age_gap: Option<Threshold>,
    /// Factors on the reach, with their steps.
    travel: Vec<(f64, u8)>,
    /// The greatest of these factors, 1 at least.
    pub(super) widest_travel: f64,
    /// The step that lets pairs pass of whom nothing comparable is known.
    pub(super) unknown_ground: Option<u8>,
    pub(super) waive_language: Option<u8>,
    pub(super) waive_acquaintance: Option<u8>,
    pub(super) waive_preferences: Option<u8>,
    pub(super) waive_custom: Vec<Option<u8>>,
    pub(super) minimum_score: u32,
    pub(super) change_price: u32,
}

impl Rules {
    pub(super) fn new(policy: &Policy, custom: &[Arc<dyn Criterion>]) -> Self {
        let ladder = &policy.relaxations;
        let base = &policy.requirements;
        let settings =
            |own: &Arc<dyn Criterion>| policy.criteria.custom.get(own.name()).copied().unwrap_or_default();
        let built_in = BuiltIn::ALL.map(|criterion| policy.criteria.settings(criterion));
        let own = custom.iter().map(|own| {
            let settings = settings(own);
            (settings.weight.unwrap_or_else(|| own.default_weight()), settings.unknown)
        });
        let (weights, unknown): (Vec<f64>, Vec<Unknown>) = built_in.into_iter().chain(own).unzip();
        let unknown = unknown.into_iter().map(|rule| match rule {
            Unknown::LeftOut => UnknownRule::LeftOut,
            Unknown::CountsAs(score) => UnknownRule::CountsAs(to_micro(score)),
            Unknown::Vetoed => UnknownRule::Vetoed,
        });
        let micro = |score: f64| f64::from(to_micro(score));
        let waive = |name: &str| {
            let place = ladder.iter().position(|step| step.waive.iter().any(|waived| waived == name));
            place.map(|place| place as u8)
        };
        let likeness = |base: f64, of: fn(&Relaxation) -> Option<f64>| {
            Threshold::at_least(micro(base), ladder, |step| of(step).map(micro))
        };
        Self {
            weights,
            unknown: unknown.collect(),
            prices: ladder.iter().map(|step| to_micro(step.price) as i32).collect(),
            common_ground: likeness(base.common_ground, |step| step.common_ground),
            condition: likeness(base.condition, |step| step.condition),
            issue: likeness(base.issue, |step| step.issue),
            experience: Threshold::at_least(base.experience_years, ladder, |step| step.experience_years),
            minutes: Threshold::at_least(f64::from(base.minutes_in_common), ladder, |step| {
                step.minutes_in_common.map(f64::from)
            }),
            age_gap: base.child_age_gap_years.map(|years| {
                Threshold::at_least(-years, ladder, |step| step.child_age_gap_years.map(|years| -years))
            }),
            travel: ladder
                .iter()
                .enumerate()
                .filter_map(|(place, step)| Some((step.travel_factor?, place as u8)))
                .collect(),
            widest_travel: ladder.iter().filter_map(|step| step.travel_factor).fold(1.0, f64::max),
            unknown_ground: ladder
                .iter()
                .position(|step| step.unknown_common_ground)
                .map(|place| place as u8),
            waive_language: waive("language"),
            waive_acquaintance: waive("acquaintance"),
            waive_preferences: waive("preferences"),
            waive_custom: custom.iter().map(|own| waive(own.name())).collect(),
            minimum_score: to_micro(base.minimum_score),
            change_price: to_micro(policy.objective.change_price),
            policy: policy.clone(),
        }
    }

    /// Weights in thousandths for somebody whose own factors these are.
    pub(super) fn weights_for(&self, factor: impl Fn(usize) -> Option<f64>) -> Vec<u32> {
        let limit = self.policy.criteria.personal_factor_limit;
        let weigh = |(index, weight): (usize, &f64)| {
            let factor = factor(index).unwrap_or(1.0).clamp(0.0, limit);
            (weight * factor * 1000.0).round() as u32
        };
        self.weights.iter().enumerate().map(weigh).collect()
    }

    /// Whether people that far apart can meet in person, given how far they travel together.
    #[inline]
    pub(super) fn within_reach(&self, distance_km: f64, reach_km: f64) -> Meets {
        if distance_km <= reach_km {
            return Meets::Outright;
        }
        let step = self.travel.iter().find(|&&(factor, _)| distance_km <= reach_km * factor);
        Meets::Relaxed(step.map(|&(_, step)| step))
    }

    /// Summed prices of the steps in the set.
    #[inline]
    pub(super) fn price(&self, steps: u32) -> i32 {
        if steps == 0 {
            return 0;
        }
        let used = self.prices.iter().enumerate().filter(|&(place, _)| steps & (1 << place) != 0);
        used.map(|(_, &price)| price).sum()
    }
}
