//! What a check finds: every violation in words and in numbers.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::ladder::Rungs;

/// What [`verify`](super::verify()) found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Verification {
    /// Everything that is wrong; empty if the assignment is what it claims to be.
    pub violations: Vec<Violation>,
    /// Whether the assignment was proven optimal by its potentials, and not only by the solver's word.
    pub proven_optimal: bool,
}

impl Verification {
    /// Whether nothing is wrong.
    pub fn is_valid(&self) -> bool {
        self.violations.is_empty()
    }
}

impl fmt::Display for Verification {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.violations.is_empty() {
            return f.write_str(if self.proven_optimal { "valid, proven optimal" } else { "valid" });
        }
        let count = self.violations.len();
        write!(f, "{count} violation{}", if count == 1 { "" } else { "s" })?;
        self.violations.iter().try_for_each(|violation| write!(f, "\n  {violation}"))
    }
}

/// A node of the network, as named in a [`Violation`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Node {
    /// A participant.
    Participant(u32),
    /// A supporter.
    Supporter(u32),
    /// A group.
    Group(u32),
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Participant(index) => write!(f, "participant {index}"),
            Self::Supporter(index) => write!(f, "supporter {index}"),
            Self::Group(index) => write!(f, "group {index}"),
        }
    }
}

/// One thing wrong with an assignment or its proof.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Violation {
    /// A list has the wrong length.
    Length {
        /// Which list.
        list: String,
        /// How long it is.
        stated: usize,
        /// How long it must be.
        expected: usize,
    },
    /// A participant is matched where it has no pair.
    NoSuchPair {
        /// The participant.
        participant: u32,
        /// The supporter it is stated to have.
        supporter: u32,
    },
    /// A pinned participant is not where it is pinned.
    PinBroken {
        /// The participant.
        participant: u32,
        /// The supporter it is pinned to.
        pinned: u32,
        /// The supporter it is stated to have.
        stated: Option<u32>,
    },
    /// More matches than a supporter or group allows.
    OverCapacity {
        /// The supporter or group.
        node: Node,
        /// Matches it has.
        flow: u64,
        /// Matches it allows.
        capacity: u32,
    },
    /// The supporters of a participant are not in strictly ascending order.
    Order {
        /// The participant.
        participant: u32,
    },
    /// A participant has more supporters than places.
    TooMany {
        /// The participant.
        participant: u32,
        /// Supporters it has.
        stated: usize,
        /// Places it has.
        places: u32,
    },
    /// A supporter or group has fewer matches than its firm minimum.
    BelowMinimum {
        /// The supporter or group.
        node: Node,
        /// Matches it has.
        flow: u64,
        /// Matches it must have.
        minimum: u32,
    },
    /// The stated objective is not what the assignment costs.
    Objective {
        /// As stated.
        stated: Rungs,
        /// As recomputed.
        actual: Rungs,
    },
    /// The stated packed objective is not that of the assignment.
    Packed {
        /// As stated.
        stated: i128,
        /// As recomputed.
        actual: i128,
    },
    /// The bound lies above the objective.
    BoundAboveObjective {
        /// The bound.
        bound: i128,
        /// The packed objective.
        packed: i128,
    },
    /// A completed solve states a bound that is not its objective.
    NotOptimal {
        /// The bound.
        bound: i128,
        /// The packed objective.
        packed: i128,
    },
    /// The certificate's scales are not the problem's.
    Scales {
        /// As stated.
        stated: Rungs,
        /// The problem's.
        actual: Rungs,
    },
    /// The certificate is of another flow.
    Flow {
        /// The supporter or group.
        node: Node,
        /// As stated.
        stated: u32,
        /// As the assignment has it.
        actual: u64,
    },
    /// A potential is not the minimum it must be.
    Potential {
        /// Whose.
        node: Node,
        /// As stated.
        stated: i128,
        /// As its arcs have it.
        actual: i128,
    },
    /// Potentials make a free place gainful, or one that is used dearer than free.
    Slackness {
        /// The supporter or group it belongs to.
        node: Node,
        /// Whether the place is used.
        used: bool,
        /// Its reduced cost.
        reduced: i128,
    },
    /// The checksum is not that of the potentials.
    Checksum {
        /// As stated.
        stated: i128,
        /// As recomputed.
        actual: i128,
    },
    /// A participant uses an arc that is not its cheapest.
    NotCheapest {
        /// The participant.
        participant: u32,
        /// Packed cost and potential of the arc it uses.
        used: i128,
        /// Of its cheapest other arc.
        cheapest: i128,
    },
    /// A pair that is held does not have the cost it has at its source.
    PairCost {
        /// The participant.
        participant: u32,
        /// The supporter.
        supporter: u32,
        /// The cost it is held at.
        stated: i64,
        /// The cost at the source, `None` if there is no such pair.
        actual: Option<i64>,
    },
    /// A pair that is not held costs less than its participant pays.
    PairMissed {
        /// The participant.
        participant: u32,
        /// The supporter.
        supporter: u32,
        /// Its packed reduced cost, which is negative.
        reduced: i128,
    },
    /// The dual value of the potentials is not as stated, or not the objective.
    Dual {
        /// As stated.
        stated: i128,
        /// As recomputed.
        actual: i128,
    },
    /// The rounds do not prove the assignment to be the fairest.
    Rounds {
        /// What is wrong, and in which round.
        what: String,
    },
    /// What is kept beside a living problem, such as its pairs by supporter, does not follow from it.
    Books {
        /// What is wrong.
        what: String,
    },
    /// A number is too large to be checked.
    Overflow {
        /// What was being computed.
        what: String,
    },
}

impl fmt::Display for Violation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Length { list, stated, expected } => {
                write!(f, "{list} has {stated} entries instead of {expected}")
            }
            Self::NoSuchPair { participant, supporter } => {
                write!(f, "participant {participant} has no pair with supporter {supporter}")
            }
            Self::PinBroken { participant, pinned, stated: Some(stated) } => {
                write!(
                    f,
                    "participant {participant} is pinned to supporter {pinned} but has supporter {stated}"
                )
            }
            Self::PinBroken { participant, pinned, stated: None } => {
                write!(f, "participant {participant} is pinned to supporter {pinned} but unmatched")
            }
            Self::OverCapacity { node, flow, capacity } => {
                write!(f, "{node} has {flow} matches but a capacity of {capacity}")
            }
            Self::Order { participant } => {
                write!(f, "the supporters of participant {participant} are not in strictly ascending order")
            }
            Self::TooMany { participant, stated, places } => {
                write!(f, "participant {participant} has {stated} supporters for {places} places")
            }
            Self::BelowMinimum { node, flow, minimum } => {
                write!(f, "{node} has {flow} matches but a firm minimum of {minimum}")
            }
            Self::Objective { stated, actual } => {
                write!(f, "the objective is stated as {stated}, but is {actual}")
            }
            Self::Packed { stated, actual } => {
                write!(f, "the packed objective is stated as {stated}, but is {actual}")
            }
            Self::BoundAboveObjective { bound, packed } => {
                write!(f, "the bound {bound} lies above the objective {packed}")
            }
            Self::NotOptimal { bound, packed } => {
                write!(f, "the solve completed, but its bound {bound} is not the objective {packed}")
            }
            Self::Scales { stated, actual } => {
                write!(f, "the scales are stated as {stated}, but are {actual}")
            }
            Self::Flow { node, stated, actual } => {
                write!(f, "the certificate gives {node} {stated} matches, the assignment {actual}")
            }
            Self::Potential { node, stated, actual } => {
                write!(f, "the potential of {node} is {stated}, but its arcs make it {actual}")
            }
            Self::Slackness { node, used, reduced } => {
                let place = if *used { "used" } else { "free" };
                write!(f, "a {place} place of {node} has a reduced cost of {reduced}")
            }
            Self::Checksum { stated, actual } => {
                write!(f, "the checksum of the potentials is stated as {stated}, but is {actual}")
            }
            Self::NotCheapest { participant, used, cheapest } => {
                write!(f, "participant {participant} pays {used} where another arc costs {cheapest}")
            }
            Self::PairCost { participant, supporter, stated, actual: Some(actual) } => write!(
                f,
                "the pair of participant {participant} and supporter {supporter} is held at {stated}, but costs {actual}"
            ),
            Self::PairCost { participant, supporter, actual: None, .. } => {
                write!(
                    f,
                    "participant {participant} and supporter {supporter} are held as a pair, but are none"
                )
            }
            Self::PairMissed { participant, supporter, reduced } => write!(
                f,
                "the pair of participant {participant} and supporter {supporter} is not held, but would save {}",
                reduced.unsigned_abs()
            ),
            Self::Dual { stated, actual } => {
                write!(f, "the dual value is stated as {stated}, but is {actual}")
            }
            Self::Rounds { what } | Self::Books { what } => f.write_str(what),
            Self::Overflow { what } => write!(f, "{what} overflows 128 bits"),
        }
    }
}
