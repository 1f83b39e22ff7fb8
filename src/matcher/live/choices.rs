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
use crate::assignment::Edit;
use crate::error::Result;

impl Turn<'_> {
    /// Keeps a participant where they are.
    pub(super) fn hold(&mut self, participant: u32, supporter: u32, edits: &mut Vec<Edit>) {
        if self.living.kept.held.insert(participant) {
            self.living.log.push(Old::Held(participant, false));
        }
        edits.push(self.staying(participant, supporter));
    }

    /// What keeps a participant where they are, in the network.
    pub(super) fn staying(&self, participant: u32, supporter: u32) -> Edit {
        let kept = &self.living.kept;
        let program = &self.matcher.program;
        let weight = kept.compatibility.weight(program, participant as usize, supporter as usize);
        let weight = weight.or(kept.own[participant as usize]).unwrap_or(0);
        Edit::Pin { participant, supporter, cost: kept.cost(participant, supporter, weight) }
    }

    /// From now on nobody makes way for a waiting participant.
    pub(super) fn hold_back(&mut self, participant: u32) {
        if !self.living.kept.back.insert(participant) {
            return;
        }
        self.living.log.push(Old::Back(participant, false));
        for (supporter, cost) in self.living.kept.row(&self.matcher.program, participant) {
            self.set_waiting_pair(participant, supporter, Some(cost));
        }
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
    fn let_go(&mut self, participant: u32) {
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
            let of_theirs: Vec<u32> = self
                .living
                .kept
                .back_pairs
                .iter()
                .filter(|(_, column)| column.contains_key(&participant))
                .map(|(&supporter, _)| supporter)
                .collect();
            for supporter in of_theirs {
                self.set_waiting_pair(participant, supporter, None);
            }
            self.touched.people.insert(participant);
        }
    }

    pub(super) fn release_everyone(&mut self) {
        let kept = &self.living.kept;
        let all: BTreeSet<u32> = kept.held.union(&kept.back).copied().collect();
        for participant in all {
            self.let_go(participant);
        }
    }

    /// Whoever waits and is offered free places alone is offered those that the change left.
    pub(super) fn offer_free_places(&mut self) -> Result<()> {
        loop {
            let kept = &self.living.kept;
            if kept.back.is_empty() {
                return Ok(());
            }
            let mut rows: BTreeMap<u32, Vec<(u32, i64)>> = BTreeMap::new();
            for (&supporter, column) in &kept.back_pairs {
                if kept.engine.room(supporter) > 0 {
                    for (&participant, &cost) in column {
                        rows.entry(participant).or_default().push((supporter, cost));
                    }
                }
            }
            if rows.is_empty() {
                return Ok(());
            }
            let edits: Vec<Edit> = rows
                .iter()
                .map(|(&participant, pairs)| Edit::Row { participant, pairs: pairs.clone() })
                .collect();
            self.strictly(edits, &BTreeSet::new(), &[])?;
            let served: Vec<u32> = rows
                .keys()
                .copied()
                .filter(|&one| self.living.kept.engine.supporter_of(one).is_some())
                .collect();
            let left: Vec<Edit> = rows
                .keys()
                .filter(|one| !served.contains(one))
                .map(|&participant| Edit::Row { participant, pairs: Vec::new() })
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
