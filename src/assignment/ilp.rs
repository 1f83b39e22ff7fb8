//! The same problem as an integer linear program, through `good_lp`.
//!
//! **Problem.** Complete: pairs, several places for a participant, unmatched arcs, convex load costs, nested groups,
//! firm minimums, pins, every rung of the ladder, worst-off first as one more program for each cost.
//!
//! **Method.** A binary variable for each pair, a whole one for each participant's empty places; for each supporter a
//! continuous variable for each run of places with equal marginal costs; for each firm minimum a continuous variable
//! for what is missing; a row for each participant, supporter and group. The rungs are
//! solved one after another, each earlier one held at its optimum by a constraint, because the packed costs of the
//! ladder do not fit floating point. Results are rounded, and feasibility and objective are recomputed in integers.
//!
//! **Why it is optimal.** Marginal costs do not fall, so a minimum fills places in order and the continuous variables
//! are whole when the binaries are. Costs are whole, so "at most the optimum and a half" holds a rung at its optimum
//! without asking floating point for equality. Optimality itself is the backend's word: [`Proof::Bound`].
//!
//! **Time and space.** Exponential at worst; without the rung constraints the matrix is that of a network, so its
//! linear relaxation is whole. O(pairs) space, with a large constant.
//!
//! **Stopped.** A backend is given what is left of the time limit and looks at it between its own iterations; the flag
//! and the callback are only looked at between programs. What comes back is the last assignment, with the rungs whose
//! programs were solved as they are, and the easy bound for the others.
//!
//! **When it is the wrong choice.** Whenever the flow applies, which is always for the problems of this module as they
//! stand: it is faster by orders of magnitude and proves its result. This is the independent second opinion, and
//! the ground for constraints that are no network.
//!
//! **References.** G. L. Nemhauser, L. A. Wolsey, *Integer and Combinatorial Optimization* (1988), ch. III.1;
//! R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), ch. 14 (convex costs).

use good_lp::{
    Expression, ProblemVariables, ResolutionError, Solution, SolutionStatus, SolverModel, Variable,
    WithTimeLimit, constraint, variable,
};

use super::completion::complete;
use super::control::{Control, Stage};
use super::extent::extent_of;
use super::fairness::Fairness;
use super::ladder::{Rung, Rungs};
use super::matches::Matches;
use super::options::Backend;
use super::problem::Problem;
use super::solution::{AlgorithmUsed, Assignment, Proof, Statistics, Stop};
use super::solve::{assemble, bound_given, pins_only};
use crate::error::{Error, Result};

/// Largest total of a rung that floating point still tells apart from its neighbours with digits to spare.
const LARGEST: i128 = 1 << 50;

/// Solves rung after rung.
pub(super) fn solve(problem: &Problem, backend: Backend, control: &Control<'_>) -> Result<Assignment> {
    let total = extent_of(problem).total;
    for rung in Rung::ALL {
        if total.get(rung) > LARGEST {
            return Err(Error::solver(format!(
                "the {rung} rung can total {}, more than the 2^50 that the floating point of an integer program holds \
                 exactly; use smaller costs or the flow",
                total.get(rung)
            )));
        }
    }
    let algorithm = match backend {
        Backend::Microlp => AlgorithmUsed::IlpMicrolp,
        Backend::Highs => AlgorithmUsed::IlpHighs,
    };
    let mut statistics = Statistics::new(problem, algorithm, "asked for");
    statistics.width_reason = String::from("the solver behind it computes in floating point");

    let aims = aims(problem);
    let mut watch = control.stopwatch();
    let mut matches = pins_only(problem);
    // What would come back now. A program may leave the rungs below its own worse than they were.
    let mut best = complete(problem, &matches).ok_or_else(too_large)?;
    let mut held: Vec<(Aim, i128)> = Vec::new();
    for (done, &aim) in aims.iter().enumerate() {
        let found = if control.stops(Stage::IntegerProgram, done, aims.len()) {
            Found::Stopped(None)
        } else {
            Model::new(problem).minimise(problem, (backend, control), aim, &held)?
        };
        watch.lap(Stage::IntegerProgram);
        matches = match found {
            Found::Best(found) => found,
            Found::Stopped(found) => {
                statistics.times = watch.times();
                let best = better(problem, best, found)?;
                return stopped(problem, best, &held, control, statistics);
            }
        };
        let objective = checked_objective(problem, &matches)?;
        best = if problem.fairness == Fairness::WorstOffFirst {
            // Later levels count for less, whatever they cost.
            matches.clone()
        } else {
            better(problem, best, Some(matches.clone()))?
        };
        let counts = problem.worst_off(&matches).unwrap_or_default();
        let value = |aim: Aim| match aim {
            Aim::Rung(rung) => objective.get(rung),
            Aim::Level(level) => {
                counts.iter().find(|&&(cost, _)| cost == level).map_or(0, |&(_, count)| count.into())
            }
        };
        if let Some(&(broken, _)) = held.iter().find(|&&(held, best)| value(held) > best) {
            return Err(Error::solver(format!(
                "the integer program for {aim:?} gave up the optimum of {broken:?}; try another backend"
            )));
        }
        held.push((aim, value(aim)));
        if control.is_watched()
            && let (Some(bound), Some(packed)) = (bound(problem, &held), objective.packed(&problem.scales))
        {
            control.leaves(packed.saturating_sub(bound));
        }
        if objective.required > 0 {
            break;
        }
    }
    statistics.times = watch.times();
    let mut assignment = assemble(problem, matches, 0, Stop::Completed, Proof::Bound, statistics)?;
    assignment.bound = assignment.packed;
    Ok(assignment)
}

/// What a program came to.
enum Found {
    /// An assignment that is best for its aim.
    Best(Matches),
    /// Out of time; one that keeps what was held, if there is one.
    Stopped(Option<Matches>),
}

/// The better of the assignment so far and another, if there is one.
fn better(problem: &Problem, before: Matches, found: Option<Matches>) -> Result<Matches> {
    let Some(found) = found else { return Ok(before) };
    let cost = |matches: &Matches| {
        checked_objective(problem, matches)?.packed(&problem.scales).ok_or_else(too_large)
    };
    Ok(if cost(&found)? < cost(&before)? { found } else { before })
}

/// What comes back where time ran out.
fn stopped(
    problem: &Problem,
    matches: Matches,
    held: &[(Aim, i128)],
    control: &Control<'_>,
    statistics: Statistics,
) -> Result<Assignment> {
    let bound = bound(problem, held).ok_or_else(too_large)?;
    assemble(problem, matches, bound, control.reason(), Proof::Bound, statistics)
}

/// The bound that the programs solved so far give: the first rungs as they are, the others as the easy bound has them.
fn bound(problem: &Problem, held: &[(Aim, i128)]) -> Option<i128> {
    let rungs = held.iter().map_while(|&(aim, best)| match aim {
        Aim::Rung(rung) => Some((rung, best)),
        Aim::Level(_) => None,
    });
    bound_given(problem, &rungs.collect::<Vec<_>>())
}

/// What one program minimises.
#[derive(Debug, Clone, Copy)]
enum Aim {
    Rung(Rung),
    /// The places that cost a participant this much.
    Level(i64),
}

/// The programs to be solved, in order.
fn aims(problem: &Problem) -> Vec<Aim> {
    let asked = |rung: &Rung| problem.scales.get(*rung) > 0;
    let mut aims: Vec<Aim> =
        [Rung::Required, Rung::Served].into_iter().filter(asked).map(Aim::Rung).collect();
    if problem.fairness == Fairness::WorstOffFirst {
        let pairs = (0..problem.participants()).flat_map(|participant| problem.row(participant));
        let mut levels: Vec<i64> =
            pairs.map(|(_, cost)| cost).chain(problem.unmatched_costs.iter().copied()).collect();
        levels.sort_unstable_by(|a, b| b.cmp(a));
        levels.dedup();
        aims.extend(levels.into_iter().map(Aim::Level));
    }
    aims.extend([Rung::Quality, Rung::Change, Rung::Balance].into_iter().filter(asked).map(Aim::Rung));
    aims
}

fn too_large() -> Error {
    Error::overflow("the bound does not fit 128 bits; use smaller costs")
}

/// The objective in integers, after checking that no capacity is exceeded.
fn checked_objective(problem: &Problem, matches: &Matches) -> Result<Rungs> {
    let wrong =
        |what: String| Error::solver(format!("the integer program returned {what}; try another backend"));
    let objective = problem.objective(matches).ok_or_else(|| wrong("a match that is no pair".to_owned()))?;
    let tree = &problem.tree;
    let mut loads = vec![0_u32; tree.supporters];
    for (_, supporter) in matches.iter() {
        loads[supporter as usize] += 1;
    }
    for (&units, &capacity) in tree.flows(loads).iter().zip(&tree.capacity) {
        if units > capacity.into() {
            return Err(wrong(format!("{units} matches where {capacity} are allowed")));
        }
    }
    Ok(objective)
}

/// One outcome of one participant.
struct Choice {
    participant: usize,
    supporter: Option<u32>,
    taken: Variable,
    cost: Rungs,
}

/// What is missing below the firm minimum of a supporter or group.
struct Missing {
    node: usize,
    matches: Variable,
}

/// A run of places of one supporter with equal marginal costs.
struct Places {
    supporter: usize,
    filled: Variable,
    cost: Rungs,
}

struct Model {
    variables: ProblemVariables,
    choices: Vec<Choice>,
    places: Vec<Places>,
    missing: Vec<Missing>,
    /// What every assignment costs.
    fixed: Rungs,
}

impl Model {
    fn new(problem: &Problem) -> Self {
        let mut variables = ProblemVariables::new();
        let mut choices = Vec::new();
        let mut degree = vec![0_u32; problem.tree.supporters];
        let mut fixed = problem.pins_objective();
        // What the pins alone leave missing has variables of its own.
        fixed.required = 0;
        for participant in (0..problem.pins.len()).filter(|&p| problem.free_places(p) > 0) {
            let single = problem.places_of(participant) == 1;
            let standing = problem.standing[participant];
            let pinned = problem.pins[participant].map(|(supporter, _)| supporter);
            for (supporter, cost) in problem.row(participant as u32) {
                if !problem.tree.open[supporter as usize] || pinned == Some(supporter) {
                    continue;
                }
                degree[supporter as usize] += 1;
                // Of several places one that keeps the standing match is enough: it takes back what is fixed.
                let change = match standing {
                    Some(standing) if single => i128::from(standing != supporter),
                    Some(standing) => -i128::from(standing == supporter),
                    None => 0,
                };
                choices.push(Choice {
                    participant,
                    supporter: Some(supporter),
                    taken: variables.add(variable().binary()),
                    cost: Rungs { quality: cost.into(), change, ..Rungs::default() },
                });
            }
            let places = problem.free_places(participant);
            choices.push(Choice {
                participant,
                supporter: None,
                taken: variables.add(variable().integer().min(0).max(places)),
                cost: Rungs {
                    served: problem.served_weights[participant].into(),
                    quality: problem.unmatched_costs[participant].into(),
                    change: (single && standing.is_some()).into(),
                    ..Rungs::default()
                },
            });
        }
        let mut places = Vec::new();
        for (supporter, &degree) in degree.iter().enumerate() {
            let (load, balance) = (&problem.load_costs, &problem.balance_costs);
            let mut from = problem.tree.pinned[supporter];
            let most = problem.tree.capacity[supporter].min(from.saturating_add(degree));
            let stated = load.of(supporter).len().max(balance.of(supporter).len()) as u64;
            while from < most {
                let to = if u64::from(from) + 1 >= stated { most } else { from + 1 };
                places.push(Places {
                    supporter,
                    filled: variables.add(variable().min(0).max(to - from)),
                    cost: Rungs {
                        quality: load.marginal(supporter, from).into(),
                        balance: balance.marginal(supporter, from).into(),
                        ..Rungs::default()
                    },
                });
                from = to;
            }
        }
        let minimums = problem.tree.minimum.iter().enumerate().filter(|&(_, &minimum)| minimum > 0);
        let missing = minimums
            .map(|(node, &minimum)| Missing { node, matches: variables.add(variable().min(0).max(minimum)) })
            .collect();
        Self { variables, choices, places, missing, fixed }
    }

    /// What counts for an aim beside what is fixed.
    fn cost(&self, aim: Aim) -> Expression {
        let rung = match aim {
            Aim::Rung(rung) => rung,
            Aim::Level(level) => {
                let at_level = self.choices.iter().filter(|choice| choice.cost.quality == level.into());
                return at_level.map(|choice| choice.taken).sum();
            }
        };
        if rung == Rung::Required {
            return self.missing.iter().map(|missing| missing.matches).sum();
        }
        let choices = self.choices.iter().map(|choice| (choice.cost.get(rung), choice.taken));
        let places = self.places.iter().map(|places| (places.cost.get(rung), places.filled));
        choices.chain(places).filter(|term| term.0 != 0).map(|(cost, variable)| cost as f64 * variable).sum()
    }

    /// An assignment that is best for one aim while the earlier ones keep their optimum.
    fn minimise(
        mut self,
        problem: &Problem,
        (backend, control): (Backend, &Control<'_>),
        aim: Aim,
        held: &[(Aim, i128)],
    ) -> Result<Found> {
        // HiGHS takes a model without variables for an error.
        if self.choices.is_empty() {
            return Ok(Found::Best(pins_only(problem)));
        }
        let tree = &problem.tree;
        let mut per_participant = vec![Expression::default(); problem.pins.len()];
        let mut at_supporter = vec![Expression::default(); tree.supporters];
        let mut above = vec![Expression::default(); tree.root() + 1];
        for choice in &self.choices {
            per_participant[choice.participant] += choice.taken;
            if let Some(supporter) = choice.supporter {
                at_supporter[supporter as usize] += choice.taken;
            }
        }
        for places in &self.places {
            at_supporter[places.supporter] -= places.filled;
            let mut node = tree.parent[places.supporter] as usize;
            while node < tree.root() {
                above[node] += places.filled;
                node = tree.parent[node] as usize;
            }
        }
        let mut constraints = Vec::new();
        for (participant, sum) in per_participant.into_iter().enumerate() {
            let places = problem.free_places(participant);
            if places > 0 {
                constraints.push(constraint!(sum == places));
            }
        }
        for missing in &self.missing {
            let node = missing.node;
            let mut sum = above[node].clone() + missing.matches;
            for places in self.places.iter().filter(|places| places.supporter == node) {
                sum += places.filled;
            }
            let least = f64::from(tree.minimum(node).saturating_sub(tree.pinned[node]));
            constraints.push(constraint!(sum >= least));
        }
        constraints.extend(at_supporter.into_iter().map(|sum| constraint!(sum == 0)));
        for (node, sum) in above.into_iter().enumerate().take(tree.root()).skip(tree.supporters) {
            constraints.push(constraint!(sum <= tree.capacity[node] - tree.pinned[node]));
        }
        for &(held, best) in held {
            let fixed = match held {
                Aim::Rung(rung) => self.fixed.get(rung),
                Aim::Level(_) => 0,
            };
            let (cost, most) = (self.cost(held), (best - fixed) as f64 + 0.5);
            constraints.push(constraint!(cost <= most));
        }
        let goal = self.cost(aim);
        let variables = std::mem::take(&mut self.variables);
        let values = match backend {
            Backend::Microlp => {
                let model = variables.minimise(goal).using(good_lp::microlp).with_all(constraints);
                values(model, &self.choices, control)
            }
            Backend::Highs => by_highs(variables, goal, constraints, &self.choices, control),
        }?;
        let Some((values, optimal)) = values else { return Ok(Found::Stopped(None)) };
        let mut lists: Vec<Vec<u32>> = pins_only(problem).into();
        for (choice, taken) in self.choices.iter().zip(values) {
            if taken > 0.5 {
                lists[choice.participant].extend(choice.supporter);
            }
        }
        for list in &mut lists {
            list.sort_unstable();
        }
        let matches = lists.into();
        Ok(if optimal { Found::Best(matches) } else { Found::Stopped(Some(matches)) })
    }
}

/// The value of each choice, and whether it is an optimum; nothing if time ran out before there was any.
fn values<M>(mut model: M, choices: &[Choice], control: &Control<'_>) -> Result<Option<(Vec<f64>, bool)>>
where
    M: SolverModel<Error = ResolutionError> + WithTimeLimit,
{
    if let Some(left) = control.time_left() {
        model = model.with_time_limit(left.as_secs_f64());
    }
    let solution = match model.solve() {
        Ok(solution) => solution,
        // Both backends say so in words of their own where they have nothing yet.
        Err(ResolutionError::Other(_)) if control.is_stopped() => return Ok(None),
        Err(error) => {
            return Err(Error::solver(format!(
                "the integer program was not solved: {error}; try another backend or the flow"
            )));
        }
    };
    // A gap is only left where time ran out: none was allowed.
    let optimal = !matches!(solution.status(), SolutionStatus::TimeLimit);
    if !optimal {
        control.ran_out_of_time();
    }
    Ok(Some((choices.iter().map(|choice| solution.value(choice.taken)).collect(), optimal)))
}

#[cfg(feature = "highs")]
fn by_highs(
    variables: ProblemVariables,
    goal: Expression,
    constraints: Vec<good_lp::Constraint>,
    choices: &[Choice],
    control: &Control<'_>,
) -> Result<Option<(Vec<f64>, bool)>> {
    // By default it stops within a gap of 1e-4, which is no optimum.
    let exact = variables.minimise(goal).using(good_lp::highs).set_mip_rel_gap(0.0);
    let exact = exact.and_then(|model| model.set_mip_abs_gap(0.0));
    let exact = exact.map_err(|error| Error::solver(format!("HiGHS refuses a gap of 0: {error}")))?;
    values(exact.with_all(constraints), choices, control)
}

#[cfg(not(feature = "highs"))]
fn by_highs(
    _: ProblemVariables,
    _: Expression,
    _: Vec<good_lp::Constraint>,
    _: &[Choice],
    _: &Control<'_>,
) -> Result<Option<(Vec<f64>, bool)>> {
    Err(Error::solver(
        "HiGHS is not compiled in; enable the cargo feature `highs` or choose Backend::Microlp",
    ))
}
