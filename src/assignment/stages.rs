//! The stages of the network flow one after another: for a whole problem, for its parts, or on from an earlier
//! solution.

use std::iter::repeat_n;

use rayon::prelude::*;

use super::auction;
use super::choice::{Plan, Side, plan};
use super::components::Division;
use super::control::{Control, Course, Stage, Stopwatch};
use super::filling::{fill_all, refill};
use super::flow::{Inserted, Search};
use super::gap::{waiting_gap, waiting_gaps};
use super::integer::Integer;
use super::network::{Flow, Network};
use super::options::{Options, TieBreak};
use super::potentials::raise_to_cost_to_go;
use super::problem::Problem;
use super::row_reduction::{BIDS_PER_PARTICIPANT, reduce};
use super::shortlist::{Shortlists, read_all};
use super::solution::{AlgorithmUsed, Statistics};
use super::ties::first_in_order;
use super::warm_start::{WarmStart, begin};

/// An earlier solution is led on where no more participants wait than these, or this percentage of all.
///
/// Measured by `solve_from` beside `solve` on one round of an implicit market after another, with any optimum and 16
/// bids for each who waits: at 100,000 participants 4 % took a fourteenth of a fresh start, 51 % a quarter and 79 % two
/// thirds (with 2 bids a third), but 91 %, after a round with few pairs and so with wrong prices, took 27 times as
/// long; at 10,000 participants 45 % took less than a third. Nothing was measured between 51 % and 79 %.
const FEW: usize = 64;
const WAITING: usize = 66;
/// The same for places that were left, beyond those who wait.
///
/// Measured where a part of 100,000 participants, for 70 % of whom there was a place, is gone: 5 %, 20 % and 40 % took
/// 1.0, 1.2 and 26 times as long as a fresh start, which is quick there.
const LEFT: usize = 10;
/// Bids allowed there for each who waits.
///
/// Where many places were left, the searches that follow end at the first of them, and bids are soon a price war. In
/// the round of 79 % above, 16, 4, 2 and 1 bids took 1,360, 270, 140 and 50 ms and left searches of 130 to 220 ms;
/// where 4 % wait, 1 bid left searches of 97 ms and 16 bids of 40 ms.
const BIDS_RESUMED: usize = 2;

/// How far the stages of the flow came.
pub(super) struct Outcome {
    /// Flow and potentials prove each other optimal.
    pub(super) optimal: bool,
    /// The potentials are costs-to-go.
    pub(super) canonical: bool,
    /// Something was left undone.
    pub(super) cancelled: bool,
}

/// What is to be done, and how.
pub(super) struct Task<'a, T> {
    pub(super) plan: &'a Plan,
    pub(super) start: Option<&'a WarmStart>,
    pub(super) options: &'a Options,
    /// The lists of all participants of a plan of one batch, if they were made already.
    pub(super) lists: Option<Shortlists<T>>,
}

/// All stages of the flow, from nothing or from an earlier solution to the first optimum in order.
pub(super) fn optimise<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    task: Task<'_, T>,
    control: &Control<'_>,
    statistics: &mut Statistics,
    watch: &mut Stopwatch,
) -> Outcome {
    let (plan, options) = (task.plan, task.options);
    let resumed = task.start.and_then(|start| resume(network, flow, start, options, control, statistics));
    let inserted = if let Some(resumed) = resumed {
        watch.lap(Stage::ShortestPaths);
        resumed
    } else if plan.algorithm == AlgorithmUsed::Auction {
        let filled = auction::auction_all(network, flow, control);
        watch.lap(Stage::Auction);
        statistics.bids = filled.bids;
        Inserted {
            augmentations: filled.searches,
            rows_scanned: filled.rows_read,
            bids: 0,
            cancelled: filled.cancelled,
        }
    } else {
        insert_batches(network, flow, task, control, statistics, watch)
    };
    statistics.augmentations = inserted.augmentations;
    statistics.rows_scanned = inserted.rows_scanned;
    if inserted.cancelled {
        flow.go_back(network);
        return Outcome { optimal: false, canonical: false, cancelled: true };
    }
    control.leaves(0);
    // Whoever takes any optimum takes any proof of it.
    if options.tie_break == TieBreak::Unspecified {
        return Outcome { optimal: true, canonical: false, cancelled: false };
    }
    let canonical = raise_to_cost_to_go(network, flow, control);
    watch.lap(Stage::Potentials);
    let moved = if canonical { first_in_order(network, flow, control) } else { None };
    watch.lap(Stage::TieBreak);
    statistics.ties_moved = moved.unwrap_or(0);
    Outcome { optimal: true, canonical, cancelled: moved.is_none() }
}

/// Inserts one batch after another, each from the side that was planned.
fn insert_batches<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    task: Task<'_, T>,
    control: &Control<'_>,
    statistics: &mut Statistics,
    watch: &mut Stopwatch,
) -> Inserted {
    let Task { plan, options: &Options { shortlist, .. }, lists, .. } = task;
    let mut inserted = Inserted::default();
    let lists_of_nobody = || Shortlists::new(network.exit.len(), network.problem.pairs(), shortlist);
    // Lists that were read already are those of the only batch.
    let read = lists.is_some();
    let mut lists = lists.unwrap_or_else(lists_of_nobody);
    let mut search = Search::new(network);
    // What all of the batch and after it could save at the first potentials, which are as low as any; so that is what
    // is left at most once those before them are in.
    let mut outside = if control.is_watched() {
        waiting_gaps(network, &flow.potential, &plan.order, 0)
    } else {
        Vec::new()
    };
    for (batch, side) in &plan.batches {
        // Bids may push those out for a while who have the best places among themselves.
        if batch.start > 0 && control.may_stop() {
            flow.keep(network);
        }
        let (before, after) = (outside.get(batch.start..=batch.end), outside.get(batch.end..=batch.end));
        let filled = match side {
            Side::Places => {
                let control = control.with_gaps(after.unwrap_or_default());
                fill_all(network, flow, &plan.order, batch, shortlist, &control)
            }
            Side::Participants => None,
        };
        let more = if let Some(filled) = filled {
            // Potentials have fallen, so the lists' bounds do not hold any more.
            lists = lists_of_nobody();
            statistics.bids += filled.bids;
            if !outside.is_empty() && !flow.is_above_first(network) {
                outside.clear();
            }
            filled
        } else {
            let told = control.with_gaps(before.unwrap_or_default());
            if !read {
                lists.note_all_read(network, &flow.potential, &plan.order[batch.clone()], control);
            }
            let batch = &plan.order[batch.clone()];
            let reduced = reduce(network, flow, &mut lists, batch, &mut [], BIDS_PER_PARTICIPANT, &told);
            statistics.bids += reduced.bids;
            watch.lap(Stage::RowReduction);
            if reduced.cancelled {
                inserted.cancelled = true;
                break;
            }
            let rest = after.and_then(|after| after.first());
            let inside = rest.map(|&rest| waiting_gaps(network, &flow.potential, &reduced.waiting, rest));
            let told = control.with_gaps(inside.as_deref().unwrap_or_default());
            search.insert_all(network, flow, &mut lists, &reduced.waiting, &told)
        };
        watch.lap(Stage::ShortestPaths);
        inserted.augmentations += more.augmentations;
        inserted.rows_scanned += more.rows_scanned;
        inserted.cancelled = more.cancelled;
        if inserted.cancelled {
            break;
        }
    }
    inserted
}

/// The same for each part of a divided problem, at the same time; puts their flows and potentials together.
pub(super) fn in_parts<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    division: &Division,
    options: &Options,
    control: &Control<'_>,
    statistics: &mut Statistics,
) -> Outcome {
    let (problem, empty) = (network.problem, &*flow);
    let mut parts: Vec<(Problem, Plan, Option<Shortlists<T>>)> =
        of_each((0..division.participants.len()).collect(), |index| {
            let mut part = problem.part(division, index);
            let plan = plan(&part, options);
            if plan.algorithm == AlgorithmUsed::Auction {
                // It goes through all rows again and again.
                part = part.with_pairs_of_its_own();
            }
            let at_once = matches!(plan.batches[..], [(_, Side::Participants)]);
            let lists = at_once.then(|| Shortlists::new(part.pins.len(), part.pairs(), options.shortlist));
            (part, plan, lists)
        });
    let mut rooms: Vec<_> = problem.pins.iter().map(|_| None).collect();
    for ((_, _, lists), participants) in parts.iter_mut().zip(&division.participants) {
        let lists = lists.iter_mut().flat_map(Shortlists::rooms);
        for (&participant, room) in participants.iter().zip(lists) {
            rooms[participant as usize] = Some(room);
        }
    }
    read_all(network, &empty.potential, rooms, control);
    let solved: Vec<(Flow<T>, Outcome, Statistics)> = of_each(parts, |(part, plan, lists)| {
        let mut statistics = Statistics::new(&part, plan.algorithm, "");
        let network = Network::<T>::new(&part);
        let mut flow = empty.empty_part(&network);
        let all = (0..part.participants()).filter(|&p| part.pins[p as usize].is_none());
        let gap = control.is_watched().then(|| waiting_gap(&network, &flow.potential, all));
        let course = Course::part(control.course(), gap);
        let watch = &mut Control::new().stopwatch();
        let task = Task { plan: &plan, start: None, options, lists };
        let outcome = optimise(&network, &mut flow, task, &control.during(&course), &mut statistics, watch);
        (flow, outcome, statistics)
    });
    let canonical = options.tie_break == TieBreak::FirstInOrder;
    let mut all = Outcome { optimal: true, canonical, cancelled: false };
    let mut from_places = 0;
    for (index, (part, outcome, counts)) in solved.iter().enumerate() {
        all.optimal &= outcome.optimal;
        all.canonical &= outcome.canonical;
        all.cancelled |= outcome.cancelled;
        statistics.bids += counts.bids;
        statistics.augmentations += counts.augmentations;
        statistics.rows_scanned += counts.rows_scanned;
        statistics.ties_moved += counts.ties_moved;
        from_places += usize::from(counts.algorithm == AlgorithmUsed::ShortestPathsFromPlaces);
        let nodes = (0..).zip(&division.part).filter(|&(_, &home)| home as usize == index);
        flow.take_part(part, &division.participants[index], nodes.map(|(node, _)| node));
    }
    statistics.algorithm_reason = format!(
        "{} independent components in {} parts, of which {from_places} are solved from the places; as a whole: {}",
        division.components,
        solved.len(),
        statistics.algorithm_reason
    );
    all
}

/// What becomes of each, at the same time. With one thread it is done here: handing it over to that thread and waiting
/// takes longer than solving a small part.
fn of_each<I: Send, O: Send>(items: Vec<I>, work: impl Fn(I) -> O + Sync + Send) -> Vec<O> {
    if rayon::current_num_threads() == 1 {
        return items.into_iter().map(work).collect();
    }
    items.into_par_iter().map(work).collect()
}

/// Leads an earlier solution to an optimum; `None`, with the flow as it was, if too little of it can be kept.
fn resume<T: Integer>(
    network: &Network<'_, T>,
    flow: &mut Flow<T>,
    start: &WarmStart,
    options: &Options,
    control: &Control<'_>,
    statistics: &mut Statistics,
) -> Option<Inserted> {
    let begun = begin(network, flow, start);
    let unpinned = network.problem.pins.iter().filter(|pin| pin.is_none()).count();
    let waiting = begun.waits.iter().filter(|&&waits| waits).count();
    let lacking: usize = begun.lack.iter().map(|&lack| lack as usize).sum();
    let many = |count: usize, percent: usize| count > FEW.max(unpinned * percent / 100);
    if many(waiting, WAITING) || many(lacking.saturating_sub(waiting), LEFT) {
        *flow = Flow::empty(network);
        return None;
    }
    statistics.kept = (unpinned - waiting) as u64;
    statistics.algorithm = AlgorithmUsed::ShortestPaths;
    statistics.algorithm_reason = format!(
        "{} of {unpinned} participants could stay as they were, so the search went on from there",
        statistics.kept
    );
    let left: Vec<u32> = (0..).zip(&begun.waits).filter(|&(_, &waits)| waits).map(|(p, _)| p).collect();
    let mut lists = Shortlists::new(network.exit.len(), network.problem.pairs(), options.shortlist);
    let mut lack = begun.lack;
    let unsent = |lack: &[u32]| {
        let units = (0..).zip(lack).flat_map(|(node, &units)| repeat_n(node, units as usize));
        units.collect::<Vec<u32>>().into_iter()
    };
    if control.may_stop() {
        flow.keep(network);
    }
    if control.is_watched() {
        let waiting = waiting_gap(network, &flow.potential, left.iter().copied());
        control.leaves(waiting + flow.open_gap(network, unsent(&lack)));
    }
    let reduced = reduce(network, flow, &mut lists, &left, &mut lack, BIDS_RESUMED, control);
    statistics.bids = reduced.bids;
    let mut search = Search::with_lack(network, lack);
    let mut inserted = Inserted { cancelled: true, ..Inserted::default() };
    if !reduced.cancelled {
        inserted = search.insert_all(network, flow, &mut lists, &reduced.waiting, control);
    }
    if !inserted.cancelled {
        let lack = search.into_lack();
        // Passing places on may push out who has the best of them, as bids may.
        if control.may_stop() {
            let better = flow.keep(network);
            control.leaves(flow.open_gap(network, unsent(&lack)) - better);
        }
        let filled = refill(network, flow, &lack, options.shortlist, control);
        statistics.bids += filled.bids;
        inserted.augmentations += filled.augmentations;
        inserted.rows_scanned += filled.rows_scanned;
        inserted.cancelled = filled.cancelled;
    }
    Some(inserted)
}
