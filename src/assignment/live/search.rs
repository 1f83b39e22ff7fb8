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
//! **Time and space.** O(pairs read + nodes settled log nodes settled); scratch space for each node, reset by the
//! search that touched it.
//!
//! **When it is the wrong choice.** When a large part of everything changes: then a fresh solve reads rows in order.
//!
//! **References.** E. W. Dijkstra, Numerische Mathematik 1 (1959); R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network
//! Flows* (1993), sections 9.7 and 9.11 (pseudoflows, sensitivity analysis); A. V. Goldberg, C. Harrelson, SODA 2005
//! (potentials of two searches that agree).

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::super::network::NONE;
use super::state::{Presence, State, Width};

/// How much longer it takes to expand a node forward than backward.
const FORWARD_WORK: usize = 4;

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

#[derive(Debug, Clone, Copy)]
struct Label<T> {
    length: T,
    changes: u32,
    link: Link,
    settled: bool,
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
    labels: Vec<Label<T>>,
    touched: Vec<u32>,
    pub(super) settled: Vec<u32>,
    /// Length, then changes and node in one.
    heap: BinaryHeap<Reverse<(T, u64)>>,
    /// How far the root is, and how it is reached.
    pub(super) root: Length<T>,
    pub(super) end: End,
}

impl<T: Width> Half<T> {
    const UNSEEN: Label<T> = Label { length: T::INFINITY, changes: 0, link: START, settled: false };

    fn new() -> Self {
        Self {
            labels: Vec::new(),
            touched: Vec::new(),
            settled: Vec::new(),
            heap: BinaryHeap::new(),
            root: (T::ZERO, 0),
            end: End::Nothing,
        }
    }

    fn reset(&mut self, nodes: usize) {
        for node in self.touched.drain(..) {
            if let Some(label) = self.labels.get_mut(node as usize) {
                *label = Self::UNSEEN;
            }
        }
        self.labels.resize(nodes, Self::UNSEEN);
        self.settled.clear();
        self.heap.clear();
        self.root = (T::ZERO, 0);
        self.end = End::Nothing;
    }

    /// The length of the way to a node, infinite where it was not seen.
    #[inline]
    pub(super) fn length(&self, node: usize) -> Length<T> {
        let label = &self.labels[node];
        (label.length, label.changes)
    }

    pub(super) fn link(&self, node: u32) -> Link {
        self.labels[node as usize].link
    }

    /// The next node that is to be settled: its length; the distance of the root if that is less.
    fn radius(&mut self) -> Length<T> {
        while let Some(&Reverse((length, key))) = self.heap.peek() {
            let (changes, node) = ((key >> 32) as u32, key as u32);
            let label = &self.labels[node as usize];
            if label.settled || (label.length, label.changes) != (length, changes) {
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
        self.labels[node as usize].settled = true;
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
    /// The best way across a node that both have seen, and that node.
    meeting: Length<T>,
    pub(super) across: u32,
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
            meeting: (T::INFINITY, 0),
            across: NONE,
            nodes_settled: 0,
            pairs_read: 0,
        }
    }
}

impl<T: Width> Search<T> {
    /// Finds the best way from these participants and nodes to those nodes; `None` if there is none.
    pub(super) fn run(
        &mut self,
        state: &State<T>,
        waiting: &[(u32, u32)],
        excess: impl Iterator<Item = u32>,
        lack: impl Iterator<Item = u32>,
    ) -> Option<Way> {
        self.fore.reset(state.nodes.len());
        self.back.reset(state.nodes.len());
        self.meeting = (T::INFINITY, 0);
        self.across = NONE;
        let mut lack = lack.peekable();
        if lack.peek().is_some() {
            self.back.root = (T::INFINITY, 0);
        }
        for node in lack {
            self.reach_back(state, node as usize, (T::ZERO, 0), START);
        }
        let mut excess = excess.peekable();
        if excess.peek().is_some() || !waiting.is_empty() {
            self.fore.root = (T::INFINITY, 0);
        }
        for node in excess {
            self.reach_fore(state, node as usize, (T::ZERO, 0), START);
        }
        for &(participant, before) in waiting {
            self.insert(state, participant, before);
        }
        loop {
            let (fore, back) = (self.fore.radius(), self.back.radius());
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
                    self.expand_fore(state, node, length);
                }
            } else if let Some((node, length)) = self.back.settle() {
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
        self.fore.reset(state.nodes.len());
        self.back.reset(state.nodes.len());
        self.fore.root = (T::INFINITY, 0);
        self.back.root = (T::INFINITY, 0);
        self.meeting = (T::INFINITY, 0);
    }

    /// Settles all that can be reached backward.
    pub(super) fn settle_all_back(&mut self, state: &State<T>) {
        loop {
            // Drops what is settled already.
            self.back.root = (T::INFINITY, 0);
            if self.back.radius().0 >= T::INFINITY {
                return;
            }
            if let Some((node, length)) = self.back.settle() {
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
                let forward = self.fore.radius().0.min(self.meeting.0);
                (forward, self.meeting.0 - forward)
            }
        }
    }

    /// Begins with a participant who waits, and who changes its match unless it gets what it had before.
    fn insert(&mut self, state: &State<T>, participant: u32, before: u32) {
        let p = participant as usize;
        let exit = state.seats[p].exit;
        let mut least = exit;
        for &(supporter, cost) in state.rows.of(p) {
            let packed = state.packed(p, supporter, cost);
            least = least.min(packed + state.potential[state.node(supporter)]);
        }
        self.fore.reach_root((exit - least, u32::from(before != NONE)), End::Waits(participant));
        let best = self.best().0;
        let link = Link { node: NONE, participant };
        for &(supporter, cost) in state.rows.of(p) {
            let node = state.node(supporter);
            let length = state.packed(p, supporter, cost) + state.potential[node] - least;
            if length <= best {
                self.reach_fore(state, node, (length, u32::from(supporter != before)), link);
            }
        }
        self.pairs_read += state.rows.of(p).len() as u64;
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
        for &(supporter, cost) in state.rows.of(p) {
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
        if length >= self.fore.length(node) {
            return;
        }
        let across = plus(length, self.back.length(node));
        if across < self.meeting {
            self.meeting = across;
            self.across = node as u32;
        }
        // The node where the best way crosses is kept, whatever its length.
        if length >= self.best() && across > self.best() {
            return;
        }
        let label = &mut self.fore.labels[node];
        if label.length == T::INFINITY {
            self.fore.touched.push(node as u32);
        }
        *label = Label { length: length.0, changes: length.1, link, settled: false };
        self.fore.heap.push(Reverse((length.0, key(length.1, node as u32))));
        if state.nodes[node].parent == NONE
            && let Some(rise) = state.upward(node)
        {
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
        let caseload = state.caseloads.of(node - state.groups);
        for &(participant, ()) in caseload {
            let p = participant as usize;
            let offset = length - state.seats[p].paid;
            self.fore.reach_root(
                (offset + state.seats[p].exit, changes + 1),
                End::GivesUp(participant, node as u32),
            );
        }
        for &(participant, ()) in caseload {
            let p = participant as usize;
            let offset = length - state.seats[p].paid;
            self.relax_row(state, p, offset, changes + 1, Link { node: node as u32, participant });
        }
    }

    #[inline]
    pub(super) fn reach_back(&mut self, state: &State<T>, node: usize, length: Length<T>, link: Link) {
        if length >= self.back.length(node) {
            return;
        }
        let across = plus(length, self.fore.length(node));
        if across < self.meeting {
            self.meeting = across;
            self.across = node as u32;
        }
        if length >= self.best() && across > self.best() {
            return;
        }
        let label = &mut self.back.labels[node];
        if label.length == T::INFINITY {
            self.back.touched.push(node as u32);
        }
        *label = Label { length: length.0, changes: length.1, link, settled: false };
        self.back.heap.push(Reverse((length.0, key(length.1, node as u32))));
        if state.nodes[node].parent == NONE
            && let Some(fall) = state.downward(node)
        {
            self.back.reach_root((length.0 + fall, length.1), End::GivenBack(node as u32));
        }
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
        for &(participant, cost) in state.columns.of(supporter as usize) {
            self.pairs_read += 1;
            if T::from_i64(cost.into()) * quality > limit {
                break;
            }
            let p = participant as usize;
            let seat = &state.seats[p];
            let length = offset + state.packed(p, supporter, cost) - seat.paid;
            if length > best || seat.presence != Presence::In || seat.own == supporter {
                continue;
            }
            if seat.own == NONE {
                self.back.reach_root((length, changes + 1), End::Comes(participant, node as u32));
            } else {
                let link = Link { node: node as u32, participant };
                self.reach_back(state, state.node(seat.own), (length, changes + 1), link);
            }
        }
    }
}
