//! The baselines: always feasible, never better than the optimum, each with the property it is known for; and blocking
//! pairs by their definition.

use peermatch::assignment::{
    Algorithm, Assignment, Baseline, BlockingPair, Control, Fairness, Matches, Options, Problem, Proof,
    Supporter, Violation, blocking_pairs, solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, SupporterData, instances};

const ALL: [Baseline; 4] = [
    Baseline::FirstComeFirstServed,
    Baseline::BestPairFirst,
    Baseline::DeferredAcceptance,
    Baseline::Random { seed: 5 },
];

fn by(problem: &Problem, algorithm: Algorithm) -> Assignment {
    solve(problem, &Options::new().algorithm(algorithm), &Control::new()).expect("the problem is solvable")
}

fn chosen(assignment: &Assignment) -> Vec<Option<u32>> {
    (0..assignment.matches.participants() as u32)
        .map(|participant| assignment.supporter_of(participant))
        .collect()
}

/// The blocking pairs of a list of supporters.
fn blocking(problem: &Problem, supporters: &[Option<u32>]) -> Option<Vec<BlockingPair>> {
    blocking_pairs(problem, &supporters.iter().copied().collect())
}

fn matched_by(problem: &Problem, baseline: Baseline) -> Vec<Option<u32>> {
    chosen(&by(problem, Algorithm::Baseline(baseline)))
}

/// The nodes above a supporter, itself first: supporters by number, then groups.
fn path(instance: &Instance, supporter: usize) -> Vec<usize> {
    let count = instance.supporters.len();
    let mut nodes = vec![supporter];
    let mut group = instance.supporters[supporter].group;
    while let Some(g) = group {
        nodes.push(count + g as usize);
        group = instance.groups[g as usize].1;
    }
    nodes
}

/// Every blocking pair by the definition, each looked at by itself.
fn blocking_by_definition(instance: &Instance, chosen: &[Option<u32>]) -> Vec<BlockingPair> {
    let capacity = |node: usize| match instance.supporters.get(node) {
        Some(supporter) => supporter.capacity,
        None => instance.groups[node - instance.supporters.len()].0,
    };
    let below = |node: usize| {
        let passes = move |p: &usize| chosen[*p].is_some_and(|s| path(instance, s as usize).contains(&node));
        (0..chosen.len()).filter(passes).collect::<Vec<_>>()
    };
    let mut found = Vec::new();
    for (p, row) in instance.costs.iter().enumerate() {
        for (s, cost) in row.iter().enumerate() {
            let Some(cost) = *cost else { continue };
            let gains = match chosen[p] {
                Some(own) => instance.pins[p].is_none() && row[own as usize].is_some_and(|own| cost < own),
                None => instance.served_weights[p] > 0 || cost < instance.unmatched_costs[p],
            };
            let full = path(instance, s).into_iter().find(|&node| below(node).len() as u32 >= capacity(node));
            let taken = full.is_none_or(|node| {
                let gives_way = |&q: &usize| {
                    instance.pins[q].is_none()
                        && chosen[q].and_then(|s| instance.costs[q][s as usize]).is_some_and(|own| cost < own)
                };
                below(node).iter().any(gives_way)
            });
            if gains && taken {
                found.push(BlockingPair { participant: p as u32, supporter: s as u32 });
            }
        }
    }
    found
}

const SHAPE: Shape = Shape { participants: 12, supporters: 6, capacity: 3, cost: 8, density: 60, pins: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, max_shrink_iters: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn baselines_are_feasible_and_no_better_than_the_optimum(instance in instances(SHAPE)) {
        let problem = instance.build().unwrap();
        let best = by(&problem, Algorithm::Auto);
        for baseline in ALL {
            let found = by(&problem, Algorithm::Baseline(baseline));
            let check = found.verify(&problem);
            prop_assert!(check.is_valid() && !check.proven_optimal, "{baseline:?}: {check}");
            prop_assert_eq!(&found.proof, &Proof::Unproven);
            prop_assert!(found.bound <= best.packed && best.packed <= found.packed, "{baseline:?}");
            prop_assert_eq!(by(&problem, Algorithm::Baseline(baseline)), found);
        }
    }

    #[test]
    fn the_best_pair_first_gains_at_least_half(instance in instances(SHAPE)) {
        let problem = instance.build().unwrap();
        let nobody: Matches = instance.pins.iter().map(|pin| pin.map(|pin| pin.0)).collect();
        let start = problem.objective(&nobody).unwrap().packed(&problem.scales()).unwrap();
        let gained = start - by(&problem, Algorithm::Baseline(Baseline::BestPairFirst)).packed;
        let most = start - by(&problem, Algorithm::Auto).packed;
        prop_assert!(2 * gained >= most, "{gained} of {most}");
    }

    #[test]
    fn deferred_acceptance_leaves_no_blocking_pair(instance in instances(SHAPE)) {
        let problem = instance.build().unwrap();
        let found = matched_by(&problem, Baseline::DeferredAcceptance);
        prop_assert_eq!(blocking(&problem, &found), Some(Vec::new()));
    }

    #[test]
    fn deferred_acceptance_is_the_best_for_participants_of_all_that_are_stable(instance in instances(Shape {
        participants: 4, supporters: 3, capacity: 2, cost: 1000, density: 90, pins: true
    })) {
        let problem = instance.build().unwrap();
        let found = matched_by(&problem, Baseline::DeferredAcceptance);
        let price = |chosen: &[Option<u32>], p: usize| chosen[p].and_then(|s| instance.costs[p][s as usize]);
        let mut costs: Vec<i64> = instance.costs.iter().flatten().flatten().copied().collect();
        costs.sort_unstable();
        // With ties, be it with staying unmatched, there is no best one for everybody.
        prop_assume!(costs.windows(2).all(|two| two[0] < two[1]));
        let ties = |(row, alone): (&Vec<Option<i64>>, &i64)| row.contains(&Some(*alone));
        prop_assume!(!instance.costs.iter().zip(&instance.unmatched_costs).any(ties));
        let choices = instance.supporters.len() + 1;
        for code in 0..choices.pow(instance.costs.len() as u32) {
            let digit = |p: usize| code / choices.pow(p as u32) % choices;
            let other: Vec<Option<u32>> = (0..instance.costs.len())
                .map(|p| instance.pins[p].map(|pin| pin.0).or((digit(p) > 0).then(|| digit(p) as u32 - 1)))
                .collect();
            let fits = (0..instance.supporters.len() + instance.groups.len()).all(|node| {
                let passes = |s: &&Option<u32>| s.is_some_and(|s| path(&instance, s as usize).contains(&node));
                let most = match instance.supporters.get(node) {
                    Some(supporter) => supporter.capacity,
                    None => instance.groups[node - instance.supporters.len()].0,
                };
                other.iter().filter(passes).count() as u32 <= most
            });
            let takes = |p: usize| {
                let weight = instance.served_weights[p];
                instance.pins[p].is_some()
                    || price(&other, p).is_none_or(|cost| weight > 0 || cost <= instance.unmatched_costs[p])
            };
            let reasonable = fits && (0..other.len()).all(takes);
            if reasonable && blocking(&problem, &other) == Some(Vec::new()) {
                for p in (0..other.len()).filter(|&p| instance.pins[p].is_none()) {
                    if let Some(cost) = price(&other, p) {
                        prop_assert!(price(&found, p).is_some_and(|own| own <= cost), "{p}: {other:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn blocking_pairs_are_those_of_the_definition(instance in instances(SHAPE), seed in 0..u64::MAX) {
        let problem = instance.build().unwrap();
        for algorithm in [Algorithm::Auto, Algorithm::Baseline(Baseline::Random { seed })] {
            let found = by(&problem, algorithm);
            let expected = blocking_by_definition(&instance, &chosen(&found));
            prop_assert_eq!(blocking_pairs(&problem, &found.matches), Some(expected));
        }
    }
}

/// Unit capacities, everyone to be served, no groups.
fn plain(costs: &[&[i64]]) -> Instance {
    let people = costs.len();
    let supporter = SupporterData { capacity: 1, ..SupporterData::default() };
    Instance {
        served_weights: vec![1; people],
        unmatched_costs: vec![0; people],
        supporters: vec![supporter; costs[0].len()],
        groups: Vec::new(),
        costs: costs.iter().map(|row| row.iter().map(|&cost| Some(cost)).collect()).collect(),
        pins: vec![None; people],
        standing: vec![None; people],
        ..Instance::default()
    }
}

#[test]
fn each_baseline_does_what_its_name_says() {
    let problem = plain(&[&[4, 5, 9], &[1, 9, 9], &[9, 2, 9]]).build().unwrap();
    // The first takes 4; the second finds 9 at both others and takes the lower; the third is left with the last.
    assert_eq!(matched_by(&problem, Baseline::FirstComeFirstServed), [Some(0), Some(1), Some(2)]);
    // 1, then 2, then what is left.
    assert_eq!(matched_by(&problem, Baseline::BestPairFirst), [Some(2), Some(0), Some(1)]);
    // The first is rejected by supporters 0 and 1 in turn.
    assert_eq!(matched_by(&problem, Baseline::DeferredAcceptance), [Some(2), Some(0), Some(1)]);
    let first = matched_by(&problem, Baseline::FirstComeFirstServed);
    let pairs: Vec<(u32, u32)> =
        blocking(&problem, &first).unwrap().iter().map(|pair| (pair.participant, pair.supporter)).collect();
    assert_eq!(pairs, [(1, 0), (2, 1)]);
    assert_eq!(blocking(&problem, &first[1..]), None);
    assert_eq!(blocking(&problem, &[Some(0), Some(1), Some(7)]), None);
    let draws: std::collections::BTreeSet<_> =
        (0..60).map(|seed| matched_by(&problem, Baseline::Random { seed })).collect();
    assert_eq!(draws.len(), 6, "every one of the six comes up");
}

#[test]
fn a_group_keeps_the_best_of_all_its_supporters() {
    let mut instance = plain(&[&[5, 8], &[7, 3], &[6, 9]]);
    instance.groups = vec![(1, None)];
    for supporter in &mut instance.supporters {
        supporter.group = Some(0);
    }
    let problem = instance.build().unwrap();
    assert_eq!(matched_by(&problem, Baseline::DeferredAcceptance), [None, Some(1), None]);
    let found = blocking(&problem, &[Some(0), None, None]).unwrap();
    assert_eq!(found, [BlockingPair { participant: 1, supporter: 1 }]);
    // Nothing blocks a pin: it cannot be given up.
    instance.pins[0] = Some((0, 50));
    let problem = instance.build().unwrap();
    assert_eq!(matched_by(&problem, Baseline::DeferredAcceptance), [Some(0), None, None]);
    assert_eq!(blocking(&problem, &[Some(0), None, None]), Some(Vec::new()));
}

#[test]
fn load_costs_make_the_first_come_spread() {
    let mut instance = plain(&[&[1, 3], &[1, 3]]);
    for supporter in &mut instance.supporters {
        supporter.capacity = 2;
        supporter.load_cost = vec![0, 10];
    }
    let problem = instance.build().unwrap();
    for baseline in [Baseline::FirstComeFirstServed, Baseline::BestPairFirst] {
        assert_eq!(matched_by(&problem, baseline), [Some(0), Some(1)], "{baseline:?}");
    }
}

#[test]
fn a_price_beyond_the_last_place_overflows_nothing() {
    let large = 1 << 54;
    let mut instance = plain(&[&[large, 3], &[1, -large], &[2, 2]]);
    instance.unmatched_costs = vec![large; 3];
    for supporter in &mut instance.supporters {
        supporter.load_cost = vec![0, i64::MAX];
        supporter.balance_cost = vec![large, i64::MAX];
    }
    instance.pins[2] = Some((1, 5));
    let problem = instance.build().unwrap();
    for baseline in ALL {
        let check = by(&problem, Algorithm::Baseline(baseline)).verify(&problem);
        assert!(check.is_valid(), "{baseline:?}: {check}");
    }
}

#[test]
fn firm_minimums_are_missed_and_stated_several_places_refused_and_fairness_not_looked_at() {
    let mut builder = Problem::builder(2);
    let (near, far) = (builder.supporter(Supporter::new(2)), builder.supporter(Supporter::new(1).minimum(1)));
    for participant in 0..2 {
        builder.unmatched(participant, 0, 50).pair(participant, near, 1).pair(participant, far, 60);
    }
    let mut several = builder.clone();
    several.places(0, 2);
    let several = several.build().unwrap();
    let mut worst_off = builder.clone();
    worst_off.fairness(Fairness::WorstOffFirst);
    let problems = [builder.build().unwrap(), worst_off.build().unwrap()];
    for baseline in ALL {
        let options = Options::new().algorithm(Algorithm::Baseline(baseline));
        let error = solve(&several, &options, &Control::new()).unwrap_err();
        assert!(error.is_solver() && error.to_string().contains("one place"), "{error}");
        for problem in &problems {
            let found = solve(problem, &options, &Control::new()).unwrap();
            let shortfall = i128::from(found.loads(problem)[far as usize] == 0);
            assert_eq!(found.objective.required, shortfall);
            let violations = found.verify(problem).violations;
            assert_eq!(violations.len() as i128, shortfall, "{violations:?}");
            assert!(violations.iter().all(|violation| matches!(violation, Violation::BelowMinimum { .. })));
            assert!(found.bound <= by(problem, Algorithm::Auto).packed);
        }
    }
}
