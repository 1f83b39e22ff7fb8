//! The generator: the same seed gives the same programme, settings are followed, and the sample is what it makes.

use std::collections::BTreeSet;
use std::path::Path;

use peermatch::population::{LanguageShare, Missing, Settings, Statuses, generate};
use peermatch::program::{Program, ProgramData, ProgramReader, Status, Supporter, WeekMinutes};

fn sample_folder() -> std::path::PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join("data")
}

fn large() -> Settings {
    Settings { participants: 10_000, supporters: 3_000, ..Settings::default() }
}

/// Within five standard deviations of a share that is drawn person by person.
#[track_caller]
fn assert_share(what: &str, count: usize, of: usize, share: f64) {
    let got = count as f64 / of as f64;
    let deviation = (share * (1.0 - share) / of as f64).sqrt();
    assert!((got - share).abs() <= 5.0 * deviation + 1e-12, "{what}: {got} for {share}");
}

fn capacity_of_active(data: &ProgramData) -> u32 {
    let active = data.supporters.iter().filter(|supporter| supporter.status == Status::Active);
    active.map(|supporter| supporter.capacity.unwrap_or(1)).sum()
}

#[test]
fn the_sample_is_what_the_generator_makes_today() {
    let files = generate(&Settings::sample()).unwrap().to_csv().unwrap();
    let remedy = "write it anew: cargo run --release --example generate_programme -- --sample";
    for file in &files {
        let checked_in = std::fs::read_to_string(sample_folder().join(&file.name)).unwrap_or_default();
        assert!(checked_in == file.content, "examples/data/{} is not up to date; {remedy}", file.name);
    }
    let told = std::fs::read_to_string(sample_folder().join("README.md")).unwrap();
    for file in &files {
        // No cell of the sample holds a line end, so lines are rows.
        let line = format!("| {} | {} |", file.name, file.content.lines().count() - 1);
        assert!(told.contains(&line), "examples/data/README.md lacks {line:?}");
    }
    let made: BTreeSet<&str> = files.iter().map(|file| file.name.as_str()).collect();
    for entry in std::fs::read_dir(sample_folder()).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        assert!(name == "README.md" || told.contains(&name), "examples/data/README.md does not list {name}");
        let is_csv = Path::new(&name).extension().is_some_and(|ending| ending == "csv");
        assert!(!is_csv || made.contains(name.as_str()), "examples/data/{name} is no file of the sample");
    }
}

#[test]
fn the_sample_reads_back_as_the_same_data_with_warnings_alone() {
    let reader = ProgramReader::new().folder(sample_folder());
    assert_eq!(reader.read_data().unwrap(), generate(&Settings::sample()).unwrap());
    let program = reader.read().unwrap();
    assert_eq!((program.participants().len(), program.supporters().len()), (400, 150));
    let fields: Vec<&str> = program.warnings().iter().filter_map(|w| w.field.as_deref()).collect();
    assert!(fields.contains(&"postcode") && fields.contains(&"conditions"), "{fields:?}");
    assert!(fields.len() <= 20, "{} warnings are too many to be read", fields.len());
}

#[test]
fn the_sample_has_something_of_everything() {
    let data = generate(&Settings::sample()).unwrap();
    let history = &data.history;
    assert!(!history.acquaintances.is_empty() && !history.barred.is_empty());
    assert!(!history.past.is_empty() && !history.standing.is_empty());
    let zones: BTreeSet<_> = data.gazetteer.iter().filter_map(|entry| entry.time_zone.as_deref()).collect();
    assert_eq!(zones, BTreeSet::from(["America/Chicago", "America/New_York"]));
    for status in [Status::Active, Status::InTraining, Status::OnLeave, Status::UnderReview, Status::Released]
    {
        assert!(data.supporters.iter().any(|supporter| supporter.status == status), "{status:?}");
    }
    assert!(data.participants.iter().any(|p| !p.consent));
    assert!(data.participants.iter().any(|p| !p.known.is_empty()));
    assert!(data.participants.iter().any(|p| !p.refused.is_empty()));
    assert!(data.participants.iter().any(|p| !p.weights.is_empty()));
    assert!(data.supporters.iter().any(|s| !s.excluded_conditions.is_empty()));
    assert!(data.supporters.iter().any(|s| !s.excluded_issues.is_empty()));
    assert!(data.supporters.iter().any(|s| s.capacity.is_none()));
}

#[test]
fn a_seed_means_one_programme() {
    let settings = Settings { participants: 300, supporters: 120, ..Settings::default() };
    let data = generate(&settings).unwrap();
    assert_eq!(data, generate(&settings).unwrap());
    let other = generate(&Settings { seed: 2, ..settings.clone() }).unwrap();
    assert_ne!(data.participants, other.participants);
    assert_ne!(data.supporters, other.supporters);
    // Without what ties people together, one more participant leaves the others as they are.
    let apart = Settings { standing: 0.0, acquaintances: 0.0, barred: 0.0, past: 0.0, ..settings };
    let fewer = generate(&apart).unwrap();
    let more = generate(&Settings { participants: 301, ..apart }).unwrap();
    assert_eq!(fewer.participants, more.participants[..300]);
}

#[test]
fn nobody_states_the_same_hour_twice() {
    let data = generate(&Settings { participants: 2_000, supporters: 500, ..large() }).unwrap();
    let participants = data.participants.iter().map(|p| &p.availability);
    for windows in participants.chain(data.supporters.iter().map(|s| &s.availability)) {
        // Only the late hours reach midnight, and nobody's morning begins there.
        let stated: u32 = windows.iter().map(|window| window.minutes() * window.days().count() as u32).sum();
        let (zone, monday) = (jiff::tz::TimeZone::UTC, jiff::civil::date(2026, 11, 23));
        assert_eq!(WeekMinutes::from_windows(windows, &zone, monday).total(), stated, "{windows:?}");
    }
}

#[test]
fn every_region_gives_a_sound_programme() {
    for state in [None, Some("TN"), Some("CA"), Some("WY"), Some("DC"), Some("AK"), Some("VT"), Some("HI")] {
        let state = state.map(str::to_owned);
        let settings = Settings { participants: 250, supporters: 90, seed: 7, state, ..Settings::default() };
        let data = generate(&settings).unwrap();
        for entry in &data.gazetteer {
            assert!(settings.state.is_none() || entry.region == settings.state);
        }
        Program::new(data).unwrap_or_else(|error| panic!("{:?}: {error}", settings.state));
    }
}

#[test]
fn without_gaps_there_is_nothing_to_warn_of() {
    let settings = Settings { missing: Missing::none(), participants: 2_000, supporters: 700, ..large() };
    let program = Program::new(generate(&settings).unwrap()).unwrap();
    assert!(program.warnings().is_empty(), "{:?}", &program.warnings()[..1]);
    assert!((0..2_000).all(|participant| program.participant_coordinates(participant).is_some()));
    assert!(program.participants().iter().all(|p| !p.languages.is_empty() && p.child_age.is_some()));
    assert!(program.supporters().iter().all(|s| s.capacity.is_some() && !s.card.is_empty()));
}

#[test]
fn gaps_follow_their_shares() {
    let settings = large();
    let data = generate(&settings).unwrap();
    let missing = &settings.missing;
    let people = &data.participants;
    let count =
        |is: &dyn Fn(&peermatch::program::Participant) -> bool| people.iter().filter(|p| is(p)).count();
    let of = people.len();
    assert_share("place", count(&|p| p.place.is_empty()), of, missing.place);
    assert_share("conditions", count(&|p| p.conditions.is_empty()), of, missing.conditions);
    assert_share("child_age", count(&|p| p.child_age.is_none()), of, missing.child_age);
    assert_share("experience", count(&|p| p.experience_since.is_none()), of, missing.experience);
    assert_share("modalities", count(&|p| p.modalities.is_empty()), of, missing.modalities);
    assert_share("languages", count(&|p| p.languages.is_empty()), of, missing.languages);
    assert_share("availability", count(&|p| p.availability.is_empty()), of, missing.availability);
    assert_share("gender", count(&|p| p.gender.is_none()), of, missing.gender);
    assert_share("hours", count(&|p| p.hours_per_week.is_none()), of, missing.hours);
    assert_share("waiting_since", count(&|p| p.waiting_since.is_none()), of, missing.waiting_since);
    assert_share("consent", count(&|p| p.consent), of, settings.consent);
    let supporters = &data.supporters;
    let count = |is: &dyn Fn(&Supporter) -> bool| supporters.iter().filter(|s| is(s)).count();
    let of = supporters.len();
    assert_share("capacity", count(&|s| s.capacity.is_none()), of, missing.capacity);
    assert_share("card", count(&|s| s.card.is_empty()), of, missing.card);
    assert_share("leave", count(&|s| s.status == Status::OnLeave), of, settings.statuses.on_leave);
    let unknown = data.participants.iter().filter(|p| {
        let listed = |postcode: &str| {
            data.gazetteer
                .binary_search_by(|entry| entry.postcode.as_deref().unwrap_or("~").cmp(postcode))
                .is_ok()
        };
        p.place.postcode.as_deref().is_some_and(|postcode| !listed(postcode))
    });
    assert_share("unknown_postcode", unknown.count(), data.participants.len(), missing.unknown_postcode);
}

#[test]
fn conditions_and_languages_follow_their_sources() {
    let mut settings = large();
    settings.missing = Missing::none();
    settings.rare_conditions = 0.0;
    let data = generate(&settings).unwrap();
    let first = |prefixes: &[&str]| {
        let starts = |code: &str| prefixes.iter().any(|prefix| code.starts_with(prefix));
        data.participants.iter().filter(|p| starts(p.conditions[0].as_str())).count()
    };
    // NHIS and NSCH prevalences, as shares of their sum.
    let sum = 9.5 + 7.9 + 4.1 + 2.5 + 2.1 + 1.2 + 0.8 + 0.6 + 0.3 + 0.2 + 100.0 / 11.4;
    let of = data.participants.len();
    for (prefixes, per_cent) in [
        (&["F90"][..], 9.5),
        (&["F81"], 7.9),
        (&["F88", "F89", "R62"], 4.1),
        (&["F84"], 2.5),
        (&["F80"], 2.1),
        (&["F7"], 1.2),
        (&["G40"], 0.8),
        (&["H90"], 0.6),
        (&["G80"], 0.3),
        (&["H54"], 0.2),
        (&["J45"], 100.0 / 11.4),
    ] {
        assert_share(prefixes[0], first(prefixes), of, per_cent / sum);
    }
    for LanguageShare { tag, share } in LanguageShare::united_states() {
        let speak = |p: &&peermatch::program::Participant| {
            p.languages.iter().any(|own| own.mutually_intelligible(&tag))
        };
        let count = data.participants.iter().filter(speak).count();
        // The fifth who live anywhere in their state follow their city's state as well; what moves the shares is
        // that a cell of the table is a state, not a person.
        let got = count as f64 / of as f64;
        assert!((got - share).abs() < 0.1 * share + 0.002, "{tag}: {got} for {share}");
    }
}

#[test]
fn the_supply_is_met_exactly_and_capacities_are_plausible() {
    for (supply, places) in [(0.5, 5_000), (0.8, 8_000), (1.3, 13_000)] {
        let data = generate(&Settings { supply, ..large() }).unwrap();
        assert_eq!(capacity_of_active(&data), places);
        assert!(data.supporters.iter().all(|s| (1..=10).contains(&s.capacity.unwrap_or(1))));
        assert!(data.supporters.iter().all(|s| s.wished_minimum <= s.capacity.unwrap_or(1)));
    }
    let data = generate(&Settings::sample()).unwrap();
    let small = data.supporters.iter().filter(|s| s.capacity.unwrap_or(1) <= 4).count();
    assert!(small * 10 >= data.supporters.len() * 8, "{small}");
}

#[test]
fn standing_matches_could_have_been_made() {
    let settings = Settings { missing: Missing { capacity: 0.05, ..Missing::none() }, ..large() };
    let program = Program::new(generate(&settings).unwrap()).unwrap();
    let standing = &program.history().standing;
    assert_eq!(standing.len(), 1_000);
    let pinned = standing.iter().filter(|s| s.hold == peermatch::program::Hold::Pinned).count();
    assert_share("pinned", pinned, standing.len(), settings.pinned);
    let mut load = vec![0; program.supporters().len()];
    let mut caseload = vec![0; program.supervisors().len()];
    let mut seen = BTreeSet::new();
    for pair in standing {
        assert!(seen.insert(&pair.participant), "{} stands twice", pair.participant);
        let participant =
            &program.participants()[program.participant_index(pair.participant.as_str()).unwrap()];
        let index = program.supporter_index(pair.supporter.as_str()).unwrap();
        let supporter = &program.supporters()[index];
        load[index] += 1;
        if let Some(id) = &supporter.supervisor {
            caseload[program.supervisor_index(id.as_str()).unwrap()] += 1;
        }
        assert!(participant.consent && supporter.keeps_standing_matches(settings.as_of));
        let talk = participant
            .languages
            .iter()
            .any(|a| supporter.languages.iter().any(|b| a.mutually_intelligible(b)));
        assert!(talk, "{} and {}", pair.participant, pair.supporter);
        assert!(participant.waiting_since <= pair.since);
        assert!(
            !participant.refused.contains(&pair.supporter) && !participant.known.contains(&pair.supporter)
        );
    }
    assert!(program.supporters().iter().zip(&load).all(|(s, &load)| load <= s.capacity.unwrap_or(1)));
    let limits = program.supervisors().iter().zip(&caseload);
    assert!(limits.into_iter().all(|(v, &load)| v.caseload.is_none_or(|limit| load <= limit)));
}

#[test]
fn nothing_lies_after_the_day_and_nobody_is_older_than_their_story() {
    let settings = large();
    let data = generate(&settings).unwrap();
    for p in &data.participants {
        assert!(p.waiting_since.is_none_or(|day| day <= settings.as_of));
        assert!(p.experience_since.is_none_or(|day| day <= settings.as_of));
        assert!(p.child_age.is_none_or(|age| (0.0..=21.0).contains(&age)));
    }
    for s in &data.supporters {
        assert!(s.experience_since.is_none_or(|day| day < settings.as_of));
        assert!(s.child_age.is_none_or(|age| (0.0..=45.0).contains(&age)));
    }
    let history = &data.history;
    assert!(history.past.iter().all(|past| past.ended.is_none_or(|day| day < settings.as_of)));
    assert!(history.standing.iter().all(|standing| standing.since.is_none_or(|day| day < settings.as_of)));
}

#[test]
fn settings_out_of_range_are_told_in_one_go() {
    let settings = Settings {
        state: Some("ZZ".to_owned()),
        supply: f64::NAN,
        standing: 1.5,
        consent: -0.1,
        preferences: 9.0,
        languages: Vec::new(),
        statuses: Statuses { on_leave: 0.6, in_training: 0.6, ..Statuses::default() },
        ..Settings::default()
    };
    let error = generate(&settings).unwrap_err();
    assert!(error.is_input());
    let fields: BTreeSet<&str> = error.faults().iter().filter_map(|fault| fault.field.as_deref()).collect();
    let wanted = ["state", "supply", "standing", "consent", "preferences", "languages", "statuses"];
    assert_eq!(fields, BTreeSet::from(wanted));
    let out_of_reach = generate(&Settings { supply: 50.0, ..Settings::default() }).unwrap_err();
    assert!(out_of_reach.to_string().contains("supply"), "{out_of_reach}");
}

#[test]
fn the_edges_hold() {
    let none = Settings { participants: 0, supporters: 0, supply: 0.0, ..Settings::default() };
    let data = generate(&none).unwrap();
    assert!(data.participants.is_empty() && data.supporters.is_empty() && data.supervisors.is_empty());
    let lonely = Settings { supporters: 0, supply: 0.0, ..Settings::default() };
    assert!(generate(&lonely).unwrap().history.standing.is_empty());
    let no_supervisors = Settings { supporters_per_supervisor: 0, ..Settings::sample() };
    assert!(generate(&no_supervisors).unwrap().supporters.iter().all(|s| s.supervisor.is_none()));
    let everything =
        Settings { standing: 1.0, past: 1.0, acquaintances: 1.0, barred: 1.0, ..Settings::sample() };
    Program::new(generate(&everything).unwrap()).unwrap();
}
