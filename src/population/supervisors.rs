//! Who looks after supporters: one for each region's group of them.

use super::draw::{Draw, Stream};
use super::settings::Settings;
use super::{Origin, numbered};
use crate::program::{Status, Supervisor, Supporter};

/// Share of supporters whom nobody looks after yet.
const ALONE: f64 = 0.03;

/// Divides the supporters from west to east, so that those of a supervisor live in one part of the region, and sets
/// caseload limits: some a little below what their supporters could take together, some above it, some none.
pub(super) fn supervisors(
    settings: &Settings,
    supporters: &mut [Supporter],
    origins: &[Origin],
    longitude: impl Fn(usize) -> f64,
) -> Vec<Supervisor> {
    let size = settings.supporters_per_supervisor;
    if size == 0 {
        return Vec::new();
    }
    let mut eastward: Vec<usize> = (0..supporters.len()).collect();
    eastward
        .sort_by(|&a, &b| longitude(origins[a].city).total_cmp(&longitude(origins[b].city)).then(a.cmp(&b)));
    let count = eastward.len().div_ceil(size);
    let of_one = |(index, group): (usize, &[usize])| {
        let draw = &mut Draw::new(settings.seed, Stream::Supervisor, index);
        let id = numbered('V', index, count, 2);
        let mut places = 0;
        for &member in group {
            let supporter = &mut supporters[member];
            if draw.chance(ALONE) {
                continue;
            }
            supporter.supervisor = Some(id.as_str().into());
            if supporter.status == Status::Active {
                places += supporter.capacity.unwrap_or(1);
            }
        }
        let factor = if draw.chance(settings.tight_caseloads) {
            Some(draw.between(0.85, 0.95))
        } else {
            let above = draw.between(1.0, 1.3);
            draw.chance(0.75).then_some(above)
        };
        let caseload = factor.map(|factor| (f64::from(places) * factor).round() as u32);
        // An hour a week for each match, as for those who state no need.
        Supervisor { id: id.into(), caseload, hours_per_week: caseload.map(f64::from) }
    };
    eastward.chunks(size).enumerate().map(of_one).collect()
}
