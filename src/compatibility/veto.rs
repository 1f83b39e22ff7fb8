//! Why two people are not matched.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::policy::SCORE_ONE;
use crate::program::Status;

/// One of the two sides of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Who asks for support.
    Participant,
    /// Who gives it.
    Supporter,
}

/// Why two people are not matched, with what was measured.
///
/// Shown as a clause that a coordinator reads: "62 km apart, beyond the 25 km that either travels".
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Veto {
    /// The participant did not agree to be matched.
    NoConsent,
    /// The supporter takes no new matches.
    NotAvailable {
        /// Where the supporter stands with the programme.
        status: Status,
    },
    /// The supporter's capacity is 0.
    TakesNobody,
    /// The two must never be matched.
    Barred,
    /// The participant refuses this supporter.
    Refused,
    /// An earlier match of the two failed.
    FailedBefore,
    /// The two know each other from before.
    KnowEachOther,
    /// The supporter does not take the participant's condition.
    ConditionOutOfScope,
    /// The supporter does not take one of the participant's issues.
    IssueOutOfScope,
    /// There is no way of meeting that both accept.
    NoCommonModality,
    /// They would meet in person and live too far apart.
    TooFar {
        /// Kilometres between them.
        distance_km: f64,
        /// Kilometres that their willingness to travel covers.
        reach_km: f64,
    },
    /// There is no language that both speak.
    NoCommonLanguage,
    /// Neither a condition nor an issue is alike enough.
    NoCommonGround {
        /// Likeness of the most alike condition or issue, in millionths.
        best: u32,
    },
    /// Neither conditions nor issues are known of both.
    CommonGroundUnknown,
    /// No condition is alike enough.
    ConditionTooDifferent {
        /// Likeness of the most alike condition, in millionths.
        best: u32,
    },
    /// No issue is alike enough.
    IssueTooDifferent {
        /// Likeness of the most alike issue, in millionths.
        best: u32,
    },
    /// The supporter's experience is too short.
    TooLittleExperience {
        /// Years of experience.
        years: f64,
    },
    /// The children's ages are too far apart.
    ChildrenTooFarApart {
        /// Years the supporter's child is older (negative: younger).
        older_years: f64,
    },
    /// They have too little time in common.
    TooLittleTime {
        /// Minutes a week in common.
        minutes: u32,
    },
    /// One side must have something that the other does not have, or of which it is not known.
    MustHave {
        /// The side that insists.
        side: Side,
        /// The attribute it insists on.
        attribute: String,
        /// The side of whom it is not known, where that is the reason.
        unknown_of: Option<Side>,
    },
    /// The policy matches nobody without knowing this.
    NotKnown {
        /// The criterion for which a fact is missing.
        criterion: String,
    },
    /// The score is below the least that the policy allows.
    ScoreTooLow {
        /// The score in millionths.
        score: u32,
    },
    /// A criterion of the host program's says no.
    Custom {
        /// The criterion.
        criterion: String,
        /// Why, in its words.
        reason: String,
    },
}

impl Veto {
    /// What kind of reason it is: a steady word for counting and for programs to match on; for a custom criterion its
    /// name.
    pub fn kind(&self) -> &str {
        match self {
            Self::Custom { criterion, .. } => criterion,
            built_in => Self::KINDS[built_in.number()],
        }
    }

    /// Every kind but those of custom criteria, in the order in which the kernel asks.
    pub(super) const KINDS: [&'static str; 24] = [
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
        "custom",
    ];

    /// The place of its kind in [`KINDS`](Self::KINDS).
    pub(super) fn number(&self) -> usize {
        match self {
            Self::NoConsent => 0,
            Self::NotAvailable { .. } => 1,
            Self::TakesNobody => 2,
            Self::Barred => 3,
            Self::Refused => 4,
            Self::FailedBefore => 5,
            Self::KnowEachOther => 6,
            Self::ConditionOutOfScope => 7,
            Self::IssueOutOfScope => 8,
            Self::NoCommonModality => 9,
            Self::TooFar { .. } => 10,
            Self::NoCommonLanguage => 11,
            Self::ConditionTooDifferent { .. } => 12,
            Self::IssueTooDifferent { .. } => 13,
            Self::NoCommonGround { .. } => 14,
            Self::CommonGroundUnknown => 15,
            Self::TooLittleExperience { .. } => 16,
            Self::ChildrenTooFarApart { .. } => 17,
            Self::TooLittleTime { .. } => 18,
            Self::MustHave { side: Side::Participant, .. } => 19,
            Self::MustHave { side: Side::Supporter, .. } => 20,
            Self::NotKnown { .. } => 21,
            Self::ScoreTooLow { .. } => 22,
            Self::Custom { .. } => 23,
        }
    }

    /// Whether a policy could lift vetoes of this kind: by a step of the ladder, a looser requirement or another
    /// setting. What protects somebody (consent, barred pairs, refusals, scope, ...) is not for a policy to lift.
    pub fn is_relaxable(kind: &str) -> bool {
        !matches!(
            kind,
            "no_consent"
                | "not_available"
                | "takes_nobody"
                | "barred"
                | "refused"
                | "failed_before"
                | "condition_out_of_scope"
                | "issue_out_of_scope"
                | "no_common_modality"
        )
    }

    /// The kind in a coordinator's words, for a count of supporters: "12 live too far away".
    pub fn describe_kind(kind: &str) -> &str {
        match kind {
            "no_consent" => "without the participant's consent",
            "not_available" => "take no new matches",
            "takes_nobody" => "have no place at all",
            "barred" => "are barred for this participant",
            "refused" => "are refused by this participant",
            "failed_before" => "were tried before without success",
            "know_each_other" => "know the participant from before",
            "condition_out_of_scope" => "do not take this condition",
            "issue_out_of_scope" => "do not take one of these issues",
            "no_common_modality" => "offer no way of meeting that suits",
            "too_far" => "live too far away",
            "no_common_language" => "speak no language in common",
            "no_common_ground" => "have neither a condition nor an issue alike enough",
            "common_ground_unknown" => "have no condition or issue that could be compared",
            "condition_too_different" => "have no condition alike enough",
            "issue_too_different" => "have no issue alike enough",
            "too_little_experience" => "have too little experience",
            "children_too_far_apart" => "have a child of too different an age",
            "too_little_time" => "have too little time in common",
            "participants_must_have" => "lack what the participant must have",
            "supporters_must_have" => "must have what the participant lacks",
            "not_known" => "lack a fact that the policy demands",
            "score_too_low" => "score below the least allowed",
            custom => custom,
        }
    }
}

impl fmt::Display for Veto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let percent = |micro: u32| f64::from(micro) * 100.0 / f64::from(SCORE_ONE);
        match self {
            Self::NoConsent => f.write_str("the participant has not consented to being matched"),
            Self::NotAvailable { status } => {
                f.write_str("the supporter ")?;
                f.write_str(match status {
                    Status::Active => "is active",
                    Status::InTraining => "is still in training",
                    Status::OnLeave => "is on leave",
                    Status::UnderReview => "is under review",
                    Status::Released => "has left the programme",
                })
            }
            Self::TakesNobody => f.write_str("the supporter takes nobody at present"),
            Self::Barred => f.write_str("the pair is barred"),
            Self::Refused => f.write_str("the participant refuses this supporter"),
            Self::FailedBefore => f.write_str("an earlier match of the two failed"),
            Self::KnowEachOther => f.write_str("they know each other from before"),
            Self::ConditionOutOfScope => f.write_str("the supporter does not take this condition"),
            Self::IssueOutOfScope => f.write_str("the supporter does not take one of these issues"),
            Self::NoCommonModality => f.write_str("no way of meeting suits both"),
            Self::TooFar { distance_km, reach_km } => {
                write!(f, "{distance_km:.0} km apart, beyond the {reach_km:.0} km that they travel")
            }
            Self::NoCommonLanguage => f.write_str("no language in common"),
            Self::NoCommonGround { best } => {
                write!(f, "no condition or issue is alike enough (the nearest {:.0} %)", percent(*best))
            }
            Self::CommonGroundUnknown => f.write_str("neither conditions nor issues are known of both"),
            Self::ConditionTooDifferent { best } => {
                write!(f, "no condition is alike enough (the nearest {:.0} %)", percent(*best))
            }
            Self::IssueTooDifferent { best } => {
                write!(f, "no issue is alike enough (the nearest {:.0} %)", percent(*best))
            }
            Self::TooLittleExperience { years } => write!(f, "only {years:.1} years of experience"),
            Self::ChildrenTooFarApart { older_years } => {
                write!(f, "the children are {:.0} years apart", older_years.abs())
            }
            Self::TooLittleTime { minutes } => write!(f, "only {minutes} minutes a week in common"),
            Self::MustHave { side, attribute, unknown_of } => {
                let whose = |side: &Side| match side {
                    Side::Participant => "the participant's",
                    Side::Supporter => "the supporter's",
                };
                let who = whose(side).trim_end_matches("'s");
                match unknown_of {
                    Some(of) => write!(f, "{who} insists on {attribute:?}, and {} is not known", whose(of)),
                    None => write!(f, "{who} insists on {attribute:?}, and it is not met"),
                }
            }
            Self::NotKnown { criterion } => {
                write!(f, "nothing is known for {criterion}, and the policy demands it")
            }
            Self::ScoreTooLow { score } => {
                write!(f, "the score of {:.1} % is below the least allowed", percent(*score))
            }
            Self::Custom { criterion, reason } => write!(f, "{criterion}: {reason}"),
        }
    }
}

/// The kind alone: what it is about does not belong into a log.
impl fmt::Debug for Veto {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Veto({})", self.kind())
    }
}
