//! What can change, and what is told of it afterwards: plain data.

use serde::{Deserialize, Serialize};

use super::super::builder::Supporter;
use super::super::ladder::Rungs;

/// One change of a problem that is kept optimal; several make one change together.
///
/// Numbers stay what they are for as long as somebody has them. Who arrives gets the lowest number that nobody has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Edit {
    /// A participant may take a supporter at this cost from now on, whether or not it could before.
    Allow {
        /// Who.
        participant: u32,
        /// Whom.
        supporter: u32,
        /// Cost in the quality rung.
        cost: i64,
    },
    /// A participant may not take a supporter from now on. A pin stays; nothing happens where there is no such pair.
    Forbid {
        /// Who.
        participant: u32,
        /// Whom.
        supporter: u32,
    },
    /// All pairs of a participant anew: those that are not named are forbidden, and all that are count.
    Row {
        /// Who.
        participant: u32,
        /// Supporters and costs, in any order.
        pairs: Vec<(u32, i64)>,
    },
    /// All pairs of a supporter anew: those that are not named are forbidden.
    Column {
        /// Whose.
        supporter: u32,
        /// Participants and costs, in any order.
        pairs: Vec<(u32, i64)>,
    },
    /// A match is fixed at this cost, whether or not there is such a pair; an earlier pin of the participant ends.
    Pin {
        /// Who.
        participant: u32,
        /// With whom.
        supporter: u32,
        /// Cost in the quality rung.
        cost: i64,
    },
    /// A match is no longer fixed; nothing happens where it was not.
    Unpin {
        /// Whose.
        participant: u32,
    },
    /// Of a participant's pairs only this one counts from now on, or none. The others are kept and count again after
    /// [`Any`](Self::Any), or where a [`Row`](Self::Row) is written. O(1).
    Only {
        /// Who.
        participant: u32,
        /// The supporter whose pair counts, if one does.
        supporter: Option<u32>,
    },
    /// All pairs of a participant count; nothing happens where they did.
    Any {
        /// Whose.
        participant: u32,
    },
    /// Not to have this supporter costs 1 in the change rung from now on.
    Standing {
        /// Who.
        participant: u32,
        /// The supporter it has already, if any.
        supporter: Option<u32>,
    },
    /// What it costs to leave a participant unmatched.
    Unmatched {
        /// Who.
        participant: u32,
        /// Cost in the served rung: who comes first where places are short.
        served_weight: u32,
        /// Cost in the quality rung.
        cost: i64,
    },
    /// A participant arrives.
    ParticipantArrives {
        /// Supporters and costs, in any order.
        pairs: Vec<(u32, i64)>,
        /// Cost in the served rung of leaving it unmatched.
        served_weight: u32,
        /// The same in the quality rung.
        unmatched_cost: i64,
    },
    /// A participant leaves: its match, pin and pairs are gone, and its number may be given to another.
    ParticipantLeaves {
        /// Who.
        participant: u32,
    },
    /// A supporter arrives.
    SupporterArrives {
        /// Its places and its group.
        supporter: Supporter,
        /// Participants and costs, in any order.
        pairs: Vec<(u32, i64)>,
    },
    /// A supporter leaves: its matches, pins, standing matches and pairs are gone, and its number may be given to
    /// another.
    SupporterLeaves {
        /// Who.
        supporter: u32,
    },
    /// A supporter has so many places from now on, those of pins included.
    Capacity {
        /// Whose.
        supporter: u32,
        /// Places.
        capacity: u32,
    },
    /// All about a supporter's places anew: capacity, firm minimum, prices and group.
    Places {
        /// Whose.
        supporter: u32,
        /// As for a new one.
        places: Supporter,
    },
    /// The limits of a group.
    Group {
        /// Which.
        group: u32,
        /// Matches it allows below it, those of pins included.
        capacity: u32,
        /// Firm minimum of the matches below it.
        minimum: u32,
    },
}

/// A participant whose match changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Effect {
    /// Who.
    pub participant: u32,
    /// Its supporter before, `None` if it had none or was not there.
    pub from: Option<u32>,
    /// Its supporter now, `None` if it has none or is not there any more.
    pub to: Option<u32>,
}

/// Who arrived with a change, by the number it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Arrival {
    /// A participant.
    Participant(u32),
    /// A supporter.
    Supporter(u32),
}

/// What a repair took; it says nothing of what it led to, and a state that was read from a snapshot may read more
/// pairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Work {
    /// Shortest paths looked for.
    pub searches: u32,
    /// Supporters and groups settled by them.
    pub nodes_settled: u64,
    /// Pairs they read.
    pub pairs_read: u64,
    /// Whether the ladder had to be packed anew, which takes a solve: the problem outgrew its bounds.
    pub packed_anew: bool,
}

/// What a change led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Outcome {
    /// Everyone whose match changed, by participant.
    pub effects: Vec<Effect>,
    /// Who arrived, in the order of the edits.
    pub arrivals: Vec<Arrival>,
    /// The objective before the change.
    pub before: Rungs,
    /// The objective after it. Where firm minimums cannot all be met, its required rung says how many matches are
    /// missing, and it is the least that can be.
    pub after: Rungs,
    /// What the repair took.
    pub work: Work,
}
