//! Checking a market with its source in hand.
//!
//! **Method.** First the engine, which proves the optimum over the held pairs. Then what is known of the others: every
//! potential at or above its floor, everyone paying less than the ceiling, and every pair of the source below the
//! bounds held, at the cost it has there. Together these are complementary slackness over all pairs.
//!
//! **Time and space.** O(held pairs) and one question for every row, which answers with pairs that are held.

use super::super::super::pair_source::Pairs;
use super::super::super::violation::{Verification, Violation};
use super::LiveMarket;
use super::known::{ALL, NOTHING};
use super::source::{LivePairs, RowWanted};
use crate::error::Result;

impl LiveMarket {
    /// Checks all that is kept and the proof of the optimum over all pairs; trusts the answers of the source, and
    /// nothing else. A source that fails is told among the violations.
    pub fn verify(&self, source: &mut dyn LivePairs) -> Verification {
        let mut check = self.live.verify();
        self.check_bounds(&mut check.violations);
        if let Err(error) = self.check_pairs(source, &mut check.violations) {
            check.violations.push(Violation::Books { what: error.to_string() });
        }
        check.proven_optimal &= check.violations.is_empty();
        check
    }

    /// Floors and ceilings against potentials and what is paid; without the source.
    pub(super) fn check_bounds(&self, violations: &mut Vec<Violation>) {
        let (participants, supporters) = self.live.sizes();
        let sizes = (self.known.ceilings().len(), self.known.floors().len());
        if sizes != (participants as usize, supporters as usize) {
            let what = "there is a ceiling too many for the participants, or a floor for the supporters, or one too few";
            violations.push(Violation::Books { what: what.to_owned() });
            return;
        }
        let weight = self.live.quality_weight();
        for supporter in 0..supporters {
            let floor = self.known.floor(supporter).price;
            if floor == Pairs::CLOSED {
                continue;
            }
            if !self.live.is_there(supporter)
                || self.live.potential_of(supporter) < i128::from(floor).saturating_mul(weight)
            {
                let what = format!("the potential of supporter {supporter} is below its floor {floor}");
                violations.push(Violation::Books { what });
            }
        }
        for participant in 0..participants {
            let ceiling = self.known.ceiling(participant);
            if ceiling == NOTHING {
                continue;
            }
            let paid = self.live.paid_by(participant);
            let within =
                ceiling == ALL || paid.is_none_or(|paid| paid < i128::from(ceiling).saturating_mul(weight));
            if !self.live.is_taken(participant) || !within {
                let what = format!("participant {participant} pays no less than its ceiling {ceiling}");
                violations.push(Violation::Books { what });
            }
        }
    }

    /// Every pair below the bounds is held, and every held one is the source's.
    fn check_pairs(&self, source: &mut dyn LivePairs, violations: &mut Vec<Violation>) -> Result<()> {
        let (participants, _) = self.live.sizes();
        let wanted: Vec<RowWanted> = (0..participants)
            .map(|participant| (participant, self.known.ceiling(participant)))
            .filter(|&(_, ceiling)| ceiling != NOTHING)
            .map(|(participant, limit)| RowWanted { participant, limit, most: usize::MAX })
            .collect();
        let floors: Vec<(u32, i64)> =
            (0..).zip(self.known.floors()).map(|(supporter, floor)| (supporter, floor.price)).collect();
        source.floors(&floors);
        let answers = self.answers_of(&wanted, source)?;
        for (&RowWanted { participant, .. }, (pairs, _)) in wanted.iter().zip(answers) {
            for (supporter, cost) in pairs {
                if self.known.is_told(participant, supporter) {
                    continue;
                }
                if self.live.held_cost(participant, supporter).is_none() {
                    let reduced = self.live.reduced(participant, supporter, cost).unwrap_or(0);
                    violations.push(Violation::PairMissed { participant, supporter, reduced });
                }
            }
        }
        for participant in 0..participants {
            let held = self.live.held_row(participant);
            let believed =
                held.into_iter().filter(|&(supporter, _)| !self.known.is_told(participant, supporter));
            for (supporter, stated) in believed {
                let actual = source.cost(participant, supporter);
                if actual != Some(stated) {
                    violations.push(Violation::PairCost { participant, supporter, stated, actual });
                }
            }
        }
        Ok(())
    }
}
