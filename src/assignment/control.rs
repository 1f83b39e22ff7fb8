//! How a caller watches a long solve and stops it.

use std::fmt;
use std::ops::ControlFlow;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a solve is doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Stage {
    /// Matching participants by their cheapest pair, with rising prices.
    RowReduction,
    /// Inserting the remaining participants along shortest augmenting paths.
    ShortestPaths,
    /// Improving a flow on the explicit graph, pivot by pivot; how many there will be is not known.
    NetworkSimplex,
    /// Raising the potentials to the exact marginal costs that the certificate publishes.
    Potentials,
    /// Choosing the first optimal assignment in order.
    TieBreak,
    /// Solving one rung of the ladder as an integer linear program.
    IntegerProgram,
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

/// The callback of a [`Control`]: `Break` asks the solve to stop.
pub type OnProgress<'a> = dyn Fn(&Progress) -> ControlFlow<()> + Sync + 'a;

/// Watches and stops a solve; the default does neither.
///
/// The library holds no clock: a time limit is a callback that looks at the caller's clock and breaks. A solve that
/// was stopped still returns a feasible assignment with a valid bound, see
/// [`Stop::Cancelled`](super::Stop::Cancelled).
#[derive(Clone, Copy, Default)]
pub struct Control<'a> {
    progress: Option<&'a OnProgress<'a>>,
    cancel: Option<&'a AtomicBool>,
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

    /// Reports progress and says whether to stop.
    pub(super) fn stops(&self, stage: Stage, done: usize, total: usize) -> bool {
        if self.cancel.is_some_and(|flag| flag.load(Ordering::Relaxed)) {
            return true;
        }
        let progress = Progress { stage, done: done as u64, total: total as u64 };
        self.progress.is_some_and(|call| call(&progress).is_break())
    }
}

impl fmt::Debug for Control<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Control")
            .field("progress", &self.progress.is_some())
            .field("cancel", &self.cancel)
            .finish()
    }
}
