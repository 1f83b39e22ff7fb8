//! Participants of whose pairs one counts: as if their row was that pair, and as it was afterwards.

use std::collections::BTreeMap;

use peermatch::assignment::{Edit, LiveAssignment};
use proptest::prelude::*;

use crate::assignment_instances::{Instance, Shape, instances};
use crate::assignment_live::{Draw, draws, edit, holds};

/// The same with rows rewritten where one pair counts.
fn rewritten(all: &LiveAssignment, only: &BTreeMap<u32, Option<u32>>) -> LiveAssignment {
    let problem = all.problem().unwrap();
    let mut twin = all.clone();
    let row = |(&participant, &only): (&u32, &Option<u32>)| {
        let pairs = problem.row(participant).filter(|pair| Some(pair.0) == only).collect();
        Edit::Row { participant, pairs }
    };
    twin.apply(&only.iter().map(row).collect::<Vec<_>>()).unwrap();
    twin
}

fn is_the_row_of_one_pair(instance: &Instance, history: &[Vec<Draw>]) -> Result<(), TestCaseError> {
    let mut live = LiveAssignment::solve(&instance.build().unwrap()).unwrap();
    // Nobody is restricted here.
    let mut all = live.clone();
    let mut only = BTreeMap::new();
    for draw in history.iter().flatten() {
        let Some(edit) = edit(&all.problem().unwrap(), draw) else { continue };
        let (mut tried, mut tried_all) = (live.clone(), all.clone());
        let unrestricted = !matches!(edit, Edit::Only { .. } | Edit::Any { .. });
        let made = tried.apply(std::slice::from_ref(&edit));
        if unrestricted {
            prop_assert_eq!(made.is_ok(), tried_all.apply(std::slice::from_ref(&edit)).is_ok());
        }
        if made.is_err() {
            continue;
        }
        (live, all) = (tried, tried_all);
        match edit {
            Edit::Only { participant, supporter } => _ = only.insert(participant, supporter),
            Edit::Any { participant }
            | Edit::Row { participant, .. }
            | Edit::ParticipantLeaves { participant } => _ = only.remove(&participant),
            _ => {}
        }
        holds(&live)?;
        prop_assert_eq!(live.objective(), rewritten(&all, &only).objective());
        let bytes = serde_json::to_string(&live).unwrap();
        let read: LiveAssignment = serde_json::from_str(&bytes).unwrap();
        prop_assert_eq!(serde_json::to_string(&read).unwrap(), bytes);
    }
    let released: Vec<Edit> = only.keys().map(|&participant| Edit::Any { participant }).collect();
    live.apply(&released).unwrap();
    prop_assert_eq!(live.objective(), all.objective());
    let pairs = |live: &LiveAssignment| {
        let problem = live.problem().unwrap();
        let row = |participant| problem.row(participant).collect::<Vec<_>>();
        (0..problem.participants()).map(row).collect::<Vec<_>>()
    };
    prop_assert_eq!(pairs(&live), pairs(&all));
    Ok(())
}

const SHAPE: Shape = Shape { participants: 9, supporters: 6, capacity: 3, cost: 12, density: 60, pins: true };

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn only_one_pair_counts_until_all_do(instance in instances(SHAPE), history in draws(14)) {
        is_the_row_of_one_pair(&instance, &history)?;
    }
}
