//! Cards in the terminal: what the participant sees, and beside it what the programme is told.

use std::io::{self, Write};

use peermatch::Matcher;
use peermatch::matcher::{Cards, CostToOthers, Nobody, Offered, Sure};

use crate::words::counted;

pub(crate) fn cards(out: &mut dyn Write, matcher: &Matcher, cards: &Cards) -> io::Result<()> {
    let id = &cards.participant;
    match matcher.program().standing_of(id.as_str()) {
        Some(own) => writeln!(out, "{id} is with {0}; {0} is not among the cards.", own.supporter)?,
        None => writeln!(out, "{id} has nobody yet.")?,
    }
    if let Some(why) = &cards.nobody {
        return nobody(out, matcher, why);
    }
    writeln!(out, "{} to choose from:", counted(cards.offered.len() as u64, "card", "cards"))?;
    for (number, offered) in (1..).zip(&cards.offered) {
        card(out, number, offered)?;
    }
    Ok(())
}

/// Why there are no cards, and what would bring some.
fn nobody(out: &mut dyn Write, matcher: &Matcher, why: &Nobody) -> io::Result<()> {
    let Nobody { suitable, as_asked, with_place, .. } = *why;
    writeln!(out, "No cards: {} the participant,", counted(suitable, "supporter suits", "supporters suit"))?;
    writeln!(out, "  {as_asked} of them as asked for, and {with_place} of these with a place.")?;
    for fault in &why.odd {
        writeln!(out, "  {fault}")?;
    }
    let policy = matcher.policy();
    let ruled = !policy.rules.is_empty() || policy.objective.worst_off_first;
    let hint = if with_place > 0 && ruled {
        "Rules about matches together leave none of these; under them nobody's place is freed for a card."
    } else if with_place > 0 {
        "None of these leaves everybody else served; --ranking fit shows them all the same."
    } else if as_asked > 0 && ruled {
        "Under rules about matches together nobody's place is freed for a card."
    } else if as_asked > 0 {
        "--taken-places shows those whose place would have to be freed."
    } else if suitable > 0 {
        "What a card does not show is not asked of a supporter; --of-record asks it, for the programme's staff alone."
    } else {
        "examples/batch_match says why nobody suits: --why with the participant's id."
    };
    writeln!(out, "  {hint}")
}

fn card(out: &mut dyn Write, number: u32, offered: &Offered) -> io::Result<()> {
    let seen = &offered.card;
    writeln!(out, "\n{number}. {}", seen.name.as_deref().unwrap_or("(shows no name)"))?;
    for (label, value) in &seen.facts {
        writeln!(out, "   {label}: {value}")?;
    }
    for (field, value) in &seen.record {
        writeln!(out, "   {}: {value}", field.as_str().replace('_', " "))?;
    }
    if let Some(modality) = seen.modality {
        let how = if modality.is_remote() { format!("by {modality}") } else { "in person".to_owned() };
        writeln!(out, "   you would meet {how}")?;
    }
    let new = if offered.newcomer { ", never had a match" } else { "" };
    let place = if offered.place_free { "" } else { ", a place would have to be freed" };
    writeln!(out, "   for the programme: {}{new}{place}", offered.found.supporter)?;
    for vaguer in &offered.generalised {
        let how = if vaguer.hidden { "hidden" } else { "in vaguer words" };
        let field = vaguer.field.as_str().replace('_', " ");
        writeln!(out, "     {field}: {how}; too few supporters would share all that the card shows")?;
    }
    let explanation = &offered.found.explanation;
    for line in explanation.to_string().lines() {
        writeln!(out, "     {line}")?;
    }
    if !explanation.relaxations.is_empty() {
        writeln!(out, "     counts as {} for what is relaxed", explanation.weight())?;
    }
    cost(out, &offered.cost)
}

fn cost(out: &mut dyn Write, cost: &CostToOthers) -> io::Result<()> {
    let sure = match cost.sure {
        Sure::Exact => "",
        Sure::AtMost => ", at the most",
    };
    let (served, score) = (cost.rungs.served, cost.score.value());
    let told = |takes: bool| {
        let is_told = |value: f64| if takes { value > 0.0 } else { value < 0.0 };
        let served = is_told(served as f64)
            .then(|| format!("{} in people served, weighed by their urgency", served.abs()));
        let score =
            is_told(score).then(|| format!("{:.3} in scores, less prices of changes and loads", score.abs()));
        let all: Vec<String> = served.into_iter().chain(score).collect();
        (!all.is_empty()).then(|| all.join(", and "))
    };
    match (told(true), told(false)) {
        (None, None) => writeln!(out, "     takes nothing from anybody else{sure}")?,
        (Some(takes), None) => writeln!(out, "     takes from everybody else together{sure}: {takes}")?,
        (None, Some(gives)) => writeln!(out, "     leaves everybody else together better off: {gives}")?,
        (Some(takes), Some(gives)) => {
            writeln!(out, "     takes from everybody else together{sure}: {takes}; they gain {gives}")?;
        }
    }
    for moved in &cost.moves {
        let id = &moved.participant;
        match (&moved.from, &moved.to) {
            (Some(from), Some(to)) => writeln!(out, "       {id} would move from {from} to {to}")?,
            (Some(from), None) => writeln!(out, "       {id} would lose {from} and have nobody")?,
            (None, Some(to)) => writeln!(out, "       {id}, who has nobody, would come to {to}")?,
            (None, None) => {}
        }
    }
    Ok(())
}
