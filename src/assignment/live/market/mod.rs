//! A living optimum over more pairs than can be held.
//!
//! **Problem.** At 100,000 participants and 25,000 supporters there are billions of pairs, of which a few for each
//! participant matter. [`LiveAssignment`] holds every pair; here most stay with their source, and the optimum is still
//! that over all of them, after every change.
//!
//! **Method.** Some pairs are held, and of all others it is known that they cost too much: each supporter has a *floor*
//! and each participant a *ceiling* such that `cost + floor >= ceiling` for every pair that is not held ([`known`]).
//! While every potential is at or above its floor and everyone pays less than the ceiling, no such pair could be used,
//! and the source is not asked at all. A change is made on the held pairs first. Where that leaves somebody out of
//! bounds, which only those can be whom it touched, the source is asked for the pairs in between ([`asking`]); if one
//! of them could be used, the change is undone and made again with them. What is held follows the prices: pairs that
//! became dear are let go when there are too many ([`dropping`]).
//!
//! **Why it is exact.** `cost + floor >= ceiling`, `potential >= floor` and `paid < ceiling` say that a pair that is
//! not held has a positive reduced cost. So the potentials prove the optimum over all pairs, and no cheapest way leads
//! through a pair that is not held: who stays is who would stay if all were held. [`LiveMarket::verify`] asks the
//! source whether all of that is true. For the questions see [`questions`].
//!
//! **Time and space.** Mostly a change of the held pairs, and a look at whom it touched. A row asked for here and
//! there; a column rarely, as floors leave a margin. Space for the held pairs, and two numbers for each person.
//!
//! **When it is the wrong choice.** Where all pairs fit into memory: [`LiveAssignment`] asks nobody. Where a change
//! moves nearly every price: then [`solve_implicit`](super::super::solve_implicit) asks once about everything.
//!
//! **References.** Those of [`super`] and of `implicit.rs`; bounds that tell what need not be priced again: the lazy
//! pricing of R. E. Bixby et al., Operations Research 40 (1992), there from solve to solve.

mod asking;
mod begin;
mod check;
mod dropping;
mod edits;
mod keeping;
mod known;
mod questions;
mod snapshot;
mod source;
mod view;

use super::super::ladder::Rungs;
use super::super::matches::Matches;
use super::super::problem::Problem;
use super::super::solution::Assignment;
use super::{LiveAssignment, Outcome};
use crate::error::Result;

use asking::Found;
use edits::Translation;
pub use edits::{MarketEdit, MarketOutcome};
pub use keeping::MarketHeld;
use known::Known;
pub use source::{LivePairs, RowWanted};
use view::Touched;

/// What a change asked of the source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Asked {
    rows: u64,
    columns: u64,
    pairs: u64,
    rounds: u32,
}

/// An optimum over all pairs of a source, kept while it changes; only some of the pairs are held.
///
/// The source is handed to every call that may ask it, so that the caller can change it in between: a change is made in
/// the source first, then told here. Single pairs ([`Edit::Allow`](super::Edit::Allow),
/// [`Edit::Forbid`](super::Edit::Forbid)) and whole rows and columns with their pairs named need not be known to the
/// source: what was told is believed from then on, and the source no longer.
///
/// ```
/// use peermatch::assignment::{
///     Control, Edit, LiveMarket, LivePairs, MarketEdit, Options, PairSource, Pairs, Problem, RowWanted, Supporter,
///     solve_implicit,
/// };
///
/// /// Everyone stands on a line; a pair costs its distance.
/// struct Line {
///     people: u32,
///     floors: Vec<i64>,
/// }
///
/// impl PairSource for Line {
///     fn cost_range(&self) -> (i64, i64) {
///         (0, 1000)
///     }
///     fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
///         Some((i64::from(participant) * 2 - i64::from(supporter) * 3).abs())
///     }
/// }
///
/// impl LivePairs for Line {
///     fn floor(&mut self, supporter: u32, price: i64) {
///         self.floors.resize(self.floors.len().max(supporter as usize + 1), Pairs::CLOSED);
///         self.floors[supporter as usize] = price;
///     }
///     fn row(&self, wanted: RowWanted) -> Vec<(u32, i64)> {
///         let open = (0..).zip(&self.floors).filter(|&(_, &floor)| floor != Pairs::CLOSED);
///         let pairs = open.filter_map(|(s, floor)| Some((self.cost(wanted.participant, s)? + floor, s, floor)));
///         let mut pairs: Vec<_> = pairs.filter(|pair| pair.0 < wanted.limit).collect();
///         pairs.sort_unstable();
///         pairs.into_iter().take(wanted.most).map(|(sum, s, floor)| (s, sum - floor)).collect()
///     }
///     fn column(&self, supporter: u32, price: i64, ceilings: &[i64]) -> Vec<(u32, i64)> {
///         let pairs = (0..self.people).filter_map(|p| Some((p, self.cost(p, supporter)?)));
///         pairs.filter(|&(p, cost)| cost + price < ceilings[p as usize]).collect()
///     }
/// }
///
/// let mut builder = Problem::builder(60);
/// for _ in 0..40 {
///     builder.supporter(Supporter::new(2));
/// }
/// builder.served_weights(vec![1; 60]);
/// let mut line = Line { people: 60, floors: Vec::new() };
/// let found = solve_implicit(&builder.build()?, &line, &Options::new(), &Control::new())?;
/// let mut market = LiveMarket::new(&found.problem, &found.assignment, &mut line, 5)?;
/// assert!(market.held_pairs() < 60 * 40 / 3);
///
/// let own = market.supporter_of(0).expect("there is room for everyone");
/// let barred = MarketEdit::Edit(Edit::Forbid { participant: 0, supporter: own });
/// let told = market.apply(&[barred], &mut line)?;
/// assert_eq!(told.outcome.effects[0].from, Some(own));
/// assert!(market.verify(&mut line).proven_optimal);
/// # Ok::<(), peermatch::Error>(())
/// ```
#[derive(Debug, Clone)]
pub struct LiveMarket {
    live: LiveAssignment,
    known: Known,
    /// Pairs of a participant that are held, if nothing else asks for more or fewer.
    per_participant: usize,
    /// How far floors are below potentials, in quality costs.
    margin: i64,
    /// What was asked since the last question or change began.
    asked: Asked,
}

impl LiveMarket {
    /// Makes some edits, in their order and as one change, and repairs the optimum over all pairs. Who stays is as told
    /// of [`LiveAssignment::apply`], as if all pairs were held; where the ladder had to be packed anew, some may move
    /// who need not.
    ///
    /// # Errors
    /// [`Error::is_problem`](crate::Error::is_problem) with every fault of the edits, or if the source answers with
    /// somebody who is not there, was not asked about, or is held at another cost;
    /// [`Error::is_overflow`](crate::Error::is_overflow) if the ladder with their costs does not fit 128 bits, or
    /// prices 62. Nothing has changed then.
    pub fn apply(&mut self, edits: &[MarketEdit], source: &mut dyn LivePairs) -> Result<MarketOutcome> {
        self.begin();
        self.asked = Asked::default();
        let made = Translation::of(self, source, edits).and_then(|edits| self.make(edits, false, source));
        match made {
            Ok(outcome) => {
                self.commit();
                Ok(outcome)
            }
            Err(error) => {
                self.roll_back();
                Err(error)
            }
        }
    }

    /// Makes edits on the held pairs, and again with those that are missing until none is.
    fn make(
        &mut self,
        mut edits: Vec<super::Edit>,
        everyone: bool,
        source: &mut dyn LivePairs,
    ) -> Result<MarketOutcome> {
        let packed_anew = self.live.make_room(&edits, source.cost_range())?;
        if packed_anew {
            // Whoever waits pays another price in quality costs, and so do supporters whom that makes dear: what is
            // beyond their floors as they were is almost everything.
            self.raise_floors();
        }
        loop {
            self.asked.rounds += 1;
            self.live.begin();
            let made = self.live.apply(&edits).and_then(|outcome| {
                let touched = if everyone || packed_anew {
                    self.live.everyone()
                } else {
                    self.live.touched(self.known.changed())
                };
                let missing = self.find_missing(&touched, source)?;
                Ok((outcome, touched, missing))
            });
            match made {
                Ok((mut outcome, touched, None)) => {
                    self.live.commit();
                    outcome.work.packed_anew |= packed_anew;
                    return Ok(self.told(outcome, touched));
                }
                Ok((.., Some(missing))) => {
                    self.live.roll_back();
                    let allow =
                        |(participant, supporter, cost)| super::Edit::Allow { participant, supporter, cost };
                    edits.extend(missing.into_iter().map(allow));
                }
                Err(error) => {
                    self.live.roll_back();
                    return Err(error);
                }
            }
        }
    }

    /// Asks until everyone who was touched is within bounds, and holds what is found. Where a pair among it can be
    /// used, all that was found.
    fn find_missing(&mut self, touched: &Touched, source: &mut dyn LivePairs) -> Result<Option<Vec<Found>>> {
        let mut all = Vec::new();
        while let Some(found) = self.ask_about(touched, source)? {
            let is_used =
                |&(p, s, cost): &Found| self.live.reduced(p, s, cost).is_some_and(|reduced| reduced <= 0);
            let used = found.iter().any(is_used);
            all.extend(found.iter().copied());
            if used {
                return Ok(Some(all));
            }
            self.hold_idle(&found);
        }
        Ok(None)
    }

    fn hold_idle(&mut self, found: &[Found]) {
        for &(participant, supporter, cost) in found {
            self.live.set_idle_pair(participant, supporter, Some(cost));
        }
    }

    fn told(&self, outcome: Outcome, touched: Touched) -> MarketOutcome {
        let Asked { rows, columns, pairs, rounds } = self.asked;
        MarketOutcome {
            outcome,
            supporters_touched: touched.supporters,
            participants_touched: touched.participants,
            rounds,
            rows_asked: rows,
            columns_asked: columns,
            pairs_answered: pairs,
        }
    }

    /// Begins something that [`roll_back`](Self::roll_back) can undo as a whole; such beginnings nest.
    pub fn begin(&mut self) {
        self.live.begin();
        self.known.begin();
    }

    /// Keeps what was done since the last [`begin`](Self::begin); false if nothing was begun. An outer beginning can
    /// still undo it. When none is left, and far more pairs are held than at first, the dearest are let go.
    pub fn commit(&mut self) -> bool {
        let kept = self.live.commit();
        if kept {
            self.known.commit();
            if self.live.open() == 0 {
                self.let_go();
            }
        }
        kept
    }

    /// Undoes what was done since the last [`begin`](Self::begin), exactly; false if nothing was begun. The source is
    /// to be as it was then before it is asked again; its floors it is told.
    pub fn roll_back(&mut self) -> bool {
        let undone = self.live.roll_back();
        if undone {
            self.known.roll_back();
        }
        undone
    }

    /// Keeps for good what was done between the outermost [`begin`](Self::begin) and the next one; false if nothing was
    /// begun. As [`LiveAssignment::forget_oldest`].
    pub fn forget_oldest(&mut self) -> bool {
        self.known.forget_oldest();
        self.live.forget_oldest()
    }

    /// Lets the dearest pairs go if far more are held than at first, as a part of what is open. Done by itself where
    /// nothing is; a caller that always keeps a way back does it now and then. O(1) if there is nothing to let go.
    pub fn trim(&mut self) {
        self.let_go();
    }

    /// How many beginnings can be undone.
    pub fn open(&self) -> usize {
        self.live.open()
    }

    /// The supporter of a participant; `None` for one who is unmatched or not there. O(1).
    pub fn supporter_of(&self, participant: u32) -> Option<u32> {
        self.live.supporter_of(participant)
    }

    /// How many matches more a supporter can have; see [`LiveAssignment::room`].
    pub fn room(&self, supporter: u32) -> u32 {
        self.live.room(supporter)
    }

    /// The same where a match were over; see [`LiveAssignment::room_beside`].
    pub fn room_beside(&self, supporter: u32, left: Option<u32>) -> u32 {
        self.live.room_beside(supporter, left)
    }

    /// The matches that a supporter has; see [`LiveAssignment::load`].
    pub fn load(&self, supporter: u32) -> u32 {
        self.live.load(supporter)
    }

    /// What the optimum costs, by rung. O(1).
    pub fn objective(&self) -> Rungs {
        self.live.objective()
    }

    /// Who has whom.
    pub fn matches(&self) -> Matches {
        self.live.matches()
    }

    /// The problem as it stands with the pairs that are held; see [`LiveAssignment::problem`].
    ///
    /// # Errors
    /// As there.
    pub fn problem(&self) -> Result<Problem> {
        self.live.problem()
    }

    /// The optimum with its certificate over the held pairs; see [`LiveAssignment::assignment`].
    ///
    /// # Errors
    /// As there.
    pub fn assignment(&self, problem: &Problem) -> Result<Assignment> {
        self.live.assignment(problem)
    }

    /// How many pairs are held.
    pub fn held_pairs(&self) -> usize {
        self.live.held_pairs()
    }

    /// What each supporter would cost everybody but a participant, by the pairs that are held: exact but for ways over
    /// others, which could only be cheaper. See [`LiveAssignment::openings`].
    ///
    /// # Errors
    /// As [`LiveAssignment::openings`].
    pub fn openings(&self, participant: u32) -> Result<super::Openings<'_>> {
        self.live.openings(participant)
    }

    /// The same for supporters with a place free alone; see [`LiveAssignment::free_openings`].
    ///
    /// # Errors
    /// As [`LiveAssignment::openings`].
    pub fn free_openings(&self, participant: u32) -> Result<super::Openings<'_>> {
        self.live.free_openings(participant)
    }

    /// What one unit of quality weighs in packed costs, at least 1.
    pub fn quality_weight(&self) -> i128 {
        self.live.quality_weight()
    }

    /// The packed potential of a supporter: what a place there is worth; `None` for one who is not there.
    pub fn potential(&self, supporter: u32) -> Option<i128> {
        self.live.is_there(supporter).then(|| self.live.potential_of(supporter))
    }

    /// What a participant pays, packed; `None` for one who is pinned or not there.
    pub fn paid(&self, participant: u32) -> Option<i128> {
        if self.live.is_taken(participant) { self.live.paid_by(participant) } else { None }
    }

    /// Everything is told to the source again before it is asked: for another source with the same pairs, or one that
    /// forgot.
    pub fn tell_again(&mut self) {
        self.known.tell_all_again();
    }
}
