//! Where people live: cities by population, and postcodes near them.
//!
//! Four people in five live around a city of 15,000 and more (drawn by its population) at one of the postcodes of the
//! same state within 25 km, the nearer the likelier; the fifth lives at any postcode of the state. There are no
//! populations of postcodes in the data, so those within a city count alike.

use super::draw::{Draw, Table};
use super::settings::Missing;
use crate::program::{GazetteerEntry, Place};

/// Kilometres to a degree of latitude: a quarter of the earth's meridian by the metre's old definition, over 90.
const KM_PER_DEGREE: f64 = 10_000.0 / 90.0;
/// How far from its city's centre a postcode counts as near, in kilometres.
const NEAR_KM: f64 = 25.0;
/// At this distance from the centre a postcode is half as likely as one in it, in kilometres.
const HALF_KM: f64 = 6.0;
/// Share of people who live anywhere in the state rather than around a city of 15,000 and more.
const ANYWHERE: f64 = 0.2;

/// Which state each block of three-digit postcode prefixes lies in (US Postal Service; the states and DC alone).
const PREFIXES: [(&str, &str, &str); 62] = [
    ("005", "005", "NY"),
    ("010", "027", "MA"),
    ("028", "029", "RI"),
    ("030", "038", "NH"),
    ("039", "049", "ME"),
    ("050", "054", "VT"),
    ("055", "055", "MA"),
    ("056", "059", "VT"),
    ("060", "069", "CT"),
    ("070", "089", "NJ"),
    ("100", "149", "NY"),
    ("150", "196", "PA"),
    ("197", "199", "DE"),
    ("200", "200", "DC"),
    ("201", "201", "VA"),
    ("202", "205", "DC"),
    ("206", "219", "MD"),
    ("220", "246", "VA"),
    ("247", "268", "WV"),
    ("270", "289", "NC"),
    ("290", "299", "SC"),
    ("300", "319", "GA"),
    ("320", "339", "FL"),
    ("341", "349", "FL"),
    ("350", "369", "AL"),
    ("370", "385", "TN"),
    ("386", "397", "MS"),
    ("398", "399", "GA"),
    ("400", "427", "KY"),
    ("430", "459", "OH"),
    ("460", "479", "IN"),
    ("480", "499", "MI"),
    ("500", "528", "IA"),
    ("530", "549", "WI"),
    ("550", "567", "MN"),
    ("569", "569", "DC"),
    ("570", "577", "SD"),
    ("580", "588", "ND"),
    ("590", "599", "MT"),
    ("600", "629", "IL"),
    ("630", "658", "MO"),
    ("660", "679", "KS"),
    ("680", "693", "NE"),
    ("700", "714", "LA"),
    ("716", "729", "AR"),
    ("730", "732", "OK"),
    ("733", "733", "TX"),
    ("734", "749", "OK"),
    ("750", "799", "TX"),
    ("800", "816", "CO"),
    ("820", "831", "WY"),
    ("832", "838", "ID"),
    ("840", "847", "UT"),
    ("850", "865", "AZ"),
    ("870", "884", "NM"),
    ("885", "885", "TX"),
    ("889", "898", "NV"),
    ("900", "961", "CA"),
    ("967", "968", "HI"),
    ("970", "979", "OR"),
    ("980", "994", "WA"),
    ("995", "999", "AK"),
];

/// Whether these are the two letters of a state, or DC.
pub(super) fn is_state(name: &str) -> bool {
    PREFIXES.iter().any(|&(_, _, state)| state == name)
}

/// The state a postcode lies in.
fn state_of(postcode: &str) -> Option<&'static str> {
    let prefix = postcode.get(..3)?;
    let mut blocks = PREFIXES.iter();
    blocks.find(|&&(first, last, _)| (first..=last).contains(&prefix)).map(|&(_, _, state)| state)
}

/// A place of 15,000 people and more.
#[derive(Debug)]
pub(super) struct City {
    pub(super) name: &'static str,
    pub(super) state: &'static str,
    pub(super) time_zone: &'static str,
    pub(super) population: f64,
    pub(super) latitude: f64,
    pub(super) longitude: f64,
    /// Postcodes around it, and how likely each is.
    near: Vec<u32>,
    likely: Table,
}

#[derive(Debug)]
struct Postcode {
    code: &'static str,
    state: &'static str,
    latitude: f64,
    longitude: f64,
    /// The nearest city of the same state.
    city: u32,
}

/// Cities and postcodes of the region.
#[derive(Debug)]
pub(super) struct Geography {
    cities: Vec<City>,
    by_population: Table,
    postcodes: Vec<Postcode>,
    /// Each state of the region with its postcodes.
    states: Vec<(&'static str, Vec<u32>)>,
}

/// Where somebody lives, before they say so.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home {
    /// The city they belong to, or the nearest of their state.
    pub(super) city: usize,
    postcode: usize,
    in_city: bool,
}

impl Geography {
    /// The region: one state, or all.
    pub(super) fn new(state: Option<&str>) -> Self {
        let here = |name: &str| state.is_none_or(|state| state == name);
        let mut cities: Vec<City> = cities().filter(|city| here(city.state)).collect();
        let mut postcodes: Vec<Postcode> = postcodes().filter(|postcode| here(postcode.state)).collect();
        let mut states: Vec<(&'static str, Vec<u32>)> = Vec::new();
        for (index, postcode) in postcodes.iter().enumerate() {
            match states.iter_mut().find(|(name, _)| *name == postcode.state) {
                Some((_, members)) => members.push(index as u32),
                None => states.push((postcode.state, vec![index as u32])),
            }
        }
        for (name, members) in &states {
            settle(name, members, &mut cities, &mut postcodes);
        }
        let by_population = Table::new(cities.iter().map(|city| city.population));
        Self { cities, by_population, postcodes, states }
    }

    /// A city by its position.
    pub(super) fn city(&self, city: usize) -> &City {
        &self.cities[city]
    }

    /// How many cities there are.
    pub(super) fn city_count(&self) -> usize {
        self.cities.len()
    }

    /// Somewhere to live.
    pub(super) fn home(&self, draw: &mut Draw) -> Home {
        let city = self.by_population.draw(draw);
        let (anywhere, within) = (draw.chance(ANYWHERE), &self.cities[city]);
        let postcode = within.near[within.likely.draw(draw)] as usize;
        let members = self.states.iter().find(|(name, _)| *name == within.state).map(|(_, members)| members);
        match members {
            Some(members) if anywhere => {
                let postcode = members[draw.below(members.len())] as usize;
                Home { city: self.postcodes[postcode].city as usize, postcode, in_city: false }
            }
            _ => Home { city, postcode, in_city: true },
        }
    }

    /// What somebody who lives there says of it: mostly a postcode, with the town or without, sometimes a town
    /// alone, coordinates (within 1.5 km of the postcode's), nothing, or a postcode that no gazetteer has.
    pub(super) fn place(&self, home: Home, missing: &Missing, draw: &mut Draw) -> Place {
        let (postcode, city) = (&self.postcodes[home.postcode], &self.cities[home.city]);
        let (gap, form) = (draw.unit(), draw.unit());
        let (north, east) = (draw.between(-0.013, 0.013), draw.between(-0.013, 0.013));
        let slip = draw.below(100);
        if gap < missing.place {
            return Place::default();
        }
        if gap < missing.place + missing.unknown_postcode {
            return Place::postcode(self.unlisted_near(postcode.code, slip));
        }
        let town = |place: Place| Place {
            town: Some(city.name.to_owned()),
            region: Some(city.state.to_owned()),
            ..place
        };
        match form {
            form if form < 0.64 => Place::postcode(postcode.code),
            form if form < 0.80 && home.in_city => town(Place::postcode(postcode.code)),
            form if form < 0.93 && home.in_city => town(Place::default()),
            form if form < 0.93 => Place::postcode(postcode.code),
            _ => {
                let to_four_decimals = |degrees: f64| (degrees * 1e4).round() / 1e4;
                let (latitude, longitude) = (postcode.latitude + north, postcode.longitude + east);
                Place::at(to_four_decimals(latitude), to_four_decimals(longitude))
            }
        }
    }

    /// A postcode of the same sectional centre that the data lacks.
    fn unlisted_near(&self, code: &str, slip: usize) -> String {
        let prefix = code.get(..3).unwrap_or("000");
        let codes = (0..100).map(|step| format!("{prefix}{:02}", (slip + step) % 100));
        let listed = |code: &str| self.postcodes.binary_search_by(|known| known.code.cmp(code)).is_ok();
        let mut unlisted = codes.filter(|code| !listed(code));
        unlisted.next().unwrap_or_else(|| "00000".to_owned())
    }

    /// Every postcode and every city of the region. A postcode has the time zone of the nearest city in its state.
    pub(super) fn gazetteer(&self) -> Vec<GazetteerEntry> {
        let entry = |region: &str, latitude, longitude, zone: &str| GazetteerEntry {
            region: Some(region.to_owned()),
            latitude,
            longitude,
            time_zone: Some(zone.to_owned()),
            ..GazetteerEntry::default()
        };
        let postcodes = self.postcodes.iter().map(|postcode| {
            let zone = self.cities[postcode.city as usize].time_zone;
            let code = Some(postcode.code.to_owned());
            GazetteerEntry {
                postcode: code,
                ..entry(postcode.state, postcode.latitude, postcode.longitude, zone)
            }
        });
        let cities = self.cities.iter().map(|city| GazetteerEntry {
            town: Some(city.name.to_owned()),
            ..entry(city.state, city.latitude, city.longitude, city.time_zone)
        });
        postcodes.chain(cities).collect()
    }
}

/// Finds the postcodes around each city of a state, and the nearest city of each postcode: one pass over all pairs.
fn settle(state: &str, members: &[u32], cities: &mut [City], postcodes: &mut [Postcode]) {
    let mut nearest = vec![f64::INFINITY; members.len()];
    for (index, city) in cities.iter_mut().enumerate().filter(|(_, city)| city.state == state) {
        let shrink = cosine(city.latitude);
        let mut closest = (f64::INFINITY, 0);
        let mut weights = Vec::new();
        for (&member, best) in members.iter().zip(&mut nearest) {
            let postcode = &mut postcodes[member as usize];
            let north = (postcode.latitude - city.latitude) * KM_PER_DEGREE;
            let east = (postcode.longitude - city.longitude) * KM_PER_DEGREE * shrink;
            let square = north * north + east * east;
            if square < *best {
                *best = square;
                postcode.city = index as u32;
            }
            if square < closest.0 {
                closest = (square, member);
            }
            if square <= NEAR_KM * NEAR_KM {
                city.near.push(member);
                weights.push(1.0 / (1.0 + square / (HALF_KM * HALF_KM)));
            }
        }
        if city.near.is_empty() {
            city.near.push(closest.1);
            weights.push(1.0);
        }
        city.likely = Table::new(weights);
    }
}

/// Cosine of an angle in degrees, 0 to 90 either way, by its series: the same bits on any machine, within 1e-6.
fn cosine(degrees: f64) -> f64 {
    let x2 = (degrees * (std::f64::consts::PI / 180.0)) * (degrees * (std::f64::consts::PI / 180.0));
    let divisors = [132.0, 90.0, 56.0, 30.0, 12.0, 2.0];
    divisors.iter().fold(1.0, |sum, divisor| 1.0 - sum * x2 / divisor)
}

/// Every city of the data, the larger first.
pub(super) fn cities() -> impl Iterator<Item = City> {
    rows(include_str!("data/cities.csv")).filter_map(|mut cells| {
        Some(City {
            name: cells.next()?,
            state: cells.next()?,
            latitude: cells.next()?.parse().ok()?,
            longitude: cells.next()?.parse().ok()?,
            population: cells.next()?.parse().ok()?,
            time_zone: cells.next()?,
            near: Vec::new(),
            likely: Table::default(),
        })
    })
}

/// Every postcode of the data, in order.
fn postcodes() -> impl Iterator<Item = Postcode> {
    rows(include_str!("data/postcodes.csv")).filter_map(|mut cells| {
        let code = cells.next()?;
        let (latitude, longitude) = (cells.next()?.parse().ok()?, cells.next()?.parse().ok()?);
        Some(Postcode { code, state: state_of(code)?, latitude, longitude, city: 0 })
    })
}

/// The cells of a table that has no quotes in it, without the header.
fn rows(table: &'static str) -> impl Iterator<Item = std::str::Split<'static, char>> {
    table.lines().skip(1).map(|line| line.split(','))
}

#[cfg(test)]
mod tests {
    use super::super::draw::Stream;
    use super::*;

    #[test]
    fn the_embedded_tables_are_whole() {
        assert_eq!(cities().count(), include_str!("data/cities.csv").lines().count() - 1);
        assert_eq!(postcodes().count(), include_str!("data/postcodes.csv").lines().count() - 1);
        assert!(cities().all(|city| is_state(city.state)));
        let codes: Vec<&str> = postcodes().map(|postcode| postcode.code).collect();
        assert!(codes.is_sorted_by(|a, b| a < b));
    }

    #[test]
    fn the_series_is_a_cosine() {
        for degrees in -90..=90 {
            let degrees = f64::from(degrees);
            assert!((cosine(degrees) - degrees.to_radians().cos()).abs() < 1e-6, "{degrees}");
        }
    }

    #[test]
    fn people_live_near_their_city_and_in_its_state() {
        let geography = Geography::new(Some("TN"));
        assert_eq!(geography.city_count(), 43);
        let mut draw = Draw::new(1, Stream::Past, 0);
        let mut far = 0;
        for _ in 0..2000 {
            let home = geography.home(&mut draw);
            let (city, postcode) = (geography.city(home.city), &geography.postcodes[home.postcode]);
            assert_eq!((city.state, postcode.state), ("TN", "TN"));
            far += u32::from((postcode.latitude - city.latitude).abs() > 0.12);
        }
        assert!(far < 500, "{far}");
    }

    #[test]
    fn a_state_without_a_large_city_around_still_has_homes() {
        for (name, first) in
            [("WY", "Cheyenne"), ("VT", "Burlington"), ("AK", "Anchorage"), ("DC", "Washington")]
        {
            let geography = Geography::new(Some(name));
            assert!(geography.city(0).name.starts_with(first), "{}", geography.city(0).name);
            assert!(!geography.gazetteer().is_empty());
        }
    }
}
