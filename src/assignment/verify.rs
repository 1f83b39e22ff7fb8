//! Checking an assignment and its proof, in one pass over the pairs, without trusting the solver.
//!
//! The check shares the problem's data with the solvers and none of their code. It recomputes feasibility, the
//! objective and, for a proof by potentials, complementary slackness on every arc as [`super::certificate`] states it,
//! Bellman's equations where the certificate claims them, the dual value and the checksum; a proof by rounds as
//! [`super::fairness`] has it. Nothing in an assignment is trusted, so nothing makes it panic; sums are checked and an
//! overflow is a violation.

use super::certificate::{Certificate, dual_value};
use super::fairness::{self, Fairness};
use super::matches::Matches;
use super::problem::Problem;
use super::solution::{Assignment, Proof, Stop};
use super::solve::easy_bound;
use super::violation::{Node, Verification, Violation};

/// Checks an assignment and its proof against the problem; never panics. O(pairs + participants log row + supporters
/// + groups).
///
/// Feasibility: pairs exist, pins are kept, nobody has more than its places, capacities and firm minimums of supporters
/// and groups hold. Numbers: the objective by rung, its packed form and the bound. Proof by potentials: all that
/// [`Certificate`] promises; by rounds: that each is optimal among those of the rounds before. The bound of a baseline
/// is recomputed. Not checked, for they claim nothing that could be, are the [`Statistics`](super::Statistics), why the
/// solve ended, and how far below the objective the bound of a solve lies that was stopped ([`Proof::Bound`]). Where
/// there is no more than a word for the bound, another assignment at the same cost passes as well: it is as good.
pub fn verify(problem: &Problem, assignment: &Assignment) -> Verification {
    let mut checker = Checker { problem, violations: Vec::new() };
    let proven = checker.check(assignment).unwrap_or(false) && checker.violations.is_empty();
    Verification { violations: checker.violations, proven_optimal: proven }
}

struct Checker<'p> {
    problem: &'p Problem,
    violations: Vec<Violation>,
}

impl Checker<'_> {
    fn node(&self, node: usize) -> Node {
        let supporters = self.problem.tree.supporters;
        if node < supporters { Node::Supporter(node as u32) } else { Node::Group((node - supporters) as u32) }
    }

    fn length(&mut self, list: &str, stated: usize, expected: usize) {
        if stated != expected {
            self.violations.push(Violation::Length { list: list.to_owned(), stated, expected });
        }
    }

    fn overflow<T>(&mut self, value: Option<T>, what: &str) -> Option<T> {
        if value.is_none() {
            self.violations.push(Violation::Overflow { what: what.to_owned() });
        }
        value
    }

    /// Whether optimality was proven; `None` if it made no sense to go on.
    fn check(&mut self, assignment: &Assignment) -> Option<bool> {
        let flow = self.feasibility(&assignment.matches)?;
        let actual = self.problem.objective(&assignment.matches);
        let actual = self.overflow(actual, "the objective")?;
        if actual != assignment.objective {
            self.violations.push(Violation::Objective { stated: assignment.objective, actual });
        }
        let packed = self.overflow(actual.packed(&self.problem.scales), "the packed objective")?;
        if packed != assignment.packed {
            self.violations.push(Violation::Packed { stated: assignment.packed, actual: packed });
        }
        let bound = assignment.bound;
        if bound > packed {
            self.violations.push(Violation::BoundAboveObjective { bound, packed });
        } else if assignment.stop == Stop::Completed && bound != packed && assignment.proof != Proof::Unproven
        {
            self.violations.push(Violation::NotOptimal { bound, packed });
        }
        if assignment.proof == Proof::Unproven {
            let easy = self.overflow(easy_bound(self.problem), "the easy bound")?;
            if bound != easy {
                self.violations.push(Violation::Dual { stated: bound, actual: easy });
            }
        } else if assignment.proof != Proof::Bound && bound != packed {
            self.violations.push(Violation::Dual { stated: bound, actual: packed });
        }
        let certificate = match &assignment.proof {
            Proof::Potentials(certificate) if self.problem.fairness == Fairness::Total => certificate,
            Proof::Rounds(proof) if self.problem.fairness == Fairness::WorstOffFirst => {
                if let Err(what) = fairness::check(self.problem, proof, &assignment.matches) {
                    self.violations.push(Violation::Rounds { what });
                }
                return Some(true);
            }
            Proof::Bound | Proof::Unproven => return Some(false),
            _ => {
                let what = "the proof is of another kind than the problem's fairness asks for".to_owned();
                self.violations.push(Violation::Rounds { what });
                return None;
            }
        };
        self.certificate(certificate, &assignment.matches, &flow, packed)
    }

    /// The units above each supporter and group.
    fn feasibility(&mut self, matches: &Matches) -> Option<Vec<u64>> {
        let problem = self.problem;
        self.length("the assignment", matches.participants(), problem.pins.len());
        if !self.violations.is_empty() {
            return None;
        }
        let mut loads = vec![0_u32; problem.tree.supporters];
        for p in 0..problem.pins.len() {
            let participant = p as u32;
            let chosen = matches.of(participant);
            let places = problem.places_of(p);
            if chosen.windows(2).any(|two| two[0] >= two[1]) {
                self.violations.push(Violation::Order { participant });
            }
            let pinned = problem.pins[p].map(|(pinned, _)| pinned);
            if let Some(pinned) = pinned
                && !chosen.contains(&pinned)
            {
                let stated = chosen.first().copied();
                self.violations.push(Violation::PinBroken { participant, pinned, stated });
            }
            if chosen.len() > places as usize {
                self.violations.push(Violation::TooMany { participant, stated: chosen.len(), places });
            }
            for &supporter in chosen {
                if pinned != Some(supporter) && problem.pair_cost(participant, supporter).is_none() {
                    self.violations.push(Violation::NoSuchPair { participant, supporter });
                } else {
                    loads[supporter as usize] += 1;
                }
            }
        }
        let flow = problem.tree.flows(loads);
        for (node, &units) in flow.iter().enumerate() {
            let capacity = problem.tree.capacity[node];
            if units > capacity.into() {
                self.violations.push(Violation::OverCapacity {
                    node: self.node(node),
                    flow: units,
                    capacity,
                });
            }
        }
        if !self.violations.is_empty() {
            return None;
        }
        for (node, (&minimum, &units)) in problem.tree.minimum.iter().zip(&flow).enumerate() {
            if units < minimum.into() {
                let node = self.node(node);
                self.violations.push(Violation::BelowMinimum { node, flow: units, minimum });
            }
        }
        Some(flow)
    }

    fn certificate(
        &mut self,
        certificate: &Certificate,
        matches: &Matches,
        flow: &[u64],
        packed: i128,
    ) -> Option<bool> {
        let problem = self.problem;
        let (supporters, groups) = (problem.tree.supporters, problem.parent_of.len());
        let before = self.violations.len();
        let participants = problem.pins.len();
        self.length("the list of participants' potentials", certificate.participants.len(), participants);
        self.length("the list of supporters' potentials", certificate.supporters.len(), supporters);
        self.length("the list of groups' potentials", certificate.groups.len(), groups);
        self.length("the list of supporters' flows", certificate.supporter_flow.len(), supporters);
        self.length("the list of groups' flows", certificate.group_flow.len(), groups);
        if self.violations.len() > before {
            return None;
        }
        if certificate.scales != problem.scales {
            self.violations.push(Violation::Scales { stated: certificate.scales, actual: problem.scales });
        }
        let stated_flow = certificate.supporter_flow.iter().chain(&certificate.group_flow);
        for (node, (&stated, &actual)) in stated_flow.zip(flow).enumerate() {
            if u64::from(stated) != actual {
                self.violations.push(Violation::Flow { node: self.node(node), stated, actual });
            }
        }

        // Potentials of supporters, groups and the root, and the minimum each must equal.
        let potential: Vec<i128> =
            certificate.supporters.iter().chain(&certificate.groups).copied().chain([0]).collect();
        let mut least = vec![None; potential.len()];
        let rows = self.participants(certificate, matches, &potential, &mut least);
        self.overflow(rows, "the potential of a participant")?;
        let above = self.tree(flow, &potential, &mut least);
        self.overflow(above, "the potential of a supporter or group")?;
        for node in 0..problem.tree.root() {
            let open = problem.tree.open[node];
            let actual = if open { least[node].unwrap_or(0) } else { 0 };
            if potential[node] != actual && (certificate.canonical || !open) {
                let stated = potential[node];
                self.violations.push(Violation::Potential { node: self.node(node), stated, actual });
            }
        }

        let checksum = certificate.expected_checksum();
        if certificate.checksum != checksum {
            let stated = certificate.checksum;
            self.violations.push(Violation::Checksum { stated, actual: checksum });
        }
        let dual = dual_value(problem, &certificate.supporters, &certificate.groups);
        let dual = self.overflow(dual, "the dual value")?;
        if certificate.dual != dual || dual != packed {
            self.violations.push(Violation::Dual { stated: certificate.dual, actual: dual });
        }
        Some(true)
    }

    /// Checks every participant's potential and arcs; gathers what its next best arc allows its supporters.
    fn participants(
        &mut self,
        certificate: &Certificate,
        matches: &Matches,
        potential: &[i128],
        least: &mut [Option<i128>],
    ) -> Option<()> {
        let problem = self.problem;
        let mut pairs = Vec::new();
        for p in 0..problem.pins.len() {
            let participant = p as u32;
            let node = Node::Participant(participant);
            let stated = certificate.participants[p];
            let places = problem.free_places(p) as usize;
            if places == 0 {
                if stated != 0 {
                    self.violations.push(Violation::Potential { node, stated, actual: 0 });
                }
                continue;
            }
            // What the dearest arc in use costs, and the cheapest of the others.
            let (mut used, mut other) = (None, None);
            pairs.clear();
            let chosen = matches.of(participant);
            for (s, cost) in problem.packed_row(p) {
                let cost = cost?;
                let value = cost.checked_add(potential[s])?;
                if chosen.contains(&(s as u32)) {
                    used = used.max(Some(value));
                    pairs.push((s, cost));
                } else {
                    keep_least(&mut other, value);
                }
            }
            let exit = problem.packed_exit(p)?;
            if pairs.len() < places {
                used = used.max(Some(exit));
            }
            if !pairs.is_empty() {
                keep_least(&mut other, exit);
            }
            let used = used?;
            if let Some(cheapest) = other
                && cheapest < used
            {
                self.violations.push(Violation::NotCheapest { participant, used, cheapest });
            }
            if stated != used {
                self.violations.push(Violation::Potential { node, stated, actual: used });
            }
            if let Some(other) = other {
                for &(s, cost) in &pairs {
                    keep_least(&mut least[s], other.checked_sub(cost)?);
                }
            }
        }
        Some(())
    }

    /// Checks the free and the used places against the potentials; gathers what they allow supporters and groups.
    fn tree(&mut self, flow: &[u64], potential: &[i128], least: &mut [Option<i128>]) -> Option<()> {
        let tree = &self.problem.tree;
        for node in (0..tree.root()).filter(|&node| tree.open[node]) {
            let (units, parent) = (flow[node] as u32, tree.parent[node] as usize);
            if units < tree.capacity[node] {
                let way = self.problem.packed_step(node, units)?.checked_add(potential[parent])?;
                keep_least(&mut least[node], way);
                let reduced = way.checked_sub(potential[node])?;
                if reduced < 0 {
                    self.violations.push(Violation::Slackness {
                        node: self.node(node),
                        used: false,
                        reduced,
                    });
                }
            }
            if units > tree.pinned[node] {
                let step = self.problem.packed_step(node, units - 1)?;
                let saved = potential[node].checked_sub(step)?;
                keep_least(&mut least[parent], saved);
                let reduced = potential[parent].checked_sub(saved)?;
                if reduced > 0 {
                    self.violations.push(Violation::Slackness { node: self.node(node), used: true, reduced });
                }
            }
        }
        Some(())
    }
}

fn keep_least(least: &mut Option<i128>, value: i128) {
    *least = Some(least.map_or(value, |least| least.min(value)));
}
