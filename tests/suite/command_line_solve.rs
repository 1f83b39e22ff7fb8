//! `solve_assignment` as a whole: every format to its known optimum, and every fault of a file told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/assignment");

/// What a run left behind.
struct Run {
    status: i32,
    out: String,
    told: String,
}

/// The example beside this test: `cargo test` builds both.
fn solve(arguments: &[&str]) -> Run {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples").join(format!("solve_assignment{}", std::env::consts::EXE_SUFFIX));
    let done = Command::new(program).args(arguments).output().unwrap();
    Run {
        status: done.status.code().unwrap(),
        out: String::from_utf8(done.stdout).unwrap(),
        told: String::from_utf8(done.stderr).unwrap(),
    }
}

/// A file of one test's own, gone with it.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str, content: &[u8]) -> Self {
        let path = std::env::temp_dir().join(format!("peermatch-solve-{}-{name}", std::process::id()));
        fs::write(&path, content).unwrap();
        Self(path)
    }

    fn path(&self) -> &str {
        self.0.to_str().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

#[track_caller]
fn finds(arguments: &[&str], objective: i64, matched: usize) {
    let run = solve(arguments);
    assert_eq!((run.status, run.told.as_str()), (0, ""), "{arguments:?}");
    let line = run.out.strip_suffix('\n').unwrap();
    let pairs: Vec<(&str, &str)> = line.split(' ').map(|pair| pair.split_once('=').unwrap()).collect();
    let value = |key: &str| pairs.iter().find(|pair| pair.0 == key).unwrap().1;
    assert_eq!(value("objective"), objective.to_string(), "{arguments:?}: {line}");
    assert_eq!(value("matched"), matched.to_string(), "{arguments:?}: {line}");
    for time in ["solve_ms", "build_ms", "read_ms"] {
        assert!(value(time).parse::<f64>().unwrap() >= 0.0, "{line}");
    }
}

/// Refuses the content, and says all of the parts; returns how many faults it told.
#[track_caller]
fn refuses(name: &str, content: &[u8], more: &[&str], parts: &[&str]) -> usize {
    let file = Scratch::new(name, content);
    let run = solve(&[&[file.path()], more].concat());
    assert_eq!((run.status, run.out.as_str()), (1, ""), "{}", run.told);
    for part in parts {
        assert!(run.told.contains(part), "{part:?} is not said in:\n{}", run.told);
    }
    let faults: Vec<&str> = run.told.lines().filter(|line| line.starts_with("error: ")).collect();
    assert!(faults.iter().all(|fault| fault.contains(name)), "{}", run.told);
    faults.len()
}

fn fixture(name: &str) -> String {
    format!("{FIXTURES}/{name}")
}

#[test]
fn every_format_is_solved_by_every_algorithm() {
    let known = [
        ("small.asg", "asg", 125, 2),
        ("small.asgb", "asgb", 125, 2),
        ("dense.txt", "or-dense", 13, 4),
        ("sparse.txt", "or-sparse", 26, 5),
        ("jobs.asn", "asn", 118, 5),
        ("transport.min", "min", 25, 6),
    ];
    for (name, format, objective, matched) in known {
        let file = fixture(name);
        for algorithm in ["auto", "flow", "places", "both", "auction", "simplex", "ilp"] {
            finds(&[&file, "--algorithm", algorithm], objective, matched);
        }
        finds(&[&file, "--format", format, "--tie-break", "in-order", "--threads", "2"], objective, matched);
    }
    let run = solve(&[&fixture("small.asg"), "--statistics"]);
    assert!(run.told.contains("algorithm_reason"), "{}", run.told);
}

#[test]
fn a_baseline_says_how_many_pairs_would_rather_have_each_other() {
    // The third would rather have what the second took, at 1 instead of 3.
    for (name, start, end) in [
        ("first-come", "objective=14 ", " blocking_pairs=1\n"),
        ("best-pair", "objective=13 ", " blocking_pairs=0\n"),
        ("deferred", "objective=13 ", " blocking_pairs=0\n"),
        ("random", "objective=", "\n"),
    ] {
        let run = solve(&[&fixture("dense.txt"), "--algorithm", name]);
        assert_eq!((run.status, run.told.as_str()), (0, ""), "{name}");
        assert!(run.out.starts_with(start) && run.out.ends_with(end), "{name}: {}", run.out);
        assert!(run.out.contains(" blocking_pairs="), "{name}: {}", run.out);
    }
    // The first takes the only place that the second has.
    let file = Scratch::new("two.txt", b"2\n1 1 1\n1 2 9\n2 1 1\n");
    let run = solve(&[file.path(), "--algorithm", "first-come"]);
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    assert!(run.told.contains("this baseline matches 1 of 2"), "{}", run.told);
    finds(&[file.path()], 10, 2);
}

#[test]
fn the_format_is_told_by_content_and_not_by_name() {
    for (name, objective, matched) in [("small.asgb", 125, 2), ("sparse.txt", 26, 5), ("jobs.asn", 118, 5)] {
        let file = Scratch::new(&format!("{name}.data"), &fs::read(fixture(name)).unwrap());
        finds(&[file.path()], objective, matched);
    }
    // Nine numbers in lines of three: three rows of costs, or three pairs.
    let either = b"3\n1 1 5\n2 2 6\n3 3 7\n";
    refuses(
        "either.txt",
        either,
        &[],
        &["can be read as rows of costs and as `i j cost`", "--format or-dense"],
    );
    let file = Scratch::new("either-way.txt", either);
    finds(&[file.path(), "--format", "or-sparse"], 18, 3);
    finds(&[file.path(), "--format", "or-dense"], 10, 3);
    refuses("poem.txt", b"Roses are red\n", &[], &["its format cannot be told", "--format"]);
    assert_eq!(solve(&["no-such-file.asg"]).status, 1);
    assert!(
        solve(&["no-such-file.asg"]).told.contains("no-such-file.asg: there is no such file; check its name")
    );
    assert!(solve(&[FIXTURES]).told.contains("this is a folder, not a file"));
}

#[test]
fn what_cannot_be_matched_whole_is_infeasible() {
    let said = ["infeasible: everyone must be matched, and at most 1 of 2 can be"];
    refuses("hall.txt", b"2\n1 1 5\n2 1 6\n", &[], &said);
    refuses("hall.asn", b"p asn 4 2\nn 1\nn 2\na 1 3 0\na 2 3 0\n", &[], &said);
    refuses("hall.min", b"p min 4 2\nn 1 1\nn 2 1\nn 3 -1\nn 4 -1\na 1 3 0 1 5\na 2 3 0 1 5\n", &[], &said);
    let unbalanced = b"p min 2 1\nn 1 2\nn 2 -1\na 1 2 0 2 5\n";
    refuses("more.min", unbalanced, &[], &["the sources supply 2 units and the sinks demand 1: infeasible"]);
    // Large costs are no reason to leave anyone.
    let large = format!("2\n{m} 1\n1 {m}\n", m = i64::MAX >> 10);
    let file = Scratch::new("large.txt", large.as_bytes());
    finds(&[file.path()], 2, 2);
}

#[test]
fn a_side_of_single_units_becomes_the_participants() {
    // Supplies of two and three, each sink takes one: the sinks are the units.
    let arcs =
        |sink: i64| format!("n {sink} -1\na 1 {sink} 0 1 {}\na 2 {sink} 0 9 {}\n", sink * 3, 20 - sink);
    let text = format!("p min 7 10\nn 1 2\nn 2 3\n{}", (3..8).map(arcs).collect::<String>());
    let file = Scratch::new("sinks.min", text.as_bytes());
    // Sinks 3 and 4 from the first source, the others from the second.
    finds(&[file.path()], 9 + 12 + 15 + 14 + 13, 5);
    // An arc of capacity 0 carries nothing.
    let file = Scratch::new("none.min", b"p min 3 2\nn 1 1\nn 3 -1\na 1 3 0 1 7\na 2 2 0 0 1\n");
    assert_eq!(solve(&[file.path()]).status, 1);
    let file = Scratch::new(
        "zero.min",
        b"p min 4 3\nn 1 2\nn 3 -1\nn 4 -1\na 1 3 0 1 7\na 1 4 0 1 1\na 1 4 0 0 1\n",
    );
    assert_eq!(solve(&[file.path()]).status, 0);
}

#[test]
fn every_fault_of_a_text_file_is_told_with_its_line() {
    let asg = b"p asg 2 2 5 9\ns 0 -1\ns 0 1\ns 0 2\ne 0 5 1\ne x 0 1\ne 1 0\ne 1 0 4\ne 1 0 5\nz 1\n";
    let faults = refuses(
        "bad.asg",
        asg,
        &[],
        &[
            "row 2, capacity = \"-1\": this is no capacity",
            "row 4, supporter = \"0\": the capacity of this supporter was stated before",
            "row 5, supporter = \"5\": these are numbered 0 to 1",
            "row 6, participant = \"x\": this is not a whole number",
            "row 7: 2 numbers stand where 3 are meant; write participant supporter cost",
            "row 9, supporter = \"0\": participant 1 has this supporter already, in line 8",
            "row 10 = \"z\"",
            "a supporter has no line `s`: 1",
            "8 faults: nothing was solved.",
        ],
    );
    assert_eq!(faults, 8);
    // A line with a fault is a line.
    for line in ["s 0 x", "s 0 -1"] {
        let text = format!("p asg 1 2 1 9\n{line}\ns 1 1\ne 0 1 3\n");
        assert_eq!(refuses("line.asg", text.as_bytes(), &[], &["row 2, capacity"]), 1);
    }
    refuses(
        "count.asg",
        b"p asg 1 1 2 9\ns 0 1\ne 0 0 4\n",
        &[],
        &["1 lines `e` stand where 2 are announced"],
    );
    refuses("minus.asg", b"p asg -1 1 2 9\n", &[], &["participants = \"-1\": this is no size"]);
    refuses("early.asg", b"s 0 1\n", &["--format", "asg"], &["no line `p asg` stands before the records"]);
    refuses("huge.asg", b"p asg 1 1 0 99999999999999999999\n", &[], &["this number does not fit 64 bits"]);

    refuses("short.txt", b"3\n1 2 3 4\n5 6 7\n8\n", &[], &["8 costs stand where 3 rows take 9"]);
    refuses("long.txt", b"2\n1 2 3 4 5\n", &[], &["5 costs stand where 2 rows take 4"]);
    refuses("word.txt", b"2\n1 2\n3 four\n", &[], &["row 3, cost = \"four\""]);
    refuses("minus.txt", b"-2\n1 2 3 4\n", &[], &["size = \"-2\": this is no size"]);
    refuses("vast.txt", b"4000000000\n1 2 3 4\n", &[], &["this is no size"]);
    let sparse = b"3\n1 1 5\n2 2 6\n3 4 1\n0 1 1\n2 2 7\n1 2 1.5\n3 3\n";
    let parts = [
        "row 4, j = \"4\": these are numbered 1 to 3",
        "row 5, i = \"0\": these are numbered 1 to 3",
        "row 6, j = \"2\": row 2 has this j already, in line 3",
        "row 7, cost = \"1.5\"",
    ];
    refuses("bad-sparse.txt", sparse, &[], &parts);
    refuses("twos.txt", b"3\n1 1 5\n2 2 6\n3 3\n", &[], &["row 4: the numbers do not come in threes"]);

    let asn = b"p asn 4 4\nn 1\nn 1\nn 9\na 1 3 5\na 3 4 1\na 1 1 1\na 1 3 5\n";
    let parts = [
        "row 3, id = \"1\": this source stands in a line before",
        "row 4, id = \"9\": these are numbered 1 to 4",
        "row 6, source = \"3\": no line `n` makes this node a source",
        "row 7, target = \"1\": a line `n` makes this node a source",
        "row 8, target = \"3\": source 1 has this target already, in line 5",
    ];
    assert_eq!(refuses("bad.asn", asn, &[], &parts), 5);

    let min = b"p min 5 6\nn 1 2\nn 2 -2\nn 3 1\nn 4 -1\na 1 2 1 2 5\na 1 5 0 1 5\na 5 2 0 1 5\na 2 4 0 2 1\na 1 2 0 1 1\n";
    let parts = [
        "row 6, low = \"1\": a lower bound on an arc cannot be held",
        "row 7, to = \"5\": no line `n` makes this node a sink",
        "row 8, from = \"5\": no line `n` makes this node a source",
        "row 9, from = \"2\": this node is a sink",
        "row 10, capacity = \"1\": this capacity can bind: 2 units could flow",
        "5 lines `a` stand where 6 are announced",
    ];
    refuses("bad.min", min, &[], &parts);
    let many: String = (0..200).map(|_| "e 5 5 5\n").collect();
    let many = format!("p asg 1 1 200 9\ns 0 1\n{many}");
    assert_eq!(refuses("many.asg", many.as_bytes(), &[], &["... and 350 more", "400 faults"]), 50);
}

#[test]
fn every_fault_of_a_binary_file_is_told() {
    let sound = fs::read(fixture("small.asgb")).unwrap();
    let with = |at: usize, bytes: &[u8]| {
        let mut changed = sound.clone();
        changed[at..at + bytes.len()].copy_from_slice(bytes);
        changed
    };
    for length in [5, 20, 39, 60, sound.len() - 1] {
        refuses("cut.asgb", &sound[..length], &[], &["; make or copy the file again"]);
    }
    let longer = [&sound[..], &[0]].concat();
    refuses("longer.asgb", &longer, &[], &["bytes, but 3 participants, 2 supporters and 5 pairs take"]);
    refuses("size.asgb", &with(8, &(-3_i64).to_le_bytes()), &[], &["participants = \"-3\": this is no size"]);
    refuses("vast.asgb", &with(24, &i64::MAX.to_le_bytes()), &[], &["pairs = \"9223372036854775807\""]);
    refuses("places.asgb", &with(40, &(-7_i32).to_le_bytes()), &[], &["capacity = \"-7\": it is negative"]);
    refuses(
        "row.asgb",
        &with(56, &9_i64.to_le_bytes()),
        &[],
        &["the row of participant 1 ends before it begins"],
    );
    let twice = with(80, &1_i32.to_le_bytes());
    refuses("twice.asgb", &twice, &[], &["supporter of participant 0 = \"1\": it stands there twice"]);
    let beyond = with(84, &2_i32.to_le_bytes());
    refuses("beyond.asgb", &beyond, &[], &["= \"2\": there are 2 supporters, numbered from 0"]);
    let text = Scratch::new("text.asgb", b"p asg 0 0 0 1\n");
    finds(&[text.path()], 0, 0);
    refuses(
        "forced.asgb",
        b"p asg 0 0 0 1\n",
        &["--format", "asgb"],
        &["does not begin as an .asgb file does"],
    );
}

#[test]
fn no_damaged_file_ends_in_anything_but_an_answer_or_faults() {
    for name in ["small.asg", "small.asgb", "dense.txt", "sparse.txt", "jobs.asn", "transport.min"] {
        let sound = fs::read(fixture(name)).unwrap();
        for at in (0..sound.len()).step_by(sound.len() / 20 + 1) {
            for byte in [b'-', b'9', b' ', 0, 0xff] {
                let mut damaged = sound.clone();
                damaged[at] = byte;
                let file = Scratch::new(&format!("damaged-{name}"), &damaged);
                let run = solve(&[file.path()]);
                let told = run.told.starts_with("error: ") && run.out.is_empty();
                let solved = run.told.is_empty() && run.out.starts_with("objective=");
                assert!(run.status == 1 && told || run.status == 0 && solved, "{name}, {at}: {}", run.told);
            }
        }
    }
}

#[test]
fn a_command_line_that_cannot_be_meant_is_refused() {
    let file = fixture("small.asg");
    for arguments in [
        &["--threads", "0"][..],
        &["--algorithm", "magic"],
        &["--format", "csv"],
        &["--tie-break", "never"],
        &["--no-such-option"],
    ] {
        assert_eq!(solve(&[&[file.as_str()], arguments].concat()).status, 2, "{arguments:?}");
    }
    assert_eq!(solve(&[]).status, 2);
}

#[test]
fn what_is_no_text_is_told_for_what_it_is() {
    for (name, content, said) in [
        ("empty.txt", &b""[..], "it is empty"),
        ("comments.asg", b"c nothing\n\nc more\n", "it holds nothing but comments and empty lines"),
        ("packed.asg", b"\x1f\x8b\x08\x00\x00", "it is packed with gzip; unpack it first"),
        ("zip.asg", b"PK\x03\x04....", "it is a zip archive; unpack it first"),
        ("wide.txt", b"\xff\xfe2\x00\n\x00", "it is written in UTF-16; save it as UTF-8"),
    ] {
        assert_eq!(refuses(name, content, &[], &[said, "1 fault: nothing was solved."]), 1, "{name}");
    }
    // A byte order mark is what editors put there.
    let file = Scratch::new("mark.asg", b"\xef\xbb\xbfp asg 1 1 1 9\ns 0 1\ne 0 0 4\n");
    finds(&[file.path()], 4, 1);
    let file = Scratch::new("mark.txt", b"\xef\xbb\xbf1\n1\n");
    finds(&[file.path()], 1, 1);
}

#[test]
fn a_format_that_was_guessed_is_named_beside_the_faults() {
    let guessed = "read as or-sparse, which its numbers look most like; --format says what else it is";
    refuses("cut.txt", b"3\n1 2 3\n4 5 6\n7 8\n", &[], &[guessed]);
    let file = Scratch::new("said.txt", b"3\n1 2 3\n4 5 6\n7 8\n");
    let run = solve(&[file.path(), "--format", "or-dense"]);
    assert!(
        run.told.contains("8 costs stand where 3 rows take 9") && !run.told.contains("read as"),
        "{}",
        run.told
    );
}

#[test]
fn a_time_limit_leaves_the_best_so_far_and_says_how_far_it_is() {
    let run = solve(&[&fixture("sparse.txt"), "--time-limit", "0"]);
    assert_eq!((run.status, run.told.as_str()), (3, ""));
    assert!(
        run.out.contains(" stopped=time_limit unmatched_gap=") && run.out.contains(" gap="),
        "{}",
        run.out
    );
    let run = solve(&[&fixture("small.asg"), "--time-limit", "0"]);
    assert_eq!(run.status, 3);
    assert!(!run.out.contains("unmatched_gap"), "{}", run.out);
    finds(&[&fixture("sparse.txt"), "--time-limit", "3600"], 26, 5);
    for wrong in ["-1", "soon", "1e400"] {
        let run = solve(&[&fixture("small.asg"), &format!("--time-limit={wrong}")]);
        assert_eq!(run.status, 2, "{wrong}");
        assert!(run.told.contains("state a number of seconds"), "{}", run.told);
    }
    if !cfg!(feature = "highs") {
        let run = solve(&["no-such-file", "--algorithm", "ilp-highs"]);
        assert_eq!(run.status, 1);
        assert!(
            run.told.contains("--features highs") && run.told.contains("--algorithm ilp"),
            "{}",
            run.told
        );
    }
}

#[test]
fn changes_are_made_one_after_another() {
    let (file, events) = (fixture("small.asg"), fixture("small.ev"));
    let run = solve(&[&file, "--events", &events, "--verify-events"]);
    assert_eq!((run.status, run.told.as_str()), (0, ""));
    let told = |line: &str| {
        let (told, time) = line.rsplit_once(" ms=").unwrap();
        assert!(time.parse::<f64>().unwrap() >= 0.0, "{line}");
        told.to_owned()
    };
    let lines: Vec<String> = run.out.lines().skip(1).map(told).collect();
    let expected = [130, 122, 122, 300, 210, 130, 125];
    assert_eq!(lines, (0..7).map(|at| format!("event={at} objective={}", expected[at])).collect::<Vec<_>>());

    let first = solve(&[&file, "--events", &events, "--max-events", "1"]);
    assert_eq!((first.status, first.out.lines().count()), (0, 2));
    assert_eq!(solve(&[&file, "--max-events", "1"]).status, 2);
    let baseline = solve(&[&file, "--events", &events, "--algorithm", "best-pair"]);
    assert!(baseline.status == 1 && baseline.told.contains("--events: a baseline"), "{}", baseline.told);
}

#[test]
fn every_fault_of_a_file_of_changes_is_told() {
    let events = Scratch::new("faulty.ev", b"x 1 1\ny 3\nx 3 0\nl 2\nc 0 -1\nx 1\na 1 0\nr 2\n");
    let run = solve(&[&fixture("small.asg"), "--events", events.path()]);
    assert_eq!(run.status, 1);
    for part in [
        "row 2",
        "row 3, participant = \"3\"",
        "row 4, supporter = \"2\"",
        "row 5, capacity",
        "row 6",
        "row 7, supporter = \"0\": the two are no pair",
        "row 8, supporter = \"2\"",
        "7 faults",
    ] {
        assert!(run.told.contains(part), "{part:?} is not said in:\n{}", run.told);
    }
}
