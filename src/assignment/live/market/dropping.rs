//! Letting pairs go that have become dear.
//!
//! **Problem.** Every question brings pairs, and prices move on. Over a million changes everything would be held.
//!
//! **Method.** When twice as many pairs are held as at the beginning, floors rise to a margin below the potentials as
//! they are, and each ceiling falls to the sum of the participant's first few pairs at these floors, or a little above
//! what it pays if that is more. What is then at or above the ceiling goes, but for what was told and what is in use.
//! Nobody is asked: floors may always rise and ceilings fall.
//!
//! **Time and space.** O(held pairs log row), after as many changes as brought as many pairs again.

use super::super::super::pair_source::Pairs;
use super::LiveMarket;
use super::asking::limit;
use super::known::{ALL, Floor, NOTHING};

impl LiveMarket {
    /// Lets pairs go if there are too many.
    pub(super) fn let_go(&mut self) {
        if self.held_pairs() > self.known.most_held() {
            self.drop_dear();
            // Where prices lie closer together than at the beginning, more are held for good.
            let most = self.known.most_held().max(self.held_pairs().saturating_mul(2));
            self.known.set_most_held(most);
        }
    }

    /// Raises floors to a margin below the potentials, where they lie lower.
    pub(super) fn raise_floors(&mut self) {
        for supporter in 0..self.live.sizes().1 {
            let Floor { price, .. } = self.known.floor(supporter);
            // A price out of range was an error when it came up.
            if price != Pairs::CLOSED
                && let Ok(floor) = self.floor_by(supporter)
            {
                self.known.set_floor(supporter, Floor::at(floor.max(price)));
            }
        }
    }

    pub(super) fn drop_dear(&mut self) {
        let participants = self.live.sizes().0;
        let weight = self.live.quality_weight();
        self.raise_floors();
        for participant in 0..participants {
            let ceiling = self.known.ceiling(participant);
            if ceiling == NOTHING {
                continue;
            }
            let own = self.live.supporter_of(participant);
            let mut sums: Vec<(i64, u32)> = (self.live.held_row(participant).into_iter())
                .filter(|&(supporter, _)| !self.known.is_told(participant, supporter))
                .map(|(supporter, cost)| (cost.saturating_add(self.known.floor(supporter).price), supporter))
                .collect();
            sums.sort_unstable();
            let Some(&(sum, _)) = sums.get(self.per_participant) else { continue };
            let paid =
                self.live.paid_by(participant).map_or(i64::MIN, |paid| limit(paid, weight, self.margin / 4));
            let lower = ceiling.min(sum.max(paid));
            if lower == ALL {
                continue;
            }
            self.known.set_ceiling(participant, lower);
            let dear = sums.into_iter().filter(|&(sum, supporter)| sum >= lower && Some(supporter) != own);
            for (_, supporter) in dear {
                self.live.set_idle_pair(participant, supporter, None);
            }
        }
    }
}
