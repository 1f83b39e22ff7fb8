//! Matching under rules that is stopped, and backups that nobody can be.

use std::ops::ControlFlow;
use std::sync::atomic::{AtomicU32, Ordering};

use peermatch::assignment::rules::RuleOptions;
use peermatch::policy::rules::{Hours, Quota};
use peermatch::policy::{Backup, Rule, RuleKind};
use peermatch::program::{ProgramReader, Supporter};
use peermatch::{Matcher, Policy};

use crate::matching_rules::{helper, matcher, under};
use crate::random_programme::TODAY;

#[test]
fn a_backup_that_is_not_there_is_a_fault_without_any_rule() {
    let mut backup = Backup::default();
    backup.participants.ids = vec!["P-99".into()];
    let policy = Policy { backup: Some(backup), ..Policy::default() };
    let matcher = matcher(1, &[helper("S", 1)], policy);
    for error in [matcher.match_all().unwrap_err(), matcher.compatibility().unwrap_err()] {
        assert!(error.is_policy() && error.to_string().contains("backup.participants.ids = P-99"), "{error}");
    }
}

#[test]
fn stopped_at_any_look_the_matching_passes_its_check() {
    let mut helpers: Vec<Supporter> = (0..8).map(|s| helper(&format!("S-{s}"), 3)).collect();
    for (own, hours) in helpers.iter_mut().zip([1.0, 2.5, 2.0, 3.0, 1.5, 2.0, 3.0, 0.5]) {
        own.hours_per_week = Some(hours);
        own.child_age = Some(hours * 4.0);
    }
    let few = Quota { at_most_share: Some(0.3), ..Quota::default() };
    let mut few = few;
    few.count.supporter.ids = vec!["S-1".into(), "S-3".into(), "S-6".into()];
    let rules = vec![
        Rule::new("hours", RuleKind::Hours(Hours { hours_per_match: 0.75, ..Hours::default() })),
        Rule::new("few", RuleKind::Quota(Box::new(few))),
    ];
    let matcher = matcher(25, &helpers, under(rules));
    let whole = matcher.match_all().unwrap();
    for looks in 0..60 {
        let seen = AtomicU32::new(0);
        let callback = |progress: &peermatch::matcher::Progress| {
            let search = matches!(progress.stage, peermatch::matcher::Stage::Solve(_));
            if search && seen.fetch_add(1, Ordering::Relaxed) == looks {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        match matcher.match_all_with(&peermatch::matcher::Control::new().on_progress(&callback)) {
            Ok(matching) => {
                assert!(matching.rules.iter().all(peermatch::matching::RuleOutcome::is_kept));
                assert!(whole.solution.cost <= matching.solution.cost);
                let (gap, best) = (matching.solution.gap, whole.solution.cost);
                let more = matching.solution.cost.served - best.served;
                assert!(more <= gap.map_or(0, |gap| gap.served.into()), "{gap:?}, {more}");
            }
            Err(error) => assert!(error.to_string().contains("stopped before it found"), "{error}"),
        }
    }
}

#[test]
fn what_backups_bring_does_not_take_the_prices_from_supervisors_limits() {
    // Some thousand rows say that a backup is somebody else; the limits of supervisors still cost what they are worth.
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/data");
    let program = ProgramReader::new().folder(&folder).read().unwrap();
    let policy = r#"
        [[rules]]
        name = "two who do not get on"
        never_both = { supporters = ["S-030", "S-031"] }

        [backup]
        participants = { priority_from = 1 }
        requires = { remote = true }
        places = 2
    "#;
    let policy = Policy::from_toml(policy).unwrap();
    // What is not proven at once is not proven by as many nodes either.
    let few = RuleOptions::new().node_limit(100);
    let matcher = Matcher::new(program, policy, TODAY).unwrap().with_rule_options(few);
    let matching = matcher.match_all().unwrap();
    assert!(matching.solution.optimal, "{:?}", matching.solution);
    assert!(!matching.backups.is_empty());
}
