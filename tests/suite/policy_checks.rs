//! What a policy may hold: each range at its ends and just outside them, and what contradicts itself.

use std::collections::BTreeMap;

use peermatch::policy::criteria::CustomSettings;
use peermatch::policy::{Assessment, Criterion, Pair, Relaxation, Unknown};
use peermatch::program::ProgramData;
use peermatch::{Matcher, Policy, Program};

use crate::random_programme::TODAY;

/// The lines of the message, without its head; none for a sound policy.
fn problems(policy: &Policy) -> Vec<String> {
    match policy.check() {
        Ok(()) => Vec::new(),
        Err(error) => {
            assert!(error.is_policy());
            error.to_string().lines().skip(1).map(|line| line.trim().to_owned()).collect()
        }
    }
}

/// A setting by name, how to set it, and the least and the most it may be.
type Range = (&'static str, fn(&mut Policy, f64), f64, f64);

/// A step that relaxes something, to be changed.
fn step(policy: &mut Policy) -> &mut Relaxation {
    policy.relaxations =
        vec![Relaxation { name: "x".into(), unknown_common_ground: true, ..Relaxation::default() }];
    &mut policy.relaxations[0]
}

const RANGES: [Range; 49] = [
    ("criteria.condition.weight", |p, v| p.criteria.condition.weight = v, 0.0, 1000.0),
    ("criteria.issue.weight", |p, v| p.criteria.issue.weight = v, 0.0, 1000.0),
    ("criteria.preferences.weight", |p, v| p.criteria.preferences.weight = v, 0.0, 1000.0),
    ("criteria.child_age.weight", |p, v| p.criteria.child_age.weight = v, 0.0, 1000.0),
    ("criteria.geography.weight", |p, v| p.criteria.geography.weight = v, 0.0, 1000.0),
    ("criteria.language.weight", |p, v| p.criteria.language.weight = v, 0.0, 1000.0),
    ("criteria.experience.weight", |p, v| p.criteria.experience.weight = v, 0.0, 1000.0),
    ("criteria.availability.weight", |p, v| p.criteria.availability.weight = v, 0.0, 1000.0),
    ("criteria.acquaintance.weight", |p, v| p.criteria.acquaintance.weight = v, 0.0, 1000.0),
    (
        "criteria.condition.unknown.counts_as",
        |p, v| p.criteria.condition.unknown = Unknown::CountsAs(v),
        0.0,
        1.0,
    ),
    ("criteria.issue.unknown.counts_as", |p, v| p.criteria.issue.unknown = Unknown::CountsAs(v), 0.0, 1.0),
    (
        "criteria.preferences.unknown.counts_as",
        |p, v| p.criteria.preferences.unknown = Unknown::CountsAs(v),
        0.0,
        1.0,
    ),
    (
        "criteria.child_age.unknown.counts_as",
        |p, v| p.criteria.child_age.unknown = Unknown::CountsAs(v),
        0.0,
        1.0,
    ),
    (
        "criteria.geography.unknown.counts_as",
        |p, v| p.criteria.geography.unknown = Unknown::CountsAs(v),
        0.0,
        1.0,
    ),
    (
        "criteria.language.unknown.counts_as",
        |p, v| p.criteria.language.unknown = Unknown::CountsAs(v),
        0.0,
        1.0,
    ),
    (
        "criteria.experience.unknown.counts_as",
        |p, v| p.criteria.experience.unknown = Unknown::CountsAs(v),
        0.0,
        1.0,
    ),
    (
        "criteria.availability.unknown.counts_as",
        |p, v| p.criteria.availability.unknown = Unknown::CountsAs(v),
        0.0,
        1.0,
    ),
    ("criteria.personal_factor_limit", |p, v| p.criteria.personal_factor_limit = v, 1.0, 1000.0),
    (
        "criteria.condition.overlap.later_code_factor",
        |p, v| p.criteria.condition.overlap.later_code_factor = v,
        0.01,
        1.0,
    ),
    (
        "criteria.issue.overlap.later_code_factor",
        |p, v| p.criteria.issue.overlap.later_code_factor = v,
        0.01,
        1.0,
    ),
    ("criteria.preferences.supporter_share", |p, v| p.criteria.preferences.supporter_share = v, 0.0, 1.0),
    ("criteria.child_age.older_free_years", |p, v| p.criteria.child_age.older_free_years = v, 0.0, 120.0),
    ("criteria.child_age.older_fade_years", |p, v| p.criteria.child_age.older_fade_years = v, 0.01, 1000.0),
    (
        "criteria.child_age.younger_fade_years",
        |p, v| p.criteria.child_age.younger_fade_years = v,
        0.01,
        1000.0,
    ),
    ("criteria.geography.decay_km", |p, v| p.criteria.geography.decay_km = v, 0.001, 40_000.0),
    (
        "criteria.geography.remote_decay_km",
        |p, v| p.criteria.geography.remote_decay_km = Some(v),
        0.001,
        40_000.0,
    ),
    (
        "criteria.geography.default_travel_km",
        |p, v| p.criteria.geography.default_travel_km = v,
        0.0,
        40_000.0,
    ),
    (
        "criteria.geography.later_modality_factor",
        |p, v| p.criteria.geography.later_modality_factor = v,
        0.0,
        1.0,
    ),
    (
        "criteria.language.later_language_factor",
        |p, v| p.criteria.language.later_language_factor = v,
        0.0,
        1.0,
    ),
    ("criteria.experience.full_lead_years", |p, v| p.criteria.experience.full_lead_years = v, 0.01, 100.0),
    ("criteria.availability.full_minutes", |p, v| p.criteria.availability.full_minutes = v, 1.0, 10_080.0),
    ("criteria.acquaintance.score_if_known", |p, v| p.criteria.acquaintance.score_if_known = v, 0.0, 1.0),
    ("requirements.common_ground", |p, v| p.requirements.common_ground = v, 0.0, 1.0),
    ("requirements.condition", |p, v| p.requirements.condition = v, 0.0, 1.0),
    ("requirements.issue", |p, v| p.requirements.issue = v, 0.0, 1.0),
    ("requirements.experience_years", |p, v| p.requirements.experience_years = v, 0.0, 100.0),
    ("requirements.child_age_gap_years", |p, v| p.requirements.child_age_gap_years = Some(v), 0.0, 120.0),
    ("requirements.minimum_score", |p, v| p.requirements.minimum_score = v, 0.0, 1.0),
    ("loads.further_match_price", |p, v| p.loads.further_match_price = v, 0.0, 1.0),
    ("loads.wished_minimum_bonus", |p, v| p.loads.wished_minimum_bonus = v, 0.0, 1.0),
    ("objective.unmatched_score", |p, v| p.objective.unmatched_score = v, 0.0, 1.0),
    ("objective.change_price", |p, v| p.objective.change_price = v, 0.0, 1.0),
    ("relaxations[1] (x).price", |p, v| step(p).price = v, 0.0, 1.0),
    ("relaxations[1] (x).common_ground", |p, v| step(p).common_ground = Some(v), 0.0, 1.0),
    ("relaxations[1] (x).condition", |p, v| step(p).condition = Some(v), 0.0, 1.0),
    ("relaxations[1] (x).issue", |p, v| step(p).issue = Some(v), 0.0, 1.0),
    ("relaxations[1] (x).experience_years", |p, v| step(p).experience_years = Some(v), 0.0, 100.0),
    ("relaxations[1] (x).child_age_gap_years", |p, v| step(p).child_age_gap_years = Some(v), 0.0, 120.0),
    ("relaxations[1] (x).travel_factor", |p, v| step(p).travel_factor = Some(v), 1.0, 1000.0),
];

#[test]
fn numbers_have_ranges() {
    for (field, set, least, most) in RANGES {
        let told = |value| {
            let mut policy = Policy::default();
            set(&mut policy, value);
            problems(&policy)
        };
        for value in [least, f64::midpoint(least, most), most] {
            assert_eq!(told(value), Vec::<String>::new(), "{field} = {value}");
        }
        for value in [least.next_down(), most.next_up(), -1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            let told = told(value);
            assert_eq!(told.len(), 1, "{field} = {value}: {told:?}");
            assert!(told[0].starts_with(&format!("{field} = ")), "{told:?} does not name {field}");
            assert!(told[0].contains(&format!("from {least} to {most}")), "{told:?}");
        }
    }
}

/// A setting that is a whole number.
type Count = (&'static str, fn(&mut Policy, u32), u32);

const COUNTS: [Count; 5] = [
    ("requirements.minutes_in_common", |p, v| p.requirements.minutes_in_common = v, 10_080),
    ("priorities.waiting_days_per_level", |p, v| p.priorities.waiting_days_per_level = v, 36_500),
    ("priorities.waiting_levels_at_most", |p, v| p.priorities.waiting_levels_at_most = v, 100),
    ("loads.default_capacity", |p, v| p.loads.default_capacity = v, 10_000),
    ("relaxations[1] (x).minutes_in_common", |p, v| step(p).minutes_in_common = Some(v), 10_080),
];

#[test]
fn whole_numbers_have_ranges() {
    for (field, set, most) in COUNTS {
        for (value, faults) in [(0, 0), (most, 0), (most + 1, 1), (u32::MAX, 1)] {
            let mut policy = Policy::default();
            set(&mut policy, value);
            let told = problems(&policy);
            assert_eq!(told.len(), faults, "{field} = {value}: {told:?}");
            assert!(told.iter().all(|line| line.starts_with(&format!("{field} = {value}: "))), "{told:?}");
        }
    }
}

#[test]
fn everything_wrong_is_told_at_once() {
    let mut policy = Policy::default();
    for (_, set, _, _) in &RANGES[..9] {
        set(&mut policy, -1.0);
    }
    policy.requirements.minimum_score = 2.0;
    assert_eq!(problems(&policy).len(), 10);
}

#[test]
fn host_criteria_have_settings_in_range_and_names_of_their_own() {
    let with = |name: &str, settings| {
        let mut policy = Policy::default();
        policy.criteria.custom = BTreeMap::from([(name.to_owned(), settings)]);
        problems(&policy)
    };
    let weight = |weight| CustomSettings { weight: Some(weight), ..CustomSettings::default() };
    let unknown = |score| CustomSettings { unknown: Unknown::CountsAs(score), ..CustomSettings::default() };
    for settings in [CustomSettings::default(), weight(0.0), weight(1000.0), unknown(0.0), unknown(1.0)] {
        assert_eq!(with("humour", settings), Vec::<String>::new());
    }
    for value in [-0.001, f64::NAN] {
        assert!(with("humour", weight(value))[0].starts_with("criteria.custom.humour.weight = "));
        assert!(with("humour", unknown(value))[0].starts_with("criteria.custom.humour.unknown.counts_as = "));
    }
    assert_eq!(with("humour", weight(1000.1)).len(), 1);
    assert_eq!(with("humour", unknown(1.1)).len(), 1);
    let told = with("child_age", CustomSettings::default());
    assert!(told.len() == 1 && told[0].contains("is the name of a built-in criterion"), "{told:?}");
}

fn ladder(steps: usize) -> Policy {
    let step = |index| Relaxation {
        name: format!("step {index}"),
        travel_factor: Some(2.0 + f64::from(index)),
        ..Relaxation::default()
    };
    Policy { relaxations: (0..steps as u32).map(step).collect(), ..Policy::default() }
}

#[test]
fn a_ladder_has_at_most_as_many_steps_as_a_word_has_bits() {
    for steps in [0, 1, 32] {
        assert_eq!(problems(&ladder(steps)), Vec::<String>::new());
    }
    for steps in [33, 34, 99] {
        let told = problems(&ladder(steps));
        assert_eq!(told, [format!("relaxations = {steps} steps: are too many; keep at most 32")]);
    }
}

#[test]
fn each_step_has_a_name_of_its_own_and_relaxes_something() {
    let mut policy = ladder(3);
    policy.relaxations[2].name = "step 0".into();
    let told = problems(&policy);
    assert!(told.len() == 1 && told[0].contains("is the name of an earlier step"), "{told:?}");
    policy.relaxations[2].name = "  ".into();
    let told = problems(&policy);
    assert!(told.len() == 1 && told[0].contains("has no name"), "{told:?}");
    policy = ladder(3);
    policy.relaxations[1].travel_factor = None;
    let told = problems(&policy);
    assert!(told.len() == 1 && told[0].contains("relaxes nothing"), "{told:?}");
}

#[test]
fn any_one_thing_makes_a_step() {
    let all: [fn(&mut Relaxation); 9] = [
        |step| step.travel_factor = Some(2.0),
        |step| step.common_ground = Some(0.0),
        |step| step.unknown_common_ground = true,
        |step| step.condition = Some(0.0),
        |step| step.issue = Some(0.0),
        |step| step.experience_years = Some(0.0),
        |step| step.minutes_in_common = Some(0),
        |step| step.child_age_gap_years = Some(0.0),
        |step| step.waive = vec!["language".into()],
    ];
    for set in all {
        let mut step = Relaxation { name: "x".into(), ..Relaxation::default() };
        set(&mut step);
        assert_eq!(problems(&Policy { relaxations: vec![step], ..Policy::default() }), Vec::<String>::new());
    }
}

#[test]
fn a_step_that_loosens_nothing_is_no_fault() {
    // In whatever order, and stricter than the requirement: such a step is never used.
    let mut policy = ladder(4);
    policy.relaxations.reverse();
    policy.relaxations[0].common_ground = Some(1.0);
    policy.requirements.common_ground = 0.0;
    assert_eq!(problems(&policy), Vec::<String>::new());
}

#[test]
fn what_can_be_waived() {
    let waive = |name: &str| {
        let mut policy = ladder(1);
        policy.relaxations[0].waive = vec![name.to_owned()];
        problems(&policy)
    };
    for name in ["language", "acquaintance", "preferences"] {
        assert_eq!(waive(name), Vec::<String>::new());
    }
    for name in ["condition", "issue", "child_age", "geography", "experience", "availability"] {
        let told = waive(name);
        assert!(told.len() == 1 && told[0].contains("cannot be waived"), "{name}: {told:?}");
    }
}

/// A criterion with nothing but a name and a weight.
struct Named(&'static str, f64);

impl Criterion for Named {
    fn name(&self) -> &str {
        self.0
    }

    fn default_weight(&self) -> f64 {
        self.1
    }

    fn assess(&self, _: Pair<'_>) -> Assessment {
        Assessment::Unknown
    }
}

#[test]
fn criteria_and_policy_fit_each_other() {
    let program = Program::new(ProgramData::default()).unwrap();
    let told = |policy: &Policy, criteria: &[(&'static str, f64)]| {
        let matcher = Matcher::new(program.clone(), policy.clone(), TODAY).unwrap();
        let named = criteria.iter().map(|&(name, weight)| Named(name, weight));
        let matcher = named.fold(matcher, Matcher::with_criterion);
        matcher.match_all().err().map(|error| error.to_string())
    };
    let plain = Policy::default();
    for sound in [&[("humour", 0.0), ("parking", 1000.0)][..], &[]] {
        assert_eq!(told(&plain, sound), None);
    }
    for (criteria, problem) in [
        (&[("humour", 1.0), ("humour", 2.0)][..], "the name is taken or empty"),
        (&[("language", 1.0)], "the name is taken or empty"),
        (&[("too_far", 1.0)], "the name is taken or empty"),
        (&[("", 1.0)], "the name is taken or empty"),
        (&[("humour", -0.1)], "is out of range"),
        (&[("humour", 1000.1)], "is out of range"),
        (&[("humour", f64::NAN)], "is out of range"),
    ] {
        let told = told(&plain, criteria).expect(problem);
        assert!(told.contains(problem), "{told}");
    }
    let mut settings = plain.clone();
    settings.criteria.custom = BTreeMap::from([("humour".to_owned(), CustomSettings::default())]);
    assert_eq!(told(&settings, &[("humour", 1.0)]), None);
    assert!(told(&settings, &[("parking", 1.0)]).unwrap().contains("criteria.custom.humour"));
    let mut waived = ladder(1);
    waived.relaxations[0].waive = vec!["humour".into()];
    assert_eq!(told(&waived, &[("humour", 1.0)]), None);
    assert!(told(&waived, &[]).unwrap().contains("waive = humour: there is no such criterion"));
}
