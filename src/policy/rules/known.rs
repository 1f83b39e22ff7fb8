//! Rules beside a programme: whom and what they name that it does not have, and what could never be so in it.
//!
//! An id, a code or a supervisor that the programme does not have is a fault: somebody else would be meant. So is a
//! firm rule that these people could keep only by matching nobody it is about; a soft one warns. A region, a language,
//! an attribute that nobody has today is a warning only, for a policy outlives its programme's people: next month
//! somebody may live there.
//!
//! O(people x what rules name); candidates for "perhaps X was meant" are gone through once for each name not known.

use std::collections::BTreeSet;

use jiff::civil::Date;

use super::check::{address, written};
use super::people::{Person, Side, same};
use super::{Backup, Counted, Hours, Open, People, Per, Quota, Rule, RuleKind};
use crate::error::{Fault, Severity};
use crate::policy::{Loads, Policy};
use crate::program::nearest::all_nearest;
use crate::program::{
    Code, GENDER, Hold, LanguageTag, ParticipantId, Program, Supporter, SupporterId, Taxonomy,
};

/// Everything odd about the rules and backups of a policy beside a programme, on that day: errors and warnings.
pub(crate) fn beside(policy: &Policy, program: &Program, on: Date) -> Vec<Fault> {
    let mut found = Findings { program, loads: &policy.loads, on, at: String::new(), faults: Vec::new() };
    for (place, rule) in policy.rules.iter().enumerate() {
        found.at = address(place, rule);
        found.rule(rule);
    }
    if let Some(backup) = &policy.backup {
        "backup".clone_into(&mut found.at);
        found.backup(backup);
    }
    found.faults
}

/// What a selection of supporters names that nobody is: warnings, or errors for what the programme does not have.
pub(crate) fn odd_supporters(program: &Program, on: Date, people: &People, loads: &Loads) -> Vec<Fault> {
    let mut found = Findings { program, loads, on, at: "question".to_owned(), faults: Vec::new() };
    found.people("only", people, Side::Supporter);
    for fault in &mut found.faults {
        "cards".clone_into(&mut fault.file);
    }
    found.faults
}

/// "perhaps X was meant" where one candidate is near; of short names it has to be the only one.
fn remedy<'a>(wanted: &str, candidates: impl Iterator<Item = &'a str>, otherwise: &str) -> String {
    const SHORT: usize = 3;
    // Each once, in one order.
    let candidates: BTreeSet<&str> = candidates.collect();
    let near = all_nearest(wanted, candidates.into_iter().collect());
    match &near[..] {
        [only] => format!("perhaps {only} was meant; otherwise {otherwise}"),
        [first, ..] if wanted.chars().count() > SHORT => {
            format!("perhaps {first} was meant; otherwise {otherwise}")
        }
        _ => otherwise.to_owned(),
    }
}

/// The same for what nobody has today; where nothing is near and what there is can be listed, it is.
fn remedy_yet<'a>(wanted: &str, there: impl Iterator<Item = &'a str>) -> String {
    const FEW: usize = 12;
    let there: BTreeSet<&str> = there.collect();
    let told = remedy(wanted, there.iter().copied(), NOBODY_YET);
    if told != NOBODY_YET || there.is_empty() || there.len() > FEW {
        return told;
    }
    format!("there is {}; {NOBODY_YET}", there.into_iter().collect::<Vec<_>>().join(", "))
}

const CORRECT: &str = "correct it, or take it out";
const NOBODY_YET: &str = "leave it if somebody may come";

/// What is found, and where.
struct Findings<'a> {
    program: &'a Program,
    loads: &'a Loads,
    on: Date,
    at: String,
    faults: Vec<Fault>,
}

impl Findings<'_> {
    fn tell(&mut self, severity: Severity, field: &str, value: &str, problem: &str, remedy: String) {
        let dot = if field.is_empty() { "" } else { "." };
        self.faults.push(Fault {
            severity,
            file: "policy".to_owned(),
            row: None,
            id: None,
            field: Some(format!("{}{dot}{field}", self.at)),
            value: Some(value.to_owned()),
            problem: problem.to_owned(),
            remedy,
        });
    }

    fn error(&mut self, field: &str, value: &str, problem: &str, remedy: String) {
        self.tell(Severity::Error, field, value, problem, remedy);
    }

    fn warn(&mut self, field: &str, value: &str, problem: &str, remedy: String) {
        self.tell(Severity::Warning, field, value, problem, remedy);
    }

    /// What only matching nobody keeps: a fault of a firm rule; a soft one may be missed, and only warns.
    fn unkept(&mut self, firm: bool, field: &str, value: &str, problem: &str, remedy: &str) {
        let severity = if firm { Severity::Error } else { Severity::Warning };
        self.tell(severity, field, value, problem, remedy.to_owned());
    }

    fn rule(&mut self, rule: &Rule) {
        let kind = rule.kind.as_str();
        match &rule.kind {
            RuleKind::Hours(hours) => self.hours(hours),
            RuleKind::Quota(quota) => self.quota(quota),
            RuleKind::Together(people) | RuleKind::Apart(people) => {
                let field = format!("{kind}.participants");
                let ids: Vec<&str> = people.participants.iter().map(ParticipantId::as_str).collect();
                self.ids(&field, &ids, Side::Participant);
                if matches!(rule.kind, RuleKind::Together(_)) {
                    self.together(&field, &ids, rule.is_firm());
                }
            }
            RuleKind::NeverBoth(team) | RuleKind::Team(team) => {
                let ids: Vec<&str> = team.supporters.iter().map(SupporterId::as_str).collect();
                self.ids(&format!("{kind}.supporters"), &ids, Side::Supporter);
            }
            RuleKind::Open(open) => self.open(open, rule.is_firm()),
        }
    }

    fn backup(&mut self, backup: &Backup) {
        self.people("participants", &backup.participants, Side::Participant);
        self.counted("requires", &backup.requires);
    }

    fn hours(&mut self, hours: &Hours) {
        let supporters = self.program.supporters().iter().map(|own| own.hours_per_week);
        let supervisors = self.program.supervisors().iter().map(|own| own.hours_per_week);
        let nobody = match hours.per {
            Per::Supervisor => supervisors.flatten().next().is_none(),
            _ => supporters.flatten().next().is_none(),
        };
        if nobody {
            let remedy = "fill in hours_per_week, or take the rule out".to_owned();
            self.warn(
                "hours.per",
                &written(&hours.per),
                "none of them states hours, so nobody is limited",
                remedy,
            );
        }
    }

    fn quota(&mut self, quota: &Quota) {
        self.counted("quota.count", &quota.count);
        self.counted("quota.of", &quota.of);
        let supervised = || self.program.supporters().iter().any(|own| own.supervisor.is_some());
        if quota.per == Per::Supervisor && !supervised() {
            let problem = "no supporter has a supervisor, so nothing is ever counted";
            self.warn(
                "quota.per",
                "supervisor",
                problem,
                "fill in who supervises whom, or take it out".to_owned(),
            );
        }
    }

    fn counted(&mut self, field: &str, counted: &Counted) {
        self.people(&format!("{field}.participant"), &counted.participant, Side::Participant);
        self.people(&format!("{field}.supporter"), &counted.supporter, Side::Supporter);
    }

    fn ids(&mut self, field: &str, ids: &[&str], side: Side) {
        for id in ids {
            let (index, problem) = match side {
                Side::Participant => (self.program.participant_index(id), "there is no such participant"),
                Side::Supporter => (self.program.supporter_index(id), "there is no such supporter"),
            };
            if index.is_none() {
                let people = Person::all(self.program, side);
                let remedy = remedy(id, people.iter().map(|own| own.id), CORRECT);
                self.error(field, id, problem, remedy);
            }
        }
    }

    /// The most participants that each supporter could have: the capacity, and what is pinned beyond it.
    fn capacities(&self) -> Vec<u32> {
        let supporters = self.program.supporters();
        let mut pinned = vec![0_u32; supporters.len()];
        for row in self.program.history().standing.iter().filter(|row| row.hold == Hold::Pinned) {
            if let Some(supporter) = self.program.supporter_index(row.supporter.as_str()) {
                pinned[supporter] += 1;
            }
        }
        let capacity = |(index, (own, pinned)): (usize, (&Supporter, u32))| match index {
            _ if self.program.is_vacant_supporter(index) => 0,
            _ => self.loads.capacity(own.capacity).max(pinned),
        };
        supporters.iter().zip(pinned).enumerate().map(capacity).collect()
    }

    fn together(&mut self, field: &str, ids: &[&str], firm: bool) {
        for id in ids {
            let person = self.program.participant_index(id).map(|index| &self.program.participants()[index]);
            if person.is_some_and(|person| !person.consent) {
                let problem = "has not consented to being matched, and without them the others have nobody";
                self.warn(field, id, problem, "take them out until they have".to_owned());
            }
        }
        let most = self.capacities().into_iter().max().unwrap_or(0);
        let anybody = !Person::all(self.program, Side::Supporter).is_empty();
        if ids.len() > most as usize && anybody {
            let problem = format!("are {} people, and no supporter takes more than {most}", ids.len());
            self.unkept(firm, field, &written(&ids), &problem, "name fewer, or raise a capacity");
        }
    }

    fn open(&mut self, open: &Open, firm: bool) {
        self.people("open.supporters", &open.supporters, Side::Supporter);
        let meant = open.supporters.supporters(self.program, self.on);
        let meant: Vec<u32> = self
            .capacities()
            .into_iter()
            .zip(meant)
            .filter_map(|(most, meant)| meant.then_some(most))
            .collect();
        let Some(&most) = meant.iter().max() else { return };
        let (field, least) = ("open.at_least", open.at_least);
        if most < least {
            let problem = format!("no supporter who is meant takes more than {most}");
            self.unkept(firm, field, &least.to_string(), &problem, "lower it, or raise their capacities");
            return;
        }
        let few = meant.iter().filter(|&&most| most > 0 && most < least).count();
        if few > 0 {
            let problem =
                format!("{few} of the {} supporters who are meant take fewer at the most", meant.len());
            let remedy = "leave them out of open.supporters if they are to take anybody".to_owned();
            self.warn(field, &least.to_string(), &problem, remedy);
        }
    }

    /// Names of one selection, and whether anybody is meant by all of it.
    fn people(&mut self, field: &str, people: &People, side: Side) {
        if people.is_everyone() {
            return;
        }
        let before = self.faults.len();
        let ids: Vec<&str> = people.ids.iter().map(String::as_str).collect();
        self.ids(&format!("{field}.ids"), &ids, side);
        let all = Person::all(self.program, side);
        let who = match side {
            Side::Participant => "participant",
            Side::Supporter => "supporter",
        };
        let conditions = (&people.conditions[..], self.program.conditions());
        self.codes(&format!("{field}.conditions"), conditions, |code, taxonomy| {
            all.iter().any(|own| own.conditions.iter().any(|own| taxonomy.is_same_or_below(own, code)))
        });
        let issues = (&people.issues[..], self.program.issues());
        self.codes(&format!("{field}.issues"), issues, |code, taxonomy| {
            all.iter().any(|own| own.issues.iter().any(|own| taxonomy.is_same_or_below(own, code)))
        });
        for region in &people.regions {
            let regions = || all.iter().filter_map(|own| own.region);
            if !regions().any(|own| same(own, region)) {
                let remedy = remedy_yet(region, regions());
                self.warn(&format!("{field}.regions"), region, &format!("no {who} lives there"), remedy);
            }
        }
        for tag in &people.languages {
            if !all.iter().any(|own| own.languages.iter().any(|own| own.mutually_intelligible(tag))) {
                let problem = format!("no {who} speaks it");
                let spoken = all.iter().flat_map(|own| own.languages.iter().map(LanguageTag::as_str));
                let remedy = remedy_yet(tag.as_str(), spoken);
                self.warn(&format!("{field}.languages"), tag.as_str(), &problem, remedy);
            }
        }
        for (name, values) in &people.attributes {
            self.attribute(&format!("{field}.attributes"), (name, values), &all, who);
        }
        let supervisors = self.program.supervisors();
        for id in people.supervisors.iter().filter(|id| self.program.supervisor_index(id.as_str()).is_none())
        {
            let remedy = remedy(id.as_str(), supervisors.iter().map(|own| own.id.as_str()), CORRECT);
            let problem = "there is no such supervisor";
            self.error(&format!("{field}.supervisors"), id.as_str(), problem, remedy);
        }
        let meant = || match side {
            Side::Participant => people.participants(self.program, self.on),
            Side::Supporter => people.supporters(self.program, self.on),
        };
        if self.faults.len() == before && !all.is_empty() && !meant().contains(&true) {
            let problem = format!("no {who} is all of this");
            self.warn(field, &written(people), &problem, format!("loosen it, or {NOBODY_YET}"));
        }
    }

    fn codes(
        &mut self,
        field: &str,
        (codes, taxonomy): (&[Code], &Taxonomy),
        has: impl Fn(&Code, &Taxonomy) -> bool,
    ) {
        for code in codes {
            if !taxonomy.is_empty() && taxonomy.concept(code).is_none() {
                let concepts = || taxonomy.graph().node_weights();
                // Somebody may have written what it is called.
                let called = concepts().find(|concept| same(&concept.name, code.as_str()));
                let remedy = match called {
                    Some(concept) => format!("its code is {}", concept.code),
                    None => remedy(code.as_str(), concepts().map(|own| own.code.as_str()), CORRECT),
                };
                self.error(field, code.as_str(), "the taxonomy has no such code", remedy);
            } else if !has(code, taxonomy) {
                self.warn(field, code.as_str(), "nobody has it, or one below it", NOBODY_YET.to_owned());
            }
        }
    }

    fn attribute(&mut self, field: &str, (name, values): (&str, &[String]), all: &[Person<'_>], who: &str) {
        let there: BTreeSet<&str> = all.iter().flat_map(|own| own.values(name)).collect();
        if there.is_empty() {
            let names = all.iter().flat_map(|own| own.attributes.keys().map(String::as_str)).chain([GENDER]);
            let remedy = remedy_yet(name, names);
            self.warn(field, name, &format!("no {who} has an attribute of this name"), remedy);
            return;
        }
        for value in values.iter().filter(|value| !there.iter().any(|own| same(own, value))) {
            let remedy = remedy_yet(value, there.iter().copied());
            self.warn(&format!("{field}.{name}"), value, &format!("no {who} has this value"), remedy);
        }
    }
}
