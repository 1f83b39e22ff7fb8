//! The quality costs of pairs, held in 32 bits where all of them fit.
//!
//! **Problem.** A solve is little more than reading the pairs a few times, and half of what is read are costs. They are
//! stated in 64 bits, and hardly ever need as many.
//!
//! **Method.** When a problem is built it is seen whether all costs fit 32 bits, and then they are held in these. Where
//! costs are read one after another, the width is looked at once and not for each.
//!
//! **Why it is exact.** Nothing is rounded: a cost that does not fit keeps all of them in 64 bits.
//!
//! **Time and space.** O(pairs) to narrow them, in place of the wide ones but for a small part at a time.

use std::iter::{Copied, Zip};
use std::ops::Range;
use std::slice;
use std::sync::Arc;

/// Costs narrowed at a time, before the memory they leave is given back.
const PART: usize = 1 << 16;

/// The costs of all pairs of a problem, to be read as 64-bit integers; held in 32 bits where all of them fit.
#[derive(Debug, Clone)]
pub struct Costs {
    held: Held,
}

#[derive(Debug, Clone)]
enum Held {
    Narrow(Arc<Vec<i32>>),
    Wide(Arc<Vec<i64>>),
}

impl From<Vec<i32>> for Costs {
    fn from(costs: Vec<i32>) -> Self {
        Self { held: Held::Narrow(costs.into()) }
    }
}

impl From<Vec<i64>> for Costs {
    fn from(mut wide: Vec<i64>) -> Self {
        if !wide.iter().all(|&cost| i64::from(cost as i32) == cost) {
            return Self { held: Held::Wide(wide.into()) };
        }
        // From the end on, so that what is narrowed already need not be held twice; memory that was never written to
        // is none.
        let mut narrow = vec![0; wide.len()];
        while !wide.is_empty() {
            let start = (wide.len() - 1) / PART * PART;
            for (narrow, &wide) in narrow[start..].iter_mut().zip(&wide[start..]) {
                *narrow = wide as i32;
            }
            wide.truncate(start);
            wide.shrink_to_fit();
        }
        narrow.into()
    }
}

impl Costs {
    /// One of them.
    ///
    /// Panics where there is none, like a slice.
    #[inline]
    pub(super) fn at(&self, at: usize) -> i64 {
        match &self.held {
            Held::Narrow(costs) => costs[at].into(),
            Held::Wide(costs) => costs[at],
        }
    }

    pub(super) fn len(&self) -> usize {
        match &self.held {
            Held::Narrow(costs) => costs.len(),
            Held::Wide(costs) => costs.len(),
        }
    }

    /// Those of pairs in this range.
    ///
    /// Panics where there are no such pairs, like a slice.
    #[inline]
    pub(super) fn of(&self, range: Range<usize>) -> CostSlice<'_> {
        match &self.held {
            Held::Narrow(costs) => CostSlice::Narrow(&costs[range]),
            Held::Wide(costs) => CostSlice::Wide(&costs[range]),
        }
    }

    /// Those of pairs in these ranges, laid end to end.
    pub(super) fn gathered(&self, ranges: impl Iterator<Item = Range<usize>>) -> Self {
        match &self.held {
            Held::Narrow(costs) => {
                ranges.flat_map(|range| &costs[range]).copied().collect::<Vec<i32>>().into()
            }
            Held::Wide(costs) => ranges.flat_map(|range| &costs[range]).copied().collect::<Vec<i64>>().into(),
        }
    }
}

/// Some costs next to each other, in the width they are held in.
#[derive(Debug, Clone, Copy)]
pub(super) enum CostSlice<'a> {
    Narrow(&'a [i32]),
    Wide(&'a [i64]),
}

/// A cost as it is held.
pub(super) trait Cost: Copy + Ord + Into<i64> + Send + Sync {}

impl Cost for i32 {}
impl Cost for i64 {}

impl CostSlice<'_> {
    /// One of them.
    ///
    /// Panics where there is none, like a slice.
    #[inline]
    pub(super) fn at(self, at: usize) -> i64 {
        match self {
            Self::Narrow(costs) => costs[at].into(),
            Self::Wide(costs) => costs[at],
        }
    }
}

/// Pairs of one participant in turn. What goes through all of them at once ([`Iterator::fold`] and what is made of it,
/// such as `for_each` and `min`) looks at the width once.
#[derive(Debug, Clone)]
pub(super) enum Row<'a> {
    Narrow(Pairs<'a, i32>),
    Wide(Pairs<'a, i64>),
}

type Pairs<'a, C> = Zip<Copied<slice::Iter<'a, u32>>, Copied<slice::Iter<'a, C>>>;

impl<'a> Row<'a> {
    #[inline]
    pub(super) fn new(supporters: &'a [u32], costs: CostSlice<'a>) -> Self {
        let supporters = supporters.iter().copied();
        match costs {
            CostSlice::Narrow(costs) => Self::Narrow(supporters.zip(costs.iter().copied())),
            CostSlice::Wide(costs) => Self::Wide(supporters.zip(costs.iter().copied())),
        }
    }
}

impl Iterator for Row<'_> {
    type Item = (u32, i64);

    #[inline]
    fn next(&mut self) -> Option<(u32, i64)> {
        match self {
            Self::Narrow(pairs) => pairs.next().map(|(supporter, cost)| (supporter, cost.into())),
            Self::Wide(pairs) => pairs.next(),
        }
    }

    #[inline]
    fn size_hint(&self) -> (usize, Option<usize>) {
        match self {
            Self::Narrow(pairs) => pairs.size_hint(),
            Self::Wide(pairs) => pairs.size_hint(),
        }
    }

    #[inline]
    fn fold<B, F: FnMut(B, (u32, i64)) -> B>(self, first: B, mut step: F) -> B {
        match self {
            Self::Narrow(pairs) => {
                pairs.fold(first, |sum, (supporter, cost)| step(sum, (supporter, cost.into())))
            }
            Self::Wide(pairs) => pairs.fold(first, step),
        }
    }
}

impl ExactSizeIterator for Row<'_> {}

#[cfg(test)]
mod tests {
    use super::{CostSlice, Costs, PART, Row};

    fn read(costs: &Costs) -> Vec<i64> {
        let supporters: Vec<u32> = (0..costs.len() as u32).collect();
        let row = || Row::new(&supporters, costs.of(0..costs.len()));
        let pairs: Vec<(u32, i64)> = row().collect();
        let mut at_once = Vec::new();
        row().for_each(|pair| at_once.push(pair));
        assert_eq!(pairs, at_once);
        assert!(row().map(|(supporter, _)| supporter).eq(supporters.iter().copied()));
        let read: Vec<i64> = pairs.into_iter().map(|(_, cost)| cost).collect();
        assert!((0..read.len()).all(|at| costs.at(at) == read[at]));
        read
    }

    #[test]
    fn what_is_read_is_what_was_stated_and_narrow_where_it_fits() {
        let (low, high) = (i64::from(i32::MIN), i64::from(i32::MAX));
        for (length, last, fits) in [
            (0, 0, true),
            (1, low, true),
            (2, high, true),
            (2, high + 1, false),
            (2, low - 1, false),
            (3, i64::MIN, false),
            (PART, high, true),
            (PART + 1, low, true),
            (2 * PART + 3, -1, true),
            (2 * PART + 3, i64::MAX, false),
        ] {
            let mut stated: Vec<i64> = (0..length as i64).map(|at| at * 37 % 1_000 - 500).collect();
            if let Some(at) = stated.last_mut() {
                *at = last;
            }
            let costs = Costs::from(stated.clone());
            assert_eq!(matches!(costs.of(0..0), CostSlice::Narrow(_)), fits, "{length} costs up to {last}");
            assert_eq!(read(&costs), stated);
            let ranges = [length / 2..length, 0..length / 3];
            let expected: Vec<i64> =
                ranges.iter().flat_map(|range| &stated[range.clone()]).copied().collect();
            assert_eq!(read(&costs.gathered(ranges.into_iter())), expected);
        }
    }
}
