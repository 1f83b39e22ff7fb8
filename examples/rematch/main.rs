//! Keeps a programme's matching through what happens to it: a coordinator says what happened, a command a line, and
//! reads who has whom now, why, and what is to be done. The commands come from a file of events, from a pipe, or from
//! whoever types them. Without arguments it keeps the sample programme.
//!
//! `cargo run --release --example rematch -- --help` lists the arguments, the command `help` the commands.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod answer;
mod arguments;
mod command;
#[path = "../batch_match/files.rs"]
mod files;
mod session;
mod tell;
mod watch;
#[path = "../batch_match/why.rs"]
mod why;
#[path = "../batch_match/words.rs"]
mod words;

use std::fs;
use std::io::{self, BufRead, ErrorKind, IsTerminal, Write};
use std::path::Path;
use std::process::ExitCode;

use clap::Parser;

use answer::{Next, Trouble};
use arguments::Arguments;
use command::{Command, parse};
use files::{Refusal, opened};
use session::{Failed, Session};
use words::counted;

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    let ended = run(&mut arguments);
    match ended {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        // Whoever reads what is printed has enough of it.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: the answers cannot be printed: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Whether everything that was asked for was done.
fn run(arguments: &mut Arguments) -> io::Result<bool> {
    // A file of events is read before anything is opened: what is wrong with it costs nobody anything.
    let events = match arguments.events.as_deref().map(read_events).transpose() {
        Ok(events) => events,
        Err(faults) => {
            for fault in &faults {
                eprintln!("error: {fault}");
            }
            let count = counted(faults.len() as u64, "fault", "faults");
            eprintln!("{count}: nothing was done.");
            return Ok(false);
        }
    };
    let mut told = Vec::new();
    let mut session = match Session::open(arguments, &mut told) {
        Ok(session) => session,
        Err(refusal) => {
            tell_refusal(&refusal);
            return Ok(false);
        }
    };
    let out = &mut io::stdout();
    for line in told {
        if line.starts_with("warning: ") { eprintln!("{line}") } else { writeln!(out, "{line}")? }
    }
    writeln!(out, "It is {}.", session.on)?;
    tell::quality(out, &session.matcher)?;
    out.flush()?;
    match (events, &arguments.events) {
        (Some(events), Some(path)) => from_file(&mut session, path, events, out),
        _ => from_input(&mut session, out),
    }
}

/// A command, with the number of its line and its text.
type Event = (usize, String, Command);

fn read_events(path: &Path) -> Result<Vec<Event>, Vec<String>> {
    let named = path.display();
    let text = opened(path)
        .and_then(|()| fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}")));
    let text = text.map_err(|problem| vec![format!("{named}: {problem}")])?;
    let text = text.trim_start_matches('\u{feff}');
    let (mut events, mut faults) = (Vec::new(), Vec::new());
    for (number, line) in (1..).zip(text.lines()) {
        match parse(line) {
            Ok(command) => events.push((number, line.trim().to_owned(), command)),
            Err(problem) => faults.push(format!("{named}, line {number}: {problem}")),
        }
    }
    if faults.is_empty() { Ok(events) } else { Err(faults) }
}

fn from_file(
    session: &mut Session,
    path: &Path,
    events: Vec<Event>,
    out: &mut dyn Write,
) -> io::Result<bool> {
    for (number, text, command) in events {
        if !matches!(command, Command::Heading(_) | Command::Nothing) {
            writeln!(out, "\n> {text}")?;
        }
        match session.answer(command, out) {
            Ok(Next::GoOn) => {}
            Ok(Next::Quit) => break,
            Err(Trouble::Output(error)) => return Err(error),
            Err(Trouble::Failed(Failed::Refused(problem) | Failed::Lost(problem))) => {
                out.flush()?;
                eprintln!("error: {}, line {number}: {problem}", path.display());
                eprintln!("What stands before that line was done, and nothing after it.");
                return Ok(false);
            }
        }
        out.flush()?;
    }
    Ok(true)
}

fn from_input(session: &mut Session, out: &mut dyn Write) -> io::Result<bool> {
    let input = io::stdin();
    let asks = input.is_terminal();
    let mut all_done = true;
    if asks {
        writeln!(out, "`help` lists the commands, `quit` ends.")?;
    }
    let mut lines = input.lock().lines();
    loop {
        if asks {
            write!(out, "{}> ", session.on)?;
            out.flush()?;
        }
        let Some(line) = lines.next() else { return Ok(all_done) };
        let problem = match parse(&line?) {
            Ok(command) => match session.answer(command, out) {
                Ok(Next::GoOn) => None,
                Ok(Next::Quit) => return Ok(all_done),
                Err(Trouble::Output(error)) => return Err(error),
                Err(Trouble::Failed(Failed::Refused(problem))) => Some(problem),
                Err(Trouble::Failed(Failed::Lost(problem))) => {
                    eprintln!("error: {problem}");
                    return Ok(false);
                }
            },
            Err(problem) => Some(problem),
        };
        out.flush()?;
        if let Some(problem) = problem {
            eprintln!("error: {problem}");
            // Whoever types it sees it and writes another line.
            all_done &= asks;
        }
    }
}

fn tell_refusal(refusal: &Refusal) {
    for fault in &refusal.faults {
        eprintln!("{fault}");
    }
    for message in &refusal.others {
        eprintln!("{message}");
    }
    eprintln!("Nothing was done.");
}
