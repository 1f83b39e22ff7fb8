//! The kept optimum, whether all its pairs are held or most of them stay with the compiled programme.
//!
//! **Problem.** A programme of a few thousand people fits into memory with all its pairs; one of 100,000 participants
//! and 25,000 supporters has 2.5 billion. Changes, questions and answers are the same for both.
//!
//! **Method.** [`LiveAssignment`] for the one, [`LiveMarket`] for the other. The market asks for rows and columns while
//! it repairs; what it is answered comes from the [`Compatibility`], which follows every change, and from a
//! [`PairIndex`] at the market's floors. A pair costs its weight with the sign turned, and a standing match that is
//! movable its price less: neither index nor column knows of it, so it is put in its place here. Pinned matches are no
//! pairs.
//!
//! **Why it is exact.** At lower cost than the index says a standing match can only rise among those found, so whoever
//! else belongs to the cheapest has been found. The market is told of every person and pair that is judged otherwise,
//! before it is asked again.
//!
//! **Time and space.** A row is a search in the index, a column a pass over the participants, nanoseconds each.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::super::market::row_with_standing;
use crate::assignment::{
    self, Alternate, Assignment, Edit, LiveAssignment, LiveMarket, LivePairs, MarketEdit, Openings, Outcome,
    PairSource, Problem, Repair, RowWanted, Rungs, Verification,
};
use crate::compatibility::{Compatibility, PairIndex, Standing};
use crate::error::Result;
use crate::policy::SCORE_ONE;
use crate::policy::criteria::to_micro;
use crate::program::Program;

/// Pairs of each participant that a market holds, about.
const PER_PARTICIPANT: usize = 12;
/// From so many prices on that change at once the index is built anew.
const MANY_PRICES: usize = 256;

/// People, what was compiled of them, and who of them is offered nobody by the network.
#[derive(Clone, Copy)]
pub(super) struct People<'a> {
    pub(super) program: &'a Program,
    pub(super) compatibility: &'a Compatibility,
    pub(super) back: &'a BTreeSet<u32>,
}

impl People<'_> {
    /// A participant's standing match if it can be changed.
    fn movable(&self, participant: usize) -> Option<Standing> {
        self.compatibility.standing(participant).filter(|standing| !standing.pinned)
    }

    fn is_pinned(&self, participant: usize) -> bool {
        self.compatibility.standing(participant).is_some_and(|standing| standing.pinned)
    }

    /// What a weight costs in the network: a movable standing match its price less.
    pub(super) fn cost(&self, participant: u32, supporter: u32, weight: i32) -> i64 {
        let own = self.movable(participant as usize).filter(|standing| standing.supporter == supporter);
        -i64::from(weight) - own.map_or(0, |standing| i64::from(standing.price))
    }

    /// What a pair costs; `None` where it may not be.
    pub(super) fn pair(&self, participant: u32, supporter: u32) -> Option<i64> {
        let weight = self.compatibility.weight(self.program, participant as usize, supporter as usize)?;
        Some(self.cost(participant, supporter, weight))
    }

    /// Every pair of a participant with its cost.
    pub(super) fn row(&self, participant: u32) -> Vec<(u32, i64)> {
        let found = self.compatibility.scan(self.program, participant as usize);
        found.iter().map(|own| (own.supporter, self.cost(participant, own.supporter, own.weight))).collect()
    }

    /// Every pair of a supporter with its cost, of the first participants so many, without those who are pinned or
    /// offered nobody.
    pub(super) fn column(&self, supporter: u32, participants: u32) -> Vec<(u32, i64)> {
        let floor = |one: u32| {
            if one < participants && !self.back.contains(&one) { i64::MIN } else { i64::MAX }
        };
        let mut floors: Vec<i64> = (0..self.program.participants().len() as u32).map(floor).collect();
        self.column_above(supporter, &mut floors)
    }

    /// Those whose weight, with the price of a standing match, exceeds a floor.
    fn column_above(&self, supporter: u32, floors: &mut [i64]) -> Vec<(u32, i64)> {
        let record = &self.program.supporters()[supporter as usize];
        for row in self.program.standing_with(record.id.as_str()) {
            let Some(place) = self.program.participant_index(row.participant.as_str()) else { continue };
            if let Some(standing) = self.movable(place)
                && standing.supporter == supporter
                && floors[place] != i64::MAX
            {
                floors[place] = floors[place].saturating_sub(i64::from(standing.price));
            }
        }
        let found = self.compatibility.column_above(self.program, supporter as usize, floors);
        let open = found.into_iter().filter(|&(participant, _)| !self.is_pinned(participant as usize));
        open.map(|(participant, weight)| (participant, self.cost(participant, supporter, weight))).collect()
    }
}

/// All pairs as a market asks for them.
struct Source<'a> {
    people: People<'a>,
    index: &'a mut PairIndex,
    /// The dearest that a change of a standing match is.
    dearest: i64,
    /// Standing matches have no price.
    free: bool,
}

impl Source<'_> {
    fn standing_cost(&self, participant: u32) -> Option<(u32, i64)> {
        let standing = self.people.movable(participant as usize).filter(|_| !self.free)?;
        Some((standing.supporter, self.people.pair(participant, standing.supporter)?))
    }

    fn weight_cost(&self, participant: u32, supporter: u32, weight: i32) -> i64 {
        if self.free { -i64::from(weight) } else { self.people.cost(participant, supporter, weight) }
    }
}

impl PairSource for Source<'_> {
    fn cost_range(&self) -> (i64, i64) {
        let relaxations = &self.people.compatibility.policy().relaxations;
        let highest = relaxations.iter().map(|step| i64::from(to_micro(step.price))).sum();
        (-i64::from(SCORE_ONE) - self.dearest, highest)
    }

    fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        let People { program, compatibility, .. } = self.people;
        let there = (participant as usize) < program.participants().len()
            && (supporter as usize) < program.supporters().len();
        if !there || self.people.is_pinned(participant as usize) {
            return None;
        }
        let weight = compatibility.weight(program, participant as usize, supporter as usize)?;
        Some(self.weight_cost(participant, supporter, weight))
    }
}

impl LivePairs for Source<'_> {
    fn floor(&mut self, supporter: u32, price: i64) {
        self.index.set_price(self.people.compatibility, supporter as usize, price);
    }

    fn floors(&mut self, floors: &[(u32, i64)]) {
        if floors.len() < MANY_PRICES {
            for &(supporter, price) in floors {
                self.floor(supporter, price);
            }
            return;
        }
        let mut prices = self.index.prices().to_vec();
        for &(supporter, price) in floors {
            prices[supporter as usize] = price;
        }
        *self.index = PairIndex::new(self.people.compatibility, prices);
    }

    fn row(&self, RowWanted { participant, limit, most }: RowWanted) -> Vec<(u32, i64)> {
        let People { program, compatibility, .. } = self.people;
        if most == 0 || self.people.is_pinned(participant as usize) {
            return Vec::new();
        }
        // A weight exceeds its price by more than the limit with the sign turned where the cost is below the limit.
        let floor = if limit == i64::MAX { i64::MIN } else { limit.saturating_neg() };
        let found = self.index.above(compatibility, program, participant as usize, floor, most);
        row_with_standing(&found, self.standing_cost(participant), (self.index.prices(), limit, most))
    }

    fn column(&self, supporter: u32, price: i64, ceilings: &[i64]) -> Vec<(u32, i64)> {
        let floor = |ceiling: i64| match ceiling {
            i64::MIN => i64::MAX,
            i64::MAX => i64::MIN,
            ceiling => price.saturating_sub(ceiling),
        };
        let mut floors: Vec<i64> = ceilings.iter().map(|&ceiling| floor(ceiling)).collect();
        floors.resize(self.people.program.participants().len(), i64::MAX);
        if !self.free {
            return self.people.column_above(supporter, &mut floors);
        }
        let found = self.people.compatibility.column_above(self.people.program, supporter as usize, &floors);
        let open = found.into_iter().filter(|&(participant, _)| !self.people.is_pinned(participant as usize));
        open.map(|(participant, weight)| (participant, -i64::from(weight))).collect()
    }
}

/// A market with what it is answered from.
#[derive(Clone)]
pub(super) struct Priced {
    live: LiveMarket,
    index: PairIndex,
    dearest: i64,
}

impl Priced {
    fn dearest(people: People<'_>) -> i64 {
        let prices =
            (0..people.program.participants().len()).filter_map(|one| people.compatibility.standing(one));
        let usual = to_micro(people.compatibility.policy().objective.change_price);
        prices.map(|standing| i64::from(standing.price)).fold(i64::from(usual), i64::max)
    }

    fn with(people: People<'_>, live: LiveMarket) -> Self {
        let prices = vec![assignment::Pairs::CLOSED; people.program.supporters().len()];
        Self { live, index: PairIndex::new(people.compatibility, prices), dearest: Self::dearest(people) }
    }

    /// The market, and its source for a moment.
    fn asked<'a>(&'a mut self, people: People<'a>) -> (&'a mut LiveMarket, Source<'a>) {
        (&mut self.live, Source { people, index: &mut self.index, dearest: self.dearest, free: false })
    }
}

/// The kept optimum.
#[derive(Clone)]
pub(super) enum Engine {
    /// All pairs are held.
    Whole(LiveAssignment),
    /// Most are not.
    Market(Box<Priced>),
}

/// The same as data.
#[derive(Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Optimum {
    Whole(LiveAssignment),
    Market(Box<LiveMarket>),
}

/// Does the same for either, where they have the same name for it.
macro_rules! either {
    ($engine:expr, $live:ident => $does:expr) => {
        match $engine {
            Engine::Whole($live) => $does,
            Engine::Market(priced) => {
                let $live = &priced.live;
                $does
            }
        }
    };
}

macro_rules! either_mut {
    ($engine:expr, $live:ident => $does:expr) => {
        match $engine {
            Engine::Whole($live) => $does,
            Engine::Market(priced) => {
                let $live = &mut priced.live;
                $does
            }
        }
    };
}

/// The same edit with its pairs; of columns those of the first participants so many.
fn named(edit: &MarketEdit, people: People<'_>, participants: u32) -> Edit {
    match edit {
        MarketEdit::Edit(edit) => edit.clone(),
        &MarketEdit::Row { participant } => Edit::Row { participant, pairs: people.row(participant) },
        &MarketEdit::Column { supporter } => {
            Edit::Column { supporter, pairs: people.column(supporter, participants) }
        }
        &MarketEdit::Pair { participant, supporter } => match people.pair(participant, supporter) {
            Some(cost) => Edit::Allow { participant, supporter, cost },
            None => Edit::Forbid { participant, supporter },
        },
    }
}

impl Engine {
    /// From the optimum over some pairs, which is that of all with standing matches without a price where they are
    /// `free`.
    pub(super) fn market(
        people: People<'_>,
        (problem, assignment): (&Problem, &Assignment),
        free: bool,
    ) -> Result<Self> {
        let prices = vec![assignment::Pairs::CLOSED; people.program.supporters().len()];
        let mut index = PairIndex::new(people.compatibility, prices);
        let dearest = Priced::dearest(people);
        let mut source = Source { people, index: &mut index, dearest, free };
        let mut live = LiveMarket::new(problem, assignment, &mut source, PER_PARTICIPANT)?;
        let closed =
            people.back.iter().map(|&participant| Edit::Row { participant, pairs: Vec::new() }.into());
        live.apply(&closed.collect::<Vec<_>>(), &mut source)?;
        Ok(Self::Market(Box::new(Priced { live, index, dearest })))
    }

    pub(super) fn read(people: People<'_>, optimum: Optimum) -> Self {
        match optimum {
            Optimum::Whole(live) => Self::Whole(live),
            Optimum::Market(live) => Self::Market(Box::new(Priced::with(people, *live))),
        }
    }

    pub(super) fn to_data(&self) -> Optimum {
        match self {
            Self::Whole(live) => Optimum::Whole(live.clone()),
            Self::Market(priced) => Optimum::Market(Box::new(priced.live.clone())),
        }
    }

    /// Whether it asks for pairs that it does not hold.
    pub(super) fn asks(&self) -> bool {
        matches!(self, Self::Market(_))
    }

    /// The cheapest pairs of a participant at the floors as they were when a row was last asked for, and no more than a
    /// market holds of everybody; none where all are held.
    pub(super) fn cheapest_known(&mut self, participant: u32, people: People<'_>) -> Vec<(u32, i64)> {
        match self {
            Self::Whole(_) => Vec::new(),
            Self::Market(priced) => {
                let (_, source) = priced.asked(people);
                source.row(RowWanted { participant, limit: i64::MAX, most: PER_PARTICIPANT })
            }
        }
    }

    /// Follows a supporter who was compiled anew.
    pub(super) fn refresh_supporter(&mut self, compatibility: &Compatibility, supporter: u32) {
        if let Self::Market(priced) = self {
            priced.index.refresh_supporter(compatibility, supporter as usize);
        }
    }

    pub(super) fn apply(&mut self, edits: &[MarketEdit], people: People<'_>) -> Result<Outcome> {
        match self {
            Self::Whole(live) => {
                let participants = live.sizes().0;
                let edits: Vec<Edit> = edits.iter().map(|edit| named(edit, people, participants)).collect();
                live.apply(&edits)
            }
            Self::Market(priced) => {
                let (live, mut source) = priced.asked(people);
                Ok(live.apply(edits, &mut source)?.outcome)
            }
        }
    }

    /// Edits that name their pairs where all are held, so that they can be made more than once.
    pub(super) fn named(&self, edits: Vec<MarketEdit>, people: People<'_>) -> Vec<MarketEdit> {
        match self {
            Self::Whole(live) => {
                let participants = live.sizes().0;
                edits.iter().map(|edit| named(edit, people, participants).into()).collect()
            }
            Self::Market(_) => edits,
        }
    }

    /// The best ways to take in a participant who has nobody and is offered nobody, if these were their pairs, by how
    /// many others move.
    pub(super) fn frontier_among(
        &mut self,
        participant: u32,
        row: &[(u32, i64)],
        most: u32,
        people: People<'_>,
    ) -> Result<Vec<Repair>> {
        match self {
            Self::Whole(live) => live.frontier_among(participant, row, most),
            Self::Market(priced) => {
                let (live, mut source) = priced.asked(people);
                live.frontier_among(participant, row, most, &mut source)
            }
        }
    }

    /// Who of those that have another supporter would come to this one for a place more, if these were its places.
    pub(super) fn suitors(
        &mut self,
        supporter: u32,
        places: &assignment::Supporter,
        people: People<'_>,
    ) -> Result<Vec<u32>> {
        match self {
            Self::Whole(live) => Ok(live.suitors(supporter, places)),
            Self::Market(priced) => {
                let (live, source) = priced.asked(people);
                live.suitors(supporter, places, &source)
            }
        }
    }

    pub(super) fn alternates_among(
        &mut self,
        participant: u32,
        most: usize,
        among: &dyn Fn(u32) -> bool,
        people: People<'_>,
    ) -> Result<Vec<Alternate>> {
        match self {
            Self::Whole(live) => live.alternates_among(participant, most, among),
            Self::Market(priced) => {
                let (live, mut source) = priced.asked(people);
                live.alternates_among(participant, most, among, &mut source)
            }
        }
    }

    /// Checks all that is kept. For a market every row is asked for.
    pub(super) fn verify(&self, people: People<'_>) -> Verification {
        match self {
            Self::Whole(live) => live.verify(),
            Self::Market(priced) => {
                let mut index = priced.index.clone();
                let mut source = Source { people, index: &mut index, dearest: priced.dearest, free: false };
                priced.live.verify(&mut source)
            }
        }
    }

    pub(super) fn begin(&mut self) {
        either_mut!(self, live => live.begin());
    }

    /// Lets go of what became too dear to be held.
    pub(super) fn trim(&mut self) {
        if let Self::Market(priced) = self {
            priced.live.trim();
        }
    }

    pub(super) fn commit(&mut self) {
        either_mut!(self, live => live.commit());
    }

    pub(super) fn roll_back(&mut self) {
        either_mut!(self, live => live.roll_back());
    }

    pub(super) fn forget_oldest(&mut self) {
        either_mut!(self, live => live.forget_oldest());
    }

    pub(super) fn supporter_of(&self, participant: u32) -> Option<u32> {
        either!(self, live => live.supporter_of(participant))
    }

    /// The pairs of a participant, where all are held; a market is asked for them.
    pub(super) fn row_of(&self, participant: u32) -> Vec<(u32, i64)> {
        match self {
            Self::Whole(live) => live.row_of(participant),
            Self::Market(_) => Vec::new(),
        }
    }

    pub(super) fn room(&self, supporter: u32) -> u32 {
        either!(self, live => live.room(supporter))
    }

    /// The same where a match with somebody, if any, were over.
    pub(super) fn room_beside(&self, supporter: u32, left: Option<u32>) -> u32 {
        either!(self, live => live.room_beside(supporter, left))
    }

    pub(super) fn load(&self, supporter: u32) -> u32 {
        either!(self, live => live.load(supporter))
    }

    /// What each supporter would cost everybody but a participant. Exact where all pairs are held.
    pub(super) fn openings(&self, participant: u32, free_alone: bool) -> Result<Openings<'_>> {
        if free_alone {
            either!(self, live => live.free_openings(participant))
        } else {
            either!(self, live => live.openings(participant))
        }
    }

    /// What one millionth of score weighs in packed costs.
    pub(super) fn quality_weight(&self) -> i128 {
        either!(self, live => live.quality_weight())
    }

    pub(super) fn objective(&self) -> Rungs {
        either!(self, live => live.objective())
    }

    pub(super) fn problem(&self) -> Result<Problem> {
        either!(self, live => live.problem())
    }

    pub(super) fn assignment(&self, problem: &Problem) -> Result<Assignment> {
        either!(self, live => live.assignment(problem))
    }
}
