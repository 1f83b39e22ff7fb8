//! Worst-off first: what the fairest assignment is, the rounds that prove it, and their check.
//!
//! **Problem.** Every place of a participant costs what its pair costs in the quality rung, or what staying empty
//! costs. Of all assignments that meet the firm minimums and serve as many by priority as possible, the fairest has the
//! lowest worst cost, then the fewest places that have it, then the lowest next cost, and so on: leximin. Then come
//! quality, change and balance. Pins are fixed and do not count; load costs are no one participant's and belong to
//! quality.
//!
//! **Proof.** A chain of [`Round`]s, each with a goal that is linear in the flow, and potentials that prove the
//! assignment optimal for it *among those that are optimal for all rounds before*: an arc whose reduced cost was not
//! zero in one round carries the same in all optima of that round, so it is settled, and later rounds look at the
//! others only. Costs are counted in one of two ways. [`Goal::NoneAbove`] counts all places above a cost together; the
//! count must be 0, and then each of those costs has none. [`Goal::Fewest`] gives each cost of a range a weight beyond
//! what all lower ones together can weigh, so that the fewest of the worst come first. The chain may end when the arcs
//! that are not settled form a forest: then only one assignment is left.
//!
//! **Why it is exact.** Complementary slackness on the arcs that are not settled is optimality over the face that the
//! earlier rounds leave, and its solutions are exactly the optimal face of the round (strict complementarity is not
//! needed: any optimal potentials describe the whole face together with the bounds that are tight already).
//!
//! **Time and space.** The check reads every arc once for each round. The number of rounds is what it is: about one for
//! every hundred bits of counters, and one for each stretch of costs that nobody has to pay.
//!
//! **When it is the wrong choice.** For tens of thousands of participants with as many different costs: rounds and
//! certificate grow with the number of costs that somebody has to pay. Rounding costs to fewer levels helps.
//!
//! **References.** R. E. Burkard, F. Rendl, "Lexicographic bottleneck problems", Operations Research Letters 10 (1991);
//! W. Ogryczak, T. Śliwiński, "On direct methods for lexicographic min-max optimization", ICCSA (2006); A. Schrijver,
//! *Theory of Linear and Integer Programming* (1986), section 7.9 (faces and complementary slackness).

use petgraph::unionfind::UnionFind;
use serde::{Deserialize, Serialize};

use super::ladder::{Rung, Rungs};
use super::matches::Matches;
use super::problem::Problem;

/// How the quality of single participants is weighed against each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Fairness {
    /// By the sum alone.
    #[default]
    Total,
    /// The worst-off first, then the next worst, and so on, and the sum only among the fairest.
    ///
    /// What counts is, for each place of each participant, the cost of its pair, or its unmatched cost if it stays
    /// empty: the highest of these is made as low as can be, then how many have it, then the next. Firm minimums and
    /// served weights come first. Pins are fixed and do not count, nor do load costs, which are no one participant's.
    WorstOffFirst,
}

/// What a round minimises.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// One rung of the ladder.
    Rung(Rung),
    /// The places that cost more than this, and less than what is settled: none of them.
    NoneAbove(i64),
    /// The places at each cost from this up to what is settled, the dearest first.
    Fewest(i64),
}

/// The proof that an assignment is the fairest: rounds that are each optimal among the optima of those before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FairnessProof {
    /// Matches of each supporter, pins included: an assignment that is as fair but not the proven one is told apart.
    pub supporter_flow: Vec<u32>,
    /// The rounds, in order.
    pub rounds: Vec<Round>,
}

/// One round of a proof that an assignment is the fairest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Round {
    /// What it minimises.
    pub goal: Goal,
    /// Potential of each participant, in units of the goal.
    pub participants: Vec<i128>,
    /// Potential of each supporter.
    pub supporters: Vec<i128>,
    /// Potential of each group.
    pub groups: Vec<i128>,
    /// The potentials and the number in the goal added up modulo 2^128, so that none of them can be changed alone.
    pub checksum: i128,
}

impl Round {
    /// What [`checksum`](Self::checksum) must be.
    pub fn expected_checksum(&self) -> i128 {
        let potentials = self.participants.iter().chain(&self.supporters).chain(&self.groups);
        let goal = match self.goal {
            Goal::Rung(_) => 0,
            Goal::NoneAbove(cost) | Goal::Fewest(cost) => i128::from(cost),
        };
        potentials.fold(goal, |sum, &potential| sum.wrapping_add(potential))
    }
}

/// One arc of the explicit graph with its cost in every rung.
///
/// Nodes are participants, then supporters, groups and the root; arcs come by participant, its pairs before the arc for
/// empty places, then by supporter and group, one for each run of places that cost the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arc {
    pub(super) tail: u32,
    pub(super) head: u32,
    pub(super) capacity: u32,
    pub(super) cost: Rungs,
    /// What a place of a participant costs it; `None` for the places of supporters and groups.
    pub(super) level: Option<i64>,
}

/// Every arc that can carry anything.
pub(super) fn arcs(problem: &Problem) -> Vec<Arc> {
    let tree = &problem.tree;
    let participants = problem.pins.len() as u32;
    let root = participants + tree.root() as u32;
    let mut arcs = Vec::with_capacity(problem.pairs() + problem.pins.len());
    for p in 0..problem.pins.len() {
        let places = problem.free_places(p);
        if places == 0 {
            continue;
        }
        let (tail, single, standing) = (p as u32, problem.places_of(p) == 1, problem.standing[p]);
        let pinned = problem.pins[p].map(|(supporter, _)| supporter);
        for (supporter, cost) in problem.row(tail) {
            if !tree.open[supporter as usize] || pinned == Some(supporter) {
                continue;
            }
            let change = match standing {
                Some(standing) if single => i128::from(standing != supporter),
                Some(standing) => -i128::from(standing == supporter),
                None => 0,
            };
            let cost_by_rung = Rungs { quality: cost.into(), change, ..Rungs::default() };
            let head = participants + supporter;
            arcs.push(Arc { tail, head, capacity: 1, cost: cost_by_rung, level: Some(cost) });
        }
        let cost = Rungs {
            served: problem.served_weights[p].into(),
            quality: problem.unmatched_costs[p].into(),
            change: (single && standing.is_some()).into(),
            ..Rungs::default()
        };
        arcs.push(Arc { tail, head: root, capacity: places, cost, level: Some(problem.unmatched_costs[p]) });
    }
    for node in (0..tree.root()).filter(|&node| tree.open[node]) {
        let mut unit = tree.pinned[node];
        while unit < tree.capacity[node] {
            let mut cost = Rungs { required: -i128::from(unit < tree.minimum(node)), ..Rungs::default() };
            if node < tree.supporters {
                cost.quality = problem.load_costs.marginal(node, unit).into();
                cost.balance = problem.balance_costs.marginal(node, unit).into();
            }
            let capacity = problem.alike(node, unit);
            let (tail, head) = (participants + node as u32, participants + tree.parent[node]);
            arcs.push(Arc { tail, head, capacity, cost, level: None });
            unit += capacity;
        }
    }
    arcs
}

/// The costs below a bound that unsettled arcs have, dearest first, with how many places can have each.
pub(super) fn levels(arcs: &[Arc], settled: &[bool], below: i128) -> Vec<(i64, u64)> {
    let open = arcs.iter().zip(settled).filter(|&(_, &settled)| !settled);
    let mut all: Vec<(i64, u64)> =
        open.filter_map(|(arc, _)| Some((arc.level?, u64::from(arc.capacity)))).collect();
    all.retain(|&(level, _)| i128::from(level) < below);
    all.sort_unstable_by(|a, b| b.cmp(a));
    all.dedup_by(|next, first| {
        let same = next.0 == first.0;
        first.1 += if same { next.1 } else { 0 };
        same
    });
    all
}

/// A weight for each of these levels beyond what all lower ones together can weigh; `None` if they do not fit `limit`.
pub(super) fn weights(levels: &[(i64, u64)], limit: i128) -> Option<Vec<i128>> {
    let mut weights = vec![0; levels.len()];
    let mut below = 0_i128;
    for (weight, &(_, count)) in weights.iter_mut().zip(levels).rev() {
        *weight = below + 1;
        below = weight.checked_mul(count.into())?.checked_add(below).filter(|&sum| sum <= limit)?;
    }
    Some(weights)
}

/// What each arc costs towards a goal when costs from `floor` up are settled. Settled arcs are left at 0 where levels
/// are counted. `None` if the weights do not fit.
pub(super) fn goal_costs(goal: Goal, arcs: &[Arc], settled: &[bool], floor: i128) -> Option<Vec<i128>> {
    let counted = |least: i128| {
        move |arc: &Arc| arc.level.filter(|&level| i128::from(level) >= least && i128::from(level) < floor)
    };
    Some(match goal {
        Goal::Rung(rung) => arcs.iter().map(|arc| arc.cost.get(rung)).collect(),
        Goal::NoneAbove(above) => {
            let counted = counted(i128::from(above) + 1);
            arcs.iter().map(|arc| i128::from(counted(arc).is_some())).collect()
        }
        Goal::Fewest(from) => {
            let counted = counted(from.into());
            let mut range = levels(arcs, settled, floor);
            range.retain(|&(level, _)| level >= from);
            let weights = weights(&range, i128::MAX)?;
            let weight = |level: i64| {
                range.binary_search_by(|&(other, _)| level.cmp(&other)).map_or(0, |at| weights[at])
            };
            arcs.iter().map(|arc| counted(arc).map_or(0, weight)).collect()
        }
    })
}

impl Problem {
    /// What the places that are not pinned cost the participants, dearest first, and how many have each cost: the
    /// smaller list, compared in order, is the fairer assignment. `None` where [`objective`](Self::objective) is.
    pub fn worst_off(&self, matches: &Matches) -> Option<Vec<(i64, u64)>> {
        self.objective(matches)?;
        let mut costs = Vec::new();
        for p in 0..self.pins.len() {
            let participant = p as u32;
            let pinned = self.pins[p].map(|(supporter, _)| supporter);
            for &supporter in matches.of(participant).iter().filter(|&&s| pinned != Some(s)) {
                costs.push((self.pair_cost(participant, supporter)?, 1));
            }
            let empty = u64::from(self.places_of(p)) - matches.of(participant).len() as u64;
            if empty > 0 {
                costs.push((self.unmatched_costs[p], empty));
            }
        }
        costs.sort_unstable_by(|a, b| b.cmp(a));
        costs.dedup_by(|next, first| {
            let same = next.0 == first.0;
            first.1 += if same { next.1 } else { 0 };
            same
        });
        Some(costs)
    }
}

/// What is wrong with a chain of rounds as the proof of an assignment that has been found feasible; `Ok` if nothing.
pub(super) fn check(problem: &Problem, proof: &FairnessProof, matches: &Matches) -> Result<(), String> {
    let rounds = &proof.rounds;
    let mut loads = vec![0_u32; problem.tree.supporters];
    for (_, supporter) in matches.iter() {
        loads[supporter as usize] += 1;
    }
    if proof.supporter_flow != loads {
        return Err("the proof is of an assignment with other loads".to_owned());
    }
    let arcs = arcs(problem);
    let flow = flow_on(problem, &arcs, matches, loads);
    let mut settled = vec![false; arcs.len()];
    // The goals come in this order; only rungs in which nothing costs anything may be left out.
    let asked = |rung: Rung| problem.scales.get(rung) > 0;
    let mut first = [Rung::Required, Rung::Served].into_iter().filter(|&rung| asked(rung)).peekable();
    let mut last =
        [Rung::Quality, Rung::Change, Rung::Balance].into_iter().filter(|&rung| asked(rung)).peekable();
    let (mut floor, mut counting) = (i128::MAX, true);
    for (number, round) in rounds.iter().enumerate() {
        let wrong = |what: &str| Err(format!("round {} {what}", number + 1));
        match round.goal {
            Goal::Rung(rung) if first.peek() == Some(&rung) => drop(first.next()),
            Goal::Rung(rung) if first.peek().is_none() && last.peek() == Some(&rung) => {
                if counting && !levels(&arcs, &settled, floor).is_empty() {
                    return wrong("comes before all costs are counted");
                }
                counting = false;
                last.next();
            }
            Goal::NoneAbove(_) | Goal::Fewest(_) if first.peek().is_none() && counting => {}
            _ => return wrong("is out of order"),
        }
        let Some(costs) = goal_costs(round.goal, &arcs, &settled, floor) else {
            return wrong("weighs more than 128 bits hold");
        };
        if matches!(round.goal, Goal::NoneAbove(_))
            && costs.iter().zip(&flow).any(|(&cost, &flow)| cost > 0 && flow > 0)
        {
            return wrong("leaves a place above its cost");
        }
        round_is_optimal(problem, round, &arcs, &costs, &flow, &mut settled).or_else(|what| wrong(&what))?;
        match round.goal {
            Goal::NoneAbove(above) if i128::from(above) + 1 < floor => floor = i128::from(above) + 1,
            Goal::Fewest(from) if i128::from(from) < floor => floor = from.into(),
            Goal::Rung(_) => {}
            _ => return wrong("counts costs that are settled"),
        }
    }
    let complete = first.peek().is_none()
        && last.peek().is_none()
        && (!counting || levels(&arcs, &settled, floor).is_empty());
    if complete || is_forest(problem, &arcs, &settled) {
        return Ok(());
    }
    Err("the rounds end before only one assignment is left".to_owned())
}

/// What each arc carries, places filled in order.
fn flow_on(problem: &Problem, arcs: &[Arc], matches: &Matches, loads: Vec<u32>) -> Vec<u64> {
    let tree = &problem.tree;
    let participants = problem.pins.len() as u32;
    let units = tree.flows(loads);
    let mut left: Vec<u64> =
        units.iter().zip(&tree.pinned).map(|(&units, &pinned)| units.saturating_sub(pinned.into())).collect();
    let carried = |arc: &Arc| match arc.level {
        Some(_) if arc.head < participants + tree.supporters as u32 => {
            u64::from(matches.of(arc.tail).contains(&(arc.head - participants)))
        }
        Some(_) => {
            let places = problem.places_of(arc.tail as usize) as usize;
            places.saturating_sub(matches.of(arc.tail).len()) as u64
        }
        None => {
            let left = &mut left[(arc.tail - participants) as usize];
            let carried = (*left).min(arc.capacity.into());
            *left -= carried;
            carried
        }
    };
    arcs.iter().map(carried).collect()
}

/// Checks slackness on the unsettled arcs, and settles those with a reduced cost.
fn round_is_optimal(
    problem: &Problem,
    round: &Round,
    arcs: &[Arc],
    costs: &[i128],
    flow: &[u64],
    settled: &mut [bool],
) -> Result<(), String> {
    let tree = &problem.tree;
    let expected = [problem.pins.len(), tree.supporters, tree.root() - tree.supporters];
    if [round.participants.len(), round.supporters.len(), round.groups.len()] != expected {
        return Err("has lists of potentials of the wrong length".to_owned());
    }
    if round.checksum != round.expected_checksum() {
        return Err("has potentials that do not add up to its checksum".to_owned());
    }
    let potential: Vec<i128> =
        round.participants.iter().chain(&round.supporters).chain(&round.groups).copied().chain([0]).collect();
    for (arc, ((&cost, &flow), settled)) in arcs.iter().zip(costs.iter().zip(flow).zip(settled)) {
        if *settled {
            continue;
        }
        let reduced = cost
            .checked_add(potential[arc.head as usize])
            .and_then(|value| value.checked_sub(potential[arc.tail as usize]))
            .ok_or("has potentials beyond 128 bits")?;
        if (reduced < 0 && flow < arc.capacity.into()) || (reduced > 0 && flow > 0) {
            return Err(format!(
                "gives an arc that carries {flow} of {} a reduced cost of {reduced}",
                arc.capacity
            ));
        }
        *settled = reduced != 0;
    }
    Ok(())
}

/// Whether the arcs that are not settled hold no cycle, so that their flow is determined.
fn is_forest(problem: &Problem, arcs: &[Arc], settled: &[bool]) -> bool {
    let mut joined = UnionFind::<u32>::new(problem.pins.len() + problem.tree.root() + 1);
    arcs.iter()
        .zip(settled)
        .filter(|&(_, &settled)| !settled)
        .all(|(arc, _)| joined.union(arc.tail, arc.head))
}
