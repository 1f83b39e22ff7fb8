//! Exact, explained matching of participants with peer supporters.
//!
//! A *participant* (a parent whose child was just diagnosed, a person new to a chronic disease) is matched with a
//! *supporter*, a trained volunteer who has been through the same. `peermatch` takes the people and the programme's
//! rules and returns the matching that is best for everyone together, with a reason for each match, a reason for each
//! person left over, and a proof that nothing better exists.
//!
//! ```
//! use peermatch::{Matcher, Policy, program::ProgramReader};
//!
//! let program = ProgramReader::new().folder("examples/data").read()?;
//! let today = "2026-11-21".parse().unwrap();
//! let matching = Matcher::new(program, Policy::default(), today)?.match_all()?;
//! for pair in &matching.pairs {
//!     println!("{} with {}: {}", pair.participant, pair.supporter, pair.explanation);
//! }
//! for left in &matching.unmatched {
//!     println!("{left}");
//! }
//! # assert!(matching.solution.optimal);
//! # Ok::<(), peermatch::Error>(())
//! ```
//!
//! # The rooms
//!
//! | module | what it knows |
//! |---|---|
//! | [`program`] | who: participants, supporters, taxonomies, places, history; reading and checking files |
//! | [`policy`] | what makes a good pair: criteria, requirements, relaxations, priorities, loads, objective, rematches |
//! | [`compatibility`] | who suits whom: one kernel that judges a pair, a row, or everyone in parallel |
//! | [`assignment`] | pure optimisation on integers: min-cost flow and integer program, certificates |
//! | [`matching`] | the result: pairs with explanations, the unmatched with reasons, differences, CSV and JSON |
//! | [`matcher`] | the object a host program holds |
//! | [`journal`] | an append-only record of what was done, of any serde type; knows nothing of matching |
#![cfg_attr(
    feature = "population",
    doc = "| [`population`] | seeded, realistic programmes for tests and demonstrations |"
)]
#![cfg_attr(feature = "report", doc = "| [`report`] | pages that people look at, as HTML |")]
#![cfg_attr(feature = "schema", doc = "| [`schema`] | JSON Schemas of the documents |")]
//!
//! # Vocabulary
//!
//! - **participant**, **supporter**, **supervisor**: who asks for support, who gives it, who looks after those who
//!   give it.
//! - **criterion**: one thing that makes a pair better or worse; says a score from 0 to 1, *unknown*, or a veto.
//! - **requirement**: what a pair must meet; **relaxation**: a step of the ladder on which requirements give way.
//! - **weight** (of a pair): its score less the prices of the relaxations it takes; bigger is better. Only
//!   [`assignment`] speaks of costs.
//! - **standing match**: one that exists already, **pinned** (it stays) or **movable** (at a price).
//! - **load**, **caseload**: how many participants a supporter has, how many a supervisor oversees.
//! - **potential**, **reduced cost**, **certificate**: the numbers that prove an assignment optimal.
//!
//! # What the library does not do
//!
//! It reads files only where [`program::ProgramReader`], [`program::ColumnMap`] or [`Policy::from_path`] is told to,
//! writes none but the [`journal::JournalFile`] that it is told to open, logs nothing, has no clock (every question
//! that depends on the day takes a date), and contains no unsafe code.

pub mod assignment;
pub mod compatibility;
mod error;
pub mod journal;
pub mod matcher;
pub mod matching;
pub mod policy;
#[cfg(feature = "population")]
pub mod population;
pub mod program;
#[cfg(feature = "report")]
pub mod report;
#[cfg(feature = "schema")]
pub mod schema;

/// A day, and a day with its time: the types of another crate that this crate's interface asks for.
pub use jiff::civil::{Date, DateTime};

pub use error::{Error, Fault, Result, Severity};
pub use matcher::Matcher;
pub use matching::Matching;
pub use policy::Policy;
pub use program::Program;

/// Compiles and runs the code in the README and in ARCHITECTURE.md, so that it stays true.
#[cfg(doctest)]
mod documents {
    #[doc = include_str!("../README.md")]
    struct Readme;
    #[doc = include_str!("../ARCHITECTURE.md")]
    struct Architecture;
}
