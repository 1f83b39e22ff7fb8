//! Codes as small numbers, with the likeness of every two of them in a table.

use super::csr::Csr;
use super::distinct::Distinct;
use super::judgement::Likeness;
use super::numbered::Numbered;
use super::table::Table;
use crate::policy::criteria::{Overlap, SCORE_ONE, to_micro};
use crate::program::{Code, Taxonomy};

/// The codes of one taxonomy as the two sides use them.
#[derive(Debug, Clone)]
pub(super) struct CodeTable {
    pub(super) overlap: Overlap,
    /// Distinct codes of supporters.
    theirs: Numbered<Code>,
    /// Distinct codes of participants.
    ours: Numbered<Code>,
    /// Likeness in millionths, a row of `theirs` for each of `ours`.
    likeness: Table<u32>,
    pub(super) participants: Distinct<u32>,
    pub(super) supporters: Distinct<u32>,
    /// For each of `ours`, in a row, the likeness of the most alike code in each of the supporters' different lists;
    /// `None` where that would be too large to keep.
    nearest: Option<Table<u32>>,
    /// Distinct codes that some supporter does not take, for each of `ours` those it lies at or below.
    falls_under: Csr<u32>,
    exclusions: Numbered<Code>,
    /// For each supporter the codes, numbered as in `falls_under`, that they do not take.
    excluded: Csr<u32>,
    /// How often each number of `ours` was given to a code.
    given: Vec<u32>,
    /// The weights of the codes of a list, as far as the longest of the participants' lists goes.
    weights: Vec<u32>,
}

/// Most entries of [`CodeTable::nearest`]: 128 MiB.
const MOST_NEAREST: usize = 1 << 25;

impl CodeTable {
    /// 4 bytes for each pair of a code that participants use and one that supporters use; and for each pair of a code
    /// that participants use and a list of codes that supporters have, up to 128 MiB.
    pub(super) fn new<'a>(
        taxonomy: &Taxonomy,
        all_participants: impl Iterator<Item = &'a [Code]>,
        all_supporters: impl Iterator<Item = (&'a [Code], &'a [Code])>,
        overlap: Overlap,
    ) -> Self {
        let (mut ours, mut theirs, mut exclusions) =
            (Numbered::default(), Numbered::default(), Numbered::default());
        let (mut participants, mut supporters, mut excluded) =
            (Distinct::default(), Distinct::default(), Csr::default());
        let mut longest = 0;
        for (row, codes) in all_participants.enumerate() {
            let list = ours.take_all(codes, |_| {});
            longest = longest.max(list.len());
            participants.set(row, list).release(&mut ours);
        }
        for (row, (codes, not_taken)) in all_supporters.enumerate() {
            supporters.set(row, theirs.take_all(codes, |_| {})).release(&mut theirs);
            excluded.set(row, &exclusions.take_all(not_taken, |_| {}));
        }
        let likeness = Table::new(ours.len(), theirs.len(), |own, other| {
            like(taxonomy, &ours.values()[own], &theirs.values()[other])
        });
        let nearest = (ours.len().saturating_mul(supporters.len()) <= MOST_NEAREST).then(|| {
            Table::new(ours.len(), supporters.len(), |own, list| {
                most_alike(&likeness, own as u32, supporters.list(list))
            })
        });
        let falls_under =
            Csr::from_rows(ours.values().iter().map(|code| under(taxonomy, code, exclusions.values())));
        Self {
            given: vec![1; ours.len()],
            overlap,
            theirs,
            ours,
            likeness,
            participants,
            supporters,
            nearest,
            falls_under,
            exclusions,
            excluded,
            weights: overlap.code_weights(longest).collect(),
        }
    }

    /// A participant, whom there was not or who changed, has these codes. Linear in the codes and lists of the
    /// supporters for each code that no participant had.
    pub(super) fn set_participant(&mut self, taxonomy: &Taxonomy, row: usize, codes: &[Code]) {
        let mut new = Vec::new();
        let list = self.ours.take_all(codes, |number| new.push(number));
        self.given.resize(self.ours.len(), 0);
        for own in new {
            self.given[own as usize] += 1;
            let code = self.ours.value(own);
            self.likeness.set_row(own as usize, |other| like(taxonomy, code, &self.theirs.values()[other]));
            self.falls_under.set(own as usize, &under(taxonomy, code, self.exclusions.values()));
            if let Some(nearest) = &mut self.nearest {
                let supporters = &self.supporters;
                nearest.set_row(own as usize, |list| most_alike(&self.likeness, own, supporters.list(list)));
            }
        }
        if list.len() > self.weights.len() {
            self.weights = self.overlap.code_weights(list.len()).collect();
        }
        self.participants.set(row, list).release(&mut self.ours);
        self.keep_nearest_small();
    }

    /// A supporter, whom there was not or who changed, has these codes and does not take those. Linear in the
    /// participants' codes for each code that no supporter had, and for a list that no supporter had.
    pub(super) fn set_supporter(
        &mut self,
        taxonomy: &Taxonomy,
        row: usize,
        (codes, not_taken): (&[Code], &[Code]),
    ) {
        let mut new = Vec::new();
        let list = self.theirs.take_all(codes, |number| new.push(number));
        for other in new.drain(..) {
            let code = self.theirs.value(other);
            self.likeness.set_column(other as usize, |own| like(taxonomy, &self.ours.values()[own], code));
        }
        let change = self.supporters.set(row, list);
        if let (Some(list), Some(nearest)) = (change.new, &mut self.nearest) {
            let codes = self.supporters.list(list as usize);
            nearest.set_column(list as usize, |own| most_alike(&self.likeness, own as u32, codes));
        }
        change.release(&mut self.theirs);
        self.keep_nearest_small();

        let before = if row < self.excluded.len() { self.excluded.row(row).to_vec() } else { Vec::new() };
        let not_taken = self.exclusions.take_all(not_taken, |number| new.push(number));
        for number in new {
            let excluded = self.exclusions.value(number);
            for own in 0..self.ours.len() {
                let mut row = self.falls_under.row(own).to_vec();
                let was = row.iter().position(|&other| other == number);
                match (was, taxonomy.is_same_or_below(self.ours.value(own as u32), excluded)) {
                    (None, true) => row.push(number),
                    // What the number stood for before.
                    (Some(place), false) => drop(row.swap_remove(place)),
                    _ => continue,
                }
                self.falls_under.set(own, &row);
            }
        }
        self.excluded.set(row, &not_taken);
        for number in before {
            self.exclusions.release(number);
        }
    }

    fn keep_nearest_small(&mut self) {
        if self.ours.len().saturating_mul(self.supporters.len()) > MOST_NEAREST {
            self.nearest = None;
        }
    }

    pub(super) fn participant(&self, participant: usize) -> &[u32] {
        self.participants.row(participant)
    }

    #[inline]
    pub(super) fn supporter(&self, supporter: usize) -> &[u32] {
        self.supporters.row(supporter)
    }

    /// The weights of the codes of one of the participants' lists.
    pub(super) fn weights(&self, ours: &[u32]) -> &[u32] {
        &self.weights[..ours.len()]
    }

    /// The overlap of a participant's codes with one of the supporters' lists, and the likeness of the most alike pair
    /// of codes, as [`Overlap::measure`] has them. Neither list is empty.
    #[inline]
    pub(super) fn measure(&self, ours: &[u32], weights: &[u32], list: usize) -> (u32, u32) {
        let Some(nearest) = &self.nearest else {
            return self.measure_alone(ours, weights, list);
        };
        self.measure_from(ours, weights, list, |code| nearest.at(code, list))
    }

    /// The same without looking in the table by lists, whose entries lie far apart: sooner for one list of a few codes.
    #[inline]
    pub(super) fn measure_alone(&self, ours: &[u32], weights: &[u32], list: usize) -> (u32, u32) {
        let theirs = self.supporters.list(list);
        self.overlap.measure(ours, weights, theirs, |a, b| self.like(a, b))
    }

    /// The same, where `nearest` tells the likeness of the most alike code in the supporter's list.
    #[inline]
    pub(super) fn measure_from(
        &self,
        ours: &[u32],
        weights: &[u32],
        list: usize,
        nearest: impl Fn(u32) -> u32,
    ) -> (u32, u32) {
        let theirs = self.supporters.list(list);
        self.overlap.put_together(ours.iter().map(|&code| nearest(code)), weights, theirs.len(), || {
            let most_alike = |other: u32| ours.iter().map(|&code| self.like(code, other)).max().unwrap_or(0);
            theirs.iter().map(|&other| u64::from(most_alike(other))).sum()
        })
    }

    /// How many codes participants use.
    pub(super) fn ours(&self) -> usize {
        self.ours.len()
    }

    /// How often the number of each of these codes was given: another count is another code.
    pub(super) fn ours_given(&self) -> &[u32] {
        &self.given
    }

    /// The likeness of the most alike code in one of the supporters' lists; 0 for an empty one.
    pub(super) fn nearest_of(&self, ours: u32, list: usize) -> u32 {
        match &self.nearest {
            Some(nearest) => nearest.at(ours, list),
            None => most_alike(&self.likeness, ours, self.supporters.list(list)),
        }
    }

    /// One of the supporters' lists as it is written: like ones sort side by side.
    pub(super) fn spelled(&self, list: usize) -> Vec<&str> {
        self.supporters.list(list).iter().map(|&code| self.theirs.value(code).as_str()).collect()
    }

    #[inline]
    pub(super) fn like(&self, ours: u32, theirs: u32) -> u32 {
        self.likeness.at(ours, theirs as usize)
    }

    /// The numbers of excluded codes that one of the participants' codes falls under, in no order.
    pub(super) fn code_under(&self, ours: u32) -> &[u32] {
        self.falls_under.row(ours as usize)
    }

    /// The numbers of excluded codes that any of a participant's codes falls under, sorted.
    pub(super) fn under(&self, participant: usize) -> Vec<u32> {
        let codes = self.participant(participant).iter();
        let mut under: Vec<u32> = codes.flat_map(|&code| self.code_under(code)).copied().collect();
        under.sort_unstable();
        under.dedup();
        under
    }

    #[inline]
    pub(super) fn excluded(&self, supporter: usize) -> &[u32] {
        self.excluded.row(supporter)
    }

    /// Each of the participant's codes with the supporter's most alike one; earlier codes win a tie.
    pub(super) fn nearest(&self, participant: usize, supporter: usize) -> Vec<Likeness> {
        let theirs = self.supporter(supporter);
        let nearest = |&ours: &u32| {
            let best =
                theirs.iter().copied().min_by_key(|&other| std::cmp::Reverse(self.like(ours, other)))?;
            Some(Likeness {
                participant: self.ours.value(ours).clone(),
                supporter: self.theirs.value(best).clone(),
                likeness: self.like(ours, best),
            })
        };
        self.participant(participant).iter().filter_map(nearest).collect()
    }
}

fn like(taxonomy: &Taxonomy, ours: &Code, theirs: &Code) -> u32 {
    let likeness = to_micro(taxonomy.similarity(ours, theirs));
    // Only a code itself is wholly alike: rounding must not make two codes one.
    if ours == theirs { SCORE_ONE } else { likeness.min(SCORE_ONE - 1) }
}

/// The likeness of the most alike code in a list; 0 for an empty one.
fn most_alike(likeness: &Table<u32>, ours: u32, list: &[u32]) -> u32 {
    list.iter().map(|&code| likeness.at(ours, code as usize)).max().unwrap_or(0)
}

/// The numbers of excluded codes that a code lies at or below.
fn under(taxonomy: &Taxonomy, code: &Code, excluded: &[Code]) -> Vec<u32> {
    let above = excluded.iter().enumerate().filter(|(_, other)| taxonomy.is_same_or_below(code, other));
    above.map(|(number, _)| number as u32).collect()
}
