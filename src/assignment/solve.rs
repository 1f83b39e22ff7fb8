//! The entry: run the chosen algorithm in the chosen integer width, and put the result together.

use rayon::prelude::*;

use super::baseline;
use super::certificate::{Certificate, dual_value, dual_value_of_places};
use super::choice::{Plan, plan};
use super::completion::complete;
use super::control::{Control, Course, Stage};
use super::extent::extent_of;
use super::fairness::Fairness;
use super::general;
use super::ilp;
use super::infeasible;
use super::integer::Integer;
use super::ladder::{Rung, Rungs};
use super::matches::Matches;
use super::network::{Flow, NONE, Network};
use super::options::{Algorithm, Options, Width};
use super::problem::Problem;
use super::solution::{AlgorithmUsed, Assignment, Proof, Statistics, Stop};
use super::stages::{Outcome, Task, in_parts, optimise};
use super::warm_start::WarmStart;
use crate::error::{Error, Result};

/// Finds an assignment of least cost, rung by rung, with its proof.
///
/// Without firm minimums a problem always has a solution, for everyone may stay unmatched. Equal inputs give equal
/// results. If `control` stops the solve, the result is the feasible assignment reached so far, with the bound its
/// potentials give; only if the tie-break is cut short is it optimal nevertheless. Firm minimums may not all be met by
/// then, and a baseline does not seek to meet them: the required rung of the objective says by how much they are
/// missed, and [`verify`](super::verify()) names where.
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
/// but for the statistics; under [`TieBreak::Unspecified`](super::TieBreak) another optimum may come out.
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

/// What [`solve_from`] does, but that an assignment of least shortfall comes back where firm minimums cannot all be
/// met.
pub(super) fn find(
    problem: &Problem,
    start: Option<&WarmStart>,
    options: &Options,
    control: &Control<'_>,
) -> Result<Assignment> {
    if control.is_under_way() {
        return find_by(problem, start, options, control);
    }
    // Of the fairest and of baselines it does not tell how much better they can become.
    let measured =
        problem.fairness == Fairness::Total && !matches!(options.algorithm, Algorithm::Baseline(_));
    let gap = if control.is_watched() && measured { first_gap(problem) } else { None };
    let course = Course::new(gap);
    let mut found = find_by(problem, start, options, &control.during(&course))?;
    if found.proof == Proof::Bound
        && let Some(bound) = course.gap().and_then(|gap| found.packed.checked_sub(gap))
    {
        // What was told holds.
        found.bound = found.bound.max(bound);
    }
    Ok(found)
}

fn find_by(
    problem: &Problem,
    start: Option<&WarmStart>,
    options: &Options,
    control: &Control<'_>,
) -> Result<Assignment> {
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
    let Outcome { optimal, canonical, cancelled } = match divided {
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
    let stop = if cancelled { control.reason() } else { Stop::Completed };
    let matches = chosen(problem, flow.supporters());
    if !optimal {
        let bound = bound_at(&network, &flow.potential).ok_or_else(overflow)?;
        let matches = complete(problem, &matches).ok_or_else(overflow)?;
        watch.lap(Stage::Certificate);
        statistics.times = watch.times();
        return assemble(problem, matches, bound, stop, Proof::Bound, statistics);
    }
    let certificate = certificate(&network, &flow, canonical).ok_or_else(overflow)?;
    let bound = certificate.dual;
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
    // Where the worst-off come first, the fairest may cost more than what a stopped solve has, so nothing that it costs
    // tells that it is the fairest.
    let unfinished = stop != Stop::Completed && matches!(proof, Proof::Bound);
    let unfair = unfinished && problem.fairness == Fairness::WorstOffFirst;
    let bound = if unfair { bound.min(packed.saturating_sub(1)) } else { bound };
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

/// The potentials of supporters and groups as they are published.
fn published<T: Integer>(network: &Network<'_, T>, potential: &[T]) -> (Vec<i128>, Vec<i128>) {
    let tree = network.tree;
    let potential = |node: usize| if tree.open[node] { potential[node].widen() } else { 0 };
    let supporters = (0..tree.supporters).map(potential).collect();
    (supporters, (tree.supporters..tree.root()).map(potential).collect())
}

/// The bound that any potentials give where each participant has one place: [`dual_value`] in narrow integers.
fn bound_at<T: Integer>(network: &Network<'_, T>, potential: &[T]) -> Option<i128> {
    let problem = network.problem;
    let (supporters, groups) = published(network, potential);
    let least = |p: usize| {
        let values = network.row(p).map(|(s, cost)| cost + potential[s]);
        values.fold(network.exit[p], T::min).widen()
    };
    let unpinned = |p: usize| if problem.pins[p].is_none() { least(p) } else { 0 };
    let paid: Vec<i128> = (0..problem.pins.len()).into_par_iter().map(unpinned).collect();
    let places = dual_value_of_places(problem, &supporters, &groups)?;
    paid.into_iter().try_fold(places, i128::checked_add)
}

fn certificate<T: Integer>(network: &Network<'_, T>, flow: &Flow<T>, canonical: bool) -> Option<Certificate> {
    let problem = network.problem;
    let (supporters, groups) = published(network, &flow.potential);
    let participants: Vec<i128> = (flow.seats.iter().enumerate())
        .map(|(p, seat)| match seat.supporter {
            _ if problem.pins[p].is_some() => 0,
            NONE => network.exit[p].widen(),
            supporter => seat.cost.widen() + supporters[supporter as usize],
        })
        .collect();
    // At an optimum each participant pays the least of its row: the rows need not be read again to add that up.
    let paid = participants.iter().try_fold(0_i128, |sum, &least| sum.checked_add(least))?;
    let dual = dual_value_of_places(problem, &supporters, &groups)?.checked_add(paid)?;
    let potentials = (supporters, groups);
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

/// A bound where these rungs are known to be at their optimum: the easy one for the others.
pub(super) fn bound_given(problem: &Problem, best: &[(Rung, i128)]) -> Option<i128> {
    let mut rest = problem.clone();
    let mut known = Rungs::default();
    for &(rung, best) in best {
        *rest.scales.get_mut(rung) = 0;
        *known.get_mut(rung) = best;
    }
    easy_bound(&rest)?.checked_add(known.packed(&problem.scales)?)
}

/// What comes back where a solve was stopped before it had anything: free places filled, and the easy bound.
pub(super) fn nothing_but_filled(
    problem: &Problem,
    control: &Control<'_>,
    statistics: Statistics,
) -> Result<Assignment> {
    let matches = complete(problem, &pins_only(problem)).ok_or_else(overflow)?;
    let bound = easy_bound(problem).ok_or_else(overflow)?;
    assemble(problem, matches, bound, control.reason(), Proof::Bound, statistics)
}

/// How much better than everyone unmatched an assignment can be at most: everyone at its cheapest arc and the first
/// place of each supporter and group. `None` on overflow.
fn first_gap(problem: &Problem) -> Option<i128> {
    let tree = &problem.tree;
    let nobody = problem.objective(&pins_only(problem))?.packed(&problem.scales)?;
    let mut potential = vec![0_i128; tree.root() + 1];
    for node in tree.top_down().into_iter().map(|v| v as usize).filter(|&v| tree.open[v]) {
        let above = potential[tree.parent[node] as usize];
        potential[node] = above.checked_add(problem.packed_step(node, tree.pinned[node])?)?;
    }
    let (supporters, groups) = potential[..tree.root()].split_at(tree.supporters);
    nobody.checked_sub(dual_value(problem, supporters, groups)?)
}

/// Everyone unmatched but the pinned: within all capacities always.
pub(super) fn pins_only(problem: &Problem) -> Matches {
    problem.pins.iter().map(|pin| pin.map(|(supporter, _)| supporter)).collect()
}
