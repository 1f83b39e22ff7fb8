//! Rules that cannot be meant: out of range, saying nothing, contradicting themselves or each other; and what only a
//! programme shows, whom and what they name that it does not have.

use peermatch::program::{Hold, Participant, ProgramData, StandingMatch, Supervisor, Supporter};
use peermatch::{Matcher, Policy, Program};

use crate::random_programme::TODAY;

/// What is said of a policy that is refused.
fn refused(text: &str) -> String {
    Policy::from_toml(text).unwrap_err().to_string()
}

#[track_caller]
fn assert_says(told: &str, parts: &[&str]) {
    for part in parts {
        assert!(told.contains(part), "{part:?} is not said in:\n{told}");
    }
}

#[test]
fn rules_that_contradict_themselves_are_told_all_at_once() {
    let told = refused(
        r#"
        [objective]
        worst_off_first = true
        [[rules]]
        name = ""
        hours = { per = "programme", hours_per_match = 200.0 }
        [[rules]]
        name = "a"
        price = -1.0
        quota = { count = { role = "backup", supporter = { priority_from = 1 }, score_from = 2.0 } }
        [[rules]]
        name = "a"
        together = { participants = ["P-1"] }
        [[rules]]
        name = "b"
        quota = { at_least = 3, at_most = 2, of = { remote = true } }
        [[rules]]
        name = "c"
        team = { supporters = ["S-1", "S-1", "S-2"] }
        [[rules]]
        name = "d"
        open = { at_least = 0, price = 2000.0, supporters = { waiting_days_from = 3 } }
        "#,
    );
    assert_says(
        &told,
        &[
            "rules[1] () = \"\": has no name",
            "rules[1] ().hours.hours_per_match = 200: is out of range",
            "rules[1] ().hours.per = programme: has no hours of its own",
            "rules[2] (a).price = -1: is out of range",
            "rules[2] (a).quota.count.role = \"backup\": counts backups, and nobody has one",
            "rules[2] (a).quota.count.score_from = 2: is out of range",
            "rules[2] (a).quota.count.supporter.priority_from = 1: is a field of participants",
            "rules[2] (a).quota = { count = { role = \"backup\", score_from = 2.0, supporter = { priority_from = 1 } }",
            "rules[3] (a) = a: is the name of an earlier rule",
            "rules[3] (a).together.participants = [\"P-1\"]: names fewer than two",
            "rules[4] (b).quota.of = { remote = true, role = \"primary\" }: says what shares are of, and there is no share",
            "rules[4] (b).quota.at_least = 3: is more than at_most",
            "rules[5] (c).team.supporters = S-1: stands there twice",
            "rules[5] (c).team.supporters = [\"S-1\", \"S-1\", \"S-2\"]: are too many for a team",
            "rules[5] (c) = team: is about two supporters of one person",
            "rules[6] (d).open.at_least = 0: is out of range",
            "rules[6] (d).open.price = 2000: is out of range",
            "rules[6] (d).open.supporters.waiting_days_from = 3: is a field of participants",
            "objective.worst_off_first = true: cannot be had together with rules or backups",
        ],
    );
    assert!(refused("[[rules]]\nname = \"x\"\n").contains("the rule \"x\" asks for nothing"));
    let both = "[[rules]]\nname = \"x\"\nhours = {}\nopen = {}\n";
    assert!(refused(both).contains("asks for both hours and open; make two rules of it"));
    assert!(refused("[[rules]]\nname = \"x\"\nhuors = {}\n").contains("unknown field `huors`"));
}

/// A rule on its own, as it is refused.
fn of_rule(rule: &str) -> String {
    refused(&format!("[[rules]]\nname = \"x\"\n{rule}\n[backup]\n"))
}

#[test]
fn a_rule_that_asks_for_nothing_is_a_fault() {
    for (rule, said) in [
        ("quota = { at_least = 0 }", "quota.at_least = 0: is so of everything"),
        ("quota = { at_least_share = 0.0 }", "quota.at_least_share = 0: is so of everything"),
        ("quota = { at_most_share = 1.0 }", "quota.at_most_share = 1: is so of everything"),
        (
            "quota = { at_most = 1, count = { score_from = 0.0 } }",
            "quota.count.score_from = 0: is so of everything",
        ),
        (
            "quota = { at_most = 1, count = { participant = { codes_from = 0 } } }",
            "codes_from = 0: is so of everything",
        ),
        (
            "quota = { at_most = 1, count = { participant = { priority_from = 0 } } }",
            "priority_from = 0: is out of range",
        ),
        (
            "quota = { at_least_share = 0.0004 }",
            "at_least_share = 0.0004: counts as 0, for shares are counted in steps",
        ),
        (
            "quota = { at_most_share = 0.9996 }",
            "at_most_share = 0.9996: counts as 1, for shares are counted in steps",
        ),
        ("open = {}", "open = { at_least = 1, price = 0.0, supporters = {"),
        ("hours = { hours_per_match = 0.0 }", "hours.hours_per_match = 0: is less than a minute"),
    ] {
        let told = of_rule(rule);
        assert_says(
            &told,
            &[&format!("rules[1] (x).{said}")
                .replace("(x).codes", "(x).quota.count.participant.codes")
                .replace("(x).priority", "(x).quota.count.participant.priority")
                .replace("(x).at_", "(x).quota.at_")],
        );
        assert_eq!(told.lines().count(), 2, "{told}");
    }
    assert_says(&refused("[backup]\nplaces = 0"), &["backup.places = 0: is out of range"]);
    assert_says(
        &refused("[backup]\nrequires = { role = \"any\" }"),
        &["backup.requires.role = \"any\": has no meaning"],
    );
    // A price of 0 asks for something: to be told by how much it is missed.
    assert!(Policy::from_toml("[[rules]]\nname = \"x\"\nprice = 0.0\nquota = { at_least = 1 }").is_ok());
}

#[test]
fn what_is_counted_must_not_contradict_itself() {
    let counted = |count: &str| of_rule(&format!("quota = {{ at_most = 1, count = {{ {count} }} }}"));
    for (count, said) in [
        (
            "within_km = 5.0, beyond_km = 5.0",
            "count.within_km = 5: is no more than beyond_km = 5, so nothing",
        ),
        ("score_below = 0.3, score_from = 0.5", "count.score_below = 0.3: is no more than score_from = 0.5"),
        ("score_below = 0.0", "count.score_below = 0: is below everything"),
        (
            "participant = { child_age_below = 0.0 }",
            "count.participant.child_age_below = 0: is below everything",
        ),
        (
            "participant = { child_age_from = 3.0, child_age_below = 2.0 }",
            "count.participant.child_age_below = 2: is no more than child_age_from = 3",
        ),
        (
            "supporter = { experience_years_from = 3.0, experience_years_below = 3.0 }",
            "count.supporter.experience_years_below = 3: is no more than experience_years_from = 3",
        ),
        (
            "supporter = { attributes = { faith = [] } }",
            "count.supporter.attributes.faith = []: names no value",
        ),
        (
            "participant = { supervisors = [\"V\"] }",
            "count.participant.supervisors = [\"V\"]: is a field of supporters",
        ),
    ] {
        let told = counted(count);
        assert_says(&told, &[said]);
        assert_eq!(told.lines().count(), 2, "{told}");
    }
    assert!(counted_is_sound("within_km = 5.1, beyond_km = 5.0, score_below = 0.5, score_from = 0.3"));
    for (count, of) in [
        ("role = \"backup\"", ""),
        ("remote = true", "remote = false"),
        ("relaxed = false", "relaxed = true"),
        ("within_km = 5.0", "beyond_km = 10.0"),
        ("beyond_km = 10.0", "within_km = 10.0"),
        ("score_below = 0.4", "score_from = 0.5"),
        ("score_from = 0.5", "score_below = 0.5"),
    ] {
        let rule = format!("quota = {{ at_most_share = 0.5, count = {{ {count} }}, of = {{ {of} }} }}");
        let field = count.split(' ').next().unwrap();
        assert_says(
            &of_rule(&rule),
            &[&format!("quota.count.{field} = {{ "), "is never so of what shares are of, { "],
        );
        assert_eq!(of_rule(&rule).lines().count(), 2);
    }
    assert_says(
        &of_rule("quota = { at_most_share = 0.2, at_least_share = 0.3 }"),
        &["quota.at_least_share = 0.3: is more than at_most_share = 0.2; lower it"],
    );
}

fn counted_is_sound(count: &str) -> bool {
    let rule = format!("[[rules]]\nname = \"x\"\nquota = {{ at_most = 1, count = {{ {count} }} }}");
    Policy::from_toml(&rule).is_ok()
}

#[test]
fn rules_must_not_contradict_each_other() {
    let told = refused(
        r#"
        [[rules]]
        name = "twins"
        together = { participants = ["P-1", "P-2"] }
        [[rules]]
        name = "cousins"
        price = 0.1
        together = { participants = ["P-3", "P-2"] }
        [[rules]]
        name = "neighbours"
        apart = { participants = ["P-4", "P-3", "P-1"] }
        [[rules]]
        name = "no quarrel"
        apart = { participants = ["P-4", "P-1"] }
        [[rules]]
        name = "a team"
        team = { supporters = ["S-1", "S-2"] }
        [[rules]]
        name = "another"
        team = { supporters = ["S-2", "S-3"] }
        [[rules]]
        name = "not these"
        never_both = { supporters = ["S-4", "S-2", "S-1"] }
        [[rules]]
        name = " twins "
        apart = { participants = ["P-8", "P-9"] }
        [backup]
        "#,
    );
    assert_says(
        &told,
        &[
            "rules[3] (neighbours).apart.participants = [\"P-3\", \"P-1\"]: are to be together by other rules",
            "rules[6] (another).team.supporters = S-2: is in an earlier team",
            "rules[7] (not these).never_both.supporters = [\"S-2\", \"S-1\"]: are a team by another rule",
            "rules[8] ( twins ) = twins: is the name of an earlier rule",
        ],
    );
    assert_eq!(told.lines().count(), 5, "{told}");
}

/// Two who ask, one of whom has not consented, and two who help; under a supervisor without hours.
fn small() -> ProgramData {
    let mut first = Participant { consent: true, ..Participant::new("P-0001") };
    first.languages = vec!["en".parse().unwrap()];
    first.conditions = vec!["asthma".into()];
    first.gender = Some("female".into());
    first.place.region = Some("Tennessee".into());
    first.attributes = [("faith".to_owned(), vec!["Quaker".to_owned()])].into();
    let second = Participant { consent: false, ..Participant::new("P-0002") };
    let helper = |id: &str, capacity| Supporter { capacity: Some(capacity), ..Supporter::new(id) };
    ProgramData {
        participants: vec![first, second],
        supporters: vec![helper("S-0001", 1), helper("S-0002", 2)],
        supervisors: vec![Supervisor { id: "V-01".into(), caseload: None, hours_per_week: None }],
        ..ProgramData::default()
    }
}

fn with(rules: &str, data: ProgramData) -> Matcher {
    Matcher::new(Program::new(data).unwrap(), Policy::from_toml(rules).unwrap(), TODAY).unwrap()
}

#[test]
fn what_a_programme_does_not_have_is_told_with_what_may_have_been_meant() {
    let rules = r#"
        [[rules]]
        name = "a"
        quota = { at_most = 1, count = { participant = { ids = ["P-001"] }, supporter = { supervisors = ["V-1"] } } }
        [[rules]]
        name = "b"
        apart = { participants = ["P-0001", "p-00002"] }
        [[rules]]
        name = "c"
        never_both = { supporters = ["S-0001", "Q"] }
        [backup]
        participants = { ids = ["P-0003"] }
    "#;
    let matcher = with(rules, small());
    let error = matcher.compatibility().unwrap_err();
    assert!(error.is_policy() && matcher.match_all().unwrap_err().is_policy());
    let told = error.to_string();
    assert_says(
        &told,
        &[
            "rules[1] (a).quota.count.participant.ids = P-001: there is no such participant; perhaps P-0001 was meant",
            "rules[1] (a).quota.count.supporter.supervisors = V-1: there is no such supervisor; perhaps V-01 was meant",
            "rules[2] (b).apart.participants = p-00002: there is no such participant; perhaps P-0002 was meant",
            "rules[3] (c).never_both.supporters = Q: there is no such supporter; correct it, or take it out",
            "backup.participants.ids = P-0003: there is no such participant; perhaps P-0001 was meant",
        ],
    );
    assert_eq!(told.lines().count(), 6, "{told}");
}

/// The warnings of a programme with one rule that counts matches of these participants.
fn warned_of(participant: &str) -> Vec<String> {
    let rule = format!(
        "[[rules]]\nname = \"x\"\nquota = {{ at_most = 1, count = {{ participant = {participant} }} }}"
    );
    let matcher = with(&rule, small());
    assert!(matcher.compatibility().is_ok());
    matcher.warnings().iter().map(ToString::to_string).collect()
}

#[test]
fn what_nobody_has_is_a_warning() {
    for (people, said) in [
        (
            "{ regions = [\"tennesee\"] }",
            "regions = \"tennesee\": no participant lives there; perhaps Tennessee was meant",
        ),
        (
            "{ regions = [\"Ohio\"] }",
            "regions = \"Ohio\": no participant lives there; there is Tennessee; leave it if somebody may come",
        ),
        ("{ languages = [\"so\"] }", "languages = \"so\": no participant speaks it"),
        ("{ conditions = [\"athsma\"] }", "conditions = \"athsma\": nobody has it, or one below it"),
        ("{ issues = [\"sleep\"] }", "issues = \"sleep\": nobody has it, or one below it"),
        (
            "{ attributes = { fait = [\"Quaker\"] } }",
            "attributes = \"fait\": no participant has an attribute of this name; perhaps faith",
        ),
        (
            "{ attributes = { faith = [\"quacker\"] } }",
            "attributes.faith = \"quacker\": no participant has this value; perhaps Quaker",
        ),
        (
            "{ attributes = { gender = [\"femal\"] } }",
            "attributes.gender = \"femal\": no participant has this value; perhaps female",
        ),
        ("{ waiting_days_from = 3 }", " = \"{ waiting_days_from = 3 }\": no participant is all of this"),
    ] {
        let warned = warned_of(people);
        assert_eq!(warned.len(), 1, "{warned:?}");
        assert_says(&warned[0], &["warning: policy, rules[1] (x).quota.count.participant", said]);
    }
    for people in [
        "{}",
        "{ regions = [\"TENNESSEE\", \"tennessee\"], languages = [\"en-GB\"] }",
        "{ attributes = { gender = [\"Female\"] } }",
    ] {
        assert_eq!(warned_of(people), Vec::<String>::new());
    }
}

#[test]
fn what_nobody_can_keep_is_told() {
    let of = |rule: &str, data: ProgramData| {
        let matcher = with(&format!("[[rules]]\nname = \"x\"\n{rule}"), data);
        let warnings: Vec<String> = matcher.warnings().iter().map(ToString::to_string).collect();
        (
            matcher.compatibility().err().map_or_else(String::new, |error| error.to_string()),
            warnings.join("\n"),
        )
    };
    let (error, warned) = of("open = { at_least = 3 }", small());
    assert_says(
        &error,
        &["rules[1] (x).open.at_least = 3: no supporter who is meant takes more than 2; lower it"],
    );
    assert_eq!(warned, "");
    // A soft rule may be missed.
    let (error, warned) = of("price = 0.1\nopen = { at_least = 3 }", small());
    assert_eq!(error, "");
    assert_says(&warned, &["open.at_least = \"3\": no supporter who is meant takes more than 2; lower it"]);
    let (error, warned) = of("open = { at_least = 2 }", small());
    assert_eq!(error, "");
    assert_says(
        &warned,
        &["open.at_least = \"2\": 1 of the 2 supporters who are meant take fewer at the most"],
    );
    let (error, _) = of("open = { at_least = 2, supporters = { ids = [\"S-0001\"] } }", small());
    assert_says(&error, &["takes more than 1"]);
    // What is pinned beyond a capacity counts.
    let mut pinned = small();
    pinned.history.standing = ["P-0001", "P-0002"]
        .map(|id| StandingMatch {
            participant: id.into(),
            supporter: "S-0001".into(),
            hold: Hold::Pinned,
            price: None,
            since: None,
        })
        .into();
    assert_eq!(of("open = { at_least = 2, supporters = { ids = [\"S-0001\"] } }", pinned).0, "");

    let (error, warned) = of("together = { participants = [\"P-0001\", \"P-0002\"] }", small());
    assert_eq!(error, "");
    assert_says(&warned, &["together.participants = \"P-0002\": has not consented"]);
    let mut tight = small();
    tight.supporters.truncate(1);
    let (error, _) = of("together = { participants = [\"P-0001\", \"P-0002\"] }", tight);
    assert_says(
        &error,
        &[
            "together.participants = [\"P-0001\", \"P-0002\"]: are 2 people, and no supporter takes more than 1",
        ],
    );
    for per in ["supporter", "supervisor"] {
        let (error, warned) = of(&format!("hours = {{ per = \"{per}\" }}"), small());
        assert_eq!(error, "");
        assert_says(&warned, &["hours.per", "none of them states hours, so nobody is limited"]);
    }
    let (error, warned) = of("quota = { per = \"supervisor\", at_most = 1 }", small());
    assert_eq!(error, "");
    assert_says(&warned, &["quota.per = \"supervisor\": no supporter has a supervisor"]);
}

#[test]
fn a_code_by_its_name_is_told_as_one() {
    let mut data = small();
    data.conditions = vec![
        peermatch::program::Concept { code: "C-10".into(), parents: Vec::new(), name: "Asthma".into() },
        peermatch::program::Concept { code: "asthma".into(), parents: Vec::new(), name: String::new() },
    ];
    let rule = "[[rules]]\nname = \"x\"\nquota = { at_most = 1, count = { participant = { conditions = [\"ASTHMA\", \"C-1O\"] } } }";
    let told = with(rule, data).compatibility().unwrap_err().to_string();
    assert_says(
        &told,
        &["conditions = ASTHMA: the taxonomy has no such code; its code is C-10", "perhaps C-10 was meant"],
    );
}
