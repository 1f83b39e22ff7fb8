//! Everyone against everyone: the compatibility graph, built in parallel.

use std::sync::atomic::{AtomicUsize, Ordering};

use petgraph::graph::{NodeIndex, UnGraph};
use rayon::prelude::*;

use super::{Compatibility, kernel};
use crate::program::Program;

/// Every eligible pair with its weight, by participant; supporters in the program's order within each.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompatibilityGraph {
    offsets: Vec<usize>,
    supporters: Vec<u32>,
    weights: Vec<i32>,
    supporter_count: usize,
}

impl CompatibilityGraph {
    /// Some pairs alone: for each participant supporters, ascending, with their weights.
    pub(crate) fn of_rows(rows: &[Vec<(u32, i32)>], supporter_count: usize) -> Self {
        let mut offsets = Vec::with_capacity(rows.len() + 1);
        offsets.push(0);
        let (mut supporters, mut weights) = (Vec::new(), Vec::new());
        for row in rows {
            supporters.extend(row.iter().map(|pair| pair.0));
            weights.extend(row.iter().map(|pair| pair.1));
            offsets.push(supporters.len());
        }
        Self { offsets, supporters, weights, supporter_count }
    }

    /// How many participants there are, eligible for somebody or not.
    pub fn participant_count(&self) -> usize {
        self.offsets.len() - 1
    }

    /// How many supporters there are.
    pub fn supporter_count(&self) -> usize {
        self.supporter_count
    }

    /// How many pairs are eligible.
    pub fn pair_count(&self) -> usize {
        self.supporters.len()
    }

    /// The supporters a participant may be matched with, and the weight of each (score less the prices of
    /// relaxations, in millionths).
    ///
    /// # Panics
    ///
    /// If there is no participant at that position.
    pub fn row(&self, participant: usize) -> (&[u32], &[i32]) {
        let range = self.offsets[participant]..self.offsets[participant + 1];
        (&self.supporters[range.clone()], &self.weights[range])
    }

    /// How many participants may be matched with each supporter.
    pub fn demand(&self) -> Vec<u32> {
        let mut demand = vec![0_u32; self.supporter_count];
        for &supporter in &self.supporters {
            demand[supporter as usize] += 1;
        }
        demand
    }

    /// Offsets, supporters and weights in compressed sparse rows: the pairs of participant `p` stand at
    /// `offsets[p]..offsets[p + 1]`.
    pub fn into_rows(self) -> (Vec<usize>, Vec<u32>, Vec<i32>) {
        (self.offsets, self.supporters, self.weights)
    }

    /// The same as a petgraph graph: participants first (node `p` is participant `p`), then supporters; each edge
    /// bears its weight.
    pub fn to_petgraph(&self) -> UnGraph<(), i32, usize> {
        let (participants, supporters) = (self.participant_count(), self.supporter_count);
        let mut graph = UnGraph::with_capacity(participants + supporters, self.pair_count());
        for _ in 0..participants + supporters {
            graph.add_node(());
        }
        for participant in 0..participants {
            let (row, weights) = self.row(participant);
            for (&supporter, &weight) in row.iter().zip(weights) {
                graph.add_edge(
                    NodeIndex::new(participant),
                    NodeIndex::new(participants + supporter as usize),
                    weight,
                );
            }
        }
        graph
    }
}

/// Participants judged between two calls of the progress function.
const STRIDE: usize = 64;

pub(super) fn build(
    compatibility: &Compatibility,
    program: &Program,
    progress: &(dyn Fn(usize, usize) + Sync),
) -> CompatibilityGraph {
    let total = program.participants().len();
    let done = AtomicUsize::new(0);
    let starts: Vec<usize> = (0..total).step_by(STRIDE).collect();
    let blocks: Vec<(Vec<usize>, Vec<u32>, Vec<i32>)> = starts
        .into_par_iter()
        .map(|start| {
            let end = (start + STRIDE).min(total);
            let (mut counts, mut supporters, mut weights) =
                (Vec::with_capacity(end - start), Vec::new(), Vec::new());
            for participant in start..end {
                let query = compatibility.query(program, participant);
                let query = query.prepare(compatibility, compatibility.columns.len());
                let before = supporters.len();
                kernel::scan(compatibility, &query, |candidate| {
                    supporters.push(candidate.supporter);
                    weights.push(candidate.weight);
                });
                counts.push(supporters.len() - before);
            }
            progress(done.fetch_add(end - start, Ordering::Relaxed) + (end - start), total);
            (counts, supporters, weights)
        })
        .collect();
    let pairs = blocks.iter().map(|(_, supporters, _)| supporters.len()).sum();
    let mut graph = CompatibilityGraph {
        offsets: Vec::with_capacity(total + 1),
        supporters: Vec::with_capacity(pairs),
        weights: Vec::with_capacity(pairs),
        supporter_count: compatibility.columns.len(),
    };
    graph.offsets.push(0);
    let mut end = 0;
    for (counts, supporters, weights) in blocks {
        for count in counts {
            end += count;
            graph.offsets.push(end);
        }
        graph.supporters.extend_from_slice(&supporters);
        graph.weights.extend_from_slice(&weights);
    }
    graph
}
