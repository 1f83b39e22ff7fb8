//! Which people a rule is about.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::policy::Checks;
use crate::program::{
    Attributes, Code, GENDER, LanguageTag, Participant, Program, SupervisorId, Supporter, Taxonomy,
    days_between, fold, years_between,
};

/// Which side people are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Participant,
    Supporter,
}

/// People of whom all that is stated is so; what is left out does not matter. What is not known of somebody is not so.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct People {
    /// One of these, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ids: Vec<String>,
    /// One of their conditions is one of these, or lies below one of these in the taxonomy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Code>,
    /// One of their issues is one of these, or lies below one of these in the taxonomy.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Code>,
    /// They have so many conditions and issues together, or more: a complex case.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub codes_from: Option<u32>,
    /// They live in one of these states or regions, as stated or as the gazetteer has it; letter case does not matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub regions: Vec<String>,
    /// They speak one of these languages; regions in the tags do not matter.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<LanguageTag>,
    /// Of each attribute named here (or `gender`) they have one of the values; letter case does not matter.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub attributes: Attributes,
    /// Their child is so many years old, or older.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_age_from: Option<f64>,
    /// Their child is younger than so many years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_age_below: Option<f64>,
    /// They have lived with it for so many years, or longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experience_years_from: Option<f64>,
    /// They have lived with it for less than so many years.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experience_years_below: Option<f64>,
    /// They are new to the programme: no match of theirs stands or is over (`true`), or one is (`false`).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub newcomer: Option<bool>,
    /// Participants only: their priority is this or higher, 0 to 9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub priority_from: Option<u8>,
    /// Participants only: they have waited for so many days, or longer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waiting_days_from: Option<u32>,
    /// Supporters only: one of these looks after them.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub supervisors: Vec<SupervisorId>,
}

/// What both sides have, as a rule sees it.
struct Person<'a> {
    id: &'a str,
    conditions: &'a [Code],
    issues: &'a [Code],
    region: Option<&'a str>,
    languages: &'a [LanguageTag],
    attributes: &'a Attributes,
    gender: Option<&'a str>,
    child_age: Option<f64>,
    experience_since: Option<Date>,
    is_newcomer: bool,
}

impl People {
    /// Whether nothing is stated, so that everyone is meant.
    pub fn is_everyone(&self) -> bool {
        *self == Self::default()
    }

    /// Whether each participant is meant, by position. `on` is the day that waiting and experience are counted to.
    pub fn participants(&self, program: &Program, on: Date) -> Vec<bool> {
        let old = matched_before(
            program,
            |standing| standing.participant.as_str(),
            |past| past.participant.as_str(),
        );
        let all = program.participants().iter().enumerate();
        all.map(|(index, person)| self.means_participant(program, index, person, on, &old)).collect()
    }

    /// Whether each supporter is meant, by position. `on` is the day that experience is counted to.
    pub fn supporters(&self, program: &Program, on: Date) -> Vec<bool> {
        let old =
            matched_before(program, |standing| standing.supporter.as_str(), |past| past.supporter.as_str());
        let all = program.supporters().iter().enumerate();
        all.map(|(index, person)| self.means_supporter(program, index, person, on, &old)).collect()
    }

    fn means_participant(
        &self,
        program: &Program,
        index: usize,
        person: &Participant,
        on: Date,
        matched: &[&str],
    ) -> bool {
        let waited = |least| person.waiting_since.is_some_and(|since| days_between(since, on) >= least);
        self.priority_from.is_none_or(|least| person.priority >= least)
            && self.waiting_days_from.is_none_or(waited)
            && self.means(
                program,
                &Person {
                    id: person.id.as_str(),
                    conditions: &person.conditions,
                    issues: &person.issues,
                    region: program.participant_region(index),
                    languages: &person.languages,
                    attributes: &person.attributes,
                    gender: person.gender.as_deref(),
                    child_age: person.child_age,
                    experience_since: person.experience_since,
                    is_newcomer: matched.binary_search(&person.id.as_str()).is_err(),
                },
                on,
            )
    }

    fn means_supporter(
        &self,
        program: &Program,
        index: usize,
        person: &Supporter,
        on: Date,
        matched: &[&str],
    ) -> bool {
        (self.supervisors.is_empty()
            || person.supervisor.as_ref().is_some_and(|id| self.supervisors.contains(id)))
            && self.means(
                program,
                &Person {
                    id: person.id.as_str(),
                    conditions: &person.conditions,
                    issues: &person.issues,
                    region: program.supporter_region(index),
                    languages: &person.languages,
                    attributes: &person.attributes,
                    gender: person.gender.as_deref(),
                    child_age: person.child_age,
                    experience_since: person.experience_since,
                    is_newcomer: matched.binary_search(&person.id.as_str()).is_err(),
                },
                on,
            )
    }

    fn means(&self, program: &Program, person: &Person<'_>, on: Date) -> bool {
        let one_of = |stated: &[Code], own: &[Code], taxonomy: &Taxonomy| {
            stated.is_empty()
                || own.iter().any(|own| stated.iter().any(|top| taxonomy.is_same_or_below(own, top)))
        };
        let same = |one: &str, other: &str| fold(one) == fold(other);
        let years = || person.experience_since.map(|since| years_between(since, on));
        let has = |name: &str, values: &[String]| {
            let gender = if name == GENDER { person.gender } else { None };
            let own = person.attributes.get(name).into_iter().flatten().map(String::as_str).chain(gender);
            own.into_iter().any(|own| values.iter().any(|value| same(own, value)))
        };
        (self.ids.is_empty() || self.ids.iter().any(|id| id == person.id))
            && one_of(&self.conditions, person.conditions, program.conditions())
            && one_of(&self.issues, person.issues, program.issues())
            && self
                .codes_from
                .is_none_or(|least| person.conditions.len() + person.issues.len() >= least as usize)
            && (self.regions.is_empty()
                || person.region.is_some_and(|own| self.regions.iter().any(|region| same(own, region))))
            && (self.languages.is_empty()
                || person
                    .languages
                    .iter()
                    .any(|own| self.languages.iter().any(|tag| own.mutually_intelligible(tag))))
            && self.attributes.iter().all(|(name, values)| has(name, values))
            && self.child_age_from.is_none_or(|least| person.child_age.is_some_and(|age| age >= least))
            && self.child_age_below.is_none_or(|most| person.child_age.is_some_and(|age| age < most))
            && self.experience_years_from.is_none_or(|least| years().is_some_and(|own| own >= least))
            && self.experience_years_below.is_none_or(|most| years().is_some_and(|own| own < most))
            && self.newcomer.is_none_or(|new| person.is_newcomer == new)
    }

    pub(super) fn check(&self, at: &str, side: Side, checks: &mut Checks) {
        for (field, value, most) in [
            ("child_age_from", self.child_age_from, 120.0),
            ("child_age_below", self.child_age_below, 120.0),
            ("experience_years_from", self.experience_years_from, 120.0),
            ("experience_years_below", self.experience_years_below, 120.0),
        ] {
            if let Some(value) = value {
                checks.range(&format!("{at}.{field}"), value, 0.0, most);
            }
        }
        if let Some(priority) = self.priority_from {
            checks.range(&format!("{at}.priority_from"), priority.into(), 0.0, 9.0);
        }
        let only = |checks: &mut Checks, field: &str, whose: &str| {
            let problem = format!("is a field of {whose}");
            checks.fault(&format!("{at}.{field}"), "..", &problem, "take it out");
        };
        if side == Side::Supporter && self.priority_from.is_some() {
            only(checks, "priority_from", "participants");
        }
        if side == Side::Supporter && self.waiting_days_from.is_some() {
            only(checks, "waiting_days_from", "participants");
        }
        if side == Side::Participant && !self.supervisors.is_empty() {
            only(checks, "supervisors", "supporters");
        }
    }

    /// What is stated and not in the program, as field, value and problem: ids, codes, supervisors.
    pub(super) fn missing(&self, program: &Program, side: Side, tell: &mut dyn FnMut(&str, &str, &str)) {
        for id in &self.ids {
            match side {
                Side::Participant if program.participant_index(id).is_none() => {
                    tell("ids", id, "there is no such participant");
                }
                Side::Supporter if program.supporter_index(id).is_none() => {
                    tell("ids", id, "there is no such supporter");
                }
                _ => {}
            }
        }
        let codes = [
            ("conditions", &self.conditions, program.conditions()),
            ("issues", &self.issues, program.issues()),
        ];
        for (field, codes, taxonomy) in codes {
            for code in codes.iter().filter(|code| !taxonomy.is_empty() && taxonomy.concept(code).is_none()) {
                tell(field, code.as_str(), "the taxonomy has no such code");
            }
        }
        for id in self.supervisors.iter().filter(|id| program.supervisor_index(id.as_str()).is_none()) {
            tell("supervisors", id.as_str(), "there is no such supervisor");
        }
    }
}

/// The ids of those of whom a match stands or is over, sorted.
fn matched_before<'a>(
    program: &'a Program,
    standing: fn(&'a crate::program::StandingMatch) -> &'a str,
    past: fn(&'a crate::program::PastMatch) -> &'a str,
) -> Vec<&'a str> {
    let history = program.history();
    let mut ids: Vec<&str> =
        history.standing.iter().map(standing).chain(history.past.iter().map(past)).collect();
    ids.sort_unstable();
    ids
}
