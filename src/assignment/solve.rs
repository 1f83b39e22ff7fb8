//! The entry: run the chosen algorithm in the chosen integer width, and put the result together.

use super::builder::extent_of;
use super::certificate::{Certificate, dual_value};
use super::choice::choose;
use super::control::{Control, Stage};
use super::fairness::Fairness;
use super::filling::fill_all;
use super::flow::{Inserted, insert_all};
use super::general;
use super::ilp;
use super::infeasible;
use super::integer::Integer;
use super::matches::Matches;
use super::network::{Flow, NONE, Network};
use super::options::{Algorithm, Options, TieBreak, Width};
use super::potentials::raise_to_cost_to_go;
use super::problem::Problem;
use super::row_reduction::reduce;
use super::shortlist::Shortlists;
use super::solution::{AlgorithmUsed, Assignment, Proof, Statistics, Stop};
use super::ties::first_in_order;
use crate::error::{Error, Result};

/// Finds an assignment of least cost, rung by rung, with its proof.
///
/// Without firm minimums a problem always has a solution, for everyone may stay unmatched. Equal inputs give equal
/// results. If `control`
/// stops the solve, the result is the feasible assignment reached so far, with the bound its potentials give; only
/// if the tie-break is cut short is it optimal nevertheless. Firm minimums may not all be met by then: the required
/// rung of the objective says by how much, and [`verify`](super::verify()) names where.
///
/// Complexity: see the algorithms; on real data the flow takes little longer than reading the pairs a few times.
///
/// # Errors
/// [`Error::is_infeasible`] if the firm minimums cannot all be met; [`Error::hall_violator`] names who clashes, in
/// numbers that can be counted. [`Error::is_overflow`] if the packed costs leave no room for sums in 128 bits; the message names the rungs.
/// [`Error::is_solver`] if an algorithm was asked for that does not hold participants with several places or
/// cannot put the worst-off first, or if an
/// integer program was asked for and its backend is missing, fails, or would have to
/// compute with numbers that floating point does not hold.
pub fn solve(problem: &Problem, options: &Options, control: &Control<'_>) -> Result<Assignment> {
    let (algorithm, reason) = match options.algorithm {
        Algorithm::Auto if problem.fairness == Fairness::WorstOffFirst => (
            AlgorithmUsed::NetworkSimplex,
            "limits are nested, so the problem is a network flow; worst-off first takes rounds on the explicit graph"
                .to_owned(),
        ),
        Algorithm::Auto if !problem.single_places() => (
            AlgorithmUsed::NetworkSimplex,
            "limits are nested, so the problem is a network flow; some participants have several places, which only \
             the explicit graph holds"
                .to_owned(),
        ),
        Algorithm::Auto => choose(problem),
        Algorithm::NetworkSimplex => (AlgorithmUsed::NetworkSimplex, "asked for".to_owned()),
        asked if problem.fairness == Fairness::WorstOffFirst && !matches!(asked, Algorithm::Ilp(_)) => {
            return Err(Error::solver(format!(
                "{asked:?} minimises sums and cannot put the worst-off first; choose Algorithm::Auto, \
                 Algorithm::NetworkSimplex or an integer program"
            )));
        }
        asked if !problem.single_places() && !matches!(asked, Algorithm::Ilp(_)) => {
            return Err(Error::solver(format!(
                "{asked:?} holds one place for each participant, and some have several; choose Algorithm::Auto, \
                 Algorithm::NetworkSimplex or an integer program"
            )));
        }
        Algorithm::ShortestPaths => (AlgorithmUsed::ShortestPaths, "asked for".to_owned()),
        Algorithm::ShortestPathsFromPlaces => {
            (AlgorithmUsed::ShortestPathsFromPlaces, "asked for".to_owned())
        }
        Algorithm::Ilp(backend) => return ilp::solve(problem, backend, control),
    };
    let mut statistics = Statistics::new(problem, algorithm, &reason);
    if algorithm == AlgorithmUsed::NetworkSimplex {
        return general::solve(problem, options, control, statistics);
    }
    let largest = problem.largest_cost;
    if options.width == Width::Narrowest && largest <= <i64 as Integer>::LIMIT {
        statistics.width_reason =
            format!("single packed costs stay within {largest}, below the 64-bit limit of 2^55");
        return by_shortest_paths::<i64>(problem, options, control, statistics);
    }
    if largest <= <i128 as Integer>::LIMIT {
        statistics.width_reason = if options.width == Width::Wide {
            "asked for".to_owned()
        } else {
            format!("single packed costs reach {largest}, above the 64-bit limit of 2^55")
        };
        return by_shortest_paths::<i128>(problem, options, control, statistics);
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
    control: &Control<'_>,
    mut statistics: Statistics,
) -> Result<Assignment> {
    statistics.width = T::WIDTH;
    let network = Network::<T>::new(problem);
    let mut flow = Flow::empty(&network);
    let mut inserted = Inserted::default();
    if statistics.algorithm == AlgorithmUsed::ShortestPathsFromPlaces {
        inserted = fill_all(&network, &mut flow, options.shortlist, control);
    } else {
        let mut lists = Shortlists::new(network.exit.len(), options.shortlist);
        let reduced = reduce(&network, &mut flow, &mut lists, control);
        statistics.bids = reduced.bids;
        if reduced.cancelled {
            inserted.cancelled = true;
        } else {
            inserted = insert_all(&network, &mut flow, &mut lists, &reduced.waiting, control);
        }
    }
    statistics.augmentations = inserted.augmentations;
    statistics.rows_scanned = inserted.rows_scanned;
    let mut cancelled = inserted.cancelled;
    let mut optimal = false;
    let canonical = options.tie_break == TieBreak::FirstInOrder;
    if !cancelled && !control.stops(Stage::Potentials, 0, 1) {
        optimal = true;
        // Whoever takes any optimum takes any proof of it.
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
    let certificate = certificate(&network, &flow, optimal && canonical).ok_or_else(overflow)?;
    let bound = certificate.dual;
    let matches = chosen(problem, &flow.supporter);
    let proof = if optimal { Proof::Potentials(Box::new(certificate)) } else { Proof::Bound };
    assemble(problem, matches, bound, stop, proof, statistics)
}

/// Puts an assignment together, its objective recomputed from the pairs. Where the least shortfall below the firm
/// minimums is not 0, it is the error that names who clashes.
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
    let packed = objective.packed(&problem.scales).ok_or_else(overflow)?;
    if objective.required > 0 && stop == Stop::Completed {
        return Err(infeasible::error(problem, &matches));
    }
    Ok(Assignment { matches, objective, packed, bound, stop, proof, statistics })
}

fn overflow() -> Error {
    Error::overflow("the objective does not fit 128 bits; use smaller costs")
}

/// The choices of the flow, pins put back.
fn chosen(problem: &Problem, supporter: &[u32]) -> Matches {
    supporter
        .iter()
        .zip(&problem.pins)
        .map(|(&supporter, pin)| match pin {
            Some((pinned, _)) => Some(*pinned),
            None => (supporter != NONE).then_some(supporter),
        })
        .collect()
}

fn certificate<T: Integer>(network: &Network<'_, T>, flow: &Flow<T>, canonical: bool) -> Option<Certificate> {
    let (problem, tree) = (network.problem, network.tree);
    let potential = |node: usize| if tree.open[node] { flow.potential[node].widen() } else { 0 };
    let supporters: Vec<i128> = (0..tree.supporters).map(potential).collect();
    let groups: Vec<i128> = (tree.supporters..tree.root()).map(potential).collect();
    let participants = (0..flow.supporter.len())
        .map(|p| match flow.supporter[p] {
            _ if problem.pins[p].is_some() => 0,
            NONE => network.exit[p].widen(),
            supporter => flow.cost[p].widen() + supporters[supporter as usize],
        })
        .collect();
    let dual = dual_value(problem, &supporters, &groups)?;
    let (supporter_flow, group_flow) = flow.units.split_at(tree.supporters);
    let mut certificate = Certificate {
        scales: problem.scales,
        canonical,
        participants,
        supporters,
        groups,
        supporter_flow: supporter_flow.to_vec(),
        group_flow: group_flow.to_vec(),
        dual,
        checksum: 0,
    };
    certificate.checksum = certificate.expected_checksum();
    Some(certificate)
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

/// Everyone unmatched but the pinned: within all capacities always.
pub(super) fn pins_only(problem: &Problem) -> Matches {
    problem.pins.iter().map(|pin| pin.map(|(supporter, _)| supporter)).collect()
}
