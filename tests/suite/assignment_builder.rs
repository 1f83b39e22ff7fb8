//! What a problem may not be, and how the error says so.

use peermatch::assignment::{Control, Options, Problem, ProblemBuilder, Supporter, solve};

fn builder() -> ProblemBuilder {
    let mut builder = Problem::builder(2);
    builder.supporter(Supporter::new(1));
    builder.supporter(Supporter::new(2));
    builder
}

#[track_caller]
fn fails(builder: ProblemBuilder, parts: &[&str]) {
    let Err(error) = builder.build() else { panic!("the problem was accepted; expected {parts:?}") };
    assert!(error.is_problem(), "{error}");
    for part in parts {
        assert!(error.to_string().contains(part), "{error:?} does not say {part:?}");
    }
}

#[test]
fn faults_of_rows_name_participant_and_supporter() {
    let rows = |offsets: &[usize], supporters: &[u32], costs: &[i64]| {
        let mut builder = builder();
        builder.pairs_csr(offsets.to_vec(), supporters.to_vec(), costs.to_vec());
        builder
    };
    fails(rows(&[0, 1], &[0], &[1]), &["2 row offsets", "2 participants"]);
    fails(rows(&[0, 1, 2], &[0, 1], &[1]), &["2 pair supporters", "1 pair costs"]);
    fails(rows(&[0, 1, 1], &[0, 1], &[1, 1]), &["0..1", "2 pairs"]);
    fails(rows(&[1, 1, 2], &[0, 1], &[1, 1]), &["1..2"]);
    fails(rows(&[0, 3, 2], &[0, 1], &[1, 1]), &["participant 0", "0..3"]);
    fails(rows(&[0, 2, 2], &[1, 0], &[1, 1]), &["participant 0", "supporter 0", "not sorted"]);
    fails(rows(&[0, 0, 2], &[1, 1], &[1, 1]), &["participant 1", "supporter 1", "two pairs"]);
    fails(rows(&[0, 0, 1], &[2], &[1]), &["participant 1", "supporter 2", "there are 2"]);
    let mut both = rows(&[0, 0, 0], &[], &[]);
    both.pair(0, 0, 1);
    fails(both, &["choose one way"]);
    assert!(rows(&[0, 1, 3], &[1, 0, 1], &[7, 8, 9]).build().unwrap().row(1).eq([(0, 8), (1, 9)]));
}

#[test]
fn faults_of_single_pairs_name_participant_and_supporter() {
    let pair = |p, s| {
        let mut builder = builder();
        builder.pair(1, 1, 5).pair(p, s, 1);
        builder
    };
    fails(pair(2, 0), &["participant 2", "supporter 0"]);
    fails(pair(0, 2), &["participant 0", "supporter 2"]);
    fails(pair(1, 1), &["participant 1", "supporter 1", "two pairs"]);
}

#[test]
fn pins_beyond_a_capacity_name_the_supporter_or_group() {
    let mut over = builder();
    over.pin(0, 0, 1).pin(1, 0, 1);
    fails(over, &["supporter 0", "2 pinned", "capacity of 1"]);

    let mut grouped = Problem::builder(2);
    let upper = grouped.group(1, None);
    let lower = grouped.group(5, Some(upper));
    grouped.supporter(Supporter::new(2).group(lower));
    grouped.pin(0, 0, 1).pin(1, 0, 1);
    fails(grouped, &["group 0", "2 pinned", "capacity of 1"]);

    let mut twice = builder();
    twice.pin(0, 0, 1).pin(0, 1, 1);
    fails(twice, &["participant 0", "pinned twice"]);
    let mut unknown = builder();
    unknown.pin(0, 9, 1);
    fails(unknown, &["participant 0", "supporter 9"]);
    let mut nobody = builder();
    nobody.pin(9, 0, 1);
    fails(nobody, &["participant 9"]);
}

#[test]
fn other_faults_name_their_place() {
    let mut falls = builder();
    falls.supporter(Supporter::new(3).load_cost([1, 5, 4]));
    fails(falls, &["load cost of supporter 2", "from 5 to 4", "match 3"]);
    let mut falls = builder();
    falls.supporter(Supporter::new(3).balance_cost([1, 0]));
    fails(falls, &["balance cost of supporter 2"]);

    let mut cycle = builder();
    cycle.group(1, None);
    cycle.group(1, Some(3));
    cycle.group(1, Some(1));
    cycle.group(1, Some(2));
    fails(cycle, &["is its own ancestor"]);
    let mut own = builder();
    own.group(1, Some(0));
    fails(own, &["group 0 is its own ancestor"]);
    let mut parent = builder();
    parent.group(1, Some(7));
    fails(parent, &["parent of group 0", "group 7"]);
    let mut group = builder();
    group.supporter(Supporter::new(1).group(0));
    fails(group, &["supporter 2", "group 0"]);

    let mut weights = builder();
    weights.served_weights(vec![1]);
    fails(weights, &["1 served weight was", "2 participants"]);
    let mut standing = builder();
    standing.standing(1, 2);
    fails(standing, &["standing match of participant 1", "supporter 2"]);
    let mut unmatched = builder();
    unmatched.unmatched(2, 1, 1);
    fails(unmatched, &["participant 2"]);
}

#[test]
fn rungs_that_do_not_fit_are_refused_with_their_sums() {
    let mut builder = Problem::builder(2);
    let huge = i64::MAX;
    builder.supporter(Supporter::new(u32::MAX).load_cost([-huge, huge]).balance_cost([-huge, huge]));
    builder.unmatched(0, u32::MAX, huge).unmatched(1, u32::MAX, -huge);
    builder.pair(0, 0, -huge).pair(1, 0, huge).standing(0, 0);
    let error = builder.build().unwrap_err();
    assert!(error.is_overflow(), "{error}");
    assert!(error.to_string().contains("quality") && error.to_string().contains("balance"), "{error}");
}

#[test]
fn a_rung_that_costs_nothing_takes_no_room() {
    let mut builder = builder();
    builder.pair(0, 0, 7).unmatched_costs(vec![20, 20]);
    let problem = builder.build().unwrap();
    let scales = problem.scales();
    assert_eq!((scales.served, scales.quality, scales.change, scales.balance), (0, 1, 0, 0));
}

/// The unmatched cost of a pinned participant takes no part, so it may be as large as it likes.
#[test]
fn a_pinned_participants_unmatched_cost_overflows_nothing() {
    let mut builder = Problem::builder(2);
    builder.supporter(Supporter::new(2).balance_cost([1, 3]));
    builder.pin(0, 0, 1).unmatched(0, u32::MAX, i64::MAX).unmatched(1, 1, 5).pair(1, 0, 2).standing(1, 0);
    let problem = builder.build().unwrap();
    let assignment = solve(&problem, &Options::new(), &Control::new()).unwrap();
    assert_eq!((assignment.supporter_of(0), assignment.supporter_of(1)), (Some(0), Some(0)));
    assert!(assignment.is_optimal() && assignment.verify(&problem).is_valid());
}

#[test]
fn minimums_and_places_that_make_no_sense_name_their_place() {
    let mut above = builder();
    above.supporter(Supporter::new(1).minimum(2));
    fails(above, &["supporter 2", "firm minimum of 2", "capacity of 1"]);
    let mut group = builder();
    let number = group.group(3, None);
    group.group_minimum(number, 4);
    fails(group, &["group 0", "firm minimum of 4"]);
    let mut unknown = builder();
    unknown.group_minimum(7, 1);
    fails(unknown, &["a firm minimum", "group 7"]);

    let mut none = builder();
    none.places(1, 0);
    fails(none, &["participant 1 has 0 places", "leave out its pairs"]);
    let mut nobody = builder();
    nobody.places(2, 1);
    fails(nobody, &["a number of places", "participant 2"]);
    let mut many = builder();
    many.places(0, u32::MAX).places(1, u32::MAX);
    fails(many, &["8589934590 places"]);
}

#[test]
fn every_fault_is_told_in_one_go() {
    let mut builder = Problem::builder(2);
    builder.supporter(Supporter::new(1).group(7).load_cost([3, 1]));
    builder.supporter(Supporter::new(1).minimum(2));
    builder.served_weights(vec![1]).places(1, 0).unmatched(5, 1, 1);
    builder.pair(0, 0, 1).pair(0, 0, 2).pair(9, 0, 1).pair(0, 9, 1);
    builder.pin(0, 4, 1).pin(1, 0, 1).pin(1, 0, 1).standing(8, 8).group_minimum(3, 1);
    fails(
        builder,
        &[
            "14 faults in the problem",
            "1 served weight was given for 2 participants",
            "an unmatched cost names participant 5",
            "a pair with supporter 0 names participant 9",
            "a pair of participant 0 names supporter 9",
            "participant 0 has two pairs with supporter 0",
            "participant 1 has 0 places",
            "the pin of participant 0 names supporter 4",
            "participant 1 is pinned twice",
            "a standing match names participant 8",
            "the standing match of participant 8 names supporter 8",
            "supporter 0 names group 7",
            "the load cost of supporter 0 falls from 3 to 1",
            "a firm minimum names group 3",
            "supporter 1 has a firm minimum of 2 but a capacity of 1",
        ],
    );
    // Two cycles, each told once, and a pin too many.
    let mut builder = Problem::builder(2);
    builder.supporter(Supporter::new(1));
    for parent in [Some(1), Some(0), Some(2), Some(2)] {
        builder.group(1, parent);
    }
    builder.pin(0, 0, 1).pin(1, 0, 1);
    let error = builder.clone().build().unwrap_err().to_string();
    assert_eq!(error.matches("is its own ancestor").count(), 2, "{error}");
    fails(builder, &["group 0 is its own ancestor", "group 2 is its own ancestor"]);
    // Of very many the first are told and all are counted.
    let mut builder = Problem::builder(1);
    for supporter in 0..1000 {
        builder.pair(0, supporter, 1);
    }
    fails(builder, &["1000 faults in the problem", "... and 950 more"]);
}
