//! Codes as small numbers, with the likeness of every two of them in a table.

use std::collections::HashMap;

use rayon::prelude::*;

use super::csr::Csr;
use super::distinct::Distinct;
use super::judgement::Likeness;
use crate::policy::criteria::{Overlap, SCORE_ONE};
use crate::program::{Code, Taxonomy};

/// The codes of one taxonomy as the two sides use them.
#[derive(Debug, Clone)]
pub(super) struct CodeTable {
    pub(super) overlap: Overlap,
    /// Distinct codes of supporters.
    theirs: Vec<Code>,
    /// Distinct codes of participants.
    ours: Vec<Code>,
    /// Likeness in millionths, a row of `theirs` for each of `ours`.
    likeness: Vec<u32>,
    participants: Csr<u32>,
    pub(super) supporters: Distinct<u32>,
    /// For each of `ours`, in a row, the likeness of the most alike code in each of the supporters' different lists;
    /// empty where that would be too large to keep.
    nearest: Vec<u32>,
    /// Distinct codes that some supporter does not take, for each of `ours` those it lies at or below.
    falls_under: Csr<u32>,
    /// For each supporter the codes, numbered as in `falls_under`, that they do not take.
    excluded: Csr<u32>,
}

/// Most entries of [`CodeTable::nearest`]: 128 MiB.
const MOST_NEAREST: usize = 1 << 25;

impl CodeTable {
    /// 4 bytes for each pair of a code that participants use and one that supporters use; and for each pair of a code
    /// that participants use and a list of codes that supporters have, up to 128 MiB.
    pub(super) fn new<'a>(
        taxonomy: &Taxonomy,
        participants: impl Iterator<Item = &'a [Code]>,
        supporters: impl Iterator<Item = (&'a [Code], &'a [Code])> + Clone,
        overlap: Overlap,
    ) -> Self {
        let mut ours = Interner::default();
        let participants = Csr::from_rows(participants.map(|codes| ours.all(codes)));
        let mut theirs = Interner::default();
        let mut exclusions = Interner::default();
        let excluded = Csr::from_rows(supporters.clone().map(|(_, codes)| exclusions.all(codes)));
        let supporters = Distinct::from_rows(supporters.map(|(codes, _)| theirs.all(codes)));
        let like = |ours: &Code, theirs: &Code| {
            let likeness = crate::policy::criteria::to_micro(taxonomy.similarity(ours, theirs));
            // Only a code itself is wholly alike: rounding must not make two codes one.
            if ours == theirs { SCORE_ONE } else { likeness.min(SCORE_ONE - 1) }
        };
        let likeness: Vec<u32> = ours
            .codes
            .par_iter()
            .flat_map_iter(|code| theirs.codes.iter().map(move |other| like(code, other)))
            .collect();
        let nearest = if ours.codes.len().saturating_mul(supporters.len()) <= MOST_NEAREST {
            let rows = likeness.par_chunks_exact(theirs.codes.len().max(1));
            let most_alike = |row: &[u32], list: usize| {
                supporters.list(list).iter().map(|&code| row[code as usize]).max().unwrap_or(0)
            };
            let supporters = &supporters;
            rows.flat_map_iter(|row| (0..supporters.len()).map(move |list| most_alike(row, list))).collect()
        } else {
            Vec::new()
        };
        let falls_under = Csr::from_rows(ours.codes.iter().map(|code| {
            let above = exclusions.codes.iter().enumerate();
            above
                .filter(|(_, other)| taxonomy.is_same_or_below(code, other))
                .map(|(index, _)| index as u32)
                .collect::<Vec<_>>()
        }));
        Self {
            overlap,
            theirs: theirs.codes,
            ours: ours.codes,
            likeness,
            participants,
            supporters,
            nearest,
            falls_under,
            excluded,
        }
    }

    pub(super) fn participant(&self, participant: usize) -> &[u32] {
        self.participants.row(participant)
    }

    #[inline]
    pub(super) fn supporter(&self, supporter: usize) -> &[u32] {
        self.supporters.row(supporter)
    }

    /// The overlap of a participant's codes with one of the supporters' lists, and the likeness of the most alike pair
    /// of codes, as [`Overlap::measure`] has them. Neither list is empty.
    #[inline]
    pub(super) fn measure(&self, ours: &[u32], weights: &[u32], list: usize) -> (u32, u32) {
        let theirs = self.supporters.list(list);
        if self.nearest.is_empty() {
            return self.overlap.measure(ours, weights, theirs, |a, b| self.like(a, b));
        }
        let nearest = ours.iter().map(|&code| self.nearest[code as usize * self.supporters.len() + list]);
        self.overlap.put_together(nearest, weights, theirs.len(), || {
            let most_alike = |other: u32| ours.iter().map(|&code| self.like(code, other)).max().unwrap_or(0);
            theirs.iter().map(|&other| u64::from(most_alike(other))).sum()
        })
    }

    /// How many codes participants use.
    pub(super) fn ours(&self) -> usize {
        self.ours.len()
    }

    /// The likeness of the most alike code in one of the supporters' lists; 0 for an empty one.
    pub(super) fn nearest_of(&self, ours: u32, list: usize) -> u32 {
        if self.nearest.is_empty() {
            let theirs = self.supporters.list(list).iter();
            return theirs.map(|&other| self.like(ours, other)).max().unwrap_or(0);
        }
        self.nearest[ours as usize * self.supporters.len() + list]
    }

    /// One of the supporters' lists as it is written: like ones sort side by side.
    pub(super) fn spelled(&self, list: usize) -> Vec<&str> {
        self.supporters.list(list).iter().map(|&code| self.theirs[code as usize].as_str()).collect()
    }

    #[inline]
    pub(super) fn like(&self, ours: u32, theirs: u32) -> u32 {
        self.likeness[ours as usize * self.theirs.len() + theirs as usize]
    }

    /// The numbers of excluded codes that any of a participant's codes falls under, sorted.
    pub(super) fn under(&self, participant: usize) -> Vec<u32> {
        let codes = self.participant(participant).iter();
        let mut under: Vec<u32> =
            codes.flat_map(|&code| self.falls_under.row(code as usize)).copied().collect();
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
                participant: self.ours[ours as usize].clone(),
                supporter: self.theirs[best as usize].clone(),
                likeness: self.like(ours, best),
            })
        };
        self.participant(participant).iter().filter_map(nearest).collect()
    }
}

#[derive(Default)]
struct Interner {
    codes: Vec<Code>,
    index: HashMap<Code, u32>,
}

impl Interner {
    /// The numbers of the codes, each once, in their order.
    fn all(&mut self, codes: &[Code]) -> Vec<u32> {
        let mut numbers: Vec<u32> = Vec::with_capacity(codes.len());
        for code in codes {
            let number = *self.index.entry(code.clone()).or_insert_with(|| {
                self.codes.push(code.clone());
                self.codes.len() as u32 - 1
            });
            if !numbers.contains(&number) {
                numbers.push(number);
            }
        }
        numbers
    }
}
