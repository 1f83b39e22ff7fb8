//! How alike two codes are, and which languages are the same, against tables worked out by hand: the oracles take
//! these two from the library.

use peermatch::program::{Code, Concept, LanguageTag, Taxonomy};

fn taxonomy(lines: &[(&str, &[&str])]) -> Taxonomy {
    let concept = |&(code, parents): &(&str, &[&str])| Concept {
        code: code.into(),
        parents: parents.iter().map(|&parent| parent.into()).collect(),
        name: String::new(),
    };
    let (taxonomy, faults) = Taxonomy::new(lines.iter().map(concept).collect());
    assert!(faults.is_empty());
    taxonomy
}

/// Eight codes, so that the logarithms are of powers of two where the counts are.
fn eight() -> Taxonomy {
    taxonomy(&[
        ("root", &[]),
        ("left", &["root"]),
        ("right", &["root"]),
        ("l1", &["left"]),
        ("l2", &["left"]),
        ("l3", &["left"]),
        ("r1", &["right"]),
        ("alone", &[]),
    ])
}

#[test]
fn information_is_the_share_of_concepts_that_a_code_leaves_out() {
    // 1 - ln(itself and all below) / ln 8.
    let taxonomy = eight();
    for (code, information) in [
        ("l1", 1.0),
        ("alone", 1.0),
        ("right", 1.0 - 2.0_f64.ln() / 8.0_f64.ln()),
        ("left", 1.0 - 4.0_f64.ln() / 8.0_f64.ln()),
        ("root", 1.0 - 7.0_f64.ln() / 8.0_f64.ln()),
    ] {
        let found = taxonomy.information_content(&code.into()).unwrap();
        assert!((found - information).abs() < 1e-12, "{code}: {found} instead of {information}");
    }
    assert_eq!(taxonomy.information_content(&"elsewhere".into()), None);
}

#[test]
fn likeness_by_hand() {
    let taxonomy = eight();
    let root = 1.0 - 7.0_f64.ln() / 8.0_f64.ln();
    // Twice what the nearest common ancestor says over what the two say: left 1/3, right 2/3, leaves 1.
    for (a, b, likeness) in [
        ("l1", "l1", 1.0),
        ("l1", "l2", 1.0 / 3.0),
        ("l1", "left", 0.5),
        ("left", "l3", 0.5),
        ("r1", "right", 0.8),
        ("l1", "r1", root),
        ("left", "right", 2.0 * root),
        ("l2", "right", 2.0 * root / (5.0 / 3.0)),
        ("root", "l1", 2.0 * root / (1.0 + root)),
        ("l1", "alone", 0.0),
        ("l1", "elsewhere", 0.0),
        ("elsewhere", "elsewhere", 1.0),
        ("elsewhere", "nowhere", 0.0),
    ] {
        for (a, b) in [(a, b), (b, a)] {
            let found = taxonomy.similarity(&a.into(), &b.into());
            assert!((found - likeness).abs() < 1e-12, "{a} {b}: {found} instead of {likeness}");
        }
    }
}

#[test]
fn of_several_common_ancestors_the_one_that_says_most_counts() {
    // Both children lie under the broad and under the narrow parent, which has fewer below it.
    let taxonomy = taxonomy(&[
        ("broad", &[]),
        ("narrow", &[]),
        ("a", &["broad", "narrow"]),
        ("b", &["narrow", "broad"]),
        ("c", &["broad"]),
        ("d", &["broad"]),
        ("e", &["broad"]),
        ("f", &[]),
    ]);
    let narrow = 1.0 - 3.0_f64.ln() / 8.0_f64.ln();
    assert!((taxonomy.similarity(&"a".into(), &"b".into()) - narrow).abs() < 1e-12);
    let broad = 1.0 - 6.0_f64.ln() / 8.0_f64.ln();
    assert!((taxonomy.similarity(&"a".into(), &"c".into()) - broad).abs() < 1e-12);
}

#[test]
fn without_a_taxonomy_a_code_is_only_like_itself() {
    let taxonomy = taxonomy(&[]);
    let (a, b): (Code, Code) = ("a".into(), "b".into());
    assert!((taxonomy.similarity(&a, &a) - 1.0).abs() < 1e-15 && taxonomy.similarity(&a, &b).abs() < 1e-15);
    assert!(taxonomy.is_same_or_below(&a, &a) && !taxonomy.is_same_or_below(&a, &b));
}

#[test]
fn what_lies_below_a_code() {
    let taxonomy = eight();
    for (code, ancestor, below) in [
        ("l1", "l1", true),
        ("l1", "left", true),
        ("l1", "root", true),
        ("left", "l1", false),
        ("l1", "right", false),
        ("alone", "root", false),
        ("elsewhere", "root", false),
        ("l1", "elsewhere", false),
        ("elsewhere", "elsewhere", true),
    ] {
        assert_eq!(taxonomy.is_same_or_below(&code.into(), &ancestor.into()), below, "{code} {ancestor}");
    }
}

#[test]
fn which_languages_are_the_same() {
    for (a, b, same) in [
        ("en", "en", true),
        ("en", "EN-us", true),
        ("en-GB", "en-US", true),
        ("es", "es-MX", true),
        ("es", "pt", false),
        // A language has its shortest code.
        ("en", "eng", true),
        ("spa-MX", "es", true),
        ("zh-Hant", "zh-Hans", false),
        ("zh-Hant", "zh-Hant-TW", true),
        // Who states no script may mean either.
        ("zh", "zh-Hans", true),
        ("zh", "zh-Hant", true),
        ("sr-Latn", "sr-Cyrl", false),
        ("zh-yue", "zh-cmn", false),
        ("zh-yue", "zh", true),
        ("en-Latn", "fr-Latn", false),
    ] {
        let (a, b): (LanguageTag, LanguageTag) = (a.parse().unwrap(), b.parse().unwrap());
        assert_eq!(a.mutually_intelligible(&b), same, "{a} {b}");
        assert_eq!(b.mutually_intelligible(&a), same, "{b} {a}");
    }
}
