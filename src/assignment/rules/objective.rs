//! What a matching under rules costs: the ladder of the problem, auxiliary costs and prices in its quality rung, packed
//! into one integer as [`crate::assignment::Rung`] describes.

use std::collections::BTreeMap;

use super::problem::{Columns, RuleProblem};
use super::rule::{Firmness, Sense};
use crate::assignment::ladder::{self, Extent};
use crate::assignment::{Matches, Problem, Rung, Rungs};
use crate::error::{Error, Result};

/// Packed totals stay within this, so that they can be scaled by multipliers and summed in 64 bits.
const LARGEST: i128 = 1 << 50;

/// What one unit of each rung weighs in a packed cost, and the largest magnitude a packed total can have.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weighing {
    pub(super) scales: Rungs,
    pub(super) magnitude: i64,
}

/// How the ladder is gone down.
#[derive(Debug, Clone)]
pub(super) struct Plan {
    /// What one unit of each rung weighs in the results.
    pub(super) scales: Rungs,
    /// The rungs that are minimised one after another: who is served, where that counts and something comes after it,
    /// then all others packed into one cost. Apart, each has prices of its own size; in one cost, a fraction of a
    /// person that a bound leaves open is worth more than all that comes after.
    pub(super) stages: Vec<Weighing>,
}

/// How far the rungs can differ between matchings, and how large they can get.
struct Sizes {
    range: Rungs,
    total: Rungs,
}

impl Sizes {
    /// Scales for the rungs that are `wanted`, and the largest magnitude of a total packed by them.
    fn packed(&self, wanted: impl Fn(Rung) -> bool) -> Option<(Rungs, i128)> {
        let mut extent = Extent::default();
        for &rung in Rung::ALL.iter().filter(|rung| wanted(**rung)) {
            *extent.range.get_mut(rung) = self.range.get(rung);
            *extent.total.get_mut(rung) = self.total.get(rung);
        }
        // All there is counts as one cost here.
        extent.single = extent.total;
        ladder::scales(&extent)
    }
}

/// Finds the scales from the sizes of the rungs. O(pairs + terms).
pub(super) fn plan(ruled: &RuleProblem) -> Result<Plan> {
    let sizes = sizes(ruled)?;
    let (scales, _) = sizes.packed(|_| true).ok_or_else(too_large)?;
    let stage = |wanted: &dyn Fn(Rung) -> bool| {
        let (scales, packed) =
            sizes.packed(wanted).filter(|(_, packed)| *packed <= LARGEST).ok_or_else(too_large)?;
        Ok(Weighing { scales, magnitude: packed as i64 })
    };
    let after = scales.quality.max(scales.change).max(scales.balance);
    let stages = if scales.served > 0 && after > 0 {
        vec![stage(&|rung| rung == Rung::Served)?, stage(&|rung| rung != Rung::Served)?]
    } else {
        vec![stage(&|_| true)?]
    };
    Ok(Plan { scales, stages })
}

fn sizes(ruled: &RuleProblem) -> Result<Sizes> {
    let problem = ruled.problem();
    let mut range = Rungs::default();
    let mut total = Rungs::default();
    let mut degree = vec![0_u32; problem.supporters() as usize];
    for participant in 0..problem.participants() {
        let standing = i128::from(problem.standing(participant).is_some());
        range.change += standing;
        total.change += standing;
        if let Some((supporter, cost)) = problem.pin(participant) {
            total.quality += i128::from(cost).abs();
            degree[supporter as usize] += 1;
        }
        let free = i128::from(problem.free_places(participant as usize));
        if free == 0 {
            continue;
        }
        for (supporter, _) in problem.row(participant) {
            degree[supporter as usize] += 1;
        }
        let weight = free * i128::from(problem.served_weight(participant));
        range.served += weight;
        total.served += weight;
        let unmatched = i128::from(problem.unmatched_cost(participant));
        let (low, high) = problem.row(participant).fold((unmatched, unmatched), |(low, high), (_, cost)| {
            (low.min(cost.into()), high.max(cost.into()))
        });
        range.quality += free * (high - low);
        total.quality += free * low.abs().max(high.abs());
    }
    for (supporter, &degree) in degree.iter().enumerate() {
        let supporter = supporter as u32;
        let most = problem.capacity(supporter).min(degree);
        let quality = magnitude(problem.load_cost(supporter), most);
        let balance = magnitude(problem.balance_cost(supporter), most);
        range.quality += quality;
        total.quality += quality;
        range.balance += balance;
        total.balance += balance;
    }
    let columns = Columns::new(problem, ruled.auxiliaries().len());
    let mut extra: i128 = ruled.auxiliaries().iter().map(|auxiliary| i128::from(auxiliary.cost).abs()).sum();
    for (rule, row, indexed) in ruled.rows() {
        if let Firmness::Soft { price } = rule.firmness {
            let reach = reach(problem, &columns, &indexed.terms);
            let most = i128::from(price).checked_mul(reach + i128::from(row.bound).abs());
            extra = most.and_then(|most| extra.checked_add(most)).ok_or_else(too_large)?;
        }
    }
    range.quality += extra;
    total.quality += extra;

    Ok(Sizes { range, total })
}

/// The largest magnitude that the sum of a row can have: of each participant no more counts than there are places.
fn reach(problem: &Problem, columns: &Columns, terms: &[(u32, i64)]) -> i128 {
    let mut reach = 0_i128;
    let mut largest: BTreeMap<u32, i64> = BTreeMap::new();
    for &(column, weight) in terms {
        match columns.whose(problem, column) {
            Some(participant) => {
                let slot = largest.entry(participant).or_default();
                *slot = weight.saturating_abs().max(*slot);
            }
            None => reach += i128::from(weight).abs(),
        }
    }
    reach
        + largest.iter().map(|(&p, &weight)| i128::from(weight) * i128::from(problem.places(p))).sum::<i128>()
}

fn too_large() -> Error {
    Error::overflow(
        "the packed costs of the problem with its rules can pass 2^50, more than the rules' solver adds up exactly; \
         use smaller costs, prices or served weights",
    )
}

fn magnitude(steps: &[i64], count: u32) -> i128 {
    let stated: i128 = steps.iter().take(count as usize).map(|&step| i128::from(step).abs()).sum();
    let rest = (i128::from(count) - steps.len() as i128).max(0);
    stated + rest * steps.last().map_or(0, |&step| i128::from(step).abs())
}

/// The weighted sum of every row in a matching, in the rows' order; `None` if it names what is no column or has more
/// than there are places. O(matches log row + terms).
pub(super) fn activities(ruled: &RuleProblem, matches: &Matches, auxiliary: &[bool]) -> Option<Vec<i64>> {
    let problem = ruled.problem();
    let columns = Columns::new(problem, ruled.auxiliaries().len());
    if matches.participants() != columns.participants || auxiliary.len() != columns.auxiliaries {
        return None;
    }
    let mut times = vec![0_u32; columns.count()];
    for participant in 0..problem.participants() {
        let chosen = matches.of(participant);
        let empty = problem.places(participant).checked_sub(chosen.len() as u32)?;
        times[columns.unmatched(participant) as usize] = empty;
        let first = problem.row_range(participant as usize).start;
        for &supporter in chosen {
            match problem.row_parts(participant as usize).0.binary_search(&supporter) {
                Ok(at) => times[first + at] = 1,
                // A pin need not be a pair.
                Err(_) if problem.pin(participant).is_some_and(|pin| pin.0 == supporter) => {}
                Err(_) => return None,
            }
        }
    }
    for (number, &yes) in (0..).zip(auxiliary) {
        times[columns.auxiliary(number) as usize] = yes.into();
    }
    let sum =
        |terms: &[(u32, i64)]| terms.iter().map(|&(column, w)| w * i64::from(times[column as usize])).sum();
    Some(ruled.rows.iter().map(|row| sum(&row.terms)).collect())
}

/// By how much a sum misses a bound.
pub(super) fn miss(sense: Sense, bound: i64, sum: i64) -> u64 {
    let apart = sum.abs_diff(bound);
    match sense {
        Sense::AtMost if sum <= bound => 0,
        Sense::AtLeast if sum >= bound => 0,
        _ => apart,
    }
}

/// What a matching costs, with auxiliary costs and the prices of violated soft rules; `None` if it is no matching of
/// the problem. Capacities and firm rules are not looked at.
pub(super) fn objective(ruled: &RuleProblem, matches: &Matches, auxiliary: &[bool]) -> Option<Rungs> {
    let sums = activities(ruled, matches, auxiliary)?;
    let mut rungs = ruled.problem().objective(matches)?;
    for (yes, stated) in auxiliary.iter().zip(ruled.auxiliaries()) {
        if *yes {
            rungs.quality += i128::from(stated.cost);
        }
    }
    for ((rule, row, _), sum) in ruled.rows().zip(sums) {
        if let Firmness::Soft { price } = rule.firmness {
            rungs.quality += i128::from(price) * i128::from(miss(row.sense, row.bound, sum));
        }
    }
    Some(rungs)
}
