//! Choosing a repair that is not the full optimum, and keeping it.
//!
//! **Problem.** A coordinator takes the repair that moves nobody else, although moving three would be better. From then
//! on the assignment is deliberately not the optimum of the problem, and yet every later answer must be exact.
//!
//! **Method.** What was chosen becomes part of the problem: those who move are pinned to what they come to (or lose
//! their pairs, if that is nobody), and whoever the optimum would move beside them is pinned to what it has. A
//! supporter who loses more than it wins keeps its place empty. That is an ordinary change; the optimum *under it* is
//! exactly the repair, with a certificate. What takes it back is a list of ordinary edits as well.
//!
//! **Why it is exact.** The batch is drilled until its effects are those of the repair and of nothing else, and only
//! then made; each round that is not the last pins at least one participant more.
//!
//! **Time and space.** A drill a round; the first is nearly always the last where places have no prices of their own.

use serde::{Deserialize, Serialize};

use super::edit::{Edit, Effect, Outcome};
use super::frontier::Repair;
use super::{Engine, LiveAssignment};
use crate::error::{Error, Result};

/// A repair that is held, and what releases it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Held {
    /// What the repair led to.
    pub outcome: Outcome,
    /// The edits that were made, to be made again elsewhere.
    pub edits: Vec<Edit>,
    /// The edits that take them back, to be [applied](LiveAssignment::apply) when nothing is held any more: the optimum
    /// is then again that of the problem as it was, with whatever changed since.
    pub release: Vec<Edit>,
}

impl LiveAssignment {
    /// Makes one of the [`frontier`](Self::frontier)'s repairs and holds it: nobody but those it names moves, now or
    /// later, on its account.
    ///
    /// # Errors
    /// [`Error::is_problem`] if the repair is not one of the assignment as it stands: somebody is not where it says, or
    /// may not go where it says. Nothing has changed then.
    pub fn hold(&mut self, repair: &Repair) -> Result<Held> {
        let mut edits = Vec::new();
        let mut release = Vec::new();
        for effect in &repair.effects {
            if self.supporter_of(effect.participant) != effect.from {
                return Err(Error::problem(format!(
                    "participant {} is not where the repair says; ask for the frontier again",
                    effect.participant
                )));
            }
            self.fix(effect.participant, effect.to, &mut edits, &mut release)?;
        }
        self.close_left_places(&repair.effects, &mut edits, &mut release);
        loop {
            let outcome = self.drill(&edits)?;
            let beside = |effect: &&Effect| !repair.effects.contains(effect);
            let moved: Vec<Effect> = outcome.effects.iter().filter(beside).copied().collect();
            if moved.is_empty() && outcome.effects.len() == repair.effects.len() {
                break;
            }
            for effect in &moved {
                if repair.effects.iter().any(|one| one.participant == effect.participant) {
                    return Err(Error::problem(
                        "the repair is not possible as it stands; ask for the frontier again",
                    ));
                }
                self.fix(effect.participant, effect.from, &mut edits, &mut release)?;
            }
            if moved.is_empty() {
                return Err(Error::problem(
                    "the repair does not change what it says; ask for the frontier again",
                ));
            }
        }
        let outcome = self.apply(&edits)?;
        release.reverse();
        Ok(Held { outcome, edits, release })
    }

    /// The edits that fix what a participant has, and those that take them back.
    fn fix(
        &self,
        participant: u32,
        supporter: Option<u32>,
        edits: &mut Vec<Edit>,
        release: &mut Vec<Edit>,
    ) -> Result<()> {
        let pairs = match &self.engine {
            Engine::Narrow(live) => live.pairs_of(participant)?,
            Engine::Wide(live) => live.pairs_of(participant)?,
        };
        if let Some(supporter) = supporter {
            let Some(&(_, cost)) = pairs.iter().find(|pair| pair.0 == supporter) else {
                return Err(Error::problem(format!(
                    "participant {participant} may not take supporter {supporter}; ask for the frontier again"
                )));
            };
            edits.push(Edit::Pin { participant, supporter, cost });
            release.push(Edit::Unpin { participant });
        } else {
            edits.push(Edit::Row { participant, pairs: Vec::new() });
            release.push(Edit::Row { participant, pairs });
        }
        Ok(())
    }

    /// Keeps places empty that a repair leaves.
    fn close_left_places(&self, effects: &[Effect], edits: &mut Vec<Edit>, release: &mut Vec<Edit>) {
        let mut left: Vec<u32> = effects.iter().filter_map(|effect| effect.from).collect();
        left.sort_unstable();
        left.dedup();
        for supporter in left {
            let going = effects.iter().filter(|effect| effect.from == Some(supporter)).count() as u32;
            let coming = effects.iter().filter(|effect| effect.to == Some(supporter)).count() as u32;
            let (units, capacity, minimum) = match &self.engine {
                Engine::Narrow(live) => live.places_of(supporter),
                Engine::Wide(live) => live.places_of(supporter),
            };
            let rest = units + coming - going;
            if coming < going && rest >= minimum {
                edits.push(Edit::Capacity { supporter, capacity: rest });
                release.push(Edit::Capacity { supporter, capacity });
            }
        }
    }
}
