//! Answers worked out beforehand for one participant: one for each *different* list or value among the supporters, so
//! that a supporter's answer is read and not computed.
//!
//! Thousands of supporters have some hundreds of different lists of conditions, some forty different ages of children,
//! a handful of different wishes. A table pays where it has fewer entries than there are supporters to be asked about;
//! where it does not, it stays empty and the kernel computes the same answer on the spot.

use std::sync::Arc;

use super::Compatibility;
use super::blocks::{Block, Blocks};
use super::query::Query;
use super::rules::Meets;
use super::traits::Fare;
use crate::policy::criteria::to_micro;

/// The tables; an empty one is not there.
#[derive(Debug, Default)]
pub(super) struct Tables {
    /// Overlap and likeness of the most alike pair of codes, for each of the supporters' lists of conditions.
    pub(super) conditions: Arc<[(u32, u32)]>,
    /// The best overlap and the best likeness of the lists in each block, which need not be one list's.
    pub(super) conditions_by_block: Arc<[(u32, u32)]>,
    /// The same as `conditions` for their lists of issues.
    pub(super) issues: Vec<(u32, u32)>,
    /// For each age of a child.
    pub(super) ages: Vec<Aged>,
    /// How the participant's wishes fare with each of the supporters' lists of traits.
    pub(super) ours: Vec<Fare>,
    /// How each of the supporters' lists of wishes fares with the participant.
    pub(super) theirs: Vec<Fare>,
}

/// What participants with the same conditions share in one search of the same blocks, kept from one to the next.
#[derive(Debug, Default)]
pub(super) struct Shared {
    ours: Vec<u32>,
    conditions: Arc<[(u32, u32)]>,
    by_block: Arc<[(u32, u32)]>,
}

/// How a child's age suits.
#[derive(Debug, Clone, Copy)]
pub(super) struct Aged {
    /// Years the supporter's child is older; `None` where one of the ages is not known.
    pub(super) older_years: Option<f64>,
    /// In millionths.
    pub(super) score: u32,
    pub(super) meets: Meets,
}

impl Tables {
    /// What pays for a search that asks about a few hundred supporters; and of the conditions everything, for the
    /// bounds.
    pub(super) fn for_search(c: &Compatibility, q: &Query<'_>, blocks: &Blocks, shared: &mut Shared) -> Self {
        if q.conditions.is_empty() {
            return Self::for_few(c, q);
        }
        if shared.ours != q.conditions {
            shared.ours = q.conditions.to_vec();
            shared.conditions = conditions(c, q);
            let best = |block: &Block| {
                let lists = blocks.lists[block.lists.0..block.lists.1].iter();
                lists.fold((0, 0), |(overlap, like), &list| {
                    let own = shared.conditions[list as usize];
                    (own.0.max(overlap), own.1.max(like))
                })
            };
            shared.by_block = blocks.all.iter().map(best).collect();
        }
        Self {
            conditions: Arc::clone(&shared.conditions),
            conditions_by_block: Arc::clone(&shared.by_block),
            ..Self::for_few(c, q)
        }
    }

    /// What pays for a few hundred supporters, of the conditions nothing.
    pub(super) fn for_few(c: &Compatibility, q: &Query<'_>) -> Self {
        Self::of_the_rest(c, q, 256)
    }

    pub(super) fn new(c: &Compatibility, q: &Query<'_>, supporters: usize) -> Self {
        let mut tables = Self::of_the_rest(c, q, supporters);
        if !q.conditions.is_empty() && pays(c.conditions.supporters.len(), supporters) {
            tables.conditions = conditions(c, q);
        }
        tables
    }

    /// All but the conditions.
    fn of_the_rest(c: &Compatibility, q: &Query<'_>, supporters: usize) -> Self {
        let pays = |entries| pays(entries, supporters);
        let mut tables = Self::default();
        if !q.issues.is_empty() && pays(c.issues.supporters.len()) {
            let lists = 0..c.issues.supporters.len();
            tables.issues.extend(lists.map(|list| c.issues.measure(q.issues, q.issue_weights, list)));
        }
        let columns = &c.columns;
        if pays(columns.child_ages().len()) {
            tables
                .ages
                .extend(columns.child_ages().map(|theirs| Aged::new(c, q.participant.child_age, theirs)));
        }
        let requirements = &c.rules.policy.requirements;
        if !q.wishes.is_empty() && pays(columns.traits.len()) {
            let fare = |list| Fare::of(q.wishes, columns.traits.list(list), requirements);
            tables.ours.extend((0..columns.traits.len()).map(fare));
        }
        if pays(columns.wishes.len()) {
            let fare = |list| Fare::of(columns.wishes.list(list), q.traits, requirements);
            tables.theirs.extend((0..columns.wishes.len()).map(fare));
        }
        tables
    }
}

/// A table pays where it has half as many entries as there are supporters to be asked about.
fn pays(entries: usize, supporters: usize) -> bool {
    entries <= supporters / 2
}

fn conditions(c: &Compatibility, q: &Query<'_>) -> Arc<[(u32, u32)]> {
    let lists = 0..c.conditions.supporters.len();
    lists.map(|list| c.conditions.measure(q.conditions, q.condition_weights, list)).collect()
}

impl Aged {
    pub(super) fn new(c: &Compatibility, ours: Option<f64>, theirs: Option<f64>) -> Self {
        let older_years = ours.zip(theirs).map(|(ours, theirs)| theirs - ours);
        let (score, meets) = older_years.map_or((0, Meets::Outright), |older_years| {
            let gap = c.rules.age_gap.as_ref();
            let score = to_micro(c.rules.policy.criteria.child_age.score(older_years));
            (score, gap.map_or(Meets::Outright, |gap| gap.check(-older_years.abs())))
        });
        Self { older_years, score, meets }
    }
}
