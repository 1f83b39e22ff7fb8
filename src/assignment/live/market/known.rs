//! What is known of the pairs that are not held.
//!
//! **Invariant.** A supporter has a floor and a participant a ceiling, in quality costs, and every pair of the source
//! that is not held has `cost + floor >= ceiling`. So a floor may rise and a ceiling fall at any time; the other way
//! takes a question. Quality costs are not packed, so what is known outlives the scales of the ladder.
//!
//! A ceiling of [`NOTHING`] or a floor of [`Pairs::CLOSED`] claims nothing: nobody has that number, or all its pairs
//! were told and the source is not asked. Single pairs that were told are listed: of these the source is not believed.
//!
//! **Undoing.** Each write logs what it replaces, as the engine's do ([`super::super::log`]), and beginnings nest with
//! the engine's. Which floors the source was told is no part of the state: what it was not told is told before it is
//! asked.

use std::collections::BTreeSet;

use super::super::super::pair_source::Pairs;

/// The ceiling of a participant whose row is not asked for.
pub(super) const NOTHING: i64 = i64::MIN;
/// The ceiling of a participant whose every pair is held.
pub(super) const ALL: i64 = i64::MAX;

/// The lowest price at which the pairs of a supporter are known, and how often it had to be lowered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Floor {
    pub(super) price: i64,
    pub(super) lowered: u8,
}

impl Floor {
    pub(super) const CLOSED: Self = Self { price: Pairs::CLOSED, lowered: 0 };

    pub(super) fn at(price: i64) -> Self {
        Self { price, lowered: 0 }
    }
}

#[derive(Debug, Clone)]
enum Old {
    Floor(u32, Floor),
    Ceiling(u32, i64),
    Told(u32, u32, bool),
    MostHeld(usize),
    NewFloor,
    NewCeiling,
}

/// Floors, ceilings, and the pairs that were told.
#[derive(Debug, Clone, Default)]
pub(super) struct Known {
    floors: Vec<Floor>,
    ceilings: Vec<i64>,
    told: BTreeSet<(u32, u32)>,
    /// Pairs held beyond which some are let go.
    most_held: usize,
    log: Vec<Old>,
    marks: Vec<usize>,
    /// Supporters whose floor the source does not know yet.
    news: BTreeSet<u32>,
}

impl Known {
    /// Nothing told yet, neither by the caller nor to the source.
    pub(super) fn new(floors: Vec<Floor>, ceilings: Vec<i64>, told: BTreeSet<(u32, u32)>) -> Self {
        let news = (0..floors.len() as u32).collect();
        Self { floors, ceilings, told, most_held: 0, log: Vec::new(), marks: Vec::new(), news }
    }

    pub(super) fn floors(&self) -> &[Floor] {
        &self.floors
    }

    pub(super) fn ceilings(&self) -> &[i64] {
        &self.ceilings
    }

    pub(super) fn told(&self) -> &BTreeSet<(u32, u32)> {
        &self.told
    }

    pub(super) fn floor(&self, supporter: u32) -> Floor {
        self.floors.get(supporter as usize).copied().unwrap_or(Floor::CLOSED)
    }

    pub(super) fn ceiling(&self, participant: u32) -> i64 {
        self.ceilings.get(participant as usize).copied().unwrap_or(NOTHING)
    }

    /// Whether the source is not asked about a pair.
    pub(super) fn is_told(&self, participant: u32, supporter: u32) -> bool {
        self.ceiling(participant) == NOTHING
            || self.floor(supporter).price == Pairs::CLOSED
            || self.told.contains(&(participant, supporter))
    }

    /// How many single pairs of a participant were told.
    pub(super) fn told_of(&self, participant: u32) -> usize {
        self.told.range((participant, 0)..=(participant, u32::MAX)).count()
    }

    pub(super) fn most_held(&self) -> usize {
        self.most_held
    }

    pub(super) fn set_most_held(&mut self, pairs: usize) {
        self.write(Old::MostHeld(self.most_held));
        self.most_held = pairs;
    }

    fn write(&mut self, old: Old) {
        if !self.marks.is_empty() {
            self.log.push(old);
        }
    }

    pub(super) fn set_floor(&mut self, supporter: u32, floor: Floor) {
        while self.floors.len() <= supporter as usize {
            self.write(Old::NewFloor);
            self.floors.push(Floor::CLOSED);
        }
        let before = std::mem::replace(&mut self.floors[supporter as usize], floor);
        if before != floor {
            self.write(Old::Floor(supporter, before));
            self.news.insert(supporter);
        }
    }

    pub(super) fn set_ceiling(&mut self, participant: u32, ceiling: i64) {
        while self.ceilings.len() <= participant as usize {
            self.write(Old::NewCeiling);
            self.ceilings.push(NOTHING);
        }
        let before = std::mem::replace(&mut self.ceilings[participant as usize], ceiling);
        if before != ceiling {
            self.write(Old::Ceiling(participant, before));
        }
    }

    /// Notes that a pair was told, unless all of its row or column was.
    pub(super) fn tell(&mut self, participant: u32, supporter: u32) {
        if !self.is_told(participant, supporter) {
            self.told.insert((participant, supporter));
            self.write(Old::Told(participant, supporter, false));
        }
    }

    fn forget(&mut self, pairs: Vec<(u32, u32)>) {
        for pair in pairs {
            self.told.remove(&pair);
            self.write(Old::Told(pair.0, pair.1, true));
        }
    }

    /// Of a pair that was told alone the source is believed again.
    pub(super) fn believe(&mut self, participant: u32, supporter: u32) {
        if self.told.contains(&(participant, supporter)) {
            self.forget(vec![(participant, supporter)]);
        }
    }

    pub(super) fn forget_row(&mut self, participant: u32) {
        let pairs = self.told.range((participant, 0)..=(participant, u32::MAX)).copied().collect();
        self.forget(pairs);
    }

    pub(super) fn forget_column(&mut self, supporter: u32) {
        let pairs = self.told.iter().copied().filter(|pair| pair.1 == supporter).collect();
        self.forget(pairs);
    }

    /// Nothing is claimed of a participant's pairs from now on, and the source is not asked.
    pub(super) fn close_row(&mut self, participant: u32) {
        if self.ceiling(participant) != NOTHING {
            self.forget_row(participant);
            self.set_ceiling(participant, NOTHING);
        }
    }

    /// The same for a supporter.
    pub(super) fn close_column(&mut self, supporter: u32) {
        if self.floor(supporter).price != Pairs::CLOSED {
            self.forget_column(supporter);
            self.set_floor(supporter, Floor::CLOSED);
        }
    }

    /// The floors that the source is to be told, which it then knows.
    pub(super) fn take_news(&mut self) -> Vec<(u32, i64)> {
        let news = std::mem::take(&mut self.news);
        news.into_iter().map(|supporter| (supporter, self.floor(supporter).price)).collect()
    }

    /// Everything is to be told again.
    pub(super) fn tell_all_again(&mut self) {
        self.news = (0..self.floors.len() as u32).collect();
    }

    /// Whose floor and whose ceiling changed since the last beginning, supporters and participants in any order.
    pub(super) fn changed(&self) -> (Vec<u32>, Vec<u32>) {
        let (mut supporters, mut participants) = (Vec::new(), Vec::new());
        for old in &self.log[self.marks.last().copied().unwrap_or(0)..] {
            match *old {
                Old::Floor(supporter, _) => supporters.push(supporter),
                Old::Ceiling(participant, _) => participants.push(participant),
                _ => {}
            }
        }
        (supporters, participants)
    }

    pub(super) fn begin(&mut self) {
        self.marks.push(self.log.len());
    }

    pub(super) fn commit(&mut self) {
        self.marks.pop();
        if self.marks.is_empty() {
            self.log.clear();
        }
    }

    /// Drops what only the outermost beginning could undo.
    pub(super) fn forget_oldest(&mut self) {
        if self.marks.is_empty() {
            return;
        }
        self.marks.remove(0);
        let kept = self.marks.first().copied().unwrap_or(self.log.len());
        self.log.drain(..kept);
        for mark in &mut self.marks {
            *mark -= kept;
        }
    }

    pub(super) fn roll_back(&mut self) {
        let Some(start) = self.marks.pop() else { return };
        while self.log.len() > start {
            let Some(old) = self.log.pop() else { break };
            match old {
                Old::Floor(supporter, floor) => {
                    self.floors[supporter as usize] = floor;
                    self.news.insert(supporter);
                }
                Old::Ceiling(participant, ceiling) => self.ceilings[participant as usize] = ceiling,
                Old::Told(participant, supporter, true) => {
                    self.told.insert((participant, supporter));
                }
                Old::Told(participant, supporter, false) => {
                    self.told.remove(&(participant, supporter));
                }
                Old::MostHeld(pairs) => self.most_held = pairs,
                Old::NewFloor => {
                    self.floors.pop();
                    self.news.insert(self.floors.len() as u32);
                }
                Old::NewCeiling => {
                    self.ceilings.pop();
                }
            }
        }
    }
}
