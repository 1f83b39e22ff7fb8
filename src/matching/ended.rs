//! Why a standing match does not go on.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::Score;
use super::build::Inputs;
use crate::compatibility::Veto;
use crate::program::{ParticipantId, Status, SupporterId};

/// A standing match that does not go on.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct EndedMatch {
    /// Who was supported.
    pub participant: ParticipantId,
    /// By whom.
    pub supporter: SupporterId,
    /// By whom now; nobody if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub now: Option<SupporterId>,
    /// Why it ends.
    pub because: EndReason,
}

/// Why a standing match ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum EndReason {
    /// The participant does not consent to being matched.
    NoConsent,
    /// The supporter is on leave or has left the programme.
    SupporterGone {
        /// Where the supporter stands with the programme.
        status: Status,
    },
    /// The requirements forbid it today.
    Vetoed {
        /// What they say against it.
        vetoes: Vec<Veto>,
    },
    /// The participant's new match is better, by this much score.
    BetterMatch {
        /// The gain, prices of relaxations counted.
        gain: Score,
    },
    /// The new match is no better for the participant, and the whole is better with it, or as good: where there is a
    /// loss, others are served or matched better by it.
    ForTheWhole {
        /// What the participant loses in score, prices of relaxations counted.
        loss: Score,
    },
    /// The place is taken by others, and no other was found for the participant.
    PlaceNeeded,
    /// The supporter has a place, but the supervisor's caseload is full of others, and nobody else was found for the
    /// participant.
    CaseloadFull,
    /// The supporter has no place any more.
    NoPlace,
    /// A place is free, and the policy holds the whole to be better without the match.
    NotWorthIt,
    /// The search was stopped before it came to this match.
    Stopped,
}

impl fmt::Display for EndReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoConsent => write!(f, "{}", Veto::NoConsent),
            Self::SupporterGone { status } => write!(f, "{}", Veto::NotAvailable { status: *status }),
            Self::Vetoed { vetoes } => {
                let words: Vec<String> = vetoes.iter().map(ToString::to_string).collect();
                f.write_str(&words.join("; "))
            }
            Self::BetterMatch { gain } => write!(f, "the new match is better by {gain}"),
            Self::ForTheWhole { loss } if loss.micro() == 0 => f.write_str("the new match is as good"),
            Self::ForTheWhole { loss } => {
                write!(
                    f,
                    "the place is needed so that others are served or matched better (costs this match {loss})"
                )
            }
            Self::PlaceNeeded => f.write_str("the place is taken by others, and there is no other"),
            Self::CaseloadFull => {
                f.write_str("the supervisor's caseload is taken by others, and there is no other")
            }
            Self::NoPlace => f.write_str("the supporter has no place any more"),
            Self::NotWorthIt => f.write_str("the policy holds the whole to be better without the match"),
            Self::Stopped => f.write_str("the search was stopped before it came to this match"),
        }
    }
}

/// Standing matches of the history that the matching does not go on with; `loads` are the matches of each supporter.
pub(super) fn ended(inputs: &Inputs<'_>, loads: &[u32]) -> Vec<EndedMatch> {
    let Inputs { program, matches, .. } = inputs;
    let mut ended = Vec::new();
    for row in &program.history().standing {
        let participant = program.participant_index(row.participant.as_str());
        let supporter = program.supporter_index(row.supporter.as_str());
        let (Some(participant), Some(supporter)) = (participant, supporter) else { continue };
        let now = matches.of(participant as u32).first().map(|&now| now as usize);
        if now == Some(supporter) {
            continue;
        }
        ended.push(EndedMatch {
            participant: row.participant.clone(),
            supporter: row.supporter.clone(),
            now: now.map(|now| program.supporters()[now].id.clone()),
            because: reason(inputs, loads, (participant, supporter), now),
        });
    }
    ended
}

fn reason(
    inputs: &Inputs<'_>,
    loads: &[u32],
    (participant, supporter): (usize, usize),
    now: Option<usize>,
) -> EndReason {
    let Inputs { program, compatibility, problem, .. } = inputs;
    if !program.participants()[participant].consent {
        return EndReason::NoConsent;
    }
    if compatibility.standing(participant).is_none() {
        return EndReason::SupporterGone { status: program.supporters()[supporter].status };
    }
    let before = compatibility.judge(program, participant, supporter);
    if !before.is_eligible() {
        let vetoes = before.vetoes.into_iter().filter(|(_, lifted_by)| lifted_by.is_none());
        return EndReason::Vetoed { vetoes: vetoes.map(|(veto, _)| veto).collect() };
    }
    if let Some(now) = now {
        let after = compatibility.judge(program, participant, now);
        let gain = Score::from_micro(i64::from(after.weight) - i64::from(before.weight));
        return if gain > Score::default() {
            EndReason::BetterMatch { gain }
        } else {
            EndReason::ForTheWhole { loss: Score::default() - gain }
        };
    }
    // A search that was stopped once it had the optimum leaves nothing open.
    let settled = inputs.is_settled();
    match problem.capacity(supporter as u32) {
        0 => EndReason::NoPlace,
        places if loads[supporter] >= places => EndReason::PlaceNeeded,
        _ if !settled => EndReason::Stopped,
        _ if compatibility.policy().objective.served_first => EndReason::CaseloadFull,
        _ => EndReason::NotWorthIt,
    }
}
