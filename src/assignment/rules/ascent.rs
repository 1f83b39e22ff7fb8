//! Raising the Lagrangian bound: the volume algorithm on integer multipliers.
//!
//! **Method.** From the best multipliers so far a step is taken along the violation of a running average of the relaxed
//! choices; an improvement makes the new multipliers the best. The average damps the zigzag of plain subgradients; how
//! much a choice counts in it is what brings the average violation nearest to nothing, within limits. The
//! step is Polyak's, with the cut-off as the target: bounds at the cut-off are all that is wanted. Multipliers
//! are rounded to integers, so that every bound along the way is exact.
//!
//! **Time and space.** One evaluation of the dual function for each iteration.
//!
//! **References.** F. Barahona, R. Anbil, *The volume algorithm: producing primal solutions with a subgradient method*,
//! Mathematical Programming 87 (2000); B. T. Polyak, *Minimization of unsmooth functionals* (1969).

use super::binary::{FREE, NONE};
use super::blocks::INFINITE;
use super::domain::Domain;
use super::lagrangian::{Lagrangian, Multipliers};

/// How long to try.
#[derive(Debug, Clone, Copy)]
pub(super) struct Effort {
    pub(super) iterations: usize,
    /// Iterations without improvement after which the step is halved.
    pub(super) patience: usize,
    /// The first step, as a part of Polyak's.
    pub(super) step: f64,
    /// The step below which it is not worth while.
    pub(super) least_step: f64,
}

/// Multipliers and the bound they give.
#[derive(Debug, Clone)]
pub(super) struct Raised {
    pub(super) value: i64,
    pub(super) multipliers: Multipliers,
    pub(super) iterations: usize,
}

/// Raises the bound until it reaches `target`, nothing is gained any more, or `watch` (told the best bound after each
/// improvement and given the relaxed choice behind it) says stop.
pub(super) fn ascend(
    dual: &mut Lagrangian<'_>,
    domain: &Domain,
    start: Multipliers,
    target: i64,
    effort: Effort,
    mut watch: impl FnMut(&mut Lagrangian<'_>, usize, i64) -> bool,
) -> Raised {
    let mut best = start;
    let mut value = dual.evaluate(&best, domain, false);
    let mut iterations = 1;
    let mut volume = Volume::new(dual);
    volume.look(dual);
    volume.average.clone_from(&volume.now);
    blend_choice(dual, 1.0);
    let (mut step, mut idle) = (effort.step, 0);
    let mut at = best.clone();
    while value < target && value < INFINITE / 2 && iterations < effort.iterations && step > effort.least_step
    {
        let length = volume.direct(dual, domain, &best);
        if length < 1e-9 {
            break;
        }
        // Never so short that rounding stops it: a target may be less than one whole cost away.
        let ahead = (target - value).max(dual.scale / 4).max(1);
        let by = step * ahead as f64 * 1.05 / length;
        volume.go(dual, domain, &best, by, &mut at);
        let there = dual.evaluate(&at, domain, false);
        iterations += 1;
        if there >= INFINITE / 2 {
            return Raised { value: INFINITE, multipliers: at, iterations };
        }
        volume.look(dual);
        let along = volume.along(dual, domain, &at);
        let new = volume.share(dual, domain, &best);
        volume.blend(new);
        blend_choice(dual, new);
        if there > value {
            // A step that still gains along its own direction was too short.
            if along > 0.0 {
                step = (step * 1.1).min(2.0);
            }
            value = there;
            std::mem::swap(&mut best, &mut at);
            idle = 0;
        } else {
            idle += 1;
            if idle >= effort.patience {
                step *= 0.5;
                idle = 0;
            }
        }
        if !watch(dual, iterations, value) {
            break;
        }
    }
    Raised { value, multipliers: best, iterations }
}

/// What the last relaxed choice counts in the running average at least and at most.
const LEAST_NEW: f64 = 0.02;
const MOST_NEW: f64 = 0.1;

/// Takes the last relaxed choice into the average of the variables.
fn blend_choice(dual: &mut Lagrangian<'_>, new: f64) {
    for average in &mut dual.average {
        *average *= 1.0 - new;
    }
    for &v in &dual.chosen {
        dual.average[v as usize] += new;
    }
}

/// Sums of groups and relaxed rows: of the last relaxed choice and of the running average.
struct Volume {
    now: Vec<f64>,
    average: Vec<f64>,
    direction: Vec<f64>,
    groups: usize,
}

impl Volume {
    fn new(dual: &Lagrangian<'_>) -> Self {
        let groups = dual.program.groups();
        let size = groups + dual.program.rows();
        Self { now: vec![0.0; size], average: vec![0.0; size], direction: vec![0.0; size], groups }
    }

    /// Sums up the relaxed choice.
    fn look(&mut self, dual: &Lagrangian<'_>) {
        self.now.fill(0.0);
        for &v in &dual.chosen {
            let group = dual.program.group[v as usize];
            if group != NONE {
                self.now[group as usize] += 1.0;
            }
            for &(row, weight) in dual.relaxed_of(v as usize) {
                self.now[self.groups + row as usize] += weight as f64;
            }
        }
    }

    /// How much of the last choice to take into the average: as much as makes what it misses least.
    fn share(&self, dual: &Lagrangian<'_>, domain: &Domain, best: &Multipliers) -> f64 {
        let (mut toward, mut length) = (0.0, 0.0);
        let mut add = |old: f64, new: f64| {
            toward += old * (old - new);
            length += (old - new) * (old - new);
        };
        for group in (0..self.groups).filter(|&group| domain.open_in(group) > 0) {
            add(self.direction[group], f64::from(dual.program.need[group]) - self.now[group]);
        }
        for &row in &dual.structure.relaxed {
            let new = self.missed(dual, domain, best, &self.now, row as usize);
            add(self.direction[self.groups + row as usize], new);
        }
        if length > 0.0 { (toward / length).clamp(LEAST_NEW, MOST_NEW) } else { MOST_NEW }
    }

    fn blend(&mut self, new: f64) {
        for (average, now) in self.average.iter_mut().zip(&self.now) {
            *average += new * (now - *average);
        }
    }

    /// By how much a relaxed row's sum misses what it should be, as the dual sees it at these multipliers.
    fn missed(
        &self,
        dual: &Lagrangian<'_>,
        domain: &Domain,
        at: &Multipliers,
        sums: &[f64],
        row: usize,
    ) -> f64 {
        let (low, high) = dual.sides(row, domain);
        let sum = sums[self.groups + row];
        let (over, under) = (sum - high as f64, sum - low as f64);
        match at.row[row] {
            1.. => over,
            0 if high != FREE && over > 0.0 => over,
            0 if low != -FREE && under < 0.0 => under,
            0 => 0.0,
            _ => under,
        }
    }

    /// Sets the direction from the average; its squared length.
    fn direct(&mut self, dual: &Lagrangian<'_>, domain: &Domain, best: &Multipliers) -> f64 {
        let mut length = 0.0;
        for group in 0..self.groups {
            let need = f64::from(dual.program.need[group]);
            let d = if domain.open_in(group) == 0 { 0.0 } else { need - self.average[group] };
            self.direction[group] = d;
            length += d * d;
        }
        for &row in &dual.structure.relaxed {
            let d = self.missed(dual, domain, best, &self.average, row as usize);
            self.direction[self.groups + row as usize] = d;
            length += d * d;
        }
        length
    }

    /// How the last relaxed choice's violation points along the direction.
    fn along(&self, dual: &Lagrangian<'_>, domain: &Domain, at: &Multipliers) -> f64 {
        let missed = |group: usize| f64::from(dual.program.need[group]) - self.now[group];
        let groups = (0..self.groups).map(|group| self.direction[group] * missed(group));
        let rows = dual.structure.relaxed.iter().map(|&row| {
            self.direction[self.groups + row as usize]
                * self.missed(dual, domain, at, &self.now, row as usize)
        });
        groups.sum::<f64>() + rows.sum::<f64>()
    }

    fn go(&self, dual: &Lagrangian<'_>, domain: &Domain, from: &Multipliers, by: f64, to: &mut Multipliers) {
        const LIMIT: f64 = (1_i64 << 60) as f64;
        let step = |d: f64| (by * d).round().clamp(-LIMIT, LIMIT) as i64;
        for group in 0..self.groups {
            to.group[group] = dual.of_group(from.group[group] + step(self.direction[group]));
        }
        for &row in &dual.structure.relaxed {
            let row = row as usize;
            to.row[row] = dual.of_sides(
                row,
                dual.sides(row, domain),
                from.row[row] + step(self.direction[self.groups + row]),
            );
        }
    }
}
