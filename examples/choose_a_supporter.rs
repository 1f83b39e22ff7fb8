//! A host program in which participants choose for themselves: cards, a place held, a choice, the supporter's answer,
//! how to reach each other, and everything again from the journal.
//!
//! `cargo run --example choose_a_supporter`
//!
//! Questions take the matcher by shared reference, so any number of threads may ask at once; what is asked for in
//! [`Request`]s takes it alone, one after another. A host with threads keeps it in an `RwLock`.

#![allow(clippy::print_stdout)]

use jiff::civil::{DateTime, date};
use peermatch::journal::{Journal, Writer};
use peermatch::matcher::{Answer, CardQuery, Change, Choice, Control, Entry, Refused, Request};
use peermatch::program::{CardField, Modality, Participant, ProgramData, Shared, Supporter};
use peermatch::{Error, Matcher, Policy, Program};

fn main() -> Result<(), Error> {
    let now = date(2026, 11, 21).at(9, 0, 0, 0);
    let mut desk = Desk { matcher: begin(now)?, journal: Writer::create(Vec::new())? };

    // Nobody is to be given to those who choose.
    for participant in ["Ana", "Ben"] {
        desk.make(now, Request::Apply(Change::WaitsToChoose { participant: participant.into() }))?;
    }

    // Two look at the same cards. Languages matter twice as much to Ana, and it has to be by phone.
    let mut query = CardQuery::new("Ana");
    query.weights.insert("language".to_owned(), 2.0);
    query.modalities = vec![Modality::Phone];
    let shown = desk.show(&query, now)?;

    // Ana has two days to make up her mind; Ben wants the same place, and is told so with fresh cards.
    let first = shown[0].clone();
    desk.choice(now, hold("Ana", &first, now, Some(&query)))?;
    desk.choice(now, choose("Ben", &first, now))?;
    let other = desk.show(&CardQuery::new("Ben"), now)?[0].clone();
    desk.choice(now, choose("Ben", &other, now))?;

    // Two days later nothing has been heard of Ana, and the place is free again. She chooses it after all.
    let later = now + jiff::SignedDuration::from_hours(50);
    desk.make(later, Request::Expire { at: later })?;
    println!("Ana's place is held: {}", desk.matcher.held_place(&"Ana".into())?.is_some());
    desk.choice(later, choose("Ana", &first, later))?;

    // How two can reach each other is told once the supporter has said yes. Ben's supporter says no: on to the next.
    desk.make(
        later,
        Request::Accept { participant: "Ana".into(), supporter: first.as_str().into(), at: later },
    )?;
    for participant in ["Ana", "Ben"] {
        match desk.matcher.contact(&participant.into())? {
            Some(contact) => println!("{participant} reaches {} by {:?}", contact.supporter, contact.details),
            None => println!("{participant} is told nothing yet"),
        }
    }
    let no = Request::Decline { participant: "Ben".into(), supporter: other.as_str().into(), at: later };
    if let Answer::Declined(declined) = desk.make(later, no)? {
        println!("{other} declines; Ben has {} cards left", declined.cards.offered.len());
    }

    // The journal is the log of what was shown and what came of it, and leads to the same state again.
    let mut again = begin(now)?;
    let journal = Journal::<Entry>::read(desk.journal.get_ref());
    for entry in &journal.records {
        again.make(entry)?;
    }
    assert_eq!(again.quality()?, desk.matcher.quality()?);
    println!("{} entries lead to the same state again", journal.records.len());
    Ok(())
}

/// The matcher, and all that was asked of it.
struct Desk {
    matcher: Matcher,
    journal: Writer<Vec<u8>, Entry>,
}

impl Desk {
    /// Does something and keeps that it was done. (A host writes the journal to a file before it answers.)
    fn make(&mut self, at: DateTime, request: Request) -> Result<Answer, Error> {
        let entry = Entry { on: at.date(), request };
        let answer = self.matcher.make(&entry)?;
        self.journal.append(&entry)?;
        Ok(answer)
    }

    /// Shows cards, and notes that: among equals others come first the next time.
    fn show(&mut self, query: &CardQuery, at: DateTime) -> Result<Vec<String>, Error> {
        let cards = self.matcher.cards(query)?;
        println!("{} may choose among:", query.participant);
        for offered in &cards.offered {
            let (card, cost) = (&offered.card, &offered.cost);
            let name = card.name.as_deref().unwrap_or("somebody");
            println!(
                "  {name} {:?}, fits: {}; takes {} from the others",
                card.record,
                card.fits.join(", "),
                cost.score
            );
        }
        let supporters: Vec<_> = cards.offered.iter().map(|own| own.card.supporter.clone()).collect();
        let participant = query.participant.clone();
        self.make(at, Request::Shown { participant, at, supporters: supporters.clone() })?;
        Ok(supporters.iter().map(ToString::to_string).collect())
    }

    /// Holds or chooses, and says what came of it.
    fn choice(&mut self, at: DateTime, request: Request) -> Result<(), Error> {
        let (Request::Hold { participant, supporter, .. } | Request::Choose { participant, supporter, .. }) =
            request.clone()
        else {
            return Ok(());
        };
        if let Answer::Chosen(choice) = self.make(at, request)? {
            match *choice {
                Choice::Held { until, .. } => {
                    println!("{supporter} is held for {participant} until {until}");
                }
                Choice::Matched { .. } => println!("{participant} has chosen {supporter}"),
                Choice::Refused { because: Refused::Taken, cards } => {
                    let fresh = cards.offered.len();
                    println!("{participant} cannot have {supporter}: taken; {fresh} fresh cards");
                }
                Choice::Refused { because, .. } => println!("{participant}, {supporter}: {because:?}"),
                _ => {}
            }
        }
        Ok(())
    }
}

fn hold(participant: &str, supporter: &str, at: DateTime, question: Option<&CardQuery>) -> Request {
    let question = question.map(|query| Box::new(query.clone()));
    Request::Hold { participant: participant.into(), supporter: supporter.into(), at, question }
}

fn choose(participant: &str, supporter: &str, at: DateTime) -> Request {
    Request::Choose { participant: participant.into(), supporter: supporter.into(), at, question: None }
}

/// A programme of two participants and three supporters, alive.
fn begin(now: DateTime) -> Result<Matcher, Error> {
    let participant = |id: &str| Participant {
        conditions: vec!["autism".into()],
        languages: ["en", "es"].iter().filter_map(|tag| tag.parse().ok()).collect(),
        consent: true,
        ..Participant::new(id)
    };
    let supporter = |id: &str, tag: &str| {
        let mut own = Supporter::new(id);
        own.conditions = vec!["autism".into()];
        own.languages = tag.parse().into_iter().collect();
        own.capacity = Some(1);
        own.card.name = Some(CardField { value: format!("{id} R."), consent: true });
        own.card.shares = [Shared::Conditions].into();
        own.card.contact = [("phone".to_owned(), "555 0100".to_owned())].into();
        own
    };
    let data = ProgramData {
        participants: vec![participant("Ana"), participant("Ben")],
        supporters: vec![supporter("Dora", "en"), supporter("Eli", "en"), supporter("Fay", "es")],
        ..ProgramData::default()
    };
    let mut policy = Policy::default();
    // Fewer supporters than share anything by the default of 5.
    policy.cards.smallest_group = 3;
    let mut matcher = Matcher::new(Program::new(data)?, policy, now.date())?;
    matcher.begin(now.date(), &Control::new())?;
    Ok(matcher)
}
