//! After every change the living optimum must be what a fresh solve finds, with a proof, and nobody moved for nothing.

use peermatch::assignment::{
    Arrival, Control, Edit, LiveAssignment, Options, Outcome, Problem, Rungs, Supporter, TieBreak, Violation,
    solve,
};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, firm_instances, instances};

/// One edit, drawn as numbers that are taken modulo what there is when its turn comes.
pub(crate) type Draw = (u8, u32, u32, i64, Vec<(u32, i64)>);

pub(crate) fn draws(longest: usize) -> impl Strategy<Value = Vec<Vec<Draw>>> {
    let pairs = prop::collection::vec((any::<u32>(), -6..20_i64), 0..6);
    let draw = (0..26_u8, any::<u32>(), any::<u32>(), -6..20_i64, pairs);
    let batch = prop_oneof![
        4 => prop::collection::vec(draw.clone(), 1),
        1 => prop::collection::vec(draw, 2..5),
    ];
    prop::collection::vec(batch, 1..longest)
}

/// What a draw means in a problem as it stands.
pub(crate) fn edit(problem: &Problem, (kind, a, b, number, drawn): &Draw) -> Option<Edit> {
    let (participants, supporters, groups) = (problem.participants(), problem.supporters(), problem.groups());
    let of = |drawn: u32, count: u32| (count > 0).then(|| drawn % count);
    let number = *number;
    let capacity = number.unsigned_abs() as u32 % 4;
    let pairs = |count: u32| {
        let mut pairs: Vec<(u32, i64)> =
            drawn.iter().filter_map(|&(other, cost)| Some((of(other, count)?, cost))).collect();
        pairs.sort_unstable();
        pairs.dedup_by_key(|pair| pair.0);
        pairs
    };
    let places = || {
        let mut places = Supporter::new(capacity);
        if *b % 3 == 0 {
            places = places.load_cost([number.min(2), number.max(3)]).balance_cost([0, 1, 2]);
        }
        if *b % 5 == 0 {
            places = places.minimum(capacity.min(1));
        }
        if let (Some(group), true) = (of(*a, groups), *b % 2 == 0) {
            places = places.group(group);
        }
        places
    };
    let participant = of(*a, participants);
    let supporter = of(*b, supporters);
    Some(match kind {
        0..=2 => Edit::Allow { participant: participant?, supporter: supporter?, cost: number },
        3 | 4 => Edit::Forbid { participant: participant?, supporter: supporter? },
        5 => {
            let participant = participant?;
            let row: Vec<u32> = problem.row(participant).map(|pair| pair.0).collect();
            Edit::Forbid { participant, supporter: row[of(*b, row.len() as u32)? as usize] }
        }
        6 => Edit::Row { participant: participant?, pairs: pairs(supporters) },
        7 => Edit::Column { supporter: supporter?, pairs: pairs(participants) },
        8 | 9 => Edit::Pin { participant: participant?, supporter: supporter?, cost: number },
        10 | 11 => Edit::Unpin { participant: participant? },
        12 => Edit::Standing { participant: participant?, supporter: (number > 0).then_some(supporter?) },
        13 => Edit::Unmatched { participant: participant?, served_weight: *b % 3, cost: number },
        14 | 15 => Edit::ParticipantArrives {
            pairs: pairs(supporters),
            served_weight: *b % 3,
            unmatched_cost: number * 2,
        },
        16 => Edit::ParticipantLeaves { participant: participant? },
        17 | 18 => Edit::SupporterArrives { supporter: places(), pairs: pairs(participants) },
        19 => Edit::SupporterLeaves { supporter: supporter? },
        20 | 21 => Edit::Capacity { supporter: supporter?, capacity },
        22 => Edit::Places { supporter: supporter?, places: places() },
        23 => Edit::Only { participant: participant?, supporter: (*b % 3 > 0).then_some(supporter?) },
        24 => Edit::Any { participant: participant? },
        _ => Edit::Group { group: of(*a, groups)?, capacity: *b % 8, minimum: u32::from(number == 3) },
    })
}

/// The optimum of a problem, and whether its firm minimums can be met.
pub(crate) fn best(problem: &Problem) -> Option<Rungs> {
    let options = Options::new().tie_break(TieBreak::Unspecified);
    match solve(problem, &options, &Control::new()) {
        Ok(assignment) => Some(assignment.objective),
        Err(error) => {
            assert!(error.is_infeasible(), "{error}");
            None
        }
    }
}

/// Everything that must hold between changes.
pub(crate) fn holds(live: &LiveAssignment) -> Result<Problem, TestCaseError> {
    let check = live.verify();
    prop_assert!(check.is_valid() && check.proven_optimal, "{check}");
    let problem = live.problem().unwrap();
    let assignment = live.assignment(&problem).unwrap();
    prop_assert_eq!(assignment.objective, live.objective());
    let second = assignment.verify(&problem);
    if let Some(best) = best(&problem) {
        prop_assert_eq!(best, live.objective());
        prop_assert!(second.is_valid() && second.proven_optimal, "{second}");
    } else {
        prop_assert!(live.objective().required > 0);
        let beside =
            second.violations.iter().filter(|violation| !matches!(violation, Violation::BelowMinimum { .. }));
        prop_assert_eq!(beside.count(), 0, "{}", second);
    }
    Ok(problem)
}

/// What the outcome says is what happened.
fn tells(live: &LiveAssignment, before: &LiveAssignment, outcome: &Outcome) -> Result<(), TestCaseError> {
    prop_assert_eq!(outcome.before, before.objective());
    prop_assert_eq!(outcome.after, live.objective());
    let count = live.problem().unwrap().participants();
    let mut effects = outcome.effects.iter().peekable();
    for participant in 0..count {
        let (from, to) = (before.supporter_of(participant), live.supporter_of(participant));
        if from != to {
            let effect = effects.next();
            prop_assert_eq!(effect.map(|e| (e.participant, e.from, e.to)), Some((participant, from, to)));
        }
    }
    prop_assert!(effects.next().is_none());
    Ok(())
}

fn stays_optimal(instance: &Instance, history: &[Vec<Draw>]) -> Result<(), TestCaseError> {
    let mut live = LiveAssignment::solve(&instance.build().unwrap()).unwrap();
    let mut problem = holds(&live)?;
    for batch in history {
        let edits: Vec<Edit> = batch.iter().filter_map(|draw| edit(&problem, draw)).collect();
        let before = live.clone();
        match live.apply(&edits) {
            Ok(outcome) => tells(&live, &before, &outcome)?,
            Err(error) => {
                prop_assert!(error.is_problem(), "{error}");
                tells_nothing_changed(&live, &before)?;
            }
        }
        problem = holds(&live).map_err(|error| TestCaseError::fail(format!("after {edits:?}: {error}")))?;
    }
    Ok(())
}

fn tells_nothing_changed(live: &LiveAssignment, before: &LiveAssignment) -> Result<(), TestCaseError> {
    prop_assert_eq!(live.objective(), before.objective());
    prop_assert_eq!(live.matches(), before.matches());
    Ok(())
}

const SHAPE: Shape = Shape { participants: 9, supporters: 6, capacity: 3, cost: 12, density: 60, pins: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, max_shrink_iters: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_history_stays_optimal(instance in instances(SHAPE), history in draws(12)) {
        stays_optimal(&instance, &history)?;
    }

    #[test]
    fn so_does_one_full_of_ties(instance in instances(Shape { cost: 1, ..SHAPE }), history in draws(12)) {
        stays_optimal(&instance, &history)?;
    }

    #[test]
    fn so_does_one_with_firm_minimums(instance in firm_instances(SHAPE), history in draws(12)) {
        stays_optimal(&instance, &history)?;
    }

    #[test]
    fn so_does_one_of_more_people(
        instance in instances(Shape { participants: 40, supporters: 15, ..SHAPE }),
        history in draws(20),
    ) {
        stays_optimal(&instance, &history)?;
    }
}

#[test]
fn who_arrives_gets_the_lowest_number_that_nobody_has() {
    let mut builder = Problem::builder(3);
    builder.supporter(Supporter::new(2));
    builder.served_weights(vec![1; 3]);
    builder.pair(0, 0, 1).pair(1, 0, 2).pair(2, 0, 3);
    let mut live = LiveAssignment::solve(&builder.build().unwrap()).unwrap();
    let arrives = || Edit::ParticipantArrives { pairs: vec![(0, 5)], served_weight: 1, unmatched_cost: 0 };
    let leaves = |participant| Edit::ParticipantLeaves { participant };
    let outcome = live.apply(&[leaves(1), leaves(0), arrives(), arrives(), arrives()]).unwrap();
    let expected = [0, 1, 3].map(Arrival::Participant);
    assert_eq!(outcome.arrivals, expected);
    assert!(live.verify().is_valid());
}

/// Changes of every kind in a long life, drawn from a seed: `PEERMATCH_LIVE_CHANGES` says how many (500 unless set).
/// The proof is checked after each, against a fresh solve now and then.
#[test]
fn a_long_life_stays_optimal() {
    let stated = std::env::var("PEERMATCH_LIVE_CHANGES").ok().and_then(|count| count.parse().ok());
    let changes: u64 = stated.unwrap_or(500);
    let mut random = 20_261_122_u64;
    let mut draw = || {
        // splitmix64
        random = random.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = random;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let (participants, supporters) = (120, 40);
    let mut builder = Problem::builder(participants);
    for _ in 0..supporters {
        let steps = [0, draw() as i64 % 5 + 5];
        builder.supporter(Supporter::new(draw() as u32 % 5).load_cost(steps).group(draw() as u32 % 6));
    }
    for group in 0..8 {
        builder.group(draw() as u32 % 20 + 5, (group < 6).then_some(6 + group % 2));
    }
    for participant in 0..participants {
        builder.unmatched(participant, draw() as u32 % 3, draw() as i64 % 20 + 30);
        for supporter in (participant % 4..supporters).step_by(4) {
            builder.pair(participant, supporter, draw() as i64 % 40);
        }
    }
    let mut live = LiveAssignment::solve(&builder.build().unwrap()).unwrap();
    let mut problem = live.problem().unwrap();
    let mut size = 0;
    for change in 0..changes {
        let pairs = (0..draw() % 12).map(|_| (draw() as u32, draw() as i64 % 26 - 6)).collect();
        // More leave than come, as long as there are enough.
        let kind = match (draw() % 24) as u8 {
            15 => 16,
            18 => 19,
            kind => kind,
        };
        let drawn = (kind, draw() as u32, draw() as u32, draw() as i64 % 26 - 6, pairs);
        if let Some(edit) = edit(&problem, &drawn) {
            let undone = draw() % 4 == 0;
            live.begin();
            let applied = live.apply(&[edit]);
            assert!(applied.is_ok() || applied.is_err_and(|error| error.is_problem()));
            if undone {
                live.roll_back()
            } else {
                live.commit()
            };
        }
        problem = live.problem().unwrap();
        let check = live.verify();
        assert!(check.is_valid() && check.proven_optimal, "after {change} changes: {check}");
        if change % 50 == 49 {
            let best = best(&problem);
            assert!(best.is_none_or(|best| best == live.objective()), "after {change} changes");
            let assignment = live.assignment(&problem).unwrap();
            assert!(assignment.verify(&problem).is_valid() || live.objective().required > 0);
        }
        size = size.max(problem.participants() + problem.supporters());
    }
    // Who left makes room for who comes.
    assert!(size < 1000, "{size} numbers were given");
    assert_eq!(live.open(), 0);
}

#[test]
fn a_group_closes_while_whoever_is_below_leaves() {
    for (order, deep) in [(0, true), (1, true), (0, false), (1, false)] {
        let mut builder = Problem::builder(2);
        let outer = builder.group(1, None);
        let inner = if deep { builder.group(1, Some(outer)) } else { outer };
        let near = builder.supporter(Supporter::new(1).group(inner));
        builder.pair(0, near, -8).pair(1, near, 8);
        let mut live = LiveAssignment::solve(&builder.build().unwrap()).unwrap();
        let closes = Edit::Group { group: inner, capacity: 0, minimum: 0 };
        let leaves = Edit::ParticipantLeaves { participant: 0 };
        let edits = if order == 0 { [closes, leaves] } else { [leaves, closes] };
        live.apply(&edits).unwrap();
        assert!(live.verify().is_valid());
    }
}
