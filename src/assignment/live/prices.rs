//! What one match more would cost everyone together, for every supporter at once, and who would make way for it.
//!
//! **Problem.** Who chooses among supporters wants to know what each choice costs the others: for every supporter, the
//! cheapest way to free a place there.
//!
//! **Method.** One search from the root against the arcs, by the backward half of [`super::search`] that nothing ends:
//! it begins at every free place and at everyone who could be left unmatched, and its links lead from each supporter to
//! the end of its cheapest way. Of equally cheap ways the one that changes the fewest matches. The prices are the
//! canonical potentials: those kept from change to change are only somewhere below.
//!
//! **Time and space.** O(pairs + nodes log nodes) once after a change, O(length of the way) for each question until the
//! next.
//!
//! **When it is the wrong choice.** For the prices of one or two supporters after each change: a
//! [drill](super::LiveAssignment::drill) reads far less.

use super::super::network::NONE;
use super::edit::Effect;
use super::search::{Link, Search};
use super::state::{Presence, State, Width};

/// The distances of all nodes to the root, and the ways there.
#[derive(Debug, Clone)]
pub(super) struct Prices<T> {
    ways: Search<T>,
}

impl<T: Width> Prices<T> {
    pub(super) fn of(state: &State<T>) -> Self {
        let mut search = Search::default();
        search.open_ended(state);
        for node in 0..state.nodes.len() {
            if state.nodes[node].parent == NONE
                && let Some(rise) = state.upward(node)
            {
                search.reach_back(state, node, (rise, 0), Link { node: NONE, participant: NONE });
            }
        }
        for (p, seat) in state.seats.iter().enumerate() {
            if seat.presence == Presence::In && seat.own != NONE {
                let link = Link { node: NONE, participant: p as u32 };
                search.reach_back(state, state.node(seat.own), (state.exit(p) - state.paid[p], 1), link);
            }
        }
        search.settle_all_back(state);
        Self { ways: search }
    }

    /// The packed cost of one more match at a supporter, the pair itself not counted; `None` if there is no way.
    pub(super) fn of_place(&self, state: &State<T>, supporter: u32) -> Option<i128> {
        let node = state.node(supporter);
        let (_, (length, _)) = self.ways.lengths(node);
        (length < T::INFINITY).then(|| (state.potential[node] + length).widen())
    }

    /// Who would move, and where to, by participant.
    pub(super) fn who_makes_way(&self, state: &State<T>, supporter: u32) -> Vec<Effect> {
        let mut effects = Vec::new();
        let mut at = state.node(supporter) as u32;
        if self.ways.lengths(at as usize).1.0 >= T::INFINITY {
            return effects;
        }
        loop {
            let link = self.ways.links(at).1;
            if link.participant != NONE {
                let supporter = |node: u32| (node != NONE).then(|| node - state.groups as u32);
                effects.push(Effect {
                    participant: link.participant,
                    from: supporter(at),
                    to: supporter(link.node),
                });
            }
            if link.node == NONE {
                break;
            }
            at = link.node;
        }
        effects.sort_unstable();
        effects
    }
}
