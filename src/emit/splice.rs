//! Edits as changes of a text.
//!
//! Only the lines of an edited field change; comments and layout of everything else stay.
//!
//! ```yaml
//! spec:             # before
//!   replicas: 4     # four is enough
//! ---
//! spec:             # after setting `replicas` to 1 and `paused` to true
//!   replicas: 1     # four is enough
//!   paused: true
//! ```
//!
//! YAML has more layouts than a splicer can know, so every result is read back. Where the value is
//! not what the edits make of it, a wider part of the document is written anew, at last all of it.

mod collection;
mod element;
mod flow;
mod patch;
mod place;

use serde_json::Value;

use super::block;
use super::style::{Strings, Style};
use crate::manifest::{Content, Entry, FieldPath, Node, Scalar, parse};
use crate::render::{Changes, Edit, apply};

/// Returns the document with the edits made, and a newline at its end.
///
/// `node` is the tree of `text`, which holds one document; `after` is what the edits make of it.
pub(crate) fn splice(text: &str, node: &Node, edits: &[Edit], after: &Value) -> String {
    splice_as(Strings::EndedLines, (text, node), edits, after)
}

/// Does the same, and keeps the lines of every string that a literal block can hold.
pub(crate) fn splice_whole(document: (&str, &Node), edits: &[Edit], after: &Value) -> String {
    splice_as(Strings::Whole, document, edits, after)
}

fn splice_as(
    strings: Strings,
    (text, node): (&str, &Node),
    edits: &[Edit],
    after: &Value,
) -> String {
    let mut text = text.to_owned();
    if !text.ends_with('\n') {
        text.push_str(if text.contains("\r\n") { "\r\n" } else { "\n" });
    }
    if edits.is_empty() {
        return text;
    }
    let style = Style { strings, ..Style::of(&text, node) };
    let document = Document { text: &text, style, node };
    let edits: Vec<Widened<'_>> = edits.iter().map(|edit| Widened { edit, levels: 0 }).collect();
    place_all(document, edits, after).unwrap_or_else(|| block::document(after, &document.style))
}

/// A document before all edits.
#[derive(Clone, Copy)]
struct Document<'t> {
    /// The text, which ends with a newline.
    text: &'t str,
    style: Style,
    node: &'t Node,
}

/// An edit, and how many levels above it are written anew.
#[derive(Clone, Copy)]
struct Widened<'e> {
    edit: &'e Edit,
    levels: usize,
}

impl Widened<'_> {
    /// Returns the length of the path to what is written anew.
    fn depth(&self) -> usize {
        let depth = match self.edit {
            Edit::Set { path, .. } | Edit::Remove { path } => path.segments().len(),
            Edit::Insert { path, .. } => path.segments().len() + 1,
        };
        depth.saturating_sub(self.levels)
    }

    /// Takes in the level above, and later more of them at once: each try reads the text again, and
    /// a document may nest deep.
    fn widen(&mut self) {
        self.levels += (self.levels / 2).max(1);
    }

    fn path(&self) -> &FieldPath {
        let (Edit::Set { path, .. } | Edit::Remove { path } | Edit::Insert { path, .. }) =
            self.edit;
        path
    }
}

/// Widens edits until the text says what they mean; nothing if even the root does not help.
fn place_all(
    document: Document<'_>,
    mut edits: Vec<Widened<'_>>,
    expected: &Value,
) -> Option<String> {
    loop {
        if let Some(text) = checked(document, &edits, expected) {
            return Some(text);
        }
        if edits.iter().all(|edit| edit.depth() == 0) {
            return None;
        }
        widen(document, &mut edits);
    }
}

/// Returns the text with the edits made, if it says the value and ends its last line.
///
/// Strings of several lines may swallow comments behind them, so they are quoted if need be.
fn checked(document: Document<'_>, edits: &[Widened<'_>], value: &Value) -> Option<String> {
    let quoting = Style { strings: Strings::OneLine, ..document.style };
    [document.style, quoting].into_iter().find_map(|style| {
        let document = Document { style, ..document };
        placed(document, edits).filter(|text| text.ends_with('\n') && says(text, value))
    })
}

fn placed(document: Document<'_>, edits: &[Widened<'_>]) -> Option<String> {
    let mut changes = Changes::of(edits.iter().map(|edit| edit.edit));
    for edit in edits.iter().filter(|edit| edit.levels > 0) {
        changes.rewrite(edit.path().segments().get(..edit.depth())?);
    }
    let Document { text, style, node } = document;
    patch::apply(text, place::place(text, style, node, &changes)?)
}

/// The most edits that are tried one by one, each of them a reading of the whole text.
const MAX_TRIED: usize = 32;

/// Widens each edit that fails alone; all of them if only their company is at fault, or if there are
/// too many to try.
fn widen(document: Document<'_>, edits: &mut [Widened<'_>]) {
    let value = document.node.to_value();
    let mut any = false;
    if (2..=MAX_TRIED).contains(&edits.len()) {
        for edit in edits.iter_mut() {
            let expected = apply(&value, std::slice::from_ref(edit.edit));
            let alone = checked(document, std::slice::from_ref(edit), &expected);
            if edit.depth() > 0 && alone.is_none() {
                edit.widen();
                any = true;
            }
        }
    }
    if !any {
        edits.iter_mut().for_each(Widened::widen);
    }
}

/// Returns whether the text is read as the value.
pub(super) fn says(text: &str, value: &Value) -> bool {
    parse(text).is_some_and(|node| is_same(&node, value))
}

/// Compares as Kubernetes does: an integer outside 64 bits is a float, and maps have no order.
fn is_same(node: &Node, value: &Value) -> bool {
    match (&node.content, value) {
        (Content::Scalar { value: Scalar::Number(left), .. }, Value::Number(right)) => {
            match (left.as_i64(), right.as_i64()) {
                (Some(left), Some(right)) => left == right,
                _ => left.as_f64() == right.as_f64(),
            }
        }
        (Content::Scalar { value: left, .. }, right) => left.to_value() == *right,
        (Content::Sequence { items, .. }, Value::Array(right)) => {
            items.len() == right.len()
                && items.iter().zip(right).all(|(left, right)| is_same(left, right))
        }
        (Content::Mapping { entries, .. }, Value::Object(right)) => {
            let is_same_in_right = |entry: &Entry| {
                right.get(&*entry.key).is_some_and(|right| is_same(&entry.value, right))
            };
            entries.len() == right.len() && entries.iter().all(is_same_in_right)
        }
        _ => false,
    }
}

#[cfg(test)]
mod examples;
#[cfg(test)]
mod tests;
