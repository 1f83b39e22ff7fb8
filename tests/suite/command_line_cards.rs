//! `rank_cards` as a whole: the sum of scores that a plain scan has, through the index and through the matcher; and what is
//! wrong with a file.

use std::path::Path;
use std::process::{Command, Output};

const FILE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/cards/cards_2000.bin");
/// By the fixture's README.
const SCORE_SUM: f64 = 127.595;

/// The example beside this test: `cargo test` builds both.
fn rank(arguments: &[&str]) -> Output {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples").join(format!("rank_cards{}", std::env::consts::EXE_SUFFIX));
    Command::new(program).args(arguments).output().unwrap()
}

#[track_caller]
fn adds_up(arguments: &[&str]) -> String {
    let run = rank(arguments);
    let out = String::from_utf8(run.stdout).unwrap();
    assert!(run.status.success() && run.stderr.is_empty(), "{arguments:?}: {out}");
    let line = out.lines().next().unwrap();
    let value = |key: &str| line.split(' ').find_map(|pair| pair.strip_prefix(key)).unwrap();
    assert_eq!((value("n="), value("queries=")), ("2000", "40"));
    // Distances on a sphere, scores in whole millionths.
    let sum: f64 = value("score_sum=").parse().unwrap();
    assert!((sum / SCORE_SUM - 1.0).abs() < 1e-3, "{sum}");
    value("check=").to_owned()
}

#[test]
fn the_top_twenty_have_the_scores_of_a_plain_scan() {
    let alone = adds_up(&[FILE, "--repeat", "2", "--check"]);
    let through_the_matcher = adds_up(&[FILE, "--repeat", "2", "--matcher", "--threads", "2"]);
    assert_eq!(alone, through_the_matcher);
}

#[test]
fn a_broken_file_is_told() {
    let whole = std::fs::read(FILE).unwrap();
    for (name, bytes, told) in [
        (
            "cut",
            &whole[..whole.len() - 1],
            "it has 63383 bytes, which is not what 2000 supporters and 40 queries take",
        ),
        ("short", &whole[..20], "it ends before its sizes"),
        ("other", &b"ASGB1\0\0\0"[..], "it does not begin as a cards file does"),
    ] {
        let path = std::env::temp_dir().join(format!("peermatch-cards-{}-{name}", std::process::id()));
        std::fs::write(&path, bytes).unwrap();
        let run = rank(&[path.to_str().unwrap()]);
        std::fs::remove_file(&path).unwrap();
        let error = String::from_utf8(run.stderr).unwrap();
        assert!(!run.status.success() && error.contains(told), "{error}");
        assert!(error.contains(name) && error.contains("make or copy the file again"), "{error}");
    }
}
