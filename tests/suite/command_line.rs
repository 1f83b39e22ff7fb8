//! The coordinators' program as a whole: exit codes, what is written and what is left alone, what is said.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use peermatch::Matching;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// An example beside this test: `cargo test` builds both.
pub(crate) fn example(name: &str) -> PathBuf {
    let test = std::env::current_exe().unwrap();
    let profile = test.parent().and_then(Path::parent).unwrap();
    let program = profile.join("examples").join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} is not there; `cargo test` builds it, and so does `cargo build --examples`",
        program.display()
    );
    program
}

/// What a run left behind.
pub(crate) struct Run {
    pub(crate) status: i32,
    pub(crate) out: String,
    pub(crate) told: String,
}

impl Run {
    pub(crate) fn of(command: &mut Command) -> Self {
        let done = command.output().unwrap();
        Self {
            status: done.status.code().unwrap(),
            out: String::from_utf8(done.stdout).unwrap(),
            told: String::from_utf8(done.stderr).unwrap(),
        }
    }
}

/// A folder of one test's own, gone with it.
pub(crate) struct Desk(PathBuf);

impl Desk {
    pub(crate) fn new(test: &str) -> Self {
        let folder = std::env::temp_dir().join(format!("peermatch-command-{test}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        Self(folder)
    }

    /// A desk with a small programme of two and two on it, of whom one pair each fits.
    pub(crate) fn with_programme(test: &str) -> Self {
        let desk = Self::new(test);
        desk.put("participants.csv", "id,conditions,languages,consent\nP-1,A,en,yes\nP-2,B,so,yes\n");
        desk.put("supporters.csv", "id,conditions,languages,status\nS-1,A,en,active\nS-2,B,en,on_leave\n");
        desk
    }

    pub(crate) fn put(&self, name: &str, content: impl AsRef<[u8]>) {
        fs::write(self.0.join(name), content).unwrap();
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.0.join(name)).unwrap()
    }

    /// The names of the files on it.
    pub(crate) fn files(&self) -> Vec<String> {
        let names = fs::read_dir(&self.0).unwrap().map(|entry| entry.unwrap().file_name());
        let mut names: Vec<String> = names.map(|name| name.to_string_lossy().into_owned()).collect();
        names.sort();
        names
    }

    pub(crate) fn run<S: AsRef<OsStr>>(&self, arguments: impl IntoIterator<Item = S>) -> Run {
        Run::of(self.command("batch_match").args(arguments))
    }

    /// An example about to be run on the desk.
    pub(crate) fn command(&self, name: &str) -> Command {
        let mut command = Command::new(example(name));
        command.current_dir(&self.0);
        command
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub(crate) fn bytes(&self, name: &str) -> Vec<u8> {
        fs::read(self.0.join(name)).unwrap()
    }

    /// Runs what must fail without touching anything on the desk, and returns what it says.
    pub(crate) fn refused(&self, status: i32, arguments: &[&str]) -> String {
        let state = || self.files().into_iter().map(|name| (self.text(&name), name)).collect::<Vec<_>>();
        let before = state();
        let run = self.run(arguments);
        assert_eq!(run.status, status, "{arguments:?}: {}", run.told);
        assert!(state() == before, "{arguments:?} changed files");
        assert_eq!(run.out, "", "{arguments:?} printed to standard output");
        run.told
    }
}

impl Drop for Desk {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[track_caller]
pub(crate) fn assert_says(told: &str, parts: &[&str]) {
    for part in parts {
        assert!(told.contains(part), "{part:?} is not said in:\n{told}");
    }
}

const OWN: [&str; 4] = ["--participants", "participants.csv", "--supporters", "supporters.csv"];

fn own<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&OWN, more].concat()
}

#[test]
fn the_sample_gives_the_same_bytes_on_any_number_of_threads() {
    let desk = Desk::new("threads");
    for threads in ["1", "8"] {
        let (csv, json) = (format!("{threads}.csv"), format!("{threads}.json"));
        let run = desk.run(["--threads", threads, "--csv", &csv, "--json", &json]);
        assert_eq!(run.status, 0, "{}", run.told);
        assert_says(
            &run.out,
            &[
                "participants are matched",
                "mean ",
                "confidence (how much of it rests on known facts): mean ",
                " -> S-",
                "could be matched if a language in common were not required",
                &format!("Written to {csv} and {json}."),
            ],
        );
    }
    assert!(desk.text("1.csv") == desk.text("8.csv"));
    assert!(desk.text("1.json") == desk.text("8.json"));
    assert_eq!(desk.files(), ["1.csv", "1.json", "8.csv", "8.json"], "nothing else is left behind");
}

#[test]
fn a_file_full_of_faults_is_refused_whole() {
    let desk = Desk::new("faults");
    let fixture = |name: &str| format!("{ROOT}/tests/fixtures/faults/{name}");
    let (participants, supporters) = (fixture("participants.csv"), fixture("supporters.csv"));
    let told = desk.refused(1, &["--participants", &participants, "--supporters", &supporters]);
    assert_eq!(told.lines().filter(|line| line.starts_with("error: ")).count(), 20, "{told}");
    assert_says(&told, &["20 faults: nothing was matched and nothing was written."]);
}

#[test]
fn a_run_needs_both_sides() {
    let desk = Desk::with_programme("sides");
    desk.put("matching.csv", "of last week");
    assert_says(&desk.refused(1, &["--folder", "nope"]), &["nope: there is no such folder", "1 fault:"]);
    assert_says(&desk.refused(1, &["--folder", "matching.csv"]), &["this is a file, not a folder"]);
    assert_says(&desk.refused(1, &OWN[..2]), &["no file of supporters is named", "--supporters"]);
    assert_says(&desk.refused(1, &OWN[2..]), &["no file of participants is named"]);
    assert_says(
        &desk.refused(1, &["--gazetteer", "participants.csv"]),
        &["no file of participants is named"],
    );
    fs::create_dir(desk.0.join("half")).unwrap();
    fs::rename(desk.0.join("participants.csv"), desk.0.join("half/participants.csv")).unwrap();
    let half = desk.run(["--folder", "half"]);
    assert_eq!(half.status, 1);
    assert_says(&half.told, &["half: there are no supporters", "supporters.csv"]);
    assert_eq!(desk.text("matching.csv"), "of last week");
    fs::remove_dir_all(desk.0.join("half")).unwrap();
    desk.put("program.json", "{\"supporters\": [{\"id\": \"S-1\"}]}");
    assert_says(&desk.refused(1, &["--program", "program.json"]), &["there are no participants in it"]);
}

#[test]
fn an_empty_table_that_was_named_matches_nobody_and_says_so() {
    let desk = Desk::with_programme("empty");
    desk.put("participants.csv", "id\n");
    let run = desk.run(own(&[]));
    assert_eq!(run.status, 0, "{}", run.told);
    assert_says(
        &run.told,
        &["the file has a header and no rows", "nobody was matched: there are no participants"],
    );
    assert_says(&run.out, &["Nobody is matched: there are no participants."]);
    assert!(run.out.lines().all(|line| line.is_empty() || !line.trim().is_empty()), "{}", run.out);
    assert_says(&desk.run(own(&["--quiet"])).told, &["nobody was matched"]);
}

#[test]
fn no_input_is_overwritten() {
    let desk = Desk::with_programme("overwrite");
    desk.put("policy.toml", "");
    desk.put("map.toml", "");
    assert_eq!(desk.run(own(&["--json", "old.json", "--csv", "old.csv"])).status, 0);
    let more = ["--policy", "policy.toml", "--column-map", "map.toml", "--compare", "old.json"];
    for (target, what) in [
        ("participants.csv", "the input file of the participants"),
        ("./supporters.csv", "the input file of the supporters"),
        ("policy.toml", "the policy"),
        ("map.toml", "the column map"),
        ("old.json", "the --compare file"),
    ] {
        for option in ["--csv", "--json"] {
            let told = desk.refused(2, &own(&[&more[..], &[option, target]].concat()));
            assert_says(&told, &[option, target, what, "would be overwritten"]);
        }
    }
    assert_says(&desk.refused(2, &["--folder", ".", "--csv", "supporters.csv"]), &["would be overwritten"]);
    assert_says(&desk.refused(2, &own(&["--csv", "one", "--json", "./one"])), &["are the same file"]);
    assert_says(&desk.refused(1, &own(&["--csv", "no/where.csv"])), &["no such folder to write to"]);
    assert_says(&desk.refused(1, &own(&["--json", "."])), &["this is a folder, not a file"]);
}

#[test]
fn standard_output_takes_one_of_the_two() {
    let desk = Desk::with_programme("stdout");
    assert_says(&desk.refused(2, &own(&["--csv", "-", "--json", "-"])), &["only one of them"]);
    let run = desk.run(own(&["--csv", "-"]));
    assert_eq!(run.status, 0, "{}", run.told);
    assert!(run.out.starts_with("participant,outcome,"), "{}", run.out);
    assert_eq!(run.out.lines().count(), 3);
    assert_says(&run.told, &["1 of 2 participants is matched", "Written to matching.json."]);
    let json = desk.run(own(&["--json", "-", "--quiet", "--csv", "matching.csv"]));
    assert_eq!(Matching::from_json(&json.out).unwrap().totals.matched, 1);
    assert_eq!(run.out, desk.text("matching.csv"));
}

#[test]
fn checking_writes_nothing_and_says_what_it_looked_at() {
    let desk = Desk::with_programme("check");
    desk.put("policy.toml", "[requirements]\nno_such_thing = 1\n");
    desk.put("old.json", "{}");
    let run = desk.run(own(&["--check"]));
    assert_eq!(run.status, 0, "{}", run.told);
    assert_says(
        &run.out,
        &[
            "2 participants, 2 supporters; ",
            " warning",
            "the default policy",
            "nobody was matched, nothing was written",
        ],
    );
    assert_eq!(desk.files(), ["old.json", "participants.csv", "policy.toml", "supporters.csv"]);
    assert_says(
        &desk.refused(1, &own(&["--check", "--policy", "policy.toml"])),
        &["policy.toml", "no_such_thing"],
    );
    assert_says(
        &desk.refused(1, &own(&["--check", "--compare", "old.json"])),
        &["old.json: this is not a matching"],
    );
    let files = ["--policy", "a.toml", "--column-map", "b.toml", "--compare", "c.json", "--issues", "d.csv"];
    let told = desk.refused(1, &own(&[&["--check"][..], &files].concat()));
    assert_eq!(told.matches("there is no such file; check its name").count(), 3, "{told}");
    assert_says(
        &desk.refused(1, &own(&["--issues", "d.csv"])),
        &["d.csv: there is no such file; check its name"],
    );
}

#[test]
fn a_command_line_that_cannot_be_meant_is_refused() {
    let desk = Desk::with_programme("usage");
    for arguments in [
        &["--threads", "0"][..],
        &["--threads", "1025"],
        &["--time-limit", "0"],
        &["--time-limit", "soon"],
        &["--check", "--csv", "x.csv"],
        &["--check", "--explain", "P-1"],
        &["--quiet", "--all"],
        &["--no-such-option"],
    ] {
        desk.refused(2, arguments);
    }
    let told = desk.refused(2, &["--as-of", "11/21/2026"]);
    assert_says(&told, &["write it as 2026-11-21"]);
    assert_says(&desk.run(["--check", "--as-of", "2226-11-21"]).told, &["more than 5 years from today"]);
    assert_says(&desk.refused(1, &["--method", "ilp", "--quiet"]), &["eligible pairs", "leave --method out"]);
}

#[test]
fn explaining_nobody_is_refused_with_the_nearest_id() {
    let desk = Desk::with_programme("nobody");
    let told = desk.refused(1, &own(&["--explain", "P-11", "--explain", "s-1x", "--explain", "Q"]));
    assert_says(&told, &["--explain P-11", "perhaps P-1 was meant", "perhaps S-1 was meant", "3 faults"]);
}

#[test]
fn explanations_name_people() {
    let desk = Desk::with_programme("explain");
    let run = desk.run(own(&["--quiet", "--explain", "P-1", "--explain", "P-2", "--explain", "S-2"]));
    assert_eq!((run.status, run.told.as_str()), (0, ""));
    assert_says(
        &run.out,
        &["P-1 with S-1: ", "P-2: no supporter meets the requirements: ", "1 takes no new matches"],
    );
    assert_says(&run.out, &["S-2 has nobody: they are on leave until further notice."]);

    desk.put(
        "participants.csv",
        "id,conditions,languages,consent,priority\nP-1,A,en,yes,4\nP-2,A,en,yes,1\nP-3,A,so,yes,0\n",
    );
    let run = desk.run(own(&["--quiet", "--explain", "P-2", "--explain", "P-3"]));
    assert_says(
        &run.out,
        &[
            "P-2: 1 supporter fits, and every place is taken",
            "has P-1 (urgency 4), and no place left",
            "would fit if a language in common were not required:",
            "S-1 (",
        ],
    );
    desk.put("supporters.csv", "id,conditions,languages\nS-1,A,en\nS-2,A,en\nS-3,A,en\n");
    desk.put("participants.csv", "id,conditions,languages,consent\nP-1,A,en,yes\n");
    let run = desk.run(own(&["--quiet", "--explain", "S-3"]));
    assert_says(
        &run.out,
        &["S-3 has nobody: 1 participant fits, but the whole is better with others", "P-1 ("],
    );
}

#[test]
fn quiet_still_compares() {
    let desk = Desk::with_programme("compare");
    assert_eq!(desk.run(own(&["--quiet", "--json", "old.json"])).out, "");
    let run = desk.run(own(&["--quiet", "--compare", "old.json"]));
    assert_says(&run.out, &["Compared with old.json:", "1 kept (0 with another score), 0 moved"]);
}

#[test]
fn a_search_out_of_time_writes_what_it_has_and_says_so() {
    let desk = Desk::new("time");
    let run = desk.run(["--time-limit", "0.000001"]);
    assert_eq!(run.status, 0, "{}", run.told);
    assert_says(&run.told, &["the search was stopped early by the time limit"]);
    assert_says(&run.out, &["Not optimal, or not proven so", "Searched to the end"]);
    let matching = Matching::from_json(&desk.text("matching.json")).unwrap();
    assert!(!matching.solution.optimal && matching.solution.gap.is_some());
}
