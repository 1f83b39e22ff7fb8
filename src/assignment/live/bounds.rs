//! Within what the ladder holds while a problem changes.
//!
//! **Problem.** The scales that pack the rungs into one integer come from how far each rung can spread, and with every
//! change it can spread further. Potentials are only worth something under the scales they were made with.
//!
//! **Method.** Bounds with room to spare: so many participants, each with an outcome (a pair and the place it takes, or
//! none) between a lowest and a highest cost. The spread of a rung is at most their product, so a change is held
//! against the bounds by a few comparisons. One that leaves them widens them, twice as far as it has to, and everything
//! is packed anew; that happens a logarithmic number of times.
//!
//! **Why it is exact.** In every assignment each participant has one outcome, pays for one place at most, and those
//! that are pinned or gone always have the same. So no two assignments differ by more than participants times spread,
//! which is what [`ladder::scales`] asks for.
//!
//! **When it is the wrong choice.** For a problem that is solved once: sums over the rows are tighter, see
//! [`super::super::extent`].

use serde::{Deserialize, Serialize};

use super::super::ladder::{self, Extent, Rungs};

/// The lowest and the highest of some costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Range {
    pub(super) low: i64,
    pub(super) high: i64,
}

impl Range {
    fn holds(self, value: i64) -> bool {
        self.low <= value && value <= self.high
    }

    /// Wide enough for a value, and for some more beyond it.
    fn widen(&mut self, value: i64) {
        if value < self.low {
            self.low = value.saturating_mul(2).min(value);
        } else if value > self.high {
            self.high = value.saturating_mul(2).max(value);
        }
    }

    fn magnitude(self) -> i128 {
        i128::from(self.low).abs().max(i128::from(self.high).abs())
    }
}

/// A number that the bounds are asked to hold.
#[derive(Debug, Clone, Copy)]
pub(super) enum Value {
    Participants(usize),
    Pair(i64),
    Unmatched(u32, i64),
    Standing,
    Load(i64),
    Balance(i64),
    /// Firm minimums of all supporters and groups together.
    Minimums(u64),
    /// Nodes above each other, counted from a supporter to the last below the root.
    Depth(u32),
}

/// Bounds on what may come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub(super) struct Bounds {
    participants: u64,
    pairs: Range,
    unmatched: Range,
    served: u32,
    standing: bool,
    load: Range,
    balance: Range,
    minimums: u64,
    depth: u32,
}

impl Bounds {
    #[inline]
    pub(super) fn holds(&self, value: Value) -> bool {
        match value {
            Value::Participants(count) => count as u64 <= self.participants,
            Value::Pair(cost) => self.pairs.holds(cost),
            Value::Unmatched(weight, cost) => weight <= self.served && self.unmatched.holds(cost),
            Value::Standing => self.standing,
            Value::Load(cost) => self.load.holds(cost),
            Value::Balance(cost) => self.balance.holds(cost),
            Value::Minimums(sum) => sum <= self.minimums,
            Value::Depth(depth) => depth <= self.depth,
        }
    }

    /// Bounds that hold a value and some more beyond it.
    pub(super) fn widen(&mut self, value: Value) {
        if self.holds(value) {
            return;
        }
        match value {
            Value::Participants(count) => self.participants = count as u64 * 2,
            Value::Pair(cost) => self.pairs.widen(cost),
            Value::Unmatched(weight, cost) => {
                if weight > self.served {
                    self.served = weight.saturating_mul(2);
                }
                self.unmatched.widen(cost);
            }
            Value::Standing => self.standing = true,
            Value::Load(cost) => self.load.widen(cost),
            Value::Balance(cost) => self.balance.widen(cost),
            Value::Minimums(sum) => self.minimums = sum.saturating_mul(2),
            Value::Depth(depth) => self.depth = depth,
        }
    }

    /// Bounds that hold a value and nothing beyond it.
    pub(super) fn note(&mut self, value: Value) {
        let hold = |range: &mut Range, cost: i64| {
            *range = Range { low: range.low.min(cost), high: range.high.max(cost) };
        };
        match value {
            Value::Participants(count) => self.participants = self.participants.max(count as u64),
            Value::Pair(cost) => hold(&mut self.pairs, cost),
            Value::Unmatched(weight, cost) => {
                self.served = self.served.max(weight);
                hold(&mut self.unmatched, cost);
            }
            Value::Standing => self.standing = true,
            Value::Load(cost) => hold(&mut self.load, cost),
            Value::Balance(cost) => hold(&mut self.balance, cost),
            Value::Minimums(sum) => self.minimums = self.minimums.max(sum),
            Value::Depth(depth) => self.depth = self.depth.max(depth),
        }
    }

    /// The same with room for half as many participants again, and for any pair that costs no more than twice as much.
    pub(super) fn with_room(mut self) -> Self {
        self.participants += self.participants / 2 + 16;
        for range in [&mut self.pairs, &mut self.unmatched] {
            *range = Range { low: range.low.saturating_mul(2), high: range.high.saturating_mul(2) };
        }
        self
    }

    /// The same with room for places, and for weights of those who are left, that cost twice as much.
    pub(super) fn with_room_for_places(mut self) -> Self {
        self.served = self.served.saturating_mul(2);
        for range in [&mut self.load, &mut self.balance] {
            *range = Range { low: range.low.saturating_mul(2), high: range.high.saturating_mul(2) };
        }
        self
    }

    /// Whether everything that the other bounds hold is held by these.
    pub(super) fn contain(&self, other: &Self) -> bool {
        let within = |inner: Range, outer: Range| outer.low <= inner.low && inner.high <= outer.high;
        within(other.pairs, self.pairs)
            && within(other.unmatched, self.unmatched)
            && within(other.load, self.load)
            && within(other.balance, self.balance)
            && other.participants <= self.participants
            && other.served <= self.served
            && other.standing <= self.standing
            && other.minimums <= self.minimums
            && other.depth <= self.depth
    }

    /// All its numbers.
    pub(super) fn numbers(&self) -> [i128; 13] {
        let Self { participants, pairs, unmatched, served, standing, load, balance, minimums, depth } = *self;
        [
            participants.into(),
            pairs.low.into(),
            pairs.high.into(),
            unmatched.low.into(),
            unmatched.high.into(),
            served.into(),
            standing.into(),
            load.low.into(),
            load.high.into(),
            balance.low.into(),
            balance.high.into(),
            minimums.into(),
            depth.into(),
        ]
    }

    /// Whether every pair costs what 32 bits hold.
    pub(super) fn pairs_are_narrow(&self) -> bool {
        i32::try_from(self.pairs.low).is_ok() && i32::try_from(self.pairs.high).is_ok()
    }

    /// The scales under these bounds and the largest packed cost of one arc; `None` beyond 128 bits.
    pub(super) fn scales(&self) -> Option<(Rungs, i128)> {
        let count = i128::from(self.participants);
        let spread = |low: i64, high: i64| i128::from(high) - i128::from(low);
        // A place may save, and costs nothing where nobody takes it.
        let (low, high) = (self.pairs.low.min(self.unmatched.low), self.pairs.high.max(self.unmatched.high));
        let quality = spread(low, high) + spread(self.load.low.min(0), self.load.high.max(0));
        let balance = spread(self.balance.low.min(0), self.balance.high.max(0));
        let served = i128::from(self.served);
        let change = i128::from(self.standing);
        let single_quality =
            self.pairs.magnitude().max(self.unmatched.magnitude()).max(self.load.magnitude());
        let all_quality = self.pairs.magnitude().max(self.unmatched.magnitude()) + self.load.magnitude();
        let times = |one: i128| one.checked_mul(count);
        let minimums = i128::from(self.minimums);
        let depth = if self.minimums == 0 { 0 } else { i128::from(self.depth) };
        let rungs =
            |required, served, quality, change, balance| Rungs { required, served, quality, change, balance };
        let balance_size = self.balance.magnitude();
        ladder::scales(&Extent {
            range: rungs(minimums, times(served)?, times(quality)?, times(change)?, times(balance)?),
            single: rungs(depth, served, single_quality, change, balance_size),
            total: rungs(minimums, times(served)?, times(all_quality)?, times(change)?, times(balance_size)?),
        })
    }
}
