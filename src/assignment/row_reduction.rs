//! The first phase of the flow: match most participants by their cheapest arc, at prices that rise.
//!
//! **Problem.** Shortest augmenting paths are exact but cost a search per participant, while most participants can
//! have the supporter they like best, or settle after displacing one other. This phase places as many as it can in
//! constant amounts of work and leaves the rest to [`super::flow`].
//!
//! **Method.** The augmenting row reduction of Jonker and Volgenant (1987), in the form of an ascending auction with no
//! epsilon, extended to supporters with several places at rising marginal costs. A participant looks for the arc that
//! minimises `cost + potential`; its *bar* at that supporter is the potential up to which this arc stays its best. If
//! it is the arc to the root, the participant stays unmatched. If a place is free at the supporter's present
//! potential, it takes it. Otherwise it competes with the participants there: either all bars reach the marginal cost
//! of the next place, then the potential rises to that and the place is filled; or the one with the lowest bar must
//! go and bid again, and the potential rises to the lowest bar of those that stay (or the cost of the next place).
//!
//! **Why it is exact.** Each step keeps the invariant of [`Flow`]: potentials of supporters only rise, never beyond a
//! bar of a participant who stays or the marginal cost of the next place, so every used arc remains the cheapest of
//! its participant and no residual arc gets a negative reduced cost. Potentials of groups do not move, so a group is
//! only filled, never competed for: where a group is full, or one match more there no longer counts towards its firm
//! minimum and so costs more than its potential says, the bidder waits for the exact phase.
//!
//! **Termination.** A displacement that does not raise the potential could cycle (two supporters, three equal
//! participants); then the displaced one waits for the exact phase. Rises can still be tiny (a price war), so the
//! number of bids is limited to a multiple of the participants. Neither harms exactness.
//!
//! **Time and space.** A bid reads one row and updates one heap: O(row + log load). O(participants) space.
//!
//! **When it is the wrong choice.** Balanced problems with unit capacities and little slack: there an epsilon-scaled
//! auction reaches good potentials sooner (Bertsekas 1988).
//!
//! **References.** R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
//! assignment problems", Computing 38 (1987); D. P. Bertsekas, "The auction algorithm", Annals of OR 14 (1988).

use std::cmp::Reverse;
use std::collections::{BinaryHeap, VecDeque};

use super::control::{Control, Stage};
use super::integer::Integer;
use super::network::{Flow, Network};
use super::shortlist::Shortlists;

/// Bids allowed per participant before the exact phase takes over.
///
/// Measured at 10,000 participants: with room for all, two bids per participant end the phase by itself. With places
/// for 70 %, 2, 4, 8, 16 and 32 bids led to 120, 92, 60, 144 and 157 ms in all: the longer price wars cost more than
/// they save.
const BIDS_PER_PARTICIPANT: usize = 8;
/// Bids between two looks at the control.
const STRIDE: usize = 1024;

/// What the phase left.
pub(super) struct Reduced {
    /// Participants that are not in yet, ascending.
    pub(super) waiting: Vec<u32>,
    pub(super) bids: u64,
    pub(super) cancelled: bool,
}

/// A contender for a supporter's places: the potential up to which it stays, and who it is.
type Contender<T> = Reverse<(T, u32)>;

struct Auction<'a, 'p, T> {
    network: &'a Network<'p, T>,
    flow: &'a mut Flow<T>,
    lists: &'a mut Shortlists<T>,
    contenders: Vec<BinaryHeap<Contender<T>>>,
    queue: VecDeque<u32>,
    waiting: Vec<u32>,
}

/// Lets every participant that is not pinned bid, in order, first come first served.
pub(super) fn reduce<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    lists: &mut Shortlists<T>,
    control: &Control<'_>,
) -> Reduced {
    let participants = network.exit.len();
    let queue: VecDeque<u32> =
        (0..participants).filter(|&p| network.problem.pins[p].is_none()).map(|p| p as u32).collect();
    let limit = queue.len().saturating_mul(BIDS_PER_PARTICIPANT);
    let mut contenders = Vec::new();
    contenders.resize_with(network.tree.supporters, BinaryHeap::new);
    let mut auction = Auction { network, flow, lists, contenders, queue, waiting: Vec::new() };
    let (mut bids, mut cancelled) = (0, false);
    while bids < limit {
        if bids % STRIDE == 0 && control.stops(Stage::RowReduction, bids, limit) {
            cancelled = true;
            break;
        }
        let Some(participant) = auction.queue.pop_front() else { break };
        bids += 1;
        auction.bid(participant);
    }
    let Auction { flow, contenders, queue, mut waiting, .. } = auction;
    waiting.extend(queue);
    waiting.sort_unstable();
    for (supporter, heap) in contenders.into_iter().enumerate() {
        for Reverse((bar, participant)) in heap {
            flow.bar[participant as usize] = bar;
            flow.attach(participant, supporter as u32, flow.cost[participant as usize]);
        }
    }
    Reduced { waiting, bids: bids as u64, cancelled }
}

impl<T: Integer> Auction<'_, '_, T> {
    fn bid(&mut self, participant: u32) {
        let p = participant as usize;
        let best = self.lists.best(self.network, &self.flow.potential, p);
        let Some((supporter, cost)) = best.choice else { return };
        self.flow.cost[p] = cost;
        self.contenders[supporter].push(Reverse((best.second - cost, participant)));
        self.settle(supporter);
    }

    /// One participant too many contends for the supporter: fill a place, or send the one with the lowest bar away.
    fn settle(&mut self, supporter: usize) {
        let potential = self.flow.potential[supporter];
        // The potential at which the next place is worth filling.
        let next_place = self.flow.upward(self.network, supporter).map(|rise| potential + rise);
        let Some(&Reverse((lowest, participant))) = self.contenders[supporter].peek() else { return };
        if let Some(price) = next_place
            && price <= lowest
            && self.fill(supporter)
        {
            self.flow.potential[supporter] = price;
            return;
        }
        self.contenders[supporter].pop();
        let stays = self.contenders[supporter].peek().map(|&Reverse((bar, _))| bar);
        let ceiling = match (stays, next_place) {
            (Some(stays), Some(price)) => stays.min(price),
            (Some(only), None) | (None, Some(only)) => only,
            (None, None) => potential,
        };
        if ceiling > potential {
            self.flow.potential[supporter] = ceiling;
            self.queue.push_back(participant);
        } else {
            self.waiting.push(participant);
        }
    }

    /// Takes the next place of a supporter if every group above has room at its potential; says whether it did.
    fn fill(&mut self, supporter: usize) -> bool {
        let tree = self.network.tree;
        let mut node = tree.parent[supporter] as usize;
        while node < tree.root() {
            if self.flow.upward(self.network, node) != Some(T::ZERO) {
                return false;
            }
            node = tree.parent[node] as usize;
        }
        let mut node = supporter;
        while node < tree.root() {
            self.flow.units[node] += 1;
            node = tree.parent[node] as usize;
        }
        true
    }
}
