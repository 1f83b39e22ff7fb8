//! One person changed: what was compiled of them is compiled anew, and nothing else.
//!
//! What comes out answers every question as [`Compatibility::new`] from the changed program would. A record is
//! compiled into small numbers by way of what is kept anyway: values and lists count their uses
//! ([`numbered`](super::numbered), [`distinct`](super::distinct)), a new one gets the number of one that nobody has
//! any more, and its row or column of the tables is worked out. So a change takes the time of the record; where a
//! code, a language or a list comes up that nobody on that side had, also that of one row or column of the tables.
//! Memory stays that of the most that there was at one time, however many changes there are.
//!
//! Numbers differ from those of a fresh compilation. No answer depends on them: scores are sums and maxima, and what a
//! report names is read from the records.

use super::Compatibility;
use super::people::With;
use crate::program::Program;

impl Compatibility {
    /// Compiles a participant anew, after the program changed: the record, the rows of history, the standing match.
    /// The participant may be new at the end, may have taken a vacant position, or have left one.
    ///
    /// Linear in the record; in the codes and lists of the supporters for each code that no participant had.
    ///
    /// # Panics
    ///
    /// If the program has no participant at that position.
    pub fn refresh_participant(&mut self, program: &Program, participant: usize) {
        // Those in between, if somebody added several.
        for index in self.people.rows.len().min(participant)..=participant {
            let record = &program.participants()[index];
            self.conditions.set_participant(program.conditions(), index, &record.conditions);
            self.issues.set_participant(program.issues(), index, &record.issues);
            self.languages.set_participant(index, &record.languages);
            let with = With { program, rules: &self.rules, custom: &self.custom, as_of: self.as_of };
            self.people.set(&with, &mut self.symbols, index);
            self.facts.set(program, index);
        }
    }

    /// Compiles a supporter anew, after the program changed: the fields, the status, the capacity, the scope. The
    /// supporter may be new at the end, may have taken a vacant position, or have left one.
    ///
    /// Linear in the record, and in the participants' codes for each code and each list of codes that no supporter
    /// had. Where somebody else stands at the position than before, what participants say of the two is looked up
    /// anew. Availability is kept in the most minutes of which everybody's begins and ends at a multiple; where these
    /// become fewer, which can happen a dozen times at most, all of it is written anew.
    ///
    /// # Panics
    ///
    /// If the program has no supporter at that position.
    pub fn refresh_supporter(&mut self, program: &Program, supporter: usize) {
        for index in self.columns.len().min(supporter)..=supporter {
            let record = &program.supporters()[index];
            let conditions = (&record.conditions[..], &record.excluded_conditions[..]);
            self.conditions.set_supporter(program.conditions(), index, conditions);
            let issues = (&record.issues[..], &record.excluded_issues[..]);
            self.issues.set_supporter(program.issues(), index, issues);
            self.languages.set_supporter(index, &record.languages);
            let policy = &self.rules.policy;
            self.columns.set((program, policy, self.as_of), &mut self.symbols, index);
            self.facts.set_supporter(program, index);
        }
    }

    /// Compiles anew what is known of a participant's pairs alone: who knows, refuses, must not meet whom, which
    /// matches failed, which stands. For when nothing else changed. Linear in these rows.
    ///
    /// # Panics
    ///
    /// If the program has no participant at that position, or [`refresh_participant`](Self::refresh_participant) has
    /// not been told of them.
    pub fn refresh_facts(&mut self, program: &Program, participant: usize) {
        assert!(participant < self.people.rows.len(), "refresh_participant comes first");
        self.facts.set(program, participant);
    }
}
