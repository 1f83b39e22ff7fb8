//! The assignment problem as the solvers see it: integers and slices, checked once.

use std::sync::{Arc, OnceLock};

use super::builder::ProblemBuilder;
use super::components::Division;
use super::costs::{CostSlice, Costs, Row};
use super::each::Each;
use super::extent::extent_within;
use super::fairness::Fairness;
use super::ladder::{self, Rungs};
use super::matches::Matches;
use super::tree::Tree;

/// A minimum-cost assignment of participants to supporters, checked when it was built.
///
/// * Each of the participants `0..participants()` has one place to fill, or several with a different supporter each;
///   a place may stay empty at a price.
/// * Each of the supporters `0..supporters()` has a capacity, a firm minimum (0 unless stated) and convex prices for
///   its 1st, 2nd, ... match.
/// * Supporters may stand under groups, groups under groups; each limits the matches below it and may have a firm
///   minimum.
/// * A pair says which supporter a participant may take and at what cost. What is no pair is no option.
/// * A pin is a match that is already fixed: it occupies places and counts in the objective, and is not optimised.
/// * The objective is a ladder of [`Rung`](super::Rung)s, each minimised exactly before the next.
///
/// All costs are integers and lower is better.
#[derive(Debug, Clone)]
pub struct Problem {
    /// Where each row begins and, unless `ends` says otherwise, the one before it ends.
    pub(super) offsets: Vec<usize>,
    /// Where each row ends, in a part of a problem, which shares the pairs of the whole; else empty.
    pub(super) ends: Vec<usize>,
    pub(super) pair_supporters: Arc<Vec<u32>>,
    pub(super) pair_costs: Costs,
    /// Pairs of each supporter with participants who have a place that is not pinned.
    pub(super) degrees: Vec<u32>,
    /// The parts it falls into, once that was looked at.
    pub(super) division: OnceLock<Option<Arc<Division>>>,
    pub(super) served_weights: Each<u32>,
    pub(super) unmatched_costs: Each<i64>,
    /// Places of each participant; empty where all have one.
    pub(super) places: Vec<u32>,
    pub(super) pins: Each<Option<(u32, i64)>>,
    pub(super) standing: Each<Option<u32>>,
    pub(super) load_costs: Arc<Steps>,
    pub(super) balance_costs: Arc<Steps>,
    pub(super) group_of: Arc<Vec<Option<u32>>>,
    pub(super) parent_of: Arc<Vec<Option<u32>>>,
    pub(super) tree: Arc<Tree>,
    pub(super) fairness: Fairness,
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
    /// Starts a problem with that many participants, none of whom has a pair yet. Without served weights and unmatched
    /// costs nobody minds being unmatched, see [`ProblemBuilder::pair`].
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
        if self.ends.is_empty() {
            return self.pair_supporters.len();
        }
        (0..self.ends.len()).map(|participant| self.row_range(participant).len()).sum()
    }

    /// The supporters a participant may take, ascending, and the quality cost of each.
    ///
    /// # Panics
    /// If there is no such participant, like a slice; so do the other accessors that take an index.
    pub fn row(&self, participant: u32) -> impl ExactSizeIterator<Item = (u32, i64)> + Clone + '_ {
        let (supporters, costs) = self.row_parts(participant as usize);
        Row::new(supporters, costs)
    }

    /// The same, each in one piece.
    #[inline]
    pub(super) fn row_parts(&self, participant: usize) -> (&[u32], CostSlice<'_>) {
        let range = self.row_range(participant);
        (&self.pair_supporters[range.clone()], self.pair_costs.of(range))
    }

    /// This problem with other pairs, packed so that any pair within the bounds on costs could be added; `None` if that
    /// does not fit 128 bits. The rows are known to be sorted and in range.
    pub(super) fn with_rows(
        &self,
        (offsets, pair_supporters, pair_costs): (Vec<usize>, Arc<Vec<u32>>, Costs),
        bounds: (i64, i64),
    ) -> Option<Self> {
        let mut problem = Self {
            offsets,
            ends: Vec::new(),
            pair_supporters,
            pair_costs,
            degrees: Vec::new(),
            division: OnceLock::new(),
            served_weights: self.served_weights.clone(),
            places: self.places.clone(),
            fairness: self.fairness,
            unmatched_costs: self.unmatched_costs.clone(),
            pins: self.pins.clone(),
            standing: self.standing.clone(),
            load_costs: self.load_costs.clone(),
            balance_costs: self.balance_costs.clone(),
            group_of: self.group_of.clone(),
            parent_of: self.parent_of.clone(),
            tree: self.tree.clone(),
            scales: self.scales,
            largest_cost: self.largest_cost,
        };
        let extent;
        (extent, problem.degrees) = extent_within(&problem, Some(bounds));
        (problem.scales, problem.largest_cost) = ladder::scales(&extent)?;
        Some(problem)
    }

    #[inline]
    pub(super) fn row_range(&self, participant: usize) -> std::ops::Range<usize> {
        let end = if self.ends.is_empty() { self.offsets[participant + 1] } else { self.ends[participant] };
        self.offsets[participant]..end
    }

    /// Whose pair that is, by its place among all. O(log participants).
    pub(super) fn participant_of(&self, pair: usize) -> u32 {
        self.offsets.partition_point(|&start| start <= pair) as u32 - 1
    }

    /// The quality cost of a pair, `None` if there is no such pair; O(log of the row).
    pub fn pair_cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        let (supporters, costs) = self.row_parts(participant as usize);
        supporters.binary_search(&supporter).ok().map(|at| costs.at(at))
    }

    /// Places a participant has to fill, each with another supporter; its pin fills one of them.
    pub fn places(&self, participant: u32) -> u32 {
        self.places_of(participant as usize)
    }

    pub(super) fn places_of(&self, participant: usize) -> u32 {
        self.places.get(participant).copied().unwrap_or(1)
    }

    /// Places of a participant that are not pinned.
    pub(super) fn free_places(&self, participant: usize) -> u32 {
        self.places_of(participant) - u32::from(self.pins[participant].is_some())
    }

    /// Whether no participant has more than one place.
    pub(super) fn single_places(&self) -> bool {
        self.places.is_empty()
    }

    /// Cost in the served rung of each place of a participant that stays empty.
    pub fn served_weight(&self, participant: u32) -> u32 {
        self.served_weights[participant as usize]
    }

    /// Cost in the quality rung of each place of a participant that stays empty.
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

    /// Firm minimum of a supporter's matches, pinned ones counted in; 0 for one that is not there.
    pub fn minimum(&self, supporter: u32) -> u32 {
        if supporter < self.supporters() { self.tree.minimum(supporter as usize) } else { 0 }
    }

    /// Firm minimum of the matches below a group, pinned ones counted in; 0 for one that is not there.
    pub fn group_minimum(&self, group: u32) -> u32 {
        self.tree.minimum(self.group_of.len() + group as usize)
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

    /// How the quality of single participants is weighed against each other.
    pub fn fairness(&self) -> Fairness {
        self.fairness
    }

    /// What one unit of each rung weighs in a packed cost; 0 for a rung in which nothing costs anything.
    pub fn scales(&self) -> Rungs {
        self.scales
    }

    /// What an assignment costs, by rung, pins included; `None` if an index is out of range, a participant has no such
    /// pair, the same one twice or more than it has places for, or lacks its pin. Capacities are not looked at.
    /// O(matches log row + supporters + groups).
    pub fn objective(&self, matches: &Matches) -> Option<Rungs> {
        self.objective_with(matches, |participant, supporter| self.pair_cost(participant as u32, supporter))
    }

    /// The same where the quality cost of the pair that each unpinned participant has is known.
    pub(super) fn objective_with(
        &self,
        matches: &Matches,
        pair_cost: impl Fn(usize, u32) -> Option<i64>,
    ) -> Option<Rungs> {
        if matches.participants() != self.unmatched_costs.len() {
            return None;
        }
        let mut sum = Rungs::default();
        let mut loads = vec![0_u32; self.group_of.len()];
        for participant in 0..self.unmatched_costs.len() {
            let chosen = matches.of(participant as u32);
            if self.standing[participant].is_some_and(|standing| !chosen.contains(&standing)) {
                sum.change += 1;
            }
            let empty = i128::from(self.places_of(participant)) - chosen.len() as i128;
            if empty < 0 || chosen.windows(2).any(|two| two[0] >= two[1]) {
                return None;
            }
            sum.served += i128::from(self.served_weights[participant]) * empty;
            sum.quality += i128::from(self.unmatched_costs[participant]) * empty;
            let pin = self.pins[participant];
            if pin.is_some_and(|(pinned, _)| !chosen.contains(&pinned)) {
                return None;
            }
            for &s in chosen {
                let cost = match pin {
                    Some((pinned, cost)) if pinned == s => Some(cost),
                    _ => pair_cost(participant, s),
                }?;
                sum.quality += i128::from(cost);
                *loads.get_mut(s as usize)? += 1;
            }
        }
        for (s, &load) in loads.iter().enumerate() {
            sum.quality += prefix_sum(self.load_costs.of(s), load);
            sum.balance += prefix_sum(self.balance_costs.of(s), load);
        }
        if !self.tree.minimum.is_empty() {
            sum.required = self.shortfall(&self.tree.flows(loads));
        }
        Some(sum)
    }

    /// What is missing below the firm minimums, given the units above each supporter and group.
    pub(super) fn shortfall(&self, flows: &[u64]) -> i128 {
        let missing = |(&minimum, &flow): (&u32, &u64)| i128::from(u64::from(minimum).saturating_sub(flow));
        self.tree.minimum.iter().zip(flows).map(missing).sum()
    }
}

/// The cost of the first `load` matches when the last stated step repeats.
pub(super) fn prefix_sum(steps: &[i64], load: u32) -> i128 {
    let stated = steps.len().min(load as usize);
    let sum: i128 = steps[..stated].iter().map(|&step| i128::from(step)).sum();
    let last = steps.last().map_or(0, |&step| i128::from(step));
    sum + last * (i128::from(load) - stated as i128)
}
