//! Lists that many people share, each kept once and known by a number: what is computed of a list is then computed
//! once for all who have it.

use std::hash::Hash;

use super::csr::Csr;
use super::numbered::{Numbered, Numbers};

/// One list of `T` for each row, equal lists kept once.
#[derive(Debug, Clone)]
pub(super) struct Distinct<T> {
    number: Vec<u32>,
    lists: Csr<T>,
    numbers: Numbers<Vec<T>>,
}

/// What came of giving a row a list.
pub(super) struct Change<T> {
    /// The number of the list, if no other row had the same.
    pub(super) new: Option<u32>,
    /// Lists that are not kept: the row's own, if it was there already, and the one it had, if nobody has it now.
    pub(super) spare: [Vec<T>; 2],
}

impl Change<u32> {
    /// The lists that are not kept use their values no more.
    pub(super) fn release<K: Clone + Eq + Hash>(self, values: &mut Numbered<K>) {
        for number in self.spare.into_iter().flatten() {
            values.release(number);
        }
    }
}

impl<T> Default for Distinct<T> {
    fn default() -> Self {
        Self { number: Vec::new(), lists: Csr::default(), numbers: Numbers::default() }
    }
}

impl<T: Clone + Eq + Hash> Distinct<T> {
    /// Gives a row a list, or adds a row after the last. Linear in the lists.
    pub(super) fn set(&mut self, row: usize, list: Vec<T>) -> Change<T> {
        let (number, is_new) = self.numbers.take(&list[..]);
        if is_new {
            self.lists.set(number as usize, &list);
        }
        let mut gone = Vec::new();
        if row == self.number.len() {
            self.number.push(number);
        } else {
            let before = std::mem::replace(&mut self.number[row], number) as usize;
            if self.numbers.release(self.lists.row(before)).is_some() {
                gone = self.lists.row(before).to_vec();
                self.lists.set(before, &[]);
            }
        }
        Change { new: is_new.then_some(number), spare: [if is_new { Vec::new() } else { list }, gone] }
    }
}

impl<T> Distinct<T> {
    /// How many numbers lists have; one that is free for the next new list stands for an empty list.
    pub(super) fn len(&self) -> usize {
        self.lists.len()
    }

    /// The number of a row's list.
    #[inline]
    pub(super) fn number(&self, row: usize) -> usize {
        self.number[row] as usize
    }

    #[inline]
    pub(super) fn list(&self, number: usize) -> &[T] {
        self.lists.row(number)
    }

    #[inline]
    pub(super) fn row(&self, row: usize) -> &[T] {
        self.list(self.number(row))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_lists_that_nobody_has_are_given_anew() {
        let mut lists = Distinct::default();
        assert_eq!(lists.set(0, vec![1]).new, Some(0));
        assert_eq!(lists.set(1, vec![1]).new, None);
        assert_eq!(lists.set(2, vec![2]).new, Some(1));
        // Somebody else has it still.
        let change = lists.set(0, vec![3]);
        assert_eq!((change.new, change.spare), (Some(2), [vec![], vec![]]));
        let change = lists.set(1, vec![3]);
        assert_eq!((change.new, change.spare), (None, [vec![3], vec![1]]));
        assert_eq!(lists.set(2, vec![4]).new, Some(0));
        assert_eq!((lists.row(0), lists.row(1), lists.row(2)), (&[3][..], &[3][..], &[4][..]));
        // The same again: nothing is lost, nothing new.
        let change = lists.set(2, vec![4]);
        assert_eq!((change.new, change.spare), (None, [vec![4], vec![]]));
        assert_eq!(lists.len(), 3);
    }
}
