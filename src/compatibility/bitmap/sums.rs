//! Sums for all rows of a block at once: bit `n` of every row's sum stands in word `n` of a slice, and adding a number to
//! some rows is a ripple of carries over whole words (bit-sliced arithmetic: Rinfret, O'Neil and O'Neil 2001,
//! *Bit-sliced index arithmetic*, SIGMOD). A compiler makes vectors of the loops, of whatever kind it compiles the caller
//! for: so they are always inlined.

use super::planes::Bits;

/// Bits of a sum.
pub(super) const BITS: usize = 8;
/// The greatest sum.
pub(super) const MOST: u32 = (1 << BITS) - 1;

/// A sum for each row of a block.
#[derive(Clone, Copy)]
pub(super) struct Sums([Bits; BITS]);

impl Sums {
    pub(super) const ZERO: Self = Self([[0; _]; BITS]);

    /// Adds a number to the sums of the rows whose bit is set. No sum may exceed [`MOST`].
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(super) fn add(&mut self, number: u8, to: &Bits) {
        let mut carry: Bits = [0; _];
        for (place, slice) in self.0.iter_mut().enumerate() {
            if number & (1 << place) != 0 {
                for ((sum, carry), &to) in slice.iter_mut().zip(&mut carry).zip(to) {
                    let half = *sum ^ to;
                    let next = (*sum & to) | (half & *carry);
                    *sum = half ^ *carry;
                    *carry = next;
                }
            } else {
                for (sum, carry) in slice.iter_mut().zip(&mut carry) {
                    let next = *sum & *carry;
                    *sum ^= *carry;
                    *carry = next;
                }
            }
        }
    }

    /// The rows of one word whose sum is at least so much.
    #[inline]
    pub(super) fn word_at_least(&self, word: usize, number: u32) -> u64 {
        if number > MOST {
            return 0;
        }
        let (mut more, mut same) = (0, u64::MAX);
        for place in (0..BITS).rev() {
            let sum = self.0[place][word];
            if number & (1 << place) != 0 {
                same &= sum;
            } else {
                more |= same & sum;
                same &= !sum;
            }
        }
        more | same
    }

    /// The rows whose sum is at least so much.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    pub(super) fn at_least(&self, number: u32) -> Bits {
        if number > MOST {
            return [0; _];
        }
        let (mut more, mut same): (Bits, Bits) = ([0; _], [u64::MAX; _]);
        for place in (0..BITS).rev() {
            let slice = &self.0[place];
            if number & (1 << place) != 0 {
                for (same, &sum) in same.iter_mut().zip(slice) {
                    *same &= sum;
                }
            } else {
                for ((more, same), &sum) in more.iter_mut().zip(&mut same).zip(slice) {
                    *more |= *same & sum;
                    *same &= !sum;
                }
            }
        }
        for (more, same) in more.iter_mut().zip(same) {
            *more |= same;
        }
        more
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::BLOCK;
    use super::*;

    proptest! {
        #[test]
        fn sums_of_a_block_are_those_of_its_rows(
            numbers in prop::collection::vec((0_u8..32, prop::array::uniform8(any::<u64>())), 0..8),
            least in 0_u32..300,
        ) {
            let bit = |bits: &[u64], row: usize| bits[row / 64] >> (row % 64) & 1 == 1;
            let mut sums = Sums::ZERO;
            for (number, to) in &numbers {
                let mut own: Bits = [0; _];
                own.copy_from_slice(&to[..BLOCK / 64]);
                sums.add(*number, &own);
            }
            let found = sums.at_least(least);
            for row in 0..BLOCK {
                let to_row = numbers.iter().filter(|(_, to)| bit(to, row));
                let sum: u32 = to_row.map(|&(number, _)| u32::from(number)).sum();
                prop_assert_eq!(bit(&found, row), sum >= least, "row {} has {}", row, sum);
                prop_assert_eq!(sums.word_at_least(row / 64, least), found[row / 64]);
            }
        }
    }
}
