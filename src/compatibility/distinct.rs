//! Lists that many people share, each kept once and known by a number: what is computed of a list is then computed once
//! for all who have it.

use std::collections::HashMap;
use std::hash::Hash;

use super::csr::Csr;

/// One list of `T` for each row, equal lists kept once.
#[derive(Debug, Clone)]
pub(super) struct Distinct<T> {
    number: Vec<u32>,
    lists: Csr<T>,
}

impl<T: Clone + Eq + Hash> Distinct<T> {
    /// Numbers the lists in the order in which each first occurs.
    pub(super) fn from_rows(rows: impl IntoIterator<Item = Vec<T>>) -> Self {
        let mut known: HashMap<Vec<T>, u32> = HashMap::new();
        let mut firsts = Vec::new();
        let number = rows
            .into_iter()
            .map(|row| {
                if let Some(&number) = known.get(&row) {
                    return number;
                }
                let number = known.len() as u32;
                firsts.push(row.clone());
                known.insert(row, number);
                number
            })
            .collect();
        Self { number, lists: Csr::from_rows(firsts) }
    }
}

impl<T> Distinct<T> {
    /// How many different lists there are.
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
