//! How well a supporter can suit at best, told from a few bytes.
//!
//! A pair's score is a weighted mean of what its criteria say. It cannot fall when one of the scores is raised, nor when
//! a criterion that has no say (a fact is missing, nobody asked) is given one with a full score, for the mean never
//! exceeds that. So the mean in which condition, issue and place stand as they are and *everything else is perfect* is
//! never below the score; prices of relaxations only lower the weight further.
//!
//! For a block the part of the condition is the best of its few lists, that of the place follows from the ball in which
//! its people live; both are worked out once. The part of the issues is linear in the planes of the block, so a bound for
//! each of 64 supporters takes a multiplication and an addition for each of the participant's issues. It is computed
//! in `f32` and lies a few millionths too high, which covers all rounding.

use super::Compatibility;
use super::blocks::{BLOCK, Block, Blocks};
use super::query::Query;
use super::rules::UnknownRule;
use crate::policy::criteria::Aggregate;
use crate::policy::{BuiltIn, SCORE_ONE};
use crate::program::EARTH_RADIUS_KM;

/// What rounding may take away, in millionths.
const SLACK: f64 = 3.0;

/// The bounds of one participant.
pub(super) struct Bounds<'a> {
    compatibility: &'a Compatibility,
    query: &'a Query<'a>,
    blocks: &'a Blocks,
    /// For each issue of the participant's, the share that it has in the score of the issues.
    shares: Vec<(u32, f64)>,
    /// What the score of the issues has in any case.
    assured: f64,
    /// Weight of the criteria that are taken to be perfect: all but condition, issue, place and wishes.
    others: f64,
}

/// The bound of a block: for one supporter `base` and, for each of the participant's issues, `slopes` times its plane.
pub(super) struct BlockBound {
    base: f32,
    slopes: Slopes,
    /// No supporter of the block has a higher score.
    pub(super) top: f32,
}

/// For each of the participant's issues that has a plane.
type Slopes = Vec<(u32, f32)>;

impl<'a> Bounds<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, query: &'a Query<'a>, blocks: &'a Blocks) -> Self {
        let weights = &query.issue_weights;
        let all: u32 = weights.iter().sum();
        let aggregate = compatibility.issues.overlap.aggregate;
        let share = |weight: u32| match aggregate {
            Aggregate::Coverage => f64::from(weight) / f64::from(all.max(1)),
            // The way back may be perfect, which is the other half.
            Aggregate::Symmetric => f64::from(weight) / f64::from(all.max(1)) / 2.0,
            // At best, the supporter has no codes but shared ones.
            Aggregate::Jaccard => 1.0 / weights.len() as f64,
        };
        let assured = if aggregate == Aggregate::Symmetric { 0.5 } else { 0.0 };
        let read = [BuiltIn::Condition, BuiltIn::Issue, BuiltIn::Geography, BuiltIn::Preferences];
        let others = query.weights.iter().enumerate();
        let others = others.filter(|&(criterion, _)| !read.iter().any(|&own| own as usize == criterion));
        Self {
            compatibility,
            query,
            blocks,
            shares: query.issues.iter().zip(weights).map(|(&code, &weight)| (code, share(weight))).collect(),
            assured,
            others: others.map(|(_, &weight)| f64::from(weight)).sum(),
        }
    }

    /// The bound of a block; `None` where nobody in it is eligible.
    pub(super) fn block(&self, block: &Block) -> Option<BlockBound> {
        let (c, q) = (self.compatibility, self.query);
        let full = f64::from(SCORE_ONE);
        let weight = |criterion: BuiltIn| f64::from(q.weights[criterion as usize]);
        let mut weights = self.others;
        let mut sum = self.others * full;
        let mut add = |weight: f64, score: f64| {
            weights += weight;
            sum += weight * score;
        };
        if !q.wishes.is_empty() || block.states_wishes {
            add(weight(BuiltIn::Preferences), full);
        }
        add(weight(BuiltIn::Geography), full * self.meeting(block)?);
        if q.conditions.is_empty() || !block.conditions_known {
            match c.rules.unknown[BuiltIn::Condition as usize] {
                UnknownRule::LeftOut => {}
                UnknownRule::CountsAs(score) => add(weight(BuiltIn::Condition), f64::from(score)),
                UnknownRule::Vetoed => return None,
            }
        } else {
            let lists = &self.blocks.lists[block.lists.0..block.lists.1];
            let best = lists.iter().map(|&list| q.tables.conditions[list as usize].0).max().unwrap_or(0);
            add(weight(BuiltIn::Condition), f64::from(best));
        }
        let mut by_issue = 0.0;
        if q.issues.is_empty() || !block.issues_known {
            match c.rules.unknown[BuiltIn::Issue as usize] {
                UnknownRule::LeftOut => {}
                UnknownRule::CountsAs(score) => add(weight(BuiltIn::Issue), f64::from(score)),
                UnknownRule::Vetoed => return None,
            }
        } else {
            by_issue = weight(BuiltIn::Issue) * full;
            add(weight(BuiltIn::Issue), full * self.assured);
        }
        if weights == 0.0 {
            return Some(BlockBound { base: 0.0, slopes: Slopes::new(), top: SLACK as f32 });
        }
        let mut base = sum / weights + SLACK;
        let mut top = base;
        let mut slopes = Slopes::new();
        if by_issue > 0.0 {
            for &(code, share) in &self.shares {
                let most = by_issue * share / weights;
                top += most;
                if self.blocks.plane(code, block).is_some() {
                    slopes.push((code, (most / 255.0) as f32));
                } else {
                    base += most;
                }
            }
        }
        Some(BlockBound { base: base as f32, slopes, top: top as f32 })
    }

    /// The best that the place can say in a block, 0 to 1; `None` where no two of them can meet.
    fn meeting(&self, block: &Block) -> Option<f64> {
        let q = self.query;
        let common = block.modalities & q.modalities;
        let remote = q.remote[usize::from(common)].map(|way| way.factor);
        let in_person = if common & 1 == 0 { None } else { q.in_person };
        let Some((factor, _)) = in_person.filter(|&(factor, _)| remote.is_none_or(|remote| factor > remote))
        else {
            return if common == 0 { None } else { Some(remote.unwrap_or(1.0)) };
        };
        let (Some(place), Some(ball)) = (q.place, block.ball) else {
            // Where they live is not known of somebody: nothing is said, or whatever the policy holds for unknown.
            return Some(if remote.is_none() { 1.0 } else { factor });
        };
        let distance = ball.distance(place);
        if distance * distance > q.out_of_reach[block.travel as usize] {
            return remote;
        }
        let decay_km = self.compatibility.rules.policy.criteria.geography.decay_km;
        let near = factor * (-distance * EARTH_RADIUS_KM / decay_km).exp();
        Some(near.max(remote.unwrap_or(0.0)))
    }

    /// The bound of each supporter of a block.
    #[inline]
    pub(super) fn rows<'b>(
        &self,
        block: &Block,
        bound: &BlockBound,
        buffer: &'b mut [f32; BLOCK],
    ) -> &'b mut [f32] {
        let rows = &mut buffer[..block.end - block.start];
        rows.fill(bound.base);
        for &(code, slope) in &bound.slopes {
            if let Some(plane) = self.blocks.plane(code, block) {
                for (row, &near) in rows.iter_mut().zip(plane) {
                    *row += slope * f32::from(near);
                }
            }
        }
        rows
    }
}
