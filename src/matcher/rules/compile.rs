//! From a policy's rules to rows over pairs.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::{Slot, Slots};
use super::weighs_backups;
use crate::assignment::Problem;
use crate::assignment::rules::{self, Row, RuleProblem, Sense, Variable};
use crate::compatibility::{Compatibility, CompatibilityGraph};
use crate::error::Result;
use crate::matcher::backups;
use crate::matcher::problem::Standby;
use crate::policy::criteria::{price_to_micro, to_micro};
use crate::policy::rules::{Hours, Open, Per, Quota};
use crate::policy::{Rule, RuleKind};
use crate::program::Program;

/// Minutes in an hour: hours are counted in minutes.
pub(super) const MINUTES: i64 = 60;

/// What the score of a backup counts where a rule speaks of backups and the policy does not say; see
/// [`Backup::worth`](crate::policy::Backup::worth).
pub(in crate::matcher) const WORTH: f64 = 0.1;

/// What the library's own rules are called, should they clash with others.
const SOMEBODY_ELSE: &str = "a backup is somebody else";
const NOT_ALONE: &str = "nobody has a backup alone";
const OPEN: &str = "who takes anybody is open";

/// A problem under rules, and what its rows mean.
pub(super) struct Compiled {
    pub(super) ruled: RuleProblem,
    pub(super) standby: Standby,
    /// Eligible pairs, backups not counted.
    pub(super) pairs: u64,
    /// The policy's rules, in its order.
    pub(super) policy_rules: Vec<Rule>,
    /// What each row of each of the policy's rules counts, in its order. The rules of the problem begin with these.
    pub(super) rows: Vec<Vec<Meaning>>,
}

/// What a row counts.
#[derive(Debug, Clone, Default)]
pub(super) struct Meaning {
    /// Whose count it is.
    pub(super) of: Option<String>,
    /// What is pinned of it, in the units of the row.
    pub(super) pinned: i64,
    /// How many matches that is, whatever they weigh.
    pub(super) pinned_matches: i64,
    /// For a share: how many of the whole are pinned, and the share as numerator and denominator.
    pub(super) share: Option<(i64, [i64; 2])>,
    /// What is asked for, in the units of the row; what is pinned is not taken off it.
    pub(super) bound: i64,
    /// How many units of the row one match is.
    pub(super) one: i64,
}

impl Compiled {
    /// The policy's rules over the pairs of a problem, and `further` ones of a caller's behind them.
    pub(super) fn new(
        program: &Program,
        compatibility: &Compatibility,
        problem: Problem,
        standby: Standby,
        further: Vec<rules::Rule>,
    ) -> Result<Self> {
        let policy = compatibility.policy();
        let judged = policy.rules.iter().any(|rule| match &rule.kind {
            RuleKind::Quota(quota) => quota.count.asks_about_pairs() || quota.of.asks_about_pairs(),
            _ => false,
        });
        let slots = Slots::new(program, compatibility, &problem, &standby, judged);
        let pairs = (0..program.participants().len()).map(|p| problem.row(p as u32).len() as u64).sum();
        let mut builder = RuleProblem::builder(problem);
        let (mut all, mut links) = (Vec::new(), Vec::new());
        for rule in &policy.rules {
            let mut made = Lines { slots: &slots, rows: Vec::new(), meanings: Vec::new(), links: Vec::new() };
            let mut unit = 1;
            match &rule.kind {
                RuleKind::Hours(hours) => {
                    unit = MINUTES;
                    made.hours(hours);
                }
                RuleKind::Quota(quota) => unit = made.quota(quota),
                RuleKind::Together(people) => made.together(&people.participants),
                RuleKind::Apart(people) => made.apart(&people.participants),
                RuleKind::NeverBoth(team) => made.supporters(&team.supporters, Sense::AtMost),
                RuleKind::Team(team) => made.supporters(&team.supporters, Sense::Exactly),
                RuleKind::Open(open) => {
                    let mut auxiliary = |name: String, cost| builder.auxiliary(name, cost);
                    made.open(open, &mut auxiliary);
                }
            }
            let Lines { mut rows, meanings, links: own, .. } = made;
            if rule.is_firm() {
                // Given up, the rule takes them along, and nobody's opening is charged any more.
                rows.extend(own);
            } else {
                links.extend(own);
            }
            let mut compiled = rules::Rule::new(&rule.name, rows);
            if let Some(price) = rule.price {
                let price = price_to_micro(price);
                // A price that is asked for is never rounded away.
                compiled = compiled.soft(((price + unit / 2) / unit).max(i64::from(price > 0)));
            }
            builder.rule(compiled);
            all.push(meanings);
        }
        if !links.is_empty() {
            builder.rule(rules::Rule::new(OPEN, links).always());
        }
        for rule in backup_rules(program, builder.problem(), &standby) {
            builder.rule(rule);
        }
        for rule in further {
            builder.rule(rule);
        }
        let (ruled, policy_rules) = (builder.build()?, policy.rules.clone());
        Ok(Self { ruled, standby, pairs, policy_rules, rows: all })
    }
}

/// Rows in the making, each with its meaning.
struct Lines<'a> {
    slots: &'a Slots<'a>,
    rows: Vec<Row>,
    meanings: Vec<Meaning>,
    /// Rows that say what auxiliary variables mean; they hold however soft the rule is.
    links: Vec<Row>,
}

/// The slots of one count a rule is kept for, with whose it is.
struct Count {
    /// Position of the supporter or supervisor.
    own: usize,
    of: Option<String>,
    slots: Vec<Slot>,
}

impl Lines<'_> {
    /// A row over slots, each with its weight; those that are pinned move the bound.
    fn push(
        &mut self,
        of: Option<String>,
        sense: Sense,
        bound: i64,
        one: i64,
        slots: impl IntoIterator<Item = (Option<Variable>, i64)>,
    ) {
        let (mut terms, mut meaning) = (Vec::new(), Meaning { of, bound, one, ..Meaning::default() });
        for (variable, weight) in slots {
            if let Some(variable) = variable {
                terms.push((variable, weight));
            } else {
                meaning.pinned += weight;
                meaning.pinned_matches += 1;
            }
        }
        // What is pinned stands: nothing is added where it is too much already.
        let left = bound - meaning.pinned;
        let left = if sense == Sense::AtMost { left.max(0) } else { left };
        self.rows.push(Row::new(sense, left, terms));
        self.meanings.push(meaning);
    }

    /// Slots put apart by whose count they belong to. Who has none has no count, and nobody is at a vacant position.
    fn apart_by(&self, per: Per, slots: Vec<Slot>) -> Vec<Count> {
        let program = self.slots.program;
        let supporters = program.supporters();
        let whose = |slot: &Slot| match per {
            Per::Programme => Some(0),
            Per::Supporter => Some(slot.supporter as usize),
            Per::Supervisor => {
                let own = supporters[slot.supporter as usize].supervisor.as_ref();
                own.and_then(|id| program.supervisor_index(id.as_str()))
            }
        };
        let count = match per {
            Per::Programme => 1,
            Per::Supporter => supporters.len(),
            Per::Supervisor => program.supervisors().len(),
        };
        let mut counts: Vec<Count> = (0..count)
            .map(|own| {
                let of = match per {
                    Per::Programme => None,
                    Per::Supporter => Some(supporters[own].id.to_string()),
                    Per::Supervisor => Some(program.supervisors()[own].id.to_string()),
                };
                Count { own, of, slots: Vec::new() }
            })
            .collect();
        for slot in slots {
            if let Some(own) = whose(&slot) {
                counts[own].slots.push(slot);
            }
        }
        if per == Per::Supporter {
            counts.retain(|count| !program.is_vacant_supporter(count.own));
        }
        counts
    }

    fn hours(&mut self, hours: &Hours) {
        let program = self.slots.program;
        let minutes = |hours: f64| (hours * MINUTES as f64).round() as i64;
        let takes = |slot: &Slot| {
            let stated = program.participants()[slot.participant as usize].hours_per_week;
            minutes(stated.unwrap_or(hours.hours_per_match))
        };
        let primary = self.slots.all.iter().filter(|slot| !slot.is_backup).copied().collect();
        for Count { own, of, slots } in self.apart_by(hours.per, primary) {
            let limit = match hours.per {
                Per::Supporter => program.supporters()[own].hours_per_week,
                Per::Supervisor => program.supervisors()[own].hours_per_week,
                Per::Programme => None,
            };
            let Some(limit) = limit.map(minutes) else { continue };
            let minutes = slots.iter().map(|slot| (slot.variable, takes(slot)));
            self.push(of, Sense::AtMost, limit, 1, minutes);
        }
    }

    /// Returns how many units of a row make one match.
    fn quota(&mut self, quota: &Quota) -> i64 {
        let counts = self.apart_by(quota.per, self.slots.counted(&quota.count));
        let counted = |slots: &[Slot], weight| {
            slots.iter().map(|slot| (slot.variable, weight)).collect::<Vec<(Option<Variable>, i64)>>()
        };
        let shares = [(Sense::AtMost, quota.at_most_share), (Sense::AtLeast, quota.at_least_share)];
        // One denominator for all bounds, so that one price does.
        let unit = shares.iter().filter_map(|(_, share)| *share).map(|share| fraction(share)[1]).fold(1, lcm);
        for Count { of, slots, .. } in &counts {
            for (sense, bound) in [(Sense::AtMost, quota.at_most), (Sense::AtLeast, quota.at_least)] {
                let Some(bound) = bound else { continue };
                self.push(of.clone(), sense, i64::from(bound) * unit, unit, counted(slots, unit));
            }
        }
        if shares.iter().all(|(_, share)| share.is_none()) {
            return unit;
        }
        let wholes = self.apart_by(quota.per, self.slots.counted(&quota.of));
        for (sense, share) in shares {
            let Some([numerator, denominator]) = share.map(fraction) else { continue };
            let numerator = numerator * (unit / denominator);
            for (Count { of, slots: part, .. }, Count { slots: whole, .. }) in counts.iter().zip(&wholes) {
                // What is counted is a part of the whole.
                let among: BTreeSet<Key> = whole.iter().map(key).collect();
                let part: Vec<Slot> =
                    part.iter().filter(|slot| among.contains(&key(slot))).copied().collect();
                let pinned =
                    |slots: &[Slot]| slots.iter().filter(|slot| slot.variable.is_none()).count() as i64;
                let (own, all) = (pinned(&part), pinned(whole));
                let terms = counted(&part, unit).into_iter().chain(counted(whole, -numerator));
                let terms = terms.filter_map(|(variable, weight)| Some((variable?, weight)));
                // Of a share, more may be added where too much is pinned already: the whole grows with it.
                self.rows.push(Row::new(sense, numerator * all - unit * own, terms));
                self.meanings.push(Meaning {
                    of: of.clone(),
                    pinned: unit * own,
                    pinned_matches: own,
                    share: Some((all, [numerator, unit])),
                    bound: 0,
                    one: unit,
                });
            }
        }
        unit
    }

    /// The slots of one participant with a supporter.
    fn primary(&self, participant: usize) -> BTreeMap<u32, Option<Variable>> {
        // Slots stand by participant.
        let all = &self.slots.all;
        let people = self.slots.program.participants().len();
        let end = all.partition_point(|slot| !slot.is_backup);
        debug_assert!(participant < people);
        let start = all[..end].partition_point(|slot| (slot.participant as usize) < participant);
        let own = all[start..end].iter().take_while(|slot| slot.participant as usize == participant);
        own.map(|slot| (slot.supporter, slot.variable)).collect()
    }

    fn positions(&self, ids: &[crate::program::ParticipantId]) -> Vec<usize> {
        ids.iter().filter_map(|id| self.slots.program.participant_index(id.as_str())).collect()
    }

    fn together(&mut self, ids: &[crate::program::ParticipantId]) {
        for two in self.positions(ids).windows(2) {
            let (one, other) = (self.primary(two[0]), self.primary(two[1]));
            let mut supporters: Vec<u32> = one.keys().chain(other.keys()).copied().collect();
            supporters.sort_unstable();
            supporters.dedup();
            for supporter in supporters {
                let slots = [(one.get(&supporter), 1), (other.get(&supporter), -1)];
                let there = slots.into_iter().filter_map(|(slot, weight)| Some((*slot?, weight)));
                self.push(None, Sense::Exactly, 0, 1, there);
            }
        }
    }

    fn apart(&mut self, ids: &[crate::program::ParticipantId]) {
        let people: Vec<_> =
            self.positions(ids).into_iter().map(|participant| self.primary(participant)).collect();
        let mut supporters: Vec<u32> = people.iter().flat_map(BTreeMap::keys).copied().collect();
        supporters.sort_unstable();
        supporters.dedup();
        for supporter in supporters {
            let there: Vec<_> =
                people.iter().filter_map(|own| own.get(&supporter).map(|&variable| (variable, 1))).collect();
            if there.len() > 1 {
                let of = self.slots.program.supporters()[supporter as usize].id.to_string();
                self.push(Some(of), Sense::AtMost, 1, 1, there);
            }
        }
    }

    /// For each person, one row over whether these supporters are theirs: at most one, or both or neither.
    fn supporters(&mut self, ids: &[crate::program::SupporterId], sense: Sense) {
        let program = self.slots.program;
        let own: Vec<u32> = ids
            .iter()
            .filter_map(|id| program.supporter_index(id.as_str()))
            .map(|index| index as u32)
            .collect();
        let mut by_person: BTreeMap<u32, Vec<&Slot>> = BTreeMap::new();
        for slot in self.slots.all.iter().filter(|slot| own.contains(&slot.supporter)) {
            by_person.entry(slot.participant).or_default().push(slot);
        }
        for (participant, slots) in by_person {
            let weight = |slot: &Slot| match sense {
                Sense::Exactly if slot.supporter != own[0] => -1,
                _ => 1,
            };
            let of = Some(program.participants()[participant as usize].id.to_string());
            let there: Vec<_> = slots.into_iter().map(|slot| (slot.variable, weight(slot))).collect();
            self.push(of, sense, i64::from(sense == Sense::AtMost), 1, there);
        }
    }

    fn open(&mut self, open: &Open, auxiliary: &mut dyn FnMut(String, i64) -> u32) {
        let program = self.slots.program;
        let meant = if open.supporters.is_everyone() {
            vec![true; program.supporters().len()]
        } else {
            open.supporters.supporters(program, self.slots.compatibility.as_of())
        };
        let primary = self.slots.all.iter().filter(|slot| !slot.is_backup).copied().collect();
        let counts = self.apart_by(Per::Supporter, primary);
        for Count { of, slots, .. } in counts.into_iter().filter(|count| meant[count.own]) {
            let least = i64::from(open.at_least);
            let counted = || slots.iter().map(|slot| (slot.variable, 1));
            let free = || slots.iter().filter_map(|slot| Some((slot.variable?, 1)));
            if slots.iter().any(|slot| slot.variable.is_none()) {
                // It is open already.
                self.push(of, Sense::AtLeast, least, 1, counted());
                continue;
            }
            if slots.is_empty() {
                continue;
            }
            let name = format!("{} is open", of.as_deref().unwrap_or_default());
            let cost = price_to_micro(open.price);
            let is_open = Variable::Auxiliary(auxiliary(name, cost));
            self.rows.push(Row::new(Sense::AtLeast, 0, free().chain([(is_open, -least)])));
            self.meanings.push(Meaning { of, bound: least, one: 1, ..Meaning::default() });
            let most = slots.len() as i64;
            self.links.push(Row::new(Sense::AtMost, 0, free().chain([(is_open, -most)])));
        }
    }
}

/// What tells two slots apart.
type Key = (bool, u32, u32);

fn key(slot: &Slot) -> Key {
    (slot.is_backup, slot.participant, slot.supporter)
}

/// A share as numerator and denominator, in thousandths, shortened.
fn fraction(share: f64) -> [i64; 2] {
    let thousandths = (share * 1000.0).round() as i64;
    let divisor = gcd(thousandths, 1000).max(1);
    [thousandths / divisor, 1000 / divisor]
}

fn gcd(mut a: i64, mut b: i64) -> i64 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

fn lcm(a: i64, b: i64) -> i64 {
    a / gcd(a, b).max(1) * b
}

/// Who may stand by for whom.
pub(super) fn standby(
    program: &Program,
    compatibility: &Compatibility,
    graph: &CompatibilityGraph,
) -> Standby {
    let policy = compatibility.policy();
    let Some(backup) = policy.backup.as_ref().filter(|_| weighs_backups(policy)) else {
        return Standby::default();
    };
    let own = program.supporters().len() as u32;
    let (wanted, may) = backups::who(backup, program, compatibility);
    let worth = i64::from(to_micro(backup.worth.unwrap_or(WORTH)));
    let one = i64::from(crate::policy::SCORE_ONE);
    let mut standby = Standby { places: vec![backup.places; own as usize], ..Standby::default() };
    for participant in (0..program.participants().len()).filter(|&participant| wanted[participant]) {
        let pinned = compatibility.standing(participant).filter(|standing| standing.pinned);
        let (supporters, weights) = graph.row(participant);
        let suits = |supporter: u32| {
            may[supporter as usize]
                && pinned.is_none_or(|pinned| pinned.supporter != supporter)
                && backups::suits(backup, program, compatibility, (participant, supporter as usize))
        };
        let row: Vec<(u32, i64)> = (supporters.iter().zip(weights))
            .filter(|&(&supporter, _)| suits(supporter))
            .map(|(&supporter, &weight)| (own + supporter, -(i64::from(weight) * worth / one).max(1)))
            .collect();
        if !row.is_empty() {
            standby.of.push(participant as u32);
            standby.rows.push(row);
        }
    }
    standby
}

/// A backup is somebody else, and nobody has one alone.
fn backup_rules(program: &Program, problem: &Problem, standby: &Standby) -> Vec<rules::Rule> {
    if standby.of.is_empty() {
        return Vec::new();
    }
    let (people, own) = (program.participants().len() as u32, program.supporters().len() as u32);
    let (mut else_rows, mut alone_rows) = (Vec::new(), Vec::new());
    for (node, &participant) in (people..).zip(&standby.of) {
        if problem.pin(participant).is_some() {
            // Whom it is pinned to is not among those who may stand by, and it is matched.
            continue;
        }
        for (supporter, _) in problem.row(node) {
            let first = supporter - own;
            if problem.pair_cost(participant, first).is_some() {
                let both = [Variable::pair(participant, first), Variable::pair(node, supporter)];
                else_rows.push(Row::count(Sense::AtMost, 1, both));
            }
        }
        let terms = [(Variable::Unmatched(participant), 1), (Variable::Unmatched(node), -1)];
        alone_rows.push(Row::new(Sense::AtMost, 0, terms));
    }
    vec![
        rules::Rule::new(SOMEBODY_ELSE, else_rows).always(),
        rules::Rule::new(NOT_ALONE, alone_rows).always(),
    ]
}
