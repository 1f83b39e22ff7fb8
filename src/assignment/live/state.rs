//! The problem in a form that can be edited, who has whom, and the potentials that prove it best.
//!
//! **Method.** Nodes are the groups in their order, then the supporters; above the topmost is the root, which has no
//! number. A participant is contracted to the one arc it uses: what it pays is the packed cost of its pair and the
//! potential of its supporter, or its way out. Rows and columns are sorted by cost, caseloads by participant, so that
//! what a search sees depends on the state alone and not on the way there.
//!
//! **Invariant between changes**, with `pi` the potentials and 0 at the root: no residual arc has a negative reduced
//! cost `cost + pi(head) - pi(tail)`, and each participant uses an arc at which the least is attained. That is
//! complementary slackness, the proof of the optimum.
//!
//! **During a change** a node may have a *balance*: units that came in and go nowhere (positive) or that go up and came
//! from nobody (negative). Participants may be waiting. An arc above a node that has room at a negative reduced cost
//! counts as closed until [`super::repair`] opens it.
//!
//! Every write goes through a method here that logs what was there, see [`super::log`].

use std::collections::{BTreeMap, BTreeSet};

use super::super::costs::Cost;
use super::super::integer::Integer;
use super::super::ladder::Rungs;
use super::super::network::NONE;
use super::arcs::RootArc;
use super::bounds::Bounds;
use super::lists::Lists;
use super::log::{Log, Old};

/// An integer to compute in, and what pair costs are held in beside it.
pub(super) trait Width: Integer {
    /// What every pair cost fits under the bounds.
    type Held: Cost + Default + std::fmt::Debug;
    fn held(cost: i64) -> Self::Held;
}

impl Width for i64 {
    type Held = i32;
    fn held(cost: i64) -> i32 {
        cost as i32
    }
}

impl Width for i128 {
    type Held = i64;
    fn held(cost: i64) -> i64 {
        cost
    }
}

/// Whether and how a participant takes part.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Presence {
    /// Nobody has this number.
    Vacant,
    /// Optimised: at a supporter or unmatched.
    In,
    /// To be inserted: only during a change.
    Waiting,
    Pinned,
}

/// Where one participant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Seat {
    /// Its supporter, pinned or not; `NONE` for nobody.
    pub(super) own: u32,
    pub(super) presence: Presence,
    /// Whether no more than one of its pairs counts.
    pub(super) restricted: bool,
}

impl Seat {
    pub(super) const VACANT: Self = Self { own: NONE, presence: Presence::Vacant, restricted: false };
}

/// What else there is to know of a participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Person {
    pub(super) served_weight: u32,
    pub(super) unmatched_cost: i64,
    pub(super) standing: u32,
    pub(super) pin_cost: i64,
}

impl Person {
    pub(super) const NOBODY: Self = Self { served_weight: 0, unmatched_cost: 0, standing: NONE, pin_cost: 0 };
}

/// A supporter or a group, and the arc above it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Node {
    /// The node above, `NONE` for the root.
    pub(super) parent: u32,
    pub(super) capacity: u32,
    pub(super) minimum: u32,
    /// Units of pins.
    pub(super) pinned: u32,
    /// Units on the arc above, those of pins included.
    pub(super) units: u32,
    pub(super) balance: i32,
    /// Whether all its places cost nothing and none is required.
    pub(super) plain: bool,
    /// Whether nobody has this number.
    pub(super) vacant: bool,
}

impl Node {
    /// One that has nobody and takes nobody.
    pub(super) const EMPTY: Self = Self {
        parent: NONE,
        capacity: 0,
        minimum: 0,
        pinned: 0,
        units: 0,
        balance: 0,
        plain: true,
        vacant: false,
    };
}

/// Marginal costs of a supporter's 1st, 2nd, ... match; the last repeats.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Steps {
    pub(super) load: Vec<i64>,
    pub(super) balance: Vec<i64>,
}

/// What one unit of each rung weighs, narrowed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Weights<T> {
    pub(super) required: T,
    pub(super) served: T,
    pub(super) quality: T,
    pub(super) change: T,
    pub(super) balance: T,
}

#[derive(Debug, Clone)]
pub(super) struct State<T: Width> {
    /// Pairs by participant, sorted by cost and supporter.
    pub(super) rows: Lists<T::Held>,
    /// Pairs by supporter, sorted by cost and participant.
    pub(super) columns: Lists<T::Held>,
    /// The participants at each supporter who are not pinned.
    pub(super) caseloads: Lists<()>,
    pub(super) seats: Vec<Seat>,
    /// What each participant pays, its potential: 0 where it takes no part. Apart from the seats, for a search reads it
    /// of many who stay where they are.
    pub(super) paid: Vec<T>,
    pub(super) people: Vec<Person>,
    pub(super) groups: usize,
    pub(super) nodes: Vec<Node>,
    pub(super) potential: Vec<T>,
    /// What a search asks of every node that it sees, in the least space.
    pub(super) root_arcs: Vec<RootArc>,
    pub(super) steps: Vec<Steps>,
    /// Nodes under each group.
    pub(super) children: Vec<BTreeSet<u32>>,
    /// The one supporter whose pair counts of each participant who is restricted; `NONE` where no pair does.
    pub(super) only: BTreeMap<u32, u32>,
    pub(super) vacant_participants: BTreeSet<u32>,
    pub(super) vacant_supporters: BTreeSet<u32>,
    /// Firm minimums of all nodes together.
    pub(super) minimums: u64,
    pub(super) objective: Rungs,
    pub(super) bounds: Bounds,
    pub(super) scales: Rungs,
    pub(super) weights: Weights<T>,
    /// No supporter's potential is lower.
    pub(super) floor: T,
    /// Leaving nobody unmatched costs more, and so nobody pays more.
    pub(super) ceiling: T,
    /// Leaving somebody unmatched costs no less.
    pub(super) cheapest_exit: T,
    pub(super) log: Log<T>,
}

impl<T: Width> State<T> {
    /// Nobody yet, in this many groups that are to be set.
    pub(super) fn new(bounds: Bounds, scales: Rungs) -> Self {
        let weights = Weights {
            required: T::narrow(scales.required),
            served: T::narrow(scales.served),
            quality: T::narrow(scales.quality),
            change: T::narrow(scales.change),
            balance: T::narrow(scales.balance),
        };
        Self {
            rows: Lists::default(),
            columns: Lists::default(),
            caseloads: Lists::default(),
            seats: Vec::new(),
            paid: Vec::new(),
            people: Vec::new(),
            groups: 0,
            nodes: Vec::new(),
            potential: Vec::new(),
            root_arcs: Vec::new(),
            steps: Vec::new(),
            children: Vec::new(),
            only: BTreeMap::new(),
            vacant_participants: BTreeSet::new(),
            vacant_supporters: BTreeSet::new(),
            minimums: 0,
            objective: Rungs::default(),
            bounds,
            scales,
            weights,
            floor: T::ZERO,
            ceiling: T::ZERO,
            cheapest_exit: T::INFINITY,
            log: Log::default(),
        }
    }

    pub(super) fn participants(&self) -> usize {
        self.seats.len()
    }

    pub(super) fn supporters(&self) -> usize {
        self.steps.len()
    }

    #[inline]
    pub(super) fn is_group(&self, node: usize) -> bool {
        node < self.groups
    }

    /// The node of a supporter.
    #[inline]
    pub(super) fn node(&self, supporter: u32) -> usize {
        self.groups + supporter as usize
    }

    /// The potential of a node or the root.
    #[inline]
    pub(super) fn potential_of(&self, node: u32) -> T {
        if node == NONE { T::ZERO } else { self.potential[node as usize] }
    }

    /// A node and all above it, without the root.
    pub(super) fn way_up(&self, node: usize) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(Some(node), |&v| {
            let parent = self.nodes[v].parent;
            (parent != NONE).then_some(parent as usize)
        })
    }

    pub(super) fn pair_cost(&self, participant: usize, supporter: u32) -> Option<i64> {
        let row = self.rows.of(participant);
        row.iter().find(|pair| pair.0 == supporter).map(|pair| pair.1.into())
    }

    // What writes, and logs.

    /// Sets a potential, and with it what everyone there pays.
    pub(super) fn set_potential(&mut self, node: usize, potential: T) {
        let before = self.potential[node];
        if potential == before {
            return;
        }
        self.log.push(Old::Potential(node as u32, before));
        self.put_potential(node, potential);
    }

    fn put_potential(&mut self, node: usize, potential: T) {
        let rise = potential - self.potential[node];
        self.potential[node] = potential;
        if !self.is_group(node) {
            for &(participant, ()) in self.caseloads.of(node - self.groups) {
                self.paid[participant as usize] += rise;
            }
            self.floor = self.floor.min(potential);
        }
    }

    /// Moves a participant, in the objective and in the caseloads; the units above are the caller's to count.
    pub(super) fn set_seat(&mut self, participant: usize, presence: Presence, own: u32, paid: T) {
        self.log.push(Old::Seat(participant as u32, self.seats[participant], self.paid[participant]));
        self.count(self.part_of_participant(participant), -1);
        let restricted = self.seats[participant].restricted;
        self.put_seat(participant, Seat { own, presence, restricted }, paid);
        self.count(self.part_of_participant(participant), 1);
    }

    fn put_seat(&mut self, participant: usize, seat: Seat, paid: T) {
        let before = self.seats[participant];
        let id = participant as u32;
        if before.presence == Presence::In && before.own != NONE {
            let list = before.own as usize;
            if let Ok(at) = self.caseloads.find(list, ((), id)) {
                self.caseloads.remove(list, at);
            }
        }
        if seat.presence == Presence::In && seat.own != NONE {
            let list = seat.own as usize;
            if let Err(at) = self.caseloads.find(list, ((), id)) {
                self.caseloads.insert(list, at, id, ());
            }
        }
        if (before.presence == Presence::Vacant) != (seat.presence == Presence::Vacant) {
            if seat.presence == Presence::Vacant {
                self.vacant_participants.insert(id);
            } else {
                self.vacant_participants.remove(&id);
            }
        }
        self.seats[participant] = seat;
        self.paid[participant] = paid;
        if seat.presence == Presence::In && before.presence != Presence::In {
            self.bound_exits(participant);
        }
    }

    pub(super) fn set_person(&mut self, participant: usize, person: Person) {
        self.log.push(Old::Person(participant as u32, self.people[participant]));
        self.count(self.part_of_participant(participant), -1);
        self.put_person(participant, person);
        self.count(self.part_of_participant(participant), 1);
    }

    fn put_person(&mut self, participant: usize, person: Person) {
        self.people[participant] = person;
        if self.seats[participant].presence == Presence::In {
            self.bound_exits(participant);
        }
    }

    /// Keeps the bounds on what it costs to leave somebody unmatched, of whom it may be asked.
    fn bound_exits(&mut self, participant: usize) {
        let exit = self.exit(participant);
        self.ceiling = self.ceiling.max(exit);
        self.cheapest_exit = self.cheapest_exit.min(exit);
    }

    /// One unit more, or less, above a node.
    pub(super) fn add_units(&mut self, node: usize, more: i32) {
        let before = self.nodes[node];
        self.log.push(Old::Node(node as u32, before));
        let units = before.units.saturating_add_signed(more);
        if !before.plain {
            self.count(self.part_of_node(node), -1);
        }
        self.nodes[node].units = units;
        self.root_arcs[node] = self.root_arc(node);
        if !before.plain {
            self.count(self.part_of_node(node), 1);
        }
    }

    /// Changes all about a node but its balance.
    pub(super) fn set_node(&mut self, node: usize, to: Node, steps: Option<Steps>) {
        self.log.push(Old::Node(node as u32, self.nodes[node]));
        self.count(self.part_of_node(node), -1);
        self.put_node(node, to);
        if let Some(steps) = steps {
            let at = node - self.groups;
            let before = std::mem::replace(&mut self.steps[at], steps);
            self.log.push(Old::Steps(at as u32, before));
        }
        self.nodes[node].plain = self.is_plain(node);
        self.root_arcs[node] = self.root_arc(node);
        self.count(self.part_of_node(node), 1);
    }

    fn is_plain(&self, node: usize) -> bool {
        let costs_nothing = self.is_group(node) || self.steps[node - self.groups] == Steps::default();
        self.nodes[node].minimum == 0 && costs_nothing
    }

    fn put_node(&mut self, node: usize, to: Node) {
        let before = self.nodes[node];
        self.minimums = self.minimums - u64::from(before.minimum) + u64::from(to.minimum);
        let above = |node: &Node| (!node.vacant && node.parent != NONE).then_some(node.parent as usize);
        if above(&before) != above(&to) {
            if let Some(group) = above(&before) {
                self.children[group].remove(&(node as u32));
            }
            if let Some(group) = above(&to) {
                self.children[group].insert(node as u32);
            }
        }
        if before.vacant != to.vacant {
            let supporter = (node - self.groups) as u32;
            if to.vacant {
                self.vacant_supporters.insert(supporter);
            } else {
                self.vacant_supporters.remove(&supporter);
            }
        }
        self.nodes[node] = Node { balance: before.balance, ..to };
        self.root_arcs[node] = self.root_arc(node);
    }

    /// Allows a pair at a cost, or forbids it; returns the cost before.
    pub(super) fn set_pair(&mut self, participant: usize, supporter: u32, cost: Option<i64>) -> Option<i64> {
        let before = self.pair_cost(participant, supporter);
        if before == cost {
            return before;
        }
        self.log.push(Old::Pair(participant as u32, supporter, before));
        let Seat { own, presence, .. } = self.seats[participant];
        let used = presence == Presence::In && own == supporter;
        if used {
            self.count(self.part_of_participant(participant), -1);
        }
        self.put_pair(participant, supporter, cost);
        if used {
            self.count(self.part_of_participant(participant), 1);
        }
        before
    }

    pub(super) fn put_pair(&mut self, participant: usize, supporter: u32, cost: Option<i64>) {
        let (id, list) = (participant as u32, supporter as usize);
        if let Some(at) = self.rows.of(participant).iter().position(|pair| pair.0 == supporter) {
            let (_, held) = self.rows.of(participant)[at];
            self.rows.remove(participant, at);
            if let Ok(at) = self.columns.find(list, (held, id)) {
                self.columns.remove(list, at);
            }
        }
        if let Some(cost) = cost {
            let held = T::held(cost);
            if let Err(at) = self.rows.find(participant, (held, supporter)) {
                self.rows.insert(participant, at, supporter, held);
            }
            if let Err(at) = self.columns.find(list, (held, id)) {
                self.columns.insert(list, at, id, held);
            }
        }
    }

    /// A number that nobody has for a participant: the lowest there is.
    pub(super) fn number_participant(&mut self) -> usize {
        if let Some(&lowest) = self.vacant_participants.first() {
            return lowest as usize;
        }
        self.log.push(Old::NewParticipant);
        let participant = self.seats.len();
        self.seats.push(Seat::VACANT);
        self.paid.push(T::ZERO);
        self.vacant_participants.insert(participant as u32);
        self.people.push(Person::NOBODY);
        self.rows.add_list();
        participant
    }

    /// The same for a supporter.
    pub(super) fn number_supporter(&mut self) -> u32 {
        if let Some(&lowest) = self.vacant_supporters.first() {
            return lowest;
        }
        self.log.push(Old::NewSupporter);
        self.push_supporter();
        (self.steps.len() - 1) as u32
    }

    pub(super) fn push_group(&mut self, potential: T) {
        self.nodes.push(Node::EMPTY);
        self.potential.push(potential);
        self.root_arcs.push(RootArc::default());
    }

    pub(super) fn push_supporter(&mut self) {
        let supporter = self.steps.len() as u32;
        self.steps.push(Steps::default());
        self.nodes.push(Node { vacant: true, ..Node::EMPTY });
        self.vacant_supporters.insert(supporter);
        self.potential.push(T::ZERO);
        self.root_arcs.push(RootArc::default());
        self.floor = self.floor.min(T::ZERO);
        if self.columns.len() <= supporter as usize {
            self.columns.add_list();
            self.caseloads.add_list();
        }
    }

    // Undoing.

    /// Begins something that can be undone.
    pub(super) fn begin(&mut self) {
        self.log.begin(self.objective);
    }

    /// Keeps what was done since the last beginning.
    pub(super) fn commit(&mut self) {
        self.log.commit();
    }

    /// Undoes what was done since the last beginning.
    pub(super) fn roll_back(&mut self) {
        while let Some(old) = self.log.pop() {
            match old {
                Old::Potential(node, potential) => self.put_potential(node as usize, potential),
                Old::Seat(participant, seat, paid) => self.put_seat(participant as usize, seat, paid),
                Old::Person(participant, person) => self.put_person(participant as usize, person),
                Old::Node(node, before) => {
                    self.put_node(node as usize, before);
                    self.nodes[node as usize].balance = 0;
                }
                Old::Steps(supporter, steps) => {
                    self.steps[supporter as usize] = steps;
                }
                Old::Pair(participant, supporter, cost) => {
                    self.put_pair(participant as usize, supporter, cost);
                }
                Old::Only(participant, only) => self.put_only(participant as usize, only),
                Old::NewParticipant => {
                    self.seats.pop();
                    self.paid.pop();
                    self.people.pop();
                    self.rows.drop_list();
                    self.vacant_participants.remove(&(self.seats.len() as u32));
                }
                Old::NewSupporter => {
                    self.steps.pop();
                    self.nodes.pop();
                    self.potential.pop();
                    self.root_arcs.pop();
                    self.columns.drop_list();
                    self.caseloads.drop_list();
                    self.vacant_supporters.remove(&(self.steps.len() as u32));
                }
            }
        }
        if let Some(objective) = self.log.close() {
            self.objective = objective;
        }
    }
}
