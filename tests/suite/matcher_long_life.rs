//! Programmes that live long: after each of many changes of every kind the kept optimum is that of a fresh solve, its
//! certificate holds, and nobody was moved whom a best matching from where they stood would have left.
//!
//! `PEERMATCH_CHANGES=100000 cargo test --release --test suite long_life` makes so many; a few hundred are made where
//! nothing is said. Each life has a programme, a policy and draws of its own, all of them from its number, and a
//! failure names it: `PEERMATCH_LIFE=7` begins with that one.

use std::collections::{BTreeMap, BTreeSet};

use peermatch::Matcher;
use peermatch::matcher::{Change, Pairs, Rematch};
use peermatch::policy::Reason;
use peermatch::program::{Hold, ParticipantId, ProgramData, StandingMatch};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::matcher_changes::{Draw, begin, check, check_beside, draw_among, match_anew, matches};
use crate::random_policy::{Rules, rules};
use crate::random_programme::{TODAY, programme};

/// Most lives are short, so that many policies are lived under; now and then one is long.
const LENGTHS: [u32; 4] = [100, 100, 100, 1_000];

/// What every draw of a life comes from.
fn runner(life: u32) -> TestRunner {
    let mut seed = [0; 32];
    seed[..4].copy_from_slice(&life.to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &seed))
}

fn rows(data: &ProgramData) -> BTreeMap<ParticipantId, StandingMatch> {
    data.history.standing.iter().map(|row| (row.participant.clone(), row.clone())).collect()
}

/// Nobody moves needlessly: from where people stood, a fresh solve finds nothing better and moves as many.
fn check_moves(
    before: &ProgramData,
    change: &Change,
    matcher: &Matcher,
    rules: &Rules,
) -> Result<(), TestCaseError> {
    let mut data = matcher.program().to_data();
    let (stood, stands) = (rows(before), rows(&data));
    let people: BTreeSet<_> = data.participants.iter().map(|one| &one.id).collect();
    let helpers: BTreeSet<_> = data.supporters.iter().map(|one| &one.id).collect();
    let goes_on = |row: &&StandingMatch| {
        let apart = data
            .history
            .barred
            .iter()
            .any(|own| own.participant == row.participant && own.supporter == row.supporter);
        let over = matches!(change, Change::MatchEnds { participant, .. } if *participant == row.participant);
        let there = people.contains(&row.participant) && helpers.contains(&row.supporter);
        row.hold == Hold::Movable && there && !apart && !over
    };
    // Whoever is pinned now stays, and whoever was is where they are.
    let mut whence: BTreeMap<_, _> =
        stood.values().filter(goes_on).map(|row| (&row.participant, row)).collect();
    for row in stands.values() {
        if row.hold == Hold::Pinned || stood.get(&row.participant).is_some_and(|row| row.hold == Hold::Pinned)
        {
            whence.insert(&row.participant, row);
        }
    }
    let price = |row: &StandingMatch| match row.hold {
        Hold::Pinned => 0,
        Hold::Movable => (row.price.unwrap_or(matcher.policy().objective.change_price) * 1e6).round() as i128,
    };
    let mut expected = matcher.quality().unwrap().cost;
    expected.quality += stands.values().map(price).sum::<i128>();
    let stayed = |row: &&&StandingMatch| {
        stands.get(&row.participant).is_some_and(|own| own.supporter == row.supporter)
    };
    expected.quality -= whence.values().filter(stayed).map(|row| price(row)).sum::<i128>();
    let rows: Vec<StandingMatch> = whence.values().map(|&row| row.clone()).collect();
    let moved = whence.values().filter(|row| !stayed(row)).count();
    data.history.standing.clone_from(&rows);
    let fresh = match_anew(data, matcher, rules);
    let cost = fresh.solution.cost;
    prop_assert_eq!(
        (cost.required, cost.served, cost.quality),
        (expected.required, expected.served, expected.quality)
    );
    if matcher.policy().objective.least_change {
        let found = matches(&fresh);
        let left = |row: &&StandingMatch| {
            found.get(row.participant.as_str()).is_none_or(|own| own != row.supporter.as_str())
        };
        prop_assert_eq!(rows.iter().filter(left).count(), moved);
        prop_assert_eq!(cost.balance, expected.balance);
    }
    Ok(())
}

/// One thing that happens, of some kind; false if it was refused.
fn step(
    matcher: &mut Matcher,
    rules: &Rules,
    draw: &Draw,
    number: u32,
    reason: Reason,
) -> Result<bool, TestCaseError> {
    let Some(change) = draw.change(matcher) else { return Ok(false) };
    let before = matcher.program().to_data();
    match number % 10 {
        // Made, and undone or only asked for.
        3 => {
            let quality = matcher.quality().unwrap();
            if number % 20 < 10 {
                let _ = matcher.drill(&change, TODAY);
            } else if matcher.apply_within(&change, draw.reach, TODAY).is_ok() {
                prop_assert!(matcher.undo());
            }
            prop_assert_eq!(&matcher.program().to_data(), &before);
            prop_assert_eq!(matcher.quality().unwrap(), quality);
            check(matcher, rules)?;
            Ok(false)
        }
        // A match fails.
        6 => {
            let Some(row) =
                before.history.standing.get(number as usize % before.history.standing.len().max(1))
            else {
                return Ok(false);
            };
            let request =
                Rematch { reach: Some(draw.reach), ..Rematch::new(row.participant.clone(), reason) };

            let done = matcher.rematch(&request, TODAY).is_ok();
            let chooses = done && !matcher.policy().rematch.consequences(reason).rematch;
            check_beside(matcher, rules, chooses.then_some(row.participant.as_str()))?;
            settle(matcher, rules)?;
            Ok(done)
        }
        // Somebody lets it reach less far, and lets go of what that held.
        9 => {
            let done = matcher.apply_within(&change, draw.reach, TODAY).is_ok();
            check(matcher, rules)?;
            settle(matcher, rules)?;
            Ok(done)
        }
        _ => {
            let done = matcher.apply(&change, TODAY).is_ok();
            check(matcher, rules)?;
            if done {
                check_moves(&before, &change, matcher, rules)?;
            } else {
                prop_assert_eq!(&matcher.program().to_data(), &before);
            }
            Ok(done)
        }
    }
}

fn settle(matcher: &mut Matcher, rules: &Rules) -> Result<(), TestCaseError> {
    matcher.apply(&Change::Settle {}, TODAY).unwrap();
    prop_assert!(matcher.held().unwrap().is_empty());
    check(matcher, rules)
}

/// A life of so many changes.
fn live(life: u32, changes: u32) {
    let mut runner = runner(life);
    let mut rules = rules().new_tree(&mut runner).unwrap().current();
    rules.policy.objective.worst_off_first = false;
    let size = if life.is_multiple_of(3) { (40, 25) } else { (12, 9) };
    let data = programme(size.0, size.1).new_tree(&mut runner).unwrap().current();
    let draws = draw_among(size.0, size.1);
    let reasons = prop::sample::select(Reason::ALL.to_vec());
    let pairs = if life.is_multiple_of(2) { Pairs::Explicit } else { Pairs::Implicit };
    let mut matcher = begin(data, &rules, pairs);
    let (mut made, mut number) = (0, 0);
    while made < changes {
        let draw = draws.new_tree(&mut runner).unwrap().current();
        let reason = reasons.new_tree(&mut runner).unwrap().current();
        match step(&mut matcher, &rules, &draw, number, reason) {
            Ok(done) => made += u32::from(done),
            Err(error) => panic!("life {life}, step {number} ({draw:?}, {reason}): {error}"),
        }
        number += 1;
    }
}

fn asked(name: &str) -> Option<u32> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

#[test]
fn a_long_life_stays_optimal() {
    let mut left = asked("PEERMATCH_CHANGES").unwrap_or(300);
    for life in asked("PEERMATCH_LIFE").unwrap_or(0).. {
        if left == 0 {
            break;
        }
        let changes = left.min(LENGTHS[life as usize % LENGTHS.len()]);
        live(life, changes);
        left -= changes;
    }
}
