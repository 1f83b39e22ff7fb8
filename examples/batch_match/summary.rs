//! What a coordinator reads on the screen.

use std::collections::BTreeMap;

use peermatch::compatibility::Veto;
use peermatch::matching::{Matching, Origin, Reason, Score, Unmatched};
use peermatch::{Fault, Matcher, Severity};

/// How many lines of a long list are shown unless all are asked for.
const FEW: usize = 8;

/// Every error, and the first of the warnings that came with them.
pub(crate) fn print_faults(faults: &[Fault], all: bool) {
    let (errors, warnings): (Vec<&Fault>, Vec<&Fault>) =
        faults.iter().partition(|fault| fault.severity == Severity::Error);
    for error in &errors {
        eprintln!("{error}");
    }
    let warnings: Vec<Fault> = warnings.into_iter().cloned().collect();
    print_warnings(&warnings, all);
    let plural = if errors.len() == 1 { "" } else { "s" };
    eprintln!("{} fault{plural} in the input: nothing was matched and nothing was written.", errors.len());
}

pub(crate) fn print_warnings(warnings: &[Fault], all: bool) {
    let shown = if all { warnings.len() } else { FEW.min(warnings.len()) };
    for warning in &warnings[..shown] {
        eprintln!("{warning}");
    }
    if shown < warnings.len() {
        eprintln!("... and {} more warnings (--all lists them)", warnings.len() - shown);
    }
}

pub(crate) fn print(matcher: &Matcher, matching: &Matching, all: bool) {
    let totals = &matching.totals;
    let asking = totals.matched + totals.unmatched;
    println!("Matching of {}", matching.as_of);
    println!("  {} of {asking} participants are matched ({})", totals.matched, share(totals.matched, asking));
    print_origins(matching);
    println!(
        "  {} are left, and {} have not consented to being matched",
        totals.unmatched, totals.without_consent
    );
    let (stop, optimal) = (matching.solution.stop, matching.solution.optimal);
    if optimal {
        println!("  Optimal: no other matching is better by the policy; the proof was checked.");
    } else {
        println!("  Not proven optimal ({stop:?}); the gap is stated in the JSON.");
    }
    print_quality(matching);
    print_left(matching, all);
    print_loads(matching);
    print_ended(matching, all);
    let first = matching.pairs.iter().find(|pair| pair.origin == Origin::New);
    if let Some(pair) = first {
        println!("\nFor example, {} with {}:", pair.participant, pair.supporter);
        println!("{}", pair.explanation);
        println!("(--explain ID shows this for any participant or supporter; the JSON holds it for all.)");
    }
    debug_assert_eq!(matcher.program().participants().len(), totals.participants as usize);
}

fn print_origins(matching: &Matching) {
    let count = |origin| matching.pairs.iter().filter(|pair| pair.origin == origin).count();
    let (new, kept, pinned) = (count(Origin::New), count(Origin::Kept), count(Origin::Pinned));
    println!("    {new} anew, {kept} stay as they were by choice, {pinned} because they are pinned");
}

fn print_quality(matching: &Matching) {
    let totals = &matching.totals;
    println!("\nQuality");
    println!(
        "  mean {}, lowest {}; {} by phone or video; {} with a requirement relaxed",
        totals.mean_score, totals.lowest_score, totals.remote, totals.relaxed
    );
    let mut classes = [0_u32; 10];
    for pair in &matching.pairs {
        let class = (pair.score().micro() / 100_000).clamp(0, 9);
        classes[class as usize] += 1;
    }
    let most = classes.iter().copied().max().unwrap_or(0).max(1);
    for (class, &count) in classes.iter().enumerate().rev().filter(|&(_, &count)| count > 0) {
        let bar = "#".repeat((count * 40).div_ceil(most) as usize);
        println!("  {:>3} to {:>3} %  {count:>6}  {bar}", class * 10, class * 10 + 10);
    }
    let mut relaxed: BTreeMap<&str, (u32, Score)> = BTreeMap::new();
    for step in matching.pairs.iter().flat_map(|pair| &pair.explanation.relaxations) {
        let entry = relaxed.entry(&step.name).or_default();
        *entry = (entry.0 + 1, step.price);
    }
    for (name, (count, price)) in relaxed {
        println!("  relaxed {count} times: {name} (costs {price} each)");
    }
}

fn print_left(matching: &Matching, all: bool) {
    let left: Vec<&Unmatched> =
        matching.unmatched.iter().filter(|row| row.reason != Reason::NoConsent).collect();
    if left.is_empty() {
        return;
    }
    println!("\nWho is left");
    let of = |holds: fn(&Reason) -> bool| left.iter().filter(|row| holds(&row.reason)).count();
    let groups = [
        (
            of(|reason| matches!(reason, Reason::EveryPlaceTaken { .. })),
            "somebody fits, and every place is taken",
        ),
        (of(|reason| matches!(reason, Reason::NobodyEligible)), "nobody meets the requirements"),
        (of(|reason| matches!(reason, Reason::NotWorthIt { .. })), "the whole is better without the match"),
        (of(|reason| matches!(reason, Reason::Stopped)), "the search was stopped before"),
    ];
    for (count, words) in groups.into_iter().filter(|&(count, _)| count > 0) {
        println!("  {count:>4}  {words}");
    }
    let mut relax: BTreeMap<&str, u32> = BTreeMap::new();
    for row in left.iter().filter(|row| row.reason == Reason::NobodyEligible) {
        if let Some(obstacle) = row.first_to_relax() {
            *relax.entry(&obstacle.kind).or_default() += 1;
        }
    }
    for (kind, count) in relax {
        println!(
            "        for {count} of these, somebody would be open if nothing stood against supporters who {}",
            Veto::describe_kind(kind)
        );
    }
    let mut by_urgency = left;
    by_urgency.sort_by_key(|row| std::cmp::Reverse(row.urgency));
    let shown = if all { by_urgency.len() } else { FEW.min(by_urgency.len()) };
    for row in &by_urgency[..shown] {
        println!("  {row} (urgency {})", row.urgency);
    }
    if shown < by_urgency.len() {
        println!(
            "  ... and {} more (--all lists them; the CSV and JSON hold them)",
            by_urgency.len() - shown
        );
    }
}

fn print_loads(matching: &Matching) {
    let totals = &matching.totals;
    println!("\nLoads");
    println!(
        "  {} of {} places are taken ({}); {} supporters with a place have nobody",
        totals.places_taken,
        totals.places,
        share(totals.places_taken, totals.places),
        totals.idle_supporters
    );
    let mut by_load: BTreeMap<u32, u32> = BTreeMap::new();
    for load in matching.loads.iter().filter(|load| load.capacity > 0 || load.load > 0) {
        *by_load.entry(load.load).or_default() += 1;
    }
    println!("  supporters by number of matches:");
    let words = by_load.iter().map(|(load, count)| format!("{count} with {load}")).collect::<Vec<_>>();
    println!("    {}", words.join(", "));
    let full = matching.caseloads.iter().filter(|row| row.limit.is_some_and(|limit| row.load >= limit));
    let full: Vec<String> = full.map(|row| format!("{} ({})", row.supervisor, row.load)).collect();
    if !full.is_empty() {
        let more = if full.len() > FEW { format!(" and {} more", full.len() - FEW) } else { String::new() };
        println!("  supervisors at their limit: {}{more}", full[..FEW.min(full.len())].join(", "));
    }
}

fn print_ended(matching: &Matching, all: bool) {
    if matching.ended.is_empty() {
        return;
    }
    println!("\nStanding matches that end: {}", matching.ended.len());
    let shown = if all { matching.ended.len() } else { FEW.min(matching.ended.len()) };
    for row in &matching.ended[..shown] {
        println!("  {} with {}: {}", row.participant, row.supporter, row.because);
    }
    if shown < matching.ended.len() {
        println!("  ... and {} more", matching.ended.len() - shown);
    }
}

/// Why one participant, or each participant of one supporter, is matched as they are.
pub(crate) fn print_explanation(matching: &Matching, id: &str) {
    let mut found = false;
    for pair in &matching.pairs {
        if pair.participant.as_str() == id || pair.supporter.as_str() == id {
            found = true;
            println!("{} with {}: {}\n", pair.participant, pair.supporter, pair.explanation);
        }
    }
    for row in matching.unmatched.iter().filter(|row| row.participant.as_str() == id) {
        found = true;
        println!("{row}");
        for obstacle in &row.obstacles {
            println!(
                "  {:>5} {} ({} of them for this reason alone)",
                obstacle.supporters,
                Veto::describe_kind(&obstacle.kind),
                obstacle.alone
            );
        }
        println!();
    }
    if !found {
        if matching.loads.iter().any(|load| load.supporter.as_str() == id) {
            println!("{id} has nobody.\n");
        } else {
            eprintln!("There is no participant or supporter {id}.");
        }
    }
}

fn share(part: impl Into<u64>, whole: impl Into<u64>) -> String {
    let (part, whole): (u64, u64) = (part.into(), whole.into());
    if whole == 0 { "none".to_owned() } else { format!("{:.0} %", part as f64 * 100.0 / whole as f64) }
}
