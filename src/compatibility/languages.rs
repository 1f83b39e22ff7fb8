//! The languages of both sides as small numbers, and which of them are one language.

use super::distinct::Distinct;
use super::numbered::Numbered;
use super::table::Table;
use crate::policy::criteria::{LanguageCriterion, to_micro};
use crate::program::{LanguageTag, Program};

/// As a score: the languages of one side are not known.
pub(super) const NOT_KNOWN: u32 = u32::MAX;

/// Who speaks what.
#[derive(Debug, Clone)]
pub(super) struct Languages {
    ours: Numbered<LanguageTag>,
    theirs: Numbered<LanguageTag>,
    /// For each of the participants' languages, a row: whether each of the supporters' is the same language.
    same: Table<bool>,
    /// How often each number of `ours` was given to a language.
    given: Vec<u32>,
    /// What each participant speaks, each language once, the preferred one first.
    pub(super) participants: Distinct<u32>,
    /// What each supporter speaks.
    pub(super) supporters: Distinct<u32>,
}

impl Languages {
    /// A byte for each pair of a language of either side.
    pub(super) fn new(program: &Program) -> Self {
        let (mut ours, mut participants) = (Numbered::default(), Distinct::default());
        for (row, person) in program.participants().iter().enumerate() {
            let spoken = ours.take_all(&person.languages, |_| {});
            participants.set(row, spoken).release(&mut ours);
        }
        let (mut theirs, mut supporters) = (Numbered::default(), Distinct::default());
        for (row, person) in program.supporters().iter().enumerate() {
            let spoken = theirs.take_all(&person.languages, |_| {});
            supporters.set(row, spoken).release(&mut theirs);
        }
        let same = Table::new(ours.len(), theirs.len(), |own, other| {
            ours.values()[own].mutually_intelligible(&theirs.values()[other])
        });
        Self { given: vec![1; ours.len()], ours, theirs, same, participants, supporters }
    }

    /// A participant, whom there was not or who changed, speaks these.
    pub(super) fn set_participant(&mut self, row: usize, languages: &[LanguageTag]) {
        let mut new = Vec::new();
        let spoken = self.ours.take_all(languages, |number| new.push(number));
        self.given.resize(self.ours.len(), 0);
        for own in new {
            self.given[own as usize] += 1;
            let tag = self.ours.value(own);
            self.same.set_row(own as usize, |other| tag.mutually_intelligible(&self.theirs.values()[other]));
        }
        self.participants.set(row, spoken).release(&mut self.ours);
    }

    /// A supporter, whom there was not or who changed, speaks these.
    pub(super) fn set_supporter(&mut self, row: usize, languages: &[LanguageTag]) {
        let mut new = Vec::new();
        let spoken = self.theirs.take_all(languages, |number| new.push(number));
        for other in new {
            let tag = self.theirs.value(other);
            self.same.set_column(other as usize, |own| self.ours.values()[own].mutually_intelligible(tag));
        }
        self.supporters.set(row, spoken).release(&mut self.theirs);
    }

    /// How often the number of each of the participants' languages was given: another count is another language.
    pub(super) fn ours_given(&self) -> &[u32] {
        &self.given
    }

    /// Whether a supporter speaks one of the participants' languages; so may one of whom it is not known.
    pub(super) fn may_speak(&self, ours: u32, supporter: usize) -> bool {
        let theirs = self.supporters.row(supporter);
        theirs.is_empty() || theirs.iter().any(|&other| self.same.at(ours, other as usize))
    }

    /// The score in millionths of two of the kept lists: 0 where no language is shared, [`NOT_KNOWN`] where one is
    /// empty.
    pub(super) fn score(&self, criterion: &LanguageCriterion, ours: &[u32], theirs: &[u32]) -> u32 {
        if ours.is_empty() || theirs.is_empty() {
            return NOT_KNOWN;
        }
        let score = |&other: &u32| {
            let place = ours.iter().position(|&own| self.same.at(own, other as usize));
            place.map_or(0, |place| to_micro(criterion.score(place)))
        };
        theirs.iter().map(score).max().unwrap_or(0)
    }
}
