//! Cards asked for by many at once: each has the answer that it would have had alone, and nobody waits for ever.

use std::sync::mpsc::channel;
use std::time::Duration;

use peermatch::matcher::{CardQuery, Change, Control};
use peermatch::population::{Settings, generate};
use peermatch::program::ParticipantId;
use peermatch::{Matcher, Policy, Program};

use crate::random_programme::TODAY;

/// A programme that lives, in which somebody waits to choose, and these.
fn living() -> (Matcher, Vec<ParticipantId>) {
    let settings = Settings { participants: 200, supporters: 600, supply: 5.0, ..Settings::default() };
    let program = Program::new(generate(&settings).unwrap()).unwrap();
    let mut matcher = Matcher::new(program, Policy::default(), TODAY).unwrap();
    matcher.begin(TODAY, &Control::new()).unwrap();
    let consents = matcher.program().participants().iter().filter(|one| one.consent);
    let people: Vec<ParticipantId> = consents.map(|one| one.id.clone()).take(24).collect();
    for participant in people.iter().step_by(2) {
        let participant = participant.clone();
        matcher.apply(&Change::WaitsToChoose { participant }, TODAY).unwrap();
    }
    (matcher, people)
}

/// What all questions share is made ready by one of them. While a thread of a pool waits for others it is given another
/// question: if it held what that one waits for, it would wait for itself.
#[test]
fn questions_on_a_pool_of_many_threads_are_answered_as_one_by_one() {
    let (matcher, people) = living();
    let queries: Vec<CardQuery> = people.into_iter().map(CardQuery::new).collect();
    let alone: Vec<String> = queries.iter().map(|query| format!("{:?}", matcher.cards(query))).collect();
    let (tell, told) = channel();
    std::thread::spawn(move || {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(12).build().unwrap();
        for round in 0..100 {
            // A copy shares nothing yet.
            let fresh = matcher.clone();
            let answers = if round % 2 == 0 {
                pool.install(|| fresh.cards_for_each(&queries))
            } else {
                pool.install(|| {
                    use rayon::prelude::*;
                    queries.par_iter().map(|query| fresh.cards(query)).collect()
                })
            };
            let answers: Vec<String> = answers.iter().map(|answer| format!("{answer:?}")).collect();
            assert!(tell.send(answers).is_ok());
        }
    });
    for _ in 0..100 {
        let answers = told.recv_timeout(Duration::from_secs(60)).expect("the questions are answered");
        assert_eq!(answers, alone);
    }
}

/// Threads of a host program's own, of which the first builds what all share.
#[test]
fn questions_from_threads_of_the_host_are_answered_as_one_by_one() {
    let (matcher, people) = living();
    let queries: Vec<CardQuery> = people.into_iter().map(CardQuery::new).collect();
    let alone: Vec<String> = queries.iter().map(|query| format!("{:?}", matcher.cards(query))).collect();
    for _ in 0..10 {
        let fresh = matcher.clone();
        std::thread::scope(|scope| {
            for (query, alone) in queries.iter().zip(&alone) {
                let fresh = &fresh;
                scope.spawn(move || assert_eq!(&format!("{:?}", fresh.cards(query)), alone));
            }
        });
    }
}
