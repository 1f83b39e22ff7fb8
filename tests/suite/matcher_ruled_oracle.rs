//! What a small programme lives under, rules about matches together or the worst-off first, counted by hand over every
//! matching there is.

use std::collections::BTreeSet;

use peermatch::policy::rules::{Counted, Open, Quota, Together};
use peermatch::policy::{Rule, RuleKind};
use peermatch::{Matcher, Policy};

use crate::matcher_oracle::{Draw, HELPERS, PEOPLE, Plan, World, helper, person, plan};

/// A rule as the oracle counts it.
#[derive(Clone, Debug)]
pub(crate) enum Asks {
    Together(usize, usize),
    Apart(usize, usize),
    /// No more than so many matches, or no fewer, with these supporters.
    AtMost(usize, [usize; 2]),
    AtLeast(usize, [usize; 2]),
    /// Whoever takes anybody takes two.
    Two,
}

/// What a programme lives under.
#[derive(Clone, Debug)]
pub(crate) struct Under {
    /// Each rule with its price in millionths, if it is soft.
    pub(crate) rules: Vec<(Asks, Option<i64>)>,
    pub(crate) fair: bool,
}

/// How good a plan is, more is better.
pub(crate) type Value = (i64, Vec<i64>, i64, i64);

impl Under {
    pub(crate) fn new(seed: u64, fair: bool) -> Self {
        if fair {
            return Self { rules: Vec::new(), fair };
        }
        let mut draw = Draw(seed.wrapping_mul(7_919));
        let mut rules = Vec::new();
        for _ in 0..=draw.below(2) {
            let one = draw.below(PEOPLE as u64) as usize;
            let other = (one + 1 + draw.below(PEOPLE as u64 - 1) as usize) % PEOPLE;
            let helper = draw.below(HELPERS as u64) as usize;
            let helpers = [helper, (helper + 1) % HELPERS];
            let asks = match draw.below(6) {
                0 => Asks::Together(one, other),
                1 => Asks::Apart(one, other),
                2 | 3 => Asks::AtMost(1, helpers),
                4 => Asks::AtLeast(1, helpers),
                _ => Asks::Two,
            };
            rules.push((asks, (draw.below(2) == 0).then_some(240_000)));
        }
        Self { rules, fair }
    }

    pub(crate) fn policy(&self, world: &World) -> Policy {
        let mut policy = world.policy();
        policy.objective.worst_off_first = self.fair;
        let people = |one: usize, other: usize| Together { participants: vec![person(one), person(other)] };
        let quota = |helpers: &[usize], at_least, at_most| {
            let mut count = Counted::default();
            count.supporter.ids = helpers.iter().map(|&one| helper(one).to_string()).collect();
            RuleKind::Quota(Box::new(Quota { count, at_least, at_most, ..Quota::default() }))
        };
        for (number, (asks, price)) in self.rules.iter().enumerate() {
            let kind = match asks {
                &Asks::Together(one, other) => RuleKind::Together(people(one, other)),
                &Asks::Apart(one, other) => RuleKind::Apart(people(one, other)),
                Asks::AtMost(most, helpers) => quota(helpers, None, Some(*most as u32)),
                Asks::AtLeast(least, helpers) => quota(helpers, Some(*least as u32), None),
                Asks::Two => RuleKind::Open(Box::new(Open { at_least: 2, ..Open::default() })),
            };
            let rule = Rule::new(format!("rule {number}"), kind);
            policy.rules.push(match price {
                Some(price) => rule.soft(*price as f64 / 1e6),
                None => rule,
            });
        }
        policy
    }

    /// By how many matches a rule is missed; what is pinned excuses an excess of itself.
    fn missed(asks: &Asks, world: &World, plan: &Plan) -> i64 {
        let load = |plan: &Plan, helpers: &[usize]| {
            plan.iter().flatten().filter(|own| helpers.contains(own)).count() as i64
        };
        let pinned: Plan =
            (0..PEOPLE).map(|one| world.stood[one].filter(|_| world.pinned.contains(&one))).collect();
        match asks {
            &Asks::Together(one, other) if plan[one] != plan[other] => {
                [plan[one], plan[other]].iter().flatten().count() as i64
            }
            Asks::Together(..) => 0,
            &Asks::Apart(one, other) => {
                let both = plan[one].is_some() && plan[one] == plan[other];
                i64::from(both && !(pinned[one].is_some() && pinned[one] == pinned[other]))
            }
            Asks::AtMost(most, helpers) => {
                (load(plan, helpers) - (*most as i64).max(load(&pinned, helpers))).max(0)
            }
            Asks::AtLeast(least, helpers) => (*least as i64 - load(plan, helpers)).max(0),
            Asks::Two => (0..HELPERS).filter(|&other| load(plan, &[other]) == 1).count() as i64,
        }
    }

    /// How good a plan is; none where a firm rule does not hold.
    pub(crate) fn value(&self, world: &World, plan: &Plan) -> Option<Value> {
        let (served, mut quality, kept) = world.value(plan);
        for (asks, price) in &self.rules {
            let missed = Self::missed(asks, world, plan);
            match price {
                None if missed > 0 => return None,
                None => {}
                Some(price) => quality -= price * missed,
            }
        }
        let outcome = |one: usize| match plan[one] {
            None => world.left_is_worth.unwrap_or(0),
            Some(other) => {
                let stays = world.stood[one] == Some(other);
                world.score(one, other).unwrap() + if stays { world.change_price } else { 0 }
            }
        };
        let mut outcomes: Vec<i64> = Vec::new();
        if self.fair {
            outcomes.extend((0..PEOPLE).filter(|one| !world.pinned.contains(one)).map(outcome));
            outcomes.sort_unstable();
        }
        Some((served, outcomes, quality, kept))
    }

    /// The best of the plans that are allowed, others at a price, and every value that one of these has.
    fn best(
        &self,
        world: &World,
        allowed: &dyn Fn(&Plan) -> bool,
        price: &dyn Fn(&Plan) -> i64,
    ) -> BTreeSet<Value> {
        let valued = world.plans().into_iter().filter(|plan| allowed(plan)).filter_map(|plan| {
            let value = self.value(world, &plan)?;
            let dear = (value.0, value.1.clone(), value.2 - price(&plan), value.3);
            Some((dear, value))
        });
        let valued: Vec<(Value, Value)> = valued.collect();
        let best = valued.iter().map(|both| both.0.clone()).max();
        valued.into_iter().filter(|both| Some(&both.0) == best.as_ref()).map(|both| both.1).collect()
    }

    /// The best there is.
    pub(crate) fn whole(&self, world: &World) -> BTreeSet<Value> {
        self.best(world, &|_| true, &|_| 0)
    }

    /// The best in which no more than so many matches of others end, and the best there is where there is none.
    pub(crate) fn limited(
        &self,
        world: &World,
        concerned: &[usize],
        most: i64,
        price: i64,
    ) -> BTreeSet<Value> {
        let ended = |plan: &Plan| {
            let ends = |one: &usize| world.stood[*one].is_some() && plan[*one] != world.stood[*one];
            (0..PEOPLE).filter(|one| !concerned.contains(one)).filter(ends).count() as i64
        };
        let found = self.best(world, &|plan| ended(plan) <= most, &|plan| price * ended(plan));
        if found.is_empty() { self.whole(world) } else { found }
    }

    pub(crate) fn living(&self, world: &World) -> Matcher {
        world.living_under(self.policy(world))
    }

    pub(crate) fn made(&self, world: &World, matcher: &Matcher) -> Value {
        assert!(matcher.verify_kept().unwrap().is_valid());
        assert!(matcher.verify_rules().unwrap().is_valid());
        let plan = plan(matcher);
        assert!(world.plans().contains(&plan), "{plan:?} cannot be");
        self.value(world, &plan).expect("every firm rule holds")
    }
}

/// Programmes that stand at an optimum under rules, or with the worst-off first.
pub(crate) fn worlds(full: bool, count: u64) -> impl Iterator<Item = (World, Under)> {
    (0..count).filter_map(move |seed| {
        let fair = seed % 4 == 3;
        let mut world = World::new(seed, full);
        let under = Under::new(seed, fair);
        world.pinned.clear();
        let best = under.whole(&world).pop_last()?;
        let stands =
            world.plans().into_iter().find(|plan| under.value(&world, plan).as_ref() == Some(&best))?;
        world.stood = stands;
        if full {
            world.pinned.extend((0..PEOPLE).find(|&one| world.stood[one].is_some()));
        }
        // Pins excuse some, and a policy is refused beside a programme in which nobody could keep it.
        let stood = under.value(&world, &world.stood)?;
        let sound =
            under.whole(&world).pop_last()? == stood && world.matcher_under(under.policy(&world)).is_ok();
        sound.then_some((world, under))
    })
}
