//! What a caller may choose about solving with rules.

use crate::assignment::Backend;

/// How the rules are solved. All methods solve the same problem to the same objective.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum Method {
    /// Prices on what cuts across, fixing by reduced cost, and the library's own branch and bound for the rest.
    #[default]
    Search,
    /// The same, but the rest is handed to an integer-programming backend with the best matching so far as cut-off.
    Rest(Backend),
    /// The whole model to the backend, untouched: slow, and an independent second opinion.
    FullModel(Backend),
}

/// How to solve with rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub struct RuleOptions {
    /// The method.
    pub method: Method,
    /// Stop as soon as the packed objective is within this of the bound; 0 asks for the optimum.
    pub gap: i64,
    /// Stop after this many nodes of the search; `None` for no limit. Unlike the time limit of a
    /// [`Control`](crate::assignment::Control) it stops at the same result on any machine.
    pub node_limit: Option<u64>,
}

impl RuleOptions {
    /// The defaults: the library's own search, to the optimum, without limits.
    pub fn new() -> Self {
        Self::default()
    }

    /// Chooses the method.
    #[must_use]
    pub fn method(mut self, method: Method) -> Self {
        self.method = method;
        self
    }

    /// Accepts a result within that gap, in packed units.
    #[must_use]
    pub fn gap(mut self, gap: i64) -> Self {
        self.gap = gap;
        self
    }

    /// Stops after that many nodes.
    #[must_use]
    pub fn node_limit(mut self, nodes: u64) -> Self {
        self.node_limit = Some(nodes);
        self
    }
}
