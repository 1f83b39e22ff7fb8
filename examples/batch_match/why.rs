//! Why nobody: each obstacle and each reason in a coordinator's words.

use peermatch::matching::{Reason, Unmatched};

use crate::words::counted;

/// One obstacle in words: its kind, what one supporter does, what several do, and what would lift it, after "if".
type Obstacle = (&'static str, &'static str, &'static str, &'static str);

/// Every obstacle of the library's own. Not in it are the criteria of a host program.
const OBSTACLES: [Obstacle; 21] = [
    ("no_consent", "lacks the consent", "lack the consent", "the participant consented"),
    (
        "not_available",
        "takes no new matches",
        "take no new matches",
        "supporters who take no new matches took some",
    ),
    ("barred", "is barred", "are barred", "no pair were barred"),
    ("refused", "is refused", "are refused", "nobody were refused"),
    (
        "failed_before",
        "was tried before without success",
        "were tried before without success",
        "a match that failed before could be tried again",
    ),
    (
        "know_each_other",
        "knows the participant from before",
        "know the participant from before",
        "people who know each other could be matched",
    ),
    (
        "condition_out_of_scope",
        "does not take this condition",
        "do not take this condition",
        "supporters took the conditions that they leave out",
    ),
    (
        "issue_out_of_scope",
        "does not take one of these issues",
        "do not take one of these issues",
        "supporters took the issues that they leave out",
    ),
    (
        "no_common_modality",
        "offers no way of meeting that suits",
        "offer no way of meeting that suits",
        "a way of meeting that suits both were not required",
    ),
    ("too_far", "lives too far away", "live too far away", "distance did not count"),
    (
        "no_common_language",
        "speaks no language in common",
        "speak no language in common",
        "a language in common were not required",
    ),
    (
        "condition_too_different",
        "has no condition alike enough",
        "have no condition alike enough",
        "a condition alike enough were not required",
    ),
    (
        "issue_too_different",
        "has no issue alike enough",
        "have no issue alike enough",
        "an issue alike enough were not required",
    ),
    (
        "no_common_ground",
        "has neither a condition nor an issue alike enough",
        "have neither a condition nor an issue alike enough",
        "a condition or an issue alike enough were not required",
    ),
    (
        "too_little_experience",
        "has too little experience",
        "have too little experience",
        "less experience were enough",
    ),
    (
        "children_too_far_apart",
        "has a child of too different an age",
        "have a child of too different an age",
        "the children's ages could be further apart",
    ),
    (
        "too_little_time",
        "has too little time in common",
        "have too little time in common",
        "less time in common were enough",
    ),
    (
        "participants_must_have",
        "lacks what the participant must have",
        "lack what the participant must have",
        "what participants must have were only a wish",
    ),
    (
        "supporters_must_have",
        "must have what the participant lacks",
        "must have what the participant lacks",
        "what supporters must have were only a wish",
    ),
    (
        "not_known",
        "lacks a fact that the policy demands",
        "lack a fact that the policy demands",
        "the policy did not demand facts that are not known",
    ),
    (
        "score_too_low",
        "scores below the least allowed",
        "score below the least allowed",
        "a lower score were enough",
    ),
];

fn obstacle(kind: &str) -> Option<&'static Obstacle> {
    OBSTACLES.iter().find(|obstacle| obstacle.0 == kind)
}

/// How many supporters an obstacle keeps away: "1 lives too far away".
pub(crate) fn kept_away(count: u32, kind: &str) -> String {
    match obstacle(kind) {
        Some((_, one, many, _)) => counted(count, one, many),
        None => format!("{} ruled out by the criterion {kind}", counted(count, "is", "are")),
    }
}

/// What would lift an obstacle, after "if": "a language in common were not required".
pub(crate) fn if_lifted(kind: &str) -> String {
    obstacle(kind).map_or_else(
        || format!("the criterion {kind} ruled nobody out"),
        |(_, _, _, lifted)| (*lifted).to_owned(),
    )
}

/// Who is left, and why.
pub(crate) fn left(row: &Unmatched) -> String {
    let mut text = format!("{}: {}", row.participant, reason(&row.reason));
    if row.reason == Reason::NobodyEligible && !row.obstacles.is_empty() {
        let first =
            row.obstacles.iter().take(3).map(|obstacle| kept_away(obstacle.supporters, &obstacle.kind));
        text.push_str(": ");
        text.push_str(&first.collect::<Vec<_>>().join(", "));
    }
    text
}

fn reason(reason: &Reason) -> String {
    let fit = |eligible: u32| counted(eligible, "supporter fits", "supporters fit");
    match *reason {
        Reason::EveryPlaceTaken { eligible, caseload: 0, .. } => {
            format!("{}, and every place is taken", fit(eligible))
        }
        Reason::EveryPlaceTaken { eligible, full, caseload } => format!(
            "{}, and every place is taken ({full} full, {caseload} held back by their supervisor's caseload)",
            fit(eligible)
        ),
        Reason::NotWorthIt { eligible } => {
            format!("{}, but the whole is better without the match", fit(eligible))
        }
        other => other.to_string(),
    }
}
