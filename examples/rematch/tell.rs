//! What a coordinator reads of an event: who is told what and why, what is to be done, and how good the whole is.

use std::cmp::Reverse;
use std::io::{self, Write};

use peermatch::Matcher;
use peermatch::matcher::{
    Alternate, Answer, Because, Changed, Effect, EffectKind, Loss, Quality, Rematch, RematchOption, Rematched,
};
use peermatch::matching::{Explanation, Match, Moved, Reason, Score, Unmatched};
use peermatch::policy::{Due, DueKind};

use crate::why::{if_lifted, left};
use crate::words::{counted, verb};

/// How many parts of an explanation are told.
const STRONGEST: usize = 3;

/// How many participants are told of one by one.
const FEW: usize = 12;

/// Prints what somebody asked for led to. `drilled` is said of what was undone again.
pub(crate) fn answer(
    out: &mut dyn Write,
    matcher: &Matcher,
    answer: &Answer,
    drilled: bool,
) -> io::Result<()> {
    match answer {
        Answer::Changed(told) => changed(out, told, drilled)?,
        Answer::Rematched(told) => rematched(out, told, drilled)?,
        Answer::Undone(true) => {
            writeln!(out, "The last change is undone.")?;
            return quality(out, matcher);
        }
        Answer::Undone(false) => {
            return writeln!(out, "There is nothing that can be undone.");
        }
        _ => {}
    }
    Ok(())
}

fn rematched(out: &mut dyn Write, told: &Rematched, drilled: bool) -> io::Result<()> {
    writeln!(
        out,
        "The match of {} with {} {}.",
        told.participant,
        told.supporter,
        if drilled { "would end" } else { "is over" }
    )?;
    for consequence in &told.consequences {
        writeln!(out, "  {consequence}")?;
    }
    changed(out, &told.changed, drilled)
}

fn changed(out: &mut dyn Write, told: &Changed, drilled: bool) -> io::Result<()> {
    for warning in &told.warnings {
        writeln!(out, "  {warning}")?;
    }
    if told.effects.is_empty() {
        writeln!(out, "Nobody's match {}.", if drilled { "would change" } else { "changes" })?;
    }
    // Whom it is about first, then who takes what came free, then those who move for their sake.
    let (others, mut about): (Vec<&Effect>, Vec<&Effect>) =
        told.effects.iter().partition(|effect| is_other(effect));
    about.sort_by_key(|effect| effect.from.is_none() && effect.because != Because::Arrived);
    let shown: Vec<&&Effect> = about.iter().chain(&others).take(FEW).collect();
    for effect in &shown {
        one(out, effect)?;
    }
    if shown.len() < told.effects.len() {
        writeln!(out, "... and {} more", told.effects.len() - shown.len())?;
    }
    if !told.loads.is_empty() && shown.len() == told.effects.len() {
        let count = |load: Option<u32>| load.map_or_else(|| "not there".to_owned(), |load| load.to_string());
        let loads = told
            .loads
            .iter()
            .map(|load| format!("{} {} -> {}", load.supporter, count(load.before), count(load.after)));
        writeln!(out, "Caseloads: {}.", loads.collect::<Vec<_>>().join(", "))?;
    }
    let of_the_whole = told.effects.iter().any(|effect| effect.because == Because::RulesChanged);
    if !others.is_empty() {
        let moved = counted(others.len() as u64, "other match changes", "other matches change");
        writeln!(out, "{moved}: {}.", ids(others.iter().map(|effect| effect.participant.as_str())))?;
    } else if !told.effects.is_empty() && !of_the_whole {
        writeln!(out, "Nobody else {}.", if drilled { "would move" } else { "moved" })?;
    }
    compared(out, told)
}

/// Somebody who had a supporter and has another, or none, for the sake of others.
fn is_other(effect: &Effect) -> bool {
    let elsewhere = matches!(
        effect.because,
        Because::MadeWayFor { .. }
            | Because::PlaceLeftBy { .. }
            | Because::BetterWhole
            | Because::SupporterOpened
    );
    effect.from.is_some() && elsewhere
}

fn one(out: &mut dyn Write, effect: &Effect) -> io::Result<()> {
    let because = match (&effect.because, effect.kind()) {
        // Who asked once and is matched now took what came free.
        (Because::PlaceLeftBy { participant }, EffectKind::Matched) => {
            format!("takes the place that {participant} left")
        }
        (because, _) => because.to_string(),
    };
    let to = |id: Option<&peermatch::program::SupporterId>| id.map_or_else(String::new, ToString::to_string);
    let who = &effect.participant;
    match effect.kind() {
        EffectKind::Matched => writeln!(out, "{who} is matched with {}: {because}", to(effect.to.as_ref()))?,
        EffectKind::Moved => {
            writeln!(
                out,
                "{who} moves from {} to {}: {because}",
                to(effect.from.as_ref()),
                to(effect.to.as_ref())
            )?;
        }
        EffectKind::Unmatched => {
            writeln!(out, "{who} is no longer with {}: {because}", to(effect.from.as_ref()))?;
        }
    }
    if let Some(found) = &effect.found {
        explanation(out, found)?;
    }
    if let Some(row) = &effect.unmatched {
        nobody(out, row)?;
    }
    due(out, &effect.due)
}

/// The score of a match and what speaks most for it.
pub(crate) fn explanation(out: &mut dyn Write, found: &Match) -> io::Result<()> {
    let Explanation { score, confidence, parts, relaxations, despite } = &found.explanation;
    writeln!(out, "  {score} (confidence {confidence}):")?;
    let mut strongest: Vec<_> = parts.iter().filter(|part| part.contribution.micro() > 0).collect();
    strongest.sort_by_key(|part| Reverse(part.contribution));
    for part in strongest.iter().take(STRONGEST) {
        let name = part.criterion.replace('_', " ");
        writeln!(out, "    {:>+5.1}  {name}: {}", part.contribution.percent(), part.note)?;
    }
    for step in relaxations {
        writeln!(out, "    {:>+5.1}  relaxed: {} ({})", -step.price.percent(), step.name, step.because)?;
    }
    despite.iter().try_for_each(|veto| writeln!(out, "    stands all the same, although {veto}"))
}

/// Why nobody, and what would help.
pub(crate) fn nobody(out: &mut dyn Write, row: &Unmatched) -> io::Result<()> {
    let text = left(row);
    let why = text.split_once(": ").map_or(text.as_str(), |(_, why)| why);
    if let Reason::NotWorthIt { eligible } = row.reason {
        let fit = counted(eligible, "supporter fits", "supporters fit");
        return writeln!(
            out,
            "  nobody now: {fit}, and somebody is to choose, or the whole is better without the match"
        );
    }
    writeln!(out, "  nobody now: {why}")?;
    if let Some(obstacle) = row.first_to_relax() {
        let more = counted(obstacle.alone, "more supporter would fit", "more supporters would fit");
        writeln!(out, "  {more} if {}", if_lifted(&obstacle.kind))?;
    }
    Ok(())
}

/// What is due with a match, first contact before all.
pub(crate) fn due(out: &mut dyn Write, all: &[Due]) -> io::Result<()> {
    let mut later = Vec::new();
    for due in all {
        match due.kind {
            DueKind::FirstContact => {
                let warn = due.warn.map_or_else(String::new, |warn| format!(" (ask from {warn} on)"));
                writeln!(out, "  first contact due by {}{warn}", due.due)?;
            }
            DueKind::Dose { contacts } => {
                later.push(format!("{} by {}", counted(contacts, "contact", "contacts"), due.due));
            }
            DueKind::FollowUp { .. } => later.push(format!("follow-up {}", due.due)),
        }
    }
    if later.is_empty() { Ok(()) } else { writeln!(out, "  then {}", later.join(", ")) }
}

fn compared(out: &mut dyn Write, told: &Changed) -> io::Result<()> {
    let (before, after) = (&told.before, &told.after);
    writeln!(
        out,
        "Quality: {} -> {} matched, sum of scores {:.3} -> {:.3}, mean {} -> {}.",
        before.matched,
        after.matched,
        before.score.value(),
        after.score.value(),
        mean(before),
        mean(after)
    )?;
    match &told.bound {
        Some(bound) if !bound.exact && (told.reused.anew || told.reused.reopened > 0) => writeln!(
            out,
            "The search ended before the best was proven: {bound}; with a higher --node-limit it goes on for longer."
        ),
        Some(bound) if !bound.exact => writeln!(out, "Answered at once: {bound}; settle looks for the best."),
        _ => Ok(()),
    }
}

fn mean(quality: &Quality) -> Score {
    Score::from_micro(quality.score.micro() / i64::from(quality.matched.max(1)))
}

/// How good the whole is, and that it is proven.
pub(crate) fn quality(out: &mut dyn Write, matcher: &Matcher) -> io::Result<()> {
    let (Ok(quality), Ok(proof)) = (matcher.quality(), matcher.verify_kept()) else { return Ok(()) };
    let held = matcher.held().map_or(0, |held| held.len());
    let proof = match (proof.is_valid(), matcher.bound()) {
        (true, Ok(Some(bound))) => bound.to_string(),
        (true, _) => "proven the best".to_owned(),
        (false, _) => proof.to_string(),
    };
    let held = if held > 0 {
        format!(", with {} by choices", counted(held as u64, "participant held", "participants held"))
    } else {
        String::new()
    };
    writeln!(
        out,
        "Quality: {} matched, sum of scores {:.3}, mean {}; {proof}{held}.",
        quality.matched,
        quality.score.value(),
        mean(&quality)
    )
}

/// The ways to another supporter.
pub(crate) fn options(
    out: &mut dyn Write,
    request: &Rematch,
    (options, most): (&[RematchOption], u32),
) -> io::Result<()> {
    if options.is_empty() {
        let moved = counted(most, "other", "others");
        return writeln!(out, "No way was found for {} with up to {moved} moved.", request.participant);
    }
    for option in options {
        let many = match option.others {
            0 => "nobody else moves".to_owned(),
            others => counted(others, "other moves", "others move"),
        };
        let gain = option.gain.value();
        writeln!(
            out,
            "  others {}: {} ({}); {many}; beside waiting: served weight {:+}, score {gain:+.3}",
            option.others,
            option.found.supporter,
            option.found.score(),
            option.serves
        )?;
        moves(out, option.moves.iter().filter(|moved| moved.participant != request.participant))?;
    }
    let most = options.last().map_or(0, |option| option.others);
    writeln!(
        out,
        "`rematch {} {} others {most}` makes the last of them.",
        request.participant,
        request.reason.as_str()
    )
}

fn moves<'a>(out: &mut dyn Write, all: impl Iterator<Item = &'a Moved>) -> io::Result<()> {
    for moved in all {
        let name = |id: Option<&peermatch::program::SupporterId>| {
            id.map_or_else(|| "nobody".to_owned(), ToString::to_string)
        };
        let (from, to) = (name(moved.from.as_ref()), name(moved.to.as_ref()));
        writeln!(out, "    {} from {from} to {to} ({:+.1})", moved.participant, moved.score.percent())?;
    }
    Ok(())
}

/// Who could step in.
pub(crate) fn alternates(out: &mut dyn Write, participant: &str, all: &[Alternate]) -> io::Result<()> {
    if all.is_empty() {
        return writeln!(out, "No supporter with a free place fits {participant}.");
    }
    writeln!(out, "Who could step in for {participant}, by what it costs the whole:")?;
    for way in all {
        let found = &way.found;
        let best = found.explanation.parts.iter().max_by_key(|part| part.contribution);
        let why = best.map_or_else(String::new, |part| format!(": {}", part.note));
        let micro = i64::try_from(-way.cost.quality).unwrap_or(i64::MAX);
        let others = match way.others.iter().filter(|moved| moved.participant.as_str() != participant).count()
            as u64
        {
            0 => "nobody else moves".to_owned(),
            others => counted(others, "other moves", "others move"),
        };
        let score = Score::from_micro(micro).value();
        writeln!(out, "  {} ({}), {score:+.3} for the whole, {others}{why}", found.supporter, found.score())?;
    }
    Ok(())
}

/// What losing each supporter would cost.
pub(crate) fn losses(out: &mut dyn Write, all: &[Loss], at_once: bool) -> io::Result<()> {
    if at_once {
        writeln!(out, "Without them, answered at once with nobody else moved; settled it may be less:")?;
    } else {
        writeln!(out, "Without them, if everybody could move:")?;
    }
    for loss in all {
        if !loss.clashes.is_empty() {
            let (who, caseload, rules) = (&loss.supporter, loss.caseload, loss.clashes.join(", "));
            writeln!(out, "  {who} (has {caseload}): no matching keeps the firm rules then: {rules}")?;
            continue;
        }
        writeln!(
            out,
            "  {} (has {}): {} fewer matched, {} {} move, sum of scores {:+.3}",
            loss.supporter,
            loss.caseload,
            loss.unmatched,
            loss.others,
            verb(loss.others, "other would", "others would"),
            -loss.score.value()
        )?;
    }
    Ok(())
}

/// Ids one after the other, a few of them.
pub(crate) fn ids<'a>(all: impl Iterator<Item = &'a str>) -> String {
    let all: Vec<&str> = all.collect();
    let more = if all.len() > FEW { format!(" and {} more", all.len() - FEW) } else { String::new() };
    format!("{}{more}", all[..FEW.min(all.len())].join(", "))
}
