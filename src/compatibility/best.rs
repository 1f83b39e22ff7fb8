//! The best so far of a search, and what is still wanted.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

/// A pair by value: the higher the better, then the lower supporter.
type Ranked = (i64, Reverse<u32>);

/// The up to so many pairs of highest value above a floor.
pub(super) struct Best {
    /// A value has to exceed this.
    floor: i64,
    most: usize,
    /// The worst of them on top.
    heap: BinaryHeap<Reverse<Ranked>>,
}

impl Best {
    pub(super) fn new(floor: i64, most: usize) -> Self {
        Self { floor, most, heap: BinaryHeap::new() }
    }

    /// The lowest value that can still be among the best.
    #[inline]
    pub(super) fn wanted(&self) -> i64 {
        let above_floor = self.floor.saturating_add(1);
        let worst = self.heap.peek().filter(|_| self.is_full());
        worst.map_or(above_floor, |&Reverse((worst, _))| worst.max(above_floor))
    }

    /// There are as many as are wanted.
    #[inline]
    pub(super) fn is_full(&self) -> bool {
        self.heap.len() >= self.most
    }

    /// How many more are wanted.
    pub(super) fn missing(&self) -> usize {
        self.most.saturating_sub(self.heap.len())
    }

    /// Keeps a supporter who is among the best.
    pub(super) fn offer(&mut self, value: i64, supporter: u32) {
        let ranked = (value, Reverse(supporter));
        if value <= self.floor {
        } else if !self.is_full() {
            self.heap.push(Reverse(ranked));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && worst.0 < ranked
        {
            *worst = Reverse(ranked);
        }
    }

    /// The best first.
    pub(super) fn into_sorted(self) -> impl Iterator<Item = (i64, u32)> {
        self.heap.into_sorted_vec().into_iter().map(|Reverse((value, Reverse(supporter)))| (value, supporter))
    }
}
