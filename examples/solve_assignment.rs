//! Solves one assignment problem from a file and prints what it costs and how long that took, the proof checked first.
//!
//! `cargo run --release --example solve_assignment -- --help` lists the arguments and the formats.

#![allow(clippy::print_stdout, clippy::print_stderr)]

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use clap::{Parser, ValueEnum};
use peermatch::assignment::{Algorithm, Backend, Control, Options, Problem, Supporter, TieBreak, solve};

/// Solves an assignment problem exactly and prints one line:
/// `objective=<int> solve_ms=<float> matched=<int> build_ms=<float> read_ms=<float>`
///
/// The certificate is verified before anything is printed; an assignment that does not pass is a message and exit
/// status 1. `solve_ms` is the solve with its certificate, from the built problem to the assignment; verifying is not
/// in it. Peers return any optimum, so by default the solve does too: choose `--tie-break in-order` for the canonical
/// one that the library returns unless told otherwise, at the price of some more time.
///
/// Formats: `.asgb` (binary) and any other name as `.asg` (text: `p asg P S E penalty`, `s SUPPORTER CAPACITY`,
/// `e PARTICIPANT SUPPORTER COST`, numbers from 0, other lines are comments). Every participant takes one supporter or
/// stays unmatched at the penalty; the sum is minimised.
#[derive(Parser)]
struct Arguments {
    /// The problem.
    file: PathBuf,
    /// Threads it may use. The flow uses one.
    #[arg(long, default_value_t = 1)]
    threads: usize,
    /// What to solve it with.
    #[arg(long, value_enum, default_value_t = Method::Auto)]
    algorithm: Method,
    /// Which optimal assignment to return.
    #[arg(long, value_enum, default_value_t = Ties::Unspecified)]
    tie_break: Ties,
    /// Also print the statistics of the solve, to standard error.
    #[arg(long)]
    statistics: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum Method {
    Auto,
    /// Participants look for places.
    Flow,
    /// Places look for participants.
    Places,
    /// Network simplex on the explicit graph.
    Simplex,
    Ilp,
}

#[derive(Clone, Copy, ValueEnum)]
enum Ties {
    InOrder,
    Unspecified,
}

type Outcome<T> = Result<T, String>;

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(line) => {
            println!("{line}");
            ExitCode::SUCCESS
        }
        Err(message) => {
            eprintln!("{message}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Outcome<String> {
    // Fails only if the pool is already there, and nothing has used it yet.
    let _ = rayon::ThreadPoolBuilder::new().num_threads(arguments.threads).build_global();
    let options = Options::new()
        .algorithm(match arguments.algorithm {
            Method::Auto => Algorithm::Auto,
            Method::Flow => Algorithm::ShortestPaths,
            Method::Places => Algorithm::ShortestPathsFromPlaces,
            Method::Simplex => Algorithm::NetworkSimplex,
            Method::Ilp => Algorithm::Ilp(Backend::default()),
        })
        .tie_break(match arguments.tie_break {
            Ties::InOrder => TieBreak::FirstInOrder,
            Ties::Unspecified => TieBreak::Unspecified,
        });

    let start = Instant::now();
    let instance =
        read(&arguments.file).map_err(|message| format!("{}: {message}", arguments.file.display()))?;
    let read = start.elapsed();
    let start = Instant::now();
    let problem = instance.build().map_err(|error| error.to_string())?;
    let built = start.elapsed();
    let start = Instant::now();
    let assignment = solve(&problem, &options, &Control::new()).map_err(|error| error.to_string())?;
    let solved = start.elapsed();

    let verification = assignment.verify(&problem);
    if !verification.is_valid() {
        return Err(format!("the assignment does not pass its own proof: {verification}"));
    }
    if arguments.statistics {
        eprintln!("{:?}", assignment.statistics);
    }
    let milliseconds = |time: Duration| time.as_secs_f64() * 1000.0;
    Ok(format!(
        "objective={} solve_ms={:.3} matched={} build_ms={:.3} read_ms={:.3}",
        assignment.objective.quality,
        milliseconds(solved),
        assignment.matched(),
        milliseconds(built),
        milliseconds(read)
    ))
}

/// A problem as the files state it.
struct Instance {
    penalty: i64,
    capacities: Vec<u32>,
    offsets: Vec<usize>,
    supporters: Vec<u32>,
    costs: Vec<i64>,
}

impl Instance {
    fn build(self) -> peermatch::Result<Problem> {
        let participants = self.offsets.len() - 1;
        let mut builder = Problem::builder(participants as u32);
        for capacity in self.capacities {
            builder.supporter(Supporter::new(capacity));
        }
        builder.unmatched_costs(vec![self.penalty; participants]);
        builder.pairs_csr(self.offsets, self.supporters, self.costs);
        builder.build()
    }
}

fn read(path: &Path) -> Outcome<Instance> {
    if path.extension().is_some_and(|extension| extension == "asgb") {
        let bytes = std::fs::read(path).map_err(|error| format!("cannot be read: {error}"))?;
        return binary(&bytes);
    }
    let text = std::fs::read_to_string(path).map_err(|error| format!("cannot be read: {error}"))?;
    textual(&text)
}

/// Takes numbers off the front of a file's bytes, little endian.
struct Bytes<'a>(&'a [u8]);

impl<'a> Bytes<'a> {
    fn take(&mut self, count: usize, size: usize) -> Outcome<&'a [u8]> {
        let length = count.checked_mul(size).filter(|&length| length <= self.0.len());
        let (taken, rest) = self.0.split_at(length.ok_or("ends too early")?);
        self.0 = rest;
        Ok(taken)
    }

    fn longs(&mut self, count: usize) -> Outcome<impl Iterator<Item = i64> + 'a> {
        let whole = |chunk: &[u8]| chunk.try_into().map_or(0, i64::from_le_bytes);
        Ok(self.take(count, 8)?.chunks_exact(8).map(whole))
    }

    fn integers(&mut self, count: usize) -> Outcome<impl Iterator<Item = i32> + 'a> {
        let whole = |chunk: &[u8]| chunk.try_into().map_or(0, i32::from_le_bytes);
        Ok(self.take(count, 4)?.chunks_exact(4).map(whole))
    }
}

fn binary(bytes: &[u8]) -> Outcome<Instance> {
    let mut bytes = Bytes(bytes);
    if bytes.take(8, 1)? != b"ASGB1\0\0\0" {
        return Err("does not begin as an .asgb file does".to_owned());
    }
    let header: Vec<i64> = bytes.longs(4)?.collect();
    let size =
        |at: usize| usize::try_from(header[at]).map_err(|_| format!("states a size of {}", header[at]));
    let (participants, supporters, pairs) = (size(0)?, size(1)?, size(2)?);
    let positive =
        |value: i32| u32::try_from(value).map_err(|_| format!("states a capacity or number of {value}"));
    Ok(Instance {
        penalty: header[3],
        capacities: bytes.integers(supporters)?.map(positive).collect::<Outcome<_>>()?,
        offsets: bytes
            .longs(participants.saturating_add(1))?
            .map(|offset| usize::try_from(offset).map_err(|_| format!("states an offset of {offset}")))
            .collect::<Outcome<_>>()?,
        supporters: bytes.integers(pairs)?.map(positive).collect::<Outcome<_>>()?,
        costs: bytes.integers(pairs)?.map(i64::from).collect(),
    })
}

fn textual(text: &str) -> Outcome<Instance> {
    let mut size = None;
    let mut capacities = Vec::new();
    let mut pairs = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let wrong = || format!("line {}: cannot be understood: {line}", number + 1);
        let mut words = line.split_whitespace();
        let kind = words.next();
        if kind == Some("p") && words.next() != Some("asg") {
            return Err(wrong());
        }
        if !matches!(kind, Some("p" | "s" | "e")) {
            continue;
        }
        let numbers: Vec<i64> = words.map(str::parse).collect::<Result<_, _>>().map_err(|_| wrong())?;
        let small = |value: i64| u32::try_from(value).map_err(|_| wrong());
        match (kind, &numbers[..]) {
            (Some("p"), &[participants, supporters, _, penalty]) => {
                size = Some((small(participants)?, penalty));
                capacities = vec![0; small(supporters)? as usize];
            }
            (Some("s"), &[supporter, capacity]) => {
                *capacities.get_mut(small(supporter)? as usize).ok_or_else(wrong)? = small(capacity)?;
            }
            (Some("e"), &[participant, supporter, cost]) => {
                pairs.push((small(participant)?, small(supporter)?, cost));
            }
            _ => return Err(wrong()),
        }
    }
    let (participants, penalty) = size.ok_or("has no line `p asg ...`")?;
    pairs.sort_unstable();
    if let Some(&(participant, ..)) = pairs.last().filter(|pair| pair.0 >= participants) {
        return Err(format!(
            "names participant {participant}, but there are {participants}; numbers start at 0"
        ));
    }
    let before = |p: u32| pairs.partition_point(|pair| pair.0 < p);
    Ok(Instance {
        penalty,
        capacities,
        offsets: (0..=participants).map(before).collect(),
        supporters: pairs.iter().map(|pair| pair.1).collect(),
        costs: pairs.iter().map(|pair| pair.2).collect(),
    })
}
