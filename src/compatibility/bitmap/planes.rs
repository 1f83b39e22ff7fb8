//! Who comes near a code, as bits.
//!
//! For each code that participants use there are up to four planes of bits, one bit for each row: who has a code at least
//! so much like it. How near a row comes at most is then told by the planes in which its bit is set; where codes are
//! alike or they are not, as in a taxonomy without branches, there is one plane and it tells exactly. (A bit-sliced
//! index: O'Neil and Quass 1997, *Improved query performance with variant indexes*, SIGMOD.)

use rayon::prelude::*;

use super::super::blocks::NOBODY;
use super::BLOCK;
use crate::policy::SCORE_ONE;

/// The bits of one block.
pub(super) type Bits = [u64; BLOCK / 64];

/// Likenesses at which planes are cut, in millionths; the last is the code itself.
const CUTS: [u32; 4] = [1, 400_000, 700_000, SCORE_ONE];

/// The planes of one code.
#[derive(Debug, Clone)]
pub(super) struct Code {
    /// How often the code's number had been given when they were made.
    given: u32,
    /// From the least alike to the most; each row that is in one is in those before it.
    pub(super) planes: Vec<Plane>,
}

/// Who has a code so much like another.
#[derive(Debug, Clone)]
pub(super) struct Plane {
    /// No row of this plane that is not in the next comes nearer, in millionths.
    pub(super) top: u32,
    /// By block.
    pub(super) bits: Vec<Bits>,
}

impl Plane {
    /// Everybody in it has the code itself.
    pub(super) fn is_exact(&self) -> bool {
        self.top == SCORE_ONE
    }
}

/// How many threads make planes. One that waits for others of rayon's may be given other work in between, so whoever holds
/// a lock that such work wants has to be the only one.
#[derive(Debug, Clone, Copy)]
pub(super) enum Threads {
    All,
    One,
}

/// The planes of a taxonomy's codes, or of languages, by number; none for those for which there was no room.
#[derive(Debug, Clone, Default)]
pub(super) struct Planes {
    codes: Vec<Option<Code>>,
}

impl Planes {
    /// Makes the planes of codes that have none, or whose number another code has now, in their order as far as the room
    /// lasts; so many bytes of it are left. `near` tells how near a supporter comes to a code, in millionths. Linear in the
    /// rows for each of them, on all threads if that is wanted.
    pub(super) fn renew(
        &mut self,
        given: &[u32],
        supporters: &[u32],
        near: &(dyn Fn(u32, usize) -> u32 + Sync),
        room: &mut usize,
        threads: Threads,
    ) {
        self.codes.resize(given.len(), None);
        let stale = |(own, &given): (&Option<Code>, &u32)| own.as_ref().is_none_or(|own| own.given != given);
        let numbers: Vec<usize> =
            (0..given.len()).filter(|&code| stale((&self.codes[code], &given[code]))).collect();
        // All four, until it is known which of them are empty.
        let most = CUTS.len() * supporters.len() / 8;
        for few in numbers.chunks(64) {
            let few = &few[..few.len().min(*room / most.max(1))];
            let planes_of = |&code: &usize| Code::new((code as u32, given[code]), supporters, near);
            let made: Vec<Code> = match threads {
                Threads::All => few.par_iter().map(planes_of).collect(),
                Threads::One => few.iter().map(planes_of).collect(),
            };
            for (&number, code) in few.iter().zip(made) {
                *room = room.saturating_sub(code.bytes());
                self.codes[number] = Some(code);
            }
        }
        // Whatever found no room and stands for another code now is nobody's.
        for (own, &given) in self.codes.iter_mut().zip(given) {
            own.take_if(|own| own.given != given);
        }
    }

    /// The planes of a code, if it has any; those of another that had the number are nobody's.
    pub(super) fn of(&self, given: &[u32], code: u32) -> Option<&Code> {
        let own = self.codes.get(code as usize)?.as_ref();
        own.filter(|own| own.given == given[code as usize])
    }

    /// How much memory they take.
    pub(super) fn bytes(&self) -> usize {
        self.codes.iter().flatten().map(Code::bytes).sum()
    }
}

impl Code {
    fn new((code, given): (u32, u32), supporters: &[u32], near: &(dyn Fn(u32, usize) -> u32 + Sync)) -> Self {
        let mut tops = [0; CUTS.len()];
        let mut bits = CUTS.map(|_| vec![[0; BLOCK / 64]; supporters.len() / BLOCK]);
        let there = supporters.iter().enumerate().filter(|(_, supporter)| **supporter != NOBODY);
        for (row, &supporter) in there {
            let near = near(code, supporter as usize);
            let Some(level) = CUTS.iter().rposition(|&cut| near >= cut) else { continue };
            tops[level] = near.max(tops[level]);
            for plane in &mut bits[..=level] {
                plane[row / BLOCK][row % BLOCK / 64] |= 1 << (row % 64);
            }
        }
        // Nobody is in this plane who is not in the next.
        let planes = tops.into_iter().zip(bits).filter(|&(top, _)| top > 0);
        Self { given, planes: planes.map(|(top, bits)| Plane { top, bits }).collect() }
    }

    fn bytes(&self) -> usize {
        self.planes.iter().map(|plane| size_of_val(&plane.bits[..])).sum()
    }
}
