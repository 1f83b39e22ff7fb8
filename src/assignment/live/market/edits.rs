//! What can change in a market, and how that becomes edits of the held pairs.
//!
//! **Method.** Edits that name their pairs are passed on, and the pairs noted as told. Where pairs are the source's, it
//! is asked before the change is made: for the first few of a row, for a column down to its floor (the median floor for
//! who arrives). If that was too little, the change is made again with more, like any other.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::super::super::network::NONE;
use super::super::super::pair_source::Pairs;
use super::super::edit::{Edit, Outcome};
use super::LiveMarket;
use super::asking::Found;
use super::asking::limit;
use super::known::{ALL, Floor, NOTHING};
use super::source::{LivePairs, RowWanted};
use crate::error::Result;

/// One change of a market.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MarketEdit {
    /// As in a [`LiveAssignment`](super::LiveAssignment), with this difference: for who arrives, the pairs that are
    /// named are those that the source does not have, or has at another cost; all others are the source's. A pair that
    /// is allowed or forbidden, and a row or column that is given, is told: of it the source is not asked again.
    Edit(Edit),
    /// The pairs of a participant are those of the source, whatever was told of them and however they were before, but
    /// for those in columns that were given.
    Row {
        /// Whose.
        participant: u32,
    },
    /// The same for a supporter.
    Column {
        /// Whose.
        supporter: u32,
    },
    /// A single pair is as the source has it now, whatever was told of it before.
    Pair {
        /// Whose.
        participant: u32,
        /// With whom.
        supporter: u32,
    },
}

impl From<Edit> for MarketEdit {
    fn from(edit: Edit) -> Self {
        Self::Edit(edit)
    }
}

/// What a change of a market led to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct MarketOutcome {
    /// What it led to over all pairs.
    pub outcome: Outcome,
    /// Supporters whose potential changed, ascending.
    pub supporters_touched: Vec<u32>,
    /// Participants who may pay something else than before, ascending.
    pub participants_touched: Vec<u32>,
    /// How often the change was made, undone for pairs that were missing, and made again.
    pub rounds: u32,
    /// Rows asked of the source.
    pub rows_asked: u64,
    /// Columns asked of it.
    pub columns_asked: u64,
    /// Pairs it answered with.
    pub pairs_answered: u64,
}

/// The numbers that are given to those who arrive within a change.
#[derive(Default)]
struct Numbers {
    vacant: BTreeSet<u32>,
    count: u32,
}

impl Numbers {
    fn next(&mut self) -> u32 {
        self.vacant.pop_first().unwrap_or_else(|| {
            self.count += 1;
            self.count - 1
        })
    }
}

/// Edits of a market becoming edits of what is held.
pub(super) struct Translation<'m> {
    market: &'m mut LiveMarket,
    source: &'m mut dyn LivePairs,
    participants: Numbers,
    supporters: Numbers,
    edits: Vec<Edit>,
    /// The numbers of those who arrived by them.
    arrived: Vec<u32>,
}

impl<'m> Translation<'m> {
    /// Notes what the edits tell and asks for what they do not; faults in them are left to the engine.
    pub(super) fn of(
        market: &'m mut LiveMarket,
        source: &'m mut dyn LivePairs,
        edits: &[MarketEdit],
    ) -> Result<Vec<Edit>> {
        let mut numbers = (Numbers::default(), Numbers::default());
        let arrives = |edit: &MarketEdit| {
            matches!(edit, MarketEdit::Edit(Edit::ParticipantArrives { .. } | Edit::SupporterArrives { .. }))
        };
        if edits.iter().any(arrives) {
            let (participants, supporters) = market.live.sizes();
            let vacant = market.live.vacant();
            numbers.0 = Numbers { vacant: vacant.0, count: participants };
            numbers.1 = Numbers { vacant: vacant.1, count: supporters };
        }
        let (participants, supporters) = numbers;
        let mut this =
            Self { market, source, participants, supporters, edits: Vec::new(), arrived: Vec::new() };
        for edit in edits {
            let edit = this.translate(edit)?;
            this.edits.push(edit);
        }
        Ok(this.edits)
    }

    fn translate(&mut self, edit: &MarketEdit) -> Result<Edit> {
        let known = &mut self.market.known;
        let edit = match edit {
            MarketEdit::Edit(edit) => edit,
            &MarketEdit::Row { participant } => return self.row(participant),
            &MarketEdit::Column { supporter } => return self.column(supporter),
            &MarketEdit::Pair { participant, supporter } => {
                known.believe(participant, supporter);
                return Ok(match self.source.cost(participant, supporter) {
                    Some(cost) => Edit::Allow { participant, supporter, cost },
                    None => Edit::Forbid { participant, supporter },
                });
            }
        };
        match edit {
            &(Edit::Allow { participant, supporter, .. } | Edit::Forbid { participant, supporter }) => {
                known.tell(participant, supporter);
            }
            &Edit::Row { participant, .. } => known.close_row(participant),
            &Edit::Column { supporter, .. } => known.close_column(supporter),
            &Edit::Only { participant, supporter } => return Ok(self.only(participant, supporter)),
            &Edit::Any { participant } => return self.row(participant),
            &Edit::ParticipantLeaves { participant } => {
                known.close_row(participant);
                self.participants.vacant.insert(participant);
            }
            &Edit::SupporterLeaves { supporter } => {
                known.close_column(supporter);
                self.supporters.vacant.insert(supporter);
            }
            Edit::ParticipantArrives { pairs, served_weight, unmatched_cost } => {
                let pairs = self.arriving_row(pairs)?;
                let (served_weight, unmatched_cost) = (*served_weight, *unmatched_cost);
                return Ok(Edit::ParticipantArrives { pairs, served_weight, unmatched_cost });
            }
            Edit::SupporterArrives { supporter, pairs } => {
                let pairs = self.arriving_column(pairs)?;
                return Ok(Edit::SupporterArrives { supporter: supporter.clone(), pairs });
            }
            _ => {}
        }
        Ok(edit.clone())
    }

    /// How many pairs of a participant are asked for first.
    fn first(&self, participant: u32) -> usize {
        self.market.per_participant + self.market.known.told_of(participant)
    }

    /// The first pairs of a participant up to a limit that were not told, and its ceiling.
    fn first_of(&mut self, participant: u32, limit: i64, most: usize) -> Result<Vec<(u32, i64)>> {
        let wanted = RowWanted { participant, limit, most };
        let mut answers = self.market.answers(&[wanted], self.source)?;
        let (mut pairs, ceiling) = answers.pop().unwrap_or_default();
        self.market.known.set_ceiling(participant, ceiling);
        let known = &self.market.known;
        pairs.retain(|&(supporter, _)| !known.is_told(participant, supporter));
        Ok(pairs)
    }

    fn arriving_row(&mut self, named: &[(u32, i64)]) -> Result<Vec<(u32, i64)>> {
        let participant = self.participants.next();
        self.arrived.push(participant);
        // Told pairs are listed where something else could be asked about.
        self.market.known.set_ceiling(participant, ALL);
        for &(supporter, _) in named {
            self.market.known.tell(participant, supporter);
        }
        let mut pairs = named.to_vec();
        pairs.extend(self.first_of(participant, ALL, self.first(participant))?);
        Ok(pairs)
    }

    fn row(&mut self, participant: u32) -> Result<Edit> {
        if participant as usize >= self.market.known.ceilings().len() {
            return Ok(Edit::Row { participant, pairs: Vec::new() });
        }
        self.market.known.forget_row(participant);
        // Whoever waits pays what that costs, and has to hold every pair that could be had for less.
        let waits =
            participant < self.market.live.sizes().0 && self.market.supporter_of(participant).is_none();
        let mut pairs = if waits {
            let exit = limit(
                self.market.live.exit_of(participant),
                self.market.live.quality_weight(),
                self.market.margin,
            );
            self.first_of(participant, exit, usize::MAX)?
        } else {
            self.first_of(participant, ALL, self.first(participant))?
        };
        let given = |supporter: u32| self.market.known.floor(supporter).price == Pairs::CLOSED;
        if let Some(own) = self.market.supporter_of(participant)
            && !given(own)
            && pairs.iter().all(|pair| pair.0 != own)
            && let Some(cost) = self.source.cost(participant, own)
        {
            // Nobody leaves for being found late.
            pairs.push((own, cost));
        }
        let held = self.market.live.row_of(participant).into_iter().map(|(s, cost)| (participant, s, cost));
        let held = self.held_by_now(held.collect(), |p, s| p == participant && given(s));
        pairs.extend(held.into_iter().map(|((_, supporter), cost)| (supporter, cost)));
        Ok(Edit::Row { participant, pairs })
    }

    /// The one pair of a participant that counts as its row: nothing more is asked of somebody like that, and of what is
    /// asked again later little is held.
    fn only(&mut self, participant: u32, supporter: Option<u32>) -> Edit {
        let known = &mut self.market.known;
        let is_asked = |supporter: &u32| {
            (participant as usize) < known.ceilings().len()
                && (*supporter as usize) < known.floors().len()
                && known.ceiling(participant) != NOTHING
                && known.floor(*supporter).price != Pairs::CLOSED
                && !known.is_told(participant, *supporter)
        };
        let asked =
            supporter.filter(is_asked).and_then(|one| Some((one, self.source.cost(participant, one)?)));
        known.close_row(participant);
        let held = self.market.live.row_of(participant).into_iter();
        let held = held.map(|(supporter, cost)| (participant, supporter, cost)).collect();
        let held = self.held_by_now(held, |p, s| p == participant && Some(s) == supporter);
        let held = held.into_iter().map(|((_, supporter), cost)| (supporter, cost));
        Edit::Row { participant, pairs: asked.map_or_else(|| held.collect(), |pair| vec![pair]) }
    }

    /// The column of a supporter down to a floor, without those that were told.
    fn down_to(&mut self, supporter: u32, floor: Floor) -> Result<Vec<(u32, i64)>> {
        let mut pairs = self.market.column_at(supporter, floor.price, self.source)?;
        self.market.known.set_floor(supporter, floor);
        let known = &self.market.known;
        pairs.retain(|&(participant, _)| !known.is_told(participant, supporter));
        Ok(pairs)
    }

    /// The median of the floors.
    fn usual_floor(&self) -> Floor {
        let floors = self.market.known.floors().iter().map(|floor| floor.price);
        let mut open: Vec<i64> = floors.filter(|&price| price != Pairs::CLOSED).collect();
        let middle = open.len() / 2;
        Floor::at(if open.is_empty() { 0 } else { *open.select_nth_unstable(middle).1 })
    }

    fn arriving_column(&mut self, named: &[(u32, i64)]) -> Result<Vec<(u32, i64)>> {
        let floor = self.usual_floor();
        let supporter = self.supporters.next();
        self.arrived.push(supporter);
        self.market.known.set_floor(supporter, floor);
        for &(participant, _) in named {
            self.market.known.tell(participant, supporter);
        }
        let mut pairs = named.to_vec();
        pairs.extend(self.down_to(supporter, floor)?);
        Ok(pairs)
    }

    fn column(&mut self, supporter: u32) -> Result<Edit> {
        if supporter as usize >= self.market.known.floors().len() {
            return Ok(Edit::Column { supporter, pairs: Vec::new() });
        }
        self.market.known.forget_column(supporter);
        let floor = self.market.known.floor(supporter);
        let floor = if floor.price == Pairs::CLOSED { self.usual_floor() } else { floor };
        let mut pairs = self.down_to(supporter, floor)?;
        let given = |participant: u32| self.market.known.ceiling(participant) == NOTHING;
        for participant in self.market.live.caseload(supporter) {
            if !given(participant)
                && pairs.iter().all(|pair| pair.0 != participant)
                && let Some(cost) = self.source.cost(participant, supporter)
            {
                pairs.push((participant, cost));
            }
        }
        let held = self.market.live.column_of(supporter).into_iter().map(|(p, cost)| (p, supporter, cost));
        let held = self.held_by_now(held.collect(), |p, s| s == supporter && given(p));
        pairs.extend(held.into_iter().map(|((participant, _), cost)| (participant, cost)));
        Ok(Edit::Column { supporter, pairs })
    }

    /// Some of the pairs that are held once the edits so far are made, from those that are held before.
    fn held_by_now(
        &self,
        before: Vec<Found>,
        is_wanted: impl Fn(u32, u32) -> bool,
    ) -> BTreeMap<(u32, u32), i64> {
        let mut held: BTreeMap<(u32, u32), i64> =
            before.into_iter().map(|(p, s, cost)| ((p, s), cost)).collect();
        let mut arrived = self.arrived.iter().copied();
        for edit in &self.edits {
            match edit {
                &Edit::Allow { participant, supporter, cost } => {
                    held.insert((participant, supporter), cost);
                }
                &Edit::Forbid { participant, supporter } => {
                    held.remove(&(participant, supporter));
                }
                Edit::Row { participant, pairs } => {
                    held.retain(|pair, _| pair.0 != *participant);
                    held.extend(pairs.iter().map(|&(supporter, cost)| ((*participant, supporter), cost)));
                }
                Edit::Column { supporter, pairs } => {
                    held.retain(|pair, _| pair.1 != *supporter);
                    held.extend(pairs.iter().map(|&(participant, cost)| ((participant, *supporter), cost)));
                }
                Edit::ParticipantArrives { pairs, .. } => {
                    let participant = arrived.next().unwrap_or(NONE);
                    held.extend(pairs.iter().map(|&(supporter, cost)| ((participant, supporter), cost)));
                }
                Edit::SupporterArrives { pairs, .. } => {
                    let supporter = arrived.next().unwrap_or(NONE);
                    held.extend(pairs.iter().map(|&(participant, cost)| ((participant, supporter), cost)));
                }
                &Edit::ParticipantLeaves { participant } => held.retain(|pair, _| pair.0 != participant),
                &Edit::SupporterLeaves { supporter } => held.retain(|pair, _| pair.1 != supporter),
                _ => {}
            }
        }
        held.retain(|pair, _| is_wanted(pair.0, pair.1));
        held
    }
}
