//! Who listens to the kernel: the fast sum, the full report, the count of what stands in the way.

use std::ops::ControlFlow::{self, Break, Continue};

use super::Compatibility;
use super::judgement::Detail;
use super::rules::{Rules, UnknownRule};
use super::veto::Veto;
use crate::policy::SCORE_ONE;

/// What one criterion says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// Millionths.
    Score(u32),
    Unknown,
    /// Nobody asked: no weight for this pair.
    Silent,
}

/// Who listens to the kernel. `Break` ends the evaluation of the pair.
pub(super) trait Sink {
    /// A requirement is not met; `lifted_by` is the step of the relaxation ladder that lifts it, if any.
    fn veto(&mut self, lifted_by: Option<u8>, veto: impl FnOnce() -> Veto) -> ControlFlow<()>;

    /// A criterion has spoken.
    fn part(
        &mut self,
        criterion: usize,
        outcome: Outcome,
        detail: impl FnOnce() -> Detail,
    ) -> ControlFlow<()>;

    /// Every requirement but the least score was asked: tells the score so far, if the pair may have one.
    fn score(&self) -> u32;
}

/// Sums of what is known of a pair.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Sums {
    weighted: u64,
    pub(super) weights: u64,
    /// Weight of criteria that rest on known facts, and of all that were asked.
    known: u64,
    asked: u64,
}

impl Sums {
    #[inline]
    fn add(&mut self, outcome: Outcome, weight: u32, rule: UnknownRule) -> ControlFlow<()> {
        let weight = u64::from(weight);
        match (outcome, rule) {
            (Outcome::Score(score), _) => {
                self.weighted += weight * u64::from(score);
                self.weights += weight;
                self.known += weight;
                self.asked += weight;
            }
            (Outcome::Silent, _) => {}
            (Outcome::Unknown, UnknownRule::LeftOut) => self.asked += weight,
            (Outcome::Unknown, UnknownRule::CountsAs(score)) => {
                self.weighted += weight * u64::from(score);
                self.weights += weight;
                self.asked += weight;
            }
            (Outcome::Unknown, UnknownRule::Vetoed) => {
                self.asked += weight;
                return Break(());
            }
        }
        Continue(())
    }

    /// The weighted mean, rounded down; 0 where nothing is known.
    #[inline]
    pub(super) fn score(&self) -> u32 {
        self.weighted.checked_div(self.weights).unwrap_or(0) as u32
    }

    /// The share of the weight that rests on known facts, in millionths.
    pub(super) fn confidence(&self) -> u32 {
        (self.known * u64::from(SCORE_ONE)).checked_div(self.asked).unwrap_or(0) as u32
    }
}

/// Keeps the sum; stops at the first veto that nothing lifts.
pub(super) struct Tally<'a> {
    rules: &'a Rules,
    weights: &'a [u32],
    sums: Sums,
    steps: u32,
    vetoed: bool,
}

impl<'a> Tally<'a> {
    #[inline]
    pub(super) fn new(rules: &'a Rules, weights: &'a [u32]) -> Self {
        Self { rules, weights, sums: Sums::default(), steps: 0, vetoed: false }
    }

    /// Score less the prices of the relaxations; `None` for a vetoed pair.
    #[inline]
    pub(super) fn weight(&self) -> Option<i32> {
        (!self.vetoed).then(|| self.sums.score() as i32 - self.rules.price(self.steps))
    }
}

impl Sink for Tally<'_> {
    #[inline]
    fn veto(&mut self, lifted_by: Option<u8>, _: impl FnOnce() -> Veto) -> ControlFlow<()> {
        if let Some(step) = lifted_by {
            self.steps |= 1 << step;
            Continue(())
        } else {
            self.vetoed = true;
            Break(())
        }
    }

    #[inline]
    fn part(&mut self, criterion: usize, outcome: Outcome, _: impl FnOnce() -> Detail) -> ControlFlow<()> {
        let heard = self.sums.add(outcome, self.weights[criterion], self.rules.unknown[criterion]);
        self.vetoed |= heard.is_break();
        heard
    }

    fn score(&self) -> u32 {
        self.sums.score()
    }
}

/// Keeps the sum as [`Tally`] does, and gives up where the score cannot reach what is wanted any more.
///
/// With every criterion that has not spoken taken for perfect, the weighted mean is at least `wanted` just where
/// `sum of weight * (score - wanted)` is not negative; `room` is that sum.
pub(super) struct Race<'a> {
    tally: Tally<'a>,
    wanted: i64,
    room: i64,
}

impl<'a> Race<'a> {
    #[inline]
    pub(super) fn new(rules: &'a Rules, weights: &'a [u32], all_weights: u64, wanted: i64) -> Self {
        let one = i64::from(SCORE_ONE);
        // A score of 0 or less takes no reaching, and more than 1 cannot be reached.
        let wanted = wanted.clamp(0, one + 1);
        Self { tally: Tally::new(rules, weights), wanted, room: all_weights as i64 * (one - wanted) }
    }

    /// The weight, where it was reached.
    #[inline]
    pub(super) fn weight(&self) -> Option<i32> {
        self.tally.weight()
    }
}

impl Sink for Race<'_> {
    #[inline]
    fn veto(&mut self, lifted_by: Option<u8>, veto: impl FnOnce() -> Veto) -> ControlFlow<()> {
        self.tally.veto(lifted_by, veto)
    }

    #[inline]
    fn part(
        &mut self,
        criterion: usize,
        outcome: Outcome,
        detail: impl FnOnce() -> Detail,
    ) -> ControlFlow<()> {
        self.tally.part(criterion, outcome, detail)?;
        if self.wanted > 0 {
            let weight = i64::from(self.tally.weights[criterion]);
            let counted = match (outcome, self.tally.rules.unknown[criterion]) {
                (Outcome::Score(score), _) | (Outcome::Unknown, UnknownRule::CountsAs(score)) => {
                    i64::from(score)
                }
                _ => self.wanted,
            };
            self.room -= weight * (i64::from(SCORE_ONE) - counted);
            if self.room < 0 {
                self.tally.vetoed = true;
                return Break(());
            }
        }
        Continue(())
    }

    fn score(&self) -> u32 {
        self.tally.score()
    }
}

/// Keeps everything, and never stops.
pub(super) struct Report<'a> {
    compatibility: &'a Compatibility,
    weights: &'a [u32],
    pub(super) sums: Sums,
    pub(super) parts: Vec<(Outcome, Detail)>,
    pub(super) vetoes: Vec<(Veto, Option<u8>)>,
}

impl<'a> Report<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, weights: &'a [u32]) -> Self {
        let parts = vec![(Outcome::Silent, Detail::None); weights.len()];
        Self { compatibility, weights, sums: Sums::default(), parts, vetoes: Vec::new() }
    }
}

impl Sink for Report<'_> {
    fn veto(&mut self, lifted_by: Option<u8>, veto: impl FnOnce() -> Veto) -> ControlFlow<()> {
        self.vetoes.push((veto(), lifted_by));
        Continue(())
    }

    fn part(
        &mut self,
        criterion: usize,
        outcome: Outcome,
        detail: impl FnOnce() -> Detail,
    ) -> ControlFlow<()> {
        let rule = self.compatibility.rules.unknown[criterion];
        if self.sums.add(outcome, self.weights[criterion], rule).is_break() {
            let name = self.compatibility.criteria().nth(criterion).unwrap_or_default().to_owned();
            self.vetoes.push((Veto::NotKnown { criterion: name }, None));
        }
        self.parts[criterion] = (outcome, detail());
        Continue(())
    }

    fn score(&self) -> u32 {
        self.sums.score()
    }
}

/// Notes which requirements stand against a pair, without the words.
pub(super) struct Blocks<'a> {
    compatibility: &'a Compatibility,
    sums: Sums,
    weights: &'a [u32],
    /// One bit for each of [`Veto::KINDS`] but the last; from there on one for each custom criterion.
    pub(super) kinds: u128,
}

impl<'a> Blocks<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, weights: &'a [u32]) -> Self {
        Self { compatibility, sums: Sums::default(), weights, kinds: 0 }
    }
}

impl Sink for Blocks<'_> {
    fn veto(&mut self, lifted_by: Option<u8>, veto: impl FnOnce() -> Veto) -> ControlFlow<()> {
        if lifted_by.is_none() {
            let place = match veto() {
                Veto::Custom { criterion, .. } => {
                    let own = self.compatibility.custom.iter().position(|own| own.name() == criterion);
                    Veto::KINDS.len() - 1 + own.unwrap_or(0)
                }
                built_in => built_in.number(),
            };
            self.kinds |= 1 << place;
        }
        Continue(())
    }

    fn part(&mut self, criterion: usize, outcome: Outcome, _: impl FnOnce() -> Detail) -> ControlFlow<()> {
        let rule = self.compatibility.rules.unknown[criterion];
        if self.sums.add(outcome, self.weights[criterion], rule).is_break() {
            let name = String::new();
            return self.veto(None, || Veto::NotKnown { criterion: name });
        }
        Continue(())
    }

    fn score(&self) -> u32 {
        self.sums.score()
    }
}
