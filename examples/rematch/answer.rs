//! Each command carried out, and its answer printed.

use std::io::{self, Write};

use peermatch::matcher::{Answer, Change, Request};
use peermatch::matching::{Matching, Reason};

use crate::command::{Command, HELP, Happening};
use crate::session::{Failed, Session};
use crate::tell;
use crate::watch::patiently;
use crate::why::left;
use crate::words::{counted, nearest};

/// What comes of a command that was done.
pub(crate) enum Next {
    GoOn,
    Quit,
}

/// Why a command was not done, or could not be told of.
pub(crate) enum Trouble {
    Failed(Failed),
    Output(io::Error),
}

impl<E: Into<Failed>> From<E> for Trouble {
    fn from(error: E) -> Self {
        Self::Failed(error.into())
    }
}

type Done<T> = Result<T, Trouble>;

fn printed(result: io::Result<()>) -> Done<()> {
    result.map_err(Trouble::Output)
}

impl Session {
    /// Does what a line asks for and prints what came of it.
    pub(crate) fn answer(&mut self, command: Command, out: &mut dyn Write) -> Done<Next> {
        match command {
            Command::Happens(happening) => self.happens(happening, out)?,
            Command::Gone { id, reach } => {
                let happening = self.leaving(&id, reach);
                self.happens(happening, out)?;
            }
            Command::Drill(happening) => {
                let answer = patiently(|| self.drill(happening))?;
                printed(writeln!(out, "A drill: everything stays as it is. This is what would happen."))?;
                printed(tell::answer(out, &self.matcher, &answer, true))?;
            }
            Command::Undo => {
                let answer = self.make(Request::Undo)?;
                printed(tell::answer(out, &self.matcher, &answer, false))?;
            }
            Command::Options(request) => {
                let options = patiently(|| self.matcher.rematch_options(&request, self.on))?;
                let most = self.matcher.policy().rematch.most_displaced;
                printed(tell::options(out, &request, (&options, most)))?;
            }
            Command::Losses(most) => {
                let mut losses = patiently(|| self.matcher.losses(self.on))?;
                losses.truncate(most);
                let at_once = self.matcher.bound()?.is_some();
                printed(tell::losses(out, &losses, at_once))?;
            }
            Command::Alternates(id) => self.alternates(&id, out)?,
            Command::Who(id) => self.who(&id, out)?,
            Command::Caseload(id) => self.caseload(&id, out)?,
            Command::Waiting(most) => printed(waiting(out, &self.matcher.matching()?, most))?,
            Command::Held => {
                let held = self.matcher.held()?;
                if held.is_empty() {
                    printed(writeln!(out, "Nobody is held."))?;
                } else {
                    let ids = tell::ids(held.iter().map(|id| id.as_str()));
                    printed(writeln!(out, "Held by an earlier choice: {ids}. `settle` lets go."))?;
                }
            }
            Command::Quality => printed(tell::quality(out, &self.matcher))?,
            Command::On(day) => {
                self.on = day;
                printed(writeln!(out, "It is {day}."))?;
            }
            Command::Save(path) => {
                let path = self.save(path.as_deref())?;
                printed(writeln!(
                    out,
                    "Saved to {}. What came before cannot be undone any more.",
                    path.display()
                ))?;
            }
            Command::Heading(words) => printed(writeln!(out, "\n== {words}"))?,
            Command::Help => printed(writeln!(out, "{HELP}"))?,
            Command::Nothing => {}
            Command::Quit => return Ok(Next::Quit),
        }
        Ok(Next::GoOn)
    }

    fn happens(&mut self, happening: Happening, out: &mut dyn Write) -> Done<()> {
        let arrived = match &happening {
            Happening::Change(Change::ParticipantArrives { participant }, _) => Some(participant.id.clone()),
            _ => None,
        };
        let chooses = match &happening {
            Happening::Rematch(request) if !request.withdraws => {
                let follows = self.matcher.policy().rematch.consequences(request.reason);
                follows.offer_cards.then(|| (request.participant.clone(), follows.rematch))
            }
            _ => None,
        };
        let request = happening.request(self.matcher.policy().rematch.reach);
        let answer = patiently(|| self.make(request))?;
        if let Answer::Rematched(told) = &answer
            && chooses.as_ref().is_some_and(|(_, is_matched)| !is_matched)
        {
            printed(writeln!(out, "{} is to choose, and has nobody until then.", told.participant))?;
        }
        printed(tell::answer(out, &self.matcher, &answer, false))?;
        if let Some(id) = arrived
            && let Some(row) = self.matcher.matching()?.unmatched.iter().find(|row| row.participant == id)
        {
            printed(writeln!(out, "{id} asked for support:").and_then(|()| tell::nobody(out, row)))?;
        }
        if let Some((id, _)) = chooses {
            self.alternates(id.as_str(), out)?;
        }
        Ok(())
    }

    fn alternates(&mut self, id: &str, out: &mut dyn Write) -> Done<()> {
        let most = self.matcher.policy().rematch.alternates as usize;
        let all = self.matcher.alternates(id, most, self.on)?;
        printed(tell::alternates(out, id, &all))
    }

    fn who(&self, id: &str, out: &mut dyn Write) -> Done<()> {
        let program = self.matcher.program();
        if program.participant_index(id).is_none() {
            return Err(unknown("participant", id, program.participants().iter().map(|one| one.id.as_str())));
        }
        let matching = self.matcher.matching()?;
        if let Some(found) = matching.of_participant(id) {
            let standing = program.standing_of(id);
            let since = standing.and_then(|row| row.since);
            let days = since.map_or_else(String::new, |since| format!(" since {since}"));
            printed(writeln!(out, "{id} is with {}{days}.", found.supporter))?;
            printed(tell::explanation(out, found))?;
            if let Some(since) = since {
                let horizon = self.on.checked_add(jiff::Span::new().months(3)).unwrap_or(self.on);
                let mut due = self.matcher.policy().follow_up.due(since, horizon);
                due.retain(|due| due.due >= self.on);
                printed(tell::due(out, &due))?;
            }
        } else if let Some(row) = matching.unmatched.iter().find(|row| row.participant.as_str() == id) {
            printed(writeln!(out, "{id} (urgency {}):", row.urgency).and_then(|()| tell::nobody(out, row)))?;
        }
        Ok(())
    }

    fn caseload(&self, id: &str, out: &mut dyn Write) -> Done<()> {
        let program = self.matcher.program();
        let Some(place) = program.supporter_index(id) else {
            return Err(unknown("supporter", id, program.supporters().iter().map(|one| one.id.as_str())));
        };
        let record = &program.supporters()[place];
        let status = record.status.as_str().replace('_', " ");
        let until = record.leave_until.map_or_else(String::new, |day| format!(" until {day}"));
        let matching = self.matcher.matching()?;
        let pairs: Vec<_> = matching.of_supporter(id).collect();
        let capacity = self.matcher.policy().loads.capacity(record.capacity);
        printed(writeln!(out, "{id} is {status}{until} and has {} of {capacity}.", pairs.len()))?;
        for pair in pairs {
            printed(writeln!(out, "  {} ({})", pair.participant, pair.score()))?;
        }
        Ok(())
    }
}

fn waiting(out: &mut dyn Write, matching: &Matching, most: usize) -> io::Result<()> {
    let mut rows: Vec<_> = matching.unmatched.iter().filter(|row| row.reason != Reason::NoConsent).collect();
    rows.sort_by_key(|row| std::cmp::Reverse(row.urgency));
    writeln!(
        out,
        "{} waiting, the most urgent first:",
        counted(rows.len() as u64, "participant is", "participants are")
    )?;
    for row in rows.iter().take(most) {
        writeln!(out, "  {} (urgency {})", left(row), row.urgency)?;
    }
    if rows.len() > most { writeln!(out, "  ... and {} more", rows.len() - most) } else { Ok(()) }
}

fn unknown<'a>(what: &str, id: &str, known: impl Iterator<Item = &'a str>) -> Trouble {
    let remedy = match nearest(id, known.filter(|known| !known.is_empty())) {
        Some(near) => format!("perhaps {near} was meant"),
        None => format!("name a {what} of the programme"),
    };
    Trouble::Failed(Failed::Refused(format!("{id}: there is no such {what}; {remedy}")))
}
