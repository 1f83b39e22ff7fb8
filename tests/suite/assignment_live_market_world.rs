//! A living market with its pairs in a table, beside a living optimum that holds them all.

use std::collections::BTreeSet;

use peermatch::assignment::{
    Arrival, Edit, LiveAssignment, LiveMarket, LivePairs, MarketEdit, PairSource, Pairs, RowWanted, Supporter,
};
use proptest::prelude::*;

use crate::assignment_instances::Instance;
use crate::assignment_live::{Draw, best, edit};

pub(crate) const RANGE: (i64, i64) = (-30, 60);

/// All pairs in a table, with the floors it was told.
#[derive(Debug, Clone, Default)]
pub(crate) struct Table {
    pub(crate) range: (i64, i64),
    pub(crate) costs: Vec<Vec<Option<i64>>>,
    pub(crate) floors: Vec<i64>,
}

impl Table {
    pub(crate) fn set(&mut self, participant: u32, supporter: u32, cost: Option<i64>) {
        let (p, s) = (participant as usize, supporter as usize);
        self.costs.resize(self.costs.len().max(p + 1), Vec::new());
        let row = &mut self.costs[p];
        row.resize(row.len().max(s + 1), None);
        row[s] = cost;
    }
}

impl PairSource for Table {
    fn cost_range(&self) -> (i64, i64) {
        self.range
    }

    fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
        *self.costs.get(participant as usize)?.get(supporter as usize)?
    }
}

impl LivePairs for Table {
    fn floor(&mut self, supporter: u32, price: i64) {
        let s = supporter as usize;
        self.floors.resize(self.floors.len().max(s + 1), Pairs::CLOSED);
        self.floors[s] = price;
    }

    fn row(&self, wanted: RowWanted) -> Vec<(u32, i64)> {
        let open = (0..).zip(&self.floors).filter(|&(_, &floor)| floor != Pairs::CLOSED);
        let sum = |(s, &floor): (u32, &i64)| {
            let cost = self.cost(wanted.participant, s)?;
            Some((cost + floor, s, cost))
        };
        let mut row: Vec<_> = open.filter_map(sum).filter(|pair| pair.0 < wanted.limit).collect();
        row.sort_unstable();
        row.truncate(wanted.most);
        row.into_iter().map(|(_, s, cost)| (s, cost)).collect()
    }

    fn column(&self, supporter: u32, price: i64, ceilings: &[i64]) -> Vec<(u32, i64)> {
        let pairs =
            (0..).zip(ceilings).filter_map(|(p, &ceiling)| Some((p, self.cost(p, supporter)?, ceiling)));
        pairs.filter(|&(_, cost, ceiling)| cost + price < ceiling).map(|(p, cost, _)| (p, cost)).collect()
    }
}

/// A market, its source, and the same problem with all its pairs held.
#[derive(Clone)]
pub(crate) struct World {
    pub(crate) market: LiveMarket,
    pub(crate) source: Table,
    pub(crate) all: LiveAssignment,
    /// Whose rows and columns were given, and are not the source's.
    pub(crate) given_rows: BTreeSet<u32>,
    pub(crate) given_columns: BTreeSet<u32>,
}

impl World {
    pub(crate) fn new(instance: &Instance, per_participant: usize) -> Self {
        let problem = instance.build().unwrap();
        let all = LiveAssignment::solve(&problem).unwrap();
        let mut source = Table { range: RANGE, ..Table::default() };
        for (p, row) in (0..).zip(&instance.costs) {
            for (s, &cost) in (0..).zip(row) {
                source.set(p, s, cost);
            }
        }
        // Begun from the optimum without any pair, which is that of nobody.
        let mut bare = instance.clone();
        for row in &mut bare.costs {
            row.fill(None);
        }
        let bare = LiveAssignment::solve(&bare.build().unwrap()).unwrap();
        let problem = bare.problem().unwrap();
        let nobody = bare.assignment(&problem).unwrap();
        let market = LiveMarket::new(&problem, &nobody, &mut source, per_participant).unwrap();
        Self { market, source, all, given_rows: BTreeSet::new(), given_columns: BTreeSet::new() }
    }

    /// What a draw means, made where all pairs are held and in the source; what the market is told of it.
    pub(crate) fn draw(&mut self, drawn: &Draw) -> Option<MarketEdit> {
        let problem = self.all.problem().unwrap();
        let edit = edit(&problem, drawn)?;
        let by_source = drawn.1.is_multiple_of(2);
        let row = |p: u32| (0..).zip(self.source.costs.get(p as usize).cloned().unwrap_or_default());
        let mut world = self.clone();
        let (truth, told): (Edit, MarketEdit) = match &edit {
            Edit::Row { participant: p, pairs } if by_source => {
                for (s, _) in row(*p) {
                    world.source.set(*p, s, None);
                }
                for &(s, cost) in pairs {
                    world.source.set(*p, s, Some(cost));
                }
                let mut truth: Vec<(u32, i64)> = pairs.clone();
                truth.retain(|pair| !self.given_columns.contains(&pair.0) && self.is_there(pair.0));
                truth.extend(problem.row(*p).filter(|pair| self.given_columns.contains(&pair.0)));
                world.given_rows.remove(p);
                (Edit::Row { participant: *p, pairs: truth }, MarketEdit::Row { participant: *p })
            }
            Edit::Column { supporter: s, pairs } if by_source => {
                // What the source says of rows that were given counts for nothing, unless one pair of theirs is to count
                // in the same change: that stays what it was.
                let is_open = |p: &u32| !self.given_rows.contains(p);
                for p in (0..world.source.costs.len() as u32).filter(is_open) {
                    world.source.set(p, *s, None);
                }
                for &(p, cost) in pairs.iter().filter(|pair| is_open(&pair.0)) {
                    world.source.set(p, *s, Some(cost));
                }
                let mut truth: Vec<(u32, i64)> = pairs.clone();
                truth.retain(|pair| !self.given_rows.contains(&pair.0) && self.is_known(pair.0));
                let given = self.given_rows.iter().filter_map(|&p| Some((p, problem.pair_cost(p, *s)?)));
                truth.extend(given);
                world.given_columns.remove(s);
                (Edit::Column { supporter: *s, pairs: truth }, MarketEdit::Column { supporter: *s })
            }
            Edit::Only { participant: p, supporter } => {
                let pairs = problem.row(*p).filter(|pair| Some(pair.0) == *supporter).collect();
                world.given_rows.insert(*p);
                (Edit::Row { participant: *p, pairs }, edit.clone().into())
            }
            Edit::Any { participant: p } => {
                let mut truth = row_of(&self.source, *p);
                truth.retain(|pair| !self.given_columns.contains(&pair.0) && self.is_there(pair.0));
                truth.extend(problem.row(*p).filter(|pair| self.given_columns.contains(&pair.0)));
                world.given_rows.remove(p);
                (Edit::Row { participant: *p, pairs: truth }, edit.clone().into())
            }
            Edit::ParticipantArrives { pairs, served_weight, unmatched_cost } => {
                let named: Vec<(u32, i64)> = pairs.iter().copied().skip(pairs.len() / 2).collect();
                let p = self.next_participant();
                for (s, _) in row(p) {
                    world.source.set(p, s, None);
                }
                for &(s, cost) in pairs {
                    world.source.set(p, s, Some((cost * 3) % 20));
                }
                let mut truth = named.clone();
                let unnamed = row_of(&world.source, p);
                truth.extend(unnamed.into_iter().filter(|&(s, _)| {
                    !named.iter().any(|pair| pair.0 == s)
                        && !self.given_columns.contains(&s)
                        && self.is_there(s)
                }));
                world.given_rows.remove(&p);
                let (served_weight, unmatched_cost) = (*served_weight, *unmatched_cost);
                let arrives = |pairs| Edit::ParticipantArrives { pairs, served_weight, unmatched_cost };
                (arrives(truth), arrives(named).into())
            }
            Edit::SupporterArrives { supporter, pairs } => {
                let named: Vec<(u32, i64)> = pairs.iter().copied().skip(pairs.len() / 2).collect();
                let s = self.next_supporter();
                for p in 0..world.source.costs.len() as u32 {
                    world.source.set(p, s, None);
                }
                for &(p, cost) in pairs {
                    world.source.set(p, s, Some((cost * 3) % 20));
                }
                let mut truth = named.clone();
                truth.extend((0..problem.participants()).filter_map(|p| {
                    let unnamed = !named.iter().any(|pair| pair.0 == p);
                    let counts = unnamed && !self.given_rows.contains(&p) && self.is_known(p);
                    Some((p, world.source.cost(p, s).filter(|_| counts)?))
                }));
                world.given_columns.remove(&s);
                let arrives = |pairs| Edit::SupporterArrives { supporter: supporter.clone(), pairs };
                (arrives(truth), arrives(named).into())
            }
            _ => {
                match &edit {
                    Edit::Row { participant, .. } => _ = world.given_rows.insert(*participant),
                    Edit::Column { supporter, .. } => _ = world.given_columns.insert(*supporter),
                    Edit::ParticipantLeaves { participant } => _ = world.given_rows.remove(participant),
                    Edit::SupporterLeaves { supporter } => _ = world.given_columns.remove(supporter),
                    _ => {}
                }
                (edit.clone(), edit.into())
            }
        };
        world.all.apply(&[truth]).ok()?;
        *self = world;
        Some(told)
    }

    /// The number that the next to arrive gets.
    pub(crate) fn next_participant(&self) -> u32 {
        let arrives = Edit::ParticipantArrives { pairs: Vec::new(), served_weight: 0, unmatched_cost: 0 };
        match self.all.clone().apply(&[arrives]).unwrap().arrivals[0] {
            Arrival::Participant(number) => number,
            Arrival::Supporter(_) => unreachable!(),
        }
    }

    pub(crate) fn next_supporter(&self) -> u32 {
        let arrives = Edit::SupporterArrives { supporter: Supporter::new(0), pairs: Vec::new() };
        match self.all.clone().apply(&[arrives]).unwrap().arrivals[0] {
            Arrival::Supporter(number) => number,
            Arrival::Participant(_) => unreachable!(),
        }
    }

    /// Whether a number is somebody's.
    pub(crate) fn is_known(&self, participant: u32) -> bool {
        self.all.clone().drill(&[Edit::Unpin { participant }]).is_ok()
    }

    pub(crate) fn is_there(&self, supporter: u32) -> bool {
        self.all.clone().drill(&[Edit::Column { supporter, pairs: Vec::new() }]).is_ok()
    }

    /// Whether every number is somebody's; a problem does not tell those who left from those who have nothing.
    pub(crate) fn has_no_vacancy(&self) -> bool {
        let problem = self.all.problem().unwrap();
        (self.next_participant(), self.next_supporter()) == (problem.participants(), problem.supporters())
    }

    /// All pairs held, and everybody where the market has them.
    pub(crate) fn same_matches(&self) -> LiveAssignment {
        let problem = self.market.problem().unwrap();
        let assignment = self.market.assignment(&problem).unwrap();
        LiveAssignment::new(&self.all.problem().unwrap(), &assignment).unwrap()
    }

    pub(crate) fn holds(&mut self) -> Result<(), TestCaseError> {
        let check = self.market.verify(&mut self.source);
        prop_assert!(check.is_valid() && check.proven_optimal, "{check}");
        prop_assert_eq!(self.market.objective(), self.all.objective());
        if let Some(best) = best(&self.all.problem().unwrap()) {
            prop_assert_eq!(best, self.market.objective());
        }
        Ok(())
    }

    pub(crate) fn bytes(&self) -> String {
        serde_json::to_string(&self.market).unwrap()
    }
}

pub(crate) fn row_of(source: &Table, participant: u32) -> Vec<(u32, i64)> {
    let row = source.costs.get(participant as usize).cloned().unwrap_or_default();
    (0..).zip(row).filter_map(|(s, cost)| Some((s, cost?))).collect()
}
