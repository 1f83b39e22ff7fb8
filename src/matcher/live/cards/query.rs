//! What a participant asks for when cards are wanted.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::super::super::Matcher;
use crate::error::{Error, Fault, Result, Severity};
use crate::policy::Ranking;
use crate::policy::rules::{People, same};
use crate::program::{GENDER, Modality, ParticipantId, Shared, SupporterId};

use super::Meant;
use super::sharing::Sharing;

/// A question for cards. Whatever is left out is as the policy and the participant's record have it.
///
/// **Privacy.** What is asked for with [`only`](Self::only) tells no more than cards show. Who is shown, in which order
/// and with which way of meeting tells something all the same: the best by one criterion alone are the nearest by it.
/// A host that hands questions of participants on limits [`weights`](Self::weights) to what they may know.
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
    /// shown. Nor does a match know of it: it is met as the record prefers, and a participant who means it for good has
    /// the record changed ([`Change::ParticipantChanges`](super::super::Change::ParticipantChanges)).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modalities: Vec<Modality>,
    /// Only supporters of whom all of this is so. What is not known of somebody is not so, nor what their card does not
    /// show: an answer would tell it. Ages are whole years then, as on cards.
    #[serde(default, skip_serializing_if = "People::is_everyone")]
    pub only: People,
    /// `only` is asked of the whole record. For the programme's own staff: whoever sees the answer learns more of the
    /// supporters than they agreed to have shown.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub of_record: bool,
    /// Supporters who are not to be shown, for they were seen already; whoever has left since is passed over.
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
    pub(in crate::matcher::live) fn check(&self, matcher: &Matcher, criteria: &[&str]) -> Result<usize> {
        let mut faults = Vec::new();
        let mut fault = |field: &str, value: String, problem: &str, remedy: String| {
            faults.push(self.fault(field, &value, problem, &remedy));
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
        if !self.of_record {
            for field in self.not_on_cards() {
                let remedy =
                    "leave it out, or set of_record where nobody but the programme's staff sees the answer";
                fault("only", field.to_owned(), "is on no card", remedy.to_owned());
            }
        }
        if !self.of_record {
            for (field, age) in [
                ("only.child_age_from", self.only.child_age_from),
                ("only.child_age_below", self.only.child_age_below),
            ] {
                if let Some(age) = age.filter(|age| age.fract() != 0.0) {
                    let remedy = "give whole years, as cards do".to_owned();
                    fault(field, age.to_string(), "is no whole number", remedy);
                }
            }
        }
        let program = matcher.program();
        for id in self.only.ids.iter().filter(|id| program.supporter_index(id).is_none()) {
            let remedy = "name a supporter of the programme".to_owned();
            fault("only.ids", id.clone(), "there is no such supporter", remedy);
        }
        for (field, codes, taxonomy) in [
            ("only.conditions", &self.only.conditions, program.conditions()),
            ("only.issues", &self.only.issues, program.issues()),
        ] {
            for code in codes.iter().filter(|code| !taxonomy.is_empty() && taxonomy.concept(code).is_none()) {
                let remedy = "name a code of the taxonomy".to_owned();
                fault(field, code.to_string(), "the taxonomy has no such code", remedy);
            }
        }
        match place {
            Some(place) if faults.is_empty() => Ok(place),
            _ => Err(Error::input(faults)),
        }
    }

    /// Everybody would be worth the same.
    pub(super) fn nothing_matters(&self) -> Error {
        let fault =
            self.fault("weights", "0", "no criterion is left that matters", "leave one a weight above 0");
        Error::input(vec![fault])
    }

    /// What is wrong with a field.
    pub(super) fn fault(&self, field: &str, value: &str, problem: &str, remedy: &str) -> Fault {
        Fault {
            severity: Severity::Error,
            file: "cards".to_owned(),
            row: None,
            id: Some(self.participant.to_string()),
            field: Some(field.to_owned()),
            value: Some(value.to_owned()),
            problem: problem.to_owned(),
            remedy: remedy.to_owned(),
        }
    }

    /// What is asked of supporters that no card shows.
    fn not_on_cards(&self) -> Vec<&str> {
        let People { codes_from, attributes, experience_years_from, experience_years_below, .. } = &self.only;
        let People { newcomer, supervisors, .. } = &self.only;
        let others = [
            ("codes_from", codes_from.is_some()),
            ("experience_years_from", experience_years_from.is_some()),
            ("experience_years_below", experience_years_below.is_some()),
            ("newcomer", newcomer.is_some()),
            ("supervisors", !supervisors.is_empty()),
        ];
        let others = others.into_iter().filter_map(|(name, asked)| asked.then_some(name));
        attributes.keys().map(String::as_str).filter(|&name| name != GENDER).chain(others).collect()
    }

    /// The fields of cards that `only` asks about.
    fn fields(&self) -> Vec<Shared> {
        let only = &self.only;
        let age = only.child_age_from.is_some() || only.child_age_below.is_some();
        let fields = [
            (Shared::Conditions, !only.conditions.is_empty()),
            (Shared::Issues, !only.issues.is_empty()),
            (Shared::Town, !only.regions.is_empty()),
            (Shared::Languages, !only.languages.is_empty()),
            (Shared::Gender, only.attributes.contains_key(GENDER)),
            (Shared::ChildAge, age),
        ];
        fields.into_iter().filter_map(|(field, asked)| asked.then_some(field)).collect()
    }

    /// Who is meant by `only`, asked one by one; none where everybody is.
    pub(super) fn meant<'a>(
        &'a self,
        matcher: &'a Matcher,
        sharing: &Arc<Sharing>,
    ) -> Option<Box<Meant<'a>>> {
        if self.only.is_everyone() {
            return None;
        }
        let program = matcher.program();
        let means = self.only.supporter(program, matcher.as_of());
        if self.of_record {
            return Some(Box::new(means));
        }
        let (fields, sharing) = (self.fields(), Arc::clone(sharing));
        Some(Box::new(move |supporter| {
            let own = &program.supporters()[supporter];
            // What a card shows as gender is the field, not an attribute of that name.
            let gender = |values: &Vec<String>| {
                own.gender.as_deref().is_some_and(|own| values.iter().any(|value| same(own, value)))
            };
            if !fields.iter().all(|field| own.card.shares.contains(field))
                || !self.only.attributes.get(GENDER).is_none_or(gender)
                || !means(supporter)
            {
                return false;
            }
            let disclosed = sharing.disclosed(program, supporter as u32);
            // A region is told as well where the town is not.
            let shown = |&field: &Shared| match field {
                Shared::Town => disclosed.tells_of(field),
                _ => disclosed.shows(field),
            };
            fields.iter().all(shown)
        }))
    }
}
