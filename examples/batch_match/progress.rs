//! A progress bar for people, and the time each stage took.

use std::io::{self, Write};
use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use peermatch::matcher::{Control, Progress, Stage};

use crate::stop::Stopper;

/// What a matching goes through, in this order.
const STAGES: [&str; 6] = [
    "preparing the criteria",
    "scoring pairs",
    "setting up the search",
    "searching for the optimum",
    "checking the proof",
    "putting reasons into words",
];

/// The stage under way, by its place in [`STAGES`]. A stage of the library that is done is the next one begun.
fn stage_of(progress: &Progress) -> usize {
    let done = usize::from(progress.done >= progress.total);
    match progress.stage {
        Stage::Compile => done,
        Stage::Score => 1 + done,
        Stage::Solve(_) => 3,
        Stage::Verify => 4 + done,
        _ => 5,
    }
}

/// Watches a matching.
pub(crate) struct Watch {
    bar: ProgressBar,
    timeline: Mutex<Timeline>,
}

#[derive(Default)]
struct Timeline {
    /// When each stage began.
    begun: [Option<Instant>; STAGES.len()],
    under_way: usize,
    end: Option<Instant>,
}

impl Watch {
    pub(crate) fn new(quiet: bool) -> Self {
        // On standard error, and only where that is a terminal.
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(1), target);
        if let Ok(style) = ProgressStyle::with_template("{msg:28} [{bar:40}] {percent:>3} %  {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, timeline: Mutex::default() }
    }

    /// Runs a matching under this watch, until it is done or the stopper says so.
    pub(crate) fn over<T>(&self, stopper: &mut Stopper, run: impl FnOnce(&Control<'_>) -> T) -> T {
        stopper.begin();
        let stopper = &*stopper;
        let hear = |progress: &Progress| {
            self.hear(progress);
            if stopper.stops() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        let result = run(&Control::new().on_progress(&hear));
        stopper.end();
        if let Ok(mut timeline) = self.timeline.lock() {
            timeline.end = Some(Instant::now());
        }
        self.bar.finish_and_clear();
        result
    }

    fn hear(&self, progress: &Progress) {
        let Ok(mut timeline) = self.timeline.lock() else { return };
        let stage = stage_of(progress);
        // Threads that are late speak of a stage that is over.
        if stage < timeline.under_way {
            return;
        }
        if timeline.begun[stage].is_none() {
            timeline.begun[stage] = Some(Instant::now());
            timeline.under_way = stage;
            self.bar.set_message(STAGES[stage]);
            self.bar.set_length(1);
            self.bar.set_position(0);
        }
        if progress.total == u64::MAX {
            // Nobody knows how many steps a search takes.
            self.bar.set_message(format!("{}, step {}", STAGES[stage], progress.done));
        } else if progress.done < progress.total {
            self.bar.set_length(progress.total);
            self.bar.set_position(progress.done);
        }
    }

    /// Prints what each stage took, and the peak memory where the system tells it.
    pub(crate) fn print_timings(
        &self,
        out: &mut dyn Write,
        read: Duration,
        written: Duration,
    ) -> io::Result<()> {
        let Ok(timeline) = self.timeline.lock() else { return Ok(()) };
        writeln!(out, "\nTime by stage")?;
        let mut total = Duration::ZERO;
        let mut line = |name: &str, time: Duration| {
            total += time;
            print_time(out, name, time)
        };
        line("reading and checking files", read)?;
        let begun = STAGES.iter().zip(timeline.begun).filter_map(|(name, begun)| Some((name, begun?)));
        let ends = begun.clone().skip(1).map(|(_, begun)| Some(begun)).chain([timeline.end]);
        for ((name, begun), end) in begun.zip(ends) {
            line(name, end.map_or(Duration::ZERO, |end| end - begun))?;
        }
        line("writing CSV and JSON", written)?;
        print_time(out, "all of these", total)?;
        if let Some(peak) = peak_memory_mib() {
            writeln!(out, "Peak memory: {peak:.0} MiB")?;
        }
        Ok(())
    }
}

fn print_time(out: &mut dyn Write, name: &str, time: Duration) -> io::Result<()> {
    writeln!(out, "  {name:<28} {:>9.1} ms", time.as_secs_f64() * 1000.0)
}

/// What Linux says is the most memory the process ever held.
fn peak_memory_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
