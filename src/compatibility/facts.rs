//! What is known of single pairs: who knows, refuses or must not meet whom, and which matches stand.

use std::collections::HashMap;

use super::Standing;
use crate::policy::criteria::to_micro;
use crate::program::{Hold, Outcome, Program, StandingMatch, SupporterId};

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
    /// Who the supporters were when this was compiled.
    supporters: Vec<SupporterId>,
    mentions: Mentions,
}

/// Which participants' records and rows name a supporter, who need not be there: whom a change of who is there
/// concerns.
#[derive(Debug, Clone, Default)]
struct Mentions {
    /// Participants by supporter, sorted; some of them perhaps no more.
    by: HashMap<SupporterId, Vec<u32>>,
    /// How many supporters each participant names, and all of them.
    named: Vec<u32>,
    all: usize,
    /// Entries of `by`.
    held: usize,
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

/// So many names that nobody tells any more are kept in any case.
const FEW: usize = 1024;

/// What the records and rows of one participant say of supporters.
#[derive(Default)]
struct Said<'a> {
    facts: Vec<(&'a SupporterId, u8)>,
    standing: Option<&'a StandingMatch>,
}

impl<'a> Said<'a> {
    fn by(program: &'a Program, participant: usize) -> Self {
        let record = &program.participants()[participant];
        let id = record.id.as_str();
        let known = record.known.iter().chain(program.acquaintances_of(id).map(|row| &row.supporter));
        let barred = program.barred_of(id).map(|row| &row.supporter);
        let failed =
            program.past_of(id).filter(|row| row.outcome == Outcome::Failed).map(|row| &row.supporter);
        let facts = known.map(|id| (id, PairFacts::KNOWN));
        let facts = facts.chain(record.refused.iter().map(|id| (id, PairFacts::REFUSED)));
        let facts = facts.chain(barred.map(|id| (id, PairFacts::BARRED)));
        let facts = facts.chain(failed.map(|id| (id, PairFacts::FAILED)));
        Self { facts: facts.collect(), standing: program.standing_of(id) }
    }

    /// Those who are named, each once.
    fn named(&self) -> Vec<&'a SupporterId> {
        let standing = self.standing.map(|row| &row.supporter);
        let mut named: Vec<&SupporterId> = self.facts.iter().map(|&(id, _)| id).chain(standing).collect();
        named.sort_unstable();
        named.dedup();
        named
    }
}

impl Facts {
    pub(super) fn new(program: &Program) -> Self {
        let mut facts = Self {
            pairs: Vec::with_capacity(program.participants().len()),
            standing: HashMap::new(),
            supporters: program.supporters().iter().map(|supporter| supporter.id.clone()).collect(),
            mentions: Mentions::default(),
        };
        for participant in 0..program.participants().len() {
            facts.set(program, participant);
        }
        facts
    }

    /// A participant whom there was not, or whose record or rows changed. Linear in these.
    pub(super) fn set(&mut self, program: &Program, participant: usize) {
        let said = Said::by(program, participant);
        self.mentions.put(participant, &said.named());
        let position = |id: &SupporterId| program.supporter_index(id.as_str()).map(|index| index as u32);
        let facts = said.facts.iter().filter_map(|&(id, fact)| Some((position(id)?, PairFacts(fact))));
        let mut row: Vec<(u32, PairFacts)> = facts.collect();
        row.sort_unstable_by_key(|&(supporter, _)| supporter);
        row.dedup_by(|later, kept| {
            let same = later.0 == kept.0;
            if same {
                kept.1.0 |= later.1.0;
            }
            same
        });
        match self.pairs.get_mut(participant) {
            Some(place) => *place = row,
            None => self.pairs.push(row),
        }
        let consents = program.participants()[participant].consent;
        let standing = said.standing.filter(|_| consents).and_then(|row| {
            Some(StandingFact {
                supporter: position(&row.supporter)?,
                pinned: row.hold == Hold::Pinned,
                price: row.price.map(to_micro),
            })
        });
        match standing {
            Some(fact) => self.standing.insert(participant as u32, fact),
            None => self.standing.remove(&(participant as u32)),
        };
        // Of names that nobody tells any more, no more are kept than of others.
        if self.mentions.held > 2 * self.mentions.all + FEW {
            let mut mentions = Mentions::default();
            for participant in 0..self.pairs.len() {
                mentions.put(participant, &Said::by(program, participant).named());
            }
            self.mentions = mentions;
        }
    }

    /// A supporter whom there was not, or who changed. Linear in the participants who name them, or the one whose
    /// place they took.
    pub(super) fn set_supporter(&mut self, program: &Program, supporter: usize) {
        let id = &program.supporters()[supporter].id;
        let before = match self.supporters.get_mut(supporter) {
            Some(before) if before == id => return,
            Some(before) => Some(std::mem::replace(before, id.clone())),
            None => {
                self.supporters.push(id.clone());
                None
            }
        };
        let mut concerned: Vec<u32> = self.mentions.of(id).to_vec();
        concerned.extend(before.iter().flat_map(|before| self.mentions.of(before)));
        concerned.sort_unstable();
        concerned.dedup();
        for participant in concerned {
            self.set(program, participant as usize);
        }
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

impl Mentions {
    /// The participant names these supporters, each once.
    fn put(&mut self, participant: usize, named: &[&SupporterId]) {
        if participant == self.named.len() {
            self.named.push(0);
        }
        self.all = self.all - self.named[participant] as usize + named.len();
        self.named[participant] = named.len() as u32;
        for &id in named {
            let by = match self.by.get_mut(id) {
                Some(by) => by,
                None => self.by.entry(id.clone()).or_default(),
            };
            if let Err(place) = by.binary_search(&(participant as u32)) {
                by.insert(place, participant as u32);
                self.held += 1;
            }
        }
    }

    fn of(&self, supporter: &SupporterId) -> &[u32] {
        self.by.get(supporter).map_or(&[], Vec::as_slice)
    }
}
