//! The whole question as a 0/1 program: variables in groups of which so many are taken, and rows.
//!
//! A group is a participant, of whose variables as many are taken as it has places: its pairs, and for each place one
//! variable that says it stays empty. Auxiliary variables stand in no group. A block is a supporter; it ties together
//! the variables that rows of one supporter speak of. Capacities and firm minimums are rows. Convex load costs become
//! soft rows: marginal costs that rise by `d` after the `k`-th match are a price of `d` for each match beyond `k`.

use std::ops::Range;

use super::problem::{Columns, RuleProblem};
use super::rule::{Firmness, Sense};
use crate::assignment::{Matches, Rungs};

/// No group, or no block.
pub(super) const NONE: u32 = u32::MAX;
/// A bound that is not there: below or above everything.
pub(super) const FREE: i64 = i64::MAX / 4;
/// The price of what may not be.
pub(super) const FIRM: i64 = i64::MAX;

/// `low <= sum of weights <= high`, or a price for each unit missed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Bounds {
    pub(super) low: i64,
    pub(super) high: i64,
    /// Price of each unit below `low` or above `high`; [`FIRM`] if that may not be.
    pub(super) price: i64,
}

impl Bounds {
    /// What a sum costs: nothing, a price, or `None` if it may not be.
    pub(super) fn cost(self, sum: i64) -> Option<i64> {
        let missed = (self.low - sum).max(sum - self.high).max(0);
        if missed == 0 { Some(0) } else { (self.price != FIRM).then(|| self.price.saturating_mul(missed)) }
    }
}

/// A row to be laid out: its bounds, its terms, and the row it comes from.
type NewRow = (Bounds, Vec<(u32, i64)>, u32);

/// A 0/1 program to minimise.
#[derive(Debug, Clone, Default)]
pub(super) struct Binary {
    pub(super) cost: Vec<i64>,
    /// The group of each variable; the variables of a group stand together, groups first, the others last.
    pub(super) group: Vec<u32>,
    pub(super) block: Vec<u32>,
    /// Where each group begins, and where the last one ends.
    pub(super) group_start: Vec<u32>,
    /// How many variables of each group are taken; not 0.
    pub(super) need: Vec<u32>,
    pub(super) blocks: u32,
    pub(super) bounds: Vec<Bounds>,
    row_start: Vec<u32>,
    row_terms: Vec<(u32, i64)>,
    column_start: Vec<u32>,
    column_terms: Vec<(u32, i64)>,
    /// The row of the program this one was cut from.
    pub(super) row_origin: Vec<u32>,
    /// What is paid whatever is chosen.
    pub(super) constant: i64,
    /// The variable of the program this one was cut from, or the column of the problem.
    pub(super) origin: Vec<u32>,
}

/// What a firm minimum and a capacity leave to matches that are not pinned.
fn held(minimum: u32, capacity: u32, pinned: i64) -> Bounds {
    let low = i64::from(minimum) - pinned;
    Bounds { low: if low > 0 { low } else { -FREE }, high: i64::from(capacity) - pinned, price: FIRM }
}

/// Whether a row counts heads, some of them twice at most, so that its sum is worth branching on.
pub(super) fn counts_heads(terms: &[(u32, i64)]) -> bool {
    terms.len() > 1 && terms.iter().all(|term| term.1.abs() <= 2)
}

impl Binary {
    pub(super) fn variables(&self) -> usize {
        self.cost.len()
    }

    pub(super) fn groups(&self) -> usize {
        self.group_start.len() - 1
    }

    pub(super) fn rows(&self) -> usize {
        self.bounds.len()
    }

    pub(super) fn members(&self, group: usize) -> Range<usize> {
        self.group_start[group] as usize..self.group_start[group + 1] as usize
    }

    /// The variables of a row and their weights.
    pub(super) fn row(&self, row: usize) -> &[(u32, i64)] {
        &self.row_terms[self.row_start[row] as usize..self.row_start[row + 1] as usize]
    }

    /// The rows of a variable and its weights there.
    pub(super) fn column(&self, variable: usize) -> &[(u32, i64)] {
        &self.column_terms[self.column_start[variable] as usize..self.column_start[variable + 1] as usize]
    }

    /// What a choice costs; `None` if a group has not as many as it needs or a firm row is broken.
    pub(super) fn value(&self, taken: &[bool]) -> Option<i64> {
        let of_group = |g: usize| taken[self.members(g)].iter().filter(|&&taken| taken).count();
        if (0..self.groups()).any(|g| of_group(g) != self.need[g] as usize) {
            return None;
        }
        let costs: i64 = self.cost.iter().zip(taken).filter(|pair| *pair.1).map(|pair| pair.0).sum();
        (0..self.rows()).try_fold(self.constant + costs, |sum, row| {
            let terms = self.row(row).iter().filter(|term| taken[term.0 as usize]);
            Some(sum + self.bounds[row].cost(terms.map(|term| term.1).sum())?)
        })
    }

    /// The program of a problem under rules, costs packed by `scales`. Rows that every choice keeps are left out.
    pub(super) fn of(ruled: &RuleProblem, scales: &Rungs) -> Self {
        let problem = ruled.problem();
        let columns = Columns::new(problem, ruled.auxiliaries().len());
        let (quality, served) = (scales.quality as i64, scales.served as i64);
        let (change, balance) = (scales.change as i64, scales.balance as i64);
        let mut made = Self { blocks: problem.supporters(), group_start: vec![0], ..Self::default() };
        let mut rows: Vec<NewRow> = Vec::new();

        // What is so whatever is chosen, and the variables for the rest of what a column counts.
        let mut known = vec![0_i64; columns.count()];
        let mut variables: Vec<Range<u32>> = vec![0..0; columns.count()];
        let mut pinned = vec![0_u32; problem.supporters() as usize];
        let mut at_supporter: Vec<Vec<(u32, i64)>> = vec![Vec::new(); problem.supporters() as usize];
        for participant in 0..problem.participants() {
            let range = problem.row_range(participant as usize);
            let (supporters, _) = problem.row_parts(participant as usize);
            let (standing, pin) = (problem.standing(participant), problem.pin(participant));
            let pinned_to = pin.map(|pin| pin.0);
            made.constant += i64::from(standing.is_some() && standing != pinned_to) * change;
            if let Some((supporter, cost)) = pin {
                pinned[supporter as usize] += 1;
                made.constant += cost * quality;
                if let Ok(at) = supporters.binary_search(&supporter) {
                    known[range.start + at] = 1;
                }
            }
            let free = problem.free_places(participant as usize);
            let (group, first) = (made.groups() as u32, made.cost.len());
            if free > 0 {
                for (column, (supporter, cost)) in range.zip(problem.row(participant)) {
                    if pinned_to == Some(supporter) {
                        continue;
                    }
                    // Of several places one that keeps the standing match is enough: it takes back what was added.
                    let kept = i64::from(standing == Some(supporter));
                    let variable = made.add(cost * quality - kept * change, group, supporter, column as u32);
                    variables[column] = variable..variable + 1;
                    at_supporter[supporter as usize].push((variable, 1));
                }
            }
            // Beyond its pairs a participant's places stay empty whatever is chosen.
            let need = free.min((made.cost.len() - first) as u32);
            let column = columns.unmatched(participant);
            let cost = i64::from(problem.served_weight(participant)) * served
                + problem.unmatched_cost(participant) * quality;
            made.constant += i64::from(free - need) * cost;
            known[column as usize] = i64::from(free - need);
            if need > 0 {
                let from = made.cost.len() as u32;
                for _ in 0..need {
                    made.add(cost, group, NONE, column);
                }
                variables[column as usize] = from..from + need;
                made.need.push(need);
                made.group_start.push(made.cost.len() as u32);
            }
        }
        for (number, auxiliary) in ruled.auxiliaries().iter().enumerate() {
            let column = columns.auxiliary(number as u32);
            let variable = made.add(auxiliary.cost * quality, NONE, NONE, column);
            variables[column as usize] = variable..variable + 1;
        }

        let mut below: Vec<Vec<(u32, i64)>> = vec![Vec::new(); problem.groups() as usize];
        let mut pinned_below = vec![0_i64; problem.groups() as usize];
        for (supporter, pairs) in at_supporter.into_iter().enumerate() {
            let s = supporter as u32;
            let (load, even) = (problem.load_cost(s), problem.balance_cost(s));
            let step = |at: u32| {
                let of = |steps: &[i64]| steps.get(at as usize).or(steps.last()).copied().unwrap_or(0);
                of(load) * quality + of(even) * balance
            };
            let from = pinned[supporter];
            made.constant += (0..from).map(step).sum::<i64>();
            for &(variable, _) in &pairs {
                made.cost[variable as usize] += step(from);
            }
            let most = problem.capacity(s).min(from.saturating_add(pairs.len() as u32));
            // Steps beyond those stated repeat the last.
            let stated = (load.len().max(even.len()) as u32).min(most);
            for at in from + 1..stated.max(from + 1) {
                let price = step(at) - step(at - 1);
                if price > 0 {
                    let bounds = Bounds { low: -FREE, high: i64::from(at - from), price };
                    rows.push((bounds, pairs.clone(), NONE));
                }
            }
            let bounds = held(problem.minimum(s), problem.capacity(s), from.into());
            if bounds.low != -FREE || bounds.high < pairs.len() as i64 {
                rows.push((bounds, pairs.clone(), NONE));
            }
            let mut above = problem.group(s);
            while let Some(group) = above {
                below[group as usize].extend_from_slice(&pairs);
                pinned_below[group as usize] += i64::from(from);
                above = problem.group_parent(group);
            }
        }
        for (group, pairs) in below.into_iter().enumerate() {
            let g = group as u32;
            let bounds = held(problem.group_minimum(g), problem.group_capacity(g), pinned_below[group]);
            if bounds.low != -FREE || bounds.high < pairs.len() as i64 {
                rows.push((bounds, pairs, NONE));
            }
        }
        let own_rules = rows.len();
        for (rule, row, indexed) in ruled.rows() {
            let mut offset = 0;
            let mut terms = Vec::with_capacity(indexed.terms.len());
            for &(column, weight) in &indexed.terms {
                offset += known[column as usize] * weight;
                if weight != 0 {
                    terms.extend(variables[column as usize].clone().map(|variable| (variable, weight)));
                }
            }
            let bound = row.bound - offset;
            let price = match rule.firmness {
                Firmness::Firm => FIRM,
                Firmness::Soft { price } => price * quality,
            };
            let (low, high) = match row.sense {
                Sense::AtMost => (-FREE, bound),
                Sense::AtLeast => (bound, FREE),
                Sense::Exactly => (bound, bound),
            };
            rows.push((Bounds { low, high, price }, terms, NONE));
        }
        // The others are a network, which a flow finds prices for.
        for row in &mut rows[own_rules..] {
            made.sparsify(row);
        }
        made.set_rows(rows);
        made
    }

    /// The same program with nothing costing anything: a choice of it is one that keeps the firm rows.
    pub(super) fn without_costs(&self) -> Self {
        let mut made = self.clone();
        made.cost.fill(0);
        made.constant = 0;
        for bounds in made.bounds.iter_mut().filter(|bounds| bounds.price != FIRM) {
            bounds.price = 0;
        }
        made
    }

    /// Takes multiples of "so many of the group" off a row so that it has as few terms as it can.
    ///
    /// "At most n of these people are placed" names all their pairs; "at least so many of them stay unmatched" is the
    /// same and names few variables. Beside the memory, prices on such a row no longer pull against those of the
    /// groups, without which the bound hardly rises.
    fn sparsify(&self, (bounds, terms, _): &mut NewRow) {
        terms.sort_unstable();
        let mut thin: Vec<(u32, i64)> = Vec::with_capacity(terms.len());
        let mut weights: Vec<i64> = Vec::new();
        let mut from = 0;
        while from < terms.len() {
            let group = self.group[terms[from].0 as usize];
            let length = terms[from..].iter().take_while(|t| self.group[t.0 as usize] == group).count();
            let of_group = &terms[from..from + length];
            from += length;
            if group == NONE || 2 * length <= self.members(group as usize).len() {
                thin.extend_from_slice(of_group);
                continue;
            }
            weights.clear();
            weights.extend(of_group.iter().map(|term| term.1));
            weights.sort_unstable();
            let absent = self.members(group as usize).len() - length;
            let runs = weights.chunk_by(|a, b| a == b).map(|run| (run.len(), run[0]));
            let Some((count, base)) = runs.max_by_key(|run| run.0).filter(|run| run.0 > absent) else {
                thin.extend_from_slice(of_group);
                continue;
            };
            debug_assert!(count <= length);
            let mut there = of_group.iter().peekable();
            for v in self.members(group as usize) {
                let weight = there.next_if(|term| term.0 as usize == v).map_or(0, |term| term.1);
                if weight != base {
                    thin.push((v as u32, weight - base));
                }
            }
            let off = base * i64::from(self.need[group as usize]);
            if bounds.low != -FREE {
                bounds.low -= off;
            }
            if bounds.high != FREE {
                bounds.high -= off;
            }
        }
        *terms = thin;
    }

    /// The other way: who has whom, and the auxiliary variables, for a choice of the whole program.
    pub(super) fn people(&self, ruled: &RuleProblem, taken: &[bool]) -> (Matches, Vec<bool>) {
        let problem = ruled.problem();
        let columns = Columns::new(problem, ruled.auxiliaries().len());
        let pinned = |p: u32| problem.pin(p).map(|pin| pin.0).into_iter().collect();
        let mut lists: Vec<Vec<u32>> = (0..problem.participants()).map(pinned).collect();
        for group in 0..self.groups() {
            // The last variable of a group says that a place stays empty.
            let last = self.origin[self.members(group).end - 1];
            let Some(participant) = columns.participant(last) else { continue };
            let chosen = self.members(group).filter(|&v| taken[v] && self.block[v] != NONE);
            let of_one = &mut lists[participant as usize];
            of_one.extend(chosen.map(|v| self.block[v]));
            of_one.sort_unstable();
        }
        let alone = self.group_start[self.groups()] as usize;
        (lists.into(), taken[alone..].to_vec())
    }

    fn add(&mut self, cost: i64, group: u32, block: u32, origin: u32) -> u32 {
        self.cost.push(cost);
        self.group.push(group);
        self.block.push(block);
        self.origin.push(origin);
        self.cost.len() as u32 - 1
    }

    /// Lays the rows out both ways, without those that hold whatever is chosen.
    fn set_rows(&mut self, rows: Vec<NewRow>) {
        self.bounds.clear();
        self.row_origin.clear();
        self.row_start = vec![0];
        self.row_terms.clear();
        let mut count = vec![0_u32; self.cost.len() + 1];
        for (bounds, terms, origin) in rows {
            let least: i64 = terms.iter().map(|term| term.1.min(0)).sum();
            let most: i64 = terms.iter().map(|term| term.1.max(0)).sum();
            let kept = least >= bounds.low && most <= bounds.high;
            // What counts heads stays in what a program is cut down to: it is worth branching on.
            let counts = origin != NONE && counts_heads(&terms);
            if kept && !counts || bounds.price == 0 {
                continue;
            }
            if terms.is_empty() && bounds.price != FIRM {
                self.constant += bounds.cost(0).unwrap_or(0);
                continue;
            }
            for &(variable, _) in &terms {
                count[variable as usize + 1] += 1;
            }
            self.bounds.push(bounds);
            self.row_origin.push(origin);
            self.row_terms.extend(terms);
            self.row_start.push(self.row_terms.len() as u32);
        }
        for i in 1..count.len() {
            count[i] += count[i - 1];
        }
        let mut next = count.clone();
        self.column_terms = vec![(0, 0); self.row_terms.len()];
        for row in 0..self.bounds.len() {
            for at in self.row_start[row] as usize..self.row_start[row + 1] as usize {
                let (variable, weight) = self.row_terms[at];
                let slot = &mut next[variable as usize];
                self.column_terms[*slot as usize] = (row as u32, weight);
                *slot += 1;
            }
        }
        self.column_start = count;
    }

    /// The part of the program that is still open: variables with a value are put in, and of the rest only those with
    /// `wanted`. A group that has all it needs disappears. Its `constant` is that of the whole.
    pub(super) fn cut(&self, value: &[Option<bool>], wanted: impl Fn(usize) -> bool) -> Self {
        let mut made = Self { blocks: self.blocks, group_start: vec![0], ..Self::default() };
        made.constant = self.constant;
        let mut new = vec![NONE; self.variables()];
        for group in 0..self.groups() {
            let taken = self.members(group).filter(|&v| value[v] == Some(true)).count() as u32;
            let left = self.need[group].saturating_sub(taken);
            if left == 0 || self.members(group).any(|v| value[v].is_none() && !wanted(v)) {
                continue;
            }
            let number = made.groups() as u32;
            made.need.push(left);
            for v in self.members(group).filter(|&v| value[v].is_none()) {
                new[v] = made.add(self.cost[v], number, self.block[v], v as u32);
            }
            made.group_start.push(made.cost.len() as u32);
        }
        let alone = self.group_start[self.groups()] as usize;
        for v in (alone..self.variables()).filter(|&v| value[v].is_none() && wanted(v)) {
            new[v] = made.add(self.cost[v], NONE, self.block[v], v as u32);
        }
        for v in (0..self.variables()).filter(|&v| value[v] == Some(true)) {
            made.constant += self.cost[v];
        }
        let mut rows = Vec::new();
        for row in 0..self.rows() {
            let mut bounds = self.bounds[row];
            let mut terms = Vec::new();
            let mut sum = 0;
            for &(v, weight) in self.row(row) {
                match value[v as usize] {
                    Some(taken) => sum += if taken { weight } else { 0 },
                    None if new[v as usize] != NONE => terms.push((new[v as usize], weight)),
                    None => {}
                }
            }
            if terms.is_empty() {
                // What is settled is paid here, once; firm rows were seen to by whoever fixed the variables.
                if bounds.price != FIRM && self.row(row).iter().all(|term| value[term.0 as usize].is_some()) {
                    made.constant += bounds.cost(sum).unwrap_or(0);
                }
                continue;
            }
            if bounds.low != -FREE {
                bounds.low -= sum;
            }
            if bounds.high != FREE {
                bounds.high -= sum;
            }
            rows.push((bounds, terms, row as u32));
        }
        made.set_rows(rows);
        made
    }
}
