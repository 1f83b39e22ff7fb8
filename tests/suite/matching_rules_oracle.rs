//! Whole programmes under rules of every kind against brute force that counts them by itself (`plain_rules`): the
//! matching, how its rules are said to stand, and where firm ones clash, the clash and the best way out.

use std::collections::BTreeMap;

use peermatch::assignment::{Algorithm, Backend, Options};
use peermatch::matching::{Matching, Score};
use peermatch::policy::rules::{Counted, Hours, Open, Per, Quota, Role, Team, Together};
use peermatch::policy::{Backup, Rule, RuleKind};
use peermatch::program::{Hold, ProgramData};
use peermatch::{Matcher, Policy, Program};
use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;

use crate::matching_oracle::{self, Cost};
use crate::plain_rules::{Counting, State, speaks_of_backups};
use crate::random_policy::{Rules, rules};
use crate::random_programme::programme;

fn ids(letter: char, most: usize) -> impl Strategy<Value = Vec<String>> {
    vec((0..5_usize).prop_map(move |own| format!("{letter}{own}")), 0..most)
}

/// What a rule may count, of pairs and people.
fn counted() -> impl Strategy<Value = Counted> {
    (
        select(vec![Role::Primary, Role::Primary, Role::Primary, Role::Backup, Role::Any]),
        option::weighted(0.3, any::<bool>()),
        option::weighted(0.3, any::<bool>()),
        (option::weighted(0.2, select(vec![0.3, 0.6, 0.9])), option::weighted(0.2, select(vec![0.2, 0.5]))),
        (option::weighted(0.2, select(vec![10.0, 200.0])), option::weighted(0.2, select(vec![25.0, 300.0]))),
        (ids('P', 4), ids('S', 3)),
    )
        .prop_map(|(role, remote, relaxed, score, km, people)| {
            let mut counted = Counted { role, remote, relaxed, ..Counted::default() };
            (counted.score_below, counted.score_from) = score;
            (counted.beyond_km, counted.within_km) = km;
            (counted.participant.ids, counted.supporter.ids) = people;
            counted
        })
}

fn quota() -> impl Strategy<Value = RuleKind> {
    let per = select(vec![Per::Programme, Per::Supporter, Per::Supervisor]);
    let bounds = (option::of(0..3_u32), option::of(1..3_u32));
    let share = select(vec![0.2, 0.25, 0.5, 0.6]);
    let shares = (option::weighted(0.4, prop_oneof![share.clone(), Just(0.0)]), option::weighted(0.3, share));
    (counted(), per, bounds, shares, counted()).prop_map(|(count, per, (most, least), (high, low), of)| {
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
    })
}

fn kind() -> impl Strategy<Value = RuleKind> {
    let some = |letter, most: usize| ids(letter, most + 1).prop_filter("two", |ids| ids.len() > 1);
    let people = || {
        some('P', 3)
            .prop_map(|ids| Together { participants: ids.iter().map(|id| id.as_str().into()).collect() })
    };
    let helpers = |most| {
        some('S', most).prop_map(|ids| Team { supporters: ids.iter().map(|id| id.as_str().into()).collect() })
    };
    let open = (1..4_u32, select(vec![0.0, 0.2]), ids('S', 3)).prop_map(|(at_least, price, ids)| {
        let mut open = Open { at_least, price, ..Open::default() };
        open.supporters.ids = ids;
        RuleKind::Open(Box::new(open))
    });
    prop_oneof![
        4 => quota(),
        1 => (select(vec![Per::Supporter, Per::Supervisor]), select(vec![0.5, 1.0]))
            .prop_map(|(per, hours_per_match)| RuleKind::Hours(Hours { per, hours_per_match })),
        3 => people().prop_map(RuleKind::Together),
        3 => people().prop_map(RuleKind::Apart),
        3 => helpers(3).prop_map(RuleKind::NeverBoth),
        3 => helpers(2).prop_map(RuleKind::Team),
        2 => open,
    ]
}

/// Some rules, firm and soft, about people who may or may not be there, and backups.
pub(crate) fn some() -> impl Strategy<Value = (Vec<Rule>, Option<Backup>)> {
    let rules = vec((kind(), option::weighted(0.45, select(vec![0.0, 0.06, 0.3, 1.2]))), 1..5);
    // Now and then one more that some firm quota cannot stand, for two or three to clash.
    let rules = (rules, any::<bool>(), counted()).prop_map(|(mut rules, opposed, other)| {
        if opposed {
            let quota = |at_least, at_most, count: Counted| {
                (RuleKind::Quota(Box::new(Quota { at_least, at_most, count, ..Quota::default() })), None)
            };
            rules.push(quota(Some(2), None, Counted::default()));
            rules.push(quota(None, Some(1), other));
        }
        (0..)
            .zip(rules)
            .map(|(number, (kind, price))| {
                let rule = Rule::new(format!("rule {number}"), kind);
                if let Some(price) = price { rule.soft(price) } else { rule }
            })
            .collect::<Vec<Rule>>()
    });
    let worth = option::weighted(0.4, select(vec![0.0, 0.3, 1.0]));
    let backup = (ids('P', 3), 1..3_u32, worth, option::weighted(0.3, any::<bool>()));
    let backup = option::weighted(0.5, backup).prop_map(|backup| {
        let (ids, places, worth, remote) = backup?;
        let mut backup = Backup { places, worth, ..Backup::default() };
        backup.participants.ids = ids;
        backup.requires.remote = remote;
        Some(backup)
    });
    (rules, backup)
}

/// The same number of people, those that are not there replaced by some that are; each once.
fn there(ids: &mut Vec<String>, letter: char, count: usize) {
    let mut numbers: Vec<usize> = ids.iter().map(|id| id[1..].parse::<usize>().unwrap() % count).collect();
    let mut seen = Vec::new();
    numbers.retain(|own| {
        !seen.contains(own) && {
            seen.push(*own);
            true
        }
    });
    *ids = numbers.into_iter().map(|own| format!("{letter}{own}")).collect();
}

/// Takes what is sound of the rules: a rule that says nothing, contradicts one before it or names nobody is a fault,
/// and other tests are about faults.
pub(crate) fn take_sound(rules: &mut Rules, program: &Program, (some, backup): (Vec<Rule>, Option<Backup>)) {
    let is_sound = |policy: &Policy| {
        Matcher::new(program.clone(), policy.clone(), crate::random_programme::TODAY)
            .and_then(|matcher| {
                let named = rules.custom.iter().cloned();
                named.fold(matcher, Matcher::with_criterion).compatibility()
            })
            .is_ok()
    };
    let mut policy = rules.policy.clone();
    policy.objective.worst_off_first = false;
    let people = |ids: &mut Vec<String>| there(ids, 'P', program.participants().len());
    let helpers = |ids: &mut Vec<String>| there(ids, 'S', program.supporters().len());
    // Mostly with somebody who stands by where a rule speaks of that.
    let speaks = some.iter().any(speaks_of_backups);
    policy.backup = backup.or_else(|| speaks.then(Backup::default)).map(|mut backup| {
        people(&mut backup.participants.ids);
        backup
    });
    for mut rule in some {
        match &mut rule.kind {
            RuleKind::Quota(quota) => {
                for counted in [&mut quota.count, &mut quota.of] {
                    people(&mut counted.participant.ids);
                    helpers(&mut counted.supporter.ids);
                }
            }
            RuleKind::Together(own) | RuleKind::Apart(own) => {
                let mut ids = own.participants.iter().map(ToString::to_string).collect();
                people(&mut ids);
                own.participants = ids.iter().map(|id| id.as_str().into()).collect();
            }
            RuleKind::Team(own) | RuleKind::NeverBoth(own) => {
                let mut ids = own.supporters.iter().map(ToString::to_string).collect();
                helpers(&mut ids);
                own.supporters = ids.iter().map(|id| id.as_str().into()).collect();
            }
            RuleKind::Open(open) => helpers(&mut open.supporters.ids),
            _ => {}
        }
        let mut with = policy.clone();
        with.rules.push(rule);
        if is_sound(&with) {
            policy = with;
        }
    }
    rules.policy = policy;
}

pub(crate) fn found(program: &Program, matching: &Matching, with_backups: bool) -> State {
    let supporter = |pair: &peermatch::matching::Match| program.supporter_index(pair.supporter.as_str());
    let of = |id: &str| {
        let backup = matching.backup_of(id).filter(|_| with_backups);
        [
            matching.of_participant(id).and_then(supporter),
            backup.and_then(|pair| program.supporter_index(pair.supporter.as_str())),
        ]
    };
    program.participants().iter().map(|person| of(person.id.as_str())).collect()
}

/// The cost of a matching, prices of these rules included.
pub(crate) fn cost<'r>(
    counting: &Counting<'_>,
    policy: &Policy,
    rules: impl Iterator<Item = &'r Rule>,
    state: &State,
) -> Option<Cost> {
    let mut cost = counting.plain_cost(policy, state)?;
    for rule in rules {
        cost.2[0] += counting.price(rule, state)?;
    }
    Some(cost)
}

/// The best cost without each set of the firm rules, by how many are left out: none where the others cannot hold.
fn without(counting: &Counting<'_>, policy: &Policy) -> Vec<(Vec<usize>, Option<Cost>)> {
    let states: Vec<(Cost, Vec<Option<i128>>)> = counting
        .states()
        .iter()
        .filter_map(|state| {
            let prices = policy.rules.iter().map(|rule| counting.price(rule, state)).collect();
            Some((counting.plain_cost(policy, state)?, prices))
        })
        .collect();
    let firm: Vec<usize> = (0..policy.rules.len()).filter(|&rule| policy.rules[rule].is_firm()).collect();
    let mut all: Vec<Vec<usize>> = (0..1_u32 << firm.len())
        .map(|set| (0..firm.len()).filter(|bit| set >> bit & 1 == 1).map(|bit| firm[bit]).collect())
        .collect();
    all.sort_by_key(Vec::len);
    all.into_iter()
        .map(|dropped| {
            let costs = states.iter().filter_map(|(plain, prices)| {
                let mut cost = plain.clone();
                for (_, price) in prices.iter().enumerate().filter(|(rule, _)| !dropped.contains(rule)) {
                    cost.2[0] += (*price)?;
                }
                Some(cost)
            });
            let best = costs.min();
            (dropped, best)
        })
        .collect()
}

fn check(
    data: ProgramData,
    mut rules: Rules,
    some: (Vec<Rule>, Option<Backup>),
    options: Options,
) -> Result<(), TestCaseError> {
    let program = Program::new(data).unwrap();
    take_sound(&mut rules, &program, some);
    let policy = &rules.policy;
    let told = policy.to_toml().unwrap();
    let matcher = rules.matcher(&program).with_options(options);
    let compatibility = matcher.compatibility().unwrap();
    let market = matching_oracle::market(&program, &rules, &compatibility)?;
    let counting = Counting::new(&program, &compatibility, &market, policy);
    let weighs_backups = counting.weighs_backups();
    prop_assert!(weighs_backups || !policy.rules.iter().any(speaks_of_backups));
    if policy.rules.is_empty() && !weighs_backups {
        return Ok(());
    }
    let ways = without(&counting, policy);
    match (matcher.match_all(), &ways[0].1) {
        (Ok(matching), Some(best)) => {
            prop_assert!(matching.solution.optimal);
            let found = found(&program, &matching, weighs_backups);
            let cost = cost(&counting, policy, policy.rules.iter(), &found);
            prop_assert_eq!(cost.as_ref(), Some(best), "{}", told);
            prop_assert_eq!(matching.rules.len(), policy.rules.len());
            check_told(&counting, policy, &matching, &found)?;
        }
        (Err(error), None) => {
            let clash = error.rule_clash().expect("who clashes is named");
            let offer = clash.offer.as_deref().expect("without some rules there is a matching");
            let fewest = ways.iter().find(|way| way.1.is_some()).unwrap().0.len();
            prop_assert!(clash.fewest && clash.dropped.len() == fewest, "{}\n{}", error, told);
            let best = ways.iter().filter(|way| way.0.len() == fewest).filter_map(|way| way.1.as_ref()).min();
            let kept = policy.rules.iter().filter(|rule| !clash.dropped.contains(&rule.name));
            let found = found(&program, offer, weighs_backups);
            let cost = cost(&counting, policy, kept, &found);
            prop_assert_eq!(cost.as_ref(), best, "{}\n{}", error, told);
            check_told(&counting, policy, offer, &found)?;
            check_clash(policy, &ways, &clash.rules, clash.smallest)?;
            for told in &offer.rules {
                prop_assert_eq!(told.dropped, clash.dropped.contains(&told.name));
            }
        }
        (Ok(_), None) => prop_assert!(false, "no matching keeps the firm rules, and one was found\n{told}"),
        (Err(error), Some(_)) => prop_assert!(false, "{error}\n{told}"),
    }
    Ok(())
}

/// The rules that are said to clash do, without any one of them they do not, and no fewer clash.
fn check_clash(
    policy: &Policy,
    ways: &[(Vec<usize>, Option<Cost>)],
    named: &[String],
    smallest: bool,
) -> Result<(), TestCaseError> {
    let firm = |rule: &usize| policy.rules[*rule].is_firm();
    // The rules that are left beside those that are dropped.
    let kept = |dropped: &[usize]| -> Vec<usize> {
        (0..policy.rules.len()).filter(firm).filter(|rule| !dropped.contains(rule)).collect()
    };
    let clashing: Vec<Vec<usize>> =
        ways.iter().filter(|way| way.1.is_none()).map(|way| kept(&way.0)).collect();
    let named: Vec<usize> =
        (0..policy.rules.len()).filter(|rule| named.contains(&policy.rules[*rule].name)).collect();
    prop_assert!(clashing.contains(&named), "{:?} do not clash", named);
    let within = clashing.iter().filter(|set| set.iter().all(|rule| named.contains(rule))).count();
    prop_assert_eq!(within, 1, "some of {:?} clash", named);
    let fewest = clashing.iter().map(Vec::len).min();
    prop_assert!(smallest && Some(named.len()) == fewest);
    Ok(())
}

/// What is said of each rule is what is counted by hand.
fn check_told(
    counting: &Counting<'_>,
    policy: &Policy,
    matching: &Matching,
    found: &State,
) -> Result<(), TestCaseError> {
    for (told, rule) in matching.rules.iter().zip(&policy.rules) {
        let missed = counting.missed(rule, found);
        prop_assert_eq!(&told.name, &rule.name);
        prop_assert_eq!(told.price.map(Score::value), rule.price);
        let by_hand = missed.with_pinned as f64 / missed.one as f64;
        prop_assert!((told.missed - by_hand).abs() < 1e-9, "{}: by hand {}", told, by_hand);
        prop_assert!(told.is_kept() || rule.price.is_some() || told.dropped || missed.units == 0, "{}", told);
        let cost = rule.price.map_or(0, |price| (price * 1e6).round() as i128 / missed.one * missed.units);
        // A price that is not 0 is never rounded away, so by hand it may be rounded to less.
        prop_assert!(i128::from(told.cost.micro()) == cost || cost == 0 && missed.units > 0, "{}", told);
        prop_assert!(!told.counts_nothing || !told.binds, "{}", told);
    }
    Ok(())
}

/// The hours that supporters and supervisors can give.
pub(crate) fn with_hours(mut data: ProgramData, hours: &[Option<f64>]) -> ProgramData {
    let mut given = hours.iter().cycle();
    let mut next = || given.next().copied().flatten();
    data.supporters.iter_mut().for_each(|own| own.hours_per_week = next());
    data.supervisors.iter_mut().for_each(|own| own.hours_per_week = next());
    data
}

pub(crate) fn hours() -> impl Strategy<Value = Vec<Option<f64>>> {
    vec(option::of(select(vec![0.0, 0.5, 1.0, 2.5])), 5)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_matching_under_rules_equals_brute_force(
        data in programme(4, 4),
        rules in rules(),
        some in some(),
        hours in hours(),
    ) {
        check(with_hours(data, &hours), rules, some, Options::new())?;
    }
}

proptest! {
    // The integer program is given small ones, always the same.
    #![proptest_config(ProptestConfig {
        cases: 60,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    #[test]
    fn the_full_model_says_the_same(data in programme(3, 3), rules in rules(), some in some(), hours in hours()) {
        check(with_hours(data, &hours), rules, some, Options::new().algorithm(Algorithm::Ilp(Backend::Microlp)))?;
    }

    #[cfg(feature = "highs")]
    #[test]
    fn the_full_model_by_highs_says_the_same(
        data in programme(3, 3),
        rules in rules(),
        some in some(),
        hours in hours(),
    ) {
        check(with_hours(data, &hours), rules, some, Options::new().algorithm(Algorithm::Ilp(Backend::Highs)))?;
    }
}

#[test]
fn the_draws_leave_nothing_out() {
    let mut runner = TestRunner::deterministic();
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for _ in 0..400 {
        let data = programme(4, 4).new_tree(&mut runner).unwrap().current();
        let mut rules = rules().new_tree(&mut runner).unwrap().current();
        let some = some().new_tree(&mut runner).unwrap().current();
        let program = Program::new(with_hours(data, &[Some(1.0), None, Some(0.5)])).unwrap();
        take_sound(&mut rules, &program, some);
        let matcher = rules.matcher(&program);
        let matching = matcher.match_all();
        let pins = program.history().standing.iter().any(|own| own.hold == Hold::Pinned);
        let mut see = |what: String| *seen.entry(what).or_default() += 1;
        let outcomes = match &matching {
            Ok(matching) => &matching.rules,
            Err(error) => {
                see(format!("clash of {}", error.rule_clash().unwrap().rules.len()));
                &error.rule_clash().unwrap().offer.as_ref().unwrap().rules
            }
        };
        for (rule, told) in rules.policy.rules.iter().zip(outcomes) {
            let kind = rule.kind.as_str();
            see(format!("{kind}, {}", if rule.is_firm() { "firm" } else { "soft" }));
            for (is_so, what) in [
                (pins, "with pins"),
                (told.binds, "binds"),
                (told.dropped, "given up"),
                (!told.is_kept(), "missed"),
                (told.counts_nothing, "counts nothing"),
            ] {
                if is_so {
                    see(format!("{kind}, {what}"));
                }
            }
        }
    }
    for kind in ["hours", "quota", "together", "apart", "never_both", "team", "open"] {
        for what in ["firm", "soft", "with pins", "binds"] {
            let count = seen.get(&format!("{kind}, {what}")).copied().unwrap_or_default();
            assert!(count >= 5, "{kind}, {what}: {count} in {seen:?}");
        }
    }
    for what in ["clash of 1", "clash of 2", "quota, given up", "open, missed", "quota, counts nothing"] {
        assert!(seen.contains_key(what), "{what} is not in {seen:?}");
    }
}
