//! What was before, changed row by row: acquaintances, bars, past matches and those that stand.
//!
//! Each row is checked as reading checks it, before anything is changed. Both people have to be known to the programme;
//! apart from standing matches, one who has left may be named too: whoever breached a boundary is barred although gone.
//! Each change takes O(rows of the two people and of whoever's row takes the place of one taken out).

use super::source::Table;
use super::{Acquaintance, BarredPair, PastMatch, Program, StandingMatch};
use crate::error::Result;

impl Program {
    /// Notes that two people know each other. Returns `false` if that stands already.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`](crate::Error::is_input) if either of them is not known. Nothing is changed then.
    pub fn add_acquaintance(&mut self, acquaintance: Acquaintance) -> Result<bool> {
        let (participant, supporter) = (&acquaintance.participant, &acquaintance.supporter);
        let end = self.history().acquaintances.len();
        self.check_pair(Table::Acquaintances, end, (participant, supporter))?;
        if self.chronicle.acquaintance_row(participant.as_str(), supporter.as_str()).is_some() {
            return Ok(false);
        }
        self.chronicle.push(acquaintance);
        Ok(true)
    }

    /// Takes out that two people know each other, in however many rows it stands. Returns whether it stood. What the
    /// participant's own record says of whom they know is not touched.
    pub fn remove_acquaintance(&mut self, participant: &str, supporter: &str) -> bool {
        let mut stood = false;
        while let Some(at) = self.chronicle.acquaintance_row(participant, supporter) {
            self.chronicle.take::<Acquaintance>(at);
            stood = true;
        }
        stood
    }

    /// Bars two people from ever being matched. Returns `false`, and keeps the reason that is noted, if they are barred
    /// already.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`](crate::Error::is_input) if either of them is not known, or if their match stands and is
    /// pinned: it has to be [ended](Self::remove_standing) first. Nothing is changed then.
    pub fn bar(&mut self, pair: BarredPair) -> Result<bool> {
        self.check_bar(self.history().barred.len(), &pair)?;
        if self.chronicle.barred_row(pair.participant.as_str(), pair.supporter.as_str()).is_some() {
            return Ok(false);
        }
        self.chronicle.push(pair);
        Ok(true)
    }

    /// Lifts the bar between two people, in however many rows it stands. Returns whether they were barred.
    pub fn unbar(&mut self, participant: &str, supporter: &str) -> bool {
        let mut stood = false;
        while let Some(at) = self.chronicle.barred_row(participant, supporter) {
            self.chronicle.take::<BarredPair>(at);
            stood = true;
        }
        stood
    }

    /// Notes a match that is over, as the participant's last one.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`](crate::Error::is_input) if either of them is not known. Nothing is changed then.
    pub fn add_past(&mut self, past: PastMatch) -> Result<()> {
        self.check_pair(Table::Past, self.history().past.len(), (&past.participant, &past.supporter))?;
        self.chronicle.push(past);
        Ok(())
    }

    /// Takes a participant's last past match out.
    pub fn remove_last_past(&mut self, participant: &str) -> Option<PastMatch> {
        let at = self.chronicle.last_past_row(participant)?;
        Some(self.chronicle.take(at))
    }

    /// Writes a participant's standing match, instead of the one they had, which is returned.
    ///
    /// # Errors
    ///
    /// [`Error::is_input`](crate::Error::is_input), with all that is wrong with it: either of the two is not there, the
    /// price is none, it is pinned and the two are barred or the participant refuses the supporter. Nothing is changed
    /// then.
    pub fn set_standing(&mut self, standing: StandingMatch) -> Result<Option<StandingMatch>> {
        let there = self.chronicle.standing_row(standing.participant.as_str());
        self.check_standing(there.unwrap_or(self.history().standing.len()), &standing)?;
        Ok(self.chronicle.stand(standing))
    }

    /// Takes a participant's standing match out.
    pub fn remove_standing(&mut self, participant: &str) -> Option<StandingMatch> {
        self.chronicle.end(participant)
    }

    /// A participant's standing match. O(1).
    pub fn standing_of(&self, participant: &str) -> Option<&StandingMatch> {
        self.chronicle.standing_row(participant).map(|at| &self.history().standing[at])
    }

    /// The standing matches of a supporter, in no particular order that would mean anything. O(caseload).
    pub fn standing_with(&self, supporter: &str) -> impl Iterator<Item = &StandingMatch> {
        self.chronicle.caseload_rows(supporter).map(|at| &self.history().standing[at])
    }

    /// Whom a participant knows, by the history; supporters who left are among them. O(rows of the participant).
    pub fn acquaintances_of(&self, participant: &str) -> impl Iterator<Item = &Acquaintance> {
        self.chronicle.acquaintances_of(participant)
    }

    /// With whom a participant is never to be matched; supporters who left are among them. O(rows of the participant).
    pub fn barred_of(&self, participant: &str) -> impl Iterator<Item = &BarredPair> {
        self.chronicle.barred_of(participant)
    }

    /// A participant's past matches in the order in which they were noted; those with supporters who left are among
    /// them. O(rows of the participant).
    pub fn past_of(&self, participant: &str) -> impl Iterator<Item = &PastMatch> {
        self.chronicle.past_of(participant)
    }
}
