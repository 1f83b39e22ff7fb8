//! Collecting a problem and checking it, once.

use std::sync::OnceLock;

use super::fairness::Fairness;
use super::general::longest_path;
use super::ladder::{self, Extent, Rung};
use super::problem::{Problem, Steps, prefix_sum};
use super::tree::Tree;
use crate::error::{Error, Result};

/// One supporter, as given to [`ProblemBuilder::supporter`].
#[derive(Debug, Clone, Default, PartialEq, Eq)]
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
    rows: Option<(Vec<usize>, Vec<u32>, Vec<i64>)>,
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

    /// The served weights of all participants at once; [`unmatched`](Self::unmatched) overrides single ones.
    pub fn served_weights(&mut self, weights: Vec<u32>) -> &mut Self {
        self.served_weights = Some(weights);
        self
    }

    /// The unmatched costs of all participants at once; [`unmatched`](Self::unmatched) overrides single ones.
    pub fn unmatched_costs(&mut self, costs: Vec<i64>) -> &mut Self {
        self.unmatched_costs = Some(costs);
        self
    }

    /// Allows a participant to take a supporter at a cost in the quality rung.
    pub fn pair(&mut self, participant: u32, supporter: u32, cost: i64) -> &mut Self {
        self.pairs.push((participant, supporter, cost));
        self
    }

    /// All pairs at once, in compressed rows: the pairs of participant `p` are `offsets[p]..offsets[p + 1]`, sorted by
    /// supporter. The vectors are kept as they are. Replaces an earlier call and excludes [`pair`](Self::pair).
    pub fn pairs_csr(&mut self, offsets: Vec<usize>, supporters: Vec<u32>, costs: Vec<i64>) -> &mut Self {
        self.rows = Some((offsets, supporters, costs));
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

    /// Checks everything and lays the problem out. O(pairs), or O(pairs log pairs) if they were given one by one.
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
        let count = self.supporters.len() as u32;

        let mut served_weights = sized(self.served_weights, participants, "served weights")?;
        let mut unmatched_costs = sized(self.unmatched_costs, participants, "unmatched costs")?;
        for (participant, weight, cost) in self.unmatched {
            in_range("the unmatched cost", "participant", participant, self.participants)?;
            served_weights[participant as usize] = weight;
            unmatched_costs[participant as usize] = cost;
        }

        let (offsets, pair_supporters, pair_costs) = match self.rows {
            None => rows_of(self.pairs, self.participants, count)?,
            Some(_) if !self.pairs.is_empty() => {
                return Err(Error::problem("pairs were given both one by one and as rows; choose one way"));
            }
            Some(rows) => {
                check_rows(&rows.0, &rows.1, &rows.2, participants, count)?;
                rows
            }
        };

        let places = places_of(&self.places, self.participants)?;
        let mut pins = vec![None; participants];
        for &(participant, supporter, cost) in &self.pins {
            in_range("a pin", "participant", participant, self.participants)?;
            in_range(&format!("the pin of participant {participant}"), "supporter", supporter, count)?;
            if pins[participant as usize].replace((supporter, cost)).is_some() {
                return Err(Error::problem(format!(
                    "participant {participant} is pinned twice, the second time to supporter {supporter}; pin once"
                )));
            }
        }
        let mut standing = vec![None; participants];
        for &(participant, supporter) in &self.standing {
            in_range("a standing match", "participant", participant, self.participants)?;
            in_range(
                &format!("the standing match of participant {participant}"),
                "supporter",
                supporter,
                count,
            )?;
            standing[participant as usize] = Some(supporter);
        }

        let groups = self.groups.len() as u32;
        for (s, supporter) in self.supporters.iter().enumerate() {
            if let Some(group) = supporter.group {
                in_range(&format!("supporter {s}"), "group", group, groups)?;
            }
            check_convex(s, "load", &supporter.load_cost)?;
            check_convex(s, "balance", &supporter.balance_cost)?;
        }
        for (g, &(_, parent)) in self.groups.iter().enumerate() {
            if let Some(parent) = parent {
                in_range(&format!("the parent of group {g}"), "group", parent, groups)?;
            }
        }
        let capacities: Vec<u32> = self.supporters.iter().map(|supporter| supporter.capacity).collect();
        let group_of: Vec<Option<u32>> = self.supporters.iter().map(|supporter| supporter.group).collect();
        let (group_capacities, parent_of): (Vec<u32>, Vec<Option<u32>>) = self.groups.into_iter().unzip();
        let minimums = minimums_of(&self.supporters, &self.group_minimums, groups)?;
        let mut tree = Tree::build(
            &capacities,
            &group_of,
            &group_capacities,
            &parent_of,
            pins.iter().flatten().map(|&(supporter, _)| supporter),
        )?;
        check_minimums(&minimums, &tree)?;
        tree.minimum = minimums;

        let mut problem = Problem {
            offsets,
            ends: Vec::new(),
            pair_supporters: pair_supporters.into(),
            pair_costs: pair_costs.into(),
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

fn sized<T: Clone + Default>(values: Option<Vec<T>>, participants: usize, what: &str) -> Result<Vec<T>> {
    match values {
        None => Ok(vec![T::default(); participants]),
        Some(values) if values.len() == participants => Ok(values),
        Some(values) => Err(Error::problem(format!(
            "{} {what} were given for {participants} participants; give one for each",
            values.len()
        ))),
    }
}

fn in_range(whose: &str, kind: &str, index: u32, count: u32) -> Result<()> {
    if index < count {
        return Ok(());
    }
    Err(Error::problem(format!("{whose} names {kind} {index}, but there are {count}; numbers start at 0")))
}

/// Places by participant, empty if everyone has one.
fn places_of(stated: &[(u32, u32)], participants: u32) -> Result<Vec<u32>> {
    if stated.is_empty() {
        return Ok(Vec::new());
    }
    let mut places = vec![1_u32; participants as usize];
    for &(participant, count) in stated {
        in_range("a number of places", "participant", participant, participants)?;
        if count == 0 {
            return Err(Error::problem(format!(
                "participant {participant} has 0 places; give it at least one, or leave out its pairs"
            )));
        }
        places[participant as usize] = count;
    }
    let total: u64 = places.iter().copied().map(u64::from).sum();
    if total >= u64::from(u32::MAX) {
        return Err(Error::problem(format!(
            "participants have {total} places in all, more than a problem can number (2^32 - 2)"
        )));
    }
    Ok(if places.iter().all(|&count| count == 1) { Vec::new() } else { places })
}

/// Firm minimums by supporter and group, empty if nobody has one.
fn minimums_of(supporters: &[Supporter], stated: &[(u32, u32)], groups: u32) -> Result<Vec<u32>> {
    let mut minimums: Vec<u32> = supporters.iter().map(|supporter| supporter.minimum).collect();
    minimums.resize(supporters.len() + groups as usize, 0);
    for &(group, minimum) in stated {
        in_range("a firm minimum", "group", group, groups)?;
        minimums[supporters.len() + group as usize] = minimum;
    }
    Ok(if minimums.iter().all(|&minimum| minimum == 0) { Vec::new() } else { minimums })
}

fn check_minimums(minimums: &[u32], tree: &Tree) -> Result<()> {
    let beyond = minimums.iter().zip(&tree.capacity).position(|(minimum, capacity)| minimum > capacity);
    let Some(v) = beyond else { return Ok(()) };
    let (kind, index) = if v < tree.supporters { ("supporter", v) } else { ("group", v - tree.supporters) };
    Err(Error::problem(format!(
        "{kind} {index} has a firm minimum of {} but a capacity of {}; raise the capacity or lower the minimum",
        minimums[v], tree.capacity[v]
    )))
}

fn check_convex(supporter: usize, what: &str, steps: &[i64]) -> Result<()> {
    match steps.windows(2).position(|pair| pair[1] < pair[0]) {
        None => Ok(()),
        Some(at) => Err(Error::problem(format!(
            "the {what} cost of supporter {supporter} falls from {} to {} at match {}; each match may cost no less \
             than the one before",
            steps[at],
            steps[at + 1],
            at + 2
        ))),
    }
}

type Rows = (Vec<usize>, Vec<u32>, Vec<i64>);

fn rows_of(mut pairs: Vec<(u32, u32, i64)>, participants: u32, supporters: u32) -> Result<Rows> {
    pairs.sort_unstable();
    let mut offsets = vec![0; participants as usize + 1];
    for &(participant, supporter, _) in &pairs {
        in_range(&format!("a pair with supporter {supporter}"), "participant", participant, participants)?;
        in_range(&format!("a pair of participant {participant}"), "supporter", supporter, supporters)?;
        offsets[participant as usize + 1] += 1;
    }
    if let Some(twice) = pairs.windows(2).find(|two| (two[0].0, two[0].1) == (two[1].0, two[1].1)) {
        return Err(duplicate(twice[0].0 as usize, twice[0].1));
    }
    for p in 0..participants as usize {
        offsets[p + 1] += offsets[p];
    }
    Ok((offsets, pairs.iter().map(|pair| pair.1).collect(), pairs.iter().map(|pair| pair.2).collect()))
}

fn duplicate(participant: usize, supporter: u32) -> Error {
    Error::problem(format!("participant {participant} has two pairs with supporter {supporter}; keep one"))
}

fn check_rows(
    offsets: &[usize],
    supporters: &[u32],
    costs: &[i64],
    participants: usize,
    count: u32,
) -> Result<()> {
    if offsets.len() != participants + 1 {
        return Err(Error::problem(format!(
            "{} row offsets were given for {participants} participants; there must be one more than participants",
            offsets.len()
        )));
    }
    if supporters.len() != costs.len() {
        return Err(Error::problem(format!(
            "{} pair supporters but {} pair costs were given; there must be as many of each",
            supporters.len(),
            costs.len()
        )));
    }
    if offsets[0] != 0 || offsets[participants] != supporters.len() {
        return Err(Error::problem(format!(
            "the rows span {}..{} but there are {} pairs; the first offset is 0 and the last the number of pairs",
            offsets[0],
            offsets[participants],
            supporters.len()
        )));
    }
    for participant in 0..participants {
        let (start, end) = (offsets[participant], offsets[participant + 1]);
        let Some(row) = supporters.get(start..end) else {
            return Err(Error::problem(format!(
                "the row of participant {participant} spans {start}..{end} of {} pairs; offsets may not fall",
                supporters.len()
            )));
        };
        let mut previous = None;
        for &supporter in row {
            if supporter >= count {
                return in_range(
                    &format!("a pair of participant {participant}"),
                    "supporter",
                    supporter,
                    count,
                );
            }
            if previous == Some(supporter) {
                return Err(duplicate(participant, supporter));
            }
            if previous > Some(supporter) {
                return Err(Error::problem(format!(
                    "the row of participant {participant} is not sorted: supporter {supporter} comes after a higher one"
                )));
            }
            previous = Some(supporter);
        }
    }
    Ok(())
}

fn steps_of<'a>(lists: impl Iterator<Item = &'a [i64]>) -> Steps {
    let mut steps = Steps { offsets: vec![0], values: Vec::new() };
    for list in lists {
        steps.values.extend_from_slice(list);
        steps.offsets.push(steps.values.len());
    }
    steps
}

/// How large each rung can get, and how far two feasible assignments can differ in it.
///
/// Per participant the difference between the dearest and the cheapest outcome, per supporter the difference between
/// the dearest and the cheapest load it can have. Firm minimums can be missed by what they ask for beyond the pins; one
/// match more can help with as many of them as lie on its way up.
pub(super) fn extent_of(problem: &Problem) -> Extent {
    extent_within(problem, None).0
}

/// The same when any other pair may be added, as long as its cost is within these bounds, and the degrees of
/// supporters.
pub(super) fn extent_within(problem: &Problem, bounds: Option<(i64, i64)>) -> (Extent, Vec<u32>) {
    let mut extent = Extent::default();
    let mut degrees = vec![0_u32; problem.group_of.len()];
    let mut note = |rung: Rung, range: i128, single: i128, total: i128| {
        *extent.range.get_mut(rung) += range;
        let largest = extent.single.get_mut(rung);
        *largest = single.max(*largest);
        *extent.total.get_mut(rung) += total;
    };
    for participant in 0..problem.unmatched_costs.len() {
        let mut standing = i128::from(problem.standing[participant].is_some());
        if let Some((supporter, cost)) = problem.pins[participant] {
            let cost = i128::from(cost).abs();
            let changed = i128::from(problem.standing[participant].is_some_and(|other| other != supporter));
            note(Rung::Quality, 0, cost, cost);
            note(Rung::Change, 0, changed, changed);
            standing = changed;
        }
        let places = i128::from(problem.free_places(participant));
        if places == 0 {
            continue;
        }
        let row = problem.row_range(participant);
        for &supporter in &problem.pair_supporters[row.clone()] {
            degrees[supporter as usize] += 1;
        }
        let weight = i128::from(problem.served_weights[participant]);
        let unmatched = problem.unmatched_costs[participant];
        let (low, high) = problem.pair_costs[row]
            .iter()
            .fold((unmatched, unmatched), |(low, high), &cost| (low.min(cost), high.max(cost)));
        let (low, high) =
            bounds.map_or((low, high), |(lowest, highest)| (low.min(lowest), high.max(highest)));
        let (low, high) = (i128::from(low), i128::from(high));
        let largest = low.abs().max(high.abs());
        note(Rung::Served, weight * places, weight, weight * places);
        note(Rung::Quality, (high - low) * places, largest, largest * places);
        note(Rung::Change, standing, standing, standing);
    }
    let tree = &problem.tree;
    let asks = |node: usize| tree.minimum(node).saturating_sub(tree.pinned[node]);
    let mut on_the_way = vec![0_i128; tree.root() + 1];
    for node in tree.top_down().into_iter().map(|v| v as usize).filter(|_| !tree.minimum.is_empty()) {
        on_the_way[node] = on_the_way[tree.parent[node] as usize] + i128::from(tree.minimum(node) > 0);
        note(Rung::Required, asks(node).into(), on_the_way[node], tree.minimum(node).into());
    }
    for (supporter, &degree) in degrees.iter().enumerate() {
        let degree = if bounds.is_some() { problem.participants() } else { degree };
        let pinned = problem.tree.pinned[supporter];
        let most = problem.tree.capacity[supporter].min(pinned.saturating_add(degree));
        for (rung, steps) in [(Rung::Quality, &problem.load_costs), (Rung::Balance, &problem.balance_costs)] {
            let steps = steps.of(supporter);
            // The marginal costs rise, so the total is convex in the load: lowest where they turn positive.
            let negative = steps.iter().take_while(|&&step| step < 0).count();
            let turn = if negative == steps.len() { most } else { (negative as u32).clamp(pinned, most) };
            let at = |load: u32| prefix_sum(steps, load);
            let (first, lowest, last) = (at(pinned), at(turn.max(pinned)), at(most));
            let magnitude = |step: Option<&i64>| step.map_or(0, |&step| i128::from(step).abs());
            let reached = &steps[..steps.len().min(most as usize)];
            // A search may look at the price of a place that no participant is left to take.
            let visible = &steps[..steps.len().min(problem.tree.capacity[supporter] as usize)];
            note(
                rung,
                first.max(last) - first.min(last).min(lowest),
                magnitude(visible.first()).max(magnitude(visible.last())),
                reached.iter().map(|&step| i128::from(step).abs()).sum::<i128>()
                    + magnitude(reached.last()) * i128::from(most),
            );
        }
    }
    (extent, degrees)
}
