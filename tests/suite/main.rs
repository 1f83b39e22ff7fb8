//! Every integration test of the crate, in one binary: one link, one runner summary.

#![allow(missing_docs, clippy::unwrap_used)]

mod assignment_builder;
mod assignment_certificate;
mod assignment_conformance;
mod assignment_control;
mod assignment_instances;
mod assignment_oracle;
mod command_line;
mod files_column_map;
mod files_columns;
mod files_faults;
mod files_meaning;
mod files_privacy;
mod files_round_trip;
mod files_schema;
mod house;
mod likeness_tables;
mod matching_oracle;
mod matching_output;
mod matching_reasons;
mod matching_search;
mod matching_vetoes;
mod plain_formulas;
mod plain_scorer;
mod policy_checks;
mod policy_curves;
mod population;
mod random_coverage;
mod random_policy;
mod random_programme;
