//! Nearness, for meetings in person; a remote meeting has no distance unless the programme gives it one.

use serde::{Deserialize, Serialize};

use super::Unknown;
use crate::policy::Checks;

/// Whose willingness to travel decides whether two people can meet in person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Reach {
    /// One of the two can make the whole way.
    #[default]
    Either,
    /// Each of the two can make the whole way.
    Both,
    /// Together they can make the way, meeting in between.
    Sum,
}

impl Reach {
    /// How far apart two people may live, in kilometres.
    pub fn together(self, participant_km: f64, supporter_km: f64) -> f64 {
        match self {
            Self::Either => participant_km.max(supporter_km),
            Self::Both => participant_km.min(supporter_km),
            Self::Sum => participant_km + supporter_km,
        }
    }
}

/// Nearness, for meetings in person; a remote meeting has no distance unless the programme gives it one.
///
/// A pair meets in the modality, of those that both accept and that are within reach, that scores best; earlier in
/// the participant's list wins a tie. In person the score is `exp(-distance / decay_km)`, by phone or video it is 1, or
/// `exp(-distance / remote_decay_km)` where that is given; either is multiplied by `later_modality_factor` once for each
/// place down the participant's list, if they stated one.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct GeographyCriterion {
    /// Weight beside the other criteria, 0 to 1000. Default 10: proximity comes after the child, the issue and the
    /// stated preferences (CPAC match module; Parent to Parent USA).
    pub weight: f64,
    /// What it means when either side's place is missing and they would meet in person.
    pub unknown: Unknown,
    /// Distance at which the score has fallen to 1/e, in kilometres, 0.001 or more. Default 25: about 20 minutes' drive
    /// (Big Brothers Big Sisters).
    pub decay_km: f64,
    /// The same by phone or video, where nearness counts there too (who lives near knows the same clinics and services),
    /// in kilometres, 0.001 or more. What it means that a place is missing is then asked for remote meetings as well.
    /// Default none: the distance does not matter.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remote_decay_km: Option<f64>,
    /// How far somebody travels who has not said so, in kilometres, 0 or more. Default 25: about 20 minutes' drive
    /// (Big Brothers Big Sisters).
    pub default_travel_km: f64,
    /// Whose travelling counts. Default: that one of the two can make the way.
    pub reach: Reach,
    /// Factor for each place down the participant's list of modalities, 0 to 1. Default 0.6: our own choice; a
    /// meeting in person up to 13 km away then beats the phone for somebody who asked for in person first.
    pub later_modality_factor: f64,
}

impl Default for GeographyCriterion {
    fn default() -> Self {
        Self {
            weight: 10.0,
            unknown: Unknown::LeftOut,
            decay_km: 25.0,
            remote_decay_km: None,
            default_travel_km: 25.0,
            reach: Reach::Either,
            later_modality_factor: 0.6,
        }
    }
}

impl GeographyCriterion {
    /// Score of a meeting in person over a distance in kilometres.
    pub fn in_person(&self, distance_km: f64) -> f64 {
        (-distance_km / self.decay_km).exp()
    }

    /// Score of a meeting by phone or video over a distance in kilometres.
    pub fn remote(&self, distance_km: f64) -> f64 {
        self.remote_decay_km.map_or(1.0, |decay_km| (-distance_km / decay_km).exp())
    }

    /// Factor for the modality in that place (from 0) of the participant's list.
    pub fn modality_factor(&self, place: usize) -> f64 {
        self.later_modality_factor.powi(place as i32)
    }

    pub(super) fn check(&self, checks: &mut Checks) {
        checks.range("criteria.geography.decay_km", self.decay_km, 0.001, 40_000.0);
        if let Some(decay_km) = self.remote_decay_km {
            checks.range("criteria.geography.remote_decay_km", decay_km, 0.001, 40_000.0);
        }
        checks.range("criteria.geography.default_travel_km", self.default_travel_km, 0.0, 40_000.0);
        checks.range("criteria.geography.later_modality_factor", self.later_modality_factor, 0.0, 1.0);
    }
}
