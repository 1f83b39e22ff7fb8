//! What a participant asks for when cards are wanted.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::super::super::Matcher;
use crate::error::{Error, Fault, Result, Severity};
use crate::policy::Ranking;
use crate::policy::rules::People;
use crate::program::{Modality, ParticipantId, SupporterId};

/// A question for cards. Whatever is left out is as the policy and the participant's record have it.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CardQuery {
    /// Who is to choose.
    pub participant: ParticipantId,
    /// How many cards, 1 to 1000; as the policy says if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub count: Option<u32>,
    /// What matters this time: a factor on the weight of each criterion named here, in place of that in the record; no
    /// more than the policy's limit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// The ways of meeting that will do this time, the preferred one first, in place of those in the record. Whom the
    /// record itself rules out cannot be chosen until it says so too; under rules about matches together they are not
    /// shown.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modalities: Vec<Modality>,
    /// Only supporters of whom all of this is so. What is not known of somebody is not so.
    #[serde(default, skip_serializing_if = "People::is_everyone")]
    pub only: People,
    /// Supporters who are not to be shown, for they were seen already.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub except: Vec<SupporterId>,
    /// What the order is by.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ranking: Option<Ranking>,
    /// Whether supporters are shown too whose every place is taken, if one could be freed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_places: Option<bool>,
}

impl CardQuery {
    /// For the cards that the policy shows.
    pub fn new(participant: impl Into<ParticipantId>) -> Self {
        Self { participant: participant.into(), ..Self::default() }
    }

    /// The participant's position, once everything can be meant.
    pub(super) fn check(&self, matcher: &Matcher, criteria: &[&str]) -> Result<usize> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, value: String, problem: &str, remedy: String| {
            faults.push(Fault {
                severity: Severity::Error,
                file: "cards".to_owned(),
                row: None,
                id: Some(self.participant.to_string()),
                field: Some(field.to_owned()),
                value: Some(value),
                problem: problem.to_owned(),
                remedy,
            });
        };
        let place = matcher.program().participant_index(self.participant.as_str());
        if place.is_none() {
            let remedy = "name a participant of the programme".to_owned();
            fault("participant", self.participant.to_string(), "there is no such participant", remedy);
        }
        if let Some(count) = self.count.filter(|count| !(1..=1000).contains(count)) {
            fault("count", count.to_string(), "is out of range", "give a number from 1 to 1000".to_owned());
        }
        let limit = matcher.policy().criteria.personal_factor_limit;
        for (name, &factor) in &self.weights {
            if !criteria.contains(&name.as_str()) {
                let remedy = format!("write one of {}", criteria.join(", "));
                fault("weights", name.clone(), "there is no criterion of this name", remedy);
            }
            if !(0.0..=limit).contains(&factor) {
                let remedy = format!("give a number from 0 to {limit}");
                fault("weights", format!("{name}={factor}"), "is out of range", remedy);
            }
        }
        match place {
            Some(place) if faults.is_empty() => Ok(place),
            _ => Err(Error::input(faults)),
        }
    }
}
