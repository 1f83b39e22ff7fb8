//! Lists of unequal length, one after another in one piece of memory; one of them can be replaced.
//!
//! A list that is not longer than the one it replaces takes its room, a longer one goes to the end. What nobody reads
//! any more is moved out as soon as it is more than half of all, so replacing is linear in the list, amortised, and
//! the memory never more than double.

/// One list of `T` for each row.
#[derive(Debug, Clone)]
pub(super) struct Csr<T> {
    /// From where to where each row's list reaches.
    spans: Vec<(u32, u32)>,
    items: Vec<T>,
    /// Items that are in no row's list.
    dead: usize,
}

/// With fewer dead items than this nothing is moved.
const FEW: usize = 64;

impl<T> Default for Csr<T> {
    fn default() -> Self {
        Self { spans: Vec::new(), items: Vec::new(), dead: 0 }
    }
}

impl<T> Csr<T> {
    pub(super) fn from_rows<R: IntoIterator<Item = T>>(rows: impl IntoIterator<Item = R>) -> Self {
        let mut csr = Self::default();
        for row in rows {
            csr.push(row);
        }
        csr
    }

    fn push(&mut self, row: impl IntoIterator<Item = T>) {
        let start = self.items.len() as u32;
        self.items.extend(row);
        self.spans.push((start, self.items.len() as u32));
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    #[inline]
    pub(super) fn row(&self, row: usize) -> &[T] {
        let (start, end) = self.spans[row];
        &self.items[start as usize..end as usize]
    }

    /// Everything that is in some row's list, and perhaps more, to be changed in place.
    pub(super) fn items_mut(&mut self) -> &mut [T] {
        &mut self.items
    }
}

impl<T: Clone> Csr<T> {
    /// Replaces the list of a row, or adds one after the last.
    pub(super) fn set(&mut self, row: usize, list: &[T]) {
        if row == self.len() {
            self.push(list.iter().cloned());
            return;
        }
        let (start, end) = self.spans[row];
        let room = (end - start) as usize;
        if list.len() <= room {
            let end = start as usize + list.len();
            self.items[start as usize..end].clone_from_slice(list);
            self.spans[row].1 = end as u32;
            self.dead += room - list.len();
        } else {
            self.dead += room;
            let start = self.items.len() as u32;
            self.items.extend_from_slice(list);
            self.spans[row] = (start, self.items.len() as u32);
        }
        if self.dead > FEW && self.dead > self.items.len() / 2 {
            *self = Self::from_rows((0..self.len()).map(|row| self.row(row).to_vec()));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_replaced_and_memory_stays_bounded() {
        let mut csr = Csr::from_rows([vec![1, 2], vec![], vec![3]]);
        let mut expected = vec![vec![1, 2], vec![], vec![3]];
        for turn in 0..10_000_usize {
            let row = turn * 7 % 5;
            let list = vec![turn; turn * 13 % 17];
            if row >= expected.len() {
                csr.set(expected.len(), &list);
                expected.push(list);
            } else {
                csr.set(row, &list);
                expected[row] = list;
            }
            assert!((0..expected.len()).all(|row| csr.row(row) == expected[row]));
            assert!(csr.items.len() <= 2 * 5 * 17 + FEW);
        }
    }
}
