//! A second supporter for each match, who stands by.

use serde::{Deserialize, Serialize};

use super::people::Side;
use super::{Counted, People, Role};
use crate::policy::Checks;
use crate::program::Program;

/// A second supporter is held ready for each match, another person, who steps in if the first fails. That every match
/// has one is our own choice for volunteers whose own health may fail ("volunteers are like a garden").
///
/// Whoever has a supporter may have a backup; nobody has a backup alone. Backups take places of their own. Unless
/// `worth` is stated or a rule speaks of backups, they come after everything else: the matches are what they would be
/// without, and of these as many as possible have a backup, of the best scores in total. Otherwise matches and backups
/// are chosen together, which takes a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// Who is given one. Default: everyone.
    pub participants: People,
    /// What a backup has to be beyond eligible, such as `{ remote = true }`. Default: nothing more.
    pub requires: Counted,
    /// For how many participants a supporter stands by, beside the matches, 0 to 10,000. Default 2: our own choice.
    pub places: u32,
    /// What the score of a backup counts beside that of a supporter, 0 to 1, so that a match may be a little worse for
    /// the sake of a good backup. Left out (the default), backups come after everything else; where a rule speaks of
    /// backups they then count for 0.1: our own choice, for a backup is rarely needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub worth: Option<f64>,
}

impl Default for Backup {
    fn default() -> Self {
        Self { participants: People::default(), requires: Counted::default(), places: 2, worth: None }
    }
}

impl Backup {
    /// Whom and what it names that the program does not have: field, value, problem, remedy.
    pub(crate) fn missing(&self, program: &Program, tell: &mut dyn FnMut(&str, &str, &str, &str)) {
        const REMEDY: &str = "correct it, or take it out";
        self.participants.missing(program, Side::Participant, &mut |field, value, problem| {
            tell(&format!("participants.{field}"), value, problem, REMEDY);
        });
        self.requires.missing(program, &mut |field, value, problem| {
            tell(&format!("requires.{field}"), value, problem, REMEDY);
        });
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        self.participants.check("backup.participants", Side::Participant, checks);
        self.requires.check("backup.requires", true, checks);
        if self.requires.role != Role::Primary {
            let remedy = "leave it out; it is about backups anyway";
            checks.fault("backup.requires.role", "..", "has no meaning there", remedy);
        }
        checks.range("backup.places", self.places.into(), 0.0, 10_000.0);
        if let Some(worth) = self.worth {
            checks.range("backup.worth", worth, 0.0, 1.0);
        }
    }
}
