//! What all questions for cards share between two changes: the index of supporters, and who has a place free.
//!
//! The first question after a change has it follow; whoever asks at the same time waits for that one, and from then on
//! nobody waits for anybody.
//!
//! Nothing is done on several threads while others wait for a lock: a thread of rayon's that waits for others is given
//! another question to answer, and would wait for itself. So whoever asks first from elsewhere builds the index on all
//! threads before taking the lock, and one of rayon's threads builds it alone.

use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::super::kept::Kept;
use super::sharing::Sharing;
use crate::compatibility::{BitmapIndex, Compatibility};
use crate::program::Program;

/// The index, in which those are open who have a place free, and what is so of each supporter.
#[derive(Debug, Clone)]
pub(super) struct Dealt {
    pub(super) index: BitmapIndex,
    /// How many places each has free.
    pub(super) room: Vec<u32>,
    /// Who takes new matches and never had one, by position.
    pub(super) newcomers: Vec<u32>,
    /// Who shares what of their records.
    pub(super) sharing: Arc<Sharing>,
    /// What the cheapest place costs everybody but whoever waits: of those that are free, of all.
    pub(super) cheapest: [OnceLock<Option<i128>>; 2],
    /// How often whoever was shown least often was: of those who have a place free, of all.
    pub(super) least_shown: [OnceLock<u64>; 2],
    /// The supporters of each supervisor.
    under: OnceLock<Vec<Vec<u32>>>,
}

impl Dealt {
    /// Who is under a supervisor. O(supporters) the first time after a supporter's record has changed.
    pub(super) fn under(&self, program: &Program, supervisor: usize) -> &[u32] {
        let all = self.under.get_or_init(|| {
            let mut under = vec![Vec::new(); program.supervisors().len()];
            for (place, supporter) in (0_u32..).zip(program.supporters()) {
                let own = supporter.supervisor.as_ref().and_then(|id| program.supervisor_index(id.as_str()));
                if let Some(own) = own {
                    under[own].push(place);
                }
            }
            under
        });
        &all[supervisor]
    }
}

#[derive(Debug, Default)]
struct Inner {
    dealt: Option<Arc<Dealt>>,
    is_stale: bool,
    /// Supporters of whom the index was not told yet.
    changed: Vec<u32>,
}

/// Keeps it. A copy begins with none.
#[derive(Debug, Default)]
pub(in crate::matcher::live) struct Deck {
    inner: Mutex<Inner>,
    /// Held by the thread, none of rayon's, that builds the first index.
    first: Mutex<()>,
}

impl Clone for Deck {
    fn clone(&self) -> Self {
        Self::default()
    }
}

impl Deck {
    fn inner(&self) -> MutexGuard<'_, Inner> {
        // Whoever panicked here had asked for memory; what is kept is whole at every moment.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Something happened.
    pub(in crate::matcher::live) fn stale(&mut self) {
        self.inner.get_mut().unwrap_or_else(PoisonError::into_inner).is_stale = true;
    }

    /// A supporter was compiled anew.
    pub(in crate::matcher::live) fn refresh_supporter(&mut self, supporter: u32) {
        let inner = self.inner.get_mut().unwrap_or_else(PoisonError::into_inner);
        if inner.dealt.is_some() {
            inner.changed.push(supporter);
        }
        inner.is_stale = true;
    }

    /// As things stand.
    pub(super) fn deal(&self, kept: &Kept, program: &Program) -> Arc<Dealt> {
        let compatibility = &kept.compatibility;
        let known = |inner: &Inner| inner.dealt.as_ref().filter(|_| !inner.is_stale).map(Arc::clone);
        let mut inner = self.inner();
        if let Some(dealt) = known(&inner) {
            return dealt;
        }
        let (mut first, mut built) = (None, None);
        if inner.dealt.is_none() && rayon::current_thread_index().is_none() {
            drop(inner);
            // Held until the index is known, so that nobody else builds one.
            first = Some(self.first.lock().unwrap_or_else(PoisonError::into_inner));
            built = self.inner().dealt.is_none().then(|| BitmapIndex::new(compatibility));
            inner = self.inner();
            if let Some(dealt) = known(&inner) {
                return dealt;
            }
        }
        let supporters = program.supporters().len();
        let mut changed = std::mem::take(&mut inner.changed);
        let mut dealt = if let Some(dealt) = inner.dealt.take() {
            // Whoever still reads the one of before keeps it.
            Arc::unwrap_or_clone(dealt)
        } else {
            changed.clear();
            let least = compatibility.policy().cards.smallest_group;
            Dealt {
                index: built.unwrap_or_else(|| BitmapIndex::on_this_thread(compatibility)),
                room: Vec::new(),
                newcomers: Vec::new(),
                sharing: Arc::new(Sharing::new(program, active(compatibility, program), least)),
                cheapest: Default::default(),
                least_shown: Default::default(),
                under: OnceLock::new(),
            }
        };
        changed.sort_unstable();
        changed.dedup();
        for &supporter in &changed {
            dealt.index.refresh_supporter(compatibility, supporter as usize);
        }
        if !changed.is_empty() {
            dealt.sharing = dealt.sharing.follow(program, &changed, active(compatibility, program));
        }
        dealt.index.follow(compatibility);
        dealt.room.clear();
        dealt.room.extend((0..supporters as u32).map(|supporter| kept.engine.room(supporter)));
        for (supporter, &room) in dealt.room.iter().enumerate() {
            dealt.index.set_open(supporter, room > 0);
        }
        dealt.newcomers = newcomers(kept, program);
        dealt.cheapest = Default::default();
        dealt.least_shown = Default::default();
        let supervisors = program.supervisors().len();
        if !changed.is_empty() || dealt.under.get().is_some_and(|under| under.len() != supervisors) {
            dealt.under = OnceLock::new();
        }
        let dealt = Arc::new(dealt);
        inner.dealt = Some(Arc::clone(&dealt));
        inner.is_stale = false;
        drop((inner, first));
        dealt
    }
}

/// Who takes new matches.
fn active(compatibility: &Compatibility, program: &Program) -> Vec<u32> {
    let takes_new =
        |&one: &u32| !program.is_vacant_supporter(one as usize) && compatibility.takes_new(one as usize);
    (0..program.supporters().len() as u32).filter(takes_new).collect()
}

fn newcomers(kept: &Kept, program: &Program) -> Vec<u32> {
    let mut had = vec![false; program.supporters().len()];
    let history = program.history();
    let ids = history.standing.iter().map(|row| &row.supporter);
    for id in ids.chain(history.past.iter().map(|row| &row.supporter)) {
        if let Some(place) = program.supporter_index(id.as_str()) {
            had[place] = true;
        }
    }
    let new = (0_u32..).zip(had).filter(|&(place, had)| {
        !had && !program.is_vacant_supporter(place as usize) && kept.compatibility.takes_new(place as usize)
    });
    new.map(|(place, _)| place).collect()
}
