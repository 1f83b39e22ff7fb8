//! What makes a good pair: one file for each criterion, each with its settings, their defaults and sources, and
//! the function that turns what is measured of a pair into a score.
//!
//! A criterion is three-valued: a score from 0 to 1, *unknown* where a fact is missing, or a veto where a requirement
//! of the policy is not met. Unknown is weighed by the criterion's [`Unknown`] rule, never taken for zero. A
//! criterion that nobody asked about (nobody stated a preference) has no weight for that pair.
//!
//! **Defaults.** The order of the weights follows the intake of established programmes: the child's specific issue
//! and condition first, then stated preferences of both sides, the child's age, proximity, language, experience
//! (CPAC match module; Parent to Parent USA intake; Cancer Hope Network). Demographic
//! likeness has no weight of its own, for concordance showed no effect in 177 peers (PMID 39190987); it counts where
//! a person states it as a preference.

mod acquaintance;
mod availability;
mod child_age;
mod condition;
mod custom;
mod experience;
mod geography;
mod issue;
mod language;
mod overlap;
mod preferences;

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

pub use acquaintance::AcquaintanceCriterion;
pub use availability::AvailabilityCriterion;
pub use child_age::ChildAgeCriterion;
pub use condition::ConditionCriterion;
pub use custom::{Assessment, Criterion, CustomSettings, Pair};
pub use experience::ExperienceCriterion;
pub use geography::{GeographyCriterion, Reach};
pub use issue::IssueCriterion;
pub use language::LanguageCriterion;
pub use overlap::{Aggregate, Overlap};
pub use preferences::PreferencesCriterion;

use super::Checks;

/// Steps in a score of 1: scores are whole numbers of millionths wherever they are added or compared.
pub const SCORE_ONE: u32 = 1_000_000;

/// A price or a sum of scores in millionths, rounded to the nearest; it may be negative or above 1.
pub(crate) fn price_to_micro(price: f64) -> i64 {
    (price * f64::from(SCORE_ONE)).round() as i64
}

/// A score between 0 and 1 in millionths, rounded to the nearest.
pub(crate) fn to_micro(score: f64) -> u32 {
    let micro = score.clamp(0.0, 1.0) * f64::from(SCORE_ONE);
    // `f64::round`, which is a call on machines that the compiler may not assume to be newer.
    let whole = micro as u32;
    whole + u32::from(micro - f64::from(whole) >= 0.5)
}

/// The criteria that the library brings along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum BuiltIn {
    /// The same or a related condition.
    Condition,
    /// The same or a related issue.
    Issue,
    /// What each side wished of the other.
    Preferences,
    /// Children of a like age.
    ChildAge,
    /// Nearness, for meetings in person.
    Geography,
    /// A language in common.
    Language,
    /// Longer experience.
    Experience,
    /// Time in common.
    Availability,
    /// Knowing each other from before.
    Acquaintance,
}

impl BuiltIn {
    /// Every built-in criterion, in the order in which a breakdown lists them.
    pub const ALL: [Self; 9] = [
        Self::Condition,
        Self::Issue,
        Self::Preferences,
        Self::ChildAge,
        Self::Geography,
        Self::Language,
        Self::Experience,
        Self::Availability,
        Self::Acquaintance,
    ];

    /// The name that policies, personal weights and breakdowns use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Condition => "condition",
            Self::Issue => "issue",
            Self::Preferences => "preferences",
            Self::ChildAge => "child_age",
            Self::Geography => "geography",
            Self::Language => "language",
            Self::Experience => "experience",
            Self::Availability => "availability",
            Self::Acquaintance => "acquaintance",
        }
    }
}

impl fmt::Display for BuiltIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// What a missing fact does to a pair.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Unknown {
    /// The criterion is left out of the average, and the match's confidence falls by its weight.
    #[default]
    LeftOut,
    /// The criterion counts with this score, 0 to 1, and the match's confidence falls by its weight.
    CountsAs(f64),
    /// No match without knowing.
    Vetoed,
}

/// The settings of every criterion.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Criteria {
    /// The same or a related condition.
    pub condition: ConditionCriterion,
    /// The same or a related issue.
    pub issue: IssueCriterion,
    /// What each side wished of the other.
    pub preferences: PreferencesCriterion,
    /// Children of a like age.
    pub child_age: ChildAgeCriterion,
    /// Nearness, for meetings in person.
    pub geography: GeographyCriterion,
    /// A language in common.
    pub language: LanguageCriterion,
    /// Longer experience.
    pub experience: ExperienceCriterion,
    /// Time in common.
    pub availability: AvailabilityCriterion,
    /// Knowing each other from before.
    pub acquaintance: AcquaintanceCriterion,
    /// Criteria of the host program, by the name they give themselves.
    pub custom: BTreeMap<String, CustomSettings>,
    /// The most that a participant's own factor ("what matters to me") can multiply a weight by, 1 or more; larger
    /// factors count as this one. Default 5: our own choice, so that one answer cannot drown all others.
    pub personal_factor_limit: f64,
}

impl Default for Criteria {
    fn default() -> Self {
        Self {
            condition: ConditionCriterion::default(),
            issue: IssueCriterion::default(),
            preferences: PreferencesCriterion::default(),
            child_age: ChildAgeCriterion::default(),
            geography: GeographyCriterion::default(),
            language: LanguageCriterion::default(),
            experience: ExperienceCriterion::default(),
            availability: AvailabilityCriterion::default(),
            acquaintance: AcquaintanceCriterion::default(),
            custom: BTreeMap::new(),
            personal_factor_limit: 5.0,
        }
    }
}

impl Criteria {
    /// Weight and unknown rule of a built-in criterion.
    pub fn settings(&self, criterion: BuiltIn) -> (f64, Unknown) {
        match criterion {
            BuiltIn::Condition => (self.condition.weight, self.condition.unknown),
            BuiltIn::Issue => (self.issue.weight, self.issue.unknown),
            BuiltIn::Preferences => (self.preferences.weight, self.preferences.unknown),
            BuiltIn::ChildAge => (self.child_age.weight, self.child_age.unknown),
            BuiltIn::Geography => (self.geography.weight, self.geography.unknown),
            BuiltIn::Language => (self.language.weight, self.language.unknown),
            BuiltIn::Experience => (self.experience.weight, self.experience.unknown),
            BuiltIn::Availability => (self.availability.weight, self.availability.unknown),
            BuiltIn::Acquaintance => (self.acquaintance.weight, Unknown::LeftOut),
        }
    }

    /// Sets the weight of a built-in criterion.
    pub fn set_weight(&mut self, criterion: BuiltIn, weight: f64) {
        *match criterion {
            BuiltIn::Condition => &mut self.condition.weight,
            BuiltIn::Issue => &mut self.issue.weight,
            BuiltIn::Preferences => &mut self.preferences.weight,
            BuiltIn::ChildAge => &mut self.child_age.weight,
            BuiltIn::Geography => &mut self.geography.weight,
            BuiltIn::Language => &mut self.language.weight,
            BuiltIn::Experience => &mut self.experience.weight,
            BuiltIn::Availability => &mut self.availability.weight,
            BuiltIn::Acquaintance => &mut self.acquaintance.weight,
        } = weight;
    }

    pub(crate) fn check(&self, checks: &mut Checks) {
        for criterion in BuiltIn::ALL {
            let (weight, unknown) = self.settings(criterion);
            let at = format!("criteria.{criterion}");
            checks.range(&format!("{at}.weight"), weight, 0.0, 1000.0);
            if let Unknown::CountsAs(score) = unknown {
                checks.range(&format!("{at}.unknown.counts_as"), score, 0.0, 1.0);
            }
        }
        for (name, custom) in &self.custom {
            let at = format!("criteria.custom.{name}");
            if let Some(weight) = custom.weight {
                checks.range(&format!("{at}.weight"), weight, 0.0, 1000.0);
            }
            if let Unknown::CountsAs(score) = custom.unknown {
                checks.range(&format!("{at}.unknown.counts_as"), score, 0.0, 1.0);
            }
            if BuiltIn::ALL.iter().any(|built_in| built_in.as_str() == name) {
                checks.fault(
                    &at,
                    name,
                    "is the name of a built-in criterion",
                    "give the custom criterion another name",
                );
            }
        }
        checks.range("criteria.personal_factor_limit", self.personal_factor_limit, 1.0, 1000.0);
        self.condition.overlap.check("criteria.condition.overlap", checks);
        self.issue.overlap.check("criteria.issue.overlap", checks);
        self.preferences.check(checks);
        self.child_age.check(checks);
        self.geography.check(checks);
        self.language.check(checks);
        self.experience.check(checks);
        self.availability.check(checks);
        checks.range("criteria.acquaintance.score_if_known", self.acquaintance.score_if_known, 0.0, 1.0);
    }
}
