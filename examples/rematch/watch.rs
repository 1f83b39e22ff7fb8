//! What is under way, for whoever waits at a terminal.

use std::ops::ControlFlow;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use peermatch::matcher::{Control, Progress, Stage};

/// Runs something that may take a while, and says so on standard error, where that is a terminal.
pub(crate) fn patiently<T>(run: impl FnOnce() -> T) -> T {
    let spinner = spinner();
    spinner.set_message("working");
    let result = run();
    spinner.finish_and_clear();
    result
}

fn spinner() -> ProgressBar {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(200));
    spinner
}

/// Runs a matching and says on standard error, where that is a terminal, what it is at.
pub(crate) fn watched<T>(run: impl FnOnce(&Control<'_>) -> T) -> T {
    let spinner = spinner();
    let hear = |progress: &Progress| {
        spinner.set_message(match progress.stage {
            Stage::Compile => "preparing the criteria".to_owned(),
            Stage::Score => "scoring pairs".to_owned(),
            Stage::Solve(_) => format!("searching for the optimum, step {}", progress.done),
            Stage::Verify => "checking the proof".to_owned(),
            _ => "putting reasons into words".to_owned(),
        });
        ControlFlow::Continue(())
    };
    let result = run(&Control::new().on_progress(&hear));
    spinner.finish_and_clear();
    result
}
