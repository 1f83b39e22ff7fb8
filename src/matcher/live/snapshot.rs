//! A living matcher as data: written, and read without solving anything again.
//!
//! **Method.** People, policy and day are written with the kept optimum and whatever was chosen. Reading checks the
//! people like any others and the optimum against its certificate, then compiles; nothing is searched for. What is
//! written depends on the state alone, so what is read is written to the same bytes, and goes on in the same way. What
//! could be undone is not written, nor what records say of people who left: whoever comes back under an old id is new.
//!
//! **Time and space.** Linear in people and pairs.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::super::Matcher;
use super::choosing::Choosing;
use super::engine::{Engine, Optimum, People};
use super::incumbent::{self, Incumbent, Written};
use super::kept::Kept;
use super::{Living, UNDOABLE};
use crate::error::{Error, Result};
use crate::policy::{Criterion, Policy};
use crate::program::{Hold, ParticipantId, Program, ProgramData, SupporterId};

/// The version of the form that is written.
const VERSION: u32 = 1;

/// A living matcher at one moment, as plain data.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Snapshot {
    version: u32,
    as_of: Date,
    policy: Policy,
    people: ProgramData,
    /// Positions that nobody has, so that everybody else keeps theirs.
    vacant_participants: Vec<u32>,
    vacant_supporters: Vec<u32>,
    /// The ids of those who left.
    absent: (Vec<ParticipantId>, Vec<SupporterId>),
    held: BTreeSet<u32>,
    back: BTreeSet<u32>,
    paused: BTreeSet<u32>,
    backups: BTreeMap<u32, u32>,
    /// Places that are held, and how often supporters were shown.
    #[serde(default, skip_serializing_if = "Choosing::is_empty")]
    choosing: Choosing,
    optimum: Optimum,
    /// Under rules, and the like.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    incumbent: Option<Written>,
}

/// How much it holds: what is known of people does not belong into a log.
impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot")
            .field("version", &self.version)
            .field("as_of", &self.as_of)
            .field("people", &self.people)
            .finish_non_exhaustive()
    }
}

impl Matcher {
    /// Everything that is kept, as data. Linear in people and pairs.
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] where nothing is kept alive: [`begin`](Self::begin) first.
    pub fn snapshot(&self) -> Result<Snapshot> {
        let kept = &self.alive()?.kept;
        let vacant = |count: usize, is_vacant: &dyn Fn(usize) -> bool| -> Vec<u32> {
            (0..count).filter(|&place| is_vacant(place)).map(|place| place as u32).collect()
        };
        // Vacant positions at the end are nobody's to keep.
        let people = kept.own.len();
        let supporters = kept.caseloads.len();
        Ok(Snapshot {
            version: VERSION,
            as_of: self.as_of,
            policy: self.policy.clone(),
            people: self.program.to_data(),
            vacant_participants: vacant(people, &|place| self.program.is_vacant_participant(place)),
            vacant_supporters: vacant(supporters, &|place| self.program.is_vacant_supporter(place)),
            absent: self.program.absent(),
            held: kept.held.clone(),
            back: kept.back.clone(),
            paused: kept.paused.clone(),
            backups: kept.backups.clone(),
            choosing: self.alive()?.choosing.clone(),
            optimum: kept.engine.to_data(),
            incumbent: kept.incumbent.as_ref().map(|incumbent| incumbent.to_data()),
        })
    }

    /// Goes on from a snapshot: the optimum is checked by its certificate and not solved again. `criteria` are the host
    /// program's own, as they were added with [`with_criterion`](Self::with_criterion) before.
    ///
    /// # Errors
    ///
    /// [`Error::is_problem`] for another version or an optimum that is none of these people's; [`Error::is_input`] and
    /// [`Error::is_policy`] as [`Program::new`] and [`Matcher::new`].
    pub fn restore(snapshot: Snapshot, criteria: Vec<std::sync::Arc<dyn Criterion>>) -> Result<Self> {
        let Snapshot { version, as_of, policy, people, .. } = snapshot;
        if version != VERSION {
            return Err(Error::problem(format!(
                "the snapshot has version {version}, and this library reads {VERSION}; write it with this version"
            )));
        }
        let vacant = (&snapshot.vacant_participants[..], &snapshot.vacant_supporters[..]);
        let program = Program::with_vacancies(people, vacant, &snapshot.absent)?;
        let mut matcher = Self::new(program, policy, as_of)?;
        matcher.criteria = criteria;
        let compatibility = matcher.compiled()?;
        let people =
            People { program: &matcher.program, compatibility: &compatibility, back: &snapshot.back };
        let engine = Engine::read(people, snapshot.optimum);
        let incumbent = snapshot.incumbent.map(|written| Box::new(Incumbent::read(people, written)));
        if incumbent.is_some() != incumbent::is_needed(&matcher.policy) {
            return Err(Error::problem("the snapshot's optimum is not one of its policy; it was damaged"));
        }
        let mut kept = Kept::of(&matcher.program, compatibility, engine);
        kept.back.clone_from(&snapshot.back);
        kept.check(&matcher.program)?;
        let everybody = kept.own.len() as u32;
        let places = snapshot.held.iter().chain(&snapshot.back).chain(&snapshot.paused);
        if places.chain(snapshot.backups.keys()).any(|&place| place >= everybody) {
            return Err(Error::problem("the snapshot holds somebody who is not in it; it was damaged"));
        }
        (kept.held, kept.back, kept.paused) = (snapshot.held, snapshot.back, snapshot.paused);
        kept.backups = snapshot.backups;
        kept.incumbent = incumbent;
        let (log, marks) = (Vec::new(), Vec::new());
        let choosing = snapshot.choosing;
        for (id, held) in &choosing.holds {
            let row = matcher.program.standing_of(id.as_str());
            if !row.is_some_and(|row| row.supporter == held.supporter && row.hold == Hold::Pinned) {
                return Err(Error::problem(format!(
                    "the snapshot says of participant {id} that {held}, and its history does not; it was damaged"
                )));
            }
        }
        matcher.living = Some(Box::new(Living { kept, log, marks, undoable: UNDOABLE, choosing }));
        if incumbent::is_needed(&matcher.policy) {
            let found = matcher.verify_kept()?;
            if !found.is_valid() {
                return Err(Error::problem(format!("the snapshot's bound is none: {found}")));
            }
            matcher.verify_rules()?;
        }
        Ok(matcher)
    }
}

impl Kept {
    /// An error unless what stands in the program is what the network says.
    fn check(&self, program: &Program) -> Result<()> {
        let verification = self.engine.verify(self.people(program));
        if !verification.is_valid() {
            return Err(Error::problem(format!("the snapshot's optimum is none: {verification}")));
        }
        for (place, person) in program.participants().iter().enumerate() {
            let standing = program.standing_of(person.id.as_str());
            let stands = standing.and_then(|row| program.supporter_index(row.supporter.as_str()));
            let kept = self.engine.supporter_of(place as u32);
            if stands.map(|supporter| supporter as u32) != kept {
                return Err(Error::problem(format!(
                    "participant {} has another match in the snapshot's optimum than in its history; it was damaged",
                    person.id
                )));
            }
        }
        Ok(())
    }
}
