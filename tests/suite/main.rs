//! Every integration test of the crate, in one binary: one link, one runner summary.

#![allow(missing_docs)]
mod files_column_map;
mod files_columns;
mod files_faults;
mod files_round_trip;
mod files_schema;
mod population;
