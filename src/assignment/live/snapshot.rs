//! The living state as data: written, and read without solving anything again.
//!
//! **Method.** A snapshot holds the problem, who has whom, the potentials and the bounds of the ladder; everything else
//! follows from these. Reading builds the problem as any other, with every fault told, and then checks the proof in one
//! pass over the pairs, so that what is read is optimal or refused. A checksum tells a number that was changed to
//! another that would be possible as well. What is written depends on the state alone: what is read is written to the
//! same bytes, and goes on in the same way.
//!
//! **Time and space.** O(pairs log row).

use std::collections::BTreeSet;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::super::builder::Supporter;
use super::super::integer::Integer;
use super::super::matches::Matches;
use super::super::network::NONE;
use super::super::problem::Problem;
use super::bounds::Bounds;
use super::build;
use super::state::{Node, Presence, State, Width};
use super::{Engine, LiveAssignment, either};
use crate::error::{Error, Result};

/// The version of the form that is written.
const VERSION: u32 = 1;

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Snapshot {
    version: u32,
    bounds: Bounds,
    groups: Vec<Group>,
    /// By number; `None` for one that nobody has.
    supporters: Vec<Option<Supporting>>,
    participants: Vec<Option<Participant>>,
    checksum: u64,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Group {
    capacity: u32,
    minimum: u32,
    parent: Option<u32>,
    potential: i128,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Supporting {
    places: Supporter,
    potential: i128,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Participant {
    served_weight: u32,
    unmatched_cost: i64,
    standing: Option<u32>,
    supporter: Option<u32>,
    /// What the pin to that supporter costs, if it is one.
    pin: Option<i64>,
    pairs: Vec<(u32, i64)>,
    /// Of whom only some of them count, these.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    only: Option<Vec<u32>>,
}

/// A sum over numbers in their order, none of which can be changed alone.
#[derive(Debug, Clone, Copy)]
pub(super) struct Checksum(pub(super) u64);

impl Default for Checksum {
    fn default() -> Self {
        Self(0xCBF2_9CE4_8422_2325)
    }
}

impl Checksum {
    /// FNV-1a over 64-bit words.
    pub(super) fn add(&mut self, number: i128) {
        for word in [number as u64, (number >> 64) as u64] {
            self.0 = (self.0 ^ word).wrapping_mul(0x0100_0000_01B3);
            self.0 ^= self.0 >> 32;
        }
    }
}

impl Snapshot {
    fn of<T: Width>(state: &State<T>) -> Self {
        let some = |number: u32| (number != NONE).then_some(number);
        let group = |(group, node): (usize, &Node)| Group {
            capacity: node.capacity,
            minimum: node.minimum,
            parent: some(node.parent),
            potential: state.potential[group].widen(),
        };
        let supporter = |supporter: usize| {
            let node = state.node(supporter as u32);
            let Node { capacity, minimum, parent, vacant, .. } = state.nodes[node];
            let steps = &state.steps[supporter];
            let mut places = Supporter::new(capacity)
                .minimum(minimum)
                .load_cost(steps.load.clone())
                .balance_cost(steps.balance.clone());
            places.group = some(parent);
            (!vacant).then(|| Supporting { places, potential: state.potential[node].widen() })
        };
        let participant = |p: usize| {
            let (seat, person) = (&state.seats[p], &state.people[p]);
            let mut pairs: Vec<(u32, i64)> =
                state.rows.of(p).iter().copied().map(|(s, cost)| (s, cost.into())).collect();
            pairs.sort_unstable();
            (seat.presence != Presence::Vacant).then(|| Participant {
                served_weight: person.served_weight,
                unmatched_cost: person.unmatched_cost,
                standing: some(person.standing),
                supporter: some(seat.own),
                pin: (seat.presence == Presence::Pinned).then_some(person.pin_cost),
                pairs,
                only: state.only.get(&(p as u32)).map(|&only| some(only).into_iter().collect()),
            })
        };
        let mut snapshot = Self {
            version: VERSION,
            bounds: state.bounds,
            groups: state.nodes[..state.groups].iter().enumerate().map(group).collect(),
            supporters: (0..state.supporters()).map(supporter).collect(),
            participants: (0..state.participants()).map(participant).collect(),
            checksum: 0,
        };
        snapshot.checksum = snapshot.expected_checksum();
        snapshot
    }

    /// All numbers in their order, mixed so that none can be changed alone.
    fn expected_checksum(&self) -> u64 {
        let mut sum = Checksum::default();
        let mut add = |number: i128| sum.add(number);
        add(self.version.into());
        self.bounds.numbers().into_iter().for_each(&mut add);
        add(self.groups.len() as i128);
        let optional = |number: Option<u32>| number.map_or(-1, i128::from);
        for group in &self.groups {
            [group.capacity.into(), group.minimum.into(), optional(group.parent), group.potential]
                .into_iter()
                .for_each(&mut add);
        }
        add(self.supporters.len() as i128);
        for supporter in &self.supporters {
            let Some(Supporting { places, potential }) = supporter else {
                add(-1);
                continue;
            };
            [places.capacity.into(), places.minimum.into(), optional(places.group), *potential]
                .into_iter()
                .for_each(&mut add);
            for steps in [&places.load_cost, &places.balance_cost] {
                add(steps.len() as i128);
                steps.iter().map(|&step| step.into()).for_each(&mut add);
            }
        }
        add(self.participants.len() as i128);
        for participant in &self.participants {
            let Some(participant) = participant else {
                add(-1);
                continue;
            };
            add(participant.served_weight.into());
            add(participant.unmatched_cost.into());
            add(optional(participant.standing));
            add(optional(participant.supporter));
            add(participant.pin.is_some().into());
            add(participant.pin.unwrap_or(0).into());
            add(participant.pairs.len() as i128);
            for &(supporter, cost) in &participant.pairs {
                add(supporter.into());
                add(cost.into());
            }
            if let Some(only) = &participant.only {
                add(-2);
                add(only.len() as i128);
                only.iter().map(|&supporter| supporter.into()).for_each(&mut add);
            }
        }
        sum.0
    }

    fn into_live(self) -> Result<LiveAssignment> {
        let refuse = |what: &str| Error::problem(format!("the snapshot cannot be used: {what}"));
        if self.version != VERSION {
            return Err(refuse(&format!(
                "it is of version {}, and this library reads version {VERSION}",
                self.version
            )));
        }
        if self.checksum != self.expected_checksum() {
            return Err(refuse("its checksum is not that of its numbers; it was damaged or edited"));
        }
        let mut problem = self.problem()?;
        build::pack(&mut problem, &self.bounds)?;
        if problem.largest_cost > <i128 as Integer>::LIMIT {
            return Err(refuse("its costs leave no room for sums in 128 bits"));
        }
        if !self.bounds.contain(&build::bounds_of(&problem)) {
            return Err(refuse("its bounds do not hold its costs"));
        }
        let matches: Matches =
            self.participants.iter().map(|one| one.as_ref().and_then(|one| one.supporter)).collect();
        if problem.objective(&matches).is_none() {
            return Err(refuse("somebody has a supporter it may not have"));
        }
        let vacant = |taken: &mut dyn Iterator<Item = bool>| -> BTreeSet<u32> {
            taken.zip(0..).filter(|&(taken, _)| !taken).map(|(_, number)| number).collect()
        };
        let supporters = vacant(&mut self.supporters.iter().map(Option::is_some));
        let participants = vacant(&mut self.participants.iter().map(Option::is_some));
        let of = |one: &Option<Supporting>| one.as_ref().map_or(0, |one| one.potential);
        let potentials: (Vec<i128>, Vec<i128>) = (
            self.supporters.iter().map(of).collect(),
            self.groups.iter().map(|group| group.potential).collect(),
        );
        let narrow = Engine::is_narrow(&self.bounds);
        let limit = if narrow { i128::from(i64::MAX >> 4) } else { i128::MAX >> 4 };
        if potentials.0.iter().chain(&potentials.1).any(|&potential| potential.unsigned_abs() > limit as u128)
        {
            return Err(refuse("a potential is larger than any can be"));
        }
        let mut engine = Engine::from_parts(
            &problem,
            self.bounds,
            narrow,
            &matches,
            potentials.clone(),
            (&participants, &supporters),
        );
        for (p, participant) in self.participants.iter().enumerate() {
            let Some(only) = participant.as_ref().and_then(|one| one.only.as_deref()) else { continue };
            let only = match *only {
                [] => NONE,
                [only] if (only as usize) < self.supporters.len() => only,
                _ => {
                    return Err(refuse(
                        "more than one pair counts of somebody of whom one does, or one of nobody",
                    ));
                }
            };
            either!(&mut engine, live => live.state.put_only(p, Some(only)));
        }
        match &mut engine {
            Engine::Narrow(live) => restore_potentials(&mut live.state, &potentials),
            Engine::Wide(live) => restore_potentials(&mut live.state, &potentials),
        }
        let live = LiveAssignment { engine, shelved: Vec::new() };
        let check = live.verify();
        if check.is_valid() { Ok(live) } else { Err(refuse(&check.to_string())) }
    }

    fn problem(&self) -> Result<Problem> {
        let mut builder = Problem::builder(self.participants.len() as u32);
        for supporter in &self.supporters {
            let places = supporter.as_ref().map(|supporter| supporter.places.clone());
            builder.supporter(places.unwrap_or_default());
        }
        for group in &self.groups {
            let number = builder.group(group.capacity, group.parent);
            builder.group_minimum(number, group.minimum);
        }
        let (mut offsets, mut supporters, mut costs) = (vec![0], Vec::new(), Vec::new());
        for (p, participant) in (0..).zip(&self.participants) {
            if let Some(participant) = participant {
                builder.unmatched(p, participant.served_weight, participant.unmatched_cost);
                if let Some(standing) = participant.standing {
                    builder.standing(p, standing);
                }
                if let Some(cost) = participant.pin {
                    builder.pin(p, participant.supporter.unwrap_or(NONE), cost);
                }
                supporters.extend(participant.pairs.iter().map(|pair| pair.0));
                costs.extend(participant.pairs.iter().map(|pair| pair.1));
            }
            offsets.push(supporters.len());
        }
        builder.pairs_csr(offsets, supporters, costs);
        builder.build()
    }
}

/// A certificate says nothing of nodes that nobody can pass; a snapshot does.
fn restore_potentials<T: Width>(state: &mut State<T>, (supporters, groups): &(Vec<i128>, Vec<i128>)) {
    for (node, &potential) in groups.iter().chain(supporters).enumerate() {
        state.set_potential(node, T::narrow(potential));
    }
}

/// The whole state as it is now, what is begun and not kept yet included; that it could be undone is not.
impl Serialize for LiveAssignment {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        match &self.engine {
            Engine::Narrow(live) => Snapshot::of(&live.state),
            Engine::Wide(live) => Snapshot::of(&live.state),
        }
        .serialize(serializer)
    }
}

/// Read without solving, and checked as [`LiveAssignment::verify`] does.
impl<'de> Deserialize<'de> for LiveAssignment {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> std::result::Result<Self, D::Error> {
        Snapshot::deserialize(deserializer)?.into_live().map_err(D::Error::custom)
    }
}
