//! Changes of a problem, read from a file and made one after another: `x P S` (this pair is forbidden from now on),
//! `l S` (this supporter leaves), `c S CAPACITY`; numbered from 0, `#` begins a comment.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use peermatch::assignment::{Assignment, Edit, LiveAssignment, Problem, verify};

use crate::faults::Faults;
use crate::lines::{Lines, index};

const RECORDS: &str = "the records are `x PARTICIPANT SUPPORTER`, `l SUPPORTER` and `c SUPPORTER CAPACITY`";

/// Reads the first `most` changes.
pub(crate) fn read(path: &Path, problem: &Problem, most: usize) -> Result<Vec<Edit>, Faults> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::new(path);
    let mut edits = Vec::new();
    while edits.len() < most
        && let Some(line) = lines.next(&mut faults)
    {
        let mut words = line.words();
        let Some(kind) = words.next() else { continue };
        if kind.starts_with(b"#") {
            continue;
        }
        let number = line.number;
        let (participants, supporters) = (problem.participants(), problem.supporters());
        match kind {
            b"x" => {
                let fields = ["participant", "supporter"];
                let Some([p, s]) = line.numbers(words, fields, &mut faults) else { continue };
                let p = index(number, fields[0], p, 0, participants, &mut faults);
                let s = index(number, fields[1], s, 0, supporters, &mut faults);
                if let (Some(participant), Some(supporter)) = (p, s) {
                    edits.push(Edit::Forbid { participant, supporter });
                }
            }
            b"l" => {
                let Some([s]) = line.numbers(words, ["supporter"], &mut faults) else { continue };
                if let Some(supporter) = index(number, "supporter", s, 0, supporters, &mut faults) {
                    edits.push(Edit::Capacity { supporter, capacity: 0 });
                }
            }
            b"c" => {
                let fields = ["supporter", "capacity"];
                let Some([s, stated]) = line.numbers(words, fields, &mut faults) else { continue };
                let s = index(number, fields[0], s, 0, supporters, &mut faults);
                let Ok(capacity) = u32::try_from(stated) else {
                    let remedy = "state a number of places, 0 or more, below 2^32";
                    faults.of_number(number, fields[1], stated, "this is no capacity", remedy);
                    continue;
                };
                if let Some(supporter) = s {
                    edits.push(Edit::Capacity { supporter, capacity });
                }
            }
            _ => line.unknown(kind, RECORDS, &mut faults),
        }
    }
    faults.unless_any(edits)
}

/// Makes the changes one after another and prints what the optimum costs after each, and how long it took. With
/// `checked`, every optimum is proven before its line is printed.
pub(crate) fn run(
    problem: &Problem,
    assignment: &Assignment,
    edits: &[Edit],
    checked: bool,
    out: &mut impl Write,
) -> Result<(), String> {
    let told = |error: peermatch::Error| error.to_string();
    let mut live = LiveAssignment::new(problem, assignment).map_err(told)?;
    for (event, edit) in edits.iter().enumerate() {
        let start = Instant::now();
        let outcome = live.apply(std::slice::from_ref(edit)).map_err(told)?;
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
    let problem = live.problem().map_err(told)?;
    let check = verify(&problem, &live.assignment(&problem).map_err(told)?);
    if check.proven_optimal {
        return Ok(());
    }
    Err(format!("the last optimum does not pass its proof: {check}"))
}
