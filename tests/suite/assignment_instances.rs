//! Assignment problems for the tests: plain data that is built into a `Problem`, and proptest strategies for it.

use peermatch::Result;
use peermatch::assignment::{Problem, ProblemBuilder, Supporter};
use proptest::prelude::*;

/// A problem as plain data, so that an oracle can read it without the library.
#[derive(Debug, Clone, Default)]
pub(crate) struct Instance {
    pub(crate) served_weights: Vec<u32>,
    pub(crate) unmatched_costs: Vec<i64>,
    pub(crate) supporters: Vec<SupporterData>,
    /// Capacity and parent.
    pub(crate) groups: Vec<(u32, Option<u32>)>,
    /// Cost of participant times supporter, `None` where there is no pair.
    pub(crate) costs: Vec<Vec<Option<i64>>>,
    pub(crate) pins: Vec<Option<(u32, i64)>>,
    pub(crate) standing: Vec<Option<u32>>,
    /// Firm minimums of groups; those left out have none.
    pub(crate) group_minimums: Vec<u32>,
    /// Places of participants; those left out have one.
    pub(crate) places: Vec<u32>,
}

#[derive(Debug, Clone, Default)]
pub(crate) struct SupporterData {
    pub(crate) capacity: u32,
    pub(crate) load_cost: Vec<i64>,
    pub(crate) balance_cost: Vec<i64>,
    pub(crate) group: Option<u32>,
    pub(crate) minimum: u32,
}

impl Instance {
    pub(crate) fn places(&self, participant: usize) -> u32 {
        self.places.get(participant).copied().unwrap_or(1)
    }

    pub(crate) fn group_minimum(&self, group: usize) -> u32 {
        self.group_minimums.get(group).copied().unwrap_or(0)
    }

    pub(crate) fn build(&self) -> Result<Problem> {
        self.builder().build()
    }

    pub(crate) fn builder(&self) -> ProblemBuilder {
        let mut builder = Problem::builder(self.costs.len() as u32);
        for data in &self.supporters {
            let mut supporter = Supporter::new(data.capacity)
                .load_cost(data.load_cost.clone())
                .balance_cost(data.balance_cost.clone())
                .minimum(data.minimum);
            if let Some(group) = data.group {
                supporter = supporter.group(group);
            }
            builder.supporter(supporter);
        }
        for &(capacity, parent) in &self.groups {
            builder.group(capacity, parent);
        }
        for (group, &minimum) in self.group_minimums.iter().enumerate() {
            builder.group_minimum(group as u32, minimum);
        }
        for (participant, &places) in self.places.iter().enumerate() {
            builder.places(participant as u32, places);
        }
        builder.served_weights(self.served_weights.clone()).unmatched_costs(self.unmatched_costs.clone());
        for (participant, row) in self.costs.iter().enumerate() {
            for (supporter, cost) in row.iter().enumerate() {
                if let Some(cost) = *cost {
                    builder.pair(participant as u32, supporter as u32, cost);
                }
            }
        }
        for (participant, pin) in self.pins.iter().enumerate() {
            if let &Some((supporter, cost)) = pin {
                builder.pin(participant as u32, supporter, cost);
            }
        }
        for (participant, standing) in self.standing.iter().enumerate() {
            if let &Some(supporter) = standing {
                builder.standing(participant as u32, supporter);
            }
        }
        builder
    }
}

/// How random instances are drawn.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Shape {
    pub(crate) participants: usize,
    pub(crate) supporters: usize,
    pub(crate) capacity: u32,
    /// Largest magnitude of a cost.
    pub(crate) cost: i64,
    /// Percentage of pairs that exist.
    pub(crate) density: u32,
    pub(crate) pins: bool,
}

fn steps(cost: i64) -> impl Strategy<Value = Vec<i64>> {
    prop_oneof![
        2 => Just(Vec::new()),
        3 => prop::collection::vec(-cost..=cost, 1..4).prop_map(|mut steps| {
            steps.sort_unstable();
            steps
        }),
    ]
}

/// Instances up to the shape's sizes, every feature drawn in or out.
pub(crate) fn instances(shape: Shape) -> impl Strategy<Value = Instance> {
    let Shape { participants, supporters, capacity, cost, density, pins } = shape;
    (0..=participants, 0..=supporters, 0..4_usize).prop_flat_map(move |(p, s, g)| {
        let group = prop_oneof![Just(None), (0..g.max(1) as u32).prop_map(move |i| (g > 0).then_some(i))];
        let supporter = (0..=capacity, steps(cost), steps(cost.min(5)), group).prop_map(
            |(capacity, load_cost, balance_cost, group)| SupporterData {
                capacity,
                load_cost,
                balance_cost,
                group,
                minimum: 0,
            },
        );
        // A group's parent comes after it, so there is no cycle.
        let groups =
            prop::collection::vec((0..=capacity * 3, prop::option::of(0..4_u32)), g).prop_map(|drawn| {
                let count = drawn.len() as u32;
                let parent = |(i, (capacity, up)): (usize, (u32, Option<u32>))| {
                    (capacity, up.map(|up| i as u32 + 1 + up).filter(|&parent| parent < count))
                };
                drawn.into_iter().enumerate().map(parent).collect::<Vec<_>>()
            });
        let pair = (0..100_u32, -cost..=cost).prop_map(move |(roll, cost)| (roll < density).then_some(cost));
        let any_supporter = (0..s.max(1) as u32).prop_map(move |i| (s > 0).then_some(i));
        let pin =
            (0..100_u32, any_supporter.clone(), -cost..=cost).prop_map(move |(roll, supporter, cost)| {
                supporter.filter(|_| pins && roll < 10).map(|supporter| (supporter, cost))
            });
        let standing = prop_oneof![2 => Just(None), 1 => any_supporter];
        let weights = prop_oneof![prop::collection::vec(0..3_u32, p), Just(vec![0; p]), Just(vec![1; p])];
        (
            weights,
            prop::collection::vec(-cost..=cost * 2, p),
            prop::collection::vec(supporter, s),
            groups,
            prop::collection::vec(prop::collection::vec(pair, s), p),
            prop::collection::vec(pin, p),
            prop_oneof![Just(vec![None; p]), prop::collection::vec(standing, p)],
        )
            .prop_map(
                |(served_weights, unmatched_costs, supporters, groups, costs, pins, standing)| {
                    let mut instance = Instance {
                        served_weights,
                        unmatched_costs,
                        supporters,
                        groups,
                        costs,
                        pins,
                        standing,
                        ..Instance::default()
                    };
                    make_room_for_pins(&mut instance);
                    instance
                },
            )
    })
}

/// The same with firm minimums, some of which can be met and some cannot.
pub(crate) fn firm_instances(shape: Shape) -> impl Strategy<Value = Instance> {
    instances(shape).prop_flat_map(|instance| {
        let drawn = |count: usize| prop::collection::vec((0..3_u32, 0..3_u32), count);
        let minimums = (drawn(instance.supporters.len()), drawn(instance.groups.len()));
        (Just(instance), minimums).prop_map(|(mut instance, (supporters, groups))| {
            let minimum = |(whether, minimum): (u32, u32), capacity| {
                if whether == 0 { minimum.min(capacity) } else { 0 }
            };
            for (supporter, drawn) in instance.supporters.iter_mut().zip(supporters) {
                supporter.minimum = minimum(drawn, supporter.capacity);
            }
            let capacities = instance.groups.iter().map(|group| group.0);
            instance.group_minimums =
                groups.into_iter().zip(capacities).map(|(g, c)| minimum(g, c)).collect();
            instance
        })
    })
}

/// The same with firm minimums here and there, and several places for some participants.
pub(crate) fn several_places(shape: Shape) -> impl Strategy<Value = Instance> {
    let single = firm_instances(shape).prop_map(|mut instance| {
        if instance.costs.len() % 2 == 0 {
            instance.group_minimums.clear();
            instance.supporters.iter_mut().for_each(|supporter| supporter.minimum = 0);
        }
        instance
    });
    single.prop_flat_map(|instance| {
        let places = prop::collection::vec(1..4_u32, instance.costs.len());
        (Just(instance), places).prop_map(|(instance, places)| Instance { places, ..instance })
    })
}

/// Raises capacities until the pins fit.
fn make_room_for_pins(instance: &mut Instance) {
    let mut loads = vec![0; instance.supporters.len()];
    let mut flows = vec![0; instance.groups.len()];
    for &(supporter, _) in instance.pins.iter().flatten() {
        loads[supporter as usize] += 1;
        let mut group = instance.supporters[supporter as usize].group;
        while let Some(g) = group {
            flows[g as usize] += 1;
            group = instance.groups[g as usize].1;
        }
    }
    for (supporter, load) in instance.supporters.iter_mut().zip(loads) {
        supporter.capacity = supporter.capacity.max(load);
    }
    for (group, flow) in instance.groups.iter_mut().zip(flows) {
        group.0 = group.0.max(flow);
    }
}
