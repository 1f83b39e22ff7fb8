//! What was before: standing matches that make sense, acquaintances, barred pairs and past matches, and what
//! participants say of supporters they know or refuse. Every pair occurs once.

use std::collections::BTreeSet;

use super::draw::{Draw, Stream};
use super::participants::days_before;
use super::{Origin, Sources, conditions};
use crate::program::{
    Acquaintance, Attributes, BarredPair, Code, GENDER, History, Hold, Modality, Outcome, Participant,
    PastMatch, Preference, ProgramData, StandingMatch, Status, Strength, Supporter, Wish, fold,
};

/// How many supporters are looked at before a participant goes without the pair.
const TRIES: usize = 24;

const BARRED_BECAUSE: [&str; 5] = [
    "breach of confidence",
    "asked for no further contact",
    "boundary breach",
    "their children are in conflict at school",
    "colleagues at the same workplace",
];
const FAILED_BECAUSE: [&str; 5] = [
    "no shared time found",
    "did not get along",
    "needs were beyond the supporter's scope",
    "calls not returned",
    "",
];
const INTERRUPTED_BECAUSE: [&str; 4] =
    ["supporter fell ill", "family moved away", "supporter took a break", ""];

/// Everyone's positions by city and by first condition, for finding somebody near or alike in constant time.
struct Groups {
    by_city: Vec<Vec<u32>>,
    by_condition: Vec<Vec<u32>>,
}

impl Groups {
    fn new(origins: &[Origin], cities: usize) -> Self {
        let mut by_city = vec![Vec::new(); cities];
        let mut by_condition = vec![Vec::new(); conditions::group_count()];
        for (index, origin) in origins.iter().enumerate() {
            by_city[origin.city].push(index as u32);
            by_condition[origin.group].push(index as u32);
        }
        Self { by_city, by_condition }
    }
}

type Pairs = BTreeSet<(usize, usize)>;

/// Fills in what was before. Linear in the number of pairs.
pub(super) fn history(
    sources: &Sources<'_>,
    data: &mut ProgramData,
    participant_origins: &[Origin],
    supporter_origins: &[Origin],
) {
    if data.participants.is_empty() || data.supporters.is_empty() {
        return;
    }
    let groups = Groups::new(supporter_origins, sources.geography.city_count());
    let mut pairs = Pairs::new();
    let draw = &mut Draw::new(sources.settings.seed, Stream::Past, 0);
    let settings = sources.settings;
    let count = |share: f64| (share * data.participants.len() as f64).round() as usize;
    let (acquaintances, barred, past) =
        (count(settings.acquaintances), count(settings.barred), count(settings.past));
    let mut meet = |near: bool, draw: &mut Draw| {
        for _ in 0..TRIES {
            let participant = draw.below(participant_origins.len());
            let origin = participant_origins[participant];
            let close = if near { &groups.by_city[origin.city] } else { &groups.by_condition[origin.group] };
            let supporter = match close[..] {
                [] => draw.below(supporter_origins.len()),
                _ => close[draw.below(close.len())] as usize,
            };
            if pairs.insert((participant, supporter)) {
                return Some((participant, supporter));
            }
        }
        None
    };
    let mut history = History::default();
    for _ in 0..acquaintances {
        let Some((participant, supporter)) = meet(true, draw) else { break };
        let id = data.supporters[supporter].id.clone();
        // One in four says so at intake, and has it in their own row; the others are on the programme's list.
        if draw.chance(0.25) {
            data.participants[participant].known.push(id);
            data.participants[participant].accepts_known = draw.chance(0.2);
        } else {
            let participant = data.participants[participant].id.clone();
            history.acquaintances.push(Acquaintance { participant, supporter: id });
        }
    }
    for _ in 0..barred {
        let Some((participant, supporter)) = meet(true, draw) else { break };
        let id = data.supporters[supporter].id.clone();
        // Half of them are refusals that the participant stated.
        if draw.chance(0.5) {
            data.participants[participant].refused.push(id);
        } else {
            let participant = data.participants[participant].id.clone();
            let reason = Some(draw.pick(&BARRED_BECAUSE).to_owned());
            history.barred.push(BarredPair { participant, supporter: id, reason });
        }
    }
    for _ in 0..past {
        let Some((participant, supporter)) = meet(false, draw) else { break };
        let outcome = draw.weighted(&[
            (Outcome::Completed, 0.55),
            (Outcome::Failed, 0.25),
            (Outcome::Interrupted, 0.2),
        ]);
        let (failed, interrupted) = (draw.pick(&FAILED_BECAUSE), draw.pick(&INTERRUPTED_BECAUSE));
        let reason = match outcome {
            Outcome::Completed => "",
            Outcome::Failed => failed,
            Outcome::Interrupted => interrupted,
        };
        history.past.push(PastMatch {
            participant: data.participants[participant].id.clone(),
            supporter: data.supporters[supporter].id.clone(),
            outcome,
            ended: Some(days_before(settings.as_of, draw.between(10.0, 900.0) as i32)),
            reason: (!reason.is_empty()).then(|| reason.to_owned()),
        });
    }
    history.standing = standing(sources, data, participant_origins, &groups, &pairs);
    data.history = history;
}

/// Matches that stand: between people of the same group of conditions, or of conditions or issues that are near each
/// other, who share a language and a remote way of meeting and whose must-haves are met, within everyone's capacity
/// and caseload. What a programme would not have matched does not stand.
fn standing(
    sources: &Sources<'_>,
    data: &mut ProgramData,
    origins: &[Origin],
    groups: &Groups,
    pairs: &Pairs,
) -> Vec<StandingMatch> {
    let settings = sources.settings;
    let draw = &mut Draw::new(settings.seed, Stream::Standing, 0);
    let wanted = (settings.standing * data.participants.len() as f64).round() as usize;
    let mut room: Vec<u32> = data.supporters.iter().map(|s| s.capacity.unwrap_or(1)).collect();
    let mut caseload: Vec<u32> = data.supervisors.iter().map(|v| v.caseload.unwrap_or(u32::MAX)).collect();
    let supervisor_of: Vec<Option<usize>> = data
        .supporters
        .iter()
        .map(|s| {
            let id = s.supervisor.as_ref()?;
            data.supervisors.binary_search_by(|known| known.id.cmp(id)).ok()
        })
        .collect();
    // The participants in a random order (Fisher-Yates), until there are enough.
    let mut order: Vec<usize> = (0..data.participants.len()).collect();
    let mut standing: Vec<(usize, StandingMatch)> = Vec::with_capacity(wanted);
    for position in 0..order.len() {
        if standing.len() == wanted {
            break;
        }
        let swap = position + draw.below(order.len() - position);
        order.swap(position, swap);
        let index = order[position];
        let alike = &groups.by_condition[origins[index].group];
        for attempt in 0..TRIES {
            let anyone = attempt >= TRIES / 2;
            let supporter = match alike[..] {
                _ if anyone => draw.below(data.supporters.len()),
                [] => continue,
                _ => alike[draw.below(alike.len())] as usize,
            };
            let supervisor = supervisor_of[supporter];
            let free = room[supporter] > 0 && supervisor.is_none_or(|supervisor| caseload[supervisor] > 0);
            let fits = free
                && !pairs.contains(&(index, supporter))
                && (!anyone || is_like(sources, &data.participants[index], &data.supporters[supporter]))
                && could_stand(sources, &data.participants[index], &data.supporters[supporter]);
            if !fits {
                continue;
            }
            room[supporter] -= 1;
            if let Some(supervisor) = supervisor {
                caseload[supervisor] = caseload[supervisor].saturating_sub(1);
            }
            let days = draw.triangular(7.0, 40.0, 400.0) as i32;
            let hold = if draw.chance(settings.pinned) { Hold::Pinned } else { Hold::Movable };
            let price = draw.weighted(&[(None, 0.5), (Some(0.05), 0.2), (Some(0.1), 0.2), (Some(0.2), 0.1)]);
            let price = price.filter(|_| hold == Hold::Movable);
            let since = days_before(settings.as_of, days);
            let until_then = draw.triangular(2.0, 20.0, 90.0) as i32;
            let participant = &mut data.participants[index];
            if participant.waiting_since.is_some() {
                let asked = days_before(since, until_then);
                participant.waiting_since = Some(asked);
                participant.experience_since = participant.experience_since.map(|day| day.min(asked));
            }
            standing.push((
                index,
                StandingMatch {
                    participant: participant.id.clone(),
                    supporter: data.supporters[supporter].id.clone(),
                    hold,
                    price,
                    since: Some(since),
                },
            ));
            break;
        }
    }
    standing.sort_by_key(|(index, _)| *index);
    standing.into_iter().map(|(_, standing)| standing).collect()
}

/// Whether a condition of the one lies in the same block of the taxonomy as one of the other's, or they have an issue
/// in common. Similarity would say it finer, and is made of logarithms, which differ between machines.
fn is_like(sources: &Sources<'_>, participant: &Participant, supporter: &Supporter) -> bool {
    let near =
        |a: &Code| supporter.conditions.iter().any(|b| conditions::share_a_block(&sources.taxonomy, a, b));
    participant.conditions.iter().any(near)
        || participant.issues.iter().any(|issue| supporter.issues.contains(issue))
}

fn could_stand(sources: &Sources<'_>, participant: &Participant, supporter: &Supporter) -> bool {
    let as_of = sources.settings.as_of;
    let a_year = days_before(as_of, 366);
    let talk = |p: &Participant, s: &Supporter| {
        p.languages.iter().any(|a| s.languages.iter().any(|b| a.mutually_intelligible(b)))
    };
    let meet = |modality: &Modality| {
        modality.is_remote() && (supporter.modalities.is_empty() || supporter.modalities.contains(modality))
    };
    let takes = |excluded: &[Code], codes: &[Code]| {
        let under = |code: &Code, excluded: &Code| {
            sources.taxonomy.is_same_or_below(code, excluded)
                || code.as_str().starts_with(&format!("{excluded}."))
                || code == excluded
        };
        !codes.iter().any(|code| excluded.iter().any(|excluded| under(code, excluded)))
    };
    participant.consent
        && matches!(supporter.status, Status::Active | Status::UnderReview)
        && supporter.experience_since.is_some_and(|since| since <= a_year)
        && talk(participant, supporter)
        && (participant.modalities.is_empty() || participant.modalities.iter().any(meet))
        && takes(&supporter.excluded_conditions, &participant.conditions)
        && takes(&supporter.excluded_issues, &participant.issues)
        && met(
            &participant.preferences,
            side(participant),
            (&supporter.attributes, supporter.gender.as_deref()),
        )
        && met(
            &supporter.preferences,
            (&supporter.attributes, supporter.gender.as_deref()),
            side(participant),
        )
}

type Traits<'a> = (&'a Attributes, Option<&'a str>);

fn side(participant: &Participant) -> Traits<'_> {
    (&participant.attributes, participant.gender.as_deref())
}

/// Whether every must-have holds of the other side; what is unknown does not count as met.
fn met(preferences: &[Preference], own: Traits<'_>, other: Traits<'_>) -> bool {
    let values = |(attributes, gender): Traits<'_>, name: &str| -> Vec<String> {
        if name == GENDER {
            return gender.map(fold).into_iter().collect();
        }
        attributes.get(name).map_or_else(Vec::new, |values| values.iter().map(|value| fold(value)).collect())
    };
    preferences.iter().filter(|preference| preference.strength == Strength::MustHave).all(|preference| {
        let theirs = values(other, &preference.attribute);
        let shared = || values(own, &preference.attribute).iter().any(|value| theirs.contains(value));
        !theirs.is_empty()
            && match &preference.wish {
                Wish::AnyOf(wanted) => wanted.iter().any(|value| theirs.contains(&fold(value))),
                Wish::NoneOf(unwanted) => !unwanted.iter().any(|value| theirs.contains(&fold(value))),
                Wish::Same => shared(),
                Wish::Different => !shared(),
            }
    })
}
