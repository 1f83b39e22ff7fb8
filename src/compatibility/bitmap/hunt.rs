//! One search: the nearest blocks first, in them those with most in common, and then whatever the best so far leave open.
//!
//! The kernel is asked late: where the few asked about first have nearly what bounds promise, so do others as a rule, and
//! what the best will be worth is presumed from the bounds of those found so far. What is presumed is checked in the end,
//! and the search made once more without it where it was too much; answers never rest on it. That helps where bounds are
//! tight, as for plain lists of codes; where they are not, the few asked about first tell, and nothing is presumed.

use std::hint::black_box;

use super::super::best::Best;
use super::super::losses::Losses;
use super::super::query::Query;
use super::super::terms::Terms;
use super::super::{Candidate, Compatibility, kernel};
use super::planes::Bits;
use super::rows::Balls;
use super::spec::{Meeting, Spec};
use super::sums::Sums;
use super::{BLOCK, BitmapIndex};

/// So many of the most promising blocks are read first.
const SEEDS: usize = 8;
/// So many rows are read together.
const TOGETHER: usize = 64;
/// So many of the best, and so many of the last that are wanted, are asked about to learn how far bounds lie above weights.
const PROBES: usize = 4;
/// More than that, in millionths, and bounds tell too little to go by.
const MOST_SLACK: f64 = 20_000.0;

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

/// Whether the best are presumed to be worth what bounds promise, less what these have been found to promise too much.
enum Presumed {
    /// Not known yet.
    Open,
    /// No: whoever is promising is asked about at once.
    No,
    /// Yes: nobody is asked about before all are known.
    Yes { slack: f64, best: Best },
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
    /// So many are wanted.
    most: usize,
    best: Best,
    presumed: Presumed,
    /// What a weight must reach to be wanted, as far as that is known or presumed.
    wanted: f64,
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
        most,
        best: Best::new(floor, most),
        presumed: Presumed::Open,
        wanted: f64::NEG_INFINITY,
        waiting: Vec::with_capacity(2 * TOGETHER),
        promising: Vec::with_capacity(2 * TOGETHER),
    };
    hunt.ask_aside();
    let mut blocks = hunt.blocks();
    hunt.search(&mut blocks);
    if let Some(worst) = hunt.presumed_too_much() {
        // As many as are wanted have that, if it is above the floor.
        hunt.best = Best::new(floor.max(worst.saturating_sub(1)), most);
        hunt.presumed = Presumed::No;
        hunt.ask_aside();
        hunt.search(&mut blocks);
    }
    let weigh = |(weight, supporter)| Candidate { supporter, weight: weight as i32 };
    hunt.best.into_sorted().map(weigh).collect()
}

impl<'a> Hunt<'a> {
    /// Asks about those who are in no row.
    fn ask_aside(&mut self) {
        self.wanted = self.best.wanted() as f64;
        // A match that stands may go on with somebody who takes nobody new, and who is in no row.
        if let Some(standing) = self.query.standing
            && !self.compatibility.columns.takes_new[standing.supporter as usize]
        {
            self.ask_if_kept(standing.supporter);
        }
        for &supporter in self.index.standing.aside() {
            self.ask_if_kept(supporter);
        }
    }

    fn ask_if_kept(&mut self, supporter: u32) {
        let is_open = !self.open_only || self.index.is_open[supporter as usize];
        if is_open && self.terms.keeps(supporter) {
            self.ask(supporter);
        }
    }

    /// Asks about everybody in the blocks who may be wanted.
    fn search(&mut self, blocks: &mut [Open]) {
        let mut left = blocks;
        if self.most < self.index.rows.supporters.len() {
            while !self.is_sure() && !left.is_empty() {
                let seeds = SEEDS.min(left.len());
                if seeds < left.len() {
                    left.select_nth_unstable_by(seeds, |a, b| b.most.total_cmp(&a.most));
                }
                let (first, others) = left.split_at_mut(seeds);
                self.seed(first);
                left = others;
            }
        }
        for &mut open in left {
            if f64::from(open.most) >= self.wanted {
                self.read(open);
                if self.waiting.len() >= TOGETHER {
                    self.sift();
                }
                if self.promising.len() >= TOGETHER / 4 && !matches!(self.presumed, Presumed::Yes { .. }) {
                    self.settle();
                }
            }
        }
        self.settle();
    }

    /// What is wanted does not rest on the floor alone.
    fn is_sure(&self) -> bool {
        self.best.is_full() || matches!(self.presumed, Presumed::Yes { .. })
    }

    /// Asks about the first few of those who are promising, and presumes from then on, if they are enough, that the others
    /// have what bounds promise, less twice what the few had less than that. Whether that was so is seen in the end, when
    /// all are known: few have then been asked about, and few others been looked at.
    fn presume(&mut self) {
        let (most, enough) = (self.most, self.promising.len() >= self.most.max(2 * PROBES));
        if !matches!(self.presumed, Presumed::Open) || !enough {
            return;
        }
        self.presumed = Presumed::No;
        let mut promising = std::mem::take(&mut self.promising);
        promising.sort_unstable_by(|(a, own), (b, other)| b.total_cmp(a).then(own.cmp(other)));
        // The best, and those who would be the last: of both it matters what bounds promise too much.
        let last = self.most.max(2 * PROBES);
        let probes = (0..PROBES).chain(last - PROBES..last);
        let mut best = Best::new(i64::MIN, most);
        let mut slack: f64 = 0.0;
        for (bound, supporter) in probes.clone().map(|place| promising[place]) {
            let weight = self.ask(supporter);
            slack = slack.max(weight.map_or(f64::INFINITY, |weight| bound - weight as f64));
            best.offer(weight.unwrap_or(i64::MIN), supporter);
        }
        for place in probes.rev() {
            promising.remove(place);
        }
        if slack <= MOST_SLACK {
            let slack = 2.0 * slack + 16.0;
            for &(bound, supporter) in &promising {
                best.offer((bound - slack) as i64, supporter);
            }
            self.wanted = self.wanted.max(best.wanted() as f64);
            self.presumed = Presumed::Yes { slack, best };
        }
        self.promising = promising;
    }

    /// If some may have been left out for something presumed that is not so: a weight that as many as are wanted have.
    fn presumed_too_much(&self) -> Option<i64> {
        let Presumed::Yes { best, .. } = &self.presumed else { return None };
        let worst = if self.best.is_full() { self.best.wanted() } else { i64::MIN };
        (worst < best.wanted()).then_some(worst)
    }

    /// The blocks that may hold somebody wanted.
    fn blocks(&mut self) -> Vec<Open> {
        let (index, query) = (self.index, self.query);
        let wanted = self.wanted;
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
            let Some(own) = spec else { continue };
            let spec = &self.specs[own];
            let may = |balls: &Balls, own: usize, travel: u32| {
                let chord = balls.distance(own, self.losses.place);
                let beyond = self.losses.is_out_of_reach(chord * chord, travel);
                let place = meeting.most(chord, !beyond)?;
                let most = spec.most(place);
                (most >= wanted).then_some((place, most))
            };
            for area in group.areas.clone() {
                if may(&index.rows.areas, area, index.rows.area_travel[area]).is_none() {
                    continue;
                }
                for block in group.blocks_of(area) {
                    if let Some((place, most)) = may(&index.rows.balls, block, index.rows.travel[block]) {
                        let (block, group) = (block as u32, self.groups.len() as u32);
                        blocks.push(Open { block, group, place: place as f32, most: most as f32 + 1.0 });
                    }
                }
            }
            self.groups.push(Asked { spec: own, meeting });
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
        let wanted = self.wanted;
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
        while !self.is_sure() {
            let count = |value: f64| -> u32 {
                left.iter().flat_map(|own| self.above(own, value).map(u64::count_ones)).sum()
            };
            let wanted = self.wanted;
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
            self.sift();
            self.presume();
            if !self.is_sure() {
                self.settle();
            }
            most = most.saturating_mul(4);
        }
        for own in left {
            let rows = self.above(&own, self.wanted);
            self.ask_rows(own.open, rows);
        }
        if !matches!(self.presumed, Presumed::Yes { .. }) {
            self.settle();
        }
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
            let Some(bound) = self.bound(open, row) else { continue };
            let supporter = self.index.rows.supporters[row];
            if !self.terms.keeps(supporter) {
                continue;
            }
            self.promising.push((bound, supporter));
            if let Presumed::Yes { slack, best } = &mut self.presumed {
                best.offer((bound - *slack) as i64, supporter);
                self.wanted = self.wanted.max(best.wanted() as f64);
            }
        }
        self.waiting = waiting;
        self.waiting.clear();
    }

    /// Asks about those who may be wanted, the most promising first: the fewer of the others are then wanted still.
    fn settle(&mut self) {
        self.sift();
        let mut promising = std::mem::take(&mut self.promising);
        promising.sort_unstable_by(|(a, own), (b, other)| b.total_cmp(a).then(own.cmp(other)));
        let wanted = self.wanted;
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
        let wanted = self.wanted;
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

    /// Asks the kernel about a supporter who is to be kept, and keeps them if they are among the best; their weight, if
    /// they are eligible and wanted.
    fn ask(&mut self, supporter: u32) -> Option<i64> {
        let (wanted, own) = (self.best.wanted(), supporter as usize);
        let weight = i64::from(kernel::weight_from(self.compatibility, self.query, own, wanted)?);
        self.best.offer(weight, supporter);
        self.wanted = self.wanted.max(self.best.wanted() as f64);
        Some(weight)
    }
}

#[inline]
fn both(mut rows: Bits, others: Bits) -> Bits {
    for (row, other) in rows.iter_mut().zip(others) {
        *row &= other;
    }
    rows
}
