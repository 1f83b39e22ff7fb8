//! How well a supporter can suit at best, told from a few bytes.
//!
//! A pair's score is a weighted mean of what its criteria say. It cannot fall when one of the scores is raised, nor
//! when a criterion that has no say (a fact is missing, nobody asked) is given one with a full score, for the mean
//! never exceeds that. So the mean in which condition, issue and place stand as they are and *everything else is
//! perfect* is never below the score. A pair that passes a requirement only by a step of the relaxation ladder pays at
//! least the least price of the steps that could let it pass, or anybody worse; prices are added up where no step
//! serves two of the requirements that are looked at.
//!
//! For a block the part of the condition is the best of its few lists, that of the place follows from the ball in which
//! its people live; the ball is looked at last, for a block that is out of the question anyway. The part of the issues
//! is linear in the planes of the block, so a bound for each of 64 supporters takes a multiplication and an addition
//! for each of the participant's issues, and a comparison tells who has no common ground. For the few who pass, age,
//! languages, experience, the week, the person's own conditions, ways of meeting and whether they live within reach are
//! read too, and for those who still pass the wishes of both sides. It is computed in `f32` and lies a few millionths
//! too high, and more so for a long list of issues, which covers all rounding.

use super::Compatibility;
use super::blocks::{BLOCK, Block, Blocks, Row};
use super::losses::Losses;
use super::query::Query;
use super::rules::{Threshold, UnknownRule};
use crate::policy::criteria::Aggregate;
use crate::policy::{BuiltIn, SCORE_ONE};
use crate::program::EARTH_RADIUS_KM;

/// What rounding may take away, in millionths; and what more for each issue: half of what tells two numbers of that
/// size apart in `f32`, for the product and for the sum.
const SLACK: f64 = 6.0;
const SLACK_OF_ISSUE: f64 = 0.0625;

/// The bounds of one participant.
pub(super) struct Bounds<'a> {
    compatibility: &'a Compatibility,
    query: &'a Query<'a>,
    blocks: &'a Blocks,
    /// For each issue of the participant's that has planes, the share that it has in the score of the issues.
    shares: Vec<(u32, f32)>,
    /// Some issue has no planes: how near anybody comes to it is not known.
    partial: bool,
    /// For blocks by what is known of them, see [`kind_of`].
    kinds: [Option<Kind>; 8],
    condition_weight: f32,
    losses: Losses<'a>,
    /// How near the nearest issue has to come where the conditions are no common ground.
    ground: Ground,
}

/// What can be said of all supporters of a kind.
#[derive(Debug, Clone, Copy)]
pub(super) struct Kind {
    /// The bound of somebody perfect but for condition, issue and place, of which nothing is counted yet.
    pub(super) base: f32,
    /// What a point of the condition, all of the issues, and a point of the place add; what is taken from the sum is
    /// taken from the mean by `share`.
    pub(super) condition: f32,
    pub(super) issue: f32,
    pub(super) place: f32,
    pub(super) share: f32,
    /// Conditions and issues are compared.
    pub(super) conditions: bool,
    pub(super) issues: bool,
}

/// Nearness in steps of a plane.
#[derive(Debug, Clone, Copy)]
struct Ground {
    /// Whoever stays below this is not eligible, or pays at least the price.
    never_below: u8,
    free_from: u8,
    price: f32,
}

/// The bound of a block.
pub(super) struct BlockBound {
    /// The bound of a supporter who comes near none of the participant's issues.
    base: f32,
    /// What is added for one who comes nearest to all of them, in steps of 1/255.
    by_issue: f32,
    /// What is taken from the sum is taken from the mean by this factor.
    share: f32,
    /// The best of the conditions, if they are compared.
    condition: Option<u32>,
    /// The conditions leave open whether there is common ground; and whether without it there can be a match at all.
    ground: Option<Unmet>,
    /// The best that the place can say, and a meeting in person.
    meeting: f64,
    in_person: Option<InPerson>,
    /// No supporter of the block has a higher score.
    pub(super) top: f32,
}

/// The common ground that conditions do not give.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Unmet {
    /// It takes a step of the ladder at least.
    Priced,
    /// No step is enough.
    Vetoed,
}

/// How good a meeting in person can be.
#[derive(Debug, Clone, Copy)]
enum InPerson {
    /// Where one of them lives is not known.
    Unknown,
    Within(f64),
}

/// The place of a kind of block in [`Bounds::kinds`].
fn kind_of(conditions: bool, issues: bool, wishes: bool) -> usize {
    usize::from(conditions) | usize::from(issues) << 1 | usize::from(wishes) << 2
}

impl<'a> Bounds<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, query: &'a Query<'a>, blocks: &'a Blocks) -> Self {
        let weights = query.issue_weights;
        let all: u32 = weights.iter().sum();
        let share = |weight: u32| match compatibility.issues.overlap.aggregate {
            Aggregate::Coverage | Aggregate::Symmetric => f64::from(weight) / f64::from(all.max(1)),
            // At best, the supporter has no codes but shared ones.
            Aggregate::Jaccard => 1.0 / weights.len() as f64,
        };
        // The way back, which is the other half, may be perfect.
        let half = compatibility.issues.overlap.aggregate == Aggregate::Symmetric;
        let mut assured = if half { 0.5 } else { 0.0 };
        let forth = if half { 0.5 } else { 1.0 };
        let mut shares = Vec::with_capacity(weights.len());
        let mut partial = false;
        for (&code, &weight) in query.issues.iter().zip(weights) {
            if blocks.has_plane(compatibility, code) {
                shares.push((code, share(weight)));
            } else {
                assured += forth * share(weight);
                partial = true;
            }
        }
        // As shares of what is not assured.
        let open = (1.0 - assured).max(1e-9);
        let shares = shares.into_iter().map(|(code, share)| (code, (forth * share / open) as f32)).collect();
        let weight = |criterion: BuiltIn| f64::from(query.weights[criterion as usize]);
        let kind = |number: usize| {
            Kind::new(compatibility, query, (number & 1 != 0, number & 2 != 0, number & 4 != 0), assured)
        };
        Self {
            compatibility,
            query,
            blocks,
            kinds: [0, 1, 2, 3, 4, 5, 6, 7].map(kind),
            condition_weight: weight(BuiltIn::Condition) as f32,
            losses: Losses::new(compatibility, query),
            shares,
            partial,
            ground: Ground::new(compatibility),
        }
    }

    /// The bound of a block; `None` where nobody in it is eligible with such a score.
    #[inline]
    pub(super) fn block(&self, number: usize, score: f32) -> Option<BlockBound> {
        let (rules, block) = (&self.compatibility.rules, &self.blocks.all[number]);
        let kind = self.kinds[kind_of(block.conditions_known, block.issues_known, block.states_wishes)]?;
        let mut base = kind.base;
        let (mut condition, mut ground) = (None, None);
        if kind.conditions {
            let (overlap, best) = self.query.tables.conditions_by_block[number];
            base += overlap as f32 * kind.condition;
            condition = Some(overlap);
            let price = |threshold: &Threshold| threshold.least_price(f64::from(best), &rules.prices);
            price(&rules.condition)?;
            match (price(&rules.common_ground), kind.issues) {
                (Some(0), _) => {}
                (Some(_), true) => ground = Some(Unmet::Priced),
                (None, true) => ground = Some(Unmet::Vetoed),
                (price, false) => base -= price? as f32,
            }
        } else if kind.issues {
            ground = Some(Unmet::Vetoed);
        }
        if base + kind.issue + kind.place * (SCORE_ONE as f32) < score {
            return None;
        }
        let in_person = self.in_person(block);
        let meeting = self.meeting(block.modalities, in_person)?;
        base += (meeting * f64::from(SCORE_ONE)) as f32 * kind.place;
        let top = base + kind.issue;
        (top >= score).then_some(BlockBound {
            base,
            by_issue: kind.issue / 255.0,
            share: kind.share,
            condition,
            ground: ground.filter(|_| !self.partial),
            meeting,
            in_person,
            top,
        })
    }

    /// What each set of ways of meeting takes from the sum that the best in the block gives.
    pub(super) fn meeting_losses(&self, bound: &BlockBound) -> [f32; 8] {
        let weight = f64::from(self.query.weights[BuiltIn::Geography as usize]) * f64::from(SCORE_ONE);
        // A way that the block does not offer is nobody's, whatever is said of it.
        [0_u8, 1, 2, 3, 4, 5, 6, 7].map(|modalities| {
            let own = self.meeting(modalities, bound.in_person);
            own.map_or(f32::INFINITY, |own| (weight * (bound.meeting - own).max(0.0)) as f32)
        })
    }

    /// The best that a meeting in person can be in a block; `None` where nobody can or it is out of reach.
    #[inline]
    fn in_person(&self, block: &Block) -> Option<InPerson> {
        let q = self.query;
        let (factor, _) = q.ways.in_person?;
        if block.modalities & q.ways.modalities & 1 == 0 {
            return None;
        }
        let (Some(place), Some(ball)) = (q.place, block.ball) else { return Some(InPerson::Unknown) };
        let distance = ball.distance(place);
        if distance * distance > q.out_of_reach[block.travel as usize] {
            return None;
        }
        // Where another way is as good next door, the distance need not be known for a bound.
        let remote = q.ways.remote[usize::from(block.modalities & q.ways.modalities)];
        if remote.is_some_and(|way| way.factor >= factor) {
            return Some(InPerson::Within(factor));
        }
        let decay_km = self.compatibility.rules.policy.criteria.geography.decay_km;
        Some(InPerson::Within(factor * (-distance * EARTH_RADIUS_KM / decay_km).exp()))
    }

    /// The best that the place can say of supporters with these ways of meeting, 0 to 1; `None` where there is no way.
    fn meeting(&self, modalities: u8, in_person: Option<InPerson>) -> Option<f64> {
        let common = modalities & self.query.ways.modalities;
        let remote = self.query.ways.remote[usize::from(common)];
        // Where nearness counts from afar too, a place that is not known may be next door, and be perfect.
        let decays = self.compatibility.rules.policy.criteria.geography.remote_decay_km.is_some();
        let remote = remote.map(|way| if decays { 1.0 } else { way.factor });
        match in_person.filter(|_| common & 1 != 0) {
            None => remote,
            // Nothing is said, or whatever the policy holds for unknown; unless they can meet otherwise.
            Some(InPerson::Unknown) => Some(1.0),
            Some(InPerson::Within(near)) => Some(remote.map_or(near, |remote| remote.max(near))),
        }
    }

    /// The bound of a supporter, given that of [`rows`](Self::rows), with what a few more criteria say.
    #[inline]
    pub(super) fn refined(
        &self,
        row: usize,
        bound: &BlockBound,
        meeting_losses: &[f32; 8],
        score: f32,
    ) -> f32 {
        let row = &self.blocks.rows[row];
        let Row { travel, conditions, modalities, .. } = *row;
        // Whoever is out of reach can only be met from afar.
        let afar = self.losses.is_out_of_reach(self.losses.square(row), travel);
        let modalities = if afar { modalities & !1 } else { modalities };
        let (mut losses, prices) = self.losses.of(row);
        losses += meeting_losses[usize::from(modalities & 7)];
        if let Some(best) = bound.condition {
            let (own, _) = self.query.tables.conditions[conditions as usize];
            losses += (best - own) as f32 * self.condition_weight;
        }
        score - losses * bound.share - prices
    }

    /// What the wishes of both sides take from the mean.
    #[inline]
    pub(super) fn wishes(&self, row: usize, bound: &BlockBound) -> f32 {
        self.losses.wishes(&self.blocks.rows[row], bound.share)
    }

    /// The bound of each supporter of a block on the score less what the price exceeds the lowest of the block.
    #[inline]
    pub(super) fn rows(&self, block: usize, bound: &BlockBound, rows: &mut [f32; BLOCK]) {
        rows.fill(bound.base);
        let mut nearest = [0_u8; BLOCK];
        for &(code, share) in &self.shares {
            let plane = self.blocks.plane(code, block);
            let slope = share * bound.by_issue;
            for place in 0..BLOCK {
                rows[place] += slope * f32::from(plane[place]);
                nearest[place] = plane[place].max(nearest[place]);
            }
        }
        if let Some(unmet) = bound.ground {
            let Ground { never_below, free_from, price, .. } = self.ground;
            let never_below = if unmet == Unmet::Vetoed { never_below } else { 0 };
            for (row, &near) in rows.iter_mut().zip(&nearest) {
                let price = if near < free_from { price } else { 0.0 };
                *row -= if near < never_below { f32::INFINITY } else { price };
            }
        }
        for (row, above) in rows.iter_mut().zip(self.blocks.above(block)) {
            *row -= above;
        }
    }
}

impl Kind {
    /// Of supporters whose conditions are known, issues are known, who state wishes; `None` where none is eligible. So
    /// much of the score of the issues is assured.
    pub(super) fn new(
        c: &Compatibility,
        q: &Query<'_>,
        (conditions, issues, wishes): (bool, bool, bool),
        assured: f64,
    ) -> Option<Self> {
        let full = f64::from(SCORE_ONE);
        let weight = |criterion: BuiltIn| f64::from(q.weights[criterion as usize]);
        let read = [BuiltIn::Condition, BuiltIn::Issue, BuiltIn::Geography, BuiltIn::Preferences];
        let others = q.weights.iter().enumerate();
        let others = others.filter(|&(criterion, _)| !read.iter().any(|&own| own as usize == criterion));
        let mut weights: f64 = others.map(|(_, &weight)| f64::from(weight)).sum();
        let mut sum = weights * full;
        if !q.wishes.is_empty() || wishes {
            weights += weight(BuiltIn::Preferences);
            sum += weight(BuiltIn::Preferences) * full;
        }
        weights += weight(BuiltIn::Geography);
        let conditions = conditions && !q.conditions.is_empty();
        let issues = issues && !q.issues.is_empty();
        for (known, criterion) in [(conditions, BuiltIn::Condition), (issues, BuiltIn::Issue)] {
            match c.rules.unknown[criterion as usize] {
                _ if known => weights += weight(criterion),
                UnknownRule::LeftOut => {}
                UnknownRule::CountsAs(score) => {
                    weights += weight(criterion);
                    sum += weight(criterion) * f64::from(score);
                }
                UnknownRule::Vetoed => return None,
            }
        }
        if issues {
            sum += weight(BuiltIn::Issue) * full * assured;
        }
        // Nothing that could have a say has any weight: the score is 0.
        let share = if weights > 0.0 { 1.0 / weights } else { 0.0 };
        let open = if issues { weight(BuiltIn::Issue) * full * (1.0 - assured) } else { 0.0 };
        let mut base = sum * share + SLACK + q.issues.len() as f64 * SLACK_OF_ISSUE;
        let requirements = &c.rules.policy.requirements;
        if !conditions && !issues && requirements.common_ground > 0.0 && !requirements.unknown_common_ground {
            base -= f64::from(c.rules.prices[usize::from(c.rules.unknown_ground?)]);
        }
        Some(Self {
            base: base as f32,
            condition: (weight(BuiltIn::Condition) * share) as f32,
            issue: (open * share) as f32,
            place: (weight(BuiltIn::Geography) * share) as f32,
            share: share as f32,
            conditions,
            issues,
        })
    }
}

impl Ground {
    fn new(c: &Compatibility) -> Self {
        let rules = &c.rules;
        // The nearness that a step of a plane stands for, at most.
        let price = |step: u8| {
            let near = f64::from(step) * f64::from(SCORE_ONE) / 255.0;
            rules.common_ground.least_price(near, &rules.prices)
        };
        let first = |passes: &dyn Fn(u8) -> bool| (0..=u8::MAX).find(|&step| passes(step)).unwrap_or(u8::MAX);
        let least = rules.common_ground.least_price(rules.common_ground.base().next_down(), &rules.prices);
        Self {
            never_below: first(&|step| price(step).is_some()),
            free_from: first(&|step| price(step) == Some(0)),
            price: least.unwrap_or(0) as f32,
        }
    }
}
