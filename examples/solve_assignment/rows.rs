//! Pairs in the order of a text file, sorted into the rows that a problem is built from.

use peermatch::assignment::Costs;

use crate::faults::Faults;

/// One pair and the line it stands in.
#[derive(Clone, Copy)]
struct Entry {
    participant: u32,
    supporter: u32,
    cost: i64,
    /// Lines beyond 32 bits are told as the last one.
    line: u32,
}

/// Pairs in any order.
#[derive(Default)]
pub(crate) struct Rows(Vec<Entry>);

/// Compressed rows: the pairs of participant `p` are `offsets[p]..offsets[p + 1]`.
#[derive(Default)]
pub(crate) struct Sorted<C = Vec<i64>> {
    pub(crate) offsets: Vec<usize>,
    pub(crate) supporters: Vec<u32>,
    pub(crate) costs: C,
}

impl Sorted {
    /// The same with the costs as the library holds them.
    pub(crate) fn held(self) -> Sorted<Costs> {
        Sorted { offsets: self.offsets, supporters: self.supporters, costs: self.costs.into() }
    }
}

impl Rows {
    pub(crate) fn add(&mut self, participant: u32, supporter: u32, cost: i64, line: u64) {
        let line = line.try_into().unwrap_or(u32::MAX);
        self.0.push(Entry { participant, supporter, cost, line });
    }

    /// The rows; a pair that stands twice is a fault. `whose` names the two ends and `first` is the number of each.
    pub(crate) fn sorted(
        mut self,
        participants: u32,
        whose: [(&str, u32); 2],
        faults: &mut Faults,
    ) -> Sorted {
        let key = |entry: &Entry| (entry.participant, entry.supporter, entry.line);
        if !self.0.is_sorted_by_key(key) {
            self.0.sort_unstable_by_key(key);
        }
        let [(one, from), (other, base)] = whose;
        for two in self.0.windows(2) {
            if (two[0].participant, two[0].supporter) == (two[1].participant, two[1].supporter) {
                let supporter = i64::from(two[1].supporter) + i64::from(base);
                let participant = two[1].participant + from;
                let problem =
                    format!("{one} {participant} has this {other} already, in line {}", two[0].line);
                faults.of_number(two[1].line.into(), other, supporter, problem, "keep one of the two lines");
            }
        }
        let mut sorted = Sorted {
            offsets: vec![0; participants as usize + 1],
            supporters: Vec::with_capacity(self.0.len()),
            costs: Vec::with_capacity(self.0.len()),
        };
        for entry in self.0 {
            sorted.offsets[entry.participant as usize + 1] += 1;
            sorted.supporters.push(entry.supporter);
            sorted.costs.push(entry.cost);
        }
        for p in 1..sorted.offsets.len() {
            sorted.offsets[p] += sorted.offsets[p - 1];
        }
        sorted
    }
}
