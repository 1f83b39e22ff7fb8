//! When to stop, and how far the best matching is from the bound: the caller's control, and the number of nodes.
//!
//! The parts of a problem are solved one after another, so what is left to gain is the sum of what each part's best
//! choice and bound leave; it is known from when every part has a choice.

use super::blocks::INFINITE;
use super::options::RuleOptions;
use super::solution::RuleStop;
use crate::assignment::control::Stopwatch;
use crate::assignment::{Control, Stage, StageTime, Stop};

/// Variables looked at between two looks at the caller's control.
const STRIDE: usize = 1 << 14;

/// What is known of one part.
#[derive(Debug, Clone, Copy, Default)]
struct Known {
    best: Option<i64>,
    bound: Option<i64>,
}

impl Known {
    fn gap(self) -> Option<i128> {
        let (best, bound) = (self.best?, self.bound?);
        Some(i128::from(best) - i128::from(bound.min(best)))
    }
}

/// Looks after all limits of one solve.
pub(super) struct Limits<'a> {
    control: &'a Control<'a>,
    stopwatch: Stopwatch,
    stage: Stage,
    most_nodes: u64,
    pub(super) nodes: u64,
    /// Evaluations of the dual function.
    pub(super) iterations: u64,
    pub(super) stopped: Option<RuleStop>,
    /// Variables looked at, again and again.
    pub(super) work: u64,
    /// The same since the control was.
    unseen: usize,
    parts: Vec<Known>,
    /// The part under way, if what is found belongs to it.
    part: Option<usize>,
    /// What the parts leave to gain together, and how many do not know it yet.
    gap: i128,
    unknown: usize,
}

impl<'a> Limits<'a> {
    pub(super) fn new(options: &RuleOptions, control: &'a Control<'a>) -> Self {
        Self {
            control,
            stopwatch: control.stopwatch(),
            stage: Stage::Multipliers,
            most_nodes: options.node_limit.unwrap_or(u64::MAX),
            nodes: 0,
            iterations: 0,
            stopped: None,
            work: 0,
            unseen: STRIDE,
            parts: Vec::new(),
            part: None,
            gap: 0,
            unknown: 0,
        }
    }

    /// Adds the counts of a stage before this one, and stops for what stopped it, unless that was a part of the time.
    pub(super) fn go_on_from(&mut self, stage: &mut Limits<'_>) {
        self.nodes += stage.nodes;
        self.iterations += stage.iterations;
        self.work += stage.work;
        match stage.stopped {
            Some(RuleStop::TimeLimit) | None => {
                self.stops();
            }
            why => {
                if why == Some(RuleStop::Cancelled) {
                    self.control.was_cancelled();
                }
                self.stopped = why;
            }
        }
    }

    /// There are so many parts, of which nothing is known yet.
    pub(super) fn divide(&mut self, parts: usize) {
        self.parts = vec![Known::default(); parts];
        (self.gap, self.unknown) = (0, parts);
    }

    /// What is found from now on belongs to that part; returns what it belonged to before.
    pub(super) fn turn_to(&mut self, part: Option<usize>) -> Option<usize> {
        std::mem::replace(&mut self.part, part)
    }

    /// A choice of the part under way costs that much.
    pub(super) fn found(&mut self, cost: i64) {
        self.learn(|known| known.best = Some(known.best.map_or(cost, |best| best.min(cost))));
    }

    /// No choice of the part under way costs less.
    pub(super) fn proved(&mut self, bound: i64) {
        if bound < INFINITE {
            self.learn(|known| known.bound = Some(known.bound.map_or(bound, |before| before.max(bound))));
        }
    }

    fn learn(&mut self, what: impl FnOnce(&mut Known)) {
        let Some(known) = self.part.and_then(|part| self.parts.get_mut(part)) else { return };
        let before = known.gap();
        what(known);
        let after = known.gap();
        self.unknown -= usize::from(before.is_none() && after.is_some());
        self.gap += after.unwrap_or(0) - before.unwrap_or(0);
        if self.unknown == 0 {
            self.control.has_best_within(self.gap);
        }
    }

    /// What is done from now on.
    pub(super) fn begin(&mut self, stage: Stage) {
        self.stopwatch.lap(self.stage);
        self.stage = stage;
    }

    /// The time of each stage.
    pub(super) fn times(&mut self) -> Vec<StageTime> {
        self.stopwatch.lap(self.stage);
        std::mem::replace(&mut self.stopwatch, Control::new().stopwatch()).times()
    }

    /// Whether to stop, after so many variables were looked at; once it says so it goes on saying so.
    pub(super) fn stops_after(&mut self, variables: usize) -> bool {
        self.work += variables as u64;
        self.unseen += variables;
        self.unseen >= STRIDE && self.stops()
    }

    /// Whether to stop now.
    pub(super) fn stops(&mut self) -> bool {
        if self.stopped.is_some() {
            return true;
        }
        self.unseen = 0;
        let done = if self.stage == Stage::Multipliers { self.iterations } else { self.nodes };
        if self.control.stops(self.stage, done as usize, usize::MAX) {
            self.stopped = Some(match self.control.reason() {
                Stop::TimeLimit => RuleStop::TimeLimit,
                _ => RuleStop::Cancelled,
            });
        }
        self.stopped.is_some()
    }

    /// Counts a node; whether it is one too many, or there is another reason to stop.
    pub(super) fn stops_before_node(&mut self) -> bool {
        self.nodes += 1;
        if self.stopped.is_none() && self.nodes > self.most_nodes {
            self.stopped = Some(RuleStop::NodeLimit);
        }
        self.stops_after(0)
    }

    /// A backend that was given what is left of the time came to its end.
    pub(super) fn ran_out_of_time(&mut self) {
        self.control.ran_out_of_time();
        self.stopped.get_or_insert(RuleStop::TimeLimit);
    }

    /// What a backend is given.
    pub(super) fn control(&self) -> &'a Control<'a> {
        self.control
    }
}
