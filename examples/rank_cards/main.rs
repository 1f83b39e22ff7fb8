//! Ranks the top 20 supporters for each question of a cards file, and prints how long a question takes.
//!
//! `cargo run --release --example rank_cards -- FILE` reads the file of the peer benchmark (its layout is at the head of
//! `file.rs`), makes a programme and a policy of it (`programme.rs`), and prints one line:
//!
//! ```text
//! peer=peermatch n=100000 queries=200 median_us=... p99_us=... check=<sum of ids> score_sum=<sum of scores>
//! ```
//!
//! `--check` compares each answer with a sort of the full scan. `--threads N` prints besides how many questions a second
//! so many threads answer. `--matcher` asks `Matcher::cards`, which explains every card and tells what choosing it costs
//! everybody else.

#![allow(clippy::print_stdout)]

mod file;
mod programme;

use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use jiff::civil::{Date, date};
use peermatch::compatibility::{BitmapIndex, Candidate, Compatibility, Terms};
use peermatch::matcher::{CardQuery, Change, Control};
use peermatch::program::ParticipantId;
use peermatch::{Matcher, Program};
use rayon::prelude::*;

use file::Instance;

const TODAY: Date = date(2026, 11, 21);
/// Supporters to an answer.
const TOP: usize = 20;

#[derive(Parser)]
#[command(about = "Ranks the top 20 supporters for each question of a cards file")]
struct Arguments {
    /// The file, as `cards.py` of the peer benchmark writes it
    file: PathBuf,
    /// Times every question is asked; the first is not counted
    #[arg(long, default_value_t = 3, value_parser = clap::value_parser!(u32).range(2..))]
    repeat: u32,
    /// Compare every answer with a sort of the full scan
    #[arg(long, conflicts_with = "matcher")]
    check: bool,
    /// Also tell how many questions a second so many threads answer together
    #[arg(long, value_parser = clap::value_parser!(u16).range(1..=1024))]
    threads: Option<u16>,
    /// Ask the matcher, which explains each card and tells what choosing it costs everybody else
    #[arg(long)]
    matcher: bool,
    /// With --matcher: equals take turns, alike ones make room and newcomers have a share, as policies have it by default
    #[arg(long, requires = "matcher")]
    arrange: bool,
}

/// An answer: supporters by position, and the score.
type Ranked = Vec<(u32, f64)>;

#[allow(clippy::print_stderr)]
fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<(), String> {
    let instance = file::read(&arguments.file)?;
    let policy = programme::policy(&instance, arguments.arrange);
    let program = Program::new(programme::people(&instance)).map_err(|error| error.to_string())?;
    let mut matcher = Matcher::new(program, policy, TODAY).map_err(|error| error.to_string())?;
    if arguments.matcher {
        matcher.begin(TODAY, &Control::new()).map_err(|error| error.to_string())?;
        // Everybody is to choose, so every place is free.
        let everybody: Vec<ParticipantId> =
            matcher.program().participants().iter().map(|one| one.id.clone()).collect();
        for participant in everybody {
            let waits = Change::WaitsToChoose { participant };
            matcher.apply(&waits, TODAY).map_err(|error| error.to_string())?;
        }
        let participants = matcher.program().participants();
        let questions: Vec<CardQuery> =
            participants.iter().map(|one| CardQuery::new(one.id.clone())).collect();
        let answer = |question: usize| -> Result<Ranked, String> {
            let cards = matcher.cards(&questions[question]).map_err(|error| error.to_string())?;
            let position = |id: &str| matcher.program().supporter_index(id).unwrap_or(usize::MAX) as u32;
            let own = cards.offered.iter();
            Ok(own.map(|one| (position(one.found.supporter.as_str()), one.found.score().value())).collect())
        };
        return measure(arguments, &instance, "peermatch_matcher", &answer);
    }
    let compatibility = matcher.compatibility().map_err(|error| error.to_string())?;
    let index = BitmapIndex::new(&compatibility);
    let program = matcher.program();
    let answer = |question: usize| {
        let asked = (question, &Terms::default());
        Ok(ranked(&index.best(&compatibility, program, asked, (i64::MIN, TOP, false))))
    };
    if arguments.check {
        for question in 0..instance.queries.len() {
            if answer(question)? != ranked(&sorted(&compatibility, program, question)) {
                return Err(format!("question {question}: the answer is not that of the full scan"));
            }
        }
    }
    measure(arguments, &instance, "peermatch", &answer)
}

fn ranked(found: &[Candidate]) -> Ranked {
    found.iter().map(|own| (own.supporter, f64::from(own.weight) / 1e6)).collect()
}

/// The first of a sort of everybody.
fn sorted(compatibility: &Compatibility, program: &Program, question: usize) -> Vec<Candidate> {
    let mut all = compatibility.scan(program, question);
    all.sort_by_key(|own| (std::cmp::Reverse(own.weight), own.supporter));
    all.truncate(TOP);
    all
}

fn measure(
    arguments: &Arguments,
    instance: &Instance,
    name: &str,
    answer: &(dyn Fn(usize) -> Result<Ranked, String> + Sync),
) -> Result<(), String> {
    let questions = instance.queries.len();
    let (mut times, mut check, mut sum) = (Vec::new(), 0_u64, 0.0);
    for turn in 0..arguments.repeat {
        for question in 0..questions {
            let start = Instant::now();
            let found = answer(question)?;
            let taken = start.elapsed().as_secs_f64() * 1e6;
            if turn > 0 {
                times.push(taken);
            } else {
                check += found.iter().map(|&(supporter, _)| u64::from(supporter)).sum::<u64>();
                // A score is a mean; the file's is a sum.
                let weights: f32 = instance.queries[question].weights.iter().sum();
                sum += found.iter().map(|&(_, score)| score).sum::<f64>() * f64::from(weights);
            }
        }
    }
    times.sort_by(f64::total_cmp);
    let (median, p99) = (times[times.len() / 2], times[times.len() * 99 / 100]);
    let supporters = instance.supporters();
    println!(
        "peer={name} n={supporters} queries={questions} median_us={median:.1} p99_us={p99:.1} check={check} \
         score_sum={sum:.4}"
    );
    if let Some(threads) = arguments.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.into()).build();
        let pool = pool.map_err(|error| error.to_string())?;
        let all: Vec<usize> =
            (0..questions * arguments.repeat as usize).map(|turn| turn % questions).collect();
        let start = Instant::now();
        pool.install(|| all.par_iter().try_for_each(|&question| answer(question).map(drop)))?;
        let a_second = all.len() as f64 / start.elapsed().as_secs_f64();
        println!("peer={name}_{threads}t n={supporters} queries_per_second={a_second:.0}");
    }
    Ok(())
}
