//! Stopping early: by Ctrl-C, or by a time limit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::time::{Duration, Instant};

/// What the shell expects of a program that Ctrl-C ended.
const ENDED_BY_INTERRUPT: i32 = 130;

const NOT_SEARCHING: u8 = 0;
const SEARCHING: u8 = 1;
const STOPPING: u8 = 2;

/// Says when to stop.
pub(crate) struct Stopper {
    limit: Option<Duration>,
    begun: Instant,
    state: Arc<AtomicU8>,
    out_of_time: AtomicBool,
}

impl Stopper {
    /// Listens for Ctrl-C from now on. The time limit runs from [`begin`](Self::begin).
    pub(crate) fn new(limit: Option<Duration>) -> Self {
        let state = Arc::new(AtomicU8::new(NOT_SEARCHING));
        let heard = Arc::clone(&state);
        // Where no handler can be set, Ctrl-C ends the program as it always did.
        let _ = ctrlc::set_handler(move || {
            let first =
                heard.compare_exchange(SEARCHING, STOPPING, Ordering::Relaxed, Ordering::Relaxed).is_ok();
            if !first {
                std::process::exit(ENDED_BY_INTERRUPT);
            }
            eprintln!(
                "\nInterrupted: the search stops, and the best matching so far is written. Ctrl-C again ends the \
                 program without writing."
            );
        });
        Self { limit, begun: Instant::now(), state, out_of_time: AtomicBool::new(false) }
    }

    /// The matching begins: an interrupt now stops it instead of ending the program.
    pub(crate) fn begin(&mut self) {
        self.begun = Instant::now();
        self.state.store(SEARCHING, Ordering::Relaxed);
    }

    /// The matching is there: from now on an interrupt ends the program again.
    pub(crate) fn end(&self) {
        self.state.store(NOT_SEARCHING, Ordering::Relaxed);
    }

    /// Whether to stop.
    pub(crate) fn stops(&self) -> bool {
        if self.limit.is_some_and(|limit| self.begun.elapsed() >= limit) {
            self.out_of_time.store(true, Ordering::Relaxed);
            return true;
        }
        self.state.load(Ordering::Relaxed) == STOPPING
    }

    /// Why it stopped.
    pub(crate) fn why(&self) -> &'static str {
        if self.out_of_time.load(Ordering::Relaxed) { "by the time limit" } else { "by Ctrl-C" }
    }
}
