//! The entry: prepare, solve the connected parts, put the result together.

use super::backend::{self, Answer};
use super::binary::Binary;
use super::blocks::INFINITE;
use super::domain::Domain;
use super::lagrangian::Lagrangian;
use super::limits::Limits;
use super::objective::{Plan, Weighing, activities, miss, objective, plan};
use super::options::{Method, RuleOptions};
use super::part::{begin, finish, rounded_up};
use super::polish::polish;
use super::prepare::{Prepared, prepare};
use super::problem::RuleProblem;
use super::rule::Firmness;
use super::search::Incumbent;
use super::solution::{
    PartMultipliers, RootBound, RuleMatching, RuleProof, RuleReport, RuleSolution, RuleState, RuleStatistics,
    RuleStop,
};
use crate::assignment::control::Course;
use crate::assignment::{Backend, Control, Matches, Rungs, Stage, StageTime};
use crate::error::{Error, Result};

/// Finds a matching of least cost that keeps all firm rules, with a proven bound.
///
/// Where the served rung counts and others after it, who is served is settled first and everything else among those who
/// serve as many; a time limit leaves half of the time to that, and progress tells a gap only then.
///
/// Equal inputs give equal results, unless a time limit is set: what is done within it depends on the clock. Stopped
/// early, the result is the best matching found, if any, with the bound proven so far. The parts of a problem that no
/// row connects are solved one by one, but only once each has a matching, so that a solve that is stopped has one of
/// the whole. A backend, and the linear relaxation of a part that is hard, look at the time limit alone, not at the
/// flag; a second or two may pass before a flag is seen, and a tenth of one beyond a limit of milliseconds.
///
/// Complexity: exponential at worst; see `search` for the method.
///
/// # Errors
/// [`Error::is_overflow`] if the packed costs of one of these stages pass 2^50. [`Error::is_solver`] if a backend is
/// missing or fails.
pub fn solve_rules(
    problem: &RuleProblem,
    options: &RuleOptions,
    control: &Control<'_>,
) -> Result<RuleSolution> {
    let course = Course::part(control.course(), None);
    let control = &control.during(&course);
    let plan = plan(problem)?;
    let mut limits = Limits::new(options, control);
    let mut statistics = RuleStatistics::default();
    let whole = Whole::of(problem, &plan.stages[0]);
    let outcome = match plan.stages.get(1) {
        Some(rest) => in_stages(problem, &plan, (&whole, rest), options, &mut limits, &mut statistics)?,
        None => whole.solve(options, None, &mut limits, &mut statistics)?,
    };
    statistics.iterations = limits.iterations;
    statistics.nodes = limits.nodes;
    statistics.times = added(statistics.times, limits.times());
    let matching = match outcome.taken {
        None => None,
        Some(taken) => Some(matching(problem, &plan.scales, &whole.prepared.whole, &taken)?),
    };
    let state = match &matching {
        None if outcome.bound >= i128::from(INFINITE) => RuleState::Infeasible,
        None => RuleState::Unknown,
        Some(matching) if matching.packed <= outcome.bound => RuleState::Optimal,
        Some(_) => RuleState::Feasible,
    };
    let stop = limits.stopped.or(outcome.cut_short).unwrap_or(RuleStop::Completed);
    let Outcome { bound, bound_as_served, proof, root, .. } = outcome;
    let scales = plan.scales;
    Ok(RuleSolution { state, stop, matching, bound, bound_as_served, scales, proof, root, statistics })
}

/// Who is served first, then everything else among those who serve as many.
///
/// The bound is that of the stages together: what the first proves, with what the second proves where the first is
/// settled. Of a time limit the first gets half.
fn in_stages(
    problem: &RuleProblem,
    plan: &Plan,
    (whole, rest): (&Whole, &Weighing),
    options: &RuleOptions,
    limits: &mut Limits<'_>,
    statistics: &mut RuleStatistics,
) -> Result<Outcome> {
    // A limit leaves half of the time to everything after this stage.
    let control = *limits.control();
    let course = Course::default();
    // What is left to gain in this stage is not what is left of the whole.
    let sooner = if limits.stops() {
        control.over_some_pairs()
    } else {
        let half = control.time_left().map_or(control, |left| control.time_limit(left / 2));
        half.during(&course).over_some_pairs()
    };
    let mut of_stage = Limits::new(options, &sooner);
    // A gap is of everything packed, and leaves none of this.
    let first = whole.solve(&options.gap(0), None, &mut of_stage, statistics)?;
    limits.go_on_from(&mut of_stage);
    statistics.times = of_stage.times();
    let (scale, least) = (plan.scales.served, first.bound);
    // Whoever serves fewer is worse by more than all that comes after.
    let worst = -i128::from(rest.magnitude);
    let Some(taken) = first.taken else {
        let bound = if least >= INFINITE.into() { least } else { least * scale + worst };
        return Ok(Outcome { cut_short: of_stage.stopped, ..Outcome::of(None, bound, first.proof, None) });
    };
    let served = |taken: &[bool]| whole.prepared.whole.value(taken).map_or(least, i128::from);
    let cost = served(&taken);
    let settled = cost == least;
    let among = Whole::of(&problem.serving(cost as i64), rest);
    // Where more might be served, what is left to gain among those who serve as many is not all there is.
    let control = if settled { control } else { control.over_some_pairs() };
    let mut of_rest = Limits::new(options, &control);
    of_rest.nodes = limits.nodes;
    let second = among.solve(options, Some(&taken), &mut of_rest, statistics)?;
    of_rest.nodes -= limits.nodes;
    limits.go_on_from(&mut of_rest);
    let earlier = std::mem::take(&mut statistics.times);
    statistics.times = added(earlier, of_rest.times());
    // Stopped before the second stage found any, those who are served are at least served well.
    let taken = second.taken.unwrap_or_else(|| polish(&among.prepared.whole, taken));
    // Looking for something better it may have come upon one that serves more; what was proven of more holds of fewer.
    let now = served(&taken);
    let after = second.bound.min(rest.magnitude.into());
    let bound_as_served = now * scale + after;
    let bound = if now == least { bound_as_served } else { least * scale + worst };
    let root = first.root.zip(second.root).filter(|_| now == cost).map(|(first, second)| {
        let after = if first.value == cost { second.value } else { worst };
        RootBound { value: first.value * scale + after, parts: second.parts, served: first.parts }
    });
    let proof = match (&root, first.proof, second.proof) {
        (Some(root), ..) if root.value == bound => RuleProof::Multipliers,
        (_, RuleProof::Multipliers, RuleProof::Multipliers) => RuleProof::Search,
        (_, RuleProof::Multipliers, proof) | (_, proof, _) => proof,
    };
    let cut_short = of_stage.stopped;
    Ok(Outcome { taken: Some(taken), bound, bound_as_served, proof, root, cut_short })
}

/// The times of two stretches together.
fn added(mut times: Vec<StageTime>, more: Vec<StageTime>) -> Vec<StageTime> {
    for time in more {
        match times.iter_mut().find(|earlier| earlier.stage == time.stage) {
            Some(earlier) => earlier.nanoseconds = earlier.nanoseconds.saturating_add(time.nanoseconds),
            None => times.push(time),
        }
    }
    times
}

/// A problem with the rungs of one stage packed into one cost.
struct Whole {
    prepared: Prepared,
    weighing: Weighing,
}

impl Whole {
    fn of(problem: &RuleProblem, weighing: &Weighing) -> Self {
        Self { prepared: prepare(problem, weighing), weighing: *weighing }
    }

    fn solve(
        &self,
        options: &RuleOptions,
        known: Option<&[bool]>,
        limits: &mut Limits<'_>,
        statistics: &mut RuleStatistics,
    ) -> Result<Outcome> {
        let Self { prepared, weighing } = self;
        statistics.variables = prepared.whole.variables() as u64;
        statistics.rows = prepared.whole.rows() as u64;
        statistics.parts = prepared.parts.len() as u32;
        match options.method {
            Method::FullModel(backend) => full_model(&prepared.whole, backend, weighing.magnitude, limits),
            Method::Search => by_parts(self, options, (None, known), limits, statistics),
            Method::Rest(backend) => by_parts(self, options, (Some(backend), known), limits, statistics),
        }
    }
}

struct Outcome {
    /// Values of the whole program.
    taken: Option<Vec<bool>>,
    /// No choice costs less; [`INFINITE`] or more if there is none.
    bound: i128,
    /// None that serves as many does.
    bound_as_served: i128,
    proof: RuleProof,
    root: Option<RootBound>,
    /// A stage before the last was stopped.
    cut_short: Option<RuleStop>,
}

impl Outcome {
    /// Of a problem in one stage.
    fn of(taken: Option<Vec<bool>>, bound: i128, proof: RuleProof, root: Option<RootBound>) -> Self {
        Self { taken, bound, bound_as_served: bound, proof, root, cut_short: None }
    }

    fn infeasible(proof: RuleProof) -> Self {
        Self::of(None, INFINITE.into(), proof, None)
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
    Ok(Outcome::of(taken, bound.into(), proof(Some(backend)), None))
}

fn by_parts(
    Whole { prepared, weighing }: &Whole,
    options: &RuleOptions,
    (rest, known): (Option<Backend>, Option<&[bool]>),
    limits: &mut Limits<'_>,
    statistics: &mut RuleStatistics,
) -> Result<Outcome> {
    if prepared.conflict {
        return Ok(Outcome::infeasible(RuleProof::Search));
    }
    let mut taken: Option<Vec<bool>> = Some(prepared.values.iter().map(|&v| v == Some(true)).collect());
    let mut bound = prepared.constant;
    let mut root = RootBound { value: prepared.constant.into(), parts: Vec::new(), served: Vec::new() };
    let gap = options.gap.max(0) / prepared.parts.len().max(1) as i64;
    limits.divide(prepared.parts.len());
    let mut begun = Vec::with_capacity(prepared.parts.len());
    for (number, part) in prepared.parts.iter().enumerate() {
        limits.turn_to(Some(number));
        let known = known.map(|taken| part.origin.iter().map(|&v| taken[v as usize]).collect());
        let solved = begin(part, weighing.magnitude, known, limits)?;
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
    let bound = i128::from(bound);
    let proof = if bound == root.value { RuleProof::Multipliers } else { proof(rest) };
    Ok(Outcome::of(taken, bound, proof, Some(root)))
}

fn proof(rest: Option<Backend>) -> RuleProof {
    match rest {
        None => RuleProof::Search,
        Some(Backend::Microlp) => RuleProof::Microlp,
        Some(Backend::Highs) => RuleProof::Highs,
    }
}

/// From the program's variables back to people, everything recounted.
fn matching(ruled: &RuleProblem, scales: &Rungs, whole: &Binary, taken: &[bool]) -> Result<RuleMatching> {
    // Variables stand alike whatever they cost, so any stage's program will do.
    let (matches, auxiliary) = whole.people(ruled, taken);
    let wrong = || Error::solver("the solver returned a matching that is none");
    let objective = objective(ruled, &matches, &auxiliary).ok_or_else(wrong)?;
    let packed = objective.packed(scales).ok_or_else(wrong)?;
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
