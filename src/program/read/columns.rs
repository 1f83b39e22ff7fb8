//! The columns of every CSV table: one list that the reader, the writer and the column reference all follow.

use super::super::source::Table;

/// What a cell holds, and so how it is read, written and checked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Any text.
    Text,
    /// The id of a person, or a code.
    Id,
    /// A number, whole or not.
    Number,
    /// A whole number from 0 to this.
    Whole(u32),
    /// Yes or no.
    YesNo,
    /// A day.
    Date,
    /// One of these words.
    Choice(&'static [&'static str]),
    /// Several ids or codes.
    Ids,
    /// Several language tags.
    Languages,
    /// Several ways of meeting.
    Modalities,
    /// Several weekly windows.
    Windows,
    /// Names with one or more values each.
    Attributes,
    /// Several preferences.
    Preferences,
    /// A preference on gender alone; read into `preferences`, never written.
    GenderPreference,
    /// Names with a number each.
    Weights,
    /// Labels with a text each.
    Facts,
    /// The same, and nothing to agree to.
    Contact,
    /// The fields of the card that may be shown.
    CardConsent,
    /// The fields of the record that may be shown beside.
    Shares,
}

impl Kind {
    /// What the column reference calls it.
    pub(super) fn title(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Id => "id".to_owned(),
            Self::Number => "number".to_owned(),
            Self::Whole(u32::MAX) => "whole number".to_owned(),
            Self::Whole(most) => format!("whole number, 0 to {most}"),
            Self::YesNo => "yes or no".to_owned(),
            Self::Date => "date".to_owned(),
            Self::Choice(words) => words.join(", "),
            Self::Ids => "list of ids or codes".to_owned(),
            Self::Languages => "list of language tags".to_owned(),
            Self::Modalities => "list of in_person, phone, video".to_owned(),
            Self::Windows => "list of weekly windows".to_owned(),
            Self::Attributes => "list of name=value".to_owned(),
            Self::Preferences => "list of preferences".to_owned(),
            Self::GenderPreference => "preference".to_owned(),
            Self::Weights => "list of name=number".to_owned(),
            Self::Facts | Self::Contact => "list of label=text".to_owned(),
            Self::CardConsent => "list of card fields".to_owned(),
            Self::Shares => "list of conditions, issues, child_age, town, gender, languages".to_owned(),
        }
    }
}

/// One column of a table.
#[derive(Debug)]
pub(crate) struct Column {
    /// Its name in the header.
    pub(crate) name: &'static str,
    /// Other names under which it is found.
    pub(crate) aliases: &'static [&'static str],
    /// The field it fills, as a dotted path into the JSON form of the record.
    pub(crate) path: &'static str,
    /// What a cell holds.
    pub(crate) kind: Kind,
    /// A record cannot be without it.
    pub(crate) required: bool,
    /// One line for the column reference.
    pub(crate) doc: &'static str,
    /// A cell as it may look.
    pub(crate) example: &'static str,
}

const fn column(
    name: &'static str,
    path: &'static str,
    kind: Kind,
    doc: &'static str,
    example: &'static str,
) -> Column {
    Column { name, aliases: &[], path, kind, required: false, doc, example }
}

impl Column {
    const fn required(mut self) -> Self {
        self.required = true;
        self
    }

    const fn or(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// Whether the header cell (folded already) names this column.
    pub(crate) fn is_called(&self, folded: &str) -> bool {
        self.name == folded || self.aliases.contains(&folded)
    }

    /// What to do about its lack; `example` is as the kind of file has it.
    pub(crate) fn remedy_for_none(&self, example: &str) -> String {
        match (self.kind, self.name) {
            (Kind::Id, "id") => format!("give each person an id of their own, such as {example}"),
            (Kind::Id, "code") => format!("write the code that is meant, such as {example}"),
            (Kind::Id, name) => format!("write the id of the {name}, such as {example}"),
            _ => format!("write it as in {example}"),
        }
    }

    /// Columns that only make typing easier are read into another column's field and never written.
    pub(crate) fn is_written(&self) -> bool {
        self.kind != Kind::GenderPreference
    }
}

const STATUS: Kind = Kind::Choice(&["active", "in_training", "on_leave", "under_review", "released"]);
const OUTCOME: Kind = Kind::Choice(&["completed", "failed", "interrupted"]);
const HOLD: Kind = Kind::Choice(&["pinned", "movable"]);
const ANY: Kind = Kind::Whole(u32::MAX);

const CHILD_AGE: Column =
    column("child_age", "child_age", Kind::Number, "The child's age in years, 0 to 120.", "4.5");
const EXPERIENCE: Column = column(
    "experience_since",
    "experience_since",
    Kind::Date,
    "Since when they have lived with it: the day of the diagnosis.",
    "2019-03-01",
);
const LATITUDE: Column =
    column("latitude", "place.latitude", Kind::Number, "Degrees north, -90 to 90 (WGS 84).", "36.1627")
        .or(&["lat"]);
const LONGITUDE: Column =
    column("longitude", "place.longitude", Kind::Number, "Degrees east, -180 to 180 (WGS 84).", "-86.7816")
        .or(&["lng", "lon", "long"]);
const POSTCODE: Column =
    column("postcode", "place.postcode", Kind::Text, "A postcode of the gazetteer.", "37203").or(&[
        "zip",
        "zipcode",
        "zip_code",
        "postal_code",
    ]);
const TOWN: Column =
    column("town", "place.town", Kind::Text, "A town of the gazetteer.", "Nashville").or(&["city"]);
const REGION: Column =
    column("region", "place.region", Kind::Text, "The state or region the town lies in.", "TN")
        .or(&["state"]);
const TRAVEL: Column = column(
    "travel_km",
    "travel_km",
    Kind::Number,
    "How far they travel for a meeting in person, in kilometres.",
    "25",
);
const MODALITIES: Column = column(
    "modalities",
    "modalities",
    Kind::Modalities,
    "The ways of meeting they accept, the preferred one first; any if left out.",
    "phone; video",
)
.or(&["modality"]);
const LANGUAGES: Column = column(
    "languages",
    "languages",
    Kind::Languages,
    "The languages they speak as BCP 47 tags (not in words), the preferred one first.",
    "en; es-MX",
)
.or(&["language"]);
const TIME_ZONE: Column = column(
    "time_zone",
    "time_zone",
    Kind::Text,
    "IANA time zone of the availability; that of the place, by the gazetteer, if left out.",
    "America/Chicago",
)
.or(&["timezone"]);
const AVAILABILITY: Column = column(
    "availability",
    "availability",
    Kind::Windows,
    "When they can meet, week by week, in their own time zone.",
    "Mon-Fri 18:00-20:00; Sat 9:00-12:00",
);
const GENDER: Column =
    column("gender", "gender", Kind::Text, "Gender in the programme's own words.", "female");
const ATTRIBUTES: Column = column(
    "attributes",
    "attributes",
    Kind::Attributes,
    "Free attributes: family structure, culture, faith, military, ...; several values of one with `|`.",
    "faith=quaker; culture=somali|arab",
);
const PREFERENCES: Column = column(
    "preferences",
    "preferences",
    Kind::Preferences,
    "What they wish of the other side's attributes: `must` or `like` (`like*2` counts twice), then \
     name=value|value, name!=value, name=same or name!=same.",
    "must gender=female; like culture=same",
);
const GENDER_PREFERENCE: Column = column(
    "gender_preference",
    "preferences",
    Kind::GenderPreference,
    "A preference on gender alone, added to `preferences`.",
    "like female|nonbinary",
);

static PARTICIPANTS: [Column; 27] = [
    column("id", "id", Kind::Id, "Unique among participants.", "P-0001").required(),
    column("conditions", "conditions", Kind::Ids, "Condition codes, most important first.", "F84.0; G40"),
    column(
        "issues",
        "issues",
        Kind::Ids,
        "Codes of the issues they face, most important first.",
        "sleep; school",
    ),
    CHILD_AGE,
    EXPERIENCE,
    LATITUDE,
    LONGITUDE,
    POSTCODE,
    TOWN,
    REGION,
    TRAVEL,
    MODALITIES,
    LANGUAGES,
    TIME_ZONE,
    AVAILABILITY,
    GENDER,
    GENDER_PREFERENCE,
    ATTRIBUTES,
    PREFERENCES,
    column(
        "weights",
        "weights",
        Kind::Weights,
        "What matters to them: a factor on the policy's weight of each criterion named; 1 is as the policy has it, and \
         more than its limit (5 unless it says otherwise) counts as the limit.",
        "condition=2; geography=0",
    ),
    column("known", "known", Kind::Ids, "Ids of supporters they already know.", "S-014"),
    column(
        "accepts_known",
        "accepts_known",
        Kind::YesNo,
        "They agree to be matched with somebody they know.",
        "no",
    ),
    column("refused", "refused", Kind::Ids, "Ids of supporters they refuse.", "S-020; S-021"),
    column("priority", "priority", Kind::Whole(9), "How urgent the programme holds it; 0 is ordinary.", "0"),
    column("waiting_since", "waiting_since", Kind::Date, "The day they asked for support.", "2026-10-05"),
    column("consent", "consent", Kind::YesNo, "They agreed to be matched; without it nobody is.", "yes"),
    column(
        "hours_per_week",
        "hours_per_week",
        Kind::Number,
        "Hours a week they need, above 0 and at most 168: they raise the time in common that scores 1.",
        "1.5",
    ),
];

static SUPPORTERS: [Column; 33] = [
    column("id", "id", Kind::Id, "Unique among supporters.", "S-001").required(),
    column("conditions", "conditions", Kind::Ids, "Condition codes they have lived with.", "F84.0; G40"),
    column("issues", "issues", Kind::Ids, "Codes of the issues they have faced.", "sleep; school"),
    CHILD_AGE,
    EXPERIENCE,
    LATITUDE,
    LONGITUDE,
    POSTCODE,
    TOWN,
    REGION,
    TRAVEL,
    MODALITIES,
    LANGUAGES,
    TIME_ZONE,
    AVAILABILITY,
    GENDER,
    GENDER_PREFERENCE,
    ATTRIBUTES,
    PREFERENCES,
    column(
        "capacity",
        "capacity",
        ANY,
        "How many participants they take at a time; the policy's default (1) if left out, 0 takes nobody.",
        "3",
    ),
    column("wished_minimum", "wished_minimum", ANY, "How many they would like to have at least.", "1"),
    column(
        "hours_per_week",
        "hours_per_week",
        Kind::Number,
        "Hours a week they can give, 0 to 168. Kept for rules on hours, which matching does not weigh yet.",
        "4",
    ),
    column("status", "status", STATUS, "Where they stand with the programme; active if left out.", "active"),
    column("leave_until", "leave_until", Kind::Date, "The day a supporter on leave is back.", "2027-01-15"),
    column(
        "excluded_conditions",
        "excluded_conditions",
        Kind::Ids,
        "Condition codes they do not take, with everything below them.",
        "Q90",
    ),
    column(
        "excluded_issues",
        "excluded_issues",
        Kind::Ids,
        "Issue codes they do not take, with everything below them.",
        "bereavement",
    ),
    column("supervisor", "supervisor", Kind::Id, "The id of whoever looks after them.", "V-2"),
    column("card_name", "card.name.value", Kind::Text, "The name a card would show.", "Ana"),
    column("card_photo", "card.photo.value", Kind::Text, "File name or address of the picture.", "ana.jpg"),
    column("card_facts", "card.facts", Kind::Facts, "Facts by label.", "Likes=hiking; Job=nurse"),
    column(
        "card_consent",
        "card",
        Kind::CardConsent,
        "What they agreed to have shown: name, photo, and labels of facts. What is not named is never shown.",
        "name; photo; Likes",
    ),
    column(
        "card_shares",
        "card.shares",
        Kind::Shares,
        "What of their record they agreed to have shown beside the card's own fields, as far as enough others share it.",
        "conditions; child_age",
    ),
    column(
        "card_contact",
        "card.contact",
        Kind::Contact,
        "How they can be reached. On no card: told to a participant once a match is accepted.",
        "phone=555 0100; mail=ana@example.org",
    ),
];

static CONCEPTS: [Column; 3] = [
    column("code", "code", Kind::Id, "The code, unique in its taxonomy.", "F84.0").required(),
    column(
        "parent",
        "parents",
        Kind::Ids,
        "The code or codes right above it; none for a root. At most 100 levels.",
        "F84",
    )
    .or(&["parents"]),
    column("name", "name", Kind::Text, "What people call it.", "Childhood autism"),
];

static GAZETTEER: [Column; 6] = [
    column("postcode", "postcode", Kind::Text, "The postcode this line is about.", "37203").or(&[
        "zip",
        "zipcode",
        "zip_code",
        "postal_code",
    ]),
    column("town", "town", Kind::Text, "The town this line is about.", "Nashville").or(&["city", "name"]),
    column("region", "region", Kind::Text, "The state or region it lies in.", "TN").or(&["state"]),
    column("latitude", "latitude", Kind::Number, "Degrees north, -90 to 90 (WGS 84).", "36.1504")
        .or(&["lat"])
        .required(),
    column("longitude", "longitude", Kind::Number, "Degrees east, -180 to 180 (WGS 84).", "-86.7916")
        .or(&["lng", "lon", "long"])
        .required(),
    column("time_zone", "time_zone", Kind::Text, "IANA time zone of the place.", "America/Chicago")
        .or(&["timezone"]),
];

static SUPERVISORS: [Column; 3] = [
    column("id", "id", Kind::Id, "Unique among supervisors.", "V-2").required(),
    column(
        "caseload",
        "caseload",
        ANY,
        "Most matches that all their supporters together may have at a time; no limit if left out.",
        "25",
    ),
    column(
        "hours_per_week",
        "hours_per_week",
        Kind::Number,
        "Hours a week that matches of all their supporters may take, where a rule on hours says so; no limit if left out.",
        "40",
    ),
];

const PARTICIPANT: Column =
    column("participant", "participant", Kind::Id, "The id of a participant.", "P-0001").required();
const SUPPORTER: Column =
    column("supporter", "supporter", Kind::Id, "The id of a supporter.", "S-001").required();

static ACQUAINTANCES: [Column; 2] = [PARTICIPANT, SUPPORTER];

static BARRED: [Column; 3] = [
    PARTICIPANT,
    SUPPORTER,
    column("reason", "reason", Kind::Text, "Why; shown to coordinators alone.", "breach of confidence"),
];

static PAST: [Column; 5] = [
    PARTICIPANT,
    SUPPORTER,
    column(
        "outcome",
        "outcome",
        OUTCOME,
        "How it ended; the two are not matched again after failed.",
        "completed",
    )
    .required(),
    column("ended", "ended", Kind::Date, "The day it ended.", "2026-06-30"),
    column("reason", "reason", Kind::Text, "Why it ended.", "moved away"),
];

static STANDING: [Column; 5] = [
    PARTICIPANT,
    SUPPORTER,
    column(
        "hold",
        "hold",
        HOLD,
        "Whether it may be undone for a better whole; pinned if left out.",
        "movable",
    ),
    column(
        "price",
        "price",
        Kind::Number,
        "For a movable match: how much score, 0 to 1, another has to gain; the policy's default if left out.",
        "0.1",
    ),
    column("since", "since", Kind::Date, "The day it began.", "2026-09-14"),
];

impl Table {
    /// Its columns, in the order in which they are written.
    pub(crate) fn columns(self) -> &'static [Column] {
        match self {
            Self::Participants => &PARTICIPANTS,
            Self::Supporters => &SUPPORTERS,
            Self::Conditions | Self::Issues => &CONCEPTS,
            Self::Gazetteer => &GAZETTEER,
            Self::Supervisors => &SUPERVISORS,
            Self::Acquaintances => &ACQUAINTANCES,
            Self::Barred => &BARRED,
            Self::Past => &PAST,
            Self::Standing => &STANDING,
        }
    }

    /// The name of its file, without an ending, and its name in a column map.
    pub(crate) fn stem(self) -> &'static str {
        match self {
            Self::Participants => "participants",
            Self::Supporters => "supporters",
            Self::Conditions => "conditions",
            Self::Issues => "issues",
            Self::Gazetteer => "gazetteer",
            Self::Supervisors => "supervisors",
            Self::Acquaintances => "acquaintances",
            Self::Barred => "barred_pairs",
            Self::Past => "past_matches",
            Self::Standing => "standing_matches",
        }
    }

    /// What the column reference says about it.
    pub(super) fn about(self) -> &'static str {
        match self {
            Self::Participants => "Who asks for support.",
            Self::Supporters => "Who gives it.",
            Self::Conditions => "The taxonomy of conditions, in any coding system.",
            Self::Issues => "The taxonomy of issues, in the same form.",
            Self::Gazetteer => "Where postcodes and towns are. A line needs a postcode or a town.",
            Self::Supervisors => "Who looks after supporters.",
            Self::Acquaintances => "Who knows whom from outside the programme.",
            Self::Barred => "Who is never to be matched with whom.",
            Self::Past => "Matches that are over.",
            Self::Standing => "Matches that stand today.",
        }
    }
}
