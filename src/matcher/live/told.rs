//! What a change led to, in people's ids and in words: plain data.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::incumbent::Bound;
use crate::assignment::Rungs;
use crate::error::Fault;
use crate::matching::{LoadChange, Match, Score, Unmatched};
use crate::policy::Due;
use crate::program::{ParticipantId, SupporterId};

/// What a change led to. The whole is the best there is by the policy's objective, what is pinned and
/// [held](crate::Matcher::held) staying as it is; a certificate proves it, see
/// [`Matcher::verify_kept`](crate::Matcher::verify_kept). Where a network cannot hold what the policy asks,
/// [`bound`](Self::bound) says how far from the best it can be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Changed {
    /// Everyone whose match is another, in the program's order.
    pub effects: Vec<Effect>,
    /// Supporters who carry more or fewer than before, in the program's order.
    pub loads: Vec<LoadChange>,
    /// How good the whole was before.
    pub before: Quality,
    /// How good it is now.
    pub after: Quality,
    /// Under rules, weighed backups or the worst-off first: how far from the best it can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bound: Option<Bound>,
    /// What was worked out anew, and what was not.
    pub reused: Reused,
    /// What is odd about the change without being wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<Fault>,
}

/// One participant whose match is another.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Effect {
    /// Who.
    pub participant: ParticipantId,
    /// Their supporter before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<SupporterId>,
    /// Their supporter now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<SupporterId>,
    /// Why.
    pub because: Because,
    /// The new match, explained; none where they have nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub found: Option<Box<Match>>,
    /// Why nobody; none for those who are matched, or left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmatched: Option<Box<Unmatched>>,
    /// What is due with the new match in its first three months, and when; more,
    /// [`FollowUp::due`](crate::policy::FollowUp) says.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub due: Vec<Due>,
}

/// What a change does to one participant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EffectKind {
    /// Had nobody and is matched now.
    Matched,
    /// Has another supporter now.
    Moved,
    /// Has nobody any more.
    Unmatched,
}

impl Effect {
    /// What the change does to them.
    pub fn kind(&self) -> EffectKind {
        match (&self.from, &self.to) {
            (None, _) => EffectKind::Matched,
            (Some(_), Some(_)) => EffectKind::Moved,
            (Some(_), None) => EffectKind::Unmatched,
        }
    }
}

/// Why somebody's match is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Because {
    /// They asked for support.
    Arrived,
    /// They left.
    Left,
    /// What is known of them, or of the two together, changed.
    Themselves,
    /// Their match was said to be over.
    MatchEnded,
    /// Their supporter left, takes no more, or may not go on.
    SupporterChanged,
    /// Their new supporter joined, or takes more or others than before.
    SupporterOpened,
    /// They take the place that this participant left.
    PlaceLeftBy {
        /// Who left it.
        participant: ParticipantId,
    },
    /// Their place is needed for this participant, so that the whole is served better.
    MadeWayFor {
        /// Who has it now.
        participant: ParticipantId,
    },
    /// The rules, the day or the limits changed.
    RulesChanged,
    /// They chose their supporter.
    Chose,
    /// The place that was held for them is let go of.
    ChoiceEnded,
    /// The whole is better so.
    BetterWhole,
}

impl fmt::Display for Because {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arrived => f.write_str("asked for support"),
            Self::Left => f.write_str("left"),
            Self::Themselves => f.write_str("something about them changed"),
            Self::MatchEnded => f.write_str("the match is over"),
            Self::SupporterChanged => f.write_str("their supporter cannot go on"),
            Self::SupporterOpened => f.write_str("their new supporter joined or takes more than before"),
            Self::PlaceLeftBy { participant } => write!(f, "takes the place that {participant} left"),
            Self::MadeWayFor { participant } => write!(f, "made way for {participant}"),
            Self::RulesChanged => f.write_str("rules, limits or the day changed"),
            Self::Chose => f.write_str("chose"),
            Self::ChoiceEnded => f.write_str("the place is held for them no longer"),
            Self::BetterWhole => f.write_str("the whole is better so"),
        }
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.from, &self.to) {
            (None, Some(to)) => write!(f, "{} is matched with {to}", self.participant)?,
            (Some(from), Some(to)) => write!(f, "{} moves from {from} to {to}", self.participant)?,
            (Some(from), None) => write!(f, "{} is no longer matched with {from}", self.participant)?,
            (None, None) => write!(f, "{} is not matched", self.participant)?,
        }
        write!(f, ": {}", self.because)
    }
}

/// How good a whole is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Quality {
    /// Participants with a supporter.
    pub matched: u32,
    /// Sum of their scores less the prices of the relaxations they take.
    pub score: Score,
    /// What it costs by rung, less is better, prices of loads and standing matches included.
    pub cost: Rungs,
}

/// What a change took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Reused {
    /// Participants whose pairs were all judged anew.
    pub participants_judged: u32,
    /// Supporters whose pairs were all judged anew.
    pub supporters_judged: u32,
    /// Pairs judged one by one.
    pub pairs_judged: u32,
    /// Shortest paths looked for in the network.
    pub searches: u32,
    /// Pairs that these read.
    pub pairs_read: u64,
    /// Under rules and the like: participants who hang together with something that is not as it was when it was last
    /// settled, and could move therefore.
    #[serde(default)]
    pub reopened: u32,
    /// Nothing was reused: everything was judged and solved again, standing matches preferred.
    pub anew: bool,
}
