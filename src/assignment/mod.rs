//! Exact assignment of participants to supporters: pure optimisation on integers and slices.
//!
//! This module knows no people. It takes a [`Problem`] of numbered participants, supporters, groups and pairs with
//! integer costs, and returns an [`Assignment`] that minimises the ladder of [`Rung`]s, each exactly before the next,
//! with a [`Certificate`] that [`verify`] checks without trusting the solver. Participants may have several places,
//! supporters and groups firm minimums; where those cannot all be met the solve is an error with a [`HallViolator`]
//! that can be counted. [`Fairness`] puts the worst-off before the sum.
//!
//! ```
//! use peermatch::assignment::{Control, Options, Problem, Supporter, solve};
//!
//! let mut builder = Problem::builder(2);
//! let both_want = builder.supporter(Supporter::new(1));
//! let other = builder.supporter(Supporter::new(1));
//! builder.served_weights(vec![1, 1]);
//! builder.pair(0, both_want, 10).pair(0, other, 30).pair(1, both_want, 15);
//! let problem = builder.build()?;
//!
//! let assignment = solve(&problem, &Options::new(), &Control::new())?;
//! assert_eq!((assignment.supporter_of(0), assignment.supporter_of(1)), (Some(other), Some(both_want)));
//! assert_eq!(assignment.objective.quality, 45);
//! assert!(assignment.is_optimal() && assignment.verify(&problem).is_valid());
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! # What things cost
//!
//! Lower is better throughout, and the [`Rung`]s are minimised one after another:
//!
//! 1. **required**: matches missing below firm minimums; 0, or the solve is an error.
//! 2. **served**: the [`served_weights`](ProblemBuilder::served_weights) of those left unmatched. Weights say who comes
//!    first where places are short: with 3 for the urgent and 1 for the others, as many of the urgent as possible are
//!    matched, then as many of the others; no number of others outweighs an urgent one, whatever the numbers are.
//! 3. **quality**: costs of pairs and loads, and [`unmatched_costs`](ProblemBuilder::unmatched_costs).
//! 4. **change**: standing matches that end.
//! 5. **balance**: the second prices of loads.
//!
//! Weights and unmatched costs are 0 unless stated. **With positive pair costs and neither of them the best assignment
//! matches nobody**: state served weights to match as many as possible at whatever cost, unmatched costs to match who
//! is worth it, or make costs negative (gains).
//!
//! Inside, the rungs are packed into one integer under [`Problem::scales`]: one unit of a rung is worth more than
//! everything below it can gain or lose. Potentials, bounds and gaps are in such packed units;
//! [`Assignment::gap_by_rung`] translates a gap back.
//!
//! # Algorithms, baselines, time limits
//!
//! Left alone, the library chooses the algorithm and [`Statistics::algorithm_reason`] says why; [`Options`] force one.
//! A [`Control`] watches, cancels and limits the time; what was stopped comes back with its gap, feasible
//! but for firm minimums that were not met yet.
//!
//! ```
//! # use peermatch::assignment::{Algorithm, Baseline, Control, Options, Problem, Stop, Supporter, solve};
//! # use std::time::Duration;
//! # let mut builder = Problem::builder(2);
//! # let both_want = builder.supporter(Supporter::new(1));
//! # let other = builder.supporter(Supporter::new(1));
//! # builder.served_weights(vec![1, 1]);
//! # builder.pair(0, both_want, 10).pair(0, other, 30).pair(1, both_want, 15);
//! # let problem = builder.build()?;
//! let by = |algorithm| solve(&problem, &Options::new().algorithm(algorithm), &Control::new());
//! assert_eq!(by(Algorithm::NetworkSimplex)?.objective.quality, 45);
//! // First come first served leaves the second with nothing.
//! let simple = by(Algorithm::Baseline(Baseline::FirstComeFirstServed))?;
//! assert_eq!((simple.matched(), simple.objective.served), (1, 1));
//!
//! let stopped = solve(&problem, &Options::new(), &Control::new().time_limit(Duration::ZERO))?;
//! assert_eq!(stopped.stop, Stop::TimeLimit);
//! assert!(stopped.gap() >= Some(0) && stopped.verify(&problem).is_valid());
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! # Several places, firm minimums that clash, worst-off first
//!
//! ```
//! use peermatch::assignment::{Control, Fairness, Options, Problem, Supporter, solve};
//!
//! // Participant 0 wants two supporters, a primary and a backup.
//! let mut builder = Problem::builder(2);
//! let (near, far) = (builder.supporter(Supporter::new(2)), builder.supporter(Supporter::new(2)));
//! builder.served_weights(vec![1, 1]).places(0, 2);
//! builder.pair(0, near, 1).pair(0, far, 4).pair(1, near, 2);
//! let both = solve(&builder.build()?, &Options::new(), &Control::new())?;
//! assert_eq!(both.supporters_of(0), [near, far]);
//!
//! // 0 + 9 is the least sum; worst-off first would rather have nobody pay more than 6.
//! let mut builder = Problem::builder(2);
//! let (one, other) = (builder.supporter(Supporter::new(1)), builder.supporter(Supporter::new(1)));
//! builder.served_weights(vec![1, 1]);
//! builder.pair(0, one, 0).pair(0, other, 5).pair(1, one, 6).pair(1, other, 9);
//! let costs = |fairness| {
//!     let problem = builder.clone().fairness(fairness).clone().build()?;
//!     let assignment = solve(&problem, &Options::new(), &Control::new())?;
//!     let cost = |p| assignment.supporter_of(p).and_then(|supporter| problem.pair_cost(p, supporter));
//!     Ok::<_, peermatch::Error>([cost(0), cost(1)])
//! };
//! assert_eq!(costs(Fairness::Total)?, [Some(0), Some(9)]);
//! assert_eq!(costs(Fairness::WorstOffFirst)?, [Some(5), Some(6)]);
//!
//! // Only participant 0 can go to the far one, so it cannot have two.
//! let mut firm = Problem::builder(2);
//! let far = firm.supporter(Supporter::new(2).minimum(2));
//! firm.pair(0, far, 4);
//! let clash = solve(&firm.build()?, &Options::new(), &Control::new()).unwrap_err();
//! let violator = clash.hall_violator().expect("who clashes is named");
//! assert_eq!((violator.required, violator.available), (2, 1));
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! # From an earlier solution
//!
//! ```
//! use peermatch::assignment::{Control, Options, Problem, Supporter, WarmStart, solve, solve_from};
//!
//! let build = |cost| {
//!     let mut builder = Problem::builder(1);
//!     for _ in 0..2 {
//!         builder.supporter(Supporter::new(1));
//!     }
//!     builder.served_weights(vec![1]);
//!     builder.pair(0, 0, cost).pair(0, 1, 5);
//!     builder.build()
//! };
//! let earlier = solve(&build(3)?, &Options::new(), &Control::new())?;
//! let start = WarmStart::of(&earlier);
//! let later = solve_from(&build(7)?, &start, &Options::new(), &Control::new())?;
//! assert_eq!((earlier.supporter_of(0), later.supporter_of(0)), (Some(0), Some(1)));
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! # Kept optimal under change
//!
//! [`LiveAssignment`] holds a problem and its optimum, takes [`Edit`]s, and repairs the optimum in microseconds, with
//! as few people moved as that allows. What is exact and what is refused:
//!
//! | under change | |
//! |---|---|
//! | pairs, pins, people, places with prices, firm minimums, nested groups, all rungs of the ladder | exact |
//! | [`alternates`](LiveAssignment::alternates), [prices of places](LiveAssignment::price_of_place), [what a choice costs everybody else](LiveAssignment::openings), [`frontier`](LiveAssignment::frontier), [drills](LiveAssignment::drill) | exact |
//! | a repair that is not the optimum, [held](LiveAssignment::hold) | exact under what is held |
//! | fewest people moved | exact for one unit out of place, for each in turn where there are several |
//! | several places for a participant, worst-off first, [`rules`] | refused: solve anew |
//!
//! ```
//! use peermatch::assignment::{Edit, LiveAssignment, Problem, Supporter};
//!
//! let mut builder = Problem::builder(2);
//! let (near, far) = (builder.supporter(Supporter::new(1)), builder.supporter(Supporter::new(1)));
//! builder.served_weights(vec![1, 1]);
//! builder.pair(0, near, 1).pair(0, far, 9).pair(1, near, 2).pair(1, far, 3);
//! let mut live = LiveAssignment::solve(&builder.build()?)?;
//! assert_eq!((live.supporter_of(0), live.supporter_of(1)), (Some(near), Some(far)));
//!
//! // If that match failed: what is best with nobody else moved, and what with one.
//! let frontier = live.frontier(0, 1)?;
//! assert_eq!(frontier.iter().map(|repair| repair.displaced).collect::<Vec<_>>(), [0, 1]);
//! let before = serde_json::to_string(&live).expect("a state is plain data");
//! live.begin();
//! live.apply(&[Edit::Forbid { participant: 0, supporter: near }])?;
//! assert_eq!((live.supporter_of(0), live.supporter_of(1)), (Some(far), Some(near)));
//! live.roll_back();
//! assert_eq!(serde_json::to_string(&live).expect("a state is plain data"), before);
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! # More pairs than can be held
//!
//! [`solve_implicit`] asks a [`PairSource`] for the pairs that matter and proves the optimum over all of them. A source
//! only has to know what a pair costs; one that knows bounds on many pairs at a time overrides
//! [`cheapest`](PairSource::cheapest) and leaves most of them unscored.
//!
//! ```
//! use peermatch::assignment::{
//!     Control, Options, PairSource, Problem, Supporter, solve_implicit, verify_implicit,
//! };
//!
//! /// Everyone stands on a line; a pair costs its distance.
//! struct Line;
//!
//! impl PairSource for Line {
//!     fn cost_range(&self) -> (i64, i64) {
//!         (0, 100)
//!     }
//!     fn cost(&self, participant: u32, supporter: u32) -> Option<i64> {
//!         Some((i64::from(participant) * 2 - i64::from(supporter) * 3).abs())
//!     }
//! }
//!
//! let mut builder = Problem::builder(30);
//! for _ in 0..20 {
//!     builder.supporter(Supporter::new(2));
//! }
//! builder.served_weights(vec![1; 30]);
//! let problem = builder.build()?;
//! let found = solve_implicit(&problem, &Line, &Options::new(), &Control::new())?;
//! assert!(found.assignment.is_optimal() && found.problem.pairs() < 30 * 20);
//! assert!(verify_implicit(&problem, &Line, &found).proven_optimal);
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! Where such a market changes, [`LiveMarket`] keeps its optimum as [`LiveAssignment`] does: it holds a few pairs of
//! each participant and asks its source, a [`LivePairs`], for single rows and columns when prices move further than the
//! pairs it holds can tell. Changes, undoing, drills, alternates, the frontier, repairs that are held and snapshots are
//! exact over all pairs; prices of places are not offered.
//!
//! # Rules that no network holds
//!
//! [`rules`] is the same optimisation under hours, quotas, together or apart, open or not.

mod auction;
mod baseline;
mod builder;
mod caseloads;
mod certificate;
mod choice;
mod column_reduction;
mod columns;
mod completion;
mod components;
mod control;
mod costs;
mod each;
mod extent;
mod fairness;
mod faults;
mod filling;
mod flow;
mod gap;
mod general;
mod ilp;
mod implicit;
mod infeasible;
mod integer;
mod ladder;
mod lift;
mod live;
mod matches;
mod network;
mod options;
mod pair_source;
mod places;
mod potentials;
mod pricing;
mod problem;
mod random;
mod row_reduction;
pub mod rules;
mod shortlist;
mod solution;
mod solve;
mod stages;
mod ties;
mod tree;
mod verify;
mod violation;
mod warm_start;

pub use baseline::{Baseline, BlockingPair, blocking_pairs};
pub use builder::{ProblemBuilder, Supporter};
pub use certificate::{Certificate, dual_value};
pub use control::{Control, OnProgress, Progress, Stage, StageTime};
pub use costs::Costs;
pub use fairness::{Fairness, FairnessProof, Goal, Round};
pub use implicit::{ImplicitAssignment, solve_implicit, verify_implicit};
pub use infeasible::{Clash, HallViolator};
pub use ladder::{Rung, Rungs};
pub use live::{
    Alternate, Arrival, Edit, Effect, Held, LiveAssignment, LiveMarket, LivePairs, MarketEdit, MarketHeld,
    MarketOutcome, Openings, Outcome, Repair, RowWanted, Work,
};
pub use matches::Matches;
pub use options::{Algorithm, Backend, Options, TieBreak, Width};
pub use pair_source::{PairSource, Pairs};
pub use problem::Problem;
pub use solution::{AlgorithmUsed, Assignment, IntegerWidth, Pricing, Proof, Statistics, Stop};
pub use solve::{solve, solve_from};
pub use verify::verify;
pub use violation::{Node, Verification, Violation};
pub use warm_start::WarmStart;
