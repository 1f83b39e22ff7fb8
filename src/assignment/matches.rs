//! Who has whom: the assignment itself, as plain data.

use serde::{Deserialize, Serialize};

/// The supporters of each participant, in ascending order.
///
/// Made by a solve, or from anything else to have its cost computed or be compared: from one optional supporter for
/// each participant ([`FromIterator`], `From<Vec<Option<u32>>>`) or from a list for each (`From<Vec<Vec<u32>>>`).
/// Serialises as a list of lists. It does not know the problem and may state anything; [`verify`](super::verify) is
/// what checks it.
#[derive(Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(from = "Vec<Vec<u32>>", into = "Vec<Vec<u32>>")]
pub struct Matches {
    /// Where the list of each participant ends; it begins where the one before ends.
    ends: Vec<usize>,
    supporters: Vec<u32>,
}

impl Matches {
    /// Number of participants, matched or not.
    pub fn participants(&self) -> usize {
        self.ends.len()
    }

    /// The supporters of a participant, ascending; empty for one who is unmatched, and for one who is not there. O(1).
    pub fn of(&self, participant: u32) -> &[u32] {
        let p = participant as usize;
        let Some(&end) = self.ends.get(p) else { return &[] };
        let start = if p == 0 { 0 } else { self.ends[p - 1] };
        &self.supporters[start..end]
    }

    /// All pairs of participant and supporter, in order.
    pub fn iter(&self) -> impl Iterator<Item = (u32, u32)> + '_ {
        (0..self.ends.len() as u32)
            .flat_map(|participant| self.of(participant).iter().map(move |&s| (participant, s)))
    }

    /// Number of matches.
    pub fn count(&self) -> usize {
        self.supporters.len()
    }

    /// Appends the list of the next participant.
    pub(super) fn push(&mut self, supporters: impl IntoIterator<Item = u32>) {
        self.supporters.extend(supporters);
        self.ends.push(self.supporters.len());
    }
}

impl std::fmt::Debug for Matches {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries((0..self.ends.len() as u32).map(|participant| self.of(participant))).finish()
    }
}

impl FromIterator<Option<u32>> for Matches {
    fn from_iter<I: IntoIterator<Item = Option<u32>>>(supporters: I) -> Self {
        let supporters = supporters.into_iter();
        let mut matches = Self::default();
        matches.ends.reserve(supporters.size_hint().0);
        for supporter in supporters {
            matches.push(supporter);
        }
        matches
    }
}

impl From<Vec<Option<u32>>> for Matches {
    fn from(supporters: Vec<Option<u32>>) -> Self {
        supporters.into_iter().collect()
    }
}

impl From<Vec<Vec<u32>>> for Matches {
    fn from(lists: Vec<Vec<u32>>) -> Self {
        let mut matches = Self::default();
        for list in lists {
            matches.push(list);
        }
        matches
    }
}

impl From<Matches> for Vec<Vec<u32>> {
    fn from(matches: Matches) -> Self {
        (0..matches.ends.len() as u32).map(|participant| matches.of(participant).to_vec()).collect()
    }
}
