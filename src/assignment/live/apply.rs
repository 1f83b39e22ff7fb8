//! Edits, written into the state: what they ask for is checked, and what they put out of place is noted.
//!
//! **Method.** Every edit only changes the problem and keeps the books; [`super::repair`] makes the result optimal. All
//! faults of a batch are collected: an edit that cannot be meant is left out while the rest is looked at, and the
//! caller undoes the whole. Pairs of a supporter who arrives are begun at a price at which nobody wants its places;
//! that its arc upward is then a gain is what opens them, one at a time.

use std::collections::{BTreeMap, BTreeSet};

use super::super::builder::Supporter;
use super::super::faults::Faults;
use super::super::network::NONE;
use super::bounds::{Bounds, Value};
use super::edit::{Arrival, Edit};
use super::repair::Displaced;
use super::state::{Node, Person, Presence, Seat, State, Steps, Width};

/// Bounds that hold what the edits bring, and pairs of these costs, if those there are do not.
pub(super) fn outgrown<T: Width>(state: &State<T>, edits: &[Edit], costs: &[i64]) -> Option<Bounds> {
    let mut bounds = state.bounds;
    for &cost in costs {
        bounds.widen(Value::Pair(cost));
    }
    let mut participants = state.participants() - state.vacant_participants.len();
    let mut minimums = state.minimums;
    let places = |bounds: &mut Bounds, minimums: &mut u64, places: &Supporter| {
        *minimums += u64::from(places.minimum);
        places.load_cost.iter().for_each(|&cost| bounds.widen(Value::Load(cost)));
        places.balance_cost.iter().for_each(|&cost| bounds.widen(Value::Balance(cost)));
    };
    for edit in edits {
        match edit {
            &(Edit::Allow { cost, .. } | Edit::Pin { cost, .. }) => bounds.widen(Value::Pair(cost)),
            Edit::Row { pairs, .. } | Edit::Column { pairs, .. } => {
                pairs.iter().map(|pair| Value::Pair(pair.1)).for_each(|pair| bounds.widen(pair));
            }
            Edit::Standing { supporter, .. } if supporter.is_some() => bounds.widen(Value::Standing),
            &Edit::Unmatched { served_weight, cost, .. } => {
                bounds.widen(Value::Unmatched(served_weight, cost));
            }
            Edit::ParticipantArrives { pairs, served_weight, unmatched_cost } => {
                participants += 1;
                bounds.widen(Value::Unmatched(*served_weight, *unmatched_cost));
                pairs.iter().map(|pair| Value::Pair(pair.1)).for_each(|pair| bounds.widen(pair));
            }
            Edit::SupporterArrives { supporter, pairs } => {
                places(&mut bounds, &mut minimums, supporter);
                pairs.iter().map(|pair| Value::Pair(pair.1)).for_each(|pair| bounds.widen(pair));
            }
            Edit::Places { places: to, .. } => places(&mut bounds, &mut minimums, to),
            Edit::Group { minimum, .. } => minimums += u64::from(*minimum),
            _ => {}
        }
    }
    bounds.widen(Value::Participants(participants));
    bounds.widen(Value::Minimums(minimums));
    (bounds != state.bounds).then_some(bounds)
}

/// Writes edits into a state.
pub(super) struct Editor<'s, T: Width> {
    state: &'s mut State<T>,
    displaced: &'s mut Displaced,
    faults: Faults,
    arrivals: Vec<Arrival>,
    /// Nodes whose pins may be more than they have places for.
    limited: BTreeSet<u32>,
}

impl<'s, T: Width> Editor<'s, T> {
    pub(super) fn new(state: &'s mut State<T>, displaced: &'s mut Displaced) -> Self {
        Self { state, displaced, faults: Faults::default(), arrivals: Vec::new(), limited: BTreeSet::new() }
    }

    /// Writes all of them and says who arrived.
    ///
    /// # Errors
    /// Every fault, in one error; some of the edits are written by then.
    pub(super) fn write(mut self, edits: &[Edit]) -> crate::Result<Vec<Arrival>> {
        for (at, edit) in edits.iter().enumerate() {
            self.edit(at, edit);
        }
        for &node in &self.limited {
            let Node { capacity, pinned, minimum, .. } = self.state.nodes[node as usize];
            let name = name(self.state, node as usize);
            if pinned > capacity {
                let matches = if pinned == 1 { "match" } else { "matches" };
                self.faults.add(|| {
                    format!(
                        "{name} would have {pinned} pinned {matches} but a capacity of {capacity}; raise the capacity or \
                         unpin"
                    )
                });
            }
            if minimum > capacity {
                self.faults.add(|| {
                    format!(
                        "{name} would have a firm minimum of {minimum} but a capacity of {capacity}; raise the capacity \
                         or lower the minimum"
                    )
                });
            }
        }
        self.faults.unless_any(self.arrivals)
    }

    fn edit(&mut self, at: usize, edit: &Edit) {
        match edit {
            &Edit::Allow { participant, supporter, cost } => {
                if self.knows(at, Some(participant), Some(supporter)) {
                    self.set_pair(participant, supporter, Some(cost));
                }
            }
            &Edit::Forbid { participant, supporter } => {
                if self.knows(at, Some(participant), Some(supporter)) {
                    self.set_pair(participant, supporter, None);
                }
            }
            Edit::Row { participant, pairs } => {
                if self.knows(at, Some(*participant), None) && self.are_pairs(at, pairs, true) {
                    self.set_row(*participant, pairs);
                }
            }
            Edit::Column { supporter, pairs } => {
                if self.knows(at, None, Some(*supporter)) && self.are_pairs(at, pairs, false) {
                    self.set_column(*supporter, pairs);
                }
            }
            &Edit::Pin { participant, supporter, cost } => {
                if self.knows(at, Some(participant), Some(supporter)) {
                    self.pin(participant, supporter, cost);
                }
            }
            &Edit::Unpin { participant } => {
                if self.knows(at, Some(participant), None) {
                    self.unpin(participant);
                }
            }
            &Edit::Only { participant, supporter } => {
                if self.knows(at, Some(participant), supporter) {
                    self.restrict(participant, Some(supporter.unwrap_or(NONE)));
                }
            }
            &Edit::Any { participant } => {
                if self.knows(at, Some(participant), None) {
                    self.restrict(participant, None);
                }
            }
            &Edit::Standing { participant, supporter } => {
                if self.knows(at, Some(participant), supporter) {
                    let person = self.state.people[participant as usize];
                    self.set_person(participant, Person { standing: supporter.unwrap_or(NONE), ..person });
                }
            }
            &Edit::Unmatched { participant, served_weight, cost } => {
                if self.knows(at, Some(participant), None) {
                    let person = self.state.people[participant as usize];
                    self.set_person(participant, Person { served_weight, unmatched_cost: cost, ..person });
                }
            }
            Edit::ParticipantArrives { pairs, served_weight, unmatched_cost } => {
                if self.is_room(at) && self.are_pairs(at, pairs, true) {
                    self.participant_arrives(*served_weight, *unmatched_cost, pairs);
                }
            }
            &Edit::ParticipantLeaves { participant } => {
                if self.knows(at, Some(participant), None) {
                    self.participant_leaves(participant);
                }
            }
            Edit::SupporterArrives { supporter, pairs } => {
                let sound = self.are_places(at, supporter);
                if self.is_room(at) && self.are_pairs(at, pairs, false) && sound {
                    self.supporter_arrives(supporter, pairs);
                }
            }
            &Edit::SupporterLeaves { supporter } => {
                if self.knows(at, None, Some(supporter)) {
                    self.supporter_leaves(supporter);
                }
            }
            &Edit::Capacity { supporter, capacity } => {
                if self.knows(at, None, Some(supporter)) {
                    let node = self.state.node(supporter);
                    self.limit(node, capacity, self.state.nodes[node].minimum, None);
                }
            }
            Edit::Places { supporter, places } => {
                if self.knows(at, None, Some(*supporter)) && self.are_places(at, places) {
                    let node = self.state.node(*supporter);
                    self.move_under(node, places.group);
                    self.limit(node, places.capacity, places.minimum, Some(steps_of(places)));
                }
            }
            &Edit::Group { group, capacity, minimum } => {
                let count = self.state.groups as u32;
                if self.faults.in_range(|| told(at), "group", group, count) {
                    self.limit(group as usize, capacity, minimum, None);
                }
            }
        }
    }

    // What is meant.

    fn knows(&mut self, at: usize, participant: Option<u32>, supporter: Option<u32>) -> bool {
        let (participants, supporters) = (self.state.participants() as u32, self.state.supporters() as u32);
        let mut known = true;
        if let Some(participant) = participant {
            known = self.faults.in_range(|| told(at), "participant", participant, participants);
            if known && self.state.seats[participant as usize].presence == Presence::Vacant {
                self.faults.add(|| {
                    format!("{} names participant {participant}, who left; nobody has that number", told(at))
                });
                known = false;
            }
        }
        let Some(supporter) = supporter else { return known };
        if !self.faults.in_range(|| told(at), "supporter", supporter, supporters) {
            return false;
        }
        if self.state.nodes[self.state.node(supporter)].vacant {
            self.faults.add(|| {
                format!("{} names supporter {supporter}, who left; nobody has that number", told(at))
            });
            return false;
        }
        known
    }

    fn are_pairs(&mut self, at: usize, pairs: &[(u32, i64)], of_participant: bool) -> bool {
        let mut sound = true;
        let mut seen = BTreeSet::new();
        for &(other, _) in pairs {
            sound &= if of_participant {
                self.knows(at, None, Some(other))
            } else {
                self.knows(at, Some(other), None)
            };
            if !seen.insert(other) {
                let kind = if of_participant { "supporter" } else { "participant" };
                self.faults.add(|| format!("{} has two pairs with {kind} {other}; keep one", told(at)));
                sound = false;
            }
        }
        sound
    }

    fn are_places(&mut self, at: usize, places: &Supporter) -> bool {
        let groups = self.state.groups as u32;
        let mut sound = true;
        if let Some(group) = places.group {
            sound = self.faults.in_range(|| told(at), "group", group, groups);
        }
        for (what, steps) in [("load", &places.load_cost), ("balance", &places.balance_cost)] {
            if let Some(step) = steps.windows(2).position(|two| two[1] < two[0]) {
                self.faults.add(|| {
                    format!(
                        "{} has a {what} cost that falls from {} to {} at match {}; each match may cost no less than the \
                         one before",
                        told(at),
                        steps[step],
                        steps[step + 1],
                        step + 2
                    )
                });
                sound = false;
            }
        }
        sound
    }

    /// Whether there is a number left for somebody who arrives.
    fn is_room(&mut self, at: usize) -> bool {
        let numbered = self.state.participants() + self.state.nodes.len();
        let room = numbered < u32::MAX as usize - 2;
        if !room {
            self.faults.add(|| format!("{}: all numbers (2^32 - 2) are taken", told(at)));
        }
        room
    }

    // What is written.

    fn set_pair(&mut self, participant: u32, supporter: u32, cost: Option<i64>) {
        let p = participant as usize;
        let Seat { own, presence, .. } = self.state.seats[p];
        if cost.is_none() && presence == Presence::In && own == supporter {
            self.displaced.unseat(self.state, p);
        }
        self.state.set_pair(p, supporter, cost);
        if presence == Presence::In {
            self.displaced.doubtful_participants.insert(participant);
        }
    }

    fn set_row(&mut self, participant: u32, pairs: &[(u32, i64)]) {
        // Most pairs are mostly what they were: those are found in one pass.
        let to: BTreeMap<u32, i64> = pairs.iter().copied().collect();
        let row = self.state.rows.of(participant as usize).iter();
        let before: BTreeMap<u32, i64> = row.map(|&(supporter, cost)| (supporter, cost.into())).collect();
        for &supporter in before.keys().filter(|supporter| !to.contains_key(supporter)) {
            self.set_pair(participant, supporter, None);
        }
        self.state.set_only(participant as usize, None);
        for &(supporter, cost) in pairs.iter().filter(|pair| before.get(&pair.0) != Some(&pair.1)) {
            self.set_pair(participant, supporter, Some(cost));
        }
        if self.state.seats[participant as usize].presence == Presence::In {
            self.displaced.doubtful_participants.insert(participant);
        }
    }

    fn set_column(&mut self, supporter: u32, pairs: &[(u32, i64)]) {
        let named: BTreeSet<u32> = pairs.iter().map(|pair| pair.0).collect();
        let before = self.state.columns.ids(supporter as usize);
        for participant in before {
            if !named.contains(&participant) {
                self.set_pair(participant, supporter, None);
            }
        }
        let Node { units, pinned, balance, .. } = self.state.nodes[self.state.node(supporter)];
        if units == pinned && balance == 0 {
            self.raise_above_all(supporter, pairs);
        }
        for &(participant, cost) in pairs {
            self.set_pair(participant, supporter, Some(cost));
        }
    }

    /// Raises the price of a supporter whom nobody has to one at which nobody in these pairs wants its places: opened
    /// one at a time they cost a search each, where otherwise everybody who gained would be displaced.
    fn raise_above_all(&mut self, supporter: u32, pairs: &[(u32, i64)]) {
        let node = self.state.node(supporter);
        let mut price = self.state.potential[node];
        for &(participant, cost) in pairs {
            let p = participant as usize;
            if self.state.seats[p].presence == Presence::In {
                price = price.max(self.state.paid[p] - self.state.packed(p, supporter, T::held(cost)));
            }
        }
        self.state.set_potential(node, price);
        self.displaced.doubtful_nodes.insert(node as u32);
    }

    fn restrict(&mut self, participant: u32, only: Option<u32>) {
        self.state.set_only(participant as usize, only);
        self.displaced.doubtful_participants.insert(participant);
    }

    fn set_person(&mut self, participant: u32, person: Person) {
        self.state.set_person(participant as usize, person);
        self.displaced.doubtful_participants.insert(participant);
    }

    /// Counts a pin at a supporter and all above, or one less.
    fn count_pin(&mut self, supporter: u32, add: bool) {
        let way: Vec<usize> = self.state.way_up(self.state.node(supporter)).collect();
        for node in way {
            let before = self.state.nodes[node];
            let pinned = if add { before.pinned + 1 } else { before.pinned - 1 };
            self.state.set_node(node, Node { pinned, ..before }, None);
            self.displaced.doubtful_nodes.insert(node as u32);
            self.limited.insert(node as u32);
        }
    }

    fn pin(&mut self, participant: u32, supporter: u32, cost: i64) {
        let p = participant as usize;
        let Seat { own, presence, .. } = self.state.seats[p];
        let person = self.state.people[p];
        if presence == Presence::Pinned {
            self.count_pin(own, false);
        } else {
            self.displaced.waiting.retain(|&(other, _)| other != participant);
        }
        // A pin brings a unit to its supporter, as a match did that it may have had there.
        if own != supporter {
            if own != NONE {
                self.displaced.shift(self.state, self.state.node(own), -1);
            }
            self.displaced.shift(self.state, self.state.node(supporter), 1);
        }
        self.state.set_seat(p, Presence::Pinned, supporter, T::ZERO);
        self.state.set_person(p, Person { pin_cost: cost, ..person });
        self.count_pin(supporter, true);
    }

    fn unpin(&mut self, participant: u32) {
        let p = participant as usize;
        let Seat { own, presence, .. } = self.state.seats[p];
        if presence != Presence::Pinned {
            return;
        }
        self.count_pin(own, false);
        let person = self.state.people[p];
        if let Some(cost) = self.state.pair_cost(p, own) {
            // It stays unless that turns out not to be its cheapest.
            let packed = self.state.packed(p, own, T::held(cost));
            let pays = packed + self.state.potential[self.state.node(own)];
            self.state.set_seat(p, Presence::In, own, pays);
            self.displaced.doubtful_participants.insert(participant);
        } else {
            self.displaced.shift(self.state, self.state.node(own), -1);
            self.displaced.unseat(self.state, p);
        }
        self.state.set_person(p, Person { pin_cost: 0, ..person });
    }

    fn participant_arrives(&mut self, served_weight: u32, unmatched_cost: i64, pairs: &[(u32, i64)]) {
        let p = self.state.number_participant();
        let person = Person { served_weight, unmatched_cost, ..Person::NOBODY };
        self.state.set_person(p, person);
        self.displaced.unseat(self.state, p);
        for &(supporter, cost) in pairs {
            self.state.set_pair(p, supporter, Some(cost));
        }
        self.arrivals.push(Arrival::Participant(p as u32));
    }

    fn participant_leaves(&mut self, participant: u32) {
        let p = participant as usize;
        let Seat { own, presence, .. } = self.state.seats[p];
        if presence == Presence::Pinned {
            self.count_pin(own, false);
        }
        if own != NONE {
            self.displaced.shift(self.state, self.state.node(own), -1);
        }
        self.displaced.waiting.retain(|&(other, _)| other != participant);
        self.displaced.doubtful_participants.remove(&participant);
        self.state.set_seat(p, Presence::Vacant, NONE, T::ZERO);
        self.state.set_person(p, Person::NOBODY);
        self.state.set_only(p, None);
        for supporter in self.state.rows.ids(p) {
            self.state.set_pair(p, supporter, None);
        }
    }

    fn supporter_arrives(&mut self, places: &Supporter, pairs: &[(u32, i64)]) {
        let supporter = self.state.number_supporter();
        let node = self.state.node(supporter);
        let vacant = self.state.nodes[node];
        let parent = places.group.unwrap_or(NONE);
        self.state.set_node(node, Node { parent, vacant: false, ..vacant }, None);
        self.limit(node, places.capacity, places.minimum, Some(steps_of(places)));
        let natural = self.state.step(node, 0) + self.state.potential_of(parent);
        self.state.set_potential(node, natural);
        self.raise_above_all(supporter, pairs);
        for &(participant, cost) in pairs {
            self.set_pair(participant, supporter, Some(cost));
        }
        self.arrivals.push(Arrival::Supporter(supporter));
    }

    fn supporter_leaves(&mut self, supporter: u32) {
        let node = self.state.node(supporter);
        for participant in self.state.columns.ids(supporter as usize) {
            self.set_pair(participant, supporter, None);
        }
        // Pins need no pair, and standing matches none either.
        if self.state.nodes[node].pinned > 0 || self.state.scales.change > 0 {
            for p in 0..self.state.participants() {
                let Seat { own, presence, .. } = self.state.seats[p];
                if presence == Presence::Pinned && own == supporter {
                    self.unpin(p as u32);
                }
                let person = self.state.people[p];
                if person.standing == supporter {
                    self.set_person(p as u32, Person { standing: NONE, ..person });
                }
            }
        }
        self.limit(node, 0, 0, Some(Steps::default()));
        let units = self.state.nodes[node].units as i32;
        self.displaced.send_up(self.state, node, -units);
        self.displaced.doubtful_nodes.remove(&(node as u32));
        self.limited.remove(&(node as u32));
        self.state.set_potential(node, T::ZERO);
        let gone = Node { parent: NONE, vacant: true, ..self.state.nodes[node] };
        self.state.set_node(node, gone, None);
    }

    /// Sets what passes above a node at most and at least, and at what prices.
    fn limit(&mut self, node: usize, capacity: u32, minimum: u32, steps: Option<Steps>) {
        let before = self.state.nodes[node];
        self.state.set_node(node, Node { capacity, minimum, ..before }, steps);
        self.displaced.doubtful_nodes.insert(node as u32);
        self.limited.insert(node as u32);
    }

    /// Hangs a supporter under another group, with all that passes it.
    fn move_under(&mut self, node: usize, group: Option<u32>) {
        let before = self.state.nodes[node];
        let parent = group.unwrap_or(NONE);
        if parent == before.parent {
            return;
        }
        let pins = before.pinned;
        let units = before.units as i32;
        self.displaced.send_up(self.state, node, -units);
        for (above, more) in [(before.parent, false), (parent, true)] {
            if above == NONE {
                continue;
            }
            let way: Vec<usize> = self.state.way_up(above as usize).collect();
            for above in way {
                let before = self.state.nodes[above];
                let pinned = if more { before.pinned + pins } else { before.pinned - pins };
                self.state.set_node(above, Node { pinned, ..before }, None);
                self.displaced.doubtful_nodes.insert(above as u32);
                self.limited.insert(above as u32);
            }
        }
        let now = self.state.nodes[node];
        self.state.set_node(node, Node { parent, ..now }, None);
    }
}

fn steps_of(places: &Supporter) -> Steps {
    Steps { load: places.load_cost.clone(), balance: places.balance_cost.clone() }
}

fn told(at: usize) -> String {
    format!("edit {at}")
}

pub(super) fn name<T: Width>(state: &State<T>, node: usize) -> String {
    if state.is_group(node) { format!("group {node}") } else { format!("supporter {}", node - state.groups) }
}
