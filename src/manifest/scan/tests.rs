//! The scanner beside the reader: on lines that one of them may take otherwise, and on real manifests
//! with bytes changed at random.

use proptest::prelude::*;

use super::Scanner;
use crate::manifest::is_scanned_as_read;

const HEAD: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a\n";

const MANIFESTS: &[&str] = &[
    include_str!("../../../benches/stream/autoscaler.yaml"),
    include_str!("../../../benches/stream/configmap.yaml"),
    include_str!("../../../benches/stream/deployment.yaml"),
    include_str!("../../../benches/stream/service.yaml"),
    include_str!("../../../benches/stream/virtualservice.yaml"),
];

/// What goes in place of some bytes.
const FRAGMENTS: &[&str] = &[
    "",
    " ",
    "\n",
    "  ",
    "\n  ",
    "\n    ",
    "- ",
    "-\n",
    "-",
    ": ",
    ":",
    "#",
    " #",
    " # c\n",
    "\n# c\n",
    "'",
    "''",
    "\"",
    "\\\"",
    "\\u00e9",
    "\\x",
    "{",
    "}",
    "[",
    "]",
    ", ",
    ",",
    "|",
    "|-\n",
    "|+\n",
    ">\n",
    "> # c\n",
    "|2\n",
    "&a ",
    "*a",
    "!!str ",
    "<<: ",
    "? ",
    "yes",
    "on: ",
    "0644: ",
    ".nan",
    "-.inf",
    "~",
    "null",
    "\t",
    "\r\n",
    "%",
    "---",
    "...",
    "é",
    "\u{85}",
    "\u{feff}",
    "\u{7f}",
    "a: 1\n",
    "a:\n",
    "kind: List\n",
    "kind: Secret\n",
    "metadata: {name: b}\n",
    "namespace: 1\n",
    "{a: 1, a: 2}",
    "[a, {b: c}]",
    "{b: }",
    "[a:b]",
    "[-]",
    "[--a]",
];

/// What may stand behind the head of a document, and is not accepted there.
const LEFT_TO_THE_READER: &[&str] = &[
    "data: a: b\n",
    "data: a\n  b\n",
    "data: \"a\n  b\"\n",
    "data: \"a\"#b\n",
    "data: a#b\n",
    "data: a:\n",
    "data: &a b\n",
    "data: !!str b\n",
    "data: *a\n",
    "data: - a\n",
    "data: a\n- b\n",
    "data:\n  a\n",
    "data:\n  a: b\n c: d\n",
    "data:\n  a: b\n   c: d\n",
    "data:\n  a: b\n  a: c\n",
    "data: {a: b, a: c}\n",
    "data: {a: }\n",
    "data: {a:b}\n",
    "data: [a: b]\n",
    "data: [a:b]\n",
    "data: [?a]\n",
    "data: [a,]\n",
    "data: [a\n  ]\n",
    "data: [-]\n",
    "data: .inf\n",
    "data: [-.INF]\n",
    "data: |2\n   a\n",
    "data: |\nspec: a\n",
    "data: |\n     \n  a\n",
    "data: |\n\t a\n",
    "data: |\n  \ta\n",
    "data: |\n  a\n \t\n",
    "data:\ta\n",
    "data: a\tb\n",
    "data: \"\\/\"\n",
    "data: \"\\ud83d\\ude00\"\n",
    "yes: a\n",
    "data:\n- on:\n",
    "<<: {a: b}\n",
    "? a\n: b\n",
    "\"a\": b\n",
    "a b: c\n",
    "a : c\n",
    "...\n",
    "...: a\n",
    "%a: b\n",
    "data: a\u{85}b\n",
    "# \u{feff}\n",
    "data: a\r\n",
    "data: a\nkind: ConfigMap\n",
    "metadata: {name: b}\n",
];

fn is_accepted(text: &str) -> bool {
    Scanner::default().scan(text).is_some()
}

fn accepted(lines: &str) -> bool {
    let text = format!("{HEAD}{lines}");
    assert!(is_scanned_as_read(&text), "{text}");
    is_accepted(&text)
}

#[test]
fn manifests_are_accepted() {
    for manifest in MANIFESTS {
        assert!(is_scanned_as_read(manifest) && is_accepted(manifest), "{manifest}");
    }
}

#[test]
fn plain_lines_are_accepted() {
    for lines in [
        "data: # c\n  a: b:c # d\n\n  # e\n  b: \"#\"\n",
        "data:\n- a\n- b: c\n  d:\n  - e\n-\n  f: g\n- - h\n  - i: j\nspec: {}\n",
        "data:\n  - a\n  -\n  - b:\n    - c\n",
        "data:\n  a: |\n\n    b\n   # c\n  d: >-\n    e\n    \tf\n",
        "data: |+\n  a\tb\n\n\n",
        "data: {a: 1, b: [c, \"d\", 'e''f'], g.h/i: {}, j: -k}\n",
        "data: é ü # ñ\n",
        "data: \"\\\"\\u00e9\\n\"\n",
    ] {
        assert!(accepted(lines), "{lines}");
    }
}

#[test]
fn lines_that_readers_could_differ_on_are_left_to_the_reader() {
    for lines in LEFT_TO_THE_READER {
        assert!(!accepted(lines), "{lines}");
    }
}

#[test]
fn keys_near_the_limit_of_the_reader_are_left_to_it() {
    let line = |length| format!("data:\n  {}: a\n", "k".repeat(length));
    assert!(accepted(&line(1000)));
    for length in [1001, 1024, 1025, 2000] {
        assert!(!accepted(&line(length)), "{length}");
    }
}

#[test]
fn documents_that_are_no_plain_objects_are_left_to_the_reader() {
    for text in [
        "",
        "a\n",
        "- a: b\n",
        "kind: a\n",
        "apiVersion: v1\nkind: \"\"\n",
        "apiVersion: 1\nkind: a\n",
        "apiVersion: v1\nkind: List\nitems: []\n",
        "apiVersion: v1\nkind: a\nmetadata:\n  namespace: 1\n",
        "apiVersion: v1\nkind: a\nmetadata:\n  namespace:\n    name: b\n",
        "apiVersion: v1\nkind: a\nmetadata:\n  name:\n  - b\n",
        " apiVersion: v1\n kind: a\n",
        "apiVersion: v1\nkind: a",
    ] {
        assert!(is_scanned_as_read(text) && !is_accepted(text), "{text}");
    }
}

#[test]
fn the_identity_is_that_of_the_document() {
    let text = "metadata:\n  labels:\n    name: b\n  name: 'a'\n  namespace: \"\"\n\
                spec:\n  name: c\n  metadata:\n    name: d\nkind: A\napiVersion: b/v1\n";
    let scanned = Scanner::default().scan(text).unwrap();
    assert_eq!((scanned.api_version, scanned.kind), ("b/v1", "A"));
    assert_eq!((scanned.name, scanned.namespace), (Some("a"), None));
    assert!(is_scanned_as_read(text));
}

#[test]
fn many_keys_and_deep_nesting_are_seen_to() {
    let keys: String = (0..1000).map(|key| format!("  k{key}: a\n")).collect();
    assert!(accepted(&format!("data:\n{keys}")));
    assert!(!accepted(&format!("data:\n{keys}  k500: b\n")));
    assert!(!accepted(&format!("data: {}{}\n", "[".repeat(100), "]".repeat(100))));
    let deep: String = (0..100).map(|level| format!("{}a:\n", " ".repeat(level))).collect();
    assert!(!accepted(&deep));
}

fn mutated() -> impl Strategy<Value = String> {
    let mutations =
        prop::collection::vec((any::<prop::sample::Index>(), 0..FRAGMENTS.len(), 0..5usize), 1..4);
    (0..MANIFESTS.len(), mutations).prop_map(|(manifest, mutations)| {
        let mut text = MANIFESTS[manifest].to_owned();
        for (at, fragment, length) in mutations {
            let boundary = |at: usize| (0..=at).rev().find(|at| text.is_char_boundary(*at));
            let start = boundary(at.index(text.len())).unwrap_or_default();
            let end = boundary((start + length).min(text.len())).unwrap_or(start);
            text.replace_range(start..end.max(start), FRAGMENTS[fragment]);
        }
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// What the scanner accepts, the reader reads without a word, and as the same object.
    #[test]
    fn what_is_accepted_is_read_the_same(text in mutated()) {
        prop_assert!(is_scanned_as_read(&text), "{}", text);
    }
}
