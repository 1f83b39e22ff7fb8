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
//! participants); so a participant can be displaced like that a few times only, then it waits for the exact phase.
//! Rises can still be tiny (a price war), so the number of bids is limited to a multiple of the participants. Neither
//! harms exactness.
//!
//! **Time and space.** A bid reads one row or shortlist and, where the supporter has no place to spare at its present
//! potential, everyone there: O(row + load). O(participants) space.
//!
//! **When it is the wrong choice.** Balanced problems with unit capacities and little slack: there an epsilon-scaled
//! auction reaches good potentials sooner (Bertsekas 1988).
//!
//! **References.** R. Jonker, A. Volgenant, "A shortest augmenting path algorithm for dense and sparse linear
//! assignment problems", Computing 38 (1987); D. P. Bertsekas, "The auction algorithm", Annals of OR 14 (1988).

use std::collections::VecDeque;

use super::control::{Control, Stage};
use super::gap::{Seldom, waiting_gap};
use super::integer::Integer;
use super::network::{Flow, Network};
use super::shortlist::Shortlists;

/// Bids allowed per participant before the exact phase takes over.
///
/// With room for all, two bids per participant end the phase by itself. Where places are locally scarce, in a market of
/// 100,000 of which 11,000 come to places nearly all taken, 8, 16, 32 and 64 bids left 6,321, 4,298, 2,423 and 1,945 of
/// these to the exact phase; beyond 16 the longer price wars cost about what they save.
pub(super) const BIDS_PER_PARTICIPANT: usize = 16;
/// How often a participant may be displaced at an unchanged price before it waits for the exact phase.
///
/// Measured at 100,000 participants with costs of up to 1,200, where ties are many: 1, 4, 8, 16 and 64 times left
/// 3,972, 3,074, 2,799, 2,645 and 2,572 of them to the exact phase, for 174,000, 195,000, 212,000, 238,000 and 367,000
/// bids. 8 took the least time, with much room and with little.
const ZERO_GAIN: u32 = 8;
/// Bids between two looks at the control.
const STRIDE: usize = 1024;

/// What the phase left.
pub(super) struct Reduced {
    /// Participants that are not in yet, in the order in which they were left.
    pub(super) waiting: Vec<u32>,
    pub(super) bids: u64,
    pub(super) cancelled: bool,
}

struct Auction<'a, 'p, T> {
    network: &'a Network<'p, T>,
    flow: &'a mut Flow<T>,
    lack: &'a mut [u32],
    queue: VecDeque<u32>,
    waiting: Vec<u32>,
}

/// Lets these participants bid, in order, first come first served, so many times each on average. Where so many units
/// pass a supporter that nobody sends (no list is needed where there are none), whoever likes that one best takes the
/// place.
pub(super) fn reduce<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    lists: &mut Shortlists<T>,
    participants: &[u32],
    lack: &mut [u32],
    bids_each: usize,
    control: &Control<'_>,
) -> Reduced {
    let queue: VecDeque<u32> = participants.iter().copied().collect();
    let limit = queue.len().saturating_mul(bids_each);
    let mut auction = Auction { network, flow, lack, queue, waiting: Vec::new() };
    let (mut bids, mut cancelled) = (0, false);
    let mut tells = Seldom::new(participants.len() / 16 + STRIDE);
    while bids < limit {
        if bids % STRIDE == 0 {
            if let Some(gap) = control.gap_after(bids)
                && (bids == 0 || tells.is_due(bids))
            {
                // Those who have not bid yet stand first.
                let fresh = participants.len().saturating_sub(bids);
                let again = auction.queue.iter().skip(fresh).chain(&auction.waiting).copied();
                let displaced = waiting_gap(network, &auction.flow.potential, again);
                let better = auction.flow.keep(network);
                control.leaves(gap.saturating_add(displaced).saturating_sub(better));
            }
            if control.stops(Stage::RowReduction, bids, limit) {
                cancelled = true;
                break;
            }
        }
        let Some(participant) = auction.queue.pop_front() else { break };
        bids += 1;
        let best = lists.best(network, &auction.flow.potential, participant as usize);
        match best.choice {
            Some((supporter, cost)) => auction.bid(participant, supporter, cost, best.second - cost),
            None => auction.flow.seats[participant as usize].least = best.second,
        }
    }
    let Auction { queue, mut waiting, .. } = auction;
    waiting.extend(queue);
    Reduced { waiting, bids: bids as u64, cancelled }
}

impl<T: Integer> Auction<'_, '_, T> {
    /// A participant comes to its cheapest supporter: fill a place, or send away whoever has the lowest bar.
    fn bid(&mut self, participant: u32, supporter: usize, cost: T, bar: T) {
        let flow = &mut *self.flow;
        if let Some(lack) = self.lack.get_mut(supporter).filter(|lack| **lack > 0) {
            *lack -= 1;
            flow.attach_until(participant, supporter as u32, cost, bar);
            return;
        }
        let potential = flow.potential[supporter];
        // The potential at which the next place is worth filling.
        let next_place = flow.upward(self.network, supporter).map(|rise| potential + rise);
        let (mut loser, mut stays, mut position) = (bar.key(participant), T::INFINITY, 0);
        if next_place != Some(potential) {
            // No branch has to be guessed in here.
            for (at, member) in flow.caseload(supporter).iter().enumerate() {
                let key = member.bar.key(member.participant);
                let goes = key < loser;
                stays = stays.min(if goes { T::label(loser).0 } else { member.bar });
                position = if goes { at } else { position };
                loser = loser.min(key);
            }
        }
        let (lowest, loser) = T::label(loser);
        let price = next_place.unwrap_or(T::INFINITY);
        if price <= lowest && self.fill(supporter) {
            self.flow.potential[supporter] = price;
            self.flow.attach_until(participant, supporter as u32, cost, bar);
            return;
        }
        if loser != participant {
            self.flow.displace((supporter, position), participant, cost, bar);
        }
        let ceiling = stays.min(price);
        if ceiling > potential && ceiling < T::INFINITY {
            self.flow.potential[supporter] = ceiling;
            self.queue.push_back(loser);
        } else {
            let displaced = &mut self.flow.seats[loser as usize].displaced;
            *displaced += 1;
            if *displaced <= ZERO_GAIN {
                self.queue.push_back(loser);
            } else {
                self.waiting.push(loser);
            }
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
        self.flow.add_unit_to_root(self.network, supporter);
        true
    }
}
