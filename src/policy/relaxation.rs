//! The relaxation ladder: which requirements give way where somebody cannot be matched otherwise.

use serde::{Deserialize, Serialize};

use super::{BuiltIn, Checks};

/// One step of the relaxation ladder: requirements that it loosens, and what using it costs.
///
/// A pair that the requirements veto can be matched after all where steps of the ladder lift each of its vetoes; for
/// each veto it is the first step that lifts it. The match names the steps it used, and its score is lowered by their
/// prices, so such a pair is matched only where that serves somebody who would stay unmatched, or is better in spite of
/// the prices.
///
/// Consent, barred pairs, refusals, failed matches, scope, status, a way of meeting in common, the least score and
/// what an `unknown = "vetoed"` demands are never relaxed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Relaxation {
    /// What the match is said to have relaxed, in the programme's words.
    pub name: String,
    /// What using this step costs in score, 0 to 1.
    pub price: f64,
    /// People travel this many times as far, 1 to 1000.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub travel_factor: Option<f64>,
    /// Takes the place of the requirement of the same name, where it is looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_ground: Option<f64>,
    /// Pairs of whom nothing comparable is known may be matched.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unknown_common_ground: bool,
    /// Takes the place of the requirement of the same name, where it is looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<f64>,
    /// Takes the place of the requirement of the same name, where it is looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<f64>,
    /// Takes the place of the requirement of the same name, where it is looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experience_years: Option<f64>,
    /// Takes the place of the requirement of the same name, where it is looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes_in_common: Option<u32>,
    /// Takes the place of the requirement of the same name, where it is looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_age_gap_years: Option<f64>,
    /// Criteria whose vetoes are waived altogether: `language`, `acquaintance`, `preferences` (must-haves), or the
    /// name of a criterion that the host program hands to the matcher.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waive: Vec<String>,
}

impl Relaxation {
    /// The default ladder: hardly any time in common, a longer drive, a more distant condition or issue, less
    /// experience, and at last nothing known of a condition or issue in common. That a programme should be flexible
    /// where no match can be made is practice ("sometimes it may not be possible to match; be flexible"); the steps,
    /// their order and their prices are our own choice. Language, prior acquaintance and must-haves give way only where
    /// a policy says so.
    pub fn default_ladder() -> Vec<Self> {
        vec![
            Self {
                name: "hardly any time in common".into(),
                price: 0.05,
                minutes_in_common: Some(0),
                ..Self::default()
            },
            Self { name: "a longer drive".into(), price: 0.05, travel_factor: Some(2.0), ..Self::default() },
            Self {
                name: "a related condition or issue".into(),
                price: 0.1,
                common_ground: Some(0.2),
                ..Self::default()
            },
            Self {
                name: "less than a year of experience".into(),
                price: 0.1,
                experience_years: Some(0.5),
                ..Self::default()
            },
            Self {
                name: "nothing known of a condition or issue in common".into(),
                price: 0.3,
                unknown_common_ground: true,
                ..Self::default()
            },
        ]
    }

    /// The step changes nothing.
    fn is_idle(&self) -> bool {
        let Self {
            name: _,
            price: _,
            travel_factor,
            common_ground,
            unknown_common_ground,
            condition,
            issue,
            experience_years,
            minutes_in_common,
            child_age_gap_years,
            waive,
        } = self;
        travel_factor.is_none()
            && common_ground.is_none()
            && !unknown_common_ground
            && condition.is_none()
            && issue.is_none()
            && experience_years.is_none()
            && minutes_in_common.is_none()
            && child_age_gap_years.is_none()
            && waive.is_empty()
    }
}

/// The built-in criteria whose vetoes a step can waive.
const WAIVABLE: [BuiltIn; 3] = [BuiltIn::Language, BuiltIn::Acquaintance, BuiltIn::Preferences];

/// The most steps a ladder can have: the steps a pair needs are kept as bits of one word.
const MOST_STEPS: usize = 32;

/// Checks each step's values. A step that loosens nothing, because the requirement is looser already, is never used;
/// that is no fault, or nobody could loosen a requirement without rewriting the ladder.
pub(super) fn check(ladder: &[Relaxation], checks: &mut Checks) {
    if ladder.len() > MOST_STEPS {
        let remedy = format!("keep at most {MOST_STEPS}");
        checks.fault("relaxations", &format!("{} steps", ladder.len()), "are too many", &remedy);
    }
    for (place, step) in ladder.iter().enumerate() {
        let at = format!("relaxations[{}] ({})", place + 1, step.name);
        if step.name.trim().is_empty() {
            checks.fault(&at, "\"\"", "has no name", "name it; the match will show it");
        }
        if ladder[..place].iter().any(|earlier| earlier.name == step.name) {
            checks.fault(
                &at,
                &step.name,
                "is the name of an earlier step",
                "give each step a name of its own",
            );
        }
        checks.range(&format!("{at}.price"), step.price, 0.0, 1.0);
        if step.is_idle() {
            checks.fault(
                &at,
                "{}",
                "relaxes nothing",
                "name a requirement that it loosens, or take the step out",
            );
        }
        let values = [
            ("common_ground", step.common_ground, 0.0, 1.0),
            ("condition", step.condition, 0.0, 1.0),
            ("issue", step.issue, 0.0, 1.0),
            ("experience_years", step.experience_years, 0.0, 100.0),
            ("minutes_in_common", step.minutes_in_common.map(f64::from), 0.0, 10_080.0),
            ("child_age_gap_years", step.child_age_gap_years, 0.0, 120.0),
            ("travel_factor", step.travel_factor, 1.0, 1000.0),
        ];
        for (field, value, least, most) in values {
            if let Some(value) = value {
                checks.range(&format!("{at}.{field}"), value, least, most);
            }
        }
        for name in &step.waive {
            let built_in = BuiltIn::ALL.iter().find(|criterion| criterion.as_str() == name);
            if built_in.is_some_and(|criterion| !WAIVABLE.contains(criterion)) {
                let remedy = "loosen its requirement by a number instead";
                checks.fault(&format!("{at}.waive"), name, "cannot be waived", remedy);
            }
        }
    }
}
