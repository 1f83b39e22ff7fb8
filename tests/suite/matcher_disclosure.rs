//! What cards show of a record: never what fewer share than the policy says, and no vaguer than it has to be. The oracle
//! knows levels as the policy's documentation has them, and tries every combination.

use std::collections::{BTreeMap, BTreeSet};

use peermatch::matcher::{CardQuery, Change, Control, Offered};
use peermatch::policy::rules::People;
use peermatch::program::{Concept, Modality, Participant, Place, ProgramData, Shared, Status, Supporter};
use peermatch::{Matcher, Policy, Program};

use crate::matcher_oracle::Draw;
use crate::random_programme::TODAY;

const FIELDS: [Shared; 6] =
    [Shared::Town, Shared::Conditions, Shared::Issues, Shared::ChildAge, Shared::Languages, Shared::Gender];

/// A letter for a group, two for one below it.
fn codes() -> Vec<Concept> {
    let concept = |code: &str, parents: &[&str]| Concept {
        code: code.into(),
        parents: parents.iter().map(|&parent| parent.into()).collect(),
        name: format!("the {code}"),
    };
    vec![
        concept("top", &[]),
        concept("a", &["top"]),
        concept("b", &["top"]),
        concept("a1", &["a"]),
        concept("a2", &["a"]),
        concept("b1", &["b"]),
    ]
}

fn programme(seed: u64, count: usize) -> ProgramData {
    let mut draw = Draw(seed);
    let mut pick = |all: &[&str]| all[draw.below(all.len() as u64) as usize].to_owned();
    let supporters = (0..count).map(|number| {
        let mut own = Supporter::new(format!("S-{number}"));
        own.conditions = vec![pick(&["a1", "a1", "a2", "b1", "a"]).as_str().into()];
        own.issues = vec![pick(&["a1", "a1", "a1", "b1"]).as_str().into()];
        own.child_age = pick(&["3", "3", "4", "7", "12", ""]).parse().ok();
        own.gender = Some(pick(&["female", "female", "female", "male"])).filter(|_| number % 7 > 0);
        // No card shows an attribute of that name.
        own.attributes = [("gender".to_owned(), vec!["female".to_owned()])].into();
        own.languages = vec![pick(&["en", "en", "es"]).parse().unwrap()];
        let town = pick(&["Ashford", "Ashford", "Briar", ""]);
        own.place = Place {
            town: Some(town).filter(|town| !town.is_empty()),
            region: Some(pick(&["North", "North", "South"])),
            ..Place::default()
        };
        own.card.shares = FIELDS.into_iter().filter(|_| pick(&["y", "y", "n"]) == "y").collect();
        own.capacity = Some(2);
        own
    });
    ProgramData {
        participants: vec![Participant {
            conditions: vec!["a1".into(), "b1".into()],
            issues: vec!["a1".into()],
            child_age: Some(4.0),
            languages: vec!["en".parse().unwrap(), "es".parse().unwrap()],
            consent: true,
            ..Participant::new("P-1")
        }],
        supporters: supporters.collect(),
        conditions: codes(),
        issues: codes(),
        ..ProgramData::default()
    }
}

/// The levels of a field for one supporter, each with its words and who is that too; `None` at the end for nothing.
type Levels = Vec<(Option<String>, Vec<usize>)>;

fn levels(program: &Program, place: usize, field: Shared) -> Levels {
    let all = program.supporters();
    let own = &all[place];
    let who = |is: &dyn Fn(&Supporter) -> bool| -> Vec<usize> {
        (0..all.len()).filter(|&other| all[other].takes_new_matches(TODAY) && is(&all[other])).collect()
    };
    let mut levels: Levels = Vec::new();
    match field {
        Shared::Town => {
            let region = own.place.region.clone().unwrap();
            let there = |other: &Supporter| other.place.region.as_ref() == Some(&region);
            if let Some(town) = &own.place.town {
                let same = |other: &Supporter| other.place.town.as_ref() == Some(town) && there(other);
                levels.push((Some(format!("{town}, {region}")), who(&same)));
            }
            levels.push((Some(region.clone()), who(&there)));
        }
        Shared::Conditions | Shared::Issues => {
            let of = |own: &Supporter| {
                let codes = if field == Shared::Issues { &own.issues } else { &own.conditions };
                codes[0].as_str().to_owned()
            };
            let above = |code: &str| match code {
                "a1" | "a2" => vec!["a", "top"],
                "b1" => vec!["b", "top"],
                "a" | "b" => vec!["top"],
                _ => Vec::new(),
            };
            let code = of(own);
            for top in std::iter::once(&code[..]).chain(above(&code)) {
                let is = |other: &Supporter| {
                    let theirs = of(other);
                    theirs == top || above(&theirs).contains(&top)
                };
                levels.push((Some(format!("the {top}")), who(&is)));
            }
        }
        Shared::ChildAge => {
            if let Some(age) = own.child_age {
                for span in [1.0, 5.0, 10.0] {
                    let first = (age / span).floor() * span;
                    let is = |other: &Supporter| {
                        other.child_age.is_some_and(|age| age >= first && age < first + span)
                    };
                    let words = if span < 2.0 {
                        first.to_string()
                    } else {
                        format!("{first} to {}", first + span - 1.0)
                    };
                    levels.push((Some(words), who(&is)));
                }
            }
        }
        Shared::Languages => {
            let words = own.languages[0].to_string();
            levels.push((Some(words), who(&|other| other.languages == own.languages)));
        }
        Shared::Gender => {
            if own.gender.is_some() {
                levels.push((own.gender.clone(), who(&|other| other.gender == own.gender)));
            }
        }
    }
    levels.push((None, who(&|_| true)));
    levels
}

/// Every combination of levels: steps, how many share it, the levels.
fn combinations(all: &[Levels]) -> Vec<(usize, usize, Vec<usize>)> {
    let mut found = vec![Vec::new()];
    for levels in all {
        found = found
            .into_iter()
            .flat_map(|chosen: Vec<usize>| {
                (0..levels.len()).map(move |level| [&chosen[..], &[level]].concat())
            })
            .collect();
    }
    let count = |chosen: &Vec<usize>| {
        let sets: Vec<&Vec<usize>> =
            all.iter().zip(chosen).map(|(levels, &level)| &levels[level].1).collect();
        let first = sets.first().map_or_else(Vec::new, |first| (*first).clone());
        first.into_iter().filter(|own| sets.iter().all(|set| set.contains(own))).count()
    };
    found.into_iter().map(|chosen| (chosen.iter().sum(), count(&chosen), chosen)).collect()
}

/// Why two fit would say what is not shown: a child of about the same age, to whoever knows how old their own is.
fn tells_no_more_than_it_shows(own: &Offered) {
    let shows = |field: Shared| {
        own.card.record.iter().any(|shown| shown.0 == field)
            && !own.generalised.iter().any(|vaguer| vaguer.field == field)
    };
    for criterion in own.card.fits.iter().chain(&own.card.misses) {
        let may = match &criterion[..] {
            "condition" => shows(Shared::Conditions),
            "issue" => shows(Shared::Issues),
            "child_age" => shows(Shared::ChildAge),
            "language" => shows(Shared::Languages),
            "geography" => shows(Shared::Town) || own.card.modality.is_some_and(Modality::is_remote),
            "availability" => true,
            _ => false,
        };
        assert!(may, "{criterion} is told beside {:?}", own.card.record);
    }
}

/// An answer to a question tells what it was asked about.
#[test]
fn a_filter_asks_what_cards_show_and_no_more() {
    let mut found = BTreeMap::<Shared, usize>::new();
    for seed in 0..20 {
        let mut matcher =
            Matcher::new(Program::new(programme(seed, 40)).unwrap(), Policy::default(), TODAY).unwrap();
        matcher.begin(TODAY, &Control::new()).unwrap();
        matcher.apply(&Change::WaitsToChoose { participant: "P-1".into() }, TODAY).unwrap();
        let everybody = offered(&matcher);
        for (field, only) in [
            (Shared::Conditions, People { conditions: vec!["a".into()], ..People::default() }),
            (Shared::Issues, People { issues: vec!["a1".into()], ..People::default() }),
            (Shared::ChildAge, People { child_age_from: Some(4.0), ..People::default() }),
            (Shared::ChildAge, People { child_age_below: Some(4.0), ..People::default() }),
            (Shared::Town, People { regions: vec!["north".into()], ..People::default() }),
            (Shared::Languages, People { languages: vec!["es".parse().unwrap()], ..People::default() }),
            (
                Shared::Gender,
                People {
                    attributes: [("gender".to_owned(), vec!["female".to_owned()])].into(),
                    ..People::default()
                },
            ),
        ] {
            let query = CardQuery { count: Some(100), only, ..CardQuery::new("P-1") };
            let of_record = CardQuery { of_record: true, ..query.clone() };
            let who = |cards: Vec<Offered>| -> BTreeSet<String> {
                cards.iter().map(|own| own.found.supporter.to_string()).collect()
            };
            let all = who(matcher.cards(&of_record).unwrap().offered);
            let answered = who(matcher.cards(&query).unwrap().offered);
            let shows = |own: &&Offered| {
                own.card.record.iter().any(|shown| shown.0 == field)
                    && (field == Shared::Town || !own.generalised.iter().any(|vaguer| vaguer.field == field))
            };
            let may = who(everybody.iter().filter(shows).cloned().collect());
            // Of gender the card shows one word, and the record may have more.
            let is_it = |own: &&Offered| {
                field != Shared::Gender
                    || own.card.record.iter().any(|own| own.0 == field && own.1 == "female")
            };
            let may: BTreeSet<String> =
                who(everybody.iter().filter(is_it).cloned().collect()).intersection(&may).cloned().collect();
            assert_eq!(answered, all.intersection(&may).cloned().collect(), "{field:?}");
            *found.entry(field).or_default() += answered.len();
        }
        let half = People { child_age_from: Some(4.5), ..People::default() };
        let error = matcher.cards(&CardQuery { only: half, ..CardQuery::new("P-1") }).unwrap_err();
        assert!(error.is_input() && error.to_string().contains("whole years"), "{error}");
        for only in [
            People { newcomer: Some(true), ..People::default() },
            People { attributes: [("faith".to_owned(), vec!["any".to_owned()])].into(), ..People::default() },
            People { experience_years_from: Some(1.0), ..People::default() },
        ] {
            let error = matcher.cards(&CardQuery { only, ..CardQuery::new("P-1") }).unwrap_err();
            assert!(error.is_input() && error.to_string().contains("of_record"), "{error}");
        }
    }
    assert!(found.len() == 6 && found.values().all(|&count| count > 0), "{found:?}");
}

fn offered(matcher: &Matcher) -> Vec<Offered> {
    matcher.cards(&CardQuery { count: Some(100), ..CardQuery::new("P-1") }).unwrap().offered
}

/// A change that may change what others share; the first of them none.
fn another(matcher: &Matcher, round: usize) -> Option<Change> {
    let all: Vec<&Supporter> =
        matcher.program().supporters().iter().filter(|one| !one.id.as_str().is_empty()).collect();
    let (one, other) = (all[all.len() / 2], all[all.len() / 3]);
    let with = |id: &str, change: &dyn Fn(&mut Supporter)| {
        let mut supporter = one.clone();
        supporter.id = id.into();
        change(&mut supporter);
        Box::new(supporter)
    };
    Some(match round {
        1 => Change::SupporterLeaves { supporter: one.id.clone() },
        // Nothing that others share.
        2 => Change::SupporterChanges {
            supporter: with(one.id.as_str(), &|own| own.card.shares = FIELDS.into_iter().take(3).collect()),
        },
        3 => Change::SupporterChanges {
            supporter: with(one.id.as_str(), &|own| {
                own.conditions.clone_from(&other.conditions);
                own.child_age = Some(11.0);
                own.place.town = Some("Cole".to_owned());
            }),
        },
        4 => Change::SupporterArrives {
            supporter: with("S-new", &|own| own.gender = Some("other".to_owned())),
        },
        5 => {
            Change::SupporterStatus { supporter: one.id.clone(), status: Status::OnLeave, leave_until: None }
        }
        6 => {
            let mut policy = matcher.policy().clone();
            policy.cards.smallest_group += 2;
            Change::Policy { policy: Box::new(policy) }
        }
        _ => return None,
    })
}

#[test]
fn no_card_shows_what_too_few_share_and_none_is_vaguer_than_it_has_to_be() {
    let mut seen = BTreeMap::<&str, u32>::new();
    for seed in 0..20 {
        let count = 4 + (seed as usize * 7) % 40;
        let mut policy = Policy::default();
        policy.requirements.common_ground = 0.0;
        policy.cards.smallest_group = [5, 2, 1, 9][seed as usize % 4];
        let mut matcher = Matcher::new(Program::new(programme(seed, count)).unwrap(), policy, TODAY).unwrap();
        matcher.begin(TODAY, &Control::new()).unwrap();
        matcher.apply(&Change::WaitsToChoose { participant: "P-1".into() }, TODAY).unwrap();
        // What is shared changes with who is there and with what their records say.
        for round in 0..7 {
            let _ = offered(&matcher);
            if let Some(change) = another(&matcher, round) {
                matcher.apply(&change, TODAY).unwrap();
            }
            let least = matcher.policy().cards.smallest_group as usize;
            let program = Program::new(matcher.program().to_data()).unwrap();
            for own in offered(&matcher) {
                let place = program.supporter_index(own.found.supporter.as_str()).unwrap();
                let shares = &program.supporters()[place].card.shares;
                let fields: Vec<(Shared, Levels)> = FIELDS
                    .into_iter()
                    .filter(|field| shares.contains(field))
                    .map(|field| (field, levels(&program, place, field)))
                    .filter(|(_, levels)| levels.len() > 1)
                    .collect();
                tells_no_more_than_it_shows(&own);
                if fields.is_empty() {
                    assert!(own.card.record.is_empty() && own.generalised.is_empty());
                    continue;
                }
                let all: Vec<Levels> = fields.iter().map(|own| own.1.clone()).collect();
                let enough = combinations(&all).into_iter().filter(|own| own.1 >= least);
                let best = enough.min_by_key(|own| {
                    (own.0, own.1, own.2.iter().map(|&level| std::cmp::Reverse(level)).collect::<Vec<_>>())
                });
                let Some((steps, shared_by, chosen)) = best else {
                    assert!(own.card.record.is_empty(), "fewer are there than are to share it");
                    *seen.entry("too few").or_default() += 1;
                    continue;
                };
                let words: Vec<(Shared, String)> = fields
                    .iter()
                    .zip(&chosen)
                    .filter_map(|((field, levels), &level)| Some((*field, levels[level].0.clone()?)))
                    .collect();
                assert_eq!(own.card.record, words, "{fields:?}");
                assert_eq!(own.shared_by as usize, shared_by);
                assert!(words.is_empty() || shared_by >= least);
                assert_eq!(own.generalised.iter().map(|one| one.steps as usize).sum::<usize>(), steps);
                *seen.entry(if steps == 0 { "as it is" } else { "vaguer" }).or_default() += 1;
                *seen.entry("hidden").or_default() += u32::from(own.generalised.iter().any(|one| one.hidden));
            }
        }
    }
    for (what, least) in [("too few", 1), ("as it is", 50), ("vaguer", 200), ("hidden", 50)] {
        assert!(seen.get(what).is_some_and(|&count| count >= least), "{what}: {seen:?}");
    }
}
