//! A table by two numbers that grows in both directions.
//!
//! Rows stand one after another, each with some room at its end, so that a column more is written into the room. Only
//! when that is used up the whole table is moved, to rows longer by an eighth: a new column takes one entry a row,
//! amortised. Reading is one multiplication, as in a table that does not grow.

use rayon::prelude::*;

/// Entries by row and column.
#[derive(Debug, Clone)]
pub(super) struct Table<T> {
    items: Vec<T>,
    rows: usize,
    columns: usize,
    /// Entries from one row to the next.
    stride: usize,
}

/// Entries to a row of so many columns, with room for more.
fn roomy(columns: usize) -> usize {
    columns + columns / 8 + 8
}

impl<T: Copy + Default + Send + Sync> Table<T> {
    /// Works the entries out in parallel.
    pub(super) fn new(rows: usize, columns: usize, entry: impl Fn(usize, usize) -> T + Sync) -> Self {
        let stride = roomy(columns);
        let mut items = vec![T::default(); rows * stride];
        items.par_chunks_exact_mut(stride).enumerate().for_each(|(row, own)| {
            for (column, place) in own[..columns].iter_mut().enumerate() {
                *place = entry(row, column);
            }
        });
        Self { items, rows, columns, stride }
    }

    #[inline]
    pub(super) fn at(&self, row: u32, column: usize) -> T {
        self.items[row as usize * self.stride + column]
    }

    /// Works a row out anew, or one more after the last.
    pub(super) fn set_row(&mut self, row: usize, entry: impl Fn(usize) -> T) {
        if row == self.rows {
            self.items.resize(self.items.len() + self.stride, T::default());
            self.rows += 1;
        }
        let start = row * self.stride;
        for (column, place) in self.items[start..start + self.columns].iter_mut().enumerate() {
            *place = entry(column);
        }
    }

    /// Works a column out anew, or one more after the last.
    pub(super) fn set_column(&mut self, column: usize, entry: impl Fn(usize) -> T) {
        if column == self.columns {
            if self.columns == self.stride {
                let stride = roomy(self.columns);
                let mut items = vec![T::default(); self.rows * stride];
                for (to, from) in items.chunks_exact_mut(stride).zip(self.items.chunks_exact(self.stride)) {
                    to[..self.columns].copy_from_slice(from);
                }
                (self.items, self.stride) = (items, stride);
            }
            self.columns += 1;
        }
        for row in 0..self.rows {
            self.items[row * self.stride + column] = entry(row);
        }
    }
}
