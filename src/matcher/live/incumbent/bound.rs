//! How far from the best the kept matching can be.
//!
//! **Method.** The relaxation is the programme without rules: firm ones only forbid, and soft ones only cost, so no
//! matching under them costs less than its optimum. What backups can be worth is taken off: no more stand by than there
//! are people who are to have somebody, and places, each worth no more than a score of one. With the worst-off first
//! the relaxation knows who can be served and how high the sum of scores can be, not how well off the worst can be.
//!
//! **Time.** O(people).

use std::fmt;

use serde::{Deserialize, Serialize};

use super::super::kept::Kept;
use crate::assignment::Rungs;
use crate::matcher::problem::LeftOut;
use crate::matcher::{backups, rules};
use crate::matching::Score;
use crate::policy::criteria::to_micro;
use crate::program::Program;

/// How far from the best a kept matching can be. Whoever is offered nobody, for they are to choose, is left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Bound {
    /// No matching that keeps the firm rules costs less: its rungs, compared one after another in the ladder's order,
    /// come to this or more. With the worst-off first that is so of `served`, and of `quality` among those who serve as
    /// many.
    pub cost: Rungs,
    /// By how much the served weight (urgency plus one of each) could be higher at most; 0 where serving does not come
    /// first.
    pub served: i64,
    /// How many more could be matched at most; none where serving does not come first, for then nobody knows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub matched: Option<u32>,
    /// By how much the quality could be better at most, prices counted, where as many are served; none where it is not
    /// known whether more can be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Score>,
    /// No matching is better: it was solved exactly and nothing has happened since, or the bound says so itself. Not
    /// looked at was what is [left out](Self::left_out).
    pub exact: bool,
    /// Lower rungs that the proof leaves out, or counts in coarser steps, for sums over so many people would not fit;
    /// in [`cost`](Self::cost) they are what the relaxation says of them.
    #[serde(default)]
    pub left_out: LeftOut,
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.exact, self.matched, self.score) {
            (true, ..) => f.write_str(match self.left_out {
                LeftOut::Nothing => "proven the best",
                LeftOut::Balance => "proven the best, but for how evenly loads are spread",
                LeftOut::ChangesAndBalance => {
                    "proven the best, but for how few matches change and how evenly loads are spread"
                }
            }),
            (false, Some(more), None) if more > 0 => write!(f, "{more} more could be matched at the most"),
            (false, Some(_), None) => {
                f.write_str("as many are matched as can be, others might be more urgent")
            }
            (false, _, Some(score)) => write!(f, "it could be better by {:.3} at the most", score.value()),
            (false, None, None) => f.write_str("how much better it could be is not known"),
        }
    }
}

impl Kept {
    /// How far from the best the incumbent can be; none where a network holds everything.
    pub(in crate::matcher::live) fn bound(&self, program: &Program) -> Option<Bound> {
        let incumbent = self.incumbent.as_ref()?;
        let served_first = self.compatibility.policy().objective.served_first;
        let now = self.quality().cost;
        if incumbent.state.exact {
            let matched = served_first.then_some(0);
            let (score, left_out) = (Some(Score::default()), incumbent.state.left_out);
            let cost =
                Self::least_of_the_rest(now, self.least(program, incumbent.relaxed.objective()), left_out);
            return Some(Bound { cost, served: 0, matched, score, exact: true, left_out });
        }
        let cost = self.least(program, incumbent.relaxed.objective());
        let most = |units: i128| i64::try_from(units).unwrap_or(i64::MAX);
        let could = (0..self.own.len() as u32).filter(|&one| incumbent.relaxed.supporter_of(one).is_some());
        let matched = served_first.then(|| (could.count() as u32).saturating_sub(self.matched));
        let score = (now.served == cost.served).then(|| Score::from_micro(most(now.quality - cost.quality)));
        let served = most(now.served - cost.served);
        Some(Bound { cost, served, matched, score, exact: false, left_out: LeftOut::Nothing })
    }

    /// What a matching costs that is proven the best but for some rungs; of these the least, as far as the relaxation
    /// says something of those who are as good above.
    fn least_of_the_rest(now: Rungs, relaxed: Rungs, left_out: LeftOut) -> Rungs {
        let as_good =
            (now.required, now.served, now.quality) == (relaxed.required, relaxed.served, relaxed.quality);
        match left_out {
            LeftOut::Nothing => now,
            LeftOut::Balance if as_good && now.change == relaxed.change => {
                Rungs { balance: relaxed.balance, ..now }
            }
            LeftOut::Balance => Rungs { balance: 0, ..now },
            LeftOut::ChangesAndBalance if as_good => {
                Rungs { change: relaxed.change, balance: relaxed.balance, ..now }
            }
            LeftOut::ChangesAndBalance => Rungs { change: 0, balance: 0, ..now },
        }
    }

    /// The least that any matching costs, from what the relaxation does.
    fn least(&self, program: &Program, relaxed: Rungs) -> Rungs {
        // A matching that is no dearer than that has matches as good as the relaxation's besides the dearest of backups,
        // so the rungs below are those of the relaxation at the least.
        Rungs { quality: relaxed.quality - self.backups_worth(program), ..relaxed }
    }

    /// The most that backups can add to the quality.
    fn backups_worth(&self, program: &Program) -> i128 {
        let policy = self.compatibility.policy();
        let Some(backup) = policy.backup.as_ref().filter(|_| rules::weighs_backups(policy)) else { return 0 };
        let (wanted, may) = backups::who(backup, program, &self.compatibility);
        let count = |all: &[bool]| all.iter().filter(|is_so| **is_so).count() as i128;
        let places = count(&may).saturating_mul(i128::from(backup.places));
        let worth = i128::from(to_micro(backup.worth.unwrap_or(rules::WORTH)));
        count(&wanted).min(places) * worth.max(1)
    }

    /// Whether the relaxation itself proves that nothing is better than such a cost. Never with the worst-off first.
    pub(super) fn proves(&self, program: &Program, cost: Rungs) -> bool {
        let Some(incumbent) = self.incumbent.as_ref() else { return false };
        !self.compatibility.policy().objective.worst_off_first
            && self.least(program, incumbent.relaxed.objective()) == cost
    }
}
