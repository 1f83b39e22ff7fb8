//! The entry: run the chosen algorithm in the chosen integer width, and put the result together.

use super::builder::extent_of;
use super::certificate::{Certificate, dual_value, dual_value_of_places};
use super::choice::{Plan, Side, plan};
use super::control::{Control, Stage};
use super::filling::fill_all;
use super::flow::{Inserted, Search};
use super::ilp;
use super::integer::Integer;
use super::ladder::Rungs;
use super::network::{Flow, NONE, Network};
use super::options::{Algorithm, Options, TieBreak, Width};
use super::potentials::raise_to_cost_to_go;
use super::problem::Problem;
use super::row_reduction::reduce;
use super::shortlist::Shortlists;
use super::solution::{Assignment, Proof, Statistics, Stop};
use super::ties::first_in_order;
use crate::error::{Error, Result};

/// Finds an assignment of least cost, rung by rung, with its proof.
///
/// A problem always has a solution, for everyone may stay unmatched. Equal inputs give equal results. If `control`
/// stops the solve, the result is the feasible assignment reached so far, with the bound its potentials give; only
/// if the tie-break is cut short is it optimal nevertheless.
///
/// Complexity: see the algorithms; on real data the flow takes little longer than reading the pairs a few times.
///
/// # Errors
/// [`Error::is_overflow`] if the packed costs leave no room for sums in 128 bits; the message names the rungs.
/// [`Error::is_solver`] if an integer program was asked for and its backend is missing, fails, or would have to
/// compute with numbers that floating point does not hold.
pub fn solve(problem: &Problem, options: &Options, control: &Control<'_>) -> Result<Assignment> {
    if let Algorithm::Ilp(backend) = options.algorithm {
        return ilp::solve(problem, backend, control);
    }
    let plan = plan(problem, options.algorithm);
    let mut statistics = Statistics::new(problem, plan.algorithm, &plan.reason);
    let largest = problem.largest_cost;
    if options.width == Width::Narrowest && largest <= <i64 as Integer>::LIMIT {
        statistics.width_reason =
            format!("single packed costs stay within {largest}, below the 64-bit limit of 2^55");
        return by_shortest_paths::<i64>(problem, options, &plan, control, statistics);
    }
    if largest <= <i128 as Integer>::LIMIT {
        statistics.width_reason = if options.width == Width::Wide {
            "asked for".to_owned()
        } else {
            format!("single packed costs reach {largest}, above the 64-bit limit of 2^55")
        };
        return by_shortest_paths::<i128>(problem, options, &plan, control, statistics);
    }
    Err(Error::overflow(format!(
        "single packed costs reach {largest}, above the 128-bit limit of 2^118; the rungs can differ by {} between \
         assignments; use smaller costs",
        extent_of(problem).range
    )))
}

fn by_shortest_paths<T: Integer>(
    problem: &Problem,
    options: &Options,
    plan: &Plan,
    control: &Control<'_>,
    mut statistics: Statistics,
) -> Result<Assignment> {
    statistics.width = T::WIDTH;
    let network = Network::<T>::new(problem);
    let mut flow = Flow::empty(&network);
    let inserted = insert_batches(&network, &mut flow, plan, options.shortlist, control, &mut statistics);
    statistics.augmentations = inserted.augmentations;
    statistics.rows_scanned = inserted.rows_scanned;
    let mut cancelled = inserted.cancelled;
    let mut optimal = false;
    // What the potentials of any optimum prove suffices where any optimum does.
    let canonical = options.tie_break == TieBreak::FirstInOrder;
    if !cancelled && !control.stops(Stage::Potentials, 0, 1) {
        optimal = true;
        if canonical {
            raise_to_cost_to_go(&network, &mut flow);
        }
    }
    cancelled |= !optimal;
    if optimal && canonical {
        match first_in_order(&network, &mut flow, control) {
            Some(moved) => statistics.ties_moved = moved,
            None => cancelled = true,
        }
    }

    let stop = if cancelled { Stop::Cancelled } else { Stop::Completed };
    let certificate = certificate(&network, &flow, optimal, canonical).ok_or_else(overflow)?;
    let bound = certificate.dual;
    let supporter = chosen(problem, flow.supporters());
    let proof = if optimal { Proof::Potentials(Box::new(certificate)) } else { Proof::Bound };
    let cost = |p: usize| {
        let seat = &flow.seats[p];
        network.quality_of(p, seat.supporter, seat.cost)
    };
    let objective = problem.objective_with(&supporter, |p, _| Some(cost(p))).ok_or_else(overflow)?;
    with_objective(problem, supporter, objective, bound, stop, proof, statistics)
}

/// Inserts one batch after another, each from the side that was planned.
fn insert_batches<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    plan: &Plan,
    shortlist: Option<u32>,
    control: &Control<'_>,
    statistics: &mut Statistics,
) -> Inserted {
    let mut inserted = Inserted::default();
    let lists_of_nobody = || Shortlists::new(network.exit.len(), network.problem.pairs(), shortlist);
    let mut lists = lists_of_nobody();
    let mut search = Search::new(network);
    for (batch, side) in &plan.batches {
        let filled = match side {
            Side::Places => fill_all(network, flow, &plan.order, batch, shortlist, control),
            Side::Participants => None,
        };
        let more = if let Some(filled) = filled {
            // Potentials have fallen, so the lists' bounds do not hold any more.
            lists = lists_of_nobody();
            filled
        } else {
            let reduced = reduce(network, flow, &mut lists, &plan.order[batch.clone()], control);
            statistics.bids += reduced.bids;
            if reduced.cancelled {
                inserted.cancelled = true;
                break;
            }
            search.insert_all(network, flow, &mut lists, &reduced.waiting, control)
        };
        inserted.augmentations += more.augmentations;
        inserted.rows_scanned += more.rows_scanned;
        inserted.cancelled = more.cancelled;
        if inserted.cancelled {
            break;
        }
    }
    inserted
}

/// Puts an assignment together, its objective recomputed from the pairs.
pub(super) fn assemble(
    problem: &Problem,
    supporter: Vec<Option<u32>>,
    bound: i128,
    stop: Stop,
    proof: Proof,
    statistics: Statistics,
) -> Result<Assignment> {
    let objective = problem.objective(&supporter).ok_or_else(overflow)?;
    with_objective(problem, supporter, objective, bound, stop, proof, statistics)
}

fn with_objective(
    problem: &Problem,
    supporter: Vec<Option<u32>>,
    objective: Rungs,
    bound: i128,
    stop: Stop,
    proof: Proof,
    statistics: Statistics,
) -> Result<Assignment> {
    let packed = objective.packed(&problem.scales).ok_or_else(overflow)?;
    Ok(Assignment { supporter, objective, packed, bound, stop, proof, statistics })
}

fn overflow() -> Error {
    Error::overflow("the objective does not fit 128 bits; use smaller costs")
}

/// The choices of the flow, pins put back.
fn chosen(problem: &Problem, supporters: impl Iterator<Item = u32>) -> Vec<Option<u32>> {
    supporters
        .zip(&problem.pins)
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
    let (supporter_flow, group_flow) = flow.units().split_at(tree.supporters);
    Some(Certificate {
        scales: problem.scales,
        canonical,
        participants,
        supporters,
        groups,
        supporter_flow: supporter_flow.to_vec(),
        group_flow: group_flow.to_vec(),
        dual,
    })
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

/// Everyone unmatched but the pinned: feasible always.
pub(super) fn pins_only(problem: &Problem) -> Vec<Option<u32>> {
    problem.pins.iter().map(|pin| pin.map(|(supporter, _)| supporter)).collect()
}
