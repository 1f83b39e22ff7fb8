//! What is known of single pairs: who knows, refuses or must not meet whom, and which matches stand.

use std::collections::HashMap;

use super::Standing;
use crate::policy::criteria::to_micro;
use crate::program::{Hold, Outcome, Program};

/// What is known of one pair, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct PairFacts(u8);

impl PairFacts {
    pub(super) const KNOWN: u8 = 1;
    pub(super) const REFUSED: u8 = 2;
    pub(super) const BARRED: u8 = 4;
    pub(super) const FAILED: u8 = 8;

    #[inline]
    pub(super) fn has(self, fact: u8) -> bool {
        self.0 & fact != 0
    }
}

/// The facts of every pair of which there are any.
#[derive(Debug, Clone)]
pub(super) struct Facts {
    /// For each participant, supporters with facts, sorted by supporter.
    pairs: Vec<Vec<(u32, PairFacts)>>,
    standing: HashMap<u32, StandingFact>,
}

#[derive(Debug, Clone, Copy)]
pub(super) struct StandingFact {
    pub(super) supporter: u32,
    pinned: bool,
    pub(super) price: Option<u32>,
}

impl StandingFact {
    pub(super) fn standing(self) -> Standing {
        Standing { supporter: self.supporter, pinned: self.pinned, price: 0 }
    }
}

impl Facts {
    pub(super) fn new(program: &Program) -> Self {
        let mut facts =
            Self { pairs: vec![Vec::new(); program.participants().len()], standing: HashMap::new() };
        let history = program.history();
        for (index, participant) in program.participants().iter().enumerate() {
            for (ids, fact) in
                [(&participant.known, PairFacts::KNOWN), (&participant.refused, PairFacts::REFUSED)]
            {
                for supporter in ids.iter().filter_map(|id| program.supporter_index(id.as_str())) {
                    facts.pairs[index].push((supporter as u32, PairFacts(fact)));
                }
            }
        }
        let known =
            history.acquaintances.iter().map(|row| (&row.participant, &row.supporter, PairFacts::KNOWN));
        let barred = history.barred.iter().map(|row| (&row.participant, &row.supporter, PairFacts::BARRED));
        let failed = history.past.iter().filter(|row| row.outcome == Outcome::Failed);
        let failed = failed.map(|row| (&row.participant, &row.supporter, PairFacts::FAILED));
        for (participant, supporter, fact) in known.chain(barred).chain(failed) {
            let participant = program.participant_index(participant.as_str());
            let supporter = program.supporter_index(supporter.as_str());
            if let (Some(participant), Some(supporter)) = (participant, supporter) {
                facts.pairs[participant].push((supporter as u32, PairFacts(fact)));
            }
        }
        for row in &mut facts.pairs {
            row.sort_unstable_by_key(|&(supporter, _)| supporter);
            row.dedup_by(|later, kept| {
                let same = later.0 == kept.0;
                if same {
                    kept.1.0 |= later.1.0;
                }
                same
            });
        }
        for row in &history.standing {
            let participant = program.participant_index(row.participant.as_str());
            let supporter = program.supporter_index(row.supporter.as_str());
            let consent = |&participant: &usize| program.participants()[participant].consent;
            if let (Some(participant), Some(supporter)) = (participant.filter(consent), supporter) {
                let fact = StandingFact {
                    supporter: supporter as u32,
                    pinned: row.hold == Hold::Pinned,
                    price: row.price.map(to_micro),
                };
                facts.standing.insert(participant as u32, fact);
            }
        }
        facts
    }

    /// How many participants the program has.
    pub(super) fn participants(&self) -> usize {
        self.pairs.len()
    }

    pub(super) fn of(&self, participant: usize) -> &[(u32, PairFacts)] {
        &self.pairs[participant]
    }

    pub(super) fn standing(&self, participant: usize) -> Option<StandingFact> {
        self.standing.get(&(participant as u32)).copied()
    }
}
