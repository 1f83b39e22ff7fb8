//! peermatch
pub mod assignment;
mod error;
pub mod program;

pub use error::{Error, Fault, Result, Severity};
