//! What rules count: every match that there could be, and what is so of it.

use rayon::prelude::*;

use crate::assignment::Problem;
use crate::assignment::rules::Variable;
use crate::compatibility::Compatibility;
use crate::matcher::problem::Standby;
use crate::policy::rules::{Counted, Role};
use crate::program::Program;

/// What is so of a pair.
#[derive(Debug, Clone, Copy)]
pub(in crate::matcher) struct Fact {
    /// By phone or video, or in person; neither where there is no way of meeting, as a pinned pair may have none.
    remote: Option<bool>,
    distance_km: Option<f64>,
    relaxed: bool,
    /// Millionths.
    score: u32,
}

impl Fact {
    pub(in crate::matcher) fn of(
        compatibility: &Compatibility,
        program: &Program,
        participant: usize,
        supporter: usize,
    ) -> Self {
        let judgement = compatibility.judge(program, participant, supporter);
        let meeting = judgement.meeting();
        let apart = || {
            let here = program.participant_coordinates(participant)?;
            Some(here.distance_km(program.supporter_coordinates(supporter)?))
        };
        Self {
            remote: meeting.map(|(modality, _)| modality.is_remote()),
            distance_km: meeting.map_or_else(apart, |(_, distance)| distance),
            relaxed: !judgement.relaxations().is_empty(),
            score: judgement.score,
        }
    }

    /// Whether all that is asked of a pair itself is so.
    pub(in crate::matcher) fn suits(&self, counted: &Counted) -> bool {
        let micro = |score: f64| crate::policy::criteria::to_micro(score);
        counted.remote.is_none_or(|remote| self.remote == Some(remote))
            && counted.beyond_km.is_none_or(|km| self.distance_km.is_some_and(|distance| distance > km))
            && counted.within_km.is_none_or(|km| self.distance_km.is_some_and(|distance| distance <= km))
            && counted.relaxed.is_none_or(|relaxed| self.relaxed == relaxed)
            && counted.score_below.is_none_or(|score| i64::from(self.score) < i64::from(micro(score)))
            && counted.score_from.is_none_or(|score| i64::from(self.score) >= i64::from(micro(score)))
    }
}

/// A match that there could be, or one that is pinned.
#[derive(Debug, Clone, Copy)]
pub(super) struct Slot {
    /// Positions in the program.
    pub(super) participant: u32,
    pub(super) supporter: u32,
    pub(super) is_backup: bool,
    /// Its variable; none for a pinned match, which is so.
    pub(super) variable: Option<Variable>,
}

/// Every slot of a problem, with what is so of each where some rule asks.
pub(super) struct Slots<'a> {
    pub(super) program: &'a Program,
    pub(super) compatibility: &'a Compatibility,
    pub(super) all: Vec<Slot>,
    facts: Option<Vec<Fact>>,
}

impl<'a> Slots<'a> {
    /// Participants first, by position, then backups. O(pairs), and one pair judged for each if `judged`.
    pub(super) fn new(
        program: &'a Program,
        compatibility: &'a Compatibility,
        problem: &Problem,
        standby: &Standby,
        judged: bool,
    ) -> Self {
        let own = program.supporters().len() as u32;
        let people = program.participants().len() as u32;
        let mut all = Vec::with_capacity(problem.pairs());
        for node in 0..problem.participants() {
            let is_backup = node >= people;
            let participant = if is_backup { standby.of[(node - people) as usize] } else { node };
            if let Some((supporter, _)) = problem.pin(node) {
                all.push(Slot { participant, supporter, is_backup, variable: None });
                continue;
            }
            for (supporter, _) in problem.row(node) {
                let variable = Some(Variable::pair(node, supporter));
                let supporter = if is_backup { supporter - own } else { supporter };
                all.push(Slot { participant, supporter, is_backup, variable });
            }
        }
        let fact = |slot: &Slot| {
            Fact::of(compatibility, program, slot.participant as usize, slot.supporter as usize)
        };
        let facts = judged.then(|| all.par_iter().map(fact).collect());
        Self { program, compatibility, all, facts }
    }

    /// The slots that are counted.
    pub(super) fn counted(&self, counted: &Counted) -> Vec<Slot> {
        let on = self.compatibility.as_of();
        let everyone = |people: usize| vec![true; people];
        let participants = if counted.participant.is_everyone() {
            everyone(self.program.participants().len())
        } else {
            counted.participant.participants(self.program, on)
        };
        let supporters = if counted.supporter.is_everyone() {
            everyone(self.program.supporters().len())
        } else {
            counted.supporter.supporters(self.program, on)
        };
        let in_role = |slot: &Slot| match counted.role {
            Role::Primary => !slot.is_backup,
            Role::Backup => slot.is_backup,
            Role::Any => true,
        };
        let suits = |place: usize, slot: &Slot| match &self.facts {
            _ if !counted.asks_about_pairs() => true,
            Some(facts) => facts[place].suits(counted),
            None => {
                let (participant, supporter) = (slot.participant as usize, slot.supporter as usize);
                Fact::of(self.compatibility, self.program, participant, supporter).suits(counted)
            }
        };
        let all = self.all.iter().enumerate();
        all.filter(|(place, slot)| {
            in_role(slot)
                && participants[slot.participant as usize]
                && supporters[slot.supporter as usize]
                && suits(*place, slot)
        })
        .map(|(_, slot)| *slot)
        .collect()
    }
}
