//! What a change led to, put into words: each effect with its reason, its explanation and what is due.

use std::collections::BTreeMap;

use super::Turn;
use super::told::{Because, Changed, Effect, Quality};
use crate::matching::{LoadChange, Reason, explain_pair, explain_unmatched};
use crate::policy::Due;
use crate::program::{ParticipantId, SupporterId};

/// Whose match is another: who, what it was, what it is.
type Move = (u32, Option<u32>, Option<u32>);

impl Turn<'_> {
    /// Puts what was done into words.
    pub(super) fn tell(&mut self, before: Quality) -> Changed {
        let engine = &self.living.kept.engine;
        let moves: Vec<Move> =
            self.moved.iter().map(|(&one, &from)| (one, from, engine.supporter_of(one))).collect();
        let effects = moves.iter().map(|&one| self.effect(one, &moves)).collect();
        Changed {
            effects,
            loads: self.loads(&moves),
            before,
            after: self.living.kept.quality(),
            bound: self.living.kept.bound(&self.matcher.program),
            reused: self.reused,
            warnings: std::mem::take(&mut self.touched.warnings),
        }
    }

    fn effect(&self, (participant, from, to): Move, moves: &[Move]) -> Effect {
        let program = &self.matcher.program;
        let compatibility = &self.living.kept.compatibility;
        let found = to.map(|to| {
            let pinned = self.is_pinned(participant);
            explain_pair(program, compatibility, (participant as usize, to as usize), pinned)
        });
        let gone = self.touched.left.contains_key(&participant);
        let unmatched = (to.is_none() && !gone).then(|| {
            let engine = &self.living.kept.engine;
            let is_full =
                |supporter: u32| engine.load(supporter) >= self.living.kept.capacity(program, supporter);
            let is_held_back = |supporter: u32| engine.room(supporter) == 0;
            let mut told =
                explain_unmatched(program, compatibility, participant as usize, &is_full, &is_held_back);
            if let Reason::NotWorthIt { eligible } = told.reason
                && crate::matcher::rules::are_asked_for(&self.matcher.policy)
            {
                told.reason = Reason::HeldBackByRules { eligible };
            }
            told
        });
        Effect {
            participant: self.participant_id(participant),
            from: from.map(|from| self.supporter_id(from)),
            to: to.map(|to| self.supporter_id(to)),
            because: self.because((participant, from, to), moves),
            due: if to.is_some() { self.first_due() } else { Vec::new() },
            found: found.map(Box::new),
            unmatched: unmatched.map(Box::new),
        }
    }

    /// What is due in the first three months of a match that begins now.
    fn first_due(&self) -> Vec<Due> {
        let horizon = self.on.checked_add(jiff::Span::new().months(3)).unwrap_or(jiff::civil::Date::MAX);
        self.matcher.policy.follow_up.due(self.on, horizon)
    }

    fn because(&self, (participant, from, to): Move, moves: &[Move]) -> Because {
        if let Some(because) = self.touched.subjects.get(&participant) {
            return because.clone();
        }
        if self.reused.anew || (from.is_some() && self.touched.concerned.contains(&participant)) {
            return Because::RulesChanged;
        }
        let other = |holds: &dyn Fn(&Move) -> bool| {
            moves
                .iter()
                .find(|other| other.0 != participant && holds(other))
                .map(|other| self.participant_id(other.0))
        };
        let is_full = |supporter: u32| self.living.kept.engine.room(supporter) == 0;
        if from.is_some_and(is_full)
            && let Some(participant) = other(&|other| other.2 == from)
        {
            return Because::MadeWayFor { participant };
        }
        if to.is_some()
            && let Some(participant) = other(&|other| other.1 == to)
        {
            return Because::PlaceLeftBy { participant };
        }
        if to.is_some_and(|to| self.touched.opened.contains(&to)) {
            return Because::SupporterOpened;
        }
        Because::BetterWhole
    }

    fn loads(&self, moves: &[Move]) -> Vec<LoadChange> {
        let mut change: BTreeMap<u32, i64> = BTreeMap::new();
        for &(_, from, to) in moves {
            if let Some(from) = from {
                *change.entry(from).or_default() -= 1;
            }
            if let Some(to) = to {
                *change.entry(to).or_default() += 1;
            }
        }
        change.retain(|_, more| *more != 0);
        let load = |(supporter, more): (u32, i64)| {
            let after = self.living.kept.engine.load(supporter);
            let gone = self.touched.left_supporters.contains_key(&supporter);
            LoadChange {
                supporter: self.supporter_id(supporter),
                before: u32::try_from(i64::from(after) - more).ok(),
                after: (!gone).then_some(after),
            }
        };
        change.into_iter().map(load).collect()
    }

    fn participant_id(&self, participant: u32) -> ParticipantId {
        let left = self.touched.left.get(&participant);
        left.unwrap_or(&self.matcher.program.participants()[participant as usize].id).clone()
    }

    fn supporter_id(&self, supporter: u32) -> SupporterId {
        let left = self.touched.left_supporters.get(&supporter);
        left.unwrap_or(&self.matcher.program.supporters()[supporter as usize].id).clone()
    }
}
