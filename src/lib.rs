//! peermatch
pub mod assignment;
mod error;
pub mod program;
#[cfg(feature = "schema")]
pub mod schema;

pub use error::{Error, Fault, Result, Severity};
