//! The text that an object is shown as.
//!
//! As its document is written, so that comments show, where the object is the whole document. Items of
//! lists, and what is masked, are written from their values.

use serde_json::Value;

use crate::emit;
use crate::manifest::{self, comments_on_secret};
use crate::pipeline::RenderedDocument;

/// Returns the text of an object that is not masked.
pub(super) fn of(document: &RenderedDocument<'_>, value: &Value) -> String {
    let text = document.text.strip_prefix("---\n").unwrap_or(&document.text);
    let alone = document.objects.len() == 1 && !comments_on_secret(text);
    let whole = alone && manifest::parse(text).is_some_and(|node| node.to_value() == *value);
    if whole { unified_endings(text) } else { of_value(value) }
}

/// Returns a value as YAML.
pub(super) fn of_value(value: &Value) -> String {
    emit::to_yaml(value)
}

/// Returns a text with one kind of line ending, since endings are layout that a diff does not show.
fn unified_endings(text: &str) -> String {
    text.replace("\r\n", "\n")
}
