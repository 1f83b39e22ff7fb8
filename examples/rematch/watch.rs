//! What is under way, for whoever waits at a terminal while a programme is matched for the first time.

use std::ops::ControlFlow;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};
use peermatch::matcher::{Control, Progress, Stage};

/// Runs a matching and says on standard error, where that is a terminal, what it is at.
pub(crate) fn watched<T>(run: impl FnOnce(&Control<'_>) -> T) -> T {
    let spinner = ProgressBar::new_spinner();
    if let Ok(style) = ProgressStyle::with_template("{spinner} {msg}  {elapsed}") {
        spinner.set_style(style);
    }
    spinner.enable_steady_tick(Duration::from_millis(100));
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
