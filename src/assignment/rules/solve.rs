//! The entry: prepare, solve the connected parts, put the result together.

use super::backend::{self, Answer};
use super::binary::Binary;
use super::blocks::INFINITE;
use super::domain::Domain;
use super::lagrangian::Lagrangian;
use super::limits::Limits;
use super::objective::{Weighing, activities, miss, objective, weigh};
use super::options::{Method, RuleOptions};
use super::part::{begin, finish, rounded_up};
use super::prepare::{Prepared, prepare};
use super::problem::RuleProblem;
use super::rule::Firmness;
use super::search::Incumbent;
use super::solution::{
    PartMultipliers, RootBound, RuleMatching, RuleProof, RuleReport, RuleSolution, RuleState, RuleStatistics,
    RuleStop,
};
use crate::assignment::control::Course;
use crate::assignment::{Backend, Control, Matches, Stage};
use crate::error::{Error, Result};

/// Finds a matching of least cost that keeps all firm rules, with a proven bound.
///
/// Equal inputs give equal results, unless a clock stops the solve. Stopped early, the result is the best matching
/// found, if any, with the bound proven so far. The parts of a problem that no row connects are solved one by one, but
/// only once each has a matching, so that a solve that is stopped has one of the whole. A backend looks at the time
/// limit alone, not at the flag; it is asked for what fixing leaves, or for everything.
///
/// Complexity: exponential at worst; see `search` for the method.
///
/// # Errors
/// [`Error::is_overflow`] if packed costs pass 2^50. [`Error::is_solver`] if a backend is missing or fails.
pub fn solve_rules(
    problem: &RuleProblem,
    options: &RuleOptions,
    control: &Control<'_>,
) -> Result<RuleSolution> {
    let course = Course::part(control.course(), None);
    let control = &control.during(&course);
    let weighing = weigh(problem)?;
    let prepared = prepare(problem, &weighing);
    let mut limits = Limits::new(options, control);
    let mut statistics = RuleStatistics {
        variables: prepared.whole.variables() as u64,
        rows: prepared.whole.rows() as u64,
        parts: prepared.parts.len() as u32,
        ..RuleStatistics::default()
    };
    let outcome = match options.method {
        Method::FullModel(backend) => full_model(&prepared.whole, backend, weighing.magnitude, &mut limits)?,
        Method::Search => by_parts(&prepared, &weighing, options, None, &mut limits, &mut statistics)?,
        Method::Rest(backend) => {
            by_parts(&prepared, &weighing, options, Some(backend), &mut limits, &mut statistics)?
        }
    };
    statistics.iterations = limits.iterations;
    statistics.nodes = limits.nodes;
    statistics.times = limits.times();
    let matching = match outcome.taken {
        None => None,
        Some(taken) => Some(matching(problem, &weighing, &prepared.whole, &taken)?),
    };
    let bound = i128::from(outcome.bound);
    let state = match &matching {
        None if outcome.bound >= INFINITE => RuleState::Infeasible,
        None => RuleState::Unknown,
        Some(matching) if matching.packed <= bound => RuleState::Optimal,
        Some(_) => RuleState::Feasible,
    };
    let stop = limits.stopped.unwrap_or(RuleStop::Completed);
    let (scales, proof, root) = (weighing.scales, outcome.proof, outcome.root);
    Ok(RuleSolution { state, stop, matching, bound, scales, proof, root, statistics })
}

struct Outcome {
    /// Values of the whole program.
    taken: Option<Vec<bool>>,
    bound: i64,
    proof: RuleProof,
    root: Option<RootBound>,
}

impl Outcome {
    fn infeasible(proof: RuleProof) -> Self {
        Self { taken: None, bound: INFINITE, proof, root: None }
    }
}

fn full_model(whole: &Binary, backend: Backend, magnitude: i64, limits: &mut Limits<'_>) -> Result<Outcome> {
    let mut dual = Lagrangian::new(whole, magnitude);
    let zero = dual.zero();
    let domain = Domain::new(whole);
    // Each participant's cheapest way: a bound in case the backend is stopped.
    let mut easy = zero.clone();
    for group in 0..whole.groups() {
        let cheapest = whole.members(group).map(|v| whole.cost[v]).min().unwrap_or(0);
        easy.group[group] = dual.of_group(cheapest * dual.scale);
    }
    let value = dual.evaluate(&easy, &domain, false);
    let scale = dual.scale;
    limits.begin(Stage::IntegerProgram);
    let answer = if limits.stops() {
        Answer::Unknown
    } else {
        limits.nodes += 1;
        backend::solve(whole, backend, None, limits.control())?
    };
    if matches!(answer, Answer::Feasible(_) | Answer::Unknown) {
        limits.ran_out_of_time();
    }
    let (found, bound) = match answer {
        Answer::Optimal(found) => {
            let cost = found.cost;
            (Some(found), cost)
        }
        Answer::Infeasible => (None, INFINITE),
        Answer::Feasible(found) => (Some(found), rounded_up(value, scale)),
        Answer::Unknown => (None, rounded_up(value, scale)),
    };
    let taken = found.map(|found: Incumbent| found.taken);
    Ok(Outcome { taken, bound, proof: proof(Some(backend)), root: None })
}

fn by_parts(
    prepared: &Prepared,
    weighing: &Weighing,
    options: &RuleOptions,
    rest: Option<Backend>,
    limits: &mut Limits<'_>,
    statistics: &mut RuleStatistics,
) -> Result<Outcome> {
    if prepared.conflict {
        return Ok(Outcome::infeasible(RuleProof::Search));
    }
    let mut taken: Option<Vec<bool>> = Some(prepared.values.iter().map(|&v| v == Some(true)).collect());
    let mut bound = prepared.constant;
    let mut root = RootBound { value: prepared.constant.into(), parts: Vec::new() };
    let gap = options.gap.max(0) / prepared.parts.len().max(1) as i64;
    limits.divide(prepared.parts.len());
    let mut begun = Vec::with_capacity(prepared.parts.len());
    for (number, part) in prepared.parts.iter().enumerate() {
        limits.turn_to(Some(number));
        let solved = begin(part, weighing.magnitude, limits)?;
        if solved.bound >= INFINITE {
            return Ok(Outcome::infeasible(proof(rest)));
        }
        begun.push(solved);
    }
    limits.begin(if rest.is_some() { Stage::IntegerProgram } else { Stage::Search });
    for ((number, part), mut solved) in prepared.parts.iter().enumerate().zip(begun) {
        limits.turn_to(Some(number));
        finish(part, weighing.magnitude, gap, rest, &mut solved, limits)?;
        statistics.open += solved.open as u64;
        if solved.bound >= INFINITE {
            return Ok(Outcome::infeasible(proof(rest)));
        }
        // Every part was cut with the whole's constant.
        bound += solved.bound - prepared.constant;
        root.value += i128::from(solved.root - prepared.constant);
        let multipliers = solved.multipliers;
        root.parts.push(PartMultipliers::sealed(solved.scale, multipliers.group, multipliers.row));
        taken = taken.zip(solved.best).map(|(mut taken, best)| {
            for (&origin, &value) in part.origin.iter().zip(&best.taken) {
                taken[origin as usize] = value;
            }
            taken
        });
    }
    let proof = if i128::from(bound) == root.value { RuleProof::Multipliers } else { proof(rest) };
    Ok(Outcome { taken, bound, proof, root: Some(root) })
}

fn proof(rest: Option<Backend>) -> RuleProof {
    match rest {
        None => RuleProof::Search,
        Some(Backend::Microlp) => RuleProof::Microlp,
        Some(Backend::Highs) => RuleProof::Highs,
    }
}

/// From the program's variables back to people, everything recounted.
fn matching(
    ruled: &RuleProblem,
    weighing: &Weighing,
    whole: &Binary,
    taken: &[bool],
) -> Result<RuleMatching> {
    let (matches, auxiliary) = whole.people(ruled, taken);
    let wrong = || Error::solver("the solver returned a matching that is none");
    let objective = objective(ruled, &matches, &auxiliary).ok_or_else(wrong)?;
    let packed = objective.packed(&weighing.scales).ok_or_else(wrong)?;
    let reports = reports(ruled, &matches, &auxiliary).ok_or_else(wrong)?;
    Ok(RuleMatching { matches, auxiliary, objective, packed, rules: reports })
}

/// How every rule stands; `None` if this is no matching of the problem.
pub(super) fn reports(ruled: &RuleProblem, matches: &Matches, auxiliary: &[bool]) -> Option<Vec<RuleReport>> {
    let sums = activities(ruled, matches, auxiliary)?;
    let mut next = sums.iter();
    let report = |rule: &super::Rule| {
        let mut report = RuleReport { sums: Vec::new(), binds: false, violation: 0, cost: 0 };
        for (row, &sum) in rule.rows.iter().zip(next.by_ref()) {
            let missed = miss(row.sense, row.bound, sum);
            report.sums.push(sum);
            report.binds |= missed > 0 || sum == row.bound;
            report.violation = report.violation.saturating_add(missed);
        }
        if let Firmness::Soft { price } = rule.firmness {
            report.cost = i128::from(price) * i128::from(report.violation);
        }
        report
    };
    Some(ruled.rules().iter().map(report).collect())
}
