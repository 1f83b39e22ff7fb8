//! Cards for many participants at once, so that nobody's choice is crowded out.
//!
//! **Problem.** Asked one by one, everybody is shown the same few supporters. Here each supporter is on no more menus than
//! the policy allows for each free place, and within that everybody has as many cards as can be, spread as evenly as can
//! be, and of the best.
//!
//! **Method.** An assignment problem seen from the other side: supporters fill as many places as they may be shown, and a
//! participant's n-th card is worth less than anybody's before it, by more than all fits together can amount to. So the
//! numbers of cards are as even as any menus could make them (for a strictly convex cost of flow no vector of numbers is
//! more even: A. Frank, K. Murota, Mathematical Programming 195, 2022), and among all such menus the sum
//! of what they are worth is the highest. Solved exactly, with its certificate checked.
//!
//! **Time.** A pass over the supporters for each participant, and a network simplex over all pairs.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::rank::Entry;
use super::{Asked, CardQuery, Cards, ruled};
use crate::assignment::{Control, Options, ProblemBuilder, Rungs, Supporter, solve};
use crate::compatibility::Candidate;
use crate::error::{Error, Result};
use crate::matcher::Matcher;
use crate::policy::SCORE_ONE;

/// A question for menus.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MenuQuery {
    /// Who chooses, each with a question of their own; everybody once.
    pub each: Vec<CardQuery>,
    /// On how many menus one free place may be, 1 to 1000; as the policy says if left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_place: Option<u32>,
}

impl Matcher {
    /// Cards for many participants at once, in the order of the questions: each supporter is on no more menus than so
    /// many for each place that is free (one whose place would have to be freed counts as one place), everybody has as
    /// many cards as can be, spread as evenly as can be, and the sum of what they are worth is the highest there is.
    /// That equals take turns, newcomers have a share and alike ones make room is not asked of menus. Under rules about
    /// matches together everybody on any list is tried first, as for [`cards`](Self::cards), each choice by itself: two
    /// choices that clash with each other may both be offered.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`] with everybody for whom [`cards`](Self::cards) has none to choose from and everything in the
    /// questions that cannot be meant; [`Error::is_problem`] if somebody is named twice or `per_place` is out of range.
    pub fn menus(&self, query: &MenuQuery) -> Result<Vec<Cards>> {
        let per_place = query.per_place.unwrap_or(self.policy.cards.menus_per_place);
        if !(1..=1000).contains(&per_place) {
            return Err(Error::problem(format!(
                "per_place = {per_place} is out of range; give a number from 1 to 1000"
            )));
        }
        let asked = all_asked(query.each.iter().map(|one| (one, self.asked(one))))?;
        let mut seen = std::collections::BTreeSet::new();
        if let Some(twice) = asked.iter().find(|one| !seen.insert(one.participant)) {
            let id = &self.program.participants()[twice.participant].id;
            return Err(Error::problem(format!("participant {id} is named twice; ask once for each")));
        }
        let mut lists: Vec<Vec<(Entry, i64)>> = asked.iter().map(list).collect();
        let mut costs = Vec::new();
        for (asked, list) in asked.iter().zip(&mut lists) {
            costs.push(self.tried(asked, list)?);
        }
        let menus = solved(&asked, &lists, per_place)?;
        let told = query.each.iter().zip(&costs).zip(asked.iter().zip(&lists).zip(menus));
        Ok(told
            .map(|((one, costs), ((asked, list), menu))| {
                let mut entries: Vec<Entry> = list
                    .iter()
                    .filter(|(entry, _)| menu.contains(&entry.supporter))
                    .map(|own| own.0)
                    .collect();
                entries.sort_unstable_by_key(Entry::key);
                self.answer(one, asked, &entries, costs.as_ref())
            })
            .collect())
    }

    /// Leaves those of a list who can be chosen under rules, and tells what each costs; nothing where there are no rules.
    fn tried(&self, asked: &Asked<'_>, list: &mut Vec<(Entry, i64)>) -> Result<Option<BTreeMap<u32, Rungs>>> {
        if asked.living.kept.incumbent.is_none() {
            return Ok(None);
        }
        let all =
            |may: &ruled::May<'_>| list.iter().map(|own| own.0).filter(|own| may(own.supporter)).collect();
        let chosen = ruled::chosen(self, asked, all)?;
        list.retain(|(entry, _)| chosen.costs.contains_key(&entry.supporter));
        Ok(Some(chosen.costs))
    }
}

/// Every question, or everything about all of them that cannot be meant or answered.
fn all_asked<'a>(asked: impl Iterator<Item = (&'a CardQuery, Result<Asked<'a>>)>) -> Result<Vec<Asked<'a>>> {
    let (mut all, mut faults) = (Vec::new(), Vec::new());
    for (query, one) in asked {
        match one {
            Ok(one) => all.push(one),
            Err(error) if error.is_input() => faults.extend_from_slice(error.faults()),
            Err(error) => faults.push(query.fault(
                "participant",
                query.participant.as_str(),
                &error.to_string(),
                "ask without them",
            )),
        }
    }
    if faults.is_empty() { Ok(all) } else { Err(Error::input(faults)) }
}

/// Everybody whom one participant may be shown, with what the choice is worth in millionths.
fn list(asked: &Asked<'_>) -> Vec<(Entry, i64)> {
    let ranks = asked.ranks();
    let may = |supporter: u32| asked.may(supporter);
    let terms = asked.terms.clone().keeping(&may);
    let found = ranks.kept.compatibility.scan_on(asked.program, asked.participant, &terms);
    let entries = found
        .into_iter()
        .filter_map(|Candidate { supporter, weight }| ranks.entry(Candidate { supporter, weight }));
    entries.map(|entry| (entry, ranks.worth(&entry))).collect()
}

/// Who is on each menu.
fn solved(asked: &[Asked<'_>], lists: &[Vec<(Entry, i64)>], per_place: u32) -> Result<Vec<Vec<u32>>> {
    // Supporters who are on some list, numbered.
    let mut numbers: BTreeMap<u32, u32> = BTreeMap::new();
    for (entry, _) in lists.iter().flatten() {
        let next = numbers.len() as u32;
        numbers.entry(entry.supporter).or_insert(next);
    }
    if numbers.is_empty() {
        return Ok(vec![Vec::new(); lists.len()]);
    }
    let cards: i64 = asked.iter().map(|one| one.count as i64).sum();
    let widest = lists.iter().flatten().map(|(_, worth)| worth.abs()).max().unwrap_or(0);
    // A card more outweighs what all cards together can differ by.
    let step = 2 * cards.saturating_mul(widest.max(i64::from(SCORE_ONE))) + 1;
    let overflow =
        || Error::overflow("so many cards cannot be weighed against each other; ask for fewer at a time");
    let mut problem = ProblemBuilder::new(numbers.len() as u32);
    for (one, list) in asked.iter().zip(lists) {
        let count = one.count.min(list.len()) as i64;
        let steps = (0..count).map(|card| step.checked_mul(card - one.count as i64).ok_or_else(overflow));
        let steps: Vec<i64> = steps.collect::<Result<_>>()?;
        problem.supporter(Supporter::new(count as u32).load_cost(steps));
    }
    for (chooser, list) in (0..).zip(lists) {
        for (entry, worth) in list {
            problem.pair(numbers[&entry.supporter], chooser, -worth);
        }
    }
    for (&supporter, &number) in &numbers {
        let room = asked[0].dealt.room[supporter as usize].max(1);
        problem.places(number, room.saturating_mul(per_place).min(lists.len() as u32));
    }
    let problem = problem.build()?;
    let found = solve(&problem, &Options::new(), &Control::new())?;
    let verification = found.verify(&problem);
    if let Some(violation) = verification.violations.first() {
        return Err(Error::defect(violation));
    }
    let mut menus = vec![Vec::new(); lists.len()];
    let supporters: BTreeMap<u32, u32> =
        numbers.iter().map(|(&supporter, &number)| (number, supporter)).collect();
    for (number, chooser) in found.matches.iter() {
        menus[chooser as usize].push(supporters[&number]);
    }
    Ok(menus)
}
