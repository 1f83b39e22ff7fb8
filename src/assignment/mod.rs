//! Exact assignment of participants to supporters: pure optimisation on integers and slices.
//!
//! This module knows no people. It takes a [`Problem`] of numbered participants, supporters, groups and pairs with
//! integer costs, and returns an [`Assignment`] that minimises the ladder of [`Rung`]s, each exactly before the next,
//! with a [`Certificate`] that [`verify`] checks without trusting the solver.
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
//! assert_eq!(assignment.supporter, [Some(other), Some(both_want)]);
//! assert_eq!(assignment.objective.quality, 45);
//! assert!(assignment.is_optimal() && assignment.verify(&problem).is_valid());
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! `problem`, `builder`, `ladder` and `tree` say what is asked, `options` and `choice` how; `row_reduction`, `flow`, `potentials` and `ties` are
//! the steps of the network flow over `network`, with `shortlist` for long rows, and `filling`, from the potentials of
//! `lift`, takes the place of the first two for participants for whom places are scarce; `ilp` is the same problem as an integer program; `solution`,
//! `certificate` and `verify` are what comes back.

mod builder;
mod certificate;
mod choice;
mod control;
mod filling;
mod flow;
mod ilp;
mod integer;
mod ladder;
mod lift;
mod network;
mod options;
mod potentials;
mod problem;
mod row_reduction;
mod shortlist;
mod solution;
mod solve;
mod ties;
mod tree;
mod verify;

pub use builder::{ProblemBuilder, Supporter};
pub use certificate::{Certificate, dual_value};
pub use control::{Control, OnProgress, Progress, Stage};
pub use ladder::{Rung, Rungs};
pub use options::{Algorithm, Backend, Options, TieBreak, Width};
pub use problem::Problem;
pub use solution::{AlgorithmUsed, Assignment, IntegerWidth, Proof, Statistics, Stop};
pub use solve::solve;
pub use verify::{Node, Verification, Violation, verify};
