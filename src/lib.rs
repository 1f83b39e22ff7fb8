//! peermatch
pub mod assignment;
pub mod compatibility;
mod error;
pub mod matcher;
pub mod matching;
pub mod policy;
pub mod program;

pub use error::{Error, Fault, Result, Severity};
pub use matcher::Matcher;
pub use matching::Matching;
pub use policy::Policy;
pub use program::Program;
