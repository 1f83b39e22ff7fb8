//! What a rule is: linear rows over pairs, unmatched participants and auxiliary yes-or-no variables, under one name.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Something that is so or is not so in a matching.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Variable {
    /// The participant has that supporter.
    Pair {
        /// The participant.
        participant: u32,
        /// The supporter.
        supporter: u32,
    },
    /// The participant stays unmatched. One with several places counts once for each place that stays empty.
    Unmatched(u32),
    /// An auxiliary variable, by the number that
    /// [`RuleProblemBuilder::auxiliary`](super::RuleProblemBuilder::auxiliary) returned; for example "this supporter is
    /// open".
    Auxiliary(u32),
}

impl Variable {
    /// The pair of a participant and a supporter.
    pub fn pair(participant: u32, supporter: u32) -> Self {
        Self::Pair { participant, supporter }
    }
}

impl fmt::Display for Variable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pair { participant, supporter } => {
                write!(f, "pair of participant {participant} and supporter {supporter}")
            }
            Self::Unmatched(participant) => write!(f, "unmatched participant {participant}"),
            Self::Auxiliary(number) => write!(f, "auxiliary variable {number}"),
        }
    }
}

/// How the weighted sum of a row compares with its bound.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sense {
    /// The sum is the bound or less.
    AtMost,
    /// The sum is the bound or more.
    AtLeast,
    /// The sum is the bound.
    Exactly,
}

/// One linear condition: the sum of the weights of what is so, compared with a bound.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Row {
    /// How they compare.
    pub sense: Sense,
    /// The bound.
    pub bound: i64,
    /// What counts, and how much; a variable named twice counts with the sum of its weights.
    pub terms: Vec<(Variable, i64)>,
}

impl Row {
    /// A row from its parts.
    pub fn new(sense: Sense, bound: i64, terms: impl IntoIterator<Item = (Variable, i64)>) -> Self {
        Self { sense, bound, terms: terms.into_iter().collect() }
    }

    /// A row in which everything counts once.
    pub fn count(sense: Sense, bound: i64, what: impl IntoIterator<Item = Variable>) -> Self {
        Self::new(sense, bound, what.into_iter().map(|variable| (variable, 1)))
    }
}

/// Whether a rule must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Firmness {
    /// It holds in every result.
    #[default]
    Firm,
    /// It may be violated at a price.
    Soft {
        /// Cost, in the quality rung, of one unit by which one row misses its bound; not negative.
        price: i64,
    },
}

/// A named rule: all its rows hold, or a price is paid for what they miss.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rule {
    /// What messages and results call it.
    pub name: String,
    /// Whether it must hold.
    pub firmness: Firmness,
    /// Its conditions.
    pub rows: Vec<Row>,
    /// It says what variables mean and is never dropped where rules clash; see [`Rule::always`].
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub always: bool,
}

impl Rule {
    /// A firm rule.
    pub fn new(name: impl Into<String>, rows: Vec<Row>) -> Self {
        Self { name: name.into(), firmness: Firmness::Firm, rows, always: false }
    }

    /// The same rule, never to be dropped where firm rules clash, nor named among them: for what holds whatever a
    /// programme wants, such as that an auxiliary variable says what it is to say.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.always = true;
        self
    }

    /// The same rule, soft: each unit by which a row misses its bound costs `price` in the quality rung.
    #[must_use]
    pub fn soft(mut self, price: i64) -> Self {
        self.firmness = Firmness::Soft { price };
        self
    }
}
