//! What is kept exactly at one supporter: the rows that speak of that supporter alone, as a table of states.
//!
//! A block holds the pairs of one supporter and the auxiliary variables that only its rows name. Rows with the same
//! weights on the pairs are one *measure* (hours, heads, complex cases); a state is what the chosen pairs add up to in
//! every measure. What the rows, firm or soft, and the auxiliary variables make of a state is its *end cost*, one table
//! for each setting of the auxiliary variables. So a choice of pairs is a path through the states, and the cheapest one
//! is found by dynamic programming whatever the rows are: maximum, minimum, either-or, priced excess.
//!
//! Rows that would make the table too large, or weigh pairs both up and down, stay outside and are relaxed like those
//! that cut across supporters.

use std::collections::BTreeMap;

use super::binary::{Binary, FIRM, NONE};

/// More than any real sum, small enough that two of them can be added.
pub(super) const INFINITE: i64 = i64::MAX / 4;
/// States that one block may have.
const MOST_STATES: usize = 1 << 14;
/// Auxiliary variables that one block may try in all ways.
const MOST_AUXILIARIES: usize = 4;

/// One supporter's part of the program.
#[derive(Debug, Clone)]
pub(super) struct Block {
    pub(super) pairs: Vec<u32>,
    /// The class of each pair: pairs of a class weigh the same in every measure.
    pub(super) class: Vec<u32>,
    /// How many pairs of each class fit beside each other at most.
    pub(super) most: Vec<u32>,
    pub(super) auxiliaries: Vec<u32>,
    pub(super) states: usize,
    /// The rows that the block keeps and no auxiliary variable stands in, whether their weights are negated, and what
    /// they sum up to in each state.
    pub(super) rows: Vec<(u32, bool, Vec<u32>)>,
    /// With one measure: the weight of each class. A state is then its sum.
    pub(super) weights: Option<Vec<u32>>,
    /// For each class the state after each state, `states` where there is none.
    pub(super) step: Vec<u32>,
    /// For each setting of the auxiliary variables (bit by bit) the end cost of each state, in the program's costs.
    pub(super) end: Vec<Vec<i64>>,
    /// Whether taking more never makes the end cheaper, under every setting.
    pub(super) monotone: bool,
}

/// The program seen as blocks, single variables and the rows that tie them together.
#[derive(Debug, Clone)]
pub(super) struct Structure {
    pub(super) blocks: Vec<Block>,
    /// Variables in no block.
    pub(super) single: Vec<u32>,
    /// Rows of the program that no block keeps.
    pub(super) relaxed: Vec<u32>,
}

/// Pairs and weights of a measure, and the rows it serves: the row and whether its weights are negated.
type Measures = BTreeMap<Vec<(u32, i64)>, Vec<(u32, bool)>>;

impl Structure {
    /// Finds the blocks. O(terms + states).
    pub(super) fn of(program: &Binary) -> Self {
        let home = homes(program);
        let mut local: Vec<Vec<u32>> = vec![Vec::new(); program.blocks as usize];
        let mut relaxed = Vec::new();
        for row in 0..program.rows() {
            let terms = program.row(row);
            let block = terms.first().map_or(NONE, |term| home[term.0 as usize]);
            if block != NONE && terms.iter().all(|term| home[term.0 as usize] == block) {
                local[block as usize].push(row as u32);
            } else {
                relaxed.push(row as u32);
            }
        }
        let mut pairs: Vec<Vec<u32>> = vec![Vec::new(); program.blocks as usize];
        let mut auxiliaries = pairs.clone();
        let mut single = Vec::new();
        for (v, &home) in home.iter().enumerate() {
            match home {
                NONE => single.push(v as u32),
                block if program.group[v] == NONE => auxiliaries[block as usize].push(v as u32),
                block => pairs[block as usize].push(v as u32),
            }
        }
        let mut blocks = Vec::new();
        for ((pairs, auxiliaries), local) in pairs.into_iter().zip(auxiliaries).zip(local) {
            if !pairs.is_empty() || !auxiliaries.is_empty() {
                blocks.push(block(program, pairs, auxiliaries, &local, &mut relaxed));
            }
        }
        relaxed.sort_unstable();
        Self { blocks, single, relaxed }
    }
}

/// The block of each variable: a pair's supporter; for an auxiliary variable the one supporter its rows speak of.
fn homes(program: &Binary) -> Vec<u32> {
    let mut home: Vec<u32> = (0..program.variables())
        .map(|v| if program.group[v] == NONE { NONE } else { program.block[v] })
        .collect();
    let mut count = vec![0_usize; program.blocks as usize];
    let first_alone = program.group_start[program.groups()] as usize;
    for (v, home) in home.iter_mut().enumerate().skip(first_alone) {
        let mut only = None;
        let mut one = true;
        for &(row, _) in program.column(v) {
            for &(other, _) in program.row(row as usize) {
                if program.group[other as usize] != NONE {
                    let block = program.block[other as usize];
                    one &= block != NONE && only.is_none_or(|only| only == block);
                    only = Some(block);
                }
            }
        }
        if let (true, Some(block)) = (one, only)
            && count[block as usize] < MOST_AUXILIARIES
        {
            count[block as usize] += 1;
            *home = block;
        }
    }
    home
}

fn block(
    program: &Binary,
    pairs: Vec<u32>,
    auxiliaries: Vec<u32>,
    local: &[u32],
    relaxed: &mut Vec<u32>,
) -> Block {
    let is_auxiliary = |v: u32| program.group[v as usize] == NONE;
    let mut measures = Measures::new();
    for &row in local {
        let terms = program.row(row as usize);
        let mut of_pairs: Vec<(u32, i64)> = terms.iter().copied().filter(|t| !is_auxiliary(t.0)).collect();
        of_pairs.sort_unstable();
        let negated = of_pairs.first().is_some_and(|term| term.1 < 0);
        if of_pairs.iter().any(|term| (term.1 < 0) != negated) {
            relaxed.push(row);
            continue;
        }
        if negated {
            for term in &mut of_pairs {
                term.1 = -term.1;
            }
        }
        measures.entry(of_pairs).or_default().push((row, negated));
    }
    // The largest measures first: they are the supporter's own limits, the small ones perhaps many.
    let mut order: Vec<_> = measures.iter().collect();
    order.sort_by_key(|(terms, rows)| (std::cmp::Reverse(terms.len()), rows[0].0));
    let mut kept: Vec<Kept<'_>> = Vec::new();
    let mut size = 1_usize;
    for (terms, rows) in order {
        let most = largest_sum(program, terms, rows);
        let fits = usize::try_from(most).ok().and_then(|most| size.checked_mul(most + 1));
        match fits.filter(|&size| size <= MOST_STATES) {
            Some(larger) => {
                size = larger;
                kept.push((terms, rows, most as usize));
            }
            None => relaxed.extend(rows.iter().map(|row| row.0)),
        }
    }

    // Classes, numbered in the order in which they come up.
    let mut vector = vec![vec![0_usize; kept.len()]; pairs.len()];
    for (m, (terms, _, _)) in kept.iter().enumerate() {
        for &(v, weight) in *terms {
            if let Ok(at) = pairs.binary_search(&v) {
                vector[at][m] = weight.min(INFINITE) as usize;
            }
        }
    }
    let mut numbers = BTreeMap::new();
    let mut vectors = Vec::new();
    let class: Vec<u32> = vector
        .into_iter()
        .map(|vector| {
            *numbers.entry(vector.clone()).or_insert_with(|| {
                vectors.push(vector);
                vectors.len() as u32 - 1
            })
        })
        .collect();

    let sizes: Vec<usize> = kept.iter().map(|measure| measure.2 + 1).collect();
    let (sums, step) = states(&sizes, &vectors);
    let weights = (sizes.len() == 1).then(|| vectors.iter().map(|v| v[0] as u32).collect());
    let settings = 1_usize << auxiliaries.len();
    let end: Vec<Vec<i64>> = (0..settings)
        .map(|setting| sums.iter().map(|sum| end_cost(program, &auxiliaries, setting, &kept, sum)).collect())
        .collect();
    let states = sums.len();
    let monotone = end.iter().all(|end| {
        step.iter().enumerate().all(|(at, &to)| to as usize == states || end[to as usize] >= end[at % states])
    });
    let fit = |class: usize| {
        let (mut state, mut count) = (0, 0);
        while count < pairs.len() as u32 && step[class * states + state] as usize != states {
            state = step[class * states + state] as usize;
            count += 1;
        }
        count
    };
    let most = (0..vectors.len()).map(fit).collect();
    let mut rows = Vec::new();
    for (m, (_, of_measure, _)) in kept.iter().enumerate() {
        for &(row, negated) in *of_measure {
            if program.row(row as usize).iter().all(|term| !is_auxiliary(term.0)) {
                rows.push((row, negated, sums.iter().map(|sum| sum[m] as u32).collect()));
            }
        }
    }
    Block { pairs, class, most, auxiliaries, states, rows, weights, step, end, monotone }
}

/// The largest sum of a measure that firm rows allow under any setting of the auxiliary variables.
fn largest_sum(program: &Binary, terms: &[(u32, i64)], rows: &[(u32, bool)]) -> i64 {
    let mut most: i64 = terms.iter().map(|term| term.1).sum();
    for &(row, negated) in rows {
        let bounds = program.bounds[row as usize];
        if bounds.price != FIRM {
            continue;
        }
        let alone = program.row(row as usize).iter().filter(|t| program.group[t.0 as usize] == NONE);
        let (least, greatest) = alone.fold((0, 0), |(l, g), t| (l + t.1.min(0), g + t.1.max(0)));
        most = most.min(if negated { greatest - bounds.low } else { bounds.high - least });
    }
    most.max(0)
}

/// Every state that can be reached from nothing, first the empty one, and the steps between them.
fn states(sizes: &[usize], vectors: &[Vec<usize>]) -> (Vec<Vec<usize>>, Vec<u32>) {
    // With one measure a state is its sum, reached or not, so that steps are offsets.
    let mut sums: Vec<Vec<usize>> = match sizes {
        [size] => (0..*size).map(|sum| vec![sum]).collect(),
        _ => vec![vec![0; sizes.len()]],
    };
    let mut number: BTreeMap<Vec<usize>, u32> =
        sums.iter().enumerate().map(|(at, sum)| (sum.clone(), at as u32)).collect();
    let mut steps: Vec<Vec<u32>> = Vec::new();
    let mut done = 0;
    while done < sums.len() {
        let mut next = Vec::with_capacity(vectors.len());
        for vector in vectors {
            let to: Vec<usize> = sums[done].iter().zip(vector).map(|(a, b)| a.saturating_add(*b)).collect();
            if to.iter().zip(sizes).any(|(sum, size)| sum >= size) {
                next.push(NONE);
                continue;
            }
            let there = *number.entry(to.clone()).or_insert_with(|| {
                sums.push(to);
                sums.len() as u32 - 1
            });
            next.push(there);
        }
        steps.push(next);
        done += 1;
    }
    let count = sums.len() as u32;
    let step = (0..vectors.len())
        .flat_map(|class| steps.iter().map(move |next| if next[class] == NONE { count } else { next[class] }))
        .collect();
    (sums, step)
}

/// A measure that is kept: its terms, its rows, and its largest sum.
type Kept<'a> = (&'a Vec<(u32, i64)>, &'a Vec<(u32, bool)>, usize);

fn end_cost(program: &Binary, auxiliaries: &[u32], setting: usize, kept: &[Kept<'_>], sum: &[usize]) -> i64 {
    let mut cost = 0_i64;
    for ((_, rows, _), &sum) in kept.iter().zip(sum) {
        for &(row, negated) in *rows {
            let mut total = if negated { -(sum as i64) } else { sum as i64 };
            for &(v, weight) in program.row(row as usize) {
                if let Some(at) = auxiliaries.iter().position(|&other| other == v)
                    && setting >> at & 1 == 1
                {
                    total += weight;
                }
            }
            match program.bounds[row as usize].cost(total) {
                Some(price) => cost = cost.saturating_add(price),
                None => return INFINITE,
            }
        }
    }
    cost.min(INFINITE)
}
