//! How well a supporter can suit at best, told from a few bytes.
//!
//! A pair's score is a weighted mean of what its criteria say. It cannot fall when one of the scores is raised, nor when
//! a criterion that has no say (a fact is missing, nobody asked) is given one with a full score, for the mean never
//! exceeds that. So the mean in which condition, issue and place stand as they are and *everything else is perfect* is
//! never below the score; prices of relaxations only lower the weight further.
//!
//! For a block the part of the condition is the best of its few lists, that of the place follows from the ball in which
//! its people live; both are worked out once. The part of the issues is linear in the planes of the block, so a bound for
//! each of 64 supporters takes a multiplication and an addition for each of the participant's issues. For the few who
//! pass it, age, languages, ways of meeting and experience are read too. It is computed in `f32` and lies a few millionths
//! too high, which covers all rounding.

use super::Compatibility;
use super::blocks::{BLOCK, Block, Blocks};
use super::query::{NOT_KNOWN, Query};
use super::rules::{Meets, UnknownRule};
use super::tables::Aged;
use crate::policy::criteria::Aggregate;
use crate::policy::{BuiltIn, SCORE_ONE};
use crate::program::EARTH_RADIUS_KM;

/// What rounding may take away, in millionths.
const SLACK: f64 = 6.0;

/// The bounds of one participant.
pub(super) struct Bounds<'a> {
    compatibility: &'a Compatibility,
    query: &'a Query<'a>,
    blocks: &'a Blocks,
    /// For each issue of the participant's that has planes, the share that it has in the score of the issues.
    shares: Vec<(u32, f32)>,
    /// What the score of the issues has in any case.
    assured: f64,
    /// What each of the supporters' ages and sets of languages takes from the sum that a perfect one would give.
    age_losses: Vec<f32>,
    language_losses: Vec<f32>,
    /// What a millionth of the year's lead takes, and how long a lead is perfect.
    experience: (f32, f32),
    /// Weight of the criteria that are taken to be perfect: all but condition, issue, place and wishes.
    others: f64,
}

/// The bound of a block.
pub(super) struct BlockBound {
    /// The bound of a supporter who comes near none of the participant's issues.
    base: f32,
    /// What is added for one who comes nearest to all of them, in steps of 1/255.
    by_issue: f32,
    /// What is taken from the sum is taken from the mean by this factor.
    share: f32,
    /// The best that the place can say, and a meeting in person.
    meeting: f64,
    in_person: Option<InPerson>,
    /// No supporter of the block has a higher score.
    pub(super) top: f32,
}

/// How good a meeting in person can be.
#[derive(Debug, Clone, Copy)]
enum InPerson {
    /// Where one of them lives is not known.
    Unknown,
    Within(f64),
}

impl<'a> Bounds<'a> {
    pub(super) fn new(compatibility: &'a Compatibility, query: &'a Query<'a>, blocks: &'a Blocks) -> Self {
        let weights = &query.issue_weights;
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
        for (&code, &weight) in query.issues.iter().zip(weights) {
            if blocks.has_plane(code) {
                shares.push((code, share(weight)));
            } else {
                assured += forth * share(weight);
            }
        }
        // As shares of what is not assured.
        let open = (1.0 - assured).max(1e-9);
        let shares = shares.into_iter().map(|(code, share)| (code, (forth * share / open) as f32)).collect();
        let read = [BuiltIn::Condition, BuiltIn::Issue, BuiltIn::Geography, BuiltIn::Preferences];
        let others = query.weights.iter().enumerate();
        let others = others.filter(|&(criterion, _)| !read.iter().any(|&own| own as usize == criterion));
        let weight = |criterion: BuiltIn| f64::from(query.weights[criterion as usize]);
        let loss = |criterion: BuiltIn, score: u32| (weight(criterion) * f64::from(SCORE_ONE - score)) as f32;
        let rules = &compatibility.rules;
        let age_loss = |aged: &Aged| match (aged.older_years, aged.meets) {
            (None, _) => 0.0,
            (_, Meets::Relaxed(None)) => f32::INFINITY,
            _ => loss(BuiltIn::ChildAge, aged.score),
        };
        let hard = rules.policy.requirements.language && rules.waive_language.is_none();
        let language_loss = |&score: &u32| match score {
            NOT_KNOWN => 0.0,
            0 if hard => f32::INFINITY,
            score => loss(BuiltIn::Language, score),
        };
        let full_lead = rules.policy.criteria.experience.full_lead_years as f32 * (1.0 - 1e-6);
        Self {
            compatibility,
            query,
            blocks,
            age_losses: query.tables.ages.iter().map(age_loss).collect(),
            language_losses: query.languages.iter().map(language_loss).collect(),
            experience: (loss(BuiltIn::Experience, 0), full_lead),
            shares,
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
        let near = self.in_person(block);
        let best = self.meeting(block.modalities, near)?;
        add(weight(BuiltIn::Geography), full * best);
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
            by_issue = weight(BuiltIn::Issue) * full * (1.0 - self.assured);
            add(weight(BuiltIn::Issue), full * self.assured);
        }
        let bound = |base: f64, more: f64| BlockBound {
            base: (base + SLACK) as f32,
            by_issue: (more / 255.0) as f32,
            share: if weights > 0.0 { (1.0 / weights) as f32 } else { 0.0 },
            meeting: best,
            in_person: near,
            top: (base + more + SLACK) as f32,
        };
        // Nothing that could have a say has any weight: the score is 0.
        let mean = |sum: f64| if weights > 0.0 { sum / weights } else { 0.0 };
        Some(bound(mean(sum), mean(by_issue)))
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

    /// The best that a meeting in person can be in a block; `None` where it is out of reach.
    fn in_person(&self, block: &Block) -> Option<InPerson> {
        let q = self.query;
        let (factor, _) = q.in_person?;
        let (Some(place), Some(ball)) = (q.place, block.ball) else { return Some(InPerson::Unknown) };
        let distance = ball.distance(place);
        if distance * distance > q.out_of_reach[block.travel as usize] {
            return None;
        }
        let decay_km = self.compatibility.rules.policy.criteria.geography.decay_km;
        Some(InPerson::Within(factor * (-distance * EARTH_RADIUS_KM / decay_km).exp()))
    }

    /// The best that the place can say of supporters with these ways of meeting, 0 to 1; `None` where there is no way.
    fn meeting(&self, modalities: u8, in_person: Option<InPerson>) -> Option<f64> {
        let common = modalities & self.query.modalities;
        let remote = self.query.remote[usize::from(common)].map(|way| way.factor);
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
        let blocks = self.blocks;
        let age = self.age_losses.get(blocks.ages[row] as usize).copied().unwrap_or(0.0);
        let language = self.language_losses[blocks.languages[row] as usize];
        let meeting = meeting_losses[usize::from(blocks.modalities[row])];
        let (loss, full_lead) = self.experience;
        // What `f32` may have lost of the years is given to the supporter.
        let lead = blocks.years[row] - self.query.experience_years as f32 + 1e-4;
        let experience = if lead >= full_lead { 0.0 } else { loss * (1.0 - lead.max(0.0) / full_lead) };
        score - (age + language + meeting + experience) * bound.share
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
        for &(code, share) in &self.shares {
            if let Some(plane) = self.blocks.plane(code, block) {
                let slope = share * bound.by_issue;
                for (row, &near) in rows.iter_mut().zip(plane) {
                    *row += slope * f32::from(near);
                }
            }
        }
        rows
    }
}
