//! The history with an index by person: what one participant's rows are, and who stands with one supporter.
//!
//! The rows stay plain vectors. Beside them, each person has the numbers of their rows, in the order in which these
//! came. A row is taken out by putting the last of its table in its place, and the one number that changes is mended:
//! O(rows of the two people) for each change, whatever the history holds. People whose last row goes leave nothing
//! behind, so memory follows the rows.
//!
//! The order of rows thus depends on the changes alone, and means nothing but among one participant's past matches,
//! where it is kept.

use std::collections::HashMap;

use super::{Acquaintance, BarredPair, History, ParticipantId, PastMatch, StandingMatch, SupporterId};

/// The tables of the history.
#[derive(Clone, Copy)]
enum Kind {
    Acquaintances,
    Barred,
    Past,
    Standing,
}

/// A row of the history.
pub(super) trait Row: Sized {
    /// The table it belongs into.
    fn table(history: &mut History) -> &mut Vec<Self>;
    /// The two it is about.
    fn pair(&self) -> (&ParticipantId, &SupporterId);
    /// The numbers of one participant's rows of this kind.
    fn numbers(numbers: &mut Numbers) -> &mut Vec<u32>;
}

macro_rules! row {
    ($row:ident, $kind:ident, $table:ident) => {
        impl Row for $row {
            fn table(history: &mut History) -> &mut Vec<Self> {
                &mut history.$table
            }

            fn pair(&self) -> (&ParticipantId, &SupporterId) {
                (&self.participant, &self.supporter)
            }

            fn numbers(numbers: &mut Numbers) -> &mut Vec<u32> {
                &mut numbers.0[Kind::$kind as usize]
            }
        }
    };
}

row!(Acquaintance, Acquaintances, acquaintances);
row!(BarredPair, Barred, barred);
row!(PastMatch, Past, past);
row!(StandingMatch, Standing, standing);

/// The numbers of one participant's rows in each table.
#[derive(Clone, Default)]
pub(super) struct Numbers([Vec<u32>; 4]);

/// A history, and whose its rows are.
#[derive(Clone, Default)]
pub(super) struct Chronicle {
    rows: History,
    of: HashMap<ParticipantId, Numbers>,
    /// The numbers of the standing matches of each supporter.
    caseloads: HashMap<SupporterId, Vec<u32>>,
}

impl Chronicle {
    pub(super) fn new(rows: History) -> Self {
        let mut of: HashMap<ParticipantId, Numbers> = HashMap::new();
        let mut caseloads: HashMap<SupporterId, Vec<u32>> = HashMap::new();
        let lists: [Vec<&ParticipantId>; 4] = [
            rows.acquaintances.iter().map(|row| &row.participant).collect(),
            rows.barred.iter().map(|row| &row.participant).collect(),
            rows.past.iter().map(|row| &row.participant).collect(),
            rows.standing.iter().map(|row| &row.participant).collect(),
        ];
        for (kind, participants) in lists.into_iter().enumerate() {
            for (at, participant) in participants.into_iter().enumerate() {
                of.entry(participant.clone()).or_default().0[kind].push(at as u32);
            }
        }
        for (at, row) in rows.standing.iter().enumerate() {
            caseloads.entry(row.supporter.clone()).or_default().push(at as u32);
        }
        Self { rows, of, caseloads }
    }

    pub(super) fn rows(&self) -> &History {
        &self.rows
    }

    fn numbers(&self, participant: &str, kind: Kind) -> impl Iterator<Item = usize> + use<'_> {
        let numbers = self.of.get(participant).map(|numbers| &numbers.0[kind as usize][..]);
        numbers.unwrap_or_default().iter().map(|&at| at as usize)
    }

    pub(super) fn acquaintances_of(&self, participant: &str) -> impl Iterator<Item = &Acquaintance> {
        self.numbers(participant, Kind::Acquaintances).map(|at| &self.rows.acquaintances[at])
    }

    pub(super) fn barred_of(&self, participant: &str) -> impl Iterator<Item = &BarredPair> {
        self.numbers(participant, Kind::Barred).map(|at| &self.rows.barred[at])
    }

    pub(super) fn past_of(&self, participant: &str) -> impl Iterator<Item = &PastMatch> {
        self.numbers(participant, Kind::Past).map(|at| &self.rows.past[at])
    }

    /// The number of a participant's standing match.
    pub(super) fn standing_row(&self, participant: &str) -> Option<usize> {
        self.numbers(participant, Kind::Standing).next()
    }

    /// The number of the first row that bars the two.
    pub(super) fn barred_row(&self, participant: &str, supporter: &str) -> Option<usize> {
        let is_theirs = |&at: &usize| self.rows.barred[at].supporter.as_str() == supporter;
        self.numbers(participant, Kind::Barred).find(is_theirs)
    }

    /// The number of the first row that says the two know each other.
    pub(super) fn acquaintance_row(&self, participant: &str, supporter: &str) -> Option<usize> {
        let is_theirs = |&at: &usize| self.rows.acquaintances[at].supporter.as_str() == supporter;
        self.numbers(participant, Kind::Acquaintances).find(is_theirs)
    }

    /// The number of a participant's last past match.
    pub(super) fn last_past_row(&self, participant: &str) -> Option<usize> {
        self.numbers(participant, Kind::Past).last()
    }

    /// The numbers of a supporter's standing matches.
    pub(super) fn caseload_rows(&self, supporter: &str) -> impl Iterator<Item = usize> + use<'_> {
        let numbers = self.caseloads.get(supporter).map(|numbers| &numbers[..]);
        numbers.unwrap_or_default().iter().map(|&at| at as usize)
    }

    /// Adds a row at the end of its table.
    pub(super) fn push<R: Row>(&mut self, row: R) {
        let at = R::table(&mut self.rows).len() as u32;
        R::numbers(self.of.entry(row.pair().0.clone()).or_default()).push(at);
        R::table(&mut self.rows).push(row);
    }

    /// Takes a row out; the last of its table is in its place from now on.
    pub(super) fn take<R: Row>(&mut self, at: usize) -> R {
        let last = R::table(&mut self.rows).len() - 1;
        let row = R::table(&mut self.rows).swap_remove(at);
        let participant = row.pair().0;
        if let Some(numbers) = self.of.get_mut(participant) {
            R::numbers(numbers).retain(|&number| number as usize != at);
            if numbers.0.iter().all(Vec::is_empty) {
                self.of.remove(participant);
            }
        }
        if at < last
            && let Some(numbers) = self.of.get_mut(R::table(&mut self.rows)[at].pair().0)
        {
            renumber(R::numbers(numbers), last, at);
        }
        row
    }

    /// Writes a participant's standing match, in the place of the one they had.
    pub(super) fn stand(&mut self, standing: StandingMatch) -> Option<StandingMatch> {
        let Some(at) = self.standing_row(standing.participant.as_str()) else {
            let at = self.rows.standing.len() as u32;
            self.caseloads.entry(standing.supporter.clone()).or_default().push(at);
            self.push(standing);
            return None;
        };
        if self.rows.standing[at].supporter != standing.supporter {
            self.drop_from_caseload(at);
            self.caseloads.entry(standing.supporter.clone()).or_default().push(at as u32);
        }
        Some(std::mem::replace(&mut self.rows.standing[at], standing))
    }

    /// Takes a participant's standing match out.
    pub(super) fn end(&mut self, participant: &str) -> Option<StandingMatch> {
        let at = self.standing_row(participant)?;
        self.drop_from_caseload(at);
        let last = self.rows.standing.len() - 1;
        if at < last
            && let Some(numbers) = self.caseloads.get_mut(&self.rows.standing[last].supporter)
        {
            renumber(numbers, last, at);
        }
        Some(self.take(at))
    }

    fn drop_from_caseload(&mut self, at: usize) {
        let supporter = &self.rows.standing[at].supporter;
        if let Some(numbers) = self.caseloads.get_mut(supporter) {
            numbers.retain(|&number| number as usize != at);
            if numbers.is_empty() {
                self.caseloads.remove(supporter);
            }
        }
    }
}

/// The row that was the last has another number now.
fn renumber(numbers: &mut [u32], last: usize, at: usize) {
    if let Some(number) = numbers.iter_mut().find(|number| **number as usize == last) {
        *number = at as u32;
    }
}
