//! Better choices near the best one: all groups but a few related ones stay as they are, and these are searched.
//!
//! **Problem.** Where the bound leaves a gap that a search cannot close in time, depth first is a poor way to better
//! choices: it seldom comes back to what it decided first.
//!
//! **Method.** Large neighbourhood search. It begins anywhere, with a group for which the best choice takes what the
//! prices speak against, or with groups where it takes something else than the linear relaxation, which shows where a
//! better choice may be. From these one comes to those that have what these would rather have (by reduced cost), and so
//! on, until there are enough. All others keep their variables; what that leaves open is a small program of the same
//! kind, searched for something cheaper with few nodes. The number of groups grows where the search comes to its end,
//! and shrinks where it does not. Variables that the best choice does without and whose reduced cost makes them
//! unlikely are left out. The draws are those of a fixed sequence, so that equal problems have equal results.
//!
//! **Time and space.** O(terms) for each neighbourhood, and its search.
//!
//! **When it is the wrong choice.** To prove anything: it only finds.
//!
//! **References.** P. Shaw, *Using constraint programming and local search methods to solve vehicle routing problems*
//! (CP 1998); E. Danna, E. Rothberg, C. Le Pape, *Exploring relaxation induced neighborhoods to improve MIP solutions*,
//! Mathematical Programming 102 (2005).

use super::binary::{Binary, NONE};
use super::domain::Domain;
use super::lagrangian::{Lagrangian, Multipliers};
use super::limits::Limits;
use super::search::{Incumbent, Search, penalties, target};
use crate::assignment::random::Random;

/// Groups of the first neighbourhood, and of the smallest.
const FIRST: usize = 24;
const SMALLEST: usize = 8;
/// Nodes of one search, and four times as many toward the relaxation.
const NODES: u64 = 30;
/// Where less than one part in so many can be gained, what is easy to find was found: four times as many nodes.
const NEAR: i64 = 256;
/// Groups come in by relation, and every so often one by chance.
const BY_CHANCE: usize = 12;
/// Of how many of the variables that a group would rather have those who have them come in.
const RATHER: usize = 3;

/// Settles what the best choice does without and what would lift the bound by so much.
fn close(dual: &Lagrangian<'_>, domain: &mut Domain, best: &Incumbent, by: i64) {
    let mut dearest = Vec::new();
    let mut out = Vec::new();
    for group in 0..dual.program.groups() {
        let unlikely = penalties(dual, domain, group, &mut dearest).filter(|&(_, taking)| taking >= by);
        out.extend(unlikely.map(|of_one| of_one.0).filter(|&v| !best.taken[v]));
    }
    for v in out {
        // The best choice is one without, so nothing can break.
        if domain.is_open(v) && !domain.settle(dual.program, v, false) {
            return;
        }
    }
}

/// Where the looking around has come to.
#[derive(Debug)]
pub(super) struct Neighbourhoods {
    random: Random,
    /// Groups that may change at once: toward the relaxation, and about what the prices speak against.
    sizes: [usize; 2],
    count: u64,
}

impl Neighbourhoods {
    pub(super) fn new() -> Self {
        Self { random: Random::new(0), sizes: [3 * FIRST, FIRST], count: 0 }
    }

    /// Looks around a choice for so much work; the best choice found if it is better.
    pub(super) fn improve(
        &mut self,
        (program, multipliers): (&Binary, &Multipliers),
        scale: i64,
        (from, toward): (Incumbent, Option<&[f64]>),
        likely: i64,
        (enough, work): (i64, u64),
        limits: &mut Limits<'_>,
    ) -> Option<Incumbent> {
        let mut domain = Domain::new(program);
        if program.groups() == 0 || !domain.propagate_all(program) {
            return None;
        }
        let mut dual = Lagrangian::scaled(program, scale);
        let value = dual.evaluate(multipliers, &domain, true);
        let mut best = from;
        close(&dual, &mut domain, &best, target(dual.scale, likely) - value);
        let first = domain.mark();
        let (before, until) = (best.cost, limits.work.saturating_add(work));
        while limits.work < until && best.cost > enough && !limits.stops_after(program.variables()) {
            self.count += 1;
            let toward = toward.filter(|_| !self.count.is_multiple_of(3));
            let free = self.draw(program, &dual, &best, toward);
            let size = &mut self.sizes[usize::from(toward.is_none())];
            let is_near = (best.cost - likely).saturating_mul(NEAR) < best.cost.saturating_abs();
            let nodes = if is_near { 4 * NODES } else { NODES };
            let nodes = if toward.is_some() { 4 * nodes } else { nodes };
            let kept = (0..program.groups()).filter(|&group| !free[group]);
            let stays = kept.flat_map(|group| program.members(group)).filter(|&v| best.taken[v]);
            let fits = stays.into_iter().all(|v| domain.settle(program, v, true));
            let part = fits.then(|| program.cut(domain.values(), |_| true));
            let values = domain.values().to_vec();
            domain.back_to(program, first);
            let Some(part) = part else { continue };
            let inner = Lagrangian::scaled(&part, scale);
            let search = Search::new(inner, Domain::new(&part), limits, (best.cost, enough), nodes);
            let mut search = search.quick();
            let ended = search.run(multipliers.of_part(program, &part));
            let found = search.best.take();
            let better = found.is_some();
            if let Some(found) = found {
                best.taken = values.iter().map(|&value| value == Some(true)).collect();
                for (&at, taken) in part.origin.iter().zip(found.taken) {
                    best.taken[at as usize] = taken;
                }
                best.cost = found.cost;
            }
            let step = *size / 8 + 1;
            if ended && !better {
                *size += step;
            } else if !better {
                *size = (*size - step).max(SMALLEST);
            }
            *size = (*size).min(program.groups());
            if ended && *size == program.groups() {
                break;
            }
        }
        (best.cost < before).then_some(best)
    }

    /// The groups that may change.
    fn draw(
        &mut self,
        program: &Binary,
        dual: &Lagrangian<'_>,
        best: &Incumbent,
        toward: Option<&[f64]>,
    ) -> Vec<bool> {
        let mut at_block: Vec<Vec<u32>> = vec![Vec::new(); program.blocks as usize];
        for v in (0..program.variables()).filter(|&v| best.taken[v] && program.group[v] != NONE) {
            if let Some(there) = at_block.get_mut(program.block[v] as usize) {
                there.push(program.group[v]);
            }
        }
        // Something is to be gained where the best choice is not what the relaxation has, or takes what the prices
        // speak against.
        let regrets = |v: usize| match toward {
            Some(toward) => toward[v] < 0.5,
            None => dual.taking[v] > 0,
        };
        let mut first: Vec<u32> = (0..program.variables())
            .filter(|&v| best.taken[v] && program.group[v] != NONE && regrets(v))
            .map(|v| program.group[v])
            .collect();
        let size = self.sizes[usize::from(toward.is_none())];
        let wanted = if toward.is_some() { size } else { usize::from(self.count.is_multiple_of(2)) };
        let mut free = vec![false; program.groups()];
        let mut queue: Vec<u32> = Vec::new();
        while queue.len() < wanted && !first.is_empty() {
            queue.push(first.swap_remove(self.random.below(first.len() as u64) as usize));
        }
        let (mut next, mut rather) = (0, Vec::new());
        for count in 0..size.min(program.groups()) {
            while queue.get(next).is_some_and(|&group| free[group as usize]) {
                next += 1;
            }
            let group = match queue.get(next) {
                Some(&group) if !count.is_multiple_of(BY_CHANCE) => group as usize,
                _ => self.any(&free),
            };
            free[group] = true;
            rather.clear();
            rather.extend(program.members(group).map(|v| (dual.reduced(v), v)));
            rather.sort_unstable();
            for &(_, v) in rather.iter().take(RATHER) {
                queue.extend(at_block.get(program.block[v] as usize).into_iter().flatten());
            }
        }
        free
    }

    /// A group that is not free yet.
    fn any(&mut self, free: &[bool]) -> usize {
        let from = self.random.below(free.len() as u64) as usize;
        (from..free.len()).chain(0..from).find(|&group| !free[group]).unwrap_or(from)
    }
}
