//! Internal functions for the fuzz targets. They are not a part of the API.
//!
//! Behind the feature `fuzzing`, which nothing but `fuzz/` turns on.

use serde_json::{Value, json};

pub use crate::effort::effort;

use crate::diagnostic::Collector;
use crate::emit::splice;
use crate::manifest::{self, Content, FieldPath, Format, Manifest, Node, parse};
use crate::render::{Edit, apply, edits_between};
use crate::source::Source;

/// A document after edits, and what they were to make of it.
#[derive(Debug)]
pub struct Edited {
    /// The document before.
    pub before: String,
    /// The edits, for people.
    pub edits: String,
    /// The document after.
    pub after: String,
    /// The value that the document should have.
    pub expected: Value,
    /// The value that is read from it.
    pub found: Option<Value>,
}

/// Returns whether each document of a source is the same to a scan and to a reader of everything.
pub fn scans_as_it_reads(source: &Source) -> bool {
    let mut problems = Collector::default();
    let sources = std::slice::from_ref(source);
    Manifest::read(sources, "default", &mut problems)
        .documents
        .iter()
        .all(|document| document.scans_as_it_reads())
}

/// Returns what is wrong with the events of the documents of a source, if anything is.
pub fn unsound_events(source: &Source) -> Option<String> {
    let mut problems = Collector::default();
    let sources = std::slice::from_ref(source);
    let manifest = Manifest::read(sources, "default", &mut problems);
    manifest.documents.iter().find_map(|document| document.unsound_events())
}

/// Returns whether the reader finds what the light scanner finds, where it accepts a document.
pub fn is_scanned_as_read(text: &str) -> bool {
    manifest::is_scanned_as_read(text)
}

/// Edits the first document of a source; each pick chooses one edit, and no pick at all those that
/// make the second document of the first.
pub fn edit(source: &Source, picks: &[[u8; 3]]) -> Option<Edited> {
    let mut problems = Collector::default();
    let manifest = Manifest::read(std::slice::from_ref(source), "default", &mut problems);
    let document = manifest.documents.first()?;
    if document.format() != Format::Yaml {
        return None;
    }
    let node = parse(document.text())?;
    let edits = match manifest.documents.get(1) {
        Some(second) if picks.is_empty() => edits_between(&node.to_value(), &second.to_value()),
        _ => choose(&node, picks),
    };
    let expected = apply(&node.to_value(), &edits);
    let after = splice(document.text(), &node, &edits, &expected);
    Some(Edited {
        before: document.text().to_owned(),
        expected,
        found: parse(&after).map(|node| node.to_value()),
        edits: format!("{edits:#?}"),
        after,
    })
}

/// Returns edits of which none contradicts another.
fn choose(node: &Node, picks: &[[u8; 3]]) -> Vec<Edit> {
    let mut fields = Vec::new();
    collect(node, FieldPath::default(), &mut fields);
    let mut edits: Vec<Edit> = Vec::new();
    for [field, way, value] in picks {
        let Some((path, node)) = fields.get(usize::from(*field) * fields.len() / 256) else {
            continue;
        };
        let edit = choose_one(path, node, *way, value_of(*value));
        if edits.iter().all(|other| !contradict(other, &edit)) {
            edits.push(edit);
        }
    }
    edits
}

fn choose_one(path: &FieldPath, node: &Node, way: u8, value: Value) -> Edit {
    let is_root = path.segments().is_empty();
    let (way, index) = (way % 6, usize::from(way / 6));
    match (&node.content, way) {
        (Content::Mapping { .. }, 0..3) => {
            Edit::Set { path: path.key(&format!("new{}", index % 4)), value }
        }
        (Content::Sequence { items, .. }, 0..3) => {
            Edit::Insert { path: path.clone(), index: index % (items.len() + 1), value }
        }
        (_, 3..5) if !is_root => Edit::Remove { path: path.clone() },
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
    let within =
        |inner: &FieldPath, outer: &FieldPath| inner.segments().starts_with(outer.segments());
    match (one, other) {
        (Edit::Insert { .. }, Edit::Insert { .. }) => false,
        (Edit::Insert { path: list, .. }, Edit::Set { path, .. } | Edit::Remove { path })
        | (Edit::Set { path, .. } | Edit::Remove { path }, Edit::Insert { path: list, .. }) => {
            within(list, path)
        }
        (
            Edit::Set { path: one, .. } | Edit::Remove { path: one },
            Edit::Set { path: other, .. } | Edit::Remove { path: other },
        ) => within(one, other) || within(other, one),
    }
}

fn value_of(choice: u8) -> Value {
    match choice % 12 {
        0 => json!(1),
        1 => json!("yes"),
        2 => json!("1\n2\n"),
        3 => json!("x\n\n"),
        4 => json!(null),
        5 => json!([]),
        6 => json!({}),
        7 => json!({"new": {"deep": [1, {"a": "b: c", "d": []}]}}),
        8 => json!([["p", "q"], {"r": 1, "s": 2}]),
        9 => json!(" \u{e9}\u{85}# - :"),
        10 => json!("#!/bin/sh\n\n  \n# x\n"),
        _ => json!([[], [[]], {"---": "---", "? a": -0.5e30}]),
    }
}
