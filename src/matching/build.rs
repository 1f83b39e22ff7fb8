//! From the optimiser's numbers back to people: pairs with reasons, the unmatched with reasons, loads, totals.

use std::sync::atomic::{AtomicUsize, Ordering};

use rayon::prelude::*;

use super::ended::ended;
use super::explanation::Explanation;
use super::{
    Caseload, EndedMatch, Gap, Load, Match, Matching, Origin, Reason, RuleOutcome, Score, Solution, Totals,
    Unmatched, Vouched,
};
use crate::assignment::{Assignment, Matches, Problem, Proof, Stop};
use crate::compatibility::{Compatibility, Detail, Terms};
use crate::policy::BuiltIn;
use crate::program::Program;

/// What a matching is put together from.
pub(crate) struct Inputs<'a> {
    pub(crate) program: &'a Program,
    pub(crate) compatibility: &'a Compatibility,
    /// Its first participants and supporters are the program's; backups, if there are any, come after them.
    pub(crate) problem: &'a Problem,
    pub(crate) matches: &'a Matches,
    pub(crate) solution: Solution,
    /// Who backs up whom, by positions in the program.
    pub(crate) backups: Vec<(u32, u32)>,
    /// How the policy's rules stand.
    pub(crate) rules: Vec<RuleOutcome>,
}

impl<'a> Inputs<'a> {
    /// Of an assignment without rules.
    pub(crate) fn of(
        program: &'a Program,
        compatibility: &'a Compatibility,
        problem: &'a Problem,
        assignment: &'a Assignment,
    ) -> Self {
        let (matches, solution) = (&assignment.matches, solution(problem, assignment));
        Self { program, compatibility, problem, matches, solution, backups: Vec::new(), rules: Vec::new() }
    }

    /// Whether what is left undone was left on purpose.
    pub(super) fn is_settled(&self) -> bool {
        self.solution.stop == Stop::Completed || self.solution.optimal
    }
}

/// Puts the matching together, telling `progress` how many participants of how many are done.
pub(crate) fn build(inputs: &Inputs<'_>, progress: &(dyn Fn(usize, usize) + Sync)) -> Matching {
    let mut loads = vec![0_u32; inputs.problem.supporters() as usize];
    for (_, supporter) in inputs.matches.iter() {
        loads[supporter as usize] += 1;
    }
    let room = Room::new(inputs, loads);
    let total = inputs.program.participants().len();
    let done = AtomicUsize::new(0);
    let outcomes: Vec<Outcome> = (0..total)
        .into_par_iter()
        .map(|participant| {
            let outcome = match inputs.matches.of(participant as u32).first() {
                Some(&supporter) => Outcome::Matched(Box::new(pair(inputs, participant, supporter as usize))),
                None if inputs.program.is_vacant_participant(participant) => Outcome::Nobody,
                None => Outcome::Left(unmatched(inputs, &room, participant)),
            };
            let done = done.fetch_add(1, Ordering::Relaxed) + 1;
            if done.is_multiple_of(64) || done == total {
                progress(done, total);
            }
            outcome
        })
        .collect();
    let (mut pairs, mut left) = (Vec::new(), Vec::new());
    for outcome in outcomes {
        match outcome {
            Outcome::Matched(pair) => pairs.push(*pair),
            Outcome::Left(unmatched) => left.push(unmatched),
            Outcome::Nobody => {}
        }
    }
    let ended = ended(inputs, &room.loads);
    let loads = supporter_loads(inputs, &room);
    let totals = totals(&pairs, &left, &ended, &loads);
    Matching {
        as_of: inputs.compatibility.as_of(),
        pairs,
        unmatched: left,
        ended,
        backups: backups(inputs),
        rules: inputs.rules.clone(),
        caseloads: caseloads(inputs, &room),
        loads,
        totals,
        solution: inputs.solution.clone(),
    }
}

/// Who stands by, explained like a match.
fn backups(inputs: &Inputs<'_>) -> Vec<Match> {
    let backup = |&(participant, supporter): &(u32, u32)| Match {
        origin: Origin::New,
        ..pair(inputs, participant as usize, supporter as usize)
    };
    inputs.backups.par_iter().map(backup).collect()
}

enum Outcome {
    Matched(Box<Match>),
    Left(Unmatched),
    /// The position is vacant.
    Nobody,
}

fn pair(inputs: &Inputs<'_>, participant: usize, supporter: usize) -> Match {
    let pinned = inputs.problem.pin(participant as u32).is_some();
    explain_pair(inputs.program, inputs.compatibility, (participant, supporter), pinned)
}

/// A match, explained.
pub(crate) fn explain_pair(
    program: &Program,
    compatibility: &Compatibility,
    (participant, supporter): (usize, usize),
    pinned: bool,
) -> Match {
    explain_pair_on(program, compatibility, (participant, supporter), (pinned, &Terms::default()))
}

/// The same on other terms than those of the records.
pub(crate) fn explain_pair_on(
    program: &Program,
    compatibility: &Compatibility,
    (participant, supporter): (usize, usize),
    (pinned, terms): (bool, &Terms<'_>),
) -> Match {
    let judgement = compatibility.judge_on(program, (participant, supporter), terms);
    let stands = compatibility.standing(participant).is_some_and(|own| own.supporter as usize == supporter);
    let origin = match (pinned, stands) {
        (true, _) => Origin::Pinned,
        (false, true) => Origin::Kept,
        (false, false) => Origin::New,
    };
    let language = match &judgement.parts[BuiltIn::Language as usize].detail {
        Detail::Language(tag) => Some(tag.clone()),
        _ => None,
    };
    let meeting = judgement.meeting();
    Match {
        participant: program.participants()[participant].id.clone(),
        supporter: program.supporters()[supporter].id.clone(),
        modality: meeting.map(|(modality, _)| modality),
        distance_km: meeting.and_then(|(_, distance)| distance),
        language,
        origin,
        explanation: Explanation::new(program, compatibility, participant, &judgement),
    }
}

/// Which places are left once everyone is matched.
struct Room {
    loads: Vec<u32>,
    /// Matches below each supervisor's group.
    group_loads: Vec<u32>,
}

impl Room {
    fn new(inputs: &Inputs<'_>, loads: Vec<u32>) -> Self {
        let mut group_loads = vec![0; inputs.problem.groups() as usize];
        for (supporter, &load) in loads.iter().enumerate() {
            let mut group = inputs.problem.group(supporter as u32);
            while let Some(number) = group {
                group_loads[number as usize] += load;
                group = inputs.problem.group_parent(number);
            }
        }
        Self { loads, group_loads }
    }

    fn is_full(&self, problem: &Problem, supporter: u32) -> bool {
        self.loads[supporter as usize] >= problem.capacity(supporter)
    }

    fn is_held_back(&self, problem: &Problem, supporter: u32) -> bool {
        let mut group = problem.group(supporter);
        while let Some(number) = group {
            if self.group_loads[number as usize] >= problem.group_capacity(number) {
                return true;
            }
            group = problem.group_parent(number);
        }
        false
    }
}

fn unmatched(inputs: &Inputs<'_>, room: &Room, participant: usize) -> Unmatched {
    let Inputs { program, compatibility, problem, .. } = inputs;
    let is_full = |supporter: u32| room.is_full(problem, supporter);
    let is_held_back = |supporter: u32| room.is_held_back(problem, supporter);
    let mut unmatched = explain_unmatched(program, compatibility, participant, &is_full, &is_held_back);
    if let Reason::NotWorthIt { eligible } = unmatched.reason {
        if !inputs.is_settled() {
            unmatched.reason = Reason::Stopped;
        } else if !inputs.rules.is_empty() {
            unmatched.reason = Reason::HeldBackByRules { eligible };
        }
    }
    unmatched
}

/// Why nobody, where an optimum leaves a participant without a supporter: of the supporters some are full, and of the
/// others some are held back by limits on several of them.
pub(crate) fn explain_unmatched(
    program: &Program,
    compatibility: &Compatibility,
    participant: usize,
    is_full: &dyn Fn(u32) -> bool,
    is_held_back: &dyn Fn(u32) -> bool,
) -> Unmatched {
    let person = &program.participants()[participant];
    let urgency = compatibility.policy().priorities.urgency(person, compatibility.as_of());
    let unmatched =
        |reason, obstacles| Unmatched { participant: person.id.clone(), urgency, reason, obstacles };
    if !person.consent {
        return unmatched(Reason::NoConsent, Vec::new());
    }
    let found = compatibility.obstacles(program, participant);
    let eligible = found.eligible.len() as u32;
    let count = |holds: &dyn Fn(u32) -> bool| found.eligible.iter().filter(|&&own| holds(own)).count() as u32;
    let full = count(&|supporter| is_full(supporter));
    let caseload = count(&|supporter| !is_full(supporter) && is_held_back(supporter));
    let reason = if eligible == 0 {
        Reason::NobodyEligible
    } else if full + caseload == eligible {
        Reason::EveryPlaceTaken { eligible, full, caseload }
    } else {
        Reason::NotWorthIt { eligible }
    };
    unmatched(reason, found.obstacles)
}

fn supporter_loads(inputs: &Inputs<'_>, room: &Room) -> Vec<Load> {
    let as_of = inputs.compatibility.as_of();
    let supporters = inputs.program.supporters().iter().enumerate();
    supporters
        .filter(|&(index, _)| !inputs.program.is_vacant_supporter(index))
        .map(|(index, supporter)| {
            let load = room.loads[index];
            let open = supporter.takes_new_matches(as_of);
            let declared = inputs.compatibility.policy().loads.capacity(supporter.capacity);
            Load {
                supporter: supporter.id.clone(),
                load,
                capacity: if open { declared } else { 0 },
                wished_minimum: supporter.wished_minimum,
            }
        })
        .collect()
}

fn caseloads(inputs: &Inputs<'_>, room: &Room) -> Vec<Caseload> {
    let mut sums = vec![0; inputs.program.supervisors().len()];
    for (supporter, load) in inputs.program.supporters().iter().zip(&room.loads) {
        let supervisor =
            supporter.supervisor.as_ref().and_then(|id| inputs.program.supervisor_index(id.as_str()));
        if let Some(supervisor) = supervisor {
            sums[supervisor] += load;
        }
    }
    let supervisors = inputs.program.supervisors().iter().zip(sums);
    supervisors
        .map(|(supervisor, load)| Caseload {
            supervisor: supervisor.id.clone(),
            load,
            limit: supervisor.caseload,
        })
        .collect()
}

fn totals(pairs: &[Match], left: &[Unmatched], ended: &[EndedMatch], loads: &[Load]) -> Totals {
    let score: Score = pairs.iter().map(Match::score).sum();
    let without_consent = left.iter().filter(|row| row.reason == Reason::NoConsent).count();
    let count = |holds: fn(&Match) -> bool| pairs.iter().filter(|pair| holds(pair)).count() as u32;
    Totals {
        participants: (pairs.len() + left.len()) as u32,
        matched: pairs.len() as u32,
        unmatched: (left.len() - without_consent) as u32,
        without_consent: without_consent as u32,
        supporters: loads.len() as u32,
        places: loads.iter().map(|load| u64::from(load.capacity)).sum(),
        places_taken: loads.iter().map(|load| u64::from(load.load.min(load.capacity))).sum(),
        idle_supporters: loads.iter().filter(|load| load.capacity > 0 && load.load == 0).count() as u32,
        score,
        mean_score: Score::from_micro(score.micro() / (pairs.len().max(1) as i64)),
        lowest_score: pairs.iter().map(Match::score).min().unwrap_or_default(),
        relaxed: count(|pair| !pair.explanation.relaxations.is_empty()),
        remote: count(|pair| pair.modality.is_some_and(crate::program::Modality::is_remote)),
        kept: count(|pair| pair.origin != Origin::New),
        ended: ended.len() as u32,
    }
}

fn solution(problem: &Problem, assignment: &Assignment) -> Solution {
    let gap = assignment.gap().filter(|&gap| gap > 0).map(|gap| Gap::packed(gap, &problem.scales()));
    Solution {
        algorithm: assignment.statistics.algorithm,
        because: assignment.statistics.algorithm_reason.clone(),
        stop: assignment.stop,
        optimal: assignment.is_optimal(),
        proof: match assignment.proof {
            Proof::Potentials(_) | Proof::Rounds(_) => Vouched::Certificate,
            _ => Vouched::Solver,
        },
        gap,
        cost: assignment.objective,
        pairs: assignment.statistics.pairs,
        pricing: assignment.statistics.pricing,
    }
}
