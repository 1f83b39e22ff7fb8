//! From a relaxed choice, in which some have several supporters and some none, to a feasible one.
//!
//! Groups are settled one after another with everything that follows from it: first those of which as many variables
//! are chosen as they need, then those with more, then those with fewer, in each class the ones with the most to lose
//! first. A group takes the variables of the least reduced cost that lead to no conflict; where too few are left, the
//! attempt ends. O(variables log variables) and one propagation for each place.

use std::cmp::Ordering;

use super::binary::{Binary, NONE};
use super::domain::Domain;
use super::polish::polish;

/// A feasible choice near the chosen one, or nothing. The domain is given back as it was.
pub(super) fn repair(
    program: &Binary,
    domain: &mut Domain,
    chosen: &[u32],
    reduced: impl Fn(usize) -> i64,
) -> Option<Vec<bool>> {
    let mark = domain.mark();
    let found = attempt(program, domain, chosen, reduced);
    domain.back_to(program, mark);
    found.map(|taken| polish(program, taken))
}

fn attempt(
    program: &Binary,
    domain: &mut Domain,
    chosen: &[u32],
    reduced: impl Fn(usize) -> i64,
) -> Option<Vec<bool>> {
    let mut is_chosen = vec![false; program.variables()];
    let mut count = vec![0_u32; program.groups()];
    for &v in chosen {
        is_chosen[v as usize] = true;
        let group = program.group[v as usize];
        if group != NONE {
            count[group as usize] += 1;
        }
    }
    let mut order: Vec<(u32, i64, u32)> = Vec::with_capacity(program.groups());
    for (group, &count) in count.iter().enumerate() {
        let (mut best, mut second) = (i64::MAX / 2, i64::MAX / 2);
        for v in program.members(group).filter(|&v| domain.is_open(v)) {
            let cost = reduced(v);
            if cost < best {
                second = best;
                best = cost;
            } else {
                second = second.min(cost);
            }
        }
        let class = match count.cmp(&program.need[group]) {
            Ordering::Equal => 0,
            Ordering::Greater => 1,
            Ordering::Less => 2,
        };
        order.push((class, best - second, group as u32));
    }
    order.sort_unstable();
    let mut options: Vec<(bool, i64, usize)> = Vec::new();
    for (_, _, group) in order {
        if domain.open_in(group as usize) == 0 {
            continue;
        }
        options.clear();
        let open = program.members(group as usize).filter(|&v| domain.is_open(v));
        options.extend(open.map(|v| (!is_chosen[v], reduced(v), v)));
        options.sort_unstable();
        for &(_, _, v) in &options {
            if !domain.is_open(v) {
                continue;
            }
            let here = domain.mark();
            if !domain.settle(program, v, true) {
                domain.back_to(program, here);
            }
        }
        if domain.missing(group as usize) > 0 {
            return None;
        }
    }
    let alone = program.group_start[program.groups()] as usize;
    for (v, &wanted) in is_chosen.iter().enumerate().skip(alone) {
        if domain.is_open(v) {
            let here = domain.mark();
            if !domain.settle(program, v, wanted) {
                domain.back_to(program, here);
                if !domain.settle(program, v, !wanted) {
                    return None;
                }
            }
        }
    }
    Some(domain.values().iter().map(|&value| value == Some(true)).collect())
}
