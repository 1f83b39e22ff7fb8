//! How the policy's rules stand in a solution, recounted from who has whom.

use super::compile::{Compiled, MINUTES, Meaning};
use crate::assignment::rules::{Row, RuleMatching, Sense, Variable};
use crate::matching::{RuleOutcome, RulePart, RuleUnit, Score};
use crate::policy::RuleKind;
use crate::policy::criteria::price_to_micro;

/// One outcome for each rule of the policy, in its order.
pub(super) fn outcomes(compiled: &Compiled, found: &RuleMatching, dropped: &[u32]) -> Vec<RuleOutcome> {
    let rules = compiled.policy_rules.iter().zip(&compiled.rows).enumerate();
    rules
        .map(|(number, (rule, meanings))| {
            let counted = Counted { found, rows: &compiled.ruled.rules()[number].rows, meanings };
            let (mut parts, missed, binds) = match &rule.kind {
                RuleKind::Hours(_) => counted.bounded(MINUTES as f64),
                RuleKind::Quota(_) => counted.bounded(1.0),
                RuleKind::Open(_) => counted.open(),
                RuleKind::Together(_) | RuleKind::Apart(_) | RuleKind::NeverBoth(_) | RuleKind::Team(_) => {
                    counted.related()
                }
            };
            parts.sort_by_key(|part| part.missed <= 0.0);
            RuleOutcome {
                name: rule.name.clone(),
                kind: rule.kind.as_str().to_owned(),
                price: rule.price.map(|price| Score::from_micro(price_to_micro(price))),
                dropped: dropped.contains(&(number as u32)),
                counts_nothing: counted.counts_nothing(),
                binds,
                missed,
                unit: match rule.kind {
                    RuleKind::Hours(_) => RuleUnit::Hours,
                    _ => RuleUnit::Matches,
                },
                cost: Score::from_micro(found.rules[number].cost.try_into().unwrap_or(i64::MAX)),
                parts,
            }
        })
        .collect()
}

/// The rows of one rule, and the matching they are counted in.
struct Counted<'a> {
    found: &'a RuleMatching,
    rows: &'a [Row],
    meanings: &'a [Meaning],
}

/// Parts worth telling, by how much the rule is missed, and whether it binds.
type Count = (Vec<RulePart>, f64, bool);

impl Counted<'_> {
    fn is_so(&self, variable: Variable) -> bool {
        match variable {
            Variable::Pair { participant, supporter } => {
                self.found.matches.of(participant).contains(&supporter)
            }
            Variable::Unmatched(participant) => self.found.matches.of(participant).is_empty(),
            Variable::Auxiliary(number) => self.found.auxiliary.get(number as usize) == Some(&true),
        }
    }

    /// The weights of what is so.
    fn sum(&self, row: &Row, wanted: impl Fn(i64) -> bool) -> i64 {
        let terms = row.terms.iter().filter(|&&(variable, weight)| wanted(weight) && self.is_so(variable));
        terms.map(|term| term.1).sum()
    }

    /// What of a share's part is so, in units of the row.
    fn part(&self, row: &Row, denominator: i64) -> i64 {
        let so = row.terms.iter().filter(|term| term.1 > 0 && self.is_so(term.0));
        so.count() as i64 * denominator
    }

    /// Counts with a bound each, in rows of which so many units are one.
    fn bounded(&self, unit: f64) -> Count {
        let (mut parts, mut missed, mut binds) = (Vec::new(), 0.0, false);
        for (row, meaning) in self.rows.iter().zip(self.meanings) {
            let is_least = row.sense == Sense::AtLeast;
            // The least that could be added, or taken away.
            let movable = row.terms.iter().filter(|term| term.1 > 0 && self.is_so(term.0) == is_least);
            let step = movable.map(|term| term.1).min();
            // In units of the row, all of them whole.
            let (count, bound, change) = match meaning.share {
                None => (meaning.pinned + self.sum(row, |_| true), meaning.bound, 0),
                Some((pinned_whole, [numerator, denominator])) => {
                    let part = meaning.pinned + self.part(row, denominator);
                    let whole = row.terms.iter().filter(|term| term.1 <= 0 && self.is_so(term.0)).count();
                    (part, numerator * (pinned_whole + whole as i64), numerator)
                }
            };
            let missing = if is_least { bound - count } else { count - bound }.max(0);
            let tight = step.is_some_and(|step| {
                if is_least { count - step < bound - change } else { count + step > bound + change }
            });
            let one = meaning.one as f64 * unit;
            let (count, bound, miss) = (count as f64 / one, bound as f64 / one, missing as f64 / one);
            if missing > 0 || tight {
                parts.push(RulePart {
                    of: meaning.of.clone(),
                    count,
                    at_most: (!is_least).then_some(bound),
                    at_least: is_least.then_some(bound),
                    missed: miss,
                });
            }
            missed += miss;
            binds |= tight;
        }
        (parts, missed, binds)
    }

    /// Supporters who take nobody or at least so many.
    fn open(&self) -> Count {
        let (mut parts, mut missed, mut binds) = (Vec::new(), 0.0, false);
        for (row, meaning) in
            self.rows.iter().zip(self.meanings).filter(|(row, _)| row.sense == Sense::AtLeast)
        {
            let load = meaning.pinned + self.sum(row, |weight| weight > 0);
            let miss = if load > 0 { (meaning.bound - load).max(0) } else { 0 };
            let tight = load > 0 && load <= meaning.bound;
            if miss > 0 || tight {
                parts.push(RulePart {
                    of: meaning.of.clone(),
                    count: load as f64,
                    at_most: None,
                    at_least: Some(meaning.bound as f64),
                    missed: miss as f64,
                });
            }
            missed += miss as f64;
            binds |= tight;
        }
        (parts, missed, binds)
    }

    /// People whose matches hang together: at its bound is a rule that has anybody's match to hold, pinned or not.
    fn related(&self) -> Count {
        let (mut parts, mut missed, mut binds) = (Vec::new(), 0.0, false);
        for (row, meaning) in self.rows.iter().zip(self.meanings) {
            let sum = meaning.pinned + self.sum(row, |_| true);
            let count =
                meaning.pinned_matches + row.terms.iter().filter(|term| self.is_so(term.0)).count() as i64;
            let miss = match row.sense {
                Sense::AtMost => (sum - meaning.bound).max(0),
                Sense::AtLeast => (meaning.bound - sum).max(0),
                Sense::Exactly => (sum - meaning.bound).abs(),
            };
            if miss > 0 && meaning.of.is_some() {
                parts.push(RulePart {
                    of: meaning.of.clone(),
                    count: count as f64,
                    at_most: (row.sense == Sense::AtMost).then_some(meaning.bound as f64),
                    // Of a team both are wanted where there is one.
                    at_least: (row.sense == Sense::Exactly).then_some((count + miss) as f64),
                    missed: miss as f64,
                });
            }
            missed += miss as f64;
            binds |= count > 0;
        }
        (parts, missed, binds)
    }

    /// Whether no match that there could be, or that is pinned, counts for the rule.
    fn counts_nothing(&self) -> bool {
        let counts = |(row, meaning): (&Row, &Meaning)| {
            let counts = |&(variable, weight): &(Variable, i64)| {
                matches!(variable, Variable::Pair { .. }) && (weight > 0 || meaning.share.is_none())
            };
            meaning.pinned_matches > 0 || row.terms.iter().any(counts)
        };
        !self.rows.iter().zip(self.meanings).any(counts)
    }
}
