//! How far a flow under way is from the best at most, and the best so far.
//!
//! **Problem.** A solve that is watched says how much better the result can become; one that is stopped returns the
//! best it had, although bids and auctions may get worse before they get better.
//!
//! **Method.** The objective of the flow less the dual value of its potentials. Where the invariant of [`Flow`] holds,
//! only three sorts of things make a difference, and they are added up: what those who wait could save by the cheapest
//! arc of their row; what free units under the root could save at their reduced cost, where places are let in that look
//! for participants; and what a unit that nobody sends yet is worth beyond its cost. The best so far is a copy of who
//! has which place, made where things may get worse.
//!
//! **Why it holds.** Any potentials give a lower bound (see [`super::certificate`]); for every arc that is used at a
//! reduced cost of zero or less, or not used at one of zero or more, objective and bound agree.
//!
//! **Time and space.** One reading of the rows of those who wait, and O(participants + supporters + groups) besides;
//! places that cost the same are counted together.
//! Looked at after a quarter more steps each time ([`Seldom`]), it adds little to a solve that takes long.
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), section 9.4 (optimality conditions
//! and weak duality).

use super::integer::Integer;
use super::network::{Flow, NONE, Network};

/// Who had which place at some moment.
pub(super) struct Kept {
    /// How much better that is than everyone unmatched.
    saved: i128,
    supporters: Vec<u32>,
}

/// Moments that come after a quarter more steps each time.
pub(super) struct Seldom {
    stride: usize,
    next: usize,
}

impl Seldom {
    /// The first after that many steps, and no two within fewer.
    pub(super) fn new(stride: usize) -> Self {
        Self { stride, next: stride }
    }

    /// Whether it is time.
    pub(super) fn is_due(&mut self, done: usize) -> bool {
        let due = done >= self.next;
        if due {
            self.next = done + self.stride.max(done / 4);
        }
        due
    }
}

impl<T: Integer> Flow<T> {
    /// How much better this flow is than everyone unmatched, without units that nobody sends.
    fn saved(&self, network: &Network<'_, T>) -> i128 {
        let tree = network.tree;
        let mut saved = 0_i128;
        let mut units = vec![0_u32; tree.root()];
        for (seat, &exit) in self.seats.iter().zip(&network.exit).filter(|(seat, _)| seat.supporter != NONE) {
            saved += (exit - seat.cost).widen();
            units[seat.supporter as usize] += 1;
        }
        for &node in tree.top_down().iter().rev() {
            let (node, parent) = (node as usize, tree.parent[node as usize] as usize);
            if parent < tree.root() {
                units[parent] += units[node];
            }
            let pinned = tree.pinned[node];
            saved -=
                (pinned..pinned + units[node]).map(|unit| network.step(node, unit).widen()).sum::<i128>();
        }
        saved
    }

    /// Remembers who has which place, if nothing better is remembered; returns how much better that is than this.
    pub(super) fn keep(&mut self, network: &Network<'_, T>) -> i128 {
        let saved = self.saved(network);
        if let Some(kept) = self.kept.as_ref().filter(|kept| kept.saved >= saved) {
            return kept.saved - saved;
        }
        self.kept = Some(Kept { saved, supporters: self.supporters().collect() });
        0
    }

    /// Goes back to what is remembered, if that is better: who has which place alone, for a solve that ends here.
    pub(super) fn go_back(&mut self, network: &Network<'_, T>) {
        if let Some(kept) = self.kept.take()
            && kept.saved > self.saved(network)
        {
            for (seat, supporter) in self.seats.iter_mut().zip(kept.supporters) {
                seat.supporter = supporter;
            }
        }
    }

    /// Whether no potential is below the first, at which what the waiting could save was counted.
    pub(super) fn is_above_first(&self, network: &Network<'_, T>) -> bool {
        network.initial_potentials().iter().zip(&self.potential).all(|(first, now)| first <= now)
    }

    /// What places that are let in and look for participants could save: those still free under the root, and units at
    /// these nodes that nobody sends.
    pub(super) fn open_gap(&self, network: &Network<'_, T>, holes: impl Iterator<Item = u32>) -> i128 {
        let tree = network.tree;
        let mut gap = 0_i128;
        for &top in tree.children(tree.root()) {
            let node = top as usize;
            // No more places are ever filled than there are participants.
            let capacity = tree.capacity[node].min(self.seats.len() as u32);
            let mut unit = if tree.open[node] { self.units()[node] } else { capacity };
            while unit < capacity {
                let worth = self.potential[node] - network.step(node, unit);
                if worth <= T::ZERO {
                    break;
                }
                let alike = network.problem.alike(node, unit).clamp(1, capacity - unit);
                gap = gap.saturating_add(worth.widen().saturating_mul(i128::from(alike)));
                unit += alike;
            }
        }
        let mut units = Vec::new();
        for hole in holes {
            if units.is_empty() {
                units.extend_from_slice(self.units());
            }
            let mut node = hole as usize;
            let mut worth = self.potential[node];
            while node < tree.root() {
                units[node] -= 1;
                worth -= network.step(node, units[node]);
                node = tree.parent[node] as usize;
            }
            gap += worth.widen();
        }
        gap
    }
}

/// What these participants, none of whom is in, could save together at the present potentials by not staying
/// unmatched: for each what it and all after it could, with `rest` besides; at the end the rest alone.
pub(super) fn waiting_gaps<T: Integer>(
    network: &Network<'_, T>,
    potential: &[T],
    participants: &[u32],
    rest: i128,
) -> Vec<i128> {
    let mut gaps = vec![rest; participants.len() + 1];
    for (at, &participant) in participants.iter().enumerate().rev() {
        gaps[at] = gaps[at + 1].saturating_add(could_save(network, potential, participant));
    }
    gaps
}

/// What a participant could save by the cheapest arc of its row.
fn could_save<T: Integer>(network: &Network<'_, T>, potential: &[T], participant: u32) -> i128 {
    let exit = network.exit[participant as usize];
    let values = network.row(participant as usize).map(|(s, cost)| cost + potential[s]);
    (exit - values.fold(exit, T::min)).widen()
}

/// What these participants could save, all together.
pub(super) fn waiting_gap<T: Integer>(
    network: &Network<'_, T>,
    potential: &[T],
    participants: impl Iterator<Item = u32>,
) -> i128 {
    participants.map(|participant| could_save(network, potential, participant)).sum()
}
