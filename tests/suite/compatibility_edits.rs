//! A compatibility that followed single changes of its program against one compiled afresh: the same answers to every
//! question, after every change, whatever the programme, the policy and the changes.

use peermatch::compatibility::{BitmapIndex, Compatibility, PairIndex, Terms};
use peermatch::program::{
    Acquaintance, Attributes, BarredPair, Code, Hold, LanguageTag, Modality, Outcome, Participant, PastMatch,
    Place, ProgramData, StandingMatch, Supporter, Window,
};
use peermatch::{Matcher, Policy, Program};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};

use crate::random_policy::rules;
use crate::random_programme::{TODAY, programme};

/// A change, people by number: those of the programme, some who are not there yet, some who left.
#[derive(Debug, Clone)]
enum Edit {
    Participant(Participant),
    Supporter(Supporter),
    ParticipantLeaves(usize),
    SupporterLeaves(usize),
    Know(usize, usize),
    ForgetKnowing(usize, usize),
    Bar(usize, usize),
    Unbar(usize, usize),
    Past(usize, usize, Outcome),
    ForgetPast(usize),
    Stand(usize, usize, Hold, Option<f64>),
    EndStanding(usize),
}

/// What records are made of that the random programmes do not have: codes, languages, attributes never seen, weeks that
/// begin at odd minutes.
fn strange() -> impl Strategy<Value = (Vec<Code>, Vec<LanguageTag>, Attributes, Vec<Window>, Option<f64>)> {
    let code = (0..40_u8).prop_map(|number| Code::from(format!("new{number}")));
    let language = select(vec!["fr", "pt-BR", "ar", "zh-Hant-TW", "ht"]);
    let value = (0..9_u8).prop_map(|number| format!("v{number}"));
    let attribute = (select(vec!["faith", "Hobby", "hobby "]), vec(value, 1..=2));
    let window = select(vec!["Mon 18:07-20:00", "Tue 09:15-11:30", "Sun 23:59-00:01", "Wed 12:10-13:00"]);
    (
        vec(code, 0..=2),
        vec(language, 0..=2),
        proptest::option::of(attribute),
        vec(window, 0..=2),
        proptest::option::of((0..200_u16).prop_map(|tenths| f64::from(tenths) / 10.0)),
    )
        .prop_map(|(codes, languages, attribute, windows, number)| {
            let attributes = attribute.map(|(name, values)| (name.to_owned(), values)).into_iter().collect();
            let languages = languages.into_iter().map(|tag| tag.parse().unwrap()).collect();
            (codes, languages, attributes, windows.iter().map(|w| w.parse().unwrap()).collect(), number)
        })
}

/// Records as they stand in another programme, some of them made strange.
fn records() -> impl Strategy<Value = Edit> {
    (programme(3, 3), strange(), any::<[bool; 6]>(), 0..6_usize).prop_map(|(data, strange, takes, number)| {
        let (codes, languages, attributes, windows, years) = strange;
        let ProgramData { mut participants, mut supporters, .. } = data;
        macro_rules! made_strange {
            ($record:ident) => {
                if takes[0] {
                    $record.conditions.extend(codes.clone());
                }
                if takes[1] {
                    $record.issues.extend(codes);
                }
                if takes[2] {
                    $record.languages.extend(languages);
                }
                if takes[3] {
                    $record.attributes = attributes;
                }
                if takes[4] {
                    $record.availability.extend(windows);
                    $record.child_age = years;
                    $record.travel_km = years;
                }
            };
        }
        if takes[5] {
            let mut record = participants.swap_remove(0);
            made_strange!(record);
            record.id = format!("P{number}").into();
            Edit::Participant(record)
        } else {
            let mut record = supporters.swap_remove(0);
            if takes[0] && !takes[1] {
                record.excluded_conditions.extend(codes.clone());
                record.excluded_issues.extend(codes.clone());
            }
            made_strange!(record);
            record.id = format!("S{number}").into();
            record.supervisor = None;
            Edit::Supporter(record)
        }
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    let pair = || (0..7_usize, 0..7_usize);
    let outcome = select(vec![Outcome::Completed, Outcome::Failed]);
    let hold = select(vec![Hold::Pinned, Hold::Movable, Hold::Movable]);
    let price = proptest::option::of(select(vec![0.0, 0.3]));
    prop_oneof![
        8 => records(),
        1 => (0..7_usize).prop_map(Edit::ParticipantLeaves),
        1 => (0..7_usize).prop_map(Edit::SupporterLeaves),
        1 => pair().prop_map(|(p, s)| Edit::Know(p, s)),
        1 => pair().prop_map(|(p, s)| Edit::ForgetKnowing(p, s)),
        1 => pair().prop_map(|(p, s)| Edit::Bar(p, s)),
        1 => pair().prop_map(|(p, s)| Edit::Unbar(p, s)),
        1 => (pair(), outcome).prop_map(|((p, s), outcome)| Edit::Past(p, s, outcome)),
        1 => (0..7_usize).prop_map(Edit::ForgetPast),
        2 => (pair(), hold, price).prop_map(|((p, s), hold, price)| Edit::Stand(p, s, hold, price)),
        1 => (0..7_usize).prop_map(Edit::EndStanding),
    ]
}

/// Makes the change, if it is a sound one, and lets the compatibility follow. Returns the supporter it is about.
fn apply(program: &mut Program, compatibility: &mut Compatibility, edit: &Edit) -> Option<usize> {
    let participant = |number: &usize| format!("P{number}");
    let supporter = |number: &usize| format!("S{number}");
    let facts_of = |program: &Program, compatibility: &mut Compatibility, number: &usize| {
        if let Some(position) = program.participant_index(&participant(number)) {
            compatibility.refresh_facts(program, position);
        }
    };
    match edit {
        Edit::Participant(record) => {
            if let Ok(placed) = program.put_participant(record.clone()) {
                compatibility.refresh_participant(program, placed.position);
            }
        }
        Edit::Supporter(record) => {
            if let Ok(placed) = program.put_supporter(record.clone()) {
                compatibility.refresh_supporter(program, placed.position);
                return Some(placed.position);
            }
        }
        Edit::ParticipantLeaves(number) => {
            if let Ok((position, _)) = program.remove_participant(&participant(number)) {
                compatibility.refresh_participant(program, position);
            }
        }
        Edit::SupporterLeaves(number) => {
            if let Ok((position, _)) = program.remove_supporter(&supporter(number)) {
                compatibility.refresh_supporter(program, position);
                return Some(position);
            }
        }
        Edit::Know(p, s) => {
            let (participant, supporter) = (participant(p).into(), supporter(s).into());
            let _ = program.add_acquaintance(Acquaintance { participant, supporter });
            facts_of(program, compatibility, p);
        }
        Edit::ForgetKnowing(p, s) => {
            program.remove_acquaintance(&participant(p), &supporter(s));
            facts_of(program, compatibility, p);
        }
        Edit::Bar(p, s) => {
            let (participant, supporter) = (participant(p).into(), supporter(s).into());
            let _ = program.bar(BarredPair { participant, supporter, reason: None });
            facts_of(program, compatibility, p);
        }
        Edit::Unbar(p, s) => {
            program.unbar(&participant(p), &supporter(s));
            facts_of(program, compatibility, p);
        }
        Edit::Past(p, s, outcome) => {
            let (participant, supporter) = (participant(p).into(), supporter(s).into());
            let past = PastMatch { participant, supporter, outcome: *outcome, ended: None, reason: None };
            let _ = program.add_past(past);
            facts_of(program, compatibility, p);
        }
        Edit::ForgetPast(p) => {
            program.remove_last_past(&participant(p));
            facts_of(program, compatibility, p);
        }
        Edit::Stand(p, s, hold, price) => {
            let (participant, supporter) = (participant(p).into(), supporter(s).into());
            let standing = StandingMatch { participant, supporter, hold: *hold, price: *price, since: None };
            let _ = program.set_standing(standing);
            facts_of(program, compatibility, p);
        }
        Edit::EndStanding(p) => {
            program.remove_standing(&participant(p));
            facts_of(program, compatibility, p);
        }
    }
    None
}

/// Every question has the same answer.
fn agree(
    program: &Program,
    followed: &Compatibility,
    fresh: &Compatibility,
    floors: &[i64],
) -> Result<(), TestCaseError> {
    let (participants, supporters) = (program.participants().len(), program.supporters().len());
    for participant in 0..participants {
        prop_assert_eq!(followed.standing(participant), fresh.standing(participant));
        prop_assert_eq!(followed.scan(program, participant), fresh.scan(program, participant));
        prop_assert_eq!(followed.obstacles(program, participant), fresh.obstacles(program, participant));
        for supporter in 0..supporters {
            let pair = (program, participant, supporter);
            prop_assert_eq!(followed.judge(pair.0, pair.1, pair.2), fresh.judge(pair.0, pair.1, pair.2));
        }
        let all: Vec<_> = fresh.judge_all(program, participant).collect();
        prop_assert_eq!(followed.judge_all(program, participant).collect::<Vec<_>>(), all);
    }
    for supporter in 0..supporters {
        let floor = |participant: usize| floors[(participant + supporter) % floors.len()];
        let floors: Vec<i64> = (0..participants).map(floor).collect();
        let wanted = |participant: &usize| floors[*participant] != i64::MAX;
        let weights = (0..participants).filter(wanted).filter_map(|participant| {
            let weight = fresh.weight(program, participant, supporter)?;
            (i64::from(weight) > floors[participant]).then_some((participant as u32, weight))
        });
        prop_assert_eq!(followed.column_above(program, supporter, &floors), weights.collect::<Vec<_>>());
    }
    Ok(())
}

fn floor() -> impl Strategy<Value = i64> {
    prop_oneof![
        6 => -50_000..1_000_001_i64,
        1 => Just(i64::MIN),
        1 => Just(i64::MAX),
    ]
}

/// Mostly near each other, so that blocks keep their supporters; now and then far off, or closed.
fn price() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => Just(0),
        6 => -300_000..400_000_i64,
        2 => (0..1_000_000_i64).prop_map(|above| 1_000_000_000_000 + above),
        1 => Just(i64::MAX),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn a_followed_compatibility_answers_as_a_fresh_one(
        data in programme(5, 5),
        rules in rules(),
        edits in vec(edit(), 1..12),
        floors in vec(floor(), 7),
    ) {
        let mut program = Program::new(data).unwrap();
        let mut followed = rules.matcher(&program).compatibility().unwrap();
        for edit in &edits {
            apply(&mut program, &mut followed, edit);
            let fresh = rules.matcher(&program).compatibility().unwrap();
            agree(&program, &followed, &fresh, &floors)?;
        }
    }

    /// Several people come before the compatibility is told of the last of them.
    #[test]
    fn those_who_came_in_between_are_followed_too(
        data in programme(3, 3),
        rules in rules(),
        edits in vec(records(), 1..6),
        floors in vec(floor(), 7),
        last in any::<Index>(),
    ) {
        let mut program = Program::new(data).unwrap();
        let mut followed = rules.matcher(&program).compatibility().unwrap();
        let (mut participants, mut supporters) = (Vec::new(), Vec::new());
        for edit in edits {
            match edit {
                Edit::Participant(record) => {
                    participants.extend(program.put_participant(record).map(|placed| placed.position));
                }
                Edit::Supporter(record) => {
                    supporters.extend(program.put_supporter(record).map(|placed| placed.position));
                }
                _ => {}
            }
        }
        // In any order.
        let first = last.index(participants.len().max(1)).min(participants.len());
        participants.rotate_left(first);
        supporters.reverse();
        for position in supporters {
            followed.refresh_supporter(&program, position);
        }
        for position in participants {
            followed.refresh_participant(&program, position);
        }
        let fresh = rules.matcher(&program).compatibility().unwrap();
        agree(&program, &followed, &fresh, &floors)?;
    }

    /// The index of a living programme finds what a search through a fresh one finds.
    #[test]
    fn a_followed_index_finds_what_a_fresh_search_finds(
        data in programme(4, 60),
        rules in rules(),
        edits in vec((edit(), any::<Index>(), price()), 1..30),
        prices in vec(price(), 70),
        floors in vec(floor(), 11),
        most in select(vec![1, 2, 5, 20, usize::MAX]),
    ) {
        let mut program = Program::new(data).unwrap();
        let mut followed = rules.matcher(&program).compatibility().unwrap();
        let mut prices = prices[..program.supporters().len()].to_vec();
        let mut index = PairIndex::new(&followed, prices.clone());
        let mut bits = BitmapIndex::new(&followed);
        for (edit, supporter, price) in &edits {
            if let Some(changed) = apply(&mut program, &mut followed, edit) {
                index.refresh_supporter(&followed, changed);
                bits.refresh_supporter(&followed, changed);
                prices.resize(program.supporters().len(), i64::MAX);
            }
            let supporter = supporter.index(prices.len());
            prices[supporter] = *price;
            index.set_price(&followed, supporter, *price);
            prop_assert_eq!(index.prices(), &prices[..]);
            // Told of participants every other time: answers do not depend on it.
            if prices.len().is_multiple_of(2) {
                bits.follow(&followed);
            }

            let fresh = rules.matcher(&program).compatibility().unwrap();
            let floors: Vec<i64> =
                (0..program.participants().len()).map(|own| floors[own % floors.len()]).collect();
            let expected = fresh.search(&program).above(&prices, &floors, most);
            let best = fresh.search(&program).best_of_all(most);
            for (participant, &floor) in floors.iter().enumerate() {
                let found = index.above(&followed, &program, participant, floor, most);
                prop_assert_eq!(&found[..], expected.row(participant), "participant {}", participant);
                let terms = Terms::default();
                let found = bits.best(&followed, &program, (participant, &terms), (i64::MIN, most, false));
                prop_assert_eq!(&found[..], best.row(participant), "participant {}", participant);
            }
        }
    }
}

/// Two supporters come, and the index is told of the last alone.
#[test]
fn whoever_came_in_between_is_in_the_index_too() {
    let supporter = |id: &str| Supporter { conditions: vec![Code::from("a")], ..Supporter::new(id) };
    let person = Participant { conditions: vec![Code::from("a")], consent: true, ..Participant::new("P") };
    let data = ProgramData {
        participants: vec![person],
        supporters: vec![supporter("0"), supporter("1")],
        ..ProgramData::default()
    };
    let mut program = Program::new(data).unwrap();
    let mut followed =
        Matcher::new(program.clone(), Policy::default(), TODAY).unwrap().compatibility().unwrap();
    let mut index = BitmapIndex::new(&followed);
    program.put_supporter(supporter("2")).unwrap();
    program.put_supporter(supporter("3")).unwrap();
    followed.refresh_supporter(&program, 3);
    index.refresh_supporter(&followed, 3);
    let found = index.best(&followed, &program, (0, &Terms::default()), (i64::MIN, 9, true));
    assert_eq!(found, followed.scan(&program, 0));
    assert_eq!(found.len(), 4);
}

/// The number of a code that nobody has any more is given to another one, of which the index was not told.
#[test]
fn planes_of_a_code_are_not_those_of_the_one_before() {
    let person = |code: &str, language: &str| Participant {
        conditions: vec![Code::from(code)],
        languages: vec![language.parse().unwrap()],
        consent: true,
        ..Participant::new("P")
    };
    let supporter = |id: &str, code: &str, language: &str| Supporter {
        conditions: vec![Code::from(code)],
        languages: vec![language.parse().unwrap()],
        ..Supporter::new(id)
    };
    let supporters = vec![supporter("first", "a", "en"), supporter("second", "b", "es")];
    let data = ProgramData { participants: vec![person("a", "en")], supporters, ..ProgramData::default() };
    let mut program = Program::new(data).unwrap();
    let mut followed =
        Matcher::new(program.clone(), Policy::default(), TODAY).unwrap().compatibility().unwrap();
    let mut index = BitmapIndex::new(&followed);
    for follow in [false, true] {
        let position = program.put_participant(person("b", "es")).unwrap().position;
        followed.refresh_participant(&program, position);
        if follow {
            index.follow(&followed);
        }
        let own = (0, &Terms::default());
        let found = index.best(&followed, &program, own, (i64::MIN, 1, false));
        assert_eq!(found.iter().map(|own| own.supporter).collect::<Vec<_>>(), [1]);
    }
}

/// The number of a distance that nobody travels any more is given to another one; whoever stands in the same block
/// must still be found.
#[test]
fn a_block_outlives_the_one_who_travelled_farthest() {
    let supporter = |id: &str, travel_km| Supporter {
        issues: vec![Code::from("sleep")],
        place: Place::at(36.0, -86.0),
        travel_km: Some(travel_km),
        modalities: vec![Modality::InPerson],
        experience_since: Some(TODAY - jiff::Span::new().years(5)),
        ..Supporter::new(id)
    };
    let mut program = Program::new(ProgramData {
        participants: vec![Participant {
            issues: vec![Code::from("sleep")],
            place: Place::at(38.0, -86.0),
            travel_km: Some(0.0),
            modalities: vec![Modality::InPerson],
            consent: true,
            ..Participant::new("P")
        }],
        supporters: vec![supporter("far", 500.0), supporter("stays", 400.0), supporter("other", 500.0)],
        ..ProgramData::default()
    })
    .unwrap();
    let matcher = Matcher::new(program.clone(), Policy::default(), TODAY).unwrap();
    let mut followed = matcher.compatibility().unwrap();
    let mut index = PairIndex::new(&followed, vec![0; 3]);
    for (id, travel_km) in [("far", 1.0), ("other", 1.0), ("far", 2.0)] {
        let position = program.put_supporter(supporter(id, travel_km)).unwrap().position;
        followed.refresh_supporter(&program, position);
        index.refresh_supporter(&followed, position);
    }
    let found = index.above(&followed, &program, 0, i64::MIN, 9);
    assert_eq!(found.iter().map(|own| own.supporter).collect::<Vec<_>>(), [1]);
    assert_eq!(found, followed.scan(&program, 0));
}
