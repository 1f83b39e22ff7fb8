//! Who gives support.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Attributes, Code, LanguageTag, Place, Preference, SupervisorId, SupporterId, Window};

/// A way of meeting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Modality {
    /// Face to face; the only one for which distance counts.
    InPerson,
    /// By telephone.
    Phone,
    /// By video call.
    Video,
}

impl Modality {
    /// Every modality, in the order taken where somebody states none.
    pub const ALL: [Self; 3] = [Self::InPerson, Self::Phone, Self::Video];

    /// Whether distance does not matter.
    pub fn is_remote(self) -> bool {
        self != Self::InPerson
    }

    /// The word that files and messages use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InPerson => "in_person",
            Self::Phone => "phone",
            Self::Video => "video",
        }
    }
}

impl fmt::Display for Modality {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::InPerson => "in person",
            Self::Phone => "phone",
            Self::Video => "video",
        })
    }
}

/// Where a supporter stands with the programme.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Takes new matches.
    #[default]
    Active,
    /// Not trained yet: no new matches.
    InTraining,
    /// Away until `leave_until`, or until further notice: no matches before that day, and those that stand end.
    OnLeave,
    /// A concern is being looked into: no new matches; those that stand go on.
    UnderReview,
    /// Left the programme: no matches, and those that stand end.
    Released,
}

impl Status {
    /// The word that files and messages use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::InTraining => "in_training",
            Self::OnLeave => "on_leave",
            Self::UnderReview => "under_review",
            Self::Released => "released",
        }
    }
}

/// One field of a baseball card, and whether the supporter agreed to its being shown.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct CardField {
    /// What the card would show.
    pub value: String,
    /// The supporter agreed to its being shown.
    #[serde(default)]
    pub consent: bool,
}

/// Whether it may be shown, not what it says.
impl fmt::Debug for CardField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CardField").field("consent", &self.consent).finish_non_exhaustive()
    }
}

/// A field of the record that a card may show beside its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Shared {
    /// The conditions they have lived with.
    Conditions,
    /// Their child's age.
    ChildAge,
    /// Where they live.
    Town,
    /// Their gender.
    Gender,
    /// The languages they speak.
    Languages,
    /// The issues of their child that they know from within.
    Issues,
}

impl Shared {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Conditions, Self::ChildAge, Self::Town, Self::Gender, Self::Languages, Self::Issues];

    /// The word that files and messages use.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Conditions => "conditions",
            Self::ChildAge => "child_age",
            Self::Town => "town",
            Self::Gender => "gender",
            Self::Languages => "languages",
            Self::Issues => "issues",
        }
    }
}

/// What a participant may see of a supporter before choosing. A field without consent is kept and never shown.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Card {
    /// The name to be shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<CardField>,
    /// A reference to the picture: a file name or an address, which the host program resolves.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<CardField>,
    /// Facts by label: `Likes` -> `hiking`.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, CardField>,
    /// What of the record they agreed to have shown beside, as far as enough others share it.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub shares: BTreeSet<Shared>,
    /// How they can be reached, by label: `phone` -> `555 0100`. On no card: told to a participant once a match with them is
    /// accepted (CCS), by [`Matcher::contact`](crate::Matcher::contact) alone.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub contact: BTreeMap<String, String>,
}

/// How much it holds, not what.
impl fmt::Debug for Card {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Card")
            .field("name", &self.name)
            .field("photo", &self.photo)
            .field("facts", &self.facts.len())
            .field("shares", &self.shares)
            .field("contact", &self.contact.len())
            .finish()
    }
}

impl Card {
    /// The card holds nothing.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A trained volunteer who has been through the same.
///
/// Plain data: every field but the id may be left out, and what is left out counts as unknown.
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Supporter {
    /// Unique among supporters.
    pub id: SupporterId,
    /// Condition codes they have lived with.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Code>,
    /// Codes of the issues they have faced.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Code>,
    /// Since when they have lived with it (the day of the diagnosis).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
    pub experience_since: Option<Date>,
    /// Their child's age in years, 0 to 120.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 120)))]
    pub child_age: Option<f64>,
    /// Where they live.
    #[serde(default, skip_serializing_if = "Place::is_empty")]
    pub place: Place,
    /// How far they travel for a meeting in person, in kilometres, 0 or more. The policy's default if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 40_000)))]
    pub travel_km: Option<f64>,
    /// The ways of meeting they offer. Any if left out.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub modalities: Vec<Modality>,
    /// The languages they speak.
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
    /// What they wish of a participant's attributes or gender.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub preferences: Vec<Preference>,
    /// How many participants they take at a time. The policy's default (1) if left out; 0 takes nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 10_000)))]
    pub capacity: Option<u32>,
    /// How many they would like to have at least; not above the capacity.
    #[serde(default)]
    pub wished_minimum: u32,
    /// Hours a week they can give, 0 to 168; kept where a rule on hours says so. No limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 168)))]
    pub hours_per_week: Option<f64>,
    /// Where they stand with the programme.
    #[serde(default)]
    pub status: Status,
    /// The day a supporter on leave is back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(with = "Option<String>", extend("format" = "date")))]
    pub leave_until: Option<Date>,
    /// Condition codes they do not take, with everything below them in the taxonomy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded_conditions: Vec<Code>,
    /// Issue codes they do not take, with everything below them in the taxonomy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub excluded_issues: Vec<Code>,
    /// Who looks after them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub supervisor: Option<SupervisorId>,
    /// What a participant may see of them.
    #[serde(default, skip_serializing_if = "Card::is_empty")]
    pub card: Card,
}

impl Supporter {
    /// An active supporter of whom nothing but the id is known.
    pub fn new(id: impl Into<SupporterId>) -> Self {
        Self { id: id.into(), ..Self::default() }
    }

    /// Whether they take new matches on that day: active, or back from a leave whose last day is known.
    pub fn takes_new_matches(&self, on: Date) -> bool {
        match self.status {
            Status::Active => true,
            Status::OnLeave => self.leave_until.is_some_and(|back| back <= on),
            Status::InTraining | Status::UnderReview | Status::Released => false,
        }
    }

    /// Whether matches that stand go on that day: everyone's but those of supporters on leave or released.
    pub fn keeps_standing_matches(&self, on: Date) -> bool {
        match self.status {
            Status::Active | Status::InTraining | Status::UnderReview => true,
            Status::OnLeave => self.takes_new_matches(on),
            Status::Released => false,
        }
    }
}

/// Shows the id alone: what is known of a person does not belong into a log.
impl fmt::Debug for Supporter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Supporter").field("id", &self.id).finish_non_exhaustive()
    }
}

/// Who looks after a group of supporters, and how many matches they can oversee.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Supervisor {
    /// Unique among supervisors.
    pub id: SupervisorId,
    /// Most matches that all their supporters together may have at a time. No limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caseload: Option<u32>,
    /// Hours a week that matches of all their supporters together may take, 0 to 10,000; kept where a rule on hours
    /// says so. No limit if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 0, max = 10_000)))]
    pub hours_per_week: Option<f64>,
}
