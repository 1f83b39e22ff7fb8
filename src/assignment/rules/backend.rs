//! A 0/1 program through `good_lp`: the whole model as a second opinion, or what is left after fixing.
//!
//! A binary variable for each variable, a row for each group and each row, a continuous variable for each side of a
//! soft row. With a cut-off, a row asks for something cheaper. Values are rounded and the choice is recounted in
//! integers, so a wrong answer of the backend is an error, not a result; optimality is the backend's word.

use good_lp::{
    Constraint, Expression, ProblemVariables, ResolutionError, Solution, SolutionStatus, SolverModel,
    Variable, WithTimeLimit, constraint, variable,
};

use super::binary::{Binary, FIRM, FREE};
use super::search::Incumbent;
use crate::assignment::{Backend, Control};
use crate::error::{Error, Result};

/// Costs above this are not told apart by the floating point of the backends.
const LARGEST: i64 = 1 << 50;

/// What a backend says.
#[derive(Debug)]
pub(super) enum Answer {
    /// Nothing is cheaper.
    Optimal(Incumbent),
    /// Found when the time was up.
    Feasible(Incumbent),
    /// Nothing below the cut-off.
    Infeasible,
    /// The time was up before anything was found.
    Unknown,
}

struct Model {
    variables: ProblemVariables,
    taken: Vec<Variable>,
    cost: Expression,
    rows: Vec<Constraint>,
}

/// Solves a program, if asked for only below `cut`.
pub(super) fn solve(
    program: &Binary,
    backend: Backend,
    cut: Option<i64>,
    control: &Control<'_>,
) -> Result<Answer> {
    if program.variables() == 0 {
        let cost = program.value(&[]);
        return Ok(match cost.filter(|&cost| cut.is_none_or(|cut| cost < cut)) {
            Some(cost) => Answer::Optimal(Incumbent { cost, taken: Vec::new() }),
            None => Answer::Infeasible,
        });
    }
    let largest: i64 = program.cost.iter().map(|cost| cost.abs()).max().unwrap_or(0);
    if largest > LARGEST {
        return Err(Error::solver(format!(
            "a packed cost of {largest} is more than the 2^50 that the floating point of an integer program holds \
             exactly; use smaller costs or the library's own search"
        )));
    }
    if (0..program.rows()).any(|row| program.row(row).is_empty() && program.bounds[row].cost(0).is_none()) {
        return Ok(Answer::Infeasible);
    }
    let model = build(program, cut);
    match backend {
        Backend::Microlp => {
            let set = model.variables.minimise(model.cost).using(good_lp::microlp).with_all(model.rows);
            answer(set, program, &model.taken, cut, control)
        }
        Backend::Highs => by_highs(model, program, cut, control),
    }
}

fn build(program: &Binary, cut: Option<i64>) -> Model {
    let mut variables = ProblemVariables::new();
    let taken: Vec<Variable> = (0..program.variables()).map(|_| variables.add(variable().binary())).collect();
    let mut cost = Expression::with_capacity(program.variables());
    for (&variable, &of_one) in taken.iter().zip(&program.cost) {
        cost.add_mul(of_one as f64, variable);
    }
    let mut rows = Vec::new();
    for group in 0..program.groups() {
        let sum: Expression = taken[program.members(group)].iter().copied().sum();
        rows.push(constraint!(sum == program.need[group]));
    }
    for row in 0..program.rows() {
        let bounds = program.bounds[row];
        let mut sum = Expression::with_capacity(program.row(row).len());
        for &(v, weight) in program.row(row) {
            sum.add_mul(weight as f64, taken[v as usize]);
        }
        let mut slack = || {
            let missed = variables.add(variable().min(0));
            cost.add_mul(bounds.price as f64, missed);
            missed
        };
        if bounds.high != FREE {
            let sum = if bounds.price == FIRM { sum.clone() } else { sum.clone() - slack() };
            rows.push(constraint!(sum <= bounds.high as f64));
        }
        if bounds.low != -FREE {
            let sum = if bounds.price == FIRM { sum } else { sum + slack() };
            rows.push(constraint!(sum >= bounds.low as f64));
        }
    }
    if let Some(cut) = cut {
        let most = (cut - program.constant) as f64 - 0.5;
        rows.push(constraint!(cost.clone() <= most));
    }
    Model { variables, taken, cost, rows }
}

fn answer<M>(
    mut model: M,
    program: &Binary,
    taken: &[Variable],
    cut: Option<i64>,
    control: &Control<'_>,
) -> Result<Answer>
where
    M: SolverModel<Error = ResolutionError> + WithTimeLimit,
{
    if let Some(left) = control.time_left() {
        model = model.with_time_limit(left.as_secs_f64().max(0.001));
    }
    let solution = match model.solve() {
        Ok(solution) => solution,
        Err(ResolutionError::Infeasible) => return Ok(Answer::Infeasible),
        // What the backends say when the time is up and nothing was found.
        Err(ResolutionError::Other(_)) if control.is_stopped() => return Ok(Answer::Unknown),
        Err(error) => {
            return Err(Error::solver(format!(
                "the integer program was not solved: {error}; try another backend or the library's own search"
            )));
        }
    };
    let taken: Vec<bool> = taken.iter().map(|&variable| solution.value(variable) > 0.5).collect();
    let Some(cost) = program.value(&taken).filter(|&cost| cut.is_none_or(|cut| cost < cut)) else {
        return Err(Error::solver(
            "the integer program returned a matching that breaks a rule; try another backend",
        ));
    };
    let found = Incumbent { cost, taken };
    Ok(match solution.status() {
        // The gap asked for is less than 1, and costs are whole.
        SolutionStatus::Optimal | SolutionStatus::GapLimit => Answer::Optimal(found),
        SolutionStatus::TimeLimit => Answer::Feasible(found),
    })
}

#[cfg(feature = "highs")]
fn by_highs(model: Model, program: &Binary, cut: Option<i64>, control: &Control<'_>) -> Result<Answer> {
    let refused = |error| Error::solver(format!("HiGHS refuses a gap of 0: {error}"));
    // Costs are whole, so less than one apart is the same.
    let set = model.variables.minimise(model.cost).using(good_lp::highs).set_threads(1);
    let set = set.set_mip_rel_gap(0.0).map_err(refused)?.set_mip_abs_gap(0.999).map_err(refused)?;
    answer(set.with_all(model.rows), program, &model.taken, cut, control)
}

#[cfg(not(feature = "highs"))]
fn by_highs(_: Model, _: &Binary, _: Option<i64>, _: &Control<'_>) -> Result<Answer> {
    Err(Error::solver(
        "HiGHS is not compiled in; enable the cargo feature `highs` or choose Backend::Microlp",
    ))
}
