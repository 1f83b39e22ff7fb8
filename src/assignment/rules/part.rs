//! One connected part of a program from the first bound to the proof.
//!
//! **Method.** The Lagrangian bound is raised at the root while relaxed choices are repaired to feasible ones. Then the
//! search is run with cut-offs that rise from just above the bound: a low cut-off settles nearly everything by reduced
//! cost, and either finds a choice or raises the bound to the cut-off. Each time the program is cut down to what is
//! still open and its bound raised anew before the search begins. Where a low cut-off takes more nodes than it is
//! given, the linear relaxation is solved: its prices may raise the bound, and what it takes says where better choices
//! are. Then a run of as many nodes looks for something better than the best choice among what a middling cut-off
//! leaves open, and as much work again goes into looking near the best choice; the next runs may take twice as many
//! nodes. The last run has the best choice as its cut-off.
//!
//! **Why it is exact.** Each run proves that nothing below its cut-off is left out; see [`super::search`].

use super::ascent::{Effort, Raised, ascend};
use super::backend::{self, Answer};
use super::binary::Binary;
use super::blocks::INFINITE;
use super::domain::Domain;
use super::lagrangian::{Lagrangian, Multipliers};
use super::limits::Limits;
use super::linear;
use super::neighbourhood::Neighbourhoods;
use super::polish::polish;
use super::prepare::settle_needless;
use super::priced::priced_flow;
use super::repair::repair;
use super::search::{Incumbent, Search, fix, target};
use super::start::first_multipliers;
use crate::assignment::Backend;
use crate::error::Result;

/// Raising the bound at the root.
const AT_ROOT: Effort = Effort { iterations: 1500, patience: 8, step: 0.5, least_step: 5e-4 };
/// The same where nothing costs anything: any rise will do, and the average takes its time to show the way.
const WITHOUT_COSTS: Effort = Effort { iterations: 4000, patience: 40, step: 0.5, least_step: 2e-3 };
/// Raising it again after fixing.
const AFTER_FIXING: Effort = Effort { iterations: 300, patience: 8, step: 0.3, least_step: 1e-3 };
/// Nodes of the first search; after one that takes more, each may take twice as many.
const FIRST_NODES: u64 = 100;
/// Iterations between two attempts to repair the relaxed choice at the root.
const BETWEEN_REPAIRS: usize = 60;
/// What solving the relaxation is counted for, in looks at a variable for each term.
const WORK_OF_RELAXING: u64 = 500;
/// A gap that any choice closes.
const ANY_GAP: i64 = i64::MAX / 8;
/// Rounds of fixing and raising before a search.
const ROUNDS: usize = 4;

/// What became of a part.
#[derive(Debug)]
pub(super) struct Solved {
    pub(super) best: Option<Incumbent>,
    /// No choice costs less; [`INFINITE`] if there is none at all.
    pub(super) bound: i64,
    /// The bound that the multipliers alone prove.
    pub(super) root: i64,
    pub(super) multipliers: Multipliers,
    /// What the multipliers are scaled by.
    pub(super) scale: i64,
    /// Variables left open by fixing at the root of the last search.
    pub(super) open: usize,
}

impl Solved {
    /// Takes over what was found among what fixing left.
    fn accept(&mut self, program: &Binary, left: &Left, found: &Incumbent) {
        let mut taken: Vec<bool> = left.values.iter().map(|&value| value == Some(true)).collect();
        for (&at, &so) in left.origin.iter().zip(&found.taken) {
            taken[at as usize] = so;
        }
        if let Some(cost) = program.value(&taken) {
            self.best = Some(Incumbent { cost, taken });
        }
    }
}

/// The least integer cost that a scaled bound allows.
pub(super) fn rounded_up(value: i64, scale: i64) -> i64 {
    if value >= INFINITE / 2 {
        INFINITE
    } else {
        value.div_euclid(scale) + i64::from(value.rem_euclid(scale) > 0)
    }
}

/// The bound that multipliers give a part, and a choice of it if there is one; `known` is one to begin with.
///
/// # Errors
/// None of its own; see [`finish`].
pub(super) fn begin(
    program: &Binary,
    magnitude: i64,
    known: Option<Vec<bool>>,
    limits: &mut Limits<'_>,
) -> Result<Solved> {
    let mut dual = Lagrangian::new(program, magnitude);
    let scale = dual.scale;
    let mut domain = Domain::new(program);
    let known = known.map(|taken| polish(program, taken));
    let mut best = known.and_then(|taken| program.value(&taken).map(|cost| Incumbent { cost, taken }));
    let raised = raise_root(&mut dual, &mut domain, magnitude, limits, &mut best);
    let root = rounded_up(raised.value, scale);
    let open = program.variables();
    let mut solved = Solved { best, bound: root, root, multipliers: raised.multipliers, scale, open };
    // Nothing costs more than the magnitude.
    if solved.bound > magnitude {
        solved.bound = INFINITE;
        return Ok(solved);
    }
    limits.proved(solved.bound);
    if solved.best.is_none() && magnitude > 0 && !limits.stops() {
        // Perhaps there is none: costs only stand in the way of finding out.
        let part = limits.turn_to(None);
        let (bound, found) = any_choice(program, limits)?;
        limits.turn_to(part);
        if bound >= INFINITE {
            solved.bound = INFINITE;
            return Ok(solved);
        }
        let taken = found.map(|taken| polish(program, taken));
        solved.best = taken.and_then(|taken| program.value(&taken).map(|cost| Incumbent { cost, taken }));
    }
    if let Some(best) = &solved.best {
        limits.found(best.cost);
    }
    Ok(solved)
}

/// Goes on with a part until its bound and its best choice are within `gap`, or the limits stop it.
///
/// # Errors
/// What the backend says, if the rest is handed to one.
pub(super) fn finish(
    program: &Binary,
    magnitude: i64,
    gap: i64,
    rest: Option<Backend>,
    solved: &mut Solved,
    limits: &mut Limits<'_>,
) -> Result<()> {
    if solved.best.as_ref().is_some_and(|best| best.cost <= solved.bound.saturating_add(gap)) {
        solved.open = 0;
        return Ok(());
    }
    let mut dual = Lagrangian::new(program, magnitude);
    let ceiling = magnitude.saturating_add(1);
    let mut reach = solved.best.as_ref().map_or(1, |best| (best.cost - solved.root) / 16);
    reach = reach.max(solved.root.abs() / 4096).max(1);
    let mut nodes = FIRST_NODES;
    let mut around = Neighbourhoods::new();
    let mut guide = Guide::default();
    loop {
        let most = solved.best.as_ref().map_or(ceiling, |best| best.cost);
        let enough = solved.bound.saturating_add(gap);
        let good = solved.best.as_ref().is_some_and(|best| best.cost <= enough);
        if good || solved.bound >= most || limits.stops() {
            break;
        }
        let cut = if gap >= magnitude { most } else { solved.bound.saturating_add(reach).min(most) };
        let below = Below { fixing: cut, cut, enough, nodes };
        let before = limits.work;
        let mut ended = search_below(&mut dual, solved, below, rest, limits)?;
        let mut reached = cut;
        if !ended && cut < most && limits.stopped.is_none() {
            // Too much for these nodes: as many for something better than the best, where it most likely is.
            reach = (reach / 4).max(1);
            let searched = limits.work - before;
            if magnitude > 0 {
                guide.renew(&mut dual, solved, limits);
            }
            let before = limits.work;
            let enough = solved.bound.saturating_add(gap);
            let likely = |solved: &Solved| {
                let most = solved.best.as_ref().map_or(ceiling, |best| best.cost);
                (most, solved.bound.saturating_add((most - solved.bound) / 4).max(cut).min(most))
            };
            let (most, fixing) = likely(solved);
            let below = Below { fixing, cut: most, enough, nodes };
            ended = search_below(&mut dual, solved, below, rest, limits)?;
            reached = fixing;
            if !ended && !limits.stops() {
                let around = (&mut around, &guide, likely(solved).1);
                let work = searched + (limits.work - before);
                look_around(&mut dual, solved, around, (enough, work), limits);
            }
        } else {
            reach = reach.saturating_mul(2);
        }
        if !ended {
            nodes = nodes.saturating_mul(2);
            continue;
        }
        match &solved.best {
            // Found enough: nothing more was proven.
            Some(best) if best.cost <= enough && best.cost > solved.bound => break,
            Some(best) if best.cost < reached => solved.bound = best.cost,
            _ => solved.bound = reached,
        }
        limits.proved(solved.bound.min(magnitude));
        if solved.best.is_none() && solved.bound >= ceiling {
            solved.bound = INFINITE;
            break;
        }
    }
    Ok(())
}

/// A choice that keeps the firm rows, whatever it costs, and [`INFINITE`] if it is proven that there is none. What is
/// found on the way belongs to no part.
///
/// Where nothing costs anything, few are left to look at in programmes where most may stay unmatched, see
/// [`settle_needless`].
pub(super) fn any_choice(program: &Binary, limits: &mut Limits<'_>) -> Result<(i64, Option<Vec<bool>>)> {
    let free = program.without_costs();
    let mut domain = Domain::new(&free);
    if !domain.propagate_all(&free) {
        return Ok((INFINITE, None));
    }
    if !settle_needless(&free, &mut domain) {
        return Ok((INFINITE, None));
    }
    let rest = free.cut(domain.values(), |_| true);
    let mut taken: Vec<bool> = domain.values().iter().map(|&value| value == Some(true)).collect();
    let mut solved = begin(&rest, 0, None, limits)?;
    if solved.bound < INFINITE {
        finish(&rest, 0, ANY_GAP, None, &mut solved, limits)?;
    }
    let found = solved.best.map(|found| {
        for (&origin, &value) in rest.origin.iter().zip(&found.taken) {
            taken[origin as usize] = value;
        }
        taken
    });
    Ok((solved.bound, found))
}

/// Raises the bound of the whole part, looking for choices on the way.
fn raise_root(
    dual: &mut Lagrangian<'_>,
    domain: &mut Domain,
    magnitude: i64,
    limits: &mut Limits<'_>,
    best: &mut Option<Incumbent>,
) -> Raised {
    let program = dual.program;
    let scale = dual.scale;
    let ceiling = target(scale, magnitude.saturating_add(1));
    let effort = if magnitude == 0 { WITHOUT_COSTS } else { AT_ROOT };
    let mut multipliers = first_multipliers(dual, domain, limits.control());
    if magnitude > 0
        && let Some(priced) = priced_flow(dual, domain, best, limits)
    {
        let values = [&multipliers, &priced].map(|at| dual.evaluate(at, domain, false));
        if values[1] > values[0] {
            multipliers = priced;
        }
    }
    let mut guess: Option<i64> = None;
    let mut start = 0;
    let mut inner = domain.clone();
    let mut mend = |dual: &Lagrangian<'_>, best: &mut Option<Incumbent>| {
        if let Some(taken) = repair(program, &mut inner, &dual.chosen, |v| dual.reduced(v))
            && let Some(cost) = program.value(&taken)
            && best.as_ref().is_none_or(|best| cost < best.cost)
        {
            *best = Some(Incumbent { cost, taken });
            return Some(cost);
        }
        None
    };
    loop {
        let known = best.as_ref().map(|best| target(scale, best.cost));
        let aim = known.or(guess).unwrap_or(ceiling).min(ceiling);
        let mut tried = 0;
        let aim = match (known, guess) {
            (None, None) => {
                let value = dual.evaluate(&multipliers, domain, false);
                start = value;
                if value < INFINITE / 2 {
                    let found = mend(dual, best);
                    if limits.stops() || magnitude == 0 && found.is_some() {
                        return Raised { value, multipliers, iterations: 1 };
                    }
                }
                let guess = value.saturating_add((value.abs() / 8).max(scale * 16));
                best.as_ref().map_or(guess, |best| target(scale, best.cost)).min(ceiling)
            }
            _ => aim,
        };
        let raised = ascend(dual, domain, multipliers, aim, effort, |dual, iteration, value| {
            let stops = limits.stops_after(program.variables());
            let due = iteration >= tried + BETWEEN_REPAIRS || stops && best.is_none();
            if due && value < INFINITE / 2 {
                tried = iteration;
                limits.proved(rounded_up(value, scale));
                if let Some(cost) = mend(dual, best) {
                    limits.found(cost);
                }
            }
            !stops
        });
        limits.iterations += raised.iterations as u64;
        let done = raised.value >= ceiling || limits.stops();
        // Close to its aim the steps become too small to reach it.
        let near = aim - (aim - start) / 16;
        let far = |aim: i64| (aim - raised.value) / 128 > raised.value.abs() / 16384;
        if done || raised.value < near || known.is_some() {
            // An aim that was much too high made the steps too long at the end.
            let now = best.as_ref().map_or(aim, |best| target(scale, best.cost));
            if done || (aim - raised.value) / 2 < now - raised.value || !far(now) {
                if best.is_none() && dual.evaluate(&raised.multipliers, domain, false) < INFINITE / 2 {
                    mend(dual, best);
                }
                return raised;
            }
        }
        // The guess was reached: the optimum lies higher, and there may be none.
        let by = (aim - raised.value).max(raised.value.abs() / 8).max(scale * 16);
        guess = Some(raised.value.saturating_add(by.saturating_mul(2)));
        multipliers = raised.multipliers;
        start = raised.value;
    }
}

/// What the linear relaxation says of a part, solved anew now and then.
#[derive(Debug, Default)]
struct Guide {
    /// How much of each variable it takes.
    taken: Option<Vec<f64>>,
    /// The cost of the best choice at the time.
    best: Option<i64>,
    /// Not again before so much work.
    due: u64,
}

impl Guide {
    /// Solves the relaxation if there is something new to learn from it, and raises the bound from its prices.
    fn renew(&mut self, dual: &mut Lagrangian<'_>, solved: &mut Solved, limits: &mut Limits<'_>) {
        let best = solved.best.as_ref().map(|best| best.cost);
        let known = self.taken.is_some() && best == self.best;
        if limits.work < self.due || known || !linear::is_small_enough(dual.program) {
            return;
        }
        let cost = WORK_OF_RELAXING * linear::terms(dual.program) as u64;
        limits.work += cost;
        self.due = limits.work.saturating_add(3 * cost);
        let near = solved.best.as_ref().map(|best| best.taken.as_slice());
        let Some(relaxed) = linear::relax(dual, near, limits.control()) else { return };
        (self.taken, self.best) = (Some(relaxed.taken), best);
        // With nothing to aim at, somewhat above what is proven.
        let aim = best.unwrap_or_else(|| solved.root.saturating_add((solved.root.abs() / 8).max(16)));
        let aim = target(dual.scale, aim);
        let (domain, variables) = (Domain::new(dual.program), dual.program.variables());
        let go_on = |_: &mut Lagrangian<'_>, _, _| !limits.stops_after(variables);
        let raised = ascend(dual, &domain, relaxed.multipliers, aim, AFTER_FIXING, go_on);
        limits.iterations += raised.iterations as u64;
        let root = rounded_up(raised.value, dual.scale);
        if root > solved.root && raised.value < INFINITE {
            solved.root = root;
            solved.multipliers = raised.multipliers;
            solved.bound = solved.bound.max(root);
            limits.proved(solved.bound);
        }
    }
}

/// Looks for something better near the best choice, among what it leaves open.
fn look_around(
    dual: &mut Lagrangian<'_>,
    solved: &mut Solved,
    (around, guide, likely): (&mut Neighbourhoods, &Guide, i64),
    (enough, work): (i64, u64),
    limits: &mut Limits<'_>,
) {
    let Some(best) = &solved.best else { return };
    // Up to the best choice itself, which is where the looking begins.
    let aim = target(dual.scale, best.cost.saturating_add(1));
    let Some(left) = shrink(dual, &solved.multipliers, aim) else { return };
    let taken = left.origin.iter().map(|&v| best.taken[v as usize]).collect();
    let from = Incumbent { cost: best.cost, taken };
    let of_left = (&left.program, &left.multipliers);
    let toward: Option<Vec<f64>> =
        guide.taken.as_ref().map(|taken| left.origin.iter().map(|&v| taken[v as usize]).collect());
    let (from, toward) = (from, toward.as_deref());
    if let Some(found) = around.improve(of_left, dual.scale, (from, toward), likely, (enough, work), limits) {
        solved.accept(dual.program, &left, &found);
    }
}

/// What to search.
#[derive(Debug, Clone, Copy)]
struct Below {
    /// What cannot be part of a choice cheaper than this is settled before the search.
    fixing: i64,
    /// Choices below this are looked for; at least `fixing`.
    cut: i64,
    /// A choice that costs no more than this ends the search.
    enough: i64,
    nodes: u64,
}

/// Searches everything below `fixing`; false if stopped, or if so many nodes are not enough.
fn search_below(
    dual: &mut Lagrangian<'_>,
    solved: &mut Solved,
    below: Below,
    rest: Option<Backend>,
    limits: &mut Limits<'_>,
) -> Result<bool> {
    solved.open = 0;
    let Below { fixing, cut, enough, nodes } = below;
    let aim = target(dual.scale, fixing);
    let Some(mut left) = shrink(dual, &solved.multipliers, aim) else { return Ok(true) };
    for _ in 0..ROUNDS {
        let mut inner = Lagrangian::scaled(&left.program, dual.scale);
        let domain = Domain::new(&left.program);
        let go_on = |_: &mut Lagrangian<'_>, _, _| !limits.stops_after(left.program.variables());
        let raised = ascend(&mut inner, &domain, left.multipliers, aim, AFTER_FIXING, go_on);
        limits.iterations += raised.iterations as u64;
        if raised.value >= aim {
            return Ok(true);
        }
        if limits.stops() {
            return Ok(false);
        }
        let Some(smaller) = shrink(&mut inner, &raised.multipliers, aim) else { return Ok(true) };
        let before = left.program.variables();
        for (v, value) in smaller.values.iter().enumerate() {
            if value.is_some() {
                left.values[left.origin[v] as usize] = *value;
            }
        }
        let origin = smaller.program.origin.iter().map(|&v| left.origin[v as usize]).collect();
        left = Left { origin, values: left.values, ..smaller };
        if left.program.variables() * 8 > before * 7 {
            break;
        }
    }
    solved.open = left.program.variables();
    let (found, ended) = match rest {
        None => {
            let inner = Lagrangian::scaled(&left.program, dual.scale);
            let mut search = Search::new(inner, Domain::new(&left.program), limits, (cut, enough), nodes);
            let ended = search.run(left.multipliers.clone());
            (search.best.take(), ended)
        }
        Some(backend) => {
            if limits.stops() {
                return Ok(false);
            }
            limits.nodes += 1;
            let answer = backend::solve(&left.program, backend, Some(cut), limits.control())?;
            if matches!(answer, Answer::Feasible(_) | Answer::Unknown) {
                limits.ran_out_of_time();
            }
            match answer {
                Answer::Optimal(found) => (Some(found), true),
                Answer::Infeasible => (None, true),
                Answer::Feasible(found) => (Some(found), false),
                Answer::Unknown => (None, false),
            }
        }
    };
    if let Some(found) = found {
        limits.found(found.cost);
        solved.accept(dual.program, &left, &found);
    }
    Ok(ended)
}

/// What is left of a program after fixing.
struct Left {
    program: Binary,
    multipliers: Multipliers,
    /// Values of the variables of the program it was cut from.
    values: Vec<Option<bool>>,
    /// The variable of that program behind each of this one.
    origin: Vec<u32>,
}

/// What reduced costs leave open below a target, as a program of its own; `None` if nothing is.
fn shrink(dual: &mut Lagrangian<'_>, multipliers: &Multipliers, aim: i64) -> Option<Left> {
    let program = dual.program;
    let mut domain = Domain::new(program);
    if !domain.propagate_all(program) {
        return None;
    }
    let value = dual.evaluate(multipliers, &domain, true);
    if value >= aim || !fix(dual, &mut domain, value, aim) {
        return None;
    }
    let part = program.cut(domain.values(), |_| true);
    let multipliers = multipliers.of_part(program, &part);
    Some(Left { multipliers, values: domain.values().to_vec(), origin: part.origin.clone(), program: part })
}
