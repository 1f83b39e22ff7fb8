//! What a reason for another match leads to, and what each does by default.

use serde::{Deserialize, Serialize};

use super::{Checks, Reason};
use crate::program::{Outcome, Status};

/// What becomes of the two people, of the match that ends and of the next one.
///
/// Nothing here is hard-wired to a reason: [`default_for`](Self::default_for) is a table that a policy document
/// overrides, reason by reason and field by field. What the fields' own documentation calls the default holds for every
/// reason that it does not except.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
// Each switch stands for itself in a policy document.
#[allow(clippy::struct_excessive_bools)]
pub struct Consequences {
    /// The two are never to be matched again, whatever else changes. Default yes ("connect the participant with another
    /// supporter"; never the same person again), but for `supporter_unavailable`: there nothing stood between the two,
    /// and whoever has told their story once may be glad to go on with the same person later. Until then the
    /// supporter's status keeps them from being proposed.
    pub bar_pair: bool,
    /// How the match is recorded. Default: failed; interrupted for `supporter_unavailable` and for
    /// `prefers_to_choose`, where nothing was wrong with it: our own choice, so that quality figures count as failed
    /// what did not work.
    pub outcome: Outcome,
    /// Where the supporter stands from then on; `unchanged` for as before, which is the default. Under review for
    /// `breach_of_confidence` and `misinformation` (practice: warned, retrained or released, and until it is known
    /// which, no new matches), for `boundary_breach` (our own choice, for the reason does not say whose it was) and for
    /// `supporter_unavailable` (our own choice: no new matches until somebody has asked; leave would end all of the
    /// others' as well). Never `active`: a complaint makes nobody available.
    #[serde(with = "status")]
    #[cfg_attr(feature = "schema", schemars(with = "status::Setting"))]
    pub supporter_status: Option<Status>,
    /// From then on the supporter takes nobody with those of the participant's conditions and issues that were named
    /// with the reason. Default no; yes for `out_of_depth` ("this is way out of my league").
    pub narrow_scope: bool,
    /// It is noted that the supporter is to be trained again. Default no; yes for `breach_of_confidence` and
    /// `misinformation` (practice: warned, retrained, released) and `too_directive` (our own choice).
    pub retraining: bool,
    /// The participant is to be offered formal help, beside another match or in its place. Default no; yes for
    /// `out_of_depth` (practice: formal resources were found).
    pub referral: bool,
    /// By how many levels the participant comes sooner than before, 0 to 9; the priority stays at 9 at most. Default 1:
    /// our own choice, so that the time spent with a match that did not work is made up for; 0 for
    /// `romantic_pursuit` and `prefers_to_choose`, where the match ends for what the participant did or wished.
    pub raise_priority: u8,
    /// The participant is to be offered cards to choose from, beside a new match or in its place. Default no; yes for
    /// `prefers_to_choose` ("participants wanted to choose their own") and `poor_fit` (choosers felt more similar and
    /// received more support: Kendall and Smith-Jentsch 2015).
    pub offer_cards: bool,
    /// The coordinator is asked whether the next supporter has to meet a further requirement, such as another gender.
    /// Default no; yes for `boundary_breach` and `romantic_pursuit` (practice: a same-gender or other requirement may
    /// be added).
    pub further_requirement: bool,
    /// Another supporter is looked for at once; the participant may decline and withdraw, as after a breach of
    /// boundaries in practice. Otherwise the participant has nobody until the next matching, or until a card is
    /// chosen. Default yes; no for `prefers_to_choose`, who is to choose.
    pub rematch: bool,
    /// It is recorded that the two know each other. Default no; yes for `prior_acquaintance`.
    pub acquainted: bool,
}

/// What follows from [`Reason::Other`], and from every reason as far as it is not an exception.
impl Default for Consequences {
    fn default() -> Self {
        Self {
            bar_pair: true,
            outcome: Outcome::Failed,
            supporter_status: None,
            narrow_scope: false,
            retraining: false,
            referral: false,
            raise_priority: 1,
            offer_cards: false,
            further_requirement: false,
            rematch: true,
            acquainted: false,
        }
    }
}

impl Consequences {
    /// What follows from a reason where the policy says nothing else. Each field says where its defaults come from.
    pub fn default_for(reason: Reason) -> Self {
        let usual = Self::default();
        let review = Some(Status::UnderReview);
        match reason {
            Reason::PriorAcquaintance => Self { acquainted: true, ..usual },
            Reason::PoorFit => Self { offer_cards: true, ..usual },
            Reason::OutOfDepth => Self { narrow_scope: true, referral: true, ..usual },
            Reason::BoundaryBreach => Self { supporter_status: review, further_requirement: true, ..usual },
            Reason::RomanticPursuit => Self { further_requirement: true, raise_priority: 0, ..usual },
            Reason::BreachOfConfidence | Reason::Misinformation => {
                Self { supporter_status: review, retraining: true, ..usual }
            }
            Reason::TooDirective => Self { retraining: true, ..usual },
            Reason::SupporterUnavailable => {
                Self { bar_pair: false, outcome: Outcome::Interrupted, supporter_status: review, ..usual }
            }
            Reason::PrefersToChoose => Self {
                outcome: Outcome::Interrupted,
                offer_cards: true,
                rematch: false,
                raise_priority: 0,
                ..usual
            },
            Reason::NoContact | Reason::Other => usual,
        }
    }

    /// The supporter whom the participant had could be proposed again at once.
    fn proposes_the_same(&self) -> bool {
        let takes_nobody = self.supporter_status.is_some_and(|status| status != Status::Active);
        let apart = self.bar_pair || self.outcome == Outcome::Failed || takes_nobody;
        (self.rematch || self.offer_cards) && !apart
    }

    pub(super) fn check(&self, at: &str, checks: &mut Checks) {
        checks.range(&format!("{at}.raise_priority"), f64::from(self.raise_priority), 0.0, 9.0);
        if self.supporter_status == Some(Status::Active) {
            let remedy = "use \"unchanged\", or a status in which nobody new is taken";
            checks.fault(
                &format!("{at}.supporter_status"),
                "active",
                "would make somebody available",
                remedy,
            );
        }
        if self.proposes_the_same() {
            let remedy =
                "bar the pair, record the match as failed, or take the supporter out of use by a status";
            checks.fault(
                &format!("{at}.bar_pair"),
                "false",
                "would propose the same supporter again",
                remedy,
            );
        }
    }
}

/// A status as a setting: TOML has no word for nothing, and a document must be able to take a default back.
mod status {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::program::Status;

    /// What becomes of a supporter's status.
    #[derive(Serialize, Deserialize)]
    #[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
    #[cfg_attr(feature = "schema", schemars(rename = "NewStatus"))]
    #[serde(rename_all = "snake_case")]
    pub(super) enum Setting {
        /// It stays as it is.
        Unchanged,
        /// Refused: a complaint makes nobody available.
        #[cfg_attr(feature = "schema", schemars(skip))]
        Active,
        /// Not trained any more: no new matches.
        InTraining,
        /// Away until further notice: no matches, and those that stand end.
        OnLeave,
        /// A concern is being looked into: no new matches; those that stand go on.
        UnderReview,
        /// Out of the programme: no matches, and those that stand end.
        Released,
    }

    // The signature is serde's.
    #[allow(clippy::ref_option)]
    pub(super) fn serialize<S: Serializer>(status: &Option<Status>, to: S) -> Result<S::Ok, S::Error> {
        let setting = match status {
            None => Setting::Unchanged,
            Some(Status::Active) => Setting::Active,
            Some(Status::InTraining) => Setting::InTraining,
            Some(Status::OnLeave) => Setting::OnLeave,
            Some(Status::UnderReview) => Setting::UnderReview,
            Some(Status::Released) => Setting::Released,
        };
        setting.serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<Status>, D::Error> {
        Ok(match Setting::deserialize(from)? {
            Setting::Unchanged => None,
            Setting::Active => Some(Status::Active),
            Setting::InTraining => Some(Status::InTraining),
            Setting::OnLeave => Some(Status::OnLeave),
            Setting::UnderReview => Some(Status::UnderReview),
            Setting::Released => Some(Status::Released),
        })
    }
}
