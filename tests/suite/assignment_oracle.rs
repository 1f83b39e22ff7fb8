//! Every assignment of small problems is enumerated; the solver must find the best one, and of those the first.

use peermatch::assignment::{Control, Options, Width, solve};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, SupporterData, instances};

type Ladder = [i128; 5];

/// The best objective and the first assignment in order that attains it.
pub(crate) fn brute_force(instance: &Instance) -> (Ladder, Vec<Vec<u32>>) {
    let (objective, _, first) = enumerate(instance, false);
    (objective, first)
}

/// The same where the worst-off come first; also what the places cost, dearest first.
pub(crate) fn fairest(instance: &Instance) -> (Ladder, Vec<i64>, Vec<Vec<u32>>) {
    enumerate(instance, true)
}

fn enumerate(instance: &Instance, fair: bool) -> (Ladder, Vec<i64>, Vec<Vec<u32>>) {
    let mut state = Enumeration {
        instance,
        fair,
        chosen: Vec::new(),
        loads: vec![0; instance.supporters.len()],
        flows: vec![0; instance.groups.len()],
        best: None,
    };
    // Pins first, so that what is left of the capacities is known.
    for &(supporter, _) in instance.pins.iter().flatten() {
        state.occupy(supporter as usize, 1);
    }
    state.descend([0; 5]);
    let (objective, order, first) = state.best.expect("everyone may stay unmatched");
    let levels =
        order[2..].iter().map(|&level| level as i64).take(if fair { order.len() - 5 } else { 0 }).collect();
    (objective, levels, first)
}

struct Enumeration<'a> {
    instance: &'a Instance,
    fair: bool,
    chosen: Vec<Vec<u32>>,
    loads: Vec<i64>,
    flows: Vec<i64>,
    /// Objective, what is compared, and who has whom.
    best: Option<(Ladder, Vec<i128>, Vec<Vec<u32>>)>,
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
                    total[2] += step(&data.load_cost);
                    total[4] += step(&data.balance_cost);
                }
                total[0] += i128::from((i64::from(data.minimum) - load).max(0));
            }
            for (group, &flow) in self.flows.iter().enumerate() {
                total[0] += i128::from((i64::from(instance.group_minimum(group)) - flow).max(0));
            }
            // Supporters ascend and empty places come last, so the first to attain the best is the first in order.
            let mut order = total.to_vec();
            if self.fair {
                order.splice(2..2, self.levels());
            }
            if self.best.as_ref().is_none_or(|best| order < best.1) {
                self.best = Some((total, order, self.chosen.clone()));
            }
            return;
        }
        let (mut cost, mut places) = (cost, instance.places(p));
        let mut own = Vec::new();
        if let Some((supporter, price)) = instance.pins[p] {
            cost[2] += i128::from(price);
            places -= 1;
            own.push(supporter);
        }
        self.chosen.push(own);
        self.choose(p, 0, places, cost);
        self.chosen.pop();
    }

    /// What the places that are not pinned cost, dearest first; all assignments have as many.
    fn levels(&self) -> Vec<i128> {
        let instance = self.instance;
        let mut levels = Vec::new();
        for (p, chosen) in self.chosen.iter().enumerate() {
            let pinned = instance.pins[p].map(|(supporter, _)| supporter);
            let free = chosen.iter().filter(|&&s| pinned != Some(s));
            levels.extend(free.map(|&s| i128::from(instance.costs[p][s as usize].unwrap())));
            let empty = instance.places(p) as usize - chosen.len();
            levels.extend(std::iter::repeat_n(i128::from(instance.unmatched_costs[p]), empty));
        }
        levels.sort_unstable_by(|a, b| b.cmp(a));
        levels
    }

    /// Fills so many places of a participant more, with supporters from a number on.
    fn choose(&mut self, p: usize, from: usize, places: u32, cost: Ladder) {
        let instance = self.instance;
        for s in (from..instance.supporters.len()).filter(|_| places > 0) {
            let Some(price) = instance.costs[p][s] else { continue };
            if self.chosen[p].contains(&(s as u32)) {
                continue;
            }
            self.occupy(s, 1);
            if self.fits(s) {
                let before = self.chosen[p].clone();
                self.chosen[p].push(s as u32);
                self.chosen[p].sort_unstable();
                let mut cost = cost;
                cost[2] += i128::from(price);
                self.choose(p, s + 1, places - 1, cost);
                self.chosen[p] = before;
            }
            self.occupy(s, -1);
        }
        let mut cost = cost;
        cost[1] += i128::from(instance.served_weights[p]) * i128::from(places);
        cost[2] += i128::from(instance.unmatched_costs[p]) * i128::from(places);
        cost[3] +=
            i128::from(instance.standing[p].is_some_and(|standing| !self.chosen[p].contains(&standing)));
        self.descend(cost);
    }
}

pub(crate) fn agrees(instance: &Instance) -> Result<(), TestCaseError> {
    let problem = instance.build().expect("the instance is well-formed");
    let (objective, first) = brute_force(instance);
    for width in [Width::Narrowest, Width::Bits64, Width::Wide] {
        let found = solve(&problem, &Options::new().width(width), &Control::new());
        if objective[0] > 0 {
            let error = found.expect_err("the firm minimums cannot be met");
            prop_assert!(error.is_infeasible(), "{error}");
            let violator = error.hall_violator().expect("it names who clashes");
            prop_assert!(violator.check(&problem), "{violator:?}");
            continue;
        }
        let found = found.map_err(|error| TestCaseError::fail(error.to_string()))?;
        let of = found.objective;
        prop_assert_eq!([of.required, of.served, of.quality, of.change, of.balance], objective);
        prop_assert_eq!(&Vec::<Vec<u32>>::from(found.matches.clone()), &first);
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
        ..Instance::default()
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
        ..Instance::default()
    };
    let problem = instance.build().unwrap();
    let found = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!((found.supporter_of(0), found.supporter_of(1)), (Some(0), Some(1)));
    assert_eq!(found.objective.quality, 1 + 3 - 5 - 5);
    agrees(&instance).unwrap();
}
