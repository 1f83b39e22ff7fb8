//! The solver beside other crates that solve the same problems, on instances of the same families.
//!
//! `cargo bench --bench peers` runs all, `-- uniform` the families of that name. Before anything is timed, every peer
//! must have found the same objective, recomputed from its assignment. Timed is the solve alone: what turns the
//! instance into a peer's own form is not in it, nor into a [`Problem`] for this library.
//!
//! * `lapjv`: Jonker and Volgenant's shortest augmenting paths, on a square matrix.
//! * `pathfinding`: Kuhn and Munkres, the Hungarian method, on a matrix with no more rows than columns.
//! * `khosla`: `sparse_linear_assignment`'s auction of that name; unit capacities, for with copies of supporters, which
//!   all cost the same, it takes minutes for a thousand participants.
//! * `mcmf`: LEMON's network simplex, which is C++: only with `RUSTFLAGS="--cfg peer_mcmf"`.
//!
//! Matrices have a column for each place and, unless everyone has a pair with everyone, one for each participant who
//! stays unmatched; they are left out where they get too large.

#![allow(missing_docs)]

mod families;

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, Criterion, SamplingMode, criterion_group, criterion_main};
use families::{Family, Places};
use peermatch::assignment::{Assignment, Control, Options, TieBreak, solve};
use sparse_linear_assignment::{AuctionSolver, KhoslaSolver};

/// Cells beyond this take the crates that want a matrix too long.
const MOST_CELLS: usize = 6_000_000;

/// Pairs beyond this take the auction too long.
const MOST_FOR_KHOSLA: usize = 400_000;

type Group<'c> = BenchmarkGroup<'c, WallTime>;

fn benchmark(criterion: &mut Criterion) {
    let room = Places { most: 8, total: None };
    let families: [(&str, &dyn Fn() -> Family); 13] = [
        ("uniform 300", &|| Family::uniform(300, 1_000_000)),
        ("uniform 1000", &|| Family::uniform(1000, 1_000_000)),
        ("ties 300", &|| Family::uniform(300, 100)),
        ("ties 1000", &|| Family::uniform(1000, 100)),
        ("euclid 300", &|| Family::euclid(300)),
        ("products 200", &|| Family::products(200)),
        ("sparse 1000", &|| Family::sparse(1000, 20)),
        ("sparse 10000", &|| Family::sparse(10_000, 20)),
        ("real 1000", &|| Family::realistic("real", 1000, 300, 50, room)),
        ("over 1000", &|| Family::realistic("over", 1000, 300, 50, Places { most: 4, total: Some(700) })),
        ("real 10000", &|| Family::realistic("real", 10_000, 3000, 50, room)),
        ("over 10000", &|| {
            Family::realistic("over", 10_000, 3000, 50, Places { most: 4, total: Some(7000) })
        }),
        ("tight 10000", &|| {
            Family::realistic("tight", 10_000, 3000, 50, Places { total: Some(10_300), ..room })
        }),
    ];
    for (name, family) in families {
        let mut group = criterion.benchmark_group(name);
        group
            .sample_size(10)
            .sampling_mode(SamplingMode::Flat)
            .warm_up_time(Duration::from_millis(300))
            .measurement_time(Duration::from_secs(2));
        beside_each_other(&mut group, &family());
        group.finish();
    }
}

fn beside_each_other(group: &mut Group<'_>, family: &Family) {
    let objective = ours(group, family);
    let agree = |name: &str, found: i128| {
        assert_eq!(found, objective, "{name} found another objective on {}", family.name);
    };
    if let Some(matrix) = Square::of(family) {
        agree("lapjv", by_lapjv(group, family, &matrix));
        agree("pathfinding", by_pathfinding(group, family, &matrix));
    }
    let single = family.capacities.iter().all(|&capacity| capacity == 1);
    if single && family.costs.len() <= MOST_FOR_KHOSLA {
        agree("khosla", by_khosla(group, family));
    }
    #[cfg(peer_mcmf)]
    agree("mcmf", by_mcmf(group, family));
}

/// What an assignment costs; the supporter of each participant, if any.
fn value(family: &Family, supporter: impl Iterator<Item = Option<u32>>) -> i128 {
    let mut loads = vec![0; family.capacities.len()];
    let mut sum = 0;
    for (participant, supporter) in supporter.enumerate() {
        let row = family.offsets[participant]..family.offsets[participant + 1];
        let Some(s) = supporter else {
            sum += i128::from(family.penalty);
            continue;
        };
        loads[s as usize] += 1;
        let at = family.supporters[row.clone()].binary_search(&s).expect("every match is a pair");
        sum += i128::from(family.costs[row][at]);
    }
    assert!(loads.iter().zip(&family.capacities).all(|(load, capacity)| load <= capacity), "capacities hold");
    sum
}

fn chosen(assignment: &Assignment) -> Vec<Option<u32>> {
    (0..assignment.matches.participants() as u32)
        .map(|participant| assignment.supporter_of(participant))
        .collect()
}

fn ours(group: &mut Group<'_>, family: &Family) -> i128 {
    let problem = family.problem();
    // Peers return any optimum.
    let options = Options::new().tie_break(TieBreak::Unspecified);
    let found = solve(&problem, &options, &Control::new()).expect("the problem is solvable");
    let check = found.verify(&problem);
    assert!(check.is_valid() && check.proven_optimal, "{}: {check}", family.name);
    group.bench_function("peermatch", |bench| {
        bench.iter(|| solve(black_box(&problem), &options, &Control::new()));
    });
    value(family, chosen(&found).into_iter())
}

/// A problem as a square matrix: the rows beyond the participants cost nothing anywhere.
struct Square {
    size: usize,
    costs: Vec<i64>,
    /// The supporter whose place a column is, none for staying unmatched.
    owner: Vec<Option<u32>>,
}

impl Square {
    /// `None` if it would be too large.
    fn of(family: &Family) -> Option<Self> {
        let participants = family.participants();
        let places = family.capacities.iter().zip(0..);
        let mut owner: Vec<Option<u32>> =
            places.flat_map(|(&capacity, s)| (0..capacity).map(move |_| Some(s))).collect();
        if family.costs.len() < participants * participants {
            owner.resize(owner.len() + participants, None);
        }
        let size = owner.len();
        if size * size > MOST_CELLS {
            return None;
        }
        let mut costs = vec![0; size * size];
        for (participant, row) in costs.chunks_exact_mut(size).take(participants).enumerate() {
            let range = family.offsets[participant]..family.offsets[participant + 1];
            let (supporters, prices) = (&family.supporters[range.clone()], &family.costs[range]);
            for (cell, owner) in row.iter_mut().zip(&owner) {
                *cell = match owner {
                    None => family.penalty,
                    // What is no pair costs more than anything that is taken.
                    Some(s) => supporters.binary_search(s).map_or(1_000_000_000, |at| prices[at]),
                };
            }
        }
        Some(Self { size, costs, owner })
    }

    fn value(&self, family: &Family, columns: &[usize]) -> i128 {
        value(family, columns.iter().take(family.participants()).map(|&column| self.owner[column]))
    }
}

fn by_lapjv(group: &mut Group<'_>, family: &Family, square: &Square) -> i128 {
    let costs = square.costs.iter().map(|&cost| cost as f64).collect();
    let matrix =
        lapjv::Matrix::from_shape_vec((square.size, square.size), costs).expect("the matrix is square");
    let (columns, _) = lapjv::lapjv(&matrix).expect("the matrix is square");
    group.bench_function("lapjv", |bench| bench.iter(|| lapjv::lapjv(black_box(&matrix))));
    square.value(family, &columns)
}

fn by_pathfinding(group: &mut Group<'_>, family: &Family, square: &Square) -> i128 {
    use pathfinding::prelude::{Matrix, kuhn_munkres_min};
    let rows = family.participants();
    let costs = square.costs[..rows * square.size].to_vec();
    let matrix = Matrix::from_vec(rows, square.size, costs).expect("the rows are full");
    let (_, columns) = kuhn_munkres_min(&matrix);
    group.bench_function("pathfinding", |bench| bench.iter(|| kuhn_munkres_min(black_box(&matrix))));
    square.value(family, &columns)
}

fn by_khosla(group: &mut Group<'_>, family: &Family) -> i128 {
    let (size, places) = (family.participants(), family.capacities.len());
    let columns = places + size;
    let prepare = || {
        let (mut solver, solution) = KhoslaSolver::<u32>::new(size, columns, size + family.costs.len());
        solver.init(size as u32, columns as u32).expect("the sizes fit");
        for row in 0..size {
            let range = family.offsets[row]..family.offsets[row + 1];
            let mut to = family.supporters[range.clone()].to_vec();
            let mut costs: Vec<f64> = family.costs[range].iter().map(|&cost| cost as f64).collect();
            // A column of its own for staying unmatched.
            to.push((places + row) as u32);
            costs.push(family.penalty as f64);
            solver.extend_from_values(row as u32, &to, &costs).expect("the row fits");
        }
        (solver, solution)
    };
    // Costs are whole, so steps below one over the number of columns find an optimum.
    let step = Some(1.0 / (columns as f64 + 1.0));
    let (mut solver, mut solution) = prepare();
    solver.solve(&mut solution, false, step).expect("everyone has a column");
    let taken = |&column: &u32| (column < places as u32).then_some(column);
    let found = value(family, solution.person_to_object.iter().map(taken));
    group.bench_function("khosla", |bench| {
        let solve = |(mut solver, mut solution): (KhoslaSolver<u32>, _)| {
            solver.solve(&mut solution, false, step).expect("everyone has a column");
            (solver, solution)
        };
        bench.iter_batched(prepare, solve, BatchSize::PerIteration);
    });
    found
}

#[cfg(peer_mcmf)]
fn by_mcmf(group: &mut Group<'_>, family: &Family) -> i128 {
    use mcmf::{Capacity, Cost, GraphBuilder, Vertex};
    let size = family.participants() as u32;
    let prepare = || {
        let mut graph: GraphBuilder<u32> = GraphBuilder::new();
        for row in 0..size {
            graph.add_edge(Vertex::Source, row, Capacity(1), Cost(0));
            for at in family.offsets[row as usize]..family.offsets[row as usize + 1] {
                let cost = i32::try_from(family.costs[at]).expect("costs are small");
                graph.add_edge(row, size + family.supporters[at], Capacity(1), Cost(cost));
            }
            let penalty = i32::try_from(family.penalty).expect("costs are small");
            graph.add_edge(row, Vertex::Sink, Capacity(1), Cost(penalty));
        }
        for (&capacity, s) in family.capacities.iter().zip(0..) {
            let capacity = i32::try_from(capacity).expect("capacities are small");
            graph.add_edge(size + s, Vertex::Sink, Capacity(capacity), Cost(0));
        }
        graph
    };
    let (found, _) = prepare().mcmf();
    group.bench_function("mcmf", |bench| {
        bench.iter_batched(prepare, |graph| graph.mcmf(), BatchSize::PerIteration);
    });
    found.into()
}

criterion_group!(benches, benchmark);
criterion_main!(benches);
