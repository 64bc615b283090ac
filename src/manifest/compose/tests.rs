//! The reader beside a second parser, on real manifests with bytes changed at random.

use std::panic::{AssertUnwindSafe, catch_unwind};

use proptest::prelude::*;
use serde_json::Value;

use super::{Keep, compose};
use crate::manifest::event::{self, ReadErrorKind};

const MANIFESTS: &[&str] = &[
    include_str!("tests/deployment.yaml"),
    include_str!("tests/virtualservice.yaml"),
    include_str!("tests/odd.yaml"),
];

/// What goes in place of a byte.
const FRAGMENTS: &[&str] = &[
    "", " ", "\n", "  ", "\n  ", "- ", ": ", ":", "#", " # c\n", "'", "\"", "{", "}", "[", "]",
    ",", "|", "|-\n", ">", "&a ", "*a", "!!str ", "<<: ", "? ", "yes", "0644", "1_0", ".5", "~",
    "\\", "\r\n", "%",
];

/// `None` where the text is refused; `Err` where the readers may differ.
fn read(text: &str) -> Result<Option<Value>, ()> {
    match compose(&mut event::events(text), Keep::Everything) {
        Ok(composed) => Ok(composed.root.map(|node| node.to_value())),
        Err(error) if error.kind == ReadErrorKind::Syntax => Ok(None),
        Err(_) => Err(()),
    }
}

fn second_opinion(text: &str) -> Result<Option<Value>, ()> {
    let composed = catch_unwind(AssertUnwindSafe(|| {
        compose(&mut event::second_opinion(text).into_iter(), Keep::Everything)
    }));
    match composed {
        Ok(Ok(composed)) => Ok(composed.root.map(|node| node.to_value())),
        Ok(Err(_)) => Ok(None),
        Err(_) => Err(()),
    }
}

fn mutated() -> impl Strategy<Value = String> {
    let mutations =
        prop::collection::vec((any::<prop::sample::Index>(), 0..FRAGMENTS.len(), 0..4usize), 1..4);
    (0..MANIFESTS.len(), mutations).prop_map(|(manifest, mutations)| {
        let mut text = MANIFESTS[manifest].to_owned();
        for (at, fragment, length) in mutations {
            let start = at.index(text.len());
            let end = (start + length).min(text.len());
            text.replace_range(start..end, FRAGMENTS[fragment]);
        }
        text.push('\n');
        text
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Where both parsers read a text, it means the same; a value is never silently another.
    #[test]
    fn both_parsers_agree(text in mutated()) {
        if let (Ok(Some(ours)), Ok(Some(theirs))) = (read(&text), second_opinion(&text)) {
            // What is no map is refused later on, whatever it is.
            let is_read = ours.is_object() || theirs.is_object();
            prop_assert!(ours == theirs || !is_read, "{}\n{}\n{}", ours, theirs, text);
        }
    }

    /// Checking a document finds what building its tree finds.
    #[test]
    fn checking_refuses_what_reading_refuses(text in mutated()) {
        let checked = compose(&mut event::events(&text), Keep::Identity).is_ok();
        let built = compose(&mut event::events(&text), Keep::Everything).is_ok();
        prop_assert_eq!(checked, built, "{}", text);
    }
}

#[test]
fn manifests_are_read_by_both() {
    for manifest in MANIFESTS {
        let ours = read(manifest).unwrap();
        assert!(ours.is_some());
        assert_eq!(ours, second_opinion(manifest).unwrap());
    }
}

#[test]
fn a_small_bomb_is_refused_at_once() {
    let mut text = "a: &a [x,x,x,x,x,x,x,x,x,x]\n".to_owned();
    for (this, last) in ('b'..='i').zip('a'..) {
        let aliases = vec![format!("*{last}"); 10].join(",");
        text.push_str(&format!("{this}: &{this} [{aliases}]\n"));
    }
    let error = compose(&mut event::events(&text), Keep::Everything).unwrap_err();
    assert_eq!(error.kind, ReadErrorKind::ExcessiveAliasing);
}

#[test]
fn deep_nesting_is_refused() {
    for open in ["[", "{a: ", "- "] {
        let error = compose(&mut event::events(&open.repeat(10_000)), Keep::Identity).unwrap_err();
        assert_eq!(error.kind, ReadErrorKind::TooDeep, "{open}");
    }
}

#[test]
fn a_no_break_space_is_no_indentation() {
    let text = "a: |\n  \u{a0}\tb\n";
    assert_eq!(read(text), Ok(Some(serde_json::json!({"a": "\u{a0}\tb\n"}))));
    assert_eq!(read(text), second_opinion(text));
}

#[test]
fn a_question_mark_in_flow_is_no_part_of_a_word() {
    let map = serde_json::json!({"a": [{"b": null}]});
    assert_eq!(read("a: [?b]\n"), Ok(Some(map)));
    for text in ["a: [b?]\n", "a: [[1], {b: c?}]\nd: ?e\n"] {
        assert_eq!(read(text), Ok(None), "{text}");
    }
    for text in ["a: [[1], {b: c}]\nd: ?e\n", "a: ['?b']\n"] {
        assert_eq!(read(text), second_opinion(text), "{text}");
    }
}
