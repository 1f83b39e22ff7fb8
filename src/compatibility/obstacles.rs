//! Why nobody: what stands between one participant and all supporters, counted.

use serde::{Deserialize, Serialize};

use super::{Compatibility, Veto, kernel, query::Query};

/// One kind of veto, and how many supporters it keeps from a participant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Obstacle {
    /// The kind of veto, as [`Veto::kind`] names it.
    pub kind: String,
    /// Supporters against whom it stands, alone or with others.
    pub supporters: u32,
    /// Supporters against whom nothing else stands: lifting this alone would make them eligible.
    pub alone: u32,
}

/// What stands between a participant and the supporters.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Obstacles {
    /// Positions of the supporters against whom nothing stands.
    pub eligible: Vec<u32>,
    /// Each kind of veto that occurs, those that alone keep most supporters away first.
    pub obstacles: Vec<Obstacle>,
}

pub(super) fn count(compatibility: &Compatibility, query: &Query<'_>) -> Obstacles {
    let kinds: Vec<&str> = Veto::KINDS[..Veto::KINDS.len() - 1]
        .iter()
        .copied()
        .chain(compatibility.custom.iter().map(|own| own.name()))
        .collect();
    let mut counts = vec![(0_u32, 0_u32); kinds.len()];
    let mut eligible = Vec::new();
    kernel::blocks(compatibility, query, |supporter, blocks| {
        if blocks == 0 {
            eligible.push(supporter as u32);
        }
        let alone = u32::from(blocks.is_power_of_two());
        let mut rest = blocks;
        while rest != 0 {
            let kind = rest.trailing_zeros() as usize;
            counts[kind].0 += 1;
            counts[kind].1 += alone;
            rest &= rest - 1;
        }
    });
    let named = kinds.iter().zip(counts).filter(|(_, (supporters, _))| *supporters > 0);
    let mut obstacles: Vec<Obstacle> = named
        .map(|(kind, (supporters, alone))| Obstacle { kind: (*kind).to_owned(), supporters, alone })
        .collect();
    obstacles.sort_by_key(|obstacle| std::cmp::Reverse((obstacle.alone, obstacle.supporters)));
    Obstacles { eligible, obstacles }
}
