//! The implicit market: an optimum over all pairs of a [`PairSource`] without holding them.
//!
//! **Problem.** Every participant could take nearly every supporter, which is more pairs than memory holds; nearly all
//! of them are in no good assignment.
//!
//! **Method.** Hold the cheapest pairs of each participant and solve over these. The potentials of that optimum price
//! every other pair: one that costs less than its participant pays, `cost + potential < paid`, may improve the
//! assignment and is added; then the problem is solved again from where it stood. When no pair is left to add, the
//! potentials prove the assignment optimal over all pairs. Column generation, in the language of linear programming,
//! with columns that are single pairs.
//!
//! **Why it is exact.** The published potentials are valid on the held pairs (they are a certificate) and, once nothing
//! is left to add, on all others: complementary slackness over all pairs. The scales of the ladder come from bounds on
//! all pairs, not from the held ones, so a packed cost means the same throughout. Prices are given to the source in
//! whole quality costs, rounded so that no pair is missed; whether a pair improves is decided on packed integers.
//!
//! **Ties.** Under [`TieBreak::FirstInOrder`] pairs that tie (whose reduced cost is zero) are held too, so that the
//! answer is the first in order over all pairs: the same assignment, with the same certificate, as if all pairs were
//! held. Where costs are few and coarse that can be most of the pairs; [`TieBreak::Unspecified`] holds none of them.
//!
//! **Firm minimums.** They are the first rung of the ladder, so pairs that help to meet them are priced like all others.
//! Where they are missed when no pair is left to add, the set of participants and supporters that clash over the held
//! pairs is asked about once more: every pair that leads into it is added, until the set clashes over all pairs.
//!
//! **Stopped early.** After each pass a bound over all pairs is known: the objective less, for each participant, what
//! its best pair that is not held would save (Lagrangian bound). A solve that is stopped returns the best assignment so
//! far with the best of those bounds.
//!
//! **Time and space.** Each round is one pass of the source and one solve from the last optimum. O(held pairs) space.
//! A round adds at most [`MOST`] pairs for each participant, so it ends, in practice after a few rounds.
//!
//! **When it is the wrong choice.** When the pairs fit into memory: reading them all is faster than pricing them.
//!
//! **References.** M. E. Lübbecke, J. Desrosiers, "Selected topics in column generation", Operations Research 53 (2005);
//! A. Volgenant, "Linear and semi-assignment problems: a core oriented approach", Computers & Operations Research 23
//! (1996).

use std::iter::repeat;

use rayon::prelude::*;

use super::certificate::Certificate;
use super::control::{Control, Stage};
use super::fairness::Fairness;
use super::infeasible::{self, Clash, HallViolator};
use super::options::{Algorithm, Options, TieBreak};
use super::pair_source::{LARGEST, PairSource, Pairs};
use super::problem::Problem;
use super::solution::{Assignment, Pricing, Proof, Stop};
use super::solve::{easy_bound, find, pins_only};
use super::verify::verify;
use super::violation::{Verification, Violation};
use super::warm_start::WarmStart;
use crate::error::{Error, Result};

/// Pairs of each participant held from the start, and asked for in one pass, at the most.
const MOST: usize = 8;
/// How many times more are asked for where all that were found are held already.
const MORE: usize = 8;

/// What [`solve_implicit`] returns.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImplicitAssignment {
    /// The assignment. Its bound holds over all pairs of the source, so it is optimal over all of them where
    /// [`Assignment::is_optimal`] says so; its certificate proves it over the held pairs, and [`verify_implicit`] over
    /// the rest.
    pub assignment: Assignment,
    /// The problem with the pairs that were held.
    pub problem: Problem,
    /// What that took; the statistics of the assignment say it too. Passes are calls of [`PairSource::cheapest`], scored
    /// are the pairs that the source says it scored.
    pub pricing: Pricing,
}

/// Finds an assignment of least cost over all pairs of the source, rung by rung, with its proof.
///
/// `problem` says everything but the pairs; those it has are held from the start and must be the source's. If `control`
/// stops the solve, the result is the best assignment so far, with a bound over all pairs; a pass of the source is not
/// interrupted, and the first one is always made.
///
/// # Errors
/// Those of [`solve`](super::solve()), infeasible firm minimums included: the [`HallViolator`] then counts all pairs of
/// the source, not only the held ones. [`Error::is_problem`] if the source answers with supporters that do not exist,
/// costs outside its range, or different costs for one pair; [`Error::is_overflow`] if the ladder over the range of its costs does not
/// fit 128 bits, or prices 62; [`Error::is_solver`] if an integer program, a baseline or worst-off first was asked for,
/// which have no potentials to price with.
pub fn solve_implicit(
    problem: &Problem,
    source: &dyn PairSource,
    options: &Options,
    control: &Control<'_>,
) -> Result<ImplicitAssignment> {
    if let Algorithm::Ilp(_) | Algorithm::Baseline(_) = options.algorithm {
        return Err(Error::solver(
            "an implicit market is priced by potentials, which an integer program or a baseline does not have; use a \
             flow algorithm",
        ));
    }
    if problem.fairness() == Fairness::WorstOffFirst {
        return Err(Error::solver(
            "an implicit market is priced by one set of potentials, which worst-off first does not have; hold all pairs \
             and use solve()",
        ));
    }
    let mut market = Market::open(problem, source)?;
    let ties = options.tie_break == TieBreak::FirstInOrder;
    let mut bound = market.first_bound().ok_or_else(overflow)?;
    let nobody = market.held.objective(&pins_only(&market.held)).ok_or_else(overflow)?;
    let mut packed = nobody.packed(&market.held.scales).ok_or_else(overflow)?;
    // What a solve over the held pairs does not know of.
    let within = |packed: i128, bound: i128| control.beyond(packed.saturating_sub(bound));
    let mut assignment = find(&market.held, None, options, &within(packed, bound))?;
    let mut rounds = 1;
    // Whether the assignment is optimal over all pairs.
    let mut optimal = false;
    while assignment.stop == Stop::Completed {
        let Proof::Potentials(certificate) = &assignment.proof else { break };
        let priced = market.price(certificate, ties)?;
        bound = bound.max(certificate.dual.checked_sub(priced.shortfall).ok_or_else(overflow)?);
        optimal = priced.shortfall == 0;
        let missed = assignment.objective.required > 0;
        // Pairs that only tie do not move the potentials; they leave the tie-break to be done again.
        let last = optimal && !priced.more && !missed;
        if !priced.added.is_empty() {
            market.add(priced.added)?;
        } else if missed {
            // It is over the held pairs that they clash; who else has a pair that leads there?
            let clash = infeasible::error(&market.held, &assignment.matches);
            let Some(violator) = clash.hall_violator() else { return Err(clash) };
            let more = market.pairs_into(violator)?;
            if more.is_empty() {
                return Err(clash);
            }
            market.add(more)?;
        } else {
            break;
        }
        let gap = assignment.packed.checked_sub(bound);
        if control.stops_within(Stage::Pricing, rounds as usize, rounds as usize + 1, gap) {
            assignment.stop = control.reason();
            break;
        }
        packed = packed.min(assignment.packed);
        let start = WarmStart::of(&assignment);
        let again = find(&market.held, Some(&start), options, &within(packed, bound))?;
        rounds += 1;
        let proven = matches!(again.proof, Proof::Potentials(_));
        if proven || again.packed < assignment.packed {
            assignment = again;
        } else {
            assignment.stop = again.stop;
        }
        if last {
            break;
        }
        optimal &= proven;
    }
    if !optimal {
        assignment.bound = bound.min(assignment.packed);
        assignment.proof = Proof::Bound;
    }
    let Market { held, passes, scored, .. } = market;
    let pricing = Pricing { rounds, passes, scored };
    assignment.statistics.pricing = Some(pricing);
    Ok(ImplicitAssignment { assignment, problem: held, pricing })
}

/// Checks an assignment and its proof over all pairs of the source; never panics as long as the source does not.
///
/// Held pairs must be the source's, the assignment must verify over them as in [`verify`](super::verify()), and no other
/// pair may cost less than its participant pays. One pass of the source, and one question for each held pair.
pub fn verify_implicit(
    problem: &Problem,
    source: &dyn PairSource,
    found: &ImplicitAssignment,
) -> Verification {
    let held = &found.problem;
    let rows = (held.offsets.clone(), held.pair_supporters.to_vec(), held.pair_costs.to_vec());
    let fail = |violation| Verification { violations: vec![violation], proven_optimal: false };
    let stated = held.offsets.len();
    let expected = problem.participants() as usize + 1;
    if stated != expected {
        return fail(Violation::Length { list: "the list of held rows".to_owned(), stated, expected });
    }
    let range = source.cost_range();
    let within = held.pair_supporters.iter().all(|&supporter| supporter < problem.supporters());
    let Some(held) = problem.with_rows(rows, range).filter(|_| within) else {
        return fail(Violation::Overflow { what: "the ladder over all pairs".to_owned() });
    };
    let mut check = verify(&held, &found.assignment);
    let wrong = |participant: u32| {
        let (supporters, costs) = held.row(participant);
        let actual = source.costs(participant, supporters).into_iter().chain(repeat(None));
        let rows = supporters.iter().zip(costs).zip(actual);
        let wrong = rows.filter(|&((_, &stated), actual)| actual != Some(stated));
        let wrong = wrong.map(|((&supporter, &stated), actual)| Violation::PairCost {
            participant,
            supporter,
            stated,
            actual,
        });
        wrong.collect::<Vec<_>>()
    };
    check.violations.par_extend((0..held.participants()).into_par_iter().flat_map_iter(wrong));
    if let Proof::Potentials(certificate) = &found.assignment.proof
        && check.violations.is_empty()
    {
        let mut market = Market { held, source, range, settled: None, passes: 0, scored: 0 };
        match market.price(certificate, false) {
            Ok(priced) => check.violations.extend(priced.added.into_iter().map(|pair| {
                let Candidate { participant, supporter, reduced, .. } = pair;
                Violation::PairMissed { participant, supporter, reduced }
            })),
            Err(error) => check.violations.push(Violation::Overflow { what: error.to_string() }),
        }
    }
    check.proven_optimal &= check.violations.is_empty();
    check
}

fn overflow() -> Error {
    Error::overflow("the bound over all pairs does not fit 128 bits; use smaller costs")
}

/// A pair that is not held and should be.
struct Candidate {
    participant: u32,
    supporter: u32,
    cost: i64,
    reduced: i128,
}

/// What a pass over all pairs found.
struct Priced {
    /// Ascending by participant and supporter.
    added: Vec<Candidate>,
    /// What the best pairs that are not held would save at most, summed over participants.
    shortfall: i128,
    /// Whether a participant had more than were asked for.
    more: bool,
}

/// The pairs that are held, and where the others come from.
struct Market<'a> {
    held: Problem,
    source: &'a dyn PairSource,
    range: (i64, i64),
    settled: Option<Settled>,
    passes: u32,
    scored: u64,
}

/// What the last pricing leaves known: at these prices, no pair that is not held costs less than these limits.
struct Settled {
    prices: Vec<i64>,
    /// `i64::MIN` where nothing is known.
    limits: Vec<i64>,
}

impl<'a> Market<'a> {
    /// Holds the cheapest pairs of each participant, those the problem has, and the standing matches.
    fn open(problem: &Problem, source: &'a dyn PairSource) -> Result<Self> {
        let range = source.cost_range();
        if range.0 > range.1 || range.0 < -LARGEST || range.1 > LARGEST {
            return Err(Error::problem(format!(
                "the pair source states its costs to lie in {}..={}; give bounds in order and within 2^61",
                range.0, range.1
            )));
        }
        let rows = (problem.offsets.clone(), problem.pair_supporters.to_vec(), problem.pair_costs.to_vec());
        let held = problem.with_rows(rows, range).ok_or_else(|| {
            Error::overflow(format!(
                "the rungs cannot be packed into 128 bits with pair costs in {}..={}; use smaller costs",
                range.0, range.1
            ))
        })?;
        let mut market = Self { held, source, range, settled: None, passes: 0, scored: 0 };
        let tree = &problem.tree;
        let first = |s: usize| {
            let step = problem.load_costs.marginal(s, tree.pinned[s]);
            if tree.open[s] { step.clamp(-LARGEST, LARGEST) } else { Pairs::CLOSED }
        };
        let prices: Vec<i64> = (0..tree.supporters).map(first).collect();
        let limit = |p| if problem.free_places(p) == 0 { i64::MIN } else { i64::MAX };
        let limits: Vec<i64> = (0..problem.pins.len()).map(limit).collect();
        let cheapest = market.ask(&prices, &limits, market.most())?;
        let mut added = Vec::with_capacity(cheapest.len());
        for (p, &limit) in limits.iter().enumerate() {
            if limit == i64::MIN {
                continue;
            }
            let start = added.len();
            let candidate =
                |supporter, cost| Candidate { participant: p as u32, supporter, cost, reduced: 0 };
            added.extend(cheapest.row(p).map(|(supporter, cost)| candidate(supporter, cost)));
            if let Some(standing) = problem.standing[p]
                && tree.open[standing as usize]
                && let Some(cost) = source.cost(p as u32, standing)
            {
                added.push(candidate(standing, cost));
            }
            added[start..].sort_unstable_by_key(|pair| pair.supporter);
        }
        market.add(added)?;
        Ok(market)
    }

    /// How many pairs of each participant are asked for: a small market has no need of as many.
    fn most(&self) -> usize {
        self.held.tree.supporters.isqrt().clamp(4, MOST)
    }

    fn ask(&mut self, prices: &[i64], limits: &[i64], most: usize) -> Result<Pairs> {
        let answer = self.source.cheapest(prices, limits, most);
        answer.check(&self.held, self.range)?;
        self.passes += 1;
        self.scored += answer.scored;
        Ok(answer)
    }

    /// A bound before anything is solved: everyone at the cheapest cost and the cheapest place there is.
    fn first_bound(&self) -> Option<i128> {
        let (held, tree) = (&self.held, &self.held.tree);
        let mut place = None;
        for supporter in (0..tree.supporters).filter(|&s| tree.open[s]) {
            let step = held.packed_step(supporter, tree.pinned[supporter])?;
            place = Some(place.map_or(step, |place: i128| place.min(step)));
        }
        let mut bound = easy_bound(held)?;
        if let Some(place) = place {
            let least = i128::from(self.range.0).checked_mul(held.scales.quality)?.checked_add(place)?;
            for participant in 0..held.pins.len() {
                let places = i128::from(held.free_places(participant));
                let saved = held.packed_exit(participant)?.checked_sub(least)?;
                bound = bound.checked_sub(saved.max(0).checked_mul(places)?)?;
            }
        }
        Some(bound)
    }

    /// Finds pairs that are not held and cost less than their participant pays, or as much if ties are wanted.
    fn price(&mut self, certificate: &Certificate, ties: bool) -> Result<Priced> {
        let quality = self.held.scales.quality.max(1);
        let floor = |packed: i128| packed.div_euclid(quality);
        let whole = |value: i128| value.clamp(-i128::from(LARGEST), i128::from(LARGEST)) as i64;
        let price = |(s, &potential): (usize, &i128)| {
            if self.held.tree.open[s] { whole(floor(potential)) } else { Pairs::CLOSED }
        };
        let prices: Vec<i64> = certificate.supporters.iter().enumerate().map(price).collect();
        if certificate.supporters.iter().any(|&potential| floor(potential) < -i128::from(LARGEST)) {
            return Err(Error::overflow(
                "prices fall below -2^61 quality costs; use smaller costs or weights, or fewer rungs",
            ));
        }
        // Costs are whole: `cost + price` is at most `paid` exactly where it is at most `paid` rounded down.
        let limit = |(p, &paid): (usize, &i128)| {
            if self.held.free_places(p) == 0 {
                return i64::MIN;
            }
            let limit = floor(paid) + 1;
            if limit > i128::from(LARGEST) { i64::MAX } else { whole(limit) }
        };
        let limits: Vec<i64> = certificate.participants.iter().enumerate().map(limit).collect();

        let mut pass = Priced { added: Vec::new(), shortfall: 0, more: false };
        let mut settled = Settled { limits: limits.clone(), prices };
        let before = self.settled.take();
        let Settled { prices, limits: known } = &mut settled;
        if let Some(before) = before {
            // Who pays no more than before can only be better off with somebody whose price has fallen since.
            let fallen = prices
                .iter()
                .zip(&before.prices)
                .map(|(&now, &then)| if now < then { now } else { Pairs::CLOSED });
            let fallen: Vec<i64> = fallen.collect();
            let pays_more = |(&now, &then): (&i64, &i64)| now > then;
            let (mut risen, mut others) = (limits.clone(), limits);
            for (p, pair) in known.iter().zip(&before.limits).enumerate() {
                *if pays_more(pair) { &mut others[p] } else { &mut risen[p] } = i64::MIN;
            }
            self.price_at(certificate, ties, prices, risen, known, &mut pass)?;
            if fallen.iter().any(|&price| price != Pairs::CLOSED) {
                self.price_at(certificate, ties, &fallen, others, known, &mut pass)?;
            }
        } else {
            self.price_at(certificate, ties, prices, limits, known, &mut pass)?;
        }
        self.settled = Some(settled);
        pass.added.sort_unstable_by_key(|pair| (pair.participant, pair.supporter));
        Ok(pass)
    }

    /// Adds to the pass what is found at these prices within these limits; `known` is set to `i64::MIN` for participants
    /// of whom it was not all that there is.
    fn price_at(
        &mut self,
        certificate: &Certificate,
        ties: bool,
        prices: &[i64],
        mut limits: Vec<i64>,
        known: &mut [i64],
        pass: &mut Priced,
    ) -> Result<()> {
        let quality = self.held.scales.quality.max(1);
        let mut most = self.most();
        while limits.iter().any(|&limit| limit != i64::MIN) {
            let answer = self.ask(prices, &limits, most)?;
            for (p, limit) in limits.iter_mut().enumerate() {
                if *limit == i64::MIN {
                    continue;
                }
                let paid = certificate.participants[p];
                let pinned = self.held.pins[p].map(|(supporter, _)| supporter);
                let before = pass.added.len();
                let (mut least, mut dearest, mut pairs) = (0, i64::MIN, 0);
                for (supporter, cost) in answer.row(p) {
                    let s = supporter as usize;
                    pairs += 1;
                    dearest = dearest.max(cost.saturating_add(prices[s]));
                    let taken =
                        pinned == Some(supporter) || self.held.pair_cost(p as u32, supporter).is_some();
                    if taken || prices[s] == Pairs::CLOSED {
                        continue;
                    }
                    let packed = self.packed(p, supporter, cost).ok_or_else(overflow)?;
                    let reduced = packed + certificate.supporters[s] - paid;
                    if reduced < 0 || reduced == 0 && ties {
                        least = least.min(reduced);
                        pass.added.push(Candidate { participant: p as u32, supporter, cost, reduced });
                    }
                }
                if pairs < most {
                    *limit = i64::MIN;
                } else if pass.added.len() > before {
                    // There may be more; none of them costs less than the dearest that was found, rounded down.
                    let rest = i128::from(dearest).checked_mul(quality).ok_or_else(overflow)? - paid;
                    least = least.min(rest);
                    pass.more = true;
                    *limit = i64::MIN;
                    known[p] = i64::MIN;
                }
                // Else all that came was held already, which tells nothing of the others: more are asked for.

                // Each of its places may be filled better.
                let saved = least.checked_mul(self.held.free_places(p).into()).ok_or_else(overflow)?;
                pass.shortfall = pass.shortfall.checked_sub(saved).ok_or_else(overflow)?;
            }
            most = most.saturating_mul(MORE);
        }
        Ok(())
    }

    /// Pairs that are not held and lead to a supporter of the violator; none where its count does not depend on pairs.
    fn pairs_into(&mut self, violator: &HallViolator) -> Result<Vec<Candidate>> {
        if violator.clash == Clash::TooLittleRoom {
            return Ok(Vec::new());
        }
        let mut prices = vec![Pairs::CLOSED; self.held.tree.supporters];
        for &supporter in &violator.supporters {
            prices[supporter as usize] = 0;
        }
        let into = |held: &Problem, p: usize| {
            let pinned = held.pins[p].map(|(supporter, _)| supporter);
            let row = held.row(p as u32).0.iter();
            row.filter(|&&s| prices[s as usize] == 0 && pinned != Some(s)).count()
        };
        // Who gives all its places already gives no more.
        let most = (0..self.held.pins.len()).map(|p| self.held.places_of(p)).max().unwrap_or(1) as usize;
        let gives_all = |p: usize| into(&self.held, p) >= self.held.free_places(p) as usize;
        let limits: Vec<i64> =
            (0..self.held.pins.len()).map(|p| if gives_all(p) { i64::MIN } else { i64::MAX }).collect();
        // One more than places, for the one it may be pinned to.
        let answer = self.ask(&prices, &limits, most.saturating_add(1))?;
        let mut added = Vec::new();
        for (p, _) in limits.iter().enumerate().filter(|&(_, &limit)| limit == i64::MAX) {
            let pinned = self.held.pins[p].map(|(supporter, _)| supporter);
            let start = added.len();
            for (supporter, cost) in answer.row(p) {
                if pinned != Some(supporter) && self.held.pair_cost(p as u32, supporter).is_none() {
                    added.push(Candidate { participant: p as u32, supporter, cost, reduced: 0 });
                }
            }
            added[start..].sort_unstable_by_key(|pair| pair.supporter);
        }
        Ok(added)
    }

    fn packed(&self, participant: usize, supporter: u32, cost: i64) -> Option<i128> {
        let scales = &self.held.scales;
        // With several places only the standing pair itself has to do with the change, and that is held.
        let single = self.held.places_of(participant) == 1;
        let moved = single && self.held.standing[participant].is_some_and(|standing| standing != supporter);
        let packed = i128::from(cost).checked_mul(scales.quality)?;
        packed.checked_add(if moved { scales.change } else { 0 })
    }

    /// Holds more pairs, given in order; one that is held already must have the same cost.
    fn add(&mut self, added: Vec<Candidate>) -> Result<()> {
        if added.is_empty() {
            return Ok(());
        }
        let held = &self.held;
        let pairs = held.pairs() + added.len();
        let mut rows: (Vec<usize>, Vec<u32>, Vec<i64>) =
            (vec![0], Vec::with_capacity(pairs), Vec::with_capacity(pairs));
        let mut added = added.into_iter().peekable();
        for p in 0..held.pins.len() {
            let (supporters, costs) = held.row(p as u32);
            let mut old = supporters.iter().copied().zip(costs.iter().copied()).peekable();
            let start = rows.1.len();
            loop {
                let new = added.peek().filter(|pair| pair.participant as usize == p);
                let next = match (old.peek().copied(), new.map(|pair| (pair.supporter, pair.cost))) {
                    (None, None) => break,
                    (Some(held), Some(new)) if new.0 < held.0 => new,
                    (Some(held), _) => held,
                    (None, Some(new)) => new,
                };
                if old.peek() == Some(&next) {
                    old.next();
                } else {
                    added.next();
                }
                if rows.1.len() > start && rows.1.last() == Some(&next.0) {
                    if rows.2.last() != Some(&next.1) {
                        return Err(Error::problem(format!(
                            "the pair source gave participant {p} and supporter {} two costs, {} and {}",
                            next.0,
                            rows.2.last().copied().unwrap_or(0),
                            next.1
                        )));
                    }
                    continue;
                }
                rows.1.push(next.0);
                rows.2.push(next.1);
            }
            rows.0.push(rows.1.len());
        }
        self.held = held.with_rows(rows, self.range).ok_or_else(overflow)?;
        Ok(())
    }
}
