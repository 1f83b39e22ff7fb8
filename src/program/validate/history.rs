//! Checks of what was before, and of how it fits the people.

use std::collections::{HashMap, HashSet};

use super::people::reference;
use super::{Checker, Range, Record, Rolls};
use crate::program::source::Table;
use crate::program::{
    Hold, Participant, ParticipantId, ProgramData, StandingMatch, Status, Supporter, SupporterId,
};

const PRICE: Range = Range::new(
    0.0,
    1.0,
    "a price is a score, 0 to 1",
    "write how much score another match has to gain, as in 0.1",
);

pub(super) fn check(checker: &mut Checker<'_>, data: &ProgramData, rolls: &Rolls) {
    let history = &data.history;
    let known: Vec<_> =
        history.acquaintances.iter().map(|pair| (&pair.participant, &pair.supporter)).collect();
    let barred: Vec<_> = history.barred.iter().map(|pair| (&pair.participant, &pair.supporter)).collect();
    let past: Vec<_> = history.past.iter().map(|pair| (&pair.participant, &pair.supporter)).collect();
    let standing: Vec<_> = history.standing.iter().map(|pair| (&pair.participant, &pair.supporter)).collect();
    pairs(checker, Table::Acquaintances, &known, rolls);
    pairs(checker, Table::Barred, &barred, rolls);
    pairs(checker, Table::Past, &past, rolls);
    pairs(checker, Table::Standing, &standing, rolls);
    repeated(checker, Table::Acquaintances, &known);
    repeated(checker, Table::Barred, &barred);
    check_standing(checker, data, rolls);
    check_loads(checker, data, rolls);
}

pub(super) type Pair<'a> = (&'a ParticipantId, &'a SupporterId);

pub(super) fn pair_id((participant, supporter): Pair<'_>) -> String {
    format!("{participant} and {supporter}")
}

fn pairs(checker: &mut Checker<'_>, table: Table, pairs: &[Pair<'_>], rolls: &Rolls) {
    for (position, &pair) in pairs.iter().enumerate() {
        known(checker, (table, position), pair, rolls);
    }
}

/// Both of a pair have to be somebody.
pub(super) fn known(
    checker: &mut Checker<'_>,
    (table, position): (Table, usize),
    pair: Pair<'_>,
    rolls: &Rolls,
) {
    let (participant, supporter) = (pair.0.as_str(), pair.1.as_str());
    if rolls.participants.has_known(participant) && rolls.supporters.has_known(supporter) {
        return;
    }
    let id = pair_id(pair);
    let of = Record { table, position, id: &id };
    reference(checker, of, "participant", participant, &rolls.participants, Table::Participants);
    reference(checker, of, "supporter", supporter, &rolls.supporters, Table::Supporters);
}

fn repeated(checker: &mut Checker<'_>, table: Table, pairs: &[Pair<'_>]) {
    let mut first_of: HashMap<Pair<'_>, usize> = HashMap::new();
    for (position, &pair) in pairs.iter().enumerate() {
        let Some(&first) = first_of.get(&pair) else {
            first_of.insert(pair, position);
            continue;
        };
        let id = pair_id(pair);
        let row = checker.row(table, first);
        let of = Record { table, position, id: &id };
        let problem = format!("the same two stand in row {row} already");
        checker.warning(of, "participant", pair.0, problem, "take one of the rows out".to_owned());
    }
}

fn check_standing(checker: &mut Checker<'_>, data: &ProgramData, rolls: &Rolls) {
    let barred: HashMap<Pair<'_>, usize> = (0..data.history.barred.len())
        .rev()
        .map(|at| ((&data.history.barred[at].participant, &data.history.barred[at].supporter), at))
        .collect();
    let mut first_of: HashMap<&ParticipantId, usize> = HashMap::new();
    for (position, standing) in data.history.standing.iter().enumerate() {
        let pair = (&standing.participant, &standing.supporter);
        let id = pair_id(pair);
        let of = Record { table: Table::Standing, position, id: &id };
        price(checker, of, standing);
        if let Some(&first) = first_of.get(&standing.participant) {
            let row = checker.row(Table::Standing, first);
            checker.error(
                of,
                "participant",
                &standing.participant,
                format!("the participant has a standing match in row {row} already"),
                "keep one of the two; a match that is over belongs into the past matches".to_owned(),
            );
        } else {
            first_of.insert(&standing.participant, position);
        }
        let participant = rolls.participants.position(standing.participant.as_str());
        let supporter = rolls.supporters.position(standing.supporter.as_str());
        let refused =
            participant.is_some_and(|at| data.participants[at].refused.contains(&standing.supporter));
        kept_apart(checker, of, standing, barred.get(&pair).copied(), refused);
        if let Some(at) = supporter {
            will_end(checker, of, standing, (at, &data.supporters[at]));
        }
        if let Some(at) = participant {
            consented(checker, of, standing, (at, &data.participants[at]));
        }
    }
}

pub(super) fn price(checker: &mut Checker<'_>, of: Record<'_>, standing: &StandingMatch) {
    checker.range(of, "price", standing.price, PRICE);
    if let Some(price) = standing.price.filter(|&price| PRICE.holds(price))
        && standing.hold == Hold::Pinned
        && !checker.any_broken(of, &["hold"])
    {
        checker.warning(
            of,
            "price",
            price,
            "the match is pinned, so its price counts for nothing".to_owned(),
            "write movable under hold if it may be undone, or take the price out".to_owned(),
        );
    }
}

/// A pin is kept whatever comes, so it must not be of two who are kept apart: barred in that row, or by a refusal.
pub(super) fn kept_apart(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    standing: &StandingMatch,
    barred: Option<usize>,
    refused: bool,
) {
    if standing.hold != Hold::Pinned || checker.any_broken(of, &["hold"]) {
        return;
    }
    let why = match (barred, refused) {
        (Some(at), _) => {
            format!("the two are barred in row {} of the barred pairs", checker.row(Table::Barred, at))
        }
        (None, true) => "the participant refuses this supporter".to_owned(),
        (None, false) => return,
    };
    checker.error(
        of,
        "supporter",
        &standing.supporter,
        format!("the match is pinned, and {why}"),
        "end the match and enter it under past matches, or lift the bar or refusal".to_owned(),
    );
}

/// A standing match whose supporter's status ends it.
pub(super) fn will_end(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    standing: &StandingMatch,
    (at, supporter): (usize, &Supporter),
) {
    let person = Record { table: Table::Supporters, position: at, id: of.id };
    if checker.any_broken(person, &["status", "leave_until"]) {
        return;
    }
    let problem = match (supporter.status, supporter.leave_until) {
        (Status::Released, _) => "the supporter is released, so this match will end".to_owned(),
        (Status::OnLeave, Some(back)) => {
            format!(
                "the supporter is on leave until {back}, so this match will end if it is made before that day"
            )
        }
        (Status::OnLeave, None) => "the supporter is on leave, so this match will end".to_owned(),
        _ => return,
    };
    checker.warning(
        of,
        "supporter",
        &standing.supporter,
        problem,
        "correct the supporter's status if the match is to go on".to_owned(),
    );
}

/// A standing match of somebody who did not agree to it.
pub(super) fn consented(
    checker: &mut Checker<'_>,
    of: Record<'_>,
    standing: &StandingMatch,
    (at, participant): (usize, &Participant),
) {
    let person = Record { table: Table::Participants, position: at, id: of.id };
    if participant.consent || checker.any_broken(person, &["consent"]) {
        return;
    }
    checker.warning(
        of,
        "participant",
        &standing.participant,
        "the participant has not consented to be matched, and has a standing match".to_owned(),
        "ask for their consent and note it, or end the match".to_owned(),
    );
}

/// Pinned matches beyond what a supporter takes: they stand, and nothing is added.
pub(super) fn overloaded(checker: &mut Checker<'_>, of: Record<'_>, supporter: &Supporter, pinned: u32) {
    // Where none is stated, the policy says how many somebody takes.
    let Some(capacity) = supporter.capacity.filter(|&capacity| pinned > capacity) else { return };
    checker.warning(
        of,
        "capacity",
        capacity,
        format!("{pinned} standing matches are pinned to this supporter, who takes nobody further"),
        "raise the capacity, or make some of the matches movable".to_owned(),
    );
}

/// Pinned matches beyond what supporters and supervisors take.
fn check_loads(checker: &mut Checker<'_>, data: &ProgramData, rolls: &Rolls) {
    let mut pinned = vec![0_u32; data.supporters.len()];
    let mut counted = HashSet::new();
    for standing in data.history.standing.iter().filter(|standing| standing.hold == Hold::Pinned) {
        let pair = (&standing.participant, &standing.supporter);
        if let Some(at) = rolls.supporters.position(standing.supporter.as_str()) {
            pinned[at] += u32::from(counted.insert(pair));
        }
    }
    let mut caseloads: HashMap<&str, u32> = HashMap::new();
    for (position, (supporter, &pinned)) in data.supporters.iter().zip(&pinned).enumerate() {
        if let Some(supervisor) = &supporter.supervisor {
            *caseloads.entry(supervisor.as_str()).or_default() += pinned;
        }
        let of = Record { table: Table::Supporters, position, id: supporter.id.as_str() };
        overloaded(checker, of, supporter, pinned);
    }
    for (position, supervisor) in data.supervisors.iter().enumerate() {
        let load = caseloads.get(supervisor.id.as_str()).copied().unwrap_or(0);
        let Some(caseload) = supervisor.caseload.filter(|&caseload| load > caseload) else { continue };
        let of = Record { table: Table::Supervisors, position, id: supervisor.id.as_str() };
        checker.warning(
            of,
            "caseload",
            caseload,
            format!(
                "{load} standing matches are pinned to this supervisor's supporters, who take nobody further"
            ),
            "raise the caseload, or make some of the matches movable".to_owned(),
        );
    }
}
