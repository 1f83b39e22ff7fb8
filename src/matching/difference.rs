//! What changed from one matching to another.

use std::collections::BTreeMap;
use std::fmt;

use serde::{Deserialize, Serialize};

use super::{Matching, Score};
use crate::program::{ParticipantId, SupporterId};

/// What changed from one matching to another, people by their ids.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Difference {
    /// How many kept their supporter.
    pub kept: u32,
    /// How many of these have another score than before.
    pub rescored: u32,
    /// Who moved to another supporter.
    pub moved: Vec<Moved>,
    /// Who had nobody, or was not there, and is matched now.
    pub gained: Vec<Moved>,
    /// Who was matched and has nobody now, or is not there any more.
    pub lost: Vec<Moved>,
    /// Supporters who carry more or fewer than before.
    pub loads: Vec<LoadChange>,
    /// Change of the sum of scores.
    pub score: Score,
}

/// One participant's change. The side on which they have nobody is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    /// Who.
    pub participant: ParticipantId,
    /// Their supporter before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub from: Option<SupporterId>,
    /// Their supporter after.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub to: Option<SupporterId>,
    /// Change of their score; a side without a match counts as 0.
    pub score: Score,
}

/// One supporter's change of load.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LoadChange {
    /// Who.
    pub supporter: SupporterId,
    /// Load before; none for somebody who was not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub before: Option<u32>,
    /// Load after; none for somebody who is not there any more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub after: Option<u32>,
}

impl Difference {
    /// Compares two matchings, of the same program or of two states of it. People are told in the order of their ids.
    pub fn between(before: &Matching, after: &Matching) -> Self {
        let pairs = |matching: &Matching| -> BTreeMap<ParticipantId, (SupporterId, Score)> {
            let pairs = matching.pairs.iter();
            pairs.map(|pair| (pair.participant.clone(), (pair.supporter.clone(), pair.score()))).collect()
        };
        let (old, mut new) = (pairs(before), pairs(after));
        let mut difference = Self { score: after.totals.score - before.totals.score, ..Self::default() };
        for (participant, (from, score_before)) in old {
            match new.remove(&participant) {
                Some((to, score_after)) if to == from => {
                    difference.kept += 1;
                    difference.rescored += u32::from(score_after != score_before);
                }
                Some((to, score_after)) => difference.moved.push(Moved {
                    participant,
                    from: Some(from),
                    to: Some(to),
                    score: score_after - score_before,
                }),
                None => difference.lost.push(Moved {
                    participant,
                    from: Some(from),
                    to: None,
                    score: Score::default() - score_before,
                }),
            }
        }
        let gained = new.into_iter();
        difference.gained = gained
            .map(|(participant, (to, score))| Moved { participant, from: None, to: Some(to), score })
            .collect();
        difference.loads = load_changes(before, after);
        difference
    }

    /// Nothing changed for anybody.
    pub fn is_empty(&self) -> bool {
        self.moved.is_empty() && self.gained.is_empty() && self.lost.is_empty()
    }
}

fn load_changes(before: &Matching, after: &Matching) -> Vec<LoadChange> {
    let mut loads: BTreeMap<&SupporterId, (Option<u32>, Option<u32>)> = BTreeMap::new();
    for load in &before.loads {
        loads.entry(&load.supporter).or_default().0 = Some(load.load);
    }
    for load in &after.loads {
        loads.entry(&load.supporter).or_default().1 = Some(load.load);
    }
    let changed = loads.into_iter().filter(|(_, (before, after))| before != after);
    changed
        .map(|(supporter, (before, after))| LoadChange { supporter: supporter.clone(), before, after })
        .collect()
}

/// A line for each person whose match changed, then the sums.
impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for row in self.moved.iter().chain(&self.gained).chain(&self.lost) {
            let name = |id: &Option<SupporterId>| {
                id.as_ref().map_or_else(|| "nobody".to_owned(), ToString::to_string)
            };
            let change = row.score.percent();
            writeln!(f, "{}: {} -> {} ({change:+.1} %)", row.participant, name(&row.from), name(&row.to))?;
        }
        write!(
            f,
            "{} kept ({} with another score), {} moved, {} gained, {} lost; sum of scores {:+.1} %",
            self.kept,
            self.rescored,
            self.moved.len(),
            self.gained.len(),
            self.lost.len(),
            self.score.percent()
        )
    }
}
