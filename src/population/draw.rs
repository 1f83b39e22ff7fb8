//! Draws from a seed that come out the same on any machine.
//!
//! Everything is made of the 64 bits of [`Pcg64`] and of additions, multiplications, divisions and square roots, which
//! IEEE 754 defines to the bit. Logarithms, exponentials and the functions of an angle are left out on purpose: their
//! last bit differs between platforms.
//!
//! Each person has a stream of their own, so that one more participant, or one more knob turned, leaves the others
//! as they were.

use rand::{Rng, SeedableRng};
use rand_pcg::Pcg64;

/// What a stream of draws is for.
#[derive(Debug, Clone, Copy)]
pub(super) enum Stream {
    /// One participant.
    Participant,
    /// One supporter.
    Supporter,
    /// Capacities of everyone.
    Capacities,
    /// Caseload of one supervisor.
    Supervisor,
    /// Standing matches.
    Standing,
    /// Acquaintances, barred pairs and past matches.
    Past,
}

/// A stream of draws.
#[derive(Debug)]
pub(super) struct Draw(Pcg64);

impl Draw {
    /// The stream of this seed for one purpose and one person (0 where it is for all).
    pub(super) fn new(seed: u64, stream: Stream, index: usize) -> Self {
        let state = mix(mix(mix(seed) ^ stream as u64) ^ index as u64);
        Self(Pcg64::seed_from_u64(state))
    }

    /// A number in `0..1`, in steps of 2^-53.
    pub(super) fn unit(&mut self) -> f64 {
        (self.0.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// A number between the two.
    pub(super) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.unit()
    }

    /// A whole number in `0..count`; 0 where `count` is 0. Its bias is below `count` in 2^64.
    pub(super) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.0.next_u64()) * count as u128) >> 64) as usize
    }

    /// True with that probability.
    pub(super) fn chance(&mut self, probability: f64) -> bool {
        self.unit() < probability
    }

    /// One of a list that is not empty, all alike.
    pub(super) fn pick<T: Copy, const N: usize>(&mut self, from: &[T; N]) -> T {
        const { assert!(N > 0) }
        from[self.below(N)]
    }

    /// One of a list that is not empty, by weight.
    pub(super) fn weighted<T: Copy, const N: usize>(&mut self, from: &[(T, f64); N]) -> T {
        const { assert!(N > 0) }
        let total: f64 = from.iter().map(|(_, weight)| weight).sum();
        let mut left = self.unit() * total;
        for &(what, weight) in from {
            if left < weight {
                return what;
            }
            left -= weight;
        }
        from[N - 1].0
    }

    /// A number between `low` and `high` with its mode at `mode`: the triangular distribution, by inversion.
    pub(super) fn triangular(&mut self, low: f64, mode: f64, high: f64) -> f64 {
        let (width, unit) = (high - low, self.unit());
        if unit * width < mode - low {
            low + (unit * width * (mode - low)).sqrt()
        } else {
            high - ((1.0 - unit) * width * (high - mode)).sqrt()
        }
    }
}

/// The finaliser of `SplitMix64` (Steele, Lea & Flood 2014, *Fast splittable pseudorandom number generators*).
fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    value ^ (value >> 31)
}

/// Weights added up, for drawing positions by weight in logarithmic time.
#[derive(Debug, Clone, Default)]
pub(super) struct Table(Vec<f64>);

impl Table {
    /// A table of weights, none of them negative.
    pub(super) fn new(weights: impl IntoIterator<Item = f64>) -> Self {
        let running = weights.into_iter().scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        });
        Self(running.collect())
    }

    /// A position; 0 where there is none.
    pub(super) fn draw(&self, draw: &mut Draw) -> usize {
        let target = draw.unit() * self.0.last().copied().unwrap_or(0.0);
        let position = self.0.partition_point(|&sum| sum <= target);
        position.min(self.0.len().saturating_sub(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_means_the_same_everywhere() {
        let mut draw = Draw::new(1, Stream::Participant, 7);
        let drawn: Vec<usize> = (0..8).map(|_| draw.below(1000)).collect();
        let mut again = Draw::new(1, Stream::Participant, 7);
        assert_eq!(drawn, (0..8).map(|_| again.below(1000)).collect::<Vec<_>>());
        let mut other = Draw::new(1, Stream::Supporter, 7);
        assert_ne!(drawn, (0..8).map(|_| other.below(1000)).collect::<Vec<_>>());
    }

    #[test]
    fn tables_and_lists_follow_their_weights() {
        let table = Table::new([1.0, 0.0, 3.0]);
        let mut draw = Draw::new(2, Stream::Past, 0);
        let mut count = [0_u32; 3];
        for _ in 0..40_000 {
            count[table.draw(&mut draw)] += 1;
        }
        assert_eq!(count[1], 0);
        assert!((9_600..10_400).contains(&count[0]), "{count:?}");
        let threes = (0..40_000).filter(|_| draw.weighted(&[(1, 1.0), (3, 3.0)]) == 3).count();
        assert!((29_600..30_400).contains(&threes), "{threes}");
        assert_eq!(Table::default().draw(&mut draw), 0);
    }

    #[test]
    fn the_triangle_stays_in_its_range_and_has_its_mean() {
        let mut draw = Draw::new(3, Stream::Past, 0);
        let drawn: Vec<f64> = (0..20_000).map(|_| draw.triangular(1.0, 3.0, 9.0)).collect();
        assert!(drawn.iter().all(|value| (1.0..=9.0).contains(value)));
        let mean = drawn.iter().sum::<f64>() / drawn.len() as f64;
        assert!((mean - 13.0 / 3.0).abs() < 0.05, "{mean}");
    }
}
