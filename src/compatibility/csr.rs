//! Lists of unequal length, one after another in one piece of memory.

/// One list of `T` for each row.
#[derive(Debug, Clone)]
pub(super) struct Csr<T> {
    offsets: Vec<u32>,
    items: Vec<T>,
}

impl<T> Csr<T> {
    pub(super) fn from_rows<R: IntoIterator<Item = T>>(rows: impl IntoIterator<Item = R>) -> Self {
        let mut csr = Self { offsets: vec![0], items: Vec::new() };
        for row in rows {
            csr.items.extend(row);
            csr.offsets.push(csr.items.len() as u32);
        }
        csr
    }

    /// How many rows there are.
    pub(super) fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    #[inline]
    pub(super) fn row(&self, row: usize) -> &[T] {
        &self.items[self.offsets[row] as usize..self.offsets[row + 1] as usize]
    }
}
