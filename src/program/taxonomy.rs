//! A taxonomy of conditions or of issues: a directed acyclic graph of codes, and how alike two codes are in it.
//!
//! **Similarity.** Lin's measure (Lin 1998, *An information-theoretic definition of similarity*, ICML) over intrinsic
//! information content (Seco, Veale & Hayes 2004, *An intrinsic information content metric for semantic similarity
//! in WordNet*, ECAI):
//!
//! - `IC(c) = 1 - ln(1 + descendants(c)) / ln(N)`, with `N` concepts in all: 1 for a leaf, near 0 for a chapter;
//! - `similarity(a, b) = 2 IC(m) / (IC(a) + IC(b))`, with `m` the common ancestor of the two (either of them
//!   included) that has the highest information content; 0 where they have none in common, 1 where `a = b`.
//!
//! The intrinsic form needs no corpus, so a programme of ten people and one of ten thousand agree on how near two
//! conditions are. A code with several parents counts through each of them.
//!
//! A taxonomy has at most [`DEEPEST`] levels, so that the sets of ancestors stay small; real ones have under 30.

use std::collections::HashMap;

use petgraph::graph::{DiGraph, NodeIndex};
use petgraph::visit::EdgeRef;
use serde::{Deserialize, Serialize};

use super::Code;

/// The most levels a taxonomy may have, roots included.
pub const DEEPEST: usize = 100;

/// One line of a taxonomy.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Concept {
    /// The code, unique in its taxonomy.
    pub code: Code,
    /// The codes right above it; none for a root.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parents: Vec<Code>,
    /// What people call it.
    #[serde(default)]
    pub name: String,
}

/// Something in the lines of a taxonomy that does not make a directed acyclic graph.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum TaxonomyFault {
    /// The line (by position) repeats the code of an earlier line.
    Duplicate {
        /// Position of the line that repeats it.
        line: usize,
        /// Position of the line that had it first.
        first: usize,
    },
    /// The line names a parent that is not a code of the taxonomy.
    UnknownParent {
        /// Position of the line.
        line: usize,
        /// The parent it names.
        parent: Code,
    },
    /// The codes lie above one another in a circle.
    Cycle {
        /// Position of the circle's first line.
        line: usize,
        /// The codes of the circle, each the child of the next, the last the child of the first.
        codes: Vec<Code>,
    },
    /// The codes are nested deeper than [`DEEPEST`] levels: below the line, and wherever else, parents are left out.
    TooDeep {
        /// Position of the first line whose parent lies on the deepest level.
        line: usize,
    },
}

/// Codes in a directed acyclic graph (edges lead from child to parent), with their information content.
#[derive(Debug, Clone, Default)]
pub struct Taxonomy {
    graph: DiGraph<Concept, ()>,
    index: HashMap<Code, u32>,
    /// Everything above a concept, itself included, sorted.
    above: Vec<Vec<u32>>,
    information: Vec<f64>,
}

impl Taxonomy {
    /// Builds the graph. Lines that do not fit are returned as faults and left out of it, so that a validator can go
    /// on and find what else is wrong; so are the parents of codes nested deeper than [`DEEPEST`] levels. Linear in
    /// the lines and the sum of the ancestor sets.
    pub fn new(concepts: Vec<Concept>) -> (Self, Vec<TaxonomyFault>) {
        let mut faults = Vec::new();
        let mut taxonomy = Self::default();
        let mut line_of = Vec::new();
        let mut parents_of = Vec::new();
        for (line, mut concept) in concepts.into_iter().enumerate() {
            if let Some(&first) = taxonomy.index.get(&concept.code) {
                faults.push(TaxonomyFault::Duplicate { line, first: line_of[first as usize] });
                continue;
            }
            parents_of.push(std::mem::take(&mut concept.parents));
            let code = concept.code.clone();
            let node = taxonomy.graph.add_node(concept);
            taxonomy.index.insert(code, node.index() as u32);
            line_of.push(line);
        }
        for (child, parents) in parents_of.into_iter().enumerate() {
            for parent in &parents {
                match taxonomy.index.get(parent) {
                    Some(&node) => {
                        let (child, parent) = (NodeIndex::new(child), NodeIndex::new(node as usize));
                        taxonomy.graph.update_edge(child, parent, ());
                    }
                    None => faults
                        .push(TaxonomyFault::UnknownParent { line: line_of[child], parent: parent.clone() }),
                }
            }
            taxonomy.graph[NodeIndex::new(child)].parents = parents;
        }
        taxonomy.break_cycles(&line_of, &mut faults);
        taxonomy.cut_depth(&line_of, &mut faults);
        taxonomy.weigh();
        faults.sort_by_key(|fault| match fault {
            TaxonomyFault::Duplicate { line, .. }
            | TaxonomyFault::UnknownParent { line, .. }
            | TaxonomyFault::Cycle { line, .. }
            | TaxonomyFault::TooDeep { line } => *line,
        });
        (taxonomy, faults)
    }

    /// Reports every circle and takes its edges out.
    fn break_cycles(&mut self, line_of: &[usize], faults: &mut Vec<TaxonomyFault>) {
        let mut component_of: Vec<Option<u32>> = vec![None; self.graph.node_count()];
        for (number, mut component) in petgraph::algo::kosaraju_scc(&self.graph).into_iter().enumerate() {
            component.sort_unstable();
            let own_loop = self.graph.contains_edge(component[0], component[0]);
            if component.len() == 1 && !own_loop {
                continue;
            }
            // Walk upwards inside the component until a code comes back: that is one circle, in order.
            for node in &component {
                component_of[node.index()] = Some(number as u32);
            }
            let mut walk = vec![component[0]];
            let mut place = HashMap::from([(component[0], 0)]);
            let circle = loop {
                let here = walk[walk.len() - 1];
                let next =
                    self.graph.neighbors(here).filter(|node| component.binary_search(node).is_ok()).min();
                let Some(next) = next else { break walk.clone() };
                if let Some(&start) = place.get(&next) {
                    break walk.split_off(start);
                }
                place.insert(next, walk.len());
                walk.push(next);
            };
            let codes = circle.iter().map(|&node| self.graph[node].code.clone()).collect();
            faults.push(TaxonomyFault::Cycle { line: line_of[circle[0].index()], codes });
        }
        self.graph.retain_edges(|graph, edge| {
            let ends = graph.edge_endpoints(edge);
            !ends.is_some_and(|(a, b)| {
                let (a, b) = (component_of[a.index()], component_of[b.index()]);
                a.is_some() && a == b
            })
        });
    }

    /// Takes the edges out that lead to a parent on the deepest level, and reports the first of them.
    fn cut_depth(&mut self, line_of: &[usize], faults: &mut Vec<TaxonomyFault>) {
        let mut level = vec![1_usize; self.graph.node_count()];
        let mut first: Option<usize> = None;
        let order = petgraph::algo::toposort(&self.graph, None).unwrap_or_default();
        for &node in order.iter().rev() {
            for edge in self.graph.edges(node) {
                let of_parent = level[edge.target().index()];
                if of_parent < DEEPEST {
                    level[node.index()] = level[node.index()].max(of_parent + 1);
                } else {
                    let line = line_of[node.index()];
                    first = Some(first.map_or(line, |first| first.min(line)));
                }
            }
        }
        let Some(line) = first else { return };
        faults.push(TaxonomyFault::TooDeep { line });
        self.graph.retain_edges(|graph, edge| {
            graph.edge_endpoints(edge).is_none_or(|(_, parent)| level[parent.index()] < DEEPEST)
        });
    }

    /// Ancestor sets from the roots down, then information content from the numbers of descendants.
    fn weigh(&mut self) {
        let count = self.graph.node_count();
        self.above = vec![Vec::new(); count];
        // Edges lead upwards, so the reverse topological order meets every parent before its children.
        let order = petgraph::algo::toposort(&self.graph, None).unwrap_or_default();
        for &node in order.iter().rev() {
            let mut above = vec![node.index() as u32];
            for edge in self.graph.edges(node) {
                above.extend_from_slice(&self.above[edge.target().index()]);
            }
            above.sort_unstable();
            above.dedup();
            self.above[node.index()] = above;
        }
        let mut with_descendants = vec![0_u32; count];
        for above in &self.above {
            for &ancestor in above {
                with_descendants[ancestor as usize] += 1;
            }
        }
        let all = (count.max(2) as f64).ln();
        self.information = with_descendants
            .iter()
            .map(|&below| (1.0 - f64::from(below).ln() / all).clamp(0.0, 1.0))
            .collect();
    }

    /// How many codes there are.
    pub fn len(&self) -> usize {
        self.graph.node_count()
    }

    /// There are no codes: every code is then only like itself.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The graph, edges from child to parent, for callers who want to walk it themselves.
    pub fn graph(&self) -> &DiGraph<Concept, ()> {
        &self.graph
    }

    /// The line of a code.
    pub fn concept(&self, code: &Code) -> Option<&Concept> {
        self.index.get(code).map(|&node| &self.graph[NodeIndex::new(node as usize)])
    }

    /// What people call a code: its name where the taxonomy has one, else the code itself.
    pub fn name<'a>(&'a self, code: &'a Code) -> &'a str {
        match self.concept(code) {
            Some(concept) if !concept.name.is_empty() => &concept.name,
            _ => code.as_str(),
        }
    }

    /// Information content of a code, 0 (says nothing) to 1 (a leaf); `None` if it is not in the taxonomy.
    pub fn information_content(&self, code: &Code) -> Option<f64> {
        self.index.get(code).map(|&node| self.information[node as usize])
    }

    /// Whether `code` is `ancestor` or lies below it. Codes outside the taxonomy are only below themselves.
    pub fn is_same_or_below(&self, code: &Code, ancestor: &Code) -> bool {
        match (self.index.get(code), self.index.get(ancestor)) {
            (Some(&code), Some(ancestor)) => self.above[code as usize].binary_search(ancestor).is_ok(),
            _ => code == ancestor,
        }
    }

    /// How alike two codes are, 0 to 1, by the measure in this module's head. A code outside the taxonomy is
    /// only like itself. Linear in the numbers of ancestors.
    pub fn similarity(&self, a: &Code, b: &Code) -> f64 {
        if a == b {
            return 1.0;
        }
        let (Some(&a), Some(&b)) = (self.index.get(a), self.index.get(b)) else { return 0.0 };
        let (above_a, above_b) = (&self.above[a as usize], &self.above[b as usize]);
        let (mut i, mut j, mut shared) = (0, 0, 0.0_f64);
        while i < above_a.len() && j < above_b.len() {
            match above_a[i].cmp(&above_b[j]) {
                std::cmp::Ordering::Less => i += 1,
                std::cmp::Ordering::Greater => j += 1,
                std::cmp::Ordering::Equal => {
                    shared = shared.max(self.information[above_a[i] as usize]);
                    i += 1;
                    j += 1;
                }
            }
        }
        let both = self.information[a as usize] + self.information[b as usize];
        if both > 0.0 { (2.0 * shared / both).min(1.0) } else { 0.0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn concept(code: &str, parents: &[&str]) -> Concept {
        Concept {
            code: code.into(),
            parents: parents.iter().map(|&parent| parent.into()).collect(),
            name: String::new(),
        }
    }

    #[test]
    fn siblings_are_nearer_than_cousins_and_strangers_are_not_alike() {
        let (taxonomy, faults) = Taxonomy::new(vec![
            concept("F", &[]),
            concept("F84", &["F"]),
            concept("F84.0", &["F84"]),
            concept("F84.5", &["F84"]),
            concept("F90", &["F"]),
            concept("F90.0", &["F90"]),
            concept("Q", &[]),
            concept("Q90", &["Q"]),
        ]);
        assert!(faults.is_empty());
        let like = |a: &str, b: &str| taxonomy.similarity(&a.into(), &b.into());
        assert!((like("F84.0", "F84.0") - 1.0).abs() < 1e-12);
        assert!(like("F84.0", "F84.5") > like("F84.0", "F90.0"));
        assert!(like("F84.0", "F90.0") > 0.0);
        assert!(like("F84.0", "Q90") == 0.0);
        assert!((like("F84.0", "F84.5") - like("F84.5", "F84.0")).abs() < 1e-15);
        // By hand: N = 8, F84 with itself and two below: IC = 1 - ln 3 / ln 8; the leaves have IC 1.
        assert!((like("F84.0", "F84.5") - (1.0 - 3.0_f64.ln() / 8.0_f64.ln())).abs() < 1e-12);
        assert!(taxonomy.is_same_or_below(&"F84.0".into(), &"F".into()));
        assert!(!taxonomy.is_same_or_below(&"F".into(), &"F84.0".into()));
        assert!(taxonomy.is_same_or_below(&"elsewhere".into(), &"elsewhere".into()));
    }

    #[test]
    fn two_parents_count_both() {
        let (taxonomy, _) = Taxonomy::new(vec![
            concept("neuro", &[]),
            concept("genetic", &[]),
            concept("rett", &["neuro", "genetic"]),
            concept("epilepsy", &["neuro"]),
            concept("down", &["genetic"]),
        ]);
        assert!(taxonomy.similarity(&"rett".into(), &"epilepsy".into()) > 0.0);
        assert!(taxonomy.similarity(&"rett".into(), &"down".into()) > 0.0);
        assert!(taxonomy.similarity(&"epilepsy".into(), &"down".into()) == 0.0);
    }

    #[test]
    fn a_chain_too_deep_is_cut_and_told_once() {
        for (levels, told) in [(DEEPEST, vec![]), (50_000, vec![TaxonomyFault::TooDeep { line: DEEPEST }])] {
            let chain = (0..levels).map(|level| match level {
                0 => concept("0", &[]),
                _ => concept(&level.to_string(), &[&(level - 1).to_string()]),
            });
            let (taxonomy, faults) = Taxonomy::new(chain.collect());
            assert_eq!(faults, told);
            assert_eq!(taxonomy.len(), levels);
            assert!(taxonomy.is_same_or_below(&"99".into(), &"0".into()));
            assert!(!taxonomy.is_same_or_below(&"100".into(), &"0".into()));
        }
    }

    #[test]
    fn many_and_long_circles_are_found_in_good_time() {
        let ring = |count: usize| (0..count).map(move |at| (at.to_string(), ((at + 1) % count).to_string()));
        let long = ring(50_000).map(|(code, parent)| concept(&code, &[&parent])).collect();
        let (_, faults) = Taxonomy::new(long);
        assert!(matches!(&faults[..], [TaxonomyFault::Cycle { codes, .. }] if codes.len() == 50_000));
        let own = (0..50_000).map(|at| concept(&at.to_string(), &[&at.to_string()])).collect();
        assert_eq!(Taxonomy::new(own).1.len(), 50_000);
    }

    #[test]
    fn what_is_no_graph_is_named_and_left_out() {
        let (taxonomy, faults) = Taxonomy::new(vec![
            concept("a", &["b"]),
            concept("b", &["c"]),
            concept("c", &["a"]),
            concept("d", &["nowhere"]),
            concept("a", &[]),
            concept("e", &["e"]),
        ]);
        assert_eq!(taxonomy.len(), 5);
        assert_eq!(
            faults,
            [
                TaxonomyFault::Cycle { line: 0, codes: vec!["a".into(), "b".into(), "c".into()] },
                TaxonomyFault::UnknownParent { line: 3, parent: "nowhere".into() },
                TaxonomyFault::Duplicate { line: 4, first: 0 },
                TaxonomyFault::Cycle { line: 5, codes: vec!["e".into()] },
            ]
        );
        assert!(taxonomy.similarity(&"a".into(), &"b".into()) < 1.0);
    }
}
