//! The text form of the peer benchmark: `p asg P S E penalty`, `s SUPPORTER CAPACITY`, `e PARTICIPANT SUPPORTER COST`,
//! numbered from 0; `c` begins a comment.

use std::path::Path;

use crate::faults::Faults;
use crate::instance::{Instance, Unmatched};
use crate::lines::{Lines, index, size};
use crate::rows::Rows;

const RECORDS: &str = "the records are one line `p asg` at the top, `s`, `e` and comments, `c`";

struct Header {
    participants: u32,
    supporters: u32,
    pairs: u32,
    penalty: i64,
}

pub(crate) fn read(path: &Path) -> Result<Instance, Faults> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::new(path);
    let mut header: Option<Header> = None;
    let mut capacities: Vec<Option<u32>> = Vec::new();
    let mut rows = Rows::default();
    let mut records = 0_u64;
    // Lines `s` that do not tell whose they are, and whose did not tell a capacity.
    let (mut nameless, mut without_number) = (0_u32, Vec::new());
    while let Some(line) = lines.next(&mut faults) {
        let Some((kind, mut words)) = line.record() else { continue };
        let number = line.number;
        match (kind, &header) {
            (b"p", None) if words.next() == Some(b"asg") => {
                let fields = ["participants", "supporters", "pairs", "penalty"];
                let Some([p, s, e, penalty]) = line.numbers(words, fields, &mut faults) else { break };
                let sizes = [(fields[0], p), (fields[1], s), (fields[2], e)];
                let [Some(participants), Some(supporters), Some(pairs)] =
                    sizes.map(|(field, value)| size(number, field, value, &mut faults))
                else {
                    break;
                };
                capacities = vec![None; supporters as usize];
                header = Some(Header { participants, supporters, pairs, penalty });
            }
            (b"s", Some(header)) => {
                let fields = ["supporter", "capacity"];
                nameless += 1;
                let Some([s, stated]) = line.numbers(words, fields, &mut faults) else { continue };
                let s = index(number, fields[0], s, 0, header.supporters, &mut faults);
                let Ok(capacity) = u32::try_from(stated) else {
                    let remedy = "state a number of places, 0 or more, below 2^32";
                    faults.of_number(number, fields[1], stated, "this is no capacity", remedy);
                    without_number.extend(s);
                    nameless -= u32::from(s.is_some());
                    continue;
                };
                nameless -= u32::from(s.is_some());
                if let Some(s) = s
                    && capacities[s as usize].replace(capacity).is_some()
                {
                    let problem = "the capacity of this supporter was stated before";
                    faults.of_number(number, fields[0], s.into(), problem, "keep one of the two lines");
                }
            }
            (b"e", Some(header)) => {
                records += 1;
                let fields = ["participant", "supporter", "cost"];
                let Some([p, s, cost]) = line.numbers(words, fields, &mut faults) else { continue };
                let p = index(number, fields[0], p, 0, header.participants, &mut faults);
                let s = index(number, fields[1], s, 0, header.supporters, &mut faults);
                if let (Some(p), Some(s)) = (p, s) {
                    rows.add(p, s, cost, number);
                }
            }
            (b"s" | b"e", None) => break,
            _ => line.unknown(kind, RECORDS, &mut faults),
        }
    }
    let Some(header) = header else {
        if faults.is_empty() {
            faults.of_file("no line `p asg` stands before the records", "begin with `p asg P S E penalty`");
        }
        return Err(faults);
    };
    if records != u64::from(header.pairs) {
        faults.of_file(
            format!("{records} lines `e` stand where {} are announced", header.pairs),
            "correct the line `p`, or look for what is missing",
        );
    }
    // Whose line has a fault has one, whoever that is.
    without_number.sort_unstable();
    let is_without = |s: &u32| capacities[*s as usize].is_none() && without_number.binary_search(s).is_err();
    let without: Vec<u32> = (0..capacities.len() as u32).filter(is_without).collect();
    let missing = without.len().saturating_sub(nameless as usize);
    if missing > 0 {
        let first = without.first().filter(|_| nameless == 0);
        let first = first.map_or_else(String::new, |first| {
            format!(": {}{first}", if missing > 1 { "the first of them is " } else { "" })
        });
        faults.of_file(
            match missing {
                1 => format!("a supporter has no line `s`{first}"),
                _ => format!("{missing} supporters have no line `s`{first}"),
            },
            "state the capacity of each, 0 for none",
        );
    }
    let rows = rows.sorted(header.participants, [("participant", 0), ("supporter", 0)], &mut faults);
    faults.unless_any(Instance {
        unmatched: Unmatched::At(header.penalty),
        capacities: capacities.into_iter().flatten().collect(),
        rows: rows.held(),
    })
}
