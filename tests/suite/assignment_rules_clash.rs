//! Rules that cannot hold together: the message names a smallest set, and dropping the fewest gives the best matching.

use peermatch::assignment::rules::{
    Row, Rule, RuleOptions, RuleProblem, RuleState, Sense, Variable, explain_clash, hours, placed, quota,
    solve_rules,
};
use peermatch::assignment::{Control, Problem, Supporter};
use proptest::prelude::*;

fn can_hold(ruled: &RuleProblem, keep: impl Fn(usize) -> bool) -> Option<i128> {
    let mut fewer = RuleProblem::builder(ruled.problem().clone());
    for (number, rule) in ruled.rules().iter().enumerate() {
        if keep(number) {
            fewer.rule(rule.clone());
        }
    }
    let solution = solve_rules(&fewer.build().unwrap(), &RuleOptions::new(), &Control::new()).unwrap();
    assert_ne!(solution.state, RuleState::Unknown);
    solution.matching.map(|matching| matching.objective.quality)
}

#[test]
fn three_rules_that_clash_in_a_programme_of_four_hundred_are_named() {
    let (participants, supporters) = (400, 80);
    let mut builder = Problem::builder(participants);
    for s in 0..supporters {
        builder.supporter(Supporter::new(6));
        for p in 0..participants {
            if (p * 13 + s * 29) % 7 < 3 {
                builder.pair(p, s, i64::from((p * 31 + s * 17 + p * s) % 101));
            }
        }
    }
    builder.unmatched_costs(vec![300; participants as usize]);
    let mut ruled = RuleProblem::builder(builder.build().unwrap());
    for s in 0..supporters {
        let rule = hours(ruled.problem(), format!("hours of {s}"), &[s], 14, |p, _| i64::from(1 + p % 3));
        ruled.rule(rule);
    }
    // Ten of the first thirty stay unmatched at most, fifteen in the first twenty at least... but for the third rule,
    // any two of these could hold.
    let unmatched = |range: std::ops::Range<u32>| range.map(Variable::Unmatched).collect::<Vec<_>>();
    ruled.rule(quota("at most ten of the first thirty unserved", Sense::AtMost, 10, unmatched(0..30)));
    ruled.rule(quota("at least six of the first fifteen unserved", Sense::AtLeast, 6, unmatched(0..15)));
    ruled.rule(quota("at least six of the next fifteen unserved", Sense::AtLeast, 6, unmatched(15..30)));
    ruled.rule(placed("the last one is placed", participants - 1));
    let ruled = ruled.build().unwrap();
    let solution = solve_rules(&ruled, &RuleOptions::new(), &Control::new()).unwrap();
    assert_eq!(solution.state, RuleState::Infeasible);
    let clash = explain_clash(&ruled, &RuleOptions::new(), &Control::new()).unwrap().unwrap();
    assert_eq!(clash.rules, [80, 81, 82]);
    assert!(clash.smallest && clash.fewest && clash.best_of_all);
    let without = clash.without.as_ref().unwrap();
    assert!(without.is_optimal());
    let message = clash.message(&ruled);
    assert!(
        message.contains("at most ten of the first thirty unserved") && !message.contains("hours"),
        "{message}"
    );
    assert_eq!(clash.dropped.len(), 1);
}

/// A few rows over four participants and two supporters.
fn few_rules() -> impl Strategy<Value = RuleProblem> {
    let term = (0_u32..4, 0_u32..3, -2_i64..4);
    let row = (prop::collection::vec(term, 1..5), 0_u32..3, -1_i64..5);
    prop::collection::vec(row, 1..7).prop_map(|rows| {
        let mut builder = Problem::builder(4);
        for s in 0..2 {
            builder.supporter(Supporter::new(2));
            for p in 0..4 {
                builder.pair(p, s, i64::from((p * 3 + s * 5) % 7));
            }
        }
        builder.unmatched_costs(vec![6; 4]);
        let mut ruled = RuleProblem::builder(builder.build().unwrap());
        for (number, (terms, sense, bound)) in rows.into_iter().enumerate() {
            let sense = [Sense::AtMost, Sense::AtLeast, Sense::Exactly][sense as usize];
            let terms = terms.into_iter().map(|(p, s, weight)| {
                (if s == 2 { Variable::Unmatched(p) } else { Variable::pair(p, s) }, weight)
            });
            ruled.rule(Rule::new(format!("rule {number}"), vec![Row::new(sense, bound, terms)]));
        }
        ruled.build().unwrap()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(100))]

    #[test]
    fn clashes_are_smallest_and_what_is_dropped_is_least(ruled in few_rules()) {
        let clash = explain_clash(&ruled, &RuleOptions::new(), &Control::new()).unwrap();
        let count = ruled.rules().len();
        let holding: Vec<(u32, Option<i128>)> =
            (0..1_u32 << count).map(|set| (set, can_hold(&ruled, |number| set >> number & 1 == 1))).collect();
        let Some(clash) = clash else {
            prop_assert!(holding[(1 << count) - 1].1.is_some());
            return Ok(());
        };
        let smallest = holding.iter().filter(|set| set.1.is_none()).map(|set| set.0.count_ones()).min().unwrap();
        prop_assert!(clash.smallest && clash.fewest && clash.best_of_all);
        prop_assert_eq!(clash.rules.len() as u32, smallest);
        prop_assert!(can_hold(&ruled, |number| clash.rules.contains(&(number as u32))).is_none());
        let most = holding.iter().filter(|set| set.1.is_some()).map(|set| set.0.count_ones()).max().unwrap();
        prop_assert_eq!((count - clash.dropped.len()) as u32, most);
        let best = holding.iter().filter(|set| set.0.count_ones() == most).filter_map(|set| set.1).min();
        let found = clash.without.as_ref().unwrap().matching.as_ref().map(|m| m.objective.quality);
        prop_assert_eq!(found, best);
    }
}

#[test]
fn rules_that_hold_do_not_clash() {
    let mut builder = Problem::builder(1);
    builder.supporter(Supporter::new(1));
    builder.pair(0, 0, 1);
    let mut ruled = RuleProblem::builder(builder.build().unwrap());
    ruled.rule(placed("placed", 0));
    let ruled = ruled.build().unwrap();
    assert_eq!(explain_clash(&ruled, &RuleOptions::new(), &Control::new()).unwrap(), None);
}
