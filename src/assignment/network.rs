//! The problem as a network with packed costs, and a flow on it.
//!
//! Arcs: each participant to each open supporter of its row, each participant to the root (unmatched), each supporter
//! and group to its parent. The arc above a supporter has one parallel arc for each place, at the marginal cost of that
//! place; since marginal costs do not fall, the places are used in order. Packed pair costs are computed when a row is
//! read; there is no second copy of the pairs. The first places up to a firm minimum save one unit of the required rung
//! each; above a group that is all a place can save or cost.

use super::caseloads::{Caseloads, Member};
use super::costs::Row;
use super::gap::Kept;
use super::integer::Integer;
use super::problem::Problem;
use super::tree::Tree;

/// Stands for "no participant" and "no supporter" in index arrays.
pub(super) const NONE: u32 = u32::MAX;

/// The costs of a problem, packed into one integer each.
pub(super) struct Network<'p, T> {
    pub(super) problem: &'p Problem,
    pub(super) tree: &'p Tree,
    /// Cost of leaving each participant unmatched.
    pub(super) exit: Vec<T>,
    required: T,
    /// The least of these, pinned participants left out.
    pub(super) least_exit: T,
    quality: T,
    change: T,
    balance: T,
}

impl<'p, T: Integer> Network<'p, T> {
    pub(super) fn new(problem: &'p Problem) -> Self {
        let scales = problem.scales;
        let (quality, change) = (T::narrow(scales.quality), T::narrow(scales.change));
        let served = T::narrow(scales.served);
        let exit: Vec<T> = (0..problem.unmatched_costs.len())
            .map(|p| {
                // Pinned participants take no part; their costs were not counted when the width was chosen.
                if problem.pins[p].is_some() {
                    return T::ZERO;
                }
                let weight = T::from_i64(i64::from(problem.served_weights[p]));
                let change = if problem.standing[p].is_some() { change } else { T::ZERO };
                weight * served + T::from_i64(problem.unmatched_costs[p]) * quality + change
            })
            .collect();
        let unpinned = exit.iter().zip(problem.pins.iter()).filter(|(_, pin)| pin.is_none());
        let least_exit = unpinned.map(|(&exit, _)| exit).min().unwrap_or(T::ZERO);
        let (required, balance) = (T::narrow(scales.required), T::narrow(scales.balance));
        Self { problem, tree: &problem.tree, exit, least_exit, required, quality, change, balance }
    }

    /// The pairs of a participant with their packed costs. Those to closed supporters are among them; their potential
    /// of infinity keeps them from ever being chosen.
    #[inline]
    pub(super) fn row(&self, participant: usize) -> impl Iterator<Item = (usize, T)> + '_ {
        let (supporters, costs) = self.problem.row_parts(participant);
        let standing = self.problem.standing[participant];
        let elsewhere = if standing.is_some() { self.change } else { T::ZERO };
        let standing = standing.unwrap_or(NONE);
        let (quality, change) = (self.quality, self.change);
        Row::new(supporters, costs).map(move |(supporter, cost)| {
            let mut packed = T::from_i64(cost) * quality + elsewhere;
            if supporter == standing {
                packed -= change;
            }
            (supporter as usize, packed)
        })
    }

    /// Whether the packed costs of a row are those stated.
    #[inline]
    pub(super) fn is_plain(&self, participant: usize) -> bool {
        self.quality == T::narrow(1)
            && (self.change == T::ZERO || self.problem.standing[participant].is_none())
    }

    /// The packed cost of a pair whose quality cost is known.
    #[inline]
    pub(super) fn packed(&self, participant: usize, supporter: u32, cost: i64) -> T {
        let packed = T::from_i64(cost) * self.quality;
        if self.change == T::ZERO {
            return packed;
        }
        let moved = self.problem.standing[participant].is_some_and(|standing| standing != supporter);
        if moved { packed + self.change } else { packed }
    }

    /// The packed cost of a pair that is known to exist.
    pub(super) fn pair(&self, participant: usize, supporter: u32) -> T {
        let cost = self.problem.pair_cost(participant as u32, supporter);
        self.packed(participant, supporter, cost.unwrap_or(0))
    }

    /// The quality cost of a pair whose packed cost is known: the other way round, without a look at the row.
    pub(super) fn quality_of(&self, participant: usize, supporter: u32, packed: T) -> i64 {
        let moved = self.problem.standing[participant].is_some_and(|standing| standing != supporter);
        let quality = packed - if moved { self.change } else { T::ZERO };
        if self.quality == T::ZERO { 0 } else { quality.quotient(self.quality) }
    }

    /// The packed cost of one more unit above a node that carries `flow` units now.
    pub(super) fn step(&self, node: usize, flow: u32) -> T {
        let saved = if flow < self.tree.minimum(node) { self.required } else { T::ZERO };
        if node >= self.tree.supporters {
            return -saved;
        }
        T::from_i64(self.problem.load_costs.marginal(node, flow)) * self.quality
            + T::from_i64(self.problem.balance_costs.marginal(node, flow)) * self.balance
            - saved
    }

    /// Potentials that are valid for the empty flow: the cost from each node to the root, infinity where the way is
    /// closed, 0 at the root. O(supporters + groups).
    pub(super) fn initial_potentials(&self) -> Vec<T> {
        let tree = self.tree;
        let mut potentials = vec![T::INFINITY; tree.root()];
        potentials.push(T::ZERO);
        for node in tree.top_down().into_iter().map(|v| v as usize).filter(|&v| tree.open[v]) {
            potentials[node] = self.step(node, tree.pinned[node]) + potentials[tree.parent[node] as usize];
        }
        potentials
    }
}

/// Where one participant is. What is read together lies together.
#[derive(Clone, Copy)]
pub(super) struct Seat<T> {
    /// Its supporter, `NONE` if unmatched, not in yet, or pinned.
    pub(super) supporter: u32,
    /// Its position among those at the supporter.
    position: u32,
    /// How often it was displaced although the price stood still.
    pub(super) displaced: u32,
    /// Packed cost of its pair, if it is matched.
    pub(super) cost: T,
    /// A bound on the `cost + potential` of all its pairs, if it is not.
    pub(super) least: T,
}

impl<T: Integer> Seat<T> {
    const EMPTY: Self = Self { supporter: NONE, position: 0, displaced: 0, cost: T::ZERO, least: T::ZERO };
}

/// The next place of a supporter, or room of a group.
#[derive(Clone, Copy)]
struct Place<T> {
    /// Packed cost of the next unit on the arc above, infinity where it is full or closed.
    price: T,
    /// How many units from here on cost the same.
    alike: u32,
}

/// Who has which place, how much passes through each node, and the potentials that prove it cheap.
///
/// Invariant between steps, with `pi(root) = 0` and `pi` the cost-to-go to the root: no residual arc has a negative
/// reduced cost `cost + pi(head) - pi(tail)`; the potential of a participant that is in is the minimum of
/// `cost + pi(head)` over its arcs, and the arc it uses attains it.
pub(super) struct Flow<T> {
    pub(super) seats: Vec<Seat<T>>,
    /// Units on the arc above each supporter and group, pins included.
    units: Vec<u32>,
    places: Vec<Place<T>>,
    /// Potentials of supporters, groups and the root.
    pub(super) potential: Vec<T>,
    /// The participants at each supporter, pinned ones left out.
    caseloads: Caseloads<T>,
    /// The best so far, where the solve may be stopped and what there is now may be worse.
    pub(super) kept: Option<Kept>,
}

impl<T: Integer> Flow<T> {
    /// Only the pins are in.
    pub(super) fn empty(network: &Network<'_, T>) -> Self {
        let caseloads = Self::no_caseloads(network);
        Self { caseloads, ..Self::of_parts(network) }
    }

    /// The same to be put together from parts: there is no room for anyone at a supporter.
    pub(super) fn of_parts(network: &Network<'_, T>) -> Self {
        let tree = network.tree;
        let mut flow = Self {
            seats: vec![Seat::EMPTY; network.exit.len()],
            units: tree.pinned.clone(),
            places: vec![Place { price: T::INFINITY, alike: 0 }; tree.root()],
            potential: network.initial_potentials(),
            caseloads: Caseloads::new(std::iter::empty(), -T::INFINITY),
            kept: None,
        };
        for node in 0..tree.root() {
            flow.price_place(network, node);
        }
        flow
    }

    /// The same for a part of the problem, as long as this flow is empty itself.
    pub(super) fn empty_part(&self, part: &Network<'_, T>) -> Self {
        Self {
            seats: vec![Seat::EMPTY; part.exit.len()],
            units: self.units.clone(),
            places: self.places.clone(),
            potential: self.potential.clone(),
            caseloads: Self::no_caseloads(part),
            kept: None,
        }
    }

    fn no_caseloads(network: &Network<'_, T>) -> Caseloads<T> {
        let (tree, degrees) = (network.tree, &network.problem.degrees);
        let places =
            degrees.iter().enumerate().map(|(s, &degree)| degree.min(tree.capacity[s] - tree.pinned[s]));
        Caseloads::new(places, -T::INFINITY)
    }

    /// Takes over what a part came to: seats, units and potentials, but not who is in which caseload.
    pub(super) fn take_part(
        &mut self,
        part: &Self,
        participants: &[u32],
        nodes: impl Iterator<Item = usize>,
    ) {
        for (&participant, &seat) in participants.iter().zip(&part.seats) {
            self.seats[participant as usize] = seat;
        }
        for node in nodes {
            self.units[node] = part.units[node];
            self.potential[node] = part.potential[node];
        }
    }

    /// Units on the arc above each supporter and group, pins included.
    pub(super) fn units(&self) -> &[u32] {
        &self.units
    }

    fn price_place(&mut self, network: &Network<'_, T>, node: usize) {
        let (tree, units) = (network.tree, self.units[node]);
        let free = tree.open[node] && units < tree.capacity[node];
        self.places[node] = if free {
            Place { price: network.step(node, units), alike: network.problem.alike(node, units) }
        } else {
            Place { price: T::INFINITY, alike: 0 }
        };
    }

    /// One unit more on the arc above a node.
    #[inline]
    pub(super) fn add_unit(&mut self, network: &Network<'_, T>, node: usize) {
        self.units[node] += 1;
        if self.places[node].alike > 1 {
            self.places[node].alike -= 1;
        } else {
            self.price_place(network, node);
        }
    }

    /// One unit less on the arc above a node.
    pub(super) fn drop_unit(&mut self, network: &Network<'_, T>, node: usize) {
        self.units[node] -= 1;
        self.price_place(network, node);
    }

    /// The supporter of each participant, `NONE` for those who have none.
    pub(super) fn supporters(&self) -> impl ExactSizeIterator<Item = u32> + '_ {
        self.seats.iter().map(|seat| seat.supporter)
    }

    /// What a participant that is in pays: the cost of its pair and the potential of its supporter, or for staying
    /// unmatched.
    pub(super) fn paid(&self, network: &Network<'_, T>, participant: usize) -> T {
        let seat = &self.seats[participant];
        let potential = self.potential.get(seat.supporter as usize);
        potential.map_or(network.exit[participant], |&potential| seat.cost + potential)
    }

    /// Adds a participant to those at a supporter, of whom nothing is known yet but that it comes; the units above are
    /// the caller's to count.
    pub(super) fn attach(&mut self, participant: u32, supporter: u32, cost: T) {
        self.attach_until(participant, supporter, cost, -T::INFINITY);
    }

    /// The same where its bar is known.
    #[inline]
    pub(super) fn attach_until(&mut self, participant: u32, supporter: u32, cost: T, bar: T) {
        let seat = &mut self.seats[participant as usize];
        seat.supporter = supporter;
        seat.cost = cost;
        seat.position = self.caseloads.add(supporter as usize, Member { participant, bar, cost });
    }

    /// Puts a participant in the place of another, given by its position; returns the other.
    #[inline]
    pub(super) fn displace(
        &mut self,
        (supporter, position): (usize, usize),
        participant: u32,
        cost: T,
        bar: T,
    ) -> u32 {
        let member = &mut self.caseloads.of_mut(supporter)[position];
        let before = std::mem::replace(member, Member { participant, bar, cost }).participant;
        self.seats[before as usize].supporter = NONE;
        let seat = &mut self.seats[participant as usize];
        seat.supporter = supporter as u32;
        seat.cost = cost;
        seat.position = position as u32;
        before
    }

    /// Takes a matched participant away from its supporter and returns the supporter.
    pub(super) fn detach(&mut self, participant: u32) -> u32 {
        let seat = &mut self.seats[participant as usize];
        let (supporter, position) = (seat.supporter, seat.position);
        seat.supporter = NONE;
        if let Some(moved) = self.caseloads.remove(supporter as usize, position) {
            self.seats[moved as usize].position = position;
        }
        supporter
    }

    /// The participants at a supporter and their bars, pinned ones left out.
    #[inline]
    pub(super) fn caseload(&self, supporter: usize) -> &[Member<T>] {
        self.caseloads.of(supporter)
    }

    /// The participants at a supporter, pinned ones left out.
    pub(super) fn members(&self, supporter: usize) -> impl Iterator<Item = u32> + '_ {
        self.caseload(supporter).iter().map(|member| member.participant)
    }

    /// The bar of a participant that is matched.
    pub(super) fn bar(&self, participant: usize) -> T {
        let Seat { supporter, position, .. } = self.seats[participant];
        self.caseload(supporter as usize)[position as usize].bar
    }

    /// Learns the bar of a participant that is matched.
    pub(super) fn set_bar(&mut self, participant: usize, bar: T) {
        let Seat { supporter, position, .. } = self.seats[participant];
        self.caseloads.of_mut(supporter as usize)[position as usize].bar = bar;
    }

    /// Learns of the participant at a position that the least `cost + potential` of its other arcs is no less than
    /// that.
    #[inline]
    pub(super) fn learn_bar(&mut self, (supporter, position): (usize, usize), other: T) {
        let member = &mut self.caseloads.of_mut(supporter)[position];
        member.bar = other - member.cost;
    }

    /// Potentials have fallen by up to that much, so that no bound is as high any more.
    pub(super) fn lower_bounds(&mut self, fall: T) {
        for bar in self.caseloads.bars_mut() {
            *bar = (*bar - fall).max(-T::INFINITY);
        }
        for seat in &mut self.seats {
            seat.least = (seat.least - fall).max(-T::INFINITY);
        }
    }

    /// The reduced cost of one more unit on the arc above a node, `None` if the arc is full or closed.
    #[inline]
    pub(super) fn upward(&self, network: &Network<'_, T>, node: usize) -> Option<T> {
        let price = self.places[node].price;
        (price < T::INFINITY)
            .then(|| price + self.potential[network.tree.parent[node] as usize] - self.potential[node])
    }

    /// The reduced cost of one more unit from a node all the way to the root, `None` if something on it is full.
    #[inline]
    pub(super) fn way_out(&self, network: &Network<'_, T>, node: usize) -> Option<T> {
        let mut cost = -self.potential[node];
        let mut at = node;
        while at < network.tree.root() {
            if self.places[at].price >= T::INFINITY {
                return None;
            }
            cost += self.places[at].price;
            at = network.tree.parent[at] as usize;
        }
        Some(cost)
    }

    /// Sends one unit more from a node all the way to the root.
    #[inline]
    pub(super) fn add_unit_to_root(&mut self, network: &Network<'_, T>, node: usize) {
        let mut at = node;
        while at < network.tree.root() {
            self.add_unit(network, at);
            at = network.tree.parent[at] as usize;
        }
    }

    /// Takes one unit off all arcs from a node to the root.
    pub(super) fn drop_unit_to_root(&mut self, network: &Network<'_, T>, node: usize) {
        let mut at = node;
        while at < network.tree.root() {
            self.drop_unit(network, at);
            at = network.tree.parent[at] as usize;
        }
    }

    /// The reduced cost of taking one unit off the arc above a node, `None` if there are only pins on it.
    pub(super) fn downward(&self, network: &Network<'_, T>, node: usize) -> Option<T> {
        let tree = network.tree;
        (self.units[node] > tree.pinned[node]).then(|| {
            self.potential[node]
                - network.step(node, self.units[node] - 1)
                - self.potential[tree.parent[node] as usize]
        })
    }

    /// What [`upward`](Self::upward) will be when there is one unit more on the arc.
    pub(super) fn upward_after(&self, network: &Network<'_, T>, node: usize) -> Option<T> {
        let tree = network.tree;
        let units = self.units[node] + 1;
        (tree.open[node] && units < tree.capacity[node]).then(|| {
            network.step(node, units) + self.potential[tree.parent[node] as usize] - self.potential[node]
        })
    }

    /// What [`downward`](Self::downward) will be when there is one unit less on the arc.
    pub(super) fn downward_after(&self, network: &Network<'_, T>, node: usize) -> Option<T> {
        let tree = network.tree;
        (self.units[node] > tree.pinned[node] + 1).then(|| {
            self.potential[node]
                - network.step(node, self.units[node] - 2)
                - self.potential[tree.parent[node] as usize]
        })
    }
}
