//! Cards in the terminal: what the participant sees, and beside it what the programme is told.

use std::io::{self, Write};

use peermatch::Matcher;
use peermatch::matcher::{Cards, CostToOthers, Offered, Sure};

use crate::words::counted;

pub(crate) fn cards(
    out: &mut dyn Write,
    matcher: &Matcher,
    (cards, taken_places): (&Cards, bool),
) -> io::Result<()> {
    let id = &cards.participant;
    match matcher.program().standing_of(id.as_str()) {
        Some(own) => writeln!(out, "{id} is with {}.", own.supporter)?,
        None => writeln!(out, "{id} has nobody yet.")?,
    }
    if cards.offered.is_empty() {
        // Under rules nobody's place is freed for a card.
        let policy = matcher.policy();
        let more = if !policy.rules.is_empty() || policy.objective.worst_off_first {
            ", or rules about matches together leave nobody"
        } else if taken_places {
            ""
        } else {
            "; --taken-places shows those whose place would have to be freed"
        };
        return writeln!(out, "Nobody with a free place fits what is asked for{more}.");
    }
    writeln!(out, "{} to choose from:", counted(cards.offered.len() as u64, "card", "cards"))?;
    for (number, offered) in (1..).zip(&cards.offered) {
        card(out, number, offered)?;
    }
    Ok(())
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
        let how = if vaguer.hidden { "not shown" } else { "shown in vaguer words" };
        let field = vaguer.field.as_str().replace('_', " ");
        writeln!(out, "     {field}: {how}, for too few share what is shown beside")?;
    }
    for line in offered.found.explanation.to_string().lines() {
        writeln!(out, "     {line}")?;
    }
    cost(out, &offered.cost)
}

fn cost(out: &mut dyn Write, cost: &CostToOthers) -> io::Result<()> {
    let sure = match cost.sure {
        Sure::Exact => "",
        Sure::AtMost => " at the most",
    };
    let change = |cost: f64, told: String| match cost {
        0.0 => None,
        less if less > 0.0 => Some(format!("{told} less")),
        _ => Some(format!("{told} more")),
    };
    let served = change(cost.rungs.served as f64, format!("served weight {}", cost.rungs.served.abs()));
    let score = change(cost.score.value(), format!("score {:.3}", cost.score.value().abs()));
    let told: Vec<String> = served.into_iter().chain(score).collect();
    if told.is_empty() {
        writeln!(out, "     costs nobody else anything")?;
    } else {
        writeln!(
            out,
            "     everybody else together, beside the best they could have{sure}: {}",
            told.join(", ")
        )?;
    }
    for moved in &cost.moves {
        let name = |id: Option<&peermatch::program::SupporterId>| {
            id.map_or_else(|| "nobody".to_owned(), ToString::to_string)
        };
        writeln!(
            out,
            "       {} from {} to {}",
            moved.participant,
            name(moved.from.as_ref()),
            name(moved.to.as_ref())
        )?;
    }
    Ok(())
}
