//! The first phase from the other side: free places win most participants by their cheapest arc, at prices that fall.
//!
//! **Problem.** A search for each place is exact but costs more than most places need: the participant they would like
//! best is unmatched, or leaves a place that soon finds another. This phase fills as many places as it can in constant
//! amounts of work and leaves the rest to [`super::filling`].
//!
//! **Method.** The mirror image of [`super::row_reduction`]: a reverse auction with no epsilon. A unit is let in on an
//! arc to the root that has room at a negative reduced cost; the node below then has a unit too many above it, a
//! *hole*. A hole at a supporter is closed by winning a participant, one at a group passes to a supporter or group
//! below, and either can pass back up as one unit less on the arc above. The node takes what costs it least, and its
//! potential falls by what the second best costs. A participant who was unmatched ends it, and so does the root;
//! another leaves a hole where it was. Holes wait in one queue, first come first served; where the list of a supporter
//! does not tell who is cheapest, its hole waits until hardly any other is left, and then the lists of all such
//! supporters are made anew together.
//!
//! **Why it is exact.** Each step keeps the invariant of the exact phase: every node but those with holes is balanced,
//! and no residual arc but those to the root has a negative reduced cost. The potential of a node falls no further than
//! the reduced cost of any residual arc over which a hole could leave it, those included that the step opens, the next
//! place of the same child and the one before on the arc above; arcs the other way only gain. What participants pay
//! falls with the potential of their supporter, so used arcs stay the cheapest, and each participant who is won has
//! agreed to pay less.
//!
//! **Termination.** Steps that lower nothing could go round in circles, so a node may take [`ZERO_GAIN`] of them in a
//! row, then its hole waits for the exact phase. Falls can still be tiny (a price war), so the phase ends after many
//! steps without a hole being closed, and the number of steps is limited to a multiple of the participants. Neither
//! harms exactness.
//!
//! **Time and space.** A step reads one list and everyone at the supporter, or the children of a group.
//! O(supporters + groups) space beside the columns.
//!
//! **When it is the wrong choice.** As for the searches from the places: with room for everyone.
//!
//! **References.** D. P. Bertsekas, D. A. Castañon, "A forward/reverse auction algorithm for asymmetric assignment
//! problems", Computational Optimization and Applications 1 (1992); R. Jonker, A. Volgenant, Computing 38 (1987)
//! (column reduction).

use std::collections::VecDeque;

use super::control::{Control, Stage};
use super::filling::{Side, leaves_beside};
use super::gap::Seldom;
use super::integer::Integer;
use super::network::{Flow, NONE};

/// Steps allowed per participant before the exact phase takes over.
///
/// Measured: a market of 100,000 without groups ends by itself after one step per participant. In a programme of 10,000
/// with 120 groups holes pass between groups and supporters: 8 steps left some 850 holes, and with 64 it ended by
/// itself after 34, which left 46.
const STEPS_PER_PARTICIPANT: usize = 64;
/// Steps for each hole without one being closed, after which those left wait for the exact phase: a few places that far
/// too few participants want lower their prices without end.
const STALLED: usize = 256;
/// So many times as many holes whose list does not tell as others: then lists are made anew.
const HUNGRY: usize = 4;
/// Steps in a row by which a node may gain nothing before its hole waits for the exact phase.
///
/// Measured on a market of 100,000 with 1,200 groups: 4 and 32 steps left 1,978 and 1,174 holes.
const ZERO_GAIN: u32 = 32;
/// Steps between two looks at the control.
const STRIDE: usize = 1024;

/// What the phase left.
pub(super) struct Reduced {
    /// Nodes with a unit too many above them, once for each.
    pub(super) holes: Vec<u32>,
    pub(super) steps: u64,
    pub(super) columns: u64,
    pub(super) cancelled: bool,
}

/// How a hole can leave a node.
#[derive(Clone, Copy)]
enum Way<T> {
    /// This participant comes, by a pair of this value.
    Win(u32, T),
    /// One unit more from this child.
    Child(u32),
    /// One unit less on the arc above.
    Above,
}

/// The cheapest way and the second least reduced cost.
struct Offers<T> {
    way: Option<Way<T>>,
    least: T,
    second: T,
}

impl<T: Integer> Offers<T> {
    fn new() -> Self {
        Self { way: None, least: T::INFINITY, second: T::INFINITY }
    }

    /// One more way. Among equals the first stays.
    fn note(&mut self, reduced: T, way: Way<T>) {
        if reduced < self.least {
            self.second = self.least;
            self.least = reduced;
            self.way = Some(way);
        } else {
            self.second = self.second.min(reduced);
        }
    }
}

struct Auction<'a, 'n, 'p, T: Integer> {
    side: &'a mut Side<'n, 'p, T>,
    flow: &'a mut Flow<T>,
    /// Nodes with a hole, or, counted from the root on, nodes under the root to let a unit in at.
    queue: VecDeque<u32>,
    /// For each node how many steps in a row gained nothing.
    idle: Vec<u32>,
    waiting: Vec<u32>,
    /// Supporters with a hole whose list does not tell.
    starved: Vec<u32>,
    columns: u64,
}

/// Lets units in wherever that is worth it, and passes them and these holes on until they are closed or wait.
pub(super) fn reduce<T: Integer>(
    side: &mut Side<'_, '_, T>,
    flow: &mut Flow<T>,
    mut holes: Vec<u32>,
    control: &Control<'_>,
) -> Reduced {
    let tree = side.network.tree;
    let root = tree.root() as u32;
    holes.extend(tree.children(root as usize).iter().map(|top| root + top));
    let queue = VecDeque::from(holes);
    let idle = vec![0; tree.root()];
    let participants = side.columns.members().len();
    let limit = participants.saturating_mul(STEPS_PER_PARTICIPANT);
    let mut auction =
        Auction { side, flow, queue, idle, waiting: Vec::new(), starved: Vec::new(), columns: 0 };
    let (mut steps, mut cancelled) = (0, false);
    let mut tells = Seldom::new(participants / 16 + STRIDE);
    // The step that last closed a hole or found new lists.
    let mut gained = 0;
    while steps < limit {
        if steps % STRIDE == 0 {
            if control.is_watched() && tells.is_due(steps) {
                auction.tell(control);
            }
            if control.stops(Stage::RowReduction, steps, limit) {
                cancelled = true;
                break;
            }
        }
        if auction.side.columns.stopped {
            cancelled = true;
            break;
        }
        let stalled = steps - gained > STALLED * (auction.queue.len() + 1);
        if auction.starved.len() > auction.queue.len() * HUNGRY || stalled && !auction.starved.is_empty() {
            auction.feed();
            gained = steps;
        } else if stalled {
            break;
        }
        let Some(item) = auction.queue.pop_front() else { break };
        let node = if item < root {
            item
        } else {
            let top = (item - root) as usize;
            let network = auction.side.network;
            if auction.flow.upward(network, top).is_none_or(|rise| rise >= T::ZERO) {
                continue;
            }
            auction.flow.add_unit(network, top);
            auction.queue.push_back(item);
            top as u32
        };
        steps += 1;
        if auction.pass_on(node) {
            gained = steps;
        }
    }
    let holes = auction.holes().collect();
    let columns = auction.columns;
    Reduced { holes, steps: steps as u64, columns, cancelled }
}

impl<T: Integer> Auction<'_, '_, '_, T> {
    /// Nodes with a unit too many above them, once for each.
    fn holes(&self) -> impl Iterator<Item = u32> + '_ {
        let root = self.side.network.tree.root() as u32;
        let queued = self.queue.iter().filter(move |&&item| item < root);
        self.waiting.iter().chain(&self.starved).chain(queued).copied()
    }

    /// Says how far this is from the best, and remembers it: the next steps may be worse.
    fn tell(&mut self, control: &Control<'_>) {
        let network = self.side.network;
        let better = self.flow.keep(network);
        let gap = self.flow.open_gap(network, self.holes()) - better;
        leaves_beside(network, self.flow, gap, control);
    }

    /// Makes lists anew for those whose list does not tell. Where a new one does not either, the hole waits.
    fn feed(&mut self) {
        let starved = std::mem::take(&mut self.starved);
        self.columns += starved.len() as u64;
        let mut supporters = starved.clone();
        supporters.sort_unstable();
        supporters.dedup();
        self.side.columns.renew(&supporters, &mut self.side.less);
        for at in starved {
            let tells = self.participants(at as usize).is_some();
            if tells { self.queue.push_back(at) } else { self.waiting.push(at) }
        }
    }

    /// Passes a hole on; says whether that closed it.
    fn pass_on(&mut self, at: u32) -> bool {
        let node = at as usize;
        let network = self.side.network;
        let tree = network.tree;
        let mut offers = if node >= tree.supporters {
            self.children(node)
        } else if let Some(offers) = self.participants(node) {
            offers
        } else {
            self.starved.push(at);
            return false;
        };
        if let Some(fall) = self.flow.downward(network, node) {
            offers.note(fall, Way::Above);
        }
        let Some(way) = offers.way else {
            self.waiting.push(at);
            return false;
        };
        // What the step itself opens: the next unit on the same arc.
        let opened = match way {
            Way::Win(..) => None,
            Way::Child(child) => self.flow.upward_after(network, child as usize),
            Way::Above => self.flow.downward_after(network, node),
        };
        let second = opened.map_or(offers.second, |opened| offers.second.min(opened));
        let fall = if second < T::INFINITY { second } else { offers.least };
        if let Way::Win(participant, _) = way
            && self.flow.seats[participant as usize].supporter == NONE
        {
            self.lower(node, fall);
            self.take(participant, node, way);
            self.idle[node] = 0;
            return true;
        }
        if fall > T::ZERO {
            self.idle[node] = 0;
        } else {
            self.idle[node] += 1;
            if self.idle[node] > ZERO_GAIN {
                self.waiting.push(at);
                return false;
            }
        }
        self.lower(node, fall);
        match way {
            Way::Win(participant, _) => {
                let before = self.flow.detach(participant);
                self.take(participant, node, way);
                self.queue.push_back(before);
            }
            Way::Child(child) => {
                self.flow.add_unit(network, child as usize);
                self.queue.push_back(child);
            }
            Way::Above => {
                self.flow.drop_unit(network, node);
                let parent = tree.parent[node];
                if parent as usize == tree.root() {
                    return true;
                }
                self.queue.push_back(parent);
            }
        }
        false
    }

    /// Lowers a potential, and with that of a supporter what those there pay.
    fn lower(&mut self, node: usize, fall: T) {
        self.flow.potential[node] -= fall;
        if node < self.side.network.tree.supporters {
            for member in self.flow.members(node) {
                self.side.less[member as usize] += fall;
            }
        }
    }

    fn take(&mut self, participant: u32, supporter: usize, way: Way<T>) {
        if let Way::Win(_, value) = way {
            let cost = self.side.columns.cost(participant, value);
            let price = self.flow.potential[supporter];
            self.flow.attach_until(participant, supporter as u32, cost, price);
            // It pays the value of its pair and the price of the place.
            self.side.less[participant as usize] = -value - price;
        }
    }

    fn children(&self, group: usize) -> Offers<T> {
        let network = self.side.network;
        let mut offers = Offers::new();
        for &child in network.tree.children(group) {
            if let Some(rise) = self.flow.upward(network, child as usize) {
                offers.note(rise, Way::Child(child));
            }
        }
        offers
    }

    /// The cheapest participant to win and a bound on the next, if the list tells.
    fn participants(&mut self, supporter: usize) -> Option<Offers<T>> {
        let (list, rest) = self.side.columns.list(supporter);
        let mut offers = self.offers(supporter, list);
        let rest = rest + self.flow.potential[supporter];
        offers.second = offers.second.min(rest);
        (offers.least <= rest).then_some(offers)
    }

    fn offers(&self, supporter: usize, pairs: &[T::Key]) -> Offers<T> {
        let potential = self.flow.potential[supporter];
        let mut offers = Offers::new();
        let mut matched = false;
        for (value, participant) in pairs.iter().map(|&pair| T::label(pair)) {
            if value + potential > offers.second {
                break;
            }
            let reduced = value + potential + self.side.less[participant as usize];
            if reduced >= offers.second && reduced > offers.least {
                continue;
            }
            let own = self.flow.seats[participant as usize].supporter;
            if own == supporter as u32 {
                continue;
            }
            // Whoever is unmatched leaves no hole.
            if reduced == offers.least && matched && own == NONE {
                offers.second = reduced;
                offers.way = Some(Way::Win(participant, value));
                matched = false;
                continue;
            }
            if reduced < offers.least {
                matched = own != NONE;
            }
            offers.note(reduced, Way::Win(participant, value));
        }
        offers
    }
}
