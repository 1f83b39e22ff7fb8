//! Whose choice is held, and who is offered free places alone.
//!
//! **Problem.** Whoever has nobody else moved may have left a better whole aside. What comes later must not take it up
//! behind their back.
//!
//! **Method.** A matched participant whom the optimum would move is pinned in the network; a waiting one for whom it
//! would move others has no pairs there but those with free places, which are looked up whenever a change may have left
//! some. Both end with the next thing that happens to the person.

use std::collections::{BTreeMap, BTreeSet};

use super::Turn;
use super::write::Old;
use crate::assignment::{Edit, MarketEdit};
use crate::error::Result;

impl Turn<'_> {
    /// Keeps a participant where they are.
    pub(super) fn hold(&mut self, participant: u32, supporter: u32, edits: &mut Vec<MarketEdit>) {
        if self.living.kept.held.insert(participant) {
            self.living.log.push(Old::Held(participant, false));
        }
        edits.push(self.staying(participant, supporter).into());
    }

    /// What keeps a participant where they are, in the network.
    pub(super) fn staying(&self, participant: u32, supporter: u32) -> Edit {
        let kept = &self.living.kept;
        let program = &self.matcher.program;
        let weight = kept.compatibility.weight(program, participant as usize, supporter as usize);
        let weight = weight.or(kept.own[participant as usize]).unwrap_or(0);
        Edit::Pin { participant, supporter, cost: kept.people(program).cost(participant, supporter, weight) }
    }

    /// From now on nobody makes way for a waiting participant.
    pub(super) fn hold_back(&mut self, participant: u32) {
        if !self.living.kept.back.insert(participant) {
            return;
        }
        self.living.log.push(Old::Back(participant, false));
        self.newly_back.insert(participant);
    }

    /// Whoever waits to choose is offered nobody, until something happens to them.
    pub(super) fn pause(&mut self) {
        for participant in self.touched.paused.clone() {
            if self.living.kept.back.insert(participant) {
                self.living.log.push(Old::Back(participant, false));
            }
            if self.living.kept.paused.insert(participant) {
                self.living.log.push(Old::Paused(participant, false));
            }
        }
    }

    /// Whatever was chosen for somebody earlier ends with what happens to them.
    pub(super) fn let_go_of_touched(&mut self) {
        let mut people: BTreeSet<u32> =
            self.touched.subjects.keys().chain(&self.touched.people).copied().collect();
        people.extend(&self.touched.concerned);
        for participant in people {
            self.let_go(participant);
        }
    }

    /// Nothing that was chosen for a participant earlier counts any more; all their pairs are judged anew.
    pub(super) fn let_go(&mut self, participant: u32) {
        let kept = &mut self.living.kept;
        if kept.held.remove(&participant) {
            self.living.log.push(Old::Held(participant, true));
            self.touched.people.insert(participant);
        }
        if self.living.kept.paused.remove(&participant) {
            self.living.log.push(Old::Paused(participant, true));
        }
        if self.living.kept.back.remove(&participant) {
            self.living.log.push(Old::Back(participant, true));
            self.touched.people.insert(participant);
        }
    }

    /// But for whoever is to choose: they are not held by anybody's choice of a repair.
    pub(super) fn release_everyone(&mut self) {
        let kept = &self.living.kept;
        let all: Vec<u32> = kept.held.union(&kept.back).copied().collect();
        let all: Vec<u32> = all.into_iter().filter(|one| !kept.paused.contains(one)).collect();
        for participant in all {
            self.let_go(participant);
        }
    }

    /// The pairs of those who are offered free places alone with whoever has one that they were not offered before.
    fn free_pairs(&mut self) -> BTreeMap<u32, Vec<(u32, i64)>> {
        let stirred = std::mem::take(&mut self.stirred);
        if self.living.kept.back.is_empty() {
            self.newly_back.clear();
            return BTreeMap::new();
        }
        let stirred = self.with_places_under_the_same_limit(stirred);
        let newly = std::mem::take(&mut self.newly_back);
        let program = &self.matcher.program;
        let kept = &self.living.kept;
        let mut rows = BTreeMap::new();
        let has_room = |supporter: &u32| kept.engine.room(*supporter) > 0;
        let stirred: Vec<u32> = stirred.into_iter().filter(has_room).collect();
        let all: Vec<u32> = if newly.is_empty() {
            Vec::new()
        } else {
            (0..kept.caseloads.len() as u32).filter(has_room).collect()
        };
        for &participant in kept.back.difference(&kept.paused) {
            let open = if newly.contains(&participant) { &all } else { &stirred };
            let pair = |&supporter: &u32| Some((supporter, kept.pair(program, participant, supporter)?));
            let pairs: Vec<(u32, i64)> = open.iter().filter_map(pair).collect();
            if !pairs.is_empty() {
                rows.insert(participant, pairs);
            }
        }
        rows
    }

    /// Supporters, and everybody who has room when they have, for their supervisor's limit is the same.
    fn with_places_under_the_same_limit(&self, mut supporters: BTreeSet<u32>) -> BTreeSet<u32> {
        let program = &self.matcher.program;
        let all = program.supporters();
        let limit = |supporter: u32| {
            let id = all.get(supporter as usize)?.supervisor.as_ref()?;
            let supervisor = &program.supervisors()[program.supervisor_index(id.as_str())?];
            supervisor.caseload.is_some().then_some(id)
        };
        let mut groups: BTreeSet<_> = supporters.iter().copied().filter_map(limit).collect();
        groups.extend(self.touched.groups.iter().map(|&group| &program.supervisors()[group as usize].id));
        if self.matcher.policy.loads.supervisor_caseloads && !groups.is_empty() {
            let below = |one: &crate::program::Supporter| {
                one.supervisor.as_ref().is_some_and(|id| groups.contains(id))
            };
            supporters.extend((0..).zip(all).filter(|(_, one)| below(one)).map(|(place, _)| place));
        }
        supporters
    }

    /// Whoever waits and is offered free places alone is offered those that the change left.
    pub(super) fn offer_free_places(&mut self) -> Result<()> {
        loop {
            let rows = self.free_pairs();
            if rows.is_empty() {
                return Ok(());
            }
            let edits: Vec<MarketEdit> = rows
                .iter()
                .map(|(&participant, pairs)| Edit::Row { participant, pairs: pairs.clone() }.into())
                .collect();
            self.strictly(edits, &BTreeSet::new(), &[])?;
            let served: Vec<u32> = rows
                .keys()
                .copied()
                .filter(|&one| self.living.kept.engine.supporter_of(one).is_some())
                .collect();
            let left: Vec<MarketEdit> = rows
                .keys()
                .filter(|one| !served.contains(one))
                .map(|&participant| Edit::Only { participant, supporter: None }.into())
                .collect();
            self.run(&left)?;
            if served.is_empty() {
                return Ok(());
            }
            for participant in served {
                self.let_go(participant);
                self.touched.people.remove(&participant);
                let row = self.living.kept.row(&self.matcher.program, participant);
                self.widen(participant, &row)?;
            }
        }
    }
}
