//! The ladder of objectives, and how its rungs are packed into one integer without losing exactness.
//!
//! The rungs are minimised one after another, each exactly before the next is looked at. Give each rung `r` a scale
//! so that one unit of it outweighs everything the rungs below can gain or lose together:
//!
//! ```text
//! scale(r) = 1 + sum over lower rungs l of scale(l) * range(l)
//! ```
//!
//! where `range(l)` bounds the difference of rung `l` between any two feasible assignments. If an assignment is better
//! than another at `r` and equal above, its packed cost is lower by at least `scale(r) - sum scale(l) * range(l) = 1`:
//! packed order is ladder order, and one minimum-cost flow solves all rungs. The ranges are computed from the data
//! with checked 128-bit arithmetic; a rung that is zero throughout takes no room (its scale is 0).
//!
//! # Firm minimums
//! A firm minimum is a constraint, and the first rung holds it: what is missing below the minimums. Where all can be
//! met together the rung is 0 in every optimum and decides nothing; where they cannot, it is what proves that, and the
//! solve ends with a [`HallViolator`](super::HallViolator) instead of an assignment.
//!
//! # Weights of the served rung
//! The sets of participants that can be served together are those that can be linked to the root of the network by a
//! flow within the capacities: the independent sets of a gammoid, which is a matroid (Perfect 1968). In a matroid the
//! greedy set is best for *every* strictly decreasing choice of positive weights (Edmonds 1971), so any served weights
//! that fall from priority class to priority class serve as many as possible of the first class, then of the second,
//! and so on; the weights need not be powers of anything.

use std::fmt;
use std::ops::Sub;

use serde::{Deserialize, Serialize};

/// One step of the objective, in the order in which they are minimised.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Rung {
    /// Matches that are missing below firm minimums; 0 in every feasible assignment.
    Required,
    /// The served weights of the participants left unmatched.
    ///
    /// Their sum is least exactly if as many as possible of the highest weight are matched, then as many as possible of
    /// the next, and so on: the sets that can be matched together form a matroid, in which the greedy set is best for
    /// any falling weights (Edmonds 1971). So weights order priority classes, and their size does not matter. Of
    /// several places each counts.
    Served,
    /// Pair costs, unmatched costs and load costs.
    Quality,
    /// Participants whose outcome is not their standing match.
    Change,
    /// Balance costs of the supporters' loads.
    Balance,
}

impl Rung {
    /// The rungs from the first to be minimised to the last.
    pub const ALL: [Self; 5] = [Self::Required, Self::Served, Self::Quality, Self::Change, Self::Balance];
}

impl fmt::Display for Rung {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Required => "required",
            Self::Served => "served",
            Self::Quality => "quality",
            Self::Change => "change",
            Self::Balance => "balance",
        })
    }
}

/// One number per rung of the ladder: an objective, or the scales that pack one.
///
/// Compares in ladder order: the smaller value is the better objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
pub struct Rungs {
    /// Value of [`Rung::Required`].
    #[serde(default)]
    pub required: i128,
    /// Value of [`Rung::Served`].
    pub served: i128,
    /// Value of [`Rung::Quality`].
    pub quality: i128,
    /// Value of [`Rung::Change`].
    pub change: i128,
    /// Value of [`Rung::Balance`].
    pub balance: i128,
}

/// By how much one sum exceeds another, rung by rung.
impl Sub for Rungs {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        Self {
            required: self.required - other.required,
            served: self.served - other.served,
            quality: self.quality - other.quality,
            change: self.change - other.change,
            balance: self.balance - other.balance,
        }
    }
}

impl Rungs {
    /// The value of one rung.
    pub fn get(&self, rung: Rung) -> i128 {
        match rung {
            Rung::Required => self.required,
            Rung::Served => self.served,
            Rung::Quality => self.quality,
            Rung::Change => self.change,
            Rung::Balance => self.balance,
        }
    }

    pub(super) fn get_mut(&mut self, rung: Rung) -> &mut i128 {
        match rung {
            Rung::Required => &mut self.required,
            Rung::Served => &mut self.served,
            Rung::Quality => &mut self.quality,
            Rung::Change => &mut self.change,
            Rung::Balance => &mut self.balance,
        }
    }

    /// A packed difference that is not negative in units of each rung, rounded up: the most that rung can differ by
    /// where those above it do not, for lower rungs differ by less than one unit of it is worth. 0 for a rung without a
    /// scale.
    pub(crate) fn units_of(packed: i128, scales: &Self) -> Self {
        let mut rungs = Self::default();
        for rung in Rung::ALL {
            let scale = scales.get(rung);
            if scale > 0 {
                *rungs.get_mut(rung) = packed.div_euclid(scale) + i128::from(packed.rem_euclid(scale) > 0);
            }
        }
        rungs
    }

    /// The one integer these values make under `scales`; `None` if it does not fit.
    pub fn packed(&self, scales: &Self) -> Option<i128> {
        Rung::ALL.iter().try_fold(0_i128, |sum, &rung| {
            self.get(rung).checked_mul(scales.get(rung)).and_then(|value| sum.checked_add(value))
        })
    }
}

impl fmt::Display for Rungs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.required != 0 {
            write!(f, "required {}, ", self.required)?;
        }
        write!(
            f,
            "served {}, quality {}, change {}, balance {}",
            self.served, self.quality, self.change, self.balance
        )
    }
}

/// What the data says about the size of each rung; the source of the scales.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Extent {
    /// Bound on the difference of the rung between two feasible assignments.
    pub(super) range: Rungs,
    /// Largest magnitude of one arc's cost, 0 if the rung is zero throughout.
    pub(super) single: Rungs,
    /// Bound on the magnitude of the rung's total.
    pub(super) total: Rungs,
}

/// The scales of the ladder, the largest single packed cost, and whether everything fits 128 bits with room to spare.
pub(super) fn scales(extent: &Extent) -> Option<(Rungs, i128)> {
    const ROOM: i128 = 1 << 124;
    let mut scales = Rungs::default();
    let mut below = 0_i128;
    for &rung in Rung::ALL.iter().rev() {
        if extent.single.get(rung) == 0 {
            continue;
        }
        let scale = below.checked_add(1)?;
        *scales.get_mut(rung) = scale;
        below = below.checked_add(scale.checked_mul(extent.range.get(rung))?)?;
    }
    let single = extent.single.packed(&scales)?;
    let total = extent.total.packed(&scales)?;
    (single <= ROOM && total <= ROOM).then_some((scales, single))
}
