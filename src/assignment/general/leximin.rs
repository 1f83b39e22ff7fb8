//! The fairest assignment, worst-off first, round by round on the explicit graph.
//!
//! **Problem and proof.** See [`super::super::fairness`].
//!
//! **Method.** The network simplex keeps its tree from round to round. After a round every arc outside the tree with a
//! reduced cost is settled for good, and the next goal is priced on the same tree: a lexicographic simplex method.
//! After the firm minimums and those served, costs are counted from the dearest down. While more costs are open than
//! one round can weigh, bisection finds the least cost above which no place is needed (bottleneck flows, not kept), one
//! round proves that, and one counts from there down as many costs as fit 126 bits. It ends when all are counted or
//! only one flow is left.
//!
//! **Why it is exact.** Each round is optimal over the optimal face of the ones before; the rounds are those of the
//! proof.
//!
//! **Time and space.** A few pivots for each round, and one reading of the arcs for each look at the levels.
//!
//! **When it is the wrong choice.** As the proof says: with very many costs that somebody has to pay.
//!
//! **References.** R. E. Burkard, F. Rendl, Operations Research Letters 10 (1991); H. Isermann, "Linear lexicographic
//! optimization", OR Spektrum 4 (1982).

use super::super::completion::complete;
use super::super::control::{Control, Stage};
use super::super::fairness::{Arc, FairnessProof, Goal, Round, arcs, goal_costs, levels, weights};
use super::super::ladder::Rung;
use super::super::options::{Options, TieBreak};
use super::super::problem::Problem;
use super::super::solution::{Assignment, IntegerWidth, Proof, Statistics, Stop};
use super::super::solve::{assemble, bound_given};
use super::simplex::{Graph, Simplex};
use super::{Layout, canonical, matches, overflow};
use crate::error::Result;

/// The rounds so far, and the simplex between them.
struct Chain<'p, 'c> {
    problem: &'p Problem,
    control: &'c Control<'c>,
    arcs: Vec<Arc>,
    settled: Vec<bool>,
    simplex: Simplex<i128>,
    layout: Layout,
    /// Costs from here up are settled.
    floor: i128,
    rounds: Vec<Round>,
}

/// The control stopped the solve.
struct Stopped;

pub(super) fn solve(
    problem: &Problem,
    options: &Options,
    control: &Control<'_>,
    mut statistics: Statistics,
) -> Result<Assignment> {
    statistics.width = IntegerWidth::Bits128;
    "each round weighs as many costs as 126 bits hold".clone_into(&mut statistics.width_reason);
    let mut chain = Chain::new(problem, control);
    let completed = chain.run().is_ok();
    let Chain { settled, simplex, layout, rounds, .. } = chain;
    statistics.pivots = simplex.pivots;
    let mut stop = if completed { Stop::Completed } else { control.reason() };
    let mut flow = simplex.graph.flow.clone();
    if completed && options.tie_break == TieBreak::FirstInOrder {
        // Arcs of no participant and no place lead nowhere.
        let tied = |arc: usize| settled.get(arc) == Some(&false);
        match canonical::first_in_order(&simplex.graph, &mut flow, tied, &layout, control) {
            Some(moved) => statistics.ties_moved = moved,
            None => stop = control.reason(),
        }
    }
    let mut matches = matches(problem, &simplex.graph, &flow, &layout);
    if !completed {
        matches = complete(problem, &matches).ok_or_else(overflow)?;
    }
    let mut assignment = assemble(problem, matches, 0, stop, Proof::Bound, statistics)?;
    let solved = rounds.iter().map_while(|round| match round.goal {
        Goal::Rung(rung) => Some((rung, assignment.objective.get(rung))),
        _ => None,
    });
    assignment.bound = bound_given(problem, &solved.collect::<Vec<_>>()).ok_or_else(overflow)?;
    if completed {
        assignment.bound = assignment.packed;
        let supporter_flow = assignment.loads(problem);
        assignment.proof = Proof::Rounds(Box::new(FairnessProof { supporter_flow, rounds }));
    }
    Ok(assignment)
}

impl<'p, 'c> Chain<'p, 'c> {
    fn new(problem: &'p Problem, control: &'c Control<'c>) -> Self {
        let tree = &problem.tree;
        let participants = problem.pins.len();
        let root = participants + tree.root();
        let arcs = arcs(problem);
        let mut graph = Graph::new(root + 1);
        let mut basis = vec![u32::MAX; root];
        let mut rows = vec![0; participants + 1];
        for arc in &arcs {
            let (tail, head) = (arc.tail as usize, arc.head as usize);
            let exit = tail < participants && head == root;
            let capacity = if exit { i64::MAX } else { arc.capacity.into() };
            let number = graph.arc(tail, head, capacity, 0);
            if exit {
                graph.supply[tail] = arc.capacity.into();
                graph.supply[root] -= i64::from(arc.capacity);
            }
            if tail < participants {
                rows[tail + 1] = graph.arcs();
            }
            if exit || (tail >= participants && basis[tail] == u32::MAX) {
                basis[tail] = number;
            }
        }
        for p in 0..participants {
            rows[p + 1] = rows[p + 1].max(rows[p]);
        }
        // Who has nothing to fill, and what is closed, hangs from the root and carries nothing.
        for (node, link) in basis.iter_mut().enumerate().filter(|(_, link)| **link == u32::MAX) {
            *link = graph.arc(node, root, 1, 0);
        }
        let settled = vec![false; arcs.len()];
        let simplex = Simplex::new(graph, root, &basis);
        let layout = Layout { participants, rows, root };
        Self { problem, control, arcs, settled, simplex, layout, floor: i128::MAX, rounds: Vec::new() }
    }

    fn run(&mut self) -> std::result::Result<(), Stopped> {
        let asked = |rung: &Rung| self.problem.scales.get(*rung) > 0;
        let first: Vec<Rung> = [Rung::Required, Rung::Served].into_iter().filter(asked).collect();
        let last: Vec<Rung> =
            [Rung::Quality, Rung::Change, Rung::Balance].into_iter().filter(asked).collect();
        for rung in first {
            self.round(Goal::Rung(rung))?;
        }
        while !self.simplex.decided() {
            let open = levels(&self.arcs, &self.settled, self.floor);
            let Some(&(dearest, _)) = open.first() else { break };
            let fits = self.fitting(&open);
            if fits == open.len() {
                self.round(Goal::Fewest(open[fits - 1].0))?;
                continue;
            }
            let above = self.bottleneck(&open)?;
            if above < dearest {
                self.round(Goal::NoneAbove(above))?;
            }
            let open = levels(&self.arcs, &self.settled, self.floor);
            if !open.is_empty() {
                let fits = self.fitting(&open);
                self.round(Goal::Fewest(open[fits - 1].0))?;
            }
        }
        for rung in last {
            if self.simplex.decided() {
                break;
            }
            self.round(Goal::Rung(rung))?;
        }
        Ok(())
    }

    /// How many of the levels one round can weigh.
    fn fitting(&self, open: &[(i64, u64)]) -> usize {
        let nodes = self.simplex.potential.len() as i128;
        let limit = (i128::MAX >> 1) / (8 * (nodes + 2));
        // The weights of a shorter list are smaller.
        let fits = |&count: &usize| weights(&open[..count], limit).is_some();
        let (mut low, mut high) = (1, open.len() + 1);
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            if fits(&middle) { low = middle } else { high = middle }
        }
        low
    }

    /// The least of the levels above which no place is needed.
    fn bottleneck(&mut self, open: &[(i64, u64)]) -> std::result::Result<i64, Stopped> {
        // None is needed above the dearest; whether none is above the last is to be seen.
        let (mut low, mut high) = (0, open.len());
        while high - low > 1 {
            let middle = usize::midpoint(low, high);
            let costs = self.optimise(Goal::NoneAbove(open[middle].0))?;
            let needed =
                costs.iter().zip(&self.simplex.graph.flow).any(|(&cost, &flow)| cost > 0 && flow > 0);
            if needed { high = middle } else { low = middle }
        }
        Ok(open[low].0)
    }

    fn optimise(&mut self, goal: Goal) -> std::result::Result<Vec<i128>, Stopped> {
        // The weights were found to fit.
        let costs = goal_costs(goal, &self.arcs, &self.settled, self.floor).ok_or(Stopped)?;
        self.simplex.reprice(costs.iter().copied());
        let control = self.control;
        let stops = |simplex: &Simplex<i128>| {
            control.stops(Stage::NetworkSimplex, simplex.pivots as usize, usize::MAX)
        };
        if stops(&self.simplex) || !self.simplex.run(stops) {
            return Err(Stopped);
        }
        Ok(costs)
    }

    fn round(&mut self, goal: Goal) -> std::result::Result<(), Stopped> {
        self.optimise(goal)?;
        let potential = &self.simplex.potential;
        let (supporters, groups) =
            (self.layout.participants, self.layout.participants + self.problem.tree.supporters);
        let mut round = Round {
            goal,
            participants: potential[..supporters].to_vec(),
            supporters: potential[supporters..groups].to_vec(),
            groups: potential[groups..self.layout.root].to_vec(),
            checksum: 0,
        };
        round.checksum = round.expected_checksum();
        self.rounds.push(round);
        self.settled = self.simplex.settle();
        self.settled.truncate(self.arcs.len());
        self.floor = match goal {
            Goal::Rung(_) => self.floor,
            Goal::NoneAbove(above) => i128::from(above) + 1,
            Goal::Fewest(from) => from.into(),
        };
        Ok(())
    }
}
