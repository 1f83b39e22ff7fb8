//! Settling a programme under rules: whatever made a part another is found, and nothing is claimed that was not proven.

use std::collections::BTreeMap;

use peermatch::assignment::Rungs;
use peermatch::assignment::rules::RuleOptions;
use peermatch::matcher::{Change, Control, LeftOut, Snapshot};
use peermatch::policy::rules::{Counted, Hours, Quota, Together};
use peermatch::policy::{Assessment, Balance, Criterion, Pair, Reach, Rule, RuleKind};
use peermatch::program::{Participant, ParticipantId, ProgramData, Supporter, SupporterId};
use peermatch::{Matcher, Policy, Program};

use crate::matcher_oracle::{Draw, World};
use crate::matcher_ruled_oracle::worlds;
use crate::random_programme::TODAY;

/// A supporter's attributes say how well each participant suits, by id; whoever is not named does not.
struct Suits;

impl Criterion for Suits {
    fn name(&self) -> &'static str {
        "suits"
    }

    fn assess(&self, pair: Pair<'_>) -> Assessment {
        let own = pair.supporter.attributes.get(pair.participant.id.as_str()).and_then(|all| all.first());
        own.map_or(Assessment::Veto("no".to_owned()), |score| Assessment::Score(score.parse().unwrap()))
    }
}

fn supporter(id: &str, capacity: u32, suits: &[(&str, &str)]) -> Supporter {
    let suits = suits.iter().map(|&(one, score)| (one.to_owned(), vec![score.to_owned()]));
    Supporter { capacity: Some(capacity), attributes: suits.collect(), ..Supporter::new(id) }
}

/// Nothing counts but that criterion, and changes cost nothing.
fn policy(rules: Vec<Rule>) -> Policy {
    let mut policy = World::new(0, false).policy();
    policy.criteria.custom.clear();
    policy.criteria.custom.entry("suits".to_owned()).or_default().weight = Some(10.0);
    policy.objective.change_price = 0.0;
    policy.objective.served_first = true;
    policy.rules = rules;
    policy
}

fn begun(people: &[&str], supporters: Vec<Supporter>, rules: Vec<Rule>) -> Matcher {
    let participants =
        people.iter().map(|&id| Participant { consent: true, ..Participant::new(id) }).collect();
    let data = ProgramData { participants, supporters, ..ProgramData::default() };
    let mut matcher =
        Matcher::new(Program::new(data).unwrap(), policy(rules), TODAY).unwrap().with_criterion(Suits);
    matcher.begin(TODAY, &Control::new()).unwrap();
    assert!(matcher.bound().unwrap().unwrap().exact);
    matcher
}

fn pairs(matcher: &Matcher) -> Vec<(String, String)> {
    let standing = &matcher.program().history().standing;
    let mut pairs: Vec<(String, String)> =
        standing.iter().map(|row| (row.participant.to_string(), row.supporter.to_string())).collect();
    pairs.sort();
    pairs
}

/// At once everybody has these; settled those, which is what a fresh matching finds.
fn at_once_then_settled(matcher: &mut Matcher, change: &Change, at_once: &str, settled: &str) {
    let told = |matcher: &Matcher| {
        let all = pairs(matcher).into_iter().map(|(one, other)| format!("{one}-{other}"));
        all.collect::<Vec<_>>().join(" ")
    };
    matcher.apply(change, TODAY).unwrap();
    assert_eq!(told(matcher), at_once, "at once, {change:?}");
    matcher.apply(&Change::Settle {}, TODAY).unwrap();
    assert_eq!(told(matcher), settled, "settled, {change:?}");
    let program = Program::new(matcher.program().to_data()).unwrap();
    let fresh = Matcher::new(program, matcher.policy().clone(), TODAY).unwrap().with_criterion(Suits);
    let fresh = fresh.match_all().unwrap().solution.cost;
    let kept = matcher.quality().unwrap().cost;
    assert_eq!((kept.served, kept.quality), (fresh.served, fresh.quality));
    assert!(matcher.bound().unwrap().unwrap().exact);
    assert_eq!(matcher.apply(&Change::Settle {}, TODAY).unwrap().reused.reopened, 0);
}

fn changes(supporter: Supporter) -> Change {
    Change::SupporterChanges { supporter: Box::new(supporter) }
}

fn quota(count: Counted, at_most: u32) -> Rule {
    let quota = Quota { count, at_most: Some(at_most), ..Quota::default() };
    Rule::new("quota", RuleKind::Quota(Box::new(quota)))
}

/// A rule that never binds.
fn slack() -> Rule {
    quota(Counted::default(), 100)
}

#[test]
fn more_hours_are_taken_up() {
    let one = || supporter("S1", 2, &[("P1", "0.9"), ("P2", "0.8")]);
    let with = |hours: f64| Supporter { hours_per_week: Some(hours), ..one() };
    let other = supporter("S2", 1, &[("P2", "0.3")]);
    let hours = Rule::new("hours", RuleKind::Hours(Hours::default()));
    let mut matcher = begun(&["P1", "P2"], vec![with(1.0), other], vec![hours]);
    at_once_then_settled(&mut matcher, &changes(with(2.0)), "P1-S1 P2-S2", "P1-S1 P2-S1");
}

#[test]
fn another_weight_is_taken_up() {
    let other = |score| supporter("S2", 1, &[("P1", score)]);
    let one = supporter("S1", 1, &[("P1", "0.5")]);
    let mut matcher = begun(&["P1"], vec![one, other("0.4")], vec![slack()]);
    at_once_then_settled(&mut matcher, &changes(other("0.9")), "P1-S1", "P1-S2");
}

/// Whoever takes more keeps those they have, until somebody settles.
#[test]
fn one_place_more_ends_no_match() {
    let one = |places| supporter("S1", places, &[("P1", "0.3"), ("P2", "0.9"), ("P3", "0.8")]);
    let other = supporter("S2", 1, &[("P2", "0.2")]);
    let third = supporter("S3", 1, &[("P3", "0.1")]);
    let mut matcher = begun(&["P1", "P2", "P3"], vec![one(1), other, third], vec![slack()]);
    assert_eq!(pairs(&matcher)[0], ("P1".to_owned(), "S1".to_owned()));
    let capacity = Change::SupporterCapacity { supporter: "S1".into(), capacity: Some(2) };
    let changed = matcher.apply(&capacity, TODAY).unwrap();
    assert!(changed.effects.is_empty(), "{:?}", changed.effects);
}

#[test]
fn one_place_more_is_taken_up() {
    let one = |places| supporter("S1", places, &[("P1", "0.9"), ("P2", "0.8")]);
    let other = supporter("S2", 1, &[("P2", "0.3")]);
    let mut matcher = begun(&["P1", "P2"], vec![one(1), other], vec![slack()]);
    let capacity = Change::SupporterCapacity { supporter: "S1".into(), capacity: Some(2) };
    at_once_then_settled(&mut matcher, &capacity, "P1-S1 P2-S2", "P1-S1 P2-S1");
}

/// What a rule counts is another, and no weight is.
#[test]
fn another_count_is_taken_up() {
    let one = |region: &str| {
        let mut one = supporter("S1", 2, &[("P1", "0.9"), ("P2", "0.8")]);
        one.place.region = Some(region.to_owned());
        one
    };
    let other = supporter("S2", 1, &[("P2", "0.3")]);
    // Somebody else is counted before and after.
    let mut third = supporter("S3", 1, &[("P1", "0.1")]);
    third.place.region = Some("north".to_owned());
    let mut count = Counted::default();
    count.supporter.regions = vec!["north".to_owned()];
    let mut matcher = begun(&["P1", "P2"], vec![one("north"), other, third], vec![quota(count, 1)]);
    at_once_then_settled(&mut matcher, &changes(one("south")), "P1-S1 P2-S2", "P1-S1 P2-S1");
}

/// Two regions have nothing in common but a quota; what one leaves of it the other takes.
#[test]
fn what_one_region_leaves_of_a_quota_another_takes() {
    let second = |score| supporter("S2", 1, &[("P1", score)]);
    let supporters = || {
        vec![
            supporter("S1", 1, &[("P1", "0.9")]),
            second("0.1"),
            supporter("S3", 1, &[("P2", "0.8")]),
            supporter("S4", 1, &[("P2", "0.3")]),
        ]
    };
    let mut count = Counted::default();
    count.supporter.ids = vec!["S1".to_owned(), "S3".to_owned()];
    let mut matcher = begun(&["P1", "P2"], supporters(), vec![quota(count.clone(), 1)]);
    at_once_then_settled(&mut matcher, &changes(second("0.95")), "P1-S1 P2-S4", "P1-S2 P2-S3");

    let mut matcher = begun(&["P1", "P2"], supporters(), vec![quota(count, 1)]);
    let bar = Change::Bar { participant: "P1".into(), supporter: "S1".into(), reason: None };
    at_once_then_settled(&mut matcher, &bar, "P1-S2 P2-S4", "P1-S2 P2-S3");
}

/// Another day, or another price of changes, is for everybody and exact at once.
#[test]
fn another_day_is_exact_at_once() {
    let mut seen = 0;
    for (world, under) in worlds(true, 60) {
        let mut matcher = under.living(&world);
        let day = Change::Day { as_of: TODAY.tomorrow().unwrap() };
        for reach in [None, Some(Reach::NobodyElse)] {
            let made = match reach {
                None => matcher.apply(&day, TODAY),
                Some(reach) => matcher.apply_within(&day, reach, TODAY),
            };
            let made = made.unwrap();
            assert!(made.bound.unwrap().exact);
            // Whoever waits since the same day as before is as urgent as before but for one day's waiting.
            assert_eq!(Some(&under.made(&world, &matcher)), under.whole(&world).last());
            matcher.undo();
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

fn ordered(rungs: &Rungs) -> [i128; 4] {
    [rungs.served, rungs.quality, rungs.change, rungs.balance]
}

/// Where sums do not fit, loads may be uneven, and nobody says that it was proven otherwise.
#[test]
fn what_a_proof_leaves_out_is_said() {
    let mut policy = Policy::default();
    policy.loads.further_match_price = 0.0;
    policy.loads.balance = Balance::Count;
    policy.objective.change_price = 0.0;
    policy.objective.least_change = false;
    let person = |one: usize| ParticipantId::from(format!("P{one}"));
    let participants = (0..18).map(|one| Participant {
        consent: true,
        conditions: vec!["autism".into()],
        ..Participant::new(person(one))
    });
    let supporters = [40, 45, 35].iter().enumerate().map(|(one, &capacity)| Supporter {
        conditions: vec!["autism".into()],
        capacity: Some(capacity),
        ..Supporter::new(format!("S{one}"))
    });
    let data = ProgramData {
        participants: participants.collect(),
        supporters: supporters.collect(),
        ..ProgramData::default()
    };
    let begin = |policy: &Policy| {
        let program = Program::new(data.clone()).unwrap();
        let mut matcher = Matcher::new(program, policy.clone(), TODAY).unwrap();
        matcher.begin(TODAY, &Control::new()).unwrap();
        matcher
    };
    let without = begin(&policy);
    for one in 0..6 {
        let two = Together { participants: vec![person(one), person(one + 10)] };
        policy.rules.push(Rule::new(format!("together {one}"), RuleKind::Together(two)));
    }
    let vast = Quota { at_most: Some(100_000_000), ..Quota::default() };
    policy.rules.push(Rule::new("vast", RuleKind::Quota(Box::new(vast))).soft(1.0));
    let mut matcher = begin(&policy);
    let mut seen = 0;
    for change in [None, Some(Change::ParticipantLeaves { participant: person(17) })] {
        if let Some(change) = &change {
            matcher.apply(change, TODAY).unwrap();
        }
        matcher.apply(&Change::Settle {}, TODAY).unwrap();
        let bound = matcher.bound().unwrap().unwrap();
        let best = ordered(&without.quality().unwrap().cost);
        let kept = ordered(&matcher.quality().unwrap().cost);
        assert!(bound.exact);
        // Six, six and six are within the rules: the pairs fit into any two of them.
        let even = if change.is_none() { best[3] } else { 6 * 6 + 6 * 6 + 5 * 5 };
        if kept[3] > even {
            seen += 1;
            assert_eq!(bound.left_out, LeftOut::Balance);
            assert!(bound.to_string().contains("but for how evenly"), "{bound}");
            assert!(!matcher.verify_kept().unwrap().proven_optimal);
            assert!(ordered(&bound.cost) <= [kept[0], kept[1], kept[2], even], "{bound:?}");
        }
    }
    assert!(seen > 0, "the case has gone; find another in which the sums do not fit");
}

/// However soon a search ends, an answer that there is already is not given up, and nothing becomes worse.
#[test]
fn a_limited_search_never_fails_where_there_is_an_answer() {
    let mut tried: BTreeMap<&str, u32> = BTreeMap::new();
    for seed in 0..6 {
        let mut draw = Draw(seed);
        let people: Vec<String> = (0..14).map(|one| format!("P{one}")).collect();
        let mut supporters = Vec::new();
        for other in 0..6 {
            let mut own = supporter(&format!("S{other}"), 3, &[]);
            for one in &people {
                if draw.below(3) > 0 {
                    own.attributes.insert(one.clone(), vec![format!("0.{}", 100 + draw.below(900))]);
                }
            }
            own.hours_per_week = Some(1.0 + draw.below(30) as f64 / 10.0);
            supporters.push(own);
        }
        let hours = Rule::new("hours", RuleKind::Hours(Hours { hours_per_match: 0.7, ..Hours::default() }));
        let mut rules = vec![hours];
        for one in 0..4_usize {
            let two =
                Together { participants: vec![people[one].as_str().into(), people[one + 5].as_str().into()] };
            rules.push(Rule::new(format!("together {one}"), RuleKind::Together(two)).soft(0.3));
        }
        let participants = people.iter().map(|id| Participant {
            consent: true,
            hours_per_week: Some(0.3 + draw.below(12) as f64 / 10.0),
            ..Participant::new(id.as_str())
        });
        let data = ProgramData { participants: participants.collect(), supporters, ..ProgramData::default() };
        let matcher = Matcher::new(Program::new(data).unwrap(), policy(rules), TODAY).unwrap();
        let mut begun = matcher.with_criterion(Suits);
        begun.begin(TODAY, &Control::new()).unwrap();
        for nodes in [0, 1, 3] {
            let mut matcher = begun.clone().with_rule_options(RuleOptions::new().node_limit(nodes));
            for one in pairs(&matcher).into_iter().take(6) {
                let (participant, supporter) = (one.0.as_str().into(), SupporterId::from(one.1.as_str()));
                let bar = Change::Bar { participant, supporter, reason: None };
                let reach = [Reach::AtMost { others: 2 }, Reach::NobodyElse][draw.below(2) as usize];
                let made = matcher.apply_within(&bar, reach, TODAY);
                assert!(made.is_ok(), "{reach:?}: {made:?}");
                let before = matcher.quality().unwrap().cost;
                let settled = matcher.apply(&Change::Settle {}, TODAY).unwrap();
                let after = matcher.quality().unwrap().cost;
                assert!(ordered(&after) <= ordered(&before), "{before:?} {after:?}");
                assert!(
                    matcher.verify_kept().unwrap().is_valid() && matcher.verify_rules().unwrap().is_valid()
                );
                *tried.entry(if settled.bound.unwrap().exact { "exact" } else { "bounded" }).or_default() +=
                    1;
            }
        }
    }
    assert!(tried.values().all(|&count| count > 5) && tried.len() == 2, "{tried:?}");
}

/// Whatever reads numbers as 64 bits, or as floating point, keeps a snapshot whole.
#[test]
fn a_snapshot_under_rules_goes_through_any_reader_of_json() {
    for (world, under) in worlds(false, 12) {
        let living = under.living(&world);
        let value = serde_json::to_value(living.snapshot().unwrap()).unwrap();
        let text = serde_json::to_string(&living.snapshot().unwrap()).unwrap();
        assert_eq!(serde_json::from_str::<serde_json::Value>(&text).unwrap(), value);
        let again =
            Matcher::restore(serde_json::from_value::<Snapshot>(value).unwrap(), world.criteria()).unwrap();
        assert_eq!(serde_json::to_string(&again.snapshot().unwrap()).unwrap(), text);
    }
}
