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
use super::{Engine, LiveAssignment, either};
use crate::error::{Error, Result};

/// A repair that is held, and what releases it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Held<E = Edit> {
    /// What the repair led to.
    pub outcome: Outcome,
    /// The edits that were made, to be made again elsewhere.
    pub edits: Vec<E>,
    /// The edits that take them back, to be [applied](LiveAssignment::apply) when nothing is held any more: the optimum
    /// is then again that of the problem as it was, with whatever changed since.
    pub release: Vec<E>,
}

/// What holds a repair: a living optimum, and what a change of it is.
pub(super) trait Holder {
    type Change: From<Edit>;

    /// What people have now.
    fn live(&self) -> &LiveAssignment;

    /// The cost of a pair, `None` if there is none.
    fn cost(&self, participant: u32, supporter: u32) -> Result<Option<i64>>;

    /// What takes all pairs of a participant away, and what gives them back, in order.
    fn close_row(&self, participant: u32) -> Result<(Self::Change, Vec<Self::Change>)>;

    fn drill(&mut self, edits: &[Self::Change]) -> Result<Outcome>;

    fn make(&mut self, edits: &[Self::Change]) -> Result<Outcome>;
}

impl Holder for LiveAssignment {
    type Change = Edit;

    fn live(&self) -> &LiveAssignment {
        self
    }

    fn cost(&self, participant: u32, supporter: u32) -> Result<Option<i64>> {
        let pairs = either!(&self.engine, live => live.pairs_of(participant))?;
        Ok(pairs.iter().find(|pair| pair.0 == supporter).map(|pair| pair.1))
    }

    fn close_row(&self, participant: u32) -> Result<(Edit, Vec<Edit>)> {
        let pairs = either!(&self.engine, live => live.pairs_of(participant))?;
        Ok((Edit::Row { participant, pairs: Vec::new() }, vec![Edit::Row { participant, pairs }]))
    }

    fn drill(&mut self, edits: &[Edit]) -> Result<Outcome> {
        Self::drill(self, edits)
    }

    fn make(&mut self, edits: &[Edit]) -> Result<Outcome> {
        self.apply(edits)
    }
}

/// What is to be done, and how it is undone: blocks of edits, the last to be undone first.
struct Plan<E> {
    edits: Vec<E>,
    release: Vec<Vec<E>>,
}

impl<E: From<Edit>> Plan<E> {
    /// Fixes what a participant has.
    fn fix<H: Holder<Change = E>>(&mut self, holder: &H, participant: u32, to: Option<u32>) -> Result<()> {
        let Some(supporter) = to else {
            let (edit, release) = holder.close_row(participant)?;
            self.edits.push(edit);
            self.release.push(release);
            return Ok(());
        };
        let Some(cost) = holder.cost(participant, supporter)? else {
            return Err(Error::problem(format!(
                "participant {participant} may not take supporter {supporter}; ask for the frontier again"
            )));
        };
        self.edits.push(Edit::Pin { participant, supporter, cost }.into());
        self.release.push(vec![Edit::Unpin { participant }.into()]);
        Ok(())
    }

    /// Keeps places empty that a repair leaves.
    fn close_left_places(&mut self, live: &LiveAssignment, effects: &[Effect]) {
        let mut left: Vec<u32> = effects.iter().filter_map(|effect| effect.from).collect();
        left.sort_unstable();
        left.dedup();
        for supporter in left {
            let going = effects.iter().filter(|effect| effect.from == Some(supporter)).count() as u32;
            let coming = effects.iter().filter(|effect| effect.to == Some(supporter)).count() as u32;
            let (units, capacity, minimum) = either!(&live.engine, live => live.places_of(supporter));
            let rest = units + coming - going;
            if coming < going && rest >= minimum {
                self.edits.push(Edit::Capacity { supporter, capacity: rest }.into());
                self.release.push(vec![Edit::Capacity { supporter, capacity }.into()]);
            }
        }
    }
}

/// Makes a repair and holds it.
pub(super) fn hold<H: Holder>(holder: &mut H, repair: &Repair) -> Result<Held<H::Change>> {
    let mut plan = Plan { edits: Vec::new(), release: Vec::new() };
    for effect in &repair.effects {
        if holder.live().supporter_of(effect.participant) != effect.from {
            return Err(Error::problem(format!(
                "participant {} is not where the repair says; ask for the frontier again",
                effect.participant
            )));
        }
        plan.fix(holder, effect.participant, effect.to)?;
    }
    plan.close_left_places(holder.live(), &repair.effects);
    loop {
        let outcome = holder.drill(&plan.edits)?;
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
            plan.fix(holder, effect.participant, effect.from)?;
        }
        if moved.is_empty() {
            return Err(Error::problem(
                "the repair does not change what it says; ask for the frontier again",
            ));
        }
    }
    let outcome = holder.make(&plan.edits)?;
    let release = plan.release.into_iter().rev().flatten().collect();
    Ok(Held { outcome, edits: plan.edits, release })
}

impl LiveAssignment {
    /// Makes one of the [`frontier`](Self::frontier)'s repairs and holds it: nobody but those it names moves, now or
    /// later, on its account.
    ///
    /// # Errors
    /// [`Error::is_problem`] if the repair is not one of the assignment as it stands: somebody is not where it says, or
    /// may not go where it says. Nothing has changed then.
    pub fn hold(&mut self, repair: &Repair) -> Result<Held> {
        hold(self, repair)
    }
}
