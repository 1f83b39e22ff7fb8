//! How far a rematch may reach.

use serde::{Deserialize, Serialize};

use super::Checks;
use crate::error::{Error, Result};

/// Whose match may change for the sake of somebody who is matched anew. Whoever is pinned never moves.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "RematchReach"))]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Reach {
    /// Nobody else's: the participant takes a place that is free. The default: our own choice, for a change ends a
    /// relationship that has begun.
    #[default]
    NobodyElse,
    /// The best for all in which at most so many others change their match.
    AtMost {
        /// So many, 0 to 100.
        others: u32,
    },
    /// The best for all where each other change costs this much, or the policy's price of a change where that is more.
    AtPrice {
        /// The score, 0 to 1, that each has to gain the whole.
        price: f64,
    },
    /// The best for all, whoever changes.
    Full,
}

impl Reach {
    /// The most others that anything here may speak of.
    pub(super) const MOST: u32 = 100;

    /// An error of what a caller asks for beside the policy.
    pub(crate) fn checked(self) -> Result<Self> {
        let mut checks = Checks::default();
        self.check(&mut checks);
        if checks.problems.is_empty() { Ok(self) } else { Err(Error::policy(checks.problems)) }
    }

    pub(super) fn check(self, checks: &mut Checks) {
        match self {
            Self::NobodyElse | Self::Full => {}
            Self::AtMost { others } => {
                let most = f64::from(Self::MOST);
                checks.range("rematch.reach.at_most.others", f64::from(others), 0.0, most);
            }
            Self::AtPrice { price } => checks.range("rematch.reach.at_price.price", price, 0.0, 1.0),
        }
    }
}
