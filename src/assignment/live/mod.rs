//! An assignment that stays optimal while its problem changes.
//!
//! **Problem.** People come and go every day, pairs are barred, supporters take fewer or more. Each time the optimum is
//! wanted again, at once, exact, with as few people moved as that allows; and questions are asked whose answers need an
//! optimum of a problem that is a little different.
//!
//! **Method.** The residual network of the optimum is kept with its potentials. An [`Edit`] puts a few units out of
//! place; each is put right along a shortest path, searched from both ends ([`search`]). Potentials move only where a
//! search went. Files: what changes and what is told of it ([`edit`]); the state, its costs and the way back of every
//! write ([`state`], [`arcs`], [`log`], [`lists`]); edits written into it ([`apply`]); repairs ([`repair`],
//! [`search`]); how far the ladder holds ([`bounds`]); from and to a problem ([`build`], [`layout`]); the check
//! ([`check`]). Where the pairs are too many to hold, see [`market`].
//!
//! **Why it is exact.** Between changes the state satisfies complementary slackness, and [`LiveAssignment::verify`]
//! checks that in one pass; each file says why its step keeps it.
//!
//! **Time and space.** A change reads a few rows and columns: tens of microseconds at 100,000 participants. A state
//! takes twice the pairs, for they are kept by participant and by supporter.
//!
//! **When it is the wrong choice.** For a change of nearly everything a fresh solve is sooner done. Several places for
//! a participant, worst-off first, and rules are refused: they have solvers of their own.
//!
//! **References.** R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network Flows* (1993), sections 9.7 and 9.11; G.
//! Ramalingam, T. Reps, J. Algorithms 21 (1996) (work measured by what changes).

mod apply;
mod arcs;
mod ask;
mod bounds;
mod build;
mod check;
mod edit;
mod frontier;
mod hold;
mod layout;
mod lists;
mod log;
mod market;
mod objective;
mod only;
mod openings;
mod prices;
mod repair;
mod search;
mod snapshot;
mod state;
mod suitors;

use std::collections::{BTreeMap, BTreeSet};

use super::control::Control;
use super::fairness::Fairness;
use super::integer::Integer;
use super::ladder::Rungs;
use super::matches::Matches;
use super::network::NONE;
use super::options::{Options, TieBreak};
use super::problem::Problem;
use super::solution::Assignment;
use super::solve::find;
use super::violation::Verification;
use crate::error::{Error, Result};

use apply::{Editor, outgrown};
pub use ask::Alternate;
use bounds::Bounds;
pub use edit::{Arrival, Edit, Effect, Outcome, Work};
pub use frontier::Repair;
pub use hold::Held;
use log::Old;
pub use market::{LiveMarket, LivePairs, MarketEdit, MarketHeld, MarketOutcome, RowWanted};
pub use openings::Openings;
use prices::Known;
use repair::Displaced;
use search::Search;
use state::{State, Width};

/// A problem with its optimum, both of which can change.
///
/// ```
/// use peermatch::assignment::{Edit, Effect, LiveAssignment, Problem, Supporter};
///
/// let mut builder = Problem::builder(2);
/// let (near, far) = (builder.supporter(Supporter::new(1)), builder.supporter(Supporter::new(1)));
/// builder.served_weights(vec![1, 1]);
/// builder.pair(0, near, 1).pair(0, far, 4).pair(1, near, 2);
/// let mut live = LiveAssignment::solve(&builder.build()?)?;
/// assert_eq!((live.supporter_of(0), live.supporter_of(1)), (Some(far), Some(near)));
///
/// let outcome = live.apply(&[Edit::Capacity { supporter: near, capacity: 2 }])?;
/// assert_eq!(outcome.effects, [Effect { participant: 0, from: Some(far), to: Some(near) }]);
/// assert_eq!((outcome.before.quality, outcome.after.quality), (6, 3));
/// assert!(live.verify().proven_optimal);
/// # Ok::<(), peermatch::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LiveAssignment {
    engine: Engine,
    /// Engines of narrower bounds, from the outermost to the innermost, to go back to when what is open is undone.
    shelved: Vec<Engine>,
}

/// The state in the integers that its bounds need.
#[derive(Debug, Clone)]
enum Engine {
    Narrow(Box<Live<i64>>),
    Wide(Box<Live<i128>>),
}

/// A state and the scratch space of its searches.
#[derive(Debug, Clone)]
struct Live<T: Width> {
    state: State<T>,
    displaced: Displaced,
    search: Search<T>,
    /// Found when they are first asked for, and forgotten with the next change.
    prices: Known<T>,
}

/// Does the same in either width.
macro_rules! either {
    ($engine:expr, $live:ident => $does:expr) => {
        match $engine {
            Engine::Narrow($live) => $does,
            Engine::Wide($live) => $does,
        }
    };
}
use either;

impl Engine {
    /// Whether 64 bits hold all that comes up under these bounds.
    fn is_narrow(bounds: &Bounds) -> bool {
        bounds.pairs_are_narrow()
            && bounds.scales().is_some_and(|(_, largest)| largest <= <i64 as Integer>::LIMIT)
    }

    /// The widest bounds that do not need wider integers than the narrowest do, and a problem packed under them.
    fn packed(problem: &Problem, exact: Bounds) -> Result<(Problem, Bounds, bool)> {
        let narrow = Self::is_narrow;
        let fits =
            |bounds: &Bounds| bounds.scales().is_some_and(|(_, largest)| largest <= <i128 as Integer>::LIMIT);
        let roomy = [exact.with_room().with_room_for_places(), exact.with_room()];
        let mut roomy = roomy.into_iter().filter(|roomy| fits(roomy) && narrow(roomy) == narrow(&exact));
        let bounds = roomy.next().unwrap_or(exact);
        let mut packed = problem.clone();
        build::pack(&mut packed, &bounds)?;
        if !fits(&bounds) {
            return Err(Error::overflow(
                "the rungs cannot be packed into 128 bits with room for sums; use smaller costs",
            ));
        }
        Ok((packed, bounds, narrow(&bounds)))
    }

    fn of(problem: &Problem, assignment: &Assignment, bounds: Bounds) -> Result<Self> {
        let (packed, bounds, narrow) = Self::packed(problem, bounds)?;
        let potentials = build::potentials(&packed, assignment)?;
        let none = (&BTreeSet::new(), &BTreeSet::new());
        Ok(Self::from_parts(&packed, bounds, narrow, &assignment.matches, potentials, none))
    }

    fn from_parts(
        problem: &Problem,
        bounds: Bounds,
        narrow: bool,
        matches: &Matches,
        (supporters, groups): (Vec<i128>, Vec<i128>),
        vacant: (&BTreeSet<u32>, &BTreeSet<u32>),
    ) -> Self {
        let potentials = (&supporters[..], &groups[..]);
        if narrow {
            Self::Narrow(Box::new(Live::new(build::state_of(problem, bounds, matches, potentials, vacant))))
        } else {
            Self::Wide(Box::new(Live::new(build::state_of(problem, bounds, matches, potentials, vacant))))
        }
    }

    /// The same state under bounds that hold more.
    fn packed_anew(&self, bounds: Bounds) -> Result<Self> {
        let problem = either!(self, live => live.state.problem())?;
        let assignment = either!(self, live => live.state.assignment(&problem))?;
        let (packed, bounds, narrow) = Self::packed(&problem, bounds)?;
        let potentials = build::potentials(&packed, &assignment)?;
        let vacant = either!(self, live => (&live.state.vacant_participants, &live.state.vacant_supporters));
        let mut anew = Self::from_parts(&packed, bounds, narrow, &assignment.matches, potentials, vacant);
        // The proof is of the pairs that count; the others are put beside them.
        let others = either!(self, live => live.state.restricted_rows());
        either!(&mut anew, live => others.iter().for_each(|row| live.state.put_restricted(row)));
        Ok(anew)
    }

    fn depth(&self) -> usize {
        either!(self, live => live.state.log.depth())
    }
}

impl<T: Width> Live<T> {
    fn new(state: State<T>) -> Self {
        Self { state, displaced: Displaced::default(), search: Search::default(), prices: Known::default() }
    }

    /// Writes the edits and repairs what they put out of place; leaves everything as it was if they cannot be meant.
    fn apply(&mut self, edits: &[Edit]) -> Result<Outcome> {
        let before = self.state.objective;
        self.prices = Known::default();
        self.state.begin();
        (self.search.nodes_settled, self.search.pairs_read) = (0, 0);
        let written = Editor::new(&mut self.state, &mut self.displaced).write(edits);
        let arrivals = match written {
            Ok(arrivals) => arrivals,
            Err(error) => {
                self.displaced.clear(&mut self.state);
                self.state.roll_back();
                return Err(error);
            }
        };
        let Some(searches) = self.displaced.repair(&mut self.state, &mut self.search) else {
            self.displaced.clear(&mut self.state);
            self.state.roll_back();
            return Err(Error::solver("a unit has nowhere to go; the change is undone"));
        };
        let effects = self.effects();
        self.state.commit();
        let work = Work {
            searches,
            nodes_settled: self.search.nodes_settled,
            pairs_read: self.search.pairs_read,
            packed_anew: false,
        };
        Ok(Outcome { effects, arrivals, before, after: self.state.objective, work })
    }

    fn is_there(&self, supporter: u32) -> bool {
        let supporters = self.state.supporters() as u32;
        supporter < supporters && !self.state.nodes[self.state.node(supporter)].vacant
    }

    /// The pairs of a participant who is optimised, by supporter.
    fn pairs_of(&self, participant: u32) -> Result<Vec<(u32, i64)>> {
        self.known(participant)?;
        let row = self.state.row(participant as usize);
        let mut pairs: Vec<(u32, i64)> =
            row.iter().map(|&(supporter, cost)| (supporter, cost.into())).collect();
        pairs.sort_unstable();
        Ok(pairs)
    }

    fn room(&self, supporter: u32) -> u32 {
        self.room_beside(supporter, None)
    }

    /// The same where a match at another supporter, if any, were over.
    fn room_beside(&self, supporter: u32, left: Option<u32>) -> u32 {
        if !self.is_there(supporter) {
            return 0;
        }
        let left = left.filter(|&left| self.is_there(left)).map(|left| self.state.node(left));
        let is_left = |node: usize| left.is_some_and(|left| self.state.way_up(left).any(|own| own == node));
        let room = |node: usize| {
            let own = &self.state.nodes[node];
            own.capacity.saturating_sub(own.units).saturating_add(is_left(node).into())
        };
        self.state.way_up(self.state.node(supporter)).map(room).min().unwrap_or(0)
    }

    /// Matches, capacity and firm minimum of a supporter that is there.
    fn places_of(&self, supporter: u32) -> (u32, u32, u32) {
        let node = &self.state.nodes[self.state.node(supporter)];
        (node.units, node.capacity, node.minimum)
    }

    /// Whose match is another than at the last beginning.
    fn effects(&self) -> Vec<Effect> {
        let mut first = BTreeMap::new();
        for old in self.state.log.since_beginning() {
            if let Old::Seat(participant, seat, _) = old {
                first.entry(*participant).or_insert(seat.own);
            }
        }
        let some = |supporter: u32| (supporter != NONE).then_some(supporter);
        let effect = |(participant, from): (u32, u32)| {
            let to = self.state.seats[participant as usize].own;
            (from != to).then_some(Effect { participant, from: some(from), to: some(to) })
        };
        first.into_iter().filter_map(effect).collect()
    }
}

impl LiveAssignment {
    /// Brings an optimum to life. The assignment must be one of the problem's optima; its potentials are used where
    /// they can be, which takes O(pairs log row), and found again from its matches where the ladder has several rungs.
    ///
    /// # Errors
    /// [`Error::is_problem`] if the problem gives a participant several places or puts the worst-off first, or if the
    /// assignment is not an optimum of it. [`Error::is_overflow`] if the ladder with its costs does not fit 128 bits.
    pub fn new(problem: &Problem, assignment: &Assignment) -> Result<Self> {
        Self::within(problem, assignment, build::bounds_of(problem))
    }

    /// The same under bounds that hold the problem and more.
    fn within(problem: &Problem, assignment: &Assignment, bounds: Bounds) -> Result<Self> {
        refuse(problem)?;
        if assignment.matches.participants() != problem.pins.len()
            || problem.objective(&assignment.matches).is_none()
        {
            return Err(Error::problem("the assignment is not one of this problem; solve the problem first"));
        }
        let live = Self { engine: Engine::of(problem, assignment, bounds)?, shelved: Vec::new() };
        let check = live.verify();
        if !check.is_valid() {
            return Err(Error::problem(format!(
                "the assignment is not an optimum of this problem, solve it first: {check}"
            )));
        }
        Ok(live)
    }

    /// Solves a problem and brings its optimum to life. Where firm minimums cannot all be met, as many matches as need
    /// be are missing, and the required rung of the [`objective`](Self::objective) counts them.
    ///
    /// # Errors
    /// As for [`new`](Self::new).
    pub fn solve(problem: &Problem) -> Result<Self> {
        refuse(problem)?;
        let (packed, bounds, narrow) = Engine::packed(problem, build::bounds_of(problem))?;
        let options = Options::new().tie_break(TieBreak::Unspecified);
        let assignment = find(&packed, None, &options, &Control::new())?;
        let potentials = build::potentials(&packed, &assignment)?;
        let none = (&BTreeSet::new(), &BTreeSet::new());
        let engine = Engine::from_parts(&packed, bounds, narrow, &assignment.matches, potentials, none);
        Ok(Self { engine, shelved: Vec::new() })
    }

    /// Makes some edits, in their order and as one change, and repairs the optimum.
    ///
    /// Participants whom no optimum needs to move stay: each unit that an edit put out of place is put right along the
    /// cheapest way, and of equally cheap ways along one on which the fewest change their match. After a change that
    /// puts one unit out of place (a pair barred, a place more, a participant who arrives or leaves) no other optimum
    /// would have moved fewer. After one that puts several out of place that holds for each in turn.
    ///
    /// # Errors
    /// [`Error::is_problem`] with every fault of the edits; [`Error::is_overflow`] if the ladder with their costs does
    /// not fit 128 bits. Nothing has changed then.
    pub fn apply(&mut self, edits: &[Edit]) -> Result<Outcome> {
        let Some(bounds) = either!(&self.engine, live => outgrown(&live.state, edits, &[])) else {
            return either!(&mut self.engine, live => live.apply(edits));
        };
        let mut engine = self.engine.packed_anew(bounds)?;
        let mut outcome = either!(&mut engine, live => live.apply(edits))?;
        outcome.work.packed_anew = true;
        let before = std::mem::replace(&mut self.engine, engine);
        if before.depth() > 0 {
            self.shelved.push(before);
        }
        Ok(outcome)
    }

    /// Begins something that [`roll_back`](Self::roll_back) can undo as a whole; such beginnings nest.
    pub fn begin(&mut self) {
        either!(&mut self.engine, live => live.state.begin());
    }

    /// Keeps what was done since the last [`begin`](Self::begin); false if nothing was begun. An outer beginning can
    /// still undo it.
    pub fn commit(&mut self) -> bool {
        if self.engine.depth() > 0 {
            either!(&mut self.engine, live => live.state.commit());
            return true;
        }
        let Some(outer) = self.shelved.last_mut() else { return false };
        either!(outer, live => live.state.commit());
        if outer.depth() == 0 {
            self.shelved.pop();
        }
        true
    }

    /// Undoes what was done since the last [`begin`](Self::begin), exactly; false if nothing was begun.
    pub fn roll_back(&mut self) -> bool {
        if self.engine.depth() == 0 {
            let Some(outer) = self.shelved.pop() else { return false };
            self.engine = outer;
        }
        either!(&mut self.engine, live => {
            live.prices = Known::default();
            live.state.roll_back();
        });
        true
    }

    /// Keeps for good what was done between the outermost [`begin`](Self::begin) and the next one, which becomes the
    /// outermost; false if nothing was begun. O(changes that can still be undone).
    pub fn forget_oldest(&mut self) -> bool {
        let oldest = self.shelved.first_mut().unwrap_or(&mut self.engine);
        let forgot = either!(oldest, live => live.state.log.forget_oldest());
        if self.shelved.first().is_some_and(|engine| engine.depth() == 0) {
            self.shelved.remove(0);
        }
        forgot
    }

    /// How many beginnings can be undone.
    pub fn open(&self) -> usize {
        self.engine.depth() + self.shelved.iter().map(Engine::depth).sum::<usize>()
    }

    /// The supporter of a participant; `None` for one who is unmatched or not there. O(1).
    pub fn supporter_of(&self, participant: u32) -> Option<u32> {
        let own =
            either!(&self.engine, live => live.state.seats.get(participant as usize).map(|seat| seat.own));
        own.filter(|&own| own != NONE)
    }

    /// What the optimum costs, by rung. O(1).
    pub fn objective(&self) -> Rungs {
        either!(&self.engine, live => live.state.objective)
    }

    /// Who has whom.
    pub fn matches(&self) -> Matches {
        either!(&self.engine, live => live.state.matches())
    }

    /// The problem as it stands. Its [`scales`](Problem::scales) leave room for changes; numbers that nobody has are
    /// participants without a pair and supporters without a place. O(pairs log row).
    ///
    /// # Errors
    /// None that a state that verifies has.
    pub fn problem(&self) -> Result<Problem> {
        either!(&self.engine, live => live.state.problem())
    }

    /// The optimum with its certificate, for [`problem`](Self::problem): the second opinion is
    /// [`verify`](super::verify()). O(pairs).
    ///
    /// # Errors
    /// [`Error::is_problem`] if it is another problem.
    pub fn assignment(&self, problem: &Problem) -> Result<Assignment> {
        let sizes = either!(&self.engine, live => (
            live.state.participants(),
            live.state.supporters(),
            live.state.groups,
            live.state.scales,
        ));
        let asked = (problem.pins.len(), problem.group_of.len(), problem.parent_of.len(), problem.scales);
        if sizes != asked {
            return Err(Error::problem("this is not the problem as it stands; ask for that first"));
        }
        either!(&self.engine, live => live.state.assignment(problem))
    }

    /// Checks all that is kept and the proof of the optimum, in one pass over the pairs; trusts nothing.
    pub fn verify(&self) -> Verification {
        either!(&self.engine, live => check::verify(&live.state))
    }
}

/// Says what cannot be kept alive.
fn refuse(problem: &Problem) -> Result<()> {
    if !problem.single_places() {
        return Err(Error::problem(
            "some participants have several places, which is not kept optimal under change; give each one, or solve anew",
        ));
    }
    if problem.fairness() == Fairness::WorstOffFirst {
        return Err(Error::problem(
            "worst-off first is not kept optimal under change; choose Fairness::Total, or solve anew",
        ));
    }
    Ok(())
}
