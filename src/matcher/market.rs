//! All pairs of a programme as a market that is not held.
//!
//! **Problem.** 100,000 participants and 25,000 supporters are 2.5 billion pairs: the optimum over them is wanted,
//! their graph cannot be held, and judging each of them once takes longer than everything else together.
//!
//! **Method.** [`solve_implicit`](crate::assignment::solve_implicit) asks for the cheapest pairs of everyone at the
//! prices of the moment; [`PairSearch`] answers from blocks and bounds. A pair costs its weight with the sign turned; a
//! movable standing match costs its price less.
//!
//! **Why it is exact.** A search finds what a scan of all supporters would. It knows nothing of standing matches, of
//! which a participant has one at most: that one is put in its place among those found, at its lower cost. It can only
//! rise by that, so whoever else belongs to the cheapest has been found.
//!
//! **Time and space.** That of the search; one pair for each standing match.
//!
//! **When it is the wrong choice.** For programmes whose pairs are few: [`Pairs`] has the measured rule.

use std::collections::BTreeSet;

use rayon::prelude::*;

use super::problem::Choices;
use crate::assignment::{self, Algorithm, Options, PairSource};
use crate::compatibility::{Candidate, Compatibility, PairSearch};
use crate::policy::criteria::to_micro;
use crate::policy::{Policy, SCORE_ONE};
use crate::program::Program;

/// From so many pairs of participant and supporter on they are not held. Pricing them was as fast as holding them at
/// about three million, and twice as fast, in a sixth of the memory, at thirty (BENCHMARKS.md).
const MANY: u64 = 10_000_000;

/// Which pairs are judged and held for a matching. The matching is the same; time and memory are not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Pairs {
    /// [`Implicit`](Self::Implicit) from ten million pairs of participant and supporter on, else
    /// [`Explicit`](Self::Explicit).
    #[default]
    Auto,
    /// Every pair is judged, every eligible one held.
    Explicit,
    /// The most promising pairs are held; bounds and prices prove of all others that they are not needed. What has no
    /// prices, worst-off first, an integer program or a [baseline](assignment::Baseline), is solved explicitly all the
    /// same, and so are [rules](crate::policy::rules) about matches together, which count pairs one by one.
    Implicit,
}

impl Pairs {
    /// Whether the pairs of a programme of that size are left implicit.
    pub(super) fn are_implicit(self, program: &Program, policy: &Policy, options: &Options) -> bool {
        let pairs = program.participants().len() as u64 * program.supporters().len() as u64;
        let priced = !policy.objective.worst_off_first
            && !matches!(options.algorithm, Algorithm::Ilp(_) | Algorithm::Baseline(_));
        priced
            && match self {
                Self::Auto => pairs >= MANY,
                Self::Explicit => false,
                Self::Implicit => true,
            }
    }
}

/// All pairs of a programme, priced where they are asked for; see [`Matcher::market`](super::Matcher::market).
#[derive(Debug, Clone)]
pub struct Market<'a> {
    compatibility: &'a Compatibility,
    program: &'a Program,
    search: PairSearch<'a>,
    /// Of each participant, what can be said of the standing match.
    standing: Vec<Stands>,
    range: (i64, i64),
}

/// The standing match of a participant.
#[derive(Debug, Clone, Copy)]
enum Stands {
    /// None, or one that may not go on.
    Not,
    /// It cannot be changed: no other pair comes into question.
    Pinned,
    /// It can, and costs so much.
    Movable { supporter: u32, cost: i64 },
}

impl<'a> Market<'a> {
    /// Whoever is held or offered nobody has no pair here.
    pub(super) fn new(program: &'a Program, compatibility: &'a Compatibility, choices: &Choices<'_>) -> Self {
        let held: BTreeSet<u32> = choices.held.iter().map(|pair| pair.0).collect();
        let is_settled = |one: u32| held.contains(&one) || choices.back.contains(&one);
        let stands = |participant: usize| match compatibility.standing(participant) {
            _ if is_settled(participant as u32) => Stands::Pinned,
            None => Stands::Not,
            Some(standing) if standing.pinned => Stands::Pinned,
            Some(standing) => {
                let weight = compatibility.weight(program, participant, standing.supporter as usize);
                weight.map_or(Stands::Not, |weight| Stands::Movable {
                    supporter: standing.supporter,
                    cost: -i64::from(weight) - if choices.free { 0 } else { i64::from(standing.price) },
                })
            }
        };
        let standing: Vec<Stands> = (0..program.participants().len()).into_par_iter().map(stands).collect();
        let prices = compatibility.policy().relaxations.iter().map(|step| i64::from(to_micro(step.price)));
        let cheapest = standing.iter().map(|stands| match *stands {
            Stands::Movable { cost, .. } => cost,
            _ => 0,
        });
        let range = (cheapest.fold(-i64::from(SCORE_ONE), i64::min), prices.sum());
        Self { compatibility, program, search: compatibility.search(program), standing, range }
    }

    pub(super) fn compatibility(&self) -> &'a Compatibility {
        self.compatibility
    }

    /// The cost of a participant's standing match, where it is movable and may go on.
    pub(super) fn movable(&self, participant: usize) -> Option<(u32, i64)> {
        match self.standing[participant] {
            Stands::Movable { supporter, cost } => Some((supporter, cost)),
            _ => None,
        }
    }
}

/// What was found for a participant below a limit, cheapest first at these prices, with the standing match at its own
/// cost: what was found knows nothing of that.
pub(super) fn row_with_standing(
    found: &[Candidate],
    standing: Option<(u32, i64)>,
    (prices, limit, most): (&[i64], i64, usize),
) -> Vec<(u32, i64)> {
    let mut row: Vec<(u32, i64)> = found.iter().map(|own| (own.supporter, -i64::from(own.weight))).collect();
    let sum = |&(supporter, cost): &(u32, i64)| cost.saturating_add(prices[supporter as usize]);
    let standing = standing.filter(|pair| prices[pair.0 as usize] != assignment::Pairs::CLOSED);
    if let Some(standing) = standing.filter(|standing| sum(standing) < limit) {
        row.retain(|pair| pair.0 != standing.0);
        let place = row.partition_point(|pair| (sum(pair), pair.0) < (sum(&standing), standing.0));
        row.insert(place, standing);
        row.truncate(most);
    }
    row
}

impl PairSource for Market<'_> {
    fn cost_range(&self) -> (i64, i64) {
        self.range
    }

    fn costs(&self, participant: u32, supporters: &[u32]) -> Vec<Option<i64>> {
        let place = participant as usize;
        let people = self.program.supporters().len();
        if self.standing.get(place).is_none_or(|stands| matches!(stands, Stands::Pinned))
            || supporters.iter().any(|&supporter| supporter as usize >= people)
        {
            return supporters.iter().map(|&supporter| self.cost(participant, supporter)).collect();
        }
        let weights = self.compatibility.weights(self.program, place, supporters);
        let standing = self.movable(place);
        let cost = |(weight, &supporter): (Option<i32>, &u32)| match standing {
            Some((own, cost)) if own == supporter => Some(cost),
            _ => weight.map(|weight| -i64::from(weight)),
        };
        weights.into_iter().zip(supporters).map(cost).collect()
    }

    fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        let place = participant as usize;
        match *self.standing.get(place)? {
            Stands::Pinned => return None,
            Stands::Movable { supporter: standing, cost } if standing == supporter => return Some(cost),
            _ => {}
        }
        if supporter as usize >= self.program.supporters().len() {
            return None;
        }
        let weight = self.compatibility.weight(self.program, place, supporter as usize);
        weight.map(|weight| -i64::from(weight))
    }

    fn cheapest(&self, prices: &[i64], limits: &[i64], most: usize) -> assignment::Pairs {
        // A weight exceeds its price by more than the limit with the sign turned where the cost is below the limit.
        let floor = |(stands, &limit): (&Stands, &i64)| match (stands, limit) {
            (Stands::Pinned, _) | (_, i64::MIN) => i64::MAX,
            (_, i64::MAX) => i64::MIN,
            (_, limit) => -limit,
        };
        let floors: Vec<i64> = self.standing.iter().zip(limits).map(floor).collect();
        let found = self.search.above(prices, &floors, most);
        let mut pairs = assignment::Pairs::new();
        pairs.scored = found.scored();
        for (participant, &limit) in limits.iter().enumerate() {
            let row = found.row(participant);
            match self.standing[participant] {
                Stands::Pinned => pairs.push_row([]),
                Stands::Movable { .. } if limit != i64::MIN && most > 0 => {
                    pairs.push_row(row_with_standing(row, self.movable(participant), (prices, limit, most)));
                }
                _ => pairs.push_row(row.iter().map(|own| (own.supporter, -i64::from(own.weight)))),
            }
        }
        pairs
    }
}
