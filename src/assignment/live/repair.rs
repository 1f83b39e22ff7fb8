//! From a state with something out of place to an optimum, one shortest path after another.
//!
//! **Method.** What an edit left behind is brought into a form that the searches hold, and then they run until nothing
//! is out of place:
//!
//! * A participant whose own arc is not its cheapest any more leaves it and waits; what it leaves lacks a unit.
//! * A node that carries more than it may, or a unit that is no longer worth its place, gives that unit up: it has one
//!   too many, and the node above lacks one.
//! * A place that became worth taking is opened last, when all else is in place, and one at a time: it lacks a unit,
//!   and the search says who comes, or that nobody does and it is given back. Until then the arc counts as closed. Each
//!   opening lowers the price there, so that the next is worth less; when the price is down to the cost of the place
//!   there are no more to open.
//!
//! **Why it is optimal.** After the first two the potentials are valid on every arc that is not closed, and each search
//! keeps them so. When nobody waits, nothing is out of balance and nothing is closed, that is the invariant of
//! [`super::state`].
//!
//! **Who stays.** Of the cheapest ways to put one unit right, the one taken changes the fewest matches. So after a
//! change that puts one unit out of place no optimum differs from what there was in fewer participants.

use std::collections::BTreeSet;

use super::super::network::NONE;
use super::search::{End, Search, Way};
use super::state::{Presence, Seat, State, Width};

/// What is out of place.
#[derive(Debug, Clone, Default)]
pub(super) struct Displaced {
    /// Participants to be inserted, and where each was before.
    pub(super) waiting: Vec<(u32, u32)>,
    /// Nodes whose balance is not 0.
    pub(super) nodes: BTreeSet<u32>,
    /// Participants and nodes whose arcs may not be valid.
    pub(super) doubtful_participants: BTreeSet<u32>,
    pub(super) doubtful_nodes: BTreeSet<u32>,
    /// Nodes above which there may be a closed arc.
    closed: Vec<u32>,
}

impl Displaced {
    /// Forgets it, for what was done is undone.
    pub(super) fn clear<T: Width>(&mut self, state: &mut State<T>) {
        for &node in &self.nodes {
            if let Some(node) = state.nodes.get_mut(node as usize) {
                node.balance = 0;
            }
        }
        self.waiting.clear();
        self.nodes.clear();
        self.doubtful_participants.clear();
        self.doubtful_nodes.clear();
        self.closed.clear();
    }

    /// So many units more come to a node than go.
    pub(super) fn shift<T: Width>(&mut self, state: &mut State<T>, node: usize, by: i32) {
        let balance = &mut state.nodes[node].balance;
        *balance += by;
        if *balance == 0 {
            self.nodes.remove(&(node as u32));
        } else {
            self.nodes.insert(node as u32);
        }
    }

    /// So many units more go up from a node.
    pub(super) fn send_up<T: Width>(&mut self, state: &mut State<T>, node: usize, more: i32) {
        state.add_units(node, more);
        self.shift(state, node, -more);
        let parent = state.nodes[node].parent;
        if parent != NONE {
            self.shift(state, parent as usize, more);
        }
    }

    /// Takes a participant from where it is, to be inserted anew.
    pub(super) fn unseat<T: Width>(&mut self, state: &mut State<T>, participant: usize) {
        let Seat { own, presence, .. } = state.seats[participant];
        if presence == Presence::Waiting {
            return;
        }
        if presence == Presence::In && own != NONE {
            self.shift(state, state.node(own), -1);
        }
        state.set_seat(participant, Presence::Waiting, NONE, T::ZERO);
        self.waiting.push((participant as u32, own));
    }

    /// Brings all that is doubtful into a form that the searches hold.
    fn settle_doubts<T: Width>(&mut self, state: &mut State<T>) {
        while let Some(node) = self.doubtful_nodes.pop_first() {
            self.settle_node(state, node as usize);
        }
        while let Some(participant) = self.doubtful_participants.pop_first() {
            self.settle_participant(state, participant as usize);
        }
        self.waiting.sort_unstable();
    }

    fn settle_node<T: Width>(&mut self, state: &mut State<T>, node: usize) {
        loop {
            let over = state.nodes[node].units > state.nodes[node].capacity;
            if over || state.downward(node).is_some_and(|fall| fall < T::ZERO) {
                self.send_up(state, node, -1);
            } else {
                break;
            }
        }
        // What is too much here anyway goes up where that is a gain.
        while state.nodes[node].balance > 0 && state.rise(node).is_some_and(|rise| rise < T::ZERO) {
            self.send_up(state, node, 1);
            let parent = state.nodes[node].parent;
            if parent != NONE {
                self.doubtful_nodes.insert(parent);
            }
        }
        if state.rise(node).is_some_and(|rise| rise < T::ZERO) {
            self.closed.push(node as u32);
        }
    }

    fn settle_participant<T: Width>(&mut self, state: &mut State<T>, p: usize) {
        let Seat { own, presence, .. } = state.seats[p];
        if presence != Presence::In {
            return;
        }
        let exit = state.exit(p);
        let (mut used, mut other) = if own == NONE { (exit, T::ENDLESS) } else { (T::ENDLESS, exit) };
        for &(supporter, cost) in state.row(p) {
            let value = state.packed(p, supporter, cost) + state.potential[state.node(supporter)];
            if supporter == own {
                used = value;
            } else {
                other = other.min(value);
            }
        }
        if used > other {
            self.unseat(state, p);
        } else if used != state.paid[p] {
            state.set_seat(p, presence, own, used);
        }
    }

    /// Repairs until the state is optimal and says how many searches that took; `None` if something cannot be put in
    /// place, which a change that keeps to the limits does not come to.
    pub(super) fn repair<T: Width>(&mut self, state: &mut State<T>, search: &mut Search<T>) -> Option<u32> {
        self.settle_doubts(state);
        let mut searches = 0;
        loop {
            if self.waiting.is_empty() && self.nodes.is_empty() {
                if !self.open_one(state) {
                    return Some(searches);
                }
                continue;
            }
            let nodes = &state.nodes;
            let excess = self.nodes.iter().copied().filter(|&v| nodes[v as usize].balance > 0);
            let lack = self.nodes.iter().copied().filter(|&v| nodes[v as usize].balance < 0);
            let way = search.run(state, &self.waiting, excess, lack);
            searches += 1;
            let Some(way) = way else {
                // What has nowhere to go may go where it is still closed.
                if self.open_one(state) {
                    continue;
                }
                return None;
            };
            let (forward, backward) = search.radii(way);
            move_potentials(state, search, forward, backward);
            self.send(state, search, way);
        }
    }

    /// Opens one place that is worth taking; false if there is none.
    fn open_one<T: Width>(&mut self, state: &mut State<T>) -> bool {
        while let Some(&node) = self.closed.last() {
            if state.rise(node as usize).is_some_and(|rise| rise < T::ZERO) {
                self.send_up(state, node as usize, 1);
                return true;
            }
            self.closed.pop();
        }
        false
    }

    /// Sends one unit along the way that was found, or one to the root and one from it.
    fn send<T: Width>(&mut self, state: &mut State<T>, search: &Search<T>, way: Way) {
        if way == Way::Across {
            self.follow_back_to_start(state, search, search.across);
            self.follow_on_to_end(state, search, search.across);
            return;
        }
        match search.fore.end {
            End::Waits(participant) => self.seat(state, participant, NONE),
            End::GivesUp(participant, node) => {
                self.seat(state, participant, NONE);
                self.follow_back_to_start(state, search, node);
            }
            End::Room(node) => {
                state.add_units(node as usize, 1);
                self.follow_back_to_start(state, search, node);
            }
            _ => {}
        }
        match search.back.end {
            End::Comes(participant, node) => {
                self.seat(state, participant, node);
                self.follow_on_to_end(state, search, node);
            }
            End::GivenBack(node) => {
                state.add_units(node as usize, -1);
                self.follow_on_to_end(state, search, node);
            }
            _ => {}
        }
    }

    /// Undertakes the moves of the forward search that end at a node.
    fn follow_back_to_start<T: Width>(&mut self, state: &mut State<T>, search: &Search<T>, end: u32) {
        let mut at = end;
        loop {
            let link = search.links(at).0;
            if link.participant != NONE {
                self.seat(state, link.participant, at);
            } else if link.node == NONE {
                self.shift(state, at as usize, -1);
            } else {
                pass(state, link.node, at);
            }
            if link.node == NONE {
                return;
            }
            at = link.node;
        }
    }

    /// Undertakes the moves of the backward search that begin at a node.
    fn follow_on_to_end<T: Width>(&mut self, state: &mut State<T>, search: &Search<T>, start: u32) {
        let mut at = start;
        loop {
            let link = search.links(at).1;
            if link.node == NONE {
                self.shift(state, at as usize, 1);
                return;
            }
            if link.participant == NONE {
                pass(state, at, link.node);
            } else {
                self.seat(state, link.participant, link.node);
            }
            at = link.node;
        }
    }

    /// Gives a participant a place at a node, or none.
    fn seat<T: Width>(&mut self, state: &mut State<T>, participant: u32, node: u32) {
        let p = participant as usize;
        if state.seats[p].presence == Presence::Waiting {
            self.waiting.retain(|&(other, _)| other != participant);
        }
        let (own, paid) = if node == NONE {
            (NONE, state.exit(p))
        } else {
            let own = node - state.groups as u32;
            let cost = state.pair_cost(p, own).unwrap_or(0);
            (own, state.packed(p, own, T::held(cost)) + state.potential[node as usize])
        };
        state.set_seat(p, Presence::In, own, paid);
    }
}

/// Sends a unit along the arc between two nodes, up or down.
fn pass<T: Width>(state: &mut State<T>, from: u32, to: u32) {
    if state.nodes[from as usize].parent == to {
        state.add_units(from as usize, 1);
    } else {
        state.add_units(to as usize, -1);
    }
}

/// Raises what the forward search settled within its radius, lowers what the backward one did.
fn move_potentials<T: Width>(state: &mut State<T>, search: &Search<T>, forward: T, backward: T) {
    for &node in &search.fore.settled {
        let ((length, _), _) = search.lengths(node as usize);
        if length < forward {
            let potential = state.potential[node as usize] + (forward - length);
            state.set_potential(node as usize, potential);
        }
    }
    for &node in &search.back.settled {
        let (_, (length, _)) = search.lengths(node as usize);
        if length < backward {
            let potential = state.potential[node as usize] - (backward - length);
            state.set_potential(node as usize, potential);
        }
    }
}
