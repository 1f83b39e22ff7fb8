//! Every assignment of small problems is enumerated; the solver must find the best one, and of those the first.

use peermatch::assignment::{Control, Options, Width, solve};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, SupporterData, instances};

type Ladder = [i128; 4];

/// The best objective and the first assignment in order that attains it.
pub(crate) fn brute_force(instance: &Instance) -> (Ladder, Vec<Option<u32>>) {
    let mut state = Enumeration {
        instance,
        chosen: Vec::new(),
        loads: vec![0; instance.supporters.len()],
        flows: vec![0; instance.groups.len()],
        best: None,
    };
    // Pins first, so that what is left of the capacities is known.
    for &(supporter, _) in instance.pins.iter().flatten() {
        state.occupy(supporter as usize, 1);
    }
    state.descend([0; 4]);
    state.best.expect("everyone may stay unmatched")
}

struct Enumeration<'a> {
    instance: &'a Instance,
    chosen: Vec<Option<u32>>,
    loads: Vec<i64>,
    flows: Vec<i64>,
    best: Option<(Ladder, Vec<Option<u32>>)>,
}

impl Enumeration<'_> {
    fn occupy(&mut self, supporter: usize, by: i64) {
        self.loads[supporter] += by;
        let mut group = self.instance.supporters[supporter].group;
        while let Some(g) = group {
            self.flows[g as usize] += by;
            group = self.instance.groups[g as usize].1;
        }
    }

    fn fits(&self, supporter: usize) -> bool {
        let mut group = self.instance.supporters[supporter].group;
        while let Some(g) = group {
            if self.flows[g as usize] > i64::from(self.instance.groups[g as usize].0) {
                return false;
            }
            group = self.instance.groups[g as usize].1;
        }
        self.loads[supporter] <= i64::from(self.instance.supporters[supporter].capacity)
    }

    fn descend(&mut self, cost: Ladder) {
        let p = self.chosen.len();
        let instance = self.instance;
        if p == instance.costs.len() {
            let mut total = cost;
            for (data, &load) in instance.supporters.iter().zip(&self.loads) {
                for k in 0..load as usize {
                    let step =
                        |steps: &[i64]| steps.get(k).or(steps.last()).map_or(0, |&step| i128::from(step));
                    total[1] += step(&data.load_cost);
                    total[3] += step(&data.balance_cost);
                }
            }
            // Supporters ascend and unmatched comes last, so the first to attain the best is the first in order.
            if self.best.as_ref().is_none_or(|best| total < best.0) {
                self.best = Some((total, self.chosen.clone()));
            }
            return;
        }
        let standing = instance.standing[p];
        let changed = |choice: Option<u32>| i128::from(standing.is_some() && standing != choice);
        if let Some((supporter, price)) = instance.pins[p] {
            self.chosen.push(Some(supporter));
            self.descend([cost[0], cost[1] + i128::from(price), cost[2] + changed(Some(supporter)), 0]);
            self.chosen.pop();
            return;
        }
        for s in 0..instance.supporters.len() {
            let Some(price) = instance.costs[p][s] else { continue };
            self.occupy(s, 1);
            if self.fits(s) {
                self.chosen.push(Some(s as u32));
                let choice = changed(Some(s as u32));
                self.descend([cost[0], cost[1] + i128::from(price), cost[2] + choice, 0]);
                self.chosen.pop();
            }
            self.occupy(s, -1);
        }
        self.chosen.push(None);
        self.descend([
            cost[0] + i128::from(instance.served_weights[p]),
            cost[1] + i128::from(instance.unmatched_costs[p]),
            cost[2] + changed(None),
            0,
        ]);
        self.chosen.pop();
    }
}

fn agrees(instance: &Instance) -> Result<(), TestCaseError> {
    let problem = instance.build().expect("the instance is well-formed");
    let (objective, first) = brute_force(instance);
    for width in [Width::Narrowest, Width::Wide] {
        let found = solve(&problem, &Options::new().width(width), &Control::new())
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        let of = found.objective;
        prop_assert_eq!([of.served, of.quality, of.change, of.balance], objective);
        prop_assert_eq!(&found.supporter, &first);
        prop_assert!(found.is_optimal());
        let check = found.verify(&problem);
        prop_assert!(check.is_valid() && check.proven_optimal, "{check}");
    }
    Ok(())
}

const SMALL: Shape = Shape { participants: 6, supporters: 5, capacity: 3, cost: 3, density: 70, pins: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 2500, max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_problems_with_many_ties(instance in instances(SMALL)) {
        agrees(&instance)?;
    }

    #[test]
    fn small_problems_that_are_complete_and_scarce(instance in instances(Shape {
        participants: 7, supporters: 4, capacity: 2, cost: 1, density: 100, pins: false
    })) {
        agrees(&instance)?;
    }

    #[test]
    fn small_problems_in_tight_groups(instance in instances(Shape {
        participants: 7, supporters: 6, capacity: 1, cost: 6, density: 80, pins: true
    })) {
        agrees(&instance)?;
    }

    #[test]
    fn small_problems_with_few_ties(instance in instances(Shape { cost: 1000, ..SMALL })) {
        agrees(&instance)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn huge_costs_are_solved_right_or_refused(instance in instances(Shape { cost: i64::MAX / 2 - 1, ..SMALL })) {
        match instance.build() {
            Ok(_) => agrees(&instance)?,
            Err(error) => prop_assert!(error.is_overflow(), "{error}"),
        }
    }
}

#[test]
fn costs_at_the_ends_of_i64_are_solved_in_128_bits() {
    let supporter = || SupporterData { capacity: 1, ..SupporterData::default() };
    let instance = Instance {
        served_weights: vec![1; 2],
        unmatched_costs: vec![i64::MAX; 2],
        supporters: vec![supporter(), supporter()],
        groups: Vec::new(),
        costs: vec![vec![Some(i64::MIN), Some(i64::MAX)], vec![Some(i64::MIN), Some(i64::MAX - 1)]],
        pins: vec![None; 2],
        standing: vec![None; 2],
    };
    agrees(&instance).unwrap();
}

#[test]
fn an_empty_problem_has_an_empty_answer() {
    agrees(&Instance::default()).unwrap();
}

#[test]
fn a_bonus_on_first_places_spreads_the_load() {
    let supporter = |load_cost: &[i64]| SupporterData {
        capacity: 2,
        load_cost: load_cost.to_vec(),
        ..SupporterData::default()
    };
    let instance = Instance {
        served_weights: vec![1; 2],
        unmatched_costs: vec![0; 2],
        supporters: vec![supporter(&[-5, 0]), supporter(&[-5, 0])],
        groups: Vec::new(),
        costs: vec![vec![Some(1), Some(3)], vec![Some(1), Some(3)]],
        pins: vec![None; 2],
        standing: vec![None; 2],
    };
    let problem = instance.build().unwrap();
    let found = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!(found.supporter, [Some(0), Some(1)]);
    assert_eq!(found.objective.quality, 1 + 3 - 5 - 5);
    agrees(&instance).unwrap();
}
