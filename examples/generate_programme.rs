//! Makes up a programme and writes it as CSV files.
//!
//! ```text
//! cargo run --release --example generate_programme -- --participants 10000 --supporters 3000 --out /tmp/large
//! cargo run --release --example generate_programme -- --sample     # writes examples/data anew
//! ```

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Parser;
use jiff::civil::Date;
use peermatch::population::{Settings, generate};
use peermatch::program::{Program, ProgramData};

/// Makes up a realistic peer-support programme and writes it as CSV files.
#[derive(Parser)]
struct Arguments {
    /// How many ask for support.
    #[arg(long, default_value_t = Settings::default().participants)]
    participants: usize,
    /// How many give it.
    #[arg(long, default_value_t = Settings::default().supporters)]
    supporters: usize,
    /// The same seed gives the same programme.
    #[arg(long, default_value_t = Settings::default().seed)]
    seed: u64,
    /// One state by its two letters; the whole of the United States if left out.
    #[arg(long)]
    state: Option<String>,
    /// The day on which the programme is looked at.
    #[arg(long, default_value_t = Settings::default().as_of)]
    as_of: Date,
    /// Capacity of the active supporters together, for each participant.
    #[arg(long, default_value_t = Settings::default().supply)]
    supply: f64,
    /// The folder to write to; made if it is not there, and files of the same names are replaced.
    #[arg(long, default_value = "programme")]
    out: PathBuf,
    /// Write the sample programme: Tennessee, to examples/data unless --out says otherwise.
    #[arg(long, conflicts_with_all = ["participants", "supporters", "seed", "state", "as_of", "supply"])]
    sample: bool,
}

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    let settings = if arguments.sample {
        if arguments.out == Path::new("programme") {
            arguments.out = Path::new("examples").join("data");
        }
        Settings::sample()
    } else {
        Settings {
            participants: arguments.participants,
            supporters: arguments.supporters,
            seed: arguments.seed,
            state: arguments.state.map(|state| state.to_ascii_uppercase()),
            as_of: arguments.as_of,
            supply: arguments.supply,
            ..Settings::default()
        }
    };
    let said = run(&settings, &arguments.out);
    let told = match &said {
        Ok(summary) => write!(std::io::stdout(), "{summary}"),
        Err(error) => writeln!(std::io::stderr(), "{error}"),
    };
    if said.is_ok() && told.is_ok() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

/// Makes it up, writes it, and says what was written.
fn run(settings: &Settings, folder: &Path) -> peermatch::Result<String> {
    let data = generate(settings)?;
    data.write_csv(folder)?;
    let counts = counts(&data);
    let program = Program::new(data)?;
    Ok(format!(
        "{counts}\nWritten to {} (seed {}); reading it back would warn {} times.\n",
        folder.display(),
        settings.seed,
        program.warnings().len()
    ))
}

/// How many of what, a line each.
fn counts(data: &ProgramData) -> String {
    let history = &data.history;
    let counts = [
        ("participants", data.participants.len()),
        ("supporters", data.supporters.len()),
        ("supervisors", data.supervisors.len()),
        ("conditions in the taxonomy", data.conditions.len()),
        ("issues in the taxonomy", data.issues.len()),
        ("places in the gazetteer", data.gazetteer.len()),
        ("standing matches", history.standing.len()),
        ("past matches", history.past.len()),
        ("acquaintances", history.acquaintances.len()),
        ("barred pairs", history.barred.len()),
    ];
    let lines: Vec<String> = counts.iter().map(|(what, count)| format!("{count:>8} {what}")).collect();
    lines.join("\n")
}
