//! Who is at each supporter, and up to which price each of them certainly stays.
//!
//! **Problem.** Every bid and every search asks for all participants at a supporter and for their bars. Looked up
//! participant by participant, that is a visit to far memory for each.
//!
//! **Method.** One array with a block for each supporter, in which its participants stand side by side with their bars.
//! A block that is full moves to the end of the array and is twice as large there.
//!
//! **Time and space.** O(1) amortised for everything but reading a block. A block begins with room for the places there
//! are, if they are few; in all O(supporters + participants).

/// Places of a block at the beginning, at most.
const FEW: u32 = 8;

/// A participant at a supporter.
#[derive(Debug, Clone, Copy)]
pub(super) struct Member<T> {
    pub(super) participant: u32,
    /// A potential of the supporter up to which the participant certainly has no better arc. Potentials of supporters
    /// only rise, but for filling and refilling, so a bar once true stays true.
    pub(super) bar: T,
    /// Packed cost of its pair.
    pub(super) cost: T,
}

#[derive(Debug, Clone, Copy)]
struct Block {
    start: usize,
    count: u32,
    room: u32,
}

/// The participants at all supporters.
pub(super) struct Caseloads<T> {
    blocks: Vec<Block>,
    members: Vec<Member<T>>,
    nobody: Member<T>,
}

impl<T: Copy> Caseloads<T> {
    /// Empty caseloads of supporters who have so many places; `nothing` is a bar.
    pub(super) fn new(places: impl Iterator<Item = u32>, nothing: T) -> Self {
        let mut end = 0;
        let blocks = places.map(|places| {
            let room = places.min(FEW);
            let block = Block { start: end, count: 0, room };
            end += room as usize;
            block
        });
        let blocks = blocks.collect();
        let nobody = Member { participant: u32::MAX, bar: nothing, cost: nothing };
        Self { blocks, members: vec![nobody; end], nobody }
    }

    /// The participants at a supporter.
    #[inline]
    pub(super) fn of(&self, supporter: usize) -> &[Member<T>] {
        let Block { start, count, .. } = self.blocks[supporter];
        &self.members[start..start + count as usize]
    }

    /// The same, to be changed in place.
    #[inline]
    pub(super) fn of_mut(&mut self, supporter: usize) -> &mut [Member<T>] {
        let Block { start, count, .. } = self.blocks[supporter];
        &mut self.members[start..start + count as usize]
    }

    /// Adds a participant; returns its position.
    #[inline]
    pub(super) fn add(&mut self, supporter: usize, member: Member<T>) -> u32 {
        let mut block = self.blocks[supporter];
        if block.count == block.room {
            block = self.enlarge(supporter);
        }
        self.members[block.start + block.count as usize] = member;
        self.blocks[supporter].count += 1;
        block.count
    }

    fn enlarge(&mut self, supporter: usize) -> Block {
        let block = &mut self.blocks[supporter];
        let (from, start) = (block.start, self.members.len());
        block.start = start;
        block.room = block.room.saturating_mul(2).max(2);
        self.members.extend_from_within(from..from + block.count as usize);
        self.members.resize(start + block.room as usize, self.nobody);
        *block
    }

    /// Takes the participant at a position away; returns who stands there now, if anyone.
    pub(super) fn remove(&mut self, supporter: usize, position: u32) -> Option<u32> {
        let block = &mut self.blocks[supporter];
        block.count -= 1;
        let last = self.members[block.start + block.count as usize];
        let moved = position < block.count;
        if moved {
            self.members[block.start + position as usize] = last;
        }
        moved.then_some(last.participant)
    }

    /// Every bar there is.
    pub(super) fn bars_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.members.iter_mut().map(|member| &mut member.bar)
    }
}
