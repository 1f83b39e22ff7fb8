//! Rules that are out of range, say nothing, or contradict themselves or each other: what the document alone shows.
//!
//! Every one of these is a fault, and all are told at once. A rule that says nothing was meant to say something, and
//! nothing else would tell the programme that it does not. What only a programme can show is `known`'s to say.
//!
//! O(n^2) in the rules and in the names that one of them lists.

use serde::Serialize;

use super::people::Side;
use super::{Backup, Counted, Open, People, Per, Quota, Role, Rule, RuleKind};
use crate::policy::Checks;
use crate::program::{ParticipantId, SupporterId};

/// Checks rules and backups.
pub(in crate::policy) fn check(
    rules: &[Rule],
    backup: Option<&Backup>,
    worst_off_first: bool,
    checks: &mut Checks,
) {
    for (place, rule) in rules.iter().enumerate() {
        let at = address(place, rule);
        let name = rule.name.trim();
        if name.is_empty() {
            checks.fault(&at, "\"\"", "has no name", "name it; results and messages will show it");
        } else if rules[..place].iter().any(|earlier| earlier.name.trim() == name) {
            let remedy = "give each rule a name of its own";
            checks.fault(&at, name, "is the name of an earlier rule", remedy);
        }
        rule.check(&at, backup.is_some(), checks);
    }
    together_and_apart(rules, checks);
    if let Some(backup) = backup {
        backup.check(checks);
    }
    if worst_off_first && (!rules.is_empty() || backup.is_some()) {
        checks.fault(
            "objective.worst_off_first",
            "true",
            "cannot be had together with rules or backups, which are solved for the total",
            "turn one of both off",
        );
    }
}

/// Where a rule stands, for people: its place from 1, and its name.
pub(super) fn address(place: usize, rule: &Rule) -> String {
    format!("rules[{}] ({})", place + 1, rule.name)
}

/// A value as a TOML document has it on one line.
pub(super) fn written(value: &impl Serialize) -> String {
    toml::Value::try_from(value).map_or_else(|_| "?".to_owned(), |value| value.to_string())
}

/// Nothing lies at or above a least and below a most that is no more; without a least it is 0, below which nothing is.
fn nothing_between(
    checks: &mut Checks,
    at: &str,
    (least_field, least): (&str, Option<f64>),
    (most_field, most): (&str, Option<f64>),
) {
    if let (Some(least), Some(most)) = (least, most)
        && most <= least
    {
        let problem = format!("is no more than {least_field} = {least}, so nothing is ever counted");
        checks.fault(
            &format!("{at}.{most_field}"),
            &most.to_string(),
            &problem,
            "raise it, or lower the other",
        );
    }
    if most_field.ends_with("_below") && least.is_none() && most == Some(0.0) {
        let (field, problem) =
            (format!("{at}.{most_field}"), "is below everything, so nothing is ever counted");
        checks.fault(&field, "0", problem, "raise it, or take it out");
    }
}

/// A bound that whatever is counted keeps.
fn asks_for_nothing(checks: &mut Checks, field: &str, value: &str) {
    checks.fault(
        field,
        value,
        "is so of everything, so it asks for nothing",
        "take it out, or mend the number",
    );
}

/// Those who are to have the same supporter, and those who are never to: who is both can never be matched.
fn together_and_apart(rules: &[Rule], checks: &mut Checks) {
    // Two by two is enough: who is together with the same is together.
    let mut groups: Vec<Vec<&str>> = Vec::new();
    for rule in rules {
        if let RuleKind::Together(people) = &rule.kind {
            let mut joined: Vec<&str> = people.participants.iter().map(ParticipantId::as_str).collect();
            groups.retain(|group| {
                let touches = group.iter().any(|id| joined.contains(id));
                if touches {
                    joined.extend(group);
                }
                !touches
            });
            groups.push(joined);
        }
    }
    let mut teams: Vec<Vec<&str>> = Vec::new();
    for (place, rule) in rules.iter().enumerate() {
        let at = address(place, rule);
        match &rule.kind {
            RuleKind::Apart(people) => {
                let ids: Vec<&str> = people.participants.iter().map(ParticipantId::as_str).collect();
                for [one, other] in of_both(&ids, &groups) {
                    checks.fault(
                        &format!("{at}.apart.participants"),
                        &written(&[one, other]),
                        "are to be together by other rules, so neither could be matched",
                        "take one of them out, here or there",
                    );
                }
            }
            RuleKind::Team(team) => {
                let ids: Vec<&str> = team.supporters.iter().map(SupporterId::as_str).collect();
                for id in ids.iter().filter(|id| teams.iter().any(|team| team.contains(id))) {
                    checks.fault(
                        &format!("{at}.team.supporters"),
                        id,
                        "is in an earlier team, and nobody has three supporters, so this one could support nobody",
                        "keep everyone to one team",
                    );
                }
                teams.push(ids);
            }
            _ => {}
        }
    }
    for (place, rule) in rules.iter().enumerate() {
        if let RuleKind::NeverBoth(both) = &rule.kind {
            let ids: Vec<&str> = both.supporters.iter().map(SupporterId::as_str).collect();
            for [one, other] in of_both(&ids, &teams) {
                checks.fault(
                    &format!("{}.never_both.supporters", address(place, rule)),
                    &written(&[one, other]),
                    "are a team by another rule, so neither could support anybody",
                    "take one of the two rules out",
                );
            }
        }
    }
}

/// The first two of a list who are in the same group, for each group.
fn of_both<'a>(ids: &[&'a str], groups: &[Vec<&str>]) -> Vec<[&'a str; 2]> {
    let of_group = |group: &Vec<&str>| {
        let mut within = ids.iter().copied().filter(|id| group.contains(id));
        let first = within.next()?;
        // One who is named twice is a fault of its own.
        Some([first, within.find(|id| *id != first)?])
    };
    groups.iter().filter_map(of_group).collect()
}

impl Rule {
    fn check(&self, at: &str, has_backup: bool, checks: &mut Checks) {
        if let Some(price) = self.price {
            checks.range(&format!("{at}.price"), price, 0.0, 1000.0);
        }
        let kind = self.kind.as_str();
        match &self.kind {
            RuleKind::Hours(hours) => {
                let field = format!("{at}.hours.hours_per_match");
                checks.range(&field, hours.hours_per_match, 0.0, 168.0);
                if (0.0..0.5 / 60.0).contains(&hours.hours_per_match) {
                    checks.fault(
                        &field,
                        &hours.hours_per_match.to_string(),
                        "is less than a minute, so a match would take no time",
                        "write the hours of one week, as in 1.5",
                    );
                }
                if hours.per == Per::Programme {
                    let remedy = "write \"supporter\" or \"supervisor\"";
                    checks.fault(&format!("{at}.hours.per"), "programme", "has no hours of its own", remedy);
                }
            }
            RuleKind::Quota(quota) => quota.check(&format!("{at}.quota"), has_backup, checks),
            RuleKind::Together(people) | RuleKind::Apart(people) => {
                let ids: Vec<&str> = people.participants.iter().map(ParticipantId::as_str).collect();
                check_list(&format!("{at}.{kind}.participants"), &ids, checks);
            }
            RuleKind::NeverBoth(team) | RuleKind::Team(team) => {
                let field = format!("{at}.{kind}.supporters");
                let ids: Vec<&str> = team.supporters.iter().map(SupporterId::as_str).collect();
                check_list(&field, &ids, checks);
                if matches!(self.kind, RuleKind::Team(_)) && ids.len() > 2 {
                    checks.fault(&field, &written(&ids), "are too many for a team", "name two");
                }
                if !has_backup {
                    checks.fault(
                        at,
                        kind,
                        "is about two supporters of one person, and everyone has one at the most",
                        "give backups by a section [backup], or take the rule out",
                    );
                }
            }
            RuleKind::Open(open) => open.check(&format!("{at}.open"), checks),
        }
    }
}

/// Two different people at least, each once.
fn check_list(field: &str, ids: &[&str], checks: &mut Checks) {
    if ids.len() < 2 {
        checks.fault(field, &written(&ids), "names fewer than two", "name two or more");
    }
    for (place, id) in ids.iter().enumerate() {
        if ids[..place].contains(id) {
            checks.fault(field, id, "stands there twice", "name everyone once");
        }
    }
}

impl Open {
    fn check(&self, at: &str, checks: &mut Checks) {
        self.supporters.check(&format!("{at}.supporters"), Side::Supporter, checks);
        checks.range(&format!("{at}.price"), self.price, 0.0, 1000.0);
        checks.range(&format!("{at}.at_least"), self.at_least.into(), 1.0, 10_000.0);
        if self.at_least == 1 && self.price == 0.0 {
            let problem = "asks for nothing: whoever takes anybody takes 1";
            checks.fault(
                at,
                &written(self),
                problem,
                "state at_least = 2 or more, or a price, or take it out",
            );
        }
    }
}

impl Quota {
    fn check(&self, at: &str, has_backup: bool, checks: &mut Checks) {
        self.count.check(&format!("{at}.count"), has_backup, checks);
        self.of.check(&format!("{at}.of"), has_backup, checks);
        let shares = [("at_most_share", self.at_most_share), ("at_least_share", self.at_least_share)];
        for (field, share) in shares {
            let (field, Some(share)) = (format!("{at}.{field}"), share) else { continue };
            checks.range(&field, share, 0.0, 1.0);
            let thousandths = (share * 1000.0).round() as i64;
            if (thousandths == 0 && share > 0.0) || (thousandths == 1000 && share < 1.0) {
                let counted = thousandths / 1000;
                let problem = format!("counts as {counted}, for shares are counted in steps of a thousandth");
                checks.fault(
                    &field,
                    &share.to_string(),
                    &problem,
                    &format!("write {counted}, or another share"),
                );
            }
        }
        if self.at_most_share == Some(1.0) {
            asks_for_nothing(checks, &format!("{at}.at_most_share"), "1");
        }
        if self.at_least_share == Some(0.0) {
            asks_for_nothing(checks, &format!("{at}.at_least_share"), "0");
        }
        if self.at_least == Some(0) {
            asks_for_nothing(checks, &format!("{at}.at_least"), "0");
        }
        let has_share = shares.iter().any(|(_, share)| share.is_some());
        if !has_share && self.at_most.is_none() && self.at_least.is_none() {
            let remedy = "state at_most, at_least, at_most_share or at_least_share";
            checks.fault(at, &written(self), "has no bound", remedy);
        }
        if !has_share && self.of != Counted::default() {
            let (problem, remedy) = (
                "says what shares are of, and there is no share",
                "state a share, or move the conditions to `count`",
            );
            checks.fault(&format!("{at}.of"), &written(&self.of), problem, remedy);
        }
        if has_share && let Some(field) = self.count.excludes(&self.of) {
            checks.fault(
                &format!("{at}.count.{field}"),
                &written(&self.count),
                &format!("is never so of what shares are of, {}", written(&self.of)),
                &format!("mend {field} in `count` or in `of`"),
            );
        }
        let whole = (self.at_least.map(f64::from), self.at_most.map(f64::from));
        let share = (self.at_least_share, self.at_most_share);
        for (least_field, most_field, bounds) in
            [("at_least", "at_most", whole), ("at_least_share", "at_most_share", share)]
        {
            if let (Some(least), Some(most)) = bounds
                && least > most
            {
                checks.fault(
                    &format!("{at}.{least_field}"),
                    &least.to_string(),
                    &format!("is more than {most_field} = {most}"),
                    "lower it, or raise the other",
                );
            }
        }
    }
}

impl Counted {
    /// A field by which no match is both of this sort and of the other, if there is one.
    fn excludes(&self, other: &Self) -> Option<&'static str> {
        let differ =
            |one: Option<bool>, other: Option<bool>| one.is_some() && other.is_some() && one != other;
        let below = |most: Option<f64>, least: Option<f64>| {
            most.is_some_and(|most| least.is_some_and(|least| most <= least))
        };
        let roles = [self.role, other.role];
        let found = [
            ("role", roles[0] != roles[1] && !roles.contains(&Role::Any)),
            ("remote", differ(self.remote, other.remote)),
            ("relaxed", differ(self.relaxed, other.relaxed)),
            ("within_km", below(self.within_km, other.beyond_km)),
            ("beyond_km", below(other.within_km, self.beyond_km)),
            ("score_below", below(self.score_below, other.score_from)),
            ("score_from", below(other.score_below, self.score_from)),
        ];
        found.into_iter().find_map(|(field, excludes)| excludes.then_some(field))
    }

    fn check(&self, at: &str, has_backup: bool, checks: &mut Checks) {
        if self.role != Role::Primary && !has_backup {
            let remedy = "give backups by a section [backup], or leave the role out";
            let (field, value) = (format!("{at}.role"), written(&self.role));
            checks.fault(&field, &value, "counts backups, and nobody has one", remedy);
        }
        for (field, value, most) in [
            ("beyond_km", self.beyond_km, 40_000.0),
            ("within_km", self.within_km, 40_000.0),
            ("score_below", self.score_below, 1.0),
            ("score_from", self.score_from, 1.0),
        ] {
            if let Some(value) = value {
                checks.range(&format!("{at}.{field}"), value, 0.0, most);
            }
        }
        if self.score_from == Some(0.0) {
            asks_for_nothing(checks, &format!("{at}.score_from"), "0");
        }
        nothing_between(checks, at, ("beyond_km", self.beyond_km), ("within_km", self.within_km));
        nothing_between(checks, at, ("score_from", self.score_from), ("score_below", self.score_below));
        self.participant.check(&format!("{at}.participant"), Side::Participant, checks);
        self.supporter.check(&format!("{at}.supporter"), Side::Supporter, checks);
    }
}

impl People {
    fn check(&self, at: &str, side: Side, checks: &mut Checks) {
        let age = [("child_age_from", self.child_age_from), ("child_age_below", self.child_age_below)];
        let experience = [
            ("experience_years_from", self.experience_years_from),
            ("experience_years_below", self.experience_years_below),
        ];
        for [from, below] in [age, experience] {
            for (field, years) in [from, below] {
                if let Some(years) = years {
                    checks.range(&format!("{at}.{field}"), years, 0.0, 120.0);
                }
            }
            nothing_between(checks, at, from, below);
        }
        if self.codes_from == Some(0) {
            asks_for_nothing(checks, &format!("{at}.codes_from"), "0");
        }
        for (name, _) in self.attributes.iter().filter(|(_, values)| values.is_empty()) {
            let problem = "names no value, so nobody is meant";
            checks.fault(
                &format!("{at}.attributes.{name}"),
                "[]",
                problem,
                "name one or more, or take it out",
            );
        }
        let only = |checks: &mut Checks, field: &str, value: &str, whose: &str| {
            let problem = format!("is a field of {whose}");
            checks.fault(&format!("{at}.{field}"), value, &problem, "take it out");
        };
        match side {
            Side::Participant => {
                if let Some(priority) = self.priority_from {
                    checks.range(&format!("{at}.priority_from"), priority.into(), 1.0, 9.0);
                }
                if !self.supervisors.is_empty() {
                    only(checks, "supervisors", &written(&self.supervisors), "supporters");
                }
            }
            Side::Supporter => {
                if let Some(priority) = self.priority_from {
                    only(checks, "priority_from", &priority.to_string(), "participants");
                }
                if let Some(days) = self.waiting_days_from {
                    only(checks, "waiting_days_from", &days.to_string(), "participants");
                }
            }
        }
    }
}

impl Backup {
    fn check(&self, checks: &mut Checks) {
        self.participants.check("backup.participants", Side::Participant, checks);
        self.requires.check("backup.requires", true, checks);
        if self.requires.role != Role::Primary {
            let remedy = "leave it out; it is about backups anyway";
            let value = written(&self.requires.role);
            checks.fault("backup.requires.role", &value, "has no meaning there", remedy);
        }
        checks.range("backup.places", self.places.into(), 1.0, 10_000.0);
        if let Some(worth) = self.worth {
            checks.range("backup.worth", worth, 0.0, 1.0);
        }
    }
}
