//! From a problem and an optimum to the living state, and back.
//!
//! **Method.** The rows are copied, sorted by cost, and once more by supporter. The potentials are those of a
//! certificate under the scales that the state will have; where a certificate says nothing, above nodes that no one can
//! pass, the lowest price is taken at which nobody would.
//!
//! **Time and space.** O(pairs log row) and twice the pairs.

use std::collections::BTreeSet;

use super::super::builder::Supporter;
use super::super::certificate::{Certificate, dual_value};
use super::super::control::Control;
use super::super::ladder::Rungs;
use super::super::matches::Matches;
use super::super::network::NONE;
use super::super::options::{Options, TieBreak};
use super::super::problem::Problem;
use super::super::solution::{AlgorithmUsed, Assignment, Proof, Statistics, Stop};
use super::super::solve::find;
use super::super::warm_start::WarmStart;
use super::bounds::{Bounds, Value};
use super::layout;
use super::lists::Lists;
use super::state::{Node, Person, Presence, Seat, State, Steps, Width};
use crate::error::{Error, Result};

/// Bounds that hold a problem and nothing beyond it.
pub(super) fn bounds_of(problem: &Problem) -> Bounds {
    let mut bounds = Bounds::default();
    bounds.note(Value::Participants(problem.pins.len()));
    for p in 0..problem.pins.len() {
        problem.row(p as u32).for_each(|(_, cost)| bounds.note(Value::Pair(cost)));
        if let Some((_, cost)) = problem.pins[p] {
            bounds.note(Value::Pair(cost));
        }
        bounds.note(Value::Unmatched(problem.served_weights[p], problem.unmatched_costs[p]));
        if problem.standing[p].is_some() {
            bounds.note(Value::Standing);
        }
    }
    problem.load_costs.values.iter().for_each(|&cost| bounds.note(Value::Load(cost)));
    problem.balance_costs.values.iter().for_each(|&cost| bounds.note(Value::Balance(cost)));
    let minimums = problem.tree.minimum.iter().map(|&minimum| u64::from(minimum)).sum();
    bounds.note(Value::Minimums(minimums));
    bounds.note(Value::Depth(depth(problem)));
    bounds
}

/// Groups above each other at most, and a supporter below them.
fn depth(problem: &Problem) -> u32 {
    let tree = &problem.tree;
    let mut depths = vec![1_u32; tree.root() + 1];
    depths[tree.root()] = 0;
    let mut deepest = 0;
    for node in tree.top_down().into_iter().map(|v| v as usize).filter(|&v| v >= tree.supporters) {
        depths[node] = depths[tree.parent[node] as usize] + 1;
        deepest = deepest.max(depths[node]);
    }
    deepest + 1
}

/// Potentials of supporters and groups that prove an assignment under the problem's scales: its own, or those of a
/// solve that starts from it. Any that prove one optimum prove all.
pub(super) fn potentials(problem: &Problem, assignment: &Assignment) -> Result<(Vec<i128>, Vec<i128>)> {
    if let Proof::Potentials(certificate) = &assignment.proof
        && certificate.scales == problem.scales
    {
        return Ok((certificate.supporters.clone(), certificate.groups.clone()));
    }
    let options = Options::new().tie_break(TieBreak::Unspecified);
    let found = find(problem, Some(&WarmStart::of(assignment)), &options, &Control::new())?;
    match found.proof {
        Proof::Potentials(certificate) => Ok((certificate.supporters, certificate.groups)),
        _ => Err(Error::solver("the solve that was to prove the assignment has no potentials")),
    }
}

/// The living form of a problem whose scales are those of the bounds. Nothing is proven yet.
pub(super) fn state_of<T: Width>(
    problem: &Problem,
    bounds: Bounds,
    matches: &Matches,
    (supporters, groups): (&[i128], &[i128]),
    vacant: (&BTreeSet<u32>, &BTreeSet<u32>),
) -> State<T> {
    let mut state = State::new(bounds, problem.scales);
    let tree = &problem.tree;
    let (count, participants) = (tree.supporters, problem.pins.len());
    let above = |node: usize| {
        let parent = tree.parent[node] as usize;
        if parent == tree.root() { NONE } else { (parent - count) as u32 }
    };
    state.groups = tree.root() - count;
    state.children = vec![BTreeSet::new(); state.groups];
    state.columns = Lists::with_rooms(column_rooms(problem));
    let mut loads = vec![0_u32; count];
    for (_, supporter) in matches.iter() {
        if let Some(load) = loads.get_mut(supporter as usize) {
            *load += 1;
        }
    }
    state.caseloads = Lists::with_rooms(loads.iter().copied());
    let units = tree.flows(loads);
    let node_of = |node: usize| Node {
        parent: above(node),
        capacity: tree.capacity[node],
        minimum: tree.minimum(node),
        pinned: tree.pinned[node],
        units: units[node] as u32,
        balance: 0,
        plain: false,
        vacant: false,
    };
    for &group in groups {
        state.push_group(T::narrow(group));
    }
    for &supporter in supporters {
        state.push_supporter();
        if let Some(potential) = state.potential.last_mut() {
            *potential = T::narrow(supporter);
        }
    }
    for node in 0..tree.root() {
        let (at, steps) = if node < count {
            let steps = Steps {
                load: problem.load_costs.of(node).to_vec(),
                balance: problem.balance_costs.of(node).to_vec(),
            };
            (state.groups + node, Some(steps))
        } else {
            (node - count, None)
        };
        let is_vacant = node < count && vacant.1.contains(&(node as u32));
        state.set_node(at, Node { vacant: is_vacant, ..node_of(node) }, steps);
    }
    state.rows = Lists::with_rooms((0..participants).map(|p| problem.row_range(p).len() as u32));
    for p in 0..participants {
        state.seats.push(Seat { presence: Presence::Waiting, ..Seat::VACANT });
        state.paid.push(T::ZERO);
        state.people.push(Person::NOBODY);
        for (supporter, cost) in problem.row(p as u32) {
            state.rows.push(p, supporter, T::held(cost));
            state.columns.push(supporter as usize, p as u32, T::held(cost));
        }
    }
    state.rows.sort();
    state.columns.sort();
    for p in 0..participants {
        let pin = problem.pins[p];
        let person = Person {
            served_weight: problem.served_weights[p],
            unmatched_cost: problem.unmatched_costs[p],
            standing: problem.standing[p].unwrap_or(NONE),
            pin_cost: pin.map_or(0, |(_, cost)| cost),
        };
        state.set_person(p, person);
        let own = matches.of(p as u32).first().copied().unwrap_or(NONE);
        if pin.is_some() {
            state.set_seat(p, Presence::Pinned, own, T::ZERO);
        } else if vacant.0.contains(&(p as u32)) {
            state.set_seat(p, Presence::Vacant, NONE, T::ZERO);
        } else {
            let cost = if own == NONE { None } else { problem.pair_cost(p as u32, own) };
            let paid = cost.map_or(state.exit(p), |cost| {
                state.packed(p, own, T::held(cost)) + state.potential[state.node(own)]
            });
            state.set_seat(p, Presence::In, own, paid);
        }
    }
    layout::lay_out(&mut state);
    price_closed_nodes(problem, &mut state);
    state.floor = state.potential[state.groups..].iter().copied().min().unwrap_or(T::ZERO);
    state
}

fn column_rooms(problem: &Problem) -> impl Iterator<Item = u32> {
    let mut rooms = vec![0_u32; problem.tree.supporters];
    for p in 0..problem.pins.len() {
        for &supporter in problem.row_parts(p).0 {
            rooms[supporter as usize] += 1;
        }
    }
    rooms.into_iter()
}

/// The lowest potentials at which nobody would pass nodes that nobody can: a certificate says nothing of these.
fn price_closed_nodes<T: Width>(problem: &Problem, state: &mut State<T>) {
    let tree = &problem.tree;
    for supporter in (0..tree.supporters).filter(|&s| !tree.open[s]) {
        let node = state.node(supporter as u32);
        let wants = state.columns.of(supporter).iter().copied().filter_map(|(participant, cost)| {
            let p = participant as usize;
            let taken = state.seats[p].presence == Presence::In;
            taken.then(|| state.paid[p] - state.packed(p, supporter as u32, cost))
        });
        state.potential[node] = wants.fold(T::ZERO, T::max);
    }
    // What is above follows from what is below.
    for &node in tree.top_down().iter().rev() {
        let node = node as usize;
        if node < tree.supporters || tree.open[node] {
            continue;
        }
        let group = node - tree.supporters;
        let wants = state.children[group].iter().map(|&child| {
            let Node { units, capacity, .. } = state.nodes[child as usize];
            if units < capacity {
                state.potential[child as usize] - state.step(child as usize, units)
            } else {
                T::ZERO
            }
        });
        state.potential[group] = wants.fold(T::ZERO, T::max);
    }
}

impl<T: Width> State<T> {
    /// The problem as it stands, of the pairs that count, under the state's scales.
    pub(super) fn problem(&self) -> Result<Problem> {
        let participants = self.participants();
        let mut builder = Problem::builder(participants as u32);
        for (supporter, steps) in self.steps.iter().enumerate() {
            let Node { capacity, minimum, parent, .. } = self.nodes[self.node(supporter as u32)];
            let mut places = Supporter::new(capacity)
                .minimum(minimum)
                .load_cost(steps.load.clone())
                .balance_cost(steps.balance.clone());
            places.group = (parent != NONE).then_some(parent);
            builder.supporter(places);
        }
        for node in &self.nodes[..self.groups] {
            let group = builder.group(node.capacity, (node.parent != NONE).then_some(node.parent));
            builder.group_minimum(group, node.minimum);
        }
        let mut offsets = vec![0];
        let (mut supporters, mut costs) = (Vec::new(), Vec::new());
        for p in 0..participants {
            let mut row: Vec<(u32, T::Held)> = self.row(p).to_vec();
            row.sort_unstable_by_key(|pair| pair.0);
            supporters.extend(row.iter().map(|pair| pair.0));
            costs.extend(row.iter().map(|pair| -> i64 { pair.1.into() }));
            offsets.push(supporters.len());
            let person = &self.people[p];
            if self.seats[p].presence == Presence::Pinned {
                builder.pin(p as u32, self.seats[p].own, person.pin_cost);
            }
            if person.standing != NONE {
                builder.standing(p as u32, person.standing);
            }
        }
        builder.served_weights(self.people.iter().map(|person| person.served_weight).collect());
        builder.unmatched_costs(self.people.iter().map(|person| person.unmatched_cost).collect());
        builder.pairs_csr(offsets, supporters, costs);
        let mut problem = builder.build()?;
        pack(&mut problem, &self.bounds)?;
        Ok(problem)
    }

    /// Who has whom.
    pub(super) fn matches(&self) -> Matches {
        self.seats.iter().map(|seat| (seat.own != NONE).then_some(seat.own)).collect()
    }

    /// The optimum with its proof, as a solve of the problem would return it.
    pub(super) fn assignment(&self, problem: &Problem) -> Result<Assignment> {
        let overflow = || Error::overflow("the objective does not fit 128 bits; use smaller costs");
        let tree = &problem.tree;
        let at = |node: usize| {
            if node < tree.supporters { self.groups + node } else { node - tree.supporters }
        };
        let potential = |node: usize| if tree.open[node] { self.potential[at(node)].widen() } else { 0 };
        let supporters: Vec<i128> = (0..tree.supporters).map(potential).collect();
        let groups: Vec<i128> = (tree.supporters..tree.root()).map(potential).collect();
        let units: Vec<u32> = (0..tree.root()).map(|node| self.nodes[at(node)].units).collect();
        let dual = dual_value(problem, &supporters, &groups).ok_or_else(overflow)?;
        let participants = self.paid.iter().map(|paid| paid.widen()).collect();
        let certificate =
            Certificate::sealed(self.scales, false, participants, (supporters, groups), &units, dual);
        let mut statistics =
            Statistics::new(problem, AlgorithmUsed::ShortestPaths, "kept optimal from change to change");
        statistics.width = T::WIDTH;
        Ok(Assignment {
            matches: self.matches(),
            objective: self.objective,
            packed: self.objective.packed(&self.scales).ok_or_else(overflow)?,
            bound: dual,
            stop: Stop::Completed,
            proof: Proof::Potentials(Box::new(certificate)),
            statistics,
        })
    }
}

/// Gives a problem the scales of bounds that hold it.
pub(super) fn pack(problem: &mut Problem, bounds: &Bounds) -> Result<Rungs> {
    let Some((scales, largest)) = bounds.scales() else {
        return Err(Error::overflow(
            "the rungs cannot be packed into 128 bits with what this change brings; use smaller costs",
        ));
    };
    problem.scales = scales;
    problem.largest_cost = largest;
    Ok(scales)
}
