//! How a caller watches a long solve, stops it and learns where its time went.
//!
//! The one place of the library that looks at a clock: a monotonic one, and only for a caller who sets a limit or asks
//! for times. Nothing of it enters a result that was not asked for it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};
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
    /// Solving one rung of the ladder as an integer linear program.
    IntegerProgram,
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
    /// How much better than what has been found so far the result can become at most, in packed units: at first what an
    /// easy bound leaves, less as shortest paths let participants in, 0 once the flow is optimal. `None` if it does not
    /// fit 128 bits. To know it takes a pass over the pairs or two, which nobody pays for who does not watch.
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
/// A solve that was stopped still returns a feasible assignment with a valid bound, see [`Stop`]. How soon it stops is
/// a matter of a few hundred steps of the stage under way; what is left to do then takes about one pass over the pairs.
#[derive(Clone, Copy, Default)]
pub struct Control<'a> {
    progress: Option<&'a OnProgress<'a>>,
    cancel: Option<&'a AtomicBool>,
    /// Set by whichever of several parts is told to stop first.
    stopped: Option<&'a AtomicBool>,
    until: Option<Instant>,
    timed: bool,
    /// The gap that is left after so many steps; the last one stays.
    gaps: &'a [i128],
    /// What a part of the problem does not see of the gap.
    beyond: i128,
}

impl<'a> Control<'a> {
    /// Neither watches nor stops.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `progress` every few hundred steps; `ControlFlow::Break` cancels. Where independent components are solved
    /// at the same time, each tells of its own steps, from any thread.
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

    /// Stops that long after this call, with [`Stop::TimeLimit`]. A limit beyond what the clock can tell is none.
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

    /// The same control for parts that run at the same time: what stops one stops all.
    pub(super) fn shared<'b>(&self, stopped: &'b AtomicBool) -> Control<'b>
    where
        'a: 'b,
    {
        Control { stopped: Some(stopped), ..*self }
    }

    /// Whether anyone asks for progress, and so for gaps, which take a pass over the pairs.
    pub(super) fn is_watched(&self) -> bool {
        self.progress.is_some()
    }

    /// Whether this is the control of one of several parts, whose own gap is not that of the whole.
    pub(super) fn is_shared(&self) -> bool {
        self.stopped.is_some()
    }

    /// The same control, telling these gaps step by step from now on.
    pub(super) fn with_gaps<'b>(&self, gaps: &'b [i128]) -> Control<'b>
    where
        'a: 'b,
    {
        Control { gaps, ..*self }
    }

    /// The same control for a solve whose result can be that much worse than the best of the whole problem.
    pub(super) fn beyond(&self, gap: i128) -> Self {
        Self { beyond: gap, ..*self }
    }

    /// Reports progress and says whether to stop.
    pub(super) fn stops(&self, stage: Stage, done: usize, total: usize) -> bool {
        // Once there are potentials of an optimum, nothing gets better.
        let optimal = matches!(stage, Stage::Potentials | Stage::TieBreak | Stage::Certificate);
        let gap = if optimal && !self.is_shared() {
            Some(0)
        } else {
            self.gaps.get(done).or(self.gaps.last()).copied()
        };
        self.stops_within(stage, done, total, gap.and_then(|gap| gap.checked_add(self.beyond)))
    }

    /// The same where it is known how much better the result can become.
    pub(super) fn stops_within(&self, stage: Stage, done: usize, total: usize, gap: Option<i128>) -> bool {
        let is_set = |flag: &AtomicBool| flag.load(Ordering::Relaxed);
        if self.cancel.is_some_and(is_set) || self.stopped.is_some_and(is_set) || self.is_late() {
            return true;
        }
        let progress = Progress { stage, done: done as u64, total: total as u64, gap };
        let stops = self.progress.is_some_and(|call| call(&progress).is_break());
        if let Some(stopped) = self.stopped.filter(|_| stops) {
            stopped.store(true, Ordering::Relaxed);
        }
        stops
    }

    fn is_late(&self) -> bool {
        self.until.is_some_and(|moment| Instant::now() >= moment)
    }

    /// Why a solve that was stopped did: a wish to cancel goes before the limit, if both are there.
    pub(super) fn reason(&self) -> Stop {
        let cancelled = self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed));
        if self.is_late() && !cancelled { Stop::TimeLimit } else { Stop::Cancelled }
    }

    /// Starts to measure, if times were asked for.
    pub(super) fn stopwatch(&self) -> Stopwatch {
        Stopwatch { since: self.timed.then(Instant::now), times: Vec::new() }
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
