//! What is best for all together.

use serde::{Deserialize, Serialize};

use super::Checks;

/// What is best for all together: a ladder, each step exact before the next.
///
/// 1. Pins and requirements hold.
/// 2. As many people as possible are served, the more urgent before the less urgent (unless `served_first` is off).
/// 3. If `worst_off_first` is on: the worst score of all is as good as it can be, and as few as possible have it, then
///    the next worst, and so on.
/// 4. Total quality: the scores less the prices of relaxations, loads and changes.
/// 5. As few standing matches as possible are changed.
/// 6. Loads are balanced.
/// 7. Among what is still equal, the first participant in the programme's order gets the first supporter in its
///    order, then the second participant, and so on. (Under rules about matches together, and by an integer program,
///    any of those that are equal.)
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Objective {
    /// Serving one more person comes before any quality. Default yes: a match of some quality helps more than none,
    /// and what is too little is for the requirements to say.
    pub served_first: bool,
    /// The score that staying unmatched is worth, 0 to 1; only used where `served_first` is off: somebody is then
    /// matched only if the whole gains by it.
    pub unmatched_score: f64,
    /// Nobody's score is given up for the sum of the others': the worst-off come first, then the next (leximin; Sen
    /// 1970, *Collective Choice and Social Welfare*). Scores less the prices of relaxations and with those of changes,
    /// as in the total; a person left unmatched counts as 0, or as `unmatched_score`. Default no: it costs total
    /// quality, and takes longer to find.
    pub worst_off_first: bool,
    /// How much score a change of a movable standing match has to gain the whole, 0 to 1 (where serving more people, or
    /// more urgent ones, takes the change, it is made whatever the price), where the match itself names no
    /// price. Default 0.3: our own choice; a change ends a relationship that has begun, which a somewhat better fit
    /// does not make up for.
    pub change_price: f64,
    /// Among equally good wholes, the one that changes fewest standing matches is taken. Default yes.
    pub least_change: bool,
}

impl Default for Objective {
    fn default() -> Self {
        Self {
            served_first: true,
            unmatched_score: 0.0,
            worst_off_first: false,
            change_price: 0.3,
            least_change: true,
        }
    }
}

impl Objective {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("objective.unmatched_score", self.unmatched_score, 0.0, 1.0);
        checks.range("objective.change_price", self.change_price, 0.0, 1.0);
    }
}
