//! Which languages families speak, by region.
//!
//! A family speaks the programme's language, or another one as well, or the other alone. How many speak each follows
//! [`Settings::languages`](super::Settings::languages) over the whole country. Where a language is spoken more than
//! elsewhere is this project's own judgement ([`HOME_STATES`]), and is balanced so that the country as a whole keeps
//! the share that was asked for.

use std::collections::BTreeMap;

use super::draw::Draw;
use super::geography::City;
use super::settings::LanguageShare;
use crate::program::LanguageTag;

/// Where a language is spoken more: how many times the rate of the other states, by primary language.
const HOME_STATES: [(&str, f64, &[&str]); 12] = [
    ("es", 5.0, &["CA", "TX", "NM"]),
    ("es", 3.5, &["AZ", "FL", "NV"]),
    ("es", 2.5, &["NY", "NJ", "IL", "CO", "CT", "RI"]),
    ("zh", 4.0, &["CA", "NY", "HI", "WA", "MA", "NJ"]),
    ("fr", 6.0, &["LA", "ME", "NH", "VT"]),
    ("fr", 2.0, &["FL", "NY", "MA", "MD", "DC"]),
    ("de", 2.5, &["PA", "OH", "IN", "WI", "ND", "SD", "IA"]),
    ("fil", 5.0, &["CA", "HI", "NV", "AK", "WA"]),
    ("it", 4.0, &["NY", "NJ", "CT", "RI", "MA", "PA"]),
    ("vi", 3.5, &["CA", "TX", "WA", "LA", "VA"]),
    ("ko", 3.5, &["CA", "NY", "NJ", "VA", "GA", "HI", "WA"]),
    ("ru", 3.5, &["NY", "WA", "CA", "OR", "NJ"]),
];

/// Share of bilingual participants who put the language other than the programme's first.
const OWN_FIRST: f64 = 0.5;
/// Of supporters who would not speak the programme's language if they were participants, the share that does: they
/// were trained in it.
const TRAINED: f64 = 0.7;
/// Share of families of a child who is hard of hearing that sign as well (American Sign Language).
const SIGNING: f64 = 0.15;
/// Share of Spanish speakers who write theirs as Mexican Spanish.
const MEXICAN: f64 = 0.2;

/// The languages, ready to be drawn from.
#[derive(Debug)]
pub(super) struct Languages {
    main: Option<LanguageTag>,
    others: Vec<LanguageTag>,
    /// Of each state: how many speak each of the others.
    local: BTreeMap<&'static str, Vec<f64>>,
    /// Of those who speak another language, the share that speaks the main one as well.
    bilingual: f64,
    mexican: Option<LanguageTag>,
    sign: Option<LanguageTag>,
}

impl Languages {
    /// The shares, spread over the states by where `cities` (of the whole country) have their people.
    pub(super) fn new(shares: &[LanguageShare], cities: impl Iterator<Item = City>) -> Self {
        let mut people: BTreeMap<&'static str, f64> = BTreeMap::new();
        for city in cities {
            *people.entry(city.state).or_default() += city.population;
        }
        let all: f64 = people.values().sum();
        let others = shares.get(1..).unwrap_or_default();
        let mut local: BTreeMap<&'static str, Vec<f64>> =
            people.keys().map(|&state| (state, Vec::new())).collect();
        for other in others {
            let mean =
                people.iter().map(|(state, count)| factor(&other.tag, state) * count).sum::<f64>() / all;
            for (state, rates) in &mut local {
                rates.push(other.share * factor(&other.tag, state) / mean);
            }
        }
        for rates in local.values_mut() {
            let sum: f64 = rates.iter().sum();
            if sum > 1.0 {
                for rate in rates {
                    *rate /= sum;
                }
            }
        }
        let spoken: f64 = others.iter().map(|other| other.share).sum();
        let without = 1.0 - shares.first().map_or(1.0, |main| main.share);
        let bilingual = if spoken > 0.0 { (1.0 - without / spoken).clamp(0.0, 1.0) } else { 1.0 };
        Self {
            main: shares.first().map(|main| main.tag.clone()),
            others: others.iter().map(|other| other.tag.clone()).collect(),
            local,
            bilingual,
            mexican: "es-MX".parse().ok(),
            sign: "ase".parse().ok(),
        }
    }

    /// The languages of somebody in that state, the preferred one first.
    pub(super) fn of(&self, state: &str, signs: bool, supporter: bool, draw: &mut Draw) -> Vec<LanguageTag> {
        let mut left = draw.unit();
        let (bilingual, trained) = (draw.chance(self.bilingual), draw.chance(TRAINED));
        let (own_first, mexican, signing) =
            (draw.chance(OWN_FIRST), draw.chance(MEXICAN), draw.chance(SIGNING));
        let rates = self.local.get(state).map_or(&[][..], Vec::as_slice);
        let mut other = None;
        for (tag, rate) in self.others.iter().zip(rates) {
            if left < *rate {
                other = Some(tag);
                break;
            }
            left -= rate;
        }
        if other.is_some_and(|tag| tag.as_str() == "es") && mexican {
            other = self.mexican.as_ref();
        }
        let speaks_main = bilingual || (supporter && trained);
        let main = self.main.as_ref();
        let pair = match other {
            None => [main, None],
            Some(_) if !speaks_main => [other, None],
            Some(_) if own_first => [other, main],
            Some(_) => [main, other],
        };
        let sign = self.sign.as_ref().filter(|_| signs && signing);
        pair.into_iter().flatten().chain(sign).cloned().collect()
    }
}

fn factor(tag: &LanguageTag, state: &str) -> f64 {
    let primary = tag.as_str().split('-').next().unwrap_or_default();
    let home =
        HOME_STATES.iter().find(|(language, _, states)| *language == primary && states.contains(&state));
    home.map_or(1.0, |&(_, times, _)| times)
}

#[cfg(test)]
mod tests {
    use super::super::draw::{Draw, Stream};
    use super::super::geography::cities;
    use super::*;

    #[test]
    fn the_country_as_a_whole_keeps_the_shares() {
        let languages = Languages::new(&LanguageShare::united_states(), cities());
        let all: f64 = cities().map(|city| city.population).sum();
        for (position, share) in LanguageShare::united_states().iter().skip(1).enumerate() {
            let spoken: f64 =
                cities().map(|city| languages.local[city.state][position] * city.population).sum();
            assert!((spoken / all - share.share).abs() < 1e-9, "{}", share.tag);
        }
        let mut draw = Draw::new(1, Stream::Past, 0);
        let english = (0..20_000)
            .filter(|_| languages.of("IL", false, false, &mut draw).iter().any(|tag| tag.as_str() == "en"));
        assert!((0.93..0.99).contains(&(english.count() as f64 / 20_000.0)));
    }
}
