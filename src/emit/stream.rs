//! The result as text: documents joined by bare separators, or one JSON list.
//!
//! A document that nobody changes is not copied. All of it lies in memory before the first byte is
//! written anywhere.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{splice, to_yaml};
use crate::manifest::Format;
use crate::render::{Content, Entry};

/// What goes between two documents.
const SEPARATOR: &str = "---\n";

/// Returns the parts of the text, to be written one after the other.
pub(crate) fn to_parts<'a>(entries: &[Entry<'_, 'a>]) -> Vec<Cow<'a, str>> {
    let mut parts: Vec<Cow<'a, str>> = Vec::with_capacity(entries.len() * 2);
    for entry in entries {
        let start = parts.len();
        push_entry(&mut parts, entry);
        // A stream that begins with a brace is taken for JSON.
        let brace = parts.get(start).is_some_and(|part| part.trim_start().starts_with('{'));
        if start > 0 || brace {
            parts.insert(start, Cow::Borrowed(SEPARATOR));
        }
    }
    parts
}

fn push_entry<'a>(parts: &mut Vec<Cow<'a, str>>, entry: &Entry<'_, 'a>) {
    entry.before.iter().for_each(|text| push_text(parts, Cow::Borrowed(text)));
    push_text(parts, to_text(&entry.content));
    entry.after.iter().for_each(|text| push_text(parts, Cow::Borrowed(text)));
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
