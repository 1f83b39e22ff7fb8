//! When and how people meet: weekly windows as families with work, school and therapies have them, and modalities.
//! All shares are this project's own judgement.

use jiff::civil::Weekday::{self, Friday, Monday, Saturday, Sunday, Thursday, Tuesday, Wednesday};

use super::draw::Draw;
use crate::program::{Modality, Window};

#[derive(Debug, Clone, Copy)]
enum Habit {
    /// One to three weekday evenings.
    Evenings,
    /// Every weekday evening.
    EveryEvening,
    /// The lunch break.
    Lunch,
    /// Weekday mornings, with the child at school.
    Mornings,
    /// Late, with the child in bed.
    Late,
    /// Saturday or Sunday.
    Weekend,
}

const HABITS: [(Habit, f64); 6] = [
    (Habit::Evenings, 0.34),
    (Habit::Weekend, 0.24),
    (Habit::Mornings, 0.14),
    (Habit::EveryEvening, 0.12),
    (Habit::Lunch, 0.10),
    (Habit::Late, 0.06),
];

const WEEKDAYS: [Weekday; 5] = [Monday, Tuesday, Wednesday, Thursday, Friday];

/// One to three habits, mostly two, as windows that do not overlap: where two habits do, the first counts.
pub(super) fn windows(draw: &mut Draw) -> Vec<Window> {
    let habits = draw.weighted(&[(1, 0.3), (2, 0.5), (3, 0.2)]);
    let mut windows = Week::default();
    for _ in 0..habits {
        match draw.weighted(&HABITS) {
            Habit::Evenings => {
                let (start, minutes) = (17 * 60 + 30 * draw.below(5), 60 * draw.pick(&[1, 2, 2, 3]));
                let (first, step) = (draw.below(5), 1 + draw.below(3));
                for turn in 0..draw.weighted(&[(1, 0.35), (2, 0.45), (3, 0.2)]) {
                    let day = WEEKDAYS[(first + turn * step) % WEEKDAYS.len()];
                    add(&mut windows, day, day, start, start + minutes);
                }
            }
            Habit::EveryEvening => {
                let start = 18 * 60 + 30 * draw.below(4);
                let last = draw.pick(&[Thursday, Friday]);
                add(&mut windows, Monday, last, start, start + 60 * draw.pick(&[1, 2, 2]));
            }
            Habit::Lunch => {
                let start = draw.pick(&[11 * 60 + 30, 12 * 60, 12 * 60, 12 * 60 + 30]);
                add(&mut windows, Monday, Friday, start, start + draw.pick(&[45, 60, 60]));
            }
            Habit::Mornings => {
                let first = draw.pick(&[Monday, Monday, Tuesday, Wednesday]);
                let last = draw.pick(&[Thursday, Friday]);
                add(&mut windows, first, last, 9 * 60, 9 * 60 + 60 * draw.pick(&[1, 2, 3]));
            }
            Habit::Late => {
                let start = draw.pick(&[20 * 60 + 30, 21 * 60]);
                add(&mut windows, Sunday, Thursday, start, start + draw.pick(&[60, 90, 120]));
            }
            Habit::Weekend => {
                let day = draw.pick(&[Saturday, Saturday, Sunday]);
                let start = 60 * draw.pick(&[9, 10, 13, 14, 15]);
                add(&mut windows, day, day, start, start + 60 * draw.pick(&[2, 2, 3, 4]));
            }
        }
    }
    windows.windows
}

/// Windows with the day and minutes of each of their turns.
#[derive(Default)]
struct Week {
    windows: Vec<Window>,
    turns: Vec<(Weekday, usize, usize)>,
}

fn add(week: &mut Week, first: Weekday, last: Weekday, start: usize, end: usize) {
    let end = end.min(1440);
    let Some(window) = Window::new(first, last, start as u16, end as u16) else { return };
    let overlaps = |day| week.turns.iter().any(|&(other, s, e)| other == day && start < e && s < end);
    if !window.days().any(overlaps) {
        week.turns.extend(window.days().map(|day| (day, start, end)));
        week.windows.push(window);
    }
}

/// The ways of meeting somebody accepts, the preferred one first.
pub(super) fn modalities(remote_only: f64, draw: &mut Draw) -> Vec<Modality> {
    use Modality::{InPerson, Phone, Video};
    let remote = draw.chance(remote_only);
    let of_remote = draw.weighted(&[
        (&[Phone, Video][..], 0.4),
        (&[Video, Phone], 0.2),
        (&[Phone], 0.22),
        (&[Video], 0.18),
    ]);
    let of_all = draw.weighted(&[
        (&[InPerson, Phone, Video][..], 0.35),
        (&[Phone, InPerson], 0.25),
        (&[InPerson, Phone], 0.15),
        (&[InPerson], 0.15),
        (&[Video, InPerson], 0.1),
    ]);
    if remote { of_remote.to_vec() } else { of_all.to_vec() }
}

/// How far somebody travels for a meeting, in kilometres; most leave it to the programme.
pub(super) fn travel_km(modalities: &[Modality], draw: &mut Draw) -> Option<f64> {
    let (says, far) = (draw.chance(0.35), draw.pick(&[10.0, 15.0, 20.0, 25.0, 25.0, 30.0, 40.0, 60.0]));
    (says && modalities.contains(&Modality::InPerson)).then_some(far)
}
