//! Checking the living state: its books against its pairs, and the proof of its optimum, in one pass.
//!
//! **Method.** Nothing that is kept up from change to change is trusted. Columns are held against rows, caseloads,
//! units and pins against who has whom, the objective against the sum; then feasibility, and complementary slackness on
//! every residual arc with the potentials as they are. [`verify`](super::super::verify()) of the exported problem and
//! assignment is a second opinion that shares none of this.
//!
//! **Time and space.** O(pairs + participants + nodes).

use super::super::network::NONE;
use super::super::violation::{Node as Place, Verification, Violation};
use super::state::{Node, Presence, Seat, State, Width};

/// Everything that is wrong with a state between changes.
pub(super) fn verify<T: Width>(state: &State<T>) -> Verification {
    let mut checker = Checker { state, violations: Vec::new() };
    checker.books();
    checker.limits();
    checker.participants();
    checker.nodes();
    let actual = state.objective_anew();
    if actual != state.objective {
        checker.violations.push(Violation::Objective { stated: state.objective, actual });
    }
    let proven = checker.violations.is_empty();
    Verification { violations: checker.violations, proven_optimal: proven }
}

struct Checker<'s, T: Width> {
    state: &'s State<T>,
    violations: Vec<Violation>,
}

impl<T: Width> Checker<'_, T> {
    fn wrong(&mut self, what: impl FnOnce() -> String) {
        self.violations.push(Violation::Books { what: what() });
    }

    fn place(&self, node: usize) -> Place {
        if self.state.is_group(node) {
            Place::Group(node as u32)
        } else {
            Place::Supporter((node - self.state.groups) as u32)
        }
    }

    /// What is kept twice is the same twice.
    fn books(&mut self) {
        let state = self.state;
        let mut pairs = 0;
        for p in 0..state.participants() {
            for &(supporter, cost) in state.rows.of(p) {
                pairs += 1;
                let column = supporter as usize;
                let found = state.columns.find(column, (cost, p as u32));
                if found.is_err() {
                    self.wrong(|| {
                        format!("the column of supporter {supporter} does not have participant {p}")
                    });
                }
            }
        }
        let by_supporter: usize = (0..state.supporters()).map(|s| state.columns.of(s).len()).sum();
        if by_supporter != pairs {
            self.wrong(|| format!("there are {pairs} pairs by participant and {by_supporter} by supporter"));
        }
        let (mut units, mut pinned) = (vec![0_u32; state.nodes.len()], vec![0_u32; state.nodes.len()]);
        for (p, &Seat { own, presence, .. }) in state.seats.iter().enumerate() {
            if own == NONE {
                continue;
            }
            for node in state.way_up(state.node(own)) {
                units[node] += 1;
                pinned[node] += u32::from(presence == Presence::Pinned);
            }
            let listed = state.caseloads.find(own as usize, ((), p as u32)).is_ok();
            if listed != (presence == Presence::In) {
                self.wrong(|| format!("the caseload of supporter {own} is wrong about participant {p}"));
            }
        }
        let members: usize = (0..state.supporters()).map(|s| state.caseloads.of(s).len()).sum();
        let is_member = |seat: &&Seat| seat.presence == Presence::In && seat.own != NONE;
        if members != state.seats.iter().filter(is_member).count() {
            self.wrong(|| "caseloads hold somebody who is elsewhere".to_owned());
        }
        for (node, kept) in state.nodes.iter().enumerate() {
            let place = self.place(node);
            if kept.units != units[node] {
                let (stated, actual) = (kept.units, units[node].into());
                self.violations.push(Violation::Flow { node: place, stated, actual });
            }
            let noted = state.root_arcs[node] == state.root_arc(node);
            if kept.pinned != pinned[node] || kept.balance != 0 || !noted {
                self.wrong(|| format!("{place} counts pins or units that are not there"));
            }
        }
        if state.seats.iter().any(|seat| seat.presence == Presence::Waiting) {
            self.wrong(|| "a participant is still waiting".to_owned());
        }
    }

    /// Capacities hold, and nobody has a supporter it may not have.
    fn limits(&mut self) {
        let state = self.state;
        for (node, &Node { units, capacity, .. }) in state.nodes.iter().enumerate() {
            if units > capacity {
                let node = self.place(node);
                self.violations.push(Violation::OverCapacity { node, flow: units.into(), capacity });
            }
        }
        for (p, &Seat { own, presence, .. }) in state.seats.iter().enumerate() {
            if presence == Presence::In && own != NONE && state.pair_cost(p, own).is_none() {
                self.violations.push(Violation::NoSuchPair { participant: p as u32, supporter: own });
            }
        }
    }

    /// Everyone uses an arc that is its cheapest, and pays what that costs.
    fn participants(&mut self) {
        let state = self.state;
        for (p, &Seat { own, presence, .. }) in state.seats.iter().enumerate() {
            let (participant, paid) = (p as u32, state.paid[p]);
            let (mut used, mut cheapest) = (T::ZERO, T::ZERO);
            if presence == Presence::In {
                let exit = state.exit(p);
                (used, cheapest) = (exit, exit);
                for &(supporter, cost) in state.row(p) {
                    let value = state.packed(p, supporter, cost) + state.potential[state.node(supporter)];
                    cheapest = cheapest.min(value);
                    if supporter == own {
                        used = value;
                    }
                }
            }
            if cheapest < used {
                let (used, cheapest) = (used.widen(), cheapest.widen());
                self.violations.push(Violation::NotCheapest { participant, used, cheapest });
            }
            if paid != used {
                let (stated, actual) = (paid.widen(), used.widen());
                self.violations.push(Violation::Potential {
                    node: Place::Participant(participant),
                    stated,
                    actual,
                });
            }
        }
    }

    /// No free place is a gain, and none that is used is dearer than free.
    fn nodes(&mut self) {
        for node in 0..self.state.nodes.len() {
            let place = self.place(node);
            if let Some(rise) = self.state.rise(node).filter(|&rise| rise < T::ZERO) {
                let reduced = rise.widen();
                self.violations.push(Violation::Slackness { node: place, used: false, reduced });
            }
            if let Some(fall) = self.state.downward(node).filter(|&fall| fall < T::ZERO) {
                let reduced = -fall.widen();
                self.violations.push(Violation::Slackness { node: place, used: true, reduced });
            }
        }
    }
}
