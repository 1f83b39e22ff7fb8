//! The assignment problem as the solvers see it: integers and slices, checked once.

use super::builder::ProblemBuilder;
use super::ladder::Rungs;
use super::tree::Tree;

/// A minimum-cost assignment of participants to supporters, checked when it was built.
///
/// * Each of the participants `0..participants()` takes one place or stays unmatched.
/// * Each of the supporters `0..supporters()` has a capacity and convex prices for its 1st, 2nd, ... match.
/// * Supporters may stand under groups, groups under groups; each limits the matches below it.
/// * A pair says which supporter a participant may take and at what cost. What is no pair is no option.
/// * A pin is a match that is already fixed: it occupies places and counts in the objective, and is not optimised.
/// * The objective is a ladder of [`Rung`](super::Rung)s, each minimised exactly before the next.
///
/// All costs are integers and lower is better.
#[derive(Debug, Clone)]
pub struct Problem {
    pub(super) offsets: Vec<usize>,
    pub(super) pair_supporters: Vec<u32>,
    pub(super) pair_costs: Vec<i64>,
    pub(super) served_weights: Vec<u32>,
    pub(super) unmatched_costs: Vec<i64>,
    pub(super) pins: Vec<Option<(u32, i64)>>,
    pub(super) standing: Vec<Option<u32>>,
    pub(super) load_costs: Steps,
    pub(super) balance_costs: Steps,
    pub(super) group_of: Vec<Option<u32>>,
    pub(super) parent_of: Vec<Option<u32>>,
    pub(super) tree: Tree,
    pub(super) scales: Rungs,
    pub(super) largest_cost: i128,
}

/// Marginal costs of every supporter's 1st, 2nd, ... match, laid end to end.
#[derive(Debug, Clone, Default)]
pub(super) struct Steps {
    pub(super) offsets: Vec<usize>,
    pub(super) values: Vec<i64>,
}

impl Steps {
    pub(super) fn of(&self, supporter: usize) -> &[i64] {
        &self.values[self.offsets[supporter]..self.offsets[supporter + 1]]
    }

    /// The cost of one match more when there are `load`: the last stated value repeats.
    pub(super) fn marginal(&self, supporter: usize, load: u32) -> i64 {
        let steps = self.of(supporter);
        steps.get(load as usize).or(steps.last()).copied().unwrap_or(0)
    }
}

impl Problem {
    /// Starts a problem with that many participants, none of whom has a pair yet.
    pub fn builder(participants: u32) -> ProblemBuilder {
        ProblemBuilder::new(participants)
    }

    /// Number of participants.
    pub fn participants(&self) -> u32 {
        self.unmatched_costs.len() as u32
    }

    /// Number of supporters.
    pub fn supporters(&self) -> u32 {
        self.group_of.len() as u32
    }

    /// Number of groups.
    pub fn groups(&self) -> u32 {
        self.parent_of.len() as u32
    }

    /// Number of pairs, those of pinned participants included.
    pub fn pairs(&self) -> usize {
        self.pair_supporters.len()
    }

    /// The supporters a participant may take, ascending, and the quality cost of each.
    ///
    /// # Panics
    /// If there is no such participant, like a slice; so do the other accessors that take an index.
    pub fn row(&self, participant: u32) -> (&[u32], &[i64]) {
        let range = self.row_range(participant as usize);
        (&self.pair_supporters[range.clone()], &self.pair_costs[range])
    }

    pub(super) fn row_range(&self, participant: usize) -> std::ops::Range<usize> {
        self.offsets[participant]..self.offsets[participant + 1]
    }

    /// The quality cost of a pair, `None` if there is no such pair; O(log of the row).
    pub fn pair_cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        let (supporters, costs) = self.row(participant);
        supporters.binary_search(&supporter).ok().map(|at| costs[at])
    }

    /// Cost in the served rung of leaving a participant unmatched.
    pub fn served_weight(&self, participant: u32) -> u32 {
        self.served_weights[participant as usize]
    }

    /// Cost in the quality rung of leaving a participant unmatched.
    pub fn unmatched_cost(&self, participant: u32) -> i64 {
        self.unmatched_costs[participant as usize]
    }

    /// The supporter a participant is pinned to, and the quality cost of that.
    pub fn pin(&self, participant: u32) -> Option<(u32, i64)> {
        self.pins[participant as usize]
    }

    /// The supporter of a participant's standing match; any other outcome costs 1 in the change rung.
    pub fn standing(&self, participant: u32) -> Option<u32> {
        self.standing[participant as usize]
    }

    /// Places of a supporter, pinned ones included.
    pub fn capacity(&self, supporter: u32) -> u32 {
        self.tree.capacity[supporter as usize]
    }

    /// Marginal quality costs of a supporter's matches; the last repeats, none means 0.
    pub fn load_cost(&self, supporter: u32) -> &[i64] {
        self.load_costs.of(supporter as usize)
    }

    /// Marginal balance costs of a supporter's matches; the last repeats, none means 0.
    pub fn balance_cost(&self, supporter: u32) -> &[i64] {
        self.balance_costs.of(supporter as usize)
    }

    /// The group a supporter stands under.
    pub fn group(&self, supporter: u32) -> Option<u32> {
        self.group_of[supporter as usize]
    }

    /// Matches a group allows below it, pinned ones included.
    pub fn group_capacity(&self, group: u32) -> u32 {
        self.tree.capacity[self.group_of.len() + group as usize]
    }

    /// The group a group stands under.
    pub fn group_parent(&self, group: u32) -> Option<u32> {
        self.parent_of[group as usize]
    }

    /// What one unit of each rung weighs in a packed cost; 0 for a rung in which nothing costs anything.
    pub fn scales(&self) -> Rungs {
        self.scales
    }

    /// What an assignment costs, by rung, pins included; `None` if an index is out of range, a participant has no such
    /// pair, or a pinned participant is elsewhere. Capacities are not looked at. O(participants log row + supporters).
    pub fn objective(&self, supporter: &[Option<u32>]) -> Option<Rungs> {
        self.objective_with(supporter, |participant, supporter| self.pair_cost(participant as u32, supporter))
    }

    /// The same where the quality cost of the pair that each unpinned participant has is known.
    pub(super) fn objective_with(
        &self,
        supporter: &[Option<u32>],
        pair_cost: impl Fn(usize, u32) -> Option<i64>,
    ) -> Option<Rungs> {
        if supporter.len() != self.unmatched_costs.len() {
            return None;
        }
        let mut sum = Rungs::default();
        let mut loads = vec![0_u32; self.group_of.len()];
        for (participant, &choice) in supporter.iter().enumerate() {
            if self.standing[participant].is_some_and(|standing| choice != Some(standing)) {
                sum.change += 1;
            }
            let Some(s) = choice else {
                if self.pins[participant].is_some() {
                    return None;
                }
                sum.served += i128::from(self.served_weights[participant]);
                sum.quality += i128::from(self.unmatched_costs[participant]);
                continue;
            };
            let cost = match self.pins[participant] {
                Some((pinned, cost)) => (pinned == s).then_some(cost),
                None => pair_cost(participant, s),
            }?;
            sum.quality += i128::from(cost);
            *loads.get_mut(s as usize)? += 1;
        }
        for (s, &load) in loads.iter().enumerate() {
            sum.quality += prefix_sum(self.load_costs.of(s), load);
            sum.balance += prefix_sum(self.balance_costs.of(s), load);
        }
        Some(sum)
    }
}

/// The cost of the first `load` matches when the last stated step repeats.
pub(super) fn prefix_sum(steps: &[i64], load: u32) -> i128 {
    let stated = steps.len().min(load as usize);
    let sum: i128 = steps[..stated].iter().map(|&step| i128::from(step)).sum();
    let last = steps.last().map_or(0, |&step| i128::from(step));
    sum + last * (i128::from(load) - stated as i128)
}
