//! Cards against a plain sort of everybody whom the plain scorer lets through, and what they cost everybody else against
//! two fresh matchings, whatever happened to the programme before.

use std::collections::{BTreeMap, BTreeSet};

use peermatch::assignment::Rungs;
use peermatch::matcher::{CardQuery, Cards, MenuQuery, Pairs, Sure};
use peermatch::matching::Caseload;
use peermatch::policy::Ranking;
use peermatch::policy::rules::People;
use peermatch::program::{Hold, Modality, Participant, StandingMatch, SupervisorId};
use peermatch::{Matcher, Program};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use crate::matcher_changes::{begin, draw_among, match_anew};
use crate::random_policy::{Rules, rules};
use crate::random_programme::programme;

/// What orders two choices: less is better.
type Cost = (i128, i128, i128, i128, i128);

fn ordered(rungs: &Rungs) -> Cost {
    (rungs.required, rungs.served, rungs.quality, rungs.change, rungs.balance)
}

/// What a choice costs everybody else: the best with the choice, less that without whoever chooses. None where those who
/// are pinned leave no place for it.
fn cost_to_others(matcher: &Matcher, rules: &Rules, participant: &str, supporter: &str) -> Option<Rungs> {
    let mut without = matcher.program().to_data();
    without.history.standing.retain(|row| row.participant.as_str() != participant);
    let mut with = without.clone();
    for one in without.participants.iter_mut().filter(|one| one.id.as_str() == participant) {
        one.consent = false;
    }
    with.history.standing.push(StandingMatch {
        participant: participant.into(),
        supporter: supporter.into(),
        hold: Hold::Pinned,
        price: None,
        since: None,
    });
    let before = match_anew(without, matcher, rules).solution.cost;
    let matching = match_anew(with, matcher, rules);
    // Pins count even where a limit is exceeded by them; a choice does not.
    let now = matcher.matching().unwrap();
    let most = |id: &peermatch::program::SupporterId| {
        now.loads.iter().find(|own| own.supporter == *id).map_or(0, |own| own.capacity.max(own.load))
    };
    let limit = |id: &SupervisorId| {
        let own = now.caseloads.iter().find(|own| own.supervisor == *id)?;
        own.limit.map(|limit| limit.max(own.load))
    };
    let supervised = matcher.policy().loads.supervisor_caseloads;
    let fits = matching.loads.iter().all(|own| own.load <= most(&own.supporter))
        && (!supervised
            || matching
                .caseloads
                .iter()
                .all(|own| limit(&own.supervisor).is_none_or(|most| own.load <= most)));
    if !fits {
        return None;
    }
    let own = matching.of_participant(participant).unwrap().explanation.weight().micro();
    let after = matching.solution.cost;
    let of_own = Rungs { quality: -i128::from(own), ..Rungs::default() };
    Some(after - of_own - before)
}

/// Where another match fits in without anybody's making way.
fn free(matcher: &Matcher, participant: &str) -> BTreeSet<String> {
    let matching = matcher.matching().unwrap();
    let supervised = matcher.policy().loads.supervisor_caseloads;
    let limited = |id: &str| {
        let program = matcher.program();
        let own = &program.supporters()[program.supporter_index(id).unwrap()];
        let caseload = matching
            .caseloads
            .iter()
            .find(|caseload| own.supervisor.as_ref().is_some_and(|own| *own == caseload.supervisor));
        // What the participant has is left.
        let left = |under: &SupervisorId| {
            let stands = program.standing_of(participant).map(|row| row.supporter.as_str());
            let place = stands.and_then(|id| program.supporter_index(id));
            place.is_some_and(|place| program.supporters()[place].supervisor.as_ref() == Some(under))
        };
        let load = |own: &Caseload| own.load - u32::from(left(&own.supervisor));
        supervised && caseload.is_some_and(|own| own.limit.is_some_and(|limit| load(own) >= limit))
    };
    let open = matching.loads.iter().filter(|own| own.load < own.capacity);
    open.map(|own| own.supporter.to_string()).filter(|id| !limited(id)).collect()
}

/// Somebody on the whole list.
struct Entry {
    id: String,
    weight: i128,
    cost: Rungs,
    position: usize,
}

/// The whole list as anybody would sort it, then arranged by the rules as they are written.
fn by_hand(
    matcher: &Matcher,
    rules: &Rules,
    query: &CardQuery,
    kept: &Cards,
) -> Result<Vec<String>, TestCaseError> {
    let id = query.participant.as_str();
    let policy = matcher.policy().clone();
    let program = matcher.program();
    // The record as the question has it.
    let mut data = program.to_data();
    for one in data.participants.iter_mut().filter(|one| one.id == query.participant) {
        one.weights.extend(query.weights.clone());
        if !query.modalities.is_empty() {
            one.modalities.clone_from(&query.modalities);
        }
    }
    let others = Program::new(data).unwrap();
    let fresh = Matcher::new(others.clone(), policy.clone(), matcher.as_of()).unwrap();
    let fresh = rules.custom.iter().fold(fresh, |fresh, own| fresh.with_criterion(own.clone()));
    let compatibility = fresh.compatibility().unwrap();
    let own = program.standing_of(id).map(|row| row.supporter.to_string());
    let free = free(matcher, id);
    let taken_places = query.taken_places.unwrap_or(policy.cards.taken_places);
    // What the history says of people who left is not in the data that a programme is made anew from.
    let meant = query.only.supporters(program, matcher.as_of());
    let is_meant = |id: &str| program.supporter_index(id).is_some_and(|place| meant[place]);
    let mut list = Vec::new();
    for found in compatibility.scan(&others, others.participant_index(id).unwrap()) {
        let position = found.supporter as usize;
        let other = others.supporters()[position].id.to_string();
        let is_out = Some(&other) == own.as_ref() || query.except.iter().any(|id| id.as_str() == other);
        if is_out || !is_meant(&other) || !(taken_places || free.contains(&other)) {
            continue;
        }
        let Some(cost) = cost_to_others(matcher, rules, id, &other) else { continue };
        list.push(Entry { id: other, weight: found.weight.into(), cost, position });
    }
    let value = |entry: &Entry| -> Cost {
        let Rungs { required, served, quality, change, balance } = entry.cost;
        match kept.ranking {
            Ranking::FitLessCost => (required, served, quality - entry.weight, change, balance),
            _ => (0, 0, -entry.weight, 0, 0),
        }
    };
    if kept.ranking == Ranking::ServesEveryone {
        list.retain(|entry| entry.cost.required <= 0 && entry.cost.served <= 0);
    }
    list.sort_by_key(|entry| (value(entry), entry.position));
    // Runs of equals, of whom nobody was shown before, keep their order. Alike ones are passed over.
    let count = query.count.unwrap_or(policy.cards.shown) as usize;
    let kind = |entry: &Entry| {
        let own = &others.supporters()[entry.position];
        let (mut conditions, mut issues) = (own.conditions.clone(), own.issues.clone());
        conditions.sort();
        issues.sort();
        (conditions, issues, own.gender.as_deref().map(|gender| gender.trim().to_lowercase()))
    };
    let (mut taken, mut passed): (Vec<&Entry>, Vec<&Entry>) = (Vec::new(), Vec::new());
    for entry in &list {
        if taken.len() == count {
            break;
        }
        let alike = taken.iter().filter(|own| kind(own) == kind(entry)).count();
        if policy.cards.alike_at_most > 0 && alike >= policy.cards.alike_at_most as usize {
            passed.push(entry);
        } else {
            taken.push(entry);
        }
    }
    let missing = count - taken.len();
    taken.extend(passed.into_iter().take(missing));
    let history = program.history();
    let had: BTreeSet<&str> = history
        .standing
        .iter()
        .map(|row| row.supporter.as_str())
        .chain(history.past.iter().map(|row| row.supporter.as_str()))
        .collect();
    let is_new = |entry: &&Entry| !had.contains(entry.id.as_str());
    let share = (policy.cards.newcomers * count as f64) as usize;
    let there = taken.iter().filter(|entry| is_new(entry)).count();
    let ids: BTreeSet<&str> = taken.iter().map(|entry| entry.id.as_str()).collect();
    let new: Vec<&Entry> = list
        .iter()
        .filter(is_new)
        // Of newcomers the best so many are looked at.
        .take(share)
        .filter(|entry| !ids.contains(entry.id.as_str()))
        .take(share.saturating_sub(there))
        .collect();
    let give_way: Vec<usize> = (0..taken.len()).rev().filter(|&at| !is_new(&taken[at])).collect();
    for (at, entry) in give_way.into_iter().zip(new.into_iter().rev()) {
        taken[at] = entry;
    }
    for (entry, offered) in taken.iter().zip(&kept.offered) {
        if entry.id == offered.found.supporter.as_str() {
            prop_assert_eq!(i128::from(offered.found.explanation.weight().micro()), entry.weight);
            prop_assert_eq!(ordered(&offered.cost.rungs), ordered(&entry.cost), "{:?}", offered);
            prop_assert_eq!(offered.cost.sure, Sure::Exact);
            prop_assert_eq!(offered.place_free, free.contains(&entry.id));
            prop_assert_eq!(offered.newcomer, is_new(entry));
        }
    }
    Ok(taken.into_iter().map(|entry| entry.id.clone()).collect())
}

fn query() -> impl Strategy<Value = (CardQuery, Vec<bool>)> {
    let weights = prop::collection::btree_map(
        select(vec!["condition", "issue", "language", "geography", "preferences"]),
        select(vec![0.0, 0.5, 1.0]),
        0..3,
    );
    let only = select(vec![
        People::default(),
        People::default(),
        People { child_age_from: Some(6.0), ..People::default() },
        People { newcomer: Some(true), ..People::default() },
        People { experience_years_from: Some(2.0), ..People::default() },
    ]);
    (
        weights,
        subsequence(vec![Modality::Phone, Modality::InPerson], 0..2),
        only,
        select(vec![None, Some(1), Some(2), Some(3), Some(5), Some(100)]),
        select(vec![None, Some(Ranking::Fit), Some(Ranking::FitLessCost), Some(Ranking::ServesEveryone)]),
        select(vec![None, Some(true), Some(false)]),
        vec(any::<bool>(), 6),
    )
        .prop_map(|(weights, modalities, only, count, ranking, taken_places, keep)| {
            let weights: BTreeMap<String, f64> =
                weights.into_iter().map(|(name, by)| (name.to_owned(), by)).collect();
            let query = CardQuery {
                weights,
                modalities,
                only,
                of_record: true,
                count,
                ranking,
                taken_places,
                ..CardQuery::default()
            };
            (query, keep)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    #[test]
    fn cards_are_a_plain_sort_with_the_difference_of_two_matchings(
        data in programme(5, 6).boxed(),
        mut rules in rules().boxed(),
        draws in vec(draw_among(5, 6).boxed(), 0..5),
        asked in query().boxed(),
        (newcomers, alike) in (select(vec![0.0, 0.4, 1.0]), select(vec![0, 1, 2])),
    ) {
        rules.policy.cards.equals_within = 0.0;
        rules.policy.cards.newcomers = newcomers;
        rules.policy.cards.alike_at_most = alike;
        let mut matcher = begin(data, &rules, Pairs::Explicit);
        // Questions before and in between, so that what they share has to follow.
        let first = matcher.program().participants().iter().map(|one| one.id.clone()).next();
        for draw in draws {
            if let Some(id) = &first {
                let _ = matcher.cards(&CardQuery::new(id.clone()));
            }
            let Some(change) = draw.change(&matcher) else { continue };
            let _ = matcher.apply(&change, crate::random_programme::TODAY);
        }
        // Where somebody is held, or more is asked than a network holds, two fresh matchings say something else.
        if !matcher.held().unwrap().is_empty() || matcher.bound().unwrap().is_some() {
            return Ok(());
        }
        let limit = matcher.policy().criteria.personal_factor_limit;
        let (mut query, keep) = asked;
        query.weights.retain(|_, factor| *factor <= limit);
        let supporters = matcher.program().supporters().iter().zip(&keep);
        query.except = supporters.filter(|(_, keep)| !**keep).map(|(own, _)| own.id.clone()).take(2).collect();
        query.except.retain(|id| matcher.program().supporter_index(id.as_str()).is_some());
        let people: Vec<Participant> = matcher.program().participants().to_vec();
        for (place, person) in people.iter().enumerate() {
            if matcher.program().is_vacant_participant(place) {
                continue;
            }
            query.participant = person.id.clone();
            let before = serde_json::to_string(&matcher.snapshot().unwrap()).unwrap();
            let cards = match matcher.cards(&query) {
                Ok(cards) => cards,
                Err(error) => {
                    let pinned = matcher.program().standing_of(person.id.as_str());
                    prop_assert!(error.is_problem() && pinned.is_some_and(|row| row.hold == Hold::Pinned), "{error}");
                    continue;
                }
            };
            prop_assert_eq!(serde_json::to_string(&matcher.snapshot().unwrap()).unwrap(), before);
            let expected = by_hand(&matcher, &rules, &query, &cards)?;
            let found: Vec<String> = cards.offered.iter().map(|own| own.found.supporter.to_string()).collect();
            let now = matcher.matching().unwrap();
            prop_assert_eq!(
                found, expected, "{:?}\n{:?}\n{:?}", query, now.loads, matcher.program().history().standing
            );
        }
    }
}

/// What a set of menus comes to: how many cards everybody has, the more even the better, then what they are worth.
fn menu_value(menus: &[Vec<(u32, i64)>], counts: &[usize]) -> (i64, i64) {
    let even = menus
        .iter()
        .zip(counts)
        .map(|(menu, &count)| (0..menu.len()).map(|card| count as i64 - card as i64).sum::<i64>());
    (even.sum(), menus.iter().flatten().map(|own| own.1).sum())
}

/// The best menus of all there are, tried one by one.
fn best_menus(lists: &[Vec<(u32, i64)>], counts: &[usize], left: &mut BTreeMap<u32, u32>) -> Vec<(i64, i64)> {
    let Some((first, rest)) = lists.split_first() else { return vec![(0, 0)] };
    let mut all = Vec::new();
    for set in 0..1_u32 << first.len() {
        let chosen: Vec<(u32, i64)> =
            first.iter().enumerate().filter(|(at, _)| set >> at & 1 == 1).map(|own| *own.1).collect();
        if chosen.len() > counts[0] || chosen.iter().any(|own| left[&own.0] == 0) {
            continue;
        }
        for own in &chosen {
            *left.get_mut(&own.0).unwrap() -= 1;
        }
        let own = menu_value(std::slice::from_ref(&chosen), &counts[..1]);
        let others = best_menus(rest, &counts[1..], left);
        all.extend(others.iter().map(|value| (own.0 + value.0, own.1 + value.1)));
        for own in &chosen {
            *left.get_mut(&own.0).unwrap() += 1;
        }
    }
    let best = all.into_iter().max();
    best.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn menus_are_the_best_of_all(
        data in programme(4, 4).boxed(),
        mut rules in rules().boxed(),
        draws in vec(draw_among(4, 4).boxed(), 0..4),
        per_place in 1_u32..3,
        counts in vec(1_u32..4, 4),
        ranking in select(vec![Ranking::Fit, Ranking::FitLessCost, Ranking::ServesEveryone]),
        taken_places in any::<bool>(),
    ) {
        rules.policy.cards.newcomers = 0.0;
        rules.policy.cards.alike_at_most = 0;
        rules.policy.cards.equals_within = 0.0;
        let mut matcher = begin(data, &rules, Pairs::Explicit);
        for draw in draws {
            let Some(change) = draw.change(&matcher) else { continue };
            let _ = matcher.apply(&change, crate::random_programme::TODAY);
        }
        let mut each = Vec::new();
        let mut lists = Vec::new();
        let mut left = BTreeMap::new();
        let position = |id: &peermatch::program::SupporterId| {
            matcher.program().supporter_index(id.as_str()).unwrap() as u32
        };
        for (person, count) in matcher.program().participants().iter().zip(&counts) {
            let mut query = CardQuery::new(person.id.clone());
            (query.ranking, query.taken_places) = (Some(ranking), Some(taken_places));
            query.count = Some(100);
            let Ok(all) = matcher.cards(&query) else { continue };
            let worth = |own: &peermatch::matcher::Offered| {
                let cost = if ranking == Ranking::FitLessCost { own.cost.score.micro() } else { 0 };
                own.found.explanation.weight().micro() - cost
            };
            for own in &all.offered {
                let loads = matcher.matching().unwrap().loads;
                let load = loads.iter().find(|load| load.supporter == own.found.supporter).unwrap();
                let room = if own.place_free { load.capacity - load.load } else { 1 };
                left.insert(position(&own.found.supporter), room * per_place);
            }
            lists.push(all.offered.iter().map(|own| (position(&own.found.supporter), worth(own))).collect::<Vec<_>>());
            query.count = Some(*count);
            each.push(query);
        }
        // A supervisor may leave less room than a supporter has.
        prop_assume!(matcher.matching().unwrap().caseloads.iter().all(|own| own.limit.is_none()));
        let menus = matcher.menus(&MenuQuery { each: each.clone(), per_place: Some(per_place) }).unwrap();
        prop_assert_eq!(menus.len(), each.len());
        let counts: Vec<usize> = each.iter().map(|query| query.count.unwrap() as usize).collect();
        let mut times: BTreeMap<u32, u32> = BTreeMap::new();
        let mut found = Vec::new();
        for (menu, list) in menus.iter().zip(&lists) {
            let ids = menu.offered.iter().map(|own| position(&own.found.supporter));
            let menu: Vec<(u32, i64)> =
                ids.map(|id| *list.iter().find(|own| own.0 == id).unwrap()).collect();
            for own in &menu {
                *times.entry(own.0).or_default() += 1;
            }
            found.push(menu);
        }
        prop_assert!(times.iter().all(|(supporter, times)| *times <= left[supporter]));
        prop_assert!(found.iter().zip(&counts).all(|(menu, &count)| menu.len() <= count));
        let best = best_menus(&lists, &counts, &mut left);
        prop_assert_eq!(vec![menu_value(&found, &counts)], best);
    }
}
