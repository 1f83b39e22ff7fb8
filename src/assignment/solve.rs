//! The entry: run the chosen algorithm in the chosen integer width, and put the result together.

use std::sync::atomic::AtomicBool;

use rayon::prelude::*;

use super::auction;
use super::baseline;
use super::builder::extent_of;
use super::certificate::{Certificate, dual_value};
use super::choice::choose;
use super::completion::complete;
use super::components::{Division, divide};
use super::control::{Control, Stage, Stopwatch};
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
use super::refill::refill;
use super::row_reduction::reduce;
use super::shortlist::Shortlists;
use super::solution::{AlgorithmUsed, Assignment, Proof, Statistics, Stop};
use super::ties::first_in_order;
use super::warm_start::{WarmStart, begin, pass};
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
    solve_with(problem, None, options, control)
}

/// The same, starting from an earlier solution; what of it does not fit is left out. The result is that of [`solve`],
/// but for the statistics; under [`TieBreak::Unspecified`] another optimum may come out. Integer programs start afresh.
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
    solve_with(problem, Some(start), options, control)
}

fn solve_with(
    problem: &Problem,
    start: Option<&WarmStart>,
    options: &Options,
    control: &Control<'_>,
) -> Result<Assignment> {
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
        Algorithm::Auto => choose(problem, options.width),
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
        Algorithm::Auction => match auction::holds(problem, options.width) {
            Ok(()) => (AlgorithmUsed::Auction, "asked for".to_owned()),
            Err(why) => (
                AlgorithmUsed::ShortestPaths,
                format!("the auction was asked for but cannot hold the problem: {why}"),
            ),
        },
        Algorithm::Ilp(backend) => return ilp::solve(problem, backend, control),
        Algorithm::Baseline(baseline) => return baseline::solve(problem, baseline),
    };
    let mut statistics = Statistics::new(problem, algorithm, &reason);
    if algorithm == AlgorithmUsed::NetworkSimplex {
        return general::solve(problem, options, control, statistics);
    }
    let largest = problem.largest_cost;
    if options.width == Width::Narrowest && largest <= <i64 as Integer>::LIMIT {
        statistics.width_reason =
            format!("single packed costs stay within {largest}, below the 64-bit limit of 2^55");
        return by_shortest_paths::<i64>(problem, start, options, control, statistics);
    }
    if largest <= <i128 as Integer>::LIMIT {
        statistics.width_reason = if options.width == Width::Wide {
            "asked for".to_owned()
        } else {
            format!("single packed costs reach {largest}, above the 64-bit limit of 2^55")
        };
        return by_shortest_paths::<i128>(problem, start, options, control, statistics);
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
    options: &Options,
    control: &Control<'_>,
    mut statistics: Statistics,
) -> Result<Assignment> {
    statistics.width = T::WIDTH;
    let network = Network::<T>::new(problem);
    let mut watch = control.stopwatch();
    let mut flow = Flow::empty(&network);
    let divided = if start.is_none() { divide(problem) } else { None };
    let Outcome { optimal, cancelled } = match divided {
        Some(division) => {
            let outcome = in_parts(&network, &mut flow, &division, options, control, &mut statistics);
            watch.lap(Stage::ShortestPaths);
            outcome
        }
        None => optimise(&network, &mut flow, start, options, control, &mut statistics, &mut watch),
    };
    let canonical = options.tie_break == TieBreak::FirstInOrder;

    let stop = if cancelled { control.reason() } else { Stop::Completed };
    let certificate = certificate(&network, &flow, optimal && canonical).ok_or_else(overflow)?;
    let bound = certificate.dual;
    let mut matches = chosen(problem, &flow.supporter);
    if !optimal {
        matches = complete(problem, &matches).ok_or_else(overflow)?;
    }
    watch.lap(Stage::Certificate);
    statistics.times = watch.times();
    let proof = if optimal { Proof::Potentials(Box::new(certificate)) } else { Proof::Bound };
    assemble(problem, matches, bound, stop, proof, statistics)
}

/// How far the stages of the flow came.
struct Outcome {
    /// Flow and potentials prove each other optimal.
    optimal: bool,
    /// Something was left undone.
    cancelled: bool,
}

/// All stages of the flow, from nothing or from an earlier solution to the first optimum in order.
fn optimise<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    start: Option<&WarmStart>,
    options: &Options,
    control: &Control<'_>,
    statistics: &mut Statistics,
    watch: &mut Stopwatch,
) -> Outcome {
    let mut inserted = Inserted::default();
    let resumed = start.and_then(|start| resume(network, flow, start, options, control, statistics));
    if let Some(resumed) = resumed {
        inserted = resumed;
        watch.lap(Stage::ShortestPaths);
    } else if statistics.algorithm == AlgorithmUsed::ShortestPathsFromPlaces {
        inserted = fill_all(network, flow, options.shortlist, control);
        watch.lap(Stage::ShortestPaths);
    } else if statistics.algorithm == AlgorithmUsed::Auction {
        let filled = auction::auction_all(network, flow, control);
        statistics.bids = filled.bids;
        inserted = Inserted {
            augmentations: filled.searches,
            rows_scanned: filled.rows_read,
            cancelled: filled.cancelled,
        };
        watch.lap(Stage::Auction);
    } else {
        let mut lists = Shortlists::new(network.exit.len(), options.shortlist);
        let reduced = reduce(network, flow, &mut lists, control);
        statistics.bids = reduced.bids;
        watch.lap(Stage::RowReduction);
        if reduced.cancelled {
            inserted.cancelled = true;
        } else {
            inserted = insert_all(network, flow, &mut lists, &reduced.waiting, control);
            watch.lap(Stage::ShortestPaths);
        }
    }
    statistics.augmentations = inserted.augmentations;
    statistics.rows_scanned = inserted.rows_scanned;
    if inserted.cancelled || control.stops(Stage::Potentials, 0, 1) {
        return Outcome { optimal: false, cancelled: true };
    }
    let mut cancelled = false;
    // Whoever takes any optimum takes any proof of it.
    if options.tie_break == TieBreak::FirstInOrder {
        raise_to_cost_to_go(network, flow);
        watch.lap(Stage::Potentials);
        match first_in_order(network, flow, control) {
            Some(moved) => statistics.ties_moved = moved,
            None => cancelled = true,
        }
        watch.lap(Stage::TieBreak);
    }
    Outcome { optimal: true, cancelled }
}

/// The same for each part of a divided problem, at the same time; puts their flows and potentials together.
fn in_parts<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    division: &Division,
    options: &Options,
    control: &Control<'_>,
    statistics: &mut Statistics,
) -> Outcome {
    let problem = network.problem;
    let stopped = AtomicBool::new(false);
    let control = control.shared(&stopped);
    let solved: Vec<(Flow<T>, Outcome, Statistics)> = division
        .participants
        .par_iter()
        .map(|participants| {
            let part = problem.for_participants(participants);
            let algorithm = if options.algorithm == Algorithm::Auto {
                choose(&part, options.width).0
            } else {
                statistics.algorithm
            };
            let mut statistics = Statistics::new(&part, algorithm, "");
            let network = Network::<T>::new(&part);
            let mut flow = Flow::empty(&network);
            let watch = &mut Control::new().stopwatch();
            let outcome = optimise(&network, &mut flow, None, options, &control, &mut statistics, watch);
            (flow, outcome, statistics)
        })
        .collect();
    let mut all = Outcome { optimal: true, cancelled: false };
    let mut from_places = 0;
    for (index, (part, outcome, counts)) in solved.iter().enumerate() {
        all.optimal &= outcome.optimal;
        all.cancelled |= outcome.cancelled;
        statistics.bids += counts.bids;
        statistics.augmentations += counts.augmentations;
        statistics.rows_scanned += counts.rows_scanned;
        statistics.ties_moved += counts.ties_moved;
        from_places += usize::from(counts.algorithm == AlgorithmUsed::ShortestPathsFromPlaces);
        for (at, &participant) in division.participants[index].iter().enumerate() {
            let supporter = part.supporter[at];
            if supporter != NONE {
                flow.attach(participant, supporter, part.cost[at]);
                pass(network, flow, supporter as usize);
            }
        }
        for (node, &home) in division.part.iter().enumerate() {
            if home as usize == index {
                flow.potential[node] = part.potential[node];
            }
        }
    }
    statistics.algorithm_reason = format!(
        "{} independent components in {} parts, of which {from_places} are solved from the places; as a whole: {}",
        division.components,
        solved.len(),
        statistics.algorithm_reason
    );
    all
}

/// Leads an earlier solution to an optimum; `None`, with the flow as it was, if too little of it can be kept.
fn resume<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    start: &WarmStart,
    options: &Options,
    control: &Control<'_>,
    statistics: &mut Statistics,
) -> Option<Inserted> {
    let mut begun = begin(network, flow, start);
    let unpinned = network.problem.pins.iter().filter(|pin| pin.is_none()).count();
    let waiting = begun.waits.iter().filter(|&&waits| waits).count();
    if waiting * 2 > unpinned {
        *flow = Flow::empty(network);
        return None;
    }
    statistics.kept = (unpinned - waiting) as u64;
    statistics.algorithm = AlgorithmUsed::ShortestPaths;
    statistics.algorithm_reason = format!(
        "{} of {unpinned} participants could stay as they were, so the search went on from there",
        statistics.kept
    );
    let Some(searches) = refill(network, flow, &mut begun, control) else {
        return Some(Inserted { cancelled: true, ..Inserted::default() });
    };
    let left: Vec<u32> = (0..).zip(&begun.waits).filter(|&(_, &waits)| waits).map(|(p, _)| p).collect();
    let mut lists = Shortlists::new(network.exit.len(), options.shortlist);
    let mut inserted = insert_all(network, flow, &mut lists, &left, control);
    inserted.augmentations += searches;
    Some(inserted)
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
