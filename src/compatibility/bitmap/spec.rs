//! What one participant asks of supporters of one kind, in the index's terms.

use super::super::Compatibility;
use super::super::blocks;
use super::super::bounds;
use super::super::codes::CodeTable;
use super::super::query::Query;
use super::planes::{Bits, Code};
use super::rows::Group;
use super::sums::{MOST, Sums};
use super::{BLOCK, BitmapIndex};
use crate::policy::SCORE_ONE;
use crate::policy::criteria::{Aggregate, GeographyCriterion};
use crate::program::EARTH_RADIUS_KM;

/// What a plane adds to a score.
struct Add<'a> {
    bits: &'a [Bits],
    /// In units of the sums, rounded up, and in millionths of score.
    units: u8,
    points: f64,
    /// Of the conditions 0, of the issues 1.
    table: usize,
}

/// How one of the two lists of codes is compared where the length of the other side's counts.
#[derive(Clone, Copy)]
struct Jaccard {
    ours: f64,
    /// Codes that have no planes, and may all be shared.
    assured: f64,
    /// Millionths of score for lists that are the same.
    full: f64,
}

/// What the supporters of a kind can be worth.
pub(super) struct Spec<'a> {
    /// Somebody with nothing in common, infinitely far away.
    base: f64,
    /// For a point of what the place says, in millionths of score.
    place: f64,
    /// What is taken from the sum is taken from the mean by this factor.
    pub(super) share: f32,
    /// What all planes add together.
    top: f64,
    unit: f64,
    adds: Vec<Add<'a>>,
    jaccard: [Option<Jaccard>; 2],
    /// A row has to be in one plane of each of these.
    needs: Vec<Vec<&'a [Bits]>>,
    /// The vectors that this processor has.
    arch: pulp::Arch,
}

/// A sum over planes, to be compiled for each kind of vectors that processors have.
struct Adding<'a> {
    adds: &'a [Add<'a>],
    block: usize,
    least: u32,
}

impl pulp::NullaryFnOnce for Adding<'_> {
    type Output = (Sums, Bits);

    // Else it would be compiled for the least of all processors.
    #[allow(clippy::inline_always)]
    #[inline(always)]
    fn call(self) -> (Sums, Bits) {
        let mut sums = Sums::ZERO;
        for add in self.adds {
            sums.add(add.units, &add.bits[self.block]);
        }
        (sums, sums.at_least(self.least))
    }
}

impl<'a> Spec<'a> {
    /// `None` where nobody of that kind is eligible.
    pub(super) fn new(
        c: &'a Compatibility,
        q: &Query<'_>,
        index: &'a BitmapIndex,
        (issues, conditions, wishes, _): blocks::Kind,
    ) -> Option<Self> {
        let kind = bounds::Kind::new(c, q, (conditions, issues, wishes), 0.0)?;
        let full = f64::from(SCORE_ONE);
        let mut spec = Self {
            base: f64::from(kind.base),
            place: f64::from(kind.place) * full,
            share: kind.share,
            top: 0.0,
            unit: 0.0,
            adds: Vec::new(),
            jaccard: [None; 2],
            needs: Vec::new(),
            arch: pulp::Arch::new(),
        };
        let rules = &c.rules;
        let mut ground = Some(Vec::new());
        for (table, known, codes, ours, weights, points, required) in [
            (
                0,
                kind.conditions,
                &c.conditions,
                q.conditions,
                q.condition_weights,
                f64::from(kind.condition) * full,
                &rules.condition,
            ),
            (1, kind.issues, &c.issues, q.issues, q.issue_weights, f64::from(kind.issue), &rules.issue),
        ] {
            if known {
                let given = codes.ours_given();
                let planes = |code: u32| index.planes[table].of(given, code);
                spec.compare(table, codes, (ours, weights), planes, points);
                if required.least() > 0.0 {
                    spec.needs.extend(near(ours, planes, required.least()));
                }
                ground = ground.and_then(|mut all| {
                    all.extend(near(ours, planes, rules.common_ground.least())?);
                    Some(all)
                });
            }
        }
        if (kind.conditions || kind.issues) && rules.common_ground.least() > 0.0 {
            spec.needs.extend(ground);
        }
        let spoken = c.languages.participants.row(q.index);
        if rules.policy.requirements.language && rules.waive_language.is_none() && !spoken.is_empty() {
            let given = c.languages.ours_given();
            spec.needs.extend(near(spoken, |own| index.planes[2].of(given, own), 1.0));
        }
        spec.adds.retain(|add| add.points > 0.0);
        // Rounded up, all of them together must fit.
        spec.unit = spec.top / f64::from(MOST - (spec.adds.len() as u32).min(MOST - 1));
        let mut units = 0;
        for add in &mut spec.adds {
            let own = (add.points / spec.unit).ceil().min(f64::from(MOST)) as u32;
            units += own;
            add.units = own as u8;
        }
        // More planes than there are units: bounds that do not look at codes.
        if units > MOST {
            spec.base += spec.top;
            spec.top = 0.0;
            spec.adds.clear();
            spec.jaccard = [None; 2];
        }
        Some(spec)
    }

    /// Adds what one list of codes says, which gives so many points where it is met in full.
    fn compare(
        &mut self,
        table: usize,
        codes: &CodeTable,
        (ours, weights): (&[u32], &[u32]),
        planes: impl Fn(u32) -> Option<&'a Code>,
        points: f64,
    ) {
        let all: u32 = weights.iter().sum();
        // The way back, which is the other half, may be perfect.
        let (assured, open) =
            if codes.overlap.aggregate == Aggregate::Symmetric { (0.5, 0.5) } else { (0.0, 1.0) };
        self.base += assured * points;
        let is_jaccard = codes.overlap.aggregate == Aggregate::Jaccard;
        let mut without = 0.0;
        for (&code, &weight) in ours.iter().zip(weights) {
            // At best, the supporter has no codes but shared ones.
            let share =
                if is_jaccard { 1.0 / ours.len() as f64 } else { f64::from(weight) / f64::from(all.max(1)) };
            let points = open * share * points;
            let Some(code) = planes(code) else {
                self.base += points;
                without += 1.0;
                continue;
            };
            let mut below = 0;
            for plane in code.planes.iter().filter(|plane| plane.is_exact() || !is_jaccard) {
                let nearer = f64::from(plane.top - below) / f64::from(SCORE_ONE);
                let nearer = if is_jaccard { 1.0 } else { nearer };
                below = plane.top;
                self.top += points * nearer;
                self.adds.push(Add { bits: &plane.bits, units: 0, points: points * nearer, table });
            }
        }
        if is_jaccard {
            self.jaccard[table] = Some(Jaccard { ours: ours.len() as f64, assured: without, full: points });
        }
    }

    /// The rows of a block that may be wanted for what they have in common, whatever it is.
    #[inline]
    pub(super) fn needed(&self, block: usize, mut rows: Bits) -> Bits {
        for any in &self.needs {
            let mut there: Bits = [0; _];
            for bits in any {
                for (there, &bits) in there.iter_mut().zip(&bits[block]) {
                    *there |= bits;
                }
            }
            for (rows, there) in rows.iter_mut().zip(there) {
                *rows &= there;
            }
        }
        rows
    }

    /// What each row of a block has in common, in units.
    #[inline]
    pub(super) fn sums(&self, block: usize) -> Sums {
        self.arch.dispatch(Adding { adds: &self.adds, block, least: 0 }).0
    }

    /// The same, and the rows whose sum is at least so much.
    #[inline]
    pub(super) fn at_least(&self, block: usize, least: u32) -> (Sums, Bits) {
        self.arch.dispatch(Adding { adds: &self.adds, block, least })
    }

    /// The sum that a row of a block has to have for a value, beside what the place says; 0 where anything will do.
    #[inline]
    pub(super) fn units_for(&self, value: f64, place: f64) -> u32 {
        let missing = value - self.base - self.place * place;
        // Whoever is above by less than rounding is not lost: the base lies some millionths too high.
        if missing <= 0.0 {
            0
        } else if missing > self.top {
            MOST + 1
        } else {
            // Rounded up: `ceil` is a call on processors of the first generation, which is what this is compiled for.
            let units = missing / self.unit - 1e-9;
            let whole = units as u32;
            whole + u32::from(f64::from(whole) < units)
        }
    }

    /// No row has a higher score where the place says so much.
    #[inline]
    pub(super) fn most(&self, place: f64) -> f64 {
        self.base + self.top + self.place * place
    }

    /// A bound for one row, on its own codes and where it lies.
    #[inline]
    pub(super) fn row(&self, row: usize, codes: [u8; 2], place: f64) -> f64 {
        let (block, word, bit) = (row / BLOCK, row % BLOCK / 64, row % 64);
        let (mut sum, mut shared) = (self.base + self.place * place, [0.0; 2]);
        for add in &self.adds {
            let is_in = add.bits[block][word] >> bit & 1;
            sum += add.points * is_in as f64;
            shared[add.table] += is_in as f64;
        }
        for table in 0..2 {
            if let Some(Jaccard { ours, assured, full }) = self.jaccard[table] {
                // In place of what was counted for lists of nothing else.
                let (known, most) = (shared[table], shared[table] + assured);
                let either = (ours + f64::from(codes[table]) - most).max(ours);
                sum -= (known + assured) / ours * full;
                sum += most / either * full;
            }
        }
        sum
    }
}

/// The planes of whoever comes so near to one of the codes; `None` where some code has no planes.
fn near<'a>(ours: &[u32], planes: impl Fn(u32) -> Option<&'a Code>, least: f64) -> Option<Vec<&'a [Bits]>> {
    let mut near = Vec::new();
    for &code in ours {
        let planes = &planes(code)?.planes;
        near.extend(planes.iter().find(|plane| f64::from(plane.top) >= least).map(|plane| &plane.bits[..]));
    }
    Some(near)
}

/// Steps of a table to a distance at which scores fall to 1/e, and how many of these distances it reaches.
const STEPS: f32 = 32.0;
const REACH: usize = 16;

/// Scores by distance, never lower than they are.
#[derive(Debug, Clone)]
pub(super) struct Nearness {
    table: Vec<f32>,
    /// Steps of the table to a chord of 1: in person; from afar, if the distance matters there.
    in_person: f32,
    remote: Option<f32>,
}

impl Nearness {
    pub(super) fn new(criterion: &GeographyCriterion) -> Self {
        let steps = |decay_km: f64| (EARTH_RADIUS_KM / decay_km) as f32 * STEPS;
        let table =
            (0..=REACH * STEPS as usize).map(|step| (-(step as f64) / f64::from(STEPS)).exp() as f32 + 2e-6);
        Self {
            table: table.collect(),
            in_person: steps(criterion.decay_km),
            remote: criterion.remote_decay_km.map(steps),
        }
    }
}

/// How supporters of a group can be met by one participant.
#[derive(Clone, Copy)]
pub(super) struct Meeting<'a> {
    nearness: &'a Nearness,
    in_person: Option<f64>,
    remote: Option<f64>,
    /// It is known where both live.
    located: bool,
}

impl<'a> Meeting<'a> {
    /// `None` where there is no way.
    pub(super) fn new(q: &Query<'_>, index: &'a BitmapIndex, group: &Group) -> Option<Self> {
        let common = group.modalities & q.ways.modalities;
        let in_person = q.ways.in_person.filter(|_| common & 1 != 0).map(|(factor, _)| factor);
        let remote = q.ways.remote[usize::from(common)].map(|way| way.factor);
        let located = q.place.is_some() && group.kind.3;
        (in_person.is_some() || remote.is_some()).then_some(Self {
            nearness: &index.nearness,
            in_person,
            remote,
            located,
        })
    }

    /// The most that the place can say of somebody so far away or farther; `None` where they cannot meet. `within_reach`
    /// is whether that is near enough to meet in person.
    #[inline]
    pub(super) fn most(&self, chord: f32, within_reach: bool) -> Option<f64> {
        let Self { nearness, in_person, remote, located } = *self;
        if !located {
            // Nothing is said, or whatever the policy holds for unknown.
            let says_nothing = remote.is_none() || nearness.remote.is_some();
            return if says_nothing { Some(1.0) } else { remote };
        }
        let at =
            |steps: f32| f64::from(nearness.table[((chord * steps) as usize).min(nearness.table.len() - 1)]);
        let near = in_person.filter(|_| within_reach).map(|factor| factor * at(nearness.in_person));
        let afar = remote.map(|factor| factor * nearness.remote.map_or(1.0, at));
        match (near, afar) {
            (Some(near), Some(afar)) => Some(near.max(afar)),
            (near, afar) => near.or(afar),
        }
    }

    /// The same for one supporter: no more than a few millionths too high.
    #[inline]
    pub(super) fn of_row(&self, chord: f32, within_reach: bool) -> Option<f64> {
        if !self.located {
            return self.most(chord, within_reach);
        }
        let Self { nearness, in_person, remote, .. } = *self;
        // What the chord lost in `f32` is given to the supporter.
        let chord = (chord - 1e-6).max(0.0);
        let at = |steps: f32| f64::from((-chord * (steps / STEPS)).exp()) + 1e-6;
        let near = in_person.filter(|_| within_reach).map(|factor| factor * at(nearness.in_person));
        let afar = remote.map(|factor| factor * nearness.remote.map_or(1.0, at));
        match (near, afar) {
            (Some(near), Some(afar)) => Some(near.max(afar)),
            (near, afar) => near.or(afar),
        }
    }
}
