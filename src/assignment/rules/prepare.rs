//! From a problem with rules to the parts that are solved: the program, what follows from the rules alone, and its
//! connected parts.
//!
//! Two groups are connected if a row speaks of both, directly or along others. A block does not connect: without a row
//! its supporter serves everyone. Union by the lowest number, O(terms x log variables); parts in the order of their
//! first variable.

use super::binary::{Binary, FREE};
use super::domain::Domain;
use super::objective::Weighing;
use super::problem::RuleProblem;
use crate::assignment::Rungs;

/// A program ready to be solved.
#[derive(Debug)]
pub(super) struct Prepared {
    pub(super) whole: Binary,
    /// Values of the whole program's variables that follow from the rules.
    pub(super) values: Vec<Option<bool>>,
    /// Whether the rules contradict each other already there.
    pub(super) conflict: bool,
    /// What is left, its variables' origin in the whole program.
    pub(super) parts: Vec<Binary>,
    /// What is paid before any part.
    pub(super) constant: i64,
}

/// The same with all scales nothing: a problem in which only the firm rules count.
pub(super) fn without_costs() -> Weighing {
    Weighing { scales: Rungs::default(), magnitude: 0 }
}

/// Prepares a problem.
pub(super) fn prepare(ruled: &RuleProblem, weighing: &Weighing) -> Prepared {
    let whole = Binary::of(ruled, &weighing.scales);
    let mut domain = Domain::new(&whole);
    let conflict =
        !domain.propagate_all(&whole) || empty_row_broken(&whole) || !settle_needless(&whole, &mut domain);
    let values = domain.values().to_vec();
    let mut parts = Vec::new();
    let mut constant = whole.constant;
    if !conflict {
        let rest = whole.cut(&values, |_| true);
        constant = rest.constant;
        parts = split(&rest);
        for part in &mut parts {
            for origin in &mut part.origin {
                *origin = rest.origin[*origin as usize];
            }
        }
    }
    Prepared { whole, values, conflict, parts, constant }
}

/// Settles variables that nobody needs: those that can only hurt rows, in groups that have as many as they need of
/// others that hurt none and cost no more. Any choice is as good with those in their place. False if that is a
/// conflict.
///
/// A backup need not be there where only who is served counts, and its pairs would cloud the prices of what matters.
pub(super) fn settle_needless(program: &Binary, domain: &mut Domain) -> bool {
    let hurts = |v: usize, sign: i64| {
        program.column(v).iter().any(|&(row, weight)| {
            let bounds = program.bounds[row as usize];
            bounds.price != 0 && if weight * sign > 0 { bounds.high != FREE } else { bounds.low != -FREE }
        })
    };
    for group in 0..program.groups() {
        let missing = domain.missing(group);
        let open = || program.members(group).filter(|&v| domain.is_open(v));
        let mut harmless: Vec<usize> = open().filter(|&v| !hurts(v, 1)).collect();
        if missing == 0 || harmless.len() < missing {
            continue;
        }
        harmless.sort_unstable_by_key(|&v| (program.cost[v], v));
        harmless.truncate(missing);
        let dearest = program.cost[harmless[missing - 1]];
        // One that helps no row is one whose absence hurts none.
        let needless = |&v: &usize| program.cost[v] >= dearest && !harmless.contains(&v) && !hurts(v, -1);
        let needless: Vec<usize> = open().filter(needless).collect();
        if needless.into_iter().any(|v| !domain.settle(program, v, false)) {
            return false;
        }
    }
    true
}

/// A firm row without terms that asks for something.
fn empty_row_broken(program: &Binary) -> bool {
    (0..program.rows()).any(|row| program.row(row).is_empty() && program.bounds[row].cost(0).is_none())
}

fn split(program: &Binary) -> Vec<Binary> {
    let n = program.variables();
    let mut parent: Vec<u32> = (0..n as u32).collect();
    for group in 0..program.groups() {
        let members = program.members(group);
        for v in members.clone() {
            join(&mut parent, members.start, v);
        }
    }
    for row in 0..program.rows() {
        let terms = program.row(row);
        for &(v, _) in terms {
            join(&mut parent, terms[0].0 as usize, v as usize);
        }
    }
    let root: Vec<u32> = (0..n).map(|v| find(&mut parent, v)).collect();
    let mut roots: Vec<u32> = (0..n as u32).filter(|&v| root[v as usize] == v).collect();
    roots.sort_unstable();
    if roots.len() == 1 {
        let whole = program.cut(&vec![None; n], |_| true);
        return vec![whole];
    }
    // One cut for each part would read everything each time: parts of one group need no search, so they go together.
    let mut size = vec![0_u32; n];
    for &r in &root {
        size[r as usize] += 1;
    }
    let group_of = |v: usize| program.group[v];
    let alone = |r: u32| {
        let v = r as usize;
        let members = match group_of(v) {
            super::binary::NONE => 1,
            group => program.members(group as usize).len() as u32,
        };
        size[v] == members
    };
    let (simple, tied): (Vec<u32>, Vec<u32>) = roots.into_iter().partition(|&r| alone(r));
    let mut parts: Vec<Binary> =
        tied.into_iter().map(|r| program.cut(&vec![None; n], |v| root[v] == r)).collect();
    if !simple.is_empty() {
        let mut is_simple = vec![false; n];
        for r in simple {
            is_simple[r as usize] = true;
        }
        parts.push(program.cut(&vec![None; n], |v| is_simple[root[v] as usize]));
    }
    parts
}

fn find(parent: &mut [u32], mut v: usize) -> u32 {
    while parent[v] as usize != v {
        parent[v] = parent[parent[v] as usize];
        v = parent[v] as usize;
    }
    v as u32
}

fn join(parent: &mut [u32], a: usize, b: usize) {
    let (a, b) = (find(parent, a), find(parent, b));
    parent[a.max(b) as usize] = a.min(b);
}
