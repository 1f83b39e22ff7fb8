//! Checks of one record that is put into a programme: those that reading makes of it, and of the history that it is in.
//!
//! What reading tells of a table as a whole (nobody has consented, a code written in two ways, a caseload beyond its
//! limit) is not asked of one record. Linear in the record and its own history; only where a name is unknown are all
//! others gone through, for the nearest.

use super::history::{Pair, consented, kept_apart, known, overloaded, pair_id, price, will_end};
use super::people::Lacking;
use super::{Checker, Record, people};
use crate::error::{Error, Fault, Result, Severity};
use crate::program::reference::Located;
use crate::program::source::{self, Sources, Table};
use crate::program::{BarredPair, Hold, Participant, Program, StandingMatch, Supervisor, Supporter};

impl Program {
    /// A participant who is to be at that position: where they live, and what is odd.
    pub(in crate::program) fn check_participant(
        &self,
        position: usize,
        own: &Participant,
    ) -> Result<(Located, Vec<Fault>)> {
        let sources = Sources::default();
        let (mut checker, mut lacking) = (Checker::new(&sources), Lacking::default());
        let of = Record { table: Table::Participants, position, id: own.id.as_str() };
        checker.id(of, &self.rolls.participants);
        people::participant(&mut checker, of, own, (&self.rolls, &self.reference), &mut lacking);
        lacking.tell(&mut checker, Table::Participants);
        if let Some(at) = self.chronicle.standing_row(own.id.as_str()) {
            let standing = &self.chronicle.rows().standing[at];
            let id = pair_id((&standing.participant, &standing.supporter));
            let row = Record { table: Table::Standing, position: at, id: &id };
            kept_apart(&mut checker, row, standing, None, own.refused.contains(&standing.supporter));
            consented(&mut checker, row, standing, (position, own));
        }
        let located = self.reference.locate(&own.place, own.time_zone.as_ref(), |name| checker.zone(name));
        Ok((located, sound(checker)?))
    }

    /// The same of a supporter.
    pub(in crate::program) fn check_supporter(
        &self,
        position: usize,
        own: &Supporter,
    ) -> Result<(Located, Vec<Fault>)> {
        let sources = Sources::default();
        let (mut checker, mut lacking) = (Checker::new(&sources), Lacking::default());
        let of = Record { table: Table::Supporters, position, id: own.id.as_str() };
        checker.id(of, &self.rolls.supporters);
        people::supporter(&mut checker, of, own, (&self.rolls, &self.reference), &mut lacking);
        lacking.tell(&mut checker, Table::Supporters);
        let mut pinned = 0;
        for at in self.chronicle.caseload_rows(own.id.as_str()) {
            let standing = &self.chronicle.rows().standing[at];
            let id = pair_id((&standing.participant, &standing.supporter));
            let row = Record { table: Table::Standing, position: at, id: &id };
            will_end(&mut checker, row, standing, (position, own));
            pinned += u32::from(standing.hold == Hold::Pinned);
        }
        overloaded(&mut checker, of, own, pinned);
        let located = self.reference.locate(&own.place, own.time_zone.as_ref(), |name| checker.zone(name));
        Ok((located, sound(checker)?))
    }

    /// What is odd about a supervisor who is to be at that position.
    pub(in crate::program) fn check_supervisor(
        &self,
        position: usize,
        own: &Supervisor,
    ) -> Result<Vec<Fault>> {
        let sources = Sources::default();
        let mut checker = Checker::new(&sources);
        let of = Record { table: Table::Supervisors, position, id: own.id.as_str() };
        checker.id(of, &self.rolls.supervisors);
        people::supervisor(&mut checker, of, own);
        sound(checker)
    }

    /// Two people who are to stand in a row of the history; both have to be known.
    pub(in crate::program) fn check_pair(&self, table: Table, position: usize, pair: Pair<'_>) -> Result<()> {
        let sources = Sources::default();
        let mut checker = Checker::new(&sources);
        known(&mut checker, (table, position), pair, &self.rolls);
        sound(checker).map(drop)
    }

    /// Two people who are to be barred: they must not be pinned to each other.
    pub(in crate::program) fn check_bar(&self, position: usize, bar: &BarredPair) -> Result<()> {
        let sources = Sources::default();
        let mut checker = Checker::new(&sources);
        let pair = (&bar.participant, &bar.supporter);
        known(&mut checker, (Table::Barred, position), pair, &self.rolls);
        if let Some(at) = self.chronicle.standing_row(bar.participant.as_str()) {
            let standing = &self.chronicle.rows().standing[at];
            let id = pair_id(pair);
            let row = Record { table: Table::Standing, position: at, id: &id };
            let barred = Some(position).filter(|_| standing.supporter == bar.supporter);
            kept_apart(&mut checker, row, standing, barred, false);
        }
        sound(checker).map(drop)
    }

    /// A match that is to stand at that row. Both have to be there, and nothing may keep them apart if it is pinned.
    pub(in crate::program) fn check_standing(&self, position: usize, standing: &StandingMatch) -> Result<()> {
        let sources = Sources::default();
        let mut checker = Checker::new(&sources);
        let pair = (&standing.participant, &standing.supporter);
        known(&mut checker, (Table::Standing, position), pair, &self.rolls);
        let id = pair_id(pair);
        let of = Record { table: Table::Standing, position, id: &id };
        price(&mut checker, of, standing);
        let (participants, supporters) = (&self.rolls.participants, &self.rolls.supporters);
        let participant = participants.position(pair.0.as_str());
        let supporter = supporters.position(pair.1.as_str());
        for (field, id, is_there, is_known) in [
            ("participant", pair.0.as_str(), participant.is_some(), participants.has_known(pair.0.as_str())),
            ("supporter", pair.1.as_str(), supporter.is_some(), supporters.has_known(pair.1.as_str())),
        ] {
            if is_known && !is_there {
                let remedy = "put them back first, or take the match out".to_owned();
                checker.error(of, field, id, format!("the {field} has left"), remedy);
            }
        }
        if let (Some(at), Some(_)) = (participant, supporter) {
            let barred = self.chronicle.barred_row(pair.0.as_str(), pair.1.as_str());
            let refused = self.participants[at].refused.contains(pair.1);
            kept_apart(&mut checker, of, standing, barred, refused);
        }
        sound(checker).map(drop)
    }
}

/// All that was found, if none of it is an error.
fn sound(checker: Checker<'_>) -> Result<Vec<Fault>> {
    let (mut faults, sources) = (checker.faults, checker.sources);
    source::sort(&mut faults, sources);
    if faults.iter().any(|fault| fault.severity == Severity::Error) {
        return Err(Error::input(faults));
    }
    Ok(faults)
}
