//! Every integration test of the crate, in one binary: one link, one runner summary.

#![allow(missing_docs)]
mod files_columns;
mod population;
