//! Each formula of the policy against a table worked out by hand from the description of its settings.

use jiff::civil::{Date, date};
use peermatch::Policy;
use peermatch::policy::criteria::{
    Aggregate, AvailabilityCriterion, ChildAgeCriterion, ExperienceCriterion, GeographyCriterion,
    LanguageCriterion, Overlap, PreferencesCriterion, Reach,
};
use peermatch::policy::{Balance, BuiltIn, Loads, Priorities, Unknown};
use peermatch::program::{Coordinates, Participant};

/// Equal but for the last bits.
fn near(found: f64, wanted: f64) {
    assert!((found - wanted).abs() < 1e-9, "{found} instead of {wanted}");
}

#[test]
fn the_weights_say_what_comes_first() {
    let criteria = Policy::default().criteria;
    let weights = BuiltIn::ALL.map(|criterion| (criterion.as_str(), criteria.settings(criterion).0));
    let wanted = [
        ("condition", 25.0),
        ("issue", 25.0),
        ("preferences", 15.0),
        ("child_age", 10.0),
        ("geography", 10.0),
        ("language", 5.0),
        ("experience", 5.0),
        ("availability", 5.0),
        ("acquaintance", 0.0),
    ];
    assert_eq!(weights, wanted);
    assert!(BuiltIn::ALL.iter().all(|&criterion| criteria.settings(criterion).1 == Unknown::LeftOut));
    near(weights.iter().map(|(_, weight)| weight).sum(), 100.0);
}

#[test]
fn nearness_falls_to_a_third_over_the_decay() {
    let curve = GeographyCriterion { decay_km: 25.0, ..GeographyCriterion::default() };
    // 1, 1/sqrt(e), 1/e, 1/e^2, 1/e^4.
    for (km, score) in [
        (0.0, 1.0),
        (12.5, 0.606_530_659_713),
        (25.0, 0.367_879_441_171),
        (50.0, 0.135_335_283_237),
        (100.0, 0.018_315_638_889),
    ] {
        near(curve.in_person(km), score);
        near(curve.remote(km), 1.0);
        let counts = GeographyCriterion { remote_decay_km: Some(25.0), decay_km: 1.0, ..curve };
        near(counts.remote(km), score);
    }
    // "A meeting in person up to 13 km away then beats the phone for somebody who asked for in person first."
    assert!(
        curve.in_person(12.7) > curve.modality_factor(1) && curve.in_person(12.9) < curve.modality_factor(1)
    );
}

#[test]
fn each_place_down_a_list_costs_a_factor() {
    let geography = GeographyCriterion { later_modality_factor: 0.6, ..GeographyCriterion::default() };
    let language = LanguageCriterion { later_language_factor: 0.7, ..LanguageCriterion::default() };
    for (place, modality, tongue) in [(0, 1.0, 1.0), (1, 0.6, 0.7), (2, 0.36, 0.49)] {
        near(geography.modality_factor(place), modality);
        near(language.score(place), tongue);
    }
    near(language.score(3), 0.343);
    let only_the_first = LanguageCriterion { later_language_factor: 0.0, ..language };
    near(only_the_first.score(0), 1.0);
    assert!(only_the_first.score(1) > 0.0, "0 stands for no language in common");
    assert!(only_the_first.score(1) < 1e-5);
    let only_the_first = GeographyCriterion { later_modality_factor: 0.0, ..geography };
    near(only_the_first.modality_factor(0), 1.0);
    near(only_the_first.modality_factor(1), 0.0);
}

#[test]
fn whose_travelling_counts() {
    for (reach, ours, theirs, together) in [
        (Reach::Either, 10.0, 30.0, 30.0),
        (Reach::Either, 30.0, 10.0, 30.0),
        (Reach::Both, 10.0, 30.0, 10.0),
        (Reach::Both, 30.0, 10.0, 10.0),
        (Reach::Sum, 10.0, 30.0, 40.0),
        (Reach::Sum, 0.0, 0.0, 0.0),
    ] {
        near(reach.together(ours, theirs), together);
    }
}

#[test]
fn distances_on_the_globe() {
    let at = |latitude, longitude| Coordinates { latitude, longitude };
    let quarter = 6371.0088 * std::f64::consts::FRAC_PI_2;
    for (a, b, km) in [
        (at(36.0, -86.0), at(36.0, -86.0), 0.0),
        (at(0.0, 0.0), at(0.0, 90.0), quarter),
        (at(0.0, 0.0), at(90.0, 17.0), quarter),
        (at(0.0, -180.0), at(0.0, 180.0), 0.0),
        (at(0.0, 0.0), at(0.0, 180.0), 2.0 * quarter),
        (at(10.0, 20.0), at(11.0, 20.0), quarter / 90.0),
    ] {
        assert!((a.distance_km(b) - km).abs() < 1e-6, "{} instead of {km}", a.distance_km(b));
        assert!((a.distance_km(b) - b.distance_km(a)).abs() < 1e-9);
    }
}

#[test]
fn children_of_a_like_age() {
    let curve = ChildAgeCriterion {
        older_free_years: 4.0,
        older_fade_years: 10.0,
        younger_fade_years: 6.0,
        ..ChildAgeCriterion::default()
    };
    for (older, score) in [
        (0.0, 1.0),
        (4.0, 1.0),
        (4.5, 0.95),
        (9.0, 0.5),
        (14.0, 0.0),
        (30.0, 0.0),
        (-0.6, 0.9),
        (-3.0, 0.5),
        (-6.0, 0.0),
        (-50.0, 0.0),
    ] {
        near(curve.score(older), score);
    }
}

#[test]
fn experience_is_a_lead() {
    let curve = ExperienceCriterion { full_lead_years: 3.0, ..ExperienceCriterion::default() };
    for (theirs, ours, score) in [
        (0.0, 0.0, 0.0),
        (1.5, 0.0, 0.5),
        (3.0, 0.0, 1.0),
        (20.0, 0.0, 1.0),
        (5.0, 3.5, 0.5),
        (2.0, 2.0, 0.0),
        (2.0, 9.0, 0.0),
    ] {
        near(curve.score(theirs, ours), score);
    }
}

#[test]
fn time_in_common_up_to_what_is_needed() {
    let curve = AvailabilityCriterion { full_minutes: 120.0, ..AvailabilityCriterion::default() };
    for (hours, full) in [(None, 120.0), (Some(0.5), 120.0), (Some(2.0), 120.0), (Some(3.5), 210.0)] {
        near(curve.full_minutes_for(hours), full);
    }
    for (minutes, full, score) in
        [(0, 120.0, 0.0), (30, 120.0, 0.25), (120, 120.0, 1.0), (500, 120.0, 1.0), (105, 210.0, 0.5)]
    {
        near(AvailabilityCriterion::score(minutes, full), score);
    }
}

#[test]
fn both_sides_wishes() {
    let with = |supporter_share| PreferencesCriterion { supporter_share, ..PreferencesCriterion::default() };
    for (share, ours, theirs, score) in [
        (0.5, Some(1.0), Some(0.0), Some(0.5)),
        (0.2, Some(1.0), Some(0.0), Some(0.8)),
        (0.2, Some(0.5), Some(1.0), Some(0.6)),
        (0.0, Some(0.25), Some(1.0), Some(0.25)),
        (1.0, Some(0.25), Some(1.0), Some(1.0)),
        // Who has no wish that can be judged leaves it to the other.
        (0.2, Some(0.4), None, Some(0.4)),
        (0.2, None, Some(0.9), Some(0.9)),
        (0.2, None, None, None),
    ] {
        match (with(share).score(ours, theirs), score) {
            (Some(found), Some(wanted)) => near(found, wanted),
            (found, wanted) => assert_eq!(found, wanted),
        }
    }
}

#[test]
fn knowing_each_other_scores_what_the_policy_says() {
    let mut criterion = Policy::default().criteria.acquaintance;
    near(criterion.score(false), 1.0);
    near(criterion.score(true), 0.0);
    criterion.score_if_known = 0.7;
    near(criterion.score(false), 1.0);
    near(criterion.score(true), 0.7);
}

#[test]
fn later_codes_count_less() {
    let weights = |later_code_factor, count| {
        let overlap = Overlap { aggregate: Aggregate::Coverage, later_code_factor };
        overlap.code_weights(count).collect::<Vec<_>>()
    };
    assert_eq!(weights(0.7, 4), [10_000, 7_000, 4_900, 3_430]);
    assert_eq!(weights(1.0, 3), [10_000; 3]);
    assert_eq!(weights(0.01, 3), [10_000, 100, 1]);
    assert!(weights(0.01, 9).iter().all(|&weight| weight > 0), "every code counts");
    assert!(weights(0.7, 0).is_empty());
}

#[test]
fn lists_of_codes_by_hand() {
    // Likeness of n and m: 1 less a tenth for each step between them.
    let like = |a: u32, b: u32| 1_000_000 - a.abs_diff(b).min(10) * 100_000;
    let measure = |aggregate, later_code_factor, ours: &[u32], theirs: &[u32]| {
        let overlap = Overlap { aggregate, later_code_factor };
        let weights: Vec<u32> = overlap.code_weights(ours.len()).collect();
        overlap.measure(ours, &weights, theirs, like)
    };
    // What else the supporter has lived through does not matter: (1 + 0.7 * 0.9) / 1.7.
    assert_eq!(measure(Aggregate::Coverage, 0.7, &[10, 15], &[10, 14, 90]), (958_823, 1_000_000));
    assert_eq!(measure(Aggregate::Coverage, 1.0, &[10, 15], &[10, 14, 90]), (950_000, 1_000_000));
    assert_eq!(measure(Aggregate::Coverage, 1.0, &[15, 40], &[14]), (450_000, 900_000));
    // Back, every code the same: (1 + 0.9 + 0) / 3 = 0.633333; the mean with 0.95, rounded down.
    assert_eq!(measure(Aggregate::Symmetric, 1.0, &[10, 15], &[10, 14, 90]), (791_666, 1_000_000));
    // One in common, four in all.
    assert_eq!(measure(Aggregate::Jaccard, 1.0, &[10, 15], &[10, 14, 90]), (250_000, 1_000_000));
    assert_eq!(measure(Aggregate::Jaccard, 1.0, &[15], &[14]), (0, 900_000));
}

#[test]
fn a_load_gets_dearer_with_each_match() {
    let loads = Loads { further_match_price: 0.02, wished_minimum_bonus: 0.05, ..Loads::default() };
    let costs = |wished| (0..5).map(|place| loads.place_cost(place, wished)).collect::<Vec<_>>();
    assert_eq!(costs(0), [0, 20_000, 40_000, 60_000, 80_000]);
    assert_eq!(costs(2), [-50_000, -30_000, 40_000, 60_000, 80_000]);
    let free = Loads { further_match_price: 0.0, wished_minimum_bonus: 0.0, ..loads };
    assert!((0..9).all(|place| free.place_cost(place, 4) == 0));
}

#[test]
fn even_loads_weigh_least() {
    let weigh = |balance, capacity, load: u32| {
        let loads = Loads { balance, ..Loads::default() };
        (0..load).map(|place| loads.balance_cost(place, capacity)).sum::<i64>()
    };
    for load in 0..6 {
        assert_eq!(weigh(Balance::Off, 3, load), 0);
        assert_eq!(weigh(Balance::Count, 3, load), i64::from(load * load));
        // The square of the load over the capacity, in 5040ths.
        assert_eq!(weigh(Balance::ShareOfCapacity, 6, load), i64::from(load * load) * 840);
    }
    // Two matches for capacities of 2 and 4: one each is half and a quarter, two for the larger half and nothing.
    let share =
        |small, large| weigh(Balance::ShareOfCapacity, 2, small) + weigh(Balance::ShareOfCapacity, 4, large);
    assert!(share(1, 2) < share(0, 3) && share(1, 2) < share(2, 1), "both half full");
    for capacity in [1, 3, 7, 11, 13, 5041, 40_000] {
        for balance in [Balance::ShareOfCapacity, Balance::Count] {
            let loads = Loads { balance, ..Loads::default() };
            let costs: Vec<i64> = (0..50).map(|place| loads.balance_cost(place, capacity)).collect();
            assert!(costs.is_sorted(), "never falls from one place to the next");
        }
    }
}

#[test]
fn capacities() {
    let with =
        |default_capacity, capacity_limit| Loads { default_capacity, capacity_limit, ..Loads::default() };
    for (default, limit, declared, capacity) in [
        (1, None, None, 1),
        (3, None, None, 3),
        (3, None, Some(0), 0),
        (3, None, Some(9), 9),
        (3, Some(2), None, 2),
        (3, Some(2), Some(9), 2),
        (3, Some(2), Some(1), 1),
        (3, Some(0), Some(1), 0),
    ] {
        assert_eq!(with(default, limit).capacity(declared), capacity);
    }
}

#[test]
fn urgency_grows_with_waiting() {
    let today = date(2026, 11, 21);
    let somebody = |priority, waiting_since: Option<Date>| Participant {
        priority,
        waiting_since,
        ..Participant::new("P")
    };
    let priorities = Priorities { waiting_days_per_level: 30, waiting_levels_at_most: 3 };
    for (priority, since, urgency) in [
        (0, None, 0),
        (9, None, 9),
        (0, Some(today), 0),
        (0, Some(date(2026, 10, 23)), 0),
        (0, Some(date(2026, 10, 22)), 1),
        (2, Some(date(2026, 9, 22)), 4),
        (0, Some(date(2026, 8, 23)), 3),
        (0, Some(date(2020, 1, 1)), 3),
        // Somebody who will ask waits not at all.
        (1, Some(date(2026, 11, 22)), 1),
        (1, Some(date(2027, 11, 22)), 1),
    ] {
        assert_eq!(priorities.urgency(&somebody(priority, since), today), urgency, "{priority} {since:?}");
    }
    let long = Some(date(2020, 1, 1));
    let never = Priorities { waiting_days_per_level: 0, waiting_levels_at_most: 3 };
    assert_eq!(never.urgency(&somebody(2, long), today), 2, "0 leaves waiting out");
    let none = Priorities { waiting_days_per_level: 30, waiting_levels_at_most: 0 };
    assert_eq!(none.urgency(&somebody(2, long), today), 2);
}
