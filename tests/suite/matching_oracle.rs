//! Whole programmes against oracles: the kernel against a plain scorer, the matching against brute force, and the
//! flow against the integer program.

use std::collections::BTreeMap;

use peermatch::assignment::{Algorithm, Backend, Options};
use peermatch::matching::Origin;
use peermatch::program::{Hold, ProgramData};
use peermatch::{Matcher, Policy, Program};
use proptest::prelude::*;

use crate::plain_scorer;
use crate::random_programme::{TODAY, policy, programme};

/// What an outcome costs, rung by rung: less is better.
type Cost = [i128; 4];

/// Everything brute force has to know.
struct Market {
    /// Eligible supporters of each participant with their weights; the only entry of a pinned one.
    open: Vec<BTreeMap<usize, i128>>,
    pinned: Vec<Option<usize>>,
    standing: Vec<Option<(usize, i128)>>,
    capacity: Vec<u32>,
}

fn market(program: &Program, policy: &Policy) -> Market {
    let (participants, supporters) = (program.participants(), program.supporters());
    let mut open = Vec::new();
    for p in 0..participants.len() {
        let weigh = |s: usize| Some((s, i128::from(plain_scorer::judge(program, policy, p, s).weight?)));
        open.push((0..supporters.len()).filter_map(weigh).collect::<BTreeMap<_, _>>());
    }
    let mut pinned = vec![None; participants.len()];
    let mut standing = vec![None; participants.len()];
    for row in &program.history().standing {
        let p = program.participant_index(row.participant.as_str()).unwrap();
        let s = program.supporter_index(row.supporter.as_str()).unwrap();
        if !participants[p].consent || !supporters[s].keeps_standing_matches(TODAY) {
            continue;
        }
        if row.hold == Hold::Pinned {
            pinned[p] = Some(s);
        } else {
            let price = row.price.unwrap_or(policy.objective.change_price);
            standing[p] = Some((s, (price * 1e6).round() as i128));
        }
    }
    let mut capacity: Vec<u32> = supporters.iter().map(|s| policy.loads.capacity(s.capacity)).collect();
    for (s, capacity) in capacity.iter_mut().enumerate() {
        *capacity = (*capacity).max(pinned.iter().flatten().filter(|&&own| own == s).count() as u32);
    }
    Market { open, pinned, standing, capacity }
}

/// The cost of an assignment, `None` where a limit is broken. Pinned pairs weigh the same in every assignment and are
/// left out of the quality.
fn cost(program: &Program, policy: &Policy, market: &Market, assignment: &[Option<usize>]) -> Option<Cost> {
    let mut loads = vec![0_u32; market.capacity.len()];
    assignment.iter().flatten().for_each(|&s| loads[s] += 1);
    if loads.iter().zip(&market.capacity).any(|(load, capacity)| load > capacity) {
        return None;
    }
    if policy.loads.supervisor_caseloads {
        for supervisor in program.supervisors() {
            let own = |s: &usize| program.supporters()[*s].supervisor.as_ref() == Some(&supervisor.id);
            let load = assignment.iter().flatten().filter(|s| own(s)).count();
            let pinned = market.pinned.iter().flatten().filter(|s| own(s)).count();
            if supervisor.caseload.is_some_and(|limit| load > pinned.max(limit as usize)) {
                return None;
            }
        }
    }
    let mut cost = [0; 4];
    for (p, &to) in assignment.iter().enumerate() {
        let person = &program.participants()[p];
        let Some(s) = to else {
            if person.consent && policy.objective.served_first {
                cost[0] += 1 + i128::from(policy.priorities.urgency(person, TODAY));
            } else if person.consent {
                cost[1] -= (policy.objective.unmatched_score * 1e6).round() as i128;
            }
            if policy.objective.least_change
                && market.standing[p].is_some_and(|(own, _)| market.open[p].contains_key(&own))
            {
                cost[2] += 1;
            }
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
    }
    for (s, &load) in loads.iter().enumerate() {
        let wished = program.supporters()[s].wished_minimum;
        for place in 0..load {
            cost[1] += i128::from(policy.loads.place_cost(place, wished));
            cost[3] += i128::from(policy.loads.balance_cost(place, market.capacity[s]));
        }
    }
    Some(cost)
}

/// The first best assignment in order, by trying all.
fn brute_force(program: &Program, policy: &Policy, market: &Market) -> (Cost, Vec<Option<usize>>) {
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

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    /// The kernel says the same of every pair as the plain scorer; its breakdown adds up; scan, single weight and
    /// judgement agree.
    #[test]
    fn the_kernel_equals_the_plain_scorer(data in programme(4, 6), policy in policy()) {
        let program = program(data);
        let matcher = Matcher::new(program.clone(), policy.clone(), TODAY).unwrap();
        let compatibility = matcher.compatibility().unwrap();
        let graph = compatibility.graph(&program);
        for p in 0..program.participants().len() {
            let scan = compatibility.scan(&program, p);
            let (row, weights) = graph.row(p);
            let scanned: Vec<_> = scan.iter().map(|candidate| (candidate.supporter, candidate.weight)).collect();
            let in_graph: Vec<_> = row.iter().copied().zip(weights.iter().copied()).collect();
            prop_assert_eq!(&scanned, &in_graph);
            let obstacles = compatibility.obstacles(&program, p);
            for s in 0..program.supporters().len() {
                let plain = plain_scorer::judge(&program, &policy, p, s);
                let judgement = compatibility.judge(&program, p, s);
                prop_assert_eq!(judgement.score, plain.score, "{}", told(&program, p, s));
                prop_assert_eq!(judgement.confidence, plain.confidence, "{}", told(&program, p, s));
                prop_assert_eq!(judgement.is_eligible().then_some(judgement.weight), plain.weight);
                let weight = program.participants()[p].consent.then(|| compatibility.weight(&program, p, s)).flatten();
                prop_assert_eq!(weight, plain.weight);
                let found = scanned.iter().find(|(own, _)| *own as usize == s).map(|(_, weight)| *weight);
                prop_assert_eq!(found, plain.weight);
                prop_assert_eq!(obstacles.eligible.contains(&(s as u32)), plain.weight.is_some());
                let sum: u32 = judgement.parts.iter().map(|part| part.contribution).sum();
                prop_assert_eq!(sum, judgement.score, "the parts add up");
            }
        }
    }

    /// The matching is the first best one in order of all there are, and its sums are those of its pairs.
    #[test]
    fn the_matching_equals_brute_force(data in programme(5, 4), policy in policy()) {
        let program = program(data);
        let market = market(&program, &policy);
        let (least, best) = brute_force(&program, &policy, &market);
        let matcher = Matcher::new(program.clone(), policy.clone(), TODAY).unwrap();
        let matching = matcher.match_all().unwrap();
        prop_assert!(matching.solution.optimal);
        let found: Vec<Option<usize>> = program
            .participants()
            .iter()
            .map(|person| matching.of_participant(person.id.as_str()))
            .map(|pair| pair.map(|pair| program.supporter_index(pair.supporter.as_str()).unwrap()))
            .collect();
        let cost = cost(&program, &policy, &market, &found);
        prop_assert_eq!(cost, Some(least));
        prop_assert_eq!(&found, &best, "the first of the best in order");
        prop_assert_eq!(matching.solution.cost.served, least[0]);
        prop_assert_eq!(matching.solution.cost.change, least[2]);
        prop_assert_eq!(matching.solution.cost.balance, least[3]);
        check_sums(&program, &matching)?;
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]

    /// Flow and integer program find the same objective, rung by rung.
    #[test]
    fn flow_equals_the_integer_program(data in programme(24, 10), policy in policy()) {
        let matcher = Matcher::new(program(data), policy, TODAY).unwrap();
        let flow = matcher.match_all().unwrap();
        let options = Options::new().algorithm(Algorithm::Ilp(Backend::Microlp));
        let ilp = matcher.with_options(options).match_all().unwrap();
        prop_assert_eq!(flow.solution.cost, ilp.solution.cost);
        prop_assert_eq!(flow.totals.matched, ilp.totals.matched);
    }
}

/// The two people in full, for a failure to be read.
fn told(program: &Program, p: usize, s: usize) -> String {
    let participant = serde_json::to_string(&program.participants()[p]).unwrap();
    let supporter = serde_json::to_string(&program.supporters()[s]).unwrap();
    format!("{participant}\n{supporter}")
}

/// Everyone is told of exactly once, and the totals are the sums of the parts.
fn check_sums(program: &Program, matching: &peermatch::Matching) -> Result<(), TestCaseError> {
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
