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
//! let mut builder = Problem::builder(2);
//! let (near, far) = (builder.supporter(Supporter::new(2)), builder.supporter(Supporter::new(2)));
//! // Participant 0 wants two supporters, a primary and a backup.
//! builder.served_weights(vec![1, 1]).places(0, 2);
//! builder.pair(0, near, 1).pair(0, far, 4).pair(1, near, 2);
//! // The most anyone pays is made as small as can be before the sum is looked at.
//! builder.fairness(Fairness::WorstOffFirst);
//! let fair = solve(&builder.clone().build()?, &Options::new(), &Control::new())?;
//! assert_eq!(fair.supporters_of(0), [near, far]);
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
//! # More pairs than can be held
//!
//! [`solve_implicit`] asks a [`PairSource`] for the pairs that matter and proves the optimum over all of them.
//!
//! ```
//! use peermatch::assignment::{
//!     Control, Options, PairSource, Pairs, Problem, Supporter, solve_implicit, verify_implicit,
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
//!     fn cheapest(&self, prices: &[i64], limits: &[i64], most: usize) -> Pairs {
//!         let mut pairs = Pairs::new();
//!         for (participant, &limit) in (0..).zip(limits) {
//!             let open = (0..).zip(prices).filter(|&(_, &price)| price != Pairs::CLOSED);
//!             let mut row: Vec<(i64, u32, i64)> = open
//!                 .filter_map(|(supporter, &price)| {
//!                     let cost = self.cost(participant, supporter)?;
//!                     (cost + price < limit).then_some((cost + price, supporter, cost))
//!                 })
//!                 .collect();
//!             row.sort_unstable();
//!             row.truncate(most);
//!             pairs.push_row(row.into_iter().map(|(_, supporter, cost)| (supporter, cost)));
//!         }
//!         pairs
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
//! # Where things are
//!
//! `problem`, `each`, `builder`, `ladder` and `tree` say what is asked, `options` and `choice` how; `row_reduction`,
//! `flow`, `potentials` and `ties` are the steps of the network flow over `network` and `caseloads`, with `shortlist`
//! for long rows; `column_reduction` and `filling` over `columns` take the place of the first two where places are
//! scarce, `auction` that of all of them where each supporter has one place and both sides are about as many; `general`
//! holds the problem as an explicit graph, several places for a participant included, and `ilp` as an integer program;
//! `baseline` holds simple ways to match that an optimum is compared with; `solution`, `matches`, `certificate` and
//! `verify` are what comes back, `fairness` what worst-off first means and how it is proven, `infeasible` what comes
//! back where firm minimums clash. `control` watches, stops and times a solve, `gap` knows how far it is from the best,
//! `completion` fills what a stopped one left, as `places` counts; `components` solves parts at the same time;
//! `warm_start` goes on from an earlier solution; `pair_source` and `implicit` solve over more pairs than can be held,
//! which `pricing` finds.

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
mod each;
mod fairness;
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
mod matches;
mod network;
mod options;
mod pair_source;
mod places;
mod potentials;
mod pricing;
mod problem;
mod row_reduction;
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
pub use fairness::{Fairness, FairnessProof, Goal, Round};
pub use implicit::{ImplicitAssignment, solve_implicit, verify_implicit};
pub use infeasible::{Clash, HallViolator};
pub use ladder::{Rung, Rungs};
pub use matches::Matches;
pub use options::{Algorithm, Backend, Options, TieBreak, Width};
pub use pair_source::{PairSource, Pairs};
pub use problem::Problem;
pub use solution::{AlgorithmUsed, Assignment, IntegerWidth, Pricing, Proof, Statistics, Stop};
pub use solve::{solve, solve_from};
pub use verify::verify;
pub use violation::{Node, Verification, Violation};
pub use warm_start::WarmStart;
