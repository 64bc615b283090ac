//! The result as text: documents joined by bare separators, or one JSON list.
//!
//! A document that nobody changes is not copied. All of it lies in memory before the first byte is
//! written anywhere.

use std::borrow::Cow;

use serde_json::{Value, json};

use super::{splice, to_yaml};
use crate::manifest::{Document, Format, Resource};
use crate::render::{Content, apply};

/// What goes between two documents.
const SEPARATOR: &str = "---\n";

/// Returns the parts of the text, to be written one after the other.
pub(crate) fn to_parts<'a>(contents: &[Content<'_, 'a>]) -> Vec<Cow<'a, str>> {
    let mut parts: Vec<Cow<'a, str>> = Vec::with_capacity(contents.len() * 2);
    for content in contents {
        let first = parts.is_empty();
        let start = parts.len();
        push_document(&mut parts, content);
        // A stream that begins with a brace is taken for JSON.
        if !first || parts.get(start).is_some_and(|part| part.trim_start().starts_with('{')) {
            parts.insert(start, Cow::Borrowed(SEPARATOR));
        }
    }
    parts
}

fn push_document<'a>(parts: &mut Vec<Cow<'a, str>>, content: &Content<'_, 'a>) {
    match content {
        Content::Document(document) => {
            push_comments(parts, document.comments());
            push_verbatim(parts, document);
            push_comments(parts, document.trailing());
        }
        Content::Replaced(resource) => push_resource(parts, resource, resource.text()),
        Content::Edited { resource, edits } => {
            let text = match resource.text() {
                Some(text) => Cow::Owned(splice(text, &resource.node, edits)),
                None => Cow::Owned(to_yaml(&apply(&resource.to_value(), edits))),
            };
            push_comments(parts, resource.document.comments());
            push_text(parts, text);
            push_comments(parts, resource.document.trailing());
        }
        Content::Item(resource) => push_text(parts, Cow::Owned(to_yaml(&resource.to_value()))),
        Content::New(value) => push_text(parts, Cow::Owned(to_yaml(value))),
    }
}

fn push_resource<'a>(
    parts: &mut Vec<Cow<'a, str>>,
    resource: &Resource<'a>,
    text: Option<&'a str>,
) {
    push_comments(parts, resource.document.comments());
    match text {
        Some(text) => push_text(parts, Cow::Borrowed(text)),
        None => push_text(parts, Cow::Owned(to_yaml(&resource.to_value()))),
    }
}

fn push_verbatim<'a>(parts: &mut Vec<Cow<'a, str>>, document: &Document<'a>) {
    match document.format() {
        Format::Yaml => push_text(parts, Cow::Borrowed(document.text())),
        Format::Json => push_text(parts, Cow::Owned(to_yaml(&document.to_value()))),
    }
}

fn push_comments<'a>(parts: &mut Vec<Cow<'a, str>>, comments: impl Iterator<Item = &'a str>) {
    comments.for_each(|comment| push_text(parts, Cow::Borrowed(comment)));
}

/// Adds a text, and the newline that its last line may lack.
fn push_text<'a>(parts: &mut Vec<Cow<'a, str>>, text: Cow<'a, str>) {
    if text.is_empty() {
        return;
    }
    let ending = match (text.ends_with('\n'), text.contains("\r\n")) {
        (true, _) => None,
        (false, true) => Some("\r\n"),
        (false, false) => Some("\n"),
    };
    parts.push(text);
    parts.extend(ending.map(Cow::Borrowed));
}

/// Returns the result as one `v1` List of JSON.
pub(crate) fn to_json(contents: &[Content<'_, '_>]) -> String {
    let items: Vec<Value> = contents.iter().flat_map(values).collect();
    let list = json!({"apiVersion": "v1", "kind": "List", "items": items});
    format!("{list:#}\n")
}

/// Returns the objects of one document of the result.
fn values(content: &Content<'_, '_>) -> Vec<Value> {
    match content {
        Content::Document(document) => document.to_objects(),
        Content::Replaced(resource) => vec![resource.to_value()],
        Content::Item(resource) => vec![resource.to_value()],
        Content::Edited { resource, edits } => vec![apply(&resource.to_value(), edits)],
        Content::New(value) => vec![(*value).clone()],
    }
}
