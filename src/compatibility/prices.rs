//! Prices of the supporters in the order of the blocks.
//!
//! In a solver's prices one unit of a rung outweighs every score there is: some supporters of a block cost next to nothing
//! and others a million times as much. A block is therefore seen in *views*: one for each level of prices that occurs in
//! it, so that within a view prices are near each other and a participant who pays on one level passes over the views of
//! all others at a glance.

use super::blocks::Blocks;

/// Prices of one view are at most this far apart: whole numbers that `f32` holds exactly.
const SPAN: i64 = 1 << 22;

/// The supporters of a block whose prices are near each other.
#[derive(Debug, Clone)]
pub(super) struct View {
    /// The number of the block.
    pub(super) block: usize,
    /// The lowest of the prices.
    pub(super) base: i64,
    /// Where in [`Prices::above`] the rows of the block begin.
    start: usize,
}

/// What every supporter costs.
#[derive(Debug, Clone)]
pub(super) struct Prices {
    /// By supporter; `i64::MAX` for one that is closed.
    pub(super) of: Vec<i64>,
    pub(super) views: Vec<View>,
    /// By how much the price of each row of a block exceeds the base; infinite for one that is not in the view.
    above: Vec<f32>,
}

impl Prices {
    pub(super) fn new(blocks: &Blocks, of: Vec<i64>) -> Self {
        let mut views = Vec::with_capacity(blocks.all.len());
        let mut above: Vec<f32> = Vec::with_capacity(blocks.rows.len());
        let mut levels: Vec<i64> = Vec::new();
        for (block, rows) in blocks.all.iter().map(|block| &blocks.rows[block.start..block.end]).enumerate() {
            let prices = || rows.iter().map(|&row| of[row as usize]);
            levels.clear();
            levels.extend(prices().filter(|&price| price != i64::MAX));
            levels.sort_unstable();
            levels.dedup_by(|next, base| next.saturating_sub(*base) <= SPAN);
            for &base in &levels {
                views.push(View { block, base, start: above.len() });
                above.extend(prices().map(|price| match price.checked_sub(base) {
                    Some(more @ 0..=SPAN) => more as f32,
                    _ => f32::INFINITY,
                }));
            }
        }
        Self { of, views, above }
    }

    /// By how much the price of each of so many rows exceeds the base of the view.
    #[inline]
    pub(super) fn above(&self, view: &View, rows: usize) -> &[f32] {
        &self.above[view.start..view.start + rows]
    }
}
