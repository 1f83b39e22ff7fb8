//! A living optimum that holds some pairs must be what one is that holds them all, after every change and to every
//! question.

use peermatch::assignment::{
    Control, Edit, LiveAssignment, LiveMarket, MarketEdit, Options, Problem, Supporter, TieBreak, Violation,
    solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, firm_instances, instances};
use crate::assignment_live::{Draw, draws};
use crate::assignment_live_market_world::{Table, World, row_of};

/// Whether an edit puts one unit out of place at most.
fn is_single(edit: &MarketEdit) -> bool {
    matches!(
        edit,
        MarketEdit::Edit(
            Edit::Forbid { .. } | Edit::ParticipantLeaves { .. } | Edit::ParticipantArrives { .. }
        )
    )
}

fn stays_optimal(instance: &Instance, per: usize, history: &[Vec<Draw>]) -> Result<(), TestCaseError> {
    let mut world = World::new(instance, per);
    world.holds()?;
    for batch in history {
        let before = world.clone();
        let edits: Vec<MarketEdit> = batch.iter().filter_map(|draw| world.draw(draw)).collect();
        let made = world.market.apply(&edits, &mut world.source);
        let told = || format!("after {edits:?}");
        let made = made.map_err(|error| TestCaseError::fail(format!("{error} {}", told())))?;
        world.holds().map_err(|error| TestCaseError::fail(format!("{error} {}", told())))?;
        prop_assert_eq!(made.outcome.after, world.market.objective());
        let people = world.all.problem().unwrap().participants();
        for participant in 0..people {
            let (from, to) =
                (before.market.supporter_of(participant), world.market.supporter_of(participant));
            let effect = made.outcome.effects.iter().find(|effect| effect.participant == participant);
            prop_assert_eq!(
                effect.map(|effect| (effect.from, effect.to)),
                (from != to).then_some((from, to))
            );
        }
        if let ([told], [draw]) = (&edits[..], &batch[..])
            && is_single(told)
            && before.has_no_vacancy()
            && !made.outcome.work.packed_anew
        {
            // As few move as where all pairs are held.
            let mut twin = World { all: before.same_matches(), ..before };
            let from = twin.all.matches();
            let same = twin.draw(draw);
            prop_assert_eq!(same.as_ref(), Some(told));
            let to = twin.all.matches();
            let moved = (0..people).filter(|&p| from.of(p) != to.of(p)).count();
            prop_assert_eq!(made.outcome.effects.len(), moved, "after {:?}", told);
        }
    }
    Ok(())
}

/// A world that has been through something.
fn lived(instance: &Instance, per: usize, history: &[Vec<Draw>]) -> World {
    let mut world = World::new(instance, per);
    for batch in history {
        let edits: Vec<MarketEdit> = batch.iter().filter_map(|draw| world.draw(draw)).collect();
        world.market.apply(&edits, &mut world.source).unwrap();
    }
    world
}

fn answers_are_exact(mut world: World) -> Result<(), TestCaseError> {
    let mut twin = world.same_matches();
    let before = world.bytes();
    for participant in 0..world.all.problem().unwrap().participants() {
        let (found, expected) =
            (world.market.frontier(participant, 3, &mut world.source), twin.frontier(participant, 3));
        prop_assert_eq!(found.is_ok(), world.all.frontier(participant, 0).is_ok());
        let (Ok(found), Ok(expected)) = (found, expected) else { continue };
        let plain = |repairs: &[peermatch::assignment::Repair]| {
            repairs.iter().map(|repair| (repair.displaced, repair.after)).collect::<Vec<_>>()
        };
        prop_assert_eq!(plain(&found), plain(&expected), "frontier of {}", participant);
        let found = world.market.alternates(participant, 3, &mut world.source).unwrap();
        let expected = twin.alternates(participant, 3).unwrap();
        let plain = |alternates: &[peermatch::assignment::Alternate]| {
            alternates.iter().map(|one| (one.supporter, one.after)).collect::<Vec<_>>()
        };
        prop_assert_eq!(plain(&found), plain(&expected), "alternates of {}", participant);
    }
    for supporter in 0..world.all.problem().unwrap().supporters() {
        let edits = [Edit::SupporterLeaves { supporter }];
        let expected = world.all.drill(&edits);
        let found = world.market.drill(&edits.map(MarketEdit::from), &mut world.source);
        let after = |found: Option<peermatch::assignment::Outcome>| found.map(|outcome| outcome.after);
        prop_assert_eq!(after(found.ok().map(|made| made.outcome)), after(expected.ok()));
    }
    prop_assert_eq!(world.bytes(), before);
    world.holds()
}

/// Whoever is taken in, over all pairs of the source; alternates among some; single pairs as the source has them.
fn opened_rows_are_exact(mut world: World) -> Result<(), TestCaseError> {
    for participant in 0..world.all.problem().unwrap().participants() {
        if world.given_rows.contains(&participant) || world.all.frontier(participant, 0).is_err() {
            continue;
        }
        let mut twin = world.same_matches();
        let row: Vec<(u32, i64)> = row_of(&world.source, participant)
            .into_iter()
            .filter(|pair| !world.given_columns.contains(&pair.0) && world.is_there(pair.0))
            .collect();
        let closed = Edit::Row { participant, pairs: Vec::new() };
        world.market.begin();
        world.market.apply(&[closed.clone().into()], &mut world.source).unwrap();
        twin.apply(&[closed]).unwrap();
        let before = world.bytes();
        let found = world.market.frontier_among(participant, &row, 3, &mut world.source);
        prop_assert_eq!(world.bytes(), before);
        // All pairs held, there may be no room for so cheap ones.
        let (Ok(found), Ok(expected)) = (found, twin.frontier_among(participant, &row, 3)) else {
            world.market.roll_back();
            continue;
        };
        if world.market.matches() == twin.matches() {
            let plain = |repairs: &[peermatch::assignment::Repair]| {
                repairs.iter().map(|repair| (repair.displaced, repair.after)).collect::<Vec<_>>()
            };
            prop_assert_eq!(plain(&found), plain(&expected), "frontier of {}", participant);
        }
        world.market.roll_back();
        let mut twin = world.same_matches();
        let even = |supporter: u32| supporter.is_multiple_of(2);
        let found = world.market.alternates_among(participant, 2, &even, &mut world.source).unwrap();
        let expected = twin.alternates_among(participant, 2, &even).unwrap();
        let plain = |alternates: &[peermatch::assignment::Alternate]| {
            alternates.iter().map(|one| (one.supporter, one.after)).collect::<Vec<_>>()
        };
        prop_assert_eq!(plain(&found), plain(&expected), "alternates of {}", participant);
        for supporter in 0..twin.problem().unwrap().supporters() {
            prop_assert_eq!(world.market.room(supporter), twin.room(supporter));
            prop_assert_eq!(world.market.load(supporter), twin.load(supporter));
        }
    }
    Ok(())
}

/// Only the last beginnings can be undone, and they are as before.
fn forgets_the_oldest(mut world: World, history: &[Vec<Draw>]) -> Result<(), TestCaseError> {
    let mut marks = Vec::new();
    for batch in history {
        marks.push(world.clone());
        world.market.begin();
        world.market.trim();
        let edits: Vec<MarketEdit> = batch.iter().filter_map(|draw| world.draw(draw)).collect();
        world.market.apply(&edits, &mut world.source).unwrap();
        if marks.len() > 2 {
            marks.remove(0);
            prop_assert!(world.market.forget_oldest());
        }
        prop_assert_eq!(world.market.open(), marks.len());
    }
    world.holds()?;
    while let Some(mark) = marks.pop() {
        prop_assert!(world.market.roll_back());
        prop_assert_eq!(world.bytes(), mark.bytes());
        world.source.costs = mark.source.costs;
        (world.all, world.given_rows, world.given_columns) = (mark.all, mark.given_rows, mark.given_columns);
        world.holds()?;
    }
    prop_assert!(!world.market.roll_back() && !world.market.forget_oldest());
    Ok(())
}

/// The pairs of the source change one by one, and the market is told which.
fn follows_single_pairs(mut world: World, pairs: &[(u32, u32, Option<i64>)]) -> Result<(), TestCaseError> {
    let problem = world.all.problem().unwrap();
    if problem.participants() == 0 || problem.supporters() == 0 {
        return Ok(());
    }
    for &(p, s, cost) in pairs {
        let (participant, supporter) = (p % problem.participants(), s % problem.supporters());
        let edit = match cost {
            Some(cost) => Edit::Allow { participant, supporter, cost },
            None => Edit::Forbid { participant, supporter },
        };
        if world.all.apply(&[edit]).is_err() {
            continue;
        }
        world.source.set(participant, supporter, cost);
        world.market.apply(&[MarketEdit::Pair { participant, supporter }], &mut world.source).unwrap();
        world.holds()?;
    }
    Ok(())
}

fn undoes_exactly(mut world: World, history: &[Vec<Draw>]) -> Result<(), TestCaseError> {
    let before = world.clone();
    world.market.begin();
    let mut marks = vec![before];
    for (at, batch) in history.iter().enumerate() {
        let edits: Vec<MarketEdit> = batch.iter().filter_map(|draw| world.draw(draw)).collect();
        world.market.apply(&edits, &mut world.source).unwrap();
        if at % 2 == 0 {
            marks.push(world.clone());
            world.market.begin();
        }
        // What cannot be meant changes nothing.
        let kept = world.bytes();
        let wrong = MarketEdit::Edit(Edit::Unpin { participant: 1_000_000 });
        let arrives = Edit::ParticipantArrives { pairs: Vec::new(), served_weight: 1, unmatched_cost: 5 };
        prop_assert!(world.market.apply(&[arrives.into(), wrong], &mut world.source).is_err());
        prop_assert_eq!(world.bytes(), kept);
    }
    while let Some(mark) = marks.pop() {
        prop_assert!(world.market.roll_back());
        prop_assert_eq!(world.bytes(), mark.bytes());
        // The floors of the source go on as they were told; its pairs go back.
        world.source.costs = mark.source.costs;
        (world.all, world.given_rows, world.given_columns) = (mark.all, mark.given_rows, mark.given_columns);
        world.holds()?;
    }
    prop_assert!(!world.market.roll_back());
    // And what is read from it goes on in the same way.
    let mut read: LiveMarket = serde_json::from_str(&world.bytes()).unwrap();
    prop_assert_eq!(serde_json::to_string(&read).unwrap(), world.bytes());
    for batch in history {
        let edits: Vec<MarketEdit> = batch.iter().filter_map(|draw| world.draw(draw)).collect();
        let mut other = Table { floors: Vec::new(), ..world.source.clone() };
        read.tell_again();
        let there = read.apply(&edits, &mut other).unwrap();
        let here = world.market.apply(&edits, &mut world.source).unwrap();
        prop_assert_eq!(there.outcome.effects, here.outcome.effects);
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), world.bytes());
    }
    Ok(())
}

fn holds_repairs(mut world: World) -> Result<(), TestCaseError> {
    let objective = world.market.objective();
    for participant in 0..world.all.problem().unwrap().participants() {
        let Ok(frontier) = world.market.frontier(participant, 2, &mut world.source) else { continue };
        for repair in frontier {
            world.market.begin();
            if let Ok(held) = world.market.hold(&repair, &mut world.source) {
                prop_assert_eq!(&held.outcome.effects, &repair.effects);
                let check = world.market.verify(&mut world.source);
                prop_assert!(check.proven_optimal, "{check}");
                world.market.apply(&held.release, &mut world.source).unwrap();
                world.holds()?;
            } else {
                // Where all pairs are held it is refused as well.
                prop_assert!(world.same_matches().hold(&repair).is_err());
            }
            world.market.roll_back();
        }
    }
    prop_assert_eq!(world.market.objective(), objective);
    Ok(())
}

const SHAPE: Shape = Shape { participants: 9, supporters: 8, capacity: 3, cost: 12, density: 80, pins: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 100, max_shrink_iters: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_stays_optimal(instance in instances(SHAPE), per in 1..4_usize, history in draws(10)) {
        stays_optimal(&instance, per, &history)?;
    }

    #[test]
    fn so_does_one_full_of_ties(
        instance in instances(Shape { cost: 1, ..SHAPE }), per in 1..4_usize, history in draws(10),
    ) {
        stays_optimal(&instance, per, &history)?;
    }

    #[test]
    fn so_does_one_with_firm_minimums(instance in firm_instances(SHAPE), per in 1..4_usize, history in draws(10)) {
        stays_optimal(&instance, per, &history)?;
    }

    #[test]
    fn so_does_one_of_more_people(
        instance in instances(Shape { participants: 30, supporters: 15, ..SHAPE }),
        per in 1..5_usize,
        history in draws(12),
    ) {
        stays_optimal(&instance, per, &history)?;
    }

    #[test]
    fn questions_are_answered_over_all_pairs(
        instance in instances(SHAPE), per in 1..4_usize, history in draws(5),
    ) {
        answers_are_exact(lived(&instance, per, &history))?;
    }

    #[test]
    fn so_they_are_among_ties(
        instance in instances(Shape { cost: 2, ..SHAPE }), per in 1..3_usize, history in draws(5),
    ) {
        answers_are_exact(lived(&instance, per, &history))?;
    }

    #[test]
    fn what_is_undone_was_never_done(
        instance in instances(SHAPE), per in 1..4_usize, first in draws(3), then in draws(6),
    ) {
        undoes_exactly(lived(&instance, per, &first), &then)?;
    }

    #[test]
    fn whoever_is_taken_in_may_have_anybody(
        instance in instances(SHAPE), per in 1..3_usize, history in draws(4),
    ) {
        opened_rows_are_exact(lived(&instance, per, &history))?;
    }

    #[test]
    fn the_oldest_way_back_is_forgotten(
        instance in instances(SHAPE), per in 1..4_usize, first in draws(3), then in draws(8),
    ) {
        forgets_the_oldest(lived(&instance, per, &first), &then)?;
    }

    #[test]
    fn single_pairs_are_followed(
        instance in instances(SHAPE),
        per in 1..4_usize,
        history in draws(3),
        pairs in proptest::collection::vec((0..20_u32, 0..20_u32, proptest::option::of(0..12_i64)), 1..20),
    ) {
        follows_single_pairs(lived(&instance, per, &history), &pairs)?;
    }

    #[test]
    fn repairs_are_held_and_released(instance in instances(SHAPE), per in 1..4_usize, history in draws(4)) {
        holds_repairs(lived(&instance, per, &history))?;
    }
}

/// Everyone somewhere on a circle; a pair costs how far it is, so that prices differ from place to place.
fn circle(participants: u32, supporters: u32) -> (Problem, Table) {
    let place = |number: u32, salt: u64| {
        // splitmix64
        let mut z = (u64::from(number) + salt).wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        ((z ^ (z >> 27)) % 100_000) as i64
    };
    let mut source = Table { range: (0, 50_000), ..Table::default() };
    for p in 0..participants {
        for s in 0..supporters {
            let apart = (place(p, 1 << 40) - place(s, 1 << 50)).abs();
            source.set(p, s, Some(apart.min(100_000 - apart)));
        }
    }
    let mut builder = Problem::builder(participants);
    for s in 0..supporters {
        builder.supporter(Supporter::new(s % 4 + 2));
    }
    builder.served_weights(vec![1; participants as usize]);
    (builder.build().unwrap(), source)
}

#[test]
fn few_pairs_are_held_and_asked_about() {
    let (people, places) = (600, 200);
    let (bare, mut source) = circle(people, places);
    let options = Options::new().tie_break(TieBreak::Unspecified);
    let nobody = solve(&bare, &options, &Control::new()).unwrap();
    let mut market = LiveMarket::new(&bare, &nobody, &mut source, 8).unwrap();
    let mut all = Problem::builder(people);
    for s in 0..places {
        all.supporter(Supporter::new(s % 4 + 2));
    }
    all.served_weights(vec![1; people as usize]);
    for p in 0..people {
        for (s, cost) in row_of(&source, p) {
            all.pair(p, s, cost);
        }
    }
    let mut all = LiveAssignment::solve(&all.build().unwrap()).unwrap();
    let begun = market.held_pairs();
    assert!(begun < (people * places) as usize / 8, "{begun} pairs are held");
    let (mut rows, mut columns, mut rounds, mut held) = (0, 0, 0, 0);
    let changes = 400;
    for change in 0..changes {
        let participant = change * 7 % people;
        let edit = match all.supporter_of(participant) {
            Some(supporter) if change % 3 > 0 => Edit::Forbid { participant, supporter },
            // Some have more places from now on, some fewer.
            _ => Edit::Capacity { supporter: change * 13 % places, capacity: change * 5 % 4 + 2 },
        };
        let after = all.apply(std::slice::from_ref(&edit)).unwrap().after;
        let made = market.apply(&[edit.into()], &mut source).unwrap();
        assert_eq!(made.outcome.after, after, "after {change} changes");
        rows += made.rows_asked;
        columns += made.columns_asked;
        rounds += made.rounds;
        held = held.max(market.held_pairs());
    }
    assert!(market.verify(&mut source).proven_optimal);
    assert!(held <= 5 * begun, "{begun} pairs were held, and then {held}");
    assert!(rows < 10 * u64::from(changes), "{rows} rows were asked for");
    assert!(columns < 2 * u64::from(changes), "{columns} columns were asked for");
    assert!(rounds < 3 * changes, "{rounds} rounds");
}

#[test]
fn what_is_wrong_is_told() {
    let (bare, mut source) = circle(20, 6);
    let nobody = solve(&bare, &Options::new(), &Control::new()).unwrap();
    let market = LiveMarket::new(&bare, &nobody, &mut source, 2).unwrap();
    assert!(market.clone().verify(&mut source).proven_optimal);
    // Pairs of the source that became cheaper, or are gone, without the market being told.
    let mut missed = 0;
    for (participant, supporter) in (0..20).flat_map(|p| (0..6).map(move |s| (p, s))) {
        let mut cheaper = source.clone();
        cheaper.set(participant, supporter, Some(0));
        let check = market.clone().verify(&mut cheaper);
        missed += u32::from(check.violations.iter().any(|one| matches!(one, Violation::PairMissed { .. })));
        // Once it is told, all is well again.
        let mut told = market.clone();
        told.apply(&[MarketEdit::Row { participant }], &mut cheaper).unwrap();
        assert!(told.verify(&mut cheaper).proven_optimal);
    }
    assert!(missed > 0);
    let mut gone = source.clone();
    gone.set(0, market.supporter_of(0).unwrap(), None);
    let check = market.clone().verify(&mut gone);
    assert!(check.violations.iter().any(|one| matches!(one, Violation::PairCost { participant: 0, .. })));
    // No number of a snapshot can be changed alone.
    let written = serde_json::to_value(&market).unwrap();
    for (name, value) in written.as_object().unwrap() {
        let mut damaged = written.clone();
        damaged[name] = match value {
            serde_json::Value::Number(number) => (number.as_u64().unwrap() ^ 1).into(),
            serde_json::Value::Array(list) if !list.is_empty() => list[1..].to_vec().into(),
            _ => continue,
        };
        assert!(serde_json::from_value::<LiveMarket>(damaged).is_err(), "{name}");
    }
    // A source that answers with what it was not asked for is an error, and nothing changes.
    let mut wide = source.clone();
    wide.range = (0, 10);
    let before = serde_json::to_string(&market).unwrap();
    let mut market = market;
    let arrives = Edit::ParticipantArrives { pairs: Vec::new(), served_weight: 1, unmatched_cost: 0 };
    for s in 0..6 {
        wide.set(20, s, Some(100));
    }
    assert!(market.apply(&[arrives.into()], &mut wide).unwrap_err().is_problem());
    assert_eq!(serde_json::to_string(&market).unwrap(), before);
}
