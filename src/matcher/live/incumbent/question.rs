//! What is asked of the solver: who may be matched with whom, who is to stay, and how many may move.
//!
//! **Method.** Pairs that are not offered are not there, so a rule counts what is left of it: a matching of the pairs
//! that are offered keeps the rules over them just if it keeps the rules over all. Whoever stays is offered the own
//! match alone and has to be placed; under the worst-off first, which a flow solves, they are fixed instead, and count
//! the same in every answer.
//!
//! **Time.** O(people) and the pairs that are offered, then the solver's.

use std::collections::{BTreeMap, BTreeSet};

use rayon::prelude::*;

use super::super::kept::Kept;
use super::Components;
use crate::assignment::{Matches, Problem, Rungs};
use crate::compatibility::{Compatibility, CompatibilityGraph};
use crate::error::{Error, Result};
use crate::matcher::problem::{Choices, Ladder, LeftOut, Pairs, Standby, capacity_of, problem};
use crate::matcher::rules::{self, Asked, Placed, Ruled};
use crate::matcher::{Control, Matcher};
use crate::program::Program;

/// Pairs of a participant: supporters, ascending, with the weights.
pub(in crate::matcher::live) type Row = Vec<(u32, i32)>;

/// Nodes that an answer at once may take. Nearly all take none or a few; each takes milliseconds at the most.
const AT_ONCE: u64 = 500;

/// What is asked.
#[derive(Debug, Clone, Default)]
pub(in crate::matcher::live) struct Question {
    /// What each participant is offered.
    pub(in crate::matcher::live) rows: Vec<Row>,
    /// The same of backups, where these are weighed.
    pub(super) standby: Vec<Row>,
    /// Who stays, and with whom.
    pub(super) stays: Vec<(u32, u32)>,
    /// Who else is to have somebody.
    pub(super) placed: Option<u32>,
    /// Of these matches no more than so many may end.
    pub(super) ending: Option<(Vec<(u32, u32)>, u32)>,
    /// An answer is wanted at once, and need not be the best.
    pub(super) at_once: bool,
    /// There is an answer already: a search that is stopped before it finds one finds none.
    pub(super) answered: bool,
    /// Standing matches have no price.
    pub(in crate::matcher::live) free: bool,
}

/// How good a matching is, less is better: who is served, what everybody's outcome costs, the worst first, where that
/// comes first, and the other rungs.
pub(super) type Value = (i128, Vec<i64>, [i128; 3]);

impl Question {
    /// Everybody is offered everybody, but for those who are offered nobody.
    pub(in crate::matcher::live) fn everything(
        program: &Program,
        compatibility: &Compatibility,
        paused: &BTreeSet<u32>,
    ) -> Self {
        let graph = compatibility.graph(program);
        let row = |participant: usize| {
            if paused.contains(&(participant as u32)) {
                return Row::new();
            }
            let (supporters, weights) = graph.row(participant);
            supporters.iter().copied().zip(weights.iter().copied()).collect()
        };
        let rows: Vec<Row> = (0..program.participants().len()).map(row).collect();
        let standby = if rules::weighs_backups(compatibility.policy()) { rows.clone() } else { Vec::new() };
        Self { rows, standby, ..Self::default() }
    }

    fn graph(&self, program: &Program) -> CompatibilityGraph {
        CompatibilityGraph::of_rows(&self.rows, program.supporters().len())
    }

    /// The problem under rules.
    ///
    /// # Errors
    ///
    /// As [`Ruled::of`].
    pub(super) fn ruled<'a>(
        &self,
        matcher: &'a Matcher,
        compatibility: &'a Compatibility,
    ) -> Result<Ruled<'a>> {
        let program = &matcher.program;
        let standby = CompatibilityGraph::of_rows(&self.standby, program.supporters().len());
        let asked = Asked {
            graph: self.graph(program),
            standby: rules::weighs_backups(compatibility.policy()).then_some(standby),
            placed: self.stays.iter().map(|stays| stays.0).chain(self.placed).collect(),
            ending: self.ending.clone(),
            free: self.free,
        };
        Ruled::of(program, compatibility, &asked, (&matcher.options, matcher.rule_options))
    }

    /// What hangs together of what is offered.
    ///
    /// # Errors
    ///
    /// [`Error::is_overflow`] if costs cannot be added up.
    pub(in crate::matcher::live) fn components(
        &self,
        matcher: &Matcher,
        compatibility: &Compatibility,
    ) -> Result<Components> {
        let own = matcher.program.supporters().len() as u32;
        if rules::are_asked_for(compatibility.policy()) {
            let ruled = self.ruled(matcher, compatibility)?;
            let (problem, standby) = ruled.parts();
            return Ok(Components::of(self, own, problem.problem(), Some((problem, standby))));
        }
        Ok(Components::of(self, own, &self.flow(matcher, compatibility)?, None))
    }

    /// The problem without rules.
    fn flow(&self, matcher: &Matcher, compatibility: &Compatibility) -> Result<Problem> {
        let choices = Choices { held: &self.stays, free: self.free, ..Choices::NONE };
        let pairs = Pairs::Held(self.graph(&matcher.program));
        problem(&matcher.program, compatibility, pairs, &Standby::default(), Ladder::WHOLE, &choices)
    }

    /// The best there is of what is asked; none where nothing keeps the firm rules.
    ///
    /// # Errors
    ///
    /// [`Error::is_solver`] if the solver fails, or was stopped before it found anything; [`Error::is_overflow`] if
    /// costs cannot be added up.
    pub(in crate::matcher::live) fn answer(
        &self,
        matcher: &Matcher,
        compatibility: &Compatibility,
        control: &Control<'_>,
    ) -> Result<Option<Placed>> {
        if compatibility.policy().objective.worst_off_first {
            return self.fairest(matcher, compatibility, control);
        }
        let ruled = self.ruled(matcher, compatibility)?;
        let solution = match (self.at_once, self.answered) {
            (true, _) => ruled.solve_within(AT_ONCE, control)?,
            (_, true) => ruled.solve_unless_stopped(control)?,
            _ => ruled.solve(control)?,
        };
        solution.map(|solution| ruled.placed(&solution)).transpose()
    }

    /// Why there is none.
    ///
    /// # Errors
    ///
    /// As [`answer`](Self::answer).
    pub(in crate::matcher::live) fn clash(
        &self,
        matcher: &Matcher,
        compatibility: &Compatibility,
        control: &Control<'_>,
    ) -> Result<Error> {
        self.ruled(matcher, compatibility)?.clash(control)
    }

    /// The fairest of what is asked.
    fn fairest(
        &self,
        matcher: &Matcher,
        compatibility: &Compatibility,
        control: &Control<'_>,
    ) -> Result<Option<Placed>> {
        debug_assert!(self.ending.is_none(), "no flow counts the matches that end");
        let problem = self.flow(matcher, compatibility)?;
        let found = matcher.solve(&problem, control)?;
        let people = matcher.program.participants().len() as u32;
        let own: Vec<Option<u32>> = (0..people).map(|one| found.supporter_of(one)).collect();
        if self.placed.is_some_and(|one| own[one as usize].is_none()) {
            return Ok(None);
        }
        let (optimal, left_out) = (found.is_optimal(), LeftOut::Nothing);
        Ok(Some(Placed { own, backups: BTreeMap::new(), added: 0, optimal, left_out }))
    }
}

impl Kept {
    /// What an answer is worth, standing matches at their price.
    ///
    /// # Errors
    ///
    /// [`Error::is_overflow`] if costs cannot be added up.
    pub(super) fn value(&self, program: &Program, placed: &Placed) -> Result<(Rungs, Value)> {
        let people = self.people(program);
        let row = |one: usize| {
            let standing = self.compatibility.standing(one).map(|standing| standing.supporter);
            let both: BTreeSet<u32> = placed.own[one].into_iter().chain(standing).collect();
            let weigh = |supporter: u32| {
                let weight = self.compatibility.weight(program, one, supporter as usize)?;
                Some((supporter, weight))
            };
            both.into_iter().filter_map(weigh).collect::<Row>()
        };
        let rows: Vec<Row> = (0..placed.own.len()).map(row).collect();
        let pairs = Pairs::Held(CompatibilityGraph::of_rows(&rows, program.supporters().len()));
        let choices = Choices { lasting: true, summed: true, ..Choices::NONE };
        let problem =
            problem(program, &self.compatibility, pairs, &Standby::default(), Ladder::WHOLE, &choices)?;
        let matches: Matches = placed.own.iter().copied().collect();
        let mut rungs = problem
            .objective(&matches)
            .ok_or_else(|| Error::solver("the solver returned a matching that is none"))?;
        rungs.quality += placed.added;
        let mut outcomes = Vec::new();
        if self.compatibility.policy().objective.worst_off_first {
            outcomes = (0..placed.own.len() as u32)
                .filter(|&one| problem.pin(one).is_none())
                .map(|one| match placed.own[one as usize] {
                    Some(supporter) => people.pair(one, supporter).unwrap_or(0),
                    None => problem.unmatched_cost(one),
                })
                .collect();
            outcomes.sort_unstable_by_key(|&cost| std::cmp::Reverse(cost));
        }
        let Rungs { served, quality, change, balance, .. } = rungs;
        Ok((rungs, (served, outcomes, [quality, change, balance])))
    }

    /// The standing match of a participant that is pinned.
    pub(in crate::matcher::live) fn pinned_to(&self, participant: u32) -> Option<u32> {
        let standing = self.compatibility.standing(participant as usize);
        standing.filter(|standing| standing.pinned).map(|standing| standing.supporter)
    }

    /// Who has whom.
    pub(super) fn stands(&self, program: &Program) -> Placed {
        // Positions that nobody has may lie beyond those that are kept.
        let own = (0..program.participants().len() as u32).map(|one| self.engine.supporter_of(one)).collect();
        let state = self.incumbent.as_ref().map(|incumbent| incumbent.state);
        let added = state.map_or(0, |state| state.added);
        let left_out = state.map_or(LeftOut::Nothing, |state| state.left_out);
        Placed { own, backups: self.weighed_backups(), added, optimal: true, left_out }
    }

    /// The incumbent match of a participant whom no change concerns, with its weight.
    fn stays(&self, participant: u32) -> Option<(u32, i32)> {
        Some((self.engine.supporter_of(participant)?, self.own[participant as usize]?))
    }

    /// The pairs of a participant who is not pinned, read from the relaxation, which has judged them.
    fn pairs(&self, participant: u32) -> Row {
        let Some(incumbent) = self.incumbent.as_ref().filter(|_| !self.back.contains(&participant)) else {
            return Row::new();
        };
        let standing = self.compatibility.standing(participant as usize);
        let weight = |(supporter, cost): (u32, i64)| {
            let own = standing.filter(|own| own.supporter == supporter && !own.pinned);
            let weight = -cost - own.map_or(0, |own| i64::from(own.price));
            (supporter, weight as i32)
        };
        let mut row: Row = incumbent.relaxed.row_of(participant).into_iter().map(weight).collect();
        row.sort_unstable_by_key(|pair| pair.0);
        row
    }

    /// The pairs of a participant, judged.
    pub(super) fn scanned(&self, program: &Program, participant: usize) -> Row {
        let found = self.compatibility.scan(program, participant);
        found.iter().map(|pair| (pair.supporter, pair.weight)).collect()
    }

    /// Everybody is offered everybody, as the relaxation knows them.
    pub(super) fn everybody(&self, program: &Program) -> Question {
        let people = program.participants().len();
        let rows: Vec<Row> = (0..people as u32).into_par_iter().map(|one| self.pairs(one)).collect();
        let mut standby = Vec::new();
        if rules::weighs_backups(self.compatibility.policy()) {
            standby.clone_from(&rows);
            for one in (0..people).filter(|&one| self.pinned_to(one as u32).is_some()) {
                standby[one] = self.scanned(program, one);
            }
        }
        Question { rows, standby, ..Question::default() }
    }

    /// Nobody moves but those who are `open`, and those who wait. None where who stays is too many for the limits.
    pub(super) fn nobody_else(&self, program: &Program, open: &BTreeSet<u32>) -> Option<Question> {
        let everybody = 0..program.participants().len() as u32;
        let stays: Vec<(u32, u32, i32)> = everybody
            .clone()
            .into_par_iter()
            .filter(|one| !open.contains(one) && !self.back.contains(one) && self.pinned_to(*one).is_none())
            .filter_map(|one| self.stays(one).map(|(own, weight)| (one, own, weight)))
            .collect();
        let room = self.room_beside(program, &stays)?;
        let mut rows = vec![Row::new(); program.participants().len()];
        let mut settled = vec![false; rows.len()];
        for &(one, own, weight) in &stays {
            rows[one as usize].push((own, weight));
            settled[one as usize] = true;
        }
        let offered = |one: u32| -> Row {
            if settled[one as usize] || self.back.contains(&one) || self.pinned_to(one).is_some() {
                return Row::new();
            }
            let mut row = self.pairs(one);
            row.retain(|pair| room[pair.0 as usize] > 0);
            row
        };
        let of_open: Vec<(u32, Row)> = everybody
            .into_par_iter()
            .map(|one| (one, offered(one)))
            .filter(|(_, row)| !row.is_empty())
            .collect();
        for (one, row) in of_open {
            rows[one as usize] = row;
        }
        let standby = self.standing_by(program, open);
        let stays = stays.iter().map(|&(one, own, _)| (one, own)).collect();
        Some(Question { rows, standby, stays, at_once: true, ..Question::default() })
    }

    /// Places that are left at each supporter beside those who stay and those who are pinned. None where they are too
    /// many already.
    pub(super) fn room_beside(&self, program: &Program, stays: &[(u32, u32, i32)]) -> Option<Vec<u32>> {
        let policy = self.compatibility.policy();
        let supporters = program.supporters();
        let mut pinned = vec![0_u32; supporters.len()];
        for one in 0..program.participants().len() as u32 {
            if let Some(supporter) = self.pinned_to(one) {
                pinned[supporter as usize] += 1;
            }
        }
        let mut load = pinned.clone();
        for stays in stays {
            load[stays.1 as usize] += 1;
        }
        let room = |place: usize| capacity_of(policy, program, place, pinned[place]).checked_sub(load[place]);
        let room: Option<Vec<u32>> = (0..supporters.len()).map(room).collect();
        if policy.loads.supervisor_caseloads {
            let mut below = vec![(0_u32, 0_u32); program.supervisors().len()];
            for (place, record) in supporters.iter().enumerate() {
                let id = record.supervisor.as_ref();
                if let Some(group) = id.and_then(|id| program.supervisor_index(id.as_str())) {
                    below[group].0 += load[place];
                    below[group].1 += pinned[place];
                }
            }
            let too_many = |(supervisor, &(load, pinned)): (&crate::program::Supervisor, &(u32, u32))| {
                supervisor.caseload.is_some_and(|limit| load > limit.max(pinned))
            };
            if program.supervisors().iter().zip(&below).any(too_many) {
                return None;
            }
        }
        room
    }

    /// Who may stand by for whom: whoever does goes on, and those who have nobody, or whom the change concerns, may have
    /// anybody.
    fn standing_by(&self, program: &Program, open: &BTreeSet<u32>) -> Vec<Row> {
        let Some(backup) = self.compatibility.policy().backup.as_ref() else { return Vec::new() };
        if !rules::weighs_backups(self.compatibility.policy()) {
            return Vec::new();
        }
        let (wanted, _) = crate::matcher::backups::who(backup, program, &self.compatibility);
        let row = |one: usize| -> Row {
            if !wanted[one] || self.back.contains(&(one as u32)) {
                return Row::new();
            }
            let stands_by = self.backups.get(&(one as u32)).filter(|_| !open.contains(&(one as u32)));
            let kept = stands_by.and_then(|&supporter| {
                let weight = self.compatibility.weight(program, one, supporter as usize)?;
                let may = self.compatibility.takes_new(supporter as usize)
                    && crate::matcher::backups::suits(
                        backup,
                        program,
                        &self.compatibility,
                        (one, supporter as usize),
                    );
                may.then_some((supporter, weight))
            });
            if let Some(pair) = kept {
                return vec![pair];
            }
            if self.pinned_to(one as u32).is_some() {
                self.scanned(program, one)
            } else {
                self.pairs(one as u32)
            }
        };
        (0..program.participants().len()).into_par_iter().map(row).collect()
    }

    /// The incumbent as it is: everybody stays, backups too.
    pub(super) fn as_it_is(&self, program: &Program) -> Question {
        let people = program.participants().len();
        let mut question = Question { rows: vec![Row::new(); people], ..Question::default() };
        for one in 0..people as u32 {
            if self.pinned_to(one).is_some() {
                continue;
            }
            if let Some((own, weight)) = self.stays(one) {
                question.rows[one as usize].push((own, weight));
                question.stays.push((one, own));
            }
        }
        if rules::weighs_backups(self.compatibility.policy()) {
            question.standby = vec![Row::new(); people];
            for (&one, &supporter) in &self.backups {
                let weight = self.compatibility.weight(program, one as usize, supporter as usize);
                question.standby[one as usize].extend(weight.map(|weight| (supporter, weight)));
            }
        }
        question
    }
}
