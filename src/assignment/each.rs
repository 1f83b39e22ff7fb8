//! A value for each participant, stored once where all have the same.
//!
//! **Problem.** Most problems pin nobody, have no standing matches and weigh everyone alike. To store that for each of
//! a million participants, and again for each part of a problem, is most of what a problem takes beside its pairs.
//!
//! **Time and space.** O(1) to read; O(1) space where all values are equal, else O(participants).

use std::ops::Index;

/// A value for each of so many participants.
#[derive(Debug, Clone)]
pub(super) struct Each<T> {
    count: usize,
    /// One value if it is everyone's.
    values: Vec<T>,
}

impl<T> Each<T> {
    pub(super) fn len(&self) -> usize {
        self.count
    }

    pub(super) fn iter(&self) -> impl DoubleEndedIterator<Item = &T> + ExactSizeIterator + Clone {
        (0..self.count).map(|at| &self[at])
    }
}

impl<T: Copy + PartialEq> Each<T> {
    /// Whether all have the same.
    pub(super) fn is_alike(&self) -> bool {
        self.values.len() <= 1
    }

    /// The values of these participants, in this order.
    pub(super) fn of(&self, participants: &[u32]) -> Self {
        if self.values.len() == 1 {
            return Self { count: participants.len(), values: self.values.clone() };
        }
        participants.iter().map(|&p| self[p as usize]).collect::<Vec<T>>().into()
    }
}

impl<T: PartialEq> From<Vec<T>> for Each<T> {
    fn from(mut values: Vec<T>) -> Self {
        let count = values.len();
        if values.windows(2).all(|two| two[0] == two[1]) {
            values.truncate(1);
            values.shrink_to_fit();
        }
        Self { count, values }
    }
}

/// Panics where there is no such participant, like a slice.
impl<T> Index<usize> for Each<T> {
    type Output = T;

    #[inline]
    fn index(&self, participant: usize) -> &T {
        assert!(participant < self.count, "there is no participant {participant} among {}", self.count);
        if self.values.len() == 1 { &self.values[0] } else { &self.values[participant] }
    }
}
