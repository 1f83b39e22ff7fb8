//! Pages that people look at, made of results: plain text in, one self-contained HTML file out. (Feature `report`.)
//!
//! Nothing here decides anything, and nothing is fetched: styles are in the page, and pictures are whatever the host
//! program hands over. Every value is escaped.

mod cards;
mod html;
mod words;

pub use cards::CardsPage;
pub use words::Words;
