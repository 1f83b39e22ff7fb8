//! Which algorithm is chosen where the caller leaves it to the library, and why: rules that were measured.

use std::cmp::Reverse;
use std::ops::Range;

use super::auction;
use super::options::{Algorithm, Options};
use super::problem::Problem;
use super::solution::AlgorithmUsed;

/// Percentage of the demand below which places are scarce.
const SCARCE: u64 = 95;
/// Percentage of all participants so far that a batch must make up for the pairs to be listed by supporter.
const LARGE: u64 = 10;
/// Batches of participants that are inserted one after another, at most.
const MOST_BATCHES: usize = 256;

/// Who searches for whom.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Participants,
    Places,
}

/// In which order participants are inserted, and how.
pub(super) struct Plan {
    pub(super) algorithm: AlgorithmUsed,
    pub(super) reason: String,
    /// All participants but the pinned; nobody where the auction lets everyone in at once.
    pub(super) order: Vec<u32>,
    /// The order cut into pieces, and who searches in each.
    pub(super) batches: Vec<(Range<usize>, Side)>,
}

/// The auction where it suits. Else participants are inserted in batches, those first whom it costs most served weight
/// to leave unmatched: nobody of a later batch ever takes the place of one from an earlier (see [`super::ladder`]), so
/// as long as there is room, later batches find the prices of places low.
///
/// Left to the library, the participants of a batch search for places, but the places search for participants where
/// they are for fewer than [`SCARCE`] percent of the participants so far, while there was room for those before the
/// batch, and leaving any of the batch unmatched costs the same, and the batch is [`LARGE`].
///
/// Measured by `solve_assignment --algorithm places` beside `--algorithm flow`: 100,000 and 10,000 participants with
/// places for 70 %, all alike, took a sixth and a quarter of the time from the places. With many served weights in one
/// batch the participants are sooner done, for at each weight that the price of a place falls to, all places are
/// involved.
pub(super) fn plan(problem: &Problem, options: &Options) -> Plan {
    let algorithm = options.algorithm;
    let by_auction =
        |reason| Plan { algorithm: AlgorithmUsed::Auction, reason, order: Vec::new(), batches: Vec::new() };
    if algorithm == Algorithm::Auction {
        return match auction::holds(problem, options.width) {
            Ok(()) => by_auction("asked for".to_owned()),
            Err(why) => {
                let mut plan = plan(problem, &options.algorithm(Algorithm::ShortestPaths));
                plan.reason = format!("the auction was asked for but cannot hold the problem: {why}");
                plan
            }
        };
    }
    if algorithm == Algorithm::Auto
        && let Some(reason) = auction::suits(problem, options.width)
    {
        return by_auction(reason);
    }
    let (order, batches) = insertion_order(problem);
    if algorithm == Algorithm::ShortestPathsFromPlaces {
        let batches = vec![(0..order.len(), Side::Places)];
        let algorithm = AlgorithmUsed::ShortestPathsFromPlaces;
        return Plan { algorithm, reason: "asked for".to_owned(), order, batches };
    }
    if algorithm == Algorithm::ShortestPaths {
        let batches = batches.into_iter().map(|batch| (batch, Side::Participants)).collect();
        let algorithm = AlgorithmUsed::ShortestPaths;
        return Plan { algorithm, reason: "asked for".to_owned(), order, batches };
    }
    let forced = algorithm == Algorithm::ShortestPathsFromBothSides;
    let places = places(problem);
    let (mut before, mut scarce) = (0, false);
    let batches: Vec<_> = (batches.into_iter())
        .map(|batch| {
            let wanting = order[batch.clone()].iter().filter(|&&p| !problem.row_range(p as usize).is_empty());
            let count = wanting.clone().count() as u64;
            let price = |p: &u32| (problem.served_weights[*p as usize], problem.unmatched_costs[*p as usize]);
            let alike = (problem.served_weights.is_alike() && problem.unmatched_costs.is_alike())
                || wanting.clone().zip(wanting.skip(1)).all(|(one, other)| price(one) == price(other));
            let so_far = before + count;
            let fills = before * SCARCE <= places * 100 && places * 100 < so_far * SCARCE;
            before = so_far;
            scarce |= fills && !alike;
            let side = if fills && alike && count * 100 >= so_far * LARGE {
                Side::Places
            } else {
                Side::Participants
            };
            (batch, side)
        })
        .collect();
    if forced {
        let algorithm = AlgorithmUsed::ShortestPathsFromBothSides;
        return Plan { algorithm, reason: "asked for".to_owned(), order, batches };
    }
    let from_places = batches.iter().filter(|(_, side)| *side == Side::Places).count();
    let (algorithm, who) = if from_places == 0 {
        let who = if scarce {
            "but weigh differently, so the participants search"
        } else {
            "so the participants search"
        };
        (AlgorithmUsed::ShortestPaths, who)
    } else if from_places == batches.len() {
        (AlgorithmUsed::ShortestPathsFromPlaces, "and all weigh the same, so the places search")
    } else {
        (
            AlgorithmUsed::ShortestPathsFromBothSides,
            "so the participants search by falling weight, and the places at the weight at which they run out",
        )
    };
    let pinned = problem.pins.len() - order.len();
    let beside = if pinned > 0 { format!(", {pinned} pinned ones left out,") } else { String::new() };
    let reason = format!(
        "limits are nested, so the problem is a network flow; {before} participants{beside} want one of {places} places, \
         {who}"
    );
    Plan { algorithm, reason, order, batches }
}

/// Places that someone has a pair for, as far as capacities alone tell. O(supporters + groups).
fn places(problem: &Problem) -> u64 {
    let tree = &problem.tree;
    let mut places: Vec<u64> = problem.degrees.iter().map(|&degree| u64::from(degree)).collect();
    places.resize(tree.root() + 1, 0);
    for &node in tree.top_down().iter().rev() {
        let v = node as usize;
        let room = u64::from(tree.capacity[v] - tree.pinned[v]);
        let passes = if tree.open[v] { places[v].min(room) } else { 0 };
        places[tree.parent[v] as usize] += passes;
    }
    places[tree.root()]
}

/// The participants by falling served weight, pinned ones left out, and where the order is cut into batches.
fn insertion_order(problem: &Problem) -> (Vec<u32>, Vec<Range<usize>>) {
    let mut order = Vec::with_capacity(problem.pins.len());
    order.extend((0..problem.participants()).filter(|&p| problem.pins[p as usize].is_none()));
    if problem.served_weights.is_alike() && !order.is_empty() {
        let all = 0..order.len();
        return (order, vec![all]);
    }
    let weight = |p: u32| Reverse(problem.served_weights[p as usize]);
    if !order.is_sorted_by_key(|&p| weight(p)) {
        order.sort_by_key(|&p| weight(p));
    }
    let least = order.len().div_ceil(MOST_BATCHES).max(1);
    let (mut batches, mut start) = (Vec::new(), 0);
    for end in 1..=order.len() {
        let falls = order.get(end).is_none_or(|&next| weight(next) != weight(order[end - 1]));
        if falls && (end - start >= least || end == order.len()) {
            batches.push(start..end);
            start = end;
        }
    }
    (order, batches)
}
