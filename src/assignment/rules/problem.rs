//! An assignment problem with rules, checked once.

use super::objective::plan;
use super::rule::{Firmness, Row, Rule, Sense, Variable};
use crate::assignment::{Fairness, Problem};
use crate::error::{Error, Result};

/// An auxiliary yes-or-no variable: "supporter 7 is open".
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Auxiliary {
    /// What messages call it.
    pub name: String,
    /// What a yes costs, in the quality rung.
    pub cost: i64,
}

/// A [`Problem`] and the rules that its network cannot hold.
///
/// Everyone has as many supporters as there are places to fill, or fewer, within the capacities, firm minimums, groups
/// and pins of the problem; all firm rules hold; the objective is the problem's ladder, with auxiliary costs and the
/// prices of violated soft rules in its quality rung. Unlike a plain problem, this one may have no solution.
#[derive(Debug, Clone)]
pub struct RuleProblem {
    problem: Problem,
    rules: Vec<Rule>,
    auxiliaries: Vec<Auxiliary>,
    /// Every row of every rule, its terms as columns of [`Columns`], sorted, no column twice.
    pub(super) rows: Vec<IndexedRow>,
}

/// A row with its variables as columns.
#[derive(Debug, Clone)]
pub(super) struct IndexedRow {
    pub(super) rule: u32,
    pub(super) terms: Vec<(u32, i64)>,
}

/// Collects a [`RuleProblem`]; nothing is checked before [`build`](Self::build).
#[derive(Debug, Clone)]
pub struct RuleProblemBuilder {
    problem: Problem,
    rules: Vec<Rule>,
    auxiliaries: Vec<Auxiliary>,
}

impl RuleProblemBuilder {
    /// Adds an auxiliary variable and returns its number; a yes costs `cost`, which may be negative.
    pub fn auxiliary(&mut self, name: impl Into<String>, cost: i64) -> u32 {
        self.auxiliaries.push(Auxiliary { name: name.into(), cost });
        self.auxiliaries.len() as u32 - 1
    }

    /// Adds a rule; its number is its place in the order of adding, from 0.
    pub fn rule(&mut self, rule: Rule) -> &mut Self {
        self.rules.push(rule);
        self
    }

    /// The problem the rules are about.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Checks the rules and resolves their variables. O(terms log terms).
    ///
    /// # Errors
    /// [`Error::is_problem`] for a variable that is not there, a negative price, or a problem that puts the worst-off
    /// first; [`Error::is_overflow`] for weights whose sum in one row passes 2^60. Messages name the rule.
    pub fn build(self) -> Result<RuleProblem> {
        if self.problem.fairness() != Fairness::Total {
            return Err(Error::problem(
                "rules are only solved for the least sum, and this problem puts the worst-off first; leave one of both",
            ));
        }
        let mut rows = Vec::with_capacity(self.rules.len());
        for (number, rule) in self.rules.iter().enumerate() {
            if let Firmness::Soft { price } = rule.firmness
                && price < 0
            {
                return Err(Error::problem(format!(
                    "rule \"{}\" has a price of {price} for each unit of violation; a price is 0 or more",
                    rule.name
                )));
            }
            for row in &rule.rows {
                let terms = self.indexed(rule, row)?;
                rows.push(IndexedRow { rule: number as u32, terms });
            }
        }
        Ok(RuleProblem { problem: self.problem, rules: self.rules, auxiliaries: self.auxiliaries, rows })
    }

    fn indexed(&self, rule: &Rule, row: &Row) -> Result<Vec<(u32, i64)>> {
        const ROOM: i128 = 1 << 60;
        let columns = Columns::new(&self.problem, self.auxiliaries.len());
        let mut terms = Vec::with_capacity(row.terms.len());
        let mut magnitude = i128::from(row.bound).abs();
        for &(variable, weight) in &row.terms {
            let Some(column) = columns.of(&self.problem, variable) else {
                return Err(Error::problem(format!(
                    "rule \"{}\" counts {variable}, which the problem does not have; leave the term out or add it",
                    rule.name
                )));
            };
            let most = match variable {
                Variable::Unmatched(participant) => self.problem.places(participant),
                _ => 1,
            };
            magnitude += i128::from(weight).abs() * i128::from(most);
            terms.push((column, weight));
        }
        if magnitude > ROOM {
            return Err(Error::overflow(format!(
                "the weights and the bound of a row of rule \"{}\" sum up to {magnitude}, more than 2^60; use smaller \
                 numbers",
                rule.name
            )));
        }
        terms.sort_unstable_by_key(|term| term.0);
        terms.dedup_by(|later, first| {
            let same = later.0 == first.0;
            if same {
                first.1 += later.1;
            }
            same
        });
        Ok(terms)
    }
}

impl RuleProblem {
    /// Starts adding rules to a problem.
    pub fn builder(problem: Problem) -> RuleProblemBuilder {
        RuleProblemBuilder { problem, rules: Vec::new(), auxiliaries: Vec::new() }
    }

    /// The problem without the rules.
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    /// Whether the packed costs of the ladder, prices of missed rules included, can be added up by
    /// [`solve_rules`](super::solve_rules). O(pairs + terms).
    ///
    /// # Errors
    /// [`Error::is_overflow`] if they pass 2^50.
    pub fn fits(&self) -> Result<()> {
        plan(self).map(|_| ())
    }

    /// The same rules over a problem that differs from this one in nothing but costs and standing matches.
    pub(crate) fn at_costs_of(self, problem: Problem) -> Self {
        debug_assert_eq!(self.problem.pairs(), problem.pairs());
        Self { problem, ..self }
    }

    /// The rules, in the order they were added.
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The auxiliary variables, by number.
    pub fn auxiliaries(&self) -> &[Auxiliary] {
        &self.auxiliaries
    }

    /// The same problem with one firm rule more, of one row: participants' weighted empty places are at most so many.
    pub(super) fn serving(&self, most: i64) -> Self {
        let mut more = self.clone();
        let columns = Columns::new(&self.problem, self.auxiliaries.len());
        let weighty = |&participant: &u32| self.problem.served_weight(participant) > 0;
        let people: Vec<u32> = (0..self.problem.participants()).filter(weighty).collect();
        let weight = |&participant: &u32| i64::from(self.problem.served_weight(participant));
        let terms = people.iter().map(|p| (Variable::Unmatched(*p), weight(p)));
        let row = Row::new(Sense::AtMost, most, terms);
        let terms = people.iter().map(|p| (columns.unmatched(*p), weight(p))).collect();
        more.rows.push(IndexedRow { rule: more.rules.len() as u32, terms });
        more.rules.push(Rule::new("as many are served as can be", vec![row]));
        more
    }

    /// The same problem with only those rules for which `keep` says so; the others lose their rows and keep their
    /// numbers.
    pub(crate) fn keeping(&self, keep: impl Fn(u32) -> bool) -> Self {
        let mut rules = self.rules.clone();
        for (number, rule) in rules.iter_mut().enumerate() {
            if !keep(number as u32) {
                rule.rows.clear();
            }
        }
        let rows = self.rows.iter().filter(|row| keep(row.rule)).cloned().collect();
        Self { problem: self.problem.clone(), rules, auxiliaries: self.auxiliaries.clone(), rows }
    }

    /// The rows of the rules beside their columns, in one order.
    pub(super) fn rows(&self) -> impl Iterator<Item = (&Rule, &Row, &IndexedRow)> {
        let stated = self.rules.iter().flat_map(|rule| rule.rows.iter().map(move |row| (rule, row)));
        stated.zip(&self.rows).map(|((rule, row), indexed)| (rule, row, indexed))
    }
}

/// The numbering of everything a row can count: the pairs as the problem lays them out, then the participants as
/// unmatched, then the auxiliary variables.
#[derive(Debug, Clone, Copy)]
pub(super) struct Columns {
    pub(super) pairs: usize,
    pub(super) participants: usize,
    pub(super) auxiliaries: usize,
}

impl Columns {
    pub(super) fn new(problem: &Problem, auxiliaries: usize) -> Self {
        Self { pairs: problem.pairs(), participants: problem.participants() as usize, auxiliaries }
    }

    pub(super) fn unmatched(self, participant: u32) -> u32 {
        (self.pairs + participant as usize) as u32
    }

    pub(super) fn auxiliary(self, number: u32) -> u32 {
        (self.pairs + self.participants + number as usize) as u32
    }

    /// The participant whose pair or empty place a column counts. O(log participants).
    pub(super) fn whose(self, problem: &Problem, column: u32) -> Option<u32> {
        if (column as usize) < self.pairs {
            return Some(problem.participant_of(column as usize));
        }
        self.participant(column)
    }

    /// The participant whose empty places a column counts.
    pub(super) fn participant(self, column: u32) -> Option<u32> {
        let at = (column as usize).checked_sub(self.pairs)?;
        (at < self.participants).then_some(at as u32)
    }

    pub(super) fn count(self) -> usize {
        self.pairs + self.participants + self.auxiliaries
    }

    fn of(self, problem: &Problem, variable: Variable) -> Option<u32> {
        match variable {
            Variable::Pair { participant, supporter } => {
                if participant as usize >= self.participants {
                    return None;
                }
                let at = problem.row_parts(participant as usize).0.binary_search(&supporter).ok()?;
                Some((problem.row_range(participant as usize).start + at) as u32)
            }
            Variable::Unmatched(participant) => {
                ((participant as usize) < self.participants).then(|| self.unmatched(participant))
            }
            Variable::Auxiliary(number) => {
                ((number as usize) < self.auxiliaries).then(|| self.auxiliary(number))
            }
        }
    }
}
