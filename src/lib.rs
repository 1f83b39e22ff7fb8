//! peermatch
pub mod assignment;
mod error;

pub use error::{Error, Fault, Result, Severity};
