//! peermatch
pub mod assignment;
mod error;
#[cfg(feature = "population")]
pub mod population;
pub mod program;

pub use error::{Error, Fault, Result, Severity};
