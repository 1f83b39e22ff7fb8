//! What can happen to a programme, as plain data.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::policy::Policy;
use crate::program::{
    Code, Outcome, Participant, ParticipantId, Status, Supervisor, Supporter, SupporterId, Window,
};

/// One thing that happens; [`Matcher::apply`](crate::Matcher::apply) makes it and keeps the optimum.
///
/// Plain data: `{"change": "bar", "participant": "P-1", "supporter": "S-2"}`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(tag = "change", rename_all = "snake_case", deny_unknown_fields)]
#[non_exhaustive]
pub enum Change {
    /// Somebody asks for support who was not there before.
    ParticipantArrives {
        /// Everything about them.
        participant: Box<Participant>,
    },
    /// Any field of a participant is another: the record takes the place of the one with the same id.
    ParticipantChanges {
        /// Everything about them, what has not changed included.
        participant: Box<Participant>,
    },
    /// A participant leaves, and what is known of them is forgotten; their match ends.
    ParticipantLeaves {
        /// Who.
        participant: ParticipantId,
    },
    /// A supporter joins.
    SupporterArrives {
        /// Everything about them.
        supporter: Box<Supporter>,
    },
    /// Any field of a supporter is another: the record takes the place of the one with the same id.
    SupporterChanges {
        /// Everything about them, what has not changed included.
        supporter: Box<Supporter>,
    },
    /// A supporter leaves, and what is known of them is forgotten; their matches end. (Released supporters end theirs
    /// too, and stay on record.)
    SupporterLeaves {
        /// Who.
        supporter: SupporterId,
    },
    /// A supporter stands otherwise with the programme: on leave, under review, released, active again.
    SupporterStatus {
        /// Who.
        supporter: SupporterId,
        /// How from now on.
        status: Status,
        /// For a leave, the day they are back, if that is known.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
        leave_until: Option<Date>,
    },
    /// A supporter takes more or fewer from now on.
    SupporterCapacity {
        /// Who.
        supporter: SupporterId,
        /// How many; the policy's default if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        capacity: Option<u32>,
    },
    /// A supporter has time at other hours from now on.
    SupporterAvailability {
        /// Who.
        supporter: SupporterId,
        /// When they can meet, week by week.
        availability: Vec<Window>,
    },
    /// What a supporter does not take is another from now on.
    SupporterScope {
        /// Who.
        supporter: SupporterId,
        /// Condition codes they do not take, with everything below them in the taxonomy.
        #[serde(default)]
        excluded_conditions: Vec<Code>,
        /// Issue codes they do not take, with everything below them in the taxonomy.
        #[serde(default)]
        excluded_issues: Vec<Code>,
    },
    /// Two people are never to be matched; if they are, it ends.
    Bar {
        /// One of the two.
        participant: ParticipantId,
        /// The other.
        supporter: SupporterId,
        /// Why, in the programme's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Two people may be matched again.
    Unbar {
        /// One of the two.
        participant: ParticipantId,
        /// The other.
        supporter: SupporterId,
    },
    /// Two people turn out to know each other from outside the programme.
    Acquainted {
        /// One of the two.
        participant: ParticipantId,
        /// The other.
        supporter: SupporterId,
    },
    /// Two people are matched and stay so, whatever else would be better.
    Pin {
        /// Who is supported.
        participant: ParticipantId,
        /// By whom.
        supporter: SupporterId,
    },
    /// A match that was pinned may change again where the gain exceeds its price.
    Unpin {
        /// Whose.
        participant: ParticipantId,
    },
    /// A participant is to choose for themselves: nobody is given to them until they have, or something else happens to
    /// them. A match that they have is over.
    WaitsToChoose {
        /// Who.
        participant: ParticipantId,
    },
    /// A match is over. The participant is looked after anew; who wants nobody else leaves.
    MatchEnds {
        /// Whose.
        participant: ParticipantId,
        /// How it ended.
        outcome: Outcome,
        /// Why, in the programme's words.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        reason: Option<String>,
    },
    /// Somebody stands by for a participant in case the supporter fails, or nobody does any more. It ends with the
    /// pair's becoming impossible, or a match.
    StandsBy {
        /// For whom.
        participant: ParticipantId,
        /// Who; nobody if left out.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        supporter: Option<SupporterId>,
    },
    /// A supervisor oversees more or fewer, or is new.
    SupervisorChanges {
        /// Everything about them.
        supervisor: Supervisor,
    },
    /// A criterion weighs more or less from now on.
    CriterionWeight {
        /// Its name.
        criterion: String,
        /// Its weight, 0 to 1000.
        weight: f64,
    },
    /// Another policy.
    Policy {
        /// All of it.
        policy: Box<Policy>,
    },
    /// Another day: who waits is more urgent, leaves end, experience grows.
    Day {
        /// Which.
        #[cfg_attr(feature = "schema", schemars(with = "String", extend("format" = "date")))]
        as_of: Date,
    },
    /// Whoever was [held](super::Matcher::held) by an earlier choice is free again, and the optimum is taken: under
    /// rules, weighed backups or the worst-off first as the exact solve finds it, which may take a while.
    Settle {},
}
