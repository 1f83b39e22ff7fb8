//! The search through blocks and bounds against the full scan: the same pairs with the same weights, whatever the
//! programme, the policy and the prices.

use std::collections::BTreeMap;

use peermatch::compatibility::{Candidate, Compatibility, Found, PairIndex};
use peermatch::population::{Settings, generate};
use peermatch::program::{Code, Modality, Participant, ProgramData, Supporter};
use peermatch::{Matcher, Policy, Program};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::random_policy::rules;
use crate::random_programme::{TODAY, programme};

/// What the search has to find: everything scanned, what is above the floor sorted, the first few kept.
fn by_scan(
    compatibility: &Compatibility,
    program: &Program,
    participant: usize,
    (prices, floor, most): (&[i64], i64, usize),
) -> Vec<Candidate> {
    let value = |own: &Candidate| i64::from(own.weight) - prices[own.supporter as usize];
    let mut all = compatibility.scan(program, participant);
    all.retain(|own| prices[own.supporter as usize] != i64::MAX && value(own) > floor);
    all.sort_by_key(|own| (std::cmp::Reverse(value(own)), own.supporter));
    all.truncate(most);
    all
}

fn agree(
    compatibility: &Compatibility,
    program: &Program,
    found: &Found,
    (prices, floors, most): (&[i64], &[i64], usize),
) -> Result<(), TestCaseError> {
    for (participant, &floor) in floors.iter().enumerate() {
        let expected = by_scan(compatibility, program, participant, (prices, floor, most));
        prop_assert_eq!(found.row(participant), &expected[..], "participant {}", participant);
    }
    Ok(())
}

/// Prices as a solver might set them: none, small, as large as whole rungs of a ladder, or closed.
fn price() -> impl Strategy<Value = i64> {
    prop_oneof![
        3 => Just(0),
        4 => 0..400_000_i64,
        1 => -300_000..0_i64,
        1 => (0..1_000_000_i64).prop_map(|above| 1_000_000_000_000 + above),
        1 => Just(i64::MAX),
    ]
}

fn floor() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => -100_000..1_000_001_i64,
        1 => (0..1_000_000_i64).prop_map(|above| above - 1_000_000_000_000),
        1 => Just(i64::MIN),
        1 => Just(i64::MAX),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Whoever asks on other terms, and leaves some out, is answered as if the record said so.
    #[test]
    fn a_search_on_other_terms_is_that_of_another_record(
        data in programme(3, 60),
        rules in rules(),
        prices in vec(price(), 60),
        factors in prop::collection::btree_map(
            select(vec!["condition", "issue", "language", "geography", "child_age", "experience", "preferences"]),
            select(vec![0.0, 0.5, 1.0, 3.0, 100.0]),
            0..4,
        ),
        modalities in prop::sample::subsequence(vec![Modality::Phone, Modality::InPerson, Modality::Video], 0..3),
        every in 1_u32..4,
        floor in floor(),
        most in select(vec![1, 2, 5, 20, usize::MAX]),
    ) {
        let factors: BTreeMap<String, f64> = factors.into_iter().map(|(name, by)| (name.to_owned(), by)).collect();
        let mut others = data.clone();
        for person in &mut others.participants {
            person.weights.extend(factors.clone());
            if !modalities.is_empty() {
                person.modalities.clone_from(&modalities);
            }
        }
        let (program, others) = (Program::new(data).unwrap(), Program::new(others).unwrap());
        let compatibility = rules.matcher(&program).compatibility().unwrap();
        let expected = rules.matcher(&others).compatibility().unwrap();
        let supporters = program.supporters().len();
        let prices = &prices[..supporters];
        let index = PairIndex::new(&compatibility, prices.to_vec());
        let keep = |supporter: u32| supporter.is_multiple_of(every);
        for participant in 0..program.participants().len() {
            let terms = compatibility.terms(&program, participant, &factors, &modalities).keeping(&keep);
            let mut closed = prices.to_vec();
            for (supporter, price) in (0..).zip(&mut closed) {
                if !keep(supporter) {
                    *price = i64::MAX;
                }
            }
            let found = index.above_on(&compatibility, &program, participant, &terms, (floor, most));
            let by_scan = by_scan(&expected, &others, participant, (&closed, floor, most));
            prop_assert_eq!(&found, &by_scan, "participant {}", participant);
            let scanned: Vec<Candidate> = expected.scan(&others, participant);
            let scanned: Vec<Candidate> = scanned.into_iter().filter(|own| keep(own.supporter)).collect();
            prop_assert_eq!(compatibility.scan_on(&program, participant, &terms), scanned);
            for own in found {
                let pair = (participant, own.supporter as usize);
                let ours = compatibility.judge_on(&program, pair, &terms);
                prop_assert_eq!(ours.weight, expected.judge(&others, participant, pair.1).weight);
            }
        }
    }

    /// Every field of a person, every rule of a policy, criteria of a host program.
    #[test]
    fn the_search_finds_what_the_scan_finds(
        data in programme(4, 60),
        rules in rules(),
        prices in vec(price(), 60),
        floors in vec(floor(), 4),
        most in select(vec![1, 2, 5, 20, usize::MAX]),
    ) {
        let program = Program::new(data).unwrap();
        let compatibility = rules.matcher(&program).compatibility().unwrap();
        let search = compatibility.search(&program);
        let (participants, supporters) = (program.participants().len(), program.supporters().len());
        let (prices, floors) = (&prices[..supporters], &floors[..participants]);

        agree(&compatibility, &program, &search.above(prices, floors, most), (prices, floors, most))?;
        let (free, open) = (vec![0; supporters], vec![i64::MIN; participants]);
        let best = search.best_of_all(most);
        agree(&compatibility, &program, &best, (&free, &open, most))?;
        prop_assert!(best.scored() <= (participants * supporters) as u64);
        for participant in 0..participants {
            prop_assert_eq!(search.best(participant, most), best.row(participant));
        }
    }
}

fn realistic(participants: usize, supporters: usize) -> Matcher {
    // Two and a half places for each active supporter or so.
    let supply = 2.5 * supporters as f64 / participants as f64;
    let settings = Settings { participants, supporters, supply, seed: 7, ..Settings::default() };
    Matcher::new(Program::new(generate(&settings).unwrap()).unwrap(), Policy::default(), TODAY).unwrap()
}

/// Many blocks, and prices near what pairs are worth, so that bounds have something to decide.
#[test]
fn a_realistic_programme_is_searched_to_the_same_end() {
    let matcher = realistic(120, 900);
    let (compatibility, program) = (matcher.compatibility().unwrap(), matcher.program());
    let search = compatibility.search(program);
    let free = vec![0; 900];
    let open = vec![i64::MIN; 120];
    let best = search.best_of_all(5);
    agree(&compatibility, program, &best, (&free, &open, 5)).unwrap();
    assert!(best.scored() < 120 * 900 / 4, "{} pairs were asked about", best.scored());

    let prices: Vec<i64> = (0..900).map(|supporter| (supporter * 7919 % 300) * 1000 % 250_000).collect();
    let worth =
        |participant: usize| best.row(participant).last().map_or(0, |own| i64::from(own.weight) - 60_000);
    let floors: Vec<i64> = (0..120).map(worth).collect();
    let found = search.above(&prices, &floors, usize::MAX);
    agree(&compatibility, program, &found, (&prices, &floors, usize::MAX)).unwrap();
    assert!(!found.is_empty());
}

/// The same on one thread as on several.
#[test]
fn threads_do_not_change_what_is_found() {
    let matcher = realistic(200, 150);
    let compatibility = matcher.compatibility().unwrap();
    let search = compatibility.search(matcher.program());
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| search.best_of_all(7))
    };
    assert_eq!(on(1), on(3));
}

/// A bound is a sum in `f32` with a summand for each issue: what that loses in a long list must not lose a pair.
#[test]
fn nobody_is_lost_for_a_very_long_list_of_issues() {
    const SUPPORTERS: usize = 70;
    let issues: Vec<Code> = (0..1000).map(|number| Code::from(format!("i{number}").as_str())).collect();
    let supporter = |number: usize| Supporter {
        // Everything; all but every second; all but every third; and so on.
        issues: (issues.iter().enumerate())
            .filter(|(place, _)| number == 0 || place % (number + 1) != 0)
            .map(|(_, code)| code.clone())
            .collect(),
        languages: vec!["en".parse().unwrap()],
        capacity: Some(1),
        ..Supporter::new(format!("S-{number}"))
    };
    let person = Participant {
        issues: issues.clone(),
        languages: vec!["en".parse().unwrap()],
        consent: true,
        ..Participant::new("P-1")
    };
    let data = ProgramData {
        participants: vec![person],
        supporters: (0..SUPPORTERS).map(supporter).collect(),
        ..ProgramData::default()
    };
    let program = Program::new(data).unwrap();
    let mut alone = Policy::default();
    let criteria = &mut alone.criteria;
    (criteria.condition.weight, criteria.preferences.weight, criteria.child_age.weight) = (0.0, 0.0, 0.0);
    (criteria.geography.weight, criteria.language.weight, criteria.experience.weight) = (0.0, 0.0, 0.0);
    (criteria.availability.weight, criteria.acquaintance.weight) = (0.0, 0.0);
    for policy in [Policy::default(), alone] {
        let compatibility = Matcher::new(program.clone(), policy, TODAY).unwrap().compatibility().unwrap();
        let search = compatibility.search(&program);
        let scanned = compatibility.scan(&program, 0);
        assert_eq!(scanned.len(), SUPPORTERS);
        for own in &scanned {
            let mut prices = vec![i64::MAX; SUPPORTERS];
            prices[own.supporter as usize] = 0;
            let found = search.above(&prices, &[i64::from(own.weight) - 1], 5);
            assert_eq!(found.row(0), &[*own]);
        }
    }
}
