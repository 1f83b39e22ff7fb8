//! The entry: run the chosen algorithm in the chosen integer width, and put the result together.

use super::baseline;
use super::builder::extent_of;
use super::certificate::{Certificate, dual_value, dual_value_of_places};
use super::choice::{Plan, plan};
use super::completion::complete;
use super::control::{Control, Stage};
use super::fairness::Fairness;
use super::general;
use super::ilp;
use super::infeasible;
use super::integer::Integer;
use super::ladder::Rungs;
use super::matches::Matches;
use super::network::{Flow, NONE, Network};
use super::options::{Algorithm, Options, TieBreak, Width};
use super::problem::Problem;
use super::solution::{AlgorithmUsed, Assignment, Proof, Statistics, Stop};
use super::stages::{Outcome, Task, in_parts, optimise};
use super::warm_start::WarmStart;
use crate::error::{Error, Result};

/// Finds an assignment of least cost, rung by rung, with its proof.
///
/// Without firm minimums a problem always has a solution, for everyone may stay unmatched. Equal inputs give equal
/// results. If `control` stops the solve, the result is the feasible assignment reached so far, with the bound its potentials give; only
/// if the tie-break is cut short is it optimal nevertheless. Firm minimums may not all be met by then, and a baseline
/// does not seek to meet them: the required rung of the objective says by how much they are missed, and
/// [`verify`](super::verify()) names where.
///
/// Complexity: see the algorithms; on real data the flow takes little longer than reading the pairs a few times.
///
/// # Errors
/// [`Error::is_infeasible`] if the firm minimums cannot all be met; [`Error::hall_violator`] names who clashes, in
/// numbers that can be counted. [`Error::is_overflow`] if the packed costs leave no room for sums in 128 bits; the
/// message names the rungs. [`Error::is_solver`] if an algorithm was asked for that does not hold participants with
/// several places or cannot put the worst-off first, or if an integer program was asked for and its backend is missing,
/// fails, or would have to compute with numbers that floating point does not hold.
pub fn solve(problem: &Problem, options: &Options, control: &Control<'_>) -> Result<Assignment> {
    feasible(problem, find(problem, None, options, control)?)
}

/// The same, starting from an earlier solution; what of it does not fit is left out. The result is that of [`solve`],
/// but for the statistics; under [`TieBreak::Unspecified`] another optimum may come out.
///
/// The network simplex (so problems with several places for a participant, or worst-off first), integer programs and
/// baselines start afresh, and [`Statistics::algorithm_reason`] says so.
///
/// Complexity: one pass over the pairs, and a search for each participant and place concerned by what has changed.
///
/// # Errors
/// Those of [`solve`].
pub fn solve_from(
    problem: &Problem,
    start: &WarmStart,
    options: &Options,
    control: &Control<'_>,
) -> Result<Assignment> {
    feasible(problem, find(problem, Some(start), options, control)?)
}

/// An assignment, or the error that names who clashes if it completed and firm minimums are missed. A baseline does not
/// seek to meet them, so what it misses says nothing of what is possible.
fn feasible(problem: &Problem, found: Assignment) -> Result<Assignment> {
    if found.objective.required > 0 && found.stop == Stop::Completed && found.proof != Proof::Unproven {
        return Err(infeasible::error(problem, &found.matches));
    }
    Ok(found)
}

/// What [`solve_from`] does, but that an assignment of least shortfall comes back where firm minimums cannot all be met.
pub(super) fn find(
    problem: &Problem,
    start: Option<&WarmStart>,
    options: &Options,
    control: &Control<'_>,
) -> Result<Assignment> {
    let gap = if control.is_watched() { first_gap(problem) } else { None };
    let control = &control.with_gaps(gap.as_slice());
    let afresh = |mut found: Assignment| {
        if start.is_some() {
            found.statistics.algorithm_reason.push_str("; it starts afresh, whatever was there before");
        }
        found
    };
    let simplex = |reason: &str| {
        let statistics = Statistics::new(problem, AlgorithmUsed::NetworkSimplex, reason);
        general::solve(problem, options, control, statistics).map(afresh)
    };
    match options.algorithm {
        Algorithm::Ilp(backend) => return ilp::solve(problem, backend, control).map(afresh),
        Algorithm::Baseline(baseline) if problem.single_places() => {
            return baseline::solve(problem, baseline, control).map(afresh);
        }
        Algorithm::NetworkSimplex => return simplex("asked for"),
        Algorithm::Auto if problem.fairness == Fairness::WorstOffFirst => {
            return simplex(
                "limits are nested, so the problem is a network flow; worst-off first takes rounds on the explicit graph",
            );
        }
        Algorithm::Auto if !problem.single_places() => {
            return simplex(
                "limits are nested, so the problem is a network flow; some participants have several places, which only \
                 the explicit graph holds",
            );
        }
        asked if problem.fairness == Fairness::WorstOffFirst => {
            return Err(Error::solver(format!(
                "{asked:?} minimises sums and cannot put the worst-off first; choose Algorithm::Auto, \
                 Algorithm::NetworkSimplex or an integer program"
            )));
        }
        asked if !problem.single_places() => {
            return Err(Error::solver(format!(
                "{asked:?} holds one place for each participant, and some have several; choose Algorithm::Auto, \
                 Algorithm::NetworkSimplex or an integer program"
            )));
        }
        _ => {}
    }
    let plan = plan(problem, options);
    let mut statistics = Statistics::new(problem, plan.algorithm, &plan.reason);
    let largest = problem.largest_cost;
    if options.width == Width::Narrowest && largest <= <i32 as Integer>::LIMIT {
        statistics.width_reason =
            format!("single packed costs stay within {largest}, below the 32-bit limit of 2^23");
        return by_shortest_paths::<i32>(problem, start, &plan, options, control, statistics);
    }
    if options.width != Width::Wide && largest <= <i64 as Integer>::LIMIT {
        statistics.width_reason =
            format!("single packed costs stay within {largest}, below the 64-bit limit of 2^55");
        return by_shortest_paths::<i64>(problem, start, &plan, options, control, statistics);
    }
    if largest <= <i128 as Integer>::LIMIT {
        statistics.width_reason = if options.width == Width::Wide {
            "asked for".to_owned()
        } else {
            format!("single packed costs reach {largest}, above the 64-bit limit of 2^55")
        };
        return by_shortest_paths::<i128>(problem, start, &plan, options, control, statistics);
    }
    Err(Error::overflow(format!(
        "single packed costs reach {largest}, above the 128-bit limit of 2^118; the rungs can differ by {} between \
         assignments; use smaller costs",
        extent_of(problem).range
    )))
}

fn by_shortest_paths<T: Integer>(
    problem: &Problem,
    start: Option<&WarmStart>,
    plan: &Plan,
    options: &Options,
    control: &Control<'_>,
    mut statistics: Statistics,
) -> Result<Assignment> {
    statistics.width = T::WIDTH;
    let network = Network::<T>::new(problem);
    let mut watch = control.stopwatch();
    let divided = if start.is_none() { problem.division() } else { None };
    let mut flow = if divided.is_some() { Flow::of_parts(&network) } else { Flow::empty(&network) };
    let Outcome { optimal, cancelled } = match divided {
        Some(division) => {
            let outcome = in_parts(&network, &mut flow, division, options, control, &mut statistics);
            watch.lap(Stage::ShortestPaths);
            outcome
        }
        None => optimise(
            &network,
            &mut flow,
            Task { plan, start, options, lists: None },
            control,
            &mut statistics,
            &mut watch,
        ),
    };
    let canonical = options.tie_break == TieBreak::FirstInOrder;

    let stop = if cancelled { control.reason() } else { Stop::Completed };
    let certificate = certificate(&network, &flow, optimal, canonical).ok_or_else(overflow)?;
    let bound = certificate.dual;
    let matches = chosen(problem, flow.supporters());
    if !optimal {
        let matches = complete(problem, &matches).ok_or_else(overflow)?;
        watch.lap(Stage::Certificate);
        statistics.times = watch.times();
        return assemble(problem, matches, bound, stop, Proof::Bound, statistics);
    }
    // The flow knows what each pair costs: no row need be searched for it.
    let cost = |p: usize| network.quality_of(p, flow.seats[p].supporter, flow.seats[p].cost);
    let objective = problem.objective_with(&matches, |p, _| Some(cost(p))).ok_or_else(overflow)?;
    watch.lap(Stage::Certificate);
    statistics.times = watch.times();
    let proof = Proof::Potentials(Box::new(certificate));
    with_objective(problem, matches, objective, bound, stop, proof, statistics)
}

/// Puts an assignment together, its objective recomputed from the pairs.
pub(super) fn assemble(
    problem: &Problem,
    matches: impl Into<Matches>,
    bound: i128,
    stop: Stop,
    proof: Proof,
    statistics: Statistics,
) -> Result<Assignment> {
    let matches = matches.into();
    let objective = problem.objective(&matches).ok_or_else(overflow)?;
    with_objective(problem, matches, objective, bound, stop, proof, statistics)
}

fn with_objective(
    problem: &Problem,
    matches: Matches,
    objective: Rungs,
    bound: i128,
    stop: Stop,
    proof: Proof,
    statistics: Statistics,
) -> Result<Assignment> {
    let packed = objective.packed(&problem.scales).ok_or_else(overflow)?;
    Ok(Assignment { matches, objective, packed, bound, stop, proof, statistics })
}

fn overflow() -> Error {
    Error::overflow("the objective does not fit 128 bits; use smaller costs")
}

/// The choices of the flow, pins put back.
fn chosen(problem: &Problem, supporters: impl Iterator<Item = u32>) -> Matches {
    supporters
        .zip(problem.pins.iter())
        .map(|(supporter, pin)| match pin {
            Some((pinned, _)) => Some(*pinned),
            None => (supporter != NONE).then_some(supporter),
        })
        .collect()
}

fn certificate<T: Integer>(
    network: &Network<'_, T>,
    flow: &Flow<T>,
    optimal: bool,
    canonical: bool,
) -> Option<Certificate> {
    let (problem, tree) = (network.problem, network.tree);
    let potential = |node: usize| if tree.open[node] { flow.potential[node].widen() } else { 0 };
    let supporters: Vec<i128> = (0..tree.supporters).map(potential).collect();
    let groups: Vec<i128> = (tree.supporters..tree.root()).map(potential).collect();
    let participants: Vec<i128> = (flow.seats.iter().enumerate())
        .map(|(p, seat)| match seat.supporter {
            _ if problem.pins[p].is_some() => 0,
            NONE => network.exit[p].widen(),
            supporter => seat.cost.widen() + supporters[supporter as usize],
        })
        .collect();
    // At an optimum each participant pays the least of its row: the rows need not be read again to add that up.
    let dual = if optimal {
        let paid = participants.iter().try_fold(0_i128, |sum, &least| sum.checked_add(least))?;
        dual_value_of_places(problem, &supporters, &groups)?.checked_add(paid)?
    } else {
        dual_value(problem, &supporters, &groups)?
    };
    let potentials = (supporters, groups);
    let canonical = optimal && canonical;
    Some(Certificate::sealed(problem.scales, canonical, participants, potentials, flow.units(), dual))
}

/// A bound that needs no solving: every participant gets its cheapest arc, every supporter its cheapest place.
pub(super) fn easy_bound(problem: &Problem) -> Option<i128> {
    let tree = &problem.tree;
    let first = |node: usize| {
        if tree.open[node] { problem.packed_step(node, tree.pinned[node]) } else { Some(0) }
    };
    let supporters: Option<Vec<i128>> = (0..tree.supporters).map(first).collect();
    dual_value(problem, &supporters?, &vec![0; tree.root() - tree.supporters])
}

/// How much better than everyone unmatched an assignment can be at most; `None` on overflow.
fn first_gap(problem: &Problem) -> Option<i128> {
    let nobody = problem.objective(&pins_only(problem))?.packed(&problem.scales)?;
    nobody.checked_sub(easy_bound(problem)?)
}

/// Everyone unmatched but the pinned: within all capacities always.
pub(super) fn pins_only(problem: &Problem) -> Matches {
    problem.pins.iter().map(|pin| pin.map(|(supporter, _)| supporter)).collect()
}
