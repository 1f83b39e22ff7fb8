//! Small random programmes in which every field of a person and every kind of history occurs, for the oracles.

use jiff::civil::{Date, date};
use peermatch::program::{
    Acquaintance, Attributes, BarredPair, Code, Concept, History, Hold, LanguageTag, Modality, Outcome,
    Participant, PastMatch, Place, Preference, ProgramData, StandingMatch, Status, Supervisor, Supporter,
    SupporterId, Window,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// The day every random programme is matched for.
pub(crate) const TODAY: Date = date(2026, 11, 21);

const CONDITIONS: [&str; 6] = ["a1", "a2", "a", "b1", "b2", "stray"];
const ISSUES: [&str; 4] = ["sleep", "school", "iep", "grief"];
/// Names in people's own weights; the last is of no criterion there is.
const WEIGHED: [&str; 7] =
    ["condition", "geography", "language", "preferences", "acquaintance", "humour", "nonsense"];
const LANGUAGES: [&str; 5] = ["en", "es", "es-MX", "zh-Hant", "zh-Hans"];

fn codes(all: &'static [&'static str]) -> impl Strategy<Value = Vec<Code>> {
    // Up to three, now and then one of them twice.
    (subsequence(all, 0..=3).prop_shuffle(), option::weighted(0.15, any::<prop::sample::Index>())).prop_map(
        |(codes, twice)| {
            let mut codes: Vec<Code> = codes.into_iter().map(Code::from).collect();
            if let Some(twice) = twice.filter(|_| !codes.is_empty()) {
                codes.push(codes[twice.index(codes.len())].clone());
            }
            codes
        },
    )
}

fn languages() -> impl Strategy<Value = Vec<LanguageTag>> {
    subsequence(&LANGUAGES[..], 0..=3)
        .prop_shuffle()
        .prop_map(|tags| tags.into_iter().map(|tag| tag.parse().unwrap()).collect())
}

/// Places up to some 80 km apart.
fn place() -> impl Strategy<Value = Place> {
    option::weighted(0.85, (0..5_u8, 0..5_u8)).prop_map(|place| match place {
        Some((north, east)) => Place::at(36.0 + f64::from(north) * 0.13, -86.0 - f64::from(east) * 0.16),
        None => Place::default(),
    })
}

fn modalities() -> impl Strategy<Value = Vec<Modality>> {
    // Most of them accept something in common.
    let some = prop_oneof![1 => Just(0..=1), 3 => Just(2..=3)];
    some.prop_flat_map(|size| subsequence(&Modality::ALL[..], size)).prop_shuffle()
}

fn windows() -> impl Strategy<Value = Vec<Window>> {
    let all =
        ["Mon 18:00-20:00", "Mon-Fri 19:00-20:00", "Sat 09:00-12:00", "Sun 23:30-00:30", "Wed 12:00-12:20"];
    subsequence(all.to_vec(), 0..=3)
        .prop_map(|windows| windows.into_iter().map(|window| window.parse().unwrap()).collect())
}

fn zone() -> impl Strategy<Value = Option<String>> {
    option::weighted(
        0.9,
        select(vec!["America/Chicago", "America/New_York", "Asia/Kolkata"]).prop_map(String::from),
    )
}

fn attributes() -> impl Strategy<Value = Attributes> {
    btree_map(
        select(vec!["faith".to_owned(), "Family".to_owned()]),
        vec(select(vec!["x".to_owned(), "Y".to_owned(), "z".to_owned(), " Z ".to_owned()]), 1..=2),
        0..=2,
    )
}

fn preferences() -> impl Strategy<Value = Vec<Preference>> {
    let all = [
        "like faith=x",
        "like*2 family!=y|z",
        "like gender=f",
        "must gender=f",
        "must faith!=z",
        "like faith=same",
        "like family!=same",
        "like*0.25 faith=y|Z",
        "must Family!=same",
    ];
    // Must-haves are rare, or hardly a pair would be left.
    let weighted = select(vec![0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 6, 7, 7, 8]);
    vec(weighted, 0..=2)
        .prop_map(move |picks| picks.into_iter().map(|pick: usize| all[pick].parse().unwrap()).collect())
}

fn gender() -> impl Strategy<Value = Option<String>> {
    option::of(select(vec!["F".to_owned(), "m".to_owned()]))
}

fn age() -> impl Strategy<Value = Option<f64>> {
    option::weighted(0.8, (0..40_u8).prop_map(|half| f64::from(half) / 2.0))
}

/// Mostly a day of the last eight years, now and then one that is still to come.
fn day_before() -> impl Strategy<Value = Option<Date>> {
    option::weighted(
        0.8,
        (-60_i32..3000).prop_map(|days| TODAY.checked_sub(jiff::Span::new().days(days)).unwrap()),
    )
}

prop_compose! {
    pub(crate) fn participant(index: usize, supporters: usize)(
        (conditions, issues, child_age, place) in (codes(&CONDITIONS), codes(&ISSUES), age(), place()),
        travel_km in option::of(select(vec![0.0, 10.0, 30.0])),
        (modalities, languages, availability, time_zone) in (modalities(), languages(), windows(), zone()),
        (gender, attributes, preferences) in (gender(), attributes(), preferences()),
        weights in btree_map(select(WEIGHED.map(String::from).to_vec()), select(vec![0.0, 0.5, 3.0, 50.0]), 0..=2),
        (known, refused) in (some_of(supporters, 0.25), some_of(supporters, 0.1)),
        (priority, waiting_since, experience_since) in (0..3_u8, day_before(), option::weighted(0.2, day_before())),
        (consent, accepts_known) in (proptest::bool::weighted(0.9), any::<bool>()),
        hours_per_week in option::of(select(vec![0.5, 1.0, 4.0])),
    ) -> Participant {
        Participant {
            conditions, issues, child_age, place, travel_km, modalities, languages, availability, time_zone, gender,
            attributes, preferences, weights, priority, waiting_since, consent, accepts_known, hours_per_week,
            known, refused,
            experience_since: experience_since.flatten(),
            ..Participant::new(format!("P{index}"))
        }
    }
}

prop_compose! {
    pub(crate) fn supporter(index: usize, supervisors: usize)(
        (conditions, issues, child_age, place) in (codes(&CONDITIONS), codes(&ISSUES), age(), place()),
        travel_km in option::of(select(vec![0.0, 10.0, 30.0])),
        (modalities, languages, availability, time_zone) in (modalities(), languages(), windows(), zone()),
        (gender, attributes, preferences) in (gender(), attributes(), preferences()),
        experience_since in day_before(),
        (capacity, wished) in (option::weighted(0.7, select(vec![0, 1, 1, 1, 2, 2, 3, 5, 7, 11, 40])), 0..5_u32),
        (status, leave_until) in prop_oneof![
            4 => Just((Status::Active, None)),
            1 => select(vec![
                (Status::InTraining, None), (Status::UnderReview, None), (Status::Released, None), (Status::OnLeave, None),
                (Status::OnLeave, Some(TODAY)), (Status::OnLeave, Some(date(2027, 1, 1))),
            ]),
        ],        excluded_conditions in rarely(vec![Code::from("b"), Code::from("a1"), Code::from("stray")]),
        excluded_issues in rarely(vec![Code::from("school"), Code::from("none of ours")]),
        supervisor in option::of(0..supervisors.max(1)),
    ) -> Supporter {
        Supporter {
            conditions, issues, child_age, place, travel_km, modalities, languages, availability, time_zone, gender,
            attributes, preferences, experience_since, capacity, status, leave_until, excluded_conditions,
            excluded_issues,
            wished_minimum: wished.min(capacity.unwrap_or(1)),
            supervisor: supervisor.filter(|_| supervisors > 0).map(|index| format!("V{index}").into()),
            ..Supporter::new(format!("S{index}"))
        }
    }
}

/// One of the codes now and then.
fn rarely(codes: Vec<Code>) -> impl Strategy<Value = Vec<Code>> {
    option::weighted(0.15, select(codes)).prop_map(|code| code.into_iter().collect())
}

/// Some supporters' ids, once or twice.
fn some_of(supporters: usize, often: f64) -> impl Strategy<Value = Vec<SupporterId>> {
    option::weighted(often, vec((0..supporters).prop_map(|index| format!("S{index}").into()), 1..=2))
        .prop_map(Option::unwrap_or_default)
}

fn concept(code: &str, parents: &[&str]) -> Concept {
    Concept {
        code: code.into(),
        parents: parents.iter().map(|&parent| parent.into()).collect(),
        name: String::new(),
    }
}

fn taxonomies() -> (Vec<Concept>, Vec<Concept>) {
    let conditions = vec![
        concept("a", &[]),
        concept("b", &[]),
        concept("a1", &["a"]),
        concept("a2", &["a"]),
        concept("b1", &["b"]),
        concept("b2", &["b", "a"]),
    ];
    let issues = vec![
        concept("sleep", &[]),
        concept("school", &[]),
        concept("iep", &["school"]),
        concept("grief", &[]),
    ];
    (conditions, issues)
}

/// A pair of positions, at most once for each participant.
fn pairs(participants: usize, supporters: usize, most: usize) -> impl Strategy<Value = Vec<(usize, usize)>> {
    vec((0..participants, 0..supporters), 0..=most).prop_map(|mut pairs| {
        pairs.sort_unstable();
        pairs.dedup_by_key(|pair| pair.0);
        pairs
    })
}

prop_compose! {
    fn history(participants: usize, supporters: usize)(
        known in pairs(participants, supporters, 2),
        barred in pairs(participants, supporters, 1),
        past in pairs(participants, supporters, 2),
        outcomes in vec(select(vec![Outcome::Completed, Outcome::Failed, Outcome::Interrupted]), 2),
        standing in pairs(participants, supporters, 3),
        holds in vec((any::<bool>(), option::of(select(vec![0.0, 0.05, 0.5]))), 3),
    ) -> History {
        let ids = |(p, s): (usize, usize)| (format!("P{p}").into(), format!("S{s}").into());
        History {
            acquaintances: known.into_iter().map(ids).map(|(participant, supporter)| Acquaintance { participant, supporter }).collect(),
            past: past.into_iter().zip(outcomes).map(|(pair, outcome)| {
                let (participant, supporter) = ids(pair);
                PastMatch { participant, supporter, outcome, ended: None, reason: None }
            }).collect(),
            standing: standing.iter().copied().filter(|pair| !barred.contains(pair)).zip(holds).map(|(pair, (pinned, price))| {
                let (participant, supporter) = ids(pair);
                let hold = if pinned { Hold::Pinned } else { Hold::Movable };
                StandingMatch { participant, supporter, hold, price, since: None }
            }).collect(),
            barred: barred.into_iter().map(ids).map(|(participant, supporter)| BarredPair { participant, supporter, reason: None }).collect(),
        }
    }
}

/// A programme of up to so many people.
pub(crate) fn programme(participants: usize, supporters: usize) -> impl Strategy<Value = ProgramData> {
    (1..=participants, 1..=supporters, 0..3_usize).prop_flat_map(|(participants, supporters, supervisors)| {
        let people = (0..participants).map(|index| participant(index, supporters)).collect::<Vec<_>>();
        let helpers = (0..supporters).map(|index| supporter(index, supervisors)).collect::<Vec<_>>();
        let limits = vec(option::of(0..4_u32), supervisors);
        (people, helpers, limits, history(participants, supporters)).prop_map(
            |(mut participants, supporters, limits, history)| {
                // A pin of somebody who is refused is an error of the data.
                for row in &history.standing {
                    let person = participants.iter_mut().find(|person| person.id == row.participant);
                    person.unwrap().refused.retain(|own| *own != row.supporter || row.hold == Hold::Movable);
                }
                let (conditions, issues) = taxonomies();
                let supervisors = limits.into_iter().enumerate();
                ProgramData {
                    participants,
                    supporters,
                    conditions,
                    issues,
                    supervisors: supervisors
                        .map(|(index, caseload)| Supervisor {
                            id: format!("V{index}").into(),
                            caseload,
                            hours_per_week: None,
                        })
                        .collect(),
                    history,
                    ..ProgramData::default()
                }
            },
        )
    })
}
