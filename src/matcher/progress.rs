//! How a caller watches a long matching and stops it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::assignment;

/// What a matching is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Program and policy are compiled against each other.
    Compile,
    /// Every participant is judged against every supporter.
    Score,
    /// The optimum is searched for.
    Solve(assignment::Stage),
    /// Its proof is checked.
    Verify,
    /// Reasons are put into words.
    Explain,
}

/// How far a stage has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The stage under way.
    pub stage: Stage,
    /// Steps of it that are done.
    pub done: u64,
    /// Steps it will take at most.
    pub total: u64,
}

type OnProgress<'a> = dyn Fn(&Progress) -> ControlFlow<()> + Sync + 'a;

/// Watches and stops a matching; the default does neither. The callback may be called from any thread. One control is
/// for one matching: once stopped, it stays so.
#[derive(Default)]
pub struct Control<'a> {
    progress: Option<&'a OnProgress<'a>>,
    cancel: Option<&'a AtomicBool>,
    stopped: AtomicBool,
}

impl fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control").field("stopped", &self.stopped).finish_non_exhaustive()
    }
}

impl<'a> Control<'a> {
    /// Neither watches nor stops.
    pub fn new() -> Self {
        Self::default()
    }

    /// Calls `progress` every so often; `ControlFlow::Break` stops the matching with the best found so far.
    #[must_use]
    pub fn on_progress(mut self, progress: &'a OnProgress<'a>) -> Self {
        self.progress = Some(progress);
        self
    }

    /// Stops the search once `flag` is true; it may be set from another thread. Scoring before it and wording after it
    /// run to their ends, so that there is something to return.
    #[must_use]
    pub fn cancelled_by(mut self, flag: &'a AtomicBool) -> Self {
        self.cancel = Some(flag);
        self
    }

    /// Reports progress. A wish to stop is remembered: scoring runs to its end, for there is nothing to return
    /// before it, and the search then stops at once.
    pub(super) fn tell(&self, stage: Stage, done: usize, total: usize) {
        let progress = Progress { stage, done: done as u64, total: total as u64 };
        if self.progress.is_some_and(|call| call(&progress).is_break()) {
            self.stopped.store(true, Ordering::Relaxed);
        }
    }

    fn stops(&self) -> bool {
        self.stopped.load(Ordering::Relaxed) || self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed))
    }

    /// Runs the optimiser under this control.
    pub(super) fn solving<T>(&self, run: impl FnOnce(&assignment::Control<'_>) -> T) -> T {
        let mut control = assignment::Control::new();
        if let Some(flag) = self.cancel {
            control = control.cancelled_by(flag);
        }
        // Nobody is told what nobody asks for: it takes a few passes over the pairs.
        if self.progress.is_none() {
            return run(&control);
        }
        let forward = |progress: &assignment::Progress| {
            self.tell(Stage::Solve(progress.stage), progress.done as usize, progress.total as usize);
            if self.stops() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        run(&control.on_progress(&forward))
    }
}
