//! A programme that lives under what no network holds: rules about matches together, backups weighed against matches,
//! the worst-off first.
//!
//! **Problem.** A flow that is kept optimal answers a change in a fraction of a millisecond, and cannot hold these. The
//! search that can takes as long as it takes. Whoever sends a change wants an answer at once all the same: one that
//! keeps every firm rule and says how far from the best it can be; and the best itself when there is time for it.
//!
//! **Method.** Two networks are kept. The first holds the *incumbent*, the matching that stands: every match is pinned
//! there and whoever waits has no pairs, so nobody moves in it unless told, and standing matches, loads, undoing and
//! snapshots work from it as they do without rules. The second is the *relaxation*, the same programme without what no
//! network holds; it is kept optimal at every change and bounds what any matching can reach ([`bound`]). A change is
//! written, judged and made in the relaxation; then a *question* is asked ([`question`]): who may be matched with whom,
//! and who is to stay. Asked at once nobody moves but those whom the change concerns and those who wait, which leaves so
//! few pairs that the exact solver answers at once; with a settlement everybody may ([`repair`]).
//!
//! **Why every firm rule is kept.** Each answer is a matching of the whole programme, checked by
//! [`verify_rules`](crate::assignment::rules::verify_rules) over all rules before it becomes the incumbent. Where none
//! is found in which nobody else moves, those may move whom a limit concerns, then everybody; where there is none at
//! all, the change fails and nothing has changed.
//!
//! **Time and space.** At once: a pass over the people, a few of their pairs, and the relaxation's repair. A settlement
//! takes what [`match_all`](crate::Matcher::match_all) takes, for those parts of the programme that are not as they were
//! when they were last settled ([`components`]). All eligible pairs are held, once, in the relaxation.
//!
//! **When it is the wrong choice.** For tens of thousands of participants whose rules count all pairs: a settlement may
//! take long, and [`Matcher::with_rule_options`](crate::Matcher::with_rule_options) can limit it.

mod bound;
mod components;
mod options;
mod question;
mod repair;
mod told;

pub use bound::Bound;
pub(super) use components::{Components, Print};
pub(super) use question::Question;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::engine::{Engine, Optimum};
use super::kept::Kept;
use crate::matcher::problem::LeftOut;
use crate::matcher::rules;
use crate::policy::Policy;

/// Whether a policy asks for something that no network holds.
pub(super) fn is_needed(policy: &Policy) -> bool {
    rules::are_asked_for(policy) || policy.objective.worst_off_first
}

/// What is kept beside the network that holds the incumbent.
#[derive(Clone)]
pub(super) struct Incumbent {
    /// The optimum without what no network holds.
    pub(super) relaxed: Engine,
    pub(super) state: State,
    /// What was settled, component by component.
    pub(super) settled: BTreeSet<Print>,
}

/// How the incumbent stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(in crate::matcher::live) struct State {
    /// What soft rules, opened places and backups add to its quality rung.
    pub(super) added: i128,
    /// No matching is better, but for rungs left out; whoever is offered nobody, for they are to choose, is too.
    pub(super) exact: bool,
    #[serde(default)]
    pub(super) left_out: LeftOut,
}

/// The same as data.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Written {
    relaxed: Optimum,
    state: State,
    settled: BTreeSet<Print>,
}

impl Incumbent {
    pub(super) fn to_data(&self) -> Written {
        let settled = self.settled.clone();
        Written { relaxed: self.relaxed.to_data(), state: self.state, settled }
    }

    pub(super) fn read(people: super::engine::People<'_>, written: Written) -> Self {
        let Written { relaxed, state, settled } = written;
        Self { relaxed: Engine::read(people, relaxed), state, settled }
    }
}

/// Both networks as one.
impl Kept {
    fn engines(&mut self) -> impl Iterator<Item = &mut Engine> {
        let relaxed = self.incumbent.as_mut().map(|incumbent| &mut incumbent.relaxed);
        std::iter::once(&mut self.engine).chain(relaxed)
    }

    pub(super) fn begin(&mut self) {
        self.engines().for_each(Engine::begin);
    }

    pub(super) fn commit(&mut self) {
        self.engines().for_each(Engine::commit);
    }

    pub(super) fn roll_back(&mut self) {
        self.engines().for_each(Engine::roll_back);
    }

    pub(super) fn forget_oldest(&mut self) {
        self.engines().for_each(Engine::forget_oldest);
    }
}
