//! Rules about matches together, which no single pair can keep or break: hours, quotas, together or apart, teams, a
//! least load.
//!
//! Each has a name of its own and is firm, or soft at a price for each unit by which it is missed. A policy that states
//! none is matched by the flow alone; with any, the matching is found under all of them, with a proven bound.
//!
//! | kind | what it holds | a unit missed is | how it is held |
//! |---|---|---|---|
//! | `hours` per supporter | hours a week within what each can give | an hour | at the supporter, exact in the bound |
//! | `quota` per supporter, no share | a count of each one's matches | a match | at the supporter, exact in the bound |
//! | `open` | nobody, or so many at least; a price for opening | a match | at the supporter, exact in the bound |
//! | `hours` per supervisor | hours a week within what each oversees | an hour | priced in the bound, then searched |
//! | any other `quota` | a count or share of all, or of a supervisor's | a match | priced, then searched |
//! | `together`, `apart` | the same supporter, or never the same | a match | priced, then searched |
//! | `team`, `never_both` | both supporters of a person, or never both | a person | priced, then searched |
//! | `[backup]` alone | as many backups as there can be, then the best | | a second flow, after the matches |
//! | `[backup]` with `worth`, or spoken of | matches and backups together | | searched together |
//!
//! Whatever the way, firm rules hold in every result, and a search that comes to its end has the best matching there
//! is: the same that the whole model gives in a general integer program. *Exact in the bound* means that such rules
//! alone leave little to search; *priced* ones may leave a gap that only the search closes. What is bounded instead of
//! exact:
//!
//! * A search that is stopped returns the best found, all firm rules kept, and how much better another might be.
//! * Where firm rules clash, that the clash is the smallest, and that the fewest are given up, is proven up to some
//!   hundreds of trials; beyond that the result says that it is not.
//! * Shares are counted in thousandths, hours in minutes, and the price of a share is rounded to millionths of score
//!   for the smallest part of a match that it counts in.
//! * Of several matchings that are equally good the result is any, the same one each time. Loads are balanced in
//!   coarser steps, or not, where sums would not fit; the result says so.
//!
//! What is pinned stands, counts, and excuses what it exceeds: nothing is added where there is too much already. It
//! does not excuse what is missing, nor a share, whose whole may grow: where no other matches can make up for it, firm
//! rules clash.
//!
//! ```
//! use peermatch::Policy;
//!
//! let policy = Policy::from_toml(r#"
//!     [[rules]]
//!     name = "what supporters can give"
//!     hours = { per = "supporter" }
//!
//!     [[rules]]
//!     name = "not too many at a distance"
//!     price = 0.2
//!     [rules.quota]
//!     at_most_share = 0.4
//!     count = { remote = true }
//!
//!     [[rules]]
//!     name = "two parents of one child"
//!     together = { participants = ["P-0001", "P-0002"] }
//! "#)?;
//! assert_eq!(policy.rules.len(), 3);
//! # Ok::<(), peermatch::Error>(())
//! ```

mod backup;
mod check;
mod counted;
mod document;
mod known;
mod people;

use serde::{Deserialize, Serialize};

pub use backup::Backup;
pub use counted::{Counted, Role};
pub use people::People;
pub(crate) use people::same;

use crate::program::{ParticipantId, SupporterId};
pub(super) use check::check;
use document::Document;
pub(crate) use known::{beside, odd_supporters};

/// A named rule about matches together.
///
/// In a policy document the kind is a field of its own name beside `name` and `price`: `hours`, `quota`, `together`,
/// `apart`, `never_both`, `team` or `open`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(with = "Document"))]
#[serde(try_from = "Document", into = "Document")]
#[non_exhaustive]
pub struct Rule {
    /// What results and messages call it, in the programme's words.
    pub name: String,
    /// What each unit by which it is missed costs in score, 0 to 1000: a match, or an hour a week. At 0 the result
    /// tells by how much it is missed, and nothing is done about it. However high, it keeps nobody from being served
    /// where [`served_first`](crate::policy::Objective::served_first) is on. None for a firm rule, which every matching
    /// keeps.
    pub price: Option<f64>,
    /// What it asks for.
    pub kind: RuleKind,
}

/// What a rule asks for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum RuleKind {
    /// Matches take no more hours a week than there are.
    Hours(Hours),
    /// Matches of a sort are at most, at least or exactly so many, or such a share.
    Quota(Box<Quota>),
    /// These have the same supporter, or none of them has one. One unit is a pair that is there for one and not for the
    /// other: two who are with different supporters miss it by two.
    Together(Together),
    /// No two of these have the same supporter. One unit is a match too many.
    Apart(Together),
    /// No two of these support the same person, be it as supporter and backup. One unit is a person.
    NeverBoth(Team),
    /// These two support the same people: whoever has one of them has the other as backup, or the other way about. One
    /// unit is a person with only one of them.
    Team(Team),
    /// A supporter takes nobody, or at least so many.
    Open(Box<Open>),
}

impl RuleKind {
    /// The name it has in a policy document.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Hours(_) => "hours",
            Self::Quota(_) => "quota",
            Self::Together(_) => "together",
            Self::Apart(_) => "apart",
            Self::NeverBoth(_) => "never_both",
            Self::Team(_) => "team",
            Self::Open(_) => "open",
        }
    }
}

/// For whom a rule counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Per {
    /// All matches of the programme together.
    #[default]
    Programme,
    /// Those of each supporter.
    Supporter,
    /// Those of each supervisor's supporters.
    Supervisor,
}

/// The hours that matches take a week are no more than supporters, or supervisors, can give. Who states no hours is not
/// limited. Backups take none until they step in.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Hours {
    /// Whose hours: those of each supporter, or of each supervisor for all their supporters. Default: each supporter's.
    pub per: Per,
    /// Hours a week that a match takes of a participant who does not state them, 0 to 168. Default 1: our own choice,
    /// room for one contact a week with its notes; the usual dose is four contacts in eight weeks (FSN-NC; Singer
    /// 1999).
    pub hours_per_match: f64,
}

impl Default for Hours {
    fn default() -> Self {
        Self { per: Per::Supporter, hours_per_match: 1.0 }
    }
}

/// Matches of a sort are at most, at least or exactly so many, or such a share of all. At least one of the bounds is
/// stated; several hold together.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Quota {
    /// What is counted: matches of which all of this is so.
    pub count: Counted,
    /// Whether all matches are counted together, or those of each supporter or supervisor.
    pub per: Per,
    /// No more than so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most: Option<u32>,
    /// No fewer than so many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least: Option<u32>,
    /// No more than this share, 0 to 1, in steps of a thousandth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_most_share: Option<f64>,
    /// No less than this share, 0 to 1, in steps of a thousandth.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at_least_share: Option<f64>,
    /// What shares are of: matches of which all of this is so. Default: all matches.
    pub of: Counted,
}

/// Participants whose matches hang together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Together {
    /// Two or more.
    pub participants: Vec<ParticipantId>,
}

/// Supporters whose matches hang together.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Team {
    /// Two or more; a team has two.
    pub supporters: Vec<SupporterId>,
}

/// A supporter takes nobody, or at least so many; being open at all may cost something (training, travel).
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Open {
    /// Which supporters. Default: all.
    pub supporters: People,
    /// Who takes anybody takes so many, 1 or more. Default 1.
    pub at_least: u32,
    /// What it costs in score that a supporter is open, 0 to 1000. Default 0.
    pub price: f64,
}

impl Default for Open {
    fn default() -> Self {
        Self { supporters: People::default(), at_least: 1, price: 0.0 }
    }
}

impl Rule {
    /// A firm rule.
    pub fn new(name: impl Into<String>, kind: RuleKind) -> Self {
        Self { name: name.into(), price: None, kind }
    }

    /// The same rule, soft: each unit by which it is missed costs so much score.
    #[must_use]
    pub fn soft(mut self, price: f64) -> Self {
        self.price = Some(price);
        self
    }

    /// Whether every matching keeps it.
    pub fn is_firm(&self) -> bool {
        self.price.is_none()
    }

    /// Whether it speaks of backups, so that matches and backups have to be chosen together.
    pub fn is_about_backups(&self) -> bool {
        match &self.kind {
            RuleKind::NeverBoth(_) | RuleKind::Team(_) => true,
            RuleKind::Quota(quota) => {
                [&quota.count, &quota.of].iter().any(|counted| counted.role != Role::Primary)
            }
            _ => false,
        }
    }
}
