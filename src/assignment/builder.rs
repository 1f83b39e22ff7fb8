//! Collecting a problem and checking it, once.

use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::costs::Costs;
use super::extent::extent_within;
use super::fairness::Fairness;
use super::faults::{self, Faults};
use super::general::longest_path;
use super::ladder;
use super::problem::{Problem, Steps};
use super::tree::Tree;
use crate::error::{Error, Result};

/// One supporter, as given to [`ProblemBuilder::supporter`].
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
#[non_exhaustive]
pub struct Supporter {
    /// Places, those taken by pins included.
    pub capacity: u32,
    /// Marginal quality cost of the 1st, 2nd, ... match; see [`Supporter::load_cost`].
    pub load_cost: Vec<i64>,
    /// Marginal balance cost of the 1st, 2nd, ... match; see [`Supporter::balance_cost`].
    pub balance_cost: Vec<i64>,
    /// The group it stands under.
    pub group: Option<u32>,
    /// Matches it must have, those of pins included; see [`Supporter::minimum`].
    pub minimum: u32,
}

impl Supporter {
    /// A supporter with that many places, under no group, whose load costs nothing.
    pub fn new(capacity: u32) -> Self {
        Self { capacity, ..Self::default() }
    }

    /// Marginal costs, in the quality rung, of the 1st, 2nd, ... match. They may not fall; they may be negative, so
    /// that a wished minimum is a bonus on the first places. The last one repeats up to the capacity.
    #[must_use]
    pub fn load_cost(mut self, steps: impl Into<Vec<i64>>) -> Self {
        self.load_cost = steps.into();
        self
    }

    /// Marginal costs, in the balance rung, of the 1st, 2nd, ... match; the same rules as for the load cost.
    #[must_use]
    pub fn balance_cost(mut self, steps: impl Into<Vec<i64>>) -> Self {
        self.balance_cost = steps.into();
        self
    }

    /// The group whose limit it counts against.
    #[must_use]
    pub fn group(mut self, group: u32) -> Self {
        self.group = Some(group);
        self
    }

    /// A firm minimum: matches it must have, those of pins included. Where not all firm minimums can be met, a solve is
    /// an error that names who clashes; a minimum that is only wished is a bonus on the first places, see
    /// [`load_cost`](Self::load_cost).
    #[must_use]
    pub fn minimum(mut self, matches: u32) -> Self {
        self.minimum = matches;
        self
    }
}

/// Collects a [`Problem`]; nothing is checked before [`build`](Self::build).
#[derive(Debug, Clone, Default)]
pub struct ProblemBuilder {
    participants: u32,
    served_weights: Option<Vec<u32>>,
    unmatched_costs: Option<Vec<i64>>,
    unmatched: Vec<(u32, u32, i64)>,
    supporters: Vec<Supporter>,
    groups: Vec<(u32, Option<u32>)>,
    group_minimums: Vec<(u32, u32)>,
    places: Vec<(u32, u32)>,
    fairness: Fairness,
    pairs: Vec<(u32, u32, i64)>,
    rows: Option<(Vec<usize>, Vec<u32>, Costs)>,
    pins: Vec<(u32, u32, i64)>,
    standing: Vec<(u32, u32)>,
}

impl ProblemBuilder {
    /// A problem with that many participants, none of whom has a pair yet.
    pub fn new(participants: u32) -> Self {
        Self { participants, ..Self::default() }
    }

    /// Adds a supporter and returns its number: 0 for the first, and so on.
    pub fn supporter(&mut self, supporter: Supporter) -> u32 {
        self.supporters.push(supporter);
        self.supporters.len() as u32 - 1
    }

    /// Adds a group that allows `capacity` matches below it, under `parent` if any, and returns its number.
    ///
    /// A parent may be added after its children.
    pub fn group(&mut self, capacity: u32, parent: Option<u32>) -> u32 {
        self.groups.push((capacity, parent));
        self.groups.len() as u32 - 1
    }

    /// Sets the firm minimum of a group: matches there must be below it, those of pins included. A later call for the
    /// same group replaces the earlier one.
    pub fn group_minimum(&mut self, group: u32, matches: u32) -> &mut Self {
        self.group_minimums.push((group, matches));
        self
    }

    /// Sets how many places a participant has to fill, each with another supporter; 1 unless stated. A primary and a
    /// backup supporter are two places, the reviewers of a paper three or four. A later call for the same participant
    /// replaces the earlier one.
    pub fn places(&mut self, participant: u32, places: u32) -> &mut Self {
        self.places.push((participant, places));
        self
    }

    /// Chooses how the quality of single participants is weighed against each other: by the sum unless stated.
    pub fn fairness(&mut self, fairness: Fairness) -> &mut Self {
        self.fairness = fairness;
        self
    }

    /// What it costs to leave one participant unmatched: `served_weight` in the served rung (0 when nobody minds),
    /// `cost` in the quality rung. Both are 0 unless stated. A participant with several places pays for each that
    /// stays empty.
    pub fn unmatched(&mut self, participant: u32, served_weight: u32, cost: i64) -> &mut Self {
        self.unmatched.push((participant, served_weight, cost));
        self
    }

    /// The served weights of all participants at once: who is matched first where not all can be. They are ranks rather
    /// than prices: of all assignments the best ones match as many as possible of the highest weight, among these as
    /// many as possible of the next, and so on (see [`Rung::Served`](super::Rung::Served)). 1 for each matches as many
    /// as possible. [`unmatched`](Self::unmatched) overrides single ones.
    pub fn served_weights(&mut self, weights: Vec<u32>) -> &mut Self {
        self.served_weights = Some(weights);
        self
    }

    /// The unmatched costs of all participants at once; [`unmatched`](Self::unmatched) overrides single ones.
    pub fn unmatched_costs(&mut self, costs: Vec<i64>) -> &mut Self {
        self.unmatched_costs = Some(costs);
        self
    }

    /// Allows a participant to take a supporter at a cost in the quality rung; a negative one is a gain.
    ///
    /// A pair is only used where that is better than leaving the participant unmatched: with positive costs, state
    /// [`served_weights`](Self::served_weights) or [`unmatched_costs`](Self::unmatched_costs), or nobody is matched.
    pub fn pair(&mut self, participant: u32, supporter: u32, cost: i64) -> &mut Self {
        self.pairs.push((participant, supporter, cost));
        self
    }

    /// All pairs at once, in compressed rows: the pairs of participant `p` are `offsets[p]..offsets[p + 1]`, sorted by
    /// supporter. The vectors are kept as they are, but for costs in 64 bits that all fit 32. Replaces an earlier call
    /// and excludes [`pair`](Self::pair).
    pub fn pairs_csr(
        &mut self,
        offsets: Vec<usize>,
        supporters: Vec<u32>,
        costs: impl Into<Costs>,
    ) -> &mut Self {
        self.rows = Some((offsets, supporters, costs.into()));
        self
    }

    /// Fixes a match: it occupies a place of the participant, of the supporter and of its groups and counts in the
    /// objective at `cost`, whether or not there is such a pair. With one place the participant's pairs are ignored;
    /// with several, the others are still to be filled.
    pub fn pin(&mut self, participant: u32, supporter: u32, cost: i64) -> &mut Self {
        self.pins.push((participant, supporter, cost));
        self
    }

    /// States the match a participant has now: not to keep it costs 1 in the change rung. A later call for the same
    /// participant replaces the earlier one.
    pub fn standing(&mut self, participant: u32, supporter: u32) -> &mut Self {
        self.standing.push((participant, supporter));
        self
    }

    /// Checks everything and lays the problem out; the error tells every fault, the first 50 in full. O(pairs), or
    /// O(pairs log pairs) if they were given one by one.
    ///
    /// # Errors
    /// [`Error::is_problem`] for an index out of range, a duplicate or unsorted pair, rows that do not fit the number
    /// of participants, load costs that fall, a second pin of one participant, groups that form a cycle, pins beyond a
    /// capacity, a firm minimum above the capacity of the same supporter or group, or a participant without a place;
    /// the message names the participant, supporter or group. [`Error::is_overflow`] if the packed
    /// ladder does not fit 128 bits; the message gives the sums.
    pub fn build(self) -> Result<Problem> {
        let participants = self.participants as usize;
        let nodes = participants as u64 + self.supporters.len() as u64 + self.groups.len() as u64;
        if nodes >= u64::from(u32::MAX) - 1 {
            return Err(Error::problem(format!(
                "{nodes} participants, supporters and groups are more than a problem can number (2^32 - 2)"
            )));
        }
        let mut faults = Faults::default();
        let count = self.supporters.len() as u32;
        let groups = self.groups.len() as u32;

        let mut served_weights = faults.sized(self.served_weights, participants, "served weight");
        let mut unmatched_costs = faults.sized(self.unmatched_costs, participants, "unmatched cost");
        for (participant, weight, cost) in self.unmatched {
            if faults.in_range("an unmatched cost", "participant", participant, self.participants) {
                served_weights[participant as usize] = weight;
                unmatched_costs[participant as usize] = cost;
            }
        }

        let (offsets, pair_supporters, pair_costs) = match self.rows {
            None => faults::rows_of(self.pairs, self.participants, count, &mut faults),
            Some(rows) => {
                if !self.pairs.is_empty() {
                    faults.add(|| "pairs were given both one by one and as rows; choose one way".to_owned());
                }
                faults::check_rows(&rows.0, &rows.1, rows.2.len(), participants, count, &mut faults);
                rows
            }
        };

        let places = places_of(&self.places, self.participants, &mut faults);
        let mut pins = vec![None; participants];
        for &(participant, supporter, cost) in &self.pins {
            let is_there = faults.in_range("a pin", "participant", participant, self.participants);
            let whose = || format!("the pin of participant {participant}");
            if faults.in_range(whose, "supporter", supporter, count)
                && is_there
                && pins[participant as usize].replace((supporter, cost)).is_some()
            {
                faults.add(|| {
                    format!("participant {participant} is pinned twice, the second time to supporter {supporter}; pin once")
                });
            }
        }
        let mut standing = vec![None; participants];
        for &(participant, supporter) in &self.standing {
            let is_there = faults.in_range("a standing match", "participant", participant, self.participants);
            let whose = || format!("the standing match of participant {participant}");
            if faults.in_range(whose, "supporter", supporter, count) && is_there {
                standing[participant as usize] = Some(supporter);
            }
        }

        let mut hangs_together = true;
        for (s, supporter) in self.supporters.iter().enumerate() {
            if let Some(group) = supporter.group {
                hangs_together &= faults.in_range(|| format!("supporter {s}"), "group", group, groups);
            }
            check_convex(s, "load", &supporter.load_cost, &mut faults);
            check_convex(s, "balance", &supporter.balance_cost, &mut faults);
        }
        for (g, &(_, parent)) in self.groups.iter().enumerate() {
            if let Some(parent) = parent {
                let whose = || format!("the parent of group {g}");
                hangs_together &= faults.in_range(whose, "group", parent, groups);
            }
        }
        let capacities: Vec<u32> = self.supporters.iter().map(|supporter| supporter.capacity).collect();
        let group_of: Vec<Option<u32>> = self.supporters.iter().map(|supporter| supporter.group).collect();
        let (group_capacities, parent_of): (Vec<u32>, Vec<Option<u32>>) = self.groups.into_iter().unzip();
        let minimums = minimums_of(&self.supporters, &self.group_minimums, groups, &mut faults);
        let limits = capacities.iter().chain(&group_capacities).copied();
        check_minimums(&minimums, limits, capacities.len(), &mut faults);
        let pinned = pins.iter().flatten().map(|&(supporter, _)| supporter);
        // What stands under a group that is not there cannot be laid out.
        let tree = hangs_together
            .then(|| Tree::build(&capacities, &group_of, &group_capacities, &parent_of, pinned, &mut faults));
        let Some(mut tree) = faults.unless_any(tree.flatten())? else {
            return Err(Error::problem("supporters and groups do not hang together"));
        };
        tree.minimum = minimums;

        let mut problem = Problem {
            offsets,
            ends: Vec::new(),
            pair_supporters: pair_supporters.into(),
            pair_costs,
            degrees: Vec::new(),
            division: OnceLock::new(),
            served_weights: served_weights.into(),
            unmatched_costs: unmatched_costs.into(),
            places,
            pins: pins.into(),
            standing: standing.into(),
            load_costs: steps_of(self.supporters.iter().map(|supporter| &supporter.load_cost[..])).into(),
            balance_costs: steps_of(self.supporters.iter().map(|supporter| &supporter.balance_cost[..]))
                .into(),
            group_of: group_of.into(),
            parent_of: parent_of.into(),
            tree: tree.into(),
            fairness: self.fairness,
            scales: ladder::Rungs::default(),
            largest_cost: 0,
        };
        let extent;
        (extent, problem.degrees) = extent_within(&problem, None);
        let Some((scales, largest_cost)) = ladder::scales(&extent) else {
            return Err(Error::overflow(format!(
                "the rungs cannot be packed into 128 bits: they can differ by {} between assignments; use smaller costs",
                extent.range
            )));
        };
        problem.scales = scales;
        problem.largest_cost = largest_cost;
        let fits = || longest_path(nodes as usize, largest_cost).is_some_and(|path| path <= i128::MAX >> 1);
        if !problem.single_places() && !fits() {
            return Err(Error::overflow(format!(
                "with several places for a participant, {nodes} single packed costs up to {largest_cost} must fit 123 \
                 bits together; the rungs can differ by {} between assignments; use smaller costs",
                extent.range
            )));
        }
        // Found here once, so that no solve has to.
        problem.division();
        Ok(problem)
    }
}

/// Places by participant, empty if everyone has one.
fn places_of(stated: &[(u32, u32)], participants: u32, faults: &mut Faults) -> Vec<u32> {
    if stated.is_empty() {
        return Vec::new();
    }
    let mut places = vec![1_u32; participants as usize];
    for &(participant, count) in stated {
        if !faults.in_range("a number of places", "participant", participant, participants) {
            continue;
        }
        if count == 0 {
            faults.add(|| {
                format!(
                    "participant {participant} has 0 places; give it at least one, or leave out its pairs"
                )
            });
        }
        places[participant as usize] = count;
    }
    let total: u64 = places.iter().copied().map(u64::from).sum();
    if total >= u64::from(u32::MAX) {
        faults.add(|| {
            format!("participants have {total} places in all, more than a problem can number (2^32 - 2)")
        });
    }
    if places.iter().all(|&count| count == 1) { Vec::new() } else { places }
}

/// Firm minimums by supporter and group, empty if nobody has one.
fn minimums_of(
    supporters: &[Supporter],
    stated: &[(u32, u32)],
    groups: u32,
    faults: &mut Faults,
) -> Vec<u32> {
    let mut minimums: Vec<u32> = supporters.iter().map(|supporter| supporter.minimum).collect();
    minimums.resize(supporters.len() + groups as usize, 0);
    for &(group, minimum) in stated {
        if faults.in_range("a firm minimum", "group", group, groups) {
            minimums[supporters.len() + group as usize] = minimum;
        }
    }
    if minimums.iter().all(|&minimum| minimum == 0) { Vec::new() } else { minimums }
}

fn check_minimums(
    minimums: &[u32],
    capacities: impl Iterator<Item = u32>,
    supporters: usize,
    faults: &mut Faults,
) {
    for (v, (&minimum, capacity)) in minimums.iter().zip(capacities).enumerate() {
        if minimum > capacity {
            let (kind, index) = if v < supporters { ("supporter", v) } else { ("group", v - supporters) };
            faults.add(|| {
                format!(
                    "{kind} {index} has a firm minimum of {minimum} but a capacity of {capacity}; raise the capacity or \
                     lower the minimum"
                )
            });
        }
    }
}

fn check_convex(supporter: usize, what: &str, steps: &[i64], faults: &mut Faults) {
    for (at, two) in steps.windows(2).enumerate().filter(|(_, two)| two[1] < two[0]) {
        faults.add(|| {
            format!(
                "the {what} cost of supporter {supporter} falls from {} to {} at match {}; each match may cost no less \
                 than the one before",
                two[0],
                two[1],
                at + 2
            )
        });
    }
}

fn steps_of<'a>(lists: impl Iterator<Item = &'a [i64]>) -> Steps {
    let mut steps = Steps { offsets: vec![0], values: Vec::new() };
    for list in lists {
        steps.values.extend_from_slice(list);
        steps.offsets.push(steps.values.len());
    }
    steps
}
