//! Random policies with every setting at one of several values, and host criteria that say everything one may say.

use jiff::civil::Date;
use peermatch::policy::criteria::{Aggregate, CustomSettings, Overlap, Reach};
use peermatch::policy::{Assessment, Balance, BuiltIn, Criterion, KnownPairs, Pair, Relaxation, Unknown};
use peermatch::{Matcher, Policy, Program};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::random_programme::TODAY;

/// A criterion of a host program that answers by a table.
#[derive(Debug, Clone)]
pub(crate) struct TableCriterion {
    pub(crate) name: &'static str,
    pub(crate) default_weight: f64,
    answers: Vec<Assessment>,
}

impl TableCriterion {
    /// The answer for the two people with these ids (`P3`, `S1`).
    pub(crate) fn answer(&self, participant: &str, supporter: &str) -> Assessment {
        let number = |id: &str| id[1..].parse::<usize>().unwrap();
        self.answers[(3 * number(participant) + number(supporter)) % self.answers.len()].clone()
    }
}

impl Criterion for TableCriterion {
    fn name(&self) -> &str {
        self.name
    }

    fn default_weight(&self) -> f64 {
        self.default_weight
    }

    fn assess(&self, pair: Pair<'_>) -> Assessment {
        assert!(pair.as_of >= TODAY);
        self.answer(pair.participant.id.as_str(), pair.supporter.id.as_str())
    }
}

/// A sound policy and the host program's criteria that go with it.
#[derive(Debug, Clone)]
pub(crate) struct Rules {
    pub(crate) policy: Policy,
    pub(crate) custom: Vec<TableCriterion>,
    /// The day for which people are judged.
    pub(crate) day: Date,
}

impl Rules {
    pub(crate) fn matcher(&self, program: &Program) -> Matcher {
        let matcher = Matcher::new(program.clone(), self.policy.clone(), self.day).unwrap();
        self.custom.iter().fold(matcher, |matcher, own| matcher.with_criterion(own.clone()))
    }
}

fn answers() -> impl Strategy<Value = Vec<Assessment>> {
    let all = vec![
        Assessment::Score(0.25),
        Assessment::Score(1.0),
        Assessment::Score(0.123_456_7),
        Assessment::Score(-0.5),
        Assessment::Score(1.7),
        Assessment::Score(f64::INFINITY),
        Assessment::Score(f64::NAN),
        Assessment::Unknown,
        Assessment::NotAsked,
        Assessment::Veto("not these two".to_owned()),
    ];
    vec(select(all), 5..=11)
}

fn custom() -> impl Strategy<Value = Vec<TableCriterion>> {
    let one = |name| {
        option::of((answers(), select(vec![0.0, 10.0, 33.3]))).prop_map(move |own| {
            own.map(|(answers, default_weight)| TableCriterion { name, default_weight, answers })
        })
    };
    (one("humour"), one("parking")).prop_map(|(one, other)| one.into_iter().chain(other).collect())
}

fn unknown() -> impl Strategy<Value = Unknown> {
    let left_out = Unknown::LeftOut;
    select(vec![
        left_out,
        left_out,
        left_out,
        left_out,
        left_out,
        Unknown::CountsAs(0.4),
        Unknown::CountsAs(1.0),
        Unknown::CountsAs(0.0),
        Unknown::Vetoed,
    ])
}

fn overlap() -> impl Strategy<Value = Overlap> {
    (select(vec![Aggregate::Coverage, Aggregate::Symmetric, Aggregate::Jaccard]), select(vec![0.3, 0.7, 1.0]))
        .prop_map(|(aggregate, later_code_factor)| Overlap { aggregate, later_code_factor })
}

/// A step with some of everything, looser than the requirements and the steps before it or not.
fn step() -> impl Strategy<Value = Relaxation> {
    let rare = 0.3;
    (
        (select(vec![0.0, 0.05, 0.2, 1.0]), option::weighted(rare, select(vec![1.0, 1.5, 2.0, 4.0]))),
        (option::weighted(rare, select(vec![0.0, 0.1, 0.4])), proptest::bool::weighted(0.2)),
        (option::weighted(rare, select(vec![0.0, 0.1])), option::weighted(rare, select(vec![0.0, 0.15]))),
        (option::weighted(rare, select(vec![0.0, 0.5])), option::weighted(rare, select(vec![0, 20]))),
        option::weighted(rare, select(vec![2.0, 6.0, 10.0])),
        option::weighted(
            rare,
            subsequence(vec!["language", "acquaintance", "preferences", "humour", "parking"], 1..=3),
        ),
    )
        .prop_map(
            |((price, travel), (ground, unknown), (condition, issue), (years, minutes), gap, waive)| {
                Relaxation {
                    name: String::new(),
                    price,
                    travel_factor: travel,
                    common_ground: ground,
                    unknown_common_ground: unknown,
                    condition,
                    issue,
                    experience_years: years,
                    minutes_in_common: minutes,
                    child_age_gap_years: gap,
                    waive: waive.into_iter().flatten().map(String::from).collect(),
                }
            },
        )
}

/// Names the steps, and takes out of them the criteria that are not handed over and what then relaxes nothing.
fn sound_ladder(custom: &[TableCriterion], steps: impl Iterator<Item = Relaxation>) -> Vec<Relaxation> {
    let mut sound = Vec::new();
    for mut step in steps {
        step.waive.retain(|name| {
            ["language", "acquaintance", "preferences"].contains(&name.as_str())
                || custom.iter().any(|own| own.name == name)
        });
        if step != (Relaxation { price: step.price, ..Relaxation::default() }) {
            step.name = format!("step {}", sound.len());
            sound.push(step);
        }
    }
    sound
}

/// Makes the requirements hardly any, so that many pairs are left to choose from.
fn loosen(policy: &mut Policy) {
    let criteria = &mut policy.criteria;
    for unknown in [
        &mut criteria.condition.unknown,
        &mut criteria.issue.unknown,
        &mut criteria.preferences.unknown,
        &mut criteria.child_age.unknown,
        &mut criteria.geography.unknown,
        &mut criteria.language.unknown,
        &mut criteria.experience.unknown,
        &mut criteria.availability.unknown,
    ] {
        if *unknown == Unknown::Vetoed {
            *unknown = Unknown::LeftOut;
        }
    }
    let requirements = &mut policy.requirements;
    requirements.common_ground = 0.0;
    requirements.condition = 0.0;
    requirements.issue = 0.0;
    requirements.language = false;
    requirements.experience_years = 0.0;
    requirements.minutes_in_common = 0;
    requirements.minimum_score = 0.0;
    requirements.child_age_gap_years = None;
    requirements.must_haves = false;
}

prop_compose! {
    fn criteria()(
        weights in vec(select(vec![0.0, 0.001, 1.0, 5.0, 7.3, 25.0, 25.0, 1000.0]), BuiltIn::ALL.len()),
        unknowns in vec(unknown(), 8),
        (condition, issue, limit) in (overlap(), overlap(), select(vec![1.0, 2.5, 5.0])),
        (reach, decay, travel, later) in (
            select(vec![Reach::Either, Reach::Both, Reach::Sum]), select(vec![25.0, 8.0, 300.0]),
            select(vec![25.0, 0.0, 60.0]), select(vec![0.6, 0.0, 1.0, 0.35]),
        ),
        remote_decay in select(vec![None, None, Some(50.0), Some(8.0), Some(900.0)]),
        (older_free, older_fade, younger_fade) in (select(vec![4.0, 0.0]), select(vec![10.0, 3.0]), select(vec![6.0, 1.5])),
        (later_language, lead, minutes) in (select(vec![0.7, 0.0, 1.0]), select(vec![3.0, 0.5, 11.0]), select(vec![120.0, 1.0, 700.0])),
        (share, known_score) in (select(vec![0.5, 0.0, 1.0, 0.2]), select(vec![0.0, 0.35, 1.0])),
    ) -> Policy {
        let mut policy = Policy::default();
        let c = &mut policy.criteria;
        let mut own = weights.into_iter();
        for weight in [
            &mut c.condition.weight, &mut c.issue.weight, &mut c.preferences.weight, &mut c.child_age.weight,
            &mut c.geography.weight, &mut c.language.weight, &mut c.experience.weight, &mut c.availability.weight,
            &mut c.acquaintance.weight,
        ] {
            *weight = own.next().unwrap();
        }
        let mut own = unknowns.into_iter();
        for unknown in [
            &mut c.condition.unknown, &mut c.issue.unknown, &mut c.preferences.unknown, &mut c.child_age.unknown,
            &mut c.geography.unknown, &mut c.language.unknown, &mut c.experience.unknown, &mut c.availability.unknown,
        ] {
            *unknown = own.next().unwrap();
        }
        (c.condition.overlap, c.issue.overlap, c.personal_factor_limit) = (condition, issue, limit);
        (c.geography.reach, c.geography.decay_km) = (reach, decay);
        c.geography.remote_decay_km = remote_decay;
        (c.geography.default_travel_km, c.geography.later_modality_factor) = (travel, later);
        (c.child_age.older_free_years, c.child_age.older_fade_years) = (older_free, older_fade);
        c.child_age.younger_fade_years = younger_fade;
        (c.language.later_language_factor, c.experience.full_lead_years) = (later_language, lead);
        c.availability.full_minutes = minutes;
        (c.preferences.supporter_share, c.acquaintance.score_if_known) = (share, known_score);
        policy
    }
}

prop_compose! {
    /// A sound policy with every rule at one of several settings, and up to two criteria of the host program's.
    pub(crate) fn rules()(
        mut policy in criteria(),
        (custom, settings) in (custom(), vec(option::of((option::of(select(vec![0.0, 5.0, 60.0])), unknown())), 2)),
        loose in proptest::bool::weighted(0.6),
        (ground, unknown_ground, condition_least, issue_least, language) in (
            select(vec![0.0, 0.3, 0.5]), any::<bool>(), select(vec![0.0, 0.0, 0.2]), select(vec![0.0, 0.0, 0.3]), any::<bool>(),
        ),
        known in select(vec![KnownPairs::VetoedUnlessAccepted, KnownPairs::Vetoed, KnownPairs::Allowed]),
        (experience_years, minutes, gap) in (select(vec![0.0, 1.0]), select(vec![0, 30, 90]), option::of(select(vec![3.0, 8.0]))),
        (must_haves, unknown_must_haves, minimum_score) in (any::<bool>(), any::<bool>(), select(vec![0.0, 0.0, 0.35])),
        (steps, padding) in (vec(step(), 0..=4), proptest::bool::weighted(0.1)),
        (waiting, levels) in (select(vec![0, 30, 300]), 0..4_u32),
        (default_capacity, limit, price, bonus, supervised) in (
            select(vec![0, 1, 1, 2, 3]), option::weighted(0.2, 1..4_u32), select(vec![0.0, 0.02, 0.3]), select(vec![0.0, 0.05, 0.4]), any::<bool>(),
        ),
        balance in select(vec![Balance::ShareOfCapacity, Balance::Count, Balance::Off]),
        (served_first, unmatched_score, change_price, least_change) in (proptest::bool::weighted(0.7), select(vec![0.0, 0.5]), select(vec![0.0, 0.1]), any::<bool>()),
        worst_off_first in proptest::bool::weighted(0.25),
    ) -> Rules {
        for (own, settings) in custom.iter().zip(settings) {
            if let Some((weight, unknown)) = settings {
                policy.criteria.custom.insert(own.name.to_owned(), CustomSettings { weight, unknown });
            }
        }
        policy.requirements.common_ground = ground;
        policy.requirements.unknown_common_ground = unknown_ground;
        policy.requirements.condition = condition_least;
        policy.requirements.issue = issue_least;
        policy.requirements.language = language;
        policy.requirements.known_pairs = known;
        policy.requirements.experience_years = experience_years;
        policy.requirements.minutes_in_common = minutes;
        policy.requirements.child_age_gap_years = gap;
        policy.requirements.must_haves = must_haves;
        policy.requirements.unknown_must_haves = unknown_must_haves;
        policy.requirements.minimum_score = minimum_score;
        if loose {
            loosen(&mut policy);
        }
        // Now and then a ladder with as many steps as there may be, for the last ones to be used.
        let further = |index: u32| Relaxation {
            price: 0.01 * f64::from(index % 3),
            travel_factor: Some(1.0 + f64::from(index) / 100.0),
            ..Relaxation::default()
        };
        let padding = (1..if padding { 29 } else { 1 }).map(further);
        policy.relaxations = sound_ladder(&custom, padding.chain(steps));
        policy.priorities.waiting_days_per_level = waiting;
        policy.priorities.waiting_levels_at_most = levels;
        policy.loads.default_capacity = default_capacity;
        policy.loads.capacity_limit = limit;
        policy.loads.further_match_price = price;
        policy.loads.wished_minimum_bonus = bonus;
        policy.loads.supervisor_caseloads = supervised;
        policy.loads.balance = balance;
        policy.objective.served_first = served_first;
        policy.objective.unmatched_score = unmatched_score;
        policy.objective.change_price = change_price;
        policy.objective.least_change = least_change;
        policy.objective.worst_off_first = worst_off_first;
        Rules { policy, custom, day: TODAY }
    }
}
