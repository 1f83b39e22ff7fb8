//! Small programmes of which every matching can be tried, for what a living matcher promises.
//!
//! The oracle knows scores, places and who stood where, and neither network nor repair: it lists all matchings, leaves
//! out those that move more people than they may, and takes the best.

use std::collections::BTreeSet;
use std::sync::Arc;

use peermatch::matcher::Control;
use peermatch::policy::{Assessment, Balance, Criterion, Pair};
use peermatch::program::{
    History, Hold, Participant, ParticipantId, ProgramData, StandingMatch, Supervisor, Supporter, SupporterId,
};
use peermatch::{Matcher, Policy, Program};

use crate::random_programme::TODAY;

pub(crate) const PEOPLE: usize = 4;
pub(crate) const HELPERS: usize = 5;

/// Whom each participant has.
pub(crate) type Plan = Vec<Option<usize>>;

/// How good a matching is, rung by rung: who is served, quality, matches that went on.
pub(crate) type Value = (i64, i64, i64);

/// A programme as the oracle knows it. Scores are millionths.
#[derive(Clone)]
pub(crate) struct World {
    /// What two criteria say of each pair, if it is possible.
    pub(crate) tables: [Vec<Vec<Option<i64>>>; 2],
    /// How much each of the two weighs.
    pub(crate) weights: [i64; 2],
    pub(crate) urgency: Vec<i64>,
    pub(crate) places: Vec<usize>,
    /// How many the first two supporters may have together.
    pub(crate) caseload: usize,
    pub(crate) further_match_price: i64,
    pub(crate) change_price: i64,
    /// What being left is worth, where serving does not come first.
    pub(crate) left_is_worth: Option<i64>,
    /// Where everybody stood before the change.
    pub(crate) stood: Plan,
    pub(crate) pinned: BTreeSet<usize>,
}

/// Numbers that look like chance (splitmix64).
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn below(&mut self, count: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % count
    }
}

impl World {
    /// One of many programmes; `full` has prices of loads, a supervisor and somebody who is pinned.
    pub(crate) fn new(seed: u64, full: bool) -> Self {
        let mut draw = Draw(seed);
        let mut table = |possible: u64| -> Vec<Vec<Option<i64>>> {
            let mut pair = || {
                // Four parts in a thousand, so that weighted sums of two are whole.
                let score = 4_000 * draw.below(251) as i64;
                (draw.below(10) < possible).then_some(score)
            };
            (0..PEOPLE).map(|_| (0..HELPERS).map(|_| pair()).collect()).collect()
        };
        let tables = [table(6), table(10)];
        let places: Vec<usize> = (0..HELPERS).map(|_| 1 + usize::from(draw.below(4) == 0)).collect();
        let urgency = (0..PEOPLE).map(|_| draw.below(3) as i64).collect();
        let mut world = Self {
            tables,
            weights: [10, 10],
            urgency,
            places,
            caseload: if full { 2 } else { usize::MAX },
            further_match_price: if full { 52_000 } else { 0 },
            change_price: [0, 100_000, 300_000][draw.below(3) as usize],
            left_is_worth: (draw.below(4) == 0).then_some(400_000),
            stood: vec![None; PEOPLE],
            pinned: BTreeSet::new(),
        };
        // Where everybody stands is as good as chance made it, so that there is something to gain.
        let all = world.plans();
        world.stood.clone_from(&all[draw.below(all.len() as u64) as usize]);
        world.stood = world.best(&|_| true).1.swap_remove(0);
        if full {
            world.pinned.extend((0..PEOPLE).find(|&one| world.stood[one].is_some()));
        }
        world
    }

    /// Everything that happens to be alike for two people, and whether they may meet.
    pub(crate) fn score(&self, one: usize, other: usize) -> Option<i64> {
        let [first, second] = [0, 1].map(|table| self.tables[table][one][other]);
        let [a, b] = self.weights;
        Some((first? * a + second? * b) / (a + b))
    }

    pub(crate) fn forbid(&mut self, one: usize, other: usize) {
        self.tables[0][one][other] = None;
    }

    pub(crate) fn plans(&self) -> Vec<Plan> {
        let mut all = vec![Vec::new()];
        for one in 0..PEOPLE {
            let mut longer = Vec::new();
            for plan in &all {
                let choices = (0..HELPERS).filter(|&other| self.score(one, other).is_some()).map(Some);
                for own in choices.chain([None]) {
                    let plan: Plan = plan.iter().copied().chain([own]).collect();
                    if self.fits(&plan) {
                        longer.push(plan);
                    }
                }
            }
            all = longer;
        }
        all.retain(|plan| self.pinned.iter().all(|&one| plan[one] == self.stood[one]));
        all
    }

    pub(crate) fn fits(&self, plan: &[Option<usize>]) -> bool {
        let load = |other: usize| plan.iter().filter(|&&own| own == Some(other)).count();
        (0..HELPERS).all(|other| load(other) <= self.places[other]) && load(0) + load(1) <= self.caseload
    }

    /// How good a plan is; whoever stays where they stood is worth the price of a change more.
    pub(crate) fn value(&self, plan: &Plan) -> Value {
        let mut value = (0, 0, 0);
        for (one, own) in plan.iter().copied().enumerate() {
            let Some(other) = own else {
                value.1 += self.left_is_worth.unwrap_or(0);
                continue;
            };
            value.0 += if self.left_is_worth.is_none() { 1 + self.urgency[one] } else { 0 };
            value.1 += self.score(one, other).unwrap();
            if self.stood[one] == Some(other) && !self.pinned.contains(&one) {
                value.1 += self.change_price;
                value.2 += 1;
            }
        }
        for other in 0..HELPERS {
            let load = plan.iter().filter(|&&own| own == Some(other)).count() as i64;
            value.1 -= self.further_match_price * load * (load - 1) / 2;
        }
        value
    }

    /// The best value of the plans that are allowed, and all plans that have it.
    pub(crate) fn best(&self, allowed: &dyn Fn(&Plan) -> bool) -> (Value, Vec<Plan>) {
        self.best_by(allowed, &|_| 0)
    }

    /// The same with a price beside.
    fn best_by(&self, allowed: &dyn Fn(&Plan) -> bool, price: &dyn Fn(&Plan) -> i64) -> (Value, Vec<Plan>) {
        let plans: Vec<Plan> = self.plans().into_iter().filter(|plan| allowed(plan)).collect();
        let value = |plan: &Plan| {
            let (served, quality, kept) = self.value(plan);
            (served, quality - price(plan), kept)
        };
        let best = plans.iter().map(value).max().unwrap();
        (best, plans.into_iter().filter(|plan| value(plan) == best).collect())
    }

    /// Others than those who are concerned whose match is another than before.
    pub(crate) fn others(&self, plan: &Plan, concerned: &[usize]) -> i64 {
        (0..PEOPLE).filter(|one| !concerned.contains(one) && plan[*one] != self.stood[*one]).count() as i64
    }

    /// Whoever waits and is not concerned.
    pub(crate) fn waiting(&self, concerned: &[usize]) -> Vec<usize> {
        (0..PEOPLE).filter(|one| self.stood[*one].is_none() && !concerned.contains(one)).collect()
    }

    /// The best that moves no more than `most` others, each at `price` more than usual, before those who wait are let
    /// in; then those who wait have what is free. `fixed` stay. All values this may lead to.
    pub(crate) fn limited(
        &self,
        concerned: &[usize],
        most: i64,
        price: i64,
        fixed: &[usize],
    ) -> BTreeSet<Value> {
        let waiting = self.waiting(concerned);
        let stays = |plan: &Plan| {
            let still = |one: &usize| plan[*one] == self.stood[*one];
            waiting.iter().all(still) && fixed.iter().all(still)
        };
        let (_, first) = self.best_by(&|plan| stays(plan) && self.others(plan, concerned) <= most, &|plan| {
            price * self.others(plan, concerned)
        });
        let let_in = |made: &Plan| {
            self.best(&|plan| (0..PEOPLE).all(|one| plan[one] == made[one] || waiting.contains(&one))).0
        };
        first.iter().map(let_in).collect()
    }

    pub(crate) fn policy(&self) -> Policy {
        let mut policy = Policy::default();
        let c = &mut policy.criteria;
        for weight in [
            &mut c.condition.weight,
            &mut c.issue.weight,
            &mut c.preferences.weight,
            &mut c.child_age.weight,
            &mut c.geography.weight,
            &mut c.language.weight,
            &mut c.experience.weight,
            &mut c.availability.weight,
            &mut c.acquaintance.weight,
        ] {
            *weight = 0.0;
        }
        for (name, weight) in ["first", "second"].iter().zip(self.weights) {
            c.custom.entry((*name).to_owned()).or_default().weight = Some(weight as f64);
        }
        let micro = |units: i64| units as f64 / 1e6;
        policy.requirements.common_ground = 0.0;
        policy.requirements.language = false;
        policy.requirements.minutes_in_common = 0;
        policy.requirements.minimum_score = 0.0;
        policy.relaxations.clear();
        policy.loads.balance = Balance::Off;
        policy.loads.wished_minimum_bonus = 0.0;
        policy.loads.further_match_price = micro(self.further_match_price);
        policy.objective.change_price = micro(self.change_price);
        policy.objective.served_first = self.left_is_worth.is_none();
        policy.objective.unmatched_score = micro(self.left_is_worth.unwrap_or(0));
        policy
    }

    pub(crate) fn living(&self) -> Matcher {
        self.living_under(self.policy())
    }

    /// The same under another policy, of which where they stood is an optimum too.
    pub(crate) fn living_under(&self, policy: Policy) -> Matcher {
        let mut matcher = self.matcher_under(policy).unwrap();
        matcher.begin(TODAY, &Control::new()).unwrap();
        assert_eq!(plan(&matcher), self.stood, "where they stood is an optimum, and stays");
        matcher
    }

    /// The same before it begins; an error for a policy that is not sound.
    pub(crate) fn matcher_under(&self, policy: Policy) -> peermatch::Result<Matcher> {
        let participant = |one: usize| Participant {
            consent: true,
            priority: self.urgency[one] as u8,
            waiting_since: one.is_multiple_of(2).then_some(TODAY),
            ..Participant::new(format!("P{one}"))
        };
        let supporter = |other: usize| Supporter {
            capacity: Some(self.places[other] as u32),
            supervisor: (other < 2).then(|| "V0".into()),
            ..Supporter::new(format!("S{other}"))
        };
        let standing = (0..PEOPLE).filter_map(|one| {
            Some(StandingMatch {
                participant: person(one),
                supporter: helper(self.stood[one]?),
                hold: if self.pinned.contains(&one) { Hold::Pinned } else { Hold::Movable },
                price: None,
                since: None,
            })
        });
        let data = ProgramData {
            participants: (0..PEOPLE).map(participant).collect(),
            supporters: (0..HELPERS).map(supporter).collect(),
            supervisors: vec![self.supervisor()],
            history: History { standing: standing.collect(), ..History::default() },
            ..ProgramData::default()
        };
        let program = Program::new(data).unwrap();
        let [first, second] = self.own_criteria();
        let matcher = Matcher::new(program, policy, TODAY)?.with_criterion(first).with_criterion(second);
        matcher.compatibility()?;
        Ok(matcher)
    }

    fn own_criteria(&self) -> [Table; 2] {
        let [first, second] = &self.tables;
        [Table("first", first.clone()), Table("second", second.clone())]
    }

    pub(crate) fn criteria(&self) -> Vec<Arc<dyn Criterion>> {
        self.own_criteria().map(|own| Arc::new(own) as Arc<dyn Criterion>).into()
    }

    pub(crate) fn supervisor(&self) -> Supervisor {
        let caseload = u32::try_from(self.caseload).ok();
        Supervisor { id: "V0".into(), caseload, hours_per_week: None }
    }

    /// What the matcher made is worth.
    pub(crate) fn made(&self, matcher: &Matcher) -> Value {
        assert!(matcher.verify_kept().unwrap().is_valid());
        let plan = plan(matcher);
        assert!(self.plans().contains(&plan), "{plan:?} cannot be");
        self.value(&plan)
    }
}

/// What a criterion says, by position.
struct Table(&'static str, Vec<Vec<Option<i64>>>);

impl Criterion for Table {
    fn name(&self) -> &str {
        self.0
    }

    fn assess(&self, pair: Pair<'_>) -> Assessment {
        let number = |id: &str| id[1..].parse::<usize>().unwrap();
        let (one, other) = (number(pair.participant.id.as_str()), number(pair.supporter.id.as_str()));
        self.1[one][other]
            .map_or(Assessment::Veto("no".to_owned()), |score| Assessment::Score(score as f64 / 1e6))
    }
}

pub(crate) fn person(one: usize) -> ParticipantId {
    format!("P{one}").into()
}

pub(crate) fn helper(other: usize) -> SupporterId {
    format!("S{other}").into()
}

pub(crate) fn plan(matcher: &Matcher) -> Plan {
    let matching = matcher.matching().unwrap();
    let own = |one: usize| {
        let own = matching.of_participant(person(one).as_str())?;
        own.supporter.as_str()[1..].parse().ok()
    };
    (0..PEOPLE).map(own).collect()
}

pub(crate) fn held(matcher: &Matcher) -> Vec<usize> {
    matcher.held().unwrap().iter().map(|id| id.as_str()[1..].parse().unwrap()).collect()
}
