//! What is said of rules about matches together, and what is kept under them; the oracle is in `matching_rules_oracle`.

use std::collections::BTreeMap;

use peermatch::assignment::{Algorithm, AlgorithmUsed, Options};
use peermatch::matcher::Control;
use peermatch::matching::{Matching, Reason};
use peermatch::policy::rules::{Counted, Hours, Open, Per, Quota, Team, Together};
use peermatch::policy::{Backup, Rule, RuleKind};
use peermatch::program::{
    History, Hold, Modality, Participant, ProgramData, StandingMatch, Status, Supervisor, Supporter,
};
use peermatch::{Matcher, Policy, Program};

fn parent(id: &str) -> Participant {
    Participant { conditions: vec!["autism".into()], consent: true, ..Participant::new(id) }
}

pub(crate) fn helper(id: &str, capacity: u32) -> Supporter {
    Supporter { conditions: vec!["autism".into()], capacity: Some(capacity), ..Supporter::new(id) }
}

pub(crate) fn matcher(participants: u32, helpers: &[Supporter], policy: Policy) -> Matcher {
    let data = ProgramData {
        participants: (1..=participants).map(|p| parent(&format!("P-{p}"))).collect(),
        supporters: helpers.to_vec(),
        supervisors: vec![Supervisor { id: "V".into(), caseload: None, hours_per_week: Some(2.0) }],
        ..ProgramData::default()
    };
    Matcher::new(Program::new(data).unwrap(), policy, "2026-11-21".parse().unwrap()).unwrap()
}

pub(crate) fn under(rules: Vec<Rule>) -> Policy {
    Policy { rules, ..Policy::default() }
}

#[test]
fn a_policy_without_rules_never_leaves_the_flow() {
    let matching = matcher(2, &[helper("S", 2)], Policy::default()).match_all().unwrap();
    assert!(!matches!(matching.solution.algorithm, AlgorithmUsed::RuleSearch));
    assert!(matching.rules.is_empty());
    // Backups that come after everything else are a flow as well.
    let policy = Policy { backup: Some(Backup::default()), ..Policy::default() };
    let matching = matcher(2, &[helper("S", 2), helper("T", 2)], policy).match_all().unwrap();
    assert!(!matches!(matching.solution.algorithm, AlgorithmUsed::RuleSearch));
    for pair in &matching.pairs {
        let backup = matching.backup_of(pair.participant.as_str()).unwrap();
        assert_ne!(backup.supporter, pair.supporter);
    }
    assert!(matching.to_csv().unwrap().lines().next().unwrap().ends_with(",backup"));
}

#[test]
fn a_rule_is_never_ignored() {
    let rule = Rule::new("hours", RuleKind::Hours(Hours::default()));
    let matcher = matcher(2, &[helper("S", 2)], under(vec![rule]));
    let matching = matcher.match_all().unwrap();
    assert_eq!(matching.solution.algorithm, AlgorithmUsed::RuleSearch);
    assert!(matching.solution.because.contains("\"hours\""), "{}", matching.solution.because);
    let compatibility = matcher.compatibility().unwrap();
    let graph = compatibility.graph(matcher.program());
    assert!(matcher.problem(&compatibility, graph.clone()).unwrap_err().is_policy());
    assert!(matcher.solve_market(&matcher.market(&compatibility), &Control::new()).is_err());
    assert_eq!(matcher.ruled_problem(&compatibility, &graph).unwrap().rules()[0].name, "hours");
    for algorithm in [Algorithm::ShortestPaths, Algorithm::NetworkSimplex] {
        let asked = matcher.clone().with_options(Options::new().algorithm(algorithm));
        assert!(asked.match_all().unwrap_err().is_solver());
    }
}

#[test]
fn hours_of_supporters_and_supervisors_are_kept() {
    let mut own = helper("S", 5);
    own.hours_per_week = Some(3.0);
    own.supervisor = Some("V".into());
    let hours = |per| Rule::new("hours", RuleKind::Hours(Hours { per, hours_per_match: 1.0 }));
    let matched = |per| matcher(5, std::slice::from_ref(&own), under(vec![hours(per)])).match_all().unwrap();
    let by_supporter = matched(Per::Supporter);
    assert_eq!(by_supporter.totals.matched, 3);
    assert_eq!(by_supporter.rules[0].to_string(), "hours: kept, and it binds");
    assert_eq!(by_supporter.rules[0].parts[0].to_string(), "S: 3, at most 3");
    assert!(matches!(by_supporter.unmatched[0].reason, Reason::HeldBackByRules { eligible: 1 }));
    assert_eq!(matched(Per::Supervisor).totals.matched, 2);
}

#[test]
fn a_soft_rule_is_missed_where_that_is_worth_its_price() {
    let quota = Quota { at_most: Some(1), per: Per::Supporter, ..Quota::default() };
    let rule = |price| Rule::new("one each", RuleKind::Quota(Box::new(quota.clone()))).soft(price);
    let mut policy = under(vec![rule(0.1)]);
    policy.objective.served_first = false;
    let cheap = matcher(3, &[helper("S", 3)], policy.clone()).match_all().unwrap();
    assert_eq!(cheap.totals.matched, 3);
    assert_eq!(cheap.rules[0].to_string(), "one each: missed by 2 matches, at a price of 0.2 in score");
    policy.rules = vec![rule(5.0)];
    assert_eq!(matcher(3, &[helper("S", 3)], policy).match_all().unwrap().totals.matched, 1);
}

#[test]
fn three_rules_that_clash_are_named_and_the_best_without_one_is_offered() {
    let ids = |from: u32, to: u32| (from..=to).map(|p| format!("P-{p}")).collect::<Vec<_>>();
    let quota = |count: Vec<String>, at_least, at_most| {
        let mut counted = Counted::default();
        counted.participant.ids = count;
        RuleKind::Quota(Box::new(Quota { count: counted, at_least, at_most, ..Quota::default() }))
    };
    let rules = vec![
        Rule::new("supporters' hours", RuleKind::Hours(Hours::default())),
        Rule::new("many from the north", quota(ids(1, 200), Some(150), None)),
        Rule::new("no more than 300 in all", quota(Vec::new(), None, Some(300))),
        Rule::new("many from the south", quota(ids(201, 400), Some(160), None)),
        Rule::new("some from each end", quota(ids(150, 250), Some(10), None)),
    ];
    let helpers: Vec<Supporter> = (0..60).map(|s| helper(&format!("S-{s}"), 8)).collect();
    let error = matcher(400, &helpers, under(rules)).match_all().unwrap_err();
    assert!(error.is_infeasible());
    let clash = error.rule_clash().unwrap();
    assert_eq!(clash.rules, ["many from the north", "no more than 300 in all", "many from the south"]);
    assert!(clash.smallest && clash.fewest);
    assert_eq!(clash.dropped.len(), 1);
    let offer = clash.offer.as_ref().unwrap();
    // Without the limit all 400 are matched.
    assert_eq!((offer.totals.matched, clash.dropped[0].as_str()), (400, "no more than 300 in all"));
    assert!(
        offer.rules[2].dropped
            && offer.rules.iter().filter(|rule| !rule.dropped).all(peermatch::matching::RuleOutcome::is_kept)
    );
    for name in &clash.rules {
        assert!(error.to_string().contains(name), "{error}");
    }
    assert!(!error.to_string().contains("some from each end"), "{error}");
}

#[test]
fn a_team_and_two_who_never_meet_are_kept_with_backups() {
    let team = |ids: [&str; 2]| Team { supporters: ids.iter().map(|id| (*id).into()).collect() };
    let helpers = ["A", "B", "C"].map(|id| helper(id, 2));
    let mut policy = under(vec![Rule::new("a team", RuleKind::Team(team(["A", "B"])))]);
    policy.backup = Some(Backup { places: 3, ..Backup::default() });
    let both = |matching: &Matching| -> BTreeMap<String, [String; 2]> {
        let of = |pair: &peermatch::matching::Match| {
            let backup = matching.backup_of(pair.participant.as_str());
            let backup = backup.map_or_else(String::new, |backup| backup.supporter.to_string());
            (pair.participant.to_string(), [pair.supporter.to_string(), backup])
        };
        matching.pairs.iter().map(of).collect()
    };
    let matching = matcher(4, &helpers, policy.clone()).match_all().unwrap();
    assert_eq!(matching.totals.matched, 4);
    for own in both(&matching).values() {
        let has = |id: &str| own.iter().any(|own| own == id);
        assert_eq!(has("A"), has("B"), "{own:?}");
        assert!(own[0] != own[1]);
    }
    policy.rules = vec![Rule::new("never both", RuleKind::NeverBoth(team(["A", "B"])))];
    let matching = matcher(4, &helpers, policy).match_all().unwrap();
    for own in both(&matching).values() {
        assert!(own.iter().filter(|own| *own == "A" || *own == "B").count() < 2, "{own:?}");
    }
    assert_eq!(matching.backups.len(), 4);
}

#[test]
fn what_a_rule_names_has_to_be_there() {
    let mut counted = Counted::default();
    counted.supporter.ids = vec!["S-9".into()];
    let rules = vec![
        Rule::new(
            "x",
            RuleKind::Quota(Box::new(Quota { count: counted, at_most: Some(1), ..Quota::default() })),
        ),
        Rule::new("y", RuleKind::Apart(Together { participants: vec!["P-1".into(), "P-7".into()] })),
    ];
    let error = matcher(1, &[helper("S", 1)], under(rules)).match_all().unwrap_err();
    assert!(error.is_policy());
    for part in ["rules[1] (x).quota.count.supporter.ids = S-9", "rules[2] (y).apart.participants = P-7"] {
        assert!(error.to_string().contains(part), "{error}");
    }
}

fn pin(participant: &str, supporter: &str) -> StandingMatch {
    StandingMatch {
        participant: participant.into(),
        supporter: supporter.into(),
        hold: Hold::Pinned,
        price: None,
        since: None,
    }
}

fn quota(count: Counted, at_least: Option<u32>, at_most: Option<u32>) -> RuleKind {
    RuleKind::Quota(Box::new(Quota { count, at_least, at_most, ..Quota::default() }))
}

/// A programme of participants P-1.. and these supporters with some of them pinned, under one rule.
fn pinned_under(participants: u32, helpers: &[Supporter], pins: &[(&str, &str)], policy: Policy) -> Matching {
    let data = ProgramData {
        participants: (1..=participants).map(|p| parent(&format!("P-{p}"))).collect(),
        supporters: helpers.to_vec(),
        history: History {
            standing: pins.iter().map(|&(one, other)| pin(one, other)).collect(),
            ..Default::default()
        },
        ..ProgramData::default()
    };
    let matcher = Matcher::new(Program::new(data).unwrap(), policy, "2026-11-21".parse().unwrap()).unwrap();
    matcher.match_all().unwrap()
}

#[test]
fn a_rule_that_is_given_up_charges_nothing() {
    let open = Rule::new(
        "two or nobody",
        RuleKind::Open(Box::new(Open { at_least: 2, price: 0.2, ..Open::default() })),
    );
    let somebody = Rule::new("somebody", quota(Counted::default(), Some(1), None));
    let error = matcher(1, &[helper("S", 2)], under(vec![open, somebody])).match_all().unwrap_err();
    let clash = error.rule_clash().unwrap();
    assert_eq!(clash.dropped, ["two or nobody"]);
    let offer = clash.offer.as_ref().unwrap();
    let without = matcher(1, &[helper("S", 2)], Policy::default()).match_all().unwrap();
    assert_eq!(offer.solution.cost, without.solution.cost);
    assert_eq!(offer.rules[0].to_string(), "two or nobody: given up, missed by 1 match");
}

#[test]
fn what_is_pinned_counts_for_those_who_hang_together() {
    let both = |ids: [&str; 2]| Together { participants: ids.iter().map(|id| (*id).into()).collect() };
    let apart = || under(vec![Rule::new("apart", RuleKind::Apart(both(["P-1", "P-2"])))]);
    let helpers = [helper("S", 2), helper("T", 2)];
    // The one who is pinned binds the other.
    let matching = pinned_under(2, &helpers, &[("P-1", "S")], apart());
    assert_eq!(matching.of_participant("P-2").unwrap().supporter.as_str(), "T");
    assert_eq!(matching.rules[0].to_string(), "apart: kept, and it binds");
    // Two who are pinned together stay, and the rule says so.
    let matching = pinned_under(2, &helpers, &[("P-1", "S"), ("P-2", "S")], apart());
    assert_eq!(
        matching.rules[0].to_string(),
        "apart: kept, but for 1 match by which what is pinned already misses it"
    );
    assert_eq!(matching.rules[0].parts[0].to_string(), "S: 2, at most 1");
    let together = under(vec![Rule::new("both", RuleKind::Together(both(["P-1", "P-2"])))]);
    let matching = pinned_under(2, &helpers, &[("P-1", "T")], together);
    assert_eq!(matching.of_participant("P-2").unwrap().supporter.as_str(), "T");
    assert!(matching.rules[0].binds);

    let team = Team { supporters: ["S", "T"].iter().map(|id| (*id).into()).collect() };
    let mut policy = under(vec![Rule::new("not both", RuleKind::NeverBoth(team.clone()))]);
    policy.backup = Some(Backup::default());
    let matching = pinned_under(1, &helpers, &[("P-1", "S")], policy.clone());
    assert!(matching.backups.is_empty() && matching.rules[0].binds);
    policy.rules = vec![Rule::new("a team", RuleKind::Team(team)).soft(0.1)];
    let matching = pinned_under(1, &helpers, &[("P-1", "S")], policy.clone());
    assert_eq!(matching.backup_of("P-1").unwrap().supporter.as_str(), "T");
    assert!(matching.rules[0].binds && matching.rules[0].is_kept());
    policy.backup.as_mut().unwrap().requires.supporter.ids = vec!["S".into()];
    let matching = pinned_under(1, &helpers, &[("P-1", "S")], policy);
    assert_eq!(matching.rules[0].to_string(), "a team: missed by 1 match, at a price of 0.1 in score");
    assert_eq!(matching.rules[0].parts[0].to_string(), "P-1: 1, wanted at least 2");
}

#[test]
fn a_pinned_pair_without_a_way_of_meeting_is_neither_remote_nor_in_person() {
    let mut in_person = helper("S", 1);
    in_person.modalities = vec![Modality::InPerson];
    let mut afar = parent("P-1");
    afar.modalities = vec![Modality::Phone];
    for (remote, count, said) in [
        (None, 1, "few: kept, but for 1 match by which what is pinned already misses it"),
        (Some(true), 0, "few: kept; no possible match counts for it"),
        (Some(false), 0, "few: kept; no possible match counts for it"),
    ] {
        let few = Rule::new("few", quota(Counted { remote, ..Counted::default() }, None, Some(0)));
        let data = ProgramData {
            participants: vec![afar.clone()],
            supporters: vec![in_person.clone()],
            history: History { standing: vec![pin("P-1", "S")], ..Default::default() },
            ..ProgramData::default()
        };
        let day = "2026-11-21".parse().unwrap();
        let matching =
            Matcher::new(Program::new(data).unwrap(), under(vec![few]), day).unwrap().match_all().unwrap();
        assert_eq!(matching.rules[0].to_string(), said);
        assert_eq!(matching.rules[0].parts.len(), count);
        assert_eq!(matching.rules[0].counts_nothing, count == 0);
    }
}

#[test]
fn a_quota_that_can_count_nothing_says_so() {
    let beyond = Counted { beyond_km: Some(10.0), ..Counted::default() };
    let rules = vec![
        Rule::new("none", quota(beyond.clone(), None, Some(1))),
        Rule::new("some", quota(beyond.clone(), Some(2), None)).soft(0.1),
        Rule::new(
            "a share",
            RuleKind::Quota(Box::new(Quota { count: beyond, at_most_share: Some(0.5), ..Quota::default() })),
        ),
        Rule::new("all", quota(Counted::default(), None, Some(5))),
        Rule::new("hours", RuleKind::Hours(Hours::default())),
    ];
    let matching = matcher(2, &[helper("S", 2)], under(rules)).match_all().unwrap();
    let told: Vec<String> = matching.rules.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "none: kept; no possible match counts for it",
            "some: missed by 2 matches, at a price of 0.2 in score; no possible match counts for it",
            "a share: kept; no possible match counts for it",
            "all: kept",
            "hours: kept; no possible match counts for it",
        ]
    );
}

#[test]
fn where_sums_would_not_fit_loads_are_balanced_coarsely_and_then_not_at_all() {
    const STAGES: [&str; 6] = [
        "",
        "; loads are balanced in steps of 1/420 of a capacity, for finer sums would not fit",
        "; loads are balanced in steps of 1/60 of a capacity, for finer sums would not fit",
        "; loads are balanced in steps of 1/12 of a capacity, for finer sums would not fit",
        "; the balance of loads is left out, for the sums would not fit",
        "; the balance of loads and the number of changes are left out, for the sums would not fit",
    ];
    let mut stages = Vec::new();
    let mut overflow = false;
    for power in 0..32 {
        // Dearer and dearer to miss, by more and more.
        let many = Rule::new("many", quota(Counted::default(), Some(1 << power), None)).soft(1000.0);
        let data = ProgramData {
            participants: (1..=4).map(|p| parent(&format!("P-{p}"))).collect(),
            supporters: vec![helper("S", 4), helper("T", 4)],
            history: History {
                standing: vec![StandingMatch { hold: Hold::Movable, ..pin("P-1", "S") }],
                ..Default::default()
            },
            ..ProgramData::default()
        };
        let mut policy = under(vec![many]);
        policy.loads.further_match_price = 0.0;
        let matcher =
            Matcher::new(Program::new(data).unwrap(), policy, "2026-11-21".parse().unwrap()).unwrap();
        match matcher.match_all() {
            Ok(matching) => {
                let because = &matching.solution.because;
                let stage = STAGES.iter().rposition(|stage| because.contains(stage)).unwrap();
                let loads: Vec<u32> = matching.loads.iter().map(|own| own.load).collect();
                assert!(stage > 3 || loads == [2, 2], "{loads:?}, {because}");
                assert!(matching.solution.optimal && !overflow);
                stages.push(stage);
            }
            Err(error) => {
                assert!(error.is_overflow(), "{error}");
                overflow = true;
            }
        }
    }
    assert!(stages.is_sorted() && overflow, "{stages:?}");
    stages.dedup();
    assert_eq!(stages, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn who_takes_nobody_new_stands_by_for_nobody() {
    // P-1 is to leave S, who may go on with that match and takes nobody new, for T.
    for worth in [None, Some(0.3)] {
        let mut on_leave = Supporter { status: Status::OnLeave, ..helper("S", 1) };
        on_leave.conditions.clear();
        let mut policy = Policy { backup: Some(Backup { worth, ..Backup::default() }), ..Policy::default() };
        policy.requirements.common_ground = 0.0;
        let standing = StandingMatch {
            participant: "P-1".into(),
            supporter: "S".into(),
            hold: Hold::Movable,
            price: Some(0.0),
            since: None,
        };
        let data = ProgramData {
            participants: vec![parent("P-1")],
            supporters: vec![on_leave, helper("T", 1)],
            history: History { standing: vec![standing], ..History::default() },
            ..ProgramData::default()
        };
        let on = "2026-11-21".parse().unwrap();
        let mut matcher = Matcher::new(Program::new(data).unwrap(), policy, on).unwrap();
        let matching = matcher.match_all().unwrap();
        assert_eq!(matching.of_participant("P-1").unwrap().supporter.as_str(), "T");
        assert!(matching.backups.is_empty(), "{:?}", matching.backups);
        if worth.is_none() {
            let living = matcher.begin(on, &Control::new()).unwrap();
            assert_eq!(living.solution.cost, matcher.match_all().unwrap().solution.cost);
            assert!(matcher.verify_kept().unwrap().is_valid());
        }
    }
}
