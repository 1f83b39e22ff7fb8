//! Assignment under rules that no network holds: hours, quotas and shares, together or apart, open or not.
//!
//! A [`RuleProblem`] is a [`Problem`](super::Problem) with named [`Rule`]s: linear rows over pairs, unmatched
//! participants and auxiliary yes-or-no variables, firm or at a price. [`solve_rules`] finds a matching of least cost
//! that keeps the firm ones, with a proven bound; [`explain_clash`] says which firm rules cannot hold together.
//!
//! ```
//! use peermatch::assignment::rules::{RuleOptions, RuleProblem, hours, placed, solve_rules};
//! use peermatch::assignment::{Control, Problem, Supporter};
//!
//! let mut builder = Problem::builder(3);
//! let near = builder.supporter(Supporter::new(3));
//! let far = builder.supporter(Supporter::new(3));
//! for participant in 0..3 {
//!     builder.pair(participant, near, 1).pair(participant, far, 5);
//! }
//! let mut ruled = RuleProblem::builder(builder.build()?);
//! let needs = [2, 3, 2];
//! let rule = hours(ruled.problem(), "four hours a week", &[near], 4, |participant, _| needs[participant as usize]);
//! ruled.rule(rule);
//! for participant in 0..3 {
//!     ruled.rule(placed(format!("participant {participant} is placed"), participant));
//! }
//! let ruled = ruled.build()?;
//!
//! let solution = solve_rules(&ruled, &RuleOptions::new(), &Control::new())?;
//! let matching = solution.matching.as_ref().expect("these rules can be kept");
//! assert_eq!(matching.matches, vec![Some(near), Some(far), Some(near)].into());
//! assert!(solution.is_optimal() && matching.rules[0].binds && solution.verify(&ruled).is_valid());
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! `rule`, `kinds` and `problem` say what is asked, `options` how; `objective`, `binary` and `prepare` make a 0/1
//! program of it; `domain` propagates, `blocks` and `lagrangian` give bounds, `start` and `ascent` raise them,
//! `repair`, `polish` and `neighbourhood` find matchings, `search` and `part` prove; `backend` is the way to `good_lp`;
//! `clash` explains; `solution` and `verify` are what comes back.

mod ascent;
mod backend;
mod binary;
mod blocks;
mod clash;
mod domain;
mod kinds;
mod lagrangian;
mod limits;
mod linear;
mod neighbourhood;
mod objective;
mod options;
mod part;
mod polish;
mod prepare;
mod priced;
mod problem;
mod repair;
mod rule;
mod search;
mod solution;
mod solve;
mod start;
mod verify;

pub use clash::{RuleClash, explain_clash};
pub use kinds::{all_or_none, apart, hours, never_both, open_or_not, placed, quota, share, team, together};
pub use options::{Method, RuleOptions};
pub use problem::{Auxiliary, RuleProblem, RuleProblemBuilder};
pub use rule::{Firmness, Row, Rule, Sense, Variable};
pub use solution::{
    PartMultipliers, RootBound, RuleMatching, RuleProof, RuleReport, RuleSolution, RuleState, RuleStatistics,
    RuleStop,
};
pub use solve::solve_rules;
pub use verify::{RuleVerification, RuleViolation, verify_rules};
