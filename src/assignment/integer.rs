//! The three integer widths the flow engine computes in, behind one private trait.
//!
//! The engine never checks an addition: [`Integer::LIMIT`] is chosen so that none can overflow. Every potential is
//! bounded by a few single costs (each node has a way out to the root that uses at most one pair, one unmatched arc
//! and one place on each side), so with single costs up to `LIMIT` in magnitude, potentials stay within 8 `LIMIT` and
//! the labels of a search within 32 `LIMIT`, which is below [`Integer::INFINITY`]; infinity plus any of them still
//! fits. [`super::problem::Problem`] is told at `build` how large a single packed cost can get.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Mul, Neg, Shr, Sub, SubAssign};

use super::solution::IntegerWidth;

/// A signed integer the engine can compute in.
pub(super) trait Integer:
    Copy
    + Ord
    + Debug
    + Send
    + Sync
    + Add<Output = Self>
    + Sub<Output = Self>
    + Mul<Output = Self>
    + Neg<Output = Self>
    + Shr<u32, Output = Self>
    + AddAssign
    + SubAssign
{
    /// A label and a node as one integer, if it fits, that compares by label first.
    type Key: Copy + Ord;

    const ZERO: Self;
    /// Larger than any label, and small enough that a label can be added to it.
    const INFINITY: Self;
    /// Larger than infinity plus any potential.
    const ENDLESS: Self;
    /// The largest magnitude of a single packed cost that is safe.
    const LIMIT: i128;
    const WIDTH: IntegerWidth;

    /// The value of a cost or scale that `LIMIT` has vouched for.
    fn narrow(value: i128) -> Self;
    /// The same for one that was an `i64` once.
    fn from_i64(value: i64) -> Self;
    fn widen(self) -> i128;
    /// What is left of a packed cost when a scale is divided out of it: a cost that was an `i64` once.
    fn quotient(self, scale: Self) -> i64;
    fn key(self, node: u32) -> Self::Key;
    fn label(key: Self::Key) -> (Self, u32);
}

impl Integer for i32 {
    type Key = u64;

    const ZERO: Self = 0;
    const INFINITY: Self = 1 << 29;
    const ENDLESS: Self = 1 << 30;
    const LIMIT: i128 = 1 << 23;
    const WIDTH: IntegerWidth = IntegerWidth::Bits32;

    fn narrow(value: i128) -> Self {
        value as Self
    }

    fn from_i64(value: i64) -> Self {
        value as Self
    }

    fn widen(self) -> i128 {
        i128::from(self)
    }

    fn quotient(self, scale: Self) -> i64 {
        i64::from(self / scale)
    }

    fn key(self, node: u32) -> u64 {
        u64::from(self as u32 ^ 1 << 31) << 32 | u64::from(node)
    }

    fn label(key: u64) -> (Self, u32) {
        (((key >> 32) as u32 ^ 1 << 31) as Self, key as u32)
    }
}

impl Integer for i64 {
    type Key = u128;

    const ZERO: Self = 0;
    const INFINITY: Self = 1 << 61;
    const ENDLESS: Self = 1 << 62;
    const LIMIT: i128 = 1 << 55;
    const WIDTH: IntegerWidth = IntegerWidth::Bits64;

    fn narrow(value: i128) -> Self {
        value as Self
    }

    fn from_i64(value: i64) -> Self {
        value
    }

    fn widen(self) -> i128 {
        i128::from(self)
    }

    fn quotient(self, scale: Self) -> i64 {
        self / scale
    }

    fn key(self, node: u32) -> u128 {
        u128::from(self as u64 ^ 1 << 63) << 32 | u128::from(node)
    }

    fn label(key: u128) -> (Self, u32) {
        (((key >> 32) as u64 ^ 1 << 63) as Self, key as u32)
    }
}

impl Integer for i128 {
    type Key = (Self, u32);

    const ZERO: Self = 0;
    const INFINITY: Self = 1 << 125;
    const ENDLESS: Self = 1 << 126;
    const LIMIT: i128 = 1 << 118;
    const WIDTH: IntegerWidth = IntegerWidth::Bits128;

    fn narrow(value: i128) -> Self {
        value
    }

    fn from_i64(value: i64) -> Self {
        Self::from(value)
    }

    fn widen(self) -> i128 {
        self
    }

    fn quotient(self, scale: Self) -> i64 {
        (self / scale) as i64
    }

    fn key(self, node: u32) -> (Self, u32) {
        (self, node)
    }

    fn label(key: (Self, u32)) -> (Self, u32) {
        key
    }
}
