//! How a caller watches a long solve, stops it and learns where its time went.
//!
//! The one place of the library that looks at a clock: a monotonic one, and only for a caller who sets a limit or asks
//! for times. Nothing of it enters a result that was not asked for it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};

use super::solution::Stop;

/// What a solve is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Stage {
    /// Matching participants by their cheapest pair, with rising prices.
    RowReduction,
    /// An auction for the prices of single places, and the exact paths after it.
    Auction,
    /// Inserting the remaining participants along shortest augmenting paths.
    ShortestPaths,
    /// Improving a flow on the explicit graph, pivot by pivot; how many there will be is not known.
    NetworkSimplex,
    /// Raising the potentials to the exact marginal costs that the certificate publishes.
    Potentials,
    /// Choosing the first optimal assignment in order.
    TieBreak,
    /// Looking through the pairs that are not held for better ones; each step is a pass over all of them.
    Pricing,
    /// Adding up the bound that the potentials give.
    Certificate,
    /// Solving one rung of the ladder, or a problem under rules, as an integer linear program.
    IntegerProgram,
    /// Raising the bound that prices on rules give, after the stages of a flow without them; each step is a look at the
    /// whole problem, and how many there will be is not known.
    Multipliers,
    /// Searching among what those prices leave open, node by node; how many there will be is not known.
    Search,
    /// Matching by a baseline.
    Baseline,
}

/// How far a stage has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The stage under way.
    pub stage: Stage,
    /// Steps of it that are done.
    pub done: u64,
    /// Steps it will take at most; `u64::MAX` where that is not known.
    pub total: u64,
    /// How much better the best assignment is at most than what would come back if the solve was stopped now, in packed
    /// units: at first what an easy bound leaves, then what the potentials of the moment leave, 0 once they prove an
    /// optimum. It never grows during a solve, but where parts are solved at the same time one report may overtake
    /// another; what comes back has none larger than any that was told. `None` where packed units do
    /// not measure it (worst-off first, a baseline), it does not fit 128 bits, or there is nothing yet that could come
    /// back (under rules, which may have no solution). To know it takes a few passes over the
    /// pairs, which nobody pays for who does not watch.
    pub gap: Option<i128>,
}

impl Progress {
    /// Steps that the stage will still take at most.
    pub fn left(&self) -> u64 {
        self.total.saturating_sub(self.done)
    }
}

/// The time one stage took.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct StageTime {
    /// The stage.
    pub stage: Stage,
    /// Nanoseconds on a monotonic clock.
    pub nanoseconds: u64,
}

/// The callback of a [`Control`]: `Break` asks the solve to stop.
pub type OnProgress<'a> = dyn Fn(&Progress) -> ControlFlow<()> + Sync + 'a;

/// Watches, stops and times a solve; the default does neither.
///
/// A solve that was stopped still returns an assignment, the best it had, with a valid bound: feasible, but that firm
/// minimums may be missed yet, which its required rung says. [`Stop`] says why it ended and
/// [`is_optimal`](super::Assignment::is_optimal) how good it is. One control may serve many solves, also
/// at the same time. Once a solve has seen a reason to stop it stops, even if the flag is taken back.
///
/// # How soon
/// A reason to stop is looked for every few hundred steps, and every thousand rows or so where rows are read; what is
/// left to do then takes about two passes over the pairs. Not interrupted are: the check of a problem for independent
/// parts (one pass, once for each problem), the making of the proof of an optimum that was found, the sort of all
/// pairs in [`Baseline::BestPairFirst`](super::Baseline), and under [`rules`](super::rules) the making of the program
/// and the repair of a choice to one that keeps them. An integer program hands what is left of a time limit to its
/// backend, which looks at it between its own iterations; it looks at the flag and calls the callback only between
/// programs. A pass of a [`PairSource`](super::PairSource) is not interrupted either.
///
/// # Threads
/// The flag may be set from any thread. The callback is called from the thread that called the solve; where independent
/// parts are solved at the same time each tells of its own steps from a thread of rayon's pool, and several may at
/// once. If the callback panics, the solve stops, the panic comes out of it, and with it no assignment: who wants one
/// returns `Break`. The problem, the control and whatever went into the solve stay as they were.
#[derive(Clone, Copy, Default)]
pub struct Control<'a> {
    progress: Option<&'a OnProgress<'a>>,
    cancel: Option<&'a AtomicBool>,
    until: Option<Instant>,
    timed: bool,
    /// The gap that is left after so many steps; the last one stays.
    gaps: &'a [i128],
    /// What is known of the solve under way.
    course: Option<&'a Course<'a>>,
    /// Whether gaps are those over a part of the pairs only.
    partial: bool,
}

impl<'a> Control<'a> {
    /// Neither watches nor stops.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `progress` every few hundred steps; `ControlFlow::Break` cancels.
    #[must_use]
    pub fn on_progress(mut self, progress: &'a OnProgress<'a>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Cancels as soon as `flag` is seen to be true; it may be set from another thread.
    #[must_use]
    pub fn cancelled_by(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// Stops that long after *this call*, with [`Stop::TimeLimit`]: a control that is used for several solves gives
    /// them that time together, and one made anew for each gives it to each. A limit beyond what the clock can tell is
    /// none.
    #[must_use]
    pub fn time_limit(mut self, limit: Duration) -> Self {
        self.until = Instant::now().checked_add(limit);
        self
    }

    /// Stops at that moment, with [`Stop::TimeLimit`].
    #[must_use]
    pub fn until(mut self, moment: Instant) -> Self {
        self.until = Some(moment);
        self
    }

    /// Measures the time of each stage into [`Statistics::times`](super::Statistics::times), which is empty otherwise:
    /// equal solves then have equal results, to the last field.
    #[must_use]
    pub fn timed(mut self) -> Self {
        self.timed = true;
        self
    }

    /// The same control for one solve, or one part of it, of which so much is known.
    pub(super) fn during<'b>(&self, course: &'b Course<'b>) -> Control<'b>
    where
        'a: 'b,
    {
        Control { course: Some(course), gaps: &[], ..*self }
    }

    /// Whether a solve is under way that this one is a step of.
    pub(super) fn is_under_way(&self) -> bool {
        self.course.is_some()
    }

    /// The course of the solve under way.
    pub(super) fn course(&self) -> Option<&'a Course<'a>> {
        self.course
    }

    /// Whether anyone asks for progress, and so for gaps, which take passes over the pairs.
    pub(super) fn is_watched(&self) -> bool {
        self.progress.is_some() && !self.partial
    }

    /// Whether anything can stop the solve, so that the best so far is worth remembering.
    pub(super) fn may_stop(&self) -> bool {
        self.progress.is_some() || self.cancel.is_some() || self.until.is_some()
    }

    /// The same control for a phase that leaves these gaps after so many steps.
    pub(super) fn with_gaps<'b>(&self, gaps: &'b [i128]) -> Control<'b>
    where
        'a: 'b,
    {
        Control { gaps, ..*self }
    }

    /// The gap that a phase leaves after so many steps, if it was said.
    pub(super) fn gap_after(&self, steps: usize) -> Option<i128> {
        self.gaps.get(steps).or(self.gaps.last()).copied()
    }

    /// The same control for a solve over a part of the pairs, whose gaps are not those over all.
    pub(super) fn over_some_pairs(&self) -> Self {
        Self { partial: true, ..*self }
    }

    /// What would come back now is no further from the best than that, and what comes back later is no worse.
    pub(super) fn leaves(&self, gap: i128) {
        if let Some(course) = self.course.filter(|_| !self.partial) {
            course.lower(gap);
        }
    }

    /// The same where nothing could come back before: from now on something can, no further from the best than that.
    pub(super) fn has_best_within(&self, gap: i128) {
        if let Some(course) = self.course.filter(|_| !self.partial) {
            course.gap.lock().unwrap_or_else(PoisonError::into_inner).get_or_insert(gap);
        }
        self.leaves(gap);
    }

    /// Reports progress and says whether to stop.
    pub(super) fn stops(&self, stage: Stage, done: usize, total: usize) -> bool {
        // Once there are potentials of an optimum, nothing gets better.
        if matches!(stage, Stage::Potentials | Stage::TieBreak) {
            self.leaves(0);
        }
        if self.is_stopped() {
            return true;
        }
        let Some(call) = self.progress else { return false };
        let gap = self.course.and_then(|course| course.root().gap());
        let progress = Progress { stage, done: done as u64, total: total as u64, gap };
        // Parts that are solved at the same time do not go on where one panics.
        let halt = Halt(self.course);
        let stops = call(&progress).is_break();
        drop(halt);
        if stops {
            self.stop_for(Stop::Cancelled);
        }
        stops
    }

    /// Whether there is a reason to stop, without a word of progress: from any thread.
    pub(super) fn is_stopped(&self) -> bool {
        if self.course.is_some_and(|course| course.root().why.get().is_some()) {
            return true;
        }
        let cancelled = self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed));
        let late = || self.until.is_some_and(|moment| Instant::now() >= moment);
        let why = if cancelled { Some(Stop::Cancelled) } else { late().then_some(Stop::TimeLimit) };
        if let Some(why) = why {
            self.stop_for(why);
        }
        why.is_some()
    }

    /// Somebody else who was given the time limit came to it.
    pub(super) fn ran_out_of_time(&self) {
        self.stop_for(Stop::TimeLimit);
    }

    /// A step of this solve that had a course of its own was cancelled.
    pub(super) fn was_cancelled(&self) {
        self.stop_for(Stop::Cancelled);
    }

    fn stop_for(&self, why: Stop) {
        if let Some(course) = self.course {
            // The first reason stays.
            let _ = course.root().why.set(why);
        }
    }

    /// Why a solve that was stopped did: what was seen first, a wish to cancel before the limit.
    pub(super) fn reason(&self) -> Stop {
        self.course.and_then(|course| course.root().why.get().copied()).unwrap_or(Stop::Cancelled)
    }

    /// What is left of the time limit, if there is one.
    pub(super) fn time_left(&self) -> Option<Duration> {
        self.until.map(|moment| moment.saturating_duration_since(Instant::now()))
    }

    /// Starts to measure, if times were asked for.
    pub(super) fn stopwatch(&self) -> Stopwatch {
        Stopwatch { since: self.timed.then(Instant::now), times: Vec::new() }
    }
}

/// What is known of a solve under way: how far it is from the best at most, and why it is to stop.
#[derive(Debug, Default)]
pub(super) struct Course<'a> {
    gap: Mutex<Option<i128>>,
    why: OnceLock<Stop>,
    /// The solve that this one is a part of.
    whole: Option<&'a Course<'a>>,
}

impl<'a> Course<'a> {
    /// Of a solve that is so far from the best at most, if that is known.
    pub(super) fn new(gap: Option<i128>) -> Self {
        Self { gap: Mutex::new(gap), ..Self::default() }
    }

    /// Of one of several parts, solved at the same time: what it comes nearer, the whole does.
    pub(super) fn part(whole: Option<&'a Self>, gap: Option<i128>) -> Self {
        Self { gap: Mutex::new(gap), why: OnceLock::new(), whole }
    }

    /// How far it is from the best at most.
    pub(super) fn gap(&self) -> Option<i128> {
        *self.gap.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn root(&self) -> &Self {
        let mut root = self;
        while let Some(whole) = root.whole {
            root = whole;
        }
        root
    }

    fn lower(&self, to: i128) {
        let before = {
            let mut gap = self.gap.lock().unwrap_or_else(PoisonError::into_inner);
            match *gap {
                Some(before) if before > to => {
                    *gap = Some(to);
                    before
                }
                _ => return,
            }
        };
        if let Some(whole) = self.whole
            && let Some(gap) = whole.gap.lock().unwrap_or_else(PoisonError::into_inner).as_mut()
        {
            *gap = gap.saturating_sub(before.saturating_sub(to));
        }
    }
}

/// Stops the solve if the caller's callback panics.
struct Halt<'a>(Option<&'a Course<'a>>);

impl Drop for Halt<'_> {
    fn drop(&mut self) {
        if let Some(course) = self.0.filter(|_| std::thread::panicking()) {
            let _ = course.root().why.set(Stop::Cancelled);
        }
    }
}

/// Adds up the time of stages.
pub(super) struct Stopwatch {
    since: Option<Instant>,
    times: Vec<StageTime>,
}

impl Stopwatch {
    /// Counts the time since the last call, or the start, to that stage.
    pub(super) fn lap(&mut self, stage: Stage) {
        let Some(since) = self.since else { return };
        let now = Instant::now();
        let nanoseconds = u64::try_from(now.duration_since(since).as_nanos()).unwrap_or(u64::MAX);
        self.since = Some(now);
        match self.times.iter_mut().find(|time| time.stage == stage) {
            Some(time) => time.nanoseconds = time.nanoseconds.saturating_add(nanoseconds),
            None => self.times.push(StageTime { stage, nanoseconds }),
        }
    }

    /// The times, in the order in which the stages were first measured; none if they were not asked for.
    pub(super) fn times(self) -> Vec<StageTime> {
        self.times
    }
}

impl fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("progress", &self.progress.is_some())
            .field("cancel", &self.cancel)
            .field("until", &self.until)
            .field("timed", &self.timed)
            .finish()
    }
}
