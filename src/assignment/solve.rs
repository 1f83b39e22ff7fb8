//! The entry: choose an algorithm and an integer width, solve, and put the result together.

use super::builder::extent_of;
use super::certificate::{Certificate, dual_value};
use super::control::{Control, Stage};
use super::filling::{Demand, demand, fill_all};
use super::flow::{Inserted, insert_all};
use super::ilp;
use super::integer::Integer;
use super::network::{Flow, NONE, Network};
use super::potentials::raise_to_cost_to_go;
use super::problem::Problem;
use super::row_reduction::reduce;
use super::shortlist::Shortlists;
use super::solution::{AlgorithmUsed, Assignment, Proof, Statistics, Stop};
use super::ties::first_in_order;
use crate::error::{Error, Result};

/// Percentage of the demand below which places are scarce.
const SCARCE: u128 = 95;

/// The algorithm to solve with. All of them solve the same problem to the same objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Algorithm {
    /// The library chooses; the statistics say which and why.
    #[default]
    Auto,
    /// Minimum-cost flow by successive shortest augmenting paths; proves its result by potentials.
    ShortestPaths,
    /// The same from the other side: places look for participants. Sooner done where places are clearly fewer; holds
    /// the pairs a second time.
    ShortestPathsFromPlaces,
    /// The complete model as an integer linear program: slower, and an independent second opinion.
    Ilp(Backend),
}

/// The solver behind [`Algorithm::Ilp`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Backend {
    /// microlp, pure Rust, always there.
    #[default]
    Microlp,
    /// HiGHS, behind the cargo feature `highs`; without it the solve is an error.
    Highs,
}

/// Which optimal assignment is returned when there are several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum TieBreak {
    /// Participant 0 gets the lowest-numbered supporter it has in any optimal assignment (unmatched counts as last),
    /// then participant 1, and so on. Flow algorithms only; an integer program returns any optimum.
    #[default]
    FirstInOrder,
    /// Any optimal assignment; the same one for the same problem, options and version of the library.
    Unspecified,
}

/// The integers to compute in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Width {
    /// 64 bits where provably enough, else 128.
    #[default]
    Narrowest,
    /// 128 bits always: slower, with the same result.
    Wide,
}

/// How to solve.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct Options {
    /// The algorithm.
    pub algorithm: Algorithm,
    /// The rule between optimal assignments.
    pub tie_break: TieBreak,
    /// The integers of the flow algorithms.
    pub width: Width,
    /// How many of its cheapest pairs the flow algorithms keep at hand for a participant with a long row; `None` for
    /// what is fast in general. A matter of time and memory: the answer does not depend on it under
    /// [`TieBreak::FirstInOrder`].
    pub shortlist: Option<u32>,
}

impl Options {
    /// The defaults: the library chooses, ties are broken in order.
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses the algorithm.
    #[must_use]
    pub fn algorithm(mut self, algorithm: Algorithm) -> Self {
        self.algorithm = algorithm;
        self
    }

    /// Chooses the rule between optimal assignments.
    #[must_use]
    pub fn tie_break(mut self, tie_break: TieBreak) -> Self {
        self.tie_break = tie_break;
        self
    }

    /// Chooses the integers to compute in.
    #[must_use]
    pub fn width(mut self, width: Width) -> Self {
        self.width = width;
        self
    }

    /// Chooses how many of its cheapest pairs are kept at hand for a participant.
    #[must_use]
    pub fn shortlist(mut self, length: u32) -> Self {
        self.shortlist = Some(length);
        self
    }
}

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
    let (algorithm, reason) = match options.algorithm {
        Algorithm::Auto => choose(problem),
        Algorithm::ShortestPaths => (AlgorithmUsed::ShortestPaths, "asked for".to_owned()),
        Algorithm::ShortestPathsFromPlaces => {
            (AlgorithmUsed::ShortestPathsFromPlaces, "asked for".to_owned())
        }
        Algorithm::Ilp(backend) => return ilp::solve(problem, backend, control),
    };
    let mut statistics = Statistics::new(problem, algorithm, &reason);
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

/// Which side is to search: the places, where they are for fewer than [`SCARCE`] percent of the participants who want
/// one and it costs the same to leave any of those unmatched.
///
/// Measured: 100,000 participants with places for 70 %, all alike, took 0.4 s from the places and 3.0 s from the
/// participants; 10,000 with places for 78 % and a hundred served weights took 5.6 s and 1.9 s, for at each weight that
/// the price of a place falls to, all places are involved.
fn choose(problem: &Problem) -> (AlgorithmUsed, String) {
    let Demand { places, participants, alike } = demand(problem);
    let sides = format!(
        "limits are nested, so the problem is a network flow; {participants} participants want one of {places} places"
    );
    if u128::from(places) * 100 >= u128::from(participants) * SCARCE {
        (AlgorithmUsed::ShortestPaths, format!("{sides}, so the participants search"))
    } else if alike {
        (
            AlgorithmUsed::ShortestPathsFromPlaces,
            format!("{sides} and all weigh the same, so the places search"),
        )
    } else {
        (AlgorithmUsed::ShortestPaths, format!("{sides} but weigh differently, so the participants search"))
    }
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
    if !cancelled && !control.stops(Stage::Potentials, 0, 1) {
        optimal = true;
        raise_to_cost_to_go(&network, &mut flow);
    }
    cancelled |= !optimal;
    if optimal && options.tie_break == TieBreak::FirstInOrder {
        match first_in_order(&network, &mut flow, control) {
            Some(moved) => statistics.ties_moved = moved,
            None => cancelled = true,
        }
    }

    let stop = if cancelled { Stop::Cancelled } else { Stop::Completed };
    let certificate = certificate(&network, &flow).ok_or_else(overflow)?;
    let bound = certificate.dual;
    let supporter = chosen(problem, &flow.supporter);
    let proof = if optimal { Proof::Potentials(Box::new(certificate)) } else { Proof::Bound };
    assemble(problem, supporter, bound, stop, proof, statistics)
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
    let packed = objective.packed(&problem.scales).ok_or_else(overflow)?;
    Ok(Assignment { supporter, objective, packed, bound, stop, proof, statistics })
}

fn overflow() -> Error {
    Error::overflow("the objective does not fit 128 bits; use smaller costs")
}

/// The choices of the flow, pins put back.
fn chosen(problem: &Problem, supporter: &[u32]) -> Vec<Option<u32>> {
    supporter
        .iter()
        .zip(&problem.pins)
        .map(|(&supporter, pin)| match pin {
            Some((pinned, _)) => Some(*pinned),
            None => (supporter != NONE).then_some(supporter),
        })
        .collect()
}

fn certificate<T: Integer>(network: &Network<'_, T>, flow: &Flow<T>) -> Option<Certificate> {
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
    Some(Certificate {
        scales: problem.scales,
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
