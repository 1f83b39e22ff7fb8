//! Rules of every kind on small problems, drawn at random, against the enumeration of every matching; results that were
//! tampered with must not pass.

use peermatch::assignment::rules::{
    Firmness, Method, Row, Rule, RuleOptions, RuleProblem, RuleProof, RuleSolution, RuleState, RuleStop,
    Sense, Variable, all_or_none, apart, hours, never_both, open_or_not, placed, quota, share, solve_rules,
    team, together,
};
use peermatch::assignment::{Backend, Control, Problem, Rungs, Supporter};
use proptest::prelude::*;

/// Numbers drawn by proptest, taken one after another; 0 when they are used up.
struct Dice(std::vec::IntoIter<u32>);

impl Dice {
    fn below(&mut self, sides: u32) -> u32 {
        self.0.next().unwrap_or(0) % sides
    }

    fn one_in(&mut self, sides: u32) -> bool {
        self.below(sides) == 1
    }

    fn sense(&mut self) -> Sense {
        [Sense::AtMost, Sense::AtLeast, Sense::Exactly][self.below(3) as usize]
    }
}

/// At most that many participants, supporters and rules.
type Size = (u32, u32, u32);

fn plain(dice: &mut Dice, size: Size) -> Problem {
    let participants = 1 + dice.below(size.0);
    let supporters = 1 + dice.below(size.1);
    let mut builder = Problem::builder(participants);
    let group = dice.one_in(3).then(|| {
        let (capacity, least) = (1 + dice.below(4), dice.one_in(5));
        let group = builder.group(capacity, None);
        if least {
            builder.group_minimum(group, 1);
        }
        group
    });
    for s in 0..supporters {
        let capacity = 1 + dice.below(4);
        let mut supporter = Supporter::new(capacity);
        if dice.one_in(8) {
            supporter = supporter.minimum(1 + dice.below(capacity));
        }
        if let Some(group) = group
            && s < 2
        {
            supporter = supporter.group(group);
        }
        if dice.one_in(3) {
            supporter = supporter.load_cost([-2, 1, 5]);
        }
        if dice.one_in(4) {
            supporter = supporter.balance_cost([0, 1, 2, 3]);
        }
        builder.supporter(supporter);
    }
    let mut pinned = vec![0; supporters as usize];
    for p in 0..participants {
        for s in 0..supporters {
            if !dice.one_in(5) {
                builder.pair(p, s, i64::from(dice.below(20)) - 4);
            }
        }
        builder.unmatched(p, if dice.one_in(3) { dice.below(4) } else { 0 }, i64::from(dice.below(30)));
        if dice.one_in(6) {
            builder.standing(p, dice.below(supporters));
        }
        if dice.one_in(8) && pinned.iter().sum::<i32>() == 0 {
            let supporter = dice.below(supporters);
            pinned[supporter as usize] += 1;
            builder.pin(p, supporter, 3);
        }
        if dice.one_in(6) {
            builder.places(p, 2 + dice.below(2));
        }
    }
    builder.build().unwrap()
}

fn any_variable(dice: &mut Dice, problem: &Problem, auxiliaries: u32) -> Option<Variable> {
    let participant = dice.below(problem.participants());
    match dice.below(6) {
        0 => Some(Variable::Unmatched(participant)),
        1 if auxiliaries > 0 => Some(Variable::Auxiliary(dice.below(auxiliaries))),
        _ => {
            let row: Vec<u32> = problem.row(participant).map(|pair| pair.0).collect();
            (!row.is_empty()).then(|| Variable::pair(participant, row[dice.below(row.len() as u32) as usize]))
        }
    }
}

fn any_rule(dice: &mut Dice, problem: &Problem, auxiliaries: u32, kind: u32) -> Rule {
    let people = problem.participants();
    let (p, q) = (dice.below(people), dice.below(people));
    let (s, t) = (dice.below(problem.supporters()), dice.below(problem.supporters()));
    let some = |dice: &mut Dice, count: u32| -> Vec<Variable> {
        (0..count).filter_map(|_| any_variable(dice, problem, auxiliaries)).collect()
    };
    match kind {
        0 => placed("placed", p),
        1 => hours(problem, "hours", &[s], i64::from(dice.below(9)), |p, s| i64::from(1 + (p * 2 + s) % 4)),
        2 => hours(problem, "hours of two", &[s, t], i64::from(dice.below(12)), |p, _| i64::from(1 + p % 3)),
        3 => {
            let (sense, count, number) = (dice.sense(), 1 + dice.below(6), dice.below(4));
            quota("quota", sense, number.into(), some(dice, count))
        }
        4 => {
            let (sense, half) = (dice.sense(), some(dice, 2));
            let whole: Vec<Variable> = half.iter().copied().chain(some(dice, 3)).collect();
            share("share", sense, (1, 2), half, whole)
        }
        5 => together(problem, "together", p, q),
        6 if p != q => apart(problem, "apart", p, q),
        7 if s != t => never_both(problem, "never both", [[p, q].as_slice(), &[(p + 1) % people]], [s, t]),
        8 if s != t => team(problem, "team", [[p, q].as_slice()], [s, t]),
        9 => all_or_none("all or none", &[p, q]),
        10 if auxiliaries > 0 => {
            let open = dice.below(auxiliaries);
            open_or_not(problem, "open or not", s, open, i64::from(1 + dice.below(3)), 4)
        }
        _ => {
            let rows = (0..=dice.below(2)).map(|_| {
                let (sense, count) = (dice.sense(), 1 + dice.below(5));
                let bound = i64::from(dice.below(8)) - 2;
                let terms = some(dice, count).into_iter();
                let weighed: Vec<(Variable, i64)> =
                    terms.map(|variable| (variable, i64::from(dice.below(7)) - 2)).collect();
                Row::new(sense, bound, weighed)
            });
            Rule::new("any row", rows.collect())
        }
    }
}

fn drawn(numbers: Vec<u32>, size: Size) -> RuleProblem {
    let mut dice = Dice(numbers.into_iter());
    let mut builder = RuleProblem::builder(plain(&mut dice, size));
    let auxiliaries = dice.below(3);
    for number in 0..auxiliaries {
        builder.auxiliary(format!("auxiliary {number}"), i64::from(dice.below(12)) - 3);
    }
    for _ in 0..=dice.below(size.2) {
        let kind = dice.below(13);
        let mut rule = any_rule(&mut dice, &builder.problem().clone(), auxiliaries, kind);
        if dice.one_in(3) {
            rule = rule.soft(dice.below(9).into());
        }
        builder.rule(rule);
    }
    builder.build().unwrap()
}

fn problems() -> impl Strategy<Value = RuleProblem> {
    prop::collection::vec(any::<u32>(), 0..160).prop_map(|numbers| drawn(numbers, (5, 3, 4)))
}

/// Too large to enumerate.
fn larger_problems() -> impl Strategy<Value = RuleProblem> {
    prop::collection::vec(any::<u32>(), 300..500).prop_map(|numbers| drawn(numbers, (16, 5, 14)))
}

/// By how much a row is missed, counted from what the rule says.
fn missed(row: &Row, problem: &Problem, lists: &[Vec<u32>], auxiliary: &[bool]) -> i64 {
    let times = |variable: &Variable| match *variable {
        Variable::Pair { participant, supporter } => {
            i64::from(lists[participant as usize].contains(&supporter))
        }
        Variable::Unmatched(participant) => {
            i64::from(problem.places(participant)) - lists[participant as usize].len() as i64
        }
        Variable::Auxiliary(number) => i64::from(auxiliary[number as usize]),
    };
    let sum: i64 = row.terms.iter().map(|term| term.1 * times(&term.0)).sum();
    match row.sense {
        Sense::AtMost => (sum - row.bound).max(0),
        Sense::AtLeast => (row.bound - sum).max(0),
        Sense::Exactly => (sum - row.bound).abs(),
    }
}

/// The best objective of all matchings that keep the firm rules.
fn brute_force(ruled: &RuleProblem) -> Option<Rungs> {
    let problem = ruled.problem();
    let mut best: Option<Rungs> = None;
    let settings = 1_u32 << ruled.auxiliaries().len();
    let mut open = vec![Vec::new()];
    while let Some(chosen) = open.pop() {
        let p = chosen.len() as u32;
        if p < problem.participants() {
            let row: Vec<u32> = problem.row(p).map(|pair| pair.0).collect();
            for set in 0..1_u32 << row.len() {
                let mut way: Vec<u32> =
                    (0..).zip(&row).filter(|s| set >> s.0 & 1 == 1).map(|s| *s.1).collect();
                if let Some((pin, _)) = problem.pin(p) {
                    if way.contains(&pin) {
                        continue;
                    }
                    way.push(pin);
                    way.sort_unstable();
                }
                if way.len() <= problem.places(p) as usize {
                    let mut more: Vec<Vec<u32>> = chosen.clone();
                    more.push(way);
                    open.push(more);
                }
            }
            continue;
        }
        let mut loads = vec![0; problem.supporters() as usize];
        let mut site = 0;
        for &s in chosen.iter().flatten() {
            loads[s as usize] += 1;
            site += u32::from(problem.group(s).is_some());
        }
        let fits =
            (0..).zip(&loads).all(|(s, &load)| (problem.minimum(s)..=problem.capacity(s)).contains(&load));
        let limits = |group| problem.group_minimum(group)..=problem.group_capacity(group);
        if !fits || problem.groups() > 0 && !limits(0).contains(&site) {
            continue;
        }
        for setting in 0..settings {
            let auxiliary: Vec<bool> =
                (0..ruled.auxiliaries().len()).map(|bit| setting >> bit & 1 == 1).collect();
            let mut objective = problem.objective(&chosen.clone().into()).unwrap();
            for (so, stated) in auxiliary.iter().zip(ruled.auxiliaries()) {
                objective.quality += if *so { i128::from(stated.cost) } else { 0 };
            }
            let mut holds = true;
            for rule in ruled.rules() {
                let by: i64 = rule.rows.iter().map(|row| missed(row, problem, &chosen, &auxiliary)).sum();
                match rule.firmness {
                    Firmness::Firm => holds &= by == 0,
                    Firmness::Soft { price } => objective.quality += i128::from(price * by),
                }
            }
            if holds && best.is_none_or(|best| objective < best) {
                best = Some(objective);
            }
        }
    }
    best
}

fn solved(ruled: &RuleProblem, method: Method) -> RuleSolution {
    solve_rules(ruled, &RuleOptions::new().method(method), &Control::new()).unwrap()
}

fn check(ruled: &RuleProblem, method: Method) -> Result<(), TestCaseError> {
    let solution = solved(ruled, method);
    let verification = solution.verify(ruled);
    prop_assert!(verification.is_valid(), "{verification}");
    prop_assert_eq!(solution.stop, RuleStop::Completed);
    let objective = solution.matching.as_ref().map(|matching| matching.objective);
    prop_assert_eq!(objective, brute_force(ruled));
    let state = if objective.is_some() { RuleState::Optimal } else { RuleState::Infeasible };
    prop_assert_eq!(solution.state, state);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn the_search_finds_the_best_of_all_matchings(ruled in problems()) {
        check(&ruled, Method::Search)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn the_full_model_and_the_rest_by_microlp_find_it_too(ruled in problems()) {
        check(&ruled, Method::FullModel(Backend::Microlp))?;
        check(&ruled, Method::Rest(Backend::Microlp))?;
    }

    #[test]
    fn on_larger_problems_the_search_agrees_with_the_full_model(ruled in larger_problems()) {
        let (ours, full) = (solved(&ruled, Method::Search), solved(&ruled, Method::FullModel(Backend::Microlp)));
        for solution in [&ours, &full] {
            let verification = solution.verify(&ruled);
            prop_assert!(verification.is_valid(), "{verification}");
        }
        let objective = |solution: &RuleSolution| solution.matching.as_ref().map(|matching| matching.objective);
        prop_assert_eq!(objective(&ours), objective(&full));
        prop_assert_eq!(ours.state, full.state);
    }

    #[cfg(feature = "highs")]
    #[test]
    fn the_full_model_and_the_rest_by_highs_find_it_too(ruled in problems()) {
        check(&ruled, Method::FullModel(Backend::Highs))?;
        check(&ruled, Method::Rest(Backend::Highs))?;
    }
}

#[cfg(not(feature = "highs"))]
#[test]
fn a_backend_that_is_not_there_is_an_error() {
    let mut builder = Problem::builder(1);
    builder.supporter(Supporter::new(1));
    builder.pair(0, 0, 1);
    let ruled = RuleProblem::builder(builder.build().unwrap()).build().unwrap();
    let options = RuleOptions::new().method(Method::FullModel(Backend::Highs));
    let error = solve_rules(&ruled, &options, &Control::new()).unwrap_err();
    assert!(error.is_solver() && error.to_string().contains("highs"), "{error}");
}

/// Supporters with hours, everyone dear to leave unmatched, one soft rule and one auxiliary variable.
fn sample() -> RuleProblem {
    let mut builder = Problem::builder(12);
    for s in 0..4 {
        builder.supporter(Supporter::new(5));
        for p in 0..12 {
            builder.pair(p, s, i64::from((p * 7 + s * 5 + p * s) % 11));
        }
    }
    builder.unmatched_costs(vec![40; 12]);
    let mut ruled = RuleProblem::builder(builder.build().unwrap());
    for s in 0..4 {
        let rule = hours(ruled.problem(), format!("hours of {s}"), &[s], 7, |p, _| i64::from(1 + p % 3));
        ruled.rule(rule);
    }
    let open = ruled.auxiliary("supporter 0 is open", 6);
    let rule = open_or_not(ruled.problem(), "supporter 0 takes none or two", 0, open, 2, 5);
    ruled.rule(rule);
    let first = (0..4).map(|s| Variable::pair(0, s));
    ruled.rule(quota("participant 0 rather not", Sense::AtMost, 0, first).soft(3));
    ruled.build().unwrap()
}

#[test]
fn results_say_which_rules_bind_and_what_soft_ones_cost() {
    let ruled = sample();
    let solution = solved(&ruled, Method::Search);
    assert!(solution.is_optimal() && solution.gap() == Some(0));
    let matching = solution.matching.as_ref().unwrap();
    assert_eq!(matching.rules.len(), 6);
    let soft = &matching.rules[5];
    assert_eq!(i64::try_from(soft.violation).unwrap(), soft.sums[0]);
    assert_eq!(soft.cost, 3 * i128::from(soft.violation));
    for (s, report) in matching.rules.iter().take(4).enumerate() {
        let used: i64 =
            (0..12).filter(|&p| matching.matches.of(p) == [s as u32]).map(|p| i64::from(1 + p % 3)).sum();
        assert_eq!((report.sums[0], report.binds), (used, used == 7));
    }
    assert_eq!(solution, solved(&ruled, Method::Search));
}

#[test]
fn results_that_were_tampered_with_do_not_pass() {
    let ruled = sample();
    let sound = solved(&ruled, Method::Search);
    assert!(sound.verify(&ruled).is_valid());
    every_number_counts(&ruled, &sound);
    let spoil = |change: &dyn Fn(&mut RuleSolution)| {
        let mut spoilt = sound.clone();
        change(&mut spoilt);
        assert!(!spoilt.verify(&ruled).is_valid(), "{spoilt:?}");
    };
    let lists: Vec<Vec<u32>> = sound.matching.as_ref().unwrap().matches.clone().into();
    for p in 0..12 {
        for list in [vec![], vec![0], vec![1], vec![2], vec![3], vec![4], vec![0, 1]] {
            if lists[p] != list {
                let mut other = lists.clone();
                other[p] = list;
                spoil(&|spoilt| spoilt.matching.as_mut().unwrap().matches = other.clone().into());
            }
        }
    }
    spoil(&|spoilt| spoilt.matching.as_mut().unwrap().matches = lists[1..].to_vec().into());
    spoil(&|spoilt| spoilt.matching.as_mut().unwrap().auxiliary[0] ^= true);
    spoil(&|spoilt| spoilt.matching.as_mut().unwrap().auxiliary.push(false));
    spoil(&|spoilt| spoilt.matching.as_mut().unwrap().objective.quality -= 1);
    spoil(&|spoilt| spoilt.matching.as_mut().unwrap().objective.balance += 1);
    spoil(&|spoilt| spoilt.matching.as_mut().unwrap().packed -= 1);
    spoil(&|spoilt| spoilt.matching.as_mut().unwrap().rules[2].sums[0] += 1);
    spoil(&|spoilt| spoilt.matching.as_mut().unwrap().rules[5].violation += 1);
    spoil(&|spoilt| spoilt.matching.as_mut().unwrap().rules[1].binds ^= true);
    spoil(&|spoilt| drop(spoilt.matching.as_mut().unwrap().rules.pop()));
    spoil(&|spoilt| spoilt.bound += 1);
    spoil(&|spoilt| spoilt.bound -= 1);
    spoil(&|spoilt| spoilt.scales.quality += 1);
    spoil(&|spoilt| spoilt.matching = None);
    for state in [RuleState::Feasible, RuleState::Infeasible, RuleState::Unknown] {
        spoil(&|spoilt| spoilt.state = state);
    }
}

#[test]
fn multipliers_prove_the_bound_and_wrong_ones_do_not() {
    // Nobody stands in another's way, so that the bound is met at the root.
    let mut builder = Problem::builder(6);
    for s in 0..3 {
        builder.supporter(Supporter::new(2));
        for p in 0..6 {
            builder.pair(p, s, i64::from(if p % 3 == s { 1 } else { 9 }));
        }
    }
    builder.unmatched_costs(vec![50; 6]);
    let mut ruled = RuleProblem::builder(builder.build().unwrap());
    let rule = hours(ruled.problem(), "hours", &[0], 4, |_, _| 2);
    ruled.rule(rule);
    let ruled = ruled.build().unwrap();
    let sound = solved(&ruled, Method::Search);
    assert_eq!(sound.proof, RuleProof::Multipliers);
    let verification = sound.verify(&ruled);
    assert!(verification.is_valid() && verification.bound_recomputed, "{verification}");
    every_number_counts(&ruled, &sound);
    let mut spoilt = sound.clone();
    spoilt.root.as_mut().unwrap().parts[0].participants.pop();
    assert!(!spoilt.verify(&ruled).is_valid());
    // Others that add up to the same are found by what they prove.
    let mut spoilt = sound.clone();
    let worth = &mut spoilt.root.as_mut().unwrap().parts[0].participants;
    (worth[0], worth[1]) = (worth[0] + 1_000_000, worth[1] - 1_000_000);
    assert!(!spoilt.verify(&ruled).is_valid());
}

/// Changes every number and every yes or no of a result, one at a time; statistics claim nothing.
fn every_number_counts(ruled: &RuleProblem, sound: &RuleSolution) {
    use serde_json::Value;
    let mut written = serde_json::to_value(sound).unwrap();
    written.as_object_mut().unwrap().remove("statistics");
    let mut places = Vec::new();
    let mut open = vec![(String::new(), &written)];
    while let Some((path, value)) = open.pop() {
        match value {
            Value::Number(_) | Value::Bool(_) => places.push(path),
            Value::Array(list) => {
                open.extend((0..).zip(list).map(|(at, v): (usize, _)| (format!("{path}/{at}"), v)));
            }
            Value::Object(map) => open.extend(map.iter().map(|(name, v)| (format!("{path}/{name}"), v))),
            Value::Null | Value::String(_) => {}
        }
    }
    assert!(places.len() > 30, "{places:?}");
    for place in places {
        for by in [-1, 1] {
            let mut changed = serde_json::to_value(sound).unwrap();
            let there = changed.pointer_mut(&place).unwrap();
            *there = match there.as_i64() {
                Some(number) => (number + by).into(),
                None => (!there.as_bool().unwrap()).into(),
            };
            // What cannot be read at all is found as well.
            if let Ok(spoilt) = serde_json::from_value::<RuleSolution>(changed) {
                assert!(!spoilt.verify(ruled).is_valid(), "{place} {by:+}");
            }
        }
    }
}

#[test]
fn a_stopped_solve_keeps_what_it_has() {
    let ruled = sample();
    let flag = std::sync::atomic::AtomicBool::new(true);
    let stopped = solve_rules(&ruled, &RuleOptions::new(), &Control::new().cancelled_by(&flag)).unwrap();
    let best = solved(&ruled, Method::Search);
    assert_ne!(stopped.stop, RuleStop::Completed);
    assert!(stopped.verify(&ruled).is_valid() && stopped.bound <= best.bound);
    let few = RuleOptions::new().node_limit(0);
    let stopped = solve_rules(&ruled, &few, &Control::new()).unwrap();
    assert!(stopped.verify(&ruled).is_valid() && stopped.bound <= best.bound);
    let timed = Control::new().time_limit(std::time::Duration::ZERO);
    let stopped = solve_rules(&ruled, &RuleOptions::new(), &timed).unwrap();
    assert!(stopped.verify(&ruled).is_valid() && stopped.stop == RuleStop::TimeLimit);
}

#[test]
fn what_is_not_there_is_named() {
    let mut builder = Problem::builder(2);
    builder.supporter(Supporter::new(1));
    builder.pair(0, 0, 1);
    let problem = builder.build().unwrap();
    for (variable, word) in [
        (Variable::pair(1, 0), "participant 1"),
        (Variable::pair(7, 0), "participant 7"),
        (Variable::Unmatched(2), "participant 2"),
        (Variable::Auxiliary(0), "auxiliary variable 0"),
    ] {
        let mut ruled = RuleProblem::builder(problem.clone());
        ruled.rule(quota("no more than one", Sense::AtMost, 1, [variable]));
        let error = ruled.build().unwrap_err();
        assert!(error.is_problem(), "{error}");
        assert!(
            error.to_string().contains(word) && error.to_string().contains("no more than one"),
            "{error}"
        );
    }
    let mut ruled = RuleProblem::builder(problem.clone());
    ruled.rule(placed("placed", 0).soft(-1));
    assert!(ruled.build().unwrap_err().is_problem());
    let mut ruled = RuleProblem::builder(problem.clone());
    let heavy = Row::new(Sense::AtMost, 1, [(Variable::Unmatched(0), i64::MAX)]);
    ruled.rule(Rule::new("heavy", vec![heavy]));
    assert!(ruled.build().unwrap_err().is_overflow());
    let mut ruled = RuleProblem::builder(problem);
    ruled.rule(quota("dear", Sense::AtMost, 0, [Variable::Unmatched(1)]).soft(1 << 55));
    let ruled = ruled.build().unwrap();
    assert!(solve_rules(&ruled, &RuleOptions::new(), &Control::new()).unwrap_err().is_overflow());
}
