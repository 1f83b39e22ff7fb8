//! Numbers as if drawn by chance, the same from the same seed on every machine.
//!
//! **Method.** splitmix64, a counter and a mixing function. **Time and space.** O(1). **When it is the wrong choice.**
//! For anything that must not be guessed.
//!
//! **References.** G. L. Steele, D. Lea, C. H. Flood, "Fast splittable pseudorandom number generators" (2014).

/// A sequence of numbers.
#[derive(Debug)]
pub(super) struct Random(u64);

impl Random {
    /// The sequence of a seed.
    pub(super) fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// A number below `bound`, as good as evenly drawn where `bound` is far below 2^64.
    pub(super) fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^= z >> 31;
        ((u128::from(z) * u128::from(bound)) >> 64) as u64
    }
}
