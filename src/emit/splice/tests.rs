//! Generated documents and generated edits.
//!
//! Two things hold for all of them: the text says what the edits make of the value, and every line
//! that belongs to no edited field is there afterwards, in the same order.

mod document;

use std::ops::Range;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::is_same;
use crate::manifest::{Content, FieldPath, Node, parse};
use crate::render::{Edit, apply};
use document::{Draft, Layout, draft, layout, write};

/// Splices the edits into the text.
pub(super) fn spliced(text: &str, node: &Node, edits: &[Edit]) -> String {
    super::splice(text, node, edits, &apply(&node.to_value(), edits))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn edits_do_what_they_say(
        draft in draft(), layout in layout(), picks in prop::collection::vec(pick(), 1..6),
    ) {
        let (text, node) = read(&draft, &layout);
        let edits = choose(&node, &picks);
        check_value(&text, &node, &edits)?;
    }

    #[test]
    fn aliases_are_followed(
        draft in draft(), layout in layout(), picks in prop::collection::vec(pick(), 1..6),
    ) {
        let base = "base: &base\n  x: [1, 2]\n  y:\n    z: 1\nmerged:\n  <<: *base\n  own: 1\n";
        let text = base.to_owned() + &write(&draft, &layout).replace(" a b c", " *base");
        let node = parse(&text).unwrap();
        let edits = choose(&node, &picks);
        check_value(&text, &node, &edits)?;
    }

    #[test]
    fn other_lines_stay(
        draft in draft(), layout in layout(), picks in prop::collection::vec(pick(), 1..6),
    ) {
        let (text, node) = read(&draft, &layout);
        // Behind `|+` a blank line that was layout can become content; then more is written anew.
        if text.contains("|+") {
            return Ok(());
        }
        let edits = choose(&node, &picks);
        let after = spliced(&text, &node, &edits);
        let mut lines = after.lines();
        for line in untouched_lines(&text, &node, &edits) {
            prop_assert!(
                lines.any(|other| other == line),
                "{line:?} is gone or has moved\n{text}\n{edits:#?}\n{after}"
            );
        }
    }

    #[test]
    fn a_new_key_is_one_line(
        draft in draft(), layout in layout(), name in "[a-d]{9}",
    ) {
        let (text, node) = read(&draft, &layout);
        let edit = Edit::Set { path: FieldPath::of_keys(&[&name]), value: json!(true) };
        let after = spliced(&text, &node, &[edit]);
        let added: Vec<&str> = after.lines().filter(|line| line.contains(&name)).collect();
        let expected = format!("{name}: true");
        prop_assert_eq!(vec![expected.as_str()], added);
        prop_assert_eq!(text.lines().count() + 1, after.lines().count());
    }
}

fn check_value(text: &str, node: &Node, edits: &[Edit]) -> Result<(), TestCaseError> {
    let after = spliced(text, node, edits);
    let expected = apply(&node.to_value(), edits);
    let is_expected = parse(&after).is_some_and(|node| is_same(&node, &expected));
    prop_assert!(is_expected && after.ends_with('\n'), "{text}\n{edits:#?}\n{after}");
    Ok(())
}

fn read(draft: &Draft, layout: &Layout) -> (String, Node) {
    let text = write(draft, layout);
    let node = parse(&text).unwrap_or_else(|| panic!("not valid:\n{text}"));
    (text, node)
}

/// Numbers that choose an edit once there is a document to choose in.
#[derive(Debug, Clone)]
struct Pick {
    field: prop::sample::Index,
    way: usize,
    index: usize,
    value: Value,
}

fn pick() -> impl Strategy<Value = Pick> {
    let value = prop_oneof![
        Just(json!(1)),
        Just(json!("yes")),
        Just(json!("1\n2\n")),
        Just(json!("x\n\n")),
        Just(json!(null)),
        Just(json!([])),
        Just(json!({"new": {"deep": [1, {"a": "b: c", "d": []}]}})),
        Just(json!([["p", "q"], {"r": 1, "s": 2}])),
    ];
    (any::<prop::sample::Index>(), 0..6usize, 0..4usize, value)
        .prop_map(|(field, way, index, value)| Pick { field, way, index, value })
}

/// Returns edits of which none contradicts another.
fn choose(node: &Node, picks: &[Pick]) -> Vec<Edit> {
    let mut fields = Vec::new();
    collect(node, FieldPath::default(), &mut fields);
    let mut edits: Vec<Edit> = Vec::new();
    for pick in picks {
        let (path, node) = pick.field.get(&fields);
        let edit = choose_one(path, node, pick);
        if edits.iter().all(|other| !contradict(other, &edit)) {
            edits.push(edit);
        }
    }
    edits
}

fn choose_one(path: &FieldPath, node: &Node, pick: &Pick) -> Edit {
    let value = pick.value.clone();
    let is_root = path.segments().is_empty();
    match (&node.content, pick.way) {
        (Content::Mapping { .. }, 0..3) => {
            Edit::Set { path: path.key(&format!("new{}", pick.index)), value }
        }
        (Content::Sequence { items, .. }, 0..3) => {
            Edit::Insert { path: path.clone(), index: pick.index.min(items.len()), value }
        }
        (_, 3..5) if !is_root => Edit::Remove { path: path.clone() },
        _ if is_root => Edit::Set { path: path.key("other"), value },
        _ => Edit::Set { path: path.clone(), value },
    }
}

fn collect<'n>(node: &'n Node, path: FieldPath, fields: &mut Vec<(FieldPath, &'n Node)>) {
    for entry in node.entries() {
        collect(&entry.value, path.key(&entry.key), fields);
    }
    for (index, item) in node.items().iter().enumerate() {
        collect(item, path.index(index), fields);
    }
    fields.push((path, node));
}

fn contradict(one: &Edit, other: &Edit) -> bool {
    let (Some(one), Some(other)) = (whole(one), whole(other)) else {
        return match (whole(one), whole(other)) {
            (Some(whole), None) => place(other).segments().starts_with(whole.segments()),
            (None, Some(whole)) => place(one).segments().starts_with(whole.segments()),
            _ => false,
        };
    };
    one.segments().starts_with(other.segments()) || other.segments().starts_with(one.segments())
}

/// Returns the path that an edit replaces or removes.
fn whole(edit: &Edit) -> Option<&FieldPath> {
    match edit {
        Edit::Set { path, .. } | Edit::Remove { path } => Some(path),
        Edit::Insert { .. } => None,
    }
}

fn place(edit: &Edit) -> &FieldPath {
    let (Edit::Set { path, .. } | Edit::Remove { path } | Edit::Insert { path, .. }) = edit;
    path
}

/// Returns the lines that no edit may change.
///
/// Those of a field that is set or removed may change, with the line of its key or dash. So may all
/// of a collection within brackets, of an empty one and of one that loses everything. A first key
/// that goes may leave its dash to the next one.
fn untouched_lines<'t>(text: &'t str, node: &Node, edits: &[Edit]) -> Vec<&'t str> {
    let mut touched = Vec::new();
    touch(node, &FieldPath::default(), edits, &mut touched);
    let mut lines = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        let is_touched = touched.iter().any(|range| range.start < end && start < range.end);
        if !is_touched {
            lines.push(line.trim_end_matches(['\n', '\r']));
        }
        start = end;
    }
    lines
}

/// Notes the bytes that edits touch; returns whether the line of the key or dash is among them.
fn touch(node: &Node, path: &FieldPath, edits: &[Edit], touched: &mut Vec<Range<usize>>) -> bool {
    let starts: Vec<(FieldPath, &Node, usize)> = children(node, path);
    let removed = |path: &FieldPath| edits.contains(&Edit::Remove { path: path.clone() });
    let is_emptied = !starts.is_empty() && starts.iter().all(|(path, _, _)| removed(path));
    let is_within = |edit: &Edit| place(edit).segments().starts_with(path.segments());
    let needs_all = node.is_flow() || starts.is_empty() || is_emptied;
    if edits.iter().any(|edit| whole(edit) == Some(path) || (needs_all && is_within(edit))) {
        touched.push(node.span.start().saturating_sub(1)..node.span.end());
        return true;
    }
    let is_first = |edit: &Edit, list: &FieldPath, items: &[Node]| match edit {
        Edit::Insert { path, index, .. } if path == list => {
            (0..*index.min(&items.len())).all(|index| removed(&list.index(index)))
        }
        _ => false,
    };
    for (path, child, start) in &starts {
        let shares_dash = !node.items().is_empty() && !child.is_flow();
        if shares_dash && edits.iter().any(|edit| is_first(edit, path, child.items())) {
            touched.push(*start..start + 1);
        }
        if touch(child, path, edits, touched) {
            touched.push(*start..child.span.end().max(start + 1));
        }
    }
    let first_kept = starts.iter().find(|(path, _, _)| !removed(path));
    if let Some((_, _, kept)) = first_kept.filter(|_| removed(&starts[0].0)) {
        touched.push(starts[0].2..kept + 1);
    }
    false
}

/// Returns the fields right below a node, each with the byte of its key or the one behind its dash.
fn children<'n>(node: &'n Node, path: &FieldPath) -> Vec<(FieldPath, &'n Node, usize)> {
    let entries = node.entries().iter();
    let items = node.items().iter().enumerate();
    entries
        .map(|entry| (path.key(&entry.key), &entry.value, entry.key_span.start()))
        .chain(items.map(|(index, item)| (path.index(index), item, item.span.start() - 1)))
        .collect()
}
