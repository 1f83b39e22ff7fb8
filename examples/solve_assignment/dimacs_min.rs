//! DIMACS minimum-cost flow files that are transportation problems: `p min NODES ARCS`, `n ID FLOW` (positive for a
//! source, negative for a sink), `a FROM TO LOW CAPACITY COST`, numbered from 1; `c` begins a comment.
//!
//! What can be held: arcs lead from sources straight to sinks, without lower bounds, and their capacities do not bind.
//! A source of supply k is then as good as k sources of supply 1 with the same arcs, and likewise a sink; the side
//! whose units need fewer pairs becomes the participants, the other side keeps its numbers as capacities. All supplies
//! and demands must be met.
//!
//! *The First DIMACS International Algorithm Implementation Challenge: Problem Definitions and Specifications*
//! (1990).

use std::path::Path;

use crate::faults::Faults;
use crate::instance::{Instance, Unmatched};
use crate::lines::{LARGEST_SIZE, Lines, index, size};
use crate::rows::{Rows, Sorted};

const RECORDS: &str = "the records are one line `p min` at the top, `n`, `a` and comments, `c`";

/// Pairs beyond this, after sources or sinks are taken apart into units, are refused.
const MOST_PAIRS: i64 = 1 << 31;

struct Arc {
    from: u32,
    to: u32,
    cost: i64,
    capacity: i64,
    line: u64,
}

/// The nodes by what they supply, and the arcs that can be held.
struct Network {
    supply: Vec<i64>,
    arcs: Vec<Arc>,
}

pub(crate) fn read(path: &Path) -> Result<Instance, Faults> {
    let mut faults = Faults::new(path);
    let Some(mut network) = records(path, &mut faults)? else { return Err(faults) };
    network.keep_what_can_be_held(&mut faults);
    let rows = network.rows(&mut faults);
    match rows {
        Some(instance) => faults.unless_any(instance),
        None => Err(faults),
    }
}

fn records(path: &Path, faults: &mut Faults) -> Result<Option<Network>, Faults> {
    let mut lines = Lines::open(path)?;
    let mut header: Option<(u32, u32)> = None;
    let mut stated: Vec<Option<i64>> = Vec::new();
    let mut arcs = Vec::new();
    let mut count = 0_u64;
    while let Some(line) = lines.next(faults) {
        let Some((kind, mut words)) = line.record() else { continue };
        let number = line.number;
        match (kind, header) {
            (b"p", None) if words.next() == Some(b"min") => {
                let fields = ["nodes", "arcs"];
                let Some([nodes, count]) = line.numbers(words, fields, faults) else { break };
                let nodes = size(number, fields[0], nodes, faults);
                let (Some(nodes), Some(count)) = (nodes, size(number, fields[1], count, faults)) else {
                    break;
                };
                header = Some((nodes, count));
                stated = vec![None; nodes as usize];
            }
            (b"n", Some((nodes, _))) => {
                let Some([id, flow]) = line.numbers(words, ["id", "flow"], faults) else { continue };
                let Some(node) = index(number, "id", id, 1, nodes, faults) else { continue };
                if flow.unsigned_abs() > LARGEST_SIZE as u64 {
                    let remedy = format!("state a flow of no more than {LARGEST_SIZE} units either way");
                    faults.of_number(number, "flow", flow, "this is more than can be held", remedy);
                } else if stated[node as usize].replace(flow).is_some() {
                    let problem = "the flow of this node was stated before";
                    faults.of_number(number, "id", id, problem, "keep one of the two lines");
                }
            }
            (b"a", Some((nodes, _))) => {
                count += 1;
                let fields = ["from", "to", "low", "capacity", "cost"];
                let Some([from, to, low, capacity, cost]) = line.numbers(words, fields, faults) else {
                    continue;
                };
                if low != 0 {
                    let problem = "a lower bound on an arc cannot be held";
                    faults.of_number(
                        number,
                        fields[2],
                        low,
                        problem,
                        "state 0, or solve this as a general flow",
                    );
                }
                if capacity < 0 {
                    let remedy = "state the most that may flow, 0 or more";
                    faults.of_number(number, fields[3], capacity, "this is no capacity", remedy);
                }
                let from = index(number, fields[0], from, 1, nodes, faults);
                let to = index(number, fields[1], to, 1, nodes, faults);
                if let (Some(from), Some(to)) = (from, to) {
                    arcs.push(Arc { from, to, cost, capacity, line: number });
                }
            }
            (b"n" | b"a", None) => break,
            _ => line.unknown(kind, RECORDS, faults),
        }
    }
    let Some((_, announced)) = header else {
        if faults.is_empty() {
            faults.of_file("no line `p min` stands before the records", "begin with `p min NODES ARCS`");
        }
        return Ok(None);
    };
    if count != u64::from(announced) {
        faults.of_file(
            format!("{count} lines `a` stand where {announced} are announced"),
            "correct the line `p`, or look for what is missing",
        );
    }
    Ok(Some(Network { supply: stated.into_iter().map(Option::unwrap_or_default).collect(), arcs }))
}

impl Network {
    /// Names every arc that is no arc of a transportation problem, and leaves out those that can carry nothing.
    fn keep_what_can_be_held(&mut self, faults: &mut Faults) {
        let supply = &self.supply;
        self.arcs.retain(|arc| {
            let (from, to) = (supply[arc.from as usize], supply[arc.to as usize]);
            let remedy = "let arcs lead from sources straight to sinks, or solve this as a general flow";
            if from <= 0 {
                let problem =
                    if from == 0 { "no line `n` makes this node a source" } else { "this node is a sink" };
                faults.of_number(arc.line, "from", i64::from(arc.from) + 1, problem, remedy);
            }
            if to >= 0 {
                let problem =
                    if to == 0 { "no line `n` makes this node a sink" } else { "this node is a source" };
                faults.of_number(arc.line, "to", i64::from(arc.to) + 1, problem, remedy);
            }
            let could = from.min(-to);
            if from > 0 && to < 0 && (1..could).contains(&arc.capacity) {
                let problem = format!("this capacity can bind: {could} units could flow");
                let remedy = format!("state 0, or {could} or more, or solve this as a general flow");
                faults.of_number(arc.line, "capacity", arc.capacity, problem, remedy);
            }
            arc.capacity > 0
        });
        let sum = |sign: i64| supply.iter().map(|&flow| (sign * flow).max(0)).sum::<i64>();
        let (supplied, demanded) = (sum(1), sum(-1));
        if supplied != demanded {
            faults.of_file(
                format!("the sources supply {supplied} units and the sinks demand {demanded}: infeasible"),
                "let them be equal, with a further source or sink where something may be left",
            );
        } else if supplied > LARGEST_SIZE {
            faults.of_file(
                format!("{supplied} units are more than can be held"),
                format!("solve no more than {LARGEST_SIZE} units"),
            );
        }
    }

    /// The units of one side as participants, the nodes of the other as supporters.
    fn rows(self, faults: &mut Faults) -> Option<Instance> {
        let units = |sign: i64, node: u32| (sign * self.supply[node as usize]).max(0);
        let pairs = |sign: i64, end: fn(&Arc) -> u32| -> i64 {
            self.arcs.iter().map(|arc| units(sign, end(arc))).fold(0, i64::saturating_add)
        };
        let (by_source, by_sink) = (pairs(1, |arc| arc.from), pairs(-1, |arc| arc.to));
        let (sign, most) = if by_source <= by_sink { (1, by_source) } else { (-1, by_sink) };
        if most > MOST_PAIRS {
            faults.of_file(
                format!("{most} pairs of single units are more than can be held"),
                "let one of the two sides have small supplies or demands",
            );
        }
        let mut by_node = Rows::default();
        for arc in &self.arcs {
            let (one, other) = if sign == 1 { (arc.from, arc.to) } else { (arc.to, arc.from) };
            by_node.add(one, other, arc.cost, arc.line);
        }
        let ends = [("node", 1), (if sign == 1 { "to" } else { "from" }, 1)];
        let nodes = by_node.sorted(self.supply.len() as u32, ends, faults);
        if !faults.is_empty() {
            return None;
        }
        let mut rows: Sorted = Sorted { offsets: vec![0], ..Sorted::default() };
        rows.supporters.reserve_exact(most as usize);
        rows.costs.reserve_exact(most as usize);
        for (node, range) in nodes.offsets.windows(2).enumerate() {
            for _ in 0..units(sign, node as u32) {
                rows.supporters.extend_from_slice(&nodes.supporters[range[0]..range[1]]);
                rows.costs.extend_from_slice(&nodes.costs[range[0]..range[1]]);
                rows.offsets.push(rows.costs.len());
            }
        }
        let capacities = (0..self.supply.len() as u32).map(|node| units(-sign, node) as u32).collect();
        Some(Instance { unmatched: Unmatched::Never, capacities, rows: rows.held() })
    }
}
