//! One search: the nearest blocks first, in them those with most in common, and then whatever the best so far leave open.

use std::hint::black_box;

use super::super::best::Best;
use super::super::losses::Losses;
use super::super::query::Query;
use super::super::terms::Terms;
use super::super::{Candidate, Compatibility, kernel};
use super::planes::Bits;
use super::spec::{Meeting, Spec};
use super::sums::Sums;
use super::{BLOCK, BitmapIndex};

/// So many of the most promising blocks are read first.
const SEEDS: usize = 8;
/// So many rows are read together.
const TOGETHER: usize = 64;

/// A block that may hold somebody wanted.
#[derive(Clone, Copy)]
struct Open {
    block: u32,
    /// Of its supporters' kind and ways of meeting.
    group: u32,
    /// The most that the place can say.
    place: f32,
    /// A bound on the weight of its pairs.
    most: f32,
}

/// A group whose supporters can be eligible.
struct Asked<'a> {
    /// The place of the kind's specification.
    spec: usize,
    meeting: Meeting<'a>,
}

/// A block that is read first.
struct Seed {
    open: Open,
    sums: Sums,
    /// The most that the place can say of each 64 rows.
    places: [f64; BLOCK / 64],
    /// The rows that were not asked about.
    there: Bits,
}

struct Hunt<'a> {
    compatibility: &'a Compatibility,
    query: &'a Query<'a>,
    index: &'a BitmapIndex,
    terms: &'a Terms<'a>,
    losses: Losses<'a>,
    specs: Vec<Spec<'a>>,
    groups: Vec<Asked<'a>>,
    open_only: bool,
    best: Best,
    /// Rows that are to be read.
    waiting: Vec<(Open, usize)>,
    /// Supporters who are to be asked about, each with a bound.
    promising: Vec<(f64, u32)>,
}

/// The best pairs of a participant; see [`BitmapIndex::best`].
pub(super) fn through(
    compatibility: &Compatibility,
    query: &Query<'_>,
    index: &BitmapIndex,
    terms: &Terms<'_>,
    (floor, most, open_only): (i64, usize, bool),
) -> Vec<Candidate> {
    let mut hunt = Hunt {
        compatibility,
        query,
        index,
        terms,
        losses: Losses::new(compatibility, query),
        specs: Vec::new(),
        groups: Vec::new(),
        open_only,
        best: Best::new(floor, most),
        waiting: Vec::with_capacity(2 * TOGETHER),
        promising: Vec::with_capacity(TOGETHER),
    };
    // A match that stands may go on with somebody who takes nobody new, and who is in no row.
    if let Some(standing) = query.standing
        && !compatibility.columns.takes_new[standing.supporter as usize]
    {
        hunt.ask(standing.supporter);
    }
    for &supporter in &index.aside {
        hunt.ask(supporter);
    }
    let mut blocks = hunt.blocks();
    let mut left = &mut blocks[..];
    if most < index.rows.supporters.len() {
        while !hunt.best.is_full() && !left.is_empty() {
            let seeds = SEEDS.min(left.len());
            if seeds < left.len() {
                left.select_nth_unstable_by(seeds, |a, b| b.most.total_cmp(&a.most));
            }
            let (first, others) = left.split_at_mut(seeds);
            hunt.seed(first);
            left = others;
        }
    }
    for &mut open in left {
        if f64::from(open.most) >= hunt.best.wanted() as f64 {
            hunt.read(open);
            if hunt.waiting.len() >= TOGETHER {
                hunt.sift();
            }
            if hunt.promising.len() >= TOGETHER / 4 {
                hunt.settle();
            }
        }
    }
    hunt.settle();
    let weigh = |(weight, supporter)| Candidate { supporter, weight: weight as i32 };
    hunt.best.into_sorted().map(weigh).collect()
}

impl<'a> Hunt<'a> {
    /// The blocks that may hold somebody wanted.
    fn blocks(&mut self) -> Vec<Open> {
        let (index, query) = (self.index, self.query);
        let wanted = self.best.wanted() as f64;
        let mut blocks = Vec::with_capacity(index.rows.travel.len());
        let mut kinds = Vec::new();
        for group in &index.rows.groups {
            let Some(meeting) = Meeting::new(query, index, group) else { continue };
            let spec = if let Some(&(_, spec)) = kinds.iter().find(|&&(kind, _)| kind == group.kind) {
                spec
            } else {
                let spec = Spec::new(self.compatibility, query, index, group.kind);
                let place = spec.map(|spec| {
                    self.specs.push(spec);
                    self.specs.len() - 1
                });
                kinds.push((group.kind, place));
                place
            };
            let Some(spec) = spec else { continue };
            let own = &self.specs[spec];
            for block in group.blocks.clone() {
                let chord = index.rows.balls.distance(block, self.losses.place);
                let beyond = self.losses.is_out_of_reach(chord * chord, index.rows.travel[block]);
                let Some(place) = meeting.most(chord, !beyond) else { continue };
                let most = own.most(place);
                if most >= wanted {
                    let (block, group) = (block as u32, self.groups.len() as u32);
                    blocks.push(Open { block, group, place: place as f32, most: most as f32 + 1.0 });
                }
            }
            self.groups.push(Asked { spec, meeting });
        }
        blocks
    }

    /// Who stands in a block, is open if that is asked for, and has what is needed.
    #[inline]
    fn there(&self, open: Open) -> Bits {
        let rows = &self.index.rows;
        let bits = if self.open_only { &rows.open } else { &rows.live };
        self.spec(open).needed(open.block as usize, bits[open.block as usize])
    }

    #[inline]
    fn spec(&self, open: Open) -> &Spec<'a> {
        &self.specs[self.groups[open.group as usize].spec]
    }

    /// Reads the rows of a block that may be wanted.
    fn read(&mut self, open: Open) {
        let mut rows = self.there(open);
        if rows.iter().all(|&word| word == 0) {
            return;
        }
        let spec = self.spec(open);
        let wanted = self.best.wanted() as f64;
        let units = spec.units_for(wanted, f64::from(open.place));
        if units > 0 {
            let (sums, enough) = spec.at_least(open.block as usize, units);
            rows = both(rows, enough);
            // What is left, by where each 64 of them live.
            for (word, bits) in rows.iter_mut().enumerate().filter(|(_, bits)| **bits != 0) {
                *bits &= self
                    .place(open, word)
                    .map_or(0, |place| sums.word_at_least(word, spec.units_for(wanted, place)));
            }
        }
        self.ask_rows(open, rows);
    }

    /// The most that the place can say of the 64 rows of a word of a block; `None` where none of them can be met.
    #[inline]
    fn place(&self, open: Open, word: usize) -> Option<f64> {
        let (rows, block) = (&self.index.rows, open.block as usize);
        let chord = rows.words.distance(block * (BLOCK / 64) + word, self.losses.place);
        let beyond = self.losses.is_out_of_reach(chord * chord, rows.travel[block]);
        self.groups[open.group as usize].meeting.most(chord, !beyond)
    }

    /// Asks about the most promising rows of some blocks first, more and more of them until there are as many as are
    /// wanted, and then about all who may be wanted.
    fn seed(&mut self, blocks: &[Open]) {
        let mut left: Vec<Seed> = Vec::with_capacity(blocks.len());
        for &open in blocks {
            let (mut there, mut places) = (self.there(open), [0.0; BLOCK / 64]);
            for (word, bits) in there.iter_mut().enumerate() {
                match self.place(open, word) {
                    Some(place) => places[word] = place,
                    None => *bits = 0,
                }
            }
            left.push(Seed { open, sums: self.spec(open).sums(open.block as usize), places, there });
        }
        let mut most = self.best.missing().saturating_mul(4);
        while !self.best.is_full() {
            let count = |value: f64| -> u32 {
                left.iter().flat_map(|own| self.above(own, value).map(u64::count_ones)).sum()
            };
            let wanted = self.best.wanted() as f64;
            let all = count(wanted) as usize;
            if all == 0 {
                return;
            }
            // The highest value that so many can have; all of them where there are not more.
            let mut low = wanted;
            if all > most {
                let tops = blocks.iter().map(|open| f64::from(open.most));
                let mut high = tops.fold(0.0, f64::max);
                let mut lowest = wanted.max(0.0).min(high - 1.0);
                while high - lowest > high.abs() / 128.0 + 1.0 {
                    let middle = f64::midpoint(lowest, high);
                    if (count(middle) as usize) < most { high = middle } else { lowest = middle }
                }
                low = lowest;
            }
            for own in &mut left {
                let rows = self.above(own, low);
                for (there, rows) in own.there.iter_mut().zip(rows) {
                    *there &= !rows;
                }
                let open = own.open;
                self.ask_rows(open, rows);
            }
            self.settle();
            most = most.saturating_mul(4);
        }
        for own in left {
            let rows = self.above(&own, self.best.wanted() as f64);
            self.ask_rows(own.open, rows);
        }
        self.settle();
    }

    /// The rows that are left of a block and may have such a value.
    fn above(&self, own: &Seed, value: f64) -> Bits {
        let (spec, mut rows) = (self.spec(own.open), own.there);
        for (word, bits) in rows.iter_mut().enumerate().filter(|(_, bits)| **bits != 0) {
            let units = spec.units_for(value, own.places[word]);
            if units > 0 {
                *bits &= own.sums.word_at_least(word, units);
            }
        }
        rows
    }

    /// Has the rows of a block wait to be read, and reads them once they are many: what lies far apart in memory is then
    /// fetched together.
    fn ask_rows(&mut self, open: Open, rows: Bits) {
        for (word, mut bits) in rows.into_iter().enumerate() {
            while bits != 0 {
                let row = open.block as usize * BLOCK + word * 64 + bits.trailing_zeros() as usize;
                self.waiting.push((open, row));
                bits &= bits - 1;
            }
        }
    }

    /// Reads whoever waits, and keeps those who may be wanted with a bound.
    fn sift(&mut self) {
        let facts = &self.index.rows.facts;
        black_box(self.waiting.iter().fold(0, |all, &(_, row)| all ^ facts[row].travel));
        let waiting = std::mem::take(&mut self.waiting);
        for &(open, row) in &waiting {
            let bound = self.bound(open, row);
            self.promising.extend(bound.map(|bound| (bound, self.index.rows.supporters[row])));
        }
        self.waiting = waiting;
        self.waiting.clear();
    }

    /// Asks about those who may be wanted, the most promising first: the fewer of the others are then wanted still.
    fn settle(&mut self) {
        self.sift();
        let mut promising = std::mem::take(&mut self.promising);
        promising.sort_unstable_by(|(a, own), (b, other)| b.total_cmp(a).then(own.cmp(other)));
        let wanted = self.best.wanted() as f64;
        let few = promising.iter().take_while(|&&(bound, _)| bound >= wanted);
        black_box(few.fold(0, |all, &(_, own)| all ^ self.compatibility.fetched(own as usize)));
        for &(bound, supporter) in &promising {
            if bound < self.best.wanted() as f64 {
                break;
            }
            self.ask(supporter);
        }
        promising.clear();
        self.promising = promising;
    }

    /// A bound on the weight of somebody with what is read of them, if they may be wanted.
    #[inline]
    fn bound(&self, open: Open, row: usize) -> Option<f64> {
        let facts = &self.index.rows.facts[row];
        let Asked { spec, meeting } = &self.groups[open.group as usize];
        let spec = &self.specs[*spec];
        let wanted = self.best.wanted() as f64;
        let (losses, prices) = self.losses.of(facts);
        let lost = f64::from(losses * spec.share + prices);
        if spec.most(f64::from(open.place)) - lost < wanted {
            return None;
        }
        let square = self.losses.square(facts);
        let within = !self.losses.is_out_of_reach(square, facts.travel);
        let place = meeting.of_row(square.sqrt(), within)?;
        let mut bound = spec.row(row, facts.codes, place) - lost;
        if bound >= wanted {
            bound -= f64::from(self.losses.wishes(facts, spec.share));
        }
        (bound >= wanted).then_some(bound)
    }

    /// Asks the kernel about a supporter, and keeps them if they are among the best.
    fn ask(&mut self, supporter: u32) {
        if !self.terms.keeps(supporter) || self.open_only && !self.index.is_open[supporter as usize] {
            return;
        }
        let wanted = self.best.wanted();
        if let Some(weight) = kernel::weight_from(self.compatibility, self.query, supporter as usize, wanted)
        {
            self.best.offer(i64::from(weight), supporter);
        }
    }
}

#[inline]
fn both(mut rows: Bits, others: Bits) -> Bits {
    for (row, other) in rows.iter_mut().zip(others) {
        *row &= other;
    }
    rows
}
