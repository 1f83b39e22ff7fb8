//! In which order supporters stand, and what is read of each.

use std::ops::Range;

use super::super::Compatibility;
use super::super::blocks::{Ball, Kind, NOBODY, Row, along_the_curve, farthest, kind};
use super::BLOCK;
use super::planes::Bits;

/// Blocks that are looked at together first.
const AREA: usize = 16;

/// Supporters of one kind with the same ways of meeting.
#[derive(Debug, Clone)]
pub(super) struct Group {
    pub(super) kind: Kind,
    pub(super) modalities: u8,
    pub(super) blocks: Range<usize>,
    /// So many blocks each, the last of them fewer.
    pub(super) areas: Range<usize>,
}

impl Group {
    /// The blocks of an area.
    pub(super) fn blocks_of(&self, area: usize) -> Range<usize> {
        let first = self.blocks.start + (area - self.areas.start) * AREA;
        first..(first + AREA).min(self.blocks.end)
    }
}

/// Where the supporters of each block live, or of each 64 rows.
#[derive(Debug, Clone, Default)]
pub(super) struct Balls {
    pub(super) centre: Vec<[f32; 3]>,
    pub(super) radius: Vec<f32>,
}

/// The rows, by block.
#[derive(Debug, Clone)]
pub(super) struct Rows {
    pub(super) groups: Vec<Group>,
    /// The supporter in each row, or nobody.
    pub(super) supporters: Vec<u32>,
    pub(super) facts: Vec<Row>,
    pub(super) balls: Balls,
    pub(super) words: Balls,
    pub(super) areas: Balls,
    /// The farthest that somebody in a block travels, as a number of the columns.
    pub(super) travel: Vec<u32>,
    /// The same of an area.
    pub(super) area_travel: Vec<u32>,
    /// The rows in which somebody stands.
    pub(super) live: Vec<Bits>,
    /// Those of them who are open.
    pub(super) open: Vec<Bits>,
}

impl Rows {
    /// Of all who take new matches, by kind and ways of meeting, and then near each other on the map.
    pub(super) fn new(c: &Compatibility, is_open: &[bool]) -> Self {
        let columns = &c.columns;
        let of_group = |supporter: usize| (kind(c, supporter), columns.modalities[supporter]);
        let mut order: Vec<u32> =
            (0..columns.len() as u32).filter(|&one| columns.takes_new[one as usize]).collect();
        order.sort_by_cached_key(|&supporter| {
            let own = supporter as usize;
            (of_group(own), columns.place[own].map(along_the_curve), supporter)
        });
        let (mut groups, mut supporters): (Vec<Group>, Vec<u32>) = (Vec::new(), Vec::new());
        let (mut balls, mut words, mut travel) = (Balls::default(), Balls::default(), Vec::new());
        let (mut areas, mut area_travel) = (Balls::default(), Vec::new());
        for members in order.chunk_by(|&a, &b| of_group(a as usize) == of_group(b as usize)) {
            let (kind, modalities) = of_group(members[0] as usize);
            let first = travel.len();
            for block in members.chunks(BLOCK) {
                supporters.extend_from_slice(block);
                balls.push(c, block);
                let mut few = block.chunks(64);
                for _ in 0..BLOCK / 64 {
                    words.push(c, few.next().unwrap_or(&block[..1]));
                }
                travel.push(farthest(c, block.iter().map(|&one| columns.travel[one as usize])));
                supporters.resize(travel.len() * BLOCK, NOBODY);
            }
            let (blocks, first_area) = (first..travel.len(), area_travel.len());
            for (area, travel) in members.chunks(AREA * BLOCK).zip(travel[first..].chunks(AREA)) {
                areas.push(c, area);
                area_travel.push(farthest(c, travel.iter().copied()));
            }
            groups.push(Group { kind, modalities, blocks, areas: first_area..area_travel.len() });
        }
        let facts = |&row: &u32| if row == NOBODY { Row::NOBODY } else { Row::new(c, row as usize) };
        let mut rows = Self {
            facts: supporters.iter().map(facts).collect(),
            live: vec![[0; _]; travel.len()],
            open: vec![[0; _]; travel.len()],
            groups,
            supporters,
            balls,
            words,
            areas,
            travel,
            area_travel,
        };
        for row in 0..rows.supporters.len() {
            let supporter = rows.supporters[row];
            if supporter != NOBODY {
                set(&mut rows.live, row, true);
                set(&mut rows.open, row, is_open[supporter as usize]);
            }
        }
        rows
    }

    /// Opens or closes whoever stands in a row.
    pub(super) fn set_open(&mut self, row: usize, open: bool) {
        set(&mut self.open, row, open);
    }

    /// Takes whoever stands in a row out of it.
    pub(super) fn vacate(&mut self, c: &Compatibility, row: usize) {
        set(&mut self.live, row, false);
        set(&mut self.open, row, false);
        self.supporters[row] = NOBODY;
        self.facts[row] = Row::NOBODY;
        // The number of a distance that nobody travels any more is given to another one.
        let rows = row / BLOCK * BLOCK..(row / BLOCK + 1) * BLOCK;
        let left = self.supporters[rows.clone()].iter().zip(&self.facts[rows]);
        let left = left.filter(|(supporter, _)| **supporter != NOBODY).map(|(_, facts)| facts.travel);
        self.travel[row / BLOCK] = farthest(c, left);
        let group = self.groups.iter().find(|group| group.blocks.contains(&(row / BLOCK)));
        if let Some(group) = group {
            let area = group.areas.start + (row / BLOCK - group.blocks.start) / AREA;
            self.area_travel[area] = farthest(c, self.travel[group.blocks_of(area)].iter().copied());
        }
    }
}

impl Balls {
    /// Around whoever is in the block, larger by what `f32` may lose; around everything where that is not known.
    fn push(&mut self, c: &Compatibility, block: &[u32]) {
        let places: Option<Vec<[f64; 3]>> = block.iter().map(|&one| c.columns.place[one as usize]).collect();
        let ball = places.map(|places| Ball::around(&places));
        let known = ball.map(|ball| (ball.centre.map(|axis| axis as f32), ball.radius as f32 + SLACK));
        let (centre, radius) = known.unwrap_or(([0.0; 3], f32::INFINITY));
        self.centre.push(centre);
        self.radius.push(radius);
    }

    /// At least so far is a point from everybody in a block, in a straight line; 0 where that is not known.
    #[inline]
    pub(super) fn distance(&self, block: usize, point: [f32; 3]) -> f32 {
        let centre = self.centre[block];
        let square: f32 = (0..3).map(|axis| (centre[axis] - point[axis]).powi(2)).sum();
        (square.sqrt() - self.radius[block]).max(0.0)
    }
}

/// What two places lose in `f32`, of the radius of the earth: some ten metres.
const SLACK: f32 = 2e-6;

fn set(bits: &mut [Bits], row: usize, value: bool) {
    let word = &mut bits[row / BLOCK][row % BLOCK / 64];
    let bit = 1 << (row % 64);
    if value { *word |= bit } else { *word &= !bit }
}
