//! Multipliers from the linear relaxation, by an interior-point method.
//!
//! **Problem.** Where many rows cut across, raising the bound step by step stays well below what multipliers can prove.
//!
//! **Method.** The program with fractions allowed, through `good_lp`'s Clarabel; the shadow prices of groups and rows,
//! rounded to whole numbers, are multipliers like any others. The bound that they give is computed in whole numbers and
//! is as good as the relaxation's but for the rounding, or better: what one supporter's rows forbid, the blocks of
//! [`super::lagrangian`] keep exactly and the relaxation does not. An interior point lies in the midst of all optimal
//! prices, which settles more variables by reduced cost than a corner does.
//!
//! **Time and space.** Some thirty factorisations of a sparse matrix of the program's size.
//!
//! **When it is the wrong choice.** On small or easy programs, which a few hundred steps settle in a tenth of the time;
//! on very large ones, whose factors fill up.
//!
//! **References.** P. Goulart, Y. Chen, *Clarabel: an interior-point solver for conic programs with quadratic
//! objectives* (2024); A. M. Geoffrion, *Lagrangean relaxation for integer programming* (1974), on why the bound is at
//! least as good.

use good_lp::{
    DualValues, Expression, ProblemVariables, Solution, SolutionWithDual, SolverModel, Variable, variable,
};

use super::binary::{Binary, FIRM, FREE};
use super::lagrangian::{Lagrangian, Multipliers};
use crate::assignment::Control;
use crate::assignment::random::Random;

/// Terms beyond which a factorisation takes too long.
const MOST_TERMS: usize = 300_000;
/// What takes solutions of one cost apart, in the largest cost of a variable: without it an interior point is a mixture
/// of all of them, and tells nothing of any.
const APART: f64 = 1e-6;
/// How much cheaper what the best choice takes appears: among equals the one that changes least.
const PULL: f64 = 1e-5;

/// What the linear relaxation says.
#[derive(Debug)]
pub(super) struct Relaxed {
    pub(super) multipliers: Multipliers,
    /// How much of each variable is taken.
    pub(super) taken: Vec<f64>,
}

/// Terms of the program: what its relaxation takes to solve grows with them.
pub(super) fn terms(program: &Binary) -> usize {
    (0..program.rows()).map(|row| program.row(row).len()).sum::<usize>() + program.variables()
}

/// Whether the relaxation is solved within some seconds.
pub(super) fn is_small_enough(program: &Binary) -> bool {
    terms(program) <= MOST_TERMS
}

/// The linear relaxation's prices, and the solution nearest to `best` among about equally good ones; `None` where the
/// program is too large, or the relaxation was not solved in time.
pub(super) fn relax(dual: &Lagrangian<'_>, best: Option<&[bool]>, control: &Control<'_>) -> Option<Relaxed> {
    let program = dual.program;
    if !is_small_enough(program) || control.is_stopped() {
        return None;
    }
    // The solver works best with numbers around one.
    let unit = program.cost.iter().map(|cost| cost.unsigned_abs()).max().unwrap_or(0).max(1) as f64;
    let mut variables = ProblemVariables::new();
    let of_groups = program.group_start[program.groups()] as usize;
    let taken: Vec<Variable> = (0..program.variables())
        .map(|v| variables.add(if v < of_groups { variable().min(0) } else { variable().bounds(0..=1) }))
        .collect();
    let mut cost = Expression::with_capacity(program.variables());
    let mut random = Random::new(0);
    for (v, (&variable, &of_one)) in taken.iter().zip(&program.cost).enumerate() {
        let apart = APART * random.below(1000) as f64 / 1000.0;
        let pull = if best.is_some_and(|best| best[v]) { PULL } else { 0.0 };
        cost.add_mul(of_one as f64 / unit + apart - pull, variable);
    }
    // What soft rows miss above and below.
    let missed: Vec<[Option<Variable>; 2]> = (program.bounds.iter())
        .map(|bounds| {
            [bounds.high != FREE, bounds.low != -FREE].map(|side| {
                (side && bounds.price != FIRM).then(|| {
                    let missed = variables.add(variable().min(0));
                    cost.add_mul(bounds.price as f64 / unit, missed);
                    missed
                })
            })
        })
        .collect();
    let mut model = variables.minimise(cost).using(good_lp::clarabel);
    model.settings().max_threads(1);
    if let Some(left) = control.time_left() {
        // Looking for choices needs time as well.
        model.settings().time_limit(left.as_secs_f64() / 2.0);
    }
    let groups: Vec<_> = (0..program.groups())
        .map(|group| {
            let sum: Expression = taken[program.members(group)].iter().copied().sum();
            model.add_constraint(sum.eq(program.need[group]))
        })
        .collect();
    let mut rows = Vec::with_capacity(program.rows());
    for (row, [above, below]) in missed.into_iter().enumerate() {
        let bounds = program.bounds[row];
        // Hours and heads in one measure.
        let size = program.row(row).iter().map(|term| term.1.unsigned_abs()).max().unwrap_or(1).max(1) as f64;
        let sum = |missed: Option<Variable>, sign: f64| {
            let mut sum = Expression::with_capacity(program.row(row).len() + 1);
            for &(v, weight) in program.row(row) {
                sum.add_mul(weight as f64 / size, taken[v as usize]);
            }
            if let Some(missed) = missed {
                sum.add_mul(sign / size, missed);
            }
            sum
        };
        let high = (bounds.high != FREE)
            .then(|| model.add_constraint(sum(above, -1.0).leq(bounds.high as f64 / size)));
        let low = (bounds.low != -FREE)
            .then(|| model.add_constraint(sum(below, 1.0).geq(bounds.low as f64 / size)));
        rows.push((high, low, size));
    }
    let mut solution = model.solve().ok()?;
    let taken = taken.iter().map(|&variable| solution.value(variable)).collect();
    let prices = solution.compute_dual();
    let scale = dual.scale as f64 * unit;
    let whole = |price: f64| (price * scale).round() as i64;
    let mut multipliers = dual.zero();
    for (to, group) in multipliers.group.iter_mut().zip(groups) {
        *to = dual.of_group(whole(prices.dual(group)));
    }
    let mut rows: Vec<_> = rows.into_iter().map(Some).collect();
    for &row in &dual.structure.relaxed {
        let row = row as usize;
        let Some((high, low, size)) = rows[row].take() else { continue };
        let of = |side: Option<_>| side.map_or(0.0, |side| prices.dual(side));
        multipliers.row[row] = dual.of_row(row, whole(-(of(high) + of(low)) / size));
    }
    Some(Relaxed { multipliers, taken })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assignment::rules::Variable as Counted;
    use crate::assignment::rules::domain::Domain;
    use crate::assignment::rules::objective::plan;
    use crate::assignment::rules::{Row, Rule, RuleProblem, Sense};
    use crate::assignment::{Problem, Supporter};

    /// Twelve people, five supporters, hours, a quota of each sense and a soft one.
    fn program(seed: u64) -> Binary {
        let mut random = Random::new(seed);
        let mut builder = Problem::builder(12);
        for _ in 0..5 {
            builder.supporter(Supporter::new(3).load_cost(vec![0, 40, 90]));
        }
        let mut pairs = Vec::new();
        for p in 0..12 {
            builder.unmatched(p, 0, 1000);
            for s in (0..5).filter(|_| random.below(3) > 0).collect::<Vec<_>>() {
                builder.pair(p, s, random.below(700) as i64);
                pairs.push((p, s));
            }
        }
        let mut row = |sense, bound, modulus: u64| {
            let drawn: Vec<_> = pairs.iter().filter(|_| random.below(modulus) == 0).collect();
            let terms: Vec<_> =
                drawn.iter().map(|&&(p, s)| (Counted::pair(p, s), 1 + random.below(3) as i64)).collect();
            Row::new(sense, bound, terms)
        };
        let rows = [row(Sense::AtMost, 4, 2), row(Sense::AtLeast, 2, 2), row(Sense::AtMost, 3, 3)];
        let [firm, least, soft] = rows;
        let mut ruled = RuleProblem::builder(builder.build().unwrap());
        ruled.rule(Rule::new("at most", vec![firm]));
        ruled.rule(Rule::new("at least", vec![least]).soft(300));
        ruled.rule(Rule::new("soft", vec![soft]).soft(35));
        let ruled = ruled.build().unwrap();
        Binary::of(&ruled, &plan(&ruled).unwrap().stages[0].scales)
    }

    /// What a choice in fractions costs.
    fn cost(program: &Binary, taken: &[f64]) -> f64 {
        let pairs: f64 = program.cost.iter().zip(taken).map(|(&cost, taken)| cost as f64 * taken).sum();
        let rows = (0..program.rows()).filter(|&row| program.bounds[row].price != FIRM).map(|row| {
            let sum: f64 =
                program.row(row).iter().map(|&(v, weight)| weight as f64 * taken[v as usize]).sum();
            let bounds = program.bounds[row];
            (sum - bounds.high as f64).max(bounds.low as f64 - sum).max(0.0) * bounds.price as f64
        });
        program.constant as f64 + pairs + rows.sum::<f64>()
    }

    #[test]
    fn its_prices_prove_what_its_choice_costs_or_more() {
        for seed in 0..40 {
            let program = program(seed);
            let mut dual = Lagrangian::new(&program, 40_000);
            let relaxed = relax(&dual, None, &Control::new()).unwrap();
            let bound = dual.evaluate(&relaxed.multipliers, &Domain::new(&program), false);
            let bound = bound as f64 / dual.scale as f64;
            let cost = cost(&program, &relaxed.taken);
            assert!(bound >= cost - 0.5, "seed {seed}: {bound} for {cost}");
            for group in 0..program.groups() {
                let sum: f64 = program.members(group).map(|v| relaxed.taken[v]).sum();
                assert!(
                    (sum - f64::from(program.need[group])).abs() < 1e-4,
                    "seed {seed}: group {group} has {sum}"
                );
            }
        }
    }

    #[test]
    fn among_equals_it_changes_least() {
        // Two people, two supporters, everything costs the same: whatever the best choice is, it stays.
        for straight in [true, false] {
            let mut builder = Problem::builder(2);
            builder.supporter(Supporter::new(1));
            builder.supporter(Supporter::new(1));
            for p in 0..2 {
                builder.unmatched(p, 0, 50);
                builder.pair(p, 0, 7).pair(p, 1, 7);
            }
            let ruled = RuleProblem::builder(builder.build().unwrap()).build().unwrap();
            let program = Binary::of(&ruled, &plan(&ruled).unwrap().stages[0].scales);
            let best: Vec<bool> = (0..program.variables())
                .map(|v| {
                    let (group, block) = (program.group[v], program.block[v]);
                    block < 2 && (group == block) == straight
                })
                .collect();
            let dual = Lagrangian::new(&program, 200);
            let relaxed = relax(&dual, Some(&best), &Control::new()).unwrap();
            let same = relaxed.taken.iter().zip(&best).all(|(&taken, &best)| (taken > 0.5) == best);
            assert!(same, "{:?} {best:?}", relaxed.taken);
        }
    }
}
