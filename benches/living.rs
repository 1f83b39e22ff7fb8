//! Time to make one change of each kind in a programme that lives, from records to reasons, beside a fresh matching.
//!
//! `cargo bench --bench living` runs all, `-- 3000` one size, `-- rematch` one kind. Each change is of other people
//! than the last one; it is made and undone, so that all are timed from the same state, and undoing is in the time.
//! What touches everybody is solved anew, takes as long as a fresh matching and more, and is left out at the largest
//! size.

#![allow(missing_docs)]

use std::hint::black_box;
use std::time::Duration;

use criterion::measurement::WallTime;
use criterion::{BatchSize, BenchmarkGroup, BenchmarkId, Criterion, criterion_group, criterion_main};
use jiff::ToSpan;
use jiff::civil::{Date, date};
use peermatch::matcher::{Change, Control, Rematch, Snapshot};
use peermatch::policy::{Reach, Reason};
use peermatch::population::{Settings, generate};
use peermatch::program::{
    BarredPair, Hold, Outcome, Participant, ParticipantId, StandingMatch, Status, Supervisor, Supporter,
    SupporterId,
};
use peermatch::{Matcher, Policy, Program};

const TODAY: Date = date(2026, 11, 21);

/// A programme in which every tenth participant is never to meet some supporter, some are pinned to whom they have, and
/// some are held where they are since rematches that moved nobody else.
fn living(participants: usize, supporters: usize) -> Matcher {
    let settings = Settings { participants, supporters, supply: 0.9, ..Settings::default() };
    let data = generate(&settings).expect("settings are sound");
    let mut program = Program::new(data).expect("programmes are sound");
    for turn in (0..participants).step_by(10) {
        let (one, other) =
            (program.participants()[turn].id.clone(), program.supporters()[turn % supporters].id.clone());
        program.bar(BarredPair { participant: one, supporter: other, reason: None }).expect("both are there");
    }
    let mut matcher = Matcher::new(program, Policy::default(), TODAY).expect("the default policy is sound");
    matcher.begin(TODAY, &Control::new()).expect("it can be matched");
    for turn in (0..matcher.program().history().standing.len()).step_by(10).take(PINNED) {
        let StandingMatch { participant, supporter, .. } = standing(&matcher, turn);
        matcher.apply(&Change::Pin { participant, supporter }, TODAY).expect("the two are matched");
    }
    for turn in 0..REMATCHED {
        let id = matched(&matcher, turn * STEP);
        let request = Rematch { reach: Some(Reach::NobodyElse), ..Rematch::new(id, Reason::PoorFit) };
        matcher.rematch(&request, TODAY).expect("the participant is matched");
    }
    matcher
}

/// How many are pinned.
const PINNED: usize = 20;
/// How many were rematched.
const REMATCHED: usize = 10;
/// A prime, so that every turn is somebody else's.
const STEP: usize = 7919;

/// Participants with somebody who could stand by for them.
fn backups(matcher: &Matcher) -> Vec<(ParticipantId, SupporterId)> {
    let program = matcher.program();
    let compatibility = matcher.compatibility().expect("the default policy is sound");
    let fits = |turn: usize| {
        let id = matched(matcher, turn * STEP);
        let own = of(matcher, &id);
        let place = program.participant_index(id.as_str())?;
        let suits = |other: &usize| {
            program.supporters()[*other].id != own && compatibility.weight(program, place, *other).is_some()
        };
        let other = (0..program.supporters().len()).find(suits)?;
        Some((id, program.supporters()[other].id.clone()))
    };
    (0..20).filter_map(fits).collect()
}

/// What a change of a kind is for the person whose turn it is.
type Kind = fn(&Matcher, usize) -> Change;

fn participant(matcher: &Matcher, turn: usize) -> Participant {
    let program = matcher.program();
    let count = program.participants().len();
    let there = |place: &usize| !program.is_vacant_participant(*place);
    let place = (turn..turn + count).map(|place| place % count).find(there).expect("not everybody left");
    program.participants()[place].clone()
}

fn supporter(matcher: &Matcher, turn: usize) -> Supporter {
    let program = matcher.program();
    let count = program.supporters().len();
    let there = |place: &usize| !program.is_vacant_supporter(*place);
    let place = (turn..turn + count).map(|place| place % count).find(there).expect("not everybody left");
    program.supporters()[place].clone()
}

fn standing(matcher: &Matcher, turn: usize) -> StandingMatch {
    let rows = &matcher.program().history().standing;
    rows[turn % rows.len()].clone()
}

/// Somebody whose match can be changed.
fn matched(matcher: &Matcher, turn: usize) -> ParticipantId {
    let rows = &matcher.program().history().standing;
    let mut from = rows.iter().cycle().skip(turn % rows.len()).take(rows.len());
    let movable = from.find(|row| row.hold == Hold::Movable);
    movable.expect("most matches can be changed").participant.clone()
}

/// Whom they have.
fn of(matcher: &Matcher, participant: &ParticipantId) -> SupporterId {
    let standing = matcher.program().standing_of(participant.as_str());
    standing.expect("the participant is matched").supporter.clone()
}

const KINDS: [(&str, Kind); 22] = [
    ("participant_arrives", |matcher, turn| Change::ParticipantArrives {
        participant: Box::new(Participant { id: "newcomer".into(), ..participant(matcher, turn) }),
    }),
    ("participant_changes", |matcher, turn| {
        let record = participant(matcher, turn);
        let issues = participant(matcher, turn + 1).issues;
        Change::ParticipantChanges { participant: Box::new(Participant { issues, ..record }) }
    }),
    ("participant_leaves", |matcher, turn| Change::ParticipantLeaves {
        participant: participant(matcher, turn).id,
    }),
    ("supporter_arrives", |matcher, turn| Change::SupporterArrives {
        supporter: Box::new(Supporter { id: "newcomer".into(), ..supporter(matcher, turn) }),
    }),
    ("supporter_changes", |matcher, turn| {
        let record = supporter(matcher, turn);
        let issues = supporter(matcher, turn + 1).issues;
        Change::SupporterChanges { supporter: Box::new(Supporter { issues, ..record }) }
    }),
    ("supporter_leaves", |matcher, turn| Change::SupporterLeaves { supporter: supporter(matcher, turn).id }),
    ("supporter_status", |matcher, turn| Change::SupporterStatus {
        supporter: supporter(matcher, turn).id,
        status: Status::Released,
        leave_until: None,
    }),
    ("supporter_capacity", |matcher, turn| {
        let record = supporter(matcher, turn);
        let capacity = record.capacity.map_or(2, |capacity| capacity + 1);
        Change::SupporterCapacity { supporter: record.id, capacity: Some(capacity) }
    }),
    ("supporter_availability", |matcher, turn| Change::SupporterAvailability {
        supporter: supporter(matcher, turn).id,
        availability: supporter(matcher, turn + 1).availability,
    }),
    ("supporter_scope", |matcher, turn| {
        let record = supporter(matcher, turn);
        let excluded_conditions = record.conditions.iter().take(1).cloned().collect();
        Change::SupporterScope { supporter: record.id, excluded_conditions, excluded_issues: Vec::new() }
    }),
    ("bar", |matcher, turn| {
        let participant = matched(matcher, turn);
        let supporter = of(matcher, &participant);
        Change::Bar { participant, supporter, reason: None }
    }),
    ("unbar", |matcher, turn| {
        let rows = &matcher.program().history().barred;
        let BarredPair { participant, supporter, .. } = rows[turn % rows.len()].clone();
        Change::Unbar { participant, supporter }
    }),
    ("acquainted", |matcher, turn| {
        let participant = matched(matcher, turn);
        let supporter = of(matcher, &participant);
        Change::Acquainted { participant, supporter }
    }),
    ("pin", |matcher, turn| {
        let StandingMatch { participant, supporter, .. } = standing(matcher, turn);
        Change::Pin { participant, supporter }
    }),
    ("unpin", |matcher, turn| {
        let rows = &matcher.program().history().standing;
        let pinned = rows.iter().filter(|row| row.hold == Hold::Pinned).take(PINNED);
        let all: Vec<_> = pinned.map(|row| &row.participant).collect();
        Change::Unpin { participant: all[turn % all.len()].clone() }
    }),
    ("match_ends", |matcher, turn| Change::MatchEnds {
        participant: matched(matcher, turn),
        outcome: Outcome::Completed,
        reason: None,
    }),
    ("supervisor_changes", |matcher, turn| {
        let all = matcher.program().supervisors();
        Change::SupervisorChanges {
            supervisor: Supervisor { caseload: Some(1 + (turn % 7) as u32), ..all[turn % all.len()].clone() },
        }
    }),
    ("supervisor_arrives", |_, _| Change::SupervisorChanges {
        supervisor: Supervisor { id: "newcomer".into(), caseload: Some(5), hours_per_week: None },
    }),
    ("criterion_weight", |_, turn| Change::CriterionWeight {
        criterion: "issue".to_owned(),
        weight: 20.0 + (turn % 5) as f64,
    }),
    ("policy", |matcher, turn| {
        let mut policy = matcher.policy().clone();
        policy.objective.change_price = (turn % 5) as f64 / 10.0;
        Change::Policy { policy: Box::new(policy) }
    }),
    ("day", |_, turn| {
        let days = 1 + (turn % 30) as i64;
        Change::Day { as_of: TODAY.checked_add(days.days()).expect("a day of this century") }
    }),
    ("settle", |_, _| Change::Settle {}),
];

/// What touches everybody.
const ANEW: [&str; 5] = ["supervisor_changes", "supervisor_arrives", "criterion_weight", "policy", "day"];

fn group<'c>(criterion: &'c mut Criterion, name: &str) -> BenchmarkGroup<'c, WallTime> {
    let mut group = criterion.benchmark_group(name);
    group
        .warm_up_time(Duration::from_millis(200))
        .measurement_time(Duration::from_millis(800))
        .sample_size(10);
    group
}

/// Whose turn it is next.
fn turns() -> impl FnMut() -> usize {
    let mut turn = 0_usize;
    move || {
        turn += STEP;
        turn
    }
}

fn benchmark(criterion: &mut Criterion) {
    for (participants, supporters) in [(300, 90), (3_000, 900), (10_000, 3_000)] {
        let mut matcher = living(participants, supporters);
        let mut group = group(criterion, "living");
        let mut next = turns();
        let few = participants > 3_000;
        for (name, kind) in KINDS.into_iter().filter(|(name, _)| !(few && ANEW.contains(name))) {
            group.bench_function(BenchmarkId::new(name, participants), |bench| {
                bench.iter(|| {
                    black_box(matcher.drill(&kind(&matcher, next()), TODAY).expect("it can happen"))
                });
            });
        }
        let standby = backups(&matcher);
        group.bench_function(BenchmarkId::new("stands_by", participants), |bench| {
            bench.iter(|| {
                let (participant, supporter) = standby[next() % standby.len()].clone();
                let change = Change::StandsBy { participant, supporter: Some(supporter) };
                black_box(matcher.drill(&change, TODAY).expect("the two suit"))
            });
        });
        let reaches = [
            ("rematch_nobody_else", Reach::NobodyElse),
            ("rematch_two_others", Reach::AtMost { others: 2 }),
            ("rematch_at_a_price", Reach::AtPrice { price: 0.4 }),
            ("rematch_full", Reach::Full),
        ];
        for (name, reach) in reaches.into_iter().filter(|(_, reach)| !(few && *reach == Reach::Full)) {
            group.bench_function(BenchmarkId::new(name, participants), |bench| {
                bench.iter(|| {
                    let id = matched(&matcher, next());
                    let request = Rematch { reach: Some(reach), ..Rematch::new(id, Reason::PoorFit) };
                    let made = matcher.rematch(&request, TODAY).expect("the participant is matched");
                    assert!(matcher.undo(), "what was made can be undone");
                    black_box(made)
                });
            });
        }
        group.bench_function(BenchmarkId::new("rematch_options", participants), |bench| {
            bench.iter(|| {
                let request = Rematch::new(matched(&matcher, next()), Reason::PoorFit);
                black_box(matcher.rematch_options(&request, TODAY).expect("the participant is matched"))
            });
        });
        group.bench_function(BenchmarkId::new("three_alternates", participants), |bench| {
            bench.iter(|| {
                let id = matched(&matcher, next());
                black_box(matcher.alternates(id.as_str(), 3, TODAY).expect("the participant is there"))
            });
        });
        group.bench_function(BenchmarkId::new("made_and_undone", participants), |bench| {
            bench.iter(|| {
                let participant = matched(&matcher, next());
                let supporter = of(&matcher, &participant);
                let change = Change::Bar { participant, supporter, reason: None };
                let made = matcher.apply(&change, TODAY).expect("the two are matched");
                assert!(matcher.undo(), "what was made can be undone");
                black_box(made)
            });
        });
        let snapshot =
            serde_json::to_string(&matcher.snapshot().expect("it lives")).expect("it is plain data");
        group.bench_function(BenchmarkId::new("snapshot_read", participants), |bench| {
            bench.iter(|| {
                let read: Snapshot = serde_json::from_str(&snapshot).expect("it was written here");
                black_box(Matcher::restore(read, Vec::new()).expect("it is whole"))
            });
        });
        let read: Snapshot = serde_json::from_str(&snapshot).expect("it was written here");
        group.bench_function(BenchmarkId::new("snapshot_restored", participants), |bench| {
            let restore = |read| Matcher::restore(read, Vec::new()).expect("it is whole");
            bench.iter_batched(|| read.clone(), restore, BatchSize::LargeInput);
        });
        group.bench_function(BenchmarkId::new("fresh_matching", participants), |bench| {
            bench.iter(|| black_box(matcher.match_all().expect("it can be matched")));
        });
        group.finish();
    }
}

/// The same programme under rules about matches together.
fn ruled(participants: usize, supporters: usize) -> Matcher {
    let settings = Settings { participants, supporters, supply: 0.9, ..Settings::default() };
    let data = generate(&settings).expect("settings are sound");
    let rules = format!(
        "[[rules]]\nname = \"apart\"\napart = {{ participants = [\"{}\", \"{}\"] }}\n\
         [[rules]]\nname = \"drives\"\nquota = {{ count = {{ beyond_km = 15.0, remote = false }}, at_most = 15 }}\n",
        data.participants[0].id, data.participants[1].id
    );
    let program = Program::new(data).expect("programmes are sound");
    let policy = Policy::from_toml(&rules).expect("the rules are sound");
    let mut matcher = Matcher::new(program, policy, TODAY).expect("the rules are sound");
    matcher.begin(TODAY, &Control::new()).expect("it can be matched");
    matcher
}

/// Changes under rules: answered at once, and the one that settles them.
fn under_rules(criterion: &mut Criterion) {
    for (participants, supporters) in [(300, 90), (3_000, 900)] {
        let mut matcher = ruled(participants, supporters);
        let mut group = group(criterion, "living_ruled");
        let mut next = turns();
        let at_once = ["participant_arrives", "supporter_leaves", "supporter_capacity", "bar"];
        for (name, kind) in KINDS.into_iter().filter(|(name, _)| at_once.contains(name)) {
            group.bench_function(BenchmarkId::new(name, participants), |bench| {
                bench.iter(|| {
                    black_box(matcher.drill(&kind(&matcher, next()), TODAY).expect("rules can be kept"))
                });
            });
        }
        group.bench_function(BenchmarkId::new("bar_and_settle", participants), |bench| {
            bench.iter(|| {
                let participant = matched(&matcher, next());
                let supporter = of(&matcher, &participant);
                let change = Change::Bar { participant, supporter, reason: None };
                matcher.apply(&change, TODAY).expect("the two are matched");
                let settled = matcher.apply(&Change::Settle {}, TODAY).expect("rules can be kept");
                assert!(matcher.undo() && matcher.undo(), "what was made can be undone");
                black_box(settled)
            });
        });
        group.bench_function(BenchmarkId::new("fresh_matching", participants), |bench| {
            bench.iter(|| black_box(matcher.match_all().expect("it can be matched")));
        });
        group.finish();
    }
}

criterion_group!(benches, benchmark, under_rules);
criterion_main!(benches);
