//! Multipliers from a flow that pays for the rules: what no network holds is priced, everything else exact.
//!
//! **Problem.** Where rules cut across many supporters, prices on "so many supporters each" (one for every participant)
//! and on every nested group would have to be found one by one; the flow finds the best of them at once, for given
//! prices on the few rows that it cannot hold.
//!
//! **Method.** Capacities, firm minimums, convex loads and nested groups become the network; every other row gets a
//! multiplier that is added to the costs of its pairs. The optimal flow then gives a Lagrangian bound, the sums of the
//! priced rows a subgradient, and its potentials the multipliers of groups and nested rows for
//! [`super::lagrangian::Lagrangian`], whose tables only raise the bound further. The volume algorithm raises it over
//! the multipliers of the priced rows. A flow that keeps them all is a choice, and others are repaired now and then.
//!
//! **Why it is exact.** Any multipliers give a bound; nothing rests on their being good.
//!
//! **Time and space.** One flow over the pairs for each step, O(terms) besides.
//!
//! **When it is the wrong choice.** Where nearly all rows are of one supporter each (hours): their tables say more than
//! prices do.
//!
//! **References.** M. L. Fisher, *The Lagrangian relaxation method for solving integer programming problems*,
//! Management Science 27 (1981); F. Barahona, R. Anbil, *The volume algorithm*, Mathematical Programming 87 (2000).

use super::binary::{Binary, FIRM, FREE, NONE};
use super::domain::Domain;
use super::lagrangian::{Lagrangian, Multipliers};
use super::limits::Limits;
use super::repair::repair;
use super::search::Incumbent;
use crate::assignment::{Options, Problem, Proof, Supporter, TieBreak, solve};

/// Flows solved at most.
const STEPS: usize = 150;
/// Steps without improvement after which they are halved, and the length below which they are not worth while.
const PATIENCE: usize = 5;
const SHORTEST: f64 = 1e-3;
/// Steps between two attempts to repair a flow.
const BETWEEN_REPAIRS: usize = 8;
/// Costs are multiplied by this at most, so that the flow need not compute in wide integers.
const MOST_SCALE: i64 = 1 << 6;
/// What the last flow counts in the running average.
const NEW: f64 = 0.15;

/// Raises the bound over the multipliers of the rows that no network holds. `None` where there is no such flow, where
/// it was stopped at once, or where every row that no network holds is of one supporter. Choices found on the way go to
/// `best`.
pub(super) fn priced_flow(
    dual: &Lagrangian<'_>,
    domain: &mut Domain,
    best: &mut Option<Incumbent>,
    limits: &mut Limits<'_>,
) -> Option<Multipliers> {
    let network = Network::of(dual.program, dual.scale.min(MOST_SCALE))?;
    let mut ascent = Ascent { dual, domain, network: &network, best };
    let raised = ascent.run(limits)?;
    Some(network.multipliers(dual, &raised))
}

/// The part of a program that a network holds, and the rows that it does not.
struct Network<'a> {
    program: &'a Binary,
    scale: i64,
    /// Pairs in compressed rows, one for each group: supporter numbers and variables.
    offsets: Vec<usize>,
    supporters: Vec<u32>,
    pairs: Vec<u32>,
    /// The variable by which a place of each group stays empty.
    exits: Vec<Option<u32>>,
    nodes: Vec<Node>,
    groups: Vec<Nest>,
    /// Rows that are priced.
    priced: Vec<u32>,
    /// What loads cost whatever is chosen, in scaled costs.
    constant: i64,
}

/// A supporter of the network.
#[derive(Debug, Clone, Default)]
struct Node {
    pairs: u32,
    capacity: u32,
    minimum: u32,
    /// Price of each place from its number on, and bonus of each place below.
    above: Vec<(i64, i64)>,
    below: Vec<(i64, i64)>,
    group: Option<u32>,
}

/// A nested group of the network: its row, its limits, its parent.
#[derive(Debug, Clone, Copy)]
struct Nest {
    row: u32,
    capacity: u32,
    minimum: u32,
    parent: Option<u32>,
}

/// An optimal flow under some prices.
struct Point {
    value: i64,
    taken: Vec<bool>,
    sums: Vec<i64>,
    /// Of groups of the program, and of nested groups.
    participants: Vec<i64>,
    nests: Vec<i64>,
}

impl<'a> Network<'a> {
    /// `None` if a limit leaves nothing, or tables of single supporters say more than prices do.
    fn of(program: &'a Binary, scale: i64) -> Option<Self> {
        let mut number = vec![NONE; program.blocks as usize];
        let mut network = Self {
            program,
            scale,
            offsets: vec![0],
            supporters: Vec::new(),
            pairs: Vec::new(),
            exits: Vec::new(),
            nodes: Vec::new(),
            groups: Vec::new(),
            priced: Vec::new(),
            constant: 0,
        };
        let alone = program.group_start[program.groups()] as usize;
        for &block in program.block[..alone].iter().filter(|block| **block != NONE) {
            number[block as usize] = 0;
        }
        for (slot, count) in number.iter_mut().filter(|slot| **slot == 0).zip(0..) {
            *slot = count;
        }
        network.nodes = vec![Node::default(); number.iter().filter(|slot| **slot != NONE).count()];
        for group in 0..program.groups() {
            let mut exit = None;
            for v in program.members(group) {
                match program.block[v] {
                    NONE => exit = exit.or(Some(v as u32)),
                    block => {
                        let node = number[block as usize];
                        network.nodes[node as usize].pairs += 1;
                        network.supporters.push(node);
                        network.pairs.push(v as u32);
                    }
                }
            }
            network.exits.push(exit);
            network.offsets.push(network.pairs.len());
        }
        for node in &mut network.nodes {
            node.capacity = node.pairs;
        }
        // Small rows first, so that what nests is there before what it nests in.
        let mut order: Vec<usize> = (0..program.rows()).collect();
        order.sort_by_key(|&row| (program.row(row).len(), row));
        let mut top: Vec<Option<u32>> = vec![None; network.nodes.len()];
        let mut cuts_across = false;
        for row in order {
            let touched = network.whole_supporters(row, &number);
            let holds = match touched.as_deref() {
                Some([one]) => network.limit(row, *one as usize)?,
                Some(several) => network.nest(row, several, &mut top),
                None => false,
            };
            if !holds {
                network.priced.push(row as u32);
                // Auxiliary variables go with the supporter whose row names them; empty places are nobody's.
                let of_people = program.row(row).iter().map(|term| term.0 as usize);
                let of_people = of_people.filter(|&v| program.group[v] != NONE);
                let mut blocks = of_people.map(|v| program.block[v]);
                let first = blocks.next();
                cuts_across |= first == Some(NONE) || blocks.any(|block| Some(block) != first);
            }
        }
        network.priced.sort_unstable();
        // Without a row to price the flow is the answer.
        (cuts_across || !network.groups.is_empty() || network.priced.is_empty()).then_some(network)
    }

    /// The supporters whose pairs a row counts once each, all of them and nothing else; ascending.
    fn whole_supporters(&self, row: usize, number: &[u32]) -> Option<Vec<u32>> {
        let program = self.program;
        let mut touched = Vec::with_capacity(program.row(row).len());
        for &(v, weight) in program.row(row) {
            let (group, block) = (program.group[v as usize], program.block[v as usize]);
            if weight != 1 || group == NONE || block == NONE {
                return None;
            }
            touched.push(number[block as usize]);
        }
        touched.sort_unstable();
        let whole =
            touched.chunk_by(|a, b| a == b).all(|run| run.len() as u32 == self.nodes[run[0] as usize].pairs);
        touched.dedup();
        whole.then_some(touched)
    }

    /// Takes a row over the pairs of one supporter into its limits; `None` if they leave nothing.
    fn limit(&mut self, row: usize, node: usize) -> Option<bool> {
        let bounds = self.program.bounds[row];
        let node = &mut self.nodes[node];
        if bounds.price == FIRM {
            if bounds.high < 0 || bounds.low != -FREE && bounds.low > i64::from(node.pairs) {
                return None;
            }
            if bounds.high != FREE {
                node.capacity = node.capacity.min(bounds.high.min(i64::from(node.pairs)) as u32);
            }
            node.minimum = node.minimum.max(bounds.low.max(0) as u32);
            return (node.minimum <= node.capacity).then_some(true);
        }
        if bounds.high != FREE {
            // What is beyond before anything is chosen costs all the same.
            self.constant += self.scale * bounds.price * (-bounds.high).max(0);
            node.above.push((bounds.high.max(0), bounds.price));
        }
        if bounds.low != -FREE && bounds.low > 0 {
            self.constant += self.scale * bounds.price * bounds.low;
            node.below.push((bounds.low, bounds.price));
        }
        Some(true)
    }

    /// Takes a firm row over all pairs of several supporters as a group above them, if it nests with those there are.
    fn nest(&mut self, row: usize, several: &[u32], top: &mut [Option<u32>]) -> bool {
        let bounds = self.program.bounds[row];
        if bounds.price != FIRM || bounds.high < 0 || several.is_empty() {
            return false;
        }
        // Whoever stands under a group already brings all of it.
        let mut groups: Vec<u32> = several.iter().filter_map(|&node| top[node as usize]).collect();
        groups.sort_unstable();
        groups.dedup();
        let inside = |node: &u32| several.binary_search(node).is_ok();
        let whole = (0..).zip(top.iter()).all(|(node, group)| match group {
            Some(group) if groups.binary_search(group).is_ok() => inside(&node),
            _ => true,
        });
        if !whole {
            return false;
        }
        let new = self.groups.len() as u32;
        let pairs: u32 = several.iter().map(|&node| self.nodes[node as usize].pairs).sum();
        let capacity = if bounds.high == FREE { pairs } else { bounds.high.min(i64::from(pairs)) as u32 };
        let minimum = if bounds.low == -FREE { 0 } else { bounds.low.max(0) as u32 };
        if minimum > capacity {
            return false;
        }
        self.groups.push(Nest { row: row as u32, capacity, minimum, parent: None });
        for &group in &groups {
            self.groups[group as usize].parent = Some(new);
        }
        for &node in several {
            if top[node as usize].is_none() {
                self.nodes[node as usize].group = Some(new);
            }
            top[node as usize] = Some(new);
        }
        true
    }

    /// The optimal flow when each unit of a priced row costs so much, in scaled costs; `None` if there is none, it was
    /// stopped, or numbers get too large.
    fn at(&self, prices: &[i64], limits: &Limits<'_>) -> Option<Point> {
        let program = self.program;
        let mut costs: Vec<i64> = program.cost.iter().map(|&cost| cost * self.scale).collect();
        let mut value = i128::from(self.scale * program.constant + self.constant);
        for (&row, &price) in self.priced.iter().zip(prices).filter(|(_, price)| **price != 0) {
            for &(v, weight) in program.row(row as usize) {
                costs[v as usize] = costs[v as usize].checked_add(weight.checked_mul(price)?)?;
            }
            let bounds = program.bounds[row as usize];
            value -= i128::from(price) * i128::from(if price > 0 { bounds.high } else { bounds.low });
        }
        let mut builder = Problem::builder(program.groups() as u32);
        for nest in &self.groups {
            builder.group(nest.capacity, nest.parent);
        }
        for (group, nest) in (0..).zip(&self.groups).filter(|(_, nest)| nest.minimum > 0) {
            builder.group_minimum(group, nest.minimum);
        }
        for node in &self.nodes {
            builder.supporter(node.supporter(self.scale));
        }
        let of_pairs: Vec<i64> = self.pairs.iter().map(|&v| costs[v as usize]).collect();
        let (least, most) = of_pairs.iter().fold((0, 0), |(l, m), &cost| (cost.min(l), cost.max(m)));
        // Who must be placed stays unmatched only where nothing else is left.
        let dear = most.checked_add(most.checked_sub(least)?)?.checked_add(1)?;
        let unmatched = self.exits.iter().map(|exit| exit.map_or(dear, |v| costs[v as usize])).collect();
        for (group, &need) in (0..).zip(&program.need).filter(|(_, need)| **need > 1) {
            builder.places(group, need);
        }
        builder.pairs_csr(self.offsets.clone(), self.supporters.clone(), of_pairs).unmatched_costs(unmatched);
        let options = Options::new().tie_break(TieBreak::Unspecified);
        let found = solve(&builder.build().ok()?, &options, &limits.control().over_some_pairs()).ok()?;
        let Proof::Potentials(certificate) = &found.proof else { return None };
        value += found.objective.quality;

        let mut taken = vec![false; program.variables()];
        for group in 0..program.groups() {
            let chosen = found.supporters_of(group as u32);
            let row = self.offsets[group]..self.offsets[group + 1];
            for (&supporter, &v) in self.supporters[row.clone()].iter().zip(&self.pairs[row]) {
                taken[v as usize] = chosen.contains(&supporter);
            }
            let empty = (program.need[group] as usize).saturating_sub(chosen.len());
            for v in program.members(group).filter(|&v| program.block[v] == NONE).take(empty) {
                taken[v] = true;
            }
        }
        for v in program.group_start[program.groups()] as usize..program.variables() {
            taken[v] = costs[v] < 0;
            value += i128::from(costs[v].min(0));
        }
        let sum = |&row: &u32| {
            let terms = program.row(row as usize).iter().filter(|term| taken[term.0 as usize]);
            terms.map(|term| term.1).sum()
        };
        let unit = certificate.scales.quality.max(1);
        let whole = |potentials: &[i128]| -> Option<Vec<i64>> {
            potentials.iter().map(|&potential| i64::try_from(potential / unit).ok()).collect()
        };
        Some(Point {
            value: i64::try_from(value).ok()?,
            sums: self.priced.iter().map(sum).collect(),
            participants: whole(&certificate.participants)?,
            nests: whole(&certificate.groups)?,
            taken,
        })
    }

    /// The multipliers of the whole program that a point gives, prices included.
    fn multipliers(&self, dual: &Lagrangian<'_>, (point, prices): &(Point, Vec<i64>)) -> Multipliers {
        let by = dual.scale / self.scale;
        let mut multipliers = dual.zero();
        for (to, &worth) in multipliers.group.iter_mut().zip(&point.participants) {
            *to = dual.of_group(worth.saturating_mul(by));
        }
        for (&row, &price) in self.priced.iter().zip(prices) {
            multipliers.row[row as usize] = dual.of_row(row as usize, price.saturating_mul(by));
        }
        for (nest, &own) in self.groups.iter().zip(&point.nests) {
            let above = nest.parent.map_or(0, |parent| point.nests[parent as usize]);
            multipliers.row[nest.row as usize] =
                dual.of_row(nest.row as usize, (own - above).saturating_mul(by));
        }
        multipliers
    }
}

impl Node {
    /// The supporter with marginal costs for its places.
    fn supporter(&self, scale: i64) -> Supporter {
        let last =
            self.above.iter().map(|step| step.0 + 1).chain(self.below.iter().map(|step| step.0 + 1)).max();
        let steps = (0..last.unwrap_or(0).min(i64::from(self.capacity))).map(|place| {
            let above = self.above.iter().filter(|step| place >= step.0).map(|step| step.1);
            let below = self.below.iter().filter(|step| place < step.0).map(|step| -step.1);
            scale * above.chain(below).sum::<i64>()
        });
        let supporter =
            Supporter::new(self.capacity).load_cost(steps.collect::<Vec<_>>()).minimum(self.minimum);
        match self.group {
            Some(group) => supporter.group(group),
            None => supporter,
        }
    }
}

/// The way up over the prices.
struct Ascent<'a, 'b> {
    dual: &'a Lagrangian<'b>,
    domain: &'a mut Domain,
    network: &'a Network<'b>,
    best: &'a mut Option<Incumbent>,
}

impl Ascent<'_, '_> {
    /// The best point and its prices; `None` if not even one was found.
    fn run(&mut self, limits: &mut Limits<'_>) -> Option<(Point, Vec<i64>)> {
        let network = self.network;
        let program = network.program;
        let rows = network.priced.len();
        // A row of hours moves in other steps than one of heads.
        let size = |&row: &u32| {
            let terms = program.row(row as usize);
            let squares: f64 = terms.iter().map(|term| (term.1 as f64).powi(2)).sum();
            (squares / terms.len().max(1) as f64).sqrt().max(1e-9)
        };
        let sizes: Vec<f64> = network.priced.iter().map(size).collect();
        let mut prices = vec![0_i64; rows];
        let mut top = network.at(&prices, limits)?;
        self.learn(&top, true, limits);
        let mut average: Vec<f64> = top.sums.iter().map(|&sum| sum as f64).collect();
        let (mut step, mut idle) = (1.0, 0);
        for count in 1..STEPS {
            let target = self.target(top.value);
            if top.value >= target || step < SHORTEST || limits.stops_after(program.variables()) {
                break;
            }
            let direction: Vec<f64> = (network.priced.iter().zip(&average).zip(&prices).zip(&sizes))
                .map(|(((&row, &sum), &price), size)| missed(program, row as usize, sum, price) / size)
                .collect();
            let length: f64 = direction.iter().map(|d| d * d).sum();
            if length < 1e-12 {
                break;
            }
            let by = step * (target - top.value) as f64 / length;
            let tried: Vec<i64> = (network.priced.iter().zip(&prices).zip(direction.iter().zip(&sizes)))
                .map(|((&row, &price), (d, size))| self.price(row as usize, price, by * d / size))
                .collect();
            limits.iterations += 1;
            let Some(point) = network.at(&tried, limits) else { break };
            for (average, &sum) in average.iter_mut().zip(&point.sums) {
                *average += NEW * (sum as f64 - *average);
            }
            self.learn(&point, count % BETWEEN_REPAIRS == 0, limits);
            if point.value > top.value {
                (top, prices) = (point, tried);
                idle = 0;
            } else {
                idle += 1;
                if idle >= PATIENCE {
                    step *= 0.5;
                    idle = 0;
                    average = top
                        .sums
                        .iter()
                        .map(|&sum| sum as f64)
                        .zip(&average)
                        .map(|(a, b)| 0.5 * (a + b))
                        .collect();
                }
            }
        }
        Some((top, prices))
    }

    /// A price moved, within what the row allows.
    fn price(&self, row: usize, price: i64, by: f64) -> i64 {
        const LIMIT: f64 = (1_i64 << 60) as f64;
        let ratio = self.dual.scale / self.network.scale;
        let moved = price.saturating_add(by.round().clamp(-LIMIT, LIMIT) as i64);
        let limited = self.dual.of_row(row, moved.saturating_mul(ratio));
        limited / ratio
    }

    /// What to aim at, in scaled costs: the best choice, or somewhat above the bound where there is none.
    fn target(&self, value: i64) -> i64 {
        match &self.best {
            Some(best) => (best.cost - 1).saturating_mul(self.network.scale).saturating_add(1),
            None => value.saturating_add((value.abs() / 8).max(16 * self.network.scale)),
        }
    }

    /// Takes a flow that keeps every row, or what can be made of it.
    fn learn(&mut self, point: &Point, mend: bool, limits: &mut Limits<'_>) {
        let program = self.network.program;
        let mut take = |best: &mut Option<Incumbent>, taken: &[bool]| {
            let Some(cost) = program.value(taken) else { return };
            if best.as_ref().is_none_or(|best| cost < best.cost) {
                *best = Some(Incumbent { cost, taken: taken.to_vec() });
                limits.found(cost);
            }
        };
        take(self.best, &point.taken);
        if mend {
            let chosen: Vec<u32> =
                (0..program.variables() as u32).filter(|&v| point.taken[v as usize]).collect();
            // Whom the flow chose comes first, then whoever is cheap.
            if let Some(taken) = repair(program, self.domain, &chosen, |v| program.cost[v]) {
                take(self.best, &taken);
            }
        }
    }
}

/// By how much a row's sum misses what it should be, as the dual sees it at that price.
fn missed(program: &Binary, row: usize, sum: f64, price: i64) -> f64 {
    let bounds = program.bounds[row];
    let (over, under) = (sum - bounds.high as f64, sum - bounds.low as f64);
    match price {
        1.. => over,
        0 if bounds.high != FREE && over > 0.0 => over,
        0 if bounds.low != -FREE && under < 0.0 => under,
        0 => 0.0,
        _ => under,
    }
}
