//! Another outcome for one participant, and what it costs by how many others may move.
//!
//! **Problem.** A match failed. The best repair may move people who are content; a coordinator wants to see the best
//! for nobody else moved, for one, for two, and what each saves over the one before.
//!
//! **Method.** The arc that the participant uses is barred. Its unit is to come back to where it went, or to the root
//! and from there back, along residual arcs: layers by the number of others who move, a search by reduced costs in each
//! (Bellman-Ford by layers, with Dijkstra's algorithm for the arcs between nodes, on which nobody moves). From the
//! participant forward, from its supporter backward; a result is a way across, or one to the root and one from it,
//! whose layers add up. A label that is not better than a result with fewer moves leads to none and is dropped.
//!
//! **Why it is exact.** From an optimum to any other assignment the difference falls apart into cycles of residual
//! arcs, one of which holds the participant's own. Every other one costs at least nothing, for else the optimum would
//! be none, and moves people: without it the assignment is no dearer and moves no more. Prices of places are convex, so
//! one cycle alone costs what its arcs say, and nested limits are arcs like others. So the cheapest way with at most
//! `k` others is the best of *all* assignments that differ in at most `k` others: under groups, place costs, firm
//! minimums and every rung of the ladder. It is exact from an optimum only: of what people are pinned to, nothing
//! moves.
//!
//! **Time and space.** At most O(k (pairs + nodes log nodes)); in practice what is cheaper than the result without
//! moves.
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), sections 3.5 (decomposition), 5.4
//! (labels by number of arcs) and 9.3 (negative cycles).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};

use serde::{Deserialize, Serialize};

use super::super::ladder::Rungs;
use super::super::network::NONE;
use super::bounds::Value;
use super::edit::Effect;
use super::search::{Link, START};
use super::state::{Presence, Seat, State, Width};
use super::{Engine, Live, LiveAssignment, either};
use crate::error::{Error, Result};

/// The best outcome for a participant where no more than so many others change their match.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Repair {
    /// Others who change their match.
    pub displaced: u32,
    /// Everyone who does, the participant among them, by participant.
    pub effects: Vec<Effect>,
    /// What the assignment costs then.
    pub after: Rungs,
}

/// What a layer knows of a node: the length, the link, and the layer it came from.
type Label<T> = (T, Link, usize);

/// How the root is reached, or left: the node next to it, the participant who moves between the two, and the layer of
/// the node.
type Door<T> = (T, u32, u32, usize);

/// Labels by number of moves, in one direction.
struct Layers<T> {
    labels: Vec<BTreeMap<u32, Label<T>>>,
    /// The best of the layers so far.
    best: BTreeMap<u32, T>,
    /// By layer, how the root is best reached with so many moves.
    doors: Vec<Option<Door<T>>>,
}

impl<T: Width> Layers<T> {
    fn new(most: usize) -> Self {
        Self { labels: Vec::new(), best: BTreeMap::new(), doors: vec![None; most + 2] }
    }

    /// The number of the last layer, and its nodes with their lengths, for the next one to be made from.
    fn last(&self) -> (usize, Vec<(u32, T)>) {
        let layer = self.labels.len() - 1;
        (layer, self.labels[layer].iter().map(|(&node, label)| (node, label.0)).collect())
    }

    fn door(&mut self, layer: usize, door: Door<T>) {
        if let Some(slot) = self.doors.get_mut(layer)
            && slot.is_none_or(|known| door.0 < known.0)
        {
            *slot = Some(door);
        }
    }

    /// The moves of a way from a node's label in a layer back to where it began: participant, this node, the next.
    fn trace(&self, mut node: u32, mut layer: usize) -> Vec<(u32, u32, u32)> {
        let mut moves = Vec::new();
        while let Some(&(_, link, from)) = self.labels.get(layer).and_then(|labels| labels.get(&node)) {
            if link.participant != NONE {
                moves.push((link.participant, node, link.node));
            }
            if link.node == NONE {
                break;
            }
            (node, layer) = (link.node, from);
        }
        moves
    }
}

/// How far a frontier looked: what a pair would have to cost for another answer.
///
/// Each entry is a layer, somebody, and a length: who moves first, at the end of a way of that length, moves in that
/// layer; who comes to a supporter from which a way of that length leads back comes in that layer. Another answer is
/// one shorter than the limit of its layer.
#[derive(Debug, Clone, Default)]
pub(super) struct Looked {
    pub(super) leaving: Vec<(usize, u32, i128)>,
    pub(super) coming: Vec<(usize, u32, i128)>,
    /// By layer, the length of the best answer with so many moves; `None` where there is none.
    pub(super) limits: Vec<Option<i128>>,
    /// By layer, how the root is reached with so many moves.
    pub(super) root: Vec<Option<i128>>,
}

impl Looked {
    fn leaves<T: Width>(&mut self, layer: usize, participant: u32, length: T) {
        self.leaving.push((layer, participant, length.widen()));
    }
}

/// The least length that a move offered each node so far, so that few of very many are kept.
struct Offers<T> {
    least: Vec<T>,
    offered: Vec<u32>,
}

impl<T: Width> Offers<T> {
    fn new(nodes: usize) -> Self {
        Self { least: vec![T::INFINITY; nodes], offered: Vec::new() }
    }

    /// Whether a length is below all that was offered before, and what earlier layers know.
    fn improves(&mut self, node: u32, length: T, best: &BTreeMap<u32, T>) -> bool {
        let least = &mut self.least[node as usize];
        if length >= *least {
            return false;
        }
        if *least == T::INFINITY {
            self.offered.push(node);
            if let Some(&known) = best.get(&node).filter(|&&known| known <= length) {
                *least = known;
                return false;
            }
        }
        *least = length;
        true
    }

    /// Forgets what was offered.
    fn clear(&mut self) {
        for node in self.offered.drain(..) {
            self.least[node as usize] = T::INFINITY;
        }
    }
}

/// The frontier of one participant.
struct Frontier<'s, T: Width> {
    state: &'s State<T>,
    participant: u32,
    /// Its pairs.
    row: Vec<(u32, T::Held)>,
    /// The node of its supporter, `NONE` for the root.
    own: u32,
    /// What a label must stay below to lead to anything.
    limit: T,
    /// Kept where pairs are not all held.
    looked: Option<&'s mut Looked>,
    offers: Offers<T>,
}

impl<T: Width> Frontier<'_, T> {
    /// Spreads labels along the arcs between nodes, on which nobody moves, and keeps those that are better than before.
    fn spread(&self, layers: &mut Layers<T>, seeds: Vec<(u32, T, Link, usize)>, forward: bool) {
        let layer = layers.labels.len();
        let mut labels: BTreeMap<u32, Label<T>> = BTreeMap::new();
        let mut heap = BinaryHeap::new();
        let mut open = seeds;
        loop {
            for (node, length, link, from) in open.drain(..) {
                let known = labels.get(&node).map(|label| label.0).or(layers.best.get(&node).copied());
                if length < self.limit && known.is_none_or(|known| length < known) {
                    labels.insert(node, (length, link, from));
                    heap.push(Reverse((length, node)));
                }
            }
            let Some(Reverse((length, node))) = heap.pop() else { break };
            // The participant's own supporter is where every way ends, or begins.
            if labels.get(&node).is_none_or(|label| label.0 < length) || (forward && node == self.own) {
                continue;
            }
            self.step(layers, (node, length), layer, forward, &mut open);
        }
        for (&node, label) in &labels {
            layers.best.insert(node, label.0);
        }
        layers.labels.push(labels);
    }

    fn step(
        &self,
        layers: &mut Layers<T>,
        (node, length): (u32, T),
        layer: usize,
        forward: bool,
        open: &mut Vec<(u32, T, Link, usize)>,
    ) {
        let state = self.state;
        let link = Link { node, participant: NONE };
        let arc = |below: u32, up: bool| {
            if up { state.upward(below as usize) } else { state.downward(below as usize) }
        };
        let parent = state.nodes[node as usize].parent;
        if let Some(rise) = arc(node, forward) {
            if parent == NONE {
                layers.door(layer, (length + rise, node, NONE, layer));
            } else {
                open.push((parent, length + rise, link, layer));
            }
        }
        if state.is_group(node as usize) {
            for &child in &state.children[node as usize] {
                if let Some(fall) = arc(child, !forward) {
                    open.push((child, length + fall, link, layer));
                }
            }
        }
    }

    /// Whose turn to move it is after the last layer of the forward search, and where to.
    fn move_on(&mut self, layers: &mut Layers<T>) -> Vec<(u32, T, Link, usize)> {
        let state = self.state;
        let (layer, labels) = layers.last();
        let mut open = Vec::new();
        for (node, length) in labels {
            if state.is_group(node as usize) || node == self.own {
                continue;
            }
            for &(participant, ()) in state.caseloads.of(node as usize - state.groups) {
                let p = participant as usize;
                let offset = length - state.paid[p];
                if let Some(looked) = &mut self.looked {
                    looked.leaves(layer + 1, participant, length);
                }
                layers.door(layer + 1, (offset + state.exit(p), node, participant, layer));
                let link = Link { node, participant };
                // The cheapest come first, and no potential lies below the floor.
                let most = self.limit - offset - state.floor;
                for &(supporter, cost) in state.row(p) {
                    if T::from_i64(cost.into()) * state.quality_scale() > most {
                        break;
                    }
                    let to = state.node(supporter) as u32;
                    let length = offset + state.packed(p, supporter, cost) + state.potential[to as usize];
                    if to != node && length < self.limit && self.offers.improves(to, length, &layers.best) {
                        open.push((to, length, link, layer));
                    }
                }
            }
        }
        self.offers.clear();
        open
    }

    /// Who could come to the nodes of the last layer of the backward search, and from where.
    fn move_back(&mut self, layers: &mut Layers<T>) -> Vec<(u32, T, Link, usize)> {
        let state = self.state;
        let (layer, labels) = layers.last();
        let mut open = Vec::new();
        for (node, length) in labels {
            if state.is_group(node as usize) {
                continue;
            }
            let supporter = node - state.groups as u32;
            if let Some(looked) = &mut self.looked {
                looked.coming.push((layer + 1, supporter, length.widen()));
            }
            for &(participant, cost) in state.columns.of(supporter as usize) {
                let p = participant as usize;
                let (Seat { own, presence, restricted }, paid) = (state.seats[p], state.paid[p]);
                if participant == self.participant || presence != Presence::In || own == supporter {
                    continue;
                }
                if restricted && !state.is_only(p, supporter) {
                    continue;
                }
                let packed = state.packed(p, supporter, cost);
                let length = length + packed + state.potential[node as usize] - paid;
                if own == NONE {
                    layers.door(layer + 1, (length, node, participant, layer));
                    continue;
                }
                let from = state.node(own) as u32;
                if length < self.limit && self.offers.improves(from, length, &layers.best) {
                    open.push((from, length, Link { node, participant }, layer));
                }
            }
        }
        self.offers.clear();
        open
    }

    fn find(&mut self, most: usize) -> Vec<Repair> {
        let state = self.state;
        let p = self.participant as usize;
        let (own, paid) = (state.seats[p].own, state.paid[p]);
        let mut forward = Layers::new(most);
        let mut backward = Layers::new(most);
        let mut seeds = Vec::new();
        for (supporter, cost) in self.row.iter().copied().filter(|&(supporter, _)| supporter != own) {
            let node = state.node(supporter);
            let length = state.packed(p, supporter, cost) + state.potential[node] - paid;
            seeds.push((node as u32, length, Link { node: NONE, participant: self.participant }, 0));
        }
        if own != NONE {
            forward.door(0, (state.exit(p) - paid, NONE, self.participant, 0));
        }
        let mut back_seeds = Vec::new();
        if own == NONE {
            backward.door(0, (T::ZERO, NONE, NONE, 0));
        } else {
            back_seeds.push((self.own, T::ZERO, START, 0));
        }
        if let Some(looked) = &mut self.looked {
            looked.leaves(0, self.participant, T::ZERO);
        }
        let mut found: Vec<Repair> = Vec::new();
        for layer in 0..=most {
            self.spread(&mut forward, std::mem::take(&mut seeds), true);
            if own != NONE {
                self.spread(&mut backward, std::mem::take(&mut back_seeds), false);
            }
            // The best that takes no more moves in all, straight or through the root.
            let mut best: Option<(T, Option<usize>)> = None;
            let mut offer = |length: T, by: Option<usize>| {
                if length < self.limit && best.is_none_or(|(known, _)| length < known) {
                    best = Some((length, by));
                }
            };
            if let Some(&(length, ..)) = forward.labels[layer].get(&self.own) {
                offer(length, None);
            }
            for there in 0..=layer {
                if let (Some(to), Some(from)) = (forward.doors[there], backward.doors[layer - there]) {
                    offer(to.0 + from.0, Some(there));
                }
            }
            if let Some((length, by)) = best {
                self.limit = length;
                let effects = match by {
                    None => self.effects(&forward.trace(self.own, layer), &[]),
                    Some(there) => self.through_the_root(&forward, &backward, there, layer - there),
                };
                let displaced = effects.len() as u32 - 1;
                let mut after = state.objective_with(&effects);
                after.quality += self.dearer(&effects);
                found.push(Repair { displaced, effects, after });
            }
            if let Some(looked) = &mut self.looked {
                looked.limits.push((self.limit < T::INFINITY).then(|| self.limit.widen()));
                looked.root.push(forward.doors[layer].map(|door| door.0.widen()));
            }
            if layer < most {
                seeds = self.move_on(&mut forward);
                if own != NONE {
                    back_seeds = self.move_back(&mut backward);
                }
            }
        }
        found
    }

    /// How much more the participant's pair costs than the one the state knows, which counts as 0 where it knows none.
    fn dearer(&self, effects: &[Effect]) -> i128 {
        let own = effects.iter().find(|effect| effect.participant == self.participant);
        let Some(supporter) = own.and_then(|effect| effect.to) else { return 0 };
        let cost = self.row.iter().find(|pair| pair.0 == supporter).map_or(0, |pair| pair.1.into());
        let known = self.state.pair_cost(self.participant as usize, supporter).unwrap_or(0);
        i128::from(cost - known)
    }

    fn through_the_root(
        &self,
        forward: &Layers<T>,
        backward: &Layers<T>,
        there: usize,
        back: usize,
    ) -> Vec<Effect> {
        let door = |layers: &Layers<T>, layer: usize, leaves: bool| {
            let Some((_, node, participant, from)) = layers.doors[layer] else { return Vec::new() };
            let mut moves = Vec::new();
            if participant != NONE {
                // Forward it gives up its place there, backward it comes there.
                moves.push(if leaves { (participant, NONE, node) } else { (participant, node, NONE) });
            }
            if node != NONE {
                moves.extend(layers.trace(node, from));
            }
            moves
        };
        self.effects(&door(forward, there, true), &door(backward, back, false))
    }

    /// Moves as effects. Forward, a participant goes from the second node to the first; backward, to the second.
    fn effects(&self, forward: &[(u32, u32, u32)], backward: &[(u32, u32, u32)]) -> Vec<Effect> {
        let to = forward.iter().map(|&(participant, to, _)| (participant, to));
        let back = backward.iter().map(|&(participant, at, next)| {
            // The door names the node that is come to, a link the one that is left.
            (participant, if next == NONE { at } else { next })
        });
        let supporter = |node: u32| (node != NONE).then(|| node - self.state.groups as u32);
        let mut effects: Vec<Effect> = to
            .chain(back)
            .map(|(participant, to)| {
                let own = self.state.seats[participant as usize].own;
                Effect { participant, from: (own != NONE).then_some(own), to: supporter(to) }
            })
            .collect();
        effects.sort_unstable();
        effects
    }
}

impl<T: Width> Live<T> {
    fn frontier(&self, participant: u32, most: u32, looked: Option<&mut Looked>) -> Result<Vec<Repair>> {
        let Seat { own, .. } = self.known(participant)?;
        let row = self.state.row(participant as usize).to_vec();
        Ok(self.frontier_over((participant, own), row, most, looked))
    }

    fn frontier_among(
        &self,
        participant: u32,
        pairs: &[(u32, i64)],
        most: u32,
        looked: Option<&mut Looked>,
    ) -> Result<Vec<Repair>> {
        let Seat { own, .. } = self.known(participant)?;
        let held = |&(supporter, cost): &(u32, i64)| {
            if self.is_there(supporter) && self.state.bounds.holds(Value::Pair(cost)) {
                return Ok((supporter, T::held(cost)));
            }
            Err(Error::problem(format!(
                "a pair with supporter {supporter} at a cost of {cost} is not possible"
            )))
        };
        let row = pairs.iter().map(held).collect::<Result<Vec<_>>>()?;
        Ok(self.frontier_over((participant, own), row, most, looked))
    }

    fn frontier_over(
        &self,
        (participant, own): (u32, u32),
        row: Vec<(u32, T::Held)>,
        most: u32,
        looked: Option<&mut Looked>,
    ) -> Vec<Repair> {
        let own = if own == NONE { NONE } else { self.state.node(own) as u32 };
        let offers = Offers::new(self.state.nodes.len());
        let mut frontier =
            Frontier { state: &self.state, participant, row, own, limit: T::INFINITY, looked, offers };
        frontier.find(most as usize)
    }
}

impl LiveAssignment {
    /// The best assignment in which a participant does not have what it has now (its supporter, or none), for nobody
    /// else moved, for one, two, ... up to `most`: each that is better than those before it, in this order. Empty if
    /// there is none, for a participant that is unmatched and can have nobody.
    ///
    /// Exact over all assignments, under groups, place costs and every rung; who is pinned does not move. What may cost
    /// nothing and moves somebody is never among the moves.
    ///
    /// # Errors
    /// [`Error::is_problem`](crate::Error::is_problem) if there is no such participant or it is pinned.
    pub fn frontier(&self, participant: u32, most: u32) -> Result<Vec<Repair>> {
        either!(&self.engine, live => live.frontier(participant, most, None))
    }

    /// The same, and how far it looked.
    pub(super) fn frontier_looked(&self, participant: u32, most: u32) -> Result<(Vec<Repair>, Looked)> {
        let mut looked = Looked::default();
        let found = either!(&self.engine, live => live.frontier(participant, most, Some(&mut looked)))?;
        Ok((found, looked))
    }

    /// The same over pairs that are handed in, and how far it looked.
    pub(super) fn frontier_among_looked(
        &self,
        participant: u32,
        pairs: &[(u32, i64)],
        most: u32,
    ) -> Result<(Vec<Repair>, Looked)> {
        let mut looked = Looked::default();
        let found =
            either!(&self.engine, live => live.frontier_among(participant, pairs, most, Some(&mut looked)))?;
        Ok((found, looked))
    }

    /// The same as if these were the pairs of the participant, where those it has are none: what each way of taking
    /// somebody in would lead to.
    ///
    /// # Errors
    /// As [`frontier`](Self::frontier), and for a supporter who is not there or a cost beyond all others so far.
    pub fn frontier_among(&self, participant: u32, pairs: &[(u32, i64)], most: u32) -> Result<Vec<Repair>> {
        either!(&self.engine, live => live.frontier_among(participant, pairs, most, None))
    }
}
