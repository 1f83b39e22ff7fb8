//! Problems that fall apart are solved part by part, with the same result on any number of threads.

use std::ops::ControlFlow;

use peermatch::assignment::{
    Algorithm, Assignment, Control, Options, Problem, Stop, Supporter, WarmStart, solve, solve_from,
};

struct Draw(u64);

impl Draw {
    fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % count
    }
}

/// Regions of unequal size and scarcity under groups of their own, participants in no order, and some without pairs.
fn regions(seed: u64, count: u64, joined: bool) -> Problem {
    let mut draw = Draw(seed);
    let participants = 1500;
    let mut builder = Problem::builder(participants);
    let mut offered: Vec<Vec<u32>> = Vec::new();
    for region in 0..count {
        let group = builder.group(20 + draw.below(200) as u32, None);
        let supporters = 10 + draw.below(30);
        let capacity = 1 + region % 4;
        offered.push(
            (0..supporters)
                .map(|k| {
                    let mut supporter =
                        Supporter::new((draw.below(capacity * 2 + 1) + u64::from(k == 0)) as u32)
                            .load_cost([0, 3])
                            .balance_cost([0, 1, 2]);
                    if k % 3 > 0 {
                        supporter = supporter.group(group);
                    }
                    builder.supporter(supporter)
                })
                .collect(),
        );
    }
    let _idle = builder.supporter(Supporter::new(2).load_cost([7]));
    for p in 0..participants {
        builder.unmatched(p, draw.below(3) as u32, 40);
        let region = draw.below(count + 1) as usize;
        let Some(supporters) = offered.get(region) else { continue };
        for &supporter in supporters {
            builder.pair(p, supporter, draw.below(30) as i64);
        }
        if joined && region + 1 < offered.len() {
            builder.pair(p, offered[region + 1][0], 5);
        }
        let one = supporters[draw.below(supporters.len() as u64) as usize];
        if draw.below(5) == 0 {
            builder.standing(p, one);
        }
    }
    builder.build().unwrap()
}

fn on_threads(count: usize, problem: &Problem, options: &Options) -> Assignment {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build().unwrap();
    pool.install(|| solve(problem, options, &Control::new()).unwrap())
}

#[test]
fn parts_give_what_the_whole_gives_on_any_number_of_threads() {
    for (seed, count) in [(1, 4), (2, 9), (3, 40)] {
        let problem = regions(seed, count, false);
        for algorithm in [Algorithm::Auto, Algorithm::ShortestPaths, Algorithm::ShortestPathsFromPlaces] {
            let options = Options::new().algorithm(algorithm);
            let found = on_threads(1, &problem, &options);
            assert!(found.statistics.algorithm_reason.contains("independent components"));
            let check = found.verify(&problem);
            assert!(check.is_valid() && check.proven_optimal, "{check}");
            assert_eq!(on_threads(2, &problem, &options), found);
            assert_eq!(on_threads(7, &problem, &options), found);
            // A start from nothing is a solve of the whole.
            let mut whole = solve_from(&problem, &WarmStart::default(), &options, &Control::new()).unwrap();
            assert!(!whole.statistics.algorithm_reason.contains("independent components"));
            whole.statistics = found.statistics.clone();
            assert_eq!(whole, found);
        }
    }
}

/// Regions of as many participants as supporters with one place each, participants of all regions in turn.
fn couples(seed: u64, standing: bool) -> Problem {
    let (mut draw, regions, size) = (Draw(seed), 4, 100);
    let mut builder = Problem::builder(regions * size);
    for _ in 0..regions * size {
        builder.supporter(Supporter::new(1));
    }
    for p in 0..regions * size {
        builder.unmatched(p, 1, 0);
        for k in 0..size {
            builder.pair(p, p % regions * size + k, draw.below(1000) as i64);
        }
        if standing {
            builder.standing(p, p % regions * size);
        }
    }
    builder.build().unwrap()
}

#[test]
fn parts_are_solved_by_the_auction_on_rows_of_their_own() {
    for standing in [false, true] {
        let problem = couples(6, standing);
        let options = Options::new().algorithm(Algorithm::Auction);
        let found = on_threads(1, &problem, &options);
        assert!(found.statistics.algorithm_reason.contains("4 independent components"));
        let check = found.verify(&problem);
        assert!(check.is_valid() && check.proven_optimal, "{check}");
        assert_eq!(on_threads(2, &problem, &options), found);
        let whole =
            solve(&problem, &Options::new().algorithm(Algorithm::ShortestPaths), &Control::new()).unwrap();
        assert_eq!((whole.packed, whole.matches), (found.packed, found.matches));
    }
}

#[test]
fn what_hangs_together_is_solved_as_one() {
    let found = on_threads(2, &regions(4, 5, true), &Options::new());
    assert!(!found.statistics.algorithm_reason.contains("independent components"));
}

#[test]
fn what_stops_one_part_stops_all() {
    let problem = regions(5, 12, false);
    let best = solve(&problem, &Options::new(), &Control::new()).unwrap();
    let stop = |_: &_| ControlFlow::Break(());
    let found = solve(&problem, &Options::new(), &Control::new().on_progress(&stop)).unwrap();
    assert_eq!(found.stop, Stop::Cancelled);
    let check = found.verify(&problem);
    assert!(check.is_valid(), "{check}");
    assert!(found.bound <= best.packed && best.packed <= found.packed);
}

#[test]
fn firm_minimums_are_met_and_clash_in_parts_as_in_the_whole() {
    let build = |minimum: u32| {
        let mut draw = Draw(9);
        let mut builder = Problem::builder(300);
        for supporter in 0..140 {
            builder.supporter(Supporter::new(3).minimum(if supporter % 7 == 0 { minimum } else { 0 }));
        }
        for p in 0..300 {
            builder.unmatched(p, 0, 20);
            for supporter in 0..70 {
                // Nobody likes those who must have somebody.
                let cost = draw.below(15) as i64 + if supporter % 7 == 0 { 40 } else { 0 };
                builder.pair(p, p % 2 * 70 + supporter, cost);
            }
        }
        builder
    };
    let problem = build(2).build().unwrap();
    let parts = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert!(parts.statistics.algorithm_reason.contains("2 independent components"));
    assert!(parts.verify(&problem).proven_optimal && parts.objective.required == 0);
    let simplex = Options::new().algorithm(Algorithm::NetworkSimplex);
    let whole = solve(&problem, &simplex, &Control::new()).unwrap();
    assert_eq!((parts.matches, parts.proof), (whole.matches, whole.proof));

    let mut clash = build(2);
    let asks = clash.supporter(Supporter::new(9).minimum(9));
    for p in 0..8 {
        clash.pair(p * 2, asks, 1);
    }
    let problem = clash.build().unwrap();
    let error = solve(&problem, &Options::new(), &Control::new()).unwrap_err();
    assert!(error.hall_violator().expect("who clashes is named").check(&problem), "{error}");
}
