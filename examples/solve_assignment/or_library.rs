//! Assignment files of OR-Library, numbers alone, separated by spaces and line ends as the file likes:
//!
//! * dense (`assign100` to `assign800`): n, then for each row in turn its n costs;
//! * sparse (`assignp800` to `assignp5000`): n, then `i j cost` for each pair, numbered from 1.
//!
//! Every row must be matched.
//!
//! J. E. Beasley, "OR-Library: distributing test problems by electronic mail", Journal of the Operational Research
//! Society 41 (1990), 1069-1072.

use std::path::Path;

use crate::faults::{Faults, Place};
use crate::instance::{Instance, Unmatched};
use crate::lines::{Lines, index};
use crate::rows::{Rows, Sorted};

/// Rows of a dense file beyond this would be more pairs than any memory at hand holds.
const MOST_DENSE: i64 = 50_000;

/// Rows of a sparse file beyond this are refused.
const MOST_SPARSE: i64 = crate::lines::LARGEST_SIZE;

/// What the layout of a file says about which of the two it is.
pub(crate) struct Layout {
    size: Option<i64>,
    /// Numbers after the size.
    numbers: u64,
    /// Lines with any of them, and those with three.
    lines: u64,
    triples: u64,
}

/// Looks through a file without understanding more of it than its first number.
pub(crate) fn layout(path: &Path) -> Result<Layout, Faults> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::new(path);
    let mut layout = Layout { size: None, numbers: 0, lines: 0, triples: 0 };
    let mut begun = false;
    while let Some(line) = lines.next(&mut faults) {
        let mut words = line.words();
        if !begun && let Some(word) = words.next() {
            begun = true;
            layout.size = crate::lines::integer(word);
        }
        let count = words.count() as u64;
        layout.numbers += count;
        layout.lines += u64::from(count > 0);
        layout.triples += u64::from(count == 3);
    }
    faults.unless_any(layout)
}

impl Layout {
    /// Whether it is a sparse file; `None` if it can be read as either.
    pub(crate) fn is_sparse(&self) -> Option<bool> {
        let square = self.size.and_then(|size| size.checked_mul(size));
        let complete = square.is_some_and(|square| u64::try_from(square) == Ok(self.numbers));
        let all_triples = self.lines == self.triples && self.lines > 0;
        match (complete, all_triples) {
            (true, true) => None,
            (true, false) => Some(false),
            // A damaged file of either sort is still mostly what it was.
            (false, _) => Some(self.triples * 2 > self.lines),
        }
    }
}

pub(crate) fn read_dense(path: &Path) -> Result<Instance, Faults> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::new(path);
    let mut costs: Vec<i64> = Vec::new();
    let (mut size, mut expected, mut extra) = (None, 0, 0_u64);
    'file: while let Some(line) = lines.next(&mut faults) {
        for word in line.words() {
            if size.is_none() {
                let Some(stated) = line.number_in(word, "size", &mut faults) else { break 'file };
                if !(0..=MOST_DENSE).contains(&stated) {
                    let remedy = format!("state a number of rows between 0 and {MOST_DENSE}");
                    faults.of_number(line.number, "size", stated, "this is no size", remedy);
                    break 'file;
                }
                size = Some(stated as usize);
                expected = (stated * stated) as usize;
            } else if costs.len() == expected {
                extra += 1;
            } else {
                costs.push(line.number_in(word, "cost", &mut faults).unwrap_or(0));
            }
        }
    }
    let Some(size) = size else {
        if faults.is_empty() {
            faults.of_file("it is empty", "begin with the number of rows");
        }
        return Err(faults);
    };
    if costs.len() < expected || extra > 0 {
        faults.of_file(
            format!("{} costs stand where {size} rows take {expected}", costs.len() as u64 + extra),
            "correct the size at the top, look for what is missing, or name the --format",
        );
        return Err(faults);
    }
    let rows = Sorted {
        offsets: (0..=size).map(|row| row * size).collect(),
        supporters: (0..size).flat_map(|_| 0..size as u32).collect(),
        costs,
    };
    faults.unless_any(Instance { unmatched: Unmatched::Never, capacities: vec![1; size], rows: rows.held() })
}

pub(crate) fn read_sparse(path: &Path) -> Result<Instance, Faults> {
    let mut lines = Lines::open(path)?;
    let mut faults = Faults::new(path);
    let mut rows = Rows::default();
    let fields = ["i", "j", "cost"];
    let mut size: Option<u32> = None;
    let (mut triple, mut filled, mut sound) = ([0; 3], 0, true);
    while let Some(line) = lines.next(&mut faults) {
        for word in line.words() {
            let Some(size) = size else {
                let Some(stated) = line.number_in(word, "size", &mut faults) else { return Err(faults) };
                if !(0..=MOST_SPARSE).contains(&stated) {
                    let remedy = format!("state a number of rows between 0 and {MOST_SPARSE}");
                    faults.of_number(line.number, "size", stated, "this is no size", remedy);
                    return Err(faults);
                }
                size = Some(stated as u32);
                continue;
            };
            match line.number_in(word, fields[filled], &mut faults) {
                Some(number) => triple[filled] = number,
                None => sound = false,
            }
            filled += 1;
            if filled == 3 {
                if sound {
                    let i = index(line.number, fields[0], triple[0], 1, size, &mut faults);
                    let j = index(line.number, fields[1], triple[1], 1, size, &mut faults);
                    if let (Some(i), Some(j)) = (i, j) {
                        rows.add(i, j, triple[2], line.number);
                    }
                }
                (filled, sound) = (0, true);
            }
        }
        if filled > 0 && faults.is_empty() {
            // Otherwise one missing number would shift the meaning of all that follow.
            let place = Place { line: Some(line.number), ..Place::default() };
            faults.add(
                place,
                "the numbers do not come in threes",
                "write `i j cost` for each pair, or name the --format",
            );
        }
        (filled, sound) = (0, true);
    }
    let Some(size) = size else {
        faults.of_file("it is empty", "begin with the number of rows");
        return Err(faults);
    };
    let rows = rows.sorted(size, [("row", 1), ("j", 1)], &mut faults);
    faults.unless_any(Instance {
        unmatched: Unmatched::Never,
        capacities: vec![1; size as usize],
        rows: rows.held(),
    })
}
