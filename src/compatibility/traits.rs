//! Attributes and wishes as small numbers.

use super::numbered::Numbered;
use super::veto::Side;
use crate::policy::Requirements;
use crate::program::{Attributes, GENDER, Preference, Strength, Wish, fold};

/// One value of one attribute of a person: number of the attribute, number of the value.
pub(super) type Trait = (u32, u32);

/// The numbers of attribute names and of their values, letter case aside.
#[derive(Debug, Clone, Default)]
pub(super) struct Symbols {
    names: Numbered<String>,
    values: Numbered<String>,
}

impl Symbols {
    /// A person's attributes and gender, sorted, and the wishes in their order, ready to be judged against the other
    /// side's traits.
    pub(super) fn take(
        &mut self,
        attributes: &Attributes,
        gender: Option<&String>,
        preferences: &[Preference],
    ) -> (Vec<Trait>, Vec<CompiledWish>) {
        let all =
            attributes.iter().flat_map(|(name, values)| values.iter().map(move |value| (&name[..], value)));
        let all = all.chain(gender.map(|value| (GENDER, value)));
        let mut traits: Vec<Trait> = all.map(|(name, value)| (self.name(name), self.value(value))).collect();
        traits.sort_unstable();
        traits.dedup_by(|later, kept| {
            let same = later == kept;
            if same {
                self.release(&[*later], &[]);
            }
            same
        });
        let wishes = preferences.iter().map(|preference| self.wish(preference, &traits)).collect();
        (traits, wishes)
    }

    /// These traits and wishes are used no more.
    pub(super) fn release(&mut self, traits: &[Trait], wishes: &[CompiledWish]) {
        for &(name, value) in traits {
            self.names.release(name);
            self.values.release(value);
        }
        for wish in wishes {
            self.names.release(wish.attribute);
            for &value in &wish.values {
                self.values.release(value);
            }
        }
    }

    fn name(&mut self, name: &str) -> u32 {
        self.names.take(&fold(name)).0
    }

    fn value(&mut self, value: &str) -> u32 {
        self.values.take(&fold(value)).0
    }

    fn wish(&mut self, preference: &Preference, own: &[Trait]) -> CompiledWish {
        let attribute = self.name(&preference.attribute);
        let mut listed = |values: &[String]| values.iter().map(|value| self.value(value)).collect();
        let (values, wanted): (Vec<u32>, bool) = match &preference.wish {
            Wish::AnyOf(values) => (listed(values), true),
            Wish::NoneOf(values) => (listed(values), false),
            Wish::Same | Wish::Different => {
                let mine = values_of(own, attribute).map(|&(_, value)| self.values.hold(value));
                (mine.collect(), preference.wish == Wish::Same)
            }
        };
        CompiledWish {
            attribute,
            own_unknown: values.is_empty() && matches!(preference.wish, Wish::Same | Wish::Different),
            values,
            wanted,
            must: preference.strength == Strength::MustHave,
            weight: ((preference.weight * 1000.0).round() as u32).clamp(1, 1_000_000),
        }
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
