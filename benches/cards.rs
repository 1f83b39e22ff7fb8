//! Time for a participant's cards in a programme that lives, explanation and cost to everybody else included.
//!
//! `cargo bench --bench cards` runs all, `-- 1000` one size, `-- waits` one kind of question. Questions are of another
//! participant each time. `after_a_change` has whatever all questions share follow a change first: the index, who has a
//! place free, what places cost; `after_a_record_changes`, who shares what with a supporter too. Beside them the weights
//! of all supporters, sorted: what the index saves.

#![allow(missing_docs)]

use std::cmp::Reverse;
use std::hint::black_box;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use jiff::civil::{Date, date};
use peermatch::matcher::{CardQuery, Change, Control};
use peermatch::policy::Ranking;
use peermatch::policy::rules::People;
use peermatch::population::{Settings, generate};
use peermatch::program::{LanguageTag, Modality, ParticipantId};
use peermatch::{Matcher, Policy, Program};

const TODAY: Date = date(2026, 11, 21);
/// Questions answered together.
const TOGETHER: usize = 256;
/// A prime, so that every turn is somebody else's.
const STEP: usize = 7919;

fn living(participants: usize, supporters: usize) -> Matcher {
    // Places for a fifth more than there are participants, or one or two of each supporter.
    let supply = (1.2_f64).max(1.5 * supporters as f64 / participants as f64);
    let settings = Settings { participants, supporters, supply, ..Settings::default() };
    let program =
        Program::new(generate(&settings).expect("settings are sound")).expect("programmes are sound");
    let mut matcher = Matcher::new(program, Policy::default(), TODAY).expect("the default policy is sound");
    matcher.begin(TODAY, &Control::new()).expect("it can be matched");
    // Every third waits to choose.
    let people: Vec<ParticipantId> =
        matcher.program().participants().iter().map(|one| one.id.clone()).collect();
    for participant in people.into_iter().step_by(3).take(300) {
        matcher.apply(&Change::WaitsToChoose { participant }, TODAY).expect("they are there");
    }
    matcher
}

/// Who waits, or who is matched and not pinned.
fn people(matcher: &Matcher, waits: bool) -> Vec<ParticipantId> {
    let program = matcher.program();
    let ids = program.participants().iter().filter(|one| one.consent).map(|one| one.id.clone());
    let stands = |id: &ParticipantId| program.standing_of(id.as_str()).is_some();
    let open =
        ids.filter(|id| stands(id) != waits).filter(|id| matcher.cards(&CardQuery::new(id.clone())).is_ok());
    open.take(2_000).collect()
}

fn cards(criterion: &mut Criterion) {
    for (participants, supporters) in [(1_000, 300), (3_000, 1_000), (300, 100_000)] {
        let mut group = criterion.benchmark_group(format!("cards_{participants}x{supporters}"));
        if supporters > 1_000 {
            group.sample_size(20);
        }
        let mut matcher = living(participants, supporters);
        let (waiting, served) = (people(&matcher, true), people(&matcher, false));
        assert!(!waiting.is_empty() && !served.is_empty());
        let mut turn = 0;
        let mut next = |among: &[ParticipantId]| {
            turn += STEP;
            CardQuery::new(among[turn % among.len()].clone())
        };
        group.bench_function("waits", |bench| {
            bench.iter(|| black_box(matcher.cards(&next(&waiting)).expect("they may choose")));
        });
        group.bench_function("waits_best_twenty_by_fit", |bench| {
            bench.iter(|| {
                let ranking = Some(Ranking::Fit);
                let query = CardQuery { count: Some(20), ranking, ..next(&waiting) };
                black_box(matcher.cards(&query).expect("they may choose"))
            });
        });
        group.bench_function("waits_with_wishes", |bench| {
            let english: LanguageTag = "en".parse().expect("a tag");
            bench.iter(|| {
                let only = People { languages: vec![english.clone()], ..People::default() };
                let weights = [("issue".to_owned(), 2.0)].into();
                let modalities = vec![Modality::Phone];
                let query = CardQuery { only, weights, modalities, ..next(&waiting) };
                black_box(matcher.cards(&query).expect("they may choose"))
            });
        });
        group.bench_function("matched", |bench| {
            bench.iter(|| black_box(matcher.cards(&next(&served)).expect("they may choose")));
        });
        let compatibility = matcher.compatibility().expect("the default policy is sound");
        group.bench_function("all_weights_sorted", |bench| {
            bench.iter(|| {
                let query = next(&waiting);
                let place = matcher.program().participant_index(query.participant.as_str()).expect("there");
                let mut all = compatibility.scan(matcher.program(), place);
                all.sort_unstable_by_key(|own| (Reverse(own.weight), own.supporter));
                black_box(all)
            });
        });
        group.throughput(Throughput::Elements(TOGETHER as u64));
        group.bench_function(BenchmarkId::new("together", TOGETHER), |bench| {
            bench.iter(|| {
                let queries: Vec<CardQuery> = (0..TOGETHER).map(|_| next(&waiting)).collect();
                black_box(matcher.cards_for_each(&queries))
            });
        });
        group.throughput(Throughput::Elements(1));
        group.sample_size(10);
        group.bench_function("after_a_change", |bench| {
            bench.iter(|| {
                let participant = next(&waiting).participant;
                matcher.apply(&Change::WaitsToChoose { participant }, TODAY).expect("they are there");
                black_box(matcher.cards(&next(&waiting)).expect("they may choose"))
            });
        });
        group.bench_function("after_a_record_changes", |bench| {
            bench.iter(|| {
                let supporters = matcher.program().supporters();
                let mut supporter = supporters[supporters.len() / 2].clone();
                supporter.child_age = Some(supporter.child_age.map_or(3.0, |age| (age + 1.0) % 18.0));
                let change = Change::SupporterChanges { supporter: Box::new(supporter) };
                matcher.apply(&change, TODAY).expect("they are there");
                black_box(matcher.cards(&next(&waiting)).expect("they may choose"))
            });
        });
        group.finish();
    }
}

criterion_group!(benches, cards);
criterion_main!(benches);
