//! Why somebody is left, why a standing match ends, and what speaks against one that stays: small programmes for each.

use std::sync::atomic::AtomicBool;

use peermatch::assignment::Stop;
use peermatch::matcher::Control;
use peermatch::matching::{EndReason, EndedMatch, Origin, Reason, Score};
use peermatch::policy::{Balance, Relaxation};
use peermatch::program::{Hold, Participant, ProgramData, StandingMatch, Status, Supervisor, Supporter};
use peermatch::{Matcher, Matching, Policy, Program};

use crate::matching_vetoes::{helper, matched, parent, people, strict};
use crate::random_programme::TODAY;

fn only(matching: &Matching) -> Reason {
    assert_eq!(matching.unmatched.len(), 1, "{matching:?}");
    matching.unmatched[0].reason
}

fn cancelled(data: ProgramData, policy: Policy) -> Matching {
    let flag = AtomicBool::new(true);
    let matcher = Matcher::new(Program::new(data).unwrap(), policy, TODAY).unwrap();
    matcher.match_all_with(&Control::new().cancelled_by(&flag)).unwrap()
}

#[test]
fn nobody_without_consent() {
    let shy = Participant { consent: false, priority: 4, ..parent("P") };
    let matching = matched(people(vec![shy], vec![helper("S")]), strict());
    assert_eq!(only(&matching), Reason::NoConsent);
    assert_eq!(matching.unmatched[0].urgency, 4);
    assert_eq!((matching.totals.without_consent, matching.totals.unmatched), (1, 0));
    assert_eq!(matching.unmatched[0].to_string(), "P: has not consented to being matched");
}

#[test]
fn nobody_is_eligible() {
    let other = Supporter { conditions: vec!["d".into()], ..helper("S") };
    let matching = matched(people(vec![parent("P")], vec![other]), strict());
    assert_eq!(only(&matching), Reason::NobodyEligible);
    assert_eq!((matching.totals.without_consent, matching.totals.unmatched), (0, 1));
    let nobody = matched(people(vec![parent("P")], Vec::new()), strict());
    assert_eq!(only(&nobody), Reason::NobodyEligible);
    assert_eq!(nobody.unmatched[0].to_string(), "P: no supporter meets the requirements");
}

#[test]
fn every_place_is_taken() {
    let urgent = Participant { priority: 1, ..parent("urgent") };
    let data = people(vec![parent("P"), urgent], vec![helper("S")]);
    let matching = matched(data, strict());
    assert!(matching.of_participant("urgent").is_some());
    assert_eq!(only(&matching), Reason::EveryPlaceTaken { eligible: 1, full: 1, caseload: 0 });
    assert_eq!(matching.unmatched[0].to_string(), "P: 1 supporter fits, and every place is taken");
}

#[test]
fn a_supervisor_is_full() {
    let under = |id: &str, capacity| Supporter {
        supervisor: Some("V".into()),
        capacity: Some(capacity),
        ..helper(id)
    };
    let data = ProgramData {
        supervisors: vec![Supervisor { id: "V".into(), caseload: Some(1), hours_per_week: None }],
        ..people(vec![parent("P0"), parent("P1")], vec![under("S0", 1), under("S1", 3)])
    };
    let matching = matched(data.clone(), strict());
    // By shares of the capacity, the larger one gets the match.
    assert_eq!(only(&matching), Reason::EveryPlaceTaken { eligible: 2, full: 0, caseload: 2 });
    let mut policy = strict();
    policy.loads.balance = Balance::Count;
    let matching = matched(data.clone(), policy);
    assert_eq!(only(&matching), Reason::EveryPlaceTaken { eligible: 2, full: 1, caseload: 1 });
    assert_eq!(
        matching.unmatched[0].reason.to_string(),
        "2 supporters fit, and every place is taken (1 full, 1 held back by their supervisor's caseload)"
    );
    assert_eq!(matching.caseloads[0].load, 1);
    // Limits that are not kept hold nobody back.
    let mut policy = strict();
    policy.loads.supervisor_caseloads = false;
    assert_eq!(matched(data, policy).totals.matched, 2);
}

/// A policy under which a match has to be worth something.
fn quality_first(unmatched_score: f64) -> Policy {
    let mut policy = strict();
    (policy.objective.served_first, policy.objective.unmatched_score) = (false, unmatched_score);
    policy
}

/// Suits [`with_a_grown_child`] by 0.8: condition (25), meeting (10) and language (5) in full, the children's ages (10)
/// not at all.
fn four_fifths(id: &str) -> Supporter {
    Supporter { child_age: Some(0.0), ..helper(id) }
}

fn with_a_grown_child(id: &str) -> Participant {
    Participant { child_age: Some(30.0), ..parent(id) }
}

#[test]
fn a_match_is_not_worth_it() {
    let data = people(vec![with_a_grown_child("P")], vec![four_fifths("S")]);
    let matching = matched(data.clone(), quality_first(0.79));
    assert_eq!(matching.pairs[0].score(), Score::from_micro(800_000));
    let matching = matched(data, quality_first(0.81));
    assert_eq!(only(&matching), Reason::NotWorthIt { eligible: 1 });
    assert_eq!(
        matching.unmatched[0].to_string(),
        "P: 1 supporter fits, but the whole is better without the match"
    );
}

#[test]
fn the_search_was_stopped() {
    // Free places are given all the same, where that is worth it.
    let matching = cancelled(people(vec![parent("P")], vec![helper("S")]), strict());
    assert_eq!((matching.solution.stop, matching.totals.matched), (Stop::Cancelled, 1));
    let matching = cancelled(beside_an_exchange(), quality_first(0.81));
    assert!(matching.solution.stop == Stop::Cancelled && !matching.solution.optimal);
    assert_eq!(matching.unmatched[0].reason, Reason::Stopped);
    let matching = matched(beside_an_exchange(), quality_first(0.81));
    assert_eq!(only(&matching), Reason::NotWorthIt { eligible: 1 });
}

#[test]
fn the_search_was_stopped_when_it_had_the_optimum() {
    let data = people(vec![with_a_grown_child("P")], vec![four_fifths("S")]);
    let matching = cancelled(data, quality_first(0.81));
    assert!(matching.solution.stop == Stop::Cancelled && matching.solution.optimal);
    assert_eq!(only(&matching), Reason::NotWorthIt { eligible: 1 });
}

/// P and S, who are not worth it, beside Q, who takes the place that R alone can have unless the search finds out.
fn beside_an_exchange() -> ProgramData {
    let speaking = |languages: &[&str]| languages.iter().map(|language| language.parse().unwrap()).collect();
    let parents = vec![
        Participant { languages: speaking(&["fr"]), ..with_a_grown_child("P") },
        parent("Q"),
        Participant { languages: speaking(&["es"]), ..parent("R") },
    ];
    let helpers = vec![
        Supporter { languages: speaking(&["en", "es"]), ..helper("T") },
        helper("U"),
        Supporter { languages: speaking(&["fr"]), ..four_fifths("S") },
    ];
    people(parents, helpers)
}

fn standing(participant: &str, supporter: &str, hold: Hold) -> StandingMatch {
    StandingMatch {
        participant: participant.into(),
        supporter: supporter.into(),
        hold,
        price: None,
        since: None,
    }
}

fn movable(mut data: ProgramData) -> ProgramData {
    data.history.standing = vec![standing("P", "S", Hold::Movable)];
    data
}

fn ended(matching: &Matching) -> (Option<&str>, EndReason) {
    assert_eq!(matching.ended.len(), 1, "{matching:?}");
    let EndedMatch { participant, supporter, now, because } = &matching.ended[0];
    assert_eq!((participant.as_str(), supporter.as_str()), ("P", "S"));
    assert_eq!((matching.totals.ended, matching.totals.kept), (1, 0));
    (now.as_ref().map(peermatch::program::SupporterId::as_str), because.clone())
}

#[test]
fn standing_matches_end_with_consent_and_with_the_supporter() {
    let shy = Participant { consent: false, ..parent("P") };
    let gone = Supporter { status: Status::Released, ..helper("S") };
    let matching = matched(movable(people(vec![shy], vec![helper("S")])), strict());
    assert_eq!(ended(&matching), (None, EndReason::NoConsent));
    for hold in [Hold::Movable, Hold::Pinned] {
        let mut data = people(vec![parent("P")], vec![gone.clone(), helper("T")]);
        data.history.standing = vec![standing("P", "S", hold)];
        let matching = matched(data, strict());
        assert_eq!(ended(&matching), (Some("T"), EndReason::SupporterGone { status: Status::Released }));
        assert_eq!(matching.ended[0].because.to_string(), "the supporter has left the programme");
    }
}

#[test]
fn a_supporter_who_takes_nobody_new_keeps_whom_they_have() {
    for status in [Status::InTraining, Status::UnderReview] {
        let closed = Supporter { status, ..helper("S") };
        let matching = matched(movable(people(vec![parent("Q"), parent("P")], vec![closed])), strict());
        assert_eq!((matching.pairs[0].participant.as_str(), matching.pairs[0].origin), ("P", Origin::Kept));
        assert_eq!((only(&matching), matching.totals.kept), (Reason::NobodyEligible, 1));
    }
}

#[test]
fn a_standing_match_is_vetoed_today() {
    let spanish = Supporter { languages: vec!["es".parse().unwrap()], ..helper("S") };
    let matching = matched(movable(people(vec![parent("P")], vec![spanish, helper("T")])), strict());
    let (now, because) = ended(&matching);
    assert_eq!(now, Some("T"));
    let EndReason::Vetoed { vetoes } = &because else { panic!("{because:?}") };
    assert_eq!((vetoes.len(), vetoes[0].kind()), (1, "no_common_language"));
    assert_eq!(because.to_string(), "no language in common");
}

#[test]
fn a_change_has_to_gain_its_price() {
    // 0.8 stands, 1.0 is there: worth it at a price of 0.1, not at the usual 0.3 or at 0.25 for this match.
    let data = movable(people(vec![with_a_grown_child("P")], vec![four_fifths("S"), helper("T")]));
    let mut policy = strict();
    policy.objective.change_price = 0.1;
    let matching = matched(data.clone(), policy.clone());
    assert_eq!(ended(&matching), (Some("T"), EndReason::BetterMatch { gain: Score::from_micro(200_000) }));
    assert_eq!(matching.ended[0].because.to_string(), "the new match is better by 20.0 %");
    let mut dear = data.clone();
    dear.history.standing[0].price = Some(0.25);
    for (data, policy) in [(data, strict()), (dear, policy)] {
        let matching = matched(data, policy);
        assert_eq!((matching.ended.len(), matching.pairs[0].origin), (0, Origin::Kept));
    }
}

#[test]
fn a_change_serves_somebody_else() {
    // Q speaks Spanish and can only go to S, who has P.
    let spanish = Participant { languages: vec!["es".parse().unwrap()], ..parent("Q") };
    let both = Supporter { languages: vec!["en".parse().unwrap(), "es".parse().unwrap()], ..helper("S") };
    let data = movable(people(vec![parent("P"), spanish], vec![both, helper("T")]));
    let matching = matched(data, strict());
    assert_eq!(ended(&matching), (Some("T"), EndReason::ForTheWhole { loss: Score::default() }));
    assert_eq!(matching.totals.matched, 2);
}

#[test]
fn a_place_is_needed_or_gone() {
    let urgent = Participant { priority: 9, ..parent("Q") };
    let matching = matched(movable(people(vec![parent("P"), urgent], vec![helper("S")])), strict());
    assert_eq!(ended(&matching), (None, EndReason::PlaceNeeded));
    let without = Supporter { capacity: Some(0), ..helper("S") };
    let matching = matched(movable(people(vec![parent("P")], vec![without])), strict());
    assert_eq!(ended(&matching), (None, EndReason::NoPlace));
}

#[test]
fn a_standing_match_is_not_worth_it() {
    let mut data = movable(people(vec![with_a_grown_child("P")], vec![four_fifths("S")]));
    data.history.standing[0].price = Some(0.05);
    let matching = matched(data.clone(), quality_first(0.9));
    assert_eq!(ended(&matching), (None, EndReason::NotWorthIt));
    data.history.standing[0].price = Some(0.2);
    assert_eq!(matched(data, quality_first(0.9)).pairs[0].origin, Origin::Kept);
}

#[test]
fn a_standing_match_is_not_reached() {
    let mut data = movable(beside_an_exchange());
    data.history.standing[0].price = Some(0.05);
    assert_eq!(ended(&cancelled(data, quality_first(0.9))), (None, EndReason::Stopped));
    // Where the optimum was there already, nothing was left to be reached.
    let mut data = movable(people(vec![with_a_grown_child("P")], vec![four_fifths("S")]));
    data.history.standing[0].price = Some(0.05);
    assert_eq!(ended(&cancelled(data, quality_first(0.9))), (None, EndReason::NotWorthIt));
}

#[test]
fn a_pinned_match_stands_despite_what_speaks_against_it() {
    let spanish =
        Supporter { languages: vec!["es".parse().unwrap()], experience_since: Some(TODAY), ..helper("S") };
    let mut data = people(vec![parent("P"), parent("Q")], vec![spanish, helper("T")]);
    data.history.standing = vec![standing("P", "S", Hold::Pinned)];
    let mut policy = strict();
    let matching = matched(data.clone(), policy.clone());
    let pair = matching.of_participant("P").unwrap();
    assert_eq!((pair.supporter.as_str(), pair.origin), ("S", Origin::Pinned));
    let despite = &pair.explanation.despite;
    assert_eq!(despite, &["no language in common", "only 0.0 years of experience"]);
    assert!(pair.explanation.to_string().contains("stands all the same, although no language in common"));
    let free = matching.of_participant("Q").unwrap();
    assert!(free.explanation.despite.is_empty() && free.origin == Origin::New);
    // What a step of the ladder lifts does not speak against it, but costs.
    policy.relaxations = vec![Relaxation {
        name: "any language".into(),
        price: 0.1,
        waive: vec!["language".into()],
        ..Relaxation::default()
    }];
    let matching = matched(data, policy);
    let explanation = &matching.of_participant("P").unwrap().explanation;
    assert_eq!(explanation.despite, ["only 0.0 years of experience"]);
    assert_eq!(explanation.relaxations.len(), 1);
}

#[test]
fn pins_beyond_the_capacity_stand_and_nothing_is_added() {
    let mut data = people(vec![parent("P"), parent("Q"), parent("R")], vec![helper("S")]);
    data.history.standing = vec![standing("P", "S", Hold::Pinned), standing("Q", "S", Hold::Pinned)];
    let matching = matched(data, strict());
    assert_eq!((matching.loads[0].load, matching.loads[0].capacity), (2, 1));
    assert_eq!((matching.totals.places, matching.totals.places_taken), (1, 1));
    assert_eq!(only(&matching), Reason::EveryPlaceTaken { eligible: 1, full: 1, caseload: 0 });
}

/// The language told is the participant's first that both speak, whatever the scores make of it; and what is stated
/// twice pushes nothing down the list.
#[test]
fn the_language_told_is_the_one_the_participant_prefers() {
    let speaks = |tags: &[&str]| tags.iter().map(|tag| tag.parse().unwrap()).collect::<Vec<_>>();
    let ground = vec!["x".into()];
    let participant = Participant {
        languages: speaks(&["fr", "es", "es", "en"]),
        conditions: ground.clone(),
        consent: true,
        ..Participant::new("P")
    };
    let supporter = Supporter { languages: speaks(&["en", "es"]), conditions: ground, ..Supporter::new("S") };
    let data = ProgramData {
        participants: vec![participant],
        supporters: vec![supporter],
        ..ProgramData::default()
    };
    for factor in [0.0, 0.7, 1.0] {
        let mut policy = Policy::default();
        policy.criteria.language.later_language_factor = factor;
        let matcher = Matcher::new(Program::new(data.clone()).unwrap(), policy, TODAY).unwrap();
        let matching = matcher.match_all().unwrap();
        assert_eq!(matching.pairs[0].language.as_ref().unwrap().as_str(), "es");
    }
}
