//! Where the lists of pairs are put, so that what a search reads together lies together.
//!
//! **Problem.** A search goes from a supporter to the rows of its caseload, and from there to supporters near by. In
//! the order of their numbers each of these lies in a page of its own, and at a million participants a change waits for
//! memory most of the time.
//!
//! **Method.** Supporters are walked through breadth first, along the cheapest few pairs of those they have. Columns
//! and caseloads are laid out in the order of the walk, rows by the supporter they are at. People move later and their
//! rows stay: a living optimum that is read again is laid out anew.
//!
//! **Why it is exact.** Numbers and the order within a list stay as they are. Nothing that is found depends on where a
//! list is put.
//!
//! **Time and space.** O(pairs) once, and for a moment a second copy of the longest of the three.
//!
//! **References.** A. George, J. W. H. Liu, *Computer Solution of Large Sparse Positive Definite Systems*
//! (1981), chapter 4 (numbering breadth first for locality).

use super::state::{State, Width};

/// Pairs of a row that the walk follows: a way seldom goes on along a dearer one.
const NEAR: usize = 8;

/// Lays out rows, columns and caseloads of a state in which everyone has a seat and rows are sorted.
pub(super) fn lay_out<T: Width>(state: &mut State<T>) {
    let (mut seen, mut placed) = (vec![false; state.supporters()], vec![false; state.participants()]);
    let mut supporters: Vec<u32> = Vec::with_capacity(seen.len());
    let mut participants: Vec<u32> = Vec::with_capacity(placed.len());
    for first in 0..seen.len() {
        if std::mem::replace(&mut seen[first], true) {
            continue;
        }
        let mut at = supporters.len();
        supporters.push(first as u32);
        while let Some(&supporter) = supporters.get(at) {
            at += 1;
            for &(participant, ()) in state.caseloads.of(supporter as usize) {
                placed[participant as usize] = true;
                participants.push(participant);
                for &(near, _) in state.rows.of(participant as usize).iter().take(NEAR) {
                    if !std::mem::replace(&mut seen[near as usize], true) {
                        supporters.push(near);
                    }
                }
            }
        }
    }
    participants.extend((0..placed.len() as u32).filter(|&participant| !placed[participant as usize]));
    state.rows.lay_out(&participants);
    state.columns.lay_out(&supporters);
    state.caseloads.lay_out(&supporters);
}
