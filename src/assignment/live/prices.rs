//! What one match more would cost everyone together, for every supporter at once, and who would make way for it.
//!
//! **Problem.** Who chooses among supporters wants to know what each choice costs the others: for every supporter, the
//! cheapest way to free a place there. Whoever chooses may have a supporter already, whose place becomes free.
//!
//! **Method.** For whoever has nobody: one search from the root against the arcs, by the backward half of [`super::search`] that nothing ends:
//! it begins at every free place and at everyone who could be left unmatched, and its links lead from each supporter to
//! the end of its cheapest way. Of equally cheap ways the one that changes the fewest matches. The prices are the
//! canonical potentials: those kept from change to change are only somewhere below. A free place is not searched from:
//! everybody who has a match is asked instead for the nearest one they could come to, cheapest pairs first, so that what
//! it takes does not grow with the pairs of very many who are free.
//!
//! For whoever has a supporter: forcing them to another one is a cycle through that pair and back over the place that
//! they leave. Its rest is a shortest way from the other supporter to that place: past the root, which is the way above
//! and one from the root to the place, or not, which a second search, backward from the place, finds. The way from the
//! root is what everybody else would gain if they were not there, and comes off.
//!
//! **Why it is exact.** A matching that is best under one forced pair differs from an optimum by cycles of the residual
//! network; those without the pair cost nothing or more, and it is on one alone, once. The place that is left is the
//! end of the way, so it never leads through whoever leaves it.
//!
//! **Time and space.** O(pairs + nodes log nodes) once after a change, O(length of the way) for each question until the
//! next; for each participant who has a supporter O(pairs + nodes log nodes) again at the most.
//!
//! **When it is the wrong choice.** For the prices of one or two supporters after each change: a
//! [drill](super::LiveAssignment::drill) reads far less.

use std::sync::OnceLock;

use super::super::ladder::Rungs;
use super::super::network::NONE;
use super::edit::Effect;
use super::search::{End, Length, Link, START, Search};
use super::state::{Presence, Seat, State, Width};

/// What is known of prices since the last change: of all supporters, and of those with a place free.
#[derive(Debug, Clone)]
pub(super) struct Known<T> {
    all: OnceLock<Box<Prices<T>>>,
    free: OnceLock<Box<Prices<T>>>,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        Self { all: OnceLock::new(), free: OnceLock::new() }
    }
}

impl<T: Width> Known<T> {
    /// The prices, found unless they are known; where free places alone are wanted, those of other supporters may be
    /// missing.
    pub(super) fn of(&self, state: &State<T>, free_alone: bool) -> &Prices<T> {
        match (free_alone, self.all.get()) {
            (true, None) => self.free.get_or_init(|| Box::new(Prices::of_free(state))),
            _ => self.all.get_or_init(|| Box::new(Prices::of(state))),
        }
    }
}

/// What one unit more at each node costs by reduced costs if nobody makes way, infinite where no place is free: the
/// straight ways up.
fn straight_up<T: Width>(state: &State<T>) -> Vec<T> {
    let length = |node: usize| {
        let mut sum = T::ZERO;
        for above in state.way_up(node) {
            match state.upward(above) {
                Some(rise) => sum += rise,
                None => return T::INFINITY,
            }
        }
        sum
    };
    (0..state.nodes.len()).map(length).collect()
}

/// The distances of all nodes to the root, and the ways there.
#[derive(Debug, Clone)]
pub(super) struct Prices<T> {
    ways: Search<T>,
    /// How far the farthest supporter is, and the farthest with a place free, once somebody asked.
    farthest: [OnceLock<T>; 2],
}

impl<T: Width> Prices<T> {
    pub(super) fn of(state: &State<T>) -> Self {
        Self::within(state, &straight_up(state), None)
    }

    /// Of supporters with a place free: what is longer than the straight way up from any of them is not looked at.
    fn of_free(state: &State<T>) -> Self {
        let straight = straight_up(state);
        let free = straight[state.groups..].iter().copied().filter(|&length| length < T::INFINITY);
        let farthest = free.max().unwrap_or(T::ZERO);
        Self::within(state, &straight, Some(farthest))
    }

    fn within(state: &State<T>, straight: &[T], limit: Option<T>) -> Self {
        let mut search = Search::default();
        search.open_ended(state);
        if let Some(limit) = limit {
            search.look_no_further(limit);
        }
        for (node, &length) in straight.iter().enumerate().filter(|(_, length)| **length < T::INFINITY) {
            search.know_back(node, length, Link { node: state.nodes[node].parent, participant: NONE });
        }
        // No place costs less with what its straight way up takes.
        let places = state.groups..state.nodes.len();
        let cheapest = places.filter(|&node| straight[node] < T::INFINITY);
        let cheapest = cheapest.map(|node| straight[node] + state.potential[node]).min();
        for (p, seat) in state.seats.iter().enumerate() {
            if seat.presence != Presence::In || seat.own == NONE {
                continue;
            }
            let (own, paid) = (state.node(seat.own), state.paid[p]);
            let link = Link { node: NONE, participant: p as u32 };
            search.reach_back(state, own, (state.exit(p) - paid, 1), link);
            let Some(cheapest) = cheapest else { continue };
            let mut best = search.lengths(own).1.0.min(limit.unwrap_or(T::INFINITY));
            let mut to = None;
            // As far as the row can matter: the cheapest pairs come first.
            for &(supporter, cost) in state.row(p) {
                if T::from_i64(cost.into()) * state.quality_scale() + cheapest - paid > best {
                    break;
                }
                let node = state.node(supporter);
                let length = straight[node];
                if length < T::INFINITY && supporter != seat.own {
                    let length = length + state.potential[node] + state.packed(p, supporter, cost) - paid;
                    if length < best || to.is_none() && length == best {
                        (best, to) = (length, Some(node as u32));
                    }
                }
            }
            if let Some(node) = to {
                search.reach_back(state, own, (best, 1), Link { node, participant: p as u32 });
            }
        }
        search.settle_all_back(state);
        Self { ways: search, farthest: Default::default() }
    }

    /// The packed cost of one more match at a supporter, the pair itself not counted; `None` if there is no way.
    pub(super) fn of_place(&self, state: &State<T>, supporter: u32) -> Option<i128> {
        let node = state.node(supporter);
        let (length, _) = self.length(node);
        (length < T::INFINITY).then(|| (state.potential[node] + length).widen())
    }

    fn length(&self, node: usize) -> Length<T> {
        self.ways.lengths(node).1
    }

    /// Who would move, and where to, by participant.
    pub(super) fn who_makes_way(&self, state: &State<T>, supporter: u32) -> Vec<Effect> {
        let mut effects = Vec::new();
        let node = state.node(supporter);
        if self.length(node).0 < T::INFINITY {
            along(&self.ways, state, node as u32, &mut effects);
        }
        effects.sort_unstable();
        effects
    }

    /// How far the farthest supporter is, of those with a place free or of all. Whoever has no way past the root has none at
    /// all, unless it is a group that is closed there.
    fn farthest(&self, state: &State<T>, free_alone: bool) -> T {
        let past = |node: usize| match self.length(node).0 {
            length if length < T::INFINITY => length,
            _ if state.nodes[node].parent != NONE && state.upward(node).is_some() => T::INFINITY,
            _ => T::ZERO,
        };
        let is_free = |one: u32| state.way_up(state.node(one)).all(|node| state.upward(node).is_some());
        let wanted = |one: &u32| !free_alone || is_free(*one);
        let all = (0..state.supporters() as u32).filter(wanted);
        all.map(|one| past(state.node(one))).max().unwrap_or(T::ZERO)
    }

    /// The same for whoever leaves a place at a supporter.
    pub(super) fn beside(&self, state: &State<T>, own: u32, free_alone: bool) -> Beside<T> {
        let mut ways = Search::default();
        ways.open_ended(state);
        ways.reach_back(state, state.node(own), (T::ZERO, 0), START);
        // No way that avoids the root is any use where the one past it is shorter.
        let farthest =
            self.farthest[usize::from(free_alone)].get_or_init(|| self.farthest(state, free_alone));
        let (from_root, end) = ways.settle_back_within(state, *farthest);
        Beside { ways, from_root, end }
    }
}

/// Follows the links of a backward search; whoever moves along them is added.
fn along<T: Width>(ways: &Search<T>, state: &State<T>, from: u32, effects: &mut Vec<Effect>) {
    let mut at = from;
    loop {
        let link = ways.links(at).1;
        if link.participant != NONE {
            let supporter = |node: u32| (node != NONE).then(|| node - state.groups as u32);
            effects.push(Effect {
                participant: link.participant,
                from: supporter(at),
                to: supporter(link.node),
            });
        }
        if link.node == NONE {
            return;
        }
        at = link.node;
    }
}

/// The ways to a place that somebody leaves.
#[derive(Debug, Clone)]
pub(super) struct Beside<T> {
    /// Those that avoid the root.
    ways: Search<T>,
    /// The length of the one from the root, and where it enters.
    from_root: Length<T>,
    end: End,
}

impl<T: Width> Beside<T> {
    /// Whether the way from a supporter to the place avoids the root.
    fn avoids_root(&self, prices: &Prices<T>, node: usize) -> bool {
        let (past, changes) = prices.length(node);
        let direct = self.ways.lengths(node).1;
        past >= T::INFINITY
            || self.from_root.0 >= T::INFINITY
            || direct <= (past + self.from_root.0, changes + self.from_root.1)
    }

    /// As [`Prices::of_place`], beside everybody but whoever leaves.
    pub(super) fn of_place(&self, prices: &Prices<T>, state: &State<T>, supporter: u32) -> Option<i128> {
        let node = state.node(supporter);
        let length = if self.avoids_root(prices, node) {
            let direct = self.ways.lengths(node).1.0;
            if direct >= T::INFINITY || self.from_root.0 >= T::INFINITY {
                return None;
            }
            direct - self.from_root.0
        } else {
            prices.length(node).0
        };
        Some((state.potential[node] + length).widen())
    }

    /// No place costs less beside everybody but whoever leaves, unless it costs less beside everybody. O(places whose ways
    /// avoid the root).
    pub(super) fn least(&self, state: &State<T>) -> Option<i128> {
        let (from_root, _) = self.from_root;
        let of_place = |(node, length): (usize, T)| state.potential[node] + length - from_root;
        let seen = self.ways.seen_back().filter(|&(node, _)| !state.is_group(node));
        let least = seen.filter(|_| from_root < T::INFINITY).map(of_place).min();
        least.map(T::widen)
    }

    /// As [`Prices::who_makes_way`], with who comes to the place that is left.
    pub(super) fn who_moves(&self, prices: &Prices<T>, state: &State<T>, supporter: u32) -> Vec<Effect> {
        let node = state.node(supporter);
        if self.avoids_root(prices, node) {
            let mut effects = Vec::new();
            if self.ways.lengths(node).1.0 < T::INFINITY {
                along(&self.ways, state, node as u32, &mut effects);
            }
            effects.sort_unstable();
            return effects;
        }
        let mut effects = prices.who_makes_way(state, supporter);
        self.come(state, &mut effects);
        effects
    }

    /// Who would move if whoever leaves had nobody.
    fn who_comes(&self, state: &State<T>) -> Vec<Effect> {
        let mut effects = Vec::new();
        self.come(state, &mut effects);
        effects
    }

    fn come(&self, state: &State<T>, effects: &mut Vec<Effect>) {
        let enters = match self.end {
            End::GivenBack(node) => node,
            End::Comes(participant, node) => {
                let to = Some(node - state.groups as u32);
                effects.push(Effect { participant, from: None, to });
                node
            }
            // The other ends are of forward searches.
            _ => return,
        };
        along(&self.ways, state, enters, effects);
        effects.sort_unstable();
    }
}

/// What a match with a supporter would cost everybody but the participant, by rung: who they are matched with is known.
pub(super) fn cost_to_others<T: Width>(
    state: &State<T>,
    participant: u32,
    (supporter, moves): (u32, &[Effect]),
    beside: Option<&Beside<T>>,
) -> Rungs {
    let p = participant as usize;
    // The place of somebody pinned stays taken, beside the choice and without it.
    let Seat { own, presence, .. } = state.seats[p];
    let from = (own != NONE && presence != Presence::Pinned).then_some(own);
    let rest = |moves: &[Effect], to: Option<u32>| {
        let mut effects = moves.to_vec();
        effects.push(Effect { participant, from, to });
        state.objective_with(&effects) - state.part_with(p, to.unwrap_or(NONE))
    };
    let without = rest(&beside.map(|beside| beside.who_comes(state)).unwrap_or_default(), None);
    rest(moves, Some(supporter)) - without
}
