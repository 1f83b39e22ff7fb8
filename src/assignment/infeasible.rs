//! Why firm minimums cannot all be met: a set of them that asks for more than can ever reach it.
//!
//! **Problem.** A solve found the least shortfall below the firm minimums, and it is not 0. That is the solver's word;
//! who runs the programme needs to know who clashes, and a proof that can be counted by hand.
//!
//! **Method.** Firm minimums and capacities are lower and upper bounds of a circulation: from the root to the
//! participants, over pairs to supporters, up through groups to the root. By Hoffman's theorem it exists unless for
//! some set of nodes more must leave than may enter; with one supporter that is Hall's condition. From a supporter or
//! group that has too few matches, everything that could still lead to it is searched against the direction of the
//! residual arcs. The set found is such a set: what may enter it does so already, and what leaves it is no more than it
//! must. Either the root is not in it, and its participants, supporters and groups are too few for what stands above
//! them; or it is, and then a group lets through less than its supporters and groups below require. The set is cut down
//! to the piece of the tree around the start where that suffices, and the smallest over several starts is given.
//!
//! **Why it is right.** It need not be trusted: [`HallViolator::check`] counts again from the problem alone.
//!
//! **Time and space.** O(pairs + supporters + groups) for each start, of which there are at most [`STARTS`].
//!
//! **When it is the wrong choice.** For the smallest set there is, or for all sets: that takes many more flows.
//!
//! **References.** P. Hall, J. London Math. Soc. 10 (1935); A. J. Hoffman, "Some recent applications of the theory of
//! linear inequalities to extremal combinatorial analysis" (1960); R. K. Ahuja, T. L. Magnanti, J. B. Orlin, *Network
//! Flows* (1993), section 6.7.

use std::fmt;

use serde::{Deserialize, Serialize};

use super::matches::Matches;
use super::problem::Problem;
use crate::error::Error;

/// How many nodes that miss their minimum are looked at, for the smallest set.
pub(super) const STARTS: usize = 16;

/// What is short in a [`HallViolator`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Clash {
    /// Too few matches can reach the set. `required`: of each supporter and group in the set whose parent is not in it,
    /// its firm minimum, or its pins if they are more. `available`: the pins of the supporters in the set; of each
    /// participant of the set, as many as it has pairs with supporters in the set and free places; and of each
    /// supporter and group that is not in the set but stands under a group that is, the capacity.
    TooFewParticipants,
    /// A limit lies below the minimums under it. `available`: of each supporter and group in the set whose parent is
    /// not in it, the capacity. `required`: of each in the set with nothing of the set below it, its firm minimum, or
    /// its pins if they are more. No participants take part.
    TooLittleRoom,
}

/// Firm minimums that cannot all be met, as sets that can be counted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HallViolator {
    /// What is short, and how `required` and `available` are counted.
    pub clash: Clash,
    /// Participants with a pair that leads into the set, ascending.
    pub participants: Vec<u32>,
    /// Supporters of the set, ascending.
    pub supporters: Vec<u32>,
    /// Groups of the set, ascending.
    pub groups: Vec<u32>,
    /// Matches that the firm minimums require.
    pub required: u64,
    /// Matches there can be at most: fewer.
    pub available: u64,
}

impl HallViolator {
    /// Counts again: whether the sets are what they claim to be, the numbers are right, and less is available than
    /// required. If so, the problem has no solution, whatever anyone's solver says. O(pairs + supporters + groups).
    pub fn check(&self, problem: &Problem) -> bool {
        let known = self.supporters.iter().all(|&s| s < problem.supporters())
            && self.groups.iter().all(|&g| g < problem.groups());
        if !known {
            return false;
        }
        let inside = self.inside(problem);
        let counted = match self.clash {
            Clash::TooFewParticipants => too_few(problem, &inside),
            Clash::TooLittleRoom => too_little(problem, &inside),
        };
        counted.required > counted.available && counted == *self
    }

    fn inside(&self, problem: &Problem) -> Vec<bool> {
        let mut inside = vec![false; problem.tree.root() + 1];
        for &supporter in &self.supporters {
            inside[supporter as usize] = true;
        }
        for &group in &self.groups {
            inside[problem.tree.supporters + group as usize] = true;
        }
        inside
    }

    fn size(&self) -> usize {
        self.participants.len() + self.supporters.len() + self.groups.len()
    }
}

impl Error {
    /// Who clashes, if firm minimums cannot all be met.
    pub fn hall_violator(&self) -> Option<&HallViolator> {
        self.infeasibility()?.downcast_ref()
    }
}

impl std::error::Error for HallViolator {}

impl fmt::Display for HallViolator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { supporters, groups, required, available, .. } = self;
        let set = [list("supporter", supporters), list("group", groups)];
        let set: Vec<&str> = set.iter().map(String::as_str).filter(|list| !list.is_empty()).collect();
        let set = set.join(" and ");
        write!(f, "the firm minimums cannot all be met: ")?;
        match self.clash {
            Clash::TooFewParticipants => {
                let from = list("participant", &self.participants);
                let from = if from.is_empty() { "no participant".to_owned() } else { from };
                write!(
                    f,
                    "{set} must have {required} matches, but {from} can give at most {available}; lower a minimum or \
                     add pairs or places"
                )
            }
            Clash::TooLittleRoom => write!(
                f,
                "within {set}, {required} matches are required where {available} are allowed; raise the limit or \
                 lower a minimum"
            ),
        }
    }
}

/// "supporters 1, 2 and 7 more", short enough for a message.
fn list(kind: &str, indices: &[u32]) -> String {
    const SHOWN: usize = 12;
    let shown: Vec<String> = indices.iter().take(SHOWN).map(u32::to_string).collect();
    match indices.len() {
        0 => String::new(),
        1 => format!("{kind} {}", shown[0]),
        count if count > SHOWN => format!("{kind}s {} and {} more", shown.join(", "), count - SHOWN),
        _ => format!("{kind}s {}", shown.join(", ")),
    }
}

/// The error of a problem whose least shortfall is that of these matches.
pub(super) fn error(problem: &Problem, matches: &Matches) -> Error {
    match violator(problem, matches) {
        Some(violator) => Error::infeasible(violator),
        None => Error::solver(
            "firm minimums are missed by an assignment that could meet them; please report this",
        ),
    }
}

/// The smallest violator found from matches whose shortfall is least; `None` if it could be less.
fn violator(problem: &Problem, matches: &Matches) -> Option<HallViolator> {
    let tree = &problem.tree;
    let mut loads = vec![0_u32; tree.supporters];
    for (_, supporter) in matches.iter() {
        loads[supporter as usize] += 1;
    }
    let residual = Residual::new(problem, matches, tree.flows(loads));
    (0..tree.root())
        .filter(|&node| residual.flows[node] < u64::from(tree.minimum(node)))
        .take(STARTS)
        .filter_map(|node| residual.violator(node))
        .min_by_key(HallViolator::size)
}

/// What the matches leave, searched against the direction of the arcs.
struct Residual<'p> {
    problem: &'p Problem,
    matches: &'p Matches,
    flows: Vec<u64>,
    /// Participants by supporter.
    offsets: Vec<usize>,
    participants: Vec<u32>,
}

impl<'p> Residual<'p> {
    fn new(problem: &'p Problem, matches: &'p Matches, flows: Vec<u64>) -> Self {
        let mut offsets = vec![0; problem.tree.supporters + 2];
        for &supporter in problem.pair_supporters.iter() {
            offsets[supporter as usize + 2] += 1;
        }
        for s in 2..offsets.len() {
            offsets[s] += offsets[s - 1];
        }
        let mut participants = vec![0; problem.pair_supporters.len()];
        for participant in 0..problem.participants() {
            for &supporter in problem.row_parts(participant as usize).0 {
                let at = &mut offsets[supporter as usize + 1];
                participants[*at] = participant;
                *at += 1;
            }
        }
        Self { problem, matches, flows, offsets, participants }
    }

    /// The set of all that could lead one match more to a node, as a violator.
    fn violator(&self, start: usize) -> Option<HallViolator> {
        let (problem, tree) = (self.problem, &self.problem.tree);
        let root = tree.root();
        let mut found = vec![false; root + 1];
        let mut asked = vec![false; problem.pins.len()];
        let mut queue = vec![start];
        found[start] = true;
        while let Some(node) = queue.pop() {
            let mut reach = |node: usize| {
                if !std::mem::replace(&mut found[node], true) {
                    queue.push(node);
                }
            };
            if node < tree.supporters {
                for &participant in &self.participants[self.offsets[node]..self.offsets[node + 1]] {
                    let p = participant as usize;
                    let has = self.matches.of(participant);
                    let pinned = problem.pins[p].map(|(supporter, _)| supporter);
                    let busy = has.contains(&(node as u32)) || problem.free_places(p) == 0;
                    if busy || std::mem::replace(&mut asked[p], true) {
                        continue;
                    }
                    // It comes from another supporter, or from a place that is empty.
                    has.iter()
                        .filter(|&&other| pinned != Some(other))
                        .for_each(|&other| reach(other as usize));
                    if has.len() < problem.places_of(p) as usize {
                        reach(root);
                    }
                }
            } else {
                for &child in tree.children(node) {
                    if self.flows[child as usize] < u64::from(tree.capacity[child as usize]) {
                        reach(child as usize);
                    }
                }
            }
            if node == root {
                // Whoever is matched of free will can also leave.
                for (participant, supporter) in self.matches.iter() {
                    if problem.pins[participant as usize].is_none_or(|(pinned, _)| pinned != supporter) {
                        reach(supporter as usize);
                    }
                }
            } else {
                let firm = u64::from(tree.pinned[node].max(tree.minimum(node)));
                if self.flows[node] > firm {
                    reach(tree.parent[node] as usize);
                }
            }
        }
        let too_few_participants = !found[root];
        if !too_few_participants {
            for inside in &mut found {
                *inside = !*inside;
            }
        }
        self.part(&found, too_few_participants, start)
    }

    /// The violated part of a set: the piece of the tree that the start hangs in, or the whole if it takes several.
    fn part(&self, inside: &[bool], too_few_participants: bool, start: usize) -> Option<HallViolator> {
        let (problem, tree) = (self.problem, &self.problem.tree);
        let root = tree.root();
        let top_down = tree.top_down();
        // The topmost node of the piece that each node belongs to.
        let mut top = vec![usize::MAX; root + 1];
        for &v in &top_down {
            let (node, parent) = (v as usize, tree.parent[v as usize] as usize);
            if inside[node] {
                top[node] = if parent < root && inside[parent] { top[parent] } else { node };
            }
        }
        let within = if too_few_participants { start } else { tree.parent[start] as usize };
        let mut piece: Vec<bool> = top.iter().map(|&of| of != usize::MAX && of == top[within]).collect();
        let candidates = if too_few_participants {
            vec![too_few(problem, &piece), too_few(problem, inside)]
        } else {
            // Only groups limit; what they require is right below them.
            piece[..tree.supporters].fill(false);
            let limits = piece.clone();
            for &v in &top_down {
                let node = v as usize;
                let requires = tree.minimum(node).max(tree.pinned[node]) > 0;
                piece[node] |= limits[tree.parent[node] as usize] && requires;
            }
            vec![too_little(problem, &piece)]
        };
        candidates.into_iter().find(|violator| violator.required > violator.available)
    }
}

/// The set as lists, nothing counted.
fn listed(problem: &Problem, inside: &[bool], clash: Clash) -> HallViolator {
    let tree = &problem.tree;
    let numbers = |range: std::ops::Range<usize>| {
        range.clone().filter(|&node| inside[node]).map(|node| (node - range.start) as u32).collect()
    };
    HallViolator {
        clash,
        participants: Vec::new(),
        supporters: numbers(0..tree.supporters),
        groups: numbers(tree.supporters..tree.root()),
        required: 0,
        available: 0,
    }
}

/// Counts what [`Clash::TooFewParticipants`] says.
fn too_few(problem: &Problem, inside: &[bool]) -> HallViolator {
    let tree = &problem.tree;
    let mut counted = listed(problem, inside, Clash::TooFewParticipants);
    for p in 0..problem.pins.len() {
        let pinned = problem.pins[p].map(|(supporter, _)| supporter);
        counted.available += u64::from(pinned.is_some_and(|pinned| inside[pinned as usize]));
        let row = problem.row_parts(p).0;
        let into = row.iter().filter(|&&s| inside[s as usize] && pinned != Some(s)).count();
        let gives = (problem.free_places(p) as usize).min(into);
        if gives > 0 {
            counted.participants.push(p as u32);
            counted.available += gives as u64;
        }
    }
    for node in 0..tree.root() {
        let above = inside[tree.parent[node] as usize];
        if inside[node] && !above {
            counted.required += u64::from(tree.minimum(node).max(tree.pinned[node]));
        } else if !inside[node] && above {
            counted.available += u64::from(tree.capacity[node]);
        }
    }
    counted
}

/// Counts what [`Clash::TooLittleRoom`] says.
fn too_little(problem: &Problem, inside: &[bool]) -> HallViolator {
    let tree = &problem.tree;
    let mut counted = listed(problem, inside, Clash::TooLittleRoom);
    for node in (0..tree.root()).filter(|&node| inside[node]) {
        if !inside[tree.parent[node] as usize] {
            counted.available += u64::from(tree.capacity[node]);
        }
        let lowest =
            node < tree.supporters || tree.children(node).iter().all(|&child| !inside[child as usize]);
        if lowest {
            counted.required += u64::from(tree.minimum(node).max(tree.pinned[node]));
        }
    }
    counted
}
