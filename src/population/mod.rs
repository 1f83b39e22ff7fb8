//! Made-up programmes that look like real ones, for tests, benchmarks and demonstrations (feature `population`).
//!
//! [`generate`] makes up a whole programme from a seed: families who ask for support and supporters fewer than would be
//! wanted, where people live, what they face, what they wish for, what is missing from their records and what was
//! before. No real person stands behind any of it.
//!
//! Places, postcodes and the taxonomy of conditions are public data, embedded; their origins and licences stand in
//! `src/population/data/README.md`. Frequencies are from the sources named where they are used; where none is named,
//! they are this project's own judgement of what is usual, and no finding.
//!
//! | What | Where it comes from |
//! |---|---|
//! | Where people live | US cities of 15,000 and more by population (`GeoNames`), with postcodes around them; one in five anywhere in the state |
//! | Conditions | Prevalence among US children (NHIS 2015-17, NSCH 2011-12) for the common ones, judgement for the rare; one to three codes of ICD-10-CM |
//! | Issues | The project's own taxonomy; by condition and the child's age, by judgement |
//! | Languages | Unicode CLDR 48; where in the country, by judgement |
//! | Family, faith, culture, military | This project's own estimates; not looked up |
//! | Preferences of participants | like the same gender: 7 % of women, 20 % of men; must: 1.5 % of women; like the same faith 7 %, culture 15 % where it is not the majority's, family structure 18 to 35 % where it is unusual, military half of those who have it |
//! | Capacities | 1 to 4 mostly, up to 10 rarely (programmes' reports), tilted to the supply asked for |
//!
//! The same seed and settings give the same programme on any machine, and every person has draws of their own: a
//! programme with one participant more has the same other participants, but for what ties people together (whom they
//! know and refuse, and the history), which is drawn from everybody. Time grows linearly with the number of people.

mod cards;
mod conditions;
mod draw;
mod geography;
mod history;
mod issues;
mod languages;
mod participants;
mod schedule;
mod settings;
mod supervisors;
mod supporters;
mod traits;

pub use settings::{LanguageShare, Missing, Settings, Statuses};

use crate::error::Result;
use crate::program::{History, ProgramData, Taxonomy};

/// Makes up a programme.
///
/// Reading it as a [`Program`](crate::program::Program) finds no errors, and warnings for the unknown postcodes and
/// codes that [`Missing`] asks for.
///
/// # Errors
///
/// [`Error::is_input`](crate::Error::is_input), with every setting that is out of its range, or if no capacities from
/// 1 to 10 come to the supply asked for.
pub fn generate(settings: &Settings) -> Result<ProgramData> {
    settings.check()?;
    let concepts = conditions::taxonomy();
    let (taxonomy, _) = Taxonomy::new(concepts.clone());
    let sources = Sources {
        settings,
        geography: geography::Geography::new(settings.state.as_deref()),
        conditions: conditions::Conditions::new(settings.rare_conditions),
        taxonomy,
        issues: issues::Issues::new(),
        languages: languages::Languages::new(&settings.languages, geography::cities()),
    };
    let (participants, participant_origins): (Vec<_>, Vec<_>) =
        (0..settings.participants).map(|index| participants::participant(&sources, index)).unzip();
    let (mut supporters, supporter_origins): (Vec<_>, Vec<_>) =
        (0..settings.supporters).map(|index| supporters::supporter(&sources, index)).unzip();
    supporters::give_capacities(settings, &mut supporters)?;
    let longitude = |city: usize| sources.geography.city(city).longitude;
    let supervisors = supervisors::supervisors(settings, &mut supporters, &supporter_origins, longitude);
    let mut data = ProgramData {
        participants,
        supporters,
        conditions: concepts,
        issues: issues::taxonomy(),
        gazetteer: sources.geography.gazetteer(),
        supervisors,
        history: History::default(),
    };
    history::history(&sources, &mut data, &participant_origins, &supporter_origins);
    Ok(data)
}

/// What people are drawn from.
struct Sources<'a> {
    settings: &'a Settings,
    geography: geography::Geography,
    conditions: conditions::Conditions,
    taxonomy: Taxonomy,
    issues: issues::Issues,
    languages: languages::Languages,
}

/// What stands behind a person's record, even where the record does not say so.
#[derive(Debug, Clone, Copy)]
struct Origin {
    /// The group of the first condition.
    group: usize,
    /// The city, or the nearest of the state.
    city: usize,
}

/// `P-0001`: a letter and a number from 1, with as many digits as the last one needs and at least that many.
fn numbered(letter: char, index: usize, count: usize, digits: usize) -> String {
    let digits = digits.max(count.max(1).ilog10() as usize + 1);
    format!("{letter}-{:0digits$}", index + 1)
}
