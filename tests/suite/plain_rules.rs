//! Rules about matches together counted by hand: by how much each is missed in a matching, and what that costs.
//!
//! Nothing here knows of rows: every rule is counted from who has whom, as its documentation has it.

use peermatch::Program;
use peermatch::compatibility::Compatibility;
use peermatch::policy::rules::{Counted, Per, Role};
use peermatch::policy::{Backup, Policy, Rule, RuleKind};
use peermatch::program::Supporter;

use crate::matching_oracle::{self, Cost, Market};

/// Who has whom: the supporter and the backup of each participant.
pub(crate) type State = Vec<[Option<usize>; 2]>;

/// A match: participant, supporter, whether as backup.
type Pair = (usize, usize, bool);

/// What is so of a pair.
struct Fact {
    remote: Option<bool>,
    km: Option<f64>,
    relaxed: bool,
    score: f64,
}

/// By how much a rule is missed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Missed {
    /// In units of which so many are one match, or hour.
    pub(crate) units: i128,
    /// The same where what is pinned is no excuse.
    pub(crate) with_pinned: i128,
    /// Units in one match, or hour.
    pub(crate) one: i128,
}

/// Everything a rule could count.
pub(crate) struct Counting<'a> {
    pub(crate) program: &'a Program,
    pub(crate) market: &'a Market,
    facts: Vec<Vec<Fact>>,
    /// Matches and backups are chosen together, and a backup's score counts for so much.
    worth: Option<f64>,
    backup: Option<&'a Backup>,
    /// Which supporters take anybody new.
    takes_new: Vec<bool>,
}

impl<'a> Counting<'a> {
    pub(crate) fn new(
        program: &'a Program,
        compatibility: &Compatibility,
        market: &'a Market,
        policy: &'a Policy,
    ) -> Self {
        let fact = |p, s| {
            let judged = compatibility.judge(program, p, s);
            let places = program.participant_coordinates(p).zip(program.supporter_coordinates(s));
            Fact {
                remote: judged.meeting().map(|(way, _)| way.is_remote()),
                km: judged.meeting().map_or_else(|| places.map(|(a, b)| a.distance_km(b)), |(_, km)| km),
                relaxed: !judged.relaxations().is_empty(),
                score: f64::from(judged.score),
            }
        };
        let facts = (0..program.participants().len())
            .map(|p| (0..program.supporters().len()).map(|s| fact(p, s)).collect())
            .collect();
        let of_rules = policy.rules.iter().any(speaks_of_backups);
        let backup = policy.backup.as_ref();
        let worth = backup.and_then(|backup| backup.worth.or(of_rules.then_some(0.1)));
        let takes = |own: &Supporter| {
            own.takes_new_matches(compatibility.as_of()) && policy.loads.capacity(own.capacity) > 0
        };
        let takes_new = program.supporters().iter().map(takes).collect();
        Self { program, market, facts, worth, backup, takes_new }
    }

    /// Every way to match that keeps what backups are: somebody else, nobody's alone, no more than there are places.
    pub(crate) fn states(&self) -> Vec<State> {
        let mut all: Vec<State> = vec![Vec::new()];
        for (p, open) in self.market.open.iter().enumerate() {
            let first: Vec<Option<usize>> = match self.market.pinned[p] {
                Some(s) => vec![Some(s)],
                None => open.keys().map(|&s| Some(s)).chain([None]).collect(),
            };
            let mut ways = Vec::new();
            for first in first {
                ways.push([first, None]);
                let stands_by =
                    |s: &usize| first.is_some_and(|first| first != *s) && self.may_stand_by(p, *s);
                ways.extend(open.keys().copied().filter(stands_by).map(|s| [first, Some(s)]));
            }
            let longer = |way: &[Option<usize>; 2]| {
                all.iter().map(|one| [&one[..], &[*way]].concat()).collect::<Vec<State>>()
            };
            all = ways.iter().flat_map(longer).collect();
        }
        let places = self.backup.map_or(0, |backup| backup.places as usize);
        all.retain(|state| {
            (0..self.program.supporters().len())
                .all(|s| state.iter().filter(|way| way[1] == Some(s)).count() <= places)
        });
        all
    }

    fn may_stand_by(&self, p: usize, s: usize) -> bool {
        let Some((backup, _)) = self.backup.zip(self.worth) else { return false };
        let ids = &backup.participants.ids;
        let wanted = ids.is_empty() || ids.iter().any(|id| *id == self.program.participants()[p].id.as_str());
        let as_primary = Counted { role: Role::Primary, ..backup.requires.clone() };
        let may = self.program.participants()[p].consent && self.takes_new[s];
        wanted && may && self.counts(&as_primary, (p, s, false))
    }

    fn counts(&self, counted: &Counted, (p, s, is_backup): Pair) -> bool {
        let (participant, supporter) = (&self.program.participants()[p], &self.program.supporters()[s]);
        let fact = &self.facts[p][s];
        let names = |ids: &[String], id: &str| ids.is_empty() || ids.iter().any(|own| own == id);
        let in_role = match counted.role {
            Role::Primary => !is_backup,
            Role::Backup => is_backup,
            Role::Any => true,
        };
        in_role
            && counted.remote.is_none_or(|wanted| Some(wanted) == fact.remote)
            && counted.relaxed.is_none_or(|wanted| wanted == fact.relaxed)
            && counted.score_below.is_none_or(|most| fact.score < most * 1e6)
            && counted.score_from.is_none_or(|least| fact.score >= least * 1e6)
            && counted.beyond_km.is_none_or(|least| fact.km.is_some_and(|km| km > least))
            && counted.within_km.is_none_or(|most| fact.km.is_some_and(|km| km <= most))
            && names(&counted.participant.ids, participant.id.as_str())
            && names(&counted.supporter.ids, supporter.id.as_str())
    }

    /// The matches of each supporter, of each supervisor, or of all.
    fn parts(&self, per: Per, pairs: &[Pair]) -> Vec<Vec<Pair>> {
        let supervised = |s: usize, v: usize| {
            self.program.supporters()[s].supervisor.as_ref() == Some(&self.program.supervisors()[v].id)
        };
        let all = || pairs.iter().copied();
        match per {
            Per::Programme => vec![all().collect()],
            Per::Supporter => (0..self.program.supporters().len())
                .map(|s| all().filter(|pair| pair.1 == s).collect())
                .collect(),
            Per::Supervisor => (0..self.program.supervisors().len())
                .map(|v| all().filter(|pair| supervised(pair.1, v)).collect())
                .collect(),
        }
    }

    fn pinned(&self) -> Vec<Pair> {
        let pinned = self.market.pinned.iter().enumerate();
        pinned.filter_map(|(p, s)| Some((p, (*s)?, false))).collect()
    }

    fn person(&self, id: &str) -> usize {
        self.program.participant_index(id).unwrap()
    }

    /// By how much a rule is missed.
    pub(crate) fn missed(&self, rule: &Rule, state: &State) -> Missed {
        let pinned = self.pinned();
        let way = |p: usize, way: &[Option<usize>; 2]| {
            [(way[0], false), (way[1], true)].map(|(s, is_backup)| s.map(|s| (p, s, is_backup)))
        };
        let now: Vec<Pair> = state.iter().enumerate().flat_map(|(p, both)| way(p, both)).flatten().collect();
        let mut missed = Missed { units: 0, with_pinned: 0, one: 1 };
        // What is pinned excuses an excess of itself, and no lack.
        let mut excess = |count: i128, had: i128, most: i128| {
            missed.units += (count - most.max(had)).max(0);
            missed.with_pinned += (count - most).max(0);
        };
        let mut lack = 0;
        let mut one = 1;
        match &rule.kind {
            RuleKind::Hours(hours) => {
                one = 60;
                let minutes = |pairs: &[Pair]| -> i128 {
                    let of = |p: usize| {
                        self.program.participants()[p].hours_per_week.unwrap_or(hours.hours_per_match)
                    };
                    let firsts = pairs.iter().filter(|pair| !pair.2);
                    firsts.map(|pair| (of(pair.0) * 60.0).round() as i128).sum()
                };
                let limits: Vec<Option<f64>> = match hours.per {
                    Per::Supervisor => {
                        self.program.supervisors().iter().map(|own| own.hours_per_week).collect()
                    }
                    _ => self.program.supporters().iter().map(|own| own.hours_per_week).collect(),
                };
                let parts = self.parts(hours.per, &now).into_iter().zip(self.parts(hours.per, &pinned));
                for (limit, (now, had)) in limits.iter().zip(parts) {
                    if let Some(limit) = limit {
                        excess(minutes(&now), minutes(&had), (limit * 60.0).round() as i128);
                    }
                }
            }
            RuleKind::Quota(quota) => {
                let shares = [quota.at_most_share, quota.at_least_share];
                one = shares.iter().flatten().map(|share| denominator(*share)).fold(1, lcm);
                let count = |pairs: &[Pair], of: &[&Counted]| {
                    let counts = |pair: &&Pair| of.iter().all(|of| self.counts(of, **pair));
                    pairs.iter().filter(counts).count() as i128
                };
                let parts = self.parts(quota.per, &now).into_iter().zip(self.parts(quota.per, &pinned));
                for (now, had) in parts {
                    let (own, had) = (count(&now, &[&quota.count]), count(&had, &[&quota.count]));
                    if let Some(most) = quota.at_most {
                        excess(one * own, one * had, one * i128::from(most));
                    }
                    lack += quota.at_least.map_or(0, |least| one * (i128::from(least) - own).max(0));
                    let (part, whole) = (count(&now, &[&quota.count, &quota.of]), count(&now, &[&quota.of]));
                    let of_whole = |share: f64| (share * 1000.0).round() as i128 * whole * one / 1000;
                    lack += quota.at_most_share.map_or(0, |share| (part * one - of_whole(share)).max(0));
                    lack += quota.at_least_share.map_or(0, |share| (of_whole(share) - part * one).max(0));
                }
            }
            RuleKind::Together(people) => {
                for two in people.participants.windows(2) {
                    let [one, other] = [0, 1].map(|at: usize| state[self.person(two[at].as_str())][0]);
                    if one != other {
                        lack += [one, other].iter().flatten().count() as i128;
                    }
                }
            }
            RuleKind::Apart(people) => {
                let meant: Vec<usize> =
                    people.participants.iter().map(|id| self.person(id.as_str())).collect();
                for s in 0..self.program.supporters().len() {
                    let of = |pairs: &[Pair]| {
                        pairs.iter().filter(|pair| pair.1 == s && !pair.2 && meant.contains(&pair.0)).count()
                    };
                    excess(of(&now) as i128, of(&pinned) as i128, 1);
                }
            }
            RuleKind::NeverBoth(team) | RuleKind::Team(team) => {
                for both in state {
                    let has = team.supporters.iter().map(|id| {
                        let own = self.program.supporter_index(id.as_str());
                        i128::from(both.contains(&own))
                    });
                    let has: Vec<i128> = has.collect();
                    if matches!(rule.kind, RuleKind::Team(_)) {
                        lack += (has[0] - has[1]).abs();
                    } else {
                        excess(has.iter().sum(), 0, 1);
                    }
                }
            }
            RuleKind::Open(open) => {
                for (load, _) in self.opened(&open.supporters.ids, &now).into_iter().filter(|own| own.0 > 0) {
                    lack += (i128::from(open.at_least) - load).max(0);
                }
            }
            _ => unreachable!("a kind that is not there"),
        }
        Missed { units: missed.units + lack, with_pinned: missed.with_pinned + lack, one }
    }

    /// Of each supporter who is meant, the load, and how much of it is pinned.
    fn opened(&self, ids: &[String], now: &[Pair]) -> Vec<(i128, i128)> {
        let meant = |s: &usize| {
            ids.is_empty() || ids.iter().any(|id| *id == self.program.supporters()[*s].id.as_str())
        };
        let pinned = self.pinned();
        let of = |pairs: &[Pair], s| pairs.iter().filter(|pair| pair.1 == s && !pair.2).count() as i128;
        (0..self.program.supporters().len()).filter(meant).map(|s| (of(now, s), of(&pinned, s))).collect()
    }

    /// What missing a rule costs and what it charges for opening, in millionths; `None` if it is firm and missed.
    pub(crate) fn price(&self, rule: &Rule, state: &State) -> Option<i128> {
        let missed = self.missed(rule, state);
        let mut sum = match rule.price {
            None if missed.units > 0 => return None,
            None => 0,
            Some(price) => (price * 1e6).round() as i128 / missed.one * missed.units,
        };
        if let RuleKind::Open(open) = &rule.kind {
            let now: Vec<Pair> =
                state.iter().enumerate().filter_map(|(p, both)| Some((p, both[0]?, false))).collect();
            // Whoever is pinned to is open already.
            let new =
                self.opened(&open.supporters.ids, &now).into_iter().filter(|own| own.0 > 0 && own.1 == 0);
            sum += new.count() as i128 * (open.price * 1e6).round() as i128;
        }
        Some(sum)
    }

    /// The cost of a matching without any rule, backups in its quality; `None` where a limit is broken.
    pub(crate) fn plain_cost(&self, policy: &Policy, state: &State) -> Option<Cost> {
        let firsts: Vec<Option<usize>> = state.iter().map(|both| both[0]).collect();
        let mut cost = matching_oracle::cost(self.program, policy, self.market, &firsts)?;
        for (p, both) in state.iter().enumerate() {
            if let (Some(s), Some(worth)) = (both[1], self.worth) {
                let worth = (worth * 1e6).round() as i128;
                cost.2[0] -= (self.market.open[p][&s] * worth / 1_000_000).max(1);
            }
        }
        Some(cost)
    }

    /// Whether matches and backups are chosen together.
    pub(crate) fn weighs_backups(&self) -> bool {
        self.worth.is_some()
    }
}

/// Whether a rule speaks of backups.
pub(crate) fn speaks_of_backups(rule: &Rule) -> bool {
    match &rule.kind {
        RuleKind::Team(_) | RuleKind::NeverBoth(_) => true,
        RuleKind::Quota(quota) => [&quota.count, &quota.of].iter().any(|own| own.role != Role::Primary),
        _ => false,
    }
}

fn denominator(share: f64) -> i128 {
    let thousandths = (share * 1000.0).round() as i128;
    (1..=1000).find(|d| thousandths * d % 1000 == 0).unwrap()
}

fn lcm(a: i128, b: i128) -> i128 {
    (1..=b).map(|times| a * times).find(|multiple| multiple % b == 0).unwrap()
}
