//! Who suits whom: supporters laid out in columns once, and one kernel that judges a pair.
//!
//! [`Compatibility`] is the program and the policy compiled against each other: every code, language and attribute
//! value is a small number, every likeness of two codes stands in a table. Batch matching, single pairs and reports
//! all ask the same kernel and so can never disagree on who is eligible.
//!
//! - [`Compatibility::judge`]: one pair, with its breakdown or its vetoes ([`Judgement`]).
//! - [`Compatibility::scan`]: one participant against every supporter ([`Candidate`]).
//! - [`Compatibility::search`]: the best supporters of a participant, or of everyone, most of them never asked about
//!   ([`PairSearch`]); the same while prices and supporters change ([`PairIndex`]).
//! - [`Compatibility::graph`]: everyone, in parallel ([`CompatibilityGraph`]).
//! - [`Compatibility::column_above`]: one supporter against every participant, most of them never asked about.
//!
//! When the program changes, [`Compatibility::refresh_participant`] and its like follow, one person at a time.

mod best;
mod bitmap;
mod blocks;
mod bounds;
mod codes;
mod column;
mod columns;
mod csr;
mod distinct;
mod edit;
mod facts;
mod graph;
mod index;
mod judgement;
mod kernel;
mod languages;
mod losses;
mod numbered;
mod obstacles;
mod people;
mod query;
mod rules;
mod search;
mod sink;
mod standing;
mod table;
mod tables;
mod terms;
mod traits;
mod veto;

use std::sync::Arc;

use jiff::civil::Date;

use crate::error::{Error, Result};
use crate::policy::{BuiltIn, Criterion, Pair, Policy};
use crate::program::Program;
use codes::CodeTable;
use columns::Columns;
use facts::Facts;
use languages::Languages;
use people::{People, With};
use query::Query;
use rules::Rules;
use traits::Symbols;

pub use bitmap::BitmapIndex;
pub use graph::CompatibilityGraph;
pub use index::PairIndex;
pub use judgement::{Detail, JudgedWish, Judgement, Likeness, Part};
pub use obstacles::{Obstacle, Obstacles};
pub use search::{Found, PairSearch};
pub use terms::Terms;
pub use veto::{Side, Veto};

/// A supporter whom a participant may be matched with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Candidate {
    /// Position of the supporter in the program.
    pub supporter: u32,
    /// Score less the prices of the relaxations it takes, in millionths. At most 1,000,000; negative where the
    /// prices exceed the score.
    pub weight: i32,
}

/// Program and policy compiled against each other for one day.
///
/// Holds no people: the methods take the [`Program`] it was compiled from, and panic if it has other numbers of
/// people.
#[derive(Clone)]
pub struct Compatibility {
    rules: Rules,
    columns: Columns,
    people: People,
    conditions: CodeTable,
    issues: CodeTable,
    languages: Languages,
    symbols: Symbols,
    facts: Facts,
    custom: Vec<Arc<dyn Criterion>>,
    as_of: Date,
}

impl std::fmt::Debug for Compatibility {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Compatibility")
            .field("supporters", &self.columns.len())
            .field("as_of", &self.as_of)
            .finish_non_exhaustive()
    }
}

impl Compatibility {
    /// Compiles the program against the policy as of a day, on which ages of experience, leaves and summer time
    /// depend. Linear in the people, plus the product of the numbers of distinct codes on either side.
    ///
    /// # Errors
    ///
    /// [`Error::is_policy`] if the policy is not sound, or a custom criterion bears the name of another.
    pub fn new(
        program: &Program,
        policy: &Policy,
        custom: &[Arc<dyn Criterion>],
        as_of: Date,
    ) -> Result<Self> {
        policy.check()?;
        check_names(policy, custom)?;
        let rules = Rules::new(policy, custom);
        let mut symbols = Symbols::default();
        let conditions = CodeTable::new(
            program.conditions(),
            program.participants().iter().map(|participant| &participant.conditions[..]),
            program
                .supporters()
                .iter()
                .map(|supporter| (&supporter.conditions[..], &supporter.excluded_conditions[..])),
            policy.criteria.condition.overlap,
        );
        let issues = CodeTable::new(
            program.issues(),
            program.participants().iter().map(|participant| &participant.issues[..]),
            program
                .supporters()
                .iter()
                .map(|supporter| (&supporter.issues[..], &supporter.excluded_issues[..])),
            policy.criteria.issue.overlap,
        );
        let languages = Languages::new(program);
        let columns = Columns::new(program, policy, &mut symbols, as_of);
        let people = People::new(&With { program, rules: &rules, custom, as_of }, &mut symbols);
        let facts = Facts::new(program);
        Ok(Self {
            rules,
            columns,
            people,
            conditions,
            issues,
            languages,
            symbols,
            facts,
            custom: custom.to_vec(),
            as_of,
        })
    }

    /// The day it was compiled for.
    pub fn as_of(&self) -> Date {
        self.as_of
    }

    /// The policy it was compiled from.
    pub fn policy(&self) -> &Policy {
        &self.rules.policy
    }

    /// The names of all criteria, in the order in which breakdowns list them.
    pub fn criteria(&self) -> impl Iterator<Item = &str> {
        BuiltIn::ALL
            .iter()
            .map(|criterion| criterion.as_str())
            .chain(self.custom.iter().map(|own| own.name()))
    }

    /// The supporter a participant is matched with today, if that match can go on: whether it is pinned, and the
    /// price of changing it in millionths. `None` also where the supporter or the participant may not go on.
    pub fn standing(&self, participant: usize) -> Option<Standing> {
        let standing = self.facts.standing(participant)?;
        self.columns.keeps_standing[standing.supporter as usize].then(|| Standing {
            price: standing.price.unwrap_or(self.rules.change_price),
            ..standing.standing()
        })
    }

    /// What a host program's criterion says in words of a pair; `None` for a built-in criterion, or if it says
    /// nothing.
    pub(crate) fn custom_note(
        &self,
        program: &Program,
        criterion: usize,
        participant: usize,
        supporter: usize,
    ) -> Option<String> {
        let own = self.custom.get(criterion.checked_sub(BuiltIn::ALL.len())?)?;
        let participant = &program.participants()[participant];
        let supporter = &program.supporters()[supporter];
        Some(own.note(Pair { participant, supporter, program, as_of: self.as_of }))
            .filter(|note| !note.is_empty())
    }

    fn query<'a>(&'a self, program: &'a Program, participant: usize) -> Query<'a> {
        let (participants, supporters) = (program.participants().len(), program.supporters().len());
        assert!(
            participants == self.facts.participants() && supporters == self.columns.len(),
            "the compatibility was compiled from another program"
        );
        Query::new(self, program, participant)
    }

    /// The weight of one pair, `None` where it is vetoed.
    pub fn weight(&self, program: &Program, participant: usize, supporter: usize) -> Option<i32> {
        let query = self.query(program, participant);
        kernel::weight(self, &query, supporter)
    }

    /// Reads a little of all that the kernel asks about a supporter; see [`Columns::fetched`].
    #[inline]
    fn fetched(&self, supporter: usize) -> usize {
        let codes = |table: &CodeTable| table.supporter(supporter).first().map_or(0, |&code| code as usize);
        self.columns.fetched(supporter)
            ^ self.languages.supporters.number(supporter)
            ^ codes(&self.conditions)
            ^ codes(&self.issues)
    }

    /// Whether a supporter takes anybody new; one who does not may go on with a standing match, and no more.
    pub(crate) fn takes_new(&self, supporter: usize) -> bool {
        self.columns.takes_new[supporter]
    }

    /// The weight of one participant's pairs with some supporters, in their order, `None` for those vetoed.
    pub fn weights(&self, program: &Program, participant: usize, supporters: &[u32]) -> Vec<Option<i32>> {
        let query = self.query(program, participant);
        supporters.iter().map(|&supporter| kernel::weight(self, &query, supporter as usize)).collect()
    }

    /// Everything about one pair: its score with the breakdown, the relaxations it takes, or why it is vetoed.
    pub fn judge(&self, program: &Program, participant: usize, supporter: usize) -> Judgement {
        let query = self.query(program, participant);
        kernel::judge(self, &query, supporter)
    }

    /// Every supporter whom a participant may be matched with, in the program's order. Without consent there is
    /// none. Linear in the supporters.
    pub fn scan(&self, program: &Program, participant: usize) -> Vec<Candidate> {
        let query = self.query(program, participant).prepare(self, self.columns.len());
        let mut found = Vec::new();
        kernel::scan(self, &query, |candidate| found.push(candidate));
        found
    }

    /// Exactly the participants whose weight with a supporter exceeds their floor, in the program's order, each with
    /// the weight; whoever has a floor of `i64::MAX` is not asked. A match that stands is among them where it can go
    /// on, though the supporter take nobody new.
    ///
    /// Linear in the participants, in parallel, and the same on any number of threads; most of them are settled by a
    /// bound in nanoseconds.
    ///
    /// # Panics
    ///
    /// If there is not one floor for each participant.
    pub fn column_above(&self, program: &Program, supporter: usize, floors: &[i64]) -> Vec<(u32, i32)> {
        assert_eq!(floors.len(), program.participants().len(), "one floor for each participant");
        column::above(self, program, supporter, floors)
    }

    /// An index over the supporters that finds the best pairs, or those above a price, without asking about most.
    /// `O(n log n)` in the supporters.
    ///
    /// # Panics
    ///
    /// If the program has other numbers of people than the one this was compiled from.
    pub fn search<'a>(&'a self, program: &'a Program) -> PairSearch<'a> {
        PairSearch::new(self, program)
    }

    /// Judges one participant against every supporter, those vetoed included, in the program's order.
    pub fn judge_all<'a>(
        &'a self,
        program: &'a Program,
        participant: usize,
    ) -> impl Iterator<Item = Judgement> + 'a {
        let query = self.query(program, participant).prepare(self, self.columns.len());
        (0..self.columns.len()).map(move |supporter| kernel::judge(self, &query, supporter))
    }

    /// What stands between a participant and the supporters, counted. Linear in the supporters.
    pub fn obstacles(&self, program: &Program, participant: usize) -> Obstacles {
        obstacles::count(self, &self.query(program, participant).prepare(self, self.columns.len()))
    }

    /// Every eligible pair of the programme, judged in parallel; the same on any number of threads.
    pub fn graph(&self, program: &Program) -> CompatibilityGraph {
        graph::build(self, program, &|_, _| {})
    }

    /// The same, telling `progress` every so often how many participants of how many are done; from any thread.
    pub fn graph_with_progress(
        &self,
        program: &Program,
        progress: &(dyn Fn(usize, usize) + Sync),
    ) -> CompatibilityGraph {
        graph::build(self, program, progress)
    }
}

/// A match that stands today and can go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Position of the supporter.
    pub supporter: u32,
    /// It stays whatever else would be better.
    pub pinned: bool,
    /// For one that is not pinned: what another match has to gain, in millionths of score.
    pub price: u32,
}

fn check_names(policy: &Policy, custom: &[Arc<dyn Criterion>]) -> Result<()> {
    let mut problems = Vec::new();
    for (place, criterion) in custom.iter().enumerate() {
        let name = criterion.name();
        let taken = BuiltIn::ALL.iter().any(|built_in| built_in.as_str() == name)
            || custom[..place].iter().any(|earlier| earlier.name() == name);
        let taken = taken || Veto::KINDS.contains(&name);
        if taken || name.trim().is_empty() {
            problems.push(format!(
                "custom criterion {name:?}: the name is taken or empty; give it one of its own"
            ));
        }
        let weight = criterion.default_weight();
        if !(0.0..=1000.0).contains(&weight) {
            problems.push(format!(
                "custom criterion {name:?}: default weight {weight} is out of range; 0 to 1000"
            ));
        }
    }
    // What stands in the way of a pair is kept as bits of one word.
    let most = 128 - (Veto::KINDS.len() - 1);
    if custom.len() > most {
        problems.push(format!("{} custom criteria are too many; hand over at most {most}", custom.len()));
    }
    for step in &policy.relaxations {
        for name in &step.waive {
            let known = BuiltIn::ALL.iter().any(|built_in| built_in.as_str() == name)
                || custom.iter().any(|criterion| criterion.name() == name);
            if !known {
                problems.push(format!(
                    "relaxations ({}).waive = {name}: there is no such criterion; write language, acquaintance, \
                     preferences, or the name of a criterion that was handed to the matcher",
                    step.name
                ));
            }
        }
    }
    for name in policy.criteria.custom.keys() {
        if !custom.iter().any(|criterion| criterion.name() == name) {
            problems.push(format!(
                "criteria.custom.{name}: no such criterion was handed to the matcher; add it with with_criterion, or \
                 take the entry out"
            ));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Error::policy(problems)) }
}
