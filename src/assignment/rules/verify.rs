//! Checking a result under rules without trusting the search.
//!
//! Every rule, capacity, firm minimum and pin is recounted from the problem, the objective recomputed, the bound
//! compared. What multipliers prove of the bound is computed again from them, by a plain table of sums for each
//! supporter that shares no code with the solver's; only the translation of the problem into rows is common. Where a
//! complete search or a backend vouches for the rest, that is said and not repeated. Nothing in a result makes the
//! check panic.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::binary::{Binary, FIRM, FREE, NONE};
use super::blocks::Structure;
use super::objective::{Plan, Weighing, objective, plan};
use super::prepare::prepare;
use super::problem::RuleProblem;
use super::rule::Firmness;
use super::solution::{PartMultipliers, RootBound, RuleProof, RuleReport, RuleSolution, RuleState, RuleStop};
use super::solve::reports;
use crate::assignment::{Node, Rungs};

/// What [`verify_rules`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleVerification {
    /// Everything that is wrong; empty if the result is what it claims to be.
    pub violations: Vec<RuleViolation>,
    /// Whether all of the bound was recomputed, and no part of it taken from the solver.
    pub bound_recomputed: bool,
}

impl RuleVerification {
    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for RuleVerification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.violations.is_empty() {
            return f.write_str(if self.bound_recomputed { "valid, bound recomputed" } else { "valid" });
        }
        write!(f, "{} violations", self.violations.len())?;
        self.violations.iter().try_for_each(|violation| write!(f, "\n  {violation}"))
    }
}

/// One thing wrong with a result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuleViolation {
    /// The matching does not fit the problem: a list of the wrong length, a match that is no pair, a pin broken.
    NoMatching,
    /// More matches than a supporter or group allows.
    OverCapacity {
        /// The supporter or group.
        node: Node,
        /// Matches it has.
        matches: u64,
        /// Matches it allows.
        capacity: u32,
    },
    /// Fewer matches than a supporter or group must have.
    UnderMinimum {
        /// The supporter or group.
        node: Node,
        /// Matches it has.
        matches: u64,
        /// Matches it must have.
        minimum: u32,
    },
    /// A firm rule does not hold.
    RuleBroken {
        /// The rule's number.
        rule: u32,
        /// The rule's name.
        name: String,
        /// Units by which its rows miss their bounds.
        by: u64,
    },
    /// The report on a rule is not what the matching makes of it.
    Report {
        /// The rule's number.
        rule: u32,
    },
    /// There are more or fewer reports than rules.
    Reports {
        /// As stated.
        stated: usize,
        /// Rules of the problem.
        rules: usize,
    },
    /// The stated objective is not what the matching costs.
    Objective {
        /// As stated.
        stated: Rungs,
        /// As recomputed.
        actual: Rungs,
    },
    /// The stated packed objective is not that of the matching.
    Packed {
        /// As stated.
        stated: i128,
        /// As recomputed; nothing on overflow.
        actual: Option<i128>,
    },
    /// The scales are not those of the problem.
    Scales {
        /// As stated.
        stated: Rungs,
        /// The problem's; nothing if its costs cannot be packed.
        actual: Option<Rungs>,
    },
    /// The bound lies above the objective.
    BoundAboveObjective {
        /// The bound.
        bound: i128,
        /// The packed objective.
        packed: i128,
    },
    /// State, stop, matching and bound do not go together.
    State {
        /// The state.
        state: RuleState,
    },
    /// The multipliers do not fit the problem.
    Multipliers,
    /// The multipliers do not prove what is stated, or prove more than the bound.
    Bound {
        /// As stated.
        stated: i128,
        /// What the multipliers prove.
        proven: i128,
    },
}

impl fmt::Display for RuleViolation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoMatching => f.write_str("the matching is none of this problem"),
            Self::OverCapacity { node, matches, capacity } => {
                write!(f, "{node} has {matches} matches where {capacity} are allowed")
            }
            Self::UnderMinimum { node, matches, minimum } => {
                write!(f, "{node} has {matches} matches where {minimum} are required")
            }
            Self::RuleBroken { rule, name, by } => write!(f, "rule {rule} \"{name}\" is missed by {by}"),
            Self::Report { rule } => {
                write!(f, "the report on rule {rule} is not what the matching makes of it")
            }
            Self::Reports { stated, rules } => write!(f, "{stated} reports on {rules} rules"),
            Self::Objective { stated, actual } => {
                write!(f, "the objective is stated as {stated} and is {actual}")
            }
            Self::Packed { stated, actual } => {
                write!(f, "the packed objective is stated as {stated} and is {actual:?}")
            }
            Self::Scales { stated, actual } => {
                write!(f, "the scales are stated as {stated} and are {actual:?}")
            }
            Self::BoundAboveObjective { bound, packed } => {
                write!(f, "the bound {bound} lies above the objective {packed}")
            }
            Self::State { state } => {
                write!(f, "the state {state:?} does not go with the stop, the matching and the bound")
            }
            Self::Multipliers => f.write_str("the multipliers do not fit the problem"),
            Self::Bound { stated, proven } => {
                write!(f, "the bound is stated as {stated} and the multipliers prove {proven}")
            }
        }
    }
}

/// Checks a result. O(pairs + terms), and where multipliers are recomputed O(pairs x sums) for each supporter.
pub fn verify_rules(problem: &RuleProblem, solution: &RuleSolution) -> RuleVerification {
    let mut violations = Vec::new();
    let plan = plan(problem).ok();
    let scales = plan.as_ref().map(|plan| plan.scales);
    if scales != Some(solution.scales) {
        violations.push(RuleViolation::Scales { stated: solution.scales, actual: scales });
    }
    check_matching(problem, solution, &mut violations);
    let packed = solution.matching.as_ref().map(|matching| matching.packed);
    if let Some(packed) = packed
        && solution.bound > packed
    {
        violations.push(RuleViolation::BoundAboveObjective { bound: solution.bound, packed });
    }
    let among = solution.bound_as_served;
    let fits = match solution.state {
        RuleState::Optimal => packed == Some(solution.bound) && among == solution.bound,
        RuleState::Feasible => {
            packed.is_some_and(|packed| packed > solution.bound && among <= packed && among >= solution.bound)
        }
        RuleState::Infeasible => packed.is_none() && among == solution.bound,
        RuleState::Unknown => {
            packed.is_none() && among == solution.bound && solution.stop != RuleStop::Completed
        }
    };
    if !fits {
        violations.push(RuleViolation::State { state: solution.state });
    }
    let by_multipliers = solution.proof == RuleProof::Multipliers;
    let root = solution.root.as_ref().zip(plan);
    let served = solution.matching.as_ref().map(|matching| matching.objective.served);
    let proven = root.and_then(|(root, plan)| recomputed(problem, &plan, root, served));
    match (&solution.root, proven) {
        (None, _) if !by_multipliers => {}
        (Some(root), Some(proven)) => {
            let below = if by_multipliers { solution.bound != proven } else { solution.bound < proven };
            for stated in [(root.value != proven).then_some(root.value), below.then_some(solution.bound)] {
                violations.extend(stated.map(|stated| RuleViolation::Bound { stated, proven }));
            }
        }
        _ => violations.push(RuleViolation::Multipliers),
    }
    let bound_recomputed = by_multipliers && proven.is_some();
    RuleVerification { violations, bound_recomputed }
}

/// What the multipliers prove; `None` if they do not fit the problem.
fn recomputed(problem: &RuleProblem, plan: &Plan, root: &RootBound, served: Option<i128>) -> Option<i128> {
    match plan.stages[..] {
        [first, rest] => {
            let served = served?;
            let least = of_parts(problem, &first, &root.served)?;
            let among = problem.serving(i64::try_from(served).ok()?);
            let after = of_parts(&among, &rest, &root.parts)?;
            let after = if least == served { after } else { -i128::from(rest.magnitude) };
            least.checked_mul(plan.scales.served)?.checked_add(after)
        }
        _ if !root.served.is_empty() => None,
        _ => of_parts(problem, &plan.stages[0], &root.parts),
    }
}

/// What the multipliers of its parts prove of a problem.
fn of_parts(problem: &RuleProblem, weighing: &Weighing, parts: &[PartMultipliers]) -> Option<i128> {
    let prepared = prepare(problem, weighing);
    if prepared.conflict || prepared.parts.len() != parts.len() {
        return None;
    }
    let constant = i128::from(prepared.constant);
    prepared.parts.iter().zip(parts).try_fold(constant, |sum, (program, at)| {
        let sealed = at.checksum == at.expected_checksum();
        Some(sum + dual(program, at).filter(|_| sealed)? - constant)
    })
}

fn check_matching(ruled: &RuleProblem, solution: &RuleSolution, violations: &mut Vec<RuleViolation>) {
    let Some(matching) = &solution.matching else { return };
    let problem = ruled.problem();
    let recounted = reports(ruled, &matching.matches, &matching.auxiliary);
    let actual = objective(ruled, &matching.matches, &matching.auxiliary);
    let (Some(recounted), Some(actual)) = (recounted, actual) else {
        violations.push(RuleViolation::NoMatching);
        return;
    };
    let mut above = vec![0_u64; problem.groups() as usize];
    let mut matches = vec![0_u64; problem.supporters() as usize];
    for (_, supporter) in matching.matches.iter() {
        matches[supporter as usize] += 1;
        let mut group = problem.group(supporter);
        while let Some(at) = group {
            above[at as usize] += 1;
            group = problem.group_parent(at);
        }
    }
    let supporters = (0..)
        .zip(matches)
        .map(|(s, matches)| (Node::Supporter(s), matches, problem.minimum(s), problem.capacity(s)));
    let groups = (0..)
        .zip(above)
        .map(|(g, matches)| (Node::Group(g), matches, problem.group_minimum(g), problem.group_capacity(g)));
    for (node, matches, minimum, capacity) in supporters.chain(groups) {
        if matches > u64::from(capacity) {
            violations.push(RuleViolation::OverCapacity { node, matches, capacity });
        }
        if matches < u64::from(minimum) {
            violations.push(RuleViolation::UnderMinimum { node, matches, minimum });
        }
    }
    if recounted.len() != matching.rules.len() {
        violations.push(RuleViolation::Reports { stated: matching.rules.len(), rules: recounted.len() });
    }
    let both = ruled.rules().iter().zip(&recounted).zip(&matching.rules);
    for (number, ((rule, now), stated)) in both.enumerate() {
        let (number, now): (u32, &RuleReport) = (number as u32, now);
        if now != stated {
            violations.push(RuleViolation::Report { rule: number });
        }
        if rule.firmness == Firmness::Firm && now.violation > 0 {
            let name = rule.name.clone();
            violations.push(RuleViolation::RuleBroken { rule: number, name, by: now.violation });
        }
    }
    if actual != matching.objective {
        violations.push(RuleViolation::Objective { stated: matching.objective, actual });
    }
    let packed = actual.packed(&solution.scales);
    if packed != Some(matching.packed) {
        violations.push(RuleViolation::Packed { stated: matching.packed, actual: packed });
    }
}

/// The bound that multipliers prove for one part, in whole costs; `None` if they do not fit it.
fn dual(program: &Binary, at: &PartMultipliers) -> Option<i128> {
    if at.scale <= 0 || at.participants.len() != program.groups() || at.rows.len() != program.rows() {
        return None;
    }
    let scale = i128::from(at.scale);
    let structure = Structure::of(program);
    let mut value = scale * i128::from(program.constant);
    let places = program.need.iter().map(|&need| i128::from(need));
    value += at.participants.iter().zip(places).map(|(&m, need)| i128::from(m) * need).sum::<i128>();
    let mut relaxed = vec![false; program.rows()];
    for &row in &structure.relaxed {
        let (row, bounds) = (row as usize, program.bounds[row as usize]);
        let multiplier = i128::from(at.rows[row]);
        relaxed[row] = true;
        // A price above that of the row, or for a side it does not have, proves nothing.
        let too_dear = bounds.price != FIRM && multiplier.abs() > i128::from(bounds.price) * scale;
        if too_dear || multiplier > 0 && bounds.high == FREE || multiplier < 0 && bounds.low == -FREE {
            return None;
        }
        value -= multiplier * i128::from(if multiplier > 0 { bounds.high } else { bounds.low });
    }
    let reduced = |v: u32| {
        let v = v as usize;
        let group = program.group[v];
        let worth = if group == NONE { 0 } else { at.participants[group as usize] };
        let rows = program.column(v).iter().filter(|term| relaxed[term.0 as usize]);
        let priced: i128 = rows.map(|&(row, w)| i128::from(at.rows[row as usize]) * i128::from(w)).sum();
        scale * i128::from(program.cost[v]) - i128::from(worth) + priced
    };
    value += structure.single.iter().map(|&v| reduced(v).min(0)).sum::<i128>();
    for block in &structure.blocks {
        let members: Vec<u32> = block.pairs.iter().chain(&block.auxiliaries).copied().collect();
        value += cheapest(program, &relaxed, &members, reduced, scale)?;
    }
    Some(value.div_euclid(scale) + i128::from(value.rem_euclid(scale) > 0))
}

/// The cheapest choice of a supporter's variables under the rows that are kept there, by a table of sums.
fn cheapest(
    program: &Binary,
    relaxed: &[bool],
    members: &[u32],
    reduced: impl Fn(u32) -> i128,
    scale: i128,
) -> Option<i128> {
    let columns = members.iter().flat_map(|&v| program.column(v as usize));
    let mut rows: Vec<u32> = columns.map(|term| term.0).filter(|&row| !relaxed[row as usize]).collect();
    rows.sort_unstable();
    rows.dedup();
    let weight = |v: u32, row: u32| {
        let there = program.column(v as usize).iter().find(|term| term.0 == row);
        there.map_or(0, |term| term.1)
    };
    // What is still to come can bring a sum down by so much at most; sums that stay too high are dropped.
    let mut down: Vec<i64> =
        rows.iter().map(|&row| members.iter().map(|&v| weight(v, row).min(0)).sum()).collect();
    let mut sums: BTreeMap<Vec<i64>, i128> = BTreeMap::from([(vec![0; rows.len()], 0)]);
    for &v in members {
        let cost = reduced(v);
        let weights: Vec<i64> = rows.iter().map(|&row| weight(v, row)).collect();
        for (down, &weight) in down.iter_mut().zip(&weights) {
            *down -= weight.min(0);
        }
        let with: Vec<(Vec<i64>, i128)> = sums
            .iter()
            .map(|(sum, &so_far)| {
                (sum.iter().zip(&weights).map(|(sum, weight)| sum + weight).collect(), so_far + cost)
            })
            .collect();
        for (sum, cost) in with {
            let least = sums.entry(sum).or_insert(cost);
            *least = cost.min(*least);
        }
        sums.retain(|sum, _| {
            sum.iter().zip(&down).zip(&rows).all(|((sum, down), &row)| {
                let bounds = program.bounds[row as usize];
                bounds.price != FIRM || sum + down <= bounds.high
            })
        });
    }
    sums.into_iter()
        .filter_map(|(sum, cost)| {
            rows.iter().zip(&sum).try_fold(cost, |cost, (&row, &sum)| {
                Some(cost + scale * i128::from(program.bounds[row as usize].cost(sum)?))
            })
        })
        .min()
}
