//! The implicit market against the same problem with all its pairs held.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU64, Ordering};

use peermatch::assignment::{
    Algorithm, Backend, Control, ImplicitAssignment, Options, PairSource, Pairs, Problem, Proof, Stop,
    TieBreak, solve, solve_implicit, verify_implicit,
};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, instances};

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
    builder.supporter(peermatch::assignment::Supporter::new(1));
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
