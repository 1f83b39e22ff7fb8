//! What is kept between changes: the compiled programme, the optimum, and who was held by choice.

use std::collections::{BTreeMap, BTreeSet};

use crate::assignment::Supporter;
use crate::compatibility::Compatibility;
use crate::policy::criteria::to_micro;
use crate::program::Program;

use super::super::problem::{capacity_of, place, place_up_to};
use super::super::rules;
use super::cards::Deck;
use super::engine::{Engine, People};
use super::incumbent::Incumbent;

/// What is kept between changes.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) compatibility: Compatibility,
    /// Participants, supporters and supervisors bear their positions in the program.
    pub(super) engine: Engine,
    /// The weight of each participant's own match.
    pub(super) own: Vec<Option<i32>>,
    /// The participants of each supporter.
    pub(super) caseloads: Vec<BTreeSet<u32>>,
    /// How many matches the program pins at a supporter, where there are any.
    pub(super) pinned: BTreeMap<u32, u32>,
    /// Matched participants who stay where they are because somebody chose a repair that is not the best.
    pub(super) held: BTreeSet<u32>,
    /// Waiting participants for whom nobody makes way, for the same reason: they are offered free places alone.
    pub(super) back: BTreeSet<u32>,
    /// Those of them who are offered nobody, for they are to choose.
    pub(super) paused: BTreeSet<u32>,
    /// Who stands by for a participant.
    pub(super) backups: BTreeMap<u32, u32>,
    /// What is kept beside the engine where it holds less than the policy asks; nobody is held then.
    pub(super) incumbent: Option<Box<Incumbent>>,
    /// What questions for cards share.
    pub(super) deck: Deck,
    /// How many are matched, and the sum of their weights.
    pub(super) matched: u32,
    pub(super) weight: i64,
}

impl Kept {
    /// The participants of a supporter, ascending.
    pub(super) fn caseload(&self, supporter: u32) -> Vec<u32> {
        self.caseloads.get(supporter as usize).map_or_else(Vec::new, |all| all.iter().copied().collect())
    }

    /// Who stands by where that is weighed against matches; nobody else's doing.
    pub(super) fn weighed_backups(&self) -> BTreeMap<u32, u32> {
        let weighs = rules::weighs_backups(self.compatibility.policy());
        if weighs { self.backups.clone() } else { BTreeMap::new() }
    }

    pub(super) fn people<'a>(&'a self, program: &'a Program) -> People<'a> {
        People { program, compatibility: &self.compatibility, back: &self.back }
    }

    /// Every pair of a participant with its cost.
    pub(super) fn row(&self, program: &Program, participant: u32) -> Vec<(u32, i64)> {
        self.people(program).row(participant)
    }

    /// What a pair costs; `None` where it may not be.
    pub(super) fn pair(&self, program: &Program, participant: u32, supporter: u32) -> Option<i64> {
        self.people(program).pair(participant, supporter)
    }

    /// Has what was compiled of a supporter follow the record.
    pub(super) fn refresh_supporter(&mut self, program: &Program, supporter: u32) {
        self.compatibility.refresh_supporter(program, supporter as usize);
        self.engine.refresh_supporter(&self.compatibility, supporter);
        self.deck.refresh_supporter(supporter);
    }

    /// What leaving a participant unmatched costs: served weight, and quality.
    pub(super) fn unmatched(&self, program: &Program, participant: u32) -> (u32, i64) {
        let policy = self.compatibility.policy();
        let person = &program.participants()[participant as usize];
        if policy.objective.served_first {
            let urgency = policy.priorities.urgency(person, self.compatibility.as_of());
            (u32::from(person.consent) * (1 + urgency), 0)
        } else if person.consent {
            (0, -i64::from(to_micro(policy.objective.unmatched_score)))
        } else {
            (0, 0)
        }
    }

    /// How many a supporter may have, those of pins included.
    pub(super) fn capacity(&self, program: &Program, supporter: u32) -> u32 {
        let pinned = self.pinned.get(&supporter).copied().unwrap_or(0);
        capacity_of(self.compatibility.policy(), program, supporter as usize, pinned)
    }

    /// A supporter's places.
    pub(super) fn places(&self, program: &Program, supporter: u32) -> Supporter {
        let pinned = self.pinned.get(&supporter).copied().unwrap_or(0);
        place(self.compatibility.policy(), program, supporter as usize, pinned)
    }

    /// A supporter's places, the first so many.
    pub(super) fn places_up_to(&self, program: &Program, supporter: u32, most: u32) -> Supporter {
        let pinned = self.pinned.get(&supporter).copied().unwrap_or(0);
        place_up_to(self.compatibility.policy(), program, supporter as usize, (pinned, most))
    }

    /// What a supervisor allows, what is pinned below included.
    pub(super) fn group_capacity(&self, program: &Program, supervisor: u32) -> u32 {
        let below = |supporter: u32| {
            let record = &program.supporters()[supporter as usize];
            let id = record.supervisor.as_ref();
            id.and_then(|id| program.supervisor_index(id.as_str())) == Some(supervisor as usize)
        };
        let pinned = self.pinned.iter().filter(|&(&supporter, _)| below(supporter));
        let pinned = pinned.map(|(_, &count)| count).fold(0_u32, u32::saturating_add);
        program.supervisors()[supervisor as usize].caseload.unwrap_or(u32::MAX).max(pinned)
    }
}
