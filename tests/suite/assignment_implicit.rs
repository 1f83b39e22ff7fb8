//! The implicit market against the same problem with all its pairs held.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use peermatch::assignment::{
    Algorithm, Backend, Baseline, Control, Fairness, ImplicitAssignment, Options, PairSource, Pairs, Problem,
    Progress, Proof, Stop, Supporter, TieBreak, solve, solve_implicit, verify_implicit,
};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, firm_instances, instances, several_places};

/// Pairs in a table, looked through from end to end.
#[derive(Debug, Clone)]
struct Table {
    costs: Vec<Vec<Option<i64>>>,
    range: (i64, i64),
}

impl Table {
    fn of(instance: &Instance) -> Self {
        let all = || instance.costs.iter().flatten().flatten().copied();
        let range = (all().min().unwrap_or(0), all().max().unwrap_or(0));
        Self { costs: instance.costs.clone(), range }
    }
}

impl PairSource for Table {
    fn cost_range(&self) -> (i64, i64) {
        self.range
    }

    fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        *self.costs.get(participant as usize)?.get(supporter as usize)?
    }

    fn cheapest(&self, prices: &[i64], limits: &[i64], most: usize) -> Pairs {
        let mut pairs = Pairs::new();
        for (row, &limit) in self.costs.iter().zip(limits) {
            let mut wanted: Vec<(i64, u32, i64)> = row
                .iter()
                .enumerate()
                .filter(|&(s, _)| prices[s] != Pairs::CLOSED)
                .filter_map(|(s, &cost)| cost.map(|cost| (cost + prices[s], s as u32, cost)))
                .filter(|&(sum, ..)| sum < limit)
                .collect();
            wanted.sort_unstable();
            wanted.truncate(most);
            pairs.scored += row.len() as u64;
            pairs.push_row(wanted.into_iter().map(|(_, supporter, cost)| (supporter, cost)));
        }
        pairs
    }
}

/// The same table through what a source does that only knows what a pair costs.
struct Plain<'a>(&'a Table);

impl PairSource for Plain<'_> {
    fn cost_range(&self) -> (i64, i64) {
        self.0.range
    }

    fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        self.0.cost(participant, supporter)
    }
}

/// The problem without its pairs.
fn bare(instance: &Instance) -> Problem {
    let mut bare = instance.clone();
    for row in &mut bare.costs {
        row.fill(None);
    }
    bare.build().unwrap()
}

fn implicit(instance: &Instance, options: &Options) -> (Problem, Table, ImplicitAssignment) {
    let (problem, table) = (bare(instance), Table::of(instance));
    let found = solve_implicit(&problem, &table, options, &Control::new()).unwrap();
    (problem, table, found)
}

fn agrees(instance: &Instance) -> Result<(), TestCaseError> {
    let explicit = instance.build().unwrap();
    let expected = solve(&explicit, &Options::new(), &Control::new()).unwrap();
    for tie_break in [TieBreak::FirstInOrder, TieBreak::Unspecified] {
        let (problem, table, found) = implicit(instance, &Options::new().tie_break(tie_break));
        prop_assert_eq!(found.assignment.objective, expected.objective);
        prop_assert!(found.assignment.is_optimal());
        let check = verify_implicit(&problem, &table, &found);
        prop_assert!(check.is_valid() && check.proven_optimal, "{check}");
        if tie_break == TieBreak::FirstInOrder {
            prop_assert_eq!(&found.assignment.matches, &expected.matches);
        }
        // The certificate is that of all pairs, up to the scales, which come from bounds.
        let (Proof::Potentials(of_held), Proof::Potentials(of_all)) =
            (&found.assignment.proof, &expected.proof)
        else {
            return Err(TestCaseError::fail("a flow proves by potentials"));
        };
        if of_held.scales == of_all.scales && tie_break == TieBreak::FirstInOrder {
            prop_assert_eq!(of_held, of_all);
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn complete_markets(instance in instances(Shape {
        participants: 60, supporters: 40, capacity: 3, cost: 1000, density: 100, pins: true
    })) {
        agrees(&instance)?;
    }

    #[test]
    fn scarce_markets(instance in instances(Shape {
        participants: 90, supporters: 30, capacity: 2, cost: 200, density: 90, pins: true
    })) {
        agrees(&instance)?;
    }

    #[test]
    fn markets_where_everything_ties(instance in instances(Shape {
        participants: 40, supporters: 40, capacity: 2, cost: 1, density: 80, pins: true
    })) {
        agrees(&instance)?;
    }

    #[test]
    fn sparse_markets(instance in instances(Shape {
        participants: 60, supporters: 60, capacity: 2, cost: 30, density: 20, pins: true
    })) {
        agrees(&instance)?;
    }

    #[test]
    fn stopping_leaves_a_feasible_assignment_and_a_bound_over_all_pairs(instance in instances(Shape {
        participants: 60, supporters: 40, capacity: 2, cost: 50, density: 90, pins: true
    })) {
        let (problem, table, best) = implicit(&instance, &Options::new());
        for looks in 0..40 {
            let seen = AtomicU64::new(0);
            let callback = |_: &_| {
                if seen.fetch_add(1, Ordering::Relaxed) == looks {
                    ControlFlow::Break(())
                } else {
                    ControlFlow::Continue(())
                }
            };
            let control = Control::new().on_progress(&callback);
            let found = solve_implicit(&problem, &table, &Options::new(), &control).unwrap();
            let check = verify_implicit(&problem, &table, &found);
            prop_assert!(check.is_valid(), "{check}");
            let (bound, packed) = (found.assignment.bound, found.assignment.packed);
            prop_assert!(bound <= best.assignment.packed && best.assignment.packed <= packed);
            if seen.load(Ordering::Relaxed) <= looks {
                prop_assert_eq!(found.assignment.stop, Stop::Completed);
                break;
            }
            prop_assert_eq!(found.assignment.stop, Stop::Cancelled);
        }
    }

    #[test]
    fn a_pair_that_was_missed_or_held_at_another_cost_is_reported(instance in instances(Shape {
        participants: 20, supporters: 20, capacity: 2, cost: 50, density: 100, pins: false
    })) {
        let (problem, table, found) = implicit(&instance, &Options::new());
        for participant in 0..instance.costs.len() {
            for supporter in 0..instance.supporters.len() {
                let held = found.problem.pair_cost(participant as u32, supporter as u32);
                let mut other = table.clone();
                let cost = &mut other.costs[participant][supporter];
                *cost = cost.map(|cost| cost - 1_000_000);
                other.range.0 -= 1_000_000;
                // The scales follow the range, so only the kinds that name this pair are looked for.
                let open = problem.capacity(supporter as u32) > 0;
                if held.is_some() || open && problem.group(supporter as u32).is_none() {
                    prop_assert!(!verify_implicit(&problem, &other, &found).is_valid());
                }
            }
        }
    }
}

/// A source with one fault.
struct Faulty(Table, fn(&mut Pairs));

impl PairSource for Faulty {
    fn cost_range(&self) -> (i64, i64) {
        self.0.range
    }

    fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        self.0.cost(participant, supporter)
    }

    fn cheapest(&self, prices: &[i64], limits: &[i64], most: usize) -> Pairs {
        let mut pairs = self.0.cheapest(prices, limits, most);
        (self.1)(&mut pairs);
        pairs
    }
}

#[test]
fn a_faulty_source_is_an_error() {
    let mut builder = Problem::builder(1);
    builder.supporter(Supporter::new(1));
    builder.unmatched(0, 1, 5);
    let problem = builder.build().unwrap();
    let table = || Table { costs: vec![vec![Some(3)]], range: (0, 9) };
    let faults: [fn(&mut Pairs); 5] = [
        |pairs| pairs.costs[0] = 10,
        |pairs| pairs.supporters[0] = 1,
        |pairs| pairs.offsets.push(1),
        |pairs| pairs.offsets[0] = 1,
        |pairs| pairs.costs.clear(),
    ];
    for fault in faults {
        let found = solve_implicit(&problem, &Faulty(table(), fault), &Options::new(), &Control::new());
        assert!(found.unwrap_err().is_problem());
    }
    let wide = Table { range: (i64::MIN, 0), ..table() };
    assert!(solve_implicit(&problem, &wide, &Options::new(), &Control::new()).unwrap_err().is_problem());
    let ilp = Options::new().algorithm(Algorithm::Ilp(Backend::Microlp));
    assert!(solve_implicit(&problem, &table(), &ilp, &Control::new()).unwrap_err().is_solver());
}

/// The same objective as with all pairs held, or an error of the same kind.
fn agrees_or_clashes(instance: &Instance) -> Result<(), TestCaseError> {
    let explicit = instance.build().unwrap();
    let (problem, table) = (bare(instance), Table::of(instance));
    let expected = solve(&explicit, &Options::new(), &Control::new());
    for tie_break in [TieBreak::FirstInOrder, TieBreak::Unspecified] {
        let options = Options::new().tie_break(tie_break);
        match (&expected, solve_implicit(&problem, &table, &options, &Control::new())) {
            (Ok(expected), Ok(found)) => {
                prop_assert_eq!(found.assignment.objective, expected.objective);
                if tie_break == TieBreak::FirstInOrder {
                    prop_assert_eq!(&found.assignment.matches, &expected.matches);
                }
                let check = verify_implicit(&problem, &table, &found);
                prop_assert!(check.is_valid() && check.proven_optimal, "{check}");
            }
            (Err(expected), Err(error)) => {
                prop_assert!(expected.is_infeasible() && error.is_infeasible(), "{expected}; {error}");
                let violator = error.hall_violator().expect("who clashes is named");
                prop_assert!(violator.check(&explicit), "{violator}");
            }
            (expected, found) => prop_assert!(false, "{expected:?} but {found:?}"),
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 60, max_shrink_iters: 500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn several_places_are_filled_from_all_pairs(instance in several_places(Shape {
        participants: 25, supporters: 30, capacity: 3, cost: 40, density: 90, pins: true
    })) {
        agrees_or_clashes(&instance)?;
    }

    #[test]
    fn firm_minimums_are_met_from_all_pairs_or_clash_over_all(instance in firm_instances(Shape {
        participants: 30, supporters: 40, capacity: 2, cost: 40, density: 60, pins: true
    })) {
        agrees_or_clashes(&instance)?;
    }
}

#[test]
fn a_minimum_that_only_a_dear_pair_can_meet_is_met() {
    // Nine cheap supporters are held first; the tenth must have somebody.
    let mut builder = Problem::builder(2);
    for supporter in 0..10 {
        builder.supporter(Supporter::new(2).minimum(u32::from(supporter == 9)));
    }
    let problem = builder.build().unwrap();
    let row: Vec<_> = (0..10).map(|supporter| Some(if supporter == 9 { 90 } else { -5 })).collect();
    let table = Table { costs: vec![row.clone(), row], range: (-5, 90) };
    let found = solve_implicit(&problem, &table, &Options::new(), &Control::new()).unwrap();
    assert_eq!((found.assignment.objective.required, found.assignment.objective.quality), (0, 85));
}

#[test]
fn what_has_no_potentials_is_refused() {
    let mut builder = Problem::builder(1);
    builder.supporter(Supporter::new(1));
    let problem = builder.clone().build().unwrap();
    builder.fairness(Fairness::WorstOffFirst);
    let fair = builder.build().unwrap();
    let table = Table { costs: vec![vec![Some(1)]], range: (0, 1) };
    let by = |problem, algorithm| {
        let options = Options::new().algorithm(algorithm);
        solve_implicit(problem, &table, &options, &Control::new()).unwrap_err()
    };
    let baseline = Algorithm::Baseline(Baseline::BestPairFirst);
    for error in
        [by(&problem, baseline), by(&fair, Algorithm::Auto), by(&problem, Algorithm::Ilp(Backend::Microlp))]
    {
        assert!(error.is_solver() && error.to_string().contains("potentials"), "{error}");
    }
}

#[test]
fn no_gap_is_told_that_pairs_not_held_could_beat() {
    let rows: Vec<Vec<Option<i64>>> =
        (0..30).map(|p| (0..30).map(|s| Some((p * 7 + s * 11) % 41)).collect()).collect();
    let table = Table { costs: rows, range: (0, 40) };
    let mut builder = Problem::builder(30);
    for _ in 0..30 {
        builder.supporter(Supporter::new(1));
    }
    builder.served_weights(vec![1; 30]);
    let problem = builder.build().unwrap();
    let best = solve_implicit(&problem, &table, &Options::new(), &Control::new()).unwrap().assignment;
    for looks in 0..100 {
        let (seen, told) = (AtomicU64::new(0), Mutex::new(None));
        let watch = |progress: &Progress| {
            *told.lock().unwrap() = progress.gap;
            let stops = seen.fetch_add(1, Ordering::Relaxed) == looks;
            if stops { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let control = Control::new().on_progress(&watch);
        let found = solve_implicit(&problem, &table, &Options::new(), &control).unwrap().assignment;
        if found.stop == Stop::Completed {
            return;
        }
        let gap = told.lock().unwrap().expect("a gap is told");
        assert!(gap >= found.packed - best.packed, "{gap} after {looks} looks");
    }
    panic!("it never completed");
}

proptest! {
    #[test]
    fn a_source_that_only_knows_costs_answers_as_one_that_looks_through_its_table(
        instance in instances(Shape {
            participants: 9, supporters: 9, capacity: 2, cost: 20, density: 70, pins: false
        }),
        prices in prop::collection::vec(prop_oneof![4 => -9_i64..30, 1 => Just(Pairs::CLOSED)], 12),
        limits in prop::collection::vec(prop_oneof![4 => -9_i64..60, 1 => Just(i64::MIN)], 12),
        most in 0_usize..6,
    ) {
        let table = Table::of(&instance);
        let prices = &prices[..instance.supporters.len()];
        let limits = &limits[..instance.costs.len()];
        let (found, expected) =
            (Plain(&table).cheapest(prices, limits, most), table.cheapest(prices, limits, most));
        for participant in 0..limits.len() {
            let mut row: Vec<(u32, i64)> = found.row(participant).collect();
            row.sort_unstable();
            let mut wanted: Vec<(u32, i64)> = expected.row(participant).collect();
            wanted.sort_unstable();
            prop_assert_eq!(row, wanted);
        }
    }
}
