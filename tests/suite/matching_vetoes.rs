//! Each requirement that can stand between two people: its kind, its words, and how it is counted.

use jiff::civil::date;
use peermatch::compatibility::{Obstacle, Veto};
use peermatch::matching::Reason;
use peermatch::policy::{Assessment, Criterion, KnownPairs, Pair, Relaxation, Unknown};
use peermatch::program::{
    Acquaintance, BarredPair, Modality, Outcome, Participant, PastMatch, Place, ProgramData, Status,
    Supporter,
};
use peermatch::{Matcher, Matching, Policy, Program};

use crate::random_programme::TODAY;

/// A participant who suits [`helper`], so that whatever is changed stands alone.
pub(crate) fn parent(id: &str) -> Participant {
    Participant {
        conditions: vec!["c".into()],
        languages: vec!["en".parse().unwrap()],
        consent: true,
        ..Participant::new(id)
    }
}

pub(crate) fn helper(id: &str) -> Supporter {
    Supporter { conditions: vec!["c".into()], languages: vec!["en".parse().unwrap()], ..Supporter::new(id) }
}

pub(crate) fn people(participants: Vec<Participant>, supporters: Vec<Supporter>) -> ProgramData {
    ProgramData { participants, supporters, ..ProgramData::default() }
}

pub(crate) fn strict() -> Policy {
    Policy { relaxations: Vec::new(), ..Policy::default() }
}

pub(crate) fn matched(data: ProgramData, policy: Policy) -> Matching {
    Matcher::new(Program::new(data).unwrap(), policy, TODAY).unwrap().match_all().unwrap()
}

/// A criterion of a host program that objects to everybody.
struct Objection;

impl Criterion for Objection {
    fn name(&self) -> &'static str {
        "=hospital"
    }

    fn assess(&self, pair: Pair<'_>) -> Assessment {
        Assessment::Veto(format!("{} works there", pair.supporter.id))
    }
}

type Case = (&'static str, &'static str, fn(&mut Participant, &mut Supporter, &mut Policy));

const CASES: [Case; 34] = [
    ("no_consent", "the participant has not consented to being matched", |p, _, _| p.consent = false),
    ("not_available", "the supporter is still in training", |_, s, _| s.status = Status::InTraining),
    ("not_available", "the supporter is under review", |_, s, _| s.status = Status::UnderReview),
    ("not_available", "the supporter has left the programme", |_, s, _| s.status = Status::Released),
    ("not_available", "the supporter is on leave", |_, s, _| s.status = Status::OnLeave),
    ("not_available", "the supporter is on leave", |_, s, _| {
        (s.status, s.leave_until) = (Status::OnLeave, Some(date(2026, 11, 22)));
    }),
    ("takes_nobody", "the supporter takes nobody at present", |_, s, _| s.capacity = Some(0)),
    ("takes_nobody", "the supporter takes nobody at present", |_, _, policy| {
        policy.loads.default_capacity = 0;
    }),
    ("refused", "the participant refuses this supporter", |p, _, _| p.refused = vec!["S".into()]),
    ("know_each_other", "they know each other from before", |p, _, _| p.known = vec!["S".into()]),
    ("know_each_other", "they know each other from before", |p, _, policy| {
        (p.known, p.accepts_known) = (vec!["S".into()], true);
        policy.requirements.known_pairs = KnownPairs::Vetoed;
    }),
    ("condition_out_of_scope", "the supporter does not take this condition", |_, s, _| {
        s.excluded_conditions = vec!["c".into()];
    }),
    ("issue_out_of_scope", "the supporter does not take one of these issues", |p, s, _| {
        (p.issues, s.excluded_issues) = (vec!["other".into(), "i".into()], vec!["i".into()]);
    }),
    ("no_common_modality", "no way of meeting suits both", |p, s, _| {
        (p.modalities, s.modalities) = (vec![Modality::Phone], vec![Modality::Video, Modality::InPerson]);
    }),
    ("too_far", "111 km apart, beyond the 20 km that they travel", |p, s, _| {
        (p.place, s.place) = (Place::at(36.0, -86.0), Place::at(37.0, -86.0));
        (p.travel_km, s.travel_km) = (Some(10.0), Some(20.0));
        p.modalities = vec![Modality::InPerson];
    }),
    ("no_common_language", "no language in common", |p, _, _| p.languages = vec!["es".parse().unwrap()]),
    ("condition_too_different", "no condition is alike enough (the nearest 0 %)", |p, s, policy| {
        (p.issues, s.issues, s.conditions) = (vec!["i".into()], vec!["i".into()], vec!["d".into()]);
        policy.requirements.condition = 0.1;
    }),
    ("issue_too_different", "no issue is alike enough (the nearest 0 %)", |p, s, policy| {
        (p.issues, s.issues) = (vec!["i".into()], vec!["j".into()]);
        policy.requirements.issue = 0.1;
    }),
    ("no_common_ground", "no condition or issue is alike enough (the nearest 0 %)", |p, s, _| {
        (p.issues, s.issues, s.conditions) = (vec!["i".into()], vec!["j".into()], vec!["d".into()]);
    }),
    ("common_ground_unknown", "neither conditions nor issues are known of both", |p, s, _| {
        (p.conditions, p.issues, s.issues) = (Vec::new(), vec!["i".into()], Vec::new());
    }),
    ("too_little_experience", "only 0.5 years of experience", |_, s, _| {
        s.experience_since = Some(date(2026, 5, 25));
    }),
    ("children_too_far_apart", "the children are 7 years apart", |p, s, policy| {
        (p.child_age, s.child_age) = (Some(9.0), Some(2.0));
        policy.requirements.child_age_gap_years = Some(6.9);
    }),
    ("too_little_time", "only 10 minutes a week in common", |p, s, _| {
        (p.time_zone, s.time_zone) = (Some("UTC".into()), Some("UTC".into()));
        p.availability = vec!["Mon 18:00-20:00".parse().unwrap()];
        s.availability = vec!["Mon 19:50-21:00".parse().unwrap()];
    }),
    ("participants_must_have", "the participant insists on \"gender\", and it is not met", |p, s, _| {
        (p.preferences, s.gender) = (vec!["must gender=f".parse().unwrap()], Some("m".into()));
    }),
    (
        "participants_must_have",
        "the participant insists on \"faith\", and the supporter's is not known",
        |p, _, _| {
            p.preferences = vec!["must faith!=x".parse().unwrap()];
        },
    ),
    (
        "participants_must_have",
        "the participant insists on \"gender\", and the participant's is not known",
        |p, s, _| {
            (p.preferences, s.gender) = (vec!["must gender=same".parse().unwrap()], Some("m".into()));
        },
    ),
    ("supporters_must_have", "the supporter insists on \"gender\", and it is not met", |p, s, _| {
        (s.preferences, p.gender) = (vec!["must gender!=m".parse().unwrap()], Some("M".into()));
    }),
    (
        "supporters_must_have",
        "the supporter insists on \"faith\", and the participant's is not known",
        |_, s, _| {
            s.preferences = vec!["must faith=x".parse().unwrap()];
        },
    ),
    ("not_known", "nothing is known for child_age, and the policy demands it", |_, _, policy| {
        policy.criteria.child_age.unknown = Unknown::Vetoed;
    }),
    ("not_known", "nothing is known for issue, and the policy demands it", |_, _, policy| {
        policy.criteria.issue.unknown = Unknown::Vetoed;
    }),
    ("not_known", "nothing is known for experience, and the policy demands it", |_, _, policy| {
        policy.criteria.experience.unknown = Unknown::Vetoed;
    }),
    ("not_known", "nothing is known for availability, and the policy demands it", |_, _, policy| {
        policy.criteria.availability.unknown = Unknown::Vetoed;
    }),
    ("not_known", "nothing is known for preferences, and the policy demands it", |p, _, policy| {
        policy.criteria.preferences.unknown = Unknown::Vetoed;
        p.preferences = vec!["like faith=x".parse().unwrap()];
    }),
    // Condition 25, language 5 and meeting 10 in full, the children's ages 10 by half.
    ("score_too_low", "the score of 90.0 % is below the least allowed", |p, s, policy| {
        (p.child_age, s.child_age) = (Some(0.0), Some(9.0));
        policy.requirements.minimum_score = 0.91;
    }),
];

/// The vetoes of the only pair, and what is counted of them.
fn vetoes(matcher: &Matcher) -> (Vec<(String, String)>, Vec<Obstacle>) {
    let compatibility = matcher.compatibility().unwrap();
    let judgement = compatibility.judge(matcher.program(), 0, 0);
    assert_eq!(judgement.is_eligible(), judgement.vetoes.is_empty());
    let told = judgement.vetoes.iter().map(|(veto, _)| (veto.kind().to_owned(), veto.to_string()));
    (told.collect(), compatibility.obstacles(matcher.program(), 0).obstacles)
}

fn alone(kind: &str) -> Obstacle {
    Obstacle { kind: kind.to_owned(), supporters: 1, alone: 1 }
}

#[test]
fn every_requirement_has_its_kind_and_its_words() {
    let sound =
        Matcher::new(Program::new(people(vec![parent("P")], vec![helper("S")])).unwrap(), strict(), TODAY);
    assert_eq!(vetoes(&sound.unwrap()), (Vec::new(), Vec::new()));
    for (kind, words, change) in CASES {
        let (mut participant, mut supporter, mut policy) = (parent("P"), helper("S"), strict());
        change(&mut participant, &mut supporter, &mut policy);
        let program = Program::new(people(vec![participant], vec![supporter])).unwrap();
        let matcher = Matcher::new(program, policy, TODAY).unwrap();
        let told = vec![(kind.to_owned(), words.to_owned())];
        assert_eq!(vetoes(&matcher), (told, vec![alone(kind)]));
        assert_eq!(matcher.match_all().unwrap().totals.matched, 0, "{kind}");
        assert_ne!(Veto::describe_kind(kind), kind, "{kind} has words for a count");
    }
}

#[test]
fn what_was_before_stands_between_people() {
    let (participant, supporter) = ("P".into(), "S".into());
    let past = |outcome| PastMatch {
        participant: "P".into(),
        supporter: "S".into(),
        outcome,
        ended: None,
        reason: None,
    };
    let sound = people(vec![parent("P")], vec![helper("S")]);
    let (mut barred, mut known, mut failed, mut done) = (sound.clone(), sound.clone(), sound.clone(), sound);
    barred.history.barred = vec![BarredPair { participant: "P".into(), supporter: "S".into(), reason: None }];
    known.history.acquaintances = vec![Acquaintance { participant, supporter }];
    failed.history.past = vec![past(Outcome::Completed), past(Outcome::Failed)];
    done.history.past = vec![past(Outcome::Completed), past(Outcome::Interrupted)];
    for (data, told) in [
        (barred, Some(("barred", "the pair is barred"))),
        (known, Some(("know_each_other", "they know each other from before"))),
        (failed, Some(("failed_before", "an earlier match of the two failed"))),
        (done, None),
    ] {
        let matcher = Matcher::new(Program::new(data).unwrap(), strict(), TODAY).unwrap();
        let words: Vec<_> = told.iter().map(|&(kind, words)| (kind.to_owned(), words.to_owned())).collect();
        let counts: Vec<_> = told.iter().map(|&(kind, _)| alone(kind)).collect();
        assert_eq!(vetoes(&matcher), (words, counts));
    }
}

#[test]
fn a_host_criterion_objects_under_its_own_name() {
    let program = Program::new(people(vec![parent("P")], vec![helper("S")])).unwrap();
    let matcher = Matcher::new(program.clone(), strict(), TODAY).unwrap().with_criterion(Objection);
    let told = vec![("=hospital".to_owned(), "=hospital: S works there".to_owned())];
    assert_eq!(vetoes(&matcher), (told, vec![alone("=hospital")]));
    let mut policy = strict();
    policy.relaxations = vec![Relaxation {
        name: "colleagues".into(),
        price: 0.25,
        waive: vec!["=hospital".into()],
        ..Relaxation::default()
    }];
    let matcher = Matcher::new(program.clone(), policy.clone(), TODAY).unwrap().with_criterion(Objection);
    let matching = matcher.match_all().unwrap();
    let explanation = &matching.pairs[0].explanation;
    assert_eq!(explanation.relaxations[0].name, "colleagues");
    assert_eq!(explanation.relaxations[0].because, "=hospital: S works there");
    assert_eq!((explanation.score - explanation.weight()).micro(), 250_000);
    assert_eq!(matching.totals.relaxed, 1);
    // A step that waives a criterion which nobody handed over.
    let error = Matcher::new(program, policy, TODAY).unwrap().match_all().unwrap_err();
    assert!(error.is_policy() && error.to_string().contains("there is no such criterion"), "{error}");
}

#[test]
fn obstacles_are_counted_and_the_one_to_lift_comes_first() {
    let spanish = |id: &str| Supporter { languages: vec!["es".parse().unwrap()], ..helper(id) };
    let new = |id: &str| Supporter { experience_since: Some(TODAY), ..helper(id) };
    let gone = |id: &str| Supporter { status: Status::Released, ..helper(id) };
    let both = Supporter { experience_since: Some(TODAY), ..spanish("both") };
    let supporters = vec![
        gone("g1"),
        gone("g2"),
        gone("g3"),
        new("n"),
        spanish("s1"),
        both,
        spanish("s2"),
        helper("fits"),
    ];
    let obstacle = |kind: &str, supporters, alone| Obstacle { kind: kind.to_owned(), supporters, alone };
    let wanted = vec![
        obstacle("not_available", 3, 3),
        obstacle("no_common_language", 3, 2),
        obstacle("too_little_experience", 2, 1),
    ];
    let matcher =
        Matcher::new(Program::new(people(vec![parent("P")], supporters.clone())).unwrap(), strict(), TODAY)
            .unwrap();
    let found = matcher.compatibility().unwrap().obstacles(matcher.program(), 0);
    assert_eq!(found.eligible, [7]);
    assert_eq!(found.obstacles, wanted);

    let matching = matched(people(vec![parent("P")], supporters[..7].to_vec()), strict());
    let left = &matching.unmatched[0];
    assert_eq!((left.reason, &left.obstacles), (Reason::NobodyEligible, &wanted));
    // That somebody has left is not for a policy to lift.
    assert_eq!(left.first_to_relax(), Some(&wanted[1]));
    assert_eq!(
        left.to_string(),
        "P: no supporter meets the requirements: 3 take no new matches, 3 speak no language in common, 2 have too \
         little experience"
    );
    let matching = matched(people(vec![parent("P")], supporters[..3].to_vec()), strict());
    assert_eq!(matching.unmatched[0].first_to_relax(), None);
    // One against whom two things stand is not opened by lifting either.
    let matching = matched(people(vec![parent("P")], supporters[5..6].to_vec()), strict());
    assert_eq!(
        matching.unmatched[0].obstacles,
        [obstacle("no_common_language", 1, 0), obstacle("too_little_experience", 1, 0)]
    );
    assert_eq!(matching.unmatched[0].first_to_relax(), None);
}
