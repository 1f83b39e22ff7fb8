//! Where people live: coordinates, or a postcode or town to be looked up in a gazetteer.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::fold;

/// Mean radius of the earth in kilometres (IUGG mean radius R1).
pub const EARTH_RADIUS_KM: f64 = 6371.0088;

/// Where a person is to be found. Every part is optional; the first of these that is there counts: coordinates,
/// postcode, town (with its region, where the town's name is not unique).
#[derive(Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(default, deny_unknown_fields)]
pub struct Place {
    /// Degrees north, -90 to 90 (WGS 84).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = -90, max = 90)))]
    pub latitude: Option<f64>,
    /// Degrees east, -180 to 180 (WGS 84).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = -180, max = 180)))]
    pub longitude: Option<f64>,
    /// A postcode listed in the gazetteer.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// A town listed in the gazetteer; letter case does not matter.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub town: Option<String>,
    /// The state or region the town lies in, as the gazetteer names it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

impl Place {
    /// A place given by coordinates in degrees.
    pub fn at(latitude: f64, longitude: f64) -> Self {
        Self { latitude: Some(latitude), longitude: Some(longitude), ..Self::default() }
    }

    /// A place given by its postcode.
    pub fn postcode(postcode: impl Into<String>) -> Self {
        Self { postcode: Some(postcode.into()), ..Self::default() }
    }

    /// Nothing is known of the place.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

/// A point on the globe, in degrees (WGS 84).
#[derive(Clone, Copy, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Coordinates {
    /// Degrees north, -90 to 90.
    #[cfg_attr(feature = "schema", schemars(range(min = -90, max = 90)))]
    pub latitude: f64,
    /// Degrees east, -180 to 180.
    #[cfg_attr(feature = "schema", schemars(range(min = -180, max = 180)))]
    pub longitude: f64,
}

/// Nothing of where it is: it may be where somebody lives.
impl fmt::Debug for Coordinates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Coordinates(..)")
    }
}

impl Coordinates {
    /// The point as a unit vector from the centre of the earth. Two such vectors give a distance with one square
    /// root and one arcsine, without trigonometry for each pair.
    pub fn unit_vector(self) -> [f64; 3] {
        let (sin_lat, cos_lat) = self.latitude.to_radians().sin_cos();
        let (sin_lon, cos_lon) = self.longitude.to_radians().sin_cos();
        [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat]
    }

    /// Great-circle distance in kilometres on the sphere of [`EARTH_RADIUS_KM`]; at most 0.6 % from the distance
    /// on the ellipsoid.
    pub fn distance_km(self, other: Self) -> f64 {
        great_circle_km(self.unit_vector(), other.unit_vector())
    }
}

/// Great-circle distance in kilometres between two unit vectors. Works on the chord, which stays accurate for
/// near points where the cosine formula does not.
pub(crate) fn great_circle_km(a: [f64; 3], b: [f64; 3]) -> f64 {
    2.0 * EARTH_RADIUS_KM * (chord_squared(a, b).sqrt() / 2.0).min(1.0).asin()
}

/// The square of the straight line between two unit vectors.
#[inline]
pub(crate) fn chord_squared(a: [f64; 3], b: [f64; 3]) -> f64 {
    (a[0] - b[0]).powi(2) + (a[1] - b[1]).powi(2) + (a[2] - b[2]).powi(2)
}

/// One line of a gazetteer: a postcode, a town, or both, with where it lies.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GazetteerEntry {
    /// The postcode this line is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postcode: Option<String>,
    /// The town this line is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub town: Option<String>,
    /// The state or region it lies in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Degrees north, -90 to 90 (WGS 84).
    #[cfg_attr(feature = "schema", schemars(range(min = -90, max = 90)))]
    pub latitude: f64,
    /// Degrees east, -180 to 180 (WGS 84).
    #[cfg_attr(feature = "schema", schemars(range(min = -180, max = 180)))]
    pub longitude: f64,
    /// IANA time zone of the place, used for people who give none of their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub time_zone: Option<String>,
}

/// What looking a place up came to.
#[derive(Clone, Copy, PartialEq)]
pub enum Lookup<'a> {
    /// Nothing was given to look up.
    Nothing,
    /// The coordinates, with the gazetteer line they came from (none where they were given outright).
    Found(Coordinates, Option<&'a GazetteerEntry>),
    /// The postcode is not in the gazetteer.
    UnknownPostcode,
    /// The town is not in the gazetteer, or not in that region.
    UnknownTown,
    /// The town's name stands for so many different places; its region would tell them apart.
    AmbiguousTown(usize),
}

/// What it came to, not where.
impl fmt::Debug for Lookup<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Nothing => "Nothing",
            Self::Found(_, Some(_)) => "Found(.., listed)",
            Self::Found(_, None) => "Found(.., stated)",
            Self::UnknownPostcode => "UnknownPostcode",
            Self::UnknownTown => "UnknownTown",
            Self::AmbiguousTown(count) => return write!(f, "AmbiguousTown({count})"),
        })
    }
}

/// How many entries it has.
impl fmt::Debug for Gazetteer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Gazetteer({})", self.entries.len())
    }
}

/// Postcodes and towns with their coordinates and time zones.
#[derive(Clone, Default)]
pub struct Gazetteer {
    entries: Vec<GazetteerEntry>,
    by_postcode: HashMap<String, u32>,
    /// The first entry of each town's name, and how many places bear it.
    by_town: HashMap<String, (u32, usize)>,
    by_town_and_region: HashMap<(String, String), u32>,
}

impl Gazetteer {
    /// Indexes the entries. A postcode or a town of one region that stands twice counts by its first entry.
    pub fn new(entries: Vec<GazetteerEntry>) -> Self {
        let mut by_postcode = HashMap::new();
        let mut by_town: HashMap<String, (u32, usize)> = HashMap::new();
        let mut by_town_and_region = HashMap::new();
        let mut without_region = HashSet::new();
        for (index, entry) in entries.iter().enumerate() {
            if let Some(postcode) = &entry.postcode {
                by_postcode.entry(fold(postcode)).or_insert(index as u32);
            }
            if let Some(town) = &entry.town {
                let town = fold(town);
                let is_new = match folded_region(entry.region.as_deref()) {
                    None => without_region.insert(town.clone()),
                    Some(region) => {
                        let of_region = by_town_and_region.entry((town.clone(), region));
                        let is_new = matches!(of_region, Entry::Vacant(_));
                        of_region.or_insert(index as u32);
                        is_new
                    }
                };
                by_town.entry(town).or_insert((index as u32, 0)).1 += usize::from(is_new);
            }
        }
        Self { entries, by_postcode, by_town, by_town_and_region }
    }

    /// Whether any entry has a postcode, and whether any has a town.
    pub(crate) fn holds(&self) -> (bool, bool) {
        (!self.by_postcode.is_empty(), !self.by_town.is_empty())
    }

    /// The entries in their given order.
    pub fn entries(&self) -> &[GazetteerEntry] {
        &self.entries
    }

    /// Finds a place: its own coordinates if it has both, else by postcode, else by town and region.
    pub fn look_up(&self, place: &Place) -> Lookup<'_> {
        let listed = self.look_up_listed(place);
        match (place.latitude, place.longitude) {
            (Some(latitude), Some(longitude)) => {
                let entry = if let Lookup::Found(_, entry) = listed { entry } else { None };
                Lookup::Found(Coordinates { latitude, longitude }, entry)
            }
            _ => listed,
        }
    }

    fn look_up_listed(&self, place: &Place) -> Lookup<'_> {
        let found = |index: u32| {
            let entry = &self.entries[index as usize];
            let at = Coordinates { latitude: entry.latitude, longitude: entry.longitude };
            Lookup::Found(at, Some(entry))
        };
        if let Some(postcode) = &place.postcode {
            if let Some(&index) = self.by_postcode.get(&fold(postcode)) {
                return found(index);
            }
            if place.town.is_none() {
                return Lookup::UnknownPostcode;
            }
        }
        let Some(town) = &place.town else { return Lookup::Nothing };
        if let Some(region) = folded_region(place.region.as_deref()) {
            let index = self.by_town_and_region.get(&(fold(town), region));
            return index.map_or(Lookup::UnknownTown, |&index| found(index));
        }
        match self.by_town.get(&fold(town)) {
            None => Lookup::UnknownTown,
            Some(&(index, 1)) => found(index),
            Some(&(_, count)) => Lookup::AmbiguousTown(count),
        }
    }
}

/// A blank region is none.
fn folded_region(region: Option<&str>) -> Option<String> {
    region.map(fold).filter(|region| !region.is_empty())
}

/// Which parts are known, not what they are: where somebody lives does not belong into a log.
impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [
            ("coordinates", self.latitude.is_some() && self.longitude.is_some()),
            ("postcode", self.postcode.is_some()),
            ("town", self.town.is_some()),
        ];
        f.debug_list().entries(parts.iter().filter(|(_, known)| *known).map(|(part, _)| part)).finish()
    }
}
