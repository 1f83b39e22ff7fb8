//! A matching over pairs that are not held against the one over all pairs: the same to the byte.

use peermatch::assignment::{Algorithm, Backend, Options, PairSource, Pairs as Found, verify_implicit};
use peermatch::matcher::{Control, Pairs};
use peermatch::population::{Settings, generate};
use peermatch::{Matcher, Matching, Policy, Program};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::random_policy::rules;
use crate::random_programme::{TODAY, programme};

/// What has to be the same: everything but how it was come by.
fn result(matcher: &Matcher, pairs: Pairs) -> Result<String, String> {
    let matching = matcher.clone().with_pairs(pairs).match_all().map_err(|error| error.to_string())?;
    // Worst-off first has no prices, so its pairs are held whatever was asked for.
    let priced = pairs == Pairs::Implicit && !matcher.policy().objective.worst_off_first;
    assert_eq!(matching.solution.pricing.is_some(), priced);
    let all = &matcher.clone().with_pairs(Pairs::Explicit).match_all().unwrap().solution;
    let mut solution = matching.solution.clone();
    solution.pricing = None;
    solution.algorithm = all.algorithm;
    solution.because.clone_from(&all.because);
    solution.pairs = all.pairs;
    Ok(Matching { solution, ..matching }.to_json().unwrap())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Every field of a person, every rule of a policy, standing matches, criteria of a host program; ties among them.
    #[test]
    fn the_same_matching_whether_pairs_are_held_or_not(data in programme(9, 24), rules in rules()) {
        let program = Program::new(data).unwrap();
        let matcher = rules.matcher(&program);
        prop_assert_eq!(result(&matcher, Pairs::Implicit), result(&matcher, Pairs::Explicit));
    }

    /// The market answers with the cheapest pairs, movable standing matches at their lower cost, pinned people with
    /// none.
    #[test]
    fn the_market_has_the_pairs_of_the_problem(
        data in programme(4, 30),
        rules in rules(),
        prices in vec(prop_oneof![4 => 0..300_000_i64, 1 => Just(Found::CLOSED)], 30),
        limits in vec(prop_oneof![3 => -900_000..200_000_i64, 1 => Just(i64::MAX), 1 => Just(i64::MIN)], 4),
        most in select(vec![1, 2, 5, 40]),
    ) {
        let program = Program::new(data).unwrap();
        let matcher = rules.matcher(&program);
        let compatibility = matcher.compatibility().unwrap();
        let market = matcher.market(&compatibility);
        let problem = matcher.problem(&compatibility, compatibility.graph(&program)).unwrap();
        let (prices, limits) = (&prices[..program.supporters().len()], &limits[..program.participants().len()]);
        let (lowest, highest) = market.cost_range();
        let found = market.cheapest(prices, limits, most);
        for (place, &limit) in limits.iter().enumerate() {
            let pinned = problem.pin(place as u32).is_some();
            let everyone: Vec<u32> = (0..program.supporters().len() as u32).collect();
            let one_by_one: Vec<_> = everyone.iter().map(|&own| market.cost(place as u32, own)).collect();
            prop_assert_eq!(market.costs(place as u32, &everyone), one_by_one);
            let mut wanted = Vec::new();
            for supporter in 0..program.supporters().len() as u32 {
                let held = problem.pair_cost(place as u32, supporter).filter(|_| !pinned);
                prop_assert_eq!(market.cost(place as u32, supporter), held);
                let Some(cost) = held else { continue };
                prop_assert!((lowest..=highest).contains(&cost));
                let price = prices[supporter as usize];
                if price != Found::CLOSED && cost + price < limit {
                    wanted.push((cost + price, supporter, cost));
                }
            }
            wanted.sort_unstable();
            wanted.truncate(most);
            let mut row: Vec<_> = found.row(place).map(|(s, cost)| (cost + prices[s as usize], s, cost)).collect();
            row.sort_unstable();
            prop_assert_eq!(row, wanted);
        }
    }
}

fn realistic(participants: usize, supporters: usize, supply: f64) -> Matcher {
    let settings = Settings { participants, supporters, supply, seed: 11, ..Settings::default() };
    Matcher::new(Program::new(generate(&settings).unwrap()).unwrap(), Policy::default(), TODAY).unwrap()
}

/// Places scarce, about enough, and plenty.
#[test]
fn realistic_programmes_are_matched_alike() {
    for supply in [0.4, 1.0, 2.0] {
        let matcher = realistic(240, 80, supply);
        assert_eq!(result(&matcher, Pairs::Implicit), result(&matcher, Pairs::Explicit), "supply {supply}");
    }
}

#[test]
fn a_solved_market_is_proven_over_all_pairs_and_says_what_it_took() {
    let matcher = realistic(300, 200, 1.0);
    let compatibility = matcher.compatibility().unwrap();
    let market = matcher.market(&compatibility);
    let found = matcher.solve_market(&market, &Control::new()).unwrap();
    let open = matcher.open_problem(&market).unwrap();
    assert!(verify_implicit(&open, &market, &found).proven_optimal);
    let matching = matcher.explain(&compatibility, &found.problem, &found.assignment);
    assert_eq!(matching.solution.pricing, Some(found.pricing));
    assert_eq!(matching.solution.pairs, found.problem.pairs() as u64);
    assert!(
        matching.solution.optimal
            && found.problem.pairs() < compatibility.graph(matcher.program()).pair_count()
    );
}

/// Small programmes are judged throughout, and so is what has no prices, whatever was asked for.
#[test]
fn pairs_are_held_where_that_is_sooner_done_or_needed() {
    let matcher = realistic(40, 30, 1.0);
    assert_eq!(matcher.match_all().unwrap().solution.pricing, None);
    let ilp = Options::new().algorithm(Algorithm::Ilp(Backend::Microlp));
    let matching = matcher.with_options(ilp).with_pairs(Pairs::Implicit).match_all().unwrap();
    assert_eq!(matching.solution.pricing, None);
    assert!(matching.solution.optimal);
}
