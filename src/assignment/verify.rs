//! Checking an assignment and its proof, in one pass over the pairs, without trusting the solver.
//!
//! The check shares the problem's data with the solvers and none of their code. It recomputes feasibility, the objective
//! and, for a proof by potentials, complementary slackness on every arc as [`super::certificate`] states it, Bellman's
//! equations where the certificate claims them, the dual value and the checksum; a proof by rounds as [`super::fairness`]
//! has it. Nothing in an assignment is trusted, so nothing makes it panic; sums are checked
//! and an overflow is a violation.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::certificate::{Certificate, dual_value};
use super::fairness::{self, Fairness};
use super::ladder::Rungs;
use super::matches::Matches;
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
    /// The supporters of a participant are not in strictly ascending order.
    Order {
        /// The participant.
        participant: u32,
    },
    /// A participant has more supporters than places.
    TooMany {
        /// The participant.
        participant: u32,
        /// Supporters it has.
        stated: usize,
        /// Places it has.
        places: u32,
    },
    /// A supporter or group has fewer matches than its firm minimum.
    BelowMinimum {
        /// The supporter or group.
        node: Node,
        /// Matches it has.
        flow: u64,
        /// Matches it must have.
        minimum: u32,
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
    /// Potentials make a free place gainful, or one that is used dearer than free.
    Slackness {
        /// The supporter or group it belongs to.
        node: Node,
        /// Whether the place is used.
        used: bool,
        /// Its reduced cost.
        reduced: i128,
    },
    /// The checksum is not that of the potentials.
    Checksum {
        /// As stated.
        stated: i128,
        /// As recomputed.
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
    /// A pair that is held does not have the cost it has at its source.
    PairCost {
        /// The participant.
        participant: u32,
        /// The supporter.
        supporter: u32,
        /// The cost it is held at.
        stated: i64,
        /// The cost at the source, `None` if there is no such pair.
        actual: Option<i64>,
    },
    /// A pair that is not held costs less than its participant pays.
    PairMissed {
        /// The participant.
        participant: u32,
        /// The supporter.
        supporter: u32,
        /// Its packed reduced cost, which is negative.
        reduced: i128,
    },
    /// The dual value of the potentials is not as stated, or not the objective.
    Dual {
        /// As stated.
        stated: i128,
        /// As recomputed.
        actual: i128,
    },
    /// The rounds do not prove the assignment to be the fairest.
    Rounds {
        /// What is wrong, and in which round.
        what: String,
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
            Self::Order { participant } => {
                write!(f, "the supporters of participant {participant} are not in strictly ascending order")
            }
            Self::TooMany { participant, stated, places } => {
                write!(f, "participant {participant} has {stated} supporters for {places} places")
            }
            Self::BelowMinimum { node, flow, minimum } => {
                write!(f, "{node} has {flow} matches but a firm minimum of {minimum}")
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
            Self::Slackness { node, used, reduced } => {
                let place = if *used { "used" } else { "free" };
                write!(f, "a {place} place of {node} has a reduced cost of {reduced}")
            }
            Self::Checksum { stated, actual } => {
                write!(f, "the checksum of the potentials is stated as {stated}, but is {actual}")
            }
            Self::NotCheapest { participant, used, cheapest } => {
                write!(f, "participant {participant} pays {used} where another arc costs {cheapest}")
            }
            Self::PairCost { participant, supporter, stated, actual: Some(actual) } => write!(
                f,
                "the pair of participant {participant} and supporter {supporter} is held at {stated}, but costs {actual}"
            ),
            Self::PairCost { participant, supporter, actual: None, .. } => {
                write!(
                    f,
                    "participant {participant} and supporter {supporter} are held as a pair, but are none"
                )
            }
            Self::PairMissed { participant, supporter, reduced } => write!(
                f,
                "the pair of participant {participant} and supporter {supporter} is not held, but would save {}",
                reduced.unsigned_abs()
            ),
            Self::Dual { stated, actual } => {
                write!(f, "the dual value is stated as {stated}, but is {actual}")
            }
            Self::Rounds { what } => f.write_str(what),
            Self::Overflow { what } => write!(f, "{what} overflows 128 bits"),
        }
    }
}

/// Checks an assignment and its proof against the problem; never panics. O(pairs + participants log row + supporters
/// + groups).
///
/// Feasibility: pairs exist, pins are kept, nobody has more than its places, capacities and firm minimums of supporters
/// and groups hold. Numbers: the objective by rung, its packed form and the bound. Proof by potentials: all that
/// [`Certificate`] promises; by rounds: that each is optimal among those of the rounds before. A proof by bound is only checked to lie at or below the objective.
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
        if !matches!(assignment.proof, Proof::Bound | Proof::Unproven) && bound != packed {
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
