//! The Lagrangian dual: prices on "so many supporters each" and on the rules that cut across, everything else exact.
//!
//! **Problem.** A lower bound on [`super::binary::Binary`], and for every variable what taking or leaving it would add
//! to that bound.
//!
//! **Method.** Each group has a free multiplier, each relaxed row one whose sign follows its sense (at most its price
//! if the row is soft). What remains falls apart into the blocks of [`super::blocks`], each solved by dynamic
//! programming over its states, and single variables, each taken if its reduced cost is negative. Any multipliers give
//! a valid bound; all numbers are integers (costs times a scale), so the bound is exact.
//!
//! Of the pairs of a class no more than fit can be taken, and the cheapest are as good as any others; so no more than
//! one beyond those enter the table, which is there for when one of them is left.
//!
//! The tables of a block are filled from the last pair to the first, so that the first row of the table also tells what
//! the block costs from any other state on: taking a pair that was too dear to be considered costs its reduced cost and
//! the start from the state behind it. For the pairs that were considered, a second pass from the first to the last
//! gives the optimum with and without each one.
//!
//! **Time and space.** O(terms of relaxed rows) and, for each block, O(pairs of negative reduced cost x states).
//!
//! **References.** M. L. Fisher, R. Jaikumar, L. N. Van Wassenhove, *A multiplier adjustment method for the generalized
//! assignment problem*, Management Science 32 (1986); M. Posta, J. A. Ferland, P. Michelon, *An exact method with
//! variable fixing for solving the generalized assignment problem*, Computational Optimization and Applications 52
//! (2012); A. M. Geoffrion, *Lagrangean relaxation for integer programming* (1974).

use std::ops::Range;

use super::binary::{Binary, FIRM, FREE, NONE};
use super::blocks::{Block, INFINITE, Structure};
use super::domain::Domain;

/// Penalties count up to this: beyond any cut-off, and sums of some stay in range.
const MOST_PENALTY: i64 = 1 << 58;
/// What the reduced costs of one block add up to at most, whatever is chosen there: below half of [`INFINITE`].
const MOST_OF_BLOCK: i64 = 1 << 59;
/// Scaled costs are no finer than this.
const FINE: i128 = 1 << 36;

/// Multipliers, in costs times the scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Multipliers {
    /// One for each group.
    pub(super) group: Vec<i64>,
    /// One for each row; those of rows that a block keeps are not looked at.
    pub(super) row: Vec<i64>,
}

impl Multipliers {
    /// Those of a program for one that was cut from it.
    pub(super) fn of_part(&self, whole: &Binary, part: &Binary) -> Self {
        let group = (0..part.groups()).map(|group| {
            let first = part.origin[part.members(group).start] as usize;
            self.group[whole.group[first] as usize]
        });
        let row = part.row_origin.iter().map(|&row| self.row[row as usize]);
        Self { group: group.collect(), row: row.collect() }
    }
}

/// The dual function of a program, with room to compute in.
#[derive(Debug)]
pub(super) struct Lagrangian<'a> {
    pub(super) program: &'a Binary,
    pub(super) structure: Structure,
    pub(super) scale: i64,
    /// How large the multiplier of a group, and that of each row, may be.
    group_limit: i64,
    row_limit: Vec<i64>,
    relaxed_start: Vec<u32>,
    relaxed_terms: Vec<(u32, i64)>,
    reduced: Vec<i64>,
    /// For each variable the block that it is a pair of, and its place there.
    place: Vec<(u32, u32)>,
    /// The block that keeps each row, and the row's place there.
    keeper: Vec<(u32, u32)>,
    /// For each block its rows whose limits were settled.
    limited: Vec<Vec<u32>>,
    /// For each block the places of the pairs that it may come to take.
    candidates: Vec<Vec<u32>>,
    /// The variables that the relaxed problem takes.
    pub(super) chosen: Vec<u32>,
    tables: Tables,
    /// What taking, and what leaving, each open variable would add to the bound.
    pub(super) taking: Vec<i64>,
    pub(super) leaving: Vec<i64>,
    /// Running average of the relaxed choices of an ascent: near a solution of the linear relaxation.
    pub(super) average: Vec<f64>,
}

/// How large the reduced cost of a variable may become: sums over any block stay in range. A quarter of it is for the
/// cost, a quarter for the group, half for the rows.
fn most_reduced(program: &Binary) -> i64 {
    let mut size = vec![1_i64; program.blocks as usize + 1];
    for &block in &program.block {
        size[(block as usize).min(program.blocks as usize)] += 1;
    }
    // Auxiliary variables may come to any block.
    let alone = program.variables() - program.group_start[program.groups()] as usize;
    MOST_OF_BLOCK / (size[..program.blocks as usize].iter().max().copied().unwrap_or(1) + alone as i64)
}

/// The tables of the block at hand.
#[derive(Debug, Default)]
struct Tables {
    items: Vec<u32>,
    /// The items with their reduced costs, class by class, and where each class lies.
    by_class: Vec<(i64, u32)>,
    of_class: Vec<Range<usize>>,
    /// What the rest costs from each state on, before each item and at the end.
    rest: Vec<i64>,
    /// The setting of the auxiliary variables behind each end cost.
    setting: Vec<u32>,
    before: Vec<i64>,
    after: Vec<i64>,
    /// The states that settled limits of rows forbid.
    forbidden: Vec<usize>,
}

impl<'a> Lagrangian<'a> {
    /// Of a program of its own; `magnitude` bounds what any choice can cost.
    pub(super) fn new(program: &'a Binary, magnitude: i64) -> Self {
        let group_limit = most_reduced(program) / 4;
        let largest = program.cost.iter().map(|cost| cost.saturating_abs()).max().unwrap_or(0);
        // Sums of scaled costs stay below 2^57, and a group may be worth what its variables differ by. Fractions of
        // large costs bring nothing, and the whole multipliers that settle a network are harder to hit among them.
        let mut scale = 1 << 12;
        while scale > 1
            && (i128::from(magnitude) * i128::from(scale) > 1 << 57
                || i128::from(largest) * i128::from(scale) > FINE
                || i128::from(largest) * i128::from(4 * scale) > i128::from(group_limit))
        {
            scale /= 2;
        }
        Self::scaled(program, scale)
    }

    /// Of a program cut from another, whose bounds and multipliers are to be compared with that one's.
    pub(super) fn scaled(program: &'a Binary, scale: i64) -> Self {
        let structure = Structure::of(program);
        let mut is_relaxed = vec![false; program.rows()];
        for &row in &structure.relaxed {
            is_relaxed[row as usize] = true;
        }
        let mut relaxed_start = vec![0];
        let mut relaxed_terms = Vec::new();
        for v in 0..program.variables() {
            let of_v = program.column(v).iter().filter(|term| is_relaxed[term.0 as usize]);
            relaxed_terms.extend(of_v);
            relaxed_start.push(relaxed_terms.len() as u32);
        }
        let n = program.variables();
        let group_limit = most_reduced(program) / 4;
        // What a row's multiplier adds to any of its variables is that variable's share of the half that is for rows.
        let mut row_limit = vec![2 * group_limit; program.rows()];
        for v in 0..n {
            let relaxed = &relaxed_terms[relaxed_start[v] as usize..relaxed_start[v + 1] as usize];
            for &(row, weight) in relaxed {
                let share = 2 * group_limit / relaxed.len() as i64 / weight.abs().max(1);
                let limit = &mut row_limit[row as usize];
                *limit = share.min(*limit);
            }
        }
        let mut place = vec![(NONE, NONE); n];
        for (number, block) in (0..).zip(&structure.blocks) {
            for (at, &v) in (0..).zip(&block.pairs) {
                place[v as usize] = (number, at);
            }
        }
        let mut keeper = vec![(NONE, NONE); program.rows()];
        for (number, block) in (0..).zip(&structure.blocks) {
            for (at, (row, _, _)) in (0..).zip(&block.rows) {
                keeper[*row as usize] = (number, at);
            }
        }
        let candidates = vec![Vec::new(); structure.blocks.len()];
        let limited = candidates.clone();
        Self {
            program,
            structure,
            scale,
            group_limit,
            row_limit,
            relaxed_start,
            relaxed_terms,
            reduced: vec![0; n],
            place,
            keeper,
            limited,
            candidates,
            chosen: Vec::new(),
            tables: Tables::default(),
            taking: vec![0; n],
            leaving: vec![0; n],
            average: vec![0.0; n],
        }
    }

    pub(super) fn zero(&self) -> Multipliers {
        Multipliers { group: vec![0; self.program.groups()], row: vec![0; self.program.rows()] }
    }

    /// The value within what sums have room for that is next to this for the multiplier of a group.
    pub(super) fn of_group(&self, wanted: i64) -> i64 {
        wanted.clamp(-self.group_limit, self.group_limit)
    }

    /// The same for a row: of the sign of a side it has, no more than its price.
    pub(super) fn of_row(&self, row: usize, wanted: i64) -> i64 {
        let bounds = self.program.bounds[row];
        self.of_sides(row, (bounds.low, bounds.high), wanted)
    }

    /// The same where the row has these sides.
    pub(super) fn of_sides(&self, row: usize, (low, high): (i64, i64), wanted: i64) -> i64 {
        let (bounds, room) = (self.program.bounds[row], self.row_limit[row]);
        let price =
            if bounds.price == FIRM { room } else { bounds.price.saturating_mul(self.scale).min(room) };
        wanted.clamp(if low == -FREE { 0 } else { -price }, if high == FREE { 0 } else { price })
    }

    /// What a relaxed row must sum up to at least and at most, or pays for.
    pub(super) fn sides(&self, row: usize, domain: &Domain) -> (i64, i64) {
        let bounds = self.program.bounds[row];
        if bounds.price == FIRM { domain.limits(row) } else { (bounds.low, bounds.high) }
    }

    /// Whether the limits of a row can be settled: it is firm, or a block keeps it.
    pub(super) fn can_limit(&self, row: usize) -> bool {
        let relaxed = self.structure.relaxed.binary_search(&(row as u32)).is_ok();
        if relaxed { self.program.bounds[row].price == FIRM } else { self.keeper[row].0 != NONE }
    }

    /// The relaxed rows of a variable and its weights there.
    pub(super) fn relaxed_of(&self, variable: usize) -> &[(u32, i64)] {
        let terms = self.relaxed_start[variable] as usize..self.relaxed_start[variable + 1] as usize;
        &self.relaxed_terms[terms]
    }

    /// The reduced cost of a variable, as of the last evaluation.
    pub(super) fn reduced(&self, variable: usize) -> i64 {
        self.reduced[variable]
    }

    /// The bound these multipliers give, in scaled costs; [`INFINITE`] or more if a block allows nothing. Leaves the
    /// relaxed choice in `chosen` and, if asked, `taking` and `leaving`.
    pub(super) fn evaluate(&mut self, at: &Multipliers, domain: &Domain, with_penalties: bool) -> i64 {
        let program = self.program;
        let worth =
            at.group.iter().zip(&program.need).map(|(&worth, &need)| i128::from(worth) * i128::from(need));
        let mut value = i128::from(self.scale) * i128::from(program.constant) + worth.sum::<i128>();
        for &row in &self.structure.relaxed {
            let ((low, high), multiplier) = (self.sides(row as usize, domain), at.row[row as usize]);
            // The sign of the multiplier says which bound it stands for.
            value -= match multiplier {
                0 => 0,
                1.. => i128::from(multiplier) * i128::from(high),
                _ => i128::from(multiplier) * i128::from(low),
            };
        }
        let values = domain.values();
        self.candidates.iter_mut().for_each(Vec::clear);
        self.limited.iter_mut().for_each(Vec::clear);
        for row in domain.limited() {
            let (number, at) = self.keeper[row];
            if let Some(of_block) = self.limited.get_mut(number as usize) {
                of_block.push(at);
            }
        }
        for (v, &known) in values.iter().enumerate() {
            if known == Some(false) {
                continue;
            }
            let mut reduced = self.scale * program.cost[v];
            let group = program.group[v];
            if group != NONE {
                reduced -= at.group[group as usize];
            }
            let terms = self.relaxed_start[v] as usize..self.relaxed_start[v + 1] as usize;
            for &(row, weight) in &self.relaxed_terms[terms] {
                reduced += at.row[row as usize] * weight;
            }
            self.reduced[v] = reduced;
            let (number, at) = self.place[v];
            if let Some(block) = self.structure.blocks.get(number as usize)
                && (reduced < 0
                    || known.is_some()
                    || !block.monotone
                    || !self.limited[number as usize].is_empty())
            {
                self.candidates[number as usize].push(at);
            }
        }
        self.chosen.clear();
        for &v in &self.structure.single {
            let reduced = self.reduced[v as usize];
            match values[v as usize] {
                Some(false) => {}
                Some(true) => {
                    value += i128::from(reduced);
                    self.chosen.push(v);
                }
                None => {
                    self.taking[v as usize] = reduced.max(0);
                    self.leaving[v as usize] = (-reduced).max(0);
                    if reduced < 0 {
                        value += i128::from(reduced);
                        self.chosen.push(v);
                    }
                }
            }
        }
        let lists = self.candidates.iter().zip(&self.limited);
        for (block, (candidates, limited)) in self.structure.blocks.iter().zip(lists) {
            self.tables.allow(block, limited, domain);
            let choice = (candidates.as_slice(), &mut self.chosen);
            let of_block = self.tables.solve(block, self.scale, &self.reduced, values, choice);
            let Some(of_block) = of_block else { return INFINITE };
            value += i128::from(of_block.cost);
            if with_penalties {
                self.tables.penalties(
                    block,
                    self.scale,
                    &self.reduced,
                    values,
                    of_block,
                    &mut self.taking,
                    &mut self.leaving,
                );
            }
        }
        value.clamp(-i128::from(INFINITE), i128::from(INFINITE)) as i64
    }
}

/// The optimum of one block.
#[derive(Debug, Clone, Copy)]
struct Solved {
    cost: i64,
    start: usize,
}

impl Tables {
    /// The cheapest choice of a block; `None` if there is none.
    fn solve(
        &mut self,
        block: &Block,
        scale: i64,
        reduced: &[i64],
        values: &[Option<bool>],
        (candidates, chosen): (&[u32], &mut Vec<u32>),
    ) -> Option<Solved> {
        let n = block.states;
        let mut settled = 0;
        let mut start = 0_usize;
        self.items.clear();
        for &at in candidates {
            let v = block.pairs[at as usize];
            if values[v as usize].is_none() {
                self.items.push(at);
                continue;
            }
            settled += reduced[v as usize];
            chosen.push(v);
            start = block.step[block.class[at as usize] as usize * n + start] as usize;
            if start == n {
                return None;
            }
        }
        self.thin(block, reduced);
        self.ends(block, scale, reduced, values);
        let width = n + 1;
        for i in (0..self.items.len()).rev() {
            let at = self.items[i] as usize;
            let cost = reduced[block.pairs[at] as usize];
            let (head, tail) = self.rest.split_at_mut((i + 1) * width);
            let (to, from) = (&mut head[i * width..], &tail[..width]);
            let class = block.class[at] as usize;
            if let Some(weights) = &block.weights {
                let shift = (weights[class] as usize).min(n);
                for ((to, &stay), &go) in to.iter_mut().zip(&from[..n - shift]).zip(&from[shift..n]) {
                    let go = go + cost;
                    *to = if go < stay { go } else { stay };
                }
                to[n - shift..].copy_from_slice(&from[n - shift..]);
            } else {
                let step = &block.step[class * n..(class + 1) * n];
                for ((to, &stay), &next) in to.iter_mut().zip(from).zip(step) {
                    *to = stay.min(from[next as usize] + cost);
                }
                to[n] = INFINITE;
            }
        }
        if self.rest[start] >= INFINITE / 2 {
            return None;
        }
        let mut state = start;
        for (i, &at) in self.items.iter().enumerate() {
            let v = block.pairs[at as usize];
            let next = block.step[block.class[at as usize] as usize * n + state] as usize;
            let from = &self.rest[(i + 1) * width..(i + 2) * width];
            if from[next] + reduced[v as usize] < from[state] {
                chosen.push(v);
                state = next;
            }
        }
        let setting = self.setting[state];
        for (bit, &v) in block.auxiliaries.iter().enumerate() {
            if setting >> bit & 1 == 1 {
                chosen.push(v);
            }
        }
        Some(Solved { cost: settled + self.rest[start], start })
    }

    /// Notes which states the settled limits of a block's rows leave.
    fn allow(&mut self, block: &Block, limited: &[u32], domain: &Domain) {
        self.forbidden.clear();
        for &at in limited {
            let (row, negated, sums) = &block.rows[at as usize];
            let (low, high) = domain.limits(*row as usize);
            let outside = |sum: u32| {
                let sum = if *negated { -i64::from(sum) } else { i64::from(sum) };
                sum < low || sum > high
            };
            self.forbidden.extend((0..block.states).filter(|&state| outside(sums[state])));
        }
    }

    /// Leaves out the items of a class that are dearer than as many others as can ever be taken, and one.
    fn thin(&mut self, block: &Block, reduced: &[i64]) {
        let Self { items, of_class, by_class, .. } = self;
        of_class.clear();
        of_class.resize(block.most.len(), 0..0);
        for &at in items.iter() {
            of_class[block.class[at as usize] as usize].end += 1;
        }
        if of_class.iter().zip(&block.most).all(|(of_one, &most)| of_one.end <= most as usize + 1) {
            return;
        }
        let mut start = 0;
        for of_one in of_class.iter_mut() {
            let count = of_one.end;
            *of_one = start..start;
            start += count;
        }
        by_class.clear();
        by_class.resize(items.len(), (0, 0));
        for &at in items.iter() {
            let of_one = &mut of_class[block.class[at as usize] as usize];
            by_class[of_one.end] = (reduced[block.pairs[at as usize] as usize], at);
            of_one.end += 1;
        }
        items.clear();
        for (of_one, &most) in of_class.iter().zip(&block.most) {
            let of_one = &mut by_class[of_one.clone()];
            let keep = of_one.len().min(most as usize + 1);
            if keep < of_one.len() {
                of_one.select_nth_unstable(keep);
            }
            items.extend(of_one[..keep].iter().map(|item| item.1));
        }
    }

    /// Fills in the end costs under the best setting that is still open, and makes room for the rest.
    fn ends(&mut self, block: &Block, scale: i64, reduced: &[i64], values: &[Option<bool>]) {
        let n = block.states;
        let width = n + 1;
        let end = self.items.len() * width;
        self.rest.resize((end + width).max(self.rest.len()), 0);
        self.setting.clear();
        self.setting.resize(width, 0);
        let to = &mut self.rest[end..end + width];
        to.fill(INFINITE);
        for (setting, costs) in block.end.iter().enumerate() {
            let Some(extra) = setting_cost(block, setting, reduced, values) else { continue };
            for (state, &cost) in costs.iter().enumerate() {
                if cost < INFINITE {
                    let cost = cost.saturating_mul(scale).min(INFINITE / 4) + extra;
                    if cost < to[state] {
                        to[state] = cost;
                        self.setting[state] = setting as u32;
                    }
                }
            }
        }
        for &state in &self.forbidden {
            to[state] = INFINITE;
        }
    }

    /// What taking and leaving each open variable of a solved block would add.
    #[allow(clippy::too_many_arguments)]
    fn penalties(
        &mut self,
        block: &Block,
        scale: i64,
        reduced: &[i64],
        values: &[Option<bool>],
        solved: Solved,
        taking: &mut [i64],
        leaving: &mut [i64],
    ) {
        let n = block.states;
        let width = n + 1;
        let best = self.rest[solved.start];
        for (at, &v) in block.pairs.iter().enumerate() {
            if values[v as usize].is_none() {
                let next = block.step[block.class[at] as usize * n + solved.start] as usize;
                taking[v as usize] = (reduced[v as usize] + self.rest[next] - best).min(MOST_PENALTY);
                leaving[v as usize] = 0;
            }
        }
        self.before.clear();
        self.before.resize(width, INFINITE);
        self.before[solved.start] = 0;
        for (i, &at) in self.items.iter().enumerate() {
            let v = block.pairs[at as usize] as usize;
            let class = block.class[at as usize] as usize;
            let step = &block.step[class * n..(class + 1) * n];
            let rest = &self.rest[(i + 1) * width..(i + 2) * width];
            let (mut taken, mut left) = (INFINITE, INFINITE);
            self.after.clear();
            self.after.extend_from_slice(&self.before);
            for (state, &next) in step.iter().enumerate() {
                let before = self.before[state];
                if before >= INFINITE {
                    continue;
                }
                left = left.min(before + rest[state]);
                let go = before + reduced[v];
                taken = taken.min(go + rest[next as usize]);
                if (next as usize) < n && go < self.after[next as usize] {
                    self.after[next as usize] = go;
                }
            }
            taking[v] = (taken - best).min(MOST_PENALTY);
            leaving[v] = (left - best).min(MOST_PENALTY);
            std::mem::swap(&mut self.before, &mut self.after);
        }
        for (bit, &v) in block.auxiliaries.iter().enumerate() {
            if values[v as usize].is_some() {
                continue;
            }
            let mut by_value = [INFINITE; 2];
            for (setting, costs) in block.end.iter().enumerate() {
                let Some(extra) = setting_cost(block, setting, reduced, values) else { continue };
                let slot = &mut by_value[setting >> bit & 1];
                for (&cost, &before) in costs.iter().zip(&self.before) {
                    if cost < INFINITE && before < INFINITE {
                        *slot = (*slot).min(before + cost.saturating_mul(scale).min(INFINITE / 4) + extra);
                    }
                }
            }
            leaving[v as usize] = (by_value[0] - best).min(MOST_PENALTY);
            taking[v as usize] = (by_value[1] - best).min(MOST_PENALTY);
        }
    }
}

/// Reduced costs of a setting's auxiliary variables; `None` if one of them is settled otherwise.
fn setting_cost(block: &Block, setting: usize, reduced: &[i64], values: &[Option<bool>]) -> Option<i64> {
    block.auxiliaries.iter().enumerate().try_fold(0_i64, |sum, (bit, &v)| {
        let taken = setting >> bit & 1 == 1;
        match values[v as usize] {
            Some(there) if there != taken => None,
            _ => Some(sum + if taken { reduced[v as usize] } else { 0 }),
        }
    })
}
