//! The implicit market: an optimum over all pairs of a [`PairSource`] without holding them.
//!
//! **Problem.** Every participant could take nearly every supporter, which is more pairs than memory holds; nearly all
//! of them are in no good assignment.
//!
//! **Method.** Hold the cheapest pairs of each participant and solve over these. The potentials of that optimum price
//! every other pair: one that costs less than its participant pays, `cost + potential < paid`, may improve the
//! assignment and is added; then the problem is solved again from where it stood. When no pair is left to add, the
//! potentials prove the assignment optimal over all pairs. Column generation, in the language of linear programming,
//! with columns that are single pairs.
//!
//! **Why it is exact.** The published potentials are valid on the held pairs (they are a certificate) and, once nothing
//! is left to add, on all others: complementary slackness over all pairs. The scales of the ladder come from bounds on
//! all pairs, not from the held ones, so a packed cost means the same throughout. Prices are given to the source in
//! whole quality costs, rounded so that no pair is missed; whether a pair improves is decided on packed integers.
//!
//! **Ties.** Under [`TieBreak::FirstInOrder`] pairs that tie (whose reduced cost is zero) are held too, so that the
//! answer is the first in order over all pairs: the same assignment, with the same certificate, as if all pairs were
//! held. Where costs are few and coarse that can be most of the pairs; [`TieBreak::Unspecified`] holds none of them.
//!
//! **Firm minimums.** They are the first rung of the ladder, so pairs that help to meet them are priced like all
//! others. Where they are missed when no pair is left to add, the set of participants and supporters that clash over
//! the held pairs is asked about once more: every pair that leads into it is added, until the set clashes over all
//! pairs.
//!
//! **Stopped early.** After each pass a bound over all pairs is known: the objective less, for each participant, what
//! its best pair that is not held would save (Lagrangian bound). A solve that is stopped returns the best assignment so
//! far with the best of those bounds.
//!
//! **Time and space.** Each round is a pass of the source over what may have changed ([`super::pricing`]) and one solve
//! from the last optimum. O(held pairs) space. A round adds a few pairs for each participant at most, so it ends, in
//! practice after a few rounds.
//!
//! **When it is the wrong choice.** When the pairs fit into memory: reading them all is faster than pricing them.
//!
//! **References.** M. E. Lübbecke, J. Desrosiers, "Selected topics in column generation", Operations Research 53
//! (2005); A. Volgenant, "Linear and semi-assignment problems: a core oriented approach", Computers & Operations
//! Research 23 (1996).

use std::iter::repeat;
use std::sync::Arc;

use rayon::prelude::*;

use super::control::{Control, Course, Stage};
use super::fairness::Fairness;
use super::infeasible;
use super::options::{Algorithm, Options, TieBreak};
use super::pair_source::PairSource;
use super::pricing::{Candidate, Market};
use super::problem::Problem;
use super::solution::{Assignment, Pricing, Proof, Stop};
use super::solve::{find, pins_only};
use super::verify::verify;
use super::violation::{Verification, Violation};
use super::warm_start::WarmStart;
use crate::error::{Error, Result};

/// What [`solve_implicit`] returns.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct ImplicitAssignment {
    /// The assignment. Its bound holds over all pairs of the source, so it is optimal over all of them where
    /// [`Assignment::is_optimal`] says so; its certificate proves it over the held pairs, and [`verify_implicit`] over
    /// the rest.
    pub assignment: Assignment,
    /// The problem with the pairs that were held.
    pub problem: Problem,
    /// What that took; the statistics of the assignment say it too. Passes are calls of [`PairSource::cheapest`],
    /// scored are the pairs that the source says it scored.
    pub pricing: Pricing,
}

/// Finds an assignment of least cost over all pairs of the source, rung by rung, with its proof.
///
/// `problem` says everything but the pairs; those it has are held from the start and must be the source's. If `control`
/// stops the solve, the result is the best assignment so far, with a bound over all pairs; a pass of the source is not
/// interrupted, and the first one is always made.
///
/// # Errors
/// Those of [`solve`](super::solve()), infeasible firm minimums included: the [`HallViolator`](super::HallViolator)
/// then counts all pairs of the source, not only the held ones. [`Error::is_problem`] if the source answers with
/// supporters that do not exist, costs outside its range, or different costs for one pair; [`Error::is_overflow`] if
/// the ladder over the range of its costs does not fit 128 bits, or prices 62; [`Error::is_solver`] if an integer
/// program, a baseline or worst-off first was asked for, which have no potentials to price with.
pub fn solve_implicit(
    problem: &Problem,
    source: &dyn PairSource,
    options: &Options,
    control: &Control<'_>,
) -> Result<ImplicitAssignment> {
    if let Algorithm::Ilp(_) | Algorithm::Baseline(_) = options.algorithm {
        return Err(Error::solver(
            "an implicit market is priced by potentials, which an integer program or a baseline does not have; use a \
             flow algorithm",
        ));
    }
    if problem.fairness() == Fairness::WorstOffFirst {
        return Err(Error::solver(
            "an implicit market is priced by one set of potentials, which worst-off first does not have; hold all pairs \
             and use solve()",
        ));
    }
    let mut market = Market::open(problem, source)?;
    let ties = options.tie_break == TieBreak::FirstInOrder;
    let mut bound = market.first_bound().ok_or_else(overflow)?;
    let nobody = market.held.objective(&pins_only(&market.held)).ok_or_else(overflow)?;
    let packed = nobody.packed(&market.held.scales).ok_or_else(overflow)?;
    let course = Course::new(packed.checked_sub(bound));
    let control = &control.during(&course);
    let mut assignment = find(&market.held, None, options, &control.over_some_pairs())?;
    let mut rounds = 1;
    // Whether the assignment is optimal over all pairs.
    let mut optimal = false;
    while assignment.stop == Stop::Completed {
        let Proof::Potentials(certificate) = &assignment.proof else { break };
        let priced = market.price(certificate, ties)?;
        bound = bound.max(certificate.dual.checked_sub(priced.shortfall).ok_or_else(overflow)?);
        optimal = priced.shortfall == 0;
        let missed = assignment.objective.required > 0;
        // Pairs that only tie do not move the potentials; they leave the tie-break to be done again.
        let last = optimal && !priced.more && !missed;
        if priced.improves {
            market.add(priced.added)?;
        } else if missed {
            // It is over the held pairs that they clash; who else has a pair that leads there?
            let clash = infeasible::error(&market.held, &assignment.matches);
            let Some(violator) = clash.hall_violator() else { return Err(clash) };
            let more = market.pairs_into(violator)?;
            if more.is_empty() {
                return Err(clash);
            }
            market.add(more)?;
        } else {
            break;
        }
        if let Some(gap) = assignment.packed.checked_sub(bound) {
            control.leaves(gap);
        }
        if control.stops(Stage::Pricing, rounds as usize, rounds as usize + 1) {
            assignment.stop = control.reason();
            break;
        }
        let start = WarmStart::of(&assignment);
        let again = find(&market.held, Some(&start), options, &control.over_some_pairs())?;
        rounds += 1;
        let proven = matches!(again.proof, Proof::Potentials(_));
        if proven || again.packed < assignment.packed {
            assignment = again;
        } else {
            assignment.stop = again.stop;
        }
        if last {
            break;
        }
        optimal &= proven;
    }
    if !optimal {
        assignment.bound = bound.min(assignment.packed);
        assignment.proof = Proof::Bound;
    }
    let Market { held, passes, scored, .. } = market;
    let pricing = Pricing { rounds, passes, scored };
    assignment.statistics.pricing = Some(pricing);
    Ok(ImplicitAssignment { assignment, problem: held, pricing })
}

/// Checks an assignment and its proof over all pairs of the source; never panics as long as the source does not.
///
/// Held pairs must be the source's, the assignment must verify over them as in [`verify`](super::verify()), and no
/// other pair may cost less than its participant pays. One pass of the source, and one question for each held pair. The
/// source is believed: pairs that its `cheapest` leaves out, although they cost less, are not missed.
pub fn verify_implicit(
    problem: &Problem,
    source: &dyn PairSource,
    found: &ImplicitAssignment,
) -> Verification {
    let held = &found.problem;
    let rows = (held.offsets.clone(), Arc::clone(&held.pair_supporters), held.pair_costs.clone());
    let fail = |violation| Verification { violations: vec![violation], proven_optimal: false };
    let stated = held.offsets.len();
    let expected = problem.participants() as usize + 1;
    if stated != expected {
        return fail(Violation::Length { list: "the list of held rows".to_owned(), stated, expected });
    }
    let range = source.cost_range();
    let within = held.pair_supporters.iter().all(|&supporter| supporter < problem.supporters());
    let Some(held) = problem.with_rows(rows, range).filter(|_| within) else {
        return fail(Violation::Overflow { what: "the ladder over all pairs".to_owned() });
    };
    let mut check = verify(&held, &found.assignment);
    let wrong = |participant: u32| {
        let supporters = held.row_parts(participant as usize).0;
        let actual = source.costs(participant, supporters).into_iter().chain(repeat(None));
        let rows = held.row(participant).zip(actual);
        let wrong = rows.filter(|&((_, stated), actual)| actual != Some(stated));
        let wrong = wrong.map(|((supporter, stated), actual)| Violation::PairCost {
            participant,
            supporter,
            stated,
            actual,
        });
        wrong.collect::<Vec<_>>()
    };
    check.violations.par_extend((0..held.participants()).into_par_iter().flat_map_iter(wrong));
    if let Proof::Potentials(certificate) = &found.assignment.proof
        && check.violations.is_empty()
    {
        let mut market = Market::holding(held, source, range);
        match market.price(certificate, false) {
            Ok(priced) => check.violations.extend(
                priced.added.into_iter().filter(|pair| pair.reduced < 0).map(|pair| {
                    let Candidate { participant, supporter, reduced, .. } = pair;
                    Violation::PairMissed { participant, supporter, reduced }
                }),
            ),
            Err(error) => check.violations.push(Violation::Overflow { what: error.to_string() }),
        }
    }
    check.proven_optimal &= check.violations.is_empty();
    check
}

pub(super) fn overflow() -> Error {
    Error::overflow("the bound over all pairs does not fit 128 bits; use smaller costs")
}
