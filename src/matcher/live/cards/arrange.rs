//! Which of the ranked supporters are shown, and where: equals take turns, alike ones make room, newcomers have a share.
//!
//! **Order of the rules**, so that everybody can tell why a card is where it is:
//!
//! 1. The ranked list is parted into runs of equals: whoever is worth no less than the first of the run by more than the
//!    policy's margin. In a run whoever was shown least often comes first, then the better, then the lower position.
//! 2. From the front on, whoever is alike to as many as may be alike is passed over. If the list ends before there are
//!    enough, those who were passed over fill up, in their order.
//! 3. If fewer of those taken are newcomers than the policy's share, the last of the others give way to the first
//!    newcomers of the list who are not there, as long as there are some; these stand where they stood.
//!
//! The list is asked for piece by piece. A piece is long enough when its last run is not the one that fills the last
//! place, or when that run has enough of those whom nobody was shown less often than: they stand first in it, and whoever
//! is not in the piece comes after them. So the result is that of the whole list.

use std::cmp::Reverse;

use super::rank::{Entry, First};

/// What the policy says of it.
pub(super) struct Rules<'a> {
    pub(super) count: usize,
    /// In packed costs.
    pub(super) margin: i128,
    /// How often each supporter was shown.
    pub(super) shown: &'a dyn Fn(u32) -> u64,
    /// Nobody in the list was shown less often.
    pub(super) least_shown: u64,
    /// What is the same in those who are alike; none where that does not matter.
    pub(super) alike: Option<(usize, &'a dyn Fn(u32) -> String)>,
}

/// Arranges the front of a list; none if more of it is needed.
fn arranged(first: &First, rules: &Rules<'_>) -> Option<Vec<Entry>> {
    let mut turns: Vec<Entry> = Vec::with_capacity(first.entries.len());
    let mut rest = &first.entries[..];
    while let Some(best) = rest.first() {
        let length = rest.iter().take_while(|entry| best.value - entry.value <= rules.margin).count();
        // Whoever of the run is missing comes after those.
        let goes_on = length == rest.len() && !first.all;
        let is_there = |entry: &&Entry| !goes_on || (rules.shown)(entry.supporter) <= rules.least_shown;
        let mut run: Vec<Entry> = rest[..length].iter().filter(is_there).copied().collect();
        run.sort_by_key(|entry| ((rules.shown)(entry.supporter), Reverse(entry.value), entry.supporter));
        turns.extend(run);
        rest = &rest[length..];
    }
    let is_whole = first.all;
    let (mut taken, mut passed) = (Vec::new(), Vec::new());
    let mut kinds: Vec<(String, usize)> = Vec::new();
    for entry in turns {
        if taken.len() == rules.count {
            break;
        }
        if let Some((most, alike)) = rules.alike {
            let kind = alike(entry.supporter);
            match kinds.iter_mut().find(|own| own.0 == kind) {
                Some((_, count)) if *count >= most => {
                    passed.push(entry);
                    continue;
                }
                Some((_, count)) => *count += 1,
                None => kinds.push((kind, 1)),
            }
        }
        taken.push(entry);
    }
    if taken.len() < rules.count {
        if !is_whole {
            return None;
        }
        let missing = rules.count - taken.len();
        taken.extend(passed.into_iter().take(missing));
    }
    Some(taken)
}

/// The cards of a list that is asked for, the first so many at a time.
pub(super) fn arrange(rules: &Rules<'_>, list: &dyn Fn(usize) -> First) -> Vec<Entry> {
    // More than are shown, for a run of equals that fills the last place and for alike ones who make room.
    let mut most = rules.count + (rules.count / 2).max(4);
    loop {
        if let Some(taken) = arranged(&list(most), rules) {
            return taken;
        }
        most = most.saturating_mul(4);
    }
}

/// Gives newcomers their share: `others` are the best of them, best first; asked for where some are missing.
pub(super) fn with_newcomers(
    mut taken: Vec<Entry>,
    share: usize,
    is_newcomer: &dyn Fn(u32) -> bool,
    others: impl FnOnce() -> Vec<Entry>,
) -> Vec<Entry> {
    let there = taken.iter().filter(|entry| is_newcomer(entry.supporter)).count();
    let mut missing = share.saturating_sub(there);
    if missing == 0 {
        return taken;
    }
    let others = others();
    let is_there = |taken: &[Entry], own: &Entry| taken.iter().any(|one| one.supporter == own.supporter);
    let new: Vec<Entry> = others.iter().copied().filter(|own| !is_there(&taken, own)).collect();
    let mut new = new.into_iter().take(missing).collect::<Vec<_>>().into_iter().rev();
    for entry in taken.iter_mut().rev() {
        if missing == 0 {
            break;
        }
        if is_newcomer(entry.supporter) {
            continue;
        }
        missing -= 1;
        // The worst of the new takes the last place, or none if there are fewer than places.
        match new.next() {
            Some(own) => *entry = own,
            None => break,
        }
    }
    taken
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// Piece by piece, it is as if the whole list had been there.
        #[test]
        fn a_piece_is_arranged_as_the_whole_list(
            people in vec((0_i128..12, 0_u64..4, 0_u32..3), 0..200),
            (count, margin, alike_at_most) in (1_usize..8, 0_i128..6, 0_usize..3),
            is_least_known in any::<bool>(),
        ) {
            let of = |supporter: u32| people[supporter as usize];
            let entry = |supporter: u32| Entry { supporter, weight: 0, value: of(supporter).0 };
            let mut list: Vec<Entry> = (0..people.len() as u32).map(entry).collect();
            list.sort_unstable_by_key(Entry::key);
            let least = people.iter().map(|own| own.1).min().filter(|_| is_least_known);
            let alike = |supporter: u32| of(supporter).2.to_string();
            let rules = Rules {
                count,
                margin,
                shown: &|supporter| of(supporter).1,
                least_shown: least.unwrap_or(0),
                alike: (alike_at_most > 0).then_some((alike_at_most, &alike)),
            };
            let whole = First { entries: list.clone(), all: true };
            let asked = Cell::new(0);
            let piece = |most: usize| {
                asked.set(asked.get() + 1);
                First { entries: list.iter().copied().take(most).collect(), all: most >= list.len() }
            };
            let found = arrange(&rules, &piece);
            prop_assert_eq!(Some(found), arranged(&whole, &rules));
            // As soon as there are enough of whom nobody was shown less often.
            let first = count + (count / 2).max(4);
            let run = list.iter().take(first).filter(|own| list[0].value - own.value <= margin);
            let fewest = run.filter(|own| of(own.supporter).1 <= rules.least_shown).count();
            if alike_at_most == 0 && fewest >= count {
                prop_assert_eq!(asked.get(), 1);
            }
        }
    }
}
