//! How long the changes of a large living programme take: who is rematched, leaves, arrives or takes fewer, one after
//! another, with everything that a coordinator is told of each. From ten million pairs on they are not held.
//!
//! ```text
//! cargo run --release --example living_programme                        # 100,000 participants, 25,000 supporters
//! cargo run --release --example living_programme -- 2000 500 7 200 50   # participants supporters seed rematches others
//! ```

#![allow(clippy::print_stdout)]

use std::time::Instant;

use jiff::civil::Date;
use peermatch::Matcher;
use peermatch::matcher::{Change, Changed, Control, Rematch};
use peermatch::policy::{Policy, Reason};
use peermatch::population::{Settings, generate};
use peermatch::program::{Hold, Participant, Program, Status, Supporter};

type Failure = Box<dyn std::error::Error>;

/// splitmix64
struct Draw(u64);

impl Draw {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        ((z ^ (z >> 31)) % count as u64) as usize
    }
}

/// What happens, one kind of it.
#[derive(Clone, Copy)]
enum Kind {
    Rematch,
    Bar,
    Leave,
    Return,
    Arrives,
    Joins,
    Capacity,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Rematch => "rematch, poor fit, nobody else moves",
            Self::Bar => "a matched pair is barred, anybody may move",
            Self::Leave => "a supporter goes on leave",
            Self::Return => "the same one is back",
            Self::Arrives => "a participant arrives",
            Self::Joins => "a supporter joins",
            Self::Capacity => "a supporter takes one more or one fewer",
        }
    }
}

/// A living programme, and what is drawn from it.
struct Living {
    matcher: Matcher,
    draw: Draw,
    on: Date,
    /// Those who are yet to come.
    participants: Vec<Participant>,
    supporters: Vec<Supporter>,
    /// On leave.
    away: Vec<Supporter>,
}

impl Living {
    /// A participant whose match can be changed, and the supporter.
    fn matched(&mut self) -> (Participant, Supporter) {
        loop {
            let program = self.matcher.program();
            let person = &program.participants()[self.draw.below(program.participants().len())];
            let standing = program.standing_of(person.id.as_str());
            let Some(standing) = standing.filter(|row| row.hold == Hold::Movable) else { continue };
            if let Some(place) = program.supporter_index(standing.supporter.as_str()) {
                return (person.clone(), program.supporters()[place].clone());
            }
        }
    }

    /// Makes up one change of a kind and makes it; how long that took, in seconds, and what was told. `None` where
    /// there is nobody left for it.
    fn happen(&mut self, kind: Kind) -> Result<Option<(f64, Changed)>, Failure> {
        let (person, supporter) = self.matched();
        let status = |supporter: &Supporter, status| Change::SupporterStatus {
            supporter: supporter.id.clone(),
            status,
            leave_until: None,
        };
        let change = match kind {
            Kind::Rematch => {
                let request = Rematch::new(person.id, Reason::PoorFit);
                let begun = Instant::now();
                let told = self.matcher.rematch(&request, self.on)?;
                return Ok(Some((begun.elapsed().as_secs_f64(), told.changed)));
            }
            Kind::Bar => Change::Bar { participant: person.id, supporter: supporter.id, reason: None },
            Kind::Leave => {
                self.away.push(supporter.clone());
                status(&supporter, Status::OnLeave)
            }
            Kind::Return => match self.away.pop() {
                Some(supporter) => status(&supporter, supporter.status),
                None => return Ok(None),
            },
            Kind::Arrives => match self.participants.pop() {
                Some(participant) => Change::ParticipantArrives { participant: Box::new(participant) },
                None => return Ok(None),
            },
            Kind::Joins => match self.supporters.pop() {
                Some(supporter) => Change::SupporterArrives { supporter: Box::new(supporter) },
                None => return Ok(None),
            },
            Kind::Capacity => {
                let now = supporter.capacity.unwrap_or(1);
                let capacity = if self.draw.below(2) == 0 { now + 1 } else { now.saturating_sub(1) };
                Change::SupporterCapacity { supporter: supporter.id, capacity: Some(capacity) }
            }
        };
        let begun = Instant::now();
        let told = self.matcher.apply(&change, self.on)?;
        Ok(Some((begun.elapsed().as_secs_f64(), told)))
    }

    /// So many changes of a kind, and a line about them.
    fn measure(&mut self, kind: Kind, count: usize) -> Result<(), Failure> {
        let (mut times, mut moved, mut alone) = (Vec::new(), 0, 0);
        for _ in 0..count {
            let Some((time, told)) = self.happen(kind)? else { break };
            times.push(time * 1e3);
            moved += told.effects.len();
            alone += told.effects.iter().filter(|effect| effect.to.is_none()).count();
        }
        times.sort_by(f64::total_cmp);
        if let Some(last) = times.len().checked_sub(1) {
            let at = |share: f64| times[(last as f64 * share).round() as usize];
            println!(
                "| {} | {} | {:.2} | {:.2} | {:.2} | {moved} | {alone} |",
                kind.name(),
                times.len(),
                at(0.5),
                at(0.99),
                at(1.0)
            );
        }
        Ok(())
    }
}

/// People who are not there yet, with ids of their own, who know nobody.
fn newcomers(settings: &Settings, count: usize) -> Result<(Vec<Participant>, Vec<Supporter>), Failure> {
    let seed = settings.seed.wrapping_add(1);
    // So few supporters for so many can be made up at any supply.
    let (people, supporters) = (4 * count.max(1), count.max(1));
    let data = generate(&Settings { participants: people, supporters, seed, ..settings.clone() })?;
    let participants = data.participants.into_iter().take(count).map(|one| Participant {
        id: format!("new-{}", one.id).into(),
        known: Vec::new(),
        refused: Vec::new(),
        ..one
    });
    let supporters = data.supporters.into_iter().map(|one| Supporter {
        id: format!("new-{}", one.id).into(),
        supervisor: None,
        ..one
    });
    Ok((participants.collect(), supporters.collect()))
}

/// The most memory this process has used so far, in MiB, where the system tells.
fn memory() -> String {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let kilobytes = line.and_then(|line| line.trim().strip_suffix(" kB")?.parse::<u64>().ok());
    kilobytes.map_or_else(|| "unknown".to_owned(), |kilobytes| format!("{} MiB", kilobytes / 1024))
}

fn main() -> Result<(), Failure> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("living_programme [PARTICIPANTS [SUPPORTERS [SEED [REMATCHES [OTHERS]]]]]");
        return Ok(());
    }
    let number = |at: usize, default: usize| arguments.get(at).map_or(Ok(default), |text| text.parse());
    let (people, places) = (number(0, 100_000)?, number(1, 25_000)?);
    let (seed, rematches, others) = (number(2, 1)?, number(3, 1000)?, number(4, 200)?);

    let settings =
        Settings { participants: people, supporters: places, seed: seed as u64, ..Settings::default() };
    let data = generate(&settings)?;
    let (participants, supporters) = newcomers(&settings, others)?;
    let on = settings.as_of;
    let mut matcher = Matcher::new(Program::new(data)?, Policy::default(), on)?;
    println!("{people} participants, {places} supporters, seed {seed}; made up in {}", memory());
    let begun = Instant::now();
    let matching = matcher.begin(on, &Control::default())?;
    println!(
        "begun in {:.1} s: {} matched, {} not; {}\n",
        begun.elapsed().as_secs_f64(),
        matching.pairs.len(),
        matching.unmatched.len(),
        memory()
    );
    drop(matching);
    let mut living =
        Living { matcher, draw: Draw(seed as u64), on, participants, supporters, away: Vec::new() };
    println!("| what happens | times | median ms | p99 ms | max ms | effects | left without |");
    println!("|---|---:|---:|---:|---:|---:|---:|");
    living.measure(Kind::Rematch, rematches)?;
    for kind in [Kind::Bar, Kind::Leave, Kind::Return, Kind::Arrives, Kind::Joins, Kind::Capacity] {
        living.measure(kind, others)?;
    }
    println!("\n{} in all", memory());
    Ok(())
}
