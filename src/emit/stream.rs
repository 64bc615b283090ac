//! The result as text: documents joined by bare separators, or one JSON list.
//!
//! A document that nobody changes is not copied, and a row of them that stands in the input as it is
//! to be written is one part. All of it lies in memory before the first byte is written anywhere.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{splice, to_yaml};
use crate::manifest::Format;
use crate::render::{Content, Entry};

/// What goes between two documents.
const SEPARATOR: &str = "---\n";

/// Returns the parts of the text, to be written one after the other.
pub(crate) fn to_parts<'a>(entries: &[Entry<'_, 'a>]) -> Vec<Cow<'a, str>> {
    let mut parts: Vec<Cow<'a, str>> = Vec::new();
    for row in entries.chunk_by(stand_together) {
        let start = parts.len();
        push_row(&mut parts, row);
        // A stream that begins with a brace is taken for JSON.
        let brace = parts.get(start).is_some_and(|part| part.trim_start().starts_with('{'));
        if start > 0 || brace {
            parts.insert(start, Cow::Borrowed(SEPARATOR));
        }
    }
    parts
}

/// Returns whether the second entry follows the first in the input as it does in the output.
fn stand_together(first: &Entry<'_, '_>, second: &Entry<'_, '_>) -> bool {
    let bare = first.after().is_empty() && second.before().is_empty();
    match (&first.content, &second.content) {
        (Content::Document(first), Content::Document(second)) if bare => {
            first.text_until(second) == Some(SEPARATOR)
        }
        _ => false,
    }
}

/// Adds the text of entries that stand together.
fn push_row<'a>(parts: &mut Vec<Cow<'a, str>>, row: &[Entry<'_, 'a>]) {
    let (Some(first), Some(last)) = (row.first(), row.last()) else { return };
    first.before().iter().for_each(|text| push_text(parts, Cow::Borrowed(text)));
    let text = match (&first.content, &last.content) {
        (Content::Document(first), Content::Document(last)) if row.len() > 1 => {
            Cow::Borrowed(first.text_through(last))
        }
        (content, _) => to_text(content),
    };
    push_text(parts, text);
    last.after().iter().for_each(|text| push_text(parts, Cow::Borrowed(text)));
}

/// Returns the text of one document; what is not changed is not copied.
fn to_text<'a>(content: &Content<'_, 'a>) -> Cow<'a, str> {
    match content {
        Content::Document(document) => match document.format() {
            Format::Yaml => Cow::Borrowed(document.text()),
            Format::Json => Cow::Owned(to_yaml(&document.to_value())),
        },
        Content::Replaced(resource) => match resource.text() {
            Some(text) => Cow::Borrowed(text),
            None => Cow::Owned(to_yaml(&resource.to_value())),
        },
        Content::Edited(edited) => Cow::Owned(match edited.resource.text() {
            Some(text) => splice(text, &edited.resource.node, &edited.edits, &edited.after),
            None => to_yaml(&edited.after),
        }),
        Content::Item(resource) => Cow::Owned(to_yaml(&resource.to_value())),
        Content::New(value) => Cow::Owned(to_yaml(value)),
    }
}

/// Adds a text, and the newline that its last line may lack.
fn push_text<'a>(parts: &mut Vec<Cow<'a, str>>, text: Cow<'a, str>) {
    if text.is_empty() {
        return;
    }
    let ending = match text.ends_with('\n') {
        true => None,
        false if text.contains("\r\n") => Some("\r\n"),
        false => Some("\n"),
    };
    parts.push(text);
    parts.extend(ending.map(Cow::Borrowed));
}

/// Returns the result as one `v1` List of JSON.
pub(crate) fn to_json(entries: &[Entry<'_, '_>]) -> String {
    let items: Vec<Value> = entries.iter().flat_map(|entry| values(&entry.content)).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    format!("{list:#}\n")
}

/// Returns the objects of one document of the result.
pub(crate) fn values(content: &Content<'_, '_>) -> Vec<Value> {
    match content {
        Content::Document(document) => document.to_objects(),
        Content::Replaced(resource) => vec![resource.to_value()],
        Content::Item(resource) => vec![resource.to_value()],
        Content::Edited(edited) => vec![edited.after.clone()],
        Content::New(value) => vec![(*value).clone()],
    }
}
