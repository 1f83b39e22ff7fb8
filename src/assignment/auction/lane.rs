//! The integers the auction computes in: 32 bits where single costs leave room for every sum, else 64.
//!
//! Narrow integers halve what is read and double what one vector instruction does. With single packed costs of at most
//! [`Lane::LIMIT`] in magnitude, prices lie between the least price of a place and what an unmatched participant would
//! rather pay, so within 3 limits, an arc's value within 4, labels of a search within 12, and [`Lane::INFINITY`] is
//! above all of them while infinity plus a price still fits.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Sub, SubAssign};

use super::super::costs::Cost;

/// A signed integer the auction can compute in.
pub(super) trait Lane:
    Cost + Debug + Add<Output = Self> + Sub<Output = Self> + AddAssign + SubAssign
{
    /// A label that is not negative and a node as one integer that compares by label first.
    type Key: Copy + Ord;

    const ZERO: Self;
    const ONE: Self;
    /// Larger than any label; a price can be added to it.
    const INFINITY: Self;
    /// A quarter of infinity: no two values that matter are farther apart.
    const QUARTER: Self;
    /// The largest magnitude of a single packed cost that is safe.
    const LIMIT: i64;

    /// The value of a number that the limit has vouched for.
    fn narrow(value: i64) -> Self;
    fn widen(self) -> i64;
    fn key(self, node: u32) -> Self::Key;
    fn label(key: Self::Key) -> (Self, u32);
}

impl Lane for i32 {
    type Key = u64;

    const ZERO: Self = 0;
    const ONE: Self = 1;
    const INFINITY: Self = 1 << 30;
    const QUARTER: Self = Self::INFINITY / 4;
    const LIMIT: i64 = 1 << 25;

    #[inline]
    fn narrow(value: i64) -> Self {
        value as Self
    }

    #[inline]
    fn widen(self) -> i64 {
        self.into()
    }

    #[inline]
    fn key(self, node: u32) -> u64 {
        (self as u64) << 32 | u64::from(node)
    }

    #[inline]
    fn label(key: u64) -> (Self, u32) {
        ((key >> 32) as Self, key as u32)
    }
}

impl Lane for i64 {
    type Key = u128;

    const ZERO: Self = 0;
    const ONE: Self = 1;
    const INFINITY: Self = 1 << 61;
    const QUARTER: Self = Self::INFINITY / 4;
    const LIMIT: i64 = 1 << 55;

    #[inline]
    fn narrow(value: i64) -> Self {
        value
    }

    #[inline]
    fn widen(self) -> i64 {
        self
    }

    #[inline]
    fn key(self, node: u32) -> u128 {
        (self as u128) << 32 | u128::from(node)
    }

    #[inline]
    fn label(key: u128) -> (Self, u32) {
        ((key >> 32) as Self, key as u32)
    }
}
