//! Cheapest repairs: one shortest path from where there is too much to where there is too little, searched from both
//! ends.
//!
//! **Problem.** A change leaves participants waiting and nodes out of balance. One unit is to be sent at least cost
//! from any of those that have too much to any that has too little, where the root takes and gives as many as are
//! wanted.
//!
//! **Method.** Two searches by Dijkstra's algorithm on reduced costs, in turn: one from all that have too much, along
//! the residual arcs, one from all that have too little, against them. Neither enters the root, to which nearly
//! everything leads: its distance from either side is kept apart. They end when their radii together reach the best way
//! known, be it across a node that both have seen or through the root on each side. Of equally long ways the one on
//! which fewest participants change their match is best: labels are pairs of length and number of changes, compared in
//! this order. Further:
//!
//! * A participant is entered only through the arc it uses, whose reduced cost is zero, so labels stand on supporters
//!   and groups alone. Rows are sorted by cost: one is read only as far as a pair can still be on a better way.
//! * Only what was settled inside the radii gets new potentials: raised by what it is short of the forward radius,
//!   lowered by what it is short of the backward one. The root is inside neither, so it stays at 0 without renumbering.
//!
//! **Why it is exact.** Let `rf` and `rb` be the radii, their sum the length `D` of the way. An arc from `u`, forward
//! at `df`, to `v`, backward at `db`, of reduced cost `r`, gets `r - (rf - df) - (rb - db) = r + df + db - D`, which is
//! not negative, for otherwise there would be a shorter way across it. Every other arc keeps a reduced cost of at least
//! 0 as in Dijkstra's algorithm, and those of the way get 0. So the invariant of [`super::state`] holds afterwards,
//! with one unit less out of place.
//!
//! **Time and space.** O(pairs read + nodes settled log nodes settled); four bytes for each node, reset by the search
//! that touched it, and the labels of what it saw. At a hundred thousand participants nearly all time is waiting for
//! memory: what is read of many nodes and participants is kept apart from what is read of few, and reads that do not
//! depend on each other come before the branches that depend on them.
//!
//! **When it is the wrong choice.** When a large part of everything changes: then a fresh solve reads rows in order.
//!
//! **References.** E. W. Dijkstra, Numerische Mathematik 1 (1959); R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network
//! Flows* (1993), sections 9.7 and 9.11 (pseudoflows, sensitivity analysis); A. V. Goldberg, C. Harrelson, SODA 2005
//! (potentials of two searches that agree).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::network::NONE;
use super::state::{Presence, Seat, State, Width};

/// How much longer it takes to expand a node forward than backward.
const FORWARD_WORK: usize = 2;

/// Pairs of a column that are looked at together.
const AT_ONCE: usize = 16;

/// A length, and the participants on the way who change their match.
pub(super) type Length<T> = (T, u32);

/// Changes and a node, compared in this order.
fn key(changes: u32, node: u32) -> u64 {
    u64::from(changes) << 32 | u64::from(node)
}

fn plus<T: Width>(one: Length<T>, other: Length<T>) -> Length<T> {
    (one.0 + other.0, one.1 + other.1)
}

/// Where a way was reached from and by whom: the node before it in a forward search, after it in a backward one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Link {
    /// `NONE` where the search began.
    pub(super) node: u32,
    /// The participant who moves, `NONE` for an arc between nodes.
    pub(super) participant: u32,
}

pub(super) const START: Link = Link { node: NONE, participant: NONE };

/// The best way to a node, or from it, that one of the searches knows.
#[derive(Debug, Clone, Copy)]
struct Label<T> {
    length: T,
    changes: u32,
    link: Link,
    settled: bool,
}

impl<T: Width> Label<T> {
    const UNSEEN: Self = Self { length: T::INFINITY, changes: 0, link: START, settled: false };

    #[inline]
    fn length(&self) -> Length<T> {
        (self.length, self.changes)
    }
}

/// What both searches know of a node.
#[derive(Debug, Clone, Copy)]
struct Seen<T> {
    node: u32,
    fore: Label<T>,
    back: Label<T>,
}

/// What was seen, in the order in which it was: a search touches few nodes of many, and its labels stay close together.
#[derive(Debug, Clone)]
struct Known<T> {
    /// By node, the place of its labels; `NONE` for one that was not seen.
    places: Vec<u32>,
    labels: Vec<Seen<T>>,
}

impl<T: Width> Known<T> {
    fn reset(&mut self, nodes: usize) {
        for seen in self.labels.drain(..) {
            if let Some(place) = self.places.get_mut(seen.node as usize) {
                *place = NONE;
            }
        }
        self.places.resize(nodes, NONE);
    }

    #[inline]
    fn of(&self, node: usize) -> Seen<T> {
        let place = self.places[node];
        if place == NONE {
            return Seen { node: node as u32, fore: Label::UNSEEN, back: Label::UNSEEN };
        }
        self.labels[place as usize]
    }

    #[inline]
    fn enter(&mut self, node: usize) -> &mut Seen<T> {
        let place = &mut self.places[node];
        if *place == NONE {
            *place = self.labels.len() as u32;
            self.labels.push(Seen { node: node as u32, fore: Label::UNSEEN, back: Label::UNSEEN });
        }
        &mut self.labels[*place as usize]
    }
}

/// How a search reaches the root.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum End {
    /// There is nothing to bring there: the root itself is where this search begins.
    Nothing,
    /// Forward: a waiting participant stays unmatched.
    Waits(u32),
    /// Forward: this participant gives up its place at this node.
    GivesUp(u32, u32),
    /// Forward: there is room above this topmost node.
    Room(u32),
    /// Backward: this unmatched participant comes to this node.
    Comes(u32, u32),
    /// Backward: a unit above this topmost node is given back.
    GivenBack(u32),
}

/// One of the two searches.
#[derive(Debug, Clone)]
pub(super) struct Half<T> {
    pub(super) settled: Vec<u32>,
    /// Length, then changes and node in one.
    heap: BinaryHeap<Reverse<(T, u64)>>,
    /// How far the root is, and how it is reached.
    pub(super) root: Length<T>,
    pub(super) end: End,
}

impl<T: Width> Half<T> {
    fn new() -> Self {
        Self { settled: Vec::new(), heap: BinaryHeap::new(), root: (T::ZERO, 0), end: End::Nothing }
    }

    fn reset(&mut self) {
        self.settled.clear();
        self.heap.clear();
        self.root = (T::ZERO, 0);
        self.end = End::Nothing;
    }

    /// The next node that is to be settled: its length; the distance of the root if that is less.
    #[inline]
    fn radius(&mut self, current: impl Fn(usize) -> Label<T>) -> Length<T> {
        while let Some(&Reverse((length, key))) = self.heap.peek() {
            let changes = (key >> 32) as u32;
            let label = current(key as u32 as usize);
            if label.settled || label.length() != (length, changes) {
                self.heap.pop();
                continue;
            }
            return (length, changes).min(self.root);
        }
        self.root
    }

    /// Takes the node of least length.
    fn settle(&mut self) -> Option<(usize, Length<T>)> {
        let Reverse((length, key)) = self.heap.pop()?;
        let (changes, node) = ((key >> 32) as u32, key as u32);
        self.settled.push(node);
        Some((node as usize, (length, changes)))
    }

    fn reach_root(&mut self, length: Length<T>, end: End) {
        if length < self.root {
            self.root = length;
            self.end = end;
        }
    }
}

/// Both searches, and the best way across.
#[derive(Debug, Clone)]
pub(super) struct Search<T> {
    pub(super) fore: Half<T>,
    pub(super) back: Half<T>,
    known: Known<T>,
    /// The best way across a node that both have seen, and that node.
    meeting: Length<T>,
    pub(super) across: u32,
    /// Those whose rows are read next: what a way costs there, before their pairs, and their cheapest pair.
    rows: Vec<(u32, T, i64)>,
    /// Nodes settled and pairs read since this was asked for.
    pub(super) nodes_settled: u64,
    pub(super) pairs_read: u64,
}

/// What was found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Way {
    /// Across the node where the searches met.
    Across,
    /// To the root, from the root, or both.
    Root,
}

impl<T: Width> Default for Search<T> {
    fn default() -> Self {
        Self {
            fore: Half::new(),
            back: Half::new(),
            known: Known { places: Vec::new(), labels: Vec::new() },
            meeting: (T::INFINITY, 0),
            across: NONE,
            rows: Vec::new(),
            nodes_settled: 0,
            pairs_read: 0,
        }
    }
}

impl<T: Width> Search<T> {
    fn radius_fore(&mut self) -> Length<T> {
        self.fore.radius(|node| self.known.of(node).fore)
    }

    fn radius_back(&mut self) -> Length<T> {
        self.back.radius(|node| self.known.of(node).back)
    }

    /// The length of the forward way to a node, infinite where it was not seen; of the backward way from it.
    pub(super) fn lengths(&self, node: usize) -> (Length<T>, Length<T>) {
        let seen = self.known.of(node);
        (seen.fore.length(), seen.back.length())
    }

    /// The nodes that the backward search has seen, and how long the ways from them are.
    pub(super) fn seen_back(&self) -> impl Iterator<Item = (usize, T)> {
        let seen = self.known.labels.iter().map(|seen| (seen.node as usize, seen.back.length));
        seen.filter(|&(_, length)| length < T::INFINITY)
    }

    /// How a node was reached forward, and backward.
    pub(super) fn links(&self, node: u32) -> (Link, Link) {
        let seen = self.known.of(node as usize);
        (seen.fore.link, seen.back.link)
    }

    /// Finds the best way from these participants and nodes to those nodes; `None` if there is none.
    pub(super) fn run(
        &mut self,
        state: &State<T>,
        waiting: &[(u32, u32)],
        excess: impl Iterator<Item = u32>,
        lack: impl Iterator<Item = u32>,
    ) -> Option<Way> {
        self.fore.reset();
        self.back.reset();
        self.known.reset(state.nodes.len());
        self.meeting = (T::INFINITY, 0);
        self.across = NONE;
        let (mut lack, mut excess) = (lack.peekable(), excess.peekable());
        // Both before anything is reached: a search that has nothing to put right is at the root already.
        if lack.peek().is_some() {
            self.back.root = (T::INFINITY, 0);
        }
        if excess.peek().is_some() || !waiting.is_empty() {
            self.fore.root = (T::INFINITY, 0);
        }
        for node in lack {
            self.reach_back(state, node as usize, (T::ZERO, 0), START);
        }
        for node in excess {
            self.reach_fore(state, node as usize, (T::ZERO, 0), START);
        }
        for &(participant, before) in waiting {
            self.insert(state, participant, before);
        }
        loop {
            let (fore, back) = (self.radius_fore(), self.radius_back());
            let best = self.best();
            if plus(fore, back) >= best {
                break;
            }
            // The side that has had less to do goes on, if it has not reached the root yet. A node takes longer
            // forward, where the rows of its caseload lie far apart.
            let forward = if fore >= self.fore.root {
                false
            } else {
                back >= self.back.root || FORWARD_WORK * self.fore.settled.len() <= self.back.settled.len()
            };
            if forward {
                if let Some((node, length)) = self.fore.settle() {
                    self.known.enter(node).fore.settled = true;
                    self.expand_fore(state, node, length);
                }
            } else if let Some((node, length)) = self.back.settle() {
                self.known.enter(node).back.settled = true;
                self.expand_back(state, node, length);
            }
        }
        self.nodes_settled += (self.fore.settled.len() + self.back.settled.len()) as u64;
        let found = self.best().0 < T::INFINITY;
        let across = self.meeting <= plus(self.fore.root, self.back.root);
        found.then_some(if across { Way::Across } else { Way::Root })
    }

    /// Makes ready for a search that nothing ends: the caller begins it wherever the root can be reached from.
    pub(super) fn open_ended(&mut self, state: &State<T>) {
        self.fore.reset();
        self.back.reset();
        self.known.reset(state.nodes.len());
        self.fore.root = (T::INFINITY, 0);
        self.back.root = (T::INFINITY, 0);
        self.meeting = (T::INFINITY, 0);
    }

    /// As if the searches had met at that length: what is longer is not looked at.
    pub(super) fn look_no_further(&mut self, length: T) {
        self.meeting = self.meeting.min((length, u32::MAX));
    }

    /// Settles all that can be reached backward.
    pub(super) fn settle_all_back(&mut self, state: &State<T>) {
        loop {
            // Drops what is settled already.
            self.back.root = (T::INFINITY, 0);
            if self.radius_back().0 >= T::INFINITY {
                return;
            }
            if let Some((node, length)) = self.back.settle() {
                self.known.enter(node).back.settled = true;
                self.expand_back(state, node, length);
            }
        }
    }

    /// Settles what can be reached backward and is not farther than the root by more than a margin; the best way from the
    /// root, and where it enters.
    pub(super) fn settle_back_within(&mut self, state: &State<T>, margin: T) -> (Length<T>, End) {
        let mut from_root = (self.back.root, self.back.end);
        loop {
            if self.back.root < from_root.0 {
                from_root = (self.back.root, self.back.end);
            }
            // Drops what is settled already.
            self.back.root = (T::INFINITY, 0);
            if from_root.0.0 < T::INFINITY && margin < T::INFINITY {
                self.look_no_further(from_root.0.0 + margin);
            }
            let radius = self.radius_back().0;
            if radius >= T::INFINITY || radius > self.meeting.0 {
                return from_root;
            }
            if let Some((node, length)) = self.back.settle() {
                self.known.enter(node).back.settled = true;
                self.expand_back(state, node, length);
            }
        }
    }

    /// The best way so far.
    #[inline]
    fn best(&self) -> Length<T> {
        self.meeting.min(plus(self.fore.root, self.back.root))
    }

    /// How far each search may change potentials after a way was found.
    pub(super) fn radii(&mut self, way: Way) -> (T, T) {
        match way {
            Way::Root => (self.fore.root.0, self.back.root.0),
            Way::Across => {
                let forward = self.radius_fore().0.min(self.meeting.0);
                (forward, self.meeting.0 - forward)
            }
        }
    }

    /// Begins with a participant who waits, and who changes its match unless it gets what it had before.
    fn insert(&mut self, state: &State<T>, participant: u32, before: u32) {
        let p = participant as usize;
        let exit = state.exit(p);
        let mut least = exit;
        for &(supporter, cost) in state.row(p) {
            let packed = state.packed(p, supporter, cost);
            least = least.min(packed + state.potential[state.node(supporter)]);
        }
        self.fore.reach_root((exit - least, u32::from(before != NONE)), End::Waits(participant));
        let best = self.best().0;
        let link = Link { node: NONE, participant };
        for &(supporter, cost) in state.row(p) {
            let node = state.node(supporter);
            let length = state.packed(p, supporter, cost) + state.potential[node] - least;
            if length <= best {
                self.reach_fore(state, node, (length, u32::from(supporter != before)), link);
            }
        }
        self.pairs_read += state.row(p).len() as u64;
    }

    /// Reads the row of a participant as far as its pairs can matter.
    #[inline]
    fn relax_row(&mut self, state: &State<T>, p: usize, offset: T, changes: u32, link: Link) {
        // The best way only becomes shorter. No potential lies below the floor, and a change from the standing match
        // costs something.
        let best = self.best().0;
        let limit = best - offset - state.floor;
        let quality = state.quality_scale();
        let mut read = 0;
        for &(supporter, cost) in state.row(p) {
            read += 1;
            if T::from_i64(cost.into()) * quality > limit {
                break;
            }
            let node = state.node(supporter);
            let length = offset + state.packed(p, supporter, cost) + state.potential[node];
            if length <= best {
                self.reach_fore(state, node, (length, changes), link);
            }
        }
        self.pairs_read += read;
    }

    #[inline]
    fn reach_fore(&mut self, state: &State<T>, node: usize, length: Length<T>, link: Link) {
        let seen = self.known.of(node);
        if length >= seen.fore.length() {
            return;
        }
        let across = plus(length, seen.back.length());
        if across < self.meeting {
            self.meeting = across;
            self.across = node as u32;
        }
        // The node where the best way crosses is kept, whatever its length.
        if length >= self.best() && across > self.best() {
            return;
        }
        self.known.enter(node).fore = Label { length: length.0, changes: length.1, link, settled: false };
        self.fore.heap.push(Reverse((length.0, key(length.1, node as u32))));
        if let Some(rise) = state.up_to_root(node) {
            self.fore.reach_root((length.0 + rise, length.1), End::Room(node as u32));
        }
    }

    fn expand_fore(&mut self, state: &State<T>, node: usize, (length, changes): Length<T>) {
        let parent = state.nodes[node].parent;
        if parent != NONE
            && let Some(rise) = state.upward(node)
        {
            let link = Link { node: node as u32, participant: NONE };
            self.reach_fore(state, parent as usize, (length + rise, changes), link);
        }
        if state.is_group(node) {
            for &child in &state.children[node] {
                if let Some(rise) = state.downward(child as usize) {
                    let link = Link { node: node as u32, participant: NONE };
                    self.reach_fore(state, child as usize, (length + rise, changes), link);
                }
            }
            return;
        }
        // The rows lie far apart: to begin all of them at once is to wait once.
        let mut rows = std::mem::take(&mut self.rows);
        for &(participant, ()) in state.caseloads.of(node - state.groups) {
            let p = participant as usize;
            let offset = length - state.paid[p];
            if offset + state.cheapest_exit <= self.fore.root.0 {
                let exit = state.exit(p);
                self.fore.reach_root((offset + exit, changes + 1), End::GivesUp(participant, node as u32));
            }
            if let Some(&(_, cheapest)) = state.row(p).first() {
                rows.push((participant, offset, cheapest.into()));
            }
        }
        for &(participant, offset, cheapest) in &rows {
            let limit = self.best().0 - offset - state.floor;
            if T::from_i64(cheapest) * state.quality_scale() <= limit {
                let link = Link { node: node as u32, participant };
                self.relax_row(state, participant as usize, offset, changes + 1, link);
            }
        }
        rows.clear();
        self.rows = rows;
    }

    #[inline]
    pub(super) fn reach_back(&mut self, state: &State<T>, node: usize, length: Length<T>, link: Link) {
        let seen = self.known.of(node);
        if length >= seen.back.length() {
            return;
        }
        let across = plus(length, seen.fore.length());
        if across < self.meeting {
            self.meeting = across;
            self.across = node as u32;
        }
        if length >= self.best() && across > self.best() {
            return;
        }
        self.known.enter(node).back = Label { length: length.0, changes: length.1, link, settled: false };
        self.back.heap.push(Reverse((length.0, key(length.1, node as u32))));
        if let Some(fall) = state.down_from_root(node) {
            self.back.reach_root((length.0 + fall, length.1), End::GivenBack(node as u32));
        }
    }

    /// Notes a way back from a node over which nothing else becomes nearer, so that it is never followed.
    pub(super) fn know_back(&mut self, node: usize, length: T, link: Link) {
        self.known.enter(node).back = Label { length, changes: 0, link, settled: false };
    }

    fn expand_back(&mut self, state: &State<T>, node: usize, (length, changes): Length<T>) {
        let link = Link { node: node as u32, participant: NONE };
        let parent = state.nodes[node].parent;
        if parent != NONE
            && let Some(fall) = state.downward(node)
        {
            self.reach_back(state, parent as usize, (length + fall, changes), link);
        }
        if state.is_group(node) {
            for &child in &state.children[node] {
                if let Some(rise) = state.upward(child as usize) {
                    self.reach_back(state, child as usize, (length + rise, changes), link);
                }
            }
            return;
        }
        let supporter = (node - state.groups) as u32;
        let offset = length + state.potential[node];
        // As in a row: nobody pays more than the ceiling, and the best way only becomes shorter.
        let best = self.best().0;
        let limit = best - offset + state.ceiling;
        let quality = state.quality_scale();
        for some in state.columns.of(supporter as usize).chunks(AT_ONCE) {
            if T::from_i64(some[0].1.into()) * quality > limit {
                self.pairs_read += 1;
                break;
            }
            self.pairs_read += some.len() as u64;
            // What they pay lies far apart: nothing in this loop waits for any of it.
            let mut lengths = [T::ZERO; AT_ONCE];
            for (length, &(participant, cost)) in lengths.iter_mut().zip(some) {
                let p = participant as usize;
                *length = offset + state.packed(p, supporter, cost) - state.paid[p];
            }
            for (&length, &(participant, _)) in lengths.iter().zip(some) {
                if length > best {
                    continue;
                }
                let Seat { own, presence, restricted } = state.seats[participant as usize];
                if presence != Presence::In || own == supporter {
                    continue;
                }
                if restricted && !state.is_only(participant as usize, supporter) {
                    continue;
                }
                if own == NONE {
                    self.back.reach_root((length, changes + 1), End::Comes(participant, node as u32));
                } else {
                    let link = Link { node: node as u32, participant };
                    self.reach_back(state, state.node(own), (length, changes + 1), link);
                }
            }
        }
    }
}
