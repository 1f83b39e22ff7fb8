//! A rule as it stands in a policy document: one field for each kind, of which exactly one is there.
//!
//! TOML and JSON read naturally that way (`quota = { .. }` beside the name), and a field that is spelled wrong is
//! refused by name.

use serde::{Deserialize, Serialize};

use super::{Hours, Open, Quota, Rule, RuleKind, Team, Together};

/// A named rule: its name, its price if it is soft, and exactly one of the other fields.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schema", schemars(rename = "Rule"))]
#[serde(deny_unknown_fields)]
pub(super) struct Document {
    /// What results and messages call it, in the programme's words.
    name: String,
    /// What each unit by which it is missed costs in score, 0 to 1000: a match, or an hour a week. At 0 the result
    /// tells by how much it is missed, and nothing is done about it. However high, it keeps nobody from being served
    /// where `objective.served_first` is on. Left out for a firm rule, which every matching keeps.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    price: Option<f64>,
    /// Matches take no more hours a week than there are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    hours: Option<Hours>,
    /// Matches of a sort are at most, at least or exactly so many, or such a share.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    quota: Option<Quota>,
    /// These participants have the same supporter, or none of them has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    together: Option<Together>,
    /// No two of these participants have the same supporter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    apart: Option<Together>,
    /// No two of these supporters support the same person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    never_both: Option<Team>,
    /// These two supporters support the same people.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    team: Option<Team>,
    /// A supporter takes nobody, or at least so many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    open: Option<Open>,
}

impl TryFrom<Document> for Rule {
    type Error = String;

    fn try_from(document: Document) -> Result<Self, String> {
        let Document { name, price, hours, quota, together, apart, never_both, team, open } = document;
        let kinds = [
            hours.map(RuleKind::Hours),
            quota.map(|quota| RuleKind::Quota(Box::new(quota))),
            together.map(RuleKind::Together),
            apart.map(RuleKind::Apart),
            never_both.map(RuleKind::NeverBoth),
            team.map(RuleKind::Team),
            open.map(|open| RuleKind::Open(Box::new(open))),
        ];
        let mut kinds = kinds.into_iter().flatten();
        let kind = kinds.next().ok_or_else(|| {
            format!(
                "the rule \"{name}\" asks for nothing; give it hours, quota, together, apart, never_both, team or open"
            )
        })?;
        if let Some(other) = kinds.next() {
            return Err(format!(
                "the rule \"{name}\" asks for both {} and {}; make two rules of it",
                kind.as_str(),
                other.as_str()
            ));
        }
        Ok(Self { name, price, kind })
    }
}

impl From<Rule> for Document {
    fn from(rule: Rule) -> Self {
        let Rule { name, price, kind } = rule;
        let empty = Self { name, price, ..Self::default() };
        match kind {
            RuleKind::Hours(hours) => Self { hours: Some(hours), ..empty },
            RuleKind::Quota(quota) => Self { quota: Some(*quota), ..empty },
            RuleKind::Together(together) => Self { together: Some(together), ..empty },
            RuleKind::Apart(apart) => Self { apart: Some(apart), ..empty },
            RuleKind::NeverBoth(team) => Self { never_both: Some(team), ..empty },
            RuleKind::Team(team) => Self { team: Some(team), ..empty },
            RuleKind::Open(open) => Self { open: Some(*open), ..empty },
        }
    }
}
