//! Which conditions children have: how often, in which codes, found at what age, and what goes with what.
//!
//! **Common ones** by their prevalence among US children: NHIS 2015-17 (aged 3 to 17), asthma by NHIS and NSCH 2011-12
//! (1 in 11.4). A child with two of them counts in both prevalences; here the first condition is drawn in their
//! proportions, and others come on top as companions.
//!
//! **Rare ones** share what [`Settings::rare_conditions`](super::Settings::rare_conditions) gives them. Their weights
//! among each other are this project's own judgement, in the order of their frequency at birth or of onset, with the
//! heavier ones above it because their families ask for support more often. So are the codes within a group, the ages
//! and the companions.

use super::draw::{Draw, Table};
use crate::program::{Code, Concept, Taxonomy};

/// Conditions that are met together in the same families' lives.
#[derive(Debug)]
pub(super) struct Group {
    /// What the group is called in the issues' table.
    pub(super) name: &'static str,
    /// Prevalence in per cent for a common one, weight among the rare for a rare one.
    weight: f64,
    /// ICD-10-CM codes with weights.
    codes: &'static [(&'static str, f64)],
    /// Child's age at the diagnosis in years: earliest, most often, latest.
    found: (f64, f64, f64),
    /// Codes of other groups that come with it, and how often.
    companions: &'static [(&'static str, f64)],
}

const fn group(
    name: &'static str,
    weight: f64,
    found: (f64, f64, f64),
    codes: &'static [(&'static str, f64)],
    companions: &'static [(&'static str, f64)],
) -> Group {
    Group { name, weight, codes, found, companions }
}

/// By prevalence; the weights are the percentages of the source.
const COMMON: [Group; 11] = [
    group(
        "adhd",
        9.5,
        (4.0, 7.0, 16.0),
        &[("F90.2", 45.0), ("F90.0", 30.0), ("F90.9", 15.0), ("F90.1", 10.0)],
        &[("F81.9", 0.12), ("F91.3", 0.12), ("F41.9", 0.14), ("F81.0", 0.12), ("F84.0", 0.08)],
    ),
    group(
        "learning",
        7.9,
        (5.0, 8.0, 15.0),
        &[("F81.0", 55.0), ("F81.9", 20.0), ("F81.2", 15.0), ("F81.81", 10.0)],
        &[("F90.0", 0.25), ("F80.2", 0.1), ("F41.9", 0.08), ("F81.2", 0.08)],
    ),
    group(
        "delay",
        4.1,
        (0.5, 2.0, 6.0),
        &[("F88", 30.0), ("R62.50", 30.0), ("F89", 25.0), ("R62.0", 15.0)],
        &[("F80.1", 0.2), ("F82", 0.15), ("F80.2", 0.1), ("P07.25", 0.05)],
    ),
    group(
        "autism",
        2.5,
        (1.5, 4.0, 14.0),
        &[("F84.0", 86.0), ("F84.9", 8.0), ("F84.5", 6.0)],
        &[("F90.2", 0.25), ("F79", 0.15), ("F80.2", 0.15), ("F41.9", 0.12), ("G40.90", 0.07)],
    ),
    group("stuttering", 2.1, (2.5, 4.0, 9.0), &[("F80.81", 1.0)], &[("F80.0", 0.1), ("F41.9", 0.08)]),
    group(
        "intellectual",
        1.2,
        (2.0, 5.0, 12.0),
        &[("F70", 50.0), ("F71", 20.0), ("F79", 19.0), ("F72", 8.0), ("F73", 3.0)],
        &[("F84.0", 0.2), ("G40.90", 0.12), ("F90.2", 0.12), ("Q99.2", 0.04)],
    ),
    group(
        "epilepsy",
        0.8,
        (0.2, 5.0, 16.0),
        &[
            ("G40.90", 34.0),
            ("G40.20", 12.0),
            ("G40.A0", 12.0),
            ("G40.30", 10.0),
            ("G40.91", 10.0),
            ("G40.82", 9.0),
            ("G40.B0", 6.0),
            ("G40.81", 4.0),
            ("G40.83", 3.0),
        ],
        &[("F88", 0.15), ("F79", 0.15), ("F90.0", 0.12), ("G80.0", 0.06)],
    ),
    group(
        "hearing",
        0.6,
        (0.0, 0.5, 7.0),
        &[("H90.3", 55.0), ("H90.5", 12.0), ("H90.41", 9.0), ("H90.42", 9.0), ("H90.0", 8.0), ("H90.6", 7.0)],
        &[("F80.4", 0.3), ("F89", 0.06)],
    ),
    group(
        "cerebral palsy",
        0.3,
        (0.5, 1.5, 4.0),
        &[("G80.1", 32.0), ("G80.2", 29.0), ("G80.0", 22.0), ("G80.9", 12.0), ("G80.3", 5.0)],
        &[("G40.90", 0.35), ("F79", 0.3), ("P07.24", 0.12), ("Z93.1", 0.1), ("H54.7", 0.06)],
    ),
    group(
        "vision",
        0.2,
        (0.0, 1.0, 10.0),
        &[("H54.2X", 30.0), ("H54.0X", 25.0), ("H54.7", 20.0), ("H54.8", 15.0), ("H54.3", 10.0)],
        &[("F89", 0.12), ("F79", 0.1)],
    ),
    group(
        "asthma",
        100.0 / 11.4,
        (1.0, 4.0, 14.0),
        &[("J45.20", 35.0), ("J45.30", 25.0), ("J45.90", 20.0), ("J45.40", 15.0), ("J45.50", 5.0)],
        &[("F90.9", 0.08), ("F41.9", 0.05)],
    ),
];

/// By judgement; see the module's head.
const RARE: [Group; 17] = [
    group(
        "down",
        16.0,
        (0.0, 0.1, 1.0),
        &[("Q90.9", 55.0), ("Q90.0", 38.0), ("Q90.2", 5.0), ("Q90.1", 2.0)],
        &[("Q21.23", 0.25), ("F71", 0.15), ("F84.0", 0.08), ("H90.0", 0.08)],
    ),
    group(
        "heart",
        14.0,
        (0.0, 0.1, 3.0),
        &[
            ("Q21.0", 25.0),
            ("Q21.3", 15.0),
            ("Q23.4", 15.0),
            ("Q25.1", 13.0),
            ("Q20.3", 10.0),
            ("Q21.23", 10.0),
            ("Q22.0", 6.0),
            ("Q20.4", 6.0),
        ],
        &[("F88", 0.1), ("Q93.81", 0.05), ("Z93.1", 0.05)],
    ),
    group(
        "cancer",
        11.0,
        (0.5, 4.0, 17.0),
        &[
            ("C91.00", 45.0),
            ("C91.01", 15.0),
            ("C71.6", 15.0),
            ("C64.9", 9.0),
            ("C92.00", 9.0),
            ("C81.90", 7.0),
        ],
        &[("F43.20", 0.08)],
    ),
    group(
        "diabetes",
        10.0,
        (1.0, 10.0, 17.0),
        &[("E10.65", 45.0), ("E10.9", 40.0), ("E10.64", 15.0)],
        &[("F41.9", 0.06)],
    ),
    group(
        "premature",
        8.0,
        (0.0, 0.1, 0.5),
        &[("P07.24", 30.0), ("P07.25", 30.0), ("P07.23", 20.0), ("P27.1", 20.0)],
        &[("F88", 0.15), ("P27.1", 0.2), ("G80.1", 0.06), ("H54.2X", 0.03)],
    ),
    group(
        "genetic",
        9.0,
        (0.1, 2.0, 8.0),
        &[
            ("Q99.2", 25.0),
            ("Q93.81", 22.0),
            ("Q87.11", 15.0),
            ("Q93.51", 13.0),
            ("F84.2", 10.0),
            ("Q93.82", 9.0),
            ("Q93.52", 6.0),
        ],
        &[("F79", 0.3), ("G40.90", 0.2), ("F84.0", 0.12)],
    ),
    group(
        "spina bifida",
        5.0,
        (0.0, 0.1, 0.5),
        &[("Q05.2", 40.0), ("Q05.7", 30.0), ("Q05.4", 15.0), ("Q05.9", 15.0)],
        &[("F81.9", 0.12)],
    ),
    group("cystic fibrosis", 4.0, (0.0, 0.2, 4.0), &[("E84.0", 60.0), ("E84.9", 40.0)], &[("E84.19", 0.15)]),
    group("sickle cell", 4.0, (0.0, 0.2, 3.0), &[("D57.1", 60.0), ("D57.00", 25.0), ("D57.20", 15.0)], &[]),
    group(
        "cleft",
        3.0,
        (0.0, 0.05, 0.5),
        &[("Q37.5", 35.0), ("Q37.4", 30.0), ("Q35.9", 35.0)],
        &[("F80.0", 0.15), ("H90.0", 0.1)],
    ),
    group(
        "muscle",
        4.0,
        (0.2, 3.0, 9.0),
        &[("G71.01", 50.0), ("G12.1", 25.0), ("G12.0", 15.0), ("G71.02", 10.0)],
        &[],
    ),
    group(
        "hydrocephalus",
        3.0,
        (0.0, 0.2, 3.0),
        &[("Q03.9", 65.0), ("Q03.1", 35.0)],
        &[("F88", 0.15), ("G40.90", 0.12)],
    ),
    group("arthritis", 3.0, (1.0, 5.0, 16.0), &[("M08.40", 45.0), ("M08.00", 40.0), ("M08.20", 15.0)], &[]),
    group("bowel", 3.0, (5.0, 13.0, 17.0), &[("K50.90", 60.0), ("K51.90", 40.0)], &[("F41.9", 0.1)]),
    group(
        "mental health",
        8.0,
        (5.0, 13.0, 18.0),
        &[
            ("F41.1", 30.0),
            ("F41.9", 20.0),
            ("F32.1", 20.0),
            ("F32.9", 12.0),
            ("F40.10", 9.0),
            ("F42.9", 9.0),
        ],
        &[("F90.0", 0.12), ("F84.0", 0.08)],
    ),
    group("tics", 2.0, (5.0, 8.0, 14.0), &[("F95.2", 1.0)], &[("F90.2", 0.4), ("F42.9", 0.2)]),
    group(
        "metabolic and blood",
        4.0,
        (0.0, 0.3, 4.0),
        &[("E70.0", 35.0), ("D66", 40.0), ("N18.5", 25.0)],
        &[],
    ),
];

/// Full ICD-10-CM codes, finer than the taxonomy goes, and the taxonomy's code they refine.
const FINER: [(&str, &str); 5] = [
    ("G40.909", "G40.90"),
    ("G40.209", "G40.20"),
    ("J45.909", "J45.90"),
    ("H54.0X33", "H54.0X"),
    ("E10.649", "E10.64"),
];

/// The child of a family, as far as its conditions go.
#[derive(Debug, Clone)]
pub(super) struct Child {
    /// Position of the first condition's group.
    pub(super) group: usize,
    /// One to three codes, the first the one that the family asks about.
    pub(super) codes: Vec<Code>,
    /// The child's age at the first one's diagnosis, in years.
    pub(super) found_at: f64,
}

/// The groups, ready to be drawn from.
#[derive(Debug)]
pub(super) struct Conditions {
    common: Table,
    rare: Table,
    share_of_rare: f64,
}

impl Conditions {
    /// With this share of the rare among first conditions.
    pub(super) fn new(share_of_rare: f64) -> Self {
        let table = |groups: &[Group]| Table::new(groups.iter().map(|group| group.weight));
        Self { common: table(&COMMON), rare: table(&RARE), share_of_rare }
    }

    /// A child.
    pub(super) fn child(&self, draw: &mut Draw) -> Child {
        let position = if draw.chance(self.share_of_rare) {
            COMMON.len() + self.rare.draw(draw)
        } else {
            self.common.draw(draw)
        };
        let group = group_at(position);
        let first = by_weight(group.codes, draw);
        let mut codes: Vec<Code> = vec![first.into()];
        for &(code, share) in group.companions {
            let has_it = draw.chance(share);
            if has_it && codes.len() < 3 && code != first {
                codes.push(code.into());
            }
        }
        let (earliest, mostly, latest) = group.found;
        Child { group: position, codes, found_at: draw.triangular(earliest, mostly, latest) }
    }
}

/// How many groups there are, the common ones first.
pub(super) fn group_count() -> usize {
    COMMON.len() + RARE.len()
}

/// A group by its position.
pub(super) fn group_at(position: usize) -> &'static Group {
    if position < COMMON.len() { &COMMON[position] } else { &RARE[(position - COMMON.len()) % RARE.len()] }
}

/// The code as a clinic's export has it, finer than the taxonomy goes; some other finer code where there is none.
pub(super) fn finer(code: &Code, draw: &mut Draw) -> Code {
    let other = draw.pick(&FINER).0;
    FINER.iter().find(|(_, known)| *known == code.as_str()).map_or(other, |&(finer, _)| finer).into()
}

/// Whether both codes lie in one block of ICD-10-CM, such as F80-F89.
pub(super) fn share_a_block(taxonomy: &Taxonomy, a: &Code, b: &Code) -> bool {
    let mut above = Some(a);
    while let Some(code) = above {
        if code.as_str().contains('-') {
            return taxonomy.is_same_or_below(b, code);
        }
        above = taxonomy.concept(code).and_then(|concept| concept.parents.first());
    }
    false
}

fn by_weight(codes: &'static [(&'static str, f64)], draw: &mut Draw) -> &'static str {
    let total: f64 = codes.iter().map(|(_, weight)| weight).sum();
    let mut left = draw.unit() * total;
    let mut last = "F89";
    for &(code, weight) in codes {
        last = code;
        if left < weight {
            break;
        }
        left -= weight;
    }
    last
}

/// The taxonomy: ICD-10-CM of childhood, see the data's own README.
pub(super) fn taxonomy() -> Vec<Concept> {
    let mut reader = csv::Reader::from_reader(include_str!("data/conditions.csv").as_bytes());
    let concept = |row: csv::StringRecord| {
        let (code, parent, name) = (row.get(0)?, row.get(1)?, row.get(2)?);
        let parents = if parent.is_empty() { Vec::new() } else { vec![parent.into()] };
        Some(Concept { code: code.into(), parents, name: name.to_owned() })
    };
    reader.records().filter_map(|row| concept(row.ok()?)).collect()
}

#[cfg(test)]
mod tests {
    use super::super::draw::Stream;
    use super::*;

    #[test]
    fn every_code_that_can_be_drawn_stands_in_the_taxonomy_and_the_finer_ones_do_not() {
        let (taxonomy, faults) = Taxonomy::new(taxonomy());
        assert!(faults.is_empty(), "{faults:?}");
        assert_eq!(taxonomy.len(), include_str!("data/conditions.csv").lines().count() - 1);
        for group in COMMON.iter().chain(&RARE) {
            for (code, _) in group.codes.iter().chain(group.companions) {
                assert!(taxonomy.concept(&(*code).into()).is_some(), "{}: {code}", group.name);
            }
            let (earliest, mostly, latest) = group.found;
            assert!(earliest <= mostly && mostly <= latest && latest <= 21.0, "{}", group.name);
        }
        for (finer, known) in FINER {
            assert!(taxonomy.concept(&finer.into()).is_none(), "{finer}");
            assert!(taxonomy.concept(&known.into()).is_some(), "{known}");
        }
    }

    #[test]
    fn blocks_are_those_of_the_coding_system() {
        let (taxonomy, _) = Taxonomy::new(taxonomy());
        let share = |a: &str, b: &str| share_a_block(&taxonomy, &a.into(), &b.into());
        assert!(share("F84.0", "F81.0") && share("F70", "F73"));
        assert!(!share("F84.0", "F90.2") && !share("G40.909", "G40.90"));
    }

    #[test]
    fn first_conditions_follow_the_prevalences() {
        let conditions = Conditions::new(0.25);
        let mut draw = Draw::new(1, Stream::Past, 0);
        let mut count = vec![0_u32; group_count()];
        for _ in 0..100_000 {
            let child = conditions.child(&mut draw);
            assert!((1..=3).contains(&child.codes.len()));
            count[child.group] += 1;
        }
        let all: f64 = COMMON.iter().map(|group| group.weight).sum();
        for (position, group) in COMMON.iter().enumerate() {
            let wanted = 75_000.0 * group.weight / all;
            let off = (f64::from(count[position]) - wanted).abs();
            assert!(off < 5.0 * wanted.sqrt(), "{}: {} for {wanted}", group.name, count[position]);
        }
    }
}
