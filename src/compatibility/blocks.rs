//! The supporters in blocks of a kind, so that whole blocks can be passed over.
//!
//! A block holds up to 64 supporters who take new matches, with the same or neighbouring lists of conditions and,
//! within one list, near each other on a Hilbert curve over the map: what two criteria can say is then nearly the same
//! for the whole block. Who has no issues, conditions or place on record, and who states wishes, stands in blocks
//! apart, for there another set of criteria has a say. For the issues, of which nearly everybody has a list of their
//! own, each block has one byte for each supporter and each code that participants use (a *plane*): how near the
//! supporter comes to the code, rounded up. Every block has 64 rows, the last of them nobody's where there are fewer
//! supporters, so a loop over planes has no branches, no end to look for and no jumps in memory.
//!
//! Built in `O(n log n)`; `76 + issues` bytes a row (with `issues` codes in use, up to 128 MiB together).

use rayon::prelude::*;

use super::Compatibility;
use crate::policy::SCORE_ONE;

/// Supporters in a block at the most.
pub(super) const BLOCK: usize = 64;
/// A block this full is closed where the list of conditions changes.
const CLOSED_EARLY: usize = 32;
/// Most bytes of planes.
const MOST_PLANES: usize = 1 << 27;
/// Prices in a block are at most this far apart: whole numbers that `f32` holds exactly.
const SPAN: i64 = 1 << 22;
/// Nobody in this row, in no row.
pub(super) const NOBODY: u32 = u32::MAX;

/// What the supporters of a block have in common.
#[derive(Debug, Clone)]
pub(super) struct Block {
    /// Its lists of conditions, as a range of [`Blocks::lists`].
    pub(super) lists: (usize, usize),
    pub(super) conditions_known: bool,
    pub(super) issues_known: bool,
    pub(super) states_wishes: bool,
    /// Every way of meeting that one of them offers.
    pub(super) modalities: u8,
    /// The farthest that one of them travels, as a number of the columns.
    pub(super) travel: u32,
    /// Where all of them live; `None` where that is not known of everybody in the block.
    pub(super) ball: Option<Ball>,
    /// The lowest of their prices.
    pub(super) price: i64,
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

/// What is read of a supporter whom the bound of the block does not rule out. It lies in one line of the caches.
#[derive(Debug, Clone, Copy)]
#[repr(align(64))]
pub(super) struct Row {
    /// The parts of the week in which they have time; all of them where that is not known.
    pub(super) week: Week,
    /// Years of experience, rounded up; infinite where they are not known.
    pub(super) years: f32,
    /// Where they live, as a unit vector; not numbers where that is not known.
    pub(super) place: [f32; 3],
    /// The numbers that the columns give to how far they travel, to their child's age, their languages, conditions,
    /// traits and wishes.
    pub(super) travel: u32,
    pub(super) age: u32,
    pub(super) languages: u32,
    pub(super) conditions: u32,
    pub(super) traits: u32,
    pub(super) wishes: u32,
    pub(super) modalities: u8,
    /// How many conditions and issues they have, up to 255.
    pub(super) codes: [u8; 2],
}

/// In which order supporters stand, whatever they cost.
#[derive(Debug, Clone)]
pub(super) struct Order {
    rows: Vec<u32>,
    /// The numbers of the lists of conditions, like ones side by side, and the place of each.
    lists: Vec<u32>,
    rank: Vec<u32>,
}

/// The supporters who take new matches, in blocks.
#[derive(Debug, Clone)]
pub(super) struct Blocks {
    pub(super) all: Vec<Block>,
    /// The supporter in each row. A block that is not full is filled up with rows of nobody, who costs without end.
    pub(super) supporters: Vec<u32>,
    pub(super) rows: Vec<Row>,
    /// By how much the price of each row exceeds the lowest of its block.
    above: Vec<f32>,
    /// The price of each supporter, `i64::MAX` for one who is closed and in no block.
    pub(super) prices: Vec<i64>,
    /// The numbers of the lists of conditions, like ones side by side.
    pub(super) lists: Vec<u32>,
    /// The planes of the participants' first issues, a byte for each row.
    planes: Vec<u8>,
    /// How often each of these issues' numbers had been given when the plane was worked out.
    planes_of: Vec<u32>,
}

/// Which facts of a supporter are known, and whether they state wishes: of issues, conditions, wishes, place.
pub(super) type Kind = (bool, bool, bool, bool);

pub(super) fn kind(c: &Compatibility, supporter: usize) -> Kind {
    let issues = !c.issues.supporters.row(supporter).is_empty();
    let conditions = !c.conditions.supporters.row(supporter).is_empty();
    let wishes = !c.columns.wishes.row(supporter).is_empty();
    (issues, conditions, wishes, c.columns.place[supporter].is_some())
}

impl Order {
    pub(super) fn new(c: &Compatibility) -> Self {
        let (columns, conditions) = (&c.columns, &c.conditions.supporters);
        let mut lists: Vec<u32> = (0..conditions.len() as u32).collect();
        lists.sort_by_cached_key(|&list| c.conditions.spelled(list as usize));
        let mut rank = vec![0_u32; lists.len()];
        for (place, &list) in lists.iter().enumerate() {
            rank[list as usize] = place as u32;
        }
        let mut rows: Vec<u32> =
            (0..columns.len() as u32).filter(|&s| columns.takes_new[s as usize]).collect();
        rows.sort_by_cached_key(|&supporter| {
            let supporter = supporter as usize;
            let place = columns.place[supporter].map(along_the_curve);
            let rank = rank[conditions.number(supporter)];
            (kind(c, supporter), rank, columns.modalities[supporter] == 1, place, supporter)
        });
        Self { rows, lists, rank }
    }
}

impl Blocks {
    /// Prices in one block are near each other: in a solver's prices a unit of a rung outweighs every score there is,
    /// and whoever pays on one level passes over the blocks of all others at a glance.
    pub(super) fn new(c: &Compatibility, order: &Order, prices: Vec<i64>) -> Self {
        let conditions = &c.conditions.supporters;
        let price = |row: &u32| prices[*row as usize];
        let mut supporters: Vec<u32> =
            order.rows.iter().copied().filter(|row| price(row) != i64::MAX).collect();
        let mut levels: Vec<i64> = supporters.iter().map(price).collect();
        levels.sort_unstable();
        levels.dedup_by(|next, base| next.saturating_sub(*base) <= SPAN);
        let level = |row: &u32| levels.partition_point(|&base| base <= price(row));
        supporters.sort_by_cached_key(level);

        let list = |row: &u32| conditions.number(*row as usize);
        let mut all: Vec<Block> = Vec::new();
        let (mut rows, mut above) = (Vec::new(), Vec::new());
        let mut start = 0;
        for end in 1..=supporters.len() {
            let full = end - start == BLOCK || end == supporters.len();
            let changes = || {
                let (here, next) = (&supporters[end - 1], &supporters[end]);
                let others = list(here) != list(next) && end - start >= CLOSED_EARLY;
                others || kind(c, *here as usize) != kind(c, *next as usize) || level(here) != level(next)
            };
            if full || changes() {
                let rank = |row: usize| order.rank[list(&supporters[row])] as usize;
                let lists = (rank(start), rank(end - 1) + 1);
                let own = &supporters[start..end];
                let least = own.iter().map(price).min().unwrap_or(0);
                all.push(Block::new(c, own, lists, least));
                rows.extend_from_slice(own);
                above.extend(own.iter().map(|row| (price(row) - least) as f32));
                rows.resize(all.len() * BLOCK, NOBODY);
                above.resize(all.len() * BLOCK, f32::INFINITY);
                start = end;
            }
        }
        let facts =
            rows.iter().map(|&row| if row == NOBODY { Row::NOBODY } else { Row::new(c, row as usize) });
        let facts = facts.collect();
        let mut blocks = Self {
            all,
            supporters: rows,
            rows: facts,
            above,
            prices,
            lists: order.lists.clone(),
            planes: Vec::new(),
            planes_of: Vec::new(),
        };
        blocks.renew_planes(c);
        blocks
    }

    /// Works out the planes of issues that had none, or whose numbers have another issue now; in the issues' order as
    /// far as the room lasts. Nobody comes near any.
    pub(super) fn renew_planes(&mut self, c: &Compatibility) {
        let given = c.issues.ours_given();
        let length = self.supporters.len().max(1);
        let room = (MOST_PLANES / length).min(given.len());
        if self.planes_of == given[..room] {
            return;
        }
        self.planes.resize(room * length, 0);
        self.planes_of.resize(room, 0);
        let (supporters, planes) = (&self.supporters, self.planes.par_chunks_exact_mut(length));
        planes.zip(&mut self.planes_of).zip(given).enumerate().for_each(|(code, ((plane, of), &given))| {
            if *of == given {
                return;
            }
            *of = given;
            let there = plane.iter_mut().zip(supporters).filter(|(_, supporter)| **supporter != NOBODY);
            for (near, &supporter) in there {
                let list = c.issues.supporters.number(supporter as usize);
                let nearest = u64::from(c.issues.nearest_of(code as u32, list));
                *near = (nearest * 255).div_ceil(u64::from(SCORE_ONE)) as u8;
            }
        });
    }

    /// Tells a block's lowest price, and how far the others are above it, anew from the prices; `false` where they lie
    /// too far apart for one block, and nothing is changed.
    pub(super) fn reprice(&mut self, block: usize) -> bool {
        let rows = block * BLOCK..(block + 1) * BLOCK;
        let prices = &self.prices;
        let price = |supporter: u32| if supporter == NOBODY { i64::MAX } else { prices[supporter as usize] };
        let open =
            || self.supporters[rows.clone()].iter().map(|&own| price(own)).filter(|&own| own != i64::MAX);
        let (least, most) = (open().min().unwrap_or(i64::MAX), open().max().unwrap_or(i64::MAX));
        if most.saturating_sub(least) > SPAN {
            return false;
        }
        self.all[block].price = least;
        for (above, &own) in self.above[rows.clone()].iter_mut().zip(&self.supporters[rows.clone()]) {
            let price = price(own);
            *above = if price == i64::MAX { f32::INFINITY } else { (price - least) as f32 };
        }
        true
    }

    /// Takes whoever stands in a row out of the block. What holds of the others is told anew where that is not dear.
    pub(super) fn vacate(&mut self, c: &Compatibility, row: usize) {
        self.supporters[row] = NOBODY;
        self.rows[row] = Row::NOBODY;
        let number = row / BLOCK;
        self.reprice(number);
        let rows = number * BLOCK..(number + 1) * BLOCK;
        let left = self.supporters[rows.clone()].iter().zip(&self.rows[rows]);
        let left = || left.clone().filter(|(supporter, _)| **supporter != NOBODY).map(|(_, row)| row);
        let block = &mut self.all[number];
        block.modalities = left().fold(0, |bits, row| bits | row.modalities);
        block.travel = farthest(c, left().map(|row| row.travel));
    }

    /// By how much the price of each row of a block exceeds the lowest of the block.
    #[inline]
    pub(super) fn above(&self, block: usize) -> &[f32; BLOCK] {
        of_block(&self.above, block)
    }

    /// Whether an issue of the participants' has planes.
    pub(super) fn has_plane(&self, c: &Compatibility, issue: u32) -> bool {
        self.planes_of.get(issue as usize) == Some(&c.issues.ours_given()[issue as usize])
    }

    /// How near each supporter of a block comes to an issue of the participants' that has planes, in steps of 1/255,
    /// rounded up.
    #[inline]
    pub(super) fn plane(&self, issue: u32, block: usize) -> &[u8; BLOCK] {
        of_block(&self.planes, issue as usize * self.all.len() + block)
    }
}

/// What a column has of one block.
#[inline]
fn of_block<T>(column: &[T], block: usize) -> &[T; BLOCK] {
    &column.as_chunks().0[block]
}

impl Row {
    /// Who fills up a block.
    pub(super) const NOBODY: Self = Self {
        week: Week::ALL,
        years: 0.0,
        place: [f32::NAN; 3],
        travel: 0,
        age: 0,
        languages: 0,
        conditions: 0,
        traits: 0,
        wishes: 0,
        modalities: 0,
        codes: [0; 2],
    };

    pub(super) fn new(c: &Compatibility, supporter: usize) -> Self {
        let columns = &c.columns;
        let (spans, unit) = (columns.availability.row(supporter), columns.unit);
        let years = columns.experience_years[supporter];
        Self {
            week: Week::of(spans.iter().map(|&(start, end)| (start * unit, end * unit))),
            years: years.map_or(f32::INFINITY, |years| years as f32 * (1.0 + 1e-6)),
            place: columns.place[supporter].map_or([f32::NAN; 3], |place| place.map(|axis| axis as f32)),
            travel: columns.travel[supporter],
            age: columns.child_age[supporter],
            languages: c.languages.supporters.number(supporter) as u32,
            conditions: c.conditions.supporters.number(supporter) as u32,
            traits: columns.traits.number(supporter) as u32,
            wishes: columns.wishes.number(supporter) as u32,
            modalities: columns.modalities[supporter],
            codes: [&c.conditions, &c.issues].map(|codes| codes.supporter(supporter).len().min(255) as u8),
        }
    }
}

impl Block {
    /// Of supporters of one kind.
    fn new(c: &Compatibility, supporters: &[u32], lists: (usize, usize), price: i64) -> Self {
        let columns = &c.columns;
        let own = || supporters.iter().map(|&supporter| supporter as usize);
        let places: Option<Vec<[f64; 3]>> = own().map(|supporter| columns.place[supporter]).collect();
        let (issues_known, conditions_known, states_wishes, _) = kind(c, supporters[0] as usize);
        Self {
            lists,
            conditions_known,
            issues_known,
            states_wishes,
            modalities: own().fold(0, |bits, supporter| bits | columns.modalities[supporter]),
            travel: farthest(c, own().map(|supporter| columns.travel[supporter])),
            ball: places.map(|places| Ball::around(&places)),
            price,
        }
    }
}

impl Ball {
    /// Around the mean of the points, a little larger than it need be, so that rounding leaves none outside.
    pub(super) fn around(points: &[[f64; 3]]) -> Self {
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

/// Of some distances that supporters travel, by number, the farthest.
pub(super) fn farthest(c: &Compatibility, travels: impl Iterator<Item = u32>) -> u32 {
    travels.max_by(|&a, &b| c.columns.travel_km(a).total_cmp(&c.columns.travel_km(b))).unwrap_or(0)
}

/// The place of a unit vector on a Hilbert curve over latitude and longitude (Hilbert 1891; the walk down the quadrants
/// is that of Warren, *Hacker's Delight*, 2nd ed., section 16-2).
pub(super) fn along_the_curve(point: [f64; 3]) -> u32 {
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
