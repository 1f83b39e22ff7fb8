//! Changes of a problem, read from a file and made one after another: `x P S` (this pair is forbidden from now on),
//! `a P S` (it is allowed again, at what it costs in the problem), `l S` (this supporter leaves), `r S` (comes back,
//! with the places it has in the problem), `c S CAPACITY`; numbered from 0, `#` begins a comment.
//!
//! The file is read twice, once to tell all its faults before anything is changed: so memory does not grow with it.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use peermatch::assignment::{Assignment, Edit, LiveAssignment, Problem, verify};

use crate::faults::Faults;
use crate::lines::{Line, Lines, index};

const RECORDS: &str = "the records are `x PARTICIPANT SUPPORTER`, `a PARTICIPANT SUPPORTER`, `l SUPPORTER`, `r SUPPORTER` \
                       and `c SUPPORTER CAPACITY`";

/// A file of changes.
pub(crate) struct Events<'a> {
    lines: Lines,
    problem: &'a Problem,
    left: usize,
    faults: Faults,
}

impl<'a> Events<'a> {
    fn open(path: &'a Path, problem: &'a Problem, most: usize) -> Result<Self, Faults> {
        Ok(Self { lines: Lines::open(path)?, problem, left: most, faults: Faults::new(path) })
    }

    /// The first `most` changes of a file in which all of them are sound, and nothing made of it yet.
    pub(crate) fn checked(path: &'a Path, problem: &'a Problem, most: usize) -> Result<Self, Faults> {
        let mut events = Self::open(path, problem, most)?;
        while events.next().is_some() {}
        events.faults.unless_any(())?;
        Self::open(path, problem, most)
    }

    /// The next line that is a change, and not one with a fault.
    fn next(&mut self) -> Option<Edit> {
        while self.left > 0 {
            let line = self.lines.next(&mut self.faults)?;
            if let Some(edit) = read(line, self.problem, &mut self.faults) {
                self.left -= 1;
                return Some(edit);
            }
        }
        None
    }

    /// Whether the file has changed since it was checked, or can be read no more.
    fn faults(self) -> Result<(), String> {
        self.faults.unless_any(()).map_err(|faults| faults.to_string())
    }
}

/// The change that stands in a line; none in an empty line or a comment, and none, and faults, in one that is not sound.
fn read(line: Line<'_>, problem: &Problem, faults: &mut Faults) -> Option<Edit> {
    let mut words = line.words();
    let kind = words.next().filter(|kind| !kind.starts_with(b"#"))?;
    let number = line.number;
    let (participants, supporters) = (problem.participants(), problem.supporters());
    match kind {
        b"x" | b"a" => {
            let fields = ["participant", "supporter"];
            let [p, s] = line.numbers(words, fields, faults)?;
            let p = index(number, fields[0], p, 0, participants, faults);
            let supporter = index(number, fields[1], s, 0, supporters, faults)?;
            let participant = p?;
            if kind == b"x" {
                return Some(Edit::Forbid { participant, supporter });
            }
            let Some((_, cost)) = problem.row(participant).find(|pair| pair.0 == supporter) else {
                let remedy = "name a pair that stands in the problem";
                faults.of_number(
                    number,
                    fields[1],
                    s,
                    "the two are no pair that could be allowed again",
                    remedy,
                );
                return None;
            };
            Some(Edit::Allow { participant, supporter, cost })
        }
        b"l" | b"r" => {
            let [s] = line.numbers(words, ["supporter"], faults)?;
            let supporter = index(number, "supporter", s, 0, supporters, faults)?;
            let capacity = if kind == b"l" { 0 } else { problem.capacity(supporter) };
            Some(Edit::Capacity { supporter, capacity })
        }
        b"c" => {
            let fields = ["supporter", "capacity"];
            let [s, stated] = line.numbers(words, fields, faults)?;
            let s = index(number, fields[0], s, 0, supporters, faults);
            let Ok(capacity) = u32::try_from(stated) else {
                let remedy = "state a number of places, 0 or more, below 2^32";
                faults.of_number(number, fields[1], stated, "this is no capacity", remedy);
                return None;
            };
            Some(Edit::Capacity { supporter: s?, capacity })
        }
        _ => {
            line.unknown(kind, RECORDS, faults);
            None
        }
    }
}

/// Makes the changes one after another and prints what the optimum costs after each, and how long it took. With
/// `checked`, every optimum is proven before its line is printed.
pub(crate) fn run(
    problem: &Problem,
    assignment: &Assignment,
    mut events: Events<'_>,
    checked: bool,
    out: &mut impl Write,
) -> Result<(), String> {
    let told = |error: peermatch::Error| error.to_string();
    let mut live = LiveAssignment::new(problem, assignment).map_err(told)?;
    for event in 0_u64.. {
        let Some(edit) = events.next() else { break };
        let start = Instant::now();
        let outcome = live.apply(&[edit]).map_err(told)?;
        let took = start.elapsed();
        if checked {
            let check = live.verify();
            if !check.is_valid() {
                return Err(format!("event {event} does not pass its own proof: {check}"));
            }
        }
        let milliseconds = took.as_secs_f64() * 1000.0;
        writeln!(out, "event={event} objective={} ms={milliseconds:.4}", outcome.after.quality)
            .map_err(|error| format!("cannot be written: {error}"))?;
    }
    events.faults()?;
    let problem = live.problem().map_err(told)?;
    let check = verify(&problem, &live.assignment(&problem).map_err(told)?);
    if check.proven_optimal {
        return Ok(());
    }
    Err(format!("the last optimum does not pass its proof: {check}"))
}
