//! Checking an assignment and its proof, in one pass over the pairs, without trusting the solver.
//!
//! The check shares the problem's data with the solvers and none of their code. It recomputes feasibility, the objective
//! and, for a proof by potentials, Bellman's equations of [`super::certificate`], which imply complementary slackness
//! on every arc, and the dual value. Nothing in an assignment is trusted, so nothing makes it panic; sums are checked
//! and an overflow is a violation.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, dual_value};
use super::ladder::Rungs;
use super::problem::Problem;
use super::solution::{Assignment, Proof, Stop};

/// What [`verify`] found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verification {
    /// Everything that is wrong; empty if the assignment is what it claims to be.
    pub violations: Vec<Violation>,
    /// Whether the assignment was proven optimal by its potentials, and not only by the solver's word.
    pub proven_optimal: bool,
}

impl Verification {
    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.violations.is_empty() {
            return f.write_str(if self.proven_optimal { "valid, proven optimal" } else { "valid" });
        }
        write!(f, "{} violations", self.violations.len())?;
        self.violations.iter().try_for_each(|violation| write!(f, "\n  {violation}"))
    }
}

/// A node of the network, as named in a [`Violation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// A participant.
    Participant(u32),
    /// A supporter.
    Supporter(u32),
    /// A group.
    Group(u32),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Participant(index) => write!(f, "participant {index}"),
            Self::Supporter(index) => write!(f, "supporter {index}"),
            Self::Group(index) => write!(f, "group {index}"),
        }
    }
}

/// One thing wrong with an assignment or its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Violation {
    /// A list has the wrong length.
    Length {
        /// Which list.
        list: String,
        /// How long it is.
        stated: usize,
        /// How long it must be.
        expected: usize,
    },
    /// A participant is matched where it has no pair.
    NoSuchPair {
        /// The participant.
        participant: u32,
        /// The supporter it is stated to have.
        supporter: u32,
    },
    /// A pinned participant is not where it is pinned.
    PinBroken {
        /// The participant.
        participant: u32,
        /// The supporter it is pinned to.
        pinned: u32,
        /// The supporter it is stated to have.
        stated: Option<u32>,
    },
    /// More matches than a supporter or group allows.
    OverCapacity {
        /// The supporter or group.
        node: Node,
        /// Matches it has.
        flow: u64,
        /// Matches it allows.
        capacity: u32,
    },
    /// The stated objective is not what the assignment costs.
    Objective {
        /// As stated.
        stated: Rungs,
        /// As recomputed.
        actual: Rungs,
    },
    /// The stated packed objective is not that of the assignment.
    Packed {
        /// As stated.
        stated: i128,
        /// As recomputed.
        actual: i128,
    },
    /// The bound lies above the objective.
    BoundAboveObjective {
        /// The bound.
        bound: i128,
        /// The packed objective.
        packed: i128,
    },
    /// A completed solve states a bound that is not its objective.
    NotOptimal {
        /// The bound.
        bound: i128,
        /// The packed objective.
        packed: i128,
    },
    /// The certificate's scales are not the problem's.
    Scales {
        /// As stated.
        stated: Rungs,
        /// The problem's.
        actual: Rungs,
    },
    /// The certificate is of another flow.
    Flow {
        /// The supporter or group.
        node: Node,
        /// As stated.
        stated: u32,
        /// As the assignment has it.
        actual: u64,
    },
    /// A potential is not the minimum it must be.
    Potential {
        /// Whose.
        node: Node,
        /// As stated.
        stated: i128,
        /// As its arcs have it.
        actual: i128,
    },
    /// A participant uses an arc that is not its cheapest.
    NotCheapest {
        /// The participant.
        participant: u32,
        /// Packed cost and potential of the arc it uses.
        used: i128,
        /// Of its cheapest other arc.
        cheapest: i128,
    },
    /// The dual value of the potentials is not as stated, or not the objective.
    Dual {
        /// As stated.
        stated: i128,
        /// As recomputed.
        actual: i128,
    },
    /// A number is too large to be checked.
    Overflow {
        /// What was being computed.
        what: String,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { list, stated, expected } => {
                write!(f, "{list} has {stated} entries instead of {expected}")
            }
            Self::NoSuchPair { participant, supporter } => {
                write!(f, "participant {participant} has no pair with supporter {supporter}")
            }
            Self::PinBroken { participant, pinned, stated: Some(stated) } => {
                write!(
                    f,
                    "participant {participant} is pinned to supporter {pinned} but has supporter {stated}"
                )
            }
            Self::PinBroken { participant, pinned, stated: None } => {
                write!(f, "participant {participant} is pinned to supporter {pinned} but unmatched")
            }
            Self::OverCapacity { node, flow, capacity } => {
                write!(f, "{node} has {flow} matches but a capacity of {capacity}")
            }
            Self::Objective { stated, actual } => {
                write!(f, "the objective is stated as {stated}, but is {actual}")
            }
            Self::Packed { stated, actual } => {
                write!(f, "the packed objective is stated as {stated}, but is {actual}")
            }
            Self::BoundAboveObjective { bound, packed } => {
                write!(f, "the bound {bound} lies above the objective {packed}")
            }
            Self::NotOptimal { bound, packed } => {
                write!(f, "the solve completed, but its bound {bound} is not the objective {packed}")
            }
            Self::Scales { stated, actual } => {
                write!(f, "the scales are stated as {stated}, but are {actual}")
            }
            Self::Flow { node, stated, actual } => {
                write!(f, "the certificate gives {node} {stated} matches, the assignment {actual}")
            }
            Self::Potential { node, stated, actual } => {
                write!(f, "the potential of {node} is {stated}, but its arcs make it {actual}")
            }
            Self::NotCheapest { participant, used, cheapest } => {
                write!(f, "participant {participant} pays {used} where another arc costs {cheapest}")
            }
            Self::Dual { stated, actual } => {
                write!(f, "the dual value is stated as {stated}, but is {actual}")
            }
            Self::Overflow { what } => write!(f, "{what} overflows 128 bits"),
        }
    }
}

/// Checks an assignment and its proof against the problem; never panics. O(pairs + participants log row + supporters
/// + groups).
///
/// Feasibility: pairs exist, pins are kept, capacities of supporters and groups hold. Numbers: the objective by rung,
/// its packed form and the bound. Proof by potentials: the equations of [`Certificate`] for every node, and that
/// objective and dual value meet. A proof by bound is only checked to lie at or below the objective.
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
        let flow = self.feasibility(&assignment.supporter)?;
        let actual = self.problem.objective(&assignment.supporter);
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
        } else if assignment.stop == Stop::Completed && bound != packed {
            self.violations.push(Violation::NotOptimal { bound, packed });
        }
        let Proof::Potentials(certificate) = &assignment.proof else { return Some(false) };
        if bound != packed {
            self.violations.push(Violation::Dual { stated: bound, actual: packed });
        }
        self.certificate(certificate, &assignment.supporter, &flow, packed)
    }

    /// The units above each supporter and group.
    fn feasibility(&mut self, supporter: &[Option<u32>]) -> Option<Vec<u64>> {
        let problem = self.problem;
        self.length("the assignment", supporter.len(), problem.pins.len());
        if !self.violations.is_empty() {
            return None;
        }
        let mut flow = vec![0_u64; problem.tree.root()];
        for (p, &stated) in supporter.iter().enumerate() {
            let participant = p as u32;
            if let Some((pinned, _)) = problem.pins[p] {
                if stated != Some(pinned) {
                    self.violations.push(Violation::PinBroken { participant, pinned, stated });
                    continue;
                }
            } else if let Some(supporter) = stated
                && problem.pair_cost(participant, supporter).is_none()
            {
                self.violations.push(Violation::NoSuchPair { participant, supporter });
                continue;
            }
            if let Some(supporter) = stated {
                flow[supporter as usize] += 1;
            }
        }
        for &v in problem.tree.top_down().iter().rev() {
            let node = v as usize;
            if let Some(parent) = flow.get(problem.tree.parent[node] as usize) {
                flow[problem.tree.parent[node] as usize] = parent + flow[node];
            }
        }
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
        self.violations.is_empty().then_some(flow)
    }

    fn certificate(
        &mut self,
        certificate: &Certificate,
        supporter: &[Option<u32>],
        flow: &[u64],
        packed: i128,
    ) -> Option<bool> {
        let problem = self.problem;
        let (supporters, groups) = (problem.tree.supporters, problem.parent_of.len());
        let before = self.violations.len();
        self.length("the list of participants' potentials", certificate.participants.len(), supporter.len());
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
        let rows = self.participants(certificate, supporter, &potential, &mut least);
        self.overflow(rows, "the potential of a participant")?;
        let above = self.tree(flow, &potential, &mut least);
        self.overflow(above, "the potential of a supporter or group")?;
        for node in 0..problem.tree.root() {
            let actual = if problem.tree.open[node] { least[node].unwrap_or(0) } else { 0 };
            let stated = potential[node];
            // Lower ones are no less valid; whether they prove the optimum is for the dual value to say.
            if stated > actual || (certificate.canonical && stated < actual) {
                self.violations.push(Violation::Potential { node: self.node(node), stated, actual });
            }
        }

        let dual = dual_value(problem, &certificate.supporters, &certificate.groups);
        let dual = self.overflow(dual, "the dual value")?;
        if certificate.dual != dual || dual != packed {
            self.violations.push(Violation::Dual { stated: certificate.dual, actual: dual });
        }
        Some(true)
    }

    /// Checks every participant's potential and arc; gathers what its next best arc allows its supporter.
    fn participants(
        &mut self,
        certificate: &Certificate,
        supporter: &[Option<u32>],
        potential: &[i128],
        least: &mut [Option<i128>],
    ) -> Option<()> {
        let problem = self.problem;
        for (p, &choice) in supporter.iter().enumerate() {
            let node = Node::Participant(p as u32);
            let stated = certificate.participants[p];
            if problem.pins[p].is_some() {
                if stated != 0 {
                    self.violations.push(Violation::Potential { node, stated, actual: 0 });
                }
                continue;
            }
            let own = choice.map_or(usize::MAX, |supporter| supporter as usize);
            let exit = problem.packed_exit(p)?;
            // What the arc in use costs, and the cheapest of the others.
            let (mut used, mut other) =
                if choice.is_some() { (None, Some(exit)) } else { (Some(exit), None) };
            let mut pair = 0;
            for (s, cost) in problem.packed_row(p) {
                let cost = cost?;
                let value = cost.checked_add(potential[s])?;
                if s == own {
                    used = Some(value);
                    pair = cost;
                } else {
                    keep_least(&mut other, value);
                }
            }
            let used = used?;
            if let Some(cheapest) = other
                && cheapest < used
            {
                self.violations.push(Violation::NotCheapest { participant: p as u32, used, cheapest });
            }
            let actual = other.map_or(used, |other| other.min(used));
            if stated != actual {
                self.violations.push(Violation::Potential { node, stated, actual });
            }
            if let (Some(least), Some(other)) = (least.get_mut(own), other) {
                keep_least(least, other.checked_sub(pair)?);
            }
        }
        Some(())
    }

    /// Gathers what free places and matches to give up allow supporters and groups.
    fn tree(&self, flow: &[u64], potential: &[i128], least: &mut [Option<i128>]) -> Option<()> {
        let tree = &self.problem.tree;
        for node in (0..tree.root()).filter(|&node| tree.open[node]) {
            let (units, parent) = (flow[node] as u32, tree.parent[node] as usize);
            if units < tree.capacity[node] {
                let step = self.problem.packed_step(node, units)?;
                keep_least(&mut least[node], step.checked_add(potential[parent])?);
            }
            if units > tree.pinned[node] {
                let step = self.problem.packed_step(node, units - 1)?;
                keep_least(&mut least[parent], potential[node].checked_sub(step)?);
            }
        }
        Some(())
    }
}

fn keep_least(least: &mut Option<i128>, value: i128) {
    *least = Some(least.map_or(value, |least| least.min(value)));
}
