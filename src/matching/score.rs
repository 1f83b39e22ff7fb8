//! Scores as they are shown: millionths inside, decimals outside.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, Sub};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::policy::SCORE_ONE;

/// A score, a price, or a sum of them, kept in whole millionths so that it adds up exactly; read and written as a
/// decimal number (`0.873412`).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Score(i64);

impl Score {
    /// From millionths.
    pub fn from_micro(micro: i64) -> Self {
        Self(micro)
    }

    /// From a decimal number, to the nearest millionth; what is not a number is 0.
    pub fn from_value(value: f64) -> Self {
        Self((value * f64::from(SCORE_ONE)).round() as i64)
    }

    /// In millionths.
    pub fn micro(self) -> i64 {
        self.0
    }

    /// As a decimal number: 1 is a perfect match.
    pub fn value(self) -> f64 {
        self.0 as f64 / f64::from(SCORE_ONE)
    }

    /// In per cent: 100 is a perfect match.
    pub fn percent(self) -> f64 {
        self.value() * 100.0
    }
}

impl Add for Score {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Score {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl Sum for Score {
    fn sum<I: Iterator<Item = Self>>(scores: I) -> Self {
        scores.fold(Self::default(), Add::add)
    }
}

/// In per cent with one decimal: `87.3 %`.
impl fmt::Display for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&format!("{:.1} %", self.percent()))
    }
}

impl fmt::Debug for Score {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.6}", self.value())
    }
}

impl Serialize for Score {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_f64(self.value())
    }
}

impl<'de> Deserialize<'de> for Score {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = f64::deserialize(deserializer)?;
        let micro = value * f64::from(SCORE_ONE);
        if micro.abs() < 9e15 {
            Ok(Self(micro.round() as i64))
        } else {
            Err(serde::de::Error::custom("a score out of range"))
        }
    }
}
