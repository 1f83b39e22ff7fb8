//! A problem as the files state it, on its way to the library.

use peermatch::assignment::{Costs, Problem, Supporter};

use crate::rows::Sorted;

/// What it costs to leave a participant unmatched.
#[derive(Clone, Copy)]
pub(crate) enum Unmatched {
    /// A price.
    At(i64),
    /// It may not be: an instance where somebody must be left is infeasible.
    Never,
}

/// A problem as a file states it.
pub(crate) struct Instance {
    pub(crate) unmatched: Unmatched,
    pub(crate) capacities: Vec<u32>,
    pub(crate) rows: Sorted<Costs>,
}

impl Instance {
    /// Builds the problem; the pairs are moved, not copied.
    ///
    /// That everyone must be matched is the first rung of the ladder: the number left unmatched is minimised before
    /// any cost is looked at, so it is 0 exactly if that can be, whatever the costs are.
    pub(crate) fn build(self) -> peermatch::Result<Problem> {
        let participants = self.rows.offsets.len() - 1;
        let mut builder = Problem::builder(participants as u32);
        for capacity in self.capacities {
            builder.supporter(Supporter::new(capacity));
        }
        match self.unmatched {
            Unmatched::At(price) => builder.unmatched_costs(vec![price; participants]),
            Unmatched::Never => builder.served_weights(vec![1; participants]),
        };
        builder.pairs_csr(self.rows.offsets, self.rows.supporters, self.rows.costs);
        builder.build()
    }
}
