//! Exact assignment of participants to supporters: pure optimisation on integers and slices.
//!
//! This module knows no people. It takes a [`Problem`] of numbered participants, supporters, groups and pairs with
//! integer costs, and returns an [`Assignment`] that minimises the ladder of [`Rung`]s, each exactly before the next,
//! with a [`Certificate`] that [`verify`] checks without trusting the solver. Participants may have several places,
//! supporters and groups firm minimums; where those cannot all be met the solve is an error with a [`HallViolator`] that can
//! be counted. [`Fairness`] puts the worst-off before the sum.
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
//! `problem`, `builder`, `ladder` and `tree` say what is asked, `options` and `choice` how; `row_reduction`, `flow`,
//! `potentials` and `ties` are the steps of the network flow over `network`, with `shortlist` for long rows; `filling`
//! takes the place of the first two where places are scarce, `auction` that of all of them where each supporter has one
//! place and both sides are about as many; `general` holds the problem as an explicit graph, several places for a
//! participant included, and `ilp` as an integer program; `baseline` holds simple ways to match that an optimum is
//! compared with; `solution`, `matches`, `certificate` and `verify` are what comes back, `fairness` what worst-off
//! first means and how it is proven, `infeasible` what comes back where firm minimums clash. `control` watches, stops and times a solve, `completion` fills what a
//! stopped one left; `components` solves parts at the same time; `warm_start` and `refill` go on from an earlier
//! solution; `pair_source` and `implicit` solve over more pairs than can be held.

mod auction;
mod baseline;
mod builder;
mod certificate;
mod choice;
mod completion;
mod components;
mod control;
mod fairness;
mod filling;
mod flow;
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
mod potentials;
mod problem;
mod refill;
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
