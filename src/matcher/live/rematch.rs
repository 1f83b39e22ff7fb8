//! A match that does not work, and what the programme's policy makes of the reason.
//!
//! **Method.** The reason's [`Consequences`] are written like any other change: the match is recorded as over, the pair
//! barred, the supporter's standing or scope changed, the participant's priority raised. Then another supporter is
//! looked for, reaching as far as the caller allows. The same two are never proposed to each other again where the
//! consequences keep them apart.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::Matcher;
use super::Turn;
use super::told::Changed;
use crate::assignment::{Repair, Rungs};
use crate::error::{Result, Severity};
use crate::matching::{Match, Moved, Score, explain_pair};
use crate::policy::{Consequences, Reach, Reason};
use crate::program::{Code, Participant, ParticipantId, Status, SupporterId};

/// Who asks for another match.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AskedBy {
    /// The participant.
    Participant,
    /// The supporter.
    Supporter,
    /// Somebody of the programme.
    #[default]
    Leader,
}

/// A request for another match.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rematch {
    /// For whom.
    pub participant: ParticipantId,
    /// Why; the policy says what follows from it.
    pub reason: Reason,
    /// Who asks.
    #[serde(default)]
    pub asked_by: AskedBy,
    /// What is to be recorded, in the programme's words; the reason's own if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<String>,
    /// Which of the participant's conditions and issues the supporter takes nobody with from now on, where the reason
    /// narrows the supporter's scope.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub out_of_scope: Vec<Code>,
    /// The participant wants nobody else, and withdraws.
    #[serde(default)]
    pub withdraws: bool,
    /// How far the next match may reach; as the policy says if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reach: Option<Reach>,
}

impl Rematch {
    /// A request of somebody of the programme, reaching as far as the policy says.
    pub fn new(participant: impl Into<ParticipantId>, reason: Reason) -> Self {
        Self {
            participant: participant.into(),
            reason,
            asked_by: AskedBy::default(),
            note: None,
            out_of_scope: Vec::new(),
            withdraws: false,
            reach: None,
        }
    }
}

/// What a request for another match led to.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Rematched {
    /// Whose match ended.
    pub participant: ParticipantId,
    /// With whom it was.
    pub supporter: SupporterId,
    /// What the policy makes of the reason.
    pub consequences: Vec<Consequence>,
    /// Who has whom now.
    pub changed: Changed,
}

/// One thing that followed from the reason, or that somebody of the programme is to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Consequence {
    /// The two are never matched again.
    PairBarred,
    /// It is recorded that the two know each other.
    Acquainted,
    /// The supporter stands otherwise with the programme.
    SupporterStatus {
        /// How.
        status: Status,
    },
    /// The supporter takes nobody with these from now on.
    ScopeNarrowed {
        /// Codes of conditions and issues.
        codes: Vec<Code>,
    },
    /// The supporter's scope is to be narrowed, and nobody said by what.
    ScopeToBeNamed,
    /// The participant comes sooner than before.
    PriorityRaised {
        /// The priority now.
        priority: u8,
    },
    /// The participant withdrew.
    Withdrawn,
    /// To do: the supporter is to be trained again.
    Retraining,
    /// To do: the participant is to be offered formal help.
    Referral,
    /// To do: the participant is to be offered cards.
    OfferCards,
    /// To do: somebody is to ask whether the next supporter has to meet a further requirement.
    AskForRequirement,
}

impl std::fmt::Display for Consequence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::PairBarred => f.write_str("the two are not matched again"),
            Self::Acquainted => f.write_str("it is recorded that the two know each other"),
            Self::SupporterStatus { status } => {
                write!(f, "the supporter's status is {} now", status.as_str().replace('_', " "))
            }
            Self::ScopeNarrowed { codes } => {
                let codes: Vec<&str> = codes.iter().map(Code::as_str).collect();
                write!(f, "the supporter takes nobody with {} from now on", codes.join(", "))
            }
            Self::ScopeToBeNamed => f.write_str(
                "to do: say by which conditions or issues the supporter's scope is to be narrowed",
            ),
            Self::PriorityRaised { priority } => write!(f, "the participant's priority is {priority} now"),
            Self::Withdrawn => f.write_str("the participant withdrew"),
            Self::Retraining => f.write_str("to do: train the supporter again"),
            Self::Referral => f.write_str("to do: offer the participant formal help"),
            Self::OfferCards => f.write_str("to do: offer the participant cards to choose from"),
            Self::AskForRequirement => {
                f.write_str("to do: ask whether the next supporter has to meet a further requirement")
            }
        }
    }
}

/// One way to find another supporter.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RematchOption {
    /// How many others change their match, those who are matched anew included; under rules about matches together the
    /// matches of others that end.
    pub others: u32,
    /// The participant's new match.
    pub found: Match,
    /// What everybody's match becomes, the participant's among them, in the program's order.
    pub moves: Vec<Moved>,
    /// How much better the whole is than with nobody for the participant, or where no rule would be kept so than with
    /// the match that ends: by how much the served weight is higher, and the quality, prices of changes and loads
    /// counted.
    pub serves: i64,
    /// The gain in quality.
    pub gain: Score,
}

impl Matcher {
    /// Ends a match for a reason, does what the policy says of it, and looks for another supporter; nobody else moves
    /// unless the request or the policy lets them.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply); [`Error::is_input`](crate::Error::is_input) for somebody who is not matched.
    pub fn rematch(&mut self, request: &Rematch, on: Date) -> Result<Rematched> {
        let reach = request.reach.unwrap_or(self.policy.rematch.reach);
        let ((supporter, consequences), changed) = self.turn(on, |turn| {
            let (place, noted) = turn.end_for(request)?;
            turn.asked = Some(turn.participant(request.participant.as_str())? as u32);
            let supporter = turn.matcher.program.supporters()[place as usize].id.clone();
            turn.settle(Some(reach))?;
            Ok((supporter, noted))
        })?;
        Ok(Rematched { participant: request.participant.clone(), supporter, consequences, changed })
    }

    /// The ways to find another supporter, for nobody else moved, for one, two, ... up to the policy's
    /// `most_displaced`: each that is better than those before it, with everybody it moves. Whichever is chosen,
    /// [`rematch`](Self::rematch) with that many others makes it. Afterwards everything is as it was.
    ///
    /// Exact over all matchings in which what is pinned or held stays, and all that the change does not concern have
    /// what they have now or what the option says.
    ///
    /// # Errors
    ///
    /// As [`rematch`](Self::rematch).
    pub fn rematch_options(&mut self, request: &Rematch, on: Date) -> Result<Vec<RematchOption>> {
        let most = self.policy.rematch.most_displaced;
        self.look(on, |turn| {
            turn.end_for(request)?;
            let participant = turn.participant(request.participant.as_str())? as u32;
            // Whoever is to choose may ask what there is as well.
            turn.touched.paused.remove(&participant);
            turn.asked = Some(participant);
            turn.options_up_to = Some(most);
            turn.settle(Some(Reach::NobodyElse))?;
            Ok(std::mem::take(&mut turn.options))
        })
    }
}

impl Turn<'_> {
    /// Ends the match and does what the policy makes of the reason; returns the supporter.
    fn end_for(&mut self, request: &Rematch) -> Result<(u32, Vec<Consequence>)> {
        let Rematch { participant, reason, note, .. } = request;
        let follows: Consequences = self.matcher.policy.rematch.consequences(*reason);
        let words = note.clone().unwrap_or_else(|| reason.to_string());
        let place = self.end(participant, follows.outcome, Some(words.clone()))?;
        let supporter = self.matcher.program.supporters()[place as usize].id.clone();
        let mut noted = Vec::new();
        if follows.acquainted {
            self.acquaint(participant, &supporter)?;
            noted.push(Consequence::Acquainted);
        }
        if follows.bar_pair {
            self.bar(participant, &supporter, Some(words))?;
            noted.push(Consequence::PairBarred);
        }
        if let Some(status) = follows.supporter_status {
            let record = &self.matcher.program.supporters()[place as usize];
            // Who was released or is on leave is not brought back by a complaint.
            let gone = !record.keeps_standing_matches(self.matcher.as_of);
            if !gone && record.status != status {
                self.edit_supporter(&supporter, |record| record.status = status)?;
                noted.push(Consequence::SupporterStatus { status });
            }
        }
        if follows.narrow_scope {
            noted.push(self.narrow(request, &supporter)?);
        }
        self.raise(request, follows, &mut noted)?;
        if follows.retraining {
            noted.push(Consequence::Retraining);
        }
        if follows.referral {
            noted.push(Consequence::Referral);
        }
        if follows.further_requirement && !request.withdraws {
            noted.push(Consequence::AskForRequirement);
        }
        if follows.offer_cards && !request.withdraws {
            noted.push(Consequence::OfferCards);
        }
        if !follows.rematch && !request.withdraws {
            let position = self.participant(participant.as_str())? as u32;
            self.touched.paused.insert(position);
        }
        Ok((place, noted))
    }

    fn narrow(&mut self, request: &Rematch, supporter: &SupporterId) -> Result<Consequence> {
        let position = self.participant(request.participant.as_str())?;
        let person = self.matcher.program.participants()[position].clone();
        let of = |own: &[Code]| -> Vec<Code> {
            request.out_of_scope.iter().filter(|code| own.contains(code)).cloned().collect()
        };
        let (conditions, issues) = (of(&person.conditions), of(&person.issues));
        let is_own = |code: &&Code| person.conditions.contains(code) || person.issues.contains(code);
        for code in request.out_of_scope.iter().filter(|code| !is_own(code)) {
            let own = person.conditions.iter().chain(&person.issues).map(Code::as_str);
            let remedy = format!("name some of {}", own.collect::<Vec<_>>().join(", "));
            let problem = "is none of the participant's conditions and issues, and is passed over";
            let odd = super::fault::one(person.id.as_str(), "out_of_scope", code, (problem, &remedy));
            self.touched.warnings.push(crate::error::Fault { severity: Severity::Warning, ..odd });
        }
        if conditions.is_empty() && issues.is_empty() {
            return Ok(Consequence::ScopeToBeNamed);
        }
        let codes = conditions.iter().chain(&issues).cloned().collect();
        self.edit_supporter(supporter, |record| {
            for (mine, more) in
                [(&mut record.excluded_conditions, conditions), (&mut record.excluded_issues, issues)]
            {
                for code in more {
                    if !mine.contains(&code) {
                        mine.push(code);
                    }
                }
            }
        })?;
        Ok(Consequence::ScopeNarrowed { codes })
    }

    fn raise(
        &mut self,
        request: &Rematch,
        follows: Consequences,
        noted: &mut Vec<Consequence>,
    ) -> Result<()> {
        let position = self.participant(request.participant.as_str())?;
        let person = &self.matcher.program.participants()[position];
        let priority = person.priority.saturating_add(follows.raise_priority).min(9);
        if request.withdraws {
            let record = Participant { consent: false, ..person.clone() };
            self.put_participant(record)?;
            noted.push(Consequence::Withdrawn);
        } else if priority > person.priority {
            let record = Participant { priority, ..person.clone() };
            self.put_participant(record)?;
            noted.push(Consequence::PriorityRaised { priority });
        }
        Ok(())
    }

    /// The ways for a participant who has nobody, of whom these are the pairs.
    pub(super) fn options(
        &mut self,
        participant: u32,
        row: &[(u32, i64)],
        most: u32,
    ) -> Result<Vec<RematchOption>> {
        let (now, ways) = self.better_ways(participant, row, most)?;
        Ok(ways.iter().filter_map(|way| self.option(participant, way, &now)).collect())
    }

    fn option(&self, participant: u32, way: &Repair, now: &Rungs) -> Option<RematchOption> {
        let kept = &self.living.kept;
        let program = &self.matcher.program;
        let to = way.effects.iter().find(|effect| effect.participant == participant)?.to?;
        let moves = way.effects.iter().map(|effect| self.moved(effect));
        let most = |units: i128| i64::try_from(units).unwrap_or(i64::MAX);
        Some(RematchOption {
            others: way.displaced,
            found: explain_pair(program, &kept.compatibility, (participant as usize, to as usize), false),
            moves: moves.collect(),
            serves: most(now.served - way.after.served),
            gain: Score::from_micro(most(now.quality - way.after.quality)),
        })
    }
}
