//! A programme that lives under rules about matches together, weighed backups or the worst-off first, against brute
//! force after each change: every firm rule holds, the bound is one, and once settled nothing is better.

use std::collections::{BTreeMap, BTreeSet};

use peermatch::assignment::Rungs;
use peermatch::journal::{Journal, Writer};
use peermatch::matcher::{Change, Control, Entry, Rematch, Snapshot};
use peermatch::policy::{Backup, Consequences, Reach, Reason, Rule};
use peermatch::program::ProgramData;
use peermatch::{Matcher, Program};
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;

use crate::matcher_changes::{Draw, draw_among, matches};
use crate::matcher_rematch::{bytes, comes_back, criteria, entry, is_replayed};
use crate::matching_oracle::{self, Cost, Market, brute_force};
use crate::matching_rules_oracle::{cost, found, hours, some, take_sound, with_hours};
use crate::plain_rules::Counting;
use crate::random_policy::{Rules, rules};
use crate::random_programme::{TODAY, programme};

/// More ways to match than this are not tried.
const MOST: f64 = 60_000.0;

/// The programme as it is now, for somebody who knows nothing of what happened; none where a rule names somebody who
/// left.
pub(crate) struct Now {
    pub(crate) program: Program,
    pub(crate) rules: Rules,
    pub(crate) matcher: Matcher,
}

impl Now {
    pub(crate) fn of(matcher: &Matcher, rules: &Rules) -> Option<Self> {
        let program = Program::new(matcher.program().to_data()).unwrap();
        let rules =
            Rules { policy: matcher.policy().clone(), custom: rules.custom.clone(), day: matcher.as_of() };
        let fresh = rules.matcher(&program);
        fresh.compatibility().is_ok().then_some(Self { program, rules, matcher: fresh })
    }

    fn market(&self) -> Result<Market, TestCaseError> {
        matching_oracle::market(&self.program, &self.rules, &self.matcher.compatibility().unwrap())
    }

    fn pinned(&self, market: &Market) -> i128 {
        let compatibility = self.matcher.compatibility().unwrap();
        let pins = market.pinned.iter().enumerate().filter_map(|(p, s)| Some((p, (*s)?)));
        pins.map(|(p, s)| -i128::from(compatibility.judge(&self.program, p, s).weight)).sum()
    }
}

/// What trying all ways says.
pub(crate) struct Tried {
    kept: Cost,
    best: Cost,
    beside: Cost,
    pinned: i128,
}

fn ways(market: &Market, with_backups: bool) -> f64 {
    let of = |(open, pinned): (&BTreeMap<usize, i128>, &Option<usize>)| {
        let firsts = if pinned.is_some() { 1.0 } else { open.len() as f64 + 1.0 };
        if with_backups { firsts * (open.len() as f64 + 1.0) } else { firsts }
    };
    market.open.iter().zip(&market.pinned).map(of).product()
}

/// The cost of what is kept, of the best there is, and of the best in which everybody who is matched stays so; none where
/// there are too many ways to try.
pub(crate) fn kept_and_best(matcher: &Matcher, now: &Now) -> Result<Option<Tried>, TestCaseError> {
    let market = now.market()?;
    let policy = &now.rules.policy;
    let compatibility = now.matcher.compatibility().unwrap();
    let counting = Counting::new(&now.program, &compatibility, &market, policy);
    let weighs = counting.weighs_backups();
    let matching = matcher.matching().unwrap();
    let stands = found(&now.program, &matching, weighs);
    let of = |state: &_| cost(&counting, policy, policy.rules.iter(), state);
    let kept = of(&stands);
    prop_assert!(kept.is_some(), "a firm rule or a limit is broken\n{}", policy.to_toml().unwrap());
    if ways(&market, weighs) > MOST {
        return Ok(None);
    }
    let states = counting.states();
    let stays = states
        .iter()
        .filter(|state| stands.iter().zip(*state).all(|(before, now)| before[0].is_none() || before == now));
    let beside = stays.filter_map(of).min();
    let best = if policy.objective.worst_off_first {
        Some(brute_force(&now.program, policy, &market).0)
    } else {
        states.iter().filter_map(of).min()
    };
    let pinned = now.pinned(&market);
    Ok(kept.zip(best).zip(beside).map(|((kept, best), beside)| Tried { kept, best, beside, pinned }))
}

fn rungs((served, _, [quality, change, balance]): &Cost, pinned: i128) -> Rungs {
    Rungs {
        served: *served,
        quality: quality + pinned,
        change: *change,
        balance: *balance,
        ..Rungs::default()
    }
}

fn ordered(rungs: &Rungs) -> (i128, i128, i128, i128) {
    (rungs.served, rungs.quality, rungs.change, rungs.balance)
}

/// All that is kept agrees with all else, keeps every firm rule, and is no further from the best than is said.
pub(crate) fn check(matcher: &Matcher, rules: &Rules) -> Result<(), TestCaseError> {
    let verification = matcher.verify_kept().unwrap();
    prop_assert!(verification.is_valid(), "{verification}");
    prop_assert!(matcher.verify_rules().unwrap().is_valid());
    let kept = matcher.matching().unwrap();
    let standing: BTreeMap<String, String> = matcher
        .program()
        .history()
        .standing
        .iter()
        .map(|row| (row.participant.to_string(), row.supporter.to_string()))
        .collect();
    for pair in matches(&kept) {
        prop_assert_eq!(standing.get(&pair.0), Some(&pair.1));
    }
    prop_assert_eq!(matcher.quality().unwrap().matched as usize, kept.pairs.len());
    let Some(bound) = matcher.bound().unwrap() else {
        prop_assert!(matcher.policy().rules.is_empty());
        return Ok(());
    };
    prop_assert_eq!(kept.solution.optimal, bound.exact);
    let Some(now) = Now::of(matcher, rules) else { return Ok(()) };
    for backup in &kept.backups {
        let own = matcher.backup_of(backup.participant.as_str()).unwrap();
        prop_assert_eq!(own, Some(&backup.supporter));
    }
    let Some(tried) = kept_and_best(matcher, &now)? else { return Ok(()) };
    let Tried { kept: of_kept, best, beside, pinned } = tried;
    let quality = matcher.quality().unwrap();
    prop_assert_eq!(
        ordered(&quality.cost),
        ordered(&rungs(&of_kept, pinned)),
        "{}",
        now.rules.policy.to_toml().unwrap()
    );
    let waits_to_choose = !matcher.held().unwrap().is_empty();
    if waits_to_choose {
        return Ok(());
    }
    let (least, best_rungs) = (ordered(&bound.cost), ordered(&rungs(&best, pinned)));
    prop_assert!(best <= of_kept, "better than the best");
    prop_assert_eq!(&beside, &of_kept, "somebody waits for whom there is somebody");
    let fair = matcher.policy().objective.worst_off_first;
    if bound.exact {
        prop_assert_eq!(&of_kept, &best, "said to be exact\n{}", now.rules.policy.to_toml().unwrap());
    } else if fair {
        let sums = (least.0 == best_rungs.0).then_some((least.1, best_rungs.1));
        prop_assert!(least.0 <= best_rungs.0 && sums.is_none_or(|(least, best)| least <= best));
    } else {
        prop_assert!(least <= best_rungs, "{least:?} {best_rungs:?}");
    }
    prop_assert!(i128::from(bound.served) >= of_kept.0 - best.0);
    if let Some(score) = bound.score
        && of_kept.0 == best.0
    {
        prop_assert!(i128::from(score.micro()) >= of_kept.2[0] - best.2[0]);
    }
    Ok(())
}

/// Once settled, what is kept is as good as a fresh matching, and as the best there is.
pub(crate) fn check_settled(matcher: &Matcher, rules: &Rules) -> Result<(), TestCaseError> {
    check(matcher, rules)?;
    let Some(bound) = matcher.bound().unwrap() else { return Ok(()) };
    prop_assert!(bound.exact && bound.served == 0 && bound.score.is_some_and(|score| score.micro() == 0));
    let Some(now) = Now::of(matcher, rules) else { return Ok(()) };
    let fresh = now.matcher.match_all().unwrap();
    let cost = matcher.quality().unwrap().cost;
    prop_assert_eq!((fresh.solution.cost.served, fresh.solution.cost.quality), (cost.served, cost.quality));
    Ok(())
}

/// A programme and what it lives under; none where firm rules clash.
pub(crate) fn begin(
    data: ProgramData,
    rules: &mut Rules,
    some: (Vec<Rule>, Option<Backup>),
    fair: bool,
) -> Option<Matcher> {
    let program = Program::new(data).unwrap();
    if fair {
        rules.policy.objective.worst_off_first = true;
        (rules.policy.rules, rules.policy.backup) = (Vec::new(), None);
    } else {
        take_sound(rules, &program, some);
    }
    let mut matcher = rules.matcher(&program);
    match matcher.begin(TODAY, &Control::new()) {
        Ok(_) => Some(matcher),
        Err(error) => {
            assert!(error.is_infeasible(), "{error}");
            assert!(!matcher.is_alive());
            None
        }
    }
}

fn small_draw() -> impl Strategy<Value = Draw> {
    draw_among(3, 3)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 192, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_keeps_the_rules_and_says_how_far_it_is(
        data in programme(4, 3).boxed(),
        mut rules in rules().boxed(),
        some in some().boxed(),
        (hours, fair) in (hours(), select(vec![false, false, false, true])),
        draws in vec((small_draw().boxed(), select(vec![false, false, true])), 1..8),
    ) {
        let Some(mut matcher) = begin(with_hours(data, &hours), &mut rules, some, fair) else { return Ok(()) };
        check_settled(&matcher, &rules)?;
        for (draw, settles) in draws {
            let Some(change) = draw.change(&matcher) else { continue };
            let before = (matcher.program().to_data(), matcher.matching().unwrap(), matcher.quality().unwrap());
            let begun = matcher.clone();
            match matcher.apply(&change, TODAY) {
                Ok(changed) => {
                    check(&matcher, &rules)?;
                    prop_assert_eq!(changed.bound, matcher.bound().unwrap());
                    if let Some(bound) = changed.bound {
                        prop_assert_eq!(bound.exact, matcher.matching().unwrap().solution.optimal);
                    }
                }
                Err(error) => {
                    let now = (matcher.program().to_data(), matcher.matching().unwrap(), matcher.quality().unwrap());
                    prop_assert_eq!(now, before);
                    check(&matcher, &rules)?;
                    if error.is_infeasible() {
                        prop_assert!(cannot_be(begun, &change, &rules), "{error}");
                    }
                }
            }
            if settles {
                matcher.apply(&Change::Settle {}, TODAY).unwrap();
                check_settled(&matcher, &rules)?;
            }
        }
    }

    #[test]
    fn undone_under_rules_leaves_nothing_behind(
        data in programme(5, 4).boxed(),
        mut rules in rules().boxed(),
        some in some().boxed(),
        fair in select(vec![false, false, false, true]),
        draws in vec(draw_among(5, 4).boxed(), 1..8),
    ) {
        let Some(mut matcher) = begin(data, &mut rules, some, fair) else { return Ok(()) };
        let mut states = Vec::new();
        for draw in draws {
            let Some(change) = draw.change(&matcher) else { continue };
            let before = bytes(&matcher);
            if matcher.drill(&change, TODAY).is_ok() && !arrives(&change) {
                prop_assert_eq!(&bytes(&matcher), &before);
            }
            let before = bytes(&matcher);
            if matcher.apply_within(&change, draw.reach, TODAY).is_ok() {
                states.push((before, arrives(&change)));
            }
        }
        let mut came = false;
        while let Some((before, arrives)) = states.pop() {
            prop_assert!(matcher.undo());
            // Whoever arrived leaves a position behind that nobody has.
            came |= arrives;
            if !came {
                prop_assert_eq!(&bytes(&matcher), &before);
            }
            check(&matcher, &rules)?;
        }
    }

    #[test]
    fn the_same_requests_under_rules_lead_to_the_same_bytes(
        data in programme(6, 5).boxed(),
        mut rules in rules().boxed(),
        some in some().boxed(),
        fair in select(vec![false, false, false, true]),
        draws in vec((draw_among(6, 5).boxed(), 0..12_u8, select(Reason::ALL.to_vec())), 1..10),
        halfway in 0..12_usize,
    ) {
        let Some(mut matcher) = begin(data.clone(), &mut rules, some.clone(), fair) else { return Ok(()) };
        let mut journal = Writer::create(Vec::new()).unwrap();
        let (mut restored, mut refused): (Option<Matcher>, bool) = (None, false);
        let mut left = BTreeSet::new();
        for (number, (draw, kind, reason)) in draws.iter().enumerate() {
            if number == halfway {
                let text = bytes(&matcher);
                let snapshot: Snapshot = serde_json::from_str(&text).unwrap();
                let again = Matcher::restore(snapshot, criteria(&rules)).unwrap();
                prop_assert_eq!(&bytes(&again), &text);
                prop_assert_eq!(again.bound().unwrap(), matcher.bound().unwrap());
                restored = Some(again);
                matcher.keep_undoable(0);
                matcher.keep_undoable(32);
            }
            let Some(entry) = entry(&matcher, draw, *kind, *reason) else { continue };
            // A snapshot does not say what records tell of people who left.
            if comes_back(&entry, &mut left) {
                continue;
            }
            let made = matcher.make(&entry);
            if let Some(again) = &mut restored {
                prop_assert_eq!(again.make(&entry).is_ok(), made.is_ok());
                prop_assert_eq!(again.quality().unwrap().cost, matcher.quality().unwrap().cost);
                prop_assert_eq!(again.matching().unwrap().pairs, matcher.matching().unwrap().pairs);
            }
            if made.is_ok() {
                journal.append(&entry).unwrap();
            } else {
                refused = true;
            }
            prop_assert!(matcher.verify_kept().unwrap().is_valid());
            prop_assert!(matcher.verify_rules().unwrap().is_valid());
        }
        if halfway >= draws.len() {
            let mut again = begin(data, &mut rules, some, fair).unwrap();
            for entry in &Journal::<Entry>::read(journal.get_ref()).records {
                again.make(entry).unwrap();
            }
            is_replayed(&again, &matcher, refused)?;
        }
    }
}

fn arrives(change: &Change) -> bool {
    matches!(
        change,
        Change::ParticipantArrives { .. }
            | Change::SupporterArrives { .. }
            | Change::SupervisorChanges { .. }
    )
}

/// Whether no matching keeps the firm rules after a change, by what is left where they are taken out.
fn cannot_be(mut matcher: Matcher, change: &Change, rules: &Rules) -> bool {
    let policy = match change {
        Change::Policy { policy } => (**policy).clone(),
        _ => matcher.policy().clone(),
    };
    let mut without = matcher.policy().clone();
    (without.rules, without.backup) = (Vec::new(), None);
    matcher.apply(&Change::Policy { policy: Box::new(without) }, TODAY).unwrap();
    if !matches!(change, Change::Policy { .. }) && matcher.apply(change, TODAY).is_err() {
        // Without rules it is about somebody who has nobody: that says nothing.
        return true;
    }
    let mut data = matcher.program().to_data();
    // What stands by now does so without rules; nothing hangs on it but prices.
    data.history.standing.retain(|row| row.hold == peermatch::program::Hold::Pinned);
    let program = Program::new(data).unwrap();
    let rules = Rules { policy, custom: rules.custom.clone(), day: matcher.as_of() };
    match rules.matcher(&program).match_all() {
        Ok(_) => false,
        Err(error) => error.is_infeasible() || error.is_policy(),
    }
}

/// How often what is looked for happens in the draws above.
#[test]
fn the_draws_are_about_what_is_hard() {
    use proptest::strategy::ValueTree;
    let mut runner = proptest::test_runner::TestRunner::deterministic();
    let mut seen: BTreeMap<&str, u32> = BTreeMap::new();
    for _ in 0..150 {
        let data = programme(4, 3).new_tree(&mut runner).unwrap().current();
        let mut rules = rules().new_tree(&mut runner).unwrap().current();
        let some = some().new_tree(&mut runner).unwrap().current();
        let Some(mut matcher) = begin(data, &mut rules, some, false) else {
            *seen.entry("clashes from the start").or_default() += 1;
            continue;
        };
        for _ in 0..6 {
            let draw = small_draw().new_tree(&mut runner).unwrap().current();
            let Some(change) = draw.change(&matcher) else { continue };
            let mut see = |what| *seen.entry(what).or_default() += 1;
            match matcher.apply(&change, TODAY) {
                Ok(changed) => {
                    let Some(bound) = changed.bound else { continue };
                    see(if bound.exact { "exact" } else { "bounded" });
                    see(if changed.effects.is_empty() { "nobody moves" } else { "somebody moves" });
                    let at_once = matcher.quality().unwrap();
                    if !bound.exact {
                        matcher.apply(&Change::Settle {}, TODAY).unwrap();
                        let settled = matcher.quality().unwrap().cost;
                        let better = ordered(&settled) < ordered(&at_once.cost);
                        see(if better { "settled to something better" } else { "settled to the same" });
                        if bound.score.is_some() && at_once.cost.served == bound.cost.served {
                            see("as many served as can be");
                        }
                    }
                }
                Err(error) if error.is_infeasible() => see("cannot be"),
                Err(_) => {}
            }
        }
    }
    for (what, least) in [
        ("exact", 100),
        ("bounded", 50),
        ("somebody moves", 50),
        ("settled to something better", 3),
        ("settled to the same", 10),
        ("as many served as can be", 10),
        ("cannot be", 5),
    ] {
        let count = seen.get(what).copied().unwrap_or_default();
        assert!(count >= least, "{what}: {count} in {seen:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]

    /// Questions leave everything as it was, whatever happened before, and options are what a rematch makes.
    #[test]
    fn questions_under_rules_keep_their_word(
        data in programme(5, 4).boxed(),
        mut rules in rules().boxed(),
        some in some().boxed(),
        fair in select(vec![false, false, false, true]),
        draws in vec(draw_among(5, 4).boxed(), 0..4),
        reason in select(Reason::ALL.to_vec()),
    ) {
        let Some(mut matcher) = begin(data, &mut rules, some, fair) else { return Ok(()) };
        for draw in draws {
            let Some(change) = draw.change(&matcher) else { continue };
            let _ = matcher.apply_within(&change, draw.reach, TODAY);
        }
        if matcher.bound().unwrap().is_none() {
            // No rule was left that is sound.
            return Ok(());
        }
        let before = bytes(&matcher);
        let people: Vec<_> = matcher.program().history().standing.iter().map(|row| row.participant.clone()).collect();
        for id in people {
            let request = Rematch::new(id.clone(), reason);
            let Ok(options) = matcher.rematch_options(&request, TODAY) else { continue };
            prop_assert_eq!(&bytes(&matcher), &before);
            for option in options {
                let reach = Some(Reach::AtMost { others: option.others });
                let made = match matcher.rematch(&Rematch { reach, ..request.clone() }, TODAY) {
                    Ok(made) => made,
                    Err(error) => {
                        // Whoever is to choose has nobody until then, which no rule may forbid.
                        prop_assert!(!Consequences::default_for(reason).rematch && error.is_infeasible(), "{error}");
                        continue;
                    }
                };
                let moves = made.changed.effects.iter().map(|one| (&one.participant, &one.from, &one.to));
                if Consequences::default_for(reason).rematch {
                    let told = option.moves.iter().map(|one| (&one.participant, &one.from, &one.to));
                    prop_assert_eq!(moves.collect::<Vec<_>>(), told.collect::<Vec<_>>());
                }
                check(&matcher, &rules)?;
                prop_assert!(matcher.undo());
                prop_assert_eq!(&bytes(&matcher), &before);
            }
            let Ok(alternates) = matcher.alternates(id.as_str(), 3, TODAY) else { continue };
            prop_assert_eq!(&bytes(&matcher), &before);
            let loads = matcher.matching().unwrap().loads;
            for alternate in alternates {
                let load = loads.iter().find(|load| load.supporter == alternate.found.supporter).unwrap();
                prop_assert!(load.load < load.capacity, "{load:?} {alternate:?}");
                prop_assert!(alternate.found.explanation.despite.is_empty(), "{alternate:?}");
                prop_assert!(alternate.others.is_empty(), "{:?} {:?}", alternate.others, matcher.held());
            }
        }
    }
}
