//! What the generator can be told, and whether it makes sense.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::geography;
use crate::error::{Error, Fault, Result, Severity};
use crate::program::LanguageTag;

/// What programme to make up. Every share is a number from 0 to 1.
///
/// Where a default has no source named, it is this project's own judgement of what is usual.
///
/// ```
/// use peermatch::population::Settings;
///
/// let settings = Settings { participants: 50, supporters: 20, state: Some("TN".into()), ..Settings::default() };
/// let programme = peermatch::population::generate(&settings)?;
/// assert_eq!(programme.participants.len(), 50);
/// # Ok::<(), peermatch::Error>(())
/// ```
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The same seed and settings give the same programme on any machine. Default 1.
    pub seed: u64,
    /// The day on which the programme is looked at: nothing that happened lies after it. Default 2026-11-21.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub as_of: Date,
    /// How many ask for support. Default 400.
    pub participants: usize,
    /// How many give it. Default 150.
    pub supporters: usize,
    /// One state by its two letters (`TN`), or the whole of the United States. Default: the whole.
    pub state: Option<String>,
    /// Capacity of the active supporters together, for each participant. Default 0.8: programmes find it "hard to
    /// recruit the needed number". Each supporter takes 1 to 10, and that bounds what can be asked for.
    pub supply: f64,
    /// Share of families whose first condition is drawn from the rare ones (Down syndrome, heart, cancer, ...) rather
    /// than by the prevalences of the common ones. Default 0.25: rare and heavy conditions ask for support more often
    /// than their prevalence says.
    pub rare_conditions: f64,
    /// Share of the population that speaks each language; the first is the one the programme works in. Default: the
    /// United States by CLDR 48 (`en` 0.96, `es` 0.096, ...). Where the region is one state, the shares shift to what
    /// is plausible there.
    pub languages: Vec<LanguageShare>,
    /// Share of people, on both sides, who meet by phone or video alone. Default 0.4.
    pub remote_only: f64,
    /// How often people state preferences about each other, as a factor: 0 never, 1 (the default) as the module's
    /// head says, 2 twice as often; at most 5.
    pub preferences: f64,
    /// Share of participants who agreed to be matched. Default 0.97.
    pub consent: f64,
    /// Where supporters stand with the programme.
    pub statuses: Statuses,
    /// Supporters to each supervisor; 0 for no supervisors. Default 25.
    pub supporters_per_supervisor: usize,
    /// Share of supervisors whose caseload limit lies 5 to 15 % below what their supporters could take together.
    /// Default 0.4.
    pub tight_caseloads: f64,
    /// Share of participants with a standing match. Default 0.1.
    pub standing: f64,
    /// Share of the standing matches that are pinned; the others are movable. Default 0.5.
    pub pinned: f64,
    /// Acquaintances on record, for each participant. Default 0.05.
    pub acquaintances: f64,
    /// Barred pairs on record, for each participant. Default 0.02.
    pub barred: f64,
    /// Past matches on record, for each participant. Default 0.08.
    pub past: f64,
    /// How much of the data is not there, or not as it should be.
    pub missing: Missing,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            seed: 1,
            as_of: Date::constant(2026, 11, 21),
            participants: 400,
            supporters: 150,
            state: None,
            supply: 0.8,
            rare_conditions: 0.25,
            languages: LanguageShare::united_states(),
            remote_only: 0.4,
            preferences: 1.0,
            consent: 0.97,
            statuses: Statuses::default(),
            supporters_per_supervisor: 25,
            tight_caseloads: 0.4,
            standing: 0.1,
            pinned: 0.5,
            acquaintances: 0.05,
            barred: 0.02,
            past: 0.08,
            missing: Missing::default(),
        }
    }
}

impl Settings {
    /// The sample programme of `examples/data`: 400 participants and 150 supporters in Tennessee, a state with two
    /// time zones.
    pub fn sample() -> Self {
        Self { state: Some("TN".to_owned()), ..Self::default() }
    }

    /// Every setting that is out of its range, told in one go.
    pub(super) fn check(&self) -> Result<()> {
        let mut faults = Vec::new();
        let mut wrong = |field: &str, value: String, problem: &str, remedy: &str| {
            faults.push(Fault {
                severity: Severity::Error,
                file: "settings".to_owned(),
                row: None,
                id: None,
                field: Some(field.to_owned()),
                value: Some(value),
                problem: problem.to_owned(),
                remedy: remedy.to_owned(),
            });
        };
        let statuses = &self.statuses;
        let missing = &self.missing;
        let shares = [
            ("rare_conditions", self.rare_conditions),
            ("remote_only", self.remote_only),
            ("consent", self.consent),
            ("tight_caseloads", self.tight_caseloads),
            ("standing", self.standing),
            ("pinned", self.pinned),
            ("acquaintances", self.acquaintances),
            ("barred", self.barred),
            ("past", self.past),
            ("statuses.in_training", statuses.in_training),
            ("statuses.on_leave", statuses.on_leave),
            ("statuses.under_review", statuses.under_review),
            ("statuses.released", statuses.released),
            ("missing.place", missing.place),
            ("missing.unknown_postcode", missing.unknown_postcode),
            ("missing.unlisted_code", missing.unlisted_code),
            ("missing.conditions", missing.conditions),
            ("missing.issues", missing.issues),
            ("missing.child_age", missing.child_age),
            ("missing.experience", missing.experience),
            ("missing.modalities", missing.modalities),
            ("missing.languages", missing.languages),
            ("missing.availability", missing.availability),
            ("missing.gender", missing.gender),
            ("missing.attributes", missing.attributes),
            ("missing.hours", missing.hours),
            ("missing.waiting_since", missing.waiting_since),
            ("missing.capacity", missing.capacity),
            ("missing.card", missing.card),
        ];
        for (field, share) in shares {
            if !(0.0..=1.0).contains(&share) {
                wrong(field, share.to_string(), "not a share", "give a number from 0 to 1");
            }
        }
        if !(0.0..=5.0).contains(&self.preferences) {
            wrong("preferences", self.preferences.to_string(), "out of range", "give a factor from 0 to 5");
        }
        if !self.supply.is_finite() || self.supply < 0.0 {
            wrong("supply", self.supply.to_string(), "out of range", "give a number of 0 or more");
        }
        if statuses.in_training + statuses.on_leave + statuses.under_review + statuses.released > 1.0 {
            wrong("statuses", "more than 1".to_owned(), "shares add up to more than 1", "lower one of them");
        }
        if missing.place + missing.unknown_postcode > 1.0 {
            wrong(
                "missing.place",
                "more than 1".to_owned(),
                "with unknown_postcode above 1",
                "lower one of them",
            );
        }
        if let Some(state) = &self.state
            && !geography::is_state(state)
        {
            let remedy =
                "give the two letters of one of the 50 states or DC, or leave it out for all of them";
            wrong("state", state.clone(), "no such state", remedy);
        }
        let (least, most) = (Date::constant(1950, 1, 1), Date::constant(9990, 1, 1));
        if !(least..=most).contains(&self.as_of) {
            wrong("as_of", self.as_of.to_string(), "out of range", "give a day from 1950 on");
        }
        for (field, count) in [("participants", self.participants), ("supporters", self.supporters)] {
            if count > 10_000_000 {
                wrong(field, count.to_string(), "too many", "give at most 10000000");
            }
        }
        let main = self.languages.first().map_or(0.0, |language| language.share);
        let others: f64 = self.languages.iter().skip(1).map(|language| language.share).sum();
        for language in &self.languages {
            if !(0.0..=1.0).contains(&language.share) {
                let value = format!("{} {}", language.tag, language.share);
                wrong("languages", value, "not a share", "give a number from 0 to 1");
            }
        }
        if !(main + others >= 1.0 && others <= 1.0) {
            let remedy = "let all add up to at least 1, and those after the first to at most 1";
            wrong("languages", format!("{main} and {others}"), "shares do not cover everyone once", remedy);
        }
        if faults.is_empty() { Ok(()) } else { Err(Error::input(faults)) }
    }

    /// The fault of a supply that no capacities from 1 to 10 can meet.
    pub(super) fn supply_out_of_reach(&self, least: f64, most: f64) -> Error {
        Error::input(vec![Fault {
            severity: Severity::Error,
            file: "settings".to_owned(),
            row: None,
            id: None,
            field: Some("supply".to_owned()),
            value: Some(self.supply.to_string()),
            problem: "cannot be met with 1 to 10 participants to each active supporter".to_owned(),
            remedy: format!(
                "give a number from {least:.3} to {most:.3}, or change how many people there are"
            ),
        }])
    }
}

/// How many speak a language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LanguageShare {
    /// The language.
    pub tag: LanguageTag,
    /// Share of the population that speaks it, 0 to 1; people who speak two count in both.
    pub share: f64,
}

impl LanguageShare {
    /// Languages spoken in the United States: Unicode CLDR 48, territory-language information, those of 0.24 % and
    /// more.
    pub fn united_states() -> Vec<Self> {
        let shares = [
            ("en", 0.96),
            ("es", 0.096),
            ("zh-Hant", 0.0069),
            ("fr", 0.0056),
            ("de", 0.0047),
            ("fil", 0.0042),
            ("it", 0.0034),
            ("vi", 0.0034),
            ("ko", 0.0030),
            ("ru", 0.0024),
        ];
        shares.iter().filter_map(|&(tag, share)| Some(Self { tag: tag.parse().ok()?, share })).collect()
    }
}

/// Shares of supporters who are not simply active, each from 0 to 1, together at most 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Statuses {
    /// Not trained yet. Default 0.06.
    pub in_training: f64,
    /// Away; most have a day on which they are back. Default 0.05.
    pub on_leave: f64,
    /// A concern is being looked into. Default 0.01.
    pub under_review: f64,
    /// Left, and still on the list. Default 0.01.
    pub released: f64,
}

impl Default for Statuses {
    fn default() -> Self {
        Self { in_training: 0.06, on_leave: 0.05, under_review: 0.01, released: 0.01 }
    }
}

/// Shares of people, on both sides, of whom something is not known, each from 0 to 1.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Missing {
    /// No place at all. Default 0.03.
    pub place: f64,
    /// A postcode that the gazetteer lacks, such as one of a company or a slip of the pen. Default 0.01.
    pub unknown_postcode: f64,
    /// A condition code finer than the taxonomy goes, as a clinic's export has it. Default 0.005.
    pub unlisted_code: f64,
    /// No conditions. Default 0.01.
    pub conditions: f64,
    /// No issues. Default 0.08.
    pub issues: f64,
    /// No child's age. Default 0.05.
    pub child_age: f64,
    /// Not since when. Default 0.06.
    pub experience: f64,
    /// No ways of meeting. Default 0.05.
    pub modalities: f64,
    /// No languages. Default 0.02.
    pub languages: f64,
    /// No availability. Default 0.12.
    pub availability: f64,
    /// No gender. Default 0.04.
    pub gender: f64,
    /// Each attribute for itself: not asked, or not answered. Default 0.35.
    pub attributes: f64,
    /// No hours a week. Default 0.5.
    pub hours: f64,
    /// Participants: not since when they wait. Default 0.02.
    pub waiting_since: f64,
    /// Supporters: no capacity, which counts as 1. Default 0.05.
    pub capacity: f64,
    /// Supporters: no card. Default 0.08.
    pub card: f64,
}

impl Default for Missing {
    fn default() -> Self {
        Self {
            place: 0.03,
            unknown_postcode: 0.01,
            unlisted_code: 0.005,
            conditions: 0.01,
            issues: 0.08,
            child_age: 0.05,
            experience: 0.06,
            modalities: 0.05,
            languages: 0.02,
            availability: 0.12,
            gender: 0.04,
            attributes: 0.35,
            hours: 0.5,
            waiting_since: 0.02,
            capacity: 0.05,
            card: 0.08,
        }
    }
}

impl Missing {
    /// Nothing is missing and nothing is unknown.
    pub fn none() -> Self {
        Self {
            place: 0.0,
            unknown_postcode: 0.0,
            unlisted_code: 0.0,
            conditions: 0.0,
            issues: 0.0,
            child_age: 0.0,
            experience: 0.0,
            modalities: 0.0,
            languages: 0.0,
            availability: 0.0,
            gender: 0.0,
            attributes: 0.0,
            hours: 0.0,
            waiting_since: 0.0,
            capacity: 0.0,
            card: 0.0,
        }
    }
}
