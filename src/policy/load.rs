//! How many participants a supporter is given.

use serde::{Deserialize, Serialize};

use super::Checks;
use super::criteria::price_to_micro;

/// How the last choice between equally good wholes spreads the matches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Balance {
    /// Each supporter is filled to the same share of their capacity, as far as it goes.
    #[default]
    ShareOfCapacity,
    /// Each supporter gets the same number, as far as it goes.
    Count,
    /// Loads are not balanced.
    Off,
}

/// How many participants a supporter is given.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Loads {
    /// Capacity of a supporter who declared none, 0 to 10,000. Default 1 (Iowa Parent Partners take 2-3 up to 10-15 by
    /// their own choice; who chose nothing is not given more than one).
    pub default_capacity: u32,
    /// No supporter is given more than this, whatever they declared; no limit if left out (the default).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub capacity_limit: Option<u32>,
    /// What each further match of the same supporter costs in score: the second this much, the third twice this
    /// much, and so on; 0 to 1. Default 0.02: that the price is convex follows practice, where each supporter sets
    /// their own limit (Iowa Parent Partners); the number is our own choice.
    pub further_match_price: f64,
    /// What each match up to a supporter's wished minimum is worth in score, 0 to 1. Default 0.05: idle supporters
    /// leave ("volunteers are like a garden"); the number is our own choice.
    pub wished_minimum_bonus: f64,
    /// Supervisors' caseload limits are kept. Default yes.
    pub supervisor_caseloads: bool,
    /// How the last choice between equally good wholes spreads the matches.
    pub balance: Balance,
}

impl Default for Loads {
    fn default() -> Self {
        Self {
            default_capacity: 1,
            capacity_limit: None,
            further_match_price: 0.02,
            wished_minimum_bonus: 0.05,
            supervisor_caseloads: true,
            balance: Balance::default(),
        }
    }
}

impl Loads {
    /// How many participants a supporter with that declared capacity is given at most.
    pub fn capacity(&self, declared: Option<u32>) -> u32 {
        let capacity = declared.unwrap_or(self.default_capacity);
        self.capacity_limit.map_or(capacity, |limit| capacity.min(limit))
    }

    /// What the match with that place (from 0) in a supporter's load costs, in millionths of score; negative for a
    /// place below the wished minimum. Never falls from one place to the next.
    pub fn place_cost(&self, place: u32, wished_minimum: u32) -> i64 {
        let bonus = if place < wished_minimum { price_to_micro(self.wished_minimum_bonus) } else { 0 };
        i64::from(place) * price_to_micro(self.further_match_price) - bonus
    }

    /// What the match with that place (from 0) weighs in the balance of loads. Never falls from one place to the
    /// next. The sum over places 0 to n - 1 grows with the square of n (divided by the capacity, for shares), so
    /// the sum over all supporters is least where loads are most even.
    pub fn balance_cost(&self, place: u32, capacity: u32) -> i64 {
        self.balance_cost_in_steps(place, capacity, Self::STEPS)
    }

    /// Into how many steps a full load is parted for shares to be compared: 5040 is divisible by every number to 10 and
    /// by most loads seen in practice, so shares compare exactly.
    pub(crate) const STEPS: u32 = 5040;

    /// The same where a full load has so many steps: with fewer, the sums are smaller, and shares compare exactly for
    /// capacities that divide them.
    pub(crate) fn balance_cost_in_steps(&self, place: u32, capacity: u32, steps: u32) -> i64 {
        let odd = 2 * i64::from(place) + 1;
        match self.balance {
            Balance::Off => 0,
            Balance::Count => odd,
            Balance::ShareOfCapacity => odd * i64::from(steps) / i64::from(capacity.max(1)),
        }
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("loads.further_match_price", self.further_match_price, 0.0, 1.0);
        checks.range("loads.wished_minimum_bonus", self.wished_minimum_bonus, 0.0, 1.0);
        checks.range("loads.default_capacity", f64::from(self.default_capacity), 0.0, 10_000.0);
    }
}
