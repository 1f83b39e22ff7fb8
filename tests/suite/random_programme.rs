//! Small random programmes and policies that use every rule, for the oracles.

use jiff::civil::{Date, date};
use peermatch::Policy;
use peermatch::policy::criteria::{Aggregate, Reach};
use peermatch::policy::{Balance, KnownPairs, Relaxation, Unknown};
use peermatch::program::{
    Acquaintance, Attributes, BarredPair, Code, Concept, History, Hold, LanguageTag, Modality, Outcome,
    Participant, PastMatch, Place, Preference, ProgramData, StandingMatch, Status, Supervisor, Supporter,
    Window,
};
use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// The day every random programme is matched for.
pub(crate) const TODAY: Date = date(2026, 11, 21);

const CONDITIONS: [&str; 6] = ["a1", "a2", "a", "b1", "b2", "stray"];
const ISSUES: [&str; 4] = ["sleep", "school", "iep", "grief"];
const LANGUAGES: [&str; 5] = ["en", "es", "es-MX", "zh-Hant", "zh-Hans"];

fn codes(all: &'static [&'static str]) -> impl Strategy<Value = Vec<Code>> {
    subsequence(all, 0..=2).prop_shuffle().prop_map(|codes| codes.into_iter().map(Code::from).collect())
}

fn languages() -> impl Strategy<Value = Vec<LanguageTag>> {
    subsequence(&LANGUAGES[..], 0..=2)
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
    subsequence(&Modality::ALL[..], 0..=3).prop_shuffle()
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
        vec(select(vec!["x".to_owned(), "Y".to_owned(), "z".to_owned()]), 1..=2),
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
    ];
    // Must-haves are rare, or hardly a pair would be left.
    let weighted = select(vec![0, 0, 0, 1, 1, 2, 2, 3, 4, 5, 5, 6]);
    vec(weighted, 0..=2)
        .prop_map(move |picks| picks.into_iter().map(|pick: usize| all[pick].parse().unwrap()).collect())
}

fn gender() -> impl Strategy<Value = Option<String>> {
    option::of(select(vec!["F".to_owned(), "m".to_owned()]))
}

fn age() -> impl Strategy<Value = Option<f64>> {
    option::weighted(0.8, (0..40_u8).prop_map(|half| f64::from(half) / 2.0))
}

fn day_before() -> impl Strategy<Value = Option<Date>> {
    option::weighted(
        0.8,
        (1_i32..3000).prop_map(|days| TODAY.checked_sub(jiff::Span::new().days(days)).unwrap()),
    )
}

prop_compose! {
    fn participant(index: usize)(
        (conditions, issues, child_age, place) in (codes(&CONDITIONS), codes(&ISSUES), age(), place()),
        travel_km in option::of(select(vec![0.0, 10.0, 30.0])),
        (modalities, languages, availability, time_zone) in (modalities(), languages(), windows(), zone()),
        (gender, attributes, preferences) in (gender(), attributes(), preferences()),
        weights in btree_map(select(vec!["condition".to_owned(), "geography".into()]), select(vec![0.0, 0.5, 3.0, 50.0]), 0..=1),
        (priority, waiting_since, experience_since) in (0..3_u8, day_before(), option::weighted(0.2, day_before())),
        (consent, accepts_known) in (proptest::bool::weighted(0.9), any::<bool>()),
        hours_per_week in option::of(select(vec![1.0, 4.0])),
    ) -> Participant {
        Participant {
            conditions, issues, child_age, place, travel_km, modalities, languages, availability, time_zone, gender,
            attributes, preferences, weights, priority, waiting_since, consent, accepts_known, hours_per_week,
            experience_since: experience_since.flatten(),
            ..Participant::new(format!("P{index}"))
        }
    }
}

prop_compose! {
    fn supporter(index: usize, supervisors: usize)(
        (conditions, issues, child_age, place) in (codes(&CONDITIONS), codes(&ISSUES), age(), place()),
        travel_km in option::of(select(vec![0.0, 10.0, 30.0])),
        (modalities, languages, availability, time_zone) in (modalities(), languages(), windows(), zone()),
        (gender, attributes, preferences) in (gender(), attributes(), preferences()),
        experience_since in day_before(),
        (capacity, wished) in (option::of(0..4_u32), 0..3_u32),
        (status, leave_until) in select(vec![
            (Status::Active, None), (Status::Active, None), (Status::Active, None), (Status::Active, None),
            (Status::InTraining, None), (Status::UnderReview, None), (Status::Released, None),
            (Status::OnLeave, None), (Status::OnLeave, Some(TODAY)), (Status::OnLeave, Some(date(2027, 1, 1))),
        ]),
        excluded_conditions in vec(select(vec![Code::from("b"), Code::from("stray")]), 0..=1).prop_filter("rare", |codes| codes.is_empty() || codes[0].as_str() == "b"),
        excluded_issues in vec(select(vec![Code::from("school"), Code::from("none of ours")]), 0..=1),
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
        let people = (0..participants).map(participant).collect::<Vec<_>>();
        let helpers = (0..supporters).map(|index| supporter(index, supervisors)).collect::<Vec<_>>();
        let limits = vec(option::of(0..4_u32), supervisors);
        (people, helpers, limits, history(participants, supporters)).prop_map(
            |(participants, supporters, limits, history)| {
                let (conditions, issues) = taxonomies();
                let supervisors = limits.into_iter().enumerate();
                ProgramData {
                    participants,
                    supporters,
                    conditions,
                    issues,
                    supervisors: supervisors
                        .map(|(index, caseload)| Supervisor { id: format!("V{index}").into(), caseload })
                        .collect(),
                    history,
                    ..ProgramData::default()
                }
            },
        )
    })
}

fn unknown() -> impl Strategy<Value = Unknown> {
    select(vec![
        Unknown::LeftOut,
        Unknown::LeftOut,
        Unknown::LeftOut,
        Unknown::CountsAs(0.4),
        Unknown::Vetoed,
    ])
}

prop_compose! {
    /// A sound policy with every rule at one of several settings.
    pub(crate) fn policy()(
        (condition, issue, age, geography) in (unknown(), unknown(), unknown(), unknown()),
        aggregate in select(vec![Aggregate::Coverage, Aggregate::Symmetric, Aggregate::Jaccard]),
        reach in select(vec![Reach::Either, Reach::Both, Reach::Sum]),
        acquaintance_weight in select(vec![0.0, 4.0]),
        (ground, condition_least, language) in (select(vec![0.0, 0.3, 0.5]), select(vec![0.0, 0.2]), any::<bool>()),
        unknown_ground in any::<bool>(),
        known in select(vec![KnownPairs::VetoedUnlessAccepted, KnownPairs::Vetoed, KnownPairs::Allowed]),
        (experience_years, minutes, gap) in (select(vec![0.0, 1.0]), select(vec![0, 30, 90]), option::of(select(vec![3.0, 8.0]))),
        (must_haves, unknown_must_haves, minimum_score) in (any::<bool>(), any::<bool>(), select(vec![0.0, 0.0, 0.35])),
        ladder in select(vec![0, 1, 2]),
        (waiting, levels) in (select(vec![0, 30, 300]), 0..4_u32),
        (limit, price, bonus, supervised) in (option::weighted(0.2, 1..3_u32), select(vec![0.0, 0.02, 0.3]), select(vec![0.0, 0.05]), any::<bool>()),
        balance in select(vec![Balance::ShareOfCapacity, Balance::Count, Balance::Off]),
        (served_first, unmatched_score, change_price, least_change) in (proptest::bool::weighted(0.7), select(vec![0.0, 0.5]), select(vec![0.0, 0.1]), any::<bool>()),
    ) -> Policy {
        let mut policy = Policy::default();
        policy.criteria.condition.unknown = condition;
        policy.criteria.condition.overlap.aggregate = aggregate;
        policy.criteria.issue.unknown = issue;
        policy.criteria.child_age.unknown = age;
        policy.criteria.geography.unknown = geography;
        policy.criteria.geography.reach = reach;
        policy.criteria.acquaintance.weight = acquaintance_weight;
        policy.requirements.common_ground = ground;
        policy.requirements.unknown_common_ground = unknown_ground;
        policy.requirements.condition = condition_least;
        policy.requirements.language = language;
        policy.requirements.known_pairs = known;
        policy.requirements.experience_years = experience_years;
        policy.requirements.minutes_in_common = minutes;
        policy.requirements.child_age_gap_years = gap;
        policy.requirements.must_haves = must_haves;
        policy.requirements.unknown_must_haves = unknown_must_haves;
        policy.requirements.minimum_score = minimum_score;
        policy.relaxations = match ladder {
            0 => Vec::new(),
            1 => vec![
                Relaxation { name: "farther".into(), price: 0.05, travel_factor: Some(2.0), ..Relaxation::default() },
                Relaxation { name: "no language".into(), price: 0.2, waive: vec!["language".into(), "preferences".into()], ..Relaxation::default() },
                Relaxation { name: "farthest".into(), price: 0.1, travel_factor: Some(4.0), waive: vec!["acquaintance".into()], unknown_common_ground: true, ..Relaxation::default() },
            ],
            _ => {
                let mut step = Relaxation { name: "all at once".into(), price: 0.15, ..Relaxation::default() };
                step.common_ground = (ground > 0.1).then_some(0.1);
                step.condition = (condition_least > 0.0).then_some(0.0);
                step.experience_years = (experience_years > 0.0).then_some(0.0);
                step.minutes_in_common = (minutes > 0).then_some(0);
                step.child_age_gap_years = gap.map(|years| years * 2.0);
                step.travel_factor = Some(1.5);
                vec![step]
            }
        };
        policy.priorities.waiting_days_per_level = waiting;
        policy.priorities.waiting_levels_at_most = levels;
        policy.loads.capacity_limit = limit;
        policy.loads.further_match_price = price;
        policy.loads.wished_minimum_bonus = bonus;
        policy.loads.supervisor_caseloads = supervised;
        policy.loads.balance = balance;
        policy.objective.served_first = served_first;
        policy.objective.unmatched_score = unmatched_score;
        policy.objective.change_price = change_price;
        policy.objective.least_change = least_change;
        policy
    }
}
