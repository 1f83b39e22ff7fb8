//! What a criterion found about a pair, in a coordinator's words.

use crate::compatibility::{Detail, JudgedWish, Likeness, Part, Side};
use crate::policy::{BuiltIn, SCORE_ONE};
use crate::program::{Modality, Participant, Program, Taxonomy};

/// Whether somebody's must-haves are among the wishes.
pub(super) fn has_must_haves(detail: &Detail) -> bool {
    matches!(detail, Detail::Wishes(wishes) if wishes.iter().any(|wish| wish.must))
}

/// What a criterion found, in words; empty where the score says all.
pub(super) fn note(program: &Program, participant: &Participant, part: &Part) -> String {
    match &part.detail {
        Detail::Codes(codes) => {
            let issue = part.criterion == BuiltIn::Issue as usize;
            likenesses(if issue { program.issues() } else { program.conditions() }, codes)
        }
        Detail::Meeting { modality, choice, distance_km } => meeting(*modality, *choice, *distance_km),
        Detail::Language(tag) => format!("both speak {tag}"),
        Detail::Experience { supporter_years, participant_years } => {
            let beside = match participant.experience_since {
                Some(_) => format!("beside {participant_years:.1}"),
                None => "beside somebody taken to be new to it".to_owned(),
            };
            format!("{supporter_years:.1} years of experience {beside}")
        }
        Detail::ChildAge { older_years } if older_years.abs() < 0.5 => "children of the same age".to_owned(),
        Detail::ChildAge { older_years } => {
            let years = older_years.abs().round();
            let plural = if years > 1.0 { "s" } else { "" };
            let which = if *older_years < 0.0 { "younger" } else { "older" };
            format!("the supporter's child is {years:.0} year{plural} {which}")
        }
        Detail::Minutes(minutes) => format!("{minutes} minutes a week in common"),
        Detail::Wishes(all) => wishes(all),
        Detail::Acquaintance { known: true } => "they know each other".to_owned(),
        Detail::Acquaintance { known: false } => "they do not know each other".to_owned(),
        Detail::Missing { participant: true, supporter: true } => "not known of either".to_owned(),
        Detail::Missing { participant: true, .. } => "not known of the participant".to_owned(),
        Detail::Missing { supporter: true, .. } => "not known of the supporter".to_owned(),
        Detail::Missing { .. } => "not known".to_owned(),
        Detail::NotANumber => "the criterion gave something that is not a number".to_owned(),
        _ => String::new(),
    }
}

/// Each of the participant's codes, and how near the supporter comes to it.
fn likenesses(taxonomy: &Taxonomy, codes: &[Likeness]) -> String {
    let words = codes.iter().map(|code| {
        let (ours, theirs) = (taxonomy.name(&code.participant), taxonomy.name(&code.supporter));
        match code.likeness {
            0 => format!("nothing like {ours}"),
            SCORE_ONE => format!("both {ours}"),
            likeness => format!("{ours} is {:.0} % like {theirs}", f64::from(likeness) / 10_000.0),
        }
    });
    words.collect::<Vec<_>>().join("; ")
}

fn meeting(modality: Modality, choice: Option<usize>, distance_km: Option<f64>) -> String {
    let mut words = match (modality.is_remote(), distance_km) {
        (true, _) => format!("by {modality}"),
        (false, Some(distance_km)) => format!("in person, {distance_km:.0} km apart"),
        (false, None) => "in person, distance not known".to_owned(),
    };
    match choice {
        None | Some(0) => {}
        Some(1) => words.push_str(", their second choice"),
        Some(_) => words.push_str(", their third choice"),
    }
    words
}

fn wishes(all: &[JudgedWish]) -> String {
    let told = |of: &dyn Fn(&JudgedWish) -> bool| {
        let name = |wish: &JudgedWish| match wish.side {
            Side::Participant => format!("the participant's {}", wish.attribute),
            Side::Supporter => format!("the supporter's {}", wish.attribute),
        };
        all.iter().filter(|wish| of(wish)).map(name).collect::<Vec<_>>().join(", ")
    };
    let groups = [
        ("must-have met", told(&|wish| wish.must && wish.met == Some(true))),
        ("wish met", told(&|wish| !wish.must && wish.met == Some(true))),
        ("wish not met", told(&|wish| !wish.must && wish.met == Some(false))),
        ("must-have not met", told(&|wish| wish.must && wish.met == Some(false))),
        ("not known whether met", told(&|wish| wish.met.is_none())),
    ];
    let told = groups.into_iter().filter(|(_, whose)| !whose.is_empty());
    told.map(|(what, whose)| format!("{what}: {whose}")).collect::<Vec<_>>().join("; ")
}
