//! How well one list of codes answers another: shared by the criteria on conditions and on issues.

use serde::{Deserialize, Serialize};

use super::SCORE_ONE;
use crate::policy::Checks;

/// How the likeness of single codes becomes the likeness of two lists.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Aggregate {
    /// For each of the participant's codes, the supporter's most alike one; the weighted mean of these. What else
    /// the supporter has lived through does not matter. (The one-sided form of the best-match average of Pesquita et
    /// al. 2009, *Semantic similarity in biomedical ontologies*, PLoS Comput Biol 5(7).)
    #[default]
    Coverage,
    /// The mean of the coverage of the participant's codes by the supporter's and the other way round (best-match
    /// average, same source).
    Symmetric,
    /// Codes in common over codes of either, to the letter, without the taxonomy (Jaccard 1901). Requirements on how
    /// alike codes must be go by the taxonomy all the same.
    Jaccard,
}

/// How two lists of codes are compared.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Overlap {
    /// How single likenesses are put together. Default: [`Aggregate::Coverage`], for programmes ask whether the
    /// supporter knows what the parent faces, not the other way round.
    pub aggregate: Aggregate,
    /// The weight of each further code of the participant, as a factor on the one before it; 0.01 to 1.
    /// Default 0.7: our own choice, so that the first-named code counts most (intake forms ask for the main
    /// diagnosis first). Without meaning for [`Aggregate::Jaccard`].
    pub later_code_factor: f64,
}

impl Default for Overlap {
    fn default() -> Self {
        Self { aggregate: Aggregate::default(), later_code_factor: 0.7 }
    }
}

impl Overlap {
    /// Integer weights of a list of `count` codes, the first 10,000.
    pub fn code_weights(&self, count: usize) -> impl Iterator<Item = u32> {
        let factor = self.later_code_factor;
        (0..count).map(move |place| ((1e4 * factor.powi(place as i32)).round() as u32).max(1))
    }

    /// The overlap in millionths of `ours` (the participant's codes) and `theirs` (the supporter's), neither empty
    /// and neither with a code twice; and the likeness of the most alike pair of codes. `like(a, b)` gives the
    /// likeness of two codes in millionths. Takes `ours * theirs` likenesses.
    pub fn measure<A: Copy, B: Copy>(
        &self,
        ours: &[A],
        our_weights: &[u32],
        theirs: &[B],
        like: impl Fn(A, B) -> u32,
    ) -> (u32, u32) {
        let nearest = |&code: &A| theirs.iter().map(|&other| like(code, other)).max().unwrap_or(0);
        let back = || {
            let nearest = |&other: &B| ours.iter().map(|&code| like(code, other)).max().unwrap_or(0);
            theirs.iter().map(|other| u64::from(nearest(other))).sum()
        };
        self.put_together(ours.iter().map(nearest), our_weights, theirs.len(), back)
    }

    /// The same, where the likeness of the most alike of `theirs` is known for each of `ours`; `back` is the sum of the
    /// likenesses the other way round.
    #[inline]
    pub(crate) fn put_together(
        &self,
        nearest: impl Iterator<Item = u32>,
        our_weights: &[u32],
        theirs: usize,
        back: impl FnOnce() -> u64,
    ) -> (u32, u32) {
        let (mut best, mut sum, mut weights) = (0, 0_u64, 0_u64);
        let mut shared = 0_u64;
        for (nearest, &weight) in nearest.zip(our_weights) {
            best = best.max(nearest);
            shared += u64::from(nearest == SCORE_ONE);
            sum += u64::from(nearest) * u64::from(weight);
            weights += u64::from(weight);
        }
        // A division is dear here: most people have one code.
        let coverage = if our_weights.len() == 1 { u64::from(best) } else { sum / weights.max(1) };
        let overlap = match self.aggregate {
            Aggregate::Coverage => coverage,
            Aggregate::Symmetric => u64::midpoint(coverage, back() / theirs.max(1) as u64),
            Aggregate::Jaccard => {
                let either = our_weights.len() as u64 + theirs as u64 - shared;
                shared * u64::from(SCORE_ONE) / either.max(1)
            }
        };
        (overlap as u32, best)
    }

    pub(super) fn check(&self, at: &str, checks: &mut Checks) {
        checks.range(&format!("{at}.later_code_factor"), self.later_code_factor, 0.01, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn like(a: u32, b: u32) -> u32 {
        SCORE_ONE - a.abs_diff(b).min(10) * 100_000
    }

    #[test]
    fn each_way_of_putting_together_by_hand() {
        let measure = |aggregate, ours: &[u32], theirs: &[u32]| {
            let overlap = Overlap { aggregate, later_code_factor: 0.5 };
            let weights: Vec<u32> = overlap.code_weights(ours.len()).collect();
            overlap.measure(ours, &weights, theirs, like)
        };
        // 10 is met exactly, 15 by 14 at 0.9 with half the weight: (1 + 0.45) / 1.5.
        assert_eq!(measure(Aggregate::Coverage, &[10, 15], &[10, 14, 90]), (966_666, SCORE_ONE));
        // Back: 10 -> 1, 14 -> 0.9, 90 -> 0.
        assert_eq!(measure(Aggregate::Symmetric, &[10, 15], &[10, 14, 90]), (799_999, SCORE_ONE));
        assert_eq!(measure(Aggregate::Jaccard, &[10, 15], &[10, 14, 90]), (250_000, SCORE_ONE));
        assert_eq!(measure(Aggregate::Coverage, &[1], &[90]), (0, 0));
    }
}
