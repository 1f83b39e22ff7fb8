//! The random programmes leave nothing out: every veto, every reason and every step of a ladder occurs in them, or the
//! oracles would agree about nothing.

use std::collections::BTreeMap;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::plain_scorer::{self, Plain};
use crate::random_policy::rules;
use crate::random_programme::programme;

const KINDS: [&str; 25] = [
    "no_consent",
    "not_available",
    "takes_nobody",
    "barred",
    "refused",
    "failed_before",
    "know_each_other",
    "condition_out_of_scope",
    "issue_out_of_scope",
    "no_common_modality",
    "too_far",
    "no_common_language",
    "condition_too_different",
    "issue_too_different",
    "no_common_ground",
    "common_ground_unknown",
    "too_little_experience",
    "children_too_far_apart",
    "too_little_time",
    "participants_must_have",
    "supporters_must_have",
    "not_known",
    "score_too_low",
    "humour",
    "parking",
];

#[test]
fn random_programmes_use_every_rule() {
    let mut runner = TestRunner::deterministic();
    let mut kinds: BTreeMap<String, u32> = BTreeMap::new();
    let mut reasons: BTreeMap<&str, u32> = BTreeMap::new();
    let (mut pairs, mut eligible, mut relaxed, mut late_steps, mut matched, mut despite) = (0, 0, 0, 0, 0, 0);
    for _ in 0..400 {
        let data = programme(5, 4).new_tree(&mut runner).unwrap().current();
        let rules = rules().new_tree(&mut runner).unwrap().current();
        let program = peermatch::Program::new(data).unwrap();
        for p in 0..program.participants().len() {
            for s in 0..program.supporters().len() {
                let Plain { weight, steps, blocks, .. } = plain_scorer::judge(&program, &rules, p, s);
                pairs += 1;
                eligible += u32::from(weight.is_some());
                relaxed += u32::from(weight.is_some() && !steps.is_empty());
                late_steps += u32::from(weight.is_some() && steps.iter().any(|&step| step >= 28));
                for kind in blocks.iter().filter(|_| blocks.len() == 1) {
                    *kinds.entry(kind.clone()).or_default() += 1;
                }
            }
        }
        let matching = rules.matcher(&program).match_all().unwrap();
        matched += matching.totals.matched;
        despite += matching.pairs.iter().filter(|pair| !pair.explanation.despite.is_empty()).count();
        for row in &matching.unmatched {
            use peermatch::matching::Reason::{EveryPlaceTaken, NoConsent, NobodyEligible, NotWorthIt};
            let reason = match row.reason {
                NoConsent => "no consent",
                NobodyEligible => "nobody",
                EveryPlaceTaken { caseload: 0, .. } => "places",
                EveryPlaceTaken { .. } => "caseload",
                NotWorthIt { .. } => "not worth it",
                _ => "other",
            };
            *reasons.entry(reason).or_default() += 1;
        }
    }
    let told = format!(
        "{eligible} of {pairs} eligible, {relaxed} relaxed, {late_steps} late, {matched} matched, {despite} despite, {kinds:?}, {reasons:?}"
    );
    for kind in KINDS {
        assert!(kinds.contains_key(kind), "{kind} never stands alone: {told}");
    }
    assert_eq!(kinds.len(), KINDS.len(), "{told}");
    for reason in ["no consent", "nobody", "places", "caseload", "not worth it"] {
        assert!(reasons.contains_key(reason), "nobody is left for the reason {reason}: {told}");
    }
    assert!(
        eligible * 8 > pairs && relaxed > 50 && late_steps > 0 && matched > 300 && despite > 20,
        "{told}"
    );
}
