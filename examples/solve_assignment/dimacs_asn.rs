//! DIMACS assignment files: `p asn NODES ARCS`, `n ID` for each source, `a SOURCE TARGET COST`, numbered from 1; `c`
//! begins a comment. Every source must be matched to a target of its own.
//!
//! *The First DIMACS International Algorithm Implementation Challenge: Problem Definitions and Specifications*
//! (1990).

use std::path::Path;

use crate::faults::Faults;
use crate::instance::{Instance, Unmatched};
use crate::lines::{Lines, index, size};
use crate::rows::Rows;

const RECORDS: &str = "the records are one line `p asn` at the top, `n`, `a` and comments, `c`";

/// A node is a target until a line `n` says otherwise.
const TARGET: u32 = u32::MAX;

pub(crate) fn read(path: &Path) -> Result<Instance, Faults> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::new(path);
    // Nodes and arcs; then the number of each source among the sources.
    let mut header: Option<(u32, u32)> = None;
    let mut source_of: Vec<u32> = Vec::new();
    let mut sources = 0_u32;
    let mut arcs: Vec<(u32, u32, i64, u64)> = Vec::new();
    let mut records = 0_u64;
    while let Some(line) = lines.next(&mut faults) {
        let Some((kind, mut words)) = line.record() else { continue };
        let number = line.number;
        match (kind, header) {
            (b"p", None) if words.next() == Some(b"asn") => {
                let fields = ["nodes", "arcs"];
                let Some([nodes, count]) = line.numbers(words, fields, &mut faults) else { break };
                let nodes = size(number, fields[0], nodes, &mut faults);
                let (Some(nodes), Some(count)) = (nodes, size(number, fields[1], count, &mut faults)) else {
                    break;
                };
                header = Some((nodes, count));
                source_of = vec![TARGET; nodes as usize];
            }
            (b"n", Some((nodes, _))) => {
                let Some([id]) = line.numbers(words, ["id"], &mut faults) else { continue };
                let Some(node) = index(number, "id", id, 1, nodes, &mut faults) else { continue };
                if source_of[node as usize] == TARGET {
                    source_of[node as usize] = sources;
                    sources += 1;
                } else {
                    faults.of_number(
                        number,
                        "id",
                        id,
                        "this source stands in a line before",
                        "keep one of the two",
                    );
                }
            }
            (b"a", Some((nodes, _))) => {
                records += 1;
                let Some([from, to, cost]) = line.numbers(words, ["source", "target", "cost"], &mut faults)
                else {
                    continue;
                };
                let from = index(number, "source", from, 1, nodes, &mut faults);
                let to = index(number, "target", to, 1, nodes, &mut faults);
                if let (Some(from), Some(to)) = (from, to) {
                    arcs.push((from, to, cost, number));
                }
            }
            (b"n" | b"a", None) => break,
            _ => line.unknown(kind, RECORDS, &mut faults),
        }
    }
    let Some((nodes, count)) = header else {
        if faults.is_empty() {
            faults.of_file("no line `p asn` stands before the records", "begin with `p asn NODES ARCS`");
        }
        return Err(faults);
    };
    if records != u64::from(count) {
        faults.of_file(
            format!("{records} lines `a` stand where {count} are announced"),
            "correct the line `p`, or look for what is missing",
        );
    }
    // Targets are numbered like their nodes; a source among the supporters has no place and no pair.
    let mut rows = Rows::default();
    for (from, to, cost, line) in arcs {
        let source = source_of[from as usize];
        if source == TARGET {
            let remedy = "give it a line `n`, or turn the arc";
            faults.of_number(
                line,
                "source",
                i64::from(from) + 1,
                "no line `n` makes this node a source",
                remedy,
            );
        } else if source_of[to as usize] != TARGET {
            let remedy = "let arcs lead from sources to the other nodes";
            faults.of_number(
                line,
                "target",
                i64::from(to) + 1,
                "a line `n` makes this node a source",
                remedy,
            );
        } else {
            rows.add(source, to, cost, line);
        }
    }
    let rows = rows.sorted(sources, [("source", 1), ("target", 1)], &mut faults);
    let capacities = (0..nodes as usize).map(|node| u32::from(source_of[node] == TARGET)).collect();
    faults.unless_any(Instance { unmatched: Unmatched::Never, capacities, rows: rows.held() })
}
