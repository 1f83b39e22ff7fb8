//! What a living optimum answers without changing: each against fresh solves or all assignments there are.

use peermatch::assignment::{Arrival, Edit, Effect, LiveAssignment, Matches, Problem, Rungs};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, firm_instances, instances};
use crate::assignment_live::{best, draws, edit, holds};

fn packed(rungs: Rungs, problem: &Problem) -> i128 {
    rungs.packed(&problem.scales()).unwrap()
}

fn bytes(live: &LiveAssignment) -> String {
    serde_json::to_string(live).unwrap()
}

/// A living optimum that has been through something.
fn lived(instance: &Instance, history: &[Vec<crate::assignment_live::Draw>]) -> LiveAssignment {
    let mut live = LiveAssignment::solve(&instance.build().unwrap()).unwrap();
    for batch in history {
        let problem = live.problem().unwrap();
        let edits: Vec<Edit> = batch.iter().filter_map(|draw| edit(&problem, draw)).collect();
        let _ = live.apply(&edits);
    }
    live
}

/// Whether capacities hold.
fn fits(problem: &Problem, matches: &Matches) -> bool {
    let mut groups = vec![0; problem.groups() as usize];
    let mut loads = vec![0; problem.supporters() as usize];
    for (_, supporter) in matches.iter() {
        loads[supporter as usize] += 1;
        let mut above = problem.group(supporter);
        while let Some(group) = above {
            groups[group as usize] += 1;
            above = problem.group_parent(group);
        }
    }
    (0..).zip(loads).all(|(s, load)| load <= problem.capacity(s))
        && (0..).zip(groups).all(|(g, load)| load <= problem.group_capacity(g))
}

/// Every way to match everyone.
fn all_matchings(problem: &Problem) -> Vec<Vec<Option<u32>>> {
    let mut all = vec![Vec::new()];
    for p in 0..problem.participants() {
        let options: Vec<Option<u32>> = match problem.pin(p) {
            Some((pinned, _)) => vec![Some(pinned)],
            None => problem.row(p).map(|pair| Some(pair.0)).chain([None]).collect(),
        };
        all = all
            .into_iter()
            .flat_map(|before| options.iter().map(move |&option| [&before[..], &[option]].concat()))
            .collect();
    }
    all.retain(|matching| fits(problem, &matching.clone().into()));
    all
}

fn frontiers_are_exact(live: &LiveAssignment) -> Result<(), TestCaseError> {
    let problem = live.problem().unwrap();
    let all: Vec<(Vec<Option<u32>>, Rungs)> = all_matchings(&problem)
        .into_iter()
        .map(|matching| {
            let cost = problem.objective(&matching.clone().into()).unwrap();
            (matching, cost)
        })
        .collect();
    for participant in 0..problem.participants() {
        let Ok(frontier) = live.frontier(participant, 4) else { continue };
        let present = live.supporter_of(participant);
        let mut expected: Vec<(u32, Rungs)> = Vec::new();
        for displaced in 0..=4 {
            let within = all.iter().filter(|(matching, _)| {
                let others = (0..problem.participants())
                    .filter(|&q| q != participant && matching[q as usize] != live.supporter_of(q));
                matching[participant as usize] != present && others.count() <= displaced
            });
            if let Some(cost) = within.map(|(_, cost)| *cost).min()
                && expected.last().is_none_or(|last| cost < last.1)
            {
                expected.push((displaced as u32, cost));
            }
        }
        let found: Vec<(u32, Rungs)> =
            frontier.iter().map(|repair| (repair.displaced, repair.after)).collect();
        prop_assert_eq!(&found, &expected, "participant {}", participant);
        for repair in &frontier {
            let mut matching: Vec<Option<u32>> =
                (0..problem.participants()).map(|q| live.supporter_of(q)).collect();
            for effect in &repair.effects {
                prop_assert_eq!(matching[effect.participant as usize], effect.from);
                prop_assert_ne!(effect.from, effect.to);
                matching[effect.participant as usize] = effect.to;
            }
            prop_assert_eq!(repair.effects.len() as u32, repair.displaced + 1);
            let matching = matching.into();
            prop_assert!(fits(&problem, &matching));
            prop_assert_eq!(problem.objective(&matching), Some(repair.after));
        }
    }
    Ok(())
}

fn alternates_are_exact(live: &mut LiveAssignment) -> Result<(), TestCaseError> {
    let problem = live.problem().unwrap();
    let before = bytes(live);
    for participant in 0..problem.participants() {
        let Ok(alternates) = live.alternates(participant, 3) else { continue };
        let mut expected = Vec::new();
        for (supporter, cost) in problem.row(participant) {
            let mut other = live.clone();
            let pinned = other.apply(&[Edit::Pin { participant, supporter, cost }]);
            if Some(supporter) != live.supporter_of(participant) && pinned.is_ok() {
                let least = best(&other.problem().unwrap()).unwrap_or(other.objective());
                expected.push((packed(least, &problem) - packed(live.objective(), &problem), supporter));
            }
        }
        expected.sort_unstable();
        expected.truncate(3);
        let found: Vec<(i128, u32)> = alternates.iter().map(|one| (one.cost, one.supporter)).collect();
        prop_assert_eq!(found, expected, "participant {}", participant);
    }
    prop_assert_eq!(bytes(live), before);
    Ok(())
}

fn prices_are_exact(live: &mut LiveAssignment) -> Result<(), TestCaseError> {
    let problem = live.problem().unwrap();
    let before = bytes(live);
    for supporter in 0..problem.supporters() {
        let price = live.price_of_place(supporter);
        let mut other = live.clone();
        let arrives = Edit::ParticipantArrives { pairs: vec![], served_weight: 0, unmatched_cost: 0 };
        let Ok(outcome) = other.apply(&[arrives]) else { continue };
        let Arrival::Participant(participant) = outcome.arrivals[0] else { continue };
        if other.apply(&[Edit::Pin { participant, supporter, cost: 0 }]).is_err() {
            prop_assert_eq!(price, None, "supporter {}", supporter);
            continue;
        }
        let after = other.problem().unwrap();
        let least = best(&after).unwrap_or(other.objective());
        let expected = packed(least, &problem) - packed(live.objective(), &problem);
        prop_assert_eq!(price, Some(expected), "supporter {}", supporter);
        // Those named do move, at that price.
        let mut matching: Vec<Option<u32>> =
            (0..after.participants()).map(|q| live.supporter_of(q)).collect();
        for Effect { participant, from, to } in live.who_makes_way(supporter) {
            prop_assert_eq!(matching[participant as usize], from);
            matching[participant as usize] = to;
        }
        matching[participant as usize] = Some(supporter);
        prop_assert_eq!(after.objective(&matching.into()), Some(other.objective()));
    }
    prop_assert_eq!(bytes(live), before);
    Ok(())
}

/// What a choice costs everybody else is the difference of two optima in which the participant takes no part.
fn openings_are_exact(live: &LiveAssignment) -> Result<(), TestCaseError> {
    let problem = live.problem().unwrap();
    for chooser in 0..problem.participants() {
        let Ok(openings) = live.openings(chooser) else { continue };
        // Asked first of a copy, so that nothing is known of all.
        let fresh = live.clone();
        let free = fresh.free_openings(chooser).unwrap();
        let own = live.supporter_of(chooser);
        // The place of somebody pinned is taken as taken still, which never makes another cheaper.
        let is_pinned = live.clone().alternates(chooser, 1).is_err();
        let mut without = live.clone();
        without.apply(&[Edit::ParticipantLeaves { participant: chooser }]).unwrap();
        let before = best(&without.problem().unwrap()).unwrap_or(without.objective());
        for supporter in 0..problem.supporters() {
            let price = openings.price(supporter);
            let has_room = live.room(supporter) > 0;
            prop_assert_eq!(free.price(supporter), price.filter(|_| has_room));
            prop_assert_eq!(free.cost(supporter), openings.cost(supporter).filter(|_| has_room));
            let mut other = without.clone();
            let arrives = Edit::ParticipantArrives { pairs: vec![], served_weight: 0, unmatched_cost: 0 };
            let Arrival::Participant(unit) = other.apply(&[arrives]).unwrap().arrivals[0] else { continue };
            if other.apply(&[Edit::Pin { participant: unit, supporter, cost: 0 }]).is_err() {
                prop_assert_eq!(price, None, "chooser {}, supporter {}", chooser, supporter);
                continue;
            }
            let after = other.problem().unwrap();
            let least = best(&after).unwrap_or(other.objective());
            let expected = packed(least, &problem) - packed(before, &problem);
            if is_pinned {
                // None where every place is pinned.
                let Some(price) = price else { continue };
                prop_assert!(price >= expected, "{} < {}", price, expected);
                prop_assert_eq!(packed(openings.cost(supporter).unwrap(), &problem), price);
                continue;
            }
            prop_assert_eq!(price, Some(expected), "chooser {}, supporter {}", chooser, supporter);
            let cost = openings.cost(supporter).unwrap();
            prop_assert_eq!(cost, least - before, "chooser {}, supporter {}", chooser, supporter);
            // Those named do move, at that price.
            let mut matching: Vec<Option<u32>> =
                (0..after.participants()).map(|q| live.supporter_of(q)).collect();
            for Effect { participant, from, to } in openings.who_makes_way(supporter) {
                prop_assert_ne!(participant, chooser);
                prop_assert_eq!(matching[participant as usize], from);
                matching[participant as usize] = to;
            }
            matching[chooser as usize] = None;
            matching[unit as usize] = Some(supporter);
            prop_assert_eq!(after.objective(&matching.into()), Some(other.objective()));
            if own == Some(supporter) {
                prop_assert!(openings.who_makes_way(supporter).is_empty());
            }
        }
    }
    Ok(())
}

/// After a change that puts one unit out of place, no optimum differs from what there was in fewer participants.
fn nobody_moves_for_nothing(live: &LiveAssignment, edit: &Edit) -> Result<(), TestCaseError> {
    let before = live.problem().unwrap();
    let mut after = live.clone();
    let Ok(outcome) = after.apply(std::slice::from_ref(edit)) else { return Ok(()) };
    let problem = after.problem().unwrap();
    let differs = |matching: &[Option<u32>]| {
        let was = |q: u32| if q < before.participants() { live.supporter_of(q) } else { None };
        (0..).zip(matching).filter(|&(q, &now)| was(q) != now).count()
    };
    let optima = all_matchings(&problem)
        .into_iter()
        .filter(|matching| problem.objective(&matching.clone().into()) == Some(after.objective()));
    let fewest = optima.map(|matching| differs(&matching)).min();
    prop_assert_eq!(fewest, Some(outcome.effects.len()), "{:?}: {:?}", edit, outcome);
    Ok(())
}

/// Every repair of a frontier can be held: exactly its moves are made, the result is optimal under what is held, and
/// releasing it leads back to the optimum there was.
fn repairs_hold(live: &LiveAssignment) -> Result<(), TestCaseError> {
    let participants = live.problem().unwrap().participants();
    for participant in 0..participants {
        for repair in live.frontier(participant, 3).unwrap_or_default() {
            let mut held = live.clone();
            let done = held.hold(&repair);
            prop_assert!(done.is_ok(), "participant {participant}, {repair:?}: {done:?}");
            let done = done.unwrap();
            prop_assert_eq!(&done.outcome.effects, &repair.effects);
            prop_assert_eq!(done.outcome.after, repair.after);
            holds(&held)?;
            held.apply(&done.release).unwrap();
            holds(&held)?;
            prop_assert_eq!(held.objective(), live.objective());
            prop_assert_eq!(held.problem().unwrap().pairs(), live.problem().unwrap().pairs());
        }
    }
    Ok(())
}

const SMALL: Shape = Shape { participants: 5, supporters: 4, capacity: 2, cost: 9, density: 65, pins: true };
const LARGER: Shape =
    Shape { participants: 12, supporters: 6, capacity: 3, cost: 9, density: 60, pins: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 120, max_shrink_iters: 2000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_frontier_is_the_best_of_all_assignments(
        instance in prop_oneof![instances(SMALL), firm_instances(SMALL), instances(Shape { cost: 1, ..SMALL })],
        history in draws(4),
    ) {
        let live = lived(&instance, &history);
        if live.problem().unwrap().participants() <= 6 {
            frontiers_are_exact(&live)?;
        }
    }

    #[test]
    fn one_unit_moves_no_more_than_it_must(
        instance in prop_oneof![instances(SMALL), firm_instances(SMALL), instances(Shape { cost: 1, ..SMALL })],
        history in draws(3),
    ) {
        let live = lived(&instance, &history);
        let problem = live.problem().unwrap();
        if problem.participants() > 6 {
            return Ok(());
        }
        for participant in 0..problem.participants() {
            if problem.pin(participant).is_none() {
                for (supporter, cost) in problem.row(participant) {
                    nobody_moves_for_nothing(&live, &Edit::Forbid { participant, supporter })?;
                    nobody_moves_for_nothing(&live, &Edit::Allow { participant, supporter, cost: cost - 2 })?;
                    nobody_moves_for_nothing(&live, &Edit::Allow { participant, supporter, cost: cost + 2 })?;
                }
            }
            nobody_moves_for_nothing(&live, &Edit::ParticipantLeaves { participant })?;
        }
        for supporter in 0..problem.supporters() {
            let more = problem.capacity(supporter) + 1;
            nobody_moves_for_nothing(&live, &Edit::Capacity { supporter, capacity: more })?;
            if let Some(fewer) = more.checked_sub(2) {
                nobody_moves_for_nothing(&live, &Edit::Capacity { supporter, capacity: fewer })?;
            }
        }
    }

    #[test]
    fn a_repair_can_be_held_and_released(
        instance in prop_oneof![instances(LARGER), firm_instances(SMALL), instances(Shape { cost: 1, ..LARGER })],
        history in draws(4),
    ) {
        repairs_hold(&lived(&instance, &history))?;
    }

    #[test]
    fn alternates_cost_what_two_solves_differ_by(
        instance in prop_oneof![instances(LARGER), firm_instances(LARGER)],
        history in draws(6),
    ) {
        alternates_are_exact(&mut lived(&instance, &history))?;
    }

    #[test]
    fn a_place_costs_what_two_solves_differ_by(
        instance in prop_oneof![instances(LARGER), firm_instances(LARGER), instances(Shape { cost: 1, ..LARGER })],
        history in draws(6),
    ) {
        prices_are_exact(&mut lived(&instance, &history))?;
    }

    #[test]
    fn what_a_choice_costs_everybody_else_is_the_difference_of_two_optima(
        instance in prop_oneof![instances(LARGER), firm_instances(LARGER), instances(Shape { cost: 1, ..LARGER })],
        history in draws(6),
    ) {
        openings_are_exact(&lived(&instance, &history))?;
    }

    /// Beginnings nest; what is undone is undone to the byte, and what goes on from there goes on as it did before.
    #[test]
    fn what_is_undone_never_was(
        instance in prop_oneof![instances(LARGER), firm_instances(LARGER)],
        history in draws(4),
        undone in draws(8),
    ) {
        let mut live = lived(&instance, &history);
        let mut states = vec![bytes(&live)];
        for batch in &undone {
            live.begin();
            let problem = live.problem().unwrap();
            let edits: Vec<Edit> = batch.iter().filter_map(|draw| edit(&problem, draw)).collect();
            let drilled = live.drill(&edits);
            prop_assert_eq!(&bytes(&live), &states[states.len() - 1]);
            match (live.apply(&edits), drilled) {
                (Ok(outcome), Ok(drilled)) => prop_assert_eq!((outcome.effects, outcome.after), (drilled.effects, drilled.after)),
                (Err(error), Err(drilled)) => prop_assert_eq!(error.to_string(), drilled.to_string()),
                (applied, drilled) => prop_assert!(false, "{applied:?} is not {drilled:?}"),
            }
            states.push(bytes(&live));
        }
        holds(&live)?;
        prop_assert_eq!(live.open(), undone.len());
        // Half of them one by one, the others kept as one and undone together.
        for expected in states[..states.len() - 1].iter().rev().take(undone.len() / 2) {
            prop_assert!(live.roll_back());
            prop_assert_eq!(&bytes(&live), expected);
        }
        while live.open() > 1 {
            prop_assert!(live.commit());
        }
        if live.open() == 1 {
            prop_assert!(live.roll_back());
        }
        prop_assert_eq!(&bytes(&live), &states[0]);
        prop_assert!(!live.roll_back() && !live.commit());
        holds(&live)?;
    }

    /// What is read is what was written, and becomes the same under the same changes.
    #[test]
    fn a_snapshot_goes_on_as_the_original(
        instance in prop_oneof![instances(LARGER), firm_instances(LARGER)],
        history in draws(6),
        after in draws(6),
    ) {
        let mut live = lived(&instance, &history);
        let written = bytes(&live);
        let mut read: LiveAssignment = serde_json::from_str(&written).unwrap();
        prop_assert_eq!(bytes(&read), written);
        for batch in &after {
            let problem = live.problem().unwrap();
            let edits: Vec<Edit> = batch.iter().filter_map(|draw| edit(&problem, draw)).collect();
            if let (Ok(one), Ok(other)) = (live.apply(&edits), read.apply(&edits)) {
                prop_assert_eq!(one.effects, other.effects);
            }
            prop_assert_eq!(bytes(&read), bytes(&live));
        }
        holds(&read)?;
    }

    #[test]
    fn a_damaged_snapshot_is_refused(instance in instances(SMALL), history in draws(3), at in any::<usize>()) {
        let written = bytes(&lived(&instance, &history));
        let digits: Vec<usize> = written.bytes().enumerate().filter(|(_, b)| b.is_ascii_digit()).map(|(i, _)| i).collect();
        let mut damaged = written.clone().into_bytes();
        let at = digits[at % digits.len()];
        damaged[at] = b'0' + (damaged[at] - b'0' + 1) % 10;
        let damaged = String::from_utf8(damaged).unwrap();
        prop_assert!(serde_json::from_str::<LiveAssignment>(&damaged).is_err(), "{damaged}");
        prop_assert!(serde_json::from_str::<LiveAssignment>(&written[..at]).is_err());
    }
}
