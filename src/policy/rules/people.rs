//! Which people a rule is about.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::program::{
    Attributes, Code, GENDER, LanguageTag, Participant, Program, SupervisorId, Taxonomy, days_between, fold,
    years_between,
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
    /// They have so many conditions and issues together, or more: a complex case. 1 or more.
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
    /// Participants only: their priority is this or higher, 1 to 9.
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
pub(super) struct Person<'a> {
    pub(super) id: &'a str,
    pub(super) conditions: &'a [Code],
    pub(super) issues: &'a [Code],
    pub(super) region: Option<&'a str>,
    pub(super) languages: &'a [LanguageTag],
    pub(super) attributes: &'a Attributes,
    gender: Option<&'a str>,
    child_age: Option<f64>,
    experience_since: Option<Date>,
}

impl<'a> Person<'a> {
    fn participant(program: &'a Program, index: usize) -> Self {
        let own = &program.participants()[index];
        Self {
            id: own.id.as_str(),
            conditions: &own.conditions,
            issues: &own.issues,
            region: program.participant_region(index),
            languages: &own.languages,
            attributes: &own.attributes,
            gender: own.gender.as_deref(),
            child_age: own.child_age,
            experience_since: own.experience_since,
        }
    }

    fn supporter(program: &'a Program, index: usize) -> Self {
        let own = &program.supporters()[index];
        Self {
            id: own.id.as_str(),
            conditions: &own.conditions,
            issues: &own.issues,
            region: program.supporter_region(index),
            languages: &own.languages,
            attributes: &own.attributes,
            gender: own.gender.as_deref(),
            child_age: own.child_age,
            experience_since: own.experience_since,
        }
    }

    /// Everyone on one side, in the order of their positions.
    pub(super) fn all(program: &'a Program, side: Side) -> Vec<Self> {
        match side {
            Side::Participant => {
                let all =
                    (0..program.participants().len()).filter(|&index| !program.is_vacant_participant(index));
                all.map(|index| Self::participant(program, index)).collect()
            }
            Side::Supporter => {
                let all =
                    (0..program.supporters().len()).filter(|&index| !program.is_vacant_supporter(index));
                all.map(|index| Self::supporter(program, index)).collect()
            }
        }
    }

    /// The values of an attribute; `gender` is one.
    pub(super) fn values(&self, name: &str) -> impl Iterator<Item = &'a str> {
        let gender = if name == GENDER { self.gender } else { None };
        self.attributes.get(name).into_iter().flatten().map(String::as_str).chain(gender)
    }
}

/// Neither letter case nor outer blanks matter.
pub(crate) fn same(one: &str, other: &str) -> bool {
    fold(one) == fold(other)
}

impl People {
    /// Whether nothing is stated, so that everyone is meant.
    pub fn is_everyone(&self) -> bool {
        *self == Self::default()
    }

    /// Whether each participant is meant, by position; nobody is at a vacant one. `on` is the day that waiting and
    /// experience are counted to.
    pub fn participants(&self, program: &Program, on: Date) -> Vec<bool> {
        let old = matched_before(
            program,
            |standing| standing.participant.as_str(),
            |past| past.participant.as_str(),
        );
        let means = |(index, own): (usize, &Participant)| {
            let waited = |least| {
                own.waiting_since.is_some_and(|since| since <= on && days_between(since, on) >= least)
            };
            !program.is_vacant_participant(index)
                && self.priority_from.is_none_or(|least| own.priority >= least)
                && self.waiting_days_from.is_none_or(waited)
                && self.means(program, &Person::participant(program, index), on, &old)
        };
        program.participants().iter().enumerate().map(means).collect()
    }

    /// Whether each supporter is meant, by position; nobody is at a vacant one. `on` is the day that experience is
    /// counted to.
    pub fn supporters(&self, program: &Program, on: Date) -> Vec<bool> {
        let means = self.supporter(program, on);
        (0..program.supporters().len()).map(means).collect()
    }

    /// Whether a supporter is meant, asked one by one; see [`supporters`](Self::supporters).
    pub(crate) fn supporter<'a>(&'a self, program: &'a Program, on: Date) -> impl Fn(usize) -> bool + 'a {
        let old = self.newcomer.map_or_else(Vec::new, |_| {
            matched_before(program, |standing| standing.supporter.as_str(), |past| past.supporter.as_str())
        });
        move |index| {
            let own = &program.supporters()[index];
            let is_theirs = |id: &SupervisorId| self.supervisors.contains(id);
            !program.is_vacant_supporter(index)
                && (self.supervisors.is_empty() || own.supervisor.as_ref().is_some_and(is_theirs))
                && self.means(program, &Person::supporter(program, index), on, &old)
        }
    }

    /// What both sides are asked. `matched` has the ids of those who are not new, sorted.
    fn means(&self, program: &Program, person: &Person<'_>, on: Date, matched: &[&str]) -> bool {
        let one_of = |stated: &[Code], own: &[Code], taxonomy: &Taxonomy| {
            stated.is_empty()
                || own.iter().any(|own| stated.iter().any(|top| taxonomy.is_same_or_below(own, top)))
        };
        let years = || person.experience_since.map(|since| years_between(since, on));
        let has = |name: &str, values: &[String]| {
            person.values(name).any(|own| values.iter().any(|value| same(own, value)))
        };
        let is_new = || matched.binary_search(&person.id).is_err();
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
            && self.newcomer.is_none_or(|new| is_new() == new)
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
