//! The search through bits for a few best pairs, against a sort of the full scan: the same pairs with the same weights,
//! whatever the programme, the policy, the terms, and who is open.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use peermatch::compatibility::{BitmapIndex, Candidate, Compatibility, Terms};
use peermatch::policy::criteria::Aggregate;
use peermatch::population::{Settings, generate};
use peermatch::program::{Code, Modality, Participant, Place, ProgramData, Supporter};
use peermatch::{Matcher, Policy, Program};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::random_policy::rules;
use crate::random_programme::{TODAY, programme};

/// The first of a sort of all.
fn by_scan(
    compatibility: &Compatibility,
    program: &Program,
    (participant, terms): (usize, &Terms<'_>),
    (floor, most): (i64, usize),
    open: &dyn Fn(u32) -> bool,
) -> Vec<Candidate> {
    let mut all = compatibility.scan_on(program, participant, terms);
    all.retain(|own| i64::from(own.weight) > floor && open(own.supporter));
    all.sort_by_key(|own| (Reverse(own.weight), own.supporter));
    all.truncate(most);
    all
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    /// Every field of a person, every rule of a policy, criteria of a host program, other terms than the records'.
    #[test]
    fn the_best_are_the_first_of_a_sort(
        data in programme(4, 60),
        rules in rules(),
        factors in prop::collection::btree_map(
            select(vec!["condition", "issue", "language", "geography", "child_age", "experience", "preferences"]),
            select(vec![0.0, 0.5, 1.0, 3.0, 100.0]),
            0..4,
        ),
        modalities in prop::sample::subsequence(vec![Modality::Phone, Modality::InPerson, Modality::Video], 0..3),
        (kept, opened) in (vec(any::<bool>(), 60), vec(any::<bool>(), 60)),
        open_only in any::<bool>(),
        floor in prop_oneof![Just(i64::MIN), -100_000..1_000_001_i64, Just(i64::MAX)],
        most in select(vec![0, 1, 2, 5, 20, usize::MAX]),
    ) {
        let program = Program::new(data).unwrap();
        let compatibility = rules.matcher(&program).compatibility().unwrap();
        let factors: BTreeMap<String, f64> = factors.into_iter().map(|(name, by)| (name.to_owned(), by)).collect();
        let mut index = BitmapIndex::new(&compatibility);
        for (supporter, &open) in opened.iter().enumerate().take(program.supporters().len()) {
            index.set_open(supporter, open);
        }
        let keep = |supporter: u32| kept[supporter as usize];
        let open = |supporter: u32| !open_only || opened[supporter as usize];
        for participant in 0..program.participants().len() {
            let terms = compatibility.terms(&program, participant, &factors, &modalities).keeping(&keep);
            let own = (participant, &terms);
            let found = index.best(&compatibility, &program, own, (floor, most, open_only));
            let expected = by_scan(&compatibility, &program, own, (floor, most), &open);
            prop_assert_eq!(found, expected, "participant {}", participant);
        }
    }
}

fn agree(program: &Program, policy: Policy, most: &[usize]) {
    let compatibility = Matcher::new(program.clone(), policy, TODAY).unwrap().compatibility().unwrap();
    let mut index = BitmapIndex::new(&compatibility);
    let is_open = |supporter: u32| !supporter.is_multiple_of(3);
    for supporter in 0..program.supporters().len() {
        index.set_open(supporter, is_open(supporter as u32));
    }
    for participant in 0..program.participants().len() {
        for &most in most {
            for open_only in [false, true] {
                let own = (participant, &Terms::default());
                let found = index.best(&compatibility, program, own, (i64::MIN, most, open_only));
                let open = |supporter: u32| !open_only || is_open(supporter);
                let expected = by_scan(&compatibility, program, own, (i64::MIN, most), &open);
                assert_eq!(found, expected, "participant {participant}, the best {most}");
            }
        }
    }
}

/// Blocks enough for bounds to have something to decide, and taxonomies in which codes are more or less alike.
#[test]
fn a_realistic_programme_is_searched_to_the_same_end() {
    let settings =
        Settings { participants: 60, supporters: 9000, supply: 300.0, seed: 11, ..Settings::default() };
    let program = Program::new(generate(&settings).unwrap()).unwrap();
    agree(&program, Policy::default(), &[1, 4, 50]);
    let mut policy = Policy::default();
    policy.criteria.geography.remote_decay_km = Some(200.0);
    policy.criteria.condition.overlap.aggregate = Aggregate::Symmetric;
    policy.criteria.issue.overlap.aggregate = Aggregate::Jaccard;
    policy.requirements.condition = 0.3;
    agree(&program, policy, &[20]);
}

/// More codes than a sum has units, and than are counted of a supporter.
#[test]
fn very_long_lists_are_searched_to_the_same_end() {
    let codes = |of: usize, every: usize| -> Vec<Code> {
        (0..of).filter(|own| own % every == 0).map(|own| Code::from(format!("c{own}").as_str())).collect()
    };
    let participants = [1, 3, 40, 250, 300, 700].into_iter().map(|of| {
        let id = format!("P{of}");
        Participant {
            conditions: codes(of, 1),
            issues: codes(of / 2, 1),
            consent: true,
            ..Participant::new(id)
        }
    });
    let participants = participants.collect();
    let supporters = (0..1200).map(|number| {
        let (of, every) = ([0, 2, 30, 260, 600][number % 5], 1 + number % 7);
        let id = format!("S{number}");
        Supporter { conditions: codes(of, every), issues: codes(of, 1 + number % 3), ..Supporter::new(id) }
    });
    let supporters = supporters.collect();
    let program = Program::new(ProgramData { participants, supporters, ..ProgramData::default() }).unwrap();
    for aggregate in [Aggregate::Coverage, Aggregate::Symmetric, Aggregate::Jaccard] {
        let mut policy = Policy::default();
        let criteria = &mut policy.criteria;
        (criteria.condition.overlap.aggregate, criteria.issue.overlap.aggregate) = (aggregate, aggregate);
        agree(&program, policy, &[1, 30]);
    }
}

/// Lists of codes compared to the letter, clustered towns, nearness that counts from afar too.
#[test]
fn lists_without_a_taxonomy_are_searched_to_the_same_end() {
    let mut seed = 1_u64;
    let mut draw = move |below: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (seed >> 33) % below
    };
    let mut person = |most: u64| {
        let mut codes = |letter: &str, most: u64| -> Vec<Code> {
            let all = (0..most).map(|_| draw(40).min(draw(40)));
            all.map(|code| Code::from(format!("{letter}{code}").as_str())).collect()
        };
        let (conditions, issues) = (codes("c", most), codes("i", most + 1));
        let town = draw(12) as f64;
        let jitter = draw(1000) as f64 / 4000.0;
        let place = Place::at(47.0 + town / 2.0 + jitter, 6.0 + (town * 7.0) % 9.0 + jitter);
        let ways =
            if draw(3) == 0 { vec![Modality::InPerson, Modality::Phone] } else { vec![Modality::InPerson] };
        (conditions, issues, place, ways)
    };
    let participants = (0..60).map(|number| {
        let (conditions, issues, place, modalities) = person(3);
        let travel_km = Some([25.0, 50.0, 100.0][number % 3]);
        let id = format!("P{number}");
        Participant {
            conditions,
            issues,
            place,
            modalities,
            travel_km,
            consent: true,
            ..Participant::new(id)
        }
    });
    let participants = participants.collect();
    let supporters = (0..6000).map(|number| {
        let (conditions, issues, place, modalities) = person(3);
        let id = format!("S{number}");
        Supporter { conditions, issues, place, modalities, travel_km: Some(0.0), ..Supporter::new(id) }
    });
    let supporters = supporters.collect();
    let program = Program::new(ProgramData { participants, supporters, ..ProgramData::default() }).unwrap();
    let mut policy = Policy::default();
    let criteria = &mut policy.criteria;
    (criteria.condition.weight, criteria.issue.weight, criteria.geography.weight) = (45.0, 25.0, 30.0);
    (criteria.condition.overlap.aggregate, criteria.issue.overlap.aggregate) =
        (Aggregate::Jaccard, Aggregate::Jaccard);
    (criteria.geography.decay_km, criteria.geography.remote_decay_km) = (50.0, Some(50.0));
    criteria.geography.later_modality_factor = 1.0;
    policy.requirements.common_ground = 0.0;
    agree(&program, policy.clone(), &[1, 20, 300]);
    // The host program's weights may leave one of them out altogether.
    policy.criteria.issue.weight = 0.0;
    agree(&program, policy, &[20]);
}

/// Many blocks of one kind are looked at together. Whoever travelled farthest of them does so no more, and the number
/// that this distance had is given to a short one.
#[test]
fn areas_follow_whoever_travels_least_from_now_on() {
    let supporters = (0..5000).map(|number| Supporter {
        conditions: vec!["a".into()],
        place: Place::at(45.0, f64::from(number) * 1e-6),
        travel_km: Some(if number == 700 { 500.0 } else { 60.0 }),
        modalities: vec![Modality::InPerson],
        ..Supporter::new(format!("S{number}"))
    });
    let parent = Participant {
        conditions: vec!["a".into()],
        place: Place::at(45.4, 0.0),
        travel_km: Some(60.0),
        modalities: vec![Modality::InPerson],
        consent: true,
        ..Participant::new("P")
    };
    let data = ProgramData {
        participants: vec![parent],
        supporters: supporters.collect(),
        ..ProgramData::default()
    };
    let mut program = Program::new(data).unwrap();
    let mut compatibility =
        Matcher::new(program.clone(), Policy::default(), TODAY).unwrap().compatibility().unwrap();
    let mut index = BitmapIndex::new(&compatibility);
    for (place, travel_km) in [(700, 1.0), (20, 2.0), (4990, 3.0)] {
        let own = (0, &Terms::default());
        let found = index.best(&compatibility, &program, own, (i64::MIN, 20, false));
        assert_eq!(found.len(), 20);
        assert_eq!(found, by_scan(&compatibility, &program, own, (i64::MIN, 20), &|_| true));
        let mut record = program.supporters()[place].clone();
        record.travel_km = Some(travel_km);
        program.put_supporter(record).unwrap();
        compatibility.refresh_supporter(&program, place);
        index.refresh_supporter(&compatibility, place);
    }
    let own = (0, &Terms::default());
    let found = index.best(&compatibility, &program, own, (i64::MIN, 20, false));
    assert_eq!(found, by_scan(&compatibility, &program, own, (i64::MIN, 20), &|_| true));
}
