//! Shows a participant the cards of supporters to choose from: in the terminal, and as an HTML page.
//!
//! `cargo run --release --example baseball_cards -- P-0105` shows the sample programme's cards for one participant;
//! `--help` lists the arguments.

#![allow(clippy::print_stdout, clippy::print_stderr)]

mod arguments;
#[path = "../batch_match/files.rs"]
mod files;
mod tell;
#[path = "../rematch/watch.rs"]
mod watch;
#[path = "../batch_match/words.rs"]
mod words;

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, ErrorKind, Write};
use std::process::ExitCode;

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use clap::Parser;
use jiff::civil::Date;
use peermatch::assignment::rules::RuleOptions;
use peermatch::matcher::{CardQuery, Cards, Change};
use peermatch::policy::rules::People;
use peermatch::program::{Attributes, SupporterId};
use peermatch::report::CardsPage;
use peermatch::{Error, Matcher, Policy, Program, Severity};

use arguments::Arguments;
use files::{Refusal, read_file, read_program, reader};
use watch::{patiently, watched};
use words::nearest;

fn main() -> ExitCode {
    let mut arguments = Arguments::parse();
    match run(&mut arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(Trouble::Refused(refusal)) => {
            for fault in &refusal.faults {
                eprintln!("{fault}");
            }
            for message in &refusal.others {
                eprintln!("{message}");
            }
            ExitCode::FAILURE
        }
        // Whoever reads what is printed has enough of it.
        Err(Trouble::Output(error)) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(Trouble::Output(error)) => {
            eprintln!("error: the cards cannot be printed: {error}");
            ExitCode::FAILURE
        }
    }
}

enum Trouble {
    Refused(Refusal),
    Output(io::Error),
}

impl From<io::Error> for Trouble {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<Error> for Trouble {
    fn from(error: Error) -> Self {
        let faults = error.faults().iter().filter(|fault| fault.severity == Severity::Error).cloned();
        let faults: Vec<_> = faults.collect();
        let others = if faults.is_empty() { vec![format!("error: {error}")] } else { Vec::new() };
        Self::Refused(Refusal { faults, others })
    }
}

fn refused(message: impl std::fmt::Display) -> Trouble {
    Trouble::Refused(Refusal { faults: Vec::new(), others: vec![format!("error: {message}")] })
}

fn run(arguments: &mut Arguments) -> Result<(), Trouble> {
    let (program, policy) = read(arguments).map_err(Trouble::Refused)?;
    let on: Date = arguments.day();
    let query = query(arguments, &program)?;
    let limit = arguments.node_limit;
    let rules = if limit == 0 { RuleOptions::new() } else { RuleOptions::new().node_limit(limit) };
    let mut matcher = Matcher::new(program, policy, on)?.with_rule_options(rules);
    watched(|control| matcher.begin(on, control))?;
    if arguments.waits {
        let participant = query.participant.clone();
        matcher.apply(&Change::WaitsToChoose { participant }, on)?;
    }
    let cards = patiently(|| matcher.cards(&query))?;
    let out = &mut io::stdout();
    tell::cards(out, &matcher, &cards)?;
    if let Some(path) = &arguments.html {
        let page = page(&cards, arguments)?;
        fs::write(path, page).map_err(|error| refused(format!("{}: {error}", path.display())))?;
        writeln!(out, "\nThe page for {} is {}.", cards.participant, path.display())?;
    }
    Ok(())
}

/// The page, with pictures from a folder and links as the command line has them.
fn page(cards: &Cards, arguments: &Arguments) -> Result<String, Trouble> {
    if let Some(folder) = arguments.pictures.as_ref().filter(|folder| !folder.is_dir()) {
        return Err(refused(format!("--pictures {}: there is no such folder", folder.display())));
    }
    let template = arguments.link.as_deref().unwrap_or_default();
    let link = |supporter: &SupporterId| {
        template
            .replace("{participant}", cards.participant.as_str())
            .replace("{supporter}", supporter.as_str())
    };
    let left = template.replace("{participant}", "").replace("{supporter}", "");
    if left.contains(['{', '}']) {
        return Err(refused(format!(
            "--link {template}: write no braces but {{participant}} and {{supporter}}"
        )));
    }
    let picture = |reference: &str| {
        let folder = arguments.pictures.as_ref()?;
        let bytes = fs::read(folder.join(reference)).ok()?;
        let kind = match reference.rsplit('.').next()?.to_ascii_lowercase().as_str() {
            "png" => "png",
            "svg" => "svg+xml",
            "webp" => "webp",
            _ => "jpeg",
        };
        Some(format!("data:image/{kind};base64,{}", BASE64.encode(&bytes)))
    };
    let page = CardsPage::new().picture(&picture).taken_places(true);
    if arguments.link.is_none() {
        return Ok(page.html(cards));
    }
    if !cards.offered.is_empty() && !CardsPage::is_link(&link(&cards.offered[0].card.supporter)) {
        let what = "give an address that begins with https, http, mailto or tel, or a path";
        return Err(refused(format!("--link {template}: a page may not lead there; {what}")));
    }
    Ok(page.link(&link).html(cards))
}

/// What the command line asks for.
fn query(arguments: &Arguments, program: &Program) -> Result<CardQuery, Trouble> {
    let id = arguments.participant.as_str();
    if program.participant_index(id).is_none() {
        let known = program.participants().iter().map(|one| one.id.as_str());
        let remedy = match nearest(id, known.filter(|known| !known.is_empty())) {
            Some(near) => format!("perhaps {near} was meant"),
            None => "name a participant of the programme".to_owned(),
        };
        return Err(refused(format!("{id}: there is no such participant; {remedy}")));
    }
    let mut weights = BTreeMap::new();
    for one in &arguments.matters {
        let (name, factor) = one.split_once('=').unwrap_or((one, "2"));
        let factor: f64 =
            factor.parse().map_err(|_| refused(format!("--matters {one}: {factor:?} is no number")))?;
        weights.insert(name.to_owned(), factor);
    }
    let mut only = People { languages: arguments.language.clone(), ..People::default() };
    if let Some(gender) = &arguments.gender {
        only.attributes = Attributes::from([("gender".to_owned(), vec![gender.clone()])]);
    }
    Ok(CardQuery {
        count: arguments.count,
        weights,
        modalities: arguments.by.iter().map(|way| way.0).collect(),
        only,
        of_record: arguments.of_record,
        except: arguments.except.iter().map(|id| id.as_str().into()).collect(),
        ranking: arguments.ranking.map(|ranking| ranking.0),
        taken_places: arguments.taken_places.then_some(true),
        ..CardQuery::new(id)
    })
}

/// The tables and the policy, everything that is wrong with them told in one go.
fn read(arguments: &mut Arguments) -> Result<(Program, Policy), Refusal> {
    let mut refusal = Refusal::default();
    let policy = arguments.policy();
    let program = read_program(&arguments.files, reader(&arguments.files), &mut refusal);
    let policy = match policy {
        None => Some(Policy::default()),
        Some(path) => read_file(&path, &mut refusal, |path| Policy::from_path(path)),
    };
    match (program, policy) {
        (Some(program), Some(policy)) if refusal.others.is_empty() => Ok((program, policy)),
        _ => Err(refusal),
    }
}
