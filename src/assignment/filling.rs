//! The exact phase from the other side: places look for participants, one place at a time.
//!
//! **Problem.** The same flow as in [`super::flow`]. Where there are clearly fewer places than participants who want
//! one, inserting participants means a long war over prices in which nearly everyone takes part; inserting places does
//! not, for the participants who will stay unmatched are never far away.
//!
//! **Method.** Start from a valid flow, be it the empty one, without the participants of one batch. Raise potentials
//! just so far that all of the batch prefer to stay unmatched, see [`super::lift`]. The arcs to the root then carry too
//! little at too high a potential: one unit after another is let in there, which leaves a *hole*, a unit too many above
//! the node. [`super::column_reduction`] closes most holes. For each of the others, Dijkstra's algorithm on reduced
//! costs runs against the direction of the arcs, from the node with the hole through groups, supporters and the
//! participants they could win, to the cheapest end: a participant who was unmatched, or a place, this one or another,
//! that is not worth filling. Potentials fall: `pi(v) -= D - d(v)` for nodes settled at `d(v)` below the length `D` of
//! the path. Of most columns only the list of the cheapest pairs is read, see [`super::columns`].
//!
//! Places that an earlier solution left free are holes from the start, see [`super::warm_start`]: the same phases fill
//! or release them.
//!
//! **Why it is optimal.** The invariant of [`Flow`] holds throughout but for holes and one sort of arc: one to the root
//! that has room at a negative reduced cost. Each search closes a hole and keeps the rest, as any augmentation along a
//! shortest path does; when a unit comes back to the root its arc has no negative reduced cost any more. When no hole
//! and no such arc is left the invariant holds in full.
//!
//! **Time and space.** At most one search for each place filled and one more for each node under the root, each at most
//! O(m + k log k) for `m` pairs and `k` supporters and groups. O(m) time once for the lists, be the holes ever so few;
//! O(m) space at worst: the pairs by supporter.
//!
//! **When it is the wrong choice.** With room for everyone: then participants find a free place sooner than places find
//! a free participant. And for a batch whose participants weigh very differently: each time the price of places falls
//! to the next weight, nearly all of them take part in the search.
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), ch. 9; D. P. Bertsekas,
//! D. A. Castañon, "A forward/reverse auction algorithm for asymmetric assignment problems", Computational Optimization
//! and Applications 1 (1992) (the side with fewer members should bid).

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::iter::repeat_n;
use std::ops::Range;

use super::column_reduction::{Reduced, reduce};
use super::columns::Columns;
use super::control::{Control, Stage};
use super::flow::Inserted;
use super::integer::Integer;
use super::lift::lifted;
use super::network::{Flow, NONE, Network};
use super::warm_start::way_up;

/// Insertions between two looks at the control, and nodes settled.
const STRIDE: usize = 64;
const SETTLED: usize = 4096;

/// How a path ends.
#[derive(Clone, Copy)]
enum End<T> {
    /// A participant who was unmatched comes to this supporter at this packed cost.
    Served(u32, usize, T),
    /// The unit on the arc to the root above this node is not worth its cost.
    Released(usize),
}

/// What the searches read: the pairs by supporter, and what participants pay.
pub(super) struct Side<'n, 'p, T: Integer> {
    pub(super) network: &'n Network<'p, T>,
    pub(super) columns: Columns<'n, 'p, T>,
    /// How much less each participant pays in all than when the columns were made: the least `cost + potential` of its
    /// arcs.
    pub(super) less: Vec<T>,
}

/// The state of one search, kept between searches.
struct Search<T> {
    distance: Vec<T>,
    /// The node each node was reached from, and the participant that would move there, if any, at what packed cost.
    from: Vec<(u32, u32, T)>,
    touched: Vec<u32>,
    /// Supporters settled by this search whose list it made.
    listed: Vec<bool>,
    settled: Vec<u32>,
    /// Nodes settled since the control was looked at.
    work: usize,
    /// Supporters and groups by number; supporters whose column is to be read beyond its list, from `root + 1` on.
    heap: BinaryHeap<Reverse<(T, u32)>>,
    best: T,
    end: End<T>,
}

/// Inserts the participants of `order[batch]`, into a flow of those before them, by letting places in until all are
/// filled that are worth it. `None` if one of the batch would have to push out one of those before; nothing is changed
/// then.
///
/// Potentials rise and fall: shortlists from before do not hold any more.
pub(super) fn fill_all<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    order: &[u32],
    batch: &Range<usize>,
    shortlist: Option<u32>,
    control: &Control<'_>,
) -> Option<Inserted> {
    let mut columns = Columns::new(network, &order[..batch.end], shortlist, control);
    columns.offer(&order[batch.clone()], |participant| -network.exit[participant]);
    if columns.stopped {
        return Some(Inserted { cancelled: true, ..Inserted::default() });
    }
    // How far each supporter must rise for the sake of the batch.
    let rise = |s: usize| (-columns.least(s) - flow.potential[s]).max(T::ZERO);
    let open = &network.tree.open;
    let rises = (0..network.tree.supporters).map(|s| if open[s] { rise(s) } else { T::ZERO });
    flow.potential = lifted(network, flow, &order[..batch.start], rises.collect())?;
    columns.offer(&order[..batch.start], |participant| -flow.paid(network, participant));
    for &participant in &order[batch.clone()] {
        // That is how far potentials have risen.
        flow.seats[participant as usize].least = network.exit[participant as usize];
    }
    let total = batch.len() + network.tree.children(network.tree.root()).len();
    Some(fill(network, flow, columns, Vec::new(), total, control))
}

/// Fills or releases places that were left: units above a node that come from nobody, so many for each. Everyone is in.
///
/// Potentials fall.
pub(super) fn refill<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    lack: &[u32],
    shortlist: Option<u32>,
    control: &Control<'_>,
) -> Inserted {
    let mut holes = Vec::new();
    for (node, &lack) in lack.iter().enumerate() {
        let mut lack = lack as usize;
        // Worth just what it costs.
        while lack > 0 && way_up(network, node).all(|v| flow.downward(network, v) == Some(T::ZERO)) {
            flow.drop_unit_to_root(network, node);
            lack -= 1;
        }
        holes.extend(repeat_n(node as u32, lack));
    }
    if holes.is_empty() {
        return Inserted::default();
    }
    let pins = network.problem.pins.iter();
    let members: Vec<u32> = (0..).zip(pins).filter(|(_, pin)| pin.is_none()).map(|(p, _)| p).collect();
    let mut columns = Columns::new(network, &members, shortlist, control);
    columns.offer(&members, |participant| -flow.paid(network, participant));
    let total = holes.len();
    fill(network, flow, columns, holes, total, control)
}

/// Closes these holes, and those that open when places are let in wherever that is worth it.
fn fill<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    mut columns: Columns<'_, '_, T>,
    holes: Vec<u32>,
    total: usize,
    control: &Control<'_>,
) -> Inserted {
    let root = network.tree.root();
    if columns.stopped {
        for hole in holes {
            flow.drop_unit_to_root(network, hole as usize);
        }
        return Inserted { cancelled: true, ..Inserted::default() };
    }
    let before = flow.potential.clone();
    columns.sort();
    let mut side = Side { network, columns, less: vec![T::ZERO; network.exit.len()] };
    let mut search = Search {
        distance: vec![T::INFINITY; root],
        from: vec![(NONE, NONE, T::ZERO); root],
        touched: Vec::new(),
        listed: vec![false; network.tree.supporters],
        settled: Vec::new(),
        work: 0,
        heap: BinaryHeap::new(),
        best: T::INFINITY,
        end: End::Released(root),
    };
    let Reduced { mut holes, steps, columns, cancelled } = reduce(&mut side, flow, holes, control);
    let mut done = Inserted { rows_scanned: columns, bids: steps, cancelled, ..Inserted::default() };
    let mut tops = network.tree.children(root).iter().map(|&top| top as usize).peekable();
    while !done.cancelled {
        // Where paths are long, a few take as long as many short ones.
        if done.augmentations.is_multiple_of(STRIDE as u64) || search.work > SETTLED {
            search.work = 0;
            if control.is_watched() {
                leaves_beside(network, flow, flow.open_gap(network, holes.iter().copied()), control);
            }
            if control.stops(Stage::ShortestPaths, (done.augmentations as usize).min(total), total) {
                done.cancelled = true;
                break;
            }
        }
        let start = if let Some(hole) = holes.pop() {
            hole as usize
        } else if let Some(&top) = tops.peek() {
            if flow.upward(network, top).is_none_or(|rise| rise >= T::ZERO) {
                tops.next();
                continue;
            }
            flow.add_unit(network, top);
            top
        } else {
            break;
        };
        done.rows_scanned += search.run(&mut side, flow, start);
        done.augmentations += 1;
        done.cancelled = side.columns.stopped;
    }
    // What was let in and found nobody goes back.
    for hole in holes {
        flow.drop_unit_to_root(network, hole as usize);
    }
    // What the others cost has fallen by no more than any potential has.
    let falls = before.iter().zip(&flow.potential).map(|(&before, &after)| before - after);
    flow.lower_bounds(falls.fold(T::ZERO, T::max));
    done
}

/// Says that so much is left, and what those of later batches could save: known only for potentials no lower than the
/// first.
pub(super) fn leaves_beside<T: Integer>(
    network: &Network<'_, T>,
    flow: &Flow<T>,
    gap: i128,
    control: &Control<'_>,
) {
    let Some(later) = control.gap_after(0) else { return };
    if later == 0 || flow.is_above_first(network) {
        control.leaves(gap.saturating_add(later));
    }
}

impl<T: Integer> Search<T> {
    /// Closes the hole at a node; returns the number of columns read.
    fn run(&mut self, side: &mut Side<'_, '_, T>, flow: &mut Flow<T>, start: usize) -> u64 {
        self.best = T::INFINITY;
        self.end = End::Released(start);
        self.reach(start, T::ZERO, (NONE, NONE, T::ZERO));
        let columns = self.settle_all(side, flow);

        let length = self.best;
        for &v in &self.settled {
            let node = v as usize;
            let fall = length - self.distance[node];
            flow.potential[node] -= fall;
            if node < side.network.tree.supporters {
                for member in flow.members(node) {
                    side.less[member as usize] += fall;
                }
            }
        }
        self.augment(side.network, flow);
        for v in self.touched.drain(..) {
            self.distance[v as usize] = T::INFINITY;
        }
        self.work += self.settled.len();
        self.settled.clear();
        self.heap.clear();
        columns
    }

    fn reach(&mut self, node: usize, length: T, from: (u32, u32, T)) {
        if length >= self.best || length >= self.distance[node] {
            return;
        }
        if self.distance[node] == T::INFINITY {
            self.touched.push(node as u32);
        }
        self.distance[node] = length;
        self.from[node] = from;
        self.heap.push(Reverse((length, node as u32)));
    }

    fn finish(&mut self, length: T, end: End<T>) {
        if length < self.best {
            self.best = length;
            self.end = end;
        }
    }

    fn settle_all(&mut self, side: &mut Side<'_, '_, T>, flow: &Flow<T>) -> u64 {
        let tree = side.network.tree;
        let root = tree.root();
        let mut columns = 0;
        while let Some(Reverse((length, item))) = self.heap.pop() {
            if length >= self.best {
                break;
            }
            let node = item as usize;
            if node > root {
                self.read_column(side, flow, node - root - 1);
                columns += 1;
                continue;
            }
            if length > self.distance[node] {
                continue;
            }
            self.settled.push(item);
            if let Some(fall) = flow.downward(side.network, node) {
                let parent = tree.parent[node] as usize;
                if parent == root {
                    self.finish(length + fall, End::Released(node));
                } else {
                    self.reach(parent, length + fall, (item, NONE, T::ZERO));
                }
            }
            if node < tree.supporters {
                self.listed[node] = false;
                self.read_list(side, flow, node);
                continue;
            }
            for &child in tree.children(node) {
                if let Some(rise) = flow.upward(side.network, child as usize) {
                    self.reach(child as usize, length + rise, (item, NONE, T::ZERO));
                }
            }
        }
        columns
    }

    /// A supporter could win these participants first; the others when their turn comes.
    fn read_list(&mut self, side: &Side<'_, '_, T>, flow: &Flow<T>, supporter: usize) {
        let offset = self.distance[supporter] + flow.potential[supporter];
        let (list, rest) = side.columns.list(supporter);
        for (value, participant) in list.iter().map(|&pair| T::label(pair)) {
            if offset + value >= self.best {
                break;
            }
            self.win(side, flow, supporter, participant, value);
        }
        if offset + rest < self.best {
            let item = side.network.tree.root() as u32 + 1 + supporter as u32;
            self.heap.push(Reverse((offset + rest, item)));
        }
    }

    /// Makes a new list from the column and goes on with that; where the list was made in this search, reads them all.
    fn read_column(&mut self, side: &mut Side<'_, '_, T>, flow: &Flow<T>, supporter: usize) {
        if !self.listed[supporter] {
            side.columns.renew(&[supporter as u32], &mut side.less);
            self.listed[supporter] = true;
            self.read_list(side, flow, supporter);
            return;
        }
        for (value, participant) in side.columns.all(supporter).into_iter().map(T::label) {
            self.win(side, flow, supporter, participant, value);
        }
    }

    fn win(&mut self, side: &Side<'_, '_, T>, flow: &Flow<T>, supporter: usize, participant: u32, value: T) {
        let offset = self.distance[supporter] + flow.potential[supporter];
        let length = offset + value + side.less[participant as usize];
        if length < self.best {
            let cost = side.columns.cost(participant, value);
            match flow.seats[participant as usize].supporter {
                NONE => self.finish(length, End::Served(participant, supporter, cost)),
                own => self.reach(own as usize, length, (supporter as u32, participant, cost)),
            }
        }
    }

    /// Lets the unit in along the path that was found, from its end to its start.
    fn augment(&self, network: &Network<'_, T>, flow: &mut Flow<T>) {
        let tree = network.tree;
        let mut at = match self.end {
            End::Served(participant, supporter, cost) => {
                flow.attach_until(participant, supporter as u32, cost, flow.potential[supporter]);
                supporter
            }
            End::Released(node) => {
                flow.drop_unit(network, node);
                node
            }
        };
        loop {
            let (node, mover, cost) = self.from[at];
            if node == NONE {
                return;
            }
            let before = node as usize;
            if mover != NONE {
                flow.detach(mover);
                flow.attach_until(mover, node, cost, flow.potential[before]);
            } else if tree.parent[at] == node {
                flow.add_unit(network, at);
            } else {
                flow.drop_unit(network, before);
            }
            at = before;
        }
    }
}
