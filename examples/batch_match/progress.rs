//! A progress bar for people, and the time each stage took.

use std::ops::ControlFlow;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use peermatch::matcher::{Control, Progress, Stage};

/// Watches a matching.
pub(crate) struct Watch {
    bar: ProgressBar,
    /// Stages in the order in which they began, with when they began.
    begun: Mutex<Vec<(&'static str, Instant)>>,
    end: Mutex<Option<Instant>>,
}

impl Watch {
    pub(crate) fn new(quiet: bool) -> Self {
        // On standard error, and only where that is a terminal.
        let target = if quiet { ProgressDrawTarget::hidden() } else { ProgressDrawTarget::stderr() };
        let bar = ProgressBar::with_draw_target(Some(1), target);
        if let Ok(style) = ProgressStyle::with_template("{msg:28} [{bar:40}] {percent:>3} %  {elapsed}") {
            bar.set_style(style.progress_chars("=> "));
        }
        Self { bar, begun: Mutex::new(Vec::new()), end: Mutex::new(None) }
    }

    /// Runs a matching under this watch.
    pub(crate) fn over<T>(&self, run: impl FnOnce(&Control<'_>) -> T) -> T {
        let hear = |progress: &Progress| {
            self.hear(progress);
            ControlFlow::Continue(())
        };
        let result = run(&Control::new().on_progress(&hear));
        if let Ok(mut end) = self.end.lock() {
            *end = Some(Instant::now());
        }
        self.bar.finish_and_clear();
        result
    }

    fn hear(&self, progress: &Progress) {
        let name = match progress.stage {
            Stage::Compile => "compiling",
            Stage::Score => "scoring every pair",
            Stage::Solve(_) => "finding the optimum",
            Stage::Verify => "checking its proof",
            Stage::Explain => "putting reasons into words",
            _ => "working",
        };
        let Ok(mut begun) = self.begun.lock() else { return };
        if begun.last().is_none_or(|&(last, _)| last != name) {
            begun.push((name, Instant::now()));
            self.bar.set_message(name);
        }
        self.bar.set_length(progress.total.max(1));
        self.bar.set_position(progress.done);
    }

    /// Prints what each stage took, and the peak memory where the system tells it.
    pub(crate) fn print_timings(&self, read: Duration, written: Duration) {
        let (Ok(begun), Ok(end)) = (self.begun.lock(), self.end.lock()) else { return };
        println!("\nTime by stage:");
        let line =
            |name: &str, time: Duration| println!("  {name:<28} {:>9.1} ms", time.as_secs_f64() * 1000.0);
        line("reading and checking", read);
        let ends = begun.iter().skip(1).map(|&(_, begin)| Some(begin)).chain([*end]);
        for (&(name, begin), end) in begun.iter().zip(ends) {
            line(name, end.map_or(Duration::ZERO, |end| end - begin));
        }
        line("writing", written);
        if let Some(peak) = peak_memory_mib() {
            println!("Peak memory: {peak:.0} MiB");
        }
    }
}

/// What Linux says is the most memory the process ever held.
fn peak_memory_mib() -> Option<f64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kib: f64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kib / 1024.0)
}
