//! A programme that lives: changes are made one at a time, the optimum is kept, and everybody is told why.
//!
//! **Problem.** Matches fail and people come and go every day. Whoever embeds the library sends what happened and wants
//! to know at once who is matched now, with as few people moved as the objective allows.
//!
//! **Method.** A change is written into the [`Program`] ([`write`]); whom it touches is judged anew ([`sync`]); the
//! optimum is repaired by shortest paths ([`LiveAssignment`](crate::assignment::LiveAssignment)) as far as the caller
//! lets it reach ([`settle`]); what it led to is put into words ([`tell`]). Every match that is made stands from then
//! on, at the policy's price of a change: so the kept optimum is that of
//! [`match_all`](crate::Matcher::match_all) on the programme as it is now, standing matches included. Each write is
//! logged, so that a change that fails leaves nothing behind, and one that was made can be undone ([`undo`]).
//!
//! **Choices.** Whoever has nobody else moved prefers a repair that may not be the best. What was chosen is *held*: the
//! participant stays with the supporter until something happens to one of the two, and who is left waiting is offered
//! free places alone. The optimum under what is held is exact, with its certificate; [`Change::Settle`] lets go.
//!
//! **What is exact, what is not, what is refused.**
//!
//! | | the objective reaches | at most so many others, or at a price of one's own | nobody else | full |
//! |---|---|---|---|---|
//! | one participant is concerned | exact | exact among all that move no more, before those who waited are let in | exact, likewise | exact |
//! | several are (a caseload) | exact | free places: exact for all together; then each in turn by urgency, so another order may be better | exact | exact |
//! | somebody is held by an earlier choice | exact under what is held | the same | the same | nobody is held any more |
//! | day, policy, criteria, a new supervisor | exact, solved anew | as the objective reaches | as the objective reaches | exact |
//! | supervisors' caseloads, prices of loads, pins | exact | exact | exact | exact |
//! | rules about matches together, backups weighed against matches | at once: bounded, nobody else moved; exact with [`Change::Settle`] | exact among all that end no more matches of others, or at their price | at once: bounded | exact |
//! | the same where no such matching keeps the firm rules | exact, whoever moves; an error where there is none | the same | the same | the same |
//! | the worst-off first | at once: bounded, nobody else moved; exact with [`Change::Settle`] | refused | at once: bounded | exact |
//! | rules or backups, and the worst-off first together | refused | refused | refused | refused |
//!
//! *Exact under what is held* is the optimum of the programme in which held participants stay and those for whom nobody
//! makes way have free places alone; its certificate is checked by [`Matcher::verify_kept`].
//!
//! *At once* ([`incumbent`]) is the best of all matchings in which nobody moves but those whom the change concerns and
//! those who wait, or the best that a search of a few hundred nodes finds. Every firm rule holds, and [`Bound`] says
//! how far from the best of all it can be; it says *exact* where that is the best of all. Nobody is held by it: the
//! next settlement takes up whatever is better. Settled, it is exact as long as
//! [`RuleOptions`](crate::assignment::rules::RuleOptions) let the search come to its end, and bounded otherwise. Who
//! waits and is let in beside counts as nobody who moves.
//!
//! Questions are answered likewise:
//!
//! | | without these | rules about matches together, weighed backups | the worst-off first |
//! |---|---|---|---|
//! | [`rematch_options`](Matcher::rematch_options) | exact for each number of others | exact for each number of others | nobody else alone |
//! | [`alternates`](Matcher::alternates) | others may move | exact, nobody else moved | exact, nobody else moved |
//! | [`drill`](Matcher::drill), [`losses`](Matcher::losses) | exact | at once: bounded; of whom the firm rules cannot do without, which clash | at once: bounded |
//!
//! Under rules *exact* is as far as a search of a few hundred nodes shows where nobody else is to move. Where sums over
//! many people would not fit, the proof leaves out how evenly loads are spread, and says so ([`Bound::left_out`]).
//!
//! Each cell has a test that tries every matching of many small programmes: `tests/suite/matcher_reach.rs`, row by row;
//! those under rules, and what is refused, are in `tests/suite/matcher_ruled_reach.rs`, at random in
//! `tests/suite/matcher_ruled.rs`, and what settling takes up in `tests/suite/matcher_ruled_settled.rs`.
//!
//! **Time and space.** A change costs what it touches: a pair is judged in a microsecond, a participant's pairs in a
//! pass over the supporters, a supporter's in one over the participants. Policy, day and new supervisors touch
//! everybody. Up to ten million pairs ([`Pairs`](crate::matcher::Pairs)) all are held; beyond that most are looked up
//! when they are needed ([`engine`]), to the same optimum, and a change takes milliseconds.

mod adopt;
mod anew;
mod ask;
mod cards;
mod change;
mod choices;
mod choosing;
mod engine;
mod fault;
mod incumbent;
mod kept;
mod offers;
mod rematch;
mod replay;
mod seat;
mod settle;
mod snapshot;
mod sync;
mod tell;
mod told;
mod undo;
mod write;

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;

pub use ask::{Alternate, Loss};
pub use cards::{CardQuery, Cards, CostToOthers, Generalised, MenuQuery, Nobody, Offered, PublicCard, Sure};
pub use change::Change;
use choosing::Choosing;
pub use choosing::{Choice, Contact, Declined, HeldPlace, Refused};
pub use incumbent::Bound;
pub use rematch::{AskedBy, Consequence, Rematch, RematchOption, Rematched};
pub use replay::{Answer, Entry, Request};
pub use snapshot::Snapshot;
pub use told::{Because, Changed, Effect, EffectKind, Quality, Reused};

use super::Matcher;
use super::problem::LeftOut;
use super::progress::Control;
use crate::error::{Error, Result};
use crate::matching::Matching;
use crate::policy::{Policy, Reach};
use crate::program::{Hold, ParticipantId, SupporterId};
use kept::Kept;
use write::{Old, Touched};

/// How many changes can be undone where the caller says nothing else.
const UNDOABLE: usize = 32;

/// The part of a matcher that lives.
#[derive(Clone)]
pub(super) struct Living {
    kept: Kept,
    log: Vec<Old>,
    /// Where each change that can be undone begins in the log.
    marks: Vec<usize>,
    undoable: usize,
    choosing: Choosing,
}

/// A change being made.
struct Turn<'m> {
    matcher: &'m mut Matcher,
    living: Box<Living>,
    on: Date,
    touched: Touched,
    /// A policy and a day that the change brings.
    policy: Option<Policy>,
    day: Date,
    /// Whose match is another than at the beginning: what it was.
    moved: BTreeMap<u32, Option<u32>>,
    /// Who asked for another match.
    asked: Option<u32>,
    /// The ways for whoever asked are only to be told, for so many others at the most.
    options_up_to: Option<u32>,
    options: Vec<RematchOption>,
    reused: Reused,
    /// Supporters whose free places may be others than before, or may suit others.
    stirred: BTreeSet<u32>,
    /// Who waits from now on and is offered free places alone.
    newly_back: BTreeSet<u32>,
}

impl Matcher {
    /// Matches everyone and keeps the optimum from then on: who is matched has a standing match since `on`, movable at
    /// the policy's price of a change. Called again it begins anew, with what stands preferred.
    ///
    /// The first [`apply`](Self::apply) does it as well; a host calls this to choose the moment, for it takes as long
    /// as [`match_all`](Self::match_all).
    ///
    /// # Errors
    ///
    /// As [`match_all`](Self::match_all).
    pub fn begin(&mut self, on: Date, control: &Control<'_>) -> Result<Matching> {
        self.bring_to_life(on, control)?;
        self.matching()
    }

    /// Whether the optimum is kept.
    pub fn is_alive(&self) -> bool {
        self.living.is_some()
    }

    /// Makes a change, and keeps the optimum: everybody may move where the whole gains more than the policy's price of
    /// a change, and nobody moves needlessly.
    ///
    /// Under rules about matches together, weighed backups or the worst-off first the answer comes at once instead:
    /// every firm rule holds, nobody else moves unless no rule could be kept otherwise, and [`Changed::bound`] says how
    /// far from the best it can be. [`Change::Settle`] takes the best.
    ///
    /// `on` is the day it happens, for the records: when a match began and ended. (The day for which people are judged
    /// stays the same until [`Change::Day`].)
    ///
    /// # Errors
    ///
    /// [`Error::is_input`] with every fault of the change, [`Error::is_policy`] and [`Error::is_overflow`] as
    /// [`match_all`](Self::match_all); [`Error::is_infeasible`] if no matching keeps the firm rules after it, with
    /// [`Error::rule_clash`]. Nothing has changed then.
    pub fn apply(&mut self, change: &Change, on: Date) -> Result<Changed> {
        let made = self.turn(on, |turn| turn.make(change, None));
        made.map(|((), changed)| changed)
    }

    /// The same, reaching no further than the caller allows.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply); [`Error::is_policy`] for a number or a price of others with the worst-off first.
    pub fn apply_within(&mut self, change: &Change, reach: Reach, on: Date) -> Result<Changed> {
        let made = self.turn(on, |turn| turn.make(change, Some(reach)));
        made.map(|((), changed)| changed)
    }

    /// What a change would lead to, made and undone: afterwards everything is as it was.
    ///
    /// # Errors
    ///
    /// As [`apply`](Self::apply).
    pub fn drill(&mut self, change: &Change, on: Date) -> Result<Changed> {
        let told = self.told(on, |turn| turn.make(change, None));
        self.undo();
        told.map(|((), changed)| changed)
    }

    /// Everybody's match as it is kept, explained, with loads and totals. O(pairs), and a pass over the supporters for
    /// each participant who is left.
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept yet: [`begin`](Self::begin) first.
    pub fn matching(&self) -> Result<Matching> {
        let living = self.alive()?;
        let kept = &living.kept;
        if kept.incumbent.is_some() {
            return self.incumbent_matching(living);
        }
        let problem = kept.engine.problem()?;
        let assignment = kept.engine.assignment(&problem)?;
        Ok(self.explain(&kept.compatibility, &problem, &assignment))
    }

    /// Who stands by for a participant, if somebody does.
    ///
    /// # Errors
    ///
    /// As [`matching`](Self::matching).
    pub fn backup_of(&self, participant: &str) -> Result<Option<&SupporterId>> {
        let kept = &self.alive()?.kept;
        let place = self.program.participant_index(participant);
        let backup = place.and_then(|place| kept.backups.get(&(place as u32)));
        Ok(backup.map(|&supporter| &self.program.supporters()[supporter as usize].id))
    }

    /// Checks the kept optimum: all that is kept in the network, and its certificate against every pair there. Where a
    /// network cannot hold all that the policy asks, both are checked, the one that holds the matching and the one that
    /// bounds it; the rules [`verify_rules`](Self::verify_rules) recounts. O(pairs).
    ///
    /// # Errors
    ///
    /// As [`matching`](Self::matching).
    pub fn verify_kept(&self) -> Result<crate::assignment::Verification> {
        let kept = &self.alive()?.kept;
        let people = kept.people(&self.program);
        let mut found = kept.engine.verify(people);
        if let Some(incumbent) = &kept.incumbent {
            let relaxed = incumbent.relaxed.verify(people);
            found.violations.extend(relaxed.violations);
            let incumbent::State { exact, left_out, .. } = incumbent.state;
            found.proven_optimal = exact && left_out == LeftOut::Nothing;
        }
        Ok(found)
    }

    /// How far from the best the kept matching can be; none where a network holds all that the policy asks, for then it
    /// is the best. O(people).
    ///
    /// # Errors
    ///
    /// As [`matching`](Self::matching).
    pub fn bound(&self) -> Result<Option<Bound>> {
        Ok(self.alive()?.kept.bound(&self.program))
    }

    /// How good the kept whole is. O(1).
    ///
    /// # Errors
    ///
    /// As [`matching`](Self::matching).
    pub fn quality(&self) -> Result<Quality> {
        Ok(self.alive()?.kept.quality())
    }

    /// Who is held by an earlier choice: matched participants who stay where they are, and waiting ones for whom nobody
    /// makes way, in the program's order.
    ///
    /// # Errors
    ///
    /// As [`matching`](Self::matching).
    pub fn held(&self) -> Result<Vec<&ParticipantId>> {
        let kept = &self.alive()?.kept;
        let mut all: Vec<u32> = kept.held.iter().chain(&kept.back).copied().collect();
        all.sort_unstable();
        Ok(all.into_iter().map(|place| &self.program.participants()[place as usize].id).collect())
    }

    fn alive(&self) -> Result<&Living> {
        let dead = || Error::problem("nothing is kept alive yet; call begin first");
        self.living.as_deref().ok_or_else(dead)
    }

    fn bring_to_life(&mut self, on: Date, control: &Control<'_>) -> Result<()> {
        let kept = anew::keep(self, None, control)?;
        let choosing = self.living.as_ref().map(|living| living.choosing.clone()).unwrap_or_default();
        let living = Living { kept, log: Vec::new(), marks: Vec::new(), undoable: UNDOABLE, choosing };
        let mut turn = Turn::new(self, Box::new(living), on);
        let all: Vec<u32> = (0..turn.living.kept.own.len() as u32).collect();
        let before = |turn: &Turn<'_>, participant: u32| {
            let person = &turn.matcher.program.participants()[participant as usize];
            let standing = turn.matcher.program.standing_of(person.id.as_str())?;
            turn.matcher.program.supporter_index(standing.supporter.as_str()).map(|place| place as u32)
        };
        for participant in all {
            let before = before(&turn, participant);
            if before != turn.living.kept.engine.supporter_of(participant) {
                turn.moved.insert(participant, before);
            }
        }
        turn.living.kept.begin();
        turn.adopt()?;
        turn.living.kept.commit();
        turn.prove();
        turn.drop_broken_holds()?;
        turn.living.log.clear();
        let Turn { matcher, living, .. } = turn;
        matcher.living = Some(living);
        Ok(())
    }

    /// Makes a change, and keeps the way back of it; if it fails, everything is as it was.
    fn turn<T>(&mut self, on: Date, act: impl FnOnce(&mut Turn<'_>) -> Result<T>) -> Result<(T, Changed)> {
        let told = self.told(on, act);
        if told.is_ok() {
            self.forget_beyond();
        } else {
            self.undo();
        }
        told
    }

    /// Makes something and tells of it. It is the caller's to undo it.
    fn told<T>(&mut self, on: Date, act: impl FnOnce(&mut Turn<'_>) -> Result<T>) -> Result<(T, Changed)> {
        self.open(on, |turn| {
            let before = turn.living.kept.quality();
            let done = act(turn)?;
            turn.adopt()?;
            turn.prove();
            turn.drop_broken_holds()?;
            Ok((done, turn.tell(before)))
        })
    }

    /// Answers a question for which something is made, and undoes it.
    fn look<T>(&mut self, on: Date, look: impl FnOnce(&mut Turn<'_>) -> Result<T>) -> Result<T> {
        let seen = self.open(on, look);
        self.undo();
        seen
    }

    /// Begins something that can be undone, and does it.
    fn open<T>(&mut self, on: Date, act: impl FnOnce(&mut Turn<'_>) -> Result<T>) -> Result<T> {
        if self.living.is_none() {
            self.bring_to_life(on, &Control::default())?;
        }
        let Some(mut living) = self.living.take() else {
            return Err(Error::problem("nothing is kept alive; call begin first"));
        };
        living.marks.push(living.log.len());
        living.kept.deck.stale();
        living.kept.begin();
        living.kept.engine.trim();
        let (was_matched, was_weight) = (living.kept.matched, living.kept.weight);
        living.log.push(Old::Totals(was_matched, was_weight));
        let mut turn = Turn::new(self, living, on);
        let done = act(&mut turn);
        let Turn { matcher, living, .. } = turn;
        matcher.living = Some(living);
        done
    }
}

impl<'m> Turn<'m> {
    fn new(matcher: &'m mut Matcher, living: Box<Living>, on: Date) -> Self {
        let day = matcher.as_of;
        Self {
            matcher,
            living,
            on,
            touched: Touched::default(),
            policy: None,
            day,
            moved: BTreeMap::new(),
            asked: None,
            options_up_to: None,
            options: Vec::new(),
            reused: Reused::default(),
            stirred: BTreeSet::new(),
            newly_back: BTreeSet::new(),
        }
    }

    /// Writes a change and repairs the optimum.
    fn make(&mut self, change: &Change, reach: Option<Reach>) -> Result<()> {
        if self.leave_before(change)? {
            return Ok(());
        }
        self.write(change)?;
        self.end_holds(change)?;
        self.settle(reach)
    }

    /// How the program holds a participant's match.
    fn is_pinned(&self, participant: u32) -> bool {
        let id = self.matcher.program.participants()[participant as usize].id.as_str();
        self.matcher.program.standing_of(id).is_some_and(|row| row.hold == Hold::Pinned)
    }
}

impl Kept {
    fn quality(&self) -> Quality {
        let mut cost = self.engine.objective();
        cost.quality += self.incumbent.as_ref().map_or(0, |incumbent| incumbent.state.added);
        Quality { matched: self.matched, score: crate::matching::Score::from_micro(self.weight), cost }
    }
}
