//! Reading problems with rules: the JSON form and OR-Library's generalised assignment files.

use std::fs;
use std::path::Path;

use peermatch::assignment::rules::{Row, Rule, RuleProblem, Sense, Variable, hours, placed};
use peermatch::assignment::{Problem, Supporter};
use serde::Deserialize;

/// A problem, and what turns its objective back into the file's.
pub(crate) struct Instance {
    pub(crate) ruled: RuleProblem,
    /// 1, or -1 where the file maximises.
    pub(crate) sign: i64,
}

type Outcome<T> = Result<T, String>;

/// The JSON form. Everyone has one supporter or stays unmatched.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    participants: u32,
    supporters: u32,
    #[serde(default)]
    maximise: bool,
    /// Participant, supporter, cost.
    pairs: Vec<(u32, u32, i64)>,
    /// What staying unmatched costs; nothing where the participant must be placed.
    unmatched: Vec<Option<i64>>,
    #[serde(default)]
    rules: Vec<FileRule>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct FileRule {
    name: String,
    sense: Sense,
    bound: i64,
    /// Place in `pairs`, weight.
    #[serde(default)]
    pairs: Vec<(usize, i64)>,
    /// Participant, weight.
    #[serde(default)]
    unmatched: Vec<(u32, i64)>,
}

/// Reads `.json` as the JSON form, anything else as OR-Library's: `m n`, then m x n values, m x n weights and m
/// capacities, a row for each supporter.
pub(crate) fn read(path: &Path, maximise: bool) -> Outcome<Instance> {
    let text = fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    if path.extension().is_some_and(|ending| ending == "json") {
        let file: File = serde_json::from_str(&text).map_err(|error| error.to_string())?;
        return from_json(file);
    }
    from_or_library(&text, maximise)
}

fn from_json(file: File) -> Outcome<Instance> {
    let sign = if file.maximise { -1 } else { 1 };
    let mut builder = Problem::builder(file.participants);
    for _ in 0..file.supporters {
        builder.supporter(Supporter::new(file.participants));
    }
    for &(participant, supporter, cost) in &file.pairs {
        builder.pair(participant, supporter, sign * cost);
    }
    builder.unmatched_costs(file.unmatched.iter().map(|cost| sign * cost.unwrap_or(0)).collect());
    let problem = builder.build().map_err(|error| error.to_string())?;
    let mut ruled = RuleProblem::builder(problem);
    for (participant, cost) in file.unmatched.iter().enumerate() {
        if cost.is_none() {
            ruled.rule(placed(format!("participant {participant} is placed"), participant as u32));
        }
    }
    for rule in file.rules {
        let mut terms = Vec::with_capacity(rule.pairs.len() + rule.unmatched.len());
        for (place, weight) in rule.pairs {
            let Some(&(participant, supporter, _)) = file.pairs.get(place) else {
                return Err(format!("rule \"{}\" counts pair {place} of {}", rule.name, file.pairs.len()));
            };
            terms.push((Variable::pair(participant, supporter), weight));
        }
        terms.extend(rule.unmatched.iter().map(|&(participant, w)| (Variable::Unmatched(participant), w)));
        ruled.rule(Rule::new(rule.name, vec![Row::new(rule.sense, rule.bound, terms)]));
    }
    Ok(Instance { ruled: ruled.build().map_err(|error| error.to_string())?, sign })
}

fn from_or_library(text: &str, maximise: bool) -> Outcome<Instance> {
    let mut numbers = text.split_ascii_whitespace().map(|word| {
        word.parse::<i64>().map_err(|_| format!("{word:?} is no whole number; this is no OR-Library file"))
    });
    let mut next = || numbers.next().unwrap_or_else(|| Err("ends before all numbers are there".to_owned()));
    let (supporters, participants) = (next()?, next()?);
    let few = 1..=1_000_000_i64;
    if !few.contains(&supporters) || !few.contains(&participants) {
        return Err(format!("states {supporters} supporters and {participants} participants"));
    }
    let (m, n) = (supporters as usize, participants as usize);
    let sign = if maximise { -1 } else { 1 };
    let mut table = |count: usize| (0..count).map(|_| next()).collect::<Outcome<Vec<i64>>>();
    let (values, weights, capacities) = (table(m * n)?, table(m * n)?, table(m)?);
    let mut builder = Problem::builder(n as u32);
    for s in 0..m {
        builder.supporter(Supporter::new(n as u32));
        for p in 0..n {
            builder.pair(p as u32, s as u32, sign * values[s * n + p]);
        }
    }
    let problem = builder.build().map_err(|error| error.to_string())?;
    let mut ruled = RuleProblem::builder(problem);
    for participant in 0..n {
        ruled.rule(placed(format!("participant {participant} is placed"), participant as u32));
    }
    for (s, &capacity) in capacities.iter().enumerate() {
        let of = |participant: u32, supporter: u32| weights[supporter as usize * n + participant as usize];
        let name = format!("hours of {s}");
        let rule = hours(ruled.problem(), name, &[s as u32], capacity, of);
        ruled.rule(rule);
    }
    Ok(Instance { ruled: ruled.build().map_err(|error| error.to_string())?, sign })
}
