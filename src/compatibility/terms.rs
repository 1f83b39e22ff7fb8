//! What one search asks for beside what the records say: what matters most this time, how they would meet, and who is
//! to be left out. Nothing is compiled anew for it.

use std::collections::BTreeMap;

use super::Compatibility;
use super::people::Ways;
use super::query::Query;
use crate::program::{Modality, Program};

/// The terms of one search for one participant; by [`Default`] those of the records. See [`Compatibility::terms`].
#[derive(Clone, Default)]
pub struct Terms<'a> {
    weights: Option<Vec<u32>>,
    ways: Option<Box<Ways>>,
    keep: Option<&'a (dyn Fn(u32) -> bool + Sync)>,
}

impl std::fmt::Debug for Terms<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Terms").field("weights", &self.weights).finish_non_exhaustive()
    }
}

impl<'a> Terms<'a> {
    /// Leaves out every supporter, by position, of whom this says no. It is asked about those alone who could be among
    /// the best, some of them twice.
    #[must_use]
    pub fn keeping(mut self, keep: &'a (dyn Fn(u32) -> bool + Sync)) -> Self {
        self.keep = Some(keep);
        self
    }

    /// Whether the factors leave no criterion that matters.
    pub(crate) fn weigh_nothing(&self) -> bool {
        self.weights.as_ref().is_some_and(|weights| weights.iter().all(|&weight| weight == 0))
    }

    /// Whether a supporter is wanted at all.
    #[inline]
    pub(crate) fn keeps(&self, supporter: u32) -> bool {
        self.keep.is_none_or(|keep| keep(supporter))
    }
}

impl<'a> Query<'a> {
    /// The same query on other terms.
    pub(super) fn on(mut self, terms: &'a Terms<'_>) -> Self {
        if let Some(weights) = &terms.weights {
            self.all_weights = weights.iter().map(|&weight| u64::from(weight)).sum();
            self.weights = weights;
        }
        if let Some(ways) = &terms.ways {
            self.ways = ways;
        }
        self
    }
}

impl Compatibility {
    /// The terms of a search for one participant in which criteria have other factors than the
    /// [record](crate::program::Participant::weights) says (those named; clamped as those of records are), and the ways
    /// of meeting are these, the preferred one first; those of the record where none is named.
    ///
    /// A pair is judged on these terms just as if the record said so.
    ///
    /// # Panics
    ///
    /// If there is no participant at that position.
    pub fn terms<'a>(
        &self,
        program: &Program,
        participant: usize,
        factors: &BTreeMap<String, f64>,
        modalities: &[Modality],
    ) -> Terms<'a> {
        let own = &program.participants()[participant].weights;
        let names: Vec<&str> = self.criteria().collect();
        let factor =
            |criterion: usize| factors.get(names[criterion]).or_else(|| own.get(names[criterion])).copied();
        let geography = &self.policy().criteria.geography;
        Terms {
            weights: (!factors.is_empty()).then(|| self.rules.weights_for(factor)),
            ways: (!modalities.is_empty()).then(|| Box::new(Ways::new(modalities, geography))),
            keep: None,
        }
    }

    /// As [`judge`](Self::judge), on these terms; whom they leave out is judged all the same.
    pub fn judge_on(
        &self,
        program: &Program,
        (participant, supporter): (usize, usize),
        terms: &Terms<'_>,
    ) -> super::Judgement {
        super::kernel::judge(self, &self.query(program, participant).on(terms), supporter)
    }

    /// As [`weights`](Self::weights), on these terms; whom they leave out is weighed all the same.
    pub fn weights_on(
        &self,
        program: &Program,
        participant: usize,
        (supporters, terms): (&[u32], &Terms<'_>),
    ) -> Vec<Option<i32>> {
        if !program.participants()[participant].consent {
            return vec![None; supporters.len()];
        }
        let query = self.query(program, participant).on(terms);
        let weigh = |&supporter: &u32| super::kernel::weight(self, &query, supporter as usize);
        supporters.iter().map(weigh).collect()
    }

    /// As [`scan`](Self::scan), on these terms.
    pub fn scan_on(&self, program: &Program, participant: usize, terms: &Terms<'_>) -> Vec<super::Candidate> {
        let query = self.query(program, participant).on(terms).prepare(self, self.columns.len());
        let mut found = Vec::new();
        super::kernel::scan(self, &query, |candidate| {
            if terms.keeps(candidate.supporter) {
                found.push(candidate);
            }
        });
        found
    }
}
