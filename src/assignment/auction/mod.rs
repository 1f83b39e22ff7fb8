//! Balanced problems with one place each: an auction for good prices, then exact shortest augmenting paths.
//!
//! **Problem.** Where there are about as many participants as places and each supporter has one, complete or sparse,
//! the last participants to be inserted by shortest paths displace nearly everyone: the general engine of
//! [`super::flow`] spends most of its time there.
//!
//! **Method.** [`market`] keeps each participant's cheapest pairs at hand. [`bidding`] finds prices at which nearly
//! everyone has a cheapest arc of its own, by an auction at a falling epsilon, and settles who can be settled
//! exactly. [`paths`] lets the others in along shortest augmenting paths and puts free places right. Prices
//! are the potentials of [`Flow`].
//!
//! **Why it is exact.** Whatever the auction leaves, the last step establishes that everyone uses a cheapest arc and
//! that only taken places are above their marginal cost: complementary slackness, as [`super::verify`] checks.
//!
//! **Time and space.** Reads the pairs about once where costs are scattered, more often where they are structured. The
//! auction has no polynomial bound better than that of paths, O(n (m + n log n)) for `n` participants and `m` pairs.
//! Space O(n) beside the problem; a packed copy of the costs if the ladder has more rungs than quality.
//!
//! **When it is the wrong choice.** It does not hold groups, several places of one supporter, or costs beyond 64 bits,
//! and is slow where places are clearly more than participants: scaling leaves prices at free places, which have to
//! be taken back.
//!
//! **References.** D. P. Bertsekas, "The auction algorithm", Annals of OR 14 (1988); R. Jonker, A. Volgenant, "A
//! shortest augmenting path algorithm for dense and sparse linear assignment problems", Computing 38 (1987);
//! A. V. Goldberg, R. Kennedy, "An efficient cost scaling algorithm for the assignment problem", Mathematical
//! Programming 71 (1995).

mod bidding;
mod course;
mod lane;
mod market;
mod paths;

use lane::Lane;
use market::{Counts, Market, NONE, Rows};

use super::control::Control;
use super::costs::{Cost, CostSlice};
use super::integer::Integer;
use super::network::{Flow, Network};
use super::options::Width;
use super::problem::Problem;

/// Pairs in a record where rows are long; a record is then four cache lines of 32-bit costs.
const LONG: usize = 31;
/// Pairs in a record where rows are short; a record is then one cache line.
const SHORT: usize = 7;
/// Average row length from which rows are long.
const LONG_ROWS: usize = 64;
/// Percentage by which participants and places may differ in number where the library chooses this algorithm.
const UNBALANCED: usize = 5;

/// What was done.
pub(super) struct Filled {
    pub(super) bids: u64,
    pub(super) searches: u64,
    pub(super) rows_read: u64,
    pub(super) cancelled: bool,
}

/// Whether the auction can solve the problem; if not, why not. O(supporters).
pub(super) fn holds(problem: &Problem, width: Width) -> Result<(), String> {
    let tree = &problem.tree;
    if !problem.single_places() {
        return Err("some participants have several places".to_owned());
    }
    if width == Width::Wide || problem.largest_cost > <i64 as Integer>::LIMIT {
        return Err("it computes in 64 bits at most".to_owned());
    }
    for supporter in (0..tree.supporters).filter(|&supporter| tree.open[supporter]) {
        if tree.parent[supporter] as usize != tree.root() {
            return Err(format!("supporter {supporter} stands under a group"));
        }
        let places = tree.capacity[supporter] - tree.pinned[supporter];
        if places != 1 {
            return Err(format!("supporter {supporter} has {places} places"));
        }
    }
    Ok(())
}

/// Says why the auction is the algorithm of choice for a problem, if it is. O(participants + supporters).
///
/// Measured on balanced problems, complete and sparse, with even, tied, Euclidean and product costs, by
/// `solve_assignment --algorithm auction` beside `--algorithm flow`: it took less time on each.
pub(super) fn suits(problem: &Problem, width: Width) -> Option<String> {
    holds(problem, width).ok()?;
    let places = problem.tree.open.iter().filter(|&&open| open).count();
    let wants = |&p: &usize| problem.pins[p].is_none() && !problem.row_range(p).is_empty();
    let participants = (0..problem.pins.len()).filter(wants).count();
    let (fewer, more) = (places.min(participants), places.max(participants));
    (more > 0 && (more - fewer) * 100 <= more * UNBALANCED).then(|| {
        format!(
            "each supporter has one place and stands under no group, and {participants} participants want one of \
             {places} places, so prices are found by an auction"
        )
    })
}

/// Finds an optimal flow, with potentials that are valid.
pub(super) fn auction_all<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    control: &Control<'_>,
) -> Filled {
    let problem = network.problem;
    let long = problem.pairs() / problem.pins.len().max(1) >= LONG_ROWS;
    let narrow = problem.largest_cost <= i128::from(<i32 as Lane>::LIMIT);
    match (narrow, long) {
        (true, true) => run_at_their_width::<T, i32, LONG>(network, flow, control),
        (true, false) => run_at_their_width::<T, i32, SHORT>(network, flow, control),
        (false, true) => run_at_their_width::<T, i64, LONG>(network, flow, control),
        (false, false) => run_at_their_width::<T, i64, SHORT>(network, flow, control),
    }
}

/// Reads the costs as the problem holds them, if they are what is computed with.
fn run_at_their_width<T: Integer, W: Lane, const K: usize>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    control: &Control<'_>,
) -> Filled {
    let problem = network.problem;
    let standing = problem.scales.change != 0 && problem.standing.iter().any(Option::is_some);
    if problem.scales.quality == 1 && !standing {
        return match problem.pair_costs.of(0..problem.pair_costs.len()) {
            CostSlice::Narrow(costs) => run::<T, W, _, K>(network, costs, flow, control),
            CostSlice::Wide(costs) => run::<T, W, _, K>(network, costs, flow, control),
        };
    }
    // What pinned participants' other pairs cost is not computed with: it may be more than the integers hold.
    let mut costs = vec![W::ZERO; problem.pair_costs.len()];
    for p in (0..problem.pins.len()).filter(|&p| problem.pins[p].is_none()) {
        for (packed, (_, cost)) in costs[problem.row_range(p)].iter_mut().zip(network.row(p)) {
            *packed = W::narrow(cost.widen() as i64);
        }
    }
    run::<T, W, W, K>(network, &costs, flow, control)
}

fn run<T: Integer, W: Lane, C: Cost, const K: usize>(
    network: &Network<'_, T>,
    costs: &[C],
    flow: &mut Flow<T>,
    control: &Control<'_>,
) -> Filled {
    let (problem, tree) = (network.problem, network.tree);
    let to_lane = |value: T| W::narrow(value.widen() as i64);
    let exit = (0..problem.pins.len())
        .map(|p| match problem.pins[p] {
            // Nothing is cheaper, so it never bids.
            Some(_) => W::ZERO - W::INFINITY,
            None => to_lane(network.exit[p]),
        })
        .collect();
    let floor = (0..tree.supporters)
        .map(|s| if tree.open[s] { to_lane(network.step(s, tree.pinned[s])) } else { W::INFINITY })
        .collect();
    let rows = Rows {
        offsets: &problem.offsets,
        places: &problem.pair_supporters,
        costs,
        complete: costs.len() == problem.pins.len() * tree.supporters,
    };

    let mut market = Market::<W, C, K>::new(rows, exit, floor);
    let finished = market.auction(control) && {
        let waiting = market.tighten(control).and_then(|waiting| market.reduce(waiting, control));
        waiting.is_some_and(|waiting| market.complete(&waiting, control))
    };
    if !finished {
        market.go_back();
    }

    for supporter in (0..tree.supporters).filter(|&supporter| tree.open[supporter]) {
        flow.potential[supporter] = T::from_i64(market.price[supporter].widen());
    }
    for (participant, &supporter) in market.place.iter().enumerate() {
        // Nothing is known of the pairs of those who stay unmatched.
        flow.seats[participant].least = -T::INFINITY;
        if supporter != NONE {
            let cost = T::from_i64(market.paid[participant].widen());
            flow.attach_until(participant as u32, supporter, cost, flow.potential[supporter as usize]);
            flow.add_unit(network, supporter as usize);
        }
    }
    let Counts { bids, reads, searches } = market.counts;
    Filled { bids, searches, rows_read: reads, cancelled: !finished }
}
