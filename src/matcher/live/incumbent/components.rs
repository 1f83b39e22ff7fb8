//! Which parts of a programme are as they were when they were last settled, and need not be again.
//!
//! **Problem.** A change concerns one region; settling is to solve that region anew and leave the others alone. What
//! hangs together depends on pairs, supervisors and rules, and a change may take away the very row that a rule had in
//! common with another region.
//!
//! **Method.** People who share a supporter, a supervisor or a row of a rule belong to one component, found by union
//! over all of them. Of each component a *print* is taken: everything that its optimum depends on, and the matching it
//! has, mixed into 128 bits. Prints are kept when a component is solved exactly; one whose print is among them is at
//! its optimum still, whatever happened elsewhere. Nothing has to be concluded from the changes in between.
//!
//! **Why it is exact.** Components have nothing in common, and every rung adds up over them; so do the worst-off, for
//! of two lists sorted together with a third the better stays the better. Prices of standing matches are those of the
//! matching itself. That two components are taken for one another by their prints would take a coincidence of one in
//! 2^64 pairs of them.
//!
//! **Time.** O(pairs + what rules count), far less than solving. Rules that count everybody make one component of all.

use std::collections::{BTreeMap, BTreeSet};

use super::super::kept::Kept;
use super::question::{Question, Row};
use crate::assignment::Problem;
use crate::assignment::rules::{Firmness, Rule, RuleProblem, Sense, Variable};
use crate::compatibility::Compatibility;
use crate::matcher::rules::Placed;
use crate::policy::criteria::price_to_micro;
use crate::program::Program;

/// What a component is and has, as a number of 128 bits: in parts that any reader of JSON keeps whole.
pub(in crate::matcher::live) type Print = [u32; 4];

/// The components of a programme, and what is so of each whoever has whom.
#[derive(Debug)]
pub(in crate::matcher::live) struct Components {
    /// The component of each participant.
    of: Vec<u32>,
    begun: BTreeMap<u32, Print>,
}

/// Adds a number to a print: two lanes of splitmix64.
fn mixed(print: Print, value: u64) -> Print {
    let lane = |state: u64, odd: u64| {
        let mut z = (state ^ value).wrapping_add(odd);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    };
    let joined = |high: u32, low: u32| u64::from(high) << 32 | u64::from(low);
    let [a, b, c, d] = print;
    let high = lane(joined(a, b), 0x9E37_79B9_7F4A_7C15);
    let low = lane(joined(c, d), 0xD1B5_4A32_D192_ED03);
    [(high >> 32) as u32, high as u32, (low >> 32) as u32, low as u32]
}

/// Sets that are joined, each known by its lowest number.
struct Sets(Vec<u32>);

impl Sets {
    fn find(&mut self, mut node: u32) -> u32 {
        while self.0[node as usize] != node {
            let above = self.0[self.0[node as usize] as usize];
            self.0[node as usize] = above;
            node = above;
        }
        node
    }

    fn join(&mut self, a: u32, b: u32) {
        let (a, b) = (self.find(a), self.find(b));
        self.0[a.max(b) as usize] = a.min(b);
    }
}

/// Where each of those who are joined has its number: participants, backups among them as whom they stand for, then
/// supporters, groups and auxiliary variables.
struct Nodes<'a> {
    problem: &'a Problem,
    people: u32,
    own: u32,
    standby: &'a [u32],
}

impl Nodes<'_> {
    /// A pair as it is whoever else is there: as backup or not, who, and whom.
    fn pair(&self, node: u32, supporter: u32) -> [i64; 3] {
        let supporter = supporter.checked_sub(self.own).unwrap_or(supporter);
        [i64::from(node >= self.people), self.participant(node).into(), supporter.into()]
    }

    fn participant(&self, node: u32) -> u32 {
        node.checked_sub(self.people).map_or(node, |at| self.standby[at as usize])
    }

    fn supporter(&self, supporter: u32) -> u32 {
        self.people + supporter
    }

    fn group(&self, group: u32) -> u32 {
        self.supporter(self.problem.supporters()) + group
    }

    fn auxiliary(&self, number: u32) -> u32 {
        self.group(self.problem.groups()) + number
    }

    fn of(&self, variable: Variable) -> u32 {
        match variable {
            Variable::Pair { participant, .. } | Variable::Unmatched(participant) => {
                self.participant(participant)
            }
            Variable::Auxiliary(number) => self.auxiliary(number),
        }
    }
}

impl Components {
    /// Of a problem, under rules if there are some, with the pairs that a question offers.
    pub(super) fn of(
        question: &Question,
        own: u32,
        problem: &Problem,
        ruled: Option<(&RuleProblem, &[u32])>,
    ) -> Self {
        let standby = ruled.map_or(&[][..], |(_, standby)| standby);
        let asked: &[Rule] = ruled.map_or(&[], |(ruled, _)| ruled.rules());
        let auxiliaries = ruled.map_or(0, |(ruled, _)| ruled.auxiliaries().len() as u32);
        let nodes = Nodes { problem, people: question.rows.len() as u32, own, standby };
        let mut sets = Sets((0..nodes.auxiliary(auxiliaries)).collect());
        for node in 0..problem.participants() {
            let person = nodes.participant(node);
            let pinned = problem.pin(node).map(|pin| pin.0);
            for supporter in problem.row(node).map(|pair| pair.0).chain(pinned) {
                sets.join(person, nodes.supporter(supporter));
            }
        }
        for supporter in 0..problem.supporters() {
            if let Some(group) = problem.group(supporter) {
                sets.join(nodes.supporter(supporter), nodes.group(group));
            }
        }
        let rows = || asked.iter().flat_map(|rule| rule.rows.iter().map(move |row| (rule, row)));
        for (_, row) in rows() {
            for two in row.terms.windows(2) {
                sets.join(nodes.of(two[0].0), nodes.of(two[1].0));
            }
        }

        let mut begun: BTreeMap<u32, Print> = BTreeMap::new();
        let mut add = |component: u32, values: &[i64]| {
            let print = begun.entry(component).or_insert([0, 0, 0, 1]);
            *print = values.iter().fold(mixed(*print, values.len() as u64), |print, &value| {
                mixed(print, value.cast_unsigned())
            });
        };
        for node in 0..problem.participants() {
            let person = nodes.participant(node);
            let component = sets.find(person);
            let served = i64::from(problem.served_weight(node));
            let is_backup = i64::from(node >= nodes.people);
            add(component, &[1, is_backup, person.into(), served, problem.unmatched_cost(node)]);
            if let Some((supporter, cost)) = problem.pin(node) {
                add(component, &[2, supporter.into(), cost]);
            }
            // Pairs at their weight: what a standing match costs less is that of the matching.
            if node < nodes.people {
                for &(supporter, weight) in &question.rows[node as usize] {
                    add(component, &[3, supporter.into(), weight.into()]);
                }
            } else {
                for (supporter, cost) in problem.row(node) {
                    let [_, _, supporter] = nodes.pair(node, supporter);
                    add(component, &[4, supporter, cost]);
                }
            }
        }
        for supporter in 0..problem.supporters() {
            let component = sets.find(nodes.supporter(supporter));
            let group = problem.group(supporter).map_or(-1, i64::from);
            let number = [i64::from(supporter >= own), i64::from(supporter % own)];
            add(component, &[5, number[0], number[1], problem.capacity(supporter).into(), group]);
            add(component, problem.load_cost(supporter));
            add(component, problem.balance_cost(supporter));
        }
        for group in 0..problem.groups() {
            let component = sets.find(nodes.group(group));
            add(component, &[6, group.into(), problem.group_capacity(group).into()]);
        }
        for (rule, row) in rows() {
            let Some(first) = row.terms.first() else { continue };
            let component = sets.find(nodes.of(first.0));
            let price = match rule.firmness {
                Firmness::Firm => -1,
                Firmness::Soft { price } => price,
            };
            let sense = match row.sense {
                Sense::AtMost => 0,
                Sense::AtLeast => 1,
                Sense::Exactly => 2,
            };
            add(component, &[7, price, sense, row.bound]);
            for &(variable, weight) in &row.terms {
                let [as_backup, one, other] = match variable {
                    Variable::Pair { participant, supporter } => nodes.pair(participant, supporter),
                    Variable::Unmatched(participant) => [2, nodes.participant(participant).into(), 0],
                    // Numbers of these move with people elsewhere.
                    Variable::Auxiliary(_) => [3, 0, 0],
                };
                add(component, &[8, as_backup, one, other, weight]);
            }
        }
        if let Some((ruled, _)) = ruled {
            for (number, auxiliary) in (0..).zip(ruled.auxiliaries()) {
                let component = sets.find(nodes.auxiliary(number));
                add(component, &[9, auxiliary.cost]);
            }
        }
        Self { of: (0..nodes.people).map(|person| sets.find(person)).collect(), begun }
    }

    /// The print of each component with a matching that stands.
    fn prints(&self, compatibility: &Compatibility, placed: &Placed) -> BTreeMap<u32, Print> {
        let usual = price_to_micro(compatibility.policy().objective.change_price);
        let mut prints = self.begun.clone();
        for (one, (&component, &own)) in self.of.iter().zip(&placed.own).enumerate() {
            let Some(print) = prints.get_mut(&component) else { continue };
            let Some(own) = own else {
                *print = mixed(*print, 0);
                continue;
            };
            let standing = compatibility.standing(one).filter(|standing| standing.supporter == own);
            let price = standing.map_or(usual, |standing| i64::from(standing.price));
            let backup = placed.backups.get(&(one as u32)).map_or(-1, |&supporter| i64::from(supporter));
            for value in [i64::from(own) + 1, price, backup] {
                *print = mixed(*print, value.cast_unsigned());
            }
        }
        prints
    }

    /// The prints of all of them, once they are solved.
    pub(in crate::matcher::live) fn settled(
        &self,
        compatibility: &Compatibility,
        placed: &Placed,
    ) -> BTreeSet<Print> {
        self.prints(compatibility, placed).into_values().collect()
    }
}

impl Question {
    /// Leaves everybody where they are whose component is settled; returns how many others there are who could move.
    pub(super) fn leave_settled(
        &mut self,
        components: &Components,
        (program, kept): (&Program, &Kept),
        settled: &BTreeSet<Print>,
    ) -> u32 {
        let mut open = 0;
        let people = self.rows.len();
        let placed = kept.stands(program);
        let prints = components.prints(&kept.compatibility, &placed);
        for one in 0..people {
            let print = prints.get(&components.of[one]);
            let is_settled = print.is_some_and(|print| settled.contains(print));
            if kept.pinned_to(one as u32).is_some() {
                if let Some(row) = self.standby.get_mut(one).filter(|_| is_settled) {
                    row.retain(|pair| Some(pair.0) == placed.backups.get(&(one as u32)).copied());
                }
                continue;
            }
            if !is_settled {
                open += u32::from(!self.rows[one].is_empty());
                continue;
            }
            let stays = placed.own[one];
            let only = |row: &mut Row, supporter: Option<u32>| row.retain(|pair| Some(pair.0) == supporter);
            only(&mut self.rows[one], stays);
            if !self.rows[one].is_empty() {
                self.stays.extend(stays.map(|supporter| (one as u32, supporter)));
            }
            if let Some(row) = self.standby.get_mut(one) {
                only(row, placed.backups.get(&(one as u32)).copied());
            }
        }
        open
    }
}
