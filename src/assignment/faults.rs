//! What is wrong with a problem as it was given: everything, in one go.
//!
//! Who fills a builder from a database wants the whole list and not one fault for each attempt. What does not fit is
//! left out while the rest is looked at, and nothing is built of it.

use super::costs::Costs;
use crate::error::{Error, Result};

/// So many are told in full; the rest are counted.
const TOLD: usize = 50;

/// Faults found so far.
#[derive(Debug, Default)]
pub(super) struct Faults {
    told: Vec<String>,
    count: u64,
}

/// Who names something: said at once, or only where it is wrong.
pub(super) trait Whose {
    fn said(self) -> String;
}

impl Whose for &str {
    fn said(self) -> String {
        self.to_owned()
    }
}

impl<F: FnOnce() -> String> Whose for F {
    fn said(self) -> String {
        self()
    }
}

impl Faults {
    /// Adds one, put into words only if it will be told.
    #[cold]
    pub(super) fn add(&mut self, say: impl FnOnce() -> String) {
        if self.told.len() < TOLD {
            self.told.push(say());
        }
        self.count += 1;
    }

    /// Whether there is an entry of that number; a fault if not.
    pub(super) fn in_range(&mut self, whose: impl Whose, kind: &str, index: u32, count: u32) -> bool {
        if index < count {
            return true;
        }
        self.add(|| {
            let whose = whose.said();
            format!("{whose} names {kind} {index}, but there are {count}; numbers start at 0")
        });
        false
    }

    /// The list, or as many zeros if none was given; a fault if it is of another length.
    pub(super) fn sized<T: Clone + Default>(
        &mut self,
        values: Option<Vec<T>>,
        participants: usize,
        what: &str,
    ) -> Vec<T> {
        match values {
            Some(values) if values.len() == participants => values,
            None => vec![T::default(); participants],
            Some(values) => {
                self.add(|| {
                    let (given, ending) = match values.len() {
                        1 => ("1".to_owned(), " was"),
                        count => (count.to_string(), "s were"),
                    };
                    format!("{given} {what}{ending} given for {participants} participants; give one for each")
                });
                vec![T::default(); participants]
            }
        }
    }

    /// The value if nothing is wrong.
    pub(super) fn unless_any<T>(self, value: T) -> Result<T> {
        match self.count {
            0 => Ok(value),
            1 => Err(Error::problem(self.told.concat())),
            count => {
                let more = count - self.told.len() as u64;
                let rest = if more > 0 { format!("\n  ... and {more} more") } else { String::new() };
                let told = self.told.join("\n  ");
                Err(Error::problem(format!("{count} faults in the problem\n  {told}{rest}")))
            }
        }
    }
}

type Rows = (Vec<usize>, Vec<u32>, Costs);

/// Compressed rows of pairs in any order; nothing, and faults, where pairs name who is not there.
pub(super) fn rows_of(
    mut pairs: Vec<(u32, u32, i64)>,
    participants: u32,
    supporters: u32,
    faults: &mut Faults,
) -> Rows {
    pairs.sort_unstable();
    let mut offsets = vec![0; participants as usize + 1];
    let mut sound = true;
    for &(participant, supporter, _) in &pairs {
        if participant >= participants || supporter >= supporters {
            let pair = || format!("a pair with supporter {supporter}");
            faults.in_range(pair, "participant", participant, participants);
            let pair = || format!("a pair of participant {participant}");
            faults.in_range(pair, "supporter", supporter, supporters);
            sound = false;
        } else {
            offsets[participant as usize + 1] += 1;
        }
    }
    for twice in pairs.windows(2).filter(|two| (two[0].0, two[0].1) == (two[1].0, two[1].1)) {
        faults.add(|| duplicate(twice[0].0 as usize, twice[0].1));
    }
    if !sound {
        return (vec![0; participants as usize + 1], Vec::new(), Vec::<i64>::new().into());
    }
    for p in 0..participants as usize {
        offsets[p + 1] += offsets[p];
    }
    let costs: Vec<i64> = pairs.iter().map(|pair| pair.2).collect();
    (offsets, pairs.iter().map(|pair| pair.1).collect(), costs.into())
}

fn duplicate(participant: usize, supporter: u32) -> String {
    format!("participant {participant} has two pairs with supporter {supporter}; keep one")
}

/// Checks rows that were given compressed.
pub(super) fn check_rows(
    offsets: &[usize],
    supporters: &[u32],
    costs: usize,
    participants: usize,
    count: u32,
    faults: &mut Faults,
) {
    if supporters.len() != costs {
        faults.add(|| {
            format!(
                "{} pair supporters but {costs} pair costs were given; there must be as many of each",
                supporters.len()
            )
        });
    }
    if offsets.len() != participants + 1 {
        faults.add(|| {
            format!(
                "{} row offsets were given for {participants} participants; there must be one more than participants",
                offsets.len()
            )
        });
        return;
    }
    if offsets[0] != 0 || offsets[participants] != supporters.len() {
        faults.add(|| {
            format!(
                "the rows span {}..{} but there are {} pairs; the first offset is 0 and the last the number of pairs",
                offsets[0],
                offsets[participants],
                supporters.len()
            )
        });
    }
    for participant in 0..participants {
        let (start, end) = (offsets[participant], offsets[participant + 1]);
        let Some(row) = supporters.get(start..end) else {
            faults.add(|| {
                format!(
                    "the row of participant {participant} spans {start}..{end} of {} pairs; offsets may not fall",
                    supporters.len()
                )
            });
            continue;
        };
        let mut previous = None;
        for &supporter in row {
            if supporter >= count {
                let pair = || format!("a pair of participant {participant}");
                faults.in_range(pair, "supporter", supporter, count);
            } else if previous == Some(supporter) {
                faults.add(|| duplicate(participant, supporter));
            } else if previous > Some(supporter) {
                faults.add(|| {
                    format!(
                        "the row of participant {participant} is not sorted: supporter {supporter} comes after a higher one"
                    )
                });
            } else {
                previous = Some(supporter);
            }
        }
    }
}
