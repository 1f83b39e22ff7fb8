//! The auction against brute force and against shortest paths, on what it is made for and on what is hard for it.

use std::ops::ControlFlow;

use peermatch::assignment::{
    Algorithm, AlgorithmUsed, Control, Matches, Options, Problem, Progress, Supporter, TieBreak, Width, solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, SupporterData, firm_instances, instances};
use crate::assignment_oracle::brute_force;

fn auction() -> Options {
    Options::new().algorithm(Algorithm::Auction)
}

/// The same instance as one that the auction holds: no groups, and at most one place beside the pins.
fn single(mut instance: Instance) -> Instance {
    instance.groups.clear();
    let mut pinned = vec![0; instance.supporters.len()];
    for &(supporter, _) in instance.pins.iter().flatten() {
        pinned[supporter as usize] += 1;
    }
    for (supporter, pinned) in instance.supporters.iter_mut().zip(pinned) {
        supporter.group = None;
        supporter.capacity = supporter.capacity.clamp(pinned, pinned + 1);
    }
    instance
}

/// Auction and shortest paths agree to the last number where ties are broken, and in the objective where not.
fn agrees(problem: &Problem) -> Result<(), TestCaseError> {
    let solved = |options: Options| {
        solve(problem, &options, &Control::new()).map_err(|error| TestCaseError::fail(error.to_string()))
    };
    let reference = solved(Options::new().algorithm(Algorithm::ShortestPaths))?;
    let found = solved(auction())?;
    prop_assert_eq!(found.statistics.algorithm, AlgorithmUsed::Auction);
    prop_assert_eq!(&found.matches, &reference.matches);
    prop_assert_eq!(&found.proof, &reference.proof);
    let loose = solved(auction().tie_break(TieBreak::Unspecified))?;
    prop_assert_eq!(loose.objective, reference.objective);
    for found in [found, loose] {
        let check = found.verify(problem);
        prop_assert!(check.is_valid() && check.proven_optimal && found.is_optimal(), "{check}");
    }
    Ok(())
}

/// How a larger problem is drawn.
#[derive(Debug, Clone, Copy)]
struct Draw {
    participants: u32,
    supporters: u32,
    /// Percentage of pairs that exist.
    density: u64,
    costs: Costs,
    exit: i64,
    seed: u64,
}

#[derive(Debug, Clone, Copy)]
enum Costs {
    Even(u64),
    /// Both sides have a factor: everyone wants the same.
    Product,
    /// Points on a line, so that neighbours compete.
    Distance,
    /// Everything costs the same.
    Constant,
}

fn drawn(draw: Draw) -> Problem {
    let mut state = draw.seed;
    let mut random = move || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state >> 33
    };
    let mut builder = Problem::builder(draw.participants);
    for _ in 0..draw.supporters {
        builder.supporter(Supporter::new(1));
    }
    builder.unmatched_costs(vec![draw.exit; draw.participants as usize]);
    for p in 0..draw.participants {
        for s in 0..draw.supporters {
            if random() % 100 >= draw.density {
                continue;
            }
            let cost = match draw.costs {
                Costs::Even(most) => (random() % (most + 1)) as i64 - most as i64 / 3,
                Costs::Product => i64::from(p) * i64::from(s),
                Costs::Distance => (i64::from(p * 7919 % 1000) - i64::from(s * 104_729 % 1000)).abs(),
                Costs::Constant => 7,
            };
            builder.pair(p, s, cost);
        }
    }
    builder.build().unwrap()
}

fn draws(most: u32) -> impl Strategy<Value = Draw> {
    let costs = prop_oneof![
        prop::sample::select(vec![1, 10, 1_000_000, 1 << 50]).prop_map(Costs::Even),
        Just(Costs::Product),
        Just(Costs::Distance),
        Just(Costs::Constant),
    ];
    let exit = prop_oneof![2 => Just(1 << 52), 1 => Just(-5), 1 => Just(0), 2 => 0..2_000_i64];
    let density = prop_oneof![Just(100), Just(20), Just(3)];
    (0..=most, 0..=most, any::<bool>(), density, costs, exit, any::<u64>()).prop_map(
        |(participants, supporters, square, density, costs, exit, seed)| Draw {
            participants,
            supporters: if square { participants } else { supporters },
            density,
            costs,
            exit,
            seed,
        },
    )
}

const SMALL: Shape = Shape { participants: 6, supporters: 6, capacity: 1, cost: 3, density: 70, pins: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn small_problems_are_solved_as_by_brute_force(instance in instances(SMALL).prop_map(single)) {
        let problem = instance.build().unwrap();
        let (objective, first) = brute_force(&instance);
        let found = solve(&problem, &auction(), &Control::new()).unwrap();
        let of = found.objective;
        prop_assert_eq!([of.required, of.served, of.quality, of.change, of.balance], objective);
        prop_assert_eq!(&found.matches, &Matches::from(first));
        agrees(&problem)?;
    }

    #[test]
    fn small_problems_with_large_costs(instance in instances(Shape { cost: 1 << 34, ..SMALL }).prop_map(single)) {
        let problem = instance.build().unwrap();
        if problem.scales().served < 1 << 20 {
            agrees(&problem)?;
        }
    }

    #[test]
    fn problems_it_cannot_hold_are_solved_by_shortest_paths_and_it_says_so(instance in instances(Shape {
        capacity: 3, ..SMALL
    })) {
        let problem = instance.build().unwrap();
        let found = solve(&problem, &auction(), &Control::new()).unwrap();
        let reference =
            solve(&problem, &Options::new().algorithm(Algorithm::ShortestPaths), &Control::new()).unwrap();
        prop_assert_eq!(&found.matches, &reference.matches);
        let said = &found.statistics.algorithm_reason;
        match found.statistics.algorithm {
            AlgorithmUsed::Auction => prop_assert_eq!(said, "asked for"),
            used => {
                prop_assert_eq!(used, AlgorithmUsed::ShortestPaths);
                prop_assert!(said.contains("cannot hold the problem: "), "{said}");
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn middling_problems_are_solved_as_by_shortest_paths(draw in draws(60)) {
        agrees(&drawn(draw))?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 8, max_shrink_iters: 20, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn larger_problems_are_solved_as_by_shortest_paths(draw in draws(200)) {
        agrees(&drawn(draw))?;
    }
}

#[test]
fn balanced_problems_of_single_places_go_to_the_auction_unless_they_need_128_bits() {
    let draw =
        Draw { participants: 40, supporters: 41, density: 100, costs: Costs::Even(100), exit: 1000, seed: 1 };
    let problem = drawn(draw);
    let used = |options: Options| solve(&problem, &options, &Control::new()).unwrap().statistics.algorithm;
    assert_eq!(used(Options::new()), AlgorithmUsed::Auction);
    assert_eq!(used(Options::new().width(Width::Wide)), AlgorithmUsed::ShortestPaths);
    let few = drawn(Draw { participants: 30, ..draw });
    let chosen = solve(&few, &Options::new(), &Control::new()).unwrap().statistics.algorithm;
    assert_eq!(chosen, AlgorithmUsed::ShortestPaths);
}

/// What scaling leaves at the free places has to be taken back, or someone pays a price for a place nobody has.
#[test]
fn free_places_end_at_their_floor_where_places_are_many() {
    for seed in 0..20 {
        for costs in [Costs::Even(1_000_000), Costs::Distance, Costs::Even(20)] {
            let draw = Draw {
                participants: 50,
                supporters: 50 + 4 * seed,
                density: 100,
                costs,
                exit: 1 << 31,
                seed: seed.into(),
            };
            agrees(&drawn(draw)).unwrap();
        }
    }
}

#[test]
fn a_place_that_costs_something_is_filled_only_where_it_is_worth_it() {
    let place = |cost: i64| SupporterData { capacity: 1, load_cost: vec![cost], ..SupporterData::default() };
    let instance = Instance {
        served_weights: vec![0; 3],
        unmatched_costs: vec![10; 3],
        supporters: vec![place(5), place(-5), place(100)],
        groups: Vec::new(),
        costs: vec![vec![Some(4); 3], vec![Some(6); 3], vec![Some(1), None, Some(-90)]],
        pins: vec![None; 3],
        standing: vec![None; 3],
        ..Instance::default()
    };
    let problem = instance.build().unwrap();
    agrees(&problem).unwrap();
    let found = solve(&problem, &auction(), &Control::new()).unwrap();
    assert_eq!([0, brute_force(&instance).0[2]], [found.objective.served, found.objective.quality]);
}

#[test]
fn stopped_at_any_time_it_returns_a_feasible_assignment_and_a_bound() {
    let draw = Draw {
        participants: 120,
        supporters: 120,
        density: 100,
        costs: Costs::Distance,
        exit: 5000,
        seed: 3,
    };
    let problem = drawn(draw);
    for allowed in 0..8 {
        let calls = std::sync::atomic::AtomicUsize::new(0);
        let stop = |_: &Progress| {
            let before = calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
            if before < allowed { ControlFlow::Continue(()) } else { ControlFlow::Break(()) }
        };
        let found = solve(&problem, &auction(), &Control::new().on_progress(&stop)).unwrap();
        let check = found.verify(&problem);
        assert!(check.is_valid(), "{check}");
        assert!(found.bound <= found.packed);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 1000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn minimums_of_one_are_met_by_the_auction_too(
        instance in firm_instances(Shape {
            participants: 12, supporters: 12, capacity: 1, cost: 20, density: 60, pins: false
        }),
    ) {
        let mut instance = instance;
        instance.groups.clear();
        instance.group_minimums.clear();
        for supporter in &mut instance.supporters {
            (supporter.group, supporter.capacity) = (None, 1);
        }
        let problem = instance.build().unwrap();
        let by = |algorithm| solve(&problem, &Options::new().algorithm(algorithm), &Control::new());
        match (by(Algorithm::Auction), by(Algorithm::NetworkSimplex)) {
            (Ok(auction), Ok(other)) => {
                prop_assert_eq!(auction.statistics.algorithm, AlgorithmUsed::Auction);
                prop_assert_eq!(&auction.matches, &other.matches);
                let check = auction.verify(&problem);
                prop_assert!(check.is_valid() && check.proven_optimal, "{check}");
            }
            (Err(auction), Err(other)) => prop_assert!(auction.is_infeasible() && other.is_infeasible()),
            (auction, other) => prop_assert!(false, "{auction:?} but {other:?}"),
        }
    }
}

/// What a pinned participant's other pairs cost may be more than the integers of the solve hold, even times a scale.
#[test]
fn the_auction_does_not_compute_with_pairs_of_pinned_participants() {
    let mut builder = Problem::builder(7);
    for _ in 0..7 {
        builder.supporter(Supporter::new(1));
    }
    for participant in 0..7 {
        for supporter in 0..7 {
            let cost = if participant == 6 {
                (1 << 40) + i64::from(i32::MAX)
            } else {
                i64::from((participant * 7 + supporter * 3) % 11)
            };
            builder.pair(participant, supporter, cost);
        }
    }
    builder.served_weights(vec![1; 7]).standing(0, 3).pin(6, 6, 4);
    let problem = builder.build().unwrap();
    let [auction, paths] = [Algorithm::Auction, Algorithm::ShortestPaths]
        .map(|algorithm| solve(&problem, &Options::new().algorithm(algorithm), &Control::new()).unwrap());
    assert_eq!(auction.matches, paths.matches);
    assert!(auction.verify(&problem).proven_optimal);
}
