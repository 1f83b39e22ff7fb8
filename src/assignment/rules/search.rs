//! Depth-first search with Lagrangian bounds, fixing by reduced cost at every node.
//!
//! **Problem.** A choice of a [`Binary`] program that costs less than a cut-off, or the proof that there is none.
//!
//! **Method.** At a node the bound is raised a little from the multipliers of the node above; variables whose taking or
//! leaving would lift the bound to the cut-off are settled with everything that follows. A group has no more of its
//! variables than it needs, so taking one also leaves others: the penalties of blocks do not interfere and are added
//! up. Branching looks first for a row that counts heads whose sum is no whole number on average (how many complex
//! cases a supporter has, how many of a region are served): "at most" and "at least one more" are its sides, which
//! settles what no single pair does. Otherwise it takes one group, its open variables the children in the order of
//! their penalties, so that the first descent is also a construction of a good choice; what a child takes, the later
//! ones leave, so that no choice is looked at twice. Groups settled, auxiliary variables are branched on by themselves.
//! The open nodes are a list, not a call stack.
//!
//! **Why it is exact.** A node is left only when its bound, in integers, reaches the cut-off, when propagation finds
//! a conflict, or when everything is settled and its cost is known.
//!
//! **Time and space.** Exponential at worst; multipliers for each level of the open branch.
//!
//! **References.** M. Posta, J. A. Ferland, P. Michelon (2012), see [`super::lagrangian`]; M. W. P. Savelsbergh, *A
//! branch-and-price algorithm for the generalized assignment problem*, Operations Research 45 (1997).

use super::ascent::{Effort, ascend};
use super::binary::{Binary, FREE, NONE, counts_heads};
use super::domain::{Domain, Mark};
use super::lagrangian::{Lagrangian, Multipliers};
use super::limits::Limits;
use super::repair::repair;

/// Raising the bound at a node: to prove, and to find.
const AT_NODE: Effort = Effort { iterations: 120, patience: 8, step: 0.3, least_step: 0.01 };
const QUICK: Effort = Effort { iterations: 40, patience: 4, step: 0.2, least_step: 0.02 };
/// How far the average sum of a row must be from a whole number to branch on it.
const FRACTION: f64 = 0.05;
/// How often a node may raise and fix before it branches.
const ROUNDS: usize = 3;

/// A choice and its cost.
#[derive(Debug, Clone)]
pub(super) struct Incumbent {
    pub(super) cost: i64,
    pub(super) taken: Vec<bool>,
}

/// What a child settles.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// Whether a variable is taken.
    Variable(u32, bool),
    /// What a row sums up to at least and at most.
    Row(u32, (i64, i64)),
}

/// A node whose children are being looked at.
struct Open {
    mark: Mark,
    multipliers: Multipliers,
    /// What each child settles, and its penalty, the most promising last.
    children: Vec<(Step, i64)>,
    /// What the child that was looked at last had settled; the others have it the other way.
    done: Option<Step>,
    /// The bound before any child.
    value: i64,
}

/// The scaled bound at which a choice cheaper than `cut` is impossible.
pub(super) fn target(scale: i64, cut: i64) -> i64 {
    (cut - 1).saturating_mul(scale).saturating_add(1)
}

/// What taking each open variable of a group adds to the bound at least: it leaves all others but as many as the group
/// still needs beside it, at best those that are dearest to leave.
pub(super) fn penalties<'d>(
    dual: &'d Lagrangian<'_>,
    domain: &'d Domain,
    group: usize,
    dearest: &mut Vec<i64>,
) -> impl Iterator<Item = (usize, i64)> + 'd {
    let open = dual.program.members(group).filter(|&v| domain.is_open(v));
    let mut left = open.clone().fold(0, |sum: i64, v| sum.saturating_add(dual.leaving[v]));
    let beside = domain.missing(group).saturating_sub(1);
    if beside > 0 {
        dearest.clear();
        dearest.extend(open.clone().map(|v| dual.leaving[v]));
        dearest.sort_unstable();
        left = dearest.iter().rev().skip(beside).fold(0, |sum: i64, &leaving| sum.saturating_add(leaving));
    }
    open.map(move |v| (v, dual.taking[v].saturating_add((left - dual.leaving[v]).max(0))))
}

/// Settles all that the penalties of the last evaluation settle; false if nothing cheaper than the target is left.
pub(super) fn fix(dual: &Lagrangian<'_>, domain: &mut Domain, value: i64, target: i64) -> bool {
    let program = dual.program;
    let (mut dearest, mut taking) = (Vec::new(), Vec::new());
    for group in 0..program.groups() {
        if domain.open_in(group) == 0 {
            continue;
        }
        taking.clear();
        taking.extend(penalties(dual, domain, group, &mut dearest));
        let several = domain.missing(group) > 1;
        for &(v, taking) in &taking {
            let out = value.saturating_add(taking) >= target;
            // Of one place, leaving the others says so.
            let all_in = several && value.saturating_add(dual.leaving[v]) >= target;
            if domain.is_open(v) && (out || all_in) && !domain.settle(program, v, !out) {
                return false;
            }
        }
    }
    for v in program.group_start[program.groups()] as usize..program.variables() {
        if domain.is_open(v)
            && value.saturating_add(dual.taking[v]) >= target
            && !domain.settle(program, v, false)
        {
            return false;
        }
        if domain.is_open(v)
            && value.saturating_add(dual.leaving[v]) >= target
            && !domain.settle(program, v, true)
        {
            return false;
        }
    }
    true
}

/// A search of one program.
pub(super) struct Search<'p, 'l, 'c> {
    pub(super) program: &'p Binary,
    dual: Lagrangian<'p>,
    domain: Domain,
    pub(super) limits: &'l mut Limits<'c>,
    /// Only choices cheaper than this are looked for.
    pub(super) cut: i64,
    pub(super) best: Option<Incumbent>,
    /// A choice that costs no more than this is good enough to end the search.
    enough: i64,
    /// Nodes this search may still look at.
    nodes: u64,
    effort: Effort,
    /// Whether rows are branched on.
    rows: bool,
}

impl<'p, 'l, 'c> Search<'p, 'l, 'c> {
    pub(super) fn new(
        dual: Lagrangian<'p>,
        domain: Domain,
        limits: &'l mut Limits<'c>,
        (cut, enough): (i64, i64),
        nodes: u64,
    ) -> Self {
        Self {
            program: dual.program,
            dual,
            domain,
            limits,
            cut,
            best: None,
            enough,
            nodes,
            effort: AT_NODE,
            rows: true,
        }
    }

    /// To find something rather than to prove that there is nothing: little time for each node.
    pub(super) fn quick(self) -> Self {
        Self { effort: QUICK, rows: false, ..self }
    }

    fn offer(&mut self, taken: Vec<bool>) {
        if let Some(cost) = self.program.value(&taken)
            && cost < self.cut
        {
            self.cut = cost;
            self.limits.found(cost);
            self.best = Some(Incumbent { cost, taken });
        }
    }

    /// Looks at everything; true if it came to an end, so that nothing is cheaper than `cut`, or found enough.
    pub(super) fn run(&mut self, start: Multipliers) -> bool {
        let mut open: Vec<Open> = Vec::new();
        let mut multipliers = start;
        loop {
            if self.limits.stops_before_node() || self.nodes == 0 {
                return false;
            }
            self.nodes -= 1;
            if let Some(node) = self.visit(multipliers) {
                open.push(node);
            }
            if self.limits.stopped.is_some() {
                return false;
            }
            if self.best.as_ref().is_some_and(|best| best.cost <= self.enough) {
                return true;
            }
            // The next child of the deepest open node.
            loop {
                let Some(node) = open.last_mut() else { return true };
                self.domain.back_to(self.program, node.mark);
                let other = node.done.take();
                // Of rows the children are apart as they are.
                if let Some(Step::Variable(v, taken)) = other
                    && !self.domain.settle(self.program, v as usize, !taken)
                {
                    // The children that are left have nothing more to choose from.
                    node.children.clear();
                }
                node.mark = self.domain.mark();
                let Some((step, penalty)) = node.children.pop() else {
                    open.pop();
                    continue;
                };
                node.done = Some(step);
                if node.value.saturating_add(penalty) >= target(self.dual.scale, self.cut) {
                    continue;
                }
                let fits = match step {
                    Step::Variable(v, taken) => self.domain.settle(self.program, v as usize, taken),
                    Step::Row(row, limits) => self.domain.limit(self.program, row as usize, limits),
                };
                if fits {
                    multipliers = node.multipliers.clone();
                    break;
                }
            }
        }
    }

    /// Bounds and fixes at the node the domain stands at; `None` if it is done with, or the search is stopped.
    fn visit(&mut self, mut multipliers: Multipliers) -> Option<Open> {
        let program = self.program;
        let mut value = 0;
        for round in 0..ROUNDS {
            if self.domain.settled() == program.variables() {
                self.offer(self.domain.values().iter().map(|&value| value == Some(true)).collect());
                return None;
            }
            let aim = target(self.dual.scale, self.cut);
            let limits = &mut *self.limits;
            let go_on = |_: &mut Lagrangian<'_>, _, _| !limits.stops_after(program.variables());
            let raised = ascend(&mut self.dual, &self.domain, multipliers, aim, self.effort, go_on);
            self.limits.iterations += raised.iterations as u64;
            if raised.value >= aim || self.limits.stopped.is_some() {
                return None;
            }
            multipliers = raised.multipliers;
            value = self.dual.evaluate(&multipliers, &self.domain, true);
            let before = self.domain.settled();
            if round == 0 && (self.limits.nodes < 20 || self.limits.nodes.is_multiple_of(16)) {
                let dual = &self.dual;
                if let Some(taken) = repair(program, &mut self.domain, &dual.chosen, |v| dual.reduced(v)) {
                    self.offer(taken);
                }
            }
            if !fix(&self.dual, &mut self.domain, value, target(self.dual.scale, self.cut)) {
                return None;
            }
            let open = program.variables() - before;
            if (self.domain.settled() - before) * 8 < open {
                break;
            }
        }
        if self.domain.settled() == program.variables() {
            self.offer(self.domain.values().iter().map(|&value| value == Some(true)).collect());
            return None;
        }
        let children = self.children(target(self.dual.scale, self.cut) - value);
        Some(Open { mark: self.domain.mark(), multipliers, children, done: None, value })
    }

    /// The row that counts heads whose sum is furthest from a whole number on average, with its two sides.
    fn sides(&self) -> Option<[(Step, i64); 2]> {
        let (program, dual) = (self.program, &self.dual);
        let mut best: Option<(f64, usize, f64)> = None;
        for row in 0..program.rows() {
            let ((low, high), (least, greatest)) = (self.domain.limits(row), self.domain.range(row));
            let (least, greatest) = (least.max(low), greatest.min(high));
            if least >= greatest || !counts_heads(program.row(row)) || !dual.can_limit(row) {
                continue;
            }
            let weigh = |&(v, weight): &(u32, i64)| {
                let taken = match self.domain.values()[v as usize] {
                    Some(taken) => f64::from(u8::from(taken)),
                    None => dual.average[v as usize],
                };
                weight as f64 * taken
            };
            let sum = program.row(row).iter().map(weigh).sum::<f64>().clamp(least as f64, greatest as f64);
            let apart = (sum - sum.round()).abs();
            if apart > FRACTION && best.is_none_or(|best| apart > best.0) {
                best = Some((apart, row, sum));
            }
        }
        best.map(|(_, row, sum)| {
            let floor = sum.floor() as i64;
            let below = (Step::Row(row as u32, (-FREE, floor)), 0);
            let above = (Step::Row(row as u32, (floor + 1, FREE)), 0);
            if sum - floor as f64 > 0.5 { [below, above] } else { [above, below] }
        })
    }

    /// The row, group or auxiliary variable to branch on, with its children.
    fn children(&self, gap: i64) -> Vec<(Step, i64)> {
        let (program, dual) = (self.program, &self.dual);
        if self.rows
            && let Some(sides) = self.sides()
        {
            return sides.into();
        }
        let mut best: Option<(f64, usize)> = None;
        let mut dearest = Vec::new();
        for group in 0..program.groups() {
            if self.domain.open_in(group) == 0 {
                continue;
            }
            let (mut first, mut most) = (i64::MAX / 4, 0.0_f64);
            for (v, penalty) in penalties(dual, &self.domain, group, &mut dearest) {
                first = first.min(penalty);
                most = most.max(dual.average[v]);
            }
            let score = 3.0 * first as f64 / gap as f64 + (1.0 - most);
            if best.is_none_or(|(most, _)| score > most) {
                best = Some((score, group));
            }
        }
        if let Some((_, group)) = best {
            let of_group = penalties(dual, &self.domain, group, &mut dearest);
            let mut options: Vec<(i64, usize)> = of_group.map(|(v, penalty)| (penalty, v)).collect();
            options.sort_unstable_by_key(|&(penalty, v)| (std::cmp::Reverse(penalty), v));
            return options.into_iter().map(|(p, v)| (Step::Variable(v as u32, true), p)).collect();
        }
        let alone = program.group_start[program.groups()] as usize..program.variables();
        let open = alone.filter(|&v| self.domain.is_open(v) && program.group[v] == NONE);
        let Some(v) = open.max_by_key(|&v| dual.taking[v].min(dual.leaving[v])) else { return Vec::new() };
        let yes = (Step::Variable(v as u32, true), dual.taking[v]);
        let no = (Step::Variable(v as u32, false), dual.leaving[v]);
        if yes.1 < no.1 { vec![no, yes] } else { vec![yes, no] }
    }
}
