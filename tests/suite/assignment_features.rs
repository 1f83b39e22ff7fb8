//! Assignment problems up to hundreds by hundreds, made of features that can be asked for one by one.

use proptest::prelude::*;

use crate::assignment_instances::{Instance, SupporterData};

/// Puts one feature into a plain problem.
type Feature = fn(&mut Instance, &mut Random);

/// Every feature, by name; a problem has any set of them.
pub(crate) const FEATURES: [(&str, Feature); 12] = [
    ("ties", ties),
    ("complete", complete),
    ("zero capacities", zero_capacities),
    ("scarce places", scarce_places),
    ("isolated nodes", isolated_nodes),
    ("huge costs", huge_costs),
    ("negative costs", negative_costs),
    ("load costs", load_costs),
    ("groups", groups),
    ("served weights", served_weights),
    ("standing", standing),
    ("pins", pins),
];

/// Problems of up to that many on each side, with any set of features; shrinks towards few people and few features.
pub(crate) fn featured(most: usize) -> impl Strategy<Value = Instance> {
    let set = prop::collection::vec(prop::bool::weighted(0.3), FEATURES.len());
    (0..=most, 0..=most, set, any::<u64>()).prop_map(|(participants, supporters, set, seed)| {
        let names = FEATURES.iter().zip(set).filter(|(_, there)| *there).map(|(feature, _)| feature.0);
        with_features(participants, supporters, &names.collect::<Vec<_>>(), seed)
    })
}

/// A problem of that size with those features.
pub(crate) fn with_features(participants: usize, supporters: usize, names: &[&str], seed: u64) -> Instance {
    let mut random = Random(seed);
    let mut instance = Instance {
        served_weights: vec![0; participants],
        unmatched_costs: vec![2000; participants],
        supporters: (0..supporters)
            .map(|_| SupporterData { capacity: 1 + random.below(3) as u32, ..SupporterData::default() })
            .collect(),
        groups: Vec::new(),
        costs: vec![vec![None; supporters]; participants],
        pins: vec![None; participants],
        standing: vec![None; participants],
        ..Instance::default()
    };
    for row in &mut instance.costs {
        for _ in 0..supporters.min(8) {
            row[random.below(supporters)] = Some(random.below(1000) as i64);
        }
    }
    for (_, put) in FEATURES.iter().filter(|feature| names.contains(&feature.0)) {
        put(&mut instance, &mut random);
    }
    instance
}

fn pairs(instance: &mut Instance) -> impl Iterator<Item = &mut i64> {
    instance.costs.iter_mut().flatten().flatten()
}

fn ties(instance: &mut Instance, _: &mut Random) {
    for cost in pairs(instance) {
        *cost %= 3;
    }
}

fn complete(instance: &mut Instance, random: &mut Random) {
    for cost in instance.costs.iter_mut().flatten() {
        *cost = cost.or_else(|| Some(random.below(1000) as i64));
    }
}

fn zero_capacities(instance: &mut Instance, random: &mut Random) {
    for supporter in &mut instance.supporters {
        supporter.capacity *= u32::from(random.below(3) > 0);
    }
}

fn scarce_places(instance: &mut Instance, random: &mut Random) {
    for supporter in &mut instance.supporters {
        supporter.capacity = supporter.capacity.min(u32::from(random.below(2) > 0));
    }
}

fn isolated_nodes(instance: &mut Instance, random: &mut Random) {
    for row in &mut instance.costs {
        if random.below(4) == 0 {
            row.fill(None);
        }
    }
    for supporter in 0..instance.supporters.len() {
        if random.below(4) == 0 {
            for row in &mut instance.costs {
                row[supporter] = None;
            }
        }
    }
}

/// Beyond what 64 bits can pack for hundreds of people, within what 128 can.
fn huge_costs(instance: &mut Instance, _: &mut Random) {
    for cost in pairs(instance) {
        *cost <<= 47;
    }
    for cost in &mut instance.unmatched_costs {
        *cost <<= 47;
    }
}

fn negative_costs(instance: &mut Instance, random: &mut Random) {
    for cost in pairs(instance) {
        *cost = -*cost;
    }
    for cost in &mut instance.unmatched_costs {
        *cost = -(*cost / 4 * (random.below(3) as i64));
    }
}

fn load_costs(instance: &mut Instance, random: &mut Random) {
    for supporter in &mut instance.supporters {
        let mut steps = |most: usize| {
            let mut steps: Vec<i64> =
                (0..random.below(4)).map(|_| random.below(most) as i64 - most as i64 / 4).collect();
            steps.sort_unstable();
            steps
        };
        supporter.load_cost = steps(400);
        supporter.balance_cost = steps(4);
    }
}

fn groups(instance: &mut Instance, random: &mut Random) {
    let count = instance.supporters.len() / 4 + 1;
    // A parent comes after its children, so there is no cycle.
    let above = |random: &mut Random, group: usize| {
        let later = group + 1 + random.below(count);
        (later < count).then_some(later as u32)
    };
    instance.groups = (0..count).map(|group| (random.below(16) as u32, above(random, group))).collect();
    for supporter in &mut instance.supporters {
        supporter.group = (random.below(4) > 0).then(|| random.below(count) as u32);
    }
}

fn served_weights(instance: &mut Instance, random: &mut Random) {
    for weight in &mut instance.served_weights {
        *weight = random.below(4) as u32;
    }
}

fn standing(instance: &mut Instance, random: &mut Random) {
    let supporters = instance.supporters.len();
    for standing in &mut instance.standing {
        *standing = (supporters > 0 && random.below(2) > 0).then(|| random.below(supporters) as u32);
    }
}

/// Some participants at supporters with room for them, in groups that grow to hold them.
fn pins(instance: &mut Instance, random: &mut Random) {
    let supporters = instance.supporters.len();
    for participant in 0..instance.pins.len() {
        if supporters == 0 || random.below(8) > 0 {
            continue;
        }
        let supporter = random.below(supporters);
        instance.pins[participant] = Some((supporter as u32, random.below(1000) as i64));
        instance.supporters[supporter].capacity += 1;
        let mut group = instance.supporters[supporter].group;
        while let Some(g) = group {
            instance.groups[g as usize].0 += 1;
            group = instance.groups[g as usize].1;
        }
    }
}

/// splitmix64: drawing each cell of a large matrix by proptest would take longer than solving.
pub(crate) struct Random(u64);

impl Random {
    /// A number below `bound`, 0 if that is 0.
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % bound.max(1) as u64) as usize
    }
}
