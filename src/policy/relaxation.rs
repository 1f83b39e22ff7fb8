//! The relaxation ladder: which requirements give way where somebody cannot be matched otherwise.

use serde::{Deserialize, Serialize};

use super::{BuiltIn, Checks, Criteria, Requirements};

/// One step of the relaxation ladder: requirements that it loosens, and what using it costs.
///
/// A pair that the requirements veto is matched after all where steps of the ladder lift each of its vetoes; for each
/// veto it is the first step that lifts it. The match names the steps it used, and its score is lowered by their
/// prices, so a step is used only where it serves somebody who would stay unmatched, or gains more than it costs.
///
/// Consent, barred pairs, refusals, failed matches, scope and status are never relaxed.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Relaxation {
    /// What the match is said to have relaxed, in the programme's words.
    pub name: String,
    /// What using this step costs in score, 0 to 1.
    pub price: f64,
    /// People travel this many times as far, above 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub travel_factor: Option<f64>,
    /// Takes the place of the requirement of the same name, and must be looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub common_ground: Option<f64>,
    /// Pairs of whom nothing comparable is known may be matched.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub unknown_common_ground: bool,
    /// Takes the place of the requirement of the same name, and must be looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub condition: Option<f64>,
    /// Takes the place of the requirement of the same name, and must be looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue: Option<f64>,
    /// Takes the place of the requirement of the same name, and must be looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub experience_years: Option<f64>,
    /// Takes the place of the requirement of the same name, and must be looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub minutes_in_common: Option<u32>,
    /// Takes the place of the requirement of the same name, and must be looser.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub child_age_gap_years: Option<f64>,
    /// Criteria whose vetoes are waived altogether: `language`, `acquaintance`, `preferences` (must-haves), or the
    /// name of a host program's criterion.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub waive: Vec<String>,
}

impl Relaxation {
    /// The default ladder: hardly any time in common, a longer drive, a more distant condition or issue, less experience, and at
    /// last nothing known of a condition or issue in common.
    /// That a programme should be flexible where no match can be made is practice ("sometimes it may not be possible
    /// to match; be flexible"); the steps, their order and their prices are our own choice. Language, prior
    /// acquaintance and must-haves give way only where a policy says so.
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

/// The most steps a ladder can have: the steps a pair needs are kept as bits of one word.
const MOST_STEPS: usize = 32;

/// Checks each step, and that a later step on the same requirement is looser than all before it.
pub(super) fn check(ladder: &[Relaxation], base: &Requirements, criteria: &Criteria, checks: &mut Checks) {
    if ladder.len() > MOST_STEPS {
        let remedy = format!("keep at most {MOST_STEPS}");
        checks.fault("relaxations", &format!("{} steps", ladder.len()), "are too many", &remedy);
    }
    let mut reached = [
        ("common_ground", base.common_ground),
        ("condition", base.condition),
        ("issue", base.issue),
        ("experience_years", base.experience_years),
        ("minutes_in_common", f64::from(base.minutes_in_common)),
        // Of these two, more is looser: kept negative, so that everywhere less is looser.
        ("child_age_gap_years", -base.child_age_gap_years.unwrap_or(f64::INFINITY)),
        ("travel_factor", -1.0),
    ];
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
            step.common_ground,
            step.condition,
            step.issue,
            step.experience_years,
            step.minutes_in_common.map(f64::from),
            step.child_age_gap_years.map(|years| -years),
            step.travel_factor.map(|factor| -factor),
        ];
        for ((field, before), value) in reached.iter_mut().zip(values) {
            let Some(value) = value else { continue };
            // Written so that what is not a number is refused too.
            let looser = value < *before;
            let sane =
                if value < 0.0 || *field == "travel_factor" { value.is_finite() } else { value >= 0.0 };
            if looser && sane {
                *before = value;
            } else {
                let remedy = format!("must be looser than {} before it", before.abs());
                let field = format!("{at}.{field}");
                checks.fault(&field, &value.abs().to_string(), "does not loosen the requirement", &remedy);
            }
        }
        for name in &step.waive {
            let built_in = BuiltIn::ALL.iter().find(|criterion| criterion.as_str() == name);
            let waivable =
                matches!(built_in, Some(BuiltIn::Language | BuiltIn::Acquaintance | BuiltIn::Preferences));
            if built_in.is_some() && !waivable {
                let remedy = "loosen its requirement by a number instead";
                checks.fault(&format!("{at}.waive"), name, "cannot be waived", remedy);
            } else if built_in.is_none() && !criteria.custom.contains_key(name) {
                let remedy = "write language, acquaintance, preferences, or the name of a criterion under \
                              criteria.custom";
                checks.fault(&format!("{at}.waive"), name, "is not a criterion", remedy);
            }
        }
    }
}
