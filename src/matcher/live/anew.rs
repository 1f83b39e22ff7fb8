//! Everything judged and solved anew: to begin with, and where a change touches everybody.

use std::collections::{BTreeMap, BTreeSet};

use super::super::market::Market;
use super::super::problem::{self, Choices, Ladder, Pairs, Standby};
use super::super::progress::{Control, Stage};
use super::super::{Matcher, rules};
use super::engine::{Engine, People};
use super::kept::Kept;
use crate::assignment::LiveAssignment;
use crate::compatibility::Compatibility;
use crate::error::{Error, Result};
use crate::program::Program;

/// What is to be kept of a matcher's program. What was chosen `before` stays so; with `true` beside it, standing
/// matches have no price.
pub(super) fn keep(matcher: &Matcher, before: Option<(&Kept, bool)>, control: &Control<'_>) -> Result<Kept> {
    refuse(matcher)?;
    control.tell(Stage::Compile, 0, 1);
    let compatibility = matcher.compatibility()?;
    control.tell(Stage::Compile, 1, 1);
    let program = &matcher.program;
    let none = BTreeSet::new();
    let back = before.map_or(&none, |(kept, _)| &kept.back);
    let held: Vec<(u32, u32)> = before.map_or_else(Vec::new, |(kept, _)| {
        let stays = |&one: &u32| {
            let supporter = kept.engine.supporter_of(one)?;
            // Held or not, a match that may not go on ends.
            let weight = compatibility.weight(program, one as usize, supporter as usize);
            weight.map(|_| (one, supporter))
        };
        kept.held.iter().filter_map(stays).collect()
    });
    let free = before.is_some_and(|(_, free)| free);
    let choices = Choices { held: &held, back, free, lasting: true };
    let problem = |pairs: Pairs<'_>| {
        problem::problem(program, &compatibility, pairs, &Standby::default(), Ladder::WHOLE, &choices)
    };
    let engine = if matcher.pairs.are_implicit(program, &matcher.policy, &matcher.options) {
        let market = Market::new(program, &compatibility, &choices);
        let found = matcher.solve_open(&problem(Pairs::Asked(&market))?, &market, control)?;
        let people = People { program, compatibility: &compatibility, back };
        Engine::market(people, (&found.problem, &found.assignment), free)?
    } else {
        let told = |done, total| control.tell(Stage::Score, done, total);
        let problem = problem(Pairs::Held(compatibility.graph_with_progress(program, &told)))?;
        let assignment = matcher.solve(&problem, control)?;
        Engine::Whole(LiveAssignment::new(&problem, &assignment)?)
    };
    let mut kept = Kept::of(program, compatibility, engine);
    kept.held = held.iter().map(|pair| pair.0).collect();
    if let Some((before, _)) = before {
        kept.back.clone_from(&before.back);
        kept.paused.clone_from(&before.paused);
        kept.backups.clone_from(&before.backups);
    }
    Ok(kept)
}

impl Kept {
    /// What follows from the optimum.
    pub(super) fn of(program: &Program, compatibility: Compatibility, engine: Engine) -> Self {
        let people = program.participants().len();
        let mut kept = Self {
            compatibility,
            engine,
            own: vec![None; people],
            caseloads: vec![BTreeSet::new(); program.supporters().len()],
            pinned: BTreeMap::new(),
            held: BTreeSet::new(),
            back: BTreeSet::new(),
            paused: BTreeSet::new(),
            backups: BTreeMap::new(),
            matched: 0,
            weight: 0,
        };
        for participant in 0..people {
            let Some(supporter) = kept.engine.supporter_of(participant as u32) else { continue };
            let standing = kept.compatibility.standing(participant);
            if standing.is_some_and(|standing| standing.pinned) {
                *kept.pinned.entry(supporter).or_default() += 1;
            }
            let weight = kept.compatibility.judge(program, participant, supporter as usize).weight;
            kept.own[participant] = Some(weight);
            kept.matched += 1;
            kept.weight += i64::from(weight);
            kept.caseloads[supporter as usize].insert(participant as u32);
        }
        kept
    }
}

/// Says what cannot be kept alive.
fn refuse(matcher: &Matcher) -> Result<()> {
    let mut problems = Vec::new();
    if rules::are_asked_for(&matcher.policy) {
        problems.push(
            "rules: rules about matches together are not kept alive; take them out, or match_all anew"
                .to_owned(),
        );
    }
    if matcher.policy.objective.worst_off_first {
        problems.push(
            "objective.worst_off_first = true: is not kept alive; switch it off, or match_all anew"
                .to_owned(),
        );
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::policy(problems)) }
}
