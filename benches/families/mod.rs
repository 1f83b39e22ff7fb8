//! Seeded assignment problems of the families that solvers are compared on.
//!
//! * *uniform*: complete, unit capacities, costs drawn evenly; a short range makes ties.
//! * *euclid*: complete, unit capacities, the cost is the distance of two points of the unit square.
//! * *products*: complete, unit capacities, the cost of row `i` and column `j` is `i * j` (Machol and Wien 1976): long
//!   searches for whoever inserts rows one after another.
//! * *sparse*: unit capacities, a few columns drawn evenly for each row.
//! * *realistic*: people in towns, who speak a language and have conditions; pairs share the language and are mostly
//!   near each other; costs come in steps, so that ties abound. Capacities leave room, or fall short.

use peermatch::assignment::{Problem, ProblemBuilder, Supporter};

/// One problem, as plain data that every peer can be built from.
pub(crate) struct Family {
    pub(crate) name: String,
    /// Cost of leaving a participant unmatched.
    pub(crate) penalty: i64,
    pub(crate) capacities: Vec<u32>,
    pub(crate) offsets: Vec<usize>,
    pub(crate) supporters: Vec<u32>,
    pub(crate) costs: Vec<i64>,
}

/// Places of a realistic programme: drawn between 1 and `most`, then thinned out or filled up to `total`.
#[derive(Clone, Copy)]
pub(crate) struct Places {
    pub(crate) most: u64,
    pub(crate) total: Option<u32>,
}

impl Family {
    pub(crate) fn participants(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The problem for this library.
    pub(crate) fn problem(&self) -> Problem {
        self.builder(|_| 0).build().expect("the generated problem is well-formed")
    }

    /// The same, still to be built, with these firm minimums.
    pub(crate) fn builder(&self, minimum: impl Fn(usize) -> u32) -> ProblemBuilder {
        let mut builder = Problem::builder(self.participants() as u32);
        for (supporter, &capacity) in self.capacities.iter().enumerate() {
            builder.supporter(Supporter::new(capacity).minimum(minimum(supporter)));
        }
        builder.unmatched_costs(vec![self.penalty; self.participants()]);
        builder.pairs_csr(self.offsets.clone(), self.supporters.clone(), self.costs.clone());
        builder
    }

    fn complete(name: String, size: u32, penalty: i64, mut cost: impl FnMut(u32, u32) -> i64) -> Self {
        let pairs = || (0..size).flat_map(|row| (0..size).map(move |column| (row, column)));
        Self {
            name,
            penalty,
            capacities: vec![1; size as usize],
            offsets: (0..=size as usize).map(|row| row * size as usize).collect(),
            supporters: pairs().map(|(_, column)| column).collect(),
            costs: pairs().map(|(row, column)| cost(row, column)).collect(),
        }
    }

    /// Complete, costs from 0 to `most`.
    pub(crate) fn uniform(size: u32, most: u64) -> Self {
        let mut random = Random::new(most + u64::from(size));
        let name = format!("uniform {size}, costs to {most}");
        Self::complete(name, size, 2_000_000, |_, _| random.below(most + 1) as i64)
    }

    /// Complete, distances in the unit square, of a million steps.
    pub(crate) fn euclid(size: u32) -> Self {
        let mut random = Random::new(u64::from(size));
        let mut points = || (0..size).map(|_| [random.unit(), random.unit()]).collect::<Vec<_>>();
        let (rows, columns) = (points(), points());
        Self::complete(format!("euclid {size}"), size, 2_000_000, |row, column| {
            (distance(rows[row as usize], columns[column as usize]) / 2_f64.sqrt() * 1e6).round() as i64
        })
    }

    /// Complete, costs `i * j`.
    pub(crate) fn products(size: u32) -> Self {
        let (square, most) = (i64::from(size) * i64::from(size), 1_000_000);
        Self::complete(format!("products {size}"), size, 2_000_000, |row, column| {
            i64::from(row + 1) * i64::from(column + 1) * most / square
        })
    }

    /// `degree` draws of a column for each of as many rows as columns.
    pub(crate) fn sparse(size: u32, degree: usize) -> Self {
        let mut random = Random::new(u64::from(size));
        let mut rows = Rows::default();
        for _ in 0..size {
            let row = (0..degree).map(|_| random.below(size.into()) as u32).collect();
            rows.add(row, |_| random.below(1_000_001) as i64);
        }
        rows.family(format!("sparse {size}, degree {degree}"), 2_000_000, vec![1; size as usize])
    }

    /// People and supporters in towns, some `degree` pairs for each participant.
    pub(crate) fn realistic(
        name: &str,
        participants: u32,
        count: u32,
        degree: usize,
        places: Places,
    ) -> Self {
        let mut random = Random::new(u64::from(participants) * 7 + places.most);
        let world = World::new(&mut random, count);
        let mut people = |count: u32| (0..count).map(|_| world.person(&mut random)).collect::<Vec<_>>();
        let (asking, supporters) = (people(participants), people(count));
        let capacities = capacities(&mut random, count, places);
        let by_place = world.by_place(&supporters);
        let mut rows = Rows::default();
        for person in &asking {
            // Twice as many draws as wanted, then as many kept as there are to be on average.
            let drawn = world.candidates(&mut random, &by_place, person, degree * 2);
            let drawn: Vec<u32> = drawn.into_iter().filter(|_| random.below(100) < 55).collect();
            rows.add(drawn, |supporter| person.cost(&supporters[supporter as usize]));
        }
        rows.family(format!("{name} {participants} x {count}"), 1200, capacities)
    }
}

/// Rows in the making.
struct Rows {
    offsets: Vec<usize>,
    supporters: Vec<u32>,
    costs: Vec<i64>,
}

impl Default for Rows {
    fn default() -> Self {
        Self { offsets: vec![0], supporters: Vec::new(), costs: Vec::new() }
    }
}

impl Rows {
    fn add(&mut self, mut row: Vec<u32>, cost: impl FnMut(u32) -> i64) {
        row.sort_unstable();
        row.dedup();
        self.costs.extend(row.iter().copied().map(cost));
        self.supporters.extend(row);
        self.offsets.push(self.supporters.len());
    }

    fn family(self, name: String, penalty: i64, capacities: Vec<u32>) -> Family {
        let Self { offsets, supporters, costs } = self;
        Family { name, penalty, capacities, offsets, supporters, costs }
    }
}

fn capacities(random: &mut Random, count: u32, places: Places) -> Vec<u32> {
    let mut capacities: Vec<u32> = (0..count).map(|_| 1 + random.below(places.most) as u32).collect();
    let Some(total) = places.total else { return capacities };
    let mut sum: u32 = capacities.iter().sum();
    while sum != total {
        let one = &mut capacities[random.below(count.into()) as usize];
        if sum < total {
            *one += 1;
            sum += 1;
        } else if *one > u32::from(sum > count) {
            *one -= 1;
            sum -= 1;
        }
    }
    capacities
}

const LANGUAGES: [f64; 6] = [0.60, 0.75, 0.85, 0.92, 0.97, 1.0];
const CONDITIONS: usize = 24;

/// Towns of falling size, and conditions of falling frequency.
struct World {
    towns: Vec<[f64; 2]>,
    town_shares: Vec<f64>,
    condition_shares: Vec<f64>,
    /// For each town and weight (near, wider), the shares of all towns, not yet weighed by supporters.
    reach: Vec<[Vec<f64>; 2]>,
}

struct Person {
    town: usize,
    at: [f64; 2],
    language: usize,
    conditions: u32,
    grade: u64,
}

impl Person {
    fn cost(&self, other: &Self) -> i64 {
        let common = (self.conditions & other.conditions).count_ones();
        let all = (self.conditions | other.conditions).count_ones();
        let unlike = 1.0 - f64::from(common) / f64::from(all);
        let far = 1.0 - (-distance(self.at, other.at) / 50.0).exp();
        let grades = self.grade.abs_diff(other.grade) as f64 / 4.0;
        ((450.0 * unlike).round() + 10.0 * (35.0 * far).round() + (200.0 * grades).round()).min(1000.0) as i64
    }
}

impl World {
    fn new(random: &mut Random, supporters: u32) -> Self {
        let count = ((f64::from(supporters).sqrt() / 4.0).round() as usize).max(8);
        let towns: Vec<[f64; 2]> =
            (0..count).map(|_| [random.unit() * 1000.0, random.unit() * 1000.0]).collect();
        let reach = |town: &[f64; 2]| {
            [60.0, 400.0]
                .map(|decay| towns.iter().map(|other| (-distance(*town, *other) / decay).exp()).collect())
        };
        Self {
            town_shares: cumulative((1..=count).map(|rank| (rank as f64).powf(-0.8))),
            condition_shares: cumulative((1..=CONDITIONS).map(|rank| (rank as f64).powf(-0.7))),
            reach: towns.iter().map(reach).collect(),
            towns,
        }
    }

    fn person(&self, random: &mut Random) -> Person {
        let town = random.from(&self.town_shares);
        let at = self.towns[town].map(|centre| centre + 12.0 * random.normal());
        let language = random.from(&LANGUAGES);
        let conditions = (0..3).fold(0, |bits, _| bits | 1 << random.from(&self.condition_shares));
        Person { town, at, language, conditions, grade: random.below(5) }
    }

    /// The supporters of each language and town.
    fn by_place(&self, supporters: &[Person]) -> Vec<Vec<Vec<u32>>> {
        let mut places = vec![vec![Vec::new(); self.towns.len()]; LANGUAGES.len()];
        for (person, number) in supporters.iter().zip(0..) {
            places[person.language][person.town].push(number);
        }
        places
    }

    /// Supporters who speak the language: mostly near, some further away.
    fn candidates(
        &self,
        random: &mut Random,
        places: &[Vec<Vec<u32>>],
        person: &Person,
        draws: usize,
    ) -> Vec<u32> {
        let there = &places[person.language];
        if there.iter().all(Vec::is_empty) {
            return Vec::new();
        }
        let shares = self.reach[person.town].each_ref().map(|reach| {
            cumulative(reach.iter().zip(there).map(|(&near, people)| near * people.len() as f64))
        });
        let mut found = Vec::with_capacity(draws);
        for _ in 0..draws {
            let wider = usize::from(random.below(10) >= 7);
            let town = &there[random.from(&shares[wider])];
            found.extend(town.get(random.below(town.len().max(1) as u64) as usize));
        }
        found
    }
}

fn distance(a: [f64; 2], b: [f64; 2]) -> f64 {
    (a[0] - b[0]).hypot(a[1] - b[1])
}

/// The running sums of weights, the last of them 1.
fn cumulative(weights: impl Iterator<Item = f64>) -> Vec<f64> {
    let mut sums: Vec<f64> = weights
        .scan(0.0, |sum, weight| {
            *sum += weight;
            Some(*sum)
        })
        .collect();
    let all = sums.last().copied().unwrap_or(1.0);
    for sum in &mut sums {
        *sum /= all;
    }
    sums
}

/// A small deterministic generator: splitmix64.
struct Random(u64);

impl Random {
    fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn below(&mut self, bound: u64) -> u64 {
        self.next() % bound
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Box and Muller's.
    fn normal(&mut self) -> f64 {
        let radius = (-2.0 * (1.0 - self.unit()).ln()).sqrt();
        radius * (std::f64::consts::TAU * self.unit()).cos()
    }

    /// A place in a list of running sums.
    fn from(&mut self, sums: &[f64]) -> usize {
        let at = self.unit();
        sums.partition_point(|&sum| sum <= at).min(sums.len() - 1)
    }
}
