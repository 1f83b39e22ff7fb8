//! A coordinator's commands, one a line: what each line asks for, or what is wrong with it.

use std::path::PathBuf;

use jiff::civil::Date;
use peermatch::matcher::{AskedBy, Change, Rematch, Request};
use peermatch::policy::{Reach, Reason};
use peermatch::program::{Outcome, Participant, Status, Supporter};
use serde::de::DeserializeOwned;

use crate::files::day;
use crate::words::nearest;

/// What a line asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Command {
    /// Something happens to the programme.
    Happens(Happening),
    /// The same, made and undone.
    Drill(Happening),
    /// Somebody leaves for good.
    Gone {
        id: String,
        reach: Option<Far>,
    },
    Undo,
    Options(Rematch),
    Losses(usize),
    Alternates(String),
    Who(String),
    Caseload(String),
    Waiting(usize),
    Held,
    Quality,
    /// What happens from here on happens on that day.
    On(Date),
    Save(Option<PathBuf>),
    Heading(String),
    Help,
    Nothing,
    Quit,
}

/// Something that happens to a programme.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Happening {
    Rematch(Rematch),
    Change(Change, Option<Far>),
}

/// How far a change may reach, where the line says so.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Far {
    /// As far as the objective gains more than the price of a change.
    Best,
    Within(Reach),
}

impl Happening {
    /// The request it is, where the line does not say how far it may reach as far as the policy does.
    pub(crate) fn request(self, usual: Reach) -> Request {
        match self {
            Self::Rematch(request) => Request::Rematch(request),
            Self::Change(change, far) => {
                // These are about the whole.
                let whole = matches!(change, Change::Day { .. } | Change::Settle {} | Change::Policy { .. });
                match far.unwrap_or(if whole { Far::Best } else { Far::Within(usual) }) {
                    Far::Best => Request::Apply(change),
                    Far::Within(reach) => Request::ApplyWithin { change, reach },
                }
            }
        }
    }
}

/// What `help` prints.
pub(crate) const HELP: &str = "\
What happens (P-1 is a participant, S-2 a supporter):
  rematch P-1 REASON [by participant|supporter|leader] [scope CODE...] [withdraws]
                              end a match for a reason, and find another
  ends P-1 completed|failed|interrupted
  arrive {JSON}               a participant; `arrive supporter {JSON}` for a supporter
  gone P-1                    leaves for good (a supporter as well)
  leave S-2 [until DATE] | review S-2 | release S-2 | train S-2 | active S-2
  capacity S-2 N              takes so many at a time
  bar P-1 S-2 | unbar P-1 S-2 | know P-1 S-2 | pin P-1 S-2 | unpin P-1
  day DATE                    another day: who waits is more urgent, leaves end
  settle                      whoever was held by a choice is free again
  change {JSON}               any change of the library's
  undo                        the last of these
Each takes how far it may reach: `others N` (so many others may move), `price X` (each at that price), `full`, `best` (as
the policy's objective has it; not for a rematch); without one the policy decides. `rematch`, `bar` and `ends` take a
`note` with the rest of the line.
  drill ...                   any of these but undo, made and undone: what it would lead to

Questions:
  options P-1 REASON          the ways to another supporter, by how many others move
  alternates P-1              who could step in
  losses [N]                  what losing each supporter would cost, the worst first
  who P-1 | caseload S-2 | waiting [N] | held | quality

  on DATE                     what follows happens on that day
  save [FILE]                 write everything, to go on from there
  help | quit";

/// Every command, for those who slip on the keyboard.
const WORDS: [&str; 30] = [
    "rematch",
    "options",
    "ends",
    "arrive",
    "gone",
    "leave",
    "review",
    "release",
    "train",
    "active",
    "capacity",
    "bar",
    "unbar",
    "know",
    "pin",
    "unpin",
    "day",
    "settle",
    "change",
    "undo",
    "drill",
    "alternates",
    "losses",
    "who",
    "caseload",
    "waiting",
    "held",
    "quality",
    "on",
    "save",
];

type Parsed<T> = Result<T, String>;

/// The line's words that are not read yet.
struct Line<'a> {
    rest: &'a str,
    /// The command, for messages.
    command: &'a str,
}

impl<'a> Line<'a> {
    fn word(&mut self) -> Option<&'a str> {
        let rest = self.rest.trim_start();
        let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
        self.rest = &rest[end..];
        Some(&rest[..end]).filter(|word| !word.is_empty())
    }

    fn need(&mut self, what: &str) -> Parsed<&'a str> {
        let command = self.command;
        self.word().ok_or_else(|| format!("{command}: {what} is missing; `help` shows how it is written"))
    }

    fn participant(&mut self) -> Parsed<&'a str> {
        self.need("the participant's id")
    }

    fn supporter(&mut self) -> Parsed<&'a str> {
        self.need("the supporter's id")
    }

    fn day(&mut self) -> Parsed<Date> {
        let word = self.need("the day")?;
        day(word).map_err(|problem| format!("{}: {word:?}: {problem}", self.command))
    }

    fn number(&mut self, what: &str, most: u32) -> Parsed<u32> {
        let word = self.need(what)?;
        let number = word.parse().ok().filter(|&number| number <= most);
        number.ok_or_else(|| format!("{}: {word:?} is no number from 0 to {most}", self.command))
    }

    /// One of a few words.
    fn one_of<T: Copy>(&mut self, what: &str, known: &[(&str, T)]) -> Parsed<T> {
        let word = self.need(&format!("the {what}"))?;
        let found = known.iter().find(|(name, _)| *name == word);
        found.map(|&(_, value)| value).ok_or_else(|| {
            let remedy = or_all(word, known.iter().map(|(name, _)| *name));
            format!("{}: there is no {what} {word:?}; {remedy}", self.command)
        })
    }

    /// A record as JSON, up to its closing brace.
    fn json<T: DeserializeOwned>(&mut self, what: &str) -> Parsed<T> {
        let mut stream = serde_json::Deserializer::from_str(self.rest).into_iter();
        let record = match stream.next() {
            Some(record) => record.map_err(|error| format!("{}: no {what}: {error}", self.command))?,
            None => return Err(format!("{}: the {what} is missing; write it as JSON", self.command)),
        };
        self.rest = &self.rest[stream.byte_offset()..];
        Ok(record)
    }

    fn end(&mut self) -> Parsed<()> {
        match self.word() {
            None => Ok(()),
            Some(word) => {
                Err(format!("{}: {word:?} is more than it takes; leave it out, or see `help`", self.command))
            }
        }
    }

    fn far(&mut self, word: &str) -> Parsed<Option<Far>> {
        Ok(Some(match word {
            "best" => Far::Best,
            "full" => Far::Within(Reach::Full),
            "others" => Far::Within(Reach::AtMost { others: self.number("how many others", 100)? }),
            "price" => {
                let word = self.need("the price")?;
                let price = word.parse().ok().filter(|price| (0.0..=1.0).contains(price));
                let price =
                    price.ok_or_else(|| format!("{}: {word:?} is no price from 0 to 1", self.command))?;
                Far::Within(Reach::AtPrice { price })
            }
            _ => return Ok(None),
        }))
    }

    /// How far a change may reach, and what is noted where that is taken.
    fn endings(&mut self, takes_note: bool) -> Parsed<(Option<Far>, Option<String>)> {
        let mut far = None;
        while let Some(word) = self.word() {
            if takes_note && word == "note" {
                return Ok((far, self.note()));
            }
            far = self.far(word)?;
            if far.is_none() {
                let known =
                    ["others", "price", "full", "best"].into_iter().chain(takes_note.then_some("note"));
                let remedy = or_all(word, known);
                return Err(format!("{}: {word:?} means nothing here; {remedy}", self.command));
            }
        }
        Ok((far, None))
    }

    fn note(&mut self) -> Option<String> {
        let note = std::mem::take(&mut self.rest).trim();
        (!note.is_empty()).then(|| note.to_owned())
    }
}

/// The word that was probably meant, or all that are known.
fn or_all<'a>(word: &str, known: impl Iterator<Item = &'a str> + Clone) -> String {
    match nearest(word, known.clone()) {
        Some(near) => format!("perhaps {near} was meant"),
        None => format!("write one of {}", known.collect::<Vec<_>>().join(", ")),
    }
}

/// What a line asks for.
pub(crate) fn parse(text: &str) -> Parsed<Command> {
    let text = text.trim();
    if let Some(heading) = text.strip_prefix('#') {
        return Ok(Command::Heading(heading.trim().to_owned()));
    }
    let mut line = Line { rest: text, command: "" };
    let Some(command) = line.word() else { return Ok(Command::Nothing) };
    line.command = command;
    let parsed = match command {
        "drill" => {
            let inner = line.rest.trim();
            return match parse(inner)? {
                Command::Happens(happening) => Ok(Command::Drill(happening)),
                _ => Err(format!(
                    "drill: {inner:?} is nothing that happens; write `drill release S-2` or the like"
                )),
            };
        }
        "options" => {
            let request = rematch(&mut line)?;
            if request.reach.is_some() {
                return Err(
                    "options: they are told for every number of others who move; leave the reach out"
                        .to_owned(),
                );
            }
            Command::Options(request)
        }
        "gone" => {
            let id = line.need("the id of who leaves")?.to_owned();
            Command::Gone { id, reach: line.endings(false)?.0 }
        }
        "undo" => Command::Undo,
        "losses" => Command::Losses(count(&mut line)?),
        "alternates" => Command::Alternates(line.participant()?.to_owned()),
        "who" => Command::Who(line.participant()?.to_owned()),
        "caseload" => Command::Caseload(line.supporter()?.to_owned()),
        "waiting" => Command::Waiting(count(&mut line)?),
        "held" => Command::Held,
        "quality" => Command::Quality,
        "on" => Command::On(line.day()?),
        "save" => {
            let file = std::mem::take(&mut line.rest).trim();
            Command::Save((!file.is_empty()).then(|| file.into()))
        }
        "help" | "?" => Command::Help,
        "quit" | "exit" => Command::Quit,
        _ => Command::Happens(happening(&mut line)?),
    };
    line.end()?;
    Ok(parsed)
}

/// How many rows of an answer are wanted; a few if nothing is said.
fn count(line: &mut Line<'_>) -> Parsed<usize> {
    if line.rest.trim().is_empty() {
        Ok(5)
    } else {
        line.number("how many", 1_000_000).map(|many| many as usize)
    }
}

fn happening(line: &mut Line<'_>) -> Parsed<Happening> {
    let status = |line: &mut Line<'_>, status| -> Parsed<(Change, bool)> {
        let supporter = line.supporter()?.into();
        let mut leave_until = None;
        if status == Status::OnLeave && line.rest.trim_start().starts_with("until") {
            line.word();
            leave_until = Some(line.day()?);
        }
        Ok((Change::SupporterStatus { supporter, status, leave_until }, false))
    };
    let (mut change, takes_note) = match line.command {
        "rematch" => return rematch(line).map(Happening::Rematch),
        "leave" => status(line, Status::OnLeave)?,
        "review" => status(line, Status::UnderReview)?,
        "release" => status(line, Status::Released)?,
        "train" => status(line, Status::InTraining)?,
        "active" => status(line, Status::Active)?,
        "capacity" => {
            let supporter = line.supporter()?.into();
            let capacity = Some(line.number("how many they take", 10_000)?);
            (Change::SupporterCapacity { supporter, capacity }, false)
        }
        "bar" => {
            let (participant, supporter) = (line.participant()?.into(), line.supporter()?.into());
            (Change::Bar { participant, supporter, reason: None }, true)
        }
        "unbar" => {
            let (participant, supporter) = (line.participant()?.into(), line.supporter()?.into());
            (Change::Unbar { participant, supporter }, false)
        }
        "know" => {
            let (participant, supporter) = (line.participant()?.into(), line.supporter()?.into());
            (Change::Acquainted { participant, supporter }, false)
        }
        "pin" => {
            let (participant, supporter) = (line.participant()?.into(), line.supporter()?.into());
            (Change::Pin { participant, supporter }, false)
        }
        "unpin" => (Change::Unpin { participant: line.participant()?.into() }, false),
        "ends" => {
            let participant = line.participant()?.into();
            let known = [
                ("completed", Outcome::Completed),
                ("failed", Outcome::Failed),
                ("interrupted", Outcome::Interrupted),
            ];
            let outcome = line.one_of("outcome", &known)?;
            (Change::MatchEnds { participant, outcome, reason: None }, true)
        }
        "arrive" => (arrival(line)?, false),
        "change" => (line.json("change")?, false),
        "day" => (Change::Day { as_of: line.day()? }, false),
        "settle" => (Change::Settle {}, false),
        other => {
            let remedy = match nearest(other, WORDS.into_iter()) {
                Some(near) => format!("perhaps {near} was meant"),
                None => "`help` lists all".to_owned(),
            };
            return Err(format!("there is no command {other:?}; {remedy}"));
        }
    };
    let (far, note) = line.endings(takes_note)?;
    if let Change::Bar { reason, .. } | Change::MatchEnds { reason, .. } = &mut change {
        *reason = note.or(reason.take());
    }
    Ok(Happening::Change(change, far))
}

fn arrival(line: &mut Line<'_>) -> Parsed<Change> {
    let json = line.rest.trim_start();
    if let Some(rest) = json.strip_prefix("supporter") {
        line.rest = rest;
        return Ok(Change::SupporterArrives { supporter: Box::new(line.json::<Supporter>("supporter")?) });
    }
    line.rest = json.strip_prefix("participant").unwrap_or(json);
    Ok(Change::ParticipantArrives { participant: Box::new(line.json::<Participant>("participant")?) })
}

fn rematch(line: &mut Line<'_>) -> Parsed<Rematch> {
    let participant = line.participant()?;
    let reasons = Reason::ALL.map(|reason| (reason.as_str(), reason));
    let mut request = Rematch::new(participant, line.one_of("reason", &reasons)?);
    let endings = ["by", "scope", "withdraws", "note", "others", "price", "full"];
    while let Some(word) = line.word() {
        match word {
            "by" => {
                let known = [
                    ("participant", AskedBy::Participant),
                    ("supporter", AskedBy::Supporter),
                    ("leader", AskedBy::Leader),
                ];
                request.asked_by = line.one_of("asker", &known)?;
            }
            "scope" => {
                while let Some(code) =
                    line.rest.split_whitespace().next().filter(|one| !endings.contains(one))
                {
                    request.out_of_scope.push(code.into());
                    line.word();
                }
                if request.out_of_scope.is_empty() {
                    return Err(format!("{}: scope names no code of a condition or an issue", line.command));
                }
            }
            "withdraws" => request.withdraws = true,
            "note" => request.note = line.note(),
            _ => {
                let Some(Far::Within(reach)) = line.far(word)? else {
                    let remedy = or_all(word, endings.into_iter());
                    return Err(format!("{}: {word:?} means nothing here; {remedy}", line.command));
                };
                request.reach = Some(reach);
            }
        }
    }
    Ok(request)
}
