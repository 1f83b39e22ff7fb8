//! The usual rules, made of rows: hours, quotas, shares, together, apart, teams, open or not.
//!
//! Each function returns a firm [`Rule`]; [`Rule::soft`] makes it soft. What is no pair of the problem counts as "never
//! so", which is what leaving the term out says. A participant may have several places of one kind; one with a primary
//! and a backup supporter, for which different rules hold, is two participants here, held by [`apart`] and, where
//! wanted, [`all_or_none`], [`never_both`] or [`team`].

use super::rule::{Row, Rule, Sense, Variable};
use crate::assignment::Problem;

/// The pairs of one participant.
fn of_participant(problem: &Problem, participant: u32) -> impl Iterator<Item = u32> + '_ {
    problem.row(participant).map(|pair| pair.0)
}

/// Every pair with one of these supporters.
fn with_any(problem: &Problem, supporters: &[u32]) -> Vec<(u32, u32)> {
    let mut wanted = vec![false; problem.supporters() as usize];
    for &supporter in supporters {
        if let Some(slot) = wanted.get_mut(supporter as usize) {
            *slot = true;
        }
    }
    (0..problem.participants())
        .flat_map(|participant| of_participant(problem, participant).map(move |s| (participant, s)))
        .filter(|&(_, supporter)| wanted[supporter as usize])
        .collect()
}

/// All places of a participant are filled.
pub fn placed(name: impl Into<String>, participant: u32) -> Rule {
    Rule::new(name, vec![Row::count(Sense::AtMost, 0, [Variable::Unmatched(participant)])])
}

/// Matches with these supporters (one, or all of a supervisor) take at most `limit` hours together; `hours` says what
/// one pair of participant and supporter takes. O(pairs).
pub fn hours(
    problem: &Problem,
    name: impl Into<String>,
    supporters: &[u32],
    limit: i64,
    hours: impl Fn(u32, u32) -> i64,
) -> Rule {
    let terms = with_any(problem, supporters).into_iter().map(|(participant, supporter)| {
        (Variable::pair(participant, supporter), hours(participant, supporter))
    });
    Rule::new(name, vec![Row::new(Sense::AtMost, limit, terms)])
}

/// At most, at least or exactly `number` of these are so.
pub fn quota(
    name: impl Into<String>,
    sense: Sense,
    number: i64,
    what: impl IntoIterator<Item = Variable>,
) -> Rule {
    Rule::new(name, vec![Row::count(sense, number, what)])
}

/// Those of `part` that are so are at most, at least or exactly `numerator / denominator` of those of `whole` that are
/// so; `part` lies within `whole`. For example 1, 4: a quarter. `denominator` is positive. One unit of violation is
/// `1 / denominator` of a match.
pub fn share(
    name: impl Into<String>,
    sense: Sense,
    (numerator, denominator): (i64, i64),
    part: impl IntoIterator<Item = Variable>,
    whole: impl IntoIterator<Item = Variable>,
) -> Rule {
    let part = part.into_iter().map(|variable| (variable, denominator));
    let whole = whole.into_iter().map(|variable| (variable, -numerator));
    Rule::new(name, vec![Row::new(sense, 0, part.chain(whole))])
}

/// Two participants have the same supporters, or are both unmatched.
pub fn together(problem: &Problem, name: impl Into<String>, first: u32, second: u32) -> Rule {
    let mut supporters: Vec<u32> =
        of_participant(problem, first).chain(of_participant(problem, second)).collect();
    supporters.sort_unstable();
    supporters.dedup();
    let rows = supporters.into_iter().map(|supporter| {
        let terms = [(first, 1), (second, -1)];
        let there =
            terms.into_iter().filter(|&(participant, _)| problem.pair_cost(participant, supporter).is_some());
        Row::new(Sense::Exactly, 0, there.map(|(participant, w)| (Variable::pair(participant, supporter), w)))
    });
    Rule::new(name, rows.collect())
}

/// Two participants never have a supporter in common.
pub fn apart(problem: &Problem, name: impl Into<String>, first: u32, second: u32) -> Rule {
    let both =
        of_participant(problem, first).filter(|&supporter| problem.pair_cost(second, supporter).is_some());
    let rows = both.map(|supporter| {
        let pairs = [first, second].map(|participant| Variable::pair(participant, supporter));
        Row::count(Sense::AtMost, 1, pairs)
    });
    Rule::new(name, rows.collect())
}

/// The variables that are so when one of these participants has the supporter; one named twice counts once.
fn any_of(problem: &Problem, participants: &[u32], supporter: u32) -> Vec<Variable> {
    let there = participants.iter().filter(|&&p| problem.pair_cost(p, supporter).is_some());
    let mut there: Vec<Variable> = there.map(|&p| Variable::pair(p, supporter)).collect();
    there.sort_unstable();
    there.dedup();
    there
}

/// Two supporters never serve the same person. A person is one participant, of however many places, or several that
/// stand for one (primary and backup).
pub fn never_both<'a>(
    problem: &Problem,
    name: impl Into<String>,
    people: impl IntoIterator<Item = &'a [u32]>,
    supporters: [u32; 2],
) -> Rule {
    let rows = people.into_iter().map(|places| {
        let served = supporters.into_iter().flat_map(|supporter| any_of(problem, places, supporter));
        Row::count(Sense::AtMost, 1, served)
    });
    // Who has one pair of these or none keeps the rule whatever is chosen.
    Rule::new(name, rows.filter(|row| row.terms.len() > 1).collect())
}

/// Two supporters work as a team: a person has both or neither. A person is one participant of several places, or
/// several that stand for one; hold those [`apart`] beside it.
pub fn team<'a>(
    problem: &Problem,
    name: impl Into<String>,
    people: impl IntoIterator<Item = &'a [u32]>,
    supporters: [u32; 2],
) -> Rule {
    let rows = people.into_iter().map(|places| {
        let [first, second] = supporters.map(|supporter| any_of(problem, places, supporter));
        let first = first.into_iter().map(|variable| (variable, 1));
        Row::new(Sense::Exactly, 0, first.chain(second.into_iter().map(|variable| (variable, -1))))
    });
    Rule::new(name, rows.filter(|row| !row.terms.is_empty()).collect())
}

/// These participants are all served or all unmatched; of those with several places, as many stay empty for each.
pub fn all_or_none(name: impl Into<String>, participants: &[u32]) -> Rule {
    let rows = participants.windows(2).map(|two| {
        Row::new(Sense::Exactly, 0, [(Variable::Unmatched(two[0]), 1), (Variable::Unmatched(two[1]), -1)])
    });
    Rule::new(name, rows.collect())
}

/// A supporter takes no one, or at least `least` and at most `most`; the auxiliary variable `open` says which, and its
/// cost is the fixed price of opening. O(pairs).
pub fn open_or_not(
    problem: &Problem,
    name: impl Into<String>,
    supporter: u32,
    open: u32,
    least: i64,
    most: i64,
) -> Rule {
    let pairs = with_any(problem, &[supporter]);
    let row = |sense, weight: i64| {
        let taken = pairs.iter().map(|&(participant, supporter)| (Variable::pair(participant, supporter), 1));
        Row::new(sense, 0, taken.chain([(Variable::Auxiliary(open), -weight)]))
    };
    Rule::new(name, vec![row(Sense::AtLeast, least), row(Sense::AtMost, most)])
}
