//! Reading a programme from files.

mod cell;
mod columns;
mod text;

pub(crate) use cell::CellFormat;
pub use columns::csv_columns_markdown;
pub(crate) use columns::{Column, Kind};
pub(crate) use text::{escape, guard_formula};
