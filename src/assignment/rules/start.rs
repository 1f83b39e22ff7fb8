//! Multipliers to begin with: what people are worth in a flow that knows next to nothing of the rules.
//!
//! **Problem.** From multipliers of nothing the bound takes hundreds of steps to come near what can be had without
//! rules, which the flow of this library finds at once.
//!
//! **Method.** Every block becomes a supporter whose capacity is what its firm limits allow of average weight, every
//! group a participant; rows that cut across are left out. In the dual function the prices of the optimal flow give
//! about what the flow costs, and the relaxed choice there is near a matching. Where they give less than simple ones
//! (each group is worth the cheapest variable that it can do without), those are taken. Nothing rests on it: any
//! multipliers give a bound.
//!
//! **Time and space.** One flow over the pairs, which looks at the control; stopped, the simple ones are left.
//!
//! **References.** M. L. Fisher, *The Lagrangian relaxation method for solving integer programming problems*,
//! Management Science 27 (1981).

use super::binary::{Binary, FIRM, FREE, NONE};
use super::domain::Domain;
use super::lagrangian::{Lagrangian, Multipliers};
use crate::assignment::{Control, Options, Problem, Proof, Supporter, TieBreak, solve};

/// The better of the flow's multipliers and the simple ones.
pub(super) fn first_multipliers(
    dual: &mut Lagrangian<'_>,
    domain: &Domain,
    control: &Control<'_>,
) -> Multipliers {
    let simple = simple(dual);
    if dual.program.cost.iter().all(|&cost| cost == 0) {
        return simple;
    }
    let Some(flow) = from_flow(dual, control) else { return simple };
    let values = [&flow, &simple].map(|multipliers| dual.evaluate(multipliers, domain, false));
    if values[0] >= values[1] { flow } else { simple }
}

/// The cheapest variable of each group that it need not take is worth its cost.
fn simple(dual: &Lagrangian<'_>) -> Multipliers {
    let program = dual.program;
    let mut multipliers = dual.zero();
    let mut costs = Vec::new();
    for group in 0..program.groups() {
        costs.clear();
        costs.extend_from_slice(&program.cost[program.members(group)]);
        costs.sort_unstable();
        let spare = (program.need[group] as usize).min(costs.len() - 1);
        multipliers.group[group] = dual.of_group(costs[spare] * dual.scale);
    }
    multipliers
}

/// `None` if there is no such flow, or it was stopped.
fn from_flow(dual: &Lagrangian<'_>, control: &Control<'_>) -> Option<Multipliers> {
    let program = dual.program;
    let capacity = capacities(program);
    let mut builder = Problem::builder(program.groups() as u32);
    let mut number = vec![NONE; program.blocks as usize];
    for (number, &capacity) in number.iter_mut().zip(&capacity).filter(|block| *block.1 > 0) {
        *number = builder.supporter(Supporter::new(capacity));
    }
    let (mut offsets, mut supporters, mut costs) = (vec![0], Vec::new(), Vec::new());
    let mut without = Vec::with_capacity(program.groups());
    for group in 0..program.groups() {
        let members = program.members(group);
        let (mut least, mut most, mut empty) = (i64::MAX, i64::MIN, None);
        for v in members {
            let cost = program.cost[v];
            (least, most) = (least.min(cost), most.max(cost));
            match program.block[v] {
                NONE => empty = Some(cost),
                block if number[block as usize] != NONE => {
                    supporters.push(number[block as usize]);
                    costs.push(cost);
                }
                _ => {}
            }
        }
        offsets.push(supporters.len());
        // Who must be placed stays unmatched only where nothing else is left.
        without.push(empty.unwrap_or(most + (most - least) + 1));
        if program.need[group] > 1 {
            builder.places(group as u32, program.need[group]);
        }
    }
    builder.pairs_csr(offsets, supporters, costs).unmatched_costs(without);
    let options = Options::new().tie_break(TieBreak::Unspecified);
    let found = solve(&builder.build().ok()?, &options, &control.over_some_pairs()).ok()?;
    let Proof::Potentials(certificate) = found.proof else { return None };
    let mut multipliers = dual.zero();
    for (to, worth) in multipliers.group.iter_mut().zip(certificate.participants) {
        let worth = i64::try_from(worth / certificate.scales.quality.max(1)).ok()?;
        *to = dual.of_group(worth.saturating_mul(dual.scale));
    }
    Some(multipliers)
}

/// How many pairs of each block its firm limits allow, if they weigh what they weigh on average.
fn capacities(program: &Binary) -> Vec<u32> {
    let mut pairs = vec![0_u32; program.blocks as usize];
    for v in (0..program.variables()).filter(|&v| program.group[v] != NONE && program.block[v] != NONE) {
        pairs[program.block[v] as usize] += 1;
    }
    let mut capacity = pairs.clone();
    for row in 0..program.rows() {
        let (bounds, terms) = (program.bounds[row], program.row(row));
        let of = |v: u32| if program.group[v as usize] == NONE { NONE } else { program.block[v as usize] };
        let block = terms.first().map_or(NONE, |term| of(term.0));
        let limits = bounds.price == FIRM && bounds.high != FREE && block != NONE;
        if !limits || terms.iter().any(|&(v, weight)| of(v) != block || weight <= 0) {
            continue;
        }
        let whole: i128 = terms.iter().map(|term| i128::from(term.1)).sum();
        let fits = i128::from(bounds.high.max(0)) * terms.len() as i128 / whole;
        let block = block as usize;
        let others = pairs[block] - terms.len() as u32;
        capacity[block] = capacity[block].min(u32::try_from(fits).unwrap_or(u32::MAX).saturating_add(others));
    }
    capacity
}
