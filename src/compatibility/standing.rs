//! Where each supporter stands in an index that follows changes: in a row of it, or aside in a short list of those who
//! are asked directly until the index is built anew.

use super::Compatibility;
use super::blocks::NOBODY;

/// Most who stand aside.
const MOST_ASIDE: usize = 512;
/// So many may stand aside however few supporters there are.
const FEW: usize = 8;

/// Rows by supporter.
#[derive(Debug, Clone)]
pub(super) struct Standing {
    /// [`NOBODY`] for whoever is in no row.
    rows: Vec<u32>,
    /// Who takes new matches and is in no row, sorted.
    aside: Vec<u32>,
}

impl Standing {
    /// All stand where the rows of a new index have them, [`NOBODY`] being an empty row.
    pub(super) fn new(in_rows: &[u32], supporters: usize) -> Self {
        let mut rows = vec![NOBODY; supporters];
        for (row, &supporter) in in_rows.iter().enumerate() {
            if supporter != NOBODY {
                rows[supporter as usize] = row as u32;
            }
        }
        Self { rows, aside: Vec::new() }
    }

    /// How many supporters the index was told of.
    pub(super) fn len(&self) -> usize {
        self.rows.len()
    }

    /// Makes room for those who came, who stand nowhere yet.
    pub(super) fn grow(&mut self, supporters: usize) {
        self.rows.resize(supporters, NOBODY);
    }

    pub(super) fn row(&self, supporter: usize) -> Option<usize> {
        Some(self.rows[supporter]).filter(|&row| row != NOBODY).map(|row| row as usize)
    }

    pub(super) fn aside(&self) -> &[u32] {
        &self.aside
    }

    /// Has a supporter stand in no row from now on, but aside if they take new matches. Returns the row that is vacant.
    pub(super) fn step_aside(&mut self, compatibility: &Compatibility, supporter: usize) -> Option<usize> {
        let vacant = self.row(supporter);
        self.rows[supporter] = NOBODY;
        let place = self.aside.binary_search(&(supporter as u32));
        match (place, compatibility.columns.takes_new[supporter]) {
            (Err(place), true) => self.aside.insert(place, supporter as u32),
            (Ok(place), false) => drop(self.aside.remove(place)),
            _ => {}
        }
        vacant
    }

    /// Whether so many stand aside, a sixteenth of all or 512, that the index had better be built anew.
    pub(super) fn too_many_aside(&self) -> bool {
        self.aside.len() > (self.rows.len() / 16).clamp(FEW, MOST_ASIDE)
    }
}
