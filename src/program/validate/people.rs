//! Checks of participants, supporters and supervisors.

use std::borrow::Borrow;
use std::collections::BTreeMap;
use std::hash::Hash;

use super::{Checker, LATITUDE, LONGITUDE, Range, Record, Rolls, tables};
use crate::program::reference::{Reference, Spelled, bare};
use crate::program::roll::Roll;
use crate::program::source::Table;
use crate::program::{
    Attributes, Code, Gazetteer, Lookup, Participant, Place, Preference, ProgramData, Status, Supervisor,
    Supporter, SupporterId, Window, Wish,
};

const AGE: Range = Range::new(0.0, 120.0, "an age is 0 to 120 years", "write the age in years, as in 4.5");
const TRAVEL: Range =
    Range::new(0.0, 40_000.0, "a distance is 0 to 40000 km", "write kilometres; 0 means no travel at all");
const HOURS: Range =
    Range::new(0.0, 168.0, "a week has 0 to 168 hours", "write the hours of one week, as in 1.5");
const HOURS_OVERSEEN: Range = Range::new(
    0.0,
    10_000.0,
    "hours overseen are 0 to 10000 a week",
    "write the hours of one week, as in 40",
);
const HOURS_NEEDED: Range = Range::new(
    0.0,
    168.0,
    "hours needed are above 0 and at most 168 a week",
    "write the hours of one week, as in 1.5, or leave it out if they are not known",
)
.above_least();
const CAPACITY: Range = Range::new(
    0.0,
    10_000.0,
    "a capacity is 0 to 10000",
    "write how many participants they take at a time, as in 3",
);
/// Nobody takes so many; the number is one of another column, or a slip.
const LARGE_CAPACITY: u32 = 1_000;
const WEIGHT: Range =
    Range::new(0.0, f64::MAX, "a weight is 0 or more", "write 0 to leave the criterion out");
const PREFERENCE_WEIGHT: Range =
    Range::new(0.0, f64::MAX, "the weight of a preference is above 0", "write like*2, or like alone for 1")
        .above_least();

/// What participants and supporters have in common.
struct Person<'a> {
    of: Record<'a>,
    conditions: &'a [Code],
    issues: &'a [Code],
    child_age: Option<f64>,
    place: &'a Place,
    travel_km: Option<f64>,
    time_zone: Option<&'a str>,
    availability: &'a [Window],
    attributes: &'a Attributes,
    preferences: &'a [Preference],
}

pub(super) fn check(checker: &mut Checker<'_>, data: &ProgramData, rolls: &Rolls, reference: &Reference) {
    for (position, own) in data.supervisors.iter().enumerate() {
        supervisor(checker, Record { table: Table::Supervisors, position, id: own.id.as_str() }, own);
    }
    let mut lacking = Lacking::default();
    for (position, own) in data.participants.iter().enumerate() {
        let of = Record { table: Table::Participants, position, id: own.id.as_str() };
        participant(checker, of, own, (rolls, reference), &mut lacking);
    }
    lacking.tell(checker, Table::Participants);
    consent(checker, data);
    lacking = Lacking::default();
    for (position, own) in data.supporters.iter().enumerate() {
        let of = Record { table: Table::Supporters, position, id: own.id.as_str() };
        supporter(checker, of, own, (rolls, reference), &mut lacking);
    }
    lacking.tell(checker, Table::Supporters);
}

pub(super) fn supervisor(checker: &mut Checker<'_>, of: Record<'_>, own: &Supervisor) {
    checker.range(of, "hours_per_week", own.hours_per_week, HOURS_OVERSEEN);
}

pub(super) fn participant(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    own: &Participant,
    (rolls, reference): (&Rolls, &Reference),
    lacking: &mut Lacking,
) {
    person(checker, &of_participant(of, own), reference, lacking);
    check_participant(checker, of, own, &rolls.supporters);
}

pub(super) fn supporter(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    own: &Supporter,
    (rolls, reference): (&Rolls, &Reference),
    lacking: &mut Lacking,
) {
    person(checker, &of_supporter(of, own), reference, lacking);
    check_supporter(checker, of, own, reference);
    let Some(id) = &own.supervisor else { return };
    if rolls.supervisors.len() == 0 {
        lacking.supervisors += 1;
    } else {
        self::reference(checker, of, "supervisor", id.as_str(), &rolls.supervisors, Table::Supervisors);
    }
}

/// Where nobody has agreed, the column was forgotten or is called otherwise.
fn consent(checker: &mut Checker<'_>, data: &ProgramData) {
    let of = |position| Record { table: Table::Participants, position, id: "" };
    let asked = !data.participants.is_empty() && !checker.sources.is_unread(Table::Participants);
    let nobody = (0..data.participants.len())
        .all(|at| !data.participants[at].consent && !checker.any_broken(of(at), &["consent"]));
    if asked && nobody {
        checker.whole_table(
            Table::Participants,
            "consent",
            "no participant has consented to be matched, so nobody will be".to_owned(),
            "fill in consent with yes for those who agreed; if their form says it otherwise, name its column and \
             words in the column map, and if everybody agreed, set a default there",
        );
    }
}

fn of_participant<'a>(of: Record<'a>, participant: &'a Participant) -> Person<'a> {
    Person {
        of,
        conditions: &participant.conditions,
        issues: &participant.issues,
        child_age: participant.child_age,
        place: &participant.place,
        travel_km: participant.travel_km,
        time_zone: participant.time_zone.as_deref(),
        availability: &participant.availability,
        attributes: &participant.attributes,
        preferences: &participant.preferences,
    }
}

fn of_supporter<'a>(of: Record<'a>, supporter: &'a Supporter) -> Person<'a> {
    Person {
        of,
        conditions: &supporter.conditions,
        issues: &supporter.issues,
        child_age: supporter.child_age,
        place: &supporter.place,
        travel_km: supporter.travel_km,
        time_zone: supporter.time_zone.as_deref(),
        availability: &supporter.availability,
        attributes: &supporter.attributes,
        preferences: &supporter.preferences,
    }
}

fn person(checker: &mut Checker<'_>, person: &Person<'_>, reference: &Reference, lacking: &mut Lacking) {
    let of = person.of;
    let (of_conditions, of_issues) = reference.taxonomies();
    codes(checker, of, "conditions", person.conditions, of_conditions);
    codes(checker, of, "issues", person.issues, of_issues);
    checker.range(of, "child_age", person.child_age, AGE);
    checker.range(of, "travel_km", person.travel_km, TRAVEL);
    tables::time_zone(checker, of, person.time_zone);
    attributes(checker, of, person.attributes);
    preferences(checker, of, person.preferences);
    let (no_gazetteer, zone_of_place) = place(checker, of, person.place, reference);
    lacking.places += usize::from(no_gazetteer);
    let no_zone = person.time_zone.is_none() && !zone_of_place;
    let told = ["time_zone", "place.latitude", "place.longitude", "place.postcode", "place.town"];
    let unread = checker.sources.is_unread(Table::Gazetteer);
    if !no_zone || person.availability.is_empty() || unread || checker.any_broken(of, &told) {
        return;
    }
    if reference.gazetteer.entries().is_empty() {
        lacking.zones += 1;
    } else {
        let windows: Vec<String> = person.availability.iter().map(ToString::to_string).collect();
        checker.warning(
            of,
            "availability",
            windows.join("; "),
            "no time zone is known for it, so it counts as unknown".to_owned(),
            "give a time zone such as America/Chicago, or a place whose gazetteer line has one".to_owned(),
        );
    }
}

fn codes(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    field: &str,
    codes: &[Code],
    (taxonomy, spellings): Spelled<'_>,
) {
    for code in codes {
        checker.name(of, field, code.as_str(), "code");
        if taxonomy.is_empty() || code.as_str().trim().is_empty() || taxonomy.concept(code).is_some() {
            continue;
        }
        let known = || match spellings.get(&bare(code.as_str())) {
            Some(same) => vec![same.as_str()],
            None => taxonomy.graph().node_weights().map(|concept| concept.code.as_str()).collect(),
        };
        let remedy = checker.suggest(
            "code",
            code.as_str(),
            known,
            "add the code to the taxonomy; until then it is only like itself",
        );
        checker.warning(of, field, code, "the taxonomy does not have this code".to_owned(), remedy);
    }
}

fn attributes(checker: &mut Checker<'_>, of: Record<'_>, attributes: &Attributes) {
    for name in attributes.keys() {
        checker.name(of, "attributes", name, "name of an attribute");
    }
}

fn preferences(checker: &mut Checker<'_>, of: Record<'_>, preferences: &[Preference]) {
    for preference in preferences {
        checker.name(of, "preferences", &preference.attribute, "name of the attribute preferred");
        checker.range(of, "preferences", Some(preference.weight), PREFERENCE_WEIGHT);
        if let Wish::AnyOf(values) | Wish::NoneOf(values) = &preference.wish
            && values.iter().all(|value| value.trim().is_empty())
        {
            checker.error(
                of,
                "preferences",
                preference,
                "the preference names no value".to_owned(),
                "name one or more values, as in must gender=female".to_owned(),
            );
        }
    }
}

/// Returns whether there was no gazetteer to look it up in, and whether the place has a time zone.
fn place(checker: &mut Checker<'_>, of: Record<'_>, place: &Place, reference: &Reference) -> (bool, bool) {
    let (latitude, longitude) = ("place.latitude", "place.longitude");
    checker.range(of, latitude, place.latitude, LATITUDE);
    checker.range(of, longitude, place.longitude, LONGITUDE);
    let one_of_two = match (place.latitude, place.longitude) {
        (Some(there), None) => Some((latitude, there, "longitude")),
        (None, Some(there)) => Some((longitude, there, "latitude")),
        _ => None,
    };
    if let Some((field, there, lacking)) = one_of_two
        && !checker.any_broken(of, &[latitude, longitude])
    {
        checker.error(
            of,
            field,
            there,
            format!("the {lacking} that goes with it is lacking"),
            "give both, or neither".to_owned(),
        );
    }
    let gazetteer = &reference.gazetteer;
    let found = gazetteer.look_up(place);
    unknown_parts(checker, of, place, found, gazetteer);
    if gazetteer.entries().is_empty() && !matches!(found, Lookup::Found(..)) {
        return (place.postcode.is_some() || place.town.is_some(), false);
    }
    if let Lookup::AmbiguousTown(count) = found {
        checker.warning(
            of,
            "place.town",
            place.town.as_deref().unwrap_or_default(),
            format!("the gazetteer has {count} towns of this name, so the place counts as unknown"),
            "add the region, or a postcode".to_owned(),
        );
    }
    let entry = if let Lookup::Found(_, entry) = found { entry } else { None };
    (false, entry.is_some_and(|entry| entry.time_zone.is_some()))
}

/// A postcode or a town that the gazetteer lacks, even where another part of the place is found: it may be a slip.
fn unknown_parts(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    place: &Place,
    found: Lookup<'_>,
    gazetteer: &Gazetteer,
) {
    let (postcodes, towns) = gazetteer.holds();
    let stated = place.latitude.is_some() && place.longitude.is_some();
    let saved = matches!(found, Lookup::Found(..));
    let (counts, otherwise) = match saved {
        false => ("", "add it to the gazetteer; until then the place counts as unknown"),
        true if stated => (", so the place is that of the coordinates alone", "correct it, or take it out"),
        true => (", so the place is that of the other part given", "correct it, or take it out"),
    };
    let given = |part: &Option<String>| part.clone().filter(|text| !text.trim().is_empty());
    // A gazetteer of postcodes alone says nothing of towns, and the other way round.
    if let Some(postcode) = given(&place.postcode)
        && !gazetteer.entries().is_empty()
        && (postcodes || !saved)
        && gazetteer.look_up(&Place::postcode(postcode.as_str())) == Lookup::UnknownPostcode
    {
        let known = || gazetteer.entries().iter().filter_map(|entry| entry.postcode.as_deref()).collect();
        let remedy = checker.suggest("postcode", &postcode, known, otherwise);
        let problem = format!("the gazetteer does not have this postcode{counts}");
        checker.warning(of, "place.postcode", postcode, problem, remedy);
    }
    let by_town = Place { postcode: None, latitude: None, longitude: None, ..place.clone() };
    if let Some(town) = given(&place.town)
        && !gazetteer.entries().is_empty()
        && (towns || !saved)
        && gazetteer.look_up(&by_town) == Lookup::UnknownTown
    {
        let known = || gazetteer.entries().iter().filter_map(|entry| entry.town.as_deref()).collect();
        let remedy = checker.suggest("town", &town, known, otherwise);
        let (value, where_) = match given(&place.region) {
            Some(region) => (format!("{town}, {region}"), " in this region"),
            None => (town, ""),
        };
        checker.warning(
            of,
            "place.town",
            value,
            format!("the gazetteer does not have this town{where_}{counts}"),
            remedy,
        );
    }
}

/// People of one table who name something in a table that is not there at all: one warning for all of them.
#[derive(Default)]
pub(super) struct Lacking {
    places: usize,
    zones: usize,
    supervisors: usize,
}

impl Lacking {
    pub(super) fn tell(&self, checker: &mut Checker<'_>, table: Table) {
        if !checker.sources.is_unread(Table::Gazetteer) {
            tell_lacking(
                checker,
                table,
                "place.postcode",
                (self.places, "give", "a postcode or town, and there is no gazetteer to find it in"),
                "give a gazetteer file; until then these places count as unknown",
            );
            tell_lacking(
                checker,
                table,
                "availability",
                (self.zones, "say", "when they can meet but not in which time zone"),
                "fill in time_zone, set a default for it in the column map, or give a gazetteer with time zones; until \
                 then these hours count as unknown",
            );
        }
        if !checker.sources.is_unread(Table::Supervisors) {
            tell_lacking(
                checker,
                table,
                "supervisor",
                (self.supervisors, "name", "a supervisor, and there is no table of supervisors"),
                "give a supervisors file; until then no caseload is limited",
            );
        }
    }
}

fn tell_lacking(
    checker: &mut Checker<'_>,
    table: Table,
    field: &str,
    (people, verb, what): (usize, &str, &str),
    remedy: &str,
) {
    let who = match people {
        0 => return,
        1 => format!("1 person {verb}s"),
        _ => format!("{people} people {verb}"),
    };
    checker.whole_table(table, field, format!("{who} {what}"), remedy);
}

fn check_participant(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    participant: &Participant,
    supporters: &Roll<SupporterId>,
) {
    weights(checker, of, &participant.weights);
    checker.range(of, "hours_per_week", participant.hours_per_week, HOURS_NEEDED);
    if participant.priority > 9 {
        checker.error(
            of,
            "priority",
            participant.priority,
            "out of range: a priority is 0 to 9".to_owned(),
            "write 9 for the most urgent, 0 for the ordinary".to_owned(),
        );
    }
    for (field, ids) in [("known", &participant.known), ("refused", &participant.refused)] {
        for id in ids {
            reference(checker, of, field, id.as_str(), supporters, Table::Supporters);
        }
    }
}

fn weights(checker: &mut Checker<'_>, of: Record<'_>, weights: &BTreeMap<String, f64>) {
    for (criterion, &weight) in weights {
        checker.name(of, "weights", criterion, "name of a criterion");
        checker.range(of, "weights", Some(weight), WEIGHT);
    }
}

fn check_supporter(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    supporter: &Supporter,
    reference_tables: &Reference,
) {
    let (of_conditions, of_issues) = reference_tables.taxonomies();
    codes(checker, of, "excluded_conditions", &supporter.excluded_conditions, of_conditions);
    codes(checker, of, "excluded_issues", &supporter.excluded_issues, of_issues);
    checker.range(of, "hours_per_week", supporter.hours_per_week, HOURS);
    checker.range(of, "capacity", supporter.capacity.map(f64::from), CAPACITY);
    if let Some(capacity) = supporter.capacity.filter(|&c| c > LARGE_CAPACITY && CAPACITY.holds(f64::from(c)))
    {
        checker.warning(
            of,
            "capacity",
            capacity,
            "so many participants at a time are more than anybody takes".to_owned(),
            "check that this is meant".to_owned(),
        );
    }
    for excluded in &supporter.excluded_conditions {
        let has = |code: &&Code| reference_tables.conditions.is_same_or_below(code, excluded);
        if let Some(own) = supporter.conditions.iter().find(has) {
            checker.warning(
                of,
                "excluded_conditions",
                excluded,
                if own == excluded {
                    "the supporter has lived with this condition, and takes nobody who has it".to_owned()
                } else {
                    "the supporter has lived with a condition below this one, and takes nobody who has it"
                        .to_owned()
                },
                "check that this is meant".to_owned(),
            );
        }
    }
    // Where none is stated, the policy says how many somebody takes.
    if let Some(capacity) = supporter.capacity
        && supporter.wished_minimum > capacity
    {
        checker.error(
            of,
            "wished_minimum",
            supporter.wished_minimum,
            format!("more than the capacity of {capacity}"),
            "raise the capacity, or lower the wish".to_owned(),
        );
    }
    if let Some(back) = supporter.leave_until
        && supporter.status != Status::OnLeave
        && !checker.any_broken(of, &["status"])
    {
        checker.warning(
            of,
            "leave_until",
            back,
            format!("the supporter is not on leave but {}", supporter.status.as_str().replace('_', " ")),
            "set the status to on_leave, or take the day out".to_owned(),
        );
    }
    for label in supporter.card.facts.keys() {
        checker.name(of, "card.facts", label, "label of a fact");
    }
    for label in supporter.card.contact.keys() {
        checker.name(of, "card.contact", label, "label of a contact detail");
    }
}

/// The field has to name somebody whom the programme knows.
pub(super) fn reference<I: Borrow<str> + Clone + Eq + Hash>(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    field: &str,
    id: &str,
    known: &Roll<I>,
    table: Table,
) {
    if known.has_known(id) || checker.sources.is_unread(table) {
        return;
    }
    let whom = match table {
        Table::Participants => "participant",
        Table::Supervisors => "supervisor",
        _ => "supporter",
    };
    let remedy = checker.suggest_id(id, || known.ids(), "add them, or take the reference out");
    checker.error(of, field, id, format!("no {whom} has this id"), remedy);
}
