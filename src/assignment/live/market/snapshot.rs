//! A living market as data: the snapshot of its engine and what is known of the pairs that are not held.
//!
//! **Method.** As in [`super::super::snapshot`]: reading checks the engine's proof, then floors and ceilings against
//! its potentials; a checksum tells what neither can. The source is not part of it: it is told every floor again before
//! it is asked. Whether its pairs are still those of the snapshot, [`LiveMarket::verify`] says.

use std::collections::BTreeSet;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::snapshot::Checksum;
use super::known::{Floor, Known};
use super::{Asked, LiveAssignment, LiveMarket};
use crate::error::{Error, Result};

/// The version of the form that is written.
const VERSION: u32 = 1;

/// `L` is a living assignment, or one that is lent.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot<L> {
    version: u32,
    live: L,
    /// Price, and how often it was lowered.
    floors: Vec<(i64, u8)>,
    ceilings: Vec<i64>,
    told: BTreeSet<(u32, u32)>,
    per_participant: usize,
    margin: i64,
    most_held: usize,
    checksum: u64,
}

impl<L> Snapshot<L> {
    fn expected_checksum(&self) -> u64 {
        let mut sum = Checksum::default();
        let counts = [self.floors.len(), self.ceilings.len(), self.told.len()];
        for count in counts {
            sum.add(count as i128);
        }
        for &(price, lowered) in &self.floors {
            sum.add(price.into());
            sum.add(lowered.into());
        }
        for &ceiling in &self.ceilings {
            sum.add(ceiling.into());
        }
        for &(participant, supporter) in &self.told {
            sum.add(participant.into());
            sum.add(supporter.into());
        }
        sum.add(self.per_participant as i128);
        sum.add(self.margin.into());
        sum.add(self.most_held as i128);
        sum.0
    }
}

impl Snapshot<LiveAssignment> {
    fn into_market(self) -> Result<LiveMarket> {
        let refuse = |what: &str| Error::problem(format!("the snapshot cannot be used: {what}"));
        if self.version != VERSION {
            return Err(refuse(&format!(
                "it is of version {}, and this library reads version {VERSION}",
                self.version
            )));
        }
        if self.checksum != self.expected_checksum() {
            return Err(refuse(
                "the checksum of its bounds is not that of its numbers; it was damaged or edited",
            ));
        }
        if self.margin < 1 || self.per_participant < 1 {
            return Err(refuse("it leaves no margin, or holds no pairs"));
        }
        let floors = self.floors.into_iter().map(|(price, lowered)| Floor { price, lowered }).collect();
        let mut known = Known::new(floors, self.ceilings, self.told);
        known.set_most_held(self.most_held);
        let market = LiveMarket {
            live: self.live,
            known,
            per_participant: self.per_participant,
            margin: self.margin,
            asked: Asked::default(),
        };
        let mut violations = Vec::new();
        market.check_bounds(&mut violations);
        violations.first().map_or(Ok(market), |violation| Err(refuse(&violation.to_string())))
    }
}

/// The whole state as it is now; that it could be undone is not part of it.
impl Serialize for LiveMarket {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let mut snapshot = Snapshot {
            version: VERSION,
            live: &self.live,
            floors: self.known.floors().iter().map(|floor| (floor.price, floor.lowered)).collect(),
            ceilings: self.known.ceilings().to_vec(),
            told: self.known.told().clone(),
            per_participant: self.per_participant,
            margin: self.margin,
            most_held: self.known.most_held(),
            checksum: 0,
        };
        snapshot.checksum = snapshot.expected_checksum();
        snapshot.serialize(serializer)
    }
}

/// Read without solving and without its source.
impl<'de> Deserialize<'de> for LiveMarket {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Snapshot::<LiveAssignment>::deserialize(deserializer)?.into_market().map_err(D::Error::custom)
    }
}
