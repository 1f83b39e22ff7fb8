//! What a supporter's baseball card shows. First names are among the common ones of the United States; with an initial
//! drawn apart from them they stand for nobody.

use std::collections::BTreeMap;

use super::draw::Draw;
use crate::program::{Card, CardField, Shared};

const OF_WOMEN: [&str; 40] = [
    "Maria",
    "Jennifer",
    "Lisa",
    "Angela",
    "Michelle",
    "Kimberly",
    "Amy",
    "Melissa",
    "Rebecca",
    "Laura",
    "Stephanie",
    "Rachel",
    "Nicole",
    "Heather",
    "Christina",
    "Andrea",
    "Tonya",
    "Keisha",
    "Latoya",
    "Ana",
    "Carmen",
    "Linh",
    "Mei",
    "Grace",
    "Hannah",
    "Emily",
    "Sarah",
    "Katherine",
    "Danielle",
    "Monica",
    "Tamika",
    "Brenda",
    "Susan",
    "Teresa",
    "Denise",
    "Yolanda",
    "Fatima",
    "Priya",
    "Erin",
    "Julie",
];
const OF_MEN: [&str; 20] = [
    "James", "Michael", "David", "John", "Robert", "Carlos", "Jose", "Marcus", "Andre", "Kevin", "Brian",
    "Daniel", "Anthony", "Minh", "Samuel", "Thomas", "Eric", "Luis", "Omar", "William",
];
const OF_ANYONE: [&str; 6] = ["Alex", "Jordan", "Casey", "Riley", "Morgan", "Taylor"];
const INITIALS: [char; 20] =
    ['A', 'B', 'C', 'D', 'E', 'F', 'G', 'H', 'J', 'K', 'L', 'M', 'N', 'O', 'P', 'R', 'S', 'T', 'V', 'W'];

const LIKES: [&str; 16] = [
    "hiking",
    "gardening",
    "baking bread",
    "college football",
    "country music",
    "gospel choir",
    "reading mysteries",
    "quilting",
    "fishing",
    "running",
    "board games",
    "old movies",
    "cooking for a crowd",
    "drawing",
    "basketball",
    "long walks with the dog",
];
const GOOD_AT: [&str; 14] = [
    "listening",
    "preparing for school meetings",
    "finding respite care",
    "waiver paperwork",
    "talking with doctors",
    "keeping a sense of humor",
    "brothers and sisters",
    "insurance appeals",
    "getting through hospital stays",
    "making a plan for the week",
    "being a dad in all this",
    "first steps after a diagnosis",
    "celebrating small wins",
    "bedtime routines",
];
const FAMILY: [&str; 8] = [
    "one child",
    "two children",
    "two boys",
    "two girls",
    "three children",
    "four children and a dog",
    "twins",
    "a full house with grandma",
];
const WORK: [&str; 12] = [
    "nurse",
    "teacher",
    "stays at home",
    "drives a delivery truck",
    "runs a small shop",
    "office manager",
    "retired from the army",
    "works nights at a warehouse",
    "hair stylist",
    "accountant",
    "substitute teacher",
    "self-employed",
];

/// A card, with consent to each of its fields: to the name by 92 %, the photo by 68 %, each fact by 90 %.
pub(super) fn card(id: &str, gender: &str, draw: &mut Draw) -> Card {
    let name = match gender {
        "female" => draw.pick(&OF_WOMEN),
        "male" => draw.pick(&OF_MEN),
        _ => draw.pick(&OF_ANYONE),
    };
    let field = |value: String, share: f64, draw: &mut Draw| CardField { value, consent: draw.chance(share) };
    let name = field(format!("{name} {}.", draw.pick(&INITIALS)), 0.92, draw);
    let has_photo = draw.chance(0.8);
    let photo = field(format!("photos/{id}.jpg"), 0.68, draw);
    let mut facts = BTreeMap::new();
    let mut fact = |share: f64, label: &str, value: &str, draw: &mut Draw| {
        if draw.chance(share) {
            facts.insert(label.to_owned(), field(value.to_owned(), 0.9, draw));
        }
    };
    let (likes, good_at) = (draw.pick(&LIKES), draw.pick(&GOOD_AT));
    let (family, work) = (draw.pick(&FAMILY), draw.pick(&WORK));
    fact(0.85, "Likes", likes, draw);
    fact(0.7, "Good at", good_at, draw);
    fact(0.5, "Family", family, draw);
    fact(0.35, "Work", work, draw);
    // Whoever shows a picture has nothing against what many share either.
    let shares =
        if photo.consent { Shared::ALL.into() } else { [Shared::Conditions, Shared::Languages].into() };
    Card { name: Some(name), photo: has_photo.then_some(photo), facts, shares, ..Card::default() }
}
