//! Cards as plain data: what a participant may see, and what the programme is told beside it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::disclosure::{Disclosed, Generalised};
use crate::assignment::Rungs;
use crate::error::Fault;
use crate::matching::{Match, Moved, Score};
use crate::policy::Ranking;
use crate::program::{Modality, ParticipantId, Shared, Supporter, SupporterId};

/// The cards of one participant, the first to be shown first.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cards {
    /// Who is to choose.
    pub participant: ParticipantId,
    /// What their order is by.
    pub ranking: Ranking,
    /// Each with what the programme is told.
    pub offered: Vec<Offered>,
    /// Where there are none: why, for the programme.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nobody: Option<Nobody>,
}

/// How many supporters are left at each step on the way to no cards. Where some have a place, it is the ranking or a
/// rule about matches together that leaves none of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Nobody {
    /// Who suits the participant as policy and records have it, whoever they support now.
    pub suitable: u32,
    /// Who suits and is what the question asks for.
    pub as_asked: u32,
    /// Who of them has a place, within the limits of supervisors too; where taken places are asked for, all.
    pub with_place: u32,
    /// What the question asks for that nobody is: warnings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub odd: Vec<Fault>,
}

impl Cards {
    /// Nobody to choose from.
    pub(in crate::matcher::live) fn none(participant: ParticipantId, ranking: Ranking) -> Self {
        Self { participant, ranking, offered: Vec::new(), nobody: None }
    }
}

/// One supporter who is offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Offered {
    /// What the participant may see.
    pub card: PublicCard,
    /// The match it would be, explained: for the programme, not for the card.
    pub found: Match,
    /// What the choice costs everybody else.
    pub cost: CostToOthers,
    /// A place is free; where none is, one would be freed.
    pub place_free: bool,
    /// The supporter never had a match.
    pub newcomer: bool,
    /// What the card shows of the record in vaguer words than the record has, or not at all, for too few share it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub generalised: Vec<Generalised>,
    /// How many active supporters are all of what the card shows of the record.
    pub shared_by: u32,
}

/// How sure a cost is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sure {
    /// It is the difference of two optima.
    Exact,
    /// It is no more than that: a cheaper way may lead over pairs that are not held, or over the place that is held for the
    /// participant. Under rules about matches together,
    /// with weighed backups, or with the worst-off first: it is that of nobody else moving, by the best that was found at
    /// once.
    AtMost,
}

/// How much worse the best for everybody else becomes if a card is taken.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct CostToOthers {
    /// By rung of the objective: served weight, quality in millionths of score, changes, balance. Negative where others
    /// gain.
    pub rungs: Rungs,
    /// The quality among them.
    pub score: Score,
    /// Whether that is exact.
    pub sure: Sure,
    /// Who would wait then who is matched now, in the program's order.
    pub waits: Vec<ParticipantId>,
    /// Everybody else whose match would be another, in the program's order.
    pub moves: Vec<Moved>,
}

impl CostToOthers {
    /// With nobody else moved.
    pub(super) fn at_most(rungs: Rungs) -> Self {
        let score = Score::from_micro(i64::try_from(rungs.quality).unwrap_or(i64::MAX));
        Self { rungs, score, sure: Sure::AtMost, waits: Vec::new(), moves: Vec::new() }
    }
}

/// What a participant may see of a supporter before choosing: what the supporter agreed to, and nothing else.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct PublicCard {
    /// By whom the host program knows them; not to be shown.
    pub supporter: SupporterId,
    /// The name to be shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// A reference to the picture, which the host program resolves.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub photo: Option<String>,
    /// Facts by label.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub facts: BTreeMap<String, String>,
    /// What of the record they agreed to have shown, as far as enough others share it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub record: Vec<(Shared, String)>,
    /// How the two would meet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub modality: Option<Modality>,
    /// What speaks for the two, best first: names of criteria. No more than the card shows besides: how well conditions,
    /// issues, the child's age, languages and the place suit where these are shown as they are, and whether both have
    /// time at the same hours. What else speaks for the two is told to the programme ([`Offered::found`]).
    pub fits: Vec<String>,
    /// What does not fit, worst first; no more than the card shows besides.
    pub misses: Vec<String>,
}

/// Whose, not what it says.
impl std::fmt::Debug for PublicCard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PublicCard").field("supporter", &self.supporter).finish_non_exhaustive()
    }
}

impl PublicCard {
    /// What a supporter agreed to, with how well the two suit. `says_where` is whether the distance matters from afar too.
    pub(super) fn of(supporter: &Supporter, found: &Match, record: &Disclosed, says_where: bool) -> Self {
        let shown = |field: &Option<crate::program::CardField>| {
            field.as_ref().filter(|field| field.consent).map(|field| field.value.clone())
        };
        let facts = supporter.card.facts.iter().filter(|(_, field)| field.consent);
        let is_afar = found.modality.is_some_and(Modality::is_remote) && !says_where;
        // A likeness tells what it is measured by, to whoever knows the other side of it.
        let is_told = |criterion: &str| match criterion {
            "condition" => record.shows(Shared::Conditions),
            "issue" => record.shows(Shared::Issues),
            "child_age" => record.shows(Shared::ChildAge),
            "language" => record.shows(Shared::Languages),
            "geography" => is_afar || record.shows(Shared::Town),
            "availability" => true,
            _ => false,
        };
        let parts =
            found.explanation.parts.iter().filter(|part| part.weight > 0.0 && is_told(&part.criterion));
        let scored = parts.filter_map(|part| Some((part.criterion.clone(), part.score?)));
        let half = Score::from_micro(500_000);
        let (mut fits, mut misses): (Vec<_>, Vec<_>) = scored.partition(|part| part.1 >= half);
        fits.sort_by_key(|part| std::cmp::Reverse(part.1));
        misses.sort_by_key(|part| part.1);
        let names = |parts: Vec<(String, Score)>| parts.into_iter().map(|part| part.0).collect();
        Self {
            supporter: supporter.id.clone(),
            name: shown(&supporter.card.name),
            photo: shown(&supporter.card.photo),
            facts: facts.map(|(label, field)| (label.clone(), field.value.clone())).collect(),
            record: record.shown.clone(),
            modality: found.modality,
            fits: names(fits),
            misses: names(misses),
        }
    }
}
