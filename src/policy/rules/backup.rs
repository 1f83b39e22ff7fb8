//! A second supporter for each match, who stands by.

use serde::{Deserialize, Serialize};

use super::{Counted, People};

/// A second supporter is held ready for each match, another person, who steps in if the first fails. That every match
/// has one is our own choice for volunteers whose own health may fail ("volunteers are like a garden").
///
/// Whoever has a supporter may have a backup; nobody has a backup alone. Backups take places of their own, and whoever
/// takes nobody new stands by for nobody, not even for one whose supporter they are until now. Unless `worth` is stated
/// or a rule speaks of backups, they come after everything else: the matches are what they would be without, and of
/// these as many as possible have a backup, of the best scores in total. Otherwise matches and backups are chosen
/// together, which takes a search.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Backup {
    /// Who is given one. Default: everyone.
    pub participants: People,
    /// What a backup has to be beyond eligible, such as `{ remote = true }`. Default: nothing more.
    pub requires: Counted,
    /// For how many participants a supporter stands by, beside the matches, 1 to 10,000. Default 2: our own choice.
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
