//! Baseball cards: how many a participant is shown, who comes first, and how long a choice is kept.

use serde::{Deserialize, Serialize};

use super::Checks;

/// What the order of cards is by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Ranking {
    /// How well the two suit, whoever else would like the place.
    Fit,
    /// How well the two suit, less what the choice costs everybody else: the order in which the whole is best. Under rules
    /// about matches together what these cost is told on the card, and does not count here.
    #[default]
    FitLessCost,
    /// How well the two suit, among those whose choice leaves as many others served as before.
    ServesEveryone,
}

/// What makes two supporters alike.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum AlikeBy {
    /// The same conditions.
    Conditions,
    /// The same issues.
    Issues,
    /// The same gender.
    Gender,
    /// The same state or region.
    Region,
    /// The same languages.
    Languages,
    /// The same values of this attribute.
    Attribute(String),
}

/// Cards from which a participant chooses.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Cards {
    /// How many are shown where nobody asks for more or fewer, 1 to 100. Default 4 (programmes show 3 to 5:
    /// BBBS-KC 1 to 3, Everwise 3, PushFar 5).
    pub shown: u32,
    /// What their order is by.
    pub ranking: Ranking,
    /// Supporters are shown too whose every place is taken, if one could be freed. Default no: nobody loses a match
    /// because somebody else chooses.
    pub taken_places: bool,
    /// Cards whose value differs by no more than this score count as equal, 0 to 1: whoever was shown least often comes
    /// first among them. Default 0.01: our own choice; a hundredth is less than any participant could tell.
    pub equals_within: f64,
    /// The share of the cards that is for supporters who never had a match, as far as there are some, 0 to 1; rounded
    /// down. Default 0.25, one card in four: idle volunteers leave ("volunteers are like a garden"); the number is our
    /// own choice.
    pub newcomers: f64,
    /// No more than so many cards show supporters who are [alike](Self::alike_by), as long as there are others; 0 sets
    /// no limit. Default 2: our own choice.
    pub alike_at_most: u32,
    /// Supporters are alike if all of these are the same. Default: conditions, issues and gender.
    pub alike_by: Vec<AlikeBy>,
    /// On how many menus one free place is at a time, where several participants choose at once, 1 to 1000. Default 3:
    /// our own choice.
    pub menus_per_place: u32,
    /// What a card shows of the record is so of that many active supporters at the least, 1 to 1000; where it is not, it is
    /// made vaguer until it is. Default 5: our own choice of a usual k (k-anonymity; Sweeney 2002).
    pub smallest_group: u32,
    /// Hours for which a place is held for whoever chose a card, 1 to 8760. Default 48 (CCS).
    pub hold_hours: u32,
}

impl Default for Cards {
    fn default() -> Self {
        Self {
            shown: 4,
            ranking: Ranking::default(),
            taken_places: false,
            equals_within: 0.01,
            newcomers: 0.25,
            alike_at_most: 2,
            alike_by: vec![AlikeBy::Conditions, AlikeBy::Issues, AlikeBy::Gender],
            menus_per_place: 3,
            smallest_group: 5,
            hold_hours: 48,
        }
    }
}

impl Cards {
    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("cards.shown", self.shown.into(), 1.0, 100.0);
        checks.range("cards.equals_within", self.equals_within, 0.0, 1.0);
        checks.range("cards.newcomers", self.newcomers, 0.0, 1.0);
        checks.range("cards.menus_per_place", self.menus_per_place.into(), 1.0, 1000.0);
        checks.range("cards.smallest_group", self.smallest_group.into(), 1.0, 1000.0);
        checks.range("cards.hold_hours", self.hold_hours.into(), 1.0, 8760.0);
        if self.alike_at_most > 0 && self.alike_by.is_empty() {
            let remedy = "name what makes supporters alike, or set alike_at_most = 0";
            checks.fault("cards.alike_by", "[]", "makes everybody alike", remedy);
        }
    }
}
