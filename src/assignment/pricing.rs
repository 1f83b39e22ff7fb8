//! The pairs of an implicit market: those that are held, and what is known of all others.
//!
//! **Problem.** After each solve, every pair that is not held has to be priced against the new potentials. Most
//! potentials have hardly moved, so most pairs could not have become worth holding.
//!
//! **Method.** What a pass has found out is kept: *at these prices, no pair that is not held costs less than these
//! limits*. A pass asks for a little more than it needs (the margin), and what it finds is held. In the next one, a
//! participant who pays hardly more needs to be asked only about supporters who became cheaper, and a price that moved
//! less than half the margin asks for nothing. The margin is a quarter of how far the first few pairs of a participant
//! are apart, so that a pass holds a pair or two more for each.
//!
//! **Why it is exact.** A rise of a price leaves what is known true. A price that fell by more than half the margin is
//! asked about with everyone, at the limits that are known; a participant whose limit comes nearer to the known one
//! than half the margin is asked about everyone. What is left can be worth holding by neither: the fall of the price
//! and the rise of the limit together stay within the margin.
//!
//! **Time and space.** At most one question for each pair and pass, in practice far fewer. O(held pairs) space.
//!
//! **References.** Those of [`super::implicit`]; the bookkeeping is that of lazy evaluation in partial pricing (R. E.
//! Bixby, J. W. Gregory, I. J. Lustig, R. E. Marsten, D. F. Shanno, "Very large-scale linear programming: a case study
//! in combining interior point and simplex methods", Operations Research 40 (1992), sifting).

use std::sync::Arc;

use super::certificate::Certificate;
use super::implicit::overflow;
use super::infeasible::{Clash, HallViolator};
use super::pair_source::{LARGEST, PairSource, Pairs};
use super::problem::Problem;
use super::solve::easy_bound;
use crate::error::{Error, Result};

/// Pairs of each participant held from the start, and asked for in a later pass, at the most.
const FIRST: usize = 8;
const LATER: usize = 16;
/// How many times more are asked for where all that were found are of no use.
const MORE: usize = 8;
/// The margin is this part of how far the first pairs are apart.
const SPREAD: i64 = 4;

/// A pair that is not held.
pub(super) struct Candidate {
    pub(super) participant: u32,
    pub(super) supporter: u32,
    pub(super) cost: i64,
    pub(super) reduced: i128,
}

/// What a pass over all pairs found.
#[derive(Default)]
pub(super) struct Priced {
    /// Ascending by participant and supporter: those that improve the assignment, and those that nearly do.
    pub(super) added: Vec<Candidate>,
    /// Whether any of them improves it, or ties where that was asked for.
    pub(super) improves: bool,
    /// What the best pairs that are not held would save at most, summed over participants.
    pub(super) shortfall: i128,
    /// Whether a participant had more such than were asked for.
    pub(super) more: bool,
}

/// A pass under way.
struct Pass<'a> {
    certificate: &'a Certificate,
    ties: bool,
    found: Priced,
}

impl Pass<'_> {
    fn wants(&self, reduced: i128) -> bool {
        reduced < 0 || reduced == 0 && self.ties
    }
}

/// The pairs that are held, and where the others come from.
pub(super) struct Market<'a> {
    pub(super) held: Problem,
    source: &'a dyn PairSource,
    range: (i64, i64),
    settled: Option<Settled>,
    /// By how much pairs may miss what is wanted and are held all the same.
    margin: i64,
    pub(super) passes: u32,
    pub(super) scored: u64,
}

/// What is known of all pairs that are not held: at these prices, none costs less than these limits.
struct Settled {
    prices: Vec<i64>,
    /// `i64::MIN` where nothing is known.
    limits: Vec<i64>,
}

impl<'a> Market<'a> {
    /// A market of which nothing is known yet but the pairs that are held.
    pub(super) fn holding(held: Problem, source: &'a dyn PairSource, range: (i64, i64)) -> Self {
        Self { held, source, range, settled: None, margin: 0, passes: 0, scored: 0 }
    }

    /// Holds the cheapest pairs of each participant, those the problem has, and the standing matches.
    pub(super) fn open(problem: &Problem, source: &'a dyn PairSource) -> Result<Self> {
        let range = source.cost_range();
        if range.0 > range.1 || range.0 < -LARGEST || range.1 > LARGEST {
            return Err(Error::problem(format!(
                "the pair source states its costs to lie in {}..={}; give bounds in order and within 2^61",
                range.0, range.1
            )));
        }
        let rows =
            (problem.offsets.clone(), Arc::clone(&problem.pair_supporters), problem.pair_costs.clone());
        let held = problem.with_rows(rows, range).ok_or_else(|| {
            Error::overflow(format!(
                "the rungs cannot be packed into 128 bits with pair costs in {}..={}; use smaller costs",
                range.0, range.1
            ))
        })?;
        let mut market = Self::holding(held, source, range);
        let tree = &problem.tree;
        let first = |s: usize| {
            let step = problem.load_costs.marginal(s, tree.pinned[s]);
            if tree.open[s] { step.clamp(-LARGEST, LARGEST) } else { Pairs::CLOSED }
        };
        let prices: Vec<i64> = (0..tree.supporters).map(first).collect();
        let limit = |p| if problem.free_places(p) == 0 { i64::MIN } else { i64::MAX };
        let limits: Vec<i64> = (0..problem.pins.len()).map(limit).collect();
        let first = market.most();
        let cheapest = market.ask(&prices, &limits, first)?;
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
        market.margin = spread(&cheapest, &prices, first) / SPREAD;
        market.add(added)?;
        Ok(market)
    }

    /// How many pairs of each participant are asked for: a small market has no need of as many.
    fn most(&self) -> usize {
        self.held.tree.supporters.isqrt().clamp(4, if self.passes == 0 { FIRST } else { LATER })
    }

    fn ask(&mut self, prices: &[i64], limits: &[i64], most: usize) -> Result<Pairs> {
        let answer = self.source.cheapest(prices, limits, most);
        answer.check(&self.held, self.range)?;
        self.passes += 1;
        self.scored += answer.scored;
        Ok(answer)
    }

    /// A bound before anything is solved: everyone at the cheapest cost and the cheapest place there is.
    pub(super) fn first_bound(&self) -> Option<i128> {
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
    pub(super) fn price(&mut self, certificate: &Certificate, ties: bool) -> Result<Priced> {
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

        let mut pass = Pass { certificate, ties, found: Priced::default() };
        let open = limits.iter().filter(|&&limit| limit != i64::MIN).count();
        let known = self.settled.take().map(|settled| {
            let risen = limits.iter().zip(&settled.limits).map(|(&now, &then)| self.is_risen(now, then));
            let risen: Vec<bool> = risen.collect();
            (settled, risen)
        });
        let partly = known.filter(|(_, risen)| risen.iter().filter(|&&risen| risen).count() * 2 <= open);
        let settled = if let Some((mut settled, risen)) = partly {
            // A price that rises leaves what is known true, and one that falls a little leaves enough of it.
            let fallen: Vec<bool> = (prices.iter().zip(&settled.prices))
                .map(|(&now, &then)| then.saturating_sub(now) > self.margin / 2)
                .collect();
            for ((known, &now), &fallen) in settled.prices.iter_mut().zip(&prices).zip(&fallen) {
                *known = if fallen { now } else { now.max(*known) };
            }
            let cheaper: Vec<i64> = (prices.iter().zip(&fallen))
                .map(|(&now, &fallen)| if fallen { now } else { Pairs::CLOSED })
                .collect();
            let mut others = settled.limits.clone();
            let mut again = vec![i64::MIN; limits.len()];
            for (p, _) in risen.iter().enumerate().filter(|&(_, &risen)| risen) {
                others[p] = i64::MIN;
                again[p] = self.with_margin(limits[p]);
                settled.limits[p] = again[p];
            }
            self.price_at(&settled.prices, again, &mut settled.limits, &mut pass)?;
            if fallen.contains(&true) {
                self.price_at(&cheaper, others, &mut settled.limits, &mut pass)?;
            }
            settled
        } else {
            let limits: Vec<i64> = limits.into_iter().map(|limit| self.with_margin(limit)).collect();
            let mut settled = Settled { prices, limits };
            let limits = settled.limits.clone();
            self.price_at(&settled.prices, limits, &mut settled.limits, &mut pass)?;
            settled
        };
        let mut found = pass.found;
        // What is near is only known as long as it is held.
        self.settled = found.improves.then_some(settled);
        found.added.sort_unstable_by_key(|pair| (pair.participant, pair.supporter));
        Ok(found)
    }

    /// Whether a participant pays so much more than before that everybody has to be asked about anew.
    fn is_risen(&self, now: i64, then: i64) -> bool {
        now != i64::MIN && now > then.saturating_sub(self.margin / 2)
    }

    /// A limit that leaves room for prices to move.
    fn with_margin(&self, limit: i64) -> i64 {
        match limit {
            i64::MIN | i64::MAX => limit,
            // What leaves no room has no limit.
            limit => limit.checked_add(self.margin).filter(|&limit| limit <= LARGEST).unwrap_or(i64::MAX),
        }
    }

    /// Adds to the pass what is found at these prices within these limits; `known` is set to `i64::MIN` for
    /// participants of whom it was not all that there is. No price exceeds the one paid by more than half the margin.
    fn price_at(
        &mut self,
        prices: &[i64],
        mut limits: Vec<i64>,
        known: &mut [i64],
        pass: &mut Pass<'_>,
    ) -> Result<()> {
        let quality = self.held.scales.quality.max(1);
        let mut most = self.most();
        while limits.iter().any(|&limit| limit != i64::MIN) {
            let answer = self.ask(prices, &limits, most)?;
            for (p, limit) in limits.iter_mut().enumerate().filter(|(_, limit)| **limit != i64::MIN) {
                let paid = pass.certificate.participants[p];
                let pinned = self.held.pins[p].map(|(supporter, _)| supporter);
                let (before, mut improves) = (pass.found.added.len(), false);
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
                    let reduced = packed + pass.certificate.supporters[s] - paid;
                    least = least.min(reduced);
                    improves |= pass.wants(reduced);
                    pass.found.added.push(Candidate { participant: p as u32, supporter, cost, reduced });
                }
                if pairs == most {
                    // There may be more; none of them costs less than the dearest that was found, rounded down.
                    let dearest = i128::from(dearest.saturating_sub(self.margin / 2));
                    let rest = dearest.checked_mul(quality).ok_or_else(overflow)? - paid;
                    if pass.wants(rest) && !improves {
                        // All that came was of no use, which tells nothing of the others: more are asked for.
                        pass.found.added.truncate(before);
                        continue;
                    }
                    least = least.min(rest);
                    pass.found.more |= pass.wants(rest);
                    known[p] = i64::MIN;
                }
                *limit = i64::MIN;
                pass.found.improves |= improves;
                // Each of its places may be filled better.
                let saved = least.checked_mul(self.held.free_places(p).into()).ok_or_else(overflow)?;
                pass.found.shortfall = pass.found.shortfall.checked_sub(saved).ok_or_else(overflow)?;
            }
            most = most.saturating_mul(MORE);
        }
        Ok(())
    }

    /// Pairs that are not held and lead to a supporter of the violator; none where its count does not depend on pairs.
    pub(super) fn pairs_into(&mut self, violator: &HallViolator) -> Result<Vec<Candidate>> {
        if violator.clash == Clash::TooLittleRoom {
            return Ok(Vec::new());
        }
        let mut prices = vec![Pairs::CLOSED; self.held.tree.supporters];
        for &supporter in &violator.supporters {
            prices[supporter as usize] = 0;
        }
        let into = |held: &Problem, p: usize| {
            let pinned = held.pins[p].map(|(supporter, _)| supporter);
            let row = held.row_parts(p).0.iter();
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
    pub(super) fn add(&mut self, added: Vec<Candidate>) -> Result<()> {
        if added.is_empty() {
            return Ok(());
        }
        let held = &self.held;
        let pairs = held.pairs() + added.len();
        let mut rows: (Vec<usize>, Vec<u32>, Vec<i64>) =
            (vec![0], Vec::with_capacity(pairs), Vec::with_capacity(pairs));
        let mut added = added.into_iter().peekable();
        for p in 0..held.pins.len() {
            let mut old = held.row(p as u32).peekable();
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
        let (offsets, supporters, costs) = rows;
        let rows = (offsets, supporters.into(), costs.into());
        self.held = held.with_rows(rows, self.range).ok_or_else(overflow)?;
        Ok(())
    }
}

/// How far the cheapest pairs of a participant are apart, the median of those who have as many as were asked for.
fn spread(cheapest: &Pairs, prices: &[i64], most: usize) -> i64 {
    let sum = |(supporter, cost): (u32, i64)| cost.saturating_add(prices[supporter as usize]);
    let of = |p: usize| {
        let sums = || cheapest.row(p).map(sum);
        let full = cheapest.row(p).count() == most;
        Some(sums().max()?.saturating_sub(sums().min()?)).filter(|_| full)
    };
    let mut spreads: Vec<i64> = (0..cheapest.offsets.len() - 1).filter_map(of).collect();
    let middle = spreads.len() / 2;
    if spreads.is_empty() { 0 } else { *spreads.select_nth_unstable(middle).1 }
}
