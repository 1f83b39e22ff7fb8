//! What a coordinator reads on the screen.

use std::collections::BTreeMap;
use std::io::{self, Write};

use peermatch::assignment::AlgorithmUsed;
use peermatch::compatibility::Compatibility;
use peermatch::matching::{Matching, Origin, Reason, Score, Unmatched, Vouched};
use peermatch::{Fault, Matcher, Severity};

use crate::files::Refusal;
use crate::why::{if_lifted, left};
use crate::words::{counted, verb};

/// How many lines of a long list are shown unless all are asked for.
const FEW: usize = 8;

/// A match with less confidence than this, in millionths, rests on less than half of the facts.
const HALF: i64 = 500_000;

/// Every error, and the first of the warnings that came with them.
pub(crate) fn print_refusal(refusal: &Refusal, all: bool) {
    let (errors, warnings): (Vec<&Fault>, Vec<&Fault>) =
        refusal.faults.iter().partition(|fault| fault.severity == Severity::Error);
    for error in &errors {
        eprintln!("{error}");
    }
    for message in &refusal.others {
        eprintln!("{message}");
    }
    print_warnings(&warnings.iter().map(ToString::to_string).collect::<Vec<_>>(), all);
    let count = (errors.len() + refusal.others.len()) as u64;
    eprintln!("{}: nothing was matched and nothing was written.", counted(count, "fault", "faults"));
}

pub(crate) fn print_warnings(warnings: &[String], all: bool) {
    let shown = if all { warnings.len() } else { FEW.min(warnings.len()) };
    for warning in &warnings[..shown] {
        eprintln!("{warning}");
    }
    if shown < warnings.len() {
        let more = counted((warnings.len() - shown) as u64, "more warning", "more warnings");
        eprintln!("... and {more} (--all lists them)");
    }
}

/// What the summary is about.
pub(crate) struct Summary<'a> {
    pub(crate) matcher: &'a Matcher,
    pub(crate) compatibility: &'a Compatibility,
    pub(crate) matching: &'a Matching,
    /// Lists are shown whole.
    pub(crate) all: bool,
    /// What stopped the search, if something did.
    pub(crate) stopped: &'a str,
}

impl Summary<'_> {
    pub(crate) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        self.print_served(out)?;
        if !self.matching.pairs.is_empty() {
            self.print_quality(out)?;
        }
        self.print_rules(out)?;
        self.print_left(out)?;
        self.print_loads(out)?;
        self.print_ended(out)?;
        if let Some(pair) = self.matching.pairs.iter().find(|pair| pair.origin == Origin::New) {
            writeln!(out, "\nFor example, {} with {}:", pair.participant, pair.supporter)?;
            writeln!(out, "{}", pair.explanation)?;
            writeln!(
                out,
                "(--explain ID shows this for any participant or supporter; the JSON holds it for all.)"
            )?;
        }
        Ok(())
    }

    /// How many of a long list to show.
    fn shown(&self, length: usize) -> usize {
        if self.all { length } else { FEW.min(length) }
    }

    fn print_served(&self, out: &mut dyn Write) -> io::Result<()> {
        let (totals, pairs) = (&self.matching.totals, &self.matching.pairs);
        let asking = totals.matched + totals.unmatched;
        writeln!(out, "Matching of {}", self.matching.as_of)?;
        if let Some(why) = nobody(self.matching) {
            writeln!(out, "  Nobody is matched: {why}.")?;
        } else {
            writeln!(
                out,
                "  {} of {} {} matched ({})",
                totals.matched,
                counted(asking, "participant", "participants"),
                verb_of(totals.matched.into(), asking.into()),
                share(totals.matched, asking)
            )?;
            let count = |origin| pairs.iter().filter(|pair| pair.origin == origin).count() as u64;
            writeln!(
                out,
                "    {} new, {} as before by choice, {} as before because pinned",
                counted(count(Origin::New), "is", "are"),
                counted(count(Origin::Kept), "stays", "stay"),
                counted(count(Origin::Pinned), "stays", "stay")
            )?;
        }
        if totals.participants > 0 {
            writeln!(
                out,
                "  {} left, and {} not consented to being matched",
                counted(totals.unmatched, "is", "are"),
                counted(totals.without_consent, "has", "have")
            )?;
        }
        self.print_proof(out)
    }

    fn print_proof(&self, out: &mut dyn Write) -> io::Result<()> {
        let solution = &self.matching.solution;
        if self.matching.pairs.is_empty() && solution.pairs == 0 {
            return Ok(());
        }
        if solution.optimal {
            let proof = match (solution.algorithm, solution.proof) {
                (AlgorithmUsed::IlpMicrolp | AlgorithmUsed::IlpHighs, _) => "so says the integer program",
                (_, Vouched::Solver) => "every rule was counted again, and the search came to its end",
                _ => "the proof was checked",
            };
            writeln!(out, "  Optimal: no other matching is better by the policy; {proof}.")?;
            return self.print_why(out);
        }
        self.print_why(out)?;
        writeln!(
            out,
            "  Not optimal, or not proven so: the search was stopped early {}, and this is the best found until then.",
            self.stopped
        )?;
        let Some(gap) = solution.gap else { return Ok(()) };
        if gap.served > 0 {
            writeln!(
                out,
                "  Searched to the end, it might serve more people: their urgencies, each plus one, add up to {} at the \
                 most.",
                gap.served
            )?;
        }
        writeln!(
            out,
            "  Serving as many as urgent, it might score up to {:.2} more in total.",
            gap.quality.value()
        )
    }

    /// Why it was not simply a flow.
    fn print_why(&self, out: &mut dyn Write) -> io::Result<()> {
        let solution = &self.matching.solution;
        match solution.algorithm {
            AlgorithmUsed::RuleSearch | AlgorithmUsed::IlpMicrolp | AlgorithmUsed::IlpHighs => {
                writeln!(out, "  Not by a flow: {}.", solution.because)
            }
            _ => Ok(()),
        }
    }

    /// How the rules about matches together stand, and who stands by.
    fn print_rules(&self, out: &mut dyn Write) -> io::Result<()> {
        let Matching { rules, backups, pairs, .. } = self.matching;
        if !rules.is_empty() {
            writeln!(out, "\nRules about matches together")?;
        }
        for rule in rules {
            let firm = if rule.price.is_none() { "" } else { "soft; " };
            writeln!(out, "  {firm}{rule}")?;
            let shown = self.shown(rule.parts.len());
            for part in &rule.parts[..shown] {
                writeln!(out, "    {part}")?;
            }
            if shown < rule.parts.len() {
                writeln!(out, "    ... and {} more (--all lists them)", rule.parts.len() - shown)?;
            }
        }
        if self.matcher.policy().backup.is_some() {
            let matches = counted(pairs.len() as u64, "match", "matches");
            writeln!(
                out,
                "\nBackups: {} of {matches} {} one",
                backups.len(),
                verb(backups.len() as u64, "has", "have")
            )?;
        }
        Ok(())
    }

    fn print_quality(&self, out: &mut dyn Write) -> io::Result<()> {
        let (totals, pairs) = (&self.matching.totals, &self.matching.pairs);
        writeln!(out, "\nQuality")?;
        writeln!(
            out,
            "  mean {}, lowest {}; {} by phone or video; {} with a requirement relaxed",
            totals.mean_score, totals.lowest_score, totals.remote, totals.relaxed
        )?;
        let confidence = |pair: &peermatch::matching::Match| pair.explanation.confidence;
        let sum: Score = pairs.iter().map(confidence).sum();
        let mean = Score::from_micro(sum.micro() / (pairs.len().max(1) as i64));
        let lowest = pairs.iter().map(confidence).min().unwrap_or_default();
        writeln!(out, "  confidence (how much of it rests on known facts): mean {mean}, lowest {lowest}")?;
        let weak = pairs.iter().filter(|pair| confidence(pair).micro() < HALF).count() as u64;
        if weak > 0 {
            let rest = counted(weak, "match rests", "matches rest");
            writeln!(
                out,
                "  {rest} on less than half of the facts: check with the people before introducing anybody"
            )?;
        }
        let groundless = pairs.iter().filter(|pair| has_no_known_ground(pair)).count() as u64;
        if groundless > 0 {
            let have = counted(groundless, "match has", "matches have");
            writeln!(out, "  {have} no common ground that is known: no condition and no issue to compare")?;
        }
        let mut classes = [0_u32; 10];
        for pair in pairs {
            let class = (pair.score().micro() / 100_000).clamp(0, 9);
            classes[class as usize] += 1;
        }
        let most = classes.iter().copied().max().unwrap_or(0).max(1);
        for (class, &count) in classes.iter().enumerate().rev().filter(|&(_, &count)| count > 0) {
            let bar = "#".repeat((count * 40).div_ceil(most) as usize);
            writeln!(out, "  {:>3} to {:>3} %  {count:>6}  {bar}", class * 10, class * 10 + 10)?;
        }
        let mut relaxed: BTreeMap<&str, (u32, Score)> = BTreeMap::new();
        for step in pairs.iter().flat_map(|pair| &pair.explanation.relaxations) {
            let entry = relaxed.entry(&step.name).or_default();
            *entry = (entry.0 + 1, step.price);
        }
        for (name, (count, price)) in relaxed {
            let times = counted(count, "time", "times");
            writeln!(out, "  relaxed {times}: {name} (costs {price} each time)")?;
        }
        Ok(())
    }

    fn print_left(&self, out: &mut dyn Write) -> io::Result<()> {
        let mut rows: Vec<&Unmatched> =
            self.matching.unmatched.iter().filter(|row| row.reason != Reason::NoConsent).collect();
        if rows.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nWho is left")?;
        let of = |holds: fn(&Reason) -> bool| rows.iter().filter(|row| holds(&row.reason)).count();
        let groups = [
            (
                of(|reason| matches!(reason, Reason::EveryPlaceTaken { .. })),
                "somebody fits, and every place is taken",
            ),
            (of(|reason| matches!(reason, Reason::NobodyEligible)), "nobody meets the requirements"),
            (
                of(|reason| matches!(reason, Reason::NotWorthIt { .. })),
                "the whole is better without the match",
            ),
            (of(|reason| matches!(reason, Reason::Stopped)), "the search was stopped before it came to them"),
        ];
        for (count, words) in groups.into_iter().filter(|&(count, _)| count > 0) {
            writeln!(out, "  {count:>4}  {words}")?;
        }
        let mut lifted: BTreeMap<&str, u32> = BTreeMap::new();
        for row in rows.iter().filter(|row| row.reason == Reason::NobodyEligible) {
            if let Some(obstacle) = row.first_to_relax() {
                *lifted.entry(&obstacle.kind).or_default() += 1;
            }
        }
        for (kind, count) in lifted {
            writeln!(out, "        {count} of them could be matched if {}", if_lifted(kind))?;
        }
        rows.sort_by_key(|row| std::cmp::Reverse(row.urgency));
        let shown = self.shown(rows.len());
        for row in &rows[..shown] {
            writeln!(out, "  {} (urgency {})", left(row), row.urgency)?;
        }
        if shown < rows.len() {
            let more = rows.len() - shown;
            writeln!(out, "  ... and {more} more (--all lists them; the CSV and JSON hold them)")?;
        }
        Ok(())
    }

    fn print_loads(&self, out: &mut dyn Write) -> io::Result<()> {
        let (totals, matching) = (&self.matching.totals, self.matching);
        if totals.supporters == 0 {
            return Ok(());
        }
        writeln!(out, "\nLoads")?;
        writeln!(
            out,
            "  {} of {} {} taken ({}); {} with a place {} nobody",
            totals.places_taken,
            counted(totals.places, "place", "places"),
            verb_of(totals.places_taken, totals.places),
            share(totals.places_taken, totals.places),
            counted(totals.idle_supporters, "supporter", "supporters"),
            verb(totals.idle_supporters, "has", "have")
        )?;
        let mut by_load: BTreeMap<u32, u32> = BTreeMap::new();
        for load in matching.loads.iter().filter(|load| load.capacity > 0 || load.load > 0) {
            *by_load.entry(load.load).or_default() += 1;
        }
        if !by_load.is_empty() {
            let words =
                by_load.iter().map(|(load, count)| format!("{count} with {load}")).collect::<Vec<_>>();
            writeln!(out, "  supporters by number of matches:\n    {}", words.join(", "))?;
        }
        let full = matching.caseloads.iter().filter(|row| row.limit.is_some_and(|limit| row.load >= limit));
        let full: Vec<String> = full.map(|row| format!("{} ({})", row.supervisor, row.load)).collect();
        if !full.is_empty() {
            let shown = self.shown(full.len());
            let more =
                if shown < full.len() { format!(" and {} more", full.len() - shown) } else { String::new() };
            let supervisors = verb(full.len() as u64, "supervisor", "supervisors");
            writeln!(out, "  {supervisors} at their limit: {}{more}", full[..shown].join(", "))?;
        }
        Ok(())
    }

    fn print_ended(&self, out: &mut dyn Write) -> io::Result<()> {
        let ended = &self.matching.ended;
        if ended.is_empty() {
            return Ok(());
        }
        writeln!(out, "\nStanding matches that end: {}", ended.len())?;
        let shown = self.shown(ended.len());
        for row in &ended[..shown] {
            let before = self.score(row.participant.as_str(), row.supporter.as_str());
            let id = &row.participant;
            let now = self.matching.of_participant(id.as_str());
            let now = now
                .map_or_else(|| "nobody".to_owned(), |pair| format!("{} ({})", pair.supporter, pair.score()));
            writeln!(out, "  {id}: {}{before} -> {now}: {}", row.supporter, row.because)?;
        }
        if shown < ended.len() {
            writeln!(out, "  ... and {} more (--all lists them)", ended.len() - shown)?;
        }
        Ok(())
    }

    /// The score of a pair that may be matched, in brackets; nothing for another.
    fn score(&self, participant: &str, supporter: &str) -> String {
        let program = self.matcher.program();
        let places = program.participant_index(participant).zip(program.supporter_index(supporter));
        let judged = places.map(|(one, other)| self.compatibility.judge(program, one, other));
        judged
            .filter(peermatch::compatibility::Judgement::is_eligible)
            .map_or_else(String::new, |judgement| {
                format!(" ({})", Score::from_micro(i64::from(judgement.score)))
            })
    }
}

/// Neither the conditions nor the issues of the two could be compared.
fn has_no_known_ground(pair: &peermatch::matching::Match) -> bool {
    let ground = |part: &&peermatch::matching::ExplainedPart| {
        part.criterion == "condition" || part.criterion == "issue"
    };
    let parts: Vec<_> = pair.explanation.parts.iter().filter(ground).collect();
    !parts.is_empty() && parts.iter().all(|part| part.score.is_none())
}

/// Why nobody at all is matched, if that is so.
pub(crate) fn nobody(matching: &Matching) -> Option<&'static str> {
    let totals = &matching.totals;
    if totals.matched > 0 {
        return None;
    }
    Some(if totals.participants == 0 {
        "there are no participants"
    } else if totals.supporters == 0 {
        "there are no supporters"
    } else if totals.unmatched == 0 {
        "no participant has consented to being matched"
    } else if totals.places == 0 {
        "no supporter has a place today"
    } else {
        "see who is left and why"
    })
}

/// "is" or "are" after "part of whole": "1 of 5 participants is", "0 of 1 place is", "0 of 5 places are".
fn verb_of(part: u64, whole: u64) -> &'static str {
    if whole == 1 { "is" } else { verb(part, "is", "are") }
}

fn share(part: impl Into<u64>, whole: impl Into<u64>) -> String {
    let (part, whole): (u64, u64) = (part.into(), whole.into());
    if whole == 0 { "none".to_owned() } else { format!("{:.0} %", part as f64 * 100.0 / whole as f64) }
}
