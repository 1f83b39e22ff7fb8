//! peermatch
pub mod assignment;
pub mod compatibility;
mod error;
pub mod policy;
pub mod program;

pub use error::{Error, Fault, Result, Severity};
