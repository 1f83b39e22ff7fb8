//! Cards under what no network holds: rules about matches together, weighed backups, the worst-off first.
//!
//! **Method.** The order is that of the fit, and of what the matching that stands costs: prices of rules are told, and do
//! not change it. Each card that is to be shown is then tried with nobody else moved, and nobody who waits let in beside:
//! it is shown if a matching is found that keeps every limit and every firm rule, with what that costs; if not, it makes
//! room for the next. A choice may still be possible that is not shown, one that somebody else has to move for.
//!
//! **Time.** A question to the solver of rules for each card and for each that makes room, O(people) and what the solver
//! takes, a millisecond or a few. The wrong choice where firm rules leave nearly nobody of very many open places: each of
//! these is tried.

use std::collections::{BTreeMap, BTreeSet};

use super::Asked;
use super::rank::Entry;
use crate::assignment::Rungs;
use crate::error::Result;
use crate::matcher::Matcher;

/// Who may be shown.
pub(super) type May<'a> = dyn Fn(u32) -> bool + Sync + 'a;

/// Who is shown, and what each costs everybody else.
pub(super) struct Chosen {
    pub(super) entries: Vec<Entry>,
    pub(super) costs: BTreeMap<u32, Rungs>,
}

/// The first of the list, as often as it takes.
pub(super) fn chosen(
    matcher: &Matcher,
    asked: &Asked<'_>,
    list: impl Fn(&May<'_>) -> Vec<Entry>,
) -> Result<Chosen> {
    let (kept, person) = (&asked.living.kept, asked.participant as u32);
    let without = matcher.at_once(kept, person, None)?;
    let (mut costs, mut clash) = (BTreeMap::new(), BTreeSet::new());
    loop {
        let may = |supporter: u32| asked.may(supporter) && !clash.contains(&supporter);
        let entries = list(&may);
        let before = clash.len();
        for entry in &entries {
            if costs.contains_key(&entry.supporter) {
                continue;
            }
            match matcher.cost_at_once(kept, (person, entry.supporter), without)? {
                Some(rungs) => drop(costs.insert(entry.supporter, rungs)),
                None => drop(clash.insert(entry.supporter)),
            }
        }
        if clash.len() == before {
            return Ok(Chosen { entries, costs });
        }
    }
}
