//! One supporter against every participant: those whose weight exceeds what they have, most of them never asked about.
//!
//! For each participant a bound on the score is told from what is compiled of them, a criterion at a time, and only
//! those whom it lets through are asked about through the kernel. What depends on a list or a value that many
//! participants share (conditions, languages, the child's age) is worked out once for each list; how near the
//! supporter comes to an issue, once for each issue.
//!
//! The bound is that of [`Race`](super::sink::Race): a score, the weighted mean of what the criteria say, is `wanted`
//! or more just where `room`, the sum of `weight * (said - wanted)` over the criteria that have a say, is not
//! negative. A criterion that was not looked at is taken for perfect, which no answer exceeds (to have no say adds
//! nothing, and a perfect score adds nothing less than that, for `wanted` is at most a perfect score). Each criterion
//! that is looked at counts with exactly what the kernel will hear, worked out by the same functions from the same
//! numbers, or with more: of two ways to meet the better score though the better way may need a step of the ladder;
//! hours are only told to be apart. Prices of steps only lower a weight, so a score below what is wanted of the
//! weight is enough to rule a participant out; and so is a requirement that is not met and that no step lifts. What
//! is known of a pair (barred, refused, acquainted) and what host programs say is left to the kernel. Everything is
//! whole numbers but the distance, which is the kernel's to the bit.
//!
//! Time is linear in the participants, a few nanoseconds each for most, and in their different lists.

use rayon::prelude::*;

use super::blocks::Week;
use super::codes::CodeTable;
use super::languages::NOT_KNOWN;
use super::people::Person;
use super::query::beyond;
use super::rules::{Meets, Threshold, UnknownRule};
use super::tables::Aged;
use super::traits::Fare;
use super::{Compatibility, kernel};
use crate::policy::criteria::to_micro;
use crate::policy::{BuiltIn, SCORE_ONE};
use crate::program::{Program, chord_squared, great_circle_km};

/// Participants in one piece of parallel work.
const STRIDE: usize = 4096;

/// What a criterion says of a pair at best.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Said {
    /// Millionths.
    Score(u32),
    Unknown,
    /// No match can be, whatever step of the ladder is taken.
    Never,
}

/// One supporter, made ready to be asked about against every participant.
struct Column<'a> {
    c: &'a Compatibility,
    supporter: usize,
    /// What the conditions say, and the likeness of the most alike pair, for each of the participants' lists.
    conditions: Vec<(Said, Option<u32>)>,
    /// How near the supporter comes to each of the participants' issues; whether they exclude it.
    issues: Vec<u32>,
    issues_out_of_scope: Vec<bool>,
    languages: Vec<Said>,
    ages: Vec<Said>,
    /// For each of the distances that participants travel, the square of the chord beyond which nobody is in reach.
    out_of_reach: Vec<f64>,
    week: Option<Week>,
    no_time: Said,
}

pub(super) fn above(
    c: &Compatibility,
    program: &Program,
    supporter: usize,
    floors: &[i64],
) -> Vec<(u32, i32)> {
    let weight = |participant: usize| {
        let floor = floors[participant];
        let query = c.query(program, participant);
        // A step can only take something away, so the score has to be as high as the weight.
        let weight = kernel::weight_from(c, &query, supporter, floor.saturating_add(1))?;
        (i64::from(weight) > floor).then_some((participant as u32, weight))
    };
    let asked = |participant: usize| floors[participant] != i64::MAX && c.people.rows[participant].consent;
    if !c.columns.takes_new[supporter] {
        // Only a match that stands can go on.
        let standing = program.standing_with(program.supporters()[supporter].id.as_str());
        let mut open: Vec<usize> =
            standing.filter_map(|row| program.participant_index(row.participant.as_str())).collect();
        open.sort_unstable();
        return open.into_iter().filter(|&own| asked(own)).filter_map(weight).collect();
    }
    let Some(column) = Column::new(c, supporter) else { return Vec::new() };
    let participants = c.people.rows.len();
    let starts: Vec<usize> = (0..participants).step_by(STRIDE).collect();
    let pieces: Vec<Vec<(u32, i32)>> = starts
        .into_par_iter()
        .map(|start| {
            let piece = start..participants.min(start + STRIDE);
            let open = piece.filter(|&own| asked(own) && column.may_exceed(own, floors[own]));
            open.filter_map(weight).collect()
        })
        .collect();
    pieces.concat()
}

impl<'a> Column<'a> {
    /// `None` where nobody can be matched with the supporter.
    fn new(c: &'a Compatibility, supporter: usize) -> Option<Self> {
        let (rules, policy, columns) = (&c.rules, &c.rules.policy, &c.columns);
        if let Some(years) = columns.experience_years[supporter]
            && rules.experience.check(years) == Meets::Relaxed(None)
        {
            return None;
        }
        let conditions = &c.conditions;
        let out_of_scope = out_of_scope(conditions, supporter);
        let own = |list: usize| {
            let ours = conditions.participants.list(list);
            if ours.iter().any(|&code| out_of_scope[code as usize]) {
                return (Said::Never, None);
            }
            ground(conditions, ours, supporter, &rules.condition, None)
        };
        let theirs = c.languages.supporters.row(supporter);
        let required = policy.requirements.language && rules.waive_language.is_none();
        let language = |list: usize| {
            let ours = c.languages.participants.list(list);
            match c.languages.score(&policy.criteria.language, ours, theirs) {
                NOT_KNOWN => Said::Unknown,
                0 if required => Said::Never,
                score => Said::Score(score),
            }
        };
        let age = |ours: Option<f64>| {
            let aged = Aged::new(c, ours, columns.age(columns.child_age[supporter]));
            match (aged.older_years, aged.meets) {
                (None, _) => Said::Unknown,
                (_, Meets::Relaxed(None)) => Said::Never,
                _ => Said::Score(aged.score),
            }
        };
        let travel_km = columns.travel_km(columns.travel[supporter]);
        let out_of_reach =
            |ours| beyond(policy.criteria.geography.reach.together(ours, travel_km) * rules.widest_travel);
        let list = c.issues.supporters.number(supporter);
        let nearest = |code: usize| c.issues.nearest_of(code as u32, list);
        let (spans, unit) = (columns.availability.row(supporter), columns.unit);
        let week = Week::of(spans.iter().map(|&(start, end)| (start * unit, end * unit)));
        Some(Self {
            c,
            supporter,
            conditions: (0..conditions.participants.len()).map(own).collect(),
            issues: (0..c.issues.ours()).map(nearest).collect(),
            issues_out_of_scope: self::out_of_scope(&c.issues, supporter),
            languages: (0..c.languages.participants.len()).map(language).collect(),
            ages: c.people.ages().map(age).collect(),
            out_of_reach: c.people.travels().map(out_of_reach).collect(),
            week: (!spans.is_empty()).then_some(week),
            no_time: match rules.minutes.check(0.0) {
                Meets::Relaxed(None) => Said::Never,
                _ => Said::Score(0),
            },
        })
    }

    /// Whether the weight of the pair can exceed the floor. If it does, this says so.
    #[inline]
    fn may_exceed(&self, participant: usize, floor: i64) -> bool {
        let one = i64::from(SCORE_ONE);
        let wanted = floor.saturating_add(1).clamp(0, one + 1);
        let c = self.c;
        let mut room = Room { c, weights: c.people.weights.row(participant), wanted, left: 0 };
        room.left = room.weights.iter().map(|&weight| i64::from(weight)).sum::<i64>() * (one - wanted);
        self.passes(participant, &mut room).is_some()
    }

    /// `None` as soon as nothing is left of the room.
    #[inline]
    fn passes(&self, participant: usize, room: &mut Room<'_>) -> Option<()> {
        let c = self.c;
        let (condition, best) = self.conditions[c.conditions.participants.number(participant)];
        room.take(BuiltIn::Condition, condition)?;
        room.take(BuiltIn::Language, self.languages[c.languages.participants.number(participant)])?;
        let person = &c.people.rows[participant];
        room.take(BuiltIn::ChildAge, self.ages[person.age as usize])?;
        self.issues(participant, best, room)?;
        self.meeting(person, room)?;
        if let Some(years) = c.columns.experience_years[self.supporter] {
            let score = c.rules.policy.criteria.experience.score(years, person.experience_years);
            room.take(BuiltIn::Experience, Said::Score(to_micro(score)))?;
        } else {
            room.take(BuiltIn::Experience, Said::Unknown)?;
        }
        match self.week.zip(person.week) {
            None => room.take(BuiltIn::Availability, Said::Unknown)?,
            Some((theirs, ours)) if theirs.is_apart_from(ours) => {
                room.take(BuiltIn::Availability, self.no_time)?;
            }
            Some(_) => {}
        }
        self.wishes(participant, room)
    }

    /// The issues, and whether there is common ground.
    #[inline]
    fn issues(&self, participant: usize, best: Option<u32>, room: &mut Room<'_>) -> Option<()> {
        let rules = &self.c.rules;
        let issues = &self.c.issues;
        let ours = issues.participants.row(participant);
        if ours.iter().any(|&code| self.issues_out_of_scope[code as usize]) {
            return None;
        }
        let (said, near) = ground(issues, ours, self.supporter, &rules.issue, Some(&self.issues));
        let never = if let Some(most) = best.max(near) {
            rules.common_ground.check(f64::from(most)) == Meets::Relaxed(None)
        } else {
            let requirements = &rules.policy.requirements;
            requirements.common_ground > 0.0
                && !requirements.unknown_common_ground
                && rules.unknown_ground.is_none()
        };
        room.take(BuiltIn::Issue, if never { Said::Never } else { said })
    }

    /// How they would meet: the better of in person and from afar.
    #[inline]
    fn meeting(&self, person: &Person, room: &mut Room<'_>) -> Option<()> {
        let c = self.c;
        let ways = c.people.ways(person);
        let common = c.columns.modalities[self.supporter] & ways.modalities;
        if common == 0 {
            return None;
        }
        let place = person.place.zip(c.columns.place[self.supporter]);
        // Where nearness counts from afar too, somebody may live next door.
        let decays = c.rules.policy.criteria.geography.remote_decay_km.is_some();
        let afar = if decays && place.is_none() { |_| Said::Unknown } else { Said::Score };
        let remote = ways.remote[usize::from(common)].map(|way| afar(way.score));
        let Some((factor, _)) = ways.in_person.filter(|_| common & 1 != 0) else {
            return room.take(BuiltIn::Geography, remote.unwrap_or(Said::Never));
        };
        let Some((ours, theirs)) = place else {
            return room.take(BuiltIn::Geography, remote.unwrap_or(Said::Unknown));
        };
        if chord_squared(ours, theirs) > self.out_of_reach[person.travel as usize] {
            return room.take(BuiltIn::Geography, remote.unwrap_or(Said::Never));
        }
        // The distance takes long to compute: first as if they lived next door.
        let mut next_door = Room { ..*room };
        next_door.take(BuiltIn::Geography, better(remote, to_micro(factor)))?;
        let distance_km = great_circle_km(ours, theirs);
        let near = to_micro(factor * c.rules.policy.criteria.geography.in_person(distance_km));
        room.take(BuiltIn::Geography, better(remote, near))
    }

    #[inline]
    fn wishes(&self, participant: usize, room: &mut Room<'_>) -> Option<()> {
        let (c, supporter) = (self.c, self.supporter);
        let (ours, theirs) = (c.people.wishes.row(participant), c.columns.wishes.row(supporter));
        if ours.is_empty() && theirs.is_empty() {
            return Some(());
        }
        let policy = &c.rules.policy;
        let ours = Fare::of(ours, c.columns.traits.row(supporter), &policy.requirements);
        let theirs = Fare::of(theirs, c.people.traits.row(participant), &policy.requirements);
        if (ours.fails || theirs.fails) && c.rules.waive_preferences.is_none() {
            return None;
        }
        match policy.criteria.preferences.score(ours.share(), theirs.share()) {
            Some(score) => room.take(BuiltIn::Preferences, Said::Score(to_micro(score))),
            None if ours.stated + theirs.stated > 0 => room.take(BuiltIn::Preferences, Said::Unknown),
            None => Some(()),
        }
    }
}

/// What is left of the room: see the head of this file.
struct Room<'a> {
    c: &'a Compatibility,
    weights: &'a [u32],
    wanted: i64,
    left: i64,
}

impl Room<'_> {
    /// `None` where nothing is left of the room.
    #[inline]
    fn take(&mut self, criterion: BuiltIn, said: Said) -> Option<()> {
        let criterion = criterion as usize;
        let said = match (said, self.c.rules.unknown[criterion]) {
            (Said::Score(score), _) | (Said::Unknown, UnknownRule::CountsAs(score)) => i64::from(score),
            (Said::Unknown, UnknownRule::LeftOut) => self.wanted,
            (Said::Never, _) | (Said::Unknown, UnknownRule::Vetoed) => return None,
        };
        self.left -= i64::from(self.weights[criterion]) * (i64::from(SCORE_ONE) - said);
        (self.left >= 0 || self.wanted == 0).then_some(())
    }
}

fn better(remote: Option<Said>, near: u32) -> Said {
    match remote {
        Some(Said::Score(remote)) => Said::Score(remote.max(near)),
        _ => Said::Score(near),
    }
}

/// What conditions or issues say, and the likeness of the most alike pair; `near` tells that of each code, if it is
/// known.
#[inline]
fn ground(
    codes: &CodeTable,
    ours: &[u32],
    supporter: usize,
    required: &Threshold,
    near: Option<&[u32]>,
) -> (Said, Option<u32>) {
    let list = codes.supporters.number(supporter);
    if ours.is_empty() || codes.supporters.list(list).is_empty() {
        return (Said::Unknown, None);
    }
    let weights = codes.weights(ours);
    let (overlap, best) = match near {
        Some(near) => codes.measure_from(ours, weights, list, |code| near[code as usize]),
        None => codes.measure(ours, weights, list),
    };
    let never = required.check(f64::from(best)) == Meets::Relaxed(None);
    (if never { Said::Never } else { Said::Score(overlap) }, Some(best))
}

/// Which of the participants' codes the supporter does not take.
fn out_of_scope(codes: &CodeTable, supporter: usize) -> Vec<bool> {
    let excluded = codes.excluded(supporter);
    let out = |code: usize| {
        !excluded.is_empty() && codes.code_under(code as u32).iter().any(|other| excluded.contains(other))
    };
    (0..codes.ours()).map(out).collect()
}
