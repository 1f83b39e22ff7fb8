//! Attributes and wishes as small numbers.

use std::collections::HashMap;

use super::veto::Side;
use crate::policy::Requirements;
use crate::program::{Attributes, GENDER, Preference, Program, Strength, Wish, fold};

/// One value of one attribute of a person: number of the attribute, number of the value.
pub(super) type Trait = (u32, u32);

/// The numbers of attribute names and of their values, letter case aside.
#[derive(Debug, Clone, Default)]
pub(super) struct Symbols {
    names: HashMap<String, u32>,
    values: HashMap<String, u32>,
    spelled: Vec<String>,
}

impl Symbols {
    pub(super) fn new(program: &Program) -> Self {
        let mut symbols = Self::default();
        symbols.name(GENDER);
        let participants = program.participants().iter().map(|p| (&p.attributes, &p.gender, &p.preferences));
        let supporters = program.supporters().iter().map(|s| (&s.attributes, &s.gender, &s.preferences));
        for (attributes, gender, preferences) in participants.chain(supporters) {
            for (name, values) in attributes {
                symbols.name(name);
                for value in values {
                    symbols.value(value);
                }
            }
            if let Some(value) = gender {
                symbols.value(value);
            }
            for preference in preferences {
                symbols.name(&preference.attribute);
                match &preference.wish {
                    Wish::AnyOf(values) | Wish::NoneOf(values) => {
                        for value in values {
                            symbols.value(value);
                        }
                    }
                    Wish::Same | Wish::Different => {}
                }
            }
        }
        symbols
    }

    fn name(&mut self, name: &str) {
        let next = self.spelled.len() as u32;
        if let std::collections::hash_map::Entry::Vacant(entry) = self.names.entry(fold(name)) {
            entry.insert(next);
            self.spelled.push(name.trim().to_owned());
        }
    }

    fn value(&mut self, value: &str) {
        let next = self.values.len() as u32;
        self.values.entry(fold(value)).or_insert(next);
    }

    /// An attribute's name as it was first written.
    pub(super) fn spelled(&self, attribute: u32) -> &str {
        &self.spelled[attribute as usize]
    }

    /// A person's attributes and gender, sorted.
    pub(super) fn traits(&self, attributes: &Attributes, gender: Option<&String>) -> Vec<Trait> {
        let gender = gender.map(|value| (GENDER, value));
        let all = attributes
            .iter()
            .flat_map(|(name, values)| values.iter().map(move |value| (name.as_str(), value)));
        let mut traits: Vec<Trait> = all
            .chain(gender)
            .filter_map(|(name, value)| {
                Some((*self.names.get(&fold(name))?, *self.values.get(&fold(value))?))
            })
            .collect();
        traits.sort_unstable();
        traits.dedup();
        traits
    }

    /// A person's wishes, ready to be judged against the other side's traits.
    pub(super) fn wishes(&self, preferences: &[Preference], own: &[Trait]) -> Vec<CompiledWish> {
        let compile = |preference: &Preference| {
            let attribute = *self.names.get(&fold(&preference.attribute))?;
            let listed = |values: &[String]| -> Vec<u32> {
                values.iter().filter_map(|value| self.values.get(&fold(value)).copied()).collect()
            };
            let mine = || -> Vec<u32> { values_of(own, attribute).map(|(_, value)| *value).collect() };
            let (values, wanted, own_unknown) = match &preference.wish {
                Wish::AnyOf(values) => (listed(values), true, false),
                Wish::NoneOf(values) => (listed(values), false, false),
                Wish::Same => (mine(), true, mine().is_empty()),
                Wish::Different => (mine(), false, mine().is_empty()),
            };
            Some(CompiledWish {
                attribute,
                values,
                wanted,
                own_unknown,
                must: preference.strength == Strength::MustHave,
                weight: ((preference.weight * 1000.0).round() as u32).clamp(1, 1_000_000),
            })
        };
        preferences.iter().filter_map(compile).collect()
    }
}

/// A wish in numbers.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(super) struct CompiledWish {
    pub(super) attribute: u32,
    values: Vec<u32>,
    /// One of the values is wanted; else none of them is.
    wanted: bool,
    /// "The same as mine", from somebody whose own is not known.
    own_unknown: bool,
    pub(super) must: bool,
    pub(super) weight: u32,
}

impl CompiledWish {
    /// Of whom the attribute is not known, where it is not.
    pub(super) fn unknown_of(&self, wisher: Side) -> Side {
        match (self.own_unknown, wisher) {
            (true, own) => own,
            (false, Side::Participant) => Side::Supporter,
            (false, Side::Supporter) => Side::Participant,
        }
    }

    /// Whether a must-have that is met so stands in nobody's way.
    pub(super) fn holds(met: Option<bool>, requirements: &Requirements) -> bool {
        !requirements.must_haves || met.unwrap_or(!requirements.unknown_must_haves)
    }

    /// Whether the wish is met; `None` where the other side's attribute is not known.
    pub(super) fn met_by(&self, traits: &[Trait]) -> Option<bool> {
        if self.own_unknown {
            return None;
        }
        let mut values = values_of(traits, self.attribute).peekable();
        values.peek()?;
        let has = values.any(|(_, value)| self.values.contains(value));
        Some(has == self.wanted)
    }
}

/// How one side's wishes fare with the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fare {
    /// How many would-likes were stated.
    pub(super) stated: u32,
    met_weight: u64,
    judged_weight: u64,
    /// A must-have is not met, or not known to be met where the policy demands that.
    pub(super) fails: bool,
}

impl Fare {
    /// Without a wish.
    pub(super) const NONE: Self = Self { stated: 0, met_weight: 0, judged_weight: 0, fails: false };

    pub(super) fn of(wishes: &[CompiledWish], traits: &[Trait], requirements: &Requirements) -> Self {
        let mut fare = Self::NONE;
        for wish in wishes {
            let met = wish.met_by(traits);
            if wish.must {
                fare.fails |= !CompiledWish::holds(met, requirements);
                continue;
            }
            fare.stated += 1;
            if let Some(met) = met {
                fare.judged_weight += u64::from(wish.weight);
                if met {
                    fare.met_weight += u64::from(wish.weight);
                }
            }
        }
        fare
    }

    /// The weighted share of the would-likes that are met, of those that can be judged.
    pub(super) fn share(&self) -> Option<f64> {
        (self.judged_weight > 0).then(|| self.met_weight as f64 / self.judged_weight as f64)
    }
}

fn values_of(traits: &[Trait], attribute: u32) -> impl Iterator<Item = &Trait> {
    let start = traits.partition_point(|&(name, _)| name < attribute);
    traits[start..].iter().take_while(move |&&(name, _)| name == attribute)
}
