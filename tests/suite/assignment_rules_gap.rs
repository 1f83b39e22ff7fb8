//! Generalised assignment problems from the literature, to their proven optima.

use std::fs;
use std::path::Path;

use peermatch::assignment::rules::{Method, RuleOptions, RuleProblem, RuleState, hours, placed, solve_rules};
use peermatch::assignment::{Backend, Control, Problem, Supporter};

fn fixtures() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/gap"))
}

fn read(name: &str, sign: i64) -> RuleProblem {
    let text = fs::read_to_string(fixtures().join(name)).unwrap();
    let numbers: Vec<i64> = text.split_whitespace().map(|word| word.parse().unwrap()).collect();
    let (m, n) = (numbers[0] as usize, numbers[1] as usize);
    let (values, rest) = numbers[2..].split_at(m * n);
    let (weights, capacities) = rest.split_at(m * n);
    let mut builder = Problem::builder(n as u32);
    for s in 0..m {
        builder.supporter(Supporter::new(n as u32));
        for p in 0..n {
            builder.pair(p as u32, s as u32, sign * values[s * n + p]);
        }
    }
    let mut ruled = RuleProblem::builder(builder.build().unwrap());
    for p in 0..n {
        ruled.rule(placed(format!("{p} is placed"), p as u32));
    }
    for (s, &capacity) in capacities.iter().enumerate() {
        let weight = |p: u32, _| weights[s * n + p as usize];
        let rule = hours(ruled.problem(), format!("hours of {s}"), &[s as u32], capacity, weight);
        ruled.rule(rule);
    }
    ruled.build().unwrap()
}

/// The file's optimum, minimising or maximising.
fn optimum(name: &str, sign: i64) -> i128 {
    let table = fs::read_to_string(fixtures().join("optima.csv")).unwrap();
    let line = table.lines().find(|line| line.split(',').next() == Some(name)).unwrap().to_owned();
    line.split(',').nth(if sign > 0 { 1 } else { 2 }).unwrap().parse().unwrap()
}

fn check(name: &str, sign: i64, method: Method) {
    let ruled = read(name, sign);
    let solution = solve_rules(&ruled, &RuleOptions::new().method(method), &Control::new()).unwrap();
    assert_eq!(solution.state, RuleState::Optimal, "{name}");
    assert_eq!(i128::from(sign) * solution.matching.as_ref().unwrap().objective.quality, optimum(name, sign));
    let verification = solution.verify(&ruled);
    assert!(verification.is_valid(), "{name}: {verification}");
}

#[test]
fn fixtures_are_solved_to_their_optima_both_ways() {
    for name in ["gap1-0", "gap1-4", "gap2-2", "gap3-0", "gap4-1", "gap5-4"] {
        check(name, 1, Method::Search);
        check(name, -1, Method::Search);
    }
}

#[test]
fn a_backend_proves_what_fixing_leaves() {
    check("gap1-0", 1, Method::Rest(Backend::Microlp));
    check("gap1-0", -1, Method::Rest(Backend::Microlp));
}
