//! Whole programmes against oracles: the kernel against a plain scorer, the matching against brute force, and the
//! flow against the integer program.

use std::collections::BTreeMap;

use jiff::civil::Date;
use peermatch::assignment::{Algorithm, Backend, Options};
use peermatch::compatibility::{Compatibility, Obstacle};
use peermatch::matching::{Matching, Origin, Reason};
use peermatch::program::{Hold, ProgramData};
use peermatch::{Policy, Program};
use proptest::prelude::*;

use crate::plain_formulas as plain;
use crate::plain_scorer::{self, Plain};
use crate::random_policy::{Rules, rules};
use crate::random_programme::programme;

/// What an outcome costs: the served rung; if the worst-off come first, what each participant's outcome costs, the
/// worst first; the other rungs. Less is better.
pub(crate) type Cost = (i128, Vec<i128>, [i128; 3]);

/// Everything brute force has to know.
pub(crate) struct Market {
    /// Eligible supporters of each participant with their weights; the only entry of a pinned one.
    pub(crate) open: Vec<BTreeMap<usize, i128>>,
    pub(crate) pinned: Vec<Option<usize>>,
    standing: Vec<Option<(usize, i128)>>,
    capacity: Vec<u32>,
    day: Date,
}

/// Fails where the library's score, weight or eligibility is another than the plain one. Where a distance goes into
/// the score, the two compute it by different formulas, and a millionth may be lost in rounding.
fn agree(plain: &Plain, score: u32, weight: Option<i32>) -> Result<(), TestCaseError> {
    let most = u32::from(plain.by_distance);
    prop_assert!(plain.score.abs_diff(score) <= most, "score {score}, plain {plain:?}");
    let lost = i64::from(score) - i64::from(plain.score);
    prop_assert_eq!(
        plain.weight.map(|weight| i64::from(weight) + lost),
        weight.map(i64::from),
        "{:?}",
        plain
    );
    Ok(())
}

pub(crate) fn market(
    program: &Program,
    rules: &Rules,
    compatibility: &Compatibility,
) -> Result<Market, TestCaseError> {
    let (participants, supporters) = (program.participants(), program.supporters());
    let mut open = Vec::new();
    for p in 0..participants.len() {
        let mut row = BTreeMap::new();
        for s in 0..supporters.len() {
            let judgement = compatibility.judge(program, p, s);
            let weight = judgement.is_eligible().then_some(judgement.weight);
            agree(&plain_scorer::judge(program, rules, p, s), judgement.score, weight)?;
            // Found to agree, to the millionth where that can be: brute force then adds up the very same numbers.
            row.extend(weight.map(|weight| (s, i128::from(weight))));
        }
        open.push(row);
    }
    let mut pinned = vec![None; participants.len()];
    let mut standing = vec![None; participants.len()];
    for row in &program.history().standing {
        let p = program.participant_index(row.participant.as_str()).unwrap();
        let s = program.supporter_index(row.supporter.as_str()).unwrap();
        if !participants[p].consent || !plain::keeps_standing(&supporters[s], rules.day) {
            continue;
        }
        if row.hold == Hold::Pinned {
            pinned[p] = Some(s);
        } else {
            let price = row.price.unwrap_or(rules.policy.objective.change_price);
            standing[p] = Some((s, (price * 1e6).round() as i128));
        }
    }
    let mut capacity: Vec<u32> =
        supporters.iter().map(|own| plain::capacity(&rules.policy.loads, own)).collect();
    for (s, capacity) in capacity.iter_mut().enumerate() {
        *capacity = (*capacity).max(pinned.iter().flatten().filter(|&&own| own == s).count() as u32);
    }
    Ok(Market { open, pinned, standing, capacity, day: rules.day })
}

/// Matches below a supervisor, and the most there may be.
fn caseload(
    program: &Program,
    market: &Market,
    supervisor: usize,
    assignment: &[Option<usize>],
) -> (usize, usize) {
    let supervisor = &program.supervisors()[supervisor];
    let own = |s: &&usize| program.supporters()[**s].supervisor.as_ref() == Some(&supervisor.id);
    let load = assignment.iter().flatten().filter(own).count();
    let pinned = market.pinned.iter().flatten().filter(own).count();
    (load, supervisor.caseload.map_or(usize::MAX, |limit| pinned.max(limit as usize)))
}

fn loads(market: &Market, assignment: &[Option<usize>]) -> Vec<u32> {
    let mut loads = vec![0_u32; market.capacity.len()];
    assignment.iter().flatten().for_each(|&s| loads[s] += 1);
    loads
}

/// The cost of an assignment, `None` where a limit is broken. Pinned pairs weigh the same in every assignment and are
/// left out of the quality.
pub(crate) fn cost(
    program: &Program,
    policy: &Policy,
    market: &Market,
    assignment: &[Option<usize>],
) -> Option<Cost> {
    let loads = loads(market, assignment);
    if loads.iter().zip(&market.capacity).any(|(load, capacity)| load > capacity) {
        return None;
    }
    if policy.loads.supervisor_caseloads {
        for supervisor in 0..program.supervisors().len() {
            let (load, most) = caseload(program, market, supervisor, assignment);
            if load > most {
                return None;
            }
        }
    }
    let mut cost = [0; 4];
    let mut outcomes = Vec::new();
    for (p, &to) in assignment.iter().enumerate() {
        let before = cost[1];
        let person = &program.participants()[p];
        let Some(s) = to else {
            if person.consent && policy.objective.served_first {
                cost[0] += 1 + i128::from(plain::urgency(&policy.priorities, person, market.day));
            } else if person.consent {
                cost[1] -= (policy.objective.unmatched_score * 1e6).round() as i128;
            }
            if policy.objective.least_change
                && market.standing[p].is_some_and(|(own, _)| market.open[p].contains_key(&own))
            {
                cost[2] += 1;
            }
            outcomes.push(cost[1] - before);
            continue;
        };
        if market.pinned[p].is_some() {
            continue;
        }
        cost[1] -= market.open[p][&s];
        match market.standing[p] {
            Some((own, price)) if own == s => cost[1] -= price,
            Some((own, _)) if policy.objective.least_change && market.open[p].contains_key(&own) => {
                cost[2] += 1;
            }
            _ => {}
        }
        outcomes.push(cost[1] - before);
    }
    outcomes.sort_unstable_by(|one, other| other.cmp(one));
    if !policy.objective.worst_off_first {
        outcomes.clear();
    }
    for (s, &load) in loads.iter().enumerate() {
        cost[1] += plain::load_cost(&policy.loads, load, program.supporters()[s].wished_minimum);
        cost[3] += plain::balance_cost(&policy.loads, load, market.capacity[s]);
    }
    Some((cost[0], outcomes, [cost[1], cost[2], cost[3]]))
}

/// The first best assignment in order, by trying all.
pub(crate) fn brute_force(program: &Program, policy: &Policy, market: &Market) -> (Cost, Vec<Option<usize>>) {
    let choices: Vec<Vec<Option<usize>>> = (0..program.participants().len())
        .map(|p| match market.pinned[p] {
            Some(s) => vec![Some(s)],
            None => market.open[p].keys().map(|&s| Some(s)).chain([None]).collect(),
        })
        .collect();
    let mut best: Option<(Cost, Vec<Option<usize>>)> = None;
    let mut digits = vec![0; choices.len()];
    loop {
        let assignment: Vec<Option<usize>> = digits.iter().zip(&choices).map(|(&d, own)| own[d]).collect();
        // Choices run in order, nobody last, so the first that is as good as any is the one that is wanted.
        if let Some(cost) = cost(program, policy, market, &assignment)
            && best.as_ref().is_none_or(|(least, _)| cost < *least)
        {
            best = Some((cost, assignment));
        }
        let Some(place) = (0..digits.len()).rev().find(|&place| digits[place] + 1 < choices[place].len())
        else {
            break;
        };
        digits[place] += 1;
        digits[place + 1..].fill(0);
    }
    best.expect("to match nobody but the pinned is always possible")
}

fn program(data: ProgramData) -> Program {
    Program::new(data).expect("random programmes are sound")
}

/// What stands in the way of a participant, counted from what the plain scorer says of each supporter.
fn obstacles(judged: &[Plain]) -> BTreeMap<&str, (u32, u32)> {
    let mut counts: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    for plain in judged {
        for kind in &plain.blocks {
            let count = counts.entry(kind).or_default();
            count.0 += 1;
            count.1 += u32::from(plain.blocks.len() == 1);
        }
    }
    counts
}

/// Those that alone keep most supporters away come first.
fn told_in_order(found: &[Obstacle]) -> bool {
    found.is_sorted_by_key(|own| std::cmp::Reverse((own.alone, own.supporters)))
}

fn counted(found: &[Obstacle]) -> BTreeMap<&str, (u32, u32)> {
    found.iter().map(|own| (own.kind.as_str(), (own.supporters, own.alone))).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// The kernel says the same of every pair as the plain scorer; its breakdown adds up; scan, single weight,
    /// judgement and the count of obstacles agree.
    #[test]
    fn the_kernel_equals_the_plain_scorer(data in programme(4, 6), rules in rules()) {
        let program = program(data);
        let matcher = rules.matcher(&program);
        let compatibility = matcher.compatibility().unwrap();
        let graph = compatibility.graph(&program);
        for p in 0..program.participants().len() {
            let scan = compatibility.scan(&program, p);
            let (row, weights) = graph.row(p);
            let scanned: Vec<_> = scan.iter().map(|candidate| (candidate.supporter, candidate.weight)).collect();
            let in_graph: Vec<_> = row.iter().copied().zip(weights.iter().copied()).collect();
            prop_assert_eq!(&scanned, &in_graph);
            let judged: Vec<Plain> =
                (0..program.supporters().len()).map(|s| plain_scorer::judge(&program, &rules, p, s)).collect();
            let found = compatibility.obstacles(&program, p);
            prop_assert_eq!(counted(&found.obstacles), obstacles(&judged));
            prop_assert!(told_in_order(&found.obstacles));
            for (s, plain) in judged.iter().enumerate() {
                let judgement = compatibility.judge(&program, p, s);
                let eligible = judgement.is_eligible().then_some(judgement.weight);
                agree(plain, judgement.score, eligible).map_err(|error| {
                    TestCaseError::fail(format!("{error}\n{}\n{}", told(&program, p, s), rules.policy.to_json().unwrap()))
                })?;
                prop_assert_eq!(judgement.confidence, plain.confidence, "{}", told(&program, p, s));
                prop_assert_eq!(judgement.relaxations(), plain.steps.clone());
                let weight = program.participants()[p].consent.then(|| compatibility.weight(&program, p, s)).flatten();
                prop_assert_eq!(weight, eligible);
                let scanned = scanned.iter().find(|(own, _)| *own as usize == s).map(|(_, weight)| *weight);
                prop_assert_eq!(scanned, eligible);
                prop_assert_eq!(found.eligible.contains(&(s as u32)), eligible.is_some());
                let sum: u32 = judgement.parts.iter().map(|part| part.contribution).sum();
                prop_assert_eq!(sum, judgement.score, "the parts add up");
            }
        }
    }

    /// The matching is the first best one in order of all there are, and its sums and reasons are those of its pairs.
    #[test]
    fn the_matching_equals_brute_force(data in programme(5, 4), rules in rules()) {
        let program = program(data);
        let matcher = rules.matcher(&program);
        let market = market(&program, &rules, &matcher.compatibility().unwrap())?;
        let (least, best) = brute_force(&program, &rules.policy, &market);
        let matching = matcher.match_all().unwrap();
        prop_assert!(matching.solution.optimal);
        let found: Vec<Option<usize>> = program
            .participants()
            .iter()
            .map(|person| matching.of_participant(person.id.as_str()))
            .map(|pair| pair.map(|pair| program.supporter_index(pair.supporter.as_str()).unwrap()))
            .collect();
        let cost = cost(&program, &rules.policy, &market, &found);
        prop_assert_eq!(cost, Some(least.clone()));
        prop_assert_eq!(&found, &best, "the first of the best in order");
        prop_assert_eq!(matching.solution.cost.served, least.0);
        prop_assert_eq!(matching.solution.cost.change, least.2[1]);
        prop_assert_eq!(matching.solution.cost.balance, least.2[2]);
        check_sums(&program, &matching)?;
        check_reasons(&program, &rules, &market, &matching, &found)?;
    }
}

proptest! {
    // Always the same programmes: for a few in ten thousand of this kind the integer program's branch and bound does
    // not end within minutes.
    #![proptest_config(ProptestConfig {
        cases: 60,
        rng_seed: proptest::test_runner::RngSeed::Fixed(1),
        ..ProptestConfig::default()
    })]

    /// Flow and integer program find the same objective, rung by rung.
    #[test]
    fn flow_equals_the_integer_program(data in programme(24, 10), mut rules in rules()) {
        // One program for each score there is would take too long.
        rules.policy.objective.worst_off_first = false;
        let matcher = rules.matcher(&program(data));
        let flow = matcher.match_all().unwrap();
        let options = Options::new().algorithm(Algorithm::Ilp(Backend::Microlp));
        let ilp = matcher.with_options(options).match_all().unwrap();
        prop_assert_eq!(flow.solution.cost, ilp.solution.cost);
        prop_assert_eq!(flow.totals.matched, ilp.totals.matched);
    }
}

/// Why somebody is left is what the places say; a pinned match says what speaks against it, and no other has anything.
fn check_reasons(
    program: &Program,
    rules: &Rules,
    market: &Market,
    matching: &Matching,
    found: &[Option<usize>],
) -> Result<(), TestCaseError> {
    let loads = loads(market, found);
    let is_full = |s: usize| loads[s] >= market.capacity[s];
    let held_back = |s: usize| {
        let supervisor = program.supporters()[s].supervisor.as_ref();
        let supervisor = supervisor.and_then(|id| program.supervisor_index(id.as_str()));
        supervisor.is_some_and(|index| {
            let (load, most) = caseload(program, market, index, found);
            rules.policy.loads.supervisor_caseloads && load >= most
        })
    };
    for row in &matching.unmatched {
        let p = program.participant_index(row.participant.as_str()).unwrap();
        let person = &program.participants()[p];
        prop_assert_eq!(row.urgency, plain::urgency(&rules.policy.priorities, person, rules.day));
        let eligible = market.open[p].len() as u32;
        let full = market.open[p].keys().filter(|&&s| is_full(s)).count() as u32;
        let caseload = market.open[p].keys().filter(|&&s| !is_full(s) && held_back(s)).count() as u32;
        let reason = match (person.consent, eligible) {
            (false, _) => Reason::NoConsent,
            (true, 0) => Reason::NobodyEligible,
            _ if full + caseload == eligible => Reason::EveryPlaceTaken { eligible, full, caseload },
            _ => Reason::NotWorthIt { eligible },
        };
        prop_assert_eq!(row.reason, reason);
        let quality_first = !rules.policy.objective.served_first;
        prop_assert!(quality_first || reason != Reason::NotWorthIt { eligible }, "{:?}", row);
        let judged: Vec<Plain> =
            (0..program.supporters().len()).map(|s| plain_scorer::judge(program, rules, p, s)).collect();
        let expected = if person.consent { obstacles(&judged) } else { BTreeMap::new() };
        prop_assert_eq!(counted(&row.obstacles), expected);
    }
    for pair in &matching.pairs {
        let p = program.participant_index(pair.participant.as_str()).unwrap();
        let s = program.supporter_index(pair.supporter.as_str()).unwrap();
        let plain = plain_scorer::judge(program, rules, p, s);
        prop_assert_eq!(pair.explanation.despite.is_empty(), plain.weight.is_some());
        prop_assert!(plain.weight.is_some() || pair.origin == Origin::Pinned);
        prop_assert_eq!(pair.origin == Origin::Pinned, market.pinned[p] == Some(s));
        prop_assert_eq!(pair.explanation.relaxations.len(), plain.steps.len());
    }
    Ok(())
}

/// The two people in full, for a failure to be read.
fn told(program: &Program, p: usize, s: usize) -> String {
    let participant = serde_json::to_string(&program.participants()[p]).unwrap();
    let supporter = serde_json::to_string(&program.supporters()[s]).unwrap();
    format!("{participant}\n{supporter}")
}

/// Everyone is told of exactly once, and the totals are the sums of the parts.
fn check_sums(program: &Program, matching: &Matching) -> Result<(), TestCaseError> {
    let mut told: Vec<&str> = matching.pairs.iter().map(|pair| pair.participant.as_str()).collect();
    told.extend(matching.unmatched.iter().map(|row| row.participant.as_str()));
    told.sort_unstable();
    let mut all: Vec<&str> = program.participants().iter().map(|person| person.id.as_str()).collect();
    all.sort_unstable();
    prop_assert_eq!(told, all);
    let totals = &matching.totals;
    prop_assert_eq!(totals.matched + totals.unmatched + totals.without_consent, totals.participants);
    let score: i64 = matching.pairs.iter().map(|pair| pair.score().micro()).sum();
    prop_assert_eq!(totals.score.micro(), score);
    for load in &matching.loads {
        let count = matching.of_supporter(load.supporter.as_str()).count();
        prop_assert_eq!(load.load as usize, count);
    }
    let kept = matching.pairs.iter().filter(|pair| pair.origin != Origin::New).count();
    prop_assert_eq!(
        kept + matching.ended.len(),
        program.history().standing.len(),
        "every standing match is told of"
    );
    Ok(())
}
