//! peermatch
pub mod assignment;
mod error;
#[cfg(feature = "population")]
pub mod population;
pub mod program;
#[cfg(feature = "schema")]
pub mod schema;

pub use error::{Error, Fault, Result, Severity};
