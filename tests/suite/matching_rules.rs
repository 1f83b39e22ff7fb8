//! Rules about matches together: against brute force that counts them by itself, and what is said of them.

use std::collections::BTreeMap;

use peermatch::assignment::{Algorithm, AlgorithmUsed, Backend, Options};
use peermatch::compatibility::Compatibility;
use peermatch::matching::{Matching, Reason};
use peermatch::policy::rules::{Counted, Hours, Open, Per, Quota, Team, Together};
use peermatch::policy::{Backup, Rule, RuleKind};
use peermatch::program::{Participant, ProgramData, Supervisor, Supporter};
use peermatch::{Matcher, Policy, Program};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;

use crate::matching_oracle::{self, Cost, Market};
use crate::random_policy::{Rules, rules};
use crate::random_programme::programme;

/// What a rule may count, of pairs and people.
fn counted() -> impl Strategy<Value = Counted> {
    (
        option::weighted(0.3, any::<bool>()),
        option::weighted(0.3, any::<bool>()),
        option::weighted(0.3, select(vec![0.3, 0.6, 0.9])),
        option::weighted(0.3, select(vec![10.0, 200.0])),
        vec(0..5_usize, 0..4),
        vec(0..4_usize, 0..3),
    )
        .prop_map(|(remote, relaxed, score, km, people, helpers)| {
            let mut counted =
                Counted { remote, relaxed, score_below: score, beyond_km: km, ..Counted::default() };
            counted.participant.ids = people.into_iter().map(|p| format!("P{p}")).collect();
            counted.supporter.ids = helpers.into_iter().map(|s| format!("S{s}")).collect();
            counted
        })
}

fn kind() -> impl Strategy<Value = RuleKind> {
    let per = select(vec![Per::Programme, Per::Supporter, Per::Supervisor]);
    let bounds = (option::of(0..3_u32), option::of(0..3_u32));
    let share = select(vec![0.0, 0.2, 0.25, 0.5, 0.6, 1.0]);
    let shares = (option::weighted(0.4, share.clone()), option::weighted(0.3, share));
    let quota = (counted(), per, bounds, shares, counted()).prop_map(
        |(count, per, (most, least), (high, low), of)| {
            let has_share = high.is_some() || low.is_some();
            let at_most = if most.is_none() && least.is_none() && !has_share { Some(1) } else { most };
            RuleKind::Quota(Box::new(Quota {
                count,
                per,
                at_most: at_most.max(least.filter(|_| at_most.is_some())),
                at_least: least,
                at_most_share: high,
                at_least_share: low,
                of: if has_share { of } else { Counted::default() },
            }))
        },
    );
    let two = (0..5_usize, 1..5_usize).prop_map(|(p, by)| Together {
        participants: [p, (p + by) % 5].iter().map(|p| format!("P{p}").as_str().into()).collect(),
    });
    prop_oneof![
        3 => quota,
        1 => (select(vec![Per::Supporter, Per::Supervisor]), select(vec![0.5, 1.0]))
            .prop_map(|(per, hours_per_match)| RuleKind::Hours(Hours { per, hours_per_match })),
        1 => two.clone().prop_map(RuleKind::Together),
        1 => two.prop_map(RuleKind::Apart),
        1 => (1..4_u32, select(vec![0.0, 0.2])).prop_map(|(at_least, price)| {
            RuleKind::Open(Box::new(Open { at_least, price, ..Open::default() }))
        }),
    ]
}

/// Some rules, most of them soft, about people who may or may not be there.
fn some() -> impl Strategy<Value = Vec<Rule>> {
    vec((kind(), option::weighted(0.6, select(vec![0.0, 0.06, 0.3, 1.2]))), 1..4).prop_map(|rules| {
        (0..)
            .zip(rules)
            .map(|(number, (kind, price))| {
                let rule = Rule::new(format!("rule {number}"), kind);
                if let Some(price) = price { rule.soft(price) } else { rule }
            })
            .collect()
    })
}

/// Drops whom a rule names and the programme does not have.
fn about(program: &Program, rules: Vec<Rule>) -> Vec<Rule> {
    let there = |counted: &mut Counted| {
        counted.participant.ids.retain(|id| program.participant_index(id).is_some());
        counted.supporter.ids.retain(|id| program.supporter_index(id).is_some());
    };
    rules
        .into_iter()
        .filter_map(|mut rule| {
            match &mut rule.kind {
                RuleKind::Quota(quota) => {
                    there(&mut quota.count);
                    there(&mut quota.of);
                }
                RuleKind::Together(people) | RuleKind::Apart(people) => {
                    people.participants.retain(|id| program.participant_index(id.as_str()).is_some());
                    if people.participants.len() < 2 {
                        return None;
                    }
                }
                _ => {}
            }
            Some(rule)
        })
        .collect()
}

/// Everything a rule could count, counted by hand.
struct Counting<'a> {
    program: &'a Program,
    compatibility: &'a Compatibility,
    market: &'a Market,
}

impl Counting<'_> {
    fn is_counted(&self, counted: &Counted, p: usize, s: usize) -> bool {
        let (participant, supporter) = (&self.program.participants()[p], &self.program.supporters()[s]);
        let judged = self.compatibility.judge(self.program, p, s);
        let (remote, km) = judged.meeting().map_or((false, None), |(way, km)| (way.is_remote(), km));
        let names = |ids: &[String], id: &str| ids.is_empty() || ids.iter().any(|own| own == id);
        counted.remote.is_none_or(|wanted| wanted == remote)
            && counted.relaxed.is_none_or(|wanted| wanted != judged.relaxations().is_empty())
            && counted.score_below.is_none_or(|most| f64::from(judged.score) < most * 1e6)
            && counted.beyond_km.is_none_or(|least| km.is_some_and(|km| km > least))
            && names(&counted.participant.ids, participant.id.as_str())
            && names(&counted.supporter.ids, supporter.id.as_str())
    }

    /// The matches of each supporter, of each supervisor, or of all.
    fn parts(&self, per: Per, assignment: &[Option<usize>]) -> Vec<Vec<(usize, usize)>> {
        let all = || assignment.iter().enumerate().filter_map(|(p, s)| Some((p, (*s)?)));
        let supervised = |s: usize, v: usize| {
            self.program.supporters()[s].supervisor.as_ref() == Some(&self.program.supervisors()[v].id)
        };
        match per {
            Per::Programme => vec![all().collect()],
            Per::Supporter => (0..self.program.supporters().len())
                .map(|s| all().filter(|pair| pair.1 == s).collect())
                .collect(),
            Per::Supervisor => (0..self.program.supervisors().len())
                .map(|v| all().filter(|pair| supervised(pair.1, v)).collect())
                .collect(),
        }
    }

    /// By how much a rule is missed, in units of which so many cost its price. What is pinned counts up to a bound.
    fn missed(&self, rule: &Rule, assignment: &[Option<usize>]) -> (i128, i128) {
        let pinned = &self.market.pinned;
        let only_pinned: Vec<Option<usize>> = pinned.clone();
        match &rule.kind {
            RuleKind::Hours(hours) => {
                let minutes = |pairs: &[(usize, usize)]| -> i128 {
                    let of = |p: usize| {
                        self.program.participants()[p].hours_per_week.unwrap_or(hours.hours_per_match)
                    };
                    pairs.iter().map(|pair| (of(pair.0) * 60.0).round() as i128).sum()
                };
                let limits: Vec<Option<f64>> = match hours.per {
                    Per::Supervisor => {
                        self.program.supervisors().iter().map(|own| own.hours_per_week).collect()
                    }
                    _ => self.program.supporters().iter().map(|own| own.hours_per_week).collect(),
                };
                let (now, before) = (self.parts(hours.per, assignment), self.parts(hours.per, &only_pinned));
                let missed = limits.iter().zip(now.iter().zip(&before)).map(|(limit, (now, before))| {
                    let limit = limit.map_or(i128::MAX, |limit| (limit * 60.0).round() as i128);
                    (minutes(now) - limit.max(minutes(before))).max(0)
                });
                (missed.sum(), 60)
            }
            RuleKind::Quota(quota) => {
                let shares = [quota.at_most_share, quota.at_least_share];
                let unit = shares.iter().flatten().map(|share| denominator(*share)).fold(1, lcm);
                let count = |pairs: &[(usize, usize)], of: &[&Counted]| {
                    let counts =
                        |pair: &&(usize, usize)| of.iter().all(|of| self.is_counted(of, pair.0, pair.1));
                    pairs.iter().filter(counts).count() as i128
                };
                let (now, before) = (self.parts(quota.per, assignment), self.parts(quota.per, &only_pinned));
                let mut missed = 0;
                for (now, before) in now.iter().zip(&before) {
                    let (own, had) = (count(now, &[&quota.count]), count(before, &[&quota.count]));
                    missed += unit * quota.at_most.map_or(0, |most| (own - had.max(most.into())).max(0));
                    missed += unit * quota.at_least.map_or(0, |least| (i128::from(least) - own).max(0));
                    let (part, whole) = (count(now, &[&quota.count, &quota.of]), count(now, &[&quota.of]));
                    let of_whole = |share: f64| (share * 1000.0).round() as i128 * whole * unit / 1000;
                    missed += quota.at_most_share.map_or(0, |share| (part * unit - of_whole(share)).max(0));
                    missed += quota.at_least_share.map_or(0, |share| (of_whole(share) - part * unit).max(0));
                }
                (missed, unit)
            }
            RuleKind::Together(people) => {
                let two: Vec<Option<usize>> = people
                    .participants
                    .iter()
                    .map(|id| assignment[self.program.participant_index(id.as_str()).unwrap()])
                    .collect();
                let apart = if two[0] == two[1] { 0 } else { two.iter().flatten().count() as i128 };
                (apart, 1)
            }
            RuleKind::Apart(people) => {
                let two: Vec<Option<usize>> = people
                    .participants
                    .iter()
                    .map(|id| assignment[self.program.participant_index(id.as_str()).unwrap()])
                    .collect();
                let of = |id: &peermatch::program::ParticipantId| {
                    self.program.participant_index(id.as_str()).unwrap()
                };
                let all_pinned = people.participants.iter().all(|id| pinned[of(id)].is_some());
                (i128::from(two[0].is_some() && two[0] == two[1] && !all_pinned), 1)
            }
            RuleKind::Open(open) => {
                let parts = self.parts(Per::Supporter, assignment);
                let short = |pairs: &Vec<(usize, usize)>| {
                    if pairs.is_empty() {
                        0
                    } else {
                        (i128::from(open.at_least) - pairs.len() as i128).max(0)
                    }
                };
                (parts.iter().map(short).sum(), 1)
            }
            _ => unreachable!("not drawn"),
        }
    }

    /// Prices of missed soft rules and of open supporters, in millionths; `None` if a firm rule is missed.
    fn price(&self, rules: &[Rule], assignment: &[Option<usize>]) -> Option<i128> {
        let mut sum = 0;
        for rule in rules {
            let (missed, unit) = self.missed(rule, assignment);
            match rule.price {
                None if missed > 0 => return None,
                None => {}
                Some(price) => sum += (price * 1e6).round() as i128 / unit * missed,
            }
            if let RuleKind::Open(open) = &rule.kind {
                // Whoever is pinned to is open already.
                let pinned = self.parts(Per::Supporter, &self.market.pinned);
                let opened = self.parts(Per::Supporter, assignment);
                let new =
                    opened.iter().zip(&pinned).filter(|(now, before)| !now.is_empty() && before.is_empty());
                sum += new.count() as i128 * (open.price * 1e6).round() as i128;
            }
        }
        Some(sum)
    }
}

fn denominator(share: f64) -> i128 {
    let thousandths = (share * 1000.0).round() as i128;
    (1..=1000).find(|d| thousandths * d % 1000 == 0).unwrap()
}

fn lcm(a: i128, b: i128) -> i128 {
    (1..=b).map(|times| a * times).find(|multiple| multiple % b == 0).unwrap()
}

/// Every assignment of the free participants.
fn assignments(market: &Market) -> Vec<Vec<Option<usize>>> {
    let mut all = vec![Vec::new()];
    for (open, pinned) in market.open.iter().zip(&market.pinned) {
        let ways: Vec<Option<usize>> = match pinned {
            Some(s) => vec![Some(*s)],
            None => open.keys().map(|&s| Some(s)).chain([None]).collect(),
        };
        let extended = |way: &Option<usize>| {
            all.iter().map(|one: &Vec<_>| [&one[..], &[*way]].concat()).collect::<Vec<_>>()
        };
        all = ways.iter().flat_map(extended).collect();
    }
    all
}

fn found(program: &Program, matching: &Matching) -> Vec<Option<usize>> {
    let of = |person: &Participant| matching.of_participant(person.id.as_str());
    let supporter =
        |pair: &peermatch::matching::Match| program.supporter_index(pair.supporter.as_str()).unwrap();
    program.participants().iter().map(|person| of(person).map(supporter)).collect()
}

/// The cost of an assignment with the prices of rules in its quality.
fn cost(counting: &Counting<'_>, policy: &Policy, assignment: &[Option<usize>]) -> Option<Cost> {
    let mut cost = matching_oracle::cost(counting.program, policy, counting.market, assignment)?;
    cost.2[0] += counting.price(&policy.rules, assignment)?;
    Some(cost)
}

fn check(
    data: ProgramData,
    mut rules: Rules,
    some: Vec<Rule>,
    options: Options,
) -> Result<(), TestCaseError> {
    let program = Program::new(data).unwrap();
    rules.policy.objective.worst_off_first = false;
    let market =
        matching_oracle::market(&program, &rules, &rules.matcher(&program).compatibility().unwrap())?;
    rules.policy.rules = about(&program, some);
    let matcher = rules.matcher(&program).with_options(options);
    let compatibility = matcher.compatibility().unwrap();
    let counting = Counting { program: &program, compatibility: &compatibility, market: &market };
    let costs = assignments(&market).into_iter().filter_map(|one| cost(&counting, &rules.policy, &one));
    let best = costs.min();
    match (matcher.match_all(), best) {
        (Ok(matching), Some(best)) => {
            prop_assert!(matching.solution.optimal);
            let found = found(&program, &matching);
            prop_assert_eq!(
                cost(&counting, &rules.policy, &found),
                Some(best),
                "{}",
                rules.policy.to_toml().unwrap()
            );
            for (told, rule) in matching.rules.iter().zip(&rules.policy.rules) {
                let (missed, unit) = counting.missed(rule, &found);
                prop_assert_eq!(&told.name, &rule.name);
                let priced = rule.price.is_some_and(|price| price > 0.0);
                prop_assert!(!told.is_kept() || missed == 0, "{told}");
                prop_assert!(
                    told.is_kept() || missed > 0 || !program.history().standing.is_empty(),
                    "{told}"
                );
                prop_assert_eq!(told.price.map(peermatch::matching::Score::value), rule.price);
                let cost = rule.price.map_or(0, |price| (price * 1e6).round() as i128 / unit * missed);
                prop_assert!(!priced || i128::from(told.cost.micro()) == cost, "{told} but {cost}");
            }
            prop_assert_eq!(matching.rules.len(), rules.policy.rules.len());
        }
        (Err(error), None) => {
            let clash = error.rule_clash().expect("who clashes is named");
            prop_assert!(!clash.rules.is_empty() && clash.rules.len() <= rules.policy.rules.len(), "{error}");
            let offer = clash.offer.as_deref().expect("without some rules there is a matching");
            let kept: Vec<Rule> = rules
                .policy
                .rules
                .iter()
                .filter(|rule| !clash.dropped.contains(&rule.name))
                .cloned()
                .collect();
            prop_assert!(counting.price(&kept, &found(&program, offer)).is_some());
            for told in &offer.rules {
                prop_assert_eq!(told.dropped, clash.dropped.contains(&told.name));
            }
        }
        (Ok(_), None) => prop_assert!(false, "no assignment keeps the firm rules, and one was found"),
        (Err(error), Some(_)) => prop_assert!(false, "{error}\n{}", rules.policy.to_toml().unwrap()),
    }
    Ok(())
}

/// The hours that supporters and supervisors can give.
fn with_hours(mut data: ProgramData, hours: &[Option<f64>]) -> ProgramData {
    let mut given = hours.iter().cycle();
    let mut next = || given.next().copied().flatten();
    data.supporters.iter_mut().for_each(|own| own.hours_per_week = next());
    data.supervisors.iter_mut().for_each(|own| own.hours_per_week = next());
    data
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_matching_under_rules_equals_brute_force(
        data in programme(5, 4),
        rules in rules(),
        some in some(),
        hours in vec(option::of(select(vec![0.0, 0.5, 1.0, 2.5])), 5),
    ) {
        check(with_hours(data, &hours), rules, some, Options::new())?;
    }
}

proptest! {
    // The integer program is given small ones, always the same.
    #![proptest_config(ProptestConfig {
        cases: 40,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_full_model_says_the_same(data in programme(3, 3), rules in rules(), some in some()) {
        check(data, rules, some, Options::new().algorithm(Algorithm::Ilp(Backend::Microlp)))?;
    }
}

fn parent(id: &str) -> Participant {
    Participant { conditions: vec!["autism".into()], consent: true, ..Participant::new(id) }
}

pub(crate) fn helper(id: &str, capacity: u32) -> Supporter {
    Supporter { conditions: vec!["autism".into()], capacity: Some(capacity), ..Supporter::new(id) }
}

pub(crate) fn matcher(participants: u32, helpers: &[Supporter], policy: Policy) -> Matcher {
    let data = ProgramData {
        participants: (1..=participants).map(|p| parent(&format!("P-{p}"))).collect(),
        supporters: helpers.to_vec(),
        supervisors: vec![Supervisor { id: "V".into(), caseload: None, hours_per_week: Some(2.0) }],
        ..ProgramData::default()
    };
    Matcher::new(Program::new(data).unwrap(), policy, "2026-11-21".parse().unwrap()).unwrap()
}

pub(crate) fn under(rules: Vec<Rule>) -> Policy {
    Policy { rules, ..Policy::default() }
}

#[test]
fn a_policy_without_rules_never_leaves_the_flow() {
    let matching = matcher(2, &[helper("S", 2)], Policy::default()).match_all().unwrap();
    assert!(!matches!(matching.solution.algorithm, AlgorithmUsed::RuleSearch));
    assert!(matching.rules.is_empty());
    // Backups that come after everything else are a flow as well.
    let policy = Policy { backup: Some(Backup::default()), ..Policy::default() };
    let matching = matcher(2, &[helper("S", 2), helper("T", 2)], policy).match_all().unwrap();
    assert!(!matches!(matching.solution.algorithm, AlgorithmUsed::RuleSearch));
    for pair in &matching.pairs {
        let backup = matching.backup_of(pair.participant.as_str()).unwrap();
        assert_ne!(backup.supporter, pair.supporter);
    }
    assert!(matching.to_csv().unwrap().lines().next().unwrap().ends_with(",backup"));
}

#[test]
fn a_rule_is_never_ignored() {
    let rule = Rule::new("hours", RuleKind::Hours(Hours::default()));
    let matcher = matcher(2, &[helper("S", 2)], under(vec![rule]));
    let matching = matcher.match_all().unwrap();
    assert_eq!(matching.solution.algorithm, AlgorithmUsed::RuleSearch);
    assert!(matching.solution.because.contains("\"hours\""), "{}", matching.solution.because);
    let compatibility = matcher.compatibility().unwrap();
    let graph = compatibility.graph(matcher.program());
    assert!(matcher.problem(&compatibility, graph.clone()).unwrap_err().is_policy());
    assert!(
        matcher.solve_market(&matcher.market(&compatibility), &peermatch::matcher::Control::new()).is_err()
    );
    assert_eq!(matcher.ruled_problem(&compatibility, &graph).unwrap().rules()[0].name, "hours");
    for algorithm in [Algorithm::ShortestPaths, Algorithm::NetworkSimplex] {
        let asked = matcher.clone().with_options(Options::new().algorithm(algorithm));
        assert!(asked.match_all().unwrap_err().is_solver());
    }
}

#[test]
fn hours_of_supporters_and_supervisors_are_kept() {
    let mut own = helper("S", 5);
    own.hours_per_week = Some(3.0);
    own.supervisor = Some("V".into());
    let hours = |per| Rule::new("hours", RuleKind::Hours(Hours { per, hours_per_match: 1.0 }));
    let matched = |per| matcher(5, std::slice::from_ref(&own), under(vec![hours(per)])).match_all().unwrap();
    let by_supporter = matched(Per::Supporter);
    assert_eq!(by_supporter.totals.matched, 3);
    assert_eq!(by_supporter.rules[0].to_string(), "hours: kept, and it binds");
    assert_eq!(by_supporter.rules[0].parts[0].to_string(), "S: 3, at most 3");
    assert!(matches!(by_supporter.unmatched[0].reason, Reason::HeldBackByRules { eligible: 1 }));
    assert_eq!(matched(Per::Supervisor).totals.matched, 2);
}

#[test]
fn a_soft_rule_is_missed_where_that_is_worth_its_price() {
    let quota = Quota { at_most: Some(1), per: Per::Supporter, ..Quota::default() };
    let rule = |price| Rule::new("one each", RuleKind::Quota(Box::new(quota.clone()))).soft(price);
    let mut policy = under(vec![rule(0.1)]);
    policy.objective.served_first = false;
    let cheap = matcher(3, &[helper("S", 3)], policy.clone()).match_all().unwrap();
    assert_eq!(cheap.totals.matched, 3);
    assert_eq!(cheap.rules[0].to_string(), "one each: missed by 2 matches, at a price of 0.2 in score");
    policy.rules = vec![rule(5.0)];
    assert_eq!(matcher(3, &[helper("S", 3)], policy).match_all().unwrap().totals.matched, 1);
}

#[test]
fn three_rules_that_clash_are_named_and_the_best_without_one_is_offered() {
    let ids = |from: u32, to: u32| (from..=to).map(|p| format!("P-{p}")).collect::<Vec<_>>();
    let quota = |count: Vec<String>, at_least, at_most| {
        let mut counted = Counted::default();
        counted.participant.ids = count;
        RuleKind::Quota(Box::new(Quota { count: counted, at_least, at_most, ..Quota::default() }))
    };
    let rules = vec![
        Rule::new("supporters' hours", RuleKind::Hours(Hours::default())),
        Rule::new("many from the north", quota(ids(1, 200), Some(150), None)),
        Rule::new("no more than 300 in all", quota(Vec::new(), None, Some(300))),
        Rule::new("many from the south", quota(ids(201, 400), Some(160), None)),
        Rule::new("some from each end", quota(ids(150, 250), Some(10), None)),
    ];
    let helpers: Vec<Supporter> = (0..60).map(|s| helper(&format!("S-{s}"), 8)).collect();
    let error = matcher(400, &helpers, under(rules)).match_all().unwrap_err();
    assert!(error.is_infeasible());
    let clash = error.rule_clash().unwrap();
    assert_eq!(clash.rules, ["many from the north", "no more than 300 in all", "many from the south"]);
    assert!(clash.smallest && clash.fewest);
    assert_eq!(clash.dropped.len(), 1);
    let offer = clash.offer.as_ref().unwrap();
    // Without the limit all 400 are matched.
    assert_eq!((offer.totals.matched, clash.dropped[0].as_str()), (400, "no more than 300 in all"));
    assert!(
        offer.rules[2].dropped
            && offer.rules.iter().filter(|rule| !rule.dropped).all(peermatch::matching::RuleOutcome::is_kept)
    );
    for name in &clash.rules {
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(!error.to_string().contains("some from each end"), "{error}");
}

#[test]
fn a_team_and_two_who_never_meet_are_kept_with_backups() {
    let team = |ids: [&str; 2]| Team { supporters: ids.iter().map(|id| (*id).into()).collect() };
    let helpers = ["A", "B", "C"].map(|id| helper(id, 2));
    let mut policy = under(vec![Rule::new("a team", RuleKind::Team(team(["A", "B"])))]);
    policy.backup = Some(Backup { places: 3, ..Backup::default() });
    let both = |matching: &Matching| -> BTreeMap<String, [String; 2]> {
        let of = |pair: &peermatch::matching::Match| {
            let backup = matching.backup_of(pair.participant.as_str());
            let backup = backup.map_or_else(String::new, |backup| backup.supporter.to_string());
            (pair.participant.to_string(), [pair.supporter.to_string(), backup])
        };
        matching.pairs.iter().map(of).collect()
    };
    let matching = matcher(4, &helpers, policy.clone()).match_all().unwrap();
    assert_eq!(matching.totals.matched, 4);
    for own in both(&matching).values() {
        let has = |id: &str| own.iter().any(|own| own == id);
        assert_eq!(has("A"), has("B"), "{own:?}");
        assert!(own[0] != own[1]);
    }
    policy.rules = vec![Rule::new("never both", RuleKind::NeverBoth(team(["A", "B"])))];
    let matching = matcher(4, &helpers, policy).match_all().unwrap();
    for own in both(&matching).values() {
        assert!(own.iter().filter(|own| *own == "A" || *own == "B").count() < 2, "{own:?}");
    }
    assert_eq!(matching.backups.len(), 4);
}

#[test]
fn what_a_rule_names_has_to_be_there() {
    let mut counted = Counted::default();
    counted.supporter.ids = vec!["S-9".into()];
    let rules = vec![
        Rule::new(
            "x",
            RuleKind::Quota(Box::new(Quota { count: counted, at_most: Some(1), ..Quota::default() })),
        ),
        Rule::new("y", RuleKind::Apart(Together { participants: vec!["P-1".into(), "P-7".into()] })),
    ];
    let error = matcher(1, &[helper("S", 1)], under(rules)).match_all().unwrap_err();
    assert!(error.is_policy());
    for part in ["rules[1] (x).quota.count.supporter.ids = S-9", "rules[2] (y).apart.participants = P-7"] {
        assert!(error.to_string().contains(part), "{error}");
    }
}
