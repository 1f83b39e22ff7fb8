//! Making a feasible choice better: moves of one participant, exchanges of two, single auxiliary variables.
//!
//! First improvement in the order of the groups, until a whole round changes nothing or the rounds are used up. A round
//! costs O(pairs x participants at a supporter x terms of a pair) at worst. Rows are counted exactly, soft ones with
//! their prices, so any choice that comes out is feasible.

use super::binary::{Binary, FIRM, NONE};

/// Rounds after which even an improving choice is left as it is.
const MOST_ROUNDS: usize = 20;

/// A feasible choice with the sums of its rows.
struct Choice<'a> {
    program: &'a Binary,
    taken: Vec<bool>,
    sums: Vec<i64>,
    /// The cheapest variable of each group.
    least: Vec<i64>,
    /// What soft rows can give back at most when a variable changes.
    soft: Vec<i64>,
    /// Change of each row under the move that is looked at, and which rows have one.
    change: Vec<i64>,
    touched: Vec<u32>,
    is_touched: Vec<bool>,
    /// For each block the pairs it was seen to have this round; some may be gone.
    at_block: Vec<Vec<u32>>,
}

/// Improves a feasible choice.
pub(super) fn polish(program: &Binary, taken: Vec<bool>) -> Vec<bool> {
    let mut sums = vec![0; program.rows()];
    for v in (0..program.variables()).filter(|&v| taken[v]) {
        for &(row, weight) in program.column(v) {
            sums[row as usize] += weight;
        }
    }
    let of_row = |&(row, weight): &(u32, i64)| match program.bounds[row as usize].price {
        FIRM => 0,
        price => price.saturating_mul(weight.abs()),
    };
    let reach = |v| program.column(v).iter().map(of_row).fold(0, i64::saturating_add);
    let soft = (0..program.variables()).map(reach).collect();
    let mut choice = Choice {
        program,
        taken,
        sums,
        least: (0..program.groups()).map(|g| members_least(program, g)).collect(),
        soft,
        change: vec![0; program.rows()],
        touched: Vec::new(),
        is_touched: vec![false; program.rows()],
        at_block: vec![Vec::new(); program.blocks as usize],
    };
    for _ in 0..MOST_ROUNDS {
        if !choice.round() {
            break;
        }
    }
    choice.taken
}

fn members_least(program: &Binary, group: usize) -> i64 {
    program.cost[program.members(group)].iter().copied().min().unwrap_or(0)
}

impl Choice<'_> {
    fn round(&mut self) -> bool {
        let program = self.program;
        self.at_block.iter_mut().for_each(Vec::clear);
        let alone = program.group_start[program.groups()] as usize;
        // No exchange can give back more than this.
        let mut most = 0;
        for g in 0..program.groups() {
            for v in program.members(g).filter(|&v| self.taken[v]) {
                most = most.max(program.cost[v] - self.least[g]);
                if let Some(there) = self.at_block.get_mut(program.block[v] as usize) {
                    there.push(v as u32);
                }
            }
        }
        let mut better = false;
        for v in alone..program.variables() {
            let sign = if self.taken[v] { -1 } else { 1 };
            better |= self.attempt(&[(v, sign)]);
        }
        let mut has = Vec::new();
        for g in 0..program.groups() {
            has.clear();
            has.extend(program.members(g).filter(|&v| self.taken[v]));
            for new in program.members(g) {
                if self.taken[new] {
                    continue;
                }
                if let Some(old) = has.iter_mut().find(|old| self.change_to(**old, new, most)) {
                    *old = new;
                    better = true;
                }
            }
        }
        better
    }

    /// Gives up one pair for another, if need be by exchange with someone who has that supporter.
    fn change_to(&mut self, old: usize, new: usize, most: i64) -> bool {
        let program = self.program;
        if self.attempt(&[(old, -1), (new, 1)]) {
            return true;
        }
        let (home, there) = (program.block[old], program.block[new]);
        if there == NONE || program.cost[new] - program.cost[old] >= most {
            return false;
        }
        for i in 0..self.at_block[there as usize].len() {
            let theirs = self.at_block[there as usize][i] as usize;
            let other = program.group[theirs];
            let at_best = program.cost[old] + program.cost[theirs] - program.cost[new];
            let hopeless = at_best <= self.least[other as usize];
            if hopeless || !self.taken[theirs] || other == program.group[new] {
                continue;
            }
            // They go where this one comes from, or where they can.
            let members = program.members(other as usize);
            let Ok(at) = program.block[members.clone()].binary_search(&home) else { continue };
            let back = members.start + at;
            let gain = at_best - program.cost[back];
            let exchange = [(old, -1), (new, 1), (theirs, -1), (back, 1)];
            if gain > 0 && !self.taken[back] && self.attempt(&exchange) {
                return true;
            }
        }
        false
    }

    /// Makes a move if it is allowed and gains something.
    fn attempt(&mut self, moves: &[(usize, i64)]) -> bool {
        let costs: i64 = moves.iter().map(|&(v, sign)| sign * self.program.cost[v]).sum();
        if moves.iter().fold(0, |sum: i64, &(v, _)| sum.saturating_add(self.soft[v])) <= costs {
            return false;
        }
        for &(v, sign) in moves {
            for &(row, weight) in self.program.column(v) {
                if !self.is_touched[row as usize] {
                    self.is_touched[row as usize] = true;
                    self.touched.push(row);
                }
                self.change[row as usize] += sign * weight;
            }
        }
        let mut total = Some(costs);
        for &row in &self.touched {
            let (row, by) = (row as usize, self.change[row as usize]);
            let (now, then) = (
                self.program.bounds[row].cost(self.sums[row]),
                self.program.bounds[row].cost(self.sums[row] + by),
            );
            total = total.zip(then).map(|(total, then)| total + then - now.unwrap_or(0));
        }
        let good = total.is_some_and(|total| total < 0);
        for row in self.touched.drain(..) {
            let by = std::mem::take(&mut self.change[row as usize]);
            self.is_touched[row as usize] = false;
            if good {
                self.sums[row as usize] += by;
            }
        }
        if good {
            for &(v, sign) in moves {
                self.taken[v] = sign > 0;
                if sign > 0
                    && let Some(there) = self.at_block.get_mut(self.program.block[v] as usize)
                {
                    there.push(v as u32);
                }
            }
        }
        good
    }
}
