//! From people who were touched to edits of the network: their pairs judged anew, their places, their limits.

use std::collections::BTreeSet;

use super::Turn;
use super::write::Old;
use crate::assignment::{Edit, MarketEdit};

impl Turn<'_> {
    /// Has what was compiled follow the records that were written.
    pub(super) fn refresh(&mut self) {
        let program = &self.matcher.program;
        let touched = &self.touched;
        for &supporter in touched.supporters.iter().chain(&touched.closed).chain(&touched.places) {
            self.living.kept.refresh_supporter(program, supporter);
        }
        let compatibility = &mut self.living.kept.compatibility;
        for &participant in &touched.people {
            compatibility.refresh_participant(program, participant as usize);
        }
        let facts = touched.pairs.iter().map(|pair| pair.0).chain(touched.subjects.keys().copied());
        for participant in facts.filter(|participant| !touched.people.contains(participant)) {
            compatibility.refresh_facts(program, participant as usize);
        }
    }

    /// What the change asks of the network, by whom it touches.
    pub(super) fn edits(&mut self) -> Vec<MarketEdit> {
        self.count_pins();
        let mut edits = Vec::new();
        for group in self.touched.groups.clone() {
            let capacity = self.living.kept.group_capacity(&self.matcher.program, group);
            edits.push(Edit::Group { group, capacity, minimum: 0 }.into());
        }
        for supporter in self.touched.supporters.clone() {
            self.supporter_edits(supporter, &mut edits);
        }
        for supporter in self.touched.closed.clone() {
            self.closed_edits(supporter, &mut edits);
        }
        for supporter in self.touched.places.clone() {
            let places = self.living.kept.places(&self.matcher.program, supporter);
            edits.push(Edit::Places { supporter, places }.into());
            self.stirred.insert(supporter);
        }
        for participant in self.touched.people.clone() {
            self.participant_edits(participant, &mut edits);
        }
        for (participant, supporter) in self.touched.pairs.clone() {
            if !self.touched.people.contains(&participant) {
                self.pair_edit(participant, supporter, &mut edits);
            }
        }
        edits
    }

    /// Counts anew what is pinned at the supporters that were touched.
    fn count_pins(&mut self) {
        let touched = &self.touched;
        let kept = &self.living.kept;
        let of_people = touched.people.iter().flat_map(|&one| {
            let standing = kept.compatibility.standing(one as usize);
            let pinned = standing.filter(|standing| standing.pinned).map(|standing| standing.supporter);
            pinned.into_iter().chain(kept.engine.supporter_of(one))
        });
        let supporters: BTreeSet<u32> = touched
            .supporters
            .iter()
            .chain(&touched.closed)
            .chain(&touched.places)
            .chain(touched.pairs.iter().map(|(_, supporter)| supporter))
            .copied()
            .chain(of_people)
            .collect();
        for supporter in supporters {
            let kept = &self.living.kept;
            let here = |participant: &u32| {
                let standing = kept.compatibility.standing(*participant as usize);
                standing.is_some_and(|standing| standing.pinned && standing.supporter == supporter)
            };
            let mut pinned = kept.caseload(supporter).iter().filter(|one| here(one)).count() as u32;
            // Who is pinned here by this change is not in the caseload yet.
            let people = self.touched.people.iter();
            let coming = people.filter(|one| here(one) && kept.engine.supporter_of(**one) != Some(supporter));
            pinned += coming.count() as u32;
            let before = kept.pinned.get(&supporter).copied().unwrap_or(0);
            if before == pinned {
                continue;
            }
            self.living.log.push(Old::Pinned(supporter, before));
            if pinned == 0 {
                self.living.kept.pinned.remove(&supporter);
            } else {
                self.living.kept.pinned.insert(supporter, pinned);
            }
            let program = &self.matcher.program;
            let record = &program.supporters()[supporter as usize];
            let group = record.supervisor.as_ref().and_then(|id| program.supervisor_index(id.as_str()));
            self.touched.groups.extend(group.map(|group| group as u32));
            self.touched.places.insert(supporter);
        }
        if !self.matcher.policy.loads.supervisor_caseloads {
            self.touched.groups.clear();
        }
    }

    fn supporter_edits(&mut self, supporter: u32, edits: &mut Vec<MarketEdit>) {
        let program = &self.matcher.program;
        let kept = &self.living.kept;
        self.reused.supporters_judged += 1;
        let places = kept.places(program, supporter);
        if supporter as usize == kept.caseloads.len() {
            // A market asks by itself for the pairs of whoever arrives; where all are held they come with the arrival,
            // which opens the places at a price that nobody pays. Pairs that come later displace all whom they suit.
            let participants = kept.own.len() as u32;
            let pairs = if kept.engine.asks() {
                Vec::new()
            } else {
                kept.people(program).column(supporter, participants)
            };
            edits.push(Edit::SupporterArrives { supporter: places, pairs }.into());
            self.living.kept.caseloads.push(BTreeSet::default());
            self.living.log.push(Old::NewSupporter);
        } else {
            edits.push(Edit::Places { supporter, places }.into());
            edits.push(MarketEdit::Column { supporter });
        }
        self.stirred.insert(supporter);
    }

    /// Of a supporter who takes nobody new, only the standing matches can go on.
    fn closed_edits(&mut self, supporter: u32, edits: &mut Vec<MarketEdit>) {
        let program = &self.matcher.program;
        let kept = &self.living.kept;
        if supporter as usize == kept.caseloads.len() {
            // Somebody who takes nobody arrives.
            let places = kept.places(program, supporter);
            edits.push(Edit::SupporterArrives { supporter: places, pairs: Vec::new() }.into());
            self.living.kept.caseloads.push(BTreeSet::default());
            self.living.log.push(Old::NewSupporter);
            return;
        }
        let cost = |participant: u32| {
            let standing = kept.compatibility.standing(participant as usize)?;
            if standing.pinned || standing.supporter != supporter {
                return None;
            }
            Some((participant, kept.pair(program, participant, supporter)?))
        };
        let caseload = kept.caseload(supporter);
        self.reused.pairs_judged += caseload.len() as u32;
        let pairs = caseload.into_iter().filter_map(cost).collect();
        edits.push(Edit::Places { supporter, places: kept.places(program, supporter) }.into());
        edits.push(Edit::Column { supporter, pairs }.into());
    }

    /// Everything about a participant anew.
    pub(super) fn participant_edits(&mut self, participant: u32, edits: &mut Vec<MarketEdit>) {
        let program = &self.matcher.program;
        let kept = &self.living.kept;
        let standing = kept.compatibility.standing(participant as usize);
        let (served_weight, cost) = kept.unmatched(program, participant);
        let paused = self.touched.paused.contains(&participant);
        let row = if paused {
            Edit::Only { participant, supporter: None }.into()
        } else {
            MarketEdit::Row { participant }
        };
        self.reused.participants_judged += 1;
        if participant as usize == kept.own.len() {
            let pairs = Vec::new();
            edits.push(Edit::ParticipantArrives { pairs, served_weight, unmatched_cost: cost }.into());
            edits.push(row);
            self.living.kept.own.push(None);
            self.living.log.push(Old::NewParticipant);
            return;
        }
        if let Some(supporter) = kept.engine.supporter_of(participant).filter(|_| kept.engine.asks()) {
            // Pairs that were named when the supporter closed are nothing that a market asks for again.
            edits.push(MarketEdit::Pair { participant, supporter });
        }
        edits.push(Edit::Unpin { participant }.into());
        edits.push(Edit::Unmatched { participant, served_weight, cost }.into());
        let prefers =
            standing.filter(|standing| !standing.pinned && self.matcher.policy.objective.least_change);
        let own = prefers.map(|standing| standing.supporter);
        edits.push(Edit::Standing { participant, supporter: own }.into());
        if let Some(standing) = standing.filter(|standing| standing.pinned) {
            let weight =
                kept.compatibility.judge(program, participant as usize, standing.supporter as usize).weight;
            let (supporter, cost) = (standing.supporter, -i64::from(weight));
            edits.push(Edit::Only { participant, supporter: None }.into());
            edits.push(Edit::Pin { participant, supporter, cost }.into());
        } else {
            edits.push(row);
        }
    }

    /// One pair anew.
    pub(super) fn pair_edit(&mut self, participant: u32, supporter: u32, edits: &mut Vec<MarketEdit>) {
        let program = &self.matcher.program;
        let kept = &self.living.kept;
        self.reused.pairs_judged += 1;
        let standing = kept.compatibility.standing(participant as usize);
        if let Some(standing) = standing.filter(|standing| standing.pinned) {
            if standing.supporter == supporter {
                let judged = kept.compatibility.judge(program, participant as usize, supporter as usize);
                edits.push(Edit::Pin { participant, supporter, cost: -i64::from(judged.weight) }.into());
            }
            return;
        }
        if kept.back.contains(&participant) {
            self.stirred.insert(supporter);
        } else {
            edits.push(MarketEdit::Pair { participant, supporter });
        }
    }
}
