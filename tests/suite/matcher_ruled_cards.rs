//! Cards under rules about matches together, or with the worst-off first, over programmes so small that everything can be
//! counted by hand: who is shown, and what each costs with nobody else moved.

use std::collections::BTreeMap;

use peermatch::matcher::{CardQuery, MenuQuery, Sure};

use crate::matcher_oracle::{HELPERS, PEOPLE, Plan, helper, person, plan};
use crate::matcher_ruled_oracle::worlds;
use crate::random_programme::TODAY;

fn cards_are_those_that_rules_allow(full: bool) {
    let (mut shown, mut barred, mut priced, mut chosen) = (0, 0, 0, 0);
    for (world, under) in worlds(full, 120) {
        let matcher = under.living(&world);
        let stands = plan(&matcher);
        for one in (0..PEOPLE).filter(|one| !world.pinned.contains(one)) {
            let with = |own: Option<usize>| -> Option<(Plan, i64)> {
                let mut plan = stands.clone();
                plan[one] = own;
                let allowed = world.plans().contains(&plan);
                let value = allowed.then(|| under.value(&world, &plan)).flatten()?;
                Some((plan, value.2))
            };
            // Without them, or where a rule asks for them, as they are.
            let left = world.left_is_worth.unwrap_or(0);
            let without = with(None).map(|(_, value)| value - left).or_else(|| {
                let (_, value) = with(stands[one])?;
                let own = |own| world.score(one, own).unwrap() + world.change_price;
                Some(value - stands[one].map_or(left, own))
            });
            // As things stand: a place that their own leaving would free is not free yet.
            let load = |other: usize| stands.iter().filter(|own| **own == Some(other)).count();
            let limited = |other: usize| other < 2 && load(0) + load(1) >= world.caseload;
            let free = |other: usize| load(other) < world.places[other] && !limited(other);
            let expected: BTreeMap<String, i64> = (0..HELPERS)
                .filter(|&other| stands[one] != Some(other) && free(other))
                .filter(|&other| world.score(one, other).is_some())
                .filter_map(|other| {
                    let (_, value) = with(Some(other))?;
                    let others = without? - (value - world.score(one, other).unwrap());
                    Some((helper(other).to_string(), others))
                })
                .collect();
            barred += (0..HELPERS)
                .filter(|&other| stands[one] != Some(other) && free(other))
                .filter(|&other| world.score(one, other).is_some() && with(Some(other)).is_none())
                .count();
            let query = CardQuery { count: Some(10), ..CardQuery::new(person(one)) };
            let cards = matcher.cards(&query).unwrap();
            let found: BTreeMap<String, i64> = cards
                .offered
                .iter()
                .map(|own| {
                    assert_eq!(own.cost.sure, Sure::AtMost);
                    assert_eq!(i128::from(own.cost.score.micro()), own.cost.rungs.quality);
                    (own.card.supporter.to_string(), own.cost.score.micro())
                })
                .collect();
            assert_eq!(found, expected, "{one} {stands:?} {under:?}");
            shown += found.len();
            priced += found.values().filter(|&&cost| cost != 0).count();
            // On a menu alone the same are offered, at the same costs.
            let menu = MenuQuery { each: vec![query.clone()], ..MenuQuery::default() };
            let menu = matcher.menus(&menu).unwrap().remove(0);
            let offered = menu.offered.iter();
            let offered: BTreeMap<String, i64> =
                offered.map(|own| (own.card.supporter.to_string(), own.cost.score.micro())).collect();
            assert_eq!(offered, found);
            // Whoever is shown can be chosen, and nobody else loses a match.
            for own in &cards.offered {
                let mut host = matcher.clone();
                host.choose(&person(one), &own.card.supporter, TODAY.into()).unwrap();
                let made = plan(&host);
                let others = (0..PEOPLE).filter(|&other| other != one && stands[other].is_some());
                assert!(others.clone().all(|other| made[other] == stands[other]), "{stands:?} {made:?}");
                assert_eq!(helper(made[one].unwrap()), own.card.supporter);
                chosen += 1;
            }
        }
    }
    assert!(
        shown > 100 && priced > 10 && chosen > 100 && (full || barred > 5),
        "{shown} {barred} {priced} {chosen}"
    );
}

#[test]
fn under_rules_whoever_may_be_chosen_is_shown_with_the_cost() {
    cards_are_those_that_rules_allow(false);
}

#[test]
fn the_same_with_supervisors_loads_and_pins() {
    cards_are_those_that_rules_allow(true);
}
