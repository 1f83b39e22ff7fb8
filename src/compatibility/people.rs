//! What is compiled of the participants once, so that asking about one of them looks nothing up by name.

use jiff::civil::Date;
use rayon::prelude::*;

use super::columns::week;
use super::csr::Csr;
use super::traits::{CompiledWish, Symbols, Trait};
use crate::program::{LanguageTag, Program, years_between};

/// The participants, in the program's order.
#[derive(Debug, Clone)]
pub(super) struct People {
    pub(super) experience_years: Vec<f64>,
    /// Spans of the week in UTC.
    pub(super) availability: Csr<(u16, u16)>,
    pub(super) traits: Csr<Trait>,
    pub(super) wishes: Csr<CompiledWish>,
    /// Numbers of the languages they speak, each once, the preferred one first.
    pub(super) languages: Csr<u32>,
    /// For each of the participants' languages, a row: whether each of the supporters' is the same language.
    same_language: Csr<bool>,
}

impl People {
    pub(super) fn new(
        program: &Program,
        symbols: &Symbols,
        supporters_tags: &[LanguageTag],
        as_of: Date,
    ) -> Self {
        let participants = program.participants();
        let mut tags: Vec<&LanguageTag> = participants.iter().flat_map(|p| &p.languages).collect();
        tags.sort_unstable();
        tags.dedup();
        let languages = participants.iter().map(|p| {
            let mut spoken: Vec<u32> = Vec::with_capacity(p.languages.len());
            for tag in &p.languages {
                let number = tags.partition_point(|&other| other < tag) as u32;
                if !spoken.contains(&number) {
                    spoken.push(number);
                }
            }
            spoken
        });
        let traits: Vec<Vec<Trait>> =
            participants.par_iter().map(|p| symbols.traits(&p.attributes, p.gender.as_ref())).collect();
        let availability: Vec<Vec<(u16, u16)>> = participants
            .par_iter()
            .enumerate()
            .map(|(index, p)| week(&p.availability, program.participant_zone(index), as_of))
            .collect();
        Self {
            experience_years: participants
                .iter()
                .map(|p| p.experience_since.map_or(0.0, |since| years_between(since, as_of)))
                .collect(),
            availability: Csr::from_rows(availability),
            wishes: Csr::from_rows(
                participants.iter().zip(&traits).map(|(p, own)| symbols.wishes(&p.preferences, own)),
            ),
            traits: Csr::from_rows(traits),
            languages: Csr::from_rows(languages),
            same_language: Csr::from_rows(tags.iter().map(|tag| {
                supporters_tags.iter().map(|other| tag.mutually_intelligible(other)).collect::<Vec<_>>()
            })),
        }
    }

    /// The place in a participant's list of the first language that is the supporters' with that number.
    pub(super) fn place_of_language(&self, participant: usize, tag: u16) -> Option<usize> {
        let same = |&own: &u32| self.same_language.row(own as usize)[usize::from(tag)];
        self.languages.row(participant).iter().position(same)
    }
}
