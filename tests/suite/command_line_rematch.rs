//! The program that keeps a programme alive, as a whole: what it prints of the sample's events, what it refuses, and
//! that whatever ends it, its journal leads back to where it was.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::process::Stdio;

use crate::command_line::{Desk, Run, assert_says};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

/// The first day; a journal or snapshot that is gone on with has its own.
const ON: [&str; 2] = ["--on", "2026-11-21"];

/// A desk with a programme of twelve and six on it.
fn desk(test: &str) -> Desk {
    let desk = Desk::new(test);
    let condition = |number: u32| if number.is_multiple_of(3) { "B" } else { "A" };
    let participants = (1..=12).map(|number| format!("P-{number},{},yes,{number}\n", condition(number)));
    let participants: String = participants.collect();
    let supporters = (1..=6).map(|number| format!("S-{number},{},2,{}\n", condition(number), number * 2));
    let supporters: String = supporters.collect();
    desk.put("participants.csv", format!("id,conditions,consent,child_age\n{participants}"));
    desk.put("supporters.csv", format!("id,conditions,capacity,child_age\n{supporters}"));
    desk
}

/// Runs with commands from a pipe.
fn piped(desk: &Desk, arguments: &[&str], commands: &str) -> Run {
    let mut command = desk.command("rematch");
    command.arg(".").args(arguments);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    // A program that ends early reads no more.
    let _ = child.stdin.take().unwrap().write_all(commands.as_bytes());
    let done = child.wait_with_output().unwrap();
    Run {
        status: done.status.code().unwrap(),
        out: String::from_utf8(done.stdout).unwrap(),
        told: String::from_utf8(done.stderr).unwrap(),
    }
}

#[test]
fn the_samples_events_are_told_in_a_coordinators_words() {
    let desk = Desk::new("rematch-sample");
    let events = format!("{ROOT}/examples/data/events.txt");
    let run = Run::of(desk.command("rematch").args(["--events", &events]));
    assert_eq!((run.status, run.told.as_str()), (0, ""), "{}", run.out);
    for heading in fs::read_to_string(&events).unwrap().lines().filter_map(|line| line.strip_prefix("# ")) {
        assert_says(&run.out, &[&format!("\n== {heading}\n")]);
    }
    assert_says(
        &run.out,
        &[
            "Quality: 290 matched, ",
            "P-0145 is matched with S-151: their new supporter joined or takes more than before",
            "it is recorded that the two know each other",
            "P-0054 moves from S-011 to S-152: the match is over",
            "first contact due by 2026-11-23 (ask from 2026-11-22 on)",
            "the supporter takes nobody with C71.6 from now on",
            "to do: offer the participant formal help",
            "P-0269 moves from S-057 to S-152",
            "to do: ask whether the next supporter has to meet a further requirement",
            "the participant withdrew",
            "nobody now: has not consented to being matched",
            "the supporter's status is under review now",
            "to do: train the supporter again",
            "more supporters would fit if distance did not count",
            "A drill: everything stays as it is.",
            "P-0346 moves from S-031 to S-032: their supporter cannot go on",
            "P-0105 is to choose, and has nobody until then.",
            "  S-152 (94.4 %), +0.864 for the whole, nobody else moves",
            "P-0105 is matched with S-152",
            "  others 1: S-069 (69.2 %); ",
            "P-0160 moves from S-069 to S-125: made way for P-0034",
            "1 other match changes: P-0160.",
            "P-0401 is matched with S-152: asked for support",
            "P-0124 moves from S-151 to S-152",
            "P-0163 is matched with S-131",
            "The last change is undone.",
            "Nobody else moved.",
            "P-0063 is no longer with S-125: made way for P-0049",
            "; proven the best.\n",
        ],
    );
    let readme = fs::read_to_string(format!("{ROOT}/README.md")).unwrap();
    let shown = readme.split("```text\n> rematch ").nth(1).unwrap().split("```").next().unwrap();
    let of_this = run.out.split("> rematch ").nth(1).unwrap();
    for line in shown.lines().filter(|line| line.trim() != "...") {
        assert!(of_this.lines().any(|told| told == line), "README.md shows another answer: {line}");
    }
    let cards = fs::read_to_string(format!("{ROOT}/examples/data/supporters.csv")).unwrap();
    let mut names = cards.lines().skip(1).flat_map(|row| row.split(',')).filter(|cell| cell.ends_with('.'));
    assert!(names.all(|name| !run.out.contains(name)), "a name is printed");
    assert!(desk.files().is_empty(), "nothing was to be written");
}

#[test]
fn what_cannot_be_meant_is_told_with_what_may_have_been() {
    let desk = desk("rematch-bad");
    let lines = [
        ("rematc P-1 poor_fit", "there is no command \"rematc\"; perhaps rematch was meant"),
        ("rematch P-1", "rematch: the reason is missing; `help` shows how it is written"),
        ("rematch P-1 poor_fti", "there is no reason \"poor_fti\"; perhaps poor_fit was meant"),
        ("rematch P-1 poor_fit by supporetr", "perhaps supporter was meant"),
        ("rematch P-1 poor_fit others many", "\"many\" is no number from 0 to 100"),
        ("rematch P-1 poor_fit price 2", "\"2\" is no price from 0 to 1"),
        ("rematch P-1 poor_fit scope", "scope names no code"),
        ("rematch P-1 poor_fit best", "\"best\" means nothing here"),
        ("options P-1 poor_fit others 1", "leave the reach out"),
        ("leave S-1 until tomorrow", "there is no such day; write it as 2026-11-21"),
        ("leave S-1 2026-12-01", "\"2026-12-01\" means nothing here; write one of others, price, full, best"),
        ("capacity S-1 two", "\"two\" is no number"),
        (
            "ends P-1 finished",
            "there is no outcome \"finished\"; write one of completed, failed, interrupted",
        ),
        ("arrive {\"id\": \"P-20\", \"consnt\": true}", "no participant: unknown field `consnt`"),
        ("arrive", "the participant is missing; write it as JSON"),
        ("change {\"change\": \"bar\", \"participant\": \"P-1\"}", "missing field `supporter`"),
        ("drill losses", "drill: \"losses\" is nothing that happens"),
        ("quality now", "\"now\" is more than it takes"),
    ];
    let text: Vec<&str> = lines.iter().map(|(line, _)| *line).collect();
    desk.put("events.txt", text.join("\n"));
    let arguments = [".", "--events", "events.txt", "--journal", "journal"];
    let run = Run::of(desk.command("rematch").args(arguments));
    assert_eq!((run.status, run.out.as_str()), (1, ""));
    for ((number, (_, message)), told) in (1..).zip(lines).zip(run.told.lines()) {
        assert_says(told, &[&format!("error: events.txt, line {number}: "), message]);
    }
    assert_says(&run.told, &["18 faults: nothing was done."]);
    assert_eq!(desk.files(), ["events.txt", "participants.csv", "supporters.csv"]);

    // What cannot be done ends a file of events there, and what came before it is kept.
    desk.put("events.txt", "bar P-1 S-1\nrematch P-99 poor_fit\nbar P-2 S-1\n");
    let run = Run::of(desk.command("rematch").args(arguments));
    assert_eq!(run.status, 1);
    assert_says(
        &run.told,
        &["error: events.txt, line 2: ", "there is no such participant; perhaps P-9 was meant"],
    );
    assert_eq!(desk.text("journal").lines().count(), 3, "the header, the beginning and the first event");

    // From a pipe the next line is read all the same.
    let run = piped(&desk, &[], "who P-99\ncaseload S-99\nwho P-1\nsave\nrematch P-1 poor\nquality\n");
    assert_eq!(run.status, 1);
    assert_says(
        &run.told,
        &["P-99: there is no such participant; perhaps P-9", "S-99: ", "save: no file is named"],
    );
    assert_says(&run.out, &["P-1 is with S-", "12 matched"]);
    assert!(!run.out.contains("> "), "a pipe is not asked for commands");
}

/// Events of every kind on the small programme, a line each; each changes something.
fn events() -> Vec<String> {
    let mut events: Vec<String> = [
        "rematch P-1 poor_fit by participant",
        "rematch P-2 prefers_to_choose",
        "leave S-2 until 2026-12-24",
        "rematch P-4 misinformation others 1 note told so",
        "capacity S-3 3",
        "bar P-5 S-5",
        "undo",
        "arrive {\"id\": \"P-13\", \"conditions\": [\"A\"], \"consent\": true, \"priority\": 3}",
        "arrive supporter {\"id\": \"S-7\", \"conditions\": [\"A\"], \"capacity\": 4} best",
        "day 2026-11-25",
        "release S-1 full",
        "settle",
    ]
    .map(str::to_owned)
    .to_vec();
    for round in 0..6 {
        let supporter = round % 6 + 1;
        events.push(format!("capacity S-{supporter} {}", round % 3));
        events.push(format!("capacity S-{supporter} 3"));
        events.push(format!("know P-{} S-{supporter}", round + 6));
    }
    events
}

/// The snapshot after some events, made without a journal.
fn snapshot_after<S: AsRef<str>>(desk: &Desk, events: &[S]) -> String {
    let lines = events.iter().map(|event| format!("{}\n", event.as_ref()));
    let commands = lines.chain(["save fresh\n".to_owned()]).collect::<String>();
    let run = piped(desk, &ON, &commands);
    assert_eq!((run.status, run.told.as_str()), (0, ""));
    programme_of(desk, "fresh")
}

/// What a snapshot says of the programme, without what it says of the journal.
fn programme_of(desk: &Desk, name: &str) -> String {
    let text = desk.text(name);
    text[text.find("\"programme\"").unwrap()..].to_owned()
}

fn quality(run: &Run) -> &str {
    run.out.lines().rfind(|line| line.starts_with("Quality: ")).unwrap()
}

#[test]
fn a_journal_leads_back_to_the_same_bytes_and_so_does_a_snapshot() {
    let desk = desk("rematch-journal");
    let events = events();
    let (first, second) = events.split_at(15);
    let kept = ["--journal", "journal"];
    let run = piped(
        &desk,
        &[&ON[..], &kept].concat(),
        &[&first.join("\n"), "\nsave half\n", &second.join("\n"), "\nsave one\nquality\n"].concat(),
    );
    assert_eq!((run.status, run.told.as_str()), (0, ""), "{}", run.out);
    // Whatever day it is by then, and whatever was only asked.
    let again =
        piped(&desk, &kept, "drill release S-3\nlosses\nalternates P-2\nwho P-2\nsave two\nquality\n");
    assert_eq!((again.status, again.told.as_str()), (0, ""));
    assert_says(&again.out, &[&format!("Made again from journal: {}.", events.len())]);
    assert_eq!(quality(&run), quality(&again));
    assert!(programme_of(&desk, "one") == programme_of(&desk, "two"), "the journal leads to another state");
    assert!(programme_of(&desk, "one") == snapshot_after(&desk, &events));
    for from in ["half", "one"] {
        desk.put("from", desk.bytes(from));
        let again = piped(&desk, &[&kept[..], &["--snapshot", "from"]].concat(), "save three\nquality\n");
        assert_eq!((again.status, again.told.as_str()), (0, ""));
        assert_eq!(quality(&run), quality(&again));
        assert!(
            programme_of(&desk, "one") == programme_of(&desk, "three"),
            "the snapshot {from} leads to another state"
        );
    }
    // What is saved cannot be undone: neither now nor when it is made again.
    assert_says(&piped(&desk, &["--snapshot", "one"], "undo\n").out, &["nothing that can be undone"]);

    // A journal is of one programme, and a snapshot of one journal.
    desk.put("short", "peermatch-journal 1\n");
    let told = piped(&desk, &["--journal", "short", "--snapshot", "one"], "").told;
    assert_says(&told, &["short: the journal has 0 records, and the snapshot holds 33"]);
    desk.put("one", "{}");
    assert_says(&piped(&desk, &["--snapshot", "one"], "").told, &["one: this is no snapshot"]);
    desk.put("supporters.csv", "id,conditions,capacity\nS-1,A,1\n");
    let told = piped(&desk, &kept, "").told;
    assert_says(
        &told,
        &["journal: the journal was begun with other people or another policy", "Nothing was done."],
    );
}

#[test]
fn a_journal_under_rules_goes_on_with_searches_as_long_as_it_was_begun_with() {
    let desk = desk("rematch-rules");
    let rule = "[[rules]]\nname = \"few\"\nprice = 0.1\n\
                [rules.quota]\nat_most = 4\ncount = { score_below = 0.9 }\n";
    desk.put("policy.toml", rule);
    let kept = ["--policy", "policy.toml", "--journal", "journal"];
    let run = piped(
        &desk,
        &[&ON[..], &kept, &["--node-limit", "3"]].concat(),
        "rematch P-1 poor_fit\nsave one\nquality\n",
    );
    assert_eq!((run.status, run.told.as_str()), (0, ""), "{}", run.out);
    assert_says(&run.out, &["matched at the most"]);
    let again = piped(&desk, &[&kept[..], &["--node-limit", "0"]].concat(), "save two\nquality\n");
    assert_eq!(again.status, 0, "{}", again.told);
    assert_says(&again.told, &["--node-limit 0 is ignored: the journal was begun with 3"]);
    assert_says(&again.out, &["Made again from journal: 1."]);
    assert!(programme_of(&desk, "one") == programme_of(&desk, "two"), "the journal leads to another state");
}

#[test]
fn what_was_saved_is_not_undone_wherever_one_begins_again() {
    let desk = desk("rematch-saved");
    let kept = ["--journal", "journal"];
    let first = piped(&desk, &[&ON[..], &kept].concat(), "rematch P-1 poor_fit\nsave half\nquality\n");
    assert_eq!((first.status, first.told.as_str()), (0, ""), "{}", first.out);
    let again = piped(&desk, &kept, "undo\nrematch P-2 poor_fit\nquality\n");
    assert_says(&again.out, &["There is nothing that can be undone."]);
    let from_journal = piped(&desk, &kept, "quality\n");
    let from_half = piped(&desk, &[&kept[..], &["--snapshot", "half"]].concat(), "quality\n");
    assert_says(&from_half.out, &["Made again from journal: 1."]);
    assert_eq!(quality(&from_journal), quality(&from_half));
    let told = piped(&desk, &["--snapshot", "half", "--policy", "other.toml"], "quality\n").told;
    assert_says(&told, &["warning: --policy is ignored"]);
}

#[test]
fn a_match_of_a_new_day_begins_on_that_day() {
    let desk = desk("rematch-day");
    let arrives = "arrive {\"id\": \"P-99\", \"conditions\": [\"A\"], \"consent\": true, \"child_age\": 5}\n";
    let leave = "leave S-1 until 2026-12-24\nleave S-2 until 2026-12-24\nleave S-3 until 2026-12-24\n";
    // A day that was taken back is no day on which anything happens.
    let days = "== before\nday 2027-01-10\nundo\n== on the day\nday 2026-12-24\n";
    let days = days.replace("== ", "# ");
    let run = piped(&desk, &ON, &[leave, arrives, &days].concat());
    assert_eq!(run.status, 0, "{}", run.told);
    let (_, day) = run.out.split_once("== on the day").unwrap();
    assert_says(day, &["first contact due by 2026-12-26"]);
    assert!(!day.contains("first contact due by 2026-11"), "{day}");
}

#[test]
fn a_record_cut_anywhere_is_lost_alone_and_said_to_be() {
    let desk = desk("rematch-cut");
    let events = ["rematch P-1 poor_fit", "bar P-5 S-5", "undo"];
    let commands = events.join("\n");
    let run = piped(&desk, &[&ON[..], &["--journal", "journal"]].concat(), &commands);
    assert_eq!(run.status, 0, "{}", run.told);
    let whole = desk.bytes("journal");
    let last = whole[..whole.len() - 1].iter().rposition(|&byte| byte == b'\n').unwrap() + 1;
    let (all, without) = (snapshot_after(&desk, &events), snapshot_after(&desk, &events[..2]));
    assert_ne!(all, without);
    for length in last..=whole.len() {
        desk.put("cut", &whole[..length]);
        let run = piped(&desk, &["--journal", "cut"], "save again\n");
        assert_eq!(run.status, 0, "{}", run.told);
        let is_whole = length == whole.len();
        assert!(programme_of(&desk, "again") == if is_whole { all.as_str() } else { &without }, "{length}");
        if length == last || is_whole {
            assert_eq!(run.told, "", "nothing is lost at {length}");
        } else {
            assert_says(
                &run.told,
                &["warning: cut: the last record is lost: line 5, byte ", "do the last change again"],
            );
        }
        // What was saved is noted behind what is left.
        let left = if is_whole { length } else { last };
        let cut = desk.bytes("cut");
        assert!(cut.starts_with(&whole[..left]), "{length}");
        let noted = String::from_utf8_lossy(&cut[left..]);
        assert_eq!(noted.lines().count(), 1, "{length}");
    }
    // Damage in the middle is no accident of writing, and the file is left as it is.
    let mut damaged = whole.clone();
    damaged[last - 5] ^= 1;
    desk.put("cut", &damaged);
    let run = piped(&desk, &["--journal", "cut"], "");
    assert_eq!(run.status, 1);
    assert_says(&run.told, &["cut, row 4", "is not the record that was written there"]);
    assert!(desk.bytes("cut") == damaged);
}

#[test]
fn killed_at_any_moment_it_goes_on_from_what_it_had_answered() {
    let desk = desk("rematch-kill");
    let events = events();
    for answered in [0, 1, 2, 4, 6, 9, 13, 17, 21, 25, 28] {
        let _ = fs::remove_file(desk.path("journal"));
        let mut command = desk.command("rematch");
        command.args([".", "--on", "2026-11-21", "--journal", "journal"]);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        // All at once, so that it is at work when it is killed.
        child.stdin.as_mut().unwrap().write_all((events.join("\n") + "\n").as_bytes()).unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        // One for the beginning, and one for each event.
        let told = |line: &std::io::Result<String>| line.as_ref().unwrap().starts_with("Quality: ");
        assert_eq!(lines.by_ref().filter(told).take(answered + 1).count(), answered + 1);
        child.kill().unwrap();
        child.wait().unwrap();

        let again = piped(&desk, &["--journal", "journal"], "save again\n");
        assert_eq!(again.status, 0, "{}", again.told);
        let made = again.out.split("Made again from journal: ").nth(1).unwrap();
        let made: usize = made.split('.').next().unwrap().parse().unwrap();
        assert!((answered..=events.len()).contains(&made), "{answered} were answered, and {made} kept");
        assert!(programme_of(&desk, "again") == snapshot_after(&desk, &events[..made]), "{made}");
        if !again.told.is_empty() {
            assert_says(&again.told, &["the last record is lost"]);
        }
    }
}
