//! The supporters in blocks of a kind, so that whole blocks can be passed over.
//!
//! A block holds up to 64 supporters who take new matches, with the same or neighbouring lists of conditions and, within
//! one list, near each other on a Hilbert curve over the map: what two criteria can say is then nearly the same for the
//! whole block. Who has no issues, conditions or place on record, and who states wishes, stands in blocks apart, for there
//! another set of criteria has a say. For the issues, of which nearly everybody has a list of their own, each block has one byte for
//! each supporter and each code that participants use (a *plane*): how near the supporter comes to the code, rounded
//! up. A loop over planes has no branches and no jumps in memory.
//!
//! Built in `O(n log n)`; `29 + issues` bytes a supporter (with `issues` codes in use, up to 128 MiB together).

use super::Compatibility;
use crate::policy::SCORE_ONE;

/// Supporters in a block at the most.
pub(super) const BLOCK: usize = 64;
/// A block this full is closed where the list of conditions changes.
const CLOSED_EARLY: usize = 16;
/// Most bytes of planes.
const MOST_PLANES: usize = 1 << 27;
/// No plane for this code.
const NONE: u32 = u32::MAX;

/// What the supporters of a block have in common.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Its rows.
    pub(super) start: usize,
    pub(super) end: usize,
    /// Its lists of conditions, as a range of [`Blocks::lists`].
    pub(super) lists: (usize, usize),
    pub(super) conditions_known: bool,
    pub(super) issues_known: bool,
    pub(super) states_wishes: bool,
    /// Every way of meeting that one of them offers.
    pub(super) modalities: u8,
    /// The farthest that one of them travels, as a number of the columns.
    pub(super) travel: u32,
    /// Where all of them live; `None` where that is known of nobody in the block.
    pub(super) ball: Option<Ball>,
}

/// Parts of the week, a bit for each 160 minutes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Week(u64);

impl Week {
    pub(super) const ALL: Self = Self(u64::MAX);

    /// Every part that one of the spans touches, in minutes from the beginning of the week; all for no spans.
    pub(super) fn of(spans: impl Iterator<Item = (u16, u16)>) -> Self {
        let part = |minute: u16| u32::from(minute / 160);
        // From the part of the first minute to that of the last.
        let bits = |(start, end): (u16, u16)| {
            (u64::MAX >> (63 - part(end.saturating_sub(1)))) & (u64::MAX << part(start))
        };
        let week = spans.filter(|(start, end)| start < end).fold(0, |week, span| week | bits(span));
        if week == 0 { Self::ALL } else { Self(week) }
    }

    /// There is no minute that lies in both.
    #[inline]
    pub(super) fn is_apart_from(self, other: Self) -> bool {
        self.0 & other.0 == 0
    }
}

/// A ball around unit vectors.
#[derive(Debug, Clone, Copy)]
pub(super) struct Ball {
    pub(super) centre: [f64; 3],
    pub(super) radius: f64,
}

/// The supporters who take new matches, in blocks.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    pub(super) all: Vec<Block>,
    /// The supporter in each row.
    pub(super) rows: Vec<u32>,
    /// Of each row, the numbers that the columns give to the child's age and to the languages.
    pub(super) ages: Vec<u32>,
    pub(super) languages: Vec<u32>,
    pub(super) modalities: Vec<u8>,
    /// Years of experience, rounded up; infinite where they are not known.
    pub(super) years: Vec<f32>,
    /// The parts of the week in which they have time; all of them where that is not known.
    pub(super) weeks: Vec<Week>,
    /// The numbers of their lists of conditions.
    pub(super) conditions: Vec<u32>,
    /// The numbers of the lists of conditions, like ones side by side.
    pub(super) lists: Vec<u32>,
    /// The plane of each of the participants' issues, and the planes, a byte for each row.
    plane_of: Vec<u32>,
    planes: Vec<u8>,
}

impl Blocks {
    pub(super) fn new(c: &Compatibility) -> Self {
        let columns = &c.columns;
        let conditions = &c.conditions.supporters;
        let mut lists: Vec<u32> = (0..conditions.len() as u32).collect();
        lists.sort_by_cached_key(|&list| c.conditions.spelled(list as usize));
        let mut rank = vec![0_u32; lists.len()];
        for (place, &list) in lists.iter().enumerate() {
            rank[list as usize] = place as u32;
        }
        let kind = |supporter: usize| {
            let issues = !c.issues.supporters.row(supporter).is_empty();
            let conditions = !conditions.row(supporter).is_empty();
            let wishes = !columns.wishes.row(supporter).is_empty();
            (issues, conditions, wishes, columns.place[supporter].is_some())
        };
        let mut rows: Vec<u32> =
            (0..columns.len() as u32).filter(|&s| columns.takes_new[s as usize]).collect();
        rows.sort_by_cached_key(|&supporter| {
            let supporter = supporter as usize;
            let place = columns.place[supporter].map(along_the_curve);
            let rank = rank[conditions.number(supporter)];
            (kind(supporter), rank, columns.modalities[supporter] == 1, place, supporter)
        });
        let mut blocks = Vec::new();
        let mut start = 0;
        for end in 1..=rows.len() {
            let full = end - start == BLOCK || end == rows.len();
            let changes = || {
                let (here, next) = (rows[end - 1] as usize, rows[end] as usize);
                let list = conditions.number(here) != conditions.number(next);
                kind(here) != kind(next) || (list && end - start >= CLOSED_EARLY)
            };
            if full || changes() {
                let rank = |row: usize| rank[conditions.number(rows[row] as usize)] as usize;
                let lists = (rank(start), rank(end - 1) + 1);
                blocks.push(Block::new(
                    c,
                    (start, end),
                    &rows[start..end],
                    lists,
                    kind(rows[start] as usize),
                ));
                start = end;
            }
        }
        let (plane_of, planes) = planes(c, &rows);
        let of = |row: &u32| *row as usize;
        let years = |row: &u32| {
            columns.experience_years[of(row)].map_or(f32::INFINITY, |years| years as f32 * (1.0 + 1e-6))
        };
        let week = |row: &u32| {
            let spans = columns.availability.row(of(row));
            let unit = columns.unit;
            Week::of(spans.iter().map(|&(start, end)| (start * unit, end * unit)))
        };
        Self {
            weeks: rows.iter().map(week).collect(),
            conditions: rows.iter().map(|row| conditions.number(of(row)) as u32).collect(),
            ages: rows.iter().map(|row| columns.child_age[of(row)]).collect(),
            languages: rows.iter().map(|row| columns.languages.number(of(row)) as u32).collect(),
            modalities: rows.iter().map(|row| columns.modalities[of(row)]).collect(),
            years: rows.iter().map(years).collect(),
            all: blocks,
            rows,
            lists,
            plane_of,
            planes,
        }
    }

    /// Whether an issue of the participants' has planes.
    pub(super) fn has_plane(&self, issue: u32) -> bool {
        self.plane_of[issue as usize] != NONE
    }

    /// How near each supporter of a block comes to an issue of the participants', in steps of 1/255, rounded up.
    #[inline]
    pub(super) fn plane(&self, issue: u32, block: &Block) -> Option<&[u8]> {
        let plane = self.plane_of[issue as usize];
        let at = plane as usize * self.rows.len();
        (plane != NONE).then(|| &self.planes[at + block.start..at + block.end])
    }
}

impl Block {
    fn new(
        c: &Compatibility,
        (start, end): (usize, usize),
        supporters: &[u32],
        lists: (usize, usize),
        (issues_known, conditions_known, states_wishes, _): (bool, bool, bool, bool),
    ) -> Self {
        let columns = &c.columns;
        let own = || supporters.iter().map(|&supporter| supporter as usize);
        let places: Option<Vec<[f64; 3]>> = own().map(|supporter| columns.place[supporter]).collect();
        Self {
            start,
            end,
            lists,
            conditions_known,
            issues_known,
            states_wishes,
            modalities: own().fold(0, |bits, supporter| bits | columns.modalities[supporter]),
            travel: own().map(|supporter| columns.travel[supporter]).max().unwrap_or(0),
            ball: places.map(|places| Ball::around(&places)),
        }
    }
}

impl Ball {
    /// Around the mean of the points, a little larger than it need be, so that rounding leaves none outside.
    fn around(points: &[[f64; 3]]) -> Self {
        let mean = |axis: usize| points.iter().map(|point| point[axis]).sum::<f64>() / points.len() as f64;
        let centre = [mean(0), mean(1), mean(2)];
        let farthest = points.iter().map(|&point| apart(point, centre)).fold(0.0, f64::max);
        Self { centre, radius: farthest * (1.0 + 1e-9) + 1e-12 }
    }

    /// At least so far is a point from every point inside, in a straight line.
    pub(super) fn distance(&self, point: [f64; 3]) -> f64 {
        (apart(point, self.centre) * (1.0 - 1e-9) - self.radius).max(0.0)
    }
}

fn apart(a: [f64; 3], b: [f64; 3]) -> f64 {
    crate::program::chord_squared(a, b).sqrt()
}

/// A plane for each issue of the participants', in their order as far as the room lasts.
fn planes(c: &Compatibility, rows: &[u32]) -> (Vec<u32>, Vec<u8>) {
    let issues = &c.issues;
    let room = (MOST_PLANES / rows.len().max(1)).min(issues.ours());
    let mut planes = Vec::with_capacity(room * rows.len());
    for code in 0..room {
        let nearness = |&row: &u32| {
            let nearest = u64::from(issues.nearest_of(code as u32, issues.supporters.number(row as usize)));
            (nearest * 255).div_ceil(u64::from(SCORE_ONE)) as u8
        };
        planes.extend(rows.iter().map(nearness));
    }
    let plane_of = (0..issues.ours()).map(|code| if code < room { code as u32 } else { NONE });
    (plane_of.collect(), planes)
}

/// The place of a unit vector on a Hilbert curve over latitude and longitude (Hilbert 1891; the walk down the quadrants
/// is that of Warren, *Hacker's Delight*, 2nd ed., section 16-2).
fn along_the_curve(point: [f64; 3]) -> u32 {
    const STEPS: u32 = 1 << 15;
    let step = |share: f64| ((share * f64::from(STEPS)) as u32).min(STEPS - 1);
    let mut x = step(point[1].atan2(point[0]) / std::f64::consts::TAU + 0.5);
    let mut y = step(point[2].clamp(-1.0, 1.0).asin() / std::f64::consts::PI + 0.5);
    let mut along = 0;
    let mut side = STEPS / 2;
    while side > 0 {
        let (right, up) = (x & side != 0, y & side != 0);
        along += side * side * ((3 * u32::from(right)) ^ u32::from(up));
        if !up {
            if right {
                x = (STEPS - 1) - x;
                y = (STEPS - 1) - y;
            }
            (x, y) = (y, x);
        }
        side /= 2;
    }
    along
}
