//! Everything judged and solved anew: to begin with, and where a change touches everybody.

use std::collections::{BTreeMap, BTreeSet};

use super::super::market::Market;
use super::super::problem::{self, Choices, Ladder, Pairs, Standby};
use super::super::progress::{Control, Stage};
use super::super::{Matcher, rules};
use super::cards::Deck;
use super::engine::{Engine, People};
use super::incumbent::{self, Incumbent, Question, State};
use super::kept::Kept;
use crate::assignment::{Edit, LiveAssignment};
use crate::compatibility::{Compatibility, CompatibilityGraph};
use crate::error::Result;
use crate::program::Program;

/// What is to be kept of a matcher's program. What was chosen `before` stays so; with `true` beside it, standing
/// matches have no price.
pub(super) fn keep(matcher: &Matcher, before: Option<(&Kept, bool)>, control: &Control<'_>) -> Result<Kept> {
    control.tell(Stage::Compile, 0, 1);
    // Rules that were sound when they came stay so, whoever left since: of them there is nothing to count.
    let same = before.is_some_and(|(kept, _)| {
        let policy = kept.compatibility.policy();
        (&policy.rules, &policy.backup) == (&matcher.policy.rules, &matcher.policy.backup)
    });
    let compatibility = if same { matcher.compiled()? } else { matcher.compatibility()? };
    control.tell(Stage::Compile, 1, 1);
    let program = &matcher.program;
    if incumbent::is_needed(&matcher.policy) {
        return keep_incumbent(matcher, compatibility, before, control);
    }
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
    let choices = Choices { held: &held, back, free, lasting: true, summed: false };
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

/// The same where the policy asks for what no network holds. Nobody is held; who is to choose is offered nobody.
fn keep_incumbent(
    matcher: &Matcher,
    compatibility: Compatibility,
    before: Option<(&Kept, bool)>,
    control: &Control<'_>,
) -> Result<Kept> {
    let program = &matcher.program;
    let paused = before.map_or_else(BTreeSet::new, |(kept, _)| kept.paused.clone());
    let mut question = Question::everything(program, &compatibility, &paused);
    question.free = before.is_some_and(|(_, free)| free);
    let Some(placed) = question.answer(matcher, &compatibility, control)? else {
        return Err(question.clash(matcher, &compatibility, control)?);
    };
    let components = question.components(matcher, &compatibility)?;
    let lasting = Choices { lasting: true, summed: true, ..Choices::NONE };
    let problem = |pairs: &[Vec<(u32, i32)>], choices: &Choices<'_>| {
        let graph = CompatibilityGraph::of_rows(pairs, program.supporters().len());
        let standby = Standby::default();
        problem::problem(program, &compatibility, Pairs::Held(graph), &standby, Ladder::WHOLE, choices)
    };
    let relaxed = LiveAssignment::solve(&problem(&question.rows, &lasting)?)?;
    let stands = |one: usize| compatibility.standing(one).is_some_and(|standing| standing.pinned);
    let held: Vec<(u32, u32)> = (0..)
        .zip(&placed.own)
        .filter(|(one, _)| !stands(*one as usize))
        .filter_map(|(one, own)| Some((one, (*own)?)))
        .collect();
    let none = vec![Vec::new(); question.rows.len()];
    let mut engine = LiveAssignment::solve(&problem(&none, &Choices { held: &held, ..lasting })?)?;
    let standing = |one: u32| {
        let standing = compatibility.standing(one as usize).filter(|standing| !standing.pinned)?;
        let prefers = matcher.policy.objective.least_change;
        prefers.then_some(Edit::Standing { participant: one, supporter: Some(standing.supporter) })
    };
    let standing: Vec<Edit> = (0..question.rows.len() as u32).filter_map(standing).collect();
    engine.apply(&standing)?;
    let mut kept = Kept::of(program, compatibility, Engine::Whole(engine));
    kept.back.clone_from(&paused);
    kept.paused = paused;
    kept.backups = match before {
        _ if rules::weighs_backups(&matcher.policy) => placed.backups.clone(),
        Some((before, _)) => before.backups.clone(),
        None => BTreeMap::new(),
    };
    let settled =
        if placed.optimal { components.settled(&kept.compatibility, &placed) } else { BTreeSet::new() };
    let state = State { added: placed.added, exact: placed.optimal, left_out: placed.left_out };
    kept.incumbent = Some(Box::new(Incumbent { relaxed: Engine::Whole(relaxed), state, settled }));
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
            incumbent: None,
            deck: Deck::default(),
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
