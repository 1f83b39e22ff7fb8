//! What is settled so far, and what follows from it: propagation over groups and firm rows, with a trail to go back.
//!
//! For each row the least and the greatest sum that the open variables still allow are kept. A row that cannot hold any
//! more is a conflict; a variable that would break a row by being taken, or by being left, is settled. A group that has
//! all it needs leaves its open variables; one that has no more open than it needs takes them. O(terms of the rows
//! touched) for each call, no recursion.
//!
//! References: M. W. P. Savelsbergh, *Preprocessing and probing techniques for mixed integer programming problems*,
//! ORSA J. Computing 6 (1994).

use super::binary::{Binary, FIRM, FREE, NONE};

/// A place to come back to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Mark {
    trail: usize,
    limited: usize,
}

/// Values of all variables, with their consequences.
#[derive(Debug, Clone)]
pub(super) struct Domain {
    value: Vec<Option<bool>>,
    open_in_group: Vec<u32>,
    /// How many more each group needs; below 0 only in a conflict.
    missing_in_group: Vec<i32>,
    least: Vec<i64>,
    greatest: Vec<i64>,
    largest_weight: Vec<i64>,
    /// What each row must sum up to at least and at most: the bounds of firm rows, and what was settled since.
    limits: Vec<(i64, i64)>,
    /// Rows whose limits were settled, with what they were before.
    limited: Vec<(u32, (i64, i64))>,
    trail: Vec<u32>,
    /// How much of the trail has been propagated.
    seen: usize,
    dirty: Vec<u32>,
    is_dirty: Vec<bool>,
}

impl Domain {
    pub(super) fn new(program: &Binary) -> Self {
        let rows = program.rows();
        let over = |row: usize, f: &dyn Fn(i64) -> i64| program.row(row).iter().map(|t| f(t.1)).sum();
        Self {
            value: vec![None; program.variables()],
            open_in_group: (0..program.groups()).map(|g| program.members(g).len() as u32).collect(),
            missing_in_group: program.need.iter().map(|&need| need as i32).collect(),
            least: (0..rows).map(|row| over(row, &|w| w.min(0))).collect(),
            greatest: (0..rows).map(|row| over(row, &|w| w.max(0))).collect(),
            largest_weight: (0..rows)
                .map(|row| program.row(row).iter().map(|t| t.1.abs()).max().unwrap_or(0))
                .collect(),
            limits: program
                .bounds
                .iter()
                .map(|bounds| if bounds.price == FIRM { (bounds.low, bounds.high) } else { (-FREE, FREE) })
                .collect(),
            limited: Vec::new(),
            trail: Vec::new(),
            seen: 0,
            dirty: Vec::new(),
            is_dirty: vec![false; rows],
        }
    }

    pub(super) fn values(&self) -> &[Option<bool>] {
        &self.value
    }

    pub(super) fn is_open(&self, variable: usize) -> bool {
        self.value[variable].is_none()
    }

    /// How many of its open variables a group still needs.
    pub(super) fn missing(&self, group: usize) -> usize {
        usize::try_from(self.missing_in_group[group]).unwrap_or(0)
    }

    pub(super) fn open_in(&self, group: usize) -> u32 {
        self.open_in_group[group]
    }

    /// A place to come back to.
    pub(super) fn mark(&self) -> Mark {
        Mark { trail: self.trail.len(), limited: self.limited.len() }
    }

    /// What a row must sum up to at least and at most.
    pub(super) fn limits(&self, row: usize) -> (i64, i64) {
        self.limits[row]
    }

    /// The rows whose limits were settled beyond their bounds, some perhaps more than once.
    pub(super) fn limited(&self) -> impl Iterator<Item = usize> + '_ {
        self.limited.iter().map(|limited| limited.0 as usize)
    }

    /// What a row sums up to at least and at most, as far as is settled.
    pub(super) fn range(&self, row: usize) -> (i64, i64) {
        (self.least[row], self.greatest[row])
    }

    /// Settles that a row sums up to so much at least and at most, with everything that follows; false at a conflict.
    pub(super) fn limit(&mut self, program: &Binary, row: usize, (low, high): (i64, i64)) -> bool {
        let before = self.limits[row];
        self.limited.push((row as u32, before));
        self.limits[row] = (low.max(before.0), high.min(before.1));
        self.touch(row);
        self.propagate(program)
    }

    /// How many variables are settled.
    pub(super) fn settled(&self) -> usize {
        self.trail.len()
    }

    /// Settles everything that must hold from the start; false if that is impossible.
    pub(super) fn propagate_all(&mut self, program: &Binary) -> bool {
        if (0..program.groups()).any(|group| !self.propagate_group(program, group)) {
            return false;
        }
        for row in 0..program.rows() {
            self.touch(row);
        }
        self.propagate(program)
    }

    /// Settles a variable and everything that follows; false at a conflict, after which only going back makes sense.
    pub(super) fn settle(&mut self, program: &Binary, variable: usize, taken: bool) -> bool {
        self.set(program, variable, taken) && self.propagate(program)
    }

    /// Goes back to a mark.
    pub(super) fn back_to(&mut self, program: &Binary, mark: Mark) {
        while self.limited.len() > mark.limited {
            let Some((row, before)) = self.limited.pop() else { break };
            self.limits[row as usize] = before;
        }
        while self.trail.len() > mark.trail {
            let Some(variable) = self.trail.pop() else { break };
            let v = variable as usize;
            let Some(taken) = self.value[v].take() else { continue };
            let group = program.group[v];
            if group != NONE {
                self.open_in_group[group as usize] += 1;
                self.missing_in_group[group as usize] += i32::from(taken);
            }
            for &(row, weight) in program.column(v) {
                let row = row as usize;
                if taken == (weight > 0) {
                    self.least[row] -= weight.abs();
                } else {
                    self.greatest[row] += weight.abs();
                }
            }
        }
        self.seen = self.trail.len();
        for row in self.dirty.drain(..) {
            self.is_dirty[row as usize] = false;
        }
    }

    fn touch(&mut self, row: usize) {
        if !self.is_dirty[row] {
            self.is_dirty[row] = true;
            self.dirty.push(row as u32);
        }
    }

    /// Notes a value; false if it has the other one already.
    fn set(&mut self, program: &Binary, v: usize, taken: bool) -> bool {
        if let Some(there) = self.value[v] {
            return there == taken;
        }
        self.value[v] = Some(taken);
        self.trail.push(v as u32);
        let group = program.group[v];
        let mut sound = true;
        if group != NONE {
            let group = group as usize;
            self.open_in_group[group] -= 1;
            if taken {
                sound = self.missing_in_group[group] > 0;
                self.missing_in_group[group] -= 1;
            }
        }
        for &(row, weight) in program.column(v) {
            let row = row as usize;
            if taken == (weight > 0) {
                self.least[row] += weight.abs();
            } else {
                self.greatest[row] -= weight.abs();
            }
            self.touch(row);
        }
        sound
    }

    fn propagate(&mut self, program: &Binary) -> bool {
        loop {
            while self.seen < self.trail.len() {
                let v = self.trail[self.seen] as usize;
                self.seen += 1;
                let group = program.group[v];
                if group != NONE && !self.propagate_group(program, group as usize) {
                    return false;
                }
            }
            let Some(row) = self.dirty.pop() else { return true };
            self.is_dirty[row as usize] = false;
            if !self.propagate_row(program, row as usize) {
                return false;
            }
        }
    }

    fn propagate_group(&mut self, program: &Binary, group: usize) -> bool {
        let (open, missing) = (self.open_in_group[group] as usize, self.missing(group));
        if open < missing {
            return false;
        }
        // All that are open go the same way where that is settled.
        let taken = open == missing;
        if open == 0 || !taken && missing > 0 {
            return true;
        }
        program.members(group).all(|v| self.value[v].is_some() || self.set(program, v, taken))
    }

    fn propagate_row(&mut self, program: &Binary, row: usize) -> bool {
        let (low, high) = self.limits[row];
        let over = high != FREE && self.greatest[row] > high;
        let under = low != -FREE && self.least[row] < low;
        if over && self.least[row] > high || under && self.greatest[row] < low || low > high {
            return false;
        }
        // What one variable may still add above the least sum, or take off the greatest one.
        let room = if over { high - self.least[row] } else { FREE };
        let spare = if under { self.greatest[row] - low } else { FREE };
        if self.largest_weight[row] <= room.min(spare) {
            return true;
        }
        for &(v, weight) in program.row(row) {
            let v = v as usize;
            if self.value[v].is_some() {
                continue;
            }
            let size = weight.abs();
            if size > room && !self.set(program, v, weight < 0) {
                return false;
            }
            if self.value[v].is_none() && size > spare && !self.set(program, v, weight > 0) {
                return false;
            }
            // Both at once cannot be: the variable has one value only.
            if size > room && size > spare {
                return false;
            }
        }
        true
    }
}
