//! The lane for what the contracted network of the other algorithms does not hold: an explicit graph.
//!
//! **Problem.** That of the whole module, participants with several places included: a participant with `k` places
//! sends `k` units, each over another pair or, unmatched, straight to the root.
//!
//! **Method.** Every arc is there as such: one of capacity 1 for each pair, one without limit from each participant to
//! the root, and above each supporter and group one for each run of places with equal marginal costs (a firm minimum is
//! a run of cheaper places, see [`super::ladder`]). [`simplex`] finds a flow of least cost; [`leximin`] asks it round
//! after round for the fairest; [`canonical`] raises its potentials to costs-to-go and turns it into the first optimum
//! in order. It shares no step with the other algorithms, so it is also a second opinion on everything they solve, with
//! a proof of its own.
//!
//! **Why it is exact.** Marginal costs do not fall, so runs fill in order in some optimum, and flows of integer
//! supplies and capacities are whole. The standing match of a participant with several places counts as kept if it
//! is among them: the change is charged in advance and taken back on that one arc.
//!
//! **Time and space.** O(pairs + stated steps) space, some 60 bytes a pair; for time see [`simplex`].
//!
//! **When it is the wrong choice.** With one place for each participant: the other algorithms are faster by one or two
//! orders of magnitude. Potentials of the simplex add up along long paths, so costs must leave room for as many of
//! them as there are nodes.
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), ch. 11 and 14.

mod canonical;
mod leximin;
mod simplex;

use super::certificate::{Certificate, dual_value};
use super::completion::complete;
use super::control::{Control, Stage};
use super::fairness::Fairness;
use super::gap::Seldom;
use super::integer::Integer;
use super::matches::Matches;
use super::options::{Options, TieBreak, Width};
use super::problem::Problem;
use super::solution::{Assignment, Proof, Statistics, Stop};
use super::solve::{assemble, easy_bound, nothing_but_filled};
use crate::error::{Error, Result};
use simplex::{Graph, Simplex};

/// Participants between two looks at the control while the graph is built.
const STRIDE: usize = 256;

/// The largest number the simplex can come to, eight times the dearest path that visits every node.
pub(super) fn longest_path(nodes: usize, largest_cost: i128) -> Option<i128> {
    largest_cost.checked_mul(8)?.checked_mul(nodes as i128 + 2)
}

/// Solves in the narrowest integers that hold every path.
pub(super) fn solve(
    problem: &Problem,
    options: &Options,
    control: &Control<'_>,
    mut statistics: Statistics,
) -> Result<Assignment> {
    if problem.fairness == Fairness::WorstOffFirst {
        return leximin::solve(problem, options, control, statistics);
    }
    let nodes = problem.pins.len() + problem.tree.root();
    let path = longest_path(nodes, problem.largest_cost);
    let within = |limit: i128| path.is_some_and(|path| path <= limit);
    if options.width != Width::Wide && within(i128::from(i64::MAX >> 1)) {
        statistics.width_reason =
            format!("paths over {nodes} nodes at costs up to {} stay below 2^62", problem.largest_cost);
        return run::<i64>(problem, options, control, statistics);
    }
    if !within(i128::MAX >> 1) {
        return Err(Error::overflow(format!(
            "paths over {nodes} nodes at single packed costs up to {} do not fit 126 bits; use smaller costs",
            problem.largest_cost
        )));
    }
    statistics.width_reason = if options.width == Width::Wide {
        "asked for".to_owned()
    } else {
        format!("paths over {nodes} nodes at costs up to {} can reach 2^62", problem.largest_cost)
    };
    run::<i128>(problem, options, control, statistics)
}

/// Where the problem's nodes and arcs stand in the graph.
///
/// Participants first, then supporters, groups and the root; the arcs of a participant in the order of its row, then
/// its arc to the root; then the places.
struct Layout {
    participants: usize,
    /// First arc of each participant; the last one of its range is the arc to the root.
    rows: Vec<usize>,
    root: usize,
}

impl Layout {
    /// The pairs of a participant; none if it has no place to fill.
    fn pairs(&self, participant: usize) -> std::ops::Range<usize> {
        let (start, end) = (self.rows[participant], self.rows[participant + 1]);
        start..end.saturating_sub(1).max(start)
    }
}

fn overflow() -> Error {
    Error::overflow("the packed costs do not fit 128 bits; use smaller costs")
}

/// The graph, and for each node the arc that leads it to the root while everyone is unmatched.
type Built<T> = (Graph<T>, Vec<u32>, Layout);

/// Lays the problem out; nothing comes back if it was stopped.
fn build<T: Integer>(problem: &Problem, control: &Control<'_>) -> Result<Option<Built<T>>> {
    let tree = &problem.tree;
    let participants = problem.pins.len();
    let root = participants + tree.root();
    let mut graph = Graph::new(root + 1);
    let mut basis = Vec::with_capacity(root);
    let mut rows = vec![0];
    for p in 0..participants {
        if p % STRIDE == 0 && control.is_stopped() {
            return Ok(None);
        }
        let places = i64::from(problem.free_places(p));
        if places > 0 {
            for (supporter, cost) in problem.packed_row(p) {
                graph.arc(p, participants + supporter, 1, T::narrow(cost.ok_or_else(overflow)?));
            }
        }
        let exit = if places > 0 { problem.packed_exit(p).ok_or_else(overflow)? } else { 0 };
        basis.push(graph.arc(p, root, i64::MAX, T::narrow(exit)));
        graph.supply[p] = places;
        graph.supply[root] -= places;
        rows.push(graph.arcs());
    }
    for node in 0..tree.root() {
        let (from, to) = (participants + node, participants + tree.parent[node] as usize);
        if !tree.open[node] {
            // Nothing leads here.
            basis.push(graph.arc(from, root, 1, T::ZERO));
            continue;
        }
        let mut unit = tree.pinned[node];
        basis.push(graph.arcs() as u32);
        while unit < tree.capacity[node] {
            let alike = problem.alike(node, unit);
            graph.arc(
                from,
                to,
                alike.into(),
                T::narrow(problem.packed_step(node, unit).ok_or_else(overflow)?),
            );
            unit += alike;
        }
    }
    Ok(Some((graph, basis, Layout { participants, rows, root })))
}

fn run<T: Integer>(
    problem: &Problem,
    options: &Options,
    control: &Control<'_>,
    mut statistics: Statistics,
) -> Result<Assignment> {
    statistics.width = T::WIDTH;
    let mut watch = control.stopwatch();
    let Some((graph, basis, layout)) = build::<T>(problem, control)? else {
        return nothing_but_filled(problem, control, statistics);
    };
    let mut simplex = Simplex::new(graph, layout.root, &basis);
    let mut tells = Seldom::new(layout.root);
    let completed = simplex.run(|simplex| {
        let pivots = simplex.pivots as usize;
        if control.is_watched()
            && tells.is_due(pivots)
            && let Some(gap) = gap(problem, simplex, &layout)
        {
            control.leaves(gap);
        }
        control.stops(Stage::NetworkSimplex, pivots, usize::MAX)
    });
    statistics.pivots = simplex.pivots;
    watch.lap(Stage::NetworkSimplex);
    let mut stop = if completed { Stop::Completed } else { control.reason() };
    let Simplex { mut graph, mut potential, .. } = simplex;
    let mut canonical = false;
    if completed && options.tie_break == TieBreak::FirstInOrder {
        control.leaves(0);
        let raised = canonical::costs_to_go(&graph, &potential, layout.root, control);
        canonical = raised.is_some();
        potential = raised.unwrap_or(potential);
        let mut flow = std::mem::take(&mut graph.flow);
        let tied = |arc: usize| graph.reduced(&potential, arc) == T::ZERO;
        let moved = if canonical {
            canonical::first_in_order(&graph, &mut flow, tied, &layout, control)
        } else {
            None
        };
        graph.flow = flow;
        match moved {
            Some(moved) => statistics.ties_moved = moved,
            None => stop = control.reason(),
        }
        watch.lap(Stage::TieBreak);
    }
    let mut matches = matches(problem, &graph, &graph.flow, &layout);
    if !completed {
        matches = complete(problem, &matches).ok_or_else(overflow)?;
    }
    let certificate = certificate(problem, &graph, &potential, &layout, canonical);
    let (bound, proof) = match (certificate, completed) {
        (Some(certificate), true) => (certificate.dual, Proof::Potentials(Box::new(certificate))),
        (Some(certificate), false) => (certificate.dual, Proof::Bound),
        (None, _) => (easy_bound(problem).ok_or_else(overflow)?, Proof::Bound),
    };
    watch.lap(Stage::Certificate);
    statistics.times = watch.times();
    assemble(problem, matches, bound, stop, proof, statistics)
}

/// How far the flow of a simplex under way is from the best at most, by the bound that its potentials give; they are
/// raised to where the first place of each supporter and group is worth taking, which makes the bound no worse.
fn gap<T: Integer>(problem: &Problem, simplex: &Simplex<T>, layout: &Layout) -> Option<i128> {
    let (tree, graph) = (&problem.tree, &simplex.graph);
    let root = simplex.potential[layout.root].widen();
    let mut price = vec![0; tree.root() + 1];
    for node in tree.top_down().into_iter().map(|v| v as usize).filter(|&v| tree.open[v]) {
        let first = problem.packed_step(node, tree.pinned[node])?;
        let now = simplex.potential[layout.participants + node].widen() - root;
        price[node] = now.max(first.checked_add(price[tree.parent[node] as usize])?);
    }
    let (supporters, groups) = price[..tree.root()].split_at(tree.supporters);
    let mut cost = problem.pins_objective().packed(&problem.scales)?;
    for (&flow, &each) in graph.flow.iter().zip(&graph.cost).filter(|&(&flow, _)| flow > 0) {
        cost = cost.checked_add(each.widen().checked_mul(flow.into())?)?;
    }
    cost.checked_sub(dual_value(problem, supporters, groups)?)
}

fn matches<T: Integer>(problem: &Problem, graph: &Graph<T>, flow: &[i64], layout: &Layout) -> Matches {
    let mut matches = Matches::default();
    for p in 0..layout.participants {
        let pairs = layout.pairs(p).filter(|&arc| flow[arc] > 0);
        let pinned = problem.pins[p].map(|(supporter, _)| supporter);
        let chosen = pairs.map(|arc| graph.target[arc] - layout.participants as u32);
        let mut list: Vec<u32> = chosen.chain(pinned).collect();
        list.sort_unstable();
        matches.push(list);
    }
    matches
}

fn certificate<T: Integer>(
    problem: &Problem,
    graph: &Graph<T>,
    potential: &[T],
    layout: &Layout,
    canonical: bool,
) -> Option<Certificate> {
    let (tree, flow) = (&problem.tree, &graph.flow);
    // Relative to the root, which stays at 0.
    let price = |node: usize| if tree.open[node] { potential[layout.participants + node].widen() } else { 0 };
    let supporters: Vec<i128> = (0..tree.supporters).map(price).collect();
    let groups: Vec<i128> = (tree.supporters..tree.root()).map(price).collect();
    let participants = (0..layout.participants).map(|p| {
        let used = (layout.rows[p]..layout.rows[p + 1]).filter(|&arc| flow[arc] > 0);
        used.map(|arc| (graph.cost[arc] + potential[graph.target[arc] as usize]).widen()).max().unwrap_or(0)
    });
    let mut units = tree.pinned.clone();
    for arc in layout.rows[layout.participants]..graph.arcs() {
        units[graph.source[arc] as usize - layout.participants] += flow[arc] as u32;
    }
    let dual = dual_value(problem, &supporters, &groups)?;
    let potentials = (supporters, groups);
    Some(Certificate::sealed(problem.scales, canonical, participants.collect(), potentials, &units, dual))
}
