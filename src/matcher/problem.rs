//! From people to numbers: what the policy asks, as an assignment problem.
//!
//! Participants, supporters and supervisors bear their positions in the program. An eligible pair costs its weight
//! with the sign turned, in millionths of score; a movable standing match costs its price less; a pinned one is not
//! an arc but a fixed flow. What one further match costs a supporter, and the bonus below a wished minimum, are
//! convex place costs; supervisors' caseloads are groups.

use std::collections::BTreeSet;
use std::num::NonZeroU32;

use serde::{Deserialize, Serialize};

use super::market::Market;
use crate::assignment::{Fairness, Problem, ProblemBuilder, Supporter};
use crate::compatibility::{Compatibility, CompatibilityGraph};
use crate::error::Result;
use crate::policy::criteria::to_micro;
use crate::policy::{Balance, Loads, Policy};
use crate::program::Program;

/// Which of the lower rungs are asked for, and how finely.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Ladder {
    pub(super) change: bool,
    /// In how many steps a full load is counted where shares of capacity are balanced; none leaves the balance out.
    pub(super) balance: Option<NonZeroU32>,
}

impl Ladder {
    /// As the policy has it.
    pub(super) const WHOLE: Self = Self { change: true, balance: NonZeroU32::new(Loads::STEPS) };

    /// What of the policy's objective this leaves out.
    pub(super) fn left_out(self, policy: &Policy) -> LeftOut {
        let coarse = self.balance != Self::WHOLE.balance;
        match policy.loads.balance {
            _ if !self.change && policy.objective.least_change => LeftOut::ChangesAndBalance,
            Balance::ShareOfCapacity if coarse => LeftOut::Balance,
            Balance::Count if self.balance.is_none() => LeftOut::Balance,
            _ => LeftOut::Nothing,
        }
    }
}

/// Lower rungs of the objective that a solve under rules leaves out, or counts in coarser steps, where sums over so many
/// people would not fit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LeftOut {
    /// None.
    #[default]
    Nothing,
    /// How evenly loads are spread.
    Balance,
    /// That, and how few standing matches change.
    ChangesAndBalance,
}

/// Where the pairs of a problem come from.
pub(super) enum Pairs<'a> {
    /// All that are eligible.
    Held(CompatibilityGraph),
    /// They are asked for, and the problem has none.
    Asked(&'a Market<'a>),
}

/// Backups as further participants and supporters, behind the program's own: who may stand by for whom.
#[derive(Debug, Default)]
pub(super) struct Standby {
    /// Whom each of the further participants stands for, by position in the program.
    pub(super) of: Vec<u32>,
    /// Places of each of the further supporters, who are the program's once more; empty where there are no backups.
    pub(super) places: Vec<u32>,
    /// The pairs of each of the further participants: supporter, numbered behind the program's own, and cost.
    pub(super) rows: Vec<Vec<(u32, i64)>>,
}

/// What was chosen for single people, beside what the program says.
#[derive(Debug, Clone, Copy)]
pub(super) struct Choices<'a> {
    /// Participants who stay where they are, and with whom.
    pub(super) held: &'a [(u32, u32)],
    /// Participants who are offered nobody.
    pub(super) back: &'a BTreeSet<u32>,
    /// Standing matches have no price.
    pub(super) free: bool,
    /// Places are told in full, for people who may still come.
    pub(super) lasting: bool,
    /// What counts is the sum, whoever the policy puts first.
    pub(super) summed: bool,
}

impl Choices<'_> {
    /// Nothing.
    pub(super) const NONE: Self =
        Self { held: &[], back: &BTreeSet::new(), free: false, lasting: false, summed: false };
}

/// How many a supporter may have of whose matches so many are pinned.
pub(super) fn capacity_of(policy: &Policy, program: &Program, supporter: usize, pinned: u32) -> u32 {
    // Pinned matches stand even where the capacity has since been lowered; nothing is added to them.
    policy.loads.capacity(program.supporters()[supporter].capacity).max(pinned)
}

/// The places of a supporter of whose matches so many are pinned.
pub(super) fn place(policy: &Policy, program: &Program, supporter: usize, pinned: u32) -> Supporter {
    let capacity = capacity_of(policy, program, supporter, pinned);
    place_for(policy, program, supporter, (capacity, capacity), Ladder::WHOLE)
}

/// The first so many of the places of a supporter of whose matches so many are pinned.
pub(super) fn place_up_to(
    policy: &Policy,
    program: &Program,
    supporter: usize,
    (pinned, most): (u32, u32),
) -> Supporter {
    let capacity = capacity_of(policy, program, supporter, pinned);
    place_of(policy, program, supporter, (most.min(capacity), capacity, most.min(capacity)), Ladder::WHOLE)
}

fn place_for(
    policy: &Policy,
    program: &Program,
    supporter: usize,
    (capacity, places): (u32, u32),
    ladder: Ladder,
) -> Supporter {
    place_of(policy, program, supporter, (capacity, capacity, places), ladder)
}

/// With room for so many, of a capacity by which loads are balanced, with the prices of the first so many places.
fn place_of(
    policy: &Policy,
    program: &Program,
    supporter: usize,
    (room, capacity, places): (u32, u32, u32),
    ladder: Ladder,
) -> Supporter {
    let supporter = &program.supporters()[supporter];
    let load_cost = (0..places).map(|place| policy.loads.place_cost(place, supporter.wished_minimum));
    let steps = ladder.balance.map_or(1, NonZeroU32::get);
    let balanced = if ladder.balance.is_some() { places } else { 0 };
    let balance_cost = (0..balanced).map(|place| policy.loads.balance_cost_in_steps(place, capacity, steps));
    let node = Supporter::new(room)
        .load_cost(load_cost.collect::<Vec<_>>())
        .balance_cost(balance_cost.collect::<Vec<_>>());
    let supervisor = supporter.supervisor.as_ref().and_then(|id| program.supervisor_index(id.as_str()));
    match supervisor.filter(|_| policy.loads.supervisor_caseloads) {
        Some(supervisor) => node.group(supervisor as u32),
        None => node,
    }
}

pub(super) fn problem(
    program: &Program,
    compatibility: &Compatibility,
    pairs: Pairs<'_>,
    standby: &Standby,
    ladder: Ladder,
    choices: &Choices<'_>,
) -> Result<Problem> {
    let policy = compatibility.policy();
    let people = program.participants();
    let mut builder = Problem::builder((people.len() + standby.of.len()) as u32);

    let pins: Vec<(usize, u32)> = (0..people.len())
        .filter_map(|participant| {
            let standing = compatibility.standing(participant).filter(|standing| standing.pinned)?;
            Some((participant, standing.supporter))
        })
        .collect();

    // How many could come to each supporter: more places need no cost of their own.
    let demand = match &pairs {
        Pairs::Held(graph) => graph.demand(),
        Pairs::Asked(_) => vec![people.len() as u32; program.supporters().len()],
    };
    let mut pinned = vec![0_u32; program.supporters().len()];
    for &(_, supporter) in &pins {
        pinned[supporter as usize] += 1;
    }

    add_groups(program, compatibility, &pinned, &mut builder);
    for index in 0..program.supporters().len() {
        let capacity = capacity_of(policy, program, index, pinned[index]);
        let places = if choices.lasting { capacity } else { capacity.min(demand[index] + pinned[index]) };
        builder.supporter(place_for(policy, program, index, (capacity, places), ladder));
    }

    for &places in &standby.places {
        builder.supporter(Supporter::new(places));
    }
    let least_change = policy.objective.least_change && ladder.change;
    match pairs {
        Pairs::Held(graph) => {
            hold(compatibility, graph, (standby, choices), least_change, &mut builder);
        }
        Pairs::Asked(market) if least_change => {
            for participant in 0..people.len() {
                if let Some((supporter, _)) = market.movable(participant) {
                    builder.standing(participant as u32, supporter);
                }
            }
        }
        Pairs::Asked(_) => {}
    }

    for &(participant, supporter) in &pins {
        let judgement = compatibility.judge(program, participant, supporter as usize);
        builder.pin(participant as u32, supporter, -i64::from(judgement.weight));
    }
    for &(participant, supporter) in choices.held {
        let judgement = compatibility.judge(program, participant as usize, supporter as usize);
        let standing = compatibility.standing(participant as usize);
        let own = standing.filter(|own| own.supporter == supporter && !own.pinned && !choices.free);
        let price = own.map_or(0, |own| i64::from(own.price));
        builder.pin(participant, supporter, -i64::from(judgement.weight) - price);
    }
    let objective = &policy.objective;
    if objective.served_first {
        let weigh = |person: &crate::program::Participant| {
            u32::from(person.consent) * (1 + policy.priorities.urgency(person, compatibility.as_of()))
        };
        let backups = standby.of.iter().map(|_| 0);
        builder.served_weights(people.iter().map(weigh).chain(backups).collect());
    } else {
        let alone = -i64::from(to_micro(objective.unmatched_score));
        let backups = standby.of.iter().map(|_| 0);
        let costs = people.iter().map(|person| if person.consent { alone } else { 0 });
        builder.unmatched_costs(costs.chain(backups).collect());
    }
    if objective.worst_off_first && !choices.summed {
        builder.fairness(Fairness::WorstOffFirst);
    }
    builder.build()
}

/// Gives the problem its pairs, movable standing matches at their lower cost.
fn hold(
    compatibility: &Compatibility,
    graph: CompatibilityGraph,
    (standby, choices): (&Standby, &Choices<'_>),
    least_change: bool,
    builder: &mut ProblemBuilder,
) {
    let (mut offsets, mut supporters, weights) = graph.into_rows();
    let mut costs: Vec<i64> = weights.into_iter().map(|weight| -i64::from(weight)).collect();
    for participant in 0..offsets.len() - 1 {
        let Some(standing) = compatibility.standing(participant).filter(|standing| !standing.pinned) else {
            continue;
        };
        let row = offsets[participant]..offsets[participant + 1];
        if let Ok(place) = supporters[row.clone()].binary_search(&standing.supporter) {
            if !choices.free {
                costs[row.start + place] -= i64::from(standing.price);
            }
            if least_change {
                builder.standing(participant as u32, standing.supporter);
            }
        }
    }
    if !choices.back.is_empty() {
        (offsets, supporters, costs) = without(choices.back, &offsets, &supporters, &costs);
    }
    for row in &standby.rows {
        supporters.extend(row.iter().map(|pair| pair.0));
        costs.extend(row.iter().map(|pair| pair.1));
        offsets.push(supporters.len());
    }
    builder.pairs_csr(offsets, supporters, costs);
}

/// The rows without those of some participants.
fn without(
    back: &BTreeSet<u32>,
    offsets: &[usize],
    supporters: &[u32],
    costs: &[i64],
) -> (Vec<usize>, Vec<u32>, Vec<i64>) {
    let mut rest = (vec![0], Vec::with_capacity(supporters.len()), Vec::with_capacity(costs.len()));
    for participant in 0..offsets.len() - 1 {
        if !back.contains(&(participant as u32)) {
            let row = offsets[participant]..offsets[participant + 1];
            rest.1.extend_from_slice(&supporters[row.clone()]);
            rest.2.extend_from_slice(&costs[row]);
        }
        rest.0.push(rest.1.len());
    }
    rest
}

/// One group for each supervisor, in the program's order. One without a limit has room for everyone.
fn add_groups(
    program: &Program,
    compatibility: &Compatibility,
    pinned: &[u32],
    builder: &mut ProblemBuilder,
) {
    if !compatibility.policy().loads.supervisor_caseloads {
        return;
    }
    let mut standing = vec![0_u32; program.supervisors().len()];
    for (supporter, &pinned) in program.supporters().iter().zip(pinned) {
        if let Some(index) =
            supporter.supervisor.as_ref().and_then(|id| program.supervisor_index(id.as_str()))
        {
            standing[index] += pinned;
        }
    }
    for (supervisor, standing) in program.supervisors().iter().zip(standing) {
        builder.group(supervisor.caseload.unwrap_or(u32::MAX).max(standing), None);
    }
}
