//! How far an auction is from the best at any moment, and the best it had.
//!
//! **Method.** Prices are potentials, so they give a bound: each bidder pays the least value of its row, or stays
//! unmatched, and each free place above its floor could be taken for the difference. Records tell a bound on the least
//! value without a look at the row. Bidding starts every phase with all places free, so who has which place is
//! remembered before.
//!
//! **Time and space.** O(bidders + places) for records of constant length; no row is read, except for what those who
//! go back pay.

use super::super::control::Control;
use super::super::costs::Cost;
use super::lane::Lane;
use super::market::{Market, NONE};

/// Who had which place at some moment.
pub(super) struct Kept {
    cost: i128,
    place: Vec<u32>,
}

impl<W: Lane, C: Cost, const K: usize> Market<'_, W, C, K> {
    /// What everyone pays, prices left out: the pair and the floor of its place, or the exit.
    fn cost(&self) -> i128 {
        let cost = |(bidder, &place): (usize, &u32)| match place {
            NONE => self.exit[bidder].widen(),
            place => self.paid[bidder].widen() + self.floor[place as usize].widen(),
        };
        self.place.iter().enumerate().map(cost).map(i128::from).sum()
    }

    /// How far who has which place is from the best at most.
    fn gap(&self) -> i128 {
        let mut gap = 0_i128;
        for (bidder, &place) in self.place.iter().enumerate() {
            let exit = self.exit[bidder];
            // Pinned, and not in the market.
            if exit <= W::ZERO - W::INFINITY {
                continue;
            }
            let own = match place {
                NONE => exit,
                place => self.paid[bidder] + self.price[place as usize],
            };
            let least = self.best_on_record(bidder).least.min(self.records[bidder].rest).min(exit);
            gap += i128::from(own.widen() - least.widen());
        }
        for (place, &floor) in self.floor.iter().enumerate() {
            if self.owner[place] == NONE && floor < W::INFINITY {
                gap += i128::from(self.price[place].widen() - floor.widen());
            }
        }
        gap
    }

    /// Remembers who has which place, where that is the best so far, and says how far it is from the best.
    pub(super) fn keep(&mut self, control: &Control<'_>) {
        if !control.may_stop() {
            return;
        }
        let cost = self.cost();
        if self.kept.as_ref().is_none_or(|kept| cost < kept.cost) {
            self.kept = Some(Kept { cost, place: self.place.clone() });
        }
        self.tell(control);
    }

    /// Says how far the best so far is from the best there is; what there is now may be it, where nothing will get
    /// worse.
    pub(super) fn tell(&self, control: &Control<'_>) {
        if control.is_watched() {
            let cost = self.cost();
            let kept = self.kept.as_ref().map_or(cost, |kept| kept.cost.min(cost));
            control.leaves(self.gap() - (cost - kept));
        }
    }

    /// Goes back to the best so far, if it is better.
    pub(super) fn go_back(&mut self) {
        if let Some(kept) = self.kept.take()
            && kept.cost < self.cost()
        {
            self.place = kept.place;
            for (bidder, &place) in self.place.iter().enumerate().filter(|&(_, &place)| place != NONE) {
                self.paid[bidder] = W::narrow(self.rows.cost(bidder, place));
            }
        }
    }
}
