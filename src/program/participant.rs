//! Who asks for support.

use std::collections::BTreeMap;
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Attributes, Code, LanguageTag, Modality, ParticipantId, Place, Preference, SupporterId, Window};

/// A person who asks for peer support, such as a parent whose child was just diagnosed.
///
/// Plain data: every field but the id may be left out, and what is left out counts as unknown, never as zero or no.
/// The one exception is consent: without it, nobody is matched.
///
/// ```
/// use peermatch::program::{Participant, Place};
///
/// let parent = Participant {
///     conditions: vec!["F84.0".into()],
///     place: Place::postcode("37203"),
///     consent: true,
///     ..Participant::new("P-1")
/// };
/// assert_eq!(parent.id.as_str(), "P-1");
/// ```
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Participant {
    /// Unique among participants.
    pub id: ParticipantId,
    /// Condition codes of the child (or of the participant), most important first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Code>,
    /// Codes of the issues they face because of it, most important first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Code>,
    /// The child's age in years, 0 to 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 120)))]
    pub child_age: Option<f64>,
    /// Since when they have lived with it (the day of the diagnosis). Unknown counts as today: newly facing it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
    pub experience_since: Option<Date>,
    /// Where they live.
    #[serde(default, skip_serializing_if = "Place::is_empty")]
    pub place: Place,
    /// How far they travel for a meeting in person, in kilometres, 0 or more. The policy's default if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 40_000)))]
    pub travel_km: Option<f64>,
    /// The ways of meeting they accept, the preferred one first. Any if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modalities: Vec<Modality>,
    /// The languages they speak, the preferred one first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub languages: Vec<LanguageTag>,
    /// IANA time zone of the availability; that of the place, by the gazetteer, if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
    /// When they can meet, week by week.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub availability: Vec<Window>,
    /// Gender in the programme's own words; compared without regard to letter case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gender: Option<String>,
    /// Free attributes: family structure, culture, faith, military, ...
    #[serde(default, skip_serializing_if = "Attributes::is_empty")]
    pub attributes: Attributes,
    /// What they wish of their supporter's attributes or gender.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preferences: Vec<Preference>,
    /// What matters to them: a factor on the policy's weight for each criterion named here; 1 is as the policy has
    /// it, 0 leaves the criterion out.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub weights: BTreeMap<String, f64>,
    /// Supporters they already know.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub known: Vec<SupporterId>,
    /// They agree to be matched with somebody they already know.
    #[serde(default)]
    pub accepts_known: bool,
    /// Supporters they refuse.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub refused: Vec<SupporterId>,
    /// How urgent the programme holds it: 0 (ordinary) to 9.
    #[serde(default)]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 9)))]
    pub priority: u8,
    /// The day they asked for support.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
    pub waiting_since: Option<Date>,
    /// They agreed to be matched.
    #[serde(default)]
    pub consent: bool,
    /// Hours a week they need, above 0 and at most 168: they raise the time in common that scores 1, and
    /// are what a match takes of a supporter's hours where a rule on hours says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(max = 168), extend("exclusiveMinimum" = 0)))]
    pub hours_per_week: Option<f64>,
}

impl Participant {
    /// A participant of whom nothing but the id is known, and who has not consented yet.
    pub fn new(id: impl Into<ParticipantId>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }
}

/// Shows the id alone: what is known of a person does not belong into a log.
impl fmt::Debug for Participant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Participant").field("id", &self.id).finish_non_exhaustive()
    }
}
