//! Firm rules that cannot hold together: which ones, and what can be had by dropping the fewest.
//!
//! **Problem.** A set of firm rules clashes if no matching within firm minimums, capacities and pins keeps all of them.
//! Wanted are a smallest clashing set to show to people, and a matching of least cost among those that drop the fewest
//! rules.
//!
//! **Method.** Whether a set can hold is a search without costs. One irreducible clash is found by insertion: the
//! shortest prefix of the rules that clashes with what is already in, found by bisection, has a rule at its end that
//! belongs to the clash. Every matching that is found on the way satisfies some rules; those it breaks must contain one
//! rule of every clash, so a smallest set that hits all such collections is a lower bound on the size of a clash, and
//! where it clashes itself it is the smallest there is. The other way about, what is dropped must hit every clash:
//! hitting sets of the clashes found so far are tried until what is left can hold, which makes them the fewest. All the
//! sets of that size that do are solved with costs, and the best wins.
//!
//! **Time.** O(size of the clash x log rules) searches for the irreducible set; what comes after is limited by
//! [`MOST_CHECKS`] and says so in its result.
//!
//! **References.** A. Ignatiev, A. Previti, M. Liffiton, J. Marques-Silva, *Smallest MUS extraction with minimal
//! hitting set dualization* (CP 2015); U. Junker, *`QuickXplain`* (AAAI 2004); R. Reiter, *A theory of diagnosis from
//! first principles* (1987).

use serde::{Deserialize, Serialize};

use super::binary::Binary;
use super::blocks::INFINITE;
use super::limits::Limits;
use super::objective::{activities, miss};
use super::options::RuleOptions;
use super::part::any_choice;
use super::prepare::{prepare, without_costs};
use super::problem::RuleProblem;
use super::rule::Firmness;
use super::solution::{RuleSolution, RuleState};
use super::solve::solve_rules;
use crate::assignment::Control;
use crate::assignment::control::Course;
use crate::error::Result;

/// Searches spent on showing that a clash is the smallest, and again on dropping the fewest.
const MOST_CHECKS: usize = 400;
/// Sets of the same size that are tried for the best matching.
const MOST_CHOICES: usize = 64;
/// Steps of one search for hitting sets.
const MOST_STEPS: usize = 200_000;

/// Why the firm rules cannot hold together, and the best way out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct RuleClash {
    /// Rules that cannot hold together, ascending; without any one of them the others can. Empty if the firm minimums,
    /// capacities and pins alone leave no matching; solving the problem without rules says which.
    pub rules: Vec<u32>,
    /// Whether it is proven that no smaller set of rules clashes.
    pub smallest: bool,
    /// Rules to drop, ascending: without them the others hold together.
    pub dropped: Vec<u32>,
    /// Whether it is proven that dropping fewer is not enough.
    pub fewest: bool,
    /// The best matching without the dropped rules. It is the best of all that drop as few if `best_of_all` says so.
    pub without: Option<Box<RuleSolution>>,
    /// Whether every set of rules of that size that can be dropped was tried.
    pub best_of_all: bool,
}

impl RuleClash {
    /// What clashes, by name, for people.
    pub fn message(&self, problem: &RuleProblem) -> String {
        let names = |rules: &[u32]| {
            let name = |&rule: &u32| {
                problem
                    .rules()
                    .get(rule as usize)
                    .map_or_else(|| format!("rule {rule}"), |r| format!("\"{}\"", r.name))
            };
            rules.iter().map(name).collect::<Vec<_>>().join(", ")
        };
        if self.rules.is_empty() {
            return "no matching keeps the firm minimums, even without rules".to_owned();
        }
        let kind = if self.smallest { "the smallest such set" } else { "no rule of these can be spared" };
        format!(
            "these rules cannot hold together: {} ({kind}); dropping {} lets all others hold",
            names(&self.rules),
            names(&self.dropped)
        )
    }
}

/// Says which firm rules clash and what dropping the fewest gives; nothing if all can hold, or if the search was
/// stopped before it knew.
///
/// # Errors
/// Those of [`solve_rules`].
pub fn explain_clash(
    problem: &RuleProblem,
    options: &RuleOptions,
    control: &Control<'_>,
) -> Result<Option<RuleClash>> {
    let course = Course::default();
    let control = &control.during(&course);
    let firm: Vec<u32> = (0..)
        .zip(problem.rules())
        .filter(|(_, rule)| rule.firmness == Firmness::Firm && !rule.always && !rule.rows.is_empty())
        .map(|(number, _)| number)
        .collect();
    let mut search =
        Explanation { problem, limits: Limits::new(options, control), checks: 0, broken: Vec::new() };
    match search.can_hold(&firm)? {
        Some(false) => {}
        _ => return Ok(None),
    }
    let Some(first) = search.irreducible(&firm)? else { return Ok(None) };
    let (rules, smallest) = search.smallest(&firm, first.clone())?;
    let mut clashes = vec![first];
    if !clashes.contains(&rules) {
        clashes.push(rules.clone());
    }
    let (choices, fewest, complete) = search.fewest(&firm, clashes)?;
    let mut clash =
        RuleClash { rules, smallest, dropped: Vec::new(), fewest, without: None, best_of_all: complete };
    for dropped in choices {
        let kept = problem.keeping(|rule| !dropped.contains(&rule));
        let solution = solve_rules(&kept, options, control)?;
        clash.best_of_all &= solution.state == RuleState::Optimal;
        let cost = |solution: &RuleSolution| solution.matching.as_ref().map(|m| m.objective);
        let better = match (&clash.without, cost(&solution)) {
            (None, _) => true,
            (Some(_), None) => false,
            (Some(best), Some(now)) => cost(best).is_none_or(|best| now < best),
        };
        if better {
            clash.dropped = dropped;
            clash.without = Some(Box::new(solution));
        }
    }
    Ok(Some(clash))
}

struct Explanation<'a> {
    problem: &'a RuleProblem,
    limits: Limits<'a>,
    checks: usize,
    /// For every matching found, the firm rules it breaks.
    broken: Vec<Vec<u32>>,
}

impl Explanation<'_> {
    /// Whether these rules can hold together; nothing if stopped.
    fn can_hold(&mut self, rules: &[u32]) -> Result<Option<bool>> {
        self.checks += 1;
        let stays =
            |rule: u32| self.problem.rules()[rule as usize].always || rules.binary_search(&rule).is_ok();
        let kept = self.problem.keeping(stays);
        let weighing = without_costs();
        let prepared = prepare(&kept, &weighing);
        if prepared.conflict {
            return Ok(Some(false));
        }
        let mut taken: Vec<bool> = prepared.values.iter().map(|&value| value == Some(true)).collect();
        for part in &prepared.parts {
            match any_choice(part, &mut self.limits)? {
                (_, Some(found)) => {
                    for (&origin, &value) in part.origin.iter().zip(&found) {
                        taken[origin as usize] = value;
                    }
                }
                (INFINITE.., None) => return Ok(Some(false)),
                _ => return Ok(None),
            }
        }
        let broken = self.broken_by(&prepared.whole, &taken);
        if !self.broken.contains(&broken) {
            self.broken.push(broken);
        }
        Ok(Some(true))
    }

    /// The firm rules that a choice of the program's variables breaks, ascending.
    fn broken_by(&self, program: &Binary, taken: &[bool]) -> Vec<u32> {
        let (matches, auxiliary) = program.people(self.problem, taken);
        let sums = activities(self.problem, &matches, &auxiliary).unwrap_or_default();
        let mut broken = Vec::new();
        for ((rule, row, indexed), sum) in self.problem.rows().zip(sums) {
            if rule.firmness == Firmness::Firm && !rule.always && miss(row.sense, row.bound, sum) > 0 {
                broken.push(indexed.rule);
            }
        }
        broken.dedup();
        broken
    }

    /// An irreducible clash among rules that clash; nothing if stopped.
    fn irreducible(&mut self, rules: &[u32]) -> Result<Option<Vec<u32>>> {
        let mut clash: Vec<u32> = Vec::new();
        let mut candidates = rules.to_vec();
        loop {
            // The least number of candidates that clash with what is in already; all of them do.
            let (mut low, mut high) = (0, candidates.len());
            while low < high {
                let middle = usize::midpoint(low, high);
                let mut set = clash.clone();
                set.extend_from_slice(&candidates[..middle]);
                set.sort_unstable();
                match self.can_hold(&set)? {
                    None => return Ok(None),
                    Some(true) => low = middle + 1,
                    Some(false) => high = middle,
                }
            }
            if high == 0 {
                clash.sort_unstable();
                return Ok(Some(clash));
            }
            clash.push(candidates[high - 1]);
            candidates.truncate(high - 1);
        }
    }

    /// A smallest clash, or the given one if that cannot be shown; and whether it is proven.
    fn smallest(&mut self, rules: &[u32], known: Vec<u32>) -> Result<(Vec<u32>, bool)> {
        let until = self.checks + MOST_CHECKS;
        while self.checks < until {
            let Some(sets) = hitting_sets(&self.broken, known.len(), 1) else { break };
            let Some(set) = sets.into_iter().next() else { return Ok((known, true)) };
            if set.len() >= known.len() {
                return Ok((known, true));
            }
            match self.can_hold(&set)? {
                None => break,
                Some(false) => return Ok((set, true)),
                Some(true) => {
                    // As many others as possible beside it, so that what is broken says as much as possible.
                    let mut with = set;
                    let missing = self.broken.last().cloned().unwrap_or_default();
                    with.extend(rules.iter().filter(|rule| !missing.contains(rule)));
                    with.sort_unstable();
                    with.dedup();
                    for rule in missing {
                        if self.checks >= until {
                            break;
                        }
                        let Err(at) = with.binary_search(&rule) else { continue };
                        with.insert(at, rule);
                        match self.can_hold(&with)? {
                            None => return Ok((known, false)),
                            Some(true) => {}
                            Some(false) => {
                                with.remove(at);
                            }
                        }
                    }
                    let outside: Vec<u32> =
                        rules.iter().copied().filter(|rule| with.binary_search(rule).is_err()).collect();
                    if !self.broken.contains(&outside) {
                        self.broken.push(outside);
                    }
                }
            }
        }
        Ok((known, false))
    }

    /// The smallest sets of rules without which the others can hold, whether they are proven to be the smallest, and
    /// whether these are all of them.
    fn fewest(&mut self, rules: &[u32], mut clashes: Vec<Vec<u32>>) -> Result<(Vec<Vec<u32>>, bool, bool)> {
        let until = self.checks + MOST_CHECKS;
        let mut good: Vec<Vec<u32>> = Vec::new();
        loop {
            let most = good.first().map_or(rules.len(), Vec::len);
            let Some(sets) = hitting_sets(&clashes, most, MOST_CHOICES + 1) else { break };
            let smallest = sets.first().map_or(0, Vec::len);
            if good.first().is_some_and(|good| good.len() < smallest) {
                return Ok((good, true, true));
            }
            let complete = sets.len() <= MOST_CHOICES;
            let next = sets.into_iter().find(|set| set.len() == smallest && !good.contains(set));
            let Some(dropped) = next else { return Ok((good, true, complete)) };
            if self.checks >= until || good.len() >= MOST_CHOICES {
                break;
            }
            let kept: Vec<u32> =
                rules.iter().copied().filter(|rule| dropped.binary_search(rule).is_err()).collect();
            match self.can_hold(&kept)? {
                None => break,
                Some(true) => good.push(dropped),
                Some(false) => match self.irreducible(&kept)? {
                    Some(clash) => clashes.push(clash),
                    None => break,
                },
            }
        }
        let proven = !good.is_empty();
        if good.is_empty() {
            // What some matching found on the way breaks can be dropped, if it is not the fewest.
            good.extend(self.broken.iter().min_by_key(|broken| broken.len()).cloned());
        }
        Ok((good, proven, false))
    }
}

/// Sets of least size, at most `most`, that share an element with every given set: up to `count` of them, in order.
/// Nothing if the search takes too long.
fn hitting_sets(sets: &[Vec<u32>], most: usize, count: usize) -> Option<Vec<Vec<u32>>> {
    let mut steps = 0;
    for size in 0..=most {
        let mut found: Vec<Vec<u32>> = Vec::new();
        let mut open: Vec<Vec<u32>> = vec![Vec::new()];
        while let Some(chosen) = open.pop() {
            steps += 1;
            if steps > MOST_STEPS {
                return None;
            }
            let Some(missed) = sets.iter().find(|set| !set.iter().any(|rule| chosen.contains(rule))) else {
                let mut set = chosen;
                set.sort_unstable();
                if !found.contains(&set) {
                    found.push(set);
                }
                if found.len() >= count {
                    break;
                }
                continue;
            };
            if chosen.len() < size {
                open.extend(missed.iter().rev().map(|&rule| {
                    let mut more = chosen.clone();
                    more.push(rule);
                    more
                }));
            }
        }
        if !found.is_empty() {
            return Some(found);
        }
    }
    Some(Vec::new())
}
