//! Lists of pairs that grow and shrink, side by side in one piece of memory.
//!
//! **Problem.** A search reads the rows of a few participants and the columns of a few supporters, and every change
//! edits one or two of them. Read in place they cost next to nothing; as vectors of their own, each is an allocation.
//!
//! **Method.** One pool; each list is a span of it with some room at its end. A list that is full moves to the end of
//! the pool with more room; once half of the pool is waste, all lists are laid out anew with little. (With none, an
//! arrival that adds an entry to every third list would move them all, and soon have everything laid out again.)
//!
//! **Time and space.** O(length) to insert or remove, amortised; at most twice what the lists hold and a little more,
//! however often they change.
//!
//! **When it is the wrong choice.** For lists of many thousands that change all the time: an insertion moves half of
//! one.

/// What may be wasted whatever the lists hold.
const SPARE: usize = 4096;
/// The part of a list that it has room for beyond what it holds when all are laid out.
const ROOM_SHARE: u32 = 16;

#[derive(Debug, Clone, Copy, Default)]
struct Span {
    start: usize,
    count: u32,
    room: u32,
}

/// Lists of numbers, each with something of its own (`()` for nothing).
#[derive(Debug, Clone, Default)]
pub(super) struct Lists<C> {
    spans: Vec<Span>,
    entries: Vec<(u32, C)>,
    /// Entries of all lists together.
    held: usize,
}

impl<C: Copy + Default + Ord> Lists<C> {
    /// That many empty lists, each with room for so many entries.
    pub(super) fn with_rooms(rooms: impl Iterator<Item = u32>) -> Self {
        let mut start = 0;
        let spans: Vec<Span> = rooms
            .map(|room| {
                let span = Span { start, count: 0, room };
                start += room as usize;
                span
            })
            .collect();
        Self { spans, entries: vec![(0, C::default()); start], held: 0 }
    }

    /// Number of lists.
    pub(super) fn len(&self) -> usize {
        self.spans.len()
    }

    /// Entries of all lists together.
    pub(super) fn held(&self) -> usize {
        self.held
    }

    /// Adds an empty list at the end.
    pub(super) fn add_list(&mut self) {
        self.spans.push(Span::default());
    }

    /// Takes the last list away.
    pub(super) fn drop_list(&mut self) {
        if let Some(span) = self.spans.pop() {
            self.held -= span.count as usize;
        }
    }

    #[inline]
    pub(super) fn of(&self, list: usize) -> &[(u32, C)] {
        let span = self.spans[list];
        &self.entries[span.start..span.start + span.count as usize]
    }

    /// The numbers in a list.
    pub(super) fn ids(&self, list: usize) -> Vec<u32> {
        self.of(list).iter().map(|entry| entry.0).collect()
    }

    /// Where an entry stands in a list that is sorted by value and number, or would stand.
    pub(super) fn find(&self, list: usize, (value, id): (C, u32)) -> Result<usize, usize> {
        self.of(list).binary_search_by_key(&(value, id), |&(id, value)| (value, id))
    }

    pub(super) fn push(&mut self, list: usize, id: u32, value: C) {
        self.insert(list, self.spans[list].count as usize, id, value);
    }

    pub(super) fn insert(&mut self, list: usize, at: usize, id: u32, value: C) {
        let span = self.spans[list];
        if span.count == span.room {
            self.move_to_the_end(list);
        }
        let Span { start, count, .. } = self.spans[list];
        let (at, end) = (start + at, start + count as usize);
        self.entries.copy_within(at..end, at + 1);
        self.entries[at] = (id, value);
        self.spans[list].count += 1;
        self.held += 1;
    }

    pub(super) fn remove(&mut self, list: usize, at: usize) {
        let Span { start, count, .. } = self.spans[list];
        let (at, end) = (start + at, start + count as usize);
        self.entries.copy_within(at + 1..end, at);
        self.spans[list].count -= 1;
        self.held -= 1;
        if self.entries.len() > 2 * self.held + SPARE {
            self.lay_out_anew();
        }
    }

    /// Sorts the entries of every list by value and number.
    pub(super) fn sort(&mut self) {
        for &Span { start, count, .. } in &self.spans {
            self.entries[start..start + count as usize].sort_unstable_by_key(|&(id, value)| (value, id));
        }
    }

    fn move_to_the_end(&mut self, list: usize) {
        if self.entries.len() > 2 * self.held + SPARE {
            self.lay_out_anew();
        }
        let Span { start, count, .. } = self.spans[list];
        let (room, end) = (count + count / 4 + 4, self.entries.len());
        self.entries.extend_from_within(start..start + count as usize);
        self.entries.resize(end + room as usize, (0, C::default()));
        self.spans[list] = Span { start: end, count, room };
    }

    /// Lays all lists out anew, side by side as they are.
    fn lay_out_anew(&mut self) {
        let mut order: Vec<u32> = (0..self.spans.len() as u32).collect();
        order.sort_by_key(|&list| self.spans[list as usize].start);
        self.lay_out(&order);
    }

    /// Lays all lists out side by side in this order, long ones with a little room.
    pub(super) fn lay_out(&mut self, order: &[u32]) {
        let mut entries = Vec::with_capacity(self.held + self.held / ROOM_SHARE as usize);
        for &list in order {
            let span = &mut self.spans[list as usize];
            let range = span.start..span.start + span.count as usize;
            let room = span.count + span.count / ROOM_SHARE;
            *span = Span { start: entries.len(), count: span.count, room };
            entries.extend_from_slice(&self.entries[range]);
            entries.resize(span.start + room as usize, (0, C::default()));
        }
        self.entries = entries;
    }
}

#[cfg(test)]
mod tests {
    use super::{Lists, SPARE};

    #[test]
    fn memory_does_not_grow_over_a_million_changes() {
        let mut lists: Lists<i32> = Lists::with_rooms([3, 0, 5].into_iter());
        let mut plain: Vec<Vec<(u32, i32)>> = vec![Vec::new(); 3];
        let mut random = 7_u64;
        for change in 0..1_000_000_u32 {
            random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let draw = (random >> 33) as usize;
            let list = draw % lists.len();
            // Lists swell and shrink in turn.
            let grows = plain[list].len() < if change / 5000 % 2 == 0 { 200 } else { 3 };
            if grows {
                let at = draw / 3 % (plain[list].len() + 1);
                plain[list].insert(at, (change, draw as i32));
                lists.insert(list, at, change, draw as i32);
            } else {
                let at = draw / 3 % plain[list].len();
                plain[list].remove(at);
                lists.remove(list, at);
            }
            let (room, held) = (lists.entries.len(), lists.held);
            assert!(room <= 2 * held + 2 * SPARE, "room for {room} where {held} are held");
        }
        for (list, expected) in plain.iter().enumerate() {
            assert_eq!(lists.of(list), expected);
        }
    }
}
