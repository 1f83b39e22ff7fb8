//! The coordinators' program under rules about matches together: rules that clash, rules that are wrong, and what is
//! said of how it was solved.

use peermatch::Matching;

use crate::command_line::{Desk, assert_says};

/// A desk with three who ask and two who help on it, and a policy of these rules.
fn desk(test: &str, rules: &str) -> Desk {
    let desk = Desk::new(test);
    desk.put(
        "participants.csv",
        "id,conditions,consent,region\nP-1,A,yes,Ohio\nP-2,A,yes,Ohio\nP-3,A,yes,Iowa\n",
    );
    desk.put("supporters.csv", "id,conditions,capacity\nS-1,A,2\nS-2,A,2\n");
    desk.put("policy.toml", rules);
    desk
}

const OWN: [&str; 6] =
    ["--participants", "participants.csv", "--supporters", "supporters.csv", "--policy", "policy.toml"];

fn own<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&OWN, more].concat()
}

const CLASH: &str = r#"
[[rules]]
name = "somebody from Iowa"
quota = { at_least = 1, count = { participant = { regions = ["Iowa"] } } }
[[rules]]
name = "nobody from Iowa"
quota = { at_most = 0, count = { participant = { regions = ["iowa"] } } }
[[rules]]
name = "both from Ohio"
together = { participants = ["P-1", "P-2"] }
"#;

#[test]
fn rules_that_clash_are_named_and_given_up_only_when_asked() {
    let desk = desk("clash", CLASH);
    let told = desk.refused(1, &own(&[]));
    assert_says(
        &told,
        &[
            "the firm rules \"somebody from Iowa\" and \"nobody from Iowa\" cannot hold together",
            "without \"nobody from Iowa\" the others can, and 3 of 3 are matched",
            "--drop-clashing-rules matches without nobody from Iowa; nothing was written.",
        ],
    );
    assert!(!told.contains("Ohio"), "{told}");
    desk.put("policy.toml", "[[rules]]\nname = \"ten\"\nquota = { at_least = 10 }");
    let told = desk.refused(1, &own(&[]));
    assert_says(
        &told,
        &["the firm rule \"ten\" cannot hold", "; make it soft by a price, loosen it, or take it out"],
    );
    desk.put("policy.toml", CLASH);
    let run = desk.run(own(&["--drop-clashing-rules"]));
    assert_eq!(run.status, 0, "{}", run.told);
    assert_says(&run.told, &["warning: the firm rules \"somebody from Iowa\" and \"nobody from Iowa\""]);
    assert_says(
        &run.out,
        &[
            "3 of 3 participants are matched",
            "Not by a flow: the policy has rules that no flow holds",
            "somebody from Iowa: kept, and it binds",
            "nobody from Iowa: given up, missed by 1 match",
            "both from Ohio: kept, and it binds",
        ],
    );
    let matching = Matching::from_json(&desk.text("matching.json")).unwrap();
    assert!(matching.rules[1].dropped && !matching.rules[0].dropped);
}

#[test]
fn checking_tells_what_is_wrong_with_rules() {
    let desk = desk(
        "bad-rules",
        r#"
        [[rules]]
        name = "x"
        together = { participants = ["P-1", "P-4"] }
        [[rules]]
        name = "y"
        open = { at_least = 3 }
        [[rules]]
        name = "z"
        quota = { at_most = 1, count = { participant = { regions = ["Ohia"] } } }
        "#,
    );
    let told = desk.refused(1, &own(&["--check"]));
    assert_says(
        &told,
        &[
            "rules[1] (x).together.participants = P-4: there is no such participant",
            "rules[2] (y).open.at_least = 3: no supporter who is meant takes more than 2",
            "warning: policy, rules[3] (z).quota.count.participant.regions = \"Ohia\": no participant lives there; perhaps Ohio was meant",
        ],
    );
    desk.put("policy.toml", "[[rules]]\nname = \"x\"\nquota = { at_least = 2, at_most = 1, count = { within_km = 1.0, beyond_km = 2.0 } }");
    assert_says(
        &desk.refused(1, &own(&["--check"])),
        &[
            "policy.toml",
            "at_least = 2: is more than at_most = 1",
            "within_km = 1: is no more than beyond_km = 2",
        ],
    );
    desk.put("policy.toml", "[[rules]]\nname = \"x\"\nhours = {}");
    let run = desk.run(own(&["--check"]));
    assert_eq!(run.status, 0, "{}", run.told);
    assert_says(&run.told, &["none of them states hours"]);
    assert_says(&run.out, &["The input is sound: 3 participants, 2 supporters; 1 warning."]);
}

#[test]
fn every_way_of_solving_under_rules_says_why() {
    let rule = "[[rules]]\nname = \"few\"\nquota = { at_most = 2 }";
    let desk = desk("why", rule);
    for (method, said) in
        [("auto", "no flow holds: \"few\";"), ("ilp", "\"few\"; an integer program was asked for")]
    {
        let run = desk.run(own(&["--method", method]));
        assert_eq!(run.status, 0, "{}", run.told);
        assert_says(
            &run.out,
            &["2 of 3 participants are matched", "Not by a flow: ", said, "few: kept, and it binds"],
        );
    }
    assert_says(&desk.refused(1, &own(&["--method", "flow"])), &["knows no rules about matches together"]);
    // The sample is too large for it.
    let told = desk.refused(1, &["--method", "ilp", "--policy", "policy.toml"]);
    assert_says(
        &told,
        &["eligible pairs", "under the policy's rules the library's own search finds the same optimum"],
    );
    assert!(!told.contains("flow finds"), "{told}");
}
