//! What a programme holds a good match to be: criteria, requirements, the relaxation ladder, priorities, loads, the
//! objective, rules about matches together, what a rematch does, what is due after a match and how cards are shown, as
//! one plain document.
//!
//! A [`Policy`] is read from TOML or JSON; whatever the document leaves out has its default, and every default names
//! its source beside it. `Policy::default().to_toml()` writes the whole document.

pub mod criteria;

mod cards;
mod consequences;
mod follow_up;
mod load;
mod objective;
mod priority;
mod reach;
mod reason;
mod relaxation;
mod rematch;
mod requirements;
pub mod rules;

use std::path::Path;

use serde::{Deserialize, Serialize};

pub use cards::{AlikeBy, Cards, Ranking};
pub use consequences::Consequences;
pub use criteria::{Assessment, BuiltIn, Criteria, Criterion, Pair, SCORE_ONE, Unknown};
pub use follow_up::{Due, DueKind, FirstContact, FollowUp};
pub use load::{Balance, Loads};
pub use objective::Objective;
pub use priority::Priorities;
pub use reach::Reach;
pub use reason::Reason;
pub use relaxation::Relaxation;
pub use rematch::Rematching;
pub use requirements::{KnownPairs, Requirements};
pub use rules::{Backup, Rule, RuleKind};

use crate::error::{Error, Result};

/// The rules by which a programme matches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Policy {
    /// What makes one pair better than another.
    pub criteria: Criteria,
    /// Without what no pair is matched.
    pub requirements: Requirements,
    /// Which requirements give way, in this order, where somebody cannot be matched otherwise.
    pub relaxations: Vec<Relaxation>,
    /// Who comes first.
    pub priorities: Priorities,
    /// How many participants a supporter is given.
    pub loads: Loads,
    /// What is best for all together.
    pub objective: Objective,
    /// What happens when a match does not work.
    pub rematch: Rematching,
    /// What is due after a match.
    pub follow_up: FollowUp,
    /// Cards from which participants choose a supporter.
    pub cards: Cards,
    /// Rules about matches together. Default: none, and matching is a flow.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rules: Vec<Rule>,
    /// A second supporter for each match, who stands by. Default: none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub backup: Option<Backup>,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            criteria: Criteria::default(),
            requirements: Requirements::default(),
            relaxations: Relaxation::default_ladder(),
            priorities: Priorities::default(),
            loads: Loads::default(),
            objective: Objective::default(),
            rematch: Rematching::default(),
            follow_up: FollowUp::default(),
            cards: Cards::default(),
            rules: Vec::new(),
            backup: None,
        }
    }
}

impl Policy {
    /// Reads a policy from a file, by its ending: `.toml` or `.json`.
    ///
    /// # Errors
    ///
    /// [`Error::is_io`] if the file cannot be read, [`Error::is_policy`] if it does not hold a sound policy.
    pub fn from_path(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let text = std::fs::read_to_string(path).map_err(|error| Error::io(path, error))?;
        let text = text.trim_start_matches('\u{feff}');
        let json = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("json"));
        let policy = if json { Self::from_json(text) } else { Self::from_toml(text) };
        policy.map_err(|error| error.context(path.display().to_string()))
    }

    /// Reads a policy from TOML.
    ///
    /// # Errors
    ///
    /// [`Error::is_policy`] if the text is not a sound policy.
    pub fn from_toml(text: &str) -> Result<Self> {
        let policy: Self = toml::from_str(text).map_err(|error| Error::policy(vec![error.to_string()]))?;
        policy.checked()
    }

    /// Reads a policy from JSON. A `$schema` for editors is passed over.
    ///
    /// # Errors
    ///
    /// [`Error::is_policy`] if the text is not a sound policy.
    pub fn from_json(text: &str) -> Result<Self> {
        let read = || -> serde_json::Result<Self> {
            if !text.contains("\"$schema\"") {
                // The usual way, for its messages name line and column.
                return serde_json::from_str(text);
            }
            let mut value: serde_json::Value = serde_json::from_str(text)?;
            value.as_object_mut().and_then(|fields| fields.remove("$schema"));
            serde_json::from_value(value)
        };
        read().map_err(|error| Error::policy(vec![error.to_string()]))?.checked()
    }

    /// The whole policy as TOML, defaults included.
    ///
    /// # Errors
    ///
    /// If a value cannot be written as TOML.
    pub fn to_toml(&self) -> Result<String> {
        toml::to_string_pretty(self).map_err(|error| Error::write(format!("policy as TOML: {error}")))
    }

    /// The whole policy as JSON, defaults included.
    ///
    /// # Errors
    ///
    /// If a value cannot be written as JSON.
    pub fn to_json(&self) -> Result<String> {
        serde_json::to_string_pretty(self).map_err(|error| Error::write(format!("policy as JSON: {error}")))
    }

    /// Finds every value that is out of range or contradicts another.
    ///
    /// # Errors
    ///
    /// [`Error::is_policy`], naming each of them with the value and its remedy.
    pub fn check(&self) -> Result<()> {
        let mut checks = Checks::default();
        self.criteria.check(&mut checks);
        self.requirements.check(&mut checks);
        relaxation::check(&self.relaxations, &mut checks);
        self.priorities.check(&mut checks);
        self.loads.check(&mut checks);
        self.objective.check(&mut checks);
        self.rematch.check(&mut checks);
        self.follow_up.check(&mut checks);
        self.cards.check(&mut checks);
        rules::check(&self.rules, self.backup.as_ref(), self.objective.worst_off_first, &mut checks);
        if checks.problems.is_empty() { Ok(()) } else { Err(Error::policy(checks.problems)) }
    }

    fn checked(self) -> Result<Self> {
        self.check().map(|()| self)
    }
}

/// Collects what is wrong with a policy.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    problems: Vec<String>,
}

impl Checks {
    /// The value has to lie within the bounds, both included; what is not a number does not.
    fn range(&mut self, field: &str, value: f64, least: f64, most: f64) {
        if !(least..=most).contains(&value) {
            let remedy = format!("give a number from {least} to {most}");
            self.fault(field, &value.to_string(), "is out of range", &remedy);
        }
    }

    fn fault(&mut self, field: &str, value: &str, problem: &str, remedy: &str) {
        self.problems.push(format!("{field} = {value}: {problem}; {remedy}"));
    }
}
